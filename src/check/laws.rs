//! The two laws of judging, over random worlds and random rules that use every form of the language.
//!
//! *Monotone*: forgetting never turns a yes into a no, or a no into a yes. *Sufficient*: forgetting everything that is
//! not a premise leaves the verdict as it is.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::{Conclusion, Existence, Judge, Read, Verdict, World};
use crate::catalog::{Completeness, Datum, Fact, Facts, Kind, Property, Related, Relation, Subject};
use crate::check::Model as _;
use crate::rules::{Rule, load};
use crate::source::Sources;
use crate::value::{Reason, Symbol, Truth, Unknown};

use super::land::{self, CATALOG, Land, Random, place};

/// A land of which some things are forgotten.
struct Forgetful<'a> {
    land: &'a Land,
    forgets: &'a dyn Fn(Read, Subject) -> bool,
    /// Members that are forgotten are not even listed, where the relation is not known to be complete either.
    drops: bool,
}

impl Facts<Land> for Forgetful<'_> {
    fn property(&self, property: &'static Property<Land>, subject: Subject) -> Fact {
        if !(self.forgets)(Read::Property(property.name), subject) {
            return self.land.property(property, subject);
        }
        let symbol = Symbol::new(format!("{} of {subject:?}", property.name), "forgotten");
        let datum = Datum::Unknown(Unknown::new(Reason::NotInInput, symbol).into());
        Fact { datum, defaulted: false, places: vec![place()] }
    }

    fn related(&self, relation: &'static Relation<Land>, subject: Subject) -> Related {
        let mut related = self.land.related(relation, subject);
        let all = (self.forgets)(Read::All(relation.name), subject);
        if all {
            related.complete = Completeness::Incomplete { place: place(), settle: "more".into() };
        }
        for member in &mut related.members {
            if (self.forgets)(Read::Member(relation.name, member.subject), subject) {
                member.related = Truth::Unknown;
            }
        }
        if all && self.drops {
            related.members.retain(|member| !(self.forgets)(Read::Member(relation.name, member.subject), subject));
        }
        related
    }

    fn all(&self, kind: &'static Kind<Land>) -> Vec<Subject> {
        self.land.all(kind)
    }
}

fn verdicts(view: &Forgetful<'_>, rule: &Rule<Land>, owner: Subject, world: World) -> Vec<Verdict> {
    let exists = |subject| {
        if (view.forgets)(Read::Existence, subject) {
            return Existence { truth: Truth::Unknown, places: vec![place()] };
        }
        view.land.exists(subject)
    };
    Judge { facts: view, exists: &exists, world }.rule_on(rule, owner)
}

/// Whether a verdict means that the rule is kept; `None` where it is open.
fn kept(conclusion: Conclusion) -> Truth {
    match conclusion {
        Conclusion::NotApplicable | Conclusion::Pass => Truth::True,
        Conclusion::Violation => Truth::False,
        Conclusion::Open => Truth::Unknown,
    }
}

/// A rule that the loader takes; its text too, for the message of a failing case.
fn random_rule(random: &mut Random) -> (Rule<Land>, String) {
    let text = land::rule(random);
    let mut sources = Sources::new();
    let file = sources.add("random.json", text.as_str());
    let (rules, problems) = load(&CATALOG, &sources, &[file]);
    assert!(problems.is_empty(), "{problems:#?}\n{text}");
    (rules.into_iter().next().expect("a rule"), text)
}

#[derive(Default)]
struct Tally {
    decided: usize,
    open: usize,
    cases: usize,
}

#[test]
fn forgetting_never_flips_a_verdict_and_the_premises_are_enough() {
    let mut random = Random::new(0x5eed);
    let mut tally = Tally::default();
    let mut forms = BTreeSet::new();
    for round in 0..1_800 {
        let (rule, text) = random_rule(&mut random);
        for word in ["allOf", "anyOf", "not", "every", "some", "count", "exists", "in\"", "within", "overlaps"] {
            if text.contains(word) {
                forms.insert(word);
            }
        }
        let world = [World::Graded, World::Open, World::Closed][random.below(3)];
        for _ in 0..5 {
            let land = Land::random(&mut random);
            for owner in land.all(rule.subject.kind) {
                laws(&land, &rule, owner, world, &mut random, &mut tally, &format!("round {round}: {text}"));
            }
        }
    }
    assert_eq!(forms.len(), 10, "{forms:?}");
    assert!(tally.cases >= 20_000, "{}", tally.cases);
    let share = tally.decided * 100 / (tally.decided + tally.open);
    assert!(
        (20..=95).contains(&share),
        "{share} % of the verdicts were decided: the worlds are too dull to prove much"
    );
}

fn laws(
    land: &Land,
    rule: &Rule<Land>,
    owner: Subject,
    world: World,
    random: &mut Random,
    tally: &mut Tally,
    text: &str,
) {
    let nothing = |_: Read, _: Subject| false;
    let whole = verdicts(&Forgetful { land, forgets: &nothing, drops: false }, rule, owner, world);
    let salt = random.next();
    let share = 1 + random.next() % 6;
    let some = move |read: Read, subject: Subject| land::hash(&(salt, read, subject)) % 7 < share;
    let less = verdicts(&Forgetful { land, forgets: &some, drops: random.below(2) == 0 }, rule, owner, world);
    for verdict in &whole {
        tally.cases += 1;
        let after = less.iter().find(|other| other.bound == verdict.bound);
        let (before, after) = (kept(verdict.conclusion), after.map_or(Truth::Unknown, |v| kept(v.conclusion)));
        assert!(
            after == Truth::Unknown || after == before,
            "forgetting made {before:?} {after:?}\n{text}\n{}",
            show(land, verdict)
        );
        if before == Truth::Unknown {
            tally.open += 1;
        } else {
            tally.decided += 1;
        }
        let premises: BTreeSet<(Read, Subject)> = verdict.premises.iter().map(|p| (p.read, p.subject)).collect();
        let other = |read: Read, subject: Subject| !premises.contains(&(read, subject));
        let rest = verdicts(&Forgetful { land, forgets: &other, drops: true }, rule, owner, world);
        let same = rest.iter().find(|other| other.bound == verdict.bound).map(|v| v.conclusion);
        // An element is there to be judged only while it is listed.
        let unlisted = same.is_none() && verdict.bound.len() > 1;
        assert!(
            same == Some(verdict.conclusion) || unlisted,
            "the premises of {:?} gave {same:?}\n{text}\n{}",
            verdict.conclusion,
            show(land, verdict)
        );
    }
}

fn show(land: &Land, verdict: &Verdict) -> String {
    let mut text = format!("{:?} {:?}\n", verdict.bound, verdict.conclusion);
    for premise in &verdict.premises {
        let _ = writeln!(text, "  {:?} of {:?}: {:?}", premise.read, premise.subject, premise.value);
    }
    let _ = writeln!(text, "{land:#?}");
    text
}
