//! Which networks the clients of a registry are in, and which subnets reach it over a service endpoint.
//!
//! In: the graph. Out: [`ClientNetwork`]s and [`ServiceEndpointClient`]s of a registry. Must not know: records.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::catalog::Place;
use crate::catalog::answer::{note, place};
use crate::catalog::names;
use crate::graph::{Credential, Graph, Head, ImageHost, Link, List, Registry, Target};
use crate::resource::ResourceId;
use crate::value::{Attr, Pattern, Truth};

use super::cut_off::{CutOff, Seen, cut_off};
use super::pulls::Hosts;
use super::reach::{Networks, Reach, other_endpoint, same_network};

/// The service endpoint of registries.
const SERVICE: &str = "Microsoft.ContainerRegistry";

/// A virtual network that clients of a registry are in.
#[derive(Debug)]
pub(in crate::catalog) struct ClientNetwork {
    pub(in crate::catalog) registry: u32,
    pub(in crate::catalog) link: Link,
    /// Whether clients of the registry are in it.
    pub(in crate::catalog) related: Truth,
    /// One of the clients: its address, and where it names the network.
    pub(in crate::catalog) client: Arc<str>,
    /// The client has a resolver of its own, which is not that of the network.
    pub(in crate::catalog) own_resolver: bool,
    /// Clients are attached to it; else a private endpoint is all that is known to be in it.
    pub(in crate::catalog) attached: bool,
    pub(in crate::catalog) azure_dns: (Truth, Vec<Place>),
    pub(in crate::catalog) private_path: (Truth, Vec<Place>),
    /// Whether it has a private address of the registry and no way to it.
    pub(in crate::catalog) cut_off: CutOff,
    /// Zones `privatelink.<suffix>` that are or may be linked to it: zone, link, truth.
    pub(in crate::catalog) zones: Vec<(u32, u32, Truth)>,
}

/// A subnet from which a registry is reached over a service endpoint, or is meant to be.
#[derive(Debug)]
pub(in crate::catalog) struct ServiceEndpointClient {
    pub(in crate::catalog) registry: u32,
    pub(in crate::catalog) subnet: Link,
    /// The place to edit: the service endpoint, or the rule's id.
    pub(in crate::catalog) at: Place,
    pub(in crate::catalog) has_rule: (Truth, Vec<Place>),
    pub(in crate::catalog) has_endpoint: (Truth, Vec<Place>),
    pub(in crate::catalog) private_path: (Truth, Vec<Place>),
}

/// A client that is attached to a network.
pub(super) struct Attachment<'g> {
    address: Arc<str>,
    exists: Truth,
    network: &'g Link,
    /// The registries that the hosts which it pulls from name, where they are declared with it.
    named: Option<HashMap<u32, Truth>>,
    /// What any other registry is to it then.
    unnamed: Truth,
    /// The one registry that it serves, for an agent pool.
    only: Option<&'g Link>,
    /// What its network reaches, where only that tells whose client it is.
    reach: Option<Reach>,
    /// What it resolves names with, where that is not left to the network.
    resolver: Option<&'g Attr<Pattern>>,
}

/// Every client of the input that is attached to a network.
pub(super) fn attachments<'g>(graph: &'g Graph, hosts: &Hosts<'_>, reach: &Networks<'_>) -> Vec<Attachment<'g>> {
    let mut all: Vec<Attachment<'g>> = Vec::new();
    let plain = |head: &Head, network| Attachment {
        address: Arc::clone(&head.address),
        exists: head.exists,
        network,
        named: None,
        unnamed: Truth::False,
        only: None,
        reach: None,
        resolver: None,
    };
    for node in &graph.aks_clusters {
        all.extend(node.pools.items.iter().map(|pool| plain(&node.head, &pool.subnet.virtual_network)));
    }
    all.extend(graph.aks_pools.iter().map(|node| plain(&node.head, &node.subnet.virtual_network)));
    for node in &graph.virtual_machines {
        all.extend(node.subnets.items.iter().map(|subnet| plain(&node.head, &subnet.virtual_network)));
        for (interface, _) in node.interfaces.items.iter().flat_map(Link::targets) {
            let Some(interface) = graph.network_interfaces.get(interface as usize) else { continue };
            all.extend(interface.subnets.items.iter().map(|subnet| plain(&node.head, &subnet.virtual_network)));
        }
    }
    for node in &graph.agent_pools {
        all.push(Attachment { only: Some(&node.registry), ..plain(&node.head, &node.subnet.virtual_network) });
    }
    let pulling = |attachment, images: &'g List<ImageHost>, credentials: &'g [Credential]| {
        let written = images.items.iter().map(|image| &image.host);
        let servers = credentials.iter().map(|credential| &credential.server);
        let mut named: HashMap<u32, Truth> = HashMap::new();
        for (registry, truth) in written.chain(servers).flat_map(|host| hosts.find(host)) {
            named.entry(registry).and_modify(|known| *known = known.or(truth)).or_insert(truth);
        }
        let unnamed = if images.open.is_some() { Truth::Unknown } else { Truth::False };
        Attachment { named: Some(named), unnamed, ..attachment }
    };
    for node in &graph.container_groups {
        all.extend(
            node.subnets.items.iter().map(|subnet| {
                pulling(plain(&node.head, &subnet.virtual_network), &node.images, &node.credentials.items)
            }),
        );
    }
    for node in &graph.web_apps {
        all.push(pulling(plain(&node.head, &node.subnet.virtual_network), &node.images, &[]));
    }
    for node in &graph.container_apps {
        for (environment, truth) in node.environment.targets() {
            let Some(environment) = graph.managed_environments.get(environment as usize) else { continue };
            let attachment = plain(&node.head, &environment.subnet.virtual_network);
            let exists = attachment.exists.and(truth);
            all.push(pulling(Attachment { exists, ..attachment }, &node.images, &node.credentials.items));
        }
    }
    for node in &graph.clients {
        let resolver = (!node.resolver.is_absent()).then_some(&node.resolver);
        let named = (!node.registries.items.is_empty()).then(|| {
            let all = (0_u32..).zip(&graph.registries);
            all.map(|(at, registry)| (at, pulls_by_name(&node.registries, registry))).collect()
        });
        all.push(Attachment { named, resolver, ..plain(&node.head, &node.subnet.virtual_network) });
    }
    all.retain(|attachment| !matches!(attachment.network.target, Target::Absent));
    let private = (0_u32..).zip(&graph.registries).filter(|(at, _)| !reach.endpoints(*at).is_empty());
    let several = private.count() > 1;
    // Of the clients that tell nothing of themselves, one stands for all of its network.
    let mut first: HashMap<String, usize> = HashMap::new();
    let mut distinct: Vec<Attachment<'g>> = Vec::new();
    for mut attachment in all {
        if attachment.named.is_none() && attachment.only.is_none() && attachment.resolver.is_none() {
            let key = network_key(graph, attachment.network);
            if let Some(same) = first.get(&key).and_then(|&at| distinct.get_mut(at)) {
                same.exists = same.exists.or(attachment.exists);
                continue;
            }
            if attachment.exists == Truth::False {
                continue;
            }
            first.insert(key, distinct.len());
            attachment.reach = several.then(|| reach.reach(attachment.network));
        }
        if attachment.named.is_none() && attachment.only.is_none() && attachment.reach.is_none() && several {
            attachment.reach = Some(reach.reach(attachment.network));
        }
        distinct.push(attachment);
    }
    distinct
}

/// Whether a list of names of registries names one; without any name it means all of them.
pub(in crate::catalog) fn pulls_by_name(list: &List<Attr<Pattern>>, registry: &Registry) -> Truth {
    let means = |name: &Attr<Pattern>| {
        let [name, own] = [name, &registry.head.name].map(|attr| attr.value().map(Pattern::to_lowercase));
        name.zip(own).map_or(Truth::Unknown, |(name, own)| name.same(&own))
    };
    if list.items.is_empty() {
        return Truth::True;
    }
    list.items.iter().fold(Truth::False, |truth, name| truth.or(means(name)))
}

/// Whether a client pulls from a registry, as far as its hosts tell.
///
/// Nothing tells what an AKS cluster or a machine pulls. Where one registry of the input has private endpoints, it is
/// taken for that one's client; where several have, for a client of those whose endpoints are in its reach.
fn pulls_from(attachment: &Attachment<'_>, reach: &Networks<'_>, registry: u32) -> Truth {
    match (attachment.only, &attachment.named, &attachment.reach) {
        (Some(only), ..) => only.leads_to(registry),
        (None, Some(named), _) => named.get(&registry).copied().unwrap_or(attachment.unnamed),
        (None, None, None) => Truth::True,
        (None, None, Some(found)) => reach.reaches(found, registry),
    }
}

/// A network that a client is in.
struct Found<'g> {
    related: Truth,
    client: Arc<str>,
    link: &'g Link,
    resolver: Option<&'g Attr<Pattern>>,
}

/// So many networks are taken for those of perhaps a client of a registry, where nothing but reach can tell; beyond that
/// it is only known that there are more.
const UNSURE: usize = 16;

/// The networks of a registry's clients; without clients, those of its private endpoints. Then a place where there are
/// more.
pub(super) fn networks(
    graph: &Graph,
    registry: u32,
    attachments: &[Attachment<'_>],
    reach: &Networks<'_>,
    suffixes: &[&str],
) -> (Vec<ClientNetwork>, Option<Place>) {
    let mut found: Vec<Found<'_>> = Vec::new();
    let (mut unsure, mut more) = (0_usize, None);
    for attachment in attachments {
        let truth = pulls_from(attachment, reach, registry).and(attachment.exists);
        if truth == Truth::Unknown && attachment.reach.is_some() {
            unsure += 1;
            if unsure > UNSURE {
                more = more.or_else(|| {
                    let text = "nobody knows of this network, and perhaps of others, whether clients of it are in it";
                    Some(note(attachment.network.origin, text))
                });
                continue;
            }
        }
        if truth != Truth::False {
            let (client, resolver) = (Arc::clone(&attachment.address), attachment.resolver);
            found.push(Found { related: truth, client, link: attachment.network, resolver });
        }
    }
    let attached = !found.is_empty();
    if !attached {
        for &(at, truth) in reach.endpoints(registry) {
            if let Some(node) = graph.private_endpoints.get(at as usize)
                && !matches!(node.subnet.virtual_network.target, Target::Absent)
            {
                let client = Arc::clone(&node.head.address);
                found.push(Found { related: truth, client, link: &node.subnet.virtual_network, resolver: None });
            }
        }
        if let Some(other) = other_endpoint(graph, registry) {
            let text = "nobody knows whether this private endpoint, and perhaps others, are the registry's";
            more = Some(note(other.subnet.subnet.origin, text));
        }
    }
    let mut by_key: HashMap<String, usize> = HashMap::new();
    let mut networks: Vec<ClientNetwork> = Vec::new();
    for Found { related, client, link, resolver } in found {
        let own =
            resolver.map_or_else(String::new, |resolver| format!(" {}", names::pattern(resolver).unwrap_or_default()));
        let key = network_key(graph, link) + &own;
        if let Some(network) = by_key.get(&key).and_then(|&at| networks.get_mut(at)) {
            network.related = network.related.or(related);
            continue;
        }
        by_key.insert(key, networks.len());
        let azure_dns = resolver.map_or_else(
            || azure_dns(graph, link),
            |resolver| (names::attr_is(resolver, names::AZURE_DNS), vec![place(resolver.origin)]),
        );
        let (private_path, zones) = (reach.in_reach(registry, link), linked_zones(graph, reach, link, suffixes));
        let (path, dns) = (private_path.0, azure_dns.0);
        let seen = Seen { registry, link, private_path: path, azure_dns: dns, zones: &zones };
        networks.push(ClientNetwork {
            registry,
            related,
            client,
            attached,
            own_resolver: resolver.is_some(),
            azure_dns,
            cut_off: cut_off(graph, reach, &seen),
            private_path,
            zones,
            link: link.clone(),
        });
    }
    (networks, more)
}

pub(super) fn network_key(graph: &Graph, link: &Link) -> String {
    let node = link.node().and_then(|at| graph.virtual_networks.get(at)).map(|node| &node.head.id);
    match node.or(link.id.as_ref()) {
        Some(id) => id.key().to_owned(),
        None => format!("{}:{}", link.origin.at.file.0, link.origin.at.start),
    }
}

/// Whether a network resolves with Azure's own resolver.
pub(super) fn azure_dns(graph: &Graph, link: &Link) -> (Truth, Vec<Place>) {
    let Some(network) = link.node().and_then(|at| graph.virtual_networks.get(at)) else {
        return (Truth::Unknown, vec![place(link.origin)]);
    };
    let mut truth: Truth = if network.dns_servers.open.is_some() { Truth::Unknown } else { Truth::True };
    let mut places = vec![place(network.dns_servers.at)];
    for server in &network.dns_servers.items {
        let azure = names::attr_is(server, names::AZURE_DNS);
        if azure < truth {
            truth = azure;
            places = vec![place(server.origin)];
        }
    }
    (truth, places)
}

/// The zones of a kind that are or may be linked to a network: zone, link, truth.
pub(super) fn linked_zones(
    graph: &Graph,
    reach: &Networks<'_>,
    network: &Link,
    suffixes: &[&str],
) -> Vec<(u32, u32, Truth)> {
    let mut zones = Vec::new();
    for link_at in reach.links(network) {
        let Some(link) = graph.zone_links.get(link_at as usize) else { continue };
        let linked = same_network(graph, &link.virtual_network, network).and(link.head.exists);
        if linked == Truth::False {
            continue;
        }
        for (zone_at, belongs) in link.zone.targets() {
            let Some(zone) = graph.zones.get(zone_at as usize) else { continue };
            let right = names::is_main_zone(&zone.head.name, suffixes);
            let truth = linked.and(belongs).and(right).and(zone.head.exists);
            if truth != Truth::False {
                zones.push((zone_at, link_at, truth));
            }
        }
    }
    zones
}

/// The subnets that a registry's rules name, and those with a service endpoint that no other registry's rule claims.
pub(super) fn service_endpoint_clients(
    graph: &Graph,
    registry: u32,
    subnets: &[EndpointSubnet],
    reach: &Networks<'_>,
) -> Vec<ServiceEndpointClient> {
    let Some(node) = graph.registries.get(registry as usize) else { return Vec::new() };
    let mut clients: Vec<ServiceEndpointClient> = Vec::new();
    let mut seen: HashSet<String> = HashSet::new();
    for rule in &node.virtual_network_rules.items {
        let link = &rule.subnet.subnet;
        let Some(id) = &link.id else { continue };
        let subnet = link.node().and_then(|at| graph.subnets.get(at));
        let key = subnet.map_or(id.key(), |subnet| subnet.head.id.key()).to_owned();
        if !seen.insert(key) {
            continue;
        }
        let has_endpoint = match subnet {
            Some(subnet) => service_endpoint(subnet),
            None => (Truth::Unknown, vec![place(link.origin)]),
        };
        let at = if has_endpoint.0 == Truth::True { has_endpoint.1.first().cloned() } else { None };
        clients.push(ServiceEndpointClient {
            registry,
            subnet: link.clone(),
            at: at.unwrap_or_else(|| place(link.origin)),
            has_rule: (Truth::True, vec![note(link.origin, "this rule of virtualNetworkRules allows the subnet")]),
            has_endpoint,
            private_path: reach.in_reach(registry, &rule.subnet.virtual_network),
        });
    }
    for found in subnets {
        let Some(subnet) = graph.subnets.get(found.subnet as usize) else { continue };
        let claimed = found.claimed_by.iter().any(|other| *other != registry);
        if claimed || seen.contains(subnet.head.id.key()) {
            continue;
        }
        let (at, has_endpoint) = (found.subnet, found.has_endpoint.clone());
        let origin = has_endpoint.1.first().map_or(subnet.head.name.origin, |place| place.origin);
        let has_rule = has_rule(graph, registry, at, &subnet.head.id);
        let network = Link { origin, ..subnet.virtual_network.clone() };
        clients.push(ServiceEndpointClient {
            registry,
            subnet: Link { id: Some(subnet.head.id.clone()), origin, target: Target::Node(at) },
            at: place(origin),
            has_rule,
            has_endpoint,
            private_path: reach.in_reach(registry, &network),
        });
    }
    clients
}

/// A subnet with the service endpoint of registries.
#[derive(Debug)]
pub(super) struct EndpointSubnet {
    subnet: u32,
    has_endpoint: (Truth, Vec<Place>),
    /// The registries with a rule that certainly names it.
    claimed_by: Vec<u32>,
}

/// Every subnet of the input with the service endpoint of registries.
pub(super) fn endpoint_subnets(graph: &Graph) -> Vec<EndpointSubnet> {
    let mut claims: HashMap<usize, Vec<u32>> = HashMap::new();
    for (at, registry) in (0_u32..).zip(&graph.registries) {
        for subnet in registry.virtual_network_rules.items.iter().filter_map(|rule| rule.subnet.subnet.node()) {
            claims.entry(subnet).or_default().push(at);
        }
    }
    let subnets = (0_u32..).zip(&graph.subnets).map(|(subnet, node)| EndpointSubnet {
        subnet,
        has_endpoint: service_endpoint(node),
        claimed_by: claims.remove(&(subnet as usize)).unwrap_or_default(),
    });
    subnets.filter(|found| found.has_endpoint.0 == Truth::True).collect()
}

fn has_rule(graph: &Graph, registry: u32, subnet: u32, id: &ResourceId) -> (Truth, Vec<Place>) {
    let Some(node) = graph.registries.get(registry as usize) else { return (Truth::Unknown, Vec::new()) };
    let rules = &node.virtual_network_rules;
    let mut best =
        (Truth::False, vec![note(rules.at, &format!("no rule names {}", names::of_id(id).unwrap_or_default()))]);
    for rule in &rules.items {
        let truth = rule.subnet.subnet.leads_to(subnet);
        if truth > best.0 {
            best = (truth, vec![place(rule.subnet.subnet.origin)]);
        }
    }
    if best.0 == Truth::False && rules.open.is_some() {
        best = (Truth::Unknown, vec![place(rules.at)]);
    }
    best
}

/// Whether a subnet has the service endpoint of registries, and the place of it.
pub(super) fn service_endpoint(subnet: &crate::graph::Subnet) -> (Truth, Vec<Place>) {
    let list = &subnet.service_endpoints;
    let mut best = (Truth::False, vec![place(list.at)]);
    for service in &list.items {
        let truth = names::attr_is(service, SERVICE);
        if truth > best.0 {
            best = (truth, vec![place(service.origin)]);
        }
    }
    if best.0 == Truth::False && list.open.is_some() {
        best.0 = Truth::Unknown;
    }
    best.0 = best.0.and(subnet.head.exists);
    best
}
