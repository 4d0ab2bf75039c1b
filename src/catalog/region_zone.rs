//! Zones of one region beside the zone of all registries.
//!
//! In: what is derived. Out: the table of properties and relations. Must not know: rules, verdicts.

use super::answer::{all_children, decided, home, many, note, one, peers, place, property, text};
use super::derive::{RegionZone, endpoints, same_network};
use super::model::Name;
use super::registry::{ENDPOINTS, further_endpoints};
use super::{Completeness, Kind, Member, Model, Related, Subject, Ty};
use crate::value::Truth;

fn of(m: &Model, s: Subject) -> &RegionZone {
    &m.derived().region_zones[s.at()]
}

pub(super) const REGION_ZONE: Kind<Model> = Kind {
    name: Name::RegionZone.text(),
    doc: "A zone <region>.data.privatelink.<suffix> of a region that the registry is in.",
    all: |_| Vec::new(),
    properties: &[
        property("region", Ty::Text, "The region.", |m, s| text(&of(m, s).region)),
        property(
            "mainZoneLacksRecord",
            Ty::Bool,
            "It is certain that no zone privatelink.<suffix> has the record of the region's data endpoint either.",
            |m, s| {
                let (truth, places) = &of(m, s).main_zone;
                decided((*truth == Truth::False).into(), "the zone of all registries", places.clone())
            },
        ),
    ],
    relations: &[
        one("zone", Name::PrivateDnsZone.text(), "The zone.", |m, s| {
            let zone = of(m, s).zone;
            let at = m.graph.zones.get(zone as usize).map_or(of(m, s).region.origin, |zone| home(&zone.head));
            let subject = Name::PrivateDnsZone.node(zone);
            let members = vec![Member { subject, related: Truth::True, places: vec![place(at)] }];
            Related { members, complete: Completeness::Complete(place(at)) }
        }),
        many("clientLinks", Name::ZoneLink.text(), "Its links to networks of the registry's clients.", client_links),
        many("zoneConfigs", Name::ZoneConfig.text(), "What keeps the registry's record in it.", zone_configs),
        many("records", Name::ARecord.text(), "The registry's records in it.", |m, s| of(m, s).records(&m.graph)),
    ],
};

/// The links of the zone to networks that clients of the registry are in, and that ask Azure's resolver.
fn client_links(m: &Model, s: Subject) -> Related {
    let found = of(m, s);
    let derived = m.derived();
    let networks = derived.networks_of.get(found.registry as usize).map(Vec::as_slice).unwrap_or_default();
    let networks: Vec<_> = networks.iter().filter_map(|at| derived.networks.get(*at as usize)).collect();
    let links = m.graph.incoming.zone_links.get(found.zone as usize).map(Vec::as_slice).unwrap_or_default();
    let mut members = Vec::new();
    for &(at, belongs) in links {
        let Some(link) = m.graph.zone_links.get(at as usize) else { continue };
        let resolves = networks.iter().map(|network| {
            let same = same_network(&m.graph, &network.link, &link.virtual_network);
            same.and(network.related).and(network.azure_dns.0)
        });
        let related = resolves.max().unwrap_or(Truth::False).and(belongs).and(link.head.exists);
        if related != Truth::False {
            let places = vec![note(link.virtual_network.origin, "the zone is linked to the clients' network here")];
            members.push(Member { subject: Name::ZoneLink.node(at), related, places });
        }
    }
    Related { members, complete: Completeness::Complete(place(found.region.origin)) }
}

/// The elements of zone groups of the registry's endpoints that name the zone.
fn zone_configs(m: &Model, s: Subject) -> Related {
    let found = of(m, s);
    let mut members = Vec::new();
    let mut complete = None;
    for (at, targets) in endpoints(&m.graph, found.registry) {
        let Some(endpoint) = m.graph.private_endpoints.get(at as usize) else { continue };
        let groups = m.graph.incoming.zone_groups.get(at as usize).map(Vec::as_slice).unwrap_or_default();
        for &(at, belongs) in groups {
            let Some(group) = m.graph.zone_groups.get(at as usize) else { continue };
            for (element, config) in (1_u32..).zip(&group.configs.items) {
                let related = config.zone.leads_to(found.zone).and(belongs).and(group.head.exists).and(targets);
                if related != Truth::False {
                    let subject = Subject { kind: Name::ZoneConfig.id(), node: at, element };
                    members.push(Member { subject, related, places: vec![place(config.zone.origin)] });
                }
            }
            if group.configs.open.is_some() {
                let text = "what this names is not known, and presumed to be no zone of one region";
                complete = Some(worse(complete, Completeness::Presumed(note(group.configs.at, text))));
            }
        }
        let command = "az network private-endpoint dns-zone-group list";
        let groups =
            all_children(m, &endpoint.head, Name::PrivateDnsZoneGroup, !groups.is_empty(), "zone group", command);
        complete = Some(worse(complete, groups));
    }
    let complete = further_endpoints(m, found.registry).or(complete);
    let complete = complete.unwrap_or_else(|| match m.graph.registries.get(found.registry as usize) {
        Some(node) => {
            let command = "az network private-endpoint list";
            peers(m, &node.head, ENDPOINTS, false, "private endpoint of it", command)
        }
        None => Completeness::Complete(place(found.region.origin)),
    });
    Related { members, complete }
}

/// The one of two that says less.
fn worse(one: Option<Completeness>, other: Completeness) -> Completeness {
    let rank = |complete: &Completeness| match complete {
        Completeness::Complete(_) => 0,
        Completeness::Presumed(_) => 1,
        Completeness::Incomplete { .. } => 2,
    };
    match one {
        Some(one) if rank(&one) >= rank(&other) => one,
        Some(_) | None => other,
    }
}
