//! The report for programs: `schemas/report.schema.json`.
//!
//! In: a [`Report`]. Out: JSON. Must not know: anything a person would want beyond the data.
//!
//! The schema is a promise: fields are added under the same `version`, never changed or taken away.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Serialize;

use crate::check::finding::{Certainty, Evidence, Finding, Outcome};
use crate::diag::{Label, Problem, Role};
use crate::source::{Position, Span};

use super::concise::show;
use super::{Positions, Report, Suppressed};

/// The version of the schema that the output follows.
pub const VERSION: &str = "1";

/// The whole report, indented, with a line feed at its end.
pub fn write(report: &Report<'_>) -> String {
    // JSON values always serialize.
    harmless(&serde_json::to_string_pretty(&value(report)).unwrap_or_default()) + "\n"
}

/// JSON text without characters that a terminal obeys: they can stand only in strings, where they are escaped.
pub fn harmless(json: &str) -> String {
    let steers = |c: char| c != '\n' && c != show(c);
    if !json.chars().any(steers) {
        return json.to_owned();
    }
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if steers(c) {
            // Writing to a string cannot fail.
            let _ = write!(out, "\\u{:04x}", u32::from(c));
        } else {
            out.push(c);
        }
    }
    out
}

/// The whole report.
pub fn value(report: &Report<'_>) -> serde_json::Value {
    let writer = Writer { report, positions: Positions::of(report) };
    let document = Document {
        version: VERSION,
        summary: writer.summary(),
        findings: report.findings().into_iter().map(|finding| writer.finding(finding)).collect(),
        suppressed: report.suppressed().into_iter().map(|one| writer.suppressed(one)).collect(),
        problems: report.problems().into_iter().map(|problem| writer.problem(problem)).collect(),
        files: report.files.iter().map(|file| writer.file(file)).collect(),
        notes: report.notes.iter().map(|note| writer.clean(note)).collect(),
    };
    // Strings, numbers and maps with string keys always serialize.
    serde_json::to_value(&document).unwrap_or_default()
}

#[derive(Serialize)]
struct Document<'a> {
    version: &'static str,
    summary: Summary,
    findings: Vec<FindingShape<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressed: Vec<SuppressedShape<'a>>,
    problems: Vec<ProblemShape<'a>>,
    files: Vec<FileShape<'a>>,
    notes: Vec<Cow<'a, str>>,
}

#[derive(Serialize)]
struct Summary {
    errors: usize,
    warnings: usize,
    notes: usize,
    open: usize,
    problems: usize,
    registries: usize,
    files: usize,
    skipped: usize,
    suppressed: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    gone: Option<usize>,
}

#[derive(Serialize)]
struct SuppressedShape<'a> {
    #[serde(flatten)]
    finding: FindingShape<'a>,
    suppression: SuppressionShape<'a>,
}

#[derive(Serialize)]
struct SuppressionShape<'a> {
    kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
}

#[derive(Serialize)]
struct FindingShape<'a> {
    rule: &'a str,
    outcome: &'static str,
    certainty: &'static str,
    level: &'static str,
    message: Cow<'a, str>,
    resource: ResourceShape<'a>,
    location: Location<'a>,
    evidence: Vec<EvidenceShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    when: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    settle: Vec<Cow<'a, str>>,
    fingerprint: Cow<'a, str>,
}

#[derive(Serialize)]
struct ResourceShape<'a> {
    address: Cow<'a, str>,
    id: Cow<'a, str>,
    #[serde(rename = "type")]
    ty: Cow<'a, str>,
    name: Cow<'a, str>,
}

#[derive(Serialize)]
struct EvidenceShape<'a> {
    location: Location<'a>,
    property: Cow<'a, str>,
    value: Option<Cow<'a, str>>,
    message: Cow<'a, str>,
    role: &'static str,
    presumed: bool,
}

#[derive(Serialize)]
struct ProblemShape<'a> {
    code: &'a str,
    level: &'static str,
    message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    location: Option<Location<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related: Vec<RelatedShape<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    help: Option<Cow<'a, str>>,
    fatal: bool,
}

#[derive(Serialize)]
struct RelatedShape<'a> {
    location: Location<'a>,
    message: Cow<'a, str>,
}

#[derive(Serialize)]
struct FileShape<'a> {
    path: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    format: Option<&'a str>,
    status: &'static str,
}

#[derive(Serialize)]
struct Location<'a> {
    path: Cow<'a, str>,
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: u32,
    column: u32,
    offset: u32,
}

struct Writer<'a> {
    report: &'a Report<'a>,
    positions: Positions<'a>,
}

impl<'a> Writer<'a> {
    fn clean(&self, text: &'a str) -> Cow<'a, str> {
        self.report.redact.clean(text)
    }

    fn summary(&self) -> Summary {
        let super::Summary { errors, warnings, notes, open, problems, registries, files, skipped, suppressed, gone } =
            self.report.summary;
        Summary { errors, warnings, notes, open, problems, registries, files, skipped, suppressed, gone }
    }

    fn suppressed(&self, one: &'a Suppressed) -> SuppressedShape<'a> {
        let reason = Some(self.clean(&one.reason)).filter(|reason| !reason.is_empty());
        let location = one.at.map(|at| self.location(at));
        let suppression = SuppressionShape { kind: one.kind.name(), reason, location };
        SuppressedShape { finding: self.finding(&one.finding), suppression }
    }

    fn location(&self, span: Span) -> Location<'a> {
        let place = |offset| {
            let Position { line, column, offset } = self.positions.at(span.file, offset);
            Place { line, column, offset }
        };
        let path = self.clean(self.report.sources.get(span.file).path());
        Location { path, start: place(span.start), end: place(span.end) }
    }

    fn finding(&self, finding: &'a Finding) -> FindingShape<'a> {
        FindingShape {
            rule: &finding.rule,
            outcome: match finding.outcome {
                Outcome::Violation => "violation",
                Outcome::Open => "open",
            },
            certainty: match finding.certainty {
                Certainty::Proven => "proven",
                Certainty::Presumed => "presumed",
            },
            level: finding.level.name(),
            message: self.clean(&finding.message),
            resource: ResourceShape {
                address: self.clean(&finding.resource.address),
                id: self.clean(&finding.resource.id),
                ty: self.clean(&finding.resource.ty),
                name: self.clean(&finding.resource.name),
            },
            location: self.location(finding.location),
            evidence: finding.evidence.iter().map(|evidence| self.evidence(evidence)).collect(),
            help: finding.help.as_deref().map(|help| self.clean(help)),
            when: finding.when.iter().map(|(name, value)| (self.clean(name), self.clean(value))).collect(),
            settle: finding.settle.iter().map(|what| self.clean(what)).collect(),
            fingerprint: self.clean(&finding.fingerprint),
        }
    }

    fn evidence(&self, evidence: &'a Evidence) -> EvidenceShape<'a> {
        EvidenceShape {
            location: self.location(evidence.span),
            property: self.clean(&evidence.property),
            value: evidence.value.as_deref().map(|value| self.clean(value)),
            message: self.clean(&evidence.message),
            role: match evidence.role {
                Role::Primary => "primary",
                Role::Because => "because",
                Role::Context => "context",
            },
            presumed: evidence.presumed,
        }
    }

    fn problem(&self, problem: &'a Problem) -> ProblemShape<'a> {
        let related =
            |label: &'a Label| RelatedShape { location: self.location(label.span), message: self.clean(&label.text) };
        ProblemShape {
            code: problem.code,
            level: problem.level.name(),
            message: self.clean(&problem.message),
            location: problem.span().map(|span| self.location(span)),
            related: problem.labels.iter().skip(1).map(related).collect(),
            help: problem.help.as_deref().map(|help| self.clean(help)),
            fatal: problem.fatal,
        }
    }

    fn file(&self, file: &'a super::FileReport) -> FileShape<'a> {
        FileShape { path: self.clean(&file.path), format: file.format.as_deref(), status: file.status.name() }
    }
}
