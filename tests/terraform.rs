//! Plans and states: every resource that matters is a node with its address, every reference an edge, and nothing is known
//! that the plan does not know.
//!
//! The genuine plans and samples lie beside the checkout.

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
use std::time::{Duration, Instant};

use acrlint::cli::{self, Exit, Streams};
use acrlint::graph::{Graph, Head, Link, NodeKind, Target};
use acrlint::input::{Format, Loaded, terraform};
use acrlint::lower;
use acrlint::source::Sources;
use acrlint::value::{Attr, Pattern, State};
use serde_json::{Value, json};

fn testdata(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(path)
}

/// Exit code, and the report.
fn check(arguments: &[&str]) -> (Exit, Value) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let arguments = ["acrlint", "check", "--format", "json"].iter().chain(arguments).map(OsString::from);
    let exit = cli::run(arguments, &mut streams);
    (exit, serde_json::from_slice(&out).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&err))))
}

/// Reads a text as the command line does.
fn load(name: &str, text: &str) -> Loaded {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let read = acrlint::input::read(file, sources.get(file).text());
    let Format::Terraform(source) = read.format else { panic!("{name} is {:?}", read.format) };
    let about = terraform::About { path: name, arena: 0, subscription: None, whole: !read.is_broken() };
    terraform::load(&read.documents[0].tree, source, about, &|ty| NodeKind::of(ty).is_some())
}

fn graph(name: &str, text: &str) -> Graph {
    let loaded = load(name, text);
    assert!(loaded.problems.is_empty(), "{name}: {:?}", loaded.problems);
    let lowered = lower::lower_listed(loaded.resources, &loaded.listings);
    assert!(lowered.problems.is_empty(), "{name}: {:?}", lowered.problems);
    lowered.graph
}

/// The genuine plans: name, the whole record, and the plan as text.
fn genuine(file: &str) -> Option<Vec<(String, Value, String)>> {
    let path = beside::shared(&format!("azurerm/{file}"))?;
    let text = fs::read_to_string(path).unwrap();
    let plans = text.lines().map(|line| {
        let record: Value = serde_json::from_str(line).unwrap();
        let plan = serde_json::to_string_pretty(&record["plan"]).unwrap();
        (record["name"].as_str().unwrap().to_owned(), record, plan)
    });
    Some(plans.collect())
}

/// Every node by its address.
fn heads(graph: &Graph) -> BTreeMap<String, &Head> {
    let mut heads = BTreeMap::new();
    macro_rules! add {
        ($($field:ident),+) => {
            $(for node in &graph.$field {
                heads.insert(node.head.address.to_string(), &node.head);
            })+
        };
    }
    add!(
        registries,
        replications,
        agent_pools,
        tasks,
        connected_registries,
        private_endpoints,
        zone_groups,
        zones,
        zone_links,
        a_records,
        virtual_networks,
        subnets,
        peerings,
        security_groups,
        route_tables,
        defender_pricings,
        provider_registrations,
        aks_clusters,
        aks_pools,
        container_groups,
        web_apps,
        managed_environments,
        container_apps,
        virtual_machines,
        network_interfaces
    );
    heads
}

/// The types that are a node of their own, as this test knows them.
const NODES: [&str; 34] = [
    "azurerm_container_registry",
    "azurerm_container_registry_agent_pool",
    "azurerm_container_registry_task",
    "azurerm_container_connected_registry",
    "azurerm_private_endpoint",
    "azurerm_private_dns_zone",
    "azurerm_private_dns_zone_virtual_network_link",
    "azurerm_private_dns_a_record",
    "azurerm_virtual_network",
    "azurerm_subnet",
    "azurerm_virtual_network_peering",
    "azurerm_network_security_group",
    "azurerm_route_table",
    "azurerm_security_center_subscription_pricing",
    "azurerm_resource_provider_registration",
    "azurerm_kubernetes_cluster",
    "azurerm_kubernetes_cluster_node_pool",
    "azurerm_container_group",
    "azurerm_linux_web_app",
    "azurerm_windows_web_app",
    "azurerm_linux_function_app",
    "azurerm_windows_function_app",
    "azurerm_linux_web_app_slot",
    "azurerm_windows_web_app_slot",
    "azurerm_linux_function_app_slot",
    "azurerm_app_service",
    "azurerm_function_app",
    "azurerm_container_app_environment",
    "azurerm_container_app",
    "azurerm_linux_virtual_machine",
    "azurerm_windows_virtual_machine",
    "azurerm_linux_virtual_machine_scale_set",
    "azurerm_windows_virtual_machine_scale_set",
    "azurerm_network_interface",
];

fn changes(plan: &Value) -> impl Iterator<Item = &Value> {
    plan["resource_changes"].as_array().unwrap().iter().filter(|change| change["mode"] == "managed")
}

fn stays(change: &Value) -> bool {
    change["change"]["actions"] != json!(["delete"])
}

#[test]
fn every_resource_that_matters_is_a_node_with_its_address() {
    for file in ["plans.jsonl", "changes.jsonl"] {
        let Some(plans) = genuine(file) else { return };
        let mut count = 0;
        for (name, record, plan) in &plans {
            let graph = graph(name, plan);
            let heads = heads(&graph);
            for change in changes(&record["plan"]) {
                let (ty, address) = (change["type"].as_str().unwrap(), change["address"].as_str().unwrap());
                if NODES.contains(&ty) {
                    assert_eq!(heads.contains_key(address), stays(change), "{name}: {address}");
                    count += usize::from(stays(change));
                }
            }
        }
        assert!(count > 100, "{count} nodes in {file}");
    }
}

/// The links of a graph: from an address, by an attribute, to the addresses that they certainly or perhaps lead to.
fn links(graph: &Graph) -> Vec<(String, &'static str, BTreeSet<String>, bool)> {
    let mut found = Vec::new();
    macro_rules! to {
        ($from:expr, $attribute:literal, $link:expr, $field:ident) => {
            let link: &Link = $link;
            let certain = matches!(link.target, Target::Node(_));
            let targets = link.targets().into_iter().map(|(at, _)| graph.$field[at as usize].head.address.to_string());
            found.push(($from.head.address.to_string(), $attribute, targets.collect(), certain));
        };
    }
    for node in &graph.private_endpoints {
        to!(node, "subnet_id", &node.subnet.subnet, subnets);
        for connection in &node.connections.items {
            to!(node, "private_connection_resource_id", &connection.registry, registries);
        }
    }
    for node in &graph.zone_groups {
        for config in &node.configs.items {
            let endpoint = node.head.address.replace(".private_dns_zone_group[0]", "");
            let certain = matches!(config.zone.target, Target::Node(_));
            let targets =
                config.zone.targets().into_iter().map(|(at, _)| graph.zones[at as usize].head.address.to_string());
            found.push((endpoint, "private_dns_zone_ids", targets.collect(), certain));
        }
    }
    for node in &graph.zone_links {
        to!(node, "private_dns_zone_name", &node.zone, zones);
        to!(node, "virtual_network_id", &node.virtual_network, virtual_networks);
    }
    for node in &graph.a_records {
        to!(node, "zone_name", &node.zone, zones);
    }
    for node in &graph.subnets {
        to!(node, "virtual_network_name", &node.virtual_network, virtual_networks);
        to!(node, "network_security_group_id", &node.security_group, security_groups);
        to!(node, "route_table_id", &node.route_table, route_tables);
    }
    for node in &graph.peerings {
        to!(node, "virtual_network_name", &node.virtual_network, virtual_networks);
        to!(node, "remote_virtual_network_id", &node.remote, virtual_networks);
    }
    for node in &graph.agent_pools {
        to!(node, "container_registry_name", &node.registry, registries);
        to!(node, "virtual_network_subnet_id", &node.subnet.subnet, subnets);
    }
    for node in &graph.tasks {
        to!(node, "container_registry_id", &node.registry, registries);
    }
    for node in &graph.connected_registries {
        to!(node, "container_registry_id", &node.registry, registries);
    }
    for node in &graph.registries {
        for rule in &node.virtual_network_rules.items {
            to!(node, "subnet_id", &rule.subnet.subnet, subnets);
        }
    }
    for node in &graph.aks_clusters {
        for pool in &node.pools.items {
            to!(node, "vnet_subnet_id", &pool.subnet.subnet, subnets);
        }
    }
    for node in &graph.aks_pools {
        to!(node, "vnet_subnet_id", &node.subnet.subnet, subnets);
    }
    for node in &graph.container_groups {
        for subnet in &node.subnets.items {
            to!(node, "subnet_ids", &subnet.subnet, subnets);
        }
    }
    for node in &graph.web_apps {
        to!(node, "virtual_network_subnet_id", &node.subnet.subnet, subnets);
    }
    for node in &graph.managed_environments {
        to!(node, "infrastructure_subnet_id", &node.subnet.subnet, subnets);
    }
    for node in &graph.container_apps {
        to!(node, "container_app_environment_id", &node.environment, managed_environments);
    }
    for node in &graph.virtual_machines {
        for interface in &node.interfaces.items {
            to!(node, "network_interface_ids", interface, network_interfaces);
        }
        for subnet in &node.subnets.items {
            to!(node, "subnet_id", &subnet.subnet, subnets);
        }
    }
    for node in &graph.network_interfaces {
        for subnet in &node.subnets.items {
            to!(node, "subnet_id", &subnet.subnet, subnets);
        }
    }
    found
}

/// The attributes that refer to another node, and what they refer to. An association speaks for its subnet or app.
const EDGES: [(&str, &str); 17] = [
    ("subnet_id", "azurerm_subnet"),
    ("vnet_subnet_id", "azurerm_subnet"),
    ("subnet_ids", "azurerm_subnet"),
    ("virtual_network_subnet_id", "azurerm_subnet"),
    ("infrastructure_subnet_id", "azurerm_subnet"),
    ("private_connection_resource_id", "azurerm_container_registry"),
    ("private_dns_zone_ids", "azurerm_private_dns_zone"),
    ("private_dns_zone_name", "azurerm_private_dns_zone"),
    ("zone_name", "azurerm_private_dns_zone"),
    ("virtual_network_id", "azurerm_virtual_network"),
    ("virtual_network_name", "azurerm_virtual_network"),
    ("remote_virtual_network_id", "azurerm_virtual_network"),
    ("container_registry_name", "azurerm_container_registry"),
    ("container_registry_id", "azurerm_container_registry"),
    ("container_app_environment_id", "azurerm_container_app_environment"),
    ("network_interface_ids", "azurerm_network_interface"),
    ("network_security_group_id", "azurerm_network_security_group"),
];

/// What stands before the address of a resource in a module.
fn front(path: &[String]) -> String {
    let mut front = String::new();
    for name in path {
        write!(front, "module.{name}.").unwrap();
    }
    front
}

/// The references of an expression, without the parts of each that stand behind it.
fn own_references(expression: &Value) -> Vec<&str> {
    let mut own: Vec<&str> = Vec::new();
    for reference in expression["references"].as_array().into_iter().flatten().map(|text| text.as_str().unwrap()) {
        if !own.last().is_some_and(|last| last.starts_with(reference)) {
            own.push(reference);
        }
    }
    own
}

/// Those of some resources that the key at the end of a reference names, if any.
fn chosen(plan: &Value, reference: &str, all: BTreeSet<String>) -> BTreeSet<String> {
    let Some((_, key)) = reference.split_once("[\"") else { return all };
    let key = key.trim_end_matches("\"]");
    let named = |address: &&String| {
        changes(plan).any(|change| change["address"] == **address && change["change"]["after"]["name"] == key)
    };
    let some: BTreeSet<String> = all.iter().filter(named).cloned().collect();
    if some.is_empty() { all } else { some }
}

/// The same plan as it is before the first apply: nothing is there, and no id is known.
fn unapplied(plan: &Value) -> Value {
    let mut plan = plan.clone();
    plan["prior_state"] = Value::Null;
    plan["planned_values"] = Value::Null;
    for change in plan["resource_changes"].as_array_mut().unwrap() {
        if change["change"]["actions"] == json!(["delete"]) {
            continue;
        }
        change["change"]["actions"] = json!(["create"]);
        change["change"]["before"] = Value::Null;
        let mut after = change["change"]["after"].take();
        let unknown = without_ids(&mut after);
        change["change"]["after_unknown"] = both(change["change"]["after_unknown"].take(), unknown);
        change["change"]["after"] = after;
    }
    plan
}

/// What one of two masks marks.
fn both(a: Value, b: Value) -> Value {
    match (a, b) {
        (Value::Bool(true), _) | (_, Value::Bool(true)) => json!(true),
        (Value::Object(mut a), Value::Object(b)) => {
            for (name, mask) in b {
                let old = a.remove(&name).unwrap_or(Value::Null);
                a.insert(name, both(old, mask));
            }
            Value::Object(a)
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            Value::Array(a.into_iter().zip(b).map(|(a, b)| both(a, b)).collect())
        }
        (a @ (Value::Object(_) | Value::Array(_)), _) => a,
        (_, b) => b,
    }
}

/// Takes the ids out of a value, and says which they were.
fn without_ids(value: &mut Value) -> Value {
    match value {
        Value::Object(members) => {
            let mut unknown = serde_json::Map::new();
            for (name, member) in members.iter_mut() {
                let below = without_ids(member);
                if below == true || below.is_array() || below.is_object() {
                    unknown.insert(name.clone(), below);
                }
            }
            members.retain(|name, _| unknown.get(name) != Some(&json!(true)));
            Value::Object(unknown)
        }
        Value::Array(items) => {
            let below: Vec<Value> = items.iter_mut().map(without_ids).collect();
            // The provider's lists of text are unknown as a whole.
            if below.contains(&json!(true)) { json!(true) } else { Value::Array(below) }
        }
        Value::String(text) if text.starts_with("/subscriptions/") => json!(true),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json!(false),
    }
}

/// The resources that an expression refers to, through inputs and outputs of modules: a walk of its own over the
/// configuration, which knows nothing of the program's. Modules and resources have one instance each in it.
fn resources_behind(plan: &Value, module: &[String], expression: &Value, found: &mut BTreeSet<String>) {
    let configuration = &plan["configuration"];
    let at = |path: &[String]| {
        path.iter().fold(&configuration["root_module"], |node, name| &node["module_calls"][name]["module"])
    };
    for reference in own_references(expression) {
        let pieces: Vec<&str> = reference.split(['.', '[']).collect();
        match pieces.as_slice() {
            ["var", name, ..] => {
                if let Some((last, around)) = module.split_last() {
                    let call = &at(around)["module_calls"][last];
                    let mut all = BTreeSet::new();
                    resources_behind(plan, around, &call["expressions"][name], &mut all);
                    found.extend(chosen(plan, reference, all));
                }
            }
            ["module", name, output, ..] => {
                let mut inner = module.to_vec();
                inner.push((*name).to_owned());
                let mut all = BTreeSet::new();
                resources_behind(plan, &inner, &at(&inner)["outputs"][output]["expression"], &mut all);
                found.extend(chosen(plan, reference, all));
            }
            ["data" | "local" | "each" | "count" | "path", ..] => {}
            [ty, name, _, ..] => {
                let front = front(module);
                found.insert(format!("{front}{ty}.{name}"));
            }
            [..] => {}
        }
    }
}

/// Every attribute under a name in a block and the blocks in it.
fn expressions<'v>(body: &'v Value, name: &str, found: &mut Vec<&'v Value>) {
    match body {
        Value::Object(members) => {
            for (key, value) in members {
                if key == name {
                    found.push(value);
                }
                expressions(value, name, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| expressions(item, name, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn modules(module: &Value, path: &[String], see: &mut dyn FnMut(&Value, &[String])) {
    see(module, path);
    for (name, call) in module["module_calls"].as_object().into_iter().flatten() {
        let mut inner = path.to_vec();
        inner.push(name.clone());
        modules(&call["module"], &inner, see);
    }
}

#[test]
fn every_reference_is_an_edge() {
    for (file, applied) in [("plans.jsonl", true), ("changes.jsonl", true), ("changes.jsonl", false)] {
        let Some(plans) = genuine(file) else { return };
        let (mut count, mut open) = (0, BTreeSet::new());
        for (name, record, _) in &plans {
            let plan_json = &if applied { record["plan"].clone() } else { unapplied(&record["plan"]) };
            let graph = graph(name, &plan_json.to_string());
            let (links, heads) = (links(&graph), heads(&graph));
            let staying: BTreeSet<&str> = changes(plan_json)
                .filter(|change| stays(change))
                .map(|change| change["address"].as_str().unwrap())
                .collect();
            modules(&plan_json["configuration"]["root_module"], &[], &mut |module, path| {
                for resource in module["resources"].as_array().into_iter().flatten() {
                    let front = front(path);
                    let block = format!("{front}{}", resource["address"].as_str().unwrap());
                    let ty = resource["type"].as_str().unwrap();
                    let instances: Vec<&&str> =
                        staying.iter().filter(|a| **a == block || a.starts_with(&format!("{block}["))).collect();
                    for (attribute, target) in EDGES {
                        let mut written = Vec::new();
                        expressions(&resource["expressions"], attribute, &mut written);
                        let mut behind = BTreeSet::new();
                        for expression in written {
                            resources_behind(plan_json, path, expression, &mut behind);
                        }
                        behind.retain(|address| {
                            address.rsplit('.').nth(1) == Some(target)
                                && staying.iter().any(|a| *a == address || a.starts_with(&format!("{address}[")))
                        });
                        for to in behind {
                            for instance in &instances {
                                // An association is told of its subnet or app.
                                let from = match ty {
                                    "azurerm_subnet_network_security_group_association" => {
                                        if attribute == "subnet_id" {
                                            continue;
                                        }
                                        let mut subnets = BTreeSet::new();
                                        resources_behind(
                                            plan_json,
                                            path,
                                            &resource["expressions"]["subnet_id"],
                                            &mut subnets,
                                        );
                                        subnets.into_iter().find(|a| a.contains("azurerm_subnet.")).unwrap()
                                    }
                                    _ if NODES.contains(&ty) => (**instance).to_owned(),
                                    _ => continue,
                                };
                                assert!(heads.contains_key(&from), "{name}: {from}");
                                let mine = |link: &&(String, &str, BTreeSet<String>, bool)| {
                                    link.0 == from && link.1 == attribute
                                };
                                let leads = |address: &String| *address == to || address.starts_with(&format!("{to}["));
                                let edge = links.iter().filter(mine).find(|link| link.2.iter().any(leads));
                                let all: Vec<_> = links.iter().filter(mine).collect();
                                let edge = edge.unwrap_or_else(|| panic!("{name}: {from} {attribute} {to}: {all:?}"));
                                if !edge.3 {
                                    open.insert(format!("{name}: {from} {attribute} {to}"));
                                }
                                count += 1;
                            }
                        }
                    }
                }
            });
        }
        // `count.index` chooses in a way that a plan does not show.
        open.retain(|edge| !edge.contains("peering") || !edge.contains("remote_virtual_network_id"));
        assert!(open.is_empty(), "{file}: {open:#?}");
        assert!(count > 40, "{count} edges in {file}");
    }
}

/// What a graph says of an attribute.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
enum Knowledge {
    Known,
    Absent,
    Unknown,
}

fn knowledge<T>(attr: &Attr<T>) -> Knowledge {
    match &attr.state {
        State::Known(_) => Knowledge::Known,
        State::Absent => Knowledge::Absent,
        State::Unknown(_) => Knowledge::Unknown,
    }
}

fn text(attr: &Attr<Pattern>) -> Knowledge {
    match attr.value() {
        Some(pattern) if pattern.first_hole().is_some() => Knowledge::Unknown,
        _ => knowledge(attr),
    }
}

fn list<T>(list: &acrlint::graph::List<T>) -> Knowledge {
    match (&list.open, list.items.is_empty()) {
        (Some(_), _) => Knowledge::Unknown,
        (None, true) => Knowledge::Absent,
        (None, false) => Knowledge::Known,
    }
}

/// What a plan says of an attribute.
fn planned(change: &Value, attribute: &str) -> Knowledge {
    let change = &change["change"];
    if change["after_unknown"][attribute] == true {
        return Knowledge::Unknown;
    }
    match &change["after"][attribute] {
        Value::Null => Knowledge::Absent,
        Value::Array(items) if items.is_empty() => Knowledge::Absent,
        _ => Knowledge::Known,
    }
}

#[test]
fn what_the_plan_knows_the_graph_knows_and_nothing_else() {
    for file in ["plans.jsonl", "changes.jsonl"] {
        let Some(plans) = genuine(file) else { return };
        let mut count = 0;
        for (name, record, plan) in &plans {
            let graph = graph(name, plan);
            let by_address: BTreeMap<&str, &Value> =
                changes(&record["plan"]).map(|change| (change["address"].as_str().unwrap(), change)).collect();
            let mut compare = |head: &Head, attribute: &str, found: Knowledge, default: bool| {
                let Some(change) = by_address.get(&*head.address) else { return };
                let mut wanted = planned(change, attribute);
                if wanted == Knowledge::Absent && default {
                    wanted = Knowledge::Known;
                }
                assert_eq!(found, wanted, "{name}: {}.{attribute}", head.address);
                count += 1;
            };
            for node in &graph.registries {
                compare(&node.head, "name", text(&node.head.name), false);
                compare(&node.head, "location", text(&node.head.location), false);
                compare(&node.head, "sku", text(&node.sku), false);
                compare(&node.head, "public_network_access_enabled", text(&node.public_network_access.attr), true);
                compare(&node.head, "network_rule_bypass_option", text(&node.bypass_options.attr), true);
                compare(&node.head, "network_rule_set", text(&node.default_action.attr), true);
                compare(&node.head, "data_endpoint_enabled", knowledge(&node.data_endpoint.attr), true);
                compare(&node.head, "anonymous_pull_enabled", knowledge(&node.anonymous_pull.attr), true);
                compare(&node.head, "export_policy_enabled", text(&node.export_policy.attr), true);
            }
            for node in &graph.subnets {
                compare(&node.head, "address_prefixes", list(&node.prefixes), false);
                compare(&node.head, "service_endpoints", list(&node.service_endpoints), false);
                compare(&node.head, "delegation", list(&node.delegations), false);
            }
            for node in &graph.virtual_networks {
                compare(&node.head, "address_space", list(&node.address_space), false);
                compare(&node.head, "location", text(&node.head.location), false);
            }
            for node in &graph.a_records {
                compare(&node.head, "records", list(&node.addresses), false);
            }
            for node in &graph.zone_links {
                compare(&node.head, "registration_enabled", knowledge(&node.registration_enabled.attr), true);
            }
            for node in &graph.private_endpoints {
                compare(&node.head, "location", text(&node.head.location), false);
                compare(&node.head, "private_service_connection", list(&node.connections), false);
            }
            for node in &graph.container_apps {
                compare(&node.head, "location", text(&node.head.location), false);
            }
            for node in &graph.peerings {
                compare(&node.head, "allow_virtual_network_access", knowledge(&node.allow_access.attr), true);
            }
            for node in &graph.agent_pools {
                compare(&node.head, "instance_count", knowledge(&node.count), false);
            }
            for node in &graph.tasks {
                compare(&node.head, "agent_pool_name", text(&node.agent_pool_name), false);
                compare(&node.head, "is_system_task", knowledge(&node.is_system_task.attr), true);
            }
            for node in &graph.defender_pricings {
                compare(&node.head, "tier", text(&node.pricing_tier), false);
            }
        }
        assert!(count > 150, "{count} attributes in {file}");
    }
}

#[test]
fn the_findings_of_the_genuine_plans() {
    let folder = tempfile::tempdir().unwrap();
    let mut shown = String::new();
    for file in ["plans.jsonl", "changes.jsonl"] {
        let Some(plans) = genuine(file) else { return };
        for (name, _, plan) in plans {
            let path = folder.path().join("plan.json");
            fs::write(&path, plan).unwrap();
            let (_, report) = check(&[&path.to_string_lossy()]);
            let all = report["findings"].as_array().unwrap();
            let violations = all.iter().filter(|finding| finding["outcome"] == "violation");
            let open = all.iter().filter(|finding| finding["outcome"] == "open").count();
            let mut lines: Vec<String> = violations
                .map(|finding| {
                    format!(
                        "  {} {} at {}",
                        finding["level"].as_str().unwrap(),
                        finding["rule"].as_str().unwrap(),
                        finding["resource"]["address"].as_str().unwrap()
                    )
                })
                .collect();
            lines.sort();
            lines.extend(
                report["problems"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|problem| format!("  problem {}", problem["message"])),
            );
            if !lines.is_empty() {
                writeln!(shown, "{name} ({open} open)\n{}", lines.join("\n")).unwrap();
            }
        }
    }
    insta::with_settings!({ snapshot_path => "../testdata/terraform", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("genuine", shown) });
}

#[test]
fn samples_of_others_are_read_or_refused_with_a_reason() {
    let mut shown = String::new();
    for kind in ["tfplan", "tfstate"] {
        let Some(folder) = beside::shared(&format!("corpus/{kind}")) else { return };
        let mut paths: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        for path in paths {
            let start = Instant::now();
            let (exit, report) = check(&[&path.to_string_lossy()]);
            assert!(start.elapsed() < Duration::from_secs(1), "{} took {:?}", path.display(), start.elapsed());
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            let format = report["files"][0]["format"].as_str().unwrap_or("?");
            let problems = report["problems"].as_array().unwrap();
            let reasons: Vec<_> = problems.iter().map(|problem| problem["message"].as_str().unwrap()).collect();
            assert_eq!(exit == Exit::Unusable, !reasons.is_empty(), "{name}: {reasons:?}");
            writeln!(shown, "{name}: {format} {}", reasons.join("; ")).unwrap();
        }
    }
    insta::with_settings!({ snapshot_path => "../testdata/terraform", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("samples", shown) });
}

/// A plan of `terraform_data` alone, its blocks called as the resources of a provider that they stand for.
fn disguised(plan: &Value) -> String {
    let mut text = plan.to_string();
    for (front, ty) in
        [("subnet_", "azurerm_subnet"), ("pe_", "azurerm_private_endpoint"), ("aci_", "azurerm_container_group")]
    {
        text = text.replace(&format!("terraform_data.{front}"), &format!("{ty}.{front}"));
    }
    let mut plan: Value = serde_json::from_str(&text).unwrap();
    rename(&mut plan);
    plan.to_string()
}

fn rename(value: &mut Value) {
    match value {
        Value::Object(members) => {
            let ty = members.get("address").and_then(Value::as_str).and_then(|address| {
                ["azurerm_subnet", "azurerm_private_endpoint", "azurerm_container_group"]
                    .into_iter()
                    .find(|ty| address.contains(&format!("{ty}.")))
            });
            if let Some(ty) = ty {
                members.insert("type".to_owned(), json!(ty));
                let to = match ty {
                    "azurerm_private_endpoint" => "subnet_id",
                    "azurerm_container_group" => "subnet_ids",
                    _ => "other",
                };
                for part in ["expressions", "values"] {
                    move_member(members.get_mut(part), to);
                }
                for part in ["after", "after_unknown"] {
                    move_member(members.get_mut("change").and_then(|change| change.get_mut(part)), to);
                }
            }
            members.values_mut().for_each(rename);
        }
        Value::Array(items) => items.iter_mut().for_each(rename),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn move_member(object: Option<&mut Value>, to: &str) {
    if let Some(members) = object.and_then(Value::as_object_mut)
        && let Some(value) = members.remove("input")
    {
        members.insert(to.to_owned(), value);
    }
}

#[test]
fn references_are_followed_in_every_form() {
    let plan: Value =
        serde_json::from_str(&fs::read_to_string(testdata("terraform/references/plan.json")).unwrap()).unwrap();
    let graph = graph("references", &disguised(&plan));
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (from, attribute, to, certain) in links(&graph) {
        if attribute.starts_with("subnet_id") {
            let to: BTreeSet<String> = if certain { to } else { BTreeSet::new() };
            found.entry(from).or_default().extend(to);
        }
    }
    let wanted = [
        ("azurerm_private_endpoint.pe_direct", "azurerm_subnet.subnet_one"),
        ("azurerm_private_endpoint.pe_literal_key", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("azurerm_private_endpoint.pe_by_key[\"aks\"]", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("azurerm_private_endpoint.pe_by_key[\"pe\"]", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_by_index[0]", "azurerm_subnet.subnet_count[0]"),
        ("azurerm_private_endpoint.pe_by_index[1]", "azurerm_subnet.subnet_count[1]"),
        ("azurerm_private_endpoint.pe_chained[\"aks\"]", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("azurerm_private_endpoint.pe_chained[\"pe\"]", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_by_value[\"first\"]", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_container_group.aci_splat", "azurerm_subnet.subnet_count[0] azurerm_subnet.subnet_count[1]"),
        ("azurerm_private_endpoint.pe_local", ""),
        ("azurerm_private_endpoint.pe_either", ""),
        ("module.endpoint[\"aks\"].azurerm_private_endpoint.pe_input", "azurerm_subnet.subnet_each[\"aks\"]"),
        ("module.endpoint[\"pe\"].azurerm_private_endpoint.pe_input", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_output", "azurerm_subnet.subnet_each[\"pe\"]"),
        ("azurerm_private_endpoint.pe_output_map", "module.endpoint[\"aks\"].azurerm_subnet.subnet_inner[\"two\"]"),
    ];
    let found: BTreeMap<String, String> =
        found.into_iter().map(|(from, to)| (from, to.into_iter().collect::<Vec<_>>().join(" "))).collect();
    let wanted: BTreeMap<String, String> =
        wanted.into_iter().map(|(from, to)| (from.to_owned(), to.to_owned())).collect();
    assert_eq!(found, wanted);
    // Nothing that is not followed is equal to anything else.
    let unknown: Vec<&str> = graph
        .private_endpoints
        .iter()
        .filter(|node| !matches!(node.subnet.subnet.target, Target::Node(_)))
        .filter_map(|node| node.subnet.subnet.id.as_ref().map(acrlint::resource::ResourceId::key))
        .collect();
    assert_eq!(unknown.iter().collect::<BTreeSet<_>>().len(), unknown.len(), "{unknown:?}");
}

#[test]
#[expect(clippy::disallowed_methods, reason = "the test runs Terraform; the program starts no process")]
fn the_committed_plan_is_what_terraform_makes() {
    let there = std::process::Command::new("terraform").arg("version").output().is_ok_and(|done| done.status.success());
    if !there {
        let _ = std::io::Write::write_fmt(&mut std::io::stderr(), format_args!("NOT TESTED: terraform is not there\n"));
        return;
    }
    let folder = testdata("terraform/references");
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/terraform_plan.sh");
    let made = std::process::Command::new("sh").arg(script).arg(&folder).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let bare = |text: &[u8]| {
        let mut plan: Value = serde_json::from_slice(text).unwrap();
        for name in ["timestamp", "terraform_version", "format_version"] {
            plan.as_object_mut().unwrap().remove(name);
        }
        // Their order is another one each time.
        plan["relevant_attributes"].as_array_mut().unwrap().sort_by_key(Value::to_string);
        plan
    };
    assert_eq!(bare(&made.stdout), bare(&fs::read(folder.join("plan.json")).unwrap()));
}

#[test]
fn what_is_cut_off_never_passes_as_clean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut.json");
    for case in ["public-access-disabled/plan.json", "zone-not-linked/plan.json", "zone-not-linked/state.json"] {
        let text = fs::read_to_string(testdata("equivalent").join(case)).unwrap();
        let end = text.trim_end().len();
        for step in 0..60 {
            let at = (1..=end * step / 60).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(1);
            fs::write(&path, &text[..at]).unwrap();
            let (exit, report) = check(&[&path.to_string_lossy()]);
            assert_eq!(exit, Exit::Unusable, "{case} cut at {at}: {report}");
            let presumed = report["findings"].as_array().unwrap().iter().filter(|f| f["outcome"] == "violation");
            for finding in presumed {
                assert_eq!(finding["certainty"], "proven", "{case} cut at {at}: {finding}");
            }
        }
    }
}

#[test]
fn other_formats_are_refused_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("plan.json");
    let refused = |bytes: &[u8]| {
        fs::write(&path, bytes).unwrap();
        let (exit, report) = check(&[&path.to_string_lossy()]);
        assert_eq!(exit, Exit::Unusable, "{report}");
        let problem = &report["problems"][0];
        (problem["code"].as_str().unwrap().to_owned(), problem["help"].as_str().unwrap_or_default().to_owned())
    };
    let (code, _) = refused(br#"{"format_version": "2.0", "planned_values": {}, "resource_changes": []}"#);
    assert_eq!(code, "terraform-version");
    let (code, help) = refused(br#"{"version": 3, "terraform_version": "0.11.14", "modules": []}"#);
    assert_eq!(code, "terraform-version");
    assert!(help.contains("terraform show -json"), "{help}");
    let (code, help) = refused(b"PK\x03\x04\x14\x00\x08\x00\xff\xfe\x00tfplan\x00\xff");
    assert_eq!(code, "terraform-binary-plan");
    assert!(help.contains("terraform show -json"), "{help}");
    let (code, help) = refused(br#"{"@level": "info", "@message": "Terraform 1.11.4", "type": "version"}"#);
    assert_eq!(code, "terraform-version");
    assert!(help.contains("terraform show -json"), "{help}");
    fs::write(&path, br#"{"format_version": "1.9", "planned_values": [], "resource_changes": {}}"#).unwrap();
    let (exit, report) = check(&[&path.to_string_lossy()]);
    assert_eq!((exit, report["problems"][0]["code"].as_str()), (Exit::Findings, Some("terraform-part")));

    // What PowerShell writes.
    let plan = fs::read_to_string(testdata("equivalent/public-access-disabled/plan.json")).unwrap();
    let bytes: Vec<u8> = "\u{feff}".encode_utf16().chain(plan.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    fs::write(&path, bytes).unwrap();
    let (_, report) = check(&[&path.to_string_lossy()]);
    assert_eq!(report["files"][0]["format"], "terraform-plan");
    assert!(report["findings"].as_array().unwrap().iter().any(|f| f["rule"] == "acr-public-disabled-no-pe"));

    // Sources without a plan.
    fs::remove_file(&path).unwrap();
    fs::write(folder.path().join("main.tf"), "").unwrap();
    for more in [&[][..], &["--allow-empty"][..]] {
        let folder = folder.path().to_string_lossy().into_owned();
        let arguments: Vec<&str> = more.iter().copied().chain([folder.as_str()]).collect();
        let (_, report) = check(&arguments);
        let notes = report["notes"].to_string();
        assert!(notes.contains("terraform plan -out") && notes.contains("terraform show -json"), "{notes}");
    }
}
