//! What firewalls let through.
//!
//! In: policies, groups of rule collections, collections of a firewall of its own, and groups of addresses of `azurerm`. Out:
//! their ARM types. Must not know: whose traffic it is.
//!
//! Collections of a firewall without a policy are resources of their own, which name it; in ARM they are in the firewall.

use std::sync::Arc;

use crate::value::{Array, Data, Value};

use super::shape::{Form, Row, list, one_of, row, same};
use super::{Addition, Kind, Maker, More, Within};

const POLICY: &str = "Microsoft.Network/firewallPolicies";
const FIREWALL: &str = "Microsoft.Network/azureFirewalls";

const PROTOCOL: &[Row] = &[same("type", "protocolType"), same("port", "port")];

const APPLICATION_RULE: &[Row] = &[
    row("name", "ruleType", Form::Word("ApplicationRule")),
    same("name", "name"),
    row("protocols", "protocols", Form::Each(PROTOCOL)),
    same("source_addresses", "sourceAddresses"),
    same("source_ip_groups", "sourceIpGroups"),
    same("destination_fqdns", "targetFqdns"),
    same("destination_fqdn_tags", "fqdnTags"),
    same("destination_urls", "targetUrls"),
    same("destination_addresses", "destinationAddresses"),
    same("web_categories", "webCategories"),
    same("terminate_tls", "terminateTLS"),
];

const NETWORK_RULE: &[Row] = &[
    row("name", "ruleType", Form::Word("NetworkRule")),
    same("name", "name"),
    same("protocols", "ipProtocols"),
    same("source_addresses", "sourceAddresses"),
    same("source_ip_groups", "sourceIpGroups"),
    same("destination_addresses", "destinationAddresses"),
    same("destination_ip_groups", "destinationIpGroups"),
    same("destination_fqdns", "destinationFqdns"),
    same("destination_ports", "destinationPorts"),
];

/// The rows of a collection whose rules have these.
macro_rules! collection {
    ($rules:expr) => {
        &[
            same("name", "name"),
            same("priority", "priority"),
            same("action", "action.type"),
            row("rule", "rules", Form::Each($rules)),
        ]
    };
}

const APPLICATION_COLLECTION: &[Row] = collection!(APPLICATION_RULE);
const NETWORK_COLLECTION: &[Row] = collection!(NETWORK_RULE);

/// Rules of a firewall of its own, where hosts are called otherwise.
const OWN_APPLICATION_RULE: &[Row] = &[
    same("name", "name"),
    row("protocol", "protocols", Form::Each(PROTOCOL)),
    same("source_addresses", "sourceAddresses"),
    same("source_ip_groups", "sourceIpGroups"),
    same("target_fqdns", "targetFqdns"),
    same("fqdn_tags", "fqdnTags"),
];

const OWN_NETWORK_RULE: &[Row] = &[
    same("name", "name"),
    same("protocols", "protocols"),
    same("source_addresses", "sourceAddresses"),
    same("source_ip_groups", "sourceIpGroups"),
    same("destination_addresses", "destinationAddresses"),
    same("destination_ip_groups", "destinationIpGroups"),
    same("destination_fqdns", "destinationFqdns"),
    same("destination_ports", "destinationPorts"),
];

/// What a collection that is a resource of its own adds to its firewall.
macro_rules! own_collection {
    ($name:literal, $list:literal, $rules:expr) => {
        Addition {
            name: $name,
            to: Within::Name("azure_firewall_name", FIREWALL),
            ty: FIREWALL,
            rows: &[row(
                "name",
                $list,
                Form::Whole(&[
                    same("name", "name"),
                    same("priority", "properties.priority"),
                    same("action", "properties.action.type"),
                    row("rule", "properties.rules", Form::Each($rules)),
                ]),
            )],
        }
    };
}

pub(super) const ADDITIONS: &[Addition] = &[
    own_collection!(
        "azurerm_firewall_application_rule_collection",
        "properties.applicationRuleCollections",
        OWN_APPLICATION_RULE
    ),
    own_collection!("azurerm_firewall_network_rule_collection", "properties.networkRuleCollections", OWN_NETWORK_RULE),
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_firewall_policy"],
        ty: POLICY,
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("sku", "properties.sku.tier"),
            row("base_policy_id", "properties.basePolicy", Form::Id),
            row(
                "dns",
                "properties.dnsSettings",
                Form::One(&[same("proxy_enabled", "enableProxy"), same("servers", "servers")]),
            ),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_firewall_policy_rule_collection_group"],
        ty: "Microsoft.Network/firewallPolicies/ruleCollectionGroups",
        within: &[Within::Id("firewall_policy_id")],
        named: "name",
        rows: &[same("priority", "properties.priority")],
        more: Some(More { make: collections, reads: COLLECTIONS_READS }),
    },
    Kind {
        names: &["azurerm_ip_group"],
        ty: "Microsoft.Network/ipGroups",
        within: &[Within::Group],
        named: "name",
        rows: &[same("location", "location"), same("cidrs", "properties.ipAddresses")],
        more: None,
    },
];

const COLLECTIONS_READS: &[&str] = &[
    "application_rule_collection.name",
    "application_rule_collection.priority",
    "application_rule_collection.action",
    "application_rule_collection.rule.name",
    "application_rule_collection.rule.protocols.type",
    "application_rule_collection.rule.protocols.port",
    "application_rule_collection.rule.source_addresses",
    "application_rule_collection.rule.source_ip_groups",
    "application_rule_collection.rule.destination_fqdns",
    "application_rule_collection.rule.destination_fqdn_tags",
    "application_rule_collection.rule.destination_urls",
    "application_rule_collection.rule.destination_addresses",
    "application_rule_collection.rule.web_categories",
    "application_rule_collection.rule.terminate_tls",
    "network_rule_collection.name",
    "network_rule_collection.priority",
    "network_rule_collection.action",
    "network_rule_collection.rule.name",
    "network_rule_collection.rule.protocols",
    "network_rule_collection.rule.source_addresses",
    "network_rule_collection.rule.source_ip_groups",
    "network_rule_collection.rule.destination_addresses",
    "network_rule_collection.rule.destination_ip_groups",
    "network_rule_collection.rule.destination_fqdns",
    "network_rule_collection.rule.destination_ports",
];

/// The collections of both sorts, which are one list in ARM. Those that translate what comes in let nothing out.
fn collections(maker: &mut Maker<'_, '_>) {
    let sorts =
        [("application_rule_collection", APPLICATION_COLLECTION), ("network_rule_collection", NETWORK_COLLECTION)];
    let mut all = Array { items: Vec::new(), open: None };
    let mut place = None;
    for (attribute, rows) in sorts {
        let Some((key, value)) = maker.get(attribute) else { continue };
        place = place.or(Some((key.at, value.origin)));
        match list(&value, &|item| one_of(rows, item)).data {
            Data::Array(array) => {
                all.items.extend(array.items.iter().cloned());
                all.open = all.open.or_else(|| array.open.clone());
            }
            Data::Unknown(unknown) => all.open = Some(unknown),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
            Data::String(_) | Data::Pattern(_) | Data::Object(_) => {}
        }
    }
    if let Some((at, origin)) = place {
        maker.put("properties.ruleCollections", at, Value::new(Data::Array(Arc::new(all)), origin));
    }
}
