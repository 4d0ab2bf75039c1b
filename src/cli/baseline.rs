//! Findings that are known and wait: a file that silences them until they are mended.
//!
//! In: a baseline file, and the findings of a run. Out: the findings that are new, and how many were silenced; or the text
//! of a new baseline. Must not know: rules.
//!
//! A finding is told by its fingerprint, which depends on the rule, the resource and the property, not on lines, names of
//! files or the order of resources. Of several that are alike as many are silenced as the file has.

use std::collections::BTreeMap;

use serde_json::json;

use crate::check::Finding;
use crate::diag::Problems;
use crate::json::reader::Reader;
use crate::json::{self, Node};
use crate::source::{FileId, Sources, Span};

/// The version of the files that are written.
const VERSION: i64 = 1;

/// How often each known finding may turn up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Baseline {
    left: BTreeMap<String, usize>,
}

/// Reads a baseline. With a fatal problem it cannot be used.
pub fn read(sources: &Sources, file: FileId) -> (Baseline, Problems) {
    let parsed = json::parse(file, sources.get(file).text());
    let mut problems: Problems = parsed.problems.iter().filter(|problem| problem.fatal).cloned().collect();
    let mut reader = Reader::new("baseline", &mut problems);
    let mut baseline = Baseline::default();
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
        if let Some(print) = fingerprint(&mut reader, entry) {
            *baseline.left.entry(print).or_default() += 1;
        }
    }
    fields.finish(&mut reader);
    (baseline, problems)
}

fn fingerprint(reader: &mut Reader<'_>, entry: Node<'_>) -> Option<String> {
    let mut fields = reader.object(entry)?;
    // For people who read the file, and its differences.
    fields.optional("rule");
    fields.optional("resource");
    let print = fields.required("fingerprint", reader)?;
    let text = reader.text(print)?.as_str().to_owned();
    fields.finish(reader);
    Some(text)
}

impl Baseline {
    /// Takes out the findings that are known; how many there were.
    pub fn silence(&mut self, findings: &mut Vec<Finding>) -> usize {
        let before = findings.len();
        findings.retain(|finding| match self.left.get_mut(&finding.identity()) {
            Some(left) if *left > 0 => {
                *left -= 1;
                false
            }
            Some(_) | None => true,
        });
        before - findings.len()
    }

    /// How many entries nothing was found for.
    pub fn unused(&self) -> usize {
        self.left.values().sum()
    }
}

/// The text of a baseline of these findings.
pub fn text(findings: &[Finding]) -> String {
    let mut entries: Vec<(&str, &str, String)> =
        findings.iter().map(|f| (f.rule.as_str(), f.resource.address.as_str(), f.identity())).collect();
    entries.sort();
    let entries: Vec<_> = entries
        .into_iter()
        .map(|(rule, resource, print)| json!({ "rule": rule, "resource": resource, "fingerprint": print }))
        .collect();
    let document = json!({ "version": VERSION, "findings": entries });
    // JSON values always serialize.
    crate::report::json::harmless(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
}
