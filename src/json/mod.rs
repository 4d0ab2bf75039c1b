//! JSON with places: every value and every property name knows its bytes.
//!
//! In: a text. Out: [`Tree`], and the [`Problems`] that were met on the way; [`parse`] never fails.
//! Must not know: templates, plans, rules, or what any property means.
//!
//! What Azure's own reader takes is taken without a word: comments, trailing commas, line breaks inside strings,
//! a byte-order mark. Everything else that is not JSON is a problem, and reading goes on behind it.
#![cfg_attr(
    not(test),
    deny(clippy::indexing_slicing, clippy::arithmetic_side_effects, clippy::cast_possible_truncation)
)]

mod known;
pub mod outline;
mod parser;
mod pointer;
pub mod reader;
mod recover;
pub mod run;
mod scan;
pub mod skim;
pub mod text;
mod token;

use std::borrow::Cow;

use crate::diag::Problems;
use crate::source::{FileId, Span};

pub use text::Text;

/// A tree, and what was wrong with the text.
#[derive(Debug)]
pub struct Parsed<'s> {
    /// What could be read; complete when no problem is fatal.
    pub tree: Tree<'s>,
    /// In the order of their places.
    pub problems: Problems,
}

/// How much a reader takes.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Longest text, in bytes; the last byte's offset in its file must fit 32 bits in any case.
    pub bytes: usize,
    /// How many arrays and objects may be open at once.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { bytes: u32::MAX as usize, depth: 256 }
    }
}

/// Reads one document.
pub fn parse(file: FileId, text: &str) -> Parsed<'_> {
    parse_at(file, text, 0)
}

/// Reads one document that is a part of a file and begins at byte `base` of it.
pub fn parse_at(file: FileId, text: &str, base: u32) -> Parsed<'_> {
    parse_within(file, text, base, Limits::default())
}

/// As [`parse_at`], with limits of one's own.
pub fn parse_within(file: FileId, text: &str, base: u32, limits: Limits) -> Parsed<'_> {
    parser::parse(file, text, base, limits)
}

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A number; see [`Node::number`].
    Number,
    /// A string; see [`Node::text`].
    String,
    /// An array; see [`Node::items`].
    Array,
    /// An object; see [`Node::members`].
    Object,
}

impl Kind {
    /// The word that messages use, with its article.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Bool(_) => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

/// The value of a number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    /// A whole number without fraction or exponent that fits 64 bits.
    Int(i64),
    /// Any other number; always finite.
    Float(f64),
}

/// What the lowest bits of [`Raw::meta`] say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
enum Tag {
    Null = 0,
    False = 1,
    True = 2,
    Number = 3,
    String = 4,
    Array = 5,
    Object = 6,
}

/// A node as it is stored, 16 bytes, in the order of the text: a container stands before its content, and an object
/// holds its names and values in turn.
#[derive(Clone, Copy, Debug)]
struct Raw {
    /// First byte of the text, from the tree's base; the quote of a string.
    start: u32,
    /// One past the last byte.
    end: u32,
    /// The node behind this one and all its content.
    next: u32,
    /// Bits 0..3 the [`Tag`]; then [`ESCAPED`], [`BARE`], and how many elements or members it has.
    meta: u32,
}

/// Set in [`Raw::meta`] for a string with a backslash in it.
const ESCAPED: u32 = 1 << 3;
/// Set in [`Raw::meta`] for an object that may have a name twice, apart from case.
const REPEATS: u32 = 1 << 3;
/// Set in [`Raw::meta`] for a string without its two double quotes, which only recovery makes.
const BARE: u32 = 1 << 4;
const COUNT_SHIFT: u32 = 5;
/// A count that large means "count them".
const COUNT_MAX: u32 = u32::MAX >> COUNT_SHIFT;

impl Raw {
    const NOTHING: Self = Self { start: 0, end: 0, next: u32::MAX, meta: Tag::Null as u32 };

    const fn tag(self) -> Tag {
        match self.meta & 7 {
            1 => Tag::False,
            2 => Tag::True,
            3 => Tag::Number,
            4 => Tag::String,
            5 => Tag::Array,
            6 => Tag::Object,
            _ => Tag::Null,
        }
    }
}

/// One document, borrowing its text.
#[derive(Debug)]
pub struct Tree<'s> {
    file: FileId,
    base: u32,
    text: &'s str,
    nodes: Vec<Raw>,
    comments: Vec<Span>,
    strict: bool,
}

impl Tree<'_> {
    /// The value of the document; none when the text holds no value.
    pub fn root(&self) -> Option<Node<'_>> {
        (!self.nodes.is_empty()).then_some(Node { tree: self, index: 0 })
    }

    /// The node behind a handle of [`Node::index`]. A handle of another tree gives some node, or a `null`.
    pub fn node(&self, index: u32) -> Node<'_> {
        Node { tree: self, index }
    }

    /// How many values and property names there are.
    pub fn node_count(&self) -> usize {
        self.nodes.len()
    }

    /// The comments in order, each with its `//` or `/* */`; a line comment ends before its line feed.
    pub fn comments(&self) -> &[Span] {
        &self.comments
    }

    /// The file the text belongs to.
    pub fn file(&self) -> FileId {
        self.file
    }

    /// Whether every other reader of JSON takes the text too: no comment, trailing comma, control character in a
    /// string or byte-order mark was met, nor anything that is a problem.
    pub fn is_strict(&self) -> bool {
        self.strict
    }

    fn raw(&self, index: u32) -> Raw {
        self.nodes.get(index as usize).copied().unwrap_or(Raw::NOTHING)
    }

    fn slice(&self, start: u32, end: u32) -> &str {
        self.text.get(start as usize..end as usize).unwrap_or("")
    }

    fn span(&self, start: u32, end: u32) -> Span {
        Span::new(self.file, self.base.saturating_add(start), self.base.saturating_add(end))
    }
}

/// A value or a property name of a [`Tree`].
#[derive(Clone, Copy)]
pub struct Node<'t> {
    tree: &'t Tree<'t>,
    index: u32,
}

/// A property of an object.
#[derive(Clone, Copy, Debug)]
pub struct Member<'t> {
    /// The name: a string.
    pub key: Node<'t>,
    /// The value.
    pub value: Node<'t>,
}

impl<'t> Node<'t> {
    fn data(self) -> Raw {
        self.tree.raw(self.index)
    }

    /// A handle that lives as long as the tree; see [`Tree::node`].
    pub const fn index(self) -> u32 {
        self.index
    }

    /// The tree this node belongs to.
    pub const fn tree(self) -> &'t Tree<'t> {
        self.tree
    }

    /// What it is.
    pub fn kind(self) -> Kind {
        match self.data().tag() {
            Tag::Null => Kind::Null,
            Tag::False => Kind::Bool(false),
            Tag::True => Kind::Bool(true),
            Tag::Number => Kind::Number,
            Tag::String => Kind::String,
            Tag::Array => Kind::Array,
            Tag::Object => Kind::Object,
        }
    }

    /// Its bytes, the quotes of a string and the brackets of a container included.
    pub fn span(self) -> Span {
        let raw = self.data();
        self.tree.span(raw.start, raw.end)
    }

    /// The opening bracket of a container: a place for what is to be said of it as a whole. The whole of a scalar.
    pub fn head(self) -> Span {
        let raw = self.data();
        match raw.tag() {
            Tag::Array | Tag::Object => self.tree.span(raw.start, raw.start.saturating_add(1)),
            Tag::Null | Tag::False | Tag::True | Tag::Number | Tag::String => self.span(),
        }
    }

    /// Its text as written.
    pub fn raw(self) -> &'t str {
        let raw = self.data();
        self.tree.slice(raw.start, raw.end)
    }

    /// How many elements or members it has, duplicates included; 0 for a scalar.
    pub fn len(self) -> usize {
        let raw = self.data();
        match (raw.tag(), raw.meta >> COUNT_SHIFT) {
            (Tag::Array, COUNT_MAX) => self.items().count(),
            (Tag::Object, COUNT_MAX) => self.members().count(),
            (Tag::Array | Tag::Object, count) => count as usize,
            (Tag::Null | Tag::False | Tag::True | Tag::Number | Tag::String, _) => 0,
        }
    }

    /// Whether it has no element and no member.
    pub fn is_empty(self) -> bool {
        self.len() == 0
    }

    /// The members of an object in order, duplicates included; nothing for any other kind.
    pub fn members(self) -> Members<'t> {
        Members { children: self.children(Tag::Object) }
    }

    /// The elements of an array in order; nothing for any other kind.
    pub fn items(self) -> Items<'t> {
        Items { children: self.children(Tag::Array) }
    }

    fn children(self, wanted: Tag) -> Children<'t> {
        let raw = self.data();
        let start = self.index.saturating_add(1);
        let end = if raw.tag() == wanted { raw.next } else { start };
        Children { tree: self.tree, next: start, end }
    }

    /// Whether a name may be written twice in an object, apart from case.
    pub fn may_repeat(self) -> bool {
        let raw = self.data();
        raw.tag() == Tag::Object && raw.meta & REPEATS != 0
    }

    /// A member by its exact name; the last one where the name is written twice.
    pub fn member(self, name: &str) -> Option<Member<'t>> {
        let mut named = self.members().filter(|member| member.key.is_text(name));
        if self.data().meta & REPEATS == 0 { named.next() } else { named.last() }
    }

    /// The value of a member by its exact name; the last one where the name is written twice.
    pub fn get(self, name: &str) -> Option<Node<'t>> {
        self.member(name).map(|member| member.value)
    }

    /// A member by its name without regard to ASCII case, as Azure Resource Manager reads names; the last one wins.
    pub fn member_ci(self, name: &str) -> Option<Member<'t>> {
        self.members().filter(|member| member.key.is_text_ci(name)).last()
    }

    /// The value of a member by its name without regard to ASCII case; the last one wins.
    pub fn get_ci(self, name: &str) -> Option<Node<'t>> {
        self.member_ci(name).map(|member| member.value)
    }

    /// An element of an array.
    pub fn item(self, index: usize) -> Option<Node<'t>> {
        self.items().nth(index)
    }

    /// The decoded string, with the way back to its places; none for any other kind.
    pub fn text(self) -> Option<Text<'t>> {
        let raw = self.data();
        let (content, start) = self.content()?;
        let whole = self.span();
        Some(Text::new(content, raw.meta & ESCAPED != 0, whole, self.tree.base.saturating_add(start)))
    }

    /// The decoded string; none for any other kind. Borrowed unless there are escapes in it.
    pub fn as_str(self) -> Option<Cow<'t, str>> {
        let (content, _) = self.content()?;
        Some(if self.data().meta & ESCAPED != 0 { text::decode(content) } else { Cow::Borrowed(content) })
    }

    /// The value of `true` and `false`; none for any other kind.
    pub fn as_bool(self) -> Option<bool> {
        if let Kind::Bool(value) = self.kind() { Some(value) } else { None }
    }

    /// The value of a number; none for any other kind, and for numbers beyond the range of 64-bit floating point.
    pub fn number(self) -> Option<Number> {
        if self.kind() != Kind::Number {
            return None;
        }
        let text = self.raw();
        if let Ok(whole) = text.parse() {
            return Some(Number::Int(whole));
        }
        text.parse().ok().filter(|value: &f64| value.is_finite()).map(Number::Float)
    }

    /// Whether it is a string of exactly this text.
    pub fn is_text(self, wanted: &str) -> bool {
        let raw = self.data();
        if raw.tag() != Tag::String || raw.meta & (ESCAPED | BARE) != 0 {
            return self.as_str().is_some_and(|text| text == wanted);
        }
        let (start, end) = ((raw.start as usize).saturating_add(1), (raw.end as usize).saturating_sub(1));
        self.tree.text.as_bytes().get(start..end) == Some(wanted.as_bytes())
    }

    /// Whether it is a string of this text, ASCII case aside.
    pub fn is_text_ci(self, wanted: &str) -> bool {
        self.may_be(wanted) && self.as_str().is_some_and(|text| text.eq_ignore_ascii_case(wanted))
    }

    /// Whether it is as long as this text, which decides most comparisons; anything may be where there are escapes.
    fn may_be(self, wanted: &str) -> bool {
        let raw = self.data();
        raw.meta & (ESCAPED | BARE) != 0 || raw.end.saturating_sub(raw.start) as usize == wanted.len().saturating_add(2)
    }

    /// What stands between the quotes of a string, and where it begins from the base of the tree.
    fn content(self) -> Option<(&'t str, u32)> {
        let raw = self.data();
        if raw.tag() != Tag::String {
            return None;
        }
        if raw.meta & BARE != 0 {
            let whole = self.tree.slice(raw.start, raw.end);
            let open = u32::from(whole.starts_with(['"', '\'']));
            let inner = whole.get(open as usize..).unwrap_or("");
            let content = inner.strip_suffix('\'').unwrap_or(inner);
            return Some((content, raw.start.saturating_add(open)));
        }
        let start = raw.start.saturating_add(1);
        Some((self.tree.slice(start, raw.end.saturating_sub(1)), start))
    }
}

impl PartialEq for Node<'_> {
    /// The same node of the same tree.
    fn eq(&self, other: &Self) -> bool {
        std::ptr::eq(self.tree, other.tree) && self.index == other.index
    }
}

impl Eq for Node<'_> {}

impl std::fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Node").field("index", &self.index).field("kind", &self.kind()).finish_non_exhaustive()
    }
}

#[derive(Clone)]
struct Children<'t> {
    tree: &'t Tree<'t>,
    next: u32,
    end: u32,
}

impl<'t> Iterator for Children<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        if self.next >= self.end {
            return None;
        }
        let node = Node { tree: self.tree, index: self.next };
        self.next = node.data().next;
        Some(node)
    }
}

/// See [`Node::items`].
#[derive(Clone)]
pub struct Items<'t> {
    children: Children<'t>,
}

impl<'t> Iterator for Items<'t> {
    type Item = Node<'t>;

    fn next(&mut self) -> Option<Node<'t>> {
        self.children.next()
    }
}

/// See [`Node::members`].
#[derive(Clone)]
pub struct Members<'t> {
    children: Children<'t>,
}

impl<'t> Iterator for Members<'t> {
    type Item = Member<'t>;

    fn next(&mut self) -> Option<Member<'t>> {
        let key = self.children.next()?;
        let value = self.children.next()?;
        Some(Member { key, value })
    }
}

#[cfg(test)]
mod tests;
