//! Whole templates against the answers of the real engine, where the recordings stand beside the checkout.
//!
//! What the engine still knows must be known here, with the same value; what it leaves to run time may be known.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::report::{Redactions, expansion};
use acrlint::source::Sources;
use serde_json::Value;

/// How many templates of the file must agree, of those that the engine deploys. Raised as more do, never lowered.
const FLOOR_RANDOM: usize = 4_423;
/// The same for the real templates.
const FLOOR_REAL: usize = 156;

fn shared(path: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(path);
    if path.exists() {
        return Some(path);
    }
    eprintln!("NOT TESTED: {} is not there", path.display());
    None
}

/// A string that the engine left to run time.
fn is_expression(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.starts_with('[') && text.ends_with(']') && !text.starts_with("[["))
}

fn agrees(want: &Value, got: &Value) -> bool {
    if is_expression(want) {
        return true; // we may know more
    }
    if got["$unknown"]["reason"] == "Secret" {
        return true; // what is secret here is not written out
    }
    match (want, got) {
        (Value::Number(a), Value::Number(b)) => match (a.as_f64(), b.as_f64()) {
            (Some(a), Some(b)) => (a - b).abs() <= 1e-12 * a.abs().max(b.abs()),
            _ => false,
        },
        (Value::Array(a), Value::Array(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| agrees(a, b)),
        (Value::Object(a), Value::Object(b)) => {
            let written = |key: &&String| !key.starts_with("$at");
            a.iter().all(|(key, value)| agrees(value, b.get(key).unwrap_or(&Value::Null)))
                && b.iter().filter(|(key, _)| written(key)).all(|(key, value)| value.is_null() || a.contains_key(key))
        }
        (a, b) => a == b,
    }
}

/// Everything in `resources` but the rows of deployments, by id and type in lower case.
fn by_id(resources: &[Value]) -> BTreeMap<(String, String), Vec<&Value>> {
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

/// How many of the rows that the engine deploys come out the same, and how many there are.
fn compare(file: &Path, text: impl Fn(&Value) -> Option<(String, String)>) -> (usize, usize) {
    let (mut same, mut all) = (0, 0);
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let Some(wanted) = row["resources"].as_array() else { continue };
        let Some((text, path)) = text(&row) else { continue };
        all += 1;
        let got = deploy(&text, &path, &row);
        let (want, have) = (by_id(wanted), by_id(got["resources"].as_array().unwrap()));
        let matches = want.iter().all(|(key, wanted)| {
            // An id that the engine does not know may well be known here.
            key.0 == "?"
                || have.get(key).is_some_and(|found| {
                    found.len() == wanted.len() && wanted.iter().all(|want| found.iter().any(|got| agrees(want, got)))
                })
        });
        let extra = have.keys().any(|key| key.0 != "?" && !want.contains_key(key));
        let unknown_ids = want.keys().any(|key| key.0 == "?");
        if matches && (!extra || unknown_ids) {
            same += 1;
        } else if std::env::var_os("SHOW").is_some() {
            eprintln!("differs: {}", row["id"].as_str().or(row["source"].as_str()).unwrap_or_default());
        }
    }
    (same, all)
}

#[test]
fn random_templates_deploy_what_the_engine_deploys() {
    let Some(file) = shared("engine/templates.jsonl") else { return };
    let (same, all) = compare(&file, |row| Some((row["template"].to_string(), "main.json".to_owned())));
    eprintln!("templates.jsonl: {same} of {all} agree");
    assert!(same >= FLOOR_RANDOM, "{same} of {all} agree, {FLOOR_RANDOM} did before");
}

#[test]
fn real_templates_deploy_what_the_engine_deploys() {
    let Some(file) = shared("engine/corpus.jsonl") else { return };
    let root = file.parent().unwrap().join("../corpus");
    let (same, all) = compare(&file, |row| {
        let path = row["source"].as_str()?;
        Some((std::fs::read_to_string(root.join(path)).ok()?, path.to_owned()))
    });
    eprintln!("corpus.jsonl: {same} of {all} agree");
    assert!(same >= FLOOR_REAL, "{same} of {all} agree, {FLOOR_REAL} did before");
}
