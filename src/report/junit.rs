//! JUnit's XML, in which build servers show tests: a suite for each rule, a case for each finding.
//!
//! In: a [`Report`]. Out: XML without times, since equal input gives equal bytes. Must not know: who reads it.
//!
//! A violation is a failure, what is left undecided is skipped, and a problem with a file is an error. A run that has
//! nothing to say has one case that passed for each file, so that it is seen to have run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Report;
use super::item::{Item, items, xml};

/// The document.
pub fn write(report: &Report<'_>) -> String {
    let items = items(report);
    let mut suites: BTreeMap<&str, Vec<&Item<'_>>> = BTreeMap::new();
    for item in &items {
        suites.entry(item.code).or_default().push(item);
    }
    let (mut failures, mut errors) = (0, 0);
    for item in &items {
        match (is_problem(item), item.open) {
            (true, _) => errors += 1,
            (false, true) => {}
            (false, false) => failures += 1,
        }
    }
    let passed = if items.is_empty() { report.files.len() } else { 0 };
    let tests = items.len() + passed;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"acrlint\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"{errors}\">\n"
    );
    for (code, items) in suites {
        suite(&mut out, code, &items);
    }
    if passed > 0 {
        // Writing to a string cannot fail.
        let _ = writeln!(
            out,
            "  <testsuite name=\"acrlint\" tests=\"{passed}\" failures=\"0\" errors=\"0\" skipped=\"0\">"
        );
        for file in &report.files {
            let name = super::concise::visible(&report.redact.clean(&file.path));
            let _ = writeln!(out, "    <testcase name=\"{}\" classname=\"acrlint\"/>", xml(&name));
        }
        out.push_str("  </testsuite>\n");
    }
    out.push_str("</testsuites>\n");
    out
}

fn is_problem(item: &Item<'_>) -> bool {
    item.resource.is_empty()
}

fn suite(out: &mut String, code: &str, items: &[&Item<'_>]) {
    let count = |what: fn(&Item<'_>) -> bool| items.iter().filter(|item| what(item)).count();
    let (errors, skipped) = (count(is_problem), count(|item| !is_problem(item) && item.open));
    let failures = items.len() - errors - skipped;
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">",
        xml(code),
        items.len()
    );
    for item in items {
        let place = item
            .place
            .as_ref()
            .map_or_else(String::new, |spot| format!("{}:{}:{}", spot.path, spot.start.line, spot.start.column));
        let name = [item.resource.as_str(), &place].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        let help = item.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
        let text = xml(&format!("{place}\n{}{help}", item.message)).replace("&#10;", "\n");
        let message = xml(&item.message);
        let _ = writeln!(out, "    <testcase name=\"{}\" classname=\"acrlint.{}\">", xml(&name.join(" ")), xml(code));
        let level = item.level.name();
        let _ = match (is_problem(item), item.open) {
            (true, _) => writeln!(out, "      <error message=\"{message}\" type=\"{level}\">{text}</error>"),
            (false, true) => writeln!(out, "      <skipped message=\"{message}\"/>"),
            (false, false) => writeln!(out, "      <failure message=\"{message}\" type=\"{level}\">{text}</failure>"),
        };
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n");
}
