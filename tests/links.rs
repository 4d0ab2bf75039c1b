//! Templates that link to files: followed inside of the project, and nowhere else.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

/// The report of a run without open findings.
fn check(path: &Path) -> Value {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all = ["acrlint", "check", path.to_str().unwrap(), "--format", "json", "--open", "ignore"];
    cli::run(all.map(OsString::from), &mut streams);
    assert_eq!(String::from_utf8(err).unwrap(), "");
    serde_json::from_slice(&out).unwrap()
}

/// Rules, and the names of the files that their findings point at.
fn findings(report: &Value) -> Vec<String> {
    let name = |finding: &Value| finding["location"]["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| format!("{} {}", finding["rule"].as_str().unwrap(), name(finding))).collect()
}

fn problems(report: &Value) -> Vec<String> {
    let code = |problem: &Value| {
        let at = &problem["location"];
        let name = at["path"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        format!("{} {name}:{}:{}", problem["code"].as_str().unwrap(), at["start"]["line"], at["start"]["column"])
    };
    report["problems"].as_array().unwrap().iter().map(code).collect()
}

fn template(resources: &Value) -> String {
    json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0", "resources": resources
    })
    .to_string()
}

fn link(path: &str) -> Value {
    json!({
        "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "linked",
        "properties": { "mode": "Incremental", "templateLink": { "relativePath": path } }
    })
}

fn registry() -> Value {
    json!({
        "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crlinked",
        "location": "westeurope", "sku": { "name": "Premium" }, "properties": { "publicNetworkAccess": "Disabled" }
    })
}

#[test]
fn what_is_linked_is_deployed_with_the_values_it_is_given() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/links");
    // The registry is closed and its endpoint stands in a third file: no rule about a missing endpoint.
    for path in [root.join("main.json"), root.clone()] {
        let report = check(&path);
        assert_eq!(findings(&report), ["dns-zone-group-missing endpoint.json"], "{path:?}");
        assert_eq!(problems(&report), [""; 0]);
        assert_eq!(report["summary"]["registries"], 1);
    }
    // On its own, the middle file is judged with the one that it links to.
    let report = check(&root.join("nested/registry.json"));
    assert_eq!(report["findings"][0]["resource"]["address"], "endpoint.pe-shop", "{report}");
}

#[test]
fn a_finding_points_at_the_value_in_the_linking_file() {
    let folder = tempfile::tempdir().unwrap();
    let mut inner = registry();
    inner["properties"]["publicNetworkAccess"] = json!("[parameters('access')]");
    let mut linked: Value = serde_json::from_str(&template(&json!([inner]))).unwrap();
    linked["parameters"] = json!({ "access": { "type": "string" } });
    fs::write(folder.path().join("linked.json"), linked.to_string()).unwrap();
    let mut deployment = link("linked.json");
    deployment["properties"]["parameters"] = json!({ "access": { "value": "Disabled" }, "acess": { "value": 1 } });
    fs::write(folder.path().join("main.json"), template(&json!([deployment]))).unwrap();
    let report = check(&folder.path().join("main.json"));
    assert_eq!(findings(&report), ["acr-public-disabled-no-pe main.json"]);
    assert_eq!(problems(&report).len(), 1);
    assert!(problems(&report)[0].starts_with("parameter-not-declared main.json"), "{report}");
}

#[test]
fn a_link_that_leads_nowhere_is_a_problem_at_its_path() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    fs::create_dir_all(project.join(".git")).unwrap();
    fs::create_dir_all(project.join("infra")).unwrap();
    fs::write(folder.path().join("secret.json"), template(&json!([registry()]))).unwrap();
    fs::write(project.join("notes.json"), "{\"no\": \"template\"}").unwrap();
    fs::write(project.join("broken.json"), "{\"resources\": [").unwrap();
    fs::write(project.join("shared.json"), template(&json!([registry()]))).unwrap();
    let main = project.join("infra/main.json");
    for (path, code) in [
        ("../../secret.json", "linked-template-outside"),
        ("/etc/passwd", "linked-template-outside"),
        ("../../../../../../../../../../etc/passwd", "linked-template-outside"),
        ("missing.json", "linked-template-missing"),
        ("../infra", "linked-template-missing"),
        ("../notes.json", "linked-template-invalid"),
        ("main.json", "linked-template-loop"),
    ] {
        fs::write(&main, template(&json!([link(path)]))).unwrap();
        let report = check(&main);
        let at = template(&json!([link(path)])).find(&format!("\"{path}\"")).unwrap() + 1;
        assert_eq!(problems(&report), [format!("{code} main.json:1:{at}")], "{path}: {report}");
        assert_eq!(findings(&report), [""; 0], "{path}");
    }
    fs::write(&main, template(&json!([link("../broken.json")]))).unwrap();
    assert!(
        problems(&check(&main)).iter().any(|problem| problem.starts_with("json-")),
        "{:?}",
        problems(&check(&main))
    );
    // A repository is one project, wherever the user stands.
    fs::write(&main, template(&json!([link("../shared.json")]))).unwrap();
    assert_eq!(findings(&check(&main)), ["acr-public-disabled-no-pe shared.json"]);
}

#[cfg(unix)]
#[test]
fn a_symbolic_link_does_not_lead_out() {
    let folder = tempfile::tempdir().unwrap();
    let project = folder.path().join("project");
    fs::create_dir_all(project.join(".git")).unwrap();
    fs::write(folder.path().join("secret.json"), template(&json!([registry()]))).unwrap();
    std::os::unix::fs::symlink(folder.path().join("secret.json"), project.join("inside.json")).unwrap();
    fs::write(project.join("main.json"), template(&json!([link("inside.json")]))).unwrap();
    let report = check(&project.join("main.json"));
    assert!(problems(&report)[0].starts_with("linked-template-outside"), "{report}");
}

#[test]
fn a_circle_of_files_ends_and_is_not_clean() {
    let folder = tempfile::tempdir().unwrap();
    for (name, other) in [("a.json", "b.json"), ("b.json", "a.json")] {
        fs::write(folder.path().join(name), template(&json!([registry(), link(other)]))).unwrap();
    }
    let report = check(folder.path());
    assert!(problems(&report).iter().all(|problem| problem.starts_with("linked-template-loop")), "{report}");
    assert!(!problems(&report).is_empty() && !findings(&report).is_empty(), "{report}");
}

#[test]
fn what_is_not_on_disk_stays_unknown_without_a_complaint() {
    let folder = tempfile::tempdir().unwrap();
    let main = folder.path().join("main.json");
    for template_link in [
        json!({ "uri": "https://example.org/nested.json" }),
        json!({ "id": "/subscriptions/1/resourceGroups/g/providers/Microsoft.Resources/templateSpecs/t/versions/1" }),
        json!({ "relativePath": "[concat('nested/', resourceGroup().location, '.json')]" }),
    ] {
        let mut deployment = link("");
        deployment["properties"]["templateLink"] = template_link;
        fs::write(&main, template(&json!([deployment]))).unwrap();
        assert_eq!(problems(&check(&main)), [""; 0]);
    }
}
