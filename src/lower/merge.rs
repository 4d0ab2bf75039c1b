//! One node for each resource, though it may be written several times.
//!
//! In: resources. Out: [`Drafts`], one for each id. Must not know: properties.
//!
//! Of two forms of one resource the later one wins, property by property, and a declared one over one that is only
//! referenced. Where neither is certain to be deployed, what they differ in is not known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::graph::NodeKind;
use crate::resource::{Action, Change, Resource};
use crate::value::compare::same;
use crate::value::{Data, Object, Reason, Symbol, Truth, Unknown, Value};

use super::{Draft, drift};

/// Nodes to be, in the order in which they were first seen.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    drafts: Vec<Draft>,
    by_id: HashMap<(NodeKind, String), usize>,
}

impl Drafts {
    /// Takes a resource; a later form of one that is there already.
    pub(super) fn add(&mut self, kind: NodeKind, resource: Resource) {
        self.put(kind, resource, true);
    }

    /// Takes a resource that is written inside its parent; a child form that is there already wins over it.
    pub(super) fn add_inline(&mut self, kind: NodeKind, resource: Resource) {
        self.put(kind, resource, false);
    }

    fn put(&mut self, kind: NodeKind, resource: Resource, wins: bool) {
        let key = (kind, resource.id.key().to_owned());
        match self.by_id.get(&key).and_then(|&at| self.drafts.get_mut(at)) {
            Some(draft) => {
                let places = resource.at;
                let old = draft.resource.clone();
                // A form that only refers to the resource says nothing of it, and is no place of it beside a declaration.
                match (old.existing, resource.existing) {
                    (false, true) => return,
                    (true, false) => {
                        (draft.resource, draft.places) = (resource, vec![places]);
                        return;
                    }
                    (false, false) | (true, true) => {}
                }
                // What is declared is judged, wherever it stands; what is seen fills in what it leaves out.
                if old.seen != resource.seen {
                    let (declared, seen) = if old.seen { (resource, old) } else { (old, resource) };
                    draft.differences.extend(drift::differences(&declared, &seen));
                    if draft.resource.seen {
                        draft.places = vec![declared.at];
                    }
                    draft.seen_at = Some(Box::new(seen.at));
                    draft.resource = merge(seen, declared);
                    return;
                }
                // A deployment that says of both that it creates them can create one of them only.
                let is_new = |change: Change| change.action == Action::Create;
                let creates = |form: &Resource| form.change.is_some_and(is_new) && form.exists == Truth::True;
                if creates(&old) && creates(&resource) && old.address != resource.address {
                    draft.again = Some(Box::new((Arc::clone(&resource.address), resource.at)));
                }
                draft.resource = if wins { merge(old, resource) } else { merge(resource, old) };
                // The form whose properties win is the one to point at.
                if draft.resource.at.whole == places.whole {
                    draft.places.insert(0, places);
                } else {
                    draft.places.push(places);
                }
            }
            None => {
                self.by_id.insert(key, self.drafts.len());
                self.drafts.push(Draft::new(kind, resource));
            }
        }
    }

    /// All drafts.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Draft> {
        self.drafts.iter()
    }

    /// All drafts.
    pub(super) fn into_vec(self) -> Vec<Draft> {
        self.drafts
    }
}

/// Two forms of one resource; the second one wins.
fn merge(first: Resource, second: Resource) -> Resource {
    let certain = match (first.exists, second.exists) {
        (_, Truth::True) => true,
        (Truth::True, _) => return Resource { ..first },
        (Truth::Unknown | Truth::False, Truth::Unknown | Truth::False) => false,
    };
    let body = combine(&first.body, &second.body, certain);
    let exists = first.exists.or(second.exists);
    Resource {
        body,
        exists,
        repeated: first.repeated && second.repeated,
        seen: first.seen && second.seen,
        managed: first.managed || second.managed,
        ..second
    }
}

fn combine(first: &Value, second: &Value, certain: bool) -> Value {
    match (&first.data, &second.data) {
        (Data::Object(a), Data::Object(b)) => {
            let mut object = Object::clone(a);
            object.open = a.open.clone().or_else(|| b.open.clone());
            for (key, value) in b.iter() {
                let value = match a.get(&key.name) {
                    Some(old) => combine(old, value, certain),
                    None if certain => value.clone(),
                    None => either(value),
                };
                // The key of the form that wins is the place of the property.
                object.insert(key.clone(), value);
            }
            if !certain {
                for (key, value) in a.iter() {
                    if b.get(&key.name).is_none() {
                        object.insert(key.clone(), either(value));
                    }
                }
            }
            Value { data: Data::Object(Arc::new(object)), ..second.clone() }
        }
        _ if certain || same(first, second) == Truth::True => second.clone(),
        _ => either(second),
    }
}

/// One of two forms of a value, nobody knows which.
fn either(value: &Value) -> Value {
    let span = value.origin.at;
    let symbol = Symbol::new("one of two declarations", format!("{}:{}", span.file.0, span.start));
    let mut unknown = Value::unknown(Unknown::new(Reason::Unsupported, symbol), value.origin);
    unknown.secret = value.secret;
    unknown
}
