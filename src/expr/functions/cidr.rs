//! `parseCidr`, `cidrSubnet`, `cidrHost`.
//!
//! In: prefixes. Out: prefixes and addresses. Must not know: networks of Azure.

use super::{Body, INT, Row, STRING, row};
use crate::value::{Reason, Type};

pub(super) const ROWS: &[Row] = &[
    row("parseCidr", (1, 1), &[STRING], Body::Runtime(Reason::Unsupported)).gives(Type::Object),
    row("cidrSubnet", (3, 3), &[STRING, INT], Body::Runtime(Reason::Unsupported)).gives(Type::String),
    row("cidrHost", (2, 2), &[STRING, INT], Body::Runtime(Reason::Unsupported)).gives(Type::String),
];
