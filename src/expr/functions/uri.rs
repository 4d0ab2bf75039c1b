//! `uri`, `parseUri`, `buildUri`.
//!
//! In: URIs. Out: URIs. Must not know: other functions.

use super::{Body, OBJECT, Row, STRING, row};
use crate::value::{Reason, Type};

pub(super) const ROWS: &[Row] = &[
    row("uri", (2, 2), &[STRING], Body::Runtime(Reason::Unsupported)).gives(Type::String),
    row("parseUri", (1, 1), &[STRING], Body::Runtime(Reason::Unsupported)).gives(Type::Object),
    row("buildUri", (1, 1), &[OBJECT], Body::Runtime(Reason::Unsupported)).gives(Type::String),
];
