//! `acrlint check`: texts in, a report and an exit code out.
//!
//! In: arguments. Out: bytes. Must not know: how anything is found out.

use std::cell::OnceCell;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use crate::check::{self, Finding};
use crate::config::Date;
use crate::diag::{Level, Problem};
use crate::report::{self, FileReport, FileStatus, Format, Look, Report, Summary, Suppressed, Suppression};
use crate::rules::{Names, Selection};
use crate::source::{FileId, Source, Sources, Span, discover};

use super::against::Before;
use super::analyze::{Analysis, Input, Options};
use super::args::{CheckArguments, Color, ReportFormat};
use super::baseline;
use super::exempt::{self, Bench};
use super::files::{self, Gathered};
use super::given::Given;
use super::hidden;
use super::progress::Progress;
use super::settings::Settings;
use super::stopwatch::{self, Stopwatch};
use super::{Exit, Failure, Stages, Streams};

/// Runs the command.
pub fn check(
    stages: &Stages,
    arguments: &CheckArguments,
    color: Color,
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    let watch = Stopwatch::start("read files");
    let mut sources = Sources::new();
    let known = OnceCell::new();
    let names = || known.get_or_init(|| Names::of(&(stages.rules)())).clone();
    let gathered = files::gather(&mut sources, &arguments.paths, pairs(arguments));
    // Someone waits at a terminal, and nothing that is piped on is mixed with the bar.
    let watched = streams.err_terminal && (streams.out_width.is_some() || arguments.output_file.is_some());
    let mut progress = Progress::new(watched, gathered.inputs.len());
    let settings = Settings::gather(&mut sources, arguments, &names)?;
    let mut options = options(arguments, &settings);
    options.given = Given::gather(&mut sources, &arguments.template)?;
    if options.given.has_values() && gathered.inputs.len() > 1 {
        let message = "values of parameters belong to one template: name it alone beside --parameters or --parameter";
        return Err(Failure::Usage(message.to_owned()));
    }
    let broken = settings.problems.iter().any(|problem| problem.fatal);
    let before = match &arguments.against {
        Some(other) if !broken => Some((other, Before::gather(stages, arguments, &settings, &names, other)?)),
        Some(_) | None => None,
    };
    let known = match &arguments.baseline {
        Some(path) if !arguments.write_baseline => Some(files::read(&mut sources, path).map_err(Failure::Read)?),
        Some(_) | None => None,
    };
    if broken {
        options.selection = Selection::default(); // its words may be none, and that is said with their places
    }
    let analyzed = watch.within("analyze", || {
        (stages.analyze)(&mut sources, &gathered.inputs, &options, &mut |done| progress.done(done))
    });
    let mut analysis = analyzed?;
    progress.finish();
    let between = std::mem::take(&mut analysis.stages);
    let mut run = Run::new(&sources, gathered, analysis, arguments);
    run.explicit.extend(options.given.files().chain(settings.files()));
    run.analysis.problems.extend(settings.problems.iter().cloned());
    for layer in &settings.layers {
        hidden::hide_configuration(&mut run.analysis.redactions, &sources, layer);
    }
    run.accept(&settings, &names, arguments);
    let raw = before.as_ref().map(|_| run.found.clone());
    if let Some((file, problem)) = known {
        run.explicit.insert(file);
        run.analysis.problems.extend(problem);
        run.silence(file);
    }
    if let (Some((other, before)), Some(raw)) = (&before, raw) {
        let suppressed = before.silence(&mut run.analysis.findings, other);
        run.suppressed.extend(suppressed);
        run.gone = Some(before.gone(&raw));
        run.notes.extend(before.notes.iter().cloned());
    }
    if let Some(path) = arguments.baseline.as_deref().filter(|_| arguments.write_baseline) {
        write_whole(path, &baseline::text(&run.analysis.findings)).map_err(Failure::Write)?;
        let findings = std::mem::take(&mut run.analysis.findings);
        run.notes.push(format!("{} holds {} findings now", discover::name(path), findings.len()));
        let kind = Suppression::Baseline;
        let suppressed = |finding| Suppressed { finding, kind, reason: String::new(), at: None };
        run.suppressed.extend(findings.into_iter().map(suppressed));
    }
    watch.begin("write reports");
    let report = run.report();
    let text = report::write(&report, format(arguments.format), look(arguments, color, streams));
    for output in &arguments.output {
        let plain = Look { quiet: arguments.quiet, ..Look::default() };
        write_whole(&output.path, &report::write(&report, format(output.format), plain)).map_err(Failure::Write)?;
    }
    match &arguments.output_file {
        Some(path) => write_whole(path, &text).map_err(Failure::Write)?,
        None => streams.print(&text)?,
    }
    if arguments.statistics {
        streams.say(&report::statistics::write(&report))?;
    }
    if arguments.verbose {
        streams.say(&stopwatch::table(&replace(&watch.stages(), "analyze", between)))?;
    }
    Ok(run.exit(settings.fail_on))
}

/// Whether the parameter files beside templates are taken.
pub fn pairs(arguments: &CheckArguments) -> bool {
    arguments.template.parameters.is_empty() && !arguments.template.no_parameter_files
}

/// What day it is, by the clock of the system: the only place that looks at it.
#[expect(clippy::disallowed_methods, reason = "an exemption with an end is held against a day, and `--today` sets it")]
fn today() -> Date {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    Date::from_days(since.as_secs() / 86_400)
}

/// The stages of a run: those of the analysis stand where it stood.
fn replace(
    stages: &[(&'static str, Duration)],
    whole: &str,
    parts: Vec<(&'static str, Duration)>,
) -> Vec<(&'static str, Duration)> {
    let at = stages.iter().position(|(stage, _)| *stage == whole).unwrap_or(stages.len());
    let (before, after) = stages.split_at(at);
    before.iter().copied().chain(parts).chain(after.iter().skip(1).copied()).collect()
}

/// Writes a file that is never seen in part: what is at the path is replaced when all is written. What is no plain file,
/// such as a pipe, is written to as it is.
fn write_whole(path: &Path, text: &str) -> std::io::Result<()> {
    let replaceable = std::fs::symlink_metadata(path).map_or(true, |metadata| metadata.is_file());
    let Some(name) = path.file_name().filter(|_| replaceable) else { return std::fs::write(path, text) };
    let mut partial = name.to_owned();
    partial.push(format!(".{}.partial", std::process::id()));
    let partial = path.with_file_name(partial);
    let written = std::fs::write(&partial, text).and_then(|()| std::fs::rename(&partial, path));
    if written.is_err() {
        // Nothing is left behind; that the file cannot be written is what the user must know.
        let _ = std::fs::remove_file(&partial);
    }
    written
}

/// What is asked of the stages, but for what is given beside a template.
pub fn options(arguments: &CheckArguments, settings: &Settings) -> Options {
    Options {
        check: check::Options { world: settings.world, open: settings.open_level() },
        selection: settings.selection.clone(),
        given: Given::default(),
        registry: arguments.registry.clone(),
        premises: settings.premises.clone(),
        environments: settings.environments.clone(),
        explore: arguments.explore,
        source: arguments.source.clone(),
    }
}

const fn format(format: ReportFormat) -> Format {
    match format {
        ReportFormat::Human => Format::Human,
        ReportFormat::Json => Format::Json,
        ReportFormat::Concise => Format::Concise,
        ReportFormat::Sarif => Format::Sarif,
        ReportFormat::Junit => Format::Junit,
        ReportFormat::Github => Format::Github,
        ReportFormat::Gitlab => Format::Gitlab,
        ReportFormat::AzurePipelines => Format::AzurePipelines,
        ReportFormat::Checkstyle => Format::Checkstyle,
        ReportFormat::Markdown => Format::Markdown,
        ReportFormat::Ndjson => Format::Ndjson,
    }
}

fn look(arguments: &CheckArguments, color: Color, streams: &Streams<'_>) -> Look {
    let to_file = arguments.output_file.is_some();
    let color = streams.color(color) && !(to_file && color == Color::Auto);
    let width = streams.out_width.filter(|_| !to_file).unwrap_or(Look::default().width);
    let links = color && !to_file && streams.out_width.is_some() && supports_hyperlinks::supports_hyperlinks();
    Look { color, width, quiet: arguments.quiet, links }
}

/// Everything that one run found out.
struct Run<'a> {
    sources: &'a Sources,
    analysis: Analysis,
    explicit: BTreeSet<FileId>,
    files: Vec<FileReport>,
    skipped: usize,
    /// All findings, before any is taken out.
    found: Vec<Finding>,
    /// Findings that are accepted or known, and not reported.
    suppressed: Vec<Suppressed>,
    /// Findings of the other state that are no more, where there is one.
    gone: Option<usize>,
    notes: Vec<String>,
}

impl<'a> Run<'a> {
    fn new(sources: &'a Sources, gathered: Gathered, mut analysis: Analysis, arguments: &CheckArguments) -> Self {
        let plan = analysis.files.iter().any(|f| f.format.as_ref().is_some_and(|word| word.starts_with("terraform")));
        let mut notes = gathered.hints(plan);
        notes.append(&mut analysis.notes);
        let explicit = gathered.inputs.iter().filter(|i| i.explicit).map(|i| i.file).collect();
        let problems = gathered.problems.into_iter().chain(std::mem::take(&mut analysis.problems)).collect();
        let skipped = gathered.skipped;
        let mut run = Self {
            sources,
            analysis,
            explicit,
            files: Vec::new(),
            skipped,
            found: Vec::new(),
            suppressed: Vec::new(),
            gone: None,
            notes,
        };
        run.analysis.problems = problems;
        run.settle_files(&gathered.inputs);
        run.note_what_is_missing(arguments);
        run
    }

    /// Says of each text what became of it. What is no input of ours is a problem where the user named it, and is
    /// otherwise only counted, with all that might be said about it.
    fn settle_files(&mut self, inputs: &[Input]) {
        let mut strangers = BTreeSet::new();
        for input in inputs {
            let file = input.file;
            let format = self.analysis.files.iter().find(|f| f.file == file).and_then(|f| f.format.clone());
            let in_file = |p: &Problem| p.fatal && p.span().is_some_and(|span| span.file == file);
            let unusable = self.analysis.problems.iter().any(in_file);
            let status = match (&format, unusable) {
                (_, true) => FileStatus::Unusable,
                (Some(_), false) => FileStatus::Checked,
                (None, false) => FileStatus::NotInput,
            };
            if format.is_none() && !input.explicit {
                strangers.insert(file);
                self.skipped += 1;
                continue;
            }
            if status == FileStatus::NotInput {
                self.analysis.problems.push(stranger(file));
            }
            self.files.push(FileReport { path: self.sources.get(file).path().to_owned(), format, status });
        }
        self.analysis.problems.retain(|p| p.span().is_none_or(|span| !strangers.contains(&span.file)));
    }

    /// Gives findings the levels that users want, and takes out those that they accept.
    fn accept(&mut self, settings: &Settings, names: &dyn Fn() -> Names, arguments: &CheckArguments) {
        let marked = |source: &Source| source.text().contains("acrlint");
        let exempt = settings.exemptions().next().is_some()
            || self.sources.iter().any(|(file, source)| !settings.files().any(|own| own == file) && marked(source));
        if exempt || settings.has_levels() {
            let Analysis { findings, problems, rules, .. } = &mut self.analysis;
            let judged: Vec<&str> = rules.iter().map(|rule| rule.id.as_str()).collect();
            let today = || arguments.today.unwrap_or_else(today);
            let (names, paths) = (names(), arguments.paths.as_slice());
            let bench = Bench { sources: self.sources, names: &names, judged: &judged, paths, today: &today };
            exempt::level(&bench, settings, findings);
            if arguments.against.is_some() {
                self.found.clone_from(findings);
            }
            self.suppressed = exempt::accept(&bench, settings, findings, problems);
        } else if arguments.against.is_some() {
            self.found.clone_from(&self.analysis.findings);
        }
    }

    /// Leaves out what a baseline knows.
    fn silence(&mut self, file: FileId) {
        let (mut known, problems) = baseline::read(self.sources, file);
        self.analysis.problems.extend(problems);
        let path = self.sources.get(file).path();
        let (kind, reason) = (Suppression::Baseline, format!("it is in {path}"));
        let suppressed = |finding| Suppressed { finding, kind, reason: reason.clone(), at: None };
        self.suppressed.extend(known.take_from(&mut self.analysis.findings).into_iter().map(suppressed));
        let unused = known.left();
        if unused > 0 {
            self.notes.push(format!("{unused} entries of {path} are found no more; `--write-baseline` drops them"));
        }
    }

    fn note_what_is_missing(&mut self, arguments: &CheckArguments) {
        let checked: Vec<_> = self.files.iter().filter(|f| f.status == FileStatus::Checked).collect();
        match checked.as_slice() {
            [] if self.analysis.problems.iter().any(|p| p.fatal) => {}
            [] if arguments.allow_empty => self.notes.push("there is nothing to check".to_owned()),
            [] => self.analysis.problems.push(nothing(arguments)),
            [only] if self.analysis.registries == 0 => {
                self.notes.push(format!("there is no container registry in {}", only.path));
            }
            [..] if self.analysis.registries == 0 => {
                self.notes.push("there is no container registry in these files".to_owned());
            }
            [..] => {}
        }
    }

    fn report(&self) -> Report<'_> {
        let Analysis { findings, problems, redactions, registries, rules, .. } = &self.analysis;
        let files = self.files.len();
        let summary = Summary {
            files,
            registries: *registries,
            skipped: self.skipped,
            suppressed: self.suppressed.len(),
            gone: self.gone,
            ..Summary::default()
        };
        Report {
            findings,
            suppressed: &self.suppressed,
            problems,
            sources: self.sources,
            files: self.files.clone(),
            summary: summary.counting(findings, problems),
            notes: self.notes.clone(),
            redact: redactions,
            rules,
        }
    }

    fn exit(&self, fail_on: Option<Level>) -> Exit {
        let named = |p: &Problem| p.span().is_none_or(|span| self.explicit.contains(&span.file));
        if self.analysis.problems.iter().any(|p| p.fatal && named(p)) {
            return Exit::Unusable;
        }
        let Some(lowest) = fail_on else { return Exit::Clean };
        let findings = self.analysis.findings.iter().map(|f| f.level);
        let problems = self.analysis.problems.iter().map(|p| p.level);
        if findings.chain(problems).any(|level| level >= lowest) { Exit::Findings } else { Exit::Clean }
    }
}

/// What there is to check.
const INPUTS: &str = "inputs are ARM templates (JSON with \"$schema\", \"contentVersion\" and \"resources\"), Terraform plans \
                      and states (`terraform show -json`), and what Azure's tools print of resources, as JSON; also login \
                      events of Log Analytics (JSON, CSV), pods, hosts files, resolvers' forwarders and Docker's configuration";

fn stranger(file: FileId) -> Problem {
    Problem::error("not-an-input", Span::new(file, 0, 0), "this is no input of acrlint").with_help(INPUTS).fatal()
}

fn nothing(arguments: &CheckArguments) -> Problem {
    let paths: Vec<_> = arguments.paths.iter().map(|path| discover::name(path)).collect();
    Problem {
        code: "no-input",
        level: Level::Error,
        message: format!("there is nothing to check in {}", paths.join(", ")),
        labels: Vec::new(),
        help: Some(format!("{INPUTS}; `--allow-empty` accepts none")),
        fatal: true,
    }
}
