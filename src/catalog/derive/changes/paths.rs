//! Finds the ways of one registry that a change touches.
//!
//! In: both models. Out: [`ChangedPath`]s. Must not know: rules.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::catalog::answer::{home, note, place};
use crate::catalog::derive::ServiceEndpointClient;
use crate::catalog::derive::clients::{self, ClientNetwork};
use crate::catalog::derive::reach::{self, Networks};
use crate::catalog::derive::records::ExpectedRecord;
use crate::catalog::model::Name;
use crate::catalog::{Completeness, Model, Place, names};
use crate::graph::{Graph, Head, Link, Target};
use crate::value::{Origin, Truth};

use super::{ChangedPath, Element, Fate, Index, Loss, Part};

/// Compares what was with what will be.
pub(super) struct Finder<'m> {
    before: &'m Model,
    after: &'m Model,
    /// What networks reach afterwards.
    reach: Networks<'m>,
    /// What they reached before.
    reached: Networks<'m>,
    index: Index<'m>,
    /// The networks that there are afterwards, by id.
    networks: HashMap<&'m str, u32>,
    /// The subnets, likewise.
    subnets: HashMap<&'m str, u32>,
}

/// Who remains in a network.
struct Users {
    truth: Truth,
    places: Vec<Place>,
    names: Vec<Arc<str>>,
}

/// What becomes of a part of a way.
struct Outcome<'g> {
    /// What it needed and the change touches.
    touched: Vec<&'g Head>,
    left: Truth,
    interrupted: bool,
}

impl<'m> Finder<'m> {
    pub(super) fn new(before: &'m Model, after: &'m Model) -> Self {
        let nodes = (0_u32..).zip(&after.graph.virtual_networks);
        let subnets = (0_u32..).zip(&after.graph.subnets);
        Self {
            before,
            after,
            reach: Networks::new(&after.graph),
            reached: Networks::new(&before.graph),
            index: Index::new(&after.graph),
            networks: nodes.map(|(at, node)| (node.head.id.key(), at)).collect(),
            subnets: subnets.map(|(at, node)| (node.head.id.key(), at)).collect(),
        }
    }

    /// The ways to a registry, which was the first one and is the second one.
    pub(super) fn of_registry(&self, was: u32, registry: u32) -> Vec<ChangedPath> {
        let mut found: Vec<ChangedPath> = Vec::new();
        let derived = self.before.derived();
        for &at in derived.networks_of.get(was as usize).into_iter().flatten() {
            if let Some(network) = derived.networks.get(at as usize) {
                self.of_network(was, registry, network, &mut found);
            }
        }
        for &at in derived.records_of.get(was as usize).into_iter().flatten() {
            if let Some(record) = derived.records.get(at as usize) {
                self.of_record(was, registry, record, &mut found);
            }
        }
        for &at in derived.service_endpoint_clients_of.get(was as usize).into_iter().flatten() {
            if let Some(client) = derived.service_endpoint_clients.get(at as usize) {
                self.of_subnet(registry, client, &mut found);
            }
        }
        found
    }

    fn of_network(&self, was: u32, registry: u32, network: &ClientNetwork, found: &mut Vec<ChangedPath>) {
        if network.private_path.0 != Truth::True || network.related != Truth::True {
            return;
        }
        let link = self.now(network);
        let endpoint = self.endpoints(was, registry, network, &link);
        let zone = self.zones(registry, network, &link);
        let (part, outcome) = match (endpoint, zone) {
            (Some(endpoint), zone) if endpoint.left != Truth::True => {
                // What else goes of the same way is told of with it.
                let more = zone.into_iter().filter(|zone| zone.left != Truth::True).flat_map(|zone| zone.touched);
                let touched = endpoint.touched.into_iter().chain(more).collect();
                (Part::Endpoint, Outcome { touched, ..endpoint })
            }
            (_, Some(zone)) if zone.left != Truth::True => (Part::Zone, zone),
            (Some(endpoint), _) => (Part::Endpoint, endpoint),
            (None, Some(zone)) => (Part::Zone, zone),
            (None, None) => return,
        };
        let Some(users) = self.users(was, registry, network) else { return };
        let shown = shown(&self.before.graph, &network.link);
        let loss = if part == Part::Endpoint { Loss::Endpoint } else { Loss::Zone };
        self.add(Where { registry, part, loss }, &outcome, users, &[shown], found);
    }

    /// The network afterwards.
    fn now(&self, network: &ClientNetwork) -> Link {
        let id = match network.link.node().and_then(|at| self.before.graph.virtual_networks.get(at)) {
            Some(node) => Some(&node.head.id),
            None => network.link.id.as_ref(),
        };
        let target = id.and_then(|id| self.networks.get(id.key()));
        let target = target.map_or_else(|| network.link.target.clone(), |at| Target::Node(*at));
        let target = match (target, id) {
            (Target::Node(at), _) if id.is_some_and(|id| self.networks.get(id.key()) == Some(&at)) => Target::Node(at),
            (_, Some(_)) => Target::Elsewhere,
            (target, None) => target,
        };
        Link { id: id.cloned(), origin: network.link.origin, target }
    }

    /// What becomes of the private endpoints in reach of a network.
    fn endpoints(&self, was: u32, registry: u32, network: &ClientNetwork, now: &Link) -> Option<Outcome<'m>> {
        let graph = &self.before.graph;
        let near: Vec<&Head> =
            self.near(was, network).into_iter().map(|at| &graph.private_endpoints[at].head).collect();
        let (left, _) = self.reach.in_reach(registry, now);
        let away = |head: &&&Head| self.index.fate(head).is_away();
        if left == Truth::True {
            let interrupted = !near.is_empty() && near.iter().all(|head| self.index.fate(head).is_away());
            return interrupted.then_some(Outcome { touched: near, left, interrupted });
        }
        let mut touched: Vec<&Head> = near.iter().filter(away).copied().collect();
        if touched.is_empty() {
            // The endpoints stay, so that the way to them is what goes, or they lead elsewhere.
            let peerings = graph.peerings.iter().filter(|peering| {
                let touches = |link: &Link| reach::same_network(graph, link, &network.link) == Truth::True;
                touches(&peering.virtual_network) || touches(&peering.remote)
            });
            let heads = peerings.map(|peering| &peering.head).chain(near.iter().copied());
            touched = heads.filter(|head| self.index.fate(head) != Fate::Stays).collect();
        }
        (!touched.is_empty()).then_some(Outcome { touched, left, interrupted: false })
    }

    /// The private endpoints that were certainly in reach of a network.
    fn near(&self, was: u32, network: &ClientNetwork) -> Vec<usize> {
        let all = reach::endpoints(&self.before.graph, was);
        let certain = all.into_iter().filter(|(_, truth)| *truth == Truth::True).map(|(at, _)| at);
        let reached = certain.filter(|at| self.reached.reaches_endpoint(*at, &network.link) == Truth::True);
        reached.map(|at| at as usize).collect()
    }

    /// What becomes of the zones that a network resolves with.
    fn zones(&self, registry: u32, network: &ClientNetwork, now: &Link) -> Option<Outcome<'m>> {
        let (old, new) = (&self.before.graph, &self.after.graph);
        let certain = network.zones.iter().filter(|(.., truth)| *truth == Truth::True);
        let had: Vec<(&Head, &Head)> = certain
            .filter_map(|&(zone, link, _)| {
                Some((&old.zones.get(zone as usize)?.head, &old.zone_links.get(link as usize)?.head))
            })
            .collect();
        if had.is_empty() || network.azure_dns.0 != Truth::True {
            return None;
        }
        let node = new.registries.get(registry as usize)?;
        let suffixes = names::suffixes(node);
        let zones = clients::linked_zones(new, &self.reach, now, suffixes);
        let mut left = zones.iter().map(|(.., truth)| *truth).max().unwrap_or(Truth::False);
        if left == Truth::False && new.zone_links.iter().any(|link| link.head.repeated) {
            left = Truth::Unknown;
        }
        let heads = had.iter().flat_map(|(zone, link)| [*link, *zone]);
        let mut touched: Vec<&Head> = heads.filter(|head| self.index.fate(head) != Fate::Stays).collect();
        let mut told = HashSet::new();
        touched.retain(|head| told.insert(head.id.key()));
        if left == Truth::True {
            let is_away = |head: &Head| self.index.fate(head).is_away();
            let interrupted = had.iter().all(|(zone, link)| is_away(zone) || is_away(link));
            touched.retain(|head| is_away(head));
            return interrupted.then_some(Outcome { touched, left, interrupted });
        }
        (!touched.is_empty()).then_some(Outcome { touched, left, interrupted: false })
    }

    fn of_record(&self, was: u32, registry: u32, record: &ExpectedRecord, found: &mut Vec<ChangedPath>) {
        let (old, new) = (&self.before.graph, &self.after.graph);
        if record.related != Truth::True || record.redirects != Truth::False {
            return;
        }
        let mut heads: Vec<&Head> = Vec::new();
        for member in record.records(old).members.iter().filter(|member| member.related == Truth::True) {
            heads.extend(old.a_records.get(member.subject.at()).map(|node| &node.head));
        }
        if record.managed.0 == Truth::True {
            let groups = old.zone_groups.iter().filter(|group| {
                group.configs.items.iter().any(|config| config.zone.leads_to(record.zone) == Truth::True)
            });
            heads.extend(groups.map(|group| &group.head));
        }
        let (Some(zone), Ok(name)) = (old.zones.get(record.zone as usize), &record.name) else { return };
        let derived = self.after.derived();
        let records = derived.records_of.get(registry as usize).into_iter().flatten();
        let same = |other: &&ExpectedRecord| {
            let their = new.zones.get(other.zone as usize).map(|zone| zone.head.id.key());
            their == Some(zone.head.id.key())
                && other.name.as_ref().is_ok_and(|other| other.to_lowercase().key() == name.to_lowercase().key())
        };
        let Some(now) = records.filter_map(|at| derived.records.get(*at as usize)).find(same) else { return };
        let left = there(new, now);
        let away = heads.iter().all(|head| self.index.fate(head).is_away());
        // A zone group goes and comes with its endpoint, records with their zone, which are told of by themselves.
        let alone = record.managed.0 == Truth::False && !self.index.fate(&zone.head).is_away();
        let interrupted = left == Truth::True && !heads.is_empty() && away && alone;
        let touched: Vec<&Head> = heads.into_iter().filter(|head| self.index.fate(head) != Fate::Stays).collect();
        if touched.is_empty() || (left == Truth::True && !interrupted) {
            return;
        }
        let zone_name = names::pattern(&zone.head.name).unwrap_or_default();
        let loss = Loss::Records { zone: zone_name.to_string(), names: vec![name.to_string()] };
        let mut users = Users { truth: Truth::False, places: Vec::new(), names: Vec::new() };
        let mut networks = Vec::new();
        let all = self.before.derived();
        for network in all.networks_of.get(was as usize).into_iter().flatten() {
            let Some(network) = all.networks.get(*network as usize) else { continue };
            if !network.zones.iter().any(|(at, _, truth)| *at == record.zone && *truth == Truth::True) {
                continue;
            }
            let Some(more) = self.users(was, registry, network) else { continue };
            networks.push(shown(old, &network.link));
            users.names.extend(more.names);
            if more.truth > users.truth {
                (users.truth, users.places) = (more.truth, more.places);
            }
        }
        users.truth = users.truth.and(now.related);
        if users.truth != Truth::False {
            let outcome = Outcome { touched, left, interrupted };
            self.add(Where { registry, part: Part::Record, loss }, &outcome, users, &networks, found);
        }
    }

    /// The way over a service endpoint that a rule let in.
    fn of_subnet(&self, registry: u32, client: &ServiceEndpointClient, found: &mut Vec<ChangedPath>) {
        let (old, new) = (&self.before.graph, &self.after.graph);
        if client.has_rule.0 != Truth::True || client.has_endpoint.0 != Truth::True {
            return;
        }
        let Some(subnet) = client.subnet.node().and_then(|at| old.subnets.get(at)) else { return };
        let Some(node) = new.registries.get(registry as usize) else { return };
        let stays = self.subnets.get(subnet.head.id.key()).and_then(|at| new.subnets.get(*at as usize));
        let Some(stays) = stays.filter(|_| !self.index.fate(&subnet.head).is_away()) else { return };
        let derived = self.after.derived();
        let clients = derived.service_endpoint_clients_of.get(registry as usize).into_iter().flatten();
        let same = |other: &&ServiceEndpointClient| {
            other
                .subnet
                .node()
                .and_then(|at| new.subnets.get(at))
                .is_some_and(|node| node.head.id.key() == stays.head.id.key())
        };
        let now = clients.filter_map(|at| derived.service_endpoint_clients.get(*at as usize)).find(same);
        let rules_open = node.virtual_network_rules.open.is_some();
        let (rule, way) = match now {
            Some(now) => (now.has_rule.0.and(now.has_endpoint.0), now.private_path.0),
            None if rules_open => (Truth::Unknown, Truth::False),
            None => (Truth::False, self.reach.in_reach(registry, &stays.virtual_network).0),
        };
        let left = rule.or(way);
        if left == Truth::True {
            return;
        }
        // The rule goes with its registry, the service endpoint with its subnet.
        let has_rule = now.map_or(if rules_open { Truth::Unknown } else { Truth::False }, |now| now.has_rule.0);
        let has_endpoint = now.map_or(Truth::True, |now| now.has_endpoint.0);
        let mut elements = Vec::new();
        let mut altered = |head: &Head, at: Origin, text: &str| {
            let address = Arc::clone(&head.address);
            let place = note(at, text);
            elements.push(Element { address, id: head.id.to_string(), fate: Fate::Altered, place });
        };
        let name = names::pattern(&stays.head.name).unwrap_or_default();
        if has_rule != Truth::True {
            let at = node.virtual_network_rules.at;
            altered(&node.head, at, &format!("the rule for subnet {name} is taken out of these"));
        }
        if has_endpoint != Truth::True {
            let at = stays.service_endpoints.at;
            altered(&stays.head, at, "the service endpoint for registries is taken out of these");
        }
        let head = if has_rule == Truth::True { stays.head.clone() } else { node.head.clone() };
        let places = vec![note(home(&stays.head), "the subnet stays")];
        found.push(ChangedPath {
            registry,
            part: Part::SubnetRule,
            elements,
            head,
            networks: vec![name.to_string()],
            clients: vec![Arc::clone(&stays.head.address)],
            in_use: (stays.head.exists, places),
            left,
            interrupted: false,
            loss: Loss::Rule,
        });
    }

    /// Who remains in a network; nothing where the network itself goes.
    fn users(&self, was: u32, registry: u32, network: &ClientNetwork) -> Option<Users> {
        let now = self.now(network);
        let derived = self.after.derived();
        let key = clients::network_key(&self.after.graph, &now);
        let all = derived.networks_of.get(registry as usize).into_iter().flatten();
        let mut all = all.filter_map(|at| derived.networks.get(*at as usize));
        if let Some(found) =
            all.find(|other| other.attached && clients::network_key(&self.after.graph, &other.link) == key)
        {
            let places = vec![note(found.link.origin, &format!("{} stays in the network", found.client))];
            return Some(Users { truth: found.related, places, names: vec![Arc::clone(&found.client)] });
        }
        let node = now.node();
        let was_node = network.link.node().and_then(|at| self.before.graph.virtual_networks.get(at));
        if let Some(node) = was_node
            && self.index.fate(&node.head) == Fate::Gone
        {
            return None;
        }
        // Of a network in which no client is shown, what else it holds tells that it is one for clients.
        let own: HashSet<&str> = reach::endpoints(&self.before.graph, was)
            .into_iter()
            .filter_map(|(at, _)| self.before.graph.private_endpoints.get(at as usize))
            .filter_map(|endpoint| endpoint.subnet.subnet.id.as_ref().map(crate::resource::ResourceId::key))
            .collect();
        let subnets = node.and_then(|at| self.after.graph.incoming.subnets.get(at)).into_iter().flatten();
        let subnets = subnets.filter(|(_, truth)| *truth == Truth::True);
        let other = subnets
            .filter_map(|(at, _)| self.after.graph.subnets.get(*at as usize))
            .find(|subnet| !own.contains(subnet.head.id.key()));
        Some(match other {
            Some(subnet) => {
                let places = vec![note(home(&subnet.head), "the network stays, with this subnet")];
                Users { truth: subnet.head.exists, places, names: vec![Arc::clone(&subnet.head.address)] }
            }
            None => Users { truth: Truth::Unknown, places: vec![place(network.link.origin)], names: Vec::new() },
        })
    }

    fn add(&self, at: Where, outcome: &Outcome<'_>, users: Users, networks: &[String], found: &mut Vec<ChangedPath>) {
        let Some(head) = outcome.touched.first() else { return };
        let Where { registry, part, loss } = at;
        let elements: Vec<Element> = outcome.touched.iter().map(|head| self.index.element(head)).collect();
        let path = ChangedPath {
            registry,
            part,
            elements,
            head: (*head).clone(),
            networks: networks.to_vec(),
            clients: users.names,
            in_use: (users.truth, users.places),
            left: outcome.left,
            interrupted: outcome.interrupted,
            loss,
        };
        match found.iter_mut().find(|other| other.is_with(&path)) {
            Some(other) => other.join(path),
            None => found.push(path),
        }
    }
}

/// What is lost of which registry.
struct Where {
    registry: u32,
    part: Part,
    loss: Loss,
}

/// Whether a zone has a record, or will have it.
fn there(graph: &Graph, record: &ExpectedRecord) -> Truth {
    let related = record.records(graph);
    let kept = related.members.iter().map(|member| member.related).max().unwrap_or(Truth::False);
    let truth = record.managed.0.or(kept);
    match related.complete {
        Completeness::Incomplete { .. } => truth.or(Truth::Unknown),
        Completeness::Complete(_) | Completeness::Presumed(_) => truth,
    }
}

/// A network as a person calls it.
fn shown(graph: &Graph, link: &Link) -> String {
    let node = link.node().and_then(|at| graph.virtual_networks.get(at));
    let name = match node {
        Some(node) => names::pattern(&node.head.name),
        None => link.id.as_ref().and_then(names::of_id),
    };
    name.map_or_else(|| Name::VirtualNetwork.text().to_owned(), |name| name.to_string())
}
