//! The requests that registries logged, and the addresses that clients leave through.
//!
//! In: nodes and what is derived of them. Out: tables of properties and relations. Must not know: rules, verdicts.
//!
//! What a status means is said for those that are documented, and for no others ("Monitor Azure Container Registry").

use std::net::{IpAddr, SocketAddr};

use ipnet::IpNet;

use super::access_rule::is_private;
use super::answer::{
    decided, elements, fact, int, known_text, many, note, one, place, property, registries_meant, text,
};
use super::derive::Egress;
use super::head::{ADDRESS, ID, NAME};
use super::model::Name;
use super::{Completeness, Datum, Fact, Kind, Member, Model, Place, Related, Scalar, Subject, Ty, names};
use crate::graph::{LoginEvent, Registry, Subnet};
use crate::value::Truth;

fn event(m: &Model, s: Subject) -> &LoginEvent {
    &m.graph.login_events[s.at()]
}

/// The address of the caller; some logs put a port behind it.
fn address(event: &LoginEvent) -> Option<IpAddr> {
    let text = names::trimmed(&event.caller)?;
    text.parse().ok().or_else(|| text.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// The HTTP status: the result's description, or its type where that is one.
fn status(event: &LoginEvent) -> Option<(i64, Place)> {
    [&event.result_description, &event.result_type].into_iter().find_map(|attr| {
        let number = names::trimmed(attr)?.parse::<i64>().ok().filter(|number| (100..600).contains(number))?;
        Some((number, place(attr.origin)))
    })
}

/// What a status says about the way to the registry.
const fn meaning(status: i64) -> Option<&'static str> {
    Some(match status {
        200 => "let in",
        401 => "not logged in: the network let the request through, the name or the permission is what is missing",
        403 => "denied by the network rules",
        429 => "too many requests",
        _ => return None,
    })
}

/// Whether an address never arrives from the internet.
fn is_from_inside(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(_) => is_private(IpNet::from(address)),
        IpAddr::V6(address) => address.is_unique_local() || address.is_unicast_link_local() || address.is_loopback(),
    }
}

/// The name of the registry, also of one that is not in the input.
fn registry_name(event: &LoginEvent) -> Option<(String, Place)> {
    if let Some(host) = names::trimmed(&event.login_server) {
        return Some((host.split('.').next().unwrap_or(host).to_owned(), place(event.login_server.origin)));
    }
    let name = event.registry.id.as_ref().and_then(names::of_id)?;
    Some((name.to_string(), place(event.registry.origin)))
}

/// The registry that was asked, where it is certain.
fn asked(m: &Model, s: Subject) -> Option<(u32, &Registry)> {
    let found = m.derived().asked.get(s.at())?.iter().find(|(_, truth)| *truth == Truth::True)?;
    Some((found.0, m.graph.registries.get(found.0 as usize)?))
}

fn command(event: &LoginEvent, command: &str) -> String {
    let name = registry_name(event).map_or_else(|| "<registry>".to_owned(), |(name, _)| name);
    format!("az acr {command} --name {name}")
}

/// Nothing, since it is not known which registry was asked.
fn nobody(m: &Model, s: Subject) -> Related {
    let event = event(m, s);
    let settle = format!("the output of `{}`", command(event, "show"));
    let complete = Completeness::Incomplete { place: place(event.caller.origin), settle: settle.into() };
    Related { members: Vec::new(), complete }
}

pub(super) const LOGIN_EVENT: Kind<Model> = Kind {
    name: Name::LoginEvent.text(),
    doc: "The requests of one address to one registry with one result, as the registry logged them.",
    all: |m| Name::LoginEvent.all(m.graph.login_events.len()),
    properties: &[
        NAME,
        ADDRESS,
        ID,
        property("callerIpAddress", Ty::Text, "The address that the registry saw.", |m, s| text(&event(m, s).caller)),
        property("callerAddress", Ty::Net, "The same as an address; nothing where it is none.", |m, s| {
            let event = event(m, s);
            let datum = address(event).map_or(Datum::Absent, |ip| Datum::Known(Scalar::Net(IpNet::from(ip))));
            fact(datum, vec![place(event.caller.origin)])
        }),
        property("addressFamily", Ty::Text, "IPv4 or IPv6; nothing where it is no address.", |m, s| {
            let event = event(m, s);
            let family = address(event).map(|ip| if ip.is_ipv4() { "IPv4" } else { "IPv6" });
            family.map_or_else(
                || fact(Datum::Absent, vec![place(event.caller.origin)]),
                |family| known_text(family, vec![place(event.caller.origin)]),
            )
        }),
        property("private", Ty::Bool, "The address never arrives from the internet.", |m, s| {
            let event = event(m, s);
            let inside = address(event).is_some_and(is_from_inside);
            decided(inside.into(), "the address", vec![place(event.caller.origin)])
        }),
        property("loginServer", Ty::Text, "The host that was asked.", |m, s| text(&event(m, s).login_server)),
        property("registryName", Ty::Text, "The name of the registry that was asked.", |m, s| {
            let event = event(m, s);
            match registry_name(event) {
                Some((name, at)) => known_text(&name, vec![at]),
                None => fact(Datum::Absent, vec![place(event.caller.origin)]),
            }
        }),
        property("resultType", Ty::Text, "The result's type as written.", |m, s| text(&event(m, s).result_type)),
        property("resultDescription", Ty::Text, "The result as written.", |m, s| text(&event(m, s).result_description)),
        property("status", Ty::Int, "The HTTP status of the answer, where the result is one.", |m, s| {
            let event = event(m, s);
            match status(event) {
                Some((status, at)) => fact(Datum::Known(Scalar::Int(status)), vec![at]),
                None => fact(Datum::Absent, vec![place(event.result_description.origin)]),
            }
        }),
        property("meaning", Ty::Text, "What the status means; nothing for one that is not documented.", |m, s| {
            let event = event(m, s);
            match status(event).and_then(|(status, at)| Some((meaning(status)?, at))) {
                Some((meaning, at)) => known_text(meaning, vec![at]),
                None => fact(Datum::Absent, vec![place(event.result_description.origin)]),
            }
        }),
        property("operationName", Ty::Text, "What was asked for, first.", |m, s| text(&event(m, s).operation)),
        property("userAgent", Ty::Text, "The program that asked, first.", |m, s| text(&event(m, s).user_agent)),
        property("count", Ty::Int, "How many requests there are.", |m, s| int(&event(m, s).count)),
        property("often", Ty::Text, "The same in words: once, 12 times.", often),
        property("firstTime", Ty::Text, "The earliest time, where times sort as text.", |m, s| {
            text(&event(m, s).first)
        }),
        property("lastTime", Ty::Text, "The latest such time.", |m, s| text(&event(m, s).last)),
        property(
            "reason",
            Ty::Text,
            "What stands in the way of the address, where the registry does not let it in.",
            |m, s| remedy(m, s, &reason(m, s).0),
        ),
        property("remedy", Ty::Text, "What would let the client in, as an instruction.", |m, s| {
            remedy(m, s, &reason(m, s).1)
        }),
        property("comesFrom", Ty::Text, "Whose address it is, as a sentence.", comes_from),
    ],
    relations: &[
        one("registry", Name::Registry.text(), "The registry that was asked.", registry),
        many("admittedBy", Name::IpRule.text(), "The IP rules of the registry that let the address in.", admitted_by),
        many(
            "admittedSubnets",
            Name::VirtualNetworkRule.text(),
            "The subnet rules of the registry that the address lies in.",
            admitted_subnets,
        ),
        many(
            "client",
            Name::EgressAddress.text(),
            "The clients of the input that leave through the address.",
            |m, s| {
                let event = event(m, s);
                let found = clients(m, event);
                let members = found.map(|(at, egress)| Member {
                    subject: Name::EgressAddress.node(at),
                    related: Truth::True,
                    places: egress.places.clone(),
                });
                let settle = "the output of `az network public-ip list`";
                let complete = Completeness::Incomplete { place: place(event.caller.origin), settle: settle.into() };
                Related { members: members.collect(), complete }
            },
        ),
    ],
};

fn often(m: &Model, s: Subject) -> Fact {
    let count = &event(m, s).count;
    let words = match count.value() {
        Some(1) | None => "once".to_owned(),
        Some(count) => format!("{count} times"),
    };
    known_text(&words, vec![place(count.origin)])
}

fn remedy(m: &Model, s: Subject, words: &str) -> Fact {
    known_text(words, vec![place(event(m, s).caller.origin)])
}

/// Why the registry would deny the address, and what to do about it.
fn reason(m: &Model, s: Subject) -> (String, String) {
    let event = event(m, s);
    let name = registry_name(event).map_or_else(|| "<registry>".to_owned(), |(name, _)| name);
    let disabled = asked(m, s)
        .is_some_and(|(_, registry)| names::attr_is(&registry.public_network_access.attr, "Disabled") == Truth::True);
    let inside = address(event).is_some_and(is_from_inside);
    let six = address(event).is_some_and(|address| address.is_ipv6());
    let endpoint = "give the client a way to a private endpoint of it: the endpoint in its network or a peered one, and DNS \
                    that answers with the private address";
    match (disabled, inside, six) {
        (true, true, _) => (
            "its public network access is disabled, which closes service endpoints too".to_owned(),
            format!("{endpoint}; or set publicNetworkAccess to \"Enabled\" with defaultAction \"Deny\""),
        ),
        (true, false, _) => (
            "its public network access is disabled, whatever its rules say".to_owned(),
            format!(
                "{endpoint}. A public address was seen, so the client resolves the public name or leaves its network"
            ),
        ),
        (false, true, _) => (
            "it came over a service endpoint, and no rule names its subnet".to_owned(),
            format!(
                "allow the subnet: az acr network-rule add --name {name} --subnet <subnet id>; or use a private endpoint"
            ),
        ),
        (false, false, true) => (
            "no IP rule can name an IPv6 address".to_owned(),
            "set endpointProtocol to \"IPv4\", or use a private endpoint".to_owned(),
        ),
        (false, false, false) => {
            let address = names::trimmed(&event.caller).unwrap_or("<address>");
            (
                "no IP rule names it".to_owned(),
                format!(
                    "allow it if it is a client of yours: az acr network-rule add --name {name} --ip-address {address}"
                ),
            )
        }
    }
}

fn clients<'m>(m: &'m Model, event: &LoginEvent) -> impl Iterator<Item = (u32, &'m Egress)> + use<'m> {
    let address = address(event);
    (0_u32..).zip(&m.derived().egress).filter(move |(_, egress)| Some(egress.address) == address)
}

fn comes_from(m: &Model, s: Subject) -> Fact {
    let event = event(m, s);
    let mut places = vec![place(event.caller.origin)];
    let mut names: Vec<&str> = Vec::new();
    for (_, egress) in clients(m, event) {
        if !names.contains(&egress.client.as_str()) {
            names.push(&egress.client);
            places.extend(egress.places.iter().cloned());
        }
    }
    let words = match names.as_slice() {
        [] => "no client in this input is known to leave through it".to_owned(),
        [..] => format!("it is the address of {}", names.join(" and ")),
    };
    known_text(&words, places)
}

fn registry(m: &Model, s: Subject) -> Related {
    let event = event(m, s);
    let at = match (&event.registry.id, event.login_server.is_absent()) {
        (Some(_), true) => place(event.registry.origin),
        (None | Some(_), _) => place(event.login_server.origin),
    };
    let list = m.derived().asked.get(s.at()).map(Vec::as_slice).unwrap_or_default();
    registries_meant(list.iter().copied(), at, |_| nobody(m, s).complete)
}

fn admitted_by(m: &Model, s: Subject) -> Related {
    let Some((node, registry)) = asked(m, s) else { return nobody(m, s) };
    let event = event(m, s);
    let command = command(event, "network-rule list");
    let mut related = elements(&registry.ip_rules, Name::IpRule, node, &command, |rule| rule.value.origin);
    let address = address(event);
    let mut rules = registry.ip_rules.items.iter();
    related.members.retain_mut(|member| {
        let Some(rule) = rules.next() else { return false };
        member.related = match (rule.network.value(), address) {
            (Some(range), Some(address)) => range.contains(&address).into(),
            (Some(_), None) => Truth::False,
            (None, _) if rule.network.is_absent() => Truth::False,
            (None, _) => Truth::Unknown,
        };
        member.related != Truth::False
    });
    related
}

fn admitted_subnets(m: &Model, s: Subject) -> Related {
    let Some((node, registry)) = asked(m, s) else { return nobody(m, s) };
    let address = address(event(m, s));
    let command = command(event(m, s), "network-rule list");
    let rules = &registry.virtual_network_rules;
    let mut related = elements(rules, Name::VirtualNetworkRule, node, &command, |rule| rule.subnet.subnet.origin);
    let mut unknown = None;
    let mut rules = registry.virtual_network_rules.items.iter();
    related.members.retain_mut(|member| {
        let Some(rule) = rules.next() else { return false };
        let subnet = rule.subnet.subnet.node().and_then(|at| m.graph.subnets.get(at));
        member.related = subnet.map_or(Truth::Unknown, |subnet| holds(subnet, address));
        if member.related == Truth::Unknown {
            unknown = Some(note(rule.subnet.subnet.origin, "the ranges of this subnet are not known"));
        }
        member.related != Truth::False
    });
    if let (Some(place), Completeness::Complete(_)) = (unknown, &related.complete) {
        let settle = "the output of `az network vnet list`".into();
        related.complete = Completeness::Incomplete { place, settle };
    }
    related
}

/// Whether an address lies in a subnet.
fn holds(subnet: &Subnet, address: Option<IpAddr>) -> Truth {
    let Some(address) = address else { return Truth::False };
    let mut best = Truth::False;
    for prefix in &subnet.prefixes.items {
        best = best.or(match names::trimmed(prefix).map(str::parse::<IpNet>) {
            Some(Ok(range)) => range.contains(&address).into(),
            Some(Err(_)) => Truth::False,
            None => Truth::Unknown,
        });
    }
    let open = subnet.prefixes.open.is_some() || (subnet.prefixes.items.is_empty() && subnet.head.existing);
    if open { best.or(Truth::Unknown) } else { best }
}

fn egress(m: &Model, s: Subject) -> &Egress {
    &m.derived().egress[s.at()]
}

pub(super) const EGRESS_ADDRESS: Kind<Model> = Kind {
    name: Name::EgressAddress.text(),
    doc: "A public address that a client of the input leaves through.",
    all: |m| Name::EgressAddress.all(m.derived().egress.len()),
    properties: &[
        property("address", Ty::Net, "The address.", |m, s| {
            let egress = egress(m, s);
            fact(Datum::Known(Scalar::Net(IpNet::from(egress.address))), egress.places.clone())
        }),
        property("client", Ty::Text, "Who leaves through it: NAT gateway ng-hub, AKS cluster aks-build.", |m, s| {
            let egress = egress(m, s);
            known_text(&egress.client, egress.places.clone())
        }),
    ],
    relations: &[],
};
