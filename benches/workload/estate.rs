//! A plan of an estate of applications: a call of a module for each, spelled out as wide as providers spell, most of which no
//! check reads.
//!
//! In: a number of resources. Out: the text of a plan, about 4 KB for each of them. Must not know: what is measured.

use std::io::{self, Write};

use serde_json::{Map, Value, json};

const PROVIDER: &str = "registry.terraform.io/hashicorp/azurerm";

/// How many resources one application has.
pub const APPLICATION: usize = 20;

/// A resource of an application: its type, its attributes, what is known after apply, and what that refers to.
struct Row {
    ty: &'static str,
    attributes: Value,
    unknown: &'static [&'static str],
    references: Vec<(&'static str, &'static str)>,
}

impl Row {
    fn new(ty: &'static str, attributes: Value, unknown: &'static [&'static str]) -> Self {
        Self { ty, attributes, unknown, references: Vec::new() }
    }

    /// The same, of which an attribute refers to another resource of the application.
    fn with(mut self, attribute: &'static str, to: &'static str) -> Self {
        self.references.push((attribute, to));
        self
    }
}

/// Attributes that a provider writes as `null` where nobody sets them.
fn unset(attributes: &mut Value, names: &str) {
    if let Some(members) = attributes.as_object_mut() {
        members.extend(names.split(' ').map(|name| (name.to_owned(), Value::Null)));
        members.insert("timeouts".to_owned(), Value::Null);
    }
}

fn network(app: usize) -> Vec<Row> {
    let (group, range) = (format!("rg-app-{app:04}"), app % 250);
    let mut network = json!({"address_space": [format!("10.{range}.0.0/16")], "location": "westeurope",
        "name": format!("vnet-{app:04}"), "private_endpoint_vnet_policies": "Disabled", "resource_group_name": group,
        "tags": tags(app), "ddos_protection_plan": [], "encryption": []});
    unset(&mut network, "bgp_community edge_zone flow_timeout_in_minutes");
    let mut rows = vec![Row::new("azurerm_virtual_network", network, &["id", "guid", "subnet", "dns_servers"])];
    for (at, name) in ["endpoints", "aks", "machines", "agents"].into_iter().enumerate() {
        let mut subnet = json!({"address_prefixes": [format!("10.{range}.{at}.0/24")], "delegation": [], "name": name,
            "default_outbound_access_enabled": true, "private_endpoint_network_policies": "Disabled",
            "private_link_service_network_policies_enabled": true, "resource_group_name": group,
            "service_endpoints": ["Microsoft.Storage"], "virtual_network_name": format!("vnet-{app:04}")});
        unset(&mut subnet, "service_endpoint_policy_ids sharing_scope");
        rows.push(Row::new("azurerm_subnet", subnet, &["id"]));
    }
    for name in ["machines", "agents"] {
        let rule = |at: usize| {
            json!({"access": "Allow", "description": "Allow HTTPS from the offices", "destination_address_prefix": "*",
                "destination_address_prefixes": [], "destination_application_security_group_ids": [],
                "destination_port_range": "443", "destination_port_ranges": [], "direction": "Inbound",
                "name": format!("allow-https-{at}"), "priority": 100 + at, "protocol": "Tcp",
                "source_address_prefix": format!("10.{range}.{at}.0/24"), "source_address_prefixes": [],
                "source_application_security_group_ids": [], "source_port_range": "*", "source_port_ranges": []})
        };
        let rules: Vec<Value> = (0..6).map(rule).collect();
        let mut group = json!({"location": "westeurope", "name": format!("nsg-{name}-{app:04}"),
            "resource_group_name": group, "security_rule": rules, "tags": tags(app)});
        unset(&mut group, "description");
        rows.push(Row::new("azurerm_network_security_group", group, &["id"]));
    }
    rows
}

fn registry(app: usize) -> Vec<Row> {
    let group = format!("rg-app-{app:04}");
    // One of seven was opened by somebody, and keeps rules that do nothing.
    let open = app.is_multiple_of(7);
    let rules = [json!({"action": "Allow", "ip_range": format!("203.0.113.{}/32", app % 250)})];
    let mut registry = json!({"admin_enabled": open, "anonymous_pull_enabled": false, "data_endpoint_enabled": !open,
        "export_policy_enabled": true, "georeplications": [{"location": "northeurope", "regional_endpoint_enabled": true,
            "tags": {}, "zone_redundancy_enabled": true}],
        "identity": [{"identity_ids": [], "type": "SystemAssigned"}], "location": "westeurope",
        "name": format!("acr{app:04}"), "network_rule_bypass_option": "AzureServices",
        "network_rule_set": [{"default_action": if open { "Allow" } else { "Deny" }, "ip_rule": rules}],
        "public_network_access_enabled": open, "resource_group_name": group, "retention_policy_in_days": 30,
        "sku": "Premium", "tags": tags(app), "trust_policy_enabled": false, "zone_redundancy_enabled": true});
    unset(&mut registry, "quarantine_policy_enabled");
    let endpoint = |name: &str, wanted: &str| {
        let mut endpoint = json!({"custom_network_interface_name": null, "ip_configuration": [], "location": "westeurope",
            "name": format!("pe-{name}-{app:04}"), "resource_group_name": group, "tags": tags(app),
            "private_dns_zone_group": [{"name": "default"}],
            "private_service_connection": [{"is_manual_connection": false, "name": "connection",
                "private_connection_resource_alias": null, "request_message": null, "subresource_names": [wanted]}]});
        unset(&mut endpoint, "edge_zone");
        endpoint
    };
    let unknown = &["id", "custom_dns_configs", "network_interface", "private_dns_zone_configs", "subnet_id"];
    let zone = json!({"name": "privatelink.azurecr.io", "resource_group_name": group, "tags": tags(app)});
    let link = json!({"name": format!("link-{app:04}"), "private_dns_zone_name": "privatelink.azurecr.io",
        "registration_enabled": false, "resolution_policy": null, "resource_group_name": group, "tags": tags(app)});
    vec![
        Row::new(
            "azurerm_resource_group",
            json!({"location": "westeurope", "managed_by": null, "name": group,
            "tags": tags(app)}),
            &["id"],
        ),
        Row::new(
            "azurerm_container_registry",
            registry,
            &["id", "admin_password", "admin_username", "encryption", "login_server"],
        ),
        Row::new("azurerm_private_endpoint", endpoint("registry", "registry"), unknown)
            .with("subnet_id", "azurerm_subnet.r1")
            .with("private_service_connection.private_connection_resource_id", "azurerm_container_registry.r8")
            .with("private_dns_zone_group.private_dns_zone_ids", "azurerm_private_dns_zone.r11"),
        Row::new("azurerm_private_endpoint", endpoint("blob", "blob"), unknown)
            .with("subnet_id", "azurerm_subnet.r1")
            .with("private_service_connection.private_connection_resource_id", "azurerm_storage_account.r13"),
        Row::new("azurerm_private_dns_zone", zone, &["id", "soa_record", "number_of_record_sets"]),
        Row::new("azurerm_private_dns_zone_virtual_network_link", link, &["id", "virtual_network_id"])
            .with("virtual_network_id", "azurerm_virtual_network.r0"),
    ]
}

/// What a check passes over.
fn others(app: usize) -> Vec<Row> {
    let group = format!("rg-app-{app:04}");
    let mut account = json!({"access_tier": "Hot", "account_kind": "StorageV2", "account_replication_type": "ZRS",
        "account_tier": "Standard", "allow_nested_items_to_be_public": false, "cross_tenant_replication_enabled": false,
        "blob_properties": [{"change_feed_enabled": false, "container_delete_retention_policy": [{"days": 7}],
            "cors_rule": [], "default_service_version": null, "delete_retention_policy": [{"days": 7}],
            "last_access_time_enabled": false, "restore_policy": [], "versioning_enabled": true}],
        "https_traffic_only_enabled": true, "identity": [], "infrastructure_encryption_enabled": false,
        "is_hns_enabled": false, "location": "westeurope", "min_tls_version": "TLS1_2", "name": format!("st{app:04}"),
        "network_rules": [{"bypass": ["AzureServices"], "default_action": "Deny", "ip_rules": [], "private_link_access": [],
            "virtual_network_subnet_ids": []}], "nfsv3_enabled": false, "public_network_access_enabled": true,
        "queue_encryption_key_type": "Service", "resource_group_name": group, "sas_policy": [], "sftp_enabled": false,
        "shared_access_key_enabled": true, "static_website": [], "table_encryption_key_type": "Service",
        "tags": tags(app)});
    unset(
        &mut account,
        "allowed_copy_scope azure_files_authentication custom_domain customer_managed_key edge_zone \
        immutability_policy local_user_enabled provisioned_billing_model_version routing",
    );
    let mut machine = json!({"admin_ssh_key": [{"public_key": format!("ssh-rsa {}", "A".repeat(372)), "username": "azureuser"}],
        "admin_username": "azureuser", "additional_capabilities": [], "allow_extension_operations": true,
        "boot_diagnostics": [], "bypass_platform_safety_checks_on_user_schedule_enabled": false,
        "disable_password_authentication": true, "disk_controller_type": null, "extensions_time_budget": "PT1H30M",
        "gallery_application": [], "identity": [{"identity_ids": [], "type": "SystemAssigned"}], "location": "westeurope",
        "max_bid_price": -1, "name": format!("vm-{app:04}"), "os_disk": [{"caching": "ReadWrite", "diff_disk_settings": [],
            "disk_encryption_set_id": null, "secure_vm_disk_encryption_set_id": null, "security_encryption_type": null,
            "storage_account_type": "Premium_LRS", "write_accelerator_enabled": false}],
        "patch_assessment_mode": "ImageDefault", "patch_mode": "ImageDefault", "plan": [], "platform_fault_domain": -1,
        "priority": "Regular", "provision_vm_agent": true, "resource_group_name": group, "secret": [],
        "size": "Standard_D4s_v5", "source_image_reference": [{"offer": "0001-com-ubuntu-server-jammy",
            "publisher": "Canonical", "sku": "22_04-lts-gen2", "version": "latest"}], "tags": tags(app),
        "vm_agent_platform_updates_enabled": false, "zone": "1"});
    unset(
        &mut machine,
        "availability_set_id capacity_reservation_group_id custom_data dedicated_host_group_id \
        dedicated_host_id edge_zone encryption_at_host_enabled eviction_policy license_type os_image_notification \
        os_managed_disk_id proximity_placement_group_id reboot_setting secure_boot_enabled source_image_id \
        termination_notification user_data virtual_machine_scale_set_id vtpm_enabled",
    );
    let assignment = |at: usize| {
        let mut assignment = json!({"principal_id": format!("6f1e2d3c-4b5a-4978-8697-{app:08}{at:04}"),
            "role_definition_name": "AcrPull", "principal_type": "ServicePrincipal"});
        unset(&mut assignment, "condition delegated_managed_identity_resource_id description");
        Row::new(
            "azurerm_role_assignment",
            assignment,
            &["id", "name", "role_definition_id", "condition_version", "scope"],
        )
        .with("scope", "azurerm_container_registry.r8")
    };
    let mut vault = json!({"enable_rbac_authorization": true, "enabled_for_deployment": false,
        "enabled_for_disk_encryption": false, "enabled_for_template_deployment": false, "location": "westeurope",
        "name": format!("kv-app-{app:04}"), "network_acls": [{"bypass": "AzureServices", "default_action": "Deny",
            "ip_rules": [], "virtual_network_subnet_ids": []}], "public_network_access_enabled": false,
        "purge_protection_enabled": true, "resource_group_name": group, "sku_name": "standard",
        "soft_delete_retention_days": 90, "tags": tags(app), "tenant_id": "3f2b9d54-7c61-4a7e-9b0e-2d1c5a8e4f70"});
    unset(&mut vault, "contact");
    let keys = &["id", "primary_access_key", "primary_blob_endpoint", "primary_connection_string", "primary_location"];
    let shown = &[
        "id",
        "computer_name",
        "network_interface_ids",
        "private_ip_address",
        "public_ip_address",
        "virtual_machine_id",
    ];
    vec![
        Row::new("azurerm_storage_account", account, keys),
        Row::new("azurerm_linux_virtual_machine", machine.clone(), shown),
        Row::new("azurerm_linux_virtual_machine", machine, shown),
        assignment(0),
        assignment(1),
        Row::new("azurerm_key_vault", vault, &["id", "access_policy", "vault_uri"]),
        Row::new(
            "azurerm_user_assigned_identity",
            json!({"location": "westeurope", "name": format!("id-app-{app:04}"),
            "resource_group_name": group, "tags": tags(app), "timeouts": null}),
            &["id", "client_id", "principal_id", "tenant_id"],
        ),
    ]
}

fn tags(app: usize) -> Value {
    json!({"env": "prod", "owner": "platform", "cost-center": format!("cc{}", app % 40), "app": format!("app-{app:04}")})
}

fn application(app: usize) -> Vec<Row> {
    [network(app), registry(app), others(app)].into_iter().flatten().collect()
}

/// The mask of what is known after apply: the names, and nothing in what is nested.
fn mask(row: &Row) -> Value {
    let nested = row.attributes.as_object().into_iter().flatten().filter_map(|(name, value)| match value {
        Value::Array(items) => Some((name.clone(), items.iter().map(blank).collect())),
        Value::Object(_) => Some((name.clone(), json!({}))),
        _ => None,
    });
    let mut mask: Map<String, Value> = nested.collect();
    mask.extend(row.unknown.iter().map(|name| ((*name).to_owned(), json!(true))));
    for (path, _) in &row.references {
        if let Some((block, name)) = path.split_once('.') {
            mask[block][0][name] = json!(true);
        }
    }
    Value::Object(mask)
}

fn blank(item: &Value) -> Value {
    if item.is_object() { json!({}) } else { json!(false) }
}

/// What stands in the configuration: constants, and what is known after apply by its reference.
fn expressions(row: &Row) -> Value {
    let written = row.attributes.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null());
    let said = written.map(|(name, value)| match value {
        Value::Array(items) if items.iter().all(Value::is_object) && !items.is_empty() => {
            let block = |item: &Value| {
                let members = item.as_object().into_iter().flatten();
                members.map(|(name, value)| (name.clone(), json!({"constant_value": value}))).collect::<Map<_, _>>()
            };
            (name.clone(), items.iter().map(|item| Value::Object(block(item))).collect())
        }
        _ => (name.clone(), json!({"constant_value": value})),
    });
    let mut said: Map<String, Value> = said.collect();
    for (path, to) in &row.references {
        let reference = json!({"references": [format!("{to}.id"), to]});
        match path.split_once('.') {
            Some((block, name)) => said[block][0][name] = reference,
            None => _ = said.insert((*path).to_owned(), reference),
        }
    }
    Value::Object(said)
}

/// Writes a plan with about so many resources on one line.
pub fn write(resources: usize, out: &mut impl Write) -> io::Result<()> {
    let applications = (resources / APPLICATION).max(1);
    let (mut modules, mut changes, mut calls) = (Vec::new(), Vec::new(), Map::new());
    for app in 0..applications {
        let module = format!("module.app_{app:04}");
        let (mut planned, mut blocks) = (Vec::new(), Vec::new());
        for (at, row) in application(app).iter().enumerate() {
            let (name, mask) = (format!("r{at}"), mask(row));
            let address = format!("{module}.{}.{name}", row.ty);
            planned.push(json!({"address": address, "mode": "managed", "type": row.ty, "name": name,
                "provider_name": PROVIDER, "schema_version": 1, "values": row.attributes, "sensitive_values": {"tags": {}}}));
            changes.push(json!({"address": address, "module_address": module, "mode": "managed", "type": row.ty,
                "name": name, "provider_name": PROVIDER, "change": {"actions": ["create"], "before": null,
                    "after": row.attributes, "after_unknown": mask, "before_sensitive": false,
                    "after_sensitive": {"tags": {}}}}));
            blocks
                .push(json!({"address": format!("{}.{name}", row.ty), "mode": "managed", "type": row.ty, "name": name,
                "provider_config_key": "azurerm", "expressions": expressions(row), "schema_version": 1}));
        }
        modules.push(json!({"address": module, "resources": planned}));
        let call = json!({"source": "./modules/app", "expressions": {"index": {"constant_value": app}},
            "module": {"resources": blocks}});
        calls.insert(format!("app_{app:04}"), call);
    }
    let plan = json!({"format_version": "1.2", "terraform_version": "1.11.4", "variables": {},
        "planned_values": {"root_module": {"child_modules": modules}}, "resource_changes": changes,
        "configuration": {"provider_config": {"azurerm": {"name": "azurerm", "full_name": PROVIDER,
            "version_constraint": "~> 4.0"}}, "root_module": {"module_calls": calls}},
        "relevant_attributes": [], "applyable": true, "complete": true, "errored": false});
    serde_json::to_writer(&mut *out, &plan)?;
    out.flush()
}
