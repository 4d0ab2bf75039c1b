//! Terraform's language, as far as places matter: blocks, attributes, and what an expression says by itself.
//!
//! In: the text of a file. Out: [`Body`], in which everything knows its bytes, or a [`Problem`]. Must not know: what any
//! block means; nothing is evaluated.
//!
//! The grammar is that of `hcl-edit`, which limits how deep a text may nest. What it gives is made smaller here: of an
//! expression only literals, collections, references and calls are kept, which are what can be followed.

mod json;
mod read;

pub use json::{read as read_json, variables as json_variables};
pub use read::read;

use std::collections::HashMap;

use crate::source::Span;

/// What stands in a file, or between the braces of a block.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Body {
    /// In the order of the text.
    pub attributes: Vec<Attribute>,
    /// In the order of the text.
    pub blocks: Vec<Block>,
}

/// `name = value`.
#[derive(Clone, Debug, PartialEq)]
pub struct Attribute {
    /// The name.
    pub name: String,
    /// Where the name stands.
    pub name_at: Span,
    /// What is written.
    pub value: Expression,
}

/// `kind "label" { … }`.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `resource`.
    pub kind: String,
    /// Type and name of a resource.
    pub labels: Vec<String>,
    /// From the first word to the last label: the place for what is to be said of it as a whole.
    pub head: Span,
    /// Where its brace opens.
    pub opens: u32,
    /// What stands in it.
    pub body: Body,
}

/// What is written as a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Its bytes.
    pub at: Span,
    /// What it says.
    pub form: Form,
}

/// What an expression says by itself.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// `null`.
    Null,
    /// A string without interpolation, a number or a boolean, as a text.
    Literal(String),
    /// A string with interpolations.
    Template,
    /// `local.sku`, `var.registries["hub"].sku`: the first is always a name.
    Reference(Vec<Step>),
    /// `{ … }`.
    Object(Object),
    /// `[ … ]`.
    Array(Vec<Expression>),
    /// `toset(…)`.
    Call(String, Vec<Expression>),
    /// Anything else.
    Other,
}

/// A part of a reference.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A name between dots.
    Name(String),
    /// What stands in brackets.
    Index(Box<Expression>),
    /// `[*]`.
    All,
}

/// `{ name = value }`, which may have thousands of members.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Object {
    members: Vec<Member>,
    numbers: HashMap<String, usize>,
}

impl Object {
    /// The members in the order of the text.
    pub fn members(&self) -> &[Member] {
        &self.members
    }

    /// A member by its name; the last one where it is written twice.
    pub fn get(&self, name: &str) -> Option<&Member> {
        self.members.get(*self.numbers.get(name)?)
    }
}

impl FromIterator<Member> for Object {
    fn from_iter<I: IntoIterator<Item = Member>>(members: I) -> Self {
        let members: Vec<Member> = members.into_iter().collect();
        let named = members.iter().enumerate().filter_map(|(at, member)| Some((member.name.clone()?, at)));
        let numbers = named.collect();
        Self { members, numbers }
    }
}

/// A member of an object.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    /// Its name, where that is written out.
    pub name: Option<String>,
    /// Where the name stands.
    pub name_at: Span,
    /// What is written.
    pub value: Expression,
}

impl Body {
    /// An attribute by its name.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.name == name)
    }

    /// The blocks of a kind.
    pub fn blocks<'b>(&'b self, kind: &str) -> impl Iterator<Item = &'b Block> {
        self.blocks.iter().filter(move |block| block.kind == kind)
    }
}

impl Expression {
    /// The text of a literal.
    pub fn literal(&self) -> Option<&str> {
        if let Form::Literal(text) = &self.form { Some(text) } else { None }
    }
}
