//! Decodes virtual networks, subnets, peerings, security groups and route tables.
//!
//! In: bodies. Out: nodes. Must not know: who uses a network.

use std::collections::HashMap;

use ipnet::IpNet;

use crate::graph::{
    Graph, Head, NodeKind, Peering, Route, RouteTable, SecurityGroup, SecurityRule, Subnet, VirtualNetwork,
};
use crate::value::{Attr, Pattern, State};

use super::decode::{Reader, View};
use super::{Draft, defaults, name_attr, parent};

pub(super) fn virtual_network(reader: &mut Reader, view: &View, head: Head) -> VirtualNetwork {
    let p = view.member("properties");
    VirtualNetwork {
        address_space: reader.texts(&p.at("addressSpace.addressPrefixes")),
        dns_servers: reader.texts(&p.at("dhcpOptions.dnsServers")),
        inline_subnets: reader.list(&p.at("subnets"), |_, _| ()),
        inline_peerings: reader.list(&p.at("virtualNetworkPeerings"), |_, _| ()),
        head,
    }
}

pub(super) fn subnet(reader: &mut Reader, view: &View, head: Head) -> Subnet {
    let p = view.member("properties");
    Subnet {
        virtual_network: parent(&head),
        prefixes: reader.one_or_many(&p.at("addressPrefix"), &p.at("addressPrefixes")),
        service_endpoints: reader.list(&p.at("serviceEndpoints"), |reader, view| reader.text(&view.at("service"))),
        delegations: reader.list(&p.at("delegations"), |reader, view| reader.text(&view.at("properties.serviceName"))),
        security_group: reader.link(&p.at("networkSecurityGroup.id")),
        route_table: reader.link(&p.at("routeTable.id")),
        nat_gateway: reader.text(&p.at("natGateway.id")),
        private_endpoint_network_policies: reader.text(&p.at("privateEndpointNetworkPolicies")),
        head,
    }
}

pub(super) fn peering(reader: &mut Reader, view: &View, head: Head) -> Peering {
    let p = view.member("properties");
    Peering {
        virtual_network: parent(&head),
        remote: reader.link(&p.at("remoteVirtualNetwork.id")),
        state: reader.text(&p.at("peeringState")),
        allow_access: defaults::on(reader.bool(&p.at("allowVirtualNetworkAccess"))),
        head,
    }
}

pub(super) fn security_group(reader: &mut Reader, view: &View, head: Head) -> SecurityGroup {
    let rules = reader.list(&view.at("properties.securityRules"), |reader, view| {
        let name = reader.text(&view.at("name"));
        security_rule(reader, view, name)
    });
    SecurityGroup { head, rules }
}

fn security_rule(reader: &mut Reader, view: &View, name: Attr<Pattern>) -> SecurityRule {
    let p = view.member("properties");
    SecurityRule {
        name,
        priority: reader.int(&p.at("priority")),
        direction: reader.text(&p.at("direction")),
        access: reader.text(&p.at("access")),
        protocol: reader.text(&p.at("protocol")),
        sources: reader.one_or_many(&p.at("sourceAddressPrefix"), &p.at("sourceAddressPrefixes")),
        destinations: reader.one_or_many(&p.at("destinationAddressPrefix"), &p.at("destinationAddressPrefixes")),
        destination_ports: reader.one_or_many(&p.at("destinationPortRange"), &p.at("destinationPortRanges")),
    }
}

pub(super) fn route_table(reader: &mut Reader, view: &View, head: Head) -> RouteTable {
    let routes = reader.list(&view.at("properties.routes"), |reader, view| {
        let name = reader.text(&view.at("name"));
        route(reader, view, name)
    });
    RouteTable { head, routes }
}

fn route(reader: &mut Reader, view: &View, name: Attr<Pattern>) -> Route {
    let p = view.member("properties");
    let prefix = reader.text(&p.at("addressPrefix"));
    let network = match &prefix.state {
        State::Known(pattern) => match pattern.as_literal().and_then(|text| text.parse::<IpNet>().ok()) {
            Some(net) => Attr::known(net, prefix.origin),
            None => match pattern.first_hole() {
                Some(hole) => Attr::unknown(std::sync::Arc::clone(hole), prefix.origin),
                None => Attr::absent(prefix.origin),
            },
        },
        State::Absent => Attr::absent(prefix.origin),
        State::Unknown(unknown) => Attr::unknown(std::sync::Arc::clone(unknown), prefix.origin),
    };
    Route {
        name,
        prefix,
        network,
        next_hop_type: reader.text(&p.at("nextHopType")),
        next_hop_address: reader.text(&p.at("nextHopIpAddress")),
    }
}

/// Adds rules and routes that are resources of their own to their parents.
pub(super) fn add_children(reader: &mut Reader, drafts: &[Draft], graph: &mut Graph) {
    let key = |head: &Head| head.id.key().to_owned();
    let groups: HashMap<_, _> = graph.security_groups.iter().enumerate().map(|(at, n)| (key(&n.head), at)).collect();
    let tables: HashMap<_, _> = graph.route_tables.iter().enumerate().map(|(at, n)| (key(&n.head), at)).collect();
    for draft in drafts {
        let is_rule = draft.kind == NodeKind::SecurityRule;
        if draft.resource.existing || !(is_rule || draft.kind == NodeKind::Route) {
            continue;
        }
        let Some(parent) = draft.resource.id.parent() else { continue };
        let view = View::of(&draft.resource);
        let name = name_attr(&draft.resource.name, draft.resource.at.name);
        if is_rule {
            let rule = security_rule(reader, &view, name);
            if let Some(node) = groups.get(parent.key()).and_then(|&at| graph.security_groups.get_mut(at)) {
                node.rules.items.push(rule);
            }
        } else {
            let route = route(reader, &view, name);
            if let Some(node) = tables.get(parent.key()).and_then(|&at| graph.route_tables.get_mut(at)) {
                node.routes.items.push(route);
            }
        }
    }
}
