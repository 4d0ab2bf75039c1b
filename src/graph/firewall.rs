//! What firewalls let through: policies, groups of rule collections, groups of addresses.
//!
//! In: nothing. Out: plain data. Must not know: whose traffic it is.
//!
//! A firewall with a policy has no rules of its own ("Azure Firewall rule processing").

use super::{Head, Link, List};
use crate::value::{Attr, Pattern};

/// `Microsoft.Network/firewallPolicies`.
#[derive(Clone, Debug)]
pub struct FirewallPolicy {
    /// What every node has.
    pub head: Head,
    /// `basePolicy.id`: its rules go before; not looked up.
    pub base: Link,
    /// `dnsSettings.enableProxy`; where it is not written, what the base says holds.
    pub dns_proxy: Attr<bool>,
}

/// `Microsoft.Network/firewallPolicies/ruleCollectionGroups`.
#[derive(Clone, Debug)]
pub struct RuleCollectionGroup {
    /// What every node has.
    pub head: Head,
    /// Its policy; not looked up.
    pub policy: Link,
    /// `priority`: the lowest number goes first.
    pub priority: Attr<i64>,
    /// `ruleCollections`.
    pub collections: List<RuleCollection>,
}

/// An element of `ruleCollections`, or of `applicationRuleCollections` or `networkRuleCollections` of a firewall.
#[derive(Clone, Debug)]
pub struct RuleCollection {
    /// `name`.
    pub name: Attr<Pattern>,
    /// `priority`: the lowest number goes first.
    pub priority: Attr<i64>,
    /// `action.type`: `Allow`, `Deny` or `DNAT`.
    pub action: Attr<Pattern>,
    /// `rules`.
    pub rules: List<FilterRule>,
}

/// A rule of a collection.
#[derive(Clone, Debug)]
pub struct FilterRule {
    /// `name`.
    pub name: Attr<Pattern>,
    /// Of which sort it is; `None` where that is not known.
    pub sort: Option<RuleSort>,
    /// `protocols` or `ipProtocols`.
    pub protocols: List<FilterProtocol>,
    /// `sourceAddresses`.
    pub sources: List<Attr<Pattern>>,
    /// `sourceIpGroups`; not looked up.
    pub source_groups: List<Link>,
    /// `targetFqdns`, or `destinationFqdns` of a network rule.
    pub hosts: List<Attr<Pattern>>,
    /// `destinationAddresses`: ranges, or service tags.
    pub destinations: List<Attr<Pattern>>,
    /// `destinationIpGroups`; not looked up.
    pub destination_groups: List<Link>,
    /// `destinationPorts` of a network rule.
    pub ports: List<Attr<Pattern>>,
    /// It selects by something else as well: addresses of pages, categories, places of the world.
    pub selects_otherwise: bool,
}

/// The sorts of rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RuleSort {
    /// It knows hosts.
    Application,
    /// It knows addresses; all of these go before those that know hosts.
    Network,
    /// It translates what comes in.
    Nat,
}

/// A protocol of a rule, and the port of an application rule's.
#[derive(Clone, Debug)]
pub struct FilterProtocol {
    /// `protocolType`: `Http`, `Https`, `Mssql`; or the element of `ipProtocols`: `TCP`, `UDP`, `ICMP`, `Any`.
    pub name: Attr<Pattern>,
    /// `port`; absent in a network rule.
    pub port: Attr<i64>,
}

/// `Microsoft.Network/ipGroups`.
#[derive(Clone, Debug)]
pub struct IpGroup {
    /// What every node has.
    pub head: Head,
    /// `ipAddresses`.
    pub ranges: List<Attr<Pattern>>,
}
