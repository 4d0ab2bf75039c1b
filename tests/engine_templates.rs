//! Whole templates against the answers of the real engine, where the recordings stand beside the checkout.
//!
//! What the engine still knows must be known here, with the same value; what it leaves to run time may be known.
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

use std::collections::BTreeMap;
use std::path::Path;

use acrlint::input::arm::{self, Assignment, Context};
use acrlint::input::{Format, detect};
use acrlint::json;
use acrlint::report::{Redactions, expansion};
use acrlint::source::Sources;
use serde_json::Value;

use beside::shared;

/// A string that the engine left to run time.
fn is_expression(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with('[') && text.ends_with(']') && !text.starts_with("[["))
}

fn holds_unknown(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| key == "$unknown" || holds_unknown(value)),
        Value::Array(items) => items.iter().any(holds_unknown),
        _ => false,
    }
}

/// Whether a value is the engine's. What it left as an expression must not be known here either, but for the cloud;
/// a null equals an absent property.
fn agrees(want: &Value, got: &Value) -> bool {
    if let Some(text) = want.as_str().filter(|_| is_expression(want)) {
        return want == got || holds_unknown(got) || text.to_lowercase().contains("environment(");
    }
    match (want, got) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
            _ => false,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agrees(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let written = |key: &&String| !key.starts_with("$at");
            a.iter().all(|(key, value)| value.is_null() || b.get(key).is_some_and(|got| agrees(value, got)))
                && b.iter()
                    .filter(|(key, _)| written(key))
                    .all(|(key, value)| value.is_null() || a.get(key).is_some_and(|value| !value.is_null()))
        }
        (a, b) => a == b,
    }
}

type Rows<'a> = BTreeMap<(String, String), Vec<&'a Value>>;

/// Everything in `resources` but the rows of deployments, by id and type in lower case.
fn by_id(resources: &[Value]) -> Rows<'_> {
    let mut found: BTreeMap<_, Vec<_>> = BTreeMap::new();
    for resource in resources {
        let text = |key: &str| resource[key].as_str().unwrap_or("?").to_lowercase();
        if text("type") == "microsoft.resources/deployments" {
            continue;
        }
        let id = if is_expression(&resource["id"]) { "?".to_owned() } else { text("id") };
        found.entry((id, text("type"))).or_default().push(resource);
    }
    found
}

/// The way to the first difference inside of two values, and both sides of it.
fn deepest(want: &Value, got: &Value) -> String {
    match (want, got) {
        (Value::Object(a), Value::Object(b)) => {
            for key in a.keys().chain(b.keys()).filter(|key| *key != "$at") {
                let (a, b) = (a.get(key).unwrap_or(&Value::Null), b.get(key).unwrap_or(&Value::Null));
                if !agrees(a, b) {
                    return format!(".{key}{}", deepest(a, b));
                }
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            if let Some(at) = (0..a.len()).find(|&at| !agrees(&a[at], &b[at])) {
                return format!("[{at}]{}", deepest(&a[at], &b[at]));
            }
        }
        _ => {}
    }
    let brief = |value: &Value| value.to_string().chars().take(200).collect::<String>();
    format!(": wanted {}, got {}", brief(want), brief(got))
}

/// Takes out the resources whose ids rest on the cloud, which is known here and not to the engine.
fn without_cloud(mut want: Rows<'_>, mut have: Rows<'_>) -> Option<String> {
    let unknown: Vec<_> = want.keys().filter(|key| key.0 == "?").cloned().collect();
    for key in unknown {
        let rows = want.remove(&key).unwrap_or_default();
        let mut left = Vec::new();
        for row in rows {
            let cloud = row["id"].to_string().to_lowercase().contains("environment(");
            let mut same_type = have.iter_mut().filter(|(other, _)| cloud && other.1 == key.1);
            let hit = same_type.find_map(|(_, rows)| Some((rows.iter().position(|got| agrees(row, got))?, rows)));
            match hit {
                Some((at, rows)) => drop(rows.swap_remove(at)),
                None => left.push(row),
            }
        }
        if !left.is_empty() {
            want.insert(key, left);
        }
    }
    have.retain(|_, rows| !rows.is_empty());
    difference(&want, &have)
}

/// The first difference between what the engine deploys and what was worked out.
fn difference(want: &Rows<'_>, have: &Rows<'_>) -> Option<String> {
    if let Some((id, ty)) = want.keys().find(|key| !have.contains_key(*key)) {
        return Some(format!("missing: {ty} {id}"));
    }
    if let Some((id, ty)) = have.keys().find(|key| !want.contains_key(*key)) {
        return Some(format!("too much: {ty} {id}"));
    }
    for (key, wanted) in want {
        let mut left = have[key].clone();
        if left.len() != wanted.len() {
            return Some(format!("{}: {} wanted, {} found", key.0, wanted.len(), left.len()));
        }
        for want in wanted {
            let Some(hit) = left.iter().position(|got| agrees(want, got)) else {
                return Some(format!("{}{}", key.0, deepest(want, left[0])));
            };
            left.swap_remove(hit);
        }
    }
    None
}

fn deploy(text: &str, path: &str, row: &Value) -> Value {
    let mut sources = Sources::new();
    let template = sources.add(path, text);
    let parameters: serde_json::Map<String, Value> = row["parameters"]
        .as_object()
        .map(|all| all.iter().map(|(name, value)| (name.clone(), serde_json::json!({ "value": value }))).collect())
        .unwrap_or_default();
    let parameters = serde_json::json!({ "parameters": parameters }).to_string();
    let parameters = sources.add("parameters.json", parameters);
    let place = sources.add("context.json", row["context"].to_string());
    let tree = json::parse(template, sources.get(template).text()).tree;
    let given = json::parse(parameters, sources.get(parameters).text()).tree;
    let place = json::parse(place, sources.get(place).text()).tree;
    let mut assignment = Assignment::new();
    assignment.read(given.root().unwrap());
    let context = Context::from_json(place.root().unwrap());
    let loaded = arm::expand(&tree, &assignment, &context, path, 0, &|_| true);
    expansion::document(&loaded, &sources, &Redactions::new())
}

/// How the rows of one recording compare.
#[derive(Default)]
struct Tally {
    values: usize,
    same: usize,
    refused: usize,
    alike: usize,
    /// The rows that differ, and how.
    differences: Vec<(String, String)>,
}

fn compare(file: &Path, text: impl Fn(&Value) -> Option<(String, String)>) -> Tally {
    let mut tally = Tally::default();
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        if row["error"] == "Compilation failed" {
            continue; // the recorder gave up, not the engine
        }
        let Some((text, path)) = text(&row) else { continue };
        let got = deploy(&text, &path, &row);
        let complaint = got["problems"].as_array().unwrap().iter().find(|problem| problem["level"] == "error");
        let difference = match (row["resources"].as_array(), complaint) {
            (Some(wanted), None) => without_cloud(by_id(wanted), by_id(got["resources"].as_array().unwrap())),
            (Some(_), Some(complaint)) => Some(format!("refused, the engine deploys it: {}", complaint["message"])),
            (None, Some(complaint)) => {
                if std::env::var_os("SHOW").is_some_and(|show| show == "refusals") {
                    eprintln!("{}\n   engine: {}\n   ours:   {}", name(&row), row["error"], complaint["message"]);
                }
                None
            }
            (None, None) => Some(format!("deployed, the engine refuses it: {}", row["error"])),
        };
        let agrees = usize::from(difference.is_none());
        if row["resources"].is_array() {
            tally.values += 1;
            tally.same += agrees;
        } else {
            tally.refused += 1;
            tally.alike += agrees;
        }
        if let Some(difference) = difference {
            if std::env::var_os("SHOW").is_some() {
                eprintln!("{}: {difference}", name(&row));
            }
            tally.differences.push((name(&row), difference));
        }
    }
    let Tally { values, same, refused, alike, .. } = &tally;
    eprintln!("{}: {same} of {values} deploy alike, {alike} of {refused} are refused alike", file.display());
    tally
}

fn name(row: &Value) -> String {
    row["id"].as_str().or(row["source"].as_str()).unwrap_or_default().to_owned()
}

/// The templates of a recording that are known to come out differently, with reasons.
fn listed() -> Vec<String> {
    let text = include_str!("../testdata/engine-differences.md");
    let name = |line: &str| Some(line.strip_prefix("| `")?.split_once('`')?.0.to_owned());
    text.lines().filter_map(name).collect()
}

/// Every difference is listed with its reason, and every listed template still differs.
fn settle(tally: &Tally, ours: impl Fn(&str) -> bool) {
    let listed: Vec<_> = listed().into_iter().filter(|name| ours(name)).collect();
    let news: Vec<_> = tally.differences.iter().filter(|(name, _)| !listed.contains(name)).collect();
    assert!(news.is_empty(), "not in testdata/engine-differences.md: {news:#?}");
    let gone: Vec<_> =
        listed.iter().filter(|name| !tally.differences.iter().any(|(other, _)| other == *name)).collect();
    assert!(gone.is_empty(), "no longer different, take them out of testdata/engine-differences.md: {gone:#?}");
    assert!(tally.alike * 20 >= tally.refused * 16, "fewer refusals agree than ever");
}

#[test]
fn random_templates_deploy_what_the_engine_deploys() {
    let Some(file) = shared("engine/templates.jsonl") else { return };
    let tally = compare(&file, |row| Some((row["template"].to_string(), "main.json".to_owned())));
    settle(&tally, |name| name.starts_with("rnd-"));
}

#[test]
fn real_templates_deploy_what_the_engine_deploys() {
    let Some(file) = shared("engine/corpus.jsonl") else { return };
    let root = file.parent().unwrap().join("../corpus");
    let tally = compare(&file, |row| {
        let path = row["source"].as_str()?;
        Some((std::fs::read_to_string(root.join(path)).ok()?, path.to_owned()))
    });
    settle(&tally, |name| !name.starts_with("rnd-"));
}

#[test]
fn few_differences_are_accepted() {
    assert!(listed().len() <= 25, "{} differences", listed().len());
}

/// Rows with a password or a secret that is written out, which is never shown.
const HIDDEN: [&str; 4] = [
    "arm/054-avm-ptn-aca-lza-hosting-environment-main.json",
    "arm/068-avm-ptn-sa-build-your-own-copilot-main.json",
    "arm/076-avm-ptn-sa-multi-agent-custom-automation-engine-main.json",
    "arm/147-acr-2019-12-10-docs-tasks-run-as-deployment-quickdockerbuildu-501e0a60.json",
];

/// The values that a snapshot means: a literal that looks like an expression is written with another bracket.
fn meant(value: &Value) -> Value {
    match value {
        Value::String(text) => Value::String(acrlint::expr::unescape(text).into_owned()),
        Value::Array(items) => items.iter().map(meant).collect(),
        Value::Object(members) => Value::Object(members.iter().map(|(k, v)| (k.clone(), meant(v))).collect()),
        Value::Null | Value::Bool(_) | Value::Number(_) => value.clone(),
    }
}

/// What the engine deploys is what a snapshot holds: read as one, it says the same again.
#[test]
fn what_the_engine_deploys_is_read_as_a_snapshot() {
    let (mut rows, mut wrong) = (0, Vec::new());
    for file in ["engine/corpus.jsonl", "engine/templates.jsonl"] {
        let Some(file) = shared(file) else { return };
        for line in std::fs::read_to_string(file).unwrap().lines() {
            let row: Value = serde_json::from_str(line).unwrap();
            let Some(resources) = row["resources"].as_array() else { continue };
            let snapshot = serde_json::json!({ "predictedResources": resources, "diagnostics": [] });
            let mut sources = Sources::new();
            let id = sources.add("main.snapshot.json", snapshot.to_string());
            let tree = json::parse(id, sources.get(id).text()).tree;
            assert_eq!(detect(tree.root().unwrap()), Format::BicepSnapshot);
            let loaded = arm::snapshot(&tree, &Assignment::new(), &Context::default(), "main", 0, &|_| true);
            let got = expansion::document(&loaded, &sources, &Redactions::new());
            rows += 1;
            if let Some(problem) = got["problems"].as_array().unwrap().first() {
                wrong.push(format!("{}: {problem}", name(&row)));
            }
            // Resources of extensions have no id.
            let azure: Vec<Value> = resources.iter().filter(|entry| !entry["id"].is_null()).map(meant).collect();
            if HIDDEN.contains(&name(&row).as_str()) {
                continue;
            }
            if let Some(difference) = without_cloud(by_id(&azure), by_id(got["resources"].as_array().unwrap())) {
                wrong.push(format!("{}: {difference}", name(&row)));
            }
        }
    }
    eprintln!("{rows} answers of the engine read as snapshots");
    assert!(rows > 1000, "only {rows} rows");
    assert!(wrong.is_empty(), "{} differ:\n{}", wrong.len(), wrong[..wrong.len().min(20)].join("\n"));
}
