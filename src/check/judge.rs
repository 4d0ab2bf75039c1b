//! The judge: a rule and a subject give a verdict and its proof.
//!
//! In: resolved rules and [`Facts`]. Out: [`Verdict`]s, each with the [`Premise`]s it rests on.
//! Must not know: what a premise looks like in a report, or how facts are computed.
//!
//! A quantifier is a composite over the related subjects with one more child, "these are all of them"; so empty lists,
//! partial lists and "none was found" need no rules of their own.

use std::collections::BTreeMap;

use crate::catalog::{Completeness, Datum, Fact, Facts, Member, Related, Relation, Subject};
use crate::rules::ast::{
    self, Clause, Operand, Predicate, PropertyPath, Quantified, Question, RelationPath, Rule, Slot,
};
use crate::source::Span;
use crate::value::Truth;

use super::judgement::{Existence, Judgement, Premise, Read, Verdict};
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

/// Which verdicts come with their whole proof.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Proofs {
    /// Each one.
    #[default]
    Whole,
    /// Those that something is reported of. Of one that passes the judge looks no further than the first reason.
    OfFindings,
}

/// The bound subjects, the owner first; `None` for an element that nobody listed, of which nothing is known.
pub type Bound = Vec<Option<Subject>>;

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
    pub facts: &'a (dyn Facts<M> + Sync),
    /// Whether a subject is deployed.
    pub exists: &'a (dyn Fn(Subject) -> Existence + Sync),
    /// How the world beyond the input is taken.
    pub world: World,
    /// Which verdicts come with their whole proof.
    pub proofs: Proofs,
}

/// The truth of a clause that makes a verdict pass, whatever else holds; no more is asked once it is found, and what it
/// rests on is not told. A judgement of any other truth is the same as without it.
type Enough = Option<Truth>;

impl<M> std::fmt::Debug for Judge<'_, M> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Judge").field("world", &self.world).finish_non_exhaustive()
    }
}

impl<M> Judge<'_, M> {
    /// The verdicts of a rule on one owner: one, or one for each of its elements.
    pub fn rule_on(&self, rule: &Rule<M>, owner: Subject) -> Vec<Verdict> {
        let deployed = self.deployed(owner, rule.meta.at);
        let mut asked = vec![None; rule.when.as_ref().map_or(0, |when| when.parts().len())];
        if rule.subject.hops.is_empty() {
            return vec![self.verdict(rule, &[Some(owner)], deployed, &mut asked)];
        }
        let reached = self.follow(owner, &rule.subject.hops, rule.meta.at);
        let mut verdicts: Vec<Verdict> = reached
            .members
            .into_iter()
            .map(|(element, related)| {
                let applies = Judgement::all([deployed.clone(), related], None);
                self.verdict(rule, &[Some(owner), Some(element)], applies, &mut asked)
            })
            .collect();
        if reached.all.truth != Truth::True {
            // There may be elements that nobody listed. What the rule asks of the owner may still settle it for them.
            let applies = Judgement::all([deployed, reached.all], None);
            verdicts.push(self.verdict(rule, &[Some(owner), None], applies, &mut asked));
        }
        verdicts
    }

    /// `asked`: what those parts of the condition gave that ask of the owner alone, so that they are asked once.
    fn verdict(
        &self,
        rule: &Rule<M>,
        bound: &[Option<Subject>],
        applies: Judgement,
        asked: &mut [Option<Judgement>],
    ) -> Verdict {
        let mut stack = bound.to_vec();
        let enough = |truth| (self.proofs == Proofs::OfFindings).then_some(truth);
        let when = rule.when.iter().map(|when| {
            let parts = when.parts().iter().zip(asked.iter_mut()).map(|(part, asked)| match asked {
                Some(asked) => asked.clone(),
                None => {
                    let judgement = self.asked_of(part, &mut stack, enough(Truth::False));
                    *asked = (!part.asks_of(Slot::ELEMENT)).then(|| judgement.clone());
                    judgement
                }
            });
            Judgement::all(parts, enough(Truth::False))
        });
        let applies = Judgement::all(std::iter::once(applies).chain(when), enough(Truth::False));
        let bound = bound.iter().copied().flatten().collect();
        if applies.truth == Truth::False {
            return Verdict::new(bound, applies, Judgement::certain()); // whatever it requires
        }
        Verdict::new(bound, applies, self.asked_of(&rule.require, &mut stack, enough(Truth::True)))
    }

    fn deployed(&self, subject: Subject, clause: Span) -> Judgement {
        let Existence { truth, places } = (self.exists)(subject);
        if truth == Truth::True && places.is_empty() {
            return Judgement::certain();
        }
        let doubtful = truth == Truth::Unknown;
        Judgement::of(truth, Premise { places, doubtful, ..Premise::new(Read::Existence, subject, clause) })
    }

    /// The truth of a clause over the bound subjects, which are the same after the call as before.
    pub fn clause(&self, clause: &Clause<M>, bound: &mut Bound) -> Judgement {
        self.asked_of(clause, bound, None)
    }

    fn asked_of(&self, clause: &Clause<M>, bound: &mut Bound, enough: Enough) -> Judgement {
        match &clause.predicate {
            Predicate::All(parts) => {
                Judgement::all(parts.iter().map(|part| self.asked_of(part, bound, enough)), enough)
            }
            Predicate::Any(parts) => {
                Judgement::any(parts.iter().map(|part| self.asked_of(part, bound, enough)), enough)
            }
            Predicate::Not(part) => !self.asked_of(part, bound, enough.map(|truth| !truth)),
            Predicate::Test(path, question) => self.test(path, question, bound, clause.at),
            Predicate::Every(quantified) => self.every(quantified, bound, clause.at, enough),
            Predicate::Some(quantified) => self.some(quantified, bound, clause.at, enough),
            Predicate::Count(quantified, limit) => self.count(quantified, *limit, bound, clause.at),
        }
    }

    fn every(&self, quantified: &Quantified<M>, bound: &mut Bound, at: Span, enough: Enough) -> Judgement {
        let Reached { members, all } = self.reach(&quantified.over, bound, at);
        let parts = members.into_iter().map(|(subject, related)| {
            Judgement::any([!related, self.asked(quantified, subject, bound, enough)], enough)
        });
        Judgement::all(parts.chain(std::iter::once(all)), enough)
    }

    fn some(&self, quantified: &Quantified<M>, bound: &mut Bound, at: Span, enough: Enough) -> Judgement {
        let Reached { members, all } = self.reach(&quantified.over, bound, at);
        let parts = members.into_iter().map(|(subject, related)| {
            Judgement::all([related, self.asked(quantified, subject, bound, enough)], enough)
        });
        Judgement::any(parts.chain(std::iter::once(!all)), enough)
    }

    /// The number lies between those that count for certain and those that may; above that, nobody knows where the
    /// relation is not complete.
    fn count(&self, quantified: &Quantified<M>, limit: ast::Bound, bound: &mut Bound, at: Span) -> Judgement {
        let Reached { members, all } = self.reach(&quantified.over, bound, at);
        let (mut yes, mut perhaps, mut no) = (Vec::new(), Vec::new(), Vec::new());
        for (subject, related) in members {
            let counted = Judgement::all([related, self.asked(quantified, subject, bound, None)], None);
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
            ast::Bound::Less(n) if below(n) => (Truth::True, false, true),
            ast::Bound::Less(n) if least >= n => (Truth::False, true, false),
            ast::Bound::Greater(n) if least > n => (Truth::True, true, false),
            ast::Bound::Greater(n) if below(n.saturating_add(1)) => (Truth::False, false, true),
            ast::Bound::Equals(n) if least > n => (Truth::False, true, false),
            ast::Bound::Equals(n) if below(n) => (Truth::False, false, true),
            ast::Bound::Equals(n) if least == n && most == Some(n) => (Truth::True, true, true),
            ast::Bound::Less(_) | ast::Bound::Greater(_) | ast::Bound::Equals(_) => (Truth::Unknown, false, false),
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

    fn asked(&self, quantified: &Quantified<M>, subject: Subject, bound: &mut Bound, enough: Enough) -> Judgement {
        let Some(clause) = &quantified.clause else { return Judgement::certain() };
        bound.push(Some(subject));
        let judgement = self.asked_of(clause, bound, enough);
        bound.pop();
        judgement
    }

    fn test(&self, path: &PropertyPath<M>, question: &Question<M>, bound: &[Option<Subject>], at: Span) -> Judgement {
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
    pub fn read(&self, path: &PropertyPath<M>, bound: &[Option<Subject>], at: Span) -> Reading {
        let Some(start) = at_slot(bound, path.base) else {
            return Reading { cases: Vec::new(), open: Some(Vec::new()) };
        };
        let read = |subject: Subject| {
            let fact = self.facts.property(path.property, subject);
            let premise = Premise {
                value: Some(fact.datum.clone()),
                defaulted: fact.defaulted,
                places: fact.places.clone(),
                ..Premise::new(Read::Property(path.property.name), subject, at)
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
    pub fn reach(&self, path: &RelationPath<M>, bound: &[Option<Subject>], at: Span) -> Reached {
        match at_slot(bound, path.base) {
            Some(start) => self.follow(start, &path.hops, at),
            None => Reached { members: Vec::new(), all: Judgement { truth: Truth::Unknown, premises: Vec::new() } },
        }
    }

    /// Follows relations one after the other.
    pub fn follow(&self, start: Subject, hops: &[&'static Relation<M>], at: Span) -> Reached {
        let mut members = vec![(start, Judgement::certain())];
        let mut complete = Vec::new();
        for hop in hops {
            let mut next = Vec::new();
            for (subject, way) in members {
                let Related { members: found, complete: these } = self.facts.related(hop, subject);
                let mut enough = vec![!way.clone(), self.complete(hop, subject, (these, found.len()), at)];
                // Where one is certain and there is at most one, the possible ones are not it.
                let settled = hop.one && found.iter().any(|member| member.related == Truth::True);
                for Member { subject: target, related, places } in found {
                    if settled && related != Truth::True {
                        continue;
                    }
                    let read = Read::Member(hop.name, target);
                    let doubtful = related == Truth::Unknown;
                    let premise = Premise { places, one: hop.one, doubtful, ..Premise::new(read, subject, at) };
                    let joined = Judgement::of(related, premise);
                    if settled {
                        enough.push(joined.clone());
                    }
                    next.push((target, Judgement::all([way.clone(), joined], None)));
                }
                complete.push(Judgement::any(enough, None));
            }
            members = distinct(next);
        }
        Reached { members, all: Judgement::all(complete, None) }
    }

    fn complete(
        &self,
        hop: &'static Relation<M>,
        subject: Subject,
        (these, found): (Completeness, usize),
        at: Span,
    ) -> Judgement {
        let (truth, presumed, place, settle) = match (these, self.world) {
            (Completeness::Complete(place), World::Graded | World::Open | World::Closed)
            | (Completeness::Presumed(place), World::Closed) => (Truth::True, false, place, None),
            (Completeness::Presumed(place), World::Graded) => (Truth::True, true, place, None),
            (Completeness::Presumed(place), World::Open) => {
                let settle = format!("a complete list of {}", hop.name);
                (Truth::Unknown, false, place, Some(settle.into()))
            }
            (Completeness::Incomplete { place, settle }, World::Graded | World::Open | World::Closed) => {
                (Truth::Unknown, false, place, Some(settle))
            }
        };
        let read = Read::All(hop.name);
        let premise = Premise::new(read, subject, at);
        Judgement::of(truth, Premise { places: vec![place], found, one: hop.one, presumed, settle, ..premise })
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
    if members.len() < 2 {
        return members;
    }
    let mut places = BTreeMap::new();
    let mut kept: Vec<(Subject, Judgement)> = Vec::with_capacity(members.len());
    for (subject, related) in members {
        match places.get(&subject).and_then(|&at: &usize| kept.get_mut(at)) {
            Some((_, other)) => {
                let first = std::mem::replace(other, Judgement::certain());
                *other = Judgement::any([first, related], None);
            }
            None => {
                places.insert(subject, kept.len());
                kept.push((subject, related));
            }
        }
    }
    kept
}

fn at_slot(bound: &[Option<Subject>], slot: Slot) -> Option<Subject> {
    bound.get(slot.0).copied().flatten()
}
