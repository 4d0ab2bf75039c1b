//! What of one resource of a large dump is kept.
//!
//! In: the text of a dump, and where in it a resource begins. Out: where it ends, and [`Kept`], the parts of it that may be
//! left out. Must not know: what stands around the resource, and which ones were met before.
//!
//! Something is left out only where it is JSON that no reader has anything to say about and where no secret is in it.

use std::collections::HashMap;
use std::ops::Range;

use crate::input::secrets;
use crate::json;
use crate::json::skim::{self, Kind, Next, Skim, Stop, Watch};
use crate::resource::TypeName;
use crate::source::FileId;

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

/// Asks what is asked of resources of a type.
pub type Interests<'a> = &'a (dyn Fn(&TypeName) -> Interest + Sync);

/// So many types are remembered.
const TYPES: usize = 1024;

/// What of a resource need not be kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// The parts that are not kept, in order.
    pub(super) left_out: Vec<Range<usize>>,
    /// For a resource of which only its id matters.
    pub(super) named: Option<Named>,
}

/// A resource whose id matters if it is the first one of its type in its scope.
#[derive(Debug)]
pub(super) struct Named {
    /// The type and the scope.
    pub(super) above: String,
    /// What is left out of the first one.
    pub(super) left_out: Vec<Range<usize>>,
}

/// Looks at one resource after the other.
pub(super) struct Keeper<'a> {
    interests: Interests<'a>,
    skim: Skim<Alarm>,
    members: Vec<Member>,
    inner: Vec<Member>,
    /// What is asked of the types that were met, by their names as they are written.
    types: HashMap<String, Interest>,
    /// The type and the scope of the resource that was looked at last.
    above: String,
}

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

impl<'a> Keeper<'a> {
    pub(super) fn new(interests: Interests<'a>) -> Self {
        Self {
            interests,
            skim: Skim::default(),
            members: Vec::new(),
            inner: Vec::new(),
            types: HashMap::new(),
            above: String::new(),
        }
    }

    /// Another one that asks the same.
    pub(super) fn another(&self) -> Self {
        Self::new(self.interests)
    }

    /// Takes the members of an object down. Answers where it ends, or, if that is asked for, where the list in it begins.
    pub(super) fn object(&mut self, bytes: &[u8], at: usize, list: bool) -> Result<(usize, bool), Stop> {
        self.skim.forget();
        self.members.clear();
        members(&mut self.skim, &mut self.members, bytes, at, Kind::Element, list)
    }

    /// Where the name of the first member that was taken down ends.
    pub(super) fn first_name(&self) -> Option<Range<usize>> {
        self.members.first().map(|member| member.name.clone())
    }

    /// What is kept of the resource whose members were taken down. `first`: whether it may be the first one of its type in
    /// its scope.
    pub(super) fn kept(&mut self, text: &str, whole: &Range<usize>, first: &mut dyn FnMut(&str) -> bool) -> Kept {
        let mut kept = Kept::default();
        let id = self.id(text);
        let ty = id.and_then(identity::type_of);
        let interest = ty.map_or(Interest::All, |ty| self.interest(&ty));
        let said = if interest == Interest::All { Said::Much } else { self.said(text, whole) };
        let end = whole.end - 1;
        match (interest, said) {
            (Interest::All, _) => self.emptied(text, &mut kept.left_out),
            (Interest::None | Interest::Members(_), Said::Much) => {}
            (Interest::None, Said::Secrets(places)) => self.around(text, end, &places, &mut kept.left_out),
            (Interest::None, Said::Nothing) => {
                leave_out(text, &self.members, end, &|_| false, &mut kept.left_out);
                self.scope(id.unwrap_or_default());
                if first(&self.above) {
                    let mut named = Named { above: self.above.clone(), left_out: Vec::new() };
                    let is_id = |member: &Member| is_one_of(name_of(text, member), &IDENTITY);
                    leave_out(text, &self.members, end, &is_id, &mut named.left_out);
                    kept.named = Some(named);
                }
            }
            (Interest::Members(_), Said::Secrets(_)) => {}
            (Interest::Members(names), Said::Nothing) => self.properties(text, end, names, &mut kept.left_out),
        }
        kept
    }

    fn interest(&mut self, ty: &str) -> Interest {
        if let Some(known) = self.types.get(ty) {
            return *known;
        }
        let interest = (self.interests)(&TypeName::new(ty));
        if self.types.len() >= TYPES {
            self.types.clear();
        }
        self.types.insert(ty.to_owned(), interest);
        interest
    }

    /// Takes the type and the scope of an id down: the id without its last piece.
    fn scope(&mut self, id: &str) {
        let above = id.trim_end_matches('/').rsplit_once('/').map_or("", |(above, _)| above);
        self.above.clear();
        self.above.push_str(above);
        self.above.make_ascii_lowercase();
    }

    /// The id of the resource whose members were taken down, if it is plainly written.
    fn id<'t>(&self, text: &'t str) -> Option<&'t str> {
        let is_id = |member: &&Member| is_one_of(name_of(text, member), &IDENTITY);
        let mut ids = self.members.iter().filter(is_id);
        let (Some(id), None) = (ids.next(), ids.next()) else { return None };
        let written = text.get(id.value.clone())?.strip_prefix('"')?.strip_suffix('"')?;
        (!written.contains('\\')).then_some(written)
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
            if members(&mut self.skim, &mut self.inner, text.as_bytes(), holder.start, Kind::Part, false).is_ok() {
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
        if members(&mut self.skim, &mut self.inner, text.as_bytes(), value.start, Kind::Part, false).is_err() {
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

/// Takes the members of the object at an offset down; see [`Keeper::object`].
fn members(
    skim: &mut Skim<Alarm>,
    into: &mut Vec<Member>,
    bytes: &[u8],
    at: usize,
    kind: Kind,
    list: bool,
) -> Result<(usize, bool), Stop> {
    skim.enter(kind);
    let mut resource = false;
    let mut from = at + 1;
    loop {
        let mut alarm = Alarm::default();
        let (name, value, note) = match skim.member(bytes, from, from == at + 1, &mut alarm)? {
            Next::Member { name, value, note } => (name, value, note),
            Next::End(end) => return Ok((end, false)),
        };
        resource |= note & IDENTIFIES != 0;
        let value = skim::blank(bytes, value);
        if list && !resource && note & LISTS != 0 && bytes.get(value) == Some(&b'[') {
            return Ok((value + 1, true));
        }
        from = skim.value(bytes, value, &mut alarm)?;
        into.push(Member { name, value: value..from, alarm });
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

/// What there is to be said of names, bit by bit: that something under it may be secret,
const HIDES: u8 = 1;
/// that it is `name`,
const NAMES: u8 = 2;
/// `secrets`,
const SECRETS: u8 = 4;
/// `value`,
const VALUE: u8 = 8;
/// one of those that a resource is known by,
const IDENTIFIES: u8 = 16;
/// or one under which documents have their lists.
const LISTS: u8 = 32;

impl Watch for Alarm {
    fn note(name: &[u8]) -> u8 {
        let is = |other: &str| name.eq_ignore_ascii_case(other.as_bytes());
        let bits = [
            (HIDES, secrets::may_be_secret_name(name)),
            (NAMES, is("name")),
            (SECRETS, is("secrets")),
            (VALUE, is("value")),
            (IDENTIFIES, IDENTITY.into_iter().any(is)),
            (LISTS, is("data") || is("value")),
        ];
        bits.into_iter().map(|(bit, set)| if set { bit } else { 0 }).fold(0, |note, bit| note | bit)
    }

    #[inline]
    fn name(&mut self, note: u8) {
        self.naming = note & NAMES != 0;
        self.rung |= note & HIDES != 0 || (self.secrets && note & VALUE != 0);
        self.secrets |= note & SECRETS != 0;
    }

    #[inline]
    fn text(&mut self, written: &[u8]) {
        self.rung |= secrets::may_say_secret(written)
            || (self.naming && (written.contains(&b'\\') || secrets::may_be_secret_name(written)));
        self.cut |= super::shape::may_be_cut(written);
        self.naming = false;
    }
}
