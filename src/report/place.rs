//! Lines and columns of many offsets at once.
//!
//! In: the offsets that a report will name. Out: [`Positions`]. Must not know: what is there.
//!
//! A plan is one line of many megabytes; counting its columns from the left for every label would cost seconds. Here
//! each file is counted through once, from one offset to the next.

use std::collections::BTreeMap;

use crate::source::{FileId, Position, Source, Sources, Span};

use super::{Report, redact::floor};

/// Positions that are known beforehand; any other is computed when it is asked for.
#[derive(Debug)]
pub struct Positions<'a> {
    sources: &'a Sources,
    /// By their offsets in the text, which are not those in the file where the text is a part of it.
    known: BTreeMap<FileId, Vec<(u32, Position)>>,
}

impl<'a> Positions<'a> {
    /// The positions of all spans of a report.
    pub fn of(report: &Report<'a>) -> Self {
        let findings =
            report.findings.iter().flat_map(|f| std::iter::once(f.location).chain(f.evidence.iter().map(|e| e.span)));
        let problems = report.problems.iter().flat_map(|p| p.labels.iter().map(|l| l.span));
        let suppressed = report.suppressed.iter().flat_map(|s| std::iter::once(s.finding.location).chain(s.at));
        Self::new(report.sources, findings.chain(problems).chain(suppressed))
    }

    /// The positions of the ends of some spans.
    pub fn new(sources: &'a Sources, spans: impl Iterator<Item = Span>) -> Self {
        let mut offsets: BTreeMap<FileId, Vec<u32>> = BTreeMap::new();
        for span in spans {
            offsets.entry(span.file).or_default().extend([span.start, span.end]);
        }
        let known = offsets.into_iter().map(|(file, offsets)| (file, count(sources.get(file), offsets))).collect();
        Self { sources, known }
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

fn count(source: &Source, mut offsets: Vec<u32>) -> Vec<(u32, Position)> {
    let (text, lines) = (source.text(), source.lines());
    for offset in &mut offsets {
        *offset = floor_u32(text, *offset);
    }
    offsets.sort_unstable();
    offsets.dedup();
    let mut counted: Vec<Position> = Vec::with_capacity(offsets.len());
    for offset in offsets {
        let line = lines.line_of(offset) + 1;
        let position = match counted.last() {
            Some(last) if last.line == line => {
                let between = text.get(last.offset as usize..offset as usize).unwrap_or("");
                // The byte-order mark has no column.
                let mark = usize::from(last.offset == 0 && between.starts_with('\u{feff}'));
                let columns = u32::try_from(between.chars().count() - mark).unwrap_or(u32::MAX);
                Position { line, column: last.column.saturating_add(columns), offset }
            }
            Some(_) | None => lines.position(text, offset),
        };
        counted.push(position);
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
        let positions = Positions::new(&sources, every.into_iter());
        for (offset, _) in text.char_indices().chain([(text.len(), ' ')]) {
            let offset = u32::try_from(offset).unwrap();
            assert_eq!(positions.at(file, offset), sources.position(file, offset), "at {offset}");
        }
        assert_eq!(positions.at(file, 9_999).line, 3);
    }
}
