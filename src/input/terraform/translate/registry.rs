//! Registries and their children.
//!
//! In: `azurerm_container_registry…`. Out: `Microsoft.ContainerRegistry/registries…`. Must not know: other families.

use std::sync::Arc;

use crate::value::{Array, Data, Key, Object, Origin, Pattern, Value};

use super::shape::{Form, apply, many, row, same};
use super::{Kind, Maker, More, Within};

const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";
const REPLICATION: &str = "Microsoft.ContainerRegistry/registries/replications";

/// What [`credentials`] reads.
const CREDENTIALS_READS: &[&str] = &[
    "registry_credential.source.login_mode",
    "registry_credential.source.identity",
    "registry_credential.custom.login_server",
    "registry_credential.custom.identity",
];

/// What [`replications`] reads.
const REPLICATIONS_READS: &[&str] = &[
    "georeplications.location",
    "georeplications.global_endpoint_routing_enabled",
    "georeplications.regional_endpoint_enabled",
    "georeplications.zone_redundancy_enabled",
    "georeplication_locations",
];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_container_registry"],
        ty: REGISTRY,
        within: &[Within::Group],
        named: "name",
        rows: &[
            same("location", "location"),
            same("sku", "sku.name"),
            row("public_network_access_enabled", "properties.publicNetworkAccess", Form::Words("Enabled", "Disabled")),
            row(
                "network_rule_set",
                "properties.networkRuleSet",
                Form::One(&[
                    same("default_action", "defaultAction"),
                    row("ip_rule", "ipRules", Form::Each(&[same("action", "action"), same("ip_range", "value")])),
                    row(
                        "virtual_network",
                        "virtualNetworkRules",
                        Form::Each(&[same("action", "action"), same("subnet_id", "id")]),
                    ),
                ]),
            ),
            same("network_rule_bypass_option", "properties.networkRuleBypassOptions"),
            same("network_rule_bypass_for_tasks_enabled", "properties.networkRuleBypassAllowedForTasks"),
            same("data_endpoint_enabled", "properties.dataEndpointEnabled"),
            row("data_endpoint_host_names", "properties.dataEndpointHostNames", Form::Told),
            same("anonymous_pull_enabled", "properties.anonymousPullEnabled"),
            same("admin_enabled", "properties.adminUserEnabled"),
            row("export_policy_enabled", "properties.policies.exportPolicy.status", Form::Words("enabled", "disabled")),
            row("zone_redundancy_enabled", "properties.zoneRedundancy", Form::Words("Enabled", "Disabled")),
            row("login_server", "properties.loginServer", Form::Told),
            row("identity", "", Form::One(&[same("type", "identity.type")])),
        ],
        more: Some(More { make: replications, reads: REPLICATIONS_READS }),
    },
    Kind {
        names: &["azurerm_container_registry_agent_pool"],
        ty: "Microsoft.ContainerRegistry/registries/agentPools",
        within: &[Within::Name("container_registry_name", REGISTRY), Within::Id("container_registry_id")],
        named: "name",
        rows: &[
            same("location", "location"),
            same("tier", "properties.tier"),
            same("instance_count", "properties.count"),
            same("virtual_network_subnet_id", "properties.virtualNetworkSubnetResourceId"),
        ],
        more: None,
    },
    Kind {
        names: &["azurerm_container_registry_task"],
        ty: "Microsoft.ContainerRegistry/registries/tasks",
        within: &[Within::Id("container_registry_id")],
        named: "name",
        rows: &[
            row("identity", "", Form::One(&[same("type", "identity.type")])),
            same("agent_pool_name", "properties.agentPoolName"),
            same("is_system_task", "properties.isSystemTask"),
            row("enabled", "properties.status", Form::Words("Enabled", "Disabled")),
        ],
        more: Some(More { make: credentials, reads: CREDENTIALS_READS }),
    },
    Kind {
        names: &["azurerm_container_connected_registry"],
        ty: "Microsoft.ContainerRegistry/registries/connectedRegistries",
        within: &[Within::Id("container_registry_id")],
        named: "name",
        rows: &[same("mode", "properties.mode")],
        more: None,
    },
];

/// Replications are written inside their registry: as blocks, or in old versions as a list of regions.
fn replications(maker: &mut Maker<'_, '_>) {
    for (attribute, old) in [("georeplications", false), ("georeplication_locations", true)] {
        let Some((_, value)) = maker.get(attribute) else { continue };
        let items = match &value.data {
            Data::Array(array) => array.items.clone(),
            Data::Unknown(_) if maker.sets(attribute) => vec![value.clone()],
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => continue,
            Data::String(_) | Data::Pattern(_) | Data::Object(_) | Data::Unknown(_) => continue,
        };
        let whole = value.as_unknown().is_some();
        for (i, item) in items.iter().enumerate() {
            let block = if old || whole { None } else { item.as_object() };
            let location = match block {
                Some(block) => block.get("location").cloned(),
                None => Some(item.clone()),
            };
            let Some(location) = location.filter(|value| !value.is_null()) else { continue };
            let mut body = Object::new();
            let at = location.origin.at;
            body.push(Key { name: "location".into(), at }, location.clone());
            if let Some(block) = block {
                apply(
                    &[
                        same("global_endpoint_routing_enabled", "properties.regionEndpointEnabled"),
                        row("zone_redundancy_enabled", "properties.zoneRedundancy", Form::Words("Enabled", "Disabled")),
                    ],
                    block,
                    &mut body,
                );
                // The provider sends `false` where nothing is written.
                if let Some((key, routed)) = block.entry("regional_endpoint_enabled") {
                    let sent = if routed.is_null() { Value::bool(false, Origin::at(key.at)) } else { routed.clone() };
                    super::shape::put(&mut body, "properties.regionEndpointEnabled", key.at, sent);
                }
            }
            let name = region(&location);
            maker.child(REPLICATION, &name, &format!("{attribute}[{i}]"), body, whole);
        }
    }
}

/// The name that the provider gives to a replication: its region, written as Azure does.
fn region(location: &Value) -> Value {
    match location.as_str() {
        Some(text) => Value::string(text.replace(' ', "").to_lowercase(), location.origin),
        None => match location.as_name() {
            Some(name) => Value::new(name.into_data(), location.origin),
            None => Value::string("", location.origin),
        },
    }
}

/// The credentials of a task.
fn credentials(maker: &mut Maker<'_, '_>) {
    let Some((key, value)) = maker.get("registry_credential") else { return };
    let (blocks, open) = many(Some(&value));
    if let Some(open) = open {
        return maker.put("properties.credentials", key.at, Value::unknown((*open).clone(), value.origin));
    }
    for (block, _) in blocks {
        if let Some((key, source)) = block.entry("source") {
            for (source, origin) in many(Some(source)).0 {
                let mut made = Object::new();
                apply(&[same("login_mode", "loginMode"), same("identity", "identity")], &source, &mut made);
                maker.put("properties.credentials.sourceRegistry", key.at, Value::object(made, origin));
            }
        }
        if let Some((key, custom)) = block.entry("custom") {
            let (blocks, open) = many(Some(custom));
            if blocks.is_empty() && open.is_none() {
                continue;
            }
            let mut registries = Object::new();
            registries.open = open;
            for (custom, origin) in blocks {
                let mut made = Object::new();
                apply(&[same("identity", "identity")], &custom, &mut made);
                let Some((_, server)) = custom.entry("login_server") else { continue };
                match server.as_pattern().as_ref().map(|name| (name.as_literal(), name.first_hole())) {
                    Some((Some(name), _)) => {
                        registries.push(Key { name: name.into(), at: server.origin.at }, Value::object(made, origin));
                    }
                    Some((None, hole)) => registries.open = hole.cloned(),
                    None => {}
                }
            }
            maker.put("properties.credentials.customRegistries", key.at, Value::object(registries, custom.origin));
        }
    }
}

/// A list of some elements.
pub(super) fn array(items: Vec<Value>, origin: Origin) -> Value {
    Value::new(Data::Array(Arc::new(Array { items, open: None })), origin)
}

/// Text with holes as a value.
pub(super) fn text(pattern: Pattern, origin: Origin) -> Value {
    Value::new(pattern.into_data(), origin)
}
