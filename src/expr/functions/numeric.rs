//! Functions on numbers: `add`, `div`, `int`, `float`, `min`, `max`, `range`, `copyIndex`.
//!
//! In: numbers. Out: numbers; what does not fit into 64 bits is refused. Must not know: other functions.

use super::{ARRAY, Body, FLOAT, INT, MANY, Row, STRING, Site, Work, Zeal, kind_of, row};
use crate::expr::eval::Answer;
use crate::expr::{Refusal, symbol};
use crate::value::{Data, Reason, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("add", (2, 2), &[INT], Body::Strict(|work| arithmetic(work, i64::checked_add))).gives(Type::Number),
    row("sub", (2, 2), &[INT], Body::Strict(|work| arithmetic(work, i64::checked_sub))).gives(Type::Number),
    row("mul", (2, 2), &[INT], Body::Strict(|work| arithmetic(work, i64::checked_mul))).gives(Type::Number),
    row("div", (2, 2), &[INT], Body::Strict(|work| divide(work, i64::checked_div))).gives(Type::Number),
    row("mod", (2, 2), &[INT], Body::Strict(|work| divide(work, i64::checked_rem))).gives(Type::Number),
    row("int", (1, 1), &[INT | STRING], Body::Strict(int)).gives(Type::Number),
    row("float", (1, 1), &[INT | FLOAT | STRING], Body::Strict(float)).gives(Type::Number),
    row("min", (1, MANY), &[INT | FLOAT | ARRAY], Body::Open(|work| extreme(work, false)))
        .gives(Type::Number)
        .zeal(Zeal::All),
    row("max", (1, MANY), &[INT | FLOAT | ARRAY], Body::Open(|work| extreme(work, true)))
        .gives(Type::Number)
        .zeal(Zeal::All),
    row("range", (2, 2), &[INT], Body::Strict(range)).gives(Type::Array),
    row("copyIndex", (0, 2), &[STRING | INT, INT], Body::Lazy(copy_index)).gives(Type::Number),
];

/// A number as a fraction; 0 for anything else.
#[allow(clippy::cast_precision_loss, reason = "numbers of a template compare by value")]
pub(super) fn float_of(value: &Value) -> f64 {
    match value.data {
        Data::Int(number) => number as f64,
        Data::Float(number) => number,
        _ => 0.0,
    }
}

fn arithmetic(work: &Work<'_, '_, '_>, apply: fn(i64, i64) -> Option<i64>) -> Answer {
    let (Some(a), Some(b)) = (work.int(0), work.int(1)) else { return work.undecided() };
    match apply(a, b) {
        Some(number) => work.give_int(number),
        None => Err(work.refuse_all(format!("{} of {a} and {b} does not fit into 64 bits", work.row.name))),
    }
}

fn divide(work: &Work<'_, '_, '_>, apply: fn(i64, i64) -> Option<i64>) -> Answer {
    if work.int(1) == Some(0) {
        return Err(work.refuse(1, format!("{} by zero", work.row.name)));
    }
    arithmetic(work, apply)
}

fn int(work: &Work<'_, '_, '_>) -> Answer {
    match work.arg(0).map(|arg| &arg.data) {
        Some(Data::Int(number)) => work.give_int(*number),
        Some(Data::String(text)) => match whole_number(text) {
            Some(number) => work.give_int(number),
            None => Err(work.refuse(0, "int reads only a whole number of 64 bits")),
        },
        _ => work.undecided(),
    }
}

/// Digits with an optional sign, white space around them.
pub(super) fn whole_number(text: &str) -> Option<i64> {
    text.trim_matches(is_space).parse().ok()
}

/// What number parsers skip.
fn is_space(c: char) -> bool {
    matches!(c, ' ' | '\t'..='\r')
}

fn float(work: &Work<'_, '_, '_>) -> Answer {
    match work.arg(0).map(|arg| &arg.data) {
        Some(Data::Int(_) | Data::Float(_)) => {
            let number = work.arg(0).map_or(0.0, float_of);
            work.give(Data::Float(number))
        }
        Some(Data::String(text)) => match fraction(text) {
            Some(number) => work.give(Data::Float(number)),
            None => Err(work.refuse(0, "float reads only a number")),
        },
        _ => work.undecided(),
    }
}

/// A number in the invariant culture: commas between digits do not count, and an exponent may follow.
pub(super) fn fraction(text: &str) -> Option<f64> {
    let text = text.trim_matches(is_space);
    match text.to_ascii_lowercase().as_str() {
        "nan" | "+nan" | "-nan" => return Some(f64::NAN),
        "infinity" | "+infinity" | "∞" => return Some(f64::INFINITY),
        "-infinity" | "-∞" => return Some(f64::NEG_INFINITY),
        _ => {}
    }
    let (mantissa, exponent) = match text.find(['e', 'E']) {
        Some(at) => (text.get(..at)?, text.get(at..)?),
        None => (text, ""),
    };
    let digits: String = mantissa.chars().filter(|c| *c != ',').collect();
    let valid = digits.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-'))
        && digits.bytes().any(|b| b.is_ascii_digit())
        && !mantissa.starts_with(',')
        && !mantissa.split('.').nth(1).is_some_and(|after| after.contains(','));
    if !valid {
        return None;
    }
    format!("{digits}{exponent}").parse().ok()
}

/// The least or the greatest of some numbers, or of the numbers of one array.
fn extreme(work: &Work<'_, '_, '_>, greatest: bool) -> Answer {
    let items: &[Value] = match work.args {
        [only] => match &only.data {
            Data::Array(array) if array.open.is_some() => return work.undecided(),
            Data::Array(array) => &array.items,
            _ => work.args,
        },
        several => several,
    };
    let name = work.row.name;
    if items.is_empty() {
        return Err(work.refuse_all(format!("{name} wants at least one number")));
    }
    for item in items {
        if kind_of(item).is_some_and(|kind| kind & (INT | FLOAT) == 0) {
            let found = super::kind_name(item);
            return Err(work.refuse_all(format!("{name} compares numbers only, not {found}")));
        }
    }
    let mut best: Option<&Value> = None;
    for item in items {
        if kind_of(item).is_none() {
            return work.undecided();
        }
        let better = best.is_none_or(|best| {
            let order = order(item, best);
            if greatest { order.is_gt() } else { order.is_lt() }
        });
        if better {
            best = Some(item);
        }
    }
    match best {
        Some(best) => Ok(best.clone()),
        None => work.undecided(),
    }
}

fn order(a: &Value, b: &Value) -> std::cmp::Ordering {
    match (&a.data, &b.data) {
        (Data::Int(x), Data::Int(y)) => x.cmp(y),
        _ => float_of(a).total_cmp(&float_of(b)),
    }
}

fn range(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(start), Some(count)) = (work.int(0), work.int(1)) else { return work.undecided() };
    if !(0..=1000).contains(&count) {
        return Err(work.refuse(1, format!("range makes 0 to 1000 numbers, not {count}")));
    }
    match start.checked_add(count) {
        Some(end) if end <= i64::from(i32::MAX) => {
            work.give_items((start..end).map(|number| work.part(Data::Int(number))).collect())
        }
        Some(_) | None => Err(work.refuse_all("range ends above 2147483647")),
    }
}

/// `copyIndex()`, `copyIndex(offset)`, `copyIndex('loop')`, `copyIndex('loop', offset)`.
fn copy_index(site: &Site<'_, '_>) -> Answer {
    let args = site.run.values(site.args)?;
    let (name, offset) = match args.as_slice() {
        [] => (None, None),
        [first] if matches!(first.data, Data::Int(_)) || is_number(first) => (None, Some(first)),
        [name] => (Some(name), None),
        [name, offset, ..] => (Some(name), Some(offset)),
    };
    let wrong = |i: usize, what: &str| {
        let at = site.args.get(i).map_or(site.at, |arg| &arg.at);
        Refusal::new(at.clone(), format!("copyIndex takes the name of a loop and an offset; {what}"))
    };
    let name = match name {
        None => None,
        // Which loop is meant is known when the parameters are.
        Some(value) if matches!(value.data, Data::Unknown(_) | Data::Pattern(_)) => {
            let reason = symbol::reason_of(&args).unwrap_or(Reason::RuntimeFunction);
            let unknown = Unknown::new(reason, symbol::call("copyIndex", &args)).typed(Type::Number);
            let value = Value::unknown(unknown, site.run.computed(site.name, site.at));
            return Ok(if args.iter().any(|arg| arg.secret) { value.into_secret() } else { value });
        }
        Some(value) => Some(value.as_str().ok_or_else(|| wrong(0, "the name must be a string"))?),
    };
    let offset = match offset.map(|value| &value.data) {
        None => 0,
        Some(Data::Int(offset)) => *offset,
        Some(Data::Unknown(_)) => 0,
        Some(_) => return Err(wrong(1, "the offset must be a known whole number")),
    };
    let index = site.run.on.scope.copy_index(name, site.run.span(site.at));
    let secret = args.iter().any(|arg| arg.secret);
    let index = index.map_err(|message| {
        let message = if secret { "copyIndex does not know this loop".to_owned() } else { message };
        Refusal::new(site.at.clone(), message)
    })?;
    if let Some(unknown) = args.iter().find(|arg| arg.as_unknown().is_some()) {
        return Ok(moved(&index, unknown.clone()));
    }
    match index.data {
        Data::Int(number) if offset != 0 => {
            let moved = number.checked_add(offset).ok_or_else(|| wrong(1, "the offset is too large"))?;
            Ok(Value { data: Data::Int(moved), ..index })
        }
        Data::Unknown(_) if offset != 0 => Ok(moved(&index, Value::new(Data::Int(offset), index.origin))),
        _ => Ok(index),
    }
}

/// Whether a value that is not known is a number.
fn is_number(value: &Value) -> bool {
    value.as_unknown().is_some_and(|unknown| unknown.ty == Some(Type::Number))
}

/// An index and an offset of which one is not known.
fn moved(index: &Value, offset: Value) -> Value {
    let secret = index.secret || offset.secret;
    let args = [index.clone(), offset];
    let reason = symbol::reason_of(&args).unwrap_or(Reason::RuntimeFunction);
    let unknown = Unknown::new(reason, symbol::call("add", &args)).typed(Type::Number);
    let value = Value::unknown(unknown, index.origin);
    if secret { value.into_secret() } else { value }
}
