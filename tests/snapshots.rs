//! Bicep snapshots: the template and its snapshot are the same estate, and what is wrong with a file is said.

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
use std::path::Path;

use acrlint::cli::{self, Streams};
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::input::{Format, Loaded, detect};
use acrlint::report::{Redactions, expansion};
use acrlint::source::Sources;
use acrlint::value::{Truth, Value};
use acrlint::{json, lower};

/// Reads a template or a snapshot, as it would be deployed to the group of the fixtures.
fn load(name: &str, text: &str) -> (Sources, Loaded) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let tree = json::parse(file, sources.get(file).text()).tree;
    let context = Context {
        subscription: Some("0f0f0f0f-1111-2222-3333-444444444444".to_owned()),
        resource_group: Some("rg-images".to_owned()),
        ..Context::default()
    };
    let read = match detect(tree.root().unwrap()) {
        Format::ArmTemplate => arm::expand,
        Format::BicepSnapshot => arm::snapshot,
        Format::ArmParameters | Format::Dump(_) | Format::Terraform(_) | Format::Plain(_) | Format::Other => {
            panic!("{name} is no input")
        }
    };
    let loaded = read(&tree, &Assignment::new(), &context, "main", 0, &|_| true);
    (sources, loaded)
}

fn fixture(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/snapshot").join(name)).unwrap()
}

/// The document that `expand` prints, without places and problems, resources in the order of their ids.
fn document(name: &str) -> serde_json::Value {
    let (sources, loaded) = load(name, &fixture(name));
    let mut document = expansion::document(&loaded, &sources, &Redactions::new());
    document["problems"].take();
    let resources = document["resources"].as_array_mut().unwrap();
    for resource in resources.iter_mut() {
        resource.as_object_mut().unwrap().remove("$at");
    }
    resources.sort_by_key(|resource| format!("{}{}", resource["type"], resource["id"]));
    document
}

#[test]
fn a_template_and_its_snapshot_deploy_the_same() {
    let (template, snapshot) = (document("estate.json"), document("estate.snapshot.json"));
    assert_eq!(template["resources"].as_array().unwrap().len(), 12);
    assert_eq!(serde_json::to_string_pretty(&template).unwrap(), serde_json::to_string_pretty(&snapshot).unwrap());
}

/// The graph as text, without places, without the scopes of symbols, which name the file or the resource, and without
/// the types of unknowns: of a secret a snapshot does not tell it.
fn graph(name: &str) -> String {
    let (_, loaded) = load(name, &fixture(name));
    let mut resources = loaded.resources;
    resources.sort_by_key(|resource| resource.id.key().to_owned());
    let lowered = lower::lower(resources);
    assert!(lowered.problems.is_empty(), "{:?}", lowered.problems);
    let text = format!("{:#?}", lowered.graph);
    let mut kept = String::new();
    let mut skipped: Option<usize> = None;
    for line in text.lines() {
        let indent = line.len() - line.trim_start().len();
        match skipped {
            Some(outer) if indent > outer => {}
            // The bracket that closes what is left out.
            Some(_) => skipped = None,
            None if ["Origin {", "Span {", "Places {", " ty: Some("].iter().any(|end| line.ends_with(end)) => {
                skipped = Some(indent);
            }
            None if ["scope:", "address:", "key:", "ty: None"]
                .iter()
                .any(|name| line.trim_start().starts_with(name)) => {}
            None => {
                kept.push_str(line);
                kept.push('\n');
            }
        }
    }
    kept
}

#[test]
fn a_template_and_its_snapshot_are_the_same_graph() {
    let (template, snapshot) = (graph("estate.json"), graph("estate.snapshot.json"));
    assert!(template.contains("contosoimages") && template.lines().count() > 500, "{template}");
    assert_alike(&template, &snapshot);
}

fn assert_alike(left: &str, right: &str) {
    let differs = left.lines().zip(right.lines()).enumerate().find(|(_, (left, right))| left != right);
    if let Some((at, _)) = differs {
        let around = |text: &str| text.lines().skip(at.saturating_sub(6)).take(12).collect::<Vec<_>>().join("\n");
        panic!("line {at}:\n{}\n──── and\n{}", around(left), around(right));
    }
    assert_eq!(left.lines().count(), right.lines().count());
}

fn acrlint(arguments: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = ["acrlint"].iter().chain(arguments).map(OsString::from);
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let exit = cli::run(all, &mut streams);
    (exit.code(), String::from_utf8([out, err].concat()).unwrap())
}

#[test]
fn a_snapshot_is_checked_and_what_is_wrong_with_it_is_said() {
    let checked = |file: &str| acrlint(&["check", &format!("testdata/snapshot/{file}"), "--format", "concise"]);
    let (found, estate) = checked("estate.snapshot.json");
    let (refused, broken) = checked("broken.snapshot.json");
    let (unusable, tree) = acrlint(&["expand", "testdata/snapshot/broken.snapshot.json", "--format", "tree"]);
    assert_eq!((found, refused, unusable), (1, 1, 2), "{tree}");
    let text = format!("{estate}────\n{broken}────\n{tree}");
    insta::with_settings!({ snapshot_path => "../testdata/snapshot", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("checked", text) });
}

#[test]
fn a_snapshot_has_no_parameters_to_give_values_to() {
    let arguments = ["expand", "testdata/snapshot/estate.snapshot.json", "--parameter", "name=x"];
    let (code, out) = acrlint(&arguments);
    assert!(code == 2 && out.contains("a snapshot takes no value for 'name'"), "{out}");
}

/// A snapshot with these resources: group, name, location.
fn snapshot(resources: &[(&str, &str, &str)]) -> Vec<Value> {
    let entry = |(group, name, location): &(&str, &str, &str)| {
        serde_json::json!({
            "id": format!("/subscriptions/1/resourceGroups/{group}/providers/Microsoft.Network/virtualNetworks/{name}"),
            "type": "Microsoft.Network/virtualNetworks", "name": name, "apiVersion": "2023-11-01", "location": location
        })
    };
    let all = serde_json::json!({ "predictedResources": resources.iter().map(entry).collect::<Vec<_>>() });
    let (_, loaded) = load("main.snapshot.json", &all.to_string());
    assert!(loaded.problems.is_empty(), "{:?}", loaded.problems);
    loaded
        .resources
        .iter()
        .map(|resource| resource.body.as_object().unwrap().get("location").unwrap().clone())
        .collect()
}

fn same(values: &[Value]) -> Truth {
    acrlint::value::compare::same(&values[0], &values[1])
}

#[test]
fn of_several_groups_nobody_knows_which_one_is_meant() {
    let here = "[resourceGroup().location]";
    assert_eq!(same(&snapshot(&[("g", "a", here), ("G", "b", here)])), Truth::True);
    assert_eq!(same(&snapshot(&[("g", "a", here), ("h", "b", here)])), Truth::Unknown);
    assert_eq!(same(&snapshot(&[("g", "a", "[parameters('x')]"), ("g", "b", "[parameters('x')]")])), Truth::Unknown);
    assert_eq!(
        same(&snapshot(&[("g", "a", "[tenant().tenantId]"), ("h", "b", "[tenant().tenantId]")])),
        Truth::Unknown
    );
}

#[test]
fn a_plain_value_in_brackets_is_no_expression() {
    let values = snapshot(&[("g", "a", "[\"west\"]"), ("g", "b", "[[west]"), ("g", "c", "[engineOnly()]")]);
    assert_eq!(values[0].as_str(), Some("[\"west\"]"));
    assert_eq!(values[1].as_str(), Some("[west]"));
    assert_eq!(values[2].as_unknown().map(|unknown| unknown.reason.name()), Some("InvalidExpression"));
}

#[test]
fn only_a_parameter_that_was_asked_for_is_a_secret() {
    let reason = |value: &Value| value.as_unknown().unwrap().reason.name();
    let branch = "[if(reference('/subscriptions/1/providers/a/b/c', '2020').on, parameters('x'), parameters('y'))]";
    let values =
        snapshot(&[("g", "a", "[parameters('X')]"), ("g", "b", "[parameters('secret').location]"), ("g", "c", branch)]);
    assert_eq!([reason(&values[0]), reason(&values[1])], ["Secret", "Secret"]);
    assert!(values[2].secret, "a branch is a secret");
    assert!(!snapshot(&[("g", "c", branch)])[0].secret);
}
