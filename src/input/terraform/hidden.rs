//! The places of secrets, as plans and states mark them.
//!
//! In: the tree of a plan or a state. Out: [`Places`]. Must not know: which of them are used.
//!
//! Marks of the plan count everywhere: in values before and after, variables and outputs. A state file marks little, so that
//! the names of what providers hold secret stand here too.

use crate::input::secrets::{self, Places, strings};
use crate::json::{Kind, Node};

use super::Source;
use super::reader::marks;

/// Attributes whose values are secret whatever a file marks.
pub(super) const NAMES: [&str; 18] = [
    "kube_config",
    "kube_admin_config",
    "kube_config_raw",
    "kube_admin_config_raw",
    "custom_data",
    "user_data",
    "client_key",
    "client_certificate",
    "context_access_token",
    "secret_arguments",
    "secure_environment_variables",
    "service_uri",
    "custom_headers",
    "sensitive_body",
    "certificate_data",
    "secret_id",
    "site_credential",
    "publish_profile",
];

/// Their lengths.
const LENGTHS: u64 = secrets::lengths(&NAMES);

/// Whether values of a name are secret whatever a file marks.
fn is_name(name: &str) -> bool {
    secrets::has_length(LENGTHS, name) && NAMES.contains(&name)
}

/// The places of secrets, those in all documents among them.
pub(super) fn places(root: Node<'_>, source: Source) -> Places {
    let mut places = secrets::places(root);
    match source {
        Source::Plan | Source::State => {
            for change in root.get("resource_changes").into_iter().flat_map(Node::items) {
                if let Some(change) = change.get("change") {
                    pair(change, "before", "before_sensitive", &mut places);
                    pair(change, "after", "after_sensitive", &mut places);
                }
            }
            for change in root.get("resource_drift").into_iter().flat_map(Node::items) {
                if let Some(change) = change.get("change") {
                    pair(change, "before", "before_sensitive", &mut places);
                    pair(change, "after", "after_sensitive", &mut places);
                }
            }
            for change in root.get("output_changes").into_iter().flat_map(Node::members) {
                pair(change.value, "before", "before_sensitive", &mut places);
                pair(change.value, "after", "after_sensitive", &mut places);
            }
            let prior = root.get("prior_state").and_then(|state| state.get("values"));
            for values in [root.get("planned_values"), prior, root.get("values")].into_iter().flatten() {
                outputs(values, &mut places);
                if let Some(module) = values.get("root_module") {
                    of_module(module, 0, &mut places);
                }
            }
            variables(root, &mut places);
        }
        Source::StateFile => {
            outputs(root, &mut places);
            for resource in root.get("resources").into_iter().flat_map(Node::items) {
                for instance in resource.get("instances").into_iter().flat_map(Node::items) {
                    let Some(attributes) = instance.get("attributes") else { continue };
                    named(attributes, 0, &mut places);
                    for path in instance.get("sensitive_attributes").into_iter().flat_map(Node::items) {
                        if let Some(node) = lead(attributes, path) {
                            strings(node, &mut places);
                        }
                    }
                }
            }
        }
        Source::Events => {}
    }
    places
}

/// A value of which another one says what is secret.
fn pair(around: Node<'_>, value: &str, mask: &str, places: &mut Places) {
    if let Some(value) = around.get(value) {
        if let Some(mask) = around.get(mask) {
            marked(value, mask, 0, places);
        }
        named(value, 0, places);
    }
}

/// Values nest this deep at most.
const NESTING: usize = 64;

fn marked(value: Node<'_>, mask: Node<'_>, depth: usize, places: &mut Places) {
    if depth > NESTING {
        return;
    }
    match mask.kind() {
        Kind::Bool(true) => strings(value, places),
        Kind::Object => {
            for member in mask.members().filter(|member| marks(member.value)) {
                let name = member.key.as_str().unwrap_or_default();
                if let Some(value) = value.get(&name) {
                    marked(value, member.value, depth + 1, places);
                }
            }
        }
        Kind::Array => {
            value.items().zip(mask.items()).for_each(|(value, mask)| marked(value, mask, depth + 1, places));
        }
        Kind::Null | Kind::Bool(false) | Kind::Number | Kind::String => {}
    }
}

/// What stands under the name of a secret.
fn named(value: Node<'_>, depth: usize, places: &mut Places) {
    if depth > NESTING {
        return;
    }
    match value.kind() {
        Kind::Object => {
            for member in value.members() {
                let name = member.key.as_str().unwrap_or_default();
                if is_name(&name) {
                    strings(member.value, places);
                } else {
                    named(member.value, depth + 1, places);
                }
            }
        }
        Kind::Array => value.items().for_each(|item| named(item, depth + 1, places)),
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => {}
    }
}

fn of_module(module: Node<'_>, depth: usize, places: &mut Places) {
    if depth > NESTING {
        return;
    }
    for resource in module.get("resources").into_iter().flat_map(Node::items) {
        pair(resource, "values", "sensitive_values", places);
    }
    for child in module.get("child_modules").into_iter().flat_map(Node::items) {
        of_module(child, depth + 1, places);
    }
}

fn is_sensitive(node: Node<'_>) -> bool {
    node.get("sensitive").is_some_and(|mark| mark.kind() == Kind::Bool(true))
}

fn outputs(values: Node<'_>, places: &mut Places) {
    for output in values.get("outputs").into_iter().flat_map(Node::members) {
        if let Some(value) = output.value.get("value").filter(|_| is_sensitive(output.value)) {
            strings(value, places);
        }
    }
}

/// The values of variables that the configuration declares sensitive, and those whose names say so.
fn variables(root: Node<'_>, places: &mut Places) {
    let module = root.get("configuration").and_then(|configuration| configuration.get("root_module"));
    for variable in root.get("variables").into_iter().flat_map(Node::members) {
        let name = variable.key.as_str().unwrap_or_default();
        let declared = module.and_then(|module| module.get("variables")?.get(&name));
        let secret = declared.is_some_and(is_sensitive) || secrets::is_credential(&name);
        if let Some(value) = variable.value.get("value").filter(|_| secret) {
            strings(value, places);
        }
    }
    if let Some(module) = module {
        defaults(module, 0, places);
    }
}

/// The defaults and constants that a secret variable of a module is given.
fn defaults(module: Node<'_>, depth: usize, places: &mut Places) {
    if depth > NESTING {
        return;
    }
    for variable in module.get("variables").into_iter().flat_map(Node::members) {
        if let Some(default) = variable.value.get("default").filter(|_| is_sensitive(variable.value)) {
            strings(default, places);
        }
    }
    for resource in module.get("resources").into_iter().flat_map(Node::items) {
        if let Some(expressions) = resource.get("expressions") {
            constants(expressions, 0, places);
        }
    }
    for call in module.get("module_calls").into_iter().flat_map(Node::members) {
        let Some(inner) = call.value.get("module") else { continue };
        for input in call.value.get("expressions").into_iter().flat_map(Node::members) {
            let name = input.key.as_str().unwrap_or_default();
            let declared = inner.get("variables").and_then(|variables| variables.get(&name));
            if let Some(constant) = input.value.get("constant_value").filter(|_| declared.is_some_and(is_sensitive)) {
                strings(constant, places);
            }
        }
        defaults(inner, depth + 1, places);
    }
}

/// Constants that are written for what is secret by its name.
fn constants(body: Node<'_>, depth: usize, places: &mut Places) {
    if depth > NESTING {
        return;
    }
    for member in body.members() {
        let name = member.key.as_str().unwrap_or_default();
        match member.value.get("constant_value") {
            Some(constant) if is_name(&name) || secrets::is_credential(&name) => {
                strings(constant, places);
            }
            Some(_) => {}
            None => {
                constants(member.value, depth + 1, places);
                member.value.items().for_each(|block| constants(block, depth + 1, places));
            }
        }
    }
}

/// The node that a path of a state file leads to.
fn lead<'t>(attributes: Node<'t>, path: Node<'_>) -> Option<Node<'t>> {
    let mut node = attributes;
    for step in path.items() {
        let value = step.get("value")?;
        // An index is wrapped once more.
        let value = value.get("value").unwrap_or(value);
        node = match value.kind() {
            Kind::String => node.get(&value.as_str()?)?,
            Kind::Number => node.item(value.raw().parse().ok()?)?,
            Kind::Null | Kind::Bool(_) | Kind::Array | Kind::Object => return Some(node),
        };
    }
    Some(node)
}
