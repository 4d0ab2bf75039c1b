//! Lines of a text, and words of a line, with their places.
//!
//! In: a text. Out: [`Line`]s and [`Word`]s. Must not know: what they mean.

use crate::source::{FileId, Span};

/// A line without its line feed.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'t> {
    file: FileId,
    start: usize,
    /// Its text.
    pub(super) text: &'t str,
}

/// A word of a line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Word<'t> {
    /// Its text.
    pub(super) text: &'t str,
    /// Where it is.
    pub(super) at: Span,
}

/// The lines of a text; a byte-order mark belongs to none.
pub(super) fn lines(file: FileId, text: &str) -> impl Iterator<Item = Line<'_>> {
    let mark = text.len() - text.trim_start_matches('\u{feff}').len();
    let mut start = mark;
    text.get(mark..).unwrap_or_default().split_inclusive('\n').map(move |line| {
        let here = start;
        start += line.len();
        Line { file, start: here, text: line.trim_end_matches(['\n', '\r']) }
    })
}

impl<'t> Line<'t> {
    /// The line up to a comment.
    pub(super) fn before(self, comments: &[char]) -> Self {
        let text = self.text.split(comments).next().unwrap_or_default();
        Self { text, ..self }
    }

    /// The line up to a mark.
    pub(super) fn until(self, mark: &str) -> Self {
        Self { text: self.text.split(mark).next().unwrap_or_default(), ..self }
    }

    /// Whether nothing stands in it.
    pub(super) fn is_blank(self) -> bool {
        self.text.trim().is_empty()
    }

    /// The pieces between separators, empty ones left out.
    pub(super) fn words(self, separates: fn(char) -> bool) -> impl Iterator<Item = Word<'t>> {
        self.text.split(separates).filter(|text| !text.is_empty()).map(move |text| self.word(text))
    }

    /// A part of the line with its place; the whole line for text of elsewhere.
    pub(super) fn word(self, part: &'t str) -> Word<'t> {
        let offset = (part.as_ptr() as usize).wrapping_sub(self.text.as_ptr() as usize);
        let (offset, part) = if offset <= self.text.len() { (offset, part) } else { (0, self.text) };
        let place = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let start = self.start + offset;
        Word { text: part, at: Span::new(self.file, place(start), place(start + part.len())) }
    }
}
