//! Where what is declared and what is deployed of one resource disagree.
//!
//! In: nothing. Out: [`Drift`]. Must not know: how it was found.

use crate::value::{Attr, Pattern};

use super::Head;

/// A property that a template or plan sets to another value than the one that is deployed.
#[derive(Clone, Debug)]
pub struct Drift {
    /// The resource.
    pub head: Head,
    /// The property, `networkRuleSet.defaultAction`.
    pub property: String,
    /// The value that is declared; absent where only the deployed form has an element.
    pub declared: Attr<Pattern>,
    /// The value that is deployed; absent where only the declared form has an element.
    pub deployed: Attr<Pattern>,
}
