//! By which public addresses the clients of a registry leave their networks.
//!
//! In: the graph. Out: [`Leaving`]s, one for each client, registry and address. Must not know: whether an address is let in.
//!
//! A route to a firewall goes before a NAT gateway, and that before what the client has of its own ("Virtual network traffic
//! routing", "Azure NAT Gateway"). Where a part of the way is not known, nothing is said of the client.

use std::collections::HashMap;

use ipnet::IpNet;

use crate::catalog::answer::{home, note, place};
use crate::catalog::{Place, access_rule, names};
use crate::graph::{
    AksCluster, Firewall, FirewallAddress, Graph, Head, Link, List, ManagedEnvironment, NatGateway, PublicAddress,
    Route, Subnet, SubnetLink, Target,
};
use crate::value::{Attr, Pattern, State, Truth};

use super::clients::service_endpoint;
use super::pulls::Hosts;
use super::reach::Networks;

/// An address that a client of a registry leaves through.
#[derive(Clone, Debug)]
pub(in crate::catalog) struct Leaving {
    pub(in crate::catalog) registry: u32,
    /// Whether it is certain that the client pulls from it, and leaves so.
    pub(in crate::catalog) related: Truth,
    /// Who: "AKS cluster aks-build".
    pub(in crate::catalog) client: String,
    /// Through what: "the address of firewall afw-hub".
    pub(in crate::catalog) through: String,
    pub(in crate::catalog) address: IpNet,
    /// All addresses of the client that are known.
    pub(in crate::catalog) all: Vec<IpNet>,
    pub(in crate::catalog) places: Vec<Place>,
    pub(in crate::catalog) private_path: (Truth, Vec<Place>),
    pub(in crate::catalog) service_endpoint: (Truth, Vec<Place>),
}

/// An address, what has it, and what shows that.
#[derive(Clone, Debug)]
struct Door {
    address: IpNet,
    through: String,
    exists: Truth,
    places: Vec<Place>,
}

/// How a subnet is left.
enum Way {
    /// Through these.
    Doors(Vec<Door>),
    /// By what each machine in it has of its own.
    Own,
    /// Not known.
    Unknown,
    /// The subnet is not in the input.
    Elsewhere,
}

/// A client before it is known from whom it pulls.
struct Client<'g> {
    head: &'g Head,
    words: String,
    subnet: Option<&'g SubnetLink>,
    doors: Vec<Door>,
    registries: Vec<(u32, Truth)>,
}

/// What has a public address, by id.
pub(super) struct Doors<'g> {
    graph: &'g Graph,
    addresses: HashMap<&'g str, &'g PublicAddress>,
    of_gateways: HashMap<&'g str, Vec<&'g PublicAddress>>,
    gateways: HashMap<&'g str, &'g NatGateway>,
    prefixes: HashMap<&'g str, &'g crate::graph::AddressPrefix>,
    subnets: HashMap<&'g str, &'g Subnet>,
}

/// The addresses that clients of registries leave through, by registry.
pub(super) fn leaving(graph: &Graph, hosts: &Hosts<'_>, reach: &Networks<'_>) -> Vec<Vec<Leaving>> {
    let mut by_registry: Vec<Vec<Leaving>> = graph.registries.iter().map(|_| Vec::new()).collect();
    let nothing = graph.public_addresses.is_empty() && graph.address_prefixes.is_empty() && graph.web_apps.is_empty();
    if by_registry.is_empty() || nothing {
        return by_registry;
    }
    for client in clients(graph, hosts) {
        let all: Vec<IpNet> = client.doors.iter().map(|door| door.address).collect();
        for &(registry, pulls) in &client.registries {
            for door in &client.doors {
                let related = pulls.and(client.head.exists).and(door.exists);
                let Some(list) = by_registry.get_mut(registry as usize).filter(|_| related != Truth::False) else {
                    continue;
                };
                let nowhere = || (Truth::False, vec![place(home(client.head))]);
                list.push(Leaving {
                    registry,
                    related,
                    client: client.words.clone(),
                    through: door.through.clone(),
                    address: door.address,
                    all: all.clone(),
                    places: door.places.clone(),
                    private_path: client
                        .subnet
                        .map_or_else(nowhere, |subnet| reach.in_reach(registry, &subnet.virtual_network)),
                    service_endpoint: client
                        .subnet
                        .map_or_else(nowhere, |subnet| over_service_endpoint(graph, registry, &subnet.subnet)),
                });
            }
        }
    }
    by_registry
}

/// Whether a service endpoint takes a subnet to a registry. Where nothing is known of its endpoints, but no rule of the
/// registry allows it, it is denied either way.
fn over_service_endpoint(graph: &Graph, registry: u32, subnet: &Link) -> (Truth, Vec<Place>) {
    if matches!(subnet.target, Target::Absent) {
        return (Truth::False, vec![place(subnet.origin)]);
    }
    let node = subnet.node().and_then(|at| graph.subnets.get(at)).filter(|subnet| !subnet.head.existing);
    let known = node.map(service_endpoint);
    if let Some(known) = known.filter(|known| known.0 != Truth::Unknown) {
        return known;
    }
    let Some(registry) = graph.registries.get(registry as usize) else {
        return (Truth::Unknown, vec![place(subnet.origin)]);
    };
    let rules = &registry.virtual_network_rules;
    let named = rules.items.iter().map(|rule| match (&rule.subnet.subnet.id, &subnet.id) {
        (Some(a), Some(b)) => a.same(b),
        (None | Some(_), _) => Truth::Unknown,
    });
    let mut truth = named.max().unwrap_or(Truth::False);
    if rules.open.is_some() {
        truth = truth.or(Truth::Unknown);
    }
    (truth.and(Truth::Unknown), vec![place(subnet.origin), place(rules.at)])
}

/// Every client with an address that is known.
///
/// Nothing tells what a cluster pulls, nor an environment without apps: where the input has one registry only, it is taken
/// for that one's client. Machines and container groups are left out: the first may pull nothing, and where the second pull
/// from is not documented.
fn clients<'g>(graph: &'g Graph, hosts: &Hosts<'_>) -> Vec<Client<'g>> {
    let doors = Doors::new(graph);
    let only = if graph.registries.len() == 1 { vec![(0, Truth::True)] } else { Vec::new() };
    let mut clients: Vec<Client<'g>> = Vec::new();
    for cluster in &graph.aks_clusters {
        let own = doors.of_cluster(cluster);
        let inline = cluster.pools.items.iter().map(|pool| (&pool.subnet, &pool.node_public_ip));
        let mine = |link: &Link| link.id.as_ref().is_some_and(|id| id.key() == cluster.head.id.key());
        let separate = graph.aks_pools.iter().filter(|pool| mine(&pool.cluster));
        let pools = inline.chain(separate.map(|pool| (&pool.subnet, &pool.node_public_ip)));
        for (subnet, node_public_ip) in pools {
            if node_public_ip.attr.value() != Some(&false) {
                continue;
            }
            let found = match doors.of(subnet) {
                Way::Doors(found) => found,
                // Azure tells a cluster's own addresses also where nothing is known of its subnet.
                Way::Own | Way::Elsewhere => own.clone(),
                Way::Unknown => continue,
            };
            let words = format!("AKS cluster {}", name(&cluster.head));
            let same = |client: &&mut Client<'_>| std::ptr::eq(client.head, &raw const cluster.head);
            let known = clients.iter_mut().rev().find(same).filter(|known| same_subnet(known.subnet, subnet));
            if known.is_none() {
                clients.push(Client {
                    head: &cluster.head,
                    words,
                    subnet: Some(subnet),
                    doors: found,
                    registries: only.clone(),
                });
            }
        }
    }
    for environment in &graph.managed_environments {
        let Way::Doors(found) = doors.of(&environment.subnet) else { continue };
        let registries = of_environment(graph, hosts, environment).unwrap_or_else(|| only.clone());
        clients.push(Client {
            head: &environment.head,
            words: format!("Container Apps environment {}", name(&environment.head)),
            subnet: Some(&environment.subnet),
            doors: found,
            registries,
        });
    }
    for pool in &graph.agent_pools {
        let Way::Doors(found) = doors.of(&pool.subnet) else { continue };
        let targets = pool.registry.targets().into_iter();
        // Tasks that pass the rules come by any address.
        let judged = targets.filter(|(registry, _)| {
            let registry = graph.registries.get(*registry as usize);
            registry.is_some_and(|registry| registry.bypass_for_tasks.attr.value() != Some(&true))
        });
        clients.push(Client {
            head: &pool.head,
            words: format!("agent pool {}", name(&pool.head)),
            subnet: Some(&pool.subnet),
            doors: found,
            registries: judged.collect(),
        });
    }
    for app in &graph.web_apps {
        let integrated = !matches!(app.subnet.subnet.target, Target::Absent);
        let (subnet, found) = match (integrated, app.pulls_over_vnet.attr.value()) {
            (true, Some(true)) => match doors.of(&app.subnet) {
                Way::Doors(found) => (Some(&app.subnet), found),
                Way::Own | Way::Elsewhere | Way::Unknown => continue,
            },
            (false, _) | (true, Some(false)) => (None, of_app(app)),
            (true, None) => continue,
        };
        let mut registries: Vec<(u32, Truth)> =
            app.images.items.iter().flat_map(|image| hosts.find(&image.host)).collect();
        registries.sort_unstable_by_key(|(registry, truth)| (*registry, std::cmp::Reverse(*truth)));
        registries.dedup_by_key(|(registry, _)| *registry);
        let words = format!("App Service {}", name(&app.head));
        clients.push(Client { head: &app.head, words, subnet, doors: found, registries });
    }
    clients
}

/// The registries that the apps of an environment pull from; nothing where the input has no apps of it.
pub(super) fn of_environment(
    graph: &Graph,
    hosts: &Hosts<'_>,
    environment: &ManagedEnvironment,
) -> Option<Vec<(u32, Truth)>> {
    let mut registries = HashMap::new();
    let mut any = false;
    for app in &graph.container_apps {
        let inside = app.environment.id.as_ref().map_or(Truth::False, |id| id.same(&environment.head.id));
        if inside == Truth::False {
            continue;
        }
        any = true;
        let written = app.images.items.iter().map(|image| &image.host);
        let servers = app.credentials.items.iter().map(|credential| &credential.server);
        for (registry, truth) in written.chain(servers).flat_map(|host| hosts.find(host)) {
            let truth = truth.and(inside).and(app.head.exists);
            let known = registries.entry(registry).or_insert(Truth::False);
            *known = known.or(truth);
        }
    }
    let mut registries: Vec<(u32, Truth)> = registries.into_iter().collect();
    registries.sort_unstable_by_key(|(registry, _)| *registry);
    any.then_some(registries)
}

fn same_subnet(a: Option<&SubnetLink>, b: &SubnetLink) -> bool {
    let key = |link: &SubnetLink| link.subnet.id.as_ref().map(|id| id.key().to_owned());
    a.is_some_and(|a| key(a) == key(b))
}

fn name(head: &Head) -> Pattern {
    names::pattern(&head.name).unwrap_or_default()
}

/// The addresses of an app that pulls past its network.
fn of_app(app: &crate::graph::WebApp) -> Vec<Door> {
    let door = |address: std::net::IpAddr| Door {
        address: address.into(),
        through: "one of its outbound addresses".to_owned(),
        exists: Truth::True,
        places: vec![note(app.outbound.origin, "one of the addresses that the app leaves through")],
    };
    let list = names::trimmed(&app.outbound).unwrap_or_default();
    list.split(',').filter_map(|text| text.trim().parse().ok()).map(door).collect()
}

impl<'g> Doors<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut of_gateways: HashMap<&str, Vec<&PublicAddress>> = HashMap::new();
        for address in &graph.public_addresses {
            if let Some(gateway) = &address.nat_gateway.id {
                of_gateways.entry(gateway.key()).or_default().push(address);
            }
        }
        Self {
            graph,
            addresses: graph.public_addresses.iter().map(|node| (node.head.id.key(), node)).collect(),
            of_gateways,
            gateways: graph.nat_gateways.iter().map(|node| (node.head.id.key(), node)).collect(),
            prefixes: graph.address_prefixes.iter().map(|node| (node.head.id.key(), node)).collect(),
            subnets: graph.subnets.iter().map(|node| (node.head.id.key(), node)).collect(),
        }
    }

    /// How the machines of a subnet leave it.
    fn of(&self, link: &SubnetLink) -> Way {
        if matches!(link.subnet.target, Target::Absent) {
            return Way::Own;
        }
        match link.subnet.node().and_then(|at| self.graph.subnets.get(at)) {
            Some(subnet) if !subnet.head.existing => self.of_subnet(subnet),
            Some(_) | None => Way::Elsewhere,
        }
    }

    fn of_subnet(&self, subnet: &Subnet) -> Way {
        match &subnet.route_table.target {
            Target::Absent => self.of_gateway_at(subnet),
            Target::Node(at) => {
                let table = self.graph.route_tables.get(*at as usize).filter(|table| !table.head.existing);
                let Some(table) = table else { return Way::Unknown };
                match default_route(&table.routes) {
                    Err(()) => Way::Unknown,
                    Ok(None) => self.of_gateway_at(subnet),
                    Ok(Some(route)) if is(&route.next_hop_type, "Internet") => self.of_gateway_at(subnet),
                    Ok(Some(route)) if is(&route.next_hop_type, "VirtualAppliance") => {
                        let Some(firewall) = self.firewall(&route.next_hop_address) else { return Way::Unknown };
                        let at = note(route.next_hop_address.origin, "the subnet's traffic goes here");
                        self.of_firewall(firewall, &at)
                    }
                    Ok(Some(_)) => Way::Unknown,
                }
            }
            Target::Maybe(_) | Target::Elsewhere | Target::Unknown(_) => Way::Unknown,
        }
    }

    /// The firewall that takes what leaves a subnet for other networks and the internet; nothing where that is not known.
    pub(super) fn firewall_before(&self, subnet: &Subnet) -> Option<&'g Firewall> {
        let table = subnet.route_table.node().and_then(|at| self.graph.route_tables.get(at))?;
        let route = default_route(&table.routes).ok().flatten().filter(|_| !table.head.existing)?;
        self.firewall(&route.next_hop_address).filter(|_| is(&route.next_hop_type, "VirtualAppliance"))
    }

    /// A subnet by the key of its id.
    pub(super) fn subnet(&self, key: &str) -> Option<&'g Subnet> {
        self.subnets.get(key).copied()
    }

    fn of_gateway_at(&self, subnet: &Subnet) -> Way {
        let id = match &subnet.nat_gateway.state {
            State::Absent => return Way::Own,
            State::Unknown(_) => return Way::Unknown,
            State::Known(id) => crate::resource::ResourceId::new(id.clone()),
        };
        let gateway = self.gateways.get(id.key());
        let shown = gateway.map_or_else(|| names::of_id(&id).unwrap_or_default(), |gateway| name(&gateway.head));
        let words = format!("the address of NAT gateway {shown}");
        let at = note(subnet.nat_gateway.origin, "the subnet leaves through this NAT gateway");
        let listed = gateway.into_iter().flat_map(|gateway| &gateway.addresses.items);
        let listed = listed.filter_map(|link| self.addresses.get(link.id.as_ref()?.key()).copied());
        let mut addresses: Vec<&PublicAddress> = listed.collect();
        for address in self.of_gateways.get(id.key()).into_iter().flatten() {
            if !addresses.iter().any(|known| std::ptr::eq(*known, *address)) {
                addresses.push(address);
            }
        }
        let mut doors: Vec<Door> = addresses.into_iter().filter_map(|address| door(address, &words, &at)).collect();
        let ranges = gateway.into_iter().flat_map(|gateway| &gateway.prefixes.items);
        doors.extend(ranges.filter_map(|link| self.of_range(link, &words, &at)));
        Way::Doors(doors)
    }

    fn of_range(&self, link: &Link, words: &str, at: &Place) -> Option<Door> {
        let node = self.prefixes.get(link.id.as_ref()?.key())?;
        let address = names::trimmed(&node.range)?.parse().ok()?;
        let text = format!("the addresses of {}", name(&node.head));
        let places = vec![note(node.range.origin, &text), at.clone()];
        Some(Door { address, through: words.to_owned(), exists: node.head.exists, places })
    }

    /// What an AKS cluster leaves through where its subnet has nothing of the kind.
    fn of_cluster(&self, cluster: &AksCluster) -> Vec<Door> {
        let managed = ["loadBalancer", "managedNATGateway"];
        if !managed.iter().any(|managed| is(&cluster.outbound_type.attr, managed)) {
            return Vec::new();
        }
        let mut doors = Vec::new();
        for link in &cluster.outbound {
            let at = note(link.origin, "the cluster leaves through this address");
            let node = link.id.as_ref().and_then(|id| self.addresses.get(id.key()));
            doors.extend(node.and_then(|node| door(node, "one of its outbound addresses", &at)));
        }
        for link in &cluster.outbound_prefixes {
            let at = note(link.origin, "the cluster leaves through these addresses");
            doors.extend(self.of_range(link, "a range of its outbound addresses", &at));
        }
        doors
    }

    /// The firewall that a next hop is: the only one with this private address, or in the subnet of which it lies, or whose
    /// address the value is.
    fn firewall(&self, hop: &Attr<Pattern>) -> Option<&'g Firewall> {
        let mut found = self.graph.firewalls.iter().filter(|firewall| self.is_at(firewall, hop));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }

    fn is_at(&self, firewall: &Firewall, hop: &Attr<Pattern>) -> bool {
        let Some(hop) = names::trimmed(hop) else {
            let unknown = match (&hop.state, hop.value().map(Pattern::parts)) {
                (State::Unknown(unknown), _) => unknown,
                (_, Some([crate::value::Part::Hole(unknown)])) => unknown,
                _ => return false,
            };
            let same = |configuration: &FirewallAddress| match &configuration.private_address.state {
                State::Unknown(address) => address.symbol == unknown.symbol,
                State::Known(_) | State::Absent => false,
            };
            return names::is_property_of(unknown, "privateIPAddress", &firewall.head)
                || firewall.configurations.items.iter().any(same);
        };
        let Ok(hop) = hop.parse::<IpNet>().or_else(|_| hop.parse::<std::net::IpAddr>().map(IpNet::from)) else {
            return false;
        };
        firewall.configurations.items.iter().any(|configuration| match names::trimmed(&configuration.private_address) {
            Some(address) => address.parse::<std::net::IpAddr>().is_ok_and(|address| IpNet::from(address) == hop),
            None => {
                let subnet = configuration.subnet.id.as_ref().and_then(|id| self.subnets.get(id.key()));
                let ranges = subnet.into_iter().flat_map(|subnet| &subnet.prefixes.items);
                ranges
                    .filter_map(names::trimmed)
                    .filter_map(|text| text.parse::<IpNet>().ok())
                    .any(|range| range.contains(&hop))
            }
        })
    }

    /// A firewall with a NAT gateway at its subnet leaves through that one ("Scale SNAT ports with Azure NAT Gateway").
    fn of_firewall(&self, firewall: &Firewall, at: &Place) -> Way {
        if firewall.head.existing || firewall.configurations.open.is_some() {
            return Way::Unknown;
        }
        let mut subnets = firewall
            .configurations
            .items
            .iter()
            .filter_map(|configuration| configuration.subnet.id.as_ref().and_then(|id| self.subnets.get(id.key())));
        if let Some(subnet) = subnets.find(|subnet| !subnet.nat_gateway.is_absent()) {
            return match self.of_gateway_at(subnet) {
                Way::Own => Way::Unknown,
                way => way,
            };
        }
        let words = format!("the address of firewall {}", name(&firewall.head));
        let addresses = firewall.configurations.items.iter().filter_map(|configuration| {
            let id = configuration.public_address.id.as_ref()?;
            let mut door = door(self.addresses.get(id.key())?, &words, at)?;
            door.exists = door.exists.and(firewall.head.exists);
            Some(door)
        });
        Way::Doors(addresses.collect())
    }
}

fn is(attr: &Attr<Pattern>, text: &str) -> bool {
    names::attr_is(attr, text) == Truth::True
}

/// A public address that the input shows.
fn door(node: &PublicAddress, words: &str, at: &Place) -> Option<Door> {
    let address: std::net::IpAddr = names::trimmed(&node.address)?.parse().ok()?;
    let places = vec![note(node.address.origin, &format!("the address of {}", name(&node.head))), at.clone()];
    Some(Door { address: address.into(), through: words.to_owned(), exists: node.head.exists, places })
}

/// The route that traffic to registries takes, where it is not the one of the platform; `Err` where that is not known.
pub(super) fn default_route(routes: &List<Route>) -> Result<Option<&Route>, ()> {
    if routes.open.is_some() {
        return Err(());
    }
    let mut found = None;
    for route in &routes.items {
        match (route.network.value(), names::trimmed(&route.prefix)) {
            (Some(IpNet::V4(range)), _) if range.prefix_len() == 0 => found = Some(route),
            // Of single hosts, and of ranges that are no public ones, a registry is none.
            (Some(range), _) if range.prefix_len() >= 31 || access_rule::is_private(*range) => {}
            (Some(IpNet::V6(_)), _) => {}
            (Some(_), _) | (None, None) => return Err(()),
            // A service tag.
            (None, Some(tag)) => {
                let tag = tag.to_ascii_lowercase();
                if tag.starts_with("azurecontainerregistry") || tag.starts_with("azurecloud") {
                    return Err(());
                }
            }
        }
    }
    Ok(found)
}
