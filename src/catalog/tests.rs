//! The vocabulary, on small resources made by hand.

use serde_json::{Value as Json, json};

use super::*;
use crate::lower::lower;
use crate::lower::sample::{Sample, id_of, registry};
use crate::value::Truth;

mod dns;

const REGISTRIES: &str = "Microsoft.ContainerRegistry/registries";
const ZONES: &str = "Microsoft.Network/privateDnsZones";
const SUBNETS: &str = "Microsoft.Network/virtualNetworks/subnets";
const NETWORKS: &str = "Microsoft.Network/virtualNetworks";

struct World {
    sample: Sample,
    model: Model,
}

impl World {
    fn new(resources: &[Json]) -> Self {
        let sample = Sample::new(&Json::Array(resources.to_vec()));
        let lowered = lower(sample.resources.clone());
        assert_eq!(lowered.problems, Vec::new());
        Self { sample, model: Model::new(lowered.graph, Vec::new()) }
    }

    fn kind(subject: Subject) -> &'static Kind<Model> {
        CATALOG.get(subject.kind).unwrap()
    }

    fn first(&self, kind: &str) -> Subject {
        self.all(kind)[0]
    }

    fn all(&self, kind: &str) -> Vec<Subject> {
        (CATALOG.kind(kind).unwrap().1.all)(&self.model)
    }

    fn fact(&self, subject: Subject, name: &str) -> Fact {
        let kind = Self::kind(subject);
        let property = kind.properties.iter().find(|p| p.name == name);
        let fact = (property.unwrap_or_else(|| panic!("{} has no {name}", kind.name)).get)(&self.model, subject);
        assert!(!fact.places.is_empty(), "{name} has no place");
        fact
    }

    fn related(&self, subject: Subject, name: &str) -> Related {
        let kind = Self::kind(subject);
        let relation = kind.relations.iter().find(|r| r.name == name);
        (relation.unwrap_or_else(|| panic!("{} has no {name}", kind.name)).each)(&self.model, subject)
    }

    /// The value of a property.
    fn get(&self, subject: Subject, name: &str) -> String {
        match self.fact(subject, name).datum {
            Datum::Absent => "-".to_owned(),
            Datum::Known(Scalar::Bool(value)) => value.to_string(),
            Datum::Known(Scalar::Int(value)) => value.to_string(),
            Datum::Known(Scalar::Text(value)) => value.to_string(),
            Datum::Known(Scalar::Net(value)) => value.to_string(),
            Datum::Unknown(_) => "?".to_owned(),
        }
    }

    /// The place to edit of a property.
    fn at(&self, subject: Subject, name: &str) -> &str {
        self.sample.place(self.fact(subject, name).places[0].origin.at)
    }

    /// The members of a relation, a property of each, `?` before those that only may be; and whether these are all.
    fn list(&self, subject: Subject, relation: &str, property: &str) -> String {
        let related = self.related(subject, relation);
        let mut shown: Vec<String> = Vec::new();
        for member in &related.members {
            assert!(!member.places.is_empty());
            let maybe = if member.related == Truth::Unknown { "?" } else { "" };
            shown.push(format!("{maybe}{}", self.get(member.subject, property)));
        }
        shown.push(
            match related.complete {
                Completeness::Complete(_) => "all",
                Completeness::Presumed(_) => "presumed",
                Completeness::Incomplete { .. } => "incomplete",
            }
            .to_owned(),
        );
        shown.join(" ")
    }

    fn member(&self, subject: Subject, relation: &str, at: usize) -> Subject {
        self.related(subject, relation).members[at].subject
    }
}

fn network(name: &str, subnet: &Json) -> Json {
    json!({"type": NETWORKS, "apiVersion": "2023-04-01", "name": name, "location": "eastus", "properties": {
        "subnets": [{"name": "s", "properties": subnet}]
    }})
}

fn endpoint(name: &str, network: &str, target: &str) -> Json {
    json!({"type": "Microsoft.Network/privateEndpoints", "apiVersion": "2023-04-01", "name": name, "location": "eastus",
    "properties": {
        "subnet": {"id": id_of(SUBNETS, &format!("{network}/s"))},
        "privateLinkServiceConnections": [{"name": "c", "properties": {
            "privateLinkServiceId": target, "groupIds": ["registry"]
        }}]
    }})
}

fn zone(name: &str) -> Json {
    json!({"type": ZONES, "apiVersion": "2020-06-01", "name": name, "location": "global"})
}

fn link(zone: &str, network: &str, properties: &Json) -> Json {
    let mut properties = properties.clone();
    properties["virtualNetwork"] = json!({"id": id_of(NETWORKS, network)});
    json!({"type": "Microsoft.Network/privateDnsZones/virtualNetworkLinks", "apiVersion": "2024-06-01",
        "name": format!("{zone}/{network}-link"), "properties": properties})
}

fn record(zone: &str, name: &str) -> Json {
    json!({"type": "Microsoft.Network/privateDnsZones/A", "name": format!("{zone}/{name}"), "properties": {
        "aRecords": [{"ipv4Address": "10.0.0.4"}]
    }})
}

fn group(endpoint: &str, zone_id: &str) -> Json {
    json!({"type": "Microsoft.Network/privateEndpoints/privateDnsZoneGroups", "name": format!("{endpoint}/default"),
        "properties": {"privateDnsZoneConfigs": [{"name": "z", "properties": {"privateDnsZoneId": zone_id}}]}})
}

fn replica(registry: &str, location: &str) -> Json {
    json!({"type": "Microsoft.ContainerRegistry/registries/replications", "apiVersion": "2023-07-01",
        "name": format!("{registry}/{location}"), "location": location, "properties": {}})
}

fn aks(network: &str) -> Json {
    json!({"type": "Microsoft.ContainerService/managedClusters", "name": "aks", "properties": {
        "agentPoolProfiles": [{"name": "p", "vnetSubnetID": id_of(SUBNETS, &format!("{network}/s"))}]
    }})
}

const MAIN: &str = "privatelink.azurecr.io";

fn dns_world(more: &[Json]) -> World {
    let mut all = vec![
        registry("Acr", &json!({})),
        network("v", &json!({})),
        endpoint("pe", "v", &acr()),
        replica("Acr", "West Europe"),
        zone(MAIN),
        link(MAIN, "v", &json!({"resolutionPolicy": "Default"})),
    ];
    all.extend_from_slice(more);
    World::new(&all)
}

fn acr() -> String {
    id_of(REGISTRIES, "acr")
}

#[test]
fn the_table_and_the_names_agree() {
    assert_eq!(CATALOG.kinds.len(), Name::ALL.len());
    for (kind, name) in CATALOG.kinds.iter().zip(Name::ALL) {
        assert_eq!(kind.name, name.text());
        for relation in kind.relations {
            assert!(CATALOG.kind(relation.target).is_some(), "{}.{}", kind.name, relation.name);
        }
        let mut names: Vec<_> = kind.properties.iter().map(|p| p.name).collect();
        names.extend(kind.relations.iter().map(|r| r.name));
        let count = names.len();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), count, "{} has a name twice", kind.name);
    }
}

#[test]
fn a_default_says_that_it_is_one() {
    let world = World::new(&[registry("acr", &json!({"adminUserEnabled": false}))]);
    let acr = world.first("registry");
    let fact = world.fact(acr, "publicNetworkAccess");
    assert!(fact.defaulted);
    assert_eq!(fact.places[0].text, None);
    assert_eq!(world.at(acr, "publicNetworkAccess"), "acr/properties key");
    assert_eq!((world.get(acr, "region"), world.get(acr, "location")), ("eastus".to_owned(), "East US".to_owned()));
    assert_eq!(world.get(acr, "loginServer"), "acr.azurecr.io");
    assert_eq!(world.list(acr, "networkRuleSet.ipRules", "value"), "all");
    assert_eq!(world.list(acr, "privateEndpoints", "name"), "presumed");
}

#[test]
fn ip_rules_know_what_never_comes_from_the_internet() {
    let rules = ["10.0.0.0/16", "100.64.1.1", "0.0.0.0/0", "203.0.113.9", "10.1.2.3/8", "fe80::1", "⟨ip⟩"];
    let rules: Vec<Json> = rules.iter().map(|value| json!({"value": value})).collect();
    let world = World::new(&[registry("acr", &json!({"networkRuleSet": {"ipRules": rules}}))]);
    let acr = world.first("registry");
    let relation = "networkRuleSet.ipRules";
    assert_eq!(world.list(acr, relation, "private"), "true true false false true - ? all");
    assert_eq!(world.list(acr, relation, "malformed"), "false false false false false true ? all");
    assert_eq!(world.list(acr, relation, "hostBitsSet"), "false false false false true - ? all");
    assert_eq!(world.model.key(world.member(acr, relation, 3)), "203.0.113.9");
}

#[test]
fn endpoints_are_found_certainly_or_perhaps() {
    let world = World::new(&[
        registry("acr", &json!({})),
        network("v", &json!({})),
        endpoint("pe1", "v", &acr()),
        endpoint("pe2", "v", "⟨/target⟩"),
        endpoint("pe3", "v", &id_of("Microsoft.Storage/storageAccounts", "st")),
    ]);
    let acr = world.first("registry");
    assert_eq!(world.list(acr, "privateEndpoints", "name"), "pe1 ?pe2 presumed");
    let truths: Vec<_> = world.all("privateEndpoint").iter().map(|pe| world.get(*pe, "targetsRegistry")).collect();
    assert_eq!(truths, ["true", "?", "false"]);
    let pe = world.first("privateEndpoint");
    assert_eq!(world.list(pe, "registry", "name"), "acr all");
    assert_eq!(world.list(pe, "virtualNetwork", "name"), "v all");
    assert_eq!(world.list(pe, "privateDnsZoneGroups", "name"), "presumed");
    let connection = world.member(pe, "privateLinkServiceConnections", 0);
    assert_eq!(world.list(connection, "groupIds", "value"), "registry all");
    assert_eq!(world.get(connection, "manual"), "false");
}

#[test]
fn around_a_registry_that_is_seen_nothing_is_presumed() {
    let seen = |properties: &Json| {
        let mut acr = registry("acr", properties);
        acr["seen"] = json!(true);
        acr.as_object_mut().unwrap().remove("apiVersion");
        acr
    };
    let bare = World::new(&[seen(&json!({"publicNetworkAccess": "Disabled", "networkRuleBypassOptions": "None"}))]);
    let acr = bare.first("registry");
    for relation in ["privateEndpoints", "replications", "clientNetworks", "privateDnsZones"] {
        assert!(matches!(bare.related(acr, relation).complete, Completeness::Incomplete { .. }), "{relation}");
    }
    // No version that has these two lacks the rule set, but many lack rules for subnets and the switch for exports.
    assert_eq!(bare.get(acr, "networkRuleSet.defaultAction"), "Allow");
    assert_eq!(bare.get(acr, "policies.exportPolicy.status"), "?");
    assert!(matches!(
        bare.related(acr, "networkRuleSet.virtualNetworkRules").complete,
        Completeness::Incomplete { .. }
    ));
    assert!(matches!(bare.related(acr, "networkRuleSet.ipRules").complete, Completeness::Complete(_)));

    let id = id_of(REGISTRIES, "acr");
    let connection = json!({"name": "c", "properties": {"privateEndpoint": {"id": id.replace("acr", "pe")}}});
    let all = World::new(&[seen(&json!({"privateEndpointConnections": []}))]);
    let acr = all.first("registry");
    for relation in ["privateEndpoints", "connections"] {
        assert!(matches!(all.related(acr, relation).complete, Completeness::Complete(_)), "{relation}");
    }
    let elsewhere = World::new(&[seen(&json!({"privateEndpointConnections": [connection]}))]);
    let acr = elsewhere.first("registry");
    assert!(matches!(elsewhere.related(acr, "privateEndpoints").complete, Completeness::Incomplete { .. }));
    assert!(matches!(elsewhere.related(acr, "connections").complete, Completeness::Complete(_)));
}

#[test]
fn a_zone_that_counts_its_links_and_records_shows_all_or_not() {
    let zone = |links: i64, sets: i64| {
        World::new(&[
            json!({"type": ZONES, "name": "privatelink.azurecr.io", "seen": true, "properties": {
                "numberOfVirtualNetworkLinks": links, "numberOfRecordSets": sets
            }}),
            json!({"type": format!("{ZONES}/A"), "name": "privatelink.azurecr.io/acr", "seen": true, "properties": {}}),
        ])
    };
    let complete = |world: &World, relation: &str| {
        matches!(world.related(world.first("privateDnsZone"), relation).complete, Completeness::Complete(_))
    };
    let all = zone(0, 2);
    assert!(complete(&all, "virtualNetworkLinks") && complete(&all, "aRecords"));
    let more = zone(1, 3);
    assert!(!complete(&more, "virtualNetworkLinks") && !complete(&more, "aRecords"));
}

#[test]
fn around_a_referenced_registry_nothing_is_presumed() {
    let world = World::new(&[json!({"type": REGISTRIES, "name": "acr", "existing": true})]);
    let acr = world.first("registry");
    for relation in ["privateEndpoints", "replications", "networkRuleSet.ipRules", "clientNetworks", "privateDnsZones"]
    {
        assert!(matches!(world.related(acr, relation).complete, Completeness::Incomplete { .. }), "{relation}");
    }
    assert_eq!(world.get(acr, "publicNetworkAccess"), "?");
}

#[test]
fn static_addresses_are_compared_with_the_members_of_the_registry() {
    let mut pe = endpoint("pe", "v", &acr());
    pe["properties"]["ipConfigurations"] = json!([
        {"name": "a", "properties": {"memberName": "registry", "groupId": "registry", "privateIPAddress": "10.0.0.4"}},
        {"name": "b", "properties": {"memberName": "registry_data_eastus", "privateIPAddress": "10.0.0.5"}}
    ]);
    let mut maybe = replica("acr", "northeurope");
    maybe["exists"] = json!(false);
    let home = replica("acr", "East US");
    let world = World::new(&[registry("acr", &json!({})), pe, replica("acr", "West Europe"), maybe, home]);
    let pe = world.first("privateEndpoint");
    assert_eq!(
        world.list(pe, "expectedMembers", "memberName"),
        "registry registry_data_eastus registry_data_westeurope ?registry_data_northeurope presumed"
    );
    assert_eq!(world.list(pe, "expectedMembers", "configured"), "true true false ?false presumed");
}

#[test]
fn networks_of_clients_or_else_of_endpoints() {
    let parts = [registry("acr", &json!({})), network("hub", &json!({})), network("spoke", &json!({}))];
    let with = |more: &[Json]| {
        let mut all = parts.to_vec();
        all.extend_from_slice(more);
        World::new(&all)
    };
    let names = |world: &World| world.list(world.first("registry"), "clientNetworks", "name");
    let pe = endpoint("pe", "hub", &acr());
    assert_eq!(names(&with(std::slice::from_ref(&pe))), "hub presumed");
    assert_eq!(names(&with(&[pe.clone(), aks("spoke")])), "spoke presumed");
    // A client whose image names another registry of the input is not one of this one.
    let aci = json!({"type": "Microsoft.ContainerInstance/containerGroups", "name": "aci", "properties": {
        "containers": [{"properties": {"image": "other.azurecr.io/app"}}],
        "subnetIds": [{"id": id_of(SUBNETS, "spoke/s")}]
    }});
    assert_eq!(names(&with(&[pe.clone(), registry("other", &json!({})), aci.clone()])), "hub presumed");
    let mine = json!({"type": "Microsoft.ContainerInstance/containerGroups", "name": "aci", "properties": {
        "containers": [{"properties": {"image": "⟨*registry⟩/app"}}],
        "subnetIds": [{"id": id_of(SUBNETS, "spoke/s")}]
    }});
    assert_eq!(names(&with(&[pe, mine])), "?spoke presumed");
}

#[test]
fn a_cluster_between_two_private_registries_is_a_client_of_the_one_in_reach() {
    let both = |cluster: &str| {
        let world = World::new(&[
            registry("acr", &json!({})),
            registry("two", &json!({})),
            network("v1", &json!({})),
            network("v2", &json!({})),
            network("v3", &json!({})),
            endpoint("pe1", "v1", &acr()),
            endpoint("pe2", "v2", &id_of(REGISTRIES, "two")),
            aks(cluster),
        ]);
        let registries = world.all("registry");
        let names: Vec<_> = registries.iter().map(|r| world.list(*r, "clientNetworks", "name")).collect();
        names.join(", ")
    };
    assert_eq!(both("v1"), "v1 presumed, v2 presumed");
    assert_eq!(both("v3"), "?v3 presumed, ?v3 presumed");
}

#[test]
fn of_very_many_networks_that_nobody_knows_anything_of_some_are_told() {
    let with = |count: usize| {
        let mut resources = vec![
            registry("acr", &json!({})),
            registry("two", &json!({})),
            network("v1", &json!({})),
            network("v2", &json!({})),
            endpoint("pe1", "v1", &acr()),
            endpoint("pe2", "v2", &id_of(REGISTRIES, "two")),
        ];
        for at in 0..count {
            resources.push(network(&format!("n{at}"), &json!({})));
            let mut cluster = aks(&format!("n{at}"));
            cluster["name"] = json!(format!("aks{at}"));
            resources.push(cluster);
        }
        let world = World::new(&resources);
        world.list(world.first("registry"), "clientNetworks", "name")
    };
    let few = with(16);
    assert!(few.ends_with("?n15 presumed"), "{few}");
    let many = with(40);
    assert!(many.ends_with("?n15 incomplete"), "{many}");
}

#[test]
fn an_unknown_subnet_that_two_share_is_one_network() {
    let mut pe = endpoint("pe", "v", &acr());
    pe["properties"]["subnet"]["id"] = json!("⟨/subnet⟩");
    let mut cluster = aks("v");
    cluster["properties"]["agentPoolProfiles"][0]["vnetSubnetID"] = json!("⟨/subnet⟩");
    let world = World::new(&[registry("acr", &json!({})), pe, cluster]);
    let acr = world.first("registry");
    assert_eq!(world.list(acr, "clientNetworks", "privatePath"), "true presumed");
    assert_eq!(world.list(world.member(acr, "clientNetworks", 0), "virtualNetwork", "name"), "incomplete");
}

#[test]
fn private_paths_go_through_one_peering_at_most() {
    let peering = |from: &str, to: &str| {
        json!({"type": "Microsoft.Network/virtualNetworks/virtualNetworkPeerings", "name": format!("{from}/to-{to}"),
            "properties": {"remoteVirtualNetwork": {"id": id_of(NETWORKS, to)}}})
    };
    let path = |client: &str, peerings: &[Json]| {
        let mut all = vec![
            registry("acr", &json!({})),
            network("hub", &json!({})),
            network("spoke", &json!({})),
            network("far", &json!({})),
            endpoint("pe", "hub", &acr()),
            aks(client),
        ];
        all.extend_from_slice(peerings);
        let world = World::new(&all);
        world.list(world.first("registry"), "clientNetworks", "privatePath")
    };
    assert_eq!(path("hub", &[]), "true presumed");
    assert_eq!(path("spoke", &[]), "false presumed");
    assert_eq!(path("spoke", &[peering("hub", "spoke")]), "true presumed");
    assert_eq!(path("far", &[peering("hub", "spoke"), peering("spoke", "far")]), "false presumed");
    // A network that is not part of the input may be peered elsewhere.
    assert_eq!(path("elsewhere", &[]), "? presumed");
}

#[test]
fn subnets_with_a_service_endpoint_and_subnets_with_a_rule() {
    let with_endpoint = json!({"serviceEndpoints": [{"service": "microsoft.containerregistry"}]});
    let rules = json!([{"id": id_of(SUBNETS, "none/s")}, {"id": id_of(SUBNETS, "elsewhere/s")}]);
    let claimed = json!({"networkRuleSet": {"virtualNetworkRules": [{"id": id_of(SUBNETS, "taken/s")}]}});
    let world = World::new(&[
        registry("acr", &json!({"networkRuleSet": {"virtualNetworkRules": rules}})),
        registry("other", &claimed),
        network("open", &with_endpoint),
        network("taken", &with_endpoint),
        network("none", &json!({})),
    ]);
    let acr = world.first("registry");
    let show = |property| world.list(acr, "serviceEndpointClients", property);
    assert_eq!(show("hasRule"), "true true false presumed");
    assert_eq!(show("hasServiceEndpoint"), "false ? true presumed");
    let place = |at| world.at(world.member(acr, "serviceEndpointClients", at), "subnetId").to_owned();
    assert_eq!(place(0), "acr/properties/networkRuleSet/virtualNetworkRules/0/id");
    assert_eq!(place(2), "open/properties/subnets/0/properties/serviceEndpoints/0/service");
    assert_eq!(show("privatePath"), "false false false presumed");
    let rule = world.member(acr, "networkRuleSet.virtualNetworkRules", 1);
    assert_eq!(world.list(rule, "subnet", "name"), "incomplete");
    assert_eq!(world.list(rule, "providerRegistrations", "namespace"), "incomplete");
    assert_eq!(world.get(rule, "crossesSubscriptions"), "false");
}

#[test]
fn subscriptions_are_crossed_by_two_literal_ones() {
    let rules = json!([{"id": id_of(SUBNETS, "v/s").replace("/subscriptions/1", "/subscriptions/2")}]);
    let world = World::new(&[registry("acr", &json!({"networkRuleSet": {"virtualNetworkRules": rules}}))]);
    let rule = world.member(world.first("registry"), "networkRuleSet.virtualNetworkRules", 0);
    assert_eq!((world.get(rule, "crossesSubscriptions"), world.get(rule, "subscription")), ("true".into(), "2".into()));
}

#[test]
fn pulls_are_joined_by_login_server() {
    let aci = |image: &str| {
        json!({"type": "Microsoft.ContainerInstance/containerGroups", "name": "aci", "properties": {
            "containers": [{"properties": {"image": image}}, {"properties": {"image": "mcr.microsoft.com/a"}}],
            "imageRegistryCredentials": [{"server": "ACR.azurecr.io", "identity": "⟨/identity⟩"}]
        }})
    };
    let pulls = |image: &str, property: &str| {
        let world = World::new(&[registry("acr", &json!({})), aci(image)]);
        world.list(world.first("containerGroup"), "pulls", property)
    };
    assert_eq!(pulls("acr.azurecr.io/app:1", "host"), "acr.azurecr.io all");
    assert_eq!(pulls("acr.azurecr.io/app:1", "identity"), "true all");
    assert_eq!(pulls("acr.azurecr.io/app:1", "privatePath"), "false all");
    assert_eq!(pulls("acr.azurecr.io/app:1", "pullsOverVnet"), "- all");
    let world = World::new(&[registry("acr", &json!({})), registry("b", &json!({})), aci("b.azurecr.io/x")]);
    let group = world.first("containerGroup");
    assert_eq!(world.list(group, "pulls", "host"), "b.azurecr.io ACR.azurecr.io all");
    assert_eq!(world.list(group, "pulls", "identity"), "false true all");
    assert_eq!(world.list(world.member(group, "pulls", 0), "registry", "name"), "b all");
}

#[test]
fn a_reference_to_the_login_server_names_the_registry() {
    let image = format!("⟨*reference({}).loginServer⟩/app", acr());
    let world = World::new(&[
        registry("acr", &json!({})),
        registry("acr2", &json!({})),
        json!({"type": "Microsoft.Web/sites", "name": "web", "properties": {
            "siteConfig": {"linuxFxVersion": format!("DOCKER|{image}")}
        }}),
    ]);
    let pull = world.member(world.first("webApp"), "pulls", 0);
    assert_eq!(world.list(pull, "registry", "name"), "acr all");
    assert_eq!(world.get(pull, "pullsOverVnet"), "false");
}

#[test]
fn web_apps_and_container_apps_pull_through_their_networks() {
    let web = json!({"type": "Microsoft.Web/sites", "name": "web", "properties": {
        "virtualNetworkSubnetId": id_of(SUBNETS, "v/s"), "vnetImagePullEnabled": true,
        "siteConfig": {"linuxFxVersion": "DOCKER|acr.azurecr.io/app"}
    }});
    let outside = json!({"type": "Microsoft.Web/sites", "name": "out", "properties": {
        "vnetImagePullEnabled": true, "siteConfig": {"linuxFxVersion": "DOCKER|acr.azurecr.io/app"}
    }});
    let environment = json!({"type": "Microsoft.App/managedEnvironments", "name": "env", "properties": {
        "vnetConfiguration": {"infrastructureSubnetId": id_of(SUBNETS, "far/s")}
    }});
    let app = json!({"type": "Microsoft.App/containerApps", "name": "app", "properties": {
        "environmentId": id_of("Microsoft.App/managedEnvironments", "env"),
        "configuration": {"registries": [{"server": "acr.azurecr.io", "identity": "system"}]},
        "template": {"containers": [{"image": "acr.azurecr.io/app"}]}
    }});
    let world = World::new(&[
        registry("acr", &json!({})),
        network("v", &json!({})),
        network("far", &json!({})),
        endpoint("pe", "v", &acr()),
        web,
        outside,
        environment,
        app,
    ]);
    let pull = |subject, property| world.list(subject, "pulls", property);
    let webs = world.all("webApp");
    assert_eq!((pull(webs[0], "pullsOverVnet"), pull(webs[0], "privatePath")), ("true all".into(), "true all".into()));
    assert_eq!(
        (pull(webs[1], "pullsOverVnet"), pull(webs[1], "privatePath")),
        ("false all".into(), "false all".into())
    );
    let app = world.first("containerApp");
    assert_eq!((pull(app, "injected"), pull(app, "privatePath")), ("true all".into(), "false all".into()));
    assert_eq!(pull(app, "identity"), "true all");
}

#[test]
fn tasks_attach_their_identity_or_not() {
    let attaches = |credentials: &Json| {
        let world = World::new(&[
            registry("acr", &json!({})),
            json!({"type": "Microsoft.ContainerRegistry/registries/tasks", "name": "acr/t",
                "identity": {"type": "SystemAssigned, UserAssigned"}, "properties": {"credentials": credentials}}),
        ]);
        let task = world.first("registryTask");
        assert_eq!(world.get(task, "systemAssigned"), "true");
        assert_eq!(world.list(task, "registry", "name"), "acr all");
        format!("{} at {}", world.get(task, "attachesSystemIdentity"), world.at(task, "attachesSystemIdentity"))
    };
    assert_eq!(attaches(&Json::Null), "false at acr/t/properties/credentials key");
    assert_eq!(
        attaches(&json!({"customRegistries": {"ACR.azurecr.io": {"identity": "[system]"}}})),
        "true at acr/t/properties/credentials/customRegistries/ACR.azurecr.io/identity"
    );
    assert!(attaches(&json!({"customRegistries": {"x.azurecr.io": {"identity": "[system]"}}})).starts_with("false"));
    assert!(attaches(&json!({"sourceRegistry": {"identity": "[system]"}})).starts_with("true"));
    assert!(attaches(&json!({"?": "credentials"})).starts_with('?'));
}

#[test]
fn defender_plans_are_declared_or_not() {
    let plan = |name: &str, tier: &str| {
        json!({"type": "Microsoft.Security/pricings", "name": name, "properties": {"pricingTier": tier,
            "extensions": [{"name": "ContainerRegistriesVulnerabilityAssessments", "isEnabled": "False"}]}})
    };
    let declared = |plans: &[Json]| {
        let mut all = vec![registry("acr", &json!({}))];
        all.extend_from_slice(plans);
        let world = World::new(&all);
        let acr = world.first("registry");
        format!("{} {}", world.get(acr, "defenderPlanDeclared"), world.list(acr, "defenderPlans", "name"))
    };
    assert_eq!(declared(&[]), "false incomplete");
    assert_eq!(declared(&[plan("Containers", "Standard")]), "true Containers incomplete");
    assert_eq!(declared(&[plan("Containers", "Free"), plan("Dns", "Standard")]), "false Containers incomplete");
    assert_eq!(declared(&[plan("Containers", "⟨tier⟩")]), "? Containers incomplete");
    let world = World::new(&[plan("Containers", "Free"), plan("CloudPosture", "Free")]);
    let first = world.first("defenderPricing");
    assert_eq!(world.list(first, "others", "name"), "CloudPosture presumed");
    assert_eq!(world.list(first, "extensions", "isEnabled"), "False all");
}

#[test]
fn approvals_are_the_registrys_side_of_a_connection() {
    let approval = json!({"type": "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
    "name": "acr/pe", "properties": {
        "privateEndpoint": {"id": id_of("Microsoft.Network/privateEndpoints", "pe")},
        "privateLinkServiceConnectionState": {"status": "Approved"}
    }});
    let world = World::new(&[registry("acr", &json!({})), endpoint("pe", "v", &acr()), approval]);
    let pe = world.first("privateEndpoint");
    let connection = world.member(pe, "privateLinkServiceConnections", 0);
    assert_eq!(world.list(connection, "approvals", "status"), "Approved presumed");
    assert_eq!(world.list(world.first("registry"), "connections", "status"), "Approved presumed");
}

#[test]
fn properties_that_the_api_version_does_not_know_are_found_once() {
    let rules = json!([{"id": "x"}, {"id": "y"}]);
    let mut old = registry("acr", &json!({"networkRuleSet": {"virtualNetworkRules": rules}, "encryption": null}));
    old["apiVersion"] = json!("2023-07-01");
    let connected = json!({"type": "Microsoft.ContainerRegistry/registries/connectedRegistries",
        "apiVersion": "2023-07-01", "name": "acr/c", "properties": {"mode": "ReadOnly"}});
    let mut resolving = link(MAIN, "v", &json!({"resolutionPolicy": "NxDomainRedirect"}));
    resolving["apiVersion"] = json!("2020-06-01");
    let world = World::new(&[old, connected, resolving]);
    let all = world.all("apiProperty");
    let show = |property| all.iter().map(|s| world.get(*s, property)).collect::<Vec<_>>().join(" ");
    assert_eq!(
        show("path"),
        "networkRuleSet.virtualNetworkRules Microsoft.ContainerRegistry/registries/connectedRegistries resolutionPolicy"
    );
    assert_eq!(show("since"), "2026-03-01-preview 2025-04-01 2024-06-01");
    assert_eq!(show("virtualNetworkRules"), "true false false");
    assert_eq!(world.at(all[0], "path"), "acr/properties/networkRuleSet/virtualNetworkRules key");
}

#[test]
fn no_fact_shows_a_secret() {
    let world = World::new(&[
        registry(
            "acr",
            &json!({"publicNetworkAccess": {"!": "canary"}, "networkRuleSet": {"!": {"defaultAction": "canary",
            "ipRules": [{"value": "canary"}]}}}),
        ),
        json!({"type": "Microsoft.ContainerInstance/containerGroups", "name": "aci", "properties": {
            "containers": [{"properties": {"image": {"!": "canary.azurecr.io/app"}}}],
            "imageRegistryCredentials": [{"server": "acr.azurecr.io", "password": "canary"}]
        }}),
        json!({"type": "Microsoft.Web/sites", "name": "web", "properties": {"siteConfig": {"appSettings": [
            {"name": "DOCKER_REGISTRY_SERVER_URL", "value": "https://canary:canary@acr.azurecr.io"},
            {"name": "DOCKER_REGISTRY_SERVER_USERNAME", "value": "canary"},
            {"name": "DOCKER_REGISTRY_SERVER_PASSWORD", "value": "canary"}
        ]}}}),
    ]);
    let acr = world.first("registry");
    assert_eq!(world.get(acr, "publicNetworkAccess"), "?");
    assert_eq!(world.list(acr, "networkRuleSet.ipRules", "value"), "? all");
    let web = world.first("webApp");
    assert_eq!(world.list(web, "pulls", "host"), "acr.azurecr.io all");
    assert_eq!(world.list(web, "pulls", "password"), "true all");
    let mut shown: Vec<String> = Vec::new();
    for kind in CATALOG.kinds {
        for subject in (kind.all)(&world.model) {
            for property in kind.properties {
                shown.push(format!("{:?}", (property.get)(&world.model, subject)));
            }
            for relation in kind.relations {
                for member in (relation.each)(&world.model, subject).members {
                    for property in World::kind(member.subject).properties {
                        shown.push(format!("{:?}", (property.get)(&world.model, member.subject)));
                    }
                }
            }
        }
    }
    let shown = shown.join(" ");
    assert!(shown.contains("acr.azurecr.io") && !shown.contains("canary"));
}

#[test]
fn every_property_and_relation_answers_for_every_subject() {
    let world = dns_world(&[
        group("pe", &id_of(ZONES, MAIN)),
        record(MAIN, "acr"),
        aks("v"),
        json!({"type": "Microsoft.ContainerInstance/containerGroups", "name": "aci", "properties": {"?": "p"}}),
        json!({"type": "Microsoft.Web/sites", "name": "web", "properties": {"siteConfig": {"?": "config"}}}),
        json!({"type": REGISTRIES, "name": "⟨n⟩", "location": "⟨l⟩", "properties": {"?": "p"}}),
        json!({"type": "Microsoft.Network/privateEndpoints", "name": "⟨n⟩", "properties": {"?": "p"}}),
    ]);
    let mut todo: Vec<(Subject, usize)> =
        CATALOG.kinds.iter().flat_map(|kind| (kind.all)(&world.model)).map(|subject| (subject, 0)).collect();
    let mut asked = 0;
    while let Some((subject, depth)) = todo.pop() {
        let kind = World::kind(subject);
        for property in kind.properties {
            assert!(!(property.get)(&world.model, subject).places.is_empty(), "{}.{}", kind.name, property.name);
            asked += 1;
        }
        for relation in kind.relations {
            let related = (relation.each)(&world.model, subject);
            for member in related.members {
                assert_eq!(World::kind(member.subject).name, relation.target, "{}.{}", kind.name, relation.name);
                assert!(!member.places.is_empty() && member.related != Truth::False);
                if depth < 2 {
                    todo.push((member.subject, depth + 1));
                }
            }
        }
        assert!(world.model.resource(subject).is_some(), "{}", kind.name);
        let _ = (world.model.key(subject), world.model.exists(subject));
        assert!(world.model.home(subject).is_some());
    }
    assert!(asked > 300, "{asked}");
}
