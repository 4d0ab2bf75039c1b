//! From ids to edges.
//!
//! In: a graph whose links hold ids only. Out: the same graph with every link looked up, and children by parent.
//! Must not know: properties that are no reference.
//!
//! Ids that are certainly equal meet by their key. Only where none is equal are the others compared: an id with holes
//! with all of that kind, a literal one with those that have holes. Answers are kept, so that a reference which many
//! resources share is compared once.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::graph::{
    ConnectedEndpoints, Graph, Head, Incoming, Link, MANY, ServiceConnection, SubnetLink, Target, Written, Zone,
};
use crate::resource::{Places, ResourceId, TypeName};
use crate::source::Span;
use crate::value::{Attr, Hole, Origin, Part, Pattern, Symbol, Truth, Unknown};

use super::parent_of;

/// The nodes of one kind, by id.
#[derive(Debug, Default)]
struct Index {
    by_key: HashMap<String, u32>,
    ids: Vec<(ResourceId, Option<String>)>,
    with_holes: Vec<u32>,
    answers: HashMap<String, Target>,
}

impl Index {
    fn new<'a>(heads: impl Iterator<Item = &'a Head>) -> Self {
        let mut index = Self::default();
        for (at, head) in (0_u32..).zip(heads) {
            index.by_key.entry(head.id.key().to_owned()).or_insert(at);
            if head.id.pattern().first_hole().is_some() {
                index.with_holes.push(at);
            }
            index.ids.push((head.id.clone(), literal_name(&head.id)));
        }
        index
    }

    fn find(&mut self, id: &ResourceId) -> Target {
        if let Some(&at) = self.by_key.get(id.key()) {
            return Target::Node(at);
        }
        if let Some(target) = self.answers.get(id.key()) {
            return target.clone();
        }
        let target = self.compare(id);
        self.answers.insert(id.key().to_owned(), target.clone());
        target
    }

    fn compare(&self, id: &ResourceId) -> Target {
        let name = literal_name(id);
        let mut maybe = Vec::new();
        let mut judge = |at: u32| {
            let (other, other_name) = self.ids.get(at as usize)?;
            if let (Some(a), Some(b)) = (&name, other_name)
                && a != b
            {
                return None;
            }
            match id.same(other) {
                Truth::True => return Some(Target::Node(at)),
                Truth::Unknown => maybe.push(at),
                Truth::False => {}
            }
            None
        };
        let certain = if id.pattern().first_hole().is_some() {
            (0..u32::try_from(self.ids.len()).unwrap_or(u32::MAX)).find_map(&mut judge)
        } else {
            self.with_holes.iter().copied().find_map(&mut judge)
        };
        match certain {
            Some(target) => target,
            None if maybe.is_empty() => Target::Elsewhere,
            None => Target::Maybe(maybe),
        }
    }

    fn resolve(&mut self, link: &mut Link) {
        if let Some(id) = &link.id {
            link.target = self.find(id);
        }
    }
}

/// The last piece of an id in lower case, where it is literal.
fn literal_name(id: &ResourceId) -> Option<String> {
    if id.pattern().first_hole().is_none() {
        return id.key().rsplit('/').next().map(str::to_owned);
    }
    let piece = super::last_piece(id.pattern())?;
    piece.as_literal().filter(|text| !text.is_empty()).map(str::to_lowercase)
}

/// Looks every link up.
pub(super) fn link(graph: &mut Graph) {
    add_referenced_zones(graph);
    link_registries(graph);
    link_dns(graph);
    link_networks(graph);
    link_clients(graph);
    graph.incoming = incoming(graph);
}

/// Zones that are not declared but named by an id: zone groups, links and records point at them.
fn add_referenced_zones(graph: &mut Graph) {
    let mut index = Index::new(graph.zones.iter().map(|zone| &zone.head));
    let configs = graph.zone_groups.iter().flat_map(|group| group.configs.items.iter().map(|config| &config.zone));
    let links = graph.zone_links.iter().map(|link| &link.zone);
    let records = graph.a_records.iter().map(|record| &record.zone);
    let mut added = HashSet::new();
    let mut zones = Vec::new();
    for link in configs.chain(links).chain(records) {
        let Some(id) = &link.id else { continue };
        if id.ty() != Some("microsoft.network/privatednszones")
            || !matches!(index.find(id), Target::Elsewhere)
            || !added.insert(id.key().to_owned())
        {
            continue;
        }
        zones.push(referenced_zone(id, link.origin));
    }
    graph.zones.extend(zones);
}

fn referenced_zone(id: &ResourceId, origin: Origin) -> Zone {
    let name = super::last_piece(id.pattern()).map_or_else(|| Attr::absent(origin), |name| Attr::known(name, origin));
    let address = name.value().map(Pattern::to_string).unwrap_or_default();
    let at: Span = origin.at;
    let head = Head {
        id: id.clone(),
        ty: TypeName::new("Microsoft.Network/privateDnsZones"),
        full_name: name.clone(),
        name,
        address: address.into(),
        location: Attr::absent(origin),
        api_version: Attr::absent(origin),
        existing: true,
        seen_at: None,
        again: None,
        seen: false,
        managed: false,
        exists: Truth::True,
        condition: None,
        repeated: false,
        change: None,
        places: vec![Places { whole: at, ty: at, name: origin, properties: at }],
        written: Written::Unasked,
    };
    Zone { head, referenced: true, links: Attr::absent(origin), record_sets: Attr::absent(origin) }
}

fn link_registries(graph: &mut Graph) {
    let mut registries = Index::new(graph.registries.iter().map(|node| &node.head));
    let mut endpoints = Index::new(graph.private_endpoints.iter().map(|node| &node.head));
    for node in &mut graph.replications {
        registries.resolve(&mut node.registry);
    }
    for node in &mut graph.connections {
        registries.resolve(&mut node.registry);
        endpoints.resolve(&mut node.private_endpoint);
    }
    for node in &mut graph.agent_pools {
        registries.resolve(&mut node.registry);
    }
    for node in &mut graph.tasks {
        registries.resolve(&mut node.registry);
    }
    for node in &mut graph.connected_registries {
        registries.resolve(&mut node.registry);
    }
    for connection in graph.private_endpoints.iter_mut().flat_map(|node| &mut node.connections.items) {
        registries.resolve(&mut connection.registry);
        if matches!(connection.registry.target, Target::Maybe(_)) && is_for_another_service(connection) {
            connection.registry.target = Target::Elsewhere;
        }
    }
    for node in &mut graph.zone_groups {
        endpoints.resolve(&mut node.private_endpoint);
    }
}

/// Whether the group ids of a connection are none that registries have, nor a slip for theirs, so that an id that is not
/// known is that of another service: each service has names of its own ("Private endpoint private DNS zone values").
fn is_for_another_service(connection: &ServiceConnection) -> bool {
    let other = |group: &Attr<Pattern>| group.as_literal().is_some_and(|id| !id.to_lowercase().contains("regist"));
    let groups = &connection.group_ids;
    let says_its_type = connection.registry.id.as_ref().is_some_and(|id| id.ty().is_some());
    !says_its_type && groups.open.is_none() && !groups.items.is_empty() && groups.items.iter().all(other)
}

fn link_dns(graph: &mut Graph) {
    let mut zones = Index::new(graph.zones.iter().map(|node| &node.head));
    for config in graph.zone_groups.iter_mut().flat_map(|node| &mut node.configs.items) {
        zones.resolve(&mut config.zone);
    }
    for node in &mut graph.zone_links {
        zones.resolve(&mut node.zone);
    }
    for node in &mut graph.a_records {
        zones.resolve(&mut node.zone);
    }
}

/// Everything that points at networks and subnets.
fn link_networks(graph: &mut Graph) {
    let mut networks = Index::new(graph.virtual_networks.iter().map(|node| &node.head));
    let mut groups = Index::new(graph.security_groups.iter().map(|node| &node.head));
    let mut tables = Index::new(graph.route_tables.iter().map(|node| &node.head));
    for node in &mut graph.zone_links {
        networks.resolve(&mut node.virtual_network);
    }
    for node in &mut graph.peerings {
        networks.resolve(&mut node.virtual_network);
        networks.resolve(&mut node.remote);
    }
    for node in &mut graph.subnets {
        networks.resolve(&mut node.virtual_network);
        groups.resolve(&mut node.security_group);
        tables.resolve(&mut node.route_table);
    }
    let mut subnets = Subnets {
        index: Index::new(graph.subnets.iter().map(|node| &node.head)),
        networks,
        parents: graph.subnets.iter().map(|node| node.virtual_network.clone()).collect(),
    };
    let rules = graph.registries.iter_mut().flat_map(|node| &mut node.virtual_network_rules.items);
    rules.for_each(|rule| subnets.resolve(&mut rule.subnet));
    graph.private_endpoints.iter_mut().for_each(|node| subnets.resolve(&mut node.subnet));
    graph.agent_pools.iter_mut().for_each(|node| subnets.resolve(&mut node.subnet));
    graph.aks_pools.iter_mut().for_each(|node| subnets.resolve(&mut node.subnet));
    graph.managed_environments.iter_mut().for_each(|node| subnets.resolve(&mut node.subnet));
    graph.web_apps.iter_mut().for_each(|node| subnets.resolve(&mut node.subnet));
    graph.clients.iter_mut().for_each(|node| subnets.resolve(&mut node.subnet));
    let pools = graph.aks_clusters.iter_mut().flat_map(|node| &mut node.pools.items);
    pools.for_each(|pool| subnets.resolve(&mut pool.subnet));
    let lists = graph.container_groups.iter_mut().map(|node| &mut node.subnets);
    let lists = lists.chain(graph.virtual_machines.iter_mut().map(|node| &mut node.subnets));
    let lists = lists.chain(graph.network_interfaces.iter_mut().map(|node| &mut node.subnets));
    lists.flat_map(|list| &mut list.items).for_each(|subnet| subnets.resolve(subnet));
}

/// The network of a subnet by the subnet's id. Of a wholly unknown id it is an unknown of its own, so that two
/// references to one unknown subnet meet in one network.
fn network_of(id: &ResourceId, origin: Origin) -> Link {
    match id.pattern().parts() {
        [Part::Hole(subnet)] => {
            let symbol = Symbol::new(format!("network of {}", subnet.symbol.text), Arc::clone(&subnet.symbol.scope));
            let network = Arc::new(Unknown::new(subnet.reason, symbol).with_hole(Hole::Id));
            Link::to(ResourceId::new(Pattern::hole(&network)), origin)
        }
        _ => parent_of(id, origin),
    }
}

struct Subnets {
    index: Index,
    networks: Index,
    parents: Vec<Link>,
}

impl Subnets {
    fn resolve(&mut self, link: &mut SubnetLink) {
        self.index.resolve(&mut link.subnet);
        let origin = link.subnet.origin;
        let parent = |at: u32| self.parents.get(at as usize);
        link.virtual_network = match (&link.subnet.target, &link.subnet.id) {
            (Target::Node(at), _) if parent(*at).is_some() => {
                parent(*at).map_or(Link::absent(origin), |network| Link { origin, ..network.clone() })
            }
            (_, Some(id)) => {
                let mut network = network_of(id, origin);
                self.networks.resolve(&mut network);
                network
            }
            (target, None) => Link { id: None, origin, target: target.clone() },
        };
    }
}

fn link_clients(graph: &mut Graph) {
    let mut environments = Index::new(graph.managed_environments.iter().map(|node| &node.head));
    for node in &mut graph.container_apps {
        environments.resolve(&mut node.environment);
    }
    let mut interfaces = Index::new(graph.network_interfaces.iter().map(|node| &node.head));
    for link in graph.virtual_machines.iter_mut().flat_map(|node| &mut node.interfaces.items) {
        interfaces.resolve(link);
    }
    for link in graph.private_endpoints.iter_mut().flat_map(|node| &mut node.interfaces.items) {
        interfaces.resolve(link);
    }
}

fn incoming(graph: &Graph) -> Incoming {
    let registries = graph.registries.len();
    let zones = graph.zones.len();
    let networks = graph.virtual_networks.len();
    Incoming {
        replications: reverse(registries, graph.replications.iter().map(|node| &node.registry)),
        connections: reverse(registries, graph.connections.iter().map(|node| &node.registry)),
        agent_pools: reverse(registries, graph.agent_pools.iter().map(|node| &node.registry)),
        tasks: reverse(registries, graph.tasks.iter().map(|node| &node.registry)),
        connected_registries: reverse(registries, graph.connected_registries.iter().map(|node| &node.registry)),
        private_endpoints: endpoints_of_registries(graph),
        zone_groups: reverse(
            graph.private_endpoints.len(),
            graph.zone_groups.iter().map(|node| &node.private_endpoint),
        ),
        zone_links: reverse(zones, graph.zone_links.iter().map(|node| &node.zone)),
        a_records: reverse(zones, graph.a_records.iter().map(|node| &node.zone)),
        subnets: reverse(networks, graph.subnets.iter().map(|node| &node.virtual_network)),
        peerings: reverse(networks, graph.peerings.iter().map(|node| &node.virtual_network)),
    }
}

fn reverse<'a>(parents: usize, links: impl Iterator<Item = &'a Link>) -> Vec<Vec<(u32, Truth)>> {
    let mut lists = vec![Vec::new(); parents];
    for (child, link) in (0_u32..).zip(links) {
        for (parent, truth) in link.targets() {
            if let Some(list) = lists.get_mut(parent as usize) {
                list.push((child, truth));
            }
        }
    }
    lists
}

fn endpoints_of_registries(graph: &Graph) -> Vec<ConnectedEndpoints> {
    let mut all = vec![ConnectedEndpoints::default(); graph.registries.len()];
    let mut unsure = vec![0; graph.registries.len()];
    for (child, endpoint) in (0_u32..).zip(&graph.private_endpoints) {
        for connection in &endpoint.connections.items {
            for (parent, truth) in connection.registry.targets() {
                let at = parent as usize;
                let (Some(endpoints), Some(unsure)) = (all.get_mut(at), unsure.get_mut(at)) else { continue };
                if let Some(last) = endpoints.told.last_mut().filter(|last| last.0 == child) {
                    last.1 = last.1.or(truth);
                    continue;
                }
                *unsure += usize::from(truth == Truth::Unknown);
                if truth == Truth::Unknown && *unsure > MANY {
                    endpoints.other = Some(child);
                } else {
                    endpoints.told.push((child, truth));
                }
            }
        }
    }
    all
}
