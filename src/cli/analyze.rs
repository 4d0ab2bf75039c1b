//! The stages between texts and findings, in a row.
//!
//! In: texts, and what the user asked for. Out: [`Analysis`]. Must not know: arguments, formats, exit codes.

use crate::catalog::{CATALOG, Model};
use crate::check::{self, Finding};
use crate::diag::Problem;
use crate::graph::NodeKind;
use crate::input::arm::{self, Wanted};
use crate::input::secrets::{self, Places};
use crate::input::{Format, Loaded, detect};
use crate::json::{self, Kind, Node, Tree};
use crate::lower;
use crate::report::Redactions;
use crate::resource::TypeName;
use crate::rules::ast::Meta;
use crate::rules::{self, Rule, Selection};
use crate::source::{FileId, Sources, Span};

use super::Failure;
use super::given::{Given, Read};

/// One text to be looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Input {
    /// The text.
    pub file: FileId,
    /// The user named it, so it must be usable.
    pub explicit: bool,
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
    for (number, input) in inputs.iter().enumerate() {
        one(sources, *input, &selected, &given, options.check, &mut analysis);
        done(number + 1);
    }
    Ok(analysis)
}

fn one(
    sources: &Sources,
    input: Input,
    rules: &[&Rule<Model>],
    given: &Read,
    options: check::Options,
    analysis: &mut Analysis,
) {
    let source = sources.get(input.file);
    let parsed = json::parse(input.file, source.text());
    let format = parsed.tree.root().map_or(Format::Other, detect);
    let word = match format {
        Format::ArmTemplate => Some("arm-template".to_owned()),
        Format::ArmParameters if input.explicit => Some("arm-parameters".to_owned()),
        Format::BicepSnapshot => Some("bicep-snapshot".to_owned()),
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
        analysis.problems.extend(parsed.problems);
    }
    analysis.files.push(Recognized { file: input.file, format: word });
    match format {
        Format::ArmTemplate | Format::BicepSnapshot => {}
        Format::ArmParameters if input.explicit && !broken => {
            let span = Span::new(input.file, 0, 0);
            let message = "a parameter file deploys nothing by itself";
            let help = "check the template that it belongs to; `acrlint expand TEMPLATE --parameters FILE` shows what it \
                        deploys with these values";
            analysis.problems.push(Problem::error("not-an-input", span, message).with_help(help).fatal());
            return;
        }
        Format::ArmParameters | Format::Other => return,
    }
    let known = |ty: &TypeName| NodeKind::of(ty).is_some();
    let loaded = load(format, &parsed.tree, given, source.path(), &known);
    hide_places(&mut analysis.redactions, sources, &loaded.secrets);
    analysis.problems.extend(loaded.problems);
    let lowered = lower::lower(loaded.resources);
    analysis.problems.extend(lowered.problems);
    analysis.registries += lowered.graph.registries.len();
    let model = Model::new(lowered.graph, vec![loaded.trails]);
    analysis.findings.extend(check::check(&model, &model, rules.iter().copied(), options));
}

/// The resources of a document.
fn load(format: Format, tree: &Tree<'_>, given: &Read, path: &str, wanted: Wanted<'_>) -> Loaded {
    let read = match format {
        Format::ArmTemplate => arm::expand,
        Format::BicepSnapshot => arm::snapshot,
        Format::ArmParameters | Format::Other => return Loaded::default(),
    };
    read(tree, &given.assignment, &given.context, path, 0, wanted)
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
    let sources = &*sources;
    let source = sources.get(file);
    let parsed = json::parse(file, source.text());
    let mut redactions = Redactions::new();
    let mut problems = parsed.problems;
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
    let mut loaded = load(format, &parsed.tree, &read, source.path(), &|_| true);
    hide_places(&mut redactions, sources, &loaded.secrets);
    problems.append(&mut loaded.problems);
    let refused = arm::refused(&problems);
    loaded.problems = problems;
    Expansion { loaded, input: true, refused, redactions }
}
