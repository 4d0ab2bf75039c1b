//! `dateTimeAdd`, `dateTimeFromEpoch`, `dateTimeToEpoch`, `utcNow`.
//!
//! In: dates. Out: dates. Must not know: the clock.

use super::{ANY, Body, INT, Row, STRING, row};
use crate::value::{Reason, Type};

pub(super) const ROWS: &[Row] = &[
    row("dateTimeAdd", (2, 3), &[STRING], Body::Runtime(Reason::Unsupported)).gives(Type::String),
    row("dateTimeFromEpoch", (1, 1), &[INT | STRING], Body::Runtime(Reason::Unsupported)).gives(Type::String),
    row("dateTimeToEpoch", (1, 1), &[STRING], Body::Runtime(Reason::Unsupported)).gives(Type::Number),
    row("utcNow", (0, 1), &[ANY], Body::Runtime(Reason::RuntimeFunction)).gives(Type::String),
];
