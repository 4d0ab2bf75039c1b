//! Excerpts with labels, for a person.
//!
//! In: a [`Report`]. Out: text for a terminal. Must not know: what is proven and why; it shows what findings say.
//!
use std::collections::{BTreeMap, HashSet};
use std::fmt::Write as _;

use crate::check::finding::{Certainty, Evidence, Finding, Outcome};
use crate::diag::{Level, Problem, Role};
use crate::parallel;

use super::concise::{squeeze, visible};
use super::drawing::{self, Entry};
use super::excerpt::{Cutter, Mark};
use super::paragraph::hang;
use super::style::{Style, link};
use super::{Positions, Report, Summary};

/// At most this many steps of the way of a value are pointed at.
const STEPS: usize = 3;
/// At most this many places are pointed at in all.
const PLACES: usize = 8;

/// At most this many undecided findings of a rule are listed, and things that would decide them.
const LISTED: usize = 8;
/// At most this many lines are given to an undecided finding.
const LINES: usize = 3;

/// How the report looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    /// With ANSI colors.
    pub color: bool,
    /// Columns of the terminal.
    pub width: usize,
    /// Without notes and the closing line.
    pub quiet: bool,
    /// The terminal shows links.
    pub links: bool,
}

impl Default for Look {
    fn default() -> Self {
        Self { color: false, width: 100, quiet: false, links: false }
    }
}

/// Problems, findings, what is left undecided, notes, and a closing line.
pub fn write(report: &Report<'_>, look: Look) -> String {
    let positions = Positions::of(report);
    let cutter = Cutter::new(report.sources, &positions, report.redact, look.width);
    let page = Page { report, look, positions: &positions, cutter };
    let mut out = String::new();
    let problems = report.problems();
    let drawn = parallel::each(&problems, |problem| page.draw(&page.problem(problem)));
    out.extend(drawn);
    let quietly = |f: &&Finding| f.outcome == Outcome::Open && f.level == Level::Note;
    let (undecided, stated): (Vec<_>, Vec<_>) = report.findings().into_iter().partition(quietly);
    out.extend(parallel::each(&stated, |finding| page.draw(&page.finding(finding))));
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
        let _ = writeln!(out, "{}", page.paint(Style::Strong, &summary(report)));
    }
    out
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
            head: head(problem.level, problem.code),
            shown: head(problem.level, problem.code),
            level: problem.level,
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
            head: head(finding.level, &finding.rule),
            shown: head(finding.level, &self.rule(&finding.rule)),
            level: finding.level,
            message: self.clean(&finding.message),
            marks: join(marks.into_iter()),
            foot,
        }
    }

    fn clean(&self, text: &str) -> String {
        let text = self.report.redact.clean(text);
        if text.contains('\r') { visible(&text.replace("\r\n", "\n")) } else { visible(&text) }
    }

    fn draw(&self, entry: &Entry) -> String {
        drawing::draw(entry, &self.cutter, self.look) + "\n"
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
            let _ = writeln!(out, "  {}", self.paint(Style::Word, &self.rule(rule)));
            for finding in findings.iter().take(LISTED) {
                out.push_str(&self.open(finding));
            }
            self.left(out, "    ", findings.len());
        }
        let all = by_rule.values().flatten().flat_map(|finding| &finding.settle);
        let mut known = HashSet::new();
        let mut settle: Vec<&str> = all.map(String::as_str).filter(|what| !what.is_empty()).collect();
        settle.retain(|what| known.insert(*what));
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

    /// The id of a rule, which leads to its page where the terminal can.
    fn rule(&self, id: &str) -> String {
        let rule = self.report.rules.iter().find(|rule| self.look.links && rule.id == id);
        link(id, rule.and_then(|rule| rule.url.as_deref()))
    }

    fn paint(&self, style: Style, text: &str) -> String {
        style.paint(text, self.look.color)
    }
}

/// What a finding or a problem begins with.
fn head(level: Level, code: &str) -> String {
    format!("{}[{code}]:", level.name())
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

fn plural(count: usize, word: &str) -> String {
    if count == 1 { word.to_owned() } else { format!("{word}s") }
}

/// `3 errors, 1 warning, 2 notes, 1 problem (4 left undecided) in 1 file`.
pub fn summary(report: &Report<'_>) -> String {
    let summary: &Summary = &report.summary;
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
    if let Some(suppressed) = report.suppressions() {
        let _ = write!(text, ", {suppressed}");
    }
    if let Some(gone) = summary.gone {
        let _ = write!(text, ", {gone} gone");
    }
    if summary.skipped > 0 {
        let _ = write!(text, ", {} skipped", summary.skipped);
    }
    text
}
