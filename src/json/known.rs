//! Objects that are written as earlier ones were.
//!
//! In: what stands before the members of objects, as text. Out: whether a text goes on in the same way. Must not know: what
//! names mean, and what values are.
//!
//! A dump holds thousands of objects with the same names in the same order, between the same blanks. What was once read
//! name by name is known again by one comparison: from the end of a value to the beginning of the next one. A step is such
//! a piece of text; the steps that were taken from one to the next, and into the values, are a tree.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text")]

use std::ops::Range;

/// A step; the number of one of [`Known`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Step(u32);

/// So many steps are known at most.
const MOST: usize = 8 * 1024;
/// So many steps may come after one.
const CHOICES: usize = 64;

/// Which objects are alike: those of one kind, and below them those that are values of the same members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Those that nothing is known of.
    Other,
    /// The elements of a list.
    Element,
    /// Objects in elements, looked at on their own.
    Part,
}

/// How many kinds there are.
const KINDS: usize = 3;

/// How a text goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Way {
    /// The step.
    pub(super) step: Step,
    /// How long what is written is.
    pub(super) length: usize,
    /// Where in it the name is, with its quotes.
    pub(super) name: Range<usize>,
    /// What was said of the name; nothing where the object ends.
    pub(super) note: Option<u8>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Taken {
    /// Where what is written begins in `text`, and how long it is.
    start: u32,
    length: u8,
    /// What was said of the name; nothing where the object ends.
    note: Option<u8>,
    /// The hash of the name.
    mark: u32,
    /// Where in it the name is, with its quotes.
    name: (u8, u8),
    /// The step before it in the object; nothing before the first member.
    before: Option<Step>,
    /// The first step that was taken after it, and the next one that was taken after the one before.
    after: Option<Step>,
    beside: Option<Step>,
    /// Where objects in its value begin.
    inside: Option<Step>,
}

/// See the module.
#[derive(Debug, Default)]
pub(super) struct Known {
    steps: Vec<Taken>,
    text: Vec<u8>,
}

impl Known {
    fn get(&self, step: Step) -> Option<&Taken> {
        self.steps.get(step.0 as usize)
    }

    fn get_mut(&mut self, step: Step) -> Option<&mut Taken> {
        self.steps.get_mut(step.0 as usize)
    }

    fn add(&mut self, taken: Taken) -> Option<Step> {
        let number = u32::try_from(self.steps.len()).ok().filter(|_| self.steps.len() < MOST)?;
        self.steps.push(taken);
        Some(Step(number))
    }

    /// Where objects of a kind begin.
    pub(super) fn outermost(&mut self, kind: Kind) -> Option<Step> {
        while self.steps.len() < KINDS {
            self.begin()?;
        }
        Some(Step(kind as u32))
    }

    fn begin(&mut self) -> Option<Step> {
        self.add(Taken::default())
    }

    /// Where the objects in the value of a member begin.
    #[inline]
    pub(super) fn inside(&mut self, of: Step) -> Option<Step> {
        let inside = self.get(of)?.inside;
        if inside.is_some() {
            return inside;
        }
        let new = self.begin();
        self.get_mut(of)?.inside = new;
        new
    }

    /// The way that a text takes after a step.
    #[inline]
    pub(super) fn next(&self, from: Step, rest: &[u8]) -> Option<Way> {
        let mut next = self.get(from)?.after;
        while let Some(step) = next {
            let taken = self.get(step)?;
            let (start, length) = (taken.start as usize, usize::from(taken.length));
            if rest.starts_with(self.text.get(start..start + length)?) {
                let name = usize::from(taken.name.0)..usize::from(taken.name.1);
                return Some(Way { step, length, name, note: taken.note });
            }
            next = taken.beside;
        }
        None
    }

    /// The hashes of the names up to a step, in its object.
    pub(super) fn names(&self, step: Step) -> impl Iterator<Item = u32> {
        let known = |step: Step| self.get(step);
        std::iter::successors(known(step), move |taken| known(taken.before?))
            .filter_map(|taken| taken.note.map(|_| taken.mark))
    }

    /// Takes a member down that came after a step: what is written from there to its value, where in that its name is, what
    /// was said of the name, and the hash of it.
    pub(super) fn learn(
        &mut self,
        from: Step,
        written: &[u8],
        name: Range<usize>,
        note: u8,
        mark: u32,
    ) -> Option<Step> {
        let name = (u8::try_from(name.start).ok()?, u8::try_from(name.end).ok()?);
        self.add_after(from, written, Taken { note: Some(note), mark, name, ..Taken::default() })
    }

    /// Takes down that an object ended after a step, and what is written up to there.
    pub(super) fn learn_end(&mut self, from: Step, written: &[u8]) {
        self.add_after(from, written, Taken::default());
    }

    fn add_after(&mut self, from: Step, written: &[u8], taken: Taken) -> Option<Step> {
        let length = u8::try_from(written.len()).ok()?;
        let start = u32::try_from(self.text.len()).ok()?;
        let (mut last, mut count) = (None, 0);
        let mut next = self.get(from)?.after;
        while let Some(step) = next {
            (last, count) = (Some(step), count + 1);
            next = self.get(step)?.beside;
        }
        if count >= CHOICES {
            return None;
        }
        let new = self.add(Taken { start, length, before: Some(from), ..taken })?;
        self.text.extend_from_slice(written);
        match last {
            Some(last) => self.get_mut(last)?.beside = Some(new),
            None => self.get_mut(from)?.after = Some(new),
        }
        Some(new)
    }
}
