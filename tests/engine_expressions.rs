//! What the real engine answers, row by row.
//!
//! The recorded answers lie beside a checkout of this repository where they are available; without them these tests
//! say so and pass.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use acrlint::expr::{Budget, Evaluator, Home, Scope, Verbatim, call_symbol};
use acrlint::source::{FileId, Span};
use acrlint::value::{Data, Key, Object, Origin, Reason, Trails, Unknown, Value};
use serde_json::Value as Json;

/// The context in which the answers were recorded.
struct Truth;

const AT: Span = Span::new(FileId(0), 0, 0);
const SUBSCRIPTION: &str = "11111111-1111-1111-1111-111111111111";

fn text(text: &str) -> Value {
    Value::string(text, Origin::at(AT))
}

fn object(members: Vec<(&str, Value)>) -> Value {
    let mut object = Object::new();
    for (name, value) in members {
        object.push(Key { name: name.into(), at: AT }, value);
    }
    Value::object(object, Origin::at(AT))
}

fn runtime(symbol: &str) -> Value {
    let symbol = acrlint::value::Symbol::new(symbol, "");
    Value::unknown(Unknown::new(Reason::RuntimeFunction, symbol), Origin::at(AT))
}

impl Scope for Truth {
    fn parameter(&self, name: &str, _: Span) -> Result<Value, String> {
        Err(format!("no parameter {name}"))
    }

    fn variable(&self, name: &str, _: Span) -> Result<Value, String> {
        Err(format!("no variable {name}"))
    }

    fn copy_index(&self, _: Option<&str>, _: Span) -> Result<Value, String> {
        Err("no loop".to_owned())
    }

    fn context(&self, name: &str, args: &[Value], _: Span) -> Option<Result<Value, String>> {
        let group = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg-truth");
        let value = match name {
            "resourceGroup" if args.is_empty() => object(vec![
                ("id", text(&group)),
                ("name", text("rg-truth")),
                ("type", text("Microsoft.Resources/resourceGroups")),
                ("location", text("westeurope")),
                ("tags", runtime("resourceGroup().tags")),
                ("managedBy", runtime("resourceGroup().managedBy")),
                ("properties", runtime("resourceGroup().properties")),
            ]),
            "subscription" if args.is_empty() => object(vec![
                ("id", text(&format!("/subscriptions/{SUBSCRIPTION}"))),
                ("subscriptionId", text(SUBSCRIPTION)),
                ("tenantId", text("22222222-2222-2222-2222-222222222222")),
                ("displayName", runtime("subscription().displayName")),
            ]),
            "tenant" => object(vec![
                ("countryCode", runtime("tenant().countryCode")),
                ("displayName", runtime("tenant().displayName")),
                ("id", text("/tenants/22222222-2222-2222-2222-222222222222")),
                ("tenantId", text("22222222-2222-2222-2222-222222222222")),
            ]),
            "deployment" => object(vec![("name", text("truth")), ("properties", runtime("deployment().properties"))]),
            "newGuid" | "utcNow" => return Some(Err("only the default value of a parameter may use this".to_owned())),
            _ => return None,
        };
        Some(Ok(value))
    }

    fn user_function(&self, _: &str, _: &str, _: &[Value], _: Span) -> Option<Result<Value, String>> {
        None
    }

    fn home(&self) -> Home {
        Home::ResourceGroup { subscription: text(SUBSCRIPTION), group: text("rg-truth") }
    }
}

fn evaluate(expression: &str) -> (Value, usize) {
    let (trails, problems, budget) = (RefCell::new(Trails::new(0)), RefCell::new(Vec::new()), Budget::default());
    let evaluator = Evaluator { scope: &Truth, trails: &trails, problems: &problems, budget: &budget };
    let end = u32::try_from(expression.len()).unwrap_or(u32::MAX).saturating_add(2);
    let place = Verbatim { whole: Span::new(FileId(0), 0, end) };
    let value = evaluator.text(expression, &place);
    for problem in problems.borrow().iter() {
        let span = problem.span().expect("a problem has a span");
        assert!(place.whole.contains(span), "{expression}: {span:?} lies outside");
    }
    (value, problems.borrow().len())
}

fn is_expression(json: &Json) -> bool {
    json.as_str().is_some_and(|text| text.starts_with('[') && text.ends_with(']') && !text.starts_with("[["))
}

/// Whether a value is the one that the engine gives.
fn agrees(want: &Json, got: &Value) -> bool {
    match (&got.data, want) {
        (Data::Null, Json::Null) => true,
        (Data::Bool(got), Json::Bool(want)) => got == want,
        (Data::Int(_) | Data::Float(_), Json::Number(want)) => {
            let got = match got.data {
                Data::Int(number) => {
                    if want.as_i64() == Some(number) {
                        return true;
                    }
                    #[allow(clippy::cast_precision_loss, reason = "compared by value")]
                    let number = number as f64;
                    number
                }
                Data::Float(number) => number,
                _ => return false,
            };
            want.as_f64().is_some_and(|want| (want - got).abs() <= 1e-12 * want.abs().max(got.abs()))
        }
        (Data::Float(got), Json::String(want)) => {
            // JSON has no such numbers, so the engine writes words.
            (got.is_nan() && want == "NaN") || (got.is_infinite() && want.ends_with("Infinity"))
        }
        (Data::String(got), Json::String(want)) => **got == **want,
        (Data::Array(got), Json::Array(want)) => {
            got.open.is_none()
                && got.items.len() == want.len()
                && want.iter().zip(&got.items).all(|(want, got)| agrees(want, got))
        }
        (Data::Object(got), Json::Object(want)) => {
            let there = |name: &str| got.exact(name).filter(|value| !value.is_null());
            got.open.is_none()
                && want.iter().all(|(name, want)| match there(name) {
                    Some(got) => agrees(want, got),
                    None => want.is_null(),
                })
                && got.iter().all(|(key, value)| value.is_null() || want.get(&*key.name).is_some_and(|v| !v.is_null()))
        }
        _ => false,
    }
}

/// Whether a value knows what the engine still knows.
fn fits(want: &Json, got: &Value) -> bool {
    if is_expression(want) {
        return !is_refused(got);
    }
    match (&got.data, want) {
        (Data::Object(got), Json::Object(want)) => {
            want.iter().filter(|(_, want)| !want.is_null()).all(|(name, want)| {
                let knows = is_expression(&Json::String(name.clone()));
                knows || got.exact(name).is_some_and(|got| fits(want, got))
            })
        }
        (Data::Array(got), Json::Array(want)) => {
            got.items.len() == want.len() && want.iter().zip(&got.items).all(|(want, got)| fits(want, got))
        }
        _ => agrees(want, got),
    }
}

fn is_refused(value: &Value) -> bool {
    value.as_unknown().is_some_and(|unknown| unknown.reason == Reason::InvalidExpression)
}

#[derive(Default)]
struct Tally {
    values: (usize, usize),
    refused: (usize, usize),
    by_function: BTreeMap<String, (usize, usize)>,
}

fn run(file: &str) -> Option<Tally> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/engine").join(file);
    let Ok(rows) = std::fs::read_to_string(&path) else {
        let _ = writeln!(
            std::io::stderr(),
            "NOT TESTED: {} is not here, so nothing is compared with the real engine",
            path.display()
        );
        return None;
    };
    let only = std::env::var("ONLY").ok();
    let mut shown = 0;
    let mut tally = Tally::default();
    for line in rows.lines() {
        let row: Json = serde_json::from_str(line).expect("a row is JSON");
        let (expression, function) = (row["e"].as_str().expect("e"), row["f"].as_str().expect("f"));
        if only.as_ref().is_some_and(|only| only != function) {
            continue;
        }
        let (got, problems) = evaluate(expression);
        let refused = row.get("error").is_some();
        let good = if refused {
            is_refused(&got) && problems > 0
        } else if let Some(want) = row.get("unknown") {
            fits(want, &got)
        } else {
            agrees(&row["v"], &got)
        };
        let name = if refused { format!("{function} refused") } else { function.to_owned() };
        let entries =
            [if refused { &mut tally.refused } else { &mut tally.values }, tally.by_function.entry(name).or_default()];
        for entry in entries {
            entry.0 += usize::from(good);
            entry.1 += 1;
        }
        if !good && (only.is_some() || std::env::var("SHOW").is_ok()) && shown < 4000 {
            shown += 1;
            let want = row.get("v").or(row.get("unknown")).or(row.get("error")).expect("an answer");
            eprintln!("{expression}\n   want {want}\n   got  {:?}", show(&got));
        }
    }
    let short: Vec<String> = tally
        .by_function
        .iter()
        .filter(|(_, (good, all))| good < all)
        .map(|(name, (good, all))| format!("{name} {good}/{all}"))
        .collect();
    eprintln!("{}", short.join("; "));
    eprintln!("{file}: {:?} values agree, {:?} refused alike", tally.values, tally.refused);
    Some(tally)
}

fn show(value: &Value) -> String {
    let symbol = call_symbol("", std::slice::from_ref(value));
    match value.as_unknown() {
        Some(unknown) => format!("{:?} {}", unknown.reason, symbol.text),
        None => symbol.text.to_string(),
    }
}

fn at_least(tally: &Tally, values: usize, refused: usize) {
    if std::env::var("ONLY").is_err() {
        assert!(tally.values.0 >= values, "{} values agree, {values} did before", tally.values.0);
        assert!(tally.refused.0 >= refused, "{} are refused alike, {refused} were before", tally.refused.0);
    }
}

#[test]
fn values_are_those_of_the_engine() {
    if let Some(tally) = run("expressions.jsonl") {
        at_least(&tally, 20_500, 16_570);
    }
}

#[test]
fn what_the_engine_still_knows_is_known() {
    if let Some(tally) = run("unknowns.jsonl") {
        at_least(&tally, 2_043, 877);
    }
}

/// What only a template, its context or the tables of Azure answer.
const NEEDS_MORE: [&str; 12] = [
    "subscription()",
    "resourcegroup()",
    "deployment()",
    "deployer()",
    "tenant()",
    "managementgroup()",
    "environment()",
    "resourceid(",
    "zone",
    "providers(",
    "__bicep.",
    "newguid(",
];

/// Published results: the outputs of templates that need nothing but their expressions.
#[test]
fn published_results_agree() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../shared/armsuite/functions.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        let _ = writeln!(
            std::io::stderr(),
            "NOT TESTED: {} is not here, so no published result is compared",
            path.display()
        );
        return;
    };
    let all: Json = serde_json::from_str(&text).expect("the suite is JSON");
    let cases = all.as_array().or_else(|| all.get("cases").and_then(Json::as_array)).expect("an array of cases");
    let empty = |json: &Json| json.as_object().is_none_or(serde_json::Map::is_empty);
    let (mut good, mut count) = (0, 0);
    for case in cases {
        let template = &case["template"];
        let alone = ["parameters", "variables", "functions"].iter().all(|name| empty(&template[name]));
        let Some(outputs) = template["outputs"].as_object().filter(|_| alone) else { continue };
        let text = template["outputs"].to_string().to_ascii_lowercase();
        if NEEDS_MORE.iter().any(|call| text.contains(call)) || !empty(&template["outputs"]["copy"]) {
            continue;
        }
        for (name, output) in outputs {
            let Some(expression) = output["value"].as_str() else { continue };
            let (got, problems) = evaluate(expression);
            let agreed = if case["expected_error"] == Json::Bool(true) {
                is_refused(&got) && problems > 0
            } else if let Some(want) = case["expected"].get(name) {
                agrees(want, &got)
            } else {
                continue;
            };
            count += 1;
            good += usize::from(agreed);
            if !agreed {
                eprintln!(
                    "{} {}: {expression}\n   want {}\n   got {}",
                    case["id"],
                    case["confidence"],
                    case["expected"][name],
                    show(&got)
                );
            }
        }
    }
    eprintln!("functions.json: {good} of {count} published results agree");
    assert!(good == count && count > 350, "{good} of {count} published results agree");
}
