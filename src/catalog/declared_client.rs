//! Clients that users declare themselves, beside the registries that they pull from.
//!
//! In: nodes. Out: a table of properties, and a relation of registries. Must not know: rules, verdicts, configurations.

use super::answer::{all_of, decided, home, place, property, text};
use super::derive::pulls_by_name;
use super::model::Name;
use super::{Completeness, Kind, Member, Model, Related, Subject, Ty};
use crate::graph::Client;
use crate::value::Truth;

fn client(m: &Model, s: Subject) -> &Client {
    &m.graph.clients[s.element_at()]
}

pub(super) const DECLARED_CLIENT: Kind<Model> = Kind {
    name: Name::DeclaredClient.text(),
    doc: "A client of a registry that no file shows, but that users declare.",
    all: |_| Vec::new(),
    properties: &[
        property("name", Ty::Text, "What users call it.", |m, s| text(&client(m, s).head.name)),
        property("kind", Ty::Text, "What it is, such as hosted-ci or on-premises.", |m, s| text(&client(m, s).kind)),
        property("hasAddresses", Ty::Bool, "Public addresses that it leaves through are said.", |m, s| {
            let addresses = &client(m, s).addresses;
            decided((!addresses.items.is_empty()).into(), "its addresses", vec![place(addresses.at)])
        }),
    ],
    relations: &[],
};

/// The declared clients of a registry.
pub(super) fn declared_clients(m: &Model, s: Subject) -> Related {
    let registry = &m.graph.registries[s.at()];
    let mut complete = Completeness::Complete(place(home(&registry.head)));
    let mut members = Vec::new();
    for (element, client) in (1_u32..).zip(&m.graph.clients) {
        let related = pulls_by_name(&client.registries, registry);
        if related == Truth::False {
            continue;
        }
        if client.registries.open.is_some() {
            complete = all_of(&client.registries, "the configuration");
        }
        let subject = Subject { kind: Name::DeclaredClient.id(), node: s.node, element };
        members.push(Member { subject, related, places: vec![place(client.kind.origin)] });
    }
    Related { members, complete }
}
