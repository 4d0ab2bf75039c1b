//! Login events: every shape is one evidence, however many rows it has, and other tables stay out.

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

use acrlint::cli::{self, Exit, Streams};
use acrlint::input::{Format, plain, read};
use acrlint::source::Sources;
use serde_json::{Value, json};

/// Exit code, and the report.
fn check(arguments: &[&str]) -> (Exit, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json"].iter().chain(arguments).map(OsString::from);
    let exit = cli::run(arguments, &mut streams);
    (exit, serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err))))
}

fn registry(ip_rules: &Value) -> String {
    let id = "/subscriptions/1/resourceGroups/rg/providers/Microsoft.ContainerRegistry/registries/acr";
    json!({"id": id, "name": "acr", "location": "westeurope", "type": "Microsoft.ContainerRegistry/registries",
        "sku": {"name": "Premium"}, "loginServer": "acr.azurecr.io", "publicNetworkAccess": "Enabled",
        "privateEndpointConnections": [], "provisioningState": "Succeeded",
        "networkRuleSet": {"defaultAction": "Deny", "ipRules": ip_rules, "virtualNetworkRules": []}})
    .to_string()
}

fn export(rows: usize) -> String {
    let mut text =
        "\u{feff}TimeGenerated [UTC],CallerIpAddress,LoginServer,ResultType,ResultDescription,UserAgent\r\n".to_owned();
    for row in 0..rows {
        let time = format!("\"5/4/2026, 6:12:01.{row} AM\"");
        writeln!(text, "{time},203.0.113.7,acr.azurecr.io,HttpStatusCode,403,\"a, \"\"b\"\"\nc\"\r").unwrap();
    }
    text
}

/// The messages of the violations of a rule on some files, and the place of the first one.
fn denied(files: &[(&str, &str)]) -> (Vec<String>, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        fs::write(folder.path().join(name), text).unwrap();
    }
    let folder = folder.path().to_string_lossy().into_owned();
    let (_, report) = check(&[&folder, "--select", "acr-client-*"]);
    let all = report["findings"].as_array().unwrap();
    let violations: Vec<_> = all.iter().filter(|finding| finding["outcome"] == "violation").collect();
    let place = violations.first().map(|finding| {
        let file = finding["location"]["path"].as_str().unwrap_or_default();
        format!("{}:{}", file.rsplit('/').next().unwrap_or_default(), finding["location"]["start"]["line"])
    });
    let messages = violations.iter().map(|finding| finding["message"].as_str().unwrap().to_owned());
    (messages.collect(), place.unwrap_or_default())
}

#[test]
fn an_export_is_evidence_beside_the_registry() {
    let (found, place) = denied(&[("acr.json", &registry(&json!([]))), ("events.csv", &export(3))]);
    let message = "registry acr denied 203.0.113.7 3 times (403), and would deny it again: no IP rule names it";
    assert_eq!(found, [message]);
    assert_eq!(place, "events.csv:2", "the first row is the place");
    let rule = json!([{"action": "Allow", "ipAddressOrRange": "203.0.113.0/29"}]);
    assert!(denied(&[("acr.json", &registry(&rule)), ("events.csv", &export(3))]).0.is_empty());
}

#[test]
fn lines_before_the_header_are_no_rows() {
    for before in ["#TYPE System.Management.Automation.PSCustomObject\r\n", "sep=,\n"] {
        let text = format!("{before}{}", export(2).trim_start_matches('\u{feff}'));
        let (found, place) = denied(&[("acr.json", &registry(&json!([]))), ("events.csv", &text)]);
        assert_eq!((found.len(), place.as_str()), (1, "events.csv:3"), "{before}");
    }
}

#[test]
fn events_of_several_files_add_up() {
    let files = [("acr.json", &*registry(&json!([]))), ("a.csv", &export(3)), ("b.csv", &export(1))];
    let (found, place) = denied(&files);
    assert!(found.len() == 1 && found[0].contains("denied 203.0.113.7 4 times"), "{found:?}");
    assert_eq!(place, "a.csv:2");
}

#[test]
fn many_rows_of_one_address_are_one_node() {
    let text = export(100_000);
    let mut sources = Sources::new();
    let file = sources.add("events.csv", text);
    let Format::Plain(plain) = read(file, sources.get(file).text()).format else { panic!("no export") };
    let loaded = plain::load(file, sources.get(file).text(), plain);
    assert_eq!(loaded.resources.len(), 1);
    assert_eq!(sources.position(file, loaded.resources[0].at.whole.start).line, 2);

    let row = json!({"CallerIpAddress": "203.0.113.7", "LoginServer": "acr.azurecr.io", "ResultDescription": "403"});
    let rows = Value::Array(vec![row; 100_000]).to_string();
    let (found, _) = denied(&[("acr.json", &registry(&json!([]))), ("events.json", &rows)]);
    assert!(found.len() == 1 && found[0].contains("100000 times"), "{found:?}");
}

#[test]
fn the_client_that_leaves_through_an_address_is_named() {
    let dump = format!("{}/testdata/dumps/login-events.json", env!("CARGO_MANIFEST_DIR"));
    let (_, report) = check(&[&dump, "--select", "acr-client-ip-denied"]);
    let finding = &report["findings"][0];
    let help = finding["help"].as_str().unwrap();
    assert!(help.contains("it is the address of NAT gateway ng-hub"), "{finding:#}");
    assert!(help.contains("az acr network-rule add --name fabrikamimages --ip-address 203.0.113.7"), "{help}");
    assert!(finding["message"].as_str().unwrap().contains("denied 203.0.113.7 2 times"), "the same row counts once");
    assert_eq!(report["findings"].as_array().unwrap().len(), 1, "{report:#}");
}

#[test]
fn without_the_registry_the_finding_is_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.csv").to_string_lossy().into_owned();
    fs::write(&path, export(1)).unwrap();
    let (exit, report) = check(&[&path]);
    assert_eq!(exit, Exit::Clean);
    let finding = &report["findings"][0];
    assert_eq!((&finding["rule"], &finding["outcome"]), (&json!("acr-client-ip-denied"), &json!("open")));
    assert!(finding.to_string().contains("az acr show --name acr"), "{finding:#}");
    assert_eq!(report["files"][0]["format"], "log-analytics");
}

#[test]
fn other_tables_are_skipped_in_folders_and_refused_when_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv").to_string_lossy().into_owned();
    let within = folder.path().to_string_lossy().into_owned();
    for text in [
        "",
        "a,b\n1,2\n",
        "CallerIpAddress,ResultDescription\n1.2.3.4,403\n",
        "CallerIPAddress,ResultType,Type\n1.2.3.4,403,StorageBlobLogs\n",
        "CallerIpAddress,ResultType,LoginServer\n1.2.3.4,403,example.org\n",
    ] {
        fs::write(&path, text).unwrap();
        let (exit, report) = check(&["--allow-empty", &within]);
        assert_eq!((exit, report["files"].as_array().map(Vec::len)), (Exit::Clean, Some(0)), "{text}: {report:#}");
        let (exit, _) = check(&[&path]);
        assert_eq!(exit, Exit::Unusable, "{text}");
    }
}

#[test]
fn an_export_that_is_cut_off_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.csv").to_string_lossy().into_owned();
    let text = export(2);
    fs::write(&path, &text[..text.len() - 4]).unwrap();
    let (exit, report) = check(&[&path]);
    assert_eq!((exit, &report["problems"][0]["code"]), (Exit::Unusable, &json!("dump-cut")));
}
