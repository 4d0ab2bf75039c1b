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

/// One line of so many is remembered; the others are counted from there.
const STRIDE: u32 = 16;
/// A line of so many bytes is remembered, and so is the one after it: nothing is counted in it.
const LONG: u32 = 1_024;

/// A line, by its number from 0 and its first byte.
#[derive(Clone, Copy, Debug, Default)]
struct Line {
    number: u32,
    start: u32,
}

/// Where lines begin.
#[derive(Debug)]
pub struct LineIndex {
    /// The lines that are remembered, the first one always.
    known: Vec<Line>,
    count: u32,
}

impl LineIndex {
    /// Scans a text once. A line ends with `\n`; a `\r` before it belongs to the line.
    pub fn new(text: &str) -> Self {
        let mut known = vec![Line::default()];
        let mut last = Line::default();
        let mut line = Line::default();
        for (feed, _) in text.match_indices('\n') {
            let start = u32::try_from(feed + 1).unwrap_or(u32::MAX);
            let next = Line { number: line.number + 1, start };
            if next.start - line.start >= LONG {
                if last.start != line.start {
                    known.push(line);
                }
                known.push(next);
                last = next;
            } else if next.number - last.number >= STRIDE {
                known.push(next);
                last = next;
            }
            line = next;
        }
        // The last line may be a long one, too.
        if last.start != line.start {
            known.push(line);
        }
        Self { known, count: line.number + 1 }
    }

    /// How many lines there are (a text has at least one).
    pub fn count(&self) -> u32 {
        self.count
    }

    /// The last line that is remembered of those that meet a condition, which the first ones meet, and the one after it.
    fn near(&self, meets: impl Fn(&Line) -> bool) -> (Line, Option<Line>) {
        let next = self.known.partition_point(meets);
        let line = next.checked_sub(1).and_then(|at| self.known.get(at));
        (line.copied().unwrap_or_default(), self.known.get(next).copied())
    }

    /// The line of a byte, from 0.
    pub fn line_of(&self, text: &str, offset: u32) -> u32 {
        let (line, next) = self.near(|line| line.start <= offset);
        if next.map_or(self.count, |next| next.number) == line.number + 1 {
            return line.number;
        }
        let passed = text.as_bytes().get(line.start as usize..offset as usize).unwrap_or_default();
        line.number + passed.iter().map(|byte| u32::from(*byte == b'\n')).sum::<u32>()
    }

    /// First byte of a line (from 0), and one past its last byte, its line feed excluded.
    pub fn range(&self, text: &str, number: u32) -> (u32, u32) {
        let (line, next) = self.near(|line| line.number <= number);
        let mut start = line.start as usize;
        let feed = |from: usize| text.get(from..).and_then(|rest| rest.find('\n')).map(|at| from + at);
        for _ in line.number..number {
            start = feed(start).map_or(text.len(), |feed| feed + 1);
        }
        let end = match next.filter(|next| next.number == number + 1) {
            Some(next) => next.start as usize - 1,
            None if number + 1 >= self.count => text.len(),
            None => feed(start).unwrap_or(text.len()),
        };
        (u32::try_from(start).unwrap_or(u32::MAX), u32::try_from(end).unwrap_or(u32::MAX))
    }

    /// Line and column of a byte.
    pub fn position(&self, text: &str, offset: u32) -> Position {
        let offset = offset.min(u32::try_from(text.len()).unwrap_or(u32::MAX));
        let line = self.line_of(text, offset);
        let (start, _) = self.range(text, line);
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

    #[test]
    fn every_line_is_where_it_is() {
        let short: String = (0..50).map(|line| "x".repeat(line % 7) + "\n").collect();
        let long = "x".repeat(LONG as usize);
        let mixed = format!("{short}{long}\n{short}\n{long}\n{long}\n{short}{long}");
        for text in [short.as_str(), short.trim_end(), &long, &mixed, "", "\n", "a"] {
            let lines = LineIndex::new(text);
            let mut offset = 0;
            for (number, line) in (0..).zip(text.split('\n')) {
                let end = offset + u32::try_from(line.len()).unwrap();
                assert_eq!(lines.range(text, number), (offset, end), "{number}");
                assert!((offset..=end).all(|at| lines.line_of(text, at) == number), "{number}");
                assert_eq!(lines.position(text, end).column - 1, end - offset, "{number}");
                offset = end + 1;
            }
            assert_eq!(lines.count() as usize, text.split('\n').count());
        }
    }
}
