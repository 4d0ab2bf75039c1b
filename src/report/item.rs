//! Findings and problems as one list, for formats that know only one kind of entry.
//!
//! In: a [`Report`]. Out: [`Item`]s, their texts clean and on one line. Must not know: any format.

use std::fmt::Write as _;

use crate::check::finding::{Finding, Outcome};
use crate::diag::{Level, Problem};
use crate::source::{Position, Span};

use super::concise::{squeeze, visible};
use super::{Positions, Report, Suppression};

/// One thing that is said.
#[derive(Clone, Debug)]
pub struct Item<'a> {
    /// How bad it is.
    pub level: Level,
    /// The rule, or the kind of problem.
    pub code: &'a str,
    /// One line.
    pub message: String,
    /// What to do, one line.
    pub help: Option<String>,
    /// Where; nothing for what concerns the run.
    pub place: Option<Spot>,
    /// It is left undecided.
    pub open: bool,
    /// What the user calls the resource; empty for a problem.
    pub resource: String,
    /// The same when lines move.
    pub fingerprint: String,
}

/// A place in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The path as the user may type it.
    pub path: String,
    /// Its first character.
    pub start: Position,
    /// One past its last character.
    pub end: Position,
}

/// All that a report says, problems first, in the order of all reports.
pub fn items<'a>(report: &'a Report<'a>) -> Vec<Item<'a>> {
    let positions = Positions::of(report);
    let cleaner = Cleaner { report, positions: &positions };
    let problems = report.problems().into_iter().map(|problem| cleaner.problem(problem));
    problems.chain(report.findings().into_iter().map(|finding| cleaner.finding(finding))).collect()
}

/// The same, and how many are suppressed, for formats that have no other place to say so.
pub fn all<'a>(report: &'a Report<'a>) -> Vec<Item<'a>> {
    let mut items = items(report);
    items.extend(report.suppressions().map(|message| Item {
        level: Level::Note,
        code: "suppressed",
        fingerprint: crate::check::digest(&["suppressed"]),
        message,
        help: None,
        place: None,
        open: false,
        resource: String::new(),
    }));
    items
}

/// What is suppressed, each with the reason.
pub fn suppressed<'a>(report: &'a Report<'a>) -> Vec<(Item<'a>, String)> {
    let positions = Positions::of(report);
    let cleaner = Cleaner { report, positions: &positions };
    report
        .suppressed()
        .into_iter()
        .map(|one| {
            let words = Suppression::ALL.iter().find(|(kind, _)| *kind == one.kind).map_or("", |(_, words)| *words);
            let reason = [words, &one.reason].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
            (cleaner.finding(&one.finding), cleaner.clean(&reason.join(": ")))
        })
        .collect()
}

struct Cleaner<'c, 'a> {
    report: &'a Report<'a>,
    positions: &'c Positions<'a>,
}

impl<'a> Cleaner<'_, 'a> {
    fn clean(&self, text: &str) -> String {
        visible(&squeeze(&self.report.redact.clean(text)))
    }

    fn spot(&self, span: Span) -> Spot {
        let at = |offset| self.positions.at(span.file, offset);
        let path = self.clean(self.report.sources.get(span.file).path());
        Spot { path, start: at(span.start), end: at(span.end) }
    }

    fn problem(&self, problem: &'a Problem) -> Item<'a> {
        let place = problem.span().map(|span| self.spot(span));
        let at = place.as_ref().map_or("", |spot| spot.path.as_str());
        Item {
            level: problem.level,
            code: problem.code,
            message: self.clean(&problem.message),
            help: problem.help.as_deref().map(|help| self.clean(help)),
            open: false,
            resource: String::new(),
            fingerprint: crate::check::digest(&[problem.code, at, &problem.message]),
            place,
        }
    }

    fn finding(&self, finding: &'a Finding) -> Item<'a> {
        let only = finding.circumstances().map_or_else(String::new, |only| format!(" ({only})"));
        Item {
            level: finding.level,
            code: &finding.rule,
            message: self.clean(&format!("{}{only}", finding.message)),
            help: finding.help.as_deref().map(|help| self.clean(help)),
            place: Some(self.spot(finding.location)),
            open: finding.outcome == Outcome::Open,
            resource: self.clean(&finding.resource.address),
            fingerprint: finding.identity(),
        }
    }
}

/// A text as it stands in XML, in elements and in attributes.
pub fn xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            '\n' => out.push_str("&#10;"),
            '\u{fffe}' | '\u{ffff}' => out.push('\u{fffd}'),
            _ => out.push(c),
        }
    }
    out
}

/// A text with some characters written as `%` and their number, `%` among them.
pub fn percent(text: &str, also: &[char], sign: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '%' => out.push_str(sign),
            _ if matches!(c, '\r' | '\n') || also.contains(&c) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{:02X}", u32::from(c));
            }
            _ => out.push(c),
        }
    }
    out
}
