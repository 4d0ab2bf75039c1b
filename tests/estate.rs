//! Several files of one run: what belongs together is one graph, and what does not stays apart.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

const SUBSCRIPTION: &str = "/subscriptions/3a7c9d20-5b41-4f6e-9c2d-8e1f0a2b3c4d";

fn id(ty: &str, name: &str) -> String {
    format!("{SUBSCRIPTION}/resourceGroups/rg-shop/providers/{ty}/{name}")
}

/// The report over some files of one folder.
fn check(files: &[(&str, Value)], arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text.to_string()).unwrap();
    }
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all =
        ["acrlint", "check", folder.path().to_str().unwrap(), "--format", "json", "--no-config", "--open", "ignore"];
    cli::run(all.iter().chain(arguments).map(OsString::from), &mut streams);
    assert_eq!(String::from_utf8(err).unwrap(), "");
    serde_json::from_slice(&out).unwrap()
}

/// `rule certainty file` of each finding.
fn findings(report: &Value) -> Vec<String> {
    let say = |f: &Value| {
        let path = f["location"]["path"].as_str().unwrap().rsplit('/').next().unwrap();
        format!("{} {} {path}", f["rule"].as_str().unwrap(), f["certainty"].as_str().unwrap())
    };
    report["findings"].as_array().unwrap().iter().map(say).collect()
}

fn notes(report: &Value) -> String {
    report["notes"].to_string()
}

fn template(resources: &[Value]) -> Value {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": resources
    })
}

fn registry(name: &str, properties: &Value) -> Value {
    json!({ "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": name,
        "location": "westeurope", "sku": { "name": "Premium" }, "properties": properties })
}

fn shown(name: &str, access: &str) -> Value {
    json!({ "id": id("Microsoft.ContainerRegistry/registries", name), "name": name,
        "type": "Microsoft.ContainerRegistry/registries", "location": "westeurope", "provisioningState": "Succeeded",
        "loginServer": format!("{name}.azurecr.io"), "publicNetworkAccess": access, "privateEndpointConnections": [],
        "networkRuleSet": { "defaultAction": "Allow", "ipRules": [] }, "sku": { "name": "Premium", "tier": "Premium" },
        "networkRuleBypassOptions": "AzureServices", "dataEndpointEnabled": false, "adminUserEnabled": false })
}

fn endpoint(target: &str) -> Value {
    json!({ "type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-09-01", "name": "pe-shop",
        "location": "westeurope", "properties": {
            "subnet": { "id": id("Microsoft.Network/virtualNetworks", "vnet-shop/subnets/endpoints") },
            "privateLinkServiceConnections": [{ "name": "registry", "properties": {
                "privateLinkServiceId": target, "groupIds": ["registry"] } }] } })
}

const HERE: [&str; 4] = ["--subscription", "3a7c9d20-5b41-4f6e-9c2d-8e1f0a2b3c4d", "--resource-group", "rg-shop"];

#[test]
fn a_template_closes_the_hole_that_a_dump_shows() {
    let closed = shown("crshop", "Disabled");
    let alone = check(&[("acr.json", closed.clone())], &[]);
    assert_eq!(findings(&alone), ["acr-public-disabled-no-pe proven acr.json"]);
    let plan = template(&[endpoint(&id("Microsoft.ContainerRegistry/registries", "crshop"))]);
    let joined = check(&[("acr.json", closed), ("main.json", plan)], &HERE);
    assert!(!findings(&joined).iter().any(|finding| finding.starts_with("acr-public")), "{joined}");
}

#[test]
fn the_template_is_judged_and_the_drift_is_told() {
    let intent = template(&[registry("crshop", &json!({ "publicNetworkAccess": "Disabled" }))]);
    let report = check(&[("acr.json", shown("crshop", "Enabled")), ("main.json", intent)], &[]);
    // The registry's own name says where the template goes.
    assert!(notes(&report).contains("is taken to be deployed to resource group rg-shop"), "{report}");
    let drift = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "drift").unwrap();
    assert_eq!(drift["message"], "publicNetworkAccess of crshop is Enabled, declared is Disabled");
    let places: Vec<&str> = drift["evidence"]
        .as_array()
        .unwrap()
        .iter()
        .map(|e| e["location"]["path"].as_str().unwrap().rsplit('/').next().unwrap())
        .collect();
    assert!(places.contains(&"acr.json") && places.contains(&"main.json"), "{drift}");
    assert!(
        findings(&report).iter().any(|f| f == "acr-public-disabled-no-pe proven main.json"
            || f == "acr-public-disabled-no-pe presumed main.json"),
        "{report}"
    );
    assert_eq!(report["summary"]["registries"], 1);
}

#[test]
fn unrelated_templates_do_not_meet() {
    let one = template(&[registry("[parameters('name')]", &json!({ "publicNetworkAccess": "Disabled" }))]);
    let mut one = one;
    one["parameters"] = json!({ "name": { "type": "string" } });
    let mut two = template(&[endpoint("[resourceId('Microsoft.ContainerRegistry/registries', parameters('name'))]")]);
    two["parameters"] = json!({ "name": { "type": "string" } });
    let report = check(&[("one.json", one), ("two.json", two)], &[]);
    assert!(findings(&report).contains(&"acr-public-disabled-no-pe presumed one.json".to_owned()), "{report}");
}

#[test]
fn templates_that_name_each_other_are_one_estate() {
    let one = template(&[registry("crshop", &json!({ "publicNetworkAccess": "Disabled" }))]);
    let two = template(&[endpoint(&id("Microsoft.ContainerRegistry/registries", "crshop"))]);
    let apart = check(&[("one.json", one.clone())], &HERE);
    assert!(findings(&apart)[0].starts_with("acr-public-disabled-no-pe"), "{apart}");
    let report = check(&[("one.json", one), ("two.json", two)], &HERE);
    assert!(!findings(&report).iter().any(|finding| finding.starts_with("acr-public")), "{report}");
}

#[test]
fn what_is_seen_is_found_once_whatever_stands_beside_it() {
    let one = template(&[registry("crother", &json!({}))]);
    let two = template(&[registry("cranother", &json!({}))]);
    let files = [("acr.json", shown("crshop", "Disabled")), ("one.json", one), ("two.json", two)];
    let report = check(&files, &[]);
    let about: Vec<String> = findings(&report).into_iter().filter(|f| f.ends_with("acr.json")).collect();
    assert_eq!(about, ["acr-public-disabled-no-pe proven acr.json"], "{report}");
    assert_eq!(report["summary"]["registries"], 3);
}

#[test]
fn dumps_of_one_estate_lie_in_many_files() {
    let mut closed = shown("crshop", "Disabled");
    closed["privateEndpointConnections"] = json!([{ "id": id("Microsoft.ContainerRegistry/registries", "crshop/privateEndpointConnections/x"),
        "name": "x", "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        "privateEndpoint": { "id": id("Microsoft.Network/privateEndpoints", "pe-shop") },
        "privateLinkServiceConnectionState": { "status": "Approved" }, "provisioningState": "Succeeded" }]);
    let endpoint = json!([{ "id": id("Microsoft.Network/privateEndpoints", "pe-shop"), "name": "pe-shop",
        "type": "Microsoft.Network/privateEndpoints", "location": "westeurope", "provisioningState": "Succeeded",
        "subnet": { "id": id("Microsoft.Network/virtualNetworks", "vnet-shop/subnets/endpoints") }, "customDnsConfigs": [],
        "privateLinkServiceConnections": [{ "name": "registry", "groupIds": ["blob"],
            "privateLinkServiceId": id("Microsoft.ContainerRegistry/registries", "crshop"),
            "privateLinkServiceConnectionState": { "status": "Approved" } }] }]);
    let report = check(&[("acr.json", closed), ("pe.json", endpoint)], &[]);
    assert!(findings(&report).contains(&"pe-wrong-group-id proven pe.json".to_owned()), "{report}");
    assert!(!findings(&report).iter().any(|f| f.starts_with("acr-public-disabled-no-pe")), "{report}");
}
