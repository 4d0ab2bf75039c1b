//! What was seen of clients: the requests that registries logged, and the addresses that clients leave through.
//!
//! In: nothing. Out: plain data. Must not know: other nodes but through ids and hosts.

use super::{Head, Link};
use crate::value::{Attr, Pattern};

/// Requests of one address to one registry with one result.
#[derive(Clone, Debug)]
pub struct LoginEvent {
    /// What every node has; the name says registry, address and result.
    pub head: Head,
    /// The registry's id, where a row shows it; not looked up.
    pub registry: Link,
    /// The host that was asked.
    pub login_server: Attr<Pattern>,
    /// The address that the registry saw.
    pub caller: Attr<Pattern>,
    /// `ResultType` as written.
    pub result_type: Attr<Pattern>,
    /// `ResultDescription` as written.
    pub result_description: Attr<Pattern>,
    /// `OperationName` of the first row.
    pub operation: Attr<Pattern>,
    /// `UserAgent` of the first row.
    pub user_agent: Attr<Pattern>,
    /// How many requests.
    pub count: Attr<i64>,
    /// The earliest time, where times are written so that they sort.
    pub first: Attr<Pattern>,
    /// The latest one.
    pub last: Attr<Pattern>,
}

/// `Microsoft.Network/publicIPAddresses`.
#[derive(Clone, Debug)]
pub struct PublicAddress {
    /// What every node has.
    pub head: Head,
    /// `ipAddress`.
    pub address: Attr<Pattern>,
    /// `ipConfiguration.id`: a part of what holds it, such as a firewall; not looked up.
    pub configuration: Link,
    /// `natGateway.id`; not looked up.
    pub nat_gateway: Link,
}
