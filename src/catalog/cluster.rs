//! AKS clusters, and what they reach without their proxy.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{
    boolean, decided, decided_because, elements, fact, home, known_text, many, note, place, property, said, text,
};
use super::derive::Platform;
use super::head::{ADDRESS, API_VERSION, ID, LOCATION, NAME};
use super::model::Name;
use super::{Datum, Fact, Kind, Model, Subject, Ty, names};
use crate::graph::AksCluster;
use crate::value::{Attr, Part, Pattern, Truth};

fn cluster(m: &Model, s: Subject) -> &AksCluster {
    &m.graph.aks_clusters[s.at()]
}

fn entry(m: &Model, s: Subject) -> &Attr<Pattern> {
    &cluster(m, s).no_proxy.items[s.element_at()]
}

fn platform(m: &Model, s: Subject) -> Option<&Platform> {
    m.derived().platform.get(s.at())?.as_ref()
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
        property(
            "platformImagesDenied",
            Ty::Bool,
            "A security rule lets its nodes reach Microsoft's registry, and none Azure Front Door, where that is entered.",
            |m, s| match platform(m, s) {
                Some(platform) => {
                    let fact = decided(
                        platform.obstacle.truth,
                        "the security rules of the nodes' subnet",
                        vec![place(platform.obstacle.at)],
                    );
                    let mut fact =
                        said(fact, "this decides", "the service tag AzureFrontDoor.FirstParty is denied here");
                    fact.places
                        .push(note(platform.allowed, "the service tag MicrosoftContainerRegistry alone is allowed"));
                    fact
                }
                None => decided(Truth::False, "the security rules", vec![place(home(&cluster(m, s).head))]),
            },
        ),
        property("platformImagesDeniedBy", Ty::Text, "The security rule that denies it, in words.", |m, s| {
            match platform(m, s).and_then(|platform| Some((platform, platform.obstacle.name.as_ref()?))) {
                Some((platform, name)) => known_text(name, vec![place(platform.obstacle.at)]),
                None => fact(Datum::Absent, vec![place(home(&cluster(m, s).head))]),
            }
        }),
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
