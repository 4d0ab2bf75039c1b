//! Whether anything in its own subnet keeps a client from a registry: a route that leads nowhere, or a security rule.
//!
//! In: the graph. Out: [`ClientSubnet`]s, one for each client, registry and subnet. Must not know: rules of registries.
//!
//! Traffic to a private endpoint goes by the routes of the networks, which are more specific than a default route; traffic
//! over a service endpoint likewise ("Virtual network traffic routing", "Virtual network service endpoints").

use ipnet::IpNet;

use crate::catalog::Place;
use crate::catalog::names;
use crate::graph::{
    Graph, Head, Link, PrivateEndpoint, Route, SecurityGroup, SecurityRule, Subnet, SubnetLink, Target,
};
use crate::value::{Origin, State, Truth};

use super::clients::{azure_dns, pulls_by_name, service_endpoint};
use super::leaving::{default_route, of_environment};
use super::outbound::{DATA, REGISTRIES, STORAGE, To, inbound, outbound, ranges};
use super::pulls::Hosts;
use super::reach::Networks;
use super::through::{Gate, Through};

/// A subnet from which a client pulls from a registry.
#[derive(Debug)]
pub(in crate::catalog) struct ClientSubnet {
    pub(in crate::catalog) registry: u32,
    /// The subnet.
    pub(in crate::catalog) subnet: u32,
    /// Whether it is certain that the client pulls from the registry.
    pub(in crate::catalog) related: Truth,
    /// Who, in words, and where it names the subnet.
    pub(in crate::catalog) client: String,
    pub(in crate::catalog) at: Origin,
    pub(in crate::catalog) private_path: (Truth, Vec<Place>),
    pub(in crate::catalog) service_endpoint: (Truth, Vec<Place>),
    /// Whether a route drops what goes to public addresses.
    pub(in crate::catalog) dropped: Obstacle,
    /// Whether a security rule denies the way that the client takes to the registry.
    pub(in crate::catalog) denied: Obstacle,
    /// Whether a security rule of the subnet that the registry's private endpoint is in denies it to the client.
    pub(in crate::catalog) endpoint_denied: Obstacle,
    /// Whether its network asks Azure's resolver, and a security rule denies that.
    pub(in crate::catalog) dns_denied: Obstacle,
    /// Whether a security rule denies the storage that layers come from.
    pub(in crate::catalog) layers_denied: Obstacle,
    /// What a firewall on its way does; nothing where none is known.
    pub(in crate::catalog) through: Option<Through>,
}

/// Whether something stands in the way, what, and what shows that.
#[derive(Debug)]
pub(in crate::catalog) struct Obstacle {
    pub(in crate::catalog) truth: Truth,
    /// Where it is written.
    pub(in crate::catalog) at: Origin,
    /// What it is called: "route drop-internet of route table rt-lockdown".
    pub(in crate::catalog) name: Option<String>,
}

impl Obstacle {
    /// The same, if something else holds.
    fn when(self, truth: Truth) -> Self {
        Self { truth: self.truth.and(truth), ..self }
    }
}

/// A client before its subnet is looked at.
struct Client<'g> {
    head: &'g Head,
    what: &'static str,
    link: &'g SubnetLink,
    registries: Vec<(u32, Truth)>,
}

/// The subnets of the clients of each registry.
pub(super) fn client_subnets(
    graph: &Graph,
    hosts: &Hosts<'_>,
    reach: &Networks<'_>,
    gate: Option<&Gate<'_, '_>>,
) -> Vec<Vec<ClientSubnet>> {
    let mut all: Vec<Vec<ClientSubnet>> = graph.registries.iter().map(|_| Vec::new()).collect();
    if all.is_empty() || (graph.route_tables.is_empty() && graph.security_groups.is_empty()) {
        return all;
    }
    for client in clients(graph, hosts) {
        let Some(node) = client.link.subnet.node().and_then(|at| u32::try_from(at).ok()) else { continue };
        let Some(subnet) = graph.subnets.get(node as usize).filter(|subnet| !subnet.head.existing) else { continue };
        for (registry, pulls) in client.registries {
            let related = pulls.and(client.head.exists).and(subnet.head.exists);
            let Some(list) = all.get_mut(registry as usize).filter(|_| related != Truth::False) else { continue };
            // What holds for one client in a subnet holds for all.
            if let Some(known) = list.iter_mut().find(|known| known.subnet == node) {
                known.related = known.related.or(related);
                continue;
            }
            let private_path = reach.in_reach(registry, &client.link.virtual_network);
            let service_endpoint = service_endpoint(subnet);
            // What goes neither to a private endpoint near by nor over a service endpoint goes by the default route.
            let by_route = !private_path.0.or(service_endpoint.0);
            let through = gate.filter(|_| by_route != Truth::False);
            let through = through.and_then(|gate| gate.registry(registry, client.link, subnet, by_route));
            list.push(ClientSubnet {
                registry,
                subnet: node,
                related,
                client: format!("{} {}", client.what, names::pattern(&client.head.name).unwrap_or_default()),
                at: client.link.subnet.origin,
                dropped: dropped(graph, subnet),
                denied: denied(graph, reach, registry, client.link, subnet, private_path.0),
                endpoint_denied: endpoint_denied(graph, reach, registry, client.link, subnet),
                dns_denied: dns_denied(graph, client.link, subnet),
                layers_denied: layers_denied(graph, reach, registry, subnet),
                private_path,
                service_endpoint,
                through,
            });
        }
    }
    all
}

/// Clients that are in a subnet. Nothing tells what a cluster or a machine pulls: where the input has one registry only,
/// they are taken for that one's clients.
fn clients<'g>(graph: &'g Graph, hosts: &Hosts<'_>) -> Vec<Client<'g>> {
    let only = if graph.registries.len() == 1 { vec![(0, Truth::True)] } else { Vec::new() };
    let mut clients = Vec::new();
    let mut add = |head: &'g Head, what, link: &'g SubnetLink, registries| {
        clients.push(Client { head, what, link, registries });
    };
    // A proxy of its own takes a cluster to registries by another way.
    for cluster in graph.aks_clusters.iter().filter(|cluster| cluster.proxy.value() != Some(&true)) {
        for pool in &cluster.pools.items {
            add(&cluster.head, "AKS cluster", &pool.subnet, only.clone());
        }
        let mine = |link: &Link| link.id.as_ref().is_some_and(|id| id.key() == cluster.head.id.key());
        for pool in graph.aks_pools.iter().filter(|pool| mine(&pool.cluster)) {
            add(&cluster.head, "AKS cluster", &pool.subnet, only.clone());
        }
    }
    for environment in &graph.managed_environments {
        let registries = of_environment(graph, hosts, environment).unwrap_or_else(|| only.clone());
        add(&environment.head, "Container Apps environment", &environment.subnet, registries);
    }
    for pool in &graph.agent_pools {
        add(&pool.head, "agent pool", &pool.subnet, pool.registry.targets());
    }
    for app in graph.web_apps.iter().filter(|app| app.pulls_over_vnet.attr.value() == Some(&true)) {
        let registries = app.images.items.iter().flat_map(|image| hosts.find(&image.host)).collect();
        add(&app.head, "App Service", &app.subnet, registries);
    }
    for machine in &graph.virtual_machines {
        let interfaces = machine.interfaces.items.iter().filter_map(Link::node);
        let interfaces = interfaces.filter_map(|at| graph.network_interfaces.get(at));
        for link in machine.subnets.items.iter().chain(interfaces.flat_map(|interface| &interface.subnets.items)) {
            add(&machine.head, "machine", link, only.clone());
        }
    }
    for client in &graph.clients {
        let all = (0_u32..).zip(&graph.registries);
        let registries = all.map(|(at, registry)| (at, pulls_by_name(&client.registries, registry))).collect();
        add(&client.head, "client", &client.subnet, registries);
    }
    clients
}

/// Whether the route that traffic to public addresses takes leads nowhere.
fn dropped(graph: &Graph, subnet: &Subnet) -> Obstacle {
    let link = &subnet.route_table;
    let nothing = Obstacle { truth: Truth::False, at: link.origin, name: None };
    let Some(table) = link.node().and_then(|at| graph.route_tables.get(at)) else {
        let unknown = !matches!(link.target, Target::Absent);
        return if unknown { Obstacle { truth: Truth::Unknown, ..nothing } } else { nothing };
    };
    let name = |route: &Route| {
        let name = names::pattern(&route.name).unwrap_or_default();
        Some(format!("route {name} of route table {}", table.head.address))
    };
    match default_route(&table.routes) {
        _ if table.head.existing => Obstacle { truth: Truth::Unknown, ..nothing },
        Err(()) => Obstacle { truth: Truth::Unknown, at: table.routes.at, name: None },
        Ok(None) => nothing,
        Ok(Some(route)) => {
            let truth = names::attr_is(&route.next_hop_type, "None").and(table.head.exists);
            Obstacle { truth, at: route.next_hop_type.origin, name: name(route) }
        }
    }
}

/// Whether a security rule denies the way to a registry: that to its private endpoints in reach, that to its public
/// addresses, or, where nobody knows which it is, both.
fn denied(
    graph: &Graph,
    reach: &Networks<'_>,
    registry: u32,
    link: &SubnetLink,
    subnet: &Subnet,
    private_path: Truth,
) -> Obstacle {
    let group = &subnet.security_group;
    let nothing = Obstacle { truth: Truth::False, at: group.origin, name: None };
    let Some(node) = group.node().and_then(|at| graph.security_groups.get(at)) else {
        let unknown = !matches!(group.target, Target::Absent);
        return if unknown { Obstacle { truth: Truth::Unknown, ..nothing } } else { nothing };
    };
    let mut found = Vec::new();
    if private_path != Truth::False {
        for &(at, _) in reach.endpoints(registry) {
            if reach.reaches_endpoint(at, &link.virtual_network) == Truth::False {
                continue;
            }
            let Some(endpoint) = graph.private_endpoints.get(at as usize) else { continue };
            found.push(outbound(node, subnet, &To::Private(&addresses(graph, endpoint))));
        }
    }
    if private_path != Truth::True {
        found.push(outbound(node, subnet, &To::Public(REGISTRIES)));
    }
    let all = found.iter().map(|one| one.denied).reduce(|a, b| if a == b { a } else { Truth::Unknown });
    let by = found.iter().find_map(|one| one.by.filter(|_| one.denied != Truth::False));
    let name = by.map(|rule| named(rule, node));
    let truth = all.unwrap_or(Truth::False).and(node.head.exists);
    Obstacle { truth, at: by.map_or(group.origin, |rule| rule.access.origin), name }
}

/// Whether a security rule denies what a subnet asks Azure's resolver, where its network does not ask another one.
fn dns_denied(graph: &Graph, link: &SubnetLink, subnet: &Subnet) -> Obstacle {
    let group = &subnet.security_group;
    let Some(node) = group.node().and_then(|at| graph.security_groups.get(at)) else {
        // Nobody denies the resolver by accident: of a group that is not shown nothing is said.
        return Obstacle { truth: Truth::False, at: group.origin, name: None };
    };
    let found = outbound(node, subnet, &To::Resolver);
    let asked = azure_dns(graph, &link.virtual_network).0;
    let denied = if found.by.is_none() { Truth::False } else { found.denied };
    Obstacle {
        truth: denied.and(asked).and(node.head.exists),
        at: found.by.map_or(group.origin, |rule| rule.access.origin),
        name: found.by.map(|rule| named(rule, node)),
    }
}

/// Whether the private endpoints of a registry in reach are denied to a client where they are: by security rules, which
/// count for endpoints only where their subnet says so ("Manage network policies for private endpoints").
fn endpoint_denied(graph: &Graph, reach: &Networks<'_>, registry: u32, link: &SubnetLink, from: &Subnet) -> Obstacle {
    let mut found = Vec::new();
    for &(at, _) in reach.endpoints(registry) {
        let reached = reach.reaches_endpoint(at, &link.virtual_network);
        let endpoint = graph.private_endpoints.get(at as usize).filter(|_| reached != Truth::False);
        let Some(endpoint) = endpoint else { continue };
        let Some(within) = endpoint.subnet.subnet.node().and_then(|at| graph.subnets.get(at)) else {
            found.push(Obstacle { truth: Truth::Unknown, at: endpoint.subnet.subnet.origin, name: None });
            continue;
        };
        found.push(denied_in(graph, within, from, &addresses(graph, endpoint)).when(endpoint.head.exists));
    }
    let truth = found.iter().map(|one| one.truth).reduce(|a, b| if a == b { a } else { Truth::Unknown });
    let shown = found.into_iter().max_by_key(|one| one.truth);
    match (truth, shown) {
        (Some(truth), Some(one)) => Obstacle { truth, ..one },
        (_, _) => Obstacle { truth: Truth::False, at: link.subnet.origin, name: None },
    }
}

/// Whether the rules of the subnet of an endpoint deny it to another subnet. `to`: its addresses.
fn denied_in(graph: &Graph, within: &Subnet, from: &Subnet, to: &[IpNet]) -> Obstacle {
    let policies = &within.private_endpoint_network_policies;
    let count = match &policies.state {
        State::Absent => Truth::False, // the default is `Disabled`
        State::Known(_) | State::Unknown(_) => {
            names::attr_is(policies, "Enabled").or(names::attr_is(policies, "NetworkSecurityGroupEnabled"))
        }
    };
    let group = &within.security_group;
    let node = group.node().and_then(|at| graph.security_groups.get(at));
    match node {
        _ if count == Truth::False => Obstacle { truth: Truth::False, at: policies.origin, name: None },
        None if matches!(group.target, Target::Absent) => {
            Obstacle { truth: Truth::False, at: group.origin, name: None }
        }
        None => Obstacle { truth: Truth::Unknown, at: group.origin, name: None },
        Some(node) => {
            let found = inbound(node, from, to);
            Obstacle {
                truth: found.denied.and(count).and(node.head.exists),
                at: found.by.map_or(group.origin, |rule| rule.access.origin),
                name: found.by.map(|rule| named(rule, node)),
            }
        }
    }
}

/// Whether a security rule denies where layers come from on the public way: storage, or, where there are data endpoints or
/// may be, what these are in, too.
fn layers_denied(graph: &Graph, reach: &Networks<'_>, registry: u32, subnet: &Subnet) -> Obstacle {
    let group = &subnet.security_group;
    let nothing = Obstacle { truth: Truth::False, at: group.origin, name: None };
    let node = group.node().and_then(|at| graph.security_groups.get(at));
    let (Some(node), Some(registry_node)) = (node, graph.registries.get(registry as usize)) else {
        // Of a group that is not known, what is said of the login server says enough.
        return nothing;
    };
    let in_storage = registry_node.data_endpoint.attr.value() == Some(&false) && reach.endpoints(registry).is_empty();
    let found = outbound(node, subnet, &To::Public(if in_storage { STORAGE } else { DATA }));
    Obstacle {
        truth: found.denied.and(node.head.exists),
        at: found.by.map_or(group.origin, |rule| rule.access.origin),
        name: found.by.map(|rule| named(rule, node)),
    }
}

/// A rule in words.
pub(super) fn named(rule: &SecurityRule, group: &SecurityGroup) -> String {
    format!("security rule {} of {}", names::pattern(&rule.name).unwrap_or_default(), group.head.address)
}

/// The addresses of an endpoint, as far as they are told; else the ranges of its subnet.
pub(super) fn addresses(graph: &Graph, endpoint: &PrivateEndpoint) -> Vec<IpNet> {
    let interfaces = endpoint.interfaces.items.iter().filter_map(Link::node);
    let shown = interfaces.filter_map(|at| graph.network_interfaces.get(at)).flat_map(|node| &node.addresses.items);
    let shown = shown.map(|shown| &shown.address);
    let fixed = endpoint.ip_configurations.items.iter().map(|fixed| &fixed.address);
    let parse = |text: &str| text.parse::<std::net::IpAddr>().ok().map(IpNet::from);
    let told: Vec<IpNet> = shown.chain(fixed).filter_map(|attr| parse(names::trimmed(attr)?)).collect();
    if !told.is_empty() {
        return told;
    }
    let subnet = endpoint.subnet.subnet.node().and_then(|at| graph.subnets.get(at));
    subnet.map(|subnet| ranges(&subnet.prefixes)).unwrap_or_default()
}
