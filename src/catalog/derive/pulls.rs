//! Who pulls images from which registry.
//!
//! In: the graph. Out: [`Pull`]s of a client, one for each registry. Must not know: whether a pull is let in.

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::answer::{note, place};
use crate::catalog::model::Name;
use crate::catalog::{Place, Subject, names};
use crate::graph::{Credential, Graph, ImageHost, Link, List, Registry, Setting};
use crate::value::{Attr, Origin, Part, Pattern, State, Symbol, Truth, Unknown};

use super::reach::Networks;

/// The pull of images from one registry by one client.
#[derive(Debug)]
pub(in crate::catalog) struct Pull {
    pub(in crate::catalog) client: Subject,
    pub(in crate::catalog) host: Attr<Pattern>,
    /// The registries of the input that the host is or may be.
    pub(in crate::catalog) registries: Vec<(u32, Truth)>,
    pub(in crate::catalog) identity: Attr<bool>,
    pub(in crate::catalog) password: Attr<bool>,
    pub(in crate::catalog) injected: (Truth, Vec<Place>),
    /// For web apps.
    pub(in crate::catalog) over_network: Option<Setting<bool>>,
    pub(in crate::catalog) private_path: (Truth, Vec<Place>),
}

impl Pull {
    /// Tells it from the others of its client.
    pub(in crate::catalog) fn key(&self, graph: &Graph) -> String {
        match self.registries.as_slice() {
            [(at, Truth::True)] => graph.registries.get(*at as usize).map(|node| node.head.id.to_string()),
            _ => names::pattern(&self.host).map(|host| host.to_lowercase().to_string()),
        }
        .unwrap_or_default()
    }
}

/// A host, the registries that it may be, and where it stands.
struct Source {
    host: Attr<Pattern>,
    registries: Vec<(u32, Truth)>,
}

/// The registries by their hosts.
pub(super) struct Hosts<'g> {
    graph: &'g Graph,
    /// Those that answer for a host which is written out, and for such hosts only.
    by_host: HashMap<String, Vec<u32>>,
    others: Vec<u32>,
}

impl<'g> Hosts<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut hosts = Self { graph, by_host: HashMap::new(), others: Vec::new() };
        for (at, registry) in (0_u32..).zip(&graph.registries) {
            let mine = names::hosts(registry);
            if names::base(registry).is_err() || mine.iter().any(|host| host.as_literal().is_none()) {
                hosts.others.push(at);
                continue;
            }
            for host in mine.iter().filter_map(Pattern::as_literal) {
                let list = hosts.by_host.entry(host.to_owned()).or_default();
                if list.last() != Some(&at) {
                    list.push(at);
                }
            }
        }
        hosts
    }

    /// The registries that a host names or may name, in their order.
    pub(super) fn find(&self, host: &Attr<Pattern>) -> Vec<(u32, Truth)> {
        let literal = host.as_literal().map(str::to_lowercase);
        let mut candidates: Vec<u32> = match literal {
            Some(host) => self.by_host.get(&host).into_iter().flatten().chain(&self.others).copied().collect(),
            None => (0_u32..).zip(&self.graph.registries).map(|(at, _)| at).collect(),
        };
        candidates.sort_unstable();
        let named = |at: u32| self.graph.registries.get(at as usize).map(|node| (at, names::host_is(host, node)));
        candidates.into_iter().filter_map(named).filter(|(_, truth)| *truth != Truth::False).collect()
    }
}

/// The distinct registries that a client pulls from.
fn sources(graph: &Graph, by_host: &Hosts<'_>, images: &List<ImageHost>, servers: &[Credential]) -> Vec<Source> {
    let mut sources: Vec<Source> = Vec::new();
    let hosts = images.items.iter().map(|image| &image.host).chain(servers.iter().map(|server| &server.server));
    for host in hosts {
        let mut registries = by_host.find(host);
        if let Some(certain) = registries.iter().find(|(_, truth)| *truth == Truth::True).copied() {
            registries = vec![certain];
        }
        let host = match registries.as_slice() {
            [(at, Truth::True)] => named(host, graph.registries.get(*at as usize)),
            _ => host.clone(),
        };
        if registries.is_empty() && !names::is_any_registry(&host) {
            continue;
        }
        let same = |other: &Source| match (other.registries.as_slice(), registries.as_slice()) {
            ([(a, Truth::True)], [(b, Truth::True)]) => a == b,
            _ => match (names::pattern(&other.host), names::pattern(&host)) {
                (Some(a), Some(b)) => a.to_lowercase() == b.to_lowercase(),
                (None | Some(_), _) => false,
            },
        };
        if !sources.iter().any(same) {
            sources.push(Source { host, registries });
        }
    }
    sources
}

/// A host that only Azure can tell in full, by the name of the registry that it is known to lead to.
fn named(host: &Attr<Pattern>, registry: Option<&Registry>) -> Attr<Pattern> {
    let written = names::pattern(host).unwrap_or_default();
    let (Some(registry), [Part::Hole(hole)]) = (registry, written.parts()) else { return host.clone() };
    match (names::base(registry), names::suffixes(registry)) {
        (Ok(mut name), [suffix]) => {
            name.push_str(".");
            name.push_str(suffix);
            Attr::known(name, host.origin)
        }
        (Ok(_) | Err(_), _) => {
            let text = format!("loginServer of {}", registry.head.address);
            let symbol = Symbol::new(text, registry.head.id.key());
            Attr::known(Pattern::hole(&Arc::new(Unknown::new(hole.reason, symbol).with_hole(hole.hole))), host.origin)
        }
    }
}

/// What the credentials of a client say for a host.
fn credential(graph: &Graph, list: &List<Credential>, source: &Source) -> (Attr<bool>, Attr<bool>) {
    let mut maybe = None;
    for credential in &list.items {
        let certain = match source.registries.as_slice() {
            [(at, Truth::True)] => graph.registries.get(*at as usize),
            _ => None,
        };
        let server = &credential.server;
        let truth = match (certain, names::pattern(&source.host), names::pattern(server)) {
            (Some(registry), ..) => names::host_is(server, registry),
            (None, Some(a), Some(b)) => a.to_lowercase().same(&b.to_lowercase()),
            (None, None | Some(_), _) => Truth::Unknown,
        };
        match truth {
            Truth::True => return (credential.identity.clone(), credential.password.clone()),
            Truth::Unknown => maybe = maybe.or(Some(credential)),
            Truth::False => {}
        }
    }
    let unknown = |at: Origin| {
        let unknown = crate::catalog::answer::not_in_input("the credentials for the registry", Some(&place(at)));
        (Attr::unknown(unknown.clone(), at), Attr::unknown(unknown, at))
    };
    match (maybe, &list.open) {
        (Some(credential), _) => unknown(credential.server.origin),
        (None, Some(open)) => (Attr::unknown(open.clone(), list.at), Attr::unknown(open.clone(), list.at)),
        (None, None) => (Attr::known(false, list.at), Attr::known(false, list.at)),
    }
}

/// Whether the private endpoint of the registry that is pulled from is in reach of a network.
fn path(reach: &Networks<'_>, registries: &[(u32, Truth)], network: &Link) -> (Truth, Vec<Place>) {
    match registries {
        [(registry, _)] => reach.in_reach(*registry, network),
        [] | [..] => (Truth::Unknown, vec![place(network.origin)]),
    }
}

fn is_written(link: &Link) -> Truth {
    match (&link.id, &link.target) {
        (Some(_), _) => Truth::True,
        (None, crate::graph::Target::Absent) => Truth::False,
        (None, _) => Truth::Unknown,
    }
}

/// The pulls of a container group.
///
/// Whether a group in a network pulls from inside it is not documented, so a path that could serve is not certain.
pub(super) fn of_container_group(graph: &Graph, hosts: &Hosts<'_>, reach: &Networks<'_>, at: u32) -> Vec<Pull> {
    let Some(node) = graph.container_groups.get(at as usize) else { return Vec::new() };
    let injected: Truth = match (&node.subnets.open, node.subnets.items.is_empty()) {
        (_, false) => Truth::True,
        (Some(_), true) => Truth::Unknown,
        (None, true) => Truth::False,
    };
    sources(graph, hosts, &node.images, &node.credentials.items)
        .into_iter()
        .map(|source| {
            let (identity, password) = credential(graph, &node.credentials, &source);
            let mut private_path = (injected.and(Truth::Unknown), vec![place(node.subnets.at)]);
            if let Some(subnet) = node.subnets.items.first() {
                private_path = path(reach, &source.registries, &subnet.virtual_network);
                private_path.0 = private_path.0.and(Truth::Unknown);
            }
            Pull {
                client: Name::ContainerGroup.node(at),
                host: source.host.clone(),
                registries: source.registries,
                identity,
                password,
                injected: (injected, vec![place(node.subnets.at)]),
                over_network: None,
                private_path,
            }
        })
        .collect()
}

/// The pulls of a web app.
pub(super) fn of_web_app(graph: &Graph, hosts: &Hosts<'_>, reach: &Networks<'_>, at: u32) -> Vec<Pull> {
    let Some(node) = graph.web_apps.get(at as usize) else { return Vec::new() };
    let integrated = is_written(&node.subnet.subnet);
    sources(graph, hosts, &node.images, &[])
        .into_iter()
        .map(|source| {
            let routed = match &node.pulls_over_vnet.attr.state {
                State::Known(on) => (*on).into(),
                State::Absent | State::Unknown(_) => Truth::Unknown,
            };
            let mut over_network = node.pulls_over_vnet.clone();
            if integrated == Truth::False && routed == Truth::True {
                // Without a network there is nothing to pull over, whatever the switch says.
                over_network.attr = Attr::known(false, node.subnet.subnet.origin);
            }
            let mut private_path = path(reach, &source.registries, &node.subnet.virtual_network);
            private_path.0 = private_path.0.and(routed);
            Pull {
                client: Name::WebApp.node(at),
                host: source.host.clone(),
                registries: source.registries,
                identity: node.managed_identity.attr.clone(),
                password: node.password.clone(),
                injected: (integrated, vec![place(node.subnet.subnet.origin)]),
                over_network: Some(over_network),
                private_path,
            }
        })
        .collect()
}

/// The pulls of a container app.
pub(super) fn of_container_app(graph: &Graph, hosts: &Hosts<'_>, reach: &Networks<'_>, at: u32) -> Vec<Pull> {
    let Some(node) = graph.container_apps.get(at as usize) else { return Vec::new() };
    let environment = node.environment.node().and_then(|at| graph.managed_environments.get(at));
    sources(graph, hosts, &node.images, &node.credentials.items)
        .into_iter()
        .map(|source| {
            let (identity, password) = credential(graph, &node.credentials, &source);
            let (injected, private_path) = match environment {
                Some(environment) => {
                    let injected = is_written(&environment.subnet.subnet);
                    let mut path = path(reach, &source.registries, &environment.subnet.virtual_network);
                    if path.0 == Truth::False {
                        let name = names::pattern(&environment.head.name).unwrap_or_default();
                        let network = if injected == Truth::False { ", which is in no virtual network" } else { "" };
                        let text = format!("the app runs in environment {name}{network}");
                        path.1.insert(0, note(environment.subnet.subnet.origin, &text));
                    }
                    (injected, path)
                }
                None => (Truth::Unknown, (Truth::Unknown, vec![place(node.environment.origin)])),
            };
            let at_network = environment.map_or(node.environment.origin, |node| node.subnet.subnet.origin);
            Pull {
                client: Name::ContainerApp.node(at),
                host: source.host.clone(),
                registries: source.registries,
                identity,
                password,
                injected: (injected, vec![place(at_network)]),
                over_network: None,
                private_path,
            }
        })
        .collect()
}
