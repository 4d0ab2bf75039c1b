//! A long list of resources, piece by piece.
//!
//! In: the text of a dump. Out: [`Pieces`], each of which is parsed on its own, and the document around them; what the
//! resources of a piece are collects [`Part`]. Must not know: who parses which piece, and when.
//!
//! The tree of a list of a million resources would be larger than all that is made of it. So only the first resources,
//! which tell what tool made it, and what stands around the list are held as a tree. A piece begins where an element
//! seems to end, and counts only if the one before did end there. Where that is not so, or there is anything to say of the
//! text, it is read as a whole.

use std::ops::Range;

use crate::diag::Problems;
use crate::input::secrets;
use crate::json::run::{self, Gap};
use crate::json::{self, Node, Tree};
use crate::resource::Resource;
use crate::source::FileId;

use super::envelope::{self, Envelope, LOOK, Source};
use super::listing::List;
use super::shape::Names;
use super::{Reading, Wanted, is_element, row};

/// Shorter texts are read as a whole.
const LARGE: usize = 1024 * 1024;
/// The first elements lie in so many bytes.
const FRONT: usize = 256 * 1024;
/// About so long is a piece.
const PIECE: usize = 128 * 1024;

/// See the module.
#[derive(Debug)]
pub struct Pieces<'s> {
    file: FileId,
    text: &'s str,
    source: Source,
    /// Where the last of the first elements ends.
    first: usize,
    /// All of the list.
    ranges: Vec<Range<usize>>,
}

/// A piece that was parsed.
#[derive(Debug)]
pub struct Piece<'s> {
    tree: Tree<'s>,
    /// Where the list ends in the text, for the last piece.
    end: usize,
    /// The places of secrets in it.
    pub secrets: secrets::Places,
}

/// What the resources of pieces are.
#[derive(Debug)]
pub struct Part {
    pub(super) resources: Vec<Resource>,
    pub(super) problems: Problems,
    pub(super) list: List,
    names: Names,
    count: usize,
    end: usize,
}

impl<'s> Pieces<'s> {
    /// The pieces of a text, where it seems to be a long list of resources.
    pub fn find(file: FileId, text: &'s str) -> Option<Self> {
        if text.len() < LARGE || u32::try_from(text.len()).is_err() {
            return None;
        }
        let front = (0..=FRONT).rev().find(|at| text.is_char_boundary(*at))?;
        let front = json::parse(file, text.get(..front)?);
        let Some(Envelope::List { array, source, .. }) = front.tree.root().and_then(envelope::open) else {
            return None;
        };
        let elements: Vec<Node<'_>> = array.items().take(LOOK).collect();
        let [first, second, ..] = elements.as_slice() else { return None };
        if elements.len() < LOOK || !elements.iter().all(|item| is_element(*item)) {
            return None;
        }
        // What stands between two elements, from the bracket of one into the name of the first member of the next. On one
        // line only the name tells it from what stands between the objects inside of elements.
        let name = second.members().next()?.key.span();
        let bracket = first.span().end.checked_sub(1)?;
        let between = text.get(first.span().end as usize..second.span().start as usize)?;
        let to = if between.contains('\n') { name.start.checked_add(1)? } else { name.end };
        let border = text.get(bracket as usize..to as usize)?;
        let end = elements.last()?.span().end as usize;
        let mut ranges = Vec::new();
        let mut from = array.span().start as usize + 1;
        while let Some(at) = from.checked_add(PIECE).filter(|at| *at < text.len()) {
            let Some(cut) = find(text.as_bytes(), at.max(end), border.as_bytes()) else { break };
            ranges.push(from..cut + 1);
            from = cut + 1;
        }
        ranges.push(from..text.len());
        Some(Self { file, text, source, first: end, ranges })
    }

    /// How many there are.
    pub fn count(&self) -> usize {
        self.ranges.len()
    }

    /// Parses a piece; nothing where it is not what it should be.
    pub fn parse(&self, number: usize) -> Option<Piece<'s>> {
        let range = self.ranges.get(number)?.clone();
        let text = self.text.get(range.clone())?;
        let (tree, end) = run::elements(self.file, text, u32::try_from(range.start).ok()?)?;
        let last = number + 1 == self.ranges.len();
        let root = tree.root()?;
        if last == (end == text.len()) || !root.items().all(is_element) {
            return None;
        }
        Some(Piece { secrets: secrets::places(root), end: range.start + end, tree })
    }

    /// Nothing of any piece yet.
    pub fn part(&self) -> Part {
        let (list, names) = (List::new(self.source), Names::default());
        Part { resources: Vec::new(), problems: Problems::new(), list, names, count: 0, end: 0 }
    }

    /// The document without the elements of the pieces, but for the first ones; nothing where they turn out not to be the
    /// elements of such a list.
    pub fn around(&self, part: &Part) -> Option<json::Parsed<'s>> {
        let count = part.count.saturating_sub(LOOK);
        let parsed = run::around(self.file, self.text, Gap { from: self.first, to: part.end, count });
        let Some(Envelope::List { array, source, .. }) = parsed.tree.root().and_then(envelope::open) else {
            return None;
        };
        let begin = self.ranges.first()?.start;
        let same = source == self.source && array.span().start as usize + 1 == begin && array.len() == part.count;
        same.then_some(parsed)
    }
}

impl Part {
    /// Takes the resources of the next piece.
    pub fn take(&mut self, pieces: &Pieces<'_>, piece: &Piece<'_>, wanted: Wanted<'_>) {
        let mut reading = Reading::of_rows(wanted);
        std::mem::swap(&mut reading.resources, &mut self.resources);
        std::mem::swap(&mut reading.names, &mut self.names);
        let elements = piece.tree.root().into_iter().flat_map(Node::items);
        for item in elements.filter(|item| envelope::is_resource(*item)) {
            let row = row::of_object(item, pieces.source, row::Standing::Seen, &reading.names);
            reading.push(&row, &mut self.list);
        }
        (self.resources, self.names) = (reading.resources, reading.names);
        self.problems.append(&mut reading.problems);
        self.count += piece.tree.root().map_or(0, Node::len);
        self.end = piece.end;
    }

    /// Gives the resources away, as long as they are taken.
    pub fn hand_over(&mut self, take: &mut dyn FnMut(Resource) -> bool) -> bool {
        self.resources.drain(..).all(take)
    }
}

/// Where some bytes stand next.
fn find(text: &[u8], from: usize, wanted: &[u8]) -> Option<usize> {
    let (first, _) = wanted.split_first()?;
    let mut at = from;
    loop {
        at += text.get(at..)?.iter().position(|byte| byte == first)?;
        if text.get(at..)?.starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
}
