//! Clients that no file declares: what somebody says of build agents, clusters and sites.
//!
//! In: the objects of `clients`. Out: [`Client`]s. Must not know: registries, networks.

use std::net::IpAddr;

use ipnet::IpNet;

use crate::json::reader::Reader;
use crate::json::{Kind, Node};
use crate::source::Span;

use super::Written;
use super::read::{word, words};

/// A client.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Client {
    /// What findings call it.
    pub name: Written<String>,
    /// What it is: one of [`KINDS`].
    pub kind: Written<&'static str>,
    /// The subnet that it is in.
    pub subnet: Option<Written<Subnet>>,
    /// The public addresses that it leaves through.
    pub addresses: Vec<Written<IpNet>>,
    /// The list of them.
    pub addresses_at: Option<Span>,
    /// What it resolves names with.
    pub resolver: Option<Written<Resolver>>,
    /// The proxy that it pulls through.
    pub proxy: Option<Proxy>,
    /// The registries that it pulls from, by name; without any, all of the input.
    pub registries: Vec<Written<String>>,
    /// All that is said of it.
    pub at: Span,
}

/// A subnet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subnet {
    /// By its id.
    Id(String),
    /// By its name, that of its network first.
    Named(String),
}

/// What a client resolves names with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Resolver {
    /// Azure's own resolver in its network.
    Azure,
    /// A server of its own.
    Server(IpAddr),
}

/// A proxy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proxy {
    /// Its address.
    pub url: Written<String>,
    /// The hosts that are asked without it, with commas between.
    pub no_proxy: Option<Written<String>>,
}

/// An agent whose machine belongs to the service that runs it, with addresses that change.
pub const HOSTED: &str = "hosted-ci";

/// The kinds of clients.
pub const KINDS: [(&str, &str); 7] = [
    (HOSTED, HOSTED),
    ("self-hosted-ci", "self-hosted-ci"),
    ("kubernetes", "kubernetes"),
    ("machine", "machine"),
    ("on-premises", "on-premises"),
    ("workstation", "workstation"),
    ("other", "other"),
];

/// Azure's own resolver ("What is IP address 168.63.129.16?").
const AZURE_DNS: &str = "168.63.129.16";

/// Reads a client.
pub(super) fn read(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Client> {
    let mut fields = reader.object(node)?;
    let name = fields.required("name", reader).and_then(|node| word(reader, node));
    let kind = fields.required("kind", reader).and_then(|node| {
        let value = reader.choice(node, &KINDS)?;
        Some(Written { value, at: node.span() })
    });
    let subnet = fields.optional("subnet").and_then(|node| subnet(reader, node));
    let list = fields.optional("addresses");
    let addresses = list.map(|list| words(reader, list, |reader, text, at| address(reader, &text, at)));
    let resolver = fields.optional("resolver").and_then(|node| resolver(reader, node));
    let proxy = fields.optional("proxy").and_then(|node| proxy(reader, node));
    let registries = fields.optional("registries").map(|list| words(reader, list, |_, text, _| Some(text)));
    fields.finish(reader);
    let client = Client {
        name: name?,
        kind: kind?,
        subnet,
        addresses: addresses.unwrap_or_default(),
        addresses_at: list.map(Node::span),
        resolver,
        proxy,
        registries: registries.unwrap_or_default(),
        at: node.span(),
    };
    if client.name.value.trim().is_empty() {
        reader.error(client.name.at, "the name is empty");
    }
    if let Some(subnet) = client.subnet.as_ref().filter(|_| client.kind.value == HOSTED) {
        let help = "write \"self-hosted-ci\" for agents in a network of yours";
        reader.error_with_help(subnet.at, "hosted agents are in no network of yours", help);
    }
    Some(client)
}

fn subnet(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Written<Subnet>> {
    let Written { value, at } = word(reader, node)?;
    let subnet = if value.starts_with('/') {
        is_subnet(&value).then_some(Subnet::Id(value))
    } else {
        let parts: Vec<&str> = value.split('/').collect();
        let named = matches!(parts.as_slice(), [network, subnet] if !network.is_empty() && !subnet.is_empty());
        named.then_some(Subnet::Named(value))
    };
    if subnet.is_none() {
        let help = "write its id, /subscriptions/…/virtualNetworks/NETWORK/subnets/SUBNET, or NETWORK/SUBNET for one that \
                    a file declares";
        reader.error_with_help(at, "this is no subnet", help);
    }
    Some(Written { value: subnet?, at })
}

/// Whether an id is that of a subnet.
fn is_subnet(id: &str) -> bool {
    const WORDS: [&str; 11] = [
        "",
        "subscriptions",
        "*",
        "resourceGroups",
        "*",
        "providers",
        "Microsoft.Network",
        "virtualNetworks",
        "*",
        "subnets",
        "*",
    ];
    let parts: Vec<&str> = id.split('/').collect();
    let fits =
        |(part, word): (&&str, &str)| if word == "*" { !part.is_empty() } else { part.eq_ignore_ascii_case(word) };
    parts.len() == WORDS.len() && parts.iter().zip(WORDS).all(fits)
}

fn address(reader: &mut Reader<'_>, text: &str, at: Span) -> Option<IpNet> {
    let net = text.parse::<IpNet>().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from));
    if net.is_none() {
        let help = "write an address or a range, such as 203.0.113.7 or 203.0.113.0/28";
        reader.error_with_help(at, format!("`{text}` is no address"), help);
    }
    net
}

fn resolver(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Written<Resolver>> {
    let Written { value, at } = word(reader, node)?;
    let resolver = match value.parse::<IpAddr>() {
        _ if value == "azure" || value == AZURE_DNS => Some(Resolver::Azure),
        Ok(server) => Some(Resolver::Server(server)),
        Err(_) => None,
    };
    if resolver.is_none() {
        let help = "write \"azure\" for Azure's own resolver, or the address of the server";
        reader.error_with_help(at, format!("`{value}` is no resolver"), help);
    }
    Some(Written { value: resolver?, at })
}

fn proxy(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Proxy> {
    if node.kind() == Kind::String {
        return Some(Proxy { url: word(reader, node)?, no_proxy: None });
    }
    let mut fields = reader.object(node)?;
    let url = fields.required("url", reader).and_then(|node| word(reader, node));
    let no_proxy = fields.optional("noProxy").and_then(|node| word(reader, node));
    fields.finish(reader);
    Some(Proxy { url: url?, no_proxy })
}
