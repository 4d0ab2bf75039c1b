//! The stages between texts and findings, in a row.
//!
//! In: texts, and what the user asked for. Out: [`Analysis`]. Must not know: arguments, formats, exit codes.

use std::collections::BTreeSet;

use crate::catalog::{CATALOG, Model};
use crate::check::{self, Finding};
use crate::diag::Problem;
use crate::graph::NodeKind;
use crate::input::arm::links::Links;
use crate::input::arm::{self, Assignment, Choice};
use crate::input::secrets::{self, Places};
use crate::input::{Format, Loaded, detect};
use crate::json::{self, Kind, Node, Parsed, Tree};
use crate::report::Redactions;
use crate::resource::TypeName;
use crate::rules::ast::Meta;
use crate::rules::{self, Rule, Selection};
use crate::source::{FileId, Sources, Span};

use super::Failure;
use super::given::{Given, Read};
use super::library::Library;
use super::scenarios::{self, Environment, Job};

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
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Options {
    /// How rules are judged.
    pub check: check::Options,
    /// Which rules are.
    pub selection: Selection,
    /// What is given beside the template.
    pub given: Given,
    /// Parameters with a default value and few possible values are tried with each.
    pub explore: bool,
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

/// Reads and judges the inputs, each on its own.
pub fn analyze(
    sources: &mut Sources,
    inputs: &[Input],
    options: &Options,
    done: &mut dyn FnMut(usize),
) -> Result<Analysis, Failure> {
    let rule_files = rules::builtin::add(sources);
    let (rules, problems) = rules::load(&CATALOG, sources, &rule_files);
    let selected = rules.select(&options.selection).map_err(|unknown| Failure::Usage(unknown.to_string()))?;
    let mut analysis = Analysis { problems, ..Analysis::default() };
    let given = options.given.read(sources);
    hide_given(&mut analysis.redactions, sources, &options.given, false);
    analysis.problems.extend(given.problems.iter().cloned());
    let paired: BTreeSet<FileId> = inputs.iter().flat_map(|input| input.parameters.iter().copied()).collect();
    let library = Library::read(sources, inputs.iter().map(|input| input.file));
    let run = Run {
        sources,
        options,
        rules: &selected,
        given: &given,
        paired: &paired,
        library: &library,
        elsewhere: library.deployed_by_others(inputs),
    };
    for (number, input) in inputs.iter().enumerate() {
        run.one(input, &mut analysis);
        done(number + 1);
    }
    Ok(analysis)
}

/// What is the same for all inputs of a run.
struct Run<'a> {
    sources: &'a Sources,
    options: &'a Options,
    rules: &'a [&'a Rule<Model>],
    given: &'a Read,
    /// Files that are parameter files of an input.
    paired: &'a BTreeSet<FileId>,
    /// Files that inputs link to.
    library: &'a Library,
    /// Inputs that are judged where they are deployed, with the values that they are given there.
    elsewhere: BTreeSet<FileId>,
}

impl Run<'_> {
    fn one(&self, input: &Input, analysis: &mut Analysis) {
        let sources = self.sources;
        let source = sources.get(input.file);
        let parsed = json::parse(input.file, source.text());
        let format = parsed.tree.root().map_or(Format::Other, detect);
        let paired = self.paired.contains(&input.file);
        let word = match format {
            Format::ArmTemplate => Some("arm-template".to_owned()),
            Format::BicepSnapshot => Some("bicep-snapshot".to_owned()),
            Format::ArmParameters if input.explicit || paired => Some("arm-parameters".to_owned()),
            Format::ArmParameters | Format::Other => None,
        };
        let broken = parsed.problems.iter().any(|problem| problem.fatal);
        if let Some(root) = parsed.tree.root() {
            hide(&mut analysis.redactions, sources, root, format == Format::ArmParameters);
        }
        hide_near(&mut analysis.redactions, sources, &parsed.problems);
        let json = parsed.tree.root().is_some_and(|root| matches!(root.kind(), Kind::Object | Kind::Array));
        if broken && !json && !source.text().trim().is_empty() {
            let span = Span::new(input.file, 0, 0);
            analysis
                .problems
                .push(Problem::error("not-an-input", span, "this is no JSON, so it is no ARM template").fatal());
        } else {
            analysis.problems.extend(parsed.problems.iter().cloned());
        }
        analysis.files.push(Recognized { file: input.file, format: word });
        match format {
            Format::ArmTemplate | Format::BicepSnapshot => {}
            Format::ArmParameters if input.explicit && !broken && !paired => {
                let span = Span::new(input.file, 0, 0);
                let message = "a parameter file deploys nothing by itself";
                let help = "check the template that it belongs to; `acrlint expand TEMPLATE --parameters FILE` shows what it \
                        deploys with these values";
                analysis.problems.push(Problem::error("not-an-input", span, message).with_help(help).fatal());
                return;
            }
            Format::ArmParameters | Format::Other => return,
        }
        if self.elsewhere.contains(&input.file) {
            return;
        }
        let mut news = Vec::new();
        let linked = self.library.parsed(sources, input.file, &mut |problem| news.push(problem.clone()));
        for parsed in &linked {
            hide_parsed(&mut analysis.redactions, sources, parsed);
        }
        news.retain(|problem| !analysis.problems.contains(problem));
        analysis.problems.extend(news);
        let files = linked.iter().map(|parsed| (parsed.tree.file(), parsed)).chain([(input.file, &parsed)]).collect();
        let document = Document {
            format,
            tree: &parsed.tree,
            links: &self.library.links(&files),
            path: source.path(),
            given: self.given,
        };
        let known = |ty: &TypeName| NodeKind::of(ty).is_some();
        let job = Job {
            load: &|assignment| document.load(assignment, &known),
            choices: &|assignment| document.choices(assignment, self.options.explore),
            rules: self.rules,
            options: self.options.check,
        };
        let environments = self.environments(input, source.path(), analysis);
        let judged = scenarios::judge(&job, &environments);
        judged.secrets.iter().for_each(|places| hide_places(&mut analysis.redactions, sources, places));
        analysis.problems.extend(judged.problems);
        analysis.registries += judged.registries;
        analysis.findings.extend(judged.findings);
        if !judged.untried.is_empty() {
            let names: Vec<String> = judged.untried.into_iter().collect();
            let message = format!(
                "{}: too many combinations, so not every value was tried of {}",
                source.path(),
                names.join(", ")
            );
            analysis.notes.push(message);
        }
    }

    /// What a template is deployed with: what the user names, or else the parameter files beside it.
    fn environments(&self, input: &Input, path: &str, analysis: &mut Analysis) -> Vec<Environment> {
        let named = Environment { name: String::new(), assignment: self.given.assignment.clone() };
        if !self.options.given.parameters.is_empty() {
            return vec![named];
        }
        let mut environments = Vec::new();
        for &file in &input.parameters {
            let text = self.sources.get(file);
            let parsed = json::parse(file, text.text());
            hide_near(&mut analysis.redactions, self.sources, &parsed.problems);
            let Some(root) = parsed.tree.root().filter(|root| detect(*root) == Format::ArmParameters) else { continue };
            hide(&mut analysis.redactions, self.sources, root, false);
            let mut assignment = Assignment::new();
            assignment.read(root);
            self.given.assignment.iter().for_each(|typed| assignment.assign(typed.clone()));
            environments.push(Environment { name: text.path().to_owned(), assignment });
            analysis.problems.extend(parsed.problems);
        }
        if environments.is_empty() {
            return vec![named];
        }
        let names: Vec<&str> = environments.iter().map(|environment| environment.name.as_str()).collect();
        analysis.notes.push(format!("{path} was checked with {}", names.join(", and with ")));
        environments
    }
}

/// A text that says what is deployed.
struct Document<'a> {
    format: Format,
    tree: &'a Tree<'a>,
    /// The files to which it links.
    links: &'a Links<'a>,
    path: &'a str,
    given: &'a Read,
}

impl Document<'_> {
    /// Its resources, under an assignment of its parameters.
    fn load(&self, assignment: &Assignment, wanted: &dyn Fn(&TypeName) -> bool) -> Loaded {
        let Self { format, tree, links, path, given } = self;
        match format {
            Format::ArmTemplate => arm::expand_linked(tree, links, assignment, &given.context, path, 0, wanted),
            Format::BicepSnapshot => arm::snapshot(tree, assignment, &given.context, path, 0, wanted),
            Format::ArmParameters | Format::Other => Loaded::default(),
        }
    }

    /// Its parameters that can be tried.
    fn choices(&self, assignment: &Assignment, explore: bool) -> Vec<Choice> {
        match self.format {
            Format::ArmTemplate => arm::choices(self.tree, assignment, explore),
            Format::BicepSnapshot | Format::ArmParameters | Format::Other => Vec::new(),
        }
    }
}

/// Hides what is a secret in a document by itself. `given`: so are the values of a parameter file whose template is not
/// at hand, where they stand.
fn hide(redactions: &mut Redactions, sources: &Sources, root: Node<'_>, given: bool) {
    let mut places = secrets::places(root);
    if given {
        let given = secrets::given(root);
        places.names.extend(given.names.into_iter().chain(given.values));
    }
    hide_places(redactions, sources, &places);
}

/// Hides what is a secret in a document that another one deploys.
fn hide_parsed(redactions: &mut Redactions, sources: &Sources, parsed: &Parsed<'_>) {
    if let Some(root) = parsed.tree.root() {
        hide(redactions, sources, root, false);
    }
    hide_near(redactions, sources, &parsed.problems);
}

fn hide_places(redactions: &mut Redactions, sources: &Sources, places: &Places) {
    places.values.iter().for_each(|place| redactions.hide(sources, *place));
    places.names.iter().for_each(|place| redactions.hide_span(*place));
}

/// Hides what may be a secret around slips, after which a tree does not tell what belongs to what.
fn hide_near(redactions: &mut Redactions, sources: &Sources, problems: &[Problem]) {
    for label in problems.iter().filter(|problem| problem.fatal).flat_map(|problem| &problem.labels) {
        let text = sources.get(label.span.file).text();
        for place in secrets::near(text, label.span) {
            redactions.hide_span(place);
        }
    }
}

/// Hides the values in the files that are given beside a template; all of them where the template cannot be read.
fn hide_given(redactions: &mut Redactions, sources: &Sources, given: &Given, broken: bool) {
    for &file in given.parameters.iter().chain(given.context.as_ref()) {
        let read = json::parse(file, sources.get(file).text());
        hide_near(redactions, sources, &read.problems);
        if let Some(root) = read.tree.root() {
            hide(redactions, sources, root, broken);
        }
    }
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
    let source = sources.get(file);
    let parsed = json::parse(file, source.text());
    let mut redactions = Redactions::new();
    let mut problems = parsed.problems.clone();
    hide_near(&mut redactions, sources, &problems);
    let format = parsed.tree.root().map_or(Format::Other, detect);
    let input = matches!(format, Format::ArmTemplate | Format::BicepSnapshot);
    if let Some(root) = parsed.tree.root() {
        hide(&mut redactions, sources, root, format == Format::ArmParameters);
    }
    if !input {
        if problems.iter().all(|problem| !problem.fatal) {
            let message = "this is no ARM template and no Bicep snapshot";
            let help = "name a template: it has \"$schema\", \"contentVersion\" and \"resources\"";
            problems.push(Problem::error("not-an-input", Span::new(file, 0, 0), message).with_help(help).fatal());
        }
        let loaded = Loaded { problems, ..Loaded::default() };
        return Expansion { loaded, input: false, refused: true, redactions };
    }
    let mut read = given.read(sources);
    problems.append(&mut read.problems);
    // Which values are secret the template says, if it can be read.
    hide_given(&mut redactions, sources, given, problems.iter().any(|problem| problem.fatal));
    let linked = library.parsed(sources, file, &mut |problem| problems.push(problem.clone()));
    for parsed in &linked {
        hide_parsed(&mut redactions, sources, parsed);
    }
    let files = linked.iter().map(|parsed| (parsed.tree.file(), parsed)).chain([(file, &parsed)]).collect();
    let links = library.links(&files);
    let document = Document { format, tree: &parsed.tree, links: &links, path: source.path(), given: &read };
    let mut loaded = document.load(&read.assignment, &|_| true);
    hide_places(&mut redactions, sources, &loaded.secrets);
    problems.append(&mut loaded.problems);
    let refused = arm::refused(&problems);
    loaded.problems = problems;
    Expansion { loaded, input: true, refused, redactions }
}
