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
///
/// Who works on parts of a file at once gives each part a branch of its own, and joins them afterwards.
#[derive(Clone, Debug, Default)]
pub struct Trails {
    arena: u32,
    /// Where steps are added.
    branch: u32,
    /// The steps of each branch.
    branches: Vec<Vec<Step>>,
}

/// Above so many bits the number of a step says which branch it is in.
const BRANCH_SHIFT: u32 = 26;

impl Trails {
    /// A file has so many branches at most.
    pub const BRANCHES: usize = 1 << (u32::BITS - BRANCH_SHIFT);

    /// An empty arena with its number in the run.
    pub const fn new(arena: u32) -> Self {
        Self { arena, branch: 0, branches: Vec::new() }
    }

    /// An empty branch of the same arena, by its number below [`Self::BRANCHES`].
    #[must_use]
    pub fn branch(&self, number: usize) -> Self {
        let branch = u32::try_from(number.min(Self::BRANCHES - 1)).unwrap_or_default();
        Self { arena: self.arena, branch, branches: Vec::new() }
    }

    /// Takes in what was added to a branch, which is none that was taken in before.
    pub fn join(&mut self, mut other: Self) {
        if let Some(steps) = other.branches.get_mut(other.branch as usize) {
            *self.steps_of(other.branch) = std::mem::take(steps);
        }
    }

    fn steps_of(&mut self, branch: u32) -> &mut Vec<Step> {
        let at = branch as usize;
        if self.branches.len() <= at {
            self.branches.resize_with(at + 1, Vec::new);
        }
        &mut self.branches[at]
    }

    /// Puts a step before (outside) the way of an origin.
    #[must_use]
    pub fn through(&mut self, origin: Origin, kind: StepKind, at: Span) -> Origin {
        let (arena, branch) = (self.arena, self.branch);
        let steps = self.steps_of(branch);
        let Some(step) = u32::try_from(steps.len()).ok().filter(|step| step.checked_shr(BRANCH_SHIFT) == Some(0))
        else {
            return origin;
        };
        steps.push(Step { kind, at, next: origin.trail });
        Origin { at: origin.at, trail: TrailId { arena, step: branch << BRANCH_SHIFT | step } }
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
            let steps = self.branches.get((next.step >> BRANCH_SHIFT) as usize)?;
            let step = steps.get((next.step & ((1 << BRANCH_SHIFT) - 1)) as usize)?;
            next = step.next;
            Some(step)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::FileId;

    #[test]
    fn branches_are_joined_in_any_order() {
        let at = |start: u32| Span::new(FileId(0), start, start + 1);
        let mut all = Trails::new(3);
        let outer = all.through(Origin::at(at(0)), StepKind::PlanValue, at(9));
        let mut branches: Vec<Trails> = [1, 2, Trails::BRANCHES - 1].map(|number| all.branch(number)).into();
        let mut origins: Vec<Origin> = Vec::new();
        for (branch, start) in branches.iter_mut().zip(10..) {
            let inner = branch.through(Origin::at(at(start)), StepKind::CopyIteration("a".into(), start), at(start));
            origins.push(branch.through(inner, StepKind::PlanValue, at(start + 10)));
        }
        for branch in branches.into_iter().rev() {
            all.join(branch);
        }
        assert_eq!(all.steps(outer).map(|step| step.at.start).collect::<Vec<_>>(), [9]);
        for (origin, start) in origins.into_iter().zip(10..) {
            assert_eq!(all.steps(origin).map(|step| step.at.start).collect::<Vec<_>>(), [start + 10, start]);
        }
    }
}
