//! What a deployment does to a resource.
//!
//! In: nothing. Out: [`Change`]. Must not know: the format that says so.

use crate::source::Span;

/// What is done to a resource, and the place that says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Change {
    /// What is done.
    pub action: Action,
    /// The place.
    pub at: Span,
}

/// What can be done to a resource that is there, or to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// It stays as it is.
    Keep,
    /// It is made.
    Create,
    /// It is changed in place.
    Update,
    /// It is taken away and made anew. `gap`: in this order, so that for a while there is none.
    Replace {
        /// It is taken away first.
        gap: bool,
    },
    /// It is taken away.
    Delete,
}
