//! `--against`: only what the other state of the files does not have is reported, and what is gone is counted.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

/// Exit code and report of a check of a path against another one.
fn check(path: &Path, other: &Path, arguments: &[&str]) -> (u8, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all = [
        "acrlint",
        "check",
        "--no-config",
        "--format",
        "json",
        path.to_str().unwrap(),
        "--against",
        other.to_str().unwrap(),
    ];
    let exit = cli::run(all.iter().chain(arguments).map(OsString::from), &mut streams);
    (exit.code(), serde_json::from_slice(&out).unwrap_or_else(|_| String::from_utf8(err).unwrap().into()))
}

fn found(report: &Value) -> Vec<String> {
    let all = report["findings"].as_array().unwrap_or_else(|| panic!("{report}")).iter();
    all.map(|f| format!("{} {}", f["rule"].as_str().unwrap(), f["resource"]["name"].as_str().unwrap())).collect()
}

fn registry(name: &str, range: &str) -> Value {
    json!({ "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": name,
        "location": "westeurope", "sku": { "name": "Premium" },
        "properties": { "networkRuleSet": { "defaultAction": "Deny", "ipRules": [{ "value": range }] } } })
}

fn template(resources: &[Value]) -> String {
    let document = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": { "range": { "type": "string", "defaultValue": "203.0.113.0/24" } },
        "resources": resources });
    serde_json::to_string_pretty(&document).unwrap()
}

fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

const RULE: &str = "acr-iprule-private-range";

#[test]
fn only_news_are_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (new, old) = (folder.path().join("new"), folder.path().join("old"));
    let both = registry("crboth", "10.0.0.0/8");
    write(&old.join("infra/main.json"), &template(&[registry("crgone", "10.0.0.0/8"), both.clone()]));
    write(&new.join("infra/main.json"), &template(&[both.clone(), registry("crnew", "10.0.0.0/8")]));
    let (code, report) = check(&new, &old, &[]);
    assert_eq!((code, found(&report)), (1, vec![format!("{RULE} crnew")]));
    assert_eq!((&report["summary"]["suppressed"], &report["summary"]["gone"]), (&json!(1), &json!(1)));
    assert_eq!(report["suppressed"][0]["suppression"]["kind"], "before");
    // A single file has its counterpart by its name.
    let (_, report) = check(&new.join("infra/main.json"), &old.join("infra"), &[]);
    assert_eq!(found(&report), [format!("{RULE} crnew")]);
    // Nothing is new of the same state, however it is written.
    write(
        &new.join("infra/main.json"),
        &template(&[both.clone(), registry("crgone", "10.0.0.0/8")]).replace("  ", " "),
    );
    let (code, report) = check(&new, &old, &[]);
    assert_eq!((code, found(&report).len(), &report["summary"]["gone"]), (0, 0, &json!(0)));
    // A second fault of the same kind at one resource is new.
    let mut twice = both;
    twice["properties"]["networkRuleSet"]["ipRules"] =
        json!([{ "value": "10.0.0.0/8" }, { "value": "192.168.0.0/16" }]);
    write(&new.join("infra/main.json"), &template(&[twice, registry("crgone", "10.0.0.0/8")]));
    assert_eq!(found(&check(&new, &old, &[]).1), [format!("{RULE} crboth")]);
}

#[test]
fn the_other_state_has_its_own_parameters() {
    let folder = tempfile::tempdir().unwrap();
    let (new, old) = (folder.path().join("new"), folder.path().join("old"));
    let parameters = |range: &str| {
        json!({ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
            "contentVersion": "1.0.0.0", "parameters": { "range": { "value": range } } })
        .to_string()
    };
    for (root, range) in [(&new, "10.0.0.0/8"), (&old, "198.51.100.0/24")] {
        write(
            &root.join("main.json"),
            &template(&[registry("crhub", "[parameters('range')]"), registry("crold", "10.0.0.0/8")]),
        );
        write(&root.join("main.dev.parameters.json"), &parameters(range));
        write(&root.join("main.prod.parameters.json"), &parameters("198.51.100.0/24"));
    }
    let (_, report) = check(&new, &old, &[]);
    assert_eq!(found(&report), [format!("{RULE} crhub")]);
    assert!(report["findings"][0]["when"].to_string().contains("main.dev.parameters.json"), "{report:#}");
    // What holds with a file that lies elsewhere is the same finding.
    write(&old.join("main.dev.parameters.json"), &parameters("10.0.0.0/8"));
    assert!(found(&check(&new, &old, &[]).1).is_empty());
}

#[test]
fn a_violation_is_new_where_it_could_not_be_decided_before() {
    let folder = tempfile::tempdir().unwrap();
    let (new, old) = (folder.path().join("new"), folder.path().join("old"));
    let sku = |name: &str| {
        let mut one = registry("crhub", "203.0.113.0/24");
        one["sku"]["name"] = name.into();
        template(&[one]).replace("\"defaultValue\"", "\"x\"")
    };
    let rule = "acr-network-rules-need-premium";
    write(&old.join("main.json"), &sku("[parameters('range')]"));
    write(&new.join("main.json"), &sku("Basic"));
    let (_, before) = check(&old, &new, &["--select", rule]);
    assert!(found(&before).is_empty() && before["summary"]["suppressed"] == 1, "{before:#}");
    assert_eq!(before["suppressed"][0]["outcome"], "open");
    let (_, report) = check(&new, &old, &["--select", rule]);
    assert_eq!(found(&report), [format!("{rule} crhub")]);
}

#[test]
fn a_branch_is_no_folder() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder.path().join("main.json"), &template(&[registry("crhub", "10.0.0.0/8")]));
    let (code, said) = check(folder.path(), Path::new("origin/main"), &[]);
    assert!(code == 2 && said.as_str().unwrap().contains("git worktree add ../other origin/main"), "{said}");
    // Where nothing corresponds, all is new, and that is said.
    let empty = tempfile::tempdir().unwrap();
    let (code, report) = check(&folder.path().join("main.json"), empty.path(), &[]);
    assert_eq!((code, found(&report)), (1, vec![format!("{RULE} crhub")]));
    assert!(report["notes"].to_string().contains("so all that is found is new"), "{report:#}");
}
