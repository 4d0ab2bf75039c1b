//! What clients leave a network through: firewalls, NAT gateways, ranges of public addresses.
//!
//! In: nothing. Out: plain data. Must not know: who leaves.

use super::{Head, Link, List, RuleCollection};
use crate::value::{Attr, Pattern};

/// `Microsoft.Network/azureFirewalls`.
#[derive(Clone, Debug)]
pub struct Firewall {
    /// What every node has.
    pub head: Head,
    /// `ipConfigurations`; that of its management is none of them.
    pub configurations: List<FirewallAddress>,
    /// `firewallPolicy.id`; not looked up.
    pub policy: Link,
    /// `networkRuleCollections`, of one without a policy.
    pub network_rules: List<RuleCollection>,
    /// `applicationRuleCollections`, of one without a policy.
    pub application_rules: List<RuleCollection>,
}

/// An element of `ipConfigurations` of a firewall.
#[derive(Clone, Debug)]
pub struct FirewallAddress {
    /// `privateIPAddress`, where the input shows it.
    pub private_address: Attr<Pattern>,
    /// `publicIPAddress.id`; not looked up.
    pub public_address: Link,
    /// `subnet.id`; not looked up. The first element has it.
    pub subnet: Link,
}

/// `Microsoft.Network/natGateways`.
#[derive(Clone, Debug)]
pub struct NatGateway {
    /// What every node has.
    pub head: Head,
    /// `publicIpAddresses[].id`; not looked up.
    pub addresses: List<Link>,
    /// `publicIpPrefixes[].id`; not looked up.
    pub prefixes: List<Link>,
}

/// `Microsoft.Network/publicIPPrefixes`.
#[derive(Clone, Debug)]
pub struct AddressPrefix {
    /// What every node has.
    pub head: Head,
    /// `ipPrefix`.
    pub range: Attr<Pattern>,
}
