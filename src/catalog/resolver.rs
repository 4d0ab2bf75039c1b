//! Whether the resolver that clients of a network ask gets to Azure's own.
//!
//! In: the servers of a network, and what configurations of resolvers say. Out: rows for the table of client networks. Must
//! not know: rules, verdicts.
//!
//! Only Azure's resolver knows private zones, and only where it is asked from a network that is linked to them ("Azure
//! Private Endpoint DNS integration"). A server is described where a configuration says that it is asked at the address.

use std::net::IpAddr;

use super::answer::{decided, fact, note, place, text};
use super::{Datum, Fact, Model, Place, Subject};
use crate::graph::Forwarder;
use crate::value::{Attr, Pattern, Truth};

/// Azure's own resolver, which every network has ("What is IP address 168.63.129.16?").
pub(super) const AZURE_DNS: &str = "168.63.129.16";

/// So many servers stand one behind the other at most.
const CHAIN: usize = 4;

/// A server of a network that a configuration describes.
struct Described<'m> {
    server: &'m Attr<Pattern>,
    /// What it asks for names of registries.
    forwarder: &'m Forwarder,
    reaches: Truth,
    places: Vec<Place>,
}

fn literal(attr: &Attr<Pattern>) -> Option<&str> {
    attr.value().and_then(Pattern::as_literal)
}

/// The addresses that the clients of a network ask.
fn servers(m: &Model, s: Subject) -> Vec<&Attr<Pattern>> {
    let network = &m.derived().networks[s.at()];
    if network.own_resolver {
        return Vec::new();
    }
    let node = network.link.node().and_then(|at| m.graph.virtual_networks.get(at));
    node.into_iter().flat_map(|node| &node.dns_servers.items).collect()
}

/// The forwarder that the server at an address uses for a registry's names: that of the longest zone.
fn forwarder_at<'m>(m: &'m Model, address: &str, name: &str) -> Option<&'m Forwarder> {
    let fits =
        |zone: &str| zone == "." || name == zone || name.strip_suffix(zone).is_some_and(|front| front.ends_with('.'));
    let described = m.graph.forwarders.iter().filter(|forwarder| {
        let listens = forwarder.listens.items.iter().filter_map(literal).any(|listens| listens == address);
        listens && literal(&forwarder.zone).is_some_and(fits)
    });
    // The root, a dot, is the shortest zone of all.
    described
        .max_by_key(|forwarder| literal(&forwarder.zone).map_or(0, |zone| if zone == "." { 0 } else { zone.len() }))
}

/// Whether what a forwarder asks gets to Azure's resolver.
fn reaches(m: &Model, forwarder: &Forwarder, name: &str, chain: usize, places: &mut Vec<Place>) -> Truth {
    let mut all: Option<Truth> = None;
    for upstream in &forwarder.upstreams.items {
        let host = literal(upstream).unwrap_or_default();
        let address = host.split(['#', '@']).next().unwrap_or_default();
        places.push(note(upstream.origin, &format!("it asks {address}")));
        let truth = match (address.parse::<IpAddr>(), forwarder_at(m, address, name)) {
            _ if address == AZURE_DNS => Truth::True,
            (_, Some(next)) if chain > 0 => reaches(m, next, name, chain - 1, places),
            (Ok(IpAddr::V4(address)), None) if !address.is_private() && !address.is_loopback() => Truth::False,
            // A private address may be a resolver in Azure, and a name anything.
            (Ok(_) | Err(_), _) => Truth::Unknown,
        };
        all = Some(match all {
            Some(before) if before != truth => Truth::Unknown,
            Some(_) | None => truth,
        });
    }
    match all {
        Some(truth) if forwarder.include.is_absent() => truth,
        Some(_) | None => Truth::Unknown,
    }
}

fn described(m: &Model, s: Subject) -> Option<Described<'_>> {
    let registry = m.graph.registries.get(m.derived().networks[s.at()].registry as usize)?;
    let suffix = super::names::suffixes(registry).first()?;
    let name = format!("registry.{suffix}");
    servers(m, s).into_iter().find_map(|server| {
        let forwarder = forwarder_at(m, literal(server)?, &name)?;
        let mut places = vec![note(server.origin, "the clients of the network ask this server")];
        let reaches = reaches(m, forwarder, &name, CHAIN, &mut places);
        Some(Described { server, forwarder, reaches, places })
    })
}

/// The address of a server that a configuration describes.
pub(super) fn server(m: &Model, s: Subject) -> Fact {
    match described(m, s) {
        Some(found) => text(found.server),
        None => fact(Datum::Absent, vec![place(m.derived().networks[s.at()].link.origin)]),
    }
}

/// What that server asks for names of registries.
pub(super) fn upstream(m: &Model, s: Subject) -> Fact {
    match described(m, s).and_then(|found| found.forwarder.upstreams.items.first()) {
        Some(upstream) => text(upstream),
        None => fact(Datum::Absent, vec![place(m.derived().networks[s.at()].link.origin)]),
    }
}

/// Whether that gets to Azure's resolver.
pub(super) fn reaches_azure_dns(m: &Model, s: Subject) -> Fact {
    match described(m, s) {
        Some(found) => decided(found.reaches, "what the server's upstream asks", found.places),
        None => fact(Datum::Absent, vec![place(m.derived().networks[s.at()].link.origin)]),
    }
}
