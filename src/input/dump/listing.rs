//! What a list shows all of.
//!
//! In: the resources of a list. Out: [`Listing`]s. Must not know: what the types
//! are, but for the records of a zone.
//!
//! A list of children has all children of each parent that it names: no command lists a part of them. A list of resources
//! of one type has all of their group; where it spans groups, all of their subscription. A result of Resource Graph has
//! all of each type that it names in each subscription that it names.

use std::collections::{BTreeMap, BTreeSet};

use crate::json::Node;
use crate::resource::{Listing, ResourceId, TypeName};
use crate::value::{Origin, Pattern};

use super::envelope::Source;
use super::identity;

/// Each zone has one record of this type; a list that has it is one of all types.
const SOA_RECORDS: &str = "microsoft.network/privatednszones/soa";
const A_RECORDS: &str = "Microsoft.Network/privateDnsZones/A";

/// The lists of a text.
#[derive(Debug, Default)]
pub(super) struct Lists {
    listings: Vec<Listing>,
}

/// What stands in one list.
#[derive(Debug)]
pub(super) struct List {
    source: Source,
    /// The types, with the scopes of their resources.
    scopes: BTreeMap<String, (TypeName, BTreeSet<String>)>,
}

impl List {
    /// Nothing yet.
    pub(super) fn new(source: Source) -> Self {
        Self { source, scopes: BTreeMap::new() }
    }

    /// Takes a resource.
    pub(super) fn take(&mut self, ty: &TypeName, id: &str) {
        let Some(scope) = scope(self.source, id) else { return };
        if !self.scopes.contains_key(ty.key()) {
            self.scopes.insert(ty.key().to_owned(), (ty.clone(), BTreeSet::new()));
        }
        if let Some((_, scopes)) = self.scopes.get_mut(ty.key()) {
            let scope = scope.to_lowercase();
            scopes.insert(scope);
        }
    }
}

impl Lists {
    /// Takes a list that shows all there is.
    pub(super) fn add(&mut self, list: List, array: Node<'_>) {
        let mut scopes = list.scopes;
        let at = Origin::at(array.head());
        let more = TypeName::new(A_RECORDS);
        if let Some((_, within)) = scopes.get(SOA_RECORDS) {
            let within = within.clone();
            let entry = scopes.entry(more.key().to_owned()).or_insert_with(|| (more.clone(), BTreeSet::new()));
            entry.1.extend(within);
        }
        for (ty, mut within) in scopes.into_values() {
            // Groups of one subscription: the list was of the subscription.
            if within.len() > 1 && ty.depth() == 1 {
                within = within.iter().filter_map(|scope| identity::subscription(scope)).map(str::to_owned).collect();
            }
            self.listings.extend(within.into_iter().map(|scope| Listing {
                ty: ty.clone(),
                within: ResourceId::new(Pattern::literal(&scope)),
                at,
            }));
        }
    }

    /// All of them.
    pub(super) fn into_listings(self) -> Vec<Listing> {
        self.listings
    }
}

/// What a list with this id in it shows all of.
fn scope(source: Source, id: &str) -> Option<&str> {
    match source {
        Source::ResourceGraph => identity::subscription(id),
        Source::Cli | Source::Rest | Source::PowerShell => identity::parent(id),
        Source::WhatIf | Source::Logs | Source::Kubernetes | Source::Docker | Source::Failure | Source::Empty => None,
    }
}
