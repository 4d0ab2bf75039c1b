//! Findings of Terraform plans point at the lines that a person would edit.
//!
//! The folders of `testdata/terraform/positions` hold plans with their sources; a comment `# <- rule` at the end of a line
//! says that a finding of the rule points there. Genuine plans lie beside the checkout.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

#[path = "../beside/mod.rs"]
mod beside;
mod genuine;
mod listing;
mod project;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::{self, Exit, Streams};
use serde_json::Value;

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform/positions").join(path)
}

/// Exit code, and what is printed; or else what is said beside it.
fn run(arguments: &[&str]) -> (Exit, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--no-config"].iter().chain(arguments).map(OsString::from);
    let exit = cli::run(arguments, &mut streams);
    (exit, String::from_utf8(if out.is_empty() { err } else { out }).unwrap())
}

fn reported(arguments: &[&str]) -> (Exit, Value) {
    let (exit, text) = run(&[&["--format", "json"], arguments].concat());
    (exit, serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}")))
}

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Every plan of the fixtures.
fn plans() -> Vec<PathBuf> {
    let found = walkdir::WalkDir::new(testdata("")).sort_by_file_name().into_iter().filter_map(Result::ok);
    found.map(walkdir::DirEntry::into_path).filter(|path| path.ends_with("plan.json")).collect()
}

/// Path, line and rule of each mark in the sources of a fixture.
fn marks(fixture: &Path) -> BTreeSet<(PathBuf, u64, String)> {
    let mut found = BTreeSet::new();
    for entry in walkdir::WalkDir::new(fixture).into_iter().filter_map(Result::ok) {
        let path = entry.path();
        if !path.extension().is_some_and(|extension| extension == "tf" || extension == "tfvars") {
            continue;
        }
        for (line, written) in (1..).zip(fs::read_to_string(path).unwrap().lines()) {
            for rule in written.split_once("# <- ").into_iter().flat_map(|(_, rules)| rules.split(", ")) {
                found.insert((path.to_path_buf(), line, rule.to_owned()));
            }
        }
    }
    found
}

/// Path, line and rule of each violation.
fn violations(report: &Value) -> BTreeSet<(PathBuf, u64, String)> {
    let findings = report["findings"].as_array().unwrap().iter().filter(|finding| finding["outcome"] == "violation");
    let place = |finding: &Value| {
        let (location, rule) = (&finding["location"], finding["rule"].as_str().unwrap());
        let line = location["start"]["line"].as_u64().unwrap();
        (PathBuf::from(location["path"].as_str().unwrap()), line, rule.to_owned())
    };
    findings.map(place).collect()
}

#[test]
fn every_finding_points_at_the_line_with_its_mark() {
    let plans = plans();
    assert!(plans.len() >= 8, "{plans:?}");
    for plan in plans.iter().filter(|plan| !plan.parent().unwrap().ends_with("as-json")) {
        let fixture = testdata("").join(plan.strip_prefix(testdata("")).unwrap().components().next().unwrap());
        let marks = marks(&fixture);
        let (exit, report) = reported(&[text(plan)]);
        assert_eq!((exit, violations(&report)), (Exit::Findings, marks), "{}", plan.display());
        assert_eq!(report["problems"], serde_json::json!([]), "{}", plan.display());
    }
}

#[test]
fn sources_may_be_json() {
    let (_, report) = reported(&[text(&testdata("as-json/plan.json"))]);
    let found: Vec<(String, String)> = violations(&report)
        .into_iter()
        .map(|(path, line, rule)| {
            (
                rule,
                fs::read_to_string(path)
                    .unwrap()
                    .lines()
                    .nth(usize::try_from(line).unwrap() - 1)
                    .unwrap()
                    .trim()
                    .to_owned(),
            )
        })
        .collect();
    let wanted =
        [("acr-deny-no-rules-no-pe", "\"action\": \"Deny\""), ("acr-public-disabled-no-pe", "\"public\": false")];
    assert_eq!(found, wanted.map(|(rule, line)| (rule.to_owned(), line.to_owned())));
}

#[test]
fn concise_lines_are_what_an_editor_opens() {
    for plan in plans() {
        let (_, printed) = run(&["--format", "concise", "--open", "ignore", text(&plan)]);
        assert!(!printed.is_empty());
        for line in printed.lines() {
            let (place, rest) = line.split_once(": ").unwrap();
            let mut parts = place.rsplitn(3, ':');
            let (column, row, path) = (parts.next().unwrap(), parts.next().unwrap(), parts.next().unwrap());
            let (column, row): (usize, usize) = (column.parse().unwrap(), row.parse().unwrap());
            let level = rest.split('[').next().unwrap();
            assert!(["error", "warning"].contains(&level) && rest.contains("] "), "{line}");
            let sources = [".tf", ".tfvars", ".tf.json", ".tfvars.json"];
            assert!(sources.iter().any(|ending| path.ends_with(ending)), "{line}");
            let opened = fs::read_to_string(path).unwrap();
            assert!(column <= opened.lines().nth(row - 1).unwrap().len(), "{line}");
        }
    }
}

#[test]
fn the_plan_is_kept_as_evidence_and_so_is_the_way() {
    let plan = testdata("locals/plan.json");
    let (_, report) = reported(&[text(&plan)]);
    let finding = |rule: &str, address: &str| {
        let findings = report["findings"].as_array().unwrap();
        let wanted = |f: &&Value| f["rule"] == rule && f["resource"]["address"] == address;
        findings.iter().find(wanted).unwrap().clone()
    };
    let chain = finding("acr-deny-no-rules-no-pe", "azurerm_container_registry.chain");
    let path = |evidence: &Value| evidence["location"]["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let slice = |location: &Value| {
        let file = fs::read_to_string(location["path"].as_str().unwrap()).unwrap();
        let offset = |end: &str| usize::try_from(location[end]["offset"].as_u64().unwrap()).unwrap();
        file[offset("start")..offset("end")].to_owned()
    };
    assert_eq!(slice(&chain["location"]), "\"Deny\"");
    let evidence = chain["evidence"].as_array().unwrap();
    let way: Vec<_> =
        evidence.iter().filter(|e| e["role"] == "context").map(|e| (path(e), slice(&e["location"]))).collect();
    let wanted = [("main.tf", "\"${local.network[\"production\"].action}\""), ("locals.tf", "local.deny")];
    assert_eq!(way, wanted.map(|(file, written)| (file.to_owned(), written.to_owned())));
    let in_plan: Vec<_> = evidence.iter().filter(|e| path(e) == "plan.json").collect();
    assert_eq!(in_plan.len(), 1, "{evidence:?}");
    assert_eq!(slice(&in_plan[0]["location"]), "\"Deny\"");
    let said = in_plan[0]["message"].as_str().unwrap();
    assert!(said.contains("azurerm_container_registry.chain.network_rule_set[0].default_action"), "{said}");
    // What proves it is where it is written, too.
    let proof = evidence.iter().find(|e| e["property"] == "networkRuleSet.defaultAction").unwrap();
    assert_eq!(proof["location"], chain["location"]);

    let (_, sarif) = run(&["--format", "sarif", "--select", "acr-deny-no-rules-no-pe", text(&plan)]);
    let sarif: Value = serde_json::from_str(&sarif).unwrap();
    let result = &sarif["runs"][0]["results"][0];
    let uri = |location: &Value| {
        let uri = location["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
        uri.rsplit('/').next().unwrap().to_owned()
    };
    assert_eq!(uri(&result["locations"][0]), "locals.tf");
    let related: Vec<String> = result["relatedLocations"].as_array().unwrap().iter().map(uri).collect();
    assert!(related.contains(&"plan.json".to_owned()), "{related:?}");
    assert_eq!(result["codeFlows"][0]["threadFlows"][0]["locations"].as_array().unwrap().len(), 3);

    let (_, human) = run(&["--select", "acr-deny-no-rules-no-pe", text(&plan)]);
    for wanted in ["locals.tf:4:12]", "4 │   deny   = \"Deny\"", "main.tf:34:3]", "plan.json:1:"] {
        assert!(human.contains(wanted), "{wanted} is not in {human}");
    }
}

#[test]
fn without_sources_findings_point_into_the_plan_and_lead_with_the_address() {
    let folder = tempfile::tempdir().unwrap();
    let plan = folder.path().join("plan.json");
    fs::copy(testdata("modules/live/plan.json"), &plan).unwrap();
    let (_, alone) = reported(&["--open", "ignore", text(&plan)]);
    let findings = alone["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 4);
    for finding in findings {
        assert_eq!(finding["location"]["path"], text(&plan));
        let address = finding["resource"]["address"].as_str().unwrap();
        assert!(finding["message"].as_str().unwrap().starts_with(address), "{finding}");
    }
    // The sources are named, by a path of any spelling.
    let wanted = marks(&testdata("modules"));
    for source in [testdata("modules/live"), testdata("modules/live/team/..")] {
        let (_, report) = reported(&["--open", "ignore", "--source", text(&source), text(&plan)]);
        let found: BTreeSet<_> = violations(&report)
            .into_iter()
            .map(|(path, line, rule)| (fs::canonicalize(path).unwrap(), line, rule))
            .collect();
        assert_eq!(found, wanted);
    }
    // A finding is the same one, wherever it points.
    let prints = |report: &Value| -> Vec<String> {
        let mut prints: Vec<String> =
            report["findings"].as_array().unwrap().iter().map(|f| f["fingerprint"].to_string()).collect();
        prints.sort();
        prints
    };
    let (_, pointed) = reported(&["--open", "ignore", text(&testdata("modules/live/plan.json"))]);
    assert_eq!(prints(&alone), prints(&pointed));
}
