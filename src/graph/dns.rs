//! Private DNS: zones, their links and records, and the zone groups of private endpoints.
//!
//! In: nothing. Out: plain data. Must not know: which zone names are right.

use super::{Head, Link, List, Setting};
use crate::value::{Attr, Pattern};

/// `Microsoft.Network/privateDnsZones`.
#[derive(Clone, Debug)]
pub struct Zone {
    /// What every node has.
    pub head: Head,
    /// Not declared: only an id of the input names it.
    pub referenced: bool,
    /// `numberOfVirtualNetworkLinks`, where the input shows it.
    pub links: Attr<i64>,
    /// `numberOfRecordSets`, the SOA record of the zone itself included, where the input shows it.
    pub record_sets: Attr<i64>,
}

/// `privateDnsZones/virtualNetworkLinks`.
#[derive(Clone, Debug)]
pub struct ZoneLink {
    /// What every node has.
    pub head: Head,
    /// Its zone.
    pub zone: Link,
    /// `virtualNetwork.id`.
    pub virtual_network: Link,
    /// `resolutionPolicy`.
    pub resolution_policy: Setting<Pattern>,
    /// `registrationEnabled`.
    pub registration_enabled: Setting<bool>,
}

/// `privateDnsZones/A`.
#[derive(Clone, Debug)]
pub struct ARecord {
    /// What every node has; the name is relative to the zone.
    pub head: Head,
    /// Its zone.
    pub zone: Link,
    /// `aRecords[].ipv4Address`.
    pub addresses: List<Attr<Pattern>>,
}

/// `privateEndpoints/privateDnsZoneGroups`.
#[derive(Clone, Debug)]
pub struct ZoneGroup {
    /// What every node has.
    pub head: Head,
    /// Its private endpoint.
    pub private_endpoint: Link,
    /// `privateDnsZoneConfigs`.
    pub configs: List<ZoneConfig>,
}

/// An element of `privateDnsZoneConfigs`.
#[derive(Clone, Debug)]
pub struct ZoneConfig {
    /// `privateDnsZoneId`.
    pub zone: Link,
}
