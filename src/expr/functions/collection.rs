//! Functions on arrays as well as on strings (or objects): `concat`, `contains`, `first`, `length`, `take`, …
//!
//! In: collections, open ones and strings with holes too. Out: what is decided by what is known of them.
//! Must not know: other functions.
//!
//! Strings count in UTF-16 units, as Azure does.

use super::string::{find_ignoring_case, from_units, head, rfind_ignoring_case, tail, units};
use super::work::size_of;
use super::{ANY, ARRAY, BOOL, Body, INT, MANY, NULL, OBJECT, Row, STRING, Work, Zeal, kind_of, row};
use crate::expr::eval::{Answer, mark};
use crate::value::compare::same;
use crate::value::{Array, Data, Hole, Part, Pattern, Truth, Type, Value};

pub(super) const ROWS: &[Row] = &[
    row("concat", (1, MANY), &[ANY], Body::Open(concat)),
    row("contains", (2, 2), &[ANY], Body::Open(contains)).gives(Type::Bool),
    row("empty", (1, 1), &[ARRAY | OBJECT | STRING | NULL], Body::Open(empty)).gives(Type::Bool),
    row("first", (1, 1), &[ARRAY | STRING], Body::Open(|work| end(work, End::First))),
    row("last", (1, 1), &[ARRAY | STRING], Body::Open(|work| end(work, End::Last))),
    row("length", (1, 1), &[ARRAY | OBJECT | STRING], Body::Open(length)).gives(Type::Number),
    row("take", (2, 2), &[ARRAY | STRING, INT], Body::Open(take)).zeal(Zeal::Late),
    row("skip", (2, 2), &[ARRAY | STRING, INT], Body::Open(skip)).zeal(Zeal::Late),
    row("indexOf", (2, 2), &[ARRAY | STRING, ANY], Body::Open(|work| index_of(work, End::First)))
        .gives(Type::Number)
        .zeal(Zeal::Late),
    row("lastIndexOf", (2, 2), &[ARRAY | STRING, ANY], Body::Open(|work| index_of(work, End::Last)))
        .gives(Type::Number)
        .zeal(Zeal::Late),
];

/// Which end of a collection.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    First,
    Last,
}

/// Arrays one after the other, or a string of strings, whole numbers and booleans.
fn concat(work: &Work<'_, '_, '_>) -> Answer {
    let is = |kinds: u8| move |arg: &Value| kind_of(arg).is_some_and(|kind| kind & kinds != 0);
    let typed = |ty: Type| move |arg: &Value| arg.as_unknown().is_some_and(|unknown| unknown.ty == Some(ty));
    let scalar = STRING | INT | BOOL;
    let arrays = work.args.iter().any(|arg| is(ARRAY)(arg) || typed(Type::Array)(arg));
    for (i, arg) in work.args.iter().enumerate() {
        let wrong = if arrays { is(!ARRAY)(arg) } else { is(!scalar)(arg) };
        if wrong {
            let found = super::kind_name(arg);
            let others = if arrays { "arrays" } else { "strings, whole numbers and booleans" };
            return Err(work.refuse(i, format!("concat cannot join {found} with {others}")));
        }
    }
    if arrays {
        return concat_arrays(work);
    }
    let texts = work
        .args
        .iter()
        .any(|arg| is(scalar)(arg) || typed(Type::String)(arg) || typed(Type::Number)(arg) || typed(Type::Bool)(arg));
    if !texts {
        return work.undecided();
    }
    work.room(work.args.iter().fold(0, |sum: usize, arg| sum.saturating_add(size_of(arg))))?;
    let mut pattern = Pattern::new();
    for arg in work.args {
        match &arg.data {
            Data::Unknown(unknown) => pattern.push_hole(unknown),
            _ => super::format::push_plain(&mut pattern, arg),
        }
    }
    stringly(work, pattern)
}

/// A string that was put together; a lone unknown that is no string is the string of it.
pub(super) fn stringly(work: &Work<'_, '_, '_>, pattern: Pattern) -> Answer {
    if let [Part::Hole(unknown)] = pattern.parts()
        && unknown.ty != Some(Type::String)
    {
        let mut inner = (**unknown).clone();
        inner.domain = None;
        inner.symbol = crate::expr::symbol::call("string", &[Value::unknown((**unknown).clone(), work.origin())]);
        inner.ty = Some(Type::String);
        return Ok(Value::unknown(inner, work.origin()));
    }
    work.give_pattern(pattern)
}

fn concat_arrays(work: &Work<'_, '_, '_>) -> Answer {
    let mut all = Array::default();
    for arg in work.args {
        match &arg.data {
            Data::Array(array) => {
                all.items.extend(array.items.iter().map(|item| mark(item.clone(), arg.secret)));
                all.open = all.open.or_else(|| array.open.clone());
            }
            Data::Unknown(unknown) if all.open.is_none() => all.open = Some(unknown.clone()),
            _ => {}
        }
    }
    if all.open.is_some() {
        all.open = Some(std::sync::Arc::new(work.whole()));
    }
    work.site.run.spend(all.items.len(), work.site.at)?;
    Ok(Value::new(Data::Array(all.into()), work.origin()))
}

fn contains(work: &Work<'_, '_, '_>) -> Answer {
    let [container, item] = work.args else { return work.undecided() };
    match (&container.data, &item.data) {
        (Data::Array(array), _) => decide(work, contains_item(array, item)),
        (Data::Object(object), Data::String(name)) => match (object.get(name), &object.open) {
            (Some(_), _) => work.give_bool(true),
            (None, None) => work.give_bool(false),
            (None, Some(_)) => work.undecided(),
        },
        (Data::Unknown(unknown), Data::String(part)) if unknown.ty == Some(Type::String) => {
            decide(work, pattern_contains(&Pattern::hole(unknown), part))
        }
        (Data::Object(_), Data::Unknown(_) | Data::Pattern(_)) | (Data::Unknown(_), _) => work.undecided(),
        (Data::String(_) | Data::Pattern(_), Data::Unknown(_) | Data::Pattern(_)) => work.undecided(),
        (Data::String(text), Data::String(part)) => work.give_bool(text.contains(&**part)),
        (Data::Pattern(pattern), Data::String(part)) => decide(work, pattern_contains(pattern, part)),
        _ => Err(work.refuse(
            1,
            format!(
                "contains looks for a key in an object, an element in an array or a text in a string, not for {} in {}",
                super::kind_name(item),
                super::kind_name(container)
            ),
        )),
    }
}

fn decide(work: &Work<'_, '_, '_>, truth: Truth) -> Answer {
    match truth {
        Truth::True => work.give_bool(true),
        Truth::False => work.give_bool(false),
        Truth::Unknown => work.undecided(),
    }
}

/// Whether an element is in an array; numbers of different kinds differ.
fn contains_item(array: &Array, item: &Value) -> Truth {
    let found = array.items.iter().map(|element| equal(element, item)).max().unwrap_or(Truth::False);
    if array.open.is_some() { found.max(Truth::Unknown) } else { found }
}

/// Equality of the elements of arrays: as `equals`, but 3 is not 3.0.
pub(super) fn equal(a: &Value, b: &Value) -> Truth {
    match (kind_of(a), kind_of(b)) {
        (Some(x), Some(y)) if x != y => Truth::False,
        (Some(_) | None, _) => same(a, b),
    }
}

fn pattern_contains(pattern: &Pattern, part: &str) -> Truth {
    let literal = |p: &Part| matches!(p, Part::Literal(text) if text.contains(part));
    if part.is_empty() || pattern.parts().iter().any(literal) {
        return Truth::True;
    }
    if part == "/" && pattern.splits_at_slash() {
        return Truth::False;
    }
    Truth::Unknown
}

fn empty(work: &Work<'_, '_, '_>) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    match &arg.data {
        Data::Null => work.give_bool(true),
        Data::String(text) => work.give_bool(text.is_empty()),
        Data::Pattern(pattern) => {
            let filled = pattern.parts().iter().any(|part| match part {
                Part::Literal(_) => true,
                Part::Hole(unknown) => unknown.hole != Hole::Any,
            });
            if filled { work.give_bool(false) } else { work.undecided() }
        }
        Data::Array(array) if !array.items.is_empty() => work.give_bool(false),
        Data::Array(array) if array.open.is_none() => work.give_bool(true),
        Data::Object(object) if !object.is_empty() => work.give_bool(false),
        Data::Object(object) if object.open.is_none() => work.give_bool(true),
        Data::Unknown(unknown) if unknown.hole != Hole::Any && unknown.ty == Some(Type::String) => {
            work.give_bool(false)
        }
        Data::Array(_) | Data::Object(_) | Data::Unknown(_) => work.undecided(),
        Data::Bool(_) | Data::Int(_) | Data::Float(_) => work.undecided(),
    }
}

fn end(work: &Work<'_, '_, '_>, end: End) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    let unit = |text: &str| {
        let units = units(text);
        let unit = if end == End::First { units.first() } else { units.last() };
        unit.map(|unit| from_units(&[*unit]))
    };
    match &arg.data {
        Data::Array(array) => {
            let item = if end == End::First { array.items.first() } else { array.items.last() };
            match (item, &array.open) {
                (Some(item), None) => Ok(mark(item.clone(), arg.secret)),
                (None, None) => work.give(Data::Null),
                (_, Some(_)) => work.undecided(),
            }
        }
        Data::String(text) => match unit(text) {
            None => work.give_str(""),
            Some(Some(text)) => work.give_str(&text),
            Some(None) => Err(work.refuse(0, "the character is one of two halves; half of it is no text")),
        },
        Data::Pattern(pattern) => {
            let literal = if end == End::First { head(pattern) } else { tail(pattern) };
            match unit(literal).flatten() {
                Some(text) => work.give_str(&text),
                None => work.undecided(),
            }
        }
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Object(_) | Data::Unknown(_) => {
            work.undecided()
        }
    }
}

fn length(work: &Work<'_, '_, '_>) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    match &arg.data {
        Data::Array(array) if array.open.is_none() => work.give_count(array.items.len()),
        Data::Object(object) if object.open.is_none() => work.give_count(object.len()),
        Data::String(text) => work.give_count(units(text).len()),
        Data::Array(_) | Data::Object(_) | Data::Pattern(_) | Data::Unknown(_) => work.undecided(),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => work.undecided(),
    }
}

fn count(work: &Work<'_, '_, '_>) -> Option<usize> {
    work.int(1).map(|n| usize::try_from(n.max(0)).unwrap_or(usize::MAX))
}

fn take(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(arg), Some(count)) = (work.arg(0), count(work)) else { return work.undecided() };
    match &arg.data {
        Data::Array(array) if array.open.is_none() => {
            work.give_items(array.items.iter().take(count).map(|item| mark(item.clone(), arg.secret)).collect())
        }
        Data::String(text) => slice(work, text, 0, count),
        Data::Pattern(pattern) => {
            let literal = units(head(pattern));
            if literal.len() >= count { slice(work, head(pattern), 0, count) } else { work.undecided() }
        }
        _ => work.undecided(),
    }
}

fn skip(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(arg), Some(count)) = (work.arg(0), count(work)) else { return work.undecided() };
    match &arg.data {
        Data::Array(array) if array.open.is_none() => {
            work.give_items(array.items.iter().skip(count).map(|item| mark(item.clone(), arg.secret)).collect())
        }
        Data::String(text) => slice(work, text, count, usize::MAX),
        Data::Pattern(pattern) => match without_head(pattern, count) {
            Some(rest) => work.give_pattern(rest),
            None => work.undecided(),
        },
        _ => work.undecided(),
    }
}

/// The units of a text from one place on, so many.
pub(super) fn slice(work: &Work<'_, '_, '_>, text: &str, start: usize, count: usize) -> Answer {
    let units = units(text);
    let start = start.min(units.len());
    let end = start.saturating_add(count).min(units.len());
    match from_units(units.get(start..end).unwrap_or_default()) {
        Some(text) => work.give_str(&text),
        None => Err(work.refuse(0, "this cuts a character in two halves; half of it is no text")),
    }
}

/// A string without its first units, where these are known.
pub(super) fn without_head(pattern: &Pattern, count: usize) -> Option<Pattern> {
    let literal = units(head(pattern));
    if literal.len() < count {
        return None;
    }
    let mut rest = Pattern::new();
    rest.push_str(&from_units(literal.get(count..)?)?);
    for part in pattern.parts().iter().skip(usize::from(!literal.is_empty())) {
        match part {
            Part::Literal(text) => rest.push_str(text),
            Part::Hole(unknown) => rest.push_hole(unknown),
        }
    }
    Some(rest)
}

fn index_of(work: &Work<'_, '_, '_>, end: End) -> Answer {
    let [container, item] = work.args else { return work.undecided() };
    match &container.data {
        Data::Array(array) => index_of_item(work, array, item, end),
        Data::String(_) | Data::Pattern(_) => {
            work.expect(1, item, STRING)?;
            let Some(part) = item.as_str() else { return work.undecided() };
            if let Some(text) = container.as_str() {
                let found =
                    if end == End::First { find_ignoring_case(text, part) } else { rfind_ignoring_case(text, part) };
                return found.map_or_else(|| work.give_int(-1), |at| work.give_count(at));
            }
            let known = container.as_pattern().map(|pattern| find_ignoring_case(head(&pattern), part));
            match (known.flatten(), end) {
                (Some(at), End::First) => work.give_count(at),
                (Some(_), End::Last) | (None, _) => work.undecided(),
            }
        }
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Object(_) | Data::Unknown(_) => {
            work.undecided()
        }
    }
}

fn index_of_item(work: &Work<'_, '_, '_>, array: &Array, item: &Value, end: End) -> Answer {
    if array.open.is_some() {
        return work.undecided();
    }
    let mut places: Vec<(usize, &Value)> = array.items.iter().enumerate().collect();
    if end == End::Last {
        places.reverse();
    }
    for (i, element) in places {
        match equal(element, item) {
            Truth::True => return work.give_count(i),
            Truth::Unknown => return work.undecided(),
            Truth::False => {}
        }
    }
    work.give_int(-1)
}
