//! Private DNS zones, their links and records.
//!
//! In: `azurerm_private_dns_…`. Out: `Microsoft.Network/privateDnsZones…`. Must not know: what the names are of.
//!
//! How many links and records a zone had when it was last read is left out: a state is older than what changed it.

use super::shape::{Form, row, same};
use super::{Kind, Within};

const ZONE: &str = "Microsoft.Network/privateDnsZones";

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_private_dns_zone"],
        ty: ZONE,
        within: &[Within::Group],
        named: "name",
        rows: &[],
        more: None,
    },
    Kind {
        names: &["azurerm_private_dns_zone_virtual_network_link"],
        ty: "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        within: &[Within::Name("private_dns_zone_name", ZONE), Within::Id("private_dns_zone_id")],
        named: "name",
        rows: &[
            row("virtual_network_id", "properties.virtualNetwork", Form::Id),
            same("registration_enabled", "properties.registrationEnabled"),
            row("resolution_policy", "properties.resolutionPolicy", Form::Unset),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_private_dns_a_record"],
        ty: "Microsoft.Network/privateDnsZones/A",
        within: &[Within::Name("zone_name", ZONE), Within::Id("private_dns_zone_id")],
        named: "name",
        rows: &[same("ttl", "properties.ttl"), row("records", "properties.aRecords", Form::Wrap("ipv4Address"))],
        more: None,
    },
];
