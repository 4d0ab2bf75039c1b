//! Which A records a private zone should have for a registry.
//!
//! In: the graph and the networks of a registry's clients. Out: [`ExpectedRecord`]s. Must not know: what to say of them.
//!
//! A registry with private endpoints has, in the zone `privatelink.<suffix>`, one record for its login server, one for
//! the data endpoint of its home region and of each replica, and with regional endpoints one more for each region
//! ("Connect privately to a registry using Private Link").

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::answer::{home, note, place};
use crate::catalog::model::Name;
use crate::catalog::names;
use crate::catalog::{Completeness, Member, Place, Related};
use crate::graph::{Graph, Head, Link, Registry, Zone};
use crate::value::{Attr, Origin, Pattern, Truth, Unknown};

use super::clients::ClientNetwork;
use super::reach::{endpoints, endpoints_known};

/// What a record leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalog) enum Role {
    /// The login server.
    Login,
    /// The data endpoint of the home region.
    HomeData,
    /// The data endpoint of a replica.
    ReplicaData,
    /// A regional endpoint.
    Regional,
}

impl Role {
    /// The word of rules.
    pub(in crate::catalog) const fn text(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::HomeData => "homeData",
            Self::ReplicaData => "replicaData",
            Self::Regional => "regional",
        }
    }
}

/// An A record that a zone should have.
#[derive(Debug)]
pub(in crate::catalog) struct ExpectedRecord {
    pub(in crate::catalog) registry: u32,
    pub(in crate::catalog) zone: u32,
    pub(in crate::catalog) role: Role,
    pub(in crate::catalog) name: Result<Pattern, Arc<Unknown>>,
    pub(in crate::catalog) region: Attr<Pattern>,
    /// Whether it really is expected.
    pub(in crate::catalog) related: Truth,
    pub(in crate::catalog) redirects: Truth,
    /// The zone is kept for another registry, and it is certain that none of the networks which resolve in it reaches an
    /// endpoint of this one; then why.
    pub(in crate::catalog) foreign: Option<Vec<Place>>,
    /// What says what happens to names that the zone does not have.
    pub(in crate::catalog) policy: Origin,
    /// Zones of the same name that have the record, by hand or by a zone group.
    pub(in crate::catalog) elsewhere: Vec<(u32, Place)>,
    pub(in crate::catalog) managed: (Truth, Vec<Place>),
    /// The place to edit first; then the zone, the link and the endpoint.
    pub(in crate::catalog) places: Vec<Place>,
}

impl ExpectedRecord {
    /// Tells it from the others of its registry.
    pub(in crate::catalog) fn key(&self, graph: &Graph) -> String {
        let zone = graph.zones.get(self.zone as usize).map_or_else(String::new, |zone| zone.head.id.to_string());
        let region = names::pattern(&self.region).map(|region| region.to_string()).unwrap_or_default();
        format!("{zone}/{}/{region}", self.role.text())
    }

    /// The records of the zone that have its name.
    pub(in crate::catalog) fn records(&self, graph: &Graph) -> Related {
        let at = self.places.first().cloned().unwrap_or_else(|| place(self.region.origin));
        records_of_name(graph, self.zone, &self.name, at)
    }
}

/// The records of a zone that have a name. `at`: what to show of a zone that the graph does not have.
pub(in crate::catalog) fn records_of_name(
    graph: &Graph,
    zone: u32,
    wanted: &Result<Pattern, Arc<Unknown>>,
    at: Place,
) -> Related {
    let members = members_of_name(graph, zone, wanted);
    let complete = match graph.zones.get(zone as usize) {
        Some(zone) => records_complete(graph, zone, !members.is_empty()),
        None => Completeness::Presumed(at),
    };
    Related { members, complete }
}

fn members_of_name(graph: &Graph, zone: u32, wanted: &Result<Pattern, Arc<Unknown>>) -> Vec<Member> {
    let all = graph.incoming.a_records.get(zone as usize).map(Vec::as_slice).unwrap_or_default();
    let mut members = Vec::new();
    for &(at, belongs) in all {
        let Some(record) = graph.a_records.get(at as usize) else { continue };
        let named = match (wanted, names::pattern(&record.head.name)) {
            // A wildcard answers where no closer record does.
            (_, Some(name)) if names::is(&name, "*") => Truth::Unknown,
            (Ok(wanted), Some(name)) => wanted.to_lowercase().same(&name.to_lowercase()),
            (Err(_), _) | (_, None) => Truth::Unknown,
        };
        let related = named.and(belongs).and(record.head.exists);
        if related != Truth::False {
            let places = vec![place(home(&record.head))];
            members.push(Member { subject: Name::ARecord.node(at), related, places });
        }
    }
    members
}

fn records_complete(graph: &Graph, zone: &Zone, any: bool) -> Completeness {
    if let Some(at) = listed_records(graph, zone) {
        return Completeness::Complete(note(at, "this shows every A record of the zone"));
    }
    let name = names::pattern(&zone.head.name).unwrap_or_default();
    let settle = format!("az network private-dns record-set a list --zone-name {name}");
    let ty = Name::ARecord.ty().unwrap_or_default();
    crate::catalog::answer::of_declared(graph, &zone.head, ty, any, ("record of this name in the zone", &settle))
}

/// The list of a zone's A records, where the input has all of them.
fn listed_records(graph: &Graph, zone: &Zone) -> Option<Origin> {
    Name::ARecord.ty().and_then(|ty| graph.listings.within(ty, &zone.head.id))
}

/// A region that a registry is in.
#[derive(Debug)]
pub(in crate::catalog) struct Region {
    /// Normalized: `eastus2`.
    pub(in crate::catalog) name: Attr<Pattern>,
    /// Of a replica rather than the home region.
    pub(in crate::catalog) replica: bool,
    /// Whether the registry is really there.
    pub(in crate::catalog) truth: Truth,
    /// What puts it there.
    pub(in crate::catalog) at: Origin,
}

/// The home region of a registry and those of its replications, each once.
pub(in crate::catalog) fn regions(graph: &Graph, registry: u32) -> Vec<Region> {
    let Some(node) = graph.registries.get(registry as usize) else { return Vec::new() };
    let location = &node.head.location;
    let home = Region { name: names::region(location), replica: false, truth: Truth::True, at: location.origin };
    let mut regions = vec![home];
    let replications = graph.incoming.replications.get(registry as usize).map(Vec::as_slice).unwrap_or_default();
    for &(at, belongs) in replications {
        let Some(replication) = graph.replications.get(at as usize) else { continue };
        let head = &replication.head;
        // A replication is named after its region; some inputs give nothing else.
        let location = if head.location.is_absent() { &head.name } else { &head.location };
        let name = names::region(location);
        let truth = belongs.and(head.exists);
        let known = regions.iter_mut().find(|region| match (names::pattern(&region.name), names::pattern(&name)) {
            (Some(a), Some(b)) => a.to_lowercase().same(&b.to_lowercase()) == Truth::True,
            (None | Some(_), _) => false,
        });
        match known {
            Some(region) => region.truth = region.truth.or(truth),
            None if truth == Truth::False => {}
            None => regions.push(Region { name, replica: true, truth, at: location.origin }),
        }
    }
    regions
}

/// A zone that clients resolve with, and how.
struct ZoneUse {
    truth: Truth,
    redirects: Truth,
    link: Origin,
    /// What says what happens to names that the zone does not have.
    policy: Origin,
    /// Why no network that resolves with it reaches the registry, where that is certain of all of them.
    foreign: Option<Vec<Place>>,
}

/// The records that the zones linked to client networks should have.
/// `same_name`: the zones of the registry's cloud.
pub(super) fn expected(
    graph: &Graph,
    registry: u32,
    networks: &[ClientNetwork],
    same_name: &[(u32, Truth)],
) -> Vec<ExpectedRecord> {
    let Some(node) = graph.registries.get(registry as usize) else { return Vec::new() };
    let endpoints = endpoints(graph, registry);
    let mut has_endpoint = endpoints.iter().map(|(_, truth)| *truth).max().unwrap_or(Truth::False);
    if !endpoints_known(graph, registry) {
        has_endpoint = has_endpoint.or(Truth::Unknown);
    }
    if has_endpoint == Truth::False {
        return Vec::new();
    }
    let mut records = Vec::new();
    let others = Others { certain: certain(same_name), kept: kept(graph, &endpoints) };
    for (zone, used) in zones(graph, networks) {
        let Some(zone_node) = graph.zones.get(zone as usize) else { continue };
        let mut shared = vec![
            note(home(&zone_node.head), "clients resolve in this zone"),
            note(used.link, "the zone is linked to the clients' network here"),
        ];
        if let Some(endpoint) = endpoints.first().and_then(|(at, _)| graph.private_endpoints.get(*at as usize)) {
            shared.push(note(home(&endpoint.head), "the registry has this private endpoint"));
        }
        let managed = managed(graph, registry, &endpoints, zone);
        let for_others = used.foreign.is_some() && is_for_others(graph, &endpoints, zone);
        for wanted in wanted(graph, registry, node) {
            let mut places = vec![place(wanted.at)];
            places.extend(shared.iter().cloned());
            places.extend(answers(graph, &endpoints, &wanted));
            let elsewhere = elsewhere(graph, registry, &endpoints, zone, &wanted.name, &others);
            records.push(ExpectedRecord {
                foreign: used.foreign.clone().filter(|_| for_others),
                policy: used.policy,
                elsewhere,
                registry,
                zone,
                role: wanted.role,
                name: wanted.name,
                region: wanted.region,
                related: wanted.truth.and(used.truth).and(has_endpoint),
                redirects: used.redirects,
                managed: managed.clone(),
                places,
            });
        }
    }
    records
}

/// Whether a zone group of another registry's endpoint keeps its records in a zone.
fn is_for_others(graph: &Graph, endpoints: &[(u32, Truth)], zone: u32) -> bool {
    graph.zone_groups.iter().any(|group| {
        let own = endpoints.iter().any(|(endpoint, _)| group.private_endpoint.leads_to(*endpoint) != Truth::False);
        !own && group.configs.items.iter().any(|config| config.zone.leads_to(zone) == Truth::True)
    })
}

/// Zones in which the records of a registry may stand as well.
struct Others {
    /// Those that certainly have the name of the registry's zone.
    certain: Vec<u32>,
    /// Those of them and others that zone groups of its endpoints keep.
    kept: BTreeSet<u32>,
}

fn certain(zones: &[(u32, Truth)]) -> Vec<u32> {
    zones.iter().filter(|(_, truth)| *truth == Truth::True).map(|(zone, _)| *zone).collect()
}

/// The zones that zone groups of some endpoints certainly lead to.
fn kept(graph: &Graph, endpoints: &[(u32, Truth)]) -> BTreeSet<u32> {
    let groups = endpoints.iter().filter_map(|(at, _)| graph.incoming.zone_groups.get(*at as usize)).flatten();
    let groups = groups.filter_map(|(at, _)| graph.zone_groups.get(*at as usize));
    let zones = groups.flat_map(|group| &group.configs.items).filter_map(|config| config.zone.node());
    zones.filter_map(|zone| u32::try_from(zone).ok()).collect()
}

/// The other zones of the same name that certainly have a record.
fn elsewhere(
    graph: &Graph,
    registry: u32,
    endpoints: &[(u32, Truth)],
    zone: u32,
    name: &Result<Pattern, Arc<Unknown>>,
    others: &Others,
) -> Vec<(u32, Place)> {
    let mut found = Vec::new();
    for &at in others.certain.iter().filter(|at| **at != zone) {
        let written = || {
            let mut members = members_of_name(graph, at, name).into_iter();
            members.find(|member| member.related == Truth::True)?.places.into_iter().next()
        };
        let kept = || {
            let (kept, places) = managed(graph, registry, endpoints, at);
            places.into_iter().next().filter(|_| kept == Truth::True)
        };
        let there = written().or_else(|| others.kept.contains(&at).then(kept).flatten());
        found.extend(there.map(|place| (at, place)));
        if found.len() >= super::MANY_ZONES {
            break;
        }
    }
    found
}

fn zones(graph: &Graph, networks: &[ClientNetwork]) -> BTreeMap<u32, ZoneUse> {
    let mut zones: BTreeMap<u32, ZoneUse> = BTreeMap::new();
    for network in networks {
        for &(zone, link_at, linked) in &network.zones {
            let truth = linked.and(network.related).and(network.azure_dns.0);
            let Some(link) = graph.zone_links.get(link_at as usize).filter(|_| truth != Truth::False) else { continue };
            let redirects = names::attr_is(&link.resolution_policy.attr, "NxDomainRedirect");
            let foreign = Some(network.private_path.1.clone()).filter(|_| network.private_path.0 == Truth::False);
            let (link, setting) = (link.virtual_network.origin, &link.resolution_policy);
            let written = !setting.defaulted && !setting.attr.is_absent();
            let policy = if written { setting.attr.origin } else { link };
            let new = ZoneUse { truth, redirects, link, policy, foreign };
            match zones.get_mut(&zone) {
                Some(old) => {
                    // One network without the fallback suffices for names that do not resolve.
                    old.redirects = old.redirects.and(redirects);
                    if new.foreign.is_none() {
                        old.foreign = None;
                    }
                    if truth > old.truth {
                        (old.truth, old.link, old.policy) = (truth, new.link, new.policy);
                    }
                }
                None => {
                    zones.insert(zone, new);
                }
            }
        }
    }
    zones
}

/// Whether a zone group of one of the registry's endpoints keeps the records of a zone.
pub(super) fn managed(graph: &Graph, registry: u32, endpoints: &[(u32, Truth)], zone: u32) -> (Truth, Vec<Place>) {
    // What a zone group keeps is there already where all records are shown.
    if let Some(at) = graph.zones.get(zone as usize).and_then(|zone| listed_records(graph, zone)) {
        return (Truth::False, vec![note(at, "this shows every A record of the zone")]);
    }
    let mut best = (Truth::False, Vec::new());
    for &(at, targets) in endpoints {
        let Some(endpoint) = graph.private_endpoints.get(at as usize) else { continue };
        let groups = graph.incoming.zone_groups.get(at as usize).map(Vec::as_slice).unwrap_or_default();
        let mut mine =
            (Truth::False, vec![note(home(&endpoint.head), "no zone group of this endpoint is on the zone")]);
        for &(group, belongs) in groups {
            let Some(group) = graph.zone_groups.get(group as usize) else { continue };
            let exists = belongs.and(group.head.exists).and(targets);
            for config in &group.configs.items {
                let truth = config.zone.leads_to(zone).and(exists);
                if truth > mine.0 {
                    mine = (truth, vec![note(config.zone.origin, "this zone group keeps the records")]);
                }
            }
            if mine.0 == Truth::False && group.configs.open.is_some() {
                mine = (Truth::Unknown, vec![place(group.configs.at)]);
            }
        }
        if mine.0 == Truth::False && !groups_known(graph, &endpoint.head) {
            mine.0 = Truth::Unknown;
        }
        if mine.0 > best.0 {
            best = mine;
        } else if mine.0 == best.0 {
            best.1.extend(mine.1);
        }
    }
    if let Some(node) = graph.registries.get(registry as usize) {
        if best.0 == Truth::False && !endpoints_known(graph, registry) {
            best.0 = Truth::Unknown;
        }
        if best.1.is_empty() {
            best.1.push(place(home(&node.head)));
        }
    }
    best
}

/// The address at which an endpoint answers for a name, where the input shows its network interface.
fn answers(graph: &Graph, endpoints: &[(u32, Truth)], wanted: &Wanted) -> Option<Place> {
    let region = names::pattern(&wanted.region).and_then(|region| region.as_literal().map(str::to_owned));
    let member = match (wanted.role, region) {
        (Role::Login, _) => "registry".to_owned(),
        (Role::HomeData | Role::ReplicaData, Some(region)) => format!("registry_data_{region}"),
        (Role::Regional, Some(region)) => format!("registry_{region}"),
        (Role::HomeData | Role::ReplicaData | Role::Regional, None) => return None,
    };
    let endpoints = endpoints.iter().filter_map(|(at, _)| graph.private_endpoints.get(*at as usize));
    let interfaces = endpoints.flat_map(|endpoint| endpoint.interfaces.items.iter().filter_map(Link::node));
    let mut addresses =
        interfaces.filter_map(|at| graph.network_interfaces.get(at)).flat_map(|interface| &interface.addresses.items);
    let found = addresses.find(|address| names::attr_is(&address.member, &member) == Truth::True)?;
    let address = found.address.value()?;
    Some(note(found.address.origin, &format!("the private endpoint answers for it at {address}")))
}

/// Whether the input has every zone group of a private endpoint, or is taken to have them.
fn groups_known(graph: &Graph, endpoint: &Head) -> bool {
    let listed = || Name::PrivateDnsZoneGroup.ty().and_then(|ty| graph.listings.within(ty, &endpoint.id)).is_some();
    !endpoint.existing && (!endpoint.seen || endpoint.managed || listed())
}

struct Wanted {
    role: Role,
    name: Result<Pattern, Arc<Unknown>>,
    region: Attr<Pattern>,
    truth: Truth,
    at: Origin,
}

fn wanted(graph: &Graph, registry: u32, node: &Registry) -> Vec<Wanted> {
    let base = names::base(node);
    let regional = names::attr_is(&node.regional_endpoints.attr, "Enabled");
    let name = |region: &Attr<Pattern>, end: &str| {
        Ok(names::in_region(base.clone()?, &names::pattern(region).unwrap_or_default(), end))
    };
    let at = node.head.name.origin;
    let login = Wanted {
        role: Role::Login,
        name: base.clone(),
        region: names::region(&node.head.location),
        truth: Truth::True,
        at,
    };
    let mut wanted = vec![login];
    for region in regions(graph, registry) {
        let role = if region.replica { Role::ReplicaData } else { Role::HomeData };
        let data = name(&region.name, ".data");
        let geo = name(&region.name, ".geo");
        let region_name = region.name;
        wanted.push(Wanted { role, name: data, region: region_name.clone(), truth: region.truth, at: region.at });
        if regional != Truth::False {
            let truth = region.truth.and(regional);
            wanted.push(Wanted { role: Role::Regional, name: geo, region: region_name, truth, at: region.at });
        }
    }
    wanted
}
