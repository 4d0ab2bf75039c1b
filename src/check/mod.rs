//! (to be filled)
pub mod finding;
