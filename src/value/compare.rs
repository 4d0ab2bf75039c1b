//! Whether two values are the same.
//!
//! In: values. Out: [`Truth`]. Must not know: `equals` of the expression language, which adds type checks of its own.

use super::{Array, Data, Object, Truth, Value};

/// Whether two values are the same; strings compare with case, objects by members in any order.
///
/// Equal symbols are the same value. A finite unknown is compared member by member of its domain.
pub fn same(a: &Value, b: &Value) -> Truth {
    same_with(a, b, false)
}

/// As [`same`], but strings compare without case, as names, ids and enumerations of Azure do.
pub fn same_ignoring_case(a: &Value, b: &Value) -> Truth {
    same_with(a, b, true)
}

fn same_with(a: &Value, b: &Value, fold: bool) -> Truth {
    match (&a.data, &b.data) {
        (Data::Unknown(x), Data::Unknown(y)) if x.symbol == y.symbol => Truth::True,
        (Data::Unknown(x), _) if x.domain.is_some() => over_domain(x.domain.as_deref(), b, fold),
        (_, Data::Unknown(y)) if y.domain.is_some() => over_domain(y.domain.as_deref(), a, fold),
        (Data::Unknown(_) | Data::Pattern(_), _) | (_, Data::Unknown(_) | Data::Pattern(_)) => with_holes(a, b, fold),
        (Data::Null, Data::Null) => Truth::True,
        (Data::Bool(x), Data::Bool(y)) => (x == y).into(),
        (Data::Int(x), Data::Int(y)) => (x == y).into(),
        #[allow(clippy::cast_precision_loss, reason = "numbers of a template compare by value")]
        (Data::Int(x), Data::Float(y)) | (Data::Float(y), Data::Int(x)) => same_float(*x as f64, *y),
        (Data::Float(x), Data::Float(y)) => same_float(*x, *y),
        (Data::String(x), Data::String(y)) if fold => (x.to_lowercase() == y.to_lowercase()).into(),
        (Data::String(x), Data::String(y)) => (x == y).into(),
        (Data::Array(x), Data::Array(y)) => same_arrays(x, y, fold),
        (Data::Object(x), Data::Object(y)) => same_objects(x, y, fold),
        (
            Data::Null
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Array(_)
            | Data::Object(_),
            _,
        ) => Truth::False,
    }
}

fn same_float(a: f64, b: f64) -> Truth {
    (a - b).abs().le(&(f64::EPSILON * a.abs().max(b.abs()))).into()
}

fn over_domain(domain: Option<&[Value]>, other: &Value, fold: bool) -> Truth {
    let mut verdicts = domain.unwrap_or_default().iter().map(|member| same_with(member, other, fold));
    let Some(first) = verdicts.next() else { return Truth::Unknown };
    if verdicts.all(|verdict| verdict == first) { first } else { Truth::Unknown }
}

fn with_holes(a: &Value, b: &Value, fold: bool) -> Truth {
    match (a.as_pattern(), b.as_pattern()) {
        (Some(x), Some(y)) if fold => x.to_lowercase().same(&y.to_lowercase()),
        (Some(x), Some(y)) => x.same(&y),
        (Some(_) | None, None) | (None, Some(_)) => match (a.ty(), b.ty()) {
            (Some(x), Some(y)) if x != y => Truth::False,
            _ if [a, b].iter().any(|v| v.is_null()) && [a, b].iter().any(|v| matches!(v.data, Data::Pattern(_))) => {
                Truth::False // a string with holes is not null, while an unknown may be
            }
            (Some(_) | None, _) => Truth::Unknown,
        },
    }
}

fn same_arrays(a: &Array, b: &Array, fold: bool) -> Truth {
    if a.open.is_some() || b.open.is_some() {
        return Truth::Unknown;
    }
    if a.items.len() != b.items.len() {
        return Truth::False;
    }
    a.items.iter().zip(&b.items).map(|(x, y)| same_with(x, y, fold)).min().unwrap_or(Truth::True)
}

fn same_objects(a: &Object, b: &Object, fold: bool) -> Truth {
    if a.open.is_some() || b.open.is_some() {
        return Truth::Unknown;
    }
    if a.len() != b.len() {
        return Truth::False;
    }
    a.iter()
        .map(|(key, value)| b.get(&key.name).map_or(Truth::False, |other| same_with(value, other, fold)))
        .min()
        .unwrap_or(Truth::True)
}
