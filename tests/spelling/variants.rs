//! Further faults of the same rules: another value, another cause, or something that is not written.

use serde_json::{Value, json};

use super::estate::{Estate, fault};
use super::faults::{
    Fault, api_without_rules, container_app, credentials, group_identity, ip_rule, rules, set, web_app,
};

const SERVICE: &str = "Microsoft.ContainerRegistry";

pub const VARIANTS: &[Fault] = &[
    Fault { rule: "acr-public-disabled-no-pe", also: &[], estate: lower_case },
    Fault { rule: "acr-deny-no-rules-no-pe", also: &[], estate: nothing_but_deny },
    Fault { rule: "acr-iprule-malformed", also: &[], estate: |broken| ip_rule(broken, "2001:db8::7") },
    Fault { rule: "acr-iprule-malformed", also: &[], estate: |broken| ip_rule(broken, "203.0.113.77/28") },
    Fault { rule: "acr-iprule-private-range", also: &[], estate: |broken| ip_rule(broken, "100.64.3.0/24") },
    Fault { rule: "acr-network-rules-need-premium", also: &["pe-premium"], estate: basic_private },
    Fault { rule: "acr-network-rules-need-premium", also: &[], estate: standard_replica },
    Fault { rule: "acr-property-unknown-to-api", also: &[], estate: bypass_too_early },
    Fault { rule: "acr-vnetrules-api-version", also: &[], estate: wrong_item_key },
    Fault { rule: "acr-rules-ineffective-default-allow", also: &[], estate: no_default_action },
    Fault { rule: "aci-no-mi", also: &[], estate: password },
    Fault { rule: "appservice-not-trusted", also: &[], estate: pull_not_routed },
    Fault { rule: "containerapps-not-trusted", also: &[], estate: app_denied },
    Fault { rule: "defender-bypass-off", also: &[], estate: defender_denied },
    Fault { rule: "defender-plan-off", also: &[], estate: assessment_off },
    Fault { rule: "dns-zone-not-linked", also: &[], estate: spoke_not_linked },
    Fault { rule: "dns-zone-wrong-name", also: &[], estate: zone_of_one_registry },
    Fault { rule: "pe-static-ip-missing-member", also: &[], estate: replica_without_address },
    Fault { rule: "se-missing-endpoint", also: &[], estate: other_service_endpoint },
    Fault { rule: "se-subnet-no-rule", also: &[], estate: rule_of_another_subnet },
    Fault { rule: "tasks-bypass-default", also: &[], estate: task_bypass_not_set },
    Fault { rule: "tasks-identity-not-attached", also: &[], estate: credentials_of_another },
];

fn lower_case(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.of("registry")["publicNetworkAccess"] = fault("disabled", "enabled");
    estate
}

fn nothing_but_deny(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    *estate.of("registry") = json!({ "networkRuleSet": { "defaultAction": fault("deny", "allow") } });
    estate
}

fn basic_private(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    set(&mut estate, "registry", "sku", json!({ "name": fault("Basic", "premium") }));
    estate
}

fn standard_replica(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.replica(json!("northeurope"));
    set(&mut estate, "registry", "sku", json!({ "name": fault("Standard", "Premium") }));
    estate
}

fn bypass_too_early(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    let key = estate.key("networkRuleBypassAllowedForTasks");
    estate.get("registry").api = if broken { "2025-04-01" } else { "2025-11-01" };
    estate.of("registry")[key] = json!(true);
    estate
}

fn wrong_item_key(broken: bool) -> Estate {
    let mut estate = api_without_rules(false);
    estate.broken = broken;
    estate.get("registry").api = "2026-03-01-preview";
    let key = if broken { estate.key("id") } else { "virtualNetworkSubnetResourceId".to_owned() };
    estate.of("registry")["networkRuleSet"]["virtualNetworkRules"] = json!([{ key: "@id:work" }]);
    estate
}

fn no_default_action(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    let key = estate.key("networkRuleSet");
    let mut set = rules(&json!("Deny"));
    if broken {
        set = json!({ "ipRules": set["ipRules"] });
    }
    estate.of("registry")[key] = set;
    estate
}

fn password(broken: bool) -> Estate {
    let mut estate = group_identity(broken);
    if broken {
        let key = "[listCredentials(resourceId('Microsoft.ContainerRegistry/registries', 'x'), '2023-07-01').passwords[0].value]";
        estate.of("aci")["imageRegistryCredentials"] =
            json!([{ "server": "@host:|", "username": "pull", "password": key }]);
    }
    estate
}

fn pull_not_routed(broken: bool) -> Estate {
    let mut estate = web_app(broken);
    estate.of("app")["virtualNetworkSubnetId"] = json!("@id:web");
    estate
}

fn denied(estate: &mut Estate) {
    let api = estate.get("registry").api;
    *estate.of("registry") = json!({ "publicNetworkAccess": "Enabled", "networkRuleSet": { "defaultAction": "Deny" } });
    estate.get("registry").api = api;
}

fn app_denied(broken: bool) -> Estate {
    let mut estate = container_app(broken);
    denied(&mut estate);
    estate
}

fn defender_denied(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    denied(&mut estate);
    estate.plan(&json!("Standard"));
    estate.get("plan").name = json!("CloudPosture");
    estate.of("registry")["networkRuleBypassOptions"] = fault("none", "azureServices");
    estate
}

fn assessment_off(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.plan(&fault("Standard", "Standard"));
    let enabled = if broken { "False" } else { "True" };
    estate.of("plan")["extensions"] =
        json!([{ "name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": enabled }]);
    estate
}

fn peering(estate: &mut Estate, sym: &'static str, from: &'static str, to: &str, name: &str) {
    let ty = "Microsoft.Network/virtualNetworks/virtualNetworkPeerings";
    estate.child(sym, from, ty, "2024-05-01", name);
    *estate.of(sym) =
        json!({ "remoteVirtualNetwork": { "id": format!("@id:{to}") }, "allowVirtualNetworkAccess": true });
}

fn spoke_not_linked(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("spoke", "Microsoft.Network/virtualNetworks", "2024-05-01", "spoke-<net>");
    set(&mut estate, "spoke", "location", json!("@text:<loc>"));
    *estate.of("spoke") = json!({ "addressSpace": { "addressPrefixes": ["10.60.0.0/16"] } });
    estate.subnet("nodes", "spoke", "snet-nodes", "10.60.1.0/24");
    estate.of("aks")["agentPoolProfiles"][0]["vnetSubnetID"] = json!("@id:nodes");
    peering(&mut estate, "out", "spoke", "net", "to-hub");
    peering(&mut estate, "back", "net", "spoke", "to-spoke");
    if broken {
        estate.get("spoke").type_marked = true;
    } else {
        let ty = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
        estate.child("second", "zone", ty, "2024-06-01", "link-spoke");
        set(&mut estate, "second", "location", json!("global"));
        *estate.of("second") = json!({ "registrationEnabled": false, "virtualNetwork": { "id": "@id:spoke" } });
    }
    estate
}

fn zone_of_one_registry(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.add("other", "Microsoft.Network/privateDnsZones", "2024-06-01", "");
    estate.get("other").name = fault("azurecr.io", "contoso.com");
    estate.get("other").properties = Value::Null;
    set(&mut estate, "other", "location", json!("global"));
    estate
}

fn replica_without_address(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.replica(json!("northeurope"));
    estate.region_matters = true;
    let members = ["registry", "@text:registry_data_<loc>", "registry_data_northeurope"];
    let address = |(at, member): (usize, &&str)| {
        let address = format!("10.20.1.{}", at + 10);
        let properties = json!({ "groupId": "registry", "memberName": member, "privateIPAddress": address });
        json!({ "name": format!("address-{at}"), "properties": properties })
    };
    let addresses: Vec<Value> = members.iter().enumerate().take(3 - usize::from(broken)).map(address).collect();
    let key = estate.key("ipConfigurations");
    estate.of("pe")[key] = json!(addresses);
    estate
}

fn subnet_rule(broken: bool) -> Estate {
    let mut estate = Estate::public(broken);
    estate.get("registry").api = "2021-08-01-preview";
    estate.of("registry")["networkRuleSet"] =
        json!({ "defaultAction": "Deny", "virtualNetworkRules": [{ "id": "@id:work" }] });
    estate
}

fn other_service_endpoint(broken: bool) -> Estate {
    let mut estate = subnet_rule(broken);
    let key = estate.key("serviceEndpoints");
    let service = if broken { "Microsoft.Storage" } else { SERVICE };
    estate.of("work")[key] = json!([{ "service": "Microsoft.KeyVault" }, { "service": service }]);
    estate
}

fn rule_of_another_subnet(broken: bool) -> Estate {
    let mut estate = subnet_rule(broken);
    estate.of("work")["serviceEndpoints"] = json!([{ "service": SERVICE, "locations": ["*"] }]);
    estate.subnet("build", "net", "snet-build", "10.20.5.0/24");
    estate.of("build")["serviceEndpoints"] =
        json!([{ "service": "Microsoft.Storage" }, { "service": fault(SERVICE, "Microsoft.Sql") }]);
    estate
}

fn task_bypass_not_set(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.task(Some("SystemAssigned, UserAssigned"));
    credentials(&mut estate);
    if broken {
        estate.get("registry").properties_marked = true;
    } else {
        estate.of("registry")["networkRuleBypassAllowedForTasks"] = json!(true);
    }
    estate
}

fn credentials_of_another(broken: bool) -> Estate {
    let mut estate = Estate::healthy(broken);
    estate.of("registry")["networkRuleBypassAllowedForTasks"] = json!(true);
    estate.task(Some("SystemAssigned"));
    let host = if broken { "registry.fabrikam.com" } else { "@host:|" };
    let key = estate.key("credentials");
    estate.of("task")[key] = json!({ "customRegistries": { host: { "identity": "[[system]" } } });
    estate
}
