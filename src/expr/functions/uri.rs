//! `uri`, `parseUri`, `buildUri`.
//!
//! In: URIs of the kinds that templates hold (`https`, `ftp`, `mailto`). Out: URIs as .NET writes them. What else .NET
//! knows (paths of files, addresses in brackets, backslashes) is left undecided. Must not know: other functions.

use super::array::key;
use super::{Body, OBJECT, Row, STRING, Work, row};
use crate::expr::eval::Answer;
use crate::value::{Data, Object, Type, Value};

pub(super) const ROWS: &[Row] = &[
    row("uri", (2, 2), &[STRING], Body::Strict(uri)).gives(Type::String),
    row("parseUri", (1, 1), &[STRING], Body::Strict(parse_uri)).gives(Type::Object),
    row("buildUri", (1, 1), &[OBJECT], Body::Strict(build_uri)).gives(Type::String),
];

/// The parts of an absolute URI, normalized.
#[derive(Clone, Debug, Default)]
struct Uri {
    scheme: String,
    /// With its `@`.
    user: String,
    host: String,
    /// Only where it is not the one of the scheme.
    port: Option<u32>,
    path: String,
    /// With its `?`.
    query: String,
    /// With its `#`.
    fragment: String,
}

fn default_port(scheme: &str) -> Option<u32> {
    match scheme {
        "http" | "ws" => Some(80),
        "https" | "wss" => Some(443),
        "ftp" => Some(21),
        _ => None,
    }
}

/// The scheme of a text in lower case, and what follows its colon.
fn scheme(text: &str) -> Option<(String, &str)> {
    let (scheme, rest) = text.split_once(':')?;
    let good = scheme.len() > 1
        && scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'+' | b'-' | b'.'));
    good.then(|| (scheme.to_ascii_lowercase(), rest))
}

/// Escapes what may not stand in a URI, and undoes the escapes of what needs none.
fn normal(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let escape = rest.get(1..3).filter(|hex| c == '%' && hex.bytes().all(|b| b.is_ascii_hexdigit()));
        if let Some(hex) = escape {
            let byte = u8::from_str_radix(hex, 16).unwrap_or(0);
            if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
                plain.push(char::from(byte));
            } else {
                plain.push('%');
                plain.push_str(&hex.to_ascii_uppercase());
            }
            rest = rest.get(3..).unwrap_or("");
            continue;
        }
        plain.push_str(&super::encoding::escape(c.encode_utf8(&mut [0; 4]), |c| "!*'();:@&=+$,/?#[]".contains(c)));
        rest = rest.get(c.len_utf8()..).unwrap_or("");
    }
    plain
}

/// A path without its `.` and `..`.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').collect();
    let last = segments.len().saturating_sub(1);
    for (i, segment) in segments.iter().enumerate() {
        match *segment {
            "." | ".." => {
                if *segment == ".." && kept.len() > 1 {
                    kept.pop();
                }
                if i == last {
                    kept.push("");
                }
            }
            segment => kept.push(segment),
        }
    }
    kept.join("/")
}

/// Whether a text holds something whose meaning in .NET is not followed here.
fn exotic(text: &str) -> bool {
    text.contains(['\\', '[', ']', '|']) || text.chars().any(char::is_control)
}

/// What a text is.
enum Read {
    Absolute(Uri),
    /// No absolute URI.
    Relative,
    /// One that .NET may read, but we do not.
    Exotic,
}

fn read(text: &str) -> Read {
    let Some((scheme, rest)) = scheme(text.trim()) else { return Read::Relative };
    if exotic(rest) {
        return Read::Exotic;
    }
    if scheme == "mailto" {
        let (address, query) = cut(rest, '?');
        let Some((user, host)) = address.split_once('@') else { return Read::Exotic };
        if host.contains(['/', ':']) {
            return Read::Exotic;
        }
        let user = format!("{user}@");
        return Read::Absolute(Uri { scheme, user, host: host.to_lowercase(), query: normal(query), ..Uri::default() });
    }
    let Some(port) = default_port(&scheme) else { return Read::Exotic };
    let Some(rest) = rest.strip_prefix("//") else { return Read::Exotic };
    let (rest, fragment) = cut(rest, '#');
    // A question mark is part of the path of ftp.
    let (rest, query) = if scheme == "ftp" { (rest, "") } else { cut(rest, '?') };
    let ends = if scheme == "ftp" { rest.find(['/', '?']) } else { rest.find('/') };
    let (authority, path) = rest.split_at(ends.unwrap_or(rest.len()));
    let (user, host) = authority.rsplit_once('@').map_or(("", authority), |(user, host)| (user, host));
    let user = if user.is_empty() { String::new() } else { format!("{user}@") };
    let (host, written) = host.split_once(':').map_or((host, None), |(host, port)| (host, Some(port)));
    let number = written.filter(|text| !text.is_empty()).map(str::parse::<u32>);
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '.' | '_');
    if host.is_empty() || !host.chars().all(good) || matches!(&number, Some(Err(_) | Ok(65_536..))) {
        return Read::Exotic;
    }
    let written = number.and_then(Result::ok).filter(|number| *number != port);
    let path = if scheme == "ftp" { normal(path).replace('?', "%3F") } else { normal(path) };
    let path = if path.starts_with('/') { path } else { format!("/{path}") };
    let fragment = normal(fragment);
    let host = host.to_lowercase();
    Read::Absolute(Uri { scheme, user, host, port: written, path: without_dots(&path), query: normal(query), fragment })
}

/// A text before and from a character on.
fn cut(text: &str, at: char) -> (&str, &str) {
    text.split_at(text.find(at).unwrap_or(text.len()))
}

impl Uri {
    fn show(&self) -> String {
        let port = self.port.map(|port| format!(":{port}")).unwrap_or_default();
        let slashes = if self.scheme == "mailto" { "" } else { "//" };
        let Self { scheme, user, host, path, query, fragment, .. } = self;
        format!("{scheme}:{slashes}{user}{host}{port}{path}{query}{fragment}")
    }

    /// This URI with a relative reference resolved against it.
    fn with(&self, relative: &str) -> Self {
        if relative.is_empty() {
            return self.clone();
        }
        let (rest, fragment) = cut(relative, '#');
        let (path, query) = if self.scheme == "ftp" { (rest, "") } else { cut(rest, '?') };
        let fragment = normal(fragment);
        let path = normal(path);
        let path = if self.scheme == "ftp" { path.replace('?', "%3F") } else { path };
        if path.is_empty() {
            let query = if query.is_empty() { self.query.clone() } else { normal(query) };
            return Self { query, fragment, ..self.clone() };
        }
        let whole = if path.starts_with('/') {
            path
        } else {
            let folder = self.path.rfind('/').and_then(|end| self.path.get(..=end)).unwrap_or("/");
            format!("{folder}{path}")
        };
        Self { path: without_dots(&whole), query: normal(query), fragment, ..self.clone() }
    }
}

fn uri(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(base), Some(relative)) = (work.str(0), work.str(1)) else { return work.undecided() };
    let refused = || work.refuse(0, "uri wants an absolute URI, such as https://example.org/folder/");
    let parsed = match read(base) {
        Read::Absolute(parsed) => parsed,
        Read::Relative => return Err(refused()),
        Read::Exotic => return work.unsupported(),
    };
    let badly_written =
        base.contains([' ', '"', '<', '>', '^', '`', '{', '}']) || (parsed.scheme == "ftp" && base.contains('?'));
    if badly_written {
        return Err(refused());
    }
    match read(relative) {
        Read::Absolute(other) => return work.give_str(&other.show()),
        Read::Exotic => return work.unsupported(),
        Read::Relative => {}
    }
    if exotic(relative) || relative.starts_with("//") {
        return work.unsupported();
    }
    if parsed.scheme == "mailto" {
        if relative.starts_with("..") {
            return Err(refused());
        }
        return work.give_str(&format!("{}{}", parsed.show(), normal(relative.trim())));
    }
    work.give_str(&parsed.with(relative.trim()).show())
}

fn parse_uri(work: &Work<'_, '_, '_>) -> Answer {
    let Some(text) = work.str(0) else { return work.undecided() };
    let uri = match read(text) {
        Read::Absolute(uri) => uri,
        Read::Exotic => return work.unsupported(),
        Read::Relative if text.starts_with('/') && !exotic(text) && !text.starts_with("//") => {
            Uri { scheme: "file".to_owned(), path: without_dots(&normal(text)), ..Uri::default() }
        }
        Read::Relative => return Err(work.refuse(0, "parseUri wants an absolute URI, such as https://example.org/")),
    };
    let mut object = Object::new();
    let text = |text: &str| work.part(Data::String(text.into()));
    object.push(key(work, "scheme", 0), text(&uri.scheme));
    object.push(key(work, "host", 0), text(&uri.host));
    object.push(key(work, "port", 0), work.part(uri.port.map_or(Data::Null, |port| Data::Int(i64::from(port)))));
    if uri.path != "/" {
        object.push(key(work, "path", 0), text(&uri.path));
    }
    if !uri.query.is_empty() {
        object.push(key(work, "query", 0), text(&uri.query));
    }
    work.give_object(object)
}

fn build_uri(work: &Work<'_, '_, '_>) -> Answer {
    let Some(object) = work.object(0) else { return work.undecided() };
    let missing = |name: &str| work.refuse(0, format!("buildUri wants an object with a `{name}`"));
    let Some(scheme) = object.get("scheme") else { return Err(missing("scheme")) };
    let Some(host) = object.get("host") else { return Err(missing("host")) };
    if host.as_str() == Some("") {
        return Err(missing("host"));
    }
    let (Some(scheme), Some(host)) = (scheme.as_str(), host.as_str()) else { return work.unsupported() };
    let part = |name: &str| object.get(name).filter(|value| !value.is_null());
    let scheme = scheme.to_ascii_lowercase();
    let port = match part("port").map(|port| &port.data) {
        None => String::new(),
        Some(Data::Int(port)) if *port < 0 || u32::try_from(*port).ok() == default_port(&scheme) => String::new(),
        Some(Data::Int(port)) if *port <= 65_535 => format!(":{port}"),
        Some(_) => return work.unsupported(),
    };
    let plain = |name: &str| part(name).map_or(Some(""), Value::as_str);
    let (Some(path), Some(query)) = (plain("path"), plain("query")) else { return work.unsupported() };
    let known = default_port(&scheme).is_some() && host.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '.'));
    if !known || exotic(path) || exotic(query) || path.contains('%') {
        return work.unsupported();
    }
    let path = if path.starts_with('/') { path.to_owned() } else { format!("/{path}") };
    let mark = if query.is_empty() || query.starts_with('?') { "" } else { "?" };
    work.give_str(&format!("{scheme}://{}{port}{}{mark}{query}", host.to_lowercase(), without_dots(&path)))
}
