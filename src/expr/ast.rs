//! The shape of an expression.
//!
//! In: nothing. Out: [`Expr`], whose every node knows its bytes in the decoded string. Must not know: what a function
//! does, and where the string stands in a file (see [`super::Locate`]).

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

/// A range of bytes of the decoded string, brackets of the expression included.
pub type Bytes = Range<u32>;

/// An expression with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    /// What it is.
    pub kind: Kind,
    /// Where it stands.
    pub at: Bytes,
}

/// The kinds of expressions; the language has no operators.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// `'text'`, its doubled quotes undone.
    String(Arc<str>),
    /// `-5`.
    Int(i64),
    /// `name(…)` or `namespace.name(…)`.
    Call(Call),
    /// `base.property[index]`, all accesses in order.
    Access(Box<Expr>, Vec<Access>),
}

/// A call of a function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    /// The namespace of a user-defined function.
    pub namespace: Option<Arc<str>>,
    /// The name as written; case does not matter.
    pub name: Arc<str>,
    /// Where the name stands, without namespace.
    pub name_at: Bytes,
    /// The arguments.
    pub args: Vec<Expr>,
}

/// One step into a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Access {
    /// What is asked for.
    pub kind: AccessKind,
    /// From the dot or bracket to its end.
    pub at: Bytes,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AccessKind {
    /// `.name`.
    Property(Arc<str>),
    /// `[expression]`.
    Index(Expr),
}

impl Expr {
    /// Visits this expression and everything in it, outermost first.
    pub fn visit<'a>(&'a self, see: &mut dyn FnMut(&'a Self)) {
        see(self);
        match &self.kind {
            Kind::String(_) | Kind::Int(_) => {}
            Kind::Call(call) => call.args.iter().for_each(|arg| arg.visit(see)),
            Kind::Access(base, path) => {
                base.visit(see);
                for access in path {
                    match &access.kind {
                        AccessKind::Property(_) => {}
                        AccessKind::Index(index) => index.visit(see),
                    }
                }
            }
        }
    }

    /// Whether a user-defined function is called anywhere in it.
    pub fn mentions(&self, namespace: &str, name: &str) -> bool {
        let mut found = false;
        self.visit(&mut |expr| {
            found |= expr.as_call().is_some_and(|call| {
                call.name.eq_ignore_ascii_case(name)
                    && call.namespace.as_deref().is_some_and(|own| own.eq_ignore_ascii_case(namespace))
            });
        });
        found
    }

    /// The call, where the expression is one.
    pub const fn as_call(&self) -> Option<&Call> {
        if let Kind::Call(call) = &self.kind { Some(call) } else { None }
    }

    /// The text of a string literal.
    pub fn as_string(&self) -> Option<&str> {
        if let Kind::String(text) = &self.kind { Some(text) } else { None }
    }
}

impl Call {
    /// Whether this calls the built-in function of a name.
    pub fn is(&self, name: &str) -> bool {
        self.namespace.is_none() && self.name.eq_ignore_ascii_case(name)
    }
}

/// A string as the language writes it: in single quotes, which are doubled inside.
pub(super) struct Quoted<'a>(pub(super) &'a str);

impl fmt::Display for Quoted<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "'{}'", self.0.replace('\'', "''"))
    }
}

/// Whether `.name` can be written, so that `['name']` is not needed.
pub(super) fn is_identifier(name: &str) -> bool {
    let mut chars = name.chars();
    chars.next().is_some_and(|c| c.is_alphabetic() || c == '_')
        && chars.all(|c| c.is_alphanumeric() || matches!(c, '_' | '$'))
}

impl fmt::Display for Expr {
    /// The canonical text, without the brackets around it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::String(text) => Quoted(text).fmt(f),
            Kind::Int(number) => number.fmt(f),
            Kind::Call(call) => call.fmt(f),
            Kind::Access(base, path) => {
                base.fmt(f)?;
                path.iter().try_for_each(|access| match &access.kind {
                    AccessKind::Property(name) => write!(f, ".{name}"),
                    AccessKind::Index(index) => write!(f, "[{index}]"),
                })
            }
        }
    }
}

impl fmt::Display for Call {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}.")?;
        }
        write!(f, "{}(", self.name)?;
        for (i, arg) in self.args.iter().enumerate() {
            write!(f, "{}{arg}", if i > 0 { ", " } else { "" })?;
        }
        f.write_str(")")
    }
}
