//! The parameters of a template: what is assigned, what is declared, what follows for a parameter without a value.
//!
//! In: an [`Assignment`] and the declarations of a template. Out: values with their trails.
//! Must not know: resources.

use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::expr;
use crate::input::secrets;
use crate::json::{Kind, Member, Node};
use crate::source::Span;
use crate::value::{Data, Hole, Origin, Reason, StepKind, Symbol, Type, Unknown, Value};

use super::frame::{Env, Frame, Memo, Supplied};
use super::schema::Schema;
use super::{Expander, bodies};

/// Values for the parameters of a template.
#[derive(Clone, Debug, Default)]
pub struct Assignment {
    values: Vec<Assigned>,
    /// The `parameters` of a parameter file: what it gives no value to has none.
    complete: Option<Span>,
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
    /// What was typed, where the value's type was guessed from it: the value of a parameter that is a string.
    pub typed: Option<Arc<str>>,
}

impl Assigned {
    /// The value for a declaration: a number that was typed for a string is that string.
    pub(super) fn value_for(&self, template: Node<'_>) -> Value {
        let declaration = template.get_ci("parameters").and_then(|parameters| parameters.get_ci(&self.name));
        let ty = declaration.and_then(|declaration| Schema::new(template, declaration).ty());
        match (&self.typed, ty.as_deref()) {
            (Some(typed), Some("string" | "securestring")) => Value::string(Arc::clone(typed), self.value.origin),
            (Some(_) | None, _) => self.value.clone(),
        }
    }
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

    /// Reads values that were typed: an object with a member for each.
    pub fn read_loose(&mut self, root: Node<'_>) {
        for member in super::members(Some(root)) {
            let Some(name) = member.key.as_str() else { continue };
            let typed = match member.value.kind() {
                Kind::String => member.value.as_str().map(|text| text.as_ref().into()),
                Kind::Null | Kind::Bool(_) | Kind::Number | Kind::Array | Kind::Object => {
                    Some(member.value.raw().into())
                }
            };
            let value = bodies::plain(member.value);
            self.assign(Assigned { name: name.as_ref().into(), value, at: member.key.span(), typed });
        }
    }

    /// Reads a parameter file: `parameters.<name>.value`, or `.reference` to a key vault.
    pub fn read(&mut self, root: Node<'_>) {
        if let Some(member) = root.member_ci("parameters") {
            self.complete = Some(member.key.span());
        }
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
            self.assign(Assigned { name: name.as_ref().into(), value, at: member.key.span(), typed: None });
        }
    }

    /// Nothing is assigned, and no file says that this is all.
    pub fn is_empty(&self) -> bool {
        self.values.is_empty() && self.complete.is_none()
    }

    /// Keeps the values of some parameters.
    pub fn retain(&mut self, keep: impl Fn(&str) -> bool) {
        self.values.retain(|assigned| keep(&assigned.name));
    }

    /// Takes the values of another one, which win.
    pub fn lay_over(&mut self, other: Self) {
        self.complete = other.complete.or(self.complete);
        other.values.into_iter().for_each(|assigned| self.assign(assigned));
    }

    /// All assignments.
    pub fn iter(&self) -> impl Iterator<Item = &Assigned> {
        self.values.iter()
    }
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
            let secure = declared
                .is_some_and(|node| Schema::new(frame.template, node).ty().is_none_or(|ty| is_secure(Some(&ty))));
            // What nobody declares may be anything, so it is no more shown than what is declared secure.
            if secure || declared.is_none() || secrets::is_credential(&assigned.name) {
                self.hide_value(&assigned.value);
            }
            if declared.is_none() {
                let message = format!("the template declares no parameter '{}'", assigned.name);
                let mut problem = Problem::error("parameter-not-declared", assigned.at, message)
                    .with_help("remove it, or declare it in the template");
                if let Some(parameters) = frame.template.member_ci("parameters") {
                    problem = problem.with_label(parameters.key.span(), "these are declared");
                }
                self.complain(problem);
            }
        }
        let Some(file) = assignment.complete else { return };
        for declared in super::members(frame.template.get_ci("parameters")) {
            let Some(name) = declared.key.as_str() else { continue };
            let given = assignment.iter().any(|assigned| assigned.name.eq_ignore_ascii_case(&name));
            let needed = declared.value.get_ci("defaultValue").is_none();
            if !given && needed && !Schema::new(frame.template, declared.value).nullable() {
                let message = format!("the parameter file gives no value to '{name}'");
                self.complain(
                    Problem::error("parameter-missing", file, message)
                        .with_label(declared.key.span(), "declared here without a default value")
                        .with_help(format!("add \"{name}\": {{\"value\": …}} to the parameter file")),
                );
            }
        }
    }

    /// Complains about values that a deployment gives to parameters that its template does not declare.
    pub(super) fn check_supplied(&self, deployment: Node<'t>, frame: &Frame<'t>) {
        let parameters = deployment.get_ci("properties").and_then(|properties| properties.get_ci("parameters"));
        for given in super::members(parameters) {
            let Some(name) = given.key.as_str().filter(|name| !expr::is_expression(name)) else { continue };
            if frame.template.get_ci("parameters").and_then(|declared| declared.get_ci(&name)).is_none() {
                let message = format!("the template of this deployment declares no parameter '{name}'");
                self.complain(
                    Problem::error("parameter-not-declared", given.key.span(), message)
                        .with_help("remove it, or declare it in the template"),
                );
            }
        }
    }

    /// Works out every parameter of a deployment, also those that nothing uses: Azure looks at all of them.
    pub(super) fn check_parameters(&self, frame: &Rc<Frame<'t>>) {
        for declared in super::members(frame.template.get_ci("parameters")) {
            let Some(name) = declared.key.as_str() else { continue };
            // One that depends on itself says so where it does.
            let _ = self.parameter_value(frame, &name, declared);
        }
    }

    /// Works out every variable of a template, also those that nothing uses: Azure looks at all of them.
    pub(super) fn check_variables(&self, env: &Rc<Env<'t>>) {
        if env.frame.outer.is_some() {
            return; // they are looked at where the deployment stands
        }
        for variable in super::members(env.frame.template.get_ci("variables")) {
            let at = variable.key.span();
            match bodies::property_loops(variable) {
                Some(loops) => {
                    for name in loops.iter().filter_map(|round| round.get_ci("name").and_then(Node::as_str)) {
                        let _ = self.variable(env, &name, at);
                    }
                }
                None => {
                    if let Some(name) = variable.key.as_str() {
                        let _ = self.variable(env, &name, at);
                    }
                }
            }
        }
    }

    /// The value of a parameter of a frame, evaluated on first use.
    pub(super) fn parameter(&self, frame: &Rc<Frame<'t>>, name: &str, at: Span) -> Result<Value, String> {
        let Some(declared) = frame.template.get_ci("parameters").and_then(|p| p.member_ci(name)) else {
            return Err(format!("there is no parameter '{name}'"));
        };
        let value = self.parameter_value(frame, name, declared)?;
        let origin = self.trails.borrow_mut().through(value.origin, StepKind::Parameter(name.into()), at);
        Ok(Value { origin, ..value })
    }

    fn parameter_value(&self, frame: &Rc<Frame<'t>>, name: &str, declared: Member<'t>) -> Result<Value, String> {
        let key = name.to_ascii_lowercase();
        let known = frame.parameters.borrow().get(&key).cloned();
        match known {
            Some(Memo::Done(value, problems)) => {
                self.repeat(&problems);
                Ok(value)
            }
            Some(Memo::Busy) => Err(format!("the parameter '{name}' depends on itself")),
            None => {
                frame.parameters.borrow_mut().insert(key.clone(), Memo::Busy);
                let written = declared.key.as_str().unwrap_or_default();
                let (value, problems) =
                    self.remembered(|| self.evaluate_parameter(frame, &written, declared.key, declared.value));
                frame.parameters.borrow_mut().insert(key, Memo::Done(value.clone(), problems));
                Ok(value)
            }
        }
    }

    fn evaluate_parameter(&self, frame: &Rc<Frame<'t>>, name: &str, key: Node<'t>, declaration: Node<'t>) -> Value {
        let schema = Schema::new(frame.template, declaration);
        let ty = schema.ty();
        // Azure refuses a declaration without a type; what it holds may be a secret, in a file that is broken.
        let secure = is_secure(ty.as_deref()) || (ty.is_none() && declaration.get_ci("$ref").is_none());
        let default = declaration.get_ci("defaultValue");
        let supplied = frame.supplied.get(&name.to_ascii_lowercase()).map(|supplied| match supplied {
            Supplied::Value(value) => self.handed(frame, name, value.clone(), value.origin.at),
            Supplied::Node { node, env } => {
                let value = self.as_default(false, || self.value(env, *node));
                self.handed(frame, name, value, node.span())
            }
            Supplied::Wrapped { node, env } => {
                let value = unwrap(frame, name, &self.as_default(false, || self.value(env, *node)));
                self.handed(frame, name, value, node.span())
            }
        });
        // A null stands for "not given".
        let null = supplied.as_ref().filter(|value| value.is_null()).map(|value| value.origin);
        let supplied = supplied.filter(|value| !value.is_null());
        if secure && let Some(value) = &supplied {
            self.hide_value(value);
            if value.as_unknown().is_some_and(|unknown| unknown.reason == Reason::InvalidExpression) {
                self.secrets.borrow_mut().values.push(value.origin.at); // a broken expression may hold the text
            }
            self.check_type(&schema, name, value);
            let symbol = Symbol::new(format!("parameters('{name}')"), Arc::clone(&frame.instance));
            let kind = if ty.as_deref() == Some("secureobject") { Type::Object } else { Type::String };
            return Value::unknown(Unknown::new(Reason::Secret, symbol).typed(kind), value.origin);
        }
        let value = match (supplied, default) {
            (Some(value), _) => {
                self.check_value(&schema, name, &value);
                // What is given under such a name is hidden whole, as `check_assignment` has it.
                let whole = frame.depth == 0 && value.as_object().is_some() && secrets::is_credential(name);
                if whole { value.into_secret() } else { value }
            }
            (None, Some(default)) => {
                let value = self.as_default(true, || self.value(&Env::of(frame), default));
                if !secure {
                    self.check_value(&schema, name, &value);
                }
                let origin =
                    self.trails.borrow_mut().through(value.origin, StepKind::DefaultValue(name.into()), key.span());
                Value { origin, ..value }
            }
            (None, None) if schema.nullable() => Value::null(null.unwrap_or(Origin::at(key.span()))),
            (None, None) => {
                self.missing(frame, name, key, null);
                without_value(frame, name, key, &schema)
            }
        };
        let empty = value.is_null() || value.as_str() == Some("");
        if secure && !empty {
            self.hide_value(&value);
            return value.into_secret();
        }
        self.credential(name, value)
    }

    /// A value that a deployment hands to its template at a place, or that is given to the root from outside.
    fn handed(&self, frame: &Frame<'t>, name: &str, value: Value, at: Span) -> Value {
        let kind = if frame.depth == 0 {
            StepKind::ParameterFile(name.into())
        } else {
            let deployment = frame.name.as_name().map_or_else(String::new, |name| name.shown());
            StepKind::NestedDeployment(deployment.into())
        };
        let origin = self.trails.borrow_mut().through(value.origin, kind, at);
        Value { origin, ..value }
    }

    /// Complains about a parameter without a value; at the root somebody may still give it one.
    fn missing(&self, frame: &Frame<'t>, name: &str, key: Node<'t>, null: Option<Origin>) {
        let (at, message) = match null {
            Some(null) => (null.at, format!("the parameter '{name}' needs a value; null is none")),
            None if frame.depth == 0 => return,
            None => (frame.at, format!("the nested deployment is given no value for its parameter '{name}'")),
        };
        let help = match frame.depth {
            0 => format!("give '{name}' a value"),
            _ => format!("add \"{name}\": {{\"value\": …}} to the parameters of the deployment"),
        };
        self.complain(
            Problem::error("parameter-missing", at, message)
                .with_label(key.span(), "declared here without a default value")
                .with_help(help),
        );
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

/// A parameter to which nothing was given: a symbol, with its type and, where it has few values, its domain.
fn without_value<'t>(frame: &Frame<'t>, name: &str, key: Node<'t>, schema: &Schema<'t>) -> Value {
    let ty = schema.ty();
    let ty = ty.as_deref();
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
    unknown.domain = super::choices::domain(schema, key).map(Into::into);
    Value::unknown(unknown, Origin::at(key.span()))
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
