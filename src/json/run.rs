//! Long lists in parts.
//!
//! In: a text with a list in it. Out: the tree of some of its elements ([`elements`]), and of all but some
//! ([`around`]). Must not know: what the elements are.
//!
//! Only elements of which there is nothing to say are read apart. Whoever meets any others reads the text as a whole.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text, which fits 32 bits")]
#![allow(clippy::cast_possible_truncation, reason = "counts of nodes fit 32 bits, checked at the start")]

use crate::source::FileId;

use super::parser::{Parser, State};
use super::{Limits, Parsed, Tree, scan};

/// Elements of a list that are passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gap {
    /// Where the element before them ends.
    pub from: usize,
    /// Where the last of them ends, or anywhere behind it up to what follows.
    pub to: usize,
    /// How many they are.
    pub count: usize,
}

/// The document without some elements of a list; they are counted as its own.
pub fn around(file: FileId, text: &str, gap: Gap) -> Parsed<'_> {
    let mut parser = Parser::new(tree(file, text, 0), Limits::default().depth);
    parser.begin();
    let mut state = State::Value;
    while state != State::Done {
        if state == State::After && parser.at == gap.from {
            parser.at = gap.to.max(gap.from);
            if let Some(list) = parser.open.last_mut() {
                list.count = list.count.saturating_add(u32::try_from(gap.count).unwrap_or(u32::MAX));
            }
        }
        state = parser.step(state);
    }
    parser.finish()
}

/// Elements of a list: a tree whose root is a list of them, and where they end: at the end of the text or at the bracket
/// that closes the list. `base`: where the text begins in its file; it begins with an element or the comma before one.
///
/// `None` where there is anything to say of them.
pub fn elements(file: FileId, text: &str, base: u32) -> Option<(Tree<'_>, usize)> {
    // One more may be open around the list; what is nested that deep is read as a whole.
    let mut parser = Parser::new(tree(file, text, base), Limits::default().depth - 2);
    parser.tree.nodes.reserve(text.len() / 16 + 1);
    parser.enter_list();
    let first = scan::blank(parser.bytes, 0);
    let mut state = if parser.bytes.get(first) == Some(&b',') { State::Separator } else { State::Value };
    loop {
        if state != State::Value && parser.open.len() == 1 {
            if state == State::After
                && let Some(list) = parser.open.last_mut()
            {
                list.count = list.count.saturating_add(1);
            }
            state = State::Separator;
            let next = scan::blank(parser.bytes, parser.at);
            if matches!(parser.bytes.get(next), None | Some(b']')) {
                parser.end_container(next);
                let Parsed { tree, problems } = parser.finish();
                return problems.is_empty().then_some((tree, next));
            }
        }
        state = parser.step(state);
        if parser.errors > 0 || state == State::Done {
            return None;
        }
    }
}

fn tree(file: FileId, text: &str, base: u32) -> Tree<'_> {
    Tree { file, base, text, nodes: Vec::new(), comments: Vec::new(), strict: true }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::{Node, parse};

    const LIST: &str = r#"{"data": [{"a": [1, {"b": "]"}]}, "x", [[]] , {}], "n": 4}"#;

    fn at(needle: &str) -> usize {
        LIST.find(needle).unwrap()
    }

    fn shown(node: Node<'_>) -> Vec<(String, crate::source::Span)> {
        node.items().map(|item| (item.raw().to_owned(), item.span())).collect()
    }

    #[test]
    fn parts_are_the_same_as_the_whole() {
        let whole = parse(FileId(3), LIST);
        let list = whole.tree.at("/data").unwrap();
        for cut in [at(", \"x\""), at(", [["), at(" , {}"), at(", {}]")] {
            let from = at("{\"a\"");
            let (front, end) = elements(FileId(3), &LIST[from..cut], u32::try_from(from).unwrap()).unwrap();
            assert_eq!(end, cut - from);
            let (back, end) = elements(FileId(3), &LIST[cut..], u32::try_from(cut).unwrap()).unwrap();
            assert_eq!(cut + end, at("], \"n\""));
            let (front, back) = (front.root().unwrap(), back.root().unwrap());
            assert_eq!([shown(front), shown(back)].concat(), shown(list));
            assert_eq!(front.len() + back.len(), list.len());
        }
    }

    #[test]
    fn what_is_around_does_not_change() {
        let whole = parse(FileId(3), LIST);
        let gap = Gap { from: at(", \"x\""), to: at("], \"n\""), count: 3 };
        let part = around(FileId(3), LIST, gap);
        assert!(part.problems.is_empty());
        let (list, all) = (part.tree.at("/data").unwrap(), whole.tree.at("/data").unwrap());
        assert_eq!((list.len(), list.span()), (all.len(), all.span()));
        assert_eq!(shown(list), shown(all)[..1]);
        assert_eq!(part.tree.at("/n").unwrap().span(), whole.tree.at("/n").unwrap().span());
    }

    #[test]
    fn what_there_is_to_say_something_of_is_not_read_in_parts() {
        let deep = format!("{}{}", "[".repeat(300), "]".repeat(300));
        for text in
            ["", ",", "1,", ",,1", "1 2", "{\"a\": 1, \"a\": 2}", "1 // a", "1,]", "}", "\"a", "{", "tru", &deep]
        {
            assert!(elements(FileId(0), text, 0).is_none(), "{text}");
        }
    }
}
