//! One fault for each rule that a template can break, and the same estate with the fault repaired.

use serde_json::{Value, json};

use super::estate::{Estate, fault};

/// A fault.
pub struct Fault {
    pub rule: &'static str,
    /// Rules whose condition it fulfills too.
    pub also: &'static [&'static str],
    pub estate: fn(bool) -> Estate,
}

const NO_ENDPOINT: &[&str] = &["acr-public-disabled-no-pe"];
const BY_HAND: &[&str] = &["dns-zone-group-missing"];

pub const FAULTS: &[Fault] = &[
    Fault { rule: "acr-public-disabled-no-pe", also: &[], estate: public_disabled },
    Fault { rule: "acr-deny-no-rules-no-pe", also: &[], estate: deny_no_rules },
    Fault { rule: "acr-iprule-malformed", also: &[], estate: |broken| ip_rule(broken, "203.0.113.300") },
    Fault { rule: "acr-iprule-private-range", also: &[], estate: |broken| ip_rule(broken, "10.9.0.0/16") },
    Fault { rule: "acr-network-rules-need-premium", also: &[], estate: tier },
    Fault { rule: "acr-property-unknown-to-api", also: &[], estate: unknown_property },
    Fault { rule: "acr-vnetrules-api-version", also: &[], estate: api_without_rules },
    Fault { rule: "acr-rules-ineffective-default-allow", also: &[], estate: default_allow },
    Fault { rule: "acr-rules-ineffective-public-disabled", also: &[], estate: rules_disabled },
    Fault { rule: "acr-service-endpoint-public-disabled", also: NO_ENDPOINT, estate: service_endpoint_disabled },
    Fault { rule: "aci-bypass-off", also: &[], estate: group_bypass },
    Fault { rule: "aci-no-mi", also: &[], estate: group_identity },
    Fault { rule: "appservice-not-trusted", also: &[], estate: web_app },
    Fault { rule: "containerapps-not-trusted", also: &[], estate: container_app },
    Fault { rule: "defender-bypass-off", also: &[], estate: defender_bypass },
    Fault { rule: "defender-plan-off", also: &[], estate: defender_off },
    Fault { rule: "defender-se-registry", also: &[], estate: defender_subnets },
    Fault { rule: "dns-foreign-registry-nxdomain", also: BY_HAND, estate: foreign_registry },
    Fault { rule: "dns-shadow-azurecr-zone", also: &["dns-zone-wrong-name"], estate: public_zone },
    Fault { rule: "dns-record-missing-data", also: BY_HAND, estate: data_record },
    Fault { rule: "dns-record-missing-registry", also: BY_HAND, estate: login_record },
    Fault { rule: "dns-record-missing-replica", also: BY_HAND, estate: replica_record },
    Fault {
        rule: "dns-record-region-not-normalised",
        also: &["dns-zone-group-missing", "dns-record-missing-data"],
        estate: record_region,
    },
    Fault { rule: "dns-record-wrong-ip", also: BY_HAND, estate: record_address },
    Fault { rule: "dns-shadow-region-data-zone", also: BY_HAND, estate: region_zone },
    Fault { rule: "dns-shared-zone-multi-pe", also: &[], estate: two_networks },
    Fault { rule: "dns-stale-after-pe-delete", also: &[], estate: no_endpoint },
    Fault { rule: "dns-zone-group-missing", also: &[], estate: no_group },
    Fault {
        rule: "dns-zone-group-wrong-zone",
        also: &["dns-record-missing-registry", "dns-record-missing-data"],
        estate: wrong_zone,
    },
    Fault { rule: "dns-zone-missing", also: BY_HAND, estate: no_zone },
    Fault { rule: "dns-zone-not-linked", also: &[], estate: no_link },
    Fault { rule: "dns-zone-wrong-name", also: &[], estate: zone_name },
    Fault { rule: "pe-not-approved", also: &[], estate: manual },
    Fault { rule: "pe-region-mismatch", also: &[], estate: region },
    Fault { rule: "pe-static-ip-missing-member", also: &[], estate: static_addresses },
    Fault { rule: "pe-wrong-group-id", also: &[], estate: group_id },
    Fault { rule: "se-missing-endpoint", also: &[], estate: no_service_endpoint },
    Fault { rule: "se-subnet-no-rule", also: &[], estate: no_subnet_rule },
    Fault { rule: "tasks-bypass-default", also: &[], estate: task_bypass },
    Fault { rule: "tasks-identity-not-attached", also: &[], estate: task_identity },
    Fault { rule: "tasks-public-disabled-no-agentpool", also: &[], estate: task_pool },
];

/// Rules that no template can prove to be broken: what they ask for is no resource.
pub const NEVER_PROVEN: [&str; 3] = ["pe-provider-not-registered", "se-provider-not-registered", "drift"];

/// Rules about resources of one name in several resource groups, which no estate here has.
pub const OF_GROUPS: [&str; 1] = ["dns-multiple-zones"];

pub fn set(estate: &mut Estate, sym: &str, key: &str, value: Value) {
    estate.get(sym).beside.insert(key.to_owned(), value);
}

pub fn rules(default: &Value) -> Value {
    json!({ "defaultAction": default, "ipRules": [{ "action": "Allow", "value": "203.0.113.0/24" }] })
}

fn public_disabled(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["publicNetworkAccess"] = fault("Disabled", "Enabled");
    estate
}

fn deny_no_rules(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["networkRuleSet"] = json!({ "defaultAction": fault("Deny", "Allow"), "ipRules": [] });
    estate
}

pub fn ip_rule(broken: bool, value: &str) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["networkRuleSet"] = json!({
        "defaultAction": "Deny",
        "ipRules": [{ "value": "198.51.100.4" }, { "action": "Allow", "value": fault(value, "203.0.113.30") }]
    });
    estate
}

fn tier(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    set(&mut estate, "registry", "sku", json!({ "name": fault("Standard", "Premium") }));
    estate.of("registry")["networkRuleSet"] = rules(&json!("Deny"));
    estate
}

fn unknown_property(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.get("registry").api = "2023-07-01";
    if broken {
        let key = estate.key("anonymousPullEnabled");
        estate.of("registry")[key] = json!(false);
    }
    estate
}

pub fn api_without_rules(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.get("registry").api = if broken { "2023-07-01" } else { "2021-08-01-preview" };
    let key = estate.key("virtualNetworkRules");
    estate.of("registry")["networkRuleSet"] = json!({ "defaultAction": "Deny", key: [{ "id": "@id:work" }] });
    estate.of("work")["serviceEndpoints"] = json!([{ "service": "Microsoft.ContainerRegistry" }]);
    estate
}

fn default_allow(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["networkRuleSet"] = rules(&fault("Allow", "Deny"));
    estate
}

fn rules_disabled(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("registry")["networkRuleSet"] = rules(&json!("Deny"));
    estate.of("registry")["publicNetworkAccess"] = fault("Disabled", "Enabled");
    estate
}

fn service_endpoint_disabled(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.get("registry").api = "2021-08-01-preview";
    estate.of("registry")["networkRuleSet"] =
        json!({ "defaultAction": "Deny", "virtualNetworkRules": [{ "id": "@id:work" }] });
    estate.of("registry")["publicNetworkAccess"] = fault("Disabled", "Enabled");
    estate.of("work")["serviceEndpoints"] = json!([{ "service": "Microsoft.ContainerRegistry" }]);
    estate
}

fn group_bypass(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.container_group(&json!("@host:|/job:1"), true);
    estate.of("registry")["networkRuleBypassOptions"] = fault("None", "AzureServices");
    estate
}

pub fn group_identity(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.container_group(&fault("@host:|/job:1", "@host:|/job:1"), !broken);
    estate
}

pub fn web_app(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.subnet("web", "net", "snet-web", "10.20.8.0/24");
    estate.add("app", "Microsoft.Web/sites", "2024-11-01", "app-shop");
    set(&mut estate, "app", "location", json!("@text:<loc>"));
    set(&mut estate, "app", "kind", json!("app,linux,container"));
    let image = fault("@host:DOCKER||/shop:1", "@host:DOCKER||/shop:1");
    *estate.of("app") = json!({ "siteConfig": { "linuxFxVersion": image, "acrUseManagedIdentityCreds": true } });
    if !broken {
        estate.of("app")["virtualNetworkSubnetId"] = json!("@id:web");
        estate.of("app")["outboundVnetRouting"] = json!({ "imagePullTraffic": true });
    }
    estate
}

pub fn container_app(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.subnet("apps", "net", "snet-apps", "10.20.16.0/23");
    estate.add("environment", "Microsoft.App/managedEnvironments", "2024-03-01", "cae-shop");
    set(&mut estate, "environment", "location", json!("@text:<loc>"));
    if !broken {
        estate.of("environment")["vnetConfiguration"] = json!({ "infrastructureSubnetId": "@id:apps" });
    }
    estate.add("app", "Microsoft.App/containerApps", "2024-03-01", "ca-shop");
    set(&mut estate, "app", "location", json!("@text:<loc>"));
    *estate.of("app") = json!({
        "managedEnvironmentId": "@id:environment",
        "configuration": { "registries": [{ "server": "@host:|", "identity": "system" }] },
        "template": { "containers": [{ "name": "api", "image": fault("@host:|/api:1", "@host:|/api:1") }] }
    });
    estate
}

fn defender_bypass(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.plan(&json!("Standard"));
    estate.of("registry")["networkRuleBypassOptions"] = fault("None", "AzureServices");
    estate
}

fn defender_off(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.plan(&fault("Free", "Standard"));
    estate
}

fn defender_subnets(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.plan(&json!("Standard"));
    estate.get("registry").api = "2021-08-01-preview";
    estate.of("registry")["networkRuleSet"] = rules(&json!("Deny"));
    if broken {
        estate.of("registry")["networkRuleSet"]["virtualNetworkRules"] =
            json!([{ "action": "Allow", "id": fault("@id:work", "@id:work") }]);
        estate.of("work")["serviceEndpoints"] = json!([{ "service": "Microsoft.ContainerRegistry" }]);
    }
    estate
}

fn data_record(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "data");
    set(&mut estate, "registry", "location", fault("West Europe", "West Europe"));
    estate.region_matters = true;
    estate
}

fn login_record(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "login");
    estate.name_marked = true;
    estate
}

fn replica_record(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "");
    estate.region_matters = true;
    estate.replica(fault("northeurope", "northeurope"));
    if !broken {
        estate.record("north", "<reg>.northeurope.data");
    }
    estate
}

fn record_region(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "data");
    estate.remove(&["data"]);
    estate.record("data", "");
    estate.region_matters = true;
    estate.get("data").name = fault("@text:<reg>.west-europe.data", "@text:<reg>.westeurope.data");
    estate
}

fn no_group(broken: bool) -> Estate {
    let mut estate = if broken { Estate::by_hand(broken, "") } else { Estate::healthy(broken) };
    estate.get("pe").type_marked = broken;
    estate
}

fn wrong_zone(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    let vault = "[resourceId('rg-dns', 'Microsoft.Network/privateDnsZones', 'privatelink.vaultcore.azure.net')]";
    *estate.of("group") = json!({
        "privateDnsZoneConfigs": [{ "name": "acr", "properties": { "privateDnsZoneId": fault(vault, "@id:zone") } }]
    });
    estate
}

fn foreign_registry(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("common", "Microsoft.ContainerRegistry/registries", "2025-11-01", "common<reg>");
    for (key, value) in estate.find("registry").beside.clone() {
        set(&mut estate, "common", &key, value);
    }
    *estate.of("common") = json!({ "publicNetworkAccess": "Enabled" });
    estate.add("far", "Microsoft.Network/virtualNetworks", "2024-05-01", "far-<net>");
    set(&mut estate, "far", "location", json!("@text:<loc>"));
    *estate.of("far") = json!({ "addressSpace": { "addressPrefixes": ["10.40.0.0/16"] } });
    estate.subnet("farends", "far", "snet-endpoints", "10.40.1.0/24");
    estate.add("farpe", "Microsoft.Network/privateEndpoints", "2024-05-01", "far-pe-<reg>");
    set(&mut estate, "farpe", "location", json!("@text:<loc>"));
    *estate.of("farpe") = json!({
        "subnet": { "id": "@id:farends" },
        "privateLinkServiceConnections": [
            { "name": "registry", "properties": { "privateLinkServiceId": "@id:common", "groupIds": ["registry"] } }
        ]
    });
    estate.container_group(&json!("@text:common<reg>.azurecr.io/job:1"), false);
    estate.of("aci")["subnetIds"] = json!([{ "id": "@id:work" }]);
    estate.records_by_hand = true;
    estate.of("link")["resolutionPolicy"] = fault("Default", "NxDomainRedirect");
    estate
}

fn public_zone(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("other", "Microsoft.Network/privateDnsZones", "2024-06-01", "");
    estate.get("other").name = fault("azurecr.io", "privatelink.vaultcore.azure.net");
    estate.get("other").properties = Value::Null;
    set(&mut estate, "other", "location", json!("global"));
    let link = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
    estate.child("otherlink", "other", link, "2024-06-01", "link-<net>");
    set(&mut estate, "otherlink", "location", json!("global"));
    *estate.of("otherlink") = json!({ "registrationEnabled": false, "virtualNetwork": { "id": "@id:net" } });
    estate
}

fn record_address(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "");
    estate.of("login")["aRecords"][0]["ipv4Address"] = fault("10.20.9.4", "10.20.1.4");
    estate
}

fn region_zone(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "");
    set(&mut estate, "registry", "location", json!("West Europe"));
    estate.region_matters = true;
    estate.add("other", "Microsoft.Network/privateDnsZones", "2024-06-01", "");
    estate.get("other").name = fault("westeurope.data.privatelink.azurecr.io", "privatelink.vaultcore.azure.net");
    estate.get("other").properties = Value::Null;
    set(&mut estate, "other", "location", json!("global"));
    let link = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
    estate.child("otherlink", "other", link, "2024-06-01", "link-<net>");
    set(&mut estate, "otherlink", "location", json!("global"));
    *estate.of("otherlink") = json!({ "registrationEnabled": false, "virtualNetwork": { "id": "@id:net" } });
    estate
}

fn two_networks(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "");
    estate.add("far", "Microsoft.Network/virtualNetworks", "2024-05-01", "far-<net>");
    set(&mut estate, "far", "location", json!("@text:<loc>"));
    *estate.of("far") = json!({ "addressSpace": { "addressPrefixes": ["10.40.0.0/16"] } });
    estate.subnet("farends", "far", "snet-endpoints", "10.40.1.0/24");
    estate.add("farpe", "Microsoft.Network/privateEndpoints", "2024-05-01", "far-pe-<reg>");
    set(&mut estate, "farpe", "location", json!("@text:<loc>"));
    *estate.of("farpe") = estate.find("pe").properties.clone();
    estate.of("farpe")["subnet"] = json!({ "id": "@id:farends" });
    for (endpoint, address) in [("pe", "10.20.1.4"), ("farpe", "10.40.1.4")] {
        let fixed = |member: &str, address: &str| {
            let properties = json!({ "groupId": "registry", "memberName": member, "privateIPAddress": address });
            json!({ "name": member, "properties": properties })
        };
        let data = fixed("@text:registry_data_<loc>", &address.replace(".1.4", ".1.5"));
        estate.of(endpoint)["ipConfigurations"] = json!([fixed("registry", address), data]);
    }
    estate.of("data")["aRecords"][0]["ipv4Address"] = json!("10.20.1.5");
    estate.of("login")["aRecords"] =
        json!([{ "ipv4Address": "10.20.1.4" }, { "ipv4Address": fault("10.40.1.4", "10.20.1.4") }]);
    estate
}

fn no_endpoint(broken: bool) -> Estate {
    let mut estate = Estate::by_hand(broken, "");
    estate.of("registry")["publicNetworkAccess"] = json!("Enabled");
    estate.of("login")["aRecords"][0]["ipv4Address"] = fault("10.20.1.4", "10.20.1.4");
    if broken {
        estate.remove(&["pe", "data"]);
    }
    estate
}

fn no_zone(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    if broken {
        estate.remove(&["zone", "link", "group"]);
        estate.get("pe").type_marked = true;
    }
    estate
}

fn no_link(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    if broken {
        estate.remove(&["link"]);
        estate.get("net").type_marked = true;
    }
    estate
}

fn zone_name(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("other", "Microsoft.Network/privateDnsZones", "2024-06-01", "");
    estate.get("other").name = fault("privatelink.azurecr.com", "privatelink.vaultcore.azure.net");
    estate.get("other").properties = Value::Null;
    set(&mut estate, "other", "location", json!("global"));
    estate
}

fn manual(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    let connections = estate.of("pe")["privateLinkServiceConnections"].take();
    let key =
        if broken { estate.key("manualPrivateLinkServiceConnections") } else { "privateLinkServiceConnections".into() };
    *estate.of("pe") = json!({ "subnet": { "id": "@id:endpoints" }, key: connections });
    estate
}

fn region(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    set(&mut estate, "pe", "location", fault("northeurope", "@text:<loc>"));
    estate.region_matters = true;
    estate
}

fn static_addresses(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    let address = |member: &str, address: &str| {
        let properties = json!({ "groupId": "registry", "memberName": member, "privateIPAddress": address });
        json!({ "name": member, "properties": properties })
    };
    let mut addresses = vec![address("registry", "10.20.1.10")];
    if !broken {
        addresses.push(address("@text:registry_data_<loc>", "10.20.1.11"));
    }
    let key = estate.key("ipConfigurations");
    estate.of("pe")[key] = json!(addresses);
    estate
}

fn group_id(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("pe")["privateLinkServiceConnections"][0]["properties"]["groupIds"] =
        json!([fault("azurecr", "registry")]);
    estate
}

fn no_service_endpoint(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.get("registry").api = "2021-08-01-preview";
    estate.of("registry")["networkRuleSet"] =
        json!({ "defaultAction": "Deny", "virtualNetworkRules": [{ "id": "@id:work" }] });
    if broken {
        estate.get("work").properties_marked = true;
    } else {
        estate.of("work")["serviceEndpoints"] = json!([{ "service": "Microsoft.ContainerRegistry" }]);
    }
    estate
}

fn no_subnet_rule(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["networkRuleSet"] = rules(&json!("Deny"));
    estate.of("work")["serviceEndpoints"] =
        json!([{ "service": fault("Microsoft.ContainerRegistry", "Microsoft.Storage") }]);
    estate
}

pub fn credentials(estate: &mut Estate) {
    estate.of("task")["credentials"] = json!({ "customRegistries": { "@host:|": { "identity": "[[system]" } } });
}

fn task_bypass(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.task(Some("SystemAssigned"));
    credentials(&mut estate);
    estate.of("registry")["networkRuleBypassAllowedForTasks"] = fault(false, true);
    estate
}

fn task_identity(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("registry")["networkRuleBypassAllowedForTasks"] = json!(true);
    estate.task(Some("SystemAssigned"));
    if broken {
        estate.get("task").properties_marked = true;
    } else {
        credentials(&mut estate);
    }
    estate
}

fn task_pool(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.task(None);
    if broken {
        estate.get("task").properties_marked = true;
    } else {
        let ty = "Microsoft.ContainerRegistry/registries/agentPools";
        estate.child("pool", "registry", ty, "2019-06-01-preview", "pool1");
        set(&mut estate, "pool", "location", json!("@text:<loc>"));
        *estate.of("pool") =
            json!({ "count": 1, "tier": "S1", "os": "Linux", "virtualNetworkSubnetResourceId": "@id:work" });
        estate.of("task")["agentPoolName"] = json!("pool1");
    }
    estate
}
