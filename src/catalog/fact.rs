//! What the catalog answers.
//!
//! In: values and origins. Out: [`Fact`], [`Related`]. Must not know: who asks.

use std::sync::Arc;

use ipnet::IpNet;

use crate::value::{Origin, Pattern, Truth, Unknown};

use super::Subject;

/// A place that proves something.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// Where.
    pub origin: Origin,
    /// What it shows, for a person: "the zone is linked to vnet-hub here". `None` where the value speaks for itself.
    pub text: Option<Arc<str>>,
}

/// The value of a property of a subject, and what it rests on.
#[derive(Clone, Debug)]
pub struct Fact {
    /// The value.
    pub datum: Datum,
    /// Not written; the value is the platform's default.
    pub defaulted: bool,
    /// Every place that it rests on, the one to edit first. Never empty.
    pub places: Vec<Place>,
}

/// What is known of a property.
#[derive(Clone, Debug)]
pub enum Datum {
    /// Not written, and the platform has no default.
    Absent,
    /// Known. Text may have holes.
    Known(Scalar),
    /// Written, but not known.
    Unknown(Arc<Unknown>),
}

/// A value that rules compare.
#[derive(Clone, Debug, PartialEq)]
pub enum Scalar {
    /// A boolean.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text or an id, possibly with holes.
    Text(Pattern),
    /// An address range; a single address is a range of one.
    Net(IpNet),
}

/// The subjects that a relation leads to.
#[derive(Clone, Debug)]
pub struct Related {
    /// Those that are, or may be, related.
    pub members: Vec<Member>,
    /// Whether these are all.
    pub complete: Completeness,
}

/// One related subject.
#[derive(Clone, Debug)]
pub struct Member {
    /// Which.
    pub subject: Subject,
    /// `True` when it certainly is related, `Unknown` when it may be. Never `False`.
    pub related: Truth,
    /// What proves the relation (the id that names it, …).
    pub places: Vec<Place>,
}

/// Whether a relation gave all there are. That is a fact too, with a place to point at.
#[derive(Clone, Debug)]
pub enum Completeness {
    /// Proven, by this.
    Complete(Place),
    /// Presumed, since this input manages the subject: "no private endpoint is declared in this template".
    Presumed(Place),
    /// Not known: the place, and in words what input would settle it.
    Incomplete {
        /// Where the ignorance comes from.
        place: Place,
        /// The input that would settle it, such as "the output of `az network private-endpoint list`".
        settle: Arc<str>,
    },
}
