//! What the program says beside its report: times, counts, links; and what it prints for shells and `man`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    reason = "what a test cannot do ends it"
)]

use std::ffi::OsString;
use std::path::Path;

use acrlint::cli::analyze::{Input, Options};
use acrlint::cli::{self, Stages, Streams};
use acrlint::report::{self, Format, Look, Report, Summary};
use acrlint::source::Sources;

fn acrlint(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let exit = cli::run(["acrlint"].iter().chain(arguments).map(OsString::from), &mut streams);
    (exit.code(), String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn example() -> String {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/examples/registry-estate.json").display().to_string()
}

#[test]
fn times_and_counts_stand_beside_the_report() {
    let example = example();
    let plain = acrlint(&["check", "--no-config", "--format", "json", &example]);
    let more = acrlint(&["check", "--no-config", "--format", "json", "--verbose", "--statistics", &example]);
    assert_eq!((plain.0, &plain.1), (more.0, &more.1), "the report is the same");
    assert_eq!(plain.2, "");
    let stages: Vec<&str> = more.2.lines().filter_map(|line| line.strip_prefix("time: ")?.get(..16)).collect();
    let stages: Vec<&str> = stages.iter().map(|stage| stage.trim()).collect();
    let all = ["read files", "read rules", "parse", "judge", "write reports", "in all"];
    assert_eq!(stages, all, "{}", more.2);
    let counts: Vec<&str> = more.2.lines().take_while(|line| !line.starts_with("time: ")).collect();
    assert_eq!(
        counts,
        [
            "findings  undecided  rule",
            "       1          0  acr-pe-and-vnetrules-coexist",
            "       1          0  acr-service-endpoint-public-disabled",
            "       1          0  defender-bypass-off",
            "       1          0  defender-se-registry",
            "       1          0  dns-record-missing-replica",
            "       1          0  dns-zone-group-missing",
            "       1          0  pe-unreachable-from-client",
            "       0          1  se-missing-endpoint",
            "       0          1  se-provider-not-registered",
        ]
    );
    assert_eq!(acrlint(&["check", "--verbose", "--quiet", &example]).0, 2);
}

/// The text without links (OSC 8), and where they lead.
fn without_links(text: &str) -> (String, Vec<&str>) {
    let (mut plain, mut links) = (String::new(), Vec::new());
    for (i, piece) in text.split("\u{1b}]8;;").enumerate() {
        let (link, rest) = if i == 0 { ("", piece) } else { piece.split_once("\u{1b}\\").unwrap() };
        links.extend(Some(link).filter(|link| !link.is_empty()));
        plain.push_str(rest);
    }
    (plain, links)
}

#[test]
fn rules_are_links_where_the_terminal_shows_them() {
    let path = example();
    let mut sources = Sources::new();
    let file = sources.add("main.json", std::fs::read_to_string(path).unwrap());
    let input = Input { file, explicit: true, parameters: Vec::new() };
    let analysis = (Stages::default().analyze)(&mut sources, &[input], &Options::default(), &mut |_| {}).unwrap();
    let report = Report {
        findings: &analysis.findings,
        suppressed: &[],
        problems: &analysis.problems,
        sources: &sources,
        files: Vec::new(),
        summary: Summary::default(),
        notes: Vec::new(),
        redact: &analysis.redactions,
        rules: &analysis.rules,
    };
    for color in [false, true] {
        for width in [40, 100] {
            let look = Look { color, width, ..Look::default() };
            let text = report::write(&report, Format::Human, look);
            let linked = report::write(&report, Format::Human, Look { links: true, ..look });
            let (plain, links) = without_links(&linked);
            assert_eq!(plain, text, "links take no columns");
            assert_eq!(links.len(), 9, "each finding has one: {links:?}");
            assert!(links.iter().all(|link| link.starts_with("https://")), "{links:?}");
        }
    }
}

#[test]
fn shells_and_man_get_every_command() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let (code, script, _) = acrlint(&["completions", shell]);
        assert!(code == 0 && script.contains("write-baseline") && script.contains("collect"), "{shell}: {script}");
    }
    assert_eq!(acrlint(&["completions", "cmd"]).0, 2);
    let (code, page, _) = acrlint(&["man"]);
    assert!(code == 0 && page.contains(".TH acrlint 1") && page.contains("acrlint\\-check(1)"), "{page}");
    let (code, page, _) = acrlint(&["man", "check"]);
    assert!(code == 0 && page.contains(".TH acrlint-check 1") && page.contains(".SH REPORT"), "{page}");
    let (code, out, said) = acrlint(&["man", "chek"]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert_eq!(said, "error: there is no command `chek`; did you mean `check`?\n");
}

#[test]
fn what_is_misspelt_is_recognized() {
    for (typed, meant) in [
        (&["chekc"][..], "'check'"),
        (&["check", "--fromat", "json"], "'--format'"),
        (&["check", "--format", "sarfi"], "'sarif'"),
        (&["check", "--output", "sarfi=x"], "`sarif`"),
        (&["check", "--select", "dns-zone-not-linkd"], "`dns-zone-not-linked`"),
        (&["check", "--ignore", "qqqqqq"], "`acrlint rule` lists all rules"),
        (&["rule", "drfit"], "`drift`"),
    ] {
        let (code, _, said) = acrlint(typed);
        assert!(code == 2 && said.contains(meant), "{typed:?}: {said}");
    }
}
