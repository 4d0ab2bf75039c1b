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
        let mut parts = Vec::new();
        if drafts.len() < MANY {
            decode_all(drafts, &mut reader, &mut graph, &mut parts);
        } else {
            let decode = |drafts| {
                let (mut reader, mut graph, mut parts) = (Reader::default(), Graph::default(), Vec::new());
                decode_all(drafts, &mut reader, &mut graph, &mut parts);
                (reader, graph, parts)
            };
            for (more, mut nodes, drafts) in parallel::each_taken(parallel::threads(), cut(drafts), decode) {
                reader.join(more);
                graph.append(&mut nodes);
                parts.extend(drafts);
            }
        }
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

/// So many nodes are decoded on several threads.
const MANY: usize = 1_000;
/// In so many pieces, of which each thread takes one after the other.
const PIECES: usize = 8;

/// Pieces of about the same size, in order.
fn cut(mut drafts: Vec<Draft>) -> Vec<Vec<Draft>> {
    let size = drafts.len().div_ceil(PIECES).max(1);
    let mut pieces = Vec::with_capacity(PIECES);
    while !drafts.is_empty() {
        pieces.push(drafts.split_off(drafts.len().saturating_sub(size)));
    }
    pieces.reverse();
    pieces
}

/// Decodes some nodes. The bodies are dropped, but for those that nodes have a part in.
fn decode_all(drafts: Vec<Draft>, reader: &mut Reader, graph: &mut Graph, parts: &mut Vec<Draft>) {
    for draft in drafts {
        decode(reader, &draft, graph);
        add_drifts(reader, &draft, graph);
        if is_part(draft.kind) {
            parts.push(draft);
        }
    }
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
