//! Which ways to a registry a change touches: those that clients had before, and what is left of each.
//!
//! In: the model of what was there before and the one of what will be. Out: [`Changes`]. Must not know: rules, verdicts, and
//! who plans the change.
//!
//! A way is told of only where something that it needs is taken away, made anew or altered, and where that makes a
//! difference: it is lost, perhaps lost, or there is none for a while.

mod elements;
mod paths;

use std::collections::HashMap;
use std::sync::Arc;

use crate::catalog::{Model, Place};
use crate::graph::Head;
use crate::value::Truth;

pub(super) use elements::{Element, Fate, Index};

/// The parts of a way, of which each can be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::catalog) enum Part {
    /// A private endpoint in reach of the network.
    Endpoint,
    /// A zone that the network resolves with.
    Zone,
    /// A record in that zone.
    Record,
    /// A service endpoint of a subnet, and the rule that lets it in.
    SubnetRule,
}

impl Part {
    /// The word of rules.
    pub(in crate::catalog) const fn text(self) -> &'static str {
        match self {
            Self::Endpoint => "endpoint",
            Self::Zone => "zone",
            Self::Record => "record",
            Self::SubnetRule => "subnetRule",
        }
    }
}

/// A way that clients had to a registry, and that a change touches.
#[derive(Debug)]
pub(in crate::catalog) struct ChangedPath {
    /// The registry, after the change.
    pub(in crate::catalog) registry: u32,
    pub(in crate::catalog) part: Part,
    /// What the change touches, the first one to be pointed at.
    pub(in crate::catalog) elements: Vec<Element>,
    /// The resource that the first one is.
    pub(in crate::catalog) head: Head,
    /// The networks or subnets that had it, by name.
    pub(in crate::catalog) networks: Vec<String>,
    /// Who remains there.
    pub(in crate::catalog) clients: Vec<Arc<str>>,
    /// Whether clients remain.
    pub(in crate::catalog) in_use: (Truth, Vec<Place>),
    /// Whether there still is such a way after the change.
    pub(in crate::catalog) left: Truth,
    /// There is one again, after a while without.
    pub(in crate::catalog) interrupted: bool,
    /// What clients then lack.
    pub(in crate::catalog) loss: Loss,
}

/// What clients lack, for good or for a while.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::catalog) enum Loss {
    /// A private endpoint in reach.
    Endpoint,
    /// A zone that their network resolves with.
    Zone,
    /// Records of a zone, by name.
    Records {
        /// The name of the zone.
        zone: String,
        /// The names of the records.
        names: Vec<String>,
    },
    /// A service endpoint with a rule.
    Rule,
}

impl ChangedPath {
    /// Tells it from the others of its registry.
    pub(in crate::catalog) fn key(&self) -> String {
        let ids: Vec<&str> = self.elements.iter().map(|element| &*element.id).collect();
        format!("{}/{}", self.part.text(), ids.join("+"))
    }

    /// Whether the same change does the same to the way of other clients, or to another record of the same zone.
    fn is_with(&self, other: &Self) -> bool {
        let same = match (&self.loss, &other.loss) {
            (Loss::Records { zone, .. }, Loss::Records { zone: other, .. }) => zone == other,
            (mine, theirs) => mine == theirs,
        };
        same && self.part == other.part
            && self.left == other.left
            && self.interrupted == other.interrupted
            && self.elements.iter().map(|element| &element.id).eq(other.elements.iter().map(|element| &element.id))
    }

    /// Makes one of both.
    fn join(&mut self, other: Self) {
        let add = |all: &mut Vec<String>, more: Vec<String>| {
            for one in more {
                if !all.contains(&one) {
                    all.push(one);
                }
            }
        };
        add(&mut self.networks, other.networks);
        for client in other.clients {
            if !self.clients.contains(&client) {
                self.clients.push(client);
            }
        }
        if let (Loss::Records { names, .. }, Loss::Records { names: more, .. }) = (&mut self.loss, other.loss) {
            add(names, more);
        }
        if other.in_use.0 > self.in_use.0 {
            self.in_use = other.in_use;
        }
    }

    /// What clients lack then, in words.
    pub(in crate::catalog) fn loss(&self) -> String {
        match (&self.loss, self.interrupted) {
            (Loss::Endpoint, false) => "no private endpoint of the registry is left in their reach".to_owned(),
            (Loss::Endpoint, true) => {
                "its private endpoint comes back, with other addresses unless these are static".to_owned()
            }
            (Loss::Zone, false) => "no privatelink zone is left that their network resolves with".to_owned(),
            (Loss::Zone, true) => "its names resolve to public addresses until the zone is linked again".to_owned(),
            (Loss::Records { zone, names }, false) => format!("zone {zone} no longer has {}", listed(names)),
            (Loss::Records { zone, names }, true) => {
                format!("{} in zone {zone} does not resolve until the record is made anew", listed(names))
            }
            (Loss::Rule, _) => "their service endpoint and a rule for it no longer meet".to_owned(),
        }
    }

    /// What the change does to its elements, in words: "deletes a and b, and alters c".
    pub(in crate::catalog) fn words(&self) -> String {
        let mut phrases: Vec<String> = Vec::new();
        for fate in [Fate::Gone, Fate::Replaced, Fate::Altered] {
            let of = self.elements.iter().filter(|element| element.fate == fate).map(|element| &*element.address);
            let of: Vec<&str> = of.collect();
            if !of.is_empty() {
                phrases.push(format!("{} {}", fate.verb(), listed(&of)));
            }
        }
        phrases.join(", and ")
    }
}

/// Some words as one.
pub(in crate::catalog) fn listed<T: AsRef<str>>(words: &[T]) -> String {
    match words {
        [] => String::new(),
        [only] => only.as_ref().to_owned(),
        [front @ .., last] => {
            let front: Vec<&str> = front.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", front.join(", "), last.as_ref())
        }
    }
}

/// What a change does.
#[derive(Debug, Default)]
pub(in crate::catalog) struct Changes {
    /// The ways that it touches.
    pub(in crate::catalog) paths: Vec<ChangedPath>,
    /// Those of each registry.
    pub(in crate::catalog) paths_of: Vec<Vec<u32>>,
    /// The registry before that a registry was.
    pub(in crate::catalog) registries: HashMap<u32, u32>,
    /// Likewise for private endpoints.
    pub(in crate::catalog) endpoints: HashMap<u32, u32>,
}

impl Changes {
    pub(in crate::catalog) fn new(before: &Model, after: &Model) -> Self {
        let (old, new) = (&before.graph, &after.graph);
        let registries =
            pairs(old.registries.iter().map(|node| &node.head), new.registries.iter().map(|node| &node.head));
        let endpoints = pairs(
            old.private_endpoints.iter().map(|node| &node.head),
            new.private_endpoints.iter().map(|node| &node.head),
        );
        let mut changes = Self { registries, endpoints, ..Self::default() };
        let finder = paths::Finder::new(before, after);
        for (registry, _) in (0_u32..).zip(&new.registries) {
            let found = match changes.registries.get(&registry) {
                Some(was) => finder.of_registry(*was, registry),
                None => Vec::new(),
            };
            super::append(&mut changes.paths, &mut changes.paths_of, found);
        }
        changes
    }
}

/// Which node a node was before: the one with its id, unless it is another one of that name.
fn pairs<'g>(before: impl Iterator<Item = &'g Head>, after: impl Iterator<Item = &'g Head>) -> HashMap<u32, u32> {
    let old: HashMap<&str, u32> = (0_u32..).zip(before).map(|(at, head)| (head.id.key(), at)).collect();
    let stays = |head: &&Head| !elements::is_new(head);
    (0_u32..)
        .zip(after)
        .filter(|(_, head)| stays(head))
        .filter_map(|(at, head)| Some((at, *old.get(head.id.key())?)))
        .collect()
}
