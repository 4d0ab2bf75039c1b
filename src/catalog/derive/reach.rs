//! Which networks are the same, which are peered, and from which a private endpoint is in reach.
//!
//! In: links to networks. Out: truths and the places that prove them. Must not know: names, clients.

use crate::catalog::Place;
use crate::catalog::answer::{note, place};
use crate::catalog::model::Name;
use crate::graph::{Graph, Link, Target};
use crate::value::{Origin, State, Truth};

/// Whether two references lead to the same network.
///
/// Two networks that this input declares are two, whatever their names turn out to be.
pub(super) fn same_network(graph: &Graph, a: &Link, b: &Link) -> Truth {
    if let (Target::Node(x), Target::Node(y)) = (&a.target, &b.target) {
        let declared = |at: u32| graph.virtual_networks.get(at as usize).is_some_and(|node| !node.head.existing);
        if x == y {
            return Truth::True;
        }
        if declared(*x) && declared(*y) {
            return Truth::False;
        }
    }
    match (&a.id, &b.id) {
        (Some(a), Some(b)) => a.same(b),
        (None, _) if matches!(a.target, Target::Absent) => Truth::False,
        (_, None) if matches!(b.target, Target::Absent) => Truth::False,
        (None | Some(_), _) => Truth::Unknown,
    }
}

/// Whether a peering between two networks is declared, in either direction, and its place.
fn peered(graph: &Graph, a: &Link, b: &Link) -> (Truth, Vec<Place>) {
    let mut best = (Truth::False, Vec::new());
    for peering in &graph.peerings {
        let one = |x: &Link, y: &Link| {
            same_network(graph, &peering.virtual_network, x).and(same_network(graph, &peering.remote, y))
        };
        let open = match &peering.allow_access.attr.state {
            State::Known(allowed) => (*allowed).into(),
            State::Absent | State::Unknown(_) => Truth::Unknown,
        };
        let truth = one(a, b).or(one(b, a)).and(open).and(peering.head.exists);
        if truth > best.0 {
            best = (truth, vec![note(peering.remote.origin, "the networks are peered here")]);
        }
    }
    best
}

/// The private endpoints of a registry, those that may be its included.
pub(in crate::catalog) fn endpoints(graph: &Graph, registry: u32) -> Vec<(u32, Truth)> {
    let all = graph.incoming.private_endpoints.get(registry as usize).map(Vec::as_slice).unwrap_or_default();
    let exists = |at: u32| graph.private_endpoints.get(at as usize).map_or(Truth::False, |node| node.head.exists);
    all.iter().map(|&(at, truth)| (at, truth.and(exists(at)))).filter(|(_, truth)| *truth != Truth::False).collect()
}

/// Whether the input has every private endpoint of a registry, or is taken to have them since it declares the registry.
pub(super) fn endpoints_known(graph: &Graph, registry: u32) -> bool {
    graph.registries.get(registry as usize).is_some_and(|node| {
        !node.head.existing
            && (!node.head.seen || node.head.managed || matches!(shown_endpoints(graph, registry), Some(Ok(_))))
    })
}

/// For a registry all of whose connections are listed: the place of the list, or the first connection whose endpoint
/// is not in the input.
pub(in crate::catalog) fn shown_endpoints(graph: &Graph, registry: u32) -> Option<Result<Origin, u32>> {
    let node = graph.registries.get(registry as usize)?;
    let list = graph.listings.within(Name::PrivateEndpointConnection.ty()?, &node.head.id)?;
    let connections = graph.incoming.connections.get(registry as usize).map(Vec::as_slice).unwrap_or_default();
    let elsewhere = |at: &u32| {
        graph.connections.get(*at as usize).is_some_and(|connection| connection.private_endpoint.node().is_none())
    };
    Some(connections.iter().map(|(at, _)| *at).find(elsewhere).map_or(Ok(list), Err))
}

/// Whether a private endpoint of a registry is in a network or in one peered with it, and what shows that.
///
/// A path that is not found is only ruled out where this input declares the network and the registry, since their
/// peerings and endpoints are then presumed to be declared here too.
pub(in crate::catalog) fn in_reach(graph: &Graph, registry: u32, network: &Link) -> (Truth, Vec<Place>) {
    let from = place(network.origin);
    if matches!(network.target, Target::Absent) {
        return (Truth::False, vec![from]);
    }
    let all = endpoints(graph, registry);
    let mut best = (Truth::False, vec![from]);
    for (at, targets) in &all {
        let Some(endpoint) = graph.private_endpoints.get(*at as usize) else { continue };
        let theirs = &endpoint.subnet.virtual_network;
        let (peered, proof) = peered(graph, network, theirs);
        let same = same_network(graph, network, theirs);
        let truth = same.or(peered).and(*targets);
        let mut places = vec![place(network.origin), note(endpoint.subnet.subnet.origin, "the endpoint is here")];
        if peered > same {
            places.extend(proof);
        }
        if truth > best.0 {
            best = (truth, places);
        } else if truth == best.0 && truth == Truth::False {
            best.1.extend(places.into_iter().skip(1));
        }
    }
    let declared = network.node().and_then(|at| graph.virtual_networks.get(at)).is_some_and(|node| {
        let listed = || Name::Peering.ty().and_then(|ty| graph.listings.within(ty, &node.head.id)).is_some();
        !node.head.existing && node.inline_peerings.open.is_none() && (!node.head.seen || node.head.managed || listed())
    });
    if best.0 == Truth::False && (!endpoints_known(graph, registry) || (!declared && !all.is_empty())) {
        best.0 = Truth::Unknown;
    }
    best
}
