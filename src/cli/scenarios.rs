//! One estate under every assignment of its parameters that is to be judged.
//!
//! In: a [`Job`], and its parameter files. Out: [`Judged`]: the findings of each case, and what Azure refuses.
//! Must not know: arguments, how a finding is printed.
//!
//! A parameter without a value that can have few values is tried with each, if that changes what is found: first one
//! parameter at a time, then all that matter together, within limits. Values under which Azure would refuse the template
//! are left out.

use std::collections::BTreeSet;

use crate::catalog::Model;
use crate::check::finding::PARAMETER_FILE;
use crate::check::{self, Case, Finding, OpenLevel};
use crate::diag::{Level, Problem};
use crate::graph::Head;
use crate::input::arm::{Assignment, Choice};
use crate::input::secrets::Places;
use crate::lower;
use crate::rules::Rule;
use crate::source::Span;
use crate::value::{Data, Value};

use super::estate::Joined;
use super::premises::Premises;

/// At most so many expansions find out which parameters matter.
const TRIALS: usize = 256;
/// At most so many combinations of the parameters that matter are judged.
const COMBINATIONS: usize = 64;

/// Parameters that can be tried, each with the number of its template.
pub type Choices = Vec<(usize, Choice)>;

/// An estate, and how it is judged.
pub struct Job<'a> {
    /// What it holds under an assignment for each template.
    pub load: &'a dyn Fn(&[Assignment]) -> Joined,
    /// The parameters that are left to be tried, each with the number of its template.
    pub choices: &'a dyn Fn(&[Assignment]) -> Choices,
    /// The rules.
    pub rules: &'a [&'a Rule<Model>],
    /// How they are judged.
    pub options: check::Options,
    /// What is said about the world beyond the input.
    pub premises: &'a Premises,
}

/// What the templates of an estate are deployed with.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// How reports call it where there are several: the path of the parameter file.
    pub name: String,
    /// The values, for each template.
    pub assignments: Vec<Assignment>,
}

/// What was found out about an estate.
#[derive(Debug, Default)]
pub struct Judged {
    /// The findings, each with what it needs.
    pub findings: Vec<Finding>,
    /// What is wrong with the template and its parameter files, each once.
    pub problems: Vec<Problem>,
    /// The places of secrets.
    pub secrets: Vec<Places>,
    /// Where the registries are written.
    pub registries: BTreeSet<Span>,
    /// Parameters that matter and were not tried together with the others.
    pub untried: BTreeSet<String>,
}

/// One expansion, judged.
struct Run {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    secrets: Vec<Places>,
    registries: BTreeSet<Span>,
}

/// Judges what needs no assignment.
pub fn judge_seen(seen: Joined, rules: &[&Rule<Model>], options: check::Options, premises: &Premises) -> Judged {
    let (Run { findings, problems, secrets, registries }, model) = run_on(seen, rules, options, premises);
    leave(model);
    Judged { findings, problems: distinct(problems), secrets, registries, untried: BTreeSet::new() }
}

/// Of so many resources a graph is large.
const LARGE: usize = 1_000;

/// Gives a graph up that is judged once in a run: taking a large one apart would take longer than the end of the process
/// does.
fn leave(model: Model) {
    if check::Model::size(&model) > LARGE {
        std::mem::forget(model);
    }
}

/// Judges an estate in every environment; one without a name where there is no parameter file.
pub fn judge(job: &Job<'_>, environments: &[Environment]) -> Judged {
    let mut judged = Judged::default();
    let mut deployments = Vec::new();
    for environment in environments {
        let (base, model) = job.run(&environment.assignments);
        if environments.len() == 1 {
            leave(model);
        }
        let cases = job.cases(&environment.assignments, &base, &mut judged.untried);
        let findings = if cases.is_empty() { base.findings } else { check::cases::merge(&cases, &base.findings) };
        let circumstances = [(PARAMETER_FILE.to_owned(), environment.name.clone())].into();
        deployments.push(Case { circumstances, findings });
        judged.problems.extend(base.problems);
        judged.secrets.extend(base.secrets);
        judged.registries.extend(base.registries);
    }
    judged.findings = check::cases::join(&deployments);
    judged.problems = distinct(judged.problems);
    judged
}

fn run_on(mut joined: Joined, rules: &[&Rule<Model>], options: check::Options, premises: &Premises) -> (Run, Model) {
    joined.resources.extend(premises.clients.iter().cloned());
    let mut lowered = joined.lowered.unwrap_or_default().finish(joined.resources, &joined.listings);
    premises.apply(&mut lowered.graph);
    let before = (!joined.before.is_empty()).then(|| {
        let mut before = lower::lower_listed(joined.before, &joined.listings).graph;
        premises.apply(&mut before);
        before
    });
    let homes = |head: &Head| head.places.first().map(|places| places.whole);
    let registries = lowered.graph.registries.iter().filter_map(|node| homes(&node.head)).collect();
    let model = Model::new(lowered.graph, joined.trails).with_before(before);
    let findings = check::check(&model, &model, rules.iter().copied(), options);
    let problems = joined.problems.into_iter().chain(lowered.problems).collect();
    (Run { findings, problems, secrets: joined.secrets, registries }, model)
}

fn distinct(problems: Vec<Problem>) -> Vec<Problem> {
    let mut seen: Vec<Problem> = Vec::new();
    for problem in problems {
        if !seen.contains(&problem) {
            seen.push(problem);
        }
    }
    seen
}

impl Job<'_> {
    fn run(&self, assignments: &[Assignment]) -> (Run, Model) {
        // What is left open shows which parameters matter, also where nobody wants to read of it; the caller drops it.
        let open = match self.options.open {
            OpenLevel::Ignore => OpenLevel::At(Level::Note),
            OpenLevel::At(_) => self.options.open,
        };
        run_on((self.load)(assignments), self.rules, check::Options { open, ..self.options }, self.premises)
    }

    /// The cases that parameters without a value make; none where they do not matter.
    fn cases(&self, assignments: &[Assignment], base: &Run, untried: &mut BTreeSet<String>) -> Vec<Case> {
        let mut trials = 0_usize;
        let mut matter = Choices::new();
        let mut combinations = 1_usize;
        for (template, choice) in (self.choices)(assignments) {
            trials = trials.saturating_add(choice.members.len());
            if trials > TRIALS {
                untried.insert(choice.name.to_string());
                continue;
            }
            let mut possible = Vec::new();
            let mut differs = false;
            for member in &choice.members {
                let (run, _) = self.run(&with(assignments, &[(template, &choice, member)]));
                if !refused_by(&run, base) {
                    differs |= !same(&run.findings, &base.findings);
                    possible.push(member.clone());
                }
            }
            let more = combinations.saturating_mul(possible.len().max(1));
            match (differs, more <= COMBINATIONS) {
                (false, _) => {}
                (true, false) => _ = untried.insert(choice.name.to_string()),
                (true, true) => {
                    combinations = more;
                    matter.push((template, Choice { members: possible, ..choice }));
                }
            }
        }
        if matter.is_empty() {
            return Vec::new();
        }
        let mut cases = Vec::new();
        for number in 0..combinations {
            let chosen = combination(&matter, number);
            let (run, _) = self.run(&with(assignments, &chosen));
            if !refused_by(&run, base) {
                let circumstances = chosen.iter().map(|(_, choice, member)| (choice.name.to_string(), words(member)));
                cases.push(Case { circumstances: circumstances.collect(), findings: run.findings });
            }
        }
        cases
    }
}

/// A value of a parameter of a template.
type Chosen<'c> = (usize, &'c Choice, &'c Value);

/// Assignments with more values.
fn with(assignments: &[Assignment], chosen: &[Chosen<'_>]) -> Vec<Assignment> {
    let mut assignments = assignments.to_vec();
    for (template, choice, member) in chosen {
        if let Some(assignment) = assignments.get_mut(*template) {
            assignment.assign(choice.assigned(member));
        }
    }
    assignments
}

/// One of the combinations of all values, by its number.
fn combination(choices: &[(usize, Choice)], mut number: usize) -> Vec<Chosen<'_>> {
    let mut chosen = Vec::new();
    for (template, choice) in choices {
        let count = choice.members.len().max(1);
        chosen.extend(choice.members.get(number % count).map(|member| (*template, choice, member)));
        number /= count;
    }
    chosen
}

/// Whether Azure refuses what it would not refuse without these values.
fn refused_by(run: &Run, base: &Run) -> bool {
    let errors = |run: &Run| run.problems.iter().filter(|problem| problem.level == Level::Error).count();
    errors(run) > errors(base)
}

fn same(a: &[Finding], b: &[Finding]) -> bool {
    let set = |findings| check::cases::identities(findings).into_iter().collect::<BTreeSet<_>>();
    set(a) == set(b)
}

/// A value as a person says it.
fn words(value: &Value) -> String {
    match &value.data {
        Data::Bool(flag) => flag.to_string(),
        Data::Int(number) => number.to_string(),
        Data::String(text) if text.is_empty() => "''".to_owned(),
        Data::String(text) => text.to_string(),
        _ => "?".to_owned(),
    }
}
