//! The judge: a rule and a subject give a verdict and its proof.
//!
//! In: resolved rules and [`Facts`]. Out: [`Verdict`]s, each with the [`Premise`]s it rests on.
//! Must not know: what a premise looks like in a report, or how facts are computed.
//!
//! `False < Unknown < True`; `all` is the least, `any` the greatest, and what a composite rests on is what those
//! children rest on that agree with it. A quantifier is such a composite with one more child, "these are all of them".
//! Two laws follow, and are tested: forgetting facts never turns a yes into a no or a no into a yes; and forgetting
//! every fact that is *not* a premise leaves the verdict as it is. The premises are a proof.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::catalog::{Completeness, Datum, Fact, Facts, Member, Place, Related, Relation, Subject};
use crate::rules::ast::{
    Bound, Clause, Operand, Predicate, PropertyPath, Quantified, Question, RelationPath, Rule, Slot,
};
use crate::source::Span;
use crate::value::Truth;

use super::operators;

/// How the world beyond the input is taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum World {
    /// What a managed resource does not declare is presumed not to exist, and findings say so.
    #[default]
    Graded,
    /// Nothing is presumed: others may declare more.
    Open,
    /// What is not declared does not exist.
    Closed,
}

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
    /// It is presumed, not proven.
    pub presumed: bool,
    /// The input that would settle it, where a relation is not known to be complete.
    pub settle: Option<Arc<str>>,
    /// The clause of the rule that asked.
    pub clause: Span,
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
    fn of(truth: Truth, premise: Premise) -> Self {
        Self { truth, premises: vec![premise] }
    }

    /// All of these.
    pub fn all(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, Truth::False)
    }

    /// At least one of these.
    pub fn any(parts: impl IntoIterator<Item = Self>) -> Self {
        Self::fold(parts, Truth::True)
    }

    /// Takes the children that agree with the result. Where one child is enough to decide, proven ones make presumed
    /// ones superfluous.
    fn fold(parts: impl IntoIterator<Item = Self>, decisive: Truth) -> Self {
        let mut whole = Self { truth: !decisive, premises: Vec::new() };
        let mut presumed = false;
        for part in parts {
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
                let open = Judgement::any([!applies, requires]);
                (Conclusion::Open, open.premises)
            }
        };
        Self { bound, conclusion, premises }
    }
}

/// The subject that a judgement is about: the last of those bound.
pub fn innermost(bound: &[Subject]) -> Option<Subject> {
    bound.last().copied()
}

/// What reading a property gave: the facts it may be, and whether it may be something else again.
#[derive(Debug)]
pub struct Reading {
    /// Each fact it may be, with what makes it so. One, in nearly every case.
    pub cases: Vec<(Fact, Vec<Premise>)>,
    /// Set where it may be none of the cases.
    pub open: Option<Vec<Premise>>,
}

/// Where a relation path led.
#[derive(Debug)]
pub struct Reached {
    /// The subjects, each with whether it is related.
    pub members: Vec<(Subject, Judgement)>,
    /// Whether these are all: `True` or `Unknown`.
    pub all: Judgement,
}

/// Judges clauses over facts.
#[derive(Clone, Copy)]
pub struct Judge<'a, M: 'static> {
    /// What is known.
    pub facts: &'a dyn Facts<M>,
    /// Whether a subject is deployed.
    pub exists: &'a dyn Fn(Subject) -> Existence,
    /// How the world beyond the input is taken.
    pub world: World,
}

impl<M> std::fmt::Debug for Judge<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").field("world", &self.world).finish_non_exhaustive()
    }
}

impl<M> Judge<'_, M> {
    /// The verdicts of a rule on everything it is about.
    pub fn rule(&self, rule: &Rule<M>) -> Vec<Verdict> {
        self.facts.all(rule.subject.kind).into_iter().flat_map(|owner| self.rule_on(rule, owner)).collect()
    }

    /// The verdicts of a rule on one owner: one, or one for each of its elements.
    pub fn rule_on(&self, rule: &Rule<M>, owner: Subject) -> Vec<Verdict> {
        let deployed = self.deployed(owner, rule.meta.at);
        if rule.subject.hops.is_empty() {
            return vec![self.verdict(rule, vec![owner], deployed)];
        }
        let reached = self.follow(owner, &rule.subject.hops, rule.meta.at);
        let mut verdicts: Vec<Verdict> = reached
            .members
            .into_iter()
            .map(|(element, related)| {
                self.verdict(rule, vec![owner, element], Judgement::all([deployed.clone(), related]))
            })
            .collect();
        if deployed.truth != Truth::False && reached.all.truth != Truth::True {
            // Nothing is known of an element that is not listed, so nothing can be judged of it either.
            let premises = reached.all.premises;
            verdicts.push(Verdict { bound: vec![owner], conclusion: Conclusion::Open, premises });
        }
        verdicts
    }

    fn verdict(&self, rule: &Rule<M>, mut bound: Vec<Subject>, applies: Judgement) -> Verdict {
        let when = rule.when.as_ref().map(|clause| self.clause(clause, &mut bound));
        let requires = self.clause(&rule.require, &mut bound);
        Verdict::new(bound, Judgement::all(std::iter::once(applies).chain(when)), requires)
    }

    fn deployed(&self, subject: Subject, clause: Span) -> Judgement {
        let Existence { truth, places } = (self.exists)(subject);
        if truth == Truth::True && places.is_empty() {
            return Judgement::certain();
        }
        Judgement::of(truth, Premise { places, ..premise(Read::Existence, subject, clause) })
    }

    /// The truth of a clause over the bound subjects, which are the same after the call as before.
    pub fn clause(&self, clause: &Clause<M>, bound: &mut Vec<Subject>) -> Judgement {
        match &clause.predicate {
            Predicate::All(parts) => Judgement::all(parts.iter().map(|part| self.clause(part, bound))),
            Predicate::Any(parts) => Judgement::any(parts.iter().map(|part| self.clause(part, bound))),
            Predicate::Not(part) => !self.clause(part, bound),
            Predicate::Test(path, question) => self.test(path, question, bound, clause.at),
            Predicate::Every(quantified) => self.every(quantified, bound, clause.at),
            Predicate::Some(quantified) => self.some(quantified, bound, clause.at),
            Predicate::Count(quantified, limit) => self.count(quantified, *limit, bound, clause.at),
        }
    }

    fn every(&self, quantified: &Quantified<M>, bound: &mut Vec<Subject>, at: Span) -> Judgement {
        let Reached { members, all } = self.reach(&quantified.over, bound, at);
        let mut parts = Vec::with_capacity(members.len() + 1);
        for (subject, related) in members {
            parts.push(Judgement::any([!related, self.asked(quantified, subject, bound)]));
        }
        parts.push(all);
        Judgement::all(parts)
    }

    fn some(&self, quantified: &Quantified<M>, bound: &mut Vec<Subject>, at: Span) -> Judgement {
        let Reached { members, all } = self.reach(&quantified.over, bound, at);
        let mut parts = Vec::with_capacity(members.len() + 1);
        for (subject, related) in members {
            parts.push(Judgement::all([related, self.asked(quantified, subject, bound)]));
        }
        parts.push(!all);
        Judgement::any(parts)
    }

    /// The number lies between those that count for certain and those that may; above that, nobody knows where the
    /// relation is not complete.
    fn count(&self, quantified: &Quantified<M>, limit: Bound, bound: &mut Vec<Subject>, at: Span) -> Judgement {
        let Reached { members, all } = self.reach(&quantified.over, bound, at);
        let (mut yes, mut perhaps, mut no) = (Vec::new(), Vec::new(), Vec::new());
        for (subject, related) in members {
            let counted = Judgement::all([related, self.asked(quantified, subject, bound)]);
            match counted.truth {
                Truth::True => yes.push(counted),
                Truth::Unknown => perhaps.push(counted),
                Truth::False => no.push(counted),
            }
        }
        let count = |list: &[Judgement]| u32::try_from(list.len()).unwrap_or(u32::MAX);
        let least = count(&yes);
        let most = (all.truth == Truth::True).then(|| least.saturating_add(count(&perhaps)));
        let below = |n: u32| most.is_some_and(|most| most < n);
        let (truth, from_below, from_above) = match limit {
            Bound::Less(n) if below(n) => (Truth::True, false, true),
            Bound::Less(n) if least >= n => (Truth::False, true, false),
            Bound::Greater(n) if least > n => (Truth::True, true, false),
            Bound::Greater(n) if below(n.saturating_add(1)) => (Truth::False, false, true),
            Bound::Equals(n) if least > n => (Truth::False, true, false),
            Bound::Equals(n) if below(n) => (Truth::False, false, true),
            Bound::Equals(n) if least == n && most == Some(n) => (Truth::True, true, true),
            Bound::Less(_) | Bound::Greater(_) | Bound::Equals(_) => (Truth::Unknown, false, false),
        };
        let parts = if truth == Truth::Unknown {
            if all.truth == Truth::Unknown {
                perhaps.push(all);
            }
            perhaps
        } else {
            let mut parts = if from_below { yes } else { Vec::new() };
            if from_above {
                parts.extend(no);
                parts.push(all);
            }
            parts
        };
        Judgement { truth, premises: parts.into_iter().flat_map(|part| part.premises).collect() }
    }

    fn asked(&self, quantified: &Quantified<M>, subject: Subject, bound: &mut Vec<Subject>) -> Judgement {
        let Some(clause) = &quantified.clause else { return Judgement::certain() };
        bound.push(subject);
        let judgement = self.clause(clause, bound);
        bound.pop();
        judgement
    }

    fn test(&self, path: &PropertyPath<M>, question: &Question<M>, bound: &[Subject], at: Span) -> Judgement {
        let left = self.read(path, bound, at);
        match question {
            Question::Exists(wanted) => {
                let truths = left.cases.iter().map(|(fact, _)| operators::exists(fact));
                let truth = operators::agreed(truths);
                let written = left.judgement(truth);
                if *wanted { written } else { !written }
            }
            Question::Compare(operator, Operand::Literals(values)) => {
                let ty = path.property.ty;
                let truths = left.cases.iter().map(|(fact, _)| operators::compare(*operator, &fact.datum, values, ty));
                let truth = operators::agreed(truths);
                left.judgement(truth)
            }
            Question::Compare(operator, Operand::Property(other)) => {
                let right = self.read(other, bound, at);
                let truths = left.cases.iter().flat_map(|(a, _)| {
                    right.cases.iter().map(move |(b, _)| {
                        operators::compare(*operator, &a.datum, std::slice::from_ref(&b.datum), path.property.ty)
                    })
                });
                let truth = operators::agreed(truths);
                left.with(right).judgement(truth)
            }
        }
    }

    /// Reads a property. Where a relation on the way leads nowhere, for certain, the property is absent.
    pub fn read(&self, path: &PropertyPath<M>, bound: &[Subject], at: Span) -> Reading {
        let Some(start) = at_slot(bound, path.base) else {
            return Reading { cases: Vec::new(), open: Some(Vec::new()) };
        };
        let read = |subject: Subject| {
            let fact = self.facts.property(path.property, subject);
            let premise = Premise {
                value: Some(fact.datum.clone()),
                defaulted: fact.defaulted,
                places: fact.places.clone(),
                ..premise(Read::Property(path.property.name), subject, at)
            };
            (fact, premise)
        };
        if path.hops.is_empty() {
            let (fact, premise) = read(start);
            return Reading { cases: vec![(fact, vec![premise])], open: None };
        }
        let Reached { members, all } = self.follow(start, &path.hops, at);
        let (certain, possible): (Vec<_>, Vec<_>) =
            members.into_iter().partition(|(_, related)| related.truth == Truth::True);
        if !certain.is_empty() {
            let case = |(subject, related): (Subject, Judgement)| {
                let (fact, premise) = read(subject);
                (fact, std::iter::once(premise).chain(related.premises).collect())
            };
            return Reading { cases: certain.into_iter().map(case).collect(), open: None };
        }
        let known_to_be_all = all.truth == Truth::True;
        let places = all.premises.iter().flat_map(|premise| premise.places.clone()).collect();
        let nothing = Fact { datum: Datum::Absent, defaulted: false, places };
        let mut open: Vec<Premise> = if known_to_be_all { Vec::new() } else { all.premises.clone() };
        let mut cases = vec![(nothing, all.premises)];
        for (subject, related) in possible {
            let (fact, premise) = read(subject);
            cases.push((fact, vec![premise]));
            open.extend(related.premises);
        }
        Reading { cases, open: (!known_to_be_all).then_some(open) }
    }

    /// Follows a relation path from a bound subject.
    pub fn reach(&self, path: &RelationPath<M>, bound: &[Subject], at: Span) -> Reached {
        match at_slot(bound, path.base) {
            Some(start) => self.follow(start, &path.hops, at),
            None => Reached { members: Vec::new(), all: Judgement { truth: Truth::Unknown, premises: Vec::new() } },
        }
    }

    /// Follows relations one after the other.
    fn follow(&self, start: Subject, hops: &[&'static Relation<M>], at: Span) -> Reached {
        let mut members = vec![(start, Judgement::certain())];
        let mut complete = Vec::new();
        for hop in hops {
            let mut next = Vec::new();
            for (subject, way) in members {
                let Related { members: found, complete: these } = self.facts.related(hop, subject);
                let mut enough = vec![!way.clone(), self.complete(hop, subject, these, at)];
                // Where one is certain and there is at most one, the possible ones are not it.
                let settled = hop.one && found.iter().any(|member| member.related == Truth::True);
                for Member { subject: target, related, places } in found {
                    if settled && related != Truth::True {
                        continue;
                    }
                    let read = Read::Member(hop.name, target);
                    let joined = Judgement::of(related, Premise { places, ..premise(read, subject, at) });
                    if settled {
                        enough.push(joined.clone());
                    }
                    next.push((target, Judgement::all([way.clone(), joined])));
                }
                complete.push(Judgement::any(enough));
            }
            members = distinct(next);
        }
        Reached { members, all: Judgement::all(complete) }
    }

    fn complete(&self, hop: &'static Relation<M>, subject: Subject, these: Completeness, at: Span) -> Judgement {
        let (truth, presumed, place, settle) = match (these, self.world) {
            (Completeness::Complete(place), World::Graded | World::Open | World::Closed)
            | (Completeness::Presumed(place), World::Closed) => (Truth::True, false, place, None),
            (Completeness::Presumed(place), World::Graded) => (Truth::True, true, place, None),
            (Completeness::Presumed(place), World::Open) => {
                let settle = format!("every {} there is", hop.target);
                (Truth::Unknown, false, place, Some(settle.into()))
            }
            (Completeness::Incomplete { place, settle }, World::Graded | World::Open | World::Closed) => {
                (Truth::Unknown, false, place, Some(settle))
            }
        };
        let read = Read::All(hop.name);
        Judgement::of(truth, Premise { places: vec![place], presumed, settle, ..premise(read, subject, at) })
    }
}

impl Reading {
    /// A truth over all cases; `Unknown` where there may be others.
    fn judgement(self, truth: Truth) -> Judgement {
        let premises = self.cases.into_iter().flat_map(|(_, premises)| premises);
        match self.open {
            None => Judgement { truth, premises: premises.collect() },
            Some(open) => Judgement { truth: Truth::Unknown, premises: premises.chain(open).collect() },
        }
    }

    /// Both readings as one, for a judgement that rests on both.
    fn with(mut self, other: Self) -> Self {
        self.cases.extend(other.cases);
        self.open = match (self.open, other.open) {
            (None, open) | (open, None) => open,
            (Some(mine), Some(other)) => Some(mine.into_iter().chain(other).collect()),
        };
        self
    }
}

/// One entry for each subject: it is related when it is on one of the ways that lead to it.
fn distinct(members: Vec<(Subject, Judgement)>) -> Vec<(Subject, Judgement)> {
    let mut places = BTreeMap::new();
    let mut kept: Vec<(Subject, Judgement)> = Vec::with_capacity(members.len());
    for (subject, related) in members {
        match places.get(&subject).and_then(|&at: &usize| kept.get_mut(at)) {
            Some((_, other)) => {
                let first = std::mem::replace(other, Judgement::certain());
                *other = Judgement::any([first, related]);
            }
            None => {
                places.insert(subject, kept.len());
                kept.push((subject, related));
            }
        }
    }
    kept
}

fn premise(read: Read, subject: Subject, clause: Span) -> Premise {
    Premise { read, subject, value: None, defaulted: false, places: Vec::new(), presumed: false, settle: None, clause }
}

fn at_slot(bound: &[Subject], slot: Slot) -> Option<Subject> {
    bound.get(slot.0).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalog::KindId;
    use crate::source::FileId;

    fn judged(truth: Truth, name: &'static str, presumed: bool) -> Judgement {
        let subject = Subject { kind: KindId(0), node: 0, element: 0 };
        let premise = premise(Read::Property(name), subject, Span::new(FileId(0), 0, 0));
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
        let all = Judgement::all(parts());
        assert_eq!((all.truth, names(&all.premises)), (False, vec![B]));
        let any = Judgement::any(parts());
        assert_eq!((any.truth, names(&any.premises)), (True, vec![A]));
        let both = Judgement::all([judged(True, "a", false), judged(True, "b", true)]);
        assert_eq!((both.truth, names(&both.premises), both.presumed()), (True, vec![A, B], true));
    }

    #[test]
    fn where_one_child_is_enough_a_proof_beats_a_presumption() {
        let (weak, sure) = (|| judged(Truth::False, "a", true), || judged(Truth::False, "b", false));
        for parts in [[weak(), sure()], [sure(), weak()]] {
            assert_eq!(names(&Judgement::all(parts).premises), [B]);
        }
        let weak = Judgement::all([weak(), judged(Truth::False, "b", true)]);
        assert_eq!((names(&weak.premises), weak.presumed()), (vec![A, B], true));
    }
}
