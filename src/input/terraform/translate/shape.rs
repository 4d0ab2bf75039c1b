//! From attributes to properties, by tables.
//!
//! In: an object in Terraform's shape and [`Row`]s. Out: an object in ARM's shape. Must not know: which resource it is.
//!
//! What is `null` or an empty block becomes `null`, so that a report about what is not written points at the attribute.

use std::sync::Arc;

use crate::source::Span;
use crate::value::{Array, Data, Key, Object, Origin, Type, Unknown, Value};

/// One attribute and the property that it sets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// The attribute.
    pub(super) from: &'static str,
    /// The property, a dotted path; empty where the members of a block go where the block itself stands.
    pub(super) to: &'static str,
    /// How the value changes.
    pub(super) form: Form,
}

/// How a value changes on its way.
#[derive(Clone, Copy, Debug)]
pub(super) enum Form {
    /// Not at all.
    Same,
    /// Not at all; of what Azure tells and nobody sets, only what is known counts.
    Told,
    /// As [`Form::Told`], of a list of ids, each of which becomes an object with an `id`.
    ToldIds,
    /// Not at all; what nobody sets of a resource that is made is not sent, whatever Azure will tell of it.
    Unset,
    /// As [`Form::Unset`], of a list of ids, each of which becomes an object with an `id`.
    UnsetIds,
    /// A boolean is one of two words.
    Words(&'static str, &'static str),
    /// This word, whatever it is: what tells blocks apart in ARM that have names of their own in Terraform.
    Word(&'static str),
    /// An id is an object with an `id`.
    Id,
    /// Each element of a list is an object with this one member.
    Wrap(&'static str),
    /// It is an object with this one member, and one of a list that others add to as well.
    Among(&'static str),
    /// The resource as a whole is an object, and one of a list that others add to as well.
    Whole(&'static [Row]),
    /// The only block is an object.
    One(&'static [Row]),
    /// Each block is an object.
    Each(&'static [Row]),
    /// As [`Form::Each`]; left out where the value is not known and only repeats what other resources say.
    Echo(&'static [Row]),
}

impl Form {
    /// Whether only what is known counts.
    const fn is_told(self) -> bool {
        matches!(self, Self::Told | Self::ToldIds | Self::Echo(_))
    }

    /// Whether it is not sent where nobody sets it.
    pub(super) const fn is_unset(self) -> bool {
        matches!(self, Self::Unset | Self::UnsetIds)
    }
}

/// A row for a value that stays as it is.
pub(super) const fn same(from: &'static str, to: &'static str) -> Row {
    Row { from, to, form: Form::Same }
}

/// A row of any form.
pub(super) const fn row(from: &'static str, to: &'static str, form: Form) -> Row {
    Row { from, to, form }
}

/// Adds what the attributes of an object say.
pub(super) fn apply(rows: &[Row], from: &Object, into: &mut Object) {
    for row in rows {
        let Some((key, value)) = from.entry(row.from) else { continue };
        match (row.form, row.to) {
            (Form::One(rows), "") => match one(value) {
                Block::Object(object) => apply(rows, &object, into),
                Block::None => {}
                Block::Unknown(unknown) => apply_unknown(rows, &unknown, value, key.at, into),
            },
            (Form::Whole(rows), to) => {
                let items = vec![made(rows, from, value.origin)];
                let list = Value::new(Data::Array(Arc::new(Array { items, open: None })), value.origin);
                put(into, to, key.at, list);
            }
            (form, to) => {
                if let Some(value) = shaped(form, value) {
                    put(into, to, key.at, value);
                }
            }
        }
    }
}

fn apply_unknown(rows: &[Row], unknown: &Arc<Unknown>, value: &Value, at: Span, into: &mut Object) {
    for row in rows.iter().filter(|row| !row.form.is_told() && !row.to.is_empty()) {
        let below = Unknown::new(unknown.reason, unknown.symbol.dot(row.from));
        put(into, row.to, at, Value::unknown(below, value.origin));
    }
}

/// A block of which there is one at most.
pub(super) enum Block {
    /// It is there.
    Object(Arc<Object>),
    /// There is none.
    None,
    /// Nobody knows.
    Unknown(Arc<Unknown>),
}

/// The only block under a name.
pub(super) fn one(value: &Value) -> Block {
    match &value.data {
        Data::Object(object) => Block::Object(Arc::clone(object)),
        Data::Array(array) => match (array.items.first(), &array.open) {
            (Some(first), _) => one(first),
            (None, Some(open)) => Block::Unknown(Arc::clone(open)),
            (None, None) => Block::None,
        },
        Data::Unknown(unknown) => Block::Unknown(Arc::clone(unknown)),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) | Data::Pattern(_) => Block::None,
    }
}

/// A block with its place.
pub(super) type Placed = (Arc<Object>, Origin);

/// The blocks under a name, and whether there may be more.
pub(super) fn many(value: Option<&Value>) -> (Vec<Placed>, Option<Arc<Unknown>>) {
    let Some(value) = value else { return (Vec::new(), None) };
    match &value.data {
        Data::Array(array) => {
            let blocks = array.items.iter().filter_map(|item| Some((Arc::clone(item.as_object()?), item.origin)));
            let unknown = array.items.iter().find_map(|item| item.as_unknown().cloned());
            (blocks.collect(), array.open.clone().or(unknown))
        }
        Data::Object(object) => (vec![(Arc::clone(object), value.origin)], None),
        Data::Unknown(unknown) => (Vec::new(), Some(Arc::clone(unknown))),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) | Data::Pattern(_) => {
            (Vec::new(), None)
        }
    }
}

/// A value in its new form; nothing where it says nothing.
fn shaped(form: Form, value: &Value) -> Option<Value> {
    let mut shaped = match form {
        Form::Same | Form::Unset => value.clone(),
        Form::Told => value.clone(),
        Form::Words(on, off) => match &value.data {
            Data::Bool(true) => Value::string(on, value.origin),
            Data::Bool(false) => Value::string(off, value.origin),
            Data::Unknown(unknown) => {
                let mut words = (**unknown).clone();
                words.ty = Some(Type::String);
                words.domain = Some([on, off].map(|word| Value::string(word, value.origin)).into());
                Value::unknown(words, value.origin)
            }
            Data::Null
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Pattern(_)
            | Data::Array(_)
            | Data::Object(_) => value.clone(),
        },
        Form::Word(word) => Value::string(word, value.origin),
        Form::Id if value.is_null() || value.as_str() == Some("") => Value::null(value.origin),
        Form::Id => wrapped("id", value),
        Form::Whole(_) => return None, // see `apply`
        Form::Among(_) if value.is_null() => return None,
        Form::Among(name) => {
            let items = vec![wrapped(name, value)];
            Value::new(Data::Array(Arc::new(Array { items, open: None })), value.origin)
        }
        Form::ToldIds | Form::UnsetIds => list(value, &|item| wrapped("id", item)),
        Form::Wrap(name) => list(value, &|item| wrapped(name, item)),
        Form::One(rows) => match one(value) {
            Block::Object(object) => made(rows, &object, value.origin),
            Block::None => Value::null(value.origin),
            Block::Unknown(unknown) => Value::unknown((*unknown).clone(), value.origin),
        },
        Form::Each(rows) | Form::Echo(rows) => list(value, &|item| one_of(rows, item)),
    };
    if form.is_told() && matches!(shaped.data, Data::Unknown(_) | Data::Null) {
        return None;
    }
    shaped.secret |= value.secret;
    Some(shaped)
}

/// A block of a list as an object; what is no block stays.
pub(super) fn one_of(rows: &[Row], item: &Value) -> Value {
    match item.as_object() {
        Some(object) => made(rows, object, item.origin),
        None => item.clone(),
    }
}

fn made(rows: &[Row], object: &Object, origin: Origin) -> Value {
    let mut made = Object::new();
    apply(rows, object, &mut made);
    Value::object(made, origin)
}

fn wrapped(name: &str, value: &Value) -> Value {
    let mut object = Object::new();
    object.push(Key { name: name.into(), at: value.origin.at }, value.clone());
    Value::object(object, value.origin)
}

/// Every element of a list in another form; what is no list stays.
pub(super) fn list(value: &Value, change: &dyn Fn(&Value) -> Value) -> Value {
    match &value.data {
        Data::Array(array) => {
            let items = array.items.iter().map(change).collect();
            let data = Data::Array(Arc::new(Array { items, open: array.open.clone() }));
            Value { data, ..value.clone() }
        }
        Data::Null
        | Data::Bool(_)
        | Data::Int(_)
        | Data::Float(_)
        | Data::String(_)
        | Data::Pattern(_)
        | Data::Object(_)
        | Data::Unknown(_) => value.clone(),
    }
}

/// Puts a value at a dotted path, in place of what is there.
pub(super) fn put(into: &mut Object, path: &str, at: Span, value: Value) {
    let Some((first, rest)) = path.split_once('.') else {
        return into.replace(Key { name: path.into(), at }, value);
    };
    if let Some(inner) = into.object_mut(first) {
        return put(inner, rest, at, value);
    }
    // What else is there gives way, and tells where.
    let (key, origin) = match into.entry(first) {
        Some((key, old)) => (key.clone(), old.origin),
        None => (Key { name: first.into(), at }, Origin::at(at)),
    };
    let mut inner = Object::new();
    put(&mut inner, rest, at, value);
    into.replace(key, Value::object(inner, origin));
}

/// Puts what one object says over what another one does, member by member; lists are replaced.
pub(super) fn overlay(below: &Object, above: &Object) -> Object {
    merge(below, above, &|_, new| new.clone())
}

/// As [`overlay`]; lists are those of both.
pub(super) fn joined(below: &Object, above: &Object) -> Object {
    merge(below, above, &|old, new| match (&old.data, &new.data) {
        (Data::Array(first), Data::Array(more)) => {
            let mut all = Array::clone(first);
            let same = |a: &Value, b: &Value| named(a).is_some_and(|id| named(b) == Some(id));
            let more = more.items.iter().filter(|item| !first.items.iter().any(|known| same(known, item)));
            all.items.extend(more.cloned());
            Value { data: Data::Array(Arc::new(all)), ..old.clone() }
        }
        (Data::Unknown(open), Data::Array(more)) => {
            let all = Array { items: more.items.clone(), open: Some(Arc::clone(open)) };
            Value { data: Data::Array(Arc::new(all)), ..old.clone() }
        }
        (_, _) => new.clone(),
    })
}

/// The id of an element, to tell it by.
fn named(element: &Value) -> Option<String> {
    Some(element.as_object()?.get("id")?.as_pattern()?.key())
}

fn merge(below: &Object, above: &Object, lists: &dyn Fn(&Value, &Value) -> Value) -> Object {
    let mut merged = below.clone();
    for (key, value) in above.iter() {
        let value = match merged.get(&key.name) {
            Some(old) => match (&old.data, &value.data) {
                (Data::Object(old), Data::Object(new)) => Value::object(merge(old, new, lists), value.origin),
                (_, _) => lists(old, value),
            },
            None => value.clone(),
        };
        merged.replace(key.clone(), value);
    }
    merged
}
