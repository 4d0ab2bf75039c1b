//! Lines and columns of many offsets at once.
//!
//! In: the offsets that a report will name. Out: [`Positions`]. Must not know: what is there.
//!
//! A plan is one line of many megabytes; counting its columns from the left for every label would cost seconds. Here
//! each file is counted through once, from one offset to the next.

use std::collections::BTreeMap;

use crate::source::{FileId, Position, Source, Sources, Span};

use super::{Report, redact::floor};

/// What columns count.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// Unicode scalar values.
    #[default]
    Characters,
    /// Code units of UTF-16.
    Utf16,
}

impl Unit {
    fn count(self, text: &str) -> u32 {
        let count = match self {
            _ if text.is_ascii() => text.len(),
            Self::Characters => text.chars().count(),
            Self::Utf16 => text.chars().map(char::len_utf16).sum(),
        };
        u32::try_from(count).unwrap_or(u32::MAX)
    }
}

/// Positions that are known beforehand; any other is computed when it is asked for.
#[derive(Debug)]
pub struct Positions<'a> {
    sources: &'a Sources,
    unit: Unit,
    /// By their offsets in the text, which are not those in the file where the text is a part of it.
    known: BTreeMap<FileId, Vec<(u32, Position)>>,
}

impl<'a> Positions<'a> {
    /// The positions of all spans of a report.
    pub fn of(report: &Report<'a>) -> Self {
        Self::counting(report, Unit::Characters)
    }

    /// The same, the columns in a unit.
    pub fn counting(report: &Report<'a>, unit: Unit) -> Self {
        let findings =
            report.findings.iter().flat_map(|f| std::iter::once(f.location).chain(f.evidence.iter().map(|e| e.span)));
        let problems = report.problems.iter().flat_map(|p| p.labels.iter().map(|l| l.span));
        let suppressed = report.suppressed.iter().flat_map(|s| std::iter::once(s.finding.location).chain(s.at));
        Self::of_spans(report.sources, findings.chain(problems).chain(suppressed), unit)
    }

    /// The positions of the ends of some spans.
    pub fn new(sources: &'a Sources, spans: impl Iterator<Item = Span>) -> Self {
        Self::of_spans(sources, spans, Unit::Characters)
    }

    fn of_spans(sources: &'a Sources, spans: impl Iterator<Item = Span>, unit: Unit) -> Self {
        let mut offsets: BTreeMap<FileId, Vec<u32>> = BTreeMap::new();
        for span in spans {
            offsets.entry(span.file).or_default().extend([span.start, span.end]);
        }
        let counted = |(file, offsets)| (file, count(sources.get(file), offsets, unit));
        let known = offsets.into_iter().map(counted).collect();
        Self { sources, unit, known }
    }

    /// Line and column of an offset; one beyond the end is the end.
    pub fn at(&self, file: FileId, offset: u32) -> Position {
        let source = self.sources.get(file);
        let offset = floor_u32(source.text(), offset);
        let known = self.known.get(&file).map_or(&[][..], Vec::as_slice);
        match known.binary_search_by_key(&offset, |(offset, _)| *offset) {
            Ok(at) => known.get(at).map(|(_, position)| *position),
            Err(_) => None,
        }
        .or_else(|| count(source, vec![offset], self.unit).first().map(|(_, position)| *position))
        .unwrap_or_else(|| self.sources.position(file, offset))
    }

    /// `path:line:column` of the start of a span.
    pub fn name(&self, span: Span) -> String {
        let start = self.at(span.file, span.start);
        format!("{}:{}:{}", self.sources.get(span.file).path(), start.line, start.column)
    }
}

fn floor_u32(text: &str, offset: u32) -> u32 {
    u32::try_from(floor(text, offset as usize)).unwrap_or(u32::MAX)
}

fn count(source: &Source, mut offsets: Vec<u32>, unit: Unit) -> Vec<(u32, Position)> {
    let (text, lines) = (source.text(), source.lines());
    for offset in &mut offsets {
        *offset = floor_u32(text, *offset);
    }
    offsets.sort_unstable();
    offsets.dedup();
    let mut counted: Vec<Position> = Vec::with_capacity(offsets.len());
    for offset in offsets {
        let line = lines.line_of(text, offset) + 1;
        // From the place before on the same line, or from its start.
        let (from, column) = match counted.last() {
            Some(last) if last.line == line => (last.offset, last.column),
            Some(_) | None => (lines.range(text, line - 1).0, 1),
        };
        let between = text.get(from as usize..offset as usize).unwrap_or("");
        // The byte-order mark has no column.
        let mark = u32::from(from == 0 && between.starts_with('\u{feff}'));
        let column = column.saturating_add(unit.count(between).saturating_sub(mark));
        counted.push(Position { line, column, offset });
    }
    counted.into_iter().map(|position| (position.offset, source.in_file(position))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counting_once_agrees_with_counting_each_time() {
        let mut sources = Sources::new();
        let text = "\u{feff}{\"é\": 1,\r\n\t\"ü\": \"日本\"}\n";
        let file = sources.add("a.json", text);
        let every: Vec<Span> = (0..=40).map(|at| Span::new(file, at, at + 1)).collect();
        let positions = Positions::new(&sources, every.iter().copied());
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let offset = u32::try_from(offset).unwrap();
            assert_eq!(positions.at(file, offset), sources.position(file, offset), "at {offset}");
        }
        assert_eq!(positions.at(file, 9_999).line, 3);
    }

    #[test]
    fn columns_may_be_those_of_utf_16() {
        let mut sources = Sources::new();
        let text = "\u{feff}{\"\u{1f40b}é\": 1,\n\"\u{1f40b}\": 2}";
        let file = sources.add("a.json", text);
        let every: Vec<Span> =
            text.char_indices().map(|(at, _)| Span::new(file, u32::try_from(at).unwrap(), 0)).collect();
        let counted = Positions::of_spans(&sources, every.iter().copied(), Unit::Utf16);
        let asked = Positions::of_spans(&sources, std::iter::empty(), Unit::Utf16);
        for (number, wanted) in [("1", (1, 9)), ("2", (2, 7))] {
            let at = u32::try_from(text.find(number).unwrap()).unwrap();
            for positions in [&counted, &asked] {
                let found = positions.at(file, at);
                assert_eq!((found.line, found.column), wanted);
            }
        }
    }
}
