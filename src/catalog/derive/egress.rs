//! The addresses that clients of the input leave through, and the registries that logged requests went to.
//!
//! In: the graph. Out: [`Egress`]. Must not know: whether an address is let in.

use std::collections::HashMap;
use std::net::IpAddr;

use ipnet::IpNet;

use crate::catalog::answer::{home, note};
use crate::catalog::{Place, names};
use crate::graph::{Graph, Link, LoginEvent, Registry};
use crate::resource::ResourceId;
use crate::value::{Pattern, Truth};

/// An address that a client leaves through.
#[derive(Debug)]
pub(in crate::catalog) struct Egress {
    pub(in crate::catalog) shown: Shown,
    pub(in crate::catalog) address: IpAddr,
    /// Who: "AKS cluster aks-build", "NAT gateway ng-hub", "App Service web".
    pub(in crate::catalog) client: String,
    pub(in crate::catalog) places: Vec<Place>,
}

/// The node that shows an address.
#[derive(Clone, Copy, Debug)]
pub(in crate::catalog) enum Shown {
    /// A public address.
    Address(usize),
    /// A web app.
    App(usize),
    /// A client that users declare.
    Client(usize),
}

/// What holds an address, by the type in the id of its configuration ("Azure resource reference"). A load balancer
/// stands for the machines behind it.
const HOLDERS: [(&str, &str); 5] = [
    ("microsoft.network/azurefirewalls", "firewall"),
    ("microsoft.network/loadbalancers", "load balancer"),
    ("microsoft.network/networkinterfaces", "network interface"),
    ("microsoft.network/virtualnetworkgateways", "network gateway"),
    ("microsoft.network/natgateways", "NAT gateway"),
];

/// The registries that each event's requests went to, or may have gone to.
pub(super) fn asked(graph: &Graph) -> Vec<Vec<(u32, Truth)>> {
    // There are few registries and servers, and there may be very many events.
    let mut known: HashMap<(String, String), Vec<(u32, Truth)>> = HashMap::new();
    let mut of = |event: &LoginEvent| {
        let id = event.registry.id.as_ref().map(ResourceId::key).unwrap_or_default().to_owned();
        let host = event.login_server.value().map(Pattern::key).unwrap_or_default();
        if let Some(found) = known.get(&(id.clone(), host.clone())) {
            return found.clone();
        }
        let registries = (0_u32..).zip(&graph.registries);
        let truth = |registry: &Registry| {
            let by_id = event.registry.id.as_ref().map_or(Truth::False, |id| id.same(&registry.head.id));
            by_id.or(names::host_is(&event.login_server, registry))
        };
        let found = registries.map(|(at, registry)| (at, truth(registry)));
        let found: Vec<_> = found.filter(|(_, truth)| *truth != Truth::False).collect();
        known.insert((id, host), found.clone());
        found
    };
    graph.login_events.iter().map(&mut of).collect()
}

/// Every address that is known to be a client's.
pub(super) fn known(graph: &Graph) -> Vec<Egress> {
    let mut found = Vec::new();
    for (at, node) in graph.public_addresses.iter().enumerate() {
        let Some(address) = node.address.as_literal().and_then(|text| text.parse().ok()) else {
            continue;
        };
        let name = names::pattern(&node.head.name).unwrap_or_default();
        let cluster = graph.aks_clusters.iter().find(|cluster| {
            let own = |link: &Link| link.id.as_ref().is_some_and(|id| id.key() == node.head.id.key());
            cluster.outbound.iter().any(own)
        });
        let mut places = vec![note(node.address.origin, &format!("the address of {name}"))];
        let client = match (cluster, holder(&node.nat_gateway).or_else(|| holder(&node.configuration))) {
            (Some(cluster), _) => {
                places.push(note(home(&cluster.head), "the cluster leaves through it"));
                format!("AKS cluster {}", names::pattern(&cluster.head.name).unwrap_or_default())
            }
            (None, Some(holder)) => holder,
            (None, None) => format!("public IP address {name}"),
        };
        found.push(Egress { shown: Shown::Address(at), address, client, places });
    }
    for (at, app) in graph.web_apps.iter().enumerate() {
        let Some(list) = app.outbound.as_literal() else { continue };
        for address in list.split(',').filter_map(|text| text.trim().parse().ok()) {
            let client = format!("App Service {}", names::pattern(&app.head.name).unwrap_or_default());
            let places = vec![note(app.outbound.origin, "one of the addresses that the app leaves through")];
            found.push(Egress { shown: Shown::App(at), address, client, places });
        }
    }
    for (at, node) in graph.clients.iter().enumerate() {
        for written in &node.addresses.items {
            // Of a range nobody knows which address is in use.
            let text = written.as_literal();
            let net = text.and_then(|text| text.parse::<IpNet>().ok());
            if let Some(net) = net.filter(|net| net.prefix_len() == net.max_prefix_len()) {
                let client = format!("client {}", node.head.address);
                let places = vec![note(written.origin, "an address that the client is said to leave through")];
                found.push(Egress { shown: Shown::Client(at), address: net.addr(), client, places });
            }
        }
    }
    found
}

/// `NAT gateway ng-hub`: what a reference leads to, or to a part of.
fn holder(link: &Link) -> Option<String> {
    let mut id: ResourceId = link.id.clone()?;
    loop {
        let known = id.ty().and_then(|ty| HOLDERS.iter().find(|(holder, _)| ty.eq_ignore_ascii_case(holder)));
        if let Some((_, word)) = known {
            return Some(format!("{word} {}", names::of_id(&id)?));
        }
        id = id.parent()?;
    }
}
