//! From dynamic values to typed properties.
//!
//! In: the body of a resource. Out: [`Attr`]s and [`List`]s, and a problem for each value of a wrong type.
//! Must not know: which properties a resource has.

use std::borrow::Borrow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use crate::diag::{Problem, Problems};
use crate::graph::{Link, List, Setting, ShownNames, SubnetLink};
use crate::resource::{Resource, ResourceId};
use crate::source::Span;
use crate::value::{Attr, Data, Hole, Object, Origin, Pattern, Reason, State, Symbol, Type, Unknown, Value};

/// A place of a body that may or may not be written.
#[derive(Clone, Debug)]
pub(super) struct View {
    found: Found,
    /// The key of the value, or the nearest key that is written.
    near: Origin,
    /// Dotted path from the resource, for messages and symbols.
    path: Path,
    /// Set for a resource that is only referenced: nothing follows from a property that is not written.
    existing: Option<Referenced>,
}

#[derive(Clone, Debug)]
enum Found {
    Value(Value),
    Absent,
    Unknown(Arc<Unknown>, Origin),
    /// Something that has no members stands where an object should.
    NoObject(Value),
}

impl View {
    /// The body of a resource.
    pub(super) fn of(resource: &Resource) -> Self {
        Self {
            found: Found::Value(resource.body.clone()),
            near: Origin::at(resource.at.ty),
            path: Path::default(),
            existing: resource
                .existing
                .then(|| Referenced { id: resource.id.key().into(), address: Arc::clone(&resource.address) }),
        }
    }

    /// A place below this one, by dotted path. Case does not matter.
    pub(super) fn at(&self, path: &'static str) -> Self {
        match path.split_once('.') {
            Some((first, rest)) => self.member(first).at(rest),
            None => self.member(path),
        }
    }

    /// A member of this object.
    pub(super) fn member(&self, name: &'static str) -> Self {
        self.entry(name, name)
    }

    /// A member whose name is data, such as a host; it is shown as `*`.
    pub(super) fn any_member(&self, name: &str) -> Self {
        self.entry(name, "*")
    }

    fn entry(&self, name: &str, shown: &'static str) -> Self {
        let path = self.path.then(shown);
        let (found, near) = match &self.found {
            Found::Absent => (self.missing(path), self.near),
            Found::Unknown(_, _) if self.is_missing() => (self.missing(path), self.near),
            Found::Unknown(unknown, origin) => (Found::Unknown(child_of(unknown, name), *origin), self.near),
            Found::NoObject(_) => return self.clone(),
            Found::Value(value) => match &value.data {
                Data::Object(object) => match object.entry(name) {
                    Some((key, member)) if member.is_null() => (Found::Absent, Origin::at(key.at)),
                    Some((key, member)) => {
                        let mut member = member.clone();
                        member.secret |= value.secret;
                        (Found::Value(member), Origin::at(key.at))
                    }
                    None => match &object.open {
                        Some(open) => (Found::Unknown(child_of(open, name), value.origin), self.near),
                        None => (self.missing(path), self.near),
                    },
                },
                Data::Unknown(unknown) if unknown.may_be(Type::Object) => {
                    (Found::Unknown(child_of(unknown, name), value.origin), self.near)
                }
                Data::Null => (self.missing(path), self.near),
                Data::Bool(_)
                | Data::Int(_)
                | Data::Float(_)
                | Data::String(_)
                | Data::Pattern(_)
                | Data::Array(_)
                | Data::Unknown(_) => {
                    let found = Found::NoObject(value.clone());
                    return Self { found, near: self.near, path: self.path, existing: self.existing.clone() };
                }
            },
        };
        Self { found, near, path, existing: self.existing.clone() }
    }

    fn missing(&self, path: Path) -> Found {
        match &self.existing {
            Some(resource) => Found::Unknown(Arc::new(resource.property(path)), self.near),
            None => Found::Absent,
        }
    }

    /// Whether this is a property that a referenced resource does not show.
    fn is_missing(&self) -> bool {
        match (&self.found, &self.existing) {
            (Found::Unknown(unknown, _), Some(resource)) => unknown.symbol.scope == resource.id,
            (Found::Unknown(..) | Found::Value(_) | Found::Absent | Found::NoObject(_), _) => false,
        }
    }

    /// Whether nothing is written here, certainly.
    pub(super) const fn is_absent(&self) -> bool {
        matches!(self.found, Found::Absent)
    }

    /// Whether this object has a member, be it null; absent where there is no object.
    pub(super) fn has(&self, name: &str) -> Attr<bool> {
        let value = match &self.found {
            Found::Absent | Found::NoObject(_) => return Attr::absent(self.near),
            Found::Unknown(unknown, origin) => return Attr::unknown(Arc::clone(unknown), *origin),
            Found::Value(value) => value,
        };
        match (value.as_object(), value.as_unknown()) {
            (Some(object), _) => match (object.get(name), &object.open) {
                (None, Some(open)) => Attr::unknown(Arc::clone(open), self.near),
                (member, _) => Attr::known(member.is_some(), self.near),
            },
            (None, Some(unknown)) => Attr::unknown(Arc::clone(unknown), self.near),
            (None, None) => Attr::absent(self.near),
        }
    }

    /// The value, where one is written.
    pub(super) const fn value(&self) -> Option<&Value> {
        match &self.found {
            Found::Value(value) => Some(value),
            Found::Absent | Found::Unknown(..) | Found::NoObject(_) => None,
        }
    }

    /// The key, or the nearest one.
    pub(super) const fn near(&self) -> Origin {
        self.near
    }

    /// Whether something is written here; unknown where the value is, since it may be null.
    pub(super) fn is_written(&self) -> Attr<bool> {
        match &self.found {
            Found::Absent => Attr::known(false, self.near),
            Found::Unknown(unknown, origin) => Attr::unknown(Arc::clone(unknown), *origin),
            Found::NoObject(_) => Attr::known(false, self.near),
            Found::Value(value) => match &value.data {
                // A name, an id or a secret is written whatever its value is; any other unknown may be null.
                Data::Unknown(unknown) if unknown.reason != Reason::Secret && unknown.hole == Hole::Any => {
                    Attr::unknown(Arc::clone(unknown), value.origin)
                }
                Data::String(text) if text.is_empty() => Attr::known(false, self.near),
                Data::Null
                | Data::Bool(_)
                | Data::Int(_)
                | Data::Float(_)
                | Data::String(_)
                | Data::Pattern(_)
                | Data::Array(_)
                | Data::Object(_)
                | Data::Unknown(_) => Attr::known(true, self.near),
            },
        }
    }

    fn element(&self, value: &Value) -> Self {
        let near =
            value.as_object().and_then(|object| object.iter().next()).map_or(self.near, |(key, _)| Origin::at(key.at));
        let mut value = value.clone();
        if let Found::Value(array) = &self.found {
            value.secret |= array.secret;
        }
        // An element is known whole, also in a resource that is only referenced.
        Self { found: Found::Value(value), near, path: self.path.then("[]"), existing: None }
    }
}

/// A dotted path from a resource. It costs nothing to extend, since it is only shown when something is wrong.
#[derive(Clone, Copy, Debug, Default)]
struct Path {
    segments: [&'static str; Self::LONGEST],
    count: u8,
}

impl Path {
    /// Longer than any path that lowering asks for; what is beyond is not shown.
    const LONGEST: usize = 12;

    fn then(mut self, segment: &'static str) -> Self {
        if let Some(slot) = self.segments.get_mut(usize::from(self.count)) {
            *slot = segment;
            self.count += 1;
        }
        self
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, segment) in self.segments.iter().take(usize::from(self.count)).enumerate() {
            if i > 0 && *segment != "[]" {
                f.write_str(".")?;
            }
            f.write_str(segment)?;
        }
        Ok(())
    }
}

/// A resource that is only referenced.
#[derive(Clone, Debug)]
struct Referenced {
    id: Arc<str>,
    address: Arc<str>,
}

impl Referenced {
    /// A property of it that the input does not show.
    fn property(&self, path: Path) -> Unknown {
        let path = path.to_string();
        let path = path.strip_prefix("properties.").unwrap_or(&path);
        let symbol = Symbol::new(format!("{path} of {}", self.address), Arc::clone(&self.id));
        Unknown::new(Reason::NotInInput, symbol)
    }
}

fn child_of(unknown: &Arc<Unknown>, name: &str) -> Arc<Unknown> {
    Arc::new(Unknown::new(unknown.reason, unknown.symbol.dot(name)))
}

/// Reads typed values and collects complaints.
#[derive(Debug, Default)]
pub(super) struct Reader {
    /// What was wrong.
    pub(super) problems: Problems,
    seen: BTreeSet<Span>,
    /// The ids that were met; each is held once, however many refer to it.
    ids: HashSet<Shared>,
    /// The names that resources show, each set of them once, by what [`name_all`] writes.
    names: HashMap<Box<str>, Arc<ShownNames>>,
    /// Room for the next such text.
    name: String,
}

/// An id without holes, known by its text as written.
#[derive(Debug)]
struct Shared(ResourceId);

impl Shared {
    fn text(&self) -> &str {
        self.0.pattern().as_literal().unwrap_or_default()
    }
}

impl Borrow<str> for Shared {
    fn borrow(&self) -> &str {
        self.text()
    }
}

impl Hash for Shared {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.text().hash(state);
    }
}

impl PartialEq for Shared {
    fn eq(&self, other: &Self) -> bool {
        self.text() == other.text()
    }
}

impl Eq for Shared {}

/// Writes what tells the names in an object from other ones: its members, and those of the objects in it.
fn name_all(object: &Object, text: &mut String) {
    for (key, member) in object.iter() {
        text.push_str(&key.name);
        match &member.data {
            Data::Object(inner) => {
                text.push_str("\n{");
                name_all(inner, text);
                text.push_str("\n}");
            }
            Data::Null => text.push_str("\n!"),
            _ => text.push_str("\n."),
        }
    }
}

/// The paths of the members of an object and of the objects in it.
fn paths(above: &str, object: &Object, found: &mut Vec<(String, bool)>) {
    for (key, member) in object.iter() {
        let path = format!("{above}{}", key.name.to_lowercase());
        if let Data::Object(inner) = &member.data {
            paths(&format!("{path}."), inner, found);
        }
        found.push((path, member.is_null()));
    }
}

impl Reader {
    /// The names of what is written in a body; those of bodies alike are held once.
    pub(super) fn names(&mut self, body: &Value) -> Arc<ShownNames> {
        let Some(object) = body.as_object() else { return Arc::default() };
        self.name.clear();
        name_all(object, &mut self.name);
        if let Some(known) = self.names.get(self.name.as_str()) {
            return Arc::clone(known);
        }
        let mut names = ShownNames::default();
        paths("", object, &mut names.paths);
        let names = Arc::new(names);
        self.names.insert(self.name.as_str().into(), Arc::clone(&names));
        names
    }

    /// Takes in the complaints of another one that read further resources.
    pub(super) fn join(&mut self, other: Self) {
        let new = |problem: &Problem| problem.span().is_none_or(|span| self.seen.insert(span));
        self.problems.extend(other.problems.into_iter().filter(new));
    }

    fn read<T>(&mut self, view: &View, wanted: Type, convert: impl FnOnce(&Data) -> Option<T>) -> Attr<T> {
        let value = match &view.found {
            Found::Absent => return Attr::absent(view.near),
            Found::Unknown(unknown, origin) => return Attr::unknown(Arc::clone(unknown), *origin),
            Found::NoObject(value) => return Attr::unknown(self.wrong_type(view, value, Type::Object), value.origin),
            Found::Value(value) => value,
        };
        if value.secret {
            return Attr::unknown(Arc::new(Unknown::secret_at(value.origin.at)), value.origin);
        }
        if let Some(known) = convert(&value.data) {
            return Attr::known(known, value.origin);
        }
        match &value.data {
            Data::Null => Attr::absent(view.near),
            Data::Unknown(unknown) if unknown.may_be(wanted) => Attr::unknown(Arc::clone(unknown), value.origin),
            Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Pattern(_)
            | Data::Array(_)
            | Data::Object(_)
            | Data::Unknown(_) => Attr::unknown(self.wrong_type(view, value, wanted), value.origin),
        }
    }

    fn wrong_type(&mut self, view: &View, value: &Value, wanted: Type) -> Arc<Unknown> {
        let span = value.origin.at;
        if self.seen.insert(span) {
            let message = format!("`{}` should be {}, but it is {}", view.path, a_type(wanted), a_value(&value.data));
            self.problems.push(Problem::warning("wrong-type", span, message));
        }
        let scope = format!("{}:{}", span.file.0, span.start);
        Arc::new(Unknown::new(Reason::InvalidExpression, Symbol::new(format!("the value of {}", view.path), scope)))
    }

    /// A string, possibly with holes.
    pub(super) fn text(&mut self, view: &View) -> Attr<Pattern> {
        self.read(view, Type::String, |data| match data {
            Data::String(text) => Some(Pattern::literal(text)),
            Data::Pattern(pattern) => Some((**pattern).clone()),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => None,
            Data::Array(_) | Data::Object(_) | Data::Unknown(_) => None,
        })
    }

    /// A boolean; Azure takes the words `true` and `false` in strings as well.
    pub(super) fn bool(&mut self, view: &View) -> Attr<bool> {
        self.read(view, Type::Bool, |data| match data {
            Data::Bool(value) => Some(*value),
            Data::String(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Data::String(text) if text.eq_ignore_ascii_case("false") => Some(false),
            Data::Null | Data::Int(_) | Data::Float(_) | Data::String(_) | Data::Pattern(_) => None,
            Data::Array(_) | Data::Object(_) | Data::Unknown(_) => None,
        })
    }

    /// A whole number.
    pub(super) fn int(&mut self, view: &View) -> Attr<i64> {
        self.read(view, Type::Number, |data| match data {
            Data::Int(value) => Some(*value),
            Data::String(text) => text.parse().ok(),
            Data::Null | Data::Bool(_) | Data::Float(_) | Data::Pattern(_) => None,
            Data::Array(_) | Data::Object(_) | Data::Unknown(_) => None,
        })
    }

    /// A reference by id.
    pub(super) fn link(&mut self, view: &View) -> Link {
        if let Found::Value(value) = &view.found
            && let (Data::String(text), false) = (&value.data, value.secret)
            && let Some(Shared(id)) = self.ids.get(&**text)
        {
            return Link::to(id.clone(), value.origin);
        }
        let link = Link::from_attr(self.text(view));
        if let Some(id) = &link.id {
            self.share(id);
        }
        link
    }

    /// References that are written as this id share it.
    pub(super) fn share(&mut self, id: &ResourceId) {
        if id.pattern().as_literal().is_some() {
            self.ids.insert(Shared(id.clone()));
        }
    }

    /// A reference to a subnet by id.
    pub(super) fn subnet(&mut self, view: &View) -> SubnetLink {
        let subnet = self.link(view);
        SubnetLink { virtual_network: Link::absent(subnet.origin), subnet }
    }

    /// The elements of an array; those that are unknown as a whole open the list.
    pub(super) fn list<T>(&mut self, view: &View, mut element: impl FnMut(&mut Self, &View) -> T) -> List<T> {
        let at = view.near;
        let value = match &view.found {
            Found::Absent => return List::empty(at),
            Found::Unknown(unknown, origin) => {
                return List { items: Vec::new(), open: Some(Arc::clone(unknown)), at: *origin };
            }
            Found::NoObject(value) => {
                let unknown = self.wrong_type(view, value, Type::Object);
                return List { items: Vec::new(), open: Some(unknown), at: value.origin };
            }
            Found::Value(value) => value,
        };
        let array = match &value.data {
            Data::Array(array) => Arc::clone(array),
            Data::Unknown(unknown) if unknown.may_be(Type::Array) => {
                return List { items: Vec::new(), open: Some(Arc::clone(unknown)), at: value.origin };
            }
            Data::Null => return List::empty(at),
            Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Pattern(_)
            | Data::Object(_)
            | Data::Unknown(_) => {
                let unknown = self.wrong_type(view, value, Type::Array);
                return List { items: Vec::new(), open: Some(unknown), at: value.origin };
            }
        };
        let items = array
            .items
            .iter()
            .filter(|item| !item.is_null())
            .map(|item| {
                let item = view.element(item);
                element(self, &item)
            })
            .collect();
        List { items, open: array.open.clone(), at }
    }

    /// An array of strings.
    pub(super) fn texts(&mut self, view: &View) -> List<Attr<Pattern>> {
        self.list(view, Self::text)
    }

    /// A string and an array of strings that mean the same (`addressPrefix`, `addressPrefixes`).
    pub(super) fn one_or_many(&mut self, one: &View, many: &View) -> List<Attr<Pattern>> {
        let mut list = self.texts(many);
        if !one.is_absent() {
            let first = self.text(one);
            if many.is_absent() {
                list.at = one.near;
            }
            match first.state {
                State::Known(_) => list.items.insert(0, first),
                State::Absent => {}
                State::Unknown(unknown) => list.open = Some(unknown),
            }
        }
        list
    }
}

/// The written value, or the platform's default where nothing is written.
pub(super) fn or_default<T: PartialEq>(attr: Attr<T>, default: T) -> Setting<T> {
    match &attr.state {
        State::Absent => Setting { attr: Attr::known(default, attr.origin), defaulted: true, usual: true },
        State::Known(value) => Setting { usual: *value == default, attr, defaulted: false },
        State::Unknown(_) => Setting { attr, defaulted: false, usual: false },
    }
}

const fn a_type(ty: Type) -> &'static str {
    match ty {
        Type::Bool => "a boolean",
        Type::Number => "a number",
        Type::String => "a string",
        Type::Array => "an array",
        Type::Object => "an object",
    }
}

fn a_value(data: &Data) -> &'static str {
    match data {
        Data::Null => "null",
        Data::Bool(_) => "a boolean",
        Data::Int(_) | Data::Float(_) => "a number",
        Data::String(_) | Data::Pattern(_) => "a string",
        Data::Array(_) => "an array",
        Data::Object(_) => "an object",
        Data::Unknown(unknown) => match unknown.ty {
            Some(ty) => a_type(ty),
            None => "not known",
        },
    }
}
