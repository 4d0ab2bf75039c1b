//! A plan of any size, as `terraform show -json` prints it: one module that is called for every application, with references
//! inside of it, into it and out of it.
//!
//! In: a number of resources. Out: the text of a plan. Must not know: what is measured.

use std::io::{self, Write};

use serde_json::{Value, json};

const PROVIDER: &str = "registry.terraform.io/hashicorp/azurerm";

/// How many resources one call of the module makes.
pub const MODULE: usize = 20;

/// A resource of the module: type, name, key, attributes, and what is known after apply.
type Row = (&'static str, &'static str, Option<Value>, Value, Value);

fn tags() -> Value {
    json!({"env": "prod", "owner": "platform", "cost-center": "cc-1"})
}

fn network(app: usize) -> Vec<Row> {
    let (group, region) = (format!("rg-app-{app:04}"), "westeurope");
    let range = app % 250;
    let subnet = |at: usize, name: &str| -> Row {
        let values = json!({"address_prefixes": [format!("10.{range}.{at}.0/24")], "default_outbound_access_enabled": true,
            "delegation": [], "name": name, "private_endpoint_network_policies": "Disabled", "resource_group_name": group,
            "private_link_service_network_policies_enabled": true, "service_endpoint_policy_ids": null,
            "service_endpoints": ["Microsoft.Storage"], "virtual_network_name": format!("vnet-{app:04}"), "timeouts": null});
        ("azurerm_subnet", "this", Some(json!(name)), values, json!({"id": true, "address_prefixes": [false]}))
    };
    vec![
        (
            "azurerm_resource_group",
            "this",
            None,
            json!({"location": region, "name": group, "tags": tags()}),
            json!({"id": true}),
        ),
        (
            "azurerm_virtual_network",
            "this",
            None,
            json!({"address_space": [format!("10.{range}.0.0/16")], "location": region, "name": format!("vnet-{app:04}"),
                "resource_group_name": group, "tags": tags(), "ddos_protection_plan": [], "encryption": [], "timeouts": null}),
            json!({"id": true, "guid": true, "subnet": true, "dns_servers": true, "address_space": [false]}),
        ),
        subnet(0, "aks"),
        subnet(1, "endpoints"),
        subnet(2, "machines"),
        (
            "azurerm_private_dns_zone_virtual_network_link",
            "this",
            None,
            json!({"name": format!("link-{app:04}"), "private_dns_zone_name": "privatelink.azurecr.io",
                "registration_enabled": false, "resource_group_name": "rg-hub", "tags": tags()}),
            json!({"id": true, "virtual_network_id": true}),
        ),
    ]
}

fn registry(app: usize) -> Vec<Row> {
    let (group, region) = (format!("rg-app-{app:04}"), "westeurope");
    vec![
        (
            "azurerm_container_registry",
            "this",
            None,
            json!({"admin_enabled": false, "anonymous_pull_enabled": false, "data_endpoint_enabled": true,
                "export_policy_enabled": true, "georeplications": [], "identity": [], "location": region,
                "name": format!("acr{app:04}"), "network_rule_bypass_option": "AzureServices",
                "public_network_access_enabled": false, "resource_group_name": group, "sku": "Premium", "tags": tags(),
                "zone_redundancy_enabled": true}),
            json!({"id": true, "login_server": true, "admin_password": true, "admin_username": true, "encryption": true,
                "network_rule_set": true, "georeplications": [], "identity": []}),
        ),
        (
            "azurerm_private_endpoint",
            "this",
            None,
            json!({"custom_network_interface_name": null, "ip_configuration": [], "location": region,
                "name": format!("pe-{app:04}"), "private_dns_zone_group": [{"name": "default"}],
                "private_service_connection": [{"is_manual_connection": false, "name": "conn",
                    "private_connection_resource_alias": null, "request_message": null, "subresource_names": ["registry"]}],
                "resource_group_name": group, "tags": tags(), "timeouts": null}),
            json!({"id": true, "subnet_id": true, "network_interface": true, "custom_dns_configs": true,
                "private_dns_zone_configs": true, "private_dns_zone_group": [{"id": true, "private_dns_zone_ids": true}],
                "private_service_connection": [{"private_connection_resource_id": true, "subresource_names": [false],
                    "private_ip_address": true}], "ip_configuration": []}),
        ),
    ]
}

fn clients(app: usize) -> Vec<Row> {
    let (group, region) = (format!("rg-app-{app:04}"), "westeurope");
    let interface = |at: usize| -> Row {
        let values = json!({"ip_configuration": [{"name": "internal", "primary": true, "private_ip_address_allocation": "Dynamic",
            "private_ip_address_version": "IPv4"}], "location": region, "name": format!("nic-{app:04}-{at}"),
            "resource_group_name": group, "tags": tags(), "timeouts": null});
        let unknown = json!({"id": true, "ip_configuration": [{"subnet_id": true, "private_ip_address": true}],
            "mac_address": true, "private_ip_address": true});
        ("azurerm_network_interface", "vm", Some(json!(at)), values, unknown)
    };
    let machine = |at: usize| -> Row {
        let values = json!({"admin_ssh_key": [{"public_key": format!("ssh-rsa {}", "A".repeat(372)), "username": "azureuser"}],
            "admin_username": "azureuser", "allow_extension_operations": true, "boot_diagnostics": [], "custom_data": null,
            "disable_password_authentication": true, "encryption_at_host_enabled": null, "identity": [], "location": region,
            "name": format!("vm-{app:04}-{at}"), "os_disk": [{"caching": "ReadWrite", "diff_disk_settings": [],
                "storage_account_type": "Premium_LRS", "write_accelerator_enabled": false}], "plan": [], "priority": "Regular",
            "resource_group_name": group, "secret": [], "size": "Standard_D4s_v5", "source_image_reference": [
                {"offer": "0001-com-ubuntu-server-jammy", "publisher": "Canonical", "sku": "22_04-lts-gen2", "version": "latest"}],
            "tags": tags(), "termination_notification": [], "timeouts": null, "zone": "1"});
        let unknown = json!({"id": true, "network_interface_ids": true, "private_ip_address": true, "public_ip_address": true,
            "computer_name": true, "virtual_machine_id": true, "os_disk": [{"id": true, "name": true}]});
        ("azurerm_linux_virtual_machine", "vm", Some(json!(at)), values, unknown)
    };
    let mut rows = vec![(
        "azurerm_kubernetes_cluster",
        "this",
        None,
        json!({"name": format!("aks-{app:04}"), "location": region, "resource_group_name": group, "dns_prefix": "app",
            "default_node_pool": [{"name": "sys", "node_count": 3, "vm_size": "Standard_D4s_v5"}],
            "identity": [{"type": "SystemAssigned"}], "tags": tags()}),
        json!({"id": true, "fqdn": true, "kube_config": true, "default_node_pool": [{"vnet_subnet_id": true}]}),
    )];
    rows.extend((0..3).map(interface));
    rows.extend((0..3).map(machine));
    let account = |at: usize| -> Row {
        let values = json!({"access_tier": "Hot", "account_kind": "StorageV2", "account_replication_type": "LRS",
            "account_tier": "Standard", "allow_nested_items_to_be_public": false, "location": region,
            "name": format!("st{app:04}{at}"), "network_rules": [{"bypass": ["AzureServices"], "default_action": "Deny",
                "ip_rules": [], "private_link_access": [], "virtual_network_subnet_ids": []}],
            "min_tls_version": "TLS1_2", "resource_group_name": group, "tags": tags(), "timeouts": null});
        (
            "azurerm_storage_account",
            "this",
            Some(json!(format!("s{at}"))),
            values,
            json!({"id": true, "primary_access_key": true,
            "primary_blob_endpoint": true, "primary_connection_string": true, "primary_location": true}),
        )
    };
    rows.extend((0..4).map(account));
    rows
}

fn address(app: usize, row: &Row) -> String {
    let key = row.2.as_ref().map(|key| format!("[{key}]")).unwrap_or_default();
    format!("module.app[\"app{app:04}\"].{}.{}{key}", row.0, row.1)
}

fn change(app: usize, row: &Row) -> Value {
    let mut change = json!({"address": address(app, row), "module_address": format!("module.app[\"app{app:04}\"]"),
        "mode": "managed", "type": row.0, "name": row.1, "provider_name": PROVIDER,
        "change": {"actions": ["create"], "before": null, "after": row.3, "after_unknown": row.4,
            "before_sensitive": false, "after_sensitive": {"tags": {}}}});
    if let (Some(key), Some(members)) = (&row.2, change.as_object_mut()) {
        members.insert("index".to_owned(), key.clone());
    }
    change
}

fn planned(app: usize, row: &Row) -> Value {
    json!({"address": address(app, row), "mode": "managed", "type": row.0, "name": row.1, "index": row.2,
        "provider_name": PROVIDER, "schema_version": 1, "values": row.3, "sensitive_values": {"tags": {}}})
}

/// A resource at the root that names one of each application: `subnet_id = module.app[each.key].subnet_ids["endpoints"]`.
fn shared(app: usize) -> Value {
    json!({"address": format!("azurerm_private_endpoint.hub[\"app{app:04}\"]"), "mode": "managed",
        "type": "azurerm_private_endpoint", "name": "hub", "index": format!("app{app:04}"), "provider_name": PROVIDER,
        "change": {"actions": ["create"], "before": null, "after": {"name": format!("pe-hub-{app:04}"),
            "location": "westeurope", "resource_group_name": "rg-hub", "ip_configuration": [],
            "private_service_connection": [{"is_manual_connection": false, "name": "conn", "subresource_names": ["registry"]}]},
            "after_unknown": {"id": true, "subnet_id": true, "private_service_connection": [
                {"private_connection_resource_id": true, "subresource_names": [false]}]},
            "before_sensitive": false, "after_sensitive": {}}})
}

/// What stands in the configuration for an attribute.
fn refers(references: &[&str]) -> Value {
    json!({"references": references})
}

fn configuration() -> Value {
    let block = |ty: &str, name: &str, expressions: Value, more: Value| {
        let mut block = json!({"address": format!("{ty}.{name}"), "mode": "managed", "type": ty, "name": name,
            "provider_config_key": "azurerm", "expressions": expressions, "schema_version": 1});
        if let (Some(members), Value::Object(more)) = (block.as_object_mut(), more) {
            members.extend(more);
        }
        block
    };
    let subnet = |key: &str| {
        let whole = format!("azurerm_subnet.this[\"{key}\"]");
        json!({"references": [format!("{whole}.id"), whole, "azurerm_subnet.this"]})
    };
    let registry = || refers(&["azurerm_container_registry.this.id", "azurerm_container_registry.this"]);
    let resources = json!([
        block("azurerm_resource_group", "this", json!({"name": refers(&["var.name"])}), json!({})),
        block(
            "azurerm_virtual_network",
            "this",
            json!({"name": refers(&["var.name"]),
            "resource_group_name": refers(&["azurerm_resource_group.this.name", "azurerm_resource_group.this"])}),
            json!({})
        ),
        block(
            "azurerm_subnet",
            "this",
            json!({"name": refers(&["each.key"]),
            "virtual_network_name": refers(&["azurerm_virtual_network.this.name", "azurerm_virtual_network.this"])}),
            json!({"for_each_expression": {}})
        ),
        block(
            "azurerm_private_dns_zone_virtual_network_link",
            "this",
            json!({"private_dns_zone_name": refers(&["var.zone_name"]),
            "virtual_network_id": refers(&["azurerm_virtual_network.this.id", "azurerm_virtual_network.this"])}),
            json!({})
        ),
        block("azurerm_container_registry", "this", json!({"name": refers(&["var.name"])}), json!({})),
        block(
            "azurerm_private_endpoint",
            "this",
            json!({"subnet_id": subnet("endpoints"),
            "private_service_connection": [{"private_connection_resource_id": registry()}],
            "private_dns_zone_group": [{"name": {"constant_value": "default"},
                "private_dns_zone_ids": refers(&["var.zone_id"])}]}),
            json!({})
        ),
        block(
            "azurerm_kubernetes_cluster",
            "this",
            json!({"default_node_pool": [{"vnet_subnet_id": subnet("aks")}]}),
            json!({})
        ),
        block(
            "azurerm_network_interface",
            "vm",
            json!({"ip_configuration": [{"subnet_id": subnet("machines")}]}),
            json!({"count_expression": {"constant_value": 3}})
        ),
        block(
            "azurerm_linux_virtual_machine",
            "vm",
            json!({"network_interface_ids":
            refers(&["azurerm_network_interface.vm", "count.index"])}),
            json!({"count_expression": {"constant_value": 3}})
        ),
        block(
            "azurerm_storage_account",
            "this",
            json!({"name": refers(&["each.key"])}),
            json!({"for_each_expression": {}})
        ),
    ]);
    let app = json!({"source": "./modules/app", "expressions": {"name": refers(&["each.key"]),
            "zone_id": refers(&["azurerm_private_dns_zone.acr.id", "azurerm_private_dns_zone.acr"]),
            "zone_name": refers(&["azurerm_private_dns_zone.acr.name", "azurerm_private_dns_zone.acr"])},
        "for_each_expression": refers(&["var.apps"]),
        "module": {"resources": resources, "variables": {"name": {}, "zone_id": {}, "zone_name": {}},
            "outputs": {
                "registry_id": {"expression": registry()},
                "subnet_ids": {"expression": refers(&["azurerm_subnet.this"])}}}});
    let hub = block(
        "azurerm_private_endpoint",
        "hub",
        json!({"subnet_id": refers(&["module.app", "each.key"]),
        "private_service_connection": [{"private_connection_resource_id": refers(&["module.app", "each.key"])}]}),
        json!({"for_each_expression": refers(&["var.apps"])}),
    );
    let zone = block(
        "azurerm_private_dns_zone",
        "acr",
        json!({"name": {"constant_value": "privatelink.azurecr.io"}}),
        json!({}),
    );
    json!({"provider_config": {"azurerm": {"name": "azurerm", "full_name": PROVIDER, "version_constraint": "~> 4.0"}},
        "root_module": {"resources": [hub, zone], "module_calls": {"app": app}, "variables": {"apps": {}}}})
}

/// Writes a plan with about so many resources on one line.
pub fn write(resources: usize, out: &mut impl Write) -> io::Result<()> {
    let apps = (resources / (MODULE + 1)).max(1);
    let rows = |app: usize| [network(app), registry(app), clients(app)].concat();
    let modules: Vec<Value> = (0..apps)
        .map(|app| {
            let resources: Vec<Value> = rows(app).iter().map(|row| planned(app, row)).collect();
            json!({"address": format!("module.app[\"app{app:04}\"]"), "resources": resources})
        })
        .collect();
    let mut changes: Vec<Value> =
        (0..apps).flat_map(|app| rows(app).iter().map(|row| change(app, row)).collect::<Vec<_>>()).collect();
    changes.extend((0..apps).map(shared));
    changes.push(json!({"address": "azurerm_private_dns_zone.acr", "mode": "managed", "type": "azurerm_private_dns_zone",
        "name": "acr", "provider_name": PROVIDER, "change": {"actions": ["create"], "before": null,
            "after": {"name": "privatelink.azurecr.io", "resource_group_name": "rg-hub"}, "after_unknown": {"id": true}}}));
    let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "variables": {},
        "planned_values": {"root_module": {"child_modules": modules}}, "resource_changes": changes,
        "configuration": configuration(), "relevant_attributes": [], "applyable": true, "complete": true, "errored": false});
    serde_json::to_writer(&mut *out, &plan)?;
    out.flush()
}
