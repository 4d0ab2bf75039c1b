//! Rule files against their published schema.
//!
//! In: a rule file and the names of a catalog. Out: problems with places in the file. Must not know: what the names
//! stand for, or how rules are judged.
//!
//! `schemas/rule.schema.json` is written by hand, but for the names of the catalog, which stand in three lists at its
//! end; [`text`] puts them there.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

use crate::catalog::Catalog;
use crate::diag::{Problem, Problems};
use crate::json::{self, Kind, Node, Number};
use crate::source::{FileId, Sources};

/// The schema as it is published.
pub const PUBLISHED: &str = include_str!("../../schemas/rule.schema.json");

/// The schema with the names of a catalog. For the real catalog that is the published one.
pub fn text<M>(catalog: &Catalog<M>) -> String {
    let kinds = || catalog.kinds.iter();
    let subjects = kinds().map(|kind| kind.name).collect();
    let properties = kinds().flat_map(|kind| kind.properties.iter().map(|property| property.name)).collect();
    let relations = kinds().flat_map(|kind| kind.relations.iter().map(|relation| relation.name)).collect();
    let mut text = PUBLISHED.to_owned();
    for (list, names) in [("kindName", subjects), ("propertyName", properties), ("relationName", relations)] {
        text = with_names(&text, list, &names);
    }
    text
}

fn with_names(schema: &str, list: &str, names: &BTreeSet<&str>) -> String {
    let parsed = json::parse(FileId(0), schema);
    let Some(node) = parsed.tree.at(&format!("/$defs/{list}/enum")) else { return schema.to_owned() };
    let span = node.span();
    let (before, after) = (schema.get(..span.start as usize), schema.get(span.end as usize..));
    let lines: Vec<String> = names.iter().map(|name| format!("\n        \"{name}\"")).collect();
    let end = if lines.is_empty() { "" } else { "\n      " };
    format!("{}[{}{end}]{}", before.unwrap_or_default(), lines.join(","), after.unwrap_or_default())
}

/// A schema that is ready to be held against files. Compiled only when a user brings rules.
pub struct Schema {
    validator: Option<jsonschema::Validator>,
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema").finish_non_exhaustive()
    }
}

impl Schema {
    /// The schema with the names of a catalog.
    pub fn of<M>(catalog: &Catalog<M>) -> Self {
        Self::from_text(&text(catalog))
    }

    /// The schema as it is published.
    pub fn published() -> Self {
        Self::from_text(PUBLISHED)
    }

    fn from_text(text: &str) -> Self {
        let parsed: Option<Value> = serde_json::from_str(text).ok();
        Self { validator: parsed.and_then(|schema| jsonschema::validator_for(&schema).ok()) }
    }

    /// What the schema says about a file.
    pub fn check(&self, sources: &Sources, file: FileId) -> Problems {
        let parsed = json::parse(file, sources.get(file).text());
        let (Some(root), Some(validator)) = (parsed.tree.root(), &self.validator) else { return Problems::new() };
        let document = value(root);
        let mut problems: Problems = validator
            .iter_errors(&document)
            .map(|error| {
                let node = parsed.tree.at(error.instance_path().as_str()).unwrap_or(root);
                Problem::error("rule-schema", node.head(), format!("the schema of rules refuses this: {error}")).fatal()
            })
            .collect();
        problems.sort_by_key(Problem::span);
        problems
    }
}

/// A tree as the validator wants it.
fn value(node: Node<'_>) -> Value {
    match node.kind() {
        Kind::Null => Value::Null,
        Kind::Bool(value) => Value::Bool(value),
        Kind::Number => match node.number() {
            Some(Number::Int(value)) => value.into(),
            Some(Number::Float(value)) => value.into(),
            None => Value::Null,
        },
        Kind::String => Value::String(node.as_str().unwrap_or_default().into_owned()),
        Kind::Array => Value::Array(node.items().map(value).collect()),
        Kind::Object => {
            let named = |name: Node<'_>| name.as_str().unwrap_or_default().into_owned();
            Value::Object(node.members().map(|m| (named(m.key), value(m.value))).collect::<Map<_, _>>())
        }
    }
}
