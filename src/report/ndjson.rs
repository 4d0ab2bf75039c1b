//! One JSON object a line: each problem, finding and suppressed finding as in `schemas/report.schema.json`, and a summary at the end.
//!
//! In: a [`Report`]. Out: lines that a stream processor takes one by one. Must not know: more than [`super::json`].

use super::{Report, json};

/// The lines: `{"kind": "problem" | "finding" | "suppressed" | "summary", …}`.
pub fn write(report: &Report<'_>) -> String {
    let document = json::value(report);
    let mut out = String::new();
    let mut line = |kind: &str, value: &serde_json::Value| {
        let mut object = serde_json::Map::new();
        object.insert("kind".to_owned(), kind.into());
        object.extend(value.as_object().cloned().unwrap_or_default());
        out.push_str(&json::harmless(&serde_json::Value::Object(object).to_string()));
        out.push('\n');
    };
    for (kind, list) in [("problem", "problems"), ("finding", "findings"), ("suppressed", "suppressed")] {
        document[list].as_array().into_iter().flatten().for_each(|value| line(kind, value));
    }
    line("summary", &document["summary"]);
    out
}
