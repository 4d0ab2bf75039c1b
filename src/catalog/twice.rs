//! What may be there once only: private endpoints of one registry in a network, zones of one name at a network.
//!
//! In: nodes. Out: relations between them. Must not know: rules, verdicts.
//!
//! Of two that are one too many, the relation leads from the later one to the earlier one, so that a pair is told of once.

use super::answer::{all_of, fact, known_text, note, peers, place};
use super::derive::same_network;
use super::model::Name;
use super::private_endpoint::targets_registry;
use super::registry::{ENDPOINTS, all_endpoints, further_endpoints};
use super::{Completeness, Datum, Fact, Member, Model, Related, Scalar, Subject, names};
use crate::graph::{Link, PrivateEndpoint, ServiceConnection, Target, ZoneLink};
use crate::value::{Attr, Pattern, Truth};

/// Whether a connection carries traffic: it is not manual, or somebody approved it.
fn approved(connection: &ServiceConnection) -> Truth {
    let is = |status| names::attr_is(&connection.status, status);
    if is("Approved") == Truth::True {
        return Truth::True;
    }
    if ["Pending", "Rejected", "Disconnected"].into_iter().any(|status| is(status) == Truth::True) {
        return Truth::False;
    }
    if connection.manual || !connection.status.is_absent() { Truth::Unknown } else { Truth::True }
}

/// Whether two connections lead to one registry.
fn same_registry(a: &Link, b: &Link) -> Truth {
    if let (Target::Node(a), Target::Node(b)) = (&a.target, &b.target) {
        return (a == b).into();
    }
    match (&a.id, &b.id) {
        (Some(a), Some(b)) => a.same(b),
        (None | Some(_), _) => Truth::Unknown,
    }
}

fn connected(a: &PrivateEndpoint, b: &PrivateEndpoint) -> Truth {
    let mut best = Truth::False;
    for mine in &a.connections.items {
        let certain = targets_registry(&mine.registry) == Truth::True;
        for theirs in b.connections.items.iter().filter(|_| certain) {
            best = best.or(same_registry(&mine.registry, &theirs.registry).and(approved(mine)).and(approved(theirs)));
        }
    }
    best
}

/// The approved private endpoints of the same registry in the same network that stand before this one.
pub(super) fn endpoint_twins(m: &Model, s: Subject) -> Related {
    let own = &m.graph.private_endpoints[s.at()];
    let registry = own.connections.items.iter().find_map(|connection| connection.registry.node());
    let candidates: Vec<u32> = match registry.and_then(|at| m.graph.incoming.private_endpoints.get(at)) {
        Some(all) => all.told.iter().map(|(at, _)| *at).collect(),
        None => {
            // Of one that nobody knows to be a registry's, no twin is known either.
            let certain = |own: &&ServiceConnection| targets_registry(&own.registry) == Truth::True;
            let certain: Vec<&ServiceConnection> = own.connections.items.iter().filter(certain).collect();
            let all = || (0..s.node).collect();
            if certain.is_empty() { Vec::new() } else { m.derived().targets.beside(&certain).unwrap_or_else(all) }
        }
    };
    let mut members = Vec::new();
    for at in candidates.into_iter().filter(|at| *at < s.node) {
        let Some(other) = m.graph.private_endpoints.get(at as usize) else { continue };
        let related = connected(own, other).and(other.head.exists);
        let related = match related {
            Truth::False => continue,
            Truth::True | Truth::Unknown => {
                let (a, b) = (&own.subnet.virtual_network, &other.subnet.virtual_network);
                related.and(same_network(&m.graph, a, b))
            }
        };
        if related != Truth::False {
            let places = vec![note(other.subnet.subnet.origin, "the other endpoint is here")];
            members.push(Member { subject: Name::PrivateEndpoint.node(at), related, places });
        }
    }
    let (noun, settle) = ("private endpoint of the registry in the network", "az network private-endpoint list");
    let shown = || {
        let node = u32::try_from(registry?).ok()?;
        all_endpoints(m, Name::Registry.node(node))
    };
    let complete = match (peers(m, &own.head, ENDPOINTS, !members.is_empty(), noun, settle), shown()) {
        (Completeness::Incomplete { .. }, Some(shown)) => shown,
        (peers, _) => peers,
    };
    let complete = if own.connections.open.is_some() { all_of(&own.connections, settle) } else { complete };
    let further = registry.and_then(|at| further_endpoints(m, u32::try_from(at).ok()?));
    Related { members, complete: further.unwrap_or(complete) }
}

/// The name of the first of these, as text.
pub(super) fn twin_name(m: &Model, s: Subject) -> Fact {
    let own = &m.graph.private_endpoints[s.at()];
    let twin = endpoint_twins(m, s).members.into_iter().max_by_key(|member| member.related);
    let other = twin.and_then(|twin| m.graph.private_endpoints.get(twin.subject.at()));
    match other {
        Some(other) => super::answer::text(&other.head.name),
        None => fact(Datum::Absent, vec![place(own.subnet.subnet.origin)]),
    }
}

/// The name of the zone that a link belongs to.
pub(super) fn zone_name(m: &Model, link: &ZoneLink) -> Option<Pattern> {
    match link.zone.node().and_then(|at| m.graph.zones.get(at)) {
        Some(zone) => names::pattern(&zone.head.name),
        None => names::of_id(link.zone.id.as_ref()?),
    }
}

/// Whether a zone is, or may be, one of registries.
fn of_registries(name: &Pattern) -> Truth {
    match name.as_literal() {
        Some(name) => {
            let name = name.to_lowercase();
            names::SUFFIXES.iter().any(|suffix| name.ends_with(suffix)).into()
        }
        None => Truth::Unknown,
    }
}

/// The links of other zones of the same name, or further links of the same zone, to the same network; Azure refuses the
/// second one. Two that are both seen as deployed are none: they are there.
pub(super) fn rivals(m: &Model, s: Subject) -> Related {
    let own = &m.graph.zone_links[s.at()];
    let complete = Completeness::Complete(place(own.virtual_network.origin));
    let mut members = Vec::new();
    let name = zone_name(m, own).filter(|name| of_registries(name) != Truth::False);
    let Some(name) = name.filter(|_| !own.head.seen && !own.head.existing) else {
        return Related { members, complete };
    };
    let (lower, registries) = (name.to_lowercase(), of_registries(&name));
    for (at, other) in (0_u32..).zip(&m.graph.zone_links) {
        // What is deployed already comes before what is declared, whatever the order of the files.
        if at == s.node || other.head.existing || (at > s.node && !other.head.seen) {
            continue;
        }
        // Of many links nearly every other one is that of another network, which is told at once.
        let same = same_network(&m.graph, &own.virtual_network, &other.virtual_network);
        if same == Truth::False {
            continue;
        }
        let Some(theirs) = zone_name(m, other) else { continue };
        let same_name = lower.same(&theirs.to_lowercase());
        let doubtful = registries.or(of_registries(&theirs)) != Truth::True && same_name != Truth::True;
        if same_name == Truth::False || doubtful {
            continue;
        }
        let related = same_name.and(same).and(other.head.exists);
        if related != Truth::False {
            let places = vec![note(other.virtual_network.origin, "the network is linked to a zone of this name here")];
            members.push(Member { subject: Name::ZoneLink.node(at), related, places });
        }
    }
    Related { members, complete }
}

/// The name of the zone of a link, as a fact.
pub(super) fn linked_zone_name(m: &Model, s: Subject) -> Fact {
    let own = &m.graph.zone_links[s.at()];
    let places = vec![place(own.zone.origin)];
    match zone_name(m, own) {
        Some(name) => fact(Datum::Known(Scalar::Text(name)), places),
        None => fact(Datum::Absent, places),
    }
}

/// The name of the network of a link: the last piece of its id.
pub(super) fn linked_network_name(m: &Model, s: Subject) -> Fact {
    let own = &m.graph.zone_links[s.at()].virtual_network;
    let node = own.node().and_then(|at| m.graph.virtual_networks.get(at));
    let name = match node {
        Some(node) => names::pattern(&node.head.name),
        None => own.id.as_ref().and_then(|id| names::of_id(id).or_else(|| Some(id.pattern().clone()))),
    };
    let places = vec![place(own.origin)];
    name.map_or_else(
        || fact(Datum::Absent, places.clone()),
        |name| fact(Datum::Known(Scalar::Text(name)), places.clone()),
    )
}

/// The other links of the network in words.
pub(super) fn rival_names(m: &Model, s: Subject) -> Fact {
    let own = &m.graph.zone_links[s.at()];
    let known = rivals(m, s).members;
    let best = known.iter().map(|member| member.related).max();
    let name = |member: &Member| -> Option<String> {
        let link = m.graph.zone_links.get(member.subject.at())?;
        let name: &Attr<Pattern> = &link.head.name;
        names::pattern(name).map(|name| name.to_string())
    };
    let names: Vec<String> = known.iter().filter(|member| Some(member.related) == best).filter_map(name).collect();
    known_text(&names.join(" and "), vec![place(own.virtual_network.origin)])
}
