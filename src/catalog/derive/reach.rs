//! Which networks are the same, which are peered, and from which a private endpoint is in reach.
//!
//! In: links to networks. Out: truths and the places that prove them. Must not know: names, clients.

use std::collections::{BTreeSet, HashMap};

use crate::catalog::Place;
use crate::catalog::answer::{note, place};
use crate::catalog::model::Name;
use crate::catalog::names;
use crate::graph::{Graph, Head, Link, Peering, PrivateEndpoint, Target};
use crate::value::{Origin, State, Truth};

/// Whether two references lead to the same network.
///
/// Two networks that this input declares are two, whatever their names turn out to be.
pub(in crate::catalog) fn same_network(graph: &Graph, a: &Link, b: &Link) -> Truth {
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

/// The private endpoints of a registry, those that may be its included; see [`other_endpoint`].
pub(in crate::catalog) fn endpoints(graph: &Graph, registry: u32) -> Vec<(u32, Truth)> {
    let all = graph.incoming.private_endpoints.get(registry as usize);
    let all = all.map(|endpoints| endpoints.told.as_slice()).unwrap_or_default();
    let exists = |at: u32| graph.private_endpoints.get(at as usize).map_or(Truth::False, |node| node.head.exists);
    all.iter().map(|&(at, truth)| (at, truth.and(exists(at)))).filter(|(_, truth)| *truth != Truth::False).collect()
}

/// One of the private endpoints that may be a registry's and are not told of, since there are very many.
pub(in crate::catalog) fn other_endpoint(graph: &Graph, registry: u32) -> Option<&PrivateEndpoint> {
    let other = graph.incoming.private_endpoints.get(registry as usize)?.other?;
    graph.private_endpoints.get(other as usize)
}

/// Whether the input has every private endpoint of a registry, or is taken to have them since it declares the registry.
pub(in crate::catalog) fn endpoints_known(graph: &Graph, registry: u32) -> bool {
    if other_endpoint(graph, registry).is_some() {
        return false;
    }
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

/// What is asked of each network and registry, looked up by name rather than by going through all peerings and links.
///
/// Networks are the same or not by their ids where these are written out, or where both are declared; what is not so is
/// compared with all.
pub(super) struct Networks<'g> {
    graph: &'g Graph,
    /// What is compared with all, though it has an id.
    apart: Option<Standing>,
    /// Peerings of two networks whose ids tell them apart.
    peerings: HashMap<(&'g str, &'g str), Vec<u32>>,
    /// The networks on the other side of such peerings.
    neighbors: HashMap<&'g str, Vec<&'g str>>,
    other_peerings: Vec<u32>,
    /// Links of zones to a network.
    links: HashMap<&'g str, Vec<u32>>,
    other_links: Vec<u32>,
    /// The registries with a private endpoint in a network.
    registries: HashMap<&'g str, Vec<u32>>,
    other_registries: Vec<u32>,
    /// The endpoints of each registry.
    endpoints: Vec<Vec<(u32, Truth)>>,
    /// Whether these are all, for each registry.
    all_known: Vec<bool>,
}

/// Which registries with private endpoints a network reaches.
pub(super) enum Reach {
    /// None for certain, so that nobody knows which one it is meant for.
    Nobody,
    /// Some for certain.
    Found {
        /// Those that are near; what the others are is the same for all.
        near: HashMap<u32, Truth>,
        /// The peerings of the network are known.
        peerings_known: bool,
    },
}

impl<'g> Networks<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let registries = || 0..u32::try_from(graph.registries.len()).unwrap_or(u32::MAX);
        let mut networks = Self {
            graph,
            apart: apart(graph),
            peerings: HashMap::new(),
            neighbors: HashMap::new(),
            other_peerings: Vec::new(),
            links: HashMap::new(),
            other_links: Vec::new(),
            registries: HashMap::new(),
            other_registries: Vec::new(),
            endpoints: registries().map(|registry| endpoints(graph, registry)).collect(),
            all_known: registries().map(|registry| endpoints_known(graph, registry)).collect(),
        };
        for (at, peering) in (0_u32..).zip(&graph.peerings) {
            match (networks.id(&peering.virtual_network), networks.id(&peering.remote)) {
                (Some(a), Some(b)) => {
                    networks.peerings.entry((a, b)).or_default().push(at);
                    networks.neighbors.entry(a).or_default().push(b);
                    networks.neighbors.entry(b).or_default().push(a);
                }
                (_, _) => networks.other_peerings.push(at),
            }
        }
        for (at, link) in (0_u32..).zip(&graph.zone_links) {
            match networks.id(&link.virtual_network) {
                Some(network) => networks.links.entry(network).or_default().push(at),
                None => networks.other_links.push(at),
            }
        }
        let all = networks.endpoints.clone();
        for (registry, endpoints) in (0_u32..).zip(&all) {
            for endpoint in endpoints.iter().filter_map(|(at, _)| graph.private_endpoints.get(*at as usize)) {
                let list = match networks.id(&endpoint.subnet.virtual_network) {
                    Some(network) => networks.registries.entry(network).or_default(),
                    None => &mut networks.other_registries,
                };
                list.push(registry);
            }
        }
        networks
    }

    /// What tells a network from the others, where it does.
    fn id<'l>(&self, network: &'l Link) -> Option<&'l str>
    where
        'g: 'l,
    {
        known(self.graph, network).filter(|(_, is)| self.apart != Some(*is)).map(|(id, _)| id)
    }

    /// The private endpoints of a registry, those that may be its included.
    pub(super) fn endpoints(&self, registry: u32) -> &[(u32, Truth)] {
        self.endpoints.get(registry as usize).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether the input has every private endpoint of a registry; see [`endpoints_known`].
    fn endpoints_known(&self, registry: u32) -> bool {
        self.all_known.get(registry as usize).is_some_and(|known| *known)
    }

    /// The links of zones to a network, or to one that may be it, in their order.
    pub(super) fn links(&self, network: &Link) -> Vec<u32> {
        match self.id(network) {
            Some(id) => in_order([self.links.get(id)], &self.other_links),
            None => (0..u32::try_from(self.graph.zone_links.len()).unwrap_or(u32::MAX)).collect(),
        }
    }

    /// Whether a peering between two networks is declared, in either direction, and its place.
    fn peered(&self, a: &Link, b: &Link) -> (Truth, Vec<Place>) {
        let mut best = (Truth::False, Vec::new());
        for (peering, between) in self.between(a, b) {
            let open = match &peering.allow_access.attr.state {
                State::Known(allowed) => (*allowed).into(),
                State::Absent | State::Unknown(_) => Truth::Unknown,
            };
            // What a template declares Azure connects; a dump shows whether it did.
            let connected =
                if peering.state.is_absent() { Truth::True } else { names::attr_is(&peering.state, "Connected") };
            let truth = between.and(open).and(connected).and(peering.head.exists);
            if truth > best.0 {
                best = (truth, vec![note(peering.remote.origin, "the networks are peered here")]);
            }
        }
        best
    }

    /// The peerings of two networks, in either direction, and those that may be such, whatever they carry.
    pub(super) fn between(&self, a: &Link, b: &Link) -> impl Iterator<Item = (&'g Peering, Truth)> {
        let graph = self.graph;
        let peerings = match (self.id(a), self.id(b)) {
            (Some(x), Some(y)) if x == y => in_order([self.peerings.get(&(x, x))], &self.other_peerings),
            (Some(x), Some(y)) => {
                in_order([self.peerings.get(&(x, y)), self.peerings.get(&(y, x))], &self.other_peerings)
            }
            (_, _) => (0..u32::try_from(graph.peerings.len()).unwrap_or(u32::MAX)).collect(),
        };
        let (a, b) = (a.clone(), b.clone());
        peerings.into_iter().filter_map(move |at| {
            let peering = graph.peerings.get(at as usize)?;
            let one = |x: &Link, y: &Link| {
                same_network(graph, &peering.virtual_network, x).and(same_network(graph, &peering.remote, y))
            };
            let truth = one(&a, &b).or(one(&b, &a));
            (truth != Truth::False).then_some((peering, truth))
        })
    }

    /// Whether peerings lead from one network to another, over others or not, whatever they carry.
    pub(super) fn chained(&self, a: &Link, b: &Link) -> Truth {
        let (Some(from), Some(to)) = (self.id(a), self.id(b)) else { return Truth::Unknown };
        if !self.other_peerings.is_empty() {
            return Truth::Unknown;
        }
        let (mut known, mut next) = (BTreeSet::from([from]), vec![from]);
        while let Some(network) = next.pop() {
            let around = self.neighbors.get(network).map(Vec::as_slice).unwrap_or_default();
            next.extend(around.iter().filter(|network| known.insert(network)));
        }
        known.contains(to).into()
    }

    /// Whether a private endpoint of a registry is in a network or in one peered with it, and what shows that.
    ///
    /// A path that is not found is only ruled out where this input declares the network and the registry, since their
    /// peerings and endpoints are then presumed to be declared here too.
    pub(super) fn in_reach(&self, registry: u32, network: &Link) -> (Truth, Vec<Place>) {
        let from = place(network.origin);
        if matches!(network.target, Target::Absent) {
            return (Truth::False, vec![from]);
        }
        let all = self.endpoints(registry);
        let mut best = (Truth::False, vec![from]);
        for (at, targets) in all {
            let Some(endpoint) = self.graph.private_endpoints.get(*at as usize) else { continue };
            let theirs = &endpoint.subnet.virtual_network;
            let (peered, proof) = self.peered(network, theirs);
            let same = same_network(self.graph, network, theirs);
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
        if best.0 == Truth::False {
            best.0 = self.not_found(registry, self.peerings_known(network));
        }
        best
    }

    /// Whether an endpoint is in a network or in one peered with it.
    pub(super) fn reaches_endpoint(&self, endpoint: u32, network: &Link) -> Truth {
        let Some(endpoint) = self.graph.private_endpoints.get(endpoint as usize) else { return Truth::False };
        let theirs = &endpoint.subnet.virtual_network;
        same_network(self.graph, network, theirs).or(self.peered(network, theirs).0)
    }

    /// What it means that no path to a registry is found.
    fn not_found(&self, registry: u32, peerings_known: bool) -> Truth {
        let unsure = !self.endpoints_known(registry) || (!peerings_known && !self.endpoints(registry).is_empty());
        if unsure { Truth::Unknown } else { Truth::False }
    }

    fn peerings_known(&self, network: &Link) -> bool {
        network.node().and_then(|at| self.graph.virtual_networks.get(at)).is_some_and(|node| {
            let listed = || Name::Peering.ty().and_then(|ty| self.graph.listings.within(ty, &node.head.id)).is_some();
            !node.head.existing
                && node.inline_peerings.open.is_none()
                && (!node.head.seen || node.head.managed || listed())
        })
    }

    /// What is in reach of a network among the registries with private endpoints.
    pub(super) fn reach(&self, network: &Link) -> Reach {
        let near = self.id(network).filter(|_| self.other_peerings.is_empty()).map(|id| {
            let around = self.neighbors.get(id).into_iter().flatten().copied();
            let networks: BTreeSet<&str> = std::iter::once(id).chain(around).collect();
            let there = networks.into_iter().filter_map(|network| self.registries.get(network)).flatten();
            there.chain(&self.other_registries).copied().collect::<BTreeSet<u32>>()
        });
        let all = || (0_u32..).zip(&self.endpoints).filter(|(_, list)| !list.is_empty()).map(|(at, _)| at).collect();
        let found = near.unwrap_or_else(all).into_iter().map(|at| (at, self.in_reach(at, network).0));
        let near: HashMap<u32, Truth> = found.collect();
        if near.values().any(|truth| *truth == Truth::True) {
            Reach::Found { near, peerings_known: self.peerings_known(network) }
        } else {
            Reach::Nobody
        }
    }

    /// Whether a network reaches a registry.
    pub(super) fn reaches(&self, reach: &Reach, registry: u32) -> Truth {
        match reach {
            Reach::Nobody => Truth::Unknown,
            Reach::Found { near, peerings_known } => match near.get(&registry) {
                Some(found) => *found,
                None if self.endpoints(registry).is_empty() => Truth::False,
                None => self.not_found(registry, *peerings_known),
            },
        }
    }
}

/// What an id says of a network.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// It is declared, and its id is written out.
    Written,
    /// It is declared, and a part of its id is not known: it is none of the others that are declared.
    Holed,
    /// It is not declared, and its id is written out: it may be one whose id is not known.
    Foreign,
}

/// The id of a network in lower case, where it says which network it is.
fn known<'l>(graph: &'l Graph, network: &'l Link) -> Option<(&'l str, Standing)> {
    match &network.target {
        Target::Node(at) => {
            let head = &graph.virtual_networks.get(*at as usize)?.head;
            match (head.existing, head.id.pattern().as_literal().is_some()) {
                (false, true) => Some((head.id.key(), Standing::Written)),
                (false, false) => Some((head.id.key(), Standing::Holed)),
                (true, true) => Some((head.id.key(), Standing::Foreign)),
                (true, false) => None,
            }
        }
        Target::Elsewhere => {
            let id = network.id.as_ref()?;
            id.pattern().as_literal().map(|_| (id.key(), Standing::Foreign))
        }
        Target::Maybe(_) | Target::Unknown(_) | Target::Absent => None,
    }
}

/// Where there are networks that may be each other, those of which there are fewer.
fn apart(graph: &Graph) -> Option<Standing> {
    let holed = |head: &Head| !head.existing && head.id.pattern().as_literal().is_none();
    let holed = graph.virtual_networks.iter().filter(|node| holed(&node.head)).count();
    let links = graph.zone_links.iter().map(|link| &link.virtual_network);
    let links = links.chain(graph.private_endpoints.iter().map(|endpoint| &endpoint.subnet.virtual_network));
    let links = links.chain(graph.peerings.iter().flat_map(|peering| [&peering.virtual_network, &peering.remote]));
    let foreign = links.filter(|link| known(graph, link).is_some_and(|(_, is)| is == Standing::Foreign)).count();
    Some(if holed < foreign { Standing::Holed } else { Standing::Foreign }).filter(|_| holed > 0)
}

/// Some lists of numbers as one, in order.
fn in_order<const N: usize>(lists: [Option<&Vec<u32>>; N], others: &[u32]) -> Vec<u32> {
    let mut all: Vec<u32> = lists.into_iter().flatten().flatten().chain(others).copied().collect();
    all.sort_unstable();
    all
}
