//! From resources to the typed graph.
//!
//! In: [`Resource`]s in ARM's shape, of any format, and the [`Listing`]s that are known to be whole. Out: [`Lowered`]: the [`Graph`], linked, and what was wrong.
//! Must not know: the format that a resource came from, or any rule.
//!
//! A resource that is seen twice (inline and as a child, declared and as `existing`) is one node. Ids are joined
//! three-valued: a reference leads to a node certainly, perhaps, or elsewhere.

mod client;
mod decode;
mod defaults;
mod dns;
mod drift;
mod egress;
mod firewall;
pub mod gradual;
mod inline;
mod link;
mod merge;
mod network;
mod private_endpoint;
mod registry;
mod seen;
mod shown;
#[cfg(test)]
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::diag::Problems;
use crate::graph::{Drift, Graph, Head, Link, NodeKind, Written};
use crate::resource::{Listing, Places, Resource, ResourceId};
use crate::value::{Attr, Origin, Part, Pattern, Type, Unknown, Value};

use decode::{Reader, View};
pub use gradual::Gradual;

/// What [`lower`] gives.
#[derive(Debug, Default)]
pub struct Lowered {
    /// The graph.
    pub graph: Graph,
    /// Values of a wrong type.
    pub problems: Problems,
}

/// One node to be: a resource, perhaps merged from several.
#[derive(Clone, Debug)]
struct Draft {
    kind: NodeKind,
    resource: Resource,
    places: Vec<Places>,
    /// Where it is seen as deployed, of a resource that is declared as well.
    seen_at: Option<Box<Places>>,
    again: Option<Box<(Arc<str>, Places)>>,
    /// What the two forms disagree about.
    differences: Vec<drift::Difference>,
}

impl Draft {
    fn new(kind: NodeKind, resource: Resource) -> Self {
        Self { kind, places: vec![resource.at], resource, seen_at: None, again: None, differences: Vec::new() }
    }
}

/// As [`lower_listed`], of resources that no list shows all of.
pub fn lower(resources: Vec<Resource>) -> Lowered {
    lower_listed(resources, &[])
}

/// Decodes every resource of a known kind and links them; keeps what the lists show all of.
pub fn lower_listed(resources: Vec<Resource>, listings: &[Listing]) -> Lowered {
    Gradual::default().finish(resources, listings)
}

fn add_drifts(reader: &mut Reader, draft: &Draft, graph: &mut Graph) {
    if draft.differences.is_empty() {
        return;
    }
    let head = head(reader, draft, &View::of(&draft.resource));
    let attr = |side: &drift::Side| match &side.value {
        Some(value) => Attr::known(value.clone(), side.origin),
        None => Attr::absent(side.origin),
    };
    for difference in &draft.differences {
        graph.drifts.push(Drift {
            head: head.clone(),
            property: difference.property.clone(),
            declared: attr(&difference.declared),
            deployed: attr(&difference.deployed),
        });
    }
}

/// Whether a resource is a deployment that is still to come, and whose template is not in the input.
fn is_hidden(resource: &Resource) -> bool {
    resource.ty.is("Microsoft.Resources/deployments") && !resource.seen && !resource.existing
}

/// The members of `properties` that decoding asks a kind for, beside the region; `None` where it may be any.
///
/// Only for kinds of which there are many and of which little is asked, so that the rest need not be held.
pub const fn reads(kind: NodeKind) -> Option<&'static [&'static str]> {
    match kind {
        NodeKind::VirtualMachine => Some(client::OF_VIRTUAL_MACHINES),
        NodeKind::NetworkInterface => Some(client::OF_NETWORK_INTERFACES),
        NodeKind::SecurityGroup => Some(&["securityRules"]),
        NodeKind::RouteTable => Some(&["routes"]),
        NodeKind::PublicAddress => Some(seen::OF_PUBLIC_ADDRESSES),
        NodeKind::AddressPrefix => Some(&["ipPrefix"]),
        _ => None,
    }
}

fn decode(reader: &mut Reader, draft: &Draft, graph: &mut Graph) {
    let view = View::of(&draft.resource);
    let head = head(reader, draft, &view);
    match draft.kind {
        NodeKind::Registry => graph.registries.push(registry::registry(reader, &view, head)),
        NodeKind::Replication => graph.replications.push(registry::replication(reader, &view, head)),
        NodeKind::Connection => graph.connections.push(registry::connection(reader, &view, head)),
        NodeKind::AgentPool => graph.agent_pools.push(registry::agent_pool(reader, &view, head)),
        NodeKind::Task => graph.tasks.push(registry::task(reader, &view, head)),
        NodeKind::ConnectedRegistry => graph.connected_registries.push(registry::connected_registry(head)),
        NodeKind::PrivateEndpoint => {
            graph.private_endpoints.push(private_endpoint::private_endpoint(reader, &view, head));
        }
        NodeKind::ZoneGroup => graph.zone_groups.push(dns::zone_group(reader, &view, head)),
        NodeKind::Zone => graph.zones.push(dns::zone(reader, &view, head)),
        NodeKind::ZoneLink => graph.zone_links.push(dns::zone_link(reader, &view, head)),
        NodeKind::ARecord => graph.a_records.push(dns::a_record(reader, &view, head)),
        NodeKind::VirtualNetwork => graph.virtual_networks.push(network::virtual_network(reader, &view, head)),
        NodeKind::Subnet => graph.subnets.push(network::subnet(reader, &view, head)),
        NodeKind::Peering => graph.peerings.push(network::peering(reader, &view, head)),
        NodeKind::SecurityGroup => graph.security_groups.push(network::security_group(reader, &view, head)),
        NodeKind::RouteTable => graph.route_tables.push(network::route_table(reader, &view, head)),
        NodeKind::DefenderPricing => graph.defender_pricings.push(registry::defender_pricing(reader, &view, head)),
        NodeKind::ProviderRegistration => {
            graph.provider_registrations.push(registry::provider_registration(reader, &view, head));
        }
        NodeKind::AksCluster => graph.aks_clusters.push(client::aks_cluster(reader, &view, head)),
        NodeKind::AksPool => graph.aks_pools.push(client::aks_pool(reader, &view, head)),
        NodeKind::ContainerGroup => graph.container_groups.push(client::container_group(reader, &view, head)),
        NodeKind::WebApp => graph.web_apps.push(client::web_app(reader, &view, head)),
        NodeKind::ManagedEnvironment => {
            graph.managed_environments.push(client::managed_environment(reader, &view, head));
        }
        NodeKind::ContainerApp => graph.container_apps.push(client::container_app(reader, &view, head)),
        NodeKind::VirtualMachine => graph.virtual_machines.push(client::virtual_machine(reader, &view, head)),
        NodeKind::NetworkInterface => graph.network_interfaces.push(client::network_interface(reader, &view, head)),
        NodeKind::PublicAddress => graph.public_addresses.push(seen::public_address(reader, &view, head)),
        NodeKind::Firewall => graph.firewalls.push(egress::firewall(reader, &view, head)),
        NodeKind::FirewallPolicy => graph.firewall_policies.push(firewall::policy(reader, &view, head)),
        NodeKind::RuleCollectionGroup => {
            graph.rule_collection_groups.push(firewall::rule_collection_group(reader, &view, head));
        }
        NodeKind::IpGroup => graph.ip_groups.push(firewall::ip_group(reader, &view, head)),
        NodeKind::NatGateway => graph.nat_gateways.push(egress::nat_gateway(reader, &view, head)),
        NodeKind::AddressPrefix => graph.address_prefixes.push(egress::address_prefix(reader, &view, head)),
        NodeKind::HostsEntry => graph.hosts_entries.push(seen::hosts_entry(reader, &view, head)),
        NodeKind::Proxy => graph.proxies.push(seen::proxy(reader, &view, head)),
        NodeKind::Forwarder => graph.forwarders.push(seen::forwarder(reader, &view, head)),
        NodeKind::PodPull => graph.pod_pulls.push(seen::pod_pull(reader, &view, head)),
        NodeKind::Client => graph.clients.push(seen::client(reader, &view, head)),
        // Parts of their parents: see `network::add_children` and `client::add_configs`. What was seen: `seen::add_events`.
        NodeKind::SecurityRule | NodeKind::Route | NodeKind::WebAppConfig | NodeKind::LoginEvent => {}
    }
}

fn head(reader: &mut Reader, draft: &Draft, view: &View) -> Head {
    let resource = &draft.resource;
    let full_name = name_attr(&resource.name, resource.at.name);
    let nested = resource.ty.depth() > 1;
    let name = match full_name.value().filter(|_| nested).map(last_piece) {
        Some(Some(piece)) => Attr::known(piece, full_name.origin),
        Some(None) => match resource.id.name() {
            Some(piece) => Attr::known(piece, full_name.origin),
            None => full_name.clone(),
        },
        None => full_name.clone(),
    };
    Head {
        id: resource.id.clone(),
        ty: resource.ty.clone(),
        name,
        full_name,
        address: Arc::clone(&resource.address),
        location: reader.text(&view.at("location")),
        api_version: resource.api_version.clone(),
        existing: resource.existing,
        seen: resource.seen,
        managed: resource.managed,
        exists: resource.exists,
        condition: resource.condition.as_ref().map(|value| value.origin),
        repeated: resource.repeated,
        change: resource.change,
        places: draft.places.clone(),
        seen_at: draft.seen_at.clone(),
        again: draft.again.clone(),
        written: written(reader, draft),
    }
}

fn written(reader: &mut Reader, draft: &Draft) -> Written {
    let resource = &draft.resource;
    let asked =
        matches!(draft.kind, NodeKind::Registry | NodeKind::Replication | NodeKind::ZoneLink | NodeKind::Subnet);
    if resource.api_version.value().is_some() {
        Written::Body(Box::new(resource.body.clone()))
    } else if asked && resource.seen {
        Written::Names(reader.names(&resource.body))
    } else {
        Written::Unasked
    }
}

/// A name: text with holes also where it is wholly unknown, so that it can be shown and joined.
fn name_attr(value: &Value, origin: Origin) -> Attr<Pattern> {
    if value.secret {
        return Attr::unknown(Arc::new(Unknown::secret_at(value.origin.at)), origin);
    }
    match (value.as_pattern(), value.as_unknown()) {
        (Some(pattern), _) => Attr::known(pattern, origin),
        (None, Some(unknown)) if unknown.may_be(Type::String) => Attr::unknown(Arc::clone(unknown), origin),
        (None, _) => Attr::absent(origin),
    }
}

/// What stands after the last slash; `None` where no literal slash is seen.
fn last_piece(name: &Pattern) -> Option<Pattern> {
    let parts = name.parts();
    let (at, slash) = parts.iter().enumerate().rev().find_map(|(at, part)| match part {
        Part::Literal(text) => text.rfind('/').map(|slash| (at, slash)),
        Part::Hole(_) => None,
    })?;
    let mut piece = Pattern::new();
    for (i, part) in parts.iter().enumerate().skip(at) {
        match part {
            Part::Literal(text) if i == at => piece.push_str(text.get(slash + 1..).unwrap_or("")),
            Part::Literal(text) => piece.push_str(text),
            Part::Hole(unknown) => piece.push_hole(unknown),
        }
    }
    Some(piece)
}

/// The parent of a child resource, by its id.
fn parent(head: &Head) -> Link {
    let origin = head.places.first().map_or(head.name.origin, |places| places.name);
    parent_of(&head.id, origin)
}

/// The resource that an id is below.
fn parent_of(id: &ResourceId, origin: Origin) -> Link {
    match id.parent() {
        Some(parent) => Link::to(parent, origin),
        None => match id.pattern().first_hole() {
            Some(hole) => Link { id: None, origin, target: crate::graph::Target::Unknown(Arc::clone(hole)) },
            None => Link::absent(origin),
        },
    }
}
