//! Functions that take a lambda: `map`, `filter`, `reduce`, `sort`, `toObject`, `groupBy`, `mapValues`.
//!
//! In: an array or object, and the syntax of a lambda. Out: what the lambda makes of the elements. Must not know: what
//! is in the lambda.

use std::sync::Arc;

use super::{ANY, ARRAY, Body, Kinds, OBJECT, Row, Site, kind_name, kind_of, ordinal, row};
use crate::expr::ast::{Call, Expr, Kind};
use crate::expr::eval::{Answer, mark};
use crate::expr::{Refusal, symbol};
use crate::value::{Array, Data, Key, Object, Origin, Reason, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("map", (2, 2), &[ARRAY, ANY], Body::Lazy(map)).gives(Type::Array),
    row("filter", (2, 2), &[ARRAY, ANY], Body::Lazy(filter)).gives(Type::Array),
    row("reduce", (3, 3), &[ARRAY, ANY], Body::Lazy(reduce)),
    row("sort", (2, 2), &[ARRAY, ANY], Body::Lazy(sort)).gives(Type::Array),
    row("toObject", (2, 3), &[ARRAY, ANY], Body::Lazy(to_object)).gives(Type::Object),
    row("groupBy", (2, 3), &[ARRAY, ANY], Body::Lazy(group_by)).gives(Type::Object),
    row("mapValues", (2, 2), &[OBJECT, ANY], Body::Lazy(map_values)).gives(Type::Object),
    row("lambda", (1, 255), &[ANY], Body::Lazy(misplaced)),
    row("lambdaVariables", (1, 1), &[ANY], Body::Lazy(variable)),
];

fn misplaced(site: &Site<'_, '_>) -> Answer {
    Err(Refusal::new(site.at.clone(), "a lambda stands only in map(), filter() and their kin"))
}

/// `lambdaVariables('x')`: the innermost one of that name.
fn variable(site: &Site<'_, '_>) -> Answer {
    let name = site.args.first().map(|arg| site.run.value(arg)).transpose()?;
    let Some(name) = name.as_ref().and_then(Value::as_str) else {
        return Err(Refusal::new(site.at.clone(), "lambdaVariables takes the name of a lambda's variable"));
    };
    let lambdas = site.run.lambdas.borrow();
    match lambdas.iter().rev().find(|(variable, _)| variable.eq_ignore_ascii_case(name)) {
        Some((_, value)) => Ok(value.clone()),
        None => Err(Refusal::new(site.at.clone(), format!("no lambda around has a variable `{name}`"))),
    }
}

/// A lambda: the names of its variables and its body.
struct Lambda<'r> {
    names: Vec<Arc<str>>,
    body: &'r Expr,
    call: &'r Call,
}

impl<'r> Lambda<'r> {
    /// The argument at a place, which must be a lambda of so many variables.
    fn at(site: &Site<'r, '_>, i: usize, (least, most): (usize, usize)) -> Result<Self, Refusal> {
        let Some(arg) = site.args.get(i) else {
            return Err(Refusal::new(site.at.clone(), "a lambda is missing"));
        };
        let Some(call) = arg.as_call().filter(|call| call.is("lambda")) else {
            let message = format!("{} wants its {} argument to be a lambda('x', …)", site.name, ordinal(i));
            return Err(Refusal::new(arg.at.clone(), message));
        };
        let Some((body, names)) = call.args.split_last() else {
            return Err(Refusal::new(arg.at.clone(), "a lambda has variables and a body"));
        };
        let names: Option<Vec<Arc<str>>> = names
            .iter()
            .map(|name| if let Kind::String(text) = &name.kind { Some(Arc::clone(text)) } else { None })
            .collect();
        let Some(names) = names else {
            return Err(Refusal::new(arg.at.clone(), "the variables of a lambda are written as strings"));
        };
        if names.len() < least || names.len() > most {
            let wanted = if least == most { least.to_string() } else { format!("{least} or {most}") };
            let message = format!("the lambda of {} has {wanted} variables, not {}", site.name, names.len());
            return Err(Refusal::new(arg.at.clone(), message));
        }
        Ok(Self { names, body, call })
    }

    fn apply(&self, site: &Site<'_, '_>, values: &[Value]) -> Answer {
        let depth = site.run.lambdas.borrow().len();
        let variables = self.names.iter().cloned().zip(values.iter().cloned());
        site.run.lambdas.borrow_mut().extend(variables);
        let answer = site.run.value(self.body);
        site.run.lambdas.borrow_mut().truncate(depth);
        answer
    }

    /// What the body takes from around it, for the identity of a call that is not decided.
    fn captured(&self, site: &Site<'_, '_>) -> Vec<Value> {
        let mut taken = Vec::new();
        self.body.visit(&mut |expr| {
            let Some(call) = expr.as_call() else { return };
            let own = |name: &str| self.names.iter().any(|own| own.eq_ignore_ascii_case(name));
            let variable = call.is("lambdaVariables")
                && call.args.first().and_then(Expr::as_string).is_some_and(|name| !own(name));
            if (variable || call.is("parameters") || call.is("variables") || call.is("copyIndex"))
                && let Ok(value) = site.run.value(expr)
            {
                taken.push(match super::scan(site, std::slice::from_ref(&value)) {
                    Ok(_) => value,
                    Err(_) => super::unreached(site, expr, Reason::Limit),
                });
            }
        });
        taken
    }
}

/// The first argument, of a kind.
fn subject(site: &Site<'_, '_>, wanted: Kinds) -> Result<Value, Refusal> {
    let Some(arg) = site.args.first() else {
        return Err(Refusal::new(site.at.clone(), "an argument is missing"));
    };
    let value = site.run.value(arg)?;
    match kind_of(&value) {
        Some(kind) if kind & wanted == 0 && super::unsettled(&value) => {
            let symbol = symbol::show(&value);
            let reason = symbol::reason_of(std::slice::from_ref(&value)).unwrap_or(Reason::RuntimeFunction);
            Ok(Value::unknown(Unknown::new(reason, symbol), value.origin))
        }
        Some(kind) if kind & wanted == 0 => {
            let (what, found) = (super::kinds_name(wanted), kind_name(&value));
            Err(Refusal::new(
                arg.at.clone(),
                format!("{} wants its first argument to be {what}, not {found}", site.name),
            ))
        }
        Some(_) | None => Ok(value),
    }
}

/// With an unknown first argument, Azure does not look at the others.
fn late(site: &Site<'_, '_>, value: &Value, answer: Answer) -> Answer {
    match answer {
        Err(refusal) if value.as_unknown().is_some() && refusal.reason != Reason::Limit => {
            super::scan(site, std::slice::from_ref(value))?;
            Ok(unknown(site, whole(site, None, std::slice::from_ref(value), &[]), value.secret))
        }
        answer => answer,
    }
}

/// The unknown that the call is.
fn whole(site: &Site<'_, '_>, ty: Option<Type>, known: &[Value], lambdas: &[&Lambda<'_>]) -> Unknown {
    let texts: Vec<String> = lambdas.iter().map(|lambda| lambda.call.to_string()).collect();
    let captured: Vec<Value> = lambdas.iter().flat_map(|lambda| lambda.captured(site)).collect();
    let mut parts: Vec<Result<&str, &Value>> = vec![Ok(site.name), Ok("(")];
    for value in known {
        parts.extend([Err(value), Ok(", ")]);
    }
    parts.extend(texts.iter().map(|text| Ok(text.as_str())));
    for value in &captured {
        parts.extend([Ok("; "), Err(value)]);
    }
    parts.push(Ok(")"));
    let mut reasons = known.to_vec();
    reasons.extend(captured.iter().cloned());
    let mut unknown =
        Unknown::new(symbol::reason_of(&reasons).unwrap_or(Reason::RuntimeFunction), symbol::of_parts(&parts));
    unknown.ty = ty;
    unknown
}

fn give(site: &Site<'_, '_>, data: Data, secret: bool) -> Value {
    mark(Value::new(data, site.run.computed(site.name, site.at)), secret)
}

fn unknown(site: &Site<'_, '_>, unknown: Unknown, secret: bool) -> Value {
    mark(Value::unknown(unknown, site.run.computed(site.name, site.at)), secret)
}

/// Runs over each value that a finite unknown can have.
fn members(
    site: &Site<'_, '_>,
    value: &Value,
    whole: impl FnOnce() -> Unknown,
    each: &dyn Fn(&Value) -> Answer,
) -> Answer {
    super::scan(site, std::slice::from_ref(value))?;
    let domain = value.as_unknown().and_then(|unknown| unknown.domain.clone());
    let found: Option<Vec<Value>> = domain.and_then(|domain| {
        domain.iter().map(|member| if member.is_null() { None } else { each(member).ok() }).collect()
    });
    Ok(mark(site.run.one_of(whole(), found.unwrap_or_default(), site.at), value.secret))
}

fn integer(site: &Site<'_, '_>, i: usize) -> Value {
    Value::new(Data::Int(i64::try_from(i).unwrap_or(i64::MAX)), Origin::at(site.run.span(site.at)))
}

fn wrong_result(lambda: &Lambda<'_>, site: &Site<'_, '_>, wanted: &str, found: &Value) -> Refusal {
    let message = format!("the lambda of {} must give {wanted}, not {}", site.name, kind_name(found));
    Refusal::new(lambda.body.at.clone(), message)
}

fn map(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, ARRAY)?;
    late(site, &value, map_all(site, &value))
}

fn map_all(site: &Site<'_, '_>, value: &Value) -> Answer {
    let lambda = Lambda::at(site, 1, (1, 2))?;
    map_over(site, &lambda, value)
}

fn map_over(site: &Site<'_, '_>, lambda: &Lambda<'_>, value: &Value) -> Answer {
    let whole = || whole(site, Some(Type::Array), std::slice::from_ref(value), &[lambda]);
    let Some(array) = value.as_array() else {
        return members(site, value, whole, &|member| map_over(site, lambda, member));
    };
    let mut items = Vec::new();
    for (i, item) in array.items.iter().enumerate() {
        items.push(lambda.apply(site, &[mark(item.clone(), value.secret), integer(site, i)])?);
    }
    let open = array.open.is_some().then(|| Arc::new(whole()));
    Ok(give(site, Data::Array(Arc::new(Array { items, open })), false))
}

fn filter(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, ARRAY)?;
    late(site, &value, filter_all(site, &value))
}

fn filter_all(site: &Site<'_, '_>, value: &Value) -> Answer {
    let lambda = Lambda::at(site, 1, (1, 2))?;
    filter_over(site, &lambda, value)
}

fn filter_over(site: &Site<'_, '_>, lambda: &Lambda<'_>, value: &Value) -> Answer {
    let whole = || whole(site, Some(Type::Array), std::slice::from_ref(value), &[lambda]);
    let Some(array) = value.as_array() else {
        return members(site, value, whole, &|member| filter_over(site, lambda, member));
    };
    let mut items = Vec::new();
    let mut open = array.open.is_some();
    for (i, item) in array.items.iter().enumerate() {
        let item = mark(item.clone(), value.secret);
        let keep = lambda.apply(site, &[item.clone(), integer(site, i)])?;
        match &keep.data {
            Data::Bool(true) => items.push(item),
            Data::Bool(false) => {}
            Data::Unknown(_) => open = true,
            _ => return Err(wrong_result(lambda, site, "a boolean", &keep)),
        }
    }
    let open = open.then(|| Arc::new(whole()));
    Ok(give(site, Data::Array(Arc::new(Array { items, open })), false))
}

fn reduce(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, ARRAY)?;
    let start = site.args.get(1).map(|arg| site.run.value(arg)).transpose()?;
    let lambda = Lambda::at(site, 2, (2, 3))?;
    let mut current = start.unwrap_or_else(|| Value::null(value.origin));
    let whole = |current: &Value| whole(site, None, &[value.clone(), current.clone()], &[&lambda]);
    let array = match value.as_array() {
        Some(array) if array.open.is_none() => array,
        Some(_) | None => {
            super::scan(site, &[value.clone(), current.clone()])?;
            return Ok(unknown(site, whole(&current), value.secret || current.secret));
        }
    };
    for (i, item) in array.items.iter().enumerate() {
        current = lambda.apply(site, &[current, mark(item.clone(), value.secret), integer(site, i)])?;
    }
    Ok(current)
}

fn sort(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, ARRAY)?;
    late(site, &value, sort_all(site, &value))
}

fn sort_all(site: &Site<'_, '_>, value: &Value) -> Answer {
    let lambda = Lambda::at(site, 1, (2, 2))?;
    let whole = || whole(site, Some(Type::Array), std::slice::from_ref(value), &[&lambda]);
    let array = match value.as_array() {
        Some(array) if array.open.is_none() => array,
        Some(_) | None => {
            super::scan(site, std::slice::from_ref(value))?;
            return Ok(unknown(site, whole(), value.secret));
        }
    };
    let items: Vec<Value> = array.items.iter().map(|item| mark(item.clone(), value.secret)).collect();
    match sorted(site, &lambda, items)? {
        Some(items) => Ok(give(site, Data::Array(Arc::new(Array { items, open: None })), false)),
        None => {
            super::scan(site, std::slice::from_ref(value))?;
            Ok(unknown(site, whole(), value.secret))
        }
    }
}

/// Sorts by a lambda that says whether its first argument comes before its second; `None` where one comparison is
/// unknown. Merges, so that equal elements keep their order, however little sense the lambda makes.
fn sorted(site: &Site<'_, '_>, lambda: &Lambda<'_>, items: Vec<Value>) -> Result<Option<Vec<Value>>, Refusal> {
    if items.len() < 2 {
        return Ok(Some(items));
    }
    let mut left = items;
    let right = left.split_off(left.len() / 2);
    let (Some(left), Some(right)) = (sorted(site, lambda, left)?, sorted(site, lambda, right)?) else {
        return Ok(None);
    };
    let mut merged = Vec::with_capacity(left.len() + right.len());
    let mut left = left.into_iter().peekable();
    let mut right = right.into_iter().peekable();
    while let (Some(a), Some(b)) = (left.peek(), right.peek()) {
        let Some(first) = comes_before(site, lambda, a, b)? else { return Ok(None) };
        let Some(second) = (if first { Some(false) } else { comes_before(site, lambda, b, a)? }) else {
            return Ok(None);
        };
        merged.extend(if second { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(Some(merged))
}

fn comes_before(site: &Site<'_, '_>, lambda: &Lambda<'_>, a: &Value, b: &Value) -> Result<Option<bool>, Refusal> {
    let answer = lambda.apply(site, &[a.clone(), b.clone()])?;
    match &answer.data {
        Data::Bool(before) => Ok(Some(*before)),
        Data::Unknown(_) => Ok(None),
        _ => Err(wrong_result(lambda, site, "a boolean", &answer)),
    }
}

fn member_key(name: &str, at: Origin) -> Key {
    Key { name: name.into(), at: at.at }
}

fn to_object(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, ARRAY)?;
    late(site, &value, to_object_all(site, &value))
}

fn to_object_all(site: &Site<'_, '_>, value: &Value) -> Answer {
    let keys = Lambda::at(site, 1, (1, 1))?;
    let values = if site.args.len() == 3 { Some(Lambda::at(site, 2, (1, 1))?) } else { None };
    let lambdas: Vec<&Lambda<'_>> = std::iter::once(&keys).chain(values.as_ref()).collect();
    let whole = || whole(site, Some(Type::Object), std::slice::from_ref(value), &lambdas);
    let array = match value.as_array() {
        Some(array) if array.open.is_none() => array,
        Some(_) | None => {
            super::scan(site, std::slice::from_ref(value))?;
            return Ok(unknown(site, whole(), value.secret));
        }
    };
    let mut object = Object::new();
    let mut open = false;
    let mut secret = false;
    for item in &array.items {
        let item = mark(item.clone(), value.secret);
        let key = keys.apply(site, std::slice::from_ref(&item))?;
        secret |= key.secret;
        let member = match &values {
            Some(values) => values.apply(site, std::slice::from_ref(&item))?,
            None => item,
        };
        match &key.data {
            Data::String(name) if object.get(name).is_some() => {
                let message = if key.secret {
                    "two elements have the same key".to_owned()
                } else {
                    format!("two elements have the key `{name}`")
                };
                return Err(Refusal::new(keys.body.at.clone(), message));
            }
            Data::String(name) => {
                site.run.spend(object.len() / 16, site.at)?;
                object.push(member_key(name, key.origin), member);
            }
            Data::Unknown(_) | Data::Pattern(_) => open = true,
            _ => return Err(wrong_result(&keys, site, "a string", &key)),
        }
    }
    if open {
        object.open = Some(Arc::new(whole()));
    }
    Ok(give(site, Data::Object(Arc::new(object)), secret))
}

fn group_by(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, ARRAY)?;
    late(site, &value, group_by_all(site, &value))
}

fn group_by_all(site: &Site<'_, '_>, value: &Value) -> Answer {
    let lambda = Lambda::at(site, 1, (1, 2))?;
    let values = if site.args.len() == 3 { Some(Lambda::at(site, 2, (1, 2))?) } else { None };
    let lambdas: Vec<&Lambda<'_>> = std::iter::once(&lambda).chain(values.as_ref()).collect();
    let whole = || whole(site, Some(Type::Object), std::slice::from_ref(value), &lambdas);
    let array = match value.as_array() {
        Some(array) if array.open.is_none() => array,
        Some(_) | None => {
            super::scan(site, std::slice::from_ref(value))?;
            return Ok(unknown(site, whole(), value.secret));
        }
    };
    let mut secret = false;
    let mut groups: Vec<(Key, Vec<Value>)> = Vec::new();
    for (i, item) in array.items.iter().enumerate() {
        let item = mark(item.clone(), value.secret);
        let key = lambda.apply(site, &[item.clone(), integer(site, i)])?;
        secret |= key.secret;
        let item = match &values {
            Some(values) => values.apply(site, &[item, integer(site, i)])?,
            None => item,
        };
        match &key.data {
            Data::String(name) => {
                site.run.spend(groups.len() / 16, site.at)?;
                match groups.iter_mut().find(|(key, _)| key.name.eq_ignore_ascii_case(name)) {
                    Some((_, group)) => group.push(item),
                    None => groups.push((member_key(name, key.origin), vec![item])),
                }
            }
            Data::Unknown(_) | Data::Pattern(_) => return Ok(unknown(site, whole(), value.secret)),
            _ => return Err(wrong_result(&lambda, site, "a string", &key)),
        }
    }
    let mut object = Object::new();
    for (key, items) in groups {
        let origin = Origin::at(key.at);
        object.push(key, Value::array(items, origin));
    }
    Ok(give(site, Data::Object(Arc::new(object)), secret))
}

fn map_values(site: &Site<'_, '_>) -> Answer {
    let value = subject(site, OBJECT)?;
    late(site, &value, map_values_all(site, &value))
}

fn map_values_all(site: &Site<'_, '_>, value: &Value) -> Answer {
    let lambda = Lambda::at(site, 1, (1, 1))?;
    map_values_over(site, &lambda, value)
}

fn map_values_over(site: &Site<'_, '_>, lambda: &Lambda<'_>, value: &Value) -> Answer {
    let whole = || whole(site, Some(Type::Object), std::slice::from_ref(value), &[lambda]);
    let Some(object) = value.as_object() else {
        return members(site, value, whole, &|member| map_values_over(site, lambda, member));
    };
    let mut mapped = Object::new();
    for (key, member) in object.iter() {
        let member = mark(member.clone(), value.secret);
        mapped.push(key.clone(), lambda.apply(site, &[member])?);
    }
    mapped.open = object.open.is_some().then(|| Arc::new(whole()));
    Ok(give(site, Data::Object(Arc::new(mapped)), false))
}
