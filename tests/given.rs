//! What is given beside a template: parameter files, single values, the place of the deployment.
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

use acrlint::cli::{self, Streams};
use serde_json::Value;

const TEMPLATE: &str = r#"{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",
  "parameters": {
    "name": { "type": "string", "minLength": 5 },
    "sku": { "type": "string", "allowedValues": ["Basic", "Premium"], "defaultValue": "Premium" },
    "count": { "type": "int", "defaultValue": 1, "maxValue": 3 },
    "tags": { "type": "object", "defaultValue": {} },
    "password": { "type": "securestring", "defaultValue": "" }
  },
  "resources": [
    {
      "type": "Microsoft.ContainerRegistry/registries",
      "apiVersion": "2025-11-01",
      "name": "[parameters('name')]",
      "location": "[resourceGroup().location]",
      "sku": { "name": "[parameters('sku')]" },
      "tags": "[parameters('tags')]",
      "properties": { "policies": { "retentionPolicy": { "days": "[parameters('count')]" } } }
    }
  ]
}"#;

/// Exit code, standard output and standard error of a run beside these files; `DIR` stands for their folder.
fn acrlint(files: &[(&str, &str)], arguments: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    let folder = folder.path().to_string_lossy().replace('\\', "/");
    let arguments = arguments.iter().map(|argument| OsString::from(argument.replace("DIR", &folder)));
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let exit = cli::run(
        std::iter::once(OsString::from("acrlint")).chain(arguments),
        &mut Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true },
    );
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap().replace(&folder, "DIR");
    (exit.code(), text(out), text(err))
}

fn parameters(values: &str) -> String {
    format!("{{\n  \"contentVersion\": \"1.0.0.0\",\n  \"parameters\": {values}\n}}")
}

fn check(values: &str, more: &[&str]) -> (u8, String) {
    let file = parameters(values);
    let arguments = ["check", "DIR/main.json", "--parameters", "DIR/p.json", "--format", "concise"];
    let arguments: Vec<&str> = arguments.iter().chain(more).copied().collect();
    let (exit, out, _) = acrlint(&[("main.json", TEMPLATE), ("p.json", &file)], &arguments);
    (exit, out)
}

#[test]
fn good_values_are_no_problem() {
    let (exit, out) = check(r#"{"name": {"value": "registry"}}"#, &[]);
    assert!(exit == 0 && !out.contains("parameter"), "{exit}: {out}");
}

#[test]
fn wrong_names_types_bounds_and_values_are_shown_in_the_parameter_file() {
    for (values, code, at) in [
        (r#"{"name": {"value": "registry"}, "nmae": {"value": 1}}"#, "parameter-not-declared", "p.json:3:"),
        (r#"{"name": {"value": 7}}"#, "parameter-type", "p.json:3:"),
        (r#"{"name": {"value": "acr"}}"#, "parameter-value-out-of-bounds", "p.json:3:"),
        (r#"{"name": {"value": "registry"}, "count": {"value": 4}}"#, "parameter-value-out-of-bounds", "p.json:3:"),
        (r#"{"name": {"value": "registry"}, "sku": {"value": "Gold"}}"#, "parameter-value-not-allowed", "p.json:3:"),
        (r#"{"sku": {"value": "basic"}}"#, "parameter-missing", "p.json:3:"),
        (r#"{"name": {"value": null}}"#, "parameter-missing", "p.json:3:"),
    ] {
        let (exit, out) = check(values, &[]);
        assert!(exit == 1 && out.contains(code) && out.contains(at), "{values}: {exit}\n{out}");
    }
}

#[test]
fn the_declaration_is_shown_beside_the_value() {
    let file = parameters(r#"{"name": {"value": "registry"}, "sku": {"value": "Gold"}}"#);
    let arguments = ["check", "DIR/main.json", "--parameters", "DIR/p.json"];
    let (_, out, _) = acrlint(&[("main.json", TEMPLATE), ("p.json", &file)], &arguments);
    assert!(out.contains("DIR/p.json:3:") && out.contains("DIR/main.json:6:"), "{out}");
}

#[test]
fn single_values_win_and_take_the_declared_type() {
    let file = parameters(r#"{"name": {"value": "registry"}, "count": {"value": 3}}"#);
    let arguments = [
        "expand",
        "DIR/main.json",
        "--parameters",
        "DIR/p.json",
        "--parameter",
        "name=12345",
        "--parameter",
        "count=2",
        "--parameter",
        r#"tags={"env": "dev"}"#,
        "--subscription",
        "11111111-1111-1111-1111-111111111111",
        "--resource-group",
        "rg",
        "--location",
        "westeurope",
    ];
    let (exit, out, err) = acrlint(&[("main.json", TEMPLATE), ("p.json", &file)], &arguments);
    assert_eq!(exit, 0, "{err}");
    let out: Value = serde_json::from_str(&out).unwrap();
    let registry = &out["resources"][0];
    assert_eq!(registry["name"], "12345");
    assert_eq!(registry["location"], "westeurope");
    assert_eq!(registry["properties"]["policies"]["retentionPolicy"]["days"], 2);
    assert_eq!(registry["tags"]["env"], "dev");
    let id = "/subscriptions/11111111-1111-1111-1111-111111111111/resourceGroups/rg/providers/\
              Microsoft.ContainerRegistry/registries/12345";
    assert_eq!(registry["id"], id);
}

#[test]
fn a_secret_of_a_parameter_file_is_never_shown() {
    let file = parameters(r#"{"name": {"value": "acr"}, "password": {"value": ["canary-secret"]}}"#);
    for command in ["check", "expand"] {
        let arguments = [command, "DIR/main.json", "--parameters", "DIR/p.json"];
        let (_, out, err) = acrlint(&[("main.json", TEMPLATE), ("p.json", &file)], &arguments);
        assert!(!format!("{out}{err}").contains("canary"), "{command}: {out}{err}");
    }
    let arguments = ["check", "DIR/main.json", "--parameter", "password=canary-secret", "--parameter", "sku=Gold"];
    let (exit, out, err) = acrlint(&[("main.json", TEMPLATE)], &arguments);
    assert!(exit == 1 && !format!("{out}{err}").contains("canary"), "{out}{err}");
}

#[test]
fn wrong_usage_is_told() {
    let files = [("main.json", TEMPLATE), ("b.json", TEMPLATE), ("p.json", "[]")];
    for (arguments, said) in [
        (vec!["check", "DIR", "--parameter", "name=abcde"], "one template"),
        (vec!["check", "DIR/main.json", "--parameter", "name"], "name=value"),
        (vec!["check", "DIR/main.json", "--parameters", "DIR/p.json"], "no parameter file"),
        (vec!["check", "DIR/main.json", "--parameters", "DIR/none.json"], "none.json"),
    ] {
        let (exit, out, err) = acrlint(&files, &arguments);
        assert!(exit == 2 && format!("{out}{err}").contains(said), "{arguments:?}: {exit}\n{out}{err}");
    }
}
