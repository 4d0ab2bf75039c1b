//! Lowering, on small resources made by hand.

use serde_json::{Value as Json, json};

use super::sample::{Sample, id_of, registry};
use super::*;
use crate::graph::{Target, Written};
use crate::resource::TypeName;
use crate::value::{State, Truth};

fn lowered(resources: &Json) -> (Sample, Graph) {
    let sample = Sample::new(resources);
    let lowered = lower(sample.resources.clone());
    assert_eq!(lowered.problems, Vec::new());
    (sample, lowered.graph)
}

#[test]
fn absent_properties_take_the_platform_default_and_point_at_the_nearest_key() {
    let (sample, graph) = lowered(&json!([registry("acr", &json!({"networkRuleSet": {"ipRules": []}}))]));
    let acr = &graph.registries[0];
    assert!(acr.default_action.defaulted);
    assert_eq!(acr.default_action.attr.as_literal(), Some("Allow"));
    assert_eq!(sample.place(acr.default_action.attr.origin.at), "acr/properties/networkRuleSet key");
    assert_eq!(sample.place(acr.public_network_access.attr.origin.at), "acr/properties key");
    assert!(matches!(acr.bypass_for_tasks.attr.state, State::Unknown(_)), "2023-07-01 does not know it");
    assert!(acr.ip_rules.items.is_empty() && acr.ip_rules.open.is_none());
}

#[test]
fn keys_ignore_case_and_null_is_absent() {
    let (sample, graph) = lowered(&json!([registry(
        "acr",
        &json!({"PUBLICNETWORKACCESS": "disabled", "networkRuleBypassOptions": null})
    )]));
    let acr = &graph.registries[0];
    assert_eq!(acr.public_network_access.attr.as_literal(), Some("disabled"));
    assert!(acr.bypass_options.defaulted);
    assert_eq!(sample.place(acr.bypass_options.attr.origin.at), "acr/properties/networkRuleBypassOptions key");
}

#[test]
fn what_an_existing_resource_does_not_show_is_unknown() {
    let (_, graph) = lowered(&json!([
        {"type": "Microsoft.ContainerRegistry/registries", "name": "acr", "existing": true}
    ]));
    let acr = &graph.registries[0];
    assert!(
        matches!(&acr.public_network_access.attr.state, State::Unknown(u) if u.reason == crate::value::Reason::NotInInput)
    );
    assert!(acr.ip_rules.open.is_some());
}

#[test]
fn a_value_of_a_wrong_type_is_reported_once_and_unknown() {
    let sample = Sample::new(&json!([registry("acr", &json!({"networkRuleSet": "Deny", "dataEndpointEnabled": []}))]));
    let lowered = lower(sample.resources.clone());
    let places: Vec<_> = lowered.problems.iter().map(|p| sample.place(p.span().unwrap())).collect();
    assert_eq!(places, ["acr/properties/networkRuleSet", "acr/properties/dataEndpointEnabled"]);
    assert_eq!(lowered.problems[0].message, "`properties.networkRuleSet` should be an object, but it is a string");
    let acr = &lowered.graph.registries[0];
    assert!(matches!(acr.default_action.attr.state, State::Unknown(_)));
    assert!(acr.ip_rules.open.is_some());
}

#[test]
fn ip_rules_are_parsed_and_told_apart() {
    let rules =
        json!([{"value": "203.0.113.7"}, {"value": "10.1.2.3/24"}, {"value": "2001:db8::/32"}, {"value": "⟨ip⟩"}]);
    let (_, graph) = lowered(&json!([registry("acr", &json!({"networkRuleSet": {"ipRules": rules}}))]));
    let rules = &graph.registries[0].ip_rules.items;
    let nets: Vec<_> = rules.iter().map(|rule| rule.network.value().map(ToString::to_string)).collect();
    assert_eq!(nets, [Some("203.0.113.7/32".to_owned()), Some("10.1.2.0/24".to_owned()), None, None]);
    assert_eq!(rules[1].host_bits.value(), Some(&true));
    assert!(rules[2].network.is_absent() && !rules[3].network.is_absent());
}

#[test]
fn an_endpoint_meets_its_registry_though_nobody_knows_the_name() {
    let target = id_of("Microsoft.ContainerRegistry/registries", "⟨n⟩");
    let (_, graph) = lowered(&json!([
        registry("⟨n⟩", &json!({})),
        {"type": "Microsoft.Network/privateEndpoints", "name": "⟨n⟩-pe", "properties": {
            "subnet": {"id": id_of("Microsoft.Network/virtualNetworks/subnets", "v/s")},
            "privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": target, "groupIds": ["registry"]}}]
        }},
        {"type": "Microsoft.Network/virtualNetworks", "name": "v", "properties": {"subnets": [
            {"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}
        ]}},
        {"type": "Microsoft.Network/virtualNetworks/subnets", "name": "v/s", "properties": {
            "serviceEndpoints": [{"service": "Microsoft.ContainerRegistry"}]
        }}
    ]));
    let endpoint = &graph.private_endpoints[0];
    assert_eq!(endpoint.connections.items[0].registry.node(), Some(0));
    assert_eq!(graph.incoming.private_endpoints[0].told, [(0, Truth::True)]);
    assert_eq!(endpoint.subnet.subnet.node(), Some(0));
    assert_eq!(endpoint.subnet.virtual_network.node(), Some(0));
    // Inline and child form are one node with the properties of both.
    assert_eq!(graph.subnets.len(), 1);
    assert_eq!(graph.subnets[0].head.places.len(), 2);
    assert_eq!((graph.subnets[0].prefixes.items.len(), graph.subnets[0].service_endpoints.items.len()), (1, 1));
}

#[test]
fn references_are_joined_three_valued() {
    let pe = |id: &str| {
        json!({"type": "Microsoft.Network/privateEndpoints", "name": "pe", "properties": {
            "subnet": {"id": id},
            "privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": id}}]
        }})
    };
    let to = |id: &str| {
        let (_, graph) = lowered(&json!([registry("acr", &json!({})), registry("⟨n⟩", &json!({})), pe(id)]));
        graph.private_endpoints[0].connections.items[0].registry.target.clone()
    };
    let acr = "Microsoft.ContainerRegistry/registries";
    assert!(matches!(to(&id_of(acr, "ACR")), Target::Node(0)));
    assert!(matches!(to("⟨/acrId⟩"), Target::Maybe(nodes) if nodes == [0, 1]));
    assert!(matches!(to(&id_of(acr, "other")), Target::Maybe(nodes) if nodes == [1]));
    assert!(matches!(to(&id_of("Microsoft.Storage/storageAccounts", "acr")), Target::Elsewhere));
}

#[test]
fn a_zone_that_only_an_id_names_becomes_a_node() {
    let zone = id_of("Microsoft.Network/privateDnsZones", "privatelink.azurecr.io").replace("rg", "hub");
    let (_, graph) = lowered(&json!([
        {"type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "name": "pe/default", "properties": {
            "privateDnsZoneConfigs": [{"properties": {"privateDnsZoneId": zone}}, {"properties": {"privateDnsZoneId": "⟨/z⟩"}}]
        }}
    ]));
    assert_eq!(graph.zones.len(), 1);
    assert!(graph.zones[0].referenced && graph.zones[0].head.existing);
    assert_eq!(graph.zone_groups[0].configs.items[0].zone.node(), Some(0));
    assert!(matches!(graph.zone_groups[0].configs.items[1].zone.target, Target::Maybe(_)));
}

#[test]
fn two_declarations_that_may_both_fail_to_deploy_leave_open_what_they_differ_in() {
    let mut first = registry("acr", &json!({"publicNetworkAccess": "Enabled", "dataEndpointEnabled": true}));
    let mut second = registry("acr", &json!({"publicNetworkAccess": "Disabled", "dataEndpointEnabled": true}));
    first["exists"] = json!(false);
    second["exists"] = json!(false);
    let (_, graph) = lowered(&json!([first, second]));
    assert_eq!(graph.registries.len(), 1);
    assert!(matches!(graph.registries[0].public_network_access.attr.state, State::Unknown(_)));
    assert_eq!(graph.registries[0].data_endpoint.attr.value(), Some(&true));
}

#[test]
fn image_hosts_are_cut_out_of_every_client() {
    let (_, graph) = lowered(&json!([
        {"type": "Microsoft.ContainerInstance/containerGroups", "name": "aci", "properties": {
            "containers": [
                {"properties": {"image": "acr.azurecr.io/app:1"}}, {"properties": {"image": "nginx:latest"}},
                {"properties": {"image": "library/nginx"}}, {"properties": {"image": "⟨*host⟩/app"}}
            ],
            "imageRegistryCredentials": [{"server": "acr.azurecr.io", "identity": "⟨/id⟩", "password": ""}]
        }},
        {"type": "Microsoft.Web/sites", "name": "web", "properties": {
            "siteConfig": {"linuxFxVersion": "DOCKER|acr.azurecr.io/app:1", "appSettings": [
                {"name": "DOCKER_REGISTRY_SERVER_URL", "value": "https://user:secret@acr.azurecr.io/v1"},
                {"name": "WEBSITE_PULL_IMAGE_OVER_VNET", "value": "true"}
            ]}
        }},
        {"type": "Microsoft.Web/sites", "name": "node", "properties": {"siteConfig": {"linuxFxVersion": "NODE|18"}}}
    ]));
    let hosts = |list: &crate::graph::List<crate::graph::ImageHost>| -> Vec<String> {
        list.items.iter().map(|image| image.host.value().map(ToString::to_string).unwrap_or_default()).collect()
    };
    assert_eq!(hosts(&graph.container_groups[0].images), ["acr.azurecr.io", "⟨host⟩"]);
    assert_eq!(graph.container_groups[0].credentials.items[0].identity.value(), Some(&true));
    assert_eq!(graph.container_groups[0].credentials.items[0].password.value(), Some(&false));
    assert_eq!(hosts(&graph.web_apps[0].images), ["acr.azurecr.io", "acr.azurecr.io"]);
    assert_eq!(graph.web_apps[0].pulls_over_vnet.attr.value(), Some(&true));
    assert!(graph.web_apps[1].images.items.is_empty());
}

#[test]
fn a_thousand_resources_are_joined_without_comparing_all_with_all() {
    let unit = |i: usize| {
        let acr = id_of("Microsoft.ContainerRegistry/registries", &format!("acr{i}⟨s⟩"));
        let network = format!("v{i}⟨s⟩");
        [
            registry(&format!("acr{i}⟨s⟩"), &json!({"networkRuleSet": {"ipRules": [{"value": "203.0.113.1"}]}})),
            json!({"type": "Microsoft.Network/virtualNetworks", "name": network, "properties": {"subnets": [
                {"name": "s", "properties": {"addressPrefix": "10.0.0.0/24"}}
            ]}}),
            json!({"type": "Microsoft.Network/privateEndpoints", "name": format!("pe{i}"), "properties": {
                "subnet": {"id": id_of("Microsoft.Network/virtualNetworks/subnets", &format!("{network}/s"))},
                "privateLinkServiceConnections": [{"properties": {"privateLinkServiceId": acr}}]
            }}),
            json!({"type": "Microsoft.ContainerService/managedClusters", "name": format!("aks{i}"), "properties": {
                "agentPoolProfiles": [{"vnetSubnetID": id_of("Microsoft.Network/virtualNetworks/subnets", &format!("{network}/s"))}]
            }}),
        ]
    };
    let sample = Sample::new(&Json::Array((0..250).flat_map(unit).collect()));
    let graph = lower(sample.resources.clone()).graph;
    assert!(
        graph.private_endpoints.iter().enumerate().all(|(i, pe)| pe.connections.items[0].registry.node() == Some(i))
    );
    assert!(graph.incoming.private_endpoints.iter().all(|list| list.told.len() == 1));
}

#[test]
fn what_decoding_does_not_ask_for_need_not_be_there() {
    let noise =
        || json!({"provisioningState": "Succeeded", "resourceGuid": "g", "tags": ["a"], "extended": {"a": {"b": 1}}});
    let subnet = json!({"id": id_of("Microsoft.Network/virtualNetworks/subnets", "v/s")});
    let configurations = json!([{"name": "c", "properties": {"subnet": subnet, "privateIPAddress": "10.0.0.4",
        "privateLinkConnectionProperties": {"requiredMemberName": "registry"}}}]);
    let rule = json!([{"name": "r", "properties": {"priority": 100, "direction": "Outbound", "access": "Deny"}}]);
    let route = json!([{"name": "r", "properties": {"addressPrefix": "0.0.0.0/0", "nextHopType": "Internet"}}]);
    let interfaces = json!({"networkInterfaces": [{"id": id_of("Microsoft.Network/networkInterfaces", "n")}]});
    let set = json!({"networkProfile": {"networkInterfaceConfigurations": [
        {"name": "n", "properties": {"ipConfigurations": configurations}}]}});
    let address = json!({"ipAddress": "198.51.100.7",
        "ipConfiguration": {"id": id_of("Microsoft.Network/networkInterfaces/ipConfigurations", "n/c")},
        "natGateway": {"id": id_of("Microsoft.Network/natGateways", "n")}});
    for (ty, asked) in [
        ("Microsoft.Compute/virtualMachines", json!({"networkProfile": interfaces})),
        ("Microsoft.Compute/virtualMachineScaleSets", json!({"virtualMachineProfile": set})),
        ("Microsoft.Network/networkInterfaces", json!({"ipConfigurations": configurations})),
        ("Microsoft.Network/networkSecurityGroups", json!({"securityRules": rule})),
        ("Microsoft.Network/routeTables", json!({"routes": route})),
        ("Microsoft.Network/publicIPAddresses", address),
        ("Microsoft.Network/publicIPPrefixes", json!({"ipPrefix": "198.51.100.0/28"})),
    ] {
        let names = reads(NodeKind::of(&TypeName::new(ty)).unwrap()).unwrap();
        assert!(asked.as_object().unwrap().keys().all(|name| names.contains(&name.as_str())), "{ty}");
        let lowered = |more: &Json| {
            let mut properties = more.clone();
            properties.as_object_mut().unwrap().extend(asked.as_object().unwrap().clone());
            let sample = Sample::new(&json!([{"type": ty, "name": "it", "properties": properties}]));
            let mut graph = lower(sample.resources.clone()).graph;
            // What is decoded, without the places.
            for head in graph.virtual_machines.iter_mut().map(|node| &mut node.head) {
                head.written = Written::Unasked;
            }
            let shown = format!("{:?} {:?}", graph.virtual_machines, graph.network_interfaces);
            let shown = format!("{shown} {:?} {:?}", graph.security_groups, graph.route_tables);
            let shown = format!("{shown} {:?} {:?}", graph.public_addresses, graph.address_prefixes);
            without_places(&shown)
        };
        assert_eq!(lowered(&json!({})), lowered(&noise()), "{ty}");
    }
}

/// A debug text without bodies and the numbers in its spans.
fn without_places(shown: &str) -> String {
    let mut rest = shown;
    let mut kept = String::new();
    while let Some((before, after)) = rest.split_once("Span {") {
        kept.push_str(before);
        rest = after.split_once('}').map_or("", |(_, after)| after);
    }
    kept + rest
}
