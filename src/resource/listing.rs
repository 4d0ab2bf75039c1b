//! What an input shows all of.
//!
//! In: nothing. Out: [`Listing`]. Must not know: which command or query made it.

use crate::value::Origin;

use super::{ResourceId, TypeName};

/// All resources of a type below a scope are in the input, so that one which is not does not exist.
#[derive(Clone, Debug)]
pub struct Listing {
    /// The type.
    pub ty: TypeName,
    /// A subscription, a resource group or a parent resource.
    pub within: ResourceId,
    /// The list, or the number that says how many there are.
    pub at: Origin,
}
