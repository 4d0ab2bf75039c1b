//! What an input shows all of, to be asked by type and place.
//!
//! In: [`Listing`]s. Out: [`Listings`]. Must not know: what follows from it.

use std::collections::HashMap;

use crate::resource::{Listing, ResourceId};
use crate::value::Origin;

/// The lists of one input, by type and scope.
#[derive(Clone, Debug, Default)]
pub struct Listings {
    by_type: HashMap<String, HashMap<String, Origin>>,
    /// Scopes of which the user says that all is in the input, whatever its type.
    everything: HashMap<String, Origin>,
}

impl Listings {
    /// Takes a list; the first one of a type and scope counts.
    pub fn add(&mut self, listing: &Listing) {
        let scopes = self.by_type.entry(listing.ty.key().to_owned()).or_default();
        scopes.entry(listing.within.key().to_owned()).or_insert(listing.at);
    }

    /// All of a scope is in the input; `at` says so.
    pub fn add_everything(&mut self, within: &ResourceId, at: Origin) {
        self.everything.entry(within.key().to_owned()).or_insert(at);
    }

    /// The list that shows all resources of a type within a scope: one of the scope itself, or of one around it.
    pub fn within(&self, ty: &str, scope: &ResourceId) -> Option<Origin> {
        let scopes = self.by_type.get(ty);
        if scopes.is_none() && self.everything.is_empty() {
            return None;
        }
        let mut key = scope.key();
        loop {
            if let Some(at) = scopes.and_then(|scopes| scopes.get(key)).or_else(|| self.everything.get(key)) {
                return Some(*at);
            }
            key = key.rsplit_once('/').map(|(around, _)| around).filter(|around| !around.is_empty())?;
        }
    }

    /// Whether there is a list of a type, in whatever scope.
    pub fn any(&self, ty: &str) -> bool {
        self.by_type.contains_key(ty) || !self.everything.is_empty()
    }
}
