//! Values passed over rather than read.
//!
//! In: the bytes of a text, or of its beginning. Out: where a value ends, and what a [`Watch`] sees on the way; no node is
//! made. Must not know: how to say what is wrong.
//!
//! Only what every reader of JSON takes is passed over; at anything else the answer is [`Stop::Odd`], and whoever asked
//! reads the text with [`super::parse`], which knows what to say.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text")]

use super::scan;

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
    /// The name of a member.
    fn name(&mut self, written: &[u8]);
    /// A string that is a value.
    fn text(&mut self, written: &[u8]);
}

impl Watch for () {
    fn name(&mut self, _: &[u8]) {}
    fn text(&mut self, _: &[u8]) {}
}

/// So many containers may be open at once; less than a reader takes, since this may begin inside of others.
const DEPTH: usize = 200;

/// Passes over values; one is used for many of them.
#[derive(Debug, Default)]
pub struct Skim {
    /// For each open container, whether it is an object, and where its names begin in `names`.
    open: Vec<(bool, usize)>,
    /// Hashes of the names of the open objects.
    names: Vec<u32>,
    /// Something was met that only a reader can judge: a name that may be there twice, or an escape of a code unit.
    pub doubtful: bool,
}

impl Skim {
    /// Behind the value that begins at or after an offset.
    pub fn value(&mut self, bytes: &[u8], at: usize, watch: &mut impl Watch) -> Result<usize, Stop> {
        self.open.clear();
        self.names.clear();
        let mut at = at;
        loop {
            at = scan::blank(bytes, at);
            match bytes.get(at) {
                Some(b'"') => {
                    let end = self.string(bytes, at)?;
                    watch.text(bytes.get(at + 1..end - 1).unwrap_or_default());
                    at = end;
                }
                Some(b'{') => {
                    self.push(true)?;
                    at = scan::blank(bytes, at + 1);
                    if bytes.get(at) != Some(&b'}') {
                        at = self.named(bytes, at, watch)?;
                        continue;
                    }
                }
                Some(b'[') => {
                    self.push(false)?;
                    at = scan::blank(bytes, at + 1);
                    if bytes.get(at) != Some(&b']') {
                        continue;
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
            loop {
                let Some(&(object, names)) = self.open.last() else { return Ok(at) };
                at = scan::blank(bytes, at);
                match (bytes.get(at), object) {
                    (Some(b','), true) => {
                        at = self.named(bytes, scan::blank(bytes, at + 1), watch)?;
                        break;
                    }
                    (Some(b','), false) => {
                        at += 1;
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => {
                        self.open.pop();
                        self.names.truncate(names);
                        at += 1;
                    }
                    (Some(_), _) => return Err(Stop::Odd),
                    (None, _) => return Err(Stop::More),
                }
            }
        }
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

    /// As [`Self::name`], of the innermost object.
    #[inline]
    fn named(&mut self, bytes: &[u8], at: usize, watch: &mut impl Watch) -> Result<usize, Stop> {
        let (behind, end) = self.name(bytes, at)?;
        let written = bytes.get(at + 1..end - 1).unwrap_or_default();
        let names = self.open.last().map_or(0, |(_, names)| *names);
        self.doubtful |= !is_new(&mut self.names, names, written);
        watch.name(written);
        Ok(behind)
    }

    fn push(&mut self, object: bool) -> Result<(), Stop> {
        if self.open.len() >= DEPTH {
            return Err(Stop::Odd);
        }
        self.open.push((object, self.names.len()));
        Ok(())
    }
}

/// The blanks at an offset passed over.
pub fn blank(bytes: &[u8], at: usize) -> usize {
    scan::blank(bytes, at)
}

/// An object of more members is doubtful: its names would be compared for too long.
const MANY: usize = 1024;

/// Adds a name to those of an object, which begin at an index. Answers whether it certainly is none of them.
#[inline]
pub fn is_new(names: &mut Vec<u32>, from: usize, name: &[u8]) -> bool {
    let mark = mark(name);
    let before = names.get(from..).unwrap_or_default();
    let new = before.len() < MANY && before.iter().fold(true, |new, other| new & (*other != mark));
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
        let end = skim.value(text.as_bytes(), 0, &mut ());
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

    #[test]
    fn names_that_may_be_there_twice_are_doubtful() {
        assert!(skim("{\"a\": 1, \"b\": {\"a\": 2}, \"a\": 3}").1);
        assert!(!skim("{\"a\": 1, \"b\": {\"a\": 2, \"b\": 1}, \"c\": [{\"a\": 1}, {\"a\": 1}]}").1);
        assert!(skim("{\"a\": \"\\u0041\"}").1 && skim("{\"\\u0041\": 1}").1 && skim("{\"\\n\": 1}").1);
    }
}
