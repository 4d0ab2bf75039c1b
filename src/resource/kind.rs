//! Type names and API versions.
//!
//! In: text. Out: [`TypeName`], [`ApiVersion`], which compare without case. Must not know: which types matter.

use std::fmt;
use std::sync::Arc;

/// A full resource type such as `Microsoft.Network/virtualNetworks/subnets`; compares without case.
#[derive(Clone, Debug)]
pub struct TypeName {
    written: Arc<str>,
    key: Arc<str>,
}

impl TypeName {
    /// A type name as written; a slash at its end, which Azure takes, does not count.
    pub fn new(written: &str) -> Self {
        Self { written: written.into(), key: written.trim_end_matches('/').to_lowercase().into() }
    }

    /// As written.
    pub fn as_str(&self) -> &str {
        &self.written
    }

    /// In lower case.
    pub fn key(&self) -> &str {
        &self.key
    }

    /// Whether it is this type; `other` in any case.
    pub fn is(&self, other: &str) -> bool {
        self.key.eq_ignore_ascii_case(other)
    }

    /// How many names an id of this type has: one for a top-level type, one more for each child level.
    pub fn depth(&self) -> usize {
        self.key.matches('/').count()
    }
}

impl PartialEq for TypeName {
    fn eq(&self, other: &Self) -> bool {
        self.key == other.key
    }
}

impl Eq for TypeName {}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.written)
    }
}

/// An API version such as `2023-07-01` or `2021-08-01-preview`; compares without case, older before newer, a stable
/// version before the preview of the same date (the ordinal order of the type definitions).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ApiVersion(Arc<str>);

impl ApiVersion {
    /// A version as written.
    pub fn new(written: &str) -> Self {
        Self(written.to_lowercase().into())
    }

    /// In lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ApiVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
