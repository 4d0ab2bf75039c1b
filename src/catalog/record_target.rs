//! What the addresses of a registry's records have to do with its private endpoints.
//!
//! In: what is derived. Out: the table of properties and relations, and rows for those of records. Must not know: rules.

use super::answer::{decided, one, place, property, said};
use super::derive::{Answer, RecordTarget};
use super::model::Name;
use super::registry::private_endpoints;
use super::{Completeness, Fact, Kind, Member, Model, Related, Subject, Ty};
use crate::value::Truth;

/// How many endpoints of one address are told: the element holds both numbers.
const ENDPOINTS: u32 = 1 << 8;

fn target(m: &Model, s: Subject) -> Option<&RecordTarget> {
    m.derived().record_targets.get(s.at())?.as_ref()
}

fn answer(m: &Model, s: Subject) -> Option<&Answer> {
    let (address, endpoint) = (s.element / ENDPOINTS, s.element % ENDPOINTS);
    target(m, s)?.answers.get(address as usize)?.get(endpoint as usize)
}

pub(super) const ANSWERING_ENDPOINT: Kind<Model> =
    Kind {
        name: Name::AnsweringEndpoint.text(),
        doc: "A private endpoint of the registry that a record is for, beside an address of the record.",
        all: |_| Vec::new(),
        properties: &[property("answers", Ty::Bool, "It answers at this address for the record's name.", |m, s| {
            match answer(m, s) {
                Some(answer) => decided(answer.fits, "the addresses of the private endpoint", vec![answer.at.clone()]),
                None => decided(Truth::Unknown, "the addresses of the private endpoint", Vec::new()),
            }
        })],
        relations: &[one("privateEndpoint", Name::PrivateEndpoint.text(), "The private endpoint.", |m, s| {
            let members = answer(m, s).map(|answer| Member {
                subject: Name::PrivateEndpoint.node(answer.endpoint),
                related: Truth::True,
                places: vec![answer.at.clone()],
            });
            let at =
                answer(m, s).map_or_else(|| place(m.graph.a_records[s.at()].addresses.at), |answer| answer.at.clone());
            Related { members: members.into_iter().collect(), complete: Completeness::Complete(at) }
        })],
    };

/// The registry that a record is for.
pub(super) fn registry_of_record(m: &Model, s: Subject) -> Related {
    let at = place(m.graph.a_records[s.at()].head.name.origin);
    let members = target(m, s).map(|target| Member {
        subject: Name::Registry.node(target.registry),
        related: target.related,
        places: vec![at.clone()],
    });
    Related { members: members.into_iter().collect(), complete: Completeness::Complete(at) }
}

/// The endpoints of the registry, beside one address of a record.
pub(super) fn endpoints_beside(m: &Model, s: Subject) -> Related {
    let at = place(m.graph.a_records[s.at()].addresses.at);
    let Some(target) = target(m, s) else {
        return Related { members: Vec::new(), complete: Completeness::Complete(at) };
    };
    let address = s.element.saturating_sub(1);
    let answers = target.answers.get(address as usize).map(Vec::as_slice).unwrap_or_default();
    let members = (0..ENDPOINTS).zip(answers).map(|(endpoint, answer)| Member {
        subject: Subject {
            kind: Name::AnsweringEndpoint.id(),
            node: s.node,
            element: address.saturating_mul(ENDPOINTS).saturating_add(endpoint),
        },
        related: Truth::True,
        places: vec![answer.at.clone()],
    });
    let complete = if answers.len() > ENDPOINTS as usize {
        Completeness::Incomplete { place: at, settle: "a check of fewer private endpoints of the registry".into() }
    } else {
        private_endpoints(m, Name::Registry.node(target.registry)).complete
    };
    Related { members: members.collect(), complete }
}

/// Whether an address belongs to an endpoint in another network than those before it.
pub(super) fn other_network(m: &Model, s: Subject) -> Fact {
    match target(m, s).and_then(|target| target.other_network.get(s.element_at())) {
        Some((truth, places)) => decided(*truth, "the addresses of the private endpoints", places.clone()),
        None => decided(Truth::False, "the address", vec![place(m.graph.a_records[s.at()].addresses.at)]),
    }
}

/// Whether an endpoint gets its addresses when it is deployed, and may get this one.
pub(super) fn chosen_by_azure(m: &Model, s: Subject) -> Fact {
    let answers = target(m, s).and_then(|target| target.answers.get(s.element_at()));
    let chosen = answers.and_then(|answers| answers.iter().find(|answer| answer.chosen));
    let at = chosen.map_or_else(|| place(m.graph.a_records[s.at()].addresses.at), |answer| answer.at.clone());
    let fact = decided(chosen.is_some().into(), "the addresses of the private endpoints", vec![at]);
    said(fact, "Azure does not choose one of these addresses at deployment", "Azure chooses its address at deployment")
}
