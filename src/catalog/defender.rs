//! Defender plans.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{decided, declared, elements, home, many, note, place, property, text, type_of};
use super::head::{ADDRESS, API_VERSION, ID, NAME};
use super::model::Name;
use super::registry::registry;
use super::{Completeness, Fact, Kind, Member, Model, Related, Subject, Ty, names};
use crate::graph::{DefenderPricing, Head};
use crate::value::Truth;

/// The plans that scan registries; `ContainerRegistry` is the one before `Containers` ("Defender for Containers").
const PLANS: [&str; 3] = ["Containers", "CloudPosture", "ContainerRegistry"];

fn is_plan(node: &DefenderPricing) -> Truth {
    PLANS.iter().map(|plan| names::attr_is(&node.head.name, plan)).max().unwrap_or(Truth::False)
}

/// The type of Defender plans, in lower case.
const PRICINGS: &str = "microsoft.security/pricings";

pub(super) fn defender_plan_declared(m: &Model, s: Subject) -> Fact {
    let mut best = (Truth::False, vec![place(type_of(&registry(m, s).head))]);
    for node in &m.graph.defender_pricings {
        let truth = is_plan(node).and(names::attr_is(&node.pricing_tier, "Standard")).and(node.head.exists);
        if truth > best.0 {
            best = (truth, vec![place(node.pricing_tier.origin)]);
        }
    }
    decided(best.0, "the Defender plans of the subscription", best.1)
}

pub(super) fn defender_plans(m: &Model, s: Subject) -> Related {
    let mut members = Vec::new();
    for (at, node) in (0_u32..).zip(&m.graph.defender_pricings) {
        let related = is_plan(node).and(node.head.exists);
        if related != Truth::False {
            let places = vec![place(home(&node.head))];
            members.push(Member { subject: Name::DefenderPricing.node(at), related, places });
        }
    }
    let head = &registry(m, s).head;
    let complete = all_plans(m, head).unwrap_or_else(|| Completeness::Incomplete {
        place: place(type_of(head)),
        settle: "the output of `az security pricing list`".into(),
    });
    Related { members, complete }
}

/// Whether the input has every plan of a resource's subscription: a list shows them.
fn all_plans(m: &Model, head: &Head) -> Option<Completeness> {
    let at = m.graph.listings.within(PRICINGS, &head.id)?;
    Some(Completeness::Complete(note(at, "this shows every Defender plan of the subscription")))
}

fn pricing(m: &Model, s: Subject) -> &DefenderPricing {
    &m.graph.defender_pricings[s.at()]
}

pub(super) const DEFENDER_PRICING: Kind<Model> = Kind {
    name: Name::DefenderPricing.text(),
    doc: "A Defender for Cloud plan of a subscription; its name is the plan.",
    all: |m| Name::DefenderPricing.all(m.graph.defender_pricings.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        API_VERSION,
        property("pricingTier", Ty::Text, "Free or Standard.", |m, s| text(&pricing(m, s).pricing_tier)),
    ],
    relations: &[
        many("extensions", Name::PricingExtension.text(), "Its extensions.", |m, s| {
            let name = names::pattern(&pricing(m, s).head.name).unwrap_or_default();
            let command = format!("az security pricing show --name {name}");
            let list = &pricing(m, s).extensions;
            elements(list, Name::PricingExtension, s.node, &command, |extension| extension.name.origin)
        }),
        many("others", Name::DefenderPricing.text(), "The other plans that the input declares.", |m, s| {
            let all = (0_u32..).zip(&m.graph.defender_pricings).filter(|(at, _)| *at != s.node);
            let members = all.map(|(at, node)| Member {
                subject: Name::DefenderPricing.node(at),
                related: node.head.exists,
                places: vec![place(home(&node.head))],
            });
            let members: Vec<_> = members.filter(|member| member.related != Truth::False).collect();
            let head = &pricing(m, s).head;
            let complete = all_plans(m, head)
                .unwrap_or_else(|| declared(m, head, PRICINGS, true, "Defender plan", "az security pricing list"));
            Related { members, complete }
        }),
    ],
};

pub(super) const PRICING_EXTENSION: Kind<Model> = Kind {
    name: Name::PricingExtension.text(),
    doc: "An extension of a Defender plan.",
    all: |_| Vec::new(),
    properties: &[
        property("name", Ty::Text, "Its name.", |m, s| text(&pricing(m, s).extensions.items[s.element_at()].name)),
        property("isEnabled", Ty::Text, "The text True or False.", |m, s| {
            text(&pricing(m, s).extensions.items[s.element_at()].is_enabled)
        }),
    ],
    relations: &[],
};
