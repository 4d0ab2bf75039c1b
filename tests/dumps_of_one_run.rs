//! Dumps that lie in several files: an output without a name finds its registry in the others, and pages find each other.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::ffi::OsString;
use std::fs;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};
use tempfile::TempDir;

/// The report of a run over files in a folder, each with its path.
fn check(files: &[(&str, Value)], arguments: &[&str]) -> Value {
    let folder: TempDir = tempfile::tempdir().unwrap();
    let mut paths = Vec::new();
    for (path, content) in files {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, serde_json::to_string_pretty(content).unwrap()).unwrap();
        paths.push(path.into_os_string());
    }
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json"].iter().chain(arguments).map(OsString::from).chain(paths);
    cli::run(arguments, &mut streams);
    serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err)))
}

fn codes(report: &Value) -> Vec<&str> {
    report["problems"].as_array().unwrap().iter().map(|problem| problem["code"].as_str().unwrap()).collect()
}

fn registry(name: &str) -> Value {
    json!({
        "id": format!("/subscriptions/5e0c/resourceGroups/rg-images/providers/Microsoft.ContainerRegistry/registries/{name}"),
        "name": name, "type": "Microsoft.ContainerRegistry/registries", "location": "westeurope",
        "loginServer": format!("{name}.azurecr.io"), "publicNetworkAccess": "Enabled", "sku": {"name": "Premium"},
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": []}, "privateEndpointConnections": []
    })
}

/// The output of `az acr network-rule list`, which names no registry.
fn no_rules() -> Value {
    json!({"ipRules": [], "virtualNetworkRules": []})
}

/// What a rule says that only these two outputs together decide, of each registry.
fn denied(files: &[(&str, Value)], arguments: &[&str]) -> Vec<(String, String)> {
    let report = check(files, &[&["--select", "acr-deny-no-rules-no-pe"], arguments].concat());
    let verdict = |finding: &Value| {
        let word = |value: &Value| value.as_str().unwrap().to_owned();
        (word(&finding["resource"]["name"]), word(&finding["outcome"]))
    };
    let mut found: Vec<_> = report["findings"].as_array().unwrap().iter().map(verdict).collect();
    found.extend(codes(&report).into_iter().map(|code| (String::new(), code.to_owned())));
    found
}

fn violation(name: &str) -> (String, String) {
    (name.to_owned(), "violation".to_owned())
}

fn open(name: &str) -> (String, String) {
    (name.to_owned(), "open".to_owned())
}

fn asked() -> (String, String) {
    (String::new(), "dump-without-owner".to_owned())
}

#[test]
fn rules_belong_to_the_only_registry_of_their_folder() {
    // In whichever order they are read.
    for (first, second) in [("a.json", "b.json"), ("b.json", "a.json")] {
        let files = [(first, registry("contosoimages")), (second, no_rules())];
        assert_eq!(denied(&files, &[]), [violation("contosoimages")]);
    }
}

#[test]
fn rules_belong_to_the_registry_that_their_file_is_called_after() {
    let both = |rules: &'static str| {
        [("dumps/registries.json", json!([registry("contosoimages"), registry("fabrikamimages")])), (rules, no_rules())]
    };
    let named = [violation("fabrikamimages"), open("contosoimages")];
    let mut found = denied(&both("dumps/rules-fabrikamimages.json"), &[]);
    found.sort_by(|a, b| b.1.cmp(&a.1));
    assert_eq!(found, named);
    // In a folder of its own as well.
    let mut found = denied(&both("rules/fabrikamimages/rules.json"), &[]);
    found.sort_by(|a, b| b.1.cmp(&a.1));
    assert_eq!(found, named);
    // Otherwise nothing is guessed.
    let found = denied(&both("dumps/rules.json"), &[]);
    assert_eq!(found, [open("contosoimages"), open("fabrikamimages"), asked()]);
}

#[test]
fn rules_of_another_folder_are_not_given_to_a_registry_that_nothing_says() {
    let files = [("one/registry.json", registry("contosoimages")), ("two/rules.json", no_rules())];
    assert_eq!(denied(&files, &[]), [open("contosoimages"), asked()]);
    let with_name = denied(&files, &["--registry", "contosoimages"]);
    assert_eq!(with_name, [violation("contosoimages")]);
}

/// A page of Resource Graph.
fn page(names: &[&str], total: usize, more: bool) -> Value {
    let row = |name: &&str| {
        json!({"id": format!("/subscriptions/5e0c/resourceGroups/rg/providers/Microsoft.Network/privateDnsZones/{name}"),
            "name": name, "type": "microsoft.network/privatednszones", "tenantId": "72f9", "subscriptionId": "5e0c",
            "resourceGroup": "rg", "location": "global", "properties": {"numberOfVirtualNetworkLinks": 0}})
    };
    json!({"count": names.len(), "data": names.iter().map(row).collect::<Vec<_>>(),
        "skip_token": more.then_some("eyJ"), "total_records": total})
}

#[test]
fn pages_in_several_files_are_one_result() {
    let (first, last) = (page(&["a.example", "b.example"], 3, true), page(&["c.example"], 3, false));
    let incomplete = |files: &[(&str, Value)]| {
        let report = check(files, &[]);
        codes(&report).iter().filter(|code| **code == "dump-incomplete").count()
    };
    assert_eq!(incomplete(&[("x-1.json", first.clone()), ("x-2.json", last.clone())]), 0);
    assert_eq!(incomplete(&[("x-2.json", first.clone()), ("x-1.json", last.clone())]), 0, "in any order");
    assert_eq!(incomplete(&[("x.json", json!([first, last]))]), 0, "in one file");
    assert_eq!(incomplete(&[("x-1.json", first.clone())]), 1);
    assert_eq!(incomplete(&[("x-2.json", last.clone())]), 1, "the first page lacks");
    assert_eq!(incomplete(&[("a/x-1.json", first.clone()), ("b/x-2.json", last.clone())]), 2, "of two folders");
    assert_eq!(incomplete(&[("x-1.json", first.clone()), ("x-2.json", first.clone())]), 2, "no last page");
    let other = page(&["d.example"], 4, false);
    assert_eq!(incomplete(&[("x-1.json", first.clone()), ("x-2.json", other)]), 2, "of another result");
    let again = [("x-1.json", first.clone()), ("x-2.json", last.clone()), ("y-1.json", first), ("y-2.json", last)];
    assert_eq!(incomplete(&again), 0, "two results that are alike");
}

fn network(ty: &str, name: &str) -> String {
    format!("/subscriptions/5e0c/resourceGroups/rg-net/providers/Microsoft.Network/{ty}/{name}")
}

/// A machine, its network with two subnets, and what its interface is subject to. `hop`: where the default route leads.
fn machine(hop: &str) -> Vec<(&'static str, Value)> {
    let vm = "/subscriptions/5e0c/resourceGroups/rg-net/providers/Microsoft.Compute/virtualMachines/vm-build";
    let interface = network("networkInterfaces", "vm-build-nic");
    let table = |name: &str| network("routeTables", name);
    let subnet = |name: &str, prefix: &str, of: &str| {
        json!({"id": network("virtualNetworks", &format!("vnet-build/subnets/{name}")), "name": name,
            "type": "Microsoft.Network/virtualNetworks/subnets", "addressPrefix": prefix, "serviceEndpoints": [],
            "routeTable": {"id": table(of)}})
    };
    let route =
        |name: &str, prefix: &str, hop: &str| json!({"name": name, "addressPrefix": prefix, "nextHopType": hop});
    let routes = |name: &str, routes: Value| {
        json!({"id": table(name), "name": name, "type": "Microsoft.Network/routeTables", "location": "westeurope",
            "disableBgpRoutePropagation": true, "routes": routes})
    };
    let effective = |source: &str, name: &str, prefix: &str, hop: &str| {
        json!({"source": source, "name": name, "state": "Active", "addressPrefix": [prefix], "nextHopType": hop,
            "nextHopIpAddress": []})
    };
    let mut images = registry("contosoimages");
    images["networkRuleSet"]["defaultAction"] = json!("Allow");
    let locked = [route("to-internet", "0.0.0.0/0", hop), route("to-office", "10.0.0.0/8", "VirtualNetworkGateway")];
    vec![
        ("registry.json", images),
        ("connections.json", json!([])),
        (
            "machines.json",
            json!([{"id": vm, "name": "vm-build", "type": "Microsoft.Compute/virtualMachines",
            "location": "westeurope", "networkProfile": {"networkInterfaces": [{"id": interface}]}}]),
        ),
        (
            "networks.json",
            json!([{"id": network("virtualNetworks", "vnet-build"), "name": "vnet-build",
            "type": "Microsoft.Network/virtualNetworks", "location": "westeurope",
            "addressSpace": {"addressPrefixes": ["10.9.0.0/16"]}, "virtualNetworkPeerings": [],
            "subnets": [subnet("locked", "10.9.1.0/24", "rt-locked"), subnet("free", "10.9.2.0/24", "rt-free")]}]),
        ),
        (
            "tables.json",
            json!([
                routes("rt-locked", json!(locked)),
                routes("rt-free", json!([route("to-office", "10.0.0.0/8", "VirtualNetworkGateway")]))
            ]),
        ),
        (
            "routes.json",
            json!({"value": [
            effective("Default", "", "10.9.0.0/16", "VnetLocal"), effective("Default", "", "0.0.0.0/0", "Internet"),
            effective("User", "to-internet", "0.0.0.0/0", hop), effective("User", "to-office", "10.0.0.0/8",
            "VirtualNetworkGateway")]}),
        ),
    ]
}

/// What is said of the routes of the clients, and the codes of problems.
fn routed(files: &[(&str, Value)]) -> Vec<String> {
    let report = check(files, &["--select", "egress-udr-blackhole"]);
    let said = |finding: &Value| finding["message"].as_str().unwrap().to_owned();
    let mut found: Vec<_> = report["findings"].as_array().unwrap().iter().map(said).collect();
    found.extend(codes(&report).into_iter().map(str::to_owned));
    found
}

#[test]
fn effective_routes_tell_where_an_interface_is() {
    let dropped = "machine vm-build in subnet locked cannot reach registry contosoimages: route to-internet of route table \
                   rt-locked sends what goes to public addresses to the next hop None";
    assert_eq!(routed(&machine("None")), [dropped]);
    assert_eq!(routed(&machine("Internet")), [""; 0]);
    // A table that nobody shows is what the routes say, where one subnet has such a table.
    let mut files = machine("None");
    let tables = files.iter().position(|(name, _)| *name == "tables.json").unwrap();
    files[tables].1.as_array_mut().unwrap().remove(0);
    assert_eq!(routed(&files), [dropped]);
    // Nothing is guessed where another subnet has a table that nobody shows.
    let mut unsure = machine("None");
    unsure[tables].1.as_array_mut().unwrap().remove(1);
    assert_eq!(routed(&unsure), ["dump-without-owner"]);
    // Nor where two have one.
    files.remove(tables);
    assert_eq!(routed(&files), ["dump-without-owner"]);
    // An interface that is shown says where it is.
    let subnet = network("virtualNetworks", "vnet-build/subnets/locked");
    files.push((
        "interfaces.json",
        json!([{"id": network("networkInterfaces", "vm-build-nic"), "name": "vm-build-nic",
        "type": "Microsoft.Network/networkInterfaces", "location": "westeurope",
        "ipConfigurations": [{"name": "one", "subnet": {"id": subnet}}]}]),
    ));
    assert_eq!(routed(&files), [dropped]);
    // Routes of nobody.
    let alone: Vec<_> = machine("None").into_iter().filter(|(name, _)| *name != "machines.json").collect();
    assert_eq!(routed(&alone), ["dump-without-owner"]);
}
