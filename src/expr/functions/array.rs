//! Functions on arrays: `createArray`, `array`, `union`, `intersection`, `flatten`, `distinct`, `indexFromEnd`, …
//!
//! In: arrays, open ones too (`union` and `intersection` take objects as well). Out: arrays. Must not know: strings.

use std::sync::Arc;

use super::collection::equal;
use super::{ANY, ARRAY, Body, INT, MANY, OBJECT, Row, Work, Zeal, kind_of, row};
use crate::expr::eval::{Answer, mark};
use crate::expr::symbol;
use crate::value::{Array, Data, Key, Object, Truth, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("createArray", (0, MANY), &[ANY], Body::Open(|work| work.give_items(work.args.to_vec())))
        .gives(Type::Array)
        .wraps(),
    row("array", (1, 1), &[ANY], Body::Open(array)).gives(Type::Array).wraps(),
    row("union", (2, MANY), &[ARRAY | OBJECT], Body::Open(union)).zeal(Zeal::Kinds),
    row("intersection", (2, MANY), &[ARRAY | OBJECT], Body::Open(intersection)).zeal(Zeal::Kinds),
    row("flatten", (1, 1), &[ARRAY], Body::Open(flatten)).gives(Type::Array),
    row("distinct", (1, 1), &[ARRAY], Body::Open(distinct)).gives(Type::Array),
    row("indexFromEnd", (2, 2), &[ARRAY, INT], Body::Open(index_from_end)),
    row("tryIndexFromEnd", (2, MANY), &[ANY], Body::Open(try_index_from_end)),
];

fn array(work: &Work<'_, '_, '_>) -> Answer {
    match work.arg(0) {
        Some(arg) if kind_of(arg) == Some(ARRAY) => Ok(arg.clone()),
        Some(arg) if kind_of(arg).is_some() => work.give_items(vec![arg.clone()]),
        Some(arg) => match arg.as_unknown().and_then(|unknown| unknown.ty) {
            Some(Type::Array) => Ok(arg.clone()),
            Some(_) => work.give_items(vec![arg.clone()]),
            None => work.undecided(),
        },
        None => work.undecided(),
    }
}

/// Whether the arguments are arrays (`Some(true)`), objects, or all unknown. A mixture is refused.
fn arrays(work: &Work<'_, '_, '_>) -> Result<Option<bool>, crate::expr::Refusal> {
    let mut found = None;
    for (i, arg) in work.args.iter().enumerate() {
        let is_array = match arg.ty() {
            Some(Type::Array) => true,
            Some(Type::Object) => false,
            Some(_) | None => continue,
        };
        if found.is_some_and(|before| before != is_array) {
            return Err(work.refuse(i, format!("{} takes arrays only or objects only", work.row.name)));
        }
        found = Some(is_array);
    }
    Ok(found)
}

fn union(work: &Work<'_, '_, '_>) -> Answer {
    match arrays(work)? {
        Some(true) => union_arrays(work),
        Some(false) => union_objects(work),
        None => work.undecided(),
    }
}

fn union_arrays(work: &Work<'_, '_, '_>) -> Answer {
    let mut all = Array::default();
    for arg in work.args {
        match &arg.data {
            Data::Array(array) => {
                work.site.run.spend(all.items.len().saturating_mul(array.items.len()) / 8, work.site.at)?;
                for item in &array.items {
                    match position(&all.items, item) {
                        Truth::True => {}
                        Truth::False => all.items.push(mark(item.clone(), arg.secret)),
                        Truth::Unknown => return work.undecided(),
                    }
                }
                all.open = all.open.or_else(|| array.open.clone());
            }
            Data::Unknown(unknown) => all.open = all.open.or_else(|| Some(Arc::clone(unknown))),
            _ => {}
        }
    }
    if all.open.is_some() {
        all.open = Some(Arc::new(work.whole()));
    }
    Ok(Value::new(Data::Array(Arc::new(all)), work.origin()))
}

/// Whether an item is among some others.
fn position(items: &[Value], item: &Value) -> Truth {
    items.iter().map(|other| equal(other, item)).max().unwrap_or(Truth::False)
}

fn union_objects(work: &Work<'_, '_, '_>) -> Answer {
    let mut all = Object::new();
    for (i, arg) in work.args.iter().enumerate() {
        match &arg.data {
            // The first object is the one that the others are laid over, as it is.
            Data::Object(object) if i == 0 && !arg.secret => all = (**object).clone(),
            Data::Object(object) => {
                work.site.run.spend(all.len().saturating_mul(object.len()) / 8, work.site.at)?;
                merge(work, &mut all, object, arg.secret)?;
                if let Some(open) = &object.open {
                    all.open = Some(Arc::clone(open));
                }
            }
            Data::Unknown(unknown) => {
                all = clouded(work, all, unknown);
                all.open = Some(Arc::clone(unknown));
            }
            _ => {}
        }
    }
    if all.open.is_some() {
        all.open = Some(Arc::new(work.whole()));
    }
    work.give_object(all)
}

/// The members of an object over which an unknown one was laid: each may have been replaced.
fn clouded(work: &Work<'_, '_, '_>, object: Object, by: &Unknown) -> Object {
    let whole = work.whole();
    let mut changed = Object::new();
    changed.open.clone_from(&object.open);
    for (key, value) in object {
        let mut unknown = Unknown::new(by.reason, symbol::property(&whole, &key.name));
        unknown.ty = None;
        let origin = value.origin;
        changed.push(key, mark(Value::unknown(unknown, origin), value.secret));
    }
    changed
}

/// Lays one object over another: objects inside are merged too, arrays and other values are replaced, null changes
/// nothing.
fn merge(work: &Work<'_, '_, '_>, into: &mut Object, from: &Object, secret: bool) -> Result<(), crate::expr::Refusal> {
    for (key, value) in from.iter() {
        let merged = match (into.get(&key.name), &value.data) {
            (Some(old), Data::Null) => old.clone(),
            (Some(old), Data::Object(inner)) => match &old.data {
                Data::Object(outer) => {
                    let mut merged = (**outer).clone();
                    merge(work, &mut merged, inner, value.secret)?;
                    if merged.open.is_none() {
                        merged.open.clone_from(&inner.open);
                    }
                    Value { data: Data::Object(Arc::new(merged)), ..value.clone() }
                }
                Data::Null | Data::Unknown(_) => value.clone(),
                Data::Bool(_) | Data::Int(_) | Data::Float(_) => return Err(mismatch(work, old, value)),
                Data::String(_) | Data::Pattern(_) | Data::Array(_) => return Err(mismatch(work, old, value)),
            },
            (Some(old), Data::Unknown(_)) if !old.is_null() => {
                // A null would leave the value as it is.
                let args = [old.clone(), value.clone()];
                let reason = symbol::reason_of(&args).unwrap_or(crate::value::Reason::RuntimeFunction);
                let mut unknown = Unknown::new(reason, symbol::call("coalesce", &[value.clone(), old.clone()]));
                let ty = old.ty();
                unknown.ty = ty.filter(|ty| value.ty() == Some(*ty));
                mark(Value::unknown(unknown, value.origin), value.secret || old.secret)
            }
            (Some(old), _) if clash(old, value) => return Err(mismatch(work, old, value)),
            (Some(_) | None, _) => value.clone(),
        };
        into.replace(key.clone(), mark(merged, secret));
    }
    Ok(())
}

/// Whether one is an array or object, and the other something else that is known and not null.
fn clash(old: &Value, new: &Value) -> bool {
    let composite = |kind: u8| kind == ARRAY || kind == OBJECT;
    match (kind_of(old), kind_of(new)) {
        (Some(old), Some(new)) => old != new && old != super::NULL && (composite(old) || composite(new)),
        (Some(_) | None, _) => false,
    }
}

fn mismatch(work: &Work<'_, '_, '_>, old: &Value, new: &Value) -> crate::expr::Refusal {
    let (old, new) = (super::kind_name(old), super::kind_name(new));
    work.refuse_all(format!("union cannot lay {new} over {old}"))
}

fn intersection(work: &Work<'_, '_, '_>) -> Answer {
    let Some(is_array) = arrays(work)? else { return work.undecided() };
    if super::scan(work.site, work.args)?.unknown {
        return intersection_of_unknowns(work, is_array);
    }
    if is_array {
        let Some((first, rest)) = work.args.split_first() else { return work.undecided() };
        let Some(array) = first.as_array() else { return work.undecided() };
        let mut items: Vec<Value> = Vec::new();
        for item in &array.items {
            work.site.run.spend(work.args.len(), work.site.at)?;
            let everywhere =
                rest.iter().all(|arg| arg.as_array().is_some_and(|other| position(&other.items, item) == Truth::True));
            if everywhere && position(&items, item) != Truth::True {
                items.push(mark(item.clone(), first.secret));
            }
        }
        return work.give_items(items);
    }
    let Some((first, rest)) = work.args.split_first() else { return work.undecided() };
    let Some(object) = first.as_object() else { return work.undecided() };
    let mut kept = Object::new();
    for (key, value) in object.iter() {
        let everywhere = rest.iter().all(|arg| {
            arg.as_object()
                .is_some_and(|other| other.exact(&key.name).is_some_and(|member| equal(member, value) == Truth::True))
        });
        if everywhere {
            kept.push(key.clone(), mark(value.clone(), first.secret));
        }
    }
    work.give_object(kept)
}

/// With unknowns: an empty array or object meets nothing; else nothing is said.
fn intersection_of_unknowns(work: &Work<'_, '_, '_>, is_array: bool) -> Answer {
    let known = work.args.iter().all(|arg| arg.as_unknown().is_none());
    let empty = |arg: &Value| match &arg.data {
        Data::Array(array) => array.items.is_empty() && array.open.is_none(),
        Data::Object(object) => object.is_empty() && object.open.is_none(),
        _ => false,
    };
    if known && work.args.iter().any(empty) {
        return if is_array { work.give_items(Vec::new()) } else { work.give_object(Object::new()) };
    }
    work.undecided()
}

fn flatten(work: &Work<'_, '_, '_>) -> Answer {
    let Some(outer) = work.arg(0) else { return work.undecided() };
    let Some(array) = outer.as_array() else { return work.undecided() };
    let mut all = Array { items: Vec::new(), open: array.open.clone() };
    for item in &array.items {
        if kind_of(item).is_some_and(|kind| kind != ARRAY) {
            let found = super::kind_name(item);
            if array.items.iter().any(|item| kind_of(item).is_none()) {
                return work.undecided();
            }
            return Err(work.refuse(0, format!("flatten wants an array of arrays, but it holds {found}")));
        }
    }
    for item in &array.items {
        match &item.data {
            Data::Array(inner) => {
                let secret = outer.secret || item.secret;
                all.items.extend(inner.items.iter().map(|value| mark(value.clone(), secret)));
                all.open = all.open.or_else(|| inner.open.clone());
            }
            Data::Unknown(unknown) => all.open = all.open.or_else(|| Some(Arc::clone(unknown))),
            _ => {}
        }
    }
    if all.open.is_some() {
        all.open = Some(Arc::new(work.whole()));
    }
    work.site.run.spend(all.items.len(), work.site.at)?;
    Ok(Value::new(Data::Array(Arc::new(all)), work.origin()))
}

fn distinct(work: &Work<'_, '_, '_>) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    let Some(array) = arg.as_array() else { return work.undecided() };
    if array.open.is_some() {
        return work.undecided();
    }
    work.site.run.spend(array.items.len().saturating_mul(array.items.len()) / 8, work.site.at)?;
    let mut items: Vec<Value> = Vec::new();
    for item in &array.items {
        match position(&items, item) {
            Truth::True => {}
            Truth::False => items.push(mark(item.clone(), arg.secret)),
            Truth::Unknown => return work.undecided(),
        }
    }
    work.give_items(items)
}

fn index_from_end(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(arg), Some(index)) = (work.arg(0), work.int(1)) else { return work.undecided() };
    if index <= 0 {
        return Err(work.refuse(1, format!("indexFromEnd counts from 1, not from {index}")));
    }
    let Some(array) = arg.as_array() else { return work.undecided() };
    if array.open.is_some() {
        return work.undecided();
    }
    match from_end(array, index) {
        Some(item) => Ok(mark(item.clone(), arg.secret)),
        None => {
            let length = array.items.len();
            Err(work.refuse(1, format!("indexFromEnd asks for the element {index} from the end of {length}")))
        }
    }
}

fn from_end(array: &Array, index: i64) -> Option<&Value> {
    let back = usize::try_from(index).ok().filter(|back| *back > 0)?;
    array.items.len().checked_sub(back).and_then(|i| array.items.get(i))
}

fn try_index_from_end(work: &Work<'_, '_, '_>) -> Answer {
    let [arg, index, rest @ ..] = work.args else { return work.undecided() };
    let array = match (&arg.data, &index.data) {
        (Data::Unknown(_), _) | (Data::Array(_), Data::Unknown(_)) => return work.undecided(),
        (Data::Array(array), Data::Int(_)) if array.open.is_some() => return work.undecided(),
        (Data::Array(array), Data::Int(_)) => array,
        _ => return work.give(Data::Null),
    };
    if work.int(1).is_some_and(|index| i32::try_from(index).is_err()) {
        return Err(work.refuse(1, "the index does not fit into 32 bits"));
    }
    match work.int(1).and_then(|index| from_end(array, index)) {
        None => work.give(Data::Null),
        Some(element) => super::object::follow(work, mark(element.clone(), arg.secret), rest),
    }
}

/// The key of a computed member.
pub(super) fn key(work: &Work<'_, '_, '_>, name: &str, i: usize) -> Key {
    let at = work.site.args.get(i).map_or(work.site.at, |arg| &arg.at);
    Key { name: name.into(), at: work.site.run.span(at) }
}
