//! Hosts files: addresses that names are pinned to.
//!
//! In: a text. Out: [`Resource`]s, for the names of registries only. Must not know: which address is right.

use std::net::IpAddr;

use crate::input::events::seen;
use crate::resource::{Places, Resource};
use crate::source::{FileId, Span};
use crate::value::{Key, Object, Origin, Value};

use super::lines::lines;

/// The type of a pinned name.
const ENTRY: &str = "acrlint/hostsEntries";

/// Whether every line is an address with names behind it.
pub(super) fn is_one(text: &str) -> bool {
    let mut any = false;
    for line in lines(FileId(0), text).map(|line| line.before(&['#'])).filter(|line| !line.is_blank()) {
        let mut words = line.words(char::is_whitespace);
        let address = words.next().and_then(|word| word.text.split('%').next()?.parse::<IpAddr>().ok());
        if address.is_none() || words.next().is_none() {
            return false;
        }
        any = true;
    }
    any
}

/// The entries.
pub(super) fn load(file: FileId, text: &str) -> Vec<Resource> {
    let mut found = Vec::new();
    for line in lines(file, text).map(|line| line.before(&['#'])) {
        let mut words = line.words(char::is_whitespace);
        let Some(address) = words.next() else { continue };
        for name in words.filter(|word| word.text.to_ascii_lowercase().contains(".azurecr.")) {
            found.push(entry(name.text, name.at, address.text, address.at));
        }
    }
    found
}

/// A name that is pinned to an address.
pub(super) fn entry(name: &str, name_at: Span, address: &str, address_at: Span) -> Resource {
    let mut properties = Object::new();
    let mut put = |key: &str, text: &str, at: Span| {
        properties.push(Key { name: key.into(), at }, Value::string(text, Origin::at(at)));
    };
    put("name", &name.to_ascii_lowercase(), name_at);
    put("address", address, address_at);
    let at = Places { whole: name_at, ty: name_at, name: Origin::at(name_at), properties: name_at };
    seen(ENTRY, &format!("{} {address}", name.to_ascii_lowercase()), at, properties)
}
