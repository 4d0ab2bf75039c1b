//! Templates in files of their own, to which deployments link by a path that is relative to their own file.
//!
//! In: trees that somebody else has read. Out: [`Links`], which lead from a link to its template.
//! Must not know: the file system; whoever reads the files decides what may be read.

use std::collections::HashMap;

use crate::diag::Problem;
use crate::json::{Kind, Node};
use crate::source::{FileId, Span};

use super::resources::DEPLOYMENTS;

/// A link that a template writes out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Link {
    /// The path as written, relative to the file.
    pub path: String,
    /// Where it is written.
    pub at: Span,
}

/// What a link leads to.
#[derive(Clone, Debug)]
pub enum Linked<'t> {
    /// The root of a template.
    Template(Node<'t>),
    /// Nothing that can be deployed: what is wrong, and what to do.
    Broken {
        /// The code of the problem.
        code: &'static str,
        /// What is wrong.
        message: String,
        /// What to do.
        help: &'static str,
    },
}

/// The links of some files.
#[derive(Clone, Debug, Default)]
pub struct Links<'t> {
    targets: HashMap<(FileId, String), Linked<'t>>,
}

impl<'t> Links<'t> {
    /// No link leads anywhere; all they lead to is not known.
    pub fn none() -> Self {
        Self::default()
    }

    /// Says what a link of a file leads to.
    pub fn insert(&mut self, file: FileId, path: impl Into<String>, target: Linked<'t>) {
        self.targets.insert((file, path.into()), target);
    }

    /// What a link leads to, if that was looked for.
    pub(super) fn get(&self, file: FileId, path: &str) -> Option<&Linked<'t>> {
        self.targets.get(&(file, path.to_owned()))
    }
}

impl Linked<'_> {
    /// The complaint about a link that leads nowhere.
    pub(super) fn problem(&self, at: Span) -> Option<Problem> {
        match self {
            Self::Template(_) => None,
            Self::Broken { code, message, help } => Some(Problem::error(code, at, message.clone()).with_help(*help)),
        }
    }
}

/// The links of a document that are written out; what an expression gives is not known before it is evaluated.
pub fn written(root: Node<'_>) -> Vec<Link> {
    let mut links = Vec::new();
    look(root, &mut links);
    links
}

fn look(node: Node<'_>, links: &mut Vec<Link>) {
    let linked = node.get_ci("type").is_some_and(|ty| ty.is_text_ci(DEPLOYMENTS));
    if let Some(path) = relative_path(node).filter(|_| linked)
        && let Some(text) = path.as_str().filter(|text| !crate::expr::is_expression(text))
    {
        links.push(Link { path: text.into_owned(), at: path.span() });
    }
    match node.kind() {
        Kind::Object => node.members().for_each(|member| look(member.value, links)),
        Kind::Array => node.items().for_each(|item| look(item, links)),
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => {}
    }
}

/// `properties.templateLink.relativePath` of a deployment.
pub(super) fn relative_path(deployment: Node<'_>) -> Option<Node<'_>> {
    let link = deployment.get_ci("properties")?.get_ci("templateLink")?;
    link.get_ci("relativePath").filter(|path| path.kind() == Kind::String)
}
