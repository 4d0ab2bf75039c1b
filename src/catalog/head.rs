//! Properties that every resource has.
//!
//! In: [`Head`]s. Out: rows for the tables of the kinds. Must not know: kinds.

use crate::graph::Head;
use crate::value::{Attr, Origin, Pattern, State};

use super::answer::{fact, home, known_text, note, place, property, text, type_of};
use super::{Datum, Fact, Model, Property, Scalar, Subject, Ty, names};

/// Reads something of the head of a subject's resource.
fn of(model: &Model, subject: Subject, read: impl FnOnce(&Head) -> Fact) -> Fact {
    match model.resource(subject) {
        Some(head) => read(head),
        // Only a subject of another catalog has none.
        None => fact(Datum::Absent, vec![place(NOWHERE)]),
    }
}

const NOWHERE: Origin = Origin::at(crate::source::Span::new(crate::source::FileId(0), 0, 0));

pub(super) const NAME: Property<Model> =
    property("name", Ty::Text, "Its own name, without those of its parents.", |model, subject| {
        of(model, subject, |head| text(&head.name))
    });

pub(super) const ID: Property<Model> = property("id", Ty::Id, "Its resource id.", |model, subject| {
    of(model, subject, |head| fact(Datum::Known(Scalar::Text(head.id.pattern().clone())), vec![place(home(head))]))
});

pub(super) const ADDRESS: Property<Model> =
    property("address", Ty::Text, "What the input calls it: symbolic name or plan address.", |model, subject| {
        of(model, subject, |head| known_text(&head.address, vec![place(home(head))]))
    });

pub(super) const LOCATION: Property<Model> =
    property("location", Ty::Text, "Its region as written.", |model, subject| {
        of(model, subject, |head| text(&head.location))
    });

pub(super) const REGION: Property<Model> =
    property("region", Ty::Text, "Its region in lower case without spaces: eastus2.", |model, subject| {
        of(model, subject, |head| text(&names::region(&head.location)))
    });

pub(super) const API_VERSION: Property<Model> =
    property("apiVersion", Ty::Text, "The API version that it is written for.", |model, subject| {
        of(model, subject, |head| {
            let version = head.api_version.clone();
            let absent = matches!(version.state, State::Absent);
            let mut version: Attr<Pattern> = version.map(|version| Pattern::literal(version.as_str()));
            if absent {
                version.origin = type_of(head);
            }
            text(&version)
        })
    });

pub(super) const EXISTING: Property<Model> = property(
    "existing",
    Ty::Bool,
    "Only referenced, so nothing follows from what is not written.",
    |model, subject| {
        of(model, subject, |head| fact(Datum::Known(Scalar::Bool(head.existing)), vec![place(home(head))]))
    },
);

pub(super) const SHOWN: Property<Model> = property(
    "shown",
    Ty::Bool,
    "It is seen as deployed, and nothing in the input declares or manages it.",
    |model, subject| {
        of(model, subject, |head| {
            let shown = head.seen && !head.managed && !head.existing;
            let text = if shown { "this shows what is deployed" } else { "declared, or only referenced, here" };
            fact(Datum::Known(Scalar::Bool(shown)), vec![note(type_of(head), text)])
        })
    },
);

pub(super) const SUBSCRIPTION: Property<Model> =
    property("subscription", Ty::Text, "The subscription in its id.", |model, subject| {
        of(model, subject, |head| {
            let datum =
                names::subscription(&head.id).map_or(Datum::Absent, |pattern| Datum::Known(Scalar::Text(pattern)));
            fact(datum, vec![place(home(head))])
        })
    });
