//! The typed model: every resource that matters for reaching a registry, and how they point at each other.
//!
//! In: nothing. Out: [`Graph`], plain data that [`crate::lower`] fills. Must not know: formats, rules, verdicts.
//!
//! A property is an [`Attr`], one with a platform default a [`Setting`], an array a [`List`], a reference to another
//! resource a [`Link`]. All of them keep the place that says so, and what is not known.

pub mod client;
pub mod dns;
pub mod drift;
pub mod egress;
pub mod firewall;
pub mod listings;
pub mod network;
pub mod private_endpoint;
pub mod registry;
pub mod seen;
pub mod shown;

use std::collections::HashMap;
use std::sync::Arc;

pub use client::{
    AgentPoolProfile, AksCluster, AksPool, ContainerApp, ContainerGroup, Credential, ImageHost, ManagedEnvironment,
    MemberAddress, NetworkInterface, VirtualMachine, WebApp,
};
pub use dns::{ARecord, Zone, ZoneConfig, ZoneGroup, ZoneLink};
pub use drift::Drift;
pub use egress::{AddressPrefix, Firewall, FirewallAddress, NatGateway};
pub use firewall::{
    FilterProtocol, FilterRule, FirewallPolicy, IpGroup, RuleCollection, RuleCollectionGroup, RuleSort,
};
pub use listings::Listings;
pub use network::{Peering, Route, RouteTable, SecurityGroup, SecurityRule, Subnet, VirtualNetwork};
pub use private_endpoint::{CustomDns, IpConfiguration, PrivateEndpoint, ServiceConnection};
pub use registry::{
    AgentPool, ConnectedRegistry, Connection, DefenderPricing, Extension, IpRule, ProviderRegistration, Registry,
    Replication, Task, VirtualNetworkRule,
};
pub use seen::{Client, Forwarder, HostsEntry, LoginEvent, PodPull, Proxy, PublicAddress};
pub use shown::ShownNames;

use crate::resource::{ApiVersion, Change, Places, ResourceId, TypeName};
use crate::value::{Attr, Origin, Pattern, State, Truth, Unknown, Value};

/// Every node of one input, by kind, in the order in which the resources came.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    /// `Microsoft.ContainerRegistry/registries`.
    pub registries: Vec<Registry>,
    /// `Microsoft.ContainerRegistry/registries/replications`.
    pub replications: Vec<Replication>,
    /// `Microsoft.ContainerRegistry/registries/privateEndpointConnections`.
    pub connections: Vec<Connection>,
    /// `Microsoft.ContainerRegistry/registries/agentPools`.
    pub agent_pools: Vec<AgentPool>,
    /// `Microsoft.ContainerRegistry/registries/tasks`.
    pub tasks: Vec<Task>,
    /// `Microsoft.ContainerRegistry/registries/connectedRegistries`.
    pub connected_registries: Vec<ConnectedRegistry>,
    /// `Microsoft.Network/privateEndpoints`.
    pub private_endpoints: Vec<PrivateEndpoint>,
    /// `Microsoft.Network/privateEndpoints/privateDnsZoneGroups`.
    pub zone_groups: Vec<ZoneGroup>,
    /// `Microsoft.Network/privateDnsZones`, and those that only a reference names.
    pub zones: Vec<Zone>,
    /// `Microsoft.Network/privateDnsZones/virtualNetworkLinks`.
    pub zone_links: Vec<ZoneLink>,
    /// `Microsoft.Network/privateDnsZones/A`.
    pub a_records: Vec<ARecord>,
    /// `Microsoft.Network/virtualNetworks`.
    pub virtual_networks: Vec<VirtualNetwork>,
    /// `Microsoft.Network/virtualNetworks/subnets`, inline or not.
    pub subnets: Vec<Subnet>,
    /// `Microsoft.Network/virtualNetworks/virtualNetworkPeerings`, inline or not.
    pub peerings: Vec<Peering>,
    /// `Microsoft.Network/networkSecurityGroups`.
    pub security_groups: Vec<SecurityGroup>,
    /// `Microsoft.Network/routeTables`.
    pub route_tables: Vec<RouteTable>,
    /// `Microsoft.Security/pricings`.
    pub defender_pricings: Vec<DefenderPricing>,
    /// Registrations of resource providers in subscriptions.
    pub provider_registrations: Vec<ProviderRegistration>,
    /// `Microsoft.ContainerService/managedClusters`.
    pub aks_clusters: Vec<AksCluster>,
    /// `Microsoft.ContainerService/managedClusters/agentPools`.
    pub aks_pools: Vec<AksPool>,
    /// `Microsoft.ContainerInstance/containerGroups`.
    pub container_groups: Vec<ContainerGroup>,
    /// `Microsoft.Web/sites` and their slots.
    pub web_apps: Vec<WebApp>,
    /// `Microsoft.App/managedEnvironments`.
    pub managed_environments: Vec<ManagedEnvironment>,
    /// `Microsoft.App/containerApps` and `jobs`.
    pub container_apps: Vec<ContainerApp>,
    /// `Microsoft.Compute/virtualMachines` and `virtualMachineScaleSets`.
    pub virtual_machines: Vec<VirtualMachine>,
    /// `Microsoft.Network/networkInterfaces`.
    pub network_interfaces: Vec<NetworkInterface>,
    /// Requests that registries logged, by address, registry and result.
    pub login_events: Vec<LoginEvent>,
    /// `Microsoft.Network/publicIPAddresses`.
    pub public_addresses: Vec<PublicAddress>,
    /// `Microsoft.Network/azureFirewalls`.
    pub firewalls: Vec<Firewall>,
    /// `Microsoft.Network/firewallPolicies`.
    pub firewall_policies: Vec<FirewallPolicy>,
    /// `Microsoft.Network/firewallPolicies/ruleCollectionGroups`.
    pub rule_collection_groups: Vec<RuleCollectionGroup>,
    /// `Microsoft.Network/ipGroups`.
    pub ip_groups: Vec<IpGroup>,
    /// `Microsoft.Network/natGateways`.
    pub nat_gateways: Vec<NatGateway>,
    /// `Microsoft.Network/publicIPPrefixes`.
    pub address_prefixes: Vec<AddressPrefix>,
    /// Names that clients pin to addresses.
    pub hosts_entries: Vec<HostsEntry>,
    /// Proxies of clients.
    pub proxies: Vec<Proxy>,
    /// Zones that resolvers of clients forward.
    pub forwarders: Vec<Forwarder>,
    /// Pulls of containers.
    pub pod_pulls: Vec<PodPull>,
    /// Clients that users declare themselves.
    pub clients: Vec<Client>,
    /// Children by parent.
    pub incoming: Incoming,
    /// Where what is declared and what is deployed disagree.
    pub drifts: Vec<Drift>,
    /// What the input shows all of.
    pub listings: Listings,
    /// Types, in lower case, whose resources others deploy, each with the place that says so: nothing follows from one
    /// that is not declared.
    pub managed_elsewhere: HashMap<String, Origin>,
    /// Deployments of which the input does not show what they deploy.
    pub hidden_deployments: Vec<Origin>,
}

impl Graph {
    /// Adds the nodes of another graph, of which neither is linked yet.
    pub fn append(&mut self, other: Self) {
        // Each field is named once, and none can be forgotten.
        macro_rules! append {
            ($($nodes:ident),+) => {
                let Self { $($nodes,)+ incoming: _, listings: _, managed_elsewhere: _ } = other;
                $(self.$nodes.extend($nodes);)+
            };
        }
        append!(
            registries,
            replications,
            connections,
            agent_pools,
            tasks,
            connected_registries,
            private_endpoints,
            zone_groups,
            zones,
            zone_links,
            a_records,
            virtual_networks,
            subnets,
            peerings,
            security_groups,
            route_tables,
            defender_pricings,
            provider_registrations,
            aks_clusters,
            aks_pools,
            container_groups,
            web_apps,
            managed_environments,
            container_apps,
            virtual_machines,
            network_interfaces,
            login_events,
            public_addresses,
            firewalls,
            firewall_policies,
            rule_collection_groups,
            ip_groups,
            nat_gateways,
            address_prefixes,
            hosts_entries,
            proxies,
            forwarders,
            pod_pulls,
            clients,
            drifts,
            hidden_deployments
        );
    }
}

/// The nodes that point at another one, by the number of the one pointed at; `Unknown` where they only may.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// Replications of a registry.
    pub replications: Vec<Vec<(u32, Truth)>>,
    /// Connections of a registry.
    pub connections: Vec<Vec<(u32, Truth)>>,
    /// Agent pools of a registry.
    pub agent_pools: Vec<Vec<(u32, Truth)>>,
    /// Tasks of a registry.
    pub tasks: Vec<Vec<(u32, Truth)>>,
    /// Connected registries of a registry.
    pub connected_registries: Vec<Vec<(u32, Truth)>>,
    /// Private endpoints with a connection to a registry.
    pub private_endpoints: Vec<ConnectedEndpoints>,
    /// Zone groups of a private endpoint.
    pub zone_groups: Vec<Vec<(u32, Truth)>>,
    /// Links of a zone.
    pub zone_links: Vec<Vec<(u32, Truth)>>,
    /// A records of a zone.
    pub a_records: Vec<Vec<(u32, Truth)>>,
    /// Subnets of a virtual network.
    pub subnets: Vec<Vec<(u32, Truth)>>,
    /// Peerings of a virtual network.
    pub peerings: Vec<Vec<(u32, Truth)>>,
}

/// The private endpoints with a connection to a registry.
#[derive(Clone, Debug, Default)]
pub struct ConnectedEndpoints {
    /// Those that have one, and of those that only may have one [`MANY`] at most.
    pub told: Vec<(u32, Truth)>,
    /// One more that may have one, where there are more than these.
    pub other: Option<u32>,
}

/// So many things that only may belong to another one are told of; more of them say no more.
pub const MANY: usize = 16;

/// A kind of node; what a [`Link`] is looked up among.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum NodeKind {
    /// A registry.
    Registry,
    /// A replication.
    Replication,
    /// A registry's side of a private endpoint connection.
    Connection,
    /// An agent pool of a registry.
    AgentPool,
    /// A task of a registry.
    Task,
    /// A connected registry.
    ConnectedRegistry,
    /// A private endpoint.
    PrivateEndpoint,
    /// A private DNS zone group.
    ZoneGroup,
    /// A private DNS zone.
    Zone,
    /// A link of a zone to a virtual network.
    ZoneLink,
    /// An A record set.
    ARecord,
    /// A virtual network.
    VirtualNetwork,
    /// A subnet.
    Subnet,
    /// A peering.
    Peering,
    /// A network security group.
    SecurityGroup,
    /// A rule of a network security group.
    SecurityRule,
    /// A route table.
    RouteTable,
    /// A route.
    Route,
    /// A Defender plan.
    DefenderPricing,
    /// The registration of a resource provider.
    ProviderRegistration,
    /// An AKS cluster.
    AksCluster,
    /// An agent pool of an AKS cluster.
    AksPool,
    /// A container group.
    ContainerGroup,
    /// A web app, function app or slot.
    WebApp,
    /// Configuration of a web app as a child resource.
    WebAppConfig,
    /// A Container Apps environment.
    ManagedEnvironment,
    /// A container app or job.
    ContainerApp,
    /// A virtual machine or scale set.
    VirtualMachine,
    /// A network interface.
    NetworkInterface,
    /// Requests that a registry logged.
    LoginEvent,
    /// A public address.
    PublicAddress,
    /// A firewall.
    Firewall,
    /// A policy of firewalls.
    FirewallPolicy,
    /// A group of rule collections of such a policy.
    RuleCollectionGroup,
    /// A group of addresses.
    IpGroup,
    /// A NAT gateway.
    NatGateway,
    /// A range of public addresses.
    AddressPrefix,
    /// A name that is pinned to an address.
    HostsEntry,
    /// A proxy.
    Proxy,
    /// A zone that a resolver forwards.
    Forwarder,
    /// The pull of a container's image.
    PodPull,
    /// A client that users declare themselves.
    Client,
}

/// Writes the types of the kinds once, for looking one up and for telling all of them.
macro_rules! types {
    (match type { $($($ty:literal)|+ => Self::$kind:ident,)+ }) => {
        /// Every resource type of Azure that is a kind, in lower case.
        pub const TYPES: &'static [&'static str] = &[$($($ty,)+)+];

        /// The kind of a resource type; `None` for types that have no bearing on reaching a registry.
        pub fn of(ty: &TypeName) -> Option<Self> {
            Some(match ty.key() {
                $($($ty)|+ => Self::$kind,)+
                key => return Self::of_client(key),
            })
        }
    };
}

impl NodeKind {
    types! {
        match type {
            "microsoft.containerregistry/registries" => Self::Registry,
            "microsoft.containerregistry/registries/replications" => Self::Replication,
            "microsoft.containerregistry/registries/privateendpointconnections" => Self::Connection,
            "microsoft.containerregistry/registries/agentpools" => Self::AgentPool,
            "microsoft.containerregistry/registries/tasks" => Self::Task,
            "microsoft.containerregistry/registries/connectedregistries" => Self::ConnectedRegistry,
            "microsoft.network/privateendpoints" => Self::PrivateEndpoint,
            "microsoft.network/privateendpoints/privatednszonegroups" => Self::ZoneGroup,
            "microsoft.network/privatednszones" => Self::Zone,
            "microsoft.network/privatednszones/virtualnetworklinks" => Self::ZoneLink,
            "microsoft.network/privatednszones/a" => Self::ARecord,
            "microsoft.network/virtualnetworks" => Self::VirtualNetwork,
            "microsoft.network/virtualnetworks/subnets" => Self::Subnet,
            "microsoft.network/virtualnetworks/virtualnetworkpeerings" => Self::Peering,
            "microsoft.network/networksecuritygroups" => Self::SecurityGroup,
            "microsoft.network/networksecuritygroups/securityrules" => Self::SecurityRule,
            "microsoft.network/routetables" => Self::RouteTable,
            "microsoft.network/routetables/routes" => Self::Route,
            "microsoft.security/pricings" => Self::DefenderPricing,
            "microsoft.resources/providers" => Self::ProviderRegistration,
            "microsoft.containerservice/managedclusters" => Self::AksCluster,
            "microsoft.containerservice/managedclusters/agentpools" => Self::AksPool,
            "microsoft.containerinstance/containergroups" => Self::ContainerGroup,
            "microsoft.web/sites" | "microsoft.web/sites/slots" => Self::WebApp,
            "microsoft.web/sites/config" | "microsoft.web/sites/slots/config" => Self::WebAppConfig,
            "microsoft.app/managedenvironments" => Self::ManagedEnvironment,
            "microsoft.app/containerapps" | "microsoft.app/jobs" => Self::ContainerApp,
            "microsoft.compute/virtualmachines" | "microsoft.compute/virtualmachinescalesets" => Self::VirtualMachine,
            "microsoft.network/networkinterfaces" => Self::NetworkInterface,
            "microsoft.network/publicipaddresses" => Self::PublicAddress,
            "microsoft.network/azurefirewalls" => Self::Firewall,
            "microsoft.network/firewallpolicies" => Self::FirewallPolicy,
            "microsoft.network/firewallpolicies/rulecollectiongroups" => Self::RuleCollectionGroup,
            "microsoft.network/ipgroups" => Self::IpGroup,
            "microsoft.network/natgateways" => Self::NatGateway,
            "microsoft.network/publicipprefixes" => Self::AddressPrefix,
        }
    }

    /// The kind of a type that is none of Azure's: what was seen of clients.
    fn of_client(key: &str) -> Option<Self> {
        Some(match key {
            "acrlint/loginevents" => Self::LoginEvent,
            "acrlint/hostsentries" => Self::HostsEntry,
            "acrlint/proxies" => Self::Proxy,
            "acrlint/forwarders" => Self::Forwarder,
            "acrlint/podpulls" => Self::PodPull,
            "acrlint/clients" => Self::Client,
            _ => return None,
        })
    }

    /// Whether it is no resource of Azure but something that was seen of clients, which has no id of its own.
    pub const fn is_seen_only(self) -> bool {
        matches!(
            self,
            Self::LoginEvent | Self::HostsEntry | Self::Proxy | Self::Forwarder | Self::PodPull | Self::Client
        )
    }
}

/// What every node has.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, asked for by name")]
#[derive(Clone, Debug)]
pub struct Head {
    /// The resource id.
    pub id: ResourceId,
    /// The full type.
    pub ty: TypeName,
    /// Its own name: the last piece of the full name.
    pub name: Attr<Pattern>,
    /// The full name, parents included.
    pub full_name: Attr<Pattern>,
    /// What the user calls it.
    pub address: Arc<str>,
    /// The region as written.
    pub location: Attr<Pattern>,
    /// The API version. Absent in dumps.
    pub api_version: Attr<ApiVersion>,
    /// Only referenced, so nothing about its absent properties or children follows.
    pub existing: bool,
    /// Where it is seen as deployed, of a resource that is declared as well.
    pub seen_at: Option<Box<Places>>,
    /// Seen as deployed, so nothing is presumed about its children and peers.
    pub seen: bool,
    /// One configuration deploys it with all that belongs to it: what the input does not show of that is presumed not to
    /// be there, also where it is seen.
    pub managed: bool,
    /// Whether it is deployed.
    pub exists: Truth,
    /// Where the condition stands, where it is not known.
    pub condition: Option<Origin>,
    /// May stand for none or several resources.
    pub repeated: bool,
    /// Another address by which the same deployment creates it, and its places: only one of the two can.
    pub again: Option<Box<(Arc<str>, Places)>>,
    /// What the deployment does to it, where the input says so.
    pub change: Option<Change>,
    /// Where it is written; the first one is the one to point at. Two where it is declared inline and as a child too.
    pub places: Vec<Places>,
    /// What is written beyond the decoded properties, for questions about the keys themselves.
    pub written: Written,
}

/// What is written of a resource, as far as questions are asked about that.
#[derive(Clone, Debug)]
pub enum Written {
    /// Nobody can ask any.
    Unasked,
    /// Everything, for a known API version: which keys it does not know.
    Body(Box<Value>),
    /// What a resource that is seen shows, read with an API version that nobody names: which keys that may not show.
    Names(Arc<ShownNames>),
}

/// An array.
#[derive(Clone, Debug)]
pub struct List<T> {
    /// The elements that are known to be there, in order.
    pub items: Vec<T>,
    /// Set when there may be further elements.
    pub open: Option<Arc<Unknown>>,
    /// The key of the array, or the nearest key where there is none.
    pub at: Origin,
}

impl<T> List<T> {
    /// No element, certainly.
    pub const fn empty(at: Origin) -> Self {
        Self { items: Vec::new(), open: None, at }
    }
}

/// A property that has a platform default.
#[derive(Clone, Debug)]
pub struct Setting<T> {
    /// The effective value: the written one or the default.
    pub attr: Attr<T>,
    /// Not written, so the default holds.
    pub defaulted: bool,
    /// It is the default, written or not.
    pub usual: bool,
}

/// A reference to another resource.
#[derive(Clone, Debug)]
pub struct Link {
    /// The id, where one is written.
    pub id: Option<ResourceId>,
    /// Where the id is written; for a missing one the nearest key.
    pub origin: Origin,
    /// What it leads to.
    pub target: Target,
}

/// A reference to a subnet, and what follows from it for the network.
#[derive(Clone, Debug)]
pub struct SubnetLink {
    /// The subnet.
    pub subnet: Link,
    /// Its network: that of the subnet, or the parent of the id.
    pub virtual_network: Link,
}

/// Where a reference leads, among the nodes of the wanted kind.
#[derive(Clone, Debug)]
pub enum Target {
    /// To this node, certainly.
    Node(u32),
    /// Perhaps to one of these, perhaps elsewhere.
    Maybe(Vec<u32>),
    /// To a resource that is not in the input.
    Elsewhere,
    /// Not known, and no id to compare.
    Unknown(Arc<Unknown>),
    /// Nowhere: nothing is written.
    Absent,
}

impl Link {
    /// A reference that nothing is written for.
    pub const fn absent(origin: Origin) -> Self {
        Self { id: None, origin, target: Target::Absent }
    }

    /// A reference by id, not looked up yet.
    pub const fn to(id: ResourceId, origin: Origin) -> Self {
        Self { id: Some(id), origin, target: Target::Elsewhere }
    }

    /// A reference from a decoded id.
    pub fn from_attr(attr: Attr<Pattern>) -> Self {
        let origin = attr.origin;
        match attr.state {
            State::Known(pattern) => Self::to(ResourceId::new(pattern), origin),
            State::Absent => Self::absent(origin),
            State::Unknown(unknown) if unknown.may_be(crate::value::Type::String) => {
                Self::to(ResourceId::new(Pattern::hole(&unknown)), origin)
            }
            State::Unknown(unknown) => Self { id: None, origin, target: Target::Unknown(unknown) },
        }
    }

    /// The node, where it is certain.
    pub const fn node(&self) -> Option<usize> {
        match self.target {
            Target::Node(at) => Some(at as usize),
            Target::Maybe(_) | Target::Elsewhere | Target::Unknown(_) | Target::Absent => None,
        }
    }

    /// Whether it leads to a node.
    pub fn leads_to(&self, node: u32) -> Truth {
        match &self.target {
            Target::Node(at) => (*at == node).into(),
            Target::Maybe(nodes) if nodes.contains(&node) => Truth::Unknown,
            Target::Unknown(_) => Truth::Unknown,
            Target::Maybe(_) | Target::Elsewhere | Target::Absent => Truth::False,
        }
    }

    /// The nodes that it leads or may lead to.
    pub fn targets(&self) -> Vec<(u32, Truth)> {
        match &self.target {
            Target::Node(at) => vec![(*at, Truth::True)],
            Target::Maybe(nodes) => nodes.iter().map(|at| (*at, Truth::Unknown)).collect(),
            Target::Elsewhere | Target::Unknown(_) | Target::Absent => Vec::new(),
        }
    }
}
