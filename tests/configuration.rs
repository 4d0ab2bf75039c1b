//! What users say of the world beyond the input: by `acrlint.json`, by arguments, and by links that lead nowhere.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use acrlint::config;
use acrlint::source::discover;
use serde_json::{Value, json};

/// Exit code and output of `acrlint check --format json` over one file, with arguments.
fn check(folder: &Path, text: &Value, arguments: &[&str]) -> (u8, String) {
    let path = folder.join("main.json");
    fs::write(&path, text.to_string()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all = ["acrlint", "check", path.to_str().unwrap(), "--format", "json"];
    let exit = cli::run(all.iter().chain(arguments).map(OsString::from), &mut streams);
    (exit.code(), String::from_utf8([out, err].concat()).unwrap())
}

/// `rule outcome certainty` of the findings about a rule.
fn verdicts(output: &str, rule: &str) -> Vec<String> {
    let report: Value = serde_json::from_str(output).unwrap_or_else(|_| panic!("{output}"));
    let about = report["findings"].as_array().unwrap().iter().filter(|finding| finding["rule"] == rule);
    about.map(|f| format!("{} {}", f["outcome"].as_str().unwrap(), f["certainty"].as_str().unwrap())).collect()
}

fn template(more: &[Value]) -> Value {
    let mut resources = vec![
        json!({
            "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crhub",
            "location": "westeurope", "sku": { "name": "Premium" }, "properties": { "publicNetworkAccess": "Disabled" }
        }),
        json!({
            "type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-09-01", "name": "pe-hub",
            "location": "westeurope",
            "properties": {
                "subnet": { "id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet-hub', 'endpoints')]" },
                "privateLinkServiceConnections": [{ "name": "registry", "properties": {
                    "privateLinkServiceId": "[resourceId('Microsoft.ContainerRegistry/registries', 'crhub')]",
                    "groupIds": ["registry"]
                } }]
            }
        }),
    ];
    resources.extend(more.iter().cloned());
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": resources
    })
}

const RULE: &str = "dns-zone-group-missing";

#[test]
fn what_others_manage_is_left_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acrlint.json");
    let text = "{ // zone groups come by policy\n  \"managedElsewhere\": [\"Microsoft.Network/privateEndpoints/privateDnsZoneGroups\"],\n}";
    fs::write(&path, text).unwrap();
    let (_, plain) = check(folder.path(), &template(&[]), &["--no-config"]);
    assert_eq!(verdicts(&plain, RULE), ["violation presumed"]);
    let (_, configured) = check(folder.path(), &template(&[]), &["--config", path.to_str().unwrap()]);
    assert_eq!(verdicts(&configured, RULE), ["open proven"]);
    assert!(configured.contains("may be deployed elsewhere") && configured.contains("acrlint.json"), "{configured}");
}

#[test]
fn a_deployment_whose_template_is_not_at_hand_may_hold_anything() {
    let folder = tempfile::tempdir().unwrap();
    let linked = |link: Value| {
        json!({ "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "dns",
            "properties": { "mode": "Incremental", "templateLink": link } })
    };
    let (_, output) = check(folder.path(), &template(&[linked(json!({ "uri": "https://example.org/dns.json" }))]), &[]);
    assert_eq!(verdicts(&output, RULE), ["open proven"]);
    assert!(output.contains("does not show what this deployment deploys"), "{output}");
    // One whose template is at hand hides nothing.
    fs::write(folder.path().join("empty.json"), template(&[]).to_string().replace("pe-hub", "pe-other")).unwrap();
    let (_, output) = check(folder.path(), &template(&[linked(json!({ "relativePath": "empty.json" }))]), &[]);
    assert_eq!(verdicts(&output, RULE), ["violation presumed", "violation presumed"]);
}

#[test]
fn what_is_said_to_be_complete_proves_absence() {
    let folder = tempfile::tempdir().unwrap();
    let group = "/subscriptions/6f1b2c3d-0a0b-4c4d-8e8f-101112131415/resourceGroups/rg-hub";
    let endpoint = json!([{
        "id": format!("{group}/providers/Microsoft.Network/privateEndpoints/pe-hub"), "name": "pe-hub",
        "type": "Microsoft.Network/privateEndpoints", "location": "westeurope", "provisioningState": "Succeeded",
        "subnet": { "id": format!("{group}/providers/Microsoft.Network/virtualNetworks/vnet-hub/subnets/endpoints") },
        "customDnsConfigs": [],
        "privateLinkServiceConnections": [{ "name": "registry", "groupIds": ["registry"],
            "privateLinkServiceId": format!("{group}/providers/Microsoft.ContainerRegistry/registries/crhub"),
            "privateLinkServiceConnectionState": { "status": "Approved" } }]
    }]);
    let (_, output) = check(folder.path(), &endpoint, &["--no-config"]);
    assert_eq!(verdicts(&output, RULE), ["open proven"], "{output}");
    for scope in [group, "/subscriptions/6f1b2c3d-0a0b-4c4d-8e8f-101112131415"] {
        let (_, output) = check(folder.path(), &endpoint, &["--no-config", "--complete", scope]);
        assert_eq!(verdicts(&output, RULE), ["violation proven"], "{scope}: {output}");
    }
    let (_, output) = check(folder.path(), &endpoint, &["--no-config", "--complete", &group.replace("rg-hub", "rg")]);
    assert_eq!(verdicts(&output, RULE), ["open proven"]);
    let (code, output) = check(folder.path(), &endpoint, &["--complete", "rg-hub"]);
    assert!(code == 2 && output.contains("`rg-hub` is no scope"), "{output}");
}

#[test]
fn a_configuration_that_cannot_be_read_ends_with_2() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("acrlint.json");
    fs::write(&path, "{\"compelte\": []}").unwrap();
    let (code, output) = check(folder.path(), &template(&[]), &["--config", path.to_str().unwrap()]);
    assert!(code == 2 && output.contains("did you mean `complete`?"), "{output}");
    let (code, _) = check(folder.path(), &template(&[]), &["--config", "no/such/file.json"]);
    assert_eq!(code, 2);
}

#[test]
fn it_is_found_upward_to_the_root_of_the_repository() {
    let folder = tempfile::tempdir().unwrap();
    let deep = folder.path().join("repository/infra/prod");
    fs::create_dir_all(&deep).unwrap();
    fs::create_dir(folder.path().join("repository/.git")).unwrap();
    fs::write(folder.path().join(config::FILE_NAME), "{}").unwrap();
    assert_eq!(discover::upward(&deep, config::FILE_NAME), None);
    fs::write(folder.path().join("repository").join(config::FILE_NAME), "{}").unwrap();
    assert_eq!(discover::upward(&deep, config::FILE_NAME).unwrap(), Path::new("../../acrlint.json"));
    fs::write(deep.join(config::FILE_NAME), "{}").unwrap();
    assert_eq!(discover::upward(&deep, config::FILE_NAME).unwrap(), Path::new("acrlint.json"));
}

#[test]
fn the_schema_says_the_same() {
    let schema: Value = serde_json::from_str(config::SCHEMA).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for (text, fits) in [
        ("{}", true),
        (
            r#"{"$schema": "x", "complete": ["/subscriptions/1/resourceGroups/g"], "managedElsewhere": ["A.B/c/d"]}"#,
            true,
        ),
        (include_str!("../testdata/config/acrlint.json"), true),
        (include_str!("../testdata/config/base.json"), true),
        (r#"{"extends": "https://example.org/x.json"}"#, false),
        (r#"{"select": "default"}"#, false),
        (r#"{"levels": {"drift": "fatal"}}"#, false),
        (r#"{"levels": {"drift": "off"}}"#, true),
        (r#"{"overrides": [{"levels": {}}]}"#, false),
        (r#"{"open": "never"}"#, false),
        (r#"{"failOn": "ignore"}"#, false),
        (r#"{"cloud": "azurecloud"}"#, false),
        (r#"{"clients": [{"name": "a"}]}"#, false),
        (r#"{"clients": [{"name": "a", "kind": "other", "proxy": {}}]}"#, false),
        (r#"{"parameters": [{"file": "a.json"}]}"#, false),
        (r#"{"environments": {"dev": "a.json"}}"#, false),
        (r#"{"environments": {"dev": ["a.json"]}}"#, true),
        (r#"{"exemptions": [{"rule": "drift"}]}"#, false),
        (r#"{"exemptions": [{"rule": "drift", "reason": " "}]}"#, false),
        (r#"{"exemptions": [{"rule": "drift", "reason": "x", "expires": "soon"}]}"#, false),
        (r#"{"complete": "all"}"#, false),
        (r#"{"complete": ["rg"]}"#, false),
        (r#"{"managedElsewhere": ["privateEndpoints"]}"#, false),
        (r#"{"compelte": []}"#, false),
        ("[]", false),
    ] {
        let mut sources = acrlint::source::Sources::new();
        let file = sources.add(config::FILE_NAME, text);
        assert_eq!(config::read(&sources, file).1.is_empty(), fits, "{text}");
        assert_eq!(validator.is_valid(&serde_json::from_str(text).unwrap()), fits, "{text}");
    }
}
