//! Excerpts with labels, for a person.
//!
//! In: a [`Report`]. Out: text for a terminal. Must not know: what is proven and why; it shows what findings say.
//!
//! The only module that knows `miette`. It never sees a file: each finding is drawn from short excerpts
//! ([`super::excerpt`]) that stand behind each other in one small text, so the cost of a finding does not depend on the
//! size of its file, and a minified file is shown as readable entries.

use std::collections::BTreeMap;
use std::fmt;
use std::fmt::Write as _;

use miette::{
    Diagnostic, GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteError, MietteSpanContents, Severity,
    SourceCode, SourceSpan, SpanContents,
};

use crate::check::finding::{Certainty, Evidence, Finding, Outcome};
use crate::diag::{Level, Problem, Role};

use super::concise::{squeeze, visible};
use super::excerpt::{Cutter, Excerpt, Mark};
use super::{Positions, Report, Summary};

/// At most this many steps of the way of a value are pointed at.
const STEPS: usize = 3;
/// At most this many places are pointed at in all.
const PLACES: usize = 8;

/// At most this many undecided findings of a rule are listed, and things that would decide them.
const LISTED: usize = 8;
/// At most this many lines are given to an undecided finding.
const LINES: usize = 3;
/// Longer texts of labels have several lines.
const LABEL: usize = 64;
/// Columns before further lines of a message.
const INDENT: usize = 3;

/// How the report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// With ANSI colors.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Without notes and the closing line.
    pub quiet: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { color: false, width: 100, quiet: false }
    }
}

/// Problems, findings, what is left undecided, notes, and a closing line.
pub fn write(report: &Report<'_>, look: Look) -> String {
    let positions = Positions::of(report);
    let cutter = Cutter::new(report.sources, &positions, report.redact, look.width);
    let page = Page { report, look, positions: &positions, cutter };
    let mut out = String::new();
    for problem in report.problems() {
        page.entry(&mut out, &page.problem(problem));
    }
    let quietly = |f: &&Finding| f.outcome == Outcome::Open && f.level == Level::Note;
    let (undecided, stated): (Vec<_>, Vec<_>) = report.findings().into_iter().partition(quietly);
    for finding in stated {
        page.entry(&mut out, &page.finding(finding));
    }
    page.undecided(&mut out, &undecided);
    if !look.quiet {
        for note in &report.notes {
            let text = visible(&report.redact.clean(note));
            let word = page.paint(Style::Note, "note");
            out.push_str(&hang(&format!("{word}: "), "note: ".len(), &text, look.width));
        }
        if !report.notes.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{}", page.paint(Style::Strong, &summary(&report.summary)));
    }
    out
}

/// What is said about one place, whoever says it.
struct Entry {
    level: Level,
    code: String,
    message: String,
    marks: Vec<Mark>,
    /// Lines below the excerpts, each with its word.
    foot: Vec<(&'static str, String)>,
}

struct Page<'a> {
    report: &'a Report<'a>,
    look: Look,
    positions: &'a Positions<'a>,
    cutter: Cutter<'a>,
}

impl Page<'_> {
    fn problem(&self, problem: &Problem) -> Entry {
        let mark = |(i, label): (usize, &crate::diag::Label)| Mark {
            span: label.span,
            text: self.clean(&label.text),
            primary: i == 0,
        };
        // What concerns a whole file has no line to show, and a file of another kind is not ours to show.
        let whole = problem.span().filter(|span| span.end == 0);
        let place = whole.map(|span| ("at", self.clean(&self.positions.name(span))));
        let shown = problem.labels.iter().enumerate().filter(|_| whole.is_none());
        Entry {
            level: problem.level,
            code: problem.code.to_owned(),
            message: self.clean(&problem.message),
            marks: join(shown.map(mark)),
            foot: place.into_iter().chain(problem.help.iter().map(|help| ("help", self.clean(help)))).collect(),
        }
    }

    fn finding(&self, finding: &Finding) -> Entry {
        let mut foot = Vec::new();
        let mut marks = vec![Mark { span: finding.location, text: String::new(), primary: true }];
        let (mut steps, mut left) = (0, 0);
        for evidence in &finding.evidence {
            let text = self.clean(&say(evidence));
            if evidence.presumed {
                foot.push(("presumed", text));
                continue;
            }
            steps += usize::from(evidence.role == Role::Context);
            let known = marks.iter().any(|mark| mark.span == evidence.span);
            if !known && (evidence.role == Role::Context && steps > STEPS || marks.len() >= PLACES) {
                left += 1;
                continue;
            }
            marks.push(Mark { span: evidence.span, text, primary: false });
        }
        if left > 0 {
            foot.push(("more", format!("{left} more {} in `--format json`", plural(left, "place"))));
        }
        if finding.certainty == Certainty::Presumed && !foot.iter().any(|(word, _)| *word == "presumed") {
            foot.push(("presumed", "something that this rests on is not declared in the input".to_owned()));
        }
        foot.extend(finding.circumstances().map(|only| ("only", self.clean(&only))));
        if !finding.settle.is_empty() {
            foot.push(("undecided", self.clean(&format!("needs {}", finding.settle.join("; or ")))));
        }
        if !finding.resource.address.is_empty() {
            foot.push(("resource", self.clean(&finding.resource.address)));
        }
        foot.extend(finding.help.iter().map(|help| ("help", self.clean(help))));
        Entry {
            level: finding.level,
            code: finding.rule.clone(),
            message: self.clean(&finding.message),
            marks: join(marks.into_iter()),
            foot,
        }
    }

    fn clean(&self, text: &str) -> String {
        let text = self.report.redact.clean(text);
        if text.contains('\r') { visible(&text.replace("\r\n", "\n")) } else { visible(&text) }
    }

    fn entry(&self, out: &mut String, entry: &Entry) {
        let head = format!("{}[{}]:", entry.level.name(), entry.code);
        let message = format!("{head} {}", entry.message);
        let message = message.lines().flat_map(|line| wrap(line, self.look.width.max(40) - INDENT));
        let message = message.collect::<Vec<_>>().join("\n");
        let message = message.strip_prefix(head.as_str()).unwrap_or(&message).trim_start();
        let drawing = Drawing::new(entry.level, message, self.cutter.cut(&entry.marks));
        let mut theme = if self.look.color { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
        theme.characters.error = head;
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
        out.push_str(&drawing.tidy(&drawn));
        for (word, text) in &entry.foot {
            let painted = self.paint(Style::Word, word);
            out.push_str(&hang(&format!("  {painted}: "), word.len() + 4, text, self.look.width));
        }
        out.push('\n');
    }

    /// What could not be decided, by rule, a few lines each, and what would decide it.
    fn undecided(&self, out: &mut String, findings: &[&Finding]) {
        if findings.is_empty() {
            return;
        }
        let _ = writeln!(out, "{}", self.paint(Style::Strong, &format!("left undecided ({})", findings.len())));
        let mut by_rule: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for finding in findings {
            by_rule.entry(&finding.rule).or_default().push(finding);
        }
        for (rule, findings) in &by_rule {
            let _ = writeln!(out, "  {}", self.paint(Style::Word, rule));
            for finding in findings.iter().take(LISTED) {
                out.push_str(&self.open(finding));
            }
            self.left(out, "    ", findings.len());
        }
        let mut settle: Vec<&str> = Vec::new();
        let all = by_rule.values().flatten().flat_map(|finding| &finding.settle);
        for what in all.map(String::as_str).filter(|what| !what.is_empty()) {
            if !settle.contains(&what) {
                settle.push(what);
            }
        }
        if !settle.is_empty() {
            let _ = writeln!(out, "  {}", self.paint(Style::Word, "would be decided by:"));
            for what in settle.iter().take(LISTED) {
                out.push_str(&hang("  - ", 4, &self.clean(&squeeze(what)), self.look.width));
            }
            self.left(out, "  - ", settle.len());
        }
        out.push('\n');
    }

    /// One finding that is not decided: where, for what, and what is not known.
    fn open(&self, finding: &Finding) -> String {
        let place = self.clean(&self.positions.name(finding.location));
        let mut text = if finding.unknown.is_empty() {
            finding.message.clone()
        } else {
            format!("{}; not known: {}", finding.resource.address, finding.unknown.join(", "))
        };
        if let Some(only) = finding.circumstances() {
            let _ = write!(text, "; {only}");
        }
        let drawn = hang("    ", 6, &self.clean(&squeeze(&format!("{place} {text}"))), self.look.width);
        if drawn.lines().count() <= LINES {
            return drawn;
        }
        let mut lines: Vec<&str> = drawn.lines().take(LINES).collect();
        let last = lines.pop().unwrap_or_default().trim_end_matches([',', ';']);
        let cut: Vec<char> = last.chars().collect();
        let kept: String = cut.iter().take(self.look.width.max(40) - 2).collect();
        format!("{}\n{kept} …\n", lines.join("\n"))
    }

    fn left(&self, out: &mut String, indent: &str, count: usize) {
        if count > LISTED {
            let _ = writeln!(out, "{indent}{}", self.paint(Style::Note, &format!("and {} more", count - LISTED)));
        }
    }

    fn paint(&self, style: Style, text: &str) -> String {
        if !self.look.color {
            return text.to_owned();
        }
        let code = match style {
            Style::Strong => "1",
            Style::Word => "36",
            Style::Note => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

#[derive(Clone, Copy)]
enum Style {
    Strong,
    Word,
    Note,
}

/// One mark for each span; the texts of several are lines of one label.
fn join(marks: impl Iterator<Item = Mark>) -> Vec<Mark> {
    let mut joined: Vec<Mark> = Vec::new();
    for mark in marks {
        match joined.iter_mut().find(|known| known.span == mark.span) {
            Some(known) if known.text.is_empty() => known.text = mark.text,
            Some(known) if mark.text.is_empty() || known.text.lines().any(|line| line == mark.text) => {}
            Some(known) => known.text = format!("{}\n{}", known.text, mark.text),
            None => joined.push(mark),
        }
    }
    joined
}

/// What an item of evidence shows.
fn say(evidence: &Evidence) -> String {
    match &evidence.value {
        _ if !evidence.message.is_empty() => evidence.message.clone(),
        Some(value) => format!("{} is {value}", evidence.property),
        None => evidence.property.clone(),
    }
}

/// Text after a word, wrapped, its further lines under its first; line feeds in it are kept.
pub fn hang(word: &str, indent: usize, text: &str, width: usize) -> String {
    let room = width.saturating_sub(indent).max(40);
    let mut lines = Vec::new();
    for paragraph in text.trim_end().lines() {
        lines.extend(wrap(paragraph, room));
    }
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let before = if i == 0 { word.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(out, "{}", format!("{before}{line}").trim_end());
    }
    out
}

/// Breaks at spaces; leading space stays, so that a snippet of code keeps its shape.
fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (i, word) in text.split(' ').enumerate() {
        let Some(line) = lines.last_mut() else { break };
        if line.chars().count() + 1 + word.chars().count() > room && !line.trim().is_empty() {
            lines.push(word.to_owned());
        } else {
            line.push_str(if i > 0 { " " } else { "" });
            line.push_str(word);
        }
    }
    lines
}

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// `3 errors, 1 warning, 2 notes, 1 problem (4 left undecided) in 1 file`.
pub fn summary(summary: &Summary) -> String {
    let counted = [
        (summary.errors, "error"),
        (summary.warnings, "warning"),
        (summary.notes, "note"),
        (summary.problems, "problem"),
    ];
    let counted = counted.iter().filter(|(count, _)| *count > 0);
    let counted = counted.map(|&(count, word)| format!("{count} {}", plural(count, word))).collect::<Vec<_>>();
    let mut text = if counted.is_empty() { "no findings".to_owned() } else { counted.join(", ") };
    if summary.open > 0 {
        let _ = write!(text, " ({} left undecided)", summary.open);
    }
    let _ = write!(text, " in {} {}", summary.files, plural(summary.files, "file"));
    if summary.skipped > 0 {
        let _ = write!(text, ", {} skipped", summary.skipped);
    }
    text
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
