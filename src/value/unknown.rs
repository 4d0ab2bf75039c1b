//! Values that are written but not known, and their identity.
//!
//! In: nothing. Out: [`Unknown`], [`Symbol`], [`Reason`], [`Hole`]. Must not know: who produces them.

use std::borrow::Cow;
use std::sync::Arc;

use crate::source::Span;

use super::Value;

/// Why a value is not known. The names are those of the output of `expand`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Reason {
    /// A required parameter to which nothing was given.
    ParameterWithoutValue,
    /// A function that only Azure answers, at run time (`reference`, `list*`, `newGuid`, …).
    RuntimeFunction,
    /// A plan says that the value is known after apply.
    KnownAfterApply,
    /// It stands in a file or resource that is not part of the input.
    NotInInput,
    /// We do not evaluate this.
    Unsupported,
    /// Azure refuses the expression.
    InvalidExpression,
    /// A budget of ours ran out.
    Limit,
    /// A secret.
    Secret,
}

impl Reason {
    /// The name in `expand`'s output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::ParameterWithoutValue => "ParameterWithoutValue",
            Self::RuntimeFunction => "RuntimeFunction",
            Self::KnownAfterApply => "KnownAfterApply",
            Self::NotInInput => "NotInInput",
            Self::Unsupported => "Unsupported",
            Self::InvalidExpression => "InvalidExpression",
            Self::Limit => "Limit",
            Self::Secret => "Secret",
        }
    }

    /// The words of a message, after "not known: ".
    pub const fn words(self) -> &'static str {
        match self {
            Self::ParameterWithoutValue => "a parameter without a value",
            Self::RuntimeFunction => "only Azure can tell, at run time",
            Self::KnownAfterApply => "known after apply",
            Self::NotInInput => "not part of the input",
            Self::Unsupported => "not evaluated here",
            Self::InvalidExpression => "Azure refuses the expression",
            Self::Limit => "too large to evaluate",
            Self::Secret => "a secret",
        }
    }
}

/// The type of a value, as far as it is known before the value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Type {
    /// `true` or `false`.
    Bool,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

/// What a hole of a string can hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Hole {
    /// No `/`: names, group names, GUIDs, regions; perhaps empty, as a suffix may be.
    Segment,
    /// A resource id: it begins with `/`.
    Id,
    /// Any text, also none.
    Any,
}

/// The identity of an unknown: a canonical text such as `parameters('name')`, and the scope it belongs to.
///
/// Two symbols are the same unknown value exactly when both parts are equal. The scope keeps the parameters of
/// unrelated files, and of deployments inside each other, apart.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Symbol {
    /// What a person reads: `parameters('name')`, `subscription().subscriptionId`, `uniqueString(⟨…⟩)`.
    pub text: Arc<str>,
    /// The deployment instance; empty where the value is the same for all.
    pub scope: Arc<str>,
}

/// What follows the parenthesis that closes a call; quoted text has none.
fn closing(arguments: &str) -> Option<usize> {
    let (mut depth, mut quoted) = (1_usize, false);
    for (at, c) in arguments.char_indices() {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at + 1);
        }
    }
    None
}

impl Symbol {
    /// A symbol of a scope.
    pub fn new(text: impl Into<Arc<str>>, scope: impl Into<Arc<str>>) -> Self {
        Self { text: text.into(), scope: scope.into() }
    }

    /// What a person reads where there is little room: the arguments of a long call are left out, and functions that
    /// only change its case. Not an identity: two symbols may read the same.
    pub fn shown(&self) -> Cow<'_, str> {
        const LONG: usize = 40;
        let mut text = &*self.text;
        while let Some(inner) = text
            .strip_suffix(')')
            .and_then(|call| call.strip_prefix("toLower(").or_else(|| call.strip_prefix("toUpper(")))
        {
            text = inner;
        }
        if text.chars().count() <= LONG {
            return Cow::Borrowed(text);
        }
        let Some((name, rest)) = text.split_once('(') else { return Cow::Borrowed(text) };
        let Some(end) = closing(rest) else { return Cow::Owned(format!("{name}(…)")) };
        let tail = rest.get(end..).unwrap_or("");
        let tail = if tail.chars().count() > LONG { "…" } else { tail };
        Cow::Owned(format!("{name}(…){tail}"))
    }

    /// The text that tells two symbols of different scopes apart; used inside the symbols of calls.
    pub fn key(&self) -> String {
        let mut key = String::with_capacity(self.text.len() + 1 + self.scope.len());
        self.push_key(&mut key);
        key
    }

    /// Appends [`Self::key`] to a text.
    pub(super) fn push_key(&self, key: &mut String) {
        key.push_str(&self.text);
        if !self.scope.is_empty() {
            key.push('@');
            key.push_str(&self.scope);
        }
    }

    /// The symbol of a property of this unknown.
    #[must_use]
    pub fn dot(&self, property: &str) -> Self {
        Self::new(format!("{}.{property}", self.text), Arc::clone(&self.scope))
    }
}

/// A value that is written but not known.
#[derive(Clone, Debug)]
pub struct Unknown {
    /// Why.
    pub reason: Reason,
    /// Which unknown it is.
    pub symbol: Symbol,
    /// Its type, where that is known.
    pub ty: Option<Type>,
    /// What it can hold when it stands in a string.
    pub hole: Hole,
    /// All values it can have, where they are few (`bool`, `allowedValues`, an `if` of known values).
    pub domain: Option<Arc<[Value]>>,
}

impl Unknown {
    /// A secret; its place is all that tells it from others.
    pub fn secret_at(at: Span) -> Self {
        let scope = format!("{}:{}", at.file.0, at.start);
        Self::new(Reason::Secret, Symbol::new("a secret", scope))
    }

    /// An unknown of which nothing but the reason is known.
    pub fn new(reason: Reason, symbol: Symbol) -> Self {
        Self { reason, symbol, ty: None, hole: Hole::Any, domain: None }
    }

    /// The same unknown with a type.
    #[must_use]
    pub fn typed(mut self, ty: Type) -> Self {
        self.ty = Some(ty);
        self
    }

    /// The same unknown, a string of this class.
    #[must_use]
    pub fn with_hole(mut self, hole: Hole) -> Self {
        self.ty = Some(Type::String);
        self.hole = hole;
        self
    }

    /// Whether the value can be of a type.
    pub fn may_be(&self, ty: Type) -> bool {
        self.ty.is_none_or(|mine| mine == ty)
    }
}
