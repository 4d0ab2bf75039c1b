//! Decodes private endpoints.
//!
//! In: bodies. Out: nodes. Must not know: other resources.

use crate::graph::{CustomDns, Head, IpConfiguration, PrivateEndpoint, ServiceConnection};
use crate::value::Origin;

use super::decode::{Reader, View};

pub(super) fn private_endpoint(reader: &mut Reader, view: &View, head: Head) -> PrivateEndpoint {
    let p = view.member("properties");
    let auto = p.member("privateLinkServiceConnections");
    let manual = p.member("manualPrivateLinkServiceConnections");
    let mut connections = reader.list(&auto, |reader, view| connection(reader, view, false, auto.near()));
    let by_hand = reader.list(&manual, |reader, view| connection(reader, view, true, manual.near()));
    if auto.is_absent() && !manual.is_absent() {
        connections.at = by_hand.at;
    }
    connections.open = connections.open.or(by_hand.open);
    connections.items.extend(by_hand.items);
    PrivateEndpoint {
        subnet: reader.subnet(&p.at("subnet.id")),
        connections,
        ip_configurations: reader.list(&p.at("ipConfigurations"), |reader, view| IpConfiguration {
            member_name: reader.text(&view.at("properties.memberName")),
            group_id: reader.text(&view.at("properties.groupId")),
            address: reader.text(&view.at("properties.privateIPAddress")),
        }),
        custom_dns: reader.list(&p.at("customDnsConfigs"), |reader, view| CustomDns {
            host: reader.text(&view.at("fqdn")),
            addresses: reader.texts(&view.at("ipAddresses")),
        }),
        interfaces: reader.list(&p.at("networkInterfaces"), |reader, view| reader.link(&view.at("id"))),
        head,
    }
}

fn connection(reader: &mut Reader, view: &View, manual: bool, manual_at: Origin) -> ServiceConnection {
    ServiceConnection {
        registry: reader.link(&view.at("properties.privateLinkServiceId")),
        group_ids: reader.texts(&view.at("properties.groupIds")),
        manual,
        manual_at,
        status: reader.text(&view.at("properties.privateLinkServiceConnectionState.status")),
    }
}
