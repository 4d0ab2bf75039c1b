//! An export of Azure Resource Graph of any size, as `az graph query` prints one, the same on every machine.
//!
//! In: how many rows. Out: text, row by row, so that a large one is never held. Must not know: who measures what with it.
//!
//! Every thousand rows are a landing zone: 3 registries, 12 private endpoints, 5 private zones with 8 links, 4 networks,
//! 30 machines, 42 network interfaces and a few clients, 110 rows that a check reads in all; beside them disks, storage
//! accounts and what else fills subscriptions. The rows of a zone are mixed, as they are in an export.

use std::io::{self, Write};

use serde_json::{Value, json};

/// Rows of one landing zone.
pub const ZONE: usize = 1_000;

/// Makes a row.
type Make = fn(&Place) -> Value;

/// So many rows of each type, the ones that matter first.
const MIX: [(usize, Make); 24] = [
    (3, registry),
    (12, private_endpoint),
    (12, endpoint_interface),
    (30, machine_interface),
    (30, machine),
    (5, zone),
    (8, zone_link),
    (4, network),
    (3, security_group),
    (1, cluster),
    (2, web_app),
    (180, disk),
    (150, storage),
    (120, extension),
    (80, snapshot),
    (60, vault),
    (60, address),
    (60, database),
    (60, alert),
    (60, identity),
    (40, component),
    (10, plan),
    (5, load_balancer),
    (5, workspace),
];

/// Writes an export with this many rows.
pub fn write(rows: usize, out: &mut impl Write) -> io::Result<()> {
    write!(out, "{{\n  \"count\": {rows},\n  \"data\": [")?;
    for number in 0..rows {
        let text = serde_json::to_string_pretty(&row(number)).map_err(io::Error::other)?;
        let comma = if number == 0 { "" } else { "," };
        write!(out, "{comma}\n    {}", text.replace('\n', "\n    "))?;
    }
    writeln!(out, "\n  ],\n  \"skip_token\": null,\n  \"total_records\": {rows}\n}}")
}

/// One row.
pub fn row(number: usize) -> Value {
    // 389 and 1,000 have no common divisor, so each slot comes once.
    let (zone, mut slot) = (number / ZONE, number % ZONE * 389 % ZONE);
    for (count, make) in MIX {
        if slot < count {
            return make(&Place { zone, at: slot });
        }
        slot -= count;
    }
    Value::Null
}

/// The landing zone of a row, and its number among those of its type.
struct Place {
    zone: usize,
    at: usize,
}

impl Place {
    fn subscription(&self) -> String {
        format!("8d1c2a44-0f5e-4b39-9a7e-{:012x}", self.zone / 2)
    }

    fn group(&self) -> String {
        format!("rg-lz{:04}-{}", self.zone, ["network", "apps", "data"][self.at % 3])
    }

    /// An id of this landing zone; all that others refer to lies in one group.
    fn id(&self, group: &str, ty: &str, name: &str) -> String {
        let (subscription, zone) = (self.subscription(), self.zone);
        format!("/subscriptions/{subscription}/resourceGroups/rg-lz{zone:04}-{group}/providers/{ty}/{name}")
    }

    fn network(&self, at: usize) -> String {
        self.id("network", "Microsoft.Network/virtualNetworks", &format!("vnet-{:04}-{at}", self.zone))
    }

    fn subnet(&self, network: usize, name: &str) -> String {
        format!("{}/subnets/{name}", self.network(network))
    }

    fn registry(&self, at: usize) -> String {
        self.id("apps", "Microsoft.ContainerRegistry/registries", &format!("acr{:04}x{at}", self.zone))
    }

    fn guid(&self, salt: usize) -> String {
        format!("{:08x}-{salt:04x}-4a0a-8f1e-{:012x}", self.zone * 7919 + self.at, self.at * 104_729 + salt)
    }

    /// A row in the group that ids of others lead to.
    fn row(&self, group: &str, ty: &str, name: &str, rest: Value) -> Value {
        let group = if group.is_empty() { self.group() } else { format!("rg-lz{:04}-{group}", self.zone) };
        let subscription = self.subscription();
        let id = format!("/subscriptions/{subscription}/resourceGroups/{group}/providers/{}", path(ty, name));
        let mut row = json!({
            "apiVersion": null, "extendedLocation": null, "id": id, "identity": null, "kind": "",
            "location": "westeurope", "managedBy": "", "name": name.rsplit('/').next(), "plan": null,
            "properties": {}, "resourceGroup": group, "sku": null, "subscriptionId": subscription,
            "tags": {"costCenter": format!("{:05}", 10_000 + self.zone), "environment": "production",
                "owner": "platform@contoso.example", "application": format!("app-{:03}", self.at % 40),
                "businessUnit": "Retail Banking Europe", "dataClassification": "confidential",
                "deployedBy": "https://dev.azure.com/contoso/platform/_build/results?buildId=4711",
                "hidden-link:/app-insights-resource-id": format!("/subscriptions/{subscription}/resourceGroups/{group}"),
                "maintenanceWindow": "Sun 02:00-06:00 Europe/Amsterdam"},
            "systemData": {"createdAt": "2025-03-04T09:11:27.4410211+00:00", "createdBy": self.guid(99),
                "createdByType": "Application", "lastModifiedAt": "2025-09-12T08:02:22.6401174+00:00",
                "lastModifiedBy": "deploy@contoso.example", "lastModifiedByType": "User"},
            "tenantId": "5b0c7f5e-6c1d-4a0a-8f1e-0c9b6a4d2e11", "type": ty.to_lowercase(), "zones": null});
        if let (Some(row), Value::Object(rest)) = (row.as_object_mut(), rest) {
            row.extend(rest);
        }
        row
    }
}

/// `Microsoft.X/a/b` and `n/m` as `Microsoft.X/a/n/b/m`.
fn path(ty: &str, name: &str) -> String {
    let mut types = ty.split('/');
    let mut path = types.next().unwrap_or_default().to_owned();
    for (ty, name) in types.zip(name.split('/')) {
        for piece in [ty, name] {
            path.push('/');
            path.push_str(piece);
        }
    }
    path
}

fn registry(p: &Place) -> Value {
    let id = p.registry(p.at);
    let open = p.zone % 5 == 3 && p.at == 2;
    let connection = json!({
        "id": format!("{id}/privateEndpointConnections/c"), "name": "c",
        "type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        "properties": {"privateEndpoint": {"id": p.id("network", "Microsoft.Network/privateEndpoints",
                &format!("pe-{:04}-{}", p.zone, p.at))},
            "privateLinkServiceConnectionState": {"actionsRequired": "None", "description": "", "status": "Approved"},
            "provisioningState": "Succeeded"}});
    let name = id.rsplit('/').next().unwrap_or_default();
    p.row(
        "apps",
        "Microsoft.ContainerRegistry/registries",
        name,
        json!({
        "sku": {"name": "Premium", "tier": "Premium"},
        "properties": {
            "adminUserEnabled": open, "anonymousPullEnabled": false, "creationDate": "2025-03-04T09:11:27.441021Z",
            "dataEndpointEnabled": false, "dataEndpointHostNames": [],
            "encryption": {"keyVaultProperties": null, "status": "disabled"},
            "loginServer": format!("{name}.azurecr.io"), "networkRuleBypassOptions": "AzureServices",
            "networkRuleSet": {"defaultAction": if open { "Allow" } else { "Deny" }, "ipRules": []},
            "policies": {"exportPolicy": {"status": "enabled"}, "quarantinePolicy": {"status": "disabled"},
                "azureADAuthenticationAsArmPolicy": {"status": "enabled"},
                "retentionPolicy": {"days": 7, "status": "disabled"},
                "trustPolicy": {"status": "disabled", "type": "Notary"}},
            "privateEndpointConnections": [connection], "provisioningState": "Succeeded",
            "publicNetworkAccess": if open { "Enabled" } else { "Disabled" }, "status": null,
            "zoneRedundancy": "Disabled"}}),
    )
}

/// The first three lead to registries, the others to storage accounts.
fn private_endpoint(p: &Place) -> Value {
    let name = format!("pe-{:04}-{}", p.zone, p.at);
    let (target, group) = match p.at {
        0..3 => (p.registry(p.at), "registry"),
        at => (p.id("data", "Microsoft.Storage/storageAccounts", &format!("st{:04}x{at:03}", p.zone)), "blob"),
    };
    p.row("network", "Microsoft.Network/privateEndpoints", &name, json!({
        "properties": {
            "customDnsConfigs": [], "customNetworkInterfaceName": "", "ipConfigurations": [],
            "manualPrivateLinkServiceConnections": [],
            "networkInterfaces": [{"id": p.id("network", "Microsoft.Network/networkInterfaces", &format!("{name}.nic"))}],
            "privateLinkServiceConnections": [{
                "id": format!("{}/privateLinkServiceConnections/c",
                    p.id("network", "Microsoft.Network/privateEndpoints", &name)),
                "name": "c", "type": "Microsoft.Network/privateEndpoints/privateLinkServiceConnections",
                "etag": format!("W/\"{}\"", p.guid(1)),
                "properties": {"groupIds": [group], "privateLinkServiceId": target, "provisioningState": "Succeeded",
                    "privateLinkServiceConnectionState": {"actionsRequired": "None", "description": "Auto-Approved",
                        "status": "Approved"}}}],
            "provisioningState": "Succeeded", "resourceGuid": p.guid(2),
            "subnet": {"id": p.subnet(0, "snet-endpoints")}}}))
}

fn interface(p: &Place, name: &str, subnet: &str, more: Value) -> Value {
    let id = p.id("network", "Microsoft.Network/networkInterfaces", name);
    let mut properties = json!({
        "allowedOutboundVnetEgress": [], "auxiliaryMode": "None", "auxiliarySku": "None",
        "disableTcpStateTracking": false,
        "dnsSettings": {"appliedDnsServers": [], "dnsServers": [],
            "internalDomainNameSuffix": "xkzfl2fuxpke5ds3crr1wvkjqe.ax.internal.cloudapp.net"},
        "enableAcceleratedNetworking": true, "enableIPForwarding": false, "hostedWorkloads": [],
        "ipConfigurations": [{
            "etag": format!("W/\"{}\"", p.guid(3)), "id": format!("{id}/ipConfigurations/ipconfig1"),
            "name": "ipconfig1", "type": "Microsoft.Network/networkInterfaces/ipConfigurations",
            "properties": {"primary": true, "privateIPAddress": format!("10.{}.{}.{}", p.zone % 250, p.at, p.at + 4),
                "privateIPAddressVersion": "IPv4", "privateIPAllocationMethod": "Dynamic",
                "provisioningState": "Succeeded", "subnet": {"id": subnet}}}],
        "macAddress": format!("00-0D-3A-{:02X}-{:02X}-{:02X}", p.zone % 256, p.at, 7), "nicType": "Standard",
        "primary": true, "provisioningState": "Succeeded", "resourceGuid": p.guid(4), "tapConfigurations": [],
        "vnetEncryptionSupported": false});
    if let (Some(properties), Value::Object(more)) = (properties.as_object_mut(), more) {
        properties.extend(more);
    }
    p.row("network", "Microsoft.Network/networkInterfaces", name, json!({"properties": properties}))
}

fn endpoint_interface(p: &Place) -> Value {
    let name = format!("pe-{:04}-{}.nic", p.zone, p.at);
    let endpoint = p.id("network", "Microsoft.Network/privateEndpoints", &format!("pe-{:04}-{}", p.zone, p.at));
    interface(p, &name, &p.subnet(0, "snet-endpoints"), json!({"privateEndpoint": {"id": endpoint}}))
}

fn machine_interface(p: &Place) -> Value {
    let name = format!("nic-{:04}-{:03}", p.zone, p.at);
    let machine = p.id("apps", "Microsoft.Compute/virtualMachines", &format!("vm-{:04}-{:03}", p.zone, p.at));
    interface(p, &name, &p.subnet(p.at % 4, "snet-apps"), json!({"virtualMachine": {"id": machine}}))
}

fn machine(p: &Place) -> Value {
    let name = format!("vm-{:04}-{:03}", p.zone, p.at);
    let nic = p.id("network", "Microsoft.Network/networkInterfaces", &format!("nic-{:04}-{:03}", p.zone, p.at));
    let disk = |kind: &str| p.id("data", "Microsoft.Compute/disks", &format!("{name}-{kind}"));
    let status = |name: &str, code: &str| {
        json!({"name": name, "status": {"code": code, "level": "Info", "displayStatus": "Ready",
            "message": "Guest Agent is running", "time": "2025-09-30T11:20:41.000Z"}})
    };
    p.row(
        "apps",
        "Microsoft.Compute/virtualMachines",
        &name,
        json!({
        "identity": {"type": "SystemAssigned", "principalId": p.guid(5), "tenantId": p.guid(6)},
        "zones": ["1"],
        "properties": {
            "diagnosticsProfile": {"bootDiagnostics": {"enabled": true}},
            "extended": {"instanceView": {"computerName": name, "hyperVGeneration": "V2", "osName": "ubuntu",
                "osVersion": "22.04", "extensions": [status("AzureMonitorLinuxAgent", "ProvisioningState/succeeded"),
                    status("MDE.Linux", "ProvisioningState/succeeded")],
                "powerState": {"code": "PowerState/running", "displayStatus": "VM running", "level": "Info"}}},
            "hardwareProfile": {"vmSize": "Standard_D4s_v5"},
            "networkProfile": {"networkInterfaces": [{"id": nic, "properties": {"primary": true}}]},
            "osProfile": {"adminUsername": "azureuser", "allowExtensionOperations": true, "computerName": name,
                "linuxConfiguration": {"disablePasswordAuthentication": true, "enableVMAgentPlatformUpdates": false,
                    "patchSettings": {"assessmentMode": "AutomaticByPlatform", "patchMode": "ImageDefault"},
                    "provisionVMAgent": true,
                    "ssh": {"publicKeys": [{"path": "/home/azureuser/.ssh/authorized_keys",
                        "keyData": format!("ssh-rsa {}", "AAAAB3NzaC1yc2EAAAADAQABAAABgQ".repeat(12))}]}},
                "requireGuestProvisionSignal": true, "secrets": []},
            "provisioningState": "Succeeded",
            "securityProfile": {"securityType": "TrustedLaunch",
                "uefiSettings": {"secureBootEnabled": true, "vTpmEnabled": true}},
            "storageProfile": {
                "dataDisks": [{"caching": "None", "createOption": "Attach", "deleteOption": "Detach", "lun": 0,
                    "managedDisk": {"id": disk("data"), "storageAccountType": "Premium_LRS"}, "name": "data",
                    "toBeDetached": false, "writeAcceleratorEnabled": false}],
                "diskControllerType": "SCSI",
                "imageReference": {"exactVersion": "22.04.202509090", "offer": "0001-com-ubuntu-server-jammy",
                    "publisher": "canonical", "sku": "22_04-lts-gen2", "version": "latest"},
                "osDisk": {"caching": "ReadWrite", "createOption": "FromImage", "deleteOption": "Delete",
                    "diskSizeGB": 64, "managedDisk": {"id": disk("os"), "storageAccountType": "Premium_LRS"},
                    "name": format!("{name}-os"), "osType": "Linux"}},
            "timeCreated": "2025-03-04T09:11:27.4410211+00:00", "vmId": p.guid(7)}}),
    )
}

const ZONES: [&str; 5] = [
    "privatelink.azurecr.io",
    "privatelink.blob.core.windows.net",
    "privatelink.vaultcore.azure.net",
    "privatelink.database.windows.net",
    "privatelink.file.core.windows.net",
];

fn zone(p: &Place) -> Value {
    p.row(
        "network",
        "Microsoft.Network/privateDnsZones",
        ZONES[p.at % 5],
        json!({
        "location": "global",
        "properties": {"internalId": "SW1tdXRhYmxlWm9uZUlkZW50aXR5OzE=", "maxNumberOfRecordSets": 25000,
            "maxNumberOfVirtualNetworkLinks": 1000, "maxNumberOfVirtualNetworkLinksWithRegistration": 100,
            "numberOfRecordSets": 7, "numberOfVirtualNetworkLinks": 2,
            "numberOfVirtualNetworkLinksWithRegistration": 0, "provisioningState": "Succeeded"}}),
    )
}

fn zone_link(p: &Place) -> Value {
    let network = [0, 1, 2, 0, 0, 0, 0, 3][p.at % 8];
    let zone = [0, 0, 0, 1, 2, 3, 4, 1][p.at % 8];
    let name = format!("{}/link-{network}", ZONES[zone]);
    p.row(
        "network",
        "Microsoft.Network/privateDnsZones/virtualNetworkLinks",
        &name,
        json!({
        "location": "global",
        "properties": {"provisioningState": "Succeeded", "registrationEnabled": false, "resolutionPolicy": "Default",
            "virtualNetwork": {"id": p.network(network)}, "virtualNetworkLinkState": "Completed"}}),
    )
}

fn network(p: &Place) -> Value {
    let id = p.network(p.at);
    let name = id.rsplit('/').next().unwrap_or_default();
    let group = p.id("network", "Microsoft.Network/networkSecurityGroups", &format!("nsg-{:04}-0", p.zone));
    let subnet = |(k, name): (usize, &str)| {
        json!({"id": format!("{id}/subnets/{name}"), "name": name,
            "type": "Microsoft.Network/virtualNetworks/subnets", "etag": format!("W/\"{}\"", p.guid(8)),
            "properties": {"addressPrefix": format!("10.{}.{k}.0/24", p.zone % 250), "delegations": [],
                "networkSecurityGroup": {"id": group}, "privateEndpointNetworkPolicies": "Disabled",
                "privateLinkServiceNetworkPolicies": "Enabled", "provisioningState": "Succeeded",
                "serviceEndpoints": [{"service": "Microsoft.Storage", "locations": ["westeurope", "northeurope"],
                    "provisioningState": "Succeeded"}]}})
    };
    let peering = |other: usize| {
        json!({"id": format!("{id}/virtualNetworkPeerings/to-{other}"), "name": format!("to-{other}"),
            "type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
            "properties": {"allowForwardedTraffic": true, "allowGatewayTransit": false,
                "allowVirtualNetworkAccess": true, "peeringState": "Connected", "peeringSyncLevel": "FullyInSync",
                "provisioningState": "Succeeded", "remoteVirtualNetwork": {"id": p.network(other)},
                "useRemoteGateways": false}})
    };
    let peers: Vec<Value> = match p.at {
        0 => (1..3).map(peering).collect(),
        1 | 2 => vec![peering(0)],
        _ => Vec::new(),
    };
    let subnets = ["snet-endpoints", "snet-apps", "snet-aks", "snet-data"].into_iter().enumerate().map(subnet);
    p.row(
        "network",
        "Microsoft.Network/virtualNetworks",
        name,
        json!({
        "properties": {
            "addressSpace": {"addressPrefixes": [format!("10.{}.0.0/16", p.zone % 250)]},
            "dhcpOptions": {"dnsServers": []}, "enableDdosProtection": false, "provisioningState": "Succeeded",
            "resourceGuid": p.guid(9), "subnets": subnets.collect::<Vec<_>>(), "virtualNetworkPeerings": peers}}),
    )
}

fn security_group(p: &Place) -> Value {
    let name = format!("nsg-{:04}-{}", p.zone, p.at);
    let id = p.id("network", "Microsoft.Network/networkSecurityGroups", &name);
    let rule = |(k, direction): (usize, &str)| {
        json!({"id": format!("{id}/defaultSecurityRules/r{k}"), "name": format!("r{k}"),
            "type": "Microsoft.Network/networkSecurityGroups/defaultSecurityRules",
            "properties": {"access": "Allow", "description": "Allow traffic of the platform",
                "destinationAddressPrefix": "VirtualNetwork", "destinationAddressPrefixes": [],
                "destinationPortRange": "*", "destinationPortRanges": [], "direction": direction,
                "priority": 65000 + k, "protocol": "*", "provisioningState": "Succeeded",
                "sourceAddressPrefix": "VirtualNetwork", "sourceAddressPrefixes": [], "sourcePortRange": "*",
                "sourcePortRanges": []}})
    };
    let rules = ["Inbound", "Inbound", "Inbound", "Outbound", "Outbound", "Outbound"].into_iter().enumerate().map(rule);
    p.row(
        "network",
        "Microsoft.Network/networkSecurityGroups",
        &name,
        json!({
        "properties": {"defaultSecurityRules": rules.collect::<Vec<_>>(), "provisioningState": "Succeeded",
            "resourceGuid": p.guid(10), "securityRules": []}}),
    )
}

fn cluster(p: &Place) -> Value {
    let name = format!("aks-{:04}", p.zone);
    p.row(
        "apps",
        "Microsoft.ContainerService/managedClusters",
        &name,
        json!({
        "identity": {"type": "SystemAssigned", "principalId": p.guid(11), "tenantId": p.guid(12)},
        "sku": {"name": "Base", "tier": "Standard"},
        "properties": {
            "agentPoolProfiles": [{"count": 3, "currentOrchestratorVersion": "1.30.4", "maxPods": 110, "mode": "System",
                "name": "sys", "osType": "Linux", "powerState": {"code": "Running"}, "type": "VirtualMachineScaleSets",
                "vmSize": "Standard_D4s_v5", "vnetSubnetID": p.subnet(1, "snet-aks")}],
            "dnsPrefix": name, "enableRBAC": true, "kubernetesVersion": "1.30",
            "networkProfile": {"networkPlugin": "azure", "outboundType": "userDefinedRouting"},
            "nodeResourceGroup": format!("MC_{name}"), "provisioningState": "Succeeded"}}),
    )
}

fn web_app(p: &Place) -> Value {
    let name = format!("app-{:04}-{}", p.zone, p.at);
    p.row(
        "apps",
        "Microsoft.Web/sites",
        &name,
        json!({
        "kind": "app,linux,container",
        "properties": {
            "clientAffinityEnabled": false, "defaultHostName": format!("{name}.azurewebsites.net"), "enabled": true,
            "hostNames": [format!("{name}.azurewebsites.net")], "httpsOnly": true,
            "siteConfig": {"linuxFxVersion": format!("DOCKER|acr{:04}x0.azurecr.io/app:1", p.zone),
                "acrUseManagedIdentityCreds": true, "alwaysOn": true, "minimumElasticInstanceCount": 1},
            "outboundVnetRouting": {"allTraffic": true, "imagePullTraffic": true}, "state": "Running",
            "virtualNetworkSubnetId": p.subnet(1, "snet-apps")}}),
    )
}

fn disk(p: &Place) -> Value {
    let name = format!("disk-{:04}-{:03}", p.zone, p.at);
    let machine = p.id("apps", "Microsoft.Compute/virtualMachines", &format!("vm-{:04}-{:03}", p.zone, p.at % 30));
    p.row(
        "",
        "Microsoft.Compute/disks",
        &name,
        json!({
        "managedBy": machine, "sku": {"name": "Premium_LRS", "tier": "Premium"}, "zones": ["1"],
        "properties": {
            "LastOwnershipUpdateTime": "2025-05-02T17:45:10.2041213+00:00", "burstingEnabled": false,
            "creationData": {"createOption": "FromImage", "imageReference": {"id":
                "/Subscriptions/8d1c2a44-0f5e-4b39-9a7e-2f6c51b0e7d3/Providers/Microsoft.Compute/Locations/westeurope/\
                 Publishers/canonical/ArtifactTypes/VMImage/Offers/0001-com-ubuntu-server-jammy/Skus/22_04-lts-gen2/\
                 Versions/22.04.202509090"}},
            "dataAccessAuthMode": "None", "diskIOPSReadWrite": 500, "diskMBpsReadWrite": 100,
            "diskSizeBytes": 137_438_953_472_u64, "diskSizeGB": 128, "diskState": "Attached",
            "encryption": {"type": "EncryptionAtRestWithPlatformKey"}, "hyperVGeneration": "V2",
            "networkAccessPolicy": "DenyAll", "osType": "Linux", "provisioningState": "Succeeded",
            "publicNetworkAccess": "Disabled", "purchasePlan": null,
            "securityProfile": {"securityType": "TrustedLaunch"},
            "supportedCapabilities": {"acceleratedNetwork": true, "architecture": "x64",
                "diskControllerTypes": "SCSI, NVMe"},
            "supportsHibernation": true, "tier": "P10", "timeCreated": "2025-03-04T09:11:27.4410211+00:00",
            "uniqueId": p.guid(13)}}),
    )
}

fn storage(p: &Place) -> Value {
    let name = format!("st{:04}x{:03}", p.zone, p.at);
    let host = |service: &str| format!("https://{name}.{service}.core.windows.net/");
    let service = || json!({"enabled": true, "keyType": "Account", "lastEnabledTime": "2025-03-04T09:11:28.1129Z"});
    let endpoint = format!(
        "{}/privateEndpointConnections/c.{}",
        p.id("data", "Microsoft.Storage/storageAccounts", &name),
        p.guid(14)
    );
    p.row(
        "data",
        "Microsoft.Storage/storageAccounts",
        &name,
        json!({
        "kind": "StorageV2", "sku": {"name": "Standard_ZRS", "tier": "Standard"},
        "properties": {
            "accessTier": "Hot", "allowBlobPublicAccess": false, "allowCrossTenantReplication": false,
            "allowSharedKeyAccess": false, "creationTime": "2025-03-04T09:11:28.0192838Z",
            "defaultToOAuthAuthentication": true, "dnsEndpointType": "Standard",
            "encryption": {"keySource": "Microsoft.Storage", "requireInfrastructureEncryption": true,
                "services": {"blob": service(), "file": service()}},
            "isHnsEnabled": false, "isLocalUserEnabled": false,
            "keyCreationTime": {"key1": "2025-03-04T09:11:28.1129Z", "key2": "2025-03-04T09:11:28.1129Z"},
            "largeFileSharesState": "Enabled", "minimumTlsVersion": "TLS1_2",
            "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [], "ipv6Rules": [],
                "resourceAccessRules": [], "virtualNetworkRules": [
                    {"action": "Allow", "id": p.subnet(1, "snet-data"), "state": "Succeeded"}]},
            "primaryEndpoints": {"blob": host("blob"), "dfs": host("dfs"), "file": host("file"),
                "queue": host("queue"), "table": host("table"), "web": host("z6.web")},
            "primaryLocation": "westeurope",
            "privateEndpointConnections": [{"id": endpoint, "name": "c",
                "type": "Microsoft.Storage/storageAccounts/privateEndpointConnections",
                "properties": {"privateEndpoint": {"id": p.id("network", "Microsoft.Network/privateEndpoints",
                        &format!("pe-{:04}-{}", p.zone, p.at % 12))},
                    "privateLinkServiceConnectionState": {"actionRequired": "None", "description": "Auto-Approved",
                        "status": "Approved"}, "provisioningState": "Succeeded"}}],
            "provisioningState": "Succeeded", "publicNetworkAccess": "Disabled", "statusOfPrimary": "available",
            "supportsHttpsTrafficOnly": true}}),
    )
}

fn extension(p: &Place) -> Value {
    let name = format!("vm-{:04}-{:03}/ext-{}", p.zone, p.at / 4, p.at % 4);
    p.row(
        "apps",
        "Microsoft.Compute/virtualMachines/extensions",
        &name,
        json!({
        "properties": {
            "autoUpgradeMinorVersion": true, "enableAutomaticUpgrade": true, "forceUpdateTag": p.guid(15),
            "provisioningState": "Succeeded", "publisher": "Microsoft.Azure.Monitor", "type": "AzureMonitorLinuxAgent",
            "typeHandlerVersion": "1.33", "suppressFailures": false,
            "settings": {"authentication": {"managedIdentity": {"identifier-name": "mi_res_id", "identifier-value":
                p.id("apps", "Microsoft.ManagedIdentity/userAssignedIdentities", "id-monitor")}},
                "workspaceId": p.guid(16), "GCS_AUTO_CONFIG": true}}}),
    )
}

fn snapshot(p: &Place) -> Value {
    let name = format!("snap-{:04}-{:03}", p.zone, p.at);
    p.row("data", "Microsoft.Compute/snapshots", &name, json!({
        "sku": {"name": "Standard_ZRS", "tier": "Standard"},
        "properties": {
            "completionPercent": 100.0, "creationData": {"createOption": "Copy", "sourceUniqueId": p.guid(17),
                "sourceResourceId": p.id("data", "Microsoft.Compute/disks", &format!("disk-{:04}-{:03}", p.zone, p.at))},
            "dataAccessAuthMode": "None", "diskSizeBytes": 137_438_953_472_u64, "diskSizeGB": 128,
            "diskState": "Unattached", "encryption": {"type": "EncryptionAtRestWithPlatformKey"},
            "hyperVGeneration": "V2", "incremental": true, "incrementalSnapshotFamilyId": p.guid(18),
            "networkAccessPolicy": "DenyAll", "osType": "Linux", "provisioningState": "Succeeded",
            "publicNetworkAccess": "Disabled", "timeCreated": "2025-09-30T01:00:14.8831902+00:00",
            "uniqueId": p.guid(19)}}))
}

fn vault(p: &Place) -> Value {
    let name = format!("kv-{:04}-{:03}", p.zone, p.at);
    let policy = |k: usize| {
        json!({"objectId": p.guid(20 + k), "tenantId": "5b0c7f5e-6c1d-4a0a-8f1e-0c9b6a4d2e11",
            "permissions": {"certificates": ["get", "list"], "keys": ["get", "list", "unwrapKey", "wrapKey"]}})
    };
    p.row(
        "data",
        "Microsoft.KeyVault/vaults",
        &name,
        json!({
        "properties": {
            "accessPolicies": (0..14).map(policy).collect::<Vec<_>>(), "enablePurgeProtection": true,
            "enableRbacAuthorization": false, "enableSoftDelete": true, "enabledForDeployment": false,
            "networkAcls": {"bypass": "AzureServices", "defaultAction": "Deny", "ipRules": [],
                "virtualNetworkRules": [{"id": p.subnet(1, "snet-apps"), "ignoreMissingVnetServiceEndpoint": false}]},
            "provisioningState": "Succeeded", "publicNetworkAccess": "Disabled",
            "sku": {"family": "A", "name": "standard"}, "softDeleteRetentionInDays": 90,
            "tenantId": "5b0c7f5e-6c1d-4a0a-8f1e-0c9b6a4d2e11",
            "vaultUri": format!("https://{name}.vault.azure.net/")}}),
    )
}

fn address(p: &Place) -> Value {
    p.row(
        "network",
        "Microsoft.Network/publicIPAddresses",
        &format!("pip-{:04}-{:03}", p.zone, p.at),
        json!({
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {
            "ddosSettings": {"protectionMode": "VirtualNetworkInherited"}, "idleTimeoutInMinutes": 4,
            "ipAddress": format!("198.51.{}.{}", p.zone % 250, p.at), "ipTags": [],
            "ipConfiguration": {"id": format!("{}/frontendIPConfigurations/f",
                p.id("network", "Microsoft.Network/loadBalancers", &format!("lb-{:04}-0", p.zone)))},
            "provisioningState": "Succeeded", "publicIPAddressVersion": "IPv4", "publicIPAllocationMethod": "Static",
            "resourceGuid": p.guid(30)}}),
    )
}

fn database(p: &Place) -> Value {
    let name = format!("sql-{:04}/db-{:03}", p.zone, p.at);
    p.row("data", "Microsoft.Sql/servers/databases", &name, json!({
        "kind": "v12.0,user,vcore", "sku": {"name": "GP_Gen5", "tier": "GeneralPurpose", "family": "Gen5", "capacity": 4},
        "properties": {
            "availabilityZone": "NoPreference", "catalogCollation": "SQL_Latin1_General_CP1_CI_AS",
            "collation": "SQL_Latin1_General_CP1_CI_AS", "creationDate": "2025-03-04T09:15:01.13Z",
            "currentBackupStorageRedundancy": "Geo", "currentServiceObjectiveName": "GP_Gen5_4",
            "currentSku": {"capacity": 4, "family": "Gen5", "name": "GP_Gen5", "tier": "GeneralPurpose"},
            "databaseId": p.guid(31), "defaultSecondaryLocation": "northeurope",
            "earliestRestoreDate": "2025-09-23T00:00:00Z", "isInfraEncryptionEnabled": false,
            "isLedgerOn": false, "licenseType": "LicenseIncluded", "maintenanceConfigurationId":
                "/subscriptions/8d1c2a44-0f5e-4b39-9a7e-2f6c51b0e7d3/providers/Microsoft.Maintenance/\
                 publicMaintenanceConfigurations/SQL_Default",
            "maxLogSizeBytes": 193_273_528_320_u64, "maxSizeBytes": 34_359_738_368_u64, "readScale": "Disabled",
            "requestedBackupStorageRedundancy": "Geo", "requestedServiceObjectiveName": "GP_Gen5_4",
            "status": "Online", "zoneRedundant": false}}))
}

fn alert(p: &Place) -> Value {
    let name = format!("alert-{:04}-{:03}", p.zone, p.at);
    let criterion = |k: usize| {
        json!({"criterionType": "StaticThresholdCriterion", "dimensions": [{"name": "Instance", "operator": "Include",
                "values": ["*"]}], "metricName": "Percentage CPU", "metricNamespace":
                "Microsoft.Compute/virtualMachines", "name": format!("Metric{k}"), "operator": "GreaterThan",
            "skipMetricValidation": false, "threshold": 90.0, "timeAggregation": "Average"})
    };
    p.row("apps", "Microsoft.Insights/metricAlerts", &name, json!({
        "location": "global",
        "properties": {
            "actions": [{"actionGroupId": p.id("apps", "Microsoft.Insights/actionGroups", "ag-oncall"),
                "webHookProperties": {}}],
            "autoMitigate": true, "criteria": {"allOf": (1..3).map(criterion).collect::<Vec<_>>(),
                "odata.type": "Microsoft.Azure.Monitor.MultipleResourceMultipleMetricCriteria"},
            "description": "The processors of a machine are busy: see the runbook \"Busy machines\" for what to do.",
            "enabled": true, "evaluationFrequency": "PT5M", "severity": 2, "windowSize": "PT15M",
            "scopes": [p.id("apps", "Microsoft.Compute/virtualMachines", &format!("vm-{:04}-{:03}", p.zone, p.at % 30))],
            "targetResourceRegion": "westeurope", "targetResourceType": "Microsoft.Compute/virtualMachines"}}))
}

fn identity(p: &Place) -> Value {
    let name = format!("id-{:04}-{:03}", p.zone, p.at);
    p.row(
        "apps",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        &name,
        json!({
        "properties": {"clientId": p.guid(32), "principalId": p.guid(33), "tenantId": p.guid(34)}}),
    )
}

fn component(p: &Place) -> Value {
    let name = format!("appi-{:04}-{:03}", p.zone, p.at);
    p.row(
        "apps",
        "Microsoft.Insights/components",
        &name,
        json!({
        "kind": "web",
        "properties": {
            "AppId": p.guid(35), "ApplicationId": name, "Application_Type": "web", "CreationDate":
                "2025-03-04T09:12:44.2218712+00:00", "Flow_Type": "Bluefield", "IngestionMode": "LogAnalytics",
            "InstrumentationKey": p.guid(36), "ConnectionString": format!("InstrumentationKey={};\
                IngestionEndpoint=https://westeurope-5.in.applicationinsights.azure.com/;ApplicationId={}", p.guid(36), p.guid(35)), "Name": name, "PrivateLinkScopedResources": [],
            "Request_Source": "rest", "RetentionInDays": 90, "SamplingPercentage": null, "Ver": "v2",
            "WorkspaceResourceId": p.id("apps", "Microsoft.OperationalInsights/workspaces", "log-central"),
            "provisioningState": "Succeeded", "publicNetworkAccessForIngestion": "Enabled"}}),
    )
}

fn plan(p: &Place) -> Value {
    p.row(
        "apps",
        "Microsoft.Web/serverFarms",
        &format!("plan-{:04}-{:02}", p.zone, p.at),
        json!({
        "kind": "linux", "sku": {"name": "P1v3", "tier": "PremiumV3", "size": "P1v3", "family": "Pv3", "capacity": 3},
        "properties": {"currentNumberOfWorkers": 3, "elasticScaleEnabled": false, "geoRegion": "West Europe",
            "maximumNumberOfWorkers": 30, "numberOfSites": 4, "perSiteScaling": false, "reserved": true,
            "status": "Ready", "zoneRedundant": true}}),
    )
}

fn load_balancer(p: &Place) -> Value {
    let name = format!("lb-{:04}-{}", p.zone, p.at);
    let id = p.id("network", "Microsoft.Network/loadBalancers", &name);
    let rule = |k: usize| {
        json!({"name": format!("rule{k}"), "id": format!("{id}/loadBalancingRules/rule{k}"), "properties": {
            "backendPort": 443, "enableFloatingIP": false, "enableTcpReset": true, "frontendPort": 443 + k,
            "frontendIPConfiguration": {"id": format!("{id}/frontendIPConfigurations/f")}, "idleTimeoutInMinutes": 4,
            "loadDistribution": "Default", "probe": {"id": format!("{id}/probes/p")}, "protocol": "Tcp"}})
    };
    p.row(
        "network",
        "Microsoft.Network/loadBalancers",
        &name,
        json!({
        "sku": {"name": "Standard", "tier": "Regional"},
        "properties": {"loadBalancingRules": (0..8).map(rule).collect::<Vec<_>>(), "inboundNatRules": [],
            "provisioningState": "Succeeded", "resourceGuid": p.guid(37)}}),
    )
}

fn workspace(p: &Place) -> Value {
    p.row(
        "apps",
        "Microsoft.OperationalInsights/workspaces",
        &format!("log-{:04}-{}", p.zone, p.at),
        json!({
        "properties": {"createdDate": "2025-03-04T09:10:02.11Z", "customerId": p.guid(38),
            "features": {"enableLogAccessUsingOnlyResourcePermissions": true, "legacy": 0},
            "modifiedDate": "2025-09-12T08:02:22.64Z", "provisioningState": "Succeeded",
            "publicNetworkAccessForIngestion": "Enabled", "retentionInDays": 90,
            "sku": {"lastSkuUpdate": "2025-03-04T09:10:02.11Z", "name": "pergb2018"}}}),
    )
}
