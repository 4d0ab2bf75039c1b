//! The subnets that clients of a registry are in, and what stands in their way there.
//!
//! In: what is derived. Out: the table of properties. Must not know: rules, verdicts.

use super::answer::{decided, fact, known_text, note, one, place, property, said};
use super::derive::{Barred, ClientSubnet, Obstacle, Through};
use super::model::Name;
use super::{Completeness, Datum, Fact, Kind, Member, Model, Related, Subject, Ty, answer};
use crate::value::Truth;

fn of(m: &Model, s: Subject) -> &ClientSubnet {
    &m.derived().client_subnets[s.at()]
}

/// What an obstacle is called.
fn named(obstacle: &Obstacle) -> Fact {
    match &obstacle.name {
        Some(name) => known_text(name, vec![place(obstacle.at)]),
        None => fact(Datum::Absent, vec![place(obstacle.at)]),
    }
}

/// Whether security rules deny something.
fn denied(obstacle: &Obstacle) -> Fact {
    let fact = decided(obstacle.truth, "the security rules of the subnet", vec![place(obstacle.at)]);
    said(fact, "no rule here denies it", "of the rules that match, this one decides")
}

/// What a firewall does with one sort of traffic.
type Sort = fn(&Through) -> &Barred;

fn barred(m: &Model, s: Subject, sort: Sort) -> Fact {
    let client = of(m, s);
    let Some(barred) = client.through.as_ref().map(sort) else {
        let places = vec![note(client.at, "no firewall of this input is on the client's way")];
        return decided(Truth::False, "the way of the client", places);
    };
    let obstacle = &barred.obstacle;
    let fact = decided(obstacle.truth, "the rules of the firewall", vec![place(obstacle.at)]);
    said(fact, "the firewall lets it through", "the firewall goes by this")
}

fn by(m: &Model, s: Subject, sort: Sort) -> Fact {
    match of(m, s).through.as_ref().map(sort) {
        Some(barred) => named(&barred.obstacle),
        None => fact(Datum::Absent, vec![place(of(m, s).at)]),
    }
}

fn host(m: &Model, s: Subject, sort: Sort) -> Fact {
    match of(m, s).through.as_ref().map(sort) {
        Some(barred) => known_text(&barred.host, vec![place(barred.obstacle.at)]),
        None => fact(Datum::Absent, vec![place(of(m, s).at)]),
    }
}

pub(super) const CLIENT_SUBNET: Kind<Model> = Kind {
    name: Name::ClientSubnet.text(),
    doc: "A subnet that a client of a registry is in.",
    all: |_| Vec::new(),
    properties: &[
        property("client", Ty::Text, "Who is in it: AKS cluster aks-build.", |m, s| {
            known_text(&of(m, s).client, vec![note(of(m, s).at, "the client is in this subnet")])
        }),
        property("privatePath", Ty::Bool, "A private endpoint of the registry is in reach of its network.", |m, s| {
            let path = &of(m, s).private_path;
            decided(path.0, "the private endpoints in reach of the client", path.1.clone())
        }),
        property("hasServiceEndpoint", Ty::Bool, "It has a service endpoint for registries.", |m, s| {
            let endpoint = &of(m, s).service_endpoint;
            decided(endpoint.0, "the service endpoints of the subnet", endpoint.1.clone())
        }),
        property("dropped", Ty::Bool, "Its route table drops what goes to public addresses.", |m, s| {
            let dropped = &of(m, s).dropped;
            let fact = decided(dropped.truth, "the routes of the subnet", vec![place(dropped.at)]);
            said(fact, "no route here drops it", "what this route matches is dropped")
        }),
        property("droppedBy", Ty::Text, "The route that does, in words.", |m, s| named(&of(m, s).dropped)),
        property(
            "denied",
            Ty::Bool,
            "Its security group denies the way that its clients take to the registry.",
            |m, s| denied(&of(m, s).denied),
        ),
        property("deniedBy", Ty::Text, "The security rule that does, in words.", |m, s| named(&of(m, s).denied)),
        property(
            "dnsDenied",
            Ty::Bool,
            "Its security group denies what its clients ask Azure's resolver, which they ask.",
            |m, s| denied(&of(m, s).dns_denied),
        ),
        property("dnsDeniedBy", Ty::Text, "The security rule that does, in words.", |m, s| named(&of(m, s).dns_denied)),
        property(
            "endpointDenied",
            Ty::Bool,
            "The security group of the subnet that the registry's private endpoint is in denies it to its clients.",
            |m, s| denied(&of(m, s).endpoint_denied),
        ),
        property("endpointDeniedBy", Ty::Text, "The security rule that does, in words.", |m, s| {
            named(&of(m, s).endpoint_denied)
        }),
        property(
            "layersDenied",
            Ty::Bool,
            "Its security group denies the public way to what layers come from: storage, or data endpoints.",
            |m, s| denied(&of(m, s).layers_denied),
        ),
        property("layersDeniedBy", Ty::Text, "The security rule that does, in words.", |m, s| {
            named(&of(m, s).layers_denied)
        }),
        property(
            "loginBarred",
            Ty::Bool,
            "A firewall on its way does not let requests to the login server through.",
            |m, s| barred(m, s, |through| &through.login),
        ),
        property("loginBarredBy", Ty::Text, "The rule or firewall that does not, in words.", |m, s| {
            by(m, s, |through| &through.login)
        }),
        property("loginHost", Ty::Text, "The login server, with its address where it has a private one.", |m, s| {
            host(m, s, |through| &through.login)
        }),
        property(
            "layersBarred",
            Ty::Bool,
            "A firewall on its way does not let layers from the registry's home region through.",
            |m, s| barred(m, s, |through| &through.layers),
        ),
        property("layersBarredBy", Ty::Text, "The rule or firewall that does not, in words.", |m, s| {
            by(m, s, |through| &through.layers)
        }),
        property("layersHost", Ty::Text, "The host that these layers come from.", |m, s| {
            host(m, s, |through| &through.layers)
        }),
        property(
            "replicaLayersBarred",
            Ty::Bool,
            "A firewall on its way does not let layers from the region of a replica through.",
            |m, s| barred(m, s, |through| &through.replica_layers),
        ),
        property("replicaLayersBarredBy", Ty::Text, "The rule or firewall that does not, in words.", |m, s| {
            by(m, s, |through| &through.replica_layers)
        }),
        property("replicaLayersHost", Ty::Text, "The host that these layers come from.", |m, s| {
            host(m, s, |through| &through.replica_layers)
        }),
    ],
    relations: &[one("subnet", Name::Subnet.text(), "The subnet.", |m, s| {
        let places = vec![place(of(m, s).at)];
        let member = Member { subject: Name::Subnet.node(of(m, s).subnet), related: Truth::True, places };
        Related { members: vec![member], complete: Completeness::Complete(place(of(m, s).at)) }
    })],
};

/// The subnets of a registry's clients. That others may be there, too, says nothing of these.
pub(super) fn client_subnets(m: &Model, s: Subject) -> Related {
    let list = m.derived().client_subnets_of.get(s.at()).map(Vec::as_slice).unwrap_or_default();
    let members = list.iter().filter_map(|&at| {
        let found = m.derived().client_subnets.get(at as usize)?;
        let places = vec![note(found.at, "the client is in this subnet")];
        Some(Member { subject: Name::ClientSubnet.node(at), related: found.related, places })
    });
    let at = answer::home(&m.graph.registries[s.at()].head);
    Related { members: members.collect(), complete: Completeness::Complete(place(at)) }
}
