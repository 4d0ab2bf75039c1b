//! Zones of one region that stand before the zone of all registries.
//!
//! In: the graph. Out: [`RegionZone`]s of a registry. Must not know: what to say of them.
//!
//! A resolver asks the zone with the longest name that fits: `<region>.data.privatelink.azurecr.io`, where a network is
//! linked to it, answers for every data endpoint of that region, and a record of `privatelink.azurecr.io` is not seen
//! (domain.md D19; Azure/terraform-azurerm-avm-ptn-network-private-link-private-dns-zones#96).

use std::sync::Arc;

use crate::catalog::answer::{home, note, place};
use crate::catalog::names;
use crate::catalog::{Place, Related};
use crate::graph::{Graph, Zone};
use crate::value::{Attr, Pattern, Truth, Unknown};

use super::reach::endpoints;
use super::records::{managed, records_of_name, regions};

/// A zone of a region that a registry is in.
#[derive(Debug)]
pub(in crate::catalog) struct RegionZone {
    pub(in crate::catalog) registry: u32,
    pub(in crate::catalog) zone: u32,
    pub(in crate::catalog) region: Attr<Pattern>,
    /// Whether it is one of a region of the registry.
    pub(in crate::catalog) related: Truth,
    /// What a record of the registry is called in it.
    pub(in crate::catalog) name: Result<Pattern, Arc<Unknown>>,
    /// Whether the zone of all registries has the record, by hand or by a zone group.
    pub(in crate::catalog) main_zone: (Truth, Vec<Place>),
}

impl RegionZone {
    /// The records of the registry in it.
    pub(in crate::catalog) fn records(&self, graph: &Graph) -> Related {
        records_of_name(graph, self.zone, &self.name, place(self.region.origin))
    }
}

/// The zones of regions in the input, each with its region.
pub(super) fn all(graph: &Graph, suffixes: &[&str]) -> Vec<(u32, Pattern)> {
    let region = |zone: &Zone| names::region_of_zone(&names::pattern(&zone.head.name)?, suffixes);
    let zones = (0_u32..).zip(&graph.zones).filter(|(_, zone)| zone.head.exists != Truth::False);
    zones.filter_map(|(at, zone)| Some((at, region(zone)?))).collect()
}

/// Those of the regions of a registry. `main`: the zones of all registries.
pub(super) fn of_registry(
    graph: &Graph,
    registry: u32,
    all: &[(u32, Pattern)],
    main: &[(u32, Truth)],
) -> Vec<RegionZone> {
    let Some(node) = graph.registries.get(registry as usize).filter(|_| !all.is_empty()) else { return Vec::new() };
    let endpoints = endpoints(graph, registry);
    let mut found = Vec::new();
    for region in regions(graph, registry) {
        let Some(name) = names::pattern(&region.name) else { continue };
        for (zone, label) in all {
            let Some(zone_node) = graph.zones.get(*zone as usize) else { continue };
            let related = label.to_lowercase().same(&name).and(region.truth).and(zone_node.head.exists);
            if related == Truth::False {
                continue;
            }
            let data = names::base(node).map(|base| names::in_region(base, &name, ".data"));
            found.push(RegionZone {
                registry,
                zone: *zone,
                region: region.name.clone(),
                related,
                name: names::base(node),
                main_zone: in_main_zone(graph, registry, &endpoints, main, &data),
            });
        }
    }
    found
}

/// Whether one of the zones of all registries has a record, by hand or by a zone group.
fn in_main_zone(
    graph: &Graph,
    registry: u32,
    endpoints: &[(u32, Truth)],
    main: &[(u32, Truth)],
    data: &Result<Pattern, Arc<Unknown>>,
) -> (Truth, Vec<Place>) {
    let mut best = (Truth::False, Vec::new());
    for &(zone, right) in main {
        let Some(node) = graph.zones.get(zone as usize) else { continue };
        let kept = managed(graph, registry, endpoints, zone);
        let written = records_of_name(graph, zone, data, place(home(&node.head)));
        let written = written.members.into_iter().map(|member| {
            let at = member.places.first().map_or(home(&node.head), |place| place.origin);
            (member.related, vec![note(at, "the record is here, where nobody asks for it")])
        });
        for (truth, places) in written.chain([kept]) {
            let truth = truth.and(right);
            if truth > best.0 || best.1.is_empty() {
                best = (truth, places);
            }
        }
    }
    best
}
