//! Terraform's language written as JSON.
//!
//! In: the tree of a `.tf.json` or `.tfvars.json` file. Out: a [`Body`]. Must not know: what any block means.
//!
//! Without the schema of a provider, blocks cannot be told from attributes inside of a resource; they are attributes here,
//! whose values are objects, or arrays of objects.

use crate::json::{Kind, Node};

use super::read::reference;
use super::{Attribute, Block, Body, Expression, Form, Member};

/// How many labels a block of a kind has.
const LABELS: [(&str, usize); 9] = [
    ("resource", 2),
    ("data", 2),
    ("module", 1),
    ("variable", 1),
    ("output", 1),
    ("provider", 1),
    ("check", 1),
    ("locals", 0),
    ("terraform", 0),
];

/// A file of configuration.
pub fn read(root: Node<'_>) -> Body {
    let mut body = Body::default();
    for member in root.members() {
        let kind = member.key.as_str().unwrap_or_default().into_owned();
        if let Some((_, labels)) = LABELS.iter().find(|(name, _)| *name == kind) {
            let head = member.key.span();
            let block = Block { kind, labels: Vec::new(), head, opens: head.end, body: Body::default() };
            blocks(member.value, *labels, &block, &mut body);
        }
    }
    body
}

/// A file of variables: every member is one.
pub fn variables(root: Node<'_>) -> Body {
    Body { attributes: attributes(root), blocks: Vec::new() }
}

/// The blocks behind the labels that are still to come; several of the same labels are elements of an array.
fn blocks(node: Node<'_>, labels: usize, around: &Block, body: &mut Body) {
    if node.kind() == Kind::Array {
        node.items().filter(|item| item.kind() == Kind::Object).for_each(|item| blocks(item, labels, around, body));
        return;
    }
    if labels == 0 {
        let inner = Body { attributes: attributes(node), blocks: Vec::new() };
        body.blocks.push(Block { opens: node.span().start, body: inner, ..around.clone() });
        return;
    }
    for member in node.members() {
        let mut block = around.clone();
        block.labels.push(member.key.as_str().unwrap_or_default().into_owned());
        block.head = member.key.span();
        blocks(member.value, labels - 1, &block, body);
    }
}

fn attributes(node: Node<'_>) -> Vec<Attribute> {
    node.members()
        .map(|member| Attribute {
            name: member.key.as_str().unwrap_or_default().into_owned(),
            name_at: member.key.span(),
            value: expression(member.value),
        })
        .collect()
}

fn expression(node: Node<'_>) -> Expression {
    let at = node.span();
    let form = match node.kind() {
        Kind::Null => Form::Null,
        Kind::Bool(_) | Kind::Number => Form::Literal(node.raw().to_owned()),
        Kind::String => {
            let text = node.as_str().unwrap_or_default();
            match reference(&text, at) {
                Some(form) => form,
                None if text.contains("${") || text.contains("%{") => Form::Template,
                None => Form::Literal(text.into_owned()),
            }
        }
        Kind::Array => Form::Array(node.items().map(expression).collect()),
        Kind::Object => Form::Object(
            node.members()
                .map(|member| Member {
                    name: member.key.as_str().map(std::borrow::Cow::into_owned),
                    name_at: member.key.span(),
                    value: expression(member.value),
                })
                .collect(),
        ),
    };
    Expression { at, form }
}
