//! What follows from the graph and is too clever for predicates: which networks clients are in, which records a zone
//! should have, who pulls from whom.
//!
//! In: a [`Graph`]. Out: [`Derived`], computed once, with the origins that prove it. Must not know: rules, verdicts.

mod api_properties;
mod clients;
mod pulls;
mod reach;
mod records;

use super::model::Name;
use crate::graph::Graph;
use crate::value::Truth;

pub(super) use api_properties::ApiProperty;
pub(super) use clients::{ClientNetwork, ServiceEndpointClient};
pub(super) use pulls::Pull;
pub(super) use reach::{endpoints, shown_endpoints};
pub(super) use records::{ExpectedRecord, Region, regions};

/// Everything that is derived, in tables of its own; lists of indexes by the node that owns them.
#[derive(Debug, Default)]
pub(super) struct Derived {
    pub(super) networks: Vec<ClientNetwork>,
    pub(super) networks_of: Vec<Vec<u32>>,
    pub(super) service_endpoint_clients: Vec<ServiceEndpointClient>,
    pub(super) service_endpoint_clients_of: Vec<Vec<u32>>,
    pub(super) records: Vec<ExpectedRecord>,
    pub(super) records_of: Vec<Vec<u32>>,
    pub(super) pulls: Vec<Pull>,
    pub(super) pulls_of_groups: Vec<Vec<u32>>,
    pub(super) pulls_of_web_apps: Vec<Vec<u32>>,
    pub(super) pulls_of_container_apps: Vec<Vec<u32>>,
    pub(super) api_properties: Vec<ApiProperty>,
    /// The suffixes that zones of this input can have: those of its registries' clouds.
    pub(super) suffixes: Vec<&'static str>,
    /// Some registry of the input has, or may have, a private endpoint.
    pub(super) any_endpoint: bool,
    /// A zone for registries that is seen as deployed, but not with all its links.
    pub(super) unlisted_zone: Option<usize>,
}

impl Derived {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut derived =
            Self { suffixes: suffixes(graph), api_properties: api_properties::unknown(graph), ..Self::default() };
        derived.unlisted_zone = unlisted_zone(graph, &derived.suffixes);
        let attachments = clients::attachments(graph);
        let subnets_with_endpoint = clients::endpoint_subnets(graph);
        for (registry, _) in (0_u32..).zip(&graph.registries) {
            derived.any_endpoint |= !endpoints(graph, registry).is_empty();
            let networks = clients::networks(graph, registry, &attachments, &derived.suffixes);
            let records = records::expected(graph, registry, &networks);
            append(&mut derived.networks, &mut derived.networks_of, networks);
            append(&mut derived.records, &mut derived.records_of, records);
            let subnets = clients::service_endpoint_clients(graph, registry, &subnets_with_endpoint);
            append(&mut derived.service_endpoint_clients, &mut derived.service_endpoint_clients_of, subnets);
        }
        for (group, _) in (0_u32..).zip(&graph.container_groups) {
            append(&mut derived.pulls, &mut derived.pulls_of_groups, pulls::of_container_group(graph, group));
        }
        for (app, _) in (0_u32..).zip(&graph.web_apps) {
            append(&mut derived.pulls, &mut derived.pulls_of_web_apps, pulls::of_web_app(graph, app));
        }
        for (app, _) in (0_u32..).zip(&graph.container_apps) {
            append(&mut derived.pulls, &mut derived.pulls_of_container_apps, pulls::of_container_app(graph, app));
        }
        derived
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
            && super::names::is_main_zone(&zone.head.name, suffixes) != Truth::False
    })
}

fn suffixes(graph: &Graph) -> Vec<&'static str> {
    let mut all: Vec<&'static str> = Vec::new();
    for registry in &graph.registries {
        for suffix in super::names::suffixes(&registry.head.location) {
            if !all.contains(suffix) {
                all.push(suffix);
            }
        }
    }
    if all.is_empty() { super::names::SUFFIXES.to_vec() } else { all }
}
