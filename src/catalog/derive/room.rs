//! How many addresses the private endpoints of registries need in their subnets, and how many there are.
//!
//! In: the graph. Out: a [`Room`] for each subnet with such an endpoint. Must not know: whether that is enough.
//!
//! An endpoint takes an address for the registry and one for the data endpoint of each of its regions, with regional
//! endpoints a further one for each region; Azure keeps five of each range ("Connect privately to an Azure container
//! registry", "Azure Virtual Network FAQ"). What else is in a subnet is only counted as far as the input shows it.

use std::collections::{BTreeMap, HashSet};

use ipnet::IpNet;

use crate::catalog::answer::note;
use crate::catalog::model::Name;
use crate::catalog::{Place, names};
use crate::graph::{Graph, MANY, NetworkInterface, PrivateEndpoint, Registry, Target};
use crate::value::Truth;

use super::records::regions;

/// What is needed of a subnet, and what it has.
#[derive(Debug)]
pub(in crate::catalog) struct Room {
    pub(in crate::catalog) subnet: u32,
    /// So many addresses are needed for certain.
    pub(in crate::catalog) least: u64,
    /// So many may be needed.
    pub(in crate::catalog) most: u64,
    /// So many can be given out; nothing where a range is not known.
    pub(in crate::catalog) usable: Option<u64>,
    /// What needs them.
    pub(in crate::catalog) places: Vec<Place>,
    /// "pe-images 5, other interfaces 2".
    pub(in crate::catalog) words: Vec<String>,
}

/// Addresses of each range that Azure keeps.
const KEPT: u64 = 5;
/// More regions than Azure has for registries: what the replications that are not in the input may need.
const ALL_REGIONS: u64 = 80;

/// The subnets with private endpoints of registries.
pub(super) fn rooms(graph: &Graph) -> Vec<Room> {
    let mut endpoints: BTreeMap<u32, Vec<(u32, Truth)>> = BTreeMap::new();
    let mut of_registries = HashSet::new();
    // The addresses that endpoints may take which may be in very many subnets, and so in any.
    let mut anywhere = 0;
    for (at, endpoint) in (0_u32..).zip(&graph.private_endpoints) {
        if matches!(&endpoint.subnet.subnet.target, Target::Maybe(all) if all.len() > MANY) {
            anywhere += most(graph, endpoint);
            continue;
        }
        for (subnet, truth) in endpoint.subnet.subnet.targets() {
            if targets_registry(endpoint) {
                of_registries.insert(subnet);
            }
            endpoints.entry(subnet).or_default().push((at, truth));
        }
    }
    endpoints.retain(|subnet, _| of_registries.contains(subnet));
    let others = if endpoints.is_empty() { BTreeMap::new() } else { interfaces(graph) };
    let room = |(subnet, list): (u32, Vec<(u32, Truth)>)| {
        let mut room = Room {
            subnet,
            least: 0,
            most: anywhere,
            usable: usable(graph, subnet),
            places: Vec::new(),
            words: Vec::new(),
        };
        for (at, inside) in list {
            let Some(endpoint) = graph.private_endpoints.get(at as usize) else { continue };
            let (least, _) = need(graph, endpoint);
            let inside = inside.and(endpoint.head.exists);
            let certain = inside == Truth::True;
            room.least += if certain { least } else { 0 };
            room.most += if inside == Truth::False { 0 } else { most(graph, endpoint) };
            if certain {
                let name = names::pattern(&endpoint.head.name).unwrap_or_default();
                room.words.push(format!("private endpoint {name} {least}"));
                let text = format!("an endpoint that takes {least} addresses here");
                room.places.push(note(endpoint.subnet.subnet.origin, &text));
            }
        }
        if let Some(count) = others.get(&subnet) {
            room.least += count;
            room.most += count;
            room.words.push(format!("other network interfaces {count}"));
        }
        room
    };
    endpoints.into_iter().map(room).collect()
}

fn targets_registry(endpoint: &PrivateEndpoint) -> bool {
    endpoint.connections.items.iter().any(|connection| match connection.registry.node() {
        Some(_) => true,
        None => {
            let ty = connection.registry.id.as_ref().and_then(|id| id.ty());
            ty == Some("microsoft.containerregistry/registries")
        }
    })
}

/// The most addresses that an endpoint, or all that a loop makes of it, may take.
fn most(graph: &Graph, endpoint: &PrivateEndpoint) -> u64 {
    need(graph, endpoint).1 + if endpoint.head.repeated { ALL_REGIONS } else { 0 }
}

/// The addresses that an endpoint takes: at least, and at most.
fn need(graph: &Graph, endpoint: &PrivateEndpoint) -> (u64, u64) {
    let registry = endpoint.connections.items.iter().find_map(|connection| connection.registry.node());
    let Some(at) = registry.filter(|_| targets_registry(endpoint)) else {
        // Of a registry that is not in the input the login server and one region are certain; others take one at least.
        return if targets_registry(endpoint) { (2, 1 + 2 * ALL_REGIONS) } else { (1, 1) };
    };
    let (Some(node), Ok(number)) = (graph.registries.get(at), u32::try_from(at)) else { return (1, 1) };
    let regional = names::attr_is(&node.regional_endpoints.attr, "Enabled");
    let all = regions(graph, number);
    let certain = all.iter().filter(|region| region.truth == Truth::True).count() as u64;
    let mut possible = all.len() as u64;
    if !all_replications(graph, node, at) {
        possible += ALL_REGIONS;
    }
    let times = |regional: bool| if regional { 2 } else { 1 };
    (1 + certain * times(regional == Truth::True), 1 + possible * times(regional != Truth::False))
}

/// Whether the input has every replication of a registry.
fn all_replications(graph: &Graph, node: &Registry, at: usize) -> bool {
    let list = graph.incoming.replications.get(at).map(Vec::as_slice).unwrap_or_default();
    let repeated = list
        .iter()
        .filter_map(|(at, _)| graph.replications.get(*at as usize))
        .any(|replication| replication.head.repeated);
    let listed = || Name::Replication.ty().and_then(|ty| graph.listings.within(ty, &node.head.id)).is_some();
    !repeated && !node.head.existing && (!node.head.seen || node.head.managed || listed())
}

/// The addresses that a subnet can give out.
fn usable(graph: &Graph, subnet: u32) -> Option<u64> {
    let node = graph.subnets.get(subnet as usize)?;
    if node.prefixes.open.is_some() || node.prefixes.items.is_empty() {
        return None;
    }
    let mut all = 0_u64;
    for prefix in &node.prefixes.items {
        match prefix.as_literal()?.trim().parse().ok()? {
            IpNet::V4(range) => {
                let size = 1_u64 << (32 - u32::from(range.prefix_len()));
                all += size.saturating_sub(KEPT);
            }
            // Endpoints of registries have addresses of version 4 only.
            IpNet::V6(_) => {}
        }
    }
    Some(all)
}

/// The addresses that interfaces take which belong to no private endpoint, by subnet.
fn interfaces(graph: &Graph) -> BTreeMap<u32, u64> {
    let links = graph.private_endpoints.iter().flat_map(|endpoint| &endpoint.interfaces.items);
    let owned: HashSet<usize> = links.filter_map(crate::graph::Link::node).collect();
    let mut counts: BTreeMap<u32, u64> = BTreeMap::new();
    let of_endpoint = |node: &NetworkInterface| node.addresses.items.iter().any(|address| !address.member.is_absent());
    for (at, node) in graph.network_interfaces.iter().enumerate() {
        if owned.contains(&at) || of_endpoint(node) || node.head.exists != Truth::True || node.head.existing {
            continue;
        }
        for subnet in &node.subnets.items {
            if let Some(subnet) = subnet.subnet.node().and_then(|at| u32::try_from(at).ok()) {
                *counts.entry(subnet).or_default() += 1;
            }
        }
    }
    counts
}
