//! Annotations of GitHub Actions: workflow commands on standard output ("Workflow commands for GitHub Actions").
//!
//! In: a [`Report`]. Out: a command for each entry. Must not know: whether anybody reads the log.
//!
//! GitHub shows ten annotations of a level for a step and drops the rest in silence. So the tenth says how many there are
//! more, and those are written to the log, one line each.

use std::fmt::Write as _;

use crate::diag::Level;

use super::Report;
use super::item::{Item, all, percent};

/// Annotations of a level that a step may have.
const SHOWN: usize = 10;

/// The commands, then what is left, then the numbers.
pub fn write(report: &Report<'_>) -> String {
    let items = all(report);
    let mut out = String::new();
    for level in [Level::Error, Level::Warning, Level::Note] {
        let all: Vec<&Item<'_>> = items.iter().filter(|item| item.level == level).collect();
        let shown = if all.len() > SHOWN { SHOWN - 1 } else { all.len() };
        for item in all.iter().take(shown) {
            command(&mut out, item);
        }
        let left = all.get(shown..).unwrap_or_default();
        if !left.is_empty() {
            let text = format!("{} more of this level are in the log of this step", left.len());
            // Writing to a string cannot fail.
            let _ = writeln!(out, "::{} title=acrlint::{}", word(level), text);
        }
        for item in left {
            let place = item
                .place
                .as_ref()
                .map_or_else(String::new, |spot| format!("{}:{}:{}: ", spot.path, spot.start.line, spot.start.column));
            let _ = writeln!(
                out,
                " {}",
                percent(&format!("{place}{}[{}] {}", level.name(), item.code, item.message), &[], "%")
            );
        }
    }
    out
}

const fn word(level: Level) -> &'static str {
    match level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "notice",
    }
}

fn command(out: &mut String, item: &Item<'_>) {
    let property = |text: &str| percent(text, &[':', ','], "%25");
    let mut properties = Vec::new();
    if let Some(spot) = &item.place {
        properties.push(format!("file={}", property(&spot.path)));
        properties.push(format!("line={}", spot.start.line));
        if spot.end.line == spot.start.line {
            // Columns count only within a line.
            properties.push(format!("col={}", spot.start.column));
            properties.push(format!("endColumn={}", spot.end.column.max(spot.start.column + 1)));
        } else {
            properties.push(format!("endLine={}", spot.end.line));
        }
    }
    properties.push(format!("title={}", property(&format!("acrlint {}", item.code))));
    let help = item.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
    let message = percent(&format!("{}{help}", item.message), &[], "%25");
    let _ = writeln!(out, "::{} {}::{message}", word(item.level), properties.join(","));
}
