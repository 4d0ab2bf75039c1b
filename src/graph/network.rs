//! Virtual networks and what stands between them.
//!
//! In: nothing. Out: plain data. Must not know: who uses a network.

use ipnet::IpNet;

use super::{Head, Link, List, Setting};
use crate::value::{Attr, Pattern};

/// `Microsoft.Network/virtualNetworks`.
#[derive(Clone, Debug)]
pub struct VirtualNetwork {
    /// What every node has.
    pub head: Head,
    /// `addressSpace.addressPrefixes`.
    pub address_space: List<Attr<Pattern>>,
    /// `dhcpOptions.dnsServers`; empty means Azure DNS.
    pub dns_servers: List<Attr<Pattern>>,
    /// `subnets`: open where the inline array is; the subnets themselves are nodes.
    pub inline_subnets: List<()>,
    /// `virtualNetworkPeerings`: open where the inline array is; the peerings themselves are nodes.
    pub inline_peerings: List<()>,
}

/// `virtualNetworks/subnets`.
#[derive(Clone, Debug)]
pub struct Subnet {
    /// What every node has.
    pub head: Head,
    /// Its network.
    pub virtual_network: Link,
    /// `addressPrefix` and `addressPrefixes`.
    pub prefixes: List<Attr<Pattern>>,
    /// `serviceEndpoints[].service`.
    pub service_endpoints: List<Attr<Pattern>>,
    /// `delegations[].properties.serviceName`.
    pub delegations: List<Attr<Pattern>>,
    /// `networkSecurityGroup.id`.
    pub security_group: Link,
    /// `routeTable.id`.
    pub route_table: Link,
    /// `natGateway.id`.
    pub nat_gateway: Attr<Pattern>,
    /// `privateEndpointNetworkPolicies`. No default: it differs between API versions and tools.
    pub private_endpoint_network_policies: Attr<Pattern>,
}

/// `virtualNetworks/virtualNetworkPeerings`.
#[derive(Clone, Debug)]
pub struct Peering {
    /// What every node has.
    pub head: Head,
    /// The network that it belongs to.
    pub virtual_network: Link,
    /// `remoteVirtualNetwork.id`.
    pub remote: Link,
    /// `peeringState`, where the input shows it.
    pub state: Attr<Pattern>,
    /// `allowVirtualNetworkAccess`.
    pub allow_access: Setting<bool>,
}

/// `Microsoft.Network/networkSecurityGroups`.
#[derive(Clone, Debug)]
pub struct SecurityGroup {
    /// What every node has.
    pub head: Head,
    /// `securityRules`, inline and children.
    pub rules: List<SecurityRule>,
}

/// A rule of a network security group.
#[derive(Clone, Debug)]
pub struct SecurityRule {
    /// The rule's name.
    pub name: Attr<Pattern>,
    /// `priority`, 100 to 4096; the lowest that matches decides.
    pub priority: Attr<i64>,
    /// `direction`.
    pub direction: Attr<Pattern>,
    /// `access`.
    pub access: Attr<Pattern>,
    /// `protocol`.
    pub protocol: Attr<Pattern>,
    /// `sourceAddressPrefix` and `sourceAddressPrefixes`.
    pub sources: List<Attr<Pattern>>,
    /// `destinationAddressPrefix` and `destinationAddressPrefixes`.
    pub destinations: List<Attr<Pattern>>,
    /// `destinationPortRange` and `destinationPortRanges`.
    pub destination_ports: List<Attr<Pattern>>,
}

/// `Microsoft.Network/routeTables`.
#[derive(Clone, Debug)]
pub struct RouteTable {
    /// What every node has.
    pub head: Head,
    /// `routes`, inline and children.
    pub routes: List<Route>,
}

/// A route.
#[derive(Clone, Debug)]
pub struct Route {
    /// The route's name.
    pub name: Attr<Pattern>,
    /// `addressPrefix`: a range or a service tag.
    pub prefix: Attr<Pattern>,
    /// The range, where the prefix is one.
    pub network: Attr<IpNet>,
    /// `nextHopType`.
    pub next_hop_type: Attr<Pattern>,
    /// `nextHopIpAddress`.
    pub next_hop_address: Attr<Pattern>,
}
