//! Drop-ins of systemd units that set the proxy of a service such as Docker or containerd.
//!
//! In: a text. Out: [`Resource`]s and the places of logins. Must not know: what goes through the proxy.

use crate::input::client::proxy_of;
use crate::input::secrets::{self, Places};
use crate::resource::Resource;
use crate::source::{FileId, Span};

use super::lines::{Line, lines};

/// Whether a text is a unit with a proxy in its environment.
pub(super) fn is_one(text: &str) -> bool {
    let mut service = false;
    for line in lines(FileId(0), text) {
        service |= line.text.trim() == "[Service]";
        if service && settings(line).next().is_some() {
            return true;
        }
    }
    false
}

/// The proxy that a unit sets.
pub(super) fn load(file: FileId, text: &str, places: &mut Places) -> Vec<Resource> {
    let mut found: Vec<(&str, String, Span)> = Vec::new();
    for (name, value, at) in lines(file, text).flat_map(settings) {
        for range in secrets::in_url(value) {
            let place = |offset: usize| at.start.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
            places.values.push(Span::new(at.file, place(range.start), place(range.end)));
        }
        // A later one wins.
        found.retain(|(known, ..)| *known != name);
        found.push((name, value.to_owned(), at));
    }
    proxy_of("service of systemd", "daemon", &found).into_iter().collect()
}

/// The proxy settings in a line: `Environment="HTTPS_PROXY=http://proxy:3128" NO_PROXY=.example.org`.
fn settings(line: Line<'_>) -> impl Iterator<Item = (&'static str, &str, Span)> {
    let assigned =
        line.text.trim_start().strip_prefix("Environment").and_then(|rest| rest.trim_start().strip_prefix('='));
    let mut rest = assigned.unwrap_or_default();
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start();
            let (piece, after) = match rest.chars().next()? {
                quote @ ('"' | '\'') => rest.get(1..)?.split_once(quote).unwrap_or((rest.get(1..)?, "")),
                _ => rest.split_once(char::is_whitespace).unwrap_or((rest, "")),
            };
            rest = after;
            let Some((name, value)) = piece.split_once('=') else { continue };
            let name = match name.trim().to_ascii_uppercase().as_str() {
                "HTTP_PROXY" => "httpProxy",
                "HTTPS_PROXY" => "httpsProxy",
                "NO_PROXY" => "noProxy",
                _ => continue,
            };
            let value = value.trim_matches(['"', '\'']);
            return Some((name, value, line.word(value).at));
        }
    })
}
