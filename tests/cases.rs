//! Failures that people met in the field: found on the faulty templates and dumps by a finding that names what is wrong,
//! and gone on the repaired ones. Runs where the collection stands beside the checkout; prints a table of all of them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::{self, Streams};
use serde_json::Value;

/// The cases whose cause a rule is about.
const FOUND: &[(&str, &str)] = &[
    ("C054", "dns-resolver-not-azure"),
    ("C059", "dns-vnet-linked-twice"),
    ("C002", "acr-client-ip-not-allowed"),
    ("C003", "acr-deny-no-rules-no-pe"),
    ("C078", "acr-pe-and-vnetrules-coexist"),
    ("C061", "image-host-not-login-server"),
    ("C096", "connected-registry-needs-data-endpoint"),
    ("C077", "pe-subnet-ip-exhaustion"),
    ("C010", "tasks-dualstack"),
    ("C009", "acr-export-policy"),
    ("C008", "acr-network-rules-need-premium"),
    ("C025", "tasks-public-disabled-no-agentpool"),
    ("C032", "appservice-not-trusted"),
    ("C035", "containerapps-not-trusted"),
    ("C081", "acr-vnetrules-api-version"),
    ("C083", "egress-udr-blackhole"),
    ("C024", "tasks-identity-not-attached"),
    ("C052", "dns-zone-not-linked"),
    ("C053", "dns-record-missing-data"),
    ("C079", "acr-service-endpoint-public-disabled"),
    ("C018", "acr-network-rules-need-premium"),
    ("C051", "dns-zone-not-linked"),
    ("C064", "dns-record-missing-data"),
    ("C075", "pe-static-ip-missing-member"),
    ("C057", "dns-shadow-region-data-zone"),
    ("C101", "pe-removed-clients-remain"),
    ("C084", "egress-nsg-blocks-registry"),
    ("C070", "dns-zone-declared-twice"),
    ("C027", "agentpool-egress"),
    ("C028", "agentpool-egress"),
    ("C088", "fw-missing-login"),
    ("C091", "egress-nsg-mcr-without-frontdoor"),
];

/// The cases whose cause no rule is about yet, and what such a rule would be called.
const MISSING: &[(&str, &str)] = &[("C076", "pe-replication-race")];

/// The report on the files of a folder: a template, or dumps that are one estate.
fn report(folder: &Path) -> Value {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json", "--open", "ignore"].map(OsString::from);
    let exit = cli::run(arguments.into_iter().chain([folder.into()]), &mut streams);
    assert_ne!(exit, cli::Exit::Unusable, "{}: {}", folder.display(), String::from_utf8_lossy(&err));
    serde_json::from_slice(&out).unwrap()
}

fn findings<'r>(report: &'r Value, rule: &str) -> Vec<&'r Value> {
    let all = report["findings"].as_array().unwrap();
    all.iter().filter(|finding| finding["rule"] == rule).collect()
}

/// Everything that a finding says to a person.
fn words(finding: &Value) -> String {
    let mut words = format!("{} {} {}", finding["message"], finding["help"], finding["resource"]);
    for evidence in finding["evidence"].as_array().into_iter().flatten() {
        write!(words, " {} {} {}", evidence["property"], evidence["value"], evidence["message"]).unwrap();
    }
    words.to_lowercase()
}

fn cases(folder: &Path) -> Vec<(String, PathBuf, Value)> {
    let mut cases = Vec::new();
    for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
        let Ok(text) = fs::read_to_string(entry.path().join("case.json")) else { continue };
        let case: Value = serde_json::from_str(&text).unwrap();
        if ["arm", "azcli", "terraform"].iter().any(|inputs| case["inputs"] == *inputs) {
            cases.push((entry.file_name().into_string().unwrap(), entry.path(), case));
        }
    }
    cases.sort_by(|a, b| a.0.cmp(&b.0));
    cases
}

#[test]
fn faults_from_the_field_are_found_and_their_repairs_are_clean() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/cases");
    if !folder.is_dir() {
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("NOT TESTED: {} is not there\n", folder.display()),
        );
        return;
    }
    let mut wrong = Vec::new();
    for (id, path, case) in cases(&folder) {
        let bad = report(&path.join("bad"));
        let good = report(&path.join("good"));
        let count = |report: &Value| report["findings"].as_array().map_or(0, Vec::len);
        let rule = FOUND.iter().find(|(case, _)| *case == id).map(|(_, rule)| *rule);
        let state = match (rule, MISSING.iter().find(|(case, _)| *case == id)) {
            (Some(rule), _) => {
                let wanted: Vec<String> = case["expected"]["must_mention"]
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|word| word.as_str().unwrap().to_lowercase())
                    .collect();
                let all = findings(&bad, rule);
                let named = all.iter().any(|finding| wanted.iter().all(|word| words(finding).contains(word)));
                let repaired = findings(&good, rule).is_empty();
                if !named || !repaired {
                    let texts: Vec<String> = all.iter().map(|finding| words(finding)).collect();
                    wrong
                        .push(format!("{id} {rule}: must name {wanted:?}; gone when repaired: {repaired}; {texts:#?}"));
                }
                format!("{rule}: {}", if named { "found" } else { "NOT FOUND" })
            }
            (None, Some((_, rule))) => format!("{rule}: no such rule yet"),
            (None, None) => {
                wrong.push(format!("{id} is in no list of this test"));
                "?".to_owned()
            }
        };
        eprintln!("{id}  {state:<60} findings on bad {}, on good {}", count(&bad), count(&good));
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
