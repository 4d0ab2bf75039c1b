//! Rule files against their published schema.
//!
//! In: a rule file. Out: problems with places in it. Must not know: the catalog's functions, or how rules are judged.

use crate::diag::Problems;
use crate::source::{FileId, Sources};

/// What the schema says about a file.
pub fn check(_sources: &Sources, _file: FileId) -> Problems {
    Problems::new()
}
