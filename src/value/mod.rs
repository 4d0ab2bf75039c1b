//! What a property can be, and where that came from.
//!
//! In: nothing. Out: [`Value`], the dynamic value that expressions compute and bodies of resources hold;
//! [`Attr`], a typed property of the graph; [`Truth`], the three-valued logic; [`Trails`], how a value came about.
//! Must not know: templates, plans, dumps, or any resource kind.
//!
//! Three words are never mixed: *absent* (not written), *unknown* (written, value not known) and, for
//! verdicts, *open*. An unknown is never guessed; it keeps its identity ([`Symbol`]), so that equal unknowns
//! compare equal and strings may have holes ([`Pattern`]).

pub mod attr;
pub mod compare;
pub mod object;
pub mod origin;
pub mod pattern;
pub mod truth;
pub mod unknown;

use std::sync::Arc;

pub use attr::{Attr, State};
pub use object::{Key, Object};
pub use origin::{Origin, Step, StepKind, TrailId, Trails};
pub use pattern::{Part, Pattern};
pub use truth::Truth;
pub use unknown::{Hole, Reason, Symbol, Type, Unknown};

/// A value with the place where a person wrote it, the way it took, and whether it is secret.
#[derive(Clone, Debug)]
pub struct Value {
    /// The value itself.
    pub data: Data,
    /// The place to edit, and how the value got to where it is used.
    pub origin: Origin,
    /// A secret is never printed. For arrays and objects: every part of it is secret.
    pub secret: bool,
}

/// The kinds of values. Composite ones are shared, so a clone is cheap.
#[derive(Clone, Debug)]
pub enum Data {
    /// JSON `null`. Equals *absent* wherever Azure says so.
    Null,
    /// `true` or `false`.
    Bool(bool),
    /// A whole number of 64 bits.
    Int(i64),
    /// Any other number.
    Float(f64),
    /// A wholly known string.
    String(Arc<str>),
    /// A string with holes; has at least two parts, or a literal beside a hole (see [`Pattern::into_data`]).
    Pattern(Arc<Pattern>),
    /// An array.
    Array(Arc<Array>),
    /// An object.
    Object(Arc<Object>),
    /// Written, but not known.
    Unknown(Arc<Unknown>),
}

/// The elements of an array.
#[derive(Clone, Debug, Default)]
pub struct Array {
    /// The elements that are known to be there, in order.
    pub items: Vec<Value>,
    /// Set when there may be further elements, anywhere between the known ones.
    pub open: Option<Arc<Unknown>>,
}

impl Value {
    /// A value that is not secret.
    pub const fn new(data: Data, origin: Origin) -> Self {
        Self { data, origin, secret: false }
    }

    /// `null`.
    pub const fn null(origin: Origin) -> Self {
        Self::new(Data::Null, origin)
    }

    /// A boolean.
    pub const fn bool(value: bool, origin: Origin) -> Self {
        Self::new(Data::Bool(value), origin)
    }

    /// A string.
    pub fn string(value: impl Into<Arc<str>>, origin: Origin) -> Self {
        Self::new(Data::String(value.into()), origin)
    }

    /// An array whose elements are all known to be there.
    pub fn array(items: Vec<Self>, origin: Origin) -> Self {
        Self::new(Data::Array(Arc::new(Array { items, open: None })), origin)
    }

    /// An object.
    pub fn object(object: Object, origin: Origin) -> Self {
        Self::new(Data::Object(Arc::new(object)), origin)
    }

    /// An unknown.
    pub fn unknown(unknown: Unknown, origin: Origin) -> Self {
        let secret = unknown.reason == Reason::Secret;
        Self { data: Data::Unknown(Arc::new(unknown)), origin, secret }
    }

    /// The same value, marked secret.
    #[must_use]
    pub fn into_secret(mut self) -> Self {
        self.secret = true;
        self
    }

    /// The type, as far as it is certain: null has none, and of an unknown it is the one that it has unless it is null.
    pub fn ty(&self) -> Option<Type> {
        match &self.data {
            Data::Null => None,
            Data::Bool(_) => Some(Type::Bool),
            Data::Int(_) | Data::Float(_) => Some(Type::Number),
            Data::String(_) | Data::Pattern(_) => Some(Type::String),
            Data::Array(_) => Some(Type::Array),
            Data::Object(_) => Some(Type::Object),
            Data::Unknown(unknown) => unknown.ty,
        }
    }

    /// Whether this value or any part of it is secret.
    pub fn holds_secret(&self) -> bool {
        self.secret
            || match &self.data {
                Data::Array(array) => array.items.iter().any(Self::holds_secret),
                Data::Object(object) => object.iter().any(|(_, v)| v.holds_secret()),
                Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => false,
                Data::Pattern(_) | Data::Unknown(_) => false,
            }
    }

    /// Whether the value or any part of it is not known.
    pub fn holds_unknown(&self) -> bool {
        match &self.data {
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => false,
            Data::Pattern(_) | Data::Unknown(_) => true,
            Data::Array(array) => array.open.is_some() || array.items.iter().any(Self::holds_unknown),
            Data::Object(object) => object.open.is_some() || object.iter().any(|(_, v)| v.holds_unknown()),
        }
    }

    /// The unknown behind a wholly unknown value.
    pub fn as_unknown(&self) -> Option<&Arc<Unknown>> {
        if let Data::Unknown(unknown) = &self.data { Some(unknown) } else { None }
    }

    /// A wholly known string.
    pub fn as_str(&self) -> Option<&str> {
        if let Data::String(text) = &self.data { Some(text) } else { None }
    }

    /// A string, known or with holes; a wholly unknown string is one hole. `None` for everything else.
    ///
    /// An unknown of no known type counts as a string, since a string is wanted here.
    pub fn as_pattern(&self) -> Option<Pattern> {
        match &self.data {
            Data::String(text) => Some(Pattern::literal(text)),
            Data::Pattern(pattern) => Some((**pattern).clone()),
            Data::Unknown(unknown) if unknown.may_be(Type::String) => Some(Pattern::hole(unknown)),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => None,
            Data::Array(_) | Data::Object(_) | Data::Unknown(_) => None,
        }
    }

    /// A string that becomes part of a name or an id, which are shown: of a secret only its place is left.
    pub fn as_name(&self) -> Option<Pattern> {
        let pattern = self.as_pattern()?;
        let plain = !self.secret || self.as_unknown().is_some();
        Some(if plain { pattern } else { Pattern::hole(&Arc::new(Unknown::secret_at(self.origin.at))) })
    }

    /// An object.
    pub fn as_object(&self) -> Option<&Arc<Object>> {
        if let Data::Object(object) = &self.data { Some(object) } else { None }
    }

    /// An array.
    pub fn as_array(&self) -> Option<&Arc<Array>> {
        if let Data::Array(array) = &self.data { Some(array) } else { None }
    }

    /// `null`, which Azure treats as absent.
    pub const fn is_null(&self) -> bool {
        matches!(self.data, Data::Null)
    }
}
