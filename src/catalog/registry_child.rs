//! Children of registries: replications, connections, agent pools, tasks, connected registries.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{
    bool_setting, decided, decided_because, fact, follow, id, known_text, note, one, place, property, said, shown_by,
    text,
};
use super::derive::Services;
use super::head::{ADDRESS, API_VERSION, ID, LOCATION, NAME, REGION};
use super::model::Name;
use super::registry::ENDPOINTS;
use super::{Datum, Fact, Kind, Model, Related, Subject, Ty, names};
use crate::graph::{Link, Task};
use crate::resource::ResourceId;
use crate::value::{State, Truth};

pub(super) const REPLICATION: Kind<Model> = Kind {
    name: Name::Replication.text(),
    doc: "A replica of a registry in another region.",
    all: |m| Name::Replication.all(m.graph.replications.len()),
    properties: &[
        NAME,
        LOCATION,
        REGION,
        API_VERSION,
        ADDRESS,
        ID,
        property("regionEndpointEnabled", Ty::Bool, "Whether the login server leads to it.", |m, s| {
            bool_setting(&m.graph.replications[s.at()].region_endpoint)
        }),
    ],
    relations: &[one("registry", Name::Registry.text(), "Its registry.", |m, s| {
        registry_of(m, &m.graph.replications[s.at()].registry)
    })],
};

/// The registry that a link leads to.
pub(super) fn registry_of(m: &Model, link: &Link) -> Related {
    let exists = |at: u32| m.graph.registries.get(at as usize).map_or(Truth::False, |node| node.head.exists);
    let id = link.id.as_ref().map(ResourceId::pattern);
    follow(link, Name::Registry, &shown_by(id, "az acr show", "az acr list"), exists)
}

pub(super) const CONNECTION: Kind<Model> = Kind {
    name: Name::PrivateEndpointConnection.text(),
    doc: "A registry's side of a private endpoint connection.",
    all: |m| Name::PrivateEndpointConnection.all(m.graph.connections.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        property("status", Ty::Text, "Whether it is approved.", |m, s| text(&m.graph.connections[s.at()].status)),
        property("privateEndpointId", Ty::Id, "The private endpoint's id.", |m, s| {
            id(&m.graph.connections[s.at()].private_endpoint)
        }),
        property("endpointFound", Ty::Bool, "Its private endpoint is there.", endpoint_found),
        property("leftOver", Ty::Text, "Why nothing comes through it any more, in words.", left_over),
    ],
    relations: &[one("registry", Name::Registry.text(), "Its registry.", |m, s| {
        registry_of(m, &m.graph.connections[s.at()].registry)
    })],
};

/// Whether the private endpoint of a connection is there: an endpoint that no list of the input should have may be.
fn endpoint_found(m: &Model, s: Subject) -> Fact {
    let link = &m.graph.connections[s.at()].private_endpoint;
    let places = vec![place(link.origin)];
    let what = "the private endpoint of the connection";
    let targets = link.targets();
    if !targets.is_empty() {
        let exists = |at: u32| m.graph.private_endpoints.get(at as usize).map_or(Truth::False, |node| node.head.exists);
        let truth = targets.into_iter().map(|(at, leads)| leads.and(exists(at))).max().unwrap_or(Truth::Unknown);
        let truth = if link.node().is_none() { truth.or(Truth::Unknown) } else { truth };
        return decided(truth, what, places);
    }
    let id = link.id.as_ref().filter(|id| id.pattern().as_literal().is_some());
    match id.and_then(|id| m.graph.listings.within(ENDPOINTS, id)) {
        Some(list) => {
            let shown = note(list, "this shows every private endpoint there, and not that of the connection");
            decided(Truth::False, what, vec![place(link.origin), shown])
        }
        None => decided(Truth::Unknown, what, places),
    }
}

fn left_over(m: &Model, s: Subject) -> Fact {
    let node = &m.graph.connections[s.at()];
    let words = if names::attr_is(&node.status, "Disconnected") == Truth::True {
        "its status is Disconnected".to_owned()
    } else {
        let name = node.private_endpoint.id.as_ref().and_then(names::of_id).unwrap_or_default();
        format!("its private endpoint {name} is gone")
    };
    known_text(&words, vec![place(node.private_endpoint.origin)])
}

fn services(m: &Model, s: Subject) -> Option<&Services> {
    m.derived().pool_services.get(s.at())?.as_ref()
}

pub(super) const AGENT_POOL: Kind<Model> = Kind {
    name: Name::AgentPool.text(),
    doc: "An agent pool that tasks of a registry run on.",
    all: |m| Name::AgentPool.all(m.graph.agent_pools.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        property("count", Ty::Int, "How many agents it has.", |m, s| {
            super::answer::int(&m.graph.agent_pools[s.at()].count)
        }),
        property("os", Ty::Text, "The system of its agents.", |m, s| text(&m.graph.agent_pools[s.at()].os)),
        property(
            "servicesBarred",
            Ty::Bool,
            "A security rule or a firewall keeps it from a service of Azure that agents need.",
            |m, s| match services(m, s) {
                Some(services) => {
                    let obstacle = &services.obstacle;
                    let fact = decided(obstacle.truth, "what the pool's subnet lets out", vec![place(obstacle.at)]);
                    let mut fact =
                        said(fact, "what agents need is let out", "not all that agents need is let out here");
                    fact.places.extend(services.beside.iter().map(|(rule, at)| {
                        note(*at, &format!("{rule} lets the pool reach registries, and not all that it needs"))
                    }));
                    fact
                }
                None => {
                    let at = m.graph.agent_pools[s.at()].subnet.subnet.origin;
                    decided(Truth::False, "what the pool's subnet lets out", vec![note(at, "nothing of it is known")])
                }
            },
        ),
        property("barredServices", Ty::Text, "Which services, with their hosts.", |m, s| {
            let at = m.graph.agent_pools[s.at()].subnet.subnet.origin;
            match services(m, s).filter(|services| !services.names.is_empty()) {
                Some(services) => known_text(&services.names, vec![place(services.obstacle.at)]),
                None => fact(Datum::Absent, vec![place(at)]),
            }
        }),
        property("servicesBarredBy", Ty::Text, "What keeps it from them, in words.", |m, s| {
            let at = m.graph.agent_pools[s.at()].subnet.subnet.origin;
            match services(m, s).and_then(|services| Some((services.obstacle.name.as_ref()?, services))) {
                Some((name, services)) => known_text(name, vec![place(services.obstacle.at)]),
                None => fact(Datum::Absent, vec![place(at)]),
            }
        }),
    ],
    relations: &[
        one("registry", Name::Registry.text(), "Its registry.", |m, s| {
            registry_of(m, &m.graph.agent_pools[s.at()].registry)
        }),
        one("subnet", Name::Subnet.text(), "The subnet that it is in.", |m, s| {
            super::network::subnet_of(m, &m.graph.agent_pools[s.at()].subnet.subnet)
        }),
    ],
};

pub(super) const CONNECTED_REGISTRY: Kind<Model> = Kind {
    name: Name::ConnectedRegistry.text(),
    doc: "A registry outside of Azure that is kept in step with one.",
    all: |m| Name::ConnectedRegistry.all(m.graph.connected_registries.len()),
    properties: &[NAME, ADDRESS, ID, API_VERSION],
    relations: &[one("registry", Name::Registry.text(), "Its registry.", |m, s| {
        registry_of(m, &m.graph.connected_registries[s.at()].registry)
    })],
};

fn task(m: &Model, s: Subject) -> &Task {
    &m.graph.tasks[s.at()]
}

pub(super) const TASK: Kind<Model> = Kind {
    name: Name::RegistryTask.text(),
    doc: "A task that a registry runs.",
    all: |m| Name::RegistryTask.all(m.graph.tasks.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        LOCATION,
        property("identityType", Ty::Text, "Which identities it has.", |m, s| text(&task(m, s).identity_type)),
        property("systemAssigned", Ty::Bool, "It has a system-assigned identity.", |m, s| {
            let identity = &task(m, s).identity_type;
            let (truth, because) = match &identity.state {
                State::Known(pattern) => match pattern.as_literal() {
                    Some(text) => (text.to_lowercase().contains("systemassigned").into(), None),
                    None => (Truth::Unknown, pattern.first_hole()),
                },
                State::Absent => (Truth::False, None),
                State::Unknown(unknown) => (Truth::Unknown, Some(unknown)),
            };
            let shown = match identity.value() {
                Some(text) => note(identity.origin, &format!("the identity of the task is {text}")),
                None => place(identity.origin),
            };
            decided_because(truth, because, "the identity of the task", vec![shown])
        }),
        property("agentPoolName", Ty::Text, "The agent pool that it runs on.", |m, s| {
            text(&task(m, s).agent_pool_name)
        }),
        property("isSystemTask", Ty::Bool, "It is a quick task of Azure's own.", |m, s| {
            bool_setting(&task(m, s).is_system_task)
        }),
        property(
            "attachesSystemIdentity",
            Ty::Bool,
            "It logs in to its registry with its system-assigned identity.",
            attaches_system_identity,
        ),
    ],
    relations: &[one("registry", Name::Registry.text(), "Its registry.", |m, s| registry_of(m, &task(m, s).registry))],
};

/// Whether `credentials` name the identity `[system]` for the task's own registry.
fn attaches_system_identity(m: &Model, s: Subject) -> Fact {
    let node = task(m, s);
    let source = names::attr_is(&node.source_identity, "[system]");
    let mut best = (source, vec![place(node.credentials_at)]);
    if source != Truth::False {
        best.1 = vec![place(node.source_identity.origin)];
    }
    let registry = node.registry.node().and_then(|at| m.graph.registries.get(at));
    for (server, identity) in &node.custom_registries.items {
        let mine = registry.map_or(Truth::Unknown, |registry| names::shown_host_is(server, registry));
        let truth = mine.and(names::attr_is(identity, "[system]"));
        if truth > best.0 {
            best = (truth, vec![place(identity.origin)]);
        }
    }
    if best.0 == Truth::False && node.custom_registries.open.is_some() {
        best = (Truth::Unknown, vec![place(node.custom_registries.at)]);
    }
    let because = node.custom_registries.open.as_ref();
    decided_because(best.0, because, "the credentials of the task", best.1)
}
