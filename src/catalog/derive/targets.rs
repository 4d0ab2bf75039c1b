//! Private endpoints by what they connect to.
//!
//! In: a [`Graph`]. Out: [`Targets`]. Must not know: whether a connection is approved, or which network an endpoint is in.

use crate::graph::{Graph, ServiceConnection, Target};
use crate::resource::ResourceId;

/// The private endpoints of a graph, by the ids that their connections are to.
#[derive(Debug, Default)]
pub struct Targets {
    /// Ids without holes, in the order of their keys.
    literal: Vec<(ResourceId, u32)>,
    /// Those with a connection to an id that may be several.
    open: Vec<u32>,
}

/// The id of a connection, where it can be one only.
fn literal(connection: &ServiceConnection) -> Option<&ResourceId> {
    let is_settled = !matches!(connection.registry.target, Target::Maybe(_));
    connection.registry.id.as_ref().filter(|id| is_settled && id.pattern().first_hole().is_none())
}

impl Targets {
    pub(super) fn new(graph: &Graph) -> Self {
        let mut targets = Self::default();
        for (at, endpoint) in (0_u32..).zip(&graph.private_endpoints) {
            for connection in &endpoint.connections.items {
                match literal(connection) {
                    Some(id) => targets.literal.push((id.clone(), at)),
                    None if targets.open.last() != Some(&at) => targets.open.push(at),
                    None => {}
                }
            }
        }
        targets.literal.sort_by(|(a, first), (b, second)| (a.key(), first).cmp(&(b.key(), second)));
        targets
    }

    /// The endpoints that have, or may have, a connection to the same as one of these connections, in order; `None` where
    /// that may be any.
    pub(in crate::catalog) fn beside(&self, connections: &[&ServiceConnection]) -> Option<Vec<u32>> {
        let mut found = self.open.clone();
        for connection in connections {
            let key = literal(connection)?.key();
            let first = self.literal.partition_point(|(id, _)| id.key() < key);
            let same = self.literal.iter().skip(first).take_while(|(id, _)| id.key() == key);
            found.extend(same.map(|(_, at)| *at));
        }
        found.sort_unstable();
        found.dedup();
        Some(found)
    }
}
