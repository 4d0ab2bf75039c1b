//! The places of secrets in sources.
//!
//! In: the files of a module. Out: [`Places`]. Must not know: which of them are shown.
//!
//! A plan marks what is sensitive, and what it marks is hidden wherever it turns up; this is for what the plan does not show,
//! and for texts that are written otherwise than the plan has them.

use std::collections::BTreeSet;

use crate::input::hcl::{Attribute, Block, Body, Expression, Form};
use crate::input::secrets::{Places, is_credential};
use crate::input::terraform::hidden;

/// The places of secrets in the files of one module. `given`: the files that give values to its variables.
pub fn places<'b>(files: impl Iterator<Item = &'b Body> + Clone, given: impl Iterator<Item = &'b Body>) -> Places {
    let mut places = Places::default();
    let variables = files.clone().flat_map(|body| body.blocks("variable")).filter(|block| is_sensitive(block));
    let sensitive: BTreeSet<&str> = variables.filter_map(|block| block.labels.first()).map(String::as_str).collect();
    files.for_each(|body| walk(body, &mut places));
    for attribute in given.flat_map(|body| &body.attributes) {
        if sensitive.contains(attribute.name.as_str()) {
            strings(&attribute.value, &mut places);
        }
        named(attribute, &mut places);
    }
    places
}

fn is_sensitive(block: &Block) -> bool {
    let named = block.labels.first().is_some_and(|name| is_secret(name));
    named || block.body.attribute("sensitive").is_some_and(|mark| mark.value.literal() == Some("true"))
}

fn is_secret(name: &str) -> bool {
    is_credential(name) || hidden::NAMES.contains(&name)
}

fn walk(body: &Body, places: &mut Places) {
    body.attributes.iter().for_each(|attribute| named(attribute, places));
    for block in &body.blocks {
        if block.kind == "variable"
            && is_sensitive(block)
            && let Some(default) = block.body.attribute("default")
        {
            strings(&default.value, places);
        }
        walk(&block.body, places);
    }
}

fn named(attribute: &Attribute, places: &mut Places) {
    if is_secret(&attribute.name) { strings(&attribute.value, places) } else { inside(&attribute.value, places) }
}

/// The secrets in a value that is none as a whole.
fn inside(value: &Expression, places: &mut Places) {
    match &value.form {
        Form::Object(object) => {
            for member in object.members() {
                let secret = member.name.as_deref().is_some_and(is_secret);
                if secret { strings(&member.value, places) } else { inside(&member.value, places) }
            }
        }
        Form::Array(items) => items.iter().for_each(|item| inside(item, places)),
        Form::Call(name, arguments) if name == "sensitive" => arguments.iter().for_each(|value| strings(value, places)),
        Form::Call(_, arguments) => arguments.iter().for_each(|value| inside(value, places)),
        Form::Null | Form::Literal(_) | Form::Template | Form::Reference(_) | Form::Other => {}
    }
}

/// Everything in a value that is a secret.
fn strings(value: &Expression, places: &mut Places) {
    match &value.form {
        Form::Literal(_) => places.values.push(value.at),
        // What such a text is made of is not known, and a part of it is no secret elsewhere.
        Form::Template | Form::Other => places.names.push(value.at),
        Form::Object(object) => object.members().iter().for_each(|member| strings(&member.value, places)),
        Form::Array(items) | Form::Call(_, items) => items.iter().for_each(|item| strings(item, places)),
        Form::Null | Form::Reference(_) => {}
    }
}
