//! How clients are set up: names that they pin to addresses, proxies that they go through, resolvers that they ask.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.

use super::answer::{decided, fact, known_text, many, note, one, place, property, registries_meant, text};
use super::derive::{endpoints, endpoints_known, regions};
use super::head::{ADDRESS, NAME};
use super::model::Name;
use super::{Completeness, Datum, Fact, Kind, Member, Model, Place, Related, Subject, Ty, names};
use crate::graph::{Forwarder, Graph, HostsEntry, Link, Proxy, Registry};
use crate::source::FileId;
use crate::value::{Attr, Truth};

/// The name of a registry's endpoint, taken apart.
struct Host<'t> {
    base: &'t str,
    /// `registry`, `registry_data_<region>` or `registry_<region>`.
    member: String,
}

/// Takes a host apart; `None` where it is none of a registry.
fn host(text: &str) -> Option<Host<'_>> {
    let front = names::SUFFIXES.iter().find_map(|suffix| text.strip_suffix(suffix)?.strip_suffix('.'))?;
    let front = front.strip_suffix(".privatelink").unwrap_or(front);
    let labels: Vec<&str> = front.split('.').collect();
    let (base, member) = match labels.as_slice() {
        [base] => (*base, "registry".to_owned()),
        [base, region, "data"] => (*base, format!("registry_data_{region}")),
        [base, region, "geo"] => (*base, format!("registry_{region}")),
        [] | [..] => return None,
    };
    Some(Host { base, member })
}

fn is_base(base: &str, registry: &Registry) -> Truth {
    names::base(registry).map_or(Truth::Unknown, |own| names::same(&own, base))
}

fn entry(m: &Model, s: Subject) -> &HostsEntry {
    &m.graph.hosts_entries[s.at()]
}

/// The registries that an entry pins a name of.
fn pinned(m: &Model, s: Subject) -> Related {
    let entry = entry(m, s);
    let at = place(entry.host.origin);
    let name = entry.host.as_literal().unwrap_or_default();
    let Some(host) = host(name) else {
        return Related { members: Vec::new(), complete: Completeness::Complete(at) };
    };
    let all = (0_u32..).zip(&m.graph.registries).map(|(node, registry)| (node, is_base(host.base, registry)));
    registries_meant(all, at, |place| {
        let settle = format!("the output of `az acr show --name {}`", host.base);
        Completeness::Incomplete { place, settle: settle.into() }
    })
}

pub(super) const HOSTS_ENTRY: Kind<Model> = Kind {
    name: Name::HostsEntry.text(),
    doc: "A name of a registry that a hosts file, or a resolver, pins to an address.",
    all: |m| Name::HostsEntry.all(m.graph.hosts_entries.len()),
    properties: &[
        NAME,
        ADDRESS,
        property("host", Ty::Text, "The name that is pinned.", |m, s| text(&entry(m, s).host)),
        property("pinnedAddress", Ty::Text, "The address that it is pinned to.", |m, s| text(&entry(m, s).address)),
        property("login", Ty::Bool, "The name is that of the login server.", |m, s| {
            let entry = entry(m, s);
            let login = entry.host.as_literal().and_then(host).is_some_and(|host| host.member == "registry");
            decided(login.into(), "the name", vec![place(entry.host.origin)])
        }),
        property(
            "matchesEndpoint",
            Ty::Bool,
            "The address is that of a private endpoint of the registry, for this name.",
            matches_endpoint,
        ),
        property("dataHostPinned", Ty::Bool, "The same file pins a data endpoint of the registry too.", |m, s| {
            let entry = entry(m, s);
            let base = entry.host.as_literal().and_then(host).map(|host| host.base);
            let beside = m.graph.hosts_entries.iter().find(|other| {
                let theirs = other.host.as_literal().and_then(host);
                file_of(&other.head) == file_of(&entry.head)
                    && theirs.is_some_and(|host| Some(host.base) == base && host.member.starts_with("registry_data_"))
            });
            let places = beside.map_or(place(entry.host.origin), |other| place(other.host.origin));
            decided(beside.is_some().into(), "the other names", vec![places])
        }),
    ],
    relations: &[one("registry", Name::Registry.text(), "The registry whose name is pinned.", pinned)],
};

fn file_of(head: &crate::graph::Head) -> Option<FileId> {
    head.places.first().map(|places| places.whole.file)
}

fn matches_endpoint(m: &Model, s: Subject) -> Fact {
    let entry = entry(m, s);
    let mut places = vec![place(entry.address.origin)];
    let name = entry.host.as_literal().and_then(host);
    let registry = pinned(m, s).members.into_iter().find(|member| member.related == Truth::True);
    let (Some(host), Some(registry)) = (name, registry) else {
        return decided(Truth::Unknown, "the registry of this name", places);
    };
    let (known, all) = addresses(&m.graph, registry.subject.node, &host.member);
    let found = known.iter().find(|(address, _)| entry.address.as_literal() == Some(address));
    let truth = match (found, all) {
        (Some(_), _) => Truth::True,
        (None, true) => Truth::False,
        (None, false) => Truth::Unknown,
    };
    match found {
        Some((_, at)) => places.push(at.clone()),
        None => places.extend(known.into_iter().map(|(_, at)| at)),
    }
    decided(truth, "the addresses of the private endpoints of the registry", places)
}

/// The addresses that private endpoints of a registry answer for a member with, and whether these are all.
fn addresses(graph: &Graph, registry: u32, member: &str) -> (Vec<(String, Place)>, bool) {
    let (mut found, mut all) = (Vec::new(), endpoints_known(graph, registry));
    for (at, truth) in endpoints(graph, registry) {
        let Some(endpoint) = graph.private_endpoints.get(at as usize) else { continue };
        all &= truth == Truth::True;
        let interfaces = endpoint.interfaces.items.iter().filter_map(Link::node);
        let shown = interfaces.filter_map(|at| graph.network_interfaces.get(at)).flat_map(|nic| &nic.addresses.items);
        let shown = shown.map(|address| (&address.member, &address.address));
        let fixed = endpoint.ip_configurations.items.iter().map(|fixed| (&fixed.member_name, &fixed.address));
        let before = found.len();
        for (name, address) in shown.chain(fixed) {
            let (Some(name), Some(text)) = (name.as_literal(), address.as_literal()) else {
                all = false;
                continue;
            };
            if name.eq_ignore_ascii_case(member) {
                found.push((text.to_owned(), note(address.origin, "the endpoint answers here")));
            }
        }
        all &= found.len() > before;
    }
    (found, all)
}

fn proxy(m: &Model, s: Subject) -> &Proxy {
    &m.graph.proxies[s.at()]
}

pub(super) const PROXY: Kind<Model> = Kind {
    name: Name::Proxy.text(),
    doc: "A proxy that a program goes through, as its configuration says.",
    all: |m| Name::Proxy.all(m.graph.proxies.len()),
    properties: &[
        NAME,
        ADDRESS,
        property("scope", Ty::Text, "Who goes through it: daemon, which pulls images, or containers.", |m, s| {
            text(&proxy(m, s).scope)
        }),
        property("httpsProxy", Ty::Text, "Its address for https, without a login.", |m, s| text(&proxy(m, s).https)),
        property("httpProxy", Ty::Text, "Its address for http, without a login.", |m, s| text(&proxy(m, s).http)),
        property("noProxy", Ty::Text, "The hosts that do not go through it.", |m, s| text(&proxy(m, s).no_proxy)),
    ],
    relations: &[many(
        "registries",
        Name::ProxiedRegistry.text(),
        "The registries of the input, each with whether it goes through the proxy.",
        |m, s| {
            let proxy = proxy(m, s);
            let at = if proxy.https.is_absent() { proxy.http.origin } else { proxy.https.origin };
            let all = (1_u32..).zip(&m.graph.registries).map(|(element, registry)| Member {
                subject: Subject { kind: Name::ProxiedRegistry.id(), node: s.node, element },
                related: registry.head.exists,
                places: vec![place(at)],
            });
            let members = all.filter(|member| member.related != Truth::False).collect();
            Related { members, complete: Completeness::Complete(place(at)) }
        },
    )],
};

pub(super) const PROXIED_REGISTRY: Kind<Model> = Kind {
    name: Name::ProxiedRegistry.text(),
    doc: "A registry of the input beside a proxy.",
    all: |_| Vec::new(),
    properties: &[property(
        "exempt",
        Ty::Bool,
        "The proxy is not used for its login server, nor for its data endpoints.",
        exempt,
    )],
    relations: &[one("registry", Name::Registry.text(), "The registry.", |m, s| {
        let at = place(proxy(m, s).head.name.origin);
        let node = u32::try_from(s.element_at()).unwrap_or(u32::MAX);
        let members =
            vec![Member { subject: Name::Registry.node(node), related: Truth::True, places: vec![at.clone()] }];
        Related { members, complete: Completeness::Complete(at) }
    })],
};

fn exempt(m: &Model, s: Subject) -> Fact {
    let proxy = proxy(m, s);
    let unset = proxy.https.origin;
    let at = if proxy.no_proxy.is_absent() { unset } else { proxy.no_proxy.origin };
    let places = vec![place(at)];
    let node = u32::try_from(s.element_at()).unwrap_or(u32::MAX);
    let Some(registry) = m.graph.registries.get(s.element_at()) else {
        return decided(Truth::Unknown, "the registry", places);
    };
    let base = names::base(registry).ok().and_then(|base| base.as_literal().map(str::to_lowercase));
    let (Some(base), [suffix]) = (base, names::suffixes(registry)) else {
        return decided(Truth::Unknown, "the hosts of the registry", places);
    };
    let list = proxy.no_proxy.as_literal().unwrap_or_default();
    let mut truth = Truth::from(covers(list, &format!("{base}.{suffix}")));
    for region in regions(&m.graph, node) {
        let covered = match region.name.as_literal() {
            Some(region) => covers(list, &format!("{base}.{region}.data.{suffix}")).into(),
            None => Truth::Unknown,
        };
        truth = truth.and(covered.or(if region.truth == Truth::True { Truth::False } else { Truth::Unknown }));
    }
    decided(truth, "the regions of the registry", places)
}

/// Whether a list of hosts without a proxy has a host, as programs written in Go read it: a name stands for itself and
/// what is below, with a dot or `*.` in front for what is below only.
fn covers(list: &str, host: &str) -> bool {
    list.split([',', ' ']).map(|entry| entry.trim().to_ascii_lowercase()).any(|entry| {
        let name = entry.split_once(':').map_or(entry.as_str(), |(name, _)| name);
        let below = name.strip_prefix("*.").or_else(|| name.strip_prefix('.'));
        match below {
            _ if name == "*" => true,
            Some(domain) => host.strip_suffix(domain).is_some_and(|front| front.ends_with('.')),
            None if name.is_empty() => false,
            None => host.strip_suffix(name).is_some_and(|front| front.is_empty() || front.ends_with('.')),
        }
    })
}

fn forwarder(m: &Model, s: Subject) -> &Forwarder {
    &m.graph.forwarders[s.at()]
}

pub(super) const FORWARDER: Kind<Model> = Kind {
    name: Name::Forwarder.text(),
    doc: "A zone that a resolver asks other servers for.",
    all: |m| Name::Forwarder.all(m.graph.forwarders.len()),
    properties: &[
        NAME,
        ADDRESS,
        property("zone", Ty::Text, "The zone in lower case; a dot for all names.", |m, s| text(&forwarder(m, s).zone)),
        property("server", Ty::Text, "The program whose configuration says so.", |m, s| text(&forwarder(m, s).server)),
        property("upstream", Ty::Text, "The first server that it asks.", |m, s| {
            let forwarder = forwarder(m, s);
            match forwarder.upstreams.items.first() {
                Some(first) => text(first),
                None => fact(Datum::Absent, vec![place(forwarder.upstreams.at)]),
            }
        }),
        property("privateLink", Ty::Bool, "The zone is privatelink.<suffix> of registries, or below.", |m, s| {
            let forwarder = forwarder(m, s);
            let private = forwarder.zone.as_literal().is_some_and(|zone| suffix_of(zone).is_some());
            decided(private.into(), "the zone", vec![place(forwarder.zone.origin)])
        }),
        property("publicZone", Ty::Text, "The same zone without privatelink: azurecr.io.", |m, s| {
            let forwarder = forwarder(m, s);
            match forwarder.zone.as_literal().and_then(suffix_of) {
                Some(suffix) => known_text(suffix, vec![place(forwarder.zone.origin)]),
                None => fact(Datum::Absent, vec![place(forwarder.zone.origin)]),
            }
        }),
        property(
            "publicZoneForwarded",
            Ty::Bool,
            "The same configuration forwards the zone without privatelink, or all names to the same server.",
            public_zone_forwarded,
        ),
    ],
    relations: &[],
};

/// The suffix of registries in a zone that has `privatelink` before it.
fn suffix_of(zone: &str) -> Option<&'static str> {
    let private = |suffix: &&&str| {
        let front = zone.strip_suffix(**suffix).and_then(|front| front.strip_suffix('.'));
        front.is_some_and(|front| front == "privatelink" || front.ends_with(".privatelink"))
    };
    names::SUFFIXES.iter().find(private).copied()
}

fn public_zone_forwarded(m: &Model, s: Subject) -> Fact {
    let own = forwarder(m, s);
    let at = place(own.zone.origin);
    let Some(suffix) = own.zone.as_literal().and_then(suffix_of) else { return fact(Datum::Absent, vec![at]) };
    let upstreams = |node: &Forwarder| -> Vec<String> {
        node.upstreams.items.iter().filter_map(Attr::as_literal).map(str::to_owned).collect()
    };
    let mine = upstreams(own);
    let found = m.graph.forwarders.iter().find(|other| {
        let zone = other.zone.as_literal().unwrap_or_default();
        let around = zone == "." || suffix.strip_suffix(zone).is_some_and(|front| front.ends_with('.'));
        let same = || upstreams(other).iter().any(|upstream| mine.contains(upstream));
        file_of(&other.head) == file_of(&own.head) && (zone == suffix || (around && same()))
    });
    match (found, own.include.is_absent()) {
        (Some(other), _) => decided(Truth::True, "the other zones", vec![place(other.zone.origin)]),
        (None, true) => decided(Truth::False, "the other zones", vec![at]),
        (None, false) => {
            decided(Truth::Unknown, "the zones of the file that is included", vec![place(own.include.origin)])
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{covers, host, suffix_of};

    #[test]
    fn hosts_without_a_proxy() {
        for list in ["*", ".azurecr.io", "*.azurecr.io", "azurecr.io:443", "x, a.azurecr.io", "localhost a.azurecr.io"]
        {
            assert!(covers(list, "a.azurecr.io"), "{list}");
        }
        for list in ["", "b.azurecr.io", ".a.azurecr.io", "zurecr.io", "10.0.0.0/8", ","] {
            assert!(!covers(list, "a.azurecr.io"), "{list}");
        }
    }

    #[test]
    fn names_of_registries() {
        let member = |text: &str| host(text).map(|host| format!("{} {}", host.base, host.member));
        assert_eq!(member("a.azurecr.io").as_deref(), Some("a registry"));
        assert_eq!(member("a.privatelink.azurecr.us").as_deref(), Some("a registry"));
        assert_eq!(member("a.westeurope.data.azurecr.io").as_deref(), Some("a registry_data_westeurope"));
        assert_eq!(member("a.westeurope.geo.privatelink.azurecr.cn").as_deref(), Some("a registry_westeurope"));
        assert_eq!(member("a.b.azurecr.io"), None);
        assert_eq!(member("azurecr.io"), None);
        assert_eq!(suffix_of("westeurope.data.privatelink.azurecr.io"), Some("azurecr.io"));
        assert_eq!(suffix_of("notprivatelink.azurecr.io"), None);
        assert_eq!(suffix_of("azurecr.io"), None);
    }
}
