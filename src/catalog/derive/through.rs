//! Whether the firewall that a subnet's traffic goes through lets clients log in to a registry and load layers, and agent
//! pools reach what they need.
//!
//! In: the graph. Out: [`Through`] for a client's subnet, [`Services`] for an agent pool. Must not know: rules of registries.
//!
//! Traffic to a private endpoint in the same or a peered network does not pass a firewall that is a default route, nor does
//! that over a service endpoint; a private endpoint behind the firewall's own network is reached through it ("Inspect
//! traffic destined to a private endpoint").

use ipnet::IpNet;

use crate::catalog::names;
use crate::graph::{AgentPool, Firewall, Graph, Link, Registry, Subnet, SubnetLink};
use crate::value::{Attr, Origin, Pattern, State, Truth, Unknown};

use super::client_subnets::{Obstacle, addresses, named};
use super::filter::{Filter, Filtered, Goal};
use super::leaving::Doors;
use super::outbound::{DATA, REGISTRIES, STORAGE, Tags, To, outbound, ranges};
use super::reach::Networks;
use super::records::regions;

/// What an agent pool needs beside its registry: the service tag, what hosts are below, the service endpoint ("Run tasks on
/// dedicated pools").
const SERVICES: [(&str, &Tags, &[&str], &str); 5] = [
    ("Storage", STORAGE, &["*.blob.", "*.queue.", "*.table."], "Microsoft.Storage"),
    ("AzureKeyVault", &["azurekeyvault", "azurecloud"], &["*.vault.azure.net"], "Microsoft.KeyVault"),
    ("EventHub", &["eventhub", "azurecloud"], &["*.servicebus.windows.net"], "Microsoft.EventHub"),
    (
        "AzureActiveDirectory",
        &["azureactivedirectory", "azurecloud"],
        &["login.microsoftonline.com"],
        "Microsoft.AzureActiveDirectory",
    ),
    ("AzureMonitor", &["azuremonitor", "azurecloud"], &["*.monitor.azure.com"], ""),
];

/// What a firewall does with the traffic of a client to a registry.
#[derive(Debug)]
pub(in crate::catalog) struct Through {
    /// With requests to the login server, and what that is called.
    pub(in crate::catalog) login: Barred,
    /// With layers from the home region.
    pub(in crate::catalog) layers: Barred,
    /// With layers from the region of a replica.
    pub(in crate::catalog) replica_layers: Barred,
}

/// Whether something is barred, and what.
#[derive(Debug)]
pub(in crate::catalog) struct Barred {
    pub(in crate::catalog) obstacle: Obstacle,
    /// The host, with its addresses where these are private.
    pub(in crate::catalog) host: String,
}

/// What keeps an agent pool from the services that it needs.
#[derive(Debug)]
pub(in crate::catalog) struct Services {
    pub(in crate::catalog) obstacle: Obstacle,
    /// Which ones, with the hosts that they have.
    pub(in crate::catalog) names: String,
    /// The rule that lets the pool reach registries, where it is in the way of no more.
    pub(in crate::catalog) beside: Option<(String, Origin)>,
}

/// Everything that the question needs.
pub(super) struct Gate<'g, 'n> {
    graph: &'g Graph,
    reach: &'n Networks<'g>,
    doors: Doors<'g>,
}

impl<'g, 'n> Gate<'g, 'n> {
    /// For a graph; nothing where it has no firewall, and no pool.
    pub(super) fn new(graph: &'g Graph, reach: &'n Networks<'g>) -> Option<Self> {
        let any = !graph.firewalls.is_empty() || !graph.agent_pools.is_empty();
        any.then(|| Self { graph, reach, doors: Doors::new(graph) })
    }

    /// What becomes of the traffic of a subnet's clients to a registry; nothing where no firewall is in their way.
    pub(super) fn registry(&self, registry: u32, link: &SubnetLink, subnet: &Subnet, open: Truth) -> Option<Through> {
        let node = self.graph.registries.get(registry as usize)?;
        let firewall = self.doors.firewall_before(subnet)?;
        let filter = Filter::of(self.graph, firewall)?;
        let (behind, endpoints) = self.behind(registry, firewall);
        // Where the private endpoint is not reached either way, the public one may still be.
        let public = !names::attr_is(&node.public_network_access.attr, "Disabled");
        let mut ways: Vec<Option<&[IpNet]>> = Vec::new();
        if behind == Truth::True {
            ways.push(Some(&endpoints));
        }
        if public != Truth::False {
            ways.push(None);
        }
        if ways.is_empty() {
            return None;
        }
        let sure = match (behind, public) {
            _ if open != Truth::True => Truth::Unknown,
            (Truth::Unknown, _) | (_, Truth::Unknown) => Truth::Unknown,
            (_, _) => Truth::True,
        };
        let asked =
            Asked { registry: node, filter, from: ranges(&subnet.prefixes), ways, sure, at: link.subnet.origin };
        let base = names::base(node).unwrap_or_else(|unknown| Pattern::hole(&unknown)).to_lowercase();
        let login = names::suffixes(node).iter().map(|suffix| (joined(&base, &format!(".{suffix}")), REGISTRIES));
        let all = regions(self.graph, registry);
        let mut layers = all.iter().map(|region| (region, layers(node, &base, &region.name, !endpoints.is_empty())));
        let (_, home) = layers.next()?;
        let replicas = layers.filter(|(region, _)| region.truth == Truth::True);
        let replicas = replicas.map(|(_, hosts)| asked.barred(hosts));
        Some(Through {
            login: asked.barred(vec![login.collect()]),
            layers: asked.barred(home),
            replica_layers: replicas.max_by_key(|one| one.obstacle.truth).unwrap_or_else(|| asked.barred(Vec::new())),
        })
    }

    /// Whether a private endpoint of a registry is behind the network of a firewall, and the addresses that it may have.
    fn behind(&self, registry: u32, firewall: &Firewall) -> (Truth, Vec<IpNet>) {
        let Some(network) = self.doors.network_of(firewall) else { return (Truth::Unknown, Vec::new()) };
        let (truth, _) = self.reach.in_reach(registry, network);
        let near = self.reach.endpoints(registry).iter().map(|(at, _)| *at);
        let near = near.filter(|at| self.reach.reaches_endpoint(*at, network) == Truth::True);
        let near = near.filter_map(|at| self.graph.private_endpoints.get(at as usize));
        (truth, near.flat_map(|endpoint| addresses(self.graph, endpoint)).collect())
    }

    /// What keeps a pool from the services that it needs; nothing where the input does not have its subnet.
    pub(super) fn services(&self, pool: &AgentPool) -> Option<Services> {
        let subnet = pool.subnet.subnet.node().and_then(|at| self.graph.subnets.get(at));
        let subnet = subnet.filter(|subnet| !subnet.head.existing)?;
        let filter = self.doors.firewall_before(subnet).and_then(|firewall| Filter::of(self.graph, firewall));
        let group = subnet.security_group.node().and_then(|at| self.graph.security_groups.get(at));
        let registry = pool.registry.node().and_then(|at| self.graph.registries.get(at));
        let from = ranges(&subnet.prefixes);
        let mut missing: Vec<(String, Filtered)> = Vec::new();
        let mut worst = Truth::False;
        for (name, tags, hosts, endpoint) in SERVICES {
            let endpoints = &subnet.service_endpoints;
            let has = endpoints.items.iter().map(|service| names::attr_is(service, endpoint)).max();
            let direct =
                has.unwrap_or(Truth::False).or(if endpoints.open.is_some() { Truth::Unknown } else { Truth::False });
            let mut denied = Vec::new();
            if let Some(group) = group {
                let found = outbound(group, subnet, &To::Public(tags));
                let by = found.by.map(|rule| named(rule, group)).unwrap_or_default();
                let at = found.by.map_or(subnet.security_group.origin, |rule| rule.access.origin);
                denied.push((name.to_owned(), Filtered { denied: found.denied.and(group.head.exists), by, at }));
            }
            if let Some(filter) = filter.as_ref().filter(|_| direct != Truth::True) {
                let hosts: Vec<String> = hosts.iter().map(|host| host_of(registry, host)).collect();
                let ask = |host: &String| {
                    let goal = Goal { host: Pattern::literal(host), tags, addresses: None, is: &|_| None };
                    let filtered = filter.ask(&from, &goal);
                    Filtered {
                        denied: if direct == Truth::False {
                            filtered.denied
                        } else {
                            filtered.denied.and(Truth::Unknown)
                        },
                        ..filtered
                    }
                };
                let asked: Vec<(&String, Filtered)> = hosts.iter().map(|host| (host, ask(host))).collect();
                let worst = asked.iter().map(|(_, filtered)| filtered.denied).max().unwrap_or(Truth::False);
                let barred: Vec<&str> = asked
                    .iter()
                    .filter(|(_, filtered)| filtered.denied == worst)
                    .map(|(host, _)| host.as_str())
                    .collect();
                let words = format!("{name} ({})", barred.join(", "));
                denied
                    .extend(asked.into_iter().find(|(_, filtered)| filtered.denied == worst).map(|(_, f)| (words, f)));
            }
            let Some((words, filtered)) = denied.into_iter().max_by_key(|(_, filtered)| filtered.denied) else {
                continue;
            };
            worst = worst.or(filtered.denied);
            if filtered.denied != Truth::False {
                missing.push((words, filtered));
            }
        }
        missing.retain(|(_, filtered)| filtered.denied == worst);
        let names: Vec<&str> = missing.iter().map(|(words, _)| words.as_str()).collect();
        let first = missing.first().map(|(_, filtered)| filtered);
        let obstacle = Obstacle {
            truth: worst.and(subnet.head.exists),
            at: first.map_or(pool.subnet.subnet.origin, |filtered| filtered.at),
            name: first.map(|filtered| filtered.by.clone()),
        };
        let names = names.join(", ");
        let beside = filter.as_ref().zip(registry).and_then(|(filter, registry)| let_through(filter, registry, &from));
        Some(Services { obstacle, names, beside })
    }
}

/// A host as it is, but that one of Azure Storage is below the domain of the registry's cloud.
fn host_of(registry: Option<&Registry>, host: &str) -> String {
    let suffix = registry.and_then(|node| names::suffixes(node).first().copied()).unwrap_or_default();
    if host.ends_with('.') { format!("{host}{}", storage(suffix)) } else { host.to_owned() }
}

/// The rule that lets traffic to a registry through.
fn let_through(filter: &Filter<'_>, registry: &Registry, from: &[IpNet]) -> Option<(String, Origin)> {
    let base = names::base(registry).unwrap_or_else(|unknown| Pattern::hole(&unknown)).to_lowercase();
    let hosts = names::suffixes(registry).iter().map(|suffix| joined(&base, &format!(".{suffix}")));
    let is = |unknown: &Unknown| names::is_login_server(unknown, registry);
    let asked = hosts.map(|host| filter.ask(from, &Goal { host, tags: REGISTRIES, addresses: None, is: &is }));
    let found = asked.into_iter().find(|filtered| filtered.denied == Truth::False)?;
    Some((found.by, found.at))
}

/// The domain of Azure Storage in the cloud of a registry.
fn storage(suffix: &str) -> &'static str {
    match suffix {
        "azurecr.us" => "core.usgovcloudapi.net",
        "azurecr.cn" => "core.chinacloudapi.cn",
        _ => "core.windows.net",
    }
}

fn joined(base: &Pattern, end: &str) -> Pattern {
    let mut host = base.clone();
    host.push_str(end);
    host
}

/// The hosts of which each has to be let through, in each cloud that a registry may be in.
type Hosts = Vec<Vec<(Pattern, &'static Tags)>>;

/// Where layers of a region come from: its data endpoint where these are enabled, else storage; where nobody knows which,
/// one of both.
fn layers(node: &Registry, base: &Pattern, region: &Attr<Pattern>, has_endpoint: bool) -> Hosts {
    let region = names::pattern(region).unwrap_or_default().to_lowercase();
    let suffixes = names::suffixes(node);
    let data = suffixes.iter().map(|suffix| {
        let host = names::in_region(base.clone(), &region, &format!(".data.{suffix}"));
        (host, DATA)
    });
    let blob = suffixes.iter().map(|suffix| (Pattern::literal(&format!("*.blob.{}", storage(suffix))), STORAGE));
    match node.data_endpoint.attr.state {
        State::Known(true) => vec![data.collect()],
        State::Known(false) if !has_endpoint => vec![blob.collect()],
        State::Known(false) | State::Absent | State::Unknown(_) => vec![data.chain(blob).collect()],
    }
}

/// A firewall, and how traffic comes to it.
struct Asked<'g, 'a> {
    registry: &'g Registry,
    filter: Filter<'g>,
    from: Vec<IpNet>,
    /// The addresses that traffic may go to; nothing for public ones.
    ways: Vec<Option<&'a [IpNet]>>,
    /// Whether it is certain that it goes so.
    sure: Truth,
    at: Origin,
}

impl Asked<'_, '_> {
    /// Whether one of some hosts is barred: on each way, and in each cloud that it may be in.
    fn barred(&self, hosts: Hosts) -> Barred {
        let mut worst: Option<Barred> = None;
        for alternatives in hosts {
            let mut all: Option<(Filtered, String)> = None;
            for (host, tags) in alternatives {
                for way in &self.ways {
                    let login = |unknown: &Unknown| names::is_login_server(unknown, self.registry);
                    // A login server is none of the hosts that layers come from.
                    let other = |unknown: &Unknown| login(unknown).map(|_| false);
                    let is: &dyn Fn(&Unknown) -> Option<bool> = if tags == REGISTRIES { &login } else { &other };
                    let goal = Goal { host: host.clone(), tags, addresses: *way, is };
                    let found = self.filter.ask(&self.from, &goal);
                    if all.as_ref().is_none_or(|(known, _)| found.denied < known.denied) {
                        all = Some((found, shown(&host, *way)));
                    }
                }
            }
            let Some((found, host)) = all else { continue };
            let truth = if self.sure == Truth::True { found.denied } else { found.denied.and(Truth::Unknown) };
            if worst.as_ref().is_none_or(|known| truth > known.obstacle.truth) {
                worst = Some(Barred { obstacle: Obstacle { truth, at: found.at, name: Some(found.by) }, host });
            }
        }
        let nothing = || Obstacle { truth: Truth::False, at: self.at, name: None };
        worst.unwrap_or_else(|| Barred { obstacle: nothing(), host: String::new() })
    }
}

fn shown(host: &Pattern, addresses: Option<&[IpNet]>) -> String {
    let host = host.shown();
    match addresses {
        Some(addresses) if !addresses.is_empty() => {
            let mut all: Vec<String> = addresses.iter().map(address).collect();
            all.sort();
            all.dedup();
            format!("{host} at {}", all.join(", "))
        }
        Some(_) | None => host,
    }
}

/// An address, or a range.
fn address(range: &IpNet) -> String {
    if range.prefix_len() == range.max_prefix_len() { range.addr().to_string() } else { range.to_string() }
}

impl<'g> Doors<'g> {
    /// The network of a firewall.
    fn network_of(&self, firewall: &Firewall) -> Option<&'g Link> {
        let mut ids = firewall.configurations.items.iter().filter_map(|one| one.subnet.id.as_ref());
        ids.find_map(|id| self.subnet(id.key())).map(|subnet| &subnet.virtual_network)
    }
}
