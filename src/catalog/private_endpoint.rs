//! Private endpoints, their connections, static addresses and zone groups.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::access_rule::{crosses, registrations};
use super::answer::{
    all_children, all_of, children, decided, decided_because, elements, fact, follow, home, id, many, one, place,
    property, said, text,
};
use super::derive::{Region, regions};
use super::head::{ADDRESS, API_VERSION, EXISTING, ID, LOCATION, NAME, REGION, SUBSCRIPTION};
use super::model::Name;
use super::registry_child::registry_of;
use super::{Completeness, Datum, Fact, Kind, Member, Model, Place, Related, Scalar, Subject, Ty, names};
use crate::graph::{IpConfiguration, Link, List, PrivateEndpoint, ServiceConnection, Target, ZoneConfig};
use crate::value::{Attr, Origin, Pattern, Truth};

fn endpoint(m: &Model, s: Subject) -> &PrivateEndpoint {
    &m.graph.private_endpoints[s.at()]
}

/// How many group ids one connection can have here: the element of a group id holds both numbers.
const GROUPS: u32 = 1 << 12;

fn connection(m: &Model, s: Subject) -> &ServiceConnection {
    &endpoint(m, s).connections.items[s.element_at()]
}

/// Whether a connection targets a registry, by the type in its id.
pub(super) fn targets_registry(link: &Link) -> Truth {
    match &link.target {
        Target::Node(_) => return Truth::True,
        Target::Absent => return Truth::False,
        Target::Maybe(_) | Target::Elsewhere | Target::Unknown(_) => {}
    }
    match link.id.as_ref().map(|id| (id.ty(), id.pattern().first_hole().is_some())) {
        Some((Some(ty), _)) => (ty == "microsoft.containerregistry/registries").into(),
        Some((None, true)) | None => Truth::Unknown,
        Some((None, false)) => Truth::False,
    }
}

fn hole(link: &Link) -> Option<&std::sync::Arc<crate::value::Unknown>> {
    link.id.as_ref().and_then(|id| id.pattern().first_hole())
}

/// The link to the registry: of the connection that targets one for certain, else of the first that may.
fn registry_link(node: &PrivateEndpoint) -> Option<&Link> {
    let links = || node.connections.items.iter().map(|connection| &connection.registry);
    links()
        .find(|link| targets_registry(link) == Truth::True)
        .or_else(|| links().find(|link| targets_registry(link) == Truth::Unknown))
}

pub(super) const PRIVATE_ENDPOINT: Kind<Model> = Kind {
    name: Name::PrivateEndpoint.text(),
    doc: "A private endpoint.",
    all: |m| Name::PrivateEndpoint.all(m.graph.private_endpoints.len()),
    properties: &[
        NAME,
        LOCATION,
        REGION,
        API_VERSION,
        ADDRESS,
        ID,
        EXISTING,
        SUBSCRIPTION,
        property("targetsRegistry", Ty::Bool, "It leads to a registry rather than to another service.", |m, s| {
            let node = endpoint(m, s);
            let truths = node.connections.items.iter().map(|connection| targets_registry(&connection.registry));
            let mut truth = truths.max().unwrap_or(Truth::False);
            if truth == Truth::False && node.connections.open.is_some() {
                truth = Truth::Unknown;
            }
            let link = registry_link(node);
            let at = link.map_or(node.connections.at, |link| link.origin);
            let because = link.and_then(hole).or(node.connections.open.as_ref());
            let fact = decided_because(truth, because, "the target of the private endpoint", vec![place(at)]);
            said(fact, "the endpoint leads to no registry", "the endpoint leads to a registry")
        }),
        property("crossesSubscriptions", Ty::Bool, "It is in another subscription than its registry.", |m, s| {
            let node = endpoint(m, s);
            let at = home(&node.head);
            match registry_link(node) {
                Some(link) => {
                    let places = vec![place(link.origin), place(at)];
                    crosses(link.id.as_ref(), &node.head.id, places)
                }
                None => decided(Truth::False, "the target of the private endpoint", vec![place(at)]),
            }
        }),
        property("twinName", Ty::Text, "The name of the first of its twins.", super::twice::twin_name),
        property("subnetId", Ty::Id, "The id of the subnet that it is in.", |m, s| id(&endpoint(m, s).subnet.subnet)),
    ],
    relations: &[
        one("registry", Name::Registry.text(), "The registry that it leads to.", |m, s| {
            registry_of_endpoint(m, endpoint(m, s))
        }),
        one("subnet", Name::Subnet.text(), "The subnet that it is in.", |m, s| {
            super::network::subnet_of(m, &endpoint(m, s).subnet.subnet)
        }),
        one("virtualNetwork", Name::VirtualNetwork.text(), "The network that it is in.", |m, s| {
            super::network::network_of(m, &endpoint(m, s).subnet.virtual_network)
        }),
        many(
            "privateLinkServiceConnections",
            Name::PrivateLinkConnection.text(),
            "Its connections, approved by themselves or by hand.",
            |m, s| {
                let list = &endpoint(m, s).connections;
                let command = "az network private-endpoint show";
                elements(list, Name::PrivateLinkConnection, s.node, command, |connection| connection.registry.origin)
            },
        ),
        many(
            "twins",
            Name::PrivateEndpoint.text(),
            "Approved private endpoints of the same registry in the same network that stand before it.",
            super::twice::endpoint_twins,
        ),
        many("ipConfigurations", Name::IpConfiguration.text(), "Its static addresses.", |m, s| {
            let list = &endpoint(m, s).ip_configurations;
            let command = "az network private-endpoint show";
            elements(list, Name::IpConfiguration, s.node, command, |configuration| configuration.member_name.origin)
        }),
        many("expectedMembers", Name::ExpectedMember.text(), "The members that its registry has.", expected_members),
        many("privateDnsZoneGroups", Name::PrivateDnsZoneGroup.text(), "Its zone groups.", zone_groups),
        many("zoneConfigs", Name::ZoneConfig.text(), "The elements of its zone groups.", zone_configs),
        many(
            "providerRegistrations",
            Name::ProviderRegistration.text(),
            "Provider registrations of its subscription.",
            |m, s| {
                let head = &endpoint(m, s).head;
                registrations(m, Some(&head.id), place(home(head)))
            },
        ),
    ],
};

fn registry_of_endpoint(m: &Model, node: &PrivateEndpoint) -> Related {
    match registry_link(node) {
        Some(link) => registry_of(m, link),
        None => {
            Related { members: Vec::new(), complete: all_of(&node.connections, "az network private-endpoint show") }
        }
    }
}

fn zone_groups(m: &Model, s: Subject) -> Related {
    let owner = &endpoint(m, s).head;
    let name = names::pattern(&owner.name).unwrap_or_default();
    children(
        m,
        owner,
        m.graph.incoming.zone_groups.get(s.at()),
        Name::PrivateDnsZoneGroup,
        |at| m.graph.zone_groups.get(at as usize).map(|node| &node.head),
        ("private DNS zone group", &format!("az network private-endpoint dns-zone-group list --endpoint-name {name}")),
    )
}

fn zone_configs(m: &Model, s: Subject) -> Related {
    let Related { members: groups, mut complete } = zone_groups(m, s);
    let mut members = Vec::new();
    for group in groups {
        let Some(node) = m.graph.zone_groups.get(group.subject.at()) else { continue };
        for (element, config) in (1_u32..).zip(&node.configs.items) {
            members.push(Member {
                subject: Subject { kind: Name::ZoneConfig.id(), node: group.subject.node, element },
                related: group.related,
                places: vec![place(config.zone.origin)],
            });
        }
        if node.configs.open.is_some() {
            complete = all_of(&node.configs, "az network private-endpoint dns-zone-group list");
        }
    }
    Related { members, complete }
}

/// The members of a registry's private endpoint, in the order of its regions; the element is the number from 1.
struct ExpectedMember {
    name: Pattern,
    region: Attr<Pattern>,
    truth: Truth,
    at: Origin,
}

fn members_of(m: &Model, registry: u32) -> Vec<ExpectedMember> {
    let Some(node) = m.graph.registries.get(registry as usize) else { return Vec::new() };
    let all: Vec<Region> = regions(&m.graph, registry);
    let regional = names::attr_is(&node.regional_endpoints.attr, "Enabled");
    let login = ExpectedMember {
        name: Pattern::literal("registry"),
        region: names::region(&node.head.location),
        truth: Truth::True,
        at: node.head.name.origin,
    };
    let mut members = vec![login];
    for (prefix, needed) in [("registry_data_", Truth::True), ("registry_", regional)] {
        for region in &all {
            let truth = region.truth.and(needed);
            if truth == Truth::False {
                continue;
            }
            let mut name = Pattern::literal(prefix);
            name.push(&names::pattern(&region.name).unwrap_or_default());
            members.push(ExpectedMember { name, region: region.name.clone(), truth, at: region.at });
        }
    }
    members
}

fn members(m: &Model, node: &PrivateEndpoint) -> Vec<ExpectedMember> {
    let registry = registry_link(node).and_then(Link::node).and_then(|at| u32::try_from(at).ok());
    registry.map(|at| members_of(m, at)).unwrap_or_default()
}

fn expected_members(m: &Model, s: Subject) -> Related {
    let node = endpoint(m, s);
    let members = (1_u32..).zip(members(m, node)).map(|(element, member)| Member {
        subject: Subject { kind: Name::ExpectedMember.id(), node: s.node, element },
        related: member.truth,
        places: vec![place(member.at)],
    });
    let registry = registry_link(node).and_then(Link::node).and_then(|at| m.graph.registries.get(at));
    let complete = match registry {
        Some(registry) => {
            all_children(m, &registry.head, Name::Replication, true, "replication", "az acr replication list")
        }
        None => registry_of_endpoint(m, node).complete,
    };
    Related { members: members.collect(), complete }
}

fn expected_member(m: &Model, s: Subject, read: impl FnOnce(&ExpectedMember) -> Fact) -> Fact {
    let all = members(m, endpoint(m, s));
    match all.get(s.element_at()) {
        Some(member) => read(member),
        None => fact(Datum::Absent, vec![place(home(&endpoint(m, s).head))]),
    }
}

pub(super) const EXPECTED_MEMBER: Kind<Model> = Kind {
    name: Name::ExpectedMember.text(),
    doc: "A member that the registry of a private endpoint has; each needs an address.",
    all: |_| Vec::new(),
    properties: &[
        property("memberName", Ty::Text, "registry, registry_data_<region>, registry_<region>.", |m, s| {
            expected_member(m, s, |member| {
                fact(Datum::Known(Scalar::Text(member.name.clone())), vec![place(member.at)])
            })
        }),
        property("region", Ty::Text, "The region that it serves.", |m, s| {
            expected_member(m, s, |member| text(&member.region))
        }),
        property("configured", Ty::Bool, "A static address is given for it.", |m, s| {
            expected_member(m, s, |member| configured(&endpoint(m, s).ip_configurations, member))
        }),
        property("added", Ty::Bool, "The registry was there before a change, and gets this member by it.", |m, s| {
            expected_member(m, s, |member| {
                let places = vec![place(member.at)];
                match registry_before(m, s).zip(m.before()) {
                    Some((was, before)) => {
                        let same = |old: &ExpectedMember| old.name.to_lowercase().same(&member.name.to_lowercase());
                        let had = members_of(before, was).iter().map(same).max().unwrap_or(Truth::False);
                        decided(!had, "the members before", places)
                    }
                    None => fact(Datum::Absent, places),
                }
            })
        }),
        property(
            "admitted",
            Ty::Bool,
            "Before a change the endpoint had dynamic addresses, or a static one for it; so it does where it is new.",
            |m, s| {
                expected_member(m, s, |member| {
                    let was = m.changes().endpoints.get(&s.node).zip(m.before());
                    let old = was.and_then(|(at, before)| before.graph.private_endpoints.get(*at as usize));
                    match old.map(|old| &old.ip_configurations) {
                        Some(list) if !list.items.is_empty() || list.open.is_some() => configured(list, member),
                        Some(list) => decided(Truth::True, "the static addresses", vec![place(list.at)]),
                        None => decided(Truth::True, "the static addresses", vec![place(member.at)]),
                    }
                })
            },
        ),
    ],
    relations: &[],
};

/// The registry before a change that an endpoint leads to.
fn registry_before(m: &Model, s: Subject) -> Option<u32> {
    let registry = registry_link(endpoint(m, s)).and_then(Link::node).and_then(|at| u32::try_from(at).ok())?;
    m.changes().registries.get(&registry).copied()
}

/// Whether a static address is given for a member.
fn configured(list: &List<IpConfiguration>, member: &ExpectedMember) -> Fact {
    let mut best = (Truth::False, vec![place(list.at), place(member.at)]);
    for configuration in &list.items {
        let truth = match names::pattern(&configuration.member_name) {
            Some(name) => name.to_lowercase().same(&member.name.to_lowercase()),
            None => Truth::False,
        };
        if truth > best.0 {
            best = (truth, vec![place(configuration.member_name.origin), place(member.at)]);
        }
    }
    if best.0 == Truth::False && list.open.is_some() {
        best.0 = Truth::Unknown;
    }
    decided_because(best.0, list.open.as_ref(), "the static addresses", best.1)
}

pub(super) const PRIVATE_LINK_CONNECTION: Kind<Model> = Kind {
    name: Name::PrivateLinkConnection.text(),
    doc: "A connection of a private endpoint.",
    all: |_| Vec::new(),
    properties: &[
        property("privateLinkServiceId", Ty::Id, "The id of the resource that it leads to.", |m, s| {
            id(&connection(m, s).registry)
        }),
        property("targetsRegistry", Ty::Bool, "That resource is a registry.", |m, s| {
            let link = &connection(m, s).registry;
            let places = vec![place(link.origin)];
            decided_because(targets_registry(link), hole(link), "the target of the connection", places)
        }),
        property("manual", Ty::Bool, "The owner of the registry must approve it.", |m, s| {
            let connection = connection(m, s);
            fact(Datum::Known(Scalar::Bool(connection.manual)), vec![place(connection.manual_at)])
        }),
        property("status", Ty::Text, "The state of the connection, where it is written.", |m, s| {
            text(&connection(m, s).status)
        }),
        property("stateInWords", Ty::Text, "Why it carries no traffic, where it does not.", |m, s| {
            let connection = connection(m, s);
            let words = match names::pattern(&connection.status) {
                Some(status) => format!("is {status}"),
                None => "is manual, so that it waits for approval".to_owned(),
            };
            super::answer::known_text(&words, vec![place(connection.manual_at)])
        }),
    ],
    relations: &[
        many("groupIds", Name::GroupId.text(), "The groups that it asks for.", |m, s| {
            let list = &connection(m, s).group_ids;
            let mut related =
                elements(list, Name::GroupId, s.node, "az network private-endpoint show", |group| group.origin);
            let fits = s.element < u32::MAX / GROUPS && related.members.len() < GROUPS as usize;
            if !fits {
                related.members.clear();
                let place = place(list.at);
                related.complete = Completeness::Incomplete { place, settle: "fewer group ids".into() };
            }
            for member in &mut related.members {
                member.subject.element += s.element * GROUPS;
            }
            related
        }),
        one("registry", Name::Registry.text(), "The registry.", |m, s| registry_of(m, &connection(m, s).registry)),
        many("approvals", Name::PrivateEndpointConnection.text(), "The registry's side of it.", approvals),
    ],
};

fn approvals(m: &Model, s: Subject) -> Related {
    let link = &connection(m, s).registry;
    let mut members = Vec::new();
    for (at, node) in (0_u32..).zip(&m.graph.connections) {
        let related = node.private_endpoint.leads_to(s.node).and(node.head.exists);
        if related != Truth::False {
            let places = vec![place(node.private_endpoint.origin)];
            members.push(Member { subject: Name::PrivateEndpointConnection.node(at), related, places });
        }
    }
    let registry = link.node().and_then(|at| m.graph.registries.get(at));
    let settle = "az acr private-endpoint-connection list";
    let complete = match registry {
        Some(registry) => {
            let (kind, noun) = (Name::PrivateEndpointConnection, "private endpoint connection");
            all_children(m, &registry.head, kind, !members.is_empty(), noun, settle)
        }
        None => {
            Completeness::Incomplete { place: place(link.origin), settle: format!("the output of `{settle}`").into() }
        }
    };
    Related { members, complete }
}

pub(super) const GROUP_ID: Kind<Model> = Kind {
    name: Name::GroupId.text(),
    doc: "A group that a connection asks for; a registry has one, named registry.",
    all: |_| Vec::new(),
    properties: &[property("value", Ty::Text, "Its name.", |m, s| {
        let at = Subject { element: s.element / GROUPS, ..s };
        let group = (s.element % GROUPS).saturating_sub(1) as usize;
        text(&connection(m, at).group_ids.items[group])
    })],
    relations: &[],
};

pub(super) const IP_CONFIGURATION: Kind<Model> = Kind {
    name: Name::IpConfiguration.text(),
    doc: "A static address of a private endpoint.",
    all: |_| Vec::new(),
    properties: &[
        property("memberName", Ty::Text, "The member that it is for.", |m, s| {
            text(&endpoint(m, s).ip_configurations.items[s.element_at()].member_name)
        }),
        property("groupId", Ty::Text, "The group that it is for.", |m, s| {
            text(&endpoint(m, s).ip_configurations.items[s.element_at()].group_id)
        }),
        property("privateIPAddress", Ty::Text, "The address.", |m, s| {
            text(&endpoint(m, s).ip_configurations.items[s.element_at()].address)
        }),
    ],
    relations: &[],
};

pub(super) const ZONE_GROUP: Kind<Model> = Kind {
    name: Name::PrivateDnsZoneGroup.text(),
    doc: "A zone group: keeps the records of a private endpoint in zones.",
    all: |m| Name::PrivateDnsZoneGroup.all(m.graph.zone_groups.len()),
    properties: &[NAME, ADDRESS, ID, API_VERSION],
    relations: &[
        one("privateEndpoint", Name::PrivateEndpoint.text(), "Its private endpoint.", |m, s| {
            let exists =
                |at: u32| m.graph.private_endpoints.get(at as usize).map_or(Truth::False, |node| node.head.exists);
            let link = &m.graph.zone_groups[s.at()].private_endpoint;
            follow(link, Name::PrivateEndpoint, "az network private-endpoint show", exists)
        }),
        many("zoneConfigs", Name::ZoneConfig.text(), "Its elements.", |m, s| {
            let list = &m.graph.zone_groups[s.at()].configs;
            let command = "az network private-endpoint dns-zone-group list";
            elements(list, Name::ZoneConfig, s.node, command, |config| config.zone.origin)
        }),
    ],
};

fn config(m: &Model, s: Subject) -> &ZoneConfig {
    &m.graph.zone_groups[s.at()].configs.items[s.element_at()]
}

/// The name of the zone of a configuration.
fn zone_name(m: &Model, link: &Link) -> Attr<Pattern> {
    let node = link.node().and_then(|at| m.graph.zones.get(at));
    match (node, &link.id) {
        (Some(zone), _) => Attr { origin: link.origin, ..zone.head.name.clone() },
        (None, Some(id)) => match (names::of_id(id), id.pattern().first_hole()) {
            (Some(name), None) => Attr::known(name, link.origin),
            (Some(name), Some(_)) if id.ty().is_some() => Attr::known(name, link.origin),
            (_, Some(hole)) => Attr::unknown(super::answer::derived(hole, "zone name"), link.origin),
            (None, None) => Attr::absent(link.origin),
        },
        (None, None) => match &link.target {
            Target::Unknown(unknown) => Attr::unknown(super::answer::derived(unknown, "zone name"), link.origin),
            Target::Node(_) | Target::Maybe(_) | Target::Elsewhere | Target::Absent => Attr::absent(link.origin),
        },
    }
}

/// The suffixes that are right for the registry of a zone group's endpoint.
fn suffixes(m: &Model, s: Subject) -> &'static [&'static str] {
    let endpoint = m.graph.zone_groups[s.at()].private_endpoint.node().and_then(|at| m.graph.private_endpoints.get(at));
    let registry = endpoint.and_then(registry_link).and_then(Link::node).and_then(|at| m.graph.registries.get(at));
    registry.map_or(&names::SUFFIXES, |registry| names::suffixes(registry))
}

pub(super) const ZONE_CONFIG: Kind<Model> = Kind {
    name: Name::ZoneConfig.text(),
    doc: "A zone that a zone group keeps records in.",
    all: |_| Vec::new(),
    properties: &[
        property("privateDnsZoneId", Ty::Id, "The zone's id.", |m, s| id(&config(m, s).zone)),
        property("zoneName", Ty::Text, "The zone's name.", |m, s| text(&zone_name(m, &config(m, s).zone))),
        property("rightName", Ty::Bool, "It is the name that registries of this cloud use.", |m, s| {
            let link = &config(m, s).zone;
            let truth = names::is_right_zone(&zone_name(m, link), suffixes(m, s));
            let mut places: Vec<Place> = vec![place(link.origin)];
            if let Some(zone) = link.node().and_then(|at| m.graph.zones.get(at)) {
                places.push(place(home(&zone.head)));
            }
            let fact = decided_because(truth, hole(link), "the zone's name", places);
            said(fact, "registries do not use a zone of this name", "registries use a zone of this name")
        }),
    ],
    relations: &[one("zone", Name::PrivateDnsZone.text(), "The zone.", |m, s| {
        let exists = |at: u32| m.graph.zones.get(at as usize).map_or(Truth::False, |node| node.head.exists);
        follow(&config(m, s).zone, Name::PrivateDnsZone, "az network private-dns zone show", exists)
    })],
};
