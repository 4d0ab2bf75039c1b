//! Issues of Azure Pipelines: logging commands on standard output ("Logging commands", `task.logissue`).
//!
//! In: a [`Report`]. Out: a command for each error and warning, a plain line for the rest. Must not know: the pipeline.

use std::fmt::Write as _;

use crate::diag::Level;

use super::Report;
use super::item::{all, percent};

/// The commands and lines.
pub fn write(report: &Report<'_>) -> String {
    let mut out = String::new();
    for item in all(report) {
        let ty = match item.level {
            Level::Error => "error",
            Level::Warning => "warning",
            // A pipeline has no third level.
            Level::Note => {
                let place = item.place.as_ref().map_or_else(String::new, |spot| {
                    format!("{}:{}:{}: ", spot.path, spot.start.line, spot.start.column)
                });
                // Writing to a string cannot fail. No line may begin as a command does.
                let _ = writeln!(out, " {}", harmless(&format!("{place}note[{}] {}", item.code, item.message)));
                continue;
            }
        };
        let property = |text: &str| percent(&harmless(text), &[';', ']'], "%AZP25");
        let mut properties = format!("type={ty};");
        if let Some(spot) = &item.place {
            let _ = write!(
                properties,
                "sourcepath={};linenumber={};columnnumber={};",
                property(&spot.path),
                spot.start.line,
                spot.start.column
            );
        }
        let _ = write!(properties, "code={};", property(item.code));
        let help = item.help.as_ref().map_or_else(String::new, |help| format!(" — {help}"));
        let message = percent(&harmless(&format!("{}{help}", item.message)), &[], "%AZP25");
        let _ = writeln!(out, "##vso[task.logissue {properties}]{message}");
    }
    out
}

/// The agent looks for commands anywhere in a line.
fn harmless(text: &str) -> String {
    text.replace("##vso[", "# # vso[").replace("##[", "# # [")
}
