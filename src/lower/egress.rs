//! Decodes what clients leave a network through.
//!
//! In: bodies. Out: nodes. Must not know: who leaves.

use crate::graph::{AddressPrefix, Firewall, FirewallAddress, Head, NatGateway, RuleSort};

use super::decode::{Reader, View};
use super::firewall;

pub(super) fn firewall(reader: &mut Reader, view: &View, head: Head) -> Firewall {
    let configurations = reader.list(&view.at("properties.ipConfigurations"), |reader, view| {
        let p = view.member("properties");
        FirewallAddress {
            private_address: reader.text(&p.at("privateIPAddress")),
            public_address: reader.link(&p.at("publicIPAddress.id")),
            subnet: reader.link(&p.at("subnet.id")),
        }
    });
    let p = view.member("properties");
    Firewall {
        configurations,
        policy: reader.link(&p.at("firewallPolicy.id")),
        network_rules: firewall::own_collections(reader, &p.at("networkRuleCollections"), RuleSort::Network),
        application_rules: firewall::own_collections(
            reader,
            &p.at("applicationRuleCollections"),
            RuleSort::Application,
        ),
        head,
    }
}

pub(super) fn nat_gateway(reader: &mut Reader, view: &View, head: Head) -> NatGateway {
    let p = view.member("properties");
    NatGateway {
        addresses: reader.list(&p.at("publicIpAddresses"), |reader, view| reader.link(&view.at("id"))),
        prefixes: reader.list(&p.at("publicIpPrefixes"), |reader, view| reader.link(&view.at("id"))),
        head,
    }
}

pub(super) fn address_prefix(reader: &mut Reader, view: &View, head: Head) -> AddressPrefix {
    AddressPrefix { range: reader.text(&view.at("properties.ipPrefix")), head }
}
