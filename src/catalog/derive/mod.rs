//! What follows from the graph and is too clever for predicates: which networks clients are in, which records a zone
//! should have, who pulls from whom.
//!
//! In: a [`Graph`]. Out: [`Derived`], computed once, with the origins that prove it. Must not know: rules, verdicts.

mod api_properties;
mod changes;
mod client_subnets;
mod clients;
mod cut_off;
mod egress;
mod filter;
mod leaving;
mod outbound;
mod platform;
mod pulls;
mod reach;
mod record_targets;
mod records;
mod region_zones;
mod references;
mod room;
mod targets;
mod through;

use std::collections::BTreeMap;

use super::Place;
use super::model::Name;
use super::names;
use crate::graph::{Graph, PrivateEndpoint, Zone};
use crate::value::Truth;

pub(super) use api_properties::ApiProperty;
pub(super) use changes::{ChangedPath, Changes, Part, listed};
pub(super) use client_subnets::{ClientSubnet, Obstacle};
pub(super) use clients::{ClientNetwork, ServiceEndpointClient, pulls_by_name};
pub(super) use egress::{Egress, Shown};
pub(super) use leaving::Leaving;
pub(super) use platform::Platform;
pub(super) use pulls::Pull;
use reach::Networks;
pub(super) use reach::{endpoints, endpoints_known, other_endpoint, same_network, shown_endpoints};
pub(super) use record_targets::{Answer, RecordTarget};
pub(super) use records::{ExpectedRecord, Region, regions};
pub(super) use references::Reference;
pub(super) use region_zones::RegionZone;
pub(super) use room::Room;
pub(super) use targets::Targets;
pub(super) use through::{Barred, Services, Through};

/// Everything that is derived, in tables of its own; lists of indexes by the node that owns them.
#[derive(Debug, Default)]
pub(super) struct Derived {
    pub(super) networks: Vec<ClientNetwork>,
    pub(super) networks_of: Vec<Vec<u32>>,
    pub(super) client_subnets: Vec<ClientSubnet>,
    pub(super) client_subnets_of: Vec<Vec<u32>>,
    /// What keeps each agent pool from the services that it needs.
    pub(super) pool_services: Vec<Option<Services>>,
    /// What keeps the nodes of each AKS cluster from images of the platform.
    pub(super) platform: Vec<Option<Platform>>,
    /// For each registry, where there may be further networks.
    pub(super) more_networks: Vec<Option<Place>>,
    pub(super) service_endpoint_clients: Vec<ServiceEndpointClient>,
    pub(super) service_endpoint_clients_of: Vec<Vec<u32>>,
    pub(super) records: Vec<ExpectedRecord>,
    pub(super) records_of: Vec<Vec<u32>>,
    /// For each A record the registry that it is for.
    pub(super) record_targets: Vec<Option<RecordTarget>>,
    pub(super) region_zones: Vec<RegionZone>,
    pub(super) region_zones_of: Vec<Vec<u32>>,
    pub(super) pulls: Vec<Pull>,
    pub(super) pulls_of_groups: Vec<Vec<u32>>,
    pub(super) pulls_of_web_apps: Vec<Vec<u32>>,
    pub(super) pulls_of_container_apps: Vec<Vec<u32>>,
    pub(super) api_properties: Vec<ApiProperty>,
    /// The registries that the requests of an event went or may have gone to.
    pub(super) asked: Vec<Vec<(u32, Truth)>>,
    pub(super) egress: Vec<Egress>,
    /// The hosts that clients pull from.
    pub(super) references: Vec<Reference>,
    /// Subnets with private endpoints of registries, in the order of the subnets.
    pub(super) rooms: Vec<Room>,
    pub(super) leaving: Vec<Leaving>,
    pub(super) leaving_of: Vec<Vec<u32>>,
    /// The suffixes that zones of this input can have: those of its registries' clouds.
    pub(super) suffixes: Vec<&'static str>,
    /// Some registry of the input has, or may have, a private endpoint.
    pub(super) any_endpoint: bool,
    /// A zone for registries that is seen as deployed, but not with all its links.
    pub(super) unlisted_zone: Option<usize>,
    /// A zone for registries that is only referenced.
    pub(super) referenced_zone: Option<usize>,
    /// The last private endpoint that may have further connections.
    pub(super) open_endpoint: Option<usize>,
    /// There is, or may be, a zone `privatelink.<suffix>`.
    pub(super) has_main_zone: bool,
    /// The private endpoints by what they connect to.
    pub(super) targets: Targets,
    /// The zones for registries of some clouds, by the suffixes of these.
    zones: BTreeMap<&'static [&'static str], Vec<(u32, Truth)>>,
}

impl Derived {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut derived =
            Self { suffixes: suffixes(graph), api_properties: api_properties::unknown(graph), ..Self::default() };
        derived.asked = egress::asked(graph);
        derived.egress = egress::known(graph);
        derived.record_targets = record_targets::targets(graph);
        derived.references = references::references(graph);
        derived.rooms = room::rooms(graph);
        derived.targets = Targets::new(graph);
        derived.unlisted_zone = unlisted_zone(graph, &derived.suffixes);
        derived.referenced_zone = referenced_zone(graph, &derived.suffixes);
        let open = |node: &PrivateEndpoint| node.connections.open.is_some() && !node.head.existing;
        derived.open_endpoint = graph.private_endpoints.iter().rposition(open);
        derived.has_main_zone = has_main_zone(graph, &derived.suffixes);
        for registry in &graph.registries {
            let suffixes = names::suffixes(registry);
            derived.zones.entry(suffixes).or_insert_with(|| zones(graph, suffixes));
        }
        let (reach, hosts) = (Networks::new(graph), pulls::Hosts::new(graph));
        let attachments = clients::attachments(graph, &hosts, &reach);
        let zones_of_regions = region_zones::all(graph, &derived.suffixes);
        let subnets_with_endpoint = clients::endpoint_subnets(graph);
        for (registry, node) in (0_u32..).zip(&graph.registries) {
            derived.any_endpoint |= !reach.endpoints(registry).is_empty();
            let (networks, more) = clients::networks(graph, registry, &attachments, &reach, &derived.suffixes);
            let records = records::expected(graph, registry, &networks, derived.zones(names::suffixes(node)));
            append(&mut derived.networks, &mut derived.networks_of, networks);
            derived.more_networks.push(more);
            append(&mut derived.records, &mut derived.records_of, records);
            let suffixes = names::suffixes(node);
            let zones = region_zones::of_registry(graph, registry, &zones_of_regions, derived.zones(suffixes));
            append(&mut derived.region_zones, &mut derived.region_zones_of, zones);
            let subnets = clients::service_endpoint_clients(graph, registry, &subnets_with_endpoint, &reach);
            append(&mut derived.service_endpoint_clients, &mut derived.service_endpoint_clients_of, subnets);
        }
        for leaving in leaving::leaving(graph, &hosts, &reach) {
            append(&mut derived.leaving, &mut derived.leaving_of, leaving);
        }
        let gate = through::Gate::new(graph, &reach);
        for subnets in client_subnets::client_subnets(graph, &hosts, &reach, gate.as_ref()) {
            append(&mut derived.client_subnets, &mut derived.client_subnets_of, subnets);
        }
        derived.platform = graph.aks_clusters.iter().map(|cluster| platform::platform(graph, cluster)).collect();
        let services = |pool| gate.as_ref().and_then(|gate| gate.services(pool));
        derived.pool_services = graph.agent_pools.iter().map(services).collect();
        for (group, _) in (0_u32..).zip(&graph.container_groups) {
            append(
                &mut derived.pulls,
                &mut derived.pulls_of_groups,
                pulls::of_container_group(graph, &hosts, &reach, group),
            );
        }
        for (app, _) in (0_u32..).zip(&graph.web_apps) {
            append(&mut derived.pulls, &mut derived.pulls_of_web_apps, pulls::of_web_app(graph, &hosts, &reach, app));
        }
        for (app, _) in (0_u32..).zip(&graph.container_apps) {
            append(
                &mut derived.pulls,
                &mut derived.pulls_of_container_apps,
                pulls::of_container_app(graph, &hosts, &reach, app),
            );
        }
        derived
    }
}

impl Derived {
    /// The zones that registries with one of these suffixes use, and those that may be such.
    pub(super) fn zones(&self, suffixes: &[&'static str]) -> &[(u32, Truth)] {
        self.zones.get(suffixes).map(Vec::as_slice).unwrap_or_default()
    }
}

/// Adds the rows of one owner to a table, and their numbers to the list of owners.
fn append<T>(table: &mut Vec<T>, owners: &mut Vec<Vec<u32>>, rows: Vec<T>) {
    let first = u32::try_from(table.len()).unwrap_or(u32::MAX);
    let count = u32::try_from(rows.len()).unwrap_or(0);
    owners.push((first..first.saturating_add(count)).collect());
    table.extend(rows);
}

fn unlisted_zone(graph: &Graph, suffixes: &[&str]) -> Option<usize> {
    let links = Name::ZoneLink.ty()?;
    graph.zones.iter().position(|zone| {
        zone.head.seen
            && !zone.head.managed
            && graph.listings.within(links, &zone.head.id).is_none()
            && names::is_main_zone(&zone.head.name, suffixes) != Truth::False
    })
}

fn referenced_zone(graph: &Graph, suffixes: &[&str]) -> Option<usize> {
    let wanted = |zone: &Zone| zone.head.existing && names::is_main_zone(&zone.head.name, suffixes) != Truth::False;
    graph.zones.iter().position(wanted)
}

fn has_main_zone(graph: &Graph, suffixes: &[&str]) -> bool {
    graph.zones.iter().any(|zone| names::is_main_zone(&zone.head.name, suffixes) != Truth::False)
}

fn zones(graph: &Graph, suffixes: &[&str]) -> Vec<(u32, Truth)> {
    let truth = |zone: &Zone| names::is_main_zone(&zone.head.name, suffixes).and(zone.head.exists);
    let all = (0_u32..).zip(&graph.zones).map(|(at, zone)| (at, truth(zone)));
    let mut zones: Vec<(u32, Truth)> = all.filter(|(_, truth)| *truth != Truth::False).collect();
    if zones.len() > MANY_ZONES {
        zones.sort_by_key(|(_, truth)| std::cmp::Reverse(*truth));
    }
    zones
}

/// So many zones of one name are told of; hundreds of them say no more about any one registry. Of more, those that are
/// certain come first.
pub(super) const MANY_ZONES: usize = 64;

fn suffixes(graph: &Graph) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for registry in &graph.registries {
        for suffix in names::suffixes(registry) {
            if !all.contains(suffix) {
                all.push(suffix);
            }
        }
    }
    if all.is_empty() { names::SUFFIXES.to_vec() } else { all }
}
