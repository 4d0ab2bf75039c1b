//! Where a value came from.
//!
//! In: spans. Out: [`Origin`] (16 bytes, `Copy`) and the arena of [`Step`]s it points into.
//! Must not know: what the value is.
//!
//! `Origin::at` is the *place to edit*: the literal, parameter value or parameter declaration that a person wrote.
//! The trail runs from the use of the value inwards to that place; its first step is the outermost use.

use std::sync::Arc;

use crate::source::Span;

/// A step of [`Trails`], or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrailId(u32);

impl TrailId {
    /// The value stands where it was written.
    pub const NONE: Self = Self(u32::MAX);
}

/// The place to edit, and the way from there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Origin {
    /// The place to edit.
    pub at: Span,
    /// The way the value took, outermost use first.
    pub trail: TrailId,
}

impl Origin {
    /// A value that stands where it was written.
    pub const fn at(at: Span) -> Self {
        Self { at, trail: TrailId::NONE }
    }
}

/// What happened to a value on its way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StepKind {
    /// It was read through `parameters('…')`.
    Parameter(Arc<str>),
    /// The parameter had no value of its own, so its `defaultValue` was taken.
    DefaultValue(Arc<str>),
    /// It came from a parameter file or the command line.
    ParameterFile(Arc<str>),
    /// It was read through `variables('…')`.
    Variable(Arc<str>),
    /// A function computed it.
    Call(Arc<str>),
    /// A copy loop made it; the index counts from 0.
    CopyIteration(Arc<str>, u32),
    /// It was handed to a nested deployment of this name.
    NestedDeployment(Arc<str>),
    /// The platform's default for a property that is not written.
    PlatformDefault(Arc<str>),
    /// A plan says so.
    PlanValue,
    /// It was followed through a reference of a plan.
    Reference(Arc<str>),
}

/// One step of a value's way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What happened.
    pub kind: StepKind,
    /// Where it happened: the use site.
    pub at: Span,
    /// The next step inwards.
    pub next: TrailId,
}

/// The steps of all values of one file; append-only.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    steps: Vec<Step>,
}

impl Trails {
    /// No step yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a step before (outside) the way of an origin.
    #[must_use]
    pub fn through(&mut self, origin: Origin, kind: StepKind, at: Span) -> Origin {
        let id = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        if id == u32::MAX {
            return origin;
        }
        self.steps.push(Step { kind, at, next: origin.trail });
        Origin { at: origin.at, trail: TrailId(id) }
    }

    /// The steps of an origin, outermost use first.
    pub fn steps(&self, origin: Origin) -> impl Iterator<Item = &Step> {
        let mut next = origin.trail;
        std::iter::from_fn(move || {
            let step = self.steps.get(next.0 as usize)?;
            next = step.next;
            Some(step)
        })
    }
}
