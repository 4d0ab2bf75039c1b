//! How often each rule was broken, for people who have many findings to go through.
//!
//! In: a [`Report`]. Out: a table. Must not know: who reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::check::finding::Outcome;

use super::Report;

/// A line for each rule with findings, the most frequent first.
pub fn write(report: &Report<'_>) -> String {
    let mut counts: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    for finding in report.findings {
        let (broken, open) = counts.entry(&finding.rule).or_default();
        match finding.outcome {
            Outcome::Violation => *broken += 1,
            Outcome::Open => *open += 1,
        }
    }
    let mut rows: Vec<(&str, (usize, usize))> = counts.into_iter().collect();
    rows.sort_by_key(|&(rule, counted)| (std::cmp::Reverse(counted), rule));
    let mut out = "findings  undecided  rule\n".to_owned();
    for (rule, (broken, open)) in rows {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{broken:>8}  {open:>9}  {rule}");
    }
    out
}
