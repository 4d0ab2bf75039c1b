//! Truths with their proofs.
//!
//! In: premises. Out: [`Judgement`], the three-valued truth with what it rests on, and [`Verdict`], what a rule says.
//! Must not know: clauses, or where facts come from.
//!
//! `False < Unknown < True`; `all` is the least, `any` the greatest, and what a composite rests on is what those
//! children rest on that agree with it. Two laws follow, and are tested: forgetting facts never turns a yes into a no
//! or a no into a yes; and forgetting every fact that is *not* a premise leaves the verdict as it is. The premises are
//! a proof.

use std::sync::Arc;

use crate::catalog::{Datum, Place, Subject};
use crate::source::Span;
use crate::value::Truth;

/// Whether a resource is deployed at all.
#[derive(Clone, Debug)]
pub struct Existence {
    /// `Unknown` where its condition is.
    pub truth: Truth,
    /// The places of the condition; empty where there is none, and then there is nothing to prove.
    pub places: Vec<Place>,
}

/// What a premise was read from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Read {
    /// A property, by its catalog name.
    Property(&'static str),
    /// That a relation, by its catalog name, leads to a subject.
    Member(&'static str, Subject),
    /// That the subjects which a relation leads to are all there are.
    All(&'static str),
    /// That the subject is deployed.
    Existence,
}

/// One thing that a verdict rests on.
#[derive(Clone, Debug)]
#[expect(clippy::struct_excessive_bools, reason = "each says a thing of its own about a premise, and they combine")]
pub struct Premise {
    /// What was read.
    pub read: Read,
    /// Of which subject.
    pub subject: Subject,
    /// The value of a property, `None` for a relation.
    pub value: Option<Datum>,
    /// The value is the platform's default.
    pub defaulted: bool,
    /// Where that stands, the place to edit first.
    pub places: Vec<Place>,
    /// For a relation: how many subjects it led to.
    pub found: usize,
    /// For a relation: it leads to one subject at most.
    pub one: bool,
    /// It is presumed, not proven.
    pub presumed: bool,
    /// Of a relation to a subject, or of a deployment: it may be otherwise.
    pub doubtful: bool,
    /// The input that would settle it, where a relation is not known to be complete.
    pub settle: Option<Arc<str>>,
    /// The clause of the rule that asked.
    pub clause: Span,
}

impl Premise {
    /// A premise without value and places.
    pub const fn new(read: Read, subject: Subject, clause: Span) -> Self {
        Self {
            read,
            subject,
            value: None,
            defaulted: false,
            places: Vec::new(),
            found: 0,
            one: false,
            presumed: false,
            doubtful: false,
            settle: None,
            clause,
        }
    }
}

/// A truth and what it rests on.
#[derive(Clone, Debug)]
pub struct Judgement {
    /// The truth.
    pub truth: Truth,
    /// The premises; empty only for what holds by the meaning of the words.
    pub premises: Vec<Premise>,
}

impl Judgement {
    /// What holds in any case.
    pub const fn certain() -> Self {
        Self { truth: Truth::True, premises: Vec::new() }
    }

    /// A truth that rests on one thing.
    pub fn of(truth: Truth, premise: Premise) -> Self {
        Self { truth, premises: vec![premise] }
    }

    /// All of these; no more than the first that is of the truth that is enough, where it decides.
    pub fn all(parts: impl IntoIterator<Item = Self>, enough: Option<Truth>) -> Self {
        Self::fold(parts, Truth::False, enough)
    }

    /// At least one of these; no more than the first that is of the truth that is enough, where it decides.
    pub fn any(parts: impl IntoIterator<Item = Self>, enough: Option<Truth>) -> Self {
        Self::fold(parts, Truth::True, enough)
    }

    /// Takes the children that agree with the result. Where one child is enough to decide, proven ones make presumed
    /// ones superfluous.
    fn fold(parts: impl IntoIterator<Item = Self>, decisive: Truth, enough: Option<Truth>) -> Self {
        let mut whole = Self { truth: !decisive, premises: Vec::new() };
        let mut presumed = false;
        for part in parts {
            if part.truth == decisive && enough == Some(decisive) {
                return part;
            }
            let wins = if decisive == Truth::True { part.truth > whole.truth } else { part.truth < whole.truth };
            let weak = part.presumed();
            if wins || (part.truth == decisive && whole.truth == decisive && presumed && !weak) {
                whole = part;
                presumed = weak;
            } else if part.truth == whole.truth && !(whole.truth == decisive && weak && !presumed) {
                whole.premises.extend(part.premises);
                presumed |= weak;
            }
        }
        whole
    }

    /// Whether a premise is only presumed.
    pub fn presumed(&self) -> bool {
        self.premises.iter().any(|premise| premise.presumed)
    }
}

impl std::ops::Not for Judgement {
    type Output = Self;

    /// The opposite, for the same reasons.
    fn not(self) -> Self {
        Self { truth: !self.truth, premises: self.premises }
    }
}

/// What a rule says of a subject.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Conclusion {
    /// `when` does not hold.
    NotApplicable,
    /// `require` holds.
    Pass,
    /// `when` holds and `require` does not.
    Violation,
    /// What is known does not decide it.
    Open,
}

/// What a rule says of a subject, and why.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The bound subjects: the owner, then the element where the rule judges elements. An open verdict on elements
    /// that may exist beyond the known ones has the owner only.
    pub bound: Vec<Subject>,
    /// What it says.
    pub conclusion: Conclusion,
    /// What it rests on; for a violation first what breaks the requirement, then what makes the rule apply.
    pub premises: Vec<Premise>,
}

impl Verdict {
    /// `applies ⇒ requires`.
    pub fn new(bound: Vec<Subject>, applies: Judgement, requires: Judgement) -> Self {
        let (conclusion, premises) = match (applies.truth, requires.truth) {
            (Truth::False, _) => (Conclusion::NotApplicable, applies.premises),
            (Truth::Unknown | Truth::True, Truth::True) => (Conclusion::Pass, requires.premises),
            (Truth::True, Truth::False) => {
                (Conclusion::Violation, requires.premises.into_iter().chain(applies.premises).collect())
            }
            (Truth::Unknown, Truth::False | Truth::Unknown) | (Truth::True, Truth::Unknown) => {
                let open = Judgement::any([!applies, requires], None);
                (Conclusion::Open, open.premises)
            }
        };
        Self { bound, conclusion, premises }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::KindId;
    use crate::source::FileId;

    fn judged(truth: Truth, name: &'static str, presumed: bool) -> Judgement {
        let subject = Subject { kind: KindId(0), node: 0, element: 0 };
        let premise = Premise::new(Read::Property(name), subject, Span::new(FileId(0), 0, 0));
        Judgement::of(truth, Premise { presumed, ..premise })
    }

    fn names(premises: &[Premise]) -> Vec<Read> {
        premises.iter().map(|premise| premise.read).collect()
    }

    const A: Read = Read::Property("a");
    const B: Read = Read::Property("b");

    #[test]
    fn the_verdict_table() {
        use Truth::{False, True, Unknown};
        let cases = [
            (False, False, Conclusion::NotApplicable, vec![A]),
            (False, Unknown, Conclusion::NotApplicable, vec![A]),
            (False, True, Conclusion::NotApplicable, vec![A]),
            (Unknown, True, Conclusion::Pass, vec![B]),
            (True, True, Conclusion::Pass, vec![B]),
            (True, False, Conclusion::Violation, vec![B, A]),
            (Unknown, False, Conclusion::Open, vec![A]),
            (Unknown, Unknown, Conclusion::Open, vec![A, B]),
            (True, Unknown, Conclusion::Open, vec![B]),
        ];
        for (when, require, conclusion, premises) in cases {
            let verdict = Verdict::new(Vec::new(), judged(when, "a", false), judged(require, "b", false));
            assert_eq!(verdict.conclusion, conclusion, "{when:?} {require:?}");
            assert_eq!(names(&verdict.premises), premises, "{when:?} {require:?}");
        }
    }

    #[test]
    fn a_composite_rests_on_the_children_that_agree_with_it() {
        use Truth::{False, True, Unknown};
        let parts = || [judged(True, "a", false), judged(False, "b", false), judged(Unknown, "c", false)];
        let all = Judgement::all(parts(), None);
        assert_eq!((all.truth, names(&all.premises)), (False, vec![B]));
        let any = Judgement::any(parts(), None);
        assert_eq!((any.truth, names(&any.premises)), (True, vec![A]));
        let both = Judgement::all([judged(True, "a", false), judged(True, "b", true)], None);
        assert_eq!((both.truth, names(&both.premises), both.presumed()), (True, vec![A, B], true));
    }

    #[test]
    fn where_one_child_is_enough_a_proof_beats_a_presumption() {
        let (weak, sure) = (|| judged(Truth::False, "a", true), || judged(Truth::False, "b", false));
        for parts in [[weak(), sure()], [sure(), weak()]] {
            assert_eq!(names(&Judgement::all(parts, None).premises), [B]);
        }
        let weak = Judgement::all([weak(), judged(Truth::False, "b", true)], None);
        assert_eq!((names(&weak.premises), weak.presumed()), (vec![A, B], true));
    }
}
