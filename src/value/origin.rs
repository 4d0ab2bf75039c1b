//! Where a value came from.
//!
//! In: spans. Out: [`Origin`] (20 bytes, `Copy`) and the arenas of [`Step`]s it points into.
//! Must not know: what the value is.
//!
//! `Origin::at` is the *place to edit*: the literal, parameter value or parameter declaration that a person wrote.
//! The trail runs from the use of the value inwards to that place; its first step is the outermost use.

use std::sync::Arc;

use crate::source::Span;

/// A step of one arena of [`Trails`], or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TrailId {
    arena: u32,
    step: u32,
}

impl TrailId {
    /// The value stands where it was written.
    pub const NONE: Self = Self { arena: u32::MAX, step: u32::MAX };

    /// Which arena the step is in; the arenas of one run stand in the order in which their files were loaded.
    pub const fn arena(self) -> usize {
        self.arena as usize
    }
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

/// The steps of all values of one deployment file; append-only.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    arena: u32,
    steps: Vec<Step>,
}

impl Trails {
    /// An empty arena with its number in the run.
    pub const fn new(arena: u32) -> Self {
        Self { arena, steps: Vec::new() }
    }

    /// Puts a step before (outside) the way of an origin.
    #[must_use]
    pub fn through(&mut self, origin: Origin, kind: StepKind, at: Span) -> Origin {
        let step = u32::try_from(self.steps.len()).unwrap_or(u32::MAX);
        if step == u32::MAX {
            return origin;
        }
        self.steps.push(Step { kind, at, next: origin.trail });
        Origin { at: origin.at, trail: TrailId { arena: self.arena, step } }
    }

    /// Puts the whole way of one value before (outside) that of another, which was read out of it.
    #[must_use]
    pub fn behind(&mut self, outer: Origin, inner: Origin) -> Origin {
        let steps: Vec<Step> = self.steps(outer).cloned().collect();
        steps.into_iter().rev().fold(inner, |origin, step| self.through(origin, step.kind, step.at))
    }

    /// The steps of an origin, outermost use first. Steps of another arena end the way.
    pub fn steps(&self, origin: Origin) -> impl Iterator<Item = &Step> {
        let mut next = origin.trail;
        std::iter::from_fn(move || {
            if next.arena != self.arena {
                return None;
            }
            let step = self.steps.get(next.step as usize)?;
            next = step.next;
            Some(step)
        })
    }
}
