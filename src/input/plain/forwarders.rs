//! Configurations of DNS servers: which zone is asked of which server.
//!
//! In: a text of dnsmasq, unbound, BIND or `CoreDNS`. Out: [`Resource`]s. Must not know: which servers are right.
//!
//! Only what names a zone and a server is read; views, conditions and included files are not.

use std::net::{IpAddr, SocketAddr};

use crate::input::events::seen;
use crate::resource::{Places, Resource};
use crate::source::{FileId, Span};
use crate::value::{Key, Object, Origin, Value};

use super::hosts::entry;
use super::lines::{Line, Word, lines};

/// The type of a zone that is forwarded.
const FORWARDER: &str = "acrlint/forwarders";

/// A server software.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Server {
    /// dnsmasq: `server=/zone/address`.
    Dnsmasq,
    /// unbound: `forward-zone:` and `stub-zone:`.
    Unbound,
    /// BIND: `zone "…" { type forward; … }`.
    Bind,
    /// `CoreDNS`: `zone { forward . address }`.
    CoreDns,
}

impl Server {
    const ALL: [Self; 4] = [Self::Dnsmasq, Self::Unbound, Self::Bind, Self::CoreDns];

    /// Its name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Dnsmasq => "dnsmasq",
            Self::Unbound => "unbound",
            Self::Bind => "BIND",
            Self::CoreDns => "CoreDNS",
        }
    }
}

/// A zone and the servers that it is forwarded to.
struct Forwarded<'t> {
    zone: Word<'t>,
    servers: Vec<Word<'t>>,
}

/// The software whose configuration a text is: the one that finds a forwarded zone in it.
pub(super) fn detect(text: &str) -> Option<Server> {
    Server::ALL.into_iter().find(|server| {
        let (zones, pinned) = read(*server, FileId(0), text);
        !zones.is_empty() || !pinned.is_empty()
    })
}

/// What a configuration says.
pub(super) fn load(file: FileId, text: &str, server: Server) -> Vec<Resource> {
    let (zones, mut found) = read(server, file, text);
    let include = include(server, file, text);
    let listens = listens(server, file, text);
    for Forwarded { zone, servers } in zones {
        let mut properties = Object::new();
        let name = name(zone.text);
        let mut put = |key: &str, value: Value, at: Span| properties.push(Key { name: key.into(), at }, value);
        put("zone", Value::string(name.as_str(), Origin::at(zone.at)), zone.at);
        put("server", Value::string(server.name(), Origin::at(zone.at)), zone.at);
        let list = servers.iter().map(|word| Value::string(word.text, Origin::at(word.at)));
        put("upstreams", Value::array(list.collect(), Origin::at(zone.at)), zone.at);
        let list = listens.iter().map(|word| Value::string(word.text, Origin::at(word.at)));
        if !listens.is_empty() {
            put("listens", Value::array(list.collect(), Origin::at(zone.at)), zone.at);
        }
        if let Some(include) = include {
            put("include", Value::string(include.text, Origin::at(include.at)), include.at);
        }
        let at = Places { whole: zone.at, ty: zone.at, name: Origin::at(zone.at), properties: zone.at };
        let place = format!("{name} of {} {}:{}", server.name(), zone.at.file.0, zone.at.start);
        let mut resource = seen(FORWARDER, &place, at, properties);
        resource.address = format!("zone {name} of {}", server.name()).into();
        found.push(resource);
    }
    found
}

/// The addresses at which a server is asked, but for those that only its own machine can ask.
fn listens(server: Server, file: FileId, text: &str) -> Vec<Word<'_>> {
    let directive = match server {
        Server::Dnsmasq => "listen-address=",
        Server::Unbound => "interface:",
        Server::Bind => "listen-on",
        Server::CoreDns => "bind",
    };
    let mut found = Vec::new();
    for line in lines(file, text).map(|line| line.before(&['#'])) {
        let Some(rest) = line.text.trim_start().strip_prefix(directive) else { continue };
        for word in rest.split([',', ' ', '\t', '{', '}', ';']) {
            let address = word.split('@').next().unwrap_or_default();
            if address.parse::<IpAddr>().is_ok_and(|address| !address.is_loopback() && !address.is_unspecified()) {
                found.push(line.word(address));
            }
        }
    }
    found
}

/// The first line that takes in another file, in which further zones may be.
fn include(server: Server, file: FileId, text: &str) -> Option<Word<'_>> {
    let directives: &[&str] = match server {
        Server::Dnsmasq => &["conf-file=", "conf-dir=", "servers-file="],
        Server::Unbound => &["include:", "include-toplevel:"],
        Server::Bind => &["include "],
        Server::CoreDns => &["import "],
    };
    lines(file, text).find_map(|line| {
        let written = line.text.trim();
        directives.iter().any(|directive| written.starts_with(directive)).then(|| line.word(written))
    })
}

/// A zone without its dot, in lower case; the root is `.`.
fn name(zone: &str) -> String {
    let name = zone.trim_matches('"').trim_end_matches('.').to_ascii_lowercase();
    if name.is_empty() { ".".to_owned() } else { name }
}

fn read(server: Server, file: FileId, text: &str) -> (Vec<Forwarded<'_>>, Vec<Resource>) {
    match server {
        Server::Dnsmasq => dnsmasq(file, text),
        Server::Unbound => (unbound(file, text), Vec::new()),
        Server::Bind => (bind(file, text), Vec::new()),
        Server::CoreDns => (coredns(file, text), Vec::new()),
    }
}

/// `server=/azurecr.io/10.0.0.4#53`, `server=10.0.0.4`, and `address=/name/10.0.0.4`, which pins a name.
fn dnsmasq(file: FileId, text: &str) -> (Vec<Forwarded<'_>>, Vec<Resource>) {
    let (mut zones, mut pinned) = (Vec::new(), Vec::new());
    for line in lines(file, text) {
        let line = if line.text.trim_start().starts_with('#') { line.until("#") } else { line.until(" #") };
        let Some((option, value)) = line.text.split_once('=') else { continue };
        let value = value.trim();
        let mut parts: Vec<&str> = value.split('/').collect();
        match option.trim() {
            "server" | "local" => {
                let Some(server) = parts.pop().filter(|server| is_address(server)) else { continue };
                let names: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
                let server = line.word(server);
                if names.is_empty() {
                    zones.push(Forwarded { zone: Word { text: ".", at: server.at }, servers: vec![server] });
                }
                zones.extend(names.into_iter().map(|name| Forwarded { zone: line.word(name), servers: vec![server] }));
            }
            "address" => {
                let Some(address) = parts.pop().filter(|address| is_address(address)) else { continue };
                let address = line.word(address);
                for name in parts.into_iter().filter(|name| name.to_ascii_lowercase().contains(".azurecr.")) {
                    let name = line.word(name);
                    pinned.push(entry(name.text, name.at, address.text, address.at));
                }
            }
            _ => {}
        }
    }
    (zones, pinned)
}

/// `forward-zone:` or `stub-zone:`, with `name:` and `forward-addr:` or `stub-addr:` below.
fn unbound(file: FileId, text: &str) -> Vec<Forwarded<'_>> {
    let mut zones: Vec<Forwarded<'_>> = Vec::new();
    let mut inside = false;
    for line in lines(file, text).map(|line| line.before(&['#'])) {
        let Some((option, value)) = line.text.split_once(':') else { continue };
        let value = value.trim().trim_matches('"');
        match option.trim() {
            "forward-zone" | "stub-zone" => inside = true,
            "name" if inside && !value.is_empty() => {
                zones.push(Forwarded { zone: line.word(value), servers: Vec::new() });
            }
            "forward-addr" | "stub-addr" | "forward-host" | "stub-host" if inside && !value.is_empty() => {
                if let Some(zone) = zones.last_mut() {
                    zone.servers.push(line.word(value));
                }
            }
            // Another section begins.
            _ if value.is_empty() => inside = false,
            _ => {}
        }
    }
    zones.retain(|zone| !zone.servers.is_empty());
    zones
}

/// `zone "azurecr.io" { type forward; forwarders { 10.0.0.4; }; };`
fn bind(file: FileId, text: &str) -> Vec<Forwarded<'_>> {
    let mut zones = Vec::new();
    let (mut zone, mut forward, mut list): (Option<Word<'_>>, bool, bool) = (None, false, false);
    let mut servers: Vec<Word<'_>> = Vec::new();
    let mut depth = 0_usize;
    for line in lines(file, text) {
        let line = line.until("//").until("#");
        let mut before = "";
        for word in line.words(|c| c.is_whitespace() || c == ';') {
            for piece in split_braces(word.text) {
                match piece {
                    "{" => depth += 1,
                    "}" => {
                        depth = depth.saturating_sub(1);
                        list &= depth > 1;
                        if depth == 0 {
                            let found = std::mem::take(&mut servers);
                            if let Some(zone) = zone.take().filter(|_| forward && !found.is_empty()) {
                                zones.push(Forwarded { zone, servers: found });
                            }
                            forward = false;
                        }
                    }
                    _ if depth == 0 && before == "zone" => zone = Some(line.word(piece.trim_matches('"'))),
                    "forward" if before == "type" => forward = true,
                    "forwarders" => list = true,
                    _ if list && is_address(piece) => servers.push(line.word(piece)),
                    _ => {}
                }
                before = piece;
            }
        }
    }
    zones
}

/// Cuts a word at its braces.
fn split_braces(word: &str) -> Vec<&str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    for (at, brace) in word.match_indices(['{', '}']) {
        pieces.extend(word.get(start..at).filter(|piece| !piece.is_empty()));
        pieces.extend(word.get(at..at + brace.len()));
        start = at + brace.len();
    }
    pieces.extend(word.get(start..).filter(|piece| !piece.is_empty()));
    pieces
}

/// `azurecr.io:53 { forward . 10.0.0.4 }`
fn coredns(file: FileId, text: &str) -> Vec<Forwarded<'_>> {
    let mut zones: Vec<Forwarded<'_>> = Vec::new();
    let mut around: Vec<Word<'_>> = Vec::new();
    let mut depth = 0_usize;
    for line in lines(file, text).map(|line| line.before(&['#'])) {
        let words: Vec<Word<'_>> = line.words(|c| c.is_whitespace() || c == ',').collect();
        let opens = words.iter().any(|word| word.text.ends_with('{'));
        if depth == 0 && opens {
            around = words.iter().filter(|word| word.text != "{").map(|word| without_port(line, *word)).collect();
        }
        // `forward FROM TO…`, where the server block itself is for the zones in front of it.
        let at = words.iter().position(|word| word.text == "forward");
        if let Some(at) = at.filter(|_| depth == 1 || (depth == 0 && opens)) {
            let mut rest = words.iter().skip(at + 1).take_while(|word| !word.text.starts_with(['{', '}'])).copied();
            let from = rest.next();
            let servers: Vec<Word<'_>> = rest.collect();
            let zone = from.filter(|from| from.text != ".");
            let named = zone.map_or_else(|| around.clone(), |zone| vec![zone]);
            if !servers.is_empty() {
                zones.extend(named.into_iter().map(|zone| Forwarded { zone, servers: servers.clone() }));
            }
        }
        for word in &words {
            depth += word.text.matches('{').count();
            depth = depth.saturating_sub(word.text.matches('}').count());
        }
    }
    zones
}

/// `dns://azurecr.io:53{` is the zone `azurecr.io`.
fn without_port<'t>(line: Line<'t>, word: Word<'t>) -> Word<'t> {
    let text = word.text.trim_end_matches('{');
    let text = text.split_once("://").map_or(text, |(_, rest)| rest);
    line.word(text.split(':').next().filter(|name| !name.is_empty()).unwrap_or(text))
}

/// Whether a text is an address, perhaps with a port.
fn is_address(text: &str) -> bool {
    let text = text.split(['#', '@']).next().unwrap_or_default();
    text.parse::<IpAddr>().is_ok() || text.parse::<SocketAddr>().is_ok()
}
