//! Private DNS zones, their links and records, and the records that they should have.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{
    bool_setting, children, decided, decided_because, elements, fact, follow, id, known_text, many, one, place,
    property, said, text, text_setting,
};
use super::derive::{ExpectedRecord, regions};
use super::head::{ADDRESS, API_VERSION, EXISTING, ID, NAME};
use super::model::Name;
use super::{Datum, Fact, Kind, Member, Model, Related, Scalar, Subject, Ty, names, record_target};
use crate::graph::{ARecord, Zone, ZoneLink};
use crate::value::{Pattern, Reason, State, Truth};

fn zone(m: &Model, s: Subject) -> &Zone {
    &m.graph.zones[s.at()]
}

/// `az … --zone-name <name>`.
fn az(m: &Model, s: Subject, command: &str) -> String {
    let name = names::pattern(&zone(m, s).head.name).unwrap_or_default();
    format!("az network private-dns {command} --zone-name {name}")
}

pub(super) const PRIVATE_DNS_ZONE: Kind<Model> = Kind {
    name: Name::PrivateDnsZone.text(),
    doc: "A private DNS zone, declared or only named by an id.",
    all: |m| Name::PrivateDnsZone.all(m.graph.zones.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        EXISTING,
        property("rightName", Ty::Bool, "It is a name that registries of this input's clouds use.", |m, s| {
            let name = &zone(m, s).head.name;
            let truth = names::is_right_zone(name, &m.derived().suffixes);
            let hole = names::pattern(name).and_then(|pattern| pattern.first_hole().cloned());
            let fact = decided_because(truth, hole.as_ref(), "the zone's name", vec![place(name.origin)]);
            said(fact, "registries do not use a zone of this name", "registries use a zone of this name")
        }),
        property("publicSuffix", Ty::Bool, "Its name is what the public names of all registries end with.", |m, s| {
            let name = &zone(m, s).head.name;
            let truths = names::SUFFIXES.iter().map(|suffix| names::attr_is(name, suffix));
            let mut truth = truths.max().unwrap_or(Truth::False);
            // A name of which nothing is known is not suspected.
            if truth == Truth::Unknown && !names::pattern(name).is_some_and(|name| ends_like_a_suffix(&name)) {
                truth = Truth::False;
            }
            let hole = names::pattern(name).and_then(|pattern| pattern.first_hole().cloned());
            decided_because(truth, hole.as_ref(), "the zone's name", vec![place(name.origin)])
        }),
        property(
            "declaredAgain",
            Ty::Text,
            "Another address by which the same deployment creates a zone of this id.",
            |m, s| match zone(m, s).head.again.as_deref() {
                Some((address, places)) => known_text(address, vec![place(places.name)]),
                None => fact(Datum::Absent, vec![place(super::answer::home(&zone(m, s).head))]),
            },
        ),
        property("misnamed", Ty::Bool, "It looks meant for a registry, but no registry uses this name.", |m, s| {
            said(misnamed(m, s), "nothing is wrong with this name", "this looks meant for a registry, but none uses it")
        }),
    ],
    relations: &[
        many("virtualNetworkLinks", Name::ZoneLink.text(), "The networks that resolve with it.", |m, s| {
            children(
                m,
                &zone(m, s).head,
                m.graph.incoming.zone_links.get(s.at()),
                Name::ZoneLink,
                |at| m.graph.zone_links.get(at as usize).map(|node| &node.head),
                ("link of the zone", &az(m, s, "link vnet list")),
            )
        }),
        many("aRecords", Name::ARecord.text(), "Its A records.", |m, s| {
            children(
                m,
                &zone(m, s).head,
                m.graph.incoming.a_records.get(s.at()),
                Name::ARecord,
                |at| m.graph.a_records.get(at as usize).map(|node| &node.head),
                ("A record of the zone", &az(m, s, "record-set a list")),
            )
        }),
    ],
};

/// Whether a name with holes ends as the names of registries do, or in the middle of it.
fn ends_like_a_suffix(name: &Pattern) -> bool {
    let literal = |part: &crate::value::Part| match part {
        crate::value::Part::Literal(text) => text.to_ascii_lowercase().contains("azurecr"),
        crate::value::Part::Hole(_) => false,
    };
    name.parts().iter().any(literal)
}

/// Whether a zone looks meant for a registry without having a name that registries use.
///
/// Only said where the input has a registry with a private endpoint. A name that is not known is only doubted where the
/// zone group of such an endpoint is on the zone.
fn misnamed(m: &Model, s: Subject) -> Fact {
    let name = &zone(m, s).head.name;
    let places = vec![place(name.origin)];
    let derived = m.derived();
    // Of a zone that only a zone group names, the element of the group says whether the name is right.
    let configs = || m.graph.zone_groups.iter().flat_map(|group| &group.configs.items);
    let only_named = zone(m, s).referenced && configs().any(|config| config.zone.leads_to(s.node) == Truth::True);
    if !derived.any_endpoint || only_named {
        return decided(Truth::False, "the zone's name", places);
    }
    let literal = match &name.state {
        State::Known(pattern) => match pattern.as_literal() {
            Some(text) => text.to_lowercase(),
            // The literal end of `⟨registry⟩.privatelink.azurecr.io` tells enough.
            None => return holes_misnamed(m, s, pattern),
        },
        State::Absent => return decided(Truth::False, "the zone's name", places),
        State::Unknown(unknown) => {
            let truth = Truth::Unknown.and(kept_for_registry(m, s).into());
            return decided_because(truth, Some(unknown), "the zone's name", places);
        }
    };
    let meant = literal.contains("azurecr") || literal.starts_with("privatelink.acr");
    let main = names::is_main_zone(name, &derived.suffixes) == Truth::True;
    let region = names::is_region_zone(name, &derived.suffixes) == Truth::True;
    let has_main = derived.has_main_zone;
    let wrong = meant && !main && (!region || !has_main);
    decided(wrong.into(), "the zone's name", places)
}

/// A name with holes.
fn holes_misnamed(m: &Model, s: Subject, name: &Pattern) -> Fact {
    let places = vec![place(zone(m, s).head.name.origin)];
    let suffixes = &m.derived().suffixes;
    let inside = suffixes.iter().find_map(|suffix| names::strip_end(name, &format!(".privatelink.{suffix}")));
    let truth = match inside {
        Some(front) => names::strip_end(&front, ".data").is_none().into(),
        None => Truth::Unknown.and(kept_for_registry(m, s).into()),
    };
    decided_because(truth, name.first_hole(), "the zone's name", places)
}

/// Whether a zone group keeps the records of a registry's private endpoint in a zone.
fn kept_for_registry(m: &Model, s: Subject) -> bool {
    m.graph.zone_groups.iter().any(|group| {
        let endpoint = group.private_endpoint.node().and_then(|at| m.graph.private_endpoints.get(at));
        let mut connections = endpoint.into_iter().flat_map(|endpoint| &endpoint.connections.items);
        connections.any(|connection| connection.registry.node().is_some())
            && group.configs.items.iter().any(|config| config.zone.leads_to(s.node) == Truth::True)
    })
}

fn link(m: &Model, s: Subject) -> &ZoneLink {
    &m.graph.zone_links[s.at()]
}

pub(super) const ZONE_LINK: Kind<Model> = Kind {
    name: Name::ZoneLink.text(),
    doc: "The link of a private DNS zone to a virtual network.",
    all: |m| Name::ZoneLink.all(m.graph.zone_links.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        property("resolutionPolicy", Ty::Text, "What happens to names that the zone does not have.", |m, s| {
            text_setting(&link(m, s).resolution_policy)
        }),
        property("registrationEnabled", Ty::Bool, "Machines of the network register themselves.", |m, s| {
            bool_setting(&link(m, s).registration_enabled)
        }),
        property("virtualNetworkId", Ty::Id, "The network's id.", |m, s| id(&link(m, s).virtual_network)),
        property("zoneName", Ty::Text, "The name of its zone.", super::twice::linked_zone_name),
        property("networkName", Ty::Text, "The name of the network.", super::twice::linked_network_name),
        property("rivalNames", Ty::Text, "The names of its rivals.", super::twice::rival_names),
    ],
    relations: &[
        one("virtualNetwork", Name::VirtualNetwork.text(), "The network.", |m, s| {
            super::network::network_of(m, &link(m, s).virtual_network)
        }),
        one("zone", Name::PrivateDnsZone.text(), "The zone.", |m, s| zone_of(m, &link(m, s).zone)),
        many(
            "rivals",
            Name::ZoneLink.text(),
            "Links of zones of the same name to the same network, which are there or declared before it.",
            super::twice::rivals,
        ),
    ],
};

fn zone_of(m: &Model, link: &crate::graph::Link) -> Related {
    let exists = |at: u32| m.graph.zones.get(at as usize).map_or(Truth::False, |node| node.head.exists);
    follow(link, Name::PrivateDnsZone, "az network private-dns zone show", exists)
}

fn record(m: &Model, s: Subject) -> &ARecord {
    &m.graph.a_records[s.at()]
}

pub(super) const A_RECORD: Kind<Model> = Kind {
    name: Name::ARecord.text(),
    doc: "An A record set of a private DNS zone; its name is relative to the zone.",
    all: |m| Name::ARecord.all(m.graph.a_records.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        property("regionLabel", Ty::Text, "The label between a registry's name and data.", |m, s| {
            let name = &record(m, s).head.name;
            let datum = match region_label(m, s) {
                Some((_, label)) => Datum::Known(Scalar::Text(label)),
                None => Datum::Absent,
            };
            fact(datum, vec![place(name.origin)])
        }),
        property(
            "regionLabelWrong",
            Ty::Bool,
            "The label is a region of the registry, but with spaces or dashes that no client asks for.",
            region_label_wrong,
        ),
    ],
    relations: &[
        one("registry", Name::Registry.text(), "The registry that it is for.", record_target::registry_of_record),
        many("aRecords", Name::RecordAddress.text(), "Its addresses.", |m, s| {
            let command = "az network private-dns record-set a show";
            elements(&record(m, s).addresses, Name::RecordAddress, s.node, command, |address| address.origin)
        }),
        one("zone", Name::PrivateDnsZone.text(), "Its zone.", |m, s| zone_of(m, &record(m, s).zone)),
    ],
};

/// The registry whose data endpoint a record is for, and the label between its name and `data`.
fn region_label(m: &Model, s: Subject) -> Option<(u32, Pattern)> {
    let name = names::pattern(&record(m, s).head.name)?;
    let front = names::strip_end(&name, ".data")?;
    (0_u32..).zip(&m.graph.registries).find_map(|(at, registry)| {
        let mut base = names::base(registry).ok()?;
        base.push_str(".");
        let label = names::strip_start(&front, &base)?;
        (!label.parts().is_empty()).then_some((at, label))
    })
}

fn region_label_wrong(m: &Model, s: Subject) -> Fact {
    let name = &record(m, s).head.name;
    let mut places = vec![place(name.origin)];
    let Some((registry, label)) = region_label(m, s) else {
        return decided(Truth::False, "the region label", places);
    };
    let plain = names::squeeze(&label, &[' ', '-', '_']).to_lowercase();
    let written = label.to_lowercase();
    let mut wrong = Truth::False;
    for region in regions(&m.graph, registry) {
        let Some(region_name) = names::pattern(&region.name).map(|name| name.to_lowercase()) else { continue };
        let exact = written.same(&region_name);
        if exact == Truth::True {
            return decided(Truth::False, "the region label", places);
        }
        // A label with holes may turn out to be spelled rightly.
        let spelled = if label.first_hole().is_some() { Truth::Unknown } else { (plain != written).into() };
        let truth = plain.same(&region_name).and(!exact).and(spelled);
        if truth > wrong {
            wrong = truth;
            places.truncate(1);
            places.push(place(region.at));
        }
    }
    let hole = label.first_hole().cloned();
    decided_because(wrong, hole.as_ref(), "the region label", places)
}

pub(super) const RECORD_ADDRESS: Kind<Model> = Kind {
    name: Name::RecordAddress.text(),
    doc: "An address of an A record set.",
    all: |_| Vec::new(),
    properties: &[
        property("ipv4Address", Ty::Text, "The address.", |m, s| text(&record(m, s).addresses.items[s.element_at()])),
        property(
            "written",
            Ty::Bool,
            "It is written out or given by a parameter, and not read from a resource at deployment.",
            |m, s| {
                let address = &record(m, s).addresses.items[s.element_at()];
                let read = match &address.state {
                    State::Unknown(unknown) => {
                        matches!(unknown.reason, Reason::RuntimeFunction | Reason::KnownAfterApply)
                    }
                    State::Known(_) | State::Absent => false,
                };
                let fact = decided((!read).into(), "the address", vec![place(address.origin)]);
                said(fact, "the address is read from a resource", "this is the address that is written")
            },
        ),
        property(
            "otherNetwork",
            Ty::Bool,
            "A private endpoint answers there that is in another network than one at an address before it.",
            record_target::other_network,
        ),
        property(
            "chosenByAzure",
            Ty::Bool,
            "A private endpoint gets its addresses when it is deployed, and may get this one.",
            record_target::chosen_by_azure,
        ),
    ],
    relations: &[many(
        "answeringEndpoints",
        Name::AnsweringEndpoint.text(),
        "The private endpoints of the registry that the record is for, each with whether it answers at this address.",
        record_target::endpoints_beside,
    )],
};

fn expected(m: &Model, s: Subject) -> &ExpectedRecord {
    &m.derived().records[s.at()]
}

pub(super) const EXPECTED_RECORD: Kind<Model> = Kind {
    name: Name::ExpectedRecord.text(),
    doc: "An A record that a zone linked to a registry's clients should have.",
    all: |_| Vec::new(),
    properties: &[
        property("role", Ty::Text, "login, homeData, replicaData or regional.", |m, s| {
            let record = expected(m, s);
            known_text(record.role.text(), record.places.clone())
        }),
        property("name", Ty::Text, "Its name relative to the zone, such as myreg.eastus.data.", |m, s| {
            let record = expected(m, s);
            let datum = match &record.name {
                Ok(name) => Datum::Known(Scalar::Text(name.clone())),
                Err(unknown) => Datum::Unknown(std::sync::Arc::clone(unknown)),
            };
            fact(datum, record.places.clone())
        }),
        property("region", Ty::Text, "The region that it serves.", |m, s| text(&expected(m, s).region)),
        property("redirects", Ty::Bool, "Names that the zone does not have are asked for publicly.", |m, s| {
            let record = expected(m, s);
            let fact = decided(record.redirects, "the resolution policy of the link", vec![place(record.policy)]);
            said(
                fact,
                "names that the zone lacks are not asked for publicly",
                "names that it lacks are asked for publicly",
            )
        }),
        property(
            "keptForOthers",
            Ty::Bool,
            "The zone is kept for another registry, and no network which resolves in it reaches an endpoint of this one.",
            |m, s| {
                let record = expected(m, s);
                let places = record.foreign.clone().or_else(|| record.places.first().map(|place| vec![place.clone()]));
                let fact = decided(record.foreign.is_some().into(), "the networks", places.unwrap_or_default());
                said(
                    fact,
                    "the zone is not one that is kept for other registries only",
                    "the zone is kept for other registries only",
                )
            },
        ),
        property("managed", Ty::Bool, "A zone group of an endpoint of the registry keeps it.", |m, s| {
            let record = expected(m, s);
            decided(record.managed.0, "the zone groups of the registry's endpoints", record.managed.1.clone())
        }),
    ],
    relations: &[
        one("zone", Name::PrivateDnsZone.text(), "The zone.", |m, s| {
            let record = expected(m, s);
            let at = record.places.get(1).or(record.places.first()).cloned();
            let place = at.unwrap_or_else(|| place(record.region.origin));
            let subject = Name::PrivateDnsZone.node(record.zone);
            let members = vec![Member { subject, related: Truth::True, places: vec![place.clone()] }];
            Related { members, complete: super::Completeness::Complete(place) }
        }),
        many("zonesWithIt", Name::PrivateDnsZone.text(), "Other zones of the same name that have it.", |m, s| {
            let record = expected(m, s);
            let members = record.elsewhere.iter().map(|(zone, place)| Member {
                subject: Name::PrivateDnsZone.node(*zone),
                related: Truth::True,
                places: vec![place.clone()],
            });
            let at = record.places.first().cloned().unwrap_or_else(|| place(record.region.origin));
            Related { members: members.collect(), complete: super::Completeness::Complete(at) }
        }),
        many("records", Name::ARecord.text(), "The records of the zone that have its name.", |m, s| {
            expected(m, s).records(&m.graph)
        }),
    ],
};
