//! What of a large dump is worth keeping.
//!
//! In: the text of a dump in windows. Out: which parts of it are kept: whatever may matter to a reader of the whole. Must
//! not know: what is done with them.
//!
//! Of resources whose type nobody asks for an id is kept for each type and scope, which tells what a list shows all of; of
//! the others an empty object, so that they can be counted. All of it only where what is left out is JSON that no reader
//! has anything to say about and where no secret is in it. At the first thing that is not as it is in such a dump, the rest
//! of the text is kept as it stands. The first resources stay whole, since they tell which tool made the dump.
//!
//! What is kept of a resource it says itself, but for the ids; so the resources of a list can be looked at ahead, by
//! [`Ahead`] on other threads, as soon as it is known where one begins.

use std::collections::HashSet;
use std::ops::Range;

use crate::json::skim::{self, Skim, Stop};
use crate::source::sift::{Part, Scout, Sieve};

use super::envelope::LOOK;
use super::kept::{Interests, Keeper, Kept};

pub use super::kept::Interest;

/// A resource of this size, and all behind it, is kept.
const MOST: usize = 4 * 1024 * 1024;
/// Where a text begins with an object of this size that has no list in it, it is no list of resources.
const FRONT: usize = 256 * 1024;
/// What stands between two resources of a list is searched for in so many bytes.
const NEAR: usize = 256 * 1024;

/// Where in the text the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a document.
    Outside,
    /// Inside of a list, before an element; in an object, if there is one around.
    List { around: bool, first: bool },
    /// Behind the list in an object.
    After,
    /// Where nothing is known.
    Rest,
}

/// See the module.
pub struct Rows<'a> {
    keeper: Keeper<'a>,
    state: State,
    /// How many resources of the list were met.
    met: usize,
    /// The types and scopes of which there is an id.
    named: HashSet<String>,
    /// What stands between two resources of the list, from the end of one into the name of the first member of the next.
    border: Vec<u8>,
}

impl<'a> Rows<'a> {
    /// For resources that are interesting as the function says.
    pub fn new(interests: Interests<'a>) -> Self {
        Self {
            keeper: Keeper::new(interests),
            state: State::Outside,
            met: 0,
            named: HashSet::new(),
            border: Vec::new(),
        }
    }
}

impl<'a> Sieve for Rows<'a> {
    type Scout = Ahead<'a>;

    fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize {
        let mut done = 0;
        while self.state != State::Rest {
            let before = (self.state, self.met);
            match self.step(text, done, parts) {
                Ok(next) if next == done && before == (self.state, self.met) => break,
                Ok(next) => done = next,
                Err(Stop::More) if !last && text.len() - done < self.most() => return done,
                Err(Stop::More | Stop::Odd) => self.state = State::Rest,
            }
        }
        if self.state == State::Rest {
            parts.push(Part { bytes: text.len() - done, keep: true });
            return text.len();
        }
        done
    }

    fn keeps_the_rest(&self) -> bool {
        self.state == State::Rest
    }

    fn scout(&self) -> Ahead<'a> {
        Ahead { keeper: self.keeper.another(), seen: HashSet::new() }
    }

    fn has_borders(&self) -> bool {
        !self.border.is_empty() && self.in_list()
    }

    fn border(&self, bytes: &[u8]) -> Option<usize> {
        let border = self.border.as_slice();
        let mut end = bytes.len();
        while let Some(at) = bytes.get(..end)?.iter().rposition(|byte| *byte == b'}') {
            if bytes.get(at..)?.starts_with(border) {
                return Some(at + 1);
            }
            if bytes.len() - at > NEAR {
                return None;
            }
            end = at;
        }
        None
    }

    fn take(&mut self, ahead: Resources, parts: &mut Vec<Part>) -> usize {
        if !self.in_list() {
            return 0;
        }
        let mut done = 0;
        for (end, kept) in ahead.resources {
            self.met += 1;
            self.put(done..end, kept, parts);
            done = end;
        }
        if !ahead.all {
            self.border.clear(); // it may stand elsewhere, too
        }
        done
    }
}

impl Rows<'_> {
    /// So many bytes are looked at in search of the end of what comes next.
    fn most(&self) -> usize {
        if self.state == State::Outside && self.met == 0 { FRONT } else { MOST }
    }

    /// Whether a resource comes next of which it does not matter how many there were before.
    fn in_list(&self) -> bool {
        matches!(self.state, State::List { first: false, .. }) && self.met >= LOOK
    }

    /// Goes on from an offset to a next one.
    fn step(&mut self, text: &str, start: usize, parts: &mut Vec<Part>) -> Result<usize, Stop> {
        let bytes = text.as_bytes();
        let mut keep = |to: usize| parts.push(Part { bytes: to - start, keep: true });
        match self.state {
            State::Outside => {
                let mark = if text.get(start..).is_some_and(|text| text.starts_with('\u{feff}')) { 3 } else { 0 };
                let mut at = skim::blank(bytes, start + mark);
                if bytes.get(at) == Some(&b',') {
                    at = skim::blank(bytes, at + 1);
                }
                match bytes.get(at) {
                    Some(b'[') => {
                        self.begin(false);
                        keep(at + 1);
                        Ok(at + 1)
                    }
                    Some(b'{') => self.document(text, start, at, parts),
                    Some(_) => Err(Stop::Odd),
                    None => {
                        keep(at);
                        Ok(at)
                    }
                }
            }
            State::List { around, first } => {
                let mut at = skim::blank(bytes, start);
                match bytes.get(at) {
                    Some(b']') => {
                        self.state = if around { State::After } else { State::Outside };
                        keep(at + 1);
                        return Ok(at + 1);
                    }
                    Some(b',') if !first => at = skim::blank(bytes, at + 1),
                    Some(_) if first => {}
                    Some(_) => return Err(Stop::Odd),
                    None => return Err(Stop::More),
                }
                match bytes.get(at) {
                    Some(b'{') => {
                        let (end, _) = self.keeper.object(bytes, at, false)?;
                        self.learn_border(bytes, start, at);
                        self.resource(text, start, at..end, parts);
                        self.state = State::List { around, first: false };
                        Ok(end)
                    }
                    Some(_) => Err(Stop::Odd),
                    None => Err(Stop::More),
                }
            }
            State::After => {
                let at = skim::blank(bytes, start);
                let end = match bytes.get(at) {
                    Some(b'}') => {
                        self.state = State::Outside;
                        at + 1
                    }
                    Some(b',') => {
                        let mut skim = Skim::default();
                        let (value, _) = skim.name(bytes, skim::blank(bytes, at + 1))?;
                        skim.value(bytes, value, &mut ())?
                    }
                    Some(_) => return Err(Stop::Odd),
                    None => return Err(Stop::More),
                };
                keep(end);
                Ok(end)
            }
            State::Rest => Ok(start),
        }
    }

    /// A list begins, of which it is not known yet what tool made it.
    fn begin(&mut self, around: bool) {
        self.state = State::List { around, first: true };
        self.met = 0;
        self.named.clear();
        self.border.clear();
    }

    /// A document that is an object: one with a list in it, or a resource.
    fn document(&mut self, text: &str, start: usize, at: usize, parts: &mut Vec<Part>) -> Result<usize, Stop> {
        let (end, list) = self.keeper.object(text.as_bytes(), at, true)?;
        if list {
            self.begin(true);
            parts.push(Part { bytes: end - start, keep: true });
        } else {
            self.resource(text, start, at..end, parts);
        }
        Ok(end)
    }

    /// Takes down what stands between the resource that ends at `start` and the one that begins at `at`. On one line, only
    /// the name of a member tells it from what stands between the objects inside of resources.
    fn learn_border(&mut self, bytes: &[u8], start: usize, at: usize) {
        let Some(name) = self.keeper.first_name().filter(|_| self.border.is_empty()) else { return };
        let lines = bytes.get(start..at).is_some_and(|between| between.contains(&b'\n'));
        let to = if lines { name.start + 1 } else { name.end };
        let border = start.checked_sub(1).and_then(|from| bytes.get(from..to));
        self.border.extend(border.filter(|border| border.starts_with(b"}")).unwrap_or_default());
    }

    /// Says what is kept of the resource whose members were taken down, and of what stands before it.
    fn resource(&mut self, text: &str, start: usize, whole: Range<usize>, parts: &mut Vec<Part>) {
        self.met += 1;
        let kept = if self.met > LOOK {
            let named = &self.named;
            self.keeper.kept(text, &whole, &mut |above| !named.contains(above))
        } else {
            Kept::default()
        };
        self.put(start..whole.end, kept, parts);
    }

    /// Says what is kept of a resource and of what stands before it.
    fn put(&mut self, bytes: Range<usize>, kept: Kept, parts: &mut Vec<Part>) {
        let Kept { mut left_out, named } = kept;
        if let Some(named) = named
            && self.named.insert(named.above)
        {
            left_out = named.left_out;
        }
        let mut at = bytes.start;
        for range in left_out {
            parts.push(Part { bytes: range.start - at, keep: true });
            parts.push(Part { bytes: range.len(), keep: false });
            at = range.end;
        }
        parts.push(Part { bytes: bytes.end - at, keep: true });
    }
}

/// Looks at resources of a list before it is known what stands before them.
pub struct Ahead<'a> {
    keeper: Keeper<'a>,
    /// The types and scopes that were met in a text.
    seen: HashSet<String>,
}

/// Resources of a list from the beginning of a text on.
#[derive(Debug, Default)]
pub struct Resources {
    /// Where each ends, and what is kept of it.
    resources: Vec<(usize, Kept)>,
    /// They are all that is in the text.
    all: bool,
}

impl Scout for Ahead<'_> {
    type Seen = Resources;

    fn look(&mut self, text: &str) -> Resources {
        let mut resources = Resources::default();
        let mut at = 0;
        self.seen.clear();
        while let Some((end, kept)) = self.next(text, at) {
            resources.resources.push((end, kept));
            at = end;
        }
        resources.all = at == text.len();
        resources
    }
}

impl Ahead<'_> {
    /// The resource that comes after another one, if one does and is whole.
    fn next(&mut self, text: &str, start: usize) -> Option<(usize, Kept)> {
        let bytes = text.as_bytes();
        let comma = skim::blank(bytes, start);
        let at = skim::blank(bytes, comma + 1);
        if (bytes.get(comma), bytes.get(at)) != (Some(&b','), Some(&b'{')) {
            return None;
        }
        let (end, _) = self.keeper.object(bytes, at, false).ok()?;
        let seen = &mut self.seen;
        let mut first = |above: &str| !seen.contains(above) && seen.insert(above.to_owned());
        Some((end, self.keeper.kept(text, &(at..end), &mut first)))
    }
}
