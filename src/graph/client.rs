//! What pulls images: clusters, container groups, apps, machines.
//!
//! In: nothing. Out: plain data. Must not know: registries but through host names.
//!
//! No password, key or other credential is kept, only whether one is there.

use super::{Head, Link, List, Setting, SubnetLink};
use crate::value::{Attr, Pattern};

/// A host that images are pulled from, and where it is named.
#[derive(Clone, Debug)]
pub struct ImageHost {
    /// The host in front of the image's repository, or the server of a registry setting. Lower or upper case as written.
    pub host: Attr<Pattern>,
}

/// How a client logs in to a server.
#[derive(Clone, Debug)]
pub struct Credential {
    /// `server`.
    pub server: Attr<Pattern>,
    /// A managed identity is named.
    pub identity: Attr<bool>,
    /// A user name or password is given.
    pub password: Attr<bool>,
}

/// `Microsoft.ContainerService/managedClusters`.
#[derive(Clone, Debug)]
pub struct AksCluster {
    /// What every node has.
    pub head: Head,
    /// `agentPoolProfiles`.
    pub pools: List<AgentPoolProfile>,
    /// Ids of the public addresses that it leaves through: `effectiveOutboundIPs` of its load balancer or NAT gateway,
    /// else the `outboundIPs.publicIPs` that it asks for.
    pub outbound: Vec<Link>,
    /// Ids of the ranges of such addresses that it asks for: `outboundIPPrefixes.publicIPPrefixes`.
    pub outbound_prefixes: Vec<Link>,
    /// `networkProfile.outboundType`.
    pub outbound_type: Setting<Pattern>,
    /// `httpProxyConfig` names a proxy that is on; its address may hold a login and is not kept.
    pub proxy: Attr<bool>,
    /// `httpProxyConfig.noProxy`.
    pub no_proxy: List<Attr<Pattern>>,
}

/// An element of `agentPoolProfiles`.
#[derive(Clone, Debug)]
pub struct AgentPoolProfile {
    /// `vnetSubnetID`; without it, the nodes are in a network that Azure makes.
    pub subnet: SubnetLink,
    /// `enableNodePublicIP`: each node leaves through an address of its own.
    pub node_public_ip: Setting<bool>,
}

/// `managedClusters/agentPools`.
#[derive(Clone, Debug)]
pub struct AksPool {
    /// What every node has.
    pub head: Head,
    /// Its cluster; not looked up.
    pub cluster: Link,
    /// `vnetSubnetID`.
    pub subnet: SubnetLink,
    /// `enableNodePublicIP`: each node leaves through an address of its own.
    pub node_public_ip: Setting<bool>,
}

/// `Microsoft.ContainerInstance/containerGroups`.
#[derive(Clone, Debug)]
pub struct ContainerGroup {
    /// What every node has.
    pub head: Head,
    /// Hosts of `containers[].image` and `initContainers[].image`.
    pub images: List<ImageHost>,
    /// `imageRegistryCredentials`.
    pub credentials: List<Credential>,
    /// `subnetIds[].id`.
    pub subnets: List<SubnetLink>,
}

/// `Microsoft.Web/sites`, a function app, or a slot.
#[derive(Clone, Debug)]
pub struct WebApp {
    /// What every node has.
    pub head: Head,
    /// Hosts of `linuxFxVersion`, `windowsFxVersion` and `DOCKER_REGISTRY_SERVER_URL`.
    pub images: List<ImageHost>,
    /// `siteConfig.acrUseManagedIdentityCreds`.
    pub managed_identity: Setting<bool>,
    /// The app settings give a user name for the registry.
    pub password: Attr<bool>,
    /// `virtualNetworkSubnetId`.
    pub subnet: SubnetLink,
    /// `possibleOutboundIpAddresses`, or else `outboundIpAddresses`: addresses with commas between.
    pub outbound: Attr<Pattern>,
    /// Image pulls go through the network: `vnetImagePullEnabled`, `outboundVnetRouting`, or the app setting.
    pub pulls_over_vnet: Setting<bool>,
}

/// `Microsoft.App/managedEnvironments`.
#[derive(Clone, Debug)]
pub struct ManagedEnvironment {
    /// What every node has.
    pub head: Head,
    /// `vnetConfiguration.infrastructureSubnetId`.
    pub subnet: SubnetLink,
}

/// `Microsoft.App/containerApps` or `jobs`.
#[derive(Clone, Debug)]
pub struct ContainerApp {
    /// What every node has.
    pub head: Head,
    /// `managedEnvironmentId` or `environmentId`.
    pub environment: Link,
    /// Hosts of `template.containers[].image` and `template.initContainers[].image`.
    pub images: List<ImageHost>,
    /// `configuration.registries`.
    pub credentials: List<Credential>,
}

/// `Microsoft.Compute/virtualMachines` or `virtualMachineScaleSets`.
#[derive(Clone, Debug)]
pub struct VirtualMachine {
    /// What every node has.
    pub head: Head,
    /// `networkProfile.networkInterfaces[].id`.
    pub interfaces: List<Link>,
    /// Subnets of `networkInterfaceConfigurations`.
    pub subnets: List<SubnetLink>,
}

/// `Microsoft.Network/networkInterfaces`.
#[derive(Clone, Debug)]
pub struct NetworkInterface {
    /// What every node has.
    pub head: Head,
    /// `ipConfigurations[].subnet.id`.
    pub subnets: List<SubnetLink>,
    /// The addresses of an interface that belongs to a private endpoint.
    pub addresses: List<MemberAddress>,
}

/// What an interface of a private endpoint answers for: an element of `ipConfigurations`.
#[derive(Clone, Debug)]
pub struct MemberAddress {
    /// `privateLinkConnectionProperties.requiredMemberName`.
    pub member: Attr<Pattern>,
    /// `privateIPAddress`.
    pub address: Attr<Pattern>,
}
