//! Trees to resources: one folder for each format.
//!
//! In: a JSON tree. Out: [`Loaded`], the resources that the text deploys or describes, in ARM's own shape.
//! Must not know: what the resources mean. Nothing after this stage knows the format.

pub mod arm;
pub mod client;
pub mod csv;
pub mod detect;
pub mod dump;
mod events;
pub mod hcl;
pub mod plain;
pub mod read;
pub mod secrets;
pub mod terraform;

use crate::diag::Problems;
use crate::resource::{Listing, Resource};
use crate::value::{Key, Trails, Value};

pub use detect::{Format, detect};
pub use read::{Text, read, read_around};
use secrets::Places;

/// What one input file says.
#[derive(Debug, Default)]
pub struct Loaded {
    /// What it deploys or describes.
    pub resources: Vec<Resource>,
    /// What was there before what it deploys, where it says so: resources that it keeps, changes or takes away.
    pub before: Vec<Resource>,
    /// What it shows all of.
    pub listings: Vec<Listing>,
    /// The outputs of a template.
    pub outputs: Vec<(Key, Value)>,
    /// How its values came about.
    pub trails: Trails,
    /// What is wrong with it.
    pub problems: Problems,
    /// The places of secrets (defaults of secure parameters, …), which no excerpt may show.
    pub secrets: Places,
}
