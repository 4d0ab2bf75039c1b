//! The parameters of a template: what is assigned, what is declared, what follows for a parameter without a value.
//!
//! In: an [`Assignment`] and the declarations of a template. Out: values with their trails.
//! Must not know: resources.

use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::input::secrets;
use crate::json::{Kind, Node};
use crate::source::Span;
use crate::value::compare::same;
use crate::value::{Data, Hole, Origin, Reason, StepKind, Symbol, Truth, Type, Unknown, Value};

use super::frame::{Env, Frame, Memo, Supplied};
use super::{Expander, bodies};

/// Values for the parameters of a template.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    values: Vec<Assigned>,
}

/// One value and where it was given.
#[derive(Clone, Debug)]
pub struct Assigned {
    /// The parameter's name.
    pub name: Arc<str>,
    /// The value, with the place in the parameter file; secret where the file refers to a key vault.
    pub value: Value,
    /// The parameter's name in the parameter file.
    pub at: Span,
}

impl Assignment {
    /// Nothing is assigned.
    pub fn new() -> Self {
        Self::default()
    }

    /// Assigns a value; a later one wins.
    pub fn assign(&mut self, assigned: Assigned) {
        self.values.retain(|old| !old.name.eq_ignore_ascii_case(&assigned.name));
        self.values.push(assigned);
    }

    /// Reads a parameter file: `parameters.<name>.value`, or `.reference` to a key vault.
    pub fn read(&mut self, root: Node<'_>) {
        for member in super::members(root.get_ci("parameters")) {
            let Some(name) = member.key.as_str() else { continue };
            let value = if let Some(value) = member.value.get_ci("value") {
                bodies::plain(value)
            } else if member.value.get_ci("reference").is_some() {
                let symbol = Symbol::new(format!("parameters('{name}')"), "");
                Value::unknown(Unknown::new(Reason::Secret, symbol), Origin::at(member.value.span()))
            } else {
                continue;
            };
            self.assign(Assigned { name: name.as_ref().into(), value, at: member.key.span() });
        }
    }

    /// All assignments.
    pub fn iter(&self) -> impl Iterator<Item = &Assigned> {
        self.values.iter()
    }
}

/// The declared type, in lower case, a `$ref` followed.
pub(super) fn declared_type<'t>(frame: &Frame<'t>, declaration: Node<'t>) -> (Option<String>, Node<'t>) {
    let mut node = declaration;
    for _ in 0..16 {
        if let Some(ty) = node.get_ci("type").and_then(Node::as_str) {
            return (Some(ty.to_ascii_lowercase()), node);
        }
        let Some(target) = node.get_ci("$ref").and_then(Node::as_str) else { break };
        let name = target.rsplit('/').next().unwrap_or_default();
        let Some(definition) = frame.template.get_ci("definitions").and_then(|d| d.get_ci(name)) else { break };
        node = definition;
    }
    (None, node)
}

/// Whether a declared type is one of the secure ones. So is one that Azure does not know: in a file that is broken or
/// misspelt it may have been meant.
pub(super) fn is_secure(ty: Option<&str>) -> bool {
    ty.is_some_and(|ty| !matches!(ty, "string" | "int" | "bool" | "array" | "object"))
}

impl<'t> Expander<'t> {
    /// Complains about assignments to parameters that the template does not declare.
    pub(super) fn check_assignment(&self, frame: &Rc<Frame<'t>>, assignment: &Assignment) {
        for assigned in assignment.iter() {
            let declared = frame.template.get_ci("parameters").and_then(|p| p.get_ci(&assigned.name));
            let secure =
                declared.is_some_and(|node| declared_type(frame, node).0.is_none_or(|ty| is_secure(Some(&ty))));
            // What nobody declares may be anything, so it is no more shown than what is declared secure.
            if secure || declared.is_none() || secrets::is_credential(&assigned.name) {
                self.hide_value(&assigned.value);
            }
            if declared.is_none() {
                let message = format!("the template declares no parameter '{}'", assigned.name);
                self.complain(
                    Problem::error("parameter-not-declared", assigned.at, message)
                        .with_help("remove it from the parameter file, or declare it in the template"),
                );
            }
        }
    }

    /// The value of a parameter of a frame, evaluated on first use.
    pub(super) fn parameter(&self, frame: &Rc<Frame<'t>>, name: &str, at: Span) -> Result<Value, String> {
        let Some(declared) = frame.template.get_ci("parameters").and_then(|p| p.member_ci(name)) else {
            return Err(format!("there is no parameter '{name}'"));
        };
        let key = name.to_ascii_lowercase();
        let known = frame.parameters.borrow().get(&key).cloned();
        let value = match known {
            Some(Memo::Done(value)) => value,
            Some(Memo::Busy) => return Err(format!("the parameter '{name}' depends on itself")),
            None => {
                frame.parameters.borrow_mut().insert(key.clone(), Memo::Busy);
                let written = declared.key.as_str().unwrap_or_default();
                let value = self.evaluate_parameter(frame, &written, declared.key, declared.value);
                frame.parameters.borrow_mut().insert(key, Memo::Done(value.clone()));
                value
            }
        };
        let origin = self.trails.borrow_mut().through(value.origin, StepKind::Parameter(name.into()), at);
        Ok(Value { origin, ..value })
    }

    fn evaluate_parameter(&self, frame: &Rc<Frame<'t>>, name: &str, key: Node<'t>, declaration: Node<'t>) -> Value {
        let (ty, definition) = declared_type(frame, declaration);
        // Azure refuses a declaration without a type; what it holds may be a secret, in a file that is broken.
        let secure = is_secure(ty.as_deref()) || (ty.is_none() && declaration.get_ci("$ref").is_none());
        let default = declaration.get_ci("defaultValue");
        let supplied = frame.supplied.get(&name.to_ascii_lowercase()).map(|supplied| match supplied {
            Supplied::Value(value) => value.clone(),
            Supplied::Node { node, env } => self.value(env, *node),
            Supplied::Wrapped { node, env } => unwrap(frame, name, &self.value(env, *node)),
        });
        // A null stands for "not given" wherever there is a default value.
        let supplied = supplied.filter(|value| !(value.is_null() && default.is_some()));
        if secure && let Some(value) = &supplied {
            self.hide_value(value);
            let symbol = Symbol::new(format!("parameters('{name}')"), Arc::clone(&frame.instance));
            let kind = if ty.as_deref() == Some("secureobject") { Type::Object } else { Type::String };
            return Value::unknown(Unknown::new(Reason::Secret, symbol).typed(kind), value.origin);
        }
        let value = match (supplied, default) {
            (Some(value), _) => {
                self.check_allowed(name, declaration, definition, &value);
                value
            }
            (None, Some(default)) => {
                let value = self.value(&Env::of(frame), default);
                let origin =
                    self.trails.borrow_mut().through(value.origin, StepKind::DefaultValue(name.into()), key.span());
                Value { origin, ..value }
            }
            (None, None) if nullable(declaration, definition) => Value::null(Origin::at(key.span())),
            (None, None) => self.without_value(frame, name, key, ty.as_deref(), declaration, definition),
        };
        let empty = value.is_null() || value.as_str() == Some("");
        if secure && !empty {
            self.hide_value(&value);
            return value.into_secret();
        }
        self.credential(name, value)
    }

    /// A parameter to which nothing was given: a symbol, with its type and, where it has few values, its domain.
    fn without_value(
        &self,
        frame: &Rc<Frame<'t>>,
        name: &str,
        key: Node<'t>,
        ty: Option<&str>,
        declaration: Node<'t>,
        definition: Node<'t>,
    ) -> Value {
        if frame.depth > 0 {
            let message = format!("the nested deployment is given no value for its parameter '{name}'");
            self.complain(
                Problem::error("parameter-missing", frame.at, message)
                    .with_label(key.span(), "declared here without a default value")
                    .with_help(format!("add \"{name}\": {{\"value\": …}} to the parameters of the deployment")),
            );
        }
        let symbol = Symbol::new(format!("parameters('{name}')"), Arc::clone(&frame.instance));
        let mut unknown = Unknown::new(Reason::ParameterWithoutValue, symbol);
        unknown.ty = match ty {
            Some("string") => Some(Type::String),
            Some("bool") => Some(Type::Bool),
            Some("int") => Some(Type::Number),
            Some("array") => Some(Type::Array),
            Some("object") => Some(Type::Object),
            Some(_) | None => None,
        };
        unknown.hole = Hole::Any;
        if is_secure(ty) {
            unknown.reason = Reason::Secret;
            unknown.ty = Some(if ty == Some("secureobject") { Type::Object } else { Type::String });
        }
        if let Some(allowed) = declaration.get_ci("allowedValues").or_else(|| definition.get_ci("allowedValues")) {
            let members: Vec<Value> = allowed.items().map(bodies::plain).collect();
            if unknown.ty != Some(Type::Array) && !members.is_empty() {
                unknown.domain = Some(members.into());
            }
        } else if unknown.ty == Some(Type::Bool) {
            let at = Origin::at(key.span());
            unknown.domain = Some(vec![Value::bool(false, at), Value::bool(true, at)].into());
        }
        Value::unknown(unknown, Origin::at(key.span()))
    }

    fn check_allowed(&self, name: &str, declaration: Node<'t>, definition: Node<'t>, value: &Value) {
        let Some(allowed) = declaration.get_ci("allowedValues").or_else(|| definition.get_ci("allowedValues")) else {
            return;
        };
        let members: Vec<Value> = allowed.items().map(bodies::plain).collect();
        if members.is_empty() || value.is_null() || value.holds_unknown() || value.secret {
            return;
        }
        let one_of = |value: &Value| members.iter().any(|member| same(member, value) != Truth::False);
        let fits = one_of(value) || value.as_array().is_some_and(|array| array.items.iter().all(one_of));
        if !fits {
            let at = value.origin.at;
            let message = format!("this value is not one of those that the parameter '{name}' allows");
            self.complain(
                Problem::error("parameter-value-not-allowed", at, message)
                    .with_label(allowed.span(), "the allowed values"),
            );
        }
    }

    /// Remembers where the parts of a secret value are written, so that no excerpt shows them.
    pub(super) fn hide_value(&self, value: &Value) {
        match &value.data {
            Data::Null | Data::Bool(_) | Data::Unknown(_) => {}
            Data::String(text) if text.is_empty() => {}
            Data::Int(_) | Data::Float(_) | Data::String(_) | Data::Pattern(_) => {
                self.secrets.borrow_mut().values.push(value.origin.at);
            }
            Data::Array(array) => array.items.iter().for_each(|item| self.hide_value(item)),
            Data::Object(object) => {
                for (key, member) in object.iter() {
                    self.secrets.borrow_mut().names.push(key.at);
                    self.hide_value(member);
                }
            }
        }
    }
}

/// The value inside a computed `{"value": …}`; a computed key vault reference is a secret.
fn unwrap(frame: &Frame<'_>, name: &str, given: &Value) -> Value {
    let symbol = || Symbol::new(format!("parameters('{name}')"), Arc::clone(&frame.instance));
    match (given.as_object(), given.as_unknown()) {
        (Some(object), _) => match (object.get("value"), object.get("reference")) {
            (Some(value), _) => value.clone(),
            (None, Some(_)) => Value::unknown(Unknown::new(Reason::Secret, symbol()), given.origin),
            (None, None) => Value::null(given.origin),
        },
        (None, Some(unknown)) => Value::unknown(
            Unknown { symbol: unknown.symbol.dot("value"), ty: None, domain: None, ..(**unknown).clone() },
            given.origin,
        ),
        (None, None) => Value::null(given.origin),
    }
}

fn nullable(declaration: Node<'_>, definition: Node<'_>) -> bool {
    let flag = |node: Node<'_>| node.get_ci("nullable").is_some_and(|n| n.kind() == Kind::Bool(true));
    flag(declaration) || flag(definition)
}
