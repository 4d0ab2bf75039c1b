//! What rules can ask about disagreements of what is declared and what is deployed.
//!
//! In: the graph. Out: one table. Must not know: how they were found.

use super::answer::{known_text, place, property, text};
use super::head::{ADDRESS, ID, NAME};
use super::model::Name;
use super::{Kind, Model, Subject, Ty};
use crate::graph::Drift;
use crate::value::Pattern;

fn of(m: &Model, s: Subject) -> &Drift {
    &m.graph.drifts[s.at()]
}

pub(super) const DRIFT: Kind<Model> = Kind {
    name: Name::Drift.text(),
    doc: "A property that is declared with another value than the one that is deployed.",
    all: |m| Name::Drift.all(m.graph.drifts.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        property("property", Ty::Text, "The property: networkRuleSet.defaultAction.", |m, s| {
            let drift = of(m, s);
            known_text(&drift.property, vec![place(drift.declared.origin)])
        }),
        property(
            "declared",
            Ty::Text,
            "The value that is declared; absent where only the deployed form has one.",
            |m, s| text(&of(m, s).declared),
        ),
        property(
            "deployed",
            Ty::Text,
            "The value that is deployed; absent where only the declared form has one.",
            |m, s| text(&of(m, s).deployed),
        ),
        property("disagreement", Ty::Text, "Both values in words.", |m, s| {
            let Drift { declared, deployed, .. } = of(m, s);
            let words = |value: Option<&Pattern>| value.map(Pattern::to_string);
            let said = match (words(declared.value()), words(deployed.value())) {
                (Some(declared), Some(deployed)) => format!("is {deployed}, declared is {declared}"),
                (Some(declared), None) => format!("lacks {declared}, which is declared"),
                (None, Some(deployed)) => format!("has {deployed}, which is not declared"),
                (None, None) => "differs".to_owned(),
            };
            known_text(&said, vec![place(declared.origin), place(deployed.origin)])
        }),
    ],
    relations: &[],
};
