//! The values of the attributes of instances.
//!
//! In: a [`World`]. Out: values in Terraform's own shape, in which what is known only after apply is an unknown with an
//! identity. Must not know: what any attribute means in ARM's shape.
//!
//! A plan leaves out what it does not know, and says so beside. Which other resource an unknown id is that of, the
//! configuration tells by its references ([`super::follow`]); an unknown that cannot be followed is one of its own.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fmt;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::input::arm;
use crate::input::secrets;
use crate::json::{Kind, Member, Node};
use crate::source::Span;
use crate::value::{Array, Data, Hole, Key, Object, Origin, Reason, StepKind, Symbol, Trails, Type, Unknown, Value};

use super::address::Token;
use super::blocks;
use super::instance::Instance;
use super::want::Want;
use super::world::World;

/// Values nest this deep at most.
const NESTING: usize = 64;

/// Reads values, and keeps what it found out on the way. Several may read in one world at once.
pub(super) struct Reader<'w, 't> {
    pub(super) world: &'w World<'t>,
    /// The ids, once they are known.
    pub(super) ids: RefCell<HashMap<usize, Option<Value>>>,
    /// How many references may still be followed for the value at hand.
    pub(super) budget: Cell<u32>,
    /// How deep following has led.
    pub(super) depth: Cell<usize>,
    /// How the values came about.
    trails: RefCell<Trails>,
}

/// What the configuration says of a value.
#[derive(Clone, Copy, Debug)]
pub(super) enum Said<'t> {
    /// Nothing: it is not written, or the input does not show it.
    Nothing,
    /// An expression: its constant or its references.
    Expression(Node<'t>),
    /// Nested blocks, in the order of the source.
    Blocks(Node<'t>),
    /// The expressions of one block, by name.
    Body(Node<'t>),
    /// One element of what an expression gives.
    Element {
        /// The expression.
        expression: Node<'t>,
        /// How many elements there are.
        of: usize,
        /// Which one it is.
        at: usize,
        /// How many are not known.
        unknown: usize,
        /// Which of these it is.
        unknown_at: usize,
    },
}

impl<'t> Said<'t> {
    /// What the expressions of a block say of a member.
    fn of(node: Node<'t>) -> Self {
        let is = |name: &str| node.get(name).is_some();
        match node.kind() {
            Kind::Array => Self::Blocks(node),
            Kind::Object if node.is_empty() || is("references") || is("constant_value") => Self::Expression(node),
            Kind::Object => Self::Body(node),
            Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => Self::Nothing,
        }
    }

    fn member(self, name: &str) -> Self {
        match self {
            Self::Body(body) => body.get(name).map_or(Self::Nothing, Self::of),
            // What an expression gives as a whole, it gives its parts.
            Self::Expression(_) | Self::Element { .. } => self,
            Self::Nothing | Self::Blocks(_) => Self::Nothing,
        }
    }
}

/// A place in the values of an instance.
#[derive(Clone, Copy, Debug)]
pub(super) struct Spot<'t> {
    pub(super) value: Option<Node<'t>>,
    pub(super) unknown: Option<Node<'t>>,
    pub(super) sensitive: Option<Node<'t>>,
    pub(super) said: Said<'t>,
    /// The name, or the nearest one.
    pub(super) at: Span,
}

impl<'t> Spot<'t> {
    fn is_unknown(&self) -> bool {
        self.unknown.is_some_and(|node| node.kind() == Kind::Bool(true))
    }

    fn is_secret(&self) -> bool {
        self.sensitive.is_some_and(|node| node.kind() == Kind::Bool(true))
    }

    /// A part of a mask: all of it where all is marked.
    fn part(mask: Option<Node<'t>>, part: impl FnOnce(Node<'t>) -> Option<Node<'t>>) -> Option<Node<'t>> {
        let mask = mask?;
        if mask.kind() == Kind::Bool(true) { Some(mask) } else { part(mask) }
    }

    fn member(self, name: &str) -> Self {
        self.below(name, self.value.and_then(|node| node.member(name)))
    }

    /// What is called so, its value as it was found.
    fn below(self, name: &str, member: Option<Member<'t>>) -> Self {
        let unknown = self.unknown.and_then(|node| node.member(name));
        Self {
            value: member.map(|member| member.value),
            unknown: Self::part(self.unknown, |_| unknown.map(|member| member.value)),
            sensitive: Self::part(self.sensitive, |node| node.get(name)),
            // Of what is known it does not matter how it is written.
            said: if unknown.is_some() || self.is_unknown() { self.said.member(name) } else { Said::Nothing },
            at: member.or(unknown).map_or(self.at, |member| member.key.span()),
        }
    }

    /// How many elements there are, where it is a list.
    fn len(self) -> usize {
        let count = |node: Option<Node<'t>>| node.filter(|node| node.kind() == Kind::Array).map_or(0, Node::len);
        count(self.value).max(count(self.unknown))
    }

    fn is_list(self) -> bool {
        let list = |node: Option<Node<'t>>| node.is_some_and(|node| node.kind() == Kind::Array);
        list(self.value) || list(self.unknown)
    }

    fn is_object(self) -> bool {
        let object = |node: Option<Node<'t>>| node.is_some_and(|node| node.kind() == Kind::Object);
        object(self.value) || (object(self.unknown) && self.value.is_none_or(|node| node.kind() == Kind::Null))
    }

    /// The elements of a list.
    fn elements(self) -> Vec<Self> {
        let of = self.len();
        let values: Vec<Node<'t>> = self.value.into_iter().flat_map(Node::items).collect();
        let unknowns: Vec<Node<'t>> = self.unknown.into_iter().flat_map(Node::items).collect();
        let masks: Vec<Node<'t>> = self.sensitive.into_iter().flat_map(Node::items).collect();
        let matched = match self.said {
            Said::Blocks(bodies) if self.unknown.is_some_and(marks) => blocks::matched(bodies, &values, &unknowns),
            Said::Blocks(_) => Vec::new(),
            Said::Nothing | Said::Expression(_) | Said::Body(_) | Said::Element { .. } => Vec::new(),
        };
        let is_unknown = |node: &&Node<'t>| node.kind() == Kind::Bool(true);
        let unknown = unknowns.iter().filter(is_unknown).count();
        let mut unknown_at = 0;
        let mut elements = Vec::with_capacity(of);
        for at in 0..of {
            let said = match self.said {
                Said::Expression(expression) | Said::Element { expression, .. } => {
                    Said::Element { expression, of, at, unknown, unknown_at }
                }
                Said::Blocks(_) => matched.get(at).copied().flatten().map_or(Said::Nothing, Said::Body),
                Said::Nothing | Said::Body(_) => Said::Nothing,
            };
            let node = unknowns.get(at).copied();
            unknown_at += usize::from(node.as_ref().is_some_and(|node| is_unknown(&node)));
            let value = values.get(at).copied();
            elements.push(Self {
                value,
                unknown: Self::part(self.unknown, |_| node),
                sensitive: Self::part(self.sensitive, |_| masks.get(at).copied()),
                said,
                at: value.or(node).map_or(self.at, |node| if node.is_empty() { node.span() } else { node.head() }),
            });
        }
        elements
    }
}

/// Whether a mask marks anything.
pub(super) fn marks(mask: Node<'_>) -> bool {
    match mask.kind() {
        Kind::Bool(mark) => mark,
        Kind::Array => mask.items().any(marks),
        Kind::Object => mask.members().any(|member| marks(member.value)),
        Kind::Null | Kind::Number | Kind::String => false,
    }
}

/// The way from an instance to a value, which is only written out for what is unknown.
#[derive(Clone, Copy, Debug)]
enum Way<'a> {
    /// As it is written out.
    Text(&'a str),
    /// A member of what another way leads to.
    Member(&'a Self, &'a str),
    /// An element of it.
    Item(&'a Self, usize),
}

impl Way<'_> {
    fn is_item(self) -> bool {
        match self {
            Self::Text(text) => text.ends_with(']'),
            Self::Member(..) => false,
            Self::Item(..) => true,
        }
    }
}

impl fmt::Display for Way<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Member(Self::Text(""), name) => f.write_str(name),
            Self::Member(around, name) => write!(f, "{around}.{name}"),
            Self::Item(around, at) => write!(f, "{around}[{at}]"),
        }
    }
}

impl<'w, 't> Reader<'w, 't> {
    /// One that has read nothing yet.
    pub(super) fn new(world: &'w World<'t>, trails: Trails) -> Self {
        let (ids, trails) = (RefCell::default(), RefCell::new(trails));
        Self { world, ids, budget: Cell::new(0), depth: Cell::new(0), trails }
    }

    /// How the values came about that it read.
    pub(super) fn into_trails(self) -> Trails {
        self.trails.into_inner()
    }

    fn root(instance: &Instance<'t>) -> Spot<'t> {
        Spot {
            value: instance.values,
            unknown: instance.unknown,
            sensitive: instance.sensitive,
            said: instance.config.and_then(|node| node.get("expressions")).map_or(Said::Nothing, Said::Body),
            at: instance.values_at,
        }
    }

    /// The attributes of an instance that are wanted, in Terraform's shape.
    pub(super) fn attributes(&self, at: usize, wanted: &dyn Fn(&str) -> bool) -> Object {
        let Some(instance) = self.world.instances.get(at) else { return Object::new() };
        self.object(at, Self::root(instance), Way::Text(""), 0, wanted)
    }

    /// One attribute of an instance, or a part of it; and what of the path leads no further.
    pub(super) fn attribute<'p>(&self, at: usize, path: &'p [Token]) -> Option<(Value, &'p [Token])> {
        let instance = self.world.instances.get(at)?;
        if let [Token::Name(name), rest @ ..] = path
            && name == "id"
        {
            return Some((self.id(at), rest));
        }
        let mut spot = Self::root(instance);
        let mut text = String::new();
        let mut name = String::new();
        let mut rest = path;
        while let [token, more @ ..] = rest {
            if spot.is_unknown() {
                break;
            }
            spot = match token {
                Token::Name(member) if spot.is_object() => {
                    name.clone_from(member);
                    push_name(&mut text, member);
                    spot.member(member)
                }
                Token::Index(super::address::Key::Text(member)) if spot.is_object() => {
                    _ = write!(text, "[\"{member}\"]");
                    spot.member(member)
                }
                Token::Index(super::address::Key::Number(index)) if spot.is_list() => {
                    _ = write!(text, "[{index}]");
                    let index = usize::try_from(*index).ok()?;
                    spot.elements().get(index).copied()?
                }
                Token::Name(_) if spot.is_list() && spot.len() == 1 => {
                    text.push_str("[0]");
                    spot = spot.elements().first().copied()?;
                    continue;
                }
                Token::Name(_) | Token::Index(_) => break,
            };
            rest = more;
        }
        if spot.is_unknown() {
            // What is below an unknown is an unknown of its own.
            for token in rest {
                match token {
                    Token::Name(member) => {
                        name.clone_from(member);
                        push_name(&mut text, member);
                    }
                    Token::Index(key) => text.push_str(&key.to_string()),
                }
            }
            rest = &[];
        } else if spot.value.is_none() && spot.unknown.is_none() {
            return None;
        }
        Some((self.value(at, spot, Way::Text(&text), &name, 0), rest))
    }

    /// An attribute of an instance by its name.
    pub(super) fn named(&self, at: usize, name: &str) -> Option<Value> {
        let path = [Token::Name(name.to_owned())];
        self.attribute(at, &path).map(|(value, _)| value)
    }

    fn object(&self, at: usize, spot: Spot<'t>, way: Way<'_>, depth: usize, wanted: &dyn Fn(&str) -> bool) -> Object {
        // Of an instance only some are wanted.
        let room = if depth == 0 { 8 } else { spot.value.map_or(0, Node::len) };
        let mut object = Object::with_capacity(room);
        if depth > NESTING {
            return object;
        }
        let repeats = spot.value.is_some_and(Node::may_repeat);
        for member in spot.value.into_iter().flat_map(Node::members) {
            let name = member.key.as_str().unwrap_or_default();
            if wanted(&name) {
                if repeats {
                    // Where a name is written twice, the last one counts.
                    let (key, value) = self.member(at, spot.member(&name), way, &name, depth);
                    object.set_exact(key, value);
                } else {
                    let (key, value) = self.member(at, spot.below(&name, Some(member)), way, &name, depth);
                    object.push(key, value);
                }
            }
        }
        for member in spot.unknown.into_iter().flat_map(Node::members) {
            let name = member.key.as_str().unwrap_or_default();
            if wanted(&name) && marks(member.value) && object.exact(&name).is_none() {
                let (key, value) = self.member(at, spot.member(&name), way, &name, depth);
                object.push(key, value);
            }
        }
        object
    }

    fn member(&self, at: usize, below: Spot<'t>, way: Way<'_>, name: &str, depth: usize) -> (Key, Value) {
        let value = if name == "id" && depth == 0 && below.is_unknown() {
            self.id(at)
        } else {
            secrets::mark(name, self.value(at, below, Way::Member(&way, name), name, depth + 1))
        };
        (Key { name: name.into(), at: below.at }, value)
    }

    fn value(&self, at: usize, spot: Spot<'t>, way: Way<'_>, name: &str, depth: usize) -> Value {
        let origin = Origin::at(spot.value.filter(|_| !spot.is_unknown()).map_or(spot.at, Node::span));
        let value = if spot.is_unknown() {
            self.unknown(at, spot, way, name)
        } else if spot.is_list() {
            let elements = spot.elements().into_iter().enumerate();
            let items = elements.map(|(i, element)| self.value(at, element, Way::Item(&way, i), name, depth + 1));
            let items = if depth > NESTING { Vec::new() } else { items.collect() };
            Value::new(Data::Array(Arc::new(Array { items, open: None })), origin)
        } else if spot.is_object() {
            Value::object(self.object(at, spot, way, depth, &|_| true), origin)
        } else {
            spot.value.map_or_else(|| Value::null(origin), arm::plain)
        };
        if spot.is_secret() { value.into_secret() } else { value }
    }

    /// A value that is known after apply: what it refers to, or itself.
    fn unknown(&self, at: usize, spot: Spot<'t>, way: Way<'_>, name: &str) -> Value {
        let origin = Origin::at(spot.at);
        let Some(instance) = self.world.instances.get(at) else { return Value::null(origin) };
        let want = match name {
            "private_connection_resource_id" if is_of_registry(instance) => Want::id_of(REGISTRY),
            _ => Want::of(name),
        };
        if name.ends_with("_ids") && !way.is_item() {
            return self.unknown_list(at, spot, way, &want);
        }
        let followed = match spot.said {
            Said::Expression(_) | Said::Element { .. } => {
                if self.depth.get() == 0 {
                    self.budget.set(BUDGET);
                }
                self.follow(instance, spot.said, &want)
            }
            Said::Nothing | Said::Blocks(_) | Said::Body(_) => None,
        };
        if let Some((value, reference)) = followed {
            let origin = self.trails.borrow_mut().through(origin, StepKind::Reference(reference), spot.at);
            let Some(mut pattern) = value.as_pattern().filter(|_| want.is_beginning()) else {
                return Value { origin, ..value };
            };
            // The name of an image begins with the host of its registry.
            pattern.push_str("/");
            pattern.push_hole(&Arc::new(self.own(at, way, name, true).with_hole(Hole::Any)));
            return Value::new(pattern.into_data(), origin);
        }
        Value::unknown(self.own(at, way, name, !matches!(spot.said, Said::Nothing)), origin)
    }

    /// A list of ids that is not known as a whole: those that it refers to, and perhaps more.
    fn unknown_list(&self, at: usize, spot: Spot<'t>, way: Way<'_>, want: &Want) -> Value {
        let origin = Origin::at(spot.at);
        let own = self.own(at, way, "", false);
        let Some(instance) = self.world.instances.get(at) else { return Value::null(origin) };
        let Said::Expression(expression) = spot.said else { return Value::unknown(own, origin) };
        if self.depth.get() == 0 {
            self.budget.set(BUDGET);
        }
        let (found, all) = self.follow_all(instance, expression, want);
        if found.is_empty() {
            return Value::unknown(own, origin);
        }
        let mut trails = self.trails.borrow_mut();
        let items = found.into_iter().map(|(value, reference)| {
            let origin = trails.through(origin, StepKind::Reference(reference), spot.at);
            Value { origin, ..value }
        });
        let items = items.collect();
        let open = (!all).then(|| Arc::new(own));
        Value::new(Data::Array(Arc::new(Array { items, open })), origin)
    }

    /// The unknown that an attribute is itself. `written`: somebody wrote an expression for it, so it is not null.
    fn own(&self, at: usize, way: Way<'_>, name: &str, written: bool) -> Unknown {
        let address = self.world.instances.get(at).map_or("", |instance| &instance.address);
        let unknown =
            Unknown::new(Reason::KnownAfterApply, Symbol::new(format!("{address}.{way}"), &*self.world.scope));
        match Want::class_of(name) {
            // The name and the region of a resource there must be.
            Some(Hole::Segment) => unknown.with_hole(Hole::Segment),
            Some(class) if written => unknown.with_hole(class),
            Some(_) => unknown.typed(Type::String),
            None => unknown,
        }
    }

    /// The hole that stands for an attribute of an instance.
    pub(super) fn hole(&self, at: usize, name: &str) -> Arc<Unknown> {
        let class = Want::class_of(name).unwrap_or(Hole::Segment);
        Arc::new(self.own(at, Way::Text(name), name, true).with_hole(class))
    }
}

/// The type of registries, in lower case.
const REGISTRY: &str = "microsoft.containerregistry/registries";

/// Whether the connection of a private endpoint asks for `registry`, which nothing but a registry has ("Private endpoint
/// private DNS zone values").
fn is_of_registry(instance: &Instance<'_>) -> bool {
    let connection = instance.values.and_then(|values| values.get("private_service_connection")?.item(0));
    let groups = connection.and_then(|connection| connection.get("subresource_names"));
    groups.into_iter().flat_map(Node::items).any(|group| group.is_text("registry"))
}

/// So many references are followed for one value.
const BUDGET: u32 = 2_000;

fn push_name(path: &mut String, name: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
}
