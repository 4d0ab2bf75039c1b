//! Text with coordinates.
//!
//! In: paths and bytes. Out: [`Sources`], the only owner of text, and [`FileId`], the only handle to it.
//! Must not know: what the text means.

pub mod discover;
pub mod lines;
pub mod sift;
pub mod span;

use std::sync::OnceLock;

pub use lines::{LineIndex, Position};
use sift::Gaps;
pub use span::{FileId, Span};

/// One text.
#[derive(Debug)]
pub struct Source {
    path: String,
    text: String,
    gaps: Gaps,
    lines: OnceLock<LineIndex>,
}

impl Source {
    /// The path as the user may type it, with forward slashes; `<stdin>` for standard input.
    pub fn path(&self) -> &str {
        &self.path
    }

    /// The decoded text, a byte-order mark of UTF-8 included; of a large file, the parts of it that matter. Spans are
    /// places in it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The line table of the text, built on first use.
    pub fn lines(&self) -> &LineIndex {
        self.lines.get_or_init(|| LineIndex::new(&self.text))
    }

    /// The number in the file of a line of the text; both count from 0.
    pub fn line_in_file(&self, line: u32) -> u32 {
        let (start, _) = self.lines().range(&self.text, line);
        line.saturating_add(self.gaps.lines_before(start))
    }

    /// The position in the file of a position in the text.
    #[must_use]
    pub fn in_file(&self, position: Position) -> Position {
        if self.gaps.is_empty() {
            return position;
        }
        let (start, _) = self.lines().range(&self.text, position.line.saturating_sub(1));
        self.gaps.in_file(position, start)
    }
}

/// Every text of one run.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
}

impl Sources {
    /// No text yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes a text over and gives it a name.
    pub fn add(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        self.add_parts(path.into(), text.into(), Gaps::default())
    }

    fn add_parts(&mut self, path: String, text: String, gaps: Gaps) -> FileId {
        let id = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX));
        self.files.push(Source { path, text, gaps, lines: OnceLock::new() });
        id
    }

    /// The text behind a handle.
    ///
    /// A handle of another `Sources` answers with an empty text rather than a panic.
    pub fn get(&self, file: FileId) -> &Source {
        static NOWHERE: OnceLock<Source> = OnceLock::new();
        self.files.get(file.0 as usize).unwrap_or_else(|| {
            NOWHERE.get_or_init(|| Source {
                path: String::new(),
                text: String::new(),
                gaps: Gaps::default(),
                lines: OnceLock::new(),
            })
        })
    }

    /// The text under a span; empty when the span does not lie on character boundaries of its file.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// Where a byte of a text is in its file.
    pub fn position(&self, file: FileId, offset: u32) -> Position {
        let source = self.get(file);
        source.in_file(source.lines().position(&source.text, offset))
    }

    /// All files, in the order in which they were added.
    pub fn iter(&self) -> impl Iterator<Item = (FileId, &Source)> {
        self.files.iter().enumerate().map(|(i, s)| (FileId(u32::try_from(i).unwrap_or(u32::MAX)), s))
    }
}
