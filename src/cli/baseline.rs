//! Findings that are known and wait: a file that silences them until they are mended.
//!
//! In: a baseline file, and the findings of a run. Out: the findings that are new, and how many were silenced; or the text
//! of a new baseline. Must not know: rules.
//!
//! A finding is told by its fingerprint, which depends on the rule, the resource and the property, not on lines, names of
//! files or the order of resources. Of several that are alike as many are silenced as the file has. What could not be decided
//! when the file was written is no violation that is known.

use std::collections::BTreeMap;

use serde_json::json;

use crate::check::{Finding, Outcome};
use crate::diag::Problems;
use crate::json::reader::Reader;
use crate::json::{self, Node};
use crate::source::{FileId, Sources, Span};

/// The version of the files that are written.
const VERSION: i64 = 1;

/// How often each known finding may turn up: violations, and what is left undecided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    violations: BTreeMap<String, usize>,
    open: BTreeMap<String, usize>,
}

/// Reads a baseline. With a fatal problem it cannot be used.
pub fn read(sources: &Sources, file: FileId) -> (Known, Problems) {
    let parsed = json::parse(file, sources.get(file).text());
    let mut problems: Problems = parsed.problems.iter().filter(|problem| problem.fatal).cloned().collect();
    let mut reader = Reader::new("baseline", &mut problems);
    let mut baseline = Known::default();
    let Some(root) = parsed.tree.root() else {
        reader.error_with_help(Span::new(file, 0, 0), "the baseline is empty", "write one with `--write-baseline`");
        return (baseline, problems);
    };
    let Some(mut fields) = reader.object(root) else { return (baseline, problems) };
    if let Some(version) = fields.required("version", &mut reader)
        && reader.integer(version).is_some_and(|number| number != VERSION)
    {
        let help = "write it anew with `--write-baseline`";
        reader.error_with_help(version.span(), format!("this version reads baselines of version {VERSION}"), help);
    }
    let list = fields.required("findings", &mut reader);
    for entry in list.and_then(|list| reader.array(list)).into_iter().flatten() {
        if let Some((print, open)) = fingerprint(&mut reader, entry) {
            baseline.add(print, open);
        }
    }
    fields.finish(&mut reader);
    (baseline, problems)
}

fn fingerprint(reader: &mut Reader<'_>, entry: Node<'_>) -> Option<(String, bool)> {
    let mut fields = reader.object(entry)?;
    // For people who read the file, and its differences.
    fields.optional("rule");
    fields.optional("resource");
    let print = fields.required("fingerprint", reader)?;
    let text = reader.text(print)?.as_str().to_owned();
    let open = fields.optional("open").and_then(|node| reader.bool(node)).unwrap_or(false);
    fields.finish(reader);
    Some((text, open))
}

impl Known {
    /// Some findings.
    pub fn of(findings: &[Finding]) -> Self {
        let mut known = Self::default();
        for finding in findings {
            known.add(finding.identity(), finding.outcome == Outcome::Open);
        }
        known
    }

    fn add(&mut self, print: String, open: bool) {
        let known = if open { &mut self.open } else { &mut self.violations };
        *known.entry(print).or_default() += 1;
    }

    /// Takes out the findings that are known. One that was a violation may be left undecided now, but not the other way
    /// round.
    pub fn take_from(&mut self, findings: &mut Vec<Finding>) -> Vec<Finding> {
        let take = |known: &mut BTreeMap<String, usize>, print: &str| match known.get_mut(print) {
            Some(left) if *left > 0 => {
                *left -= 1;
                true
            }
            Some(_) | None => false,
        };
        let mut known = |finding: &Finding| {
            let print = finding.identity();
            finding.outcome == Outcome::Open && take(&mut self.open, &print) || take(&mut self.violations, &print)
        };
        let (taken, kept) = std::mem::take(findings).into_iter().partition(|finding| known(finding));
        *findings = kept;
        taken
    }

    /// How many entries nothing was found for.
    pub fn left(&self) -> usize {
        self.violations.values().chain(self.open.values()).sum()
    }
}

/// The text of a baseline of these findings.
pub fn text(findings: &[Finding]) -> String {
    let mut entries: Vec<(&str, &str, String, bool)> = findings
        .iter()
        .map(|f| (f.rule.as_str(), f.resource.address.as_str(), f.identity(), f.outcome == Outcome::Open))
        .collect();
    entries.sort();
    let entry = |(rule, resource, print, open): (&str, &str, String, bool)| {
        let mut entry = json!({ "rule": rule, "resource": resource, "fingerprint": print });
        if open {
            entry["open"] = true.into();
        }
        entry
    };
    let entries: Vec<_> = entries.into_iter().map(entry).collect();
    let document = json!({ "version": VERSION, "findings": entries });
    // JSON values always serialize.
    crate::report::json::harmless(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}
