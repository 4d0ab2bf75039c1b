//! A baseline silences what it was written from, wherever its lines move, and nothing else.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

mod beside;

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use beside::shared;
use serde_json::{Value, json};

fn check(path: &Path, arguments: &[&str]) -> (u8, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all = ["acrlint", "check", path.to_str().unwrap(), "--format", "json", "--no-config", "--no-parameter-files"];
    let exit = cli::run(all.iter().chain(arguments).map(OsString::from), &mut streams);
    (exit.code(), serde_json::from_slice(&out).unwrap_or(Value::Null))
}

fn count(report: &Value) -> usize {
    report["findings"].as_array().map_or(0, Vec::len)
}

/// The resources of a template the other way round, in nested templates too.
fn reversed(template: &mut Value) {
    match template {
        Value::Object(members) => {
            for (key, value) in members.iter_mut() {
                if key == "resources"
                    && let Value::Array(items) = value
                {
                    items.reverse();
                }
                reversed(value);
            }
        }
        Value::Array(items) => items.iter_mut().for_each(reversed),
        _ => {}
    }
}

/// A registry with a fault that no other template has.
fn news() -> Value {
    json!({ "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crbrandnew",
        "location": "westeurope", "sku": { "name": "Basic" },
        "properties": { "networkRuleSet": { "defaultAction": "Deny", "ipRules": [] } } })
}

#[test]
fn what_is_known_is_silenced_and_what_is_new_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.json");
    let known = folder.path().join("known.json");
    let baseline = ["--baseline", known.to_str().unwrap()];
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/examples/registry-estate.json");
    fs::copy(fixture, &path).unwrap();
    let (code, report) = check(&path, &[&baseline[..], &["--write-baseline"]].concat());
    assert_eq!((code, count(&report)), (0, 0));
    let written = report["summary"]["suppressed"].as_u64().unwrap();
    assert!(written > 0, "{report}");
    let (code, report) = check(&path, &baseline);
    assert_eq!((code, count(&report), report["summary"]["suppressed"].as_u64()), (0, 0, Some(written)));
    // A mended fault leaves its entry over.
    fs::write(
        &path,
        json!({ "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": [] })
        .to_string(),
    )
    .unwrap();
    let (_, report) = check(&path, &baseline);
    assert!(report["notes"].to_string().contains("are found no more"), "{report}");
    fs::write(&known, "{\"version\": 2, \"findings\": [{}]}").unwrap();
    let (code, report) = check(&path, &baseline);
    assert!(code == 2 && report["problems"].to_string().contains("fingerprint"), "{report}");
    assert_eq!(check(&path, &["--baseline", "no/such.json"]).0, 2);
}

#[test]
fn real_templates_stay_silent_when_they_are_rearranged() {
    let Some(folder) = shared("corpus/arm") else { return };
    let scratch = tempfile::tempdir().unwrap();
    let known = scratch.path().join("known.json");
    let baseline = ["--baseline", known.to_str().unwrap()];
    let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.sort();
    let (mut templates, mut wrong) = (0, Vec::new());
    for original in paths {
        let Ok(template) = serde_json::from_str::<Value>(&fs::read_to_string(&original).unwrap_or_default()) else {
            continue;
        };
        let name = original.file_name().unwrap().to_str().unwrap().to_owned();
        let path = scratch.path().join("main.json");
        fs::write(&path, template.to_string()).unwrap();
        let (_, before) = check(&path, &[]);
        if count(&before) == 0 || template["resources"].is_null() {
            continue;
        }
        templates += 1;
        check(&path, &[&baseline[..], &["--write-baseline"]].concat());
        let renamed = scratch.path().join("renamed.json");
        fs::write(&renamed, serde_json::to_string_pretty(&template).unwrap()).unwrap();
        let mut turned = template.clone();
        reversed(&mut turned);
        let turned_path = scratch.path().join("turned.json");
        fs::write(&turned_path, turned.to_string()).unwrap();
        for (what, path) in [("as it was", &path), ("indented and renamed", &renamed), ("reordered", &turned_path)] {
            let (_, report) = check(path, &baseline);
            if count(&report) != 0 {
                let left = report["findings"].as_array().unwrap();
                let left: Vec<&str> = left.iter().map(|finding| finding["rule"].as_str().unwrap()).collect();
                wrong.push(format!("{name}, {what}: {left:?}"));
            }
        }
        let mut more = template;
        match &mut more["resources"] {
            Value::Array(items) => items.push(news()),
            named => named["brandNew"] = news(),
        }
        fs::write(&path, more.to_string()).unwrap();
        let (_, report) = check(&path, &baseline);
        let found = report["findings"].as_array().unwrap();
        if !found.iter().any(|finding| finding["resource"]["name"] == "crbrandnew") {
            wrong.push(format!("{name}: the new fault is silenced"));
        }
    }
    eprintln!("{templates} templates with findings");
    assert!(wrong.is_empty() && templates > 20, "{templates} templates\n{}", wrong.join("\n"));
}
