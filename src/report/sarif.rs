//! SARIF 2.1.0, which code scanning of GitHub, Azure DevOps and many editors read (OASIS, "Static Analysis Results
//! Interchange Format").
//!
//! In: a [`Report`]. Out: one run as JSON. Must not know: rules beyond what [`RuleText`] says of them.
//!
//! Premises are related locations, the way of a value is a code flow, what is left undecided is of the kind `open`, and
//! problems with files are notifications of the run. Columns count UTF-16 code units, as `columnKind` says. Fingerprints
//! do not depend on lines.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use crate::check::finding::{Certainty, Evidence, Finding, Outcome};
use crate::diag::{Level, Problem, Role};
use crate::source::Span;

use super::concise::visible;
use super::place::{Positions, Unit};
use super::{Report, RuleText, Suppressed, Suppression};

/// Where the schema is.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// The document.
pub fn write(report: &Report<'_>) -> String {
    let writer = Writer { report, positions: Positions::counting(report, Unit::Utf16) };
    let mut rules: Vec<&RuleText> = report.rules.iter().collect();
    // A finding of a rule that nobody described still has its rule.
    let undescribed: BTreeMap<&str, RuleText> = report
        .findings
        .iter()
        .chain(report.suppressed.iter().map(|one| &one.finding))
        .filter(|finding| !rules.iter().any(|rule| rule.id == finding.rule))
        .map(|finding| {
            (finding.rule.as_str(), RuleText { id: finding.rule.clone(), level: finding.level, ..RuleText::default() })
        })
        .collect();
    rules.extend(undescribed.values());
    let index: BTreeMap<&str, usize> = rules.iter().enumerate().map(|(at, rule)| (rule.id.as_str(), at)).collect();
    let mut results: Vec<Value> = report.findings().into_iter().map(|finding| writer.result(finding, &index)).collect();
    results.extend(report.suppressed().into_iter().map(|one| writer.suppressed(one, &index)));
    let notifications: Vec<Value> = report.problems().into_iter().map(|problem| writer.notification(problem)).collect();
    let run = json!({
        "tool": { "driver": {
            "name": "acrlint",
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "rules": rules.iter().map(|rule| descriptor(rule)).collect::<Vec<_>>(),
        } },
        "columnKind": "utf16CodeUnits",
        "invocations": [{
            "executionSuccessful": !report.problems.iter().any(|problem| problem.fatal),
            "toolExecutionNotifications": notifications,
        }],
        "results": results,
    });
    let document = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    // JSON values always serialize.
    serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
}

fn descriptor(rule: &RuleText) -> Value {
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(rule.id));
    if !rule.title.is_empty() {
        out.insert("shortDescription".to_owned(), json!({ "text": rule.title }));
    }
    if !rule.why.is_empty() {
        out.insert("fullDescription".to_owned(), json!({ "text": rule.why }));
    }
    if !rule.help.is_empty() {
        out.insert("help".to_owned(), json!({ "text": rule.help, "markdown": rule.help }));
    }
    if let Some(url) = &rule.url {
        out.insert("helpUri".to_owned(), json!(url));
    }
    out.insert("defaultConfiguration".to_owned(), json!({ "level": level(rule.level) }));
    Value::Object(out)
}

const fn level(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    }
}

struct Writer<'a> {
    report: &'a Report<'a>,
    positions: Positions<'a>,
}

impl Writer<'_> {
    fn clean(&self, text: &str) -> String {
        visible(&self.report.redact.clean(text))
    }

    fn result(&self, finding: &Finding, index: &BTreeMap<&str, usize>) -> Value {
        let only = finding.circumstances().map_or_else(String::new, |only| format!(" ({only})"));
        let help = finding.help.as_ref().map_or_else(String::new, |help| format!("\n\n{help}"));
        let open = finding.outcome == Outcome::Open;
        let mut out = Map::new();
        out.insert("ruleId".to_owned(), json!(finding.rule));
        if let Some(at) = index.get(finding.rule.as_str()) {
            out.insert("ruleIndex".to_owned(), json!(at));
        }
        // The level of a result that is not a failure is none (3.27.10).
        out.insert("kind".to_owned(), json!(if open { "open" } else { "fail" }));
        out.insert("level".to_owned(), json!(if open { "none" } else { level(finding.level) }));
        out.insert("message".to_owned(), json!({ "text": self.clean(&format!("{}{only}{help}", finding.message)) }));
        let mut location = self.location(finding.location);
        location["logicalLocations"] = json!([{
            "name": self.clean(&finding.resource.name),
            "fullyQualifiedName": self.clean(&finding.resource.id),
            "kind": "resource",
        }]);
        out.insert("locations".to_owned(), json!([location]));
        let related: Vec<Value> = self.related(finding);
        if !related.is_empty() {
            out.insert("relatedLocations".to_owned(), related.into());
        }
        if let Some(flow) = self.flow(finding) {
            out.insert("codeFlows".to_owned(), json!([flow]));
        }
        out.insert("partialFingerprints".to_owned(), json!({ "acrlint/v1": finding.identity() }));
        let certainty = match finding.certainty {
            Certainty::Proven => "proven",
            Certainty::Presumed => "presumed",
        };
        let mut properties = json!({ "certainty": certainty, "resource": self.clean(&finding.resource.address) });
        if open {
            properties["reportedLevel"] = json!(level(finding.level));
            properties["settle"] = finding.settle.iter().map(|what| self.clean(what)).collect::<Vec<_>>().into();
        }
        out.insert("properties".to_owned(), properties);
        Value::Object(out)
    }

    /// A result that is not to be acted on (3.35).
    fn suppressed(&self, one: &Suppressed, index: &BTreeMap<&str, usize>) -> Value {
        let kind = match one.kind {
            Suppression::Source => "inSource",
            Suppression::Configuration | Suppression::Baseline | Suppression::Before => "external",
        };
        let mut suppression = json!({ "kind": kind, "status": "accepted" });
        if !one.reason.is_empty() {
            suppression["justification"] = json!(self.clean(&one.reason));
        }
        if let Some(at) = one.at {
            suppression["location"] = self.location(at);
        }
        let mut result = self.result(&one.finding, index);
        result["suppressions"] = json!([suppression]);
        result
    }

    fn related(&self, finding: &Finding) -> Vec<Value> {
        let premises = finding.evidence.iter().filter(|evidence| evidence.role != Role::Context);
        premises
            .enumerate()
            .map(|(id, evidence)| {
                let mut location = self.location(evidence.span);
                location["id"] = json!(id);
                location["message"] = json!({ "text": self.clean(&evidence.message) });
                location
            })
            .collect()
    }

    /// The way of the values, from their uses to the place to edit.
    fn flow(&self, finding: &Finding) -> Option<Value> {
        let steps: Vec<&Evidence> = finding.evidence.iter().filter(|evidence| evidence.role == Role::Context).collect();
        if steps.is_empty() {
            return None;
        }
        let step = |span: Span, text: &str| {
            let mut location = self.location(span);
            location["message"] = json!({ "text": self.clean(text) });
            json!({ "location": location })
        };
        let mut locations: Vec<Value> = steps.iter().map(|evidence| step(evidence.span, &evidence.message)).collect();
        locations.push(step(finding.location, "the place to edit"));
        Some(json!({ "threadFlows": [{ "locations": locations }] }))
    }

    fn notification(&self, problem: &Problem) -> Value {
        let help = problem.help.as_ref().map_or_else(String::new, |help| format!("\n\n{help}"));
        let mut out = Map::new();
        out.insert("descriptor".to_owned(), json!({ "id": problem.code }));
        out.insert("level".to_owned(), json!(level(problem.level)));
        out.insert("message".to_owned(), json!({ "text": self.clean(&format!("{}{help}", problem.message)) }));
        if let Some(span) = problem.span() {
            out.insert("locations".to_owned(), json!([self.location(span)]));
        }
        Value::Object(out)
    }

    fn location(&self, span: Span) -> Value {
        let source = self.report.sources.get(span.file);
        let place = |offset: u32| {
            let position = self.positions.at(span.file, offset);
            (position.line, position.column)
        };
        let (start, end) = (place(span.start), place(span.end));
        let end = if end <= start { (start.0, start.1 + 1) } else { end };
        let uri = uri(&self.clean(source.path()));
        json!({ "physicalLocation": {
            "artifactLocation": { "uri": uri },
            "region": { "startLine": start.0, "startColumn": start.1, "endLine": end.0, "endColumn": end.1 },
        } })
    }
}

/// A path as a URI reference.
fn uri(path: &str) -> String {
    let mut out = String::with_capacity(path.len());
    for byte in path.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'/' | b'-' | b'.' | b'_' | b'~' => out.push(char::from(byte)),
            // A colon in the first part would begin a scheme.
            _ => {
                // Writing to a string cannot fail.
                let _ = write!(out, "%{byte:02X}");
            }
        }
    }
    if path.starts_with('/') { format!("file://{out}") } else { out }
}
