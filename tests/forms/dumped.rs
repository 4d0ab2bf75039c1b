//! The fixtures of the rules, as a tool would dump them once they are deployed: the same rule is broken, or not.
//!
//! What a fixture deploys is written as a result of Resource Graph, of which the run is told that it is complete. Each
//! resource alone then shows that a rule is left open where a dump does not suffice.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Value, json};

use super::fixtures::{SUBSCRIPTION, acrlint, fixtures, holds_unknown, rules};
use super::lists::of_others;

/// Rules of which a dump cannot show one of the three verdicts, and why.
const NOT_IN_A_DUMP: &[(&str, &str, &str)] = &[
    ("acr-dualstack-prereq", "is open", "a dump that shows the protocol shows the data endpoints"),
    ("acr-export-policy", "is open", "a dump that shows the policy shows the access too"),
    ("acr-iprule-malformed", "is open", "a dump that shows a rule shows its address"),
    ("acr-iprule-private-range", "is open", "a dump that shows a rule shows its address"),
    ("acr-property-unknown-to-api", "fires", "what is shown is known to the version that shows it"),
    ("acr-property-unknown-to-api", "is open", "what is shown is known to the version that shows it"),
    ("acr-vnetrules-api-version", "fires", "it is about the version that a template is written for"),
    ("acr-vnetrules-api-version", "is open", "it is about the version that a template is written for"),
    ("agentpool-os", "is open", "a dump that shows a pool shows its system"),
    ("defender-legacy-plan", "is open", "a dump that shows a plan shows its tier"),
    ("defender-plan-off", "is open", "a dump that shows a plan shows its tier"),
    ("dns-record-region-not-normalised", "is open", "a dump that shows a record shows its name"),
    ("dns-shared-zone-multi-pe", "is open", "a record alone says nothing of its registry; `tests/dumps.rs` shows it"),
    ("dns-stale-after-pe-delete", "is open", "a record alone says nothing of its registry; `tests/dumps.rs` shows it"),
    ("dns-vnet-linked-twice", "fires", "two links that are both deployed are there"),
    ("dns-vnet-linked-twice", "is open", "two links that are both deployed are there"),
    ("dns-zone-wrong-name", "is open", "a dump that shows a zone shows its name"),
    ("drift", "fires", "it takes a template and a dump"),
    ("drift", "is open", "it takes a template and a dump"),
    ("egress-nsg-blocks-dns", "is open", "a dump that shows the rules of a group shows what they do"),
    ("egress-nsg-blocks-registry", "is open", "it takes ranges that hold registries or not; `tests/rules.rs` shows it"),
    ("egress-nsg-mcr-without-frontdoor", "is open", "a dump that shows the rules of a group shows their tags"),
    ("image-host-not-login-server", "is open", "a dump that shows an image shows its host"),
    ("pe-duplicate-in-vnet", "is open", "a result of Resource Graph shows all endpoints"),
    ("pe-network-policy-nsg-blocks", "is open", "it takes a group that no dump shows; `tests/rules.rs` shows it"),
    ("pe-provider-not-registered", "fires", "no template declares a registration; `tests/dumps.rs` shows it in dumps"),
    (
        "pe-provider-not-registered",
        "is open",
        "no template declares a registration; `tests/dumps.rs` shows it in dumps",
    ),
    ("pe-wrong-group-id", "is open", "a dump that shows a connection shows its groups and its target"),
    ("proxy-noproxy-wildcard", "is open", "a dump that shows a proxy shows what is exempt"),
    ("se-provider-not-registered", "fires", "no template declares a registration; `tests/dumps.rs` shows it in dumps"),
    (
        "se-provider-not-registered",
        "is open",
        "no template declares a registration; `tests/dumps.rs` shows it in dumps",
    ),
];

/// Fixtures of which a dump, as it is made here, does not show what decides them: Azure prints no app settings with an app,
/// and what a zone group writes into a zone stands in no template.
const HIDDEN: [&str; 5] = [
    "violation-pull-not-routed.json",
    "violation-kept-by-zone-group.json",
    "violation-two-zones.json",
    "violation-not-peered.json",
    "violation-no-traffic.json",
];

/// What a template deploys, as written and as a tool shows it; nothing where a part is not known before.
fn dumped(template: &Path) -> Option<(Vec<Value>, Vec<Value>)> {
    let path = template.to_str().unwrap();
    let place = ["--subscription", SUBSCRIPTION, "--resource-group", "rg-images", "--location", "westeurope"];
    let document = acrlint(&[&["expand", path, "--no-parameter-files"][..], &place].concat());
    let mut rows = Vec::new();
    for resource in document["resources"].as_array()? {
        let mut row = resource.as_object()?.clone();
        row.retain(|key, _| !matches!(key.as_str(), "$at" | "apiVersion" | "dependsOn" | "condition" | "scope"));
        let row = Value::Object(row);
        if holds_unknown(&row) {
            return None;
        }
        let mut row = row;
        let name = row["name"].as_str()?.rsplit('/').next()?.to_owned();
        row["name"] = name.into();
        row["properties"]["provisioningState"] = "Succeeded".into();
        rows.push(row);
    }
    let all = rows.clone();
    for row in &mut rows {
        show(row, &all);
    }
    Some((all, rows))
}

/// What Azure shows of a resource beyond what was deployed: the defaults, and the other side of connections.
fn show(row: &mut Value, all: &[Value]) {
    let id = row["id"].as_str().unwrap().to_lowercase();
    let ty = row["type"].as_str().unwrap().to_lowercase();
    let name = row["name"].as_str().unwrap().to_owned();
    let sku = row["sku"]["name"].as_str().unwrap_or("Basic").to_owned();
    let properties = row["properties"].as_object_mut().unwrap();
    let mut default = |key: &str, value: Value| {
        if !properties.iter().any(|(known, value)| known.eq_ignore_ascii_case(key) && !value.is_null()) {
            properties.insert(key.to_owned(), value);
        }
    };
    match ty.as_str() {
        "microsoft.containerregistry/registries" => {
            default("loginServer", format!("{}.azurecr.io", name.to_lowercase()).into());
            default("publicNetworkAccess", "Enabled".into());
            default("networkRuleBypassOptions", "AzureServices".into());
            default("dataEndpointEnabled", false.into());
            default("anonymousPullEnabled", false.into());
            default("adminUserEnabled", false.into());
            default("autoGeneratedDomainNameLabelScope", "Unsecure".into());
            default("endpointProtocol", "IPv4".into());
            default("regionalEndpoints", "Disabled".into());
            default("networkRuleBypassAllowedForTasks", false.into());
            if sku.eq_ignore_ascii_case("Premium") {
                default("networkRuleSet", json!({}));
                let rules =
                    properties.iter_mut().find(|(key, _)| key.eq_ignore_ascii_case("networkRuleSet")).unwrap().1;
                for (key, value) in
                    [("defaultAction", json!("Allow")), ("ipRules", json!([])), ("virtualNetworkRules", json!([]))]
                {
                    let rules = rules.as_object_mut().unwrap();
                    if !rules.keys().any(|known| known.eq_ignore_ascii_case(key)) {
                        rules.insert(key.to_owned(), value);
                    }
                }
            }
            let connections = all.iter().filter(|other| {
                other["type"].as_str().unwrap().eq_ignore_ascii_case("Microsoft.Network/privateEndpoints")
                    && other["properties"].to_string().to_lowercase().contains(&format!("\"{id}\""))
            });
            let connections: Vec<Value> = connections
                .map(|endpoint| {
                    let manual = endpoint["properties"]["manualPrivateLinkServiceConnections"].as_array();
                    let status = if manual.is_some_and(|manual| !manual.is_empty()) { "Pending" } else { "Approved" };
                    json!({ "id": format!("{id}/privateEndpointConnections/{}", endpoint["name"].as_str().unwrap()),
                        "name": endpoint["name"], "properties": { "privateEndpoint": { "id": endpoint["id"] },
                        "privateLinkServiceConnectionState": { "status": status }, "provisioningState": "Succeeded" } })
                })
                .collect();
            let properties = row["properties"].as_object_mut().unwrap();
            properties.entry("privateEndpointConnections").or_insert_with(|| connections.into());
        }
        "microsoft.network/virtualnetworks" => {
            for subnet in row["properties"]["subnets"].as_array_mut().into_iter().flatten() {
                let entry = subnet["properties"].as_object_mut().unwrap();
                entry.entry("serviceEndpoints").or_insert_with(|| json!([]));
            }
        }
        "microsoft.network/virtualnetworks/subnets" => default("serviceEndpoints", json!([])),
        "microsoft.network/privatednszones/virtualnetworklinks" => default("resolutionPolicy", "Default".into()),
        "microsoft.web/sites" => {
            default("vnetImagePullEnabled", false.into());
            default("outboundVnetRouting", json!({ "imagePullTraffic": false, "allTraffic": false }));
        }
        "microsoft.network/privateendpoints" => {
            for connection in
                row["properties"]["manualPrivateLinkServiceConnections"].as_array_mut().into_iter().flatten()
            {
                connection["properties"]["privateLinkServiceConnectionState"] = json!({ "status": "Pending" });
            }
        }
        _ => {}
    }
}

/// The outcomes of a rule over some rows.
fn outcomes(rows: &[Value], rule: &str, complete: bool) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.json");
    let text = json!({ "count": rows.len(), "data": rows, "skip_token": null, "total_records": rows.len() });
    fs::write(&path, text.to_string()).unwrap();
    let scope = format!("/subscriptions/{SUBSCRIPTION}");
    let mut arguments = vec!["check", path.to_str().unwrap(), "--format", "json", "--no-config", "--select", rule];
    if complete {
        arguments.extend(["--complete", &scope]);
    }
    let report = acrlint(&arguments);
    let findings = report["findings"].as_array().unwrap_or_else(|| panic!("{rule}: {report}"));
    findings.iter().map(|finding| finding["outcome"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn dumps_decide_what_templates_decide() {
    let rules = rules();
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| !of_others(rule)) {
        let marks = seen.entry(rule).or_default();
        for (kind, verdict) in [("violation-", "fires"), ("compliant-", "is silent")] {
            for path in fixtures(rule, kind) {
                let Some((written, rows)) = dumped(&path) else { continue };
                let violated = outcomes(&rows, rule, true).contains("violation");
                if violated == (kind == "violation-") {
                    marks.insert(verdict);
                } else if !NOT_IN_A_DUMP.iter().any(|(name, what, _)| name == rule && *what == verdict)
                    && !HIDDEN.iter().any(|name| path.ends_with(name))
                {
                    wrong.push(format!("{rule}: {} {verdict} in a template, not in a dump", path.display()));
                }
                let alone = |row: &Value| outcomes(std::slice::from_ref(row), rule, false).contains("open");
                let open = |rows: &[Value]| outcomes(rows, rule, false).contains("open") || rows.iter().any(alone);
                if !marks.contains("is open") && (open(&rows) || open(&written)) {
                    marks.insert("is open");
                }
            }
        }
    }
    for (rule, marks) in &seen {
        for verdict in ["fires", "is silent", "is open"] {
            let excused = NOT_IN_A_DUMP.iter().any(|(name, what, _)| name == rule && *what == verdict);
            if marks.contains(verdict) == excused {
                wrong.push(format!(
                    "{rule}: {verdict}: {}",
                    if excused { "seen, take it out of the list" } else { "not seen" }
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}
