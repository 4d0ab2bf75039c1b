//! What the security group of a subnet does with traffic over HTTPS that leaves the subnet, or comes to it from a network, and
//! with the subnet's questions to Azure's resolver.
//!
//! In: a group, the subnet that the traffic comes from, and where it goes. Out: [`Verdict`]. Must not know: registries,
//! clients.
//!
//! Of the rules of the direction that match, the one with the lowest priority decides; behind them Azure lets traffic to and
//! from the virtual network pass, and that to the internet ("Network security groups"). What only may match makes the rest
//! uncertain.

use ipnet::IpNet;

use crate::catalog::names;
use crate::graph::{List, SecurityGroup, SecurityRule, Subnet};
use crate::value::{Attr, Pattern, Truth};

/// The port of registries, and of all that pulls need.
pub(super) const HTTPS: u16 = 443;
/// The port of resolvers.
const DNS: u16 = 53;
/// The service tag of Azure's resolver, in lower case; no other destination of a rule means it ("Virtual network service tags").
const RESOLVER: &str = "azureplatformdns";

/// The service tags that hold the public addresses of something, in lower case.
pub(super) type Tags = [&'static str];

/// Those of registries.
pub(super) const REGISTRIES: &Tags = &["azurecontainerregistry", "azurecloud"];

/// Those of the accounts in which layers are.
pub(super) const STORAGE: &Tags = &["storage", "azurecloud"];
/// Those that may hold data endpoints: which does is not documented.
pub(super) const DATA: &Tags = &["azurecontainerregistry", "storage", "azurecloud"];

/// Service tags of which it is known what is in them ("Virtual network service tags").
const KNOWN: [&str; 18] = [
    "virtualnetwork",
    "azureloadbalancer",
    "azurecontainerregistry",
    "azurecloud",
    "microsoftcontainerregistry",
    "azurefrontdoor",
    "azureactivedirectory",
    "azureresourcemanager",
    "azuremonitor",
    "azurekeyvault",
    "azuredevops",
    "azurekubernetesservice",
    "eventhub",
    "servicebus",
    "storage",
    "sql",
    "azureactivedirectorydomainservices",
    "gatewaymanager",
];

/// Whether a service tag, as it is written, holds the addresses that others hold: all of them, or those of a region.
pub(super) fn is_in_tag(text: &str, wanted: &Tags) -> Truth {
    let text = text.to_ascii_lowercase();
    if text == "internet" || wanted.contains(&text.as_str()) {
        return Truth::True;
    }
    let service = text.split('.').next().unwrap_or(&text);
    // Of one region, where that of the service is another one or not; of one part of a service, where another one is wanted.
    let part = |tag: &&&str| tag.split('.').next() == Some(service);
    match wanted.iter().find(part) {
        Some(tag) if tag.contains('.') && text.contains('.') => Truth::False,
        Some(_) => Truth::Unknown,
        None if KNOWN.contains(&service) => Truth::False,
        None => Truth::Unknown,
    }
}

/// Where traffic goes.
pub(super) enum To<'g> {
    /// Public addresses, of which only the tags are known.
    Public(&'g Tags),
    /// A private endpoint: its addresses, or the ranges that they lie in; nothing where neither is known.
    Private(&'g [IpNet]),
    /// Azure's resolver.
    Resolver,
}

impl To<'_> {
    const fn port(&self) -> u16 {
        match self {
            Self::Public(_) | Self::Private(_) => HTTPS,
            Self::Resolver => DNS,
        }
    }

    /// Queries of a resolver are datagrams, nearly always.
    const fn protocol(&self) -> &'static str {
        match self {
            Self::Public(_) | Self::Private(_) => "Tcp",
            Self::Resolver => "Udp",
        }
    }
}

/// What becomes of traffic.
pub(super) struct Verdict<'g> {
    /// Whether a rule denies it.
    pub(super) denied: Truth,
    /// The rule that does, or may.
    pub(super) by: Option<&'g SecurityRule>,
}

/// What the group of a subnet does with traffic from it.
pub(super) fn outbound<'g>(group: &'g SecurityGroup, from: &Subnet, to: &To<'_>) -> Verdict<'g> {
    verdict(group, "Outbound", from, to)
}

/// What the group of the subnet that a private endpoint is in does with traffic from a subnet. `to`: as in [`To::Private`].
pub(super) fn inbound<'g>(group: &'g SecurityGroup, from: &Subnet, to: &[IpNet]) -> Verdict<'g> {
    verdict(group, "Inbound", from, &To::Private(to))
}

fn verdict<'g>(group: &'g SecurityGroup, direction: &str, from: &Subnet, to: &To<'_>) -> Verdict<'g> {
    let mut rules: Vec<&SecurityRule> = group.rules.items.iter().collect();
    rules.sort_by_key(|rule| rule.priority.value().copied().unwrap_or(i64::MAX));
    let known = group.rules.open.is_none() && !group.head.existing;
    let ranges: Vec<IpNet> = ranges(&from.prefixes);
    let mut unsure: Vec<(Truth, &SecurityRule)> = Vec::new();
    let mut decided = Verdict { denied: Truth::False, by: None };
    for rule in rules {
        let matches = names::attr_is(&rule.direction, direction).and(matches(rule, &ranges, to));
        let denies = names::attr_is(&rule.access, "Deny");
        if matches == Truth::True && rule.priority.value().is_some() && denies != Truth::Unknown {
            decided = Verdict { denied: denies, by: Some(rule) };
            break;
        }
        if matches != Truth::False {
            unsure.push((denies, rule));
        }
    }
    match unsure.into_iter().find(|(denies, _)| *denies != decided.denied) {
        Some((_, rule)) => Verdict { denied: Truth::Unknown, by: Some(rule) },
        None if known => decided,
        None => Verdict { denied: Truth::Unknown, ..decided },
    }
}

fn matches(rule: &SecurityRule, from: &[IpNet], to: &To<'_>) -> Truth {
    let protocol = names::attr_is(&rule.protocol, "*").or(names::attr_is(&rule.protocol, to.protocol()));
    let source = any(&rule.sources, |source| match source.to_ascii_lowercase().as_str() {
        "*" | "virtualnetwork" => Truth::True,
        // Service tags hold public addresses only.
        text => range(text).map_or(Truth::False, |range| covers(range, from)),
    });
    let destination = any(&rule.destinations, |destination| goes_to(destination, to));
    let port = any(&rule.destination_ports, |text| has_port(text, to.port()));
    protocol.and(source).and(destination).and(port)
}

/// Whether one of some texts fits; what they are is not known where none is written, as with application security groups.
fn any(list: &List<Attr<Pattern>>, fits: impl Fn(&str) -> Truth) -> Truth {
    let each = list.items.iter().map(|attr| names::trimmed(attr).map_or(Truth::Unknown, &fits));
    let best = each.max().unwrap_or(Truth::Unknown);
    if list.open.is_some() { best.or(Truth::Unknown) } else { best }
}

fn goes_to(destination: &str, to: &To<'_>) -> Truth {
    let text = destination.to_ascii_lowercase();
    match (to, range(&text)) {
        (To::Resolver, _) => (text == RESOLVER).into(),
        (_, _) if text == "*" => Truth::True,
        (_, Some(IpNet::V4(range))) if range.prefix_len() == 0 => Truth::True,
        (_, Some(IpNet::V6(_))) => Truth::False,
        (To::Private(addresses), Some(range)) => covers(range, addresses),
        (To::Private(_), None) => (text == "virtualnetwork").into(),
        // Which addresses a service has is not known, but that they are public.
        (To::Public(_), Some(range)) if crate::catalog::access_rule::is_private(range) => Truth::False,
        (To::Public(_), Some(_)) => Truth::Unknown,
        (To::Public(tags), None) => is_in_tag(&text, tags),
    }
}

/// A range, or a single address as one.
fn range(text: &str) -> Option<IpNet> {
    text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from)).ok()
}

/// Whether a range holds all of some addresses, or only some of them.
pub(super) fn covers(range: IpNet, all: &[IpNet]) -> Truth {
    let touches = |one: &IpNet| range.contains(one) || one.contains(&range);
    match () {
        () if all.is_empty() => Truth::Unknown,
        () if all.iter().all(|one| range.contains(one)) => Truth::True,
        () if all.iter().any(touches) => Truth::Unknown,
        () => Truth::False,
    }
}

pub(super) fn has_port(text: &str, port: u16) -> Truth {
    if text == "*" {
        return Truth::True;
    }
    let (low, high) = text.split_once('-').unwrap_or((text, text));
    match (low.trim().parse::<u16>(), high.trim().parse::<u16>()) {
        (Ok(low), Ok(high)) => (low <= port && port <= high).into(),
        (Ok(_) | Err(_), _) => Truth::Unknown,
    }
}

/// The ranges of a list; none where one is not known.
pub(super) fn ranges(list: &List<Attr<Pattern>>) -> Vec<IpNet> {
    let parsed = list.items.iter().map(|prefix| names::trimmed(prefix)?.parse::<IpNet>().ok());
    let all: Option<Vec<IpNet>> = parsed.collect();
    all.filter(|_| list.open.is_none())
        .unwrap_or_default()
        .into_iter()
        .filter(|range| matches!(range, IpNet::V4(_)))
        .collect()
}
