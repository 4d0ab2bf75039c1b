//! AKS clusters, and what they reach without their proxy.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{boolean, decided_because, elements, known_text, many, place, property, text};
use super::head::{ADDRESS, API_VERSION, ID, LOCATION, NAME};
use super::model::Name;
use super::{Fact, Kind, Model, Subject, Ty, names};
use crate::graph::AksCluster;
use crate::value::{Attr, Part, Pattern, Truth};

fn cluster(m: &Model, s: Subject) -> &AksCluster {
    &m.graph.aks_clusters[s.at()]
}

fn entry(m: &Model, s: Subject) -> &Attr<Pattern> {
    &cluster(m, s).no_proxy.items[s.element_at()]
}

pub(super) const AKS_CLUSTER: Kind<Model> = Kind {
    name: Name::AksCluster.text(),
    doc: "An AKS cluster.",
    all: |m| Name::AksCluster.all(m.graph.aks_clusters.len()),
    properties: &[
        NAME,
        LOCATION,
        ADDRESS,
        ID,
        API_VERSION,
        property("behindProxy", Ty::Bool, "Its nodes go through a proxy.", |m, s| boolean(&cluster(m, s).proxy)),
    ],
    relations: &[many(
        "httpProxyConfig.noProxy",
        Name::NoProxyEntry.text(),
        "The names and ranges that its nodes reach without the proxy.",
        |m, s| {
            let name = names::pattern(&cluster(m, s).head.name).unwrap_or_default();
            let command = format!("az aks show --name {name}");
            elements(&cluster(m, s).no_proxy, Name::NoProxyEntry, s.node, &command, |entry| entry.origin)
        },
    )],
};

pub(super) const NO_PROXY_ENTRY: Kind<Model> = Kind {
    name: Name::NoProxyEntry.text(),
    doc: "A name or range that the nodes of an AKS cluster reach without its proxy.",
    all: |_| Vec::new(),
    properties: &[
        property("value", Ty::Text, "As written.", |m, s| text(entry(m, s))),
        property("wildcard", Ty::Bool, "It has a * in it.", wildcard),
        property("suffix", Ty::Text, "What to write instead, as an instruction.", |m, s| {
            let entry = entry(m, s);
            let written = entry.as_literal().unwrap_or_default();
            let plain = written.trim_start_matches('*').trim_start_matches('.');
            let words = if plain.is_empty() || plain.contains('*') {
                "name each domain with a dot in front, .azurecr.io among them".to_owned()
            } else {
                format!("write .{plain}, which covers what is below {plain}")
            };
            known_text(&words, vec![place(entry.origin)])
        }),
    ],
    relations: &[],
};

fn wildcard(m: &Model, s: Subject) -> Fact {
    let entry = entry(m, s);
    let pattern = names::pattern(entry).unwrap_or_default();
    let star = pattern.parts().iter().any(|part| matches!(part, Part::Literal(text) if text.contains('*')));
    let hole = pattern.first_hole();
    let truth = match (star, hole) {
        (true, _) => Truth::True,
        (false, Some(_)) => Truth::Unknown,
        (false, None) => Truth::False,
    };
    decided_because(truth, hole, "the entry of noProxy", vec![place(entry.origin)])
}
