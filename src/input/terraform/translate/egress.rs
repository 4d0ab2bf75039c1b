//! What clients leave a network through.
//!
//! In: public addresses and their ranges, NAT gateways, firewalls of `azurerm`. Out: their ARM types. Must not know: who
//! leaves.
//!
//! What is associated with a NAT gateway by a resource of its own goes to the end of the gateway's lists.

use super::shape::{Form, row, same};
use super::{Addition, Kind, Within};

const GATEWAY: &str = "Microsoft.Network/natGateways";
const ADDRESSES: &str = "properties.publicIpAddresses";
const PREFIXES: &str = "properties.publicIpPrefixes";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_public_ip"],
        ty: "Microsoft.Network/publicIPAddresses",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("sku", "sku.name"),
            same("allocation_method", "properties.publicIPAllocationMethod"),
            row("ip_address", "properties.ipAddress", Form::Told),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_public_ip_prefix"],
        ty: "Microsoft.Network/publicIPPrefixes",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("sku", "sku.name"),
            same("prefix_length", "properties.prefixLength"),
            row("ip_prefix", "properties.ipPrefix", Form::Told),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_nat_gateway"],
        ty: GATEWAY,
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("sku_name", "sku.name"),
            row("public_ip_address_ids", ADDRESSES, Form::UnsetIds),
            row("public_ip_prefix_ids", PREFIXES, Form::UnsetIds),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_firewall"],
        ty: "Microsoft.Network/azureFirewalls",
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("sku_name", "properties.sku.name"),
            same("sku_tier", "properties.sku.tier"),
            row("firewall_policy_id", "properties.firewallPolicy", Form::Id),
            row(
                "ip_configuration",
                "properties.ipConfigurations",
                Form::Each(&[
                    same("name", "name"),
                    row("subnet_id", "properties.subnet", Form::Id),
                    row("public_ip_address_id", "properties.publicIPAddress", Form::Id),
                    same("private_ip_address", "properties.privateIPAddress"),
                ]),
            ),
        ],
        more: None,
    },
];

pub(super) const ADDITIONS: &[Addition] = &[
    Addition {
        name: "azurerm_nat_gateway_public_ip_association",
        to: Within::Id("nat_gateway_id"),
        ty: GATEWAY,
        rows: &[row("public_ip_address_id", ADDRESSES, Form::Among("id"))],
    },
    Addition {
        name: "azurerm_nat_gateway_public_ip_prefix_association",
        to: Within::Id("nat_gateway_id"),
        ty: GATEWAY,
        rows: &[row("public_ip_prefix_id", PREFIXES, Form::Among("id"))],
    },
];
