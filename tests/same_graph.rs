//! A deployment gives one graph, whatever it is written as: a template, a plan before apply, a state, or what tools dump of it.
//!
//! Compared are the resources of `testdata/equivalent` that each form declares, where they lead, and what decides the verdicts
//! about registries. Ids, addresses, and what only Azure writes are left out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::graph::{Graph, Head, Link, NodeKind};
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::input::{Format, dump, terraform};
use acrlint::lower;
use acrlint::resource::{ResourceId, TypeName};
use acrlint::source::Sources;
use acrlint::value::{Attr, Pattern, State};

fn graph(path: &Path) -> Graph {
    let mut sources = Sources::new();
    let file = sources.add(path.display().to_string(), fs::read_to_string(path).unwrap());
    let text = acrlint::input::read(file, sources.get(file).text());
    assert!(!text.is_broken(), "{}", path.display());
    let (format, trees) = (text.format, text.documents.into_iter().map(|parsed| parsed.tree).collect::<Vec<_>>());
    let known = |ty: &TypeName| NodeKind::of(ty).is_some();
    let loaded = match format {
        Format::ArmTemplate => {
            let (subscription, group) = ("8d1c2a44-0f5e-4b39-9a7e-2f6c51b0e7d3", "rg-images");
            let context = Context {
                subscription: Some(subscription.to_owned()),
                resource_group: Some(group.to_owned()),
                ..Context::default()
            };
            arm::expand(&trees[0], &Assignment::new(), &context, "template", 0, &known)
        }
        Format::Terraform(source) => {
            let about = terraform::About { path: "plan", arena: 0, subscription: None, whole: true };
            terraform::load(&trees[0], source, about, &known)
        }
        Format::Dump(_) => {
            let beside = dump::Beside::default();
            let about = dump::About { path: "", registry: None, beside: &beside, whole: true, others: false };
            dump::load(&trees, about, &known)
        }
        other => panic!("{} is {other:?}", path.display()),
    };
    assert!(loaded.problems.is_empty(), "{}: {:?}", path.display(), loaded.problems);
    lower::lower_listed(loaded.resources, &loaded.listings).graph
}

fn text(attr: &Attr<Pattern>) -> String {
    match &attr.state {
        State::Known(pattern) => pattern.to_string().to_lowercase(),
        State::Absent => "-".to_owned(),
        State::Unknown(_) => "?".to_owned(),
    }
}

/// The names of what a reference leads to, among some heads.
fn to(link: &Link, heads: &[&Head]) -> String {
    let names: Vec<String> =
        link.targets().iter().map(|(at, truth)| format!("{truth:?} {}", text(&heads[*at as usize].name))).collect();
    names.join(" or ")
}

/// The name in the id of a reference that is not looked up.
fn id(link: &Link) -> String {
    let name = link.id.as_ref().and_then(ResourceId::name);
    name.map_or_else(|| "-".to_owned(), |name| name.to_string())
}

macro_rules! heads {
    ($graph:ident.$field:ident) => {
        $graph.$field.iter().map(|node| &node.head).collect::<Vec<&Head>>()
    };
}

/// What a graph says, a line for each resource that is declared.
fn lines(graph: &Graph) -> BTreeSet<String> {
    let (registries, networks, subnets) =
        (heads!(graph.registries), heads!(graph.virtual_networks), heads!(graph.subnets));
    let (endpoints, zones) = (heads!(graph.private_endpoints), heads!(graph.zones));
    let mut lines = BTreeSet::new();
    let mut line = |head: &Head, kind: &str, rest: String| {
        if !head.existing {
            lines.insert(format!("{kind} {}: {rest}", text(&head.name)));
        }
    };
    for node in &graph.registries {
        let rules: Vec<String> = node.ip_rules.items.iter().map(|rule| text(&rule.value)).collect();
        let allowed: Vec<String> =
            node.virtual_network_rules.items.iter().map(|rule| to(&rule.subnet.subnet, &subnets)).collect();
        let settings = [&node.public_network_access, &node.default_action, &node.bypass_options];
        let mut settings: Vec<String> = settings.iter().map(|setting| text(&setting.attr)).collect();
        if settings[0] == "disabled" {
            // Nothing depends on it then; Azure shows Deny, and a plan does not know what nobody writes.
            settings[1].clear();
        }
        line(&node.head, "registry", format!("{} {settings:?} {rules:?} {allowed:?}", text(&node.sku)));
    }
    for node in &graph.replications {
        line(&node.head, "replication", to(&node.registry, &registries));
    }
    for node in &graph.agent_pools {
        line(&node.head, "agent pool", to(&node.registry, &registries));
    }
    for node in &graph.tasks {
        line(&node.head, "task", to(&node.registry, &registries));
    }
    for node in &graph.private_endpoints {
        let connections: Vec<String> = node
            .connections
            .items
            .iter()
            .map(|connection| {
                let groups: Vec<String> = connection.group_ids.items.iter().map(text).collect();
                format!("{} {groups:?} {}", to(&connection.registry, &registries), connection.manual)
            })
            .collect();
        let fixed: BTreeSet<String> = node
            .ip_configurations
            .items
            .iter()
            .map(|fixed| format!("{} {}", text(&fixed.member_name), text(&fixed.address)))
            .collect();
        line(&node.head, "endpoint", format!("{} {connections:?} {fixed:?}", to(&node.subnet.subnet, &subnets)));
    }
    for node in &graph.zone_groups {
        let kept: Vec<String> = node.configs.items.iter().map(|config| to(&config.zone, &zones)).collect();
        line(&node.head, "zone group", format!("{} {kept:?}", to(&node.private_endpoint, &endpoints)));
    }
    for node in graph.zones.iter().filter(|node| !node.referenced) {
        line(&node.head, "zone", String::new());
    }
    for node in &graph.zone_links {
        let networks = to(&node.virtual_network, &networks);
        line(
            &node.head,
            "link",
            format!("{} {networks} {}", to(&node.zone, &zones), text(&node.resolution_policy.attr)),
        );
    }
    for node in &graph.a_records {
        let addresses: Vec<String> = node.addresses.items.iter().map(text).collect();
        line(&node.head, "record", format!("{} {addresses:?}", to(&node.zone, &zones)));
    }
    for node in &graph.virtual_networks {
        let servers: Vec<String> = node.dns_servers.items.iter().map(text).collect();
        line(&node.head, "network", format!("{servers:?}"));
    }
    for node in &graph.subnets {
        let prefixes: Vec<String> = node.prefixes.items.iter().map(text).collect();
        let services: Vec<String> = node.service_endpoints.items.iter().map(text).collect();
        let gateway = node.nat_gateway.value().and_then(|id| ResourceId::new(id.clone()).name());
        let gateway = gateway.map_or_else(String::new, |name| name.to_string());
        let network = to(&node.virtual_network, &networks);
        let table = to(&node.route_table, &heads!(graph.route_tables));
        line(&node.head, "subnet", format!("{network} {prefixes:?} {services:?} {gateway} {table}"));
    }
    for node in &graph.peerings {
        line(
            &node.head,
            "peering",
            format!("{} {}", to(&node.virtual_network, &networks), to(&node.remote, &networks)),
        );
    }
    for node in &graph.public_addresses {
        line(&node.head, "address", text(&node.address));
    }
    for node in &graph.address_prefixes {
        line(&node.head, "range", text(&node.range));
    }
    for node in &graph.nat_gateways {
        let [addresses, ranges] =
            [&node.addresses, &node.prefixes].map(|all| all.items.iter().map(id).collect::<Vec<_>>());
        line(&node.head, "gateway", format!("{addresses:?} {ranges:?}"));
    }
    for node in &graph.firewalls {
        let doors =
            node.configurations.items.iter().map(|door| format!("{} {}", id(&door.subnet), id(&door.public_address)));
        line(&node.head, "firewall", format!("{:?}", doors.collect::<Vec<_>>()));
    }
    for node in &graph.aks_clusters {
        let pools: Vec<String> = node.pools.items.iter().map(|pool| to(&pool.subnet.subnet, &subnets)).collect();
        line(&node.head, "cluster", format!("{pools:?}"));
    }
    for node in &graph.container_groups {
        line(&node.head, "container group", String::new());
    }
    for node in &graph.container_apps {
        line(&node.head, "container app", to(&node.environment, &heads!(graph.managed_environments)));
    }
    for node in &graph.managed_environments {
        line(&node.head, "environment", to(&node.subnet.subnet, &subnets));
    }
    lines
}

/// What a dump shows that no deployment declares: what zone groups write, and the replication of the home region.
fn is_azures(line: &str, template: &BTreeSet<String>) -> bool {
    let has = |kind: &str| template.iter().any(|line| line.starts_with(kind));
    line.starts_with("record ") && has("zone group ") && !has("record ")
        || line.starts_with("replication westeurope:") && has("replication ")
}

#[test]
fn a_deployment_gives_one_graph_in_every_form() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/equivalent");
    let mut cases: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.retain(|case| case.is_dir());
    assert!(cases.len() >= 12);
    let mut wrong = Vec::new();
    for case in cases {
        let template = lines(&graph(&case.join("template.json")));
        assert!(!template.is_empty(), "{}: {template:?}", case.display());
        for form in ["plan", "state", "dump"] {
            let other = lines(&graph(&case.join(form).with_extension("json")));
            for line in template.difference(&other) {
                wrong.push(format!("{} {form} lacks  {line}", case.file_name().unwrap().display()));
            }
            let more = other.difference(&template).filter(|line| form != "dump" || !is_azures(line, &template));
            for line in more {
                wrong.push(format!("{} {form} has    {line}", case.file_name().unwrap().display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{} differences\n{}", wrong.len(), wrong.join("\n"));
}
