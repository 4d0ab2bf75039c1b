//! (to be filled)
pub mod azure_types;
