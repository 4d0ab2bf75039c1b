//! One estate and one fault, in every spelling.

pub mod axes;
pub mod estate;
pub mod faults;
pub mod marks;
pub mod others;
pub mod render;
pub mod variants;
