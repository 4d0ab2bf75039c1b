//! What becomes of a resource that a way needs.
//!
//! In: the resource as it was, and the ids that there are after the change. Out: its [`Fate`]. Must not know: ways.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::catalog::Place;
use crate::catalog::answer::{home, note};
use crate::graph::{Graph, Head};
use crate::resource::Action;
use crate::value::Origin;

/// What becomes of a resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalog) enum Fate {
    /// Nothing, or its successor is there before it goes.
    Stays,
    /// It is changed in place.
    Altered,
    /// It is taken away, and then there is one of this id again.
    Replaced,
    /// It is taken away.
    Gone,
}

impl Fate {
    /// What the change does.
    pub(super) const fn verb(self) -> &'static str {
        match self {
            Self::Stays => "keeps",
            Self::Altered => "alters",
            Self::Replaced => "replaces",
            Self::Gone => "deletes",
        }
    }

    /// Whether there is none of it, for a while at least.
    pub(super) const fn is_away(self) -> bool {
        matches!(self, Self::Gone | Self::Replaced)
    }
}

/// A resource that a change touches.
#[derive(Clone, Debug)]
pub(in crate::catalog) struct Element {
    pub(in crate::catalog) address: Arc<str>,
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) fate: Fate,
    /// The place that says so.
    pub(in crate::catalog) place: Place,
}

/// Whether a resource is made by the change, so that it is not the one of its id that was there before.
pub(super) const fn is_new(head: &Head) -> bool {
    matches!(head.change, Some(crate::resource::Change { action: Action::Create | Action::Replace { .. }, .. }))
}

/// The resources that there are after a change, by id.
pub(in crate::catalog) struct Index<'g> {
    heads: HashMap<&'g str, &'g Head>,
    /// Addresses of what is there: what keeps its address is made anew rather than taken away.
    addresses: HashSet<&'g str>,
}

impl<'g> Index<'g> {
    pub(super) fn new(graph: &'g Graph) -> Self {
        let mut index = Self { heads: HashMap::new(), addresses: HashSet::new() };
        graph.private_endpoints.iter().for_each(|node| index.add(&node.head));
        graph.zone_groups.iter().for_each(|node| index.add(&node.head));
        graph.zones.iter().filter(|node| !node.referenced).for_each(|node| index.add(&node.head));
        graph.zone_links.iter().for_each(|node| index.add(&node.head));
        graph.a_records.iter().for_each(|node| index.add(&node.head));
        graph.peerings.iter().for_each(|node| index.add(&node.head));
        graph.virtual_networks.iter().for_each(|node| index.add(&node.head));
        graph.subnets.iter().for_each(|node| index.add(&node.head));
        index
    }

    fn add(&mut self, head: &'g Head) {
        self.heads.entry(head.id.key()).or_insert(head);
        self.addresses.insert(&head.address);
    }

    /// The resource of an id.
    pub(super) fn find(&self, head: &Head) -> Option<&'g Head> {
        self.heads.get(head.id.key()).copied()
    }

    /// What becomes of a resource that was there.
    pub(super) fn fate(&self, head: &Head) -> Fate {
        let found = self.find(head);
        let Some(change) = head.change else {
            return Fate::Stays;
        };
        match change.action {
            Action::Delete if found.is_some() => Fate::Replaced,
            Action::Delete => Fate::Gone,
            Action::Replace { gap: true } if found.is_some() || self.addresses.contains(&*head.address) => {
                Fate::Replaced
            }
            Action::Replace { gap: true } => Fate::Gone,
            Action::Update => Fate::Altered,
            Action::Keep | Action::Create | Action::Replace { gap: false } => Fate::Stays,
        }
    }

    /// A resource that was there, with what becomes of it.
    pub(super) fn element(&self, head: &Head) -> Element {
        let fate = self.fate(head);
        let address = Arc::clone(&head.address);
        let place = match (head.change, fate, self.find(head)) {
            (_, Fate::Altered, Some(after)) => note(home(after), &format!("{address} is altered")),
            (Some(change), fate, _) => {
                let done = match fate {
                    Fate::Gone => "is deleted here",
                    Fate::Replaced => "is deleted here, and made anew",
                    Fate::Altered | Fate::Stays => "is altered here",
                };
                note(Origin::at(change.at), &format!("{address} {done}"))
            }
            (None, ..) => note(home(head), "this was there before"),
        };
        Element { address, id: head.id.to_string(), fate, place }
    }
}
