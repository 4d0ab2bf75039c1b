//! Syntax tree → value.
//!
//! In: [`Expr`], a [`Scope`], the trails of the file. Out: a [`Value`]; problems where Azure refuses.
//! Must not know: what the functions do (see [`super::functions`]).
//!
//! Values pass through `parameters()`, `variables()`, accesses and the functions that select with the place where
//! they were written; what a function computes stands where the call stands.

use std::cell::RefCell;
use std::sync::Arc;

use super::ast::{Access, AccessKind, Bytes, Call, Expr, Kind};
use super::functions::{self, Site};
use super::{Budget, Locate, Refusal, Scope, is_expression, parse, symbol, unescape};
use crate::diag::{Problem, Problems};
use crate::source::Span;
use crate::value::compare::same;
use crate::value::{Data, Hole, Origin, Reason, StepKind, Symbol, Trails, Truth, Type, Unknown, Value};

/// How many values a finite unknown may have.
const MEMBERS: usize = 32;

/// What evaluation gives inside of an expression: the first refusal ends the expression.
pub(super) type Answer = Result<Value, Refusal>;

/// How deep arrays and objects may be nested.
const NESTED: u32 = 200;

/// What some values hold.
#[derive(Clone, Copy, Default)]
pub(super) struct Flags {
    /// Something that is not known.
    pub(super) unknown: bool,
    /// Something secret.
    pub(super) secret: bool,
    /// Something secret whose text is at hand. What is known in spite of a secret that nobody holds does not rest on it.
    pub(super) held: bool,
}

/// Evaluates the expressions of one scope.
pub struct Evaluator<'a> {
    /// Answers what only the template knows.
    pub scope: &'a dyn Scope,
    /// The steps of all values of the file.
    pub trails: &'a RefCell<Trails>,
    /// Collects what Azure refuses.
    pub problems: &'a RefCell<Problems>,
    /// How much may be computed.
    pub budget: &'a Budget,
}

impl Evaluator<'_> {
    /// The value of a string of a template: an expression, or a literal (its escape undone).
    pub fn text(&self, text: &str, place: &dyn Locate) -> Value {
        if !is_expression(text) {
            return Value::string(&*unescape(text), Origin::at(place.whole()));
        }
        match parse(text) {
            Ok(expr) => self.evaluate(&expr, place),
            Err(refusal) => self.refused(refusal, place),
        }
    }

    /// The value of an expression. What is refused is reported, and its value is unknown.
    pub fn evaluate(&self, expr: &Expr, place: &dyn Locate) -> Value {
        let run = Run { on: self, place, top: expr.at.clone(), lambdas: RefCell::new(Vec::new()) };
        run.value(expr).unwrap_or_else(|refusal| self.refused(refusal, place))
    }

    /// Reports a refusal, of [`parse`] for instance; the value is unknown.
    pub fn refused(&self, refusal: Refusal, place: &dyn Locate) -> Value {
        let whole = place.whole();
        let span = place.span(refusal.at);
        let problem = match refusal.reason {
            Reason::Limit => Problem::note("expression-limit", span, refusal.message),
            _ => Problem::error("invalid-expression", span, refusal.message),
        };
        let mut problems = self.problems.borrow_mut();
        problems.push(match refusal.help {
            Some(help) => problem.with_help(help),
            None => problem,
        });
        // Two refused expressions are never the same value: the place is the identity.
        let site = format!("{}:{}:{}", whole.file.0, whole.start, whole.end);
        Value::unknown(Unknown::new(refusal.reason, Symbol::new("invalid expression", site)), Origin::at(whole))
    }
}

/// The evaluation of one expression.
pub(super) struct Run<'a> {
    pub(super) on: &'a Evaluator<'a>,
    pub(super) place: &'a dyn Locate,
    top: Bytes,
    /// The variables of the lambdas around, the innermost last.
    pub(super) lambdas: RefCell<Vec<(Arc<str>, Value)>>,
}

impl Run<'_> {
    /// The value of a sub-expression.
    pub(super) fn value(&self, expr: &Expr) -> Answer {
        self.spend(1, &expr.at)?;
        match &expr.kind {
            Kind::String(text) => Ok(Value::string(Arc::clone(text), self.literal(expr))),
            Kind::Int(number) => Ok(Value::new(Data::Int(*number), self.literal(expr))),
            Kind::Call(call) => {
                if !self.on.budget.enter() {
                    return Err(Refusal::limit(expr.at.clone(), "calls are nested too deep"));
                }
                let answer = self.call(call, &expr.at);
                self.on.budget.leave();
                answer
            }
            Kind::Access(base, path) => {
                let mut value = self.value(base)?;
                let way = value.origin;
                for access in path {
                    value = self.access(&value, access)?;
                }
                // What is read out of a parameter or a variable came the way of the whole.
                if base.as_call().is_some_and(|call| call.is("parameters") || call.is("variables")) {
                    value.origin = self.on.trails.borrow_mut().behind(way, value.origin);
                }
                // What is computed where it is read is one place with its reading.
                if value.origin.at == self.span(&base.at) {
                    value.origin.at = self.span(&expr.at);
                }
                Ok(value)
            }
        }
    }

    /// Uses up some of the budget.
    pub(super) fn spend(&self, steps: usize, at: &Bytes) -> Result<(), Refusal> {
        if self.on.budget.spend(u64::try_from(steps).unwrap_or(u64::MAX)) {
            Ok(())
        } else {
            Err(Refusal::limit(at.clone(), "the template is too large to compute"))
        }
    }

    /// Looks at every part of some values, within the budget: a value that holds itself many times is a bomb.
    pub(super) fn weigh(&self, values: &[Value], at: &Bytes) -> Result<Flags, Refusal> {
        let mut flags = Flags::default();
        values.iter().try_for_each(|value| self.weigh_one(value, at, &mut flags, 0))?;
        Ok(flags)
    }

    fn weigh_one(&self, value: &Value, at: &Bytes, flags: &mut Flags, depth: u32) -> Result<(), Refusal> {
        self.spend(1, at)?;
        if depth > NESTED {
            return Err(Refusal::limit(at.clone(), "the value is nested too deep"));
        }
        flags.secret |= value.secret;
        flags.held |= holds(value);
        match &value.data {
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => {}
            Data::Pattern(_) | Data::Unknown(_) => flags.unknown = true,
            Data::Array(array) => {
                flags.unknown |= array.open.is_some();
                array.items.iter().try_for_each(|item| self.weigh_one(item, at, flags, depth + 1))?;
            }
            Data::Object(object) => {
                flags.unknown |= object.open.is_some();
                object.iter().try_for_each(|(_, member)| self.weigh_one(member, at, flags, depth + 1))?;
            }
        }
        Ok(())
    }

    fn literal(&self, expr: &Expr) -> Origin {
        Origin::at(self.span(&expr.at))
    }

    /// The place of a sub-expression; the whole string for the outermost one.
    pub(super) fn span(&self, at: &Bytes) -> Span {
        if *at == self.top { self.place.whole() } else { self.place.span(at.clone()) }
    }

    /// The origin of what a call computes.
    pub(super) fn computed(&self, name: &str, at: &Bytes) -> Origin {
        let span = self.span(at);
        self.on.trails.borrow_mut().through(Origin::at(span), StepKind::Call(name.into()), span)
    }

    fn call(&self, call: &Call, at: &Bytes) -> Answer {
        if let Some(namespace) = &call.namespace {
            if call.args.iter().any(|arg| arg.mentions(namespace, &call.name)) {
                let message = format!("`{namespace}.{}` stands in its own argument, which Azure refuses", call.name);
                return Err(Refusal::new(call.name_at.clone(), message));
            }
            let args = self.values(&call.args)?;
            let span = self.span(at);
            return match self.on.scope.user_function(namespace, &call.name, &args, span) {
                Some(answer) => answer.map_err(|message| Refusal::new(at.clone(), message)),
                None => {
                    let message = format!("the template has no function `{namespace}.{}`", call.name);
                    Err(Refusal::new(call.name_at.clone(), message))
                }
            };
        }
        functions::call(&Site { run: self, name: &call.name, name_at: &call.name_at, at, args: &call.args })
    }

    /// The values of some expressions, in order.
    pub(super) fn values(&self, exprs: &[Expr]) -> Result<Vec<Value>, Refusal> {
        exprs.iter().map(|expr| self.value(expr)).collect()
    }

    fn access(&self, base: &Value, access: &Access) -> Answer {
        match &access.kind {
            AccessKind::Property(name) => self.property(base, name, &access.at),
            AccessKind::Index(index) => {
                let index = self.value(index)?;
                self.index(base, &index, &access.at)
            }
        }
    }

    /// `base[index]`, whatever the index is.
    pub(super) fn index(&self, base: &Value, index: &Value, at: &Bytes) -> Answer {
        match &index.data {
            Data::String(_) if index.secret => self.secretly(base, index, at),
            Data::String(name) => self.property(base, name, at),
            Data::Int(number) => self.element(base, *number, at),
            Data::Unknown(unknown) if unknown.domain.is_some() => {
                self.weigh(std::slice::from_ref(base), at)?;
                let members = unknown.domain.as_deref().unwrap_or_default();
                let found: Option<Vec<Value>> = members.iter().map(|m| self.index(base, m, at).ok()).collect();
                let whole = Unknown::new(unknown.reason, symbol::index(base, index));
                Ok(self.one_of(whole, found.unwrap_or_default(), at))
            }
            Data::Unknown(_) | Data::Pattern(_) => {
                self.weigh(std::slice::from_ref(base), at)?;
                let reason = symbol::reason_of(&[base.clone(), index.clone()]).unwrap_or(Reason::RuntimeFunction);
                let unknown = Unknown::new(reason, symbol::index(base, index));
                Ok(mark(Value::unknown(unknown, Origin::at(self.span(at))), base.secret || index.secret))
            }
            Data::Null | Data::Bool(_) | Data::Float(_) | Data::Array(_) | Data::Object(_) => {
                let kind = functions::kind_name(index);
                Err(Refusal::new(at.clone(), format!("an index is a whole number or a string, not {kind}")))
            }
        }
    }

    /// `base['secret']`: the name must not show.
    fn secretly(&self, base: &Value, index: &Value, at: &Bytes) -> Answer {
        self.weigh(std::slice::from_ref(base), at)?;
        let name = index.as_str().unwrap_or_default();
        let found = self.property(base, name, at).map_err(|refusal| Refusal {
            message: "there is no property of this name".to_owned(),
            help: None,
            ..refusal
        })?;
        let hidden = match &found.data {
            Data::Unknown(unknown) if base.as_object().is_none_or(|object| object.get(name).is_none()) => {
                let symbol = symbol::index(base, index);
                Value::unknown(Unknown { symbol, domain: None, ..(**unknown).clone() }, found.origin)
            }
            _ => found,
        };
        Ok(mark(hidden, true))
    }

    /// An unknown that is one of some values: that value where they are all the same, else with them as domain.
    ///
    /// Without values, or where a value is unknown and the others are not the same one, nothing more is known.
    pub(super) fn one_of(&self, mut unknown: Unknown, values: Vec<Value>, at: &Bytes) -> Value {
        let secret = values.iter().any(|value| value.secret);
        let mut members: Vec<Value> = Vec::new();
        for value in values {
            match &value.data {
                Data::Unknown(inner) if inner.domain.is_some() => {
                    members.extend(inner.domain.iter().flat_map(|domain| domain.iter().cloned()));
                }
                _ => members.push(value),
            }
        }
        let mut distinct: Vec<Value> = Vec::new();
        for member in members {
            if !distinct.iter().any(|seen| identical(seen, &member)) {
                distinct.push(member);
            }
        }
        match distinct.as_slice() {
            [only] => return mark(only.clone(), secret),
            [] => {}
            several => {
                let ty = several.first().and_then(Value::ty);
                unknown.ty = ty.filter(|_| several.iter().all(|m| m.ty() == ty));
                unknown.hole = hole_of(several);
                if several.len() <= MEMBERS && several.iter().all(|m| m.as_unknown().is_none()) {
                    unknown.domain = Some(several.to_vec().into());
                }
            }
        }
        mark(Value::unknown(unknown, Origin::at(self.span(at))), secret)
    }

    /// `base.name`.
    pub(super) fn property(&self, base: &Value, name: &str, at: &Bytes) -> Answer {
        let found = match &base.data {
            Data::Object(object) => match (object.get(name), &object.open) {
                (Some(member), _) => member.clone(),
                (None, Some(open)) => self.inside(open, symbol::property(open, name), at),
                (None, None) => {
                    let mut refusal = Refusal::new(at.clone(), format!("there is no property `{name}`"));
                    if !base.secret && !object.is_empty() {
                        refusal = refusal.with_help(known_names(object));
                    }
                    return Err(refusal);
                }
            },
            Data::Unknown(unknown) => match &unknown.domain {
                Some(domain) => {
                    let found: Option<Vec<Value>> = domain.iter().map(|m| self.property(m, name, at).ok()).collect();
                    let whole = Unknown::new(unknown.reason, symbol::property(unknown, name));
                    self.one_of(whole, found.unwrap_or_default(), at)
                }
                None => self.inside(unknown, symbol::property(unknown, name), at),
            },
            Data::Array(array) if array.open.is_some() => {
                self.weigh(std::slice::from_ref(base), at)?;
                self.inside_of(base, name, at)
            }
            Data::Array(_) => {
                let message = format!("an array has no property `{name}`; an element is named by a whole number");
                return Err(Refusal::new(at.clone(), message));
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) | Data::Pattern(_) => {
                let kind = functions::kind_name(base);
                return Err(Refusal::new(at.clone(), format!("{kind} has no property `{name}`")));
            }
        };
        Ok(mark(found, base.secret))
    }

    /// What is called a property of an open array: Azure does not say before it knows the array.
    fn inside_of(&self, base: &Value, name: &str, at: &Bytes) -> Value {
        let name = Value::string(name, base.origin);
        let reason = symbol::reason_of(std::slice::from_ref(base)).unwrap_or(Reason::RuntimeFunction);
        Value::unknown(Unknown::new(reason, symbol::index(base, &name)), Origin::at(self.span(at)))
    }

    /// A part of an unknown.
    fn inside(&self, whole: &Unknown, symbol: Symbol, at: &Bytes) -> Value {
        Value::unknown(Unknown::new(whole.reason, symbol), Origin::at(self.span(at)))
    }

    /// `base[number]`.
    pub(super) fn element(&self, base: &Value, number: i64, at: &Bytes) -> Answer {
        if base.as_array().is_some_and(|array| array.open.is_some()) {
            self.weigh(std::slice::from_ref(base), at)?; // it becomes part of a symbol
        }
        let found = match &base.data {
            Data::Array(array) => {
                let position = usize::try_from(number).ok();
                match (position.and_then(|i| array.items.get(i)), &array.open) {
                    (Some(item), None) => item.clone(),
                    (_, Some(open)) => {
                        let index = Value::new(Data::Int(number), base.origin);
                        self.inside(open, symbol::index(base, &index), at)
                    }
                    (None, None) => {
                        let count = array.items.len();
                        let message = format!("there is no element {number}: the array has {count}, counted from 0");
                        return Err(Refusal::new(at.clone(), message));
                    }
                }
            }
            Data::Unknown(unknown) => {
                let index = Value::new(Data::Int(number), base.origin);
                let symbol = symbol::index(base, &index);
                match &unknown.domain {
                    Some(domain) => {
                        let found: Option<Vec<Value>> =
                            domain.iter().map(|member| self.element(member, number, at).ok()).collect();
                        self.one_of(Unknown::new(unknown.reason, symbol), found.unwrap_or_default(), at)
                    }
                    None => self.inside(unknown, symbol, at),
                }
            }
            Data::Object(_) => {
                return Err(Refusal::new(at.clone(), "a property is named by a string, not by a number"));
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) | Data::Pattern(_) => {
                let kind = functions::kind_name(base);
                return Err(Refusal::new(at.clone(), format!("{kind} has no elements")));
            }
        };
        Ok(mark(found, base.secret))
    }
}

/// What a string that is one of these values can hold.
fn hole_of(values: &[Value]) -> Hole {
    let one = |value: &Value| match &value.data {
        Data::String(text) if text.starts_with('/') => Hole::Id,
        Data::String(text) if !text.is_empty() && !text.contains('/') => Hole::Segment,
        Data::Unknown(unknown) if unknown.ty == Some(Type::String) => unknown.hole,
        Data::Pattern(pattern) if pattern.splits_at_slash() => match pattern.split('/').map_or(0, |p| p.len()) {
            1 => Hole::Segment,
            _ => Hole::Any,
        },
        _ => Hole::Any,
    };
    let first = values.first().map_or(Hole::Any, one);
    if values.iter().all(|value| one(value) == first) { first } else { Hole::Any }
}

/// Whether two values are certainly the same, of the same kind.
fn identical(a: &Value, b: &Value) -> bool {
    functions::kind_of(a) == functions::kind_of(b) && same(a, b) == Truth::True
}

/// Whether a value is a secret whose text is at hand, or may be.
pub(super) fn holds(value: &Value) -> bool {
    value.secret && value.as_unknown().is_none_or(|unknown| unknown.domain.is_some())
}

/// The same value, secret as well where `secret`.
pub(super) fn mark(mut value: Value, secret: bool) -> Value {
    value.secret |= secret;
    value
}

fn known_names(object: &crate::value::Object) -> String {
    let mut names: Vec<&str> = object.iter().take(13).map(|(key, _)| &*key.name).collect();
    let more = if names.len() > 12 { ", …" } else { "" };
    names.truncate(12);
    format!("its properties are {}{more}", names.join(", "))
}
