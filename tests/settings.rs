//! Every key of `acrlint.json`, as far as the command line shows that it works, and what is said of each fault in it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

/// Exit code, output, and what is said beside it.
fn run(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let exit = cli::run(["acrlint"].iter().chain(arguments).map(OsString::from), &mut streams);
    (exit.code(), String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// A folder with a configuration and a template.
struct Project {
    folder: tempfile::TempDir,
}

impl Project {
    fn new(config: &Value) -> Self {
        let project = Self { folder: tempfile::tempdir().unwrap() };
        project.write("acrlint.json", config);
        project.write("main.json", &template());
        project
    }

    fn write(&self, path: &str, content: &Value) {
        let path = self.folder.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, serde_json::to_string_pretty(content).unwrap()).unwrap();
    }

    fn path(&self, path: &str) -> String {
        self.folder.path().join(path).to_str().unwrap().to_owned()
    }

    /// Exit code and report of a check of one file.
    fn check(&self, path: &str, arguments: &[&str]) -> (u8, Value) {
        let (path, config) = (self.path(path), self.path("acrlint.json"));
        let all = ["check", &path, "--config", &config, "--format", "json"];
        let (code, out, err) = run(&[&all, arguments].concat());
        (code, serde_json::from_str(&out).unwrap_or_else(|_| panic!("{out}{err}")))
    }

    /// `level rule` of the findings, in order.
    fn findings(&self, path: &str, arguments: &[&str]) -> Vec<String> {
        let (_, report) = self.check(path, arguments);
        assert_eq!(report["problems"], json!([]), "{report:#}");
        let mut found: Vec<String> = report["findings"].as_array().unwrap().iter().map(shown).collect();
        found.sort();
        found.dedup();
        found
    }
}

fn shown(finding: &Value) -> String {
    let open = if finding["outcome"] == "open" { "open " } else { "" };
    format!("{open}{} {}", finding["level"].as_str().unwrap(), finding["rule"].as_str().unwrap())
}

/// A registry whose door is closed, with an endpoint and nothing that resolves it.
fn template() -> Value {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": { "access": { "type": "string", "defaultValue": "Disabled" } },
        "resources": [
            { "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crhub",
              "location": "westeurope", "sku": { "name": "Premium" },
              "properties": { "publicNetworkAccess": "[parameters('access')]",
                              "networkRuleSet": { "defaultAction": "Deny", "ipRules": [{ "value": "10.0.0.0/8" }] } } },
            { "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-09-01", "name": "vnet-hub",
              "location": "westeurope",
              "properties": { "addressSpace": { "addressPrefixes": ["10.1.0.0/16"] },
                              "subnets": [{ "name": "endpoints", "properties": { "addressPrefix": "10.1.0.0/24" } },
                                          { "name": "agents", "properties": { "addressPrefix": "10.1.1.0/24" } }] } },
            { "type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-09-01", "name": "pe-hub",
              "location": "westeurope",
              "properties": {
                "subnet": { "id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet-hub', 'endpoints')]" },
                "privateLinkServiceConnections": [{ "name": "registry", "properties": {
                    "privateLinkServiceId": "[resourceId('Microsoft.ContainerRegistry/registries', 'crhub')]",
                    "groupIds": ["registry"] } }] } }
        ]
    })
}

const PRIVATE: &str = "acr-iprule-private-range";
const GROUP: &str = "dns-zone-group-missing";

#[test]
fn rules_are_chosen() {
    let project =
        Project::new(&json!({ "select": [PRIVATE, "dns-zone-group-*"], "ignore": ["dns-zone-group-wrong-zone"] }));
    let all = ["error acr-iprule-private-range", "warning dns-zone-group-missing"];
    assert_eq!(project.findings("main.json", &[]), all);
    // The command line wins, also over what the file ignores.
    project.write("acrlint.json", &json!({ "select": [PRIVATE], "ignore": [GROUP], "levels": { GROUP: "off" } }));
    assert_eq!(project.findings("main.json", &["--select", GROUP]), all[1..]);
    assert_eq!(project.findings("main.json", &["--ignore", "drift"]), all[..1]);
    assert!(project.findings("main.json", &["--ignore", PRIVATE]).is_empty());
}

#[test]
fn levels_are_laid_over_each_other() {
    let project = Project::new(&json!({
        "select": [PRIVATE, GROUP],
        "levels": { "acr-*": "off", PRIVATE: "note" },
        "overrides": [{ "paths": ["dev/**", "/sand.json"], "levels": { "dns-*": "error", PRIVATE: "off" } }]
    }));
    for path in ["dev/a/main.json", "sand.json", "other/sand.json"] {
        project.write(path, &template());
    }
    let usual = ["note acr-iprule-private-range", "warning dns-zone-group-missing"];
    assert_eq!(project.findings("main.json", &[]), usual);
    assert_eq!(project.findings("other/sand.json", &[]), usual);
    for path in ["dev/a/main.json", "sand.json"] {
        assert_eq!(project.findings(path, &[]), ["error dns-zone-group-missing"], "{path}");
    }
    assert_eq!(project.check("sand.json", &["--fail-on", "error"]).0, 1);
    assert_eq!(project.check("main.json", &["--fail-on", "error"]).0, 0);
}

#[test]
fn what_is_open_and_what_fails() {
    let config = json!({ "select": ["dns-record-missing-registry", GROUP], "failOn": "never" });
    let project = Project::new(&config);
    let mut elsewhere = template();
    elsewhere["resources"].as_array_mut().unwrap().push(json!({
        "type": "Microsoft.Network/privateDnsZones", "apiVersion": "2020-06-01", "name": "privatelink.azurecr.io",
        "location": "global" }));
    project.write("zone.json", &elsewhere);
    let (code, report) = project.check("main.json", &[]);
    assert!(code == 0 && report["summary"]["warnings"] == 1, "{report:#}");
    assert_eq!(project.check("main.json", &["--fail-on", "warning"]).0, 1);
    let open = |word: &str, arguments: &[&str]| {
        let mut config = config.clone();
        config["open"] = word.into();
        config["managedElsewhere"] = json!(["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"]);
        project.write("acrlint.json", &config);
        project.findings("main.json", arguments)
    };
    assert_eq!(open("error", &[]), ["open error dns-zone-group-missing"]);
    assert!(open("ignore", &[]).is_empty());
    assert_eq!(open("ignore", &["--strict"]), ["open warning dns-zone-group-missing"]);
    assert_eq!(open("error", &["--open", "note"]), ["open note dns-zone-group-missing"]);
}

#[test]
fn the_cloud_names_the_zone() {
    let mut unplaced = template();
    for resource in unplaced["resources"].as_array_mut().unwrap() {
        resource["location"] = "[resourceGroup().location]".into();
    }
    unplaced["resources"].as_array_mut().unwrap().push(json!({
        "type": "Microsoft.Network/privateDnsZones", "apiVersion": "2020-06-01",
        "name": "[concat('privatelink', environment().suffixes.acrLoginServer)]", "location": "global" }));
    let project = Project::new(&json!({}));
    project.write("main.json", &unplaced);
    for (cloud, zone) in
        [("AzureUSGovernment", "azurecr.us"), ("AzureChinaCloud", "azurecr.cn"), ("AzureCloud", "azurecr.io")]
    {
        project.write("acrlint.json", &json!({ "select": ["dns-zone-*"], "cloud": cloud }));
        let (_, report) = project.check("main.json", &[]);
        let text = report["findings"].to_string();
        assert!(text.contains(&format!("privatelink.{zone}")), "{cloud}: {text}");
        let others = ["azurecr.us", "azurecr.cn"].iter().filter(|other| **other != zone);
        others.for_each(|other| assert!(!text.contains(&format!("privatelink.{other}")), "{cloud}: {text}"));
    }
}

#[test]
fn environments_are_judged_each_with_its_files() {
    let project = Project::new(&json!({
        "select": ["acr-rules-ineffective-public-disabled", "acr-network-rules-need-premium"],
        "parameters": ["common.json"],
        "environments": {
            "prod": [],
            "dev": [{ "file": "parameters/dev.json", "templates": ["main.json"] }, "parameters/more.json"]
        }
    }));
    let parameters = |values: Value| {
        json!({ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#",
                "contentVersion": "1.0.0.0", "parameters": values })
    };
    project
        .write("common.json", &parameters(json!({ "access": { "value": "Disabled" }, "elsewhere": { "value": 1 } })));
    project.write("parameters/dev.json", &parameters(json!({ "access": { "value": "Enabled" } })));
    project.write("parameters/more.json", &parameters(json!({ "nobody": { "value": 1 } })));
    // What lies beside a template is not taken as well.
    project.write("main.parameters.json", &parameters(json!({ "access": { "value": "Enabled" } })));
    let (_, report) = project.check("main.json", &[]);
    assert_eq!(report["problems"], json!([]), "{report:#}");
    let when: Vec<&Value> = report["findings"].as_array().unwrap().iter().map(|finding| &finding["when"]).collect();
    assert_eq!(when, [&json!({ "--parameters": "environment prod" })], "{report:#}");
    assert!(
        report["notes"].to_string().contains("was checked in environment dev and in environment prod"),
        "{report:#}"
    );
    // A value that is typed wins in every environment, a file that is named over all of them.
    let (_, report) = project.check("main.json", &["--parameter", "access=Enabled"]);
    assert_eq!(report["findings"], json!([]), "{report:#}");
    let (_, report) = project.check("main.json", &["--parameters", &project.path("parameters/dev.json")]);
    assert_eq!(report["findings"], json!([]), "{report:#}");
    // A template that no file belongs to is judged as ever.
    let mut other = template();
    other["parameters"] = json!({});
    other["resources"][0]["properties"]["publicNetworkAccess"] = "Disabled".into();
    project.write("other.json", &other);
    let (_, report) = project.check("other.json", &[]);
    assert_eq!(report["findings"][0]["when"], Value::Null, "{report:#}");
    assert_eq!(report["summary"]["warnings"], 1, "{report:#}");
}

#[test]
fn clients_that_no_file_declares_are_clients() {
    let select = "dns-zone-not-linked";
    let mut zone = template();
    zone["resources"].as_array_mut().unwrap().extend([
        json!({ "type": "Microsoft.Network/privateDnsZones", "apiVersion": "2020-06-01", "name": "privatelink.azurecr.io",
                "location": "global" }),
        json!({ "type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "apiVersion": "2020-06-01",
                "name": "privatelink.azurecr.io/hub", "location": "global",
                "properties": { "registrationEnabled": false,
                    "virtualNetwork": { "id": "[resourceId('Microsoft.Network/virtualNetworks', 'vnet-hub')]" } } }),
        json!({ "type": "Microsoft.Network/virtualNetworks", "apiVersion": "2023-09-01", "name": "vnet-spoke",
                "location": "westeurope",
                "properties": { "addressSpace": { "addressPrefixes": ["10.2.0.0/16"] },
                                "subnets": [{ "name": "agents", "properties": { "addressPrefix": "10.2.1.0/24" } }] } }),
    ]);
    let client = |subnet: &str| json!({ "name": "agents", "kind": "self-hosted-ci", "subnet": subnet });
    let project = Project::new(&json!({ "select": [select] }));
    project.write("main.json", &zone);
    assert!(project.findings("main.json", &[]).is_empty());
    let found = |clients: Value| {
        project.write("acrlint.json", &json!({ "select": [select], "clients": clients }));
        project.findings("main.json", &[])
    };
    assert!(found(json!([client("vnet-hub/agents")])).is_empty());
    assert_eq!(found(json!([client("vnet-spoke/agents")])), ["warning dns-zone-not-linked"]);
    let (_, report) = project.check("main.json", &[]);
    let evidence = report["findings"][0]["evidence"].as_array().unwrap();
    let named = |one: &&Value| one["location"]["path"].as_str().unwrap().ends_with("acrlint.json");
    assert_eq!(
        evidence.iter().find(named).map(|one| &one["property"]),
        Some(&json!("clientNetworks")),
        "{evidence:#?}"
    );
    // A resolver of its own is not Azure's, and a client of another registry is none of this one.
    let mut own = client("vnet-spoke/agents");
    own["resolver"] = "10.2.0.4".into();
    assert!(found(json!([own])).is_empty());
    own["resolver"] = "azure".into();
    assert_eq!(found(json!([own])), ["warning dns-zone-not-linked"]);
    own["registries"] = json!(["crother"]);
    assert!(found(json!([own])).is_empty());
    own["registries"] = json!(["CRHUB"]);
    assert_eq!(found(json!([own])), ["warning dns-zone-not-linked"]);
    // By its id, in a network that is not in the input, nothing is known of links but that none is declared here.
    let id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/vnet-x/subnets/agents";
    assert_eq!(found(json!([client(id)])), ["open note dns-zone-not-linked"]);
}

#[test]
fn the_proxy_of_a_client_is_judged_and_its_login_kept() {
    let project = Project::new(&json!({ "select": ["proxy-noproxy-missing"], "clients": [
        { "name": "office", "kind": "on-premises", "proxy": "http://user:canary-hunter2@proxy.example:3128" }
    ] }));
    assert_eq!(project.findings("main.json", &[]), ["warning proxy-noproxy-missing"]);
    let (path, config) = (project.path("main.json"), project.path("acrlint.json"));
    for format in ["human", "json", "concise", "sarif"] {
        let (_, out, _) = run(&["check", &path, "--config", &config, "--format", format]);
        assert!(out.contains("proxy-noproxy-missing") && !out.contains("canary"), "{out}");
    }
    let (_, out, _) = run(&["config", "--config", &config]);
    assert!(out.contains("proxy.example") && !out.contains("canary"), "{out}");
    project.write("acrlint.json", &json!({ "select": ["proxy-noproxy-missing"], "clients": [
        { "name": "office", "kind": "on-premises", "proxy": { "url": "http://proxy.example:3128", "noProxy": ".azurecr.io" } }
    ] }));
    assert!(project.findings("main.json", &[]).is_empty());
}

#[test]
fn addresses_of_clients_tell_whose_a_denied_one_is() {
    let project = Project::new(&json!({ "select": ["acr-client-ip-denied"], "clients": [
        { "name": "office Bern", "kind": "on-premises", "addresses": ["203.0.113.7"] }
    ] }));
    project.write(
        "events.json",
        &json!([{ "TableName": "PrimaryResult", "TimeGenerated": "2026-01-01T00:00:00Z",
        "CallerIpAddress": "203.0.113.7", "ResultDescription": "403", "LoginServer": "crhub.azurecr.io",
        "OperationName": "Pull" }]),
    );
    let (_, report) = project.check("events.json", &["--open", "note", &project.path("main.json")]);
    assert!(report["findings"].to_string().contains("it is the address of client office Bern"), "{report:#}");
}

#[test]
fn a_file_extends_another() {
    let project = Project::new(&json!({
        "extends": "shared/base.json", "ignore": [], "levels": { PRIVATE: "note" }, "failOn": "error",
        "exemptions": [{ "rule": GROUP, "reason": "by hand here" }]
    }));
    project.write("shared/base.json", &json!({
        "extends": "deeper/base.json", "select": [PRIVATE, GROUP], "ignore": [PRIVATE], "levels": { "acr-*": "off" },
        "failOn": "never", "exemptions": [{ "rule": "drift", "reason": "elsewhere" }]
    }));
    project.write("shared/deeper/base.json", &json!({ "select": ["drift"], "open": "ignore" }));
    let (_, report) = project.check("main.json", &[]);
    assert_eq!(
        report["findings"].as_array().unwrap().iter().map(shown).collect::<Vec<_>>(),
        ["note acr-iprule-private-range"]
    );
    assert_eq!(report["problems"], json!([]), "of a base that others share, nothing is unused: {report:#}");
    let (_, out, _) = run(&[
        "config",
        "--config",
        &project.path("acrlint.json"),
        "--format",
        "json",
        "--complete",
        "/subscriptions/1",
    ]);
    let out: Value = serde_json::from_str(&out).unwrap();
    let from = |key: &str| -> Vec<String> {
        let all = out["settings"].as_array().unwrap().iter().filter(|one| one["setting"] == key);
        all.map(|one| {
            let from = &one["from"];
            let place = from["path"].as_str().unwrap_or_default().rsplit('/').next().unwrap();
            format!("{} {} {place}", one["value"], from["kind"].as_str().unwrap()).trim().to_owned()
        })
        .collect()
    };
    assert_eq!(
        from("select"),
        ["\"acr-iprule-private-range\" file base.json", "\"dns-zone-group-missing\" file base.json"]
    );
    assert_eq!(from("ignore"), ["[] default"]);
    assert_eq!(from("levels.acr-*"), ["\"off\" file base.json"]);
    assert_eq!(from("levels.acr-iprule-private-range"), ["\"note\" file acrlint.json"]);
    assert_eq!(from("failOn"), ["\"error\" file acrlint.json"]);
    assert_eq!(from("open"), ["\"ignore\" file base.json"]);
    assert_eq!(from("complete"), ["\"/subscriptions/1\" command-line"]);
    // Each file is read once, whatever it extends.
    project.write("shared/deeper/base.json", &json!({ "extends": "../../acrlint.json" }));
    let (code, report) = project.check("main.json", &[]);
    assert!(code == 2 && report["problems"].to_string().contains("in a circle"), "{report:#}");
    project.write("acrlint.json", &json!({ "extends": "no/such.json" }));
    let (code, report) = project.check("main.json", &[]);
    assert_eq!(code, 2);
    let problem = &report["problems"][0];
    assert!(problem["message"].as_str().unwrap().contains("there is no file"), "{problem}");
    assert_eq!(problem["location"]["start"]["line"], 2, "{problem}");
}

/// Each fault of `testdata/config/wrong.json` at its place.
#[test]
fn every_fault_is_shown_where_it_is() {
    let path = "testdata/config/wrong.json";
    let (code, out, err) = run(&["config", "--config", path]);
    assert_eq!((code, out.as_str()), (2, ""));
    assert!(!err.contains("canary"), "{err}");
    let (checked, report, _) = run(&["check", "testdata/examples/registry-estate.json", "--config", path]);
    assert!(checked == 2 && report.contains("drfit") && !report.contains("canary"), "{report}");
    insta::with_settings!({ snapshot_path => "../testdata/config", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("wrong", err) });
}

/// What is in force, as a person reads it.
#[test]
fn what_is_in_force_is_printed() {
    let path = "testdata/config/acrlint.json";
    assert!(Path::new(path).exists());
    let arguments =
        ["config", "--config", path, "--strict", "--ignore", "drift", "--parameter", "password=canary-hunter2"];
    let (code, out, err) = run(&arguments);
    assert_eq!((code, err.as_str()), (0, ""));
    assert!(!out.contains("canary"), "{out}");
    insta::with_settings!({ snapshot_path => "../testdata/config", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("in-force", out) });
    let (code, _, err) = run(&["config", "--config", path, "--select", "dns-zone-mising"]);
    assert!(code == 2 && err.contains("did you mean `dns-zone-missing`?"), "{err}");
    assert_eq!(run(&["config", "--config", path, "--format", "sarif"]).0, 2);
    let (code, out, _) = run(&["config", "--no-config"]);
    assert!(code == 0 && out.contains("failOn  warning"), "{out}");
}
