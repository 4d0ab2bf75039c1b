//! The fixtures of the rules, as a plan of Terraform that deploys the same: the same rule is broken, or not, and left open
//! where what decides it is known after apply.
//!
//! Each resource that a fixture deploys becomes an `azapi_resource`, whose body is the resource's own; the shapes of `azurerm`
//! are held against genuine plans in `tests/terraform`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value, json};

use super::fixtures::{SUBSCRIPTION, acrlint, fixtures, holds_unknown, rules};
use super::lists::of_others;

/// It takes what is declared and what is there: `tests/estate.rs`.
const DRIFT: &str = "drift";

/// Rules of which such a plan does not show one of the three verdicts, and why.
const NOT_IN_A_PLAN: &[(&str, &str, &str)] = &[
    ("dns-zone-wrong-name", "is open", "the ids of these plans are written out, and lead to no zone without a name"),
    ("pe-provider-not-registered", "fires", NO_RESOURCE),
    ("pe-provider-not-registered", "is open", "the ids of these plans are written out, and tell the subscription"),
    ("se-provider-not-registered", "fires", NO_RESOURCE),
];

const NO_RESOURCE: &str = "`azapi` has no resource for the registration of a provider";

/// What a template deploys, each as the attributes of an `azapi_resource`; nothing where a part is not known before.
fn deployed(template: &Path) -> Option<Vec<Map<String, Value>>> {
    let path = template.to_str().unwrap();
    let place = ["--subscription", SUBSCRIPTION, "--resource-group", "rg-images", "--location", "westeurope"];
    let document = acrlint(&[&["expand", path, "--no-parameter-files"][..], &place].concat());
    document["resources"].as_array()?.iter().map(attributes).collect()
}

fn attributes(resource: &Value) -> Option<Map<String, Value>> {
    let mut written = resource.as_object()?.clone();
    written.retain(|key, _| !matches!(key.as_str(), "$at" | "dependsOn" | "condition" | "scope"));
    if holds_unknown(&Value::Object(written.clone())) {
        return None;
    }
    let mut take = |key: &str| written.remove(key).unwrap_or(Value::Null);
    let (id, ty, version, name) = (take("id"), take("type"), take("apiVersion"), take("name"));
    let (id, ty) = (id.as_str()?, ty.as_str()?);
    // A child lies in its parent, everything else in a scope.
    let parent = if ty.matches('/').count() > 1 {
        id.rsplitn(3, '/').nth(2)
    } else {
        id.rsplit_once("/providers/").map(|at| at.0)
    };
    let mut values = Map::new();
    values.insert("type".into(), format!("{ty}@{}", version.as_str()?).into());
    values.insert("name".into(), name.as_str()?.rsplit('/').next()?.into());
    values.insert("parent_id".into(), parent?.into());
    for key in ["location", "tags"] {
        values.extend(written.remove(key).map(|value| (key.to_owned(), value)));
    }
    if let Some(identity) = written.remove("identity") {
        let ids: Vec<&String> =
            identity["userAssignedIdentities"].as_object().into_iter().flat_map(Map::keys).collect();
        values.insert("identity".into(), json!([{ "type": identity["type"], "identity_ids": ids }]));
    }
    values.insert("body".into(), Value::Object(written));
    Some(values)
}

/// The plan that makes them; at the pointer, within the attributes of the one of a number, is what is known after apply.
fn plan(resources: &[Map<String, Value>], unknown: Option<(usize, &str)>) -> Value {
    let address = |at: usize| format!("azapi_resource.r{at}");
    let common = |at: usize| json!({ "address": address(at), "mode": "managed", "type": "azapi_resource", "name": format!("r{at}") });
    let with = |mut one: Value, more: Value| {
        one.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        one
    };
    let (mut planned, mut changes, mut configured) = (Vec::new(), Vec::new(), Vec::new());
    for (at, values) in resources.iter().enumerate() {
        let (mut after, mut later) = (Value::Object(values.clone()), json!({ "id": true, "output": true }));
        if let Some((_, pointer)) = unknown.filter(|(number, _)| *number == at) {
            hide(&mut after, &mut later, &pointer.split('/').skip(1).collect::<Vec<_>>());
        }
        let provider = json!({ "provider_name": "registry.terraform.io/azure/azapi" });
        let values = json!({ "schema_version": 2, "values": after, "sensitive_values": {} });
        planned.push(with(with(common(at), provider.clone()), values));
        let change = json!({ "actions": ["create"], "before": null, "after": after, "after_unknown": later,
            "before_sensitive": false, "after_sensitive": {} });
        changes.push(with(with(common(at), provider), json!({ "change": change })));
        let expressions: Map<String, Value> = resources[at].keys().map(|key| (key.clone(), json!({}))).collect();
        configured.push(with(
            common(at),
            json!({ "provider_config_key": "azapi", "expressions": expressions, "schema_version": 2 }),
        ));
    }
    json!({
        "format_version": "1.2", "terraform_version": "1.11.4", "planned_values": { "root_module": { "resources": planned } },
        "resource_changes": changes,
        "configuration": {
            "provider_config": { "azapi": { "name": "azapi", "full_name": "registry.terraform.io/azure/azapi" } },
            "root_module": { "resources": configured }
        },
        "applyable": true, "complete": true, "errored": false
    })
}

/// Takes a value out of what is known, and says where it was that it comes later.
fn hide(known: &mut Value, later: &mut Value, path: &[&str]) {
    let Some((first, rest)) = path.split_first() else { return };
    match known {
        Value::Array(items) => {
            if !later.is_array() {
                *later = items.iter().map(|_| json!({})).collect();
            }
            let at: usize = first.parse().unwrap();
            if rest.is_empty() {
                (items[at], later[at]) = (Value::Null, true.into());
            } else {
                hide(&mut items[at], &mut later[at], rest);
            }
        }
        Value::Object(members) => {
            if !later.is_object() {
                *later = json!({});
            }
            if rest.is_empty() {
                members.remove(*first);
                later[*first] = true.into();
            } else {
                later.as_object_mut().unwrap().entry(*first).or_insert_with(|| json!({}));
                hide(members.get_mut(*first).unwrap(), &mut later[*first], rest);
            }
        }
        _ => {}
    }
}

/// The places of a resource's values, from the outside in.
fn pointers(value: &Value, at: &str, into: &mut Vec<String>) {
    let mut inner = |key: &str, value: &Value| {
        let at = format!("{at}/{key}");
        into.push(at.clone());
        pointers(value, &at, into);
    };
    match value {
        // A name with a slash is one that only an id can be.
        Value::Object(members) => {
            members.iter().filter(|(key, _)| !key.contains('/')).for_each(|(key, value)| inner(key, value));
        }
        Value::Array(items) => items.iter().enumerate().for_each(|(at, value)| inner(&at.to_string(), value)),
        _ => {}
    }
}

/// The outcomes of a rule over a plan.
fn outcomes(plan: &Value, rule: &str) -> BTreeSet<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    fs::write(&path, plan.to_string()).unwrap();
    let report = acrlint(&["check", path.to_str().unwrap(), "--format", "json", "--no-config", "--select", rule]);
    let problems = report["problems"].as_array().unwrap_or_else(|| panic!("{rule}: {report}"));
    assert!(problems.is_empty(), "{rule}: {problems:?}");
    let findings = report["findings"].as_array().unwrap();
    findings.iter().map(|finding| finding["outcome"].as_str().unwrap().to_owned()).collect()
}

/// Whether a rule is left open once something of what is deployed is known after apply.
fn opens(resources: &[Map<String, Value>], rule: &str) -> bool {
    resources.iter().enumerate().any(|(at, values)| {
        let mut places = Vec::new();
        pointers(&Value::Object(values.clone()), "", &mut places);
        places.retain(|place| !["/type", "/tags"].contains(&place.as_str()));
        places.iter().any(|place| outcomes(&plan(resources, Some((at, place))), rule).contains("open"))
    })
}

#[test]
fn plans_decide_what_templates_decide() {
    let rules = rules();
    let mut wrong = Vec::new();
    let mut seen: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for rule in rules.iter().filter(|rule| !of_others(rule) && *rule != DRIFT) {
        let marks = seen.entry(rule).or_default();
        for (kind, verdict) in [("violation-", "fires"), ("compliant-", "is silent")] {
            for path in fixtures(rule, kind) {
                let Some(resources) = deployed(&path) else { continue };
                let violated = outcomes(&plan(&resources, None), rule).contains("violation");
                if violated == (kind == "violation-") {
                    marks.insert(verdict);
                } else if !NOT_IN_A_PLAN.iter().any(|(name, what, _)| name == rule && *what == verdict) {
                    wrong.push(format!("{rule}: {} {verdict} in a template, not in a plan", path.display()));
                }
                if !marks.contains("is open") && opens(&resources, rule) {
                    marks.insert("is open");
                }
            }
        }
    }
    for (rule, marks) in &seen {
        for verdict in ["fires", "is silent", "is open"] {
            let excused = NOT_IN_A_PLAN.iter().any(|(name, what, _)| name == rule && *what == verdict);
            if marks.contains(verdict) == excused {
                let what = if excused { "seen, take it out of the list" } else { "not seen" };
                wrong.push(format!("{rule}: {verdict}: {what}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}
