//! Inputs of any size, the same on every machine.
//!
//! In: how many resources. Out: a text such as people write it. Must not know: who measures what with it.

use serde_json::{Value, json};

/// Resources that one registry brings along, itself included.
const UNIT: usize = 20;

/// A template of Azure Resource Manager with this many resources, indented by two spaces.
///
/// Every twenty of them are one registry with its private endpoint, zone, network, clients and bystanders; every
/// seventh registry is open to the world.
pub fn arm(resources: usize) -> String {
    let all = (0..resources.div_ceil(UNIT)).flat_map(unit).take(resources).collect::<Vec<_>>();
    let template = json!({
        "$schema": "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#",
        "contentVersion": "1.0.0.0",
        "metadata": {"description": "generated"},
        "parameters": {
            "location": {
                "type": "string",
                "defaultValue": "[resourceGroup().location]",
                "metadata": {"description": "Region of all resources"}
            },
            "environment": {"type": "string", "defaultValue": "prod", "allowedValues": ["dev", "test", "prod"]},
            "acrSku": {"type": "string", "defaultValue": "Premium", "allowedValues": ["Basic", "Standard", "Premium"]}
        },
        "variables": {"commonTags": {"env": "[parameters('environment')]", "owner": "platform"}},
        "resources": all,
        "outputs": {
            "acrId": {"type": "string", "value": id("Microsoft.ContainerRegistry/registries", &["acr0000"])}
        }
    });
    format!("{template:#}\n")
}

/// The expression for the id of a resource.
fn id(kind: &str, names: &[&str]) -> String {
    format!("[resourceId('{kind}', '{}')]", names.join("', '"))
}

/// A resource: its type, version, name, and everything else.
fn resource(kind: &str, version: &str, name: &str, rest: Value) -> Value {
    let mut whole = json!({"type": kind, "apiVersion": version, "name": name});
    if let (Some(whole), Value::Object(rest)) = (whole.as_object_mut(), rest) {
        whole.extend(rest);
    }
    whole
}

fn unit(i: usize) -> Vec<Value> {
    let mut all = network(i);
    all.extend(registry(i));
    all.extend(endpoint(i));
    all.extend(bystanders(i));
    all
}

fn network(i: usize) -> Vec<Value> {
    let (vnet, nsg, octet) = (format!("vnet{i:04}"), format!("nsg{i:04}"), i % 250);
    let nsg_id = id("Microsoft.Network/networkSecurityGroups", &[&nsg]);
    let rule = |k: usize| {
        json!({"name": format!("allow-https-{k}"), "properties": {
            "description": "Allow HTTPS from the office", "protocol": "Tcp", "sourcePortRange": "*",
            "destinationPortRange": "443", "sourceAddressPrefix": format!("10.{octet}.{k}.0/24"),
            "destinationAddressPrefix": "*", "access": "Allow", "priority": 100 + k, "direction": "Inbound"}})
    };
    let subnet = |(k, name): (usize, &&str)| {
        let endpoints = if k == 2 { json!([]) } else { json!([{"service": "Microsoft.Storage"}]) };
        json!({"name": name, "properties": {
            "addressPrefix": format!("10.{octet}.{k}.0/24"), "networkSecurityGroup": {"id": nsg_id},
            "privateEndpointNetworkPolicies": "Disabled", "serviceEndpoints": endpoints}})
    };
    let subnets = ["snet-app", "snet-aks", "snet-pe", "snet-agents"].iter().enumerate().map(subnet).collect::<Vec<_>>();
    let route = json!({"name": "default", "properties": {
        "addressPrefix": "0.0.0.0/0", "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.0.0.4"}});
    let (here, tags) = ("[parameters('location')]", "[variables('commonTags')]");
    vec![
        resource(
            "Microsoft.Network/networkSecurityGroups",
            "2023-11-01",
            &nsg,
            json!({
            "location": here, "tags": tags, "properties": {"securityRules": (0..5).map(rule).collect::<Vec<_>>()}}),
        ),
        resource(
            "Microsoft.Network/virtualNetworks",
            "2023-11-01",
            &vnet,
            json!({
            "location": here, "tags": tags, "dependsOn": [nsg_id],
            "properties": {"addressSpace": {"addressPrefixes": [format!("10.{octet}.0.0/16")]}, "subnets": subnets}}),
        ),
        resource(
            "Microsoft.Network/routeTables",
            "2023-11-01",
            &format!("rt{i:04}"),
            json!({
            "location": here, "properties": {"routes": [route]}}),
        ),
        resource(
            "Microsoft.Network/publicIPAddresses",
            "2023-11-01",
            &format!("pip{i:04}"),
            json!({
            "location": here, "sku": {"name": "Standard"}, "properties": {"publicIPAllocationMethod": "Static"}}),
        ),
        resource(
            "Microsoft.Network/natGateways",
            "2023-11-01",
            &format!("nat{i:04}"),
            json!({
            "location": here, "sku": {"name": "Standard"}, "properties": {"publicIpAddresses": [
                {"id": id("Microsoft.Network/publicIPAddresses", &[&format!("pip{i:04}")])}]}}),
        ),
    ]
}

fn registry(i: usize) -> Vec<Value> {
    let (acr, open) = (format!("acr{i:04}"), i.is_multiple_of(7));
    let kind = "Microsoft.ContainerRegistry/registries";
    let addresses = (0..3).map(|k| json!({"action": "Allow", "value": format!("203.0.113.{k}")})).collect::<Vec<_>>();
    let (here, tags) = ("[parameters('location')]", "[variables('commonTags')]");
    vec![
        resource(
            kind,
            "2023-07-01",
            &acr,
            json!({
            "location": here, "tags": tags, "sku": {"name": "[parameters('acrSku')]"},
            "identity": {"type": "SystemAssigned"},
            "properties": {
                "adminUserEnabled": open,
                "publicNetworkAccess": if open { "Enabled" } else { "Disabled" },
                "networkRuleBypassOptions": "AzureServices",
                "dataEndpointEnabled": !open,
                "anonymousPullEnabled": false,
                "zoneRedundancy": "[if(equals(parameters('environment'), 'prod'), 'Enabled', 'Disabled')]",
                "networkRuleSet": {"defaultAction": if open { "Allow" } else { "Deny" }, "ipRules": addresses},
                "policies": {
                    "quarantinePolicy": {"status": "disabled"},
                    "trustPolicy": {"type": "Notary", "status": "disabled"},
                    "retentionPolicy": {"days": 30, "status": "enabled"},
                    "exportPolicy": {"status": "enabled"},
                    "azureADAuthenticationAsArmPolicy": {"status": "enabled"}
                }
            }}),
        ),
        resource(
            &format!("{kind}/replications"),
            "2023-07-01",
            &format!("{acr}/northeurope"),
            json!({
            "location": "northeurope", "dependsOn": [id(kind, &[&acr])],
            "properties": {"zoneRedundancy": "Enabled", "regionEndpointEnabled": true}}),
        ),
        resource(
            &format!("{kind}/webhooks"),
            "2023-07-01",
            &format!("{acr}/hook"),
            json!({
            "location": here, "dependsOn": [id(kind, &[&acr])],
            "properties": {"status": "enabled", "scope": "app:*", "actions": ["push"],
                "serviceUri": "https://hooks.example.com/acr"}}),
        ),
    ]
}

fn endpoint(i: usize) -> Vec<Value> {
    let (acr, vnet, pe) = (format!("acr{i:04}"), format!("vnet{i:04}"), format!("pe-acr{i:04}"));
    let zone = if i == 0 { "privatelink.azurecr.io".to_owned() } else { format!("privatelink{i:04}.azurecr.io") };
    let zone_id = id("Microsoft.Network/privateDnsZones", &[&zone]);
    let vnet_id = id("Microsoft.Network/virtualNetworks", &[&vnet]);
    let connect = |name: &str, target: String, group: &str| {
        json!({"subnet": {"id": id("Microsoft.Network/virtualNetworks/subnets", &[&vnet, "snet-pe"])},
            "privateLinkServiceConnections": [
                {"name": name, "properties": {"privateLinkServiceId": target, "groupIds": [group]}}]})
    };
    let (here, tags) = ("[parameters('location')]", "[variables('commonTags')]");
    vec![
        resource(
            "Microsoft.Network/privateDnsZones",
            "2020-06-01",
            &zone,
            json!({
            "location": "global", "tags": tags, "properties": {}}),
        ),
        resource(
            "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
            "2020-06-01",
            &format!("{zone}/link-{vnet}"),
            json!({"location": "global", "dependsOn": [zone_id, vnet_id],
                "properties": {"registrationEnabled": false, "virtualNetwork": {"id": vnet_id}}}),
        ),
        resource(
            "Microsoft.Network/privateEndpoints",
            "2023-11-01",
            &pe,
            json!({
            "location": here, "tags": tags,
            "dependsOn": [id("Microsoft.ContainerRegistry/registries", &[&acr]), vnet_id],
            "properties": connect("registry", id("Microsoft.ContainerRegistry/registries", &[&acr]), "registry")}),
        ),
        resource(
            "Microsoft.Network/privateEndpoints/privateDnsZoneGroups",
            "2023-11-01",
            &format!("{pe}/default"),
            json!({
            "dependsOn": [id("Microsoft.Network/privateEndpoints", &[&pe]), zone_id],
            "properties": {"privateDnsZoneConfigs": [{"name": "acr", "properties": {"privateDnsZoneId": zone_id}}]}}),
        ),
        resource(
            "Microsoft.Network/privateEndpoints",
            "2023-11-01",
            &format!("pe-kv{i:04}"),
            json!({
            "location": here, "dependsOn": [id("Microsoft.KeyVault/vaults", &[&format!("kv{i:04}")])],
            "properties": connect("vault", id("Microsoft.KeyVault/vaults", &[&format!("kv{i:04}")]), "vault")}),
        ),
    ]
}

fn bystanders(i: usize) -> Vec<Value> {
    let (acr, vnet, user) = (format!("acr{i:04}"), format!("vnet{i:04}"), format!("id{i:04}"));
    let user_id = id("Microsoft.ManagedIdentity/userAssignedIdentities", &[&user]);
    let pull =
        "[subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')]";
    let who = format!(
        "[reference(resourceId('Microsoft.ManagedIdentity/userAssignedIdentities', '{user}'), '2023-01-31').principalId]"
    );
    let on_registry = format!("[format('Microsoft.ContainerRegistry/registries/{{0}}', '{acr}')]");
    let workspace = format!("law{i:04}");
    let (here, tags) = ("[parameters('location')]", "[variables('commonTags')]");
    let closed = json!({"bypass": "AzureServices", "defaultAction": "Deny"});
    vec![
        resource(
            "Microsoft.OperationalInsights/workspaces",
            "2022-10-01",
            &workspace,
            json!({
            "location": here, "tags": tags, "properties": {"sku": {"name": "PerGB2018"}, "retentionInDays": 30}}),
        ),
        resource(
            "Microsoft.Insights/diagnosticSettings",
            "2021-05-01-preview",
            "diag",
            json!({
            "scope": on_registry, "properties": {
                "workspaceId": id("Microsoft.OperationalInsights/workspaces", &[&workspace]),
                "logs": [{"category": "ContainerRegistryRepositoryEvents", "enabled": true},
                    {"category": "ContainerRegistryLoginEvents", "enabled": true}]}}),
        ),
        resource(
            "Microsoft.ManagedIdentity/userAssignedIdentities",
            "2023-01-31",
            &user,
            json!({
            "location": here, "tags": tags}),
        ),
        resource(
            "Microsoft.Authorization/roleAssignments",
            "2022-04-01",
            &format!("[guid(resourceGroup().id, 'acrpull', '{i:04}')]"),
            json!({
                "scope": on_registry, "dependsOn": [user_id],
                "properties": {"roleDefinitionId": pull, "principalId": who, "principalType": "ServicePrincipal"}}),
        ),
        resource(
            "Microsoft.KeyVault/vaults",
            "2023-07-01",
            &format!("kv{i:04}"),
            json!({
            "location": here, "tags": tags, "properties": {"tenantId": "[subscription().tenantId]",
                "sku": {"family": "A", "name": "standard"}, "accessPolicies": [], "enablePurgeProtection": true,
                "networkAcls": closed}}),
        ),
        resource(
            "Microsoft.Storage/storageAccounts",
            "2023-01-01",
            &format!("st{i:04}"),
            json!({
            "location": here, "tags": tags, "sku": {"name": "Standard_LRS"}, "kind": "StorageV2",
            "properties": {"minimumTlsVersion": "TLS1_2", "supportsHttpsTrafficOnly": true,
                "allowBlobPublicAccess": false, "networkAcls": closed}}),
        ),
        resource(
            "Microsoft.ContainerService/managedClusters",
            "2024-02-01",
            &format!("aks{i:04}"),
            json!({
            "location": here, "tags": tags, "identity": {"type": "SystemAssigned"},
            "properties": {"dnsPrefix": format!("aks{i:04}"),
                "agentPoolProfiles": [{"name": "sys", "count": 3, "vmSize": "Standard_D4s_v5", "mode": "System",
                    "vnetSubnetID": id("Microsoft.Network/virtualNetworks/subnets", &[&vnet, "snet-aks"])}],
                "networkProfile": {"networkPlugin": "azure", "outboundType": "userDefinedRouting"}}}),
        ),
    ]
}
