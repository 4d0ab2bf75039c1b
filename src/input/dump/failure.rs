//! What a dump says of itself: that it is an error, or not all there is.
//!
//! In: the places that say so. Out: problems with what to do. Must not know: what is missing.

use crate::diag::{Problem, Problems};
use crate::json::Node;
use crate::resource::Resource;
use crate::value::{Data, Value};

use super::envelope::{self, More};

/// The answer is an error. Of the message nothing is repeated but in the excerpt: it may name what is secret.
pub(super) fn failed(node: Node<'_>) -> Problem {
    let code = node.get_ci("code").and_then(Node::as_str).unwrap_or_default();
    let at = node.get_ci("code").map_or(node.head(), Node::span);
    Problem::error("dump-is-an-error", at, format!("this is no output but an error: {code}"))
        .with_help("run the command again; what it was to show is not known")
        .fatal()
}

/// Whether a text is an error as the Azure CLI prints it, and no output.
pub(in crate::input) fn is_printed(text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    text.starts_with("ERROR: ") || text.lines().any(|line| line.starts_with("ERROR: ("))
}

/// A document that is no dump, among others that are.
pub(super) fn stranger(root: Node<'_>) -> Option<Problem> {
    let unknown = envelope::open(root).is_none() && !root.is_empty();
    let message = "nothing is known about this document: it has no resource id";
    unknown.then(|| Problem::note("dump-unknown", root.head(), message))
}

/// The code of the problem that there is more.
pub(super) const INCOMPLETE: &str = "dump-incomplete";

/// There is more than is here.
pub(super) fn incomplete(more: More<'_>) -> Problem {
    let (node, what, help) = match more {
        More::NextLink(node) => (
            node,
            "there is another page",
            "put the output of `az rest --url <nextLink>` behind this one in the same file",
        ),
        More::SkipToken(node) => (
            node,
            "there is another page",
            "put the output of the same query with `--skip-token` beside this one, or raise `--first`",
        ),
        More::Truncated(node) => (
            node,
            "the result was cut",
            "ask for fewer types or subscriptions at once, sorted by id, in several queries",
        ),
        More::Total(node) => {
            (node, "there are more records than are here", "raise `--first`, or put the other pages beside this one")
        }
    };
    let message = format!("{what}: nothing follows from what is not in this one");
    Problem::warning(INCOMPLETE, node.span(), message).with_help(help)
}

/// Values that PowerShell replaced by the name of their type, since they lay too deep.
pub(super) fn cut_values(resource: &Resource, problems: &mut Problems) {
    if let Some(at) = find_cut(&resource.body, 0) {
        let message = "PowerShell cut off what lies deeper here";
        problems.push(
            Problem::warning("dump-cut", at, message).with_help("write it again with `ConvertTo-Json -Depth 100`"),
        );
    }
}

/// How deep bodies are searched.
const DEPTH: usize = 64;

fn find_cut(value: &Value, depth: usize) -> Option<crate::source::Span> {
    match &value.data {
        Data::Unknown(unknown) if &*unknown.symbol.text == super::shape::CUT => Some(value.origin.at),
        Data::Array(array) if depth < DEPTH => array.items.iter().find_map(|item| find_cut(item, depth + 1)),
        Data::Object(object) if depth < DEPTH => object.iter().find_map(|(_, member)| find_cut(member, depth + 1)),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => None,
        Data::Pattern(_) | Data::Unknown(_) | Data::Array(_) | Data::Object(_) => None,
    }
}
