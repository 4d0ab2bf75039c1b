//! The expression language of ARM templates: `[concat(parameters('name'), '-pe')]`.
//!
//! In: a decoded string and a [`Scope`] that answers what only the template knows. Out: a [`Value`] that keeps its
//! unknowns, its secrets and the place where a person wrote it; [`Problem`]s for what Azure refuses.
//! Must not know: templates, files, resources, JSON trees.
//!
//! Parsing and evaluation accept any text without panicking and within a [`Budget`]. What Azure refuses becomes one
//! problem at the sub-expression and an unknown value (`InvalidExpression`); everything else goes on.
//!
//! [`Value`]: crate::value::Value
//! [`Problem`]: crate::diag::Problem

pub mod ast;
pub mod eval;
pub mod functions;
pub mod lexer;
pub mod parser;
pub mod symbol;

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use crate::source::Span;
use crate::value::{Reason, Value};

pub use ast::{Bytes, Expr};
pub use eval::Evaluator;
pub use parser::{is_expression, parse};
pub use symbol::{call as call_symbol, join as join_reasons};

/// Undoes the escape of a literal that begins with a bracket: `[[x]` is `[x]`.
///
/// A text that does not end with `]` cannot be mistaken for an expression and is not escaped.
pub fn unescape(text: &str) -> Cow<'_, str> {
    match text.strip_prefix('[') {
        Some(rest) if rest.starts_with('[') && rest.ends_with(']') => Cow::Borrowed(rest),
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// What is wrong with an expression, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// The bytes of the decoded string.
    pub at: Bytes,
    /// One sentence that says what was expected.
    pub message: String,
    /// What to do about it.
    pub help: Option<String>,
    /// [`Reason::InvalidExpression`] where Azure refuses; [`Reason::Limit`] where a budget of ours ran out.
    pub reason: Reason,
}

impl Refusal {
    /// Azure refuses this.
    pub fn new(at: Bytes, message: impl Into<String>) -> Self {
        Self { at, message: message.into(), help: None, reason: Reason::InvalidExpression }
    }

    /// The same refusal with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// A budget of ours ran out.
    pub fn limit(at: Bytes, what: &str) -> Self {
        Self { reason: Reason::Limit, ..Self::new(at, format!("not evaluated: {what}")) }
    }
}

/// Where the bytes of a decoded string stand in its file.
pub trait Locate {
    /// The place of some bytes.
    fn span(&self, decoded: Bytes) -> Span;
    /// The place of the whole string, its JSON quotes included.
    fn whole(&self) -> Span;
}

/// A string that stands in its file byte for byte (no escapes), from an offset on.
#[derive(Clone, Copy, Debug)]
pub struct Verbatim {
    /// The place of the whole string, quotes included.
    pub whole: Span,
}

impl Locate for Verbatim {
    fn span(&self, decoded: Bytes) -> Span {
        let byte = |offset: u32| self.whole.start.saturating_add(1).saturating_add(offset).min(self.whole.end);
        Span::new(self.whole.file, byte(decoded.start), byte(decoded.end))
    }

    fn whole(&self) -> Span {
        self.whole
    }
}

/// The questions that only the template around an expression can answer.
///
/// An `Err` is the message of a refusal: Azure refuses the expression. `at` is the use site, for the steps of the
/// value's trail.
pub trait Scope {
    /// `parameters('name')`.
    fn parameter(&self, name: &str, at: Span) -> Result<Value, String>;

    /// `variables('name')`.
    fn variable(&self, name: &str, at: Span) -> Result<Value, String>;

    /// `copyIndex('loop')`: the index from 0, without offset; `None` asks for the loop around the expression.
    fn copy_index(&self, name: Option<&str>, at: Span) -> Result<Value, String>;

    /// A function whose answer the template may know (`resourceGroup`, `subscription`, `deployment`, `tenant`,
    /// `managementGroup`, `environment`, `deployer`, `reference`, `list*`, `resourceId` and its family, `providers`,
    /// `pickZones`, `newGuid`, `utcNow`, …), its arguments evaluated; the name is in the case of the documentation.
    ///
    /// `None` leaves the answer to the evaluator: an unknown of the right reason, or for `resourceId` and
    /// `subscriptionResourceId` an id made of [`Scope::home`].
    fn context(&self, name: &str, args: &[Value], at: Span) -> Option<Result<Value, String>>;

    /// `namespace.name(…)`, evaluated where only its own parameters are seen. `None`: there is no such function.
    fn user_function(&self, namespace: &str, name: &str, args: &[Value], at: Span) -> Option<Result<Value, String>>;

    /// Where the deployment goes, for the ids that it makes.
    fn home(&self) -> Home;

    /// The scope of the symbols of this deployment instance, for calls that differ from site to site (`newGuid`).
    fn symbols(&self) -> Arc<str> {
        "".into()
    }
}

/// Where a deployment goes.
#[derive(Clone, Debug)]
pub enum Home {
    /// To a resource group.
    ResourceGroup {
        /// The id of its subscription, a GUID.
        subscription: Value,
        /// Its name.
        group: Value,
    },
    /// To a subscription.
    Subscription {
        /// Its id, a GUID.
        subscription: Value,
    },
    /// To a management group.
    ManagementGroup {
        /// The group's name.
        name: Value,
    },
    /// To the tenant.
    Tenant,
}

/// How much may be computed for one file, and how deep evaluations may be nested.
#[derive(Debug)]
pub struct Budget {
    steps: Cell<u64>,
    depth: Cell<u32>,
}

impl Default for Budget {
    fn default() -> Self {
        Self::new(20_000_000)
    }
}

impl Budget {
    /// How deep calls may be nested, through parameters, variables and functions too.
    const DEPTH: u32 = 200;

    /// So many steps; a step is about one value looked at.
    pub const fn new(steps: u64) -> Self {
        Self { steps: Cell::new(steps), depth: Cell::new(0) }
    }

    /// Uses steps up; `false` when they have run out.
    pub fn spend(&self, steps: u64) -> bool {
        let left = self.steps.get();
        self.steps.set(left.saturating_sub(steps));
        left > steps
    }

    /// Goes one level down; `false` when that is too deep. Every `true` needs a [`Budget::leave`].
    pub fn enter(&self) -> bool {
        let depth = self.depth.get();
        if depth >= Self::DEPTH {
            return false;
        }
        self.depth.set(depth + 1);
        true
    }

    /// Goes one level up.
    pub fn leave(&self) {
        self.depth.set(self.depth.get().saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_could_be_an_expression_is_escaped() {
        assert_eq!(unescape("[[x]"), "[x]");
        assert_eq!(unescape("[[x"), "[[x");
        assert_eq!(unescape("[[]"), "[]");
        assert_eq!(unescape("x]"), "x]");
        assert!(is_expression("[f()]") && !is_expression("[[x]") && !is_expression("[x] y") && !is_expression("["));
    }
}
