//! JSON pointers (RFC 6901), in which validators name places.
//!
//! In: a tree and a pointer, or a node. Out: the other of the two. Must not know: who speaks in pointers.

use std::fmt::Write as _;

use super::{Kind, Node, Tree};

impl Tree<'_> {
    /// The node a pointer names: `/resources/0/name`; the empty pointer is the document.
    ///
    /// Names are exact, and the last one wins where a name is written twice. A pointer that names nothing gives none.
    pub fn at(&self, pointer: &str) -> Option<Node<'_>> {
        let mut node = self.root()?;
        if pointer.is_empty() {
            return Some(node);
        }
        for token in pointer.strip_prefix('/')?.split('/') {
            node = match node.kind() {
                Kind::Object => node.get(&token.replace("~1", "/").replace("~0", "~"))?,
                Kind::Array => node.item(index(token)?)?,
                Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => return None,
            };
        }
        Some(node)
    }
}

/// An array index: digits without a leading zero.
fn index(token: &str) -> Option<usize> {
    let plain = token.bytes().all(|b| b.is_ascii_digit()) && (token == "0" || !token.starts_with('0'));
    if plain { token.parse().ok() } else { None }
}

impl Node<'_> {
    /// The pointer that names this node; for a property name, that of its value.
    pub fn pointer(self) -> String {
        let mut pointer = String::new();
        let mut at = self.tree.root();
        while let Some(node) = at.filter(|node| node.index < self.index) {
            at = match node.kind() {
                Kind::Object => node.members().find(|member| self.index < member.value.data().next).map(|member| {
                    let name = member.key.as_str().unwrap_or_default().replace('~', "~0").replace('/', "~1");
                    let _ = write!(pointer, "/{name}");
                    member.value
                }),
                Kind::Array => {
                    node.items().enumerate().find(|(_, item)| self.index < item.data().next).map(|(i, item)| {
                        let _ = write!(pointer, "/{i}");
                        item
                    })
                }
                Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => None,
            };
        }
        pointer
    }
}

#[cfg(test)]
mod tests {
    use super::super::parse;
    use crate::source::FileId;

    const TEXT: &str = r#"{"a/b": [10, {"~": null}], "": {"x": true}, "x": 1, "x": 2}"#;

    #[test]
    fn names_and_indices_lead_to_nodes() {
        let parsed = parse(FileId(0), TEXT);
        let raw = |pointer| parsed.tree.at(pointer).map(super::Node::raw);
        assert_eq!(raw(""), Some(TEXT));
        assert_eq!(raw("/a~1b/0"), Some("10"));
        assert_eq!(raw("/a~1b/1/~0"), Some("null"));
        assert_eq!(raw("//x"), Some("true"));
        assert_eq!(raw("/x"), Some("2"));
        for nothing in ["x", "/y", "/a~1b/2", "/a~1b/01", "/a~1b/-1", "/a~1b/+1", "/a~1b/", "/x/0"] {
            assert_eq!(raw(nothing), None, "{nothing}");
        }
    }

    #[test]
    fn a_node_knows_its_pointer() {
        let parsed = parse(FileId(0), TEXT);
        for pointer in ["", "/a~1b", "/a~1b/1", "/a~1b/1/~0", "/", "//x", "/x"] {
            assert_eq!(parsed.tree.at(pointer).map(super::Node::pointer).as_deref(), Some(pointer));
        }
    }
}
