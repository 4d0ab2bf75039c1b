//! Faults of what stands around a registry: ways in and out, clients, limits. One for each further rule.

use serde_json::json;

use super::estate::{Estate, fault};
use super::faults::{Fault, set};

pub const OTHERS: &[Fault] = &[
    Fault { rule: "acr-dualstack-prereq", also: &[], estate: two_protocols },
    Fault { rule: "agentpool-count-zero", also: &[], estate: no_agents },
    Fault { rule: "agentpool-egress", also: &[], estate: agents_behind_firewall },
    Fault { rule: "agentpool-os", also: &[], estate: agents_of_windows },
    Fault { rule: "agentpool-region", also: &[], estate: agents_elsewhere },
    Fault { rule: "acr-client-ip-not-allowed", also: &[], estate: nat_gateway },
    Fault { rule: "acr-export-policy", also: &[], estate: exports },
    Fault { rule: "acr-pe-and-vnetrules-coexist", also: &[], estate: both_ways },
    Fault { rule: "connected-registry-needs-data-endpoint", also: &[], estate: connected },
    Fault { rule: "defender-legacy-plan", also: &[], estate: legacy_plan },
    Fault { rule: "dns-custom-server-no-forwarder", also: &[], estate: dns_servers },
    Fault { rule: "dns-vnet-linked-twice", also: &[], estate: linked_twice },
    Fault { rule: "egress-nsg-blocks-dns", also: &[], estate: rule_for_resolver },
    Fault { rule: "egress-nsg-blocks-data", also: &[], estate: security_rule_for_login },
    Fault { rule: "egress-nsg-blocks-registry", also: &[], estate: security_rule },
    Fault { rule: "egress-nsg-blocks-registry", also: &[], estate: security_rule_to_endpoint },
    Fault {
        rule: "egress-nsg-mcr-without-frontdoor",
        also: &["egress-nsg-blocks-registry"],
        estate: security_rule_for_platform,
    },
    Fault { rule: "egress-udr-blackhole", also: &[], estate: default_route },
    Fault { rule: "fw-missing-data", also: &[], estate: layers_behind_firewall },
    Fault { rule: "fw-missing-login", also: &[], estate: login_behind_firewall },
    Fault { rule: "fw-missing-replica-data", also: &[], estate: replica_behind_firewall },
    Fault { rule: "georep-routing-disabled", also: &[], estate: replica_without_clients },
    Fault { rule: "image-host-not-login-server", also: &[], estate: private_host },
    Fault { rule: "pe-connection-dangling", also: &[], estate: dangling },
    Fault { rule: "pe-duplicate-in-vnet", also: &[], estate: second_endpoint },
    Fault { rule: "pe-network-policy-nsg-blocks", also: &[], estate: rules_at_endpoint },
    Fault { rule: "pe-on-delegated-subnet", also: &[], estate: delegated },
    Fault { rule: "pe-premium", also: &[], estate: tier_of_endpoint },
    Fault { rule: "pe-subnet-ip-exhaustion", also: &[], estate: small_subnet },
    Fault { rule: "pe-unreachable-from-client", also: &[], estate: not_peered },
    Fault { rule: "proxy-noproxy-wildcard", also: &[], estate: no_proxy },
    Fault { rule: "tasks-dualstack", also: &[], estate: dual_stack },
];

const LOCATION: &str = "@text:<loc>";

fn nat_gateway(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.add("pip", "Microsoft.Network/publicIPAddresses", "2024-05-01", "pip-<net>");
    set(&mut estate, "pip", "location", json!(LOCATION));
    set(&mut estate, "pip", "sku", json!({ "name": "Standard" }));
    *estate.of("pip") = json!({ "publicIPAllocationMethod": "Static", "ipAddress": "198.51.100.7" });
    estate.add("nat", "Microsoft.Network/natGateways", "2024-05-01", "nat-<net>");
    set(&mut estate, "nat", "location", json!(LOCATION));
    set(&mut estate, "nat", "sku", json!({ "name": "Standard" }));
    *estate.of("nat") = json!({ "publicIpAddresses": [{ "id": "@id:pip" }] });
    estate.of("work")["natGateway"] = json!({ "id": "@id:nat" });
    estate.of("aks")["networkProfile"] = json!({ "outboundType": "userAssignedNATGateway" });
    let key = estate.key("ipRules");
    let allowed = if broken { "203.0.113.0/24" } else { "198.51.100.0/29" };
    estate.of("registry")["networkRuleSet"] =
        json!({ "defaultAction": "Deny", key: [{ "action": "Allow", "value": allowed }] });
    estate
}

/// A group at the subnet of the cluster that denies everything behind one rule.
/// What comes to the endpoint, where the rules of its subnet count.
fn rules_at_endpoint(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    let source = if broken { "10.90.0.0/16" } else { "10.20.2.0/24" };
    estate.add("nsg", "Microsoft.Network/networkSecurityGroups", "2024-05-01", "nsg-<net>");
    set(&mut estate, "nsg", "location", json!(LOCATION));
    let rule = |name: &str, priority: u16, access: serde_json::Value, source: &str| {
        json!({ "name": name, "properties": { "priority": priority, "direction": "Inbound", "access": access,
            "protocol": "Tcp", "sourceAddressPrefix": source, "sourcePortRange": "*",
            "destinationAddressPrefix": "*", "destinationPortRange": "443" } })
    };
    *estate.of("nsg") = json!({ "securityRules": [
        rule("allow-some", 200, json!("Allow"), source),
        rule("deny-rest", 4000, fault("Deny", "Deny"), "*"),
    ] });
    estate.of("endpoints")["networkSecurityGroup"] = json!({ "id": "@id:nsg" });
    estate.of("endpoints")["privateEndpointNetworkPolicies"] = json!("Enabled");
    estate
}

fn security_group(estate: &mut Estate, destination: &serde_json::Value) {
    estate.add("nsg", "Microsoft.Network/networkSecurityGroups", "2024-05-01", "nsg-<net>");
    set(estate, "nsg", "location", json!(LOCATION));
    let rule = |name: &str, priority: u16, access: serde_json::Value, destination: serde_json::Value, port: &str| {
        json!({ "name": name, "properties": { "priority": priority, "direction": "Outbound", "access": access,
            "protocol": "*", "sourceAddressPrefix": "*", "sourcePortRange": "*",
            "destinationAddressPrefix": destination, "destinationPortRange": port } })
    };
    *estate.of("nsg") = json!({ "securityRules": [
        rule("allow-some", 200, json!("Allow"), destination.clone(), "443"),
        rule("deny-rest", 4000, fault("Deny", "Deny"), json!("*"), "*"),
    ] });
    estate.of("work")["networkSecurityGroup"] = json!({ "id": "@id:nsg" });
}

fn security_rule(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    let to = if broken { "AzureKeyVault" } else { "AzureCloud" };
    security_group(&mut estate, &json!(to));
    estate
}

fn security_rule_to_endpoint(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    security_group(&mut estate, &json!(if broken { "AzureContainerRegistry" } else { "VirtualNetwork" }));
    estate
}

fn rule_for_resolver(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.add("nsg", "Microsoft.Network/networkSecurityGroups", "2024-05-01", "nsg-<net>");
    set(&mut estate, "nsg", "location", json!(LOCATION));
    *estate.of("nsg") = json!({ "securityRules": [{ "name": "resolver", "properties": { "priority": 200,
        "direction": "Outbound", "access": fault("Deny", "Allow"), "protocol": "*", "sourceAddressPrefix": "*",
        "sourcePortRange": "*", "destinationAddressPrefix": "AzurePlatformDNS", "destinationPortRange": "53" } }] });
    estate.of("work")["networkSecurityGroup"] = json!({ "id": "@id:nsg" });
    estate
}

fn security_rule_for_login(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    security_group(&mut estate, &json!(if broken { "AzureContainerRegistry" } else { "Internet" }));
    estate
}

fn security_rule_for_platform(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    security_group(&mut estate, &json!(if broken { "MicrosoftContainerRegistry" } else { "Internet" }));
    estate
}

/// A firewall that takes what leaves the clients' subnet, and lets it go to these hosts. The fault is at one of its keys.
fn firewall(estate: &mut Estate, fault: &str, hosts: &[&str]) {
    estate.subnet("outside", "net", "AzureFirewallSubnet", "10.20.9.0/26");
    estate.add("policy", "Microsoft.Network/firewallPolicies", "2024-05-01", "afwp-<net>");
    set(estate, "policy", "location", json!(LOCATION));
    *estate.of("policy") = json!({ "sku": { "tier": "Standard" } });
    let ty = "Microsoft.Network/firewallPolicies/ruleCollectionGroups";
    estate.child("rules", "policy", ty, "2024-05-01", "workloads");
    let key = |name: &str| if name == fault { estate.key(name) } else { name.to_owned() };
    let (rules, targets) = (key("rules"), key("targetFqdns"));
    let rule = json!({ "ruleType": "ApplicationRule", "name": "hosts", targets: hosts,
        "protocols": [{ "protocolType": "Https", "port": 443 }], "sourceAddresses": ["10.20.0.0/16"] });
    *estate.of("rules") = json!({ "priority": 300, "ruleCollections": [{ "name": "out", "priority": 100,
        "ruleCollectionType": "FirewallPolicyFilterRuleCollection", "action": { "type": "Allow" }, rules: [rule] }] });
    estate.add("firewall", "Microsoft.Network/azureFirewalls", "2024-05-01", "afw-<net>");
    set(estate, "firewall", "location", json!(LOCATION));
    *estate.of("firewall") = json!({ "sku": { "name": "AZFW_VNet", "tier": "Standard" },
        "firewallPolicy": { "id": "@id:policy" },
        "ipConfigurations": [{ "name": "first", "properties": { "subnet": { "id": "@id:outside" } } }] });
    estate.add("table", "Microsoft.Network/routeTables", "2024-05-01", "rt-<net>");
    set(estate, "table", "location", json!(LOCATION));
    *estate.of("table") = json!({ "routes": [{ "name": "rest", "properties": { "addressPrefix": "0.0.0.0/0",
        "nextHopType": "VirtualAppliance", "nextHopIpAddress": "10.20.9.4" } }] });
    estate.of("work")["routeTable"] = json!({ "id": "@id:table" });
    estate.of("aks")["networkProfile"] = json!({ "outboundType": "userDefinedRouting" });
}

fn login_behind_firewall(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    let login = if broken { "mcr.microsoft.com" } else { "*.azurecr.io" };
    firewall(&mut estate, "rules", &[login, "*.blob.core.windows.net"]);
    estate
}

fn layers_behind_firewall(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    let layers = if broken { "mcr.microsoft.com" } else { "*.blob.core.windows.net" };
    firewall(&mut estate, "rules", &["*.azurecr.io", layers]);
    estate
}

fn replica_behind_firewall(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["dataEndpointEnabled"] = json!(true);
    estate.region_matters = true;
    estate.replica(json!("northeurope"));
    let mut hosts = vec!["@host:|", "@text:<reg>.<loc>.data.azurecr.io"];
    if !broken {
        hosts.push("@text:<reg>.northeurope.data.azurecr.io");
    }
    firewall(&mut estate, "targetFqdns", &hosts);
    estate
}

fn agents_behind_firewall(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    let agents =
        ["*.queue.core.windows.net", "*.table.core.windows.net", "*.vault.azure.net", "*.servicebus.windows.net"];
    let others = ["login.microsoftonline.com", "*.monitor.azure.com"];
    let mut hosts = vec!["*.azurecr.io", "*.blob.core.windows.net"];
    if !broken {
        hosts.extend(agents.into_iter().chain(others));
    }
    firewall(&mut estate, "targetFqdns", &hosts);
    let ty = "Microsoft.ContainerRegistry/registries/agentPools";
    estate.child("pool", "registry", ty, "2019-06-01-preview", "builds");
    set(&mut estate, "pool", "location", json!(LOCATION));
    *estate.of("pool") =
        json!({ "count": 1, "tier": "S2", "os": "Linux", "virtualNetworkSubnetResourceId": "@id:work" });
    estate
}

fn default_route(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.add("table", "Microsoft.Network/routeTables", "2024-05-01", "rt-<net>");
    set(&mut estate, "table", "location", json!(LOCATION));
    *estate.of("table") = json!({ "disableBgpRoutePropagation": true, "routes": [{ "name": "rest",
        "properties": { "addressPrefix": "0.0.0.0/0", "nextHopType": fault("None", "Internet") } }] });
    estate.of("work")["routeTable"] = json!({ "id": "@id:table" });
    estate.of("aks")["networkProfile"] = json!({ "outboundType": "userDefinedRouting" });
    estate
}

fn two_protocols(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.get("registry").api = "2026-01-01-preview";
    estate.of("registry")["endpointProtocol"] = json!("IPv4AndIPv6");
    estate.of("registry")["dataEndpointEnabled"] = fault(false, true);
    estate
}

/// A pool of agents without a network of its own.
fn agents(estate: &mut Estate, count: i32, os: &serde_json::Value) {
    let ty = "Microsoft.ContainerRegistry/registries/agentPools";
    estate.child("pool", "registry", ty, "2019-06-01-preview", "builds");
    set(estate, "pool", "location", json!(LOCATION));
    *estate.of("pool") = json!({ "count": count, "tier": "S2", "os": os });
}

fn no_agents(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    agents(&mut estate, i32::from(!broken), &json!("Linux"));
    estate.task(None);
    estate.of("task")["agentPoolName"] = fault("builds", "builds");
    estate
}

fn agents_of_windows(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    agents(&mut estate, 1, &fault("Windows", "Linux"));
    estate
}

fn agents_elsewhere(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    set(&mut estate, "registry", "location", fault("francecentral", "westeurope"));
    agents(&mut estate, 1, &json!("Linux"));
    estate
}

fn replica_without_clients(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.region_matters = true;
    estate.replica(json!("northeurope"));
    estate.of("replica")["regionEndpointEnabled"] = fault(false, true);
    estate
}

fn dns_servers(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("net")["dhcpOptions"] = json!({ "dnsServers": [fault("10.20.2.250", "168.63.129.16")] });
    estate
}

/// The clients in a network of their own, which resolves with the zone too.
fn not_peered(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.remove(&["work"]);
    estate.add("spoke", "Microsoft.Network/virtualNetworks", "2024-05-01", "spoke-<net>");
    estate.get("spoke").name = fault("@text:spoke-<net>", "@text:spoke-<net>");
    set(&mut estate, "spoke", "location", json!(LOCATION));
    *estate.of("spoke") = json!({ "addressSpace": { "addressPrefixes": ["10.30.0.0/16"] } });
    estate.subnet("work", "spoke", "snet-work", "10.30.2.0/24");
    estate.child("second", "zone", "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "2024-06-01", "spoke");
    set(&mut estate, "second", "location", json!("global"));
    *estate.of("second") = json!({ "registrationEnabled": false, "virtualNetwork": { "id": "@id:spoke" } });
    if !broken {
        for (sym, from, to, name) in [("there", "spoke", "@id:net", "to-hub"), ("back", "net", "@id:spoke", "to-spoke")]
        {
            let ty = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings";
            estate.child(sym, from, ty, "2024-05-01", name);
            *estate.of(sym) = json!({ "allowVirtualNetworkAccess": true, "remoteVirtualNetwork": { "id": to } });
        }
    }
    estate
}

fn delegated(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    if broken {
        let service = fault("Microsoft.ContainerInstance/containerGroups", "");
        estate.of("endpoints")["delegations"] = json!([{ "name": "jobs", "properties": { "serviceName": service } }]);
    }
    estate
}

fn tier_of_endpoint(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    set(&mut estate, "registry", "sku", json!({ "name": fault("Standard", "Premium") }));
    estate.of("registry")["publicNetworkAccess"] = json!("Enabled");
    estate
}

fn exports(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["policies"] = json!({ "exportPolicy": { "status": fault("disabled", "enabled") } });
    estate
}

fn both_ways(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.get("registry").api = "2021-08-01-preview";
    *estate.of("registry") = json!({ "publicNetworkAccess": "Enabled", "networkRuleSet": { "defaultAction": "Deny" } });
    if broken {
        let key = estate.key("virtualNetworkRules");
        estate.of("registry")["networkRuleSet"][key] = json!([{ "id": "@id:work" }]);
        estate.of("work")["serviceEndpoints"] = json!([{ "service": "Microsoft.ContainerRegistry" }]);
    }
    estate
}

fn connected(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["dataEndpointEnabled"] = fault(false, true);
    let ty = "Microsoft.ContainerRegistry/registries/connectedRegistries";
    estate.child("edge", "registry", ty, "2025-06-01-preview", "edge01");
    *estate.of("edge") = json!({ "mode": "ReadOnly" });
    estate
}

fn legacy_plan(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.plan(&json!("Standard"));
    estate.get("plan").name = fault("ContainerRegistry", "Containers");
    estate
}

fn linked_twice(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("spoke", "Microsoft.Network/virtualNetworks", "2024-05-01", "spoke-<net>");
    set(&mut estate, "spoke", "location", json!(LOCATION));
    *estate.of("spoke") = json!({ "addressSpace": { "addressPrefixes": ["10.30.0.0/16"] } });
    estate.child("again", "zone", "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "2024-06-01", "");
    estate.get("again").name = fault("again", "again");
    set(&mut estate, "again", "location", json!("global"));
    let network = if broken { "@id:net" } else { "@id:spoke" };
    *estate.of("again") = json!({ "registrationEnabled": false, "virtualNetwork": { "id": network } });
    estate
}

fn private_host(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.container_group(&fault("@text:<reg>.privatelink.azurecr.io/job:1", "@host:|/job:1"), true);
    estate
}

fn dangling(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    let ty = "Microsoft.ContainerRegistry/registries/privateEndpointConnections";
    estate.child("connection", "registry", ty, "2025-11-01", "connection1");
    *estate.of("connection") = json!({
        "privateEndpoint": { "id": "@id:pe" },
        "privateLinkServiceConnectionState": { "status": fault("Disconnected", "Approved") }
    });
    estate
}

fn second_endpoint(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("spoke", "Microsoft.Network/virtualNetworks", "2024-05-01", "spoke-<net>");
    set(&mut estate, "spoke", "location", json!(LOCATION));
    *estate.of("spoke") = json!({ "addressSpace": { "addressPrefixes": ["10.30.0.0/16"] } });
    estate.subnet("far", "spoke", "snet-far", "10.30.1.0/24");
    estate.add("second", "Microsoft.Network/privateEndpoints", "2024-05-01", "second-<reg>");
    set(&mut estate, "second", "location", json!(LOCATION));
    *estate.of("second") = json!({
        "subnet": { "id": fault("@id:work", "@id:far") },
        "privateLinkServiceConnections": [
            { "name": "registry", "properties": { "privateLinkServiceId": "@id:registry", "groupIds": ["registry"] } }
        ]
    });
    let group = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups";
    estate.child("group2", "second", group, "2024-05-01", "default");
    *estate.of("group2") =
        json!({ "privateDnsZoneConfigs": [{ "name": "acr", "properties": { "privateDnsZoneId": "@id:zone" } }] });
    estate
}

fn small_subnet(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("endpoints")["addressPrefix"] = fault("10.20.1.0/29", "10.20.1.0/27");
    estate.region_matters = true;
    let ty = "Microsoft.ContainerRegistry/registries/replications";
    for (sym, region) in [("north", "northeurope"), ("east", "eastus")] {
        estate.child(sym, "registry", ty, "2025-11-01", region);
        set(&mut estate, sym, "location", json!(region));
    }
    estate
}

fn no_proxy(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("aks")["httpProxyConfig"] = json!({
        "httpProxy": "http://proxy.contoso.example:3128",
        "httpsProxy": "http://proxy.contoso.example:3128",
        "noProxy": ["localhost", fault("*.azurecr.io", ".azurecr.io")]
    });
    estate
}

fn dual_stack(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.get("registry").api = "2026-01-01-preview";
    estate.of("registry")["dataEndpointEnabled"] = json!(true);
    estate.of("registry")["endpointProtocol"] = fault("IPv4AndIPv6", "IPv4");
    estate.task(None);
    estate
}
