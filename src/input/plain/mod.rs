//! Texts that are no JSON: exports of log rows, and what configures clients and their resolvers.
//!
//! In: a text. Out: [`Plain`], what it is by its content, and [`Loaded`]. Must not know: file names, rules.

mod forwarders;
mod hosts;
mod lines;
mod systemd;

use crate::diag::Problem;
use crate::source::FileId;

use super::{Loaded, csv, events};

pub use forwarders::Server;

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Rows of Log Analytics, exported as comma-separated values.
    Events,
    /// A hosts file.
    Hosts,
    /// A unit of systemd that sets a proxy.
    Systemd,
    /// The configuration of a DNS server.
    Dns(Server),
}

impl Plain {
    /// The word of reports for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Events => "log-analytics",
            Self::Hosts => "hosts",
            Self::Systemd => "systemd",
            Self::Dns(Server::Dnsmasq) => "dnsmasq",
            Self::Dns(Server::Unbound) => "unbound",
            Self::Dns(Server::Bind) => "bind",
            Self::Dns(Server::CoreDns) => "coredns",
        }
    }

    /// The words for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Events => "export of Log Analytics",
            Self::Hosts => "hosts file",
            Self::Systemd => "unit of systemd",
            Self::Dns(server) => server.name(),
        }
    }
}

/// Tells what a text is; `None` where it is nothing known.
pub fn detect(text: &str) -> Option<Plain> {
    if events::is_export(&csv::records(FileId(0), text)) {
        return Some(Plain::Events);
    }
    if hosts::is_one(text) {
        return Some(Plain::Hosts);
    }
    if systemd::is_one(text) {
        return Some(Plain::Systemd);
    }
    forwarders::detect(text).map(Plain::Dns)
}

/// What a text shows.
pub fn load(file: FileId, text: &str, plain: Plain) -> Loaded {
    let mut loaded = Loaded::default();
    match plain {
        Plain::Events => {
            let mut groups = events::Groups::default();
            if let Some(at) = groups.add_lines(csv::records(file, text)) {
                let message = "this row is cut off: it is not counted";
                loaded.problems.push(Problem::error("dump-cut", at, message).fatal());
            }
            loaded.resources = groups.into_resources();
        }
        Plain::Hosts => loaded.resources = hosts::load(file, text),
        Plain::Systemd => loaded.resources = systemd::load(file, text, &mut loaded.secrets),
        Plain::Dns(server) => loaded.resources = forwarders::load(file, text, server),
    }
    loaded
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Sources;
    use crate::value::{Data, Value};

    /// What a text is, and each thing in it by its properties, with the texts at their places.
    fn shown(text: &str) -> String {
        let Some(plain) = detect(text) else { return "nothing".to_owned() };
        let mut sources = Sources::new();
        let file = sources.add("x", text);
        let mut words = vec![plain.word().to_owned()];
        for resource in load(file, text, plain).resources {
            let properties = resource.body.as_object().and_then(|body| body.get("properties")).cloned().unwrap();
            let member = |(key, value): (&crate::value::Key, &Value)| {
                let texts: Vec<String> = match &value.data {
                    Data::Array(array) => {
                        array.items.iter().map(|item| sources.slice(item.origin.at).to_owned()).collect()
                    }
                    _ => vec![sources.slice(value.origin.at).to_owned()],
                };
                format!("{}={}", key.name, texts.join("+"))
            };
            words.push(properties.as_object().unwrap().iter().map(member).collect::<Vec<_>>().join(" "));
        }
        words.join("; ")
    }

    #[test]
    fn texts_are_told_by_their_content() {
        assert_eq!(
            shown("\u{feff}# x\n127.0.0.1 localhost\r\nfe80::1%lo0 x\n10.0.0.4\tA.azurecr.io b # c\r\n"),
            "hosts; name=A.azurecr.io address=10.0.0.4"
        );
        for text in
            ["", "# only a comment", "hello world", "10.0.0.4", "1.2.3.4 a\nb c", "key=value\n", "[section]\na=b"]
        {
            assert_eq!(shown(text), "nothing", "{text}");
        }
    }

    #[test]
    fn units_of_systemd_set_proxies() {
        let text = "[Unit]\n[Service]\nEnvironment=\"HTTPS_PROXY=http://u:p@proxy:3128\" 'NO_PROXY=a,b'\nEnvironment=no_proxy=c\n";
        assert_eq!(shown(text), "systemd; scope=http://u:p@proxy:3128 httpsProxy=http://u:p@proxy:3128 noProxy=c");
        let loaded = load(FileId(0), text, Plain::Systemd);
        let hidden: Vec<&str> =
            loaded.secrets.values.iter().map(|at| &text[at.start as usize..at.end as usize]).collect();
        assert_eq!(hidden, ["p"]);
        assert_eq!(shown("[Service]\nEnvironment=NO_PROXY=a\n"), "systemd", "nothing goes through a proxy");
        assert_eq!(shown("[Service]\nExecStart=/bin/x\n"), "nothing");
    }

    #[test]
    fn resolvers_forward_zones() {
        assert_eq!(
            shown("#server=/x/1.1.1.1\nserver=/azurecr.io/b/10.0.0.4#53 # x\nserver=8.8.8.8\nserver=/c/#\n"),
            "dnsmasq; zone=azurecr.io server=azurecr.io upstreams=10.0.0.4#53; zone=b server=b upstreams=10.0.0.4#53; \
             zone=8.8.8.8 server=8.8.8.8 upstreams=8.8.8.8"
        );
        assert_eq!(
            shown("server:\n  name: x\nstub-zone:\n  name: \"a.\"\n  stub-addr: 10.0.0.4@53\n  stub-addr: 10.0.0.5\n"),
            "unbound; zone=a. server=a. upstreams=10.0.0.4@53+10.0.0.5"
        );
        assert_eq!(
            shown(
                "zone \"a\" { type master; file \"a\"; };\nzone \"b\" IN {type forward; forwarders {10.0.0.4;10.0.0.5 port 53;};};"
            ),
            "bind; zone=b server=b upstreams=10.0.0.4+10.0.0.5"
        );
        assert_eq!(
            shown(
                ".:53 {\n  forward . 8.8.8.8 {\n    max_fails 1\n  }\n}\na.:53, b {\n  forward . 10.0.0.4 10.0.0.5\n}\n"
            ),
            "coredns; zone=. server=. upstreams=8.8.8.8; zone=a. server=a. upstreams=10.0.0.4+10.0.0.5; \
             zone=b server=b upstreams=10.0.0.4+10.0.0.5"
        );
    }

    #[test]
    fn any_text_is_taken() {
        let pieces = [
            "zone",
            "\"",
            "{",
            "}",
            ";",
            "server=/",
            "/",
            "10.0.0.4",
            "\n",
            "forward . ",
            "é",
            ",",
            "[Service]\n",
            "#",
            ":",
        ];
        for seed in 0..2000_usize {
            let text: String =
                (0..12).map(|i| pieces[(seed * 31 + i * i * 7 + seed / (i + 1)) % pieces.len()]).collect();
            let _ = shown(&text);
        }
    }
}
