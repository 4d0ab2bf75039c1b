//! Verdicts to findings.
//!
//! In: a [`Verdict`], its rule, and a [`Model`] to name things by. Out: a [`Finding`] with its evidence.
//! Must not know: how a finding is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::catalog::{Completeness, Subject};
use crate::diag::{Level, Role};
use crate::rules::ast::{Fix, Pointer, PropertyPath, RelationPath, Rule};
use crate::rules::message::{Piece, Template};
use crate::source::Span;
use crate::value::{Origin, Truth};

use super::describe::{self, Elsewhere};
use super::finding::{Certainty, Evidence, Finding, Outcome};
use super::judge::Judge;
use super::judgement::{Conclusion, Premise, Read, Verdict};
use super::{Model, OpenLevel};

/// Makes a finding of a violation or an open verdict; `None` for the others, and for what is to be ignored.
pub(super) fn finding<M: Model>(
    judge: &Judge<'_, M>,
    model: &M,
    rule: &Rule<M>,
    verdict: Verdict,
    open: OpenLevel,
) -> Option<Finding> {
    let Verdict { bound, conclusion, premises } = verdict;
    let presumed = premises.iter().any(|premise| premise.presumed);
    let (outcome, level) = match (conclusion, open) {
        (Conclusion::NotApplicable | Conclusion::Pass, _) | (Conclusion::Open, OpenLevel::Ignore) => return None,
        (Conclusion::Violation, _) if presumed && rule.meta.level == Level::Error => {
            (Outcome::Violation, Level::Warning)
        }
        (Conclusion::Violation, _) => (Outcome::Violation, rule.meta.level),
        (Conclusion::Open, OpenLevel::At(level)) => (Outcome::Open, level),
    };
    let subject = *bound.last()?;
    let resource = model.resource(subject);
    let elsewhere = |other: Subject| {
        let other = model.resource(other);
        ((&other.address, &other.id) != (&resource.address, &resource.id)).then_some(other.address)
    };
    let stack: Vec<_> = bound.iter().copied().map(Some).collect();
    let narrator = Narrator { judge, model, rule, bound: &stack };
    let (primary, path) = narrator.place(&premises, subject);
    let unknown = match outcome {
        Outcome::Violation => Vec::new(),
        Outcome::Open => distinct(premises.iter().filter_map(|premise| describe::unknown(premise, &elsewhere))),
    };
    let message = match outcome {
        Outcome::Violation => narrator.render(&rule.message),
        Outcome::Open => undecided(rule, &resource.address, &unknown),
    };
    let help = match (&rule.help, outcome) {
        (Some(help), Outcome::Violation) => Some(narrator.render(help)),
        (None, Outcome::Violation) => prose(&rule.meta.fix),
        (Some(_) | None, Outcome::Open) => None, // nothing is known to be wrong; `settle` says what to do
    };
    let settle = match outcome {
        Outcome::Violation => Vec::new(),
        Outcome::Open => {
            let address = |premise: &Premise| elsewhere(premise.subject).unwrap_or_else(|| resource.address.clone());
            distinct(premises.iter().flat_map(|premise| describe::settles(premise, &address(premise))))
        }
    };
    let (id, key) = (without_scopes(&resource.id), without_scopes(&model.key(subject)));
    let address = without_scopes(&resource.address);
    let fingerprint = super::digest(&[&rule.meta.id, &id, &address, &path, &key]);
    Some(Finding {
        rule: rule.meta.id.clone(),
        outcome,
        certainty: if presumed { Certainty::Presumed } else { Certainty::Proven },
        level,
        message,
        location: primary.at,
        declared: model.declared(subject),
        evidence: evidence(model, &premises, primary, &elsewhere),
        resource: Arc::new(resource),
        help,
        when: BTreeMap::new(),
        unknown,
        settle,
        fingerprint,
    })
}

/// Says what is not decided, and what is not known.
fn undecided<M>(rule: &Rule<M>, address: &str, unknown: &[String]) -> String {
    let title = rule.meta.title.trim_end_matches('.');
    if unknown.is_empty() {
        return format!("cannot be decided for {address}: {title}");
    }
    format!("cannot be decided for {address}: {title}; not known: {}", unknown.join(", "))
}

fn prose(fix: &[Fix]) -> Option<String> {
    let texts: Vec<&str> = fix.iter().filter(|fix| fix.language.is_none()).map(|fix| fix.text.as_str()).collect();
    (!texts.is_empty()).then(|| texts.join("\n"))
}

fn distinct(items: impl IntoIterator<Item = String>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for item in items {
        if !kept.contains(&item) {
            kept.push(item);
        }
    }
    kept
}

/// What a pointer may point at.
#[derive(Clone, Copy, PartialEq)]
enum Near {
    /// The value, or the list of what a relation leads to.
    Thing,
    /// Where a relation on the way there says that it leads nowhere.
    Lack,
}

/// What the places and the words of one finding are taken from.
struct Narrator<'a, M: Model> {
    judge: &'a Judge<'a, M>,
    model: &'a M,
    rule: &'a Rule<M>,
    bound: &'a [Option<Subject>],
}

impl<M: Model> Narrator<'_, M> {
    /// The place to edit, and the path that names it: what `at` says, else the first premise about the subject itself.
    fn place(&self, premises: &[Premise], subject: Subject) -> (Origin, String) {
        let at = |near| self.rule.at.iter().find_map(|p| Some((self.pointed(p, near)?, p.text().to_owned())));
        if let Some(pointed) = at(Near::Thing).or_else(|| at(Near::Lack)) {
            return pointed;
        }
        let placed = |premise: &Premise| premise.places.first().map(|place| place.origin);
        let is_property = |premise: &&Premise| matches!(premise.read, Read::Property(_));
        let own = |premise: &&Premise| premise.subject == subject;
        let first = premises
            .iter()
            .filter(own)
            .find(is_property)
            .or_else(|| premises.iter().find(own))
            .or_else(|| premises.iter().find(is_property))
            .or_else(|| premises.first());
        match first.and_then(|premise| Some((placed(premise)?, name(premise.read)))) {
            Some((origin, name)) => (origin, name.to_owned()),
            None => (self.model.home(subject), String::new()),
        }
    }

    fn pointed(&self, pointer: &Pointer<M>, near: Near) -> Option<Origin> {
        let at = self.rule.meta.at;
        let first = |premise: &Premise| premise.places.first().map(|place| place.origin);
        match pointer {
            Pointer::Property(path) if path.base.0 < self.bound.len() => {
                let reading = self.judge.read(path, self.bound, at);
                let reaches = |premise: &&Premise| match (premise.read, near) {
                    (Read::Property(_), _) | (Read::All(_), Near::Lack) => true,
                    (Read::All(_) | Read::Member(..) | Read::Existence, _) => false,
                };
                reading.cases.iter().find_map(|(_, premises)| premises.iter().find(reaches).and_then(first))
            }
            Pointer::Relation(path) if near == Near::Thing => self.listed(path),
            Pointer::Relation(path) if path.base.0 < self.bound.len() => {
                self.judge.reach(path, self.bound, at).all.premises.iter().find_map(first)
            }
            Pointer::Itself(_) if near == Near::Thing => self.itself(),
            Pointer::Property(_) | Pointer::Relation(_) | Pointer::Itself(_) => None,
        }
    }

    /// Where a relation says what it leads to, be it nothing: there something is missing, or too much.
    fn listed(&self, path: &RelationPath<M>) -> Option<Origin> {
        let (last, way) = path.hops.split_last()?;
        let start = self.bound.get(path.base.0).copied().flatten()?;
        let reached = self.judge.follow(start, way, self.rule.meta.at);
        let (from, _) = reached.members.iter().find(|(_, related)| related.truth == Truth::True)?;
        match self.judge.facts.related(last, *from).complete {
            Completeness::Complete(place) | Completeness::Presumed(place) => Some(place.origin),
            Completeness::Incomplete { place, .. } => Some(place.origin),
        }
    }

    /// What makes an element one; where a resource is written.
    fn itself(&self) -> Option<Origin> {
        let (owner, rule) = (self.bound.first().copied().flatten()?, self.rule);
        let Some(element) = self.bound.get(1).copied().flatten() else { return Some(self.model.home(owner)) };
        let reached = self.judge.follow(owner, &rule.subject.hops, rule.meta.at);
        let (_, related) = reached.members.into_iter().find(|(member, _)| *member == element)?;
        related.premises.iter().rev().find_map(|premise| premise.places.first()).map(|place| place.origin)
    }

    fn render(&self, template: &Template<M>) -> String {
        let mut text = String::new();
        for piece in &template.pieces {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Value(path) => text.push_str(&self.value(path)),
            }
        }
        text
    }

    fn value(&self, path: &PropertyPath<M>) -> String {
        let reading = self.judge.read(path, self.bound, self.rule.meta.at);
        if reading.open.is_some() {
            return "⟨unknown⟩".to_owned();
        }
        distinct(reading.cases.iter().map(|(fact, _)| describe::fact(fact))).join(" or ")
    }
}

const fn name(read: Read) -> &'static str {
    match read {
        Read::Property(name) | Read::Member(name, _) | Read::All(name) => name,
        Read::Existence => "condition",
    }
}

/// Every premise once for each of its places, then how the values came there.
fn evidence<M: Model>(model: &M, premises: &[Premise], primary: Origin, elsewhere: Elsewhere<'_>) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    let mut ways = Vec::new();
    for premise in premises {
        let property = name(premise.read);
        for place in &premise.places {
            let words = || describe::premise(premise, elsewhere);
            evidence.push(Evidence {
                span: place.origin.at,
                property: property.to_owned(),
                value: premise.value.as_ref().and_then(describe::datum),
                message: place.text.as_ref().map_or_else(words, ToString::to_string),
                role: Role::Because,
                presumed: premise.presumed,
            });
            ways.push((place.origin, property));
        }
    }
    ways.push((primary, ""));
    for (origin, property) in ways {
        let Some(trails) = model.trails(origin.trail.arena()) else { continue };
        for step in trails.steps(origin).filter(|step| step.at != origin.at) {
            evidence.push(Evidence {
                span: step.at,
                property: property.to_owned(),
                value: None,
                message: describe::step(step),
                role: Role::Context,
                presumed: false,
            });
        }
    }
    let mut seen = BTreeSet::new();
    evidence.retain(|item| {
        let premise = (item.role == Role::Because).then(|| item.property.clone());
        seen.insert((item.span, item.message.clone(), premise))
    });
    evidence.shrink_to_fit();
    evidence
}

/// A text without what tells the unknowns of two files apart, as the file may be renamed: the scopes of symbols
/// (`⟨parameters('name')@main.json⟩`), and the digests of long ones (`…#1f0c…`).
fn without_scopes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut characters = text.chars().peekable();
    let mut depth = 0_usize;
    while let Some(c) = characters.next() {
        match c {
            '⟨' => depth += 1,
            '⟩' => depth = depth.saturating_sub(1),
            '@' if depth > 0 => {
                while characters.next_if(|next| !matches!(next, '⟨' | '⟩')).is_some() {}
                continue;
            }
            '#' if out.ends_with('…') => {
                while characters.next_if(char::is_ascii_hexdigit).is_some() {}
                continue;
            }
            _ => {}
        }
        out.push(c);
    }
    out
}

/// Where a finding stands in a report.
pub(super) fn order(finding: &Finding) -> (Span, &str, &str, &str, &str) {
    (finding.location, &finding.rule, &finding.resource.address, &finding.resource.id, &finding.fingerprint)
}
