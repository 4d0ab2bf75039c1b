//! The public addresses that clients of registries leave their networks through, and the rules that let them in.
//!
//! In: what is derived of the ways out. Out: tables of properties and relations. Must not know: rules, verdicts.

use ipnet::{IpNet, Ipv4Net};

use super::answer::{decided, elements, fact, known_text, many, note, place, property};
use super::derive::Leaving;
use super::model::Name;
use super::{Completeness, Datum, Kind, Model, Related, Scalar, Subject, Ty, names};
use crate::graph::Registry;
use crate::value::Truth;

fn leaving(m: &Model, s: Subject) -> &Leaving {
    &m.derived().leaving[s.at()]
}

pub(super) const EGRESS_CLIENT: Kind<Model> = Kind {
    name: Name::EgressClient.text(),
    doc: "A client of a registry, with one public address that it leaves its network through.",
    all: |_| Vec::new(),
    properties: &[
        property("client", Ty::Text, "Who: AKS cluster aks-build.", |m, s| {
            let leaving = leaving(m, s);
            known_text(&leaving.client, leaving.places.clone())
        }),
        property("through", Ty::Text, "What the address is: the address of firewall afw-hub.", |m, s| {
            let leaving = leaving(m, s);
            known_text(&leaving.through, leaving.places.clone())
        }),
        property("address", Ty::Net, "The address, or the range of addresses.", |m, s| {
            let leaving = leaving(m, s);
            fact(Datum::Known(Scalar::Net(leaving.address)), leaving.places.clone())
        }),
        property("shownAddress", Ty::Text, "The same as a rule would write it.", |m, s| {
            let leaving = leaving(m, s);
            known_text(&shown(leaving.address), leaving.places.clone())
        }),
        property("privatePath", Ty::Bool, "A private endpoint of the registry is in reach of its network.", |m, s| {
            let path = &leaving(m, s).private_path;
            decided(path.0, "the private endpoints in reach of the client", path.1.clone())
        }),
        property(
            "overServiceEndpoint",
            Ty::Bool,
            "A service endpoint takes it to the registry, so that its public address does not count.",
            |m, s| {
                let over = &leaving(m, s).service_endpoint;
                decided(over.0, "the service endpoints of the client's subnet", over.1.clone())
            },
        ),
    ],
    relations: &[many("admittedBy", Name::IpRule.text(), "The IP rules that let the address in.", admitted_by)],
};

/// A single address without its prefix.
fn shown(range: IpNet) -> String {
    if range.prefix_len() == range.max_prefix_len() { range.addr().to_string() } else { range.to_string() }
}

fn admitted_by(m: &Model, s: Subject) -> Related {
    let leaving = leaving(m, s);
    let node = &m.graph.registries[leaving.registry as usize];
    let name = names::pattern(&node.head.name).unwrap_or_default();
    let command = format!("az acr network-rule list --name {name}");
    let mut related = elements(&node.ip_rules, Name::IpRule, leaving.registry, &command, |rule| rule.value.origin);
    let ranges = ranges(node);
    let inside = admits(&ranges, leaving.address);
    let mut rules = node.ip_rules.items.iter();
    related.members.retain_mut(|member| {
        let Some(rule) = rules.next() else { return false };
        member.related = match rule.network.value() {
            Some(range) => (inside && overlaps(*range, leaving.address)).into(),
            None if rule.network.is_absent() => Truth::False,
            None => Truth::Unknown,
        };
        member.related != Truth::False
    });
    let others = leaving.all.iter().filter(|address| admits(&ranges, **address)).count();
    if !inside && others > 0 && matches!(related.complete, Completeness::Complete(_)) {
        // Then the client gets in whenever it leaves through one of these.
        let text = "another address of the client is let in, so that it is denied now and then only";
        related.complete = Completeness::Presumed(note(node.ip_rules.at, text));
    }
    related
}

/// The ranges of a registry's rules as few as possible, so that two neighbors let in what spans both.
fn ranges(registry: &Registry) -> Vec<Ipv4Net> {
    let known = registry.ip_rules.items.iter().filter_map(|rule| match rule.network.value() {
        Some(IpNet::V4(range)) => Some(*range),
        Some(IpNet::V6(_)) | None => None,
    });
    Ipv4Net::aggregate(&known.collect())
}

fn admits(ranges: &[Ipv4Net], address: IpNet) -> bool {
    match address {
        IpNet::V4(address) => ranges.iter().any(|range| range.contains(&address)),
        IpNet::V6(_) => false,
    }
}

fn overlaps(a: IpNet, b: IpNet) -> bool {
    a.contains(&b) || b.contains(&a)
}

/// The clients of a registry whose addresses are known. That others may be there, too, says nothing of these.
pub(super) fn egress_clients(m: &Model, s: Subject) -> Related {
    let derived = m.derived();
    let list = derived.leaving_of.get(s.at()).map(Vec::as_slice).unwrap_or_default();
    let members = list.iter().filter_map(|&at| {
        let leaving = derived.leaving.get(at as usize)?;
        let subject = Name::EgressClient.node(at);
        Some(super::Member { subject, related: leaving.related, places: leaving.places.clone() })
    });
    let at = super::answer::home(&m.graph.registries[s.at()].head);
    Related { members: members.collect(), complete: Completeness::Complete(place(at)) }
}
