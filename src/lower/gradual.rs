//! Resources lowered while they come in.
//!
//! In: resources, one by one. Out: the same graph as that of all of them together. Must not know: where they come from.
//!
//! Bodies take more room than all that is made of them, so of a long list none is kept that need not be: a resource is
//! decoded as soon as it is there, and its body is dropped. That can be done where no other resource has a part in
//! the same node. Children that may be written inside of their parents as well wait until all is there.

use std::collections::HashSet;
use std::hash::{Hash, Hasher};

use crate::graph::{Graph, NodeKind};
use crate::parallel;
use crate::resource::{Listing, Resource, ResourceId};

use super::decode::Reader;
use super::inline::Inner;
use super::merge::Drafts;
use super::{Draft, Lowered, add_drifts, client, decode, is_hidden, link, network, seen, shown};

/// See the module.
#[derive(Debug, Default)]
pub struct Gradual {
    /// The kinds and ids of what is decoded.
    decoded: HashSet<(NodeKind, ById)>,
    graph: Graph,
    reader: Reader,
    /// What waits.
    drafts: Drafts,
    inner: Inner,
}

impl Gradual {
    /// Takes a resource. Answers whether that can be done: else all resources are to be lowered together.
    #[must_use]
    pub fn take(&mut self, resource: Resource) -> bool {
        let Some(kind) = NodeKind::of(&resource.ty).filter(|kind| !kind.is_seen_only()) else { return false };
        if waits(kind) {
            self.drafts.add(kind, resource);
            return true;
        }
        let draft = Draft::new(kind, resource);
        let new = self.decoded.insert((kind, ById(draft.resource.id.clone())));
        self.reader.share(&draft.resource.id);
        self.inner.take(&draft);
        decode(&mut self.reader, &draft, &mut self.graph);
        // What there is to say comes in the order of all resources.
        new && self.reader.problems.is_empty()
    }

    /// The graph of what was taken and of what is seen of clients; if nothing was taken, of any resources.
    pub fn finish(self, resources: Vec<Resource>, listings: &[Listing]) -> Lowered {
        let Self { mut graph, mut reader, mut drafts, mut inner, .. } = self;
        let mut added = Vec::new();
        for resource in resources {
            match NodeKind::of(&resource.ty) {
                // What was seen of clients is never two forms of one thing, whatever it is called: it adds up.
                Some(kind) if kind.is_seen_only() => added.push(Draft::new(kind, resource)),
                Some(kind) => drafts.add(kind, resource),
                None if is_hidden(&resource) => graph.hidden_deployments.push(crate::value::Origin::at(resource.at.ty)),
                None => {}
            }
        }
        drafts.iter().for_each(|draft| inner.take(draft));
        let inline = inner.put(&mut drafts);
        let drafts = drafts.into_vec();
        let pieces = if drafts.len() < MANY { 1 } else { PIECES };
        let parts = decode_all(drafts, pieces, &mut reader, &mut graph);
        for draft in &added {
            decode(&mut reader, draft, &mut graph);
        }
        seen::add_events(&mut reader, &added, &mut graph);
        network::add_children(&mut reader, &parts, &mut graph);
        client::add_configs(&mut reader, &parts, &mut graph);
        link::link(&mut graph);
        listings.iter().chain(&inline).for_each(|listing| graph.listings.add(listing));
        shown::add(&mut graph);
        Lowered { graph, problems: reader.problems }
    }
}

/// So many nodes are decoded in pieces.
const MANY: usize = 1_000;
/// In so many.
const PIECES: usize = 8;

/// Decodes all nodes, in so many pieces. Answers those that nodes have a part in; of all others the body is dropped.
fn decode_all(drafts: Vec<Draft>, pieces: usize, reader: &mut Reader, graph: &mut Graph) -> Vec<Draft> {
    if pieces < 2 {
        return decode_piece(drafts, reader, graph);
    }
    let decode = |drafts| {
        let (mut reader, mut graph) = (Reader::default(), Graph::default());
        let parts = decode_piece(drafts, &mut reader, &mut graph);
        (reader, graph, parts)
    };
    let mut all = Vec::new();
    for (more, nodes, parts) in parallel::each_taken(parallel::threads(), cut(drafts, pieces), decode) {
        reader.join(more);
        graph.append(nodes);
        all.extend(parts);
    }
    all
}

fn decode_piece(drafts: Vec<Draft>, reader: &mut Reader, graph: &mut Graph) -> Vec<Draft> {
    let mut parts = Vec::new();
    for draft in drafts {
        decode(reader, &draft, graph);
        add_drifts(reader, &draft, graph);
        if is_part(draft.kind) {
            parts.push(draft);
        }
    }
    parts
}

/// So many pieces of about the same size, in order.
fn cut(mut drafts: Vec<Draft>, pieces: usize) -> Vec<Vec<Draft>> {
    let size = drafts.len().div_ceil(pieces).max(1);
    let mut all = Vec::with_capacity(pieces);
    while !drafts.is_empty() {
        let rest = drafts.split_off(size.min(drafts.len()));
        all.push(std::mem::replace(&mut drafts, rest));
    }
    all
}

/// An id by its key.
#[derive(Debug)]
struct ById(ResourceId);

impl Hash for ById {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.key().hash(state);
    }
}

impl PartialEq for ById {
    fn eq(&self, other: &Self) -> bool {
        self.0.key() == other.0.key()
    }
}

impl Eq for ById {}

/// Whether nodes of a kind add to those of their parents.
const fn is_part(kind: NodeKind) -> bool {
    matches!(kind, NodeKind::SecurityRule | NodeKind::Route | NodeKind::WebAppConfig)
}

/// Whether nodes of a kind may be written in more than one place.
const fn waits(kind: NodeKind) -> bool {
    is_part(kind) || matches!(kind, NodeKind::Subnet | NodeKind::Peering | NodeKind::Connection)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::lower::sample::{Sample, registry};

    #[test]
    fn pieces_do_not_show() {
        let mut resources = Vec::new();
        for at in 0..40 {
            let rules = [json!({"name": "a", "properties": {"access": "Deny", "priority": "first", "direction": at}})];
            resources.push(registry(
                &format!("acr{at}"),
                &json!({"networkRuleSet": {"defaultAction": at}, "dataEndpointEnabled": []}),
            ));
            resources.push(json!({"type": "Microsoft.Network/networkSecurityGroups", "name": format!("nsg{at}"),
                "properties": {"securityRules": rules}}));
            resources.push(
                json!({"type": "Microsoft.Network/networkSecurityGroups/securityRules", "name": format!("nsg{at}/b"),
                "properties": {"access": "Allow", "priority": 200}}),
            );
        }
        let sample = Sample::new(&json!(resources));
        let drafts = || {
            let kind = |resource: &Resource| NodeKind::of(&resource.ty).unwrap();
            sample.resources.iter().map(|resource| Draft::new(kind(resource), resource.clone())).collect::<Vec<_>>()
        };
        let in_pieces = |pieces: usize| {
            let (mut reader, mut graph) = (Reader::default(), Graph::default());
            let parts = decode_all(drafts(), pieces, &mut reader, &mut graph);
            let problems: Vec<String> = reader.problems.iter().map(|problem| format!("{problem:?}")).collect();
            (format!("{graph:?}"), format!("{parts:?}"), problems)
        };
        let whole = in_pieces(1);
        assert!(whole.2.len() > 100, "{} complaints", whole.2.len());
        for pieces in [2, 7, 1_000] {
            assert!(in_pieces(pieces) == whole, "{pieces} pieces");
        }
    }

    #[test]
    fn a_complaint_about_a_place_is_made_once_in_all_pieces() {
        let sample = Sample::new(&json!([registry("acr", &json!({"dataEndpointEnabled": []}))]));
        let draft = || Draft::new(NodeKind::Registry, sample.resources[0].clone());
        let (mut reader, mut graph) = (Reader::default(), Graph::default());
        decode_all(vec![draft(), draft()], 2, &mut reader, &mut graph);
        assert_eq!((reader.problems.len(), graph.registries.len()), (1, 2));
    }
}
