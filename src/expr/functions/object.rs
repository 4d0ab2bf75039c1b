//! Functions on objects: `createObject`, `items`, `objectKeys`, `shallowMerge`, `tryGet`, `json`, `null`.
//!
//! In: objects, open ones too. Out: objects, arrays and members. Must not know: arrays' own functions.

use std::sync::Arc;

use super::array::key;
use super::{ANY, ARRAY, Body, INT, MANY, OBJECT, Row, STRING, Work, Zeal, kind_of, row};
use crate::expr::eval::{Answer, holds, mark};
use crate::expr::symbol;
use crate::value::{Data, Key, Object, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("createObject", (0, MANY), &[ANY], Body::Open(create)).gives(Type::Object).zeal(Zeal::All).wraps(),
    row("items", (1, 1), &[OBJECT], Body::Open(items)).gives(Type::Array),
    row("objectKeys", (1, 1), &[OBJECT], Body::Open(keys)).gives(Type::Array),
    row("shallowMerge", (1, 1), &[ARRAY], Body::Open(shallow_merge)).gives(Type::Object),
    row("tryGet", (2, MANY), &[ANY, STRING | INT, ANY], Body::Open(try_get)),
    row("json", (1, 1), &[STRING], Body::Strict(json)),
    row("null", (0, 0), &[], Body::Strict(|work| work.give(Data::Null))),
];

fn create(work: &Work<'_, '_, '_>) -> Answer {
    if !work.args.len().is_multiple_of(2) {
        return Err(work.refuse_all("createObject takes keys and values in turn; one value is missing"));
    }
    let mut object = Object::new();
    let mut unknown_key = false;
    let mut seen: std::collections::HashSet<&str> = std::collections::HashSet::new();
    for (i, pair) in work.args.chunks_exact(2).enumerate() {
        let [name, value] = pair else { continue };
        work.expect(2 * i, name, STRING)?;
        let Some(text) = name.as_str() else {
            unknown_key = true;
            continue;
        };
        if !seen.insert(text) {
            return Err(work.refuse(2 * i, "createObject has two members of this name"));
        }
        object.push(key(work, text, 2 * i), mark(value.clone(), name.secret));
    }
    // A member's name is part of the object as a whole.
    let named = work.args.iter().step_by(2).any(holds);
    let answer = if unknown_key { open_object(work, object) } else { work.give_object(object) };
    Ok(mark(answer?, named))
}

/// An object with a member of unknown name: each known one may be it.
fn open_object(work: &Work<'_, '_, '_>, object: Object) -> Answer {
    let mut object = object;
    object.open = Some(Arc::new(work.whole()));
    work.give_object(object)
}

/// The members of an object in the order of their names.
fn sorted(object: &Object) -> Vec<(&Key, &Value)> {
    let mut members: Vec<(&Key, &Value)> = object.iter().collect();
    members.sort_by(|(a, _), (b, _)| {
        let fold = |key: &Key| super::string::upper(&key.name).encode_utf16().collect::<Vec<u16>>();
        fold(a).cmp(&fold(b))
    });
    members
}

fn items(work: &Work<'_, '_, '_>) -> Answer {
    let Some(object) = work.object(0) else { return work.undecided() };
    if object.open.is_some() {
        return work.undecided();
    }
    let secret = work.args.iter().any(|arg| arg.secret);
    let items = sorted(object).into_iter().map(|(name, value)| {
        let mut item = Object::new();
        item.push(key(work, "key", 0), work.part(Data::String(Arc::clone(&name.name))));
        item.push(key(work, "value", 0), mark(value.clone(), secret));
        Value::object(item, value.origin)
    });
    work.give_items(items.collect())
}

fn keys(work: &Work<'_, '_, '_>) -> Answer {
    let Some(object) = work.object(0) else { return work.undecided() };
    if object.open.is_some() {
        return work.undecided();
    }
    work.give_items(sorted(object).into_iter().map(|(key, _)| work.part(Data::String(Arc::clone(&key.name)))).collect())
}

/// The objects of an array laid over each other, one level deep.
fn shallow_merge(work: &Work<'_, '_, '_>) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    let Some(array) = arg.as_array() else { return work.undecided() };
    for item in &array.items {
        if kind_of(item).is_some_and(|kind| kind != OBJECT) {
            let found = super::kind_name(item);
            return Err(work.refuse(0, format!("shallowMerge wants an array of objects, but it holds {found}")));
        }
    }
    let whole = work.whole();
    let mut all = Object::new();
    let mut open = array.open.is_some();
    for item in &array.items {
        match &item.data {
            Data::Object(object) => {
                work.site.run.spend(all.len().saturating_mul(object.len()) / 8, work.site.at)?;
                if object.open.is_some() {
                    all = clouded(&whole, all);
                    open = true;
                }
                for (key, value) in object.iter() {
                    all.insert(key.clone(), mark(value.clone(), arg.secret || item.secret));
                }
            }
            _ => {
                all = clouded(&whole, all);
                open = true;
            }
        }
    }
    if array.open.is_some() {
        all = clouded(&whole, all);
    }
    if open {
        all.open = Some(Arc::new(whole));
    }
    work.give_object(all)
}

/// The members over which something unknown was laid.
fn clouded(whole: &Unknown, object: Object) -> Object {
    let mut changed = Object::new();
    for (key, value) in object {
        let unknown = Unknown::new(whole.reason, symbol::property(whole, &key.name));
        let origin = value.origin;
        changed.push(key, mark(Value::unknown(unknown, origin), value.secret));
    }
    changed
}

fn try_get(work: &Work<'_, '_, '_>) -> Answer {
    let Some((base, path)) = work.args.split_first() else { return work.undecided() };
    try_path(work, base.clone(), path)
}

/// Takes the first step of a path if it can be taken, else gives null; the steps behind it must lead somewhere.
pub(super) fn try_path(work: &Work<'_, '_, '_>, base: Value, path: &[Value]) -> Answer {
    let Some((step, rest)) = path.split_first() else { return Ok(base) };
    let step = &counted(&base, step);
    let there = match (&base.data, &step.data) {
        (Data::Unknown(unknown), _) => return try_unknown(work, &base, unknown, path),
        (Data::Object(object), Data::String(name)) => match (object.get(name), &object.open) {
            (Some(_), _) => true,
            (None, None) => false,
            (None, Some(open)) => {
                let whole = mark(Value::unknown((**open).clone(), base.origin), base.secret);
                return try_unknown(work, &whole, open, path);
            }
        },
        (Data::Array(array), Data::Int(_)) if array.open.is_some() => return try_symbol(work, &base, path),
        (Data::Array(array), Data::Int(number)) => usize::try_from(*number).is_ok_and(|n| n < array.items.len()),
        (Data::Object(_) | Data::Array(_), Data::Unknown(_) | Data::Pattern(_)) => {
            return try_symbol(work, &base, path);
        }
        _ => false,
    };
    if !there {
        return work.give(Data::Null);
    }
    let value = work.site.run.index(&base, step, work.site.at)?;
    follow(work, value, rest)
}

/// Takes every step of a path; null leads to null.
pub(super) fn follow(work: &Work<'_, '_, '_>, base: Value, path: &[Value]) -> Answer {
    path.iter().try_fold(base, |value, step| {
        let step = counted(&value, step);
        match (&value.data, &step.data) {
            (Data::Null, _) => Ok(value),
            (Data::Unknown(_), Data::Object(_)) => try_symbol(work, &value, std::slice::from_ref(&step)),
            (_, _) => work.site.run.index(&value, &step, work.site.at),
        }
    })
}

/// A step `{"value": 1, "fromEnd": true}` into a known array as the index that it means; any other step as it is.
fn counted(base: &Value, step: &Value) -> Value {
    let Some(object) = step.as_object() else { return step.clone() };
    let Some(Data::Int(number)) = object.get("value").map(|value| &value.data) else { return step.clone() };
    let from_end = match object.get("fromEnd").map(|value| &value.data) {
        None | Some(Data::Bool(false)) => false,
        Some(Data::Bool(true)) => true,
        Some(_) => return step.clone(),
    };
    let index = match base.as_array() {
        _ if !from_end => Some(*number),
        Some(array) if array.open.is_none() => {
            i64::try_from(array.items.len()).ok().and_then(|n| n.checked_sub(*number))
        }
        Some(_) | None => None,
    };
    index.map_or_else(|| step.clone(), |index| Value { data: Data::Int(index), ..step.clone() })
}

fn try_unknown(work: &Work<'_, '_, '_>, value: &Value, unknown: &Unknown, rest: &[Value]) -> Answer {
    let Some(domain) = &unknown.domain else { return try_symbol(work, value, rest) };
    let members: Result<Vec<Value>, _> = domain.iter().map(|member| try_path(work, member.clone(), rest)).collect();
    let whole = try_symbol(work, value, rest)?;
    match whole.as_unknown() {
        Some(whole) => Ok(work.site.run.one_of((**whole).clone(), members?, work.site.at)),
        None => Ok(whole),
    }
}

#[allow(clippy::unnecessary_wraps, reason = "the answer of a function")]
fn try_symbol(work: &Work<'_, '_, '_>, value: &Value, rest: &[Value]) -> Answer {
    let args: Vec<Value> = std::iter::once(value.clone()).chain(rest.iter().cloned()).collect();
    let reason = symbol::reason_of(&args).unwrap_or(crate::value::Reason::RuntimeFunction);
    let unknown = Unknown::new(reason, symbol::call("tryGet", &args));
    Ok(mark(Value::unknown(unknown, work.origin()), value.secret))
}

fn json(work: &Work<'_, '_, '_>) -> Answer {
    let Some(text) = work.str(0) else { return work.undecided() };
    work.site.run.spend(text.len() / 4, work.site.at)?;
    match super::json_text::read(text, work.part(Data::Null).origin) {
        Some(value) => Ok(Value { origin: work.origin(), ..value }),
        None => Err(work.refuse(0, "json reads only a JSON text")),
    }
}
