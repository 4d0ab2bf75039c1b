//! Templates with several parameter files, and with parameters that have few values: what is found, and for which.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/scenarios").join(name)
}

/// The findings of one run as `rule: circumstances`, and its whole report.
fn run(path: &Path, arguments: &[&str]) -> (Vec<String>, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all = ["acrlint", "check", path.to_str().unwrap(), "--format", "json", "--open", "ignore"];
    let all = all.iter().chain(arguments).map(OsString::from);
    cli::run(all, &mut streams);
    assert_eq!(String::from_utf8(err).unwrap(), "");
    let report: Value = serde_json::from_slice(&out).unwrap();
    let mut found: Vec<String> = Vec::new();
    for finding in report["findings"].as_array().unwrap() {
        let when = finding["when"].as_object().into_iter().flatten();
        let when: Vec<String> = when
            .map(|(name, value)| {
                let value = value.as_str().unwrap();
                format!("{name} = {}", value.rsplit('/').next().unwrap())
            })
            .collect();
        found.push(format!("{}: {}", finding["rule"].as_str().unwrap(), when.join(", ")));
    }
    (found, report)
}

#[test]
fn a_parameter_without_a_value_is_tried() {
    let (found, _) = run(&fixture("choices/main.json"), &[]);
    assert_eq!(
        found,
        [
            "acr-public-disabled-no-pe: enablePrivateEndpoint = false",
            "dns-zone-group-missing: enablePrivateEndpoint = true"
        ]
    );
}

#[test]
fn one_with_a_default_value_is_tried_when_asked() {
    let (found, _) = run(&fixture("choices/main.json"), &["--explore"]);
    assert_eq!(
        found,
        [
            "acr-network-rules-need-premium: sku = Standard",
            "pe-premium: enablePrivateEndpoint = true, sku = Standard",
            "acr-public-disabled-no-pe: enablePrivateEndpoint = false",
            "dns-zone-group-missing: enablePrivateEndpoint = true"
        ]
    );
}

#[test]
fn a_value_that_is_given_is_not_tried() {
    let (found, _) = run(&fixture("choices/main.json"), &["--parameter", "enablePrivateEndpoint=false"]);
    assert_eq!(found, ["acr-public-disabled-no-pe: "]);
}

#[test]
fn every_environment_is_judged() {
    for path in [fixture("environments/main.json"), fixture("environments")] {
        let (found, report) = run(&path, &[]);
        assert_eq!(
            found,
            [
                "acr-rules-ineffective-default-allow: --parameters = main.dev.parameters.json",
                "acr-public-disabled-no-pe: --parameters = main.prod.parameters.json",
                "acr-rules-ineffective-public-disabled: --parameters = main.prod.parameters.json"
            ]
        );
        let problem = &report["problems"][0];
        assert_eq!(problem["code"], "parameter-not-declared");
        assert!(problem["location"]["path"].as_str().unwrap().ends_with("main.prod.parameters.json"));
        assert!(problem["related"][0]["location"]["path"].as_str().unwrap().ends_with("main.json"));
        assert!(report["notes"][0].as_str().unwrap().contains("was checked with"), "{}", report["notes"]);
    }
}

#[test]
fn one_environment_can_be_chosen_and_none() {
    let dev = fixture("environments/main.dev.parameters.json");
    let (found, _) = run(&fixture("environments/main.json"), &["--parameters", dev.to_str().unwrap()]);
    assert_eq!(found, ["acr-rules-ineffective-default-allow: "]);
    let (found, _) = run(&fixture("environments/main.json"), &["--no-parameter-files"]);
    assert_eq!(
        found,
        [
            "acr-public-disabled-no-pe: publicNetworkAccess = Disabled",
            "acr-rules-ineffective-public-disabled: publicNetworkAccess = Disabled",
            "acr-rules-ineffective-default-allow: publicNetworkAccess = Enabled"
        ]
    );
}

#[test]
fn what_is_given_on_the_command_line_wins_over_the_files_beside() {
    let (found, _) = run(&fixture("environments/main.json"), &["--parameter", "publicNetworkAccess=Enabled"]);
    assert_eq!(
        found,
        [
            "acr-rules-ineffective-default-allow: --parameters = main.dev.parameters.json",
            "acr-rules-ineffective-default-allow: --parameters = main.prod.parameters.json"
        ]
    );
}

/// A template whose registry is closed when two of many switches are set.
fn switches(count: usize) -> Value {
    let mut parameters = serde_json::Map::new();
    for number in 0..count {
        parameters.insert(format!("switch{number}"), json!({ "type": "bool" }));
    }
    let last = count - 1;
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": parameters,
        "resources": [{
            "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crswitches",
            "location": "westeurope", "sku": { "name": "Premium" },
            "properties": {
                "publicNetworkAccess":
                    format!("[if(and(parameters('switch0'), parameters('switch{last}')), 'Disabled', 'Enabled')]")
            }
        }]
    })
}

#[test]
fn switches_that_do_not_matter_are_not_told() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.json");
    for count in [2, 3, 40] {
        fs::write(&path, switches(count).to_string()).unwrap();
        let (found, report) = run(&path, &[]);
        let last = count - 1;
        assert_eq!(found, [format!("acr-public-disabled-no-pe: switch0 = true, switch{last} = true")], "{report}");
    }
}

#[test]
fn values_that_azure_refuses_are_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.json");
    let mut template = switches(2);
    template["resources"][0]["tags"] = json!({ "a": "[if(parameters('switch0'), fail('not here'), 'b')]" });
    fs::write(&path, template.to_string()).unwrap();
    let (found, report) = run(&path, &[]);
    assert!(found.is_empty(), "{found:?} {report}");
}

#[test]
fn the_report_says_it_in_words() {
    let path = fixture("choices/main.json");
    for (format, words) in
        [("human", "only: when enablePrivateEndpoint is false"), ("concise", "(when enablePrivateEndpoint is false)")]
    {
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
        cli::run(["acrlint", "check", path.to_str().unwrap(), "--format", format].map(OsString::from), &mut streams);
        let out = String::from_utf8(out).unwrap();
        assert!(out.contains(words), "{out}");
    }
}
