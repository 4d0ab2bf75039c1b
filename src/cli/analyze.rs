//! The stages between texts and findings, in a row.
//!
//! In: texts, and what the user asked for. Out: [`Analysis`]. Must not know: arguments, formats, exit codes.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use crate::catalog::CATALOG;
use crate::check::{self, Finding, OpenLevel, Outcome};
use crate::diag::Problem;
use crate::input::{Loaded, arm};
use crate::parallel;
use crate::report::{Redactions, RuleText};
use crate::rules::ast::Meta;
use crate::rules::{self, Selection};
use crate::source::{FileId, Sources, Span};

use super::Failure;
use super::deployed::{Deployed, Told};
use super::document::{self, Document, Shelf};
use super::environments;
use super::estate::{self, Estate, Seen};
use super::explain;
use super::given::Given;
use super::hidden;
use super::library::Library;
use super::modules::Modules;
use super::premises::Premises;
use super::scenarios::{self, Job, Judged};
use super::spots::Spots;
use super::stopwatch::Stopwatch;

/// One text to be looked at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// The text.
    pub file: FileId,
    /// The user named it, so it must be usable.
    pub explicit: bool,
    /// By their names, the parameter files of the template that it is.
    pub parameters: Vec<FileId>,
}

/// What the user asked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// How rules are judged.
    pub check: check::Options,
    /// Which rules are.
    pub selection: Selection,
    /// What is given beside the template.
    pub given: Given,
    /// What is said about the world beyond the input.
    pub premises: Premises,
    /// Parameters with a default value and few possible values are tried with each.
    pub explore: bool,
    /// What templates are deployed with, as the configuration says.
    pub environments: environments::Environments,
    /// The registry that dumps without a name of their own belong to.
    pub registry: Option<String>,
    /// The folder with the sources of plans; without it that in which a plan lies.
    pub source: Option<PathBuf>,
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
    /// What is worth knowing about the run, a sentence each.
    pub notes: Vec<String>,
    /// What the rules that were judged say of themselves.
    pub rules: Vec<RuleText>,
    /// How long each stage took; no report shows it.
    pub stages: Vec<(&'static str, Duration)>,
}

impl Analysis {
    /// Adds problems, each that is not there yet.
    pub fn add_problems(&mut self, problems: impl IntoIterator<Item = Problem>) {
        for problem in problems {
            if !self.problems.contains(&problem) {
                self.problems.push(problem);
            }
        }
    }
}

/// What a template or plan deploys.
#[derive(Debug)]
pub struct Expansion {
    /// The resources, and all complaints about content.
    pub loaded: Loaded,
    /// The text is an input of ours; else there is nothing to show.
    pub input: bool,
    /// Azure would refuse the template as written, or it cannot be read.
    pub refused: bool,
    /// What must not be shown.
    pub redactions: Redactions,
}

/// Texts to findings. The callback is told how many inputs are done; a failure is one of the user's arguments.
pub type Analyze = fn(&mut Sources, &[Input], &Options, &mut dyn FnMut(usize)) -> Result<Analysis, Failure>;

/// The stages that the command line calls; tests bring others.
pub struct Stages {
    /// Texts to findings.
    pub analyze: Analyze,
    /// What every rule says about itself, in the order of ids.
    pub rules: fn() -> Vec<Meta>,
    /// One text to what it deploys.
    pub expand: fn(&mut Sources, FileId, &Given) -> Expansion,
}

impl Default for Stages {
    fn default() -> Self {
        Self { analyze, rules, expand }
    }
}

/// So many texts are opened before somebody is told how many are done.
const AT_ONCE: usize = 128;

/// Reads the inputs, joins what belongs together, and judges it.
pub fn analyze(
    sources: &mut Sources,
    inputs: &[Input],
    options: &Options,
    done: &mut dyn FnMut(usize),
) -> Result<Analysis, Failure> {
    let watch = Stopwatch::start("read rules");
    let rule_files = rules::builtin::add(sources);
    let (rules, problems) = rules::load(&CATALOG, sources, &rule_files);
    let selected = rules.select(&options.selection).map_err(|unknown| {
        let hint = if unknown.near.is_none() { "; `acrlint rule` lists all rules" } else { "" };
        Failure::Usage(format!("{unknown}{hint}"))
    })?;
    let texts = selected.iter().map(|rule| explain::text(&rule.meta)).collect();
    let mut analysis = Analysis { problems, rules: texts, ..Analysis::default() };
    watch.begin("parse");
    let mut given = options.given.read(sources);
    given.context.cloud = options.premises.cloud;
    hidden::hide_given(&mut analysis.redactions, sources, &options.given, false);
    analysis.problems.extend(given.problems.iter().cloned());
    let library = Library::read(sources, inputs.iter().map(|input| input.file));
    let modules = Modules::read(sources, inputs, options.source.as_deref())?;
    analysis.problems.extend(modules.problems.iter().cloned());
    let sources = &*sources;
    hidden::hide_all(&mut analysis.redactions, sources, &modules.secrets);
    let registry = options.registry.as_deref();
    let alone = inputs.len() == 1;
    let shelf = Shelf { sources, library: &library, context: &given.context, registry, alone };
    let (mut templates, mut dumps) = open(&shelf, inputs, &mut analysis, done);
    let seen = Seen::of(&mut dumps);
    dumps.retain(Document::has_spots); // a large one holds a tree that nobody asks any more
    analysis.problems.extend(seen.problems.iter().cloned());
    for template in &mut templates {
        analysis.notes.extend(estate::place(template, &given.assignment, &seen));
    }
    watch.begin("judge");
    let deployed = Deployed { sources, options, given: &given };
    let estates = estate::group(templates.iter().collect());
    let judge = |estate: &Estate<'_>| {
        let mut told = Told::default();
        let environments = deployed.of(estate, &mut told);
        let job = Job {
            load: &|assignments| estate.load(&seen, assignments),
            choices: &|assignments| estate.choices(assignments, options.explore),
            rules: &selected,
            options: options.check,
            premises: &options.premises,
        };
        (scenarios::judge(&job, &environments), told)
    };
    let documents: Vec<&Document<'_>> = templates.iter().chain(&dumps).collect();
    let secrets = || documents.iter().map(|document| document.secrets()).collect::<Vec<_>>();
    let (secrets, outcomes) = if documents.iter().any(|document| document.has_many_secrets()) {
        parallel::both(secrets, || parallel::each(&estates, judge))
    } else {
        (secrets(), parallel::each(&estates, judge))
    };
    hidden::hide_all(&mut analysis.redactions, sources, &secrets);
    let (mut judged, told): (Vec<Judged>, Vec<Told>) = outcomes.into_iter().unzip();
    for Told { notes, problems, redactions } in told {
        analysis.notes.extend(notes);
        analysis.add_problems(problems);
        analysis.redactions.join(redactions);
    }
    hidden::hide_all(&mut analysis.redactions, sources, &seen.secrets);
    let files = seen.files.clone();
    if estates.is_empty() && !files.is_empty() {
        judged.push(scenarios::judge_seen(seen.into_joined(), &selected, options.check, &options.premises));
    }
    take(judged, &files, sources, &mut analysis);
    if options.check.open == OpenLevel::Ignore {
        analysis.findings.retain(|finding| finding.outcome != Outcome::Open);
    }
    let mut spots = Spots::of(templates.iter().chain(&dumps), &modules);
    analysis.findings.iter_mut().for_each(|finding| spots.name(finding));
    analysis.stages = watch.stages();
    Ok(analysis)
}

/// The texts that say what is to be deployed, and those that show what is there.
fn open<'a>(
    shelf: &Shelf<'a>,
    inputs: &'a [Input],
    analysis: &mut Analysis,
    done: &mut dyn FnMut(usize),
) -> (Vec<Document<'a>>, Vec<Document<'a>>) {
    let taken: BTreeSet<FileId> = inputs.iter().flat_map(|input| input.parameters.iter().copied()).collect();
    let elsewhere = shelf.library.deployed_by_others(inputs);
    let (mut templates, mut dumps) = (Vec::new(), Vec::new());
    for (batch, inputs) in inputs.chunks(AT_ONCE).enumerate() {
        let opened = parallel::each(inputs, |input| {
            let mut redactions = Redactions::new();
            (document::open(shelf, input, taken.contains(&input.file), &mut redactions), redactions)
        });
        for (input, (mut opened, redactions)) in inputs.iter().zip(opened) {
            analysis.redactions.join(redactions);
            opened.note(input.file, analysis);
            if let Some(document) = opened.document.filter(|document| !elsewhere.contains(&document.file)) {
                let kind = if document.is_intent() { &mut templates } else { &mut dumps };
                kind.push(document);
            }
        }
        done(batch * AT_ONCE + inputs.len());
    }
    (templates, dumps)
}

/// Makes one list of what was found in all estates. What is seen belongs to each of them, so it is only what it is where
/// none of them changes it.
fn take(judged: Vec<Judged>, seen: &BTreeSet<FileId>, sources: &Sources, analysis: &mut Analysis) {
    let mut registries = BTreeSet::new();
    let key =
        |finding: &Finding| (finding.rule.clone(), finding.outcome, finding.location, finding.fingerprint.clone());
    let shown = |finding: &Finding| seen.contains(&finding.location.file);
    // What one estate has is everywhere.
    let several = judged.iter().filter(|_| judged.len() > 1);
    let everywhere: Vec<BTreeSet<_>> =
        several.map(|judged| judged.findings.iter().filter(|finding| shown(finding)).map(key).collect()).collect();
    let mut told = BTreeSet::new();
    for judged in judged {
        hidden::hide_all(&mut analysis.redactions, sources, &judged.secrets);
        analysis.add_problems(judged.problems);
        registries.extend(judged.registries);
        let mut findings = judged.findings;
        findings.retain(|finding| {
            let mut new = || {
                let key = key(finding);
                everywhere.iter().all(|all| all.contains(&key)) && told.insert(key)
            };
            !shown(finding) || new()
        });
        // Of a large dump there are many, and these are all.
        if analysis.findings.is_empty() {
            analysis.findings = findings;
        } else {
            analysis.findings.extend(findings);
        }
        if !judged.untried.is_empty() {
            let names: Vec<String> = judged.untried.into_iter().collect();
            let names = names.join(", ");
            analysis.notes.push(format!("too many combinations, so not every value was tried of {names}"));
        }
    }
    analysis.registries = registries.len();
}

/// What the rules that come with the program say about themselves.
fn rules() -> Vec<Meta> {
    let mut sources = Sources::new();
    let files = rules::builtin::add(&mut sources);
    let (rules, _) = rules::load(&CATALOG, &sources, &files);
    rules.into_iter().map(|rule| rule.meta).collect()
}

/// Evaluates everything in one input.
pub fn expand(sources: &mut Sources, file: FileId, given: &Given) -> Expansion {
    let library = Library::read(sources, [file]);
    let sources = &*sources;
    let mut read = given.read(sources);
    let mut redactions = Redactions::new();
    let input = Input { file, explicit: true, parameters: Vec::new() };
    let shelf = Shelf { alone: false, sources, library: &library, context: &read.context, registry: None };
    let opened = document::open(&shelf, &input, true, &mut redactions);
    let mut problems = opened.problems;
    let Some(document) = opened.document.filter(Document::is_intent) else {
        if problems.iter().all(|problem| !problem.fatal) {
            let message = "this is no ARM template and no Bicep snapshot";
            let help = "name a template: it has \"$schema\", \"contentVersion\" and \"resources\"";
            problems.push(Problem::error("not-an-input", Span::new(file, 0, 0), message).with_help(help).fatal());
        }
        let loaded = Loaded { problems, ..Loaded::default() };
        return Expansion { loaded, input: false, refused: true, redactions };
    };
    problems.append(&mut read.problems);
    // Which values are secret the template says, if it can be read.
    hidden::hide_given(&mut redactions, sources, given, problems.iter().any(|problem| problem.fatal));
    let mut loaded = document.load(&read.assignment, 0, &|_| true);
    hidden::hide_all(&mut redactions, sources, [&loaded.secrets, &document.secrets()]);
    problems.append(&mut loaded.problems);
    let refused = arm::refused(&problems);
    loaded.problems = problems;
    Expansion { loaded, input: true, refused, redactions }
}
