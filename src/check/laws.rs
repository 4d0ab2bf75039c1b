//! The two laws of judging, over random worlds and random rules that use every form of the language.
//!
//! *Monotone*: forgetting never turns a yes into a no, or a no into a yes. *Sufficient*: forgetting everything that is
//! not a premise leaves the verdict as it is. And a judge that stops at the first reason why a rule is kept says the same of
//! all others.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::land::{self, CATALOG as LAND, Land, Random, place};
use super::{Conclusion, Existence, Finding, Judge, Model, Options, Proofs, Read, Verdict, World, check};
use crate::catalog::{self, CATALOG, Completeness, Datum, Fact, Facts, Kind, Property, Related, Relation, Subject};
use crate::diag::Role;
use crate::graph::NodeKind;
use crate::input::arm::{self, Assignment, Context};
use crate::input::{Format, dump, read, terraform};
use crate::lower;
use crate::resource::TypeName;
use crate::rules::{Rule, builtin, load};
use crate::source::{FileId, Sources};
use crate::value::{Reason, Symbol, Truth, Unknown};

/// A model of which some things are forgotten.
struct Forgetful<'a, M> {
    model: &'a M,
    forgets: &'a (dyn Fn(Read, Subject) -> bool + Sync),
    /// Members that are forgotten are not even listed, where the relation is not known to be complete either.
    drops: bool,
}

impl<M: Model> Facts<M> for Forgetful<'_, M> {
    fn property(&self, property: &'static Property<M>, subject: Subject) -> Fact {
        if !(self.forgets)(Read::Property(property.name), subject) {
            return Facts::property(self.model, property, subject);
        }
        let symbol = Symbol::new(format!("{} of {subject:?}", property.name), "forgotten");
        let datum = Datum::Unknown(Unknown::new(Reason::NotInInput, symbol).into());
        Fact { datum, defaulted: false, places: vec![place()] }
    }

    fn related(&self, relation: &'static Relation<M>, subject: Subject) -> Related {
        let mut related = Facts::related(self.model, relation, subject);
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

    fn all(&self, kind: &'static Kind<M>) -> Vec<Subject> {
        Facts::all(self.model, kind)
    }
}

fn verdicts<M: Model>(view: &Forgetful<'_, M>, rule: &Rule<M>, owner: Subject, world: World) -> Vec<Verdict> {
    proven(view, rule, owner, world, Proofs::Whole)
}

fn proven<M: Model>(
    view: &Forgetful<'_, M>,
    rule: &Rule<M>,
    owner: Subject,
    world: World,
    proofs: Proofs,
) -> Vec<Verdict> {
    let exists = |subject| {
        let existence = view.model.exists(subject);
        // What is deployed without condition has nothing to forget.
        let conditional = existence.truth != Truth::True || !existence.places.is_empty();
        if conditional && (view.forgets)(Read::Existence, subject) {
            return Existence { truth: Truth::Unknown, places: vec![place()] };
        }
        existence
    };
    Judge { facts: view, exists: &exists, world, proofs }.rule_on(rule, owner)
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
    let (rules, problems) = load(&LAND, &sources, &[file]);
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

fn laws<M: Model + std::fmt::Debug>(
    model: &M,
    rule: &Rule<M>,
    owner: Subject,
    world: World,
    random: &mut Random,
    tally: &mut Tally,
    text: &str,
) {
    let nothing = |_: Read, _: Subject| false;
    let whole = verdicts(&Forgetful { model, forgets: &nothing, drops: false }, rule, owner, world);
    let reported =
        proven(&Forgetful { model, forgets: &nothing, drops: false }, rule, owner, world, Proofs::OfFindings);
    assert_eq!(whole.len(), reported.len(), "{text}");
    for (whole, reported) in whole.iter().zip(&reported) {
        assert_eq!(whole.conclusion, reported.conclusion, "{text}\n{}", show(model, whole));
        let passes = kept(whole.conclusion) == Truth::True;
        assert!(passes || format!("{whole:?}") == format!("{reported:?}"), "{text}\n{}", show(model, whole));
    }
    let salt = random.next();
    let share = 1 + random.next() % 6;
    let some = move |read: Read, subject: Subject| land::hash(&(salt, read, subject)) % 7 < share;
    let less = verdicts(&Forgetful { model, forgets: &some, drops: random.below(2) == 0 }, rule, owner, world);
    for verdict in &whole {
        tally.cases += 1;
        let after = less.iter().find(|other| other.bound == verdict.bound);
        let (before, after) = (kept(verdict.conclusion), after.map_or(Truth::Unknown, |v| kept(v.conclusion)));
        assert!(
            after == Truth::Unknown || after == before,
            "forgetting made {before:?} {after:?}\n{text}\n{}",
            show(model, verdict)
        );
        if before == Truth::Unknown {
            tally.open += 1;
        } else {
            tally.decided += 1;
        }
        let premises: BTreeSet<(Read, Subject)> = verdict.premises.iter().map(|p| (p.read, p.subject)).collect();
        let other = |read: Read, subject: Subject| !premises.contains(&(read, subject));
        let rest = verdicts(&Forgetful { model, forgets: &other, drops: true }, rule, owner, world);
        let same = rest.iter().find(|other| other.bound == verdict.bound).map(|v| v.conclusion);
        // An element is there to be judged only while it is listed.
        let unlisted = same.is_none() && verdict.bound.len() > 1;
        assert!(
            same == Some(verdict.conclusion) || unlisted,
            "the premises of {:?} gave {same:?}\n{text}\n{}",
            verdict.conclusion,
            show(model, verdict)
        );
    }
}

fn show(model: &dyn std::fmt::Debug, verdict: &Verdict) -> String {
    let mut text = format!("{:?} {:?}\n", verdict.bound, verdict.conclusion);
    for premise in &verdict.premises {
        let _ = writeln!(text, "  {:?} of {:?}: {:?}", premise.read, premise.subject, premise.value);
    }
    let _ = writeln!(text, "{model:#?}");
    text
}

/// The laws for the rules that come with the program, over real templates, which lie beside the repository.
#[test]
fn the_laws_hold_for_the_built_in_rules_over_real_templates() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/arm");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        assert!(writeln!(std::io::stderr(), "NOT TESTED: {} is not there", folder.display()).is_ok());
        return;
    };
    let mut paths: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).collect();
    paths.retain(|path| path.metadata().is_ok_and(|file| file.len() < 200_000));
    paths.sort();
    over(&paths);
}

/// The same, over our own dumps and templates.
#[test]
fn the_laws_hold_for_the_built_in_rules_over_dumps() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut paths = Vec::new();
    let mut folders = vec![root.join("dumps"), root.join("equivalent")];
    let of_change = ["pe-removed-clients-remain", "acr-rule-removed-clients-remain", "pe-static-ip-blocks-georep"];
    folders.extend(of_change.map(|rule| root.join("rules").join(rule)));
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "json") {
                paths.push(path);
            }
        }
    }
    paths.sort();
    over(&paths);
}

fn over(paths: &[std::path::PathBuf]) {
    let mut sources = Sources::new();
    let files = builtin::add(&mut sources);
    let (rules, _) = load(&CATALOG, &sources, &files);
    let (mut random, mut tally) = (Random::new(9), Tally::default());
    for path in paths {
        let text = std::fs::read_to_string(path).expect("a text");
        let file = sources.add(path.to_string_lossy(), text);
        let text = read(file, sources.get(file).text());
        let (whole, format) = (!text.is_broken(), text.format);
        let trees: Vec<_> = text.documents.into_iter().map(|parsed| parsed.tree).collect();
        let known = |ty: &TypeName| NodeKind::of(ty).is_some();
        let loaded = match (format, trees.as_slice()) {
            (Format::Dump(_), trees) => dump::load(
                trees,
                dump::About { path: "", registry: None, beside: &dump::Beside::default(), whole, others: false },
                &known,
            ),
            (Format::Terraform(source), [tree, ..]) => {
                let about = terraform::About { path: "plan", arena: 0, subscription: None, whole };
                terraform::load(tree, source, about, &known)
            }
            (_, [tree, ..]) => arm::expand(tree, &Assignment::new(), &Context::default(), "main", 0, &known),
            (_, []) => continue,
        };
        let lowered = lower::lower_listed(loaded.resources, &loaded.listings);
        let before = (!loaded.before.is_empty()).then(|| lower::lower_listed(loaded.before, &[]).graph);
        let model = catalog::Model::new(lowered.graph, vec![loaded.trails]).with_before(before);
        for rule in rules.iter() {
            for owner in Facts::all(&model, rule.subject.kind) {
                let text = format!("{} {}", path.display(), rule.meta.id);
                laws(&model, rule, owner, World::Graded, &mut random, &mut tally, &text);
            }
        }
        let findings = check(&model, &model, rules.iter(), Options::default());
        for finding in &findings {
            sound(&sources, file, finding);
        }
    }
    assert!(tally.decided > 100, "{} verdicts were decided", tally.decided);
}

/// A finding has evidence, and points into the text that it is about.
fn sound(sources: &Sources, file: FileId, finding: &Finding) {
    let text = sources.get(file).text();
    assert!(finding.evidence.iter().any(|item| item.role == Role::Because), "{finding:?}");
    assert!(!finding.message.is_empty() && !finding.resource.address.is_empty(), "{finding:?}");
    for span in finding.evidence.iter().map(|item| item.span).chain([finding.location]) {
        assert_eq!(span.file, file, "{finding:?}");
        assert!(
            text.get(span.start as usize..span.end as usize).is_some_and(|t| !t.is_empty()),
            "{span:?} {finding:?}"
        );
    }
}
