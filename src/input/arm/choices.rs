//! Parameters that can have few values, each of which can be tried.
//!
//! In: a template, and what is assigned. Out: [`Choice`]s. Must not know: what comes of a value, and who tries it.

use std::sync::Arc;

use crate::input::secrets;
use crate::json::{Node, Tree};
use crate::source::Span;
use crate::value::{Data, Origin, Value};

use super::parameters::{Assigned, Assignment, is_secure};
use super::schema::Schema;
use super::{bodies, members};

/// Parameters with more values are not tried.
const MEMBERS: usize = 16;

/// A parameter and the values that it can have.
#[derive(Clone, Debug)]
pub struct Choice {
    /// The parameter's name.
    pub name: Arc<str>,
    /// Where it is declared.
    pub at: Span,
    /// `false` and `true`, or the allowed values.
    pub members: Vec<Value>,
}

impl Choice {
    /// The assignment of one of the values, as if a person had written it where the parameter is declared.
    pub fn assigned(&self, member: &Value) -> Assigned {
        let value = Value { origin: Origin::at(self.at), ..member.clone() };
        Assigned { name: Arc::clone(&self.name), value, at: self.at, typed: None }
    }
}

/// The parameters that are not assigned and can have few values; with `explore` also those with a default value.
pub fn choices(tree: &Tree<'_>, assignment: &Assignment, explore: bool) -> Vec<Choice> {
    let Some(template) = tree.root() else { return Vec::new() };
    let mut choices = Vec::new();
    for declared in members(template.get_ci("parameters")) {
        let Some(name) = declared.key.as_str() else { continue };
        let schema = Schema::new(template, declared.value);
        let assigned = assignment.iter().any(|assigned| assigned.name.eq_ignore_ascii_case(&name));
        let settled = assigned || schema.nullable() || (!explore && declared.value.get_ci("defaultValue").is_some());
        if settled || is_secure(schema.ty().as_deref()) || secrets::is_credential(&name) {
            continue;
        }
        let Some(members) = domain(&schema, declared.key) else { continue };
        let scalar = |value: &Value| matches!(value.data, Data::Bool(_) | Data::Int(_) | Data::String(_));
        if (2..=MEMBERS).contains(&members.len()) && members.iter().all(scalar) {
            choices.push(Choice { name: name.as_ref().into(), at: declared.key.span(), members });
        }
    }
    choices
}

/// The values that a parameter can have, where its declaration lists them or it is `bool`.
pub(super) fn domain(schema: &Schema<'_>, key: Node<'_>) -> Option<Vec<Value>> {
    let ty = schema.ty();
    if let Some(allowed) = schema.allowed() {
        return (ty.as_deref() != Some("array")).then(|| allowed.items().map(bodies::plain).collect());
    }
    let at = Origin::at(key.span());
    (ty.as_deref() == Some("bool")).then(|| vec![Value::bool(false, at), Value::bool(true, at)])
}
