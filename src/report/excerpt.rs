//! Pieces of a text that a person can read, with the places to point at.
//!
//! In: spans with texts. Out: [`Excerpt`]s: whole lines of a file, or, where lines are too long to be read, the entries
//! around the place, each on a line of its own. Must not know: how an excerpt is drawn.
//!
//! Secrets are masked and control characters replaced here, character by character, so the labels stay under the text.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use crate::json::outline::{Member, Outline};
use crate::source::{FileId, Sources, Span};

use super::concise::show;
use super::concise::{squeeze, visible};
use super::redact::floor;
use super::{Positions, Redactions};

/// A line of more bytes is not shown as it stands.
const LONG: usize = 200;
/// Columns that the drawing needs beside the text.
const GUTTER: usize = 8;
/// An object or array of more bytes is shown as `{…}` among other entries.
const SHORT: usize = 68;
/// Marks this few lines apart share an excerpt.
const APART: u32 = 4;
/// Neighbors of an entry that are shown each side.
const BESIDE: usize = 2;

/// Something to point at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// Where.
    pub span: Span,
    /// What to say there; may be empty.
    pub text: String,
    /// It is the place to edit.
    pub primary: bool,
}

/// A text to be drawn, with its labels.
#[derive(Debug, Default)]
pub struct Excerpt {
    /// `path:line:column` of the first mark, the place to edit before others.
    pub name: String,
    /// Lines, each ended by a line feed.
    pub text: String,
    /// The number of its first line, from 0; nothing when the lines are not those of the file.
    pub first_line: Option<u32>,
    /// What to underline: bytes of `text`, never across lines.
    pub labels: Vec<(Range<usize>, Mark)>,
    /// For each character of the file that is shown: its byte there, and in `text`.
    shown: Vec<(usize, usize)>,
}

/// Makes excerpts of the texts of one run; several threads may ask at once.
#[derive(Debug)]
pub struct Cutter<'a> {
    sources: &'a Sources,
    positions: &'a Positions<'a>,
    redact: &'a Redactions,
    /// Longer lines are cut.
    room: usize,
    outlines: Mutex<BTreeMap<FileId, Outline>>,
}

impl<'a> Cutter<'a> {
    /// For these texts, and a terminal of so many columns.
    pub fn new(sources: &'a Sources, positions: &'a Positions<'a>, redact: &'a Redactions, width: usize) -> Self {
        let room = width.saturating_sub(GUTTER).clamp(40, LONG);
        Self { sources, positions, redact, room, outlines: Mutex::default() }
    }

    /// The excerpts that show all marks; the one with the place to edit comes first, the others by path and line.
    pub fn cut(&self, marks: &[Mark]) -> Vec<Excerpt> {
        let mut windows: Vec<(FileId, Range<u32>, Vec<Mark>)> = Vec::new();
        let mut reflowed: BTreeMap<(FileId, Option<usize>, u32), Vec<Mark>> = BTreeMap::new();
        let mut ordered = marks.to_vec();
        ordered.sort_by_key(|mark| (mark.span, !mark.primary));
        for mark in ordered {
            let (file, line) = (mark.span.file, self.line_of(mark.span));
            if self.line(file, line).len() > LONG {
                let open = self.container(mark.span);
                let line = if open.is_some() { 0 } else { line };
                reflowed.entry((file, open, line)).or_default().push(mark);
                continue;
            }
            match windows.last_mut() {
                Some((last, lines, marks)) if *last == file && line < lines.end + APART => {
                    lines.end = lines.end.max(line + 1);
                    marks.push(mark);
                }
                Some(_) | None => windows.push((file, line..line + 1, vec![mark])),
            }
        }
        let windows = windows.into_iter().map(|(file, lines, marks)| {
            let excerpt = self.window(file, lines, &marks);
            (marks, excerpt)
        });
        let reflowed = reflowed.into_iter().map(|((file, open, _), marks)| {
            let excerpt = open.and_then(|open| self.entries(file, open, &marks));
            (marks.clone(), excerpt.unwrap_or_else(|| self.cut_line(file, &marks)))
        });
        let mut excerpts: Vec<(Vec<Mark>, Excerpt)> = windows.chain(reflowed).collect();
        excerpts.sort_by_key(|(marks, _)| {
            let first = marks.first().map(|mark| mark.span);
            let path = first.map(|span| self.sources.get(span.file).path());
            (!marks.iter().any(|mark| mark.primary), path, first)
        });
        excerpts.into_iter().map(|(marks, excerpt)| self.labelled(excerpt, marks)).collect()
    }

    fn line_of(&self, span: Span) -> u32 {
        let source = self.sources.get(span.file);
        source.lines().line_of(source.text(), span.start)
    }

    /// The bytes of a line, its end excluded.
    fn line(&self, file: FileId, line: u32) -> Range<usize> {
        let source = self.sources.get(file);
        let (start, end) = source.lines().range(source.text(), line);
        let written = source.text().get(start as usize..end as usize).unwrap_or("");
        start as usize..end as usize - usize::from(written.ends_with('\r'))
    }

    fn container(&self, span: Span) -> Option<usize> {
        let text = self.sources.get(span.file).text();
        let offset = span.start as usize;
        // An outline that somebody left halfway is one that reaches less far.
        let mut outlines = self.outlines.lock().unwrap_or_else(PoisonError::into_inner);
        let near = outlines.entry(span.file).or_default().near(text, offset);
        drop(outlines);
        near.container(text, offset)
    }

    /// Whole lines with one line before and after; lines too long for that are cut.
    fn window(&self, file: FileId, lines: Range<u32>, marks: &[Mark]) -> Excerpt {
        let count = self.sources.get(file).lines().count();
        let first = lines.start.saturating_sub(1);
        let first_in_file = self.sources.get(file).line_in_file(first);
        let mut excerpt = Excerpt { first_line: Some(first_in_file), ..Excerpt::default() };
        for line in first..(lines.end + 1).min(count) {
            let range = self.line(file, line);
            let marked = marks.iter().find(|mark| self.line_of(mark.span) == line);
            // The empty piece after the last line feed is no line, unless something is to be said there.
            if line + 1 == count && range.is_empty() && marked.is_none() {
                break;
            }
            self.push_cut(&mut excerpt, file, range, marked.map(|mark| mark.span));
            excerpt.text.push('\n');
        }
        excerpt
    }

    /// The part of a line around the first mark.
    fn cut_line(&self, file: FileId, marks: &[Mark]) -> Excerpt {
        let mut excerpt = Excerpt::default();
        if let Some(mark) = marks.first() {
            let line = self.line_of(mark.span);
            excerpt.first_line = Some(self.sources.get(file).line_in_file(line));
            self.push_cut(&mut excerpt, file, self.line(file, line), Some(mark.span));
        }
        excerpt.text.push('\n');
        excerpt
    }

    /// The entries of a container that hold marks, with their neighbors, each on a line.
    fn entries(&self, file: FileId, open: usize, marks: &[Mark]) -> Option<Excerpt> {
        let text = self.sources.get(file).text();
        let mut members: BTreeMap<usize, Member> = BTreeMap::new();
        for mark in marks {
            let found = Outline::members(text, open, mark.span.start as usize, BESIDE)?;
            members.extend(found.shown.into_iter().map(|member| (member.whole().start, member)));
        }
        let mut excerpt = Excerpt::default();
        if let Some(key) = Outline::key_of(text, open) {
            self.push_cut(&mut excerpt, file, key, None);
            excerpt.text.push_str(": ");
        }
        self.push(&mut excerpt, file, open..open + 1);
        excerpt.text.push('\n');
        let mut before = open + 1;
        for member in members.into_values() {
            let whole = member.whole();
            let gap = text.get(before..whole.start).unwrap_or("").trim();
            if !matches!(gap, "" | ",") {
                excerpt.text.push_str("  …\n");
            }
            excerpt.text.push_str("  ");
            let focus = marks.iter().find(|mark| whole.contains(&(mark.span.start as usize)));
            self.push_member(&mut excerpt, file, &member, focus.map(|mark| mark.span));
            if text.as_bytes().get(whole.end) == Some(&b',') {
                self.push(&mut excerpt, file, whole.end..whole.end + 1);
            }
            excerpt.text.push('\n');
            before = whole.end;
        }
        let rest = text.get(before..).unwrap_or("").trim_start();
        if !rest.starts_with(['}', ']']) {
            excerpt.text.push_str("  …\n");
        }
        excerpt.text.push_str(if text.as_bytes().get(open) == Some(&b'{') { "}\n" } else { "]\n" });
        Some(excerpt)
    }

    fn push_member(&self, excerpt: &mut Excerpt, file: FileId, member: &Member, focus: Option<Span>) {
        let text = self.sources.get(file).text();
        if !member.key.is_empty() {
            self.push_cut(excerpt, file, member.key.clone(), focus);
            excerpt.text.push_str(": ");
        }
        let value = text.get(member.value.clone()).unwrap_or("");
        let container = value.len() > 2 && value.starts_with(['{', '[']);
        if container && (value.len() > SHORT || value.contains('\n')) {
            self.push(excerpt, file, member.value.start..member.value.start + 1);
            excerpt.text.push('…');
            if value.ends_with(['}', ']']) {
                self.push(excerpt, file, member.value.end - 1..member.value.end);
            }
            return;
        }
        self.push_cut(excerpt, file, member.value.clone(), focus);
    }

    /// A range without line feeds, cut to some room around a focus; what is left out is shown as `…`.
    fn push_cut(&self, excerpt: &mut Excerpt, file: FileId, range: Range<usize>, focus: Option<Span>) {
        let (text, room) = (self.sources.get(file).text(), self.room);
        if range.len() <= room {
            return self.push(excerpt, file, range);
        }
        let focus = focus.map(|span| span.start as usize).filter(|at| range.contains(at));
        let start = focus.map_or(range.start, |at| at.saturating_sub(room / 3)).max(range.start);
        let start = if start - range.start < 4 { range.start } else { start };
        let (start, end) = (floor(text, start), floor(text, (start + room).min(range.end)));
        let quoted = text.as_bytes().get(range.start) == Some(&b'"');
        if start > range.start {
            if quoted {
                self.push(excerpt, file, range.start..range.start + 1);
            }
            excerpt.text.push('…');
        }
        self.push(excerpt, file, start..end);
        if end < range.end {
            excerpt.text.push('…');
            if quoted && text.as_bytes().get(range.end - 1) == Some(&b'"') {
                self.push(excerpt, file, range.end - 1..range.end);
            }
        }
    }

    /// A range of the file, masked, on one line.
    fn push(&self, excerpt: &mut Excerpt, file: FileId, range: Range<usize>) {
        let hidden = self.redact.within(self.sources, file, &range);
        let written = self.sources.get(file).text().get(range.clone()).unwrap_or("");
        let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t');
        if hidden.is_empty() && written.bytes().all(plain) {
            let shown = excerpt.text.len();
            excerpt.shown.extend((0..written.len()).map(|i| (range.start + i, shown + i)));
            excerpt.text.push_str(written);
            return;
        }
        for (at, c) in written.char_indices() {
            let at = range.start + at;
            if at == 0 && c == '\u{feff}' {
                continue;
            }
            excerpt.shown.push((at, excerpt.text.len()));
            let masked = hidden.iter().any(|range| range.contains(&at));
            excerpt.text.push(match c {
                _ if masked => '*',
                '\n' => '␊',
                _ => show(c),
            });
        }
    }

    /// Sets the name and the labels.
    fn labelled(&self, mut excerpt: Excerpt, marks: Vec<Mark>) -> Excerpt {
        let named = marks.iter().find(|mark| mark.primary).or_else(|| marks.first());
        excerpt.name = named.map_or_else(String::new, |mark| self.positions.name(mark.span));
        excerpt.name = visible(&squeeze(&self.redact.clean(&excerpt.name)));
        for mark in marks {
            let range = excerpt.locate(mark.span);
            excerpt.labels.push((range, mark));
        }
        excerpt
    }
}

impl Excerpt {
    /// The bytes of the excerpt that show a span, on the line where it starts.
    fn locate(&self, span: Span) -> Range<usize> {
        let (from, to) = (span.start as usize, span.end as usize);
        let first = self.shown.partition_point(|&(at, _)| at < from);
        let last = self.shown.get(first..).unwrap_or(&[]).partition_point(|&(at, _)| at < to) + first;
        let end_of_text = self.text.len().saturating_sub(1);
        let start = match self.shown.get(first) {
            // A place at the end of a line lies before the line feed, not at the start of the next line.
            Some(&(at, shown)) if at > from && first > 0 => self.after(first - 1).min(shown),
            Some(&(_, shown)) => shown,
            None => end_of_text,
        };
        let line_end = self.text.get(start..).and_then(|rest| rest.find('\n')).map_or(end_of_text, |at| start + at);
        let end = if last > first { self.after(last - 1) } else { start };
        let end = end.clamp(start, line_end);
        let blank = self.text.get(start..end).map_or(0, |written| written.len() - written.trim_end().len());
        start..end - blank
    }

    /// The byte after a shown character.
    fn after(&self, index: usize) -> usize {
        let Some(&(_, at)) = self.shown.get(index) else { return 0 };
        at + self.text.get(at..).and_then(|rest| rest.chars().next()).map_or(0, char::len_utf8)
    }
}
