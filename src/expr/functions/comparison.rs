//! `equals`, `less`, `greater`, `coalesce`, `like` and their kin.
//!
//! In: two values. Out: booleans, unknown where the values do not decide. Must not know: other functions.

use std::cmp::Ordering;

use super::{ANY, Body, FLOAT, INT, MANY, Row, STRING, Site, Work, row};
use crate::expr::eval::{Answer, mark};
use crate::expr::symbol;
use crate::value::compare::same;
use crate::value::{Data, Origin, Reason, Truth, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("equals", (2, 2), &[ANY], Body::Open(equals)).gives(Type::Bool),
    row("less", (2, 2), &[ANY], Body::Open(|w| compare(w, Ordering::is_lt))).gives(Type::Bool),
    row("lessOrEquals", (2, 2), &[ANY], Body::Open(|w| compare(w, Ordering::is_le))).gives(Type::Bool),
    row("greater", (2, 2), &[ANY], Body::Open(|w| compare(w, Ordering::is_gt))).gives(Type::Bool),
    row("greaterOrEquals", (2, 2), &[ANY], Body::Open(|w| compare(w, Ordering::is_ge))).gives(Type::Bool),
    row("coalesce", (0, MANY), &[ANY], Body::Lazy(coalesce)),
    row("like", (2, 2), &[STRING], Body::Strict(like)).gives(Type::Bool),
];

fn equals(work: &Work<'_, '_, '_>) -> Answer {
    let [a, b] = work.args else { return work.undecided() };
    match same(a, b) {
        Truth::True => work.give_bool(true),
        Truth::False => work.give_bool(false),
        Truth::Unknown => work.undecided(),
    }
}

fn compare(work: &Work<'_, '_, '_>, holds: fn(Ordering) -> bool) -> Answer {
    let [a, b] = work.args else { return work.undecided() };
    let text = |value: &Value| super::kind_of(value).is_some_and(|kind| kind == STRING);
    let wanted = if text(a) || text(b) { STRING } else { INT | FLOAT };
    work.expect(0, a, wanted)?;
    work.expect(1, b, wanted)?;
    let ordering = match (&a.data, &b.data) {
        (Data::Int(x), Data::Int(y)) => x.cmp(y),
        (Data::String(x), Data::String(y)) => super::collation::compare(x, y),
        (Data::Int(_) | Data::Float(_), Data::Int(_) | Data::Float(_)) => {
            super::numeric::float_of(a).total_cmp(&super::numeric::float_of(b))
        }
        _ => return work.undecided(),
    };
    work.give_bool(holds(ordering))
}

/// The first argument that is not null; what follows it is not evaluated.
///
/// Behind an unknown, which may be null, the answer is unknown too; the last argument then is one of several.
fn coalesce(site: &Site<'_, '_>) -> Answer {
    let mut before: Vec<Value> = Vec::new();
    for arg in site.args {
        let value = match (site.run.value(arg), symbol::reason_of(&before)) {
            (Ok(value), _) => value,
            (Err(refusal), Some(reason)) if refusal.reason != Reason::Limit => super::unreached(site, arg, reason),
            (Err(refusal), _) => return Err(refusal),
        };
        match &value.data {
            Data::Null => {}
            Data::Unknown(unknown) if never_null(unknown) => return finish(site, before, value),
            Data::Unknown(_) => before.push(value),
            _ => return finish(site, before, value),
        }
    }
    let Some(last) = before.pop() else {
        return Ok(Value::null(site.run.computed("coalesce", site.at)));
    };
    finish(site, before, last)
}

/// Whether an unknown certainly is not null: each of its few values is another one.
fn never_null(unknown: &Unknown) -> bool {
    unknown.domain.as_deref().is_some_and(|domain| domain.iter().all(|member| !member.is_null()))
}

fn finish(site: &Site<'_, '_>, mut before: Vec<Value>, last: Value) -> Answer {
    if before.is_empty() {
        return Ok(last);
    }
    before.push(last);
    super::scan(site, &before)?;
    let reason = symbol::reason_of(&before).unwrap_or(Reason::RuntimeFunction);
    let mut whole = Unknown::new(reason, symbol::call("coalesce", &before));
    let ty = before.first().and_then(Value::ty);
    whole.ty = ty.filter(|_| before.iter().all(|value| value.ty() == ty));
    let secret = before.iter().any(|value| value.secret);
    let members = finite(&before);
    let value = match members {
        Some(members) => site.run.one_of(whole, members, site.at),
        None => Value::unknown(whole, Origin::at(site.run.span(site.at))),
    };
    Ok(mark(value, secret))
}

/// The values that a `coalesce` of finite unknowns and one last value can have.
fn finite(values: &[Value]) -> Option<Vec<Value>> {
    let mut members = Vec::new();
    let (last, before) = values.split_last()?;
    for value in before {
        let domain = value.as_unknown()?.domain.as_deref()?;
        members.extend(domain.iter().filter(|member| !member.is_null()).cloned());
    }
    members.push(last.clone());
    Some(members)
}

/// Whether a text matches a pattern of `*` and `?`, ignoring case.
fn like(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(text), Some(pattern)) = (work.str(0), work.str(1)) else { return work.undecided() };
    let text: Vec<char> = super::string::upper(text).chars().collect();
    let pattern: Vec<char> = super::string::upper(pattern).chars().collect();
    work.site.run.spend(text.len().saturating_mul(pattern.len()) / 16, work.site.at)?;
    work.give_bool(matches(&text, &pattern))
}

/// Greedy with one place to come back to: no text takes longer than the product of both lengths.
fn matches(text: &[char], pattern: &[char]) -> bool {
    let (mut t, mut p) = (0, 0);
    let mut back: Option<(usize, usize)> = None;
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                back = Some((t, p));
                p += 1;
            }
            Some(c) if *c == '?' || text.get(t) == Some(c) => {
                t += 1;
                p += 1;
            }
            _ => match back {
                Some((bt, bp)) => {
                    back = Some((bt + 1, bp));
                    t = bt + 1;
                    p = bp + 1;
                }
                None => return false,
            },
        }
    }
    pattern.get(p..).unwrap_or_default().iter().all(|c| *c == '*')
}
