//! What rules can ask about ways to a registry that a change touches.
//!
//! In: what was derived. Out: one table. Must not know: how it was found.

use super::answer::{decided, known_text, many, note, peers, property, type_of};
use super::derive::{ChangedPath, Part, listed};
use super::head::{ADDRESS, ID, NAME};
use super::model::Name;
use super::registry::{ENDPOINTS, ZONES};
use super::{Completeness, Kind, Member, Model, Place, Related, Subject, Ty};
use crate::value::Truth;

fn path(m: &Model, s: Subject) -> &ChangedPath {
    &m.changes().paths[s.at()]
}

fn places(path: &ChangedPath) -> Vec<Place> {
    path.elements.iter().map(|element| element.place.clone()).collect()
}

pub(super) const CHANGED_PATH: Kind<Model> = Kind {
    name: Name::ChangedPath.text(),
    doc: "A way that clients had to a registry before a change, and that the change takes away or interrupts.",
    all: |_| Vec::new(),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        property("part", Ty::Text, "What is touched of the way: endpoint, zone, record or subnetRule.", |m, s| {
            known_text(path(m, s).part.text(), places(path(m, s)))
        }),
        property("change", Ty::Text, "What is done to what it needs, in words.", |m, s| {
            known_text(&path(m, s).words(), places(path(m, s)))
        }),
        property("loss", Ty::Text, "What clients then lack, in words.", |m, s| {
            known_text(&path(m, s).loss(), places(path(m, s)))
        }),
        property("networks", Ty::Text, "The networks, or the subnet, that had it.", |m, s| {
            known_text(&listed(&path(m, s).networks), places(path(m, s)))
        }),
        property("clients", Ty::Text, "Who remains there, by address.", |m, s| {
            let clients: Vec<&str> = path(m, s).clients.iter().map(|client| &**client).collect();
            known_text(&listed(&clients), path(m, s).in_use.1.clone())
        }),
        property("inUse", Ty::Bool, "Clients remain that had it.", |m, s| {
            let (truth, places) = &path(m, s).in_use;
            decided(*truth, "whether clients remain", places.clone())
        }),
        property(
            "interrupted",
            Ty::Bool,
            "There is one again after the change, but for a while there is none.",
            |m, s| decided(path(m, s).interrupted.into(), "whether it is interrupted", places(path(m, s))),
        ),
    ],
    relations: &[many(
        "after",
        Name::ChangedPath.text(),
        "The way itself, where it is still there after the change.",
        after,
    )],
};

/// The way after the change; none where it is lost.
fn after(m: &Model, s: Subject) -> Related {
    let path = path(m, s);
    let members = Member { subject: s, related: path.left, places: places(path) };
    let members: Vec<Member> = Some(members).filter(|member| member.related != Truth::False).into_iter().collect();
    let Some(registry) = m.graph.registries.get(path.registry as usize) else {
        let complete = Completeness::Complete(note(type_of(&path.head), "the registry"));
        return Related { members, complete };
    };
    let head = &registry.head;
    let complete = match path.part {
        Part::Endpoint => {
            peers(m, head, ENDPOINTS, false, "private endpoint in reach", "az network private-endpoint list")
        }
        Part::Zone => {
            peers(m, head, ZONES, false, "zone linked to this network", "az network private-dns link vnet list")
        }
        Part::Record => {
            peers(m, head, RECORDS, false, "record of this name", "az network private-dns record-set a list")
        }
        Part::SubnetRule => Completeness::Complete(super::answer::place(registry.virtual_network_rules.at)),
    };
    Related { members, complete }
}

/// The type of A records, in lower case.
const RECORDS: &str = "microsoft.network/privatednszones/a";
