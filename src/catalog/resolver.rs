//! Whether the resolver that clients of a network ask gets to Azure's own.
//!
//! In: the servers of a network, and what configurations of resolvers say. Out: rows for the table of client networks. Must
//! not know: rules, verdicts.
//!
//! Only Azure's resolver knows private zones, and only where it is asked from a network that is linked to them ("Azure
//! Private Endpoint DNS integration"). A server is described where a configuration says that it is asked at the address.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::answer::{decided, fact, note, place, text};
use super::{Datum, Fact, Model, Place, Subject, names};
use crate::graph::{Forwarder, Subnet, VirtualNetwork};
use crate::value::{Attr, Pattern, Truth};

/// So many servers stand one behind the other at most.
const CHAIN: usize = 4;

/// What is known of the servers of a network, of which one at least is described.
struct Described<'m> {
    /// The server to speak of: one that does not get to Azure's resolver, where there is one.
    server: &'m Attr<Pattern>,
    /// What it asks for names of registries.
    upstream: Option<&'m Attr<Pattern>>,
    /// Whether all servers get there.
    reaches: Truth,
    places: Vec<Place>,
}

/// What all of several say: where they differ, nobody knows which is asked.
fn all(truths: impl IntoIterator<Item = Truth>) -> Option<Truth> {
    truths.into_iter().reduce(|one, other| if one == other { one } else { Truth::Unknown })
}

/// The network whose servers the clients ask.
fn network(m: &Model, s: Subject) -> Option<&VirtualNetwork> {
    let network = &m.derived().networks[s.at()];
    let node = network.link.node().filter(|_| !network.own_resolver)?;
    m.graph.virtual_networks.get(node)
}

/// The address in `10.0.0.4`, `10.0.0.4:53`, `10.0.0.4#53` or `10.0.0.4@853#name`; a name as it is.
fn host(upstream: &Attr<Pattern>) -> String {
    let text = upstream.as_literal().unwrap_or_default();
    let front = text.split(['#', '@']).next().unwrap_or_default();
    front.parse::<SocketAddr>().map_or_else(|_| front.to_owned(), |socket| socket.ip().to_string())
}

/// What the server at an address uses for a registry's names: the forwarders of the longest zone.
fn forwarders_at<'m>(m: &'m Model, address: &str, name: &str) -> Vec<&'m Forwarder> {
    // How much of the name a zone takes; the root, a dot, is the shortest zone of all.
    let length = |forwarder: &Forwarder| match forwarder.zone.as_literal()? {
        "." => Some(0),
        zone if name == zone => Some(zone.len()),
        zone => name.strip_suffix(zone)?.ends_with('.').then_some(zone.len()),
    };
    let listens = |forwarder: &&Forwarder| {
        forwarder.listens.items.iter().filter_map(Attr::as_literal).any(|listens| listens == address)
    };
    let described = m.graph.forwarders.iter().filter(listens);
    let fitting: Vec<_> = described.filter_map(|forwarder| Some((length(forwarder)?, forwarder))).collect();
    let longest = fitting.iter().map(|(length, _)| *length).max();
    fitting.into_iter().filter(|(length, _)| Some(*length) == longest).map(|(_, forwarder)| forwarder).collect()
}

/// Whether what forwarders ask gets to Azure's resolver.
fn reaches(m: &Model, forwarders: &[&Forwarder], name: &str, chain: usize, places: &mut Vec<Place>) -> Truth {
    // What another file adds is not known.
    let open = |forwarder: &&Forwarder| !forwarder.include.is_absent() || forwarder.upstreams.open.is_some();
    let included = forwarders.iter().any(open);
    let upstreams = forwarders.iter().flat_map(|forwarder| &forwarder.upstreams.items);
    let truths = upstreams.map(|upstream| {
        let address = host(upstream);
        places.push(note(upstream.origin, &format!("it asks {address}")));
        let next = forwarders_at(m, &address, name);
        match address.parse::<IpAddr>() {
            _ if address == names::AZURE_DNS => Truth::True,
            _ if !next.is_empty() && chain > 0 => reaches(m, &next, name, chain - 1, places),
            Ok(IpAddr::V4(address)) if next.is_empty() && !address.is_private() && !address.is_loopback() => {
                Truth::False
            }
            // A private address may be a resolver in Azure, and a name anything.
            Ok(_) | Err(_) => Truth::Unknown,
        }
    });
    all(truths).filter(|_| !included).unwrap_or(Truth::Unknown)
}

fn described(m: &Model, s: Subject) -> Option<Described<'_>> {
    let registry = m.graph.registries.get(m.derived().networks[s.at()].registry as usize)?;
    let servers = &network(m, s)?.dns_servers;
    let suffix = names::suffixes(registry).first()?;
    let name = format!("registry.{suffix}");
    // Of a list that goes on elsewhere, the rest is not known.
    let mut truths: Vec<Truth> = servers.open.iter().map(|_| Truth::Unknown).collect();
    let mut spoken_of: Option<Described<'_>> = None;
    for server in &servers.items {
        let address = server.as_literal().unwrap_or_default();
        let forwarders = forwarders_at(m, address, &name);
        let mut places = vec![note(server.origin, "the clients of the network ask this server")];
        truths.push(match forwarders.as_slice() {
            _ if address == names::AZURE_DNS => Truth::True,
            [] => Truth::Unknown,
            found => reaches(m, found, &name, CHAIN, &mut places),
        });
        let worse = spoken_of.as_ref().is_none_or(|before| truths.last() < Some(&before.reaches));
        if !forwarders.is_empty() && worse {
            let upstream = forwarders.iter().find_map(|forwarder| forwarder.upstreams.items.first());
            let reaches = truths.last().copied().unwrap_or(Truth::Unknown);
            spoken_of = Some(Described { server, upstream, reaches, places });
        }
    }
    let reaches = all(truths).unwrap_or(Truth::Unknown);
    spoken_of.map(|described| Described { reaches, ..described })
}

/// The address of a server that a configuration describes.
pub(super) fn server(m: &Model, s: Subject) -> Fact {
    match described(m, s) {
        Some(found) => text(found.server),
        None => nothing_described(m, s),
    }
}

/// What that server asks for names of registries.
pub(super) fn upstream(m: &Model, s: Subject) -> Fact {
    match described(m, s).and_then(|found| found.upstream) {
        Some(upstream) => text(upstream),
        None => nothing_described(m, s),
    }
}

/// Whether the servers of the network get to Azure's resolver.
pub(super) fn reaches_azure_dns(m: &Model, s: Subject) -> Fact {
    match described(m, s) {
        Some(found) => decided(found.reaches, "what the servers of the network ask", found.places),
        None => nothing_described(m, s),
    }
}

/// The first server of the network of which nothing tells that it gets to Azure's resolver, where that is so of all: it is
/// not that one, no configuration describes it, and it is neither a firewall nor a resolver of Azure that the input has.
pub(super) fn undescribed(m: &Model, s: Subject) -> Fact {
    let nothing = || nothing_described(m, s);
    let Some(node) = network(m, s) else { return nothing() };
    let of_azure = |server: &Attr<Pattern>| {
        let address = names::trimmed(server).and_then(|text| text.parse::<IpAddr>().ok());
        address.is_none_or(|address| address.to_string() == names::AZURE_DNS || may_forward(m, address))
    };
    let described = |server: &Attr<Pattern>| {
        let asked = names::trimmed(server);
        let listens = |forwarder: &Forwarder| forwarder.listens.items.iter().any(|one| names::trimmed(one) == asked);
        m.graph.forwarders.iter().any(listens)
    };
    let servers = &node.dns_servers;
    if servers.items.iter().any(|server| of_azure(server) || described(server)) {
        return nothing();
    }
    if let Some(open) = &servers.open {
        return fact(Datum::Unknown(Arc::clone(open)), vec![place(servers.at)]);
    }
    servers.items.first().map_or_else(nothing, text)
}

/// Whether a firewall is at an address, or a resolver of Azure: in their subnets nothing else is.
fn may_forward(m: &Model, address: IpAddr) -> bool {
    let of_resolvers = |subnet: &&Subnet| {
        let name = names::trimmed(&subnet.head.name).unwrap_or_default();
        let delegated = |to: &Attr<Pattern>| names::attr_is(to, "Microsoft.Network/dnsResolvers") != Truth::False;
        name.eq_ignore_ascii_case("AzureFirewallSubnet") || subnet.delegations.items.iter().any(delegated)
    };
    let holds = |range: &Attr<Pattern>| {
        let range = names::trimmed(range).and_then(|text| text.parse::<ipnet::IpNet>().ok());
        range.is_some_and(|range| range.contains(&address))
    };
    let firewalls = m.graph.firewalls.iter().flat_map(|firewall| &firewall.configurations.items);
    let mut firewalls = firewalls.filter_map(|one| names::trimmed(&one.private_address));
    m.graph.subnets.iter().filter(of_resolvers).any(|subnet| subnet.prefixes.items.iter().any(holds))
        || firewalls.any(|text| text.parse() == Ok(address))
}

fn nothing_described(m: &Model, s: Subject) -> Fact {
    fact(Datum::Absent, vec![place(m.derived().networks[s.at()].link.origin)])
}
