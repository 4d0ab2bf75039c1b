//! Byte offsets to lines and columns.
//!
//! In: a text. Out: [`LineIndex`]. Must not know: which file the text came from.

/// A place that a person can find: both numbers count from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in Unicode scalar values, from 1.
    pub column: u32,
    /// Byte of the decoded UTF-8 text, from 0.
    pub offset: u32,
}

/// The first byte of every line.
#[derive(Debug)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Scans a text once. A line ends with `\n`; a `\r` before it belongs to the line.
    pub fn new(text: &str) -> Self {
        let mut starts = vec![0];
        let mut next = 0_usize;
        for line in text.as_bytes().split_inclusive(|&byte| byte == b'\n') {
            next += line.len();
            if line.ends_with(b"\n") {
                starts.push(u32::try_from(next).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// How many lines there are (a text has at least one).
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The line of a byte, from 0.
    pub fn line_of(&self, offset: u32) -> u32 {
        let after = self.starts.partition_point(|&start| start <= offset);
        u32::try_from(after.saturating_sub(1)).unwrap_or(u32::MAX)
    }

    /// First byte of a line (from 0), and one past its last byte, its line feed excluded.
    pub fn range(&self, text: &str, line: u32) -> (u32, u32) {
        let line = line as usize;
        let start = self.starts.get(line).copied().unwrap_or(0);
        let end = self.starts.get(line + 1).map_or(text.len(), |&next| next as usize - 1);
        (start, u32::try_from(end).unwrap_or(u32::MAX))
    }

    /// Line and column of a byte.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let line = self.line_of(offset);
        let start = self.starts.get(line as usize).copied().unwrap_or(0);
        let before = text.get(start as usize..offset as usize).unwrap_or("");
        let mark = u32::from(start == 0 && before.starts_with('\u{feff}'));
        let column = u32::try_from(before.chars().count()).unwrap_or(u32::MAX) - mark + 1;
        Position { line: line + 1, column, offset }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let text = "\u{feff}{\n  \"é\": 1\r\n}";
        let lines = LineIndex::new(text);
        let at = |needle: &str| {
            let p = lines.position(text, u32::try_from(text.find(needle).unwrap_or(0)).unwrap_or(0));
            (p.line, p.column)
        };
        assert_eq!(at("{"), (1, 1));
        assert_eq!(at("1"), (2, 8));
        assert_eq!(at("}"), (3, 1));
    }
}
