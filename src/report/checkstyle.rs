//! Checkstyle's XML, which many tools of code review read.
//!
//! In: a [`Report`]. Out: XML with an element for each file. Must not know: who reads it.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::diag::Level;

use super::Report;
use super::item::{Item, all, xml};

/// The document.
pub fn write(report: &Report<'_>) -> String {
    let items = all(report);
    let mut files: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    for item in &items {
        files.entry(item.place.as_ref().map_or("acrlint", |spot| &spot.path)).or_default().push(item);
    }
    let mut out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<checkstyle version=\"8.0\">\n".to_owned();
    for (path, items) in files {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "  <file name=\"{}\">", xml(path));
        for item in items {
            let severity = match item.level {
                Level::Error => "error",
                Level::Warning => "warning",
                Level::Note => "info",
            };
            let at = item.place.as_ref().map_or((1, 1), |spot| (spot.start.line, spot.start.column));
            let _ = writeln!(
                out,
                "    <error line=\"{}\" column=\"{}\" severity=\"{severity}\" message=\"{}\" source=\"acrlint.{}\"/>",
                at.0,
                at.1,
                xml(&item.message),
                xml(item.code)
            );
        }
        out.push_str("  </file>\n");
    }
    out.push_str("</checkstyle>\n");
    out
}
