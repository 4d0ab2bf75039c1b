//! Large texts of which only a part is kept.
//!
//! In: a file, and a [`Sieve`] that says which parts matter. Out: a text with [`Gaps`]. Must not know: what decides what
//! matters.
//!
//! A file is read in windows, so that what does not matter is never held. Everything after this module works on the text
//! that is kept, and on places in it; the gaps lead from there to lines, columns and bytes of the file. A gap is either of
//! whole lines or a part of one line, so that every line that is kept is one of the file.

use std::io;

use super::Position;

/// Decides what of a text is kept.
pub trait Sieve {
    /// Looks at a text from where it looked last. Answers how many bytes are done with, after it has said of all of them
    /// whether they are kept; less than all where it must see more first. `last`: there is no more.
    fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize;
}

/// A part of a text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    /// So many bytes.
    pub bytes: usize,
    /// Whether they are kept.
    pub keep: bool,
}

/// Bytes of a file that are not kept; all sums count the gaps before this one, too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Gap {
    /// The first byte behind it, in the text that is kept.
    at: u32,
    /// Bytes.
    bytes: u32,
    /// Lines, for gaps of whole lines.
    lines: u32,
    /// Characters, for gaps inside of lines.
    columns: u32,
}

/// Where parts of a file are not kept.
#[derive(Debug, Default)]
pub struct Gaps {
    gaps: Vec<Gap>,
}

impl Gaps {
    fn push(&mut self, at: usize, left_out: &str, lines: usize) {
        let size = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
        let (at, lines) = (size(at), size(lines));
        let columns = if lines == 0 { size(left_out.chars().count()) } else { 0 };
        let before = self.gaps.last().copied().unwrap_or_default();
        let gap = Gap {
            at,
            bytes: before.bytes.saturating_add(size(left_out.len())),
            lines: before.lines.saturating_add(lines),
            columns: before.columns.saturating_add(columns),
        };
        match self.gaps.last_mut() {
            Some(last) if last.at == at => *last = gap,
            Some(_) | None => self.gaps.push(gap),
        }
    }

    /// The sums of all gaps before a byte of the text that is kept.
    fn before(&self, offset: u32) -> Gap {
        let count = self.gaps.partition_point(|gap| gap.at <= offset);
        count.checked_sub(1).and_then(|at| self.gaps.get(at)).copied().unwrap_or_default()
    }

    /// Whether nothing is left out.
    pub fn is_empty(&self) -> bool {
        self.gaps.is_empty()
    }

    /// How many lines of the file are left out before a line that begins at this byte of the text that is kept.
    pub fn lines_before(&self, start: u32) -> u32 {
        self.before(start).lines
    }

    /// From a position in the text that is kept to the one in the file. `start` is where its line begins.
    #[must_use]
    pub fn in_file(&self, held: Position, start: u32) -> Position {
        let before = self.before(held.offset);
        let earlier = start.checked_sub(1).map_or(0, |end| self.before(end).columns);
        Position {
            line: held.line.saturating_add(before.lines),
            column: held.column.saturating_add(before.columns.saturating_sub(earlier)),
            offset: held.offset.saturating_add(before.bytes),
        }
    }
}

/// How many line feeds there are; in blocks of a size that is counted in one byte each.
fn line_feeds(text: &str) -> usize {
    let in_block = |block: &[u8]| block.iter().map(|byte| u8::from(*byte == b'\n')).sum::<u8>();
    text.as_bytes().chunks(192).map(|block| usize::from(in_block(block))).sum()
}

/// The parts of a file that are kept.
#[derive(Debug, Default)]
pub(super) struct Sifted {
    pub(super) text: String,
    pub(super) gaps: Gaps,
}

/// A window is this large, unless the sieve must see more at once.
const WINDOW: usize = 256 * 1024;

/// Reads a file through a sieve; `None` where its bytes are no UTF-8, so that it is to be read in the ordinary way.
pub(super) fn sift(mut from: impl io::Read, sieve: &mut dyn Sieve) -> io::Result<Option<Sifted>> {
    let mut sifted = Sifted::default();
    let mut window = vec![0; WINDOW];
    let (mut filled, mut last) = (0, false);
    let mut parts = Vec::new();
    let mut whole_lines = true;
    loop {
        while filled < window.len() && !last {
            let read = from.read(window.get_mut(filled..).unwrap_or_default())?;
            filled += read;
            last = read == 0;
        }
        let Some(text) = valid(window.get(..filled).unwrap_or_default(), last) else { return Ok(None) };
        parts.clear();
        let done = sieve.sift(text, last, &mut parts);
        let mut at = 0;
        for part in &parts {
            let piece = text.get(at..at + part.bytes).unwrap_or_default();
            at += part.bytes;
            let lines = if part.keep { 0 } else { line_feeds(piece) };
            if part.keep || (lines > 0 && !(whole_lines && piece.ends_with('\n'))) {
                sifted.text.push_str(piece);
            } else {
                sifted.gaps.push(sifted.text.len(), piece, lines);
            }
            whole_lines = if piece.is_empty() { whole_lines } else { piece.ends_with('\n') };
        }
        if last && done == 0 {
            sifted.text.push_str(text);
            return Ok(Some(sifted));
        }
        window.copy_within(done..filled, 0);
        filled -= done;
        if done == 0 {
            window.resize(window.len() * 2, 0);
        }
    }
}

/// The characters at the beginning of some bytes; one that is cut off is left for later, unless these are the last.
fn valid(bytes: &[u8], last: bool) -> Option<&str> {
    match std::str::from_utf8(bytes) {
        Ok(text) => Some(text),
        Err(error) if last || error.error_len().is_some() => None,
        Err(error) => std::str::from_utf8(bytes.get(..error.valid_up_to())?).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;

    /// Leaves out lines that begin with a dash, and what stands between `<` and `>`. `slow`: asks for all of the text.
    struct Marked {
        slow: bool,
    }

    impl Sieve for Marked {
        fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize {
            let end = text.rfind('\n').map_or(0, |at| at + 1);
            let end = if last {
                text.len()
            } else if self.slow {
                0
            } else {
                end
            };
            for line in text[..end].split_inclusive('\n') {
                let mut rest = line;
                if line.starts_with('-') {
                    parts.push(Part { bytes: line.len(), keep: false });
                    continue;
                }
                while let Some((before, after)) = rest.split_once('<') {
                    let length = after.find('>').map_or(after.len(), |at| at + 2);
                    parts.push(Part { bytes: before.len(), keep: true });
                    parts.push(Part { bytes: length, keep: false });
                    rest = &rest[before.len() + length..];
                }
                parts.push(Part { bytes: rest.len(), keep: true });
            }
            end
        }
    }

    fn sifted(text: &str, slow: bool) -> (Sources, String) {
        let sifted = sift(text.as_bytes(), &mut Marked { slow }).unwrap().unwrap();
        let mut sources = Sources::new();
        let file = sources.add_parts("a".to_owned(), sifted.text, sifted.gaps);
        let held = sources.get(file).text().to_owned();
        (sources, held)
    }

    #[test]
    fn places_are_those_of_the_file() {
        let text = "-0\na <é\u{1f600}>b\n-c\n-d\ne<f> <>g\n<h>i<j>k<l>\n-m\nn<o>";
        for slow in [false, true] {
            let (sources, held) = sifted(text, slow);
            assert_eq!(held, "a b\ne g\nik\nn");
            let mut file = Sources::new();
            let id = file.add("a", text);
            let mut from = 0;
            for (offset, c) in held.char_indices().filter(|(_, c)| c.is_alphabetic()) {
                let there = from + text[from..].find(c).unwrap();
                from = there;
                let (a, b) = (u32::try_from(offset).unwrap(), u32::try_from(there).unwrap());
                assert_eq!(sources.position(id, a), file.position(id, b), "{c}");
            }
        }
    }

    #[test]
    fn windows_do_not_show() {
        let line = "x<left out>é <\u{1f600}>y\n";
        let text = line.repeat(2 * WINDOW / line.len() + 10);
        let (sources, held) = sifted(&text, false);
        assert_eq!(held, "xé y\n".repeat(2 * WINDOW / line.len() + 10));
        let (same, again) = sifted(&text, true);
        assert_eq!(held, again);
        let end = u32::try_from(held.len()).unwrap();
        let file = sources.iter().next().unwrap().0;
        assert_eq!(sources.position(file, end), same.position(file, end));
        assert_eq!(sources.position(file, end).offset as usize, text.len());
    }

    #[test]
    fn what_is_no_text_is_left_to_others() {
        assert!(sift(&b"a\xff"[..], &mut Marked { slow: false }).unwrap().is_none());
        assert!(sift(&b"a\xe2\x82"[..], &mut Marked { slow: false }).unwrap().is_none());
    }
}
