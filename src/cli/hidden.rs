//! What the texts of a run hold that no report may show.
//!
//! In: trees, and slips around which a tree tells nothing. Out: [`Redactions`]. Must not know: what is evaluated.

use crate::diag::Problem;
use crate::input::secrets::{self, Places};
use crate::json::{self, Node, Parsed};
use crate::report::Redactions;
use crate::source::Sources;

use super::given::Given;
use super::settings::Layer;

/// Hides what is a secret in a document by itself. `given`: so are the values of a parameter file whose template is not
/// at hand, where they stand.
pub fn hide(redactions: &mut Redactions, sources: &Sources, root: Node<'_>, given: bool) {
    let mut places = secrets::places(root);
    if given {
        let given = secrets::given(root);
        places.names.extend(given.names.into_iter().chain(given.values));
    }
    hide_places(redactions, sources, &places);
}

/// Hides what is a secret in a document that another one deploys.
pub fn hide_parsed(redactions: &mut Redactions, sources: &Sources, parsed: &Parsed<'_>) {
    if let Some(root) = parsed.tree.root() {
        hide(redactions, sources, root, false);
    }
    hide_near(redactions, sources, &parsed.problems);
}

/// Hides places that evaluation found.
pub fn hide_all<'p>(redactions: &mut Redactions, sources: &Sources, places: impl IntoIterator<Item = &'p Places>) {
    places.into_iter().for_each(|places| hide_places(redactions, sources, places));
}

fn hide_places(redactions: &mut Redactions, sources: &Sources, places: &Places) {
    places.values.iter().for_each(|place| redactions.hide(sources, *place));
    places.names.iter().for_each(|place| redactions.hide_span(*place));
}

/// Hides what may be a secret around slips, after which a tree does not tell what belongs to what.
pub fn hide_near(redactions: &mut Redactions, sources: &Sources, problems: &[Problem]) {
    for label in problems.iter().filter(|problem| problem.fatal).flat_map(|problem| &problem.labels) {
        let text = sources.get(label.span.file).text();
        for place in secrets::near(text, label.span) {
            redactions.hide_span(place);
        }
    }
}

/// Hides what a configuration holds that no report may show: logins in the addresses of proxies, too.
pub fn hide_configuration(redactions: &mut Redactions, sources: &Sources, layer: &Layer) {
    let parsed = json::parse(layer.file, sources.get(layer.file).text());
    hide_parsed(redactions, sources, &parsed);
    let proxies = layer.config.clients.iter().filter_map(|client| client.proxy.as_ref());
    for url in proxies.map(|proxy| &proxy.url).filter(|url| url.value.contains('@')) {
        redactions.hide(sources, url.at);
    }
}

/// Hides the values in the files that are given beside a template; all of them where the template cannot be read.
pub fn hide_given(redactions: &mut Redactions, sources: &Sources, given: &Given, broken: bool) {
    for &file in given.parameters.iter().chain(given.context.as_ref()) {
        let read = json::parse(file, sources.get(file).text());
        hide_near(redactions, sources, &read.problems);
        if let Some(root) = read.tree.root() {
            hide(redactions, sources, root, broken);
        }
    }
}
