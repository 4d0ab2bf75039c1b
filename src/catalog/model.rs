//! The model that the catalog reads: the graph, what follows from it, and how its values came about.
//!
//! In: a [`Graph`] and the [`Trails`] of its files. Out: [`Model`], and what a [`Subject`] is.
//! Must not know: rules, verdicts.

use std::sync::OnceLock;

use crate::graph::{Graph, Head};
use crate::value::{Origin, Pattern, Trails, Truth};

use super::derive::{ChangedPath, Changes, Derived, Shown};
use super::{KindId, Place, Subject, answer, unseen};

/// Everything that rules can ask about one input.
#[derive(Debug)]
pub struct Model {
    /// The resources.
    pub graph: Graph,
    /// How values came about, by arena.
    pub trails: Vec<Trails>,
    derived: OnceLock<Derived>,
    /// What was there before the change, where the input says so.
    before: Option<Box<Self>>,
    changes: OnceLock<Changes>,
}

/// Names the kinds in the order of the catalog's table, and their numbers.
macro_rules! names {
    ($($(#[$doc:meta])* $variant:ident = $name:literal,)*) => {
        /// A kind of the catalog.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Name {
            $($(#[$doc])* $variant,)*
        }

        impl Name {
            /// All, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// The word of rules.
            pub const fn text(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

names! {
    /// A registry.
    Registry = "registry",
    /// An element of a registry's `networkRuleSet.ipRules`.
    IpRule = "ipRule",
    /// An element of a registry's `networkRuleSet.virtualNetworkRules`.
    VirtualNetworkRule = "virtualNetworkRule",
    /// A provider registration.
    ProviderRegistration = "providerRegistration",
    /// A replication.
    Replication = "replication",
    /// A registry's side of a connection.
    PrivateEndpointConnection = "privateEndpointConnection",
    /// An agent pool of a registry.
    AgentPool = "agentPool",
    /// A task of a registry.
    RegistryTask = "registryTask",
    /// A connected registry.
    ConnectedRegistry = "connectedRegistry",
    /// A network that clients of a registry are in.
    ClientNetwork = "clientNetwork",
    /// A subnet that reaches a registry over a service endpoint.
    ServiceEndpointClient = "serviceEndpointClient",
    /// A record that a linked zone should have for a registry.
    ExpectedRecord = "expectedRecord",
    /// A zone of a region that a registry is in.
    RegionZone = "regionZone",
    /// A private endpoint.
    PrivateEndpoint = "privateEndpoint",
    /// A connection of a private endpoint.
    PrivateLinkConnection = "privateLinkConnection",
    /// A group id of such a connection.
    GroupId = "groupId",
    /// A static address of a private endpoint.
    IpConfiguration = "ipConfiguration",
    /// A member that a private endpoint of a registry has.
    ExpectedMember = "expectedMember",
    /// A zone group of a private endpoint.
    PrivateDnsZoneGroup = "privateDnsZoneGroup",
    /// An element of a zone group.
    ZoneConfig = "zoneConfig",
    /// A private DNS zone.
    PrivateDnsZone = "privateDnsZone",
    /// A link of a zone to a network.
    ZoneLink = "zoneLink",
    /// An A record set.
    ARecord = "aRecord",
    /// An address of an A record set.
    RecordAddress = "recordAddress",
    /// A private endpoint beside an address of a record.
    AnsweringEndpoint = "answeringEndpoint",
    /// A virtual network.
    VirtualNetwork = "virtualNetwork",
    /// A DNS server of a virtual network.
    DnsServer = "dnsServer",
    /// A subnet.
    Subnet = "subnet",
    /// A service endpoint of a subnet.
    ServiceEndpoint = "serviceEndpoint",
    /// A peering.
    Peering = "peering",
    /// A Defender plan.
    DefenderPricing = "defenderPricing",
    /// An extension of a Defender plan.
    PricingExtension = "pricingExtension",
    /// An AKS cluster.
    AksCluster = "aksCluster",
    /// A name that an AKS cluster reaches without its proxy.
    NoProxyEntry = "noProxyEntry",
    /// A container group.
    ContainerGroup = "containerGroup",
    /// A web app, function app or slot.
    WebApp = "webApp",
    /// A container app or job.
    ContainerApp = "containerApp",
    /// A pull of images from a registry by a client.
    ImagePull = "imagePull",
    /// A host that a client pulls from, as it writes it.
    ImageReference = "imageReference",
    /// A property that its API version does not know.
    ApiProperty = "apiProperty",
    /// Requests that a registry logged.
    LoginEvent = "loginEvent",
    /// An address that a client leaves through.
    EgressAddress = "egressAddress",
    /// A client of a registry, with an address that it leaves through.
    EgressClient = "egressClient",
    /// A client of a registry that users declare.
    DeclaredClient = "declaredClient",
    /// A subnet that a client of a registry is in.
    ClientSubnet = "clientSubnet",
    /// A name that is pinned to an address.
    HostsEntry = "hostsEntry",
    /// A proxy.
    Proxy = "proxy",
    /// A registry beside a proxy.
    ProxiedRegistry = "proxiedRegistry",
    /// A zone that a resolver forwards.
    Forwarder = "forwarder",
    /// The pull of a container's image.
    PodPull = "podPull",
    /// A property that is deployed with another value than the declared one.
    Drift = "drift",
    /// A way to a registry that a change touches.
    ChangedPath = "changedPath",
}

impl Name {
    /// Its number in the catalog's table.
    pub const fn id(self) -> KindId {
        KindId(self as u16)
    }

    /// The kind of a number.
    pub fn of(id: KindId) -> Option<Self> {
        Self::ALL.get(usize::from(id.0)).copied()
    }

    /// The resource type of a kind that is a child of another resource.
    pub(super) const fn ty(self) -> Option<&'static str> {
        Some(match self {
            Self::Replication => "microsoft.containerregistry/registries/replications",
            Self::PrivateEndpointConnection => "microsoft.containerregistry/registries/privateendpointconnections",
            Self::AgentPool => "microsoft.containerregistry/registries/agentpools",
            Self::RegistryTask => "microsoft.containerregistry/registries/tasks",
            Self::ConnectedRegistry => "microsoft.containerregistry/registries/connectedregistries",
            Self::PrivateDnsZoneGroup => "microsoft.network/privateendpoints/privatednszonegroups",
            Self::ZoneLink => "microsoft.network/privatednszones/virtualnetworklinks",
            Self::ARecord => "microsoft.network/privatednszones/a",
            Self::Subnet => "microsoft.network/virtualnetworks/subnets",
            Self::Peering => "microsoft.network/virtualnetworks/virtualnetworkpeerings",
            Self::Registry
            | Self::IpRule
            | Self::VirtualNetworkRule
            | Self::ProviderRegistration
            | Self::ClientNetwork
            | Self::ServiceEndpointClient
            | Self::ExpectedRecord
            | Self::RegionZone
            | Self::PrivateEndpoint
            | Self::PrivateLinkConnection
            | Self::GroupId
            | Self::IpConfiguration
            | Self::ExpectedMember
            | Self::ZoneConfig
            | Self::PrivateDnsZone
            | Self::RecordAddress
            | Self::AnsweringEndpoint
            | Self::VirtualNetwork
            | Self::DnsServer
            | Self::ServiceEndpoint
            | Self::DefenderPricing
            | Self::PricingExtension
            | Self::AksCluster
            | Self::NoProxyEntry
            | Self::ContainerGroup
            | Self::WebApp
            | Self::ContainerApp
            | Self::ImagePull
            | Self::ImageReference
            | Self::ApiProperty
            | Self::LoginEvent
            | Self::EgressAddress
            | Self::EgressClient
            | Self::DeclaredClient
            | Self::ClientSubnet
            | Self::HostsEntry
            | Self::Proxy
            | Self::ProxiedRegistry
            | Self::Forwarder
            | Self::PodPull
            | Self::Drift
            | Self::ChangedPath => return None,
        })
    }

    /// A node of this kind.
    pub(super) const fn node(self, node: u32) -> Subject {
        Subject { kind: self.id(), node, element: 0 }
    }

    /// All nodes of this kind, of which there are so many.
    pub(super) fn all(self, count: usize) -> Vec<Subject> {
        (0..u32::try_from(count).unwrap_or(u32::MAX)).map(|node| self.node(node)).collect()
    }
}

impl Subject {
    /// The node as an index.
    pub(super) const fn at(self) -> usize {
        self.node as usize
    }

    /// The element as an index; elements count from 1, since 0 is the node itself.
    pub(super) const fn element_at(self) -> usize {
        (self.element as usize).saturating_sub(1)
    }
}

impl Model {
    /// A model of a graph.
    pub fn new(mut graph: Graph, trails: Vec<Trails>) -> Self {
        unseen::forget(&mut graph);
        Self { graph, trails, derived: OnceLock::new(), before: None, changes: OnceLock::new() }
    }

    /// The same, knowing what was there before.
    #[must_use]
    pub fn with_before(self, before: Option<Graph>) -> Self {
        Self { before: before.map(|graph| Box::new(Self::new(graph, Vec::new()))), ..self }
    }

    /// The model of what was there before, where the input says so.
    pub(super) fn before(&self) -> Option<&Self> {
        self.before.as_deref()
    }

    /// What the change does to ways that there were, computed when first asked for.
    pub(super) fn changes(&self) -> &Changes {
        self.changes.get_or_init(|| self.before().map(|before| Changes::new(before, self)).unwrap_or_default())
    }

    /// What follows from the graph, computed when first asked for.
    pub(super) fn derived(&self) -> &Derived {
        self.derived.get_or_init(|| Derived::new(&self.graph))
    }

    /// The resource that a subject is, or is an element of: address, id, type and names.
    ///
    /// `None` for a subject of another catalog, and where the input has no such resource.
    pub fn resource(&self, subject: Subject) -> Option<&Head> {
        let graph = &self.graph;
        let at = subject.at();
        let of_registry = |registry: u32| graph.registries.get(registry as usize).map(|node| &node.head);
        match Name::of(subject.kind)? {
            Name::Registry | Name::IpRule | Name::VirtualNetworkRule | Name::DeclaredClient => {
                of_registry(subject.node)
            }
            Name::ProviderRegistration => graph.provider_registrations.get(at).map(|node| &node.head),
            Name::Replication => graph.replications.get(at).map(|node| &node.head),
            Name::PrivateEndpointConnection => graph.connections.get(at).map(|node| &node.head),
            Name::AgentPool => graph.agent_pools.get(at).map(|node| &node.head),
            Name::RegistryTask => graph.tasks.get(at).map(|node| &node.head),
            Name::ConnectedRegistry => graph.connected_registries.get(at).map(|node| &node.head),
            Name::ClientNetwork => of_registry(self.derived().networks.get(at)?.registry),
            Name::ServiceEndpointClient => of_registry(self.derived().service_endpoint_clients.get(at)?.registry),
            Name::ClientSubnet => of_registry(self.derived().client_subnets.get(at)?.registry),
            Name::ExpectedRecord => of_registry(self.derived().records.get(at)?.registry),
            Name::PrivateEndpoint
            | Name::PrivateLinkConnection
            | Name::GroupId
            | Name::IpConfiguration
            | Name::ExpectedMember => graph.private_endpoints.get(at).map(|node| &node.head),
            Name::RegionZone => of_registry(self.derived().region_zones.get(at)?.registry),
            Name::PrivateDnsZoneGroup | Name::ZoneConfig => graph.zone_groups.get(at).map(|node| &node.head),
            Name::PrivateDnsZone => graph.zones.get(at).map(|node| &node.head),
            Name::ZoneLink => graph.zone_links.get(at).map(|node| &node.head),
            Name::ARecord | Name::RecordAddress | Name::AnsweringEndpoint => {
                graph.a_records.get(at).map(|node| &node.head)
            }
            Name::VirtualNetwork | Name::DnsServer => graph.virtual_networks.get(at).map(|node| &node.head),
            Name::Subnet | Name::ServiceEndpoint => graph.subnets.get(at).map(|node| &node.head),
            Name::Peering => graph.peerings.get(at).map(|node| &node.head),
            Name::DefenderPricing | Name::PricingExtension => graph.defender_pricings.get(at).map(|node| &node.head),
            Name::AksCluster | Name::NoProxyEntry => graph.aks_clusters.get(at).map(|node| &node.head),
            Name::ContainerGroup => graph.container_groups.get(at).map(|node| &node.head),
            Name::WebApp => graph.web_apps.get(at).map(|node| &node.head),
            Name::ContainerApp => graph.container_apps.get(at).map(|node| &node.head),
            Name::ImagePull => self.resource(self.derived().pulls.get(at)?.client),
            Name::ImageReference => self.resource(self.derived().references.get(at)?.client),
            Name::ApiProperty => self.resource(self.derived().api_properties.get(at)?.resource),
            Name::LoginEvent => graph.login_events.get(at).map(|node| &node.head),
            Name::HostsEntry => graph.hosts_entries.get(at).map(|node| &node.head),
            Name::Proxy | Name::ProxiedRegistry => graph.proxies.get(at).map(|node| &node.head),
            Name::Forwarder => graph.forwarders.get(at).map(|node| &node.head),
            Name::PodPull => graph.pod_pulls.get(at).map(|node| &node.head),
            Name::EgressClient => of_registry(self.derived().leaving.get(at)?.registry),
            Name::EgressAddress => match self.derived().egress.get(at)?.shown {
                Shown::Address(at) => graph.public_addresses.get(at).map(|node| &node.head),
                Shown::App(at) => graph.web_apps.get(at).map(|node| &node.head),
                Shown::Client(at) => graph.clients.get(at).map(|node| &node.head),
            },
            Name::Drift => graph.drifts.get(at).map(|drift| &drift.head),
            Name::ChangedPath => self.changes().paths.get(at).map(|path| &path.head),
        }
    }

    /// Whether the resource of a subject is deployed, and the places of the condition.
    pub fn exists(&self, subject: Subject) -> (Truth, Vec<Place>) {
        if let (Some(Name::ApiProperty), Some(property)) =
            (Name::of(subject.kind), self.derived().api_properties.get(subject.at()))
        {
            let (truth, mut places) = self.exists(property.resource);
            places.extend((property.written != Truth::True).then(|| answer::place(property.value)));
            return (truth.and(property.written), places);
        }
        match self.resource(subject) {
            Some(head) => (head.exists, head.condition.into_iter().map(answer::place).collect()),
            None => (Truth::True, Vec::new()),
        }
    }

    /// What tells an element from its siblings and does not change when lines move; empty for a resource.
    pub fn key(&self, subject: Subject) -> String {
        let Some(name) = Name::of(subject.kind) else { return String::new() };
        let graph = &self.graph;
        let (at, element) = (subject.at(), subject.element_at());
        let text = |pattern: Option<&Pattern>| pattern.map(Pattern::to_string);
        let registry = graph.registries.get(at);
        let endpoint = graph.private_endpoints.get(at);
        let key = match name {
            Name::IpRule => registry.and_then(|node| text(node.ip_rules.items.get(element)?.value.value())),
            Name::VirtualNetworkRule => registry.and_then(|node| {
                text(
                    node.virtual_network_rules
                        .items
                        .get(element)?
                        .subnet
                        .subnet
                        .id
                        .as_ref()
                        .map(super::super::resource::id::ResourceId::pattern),
                )
            }),
            Name::ClientNetwork => self.derived().networks.get(at).map(|network| match &network.link.id {
                Some(id) if network.own_resolver => format!("{id} {}", network.client),
                Some(id) => id.to_string(),
                None => network.client.to_string(),
            }),
            Name::ServiceEndpointClient => {
                let client = self.derived().service_endpoint_clients.get(at);
                client.and_then(|client| client.subnet.id.as_ref().map(ToString::to_string))
            }
            Name::ExpectedRecord => self.derived().records.get(at).map(|record| record.key(graph)),
            Name::RegionZone => self
                .derived()
                .region_zones
                .get(at)
                .and_then(|found| graph.zones.get(found.zone as usize).map(|zone| zone.head.id.to_string())),
            Name::PrivateLinkConnection | Name::GroupId | Name::ExpectedMember => Some(subject.element.to_string()),
            Name::IpConfiguration => endpoint.and_then(|node| {
                let configuration = node.ip_configurations.items.get(element)?;
                text(configuration.member_name.value())
            }),
            Name::ZoneConfig => graph.zone_groups.get(at).and_then(|node| {
                text(
                    node.configs
                        .items
                        .get(element)?
                        .zone
                        .id
                        .as_ref()
                        .map(super::super::resource::id::ResourceId::pattern),
                )
            }),
            Name::RecordAddress
            | Name::AnsweringEndpoint
            | Name::DnsServer
            | Name::ServiceEndpoint
            | Name::PricingExtension
            | Name::NoProxyEntry => Some(subject.element.to_string()),
            Name::ImagePull => self.derived().pulls.get(at).map(|pull| pull.key(graph)),
            Name::ImageReference => {
                self.derived().references.get(at).and_then(|reference| text(reference.host.value()))
            }
            Name::ProxiedRegistry => graph.registries.get(element).map(|node| node.head.id.to_string()),
            Name::EgressAddress => self.derived().egress.get(at).map(|egress| egress.address.to_string()),
            Name::EgressClient => {
                self.derived().leaving.get(at).map(|leaving| format!("{} {}", leaving.client, leaving.address))
            }
            Name::ClientSubnet => {
                let subnet =
                    self.derived().client_subnets.get(at).and_then(|found| graph.subnets.get(found.subnet as usize));
                subnet.map(|subnet| subnet.head.id.to_string())
            }
            Name::DeclaredClient => graph.clients.get(element).and_then(|client| text(client.head.name.value())),
            Name::ApiProperty => self.derived().api_properties.get(at).map(|property| property.path.clone()),
            Name::Drift => graph.drifts.get(at).map(|drift| {
                let values = [&drift.declared, &drift.deployed].map(|value| text(value.value()).unwrap_or_default());
                format!("{}/{}", drift.property, values.join("/"))
            }),
            Name::ChangedPath => self.changes().paths.get(at).map(ChangedPath::key),
            Name::Registry
            | Name::ProviderRegistration
            | Name::Replication
            | Name::PrivateEndpointConnection
            | Name::AgentPool
            | Name::RegistryTask
            | Name::ConnectedRegistry
            | Name::PrivateEndpoint
            | Name::PrivateDnsZoneGroup
            | Name::PrivateDnsZone
            | Name::ZoneLink
            | Name::ARecord
            | Name::VirtualNetwork
            | Name::Subnet
            | Name::Peering
            | Name::DefenderPricing
            | Name::AksCluster
            | Name::ContainerGroup
            | Name::WebApp
            | Name::ContainerApp
            | Name::LoginEvent
            | Name::HostsEntry
            | Name::Proxy
            | Name::Forwarder
            | Name::PodPull => None,
        };
        key.unwrap_or_default()
    }

    /// Where a subject is written; for an element, where its resource is.
    pub fn home(&self, subject: Subject) -> Option<Origin> {
        self.resource(subject).map(answer::home)
    }

    /// The trails of one arena.
    pub fn trails(&self, arena: usize) -> Option<&Trails> {
        self.trails.get(arena)
    }
}
