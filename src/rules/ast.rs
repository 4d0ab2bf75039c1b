//! A checked rule: every name is a catalog entry, every operand has the type of its property.
//!
//! In: nothing. Out: [`Rule`], [`Clause`], [`Predicate`]. Must not know: how a rule is written, or how it is judged.

use crate::catalog::{Datum, Kind, Property, Relation};
use crate::diag::Level;
use crate::source::Span;

use super::message::Template;

/// A rule that can be judged without looking any name up.
#[derive(Debug)]
pub struct Rule<M: 'static> {
    /// What is said about it.
    pub meta: Meta,
    /// The things it judges.
    pub subject: SubjectPath<M>,
    /// It applies where this holds; everywhere where there is none.
    pub when: Option<Clause<M>>,
    /// What must hold.
    pub require: Clause<M>,
    /// Where a finding points: the first that has a place.
    pub at: Vec<Pointer<M>>,
    /// What a violation says.
    pub message: Template<M>,
    /// What to do about it, said with the values of the subject.
    pub help: Option<Template<M>>,
}

/// What a rule says about itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meta {
    /// Its name; also that of its file.
    pub id: String,
    /// How bad a violation is.
    pub level: Level,
    /// How settled the rule is.
    pub status: Status,
    /// The set it belongs to; such a rule is off unless its set or the rule itself is selected.
    pub set: Option<String>,
    /// The problem, in one line.
    pub title: String,
    /// Why it is one, in a paragraph.
    pub why: String,
    /// What users see when they run into it.
    pub errors: Vec<String>,
    /// What to do about it.
    pub fix: Vec<Fix>,
    /// What it is about, in a line or two of a template.
    pub example: Option<Example>,
    /// Where Azure documents it.
    pub references: Vec<Reference>,
    /// The whole rule in its file.
    pub at: Span,
}

/// How settled a rule is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// New; may change.
    Preview,
    /// Settled.
    Stable,
    /// On its way out.
    Deprecated,
}

impl Status {
    /// The word of rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Stable => "stable",
            Self::Deprecated => "deprecated",
        }
    }
}

/// A way to mend a violation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fix {
    /// The language it is written in; none for prose.
    pub language: Option<Language>,
    /// The prose or the snippet.
    pub text: String,
}

/// The language of a snippet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Language {
    /// An ARM template.
    Arm,
    /// Bicep.
    Bicep,
    /// Terraform.
    Terraform,
    /// The Azure command line.
    Az,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Arm, Self::Bicep, Self::Terraform, Self::Az];

    /// The word of rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Arm => "arm",
            Self::Bicep => "bicep",
            Self::Terraform => "terraform",
            Self::Az => "az",
        }
    }
}

/// Lines that break a rule, and the same mended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Example {
    /// What breaks it.
    pub wrong: String,
    /// What to write instead, or beside it.
    pub right: String,
}

/// A page to read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reference {
    /// Its title.
    pub title: String,
    /// Its address.
    pub url: String,
}

/// A kind, or the elements that a relation path leads to from every subject of a kind.
#[derive(Debug)]
pub struct SubjectPath<M: 'static> {
    /// The kind of the owner, which is bound to slot 0.
    pub kind: &'static Kind<M>,
    /// The way to the element, which is bound to slot 1; empty where the owner itself is the subject.
    pub hops: Vec<&'static Relation<M>>,
    /// As written.
    pub text: String,
}

/// A place in the stack of bound subjects: 0 is the owner, the greatest is the innermost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Slot(pub usize);

impl Slot {
    /// The element of a rule about elements.
    pub const ELEMENT: Self = Self(1);
}

/// The way to a property, through relations that lead to at most one subject.
#[derive(Debug)]
pub struct PropertyPath<M: 'static> {
    /// Where it begins.
    pub base: Slot,
    /// The relations on the way.
    pub hops: Vec<&'static Relation<M>>,
    /// What is read at its end.
    pub property: &'static Property<M>,
    /// As written.
    pub text: String,
}

/// The way to related subjects.
#[derive(Debug)]
pub struct RelationPath<M: 'static> {
    /// Where it begins.
    pub base: Slot,
    /// The relations on the way; at least one, of which the last may lead to many.
    pub hops: Vec<&'static Relation<M>>,
    /// As written.
    pub text: String,
}

/// Where a finding may point.
#[derive(Debug)]
pub enum Pointer<M: 'static> {
    /// At the value of a property; of the first subject, where the path runs through a relation to many.
    Property(PropertyPath<M>),
    /// At the place that says what a relation leads to, be it nothing.
    Relation(RelationPath<M>),
    /// At what makes the subject one; written as the name of the subject.
    Itself(String),
}

impl<M> Pointer<M> {
    /// As written.
    pub fn text(&self) -> &str {
        match self {
            Self::Property(path) => &path.text,
            Self::Relation(path) => &path.text,
            Self::Itself(text) => text,
        }
    }
}

/// A predicate and its place in the rule file.
#[derive(Debug)]
pub struct Clause<M: 'static> {
    /// What it asks.
    pub predicate: Predicate<M>,
    /// Where it is written.
    pub at: Span,
}

impl<M> Clause<M> {
    /// What must hold together for it to hold.
    pub fn parts(&self) -> &[Self] {
        match &self.predicate {
            Predicate::All(parts) => parts,
            _ => std::slice::from_ref(self),
        }
    }

    /// Whether it asks anything of the subject in a slot.
    pub fn asks_of(&self, slot: Slot) -> bool {
        match &self.predicate {
            Predicate::All(parts) | Predicate::Any(parts) => parts.iter().any(|part| part.asks_of(slot)),
            Predicate::Not(part) => part.asks_of(slot),
            Predicate::Test(path, Question::Compare(_, Operand::Property(other))) => {
                path.base == slot || other.base == slot
            }
            Predicate::Test(path, Question::Exists(_) | Question::Compare(_, Operand::Literals(_))) => {
                path.base == slot
            }
            Predicate::Every(quantified) | Predicate::Some(quantified) | Predicate::Count(quantified, _) => {
                quantified.over.base == slot || quantified.clause.as_ref().is_some_and(|clause| clause.asks_of(slot))
            }
        }
    }
}

/// The forms of the language; there are no others.
#[derive(Debug)]
pub enum Predicate<M: 'static> {
    /// Every one of these; never empty.
    All(Vec<Clause<M>>),
    /// At least one of these; never empty.
    Any(Vec<Clause<M>>),
    /// The opposite.
    Not(Box<Clause<M>>),
    /// A property of one subject.
    Test(PropertyPath<M>, Question<M>),
    /// All related subjects.
    Every(Quantified<M>),
    /// At least one related subject.
    Some(Quantified<M>),
    /// How many related subjects.
    Count(Quantified<M>, Bound),
}

/// Related subjects, and what is asked of each with that subject bound to the next slot.
#[derive(Debug)]
pub struct Quantified<M: 'static> {
    /// Which subjects.
    pub over: RelationPath<M>,
    /// What is asked; where there is nothing, being related is enough.
    pub clause: Option<Box<Clause<M>>>,
}

/// What is asked of a property.
#[derive(Debug)]
pub enum Question<M: 'static> {
    /// Whether it is written (`true`) or not (`false`). A platform's default is not written.
    Exists(bool),
    /// How it compares.
    Compare(Operator, Operand<M>),
}

/// What a property is compared with.
#[derive(Debug)]
pub enum Operand<M: 'static> {
    /// Known values, any of which will do; one, but for `in`.
    Literals(Vec<Datum>),
    /// Another property.
    Property(PropertyPath<M>),
}

/// How two values compare. A missing value compares with nothing: the answer is no.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operator {
    /// The same value; text and ids without regard to case.
    Equals,
    /// The same value as one of a list.
    In,
    /// A smaller number.
    Less,
    /// A greater number.
    Greater,
    /// Text that begins so.
    StartsWith,
    /// Text that ends so.
    EndsWith,
    /// Text with this in it.
    Contains,
    /// An address range inside another one.
    Within,
    /// Address ranges with an address in common.
    Overlaps,
}

impl Operator {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Equals,
        Self::In,
        Self::Less,
        Self::Greater,
        Self::StartsWith,
        Self::EndsWith,
        Self::Contains,
        Self::Within,
        Self::Overlaps,
    ];

    /// The key of rule files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Equals => "equals",
            Self::In => "in",
            Self::Less => "less",
            Self::Greater => "greater",
            Self::StartsWith => "startsWith",
            Self::EndsWith => "endsWith",
            Self::Contains => "contains",
            Self::Within => "within",
            Self::Overlaps => "overlaps",
        }
    }
}

/// A condition on a number of subjects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bound {
    /// Fewer than this; never 0, which nothing could satisfy.
    Less(u32),
    /// More than this.
    Greater(u32),
    /// Exactly this.
    Equals(u32),
}
