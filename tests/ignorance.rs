//! To know less is never to say something else.
//!
//! A template is worked out with all its parameters, and again while nothing is known of one of them. What is still
//! known must be the same, strings with holes must match, what surely exists must exist, and nothing may be refused that
//! was not. Made-up templates always run; recorded and real ones where they stand beside the checkout.
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

use acrlint::diag::Level;
use acrlint::input::Loaded;
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::resource::Resource;
use acrlint::source::Sources;
use acrlint::value::{Data, Hole, Part, Pattern, Truth, Type, Value};
use serde_json::{Map, Value as Json, json};

use beside::shared;

fn deploy(template: &Json, parameters: &Map<String, Json>, context: &Json) -> Loaded {
    let mut sources = Sources::new();
    let given: Map<String, Json> =
        parameters.iter().map(|(name, value)| (name.clone(), json!({ "value": value }))).collect();
    let files = [template.to_string(), json!({ "parameters": given }).to_string(), context.to_string()];
    let [template, given, place] = files.map(|text| sources.add("a.json", text));
    let tree = |file| json::parse(file, sources.get(file).text()).tree;
    let (template, given, place) = (tree(template), tree(given), tree(place));
    let mut values = Assignment::new();
    values.read(given.root().unwrap());
    // A parameter without a value is what this is about, and no problem.
    let mut assignment = Assignment::new();
    values.iter().cloned().for_each(|assigned| assignment.assign(assigned));
    arm::expand(&template, &assignment, &Context::from_json(place.root().unwrap()), "a.json", 0, &|_| true)
}

fn refusal(loaded: &Loaded) -> Option<&str> {
    loaded.problems.iter().find(|problem| problem.level == Level::Error).map(|problem| problem.message.as_str())
}

/// Whether a string fills a pattern. A hole can hold what its class allows.
fn fills(parts: &[Part], text: &str) -> bool {
    match parts.split_first() {
        None => text.is_empty(),
        Some((Part::Literal(literal), rest)) => {
            text.strip_prefix(literal.as_str()).is_some_and(|left| fills(rest, left))
        }
        Some((Part::Hole(unknown), rest)) => {
            let ends = (0..=text.len()).filter(|end| text.is_char_boundary(*end));
            ends.into_iter().any(|end| {
                let inside = &text[..end];
                let allowed = match unknown.hole {
                    Hole::Any => true,
                    Hole::Segment => !inside.is_empty() && !inside.contains('/'),
                    Hole::Id => inside.starts_with('/'),
                };
                allowed && fills(rest, &text[end..])
            })
        }
    }
}

fn covers_pattern(pattern: &Pattern, known: &Pattern) -> bool {
    // A string that is not known either way says nothing here.
    known
        .as_literal()
        .is_none_or(|text| fills(pattern.parts(), text) || fills(lower(pattern).parts(), &text.to_lowercase()))
}

fn lower(pattern: &Pattern) -> Pattern {
    pattern.to_lowercase()
}

/// The way to the first place where knowing less says something else.
fn contradiction(less: &Value, more: &Value) -> Option<String> {
    let differs = || Some(format!(": {} or {}", brief(less), brief(more)));
    if more.as_unknown().is_some() || more.secret || less.secret {
        return None;
    }
    match (&less.data, &more.data) {
        (Data::Unknown(unknown), _) => {
            let ty = match &more.data {
                Data::Bool(_) => Type::Bool,
                Data::Int(_) | Data::Float(_) => Type::Number,
                Data::String(_) | Data::Pattern(_) => Type::String,
                Data::Array(_) => Type::Array,
                Data::Object(_) => Type::Object,
                Data::Null | Data::Unknown(_) => return None,
            };
            let member = |value: &Value| contradiction(value, more).is_none();
            let outside = unknown.domain.as_ref().is_some_and(|domain| !domain.iter().any(member));
            let hole = more.as_str().is_some_and(|text| match unknown.hole {
                Hole::Segment => text.is_empty() || text.contains('/'),
                Hole::Id => !text.starts_with('/'),
                Hole::Any => false,
            });
            if outside || hole || !unknown.may_be(ty) { differs() } else { None }
        }
        (Data::Pattern(pattern), Data::String(_) | Data::Pattern(_)) => match more.as_pattern() {
            Some(known) if !covers_pattern(pattern, &known) => differs(),
            Some(_) | None => None,
        },
        (Data::Array(a), Data::Array(b)) => {
            if a.open.is_some() || b.open.is_some() {
                return None;
            }
            if a.items.len() != b.items.len() {
                return differs();
            }
            let items = a.items.iter().zip(&b.items).enumerate();
            items.into_iter().find_map(|(at, (a, b))| contradiction(a, b).map(|way| format!("[{at}]{way}")))
        }
        (Data::Object(a), Data::Object(b)) => {
            let open = |object: &acrlint::value::Object| {
                object.open.is_some() || object.iter().any(|(key, _)| key.name.contains('⟨'))
            };
            let (a_open, b_open) = (open(a), open(b));
            for (key, value) in a.iter().filter(|(key, _)| !key.name.contains('⟨')) {
                let way = match b.get(&key.name) {
                    Some(other) => contradiction(value, other),
                    None if b_open || value.is_null() || value.as_unknown().is_some() => None,
                    None => Some(": only while less is known".to_owned()),
                };
                if let Some(way) = way {
                    return Some(format!(".{}{way}", key.name));
                }
            }
            let missing =
                |(key, value): &(&acrlint::value::Key, &Value)| !value.is_null() && a.get(&key.name).is_none();
            let gone = b.iter().find(missing).filter(|_| !a_open);
            gone.map(|(key, _)| format!(".{}: only while all is known", key.name))
        }
        (Data::Int(a), Data::Int(b)) if a == b => None,
        (Data::Int(_) | Data::Float(_), Data::Int(_) | Data::Float(_)) => {
            let number = |value: &Value| brief(value).parse::<f64>().ok();
            if number(less) == number(more) { None } else { differs() }
        }
        (Data::Null, Data::Null) => None,
        (Data::Bool(a), Data::Bool(b)) if a == b => None,
        (Data::String(a), Data::String(b)) if a == b => None,
        // A value that was known all the time, of something that is not known either way.
        (_, Data::Pattern(known)) if less.as_str().is_some_and(|text| fills(known.parts(), text)) => None,
        (_, _) => differs(),
    }
}

fn brief(value: &Value) -> String {
    let text = match &value.data {
        Data::Null => "null".to_owned(),
        Data::Bool(value) => value.to_string(),
        Data::Int(value) => value.to_string(),
        Data::Float(value) => value.to_string(),
        Data::String(text) => format!("'{text}'"),
        Data::Pattern(pattern) => format!("'{pattern}'"),
        Data::Unknown(unknown) => format!("⟨{}⟩ {:?} {:?}", unknown.symbol.text, unknown.ty, unknown.hole),
        Data::Array(array) => {
            format!("an array of {}{}", array.items.len(), if array.open.is_some() { "+" } else { "" })
        }
        Data::Object(_) => "an object".to_owned(),
    };
    text.chars().take(160).collect()
}

/// Why one resource is not the other one while less is known; `None` when it may be.
fn unlike(less: &Resource, more: &Resource) -> Option<String> {
    if less.ty != more.ty {
        return Some("another type".to_owned());
    }
    if !covers_pattern(less.id.pattern(), more.id.pattern()) {
        return Some(format!("id {} or {}", less.id.pattern(), more.id.pattern()));
    }
    contradiction(&less.name, &more.name)
        .map(|way| format!("name{way}"))
        .or_else(|| contradiction(&less.body, &more.body).map(|way| format!("{}{way}", less.address)))
}

/// What knowing less says otherwise.
fn dispute(less: &Loaded, more: &Loaded) -> Option<String> {
    if let Some(message) = refusal(less) {
        return Some(format!("refused: {message}"));
    }
    for resource in &more.resources {
        let reasons: Vec<String> = less.resources.iter().filter_map(|other| unlike(other, resource)).collect();
        if reasons.len() == less.resources.len() {
            let near = reasons
                .iter()
                .filter(|why| *why != "another type")
                .min_by_key(|why| why.starts_with("id "))
                .cloned()
                .unwrap_or_default();
            return Some(format!("{} is gone: {near}", resource.id.pattern()));
        }
    }
    for resource in less.resources.iter().filter(|resource| resource.exists == Truth::True) {
        if !more.resources.iter().any(|other| unlike(resource, other).is_none()) {
            return Some(format!("{} surely exists, and does not", resource.id.pattern()));
        }
    }
    None
}

/// The template with nothing known of one parameter.
fn blank(template: &Json, name: &str) -> Json {
    let mut template = template.clone();
    if let Some(declaration) = template["parameters"].get_mut(name).and_then(Json::as_object_mut) {
        declaration.remove("defaultValue");
    }
    template
}

fn sample(ty: &str) -> Vec<Json> {
    match ty.to_ascii_lowercase().as_str() {
        // Not empty and no slash: most of them are names, which Azure refuses then.
        "string" => vec![json!("x"), json!("Rg-1")],
        "bool" => vec![json!(true), json!(false)],
        "int" => vec![json!(0), json!(1), json!(3)],
        "array" => vec![json!([]), json!(["a", "b"])],
        _ => Vec::new(),
    }
}

/// Compares a template with itself while one of its parameters is not known; how many comparisons that were.
fn try_all(
    row: &str,
    template: &Json,
    given: &Map<String, Json>,
    context: &Json,
    most: usize,
    wrong: &mut Vec<String>,
) -> usize {
    let mut tried = 0;
    let Some(declared) = template["parameters"].as_object() else { return 0 };
    for (name, declaration) in declared.iter().take(most) {
        let ty = declaration["type"].as_str().unwrap_or_default();
        if ty.to_ascii_lowercase().starts_with("secure") || declaration["nullable"] == true {
            continue;
        }
        let blank = blank(template, name);
        let mut rest = given.clone();
        rest.remove(name);
        let less = deploy(&blank, &rest, context);
        let values = given.get(name).cloned().into_iter().chain(sample(ty));
        for value in values.take(3) {
            let mut all = given.clone();
            all.insert(name.clone(), value.clone());
            let more = deploy(template, &all, context);
            if refusal(&more).is_some() {
                continue;
            }
            tried += 1;
            if let Some(why) = dispute(&less, &more) {
                wrong.push(format!("{row}: without {name} = {value}: {why}"));
                break;
            }
        }
    }
    tried
}

fn settle(what: &str, tried: usize, wrong: &[String]) {
    eprintln!("{what}: {} of {tried} comparisons contradict", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.iter().take(20).cloned().collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_template_with_every_kind_of_use_says_nothing_else() {
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "parameters": {
            "name": { "type": "string" },
            "on": { "type": "bool", "defaultValue": true },
            "count": { "type": "int", "defaultValue": 2 },
            "subnets": { "type": "array", "defaultValue": ["a", "b"] }
        },
        "variables": {
            "full": "[concat(parameters('name'), '-', if(parameters('on'), 'on', 'off'))]",
            "short": "[take(variables('full'), 4)]"
        },
        "resources": [
            {
                "type": "Microsoft.Network/virtualNetworks",
                "apiVersion": "2024-05-01",
                "name": "[variables('full')]",
                "condition": "[parameters('on')]",
                "properties": {
                    "copy": [{
                        "name": "subnets",
                        "count": "[length(parameters('subnets'))]",
                        "input": { "name": "[parameters('subnets')[copyIndex('subnets')]]" }
                    }],
                    "short": "[variables('short')]",
                    "size": "[add(parameters('count'), length(parameters('subnets')))]",
                    "large": "[greater(parameters('count'), 1)]",
                    "tags": "[union(createObject('a', parameters('name')), createObject('b', parameters('on')))]"
                }
            },
            {
                "type": "Microsoft.Network/publicIPAddresses",
                "apiVersion": "2024-05-01",
                "name": "[concat('ip', copyIndex())]",
                "copy": { "name": "ips", "count": "[parameters('count')]" },
                "properties": { "label": "[toLower(concat(parameters('name'), copyIndex(1)))]" }
            }
        ]
    });
    let context = json!({ "scope": "resourceGroup", "resourceGroup": { "name": "rg", "location": "westeurope" } });
    let given = json!({ "name": "contoso" });
    let mut wrong = Vec::new();
    let tried = try_all("made up", &template, given.as_object().unwrap(), &context, 9, &mut wrong);
    settle("made up", tried, &wrong);
}

#[test]
fn recorded_templates_say_nothing_else() {
    let Some(file) = shared("engine/templates.jsonl") else { return };
    let (mut tried, mut wrong) = (0, Vec::new());
    for line in std::fs::read_to_string(file).unwrap().lines().step_by(15) {
        let row: Json = serde_json::from_str(line).unwrap();
        let given = row["parameters"].as_object().cloned().unwrap_or_default();
        let name = row["id"].as_str().unwrap_or_default();
        tried += try_all(name, &row["template"], &given, &row["context"], 4, &mut wrong);
    }
    settle("templates.jsonl", tried, &wrong);
}

#[test]
fn real_templates_say_nothing_else() {
    let Some(file) = shared("engine/corpus.jsonl") else { return };
    let root = file.parent().unwrap().join("../corpus");
    let (mut tried, mut wrong) = (0, Vec::new());
    for line in std::fs::read_to_string(file).unwrap().lines() {
        let row: Json = serde_json::from_str(line).unwrap();
        let path = row["source"].as_str().unwrap_or_default();
        let Ok(text) = std::fs::read_to_string(root.join(path)) else { continue };
        let Ok(template) = serde_json::from_str::<Json>(&text) else { continue };
        if text.len() > 60_000 {
            continue;
        }
        let given = row["parameters"].as_object().cloned().unwrap_or_default();
        tried += try_all(path, &template, &given, &row["context"], 6, &mut wrong);
    }
    settle("corpus.jsonl", tried, &wrong);
}
