//! Virtual networks, subnets, peerings.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{
    all_of, children, decided, elements, fact, follow, home, known_text, many, one, place, property, shown_by, text,
};
use super::derive::Room;
use super::head::{ADDRESS, API_VERSION, EXISTING, ID, LOCATION, NAME, REGION, SUBSCRIPTION};
use super::model::Name;
use super::{Completeness, Datum, Kind, Model, Related, Scalar, Subject, Ty};
use crate::graph::{Link, Subnet, VirtualNetwork};
use crate::resource::ResourceId;
use crate::value::Truth;

fn network(m: &Model, s: Subject) -> &VirtualNetwork {
    &m.graph.virtual_networks[s.at()]
}

fn subnet(m: &Model, s: Subject) -> &Subnet {
    &m.graph.subnets[s.at()]
}

/// The subnet that a link leads to.
pub(super) fn subnet_of(m: &Model, link: &Link) -> Related {
    let exists = |at: u32| m.graph.subnets.get(at as usize).map_or(Truth::False, |node| node.head.exists);
    let id = link.id.as_ref().map(ResourceId::pattern);
    follow(link, Name::Subnet, &shown_by(id, "az network vnet subnet show", "az network vnet list"), exists)
}

/// The network that a link leads to.
pub(super) fn network_of(m: &Model, link: &Link) -> Related {
    let exists = |at: u32| m.graph.virtual_networks.get(at as usize).map_or(Truth::False, |node| node.head.exists);
    let id = link.id.as_ref().map(ResourceId::pattern);
    follow(link, Name::VirtualNetwork, &shown_by(id, "az network vnet show", "az network vnet list"), exists)
}

/// Children that may also stand inline; what is not known of those is not known of all.
fn parts(of_their_own: Related, inline: Completeness) -> Related {
    let complete = match inline {
        Completeness::Complete(_) | Completeness::Presumed(_) => of_their_own.complete,
        Completeness::Incomplete { .. } => inline,
    };
    Related { complete, ..of_their_own }
}

pub(super) const VIRTUAL_NETWORK: Kind<Model> = Kind {
    name: Name::VirtualNetwork.text(),
    doc: "A virtual network.",
    all: |m| Name::VirtualNetwork.all(m.graph.virtual_networks.len()),
    properties: &[NAME, LOCATION, REGION, API_VERSION, ADDRESS, ID, EXISTING, SUBSCRIPTION],
    relations: &[
        many("subnets", Name::Subnet.text(), "Its subnets, inline or not.", |m, s| {
            let node = network(m, s);
            let of_their_own = children(
                m,
                &node.head,
                m.graph.incoming.subnets.get(s.at()),
                Name::Subnet,
                |at| m.graph.subnets.get(at as usize).map(|node| &node.head),
                ("subnet of the network", "az network vnet subnet list"),
            );
            parts(of_their_own, all_of(&node.inline_subnets, "az network vnet subnet list"))
        }),
        many("dnsServers", Name::DnsServer.text(), "Its DNS servers; none means Azure's own resolver.", |m, s| {
            let list = &network(m, s).dns_servers;
            elements(list, Name::DnsServer, s.node, "az network vnet show", |server| server.origin)
        }),
        many("peerings", Name::Peering.text(), "Its peerings, inline or not.", |m, s| {
            let node = network(m, s);
            let of_their_own = children(
                m,
                &node.head,
                m.graph.incoming.peerings.get(s.at()),
                Name::Peering,
                |at| m.graph.peerings.get(at as usize).map(|node| &node.head),
                ("peering of the network", "az network vnet peering list"),
            );
            parts(of_their_own, all_of(&node.inline_peerings, "az network vnet peering list"))
        }),
    ],
};

pub(super) const DNS_SERVER: Kind<Model> = Kind {
    name: Name::DnsServer.text(),
    doc: "A DNS server of a virtual network.",
    all: |_| Vec::new(),
    properties: &[property("value", Ty::Text, "Its address.", |m, s| {
        text(&network(m, s).dns_servers.items[s.element_at()])
    })],
    relations: &[],
};

fn room(m: &Model, s: Subject) -> Option<&Room> {
    let rooms = &m.derived().rooms;
    rooms.binary_search_by_key(&s.node, |room| room.subnet).ok().and_then(|at| rooms.get(at))
}

pub(super) const SUBNET: Kind<Model> = Kind {
    name: Name::Subnet.text(),
    doc: "A subnet, inline or not.",
    all: |m| Name::Subnet.all(m.graph.subnets.len()),
    properties: &[
        NAME,
        ADDRESS,
        API_VERSION,
        EXISTING,
        ID,
        property("addressPrefix", Ty::Text, "Its first address range.", |m, s| {
            let prefixes = &subnet(m, s).prefixes;
            match (prefixes.items.first(), &prefixes.open) {
                (Some(first), _) => text(first),
                (None, Some(open)) => text(&crate::value::Attr::unknown(open.clone(), prefixes.at)),
                (None, None) => text(&crate::value::Attr::absent(prefixes.at)),
            }
        }),
        property("delegation", Ty::Text, "The service that it is delegated to, the first of several.", |m, s| {
            let delegations = &subnet(m, s).delegations;
            match (delegations.items.first(), &delegations.open) {
                (Some(first), _) => text(first),
                (None, Some(open)) => text(&crate::value::Attr::unknown(open.clone(), delegations.at)),
                (None, None) => text(&crate::value::Attr::absent(delegations.at)),
            }
        }),
        property("holdsEndpoints", Ty::Bool, "Private endpoints of registries are in it.", |m, s| {
            let room = room(m, s);
            let places = room.map_or_else(|| vec![place(home(&subnet(m, s).head))], |room| room.places.clone());
            decided(room.is_some().into(), "the private endpoints of the subnet", places)
        }),
        property(
            "usableAddresses",
            Ty::Int,
            "How many addresses it can give out, where it holds endpoints.",
            |m, s| {
                let usable = room(m, s).and_then(|room| i64::try_from(room.usable?).ok());
                let at = place(subnet(m, s).prefixes.at);
                fact(usable.map_or(Datum::Absent, |usable| Datum::Known(Scalar::Int(usable))), vec![at])
            },
        ),
        property("neededAddresses", Ty::Int, "How many addresses are needed of it for certain.", |m, s| {
            let room = room(m, s);
            let needed = room.and_then(|room| i64::try_from(room.least).ok()).unwrap_or_default();
            let places = room.map_or_else(Vec::new, |room| room.places.clone());
            let at = place(subnet(m, s).prefixes.at);
            fact(Datum::Known(Scalar::Int(needed)), if places.is_empty() { vec![at] } else { places })
        }),
        property("needs", Ty::Text, "What needs these: private endpoint pe-images 5.", |m, s| {
            let words = room(m, s).map(|room| room.words.join(", ")).unwrap_or_default();
            known_text(&words, vec![place(subnet(m, s).prefixes.at)])
        }),
        property("hasRoom", Ty::Bool, "It has an address for each member of its private endpoints.", |m, s| {
            let room = room(m, s);
            let truth = match room.and_then(|room| Some((room, room.usable?))) {
                Some((room, usable)) if room.least > usable => Truth::False,
                Some((room, usable)) if room.most <= usable => Truth::True,
                Some(_) => Truth::Unknown,
                None if room.is_some() => Truth::Unknown,
                None => Truth::True,
            };
            let prefixes = &subnet(m, s).prefixes;
            let mut places = vec![place(prefixes.items.first().map_or(prefixes.at, |first| first.origin))];
            places.extend(room.into_iter().flat_map(|room| room.places.iter().cloned()));
            decided(truth, "the range of the subnet, or the regions of the registries", places)
        }),
        property("privateEndpointNetworkPolicies", Ty::Text, "Whether NSGs and routes apply to endpoints.", |m, s| {
            text(&subnet(m, s).private_endpoint_network_policies)
        }),
    ],
    relations: &[
        many("serviceEndpoints", Name::ServiceEndpoint.text(), "Its service endpoints.", |m, s| {
            let list = &subnet(m, s).service_endpoints;
            let id = Some(subnet(m, s).head.id.pattern());
            let command = shown_by(id, "az network vnet subnet show", "az network vnet list");
            elements(list, Name::ServiceEndpoint, s.node, &command, |service| service.origin)
        }),
        one("virtualNetwork", Name::VirtualNetwork.text(), "Its network.", |m, s| {
            network_of(m, &subnet(m, s).virtual_network)
        }),
    ],
};

pub(super) const SERVICE_ENDPOINT: Kind<Model> = Kind {
    name: Name::ServiceEndpoint.text(),
    doc: "A service endpoint of a subnet.",
    all: |_| Vec::new(),
    properties: &[property("service", Ty::Text, "The service, such as Microsoft.ContainerRegistry.", |m, s| {
        text(&subnet(m, s).service_endpoints.items[s.element_at()])
    })],
    relations: &[],
};

pub(super) const PEERING: Kind<Model> = Kind {
    name: Name::Peering.text(),
    doc: "A peering of a virtual network with another one.",
    all: |m| Name::Peering.all(m.graph.peerings.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        property("peeringState", Ty::Text, "Whether both sides are connected.", |m, s| {
            text(&m.graph.peerings[s.at()].state)
        }),
        property("allowVirtualNetworkAccess", Ty::Bool, "Whether it carries traffic.", |m, s| {
            super::answer::bool_setting(&m.graph.peerings[s.at()].allow_access)
        }),
        property("remoteVirtualNetworkId", Ty::Id, "The other network's id.", |m, s| {
            super::answer::id(&m.graph.peerings[s.at()].remote)
        }),
    ],
    relations: &[
        one("virtualNetwork", Name::VirtualNetwork.text(), "The network that it belongs to.", |m, s| {
            network_of(m, &m.graph.peerings[s.at()].virtual_network)
        }),
        one("remoteVirtualNetwork", Name::VirtualNetwork.text(), "The other network.", |m, s| {
            network_of(m, &m.graph.peerings[s.at()].remote)
        }),
    ],
};
