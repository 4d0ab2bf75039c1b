//! What Azure refuses in a template as a whole, and what it takes: declarations of parameters, scopes of evaluation,
//! names, links.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use acrlint::input::Loaded;
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::source::Sources;
use serde_json::{Value, json};

const SCHEMA: &str = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";

/// What a template deploys, its text, and its problems as code and the text under the span.
fn deploy(template: &Value) -> (Loaded, Vec<(String, String)>) {
    let mut sources = Sources::new();
    let file = sources.add("main.json", template.to_string());
    let tree = json::parse(file, sources.get(file).text()).tree;
    let loaded = arm::expand(&tree, &Assignment::new(), &Context::default(), "main.json", 0, &|_| true);
    let told = |problem: &acrlint::diag::Problem| {
        (problem.code.to_owned(), problem.span().map(|span| sources.slice(span).to_owned()).unwrap_or_default())
    };
    let problems = loaded.problems.iter().map(told).collect();
    (loaded, problems)
}

/// A module with one declared parameter and a value for it.
fn module(declaration: &Value, given: &Value) -> Value {
    json!({
        "$schema": SCHEMA, "contentVersion": "1.0.0.0",
        "resources": [{
            "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "module",
            "properties": {
                "mode": "Incremental",
                "expressionEvaluationOptions": { "scope": "inner" },
                "parameters": given,
                "template": {
                    "$schema": SCHEMA, "contentVersion": "1.0.0.0", "languageVersion": "2.0",
                    "definitions": {
                        "rule": {
                            "type": "object",
                            "properties": { "value": { "type": "string" }, "note": { "type": "string", "nullable": true } },
                            "additionalProperties": false
                        },
                        "shape": {
                            "type": "object",
                            "discriminator": {
                                "propertyName": "kind",
                                "mapping": {
                                    "circle": { "type": "object", "properties": { "radius": { "type": "int" } } },
                                    "rule": { "$ref": "#/definitions/rule" }
                                }
                            }
                        }
                    },
                    "parameters": { "p": declaration },
                    "resources": {}
                }
            }
        }]
    })
}

#[test]
fn values_that_a_declaration_refuses_are_problems_at_the_value() {
    let rule = json!({ "$ref": "#/definitions/rule" });
    let shape = json!({ "$ref": "#/definitions/shape" });
    for (declaration, value, code, at) in [
        (json!({ "type": "int" }), json!("5"), "parameter-type", "\"5\""),
        (json!({ "type": "string", "allowedValues": ["a"] }), json!("b"), "parameter-value-not-allowed", "\"b\""),
        (json!({ "type": "string", "maxLength": 2 }), json!("abc"), "parameter-value-out-of-bounds", "\"abc\""),
        (json!({ "type": "array", "minLength": 1 }), json!([]), "parameter-value-out-of-bounds", "[]"),
        (json!({ "type": "int", "minValue": 2 }), json!(1), "parameter-value-out-of-bounds", "1"),
        (json!({ "type": "array", "items": { "type": "int" } }), json!([1, "x"]), "parameter-type", "\"x\""),
        (rule.clone(), json!({ "note": "n" }), "parameter-value-missing", "{\"note\":\"n\"}"),
        (rule.clone(), json!({ "value": null }), "parameter-value-missing", "null"),
        (rule.clone(), json!({ "value": "v", "more": 1 }), "parameter-property-unknown", "\"more\""),
        (shape.clone(), json!({ "kind": "square" }), "parameter-value-not-allowed", "\"square\""),
        (shape.clone(), json!({ "kind": "circle", "radius": "r" }), "parameter-type", "\"r\""),
        (shape.clone(), json!({ "radius": 1 }), "parameter-value-missing", "{\"radius\":1}"),
        (json!({ "type": "string" }), Value::Null, "parameter-missing", "null"),
    ] {
        let (_, problems) = deploy(&module(&declaration, &json!({ "p": { "value": value } })));
        assert_eq!(problems, [(code.to_owned(), at.to_owned())], "{declaration} {value}");
    }
    let (_, problems) = deploy(&module(&json!({ "type": "string" }), &json!({})));
    assert_eq!(problems, [("parameter-missing".to_owned(), "\"module\"".to_owned())]);
    let (_, problems) =
        deploy(&module(&json!({ "type": "string" }), &json!({ "p": { "value": "x" }, "q": { "value": 1 } })));
    assert_eq!(problems, [("parameter-not-declared".to_owned(), "\"q\"".to_owned())]);
}

#[test]
fn values_that_fit_or_are_not_known_are_no_problem() {
    for (declaration, value) in [
        (json!({ "type": "string", "allowedValues": ["Basic"] }), json!("basic")),
        (json!({ "type": "string", "nullable": true }), Value::Null),
        (json!({ "type": "string", "maxLength": 3 }), json!("[resourceGroup().name]")),
        (json!({ "type": "int" }), json!("[length(reference('x').list)]")),
        (json!({ "$ref": "#/definitions/rule" }), json!({ "value": "[resourceGroup().location]" })),
        (json!({ "$ref": "#/definitions/rule" }), json!("[reference('x').rule]")),
        (json!({ "$ref": "#/definitions/shape" }), json!({ "kind": "rule", "value": "v" })),
        (json!({ "$ref": "#/definitions/shape" }), json!({ "kind": "[resourceGroup().name]" })),
        (json!({ "type": "array", "allowedValues": ["a", "b"] }), json!(["b"])),
    ] {
        let (_, problems) = deploy(&module(&declaration, &json!({ "p": { "value": value } })));
        assert!(problems.is_empty(), "{declaration} {value}: {problems:?}");
    }
}

fn nested(scope: &str, resources: &Value, more: &Value) -> Value {
    let mut deployment = json!({
        "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "nested",
        "properties": {
            "mode": "Incremental",
            "expressionEvaluationOptions": { "scope": scope },
            "template": { "$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources }
        }
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        deployment[key] = value.clone();
    }
    deployment
}

fn root(resources: &[Value]) -> Value {
    json!({ "$schema": SCHEMA, "contentVersion": "1.0.0.0", "resources": resources })
}

fn zone(name: &str) -> Value {
    json!({ "type": "Microsoft.Network/privateDnsZones", "apiVersion": "2024-06-01", "name": name, "location": "global" })
}

#[test]
fn a_template_of_outer_scope_sees_the_loop_of_its_deployment_and_none_of_its_own() {
    let mut looped = zone("[concat('z', copyIndex())]");
    looped["copy"] = json!({ "name": "zones", "count": 2 });
    let (_, problems) = deploy(&root(&[nested("outer", &json!([looped]), &json!({}))]));
    assert_eq!(problems.first().map(|problem| problem.0.as_str()), Some("invalid-expression"), "{problems:?}");
    let (loaded, problems) = deploy(&root(&[nested("inner", &json!([looped]), &json!({}))]));
    assert!(problems.is_empty() && loaded.resources.len() == 2, "{problems:?}");
    let around = json!({ "copy": { "name": "around", "count": 2 }, "name": "[concat('nested', copyIndex())]" });
    let (loaded, problems) = deploy(&root(&[nested("outer", &json!([zone("[concat('z', copyIndex())]")]), &around)]));
    let names: Vec<_> = loaded.resources.iter().filter_map(|resource| resource.name.as_str()).collect();
    assert!(problems.is_empty() && names == ["z0", "z1"], "{problems:?} {names:?}");
}

#[test]
fn the_region_of_a_declared_group_is_known_in_it() {
    let schema = "https://schema.management.azure.com/schemas/2018-05-01/subscriptionDeploymentTemplate.json#";
    let group = json!({ "type": "Microsoft.Resources/resourceGroups", "apiVersion": "2022-09-01", "name": "rg-a", "location": "westus" });
    let mut inside = zone("z");
    inside["location"] = json!("[resourceGroup().location]");
    let deployment = nested("inner", &json!([inside]), &json!({ "resourceGroup": "rg-a" }));
    let template = json!({ "$schema": schema, "contentVersion": "1.0.0.0", "resources": [group, deployment] });
    let (loaded, problems) = deploy(&template);
    let zone = loaded.resources.iter().find(|resource| resource.ty.is("Microsoft.Network/privateDnsZones")).unwrap();
    let location = zone.body.as_object().unwrap().get("location").and_then(|value| value.as_str());
    assert!(problems.is_empty() && location == Some("westus"), "{problems:?} {location:?}");
}

#[test]
fn what_is_missing_or_wrong_is_told_at_its_place() {
    let mut versionless = zone("z");
    versionless.as_object_mut().unwrap().remove("apiVersion");
    let linked = |properties: Value| json!({ "type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "n", "properties": properties });
    let with_variable = |value: &str| json!({ "$schema": SCHEMA, "contentVersion": "1.0.0.0", "variables": { "v": value }, "resources": [] });
    for (template, code) in [
        (root(&[versionless]), "resource-without-api-version"),
        (root(&[zone("a/b")]), "resource-name-segments"),
        (root(&[zone("")]), "resource-without-name"),
        (root(&[linked(json!({ "mode": "Incremental" }))]), "deployment-without-template"),
        (
            root(&[linked(json!({ "mode": "Incremental", "templateLink": { "uri": "" } }))]),
            "deployment-without-template",
        ),
        (with_variable("[parameters('none')]"), "invalid-expression"),
        (with_variable("[newGuid()]"), "invalid-expression"),
    ] {
        let (_, problems) = deploy(&template);
        assert_eq!(problems.iter().map(|problem| problem.0.as_str()).collect::<Vec<_>>(), [code], "{template}");
    }
    let uri = linked(json!({ "mode": "Incremental", "templateLink": { "uri": "https://example.org/t.json" } }));
    assert!(deploy(&root(&[uri])).1.is_empty());
}
