//! Tokens that are not quite JSON.
//!
//! In: the parser, at such a token. Out: a problem where one is due, and the parser behind the token.
//! Must not know: which tokens may follow each other; that is `recover`.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text, which fits 32 bits")]

use super::parser::{Parser, State};
use super::{BARE, Tag, scan, text};

impl Parser<'_> {
    /// At a slash. Whether it began a comment, behind which the parser now is.
    #[cold]
    pub(super) fn comment(&mut self) -> bool {
        let rest = self.tree.text.get(self.at + 2..).unwrap_or("");
        let length = match self.bytes.get(self.at + 1) {
            Some(b'/') => rest.find('\n').unwrap_or(rest.len()),
            Some(b'*') => match rest.find("*/") {
                Some(end) => end + 2,
                None => {
                    self.complain_with(self.at, self.at + 2, "this comment is never closed", "close it with `*/`");
                    self.quiet = self.bytes.len() + 1;
                    rest.len()
                }
            },
            Some(_) | None => return false,
        };
        let carriage_return = rest.get(..length).is_some_and(|comment| comment.ends_with('\r'));
        let end = self.at + 2 + length;
        self.tree.comments.push(self.span(self.at, end - usize::from(carriage_return)));
        self.tree.strict = false;
        self.at = end;
        true
    }

    /// Whether there was white space here that JSON does not know; the parser is behind it.
    #[cold]
    pub(super) fn odd_blank(&mut self) -> bool {
        let rest = self.tree.text.get(self.at..).unwrap_or("");
        let odd = |c: char| (c.is_whitespace() && !" \n\r\t".contains(c)) || matches!(c, '\u{feff}' | '\u{200b}');
        let length = rest.find(|c| !odd(c)).unwrap_or(rest.len());
        let Some(first) = rest.chars().next().filter(|_| length > 0) else { return false };
        let message = format!("the character U+{:04X} is no white space of JSON", u32::from(first));
        self.warn("json-white-space", self.at, self.at + length, message, "replace it by a space");
        self.at += length;
        true
    }

    pub(super) fn bad_number(&mut self, end: usize) {
        let written = self.tree.text.get(self.at..end).unwrap_or("");
        let digits = written.trim_start_matches(['-', '+']);
        let help = if written.starts_with('+') {
            "a JSON number begins with a digit or `-`"
        } else if digits.starts_with('.') {
            "a JSON number has a digit before the point"
        } else if digits.starts_with(['x', 'X']) || digits.starts_with("0x") || digits.starts_with("0X") {
            "JSON knows decimal numbers only"
        } else if digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit) {
            "a JSON number has no leading zeros; if this is a name, it stands in double quotes"
        } else {
            "text stands in double quotes"
        };
        self.complain_with(self.at, end, "this is not a JSON number", help);
        self.silence(end);
        self.push(self.at, end, Tag::Number as u32);
    }

    /// A word that is none of JSON's three.
    pub(super) fn bad_word(&mut self, end: usize) -> State {
        let word = self.tree.text.get(self.at..end).unwrap_or("");
        let (tag, help) = match word.to_ascii_lowercase().as_str() {
            "true" => (Some(Tag::True), "`true` is written in lower case"),
            "false" => (Some(Tag::False), "`false` is written in lower case"),
            "null" => (Some(Tag::Null), "`null` is written in lower case"),
            "none" | "nil" | "undefined" => (Some(Tag::Null), "JSON says `null`"),
            "nan" | "infinity" => (Some(Tag::Null), "JSON has no such number"),
            _ => (None, "text stands in double quotes"),
        };
        self.complain_with(self.at, end, "expected a value, found a bare word", help);
        self.silence(end);
        if tag.is_none() && self.open.is_empty() {
            return State::Done; // not a JSON text at all
        }
        self.push(self.at, end, tag.unwrap_or(Tag::Null) as u32);
        self.go_on(State::After)
    }

    /// A string in single quotes, which ends with its line at the latest.
    pub(super) fn single_quoted(&mut self) {
        let start = self.at;
        let inside = self.tree.text.get(start + 1..).unwrap_or("");
        let length = inside
            .find(['\'', '\n'])
            .map_or(inside.len(), |end| end + usize::from(self.bytes.get(start + 1 + end) == Some(&b'\'')));
        let end = start + 1 + length;
        self.complain_with(start, end, "this string stands in single quotes", "JSON strings stand in double quotes");
        let name = self.in_object() == Some(true) && self.last_byte() != Some(b':');
        if name {
            self.push_name(start, end, BARE);
        } else {
            self.push(start, end, Tag::String as u32 | BARE);
        }
    }

    fn last_byte(&self) -> Option<u8> {
        self.last_end().checked_sub(1).and_then(|last| self.bytes.get(last)).copied()
    }

    /// Whether a line began here that is none of JSON's, as a whole; the parser is behind it.
    pub(super) fn stray_line(&mut self) -> bool {
        let rest = self.tree.text.get(self.at..).unwrap_or("");
        let line = rest.split('\n').next().unwrap_or("");
        let (message, help) = if line.starts_with('#') {
            ("this is no comment of JSON", "a comment begins with `//`")
        } else if ["<<<<<<<", "=======", ">>>>>>>", "|||||||"].iter().any(|mark| line.starts_with(mark)) {
            ("this is the mark of a merge conflict", "decide for one of the two sides, and remove the three marks")
        } else {
            return false;
        };
        let end = self.at + line.len();
        self.complain_with(self.at, self.at + line.trim_end().len(), message, help);
        self.at = end;
        true
    }

    /// Whether a string may end before this byte: something follows that can follow a string.
    pub(super) fn may_end_string(&self, at: usize) -> bool {
        let next = self.bytes.get(scan::blank(self.bytes, at));
        matches!(next, None | Some(b',' | b':' | b'}' | b']' | b'"' | b'/'))
    }

    /// A string without a closing quote, cut off at the end of its line.
    #[cold]
    pub(super) fn unclosed_string(&mut self, start: usize, line_end: usize, flags: u32) -> (usize, u32) {
        let line = self.tree.text.get(start + 1..line_end).unwrap_or("").trim_end();
        let line = line.strip_suffix(',').unwrap_or(line);
        self.complain_with(start, start + 1, "this string is never closed", "close it with a double quote");
        self.quiet = self.quiet.max(line_end + 1);
        (start + 1 + line.len(), flags | BARE)
    }

    /// Behind a code unit that is half of a surrogate pair, and the other half if it is there.
    #[cold]
    pub(super) fn surrogate(&mut self, at: usize, unit: u32) -> usize {
        let rest = self.tree.text.get(at + 6..).filter(|rest| rest.starts_with("\\u"));
        let paired = unit < 0xdc00 && matches!(rest.and_then(text::code_unit), Some(0xdc00..0xe000));
        if paired {
            return at + 12;
        }
        let message = "this escape is half of a surrogate pair and stands for no character".to_owned();
        self.warn("json-surrogate", at, at + 6, message, "write the character itself, or both halves");
        at + 6
    }

    /// A backslash that begins no escape sequence; the text goes on behind it.
    #[cold]
    pub(super) fn bad_escape(&mut self, at: usize) -> usize {
        let unicode = self.bytes.get(at + 1) == Some(&b'u');
        let next = self.tree.text.get(at + 1..).and_then(|rest| rest.chars().next()).filter(|c| !c.is_control());
        let end = at + 1 + next.map_or(0, char::len_utf8);
        let help = if unicode { "four hexadecimal digits follow `\\u`" } else { "a backslash is written `\\\\`" };
        self.complain_with(at, end, "this is not an escape sequence of JSON", help);
        at + 1
    }
}
