//! Hosts that clients pull from, and whether the certificate of a registry covers them.
//!
//! In: what is derived of clients. Out: tables of properties and relations. Must not know: rules, verdicts.

use std::net::{IpAddr, SocketAddr};

use super::answer::{decided_because, known_text, place, property, text};
use super::derive::Reference;
use super::model::Name;
use super::{Fact, Kind, Model, Subject, Ty, names};
use crate::value::{Pattern, Truth};

fn reference(m: &Model, s: Subject) -> &Reference {
    &m.derived().references[s.at()]
}

/// Why a host is none that the certificate of a registry covers.
enum Wrong {
    /// It is the name in the private zone.
    PrivateLink,
    /// It is the address of a private endpoint.
    Address,
}

/// The end of a host, without its port.
fn without_port(host: &str) -> &str {
    match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|b| b.is_ascii_digit()) => name,
        Some(_) | None => host,
    }
}

/// What is wrong with a host; `Err` where it is not known.
fn wrong(m: &Model, s: Subject) -> Result<Option<Wrong>, ()> {
    let host = &reference(m, s).host;
    let Some(pattern) = names::pattern(host) else { return Ok(None) };
    if let Some(literal) = pattern.as_literal() {
        if let Some(address) = address(literal) {
            return Ok(is_endpoint(m, address).then_some(Wrong::Address));
        }
        let name = without_port(literal).to_lowercase();
        let private = names::SUFFIXES.iter().any(|suffix| name.ends_with(&format!(".privatelink.{suffix}")));
        return Ok(private.then_some(Wrong::PrivateLink));
    }
    if names::SUFFIXES.iter().any(|suffix| names::strip_end(&pattern, &format!(".privatelink.{suffix}")).is_some()) {
        return Ok(Some(Wrong::PrivateLink));
    }
    let registries = m.graph.registries.iter().map(|registry| names::host_is(host, registry));
    match registries.max().unwrap_or(Truth::False) {
        Truth::True => Ok(None),
        Truth::Unknown => Err(()),
        Truth::False if names::is_any_registry(host) => Err(()),
        Truth::False => Ok(None),
    }
}

fn address(host: &str) -> Option<IpAddr> {
    host.parse().ok().or_else(|| host.parse::<SocketAddr>().ok().map(|socket| socket.ip()))
}

/// Whether an address is one that a private endpoint of a registry answers at.
fn is_endpoint(m: &Model, address: IpAddr) -> bool {
    let graph = &m.graph;
    let is = |text: Option<&Pattern>| {
        text.and_then(Pattern::as_literal).and_then(|text| text.parse::<IpAddr>().ok()) == Some(address)
    };
    graph.private_endpoints.iter().any(|endpoint| {
        let mut targets = endpoint.connections.items.iter().map(|connection| &connection.registry);
        let shown = endpoint.interfaces.items.iter().filter_map(|link| graph.network_interfaces.get(link.node()?));
        let mut shown = shown.flat_map(|interface| &interface.addresses.items);
        let mut fixed = endpoint.ip_configurations.items.iter();
        targets.any(|link| super::private_endpoint::targets_registry(link) == Truth::True)
            && (shown.any(|shown| is(shown.address.value())) || fixed.any(|fixed| is(fixed.address.value())))
    })
}

pub(super) const IMAGE_REFERENCE: Kind<Model> = Kind {
    name: Name::ImageReference.text(),
    doc: "A host that a client pulls images from or logs in to, as it writes it.",
    all: |m| Name::ImageReference.all(m.derived().references.len()),
    properties: &[
        property("host", Ty::Text, "The host.", |m, s| text(&reference(m, s).host)),
        property("client", Ty::Text, "Who names it: container app shop.", |m, s| {
            let reference = reference(m, s);
            known_text(&reference.words, vec![place(reference.host.origin)])
        }),
        property(
            "loginServer",
            Ty::Bool,
            "It is no name of the private zone, and no address of a private endpoint.",
            |m, s| {
                let host = &reference(m, s).host;
                let truth = match wrong(m, s) {
                    Ok(wrong) => wrong.is_none().into(),
                    Err(()) => Truth::Unknown,
                };
                let hole = names::pattern(host).and_then(|pattern| pattern.first_hole().cloned());
                decided_because(truth, hole.as_ref(), "the host of the image", vec![place(host.origin)])
            },
        ),
        property("reason", Ty::Text, "Why it is none that the certificate covers.", |m, s| {
            let words = match wrong(m, s) {
                Ok(Some(Wrong::PrivateLink)) => "the name with privatelink is for DNS only",
                Ok(Some(Wrong::Address)) => "it is the address of a private endpoint",
                Ok(None) | Err(()) => "",
            };
            known_text(words, vec![place(reference(m, s).host.origin)])
        }),
        property("instead", Ty::Text, "What to write instead, as an instruction.", instead),
    ],
    relations: &[],
};

fn instead(m: &Model, s: Subject) -> Fact {
    let host = &reference(m, s).host;
    let written = names::pattern(host).unwrap_or_default().to_string();
    let words = match wrong(m, s) {
        Ok(Some(Wrong::PrivateLink)) => format!("write {}", written.to_lowercase().replace(".privatelink.", ".")),
        Ok(Some(Wrong::Address) | None) | Err(()) => "write the login server of the registry".to_owned(),
    };
    known_text(&words, vec![place(host.origin)])
}
