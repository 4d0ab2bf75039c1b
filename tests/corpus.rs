//! Real templates: nothing crashes, every span lies in its file, what cannot be read is never called clean, and what the
//! defaults of module templates deploy is found and joined without any parameter file.
//!
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
use std::ffi::OsString;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::{self, Exit, Streams};
use acrlint::graph::{Graph, Head, Link, NodeKind, Target};
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::source::Sources;
use acrlint::value::{Part, Pattern, Truth};
use acrlint::{json, lower};
use serde_json::Value;

use beside::shared;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

fn name(path: &Path) -> String {
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn check(path: &Path) -> (Exit, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json"].map(OsString::from);
    let exit = cli::run(arguments.into_iter().chain([path.into()]), &mut streams);
    let report = serde_json::from_slice(&out);
    (exit, report.unwrap_or_else(|error| panic!("{}: {error}: {}", path.display(), String::from_utf8_lossy(&err))))
}

/// Every place in a report lies in the file and cuts no character.
fn places_are_sound(report: &Value, text: &str, file: &str) {
    match report {
        Value::Object(object) => {
            if let (Some(start), Some(end)) = (object.get("start"), object.get("end"))
                && let (Some(start), Some(end)) = (start["offset"].as_u64(), end["offset"].as_u64())
            {
                let (start, end) = (usize::try_from(start).unwrap(), usize::try_from(end).unwrap());
                assert!(text.get(start..end).is_some(), "{file}: {start}..{end} of {}", text.len());
            }
            object.values().for_each(|value| places_are_sound(value, text, file));
        }
        Value::Array(array) => array.iter().for_each(|value| places_are_sound(value, text, file)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The files that the real engine deploys: whoever finds an error in their grammar is wrong.
fn accepted() -> BTreeSet<String> {
    let Some(engine) = shared("engine/corpus.jsonl") else { return BTreeSet::new() };
    let text = fs::read_to_string(engine).unwrap();
    let rows = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    rows.filter(|row| row["resources"].is_array()).map(|row| row["source"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn every_real_file_is_judged_or_says_why_it_cannot_be() {
    let Some(corpus) = shared("corpus") else { return };
    let accepted = accepted();
    let mut unusable = String::new();
    let mut counts = BTreeMap::new();
    for folder in ["arm", "arm-other", "arm-params"] {
        for path in files(&corpus.join(folder)) {
            let file = format!("{folder}/{}", name(&path));
            let text = String::from_utf8(fs::read(&path).unwrap()).unwrap();
            let (exit, report) = check(&path);
            places_are_sound(&report, &text, &file);
            *counts.entry(exit).or_insert(0) += 1;
            let status = report["files"][0]["status"].as_str().unwrap().to_owned();
            let problems = report["problems"].as_array().unwrap();
            if accepted.contains(&file) {
                let errors: Vec<_> = problems.iter().filter(|problem| problem["level"] == "error").collect();
                assert!(errors.is_empty(), "the engine deploys {file}, but: {errors:#?}");
            }
            assert_eq!(status == "checked", exit != Exit::Unusable, "{file} is {status}, and the exit is {exit:?}");
            if exit == Exit::Clean {
                let none = |key: &str| report["summary"][key] == 0;
                assert!(none("errors") && none("warnings"), "{file}: {}", report["summary"]);
            }
            if exit == Exit::Unusable {
                let reason = problems.last().unwrap_or_else(|| panic!("{file} says nothing"));
                let (code, message) = (reason["code"].as_str().unwrap(), reason["message"].as_str().unwrap());
                writeln!(unusable, "{file}\n    {code}: {message}").unwrap();
            }
        }
    }
    eprintln!("exits: {counts:?}");
    insta::with_settings!({ snapshot_path => "../testdata/corpus", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("unusable", unusable) });
}

/// What a template deploys when nothing is given.
fn graph(path: &Path) -> Graph {
    let mut sources = Sources::new();
    let file = sources.add(name(path), fs::read_to_string(path).unwrap());
    let tree = json::parse(file, sources.get(file).text()).tree;
    let known = |ty: &_| NodeKind::of(ty).is_some();
    let loaded = arm::expand(&tree, &Assignment::new(), &Context::default(), "main.json", 0, &known);
    lower::lower(loaded.resources).graph
}

fn text<'v>(value: &'v Value, path: &str) -> Option<&'v str> {
    value.pointer(path).and_then(Value::as_str)
}

/// Whether a pattern may turn out to be what the engine made of it; it leaves what only Azure knows as an expression.
fn fits(pattern: &Pattern, engine: &str) -> bool {
    let open = engine.starts_with('[') && engine.ends_with(']');
    open || pattern.to_lowercase().same(&Pattern::literal(&engine.to_lowercase())) != Truth::False
}

fn of_type<'r>(resources: &'r [Value], ty: &str) -> Vec<&'r Value> {
    let same = |resource: &&Value| text(resource, "/type").is_some_and(|own| own.eq_ignore_ascii_case(ty));
    resources.iter().filter(same).collect()
}

/// The nodes that a resource of the engine may be.
fn nodes<'g>(heads: impl Iterator<Item = &'g Head>, resource: &Value) -> Vec<u32> {
    let id = text(resource, "/id").unwrap_or("[]").to_owned();
    let own = text(resource, "/name").unwrap_or("[]").to_owned();
    (0_u32..)
        .zip(heads)
        .filter(|(_, head)| {
            let named = head.full_name.value().is_none_or(|name| fits(name, &own));
            named && fits(head.id.pattern(), &id) && head.exists != Truth::False
        })
        .map(|(at, _)| at)
        .collect()
}

fn leads(link: &Link, to: &[u32]) -> bool {
    to.iter().any(|node| link.leads_to(*node) != Truth::False)
}

/// A parameter without a value stays a symbol: where the engine shows the value that it was given, there is a hole.
fn symbols_stay(row: &Value, head: &Head, resource: &Value, wrong: &mut Vec<String>) {
    let own = text(resource, "/name").unwrap_or_default();
    for (parameter, value) in row["parameters"].as_object().into_iter().flatten() {
        let Some(value) = value.as_str().filter(|value| value.len() > 5 && own.contains(value)) else { continue };
        let hole = |part: &Part| matches!(part, Part::Hole(hole) if hole.symbol.text.contains(parameter.as_str()));
        if !head.full_name.value().is_none_or(|name| name.parts().iter().any(hole)) {
            wrong.push(format!("{own}: no ⟨parameters('{parameter}')⟩ in the name, for {value}"));
        }
    }
}

fn compare(row: &Value, graph: &Graph) -> (usize, Vec<String>) {
    let resources = row["resources"].as_array().unwrap();
    let mut wrong = Vec::new();
    let mut count = 0;
    let mut find = |ty: &str, heads: Vec<&Head>, wrong: &mut Vec<String>| {
        let mut found = Vec::new();
        for resource in of_type(resources, ty) {
            count += 1;
            let nodes = nodes(heads.iter().copied(), resource);
            match nodes.first().and_then(|at| heads.get(*at as usize)) {
                Some(head) => symbols_stay(row, head, resource, wrong),
                None => wrong.push(format!("{ty} {} is missing", resource["id"])),
            }
            found.push((resource.clone(), nodes));
        }
        found
    };
    let registries = find(
        "Microsoft.ContainerRegistry/registries",
        graph.registries.iter().map(|node| &node.head).collect(),
        &mut wrong,
    );
    let endpoints = find(
        "Microsoft.Network/privateEndpoints",
        graph.private_endpoints.iter().map(|node| &node.head).collect(),
        &mut wrong,
    );
    let groups = find(
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        graph.zone_groups.iter().map(|node| &node.head).collect(),
        &mut wrong,
    );
    let subnets = find(
        "Microsoft.Network/virtualNetworks/subnets",
        graph.subnets.iter().map(|node| &node.head).collect(),
        &mut wrong,
    );
    let the = |all: &[(Value, Vec<u32>)], id: &str| {
        let same =
            |(resource, _): &&(Value, Vec<u32>)| text(resource, "/id").is_some_and(|i| i.eq_ignore_ascii_case(id));
        all.iter().find(same).map(|(_, nodes)| nodes.clone())
    };
    for (resource, nodes) in &endpoints {
        let endpoint = |at: &u32| graph.private_endpoints.get(*at as usize).unwrap();
        let id = text(resource, "/properties/privateLinkServiceConnections/0/properties/privateLinkServiceId");
        let target = id.and_then(|id| the(&registries, id));
        let joined = |wanted: &[u32], at: &u32| {
            endpoint(at).connections.items.iter().any(|connection| leads(&connection.registry, wanted))
        };
        if target.is_some_and(|wanted| !nodes.iter().any(|at| joined(&wanted, at))) {
            wrong.push(format!("{} does not lead to its registry", resource["id"]));
        }
        let subnet = text(resource, "/properties/subnet/id").and_then(|id| the(&subnets, id));
        if subnet.is_some_and(|wanted| !nodes.iter().any(|at| leads(&endpoint(at).subnet.subnet, &wanted))) {
            wrong.push(format!("{} is not in its subnet", resource["id"]));
        }
    }
    for (resource, nodes) in &groups {
        let owner =
            text(resource, "/id").and_then(|id| id.to_lowercase().rfind("/privatednszonegroups").map(|at| &id[..at]));
        let owner = owner.and_then(|id| the(&endpoints, id));
        let group = |at: &u32| graph.zone_groups.get(*at as usize).unwrap();
        if owner.is_some_and(|wanted| !nodes.iter().any(|at| leads(&group(at).private_endpoint, &wanted))) {
            wrong.push(format!("{} is not joined to its endpoint", resource["id"]));
        }
    }
    (count, wrong)
}

fn is_module(path: &str) -> bool {
    path.starts_with("arm/") && path.contains("-avm-")
}

#[test]
fn the_defaults_of_modules_are_found_and_joined() {
    let (Some(corpus), Some(engine)) = (shared("corpus"), shared("engine/corpus.jsonl")) else { return };
    let mut all = 0;
    let mut wrong = Vec::new();
    for line in fs::read_to_string(engine).unwrap().lines() {
        let row: Value = serde_json::from_str(line).unwrap();
        let source = row["source"].as_str().unwrap();
        if !is_module(source) || !row["resources"].is_array() {
            continue;
        }
        let (count, mistakes) = compare(&row, &graph(&corpus.join(source)));
        all += count;
        wrong.extend(mistakes.into_iter().map(|mistake| format!("{source}: {mistake}")));
    }
    eprintln!("{all} resources of the engine looked for in the graphs of module templates");
    assert!(all > 20, "only {all} resources were compared");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn state(link: &Link) -> &'static str {
    match link.target {
        Target::Node(_) => "joined",
        Target::Maybe(_) => "maybe",
        Target::Elsewhere => "elsewhere",
        Target::Unknown(_) => "unknown",
        Target::Absent => "absent",
    }
}

/// Where the engine gives no list, what is found is written down: how many there are, and what they are joined to.
#[test]
fn the_graphs_of_modules_stay_as_they_are() {
    let Some(corpus) = shared("corpus") else { return };
    let mut shown = String::new();
    for path in files(&corpus.join("arm")) {
        if !is_module(&format!("arm/{}", name(&path))) {
            continue;
        }
        let graph = graph(&path);
        writeln!(shown, "{}", name(&path)).unwrap();
        let mut line = |what: &str, states: Vec<&'static str>| {
            let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
            for state in &states {
                *counts.entry(state).or_default() += 1;
            }
            let counts: Vec<String> = counts.iter().map(|(state, count)| format!("{count} {state}")).collect();
            if !states.is_empty() {
                writeln!(shown, "    {what}: {}", counts.join(", ")).unwrap();
            }
        };
        let declared = |head: &Head| if head.existing { "existing" } else { "declared" };
        line("registries", graph.registries.iter().map(|node| declared(&node.head)).collect());
        line("endpoints", graph.private_endpoints.iter().map(|node| declared(&node.head)).collect());
        let connections = graph.private_endpoints.iter().flat_map(|node| &node.connections.items);
        line("endpoints, to a registry", connections.map(|connection| state(&connection.registry)).collect());
        line("endpoints, to a subnet", graph.private_endpoints.iter().map(|node| state(&node.subnet.subnet)).collect());
        line(
            "zone groups, to an endpoint",
            graph.zone_groups.iter().map(|node| state(&node.private_endpoint)).collect(),
        );
        let zones = graph.zone_groups.iter().flat_map(|node| &node.configs.items);
        line("zone groups, to a zone", zones.map(|config| state(&config.zone)).collect());
        line("subnets, to a network", graph.subnets.iter().map(|node| state(&node.virtual_network)).collect());
    }
    insta::with_settings!({ snapshot_path => "../testdata/corpus", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("modules", shown) });
}
