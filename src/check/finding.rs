//! A verdict that a person should see.
//!
//! In: judgements. Out: [`Finding`], owned and totally ordered. Must not know: how it is printed.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::diag::{Level, Role};
use crate::source::Span;

/// Violation, or not decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Outcome {
    /// The rule is broken.
    Violation,
    /// What is known does not decide it.
    Open,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// Every premise is written in the input.
    Proven,
    /// A premise is that something does not exist because this input does not declare it.
    Presumed,
}

/// The resource that a finding is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceRef {
    /// What the user calls it.
    pub address: String,
    /// Its id, holes shown as `⟨…⟩`.
    pub id: String,
    /// Its full type.
    pub ty: String,
    /// Its full name.
    pub name: String,
}

/// One premise.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Evidence {
    /// Where it stands.
    pub span: Span,
    /// The property or relation, in rule words (`networkRuleSet.defaultAction`).
    pub property: String,
    /// The value, for a person; `None` for a secret or where there is none.
    pub value: Option<String>,
    /// What it shows.
    pub message: String,
    /// Premise or mere origin of a value.
    pub role: Role,
    /// It is only presumed (something is not declared here).
    pub presumed: bool,
}

/// What stands for the parameter file among the circumstances of a finding; no parameter has this name.
pub const PARAMETER_FILE: &str = "--parameters";

/// A verdict that a person should see.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule's id.
    pub rule: String,
    /// Violation or open.
    pub outcome: Outcome,
    /// Proven or presumed.
    pub certainty: Certainty,
    /// After demotion of presumed errors, `--open` and `--strict`.
    pub level: Level,
    /// One sentence.
    pub message: String,
    /// Which resource; findings about one in a row share this.
    pub resource: Arc<ResourceRef>,
    /// The place to edit.
    pub location: Span,
    /// Where the resource is declared, as a whole.
    pub declared: Vec<Span>,
    /// Because of these.
    pub evidence: Vec<Evidence>,
    /// What to do.
    pub help: Option<String>,
    /// What it needs: values of parameters by their names, and the parameter file under [`PARAMETER_FILE`]; empty where
    /// it holds whatever they are. Several values that will do are one text: `Basic or Standard`.
    pub when: BTreeMap<String, String>,
    /// For an open finding: what is not known, as its message says.
    pub unknown: Vec<String>,
    /// For an open finding: the inputs that would decide it.
    pub settle: Vec<String>,
    /// Stable when lines move: from rule, resource and property.
    pub fingerprint: String,
}

impl Finding {
    /// What it needs, for a person: `with main.dev.parameters.json, when sku is Basic or Standard and zones is false`.
    pub fn circumstances(&self) -> Option<String> {
        circumstances(&self.when)
    }

    /// Whether it leaves something open about a resource for the sake of what is no part of that.
    fn is_open_elsewhere(&self) -> bool {
        let within = || self.declared.iter().any(|declared| declared.contains(self.location));
        self.outcome == Outcome::Open && !within()
    }

    /// The same for the same finding wherever its lines move and its files lie, and another one for other circumstances.
    pub fn identity(&self) -> String {
        let mut anywhere = self.when.clone();
        if let Some(file) = anywhere.get_mut(PARAMETER_FILE) {
            let names = file.split(' ').map(|word| word.rsplit('/').next().unwrap_or(word));
            *file = names.collect::<Vec<_>>().join(" ");
        }
        match circumstances(&anywhere) {
            Some(only) => super::digest(&[&self.fingerprint, &only]),
            None => self.fingerprint.clone(),
        }
    }
}

/// The findings of one rule, in the order in which its subjects were judged.
#[derive(Debug, Default)]
pub(super) struct Findings {
    found: Vec<Finding>,
    /// Where those of the last resource begin.
    last: usize,
}

impl Findings {
    /// Adds one. Where it leaves open what an earlier one does, that tells of its places too: of a registry that any
    /// cluster may pull from, one finding is enough.
    pub(super) fn push(&mut self, mut finding: Finding) {
        match self.found.last() {
            Some(last) if last.resource == finding.resource => finding.resource = Arc::clone(&last.resource),
            Some(_) | None => self.last = self.found.len(),
        }
        let mut of_resource = self.found.iter_mut().skip(self.last).filter(|_| finding.is_open_elsewhere());
        match of_resource.find(|earlier| earlier.is_open_elsewhere() && earlier.message == finding.message) {
            Some(earlier) => {
                add(&mut earlier.evidence, finding.evidence);
                add(&mut earlier.settle, finding.settle);
            }
            None => self.found.push(finding),
        }
    }

    /// All of them, in no more room than they need.
    pub(super) fn into_vec(mut self) -> Vec<Finding> {
        self.found.shrink_to_fit();
        self.found
    }
}

fn add<T: PartialEq>(all: &mut Vec<T>, more: Vec<T>) {
    for one in more {
        if !all.contains(&one) {
            all.push(one);
        }
    }
}

fn circumstances(when: &BTreeMap<String, String>) -> Option<String> {
    let file = when.get(PARAMETER_FILE).map(|file| format!("with {file}"));
    let values = when.iter().filter(|(name, _)| *name != PARAMETER_FILE);
    let values: Vec<_> = values.map(|(name, value)| format!("{name} is {value}")).collect();
    let values = (!values.is_empty()).then(|| format!("when {}", values.join(" and ")));
    let parts: Vec<String> = file.into_iter().chain(values).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}
