//! Virtual networks and what belongs to them.
//!
//! In: `azurerm_virtual_network…`, `azurerm_subnet…`, security groups, route tables. Out: `Microsoft.Network/…`. Must not
//! know: who uses a network.

use crate::resource::ResourceId;
use crate::value::{Data, Pattern, Value};

use super::shape::{Form, Row, apply, row, same};
use super::{Addition, Kind, Maker, More, Within};

const NETWORK: &str = "Microsoft.Network/virtualNetworks";
const SUBNET: &str = "Microsoft.Network/virtualNetworks/subnets";
const GROUP: &str = "Microsoft.Network/networkSecurityGroups";
const TABLE: &str = "Microsoft.Network/routeTables";

const RULE: &[Row] = &[
    same("priority", "properties.priority"),
    same("direction", "properties.direction"),
    same("access", "properties.access"),
    same("protocol", "properties.protocol"),
    same("source_port_range", "properties.sourcePortRange"),
    same("source_port_ranges", "properties.sourcePortRanges"),
    same("destination_port_range", "properties.destinationPortRange"),
    same("destination_port_ranges", "properties.destinationPortRanges"),
    same("source_address_prefix", "properties.sourceAddressPrefix"),
    same("source_address_prefixes", "properties.sourceAddressPrefixes"),
    same("destination_address_prefix", "properties.destinationAddressPrefix"),
    same("destination_address_prefixes", "properties.destinationAddressPrefixes"),
    row("source_application_security_group_ids", "properties.sourceApplicationSecurityGroups", Form::Wrap("id")),
    row(
        "destination_application_security_group_ids",
        "properties.destinationApplicationSecurityGroups",
        Form::Wrap("id"),
    ),
];

const ROUTE: &[Row] = &[
    same("address_prefix", "properties.addressPrefix"),
    same("next_hop_type", "properties.nextHopType"),
    same("next_hop_in_ip_address", "properties.nextHopIpAddress"),
];

const DELEGATION: &[Row] =
    &[same("name", "name"), row("service_delegation", "", Form::One(&[same("name", "properties.serviceName")]))];

const SERVICE: &[Row] = &[same("service", "service"), same("network_identifier", "networkIdentifier")];

/// What [`subnet`] reads.
const SUBNET_READS: &[&str] = &[
    "address_prefix",
    "address_prefixes",
    "private_endpoint_network_policies",
    "private_endpoint_network_policies_enabled",
    "enforce_private_link_endpoint_network_policies",
];

/// What [`inline_subnets`] reads.
const INLINE_SUBNETS_READS: &[&str] = &[
    "subnet.name",
    "subnet.address_prefix",
    "subnet.address_prefixes",
    "subnet.security_group",
    "subnet.route_table_id",
    "subnet.service_endpoints",
    "subnet.service_endpoint.service",
    "subnet.service_endpoint.network_identifier",
    "subnet.delegation.name",
    "subnet.delegation.service_delegation.name",
    "subnet.private_endpoint_network_policies",
    "subnet.default_outbound_access_enabled",
];

/// What [`inline_routes`] reads.
const INLINE_ROUTES_READS: &[&str] =
    &["route.name", "route.address_prefix", "route.next_hop_type", "route.next_hop_in_ip_address"];

/// What [`inline_rules`] reads.
const INLINE_RULES_READS: &[&str] = &[
    "security_rule.name",
    "security_rule.priority",
    "security_rule.direction",
    "security_rule.access",
    "security_rule.protocol",
    "security_rule.source_port_range",
    "security_rule.source_port_ranges",
    "security_rule.destination_port_range",
    "security_rule.destination_port_ranges",
    "security_rule.source_address_prefix",
    "security_rule.source_address_prefixes",
    "security_rule.destination_address_prefix",
    "security_rule.destination_address_prefixes",
    "security_rule.source_application_security_group_ids",
    "security_rule.destination_application_security_group_ids",
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_virtual_network"],
        ty: NETWORK,
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("address_space", "properties.addressSpace.addressPrefixes"),
            row("dns_servers", "properties.dhcpOptions.dnsServers", Form::Unset),
        ],
        more: Some(More { make: inline_subnets, reads: INLINE_SUBNETS_READS }),
    },
    Kind {
        names: &["azurerm_subnet"],
        ty: SUBNET,
        within: &[Within::Name("virtual_network_name", NETWORK), Within::Id("virtual_network_id")],
        named: "name",
        rows: &[
            row("service_endpoints", "properties.serviceEndpoints", Form::Wrap("service")),
            row("service_endpoint", "properties.serviceEndpoints", Form::Each(SERVICE)),
            row("delegation", "properties.delegations", Form::Each(DELEGATION)),
            row("network_security_group_id", "properties.networkSecurityGroup", Form::Id),
            row("route_table_id", "properties.routeTable", Form::Id),
            same("default_outbound_access_enabled", "properties.defaultOutboundAccess"),
        ],
        more: Some(More { make: subnet, reads: SUBNET_READS }),
    },
    Kind {
        names: &["azurerm_virtual_network_peering"],
        ty: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        within: &[Within::Name("virtual_network_name", NETWORK), Within::Id("virtual_network_id")],
        named: "name",
        rows: &[
            row("remote_virtual_network_id", "properties.remoteVirtualNetwork", Form::Id),
            same("allow_virtual_network_access", "properties.allowVirtualNetworkAccess"),
            same("allow_forwarded_traffic", "properties.allowForwardedTraffic"),
            same("allow_gateway_transit", "properties.allowGatewayTransit"),
            same("use_remote_gateways", "properties.useRemoteGateways"),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_network_security_group"],
        ty: GROUP,
        within: &[Within::Group],
        named: "name",
        rows: &[same("location", "location")],
        more: Some(More { make: inline_rules, reads: INLINE_RULES_READS }),
    },
    Kind {
        names: &["azurerm_network_security_rule"],
        ty: "Microsoft.Network/networkSecurityGroups/securityRules",
        within: &[Within::Name("network_security_group_name", GROUP), Within::Id("network_security_group_id")],
        named: "name",
        rows: RULE,
        more: None,
    },
    Kind {
        names: &["azurerm_route_table"],
        ty: TABLE,
        within: &[Within::Group],
        named: "name",
        rows: &[same("location", "location")],
        more: Some(More { make: inline_routes, reads: INLINE_ROUTES_READS }),
    },
    Kind {
        names: &["azurerm_route"],
        ty: "Microsoft.Network/routeTables/routes",
        within: &[Within::Name("route_table_name", TABLE), Within::Id("route_table_id")],
        named: "name",
        rows: ROUTE,
        more: None,
    },
    Kind {
        names: &["azurerm_network_interface"],
        ty: "Microsoft.Network/networkInterfaces",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            row(
                "ip_configuration",
                "properties.ipConfigurations",
                Form::Each(&[
                    same("name", "name"),
                    row("subnet_id", "properties.subnet", Form::Id),
                    row("private_ip_address", "properties.privateIPAddress", Form::Told),
                    row("public_ip_address_id", "properties.publicIPAddress", Form::Id),
                ]),
            ),
        ],
        more: None,
    },
];

pub(super) const ADDITIONS: &[Addition] = &[
    Addition {
        name: "azurerm_subnet_network_security_group_association",
        to: Within::Id("subnet_id"),
        ty: SUBNET,
        rows: &[row("network_security_group_id", "properties.networkSecurityGroup", Form::Id)],
    },
    Addition {
        name: "azurerm_subnet_route_table_association",
        to: Within::Id("subnet_id"),
        ty: SUBNET,
        rows: &[row("route_table_id", "properties.routeTable", Form::Id)],
    },
    Addition {
        name: "azurerm_subnet_nat_gateway_association",
        to: Within::Id("subnet_id"),
        ty: SUBNET,
        rows: &[row("nat_gateway_id", "properties.natGateway", Form::Id)],
    },
    Addition {
        name: "azurerm_virtual_network_dns_servers",
        to: Within::Id("virtual_network_id"),
        ty: NETWORK,
        rows: &[same("dns_servers", "properties.dhcpOptions.dnsServers")],
    },
];

/// Subnets that are written inside their network. What Azure tells of others there counts only where they stay.
fn inline_subnets(maker: &mut Maker<'_, '_>) {
    const ROWS: &[Row] = &[
        same("name", "name"),
        same("address_prefix", "properties.addressPrefix"),
        same("address_prefixes", "properties.addressPrefixes"),
        row("security_group", "properties.networkSecurityGroup", Form::Id),
        row("route_table_id", "properties.routeTable", Form::Id),
        row("service_endpoints", "properties.serviceEndpoints", Form::Wrap("service")),
        row("service_endpoint", "properties.serviceEndpoints", Form::Each(SERVICE)),
        row("delegation", "properties.delegations", Form::Each(DELEGATION)),
        same("private_endpoint_network_policies", "properties.privateEndpointNetworkPolicies"),
        same("default_outbound_access_enabled", "properties.defaultOutboundAccess"),
    ];
    inline(maker, "subnet", "properties.subnets", "subnets", ROWS);
}

fn inline_rules(maker: &mut Maker<'_, '_>) {
    inline(maker, "security_rule", "properties.securityRules", "securityRules", RULE);
}

fn inline_routes(maker: &mut Maker<'_, '_>) {
    inline(maker, "route", "properties.routes", "routes", ROUTE);
}

/// Children in the attribute of their parent, which shows those that are resources of their own as well.
fn inline(maker: &mut Maker<'_, '_>, attribute: &str, path: &str, segment: &str, rows: &[Row]) {
    let Some((key, value)) = maker.get(attribute) else { return };
    let own = maker.sets(attribute);
    match &value.data {
        // What nobody sets inline is what other resources make.
        Data::Unknown(_) if !own => {}
        Data::Array(array) => {
            let only_told = maker.repeats(attribute);
            let mut items = Vec::new();
            for item in &array.items {
                let Some(object) = item.as_object() else {
                    items.push(item.clone());
                    continue;
                };
                let name = object.get("name").and_then(Value::as_name);
                let id = maker.id.child(segment, name.as_ref().unwrap_or(&Pattern::new()));
                let gone = maker.gone.iter().any(|gone: &ResourceId| gone.key() == id.key());
                if only_told && gone {
                    continue;
                }
                let mut made = crate::value::Object::new();
                apply(&[same("name", "name")], object, &mut made);
                apply(rows, object, &mut made);
                items.push(Value::object(made, item.origin));
            }
            if !items.is_empty() || own {
                maker.put(path, key.at, super::registry::array(items, value.origin));
            }
        }
        Data::Unknown(_) => maker.put(path, key.at, value.clone()),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
        Data::String(_) | Data::Pattern(_) | Data::Object(_) => {}
    }
}

fn subnet(maker: &mut Maker<'_, '_>) {
    prefixes(maker);
    policies(maker);
}

/// The ranges of a subnet. Of the two attributes of version 2, the one that nobody sets repeats the other one after apply.
fn prefixes(maker: &mut Maker<'_, '_>) {
    const ROWS: [Row; 2] =
        [same("address_prefix", "properties.addressPrefix"), same("address_prefixes", "properties.addressPrefixes")];
    let known = |row: &Row| maker.get(row.from).is_some_and(|(_, value)| value.as_unknown().is_none());
    let any = ROWS.iter().any(known);
    let rows: Vec<Row> = ROWS.into_iter().filter(|row| !any || known(row) || maker.sets(row.from)).collect();
    apply(&rows, &maker.from, &mut maker.body);
}

/// Network policies for private endpoints, under the name that they have in a provider version: the first one that says
/// something.
fn policies(maker: &mut Maker<'_, '_>) {
    const PATH: &str = "properties.privateEndpointNetworkPolicies";
    const ROWS: [Row; 3] = [
        same("private_endpoint_network_policies", PATH),
        row("private_endpoint_network_policies_enabled", PATH, Form::Words("Enabled", "Disabled")),
        row("enforce_private_link_endpoint_network_policies", PATH, Form::Words("Disabled", "Enabled")),
    ];
    let known = |row: &&Row| maker.get(row.from).is_some_and(|(_, value)| value.as_unknown().is_none());
    let found = ROWS.iter().find(known).or_else(|| ROWS.iter().find(|row| maker.get(row.from).is_some()));
    if let Some(row) = found {
        apply(std::slice::from_ref(row), &maker.from, &mut maker.body);
    }
}
