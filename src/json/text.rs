//! A decoded string that knows where each of its characters is written.
//!
//! In: what stands between two quotes. Out: [`Text`]. Must not know: what the string says.

use std::borrow::Cow;
use std::ops::Range;

use crate::source::Span;

/// A decoded string, with the way back to its places.
#[derive(Clone, Debug)]
pub struct Text<'t> {
    decoded: Cow<'t, str>,
    /// The string with its quotes.
    whole: Span,
    /// Byte of the file at which the content begins.
    start: u32,
    /// In order; empty when the string is written as it reads.
    escapes: Vec<Escape>,
}

/// An escape sequence: a range of the decoded string, and the bytes that stand for it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Escape {
    /// Bytes of the decoded string.
    decoded: Range<usize>,
    /// Bytes from the beginning of the content.
    written: Range<usize>,
}

impl<'t> Text<'t> {
    pub(super) fn new(content: &'t str, escaped: bool, whole: Span, start: u32) -> Self {
        if !escaped {
            return Self { decoded: Cow::Borrowed(content), whole, start, escapes: Vec::new() };
        }
        let mut escapes = Vec::new();
        let decoded = decode_with(content, |escape| escapes.push(escape));
        Self { decoded: Cow::Owned(decoded), whole, start, escapes }
    }

    /// The decoded string.
    pub fn as_str(&self) -> &str {
        &self.decoded
    }

    /// The decoded string, borrowed from the text where it can be.
    pub fn into_str(self) -> Cow<'t, str> {
        self.decoded
    }

    /// The place of the string, quotes included.
    pub fn whole(&self) -> Span {
        self.whole
    }

    /// The place of a range of bytes of the decoded string.
    ///
    /// A range that begins or ends inside an escape sequence takes all of the sequence; one that reaches past the
    /// end of the string stops there.
    pub fn span(&self, range: Range<usize>) -> Span {
        let start = range.start.min(self.decoded.len());
        let end = range.end.clamp(start, self.decoded.len());
        let from = self.begin(start);
        let to = if start == end { from } else { self.end(end) };
        let place = |offset: usize| self.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        Span::new(self.whole.file, place(from), place(to))
    }

    /// Where the character that begins at a decoded byte is written.
    fn begin(&self, at: usize) -> usize {
        let after = self.escapes.partition_point(|escape| escape.decoded.start <= at);
        match after.checked_sub(1).and_then(|last| self.escapes.get(last)) {
            None => at,
            Some(escape) if at < escape.decoded.end => escape.written.start,
            Some(escape) => behind(escape, at),
        }
    }

    /// Where the character that ends before a decoded byte stops.
    fn end(&self, at: usize) -> usize {
        let after = self.escapes.partition_point(|escape| escape.decoded.start < at);
        match after.checked_sub(1).and_then(|last| self.escapes.get(last)) {
            None => at,
            Some(escape) if at <= escape.decoded.end => escape.written.end,
            Some(escape) => behind(escape, at),
        }
    }
}

fn behind(escape: &Escape, at: usize) -> usize {
    escape.written.end.saturating_add(at.saturating_sub(escape.decoded.end))
}

/// The string behind what is written between two quotes.
pub(super) fn decode(content: &str) -> Cow<'_, str> {
    if content.contains('\\') { Cow::Owned(decode_with(content, |_| ())) } else { Cow::Borrowed(content) }
}

fn decode_with(content: &str, mut seen: impl FnMut(Escape)) -> String {
    let mut decoded = String::with_capacity(content.len());
    let mut rest = content;
    while let Some(at) = rest.find('\\') {
        let (plain, escape) = rest.split_at(at);
        decoded.push_str(plain);
        let (character, length) = unescape(escape);
        let Some(character) = character else {
            // Not an escape sequence, which the parser has said: the text stays as it is.
            let (kept, after) = escape.split_at(length);
            decoded.push_str(kept);
            rest = after;
            continue;
        };
        let start = decoded.len();
        decoded.push(character);
        let written = content.len().saturating_sub(escape.len());
        seen(Escape { decoded: start..decoded.len(), written: written..written.saturating_add(length) });
        rest = escape.split_at(length).1;
    }
    decoded.push_str(rest);
    decoded
}

/// What a text that begins with a backslash stands for, and how many bytes of it are used up.
///
/// Half of a surrogate pair is U+FFFD. A backslash that begins no escape sequence stands for nothing.
fn unescape(text: &str) -> (Option<char>, usize) {
    let mut characters = text.chars().skip(1);
    let plain = match characters.next() {
        Some(c @ ('"' | '\\' | '/')) => c,
        Some('b') => '\u{8}',
        Some('f') => '\u{c}',
        Some('n') => '\n',
        Some('r') => '\r',
        Some('t') => '\t',
        Some('u') => return unescape_unicode(text),
        Some(_) | None => return (None, 1),
    };
    (Some(plain), 2)
}

fn unescape_unicode(text: &str) -> (Option<char>, usize) {
    let Some(first) = code_unit(text) else { return (None, 1) };
    if let Some(character) = char::from_u32(first) {
        return (Some(character), 6);
    }
    let second = text.get(6..).filter(|rest| rest.starts_with("\\u")).and_then(code_unit);
    if let Some(second) = second
        && let Some(Ok(character)) =
            char::decode_utf16([first, second].map(|unit| u16::try_from(unit).unwrap_or(0))).next()
    {
        return (Some(character), 12);
    }
    (Some(char::REPLACEMENT_CHARACTER), 6)
}

/// The four hexadecimal digits behind `\u`.
pub(super) fn code_unit(text: &str) -> Option<u32> {
    let digits = text.get(2..6)?;
    digits.bytes().all(|b| b.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, 16).ok())?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    fn text(content: &str) -> Text<'_> {
        let end = u32::try_from(content.len()).unwrap() + 12;
        Text::new(content, content.contains('\\'), Span::new(FileId(0), 10, end), 11)
    }

    /// The bytes of the content that a range of the decoded string covers.
    fn written(content: &str, range: Range<usize>) -> &str {
        let span = text(content).span(range);
        &content[span.start as usize - 11..span.end as usize - 11]
    }

    #[test]
    fn without_escapes_a_place_is_a_sum() {
        assert_eq!(text("[concat('é')]").span(1..7), Span::new(FileId(0), 12, 18));
        assert!(text("[concat('é')]").escapes.is_empty());
    }

    #[test]
    fn decodes_every_escape() {
        assert_eq!(text(r#"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"#).as_str(), "\"\\/\u{8}\u{c}\n\r\tAé😀");
    }

    #[test]
    fn half_a_surrogate_pair_is_a_replacement_character() {
        assert_eq!(text(r"a\ud83dz").as_str(), "a\u{fffd}z");
        assert_eq!(text(r"\ude00").as_str(), "\u{fffd}");
        assert_eq!(text(r"\ud83d\u0041").as_str(), "\u{fffd}A");
        assert_eq!(text(r"\ud83d\ud83d\ude00").as_str(), "\u{fffd}😀");
    }

    #[test]
    fn what_is_no_escape_stays() {
        assert_eq!(text(r"C:\dev\u12\").as_str(), r"C:\dev\u12\");
        assert_eq!(text("\\é\\u00é0").as_str(), "\\é\\u00é0");
    }

    #[test]
    fn places_step_over_escapes() {
        let content = r"a\nb\u00e9c";
        assert_eq!(text(content).as_str(), "a\nbéc");
        assert_eq!(written(content, 0..1), "a");
        assert_eq!(written(content, 1..2), r"\n");
        assert_eq!(written(content, 2..3), "b");
        assert_eq!(written(content, 2..5), r"b\u00e9");
        assert_eq!(written(content, 3..5), r"\u00e9");
        assert_eq!(written(content, 4..5), r"\u00e9", "a range inside an escape takes all of it");
        assert_eq!(written(content, 5..6), "c");
        assert_eq!(written(content, 0..6), content);
        assert_eq!(written(content, 3..3), "");
        assert_eq!(written(content, 5..99), "c");
        assert_eq!(written(content, 99..100), "");
    }

    #[test]
    #[allow(clippy::reversed_empty_ranges, reason = "what a careless caller may hand over")]
    fn a_reversed_range_is_empty() {
        assert_eq!(written(r"a\nb", 2..1), "");
    }
}
