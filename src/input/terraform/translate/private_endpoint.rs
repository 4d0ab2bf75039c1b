//! Private endpoints and their zone groups.
//!
//! In: `azurerm_private_endpoint`. Out: `Microsoft.Network/privateEndpoints`, `…/privateDnsZoneGroups`. Must not know: what
//! an endpoint leads to.

use std::sync::Arc;

use crate::value::{Data, Key, Object, Origin, Value};

use super::registry::array;
use super::shape::{Block, Form, apply, list, one, row, same};
use super::{Kind, Maker, More, Within};

/// What [`more`] reads.
const READS: &[&str] = &[
    "private_service_connection.name",
    "private_service_connection.private_connection_resource_id",
    "private_service_connection.subresource_names",
    "private_service_connection.request_message",
    "private_service_connection.is_manual_connection",
    "ip_configuration.name",
    "ip_configuration.private_ip_address",
    "ip_configuration.subresource_name",
    "ip_configuration.member_name",
    "private_dns_zone_group.name",
    "private_dns_zone_group.private_dns_zone_ids",
];

pub(super) const KINDS: &[Kind] = &[Kind {
    names: &["azurerm_private_endpoint"],
    ty: "Microsoft.Network/privateEndpoints",
    within: &[Within::Group],
    named: "name",
    rows: &[
        same("location", "location"),
        row("subnet_id", "properties.subnet", Form::Id),
        same("custom_network_interface_name", "properties.customNetworkInterfaceName"),
        row("network_interface", "properties.networkInterfaces", Form::Echo(&[same("id", "id")])),
        row(
            "custom_dns_configs",
            "properties.customDnsConfigs",
            Form::Echo(&[same("fqdn", "fqdn"), same("ip_addresses", "ipAddresses")]),
        ),
    ],
    more: Some(More { make: more, reads: READS }),
}];

fn more(maker: &mut Maker<'_, '_>) {
    connections(maker);
    addresses(maker);
    zone_group(maker);
}

fn connections(maker: &mut Maker<'_, '_>) {
    let Some((key, value)) = maker.get("private_service_connection") else { return };
    let manual = |object: &Object| {
        object.get("is_manual_connection").is_some_and(|manual| matches!(manual.data, Data::Bool(true)))
    };
    let by_hand = value
        .as_array()
        .is_some_and(|array| array.items.first().and_then(Value::as_object).is_some_and(|object| manual(object)));
    let connections = list(&value, &|item| {
        let Some(object) = item.as_object() else { return item.clone() };
        let mut made = Object::new();
        apply(
            &[
                same("name", "name"),
                same("private_connection_resource_id", "properties.privateLinkServiceId"),
                same("subresource_names", "properties.groupIds"),
                same("request_message", "properties.requestMessage"),
            ],
            object,
            &mut made,
        );
        Value::object(made, item.origin)
    });
    let path = if by_hand {
        "properties.manualPrivateLinkServiceConnections"
    } else {
        "properties.privateLinkServiceConnections"
    };
    maker.put(path, key.at, connections);
}

/// Static addresses. The name of the member is that of the group where nothing else is written.
fn addresses(maker: &mut Maker<'_, '_>) {
    let Some((key, value)) = maker.get("ip_configuration") else { return };
    if value.as_array().is_some_and(|array| array.items.is_empty()) {
        return;
    }
    let addresses = list(&value, &|item| {
        let Some(object) = item.as_object() else { return item.clone() };
        let mut made = Object::new();
        apply(
            &[
                same("name", "name"),
                same("private_ip_address", "properties.privateIPAddress"),
                same("subresource_name", "properties.groupId"),
                same("member_name", "properties.memberName"),
            ],
            object,
            &mut made,
        );
        let bare = |name: &str| object.get(name).is_none_or(|value| value.is_null() || value.as_str() == Some(""));
        if let Some((key, group)) = object.entry("subresource_name").filter(|_| bare("member_name")) {
            super::shape::put(&mut made, "properties.memberName", key.at, group.clone());
        }
        Value::object(made, item.origin)
    });
    maker.put("properties.ipConfigurations", key.at, addresses);
}

fn zone_group(maker: &mut Maker<'_, '_>) {
    let Some((_, value)) = maker.get("private_dns_zone_group") else { return };
    let (object, origin) = match one(&value) {
        Block::Object(object) => (object, value.origin),
        Block::Unknown(unknown) => {
            let mut whole = Object::new();
            whole.open = Some(unknown);
            (Arc::new(whole), value.origin)
        }
        Block::None => return,
    };
    let mut body = Object::new();
    if let Some((key, zones)) = object.entry("private_dns_zone_ids") {
        let configs = match &zones.data {
            Data::Array(ids) => {
                let config = |id: &Value| {
                    let mut properties = Object::new();
                    properties.push(Key { name: "privateDnsZoneId".into(), at: id.origin.at }, id.clone());
                    let mut config = Object::new();
                    let at = id.origin.at;
                    config.push(Key { name: "properties".into(), at }, Value::object(properties, id.origin));
                    Value::object(config, id.origin)
                };
                array(ids.items.iter().map(config).collect(), zones.origin)
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => zones.clone(),
            Data::String(_) | Data::Pattern(_) | Data::Object(_) | Data::Unknown(_) => zones.clone(),
        };
        super::shape::put(&mut body, "properties.privateDnsZoneConfigs", key.at, configs);
    } else if let Some(open) = &object.open {
        let configs = Value::unknown((**open).clone(), origin);
        super::shape::put(&mut body, "properties.privateDnsZoneConfigs", origin.at, configs);
    }
    let name = object.get("name").cloned().unwrap_or_else(|| Value::string("default", origin));
    let whole = object.get("name").is_none();
    maker.child(
        "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
        &Value { origin: Origin::at(name.origin.at), ..name },
        "private_dns_zone_group[0]",
        body,
        whole,
    );
}
