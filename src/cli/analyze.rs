//! The stages between texts and findings, in a row.
//!
//! In: texts, and what the user asked for. Out: [`Analysis`]. Must not know: arguments, formats, exit codes.

use crate::check::finding::Finding;
use crate::diag::{Level, Problem};
use crate::report::Redactions;
use crate::source::{FileId, Sources};

use super::Failure;
use super::explain::RuleDoc;

/// One text to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The text.
    pub file: FileId,
    /// The user named it, so it must be usable.
    pub explicit: bool,
}

/// What the input does not declare.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum World {
    /// It is presumed not to exist around resources that the input manages, and not known otherwise.
    #[default]
    Graded,
    /// It may exist all the same.
    Open,
    /// It does not exist.
    Closed,
}

/// What the user asked for.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// The level of findings that are left undecided; nothing when they are not wanted.
    pub open: Option<Level>,
    /// What is thought of things that are not declared.
    pub world: World,
    /// Rules and sets that are wanted; empty for those that are on by default.
    pub select: Vec<String>,
    /// Rules and sets that are not wanted.
    pub ignore: Vec<String>,
}

/// What one text turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recognized {
    /// The text.
    pub file: FileId,
    /// The word for its format; nothing when it is no input of ours.
    pub format: Option<String>,
}

/// What was found out.
#[derive(Debug, Default)]
pub struct Analysis {
    /// The verdicts.
    pub findings: Vec<Finding>,
    /// The complaints about content.
    pub problems: Vec<Problem>,
    /// What each text turned out to be.
    pub files: Vec<Recognized>,
    /// What must not be shown.
    pub redactions: Redactions,
    /// Container registries, `existing` ones included.
    pub registries: usize,
}

/// What a template or plan deploys.
#[derive(Debug)]
pub struct Expansion {
    /// The resources, unknown values as objects that say why.
    pub document: serde_json::Value,
    /// The complaints about content.
    pub problems: Vec<Problem>,
    /// What must not be shown.
    pub redactions: Redactions,
}

/// Texts to findings. The callback is told how many inputs are done; a failure is one of the user's arguments.
pub type Analyze = fn(&mut Sources, &[Input], &Options, &mut dyn FnMut(usize)) -> Result<Analysis, Failure>;

/// The stages that the command line calls; tests bring others.
pub struct Stages {
    /// Texts to findings.
    pub analyze: Analyze,
    /// Everything that is known about every rule, in the order of ids.
    pub rules: fn() -> Vec<RuleDoc>,
    /// One text to what it deploys.
    pub expand: fn(&mut Sources, FileId) -> Expansion,
}

impl Default for Stages {
    fn default() -> Self {
        Self { analyze, rules: Vec::new, expand }
    }
}

/// Reads, joins and judges the inputs.
pub fn analyze(
    _sources: &mut Sources,
    inputs: &[Input],
    _options: &Options,
    done: &mut dyn FnMut(usize),
) -> Result<Analysis, Failure> {
    let files = inputs.iter().map(|input| Recognized { file: input.file, format: None }).collect();
    done(inputs.len());
    Ok(Analysis { files, ..Analysis::default() })
}

/// Evaluates everything in one input.
pub fn expand(_sources: &mut Sources, _file: FileId) -> Expansion {
    Expansion { document: serde_json::Value::Null, problems: Vec::new(), redactions: Redactions::new() }
}
