//! `if`, `and`, `or`, `not`, `true`, `false`, `bool`.
//!
//! In: booleans. Out: booleans, or the chosen value. Must not know: other functions.

use super::{ANY, BOOL, Body, FLOAT, INT, MANY, Row, STRING, Site, Work, kind_name, row};
use crate::expr::Refusal;
use crate::expr::ast::Expr;
use crate::expr::eval::{Answer, mark};
use crate::expr::symbol;
use crate::value::{Data, Reason, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("if", (3, 3), &[BOOL, ANY, ANY], Body::Lazy(choose)),
    row("and", (2, MANY), &[BOOL], Body::Lazy(|site| all_or_any(site, false))).gives(Type::Bool),
    row("or", (2, MANY), &[BOOL], Body::Lazy(|site| all_or_any(site, true))).gives(Type::Bool),
    row("not", (1, 1), &[BOOL], Body::Strict(not)).gives(Type::Bool),
    row("true", (0, 0), &[], Body::Strict(|work| work.give_bool(true))).gives(Type::Bool),
    row("false", (0, 0), &[], Body::Strict(|work| work.give_bool(false))).gives(Type::Bool),
    row("bool", (1, 1), &[BOOL | INT | FLOAT | STRING], Body::Strict(to_bool)).gives(Type::Bool),
];

/// `if(condition, a, b)`: only the chosen branch is evaluated. With an unknown condition it is one of both; a branch
/// that Azure refuses cannot be the one.
fn choose(site: &Site<'_, '_>) -> Answer {
    let [condition, yes, no] = site.args else { return Err(Refusal::new(site.at.clone(), "if takes 3 arguments")) };
    let value = site.run.value(condition)?;
    match &value.data {
        Data::Bool(true) => site.run.value(yes),
        Data::Bool(false) => site.run.value(no),
        Data::Unknown(unknown) => {
            let (a, b) = (site.run.value(yes), site.run.value(no));
            let branch = |answer: Answer, expr: &Expr| match answer {
                Err(refusal) if refusal.reason != Reason::Limit => Ok(super::unreached(site, expr, unknown.reason)),
                answer => answer,
            };
            let (a, b) = (branch(a, yes)?, branch(b, no)?);
            let args = [value.clone(), a, b];
            super::scan(site, &args)?;
            let whole = Unknown::new(unknown.reason, symbol::call("if", &args));
            let [_, a, b] = args;
            Ok(site.run.one_of(whole, vec![a, b], site.at))
        }
        Data::Null
        | Data::Int(_)
        | Data::Float(_)
        | Data::String(_)
        | Data::Pattern(_)
        | Data::Array(_)
        | Data::Object(_) => {
            let message = format!("if wants its first argument to be a boolean, not {}", kind_name(&value));
            Err(Refusal::new(condition.at.clone(), message))
        }
    }
}

/// `and` ends at the first `false`, `or` at the first `true`; what follows is not evaluated.
fn all_or_any(site: &Site<'_, '_>, ends: bool) -> Answer {
    let name = if ends { "or" } else { "and" };
    let mut unknowns: Vec<Value> = Vec::new();
    let mut secret = false;
    for (i, arg) in site.args.iter().enumerate() {
        let value = match (site.run.value(arg), symbol::reason_of(&unknowns)) {
            (Ok(value), _) => value,
            // Behind an unknown that may end the call, Azure may never come here.
            (Err(refusal), Some(reason)) if refusal.reason != Reason::Limit => super::unreached(site, arg, reason),
            (Err(refusal), _) => return Err(refusal),
        };
        secret |= value.secret;
        match &value.data {
            Data::Bool(value) if *value == ends => {
                let origin = site.run.computed(name, site.at);
                return Ok(mark(Value::bool(ends, origin), secret));
            }
            Data::Bool(_) => {}
            Data::Unknown(_) => unknowns.push(value),
            Data::Null
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Pattern(_)
            | Data::Array(_)
            | Data::Object(_) => {
                if unknowns.is_empty() {
                    let (which, found) = (super::ordinal(i), kind_name(&value));
                    let message = format!("{name} wants its {which} argument to be a boolean, not {found}");
                    return Err(Refusal::new(arg.at.clone(), message));
                }
                unknowns.push(value);
            }
        }
    }
    let origin = site.run.computed(name, site.at);
    if unknowns.is_empty() {
        return Ok(mark(Value::bool(!ends, origin), secret));
    }
    if let [only] = unknowns.as_slice()
        && only.as_unknown().is_some_and(|unknown| unknown.ty == Some(Type::Bool))
    {
        return Ok(mark(only.clone(), secret)); // the known ones do not matter
    }
    let reason = symbol::reason_of(&unknowns).unwrap_or(Reason::RuntimeFunction);
    let unknown = Unknown::new(reason, symbol::call(name, &unknowns)).typed(Type::Bool);
    Ok(mark(Value::unknown(unknown, origin), secret))
}

fn not(work: &Work<'_, '_, '_>) -> Answer {
    match work.arg(0).map(|arg| &arg.data) {
        Some(Data::Bool(value)) => work.give_bool(!value),
        _ => work.undecided(),
    }
}

fn to_bool(work: &Work<'_, '_, '_>) -> Answer {
    match work.arg(0).map(|arg| &arg.data) {
        Some(Data::Bool(value)) => work.give_bool(*value),
        Some(Data::Int(number)) => work.give_bool(*number != 0),
        Some(Data::Float(number)) => work.give_bool(*number != 0.0),
        Some(Data::String(text)) if text.trim().eq_ignore_ascii_case("true") => work.give_bool(true),
        Some(Data::String(text)) if text.trim().eq_ignore_ascii_case("false") => work.give_bool(false),
        _ => Err(work.refuse(0, "bool reads only 'true' and 'false'")),
    }
}
