//! One line a finding: `path:line:column: level[rule] message`.
//!
//! In: a [`Report`]. Out: text that editors and problem matchers take. Must not know: colors, widths.

use std::fmt::Write as _;

use super::{Positions, Report};

/// Problems first, then findings, then how many are suppressed; nothing else.
pub fn write(report: &Report<'_>) -> String {
    let positions = Positions::of(report);
    let mut out = String::new();
    for problem in report.problems() {
        let place = problem.span().map(|span| positions.name(span));
        line(report, &mut out, place, (problem.level.name(), problem.code), &problem.message);
    }
    for finding in report.findings() {
        let place = Some(positions.name(finding.location));
        let only = finding.circumstances().map_or_else(String::new, |only| format!(" ({only})"));
        let message = format!("{}{only}", finding.message);
        line(report, &mut out, place, (finding.level.name(), &finding.rule), &message);
    }
    if let Some(suppressed) = report.suppressions() {
        line(report, &mut out, None, ("note", "suppressed"), &suppressed);
    }
    out
}

fn line(report: &Report<'_>, out: &mut String, place: Option<String>, (level, code): (&str, &str), message: &str) {
    let place = place.map_or_else(String::new, |place| format!("{place}: "));
    let message = report.redact.clean(message);
    let written = format!("{}{level}[{code}] {}", squeeze_path(&report.redact.clean(&place)), squeeze(&message));
    // Writing to a string cannot fail.
    let _ = writeln!(out, "{}", visible(&written));
}

/// A path on its line: spaces stay as they are.
fn squeeze_path(path: &str) -> String {
    path.replace(['\r', '\n'], "\u{fffd}")
}

/// The text on one line: every run of white space is one space.
pub fn squeeze(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The text without characters that would steer a terminal or turn the direction of writing.
pub fn visible(text: &str) -> String {
    let plain = |byte: u8| matches!(byte, b' '..=b'~' | b'\t' | b'\n');
    if text.bytes().all(plain) { text.to_owned() } else { text.chars().map(show).collect() }
}

/// A visible stand-in for characters that a terminal obeys rather than shows.
pub const fn show(c: char) -> char {
    match c {
        '\t' | '\n' => c,
        '\u{0}'..='\u{1f}' => match char::from_u32(0x2400 + c as u32) {
            Some(picture) => picture,
            None => '\u{fffd}',
        },
        '\u{7f}'..='\u{9f}' => '\u{fffd}',
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' => '\u{fffd}',
        _ => c,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_terminal_is_never_steered() {
        assert_eq!(visible("a\u{1b}[31mb\u{202e}c"), "a␛[31mb\u{fffd}c");
        assert_eq!(squeeze("a\r\n  b\tc "), "a b c");
    }
}
