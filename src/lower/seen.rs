//! Decodes what was seen of clients.
//!
//! In: bodies. Out: nodes. Must not know: registries, rules.

use std::collections::HashMap;

use crate::graph::{Client, Forwarder, Graph, Head, HostsEntry, LoginEvent, NodeKind, PodPull, Proxy, PublicAddress};
use crate::value::{Attr, Pattern, State};

use super::Draft;
use super::client::image_host;
use super::decode::{Reader, View};

fn login_event(reader: &mut Reader, view: &View, head: Head) -> LoginEvent {
    let p = view.member("properties");
    LoginEvent {
        registry: reader.link(&p.at("registryId")),
        login_server: reader.text(&p.at("loginServer")),
        caller: reader.text(&p.at("callerIpAddress")),
        result_type: reader.text(&p.at("resultType")),
        result_description: reader.text(&p.at("resultDescription")),
        operation: reader.text(&p.at("operationName")),
        user_agent: reader.text(&p.at("userAgent")),
        count: reader.int(&p.at("count")),
        first: reader.text(&p.at("firstTime")),
        last: reader.text(&p.at("lastTime")),
        head,
    }
}

/// What [`public_address`] asks of `properties`.
pub(super) const OF_PUBLIC_ADDRESSES: &[&str] = &["ipAddress", "ipConfiguration", "natGateway"];

pub(super) fn public_address(reader: &mut Reader, view: &View, head: Head) -> PublicAddress {
    let p = view.member("properties");
    PublicAddress {
        address: reader.text(&p.at("ipAddress")),
        configuration: reader.link(&p.at("ipConfiguration.id")),
        nat_gateway: reader.link(&p.at("natGateway.id")),
        head,
    }
}

pub(super) fn hosts_entry(reader: &mut Reader, view: &View, head: Head) -> HostsEntry {
    let p = view.member("properties");
    HostsEntry { host: reader.text(&p.at("name")), address: reader.text(&p.at("address")), head }
}

pub(super) fn proxy(reader: &mut Reader, view: &View, head: Head) -> Proxy {
    let p = view.member("properties");
    Proxy {
        scope: reader.text(&p.at("scope")),
        http: reader.text(&p.at("httpProxy")),
        https: reader.text(&p.at("httpsProxy")),
        no_proxy: reader.text(&p.at("noProxy")),
        head,
    }
}

pub(super) fn forwarder(reader: &mut Reader, view: &View, head: Head) -> Forwarder {
    let p = view.member("properties");
    Forwarder {
        zone: reader.text(&p.at("zone")),
        server: reader.text(&p.at("server")),
        listens: reader.texts(&p.at("listens")),
        upstreams: reader.texts(&p.at("upstreams")),
        include: reader.text(&p.at("include")),
        head,
    }
}

pub(super) fn pod_pull(reader: &mut Reader, view: &View, head: Head) -> PodPull {
    let p = view.member("properties");
    let image = reader.text(&p.at("image"));
    PodPull {
        host: image_host(image.clone(), ""),
        image,
        reason: reader.text(&p.at("reason")),
        message: reader.text(&p.at("message")),
        head,
    }
}

pub(super) fn client(reader: &mut Reader, view: &View, head: Head) -> Client {
    let p = view.member("properties");
    Client {
        kind: reader.text(&p.at("kind")),
        subnet: reader.subnet(&p.at("subnetId")),
        addresses: reader.texts(&p.at("addresses")),
        resolver: reader.text(&p.at("resolver")),
        registries: reader.texts(&p.at("registries")),
        head,
    }
}

/// Adds events; those with the same registry, address and result that several files show are one. Rows that two files
/// have in common count twice.
pub(super) fn add_events(reader: &mut Reader, drafts: &[Draft], graph: &mut Graph) {
    let mut known: HashMap<String, usize> = HashMap::new();
    for draft in drafts.iter().filter(|draft| draft.kind == NodeKind::LoginEvent) {
        let view = View::of(&draft.resource);
        let head = super::head(reader, draft, &view);
        let event = login_event(reader, &view, head);
        match known.get(event.head.id.key()).and_then(|&at| graph.login_events.get_mut(at)) {
            Some(first) => join(first, event),
            None => {
                known.insert(event.head.id.key().to_owned(), graph.login_events.len());
                graph.login_events.push(event);
            }
        }
    }
}

fn join(known: &mut LoginEvent, event: LoginEvent) {
    known.head.places.extend(event.head.places);
    if let (State::Known(count), State::Known(more)) = (&mut known.count.state, &event.count.state) {
        *count = count.saturating_add(*more);
    }
    if is_less(&event.first, &known.first) {
        known.first = event.first;
    }
    if is_less(&known.last, &event.last) {
        known.last = event.last;
    }
}

/// Whether a time is before another one; both are of a form that sorts as text.
fn is_less(a: &Attr<Pattern>, b: &Attr<Pattern>) -> bool {
    let text = |attr: &Attr<Pattern>| attr.as_literal().map(str::to_owned);
    text(a).zip(text(b)).is_some_and(|(a, b)| a < b)
}
