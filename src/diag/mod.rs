//! What can be said about a place.
//!
//! In: spans. Out: [`Problem`], a complaint about *content* (bad JSON, an unknown function, a bad rule).
//! Must not know: who complains, and how it is printed. Findings of rules are [`crate::check::Finding`].

use crate::source::Span;

/// How bad something is. `Error` is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Likely to break something.
    Warning,
    /// A client that the input says must work cannot, the deployment fails, or the input cannot be used.
    Error,
}

impl Level {
    /// The word that reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// What a label is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Role {
    /// The place to edit.
    Primary,
    /// A premise.
    Because,
    /// Where a value came from.
    Context,
}

/// A span with a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// What is to be said there; may be empty.
    pub text: String,
    /// Why it is shown.
    pub role: Role,
}

/// A complaint about content. Nothing about content is ever an `Err`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Kebab-case name of the kind of problem, such as `json-syntax` or `unknown-function`.
    pub code: &'static str,
    /// How bad it is.
    pub level: Level,
    /// One sentence that says what is wrong.
    pub message: String,
    /// The first one is the primary one. Never empty for a problem about a text.
    pub labels: Vec<Label>,
    /// What to do about it.
    pub help: Option<String>,
    /// Whether the file cannot be used at all because of it (exit code 2).
    pub fatal: bool,
}

impl Problem {
    /// An error at a span.
    pub fn error(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::at(Level::Error, code, span, message)
    }

    /// A warning at a span.
    pub fn warning(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::at(Level::Warning, code, span, message)
    }

    /// A note at a span.
    pub fn note(code: &'static str, span: Span, message: impl Into<String>) -> Self {
        Self::at(Level::Note, code, span, message)
    }

    fn at(level: Level, code: &'static str, span: Span, message: impl Into<String>) -> Self {
        let label = Label { span, text: String::new(), role: Role::Primary };
        Self { code, level, message: message.into(), labels: vec![label], help: None, fatal: false }
    }

    /// The same problem with what to do about it.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }

    /// The same problem, and the file is unusable because of it.
    #[must_use]
    pub fn fatal(mut self) -> Self {
        self.fatal = true;
        self
    }

    /// The same problem with a further place.
    #[must_use]
    pub fn with_label(mut self, span: Span, text: impl Into<String>) -> Self {
        self.labels.push(Label { span, text: text.into(), role: Role::Because });
        self
    }

    /// The primary span, where there is one.
    pub fn span(&self) -> Option<Span> {
        self.labels.first().map(|label| label.span)
    }
}

/// Problems, as they accumulate.
pub type Problems = Vec<Problem>;
