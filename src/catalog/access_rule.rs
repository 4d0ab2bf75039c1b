//! The network rules of registries, and the subscriptions that they cross.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use ipnet::{IpNet, Ipv4Net};

use super::answer::{boolean, decided, decided_because, fact, home, id, many, net, note, one, place, property, text};
use super::model::Name;
use super::registry::registry;
use super::{Completeness, Datum, Fact, Kind, Member, Model, Place, Related, Scalar, Subject, Ty, names};
use crate::graph::{IpRule, Link, VirtualNetworkRule};
use crate::resource::ResourceId;
use crate::value::{Pattern, State, Truth, Unknown};

fn ip_rule(m: &Model, s: Subject) -> &IpRule {
    &registry(m, s).ip_rules.items[s.element_at()]
}

fn network_rule(m: &Model, s: Subject) -> &VirtualNetworkRule {
    &registry(m, s).virtual_network_rules.items[s.element_at()]
}

pub(super) const IP_RULE: Kind<Model> = Kind {
    name: Name::IpRule.text(),
    doc: "An IP rule of a registry.",
    all: |_| Vec::new(),
    properties: &[
        property("value", Ty::Text, "The range as written.", |m, s| text(&ip_rule(m, s).value)),
        property("network", Ty::Net, "The range; nothing where it is malformed.", |m, s| net(&ip_rule(m, s).network)),
        property("malformed", Ty::Bool, "It is no IPv4 address or range.", |m, s| {
            let rule = ip_rule(m, s);
            let (truth, because) = match &rule.network.state {
                State::Known(_) => (Truth::False, None),
                State::Absent => (Truth::from(!rule.value.is_absent()), None),
                State::Unknown(unknown) => (Truth::Unknown, Some(unknown)),
            };
            decided_because(truth, because, "whether it is malformed", vec![place(rule.value.origin)])
        }),
        property("hostBitsSet", Ty::Bool, "It has bits set behind its prefix.", |m, s| {
            boolean(&ip_rule(m, s).host_bits)
        }),
        property("private", Ty::Bool, "It lies wholly in ranges that never arrive from the internet.", |m, s| {
            let rule = ip_rule(m, s);
            boolean(&rule.network.clone().map(is_private))
        }),
    ],
    relations: &[],
};

/// Ranges that are no source of traffic from the internet: private, shared, loopback, link-local, multicast, reserved
/// (RFC 1918, RFC 6598, RFC 1122, RFC 3927, RFC 5771, RFC 1112).
const PRIVATE: [(u8, u8, u8); 9] = [
    (10, 0, 8),
    (172, 16, 12),
    (192, 168, 16),
    (100, 64, 10),
    (127, 0, 8),
    (169, 254, 16),
    (224, 0, 4),
    (240, 0, 4),
    (0, 0, 8),
];

pub(super) fn is_private(net: IpNet) -> bool {
    let IpNet::V4(net) = net else { return false };
    PRIVATE.iter().any(|&(a, b, length)| {
        let range = Ipv4Net::new(std::net::Ipv4Addr::new(a, b, 0, 0), length);
        range.is_ok_and(|range| range.contains(&net))
    })
}

pub(super) const VIRTUAL_NETWORK_RULE: Kind<Model> = Kind {
    name: Name::VirtualNetworkRule.text(),
    doc: "A subnet rule of a registry.",
    all: |_| Vec::new(),
    properties: &[
        property("id", Ty::Id, "The subnet's id.", |m, s| id(&network_rule(m, s).subnet.subnet)),
        property("subscription", Ty::Text, "The subscription in that id.", |m, s| {
            subscription(&network_rule(m, s).subnet.subnet)
        }),
        property("crossesSubscriptions", Ty::Bool, "It is another one than the registry's.", |m, s| {
            let link = &network_rule(m, s).subnet.subnet;
            let head = &registry(m, s).head;
            crosses(link.id.as_ref(), &head.id, vec![place(link.origin), place(home(head))])
        }),
    ],
    relations: &[
        one("subnet", Name::Subnet.text(), "The subnet.", |m, s| {
            super::network::subnet_of(m, &network_rule(m, s).subnet.subnet)
        }),
        many(
            "providerRegistrations",
            Name::ProviderRegistration.text(),
            "Registrations of that subscription.",
            |m, s| {
                let link = &network_rule(m, s).subnet.subnet;
                registrations(m, link.id.as_ref(), place(link.origin))
            },
        ),
    ],
};

/// The subscription of an id.
pub(super) fn subscription(link: &Link) -> Fact {
    let datum = match (&link.id, link.id.as_ref().and_then(names::subscription)) {
        (_, Some(pattern)) => Datum::Known(Scalar::Text(pattern)),
        (Some(id), None) => match id.pattern().first_hole() {
            Some(hole) => Datum::Unknown(super::answer::derived(hole, "subscription")),
            None => Datum::Absent,
        },
        (None, None) => Datum::Absent,
    };
    fact(datum, vec![place(link.origin)])
}

/// Whether two ids are in two subscriptions: two literal ones, or a literal one and the deployment's own.
pub(super) fn crosses(a: Option<&ResourceId>, b: &ResourceId, places: Vec<Place>) -> Fact {
    let differ = match (a.and_then(names::subscription), names::subscription(b)) {
        (Some(a), Some(b)) => match (a.as_literal(), b.as_literal()) {
            (Some(a), Some(b)) => a != b,
            (Some(_), None) => is_own_subscription(&b),
            (None, Some(_)) => is_own_subscription(&a),
            (None, None) => false,
        },
        (None | Some(_), _) => false,
    };
    decided(differ.into(), "the subscriptions", places)
}

fn is_own_subscription(pattern: &Pattern) -> bool {
    let own = |unknown: &Unknown| unknown.symbol.text.to_lowercase().starts_with("subscription()");
    pattern.parts().len() == 1 && pattern.first_hole().is_some_and(|unknown| own(unknown))
}

/// The provider of registries.
const PROVIDER: &str = "Microsoft.ContainerRegistry";
/// The type of provider registrations, in lower case.
const PROVIDERS: &str = "microsoft.resources/providers";

/// The registration of the provider of registries in an id's subscription. There is one at most.
pub(super) fn registrations(m: &Model, id: Option<&ResourceId>, from: Place) -> Related {
    let subscription = id.and_then(names::subscription);
    let own = |id: &ResourceId| match (&subscription, names::subscription(id)) {
        (Some(a), Some(b)) => a.to_lowercase().same(&b.to_lowercase()),
        (None | Some(_), _) => Truth::Unknown,
    };
    let mut members = Vec::new();
    for (at, node) in (0_u32..).zip(&m.graph.provider_registrations) {
        let related = own(&node.head.id).and(names::attr_is(&node.head.name, PROVIDER)).and(node.head.exists);
        if related != Truth::False {
            let subject = Name::ProviderRegistration.node(at);
            members.push(Member { subject, related, places: vec![place(home(&node.head))] });
        }
    }
    let listed = id.and_then(|id| m.graph.listings.within(PROVIDERS, id));
    let certain = members.iter().find(|member| member.related == Truth::True);
    let complete = match (certain, listed) {
        (Some(member), _) => member.places.first().cloned().map(Completeness::Complete),
        (None, Some(at)) => Some(Completeness::Complete(note(at, "this shows every provider of the subscription"))),
        (None, None) => None,
    };
    let complete = complete.unwrap_or_else(|| {
        let subscription = subscription.map_or("<subscription>".to_owned(), |pattern| pattern.to_string());
        let settle = format!("the output of `az provider show --namespace {PROVIDER} --subscription {subscription}`");
        Completeness::Incomplete { place: from, settle: settle.into() }
    });
    Related { members, complete }
}

pub(super) const PROVIDER_REGISTRATION: Kind<Model> = Kind {
    name: Name::ProviderRegistration.text(),
    doc: "The registration of a resource provider in a subscription.",
    all: |m| Name::ProviderRegistration.all(m.graph.provider_registrations.len()),
    properties: &[
        property("namespace", Ty::Text, "The provider.", |m, s| {
            text(&m.graph.provider_registrations[s.at()].head.name)
        }),
        property("registrationState", Ty::Text, "Whether it is registered.", |m, s| {
            text(&m.graph.provider_registrations[s.at()].state)
        }),
    ],
    relations: &[],
};
