//! What to say where a text is not JSON, and where to go on.
//!
//! In: the parser, stopped. Out: a problem, and the state in which it goes on. Must not know: the common case.
//!
//! A slip should cost one problem: errors that follow from the last one that was reported stay unsaid (`quiet`).
//! Messages name kinds of tokens and punctuation, never content, which may be secret.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text, which fits 32 bits")]
#![allow(clippy::cast_possible_truncation, reason = "offsets fit 32 bits, checked at the start")]

use crate::diag::Problem;
use crate::source::Span;

use super::parser::{Parser, State};
use super::{BARE, Tag, scan};

/// Syntax errors after which the rest of a text is not read.
const MOST_ERRORS: usize = 25;
/// Warnings of one kind that are worth reading.
pub(super) const MOST_WARNINGS: usize = 100;

impl Parser<'_> {
    pub(super) fn span(&self, start: usize, end: usize) -> Span {
        self.tree.span(start as u32, end as u32)
    }

    /// Reports a syntax error, unless it follows from the last one.
    #[cold]
    pub(super) fn complain(&mut self, start: usize, end: usize, message: impl Into<String>) -> Option<&mut Problem> {
        self.tree.strict = false;
        self.errors += 1;
        if start < self.quiet || self.errors > MOST_ERRORS {
            return None;
        }
        self.quiet = self.quiet.max(end);
        self.problems.push(Problem::error("json-syntax", self.span(start, end), message).fatal());
        self.problems.last_mut()
    }

    pub(super) fn complain_with(&mut self, start: usize, end: usize, message: impl Into<String>, help: &str) {
        if let Some(problem) = self.complain(start, end, message) {
            problem.help = Some(help.to_owned());
        }
    }

    pub(super) fn warn(&mut self, code: &'static str, start: usize, end: usize, message: String, help: &str) {
        self.tree.strict = false;
        if self.problems.iter().filter(|problem| problem.code == code).count() < MOST_WARNINGS {
            self.problems.push(Problem::warning(code, self.span(start, end), message).with_help(help));
        }
    }

    /// The next state, unless there were too many errors.
    pub(super) fn go_on(&mut self, state: State) -> State {
        if self.errors < MOST_ERRORS {
            return state;
        }
        let message = format!("{MOST_ERRORS} syntax errors; the rest of the text is not read");
        self.problems.push(Problem::note("json-syntax", self.span(self.at, self.at), message));
        match state {
            State::Value if self.in_object() == Some(true) => {
                self.push_nothing();
                self.count();
            }
            State::After => self.count(),
            State::Value | State::FirstItem | State::Name | State::Separator | State::Done => (),
        }
        self.close_all();
        State::Done
    }

    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.end_container(self.at);
            self.count();
        }
    }

    fn count(&mut self) {
        if let Some(top) = self.open.last_mut() {
            top.count = top.count.saturating_add(1);
        }
    }

    /// Whether the innermost open container is an object; none when nothing is open.
    pub(super) fn in_object(&self) -> Option<bool> {
        self.open.last().map(|top| top.object)
    }

    /// What stands at the current place, in words.
    fn found(&self) -> String {
        match self.tree.text.get(self.at..).and_then(|rest| rest.chars().next()) {
            None => "the end of the text".to_owned(),
            Some('"') => "a string".to_owned(),
            Some('-' | '0'..='9') => "a number".to_owned(),
            Some(c) if c.is_alphanumeric() => "a bare word".to_owned(),
            Some(c) if c.is_ascii_graphic() => format!("`{c}`"),
            Some(c) => format!("the character U+{:04X}", u32::from(c)),
        }
    }

    /// Behind what stands at the current place: a word, or a run of characters that mean nothing.
    fn behind(&self) -> usize {
        let word = scan::bare_word(self.bytes, self.at);
        if word > self.at {
            return word;
        }
        let meaningless = |b: &&u8| b.is_ascii_punctuation() && !br#"{}[],:"'/#"#.contains(*b);
        let run = self.bytes.get(self.at..).unwrap_or_default().iter().take_while(meaningless).count();
        (self.at + run.max(1)).min(self.bytes.len())
    }

    /// Where the last token before the current place ends.
    pub(super) fn last_end(&self) -> usize {
        let blank = |b: &u8| b.is_ascii_whitespace();
        let before = self.bytes.get(..self.at).unwrap_or_default();
        before.iter().rposition(|b| !blank(b)).map_or(self.at, |last| last + 1)
    }

    /// A value that is not there.
    fn push_nothing(&mut self) {
        self.push(self.at, self.at, Tag::Null as u32);
    }

    /// A value must stand here, and none that JSON knows does.
    #[cold]
    pub(super) fn no_value(&mut self) -> State {
        let (at, end) = (self.at, self.behind());
        let object = self.in_object();
        let Some(&byte) = self.bytes.get(at) else {
            if object.is_none() {
                let start = at.saturating_sub(1);
                let start = if self.tree.text.is_char_boundary(start) { start } else { at };
                self.complain(start, at, "the text holds no JSON value");
                return State::Done;
            }
            if object == Some(true) {
                self.push_nothing();
                self.count();
            }
            return self.end_of_text();
        };
        let state = match (byte, object) {
            _ if self.stray_line() => {
                if object == Some(false) {
                    State::FirstItem
                } else {
                    State::Value
                }
            }
            (b'\'', _) => {
                self.single_quoted();
                State::After
            }
            (b'-' | b'+' | b'.' | b'0'..=b'9', _) => {
                self.bad_number(end);
                State::After
            }
            (b',' | b'}' | b']', Some(true)) => {
                let message = format!("expected a value, found {}", self.found());
                self.complain(at, at + 1, message);
                self.push_nothing();
                State::After
            }
            (b'}', Some(false)) => return self.wrong_bracket(byte, State::FirstItem),
            _ if scan::in_word(byte) => return self.bad_word(end),
            _ => {
                let message = format!("expected a value, found {}", self.found());
                self.complain(at, end, message);
                if object.is_none() {
                    return State::Done; // not a JSON text at all
                }
                self.silence(end);
                self.at = end;
                if object == Some(false) { State::FirstItem } else { State::Value }
            }
        };
        self.go_on(state)
    }

    /// A comma or a closing bracket must stand here.
    #[cold]
    pub(super) fn no_separator(&mut self, object: bool) -> State {
        let Some(&byte) = self.bytes.get(self.at) else { return self.end_of_text() };
        if self.stray_line() {
            return self.go_on(State::Separator);
        }
        let (at, end) = (self.at, self.behind());
        let next = if object { State::Name } else { State::FirstItem };
        let closing = if object { "`}`" } else { "`]`" };
        let message = format!("expected `,` or {closing}, found {}", self.found());
        let state = match byte {
            b'"' | b'{' | b'[' | b'-' | b'0'..=b'9' => {
                let gap = self.last_end();
                let what = if object { "properties" } else { "elements" };
                self.complain_with(gap, gap, message, &format!("`,` stands between two {what}"));
                self.quiet = self.quiet.max(at + 1);
                next
            }
            b':' => {
                let array = self.open.last().filter(|top| !top.object).map(|top| self.head(top.node));
                if let (Some(problem), Some(array)) = (self.complain(at, end, message), array) {
                    *problem = problem.clone().with_label(array, "this array is still open");
                }
                self.at = end;
                self.skip_scalar();
                State::Separator
            }
            b';' => {
                self.complain(at, end, message);
                self.at = end;
                next
            }
            _ => {
                self.complain(at, end, message);
                self.silence(end);
                self.at = end;
                State::Separator
            }
        };
        self.go_on(state)
    }

    /// What follows up to the next quote, comma or line belongs to the same slip: an unquoted text, mostly.
    pub(super) fn silence(&mut self, from: usize) {
        let rest = self.tree.text.get(from..).unwrap_or("");
        self.quiet = self.quiet.max(from + rest.find(['"', ',', '\n']).unwrap_or(rest.len()));
    }

    /// Skips the value behind a colon that should not be there, if it is a small one.
    fn skip_scalar(&mut self) {
        let next = self.peek();
        self.quiet = self.quiet.max(self.at + 1);
        match next {
            Some(b'"') => self.at = self.scan_string(self.at).0,
            Some(byte) if scan::in_word(byte) => self.at = self.behind(),
            Some(_) | None => (),
        }
    }

    /// A property name or the end of the object must stand here.
    #[cold]
    pub(super) fn no_name(&mut self) -> State {
        let Some(&byte) = self.bytes.get(self.at) else { return self.end_of_text() };
        let (at, end) = (self.at, self.behind());
        match byte {
            _ if self.stray_line() => return self.go_on(State::Name),
            b']' => return self.wrong_bracket(byte, State::Name),
            b'\'' => {
                self.single_quoted();
                return self.colon();
            }
            _ if scan::in_word(byte) => {
                self.complain_with(at, end, "expected a property name", "property names stand in double quotes");
                self.push_name(at, end, BARE);
                return self.colon();
            }
            _ => (),
        }
        let message = format!("expected a property name, found {}", self.found());
        self.complain(at, end, message);
        let state = match byte {
            b':' | b'{' | b'[' => {
                self.push_name(at, at, BARE);
                self.at = if byte == b':' { end } else { at };
                self.silence(at);
                State::Value
            }
            _ => {
                self.at = end;
                State::Name
            }
        };
        self.go_on(state)
    }

    /// Behind a property name.
    pub(super) fn colon(&mut self) -> State {
        let byte = match self.peek() {
            Some(b':') => {
                self.at += 1;
                return self.go_on(State::Value);
            }
            Some(byte) => byte,
            None => {
                self.push_nothing();
                self.count();
                return self.end_of_text();
            }
        };
        let (at, end) = (self.at, self.behind());
        let gap = self.last_end();
        let state = match byte {
            b',' | b'}' | b']' => {
                self.complain(gap, gap, "expected `:` and a value after this property name");
                self.quiet = self.quiet.max(at);
                self.push_nothing();
                State::After
            }
            _ if scan::in_word(byte) || matches!(byte, b'"' | b'{' | b'[' | b'\'') => {
                let message = format!("expected `:`, found {}", self.found());
                self.complain_with(gap, gap, message, "`:` stands between a property name and its value");
                self.quiet = self.quiet.max(at + 1);
                State::Value
            }
            _ => {
                let message = format!("expected `:`, found {}", self.found());
                self.complain(at, end, message);
                self.at = end;
                State::Value
            }
        };
        self.go_on(state)
    }

    /// More containers than the limit: the inner one is skipped.
    #[cold]
    pub(super) fn too_deep(&mut self, tag: Tag) -> State {
        self.tree.strict = false;
        let start = self.at;
        if !self.problems.iter().any(|problem| problem.code == "json-too-deep") {
            let message = format!("more than {} arrays and objects inside each other", self.depth);
            self.problems.push(Problem::error("json-too-deep", self.span(start, start + 1), message).fatal());
        }
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            self.at = match byte {
                b'"' => self.scan_string(self.at).0,
                _ => self.behind(),
            };
            match byte {
                b'{' | b'[' => depth += 1,
                b'}' | b']' => depth -= 1,
                _ => (),
            }
            if depth == 0 {
                break;
            }
        }
        self.push(start, self.at, tag as u32);
        self.go_on(State::After)
    }

    /// A closing bracket that does not fit the innermost container.
    #[cold]
    pub(super) fn wrong_bracket(&mut self, bracket: u8, stay: State) -> State {
        let at = self.at;
        let object = bracket == b'}';
        let fitting = self.open.iter().rposition(|open| open.object == object);
        let fitting = fitting.or_else(|| self.open.len().checked_sub(1).filter(|_| self.opened_on_this_line()));
        let Some(fitting) = fitting else {
            let message = format!("`{}` closes nothing", char::from(bracket));
            self.complain(at, at + 1, message);
            self.at += 1;
            return self.go_on(stay);
        };
        let wanted = if object { ']' } else { '}' };
        let opening = self.open.last().map(|top| self.head(top.node));
        let message = format!("expected `{wanted}`, found `{}`", char::from(bracket));
        if let (Some(problem), Some(opening)) = (self.complain(at, at + 1, message), opening) {
            *problem = problem.clone().with_label(opening, format!("`{wanted}` is still missing for this one"));
        }
        let fitting = if self.is_slip(fitting) { self.open.len() - 1 } else { fitting };
        while self.open.len() > fitting + 1 {
            self.end_container(at);
            self.count();
        }
        self.at += 1;
        self.end_container(self.at);
        self.go_on(State::After)
    }

    /// Whether the bracket here was meant for the innermost container: otherwise what follows would not fit, be it
    /// the bracket of the container around that one, or a comma.
    fn is_slip(&self, fitting: usize) -> bool {
        let next = self.bytes.get(scan::blank(self.bytes, self.at + 1)).copied();
        let fits = |around: Option<usize>| {
            let around = around.and_then(|at| self.open.get(at));
            around.is_some_and(|open| next == Some(if open.object { b'}' } else { b']' }))
        };
        let ends_too_early = fitting == 0 && next == Some(b',');
        ends_too_early || (fits(self.open.len().checked_sub(2)) && !fits(fitting.checked_sub(1)))
    }

    /// Whether the innermost container began on the line that the parser is in.
    fn opened_on_this_line(&self) -> bool {
        let start = self.open.last().map_or(0, |top| self.tree.raw(top.node).start as usize);
        self.tree.text.get(start..self.at).is_some_and(|between| !between.contains('\n'))
    }

    fn head(&self, node: u32) -> Span {
        self.tree.node(node).head()
    }

    /// The text ends inside a container.
    #[cold]
    fn end_of_text(&mut self) -> State {
        let Some(top) = self.open.last().copied() else { return State::Done };
        let (bracket, closing) = if top.object { ('{', '}') } else { ('[', ']') };
        let start = self.tree.raw(top.node).start as usize;
        let suspect = self.misaligned();
        let (quiet, here) = (self.at < self.quiet, self.span(self.at, self.at));
        if quiet {
            self.errors += 1;
        } else {
            self.quiet = 0;
            let message = format!("`{bracket}` is never closed: expected `{closing}` before the end of the text");
            if let Some(problem) = self.complain(start, start + 1, message) {
                problem.labels.push(crate::diag::Label {
                    span: here,
                    text: "the text ends here".to_owned(),
                    role: crate::diag::Role::Because,
                });
                if let Some((open, close)) = suspect {
                    let words = "by its indentation, this bracket closes another one";
                    *problem = problem.clone().with_label(open, "perhaps this one").with_label(close, words);
                }
            }
        }
        self.close_all();
        State::Done
    }

    /// The first container whose two brackets begin lines of different indentation.
    fn misaligned(&self) -> Option<(Span, Span)> {
        let text = self.tree.text;
        let ends: Vec<usize> = text.match_indices('\n').map(|(at, _)| at).collect();
        let indent = |at: u32| {
            let above = ends.partition_point(|end| *end < at as usize);
            let start = above.checked_sub(1).and_then(|last| ends.get(last)).map_or(0, |end| end + 1);
            let line = text.get(start..at as usize)?;
            Some((line.len() - line.trim_start().len(), line.trim_start().is_empty()))
        };
        let nodes = &self.tree.nodes;
        let closed =
            nodes.iter().filter(|raw| matches!(raw.tag(), Tag::Array | Tag::Object) && raw.end > raw.start + 1);
        closed.take(100_000).find_map(|raw| {
            let ((opening, _), (closing, alone)) = (indent(raw.start)?, indent(raw.end - 1)?);
            let place = |at: u32| self.tree.span(at, at + 1);
            (alone && opening != closing).then(|| (place(raw.start), place(raw.end - 1)))
        })
    }

    /// Behind the document.
    #[cold]
    pub(super) fn trailing(&mut self) -> State {
        let Some(byte) = self.peek() else { return State::Done };
        let (at, end) = (self.at, self.behind());
        if matches!(byte, b'}' | b']') {
            let message = format!("`{}` closes nothing", char::from(byte));
            self.complain(at, end, message);
        } else {
            let message = format!("expected the end of the text, found {}", self.found());
            let help = if byte == b',' {
                "perhaps one of the closing brackets before this is one too many"
            } else {
                "a file holds one JSON document"
            };
            self.complain_with(at, end, message, help);
        }
        State::Done
    }
}
