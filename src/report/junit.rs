//! JUnit's XML, in which build servers show tests: a suite for each rule, a case for each finding.
//!
//! In: a [`Report`]. Out: XML without times, since equal input gives equal bytes. Must not know: who reads it.
//!
//! A violation is a failure, what is left undecided or suppressed is skipped, and a problem with a file is an error. A run that has
//! nothing to say has one case that passed for each file, so that it is seen to have run.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::Report;
use super::item::{Item, items, suppressed, xml};

/// The document.
pub fn write(report: &Report<'_>) -> String {
    let items = items(report);
    let accepted = suppressed(report);
    let mut suites: BTreeMap<&str, Suite<'_>> = BTreeMap::new();
    for item in &items {
        suites.entry(item.code).or_default().said.push(item);
    }
    for (item, reason) in &accepted {
        suites.entry(item.code).or_default().accepted.push((item, reason));
    }
    let (mut failures, mut errors) = (0, 0);
    for item in &items {
        match (is_problem(item), item.open) {
            (true, _) => errors += 1,
            (false, true) => {}
            (false, false) => failures += 1,
        }
    }
    let passed = if items.is_empty() && accepted.is_empty() { report.files.len() } else { 0 };
    let tests = items.len() + accepted.len() + passed;
    let mut out = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"acrlint\" tests=\"{tests}\" failures=\"{failures}\" \
         errors=\"{errors}\">\n"
    );
    for (code, cases) in suites {
        suite(&mut out, code, &cases);
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

/// The cases of a rule.
#[derive(Default)]
struct Suite<'a> {
    said: Vec<&'a Item<'a>>,
    /// What is suppressed, and why.
    accepted: Vec<(&'a Item<'a>, &'a str)>,
}

fn is_problem(item: &Item<'_>) -> bool {
    item.resource.is_empty()
}

fn suite(out: &mut String, code: &str, suite: &Suite<'_>) {
    let items = &suite.said;
    let count = |what: fn(&Item<'_>) -> bool| items.iter().filter(|item| what(item)).count();
    let (errors, skipped) = (count(is_problem), count(|item| !is_problem(item) && item.open));
    let failures = items.len() - errors - skipped;
    let _ = writeln!(
        out,
        "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{}\">",
        xml(code),
        items.len() + suite.accepted.len(),
        skipped + suite.accepted.len()
    );
    for item in items {
        let place = place(item);
        let help = item.help.as_ref().map_or_else(String::new, |help| format!("\nhelp: {help}"));
        let text = xml(&format!("{place}\n{}{help}", item.message)).replace("&#10;", "\n");
        let message = xml(&item.message);
        case(out, item, code);
        let level = item.level.name();
        let _ = match (is_problem(item), item.open) {
            (true, _) => writeln!(out, "      <error message=\"{message}\" type=\"{level}\">{text}</error>"),
            (false, true) => writeln!(out, "      <skipped message=\"{message}\"/>"),
            (false, false) => writeln!(out, "      <failure message=\"{message}\" type=\"{level}\">{text}</failure>"),
        };
        out.push_str("    </testcase>\n");
    }
    for (item, reason) in &suite.accepted {
        case(out, item, code);
        let _ = writeln!(out, "      <skipped message=\"{}\"/>", xml(&format!("{} ({reason})", item.message)));
        out.push_str("    </testcase>\n");
    }
    out.push_str("  </testsuite>\n");
}

fn place(item: &Item<'_>) -> String {
    let spot = item.place.as_ref();
    spot.map_or_else(String::new, |spot| format!("{}:{}:{}", spot.path, spot.start.line, spot.start.column))
}

/// The beginning of a case.
fn case(out: &mut String, item: &Item<'_>, code: &str) {
    let place = place(item);
    let name = [item.resource.as_str(), &place].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
    // Writing to a string cannot fail.
    let _ = writeln!(out, "    <testcase name=\"{}\" classname=\"acrlint.{}\">", xml(&name.join(" ")), xml(code));
}
