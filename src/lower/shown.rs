//! What a resource says of others that belong to it, when it is seen as deployed.
//!
//! In: a linked graph. Out: the same graph, with the lists that such words amount to. Must not know: rules.
//!
//! A zone counts its links and record sets; a private endpoint shows its addresses in `customDnsConfigs` only as long as
//! no zone group is attached ("Azure Private Endpoint private DNS zone values"); the tier of a registry rules children out.

use crate::graph::{Graph, Head, Zone};
use crate::resource::{Listing, TypeName};
use crate::value::{Attr, Origin, Truth};

const LINKS: &str = "Microsoft.Network/privateDnsZones/virtualNetworkLinks";
const RECORDS: &str = "Microsoft.Network/privateDnsZones/A";
const ZONE_GROUPS: &str = "Microsoft.Network/privateEndpoints/privateDnsZoneGroups";

/// Children that only registries of the Premium tier can have ("Azure Container Registry service tiers").
const PREMIUM: [&str; 3] = [
    "Microsoft.ContainerRegistry/registries/replications",
    "Microsoft.ContainerRegistry/registries/agentPools",
    "Microsoft.ContainerRegistry/registries/connectedRegistries",
];

/// Adds what seen resources say.
pub(super) fn add(graph: &mut Graph) {
    let mut found = Vec::new();
    for (at, zone) in graph.zones.iter().enumerate().filter(|(_, zone)| is_shown(&zone.head)) {
        let links = graph.incoming.zone_links.get(at);
        found.extend(counted(zone, LINKS, &zone.links, links, 0));
        // Every zone has one SOA record, which is no record of a client.
        let records = graph.incoming.a_records.get(at);
        found.extend(counted(zone, RECORDS, &zone.record_sets, records, 1));
    }
    for registry in graph.registries.iter().filter(|registry| is_shown(&registry.head)) {
        let tier = registry.sku.as_literal();
        if tier.is_some_and(|tier| !tier.eq_ignore_ascii_case("Premium")) {
            let none = PREMIUM.iter().map(|ty| listing(ty, &registry.head, registry.sku.origin));
            found.extend(none);
        }
    }
    for endpoint in graph.private_endpoints.iter().filter(|endpoint| is_shown(&endpoint.head)) {
        if !endpoint.custom_dns.items.is_empty() {
            found.push(listing(ZONE_GROUPS, &endpoint.head, endpoint.custom_dns.at));
        }
    }
    for listing in &found {
        graph.listings.add(listing);
    }
}

fn is_shown(head: &Head) -> bool {
    head.seen && !head.existing
}

/// A list, where as many children are there as the zone says.
fn counted(
    zone: &Zone,
    ty: &str,
    count: &Attr<i64>,
    children: Option<&Vec<(u32, Truth)>>,
    others: i64,
) -> Option<Listing> {
    let certain = children.into_iter().flatten().filter(|(_, belongs)| *belongs == Truth::True).count();
    let there = i64::try_from(certain).ok()?.saturating_add(others);
    (*count.value()? == there).then(|| listing(ty, &zone.head, count.origin))
}

fn listing(ty: &str, head: &Head, at: Origin) -> Listing {
    Listing { ty: TypeName::new(ty), within: head.id.clone(), at }
}
