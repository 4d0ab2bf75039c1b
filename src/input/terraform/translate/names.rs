//! Every name that the tables read is one of a schema that the provider publishes.
//!
//! Version 3.50.0 is at hand where its schema lies beside the checkout. Names that it does not know are those of other
//! versions, which [`OTHERS`] tells; `tools/check_azurerm.py` holds all of them against several published versions.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde_json::{Value, json};

use super::{ADDITIONS, FAMILIES, Form, Row, Within};

/// Names that the provider has in some versions only, not in 3.50.0, with the major versions that have them.
const OTHERS: &[(&str, &str, &[u8])] = &[
    ("azurerm_container_registry", "data_endpoint_host_names", &[4, 5]),
    ("azurerm_container_registry", "georeplication_locations", &[2]),
    // These two came with 4.81, after the last version 4 of which a package has the schema.
    ("azurerm_container_registry", "georeplications.global_endpoint_routing_enabled", &[5]),
    ("azurerm_container_registry", "network_rule_bypass_for_tasks_enabled", &[5]),
    ("azurerm_container_registry_agent_pool", "container_registry_id", &[5]),
    ("azurerm_container_registry_task", "registry_credential.source.identity", &[5]),
    ("azurerm_private_dns_zone_virtual_network_link", "private_dns_zone_id", &[5]),
    ("azurerm_private_dns_zone_virtual_network_link", "resolution_policy", &[4, 5]),
    ("azurerm_private_dns_a_record", "private_dns_zone_id", &[5]),
    ("azurerm_virtual_network", "subnet.address_prefixes", &[4, 5]),
    ("azurerm_virtual_network", "subnet.default_outbound_access_enabled", &[4, 5]),
    ("azurerm_virtual_network", "subnet.delegation.name", &[4, 5]),
    ("azurerm_virtual_network", "subnet.delegation.service_delegation.name", &[4, 5]),
    ("azurerm_virtual_network", "subnet.private_endpoint_network_policies", &[4, 5]),
    ("azurerm_virtual_network", "subnet.route_table_id", &[4, 5]),
    ("azurerm_virtual_network", "subnet.service_endpoint.network_identifier", &[5]),
    ("azurerm_virtual_network", "subnet.service_endpoint.service", &[5]),
    ("azurerm_virtual_network", "subnet.service_endpoints", &[4, 5]),
    ("azurerm_subnet", "default_outbound_access_enabled", &[3, 4, 5]),
    ("azurerm_subnet", "private_endpoint_network_policies", &[3, 4, 5]),
    ("azurerm_subnet", "service_endpoint.network_identifier", &[5]),
    ("azurerm_subnet", "service_endpoint.service", &[5]),
    ("azurerm_subnet", "virtual_network_id", &[5]),
    ("azurerm_virtual_network_peering", "virtual_network_id", &[4, 5]),
    ("azurerm_network_security_rule", "network_security_group_id", &[5]),
    ("azurerm_route", "route_table_id", &[5]),
    ("azurerm_kubernetes_cluster", "default_node_pool.node_public_ip_enabled", &[4, 5]),
    ("azurerm_kubernetes_cluster_node_pool", "node_public_ip_enabled", &[3, 4, 5]),
    ("azurerm_linux_web_app", "site_config.application_stack.docker_image_name", &[3, 4, 5]),
    ("azurerm_linux_web_app", "site_config.application_stack.docker_registry_url", &[3, 4, 5]),
    ("azurerm_linux_web_app", "site_config.application_stack.docker_registry_username", &[3, 4, 5]),
    ("azurerm_linux_web_app", "virtual_network_image_pull_enabled", &[4, 5]),
    ("azurerm_linux_web_app", "vnet_image_pull_enabled", &[4, 5]),
    ("azurerm_linux_web_app_slot", "function_app_name", &[2, 3, 4]),
    ("azurerm_linux_web_app_slot", "site_config.application_stack.docker_image_name", &[3, 4, 5]),
    ("azurerm_linux_web_app_slot", "site_config.application_stack.docker_registry_url", &[3, 4, 5]),
    ("azurerm_linux_web_app_slot", "site_config.application_stack.docker_registry_username", &[3, 4, 5]),
    ("azurerm_linux_web_app_slot", "virtual_network_image_pull_enabled", &[4, 5]),
    ("azurerm_linux_web_app_slot", "vnet_image_pull_enabled", &[4, 5]),
    ("azurerm_container_app", "template.init_container.image", &[3, 4, 5]),
    ("azurerm_container_app", "template.init_container.name", &[3, 4, 5]),
    ("azurerm_security_center_subscription_pricing", "extension.name", &[3, 4, 5]),
];

/// Resource types that are not in the schema of 3.50.0, with the major versions that have them.
const OTHER_TYPES: &[(&str, &[u8])] = &[
    ("azurerm_function_app_flex_consumption", &[4, 5]),
    ("azurerm_function_app", &[2, 3, 4]),
    ("azurerm_function_app_slot", &[2, 3, 4]),
    ("azurerm_container_app_job", &[3, 4, 5]),
    ("azurerm_template_deployment", &[2, 3]),
    // Services of which the schema at hand has none.
    ("azurerm_api_management", &[2, 3, 4, 5]),
    ("azurerm_app_configuration", &[2, 3, 4, 5]),
    ("azurerm_application_gateway", &[2, 3, 4, 5]),
    ("azurerm_automation_account", &[2, 3, 4, 5]),
    ("azurerm_batch_account", &[2, 3, 4, 5]),
    ("azurerm_cognitive_account", &[2, 3, 4, 5]),
    ("azurerm_cosmosdb_account", &[2, 3, 4, 5]),
    ("azurerm_data_factory", &[2, 3, 4, 5]),
    ("azurerm_databricks_workspace", &[2, 3, 4, 5]),
    ("azurerm_eventgrid_domain", &[2, 3, 4, 5]),
    ("azurerm_eventgrid_topic", &[2, 3, 4, 5]),
    ("azurerm_eventhub_namespace", &[2, 3, 4, 5]),
    ("azurerm_iothub", &[2, 3, 4, 5]),
    ("azurerm_key_vault", &[2, 3, 4, 5]),
    ("azurerm_mssql_server", &[2, 3, 4, 5]),
    ("azurerm_mysql_flexible_server", &[2, 3, 4, 5]),
    ("azurerm_postgresql_flexible_server", &[2, 3, 4, 5]),
    ("azurerm_postgresql_server", &[2, 3, 4, 5]),
    ("azurerm_purview_account", &[2, 3, 4, 5]),
    ("azurerm_recovery_services_vault", &[2, 3, 4, 5]),
    ("azurerm_redis_cache", &[2, 3, 4, 5]),
    ("azurerm_search_service", &[2, 3, 4, 5]),
    ("azurerm_servicebus_namespace", &[2, 3, 4, 5]),
    ("azurerm_signalr_service", &[2, 3, 4, 5]),
    ("azurerm_storage_account", &[2, 3, 4, 5]),
    ("azurerm_synapse_workspace", &[2, 3, 4, 5]),
    ("azurerm_web_pubsub", &[3, 4, 5]),
];

/// What a translation reads, of resources that share one.
struct Read {
    names: &'static [&'static str],
    paths: BTreeSet<String>,
}

fn of_rows(rows: &[Row], around: &str, paths: &mut BTreeSet<String>) {
    for row in rows {
        let path = format!("{around}{}", row.from);
        match row.form {
            Form::One(inner) | Form::Each(inner) | Form::Echo(inner) => of_rows(inner, &format!("{path}."), paths),
            Form::Whole(inner) => of_rows(inner, around, paths),
            Form::Same | Form::Told | Form::ToldIds | Form::Unset | Form::UnsetIds | Form::Id => _ = paths.insert(path),
            Form::Words(..) | Form::Word(_) | Form::Wrap(_) | Form::Among(_) => _ = paths.insert(path),
        }
    }
}

fn read() -> Vec<Read> {
    let mut all = Vec::new();
    for kind in FAMILIES.iter().flat_map(|family| family.iter()) {
        let mut paths = BTreeSet::from([kind.named.to_owned()]);
        for within in kind.within {
            match within {
                Within::Group => _ = paths.insert("resource_group_name".to_owned()),
                Within::Id(name) | Within::Name(name, _) => _ = paths.insert((*name).to_owned()),
                Within::Subscription => {}
            }
        }
        of_rows(kind.rows, "", &mut paths);
        paths.extend(kind.more.iter().flat_map(|more| more.reads).map(|path| (*path).to_owned()));
        all.push(Read { names: kind.names, paths });
    }
    for addition in ADDITIONS.iter().flat_map(|all| all.iter()) {
        let mut paths: BTreeSet<String> = addition.to.attribute().map(str::to_owned).into_iter().collect();
        of_rows(addition.rows, "", &mut paths);
        all.push(Read { names: std::slice::from_ref(&addition.name), paths });
    }
    all
}

/// The majors of a name that is not in 3.50.0.
fn others(read: &Read, path: &str) -> Option<&'static [u8]> {
    OTHERS.iter().find(|(name, other, _)| read.names.contains(name) && *other == path).map(|(_, _, majors)| *majors)
}

/// Whether a block has an attribute at a path.
fn has(block: &Value, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    match &block[first] {
        Value::Array(attribute) => {
            let ty = attribute[0].as_str().unwrap();
            let ty = serde_json::from_str(ty).unwrap_or_else(|_| json!(ty));
            rest.is_empty() || typed(&ty, rest)
        }
        Value::Object(nested) => has(&nested["block"], rest),
        _ => false,
    }
}

/// Whether a type has a member at a path.
fn typed(ty: &Value, path: &[&str]) -> bool {
    let Some((first, rest)) = path.split_first() else { return true };
    match ty[0].as_str() {
        Some("object") => ty[1].get(first).is_some_and(|ty| typed(ty, rest)),
        Some("list" | "set") => typed(&ty[1], path),
        _ => false,
    }
}

#[test]
fn every_name_is_one_of_the_provider() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/azurerm/schema-3.50.0.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        eprintln!("NOT TESTED: {} is not there", path.display());
        return;
    };
    let schema: Value = serde_json::from_str(&text).unwrap();
    let mut wrong = Vec::new();
    for read in read() {
        let known = |name: &&str| ["resources", "data_sources"].iter().any(|part| schema[part].get(name).is_some());
        for name in read.names {
            let other = OTHER_TYPES.iter().any(|(ty, _)| ty == name);
            if known(name) == other {
                wrong.push(format!("{name}: {}", if other { "is in 3.50.0" } else { "is not in 3.50.0" }));
            }
        }
        let names: Vec<&&str> = read.names.iter().filter(|name| known(name)).collect();
        if names.is_empty() {
            continue;
        }
        for path in &read.paths {
            let cut: Vec<&str> = path.split('.').collect();
            let found = names
                .iter()
                .any(|name| ["resources", "data_sources"].iter().any(|part| has(&schema[part][name]["block"], &cut)));
            if found == others(&read, path).is_some() {
                let what = if found { "is in 3.50.0" } else { "is not in 3.50.0" };
                wrong.push(format!("{} {path} {what}", read.names[0]));
            }
        }
    }
    for (name, path, _) in OTHERS {
        if !read().iter().any(|read| read.names.contains(name) && read.paths.contains(*path)) {
            wrong.push(format!("{name} {path} is not read"));
        }
    }
    assert!(wrong.is_empty(), "{} names\n{}", wrong.len(), wrong.join("\n"));
}

/// The names that stand in the code of translations: what they ask an object for.
fn asked(code: &str) -> BTreeSet<&str> {
    let asks = [".get(\"", ".entry(\"", ".sets(\"", ".repeats(\"", "same(\"", "row(\"", "bare(\""];
    let mut found = BTreeSet::new();
    for ask in asks {
        for (at, _) in code.match_indices(ask) {
            found.extend(code[at + ask.len()..].split('"').next());
        }
    }
    found
}

#[test]
fn what_code_asks_for_is_told() {
    const CODE: [(&str, &[&str]); 7] = [
        (include_str!("registry.rs"), &[]),
        (include_str!("private_endpoint.rs"), &[]),
        (include_str!("network.rs"), &[]),
        (include_str!("egress.rs"), &[]),
        (include_str!("firewall.rs"), &[]),
        // Members of the configuration in a plan.
        (include_str!("client.rs"), &["expressions"]),
        (include_str!("subscription.rs"), &[]),
    ];
    let read = read();
    let told: BTreeSet<&str> = read.iter().flat_map(|read| &read.paths).flat_map(|path| path.split('.')).collect();
    for (code, others) in CODE {
        let missing: Vec<&str> =
            asked(code).into_iter().filter(|name| !told.contains(name) && !others.contains(name)).collect();
        assert!(missing.is_empty(), "{missing:?}");
    }
}

#[test]
#[ignore = "writes the list for tools/check_azurerm.py, which says where"]
fn listing() {
    let mut kinds = Vec::new();
    for read in read() {
        let paths: BTreeMap<&String, Option<&[u8]>> =
            read.paths.iter().map(|path| (path, others(&read, path))).collect();
        let types: BTreeMap<&str, Option<&[u8]>> = read
            .names
            .iter()
            .map(|name| (*name, OTHER_TYPES.iter().find(|(ty, _)| ty == name).map(|(_, majors)| *majors)))
            .collect();
        kinds.push(json!({ "types": types, "paths": paths }));
    }
    let out = std::env::var("AZURERM_NAMES").expect("the file to write");
    std::fs::write(out, Value::from(kinds).to_string()).unwrap();
}
