//! What of a large dump is worth keeping.
//!
//! In: the text of a dump in windows. Out: which parts of it are kept: whatever may matter to a reader of the whole. Must
//! not know: what is done with them.
//!
//! Of resources whose type nobody asks for an id is kept for each type and scope, which tells what a list shows all of; of
//! the others an empty object, so that they can be counted. All of it only where what is left out is JSON that no reader
//! has anything to say about and where no secret is in it. At the first thing that is not as it is in such a dump, the rest
//! of the text is kept as it stands. The first resources stay whole, since they tell which tool made the dump.

use std::collections::HashSet;
use std::ops::Range;

use crate::input::secrets;
use crate::json;
use crate::json::skim::{self, Skim, Stop, Watch};
use crate::resource::TypeName;
use crate::source::FileId;
use crate::source::sift::{Part, Sieve};

use super::envelope::LOOK;
use super::identity;

/// What is asked of resources of a type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Interest {
    /// Only that they are there.
    None,
    /// These members of their `properties`, their names and where they are.
    Members(&'static [&'static str]),
    /// All of them.
    All,
}

/// A document of this size without a list in it is kept.
const MOST: usize = 4 * 1024 * 1024;

/// What a resource is known by.
const IDENTITY: [&str; 2] = ["id", "resourceId"];
/// What tells of a secret beside it, and what the resource is; see [`secrets::places`].
const TELLING: [&str; 9] =
    ["id", "resourceId", "type", "name", "value", "isSecret", "$ref", "defaultValue", "allowedValues"];
/// Objects that say nothing of what a resource is like.
const ASIDE: [&str; 2] = ["tags", "systemData"];
/// What else a resource keeps of which something is asked beside its `properties`.
const BESIDE: [&str; 8] =
    ["name", "type", "apiVersion", "location", "kind", "tenantId", "subscriptionId", "resourceGroup"];

/// Where in the text the next bytes are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a document.
    Outside,
    /// Inside of a list, before an element; in an object, if there is one around.
    List { around: bool, first: bool },
    /// Behind the list in an object.
    After,
    /// Where nothing is known.
    Rest,
}

/// See the module.
pub struct Rows<'a> {
    interest: &'a dyn Fn(&TypeName) -> Interest,
    state: State,
    /// How many resources of the list were met.
    met: usize,
    skim: Skim,
    members: Vec<Member>,
    inner: Vec<Member>,
    /// The types and scopes of which there is an id.
    named: HashSet<String>,
}

/// What a reader has to say about a resource.
enum Said {
    /// Nothing.
    Nothing,
    /// That here are secrets.
    Secrets(Vec<usize>),
    /// Something that may be about any part of it.
    Much,
}

/// A member of an object.
#[derive(Clone, Debug)]
struct Member {
    /// From the opening quote of its name to the closing one.
    name: Range<usize>,
    /// Its value.
    value: Range<usize>,
    /// There may be a secret in it, or something to be said of it.
    alarm: Alarm,
}

impl<'a> Rows<'a> {
    /// For resources that are interesting as the function says.
    pub fn new(interest: &'a dyn Fn(&TypeName) -> Interest) -> Self {
        Self {
            interest,
            state: State::Outside,
            met: 0,
            skim: Skim::default(),
            members: Vec::new(),
            inner: Vec::new(),
            named: HashSet::new(),
        }
    }
}

impl Sieve for Rows<'_> {
    fn sift(&mut self, text: &str, last: bool, parts: &mut Vec<Part>) -> usize {
        let mut done = 0;
        while self.state != State::Rest {
            let before = (self.state, self.met);
            match self.step(text, done, parts) {
                Ok(next) if next == done && before == (self.state, self.met) => break,
                Ok(next) => done = next,
                Err(Stop::More) if !last && text.len() - done < MOST => return done,
                Err(Stop::More | Stop::Odd) => self.state = State::Rest,
            }
        }
        if self.state == State::Rest {
            parts.push(Part { bytes: text.len() - done, keep: true });
            return text.len();
        }
        done
    }
}

impl Rows<'_> {
    /// Goes on from an offset to a next one.
    fn step(&mut self, text: &str, start: usize, parts: &mut Vec<Part>) -> Result<usize, Stop> {
        let bytes = text.as_bytes();
        let mut keep = |to: usize| parts.push(Part { bytes: to - start, keep: true });
        match self.state {
            State::Outside => {
                let mark = if text.get(start..).is_some_and(|text| text.starts_with('\u{feff}')) { 3 } else { 0 };
                let mut at = skim::blank(bytes, start + mark);
                if bytes.get(at) == Some(&b',') {
                    at = skim::blank(bytes, at + 1);
                }
                match bytes.get(at) {
                    Some(b'[') => {
                        self.begin(false);
                        keep(at + 1);
                        Ok(at + 1)
                    }
                    Some(b'{') => self.document(text, start, at, parts),
                    Some(_) => Err(Stop::Odd),
                    None => {
                        keep(at);
                        Ok(at)
                    }
                }
            }
            State::List { around, first } => {
                let mut at = skim::blank(bytes, start);
                match bytes.get(at) {
                    Some(b']') => {
                        self.state = if around { State::After } else { State::Outside };
                        keep(at + 1);
                        return Ok(at + 1);
                    }
                    Some(b',') if !first => at = skim::blank(bytes, at + 1),
                    Some(_) if first => {}
                    Some(_) => return Err(Stop::Odd),
                    None => return Err(Stop::More),
                }
                match bytes.get(at) {
                    Some(b'{') => {
                        let (end, _) = self.object(bytes, at, false)?;
                        self.resource(text, start, at..end, parts);
                        self.state = State::List { around, first: false };
                        Ok(end)
                    }
                    Some(_) => Err(Stop::Odd),
                    None => Err(Stop::More),
                }
            }
            State::After => {
                let at = skim::blank(bytes, start);
                let end = match bytes.get(at) {
                    Some(b'}') => {
                        self.state = State::Outside;
                        at + 1
                    }
                    Some(b',') => {
                        let (value, _) = self.skim.name(bytes, skim::blank(bytes, at + 1))?;
                        self.skim.value(bytes, value, &mut ())?
                    }
                    Some(_) => return Err(Stop::Odd),
                    None => return Err(Stop::More),
                };
                keep(end);
                Ok(end)
            }
            State::Rest => Ok(start),
        }
    }

    /// A list begins, of which it is not known yet what tool made it.
    fn begin(&mut self, around: bool) {
        self.state = State::List { around, first: true };
        self.met = 0;
        self.named.clear();
    }

    /// A document that is an object: one with a list in it, or a resource.
    fn document(&mut self, text: &str, start: usize, at: usize, parts: &mut Vec<Part>) -> Result<usize, Stop> {
        let (end, list) = self.object(text.as_bytes(), at, true)?;
        if list {
            self.begin(true);
            parts.push(Part { bytes: end - start, keep: true });
        } else {
            self.resource(text, start, at..end, parts);
        }
        Ok(end)
    }

    /// Takes the members of an object down. Answers where it ends, or, if that is asked for, where the list in it begins.
    fn object(&mut self, bytes: &[u8], at: usize, list: bool) -> Result<(usize, bool), Stop> {
        self.skim.doubtful = false;
        self.members.clear();
        members(&mut self.skim, &mut self.members, bytes, at, list)
    }

    /// Says what is kept of a resource, and of what stands before it.
    fn resource(&mut self, text: &str, start: usize, whole: Range<usize>, parts: &mut Vec<Part>) {
        self.met += 1;
        let mut left_out: Vec<Range<usize>> = Vec::new();
        if self.met > LOOK {
            let id = self.id(text);
            let asked = id.and_then(identity::identify).map(|identity| TypeName::new(&identity.ty));
            let interest = asked.map_or(Interest::All, |ty| (self.interest)(&ty));
            let said = if interest == Interest::All { Said::Much } else { self.said(text, &whole) };
            match (interest, said) {
                (Interest::All, _) => self.emptied(text, &mut left_out),
                (Interest::None | Interest::Members(_), Said::Much) => {}
                (Interest::None, Said::Secrets(places)) => self.around(text, whole.end - 1, &places, &mut left_out),
                (Interest::None, Said::Nothing) => {
                    let new = self.names_more(id.unwrap_or_default());
                    let kept = |member: &Member| new && is_one_of(name_of(text, member), &IDENTITY);
                    leave_out(text, &self.members, whole.end - 1, &kept, &mut left_out);
                }
                (Interest::Members(_), Said::Secrets(_)) => {}
                (Interest::Members(names), Said::Nothing) => {
                    self.properties(text, whole.end - 1, names, &mut left_out);
                }
            }
        }
        let mut at = start;
        for range in left_out {
            parts.push(Part { bytes: range.start - at, keep: true });
            parts.push(Part { bytes: range.len(), keep: false });
            at = range.end;
        }
        parts.push(Part { bytes: whole.end - at, keep: true });
    }

    /// The id of the resource whose members were taken down, if it is plainly written.
    fn id<'t>(&self, text: &'t str) -> Option<&'t str> {
        let is_id = |member: &&Member| is_one_of(name_of(text, member), &IDENTITY);
        let mut ids = self.members.iter().filter(is_id);
        let (Some(id), None) = (ids.next(), ids.next()) else { return None };
        let written = text.get(id.value.clone())?.strip_prefix('"')?.strip_suffix('"')?;
        (!written.contains('\\')).then_some(written)
    }

    /// Whether an id is the first one of its type in its scope.
    fn names_more(&mut self, id: &str) -> bool {
        // Without its last piece, an id says the type and the scope.
        let above = id.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
        let above = above.to_ascii_lowercase();
        !self.named.contains(&above) && self.named.insert(above)
    }

    /// Leaves out the lines of what no reader asks for in whatever resource.
    fn emptied(&self, text: &str, left_out: &mut Vec<Range<usize>>) {
        if self.skim.doubtful {
            return;
        }
        for member in self.members.iter().filter(|member| !member.alarm.rung && !member.alarm.cut) {
            if !is_one_of(name_of(text, member), &ASIDE) {
                continue;
            }
            let inside = text.get(member.value.clone()).and_then(|value| {
                let first = value.strip_prefix("{\n").or_else(|| value.strip_prefix("{\r\n"))?;
                let from = member.value.end - first.len();
                Some(from..line_start(text, member.value.end - 1))
            });
            if let Some(range) = inside.filter(|range| range.start < range.end) {
                push(text, range, left_out);
            }
        }
    }

    /// What a reader says about the resource whose members were taken down.
    fn said(&self, text: &str, whole: &Range<usize>) -> Said {
        if !self.skim.doubtful && self.members.iter().all(|member| !member.alarm.rung) {
            return Said::Nothing;
        }
        let parsed = json::parse(FileId(0), text.get(whole.clone()).unwrap_or_default());
        if !parsed.problems.is_empty() {
            return Said::Much;
        }
        let places = parsed.tree.root().map(secrets::places).unwrap_or_default();
        let places = places.values.into_iter().chain(places.names).map(|span| span.start as usize + whole.start);
        let places: Vec<usize> = places.collect();
        if places.is_empty() { Said::Nothing } else { Said::Secrets(places) }
    }

    /// Leaves out what neither holds a secret nor tells that something is one, also of the members that hold some.
    fn around(&mut self, text: &str, end: usize, places: &[usize], left_out: &mut Vec<Range<usize>>) {
        let holds = |member: &Member| places.iter().any(|at| member.value.contains(at));
        let kept = |member: &Member| holds(member) || is_one_of(name_of(text, member), &TELLING);
        leave_out(text, &self.members, end, &kept, left_out);
        let inside = |member: &&Member| holds(member) && text.as_bytes().get(member.value.start) == Some(&b'{');
        let holders: Vec<Range<usize>> =
            self.members.iter().filter(inside).map(|member| member.value.clone()).collect();
        for holder in holders {
            self.inner.clear();
            if members(&mut self.skim, &mut self.inner, text.as_bytes(), holder.start, false).is_ok() {
                leave_out(text, &self.inner, holder.end - 1, &kept, left_out);
            }
        }
        left_out.sort_by_key(|range| range.start);
    }

    /// Leaves out what nobody asks for, also of the `properties`.
    fn properties(&mut self, text: &str, end: usize, names: &[&str], left_out: &mut Vec<Range<usize>>) {
        let cut = self.members.iter().any(|member| member.alarm.cut);
        let properties = self.members.iter().find(|member| name_of(text, member).eq_ignore_ascii_case("properties"));
        let Some(value) = properties.map(|member| member.value.clone()) else { return };
        if cut || !text.get(value.clone()).is_some_and(|value| value.starts_with('{')) {
            return;
        }
        self.inner.clear();
        if members(&mut self.skim, &mut self.inner, text.as_bytes(), value.start, false).is_err() {
            return;
        }
        let asked = |member: &Member| is_one_of(name_of(text, member), names);
        let beside = |member: &Member| {
            let name = name_of(text, member);
            is_one_of(name, &["properties"]) || is_one_of(name, &IDENTITY) || is_one_of(name, &BESIDE)
        };
        // The last member stays, so that it is seen that there are `properties`.
        let last = self.inner.pop().map_or(value.start, |last| last.name.start);
        leave_out(text, &self.members, end, &beside, left_out);
        leave_out(text, &self.inner, last, &asked, left_out);
        left_out.sort_by_key(|range| range.start);
    }
}

/// Takes the members of the object at an offset down; see [`Rows::object`].
fn members(
    skim: &mut Skim,
    into: &mut Vec<Member>,
    bytes: &[u8],
    at: usize,
    list: bool,
) -> Result<(usize, bool), Stop> {
    let mut at = skim::blank(bytes, at + 1);
    if bytes.get(at) == Some(&b'}') {
        return Ok((at + 1, false));
    }
    let mut names: Vec<u32> = Vec::new();
    let mut resource = false;
    loop {
        let (value, end) = skim.name(bytes, at)?;
        let name = at..end;
        let written = bytes.get(at + 1..end - 1).unwrap_or_default();
        let is = |name: &str| written.eq_ignore_ascii_case(name.as_bytes());
        let mark = skim::mark(written);
        skim.doubtful |= names.contains(&mark) || written.contains(&b'\\');
        names.push(mark);
        resource |= IDENTITY.iter().any(|name| is(name));
        let value = skim::blank(bytes, value);
        if list && !resource && (is("data") || is("value")) && bytes.get(value) == Some(&b'[') {
            return Ok((value + 1, true));
        }
        let mut alarm = Alarm::default();
        alarm.name(written);
        let end = skim.value(bytes, value, &mut alarm)?;
        into.push(Member { name, value: value..end, alarm });
        at = skim::blank(bytes, end);
        match bytes.get(at) {
            Some(b',') => at = skim::blank(bytes, at + 1),
            Some(b'}') => return Ok((at + 1, false)),
            Some(_) => return Err(Stop::Odd),
            None => return Err(Stop::More),
        }
    }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|other| name.eq_ignore_ascii_case(other))
}

fn name_of<'t>(text: &'t str, member: &Member) -> &'t str {
    text.get(member.name.start + 1..member.name.end - 1).unwrap_or_default()
}

/// Adds the ranges of the members that are not kept, whole lines where they span several; `end` is where what is behind
/// the members begins.
fn leave_out(text: &str, members: &[Member], end: usize, kept: &dyn Fn(&Member) -> bool, into: &mut Vec<Range<usize>>) {
    let mut from = None;
    for member in members {
        let begin = line_start(text, member.name.start);
        match (kept(member), from) {
            (true, Some(start)) => {
                push(text, start..begin, into);
                from = None;
            }
            (false, None) => from = Some(begin),
            (true, None) | (false, Some(_)) => {}
        }
    }
    if let Some(start) = from {
        push(text, start..line_start(text, end), into);
    }
}

/// The beginning of the line of an offset, if only blanks stand between; else the offset.
fn line_start(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let blanks = before.iter().rev().take_while(|byte| matches!(byte, b' ' | b'\t')).count();
    match before.get(..at - blanks) {
        Some([.., b'\n']) => at - blanks,
        Some(_) | None => at,
    }
}

/// A range can be left out if it is of whole lines or inside of one.
fn push(text: &str, range: Range<usize>, into: &mut Vec<Range<usize>>) {
    let bytes = text.as_bytes();
    let lines =
        range.start > 0 && bytes.get(range.start - 1) == Some(&b'\n') && bytes.get(range.end - 1) == Some(&b'\n');
    if !range.is_empty() && (lines || !bytes.get(range.clone()).is_some_and(|piece| piece.contains(&b'\n'))) {
        into.push(range);
    }
}

/// Watches for what hints at a secret. It rings too often rather than too seldom.
#[derive(Clone, Copy, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is something that was met, and they combine")]
struct Alarm {
    /// There may be a secret.
    rung: bool,
    /// There may be a value that PowerShell cut off.
    cut: bool,
    /// The next value is the name of something.
    naming: bool,
    /// A member called `secrets` was met.
    secrets: bool,
}

impl Watch for Alarm {
    fn name(&mut self, written: &[u8]) {
        let is = |name: &[u8]| written.eq_ignore_ascii_case(name);
        self.naming = is(b"name");
        self.rung |= secrets::may_be_secret_name(written) || (self.secrets && is(b"value"));
        self.secrets |= is(b"secrets");
    }

    fn text(&mut self, written: &[u8]) {
        self.rung |= secrets::may_say_secret(written)
            || (self.naming && (written.contains(&b'\\') || secrets::may_be_secret_name(written)));
        self.cut |= super::shape::may_be_cut(written);
        self.naming = false;
    }
}
