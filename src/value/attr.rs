//! A typed property of the graph.
//!
//! In: values. Out: [`Attr`]. Must not know: which resource it belongs to.

use std::sync::Arc;

use super::{Origin, Pattern, Unknown};

/// A property that is known, absent or unknown, with the place that says so.
#[derive(Clone, Debug)]
pub struct Attr<T> {
    /// What is known.
    pub state: State<T>,
    /// Where to point. For an absent property: the nearest key that is written, never a whole object.
    pub origin: Origin,
}

/// What is known of a property.
#[derive(Clone, Debug, PartialEq)]
pub enum State<T> {
    /// Written, and known.
    Known(T),
    /// Not written (or `null`).
    Absent,
    /// Written, but not known.
    Unknown(Arc<Unknown>),
}

impl PartialEq for Unknown {
    fn eq(&self, other: &Self) -> bool {
        self.symbol == other.symbol
    }
}

impl<T> Attr<T> {
    /// A known property.
    pub const fn known(value: T, origin: Origin) -> Self {
        Self { state: State::Known(value), origin }
    }

    /// A property that is not written.
    pub const fn absent(origin: Origin) -> Self {
        Self { state: State::Absent, origin }
    }

    /// A property whose value is not known.
    pub const fn unknown(unknown: Arc<Unknown>, origin: Origin) -> Self {
        Self { state: State::Unknown(unknown), origin }
    }

    /// The value, where it is known.
    pub const fn value(&self) -> Option<&T> {
        match &self.state {
            State::Known(value) => Some(value),
            State::Absent | State::Unknown(_) => None,
        }
    }

    /// Whether the property is certainly not written.
    pub const fn is_absent(&self) -> bool {
        matches!(self.state, State::Absent)
    }

    /// The same property with its known value changed.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Attr<U> {
        let state = match self.state {
            State::Known(value) => State::Known(change(value)),
            State::Absent => State::Absent,
            State::Unknown(unknown) => State::Unknown(unknown),
        };
        Attr { state, origin: self.origin }
    }
}

impl Attr<Pattern> {
    /// The text, where it is known as a whole.
    pub fn as_literal(&self) -> Option<&str> {
        self.value()?.as_literal()
    }
}
