//! One template under every assignment of its parameters that is to be judged.
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
use crate::check::{self, Case, Finding, OpenLevel, Outcome};
use crate::diag::{Level, Problem};
use crate::input::Loaded;
use crate::input::arm::{Assignment, Choice};
use crate::input::secrets::Places;
use crate::lower;
use crate::rules::Rule;
use crate::value::{Data, Value};

/// At most so many expansions find out which parameters matter.
const TRIALS: usize = 256;
/// At most so many combinations of the parameters that matter are judged.
const COMBINATIONS: usize = 64;

/// A template, and how it is judged.
pub struct Job<'a> {
    /// What it deploys under an assignment.
    pub load: &'a dyn Fn(&Assignment) -> Loaded,
    /// The parameters that an assignment leaves to be tried.
    pub choices: &'a dyn Fn(&Assignment) -> Vec<Choice>,
    /// The rules.
    pub rules: &'a [&'a Rule<Model>],
    /// How they are judged.
    pub options: check::Options,
}

/// What a template is deployed with.
#[derive(Clone, Debug, Default)]
pub struct Environment {
    /// How reports call it where there are several: the path of the parameter file.
    pub name: String,
    /// The values.
    pub assignment: Assignment,
}

/// What was found out about a template.
#[derive(Debug, Default)]
pub struct Judged {
    /// The findings, each with what it needs.
    pub findings: Vec<Finding>,
    /// What is wrong with the template and its parameter files, each once.
    pub problems: Vec<Problem>,
    /// The places of secrets.
    pub secrets: Vec<Places>,
    /// The registries of the template.
    pub registries: usize,
    /// Parameters that matter and were not tried together with the others.
    pub untried: BTreeSet<String>,
}

/// One expansion, judged.
struct Run {
    findings: Vec<Finding>,
    problems: Vec<Problem>,
    secrets: Places,
    registries: usize,
}

/// Judges a template in every environment; one without a name where there is no parameter file.
pub fn judge(job: &Job<'_>, environments: &[Environment]) -> Judged {
    let mut judged = Judged::default();
    let mut deployments = Vec::new();
    for environment in environments {
        let base = job.run(&environment.assignment);
        let cases = job.cases(&environment.assignment, &base, &mut judged.untried);
        let findings = if cases.is_empty() { base.findings } else { check::cases::merge(&cases, &base.findings) };
        let circumstances = [(PARAMETER_FILE.to_owned(), environment.name.clone())].into();
        deployments.push(Case { circumstances, findings });
        judged.problems.extend(base.problems);
        judged.secrets.push(base.secrets);
        judged.registries = judged.registries.max(base.registries);
    }
    judged.findings = check::cases::join(&deployments);
    if job.options.open == OpenLevel::Ignore {
        judged.findings.retain(|finding| finding.outcome != Outcome::Open);
    }
    judged.problems = distinct(judged.problems);
    judged
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
    fn run(&self, assignment: &Assignment) -> Run {
        let loaded = (self.load)(assignment);
        let lowered = lower::lower(loaded.resources);
        let registries = lowered.graph.registries.len();
        let model = Model::new(lowered.graph, vec![loaded.trails]);
        // What is left open shows which parameters matter, also where nobody wants to read of it.
        let open = match self.options.open {
            OpenLevel::Ignore => OpenLevel::At(Level::Note),
            OpenLevel::At(_) => self.options.open,
        };
        let options = check::Options { open, ..self.options };
        let findings = check::check(&model, &model, self.rules.iter().copied(), options);
        let problems = loaded.problems.into_iter().chain(lowered.problems).collect();
        Run { findings, problems, secrets: loaded.secrets, registries }
    }

    /// The cases that parameters without a value make; none where they do not matter.
    fn cases(&self, assignment: &Assignment, base: &Run, untried: &mut BTreeSet<String>) -> Vec<Case> {
        let mut trials = 0_usize;
        let mut matter: Vec<Choice> = Vec::new();
        let mut combinations = 1_usize;
        for choice in (self.choices)(assignment) {
            trials = trials.saturating_add(choice.members.len());
            if trials > TRIALS {
                untried.insert(choice.name.to_string());
                continue;
            }
            let mut possible = Vec::new();
            let mut differs = false;
            for member in &choice.members {
                let run = self.run(&with(assignment, &[(&choice, member)]));
                if !refused_by(&run, base) {
                    differs |= !same(&run.findings, &base.findings);
                    possible.push(member.clone());
                }
            }
            let more = combinations.saturating_mul(possible.len());
            match (differs, more <= COMBINATIONS) {
                (false, _) => {}
                (true, false) => _ = untried.insert(choice.name.to_string()),
                (true, true) => {
                    combinations = more;
                    matter.push(Choice { members: possible, ..choice });
                }
            }
        }
        if matter.is_empty() {
            return Vec::new();
        }
        let mut cases = Vec::new();
        for number in 0..combinations {
            let chosen = combination(&matter, number);
            let run = self.run(&with(assignment, &chosen));
            if !refused_by(&run, base) {
                let circumstances = chosen.iter().map(|(choice, member)| (choice.name.to_string(), words(member)));
                cases.push(Case { circumstances: circumstances.collect(), findings: run.findings });
            }
        }
        cases
    }
}

/// An assignment with more values.
fn with(assignment: &Assignment, chosen: &[(&Choice, &Value)]) -> Assignment {
    let mut assignment = assignment.clone();
    for (choice, member) in chosen {
        assignment.assign(choice.assigned(member));
    }
    assignment
}

/// One of the combinations of all values, by its number.
fn combination(choices: &[Choice], mut number: usize) -> Vec<(&Choice, &Value)> {
    let mut chosen = Vec::new();
    for choice in choices {
        let count = choice.members.len().max(1);
        chosen.extend(choice.members.get(number % count).map(|member| (choice, member)));
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
