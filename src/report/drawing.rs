//! Text, excerpts and labels as a terminal shows them.
//!
//! In: an [`Entry`]. Out: text. Must not know: what is said, and by whom.
//!
//! The only module that knows `miette`. It never sees a file: each entry is drawn from short excerpts
//! ([`super::excerpt`]) that stand behind each other in one small text, so the cost of a finding does not depend on the
//! size of its file, and a minified file is shown as readable entries.

use std::fmt;
use std::fmt::Write as _;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};

use crate::diag::Level;

use super::Look;
use super::excerpt::{Cutter, Excerpt, Mark};
use super::paragraph::{hang, wrap};
use super::style::Style;

/// Longer texts of labels have several lines.
const LABEL: usize = 64;
/// Columns before further lines of a message.
const INDENT: usize = 3;

/// What is said about one place, whoever says it.
#[derive(Debug)]
pub struct Entry {
    /// What it begins with: `error[some-rule]:`, `1.`.
    pub head: String,
    /// The same as it is shown, with what takes no columns, such as a link.
    pub shown: String,
    /// The colors.
    pub level: Level,
    /// What is said, clean of secrets.
    pub message: String,
    /// The places to point at.
    pub marks: Vec<Mark>,
    /// Lines below the excerpts, each with its word.
    pub foot: Vec<(&'static str, String)>,
}

/// Draws an entry.
pub fn draw(entry: &Entry, cutter: &Cutter<'_>, look: Look) -> String {
    let head = entry.head.as_str();
    let message = format!("{head} {}", entry.message);
    let message = message.lines().flat_map(|line| wrap(line, look.width.max(40) - INDENT));
    let message = message.collect::<Vec<_>>().join("\n");
    let message = message.strip_prefix(head).unwrap_or(&message).trim_start();
    let drawing = Drawing::new(entry.level, message, cutter.cut(&entry.marks));
    let mut theme = if look.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    theme.characters.error.clone_from(&entry.shown);
    theme.characters.warning.clone_from(&theme.characters.error);
    theme.characters.advice.clone_from(&theme.characters.error);
    // Numbers without color, since those of reflowed lines are wiped below.
    theme.styles.linum = miette::ThemeStyles::none().linum;
    let handler = GraphicalReportHandler::new_themed(theme)
        .without_primary_span_start()
        // Wrapped above: words with hyphens, such as ids of rules, stay whole.
        .with_wrap_lines(false)
        .without_syntax_highlighting();
    let mut drawn = String::new();
    // Neither writing to a string nor our own source can fail.
    let _ = handler.render_report(&mut drawn, &drawing);
    let mut out = drawing.tidy(&drawn);
    for (word, text) in &entry.foot {
        let painted = Style::Word.paint(word, look.color);
        out.push_str(&hang(&format!("  {painted}: "), word.len() + 4, text, look.width));
    }
    out
}

/// Excerpts behind each other, as `miette` wants them: one text with labels.
#[derive(Debug)]
struct Drawing {
    level: Level,
    message: String,
    text: String,
    /// Where in `text` each excerpt stands.
    parts: Vec<(std::ops::Range<usize>, Excerpt)>,
}

impl Drawing {
    fn new(level: Level, message: &str, excerpts: Vec<Excerpt>) -> Self {
        let (mut text, mut parts) = (String::new(), Vec::new());
        for excerpt in excerpts {
            let start = text.len();
            text.push_str(&excerpt.text);
            parts.push((start..text.len(), excerpt));
        }
        Self { level, message: message.to_owned(), text, parts }
    }

    /// Takes the indent of the first line, the bars of the message and the numbers of lines that are not those of the file.
    fn tidy(&self, drawn: &str) -> String {
        let mut out = String::with_capacity(drawn.len());
        let mut parts = self.parts.iter();
        let (mut wipe, mut started) = (false, false);
        for (i, line) in drawn.trim_end().lines().enumerate() {
            let line = if i == 0 { line.trim_start() } else { line };
            if line.trim_start().starts_with('╭') {
                started = true;
                wipe = parts.next().is_some_and(|(_, excerpt)| excerpt.first_line.is_none());
            }
            if i > 0 && !started {
                // A further line of the message: the bar is for excerpts.
                let _ = writeln!(out, "{}", line.replacen('│', "", 1).trim_end());
                continue;
            }
            let numbered = line.trim_start().split_once(' ').filter(|(number, rest)| {
                !number.is_empty() && number.bytes().all(|b| b.is_ascii_digit()) && rest.starts_with('│')
            });
            match numbered {
                Some((_, rest)) if wipe => {
                    let gutter = line.chars().count() - rest.chars().count();
                    out.push_str(&" ".repeat(gutter));
                    out.push_str(rest.trim_end());
                }
                Some(_) | None => out.push_str(line.trim_end()),
            }
            out.push('\n');
        }
        out
    }
}

impl fmt::Display for Drawing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for Drawing {}

impl Diagnostic for Drawing {
    fn severity(&self) -> Option<Severity> {
        Some(match self.level {
            Level::Error => Severity::Error,
            Level::Warning => Severity::Warning,
            Level::Note => Severity::Advice,
        })
    }

    fn source_code(&self) -> Option<&dyn SourceCode> {
        (!self.parts.is_empty()).then_some(self as &dyn SourceCode)
    }

    fn labels(&self) -> Option<Box<dyn Iterator<Item = LabeledSpan> + '_>> {
        Some(Box::new(self.parts.iter().flat_map(|(range, excerpt)| {
            excerpt.labels.iter().map(|(at, mark)| {
                let span = SourceSpan::new((range.start + at.start).into(), at.len());
                let lines = mark.text.lines().flat_map(|line| wrap(line, LABEL)).collect::<Vec<_>>();
                let text = Some(lines.join("\n")).filter(|text| !text.is_empty());
                if mark.primary {
                    LabeledSpan::new_primary_with_span(text, span)
                } else {
                    LabeledSpan::new_with_span(text, span)
                }
            })
        })))
    }
}

impl SourceCode for Drawing {
    /// The whole excerpt that holds a span, however many lines are asked for; a span across two excerpts has none, which
    /// keeps `miette` from joining them.
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        _before: usize,
        _after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (from, to) = (span.offset(), span.offset() + span.len());
        let part = self.parts.iter().find(|(range, _)| range.start <= from && from < range.end && to <= range.end);
        let (range, excerpt) = part.ok_or(MietteError::OutOfBounds)?;
        let data = self.text.as_bytes().get(range.clone()).ok_or(MietteError::OutOfBounds)?;
        Ok(Box::new(MietteSpanContents::new_named(
            excerpt.name.clone(),
            data,
            SourceSpan::new(range.start.into(), range.len()),
            excerpt.first_line.unwrap_or(0) as usize,
            0,
            excerpt.text.lines().count(),
        )))
    }
}
