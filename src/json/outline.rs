//! Brackets and strings of a JSON text, found by looking at it.
//!
//! In: a text, broken or not. Out: [`Outline`], which names the brackets around a byte. Must not know: JSON's grammar
//! beyond strings, comments and brackets; the reader proper is [`super::parser`], and reports need no tree.
//!
//! A minified file is one line of many megabytes. Its brackets are counted once, as far as somebody asks; every 4 KB the
//! state is kept, so that an excerpt costs no more than that.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay near the length of a text")]

use std::ops::Range;

use super::scan;

const STRIDE: usize = 4 * 1024;
/// Nesting beyond this is not tracked (no reader of ours accepts it).
const DEEPEST: usize = 512;
/// How far a container is searched for the members beside the one that is shown.
const REACH: usize = 256 * 1024;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Mode {
    #[default]
    Plain,
    /// In a string that began here.
    String(usize),
    LineComment,
    BlockComment,
}

/// Which brackets are open at a byte.
#[derive(Clone, Debug, Default)]
pub struct State {
    at: usize,
    mode: Mode,
    open: Vec<usize>,
    /// Open brackets beyond [`DEEPEST`].
    deeper: usize,
}

impl State {
    /// Takes one byte, two where only two make sense, or what a string holds up to its next quote or backslash.
    fn step(&mut self, bytes: &[u8]) {
        let (byte, next) = (bytes.get(self.at).copied().unwrap_or(0), bytes.get(self.at + 1).copied().unwrap_or(0));
        let mut taken = 1;
        match (self.mode, byte) {
            (Mode::String(_), b'\\') => taken = 2,
            (Mode::String(_), b'"') => self.mode = Mode::Plain,
            (Mode::LineComment, b'\n') => self.mode = Mode::Plain,
            (Mode::BlockComment, b'*') if next == b'/' => (self.mode, taken) = (Mode::Plain, 2),
            (Mode::String(_), _) => {
                let rest = bytes.get(self.at..).unwrap_or_default();
                taken = rest.iter().position(|byte| matches!(byte, b'"' | b'\\')).unwrap_or(rest.len()).max(1);
            }
            (Mode::LineComment | Mode::BlockComment, _) => {}
            (Mode::Plain, b'"') => self.mode = Mode::String(self.at),
            (Mode::Plain, b'/') if next == b'/' => (self.mode, taken) = (Mode::LineComment, 2),
            (Mode::Plain, b'/') if next == b'*' => (self.mode, taken) = (Mode::BlockComment, 2),
            (Mode::Plain, b'{' | b'[') if self.open.len() < DEEPEST => self.open.push(self.at),
            (Mode::Plain, b'{' | b'[') => self.deeper += 1,
            (Mode::Plain, b'}' | b']') if self.deeper > 0 => self.deeper -= 1,
            (Mode::Plain, b'}' | b']') => _ = self.open.pop(),
            (Mode::Plain, _) => {}
        }
        self.at += taken;
    }
}

impl State {
    /// Goes on to a byte, or behind it where that makes no difference. Whole strings, and what says nothing of brackets, are
    /// passed over at once.
    fn advance(&mut self, bytes: &[u8], to: usize) {
        while self.at < to {
            match bytes.get(self.at) {
                Some(b'"') if self.mode == Mode::Plain => match string_end(bytes, self.at + 1) {
                    Some(end) if end <= to => self.at = end,
                    Some(_) | None => self.step(bytes),
                },
                Some(b'{' | b'[' | b'}' | b']' | b'/') | None => self.step(bytes),
                Some(_) if self.mode == Mode::Plain => self.at += 1,
                Some(_) => self.step(bytes),
            }
        }
    }

    /// The opening bracket of the innermost container around a byte behind this one; a bracket is not inside its own
    /// container.
    pub fn container(mut self, text: &str, offset: usize) -> Option<usize> {
        self.advance(text.as_bytes(), offset.min(text.len()));
        if self.deeper > 0 { None } else { self.open.last().copied() }
    }
}

/// Behind the quote that ends a string, from a byte in it on.
fn string_end(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = scan::plain(bytes, at);
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1, // a line break or the like
        }
    }
}

/// The brackets of one text.
#[derive(Debug)]
pub struct Outline {
    kept: Vec<State>,
    /// How far the text was looked through.
    reached: State,
}

/// One entry of an object or array.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    /// The key with its quotes; empty for an element of an array.
    pub key: Range<usize>,
    /// The value.
    pub value: Range<usize>,
}

impl Member {
    /// Key and value.
    pub const fn whole(&self) -> Range<usize> {
        let start = if self.key.start < self.key.end { self.key.start } else { self.value.start };
        start..self.value.end
    }
}

/// The entries beside a place in a container.
#[derive(Clone, Debug, Default)]
pub struct Members {
    /// The entry that holds the place is this one.
    pub at: usize,
    /// That entry and some of its neighbors.
    pub shown: Vec<Member>,
    /// There are entries before those shown.
    pub before: bool,
    /// There are entries after those shown.
    pub after: bool,
}

impl Default for Outline {
    /// Of a text that was not looked at yet.
    fn default() -> Self {
        Self { kept: vec![State::default()], reached: State::default() }
    }
}

impl Outline {
    /// Looks through the text up to a byte.
    fn reach(&mut self, text: &str, offset: usize) {
        while self.reached.at < offset.min(text.len()) {
            let due = self.kept.last().map_or(0, |last| last.at) + STRIDE;
            self.reached.advance(text.as_bytes(), due.min(text.len()));
            if self.reached.at >= due {
                self.kept.push(self.reached.clone());
            }
        }
    }

    /// The last kept state before a byte, from which [`State::container`] goes on. The text is the same each time.
    pub fn near(&mut self, text: &str, offset: usize) -> State {
        self.reach(text, offset);
        let after = self.kept.partition_point(|state| state.at <= offset);
        self.kept.get(after.saturating_sub(1)).cloned().unwrap_or_default()
    }

    /// The entry of the container opened at `open` that holds `offset`, with up to `beside` neighbors each side.
    pub fn members(text: &str, open: usize, offset: usize, beside: usize) -> Option<Members> {
        let bytes = text.as_bytes();
        let far = offset.saturating_sub(open) > REACH;
        let from = if far { offset } else { open + 1 };
        let stop = text.len().min(offset.saturating_add(REACH));
        let mut state = State { at: from, ..State::default() };
        let mut members = Members { before: far, ..Members::default() };
        let (mut start, mut found) = (from, false);
        loop {
            let byte = bytes.get(state.at).copied().unwrap_or(b'}');
            let flat = state.mode == Mode::Plain && state.open.is_empty();
            let closes = flat && matches!(byte, b'}' | b']') || state.at >= stop;
            if flat && byte == b',' || closes {
                let end = state.at.min(text.len());
                if let Some(member) = member(text, start..end) {
                    let here = !found && offset < end.max(offset.saturating_add(1)) && offset <= end;
                    if found && members.shown.len() > members.at + beside {
                        members.after = true;
                        return Some(members);
                    }
                    if here {
                        found = true;
                        members.at = members.shown.len();
                    } else if !found && members.shown.len() == beside {
                        members.before = true;
                        if !members.shown.is_empty() {
                            members.shown.remove(0);
                        }
                    }
                    if found || beside > 0 {
                        members.shown.push(member);
                    }
                }
                start = end + 1;
                if closes {
                    members.after |= state.at >= stop && stop < text.len();
                    break;
                }
            }
            state.step(bytes);
        }
        // `at` was taken before neighbors were dropped; they are only dropped before it is found.
        found.then_some(members)
    }

    /// The key of the container opened at `open`, with its quotes.
    pub fn key_of(text: &str, open: usize) -> Option<Range<usize>> {
        let before = text.get(..open)?.trim_end().strip_suffix(':')?.trim_end();
        let inner = before.strip_suffix('"')?;
        let end = before.len();
        let mut start = inner.len();
        loop {
            start = text.get(..start)?.rfind('"')?;
            let slashes = text.get(..start)?.bytes().rev().take_while(|&b| b == b'\\').count();
            if slashes % 2 == 0 {
                return Some(start..end);
            }
        }
    }
}

/// The member in a range that may begin and end with white space; nothing when there is only that.
fn member(text: &str, range: Range<usize>) -> Option<Member> {
    let written = text.get(range.clone())?;
    let start = range.start + (written.len() - written.trim_start().len());
    let end = range.start + written.trim_end().len();
    if start >= end {
        return None;
    }
    let bytes = text.as_bytes();
    if bytes.get(start) == Some(&b'"') {
        let mut state = State { at: start, ..State::default() };
        state.step(bytes);
        while state.mode != Mode::Plain && state.at < end {
            state.step(bytes);
        }
        let key = start..state.at.min(end);
        if let Some(rest) = text.get(key.end..end)
            && let Some(value) = rest.trim_start().strip_prefix(':')
        {
            let value = value.trim_start();
            return Some(Member { key, value: end - value.len()..end });
        }
    }
    Some(Member { key: start..start, value: start..end })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn container(outline: &mut Outline, text: &str, at: usize) -> Option<usize> {
        outline.near(text, at).container(text, at)
    }

    fn names(text: &str, needle: &str, beside: usize) -> String {
        let at = text.find(needle).unwrap();
        let open = container(&mut Outline::default(), text, at).unwrap();
        let members = Outline::members(text, open, at, beside).unwrap();
        let shown = members.shown.iter().enumerate().map(|(i, member)| {
            let mark = if i == members.at { ">" } else { "" };
            format!("{mark}{}", &text[member.whole()])
        });
        let shown = shown.collect::<Vec<_>>().join(" | ");
        let edge = |more: bool| if more { "…" } else { "" };
        format!(
            "{}{shown}{} in {:?}",
            edge(members.before),
            edge(members.after),
            Outline::key_of(text, open).map(|k| &text[k])
        )
    }

    #[test]
    fn a_place_is_shown_among_its_neighbors() {
        let text = r#"{"x":[1,{"a\"}":1, "b" : {"q":[2]},"c":"]}","d":4,"e":5}]}"#;
        assert_eq!(names(text, "4", 1), r#"…"c":"]}" | >"d":4 | "e":5 in None"#);
        assert_eq!(names(text, "\"c\"", 9), r#""a\"}":1 | "b" : {"q":[2]} | >"c":"]}" | "d":4 | "e":5 in None"#);
        assert_eq!(names(text, "]}\"", 0), r#"…>"c":"]}"… in None"#);
        assert_eq!(names(text, "2]", 1), r#">2 in Some("\"q\"")"#);
        assert_eq!(names(text, "{\"a", 1), r#"1 | >{"a\"}":1, "b" : {"q":[2]},"c":"]}","d":4,"e":5} in Some("\"x\"")"#);
    }

    #[test]
    fn broken_text_is_no_trouble() {
        for text in ["", "]]]}", "{\"a", "[1,", "/*", "{\"a\":\"\\", "\u{feff}{é"] {
            let mut outline = Outline::default();
            for at in 0..=text.len() + 1 {
                if let Some(open) = container(&mut outline, text, at) {
                    let _ = Outline::members(text, open, at, 2);
                    let _ = Outline::key_of(text, open);
                }
            }
        }
        let deep = "[".repeat(200_000);
        assert_eq!(container(&mut Outline::default(), &deep, 150_000), None);
    }

    #[test]
    fn kept_states_change_nothing() {
        let text = format!("{{\"a\":[{}{{\"k\":\"v\"}}]}}", "{\"x\":\"[\"},".repeat(20_000));
        let at = text.find("\"k\"").unwrap();
        let mut outline = Outline::default();
        assert_eq!(container(&mut outline, &text, 10), Some(6));
        assert_eq!(container(&mut outline, &text, at), Some(at - 1));
        assert_eq!(container(&mut outline, &text, 10), Some(6));
    }
}
