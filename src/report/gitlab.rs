//! GitLab's report of code quality ("Code Quality": a JSON array, one object an entry).
//!
//! In: a [`Report`]. Out: JSON. Must not know: the merge request.

use std::collections::HashMap;

use serde_json::json;

use crate::diag::Level;

use super::Report;
use super::item::all;

/// The document.
pub fn write(report: &Report<'_>) -> String {
    let mut seen: HashMap<String, usize> = HashMap::new();
    let entries: Vec<serde_json::Value> = all(report)
        .into_iter()
        .map(|item| {
            // GitLab drops entries whose fingerprint it has seen.
            let count = seen.entry(item.fingerprint.clone()).and_modify(|count| *count += 1).or_insert(0);
            let fingerprint = match *count {
                0 => item.fingerprint.clone(),
                n => crate::check::digest(&[&item.fingerprint, &n.to_string()]),
            };
            let severity = match (item.open, item.level) {
                (true, _) | (false, Level::Note) => "info",
                (false, Level::Warning) => "minor",
                (false, Level::Error) => "major",
            };
            let (path, line) = item.place.map_or(("acrlint".to_owned(), 1), |spot| (spot.path, spot.start.line));
            json!({
                "description": item.message,
                "check_name": item.code,
                "fingerprint": fingerprint,
                "severity": severity,
                "location": { "path": path, "lines": { "begin": line } },
            })
        })
        .collect();
    // JSON values always serialize.
    serde_json::to_string_pretty(&entries).unwrap_or_default() + "\n"
}
