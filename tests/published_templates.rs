//! Published results of whole templates: what the documents of Azure and the tests of its engine print.
//!
//! Runs where the collection stands beside the checkout. The cases that do not come out as published are listed
//! here, with the reason.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

mod beside;

use std::collections::BTreeSet;

use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::report::{Redactions, expansion};
use acrlint::source::Sources;
use serde_json::{Value, json};

use beside::shared;

/// Cases that come out differently, and why.
const DIFFERENT: [(&str, &str); 6] = [
    ("deployment.deployment.2", "a sample of what Azure answers; what the template does not know stays unknown"),
    ("scope.subscription.1", "a sample: a subscription has more members, so the object as a whole is not known"),
    ("expand.reference-in-template.1", "what a service answers need not be what is declared; unknown is sound"),
    ("expand.copy-serial.2", "that a batch may not be larger than the loop is documented, but not known to be refused"),
    ("expand.resource-ids.3", "the id of a resource group has a form of its own, as the engine gives it elsewhere"),
    ("expand.property-lookup.1", "the case of 'True' is an artifact of the implementation that published it"),
];

fn evaluate(case: &Value) -> Value {
    let mut sources = Sources::new();
    let empty = serde_json::Map::new();
    let given = case["parameters"].as_object().unwrap_or(&empty);
    let given: serde_json::Map<_, _> =
        given.iter().map(|(name, value)| (name.clone(), json!({ "value": value }))).collect();
    let template = sources.add("main.json", case["template"].to_string());
    let parameters = sources.add("parameters.json", json!({ "parameters": given }).to_string());
    let place = sources.add("context.json", case["context"].to_string());
    let tree = json::parse(template, sources.get(template).text()).tree;
    let parameters = json::parse(parameters, sources.get(parameters).text()).tree;
    let place = json::parse(place, sources.get(place).text()).tree;
    let mut assignment = Assignment::new();
    assignment.read(parameters.root().unwrap());
    let context = Context::from_json(place.root().unwrap());
    let loaded = arm::expand(&tree, &assignment, &context, "main.json", 0, &|_| true);
    expansion::document(&loaded, &sources, &Redactions::new())
}

fn holds_unknown(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| key == "$unknown" || holds_unknown(value)),
        Value::Array(items) => items.iter().any(holds_unknown),
        _ => false,
    }
}

/// Whether a value is the published one; `subset` allows further properties of objects.
fn agrees(want: &Value, got: &Value, subset: bool) -> bool {
    match (want, got) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
            _ => false,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agrees(a, b, subset)),
        (Value::Object(a), Value::Object(b)) => {
            a.iter().all(|(key, value)| agrees(value, b.get(key).unwrap_or(&Value::Null), subset))
                && (subset || b.iter().all(|(key, value)| value.is_null() || a.contains_key(key)))
        }
        (a, b) => a == b,
    }
}

fn refused(got: &Value) -> bool {
    got["problems"].as_array().unwrap().iter().any(|problem| problem["level"] == "error")
}

fn complaints(got: &Value) -> String {
    let all = got["problems"].as_array().unwrap().iter().filter(|problem| problem["level"] == "error");
    all.map(|problem| problem["message"].as_str().unwrap_or_default()).collect::<Vec<_>>().join("; ")
}

/// What is wrong with the outputs.
fn outputs(case: &Value, got: &Value) -> Option<String> {
    let subset = case["match"] == "subset";
    let wanted = |want: &Value| {
        want.as_object().into_iter().flatten().find_map(|(name, want)| {
            let got = &got["outputs"][name];
            let needs = case.get("needs").is_some() && holds_unknown(got);
            (!needs && !agrees(want, got, subset)).then(|| format!("{name}: wanted {want}, got {got}"))
        })
    };
    match &case["expected"] {
        Value::Object(any) if any.contains_key("expected_any") => None,
        _ => match case["expected_any"].as_array() {
            Some(any) => any.iter().map(wanted).min_by_key(Option::is_some)?,
            None => wanted(&case["expected"]).or_else(|| wanted(&case["expected_outputs"])),
        },
    }
}

/// What is wrong with the outputs that nobody can know.
fn unknown(case: &Value, got: &Value) -> Option<String> {
    let names = |key: &str| case[key].as_array().into_iter().flatten().filter_map(Value::as_str);
    let mut named = names("expected_unknown").chain(names("unknown_outputs"));
    if case["expected_unknown"] == true {
        let known = got["outputs"].as_object().into_iter().flatten().find(|(_, value)| !holds_unknown(value));
        return known.map(|(name, value)| format!("{name} cannot be known, got {value}"));
    }
    named.find_map(|name| {
        let got = &got["outputs"][name];
        (!holds_unknown(got)).then(|| format!("{name} cannot be known, got {got}"))
    })
}

/// What is wrong with the resources.
fn resources(case: &Value, got: &Value) -> Option<String> {
    let list = |key: &str| case[key].as_array().cloned().unwrap_or_default();
    let have = got["resources"].as_array().unwrap();
    let text = |value: &Value, key: &str| value[key].as_str().unwrap_or_default().to_lowercase();
    let is_deployment = |value: &Value| text(value, "type") == "microsoft.resources/deployments";
    let mut left: Vec<&Value> = have.iter().collect();
    for want in list("expected_resources") {
        let fits = |got: &&Value| {
            let same = |key: &str| want.get(key).is_none() || text(&want, key) == text(got, key);
            let rest = want.as_object().unwrap().iter().filter(|(key, _)| *key != "type" && *key != "name");
            same("type")
                && same("name")
                && rest.into_iter().all(|(key, value)| agrees(value, got.get(key).unwrap_or(&Value::Null), true))
        };
        match left.iter().position(fits) {
            Some(at) => drop(left.swap_remove(at)),
            None if is_deployment(&want) => {} // replaced by what it deploys
            None => {
                let near = have.iter().find(|got| text(got, "type") == text(&want, "type"));
                return Some(format!("missing {want}, nearest {}", near.unwrap_or(&Value::Null)));
            }
        }
    }
    if case["resource_match"] == "exact-set"
        && let Some(extra) = left.into_iter().find(|value| !is_deployment(value))
    {
        return Some(format!("too much: {extra}"));
    }
    for gone in list("absent_resources") {
        let same = |got: &&Value| {
            text(got, "type") == text(&gone, "type")
                && (gone.get("name").is_none() || text(got, "name") == text(&gone, "name"))
        };
        if let Some(found) = have.iter().find(same) {
            return Some(format!("must not be deployed: {found}"));
        }
    }
    for prefix in list("expected_resource_ids_prefix") {
        let prefix = prefix.as_str().unwrap_or_default().to_lowercase();
        let id = |got: &Value| match got["id"].as_str() {
            Some(id) => id.to_lowercase(),
            None => got["id"]["$unknown"]["pattern"].as_str().unwrap_or_default().to_lowercase(),
        };
        if !have.iter().any(|got| id(got).starts_with(&prefix)) {
            return Some(format!("no id begins with {prefix}: {:?}", have.iter().map(id).collect::<Vec<_>>()));
        }
    }
    for ty in list("expected_resource_types") {
        if !have.iter().any(|got| text(got, "type") == ty.as_str().unwrap_or_default().to_lowercase()) {
            return Some(format!("no resource of type {ty}"));
        }
    }
    None
}

fn judge(case: &Value) -> Option<String> {
    let got = evaluate(case);
    if case["expected_error"] == true {
        return (!refused(&got)).then(|| format!("must be refused, got {}", got["outputs"]));
    }
    if refused(&got) && case.get("needs").is_none() {
        return Some(format!("refused: {}", complaints(&got)));
    }
    outputs(case, &got).or_else(|| unknown(case, &got)).or_else(|| resources(case, &got))
}

fn compare(path: &str, least: usize) {
    let Some(file) = shared(path) else { return };
    let all: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
    let all = all.as_array().unwrap();
    let mut different = BTreeSet::new();
    let mut unlisted = Vec::new();
    for case in all {
        let name = case["id"].as_str().unwrap();
        if let Some(why) = judge(case) {
            different.insert(name);
            let listed = DIFFERENT.iter().any(|(id, _)| *id == name);
            if !listed {
                unlisted.push(format!("{name} ({}, {}): {why}", case["confidence"], case["authority"]));
            }
        }
    }
    eprintln!("{path}: {} of {} cases as published", all.len() - different.len(), all.len());
    assert!(unlisted.is_empty(), "{}", unlisted.join("\n"));
    assert!(all.len() >= least, "{} cases", all.len());
    let here = |id: &str| all.iter().any(|case| case["id"] == id);
    for (id, _) in DIFFERENT {
        assert!(!here(id) || different.contains(id), "{id} agrees now: take it out of the list");
    }
}

#[test]
fn functions_give_what_is_published() {
    compare("armsuite/functions.json", 600);
}

#[test]
fn templates_deploy_what_is_published() {
    compare("armsuite/expansion.json", 78);
}
