//! Networks and subnets that the clients of a registry are in.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use std::sync::Arc;

use super::answer::{decided, fact, home, id, known_text, many, one, peers, place, property, text};
use super::model::Name;
use super::resolver;
use super::{Completeness, Datum, Kind, Member, Model, Property, Related, Scalar, Subject, Ty, names};
use crate::graph::Zone;

pub(super) const CLIENT_NETWORK: Kind<Model> = Kind {
    name: Name::ClientNetwork.text(),
    doc: "A virtual network that clients of a registry are in; without clients, one that a private endpoint is in.",
    all: |_| Vec::new(),
    properties: CLIENT_NETWORK_PROPERTIES,
    relations: &[
        one("virtualNetwork", Name::VirtualNetwork.text(), "The network.", |m, s| {
            super::network::network_of(m, &m.derived().networks[s.at()].link)
        }),
        many(
            "linkedZones",
            Name::PrivateDnsZone.text(),
            "Zones privatelink.<suffix> that are linked to it.",
            linked_zones,
        ),
    ],
};

const CLIENT_NETWORK_PROPERTIES: &[Property<Model>] = &[
    property("name", Ty::Text, "The network's name.", |m, s| {
        let network = &m.derived().networks[s.at()];
        let node = network.link.node().and_then(|at| m.graph.virtual_networks.get(at));
        match (node, network.link.id.as_ref().and_then(names::of_id)) {
            (Some(node), _) => text(&node.head.name),
            (None, Some(name)) => fact(Datum::Known(Scalar::Text(name)), vec![place(network.link.origin)]),
            (None, None) => id(&network.link),
        }
    }),
    property("client", Ty::Text, "One of the clients in it, by address.", |m, s| {
        let network = &m.derived().networks[s.at()];
        known_text(&network.client, vec![place(network.link.origin)])
    }),
    property("usesAzureDns", Ty::Bool, "It resolves with Azure's own resolver.", |m, s| {
        let network = &m.derived().networks[s.at()];
        decided(network.azure_dns.0, "the DNS servers of the network", network.azure_dns.1.clone())
    }),
    property(
        "resolver",
        Ty::Text,
        "The DNS server of the network, where a configuration of the input describes it.",
        resolver::server,
    ),
    property(
        "resolverUpstream",
        Ty::Text,
        "The server that this one asks for names of registries.",
        resolver::upstream,
    ),
    property(
        "resolverReachesAzureDns",
        Ty::Bool,
        "What the described server asks is Azure's own resolver, or a server that asks it.",
        resolver::reaches_azure_dns,
    ),
    property(
        "cutOff",
        Ty::Bool,
        "It resolves the registry to a private endpoint that no peering leads to from it.",
        |m, s| {
            let cut_off = &m.derived().networks[s.at()].cut_off;
            decided(cut_off.truth, "the ways between the networks", cut_off.places.clone())
        },
    ),
    property("cutOffBy", Ty::Text, "What is missing on the way, in words.", |m, s| {
        let cut_off = &m.derived().networks[s.at()].cut_off;
        match cut_off.why.as_str() {
            "" => fact(Datum::Absent, cut_off.places.clone()),
            why => known_text(why, cut_off.places.clone()),
        }
    }),
    property(
        "undescribedServer",
        Ty::Text,
        "Its DNS server, where nothing in the input tells what any of its servers asks.",
        resolver::undescribed,
    ),
    property(
        "privatePath",
        Ty::Bool,
        "A private endpoint of the registry is in it or in a network that is peered with it.",
        |m, s| {
            let network = &m.derived().networks[s.at()];
            decided(network.private_path.0, "the peerings of the network", network.private_path.1.clone())
        },
    ),
];

fn linked_zones(m: &Model, s: Subject) -> Related {
    let network = &m.derived().networks[s.at()];
    let members = network.zones.iter().filter_map(|&(zone, link, related)| {
        let link = m.graph.zone_links.get(link as usize)?;
        let places = vec![place(link.virtual_network.origin)];
        Some(Member { subject: Name::PrivateDnsZone.node(zone), related, places })
    });
    let members: Vec<_> = members.collect();
    let node = network.link.node().and_then(|at| m.graph.virtual_networks.get(at));
    let elsewhere = m.derived().referenced_zone.and_then(|at| m.graph.zones.get(at));
    let settle = "az network private-dns link vnet list";
    let complete = match (node, elsewhere) {
        (_, Some(zone)) => Completeness::Incomplete {
            place: super::answer::note(home(&zone.head), "the links of this zone are not part of the input"),
            settle: links_of(settle, zone),
        },
        (Some(node), None) => {
            let noun = "zone linked to this network";
            m.derived().unlisted_zone.and_then(|at| m.graph.zones.get(at)).map_or_else(
                || peers(m, &node.head, "microsoft.network/privatednszones", !members.is_empty(), noun, settle),
                |zone| Completeness::Incomplete {
                    place: super::answer::note(home(&zone.head), "the input does not show every link of this zone"),
                    settle: links_of(settle, zone),
                },
            )
        }
        (None, None) => Completeness::Incomplete {
            place: place(network.link.origin),
            settle: format!("the output of `{settle}`").into(),
        },
    };
    Related { members, complete }
}

fn links_of(settle: &str, zone: &Zone) -> Arc<str> {
    format!("the output of `{settle} --zone-name {}`", names::pattern(&zone.head.name).unwrap_or_default()).into()
}

pub(super) const SERVICE_ENDPOINT_CLIENT: Kind<Model> = Kind {
    name: Name::ServiceEndpointClient.text(),
    doc: "A subnet that a rule of the registry names, or that has a service endpoint for registries.",
    all: |_| Vec::new(),
    properties: &[
        property("subnetId", Ty::Id, "The subnet's id.", |m, s| {
            let client = &m.derived().service_endpoint_clients[s.at()];
            let mut fact = id(&client.subnet);
            fact.places = vec![client.at.clone()];
            fact
        }),
        property("name", Ty::Text, "The subnet's name.", |m, s| {
            let client = &m.derived().service_endpoint_clients[s.at()];
            let node = client.subnet.node().and_then(|at| m.graph.subnets.get(at));
            match (node, client.subnet.id.as_ref().and_then(names::of_id)) {
                (Some(node), _) => text(&node.head.name),
                (None, Some(name)) => fact(Datum::Known(Scalar::Text(name)), vec![place(client.subnet.origin)]),
                (None, None) => id(&client.subnet),
            }
        }),
        property("hasRule", Ty::Bool, "A rule of the registry allows it.", |m, s| {
            let client = &m.derived().service_endpoint_clients[s.at()];
            decided(client.has_rule.0, "the rules of the registry", client.has_rule.1.clone())
        }),
        property("hasServiceEndpoint", Ty::Bool, "It has the service endpoint Microsoft.ContainerRegistry.", |m, s| {
            let client = &m.derived().service_endpoint_clients[s.at()];
            decided(client.has_endpoint.0, "the service endpoints of the subnet", client.has_endpoint.1.clone())
        }),
        property("privatePath", Ty::Bool, "A private endpoint of the registry is in reach of it.", |m, s| {
            let client = &m.derived().service_endpoint_clients[s.at()];
            decided(client.private_path.0, "the peerings of the network", client.private_path.1.clone())
        }),
    ],
    relations: &[one("subnet", Name::Subnet.text(), "The subnet.", |m, s| {
        super::network::subnet_of(m, &m.derived().service_endpoint_clients[s.at()].subnet)
    })],
};
