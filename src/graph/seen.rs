//! What was seen of clients: the requests that registries logged, the addresses that clients leave through, and how they
//! are set up: names that are pinned, proxies, resolvers, pods.
//!
//! In: nothing. Out: plain data. Must not know: other nodes but through ids and hosts.

use super::{Head, ImageHost, Link, List, SubnetLink};
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

/// A name that a hosts file, or a resolver, pins to an address.
#[derive(Clone, Debug)]
pub struct HostsEntry {
    /// What every node has.
    pub head: Head,
    /// The host.
    pub host: Attr<Pattern>,
    /// The address.
    pub address: Attr<Pattern>,
}

/// A proxy that a program goes through.
#[derive(Clone, Debug)]
pub struct Proxy {
    /// What every node has.
    pub head: Head,
    /// Who goes through it: `daemon`, which pulls images, or `containers`.
    pub scope: Attr<Pattern>,
    /// Its address for `http`, without a login.
    pub http: Attr<Pattern>,
    /// Its address for `https`, without a login.
    pub https: Attr<Pattern>,
    /// The hosts that do not go through it, with commas between.
    pub no_proxy: Attr<Pattern>,
}

/// A zone that a resolver asks others for.
#[derive(Clone, Debug)]
pub struct Forwarder {
    /// What every node has.
    pub head: Head,
    /// The zone in lower case, without a dot at its end; `.` for all names.
    pub zone: Attr<Pattern>,
    /// The program whose configuration says so.
    pub server: Attr<Pattern>,
    /// At which addresses it is asked, where the configuration says so.
    pub listens: List<Attr<Pattern>>,
    /// Whom it asks.
    pub upstreams: List<Attr<Pattern>>,
    /// The line that takes in another file, where one does.
    pub include: Attr<Pattern>,
}

/// The pull of a container's image.
#[derive(Clone, Debug)]
pub struct PodPull {
    /// What every node has.
    pub head: Head,
    /// The image as written.
    pub image: Attr<Pattern>,
    /// The host in it.
    pub host: Option<ImageHost>,
    /// Why the container waits, where it does.
    pub reason: Attr<Pattern>,
    /// What the kubelet says about it.
    pub message: Attr<Pattern>,
}

/// A client that users declare themselves, since no file does.
#[derive(Clone, Debug)]
pub struct Client {
    /// What every node has.
    pub head: Head,
    /// What it is, such as `hosted-ci` or `on-premises`.
    pub kind: Attr<Pattern>,
    /// The subnet that it is in.
    pub subnet: SubnetLink,
    /// The public addresses and ranges that it leaves through.
    pub addresses: List<Attr<Pattern>>,
    /// The server that it resolves names with.
    pub resolver: Attr<Pattern>,
    /// The registries that it pulls from, by name; without any, all of the input.
    pub registries: List<Attr<Pattern>>,
}
