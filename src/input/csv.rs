//! Comma-separated values, as exports write them (RFC 4180).
//!
//! In: a text. Out: [`Record`]s whose fields know their bytes. Must not know: what the columns are.

use std::borrow::Cow;

use crate::source::{FileId, Span};

/// One value, with its quotes as its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Field<'t> {
    /// The value, quotes undone.
    pub text: Cow<'t, str>,
    /// Where it is written.
    pub at: Span,
}

/// One line, or several where a quoted value has line feeds in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record<'t> {
    /// The values, in order.
    pub fields: Vec<Field<'t>>,
    /// The whole record.
    pub at: Span,
    /// False where the text ends inside of a quoted value.
    pub closed: bool,
}

/// The records of a text, in order; blank lines are none.
#[derive(Clone, Debug)]
pub struct Records<'t> {
    file: FileId,
    text: &'t str,
    at: usize,
}

/// Reads a text; a byte-order mark at its beginning belongs to no value.
pub fn records(file: FileId, text: &str) -> Records<'_> {
    let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    Records { file, text, at }
}

impl<'t> Records<'t> {
    fn byte(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn span(&self, start: usize, end: usize) -> Span {
        let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        Span::new(self.file, place(start), place(end))
    }

    /// Goes on to one of these, or to the end.
    fn skip_to(&mut self, wanted: &[u8]) {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        self.at += rest.iter().position(|byte| wanted.contains(byte)).unwrap_or(rest.len());
    }

    fn field(&mut self, closed: &mut bool) -> Field<'t> {
        let start = self.at;
        if self.byte() != Some(b'"') {
            self.skip_to(b",\r\n");
            let text = self.text.get(start..self.at).unwrap_or_default();
            return Field { text: Cow::Borrowed(text), at: self.span(start, self.at) };
        }
        self.at += 1;
        let mut doubled = false;
        let end = loop {
            self.skip_to(b"\"");
            let end = self.at;
            self.at = (self.at + 1).min(self.text.len());
            match self.byte() {
                Some(b'"') => {
                    doubled = true;
                    self.at += 1;
                }
                _ => break end,
            }
        };
        *closed &= end < self.text.len();
        let inner = self.text.get(start + 1..end).unwrap_or_default();
        let text = if doubled { Cow::Owned(inner.replace("\"\"", "\"")) } else { Cow::Borrowed(inner) };
        let at = self.span(start, self.at);
        // What follows a closing quote belongs to no value.
        self.skip_to(b",\r\n");
        Field { text, at }
    }
}

impl<'t> Iterator for Records<'t> {
    type Item = Record<'t>;

    fn next(&mut self) -> Option<Record<'t>> {
        while matches!(self.byte(), Some(b'\r' | b'\n')) {
            self.at += 1;
        }
        self.byte()?;
        let start = self.at;
        let (mut fields, mut closed) = (Vec::new(), true);
        loop {
            fields.push(self.field(&mut closed));
            if self.byte() != Some(b',') {
                break;
            }
            self.at += 1;
        }
        Some(Record { fields, at: self.span(start, self.at), closed })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Vec<Vec<String>> {
        let texts = |record: Record<'_>| record.fields.iter().map(|field| field.text.to_string()).collect();
        records(FileId(0), text).map(texts).collect()
    }

    #[test]
    fn values_are_quoted_or_not() {
        assert_eq!(read("\u{feff}a,b\r\n\r\n1,\"x, \"\"y\"\"\nz\"\n,"), [["a", "b"], ["1", "x, \"y\"\nz"], ["", ""]]);
        assert_eq!(read("\"a\" ,b"), [["a", "b"]]);
        assert_eq!(read(""), Vec::<Vec<String>>::new());
        assert_eq!(read("a,\"\""), [["a", ""]]);
    }

    #[test]
    fn every_value_knows_its_bytes() {
        let text = "\u{feff}é,\"b\"\n1,2";
        for record in records(FileId(0), text) {
            assert!(record.closed);
            for field in &record.fields {
                let written = &text[field.at.start as usize..field.at.end as usize];
                assert_eq!(written.trim_matches('"'), field.text);
            }
        }
    }

    #[test]
    fn a_value_that_is_cut_off_goes_to_the_end() {
        for text in ["a,\"b", "\"", "\"\"\"", "a\n\"x\"\""] {
            assert!(!records(FileId(0), text).last().unwrap().closed, "{text}");
        }
    }
}
