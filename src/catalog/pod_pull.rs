//! Pulls of pods: the host, and what the kubelet says where a pull fails.
//!
//! In: nodes. Out: tables of properties and relations. Must not know: rules, verdicts.
//!
//! Messages are read for texts that are known, and for nothing else: one that has none of them leaves the cause unknown.

use std::net::IpAddr;

use ipnet::IpNet;

use super::access_rule::is_private;
use super::answer::{fact, known_text, not_in_input, one, place, property, registries_meant, text};
use super::head::{ADDRESS, NAME};
use super::model::Name;
use super::{Completeness, Datum, Fact, Kind, Model, Related, Subject, Ty, names};
use crate::graph::PodPull;

fn pull(m: &Model, s: Subject) -> &PodPull {
    &m.graph.pod_pulls[s.at()]
}

/// Why a pull fails, and what to look at.
#[derive(Debug, PartialEq, Eq)]
struct Cause {
    what: String,
    remedy: &'static str,
}

/// What a message says.
#[derive(Debug, PartialEq, Eq)]
enum Said {
    /// A known text of a network that is in the way.
    Network(Cause),
    /// A known text of something else: a login, a tag.
    Other,
    /// Nothing that is known.
    Nothing,
}

/// Texts of what is no fault of the network.
const OTHERS: [&str; 7] = [
    "authentication required",
    "401 unauthorized",
    "manifest unknown",
    ": not found",
    "no match for platform",
    "toomanyrequests",
    "429 too many",
];

/// Reads a message. The most telling text counts, whatever else is in it: a lookup that fails also times out.
fn read(message: &str) -> Said {
    let message = message.replace("&#39;", "'").replace("&quot;", "\"").to_lowercase();
    let has = |text: &str| message.contains(text);
    let cause = |what: &str, remedy: &'static str| Said::Network(Cause { what: what.to_owned(), remedy });
    if let Some(host) = word_after(&message, "lookup ") {
        let data = host.contains(".data.azurecr.");
        if has("no such host") {
            let what = format!("{host} does not resolve");
            let remedy = if data {
                "add the record of the data endpoint to the private zone, one for each region; the login name resolves"
            } else {
                "add the record of the login server to the private zone that the nodes resolve with, or unlink the zone"
            };
            return Said::Network(Cause { what, remedy });
        }
        if ["i/o timeout", "server misbehaving", "temporary failure in name resolution"].iter().any(|text| has(text)) {
            let what = format!("the DNS server of the nodes does not answer for {host}");
            return Said::Network(Cause {
                what,
                remedy: "look at the DNS servers of the network, and whether port 53 is open",
            });
        }
    }
    if let Some(address) = word_after(&message, "dial tcp ").and_then(|text| address(&text))
        && ["i/o timeout", "connection timed out", "connection refused", "no route to host"]
            .iter()
            .any(|text| has(text))
    {
        let what = format!("{address} does not answer");
        let remedy = if is_inside(address) {
            "see whether the private endpoint is approved, its network is peered with that of the nodes, and the record has \
             its address"
        } else {
            "see whether security groups, routes and the firewall let the nodes out; a private endpoint would answer with \
             a private address"
        };
        return Said::Network(Cause { what, remedy });
    }
    if has(".blob.core.") && has("failed to do request") {
        let remedy =
            "let the nodes out to the storage of the registry, or enable dedicated data endpoints and allow those";
        return cause("layers in the storage of the registry cannot be reached", remedy);
    }
    if has("authorizationfailure") && has("not authorized to perform this operation") {
        let remedy = "a service endpoint policy for storage on the subnet of the nodes is in the way";
        return cause("the storage of the registry refuses the nodes", remedy);
    }
    if let Some(address) = word_after(&message, "client with ip ") {
        let what = format!("the network rules deny {}", address.trim_matches(['\'', '"']));
        let remedy = "let that address in, or give the nodes a way to a private endpoint";
        return Said::Network(Cause { what, remedy });
    }
    if has("403 forbidden") || has("unexpected status: 403") {
        let remedy =
            "let the address of the nodes in, or see whether the name of a private registry resolves privately";
        return cause("the registry answers 403", remedy);
    }
    if has("proxyconnect tcp") {
        return cause(
            "the proxy does not answer",
            "exempt the hosts of the registry from the proxy, or mend the proxy",
        );
    }
    if has("x509: certificate signed by unknown authority") {
        let remedy = "a firewall or proxy opens the connection: exempt the registry, or trust its certificate";
        return cause("the certificate is not that of the registry", remedy);
    }
    if ["tls handshake timeout", "client.timeout exceeded", "context deadline exceeded"].iter().any(|text| has(text)) {
        return cause("the registry does not answer in time", "look at security groups, routes, the firewall and DNS");
    }
    if OTHERS.iter().any(|text| has(text)) { Said::Other } else { Said::Nothing }
}

/// The word behind a text.
fn word_after(message: &str, text: &str) -> Option<String> {
    let (_, rest) = message.split_once(text)?;
    let word = rest.split_whitespace().next()?;
    Some(word.trim_end_matches([':', ',', '"']).to_owned()).filter(|word| !word.is_empty())
}

/// `10.0.0.4:443` without the port.
fn address(text: &str) -> Option<IpAddr> {
    text.parse::<std::net::SocketAddr>().map(|socket| socket.ip()).ok().or_else(|| text.parse().ok())
}

fn is_inside(address: IpAddr) -> bool {
    address.is_ipv4() && is_private(IpNet::from(address))
}

/// Whether the container waits for its image.
fn waits(pull: &PodPull) -> bool {
    pull.reason.as_literal().is_some_and(|reason| ["ErrImagePull", "ImagePullBackOff"].contains(&reason))
}

fn said(m: &Model, s: Subject, read_of: fn(Cause) -> String) -> Fact {
    let pull = pull(m, s);
    if !waits(pull) {
        return fact(Datum::Absent, vec![place(pull.image.origin)]);
    }
    let at = if pull.message.is_absent() { pull.reason.origin } else { pull.message.origin };
    let places = vec![place(at)];
    match pull.message.as_literal().map_or(Said::Nothing, read) {
        Said::Network(cause) => known_text(&read_of(cause), places),
        Said::Other => fact(Datum::Absent, places),
        Said::Nothing => {
            let unknown = not_in_input("why the pull fails, which the events of the pod say", places.first());
            fact(Datum::Unknown(unknown), places)
        }
    }
}

pub(super) const POD_PULL: Kind<Model> = Kind {
    name: Name::PodPull.text(),
    doc: "The pull of a container's image by Kubernetes, from a registry of Azure.",
    all: |m| Name::PodPull.all(m.graph.pod_pulls.len()),
    properties: &[
        NAME,
        ADDRESS,
        property("image", Ty::Text, "The image as written.", |m, s| text(&pull(m, s).image)),
        property("host", Ty::Text, "The host in it.", |m, s| {
            let pull = pull(m, s);
            match &pull.host {
                Some(host) => text(&host.host),
                None => fact(Datum::Absent, vec![place(pull.image.origin)]),
            }
        }),
        property("reason", Ty::Text, "Why the container waits: ErrImagePull, ImagePullBackOff.", |m, s| {
            text(&pull(m, s).reason)
        }),
        property(
            "cause",
            Ty::Text,
            "What is in the way of the pull, by the text of the error; nothing where it is not the network.",
            |m, s| said(m, s, |cause| cause.what),
        ),
        property("remedy", Ty::Text, "What to look at, as an instruction.", |m, s| {
            said(m, s, |cause| cause.remedy.to_owned())
        }),
    ],
    relations: &[one("registry", Name::Registry.text(), "The registry that is pulled from.", |m, s| {
        let pull = pull(m, s);
        let at = place(pull.image.origin);
        let Some(host) = &pull.host else {
            return Related { members: Vec::new(), complete: Completeness::Complete(at) };
        };
        let all =
            (0_u32..).zip(&m.graph.registries).map(|(node, registry)| (node, names::host_is(&host.host, registry)));
        registries_meant(all, at, |place| Completeness::Incomplete {
            place,
            settle: "the output of `az acr list`".into(),
        })
    })],
};

#[cfg(test)]
mod tests {
    use super::{Said, read};

    fn what(message: &str) -> String {
        match read(message) {
            Said::Network(cause) => cause.what,
            Said::Other => "other".to_owned(),
            Said::Nothing => "nothing".to_owned(),
        }
    }

    #[test]
    fn the_most_telling_text_counts() {
        let front = "Back-off pulling image \"a.azurecr.io/x:1\": ErrImagePull: rpc error: failed to do request: Head \
                     \"https://a.azurecr.io/v2/x/manifests/1\": ";
        for (message, said) in [
            ("dial tcp: lookup a.azurecr.io on 168.63.129.16:53: no such host", "a.azurecr.io does not resolve"),
            (
                "dial tcp: lookup a.azurecr.io: i/o timeout",
                "the DNS server of the nodes does not answer for a.azurecr.io",
            ),
            ("dial tcp 10.0.0.7:443: i/o timeout", "10.0.0.7 does not answer"),
            ("dial tcp 20.1.2.3:443: connect: connection timed out", "20.1.2.3 does not answer"),
            (
                "denied: client with IP '203.0.113.7' is not allowed access. Refer https://aka.ms/acr/firewall",
                "the network rules deny 203.0.113.7",
            ),
            ("failed to fetch anonymous token: unexpected status: 403 Forbidden", "the registry answers 403"),
            ("proxyconnect tcp: EOF", "the proxy does not answer"),
            ("net/http: TLS handshake timeout", "the registry does not answer in time"),
            ("unexpected status: 401 Unauthorized", "other"),
            ("a.azurecr.io/x:1: not found", "other"),
            ("EOF", "nothing"),
        ] {
            assert_eq!(what(&format!("{front}{message}")), said);
        }
        assert_eq!(what("Back-off pulling image \"a.azurecr.io/x:1\""), "nothing");
        let blob = "failed to copy: httpReadSeeker: failed open: failed to do request: Get \
                    \"https://weumanaged15.blob.core.windows.net/x?sig=1\": EOF";
        assert_eq!(what(blob), "layers in the storage of the registry cannot be reached");
    }
}
