//! Findings and problems as bytes, one file a format.
//!
//! In: a [`Report`]. Out: text. Must not know: rules, resources, or how a finding came about; a writer computes nothing
//! about findings, and equal reports give equal bytes.
//!
//! Every text passes [`Redactions`] on its way out, so that a secret is never printed.

pub mod azure_pipelines;
pub mod checkstyle;
pub mod concise;
pub mod drawing;
pub mod excerpt;
pub mod expansion;
pub mod github;
pub mod gitlab;
pub mod human;
pub mod item;
pub mod json;
pub mod junit;
pub mod markdown;
pub mod ndjson;
pub mod paragraph;
pub mod place;
pub mod redact;
pub mod sarif;
pub mod statistics;
pub mod style;
pub mod tree;
pub mod why;

pub use human::Look;
pub use place::Positions;
pub use redact::Redactions;

use crate::check::finding::{Finding, Outcome};
use crate::diag::{Level, Problem};
use crate::source::{Sources, Span};

/// What a run has to say.
#[derive(Debug)]
pub struct Report<'a> {
    /// The verdicts, in any order.
    pub findings: &'a [Finding],
    /// The verdicts that are accepted or known, in any order.
    pub suppressed: &'a [Suppressed],
    /// The complaints about content, in any order.
    pub problems: &'a [Problem],
    /// The texts that spans lie in.
    pub sources: &'a Sources,
    /// What became of each file, in the order in which it is to be shown.
    pub files: Vec<FileReport>,
    /// The numbers.
    pub summary: Summary,
    /// What is worth knowing about the run as a whole, a sentence each, without a full stop.
    pub notes: Vec<String>,
    /// What must not be shown.
    pub redact: &'a Redactions,
    /// What is known of the rules that were judged.
    pub rules: &'a [RuleText],
}

/// A finding that is not reported, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Suppressed {
    /// The finding.
    pub finding: Finding,
    /// Who says so.
    pub kind: Suppression,
    /// Why, in the words of a person.
    pub reason: String,
    /// Where that stands.
    pub at: Option<Span>,
}

/// Who says that a finding is not to be reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Suppression {
    /// A comment or metadata beside what it is about.
    Source,
    /// The configuration.
    Configuration,
    /// A baseline.
    Baseline,
    /// The other state of the same files, which has it as well.
    Before,
}

impl Suppression {
    /// All, with the words that reports use.
    pub const ALL: [(Self, &'static str); 4] = [
        (Self::Source, "accepted in a source"),
        (Self::Configuration, "accepted in the configuration"),
        (Self::Baseline, "known to the baseline"),
        (Self::Before, "found before"),
    ];

    /// The word that programs read.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Source => "source",
            Self::Configuration => "configuration",
            Self::Baseline => "baseline",
            Self::Before => "before",
        }
    }
}

/// What a rule says of itself, for formats that carry it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleText {
    /// Its name.
    pub id: String,
    /// How bad a violation is.
    pub level: Level,
    /// The problem, in one line.
    pub title: String,
    /// Why it is one.
    pub why: String,
    /// What to do about it, in Markdown.
    pub help: String,
    /// Where one reads more of it.
    pub url: Option<String>,
}

impl Default for RuleText {
    fn default() -> Self {
        let empty = String::new;
        Self { id: empty(), level: Level::Warning, title: empty(), why: empty(), help: empty(), url: None }
    }
}

/// What became of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileReport {
    /// The path as the user may type it.
    pub path: String,
    /// The word for what it was recognized as (`arm-template`), where it was.
    pub format: Option<String>,
    /// What became of it.
    pub status: FileStatus,
}

/// What became of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileStatus {
    /// Read and checked.
    Checked,
    /// Known to be input, but it could not be read or parsed.
    Unusable,
    /// No input of ours.
    NotInput,
}

impl FileStatus {
    /// The word that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Checked => "checked",
            Self::Unusable => "unusable",
            Self::NotInput => "not-input",
        }
    }
}

/// The numbers of a run.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Violations at level error.
    pub errors: usize,
    /// Violations at level warning.
    pub warnings: usize,
    /// Violations at level note.
    pub notes: usize,
    /// Findings that are left undecided, whatever level they are reported at.
    pub open: usize,
    /// Complaints about content, of every level.
    pub problems: usize,
    /// Container registries in the input.
    pub registries: usize,
    /// Files that were checked, or were to be.
    pub files: usize,
    /// Files of the directories walked that are no input of ours.
    pub skipped: usize,
    /// Findings that are accepted or known, and not reported.
    pub suppressed: usize,
    /// Findings of the other state of the same files that are gone, where there is one.
    pub gone: Option<usize>,
}

impl Summary {
    /// Counts findings and problems; the other numbers are the caller's.
    #[must_use]
    pub fn counting(mut self, findings: &[Finding], problems: &[Problem]) -> Self {
        for finding in findings {
            let number = match (finding.outcome, finding.level) {
                (Outcome::Open, _) => &mut self.open,
                (Outcome::Violation, Level::Error) => &mut self.errors,
                (Outcome::Violation, Level::Warning) => &mut self.warnings,
                (Outcome::Violation, Level::Note) => &mut self.notes,
            };
            *number += 1;
        }
        self.problems = problems.len();
        self
    }
}

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Excerpts for a person.
    Human,
    /// `schemas/report.schema.json`.
    Json,
    /// One line a finding.
    Concise,
    /// SARIF 2.1.0.
    Sarif,
    /// JUnit's XML.
    Junit,
    /// Workflow commands of GitHub Actions.
    Github,
    /// GitLab's code quality.
    Gitlab,
    /// Logging commands of Azure Pipelines.
    AzurePipelines,
    /// Checkstyle's XML.
    Checkstyle,
    /// A page for a pull request.
    Markdown,
    /// JSON, an object a line.
    Ndjson,
}

impl Format {
    /// All, with the words of the command line.
    pub const ALL: [(&'static str, Self); 11] = [
        ("human", Self::Human),
        ("json", Self::Json),
        ("concise", Self::Concise),
        ("sarif", Self::Sarif),
        ("junit", Self::Junit),
        ("github", Self::Github),
        ("gitlab", Self::Gitlab),
        ("azure-pipelines", Self::AzurePipelines),
        ("checkstyle", Self::Checkstyle),
        ("markdown", Self::Markdown),
        ("ndjson", Self::Ndjson),
    ];
}

/// Writes a report. The look concerns only what a person reads.
pub fn write(report: &Report<'_>, format: Format, look: Look) -> String {
    match format {
        Format::Human => human::write(report, look),
        Format::Json => json::write(report),
        Format::Concise => concise::write(report),
        Format::Sarif => sarif::write(report),
        Format::Junit => junit::write(report),
        Format::Github => github::write(report),
        Format::Gitlab => gitlab::write(report),
        Format::AzurePipelines => azure_pipelines::write(report),
        Format::Checkstyle => checkstyle::write(report),
        Format::Markdown => markdown::write(report),
        Format::Ndjson => ndjson::write(report),
    }
}

impl Report<'_> {
    /// The findings in the order of all reports: path, offset, rule, resource, assignment.
    pub fn findings(&self) -> Vec<&Finding> {
        let mut ordered: Vec<&Finding> = self.findings.iter().collect();
        ordered.sort_by(|a, b| self.order(a, b));
        ordered
    }

    /// What is suppressed, in the same order.
    pub fn suppressed(&self) -> Vec<&Suppressed> {
        let mut ordered: Vec<&Suppressed> = self.suppressed.iter().collect();
        ordered.sort_by(|a, b| self.order(&a.finding, &b.finding).then_with(|| a.kind.cmp(&b.kind)));
        ordered
    }

    /// How many findings are suppressed, by whom: `2 suppressed (1 accepted in a source, 1 known to the baseline)`.
    pub fn suppressions(&self) -> Option<String> {
        let count = |kind: Suppression| self.suppressed.iter().filter(|one| one.kind == kind).count();
        let parts = Suppression::ALL.map(|(kind, words)| (count(kind), words));
        let parts: Vec<String> =
            parts.iter().filter(|(count, _)| *count > 0).map(|(count, words)| format!("{count} {words}")).collect();
        (!parts.is_empty()).then(|| format!("{} suppressed ({})", self.suppressed.len(), parts.join(", ")))
    }

    fn order(&self, a: &Finding, b: &Finding) -> std::cmp::Ordering {
        let path = |f: &Finding| self.sources.get(f.location.file).path();
        path(a)
            .cmp(path(b))
            .then_with(|| a.location.cmp(&b.location))
            .then_with(|| a.rule.cmp(&b.rule))
            .then_with(|| a.resource.address.cmp(&b.resource.address))
            .then_with(|| a.resource.id.cmp(&b.resource.id))
            .then_with(|| a.when.cmp(&b.when))
            .then_with(|| a.message.cmp(&b.message))
            .then_with(|| a.fingerprint.cmp(&b.fingerprint))
    }

    /// The problems in the order of all reports: those of no place first, then path, offset, code.
    pub fn problems(&self) -> Vec<&Problem> {
        let mut ordered: Vec<&Problem> = self.problems.iter().collect();
        ordered.sort_by(|a, b| {
            let place = |p: &Problem| p.span().map(|span| (self.sources.get(span.file).path(), span));
            place(a).cmp(&place(b)).then_with(|| a.code.cmp(b.code)).then_with(|| a.message.cmp(&b.message))
        });
        ordered
    }
}

#[cfg(test)]
mod tests;
