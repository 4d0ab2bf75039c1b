//! What a declaration allows: types, bounds, allowed values, the properties of user-defined types.
//!
//! In: a declaration of a template and a value that is given to it. Out: problems where Azure refuses the value; the
//! domain of a value that is not given. Must not know: where the value comes from.
//!
//! What is not known fits everything: only what is refused for certain is a problem.

use crate::diag::Problem;
use crate::json::{Kind, Node};
use crate::source::Span;
use crate::value::compare::same_ignoring_case;
use crate::value::{Data, Object, Truth, Value};

use super::{Expander, bodies, members};

/// How many `$ref`s may follow each other, and how deep types may be nested.
const DEPTH: usize = 32;

/// A declaration with everything that its `$ref`s lead to: the declaration itself first.
#[derive(Clone)]
pub(super) struct Schema<'t> {
    template: Node<'t>,
    nodes: Vec<Node<'t>>,
}

impl<'t> Schema<'t> {
    /// The declaration of a parameter, a property or an element of a template.
    pub(super) fn new(template: Node<'t>, declaration: Node<'t>) -> Self {
        let mut nodes = vec![declaration];
        while let Some(target) = nodes.last().and_then(|node| node.get_ci("$ref")).and_then(Node::as_str) {
            let Some(next) = resolve(template, &target).filter(|_| nodes.len() < DEPTH) else { break };
            nodes.push(next);
        }
        Self { template, nodes }
    }

    fn of(&self, declaration: Node<'t>) -> Self {
        Self::new(self.template, declaration)
    }

    /// A keyword of the declaration, or of what it refers to; the nearest one counts.
    pub(super) fn get(&self, keyword: &str) -> Option<Node<'t>> {
        self.nodes.iter().find_map(|node| node.get_ci(keyword))
    }

    /// The type, in lower case.
    pub(super) fn ty(&self) -> Option<String> {
        self.get("type").and_then(Node::as_str).map(|ty| ty.to_ascii_lowercase())
    }

    /// Whether null, or nothing at all, may be given.
    pub(super) fn nullable(&self) -> bool {
        self.nodes.iter().any(|node| node.get_ci("nullable").is_some_and(|flag| flag.kind() == Kind::Bool(true)))
    }

    /// The values that are allowed, where the declaration lists them.
    pub(super) fn allowed(&self) -> Option<Node<'t>> {
        self.get("allowedValues").filter(|node| node.items().next().is_some())
    }

    fn number(&self, keyword: &str) -> Option<(i64, Node<'t>)> {
        let node = self.get(keyword)?;
        match node.number()? {
            crate::json::Number::Int(bound) => Some((bound, node)),
            crate::json::Number::Float(_) => None,
        }
    }
}

/// What `#/definitions/name` and longer references point at.
fn resolve<'t>(template: Node<'t>, target: &str) -> Option<Node<'t>> {
    let mut node = template;
    for step in target.strip_prefix("#/")?.split('/') {
        let step = step.replace("~1", "/").replace("~0", "~");
        node = match (step.parse::<usize>(), node.kind()) {
            (Ok(index), Kind::Array) => node.items().nth(index)?,
            (Ok(_) | Err(_), _) => node.get_ci(&step)?,
        };
    }
    Some(node)
}

/// A value on its way through a declaration.
struct Given<'a> {
    /// What a person calls it: `roleAssignments[1].principalId`.
    path: String,
    value: &'a Value,
    depth: usize,
}

impl<'t> Expander<'t> {
    /// Complains about a value that Azure refuses for a declaration.
    pub(super) fn check_value(&self, schema: &Schema<'t>, what: &str, value: &Value) {
        self.check_given(schema, &Given { path: what.to_owned(), value, depth: 0 });
    }

    /// Complains about a value of another type than the declared one, and says nothing else about it.
    pub(super) fn check_type(&self, schema: &Schema<'t>, what: &str, value: &Value) {
        self.has_type(schema, &Given { path: what.to_owned(), value, depth: 0 });
    }

    fn check_given(&self, schema: &Schema<'t>, given: &Given<'_>) {
        let value = given.value;
        if given.depth > DEPTH || matches!(value.data, Data::Unknown(_)) {
            return;
        }
        if value.is_null() {
            if given.depth > 0 && !schema.nullable() && schema.ty().is_some() {
                self.not_given(schema, given, value.origin.at);
            }
            return;
        }
        if !self.has_type(schema, given) {
            return;
        }
        self.check_allowed(schema, given);
        self.check_bounds(schema, given);
        match &value.data {
            Data::Object(object) => self.check_members(schema, given, object),
            Data::Array(array) => {
                for (at, item) in array.items.iter().enumerate() {
                    let tuple = schema.get("prefixItems").and_then(|items| items.items().nth(at));
                    let Some(declared) = tuple.or_else(|| schema.get("items")) else { break };
                    if declared.kind() == Kind::Object {
                        let path = format!("{}[{at}]", given.path);
                        self.check_given(&schema.of(declared), &Given { path, value: item, depth: given.depth + 1 });
                    }
                }
            }
            Data::Null
            | Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Pattern(_)
            | Data::Unknown(_) => {}
        }
    }

    fn not_given(&self, schema: &Schema<'t>, given: &Given<'_>, at: Span) {
        let message = format!("'{}' needs a value; null and nothing are not allowed", given.path);
        let mut problem = Problem::error("parameter-value-missing", at, message);
        if let Some(declaration) = schema.nodes.first() {
            problem = problem.with_label(declaration.span(), "declared here without \"nullable\"");
        }
        self.complain(problem);
    }

    /// Whether the value has the declared type; complains when it does not.
    fn has_type(&self, schema: &Schema<'t>, given: &Given<'_>) -> bool {
        let Some(ty) = schema.ty() else { return true };
        let wanted = match ty.as_str() {
            "string" | "securestring" => "a string",
            "int" => "a whole number",
            "bool" => "true or false",
            "array" => "an array",
            "object" | "secureobject" => "an object",
            _ => return true,
        };
        let (found, fits) = match &given.value.data {
            Data::Null | Data::Unknown(_) => return true,
            Data::Bool(_) => ("a boolean", ty == "bool"),
            Data::Int(_) => ("a number", ty == "int"),
            Data::Float(number) => ("a number", ty == "int" && number.fract() == 0.0),
            Data::String(_) | Data::Pattern(_) => ("a string", matches!(ty.as_str(), "string" | "securestring")),
            Data::Array(_) => ("an array", ty == "array"),
            Data::Object(_) => ("an object", matches!(ty.as_str(), "object" | "secureobject")),
        };
        if !fits {
            let message = format!("'{}' is to be {wanted}, and this is {found}", given.path);
            let mut problem = Problem::error("parameter-type", given.value.origin.at, message);
            if let Some(declared) = schema.get("type") {
                problem = problem.with_label(declared.span(), "the declared type");
            }
            self.complain(problem);
        }
        fits
    }

    fn check_allowed(&self, schema: &Schema<'t>, given: &Given<'_>) {
        let Some(allowed) = schema.allowed() else { return };
        let members: Vec<Value> = allowed.items().map(bodies::plain).collect();
        let one_of = |value: &Value| members.iter().any(|member| same_ignoring_case(member, value) != Truth::False);
        let fits = one_of(given.value)
            || given.value.as_array().is_some_and(|array| array.open.is_some() || array.items.iter().all(one_of));
        if !fits {
            let message = format!("this value is not one of those that '{}' allows", given.path);
            self.complain(
                Problem::error("parameter-value-not-allowed", given.value.origin.at, message)
                    .with_label(allowed.span(), "the allowed values"),
            );
        }
    }

    fn check_bounds(&self, schema: &Schema<'t>, given: &Given<'_>) {
        let (size, least, most, noun) = match &given.value.data {
            Data::String(text) => (text.encode_utf16().count(), "minLength", "maxLength", "characters"),
            Data::Array(array) if array.open.is_none() => (array.items.len(), "minLength", "maxLength", "elements"),
            Data::Int(_) => (0, "minValue", "maxValue", ""),
            Data::Null
            | Data::Bool(_)
            | Data::Float(_)
            | Data::Array(_)
            | Data::Object(_)
            | Data::Pattern(_)
            | Data::Unknown(_) => return,
        };
        let size = match &given.value.data {
            Data::Int(number) => *number,
            _ => i64::try_from(size).unwrap_or(i64::MAX),
        };
        let low = schema.number(least).filter(|(bound, _)| size < *bound).map(|(bound, at)| ("at least", bound, at));
        let high = schema.number(most).filter(|(bound, _)| size > *bound).map(|(bound, at)| ("at most", bound, at));
        for (word, bound, at) in low.into_iter().chain(high) {
            let message = match noun {
                "" => format!("'{}' must be {word} {bound}", given.path),
                _ => format!("'{}' must have {word} {bound} {noun}, and has {size}", given.path),
            };
            self.complain(
                Problem::error("parameter-value-out-of-bounds", given.value.origin.at, message)
                    .with_label(at.span(), "the bound"),
            );
        }
    }

    fn check_members(&self, schema: &Schema<'t>, given: &Given<'_>, object: &Object) {
        let discriminator = schema.get("discriminator").and_then(|d| d.get_ci("propertyName")).and_then(Node::as_str);
        let Some(schema) = self.chosen(schema, given, object) else { return };
        // A computed name that is not known stands in the object with its holes, and may be any of those declared.
        let open = object.open.is_some() || object.iter().any(|(key, _)| key.name.contains('⟨'));
        for property in members(schema.get("properties")) {
            let Some(name) = property.key.as_str() else { continue };
            let declared = schema.of(property.value);
            let path = format!("{}.{name}", given.path);
            match object.get(&name) {
                Some(value) => self.check_given(&declared, &Given { path, value, depth: given.depth + 1 }),
                None if !open && !declared.nullable() => {
                    let absent = Given { path, value: given.value, depth: given.depth };
                    self.not_given(&declared, &absent, given.value.origin.at);
                }
                None => {}
            }
        }
        let Some(rest) = schema.get("additionalProperties") else { return };
        for (key, value) in object.iter() {
            let declared = schema.get("properties").is_some_and(|properties| properties.get_ci(&key.name).is_some())
                || discriminator.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(&key.name));
            if declared || open {
                continue;
            }
            match rest.kind() {
                Kind::Bool(false) if !value.is_null() => {
                    let message = format!("'{}' has no property '{}'", given.path, key.name);
                    self.complain(
                        Problem::error("parameter-property-unknown", key.at, message)
                            .with_label(rest.span(), "no other properties are allowed"),
                    );
                }
                Kind::Object => {
                    let path = format!("{}.{}", given.path, key.name);
                    self.check_given(&schema.of(rest), &Given { path, value, depth: given.depth + 1 });
                }
                Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String | Kind::Array => {}
            }
        }
    }

    /// The type that the discriminator of an object chooses; the declaration itself where it has none. `None` when
    /// that is not known, or refused.
    fn chosen(&self, schema: &Schema<'t>, given: &Given<'_>, object: &Object) -> Option<Schema<'t>> {
        let Some(discriminator) = schema.get("discriminator") else { return Some(schema.clone()) };
        let property = discriminator.get_ci("propertyName").and_then(Node::as_str)?;
        let mapping = discriminator.get_ci("mapping")?;
        let kinds = || mapping.members().filter_map(|member| member.key.as_str()).collect::<Vec<_>>().join(", ");
        let Some(value) = object.get(&property) else {
            if object.open.is_none() {
                let message = format!("'{}' needs '{property}', one of {}", given.path, kinds());
                self.complain(
                    Problem::error("parameter-value-missing", given.value.origin.at, message)
                        .with_label(discriminator.span(), "it decides which properties there are"),
                );
            }
            return None;
        };
        let kind = value.as_str()?;
        let Some(member) = mapping.members().find(|member| member.key.as_str().is_some_and(|key| key == kind)) else {
            let message = format!("'{}.{property}' must be one of {}", given.path, kinds());
            self.complain(
                Problem::error("parameter-value-not-allowed", value.origin.at, message)
                    .with_label(mapping.span(), "the kinds that are declared"),
            );
            return None;
        };
        Some(schema.of(member.value))
    }
}
