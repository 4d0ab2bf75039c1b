//! Whether the parts of a template are of the right kind.
//!
//! In: the tree of a template, nested ones included. Out: a problem for each part that is not what it must be, so that
//! nothing is passed over in silence. Must not know: what any part means.

use crate::diag::{Problem, Problems};
use crate::json::{Kind, Node};

use super::resources::DEPLOYMENTS;

/// The parts of a template and what each must be.
const PARTS: [(&str, Wanted); 5] = [
    ("parameters", Wanted::Object),
    ("variables", Wanted::Object),
    ("functions", Wanted::Array),
    ("resources", Wanted::Either),
    ("outputs", Wanted::Object),
];

#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Object,
    Array,
    Either,
    Text,
    Truth,
}

impl Wanted {
    const fn words(self) -> &'static str {
        match self {
            Self::Object => "an object",
            Self::Array => "an array",
            Self::Either => "an array, or an object of symbolic names",
            Self::Text => "a string",
            Self::Truth => "true or false",
        }
    }

    fn fits(self, node: Node<'_>) -> bool {
        match (self, node.kind()) {
            (Self::Object | Self::Either, Kind::Object) | (Self::Array | Self::Either, Kind::Array) => true,
            (Self::Text, Kind::String) | (Self::Truth, Kind::Bool(_)) => true,
            (Self::Truth, Kind::String) => node.is_text_ci("true") || node.is_text_ci("false"),
            (Self::Object | Self::Array | Self::Either | Self::Text | Self::Truth, _) => false,
        }
    }
}

/// What is of the wrong kind in a template.
pub(super) fn problems(template: Node<'_>) -> Problems {
    let mut problems = Vec::new();
    look(template, true, 0, &mut problems);
    problems
}

fn look(template: Node<'_>, root: bool, depth: usize, problems: &mut Problems) {
    if depth > super::NESTING {
        return;
    }
    if root && template.get_ci("resources").is_none() {
        problems.push(
            Problem::error("template-part", template.head(), "the template has no \"resources\"")
                .with_help("a template that deploys nothing has \"resources\": []"),
        );
    }
    for (name, wanted) in PARTS {
        if let Some(part) = template.get_ci(name) {
            expect(part, &format!("\"{name}\" of a template"), wanted, problems);
        }
    }
    for name in ["parameters", "outputs"] {
        for member in super::members(template.get_ci(name)) {
            expect(member.value, &format!("an entry of \"{name}\""), Wanted::Object, problems);
        }
    }
    for (_, resource) in super::declared(template) {
        look_at(resource, depth, problems);
    }
}

fn look_at(resource: Node<'_>, depth: usize, problems: &mut Problems) {
    if !expect(resource, "a resource", Wanted::Object, problems) || depth > super::NESTING {
        return;
    }
    for name in ["type", "name", "apiVersion"] {
        if let Some(part) = resource.get_ci(name) {
            expect(part, &format!("\"{name}\" of a resource"), Wanted::Text, problems);
        }
    }
    if let Some(condition) = resource.get_ci("condition") {
        expect(condition, "\"condition\" of a resource", Wanted::Truth, problems);
    }
    if let Some(copy) = resource.get_ci("copy") {
        expect(copy, "\"copy\" of a resource", Wanted::Object, problems);
    }
    if let Some(children) = resource.get_ci("resources")
        && expect(children, "\"resources\" of a resource", Wanted::Either, problems)
    {
        children.items().for_each(|child| look_at(child, depth + 1, problems));
        children.members().for_each(|child| look_at(child.value, depth + 1, problems));
    }
    let nested = resource.get_ci("type").and_then(Node::as_str).is_some_and(|ty| ty.eq_ignore_ascii_case(DEPLOYMENTS));
    let Some(properties) = resource.get_ci("properties").filter(|_| nested) else { return };
    if !expect(properties, "\"properties\" of a deployment", Wanted::Object, problems) {
        return;
    }
    if let Some(parameters) = properties.get_ci("parameters") {
        expect(parameters, "\"parameters\" of a deployment", Wanted::Object, problems);
    }
    if let Some(template) = properties.get_ci("template")
        && expect(template, "\"template\" of a deployment", Wanted::Object, problems)
    {
        look(template, false, depth + 1, problems);
    }
}

/// Complains about a node that is not what is wanted. An expression may give anything; where Azure takes none it
/// refuses, but what it gives is not known here.
fn expect(node: Node<'_>, what: &str, wanted: Wanted, problems: &mut Problems) -> bool {
    if wanted.fits(node) {
        return true;
    }
    let expression = node.as_str().is_some_and(|text| crate::expr::is_expression(&text));
    if !expression && node.kind() != Kind::Null {
        let message = format!("{what} must be {}", wanted.words());
        problems.push(Problem::error("template-part", node.head(), message));
    }
    false
}
