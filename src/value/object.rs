//! Objects whose keys have places and whose look-ups ignore case, as Azure's do.
//!
//! In: nothing. Out: [`Object`], [`Key`]. Must not know: who fills them.

use std::sync::Arc;

use crate::source::Span;

use super::{Data, Unknown, Value};

/// The name of a member and the place where it is written.
#[derive(Clone, Debug)]
pub struct Key {
    /// The name as written.
    pub name: Arc<str>,
    /// Its place, quotes included; for a computed key the expression that made it.
    pub at: Span,
}

/// The members of an object, in order.
#[derive(Clone, Debug, Default)]
pub struct Object {
    members: Vec<(Key, Value)>,
    /// Set when there may be further members, or members other than these (`union` with an unknown object).
    pub open: Option<Arc<Unknown>>,
}

impl Object {
    /// No members.
    pub fn new() -> Self {
        Self::default()
    }

    /// No members yet, and room for some.
    pub fn with_capacity(members: usize) -> Self {
        Self { members: Vec::with_capacity(members), open: None }
    }

    /// The same object, without room for more members.
    #[must_use]
    pub fn fitted(mut self) -> Self {
        self.members.shrink_to_fit();
        self
    }

    /// How many members are known.
    pub fn len(&self) -> usize {
        self.members.len()
    }

    /// Whether no member is known.
    pub fn is_empty(&self) -> bool {
        self.members.is_empty()
    }

    /// A member by name; case does not matter, but of two that differ by case only the exact one is meant.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.entry(name).map(|(_, value)| value)
    }

    /// A member with its key; case does not matter, but of two that differ by case only the exact one is meant.
    pub fn entry(&self, name: &str) -> Option<(&Key, &Value)> {
        let mut folded = None;
        for (key, value) in &self.members {
            if key.name.eq_ignore_ascii_case(name) {
                if *key.name == *name {
                    return Some((key, value));
                }
                folded = folded.or(Some((key, value)));
            }
        }
        folded
    }

    /// The object that a member is, to be changed; found as by [`Self::entry`].
    pub fn object_mut(&mut self, name: &str) -> Option<&mut Self> {
        let exact = self.members.iter().position(|(key, _)| *key.name == *name);
        let at = exact.or_else(|| self.members.iter().position(|(key, _)| key.name.eq_ignore_ascii_case(name)))?;
        match &mut self.members.get_mut(at)?.1.data {
            Data::Object(object) => Some(Arc::make_mut(object)),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => None,
            Data::String(_) | Data::Pattern(_) | Data::Array(_) | Data::Unknown(_) => None,
        }
    }

    /// A member by name, case included.
    pub fn exact(&self, name: &str) -> Option<&Value> {
        self.members.iter().find(|(key, _)| *key.name == *name).map(|(_, value)| value)
    }

    /// Adds a member, or puts it in the place of all that have that name, whatever the case.
    pub fn replace(&mut self, key: Key, value: Value) {
        let same = |other: &Key| other.name.eq_ignore_ascii_case(&key.name);
        let Some(place) = self.members.iter().position(|(other, _)| same(other)) else {
            self.members.push((key, value));
            return;
        };
        let mut index = 0;
        self.members.retain(|(other, _)| {
            index += 1;
            index == place + 1 || !same(other)
        });
        if let Some(slot) = self.members.get_mut(place) {
            *slot = (key, value);
        }
    }

    /// Adds a member, or replaces the one of that name in its place.
    pub fn insert(&mut self, key: Key, value: Value) {
        match self.members.iter_mut().find(|(k, _)| k.name.eq_ignore_ascii_case(&key.name)) {
            Some(slot) => slot.1 = value,
            None => self.members.push((key, value)),
        }
    }

    /// Adds a member, or gives the one of exactly that name another value.
    pub fn set_exact(&mut self, key: Key, value: Value) {
        match self.members.iter_mut().find(|(k, _)| k.name == key.name) {
            Some(slot) => slot.1 = value,
            None => self.members.push((key, value)),
        }
    }

    /// Adds a member without looking for one of the same name; for readers of texts whose keys were checked.
    pub fn push(&mut self, key: Key, value: Value) {
        self.members.push((key, value));
    }

    /// The members in order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Key, &Value)> + DoubleEndedIterator {
        self.members.iter().map(|(key, value)| (key, value))
    }
}

impl IntoIterator for Object {
    type Item = (Key, Value);
    type IntoIter = std::vec::IntoIter<(Key, Value)>;

    fn into_iter(self) -> Self::IntoIter {
        self.members.into_iter()
    }
}
