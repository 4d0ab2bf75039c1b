//! Whose records the records of private zones are, and whether their addresses are those of private endpoints.
//!
//! In: the graph. Out: [`RecordTarget`]s. Must not know: what to say of them.
//!
//! A private endpoint of a registry has an address for each member: the registry itself, the data endpoint of each region,
//! and with regional endpoints one more for each region ("Connect privately to a registry using Private Link"). Its network
//! interface shows which is which, and while nothing keeps its records the endpoint itself; without those a static
//! configuration does; without all, all addresses are in its subnet.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::catalog::Place;
use crate::catalog::answer::{home, note, place};
use crate::catalog::names;
use crate::graph::{ARecord, Graph, Link, PrivateEndpoint, Target};
use crate::value::{Attr, Origin, Pattern, Truth};

use super::reach::{endpoints, same_network};

/// A record of a registry.
#[derive(Debug)]
pub(in crate::catalog) struct RecordTarget {
    pub(in crate::catalog) registry: u32,
    /// Whether its zone is one of registries.
    pub(in crate::catalog) related: Truth,
    /// For each address, what the endpoints of the registry have to do with it.
    pub(in crate::catalog) answers: Vec<Vec<Answer>>,
    /// For each address, whether it is one of an endpoint in another network than those before it.
    pub(in crate::catalog) other_network: Vec<(Truth, Vec<Place>)>,
}

/// What an endpoint has to do with an address of a record.
#[derive(Debug)]
pub(in crate::catalog) struct Answer {
    pub(in crate::catalog) endpoint: u32,
    /// Whether it answers there for the name of the record.
    pub(in crate::catalog) fits: Truth,
    /// Azure chooses its addresses when it is deployed, and may choose this one.
    pub(in crate::catalog) chosen: bool,
    /// What shows its addresses.
    pub(in crate::catalog) at: Place,
}

/// For each A record of the input the registry that it is for, where that is certain.
pub(super) fn targets(graph: &Graph) -> Vec<Option<RecordTarget>> {
    let bases = Bases::new(graph);
    graph.a_records.iter().map(|record| target(graph, &bases, record)).collect()
}

/// What the names of registries begin with.
struct Bases {
    written: HashMap<String, u32>,
    with_holes: Vec<(Pattern, u32)>,
}

impl Bases {
    fn new(graph: &Graph) -> Self {
        let mut bases = Self { written: HashMap::new(), with_holes: Vec::new() };
        for (at, registry) in (0_u32..).zip(&graph.registries) {
            let Ok(base) = names::base(registry).map(|base| base.to_lowercase()) else { continue };
            match base.as_literal() {
                Some(text) => _ = bases.written.entry(text.to_owned()).or_insert(at),
                None => bases.with_holes.push((base, at)),
            }
        }
        bases
    }

    /// The registry that a name begins with, and what follows.
    fn find(&self, name: &Pattern) -> Option<(u32, Pattern)> {
        if let Some(text) = name.as_literal() {
            let (base, rest) = text.split_once('.').map_or((text, ""), |(base, rest)| (base, rest));
            return Some((*self.written.get(base)?, Pattern::literal(rest)));
        }
        self.with_holes.iter().find_map(|(base, at)| {
            let rest = names::strip_start(name, base)?;
            let rest = if rest.parts().is_empty() { rest } else { names::strip_start(&rest, &Pattern::literal("."))? };
            Some((*at, rest))
        })
    }
}

/// What an endpoint calls that which a record is for.
fn member(rest: &Pattern, region_of_zone: Option<&Pattern>) -> Option<Pattern> {
    let with = |start: &str, region: &Pattern| {
        let mut member = Pattern::literal(start);
        member.push(region);
        Some(member)
    };
    match (region_of_zone, rest.parts().is_empty() || rest.as_literal() == Some("")) {
        (Some(region), true) => with("registry_data_", region),
        (None, true) => Some(Pattern::literal("registry")),
        (Some(_), false) => None,
        (None, false) => match (names::strip_end(rest, ".data"), names::strip_end(rest, ".geo")) {
            (Some(region), _) => with("registry_data_", &region),
            (None, Some(region)) => with("registry_", &region),
            (None, None) => None,
        },
    }
}

fn target(graph: &Graph, bases: &Bases, record: &ARecord) -> Option<RecordTarget> {
    let name = names::pattern(&record.head.name)?.to_lowercase();
    let (registry, rest) = bases.find(&name)?;
    let suffixes = names::suffixes(graph.registries.get(registry as usize)?);
    let (zone, belongs) = record.zone.targets().into_iter().max_by_key(|(_, truth)| *truth)?;
    let zone = &graph.zones.get(zone as usize)?.head;
    let region = names::pattern(&zone.name).and_then(|name| names::region_of_zone(&name.to_lowercase(), suffixes));
    let member = member(&rest, region.as_ref())?;
    let asked = Asked { member, hosts: hosts(&name, region.as_ref(), suffixes) };
    let right = if region.is_some() { Truth::True } else { names::is_main_zone(&zone.name, suffixes) };
    let related = right.and(belongs).and(zone.exists).and(record.head.exists);
    if related == Truth::False {
        return None;
    }
    let endpoints = endpoints(graph, registry);
    let answer = |address: &Attr<Pattern>| {
        let answers = endpoints.iter().filter_map(|&(at, truth)| {
            let node = graph.private_endpoints.get(at as usize)?;
            let (fits, place) = answers(graph, node, &asked, address);
            let fixed = !node.ip_configurations.items.is_empty() || node.ip_configurations.open.is_some();
            let chosen = fits == Truth::Unknown && !fixed && !node.head.seen && !node.head.existing;
            Some(Answer { endpoint: at, fits: fits.and(truth), chosen, at: place })
        });
        answers.collect::<Vec<_>>()
    };
    let answers: Vec<Vec<Answer>> = record.addresses.items.iter().map(answer).collect();
    let other_network = (0..answers.len()).map(|number| other_network(graph, record, &answers, number)).collect();
    Some(RecordTarget { registry, related, answers, other_network })
}

/// What clients ask for who use a record.
struct Asked {
    /// What an endpoint calls it.
    member: Pattern,
    /// The names that clients ask for, in each cloud that the registry may be in.
    hosts: Vec<Pattern>,
}

/// The names that clients ask for who use a record.
fn hosts(record: &Pattern, region_of_zone: Option<&Pattern>, suffixes: &[&str]) -> Vec<Pattern> {
    let host = |suffix: &&str| {
        let mut host = record.clone();
        if let Some(region) = region_of_zone {
            host.push_str(".");
            host.push(region);
            host.push_str(".data");
        }
        host.push_str(".");
        host.push_str(suffix);
        host
    };
    suffixes.iter().map(host).collect()
}

/// Whether an endpoint answers at an address for what clients ask.
fn answers(graph: &Graph, node: &PrivateEndpoint, asked: &Asked, address: &Attr<Pattern>) -> (Truth, Place) {
    let wanted = names::pattern(address).map(|address| address.to_lowercase());
    let equal = |other: &Attr<Pattern>| match (&wanted, names::pattern(other)) {
        (Some(wanted), Some(other)) => wanted.same(&other.to_lowercase()),
        (None | Some(_), _) => Truth::Unknown,
    };
    let named = |name: &Attr<Pattern>| match names::pattern(name) {
        Some(name) => name.to_lowercase().same(&asked.member),
        None => Truth::Unknown,
    };
    let of_host = |host: &Attr<Pattern>| match names::pattern(host).map(|host| host.to_lowercase()) {
        Some(host) => asked.hosts.iter().map(|asked| host.same(asked)).max().unwrap_or(Truth::Unknown),
        None => Truth::Unknown,
    };
    let interfaces = node.interfaces.items.iter().filter_map(Link::node);
    let interfaces: Vec<_> = interfaces.filter_map(|at| graph.network_interfaces.get(at)).collect();
    let shown = interfaces.iter().flat_map(|interface| &interface.addresses.items);
    let shown = shown.map(|shown| (named(&shown.member), &shown.address));
    let fixed = node.ip_configurations.items.iter().map(|fixed| (named(&fixed.member_name), &fixed.address));
    // Only an endpoint that is there says at which addresses it answers.
    let configs = node.custom_dns.items.iter().filter(|_| node.head.seen && !node.head.existing);
    let said = configs.flat_map(|config| config.addresses.items.iter().map(|its| (of_host(&config.host), its)));
    let mut best: Option<(Truth, Truth, Origin)> = None;
    for (mine, its) in shown.chain(fixed).chain(said) {
        let same = mine.and(equal(its));
        if mine != Truth::False && best.as_ref().is_none_or(|(truth, sure, _)| (same, mine) > (*truth, *sure)) {
            best = Some((same, mine, its.origin));
        }
    }
    match best {
        Some((Truth::Unknown, _, at)) if wanted.is_none() => (Truth::Unknown, place(at)),
        Some((truth, _, at)) => (truth, note(at, "a private endpoint of the registry answers for this name here")),
        // What an interface shows is all that the endpoint answers for.
        None if !interfaces.is_empty() && interfaces.iter().all(|interface| interface.addresses.open.is_none()) => {
            (Truth::False, note(home(&node.head), "this endpoint does not answer for the name"))
        }
        None => in_subnet(graph, node, address),
    }
}

/// Whether an address may be one of an endpoint of which only the subnet is known.
fn in_subnet(graph: &Graph, node: &PrivateEndpoint, address: &Attr<Pattern>) -> (Truth, Place) {
    let link = &node.subnet.subnet;
    let unknown = (Truth::Unknown, place(link.origin));
    let Some(subnet) = link.node().and_then(|at| graph.subnets.get(at)) else { return unknown };
    let literal = |attr: &Attr<Pattern>| attr.as_literal().map(str::to_owned);
    let Some(address) = literal(address).and_then(|text| text.parse::<IpAddr>().ok()) else { return unknown };
    let prefixes = subnet.prefixes.items.iter().map(|prefix| literal(prefix)?.parse::<IpNet>().ok());
    let prefixes: Option<Vec<IpNet>> = prefixes.collect();
    match prefixes {
        Some(prefixes) if !prefixes.is_empty() && subnet.prefixes.open.is_none() => {
            if prefixes.iter().any(|prefix| prefix.contains(&address)) {
                return unknown;
            }
            let at = subnet.prefixes.items.first().map_or(subnet.prefixes.at, |prefix| prefix.origin);
            (Truth::False, note(at, "every address of the private endpoint is in this range"))
        }
        Some(_) | None => unknown,
    }
}

/// Whether an address belongs to an endpoint in another network than those that stand before it in the record.
fn other_network(graph: &Graph, record: &ARecord, answers: &[Vec<Answer>], number: usize) -> (Truth, Vec<Place>) {
    let at = record.addresses.items.get(number).map_or(record.addresses.at, |address| address.origin);
    let certain = |answers: &[Answer]| -> Vec<(u32, Place)> {
        let certain = answers.iter().filter(|answer| answer.fits == Truth::True);
        certain.map(|answer| (answer.endpoint, answer.at.clone())).collect()
    };
    let network = |endpoint: u32| {
        let link = &graph.private_endpoints.get(endpoint as usize)?.subnet.virtual_network;
        (!matches!(link.target, Target::Absent)).then_some(link)
    };
    let own = answers.get(number).map(Vec::as_slice).unwrap_or_default();
    let before = answers.get(..number).unwrap_or_default();
    for (mine, my_place) in certain(own) {
        for (other, other_place) in before.iter().flat_map(|answers| certain(answers)) {
            let (Some(a), Some(b)) = (network(mine), network(other)) else { continue };
            if same_network(graph, a, b) == Truth::False {
                return (Truth::True, vec![place(at), my_place, other_place]);
            }
        }
    }
    let unsure = |answers: &[Answer]| answers.iter().any(|answer| answer.fits == Truth::Unknown);
    let unknown = !before.is_empty() && (unsure(own) || before.iter().any(|answers| unsure(answers)));
    (if unknown { Truth::Unknown } else { Truth::False }, vec![place(at)])
}
