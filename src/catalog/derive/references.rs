//! The hosts that clients pull from, as they write them, each once for a client.
//!
//! In: the graph. Out: [`Reference`]s. Must not know: whether a host is right.

use std::collections::HashSet;

use crate::catalog::model::Name;
use crate::catalog::{Subject, names};
use crate::graph::{Credential, Graph, Head, ImageHost, List};
use crate::value::{Attr, Pattern};

/// A host that something pulls from or logs in to.
#[derive(Debug)]
pub(in crate::catalog) struct Reference {
    pub(in crate::catalog) client: Subject,
    /// "pod shop", "container app shop".
    pub(in crate::catalog) words: String,
    pub(in crate::catalog) host: Attr<Pattern>,
}

/// Every host that the input's clients name.
pub(super) fn references(graph: &Graph) -> Vec<Reference> {
    let mut all = Vec::new();
    let mut add = |client: Subject, head: &Head, noun: &str, hosts: &mut dyn Iterator<Item = Attr<Pattern>>| {
        let words = format!("{noun} {}", names::pattern(&head.name).unwrap_or_default()).trim_start().to_owned();
        let mut seen = HashSet::new();
        for host in hosts {
            let shown = names::pattern(&host).map(|host| host.to_lowercase().to_string());
            if shown.is_some_and(|shown| seen.insert(shown)) {
                all.push(Reference { client, words: words.clone(), host });
            }
        }
    };
    for (at, node) in (0_u32..).zip(&graph.container_groups) {
        let mut hosts = hosts(&node.images, &node.credentials);
        add(Name::ContainerGroup.node(at), &node.head, "container group", &mut hosts);
    }
    for (at, node) in (0_u32..).zip(&graph.web_apps) {
        let mut hosts = node.images.items.iter().map(|image| image.host.clone());
        add(Name::WebApp.node(at), &node.head, "app", &mut hosts);
    }
    for (at, node) in (0_u32..).zip(&graph.container_apps) {
        let mut hosts = hosts(&node.images, &node.credentials);
        add(Name::ContainerApp.node(at), &node.head, "container app", &mut hosts);
    }
    for (at, node) in (0_u32..).zip(&graph.tasks) {
        // The holes of a computed key are shown, and nothing more is known of them.
        let written = node.custom_registries.items.iter().filter(|(server, _)| !server.contains('⟨'));
        let mut hosts = written.map(|(server, identity)| Attr::known(Pattern::literal(server), identity.origin));
        add(Name::RegistryTask.node(at), &node.head, "task", &mut hosts);
    }
    for (at, node) in (0_u32..).zip(&graph.pod_pulls) {
        let mut hosts = node.host.iter().map(|image| image.host.clone());
        // Its name says what it is: "pod default/shop container shop".
        add(Name::PodPull.node(at), &node.head, "", &mut hosts);
    }
    all
}

fn hosts(images: &List<ImageHost>, credentials: &List<Credential>) -> impl Iterator<Item = Attr<Pattern>> {
    let images = images.items.iter().map(|image| image.host.clone());
    images.chain(credentials.items.iter().map(|credential| credential.server.clone()))
}
