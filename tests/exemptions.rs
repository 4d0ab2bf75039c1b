//! What users accept is counted and not reported, wherever they say so; and what is wrong with an exemption is said.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "what a test cannot do ends it")]

use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use serde_json::{Value, json};

const PRIVATE: &str = "acr-iprule-private-range";
const GROUP: &str = "dns-zone-group-missing";

/// Exit code and report.
fn check(folder: &Path, text: &str, config: &Value, arguments: &[&str]) -> (u8, Value) {
    let (path, settings) = (folder.join("main.json"), folder.join("acrlint.json"));
    fs::write(&path, text).unwrap();
    fs::write(&settings, config.to_string()).unwrap();
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let select = format!("{PRIVATE},{GROUP}");
    let mut all = vec!["acrlint", "check", "--format", "json", "--select", &select];
    all.extend(["--config", settings.to_str().unwrap(), "--today", "2026-06-15"]);
    all.extend(if arguments.first() == Some(&"all") {
        vec![folder.to_str().unwrap()]
    } else {
        vec![path.to_str().unwrap()]
    });
    all.extend(arguments.iter().filter(|argument| **argument != "all"));
    let exit = cli::run(all.iter().map(OsString::from), &mut streams);
    let said = String::from_utf8(err).unwrap();
    (exit.code(), serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{said}")))
}

/// `rule resource` of findings.
fn rules(list: &Value) -> Vec<String> {
    let all = list.as_array().into_iter().flatten();
    all.map(|f| format!("{} {}", f["rule"].as_str().unwrap(), f["resource"]["name"].as_str().unwrap())).collect()
}

/// `level code: text under it` of the problems.
fn problems(report: &Value, text: &str) -> Vec<String> {
    let all = report["problems"].as_array().unwrap().iter();
    all.map(|problem| {
        let at = &problem["location"];
        let offset = |end: &str| usize::try_from(at[end]["offset"].as_u64().unwrap()).unwrap();
        let under = if at["path"].as_str().unwrap().ends_with("main.json") { text } else { "" };
        let under = under.get(offset("start")..offset("end")).unwrap_or_default();
        format!("{} {}: {under}", problem["level"].as_str().unwrap(), problem["code"].as_str().unwrap())
    })
    .collect()
}

/// Two registries with an IP rule that matches nobody, and an endpoint without a zone group; `marks` go where the
/// letters are.
fn template(marks: &[(&str, &str)]) -> String {
    let mut text = r#"@a
{
  "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
  "contentVersion": "1.0.0.0",@m
  "parameters": { "range": { "type": "string", "defaultValue": "10.0.0.0/8" } },
  "resources": [
    @b
    { @c
      @d
      "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crhub",@n
      "location": "westeurope", "sku": { "name": "Premium" },
      "properties": { "networkRuleSet": { "defaultAction": "Deny", "ipRules": [ @e
        { "value": "[parameters('range')]" },
        @f
        { "value": "172.16.0.0/12" } @g
      ] } }
    },
    {
      "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": "crdev",
      "location": "westeurope", "sku": { "name": "Premium" },
      "properties": { "networkRuleSet": { "defaultAction": "Deny", "ipRules": [{ "value": "192.168.0.0/16" }] } }
    },
    {
      "type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-09-01", "name": "pe-hub",
      "location": "westeurope",
      "properties": {
        "subnet": { "id": "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'vnet-hub', 'endpoints')]" },
        "privateLinkServiceConnections": [{ "name": "registry", "properties": {
          "privateLinkServiceId": "[resourceId('Microsoft.ContainerRegistry/registries', 'crhub')]",
          "groupIds": ["registry"] } }]
      }
    }
  ]
}
"#
    .to_owned();
    for (mark, with) in marks {
        text = text.replace(&format!("@{mark}"), with);
    }
    for mark in 'a'..='n' {
        text = text.replace(&format!("@{mark}"), "");
    }
    text
}

const HUB: &str = "acr-iprule-private-range crhub";
const DEV: &str = "acr-iprule-private-range crdev";
const ENDPOINT: &str = "dns-zone-group-missing pe-hub";

#[test]
fn nothing_is_accepted_by_itself() {
    let folder = tempfile::tempdir().unwrap();
    let (code, report) = check(folder.path(), &template(&[]), &json!({}), &[]);
    assert_eq!(rules(&report["findings"]), [HUB, HUB, DEV, ENDPOINT]);
    assert_eq!((code, &report["summary"]["suppressed"], &report["suppressed"]), (1, &json!(0), &Value::Null));
}

#[test]
fn the_configuration_accepts_by_rule_and_resource() {
    let folder = tempfile::tempdir().unwrap();
    let text = template(&[]);
    for (exemption, left) in [
        (json!({ "rule": PRIVATE, "resource": "crhub" }), vec![DEV, ENDPOINT]),
        (json!({ "rule": PRIVATE, "resource": "*/registries/CRD*" }), vec![HUB, HUB, ENDPOINT]),
        (json!({ "rule": "acr-*" }), vec![ENDPOINT]),
        (json!({ "rule": "all", "resource": "pe-?ub" }), vec![HUB, HUB, DEV]),
        (json!({ "rule": "all", "paths": ["*.json"], "expires": "2026-06-15" }), vec![]),
    ] {
        let mut exemption = exemption;
        exemption["reason"] = "agreed".into();
        let config = json!({ "exemptions": [exemption] });
        let (_, report) = check(folder.path(), &text, &config, &[]);
        assert_eq!(
            (rules(&report["findings"]), &report["problems"]),
            (left.iter().map(ToString::to_string).collect(), &json!([])),
            "{config}"
        );
        assert_eq!(report["summary"]["suppressed"], 4 - left.len());
        let why = &report["suppressed"][0]["suppression"];
        assert_eq!((&why["kind"], &why["reason"]), (&json!("configuration"), &json!("agreed")));
        assert!(why["location"]["path"].as_str().unwrap().ends_with("acrlint.json"), "{why}");
    }
}

#[test]
fn what_has_ended_or_covers_nothing_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let config = json!({ "exemptions": [
        { "rule": PRIVATE, "resource": "crhub", "reason": "until June", "expires": "2026-06-14" },
        { "rule": PRIVATE, "resource": "crnone", "reason": "x" },
        { "rule": GROUP, "paths": ["elsewhere/**"], "reason": "x" },
        { "rule": "drift", "reason": "not judged in this run" }
    ] });
    let text = template(&[]);
    let (_, report) = check(folder.path(), &text, &config, &[]);
    assert_eq!(rules(&report["findings"]).len(), 4);
    // What a run that saw one file says of a whole repository is a note.
    let said = ["warning exemption-expired: ", "note exemption-unused: ", "note exemption-unused: "];
    assert_eq!(problems(&report, &text), said);
    assert!(report["problems"][0]["message"].as_str().unwrap().contains("the 2 findings that it covers"), "{report:#}");
    let (_, report) = check(folder.path(), &text, &config, &["all"]);
    let said = ["warning exemption-expired: ", "warning exemption-unused: ", "warning exemption-unused: "];
    assert_eq!(problems(&report, &text), said);
}

#[test]
fn comments_accept_what_stands_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let comment = |rule: &str| format!("// acrlint:ignore {rule} agreed in May\n");
    let shell = "# acrlint:ignore acr-* x";
    for (mark, with, left) in [
        // The whole file, the resource below, the resource around.
        ("a", comment("all"), vec![]),
        ("b", comment(PRIVATE), vec![DEV, ENDPOINT]),
        ("c", comment(PRIVATE), vec![DEV, ENDPOINT]),
        ("d", comment(PRIVATE), vec![DEV, ENDPOINT]),
        // The place to edit of one of the two is at the parameter.
        ("e", comment("acr-*"), vec![HUB, DEV, ENDPOINT]),
        ("f", comment(PRIVATE), vec![HUB, DEV, ENDPOINT]),
        ("g", format!("/* acrlint:ignore {GROUP},{PRIVATE} agreed */"), vec![HUB, DEV, ENDPOINT]),
        ("f", shell.to_owned(), vec![HUB, HUB, DEV, ENDPOINT]),
    ] {
        let text = template(&[(mark, &with)]);
        let (_, report) = check(folder.path(), &text, &json!({}), &[]);
        assert_eq!(rules(&report["findings"]), left, "{mark} {with}");
        if left.len() < 4 {
            let why = &report["suppressed"][0]["suppression"];
            assert_eq!(why["kind"], json!("source"));
            assert!(why["reason"].as_str().unwrap().starts_with("agreed"), "{why}");
        }
    }
}

#[test]
fn comments_accept_in_the_sources_of_a_plan() {
    let folder = tempfile::tempdir().unwrap();
    let from = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/terraform/positions/variables");
    for entry in fs::read_dir(from).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let main = fs::read_to_string(folder.path().join("main.tf")).unwrap();
    let head = "resource \"azurerm_container_registry\" \"file\" {";
    assert!(main.contains(head));
    let comment = "# acrlint:ignore acr-public-disabled-no-pe its endpoint is elsewhere";
    // Above the block and first in it, though the value stands in a file of variables; and beside another block.
    let other = head.replace("file", "typed");
    for (before, after, accepted) in [
        (head, format!("{comment}\n{head}"), Some("fabrikamfile")),
        (head, format!("{head}\n{comment}"), Some("fabrikamfile")),
        (&other, format!("{comment}\n{other}"), Some("fabrikamtyped")),
        (head, head.to_owned(), None),
    ] {
        fs::write(folder.path().join("main.tf"), main.replace(before, &after)).unwrap();
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams =
            Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
        let path = folder.path().as_os_str().to_owned();
        cli::run(["acrlint", "check", "--format", "json"].map(OsString::from).into_iter().chain([path]), &mut streams);
        let report: Value = serde_json::from_slice(&out).unwrap();
        let suppressed = report["suppressed"].as_array().into_iter().flatten();
        let found: Vec<_> = suppressed.map(|one| one["resource"]["name"].as_str().unwrap()).collect();
        assert_eq!(found, accepted.into_iter().collect::<Vec<_>>(), "{after}");
    }
}

#[test]
fn comments_that_do_nothing_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let text = template(&[
        ("a", "// acrlint:ignore drift not judged in this run"),
        ("b", "// acrlint:ignore acr-iprule-private-rnage agreed"),
        ("d", "// acrlint:ignore dns-zone-group-missing agreed"),
        ("f", "// acrlint:ignore acr-iprule-private-range"),
        ("g", "// acrlint:disable acr-iprule-private-range agreed"),
    ]);
    let (_, report) = check(folder.path(), &text, &json!({}), &[]);
    assert_eq!(rules(&report["findings"]).len(), 4);
    assert_eq!(
        problems(&report, &text),
        [
            "warning exemption-invalid: acr-iprule-private-rnage",
            "warning exemption-unused: // acrlint:ignore dns-zone-group-missing agreed",
            "warning exemption-invalid: acr-iprule-private-range",
            "warning exemption-invalid: disable acr-iprule-private-range agreed",
        ]
    );
    let help = report["problems"][0]["help"].as_str().unwrap();
    assert_eq!(help, "did you mean `acr-iprule-private-range`?");
}

#[test]
fn metadata_accepts_where_comments_cannot_stand() {
    let folder = tempfile::tempdir().unwrap();
    let metadata = |entry: Value| {
        let mut entry = entry;
        entry["reason"] = "agreed".into();
        format!(" \"metadata\": {},", json!({ "acrlint": { "ignore": [entry] } }))
    };
    for (mark, entry, left) in [
        ("m", json!({ "rule": "all" }), vec![]),
        ("m", json!({ "rule": PRIVATE, "resource": "crdev" }), vec![HUB, HUB, ENDPOINT]),
        ("n", json!({ "rule": PRIVATE, "expires": "2026-06-15" }), vec![DEV, ENDPOINT]),
        ("n", json!({ "rule": PRIVATE, "expires": "2026-06-14" }), vec![HUB, HUB, DEV, ENDPOINT]),
    ] {
        let text = template(&[(mark, &metadata(entry.clone()))]);
        let (_, report) = check(folder.path(), &text, &json!({}), &[]);
        assert_eq!(rules(&report["findings"]), left, "{mark} {entry}");
    }
    let text = template(&[("m", "\"metadata\": { \"acrlint\": { \"ignore\": [{ \"rule\": \"all\" }] } },")]);
    let (code, report) = check(folder.path(), &text, &json!({}), &[]);
    assert_eq!((code, rules(&report["findings"]).len()), (1, 4));
    assert_eq!(problems(&report, &text), ["warning exemption-invalid: {"]);
}

#[test]
fn a_nested_template_is_covered_by_its_own_metadata() {
    let folder = tempfile::tempdir().unwrap();
    let inner: Value = serde_json::from_str(&template(&[])).unwrap();
    let deployment = |name: &str, template: Value| {
        json!({ "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": name,
            "properties": { "mode": "Incremental", "expressionEvaluationOptions": { "scope": "inner" }, "template": template } })
    };
    let mut covered = inner.clone();
    covered["metadata"] = json!({ "acrlint": { "ignore": [{ "rule": PRIVATE, "reason": "the module is old" }] } });
    let mut other = inner.clone();
    other["resources"].as_array_mut().unwrap().truncate(1);
    other["resources"][0]["name"] = "crother".into();
    let outer = json!({ "$schema": inner["$schema"], "contentVersion": "1.0.0.0",
        "resources": [deployment("a", covered), deployment("b", other)] });
    let (_, report) = check(folder.path(), &outer.to_string(), &json!({}), &[]);
    let left = rules(&report["findings"]);
    assert_eq!(left, [ENDPOINT, "acr-iprule-private-range crother", "acr-iprule-private-range crother"]);
}
