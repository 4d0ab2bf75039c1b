//! Properties that are written under an API version which does not know them.
//!
//! In: the derived table. Out: tables of properties. Must not know: rules, verdicts.

use super::answer::{fact, home, known_text, place, property};
use super::derive::ApiProperty;
use super::head::{ADDRESS, API_VERSION, NAME};
use super::model::Name;
use super::{Datum, Fact, Kind, Model, Scalar, Subject, Ty};

fn of(m: &Model, s: Subject) -> &ApiProperty {
    &m.derived().api_properties[s.at()]
}

pub(super) const API_PROPERTY: Kind<Model> = Kind {
    name: Name::ApiProperty.text(),
    doc: "A property, or a child type, that is written under an API version which does not know it.",
    all: |m| Name::ApiProperty.all(m.derived().api_properties.len()),
    properties: &[
        NAME,
        ADDRESS,
        API_VERSION,
        property("path", Ty::Text, "Its path without the leading properties; the type, for a type.", |m, s| {
            let property = of(m, s);
            known_text(&property.path, vec![place(property.at)])
        }),
        property("type", Ty::Text, "The type of the resource that sets it.", resource_type),
        property("since", Ty::Text, "The lowest newer API version that knows it.", |m, s| {
            let property = of(m, s);
            match property.since {
                Some(version) => known_text(version, vec![place(property.at)]),
                None => fact(Datum::Absent, vec![place(property.at)]),
            }
        }),
        property("remedy", Ty::Text, "What to do about it, as an instruction.", |m, s| {
            let property = of(m, s);
            let text = match property.since {
                Some(version) => format!("use an API version that defines it, such as {version}"),
                None => "remove it, or correct its name: no later API version defines it".to_owned(),
            };
            known_text(&text, vec![place(property.at)])
        }),
        property(
            "virtualNetworkRules",
            Ty::Bool,
            "It is networkRuleSet.virtualNetworkRules or a part of it.",
            |m, s| {
                let property = of(m, s);
                let path = property.path.to_lowercase();
                let rules = path.starts_with("networkruleset.virtualnetworkrules");
                fact(Datum::Known(Scalar::Bool(rules)), vec![place(property.at)])
            },
        ),
    ],
    relations: &[],
};

fn resource_type(m: &Model, s: Subject) -> Fact {
    let property = of(m, s);
    match m.resource(property.resource) {
        Some(head) => known_text(head.ty.as_str(), vec![place(home(head))]),
        None => fact(Datum::Absent, vec![place(property.at)]),
    }
}
