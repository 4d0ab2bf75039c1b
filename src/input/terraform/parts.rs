//! Whether the parts of a plan or a state are of the right kind.
//!
//! In: the tree. Out: a problem for each part that is not what it must be, so that nothing is passed over in silence. Must
//! not know: what any part means.

use std::fmt;

use crate::diag::{Problem, Problems};
use crate::json::{Kind, Node};

use super::Source;
use super::address::Address;

/// Modules nest this deep at most.
const NESTING: usize = 64;
/// So many problems of one file say enough.
const MOST: usize = 20;

/// What is of the wrong kind.
pub(super) fn problems(root: Node<'_>, source: Source) -> Problems {
    let mut look = Look { problems: Vec::new() };
    match source {
        Source::Plan => {
            if let Some(changes) = look.part(root, "resource_changes", Kind::Array) {
                changes.items().for_each(|node| look.change(node));
            }
            look.values(root.get("planned_values"));
            look.part(root, "configuration", Kind::Object);
            look.part(root, "variables", Kind::Object);
            if let Some(prior) = look.part(root, "prior_state", Kind::Object) {
                look.values(prior.get("values"));
            }
        }
        Source::State => look.values(root.get("values")),
        Source::StateFile => {
            for node in look.part(root, "resources", Kind::Array).into_iter().flat_map(Node::items) {
                look.text(node, "type");
                look.text(node, "name");
                for instance in look.part(node, "instances", Kind::Array).into_iter().flat_map(Node::items) {
                    look.part(instance, "attributes", Kind::Object);
                }
            }
        }
        Source::Events => {}
    }
    look.problems.truncate(MOST);
    look.problems
}

/// What a part is called; it is written out where it is wrong.
#[derive(Clone, Copy)]
enum What<'a> {
    Name(&'a str),
    Words(&'a str),
}

impl fmt::Display for What<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => write!(f, "\"{name}\""),
            Self::Words(words) => f.write_str(words),
        }
    }
}

struct Look {
    problems: Problems,
}

impl Look {
    fn expect(&mut self, node: Node<'_>, what: What<'_>, kind: Kind) -> bool {
        if node.kind() == kind {
            return true;
        }
        let message = format!("{what} must be {}, and is {}", kind.words(), node.kind().words());
        self.problems.push(Problem::error("terraform-part", node.head(), message));
        false
    }

    /// A part that need not be there, and may be null.
    fn part<'t>(&mut self, node: Node<'t>, name: &str, kind: Kind) -> Option<Node<'t>> {
        if !self.expect(node, What::Words("a part of the file"), Kind::Object) {
            return None;
        }
        let part = node.get(name).filter(|part| part.kind() != Kind::Null)?;
        self.expect(part, What::Name(name), kind).then_some(part)
    }

    fn text(&mut self, node: Node<'_>, name: &str) {
        match node.get(name) {
            Some(part) => _ = self.expect(part, What::Name(name), Kind::String),
            None => {
                let message = format!("this resource has no \"{name}\"");
                self.problems.push(Problem::error("terraform-part", node.head(), message));
            }
        }
    }

    fn values(&mut self, values: Option<Node<'_>>) {
        let Some(values) = values.filter(|node| node.kind() != Kind::Null) else { return };
        if let Some(module) = self.part(values, "root_module", Kind::Object) {
            self.module(module, 0);
        }
    }

    fn module(&mut self, module: Node<'_>, depth: usize) {
        if depth > NESTING {
            return;
        }
        for node in self.part(module, "resources", Kind::Array).into_iter().flat_map(Node::items) {
            if self.resource(node) {
                self.part(node, "values", Kind::Object);
            }
        }
        for child in self.part(module, "child_modules", Kind::Array).into_iter().flat_map(Node::items) {
            self.module(child, depth + 1);
        }
    }

    fn change(&mut self, node: Node<'_>) {
        if !self.resource(node) {
            return;
        }
        let Some(change) = node.get("change") else {
            let message = "this entry of \"resource_changes\" has no \"change\"";
            return self.problems.push(Problem::error("terraform-part", node.head(), message));
        };
        self.part(change, "actions", Kind::Array);
        for name in ["before", "after"] {
            self.part(change, name, Kind::Object);
        }
    }

    /// Whether an object has the address of a resource.
    fn resource(&mut self, node: Node<'_>) -> bool {
        if !self.expect(node, What::Words("a resource"), Kind::Object) {
            return false;
        }
        self.text(node, "address");
        if let Some(address) = node.get("address").and_then(|node| Some((node, node.as_str()?)))
            && Address::parse(&address.1).is_none()
        {
            let message = "this is no address of a resource";
            self.problems.push(Problem::error("terraform-part", address.0.span(), message));
        }
        true
    }
}
