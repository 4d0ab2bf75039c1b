//! Message templates: text with property paths in braces.
//!
//! In: a spanned string. Out: a [`Draft`], which becomes a [`Template`] when its names are resolved.
//! Must not know: values.
//!
//! `{path}` stands for the value of a property; `{{` and `}}` are braces.

use crate::diag::{Problem, Problems};
use crate::json::Text;

use super::ast::PropertyPath;
use super::parse::Word;

/// A template whose names are not resolved.
#[derive(Debug, Default)]
pub struct Draft {
    /// In order.
    pub pieces: Vec<DraftPiece>,
}

/// A part of a draft.
#[derive(Debug)]
pub enum DraftPiece {
    /// Text.
    Text(String),
    /// A path, with its place inside the template.
    Path(Word),
}

/// A template whose names are catalog entries.
#[derive(Debug)]
pub struct Template<M: 'static> {
    /// In order.
    pub pieces: Vec<Piece<M>>,
}

/// A part of a template.
#[derive(Debug)]
pub enum Piece<M: 'static> {
    /// Text.
    Text(String),
    /// The value of a property.
    Value(PropertyPath<M>),
}

/// Cuts a template at its braces.
pub fn parse(text: &Text<'_>, problems: &mut Problems) -> Draft {
    let source = text.as_str();
    let mut draft = Draft::default();
    let mut literal = String::new();
    let mut rest = 0;
    while let Some(found) = source[rest..].find(['{', '}']) {
        let at = rest + found;
        literal.push_str(&source[rest..at]);
        let brace = &source[at..=at];
        if source[at + 1..].starts_with(brace) {
            literal.push_str(brace);
            rest = at + 2;
            continue;
        }
        let next = source[at + 1..].find(['{', '}']).map(|length| at + 1 + length);
        let end = next.filter(|&next| brace == "{" && source[next..].starts_with('}'));
        let Some(end) = end else {
            let message = if brace == "{" { "this brace is not closed" } else { "this brace closes nothing" };
            let help = format!("write `{brace}{brace}` for a brace");
            problems.push(Problem::error("rule-template", text.span(at..at + 1), message).with_help(help).fatal());
            rest = at + 1;
            continue;
        };
        let path = source[at + 1..end].trim();
        if path.is_empty() || !path.chars().all(|c| c.is_ascii_alphanumeric() || c == '.') {
            let message = "there is no property path between these braces";
            let help = "write `{{` and `}}` for braces";
            problems.push(Problem::error("rule-template", text.span(at..end + 1), message).with_help(help).fatal());
        } else {
            if !literal.is_empty() {
                draft.pieces.push(DraftPiece::Text(std::mem::take(&mut literal)));
            }
            draft.pieces.push(DraftPiece::Path(Word { text: path.to_owned(), at: text.span(at + 1..end) }));
        }
        rest = end + 1;
    }
    literal.push_str(&source[rest..]);
    if !literal.is_empty() {
        draft.pieces.push(DraftPiece::Text(literal));
    }
    draft
}
