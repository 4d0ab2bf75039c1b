//! Whether a network resolves a registry to a private endpoint that nothing leads to from it.
//!
//! In: the graph, and what is known of a client's network. Out: [`CutOff`]. Must not know: rules, names of clients.
//!
//! Peerings do not pass traffic on, but a firewall or a gateway in a network between may ("Hub-spoke network topology"); so a
//! network is only taken for cut off where no peerings lead to the endpoint at all, or the one between both networks is
//! not connected. Nothing is said where a gateway may lead there.

use crate::catalog::answer::{home, note};
use crate::catalog::{Place, names};
use crate::graph::{Graph, Link, Peering, PrivateEndpoint};
use crate::value::{Pattern, Truth};

use super::reach::Networks;
use super::records::{managed, records_of_name};

/// Whether the clients of a network have a private address of a registry, and no way to it.
#[derive(Debug)]
pub(in crate::catalog) struct CutOff {
    pub(in crate::catalog) truth: Truth,
    /// What is missing, in words.
    pub(in crate::catalog) why: String,
    pub(in crate::catalog) places: Vec<Place>,
}

/// What is known of a client's network.
pub(super) struct Seen<'a> {
    pub(super) registry: u32,
    pub(super) link: &'a Link,
    pub(super) private_path: Truth,
    pub(super) azure_dns: Truth,
    /// The zones that are linked to it: zone, link, truth.
    pub(super) zones: &'a [(u32, u32, Truth)],
}

/// See [`CutOff`].
pub(super) fn cut_off(graph: &Graph, reach: &Networks<'_>, seen: &Seen<'_>) -> CutOff {
    let node = seen.link.node().and_then(|at| graph.virtual_networks.get(at));
    let at = node.map_or(seen.link.origin, |node| home(&node.head));
    let nothing = |truth| CutOff { truth, why: String::new(), places: vec![note(at, "the clients are here")] };
    let endpoints = reach.endpoints(seen.registry);
    if seen.private_path == Truth::True || endpoints.is_empty() {
        return nothing(Truth::False);
    }
    let resolves = resolves(graph, seen, endpoints).and(seen.azure_dns);
    if resolves == Truth::False || seen.private_path == Truth::Unknown {
        return nothing(resolves.and(Truth::Unknown));
    }
    let mut truth = Truth::True;
    let mut why = String::new();
    let mut places = vec![note(at, "the clients are here")];
    for (endpoint, _) in endpoints {
        let Some(endpoint) = graph.private_endpoints.get(*endpoint as usize) else { continue };
        let theirs = &endpoint.subnet.virtual_network;
        let mut peerings = reach.between(seen.link, theirs);
        let between = peerings.find(|(_, between)| *between == Truth::True).map(|(peering, _)| peering);
        let apart = match between {
            Some(_) => Truth::True,
            None => !reach.chained(seen.link, theirs),
        };
        truth = truth.and(apart).and(if has_gateway(graph, theirs) { Truth::Unknown } else { Truth::True });
        places.push(note(endpoint.subnet.subnet.origin, "the private endpoint is here"));
        if why.is_empty() {
            why = words(graph, between, theirs, endpoint);
        }
    }
    let elsewhere = !graph.hidden_deployments.is_empty() || has_gateway(graph, seen.link);
    if elsewhere {
        truth = truth.and(Truth::Unknown);
    }
    CutOff { truth: truth.and(resolves), why, places }
}

/// Whether clients get the address of a private endpoint: a zone that is linked to their network has a record for the
/// registry, or a zone group keeps one there.
fn resolves(graph: &Graph, seen: &Seen<'_>, endpoints: &[(u32, Truth)]) -> Truth {
    let Some(registry) = graph.registries.get(seen.registry as usize) else { return Truth::False };
    let base = names::base(registry);
    let of_zone = |(zone, _, linked): &(u32, u32, Truth)| {
        let (kept, _) = managed(graph, seen.registry, endpoints, *zone);
        let records = records_of_name(graph, *zone, &base, note(seen.link.origin, "the network"));
        let written = records.members.iter().map(|record| record.related).max().unwrap_or(Truth::False);
        linked.and(kept.or(written))
    };
    seen.zones.iter().map(of_zone).max().unwrap_or(Truth::False)
}

/// Whether a network has, or may have, a gateway to other networks: it has the subnet for one, or is not in the input.
fn has_gateway(graph: &Graph, link: &Link) -> bool {
    let Some(at) = link.node() else { return true };
    let subnets = graph.incoming.subnets.get(at).map(Vec::as_slice).unwrap_or_default();
    let is_for_gateways = |(subnet, _): &(u32, Truth)| {
        let name = graph.subnets.get(*subnet as usize).and_then(|subnet| names::pattern(&subnet.head.name));
        name.is_none_or(|name| names::same(&name, "GatewaySubnet") != Truth::False)
    };
    let node = graph.virtual_networks.get(at);
    node.is_none_or(|node| node.head.existing || node.inline_subnets.open.is_some())
        || subnets.iter().any(is_for_gateways)
}

fn words(graph: &Graph, between: Option<&Peering>, theirs: &Link, endpoint: &PrivateEndpoint) -> String {
    let node = theirs.node().and_then(|at| graph.virtual_networks.get(at));
    let name = node.and_then(|node| names::pattern(&node.head.name)).unwrap_or_default();
    let own = names::pattern(&endpoint.head.name).unwrap_or_default();
    match between {
        Some(peering) => {
            let state = peering.state.value().map(Pattern::to_string);
            let state = state.map_or_else(|| "carries no traffic".to_owned(), |state| format!("is {state}"));
            let peering = names::pattern(&peering.head.name).unwrap_or_default();
            format!("peering {peering} with virtual network {name}, where private endpoint {own} is, {state}")
        }
        None => format!("no peering leads to virtual network {name}, where private endpoint {own} is"),
    }
}
