//! Private endpoints.
//!
//! In: nothing. Out: plain data. Must not know: other nodes but through links.

use super::{Head, Link, List, SubnetLink};
use crate::value::{Attr, Origin, Pattern};

/// `Microsoft.Network/privateEndpoints`.
#[derive(Clone, Debug)]
pub struct PrivateEndpoint {
    /// What every node has.
    pub head: Head,
    /// `subnet.id`.
    pub subnet: SubnetLink,
    /// `privateLinkServiceConnections` and, after them, `manualPrivateLinkServiceConnections`.
    pub connections: List<ServiceConnection>,
    /// `ipConfigurations`.
    pub ip_configurations: List<IpConfiguration>,
    /// `customDnsConfigs`: the addresses of an endpoint without a zone group, where the input shows them.
    pub custom_dns: List<CustomDns>,
    /// `networkInterfaces[].id`, where the input shows them.
    pub interfaces: List<Link>,
}

/// An element of `privateLinkServiceConnections` or `manualPrivateLinkServiceConnections`.
#[derive(Clone, Debug)]
pub struct ServiceConnection {
    /// `privateLinkServiceId`, looked up among the registries.
    pub registry: Link,
    /// `groupIds`.
    pub group_ids: List<Attr<Pattern>>,
    /// Whether the owner of the registry must approve it.
    pub manual: bool,
    /// The key of the array that it stands in, which says so.
    pub manual_at: Origin,
    /// `privateLinkServiceConnectionState.status`.
    pub status: Attr<Pattern>,
}

/// An element of `customDnsConfigs`: a name, and the addresses at which the endpoint answers for it.
#[derive(Clone, Debug)]
pub struct CustomDns {
    /// `fqdn`.
    pub host: Attr<Pattern>,
    /// `ipAddresses`.
    pub addresses: List<Attr<Pattern>>,
}

/// An element of `ipConfigurations`: a static address.
#[derive(Clone, Debug)]
pub struct IpConfiguration {
    /// `memberName`.
    pub member_name: Attr<Pattern>,
    /// `groupId`.
    pub group_id: Attr<Pattern>,
    /// `privateIPAddress`.
    pub address: Attr<Pattern>,
}
