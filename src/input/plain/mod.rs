//! Texts that are no JSON: exports of log rows, and what configures clients.
//!
//! In: a text. Out: [`Plain`], what it is by its content, and [`Loaded`]. Must not know: file names, rules.

use crate::diag::Problem;
use crate::source::FileId;

use super::{Loaded, csv, events};

/// What a text is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Plain {
    /// Rows of Log Analytics, exported as comma-separated values.
    Events,
}

impl Plain {
    /// The word of reports for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Events => "log-analytics",
        }
    }

    /// The words for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Events => "export of Log Analytics",
        }
    }
}

/// Tells what a text is; `None` where it is nothing known.
pub fn detect(text: &str) -> Option<Plain> {
    events::is_export(&csv::records(FileId(0), text)).then_some(Plain::Events)
}

/// What a text shows.
pub fn load(file: FileId, text: &str, plain: Plain) -> Loaded {
    let mut loaded = Loaded::default();
    match plain {
        Plain::Events => {
            let mut groups = events::Groups::default();
            if let Some(at) = groups.add_lines(csv::records(file, text)) {
                let message = "this row is cut off: it is not counted";
                loaded.problems.push(Problem::error("dump-cut", at, message).fatal());
            }
            loaded.resources = groups.into_resources();
        }
    }
    loaded
}
