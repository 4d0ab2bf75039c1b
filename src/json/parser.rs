//! One pass over the text, no recursion.
//!
//! In: a text. Out: the nodes of a tree. Must not know: how to say what is wrong, and where to go on; that is
//! `recover`, which is called wherever the text is not JSON.
//!
//! Every step either moves forward or changes to a state in which it will, so that any text comes to an end.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text, which fits 32 bits")]
#![allow(clippy::cast_possible_truncation, reason = "offsets and counts of nodes fit 32 bits, checked at the start")]

use crate::diag::{Problem, Problems};
use crate::source::{FileId, Span};

use super::recover::MOST_WARNINGS;
use super::{BARE, COUNT_MAX, COUNT_SHIFT, ESCAPED, Limits, Member, Node, Parsed, REPEATS, Raw, Tag, Tree, scan, text};

/// Objects with no more members than this are searched for equal names pair by pair.
const FEW: usize = 16;

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// A value.
    Value,
    /// The first element of an array, or its end.
    FirstItem,
    /// A property name, or the end of an object.
    Name,
    /// What follows a value that is not counted yet.
    After,
    /// A comma, or the end of the container.
    Separator,
    /// Nothing: the text is read.
    Done,
}

/// A container that is open.
#[derive(Clone, Copy, Debug)]
pub(super) struct Open {
    /// Its node.
    pub(super) node: u32,
    /// Whether it is an object rather than an array.
    pub(super) object: bool,
    /// Elements or members so far.
    pub(super) count: u32,
    /// The fingerprints of its names.
    names: u64,
    /// Whether two names may be equal.
    suspect: bool,
    /// It has names without quotes, which nobody compares.
    unsure: bool,
}

/// An object in which two names may be equal.
struct Suspect {
    object: u32,
    /// If a closer look finds none, there are none.
    sure: bool,
}

pub(super) struct Parser<'s> {
    pub(super) tree: Tree<'s>,
    pub(super) bytes: &'s [u8],
    pub(super) at: usize,
    pub(super) open: Vec<Open>,
    pub(super) depth: usize,
    pub(super) problems: Problems,
    /// Objects in which two names may be equal.
    suspects: Vec<Suspect>,
    /// Syntax errors before this byte follow from the last one that was reported.
    pub(super) quiet: usize,
    /// How often the text was not JSON, reported or not.
    pub(super) errors: usize,
}

pub(super) fn parse(file: FileId, text: &str, base: u32, limits: Limits) -> Parsed<'_> {
    let room = (u32::MAX - base) as usize;
    let tree = Tree { file, base, text, nodes: Vec::new(), comments: Vec::new(), strict: true };
    if text.len() > limits.bytes.min(room) {
        let message = format!("the text has {} bytes, more than the limit of {}", text.len(), limits.bytes.min(room));
        let problem = Problem::error("json-too-large", Span::new(file, base, base), message).fatal();
        return Parsed { tree: Tree { strict: false, ..tree }, problems: vec![problem] };
    }
    let mut parser = Parser::new(tree, limits.depth);
    parser.tree.nodes.reserve(text.len() / 16 + 1); // indented texts have a node in 25 bytes, dense ones in 7
    parser.begin();
    let mut state = State::Value;
    while state != State::Done {
        state = parser.step(state);
    }
    parser.finish()
}

impl<'s> Parser<'s> {
    pub(super) fn new(tree: Tree<'s>, depth: usize) -> Self {
        Self {
            bytes: tree.text.as_bytes(),
            tree,
            at: 0,
            open: Vec::with_capacity(32),
            depth,
            problems: Vec::new(),
            suspects: Vec::new(),
            quiet: 0,
            errors: 0,
        }
    }

    pub(super) fn finish(self) -> Parsed<'s> {
        let Self { mut tree, mut problems, suspects, .. } = self;
        let mut told = 0;
        for Suspect { object, sure } in suspects {
            let found = duplicates(tree.node(object));
            if found.is_empty()
                && sure
                && let Some(raw) = tree.nodes.get_mut(object as usize)
            {
                raw.meta &= !REPEATS;
            }
            let rest = MOST_WARNINGS - told;
            told += found.len().min(rest);
            problems.extend(found.into_iter().take(rest));
            if told == MOST_WARNINGS {
                break; // the others may stay under suspicion
            }
        }
        problems.sort_by_key(Problem::span);
        Parsed { tree, problems }
    }
}

impl Parser<'_> {
    /// Passes over a byte-order mark.
    pub(super) fn begin(&mut self) {
        if self.tree.text.starts_with('\u{feff}') {
            self.tree.strict = false;
            self.at = '\u{feff}'.len_utf8();
        }
    }

    #[inline]
    pub(super) fn step(&mut self, state: State) -> State {
        match state {
            State::Value => self.value(),
            State::FirstItem => self.first_item(),
            State::Name => self.name(),
            State::After => self.after(),
            State::Separator => self.separator(),
            State::Done => State::Done,
        }
    }

    /// Goes into a list whose bracket is not part of the text.
    pub(super) fn enter_list(&mut self) {
        self.push(self.at, self.at, Tag::Array as u32);
        self.open.push(Open { node: 0, object: false, count: 0, names: 0, suspect: false, unsure: false });
    }

    /// The next byte that is neither blank nor comment.
    #[inline]
    pub(super) fn peek(&mut self) -> Option<u8> {
        loop {
            self.at = scan::blank(self.bytes, self.at);
            match self.bytes.get(self.at) {
                Some(b'/') if self.comment() => (),
                Some(&byte @ (0x80.. | 0..0x20)) => {
                    if !self.odd_blank() {
                        return Some(byte);
                    }
                }
                other => return other.copied(),
            }
        }
    }

    #[inline]
    fn value(&mut self) -> State {
        match self.peek() {
            Some(b'"') => return self.string(),
            Some(b'{') => return self.container(Tag::Object),
            Some(b'[') => return self.container(Tag::Array),
            Some(b'-' | b'0'..=b'9') => {
                if let Ok(end) = scan::number(self.bytes, self.at) {
                    self.push(self.at, end, Tag::Number as u32);
                    return State::After;
                }
            }
            Some(b't') if self.literal(b"true", Tag::True) => return State::After,
            Some(b'f') if self.literal(b"false", Tag::False) => return State::After,
            Some(b'n') if self.literal(b"null", Tag::Null) => return State::After,
            Some(_) | None => (),
        }
        self.no_value()
    }

    #[inline]
    fn string(&mut self) -> State {
        let start = self.at;
        let (end, flags) = self.scan_string(start);
        self.push(start, end, Tag::String as u32 | flags);
        State::After
    }

    #[inline]
    fn first_item(&mut self) -> State {
        if self.peek() == Some(b']') { self.close(b']') } else { State::Value }
    }

    #[inline]
    fn after(&mut self) -> State {
        let Some(top) = self.open.last_mut() else { return self.trailing() };
        top.count = top.count.saturating_add(1);
        self.separator()
    }

    #[inline]
    fn separator(&mut self) -> State {
        let Some(&Open { object, .. }) = self.open.last() else { return self.trailing() };
        match self.peek() {
            Some(b',') => {
                self.at += 1;
                if object {
                    return self.name();
                }
                if self.peek() == Some(b']') {
                    self.tree.strict = false;
                    return self.close(b']');
                }
                State::Value
            }
            Some(bracket @ (b'}' | b']')) => self.close(bracket),
            Some(_) | None => self.no_separator(object),
        }
    }

    #[inline]
    fn name(&mut self) -> State {
        match self.peek() {
            Some(b'"') => {
                let start = self.at;
                let (end, flags) = self.scan_string(start);
                self.push_name(start, end, flags);
                if self.bytes.get(self.at) == Some(&b':') || self.peek() == Some(b':') {
                    self.at += 1;
                    return State::Value;
                }
                self.colon()
            }
            Some(b'}') => {
                self.tree.strict &= self.open.last().is_none_or(|top| top.count == 0);
                self.close(b'}')
            }
            Some(_) | None => self.no_name(),
        }
    }

    #[inline]
    fn literal(&mut self, word: &[u8], tag: Tag) -> bool {
        let end = self.at + word.len();
        let is = self.bytes.get(self.at..end) == Some(word) && !self.bytes.get(end).copied().is_some_and(scan::in_word);
        if is {
            self.push(self.at, end, tag as u32);
        }
        is
    }

    /// Adds a node and moves behind it.
    #[inline]
    pub(super) fn push(&mut self, start: usize, end: usize, meta: u32) {
        let next = self.tree.nodes.len() as u32 + 1;
        self.tree.nodes.push(Raw { start: start as u32, end: end as u32, next, meta });
        self.at = end;
    }

    #[inline]
    pub(super) fn push_name(&mut self, start: usize, end: usize, flags: u32) {
        if let Some(top) = self.open.last_mut() {
            if flags == 0 {
                let bit = scan::fingerprint(self.bytes, start + 1, end - 1);
                top.suspect |= top.names & bit != 0;
                top.names |= bit;
            } else {
                top.suspect |= flags & BARE == 0;
                top.unsure |= flags & BARE != 0;
            }
        }
        self.push(start, end, Tag::String as u32 | flags);
    }

    fn container(&mut self, tag: Tag) -> State {
        if self.open.len() >= self.depth {
            return self.too_deep(tag);
        }
        let object = tag == Tag::Object;
        let node = self.tree.nodes.len() as u32;
        self.push(self.at, self.at + 1, tag as u32);
        self.open.push(Open { node, object, count: 0, names: 0, suspect: false, unsure: false });
        if object { State::Name } else { State::FirstItem }
    }

    /// At a closing bracket.
    #[inline]
    fn close(&mut self, bracket: u8) -> State {
        match self.open.last() {
            Some(top) if top.object == (bracket == b'}') => {
                self.at += 1;
                self.end_container(self.at);
                State::After
            }
            Some(_) | None => self.wrong_bracket(bracket, State::Separator),
        }
    }

    /// The innermost open container ends.
    pub(super) fn end_container(&mut self, end: usize) {
        let Some(top) = self.open.pop() else { return };
        let next = self.tree.nodes.len() as u32;
        if let Some(raw) = self.tree.nodes.get_mut(top.node as usize) {
            raw.end = end as u32;
            raw.next = next;
            raw.meta |= top.count.min(COUNT_MAX) << COUNT_SHIFT;
            if top.suspect || top.unsure {
                raw.meta |= REPEATS;
            }
        }
        if top.suspect {
            self.suspects.push(Suspect { object: top.node, sure: !top.unsure });
        }
    }

    /// Behind the string whose opening quote is at `start`, and the flags of its node.
    #[inline]
    pub(super) fn scan_string(&mut self, start: usize) -> (usize, u32) {
        let end = scan::plain(self.bytes, start + 1);
        if self.bytes.get(end) == Some(&b'"') { (end + 1, 0) } else { self.scan_rest(start, end) }
    }

    /// As `scan_string`, from the first byte on that is not plain.
    fn scan_rest(&mut self, start: usize, mut at: usize) -> (usize, u32) {
        let (mut flags, mut line_end) = (0, None);
        loop {
            match self.bytes.get(at) {
                None => return self.unclosed_string(start, line_end.unwrap_or(at), flags),
                Some(b'"') => break,
                Some(b'\\') => {
                    flags = ESCAPED;
                    at = self.escape(at);
                }
                Some(b'\n') => {
                    self.tree.strict = false;
                    line_end = line_end.or(Some(at));
                    at += 1;
                }
                Some(_) => {
                    self.tree.strict = false; // a control character, which Azure takes
                    at += 1;
                }
            }
            at = scan::plain(self.bytes, at);
        }
        match line_end {
            Some(line_end) if !self.may_end_string(at + 1) => self.unclosed_string(start, line_end, flags),
            Some(_) | None => (at + 1, flags),
        }
    }

    /// Behind the escape sequence at `at`.
    fn escape(&mut self, at: usize) -> usize {
        match self.bytes.get(at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => at + 2,
            Some(b'u') => match self.tree.text.get(at..).and_then(text::code_unit) {
                Some(unit @ 0xd800..0xe000) => self.surrogate(at, unit),
                Some(_) => at + 6,
                None => self.bad_escape(at),
            },
            Some(_) | None => self.bad_escape(at),
        }
    }
}

/// What there is to say of names that an object has twice.
///
/// Sorts the names by a hash, and those of equal hash by themselves, so that no choice of names makes it slow.
fn duplicates(object: Node<'_>) -> Vec<Problem> {
    let mut found = Vec::new();
    if object.len() <= FEW && !may_repeat(object) {
        return found;
    }
    let name = |mark: u64| object.tree().node(mark as u32).as_str().unwrap_or_default();
    let key = |member: Member<'_>| u64::from(member.key.index());
    let hash = |index: u64| scan::hash(name(index).as_bytes()) << 32;
    let mut marks: Vec<u64> = object.members().map(key).map(|index| hash(index) | index).collect();
    marks.sort_unstable();
    for alike in marks.chunk_by_mut(|a, b| a >> 32 == b >> 32).filter(|alike| alike.len() > 1) {
        alike.sort_by(|a, b| name(*a).cmp(&name(*b)));
        for same in alike.chunk_by(|a, b| name(*a) == name(*b)) {
            let mut keys = same.iter().map(|mark| object.tree().node(*mark as u32));
            let Some(first) = keys.next() else { continue };
            found.extend(keys.take(MOST_WARNINGS).map(|again| duplicate(first, again)));
        }
        if found.len() >= MOST_WARNINGS {
            break;
        }
    }
    found
}

/// Whether two of the first few names of an object are written alike, or one has escapes in it.
fn may_repeat(object: Node<'_>) -> bool {
    let mut names = [""; FEW];
    for (i, member) in object.members().take(FEW).enumerate() {
        let name = member.key.raw();
        if names.iter().take(i).any(|earlier| *earlier == name) || name.contains('\\') {
            return true;
        }
        if let Some(slot) = names.get_mut(i) {
            *slot = name;
        }
    }
    false
}

fn duplicate(first: Node<'_>, again: Node<'_>) -> Problem {
    Problem::warning("json-duplicate-key", again.span(), "this property is written twice in one object")
        .with_label(first.span(), "first written here")
        .with_help("remove one of the two; the last one is read here")
}
