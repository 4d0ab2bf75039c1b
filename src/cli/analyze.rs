//! The stages between texts and findings, in a row.
//!
//! In: texts, and what the user asked for. Out: [`Analysis`]. Must not know: arguments, formats, exit codes.

use crate::catalog::{CATALOG, Model};
use crate::check::{self, Finding};
use crate::diag::Problem;
use crate::graph::NodeKind;
use crate::input::secrets::{self, Places};
use crate::input::{Format, Text, detect, read};
use crate::input::{arm, dump};
use crate::json::{self, Kind, Node};
use crate::lower;
use crate::report::{Redactions, expansion};
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
    /// The registry that dumps without a name of their own belong to.
    pub registry: Option<String>,
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
    /// The resources as JSON, unknown values as objects that say why, a line feed at its end.
    pub text: String,
    /// The complaints about content.
    pub problems: Vec<Problem>,
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
        one(sources, *input, &selected, &given, options, &mut analysis);
        done(number + 1);
    }
    Ok(analysis)
}

fn one(
    sources: &Sources,
    input: Input,
    rules: &[&Rule<Model>],
    given: &Read,
    options: &Options,
    analysis: &mut Analysis,
) {
    let source = sources.get(input.file);
    let text = read(input.file, source.text());
    let broken = text.is_broken();
    let Text { documents, format } = text;
    let word = match format {
        Format::ArmTemplate => Some("arm-template".to_owned()),
        Format::ArmParameters if input.explicit => Some("arm-parameters".to_owned()),
        // Of a list of nothing nobody can say that it is one of ours.
        Format::Dump(dump::Source::Empty) if !input.explicit => None,
        Format::Dump(source) => Some(source.word().to_owned()),
        Format::ArmParameters | Format::Other => None,
    };
    let roots = || documents.iter().filter_map(|parsed| parsed.tree.root());
    roots().for_each(|root| hide(&mut analysis.redactions, sources, root, format == Format::ArmParameters));
    for parsed in &documents {
        hide_near(&mut analysis.redactions, sources, &parsed.problems);
    }
    let json = roots().any(|root| matches!(root.kind(), Kind::Object | Kind::Array));
    let no_json = broken && !json && !source.text().trim().is_empty();
    let (trees, problems): (Vec<_>, Vec<_>) =
        documents.into_iter().map(|parsed| (parsed.tree, parsed.problems)).unzip();
    if no_json {
        let span = Span::new(input.file, 0, 0);
        let (code, message) = match format {
            Format::Dump(_) => ("dump-is-an-error", "this is no output but an error"),
            Format::ArmTemplate | Format::ArmParameters | Format::Other => {
                ("not-an-input", "this is no JSON, so it is no ARM template and no output of Azure's tools")
            }
        };
        analysis.problems.push(Problem::error(code, span, message).fatal());
    } else {
        analysis.problems.extend(problems.into_iter().flatten());
    }
    analysis.files.push(Recognized { file: input.file, format: word });
    let known = |ty: &TypeName| NodeKind::of(ty).is_some();
    let loaded = match (format, trees.as_slice()) {
        (Format::ArmTemplate, [tree, ..]) => {
            arm::expand(tree, &given.assignment, &given.context, source.path(), 0, &known)
        }
        (Format::Dump(_), trees) => {
            let registry = options.registry.as_deref();
            dump::load(trees, dump::About { path: source.path(), registry, whole: !broken }, &known)
        }
        (Format::ArmParameters, _) if input.explicit && !broken => {
            let span = Span::new(input.file, 0, 0);
            let message = "a parameter file deploys nothing by itself";
            let help = "check the template that it belongs to; `acrlint expand TEMPLATE --parameters FILE` shows what it \
                        deploys with these values";
            analysis.problems.push(Problem::error("not-an-input", span, message).with_help(help).fatal());
            return;
        }
        (Format::ArmTemplate | Format::ArmParameters | Format::Other, _) => return,
    };
    hide_places(&mut analysis.redactions, sources, &loaded.secrets);
    analysis.problems.extend(loaded.problems);
    let lowered = lower::lower_listed(loaded.resources, &loaded.listings);
    analysis.problems.extend(lowered.problems);
    analysis.registries += lowered.graph.registries.len();
    let model = Model::new(lowered.graph, vec![loaded.trails]);
    analysis.findings.extend(check::check(&model, &model, rules.iter().copied(), options.check));
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
    let template = format == Format::ArmTemplate;
    if let Some(root) = parsed.tree.root() {
        hide(&mut redactions, sources, root, format == Format::ArmParameters);
    }
    if !template {
        if problems.iter().all(|problem| !problem.fatal) {
            let message = "this is no ARM template";
            let help = "name a template: it has \"$schema\", \"contentVersion\" and \"resources\"";
            problems.push(Problem::error("not-an-input", Span::new(file, 0, 0), message).with_help(help).fatal());
        }
        return Expansion { text: String::new(), problems, refused: true, redactions };
    }
    let Read { assignment, context, problems: unread } = given.read(sources);
    problems.extend(unread);
    // Which values are secret the template says, if it can be read.
    hide_given(&mut redactions, sources, given, problems.iter().any(|problem| problem.fatal));
    let mut loaded = arm::expand(&parsed.tree, &assignment, &context, source.path(), 0, &|_| true);
    hide_places(&mut redactions, sources, &loaded.secrets);
    problems.append(&mut loaded.problems);
    let refused = arm::refused(&problems);
    loaded.problems = problems;
    let text = expansion::write(&loaded, sources, &redactions);
    Expansion { text, problems: loaded.problems, refused, redactions }
}
