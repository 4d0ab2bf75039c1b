//! Values passed over rather than read.
//!
//! In: the bytes of a text, or of its beginning. Out: where a value ends, and what a [`Watch`] sees on the way; no node is
//! made. Must not know: how to say what is wrong.
//!
//! Only what every reader of JSON takes is passed over; at anything else the answer is [`Stop::Odd`], and whoever asked
//! reads the text with [`super::parse`], which knows what to say.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text")]

use std::marker::PhantomData;
use std::ops::Range;

use super::known::{Known, Step};
use super::scan;

pub use super::known::Kind;

/// Why a value was not passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stop {
    /// It does not end in the bytes that are there.
    More,
    /// It is not JSON in the strict sense, or nested too deep.
    Odd,
}

/// Sees the strings that are passed over, as written and without their quotes.
pub trait Watch {
    /// What there is to be said of the name of a member, which depends on nothing else.
    fn note(name: &[u8]) -> u8;
    /// A member of whose name this was said.
    fn name(&mut self, note: u8);
    /// A string that is a value.
    fn text(&mut self, written: &[u8]);
}

impl Watch for () {
    fn note(_: &[u8]) -> u8 {
        0
    }
    fn name(&mut self, _: u8) {}
    fn text(&mut self, _: &[u8]) {}
}

/// So many containers may be open at once; less than a reader takes, since this may begin inside of others.
const DEPTH: usize = 200;

/// Passes over values; one is used for many of them.
#[derive(Debug)]
pub struct Skim<W> {
    open: Vec<Open>,
    /// Hashes of the names of the open objects that are not like earlier ones.
    names: Vec<u32>,
    /// What members were like so far.
    known: Known,
    /// Something was met that only a reader can judge: a name that may be there twice, or an escape of a code unit.
    pub doubtful: bool,
    /// What says something of names.
    watch: PhantomData<fn(W)>,
}

/// A container that is open.
#[derive(Clone, Copy, Debug)]
struct Open {
    /// It is an object.
    object: bool,
    /// Where its names begin.
    names: usize,
    /// Of an object that is like earlier ones so far, the last step; of a list, where the objects in it begin.
    step: Option<Step>,
}

/// What comes in an object.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Next {
    /// A member.
    Member {
        /// Its name, from the opening quote to the closing one.
        name: Range<usize>,
        /// Where its value begins; there may be blanks before it.
        value: usize,
        /// What was said of the name.
        note: u8,
    },
    /// The end of the object; this is behind it.
    End(usize),
}

impl<W> Default for Skim<W> {
    fn default() -> Self {
        let known = Known::default();
        Self { open: Vec::new(), names: Vec::new(), known, doubtful: false, watch: PhantomData }
    }
}

impl<W: Watch> Skim<W> {
    /// Behind the value that begins at or after an offset; in the objects that [`Self::enter`] entered, if any.
    pub fn value(&mut self, bytes: &[u8], at: usize, watch: &mut W) -> Result<usize, Stop> {
        let around = self.open.len();
        let mut at = at;
        'value: loop {
            at = scan::blank(bytes, at);
            match bytes.get(at) {
                Some(b'"') => {
                    let end = self.string(bytes, at)?;
                    watch.text(bytes.get(at + 1..end - 1).unwrap_or_default());
                    at = end;
                }
                Some(b'{') => {
                    self.push(true)?;
                    match self.member(bytes, at + 1, true, watch)? {
                        Next::Member { value, .. } => {
                            at = value;
                            continue 'value;
                        }
                        Next::End(end) => at = end,
                    }
                }
                Some(b'[') => {
                    self.push(false)?;
                    at = scan::blank(bytes, at + 1);
                    if bytes.get(at) != Some(&b']') {
                        continue 'value;
                    }
                }
                Some(b'-' | b'0'..=b'9') => {
                    let end = scan::number(bytes, at).map_err(|end| ended(bytes, end))?;
                    if end == bytes.len() {
                        return Err(Stop::More);
                    }
                    at = end;
                }
                Some(b't') => at = word(bytes, at, b"true")?,
                Some(b'f') => at = word(bytes, at, b"false")?,
                Some(b'n') => at = word(bytes, at, b"null")?,
                Some(_) => return Err(Stop::Odd),
                None => return Err(Stop::More),
            }
            while self.open.len() > around {
                if self.open.last().is_some_and(|open| open.object) {
                    match self.member(bytes, at, false, watch)? {
                        Next::Member { value, .. } => {
                            at = value;
                            continue 'value;
                        }
                        Next::End(end) => at = end,
                    }
                    continue;
                }
                at = scan::blank(bytes, at) + 1;
                match bytes.get(at - 1) {
                    Some(b',') => continue 'value,
                    Some(b']') => _ = self.open.pop(),
                    Some(_) => return Err(Stop::Odd),
                    None => return Err(Stop::More),
                }
            }
            return Ok(at);
        }
    }

    /// Whatever was passed over is not open any more, and not doubtful; what objects are like stays known.
    pub fn forget(&mut self) {
        self.open.clear();
        self.names.clear();
        self.doubtful = false;
    }

    /// Goes into an object that is in none, whose members [`Self::member`] gives. `kind`: what sort of objects it is one of;
    /// those of one sort are alike.
    pub fn enter(&mut self, kind: Kind) {
        self.open.clear();
        self.names.clear();
        self.open.push(Open { object: true, names: 0, step: self.known.outermost(kind) });
    }

    /// What comes next in the innermost object: behind its brace (`first`), or behind the value of a member.
    #[inline]
    pub fn member(&mut self, bytes: &[u8], from: usize, first: bool, watch: &mut W) -> Result<Next, Stop> {
        if let Some(open) = self.open.last_mut()
            && let Some(step) = open.step
            && let Some(way) = self.known.next(step, bytes.get(from..).unwrap_or_default())
        {
            let value = from + way.length;
            let Some(note) = way.note else {
                self.open.pop();
                return Ok(Next::End(value));
            };
            open.step = Some(way.step);
            watch.name(note);
            let name = from + way.name.start..from + way.name.end;
            return Ok(Next::Member { name, value, note });
        }
        self.new_member(bytes, from, first, watch)
    }

    /// As [`Self::member`], where the text does not go on as it did before.
    fn new_member(&mut self, bytes: &[u8], from: usize, first: bool, watch: &mut W) -> Result<Next, Stop> {
        let Some(&Open { names, step, .. }) = self.open.last() else { return Err(Stop::Odd) };
        let mut at = scan::blank(bytes, from);
        match bytes.get(at) {
            Some(b'}') => {
                if let Some(step) = step {
                    self.known.learn_end(step, bytes.get(from..=at).unwrap_or_default());
                }
                self.open.pop();
                self.names.truncate(names);
                return Ok(Next::End(at + 1));
            }
            Some(b',') if !first => at = scan::blank(bytes, at + 1),
            Some(_) if first => {}
            Some(_) => return Err(Stop::Odd),
            None => return Err(Stop::More),
        }
        let (behind, end) = self.name(bytes, at)?;
        let value = scan::blank(bytes, behind);
        if value == bytes.len() {
            return Err(Stop::More);
        }
        let written = bytes.get(at + 1..end - 1).unwrap_or_default();
        let (note, mark) = (W::note(written), mark(written));
        watch.name(note);
        let mut learned = None;
        if let Some(step) = step {
            let fresh = !written.contains(&b'\\') && self.known.names(step).all(|name| name != mark);
            if fresh {
                let text = bytes.get(from..value).unwrap_or_default();
                learned = self.known.learn(step, text, at - from..end - from, note, mark);
            }
            if learned.is_none() {
                self.names.extend(self.known.names(step));
            }
        }
        if learned.is_none() {
            self.doubtful |= !is_new(&mut self.names, names, mark);
        }
        if let Some(open) = self.open.last_mut() {
            open.step = learned;
        }
        Ok(Next::Member { name: at..end, value, note })
    }

    /// Behind the string whose opening quote is at an offset.
    #[inline]
    pub fn string(&mut self, bytes: &[u8], start: usize) -> Result<usize, Stop> {
        let at = scan::plain(bytes, start + 1);
        if bytes.get(at) == Some(&b'"') { Ok(at + 1) } else { self.rest_of_string(bytes, at) }
    }

    /// As [`Self::string`], from the first byte on that is not plain.
    fn rest_of_string(&mut self, bytes: &[u8], mut at: usize) -> Result<usize, Stop> {
        loop {
            match bytes.get(at) {
                Some(b'"') => return Ok(at + 1),
                Some(b'\\') => match bytes.get(at + 1) {
                    Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at += 2,
                    Some(b'u') => {
                        self.doubtful = true;
                        at += 2;
                    }
                    Some(_) => return Err(Stop::Odd),
                    None => return Err(Stop::More),
                },
                Some(_) => return Err(Stop::Odd),
                None => return Err(Stop::More),
            }
            at = scan::plain(bytes, at);
        }
    }

    /// Behind the colon of a member whose name begins at an offset, and the end of the name. One with escapes is doubtful.
    #[inline]
    pub fn name(&mut self, bytes: &[u8], at: usize) -> Result<(usize, usize), Stop> {
        match bytes.get(at) {
            Some(b'"') => {}
            Some(_) => return Err(Stop::Odd),
            None => return Err(Stop::More),
        }
        let mut end = scan::plain(bytes, at + 1);
        if bytes.get(end) == Some(&b'"') {
            end += 1;
        } else {
            self.doubtful = true; // it may be another name in disguise
            end = self.rest_of_string(bytes, end)?;
        }
        let colon = scan::blank(bytes, end);
        match bytes.get(colon) {
            Some(b':') => Ok((colon + 1, end)),
            Some(_) => Err(Stop::Odd),
            None => Err(Stop::More),
        }
    }

    fn push(&mut self, object: bool) -> Result<(), Stop> {
        if self.open.len() >= DEPTH {
            return Err(Stop::Odd);
        }
        let step = match self.open.last() {
            Some(&Open { object: true, step, .. }) => step.and_then(|step| self.known.inside(step)),
            Some(&Open { object: false, step, .. }) => step,
            None => self.known.outermost(Kind::Other),
        };
        self.open.push(Open { object, names: self.names.len(), step });
        Ok(())
    }
}

/// The blanks at an offset passed over.
pub fn blank(bytes: &[u8], at: usize) -> usize {
    scan::blank(bytes, at)
}

/// An object of more members is doubtful: its names would be compared for too long.
const MANY: usize = 1024;

/// Adds the mark of a name to those of an object, which begin at an index. Answers whether it certainly is none of them.
fn is_new(names: &mut Vec<u32>, from: usize, mark: u32) -> bool {
    let before = names.get(from..).unwrap_or_default();
    let new = before.len() < MANY && !before.contains(&mark);
    names.push(mark);
    new
}

/// A number that differs for names that differ, but for a few.
#[inline]
fn mark(name: &[u8]) -> u32 {
    let head = name.first_chunk::<8>().map_or_else(|| short(name), |head| u64::from_le_bytes(*head));
    let tail = name.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail));
    let mixed = (head ^ tail.rotate_left(23) ^ name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    u32::try_from(mixed >> 32).unwrap_or(0)
}

fn short(name: &[u8]) -> u64 {
    name.iter().fold(0, |sum, &byte| sum << 8 | u64::from(byte))
}

#[inline]
fn word<const N: usize>(bytes: &[u8], at: usize, word: &[u8; N]) -> Result<usize, Stop> {
    let end = at + N;
    match (bytes.get(at..).and_then(|rest| rest.first_chunk::<N>()), bytes.get(end)) {
        (Some(there), Some(next)) if there == word && !scan::in_word(*next) => Ok(end),
        (Some(there), None) if there == word => Err(Stop::More),
        (None, _) if word.starts_with(bytes.get(at..).unwrap_or_default()) => Err(Stop::More),
        (_, _) => Err(Stop::Odd),
    }
}

fn ended(bytes: &[u8], at: usize) -> Stop {
    if at >= bytes.len() { Stop::More } else { Stop::Odd }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::parse;
    use crate::source::FileId;

    fn skim(text: &str) -> (Result<usize, Stop>, bool) {
        let mut skim = Skim::default();
        let end: Result<usize, Stop> = skim.value(text.as_bytes(), 0, &mut ());
        (end, skim.doubtful)
    }

    #[test]
    fn values_end_where_they_end() {
        for text in
            ["{}", "[]", "\"a\\\"\"", "[1, -2.5e3, true, false, null]", "{\"a\": {\"b\": [{}, []]}, \"c\": \"\"}"]
        {
            assert_eq!(skim(&format!("{text} ,")), (Ok(text.len()), false), "{text}");
            let parsed = parse(FileId(0), text);
            assert!(parsed.tree.is_strict() && parsed.problems.is_empty());
        }
        assert_eq!(skim("12").0, Err(Stop::More), "a number may go on");
    }

    #[test]
    fn what_is_cut_off_asks_for_more() {
        let text = "{\"a\": [1.5, true, \"b\\n\", {\"c\": null}], \"d\": -1e2} ";
        for end in 0..text.len() - 1 {
            assert_eq!(skim(&text[..end]).0, Err(Stop::More), "{}", &text[..end]);
        }
    }

    #[test]
    fn what_is_not_strict_is_odd() {
        let odd =
            ["[1,]", "{\"a\":1,}", "// a\n1 ", "{a: 1}", "'a' ", "\"a\nb\"", "\"\\x\"", "[1 2]", "tru ", "01 ", "{]"];
        for text in odd {
            assert_eq!(skim(text).0, Err(Stop::Odd), "{text}");
        }
        let deep = "[".repeat(DEPTH + 1);
        assert_eq!(skim(&deep).0, Err(Stop::Odd));
    }

    /// Takes down what is said of names, and strings.
    #[derive(Default)]
    struct Heard(Vec<u8>, Vec<String>);

    impl Watch for Heard {
        fn note(name: &[u8]) -> u8 {
            name.iter().fold(7, |sum, byte| sum.wrapping_mul(31).wrapping_add(*byte))
        }

        fn name(&mut self, note: u8) {
            self.0.push(note);
        }

        fn text(&mut self, written: &[u8]) {
            self.1.push(String::from_utf8_lossy(written).into_owned());
        }
    }

    /// Each text is passed over by one that has seen all before it, and by one that has seen nothing.
    #[test]
    fn what_came_before_does_not_show() {
        let pieces = [
            "{\"a\": 1, \"b\": {\"c\": [ {\"d\": \"x\"}, {\"d\": \"y\", \"e\": {}} ]}}",
            "{\"a\": 1,\"b\": {\"c\": [ {\"d\": \"x\"}, {\"d\": \"y\", \"e\": {}} ]}}",
            "{\"a\": \"1\", \"b\":  null , \"c\": [[], [{}]], \"a\": 2}",
            "{\"b\": {\"a\": 1, \"c\": {\"d\": 1}}, \"a\": {\"a\": 1}, \"ab\": 3}",
            "{\"b\": {\"a\": 1, \"c\": {\"d\": 1}, \"a\": 2}, \"a\": {}}",
            "{\"b\": {\"a\": 1, \"c\": {\"d\": 1} \"a\": 2}, \"a\": {}}",
            "{\"\\u0061\": 1, \"b\": {\"a\": 1 }, \"a\": {\n\t}}",
            "{}",
            "{ }",
            "{,\"a\": 1}",
            "{\"a\": 1,}",
            "{\"a\": tru}",
            "[{\"a\": 1}, {\"a\": 1, \"b\": 2}, {\"a\": 1, \"b\": 2, \"a\": 3}]",
        ];
        let mut texts: Vec<String> = pieces.iter().map(|piece| format!("{piece} ")).collect();
        texts.extend(pieces.iter().flat_map(|piece| (1..piece.len()).map(|end| piece[..end].to_owned())));
        // More names than are taken down, so that some objects go another way in the middle.
        texts.extend((0..90).map(|n| format!("{{\"a\": 1, \"b\": {{\"n{n}\": 1, \"a\": 2, \"n{n}\": 3}}}} ")));
        texts.extend((0..90).map(|n| format!("{{\"a\": 1, \"n{n}\": 2, \"b\": 3, \"c\": 4}} ")));
        let mut old = Skim::default();
        for text in texts.iter().chain(texts.iter().rev()) {
            let mut new = Skim::default();
            let (mut heard, mut anew) = (Heard::default(), Heard::default());
            old.forget();
            let known = old.value(text.as_bytes(), 0, &mut heard);
            assert_eq!(known, new.value(text.as_bytes(), 0, &mut anew), "{text}");
            if known.is_ok() {
                assert_eq!((&heard.0, &heard.1, old.doubtful), (&anew.0, &anew.1, new.doubtful), "{text}");
            }
        }
    }

    #[test]
    fn names_that_may_be_there_twice_are_doubtful() {
        assert!(skim("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}").1);
        assert!(!skim("{\"a\": 1, \"b\": {\"a\": 2, \"b\": 1}, \"c\": [{\"a\": 1}, {\"a\": 1}]}").1);
        assert!(skim("{\"a\": \"\\u0041\"}").1 && skim("{\"\\u0041\": 1}").1 && skim("{\"\\n\": 1}").1);
    }
}
