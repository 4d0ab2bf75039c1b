//! JSON to values: literals, expressions, and property loops.
//!
//! In: a node and the environment it stands in. Out: a [`Value`] whose parts keep their places.
//! Must not know: which property the node is the value of, apart from names that mark credentials.

use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::expr::{self, Bytes, Evaluator, Expr, Locate};
use crate::json::{Kind, Member, Node, Number, Text};
use crate::source::Span;
use crate::value::{Data, Key, Object, Origin, Reason, StepKind, Symbol, Type, Unknown, Value};

use super::frame::{Env, Loop};
use super::scope::Asking;
use super::{Expander, LOOP};
use crate::input::secrets;

/// What a round of a loop costs of the budget.
const ROUND: u64 = 20;

/// The text of an expression, placed in its file.
struct Written<'t>(Text<'t>);

impl Locate for Written<'_> {
    fn span(&self, decoded: Bytes) -> Span {
        self.0.span(decoded.start as usize..decoded.end as usize)
    }

    fn whole(&self) -> Span {
        self.0.whole()
    }
}

/// A value without expressions: what parameter files and `allowedValues` hold.
pub(in crate::input) fn plain(node: Node<'_>) -> Value {
    let origin = Origin::at(node.span());
    match node.kind() {
        Kind::Null => Value::null(origin),
        Kind::Bool(value) => Value::bool(value, origin),
        Kind::Number => number(node, origin),
        Kind::String => Value::string(node.as_str().unwrap_or_default().as_ref(), origin),
        Kind::Array => Value::array(node.items().map(plain).collect(), origin),
        Kind::Object => {
            let mut object = Object::new();
            for member in node.members() {
                object.insert(key(member.key), plain(member.value));
            }
            Value::object(object, origin)
        }
    }
}

fn number(node: Node<'_>, origin: Origin) -> Value {
    match node.number() {
        Some(Number::Int(value)) => Value::new(Data::Int(value), origin),
        Some(Number::Float(value)) => Value::new(Data::Float(value), origin),
        None => Value::null(origin),
    }
}

pub(super) fn key(node: Node<'_>) -> Key {
    Key { name: node.as_str().unwrap_or_default().as_ref().into(), at: node.span() }
}

/// The value of a node.
pub(super) fn value<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, node: Node<'t>) -> Value {
    let origin = Origin::at(node.span());
    match node.kind() {
        Kind::Null => Value::null(origin),
        Kind::Bool(value) => Value::bool(value, origin),
        Kind::Number => number(node, origin),
        Kind::String => string(expander, env, node),
        Kind::Array => {
            let mut items = Vec::with_capacity(node.len());
            items.extend(node.items().map(|item| value(expander, env, item)));
            Value::array(items, origin)
        }
        Kind::Object => object(expander, env, node),
    }
}

fn string<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, node: Node<'t>) -> Value {
    let text = node.as_str().unwrap_or_default();
    if !expr::is_expression(&text) {
        return Value::string(expr::unescape(&text).as_ref(), Origin::at(node.span()));
    }
    let key = (node.span().file, node.index());
    let known = expander.parsed.borrow().get(&key).cloned();
    let parsed = known.unwrap_or_else(|| {
        let parsed = Rc::new(expr::parse(&text));
        expander.parsed.borrow_mut().insert(key, Rc::clone(&parsed));
        parsed
    });
    match parsed.as_ref() {
        Ok(expression) => evaluate(expander, env, expression, node),
        // A snapshot holds plain values too, such as `["a"]`; what the engine left as an expression can be read.
        Err(_) if expander.left.is_some() => Value::string(text.as_ref(), Origin::at(node.span())),
        Err(refusal) => asked(expander, env, node, |evaluator, place| evaluator.refused(refusal.clone(), place)),
    }
}

/// The value of an expression that stands at a string.
pub(super) fn evaluate<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, expression: &Expr, node: Node<'t>) -> Value {
    asked(expander, env, node, |evaluator, place| evaluator.evaluate(expression, place))
}

/// Has an evaluator work at a string.
fn asked<'t>(
    expander: &Expander<'t>,
    env: &Rc<Env<'t>>,
    node: Node<'t>,
    work: impl FnOnce(&Evaluator<'_>, &Written<'t>) -> Value,
) -> Value {
    let Some(written) = node.text() else { return Value::null(Origin::at(node.span())) };
    let asking = Asking { expander, env };
    let evaluator =
        Evaluator { scope: &asking, trails: &expander.trails, problems: &expander.problems, budget: &expander.budget };
    work(&evaluator, &Written(written))
}

fn object<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, node: Node<'t>) -> Value {
    let mut object = Object::with_capacity(node.len());
    for member in node.members() {
        if let Some(loops) = property_loops(member) {
            for round in loops {
                let Some(name) = round.get_ci("name").and_then(Node::as_str) else { continue };
                let at = round.get_ci("name").map_or(round.span(), Node::span);
                let value = unroll(expander, env, round, &name);
                object.insert(Key { name: name.as_ref().into(), at }, value);
            }
            continue;
        }
        let name = member_name(expander, env, member.key);
        let value = expander.credential(&name.name, value(expander, env, member.value));
        object.insert(name, value);
    }
    Value::object(secrets::mark_pair(object), Origin::at(node.span()))
}

/// The name of a member; an expression is evaluated, and what stays unknown is shown with its holes.
fn member_name<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, node: Node<'t>) -> Key {
    let written = node.as_str().unwrap_or_default();
    if !expr::is_expression(&written) {
        return Key { name: expr::unescape(&written).as_ref().into(), at: node.span() };
    }
    let value = string(expander, env, node);
    let name: Arc<str> = match value.as_pattern() {
        Some(pattern) if !value.secret => pattern.to_string().into(),
        Some(_) | None => written.as_ref().into(),
    };
    Key { name, at: node.span() }
}

/// The loops of a `copy` member of an object: an array whose elements have a name and an input.
pub(super) fn property_loops(member: Member<'_>) -> Option<Vec<Node<'_>>> {
    if !member.key.as_str()?.eq_ignore_ascii_case("copy") || member.value.kind() != Kind::Array {
        return None;
    }
    let loops: Vec<_> = member.value.items().collect();
    let fits = |node: &Node<'_>| node.get_ci("name").is_some() && node.get_ci("input").is_some();
    (!loops.is_empty() && loops.iter().all(fits)).then_some(loops)
}

/// The elements of a loop over properties, variables or outputs.
pub(super) fn unroll<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, round: Node<'t>, name: &str) -> Value {
    let origin = Origin::at(round.span());
    let Some(input) = round.get_ci("input") else { return Value::null(origin) };
    match rounds(expander, env, round, name) {
        Rounds::Known(count) => {
            let mut items = Vec::new();
            for index in 0..count {
                if !expander.budget.spend(ROUND) {
                    return spent(expander, round, name);
                }
                let index = Value::new(Data::Int(index), origin);
                items.push(value(expander, &env.within(Loop { name: name.into(), index, unnamed: false }), input));
            }
            Value::array(items, origin)
        }
        Rounds::Unknown(count) => {
            let mut unknown = (*count).clone();
            unknown.symbol = Symbol::new(format!("copy('{name}', {})", count.symbol.key()), "");
            unknown.ty = Some(Type::Array);
            unknown.domain = None;
            Value::unknown(unknown, origin)
        }
    }
}

/// What is left of a loop when the budget of the file has run out.
fn spent<'t>(expander: &Expander<'t>, round: Node<'t>, name: &str) -> Value {
    let message = format!("not evaluated: the loop '{name}' is too large to compute");
    expander.complain(Problem::note("expression-limit", round.head(), message));
    let symbol = Symbol::new(format!("copy('{name}')"), format!("{}", round.span().start));
    Value::unknown(Unknown::new(Reason::Limit, symbol).typed(Type::Array), Origin::at(round.span()))
}

/// How often a loop runs.
pub(super) enum Rounds {
    Known(i64),
    Unknown(Arc<Unknown>),
}

/// The count of a `copy` object.
pub(super) fn rounds<'t>(expander: &Expander<'t>, env: &Rc<Env<'t>>, copy: Node<'t>, name: &str) -> Rounds {
    let invalid = || {
        let symbol = Symbol::new(format!("copy('{name}').count"), Arc::clone(&env.frame.instance));
        Rounds::Unknown(Arc::new(Unknown::new(Reason::InvalidExpression, symbol)))
    };
    let Some(node) = copy.get_ci("count") else {
        let help = "a loop needs \"count\", a number from 0 to 800";
        expander.complain(
            Problem::error("copy-count", copy.span(), format!("the loop '{name}' has no count")).with_help(help),
        );
        return invalid();
    };
    let count = expander.value(env, node);
    let number = match &count.data {
        Data::Int(count) => Some(*count),
        // A number that is written as a string is taken as one.
        Data::String(text) => text.trim().parse().ok(),
        Data::Unknown(unknown) => return Rounds::Unknown(Arc::clone(unknown)),
        Data::Null | Data::Bool(_) | Data::Float(_) | Data::Pattern(_) | Data::Array(_) | Data::Object(_) => None,
    };
    match number {
        Some(count) if (0..=LOOP).contains(&count) => Rounds::Known(count),
        Some(_) | None => {
            let message = format!("the count of the loop '{name}' must be a number from 0 to {LOOP}");
            expander.complain(Problem::error("copy-count", node.span(), message));
            invalid()
        }
    }
}

impl<'t> Expander<'t> {
    /// The value of a variable of a frame, evaluated on first use.
    pub(super) fn variable(&self, env: &Rc<Env<'t>>, name: &str, at: Span) -> Result<Value, String> {
        use super::frame::Memo;
        let frame = env.evaluating();
        let key = name.to_ascii_lowercase();
        let known = frame.variables.borrow().get(&key).cloned();
        let value = match known {
            Some(Memo::Done(value, problems)) => {
                self.repeat(&problems);
                value
            }
            Some(Memo::Busy) => return Err(format!("the variable '{name}' depends on itself")),
            None => {
                let Some(source) = variable_source(frame.template, name) else {
                    return Err(format!("there is no variable '{name}'"));
                };
                frame.variables.borrow_mut().insert(key.clone(), Memo::Busy);
                let inside = Env::of(frame);
                let (mut value, problems) = self.remembered(|| match source {
                    Source::Node(node) => self.value(&inside, node),
                    Source::Loop(round) => unroll(self, &inside, round, name),
                });
                value = self.credential(name, value);
                frame.variables.borrow_mut().insert(key, Memo::Done(value.clone(), problems));
                value
            }
        };
        let origin = self.trails.borrow_mut().through(value.origin, StepKind::Variable(name.into()), at);
        Ok(Value { origin, ..value })
    }

    /// A value under its name: that of a credential is secret, wherever it is written.
    pub(super) fn credential(&self, name: &str, value: Value) -> Value {
        let known = value.secret;
        let value = secrets::mark(name, value);
        if value.secret && !known {
            self.hide_value(&value);
        }
        value
    }

    /// The outputs of the root deployment, secret ones included as secrets.
    pub(super) fn outputs(&self, env: &Rc<Env<'t>>) -> Vec<(Key, Value)> {
        let mut outputs = Vec::new();
        for member in super::members(env.frame.template.get_ci("outputs")) {
            if let Some(value) = self.output(env, member.value) {
                let key = key(member.key);
                let value = self.credential(&key.name, value);
                outputs.push((key, value));
            }
        }
        outputs
    }

    /// One output; `None` where its condition is false.
    pub(super) fn output(&self, env: &Rc<Env<'t>>, declaration: Node<'t>) -> Option<Value> {
        let condition = declaration.get_ci("condition").map(|node| self.value(env, node));
        let unsure = match condition.map(|value| value.data) {
            Some(Data::Bool(false)) => return None,
            Some(Data::Bool(true)) | None => false,
            Some(_) => true,
        };
        let value = self.in_doubt(unsure, || {
            if let Some(node) = declaration.get_ci("value") {
                return self.value(env, node);
            }
            let Some(copy) = declaration.get_ci("copy") else { return Value::null(Origin::at(declaration.span())) };
            self.output_loop(env, copy)
        });
        let ty = declaration.get_ci("type").and_then(Node::as_str).map(|ty| ty.to_ascii_lowercase());
        if super::parameters::is_secure(ty.as_deref()) { Some(value.into_secret()) } else { Some(value) }
    }

    /// An output loop has no name, so `copyIndex()` without one means it.
    fn output_loop(&self, env: &Rc<Env<'t>>, copy: Node<'t>) -> Value {
        let origin = Origin::at(copy.span());
        let Some(input) = copy.get_ci("input") else { return Value::null(origin) };
        match rounds(self, env, copy, "output") {
            Rounds::Known(count) => {
                let items = (0..count).map(|index| {
                    let index = Value::new(Data::Int(index), origin);
                    self.value(&env.within(Loop { name: "".into(), index, unnamed: true }), input)
                });
                Value::array(items.collect(), origin)
            }
            Rounds::Unknown(count) => {
                let mut unknown = (*count).clone();
                unknown.symbol = Symbol::new(format!("copy({})", count.symbol.key()), "");
                unknown.ty = Some(Type::Array);
                unknown.domain = None;
                Value::unknown(unknown, origin)
            }
        }
    }
}

enum Source<'t> {
    Node(Node<'t>),
    Loop(Node<'t>),
}

fn variable_source<'t>(template: Node<'t>, name: &str) -> Option<Source<'t>> {
    let variables = template.get_ci("variables")?;
    for member in variables.members() {
        if let Some(loops) = property_loops(member) {
            let named = |node: &&Node<'_>| {
                node.get_ci("name").and_then(Node::as_str).is_some_and(|n| n.eq_ignore_ascii_case(name))
            };
            if let Some(round) = loops.iter().find(named) {
                return Some(Source::Loop(*round));
            }
        } else if member.key.as_str().is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            return Some(Source::Node(member.value));
        }
    }
    None
}
