//! The record that every input produces: an Azure resource in ARM's own shape.
//!
//! In: values. Out: [`Resource`], [`ResourceId`], [`Change`], [`Listing`]. Must not know: the format that a resource came from.

pub mod change;
pub mod cloud;
pub mod id;
pub mod kind;
pub mod listing;

use std::sync::Arc;

pub use change::{Action, Change};
pub use cloud::Cloud;
pub use id::ResourceId;
pub use kind::{ApiVersion, TypeName};
pub use listing::Listing;

use crate::source::Span;
use crate::value::{Attr, Origin, Truth, Value};

/// One resource as it is deployed.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own, asked for by name")]
#[derive(Clone, Debug)]
pub struct Resource {
    /// The full type, `Microsoft.ContainerRegistry/registries/replications`.
    pub ty: TypeName,
    /// The full name, parents included (`myregistry/westeurope`); a string, possibly with holes, or unknown.
    pub name: Value,
    /// The resource id; partly unknown where subscription, group or name are.
    pub id: ResourceId,
    /// The API version it is written for. Absent in dumps.
    pub api_version: Attr<ApiVersion>,
    /// What the user calls it: the symbolic name, a plan's address, or the name as written.
    pub address: Arc<str>,
    /// Every other property as deployed (`location`, `sku`, `tags`, `identity`, `properties`, …): an object.
    pub body: Value,
    /// Only referenced (`existing`), so nothing about its absent properties follows.
    pub existing: bool,
    /// Seen as it is deployed, rather than declared: what is not shown of its children and peers is not known, unless a
    /// [`Listing`] shows all of them.
    pub seen: bool,
    /// One configuration deploys it with all that belongs to it, so that what the input does not show of its children and
    /// peers is presumed not to be there, also where it is seen.
    pub managed: bool,
    /// Whether it is deployed: `True`, or `Unknown` where its condition or its number of copies is not known.
    pub exists: Truth,
    /// The condition as written, where it is not known.
    pub condition: Option<Value>,
    /// May stand for none or several resources: the representative of a loop whose count is not known.
    pub repeated: bool,
    /// What the deployment does to it, where the input says so.
    pub change: Option<Change>,
    /// Where the resource is written.
    pub at: Places,
}

/// The places of a resource that a report points at.
#[derive(Clone, Copy, Debug)]
pub struct Places {
    /// The whole resource object.
    pub whole: Span,
    /// The value of `type`.
    pub ty: Span,
    /// Where its name comes from: the place to edit.
    pub name: Origin,
    /// The key `properties`, or the value of `type` where there is none: where an absent property would go.
    pub properties: Span,
}
