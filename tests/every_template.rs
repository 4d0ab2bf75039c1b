//! Every real template expands: with plain values for its parameters, and without any.
//!
//! Nothing in what comes out is there because we do not evaluate it, and what is refused has a reason.
//! Runs where the collection stands beside the checkout.

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

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use acrlint::input::arm::{self, Assignment, Context};
use acrlint::input::{Format, Loaded, detect};
use acrlint::json;
use acrlint::report::{Redactions, expansion};
use acrlint::source::Sources;
use acrlint::value::{Data, Part, Pattern, Reason, Unknown, Value};
use serde_json::Value as Json;

use beside::shared;

/// What is accepted, one by one: the file, a part of the message or of the symbol, and why.
const ACCEPTED: [(&str, &str, &str); 27] = [
    (
        "arm/046-checkov-example-ACREnableZoneRedundancy-pass2.json",
        "the name 'pass2' has 1 segment",
        "a sample of a rule: the name of a replication without its registry",
    ),
    (
        "arm/046-checkov-example-ACREnableZoneRedundancy-pass2.json",
        "there is no parameter 'acrReplicaLocation'",
        "a sample of a rule: it declares no parameters",
    ),
    (
        "arm/046-checkov-example-ACREnableZoneRedundancy-pass2.json",
        "there is no parameter 'acrName'",
        "a sample of a rule: it declares no parameters",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "has 1 segment, but the type",
        "a heap of samples: names of children without their parents",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "the name 'Microsoft.ServiceFabric/clusters' has 2 segments",
        "a heap of samples: a type in place of a name",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "there is no parameter 'a-0'",
        "a heap of samples: deployments are named by parameters that are not declared",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "there is no parameter 'a-1'",
        "as the one before",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "there is no parameter 'a-2'",
        "as the one before",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "Microsoft.Network/dnszones/TXT has no name",
        "a heap of samples: a child without a name",
    ),
    (
        "arm/049-checkov-example-StorageAccountAzureServicesAccessEnabled-stor-35e01021.json",
        "the deployment has no template and no link to one",
        "a heap of samples: a deployment that has neither",
    ),
    (
        "arm-other/009-ttk-IDs-Should-Be-Derived-From-ResourceIDs-Fail-concat.json",
        "the resource has no type",
        "a sample of a rule: a resource of one made-up property",
    ),
    (
        "arm-other/011-ttk-Parameters-Must-Be-Referenced-Pass-Different-Case-In-Reference.json",
        "the template has no \"resources\"",
        "a sample of a rule: parameters and variables only",
    ),
    (
        "arm-other/111-checkov-resource-example-CognitiveServicesEnableLocalAuth-fail.json",
        "the resource has no \"apiVersion\"",
        "a sample of a rule: as the message says",
    ),
    (
        "arm-other/112-checkov-resource-example-CognitiveServicesEnableLocalAuth-fail2.json",
        "the resource has no \"apiVersion\"",
        "a sample of a rule: as the message says",
    ),
    (
        "arm-other/113-checkov-resource-example-CognitiveServicesEnableLocalAuth-pass.json",
        "the resource has no \"apiVersion\"",
        "a sample of a rule: as the message says",
    ),
    (
        "arm-other/241-qs-yash-datalake-nested-streamAnalytics.json",
        "there is no variable 'defaultSASKeyName'",
        "it writes \"variables\" twice, and the second one is empty",
    ),
    (
        "arm-other/253-ttk-CommandToExecute-Must-Use-ProtectedSettings-For-Secrets-Fail-List.json",
        "the resource of type CustomScript has no name",
        "a sample of a rule: as the message says",
    ),
    (
        "arm-other/255-ttk-DeploymentTemplate-Must-Not-Contain-Hardcoded-Uri-Pass-Ur-66cfceb8.json",
        "the resource has no type",
        "a sample of a rule: the resource is its properties only",
    ),
    (
        "arm-other/256-ttk-DeploymentTemplate-Schema-Is-Correct-Pass-2018-05-01-subs-9fdec475.json",
        "the template has no \"resources\"",
        "a sample of a rule: a schema only",
    ),
    (
        "arm-other/257-ttk-DeploymentTemplate-Schema-Is-Correct-Pass-2019-08-01-tena-23d3fbf4.json",
        "the template has no \"resources\"",
        "a sample of a rule: a schema only",
    ),
    (
        "arm-other/259-ttk-IDs-Should-Be-Derived-From-ResourceIDs-Pass-IDs-In-KeyVault.json",
        "there is no parameter 'certificateOrderName'",
        "a sample of a rule: it declares no parameters",
    ),
    (
        "arm-other/259-ttk-IDs-Should-Be-Derived-From-ResourceIDs-Pass-IDs-In-KeyVault.json",
        "there is no parameter 'existingAppLocation'",
        "a sample of a rule: it declares no parameters",
    ),
    (
        "arm-other/259-ttk-IDs-Should-Be-Derived-From-ResourceIDs-Pass-IDs-In-KeyVault.json",
        "there is no parameter 'existingKeyVaultId'",
        "a sample of a rule: it declares no parameters",
    ),
    (
        "arm-other/263-ttk-Outputs-Must-Not-Contain-Secrets-Pass-Outputs-Can-Contain-232c7fdb.json",
        "the template has no \"resources\"",
        "a sample of a rule: outputs only",
    ),
    (
        "arm-other/263-ttk-Outputs-Must-Not-Contain-Secrets-Pass-Outputs-Can-Contain-232c7fdb.json",
        "there is no function `mylistUDF`",
        "a sample of a rule: the function is made up",
    ),
    (
        "arm-other/277-ttk-unit-tests-outputs-must-not-contain-secrets.json",
        "there is no function `mylistUDF`",
        "a sample of a rule: the function is made up",
    ),
    (
        "arm-other/278-ttk-providers-apiVersions-Is-Not-Permitted-Fail-Uses-Provider-307e054f.json",
        "the resource of type Microsoft.Compute/virtualMachines has no name",
        "a sample of a rule: as the message says",
    ),
];

/// The answers of the real engine, by file.
fn rows(file: &Path) -> BTreeMap<String, Json> {
    let text = std::fs::read_to_string(file).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    rows.map(|row| (row["source"].as_str().unwrap().to_owned(), row)).collect()
}

/// What a template expands to, with what is not evaluated in it; `None` where the file is no template.
fn expanded(name: &str, text: &str, row: Option<&Json>) -> Option<(Json, BTreeSet<String>)> {
    let mut sources = Sources::new();
    let template = sources.add(name, text);
    let given: serde_json::Map<String, Json> = row
        .and_then(|row| row["parameters"].as_object())
        .map(|all| all.iter().map(|(name, value)| (name.clone(), serde_json::json!({ "value": value }))).collect())
        .unwrap_or_default();
    let given = sources.add("parameters.json", serde_json::json!({ "parameters": given }).to_string());
    let place = row.map_or_else(|| "{}".to_owned(), |row| row["context"].to_string());
    let place = sources.add("context.json", place);
    let tree = json::parse(template, sources.get(template).text()).tree;
    if detect(tree.root()?) != Format::ArmTemplate {
        return None;
    }
    let given = json::parse(given, sources.get(given).text()).tree;
    let place = json::parse(place, sources.get(place).text()).tree;
    let mut assignment = Assignment::new();
    if row.is_some() {
        assignment.read(given.root().unwrap());
    }
    let context = Context::from_json(place.root().unwrap());
    let loaded = arm::expand(&tree, &assignment, &context, name, 0, &|_| true);
    Some((expansion::document(&loaded, &sources, &Redactions::new()), unsupported(&loaded)))
}

/// The symbols of everything that is unknown because we do not evaluate it, in all parts of what a template deploys.
fn unsupported(loaded: &Loaded) -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for resource in expansion::deployed(loaded) {
        in_pattern(resource.id.pattern(), &mut found);
        in_value(&resource.name, &mut found);
        in_value(&resource.body, &mut found);
        resource.condition.iter().for_each(|condition| in_value(condition, &mut found));
    }
    loaded.outputs.iter().for_each(|(_, value)| in_value(value, &mut found));
    found
}

fn in_value(value: &Value, found: &mut BTreeSet<String>) {
    match &value.data {
        Data::Unknown(unknown) => in_unknown(unknown, found),
        Data::Pattern(pattern) => in_pattern(pattern, found),
        Data::Array(array) => {
            array.open.iter().for_each(|unknown| in_unknown(unknown, found));
            array.items.iter().for_each(|item| in_value(item, found));
        }
        Data::Object(object) => {
            object.open.iter().for_each(|unknown| in_unknown(unknown, found));
            object.iter().for_each(|(_, value)| in_value(value, found));
        }
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => {}
    }
}

fn in_pattern(pattern: &Pattern, found: &mut BTreeSet<String>) {
    for part in pattern.parts() {
        if let Part::Hole(unknown) = part {
            in_unknown(unknown, found);
        }
    }
}

fn in_unknown(unknown: &Unknown, found: &mut BTreeSet<String>) {
    if unknown.reason == Reason::Unsupported {
        found.insert(unknown.symbol.text.to_string());
    }
}

#[test]
fn every_real_template_expands() {
    let (Some(corpus), Some(engine)) = (shared("corpus"), shared("engine/corpus.jsonl")) else { return };
    let rows = rows(&engine);
    let (mut templates, mut expansions, mut wrong) = (0, 0, Vec::new());
    let mut used = BTreeSet::new();
    for folder in ["arm", "arm-other"] {
        let mut files: Vec<_> =
            std::fs::read_dir(corpus.join(folder)).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        for path in files {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            let text = std::fs::read_to_string(&path).unwrap();
            // A recorder that gave up says nothing about the template.
            let row = rows.get(&name).filter(|row| row["error"] != "Compilation failed");
            let refused = row.is_some_and(|row| row["error"].is_string());
            let ways = [("with values", row), ("without values", None)];
            for (how, row) in ways.into_iter().filter(|(how, row)| row.is_some() || *how == "without values") {
                let Some((document, mut left)) = expanded(&name, &text, row) else { break };
                templates += usize::from(how == "without values");
                expansions += 1;
                let mut accepted = |text: &str| {
                    let known = ACCEPTED.iter().position(|(file, part, _)| *file == name && text.contains(part));
                    used.extend(known);
                    known.is_some()
                };
                left.retain(|symbol| !accepted(symbol));
                wrong.extend(left.into_iter().map(|symbol| format!("{name}, {how}: not evaluated: {symbol}")));
                for problem in document["problems"].as_array().unwrap() {
                    let message = problem["message"].as_str().unwrap();
                    if problem["level"] == "error" && !refused && !accepted(message) {
                        let line = &problem["location"]["start"]["line"];
                        wrong.push(format!("{name}, {how}: {message} at line {line}"));
                    }
                }
            }
        }
    }
    eprintln!("{templates} real templates expanded, {expansions} times");
    assert!(wrong.is_empty(), "{} are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert!(templates >= 250, "only {templates} templates");
    let idle: Vec<_> = (0..ACCEPTED.len()).filter(|at| !used.contains(at)).map(|at| ACCEPTED[at]).collect();
    assert!(idle.is_empty(), "no longer there, take them out: {idle:#?}");
}
