//! The texts of a run.
//!
//! In: the paths that the user named. Out: [`Gathered`]: texts to look at, and hints about sources that other tools must
//! compile first. Must not know: what the texts mean.

use std::collections::{BTreeMap, BTreeSet};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};

use crate::diag::{Level, Problem};
use crate::input::dump::sieve::Rows;
use crate::input::{Format, detect};
use crate::json;
use crate::parallel;
use crate::source::discover::{self, Candidate, Content, ReadError};
use crate::source::sift::Pace;
use crate::source::{FileId, Sources};

use super::analyze::Input;
use super::document::interest;
use super::pairs;

/// So many files are open at once at most.
const AT_ONCE: usize = 64;
/// So many Bicep files get a hint of their own.
const HINTS: usize = 3;

/// What the paths of a command line gave.
#[derive(Debug, Default)]
pub struct Gathered {
    /// The texts to look at, in the order of their paths.
    pub inputs: Vec<Input>,
    /// Paths that cannot be read, and texts that are not UTF-8.
    pub problems: Vec<Problem>,
    /// Files of the directories walked that are certainly no input.
    pub skipped: usize,
    /// Bicep files that nothing else stands for: path, and whether the user named it.
    pub bicep: Vec<(String, bool)>,
    /// Folders with Terraform sources, or sources that the user named.
    pub terraform: BTreeSet<String>,
}

/// Reads everything that the paths lead to. `pair`: also the parameter files that lie beside templates.
pub fn gather(sources: &mut Sources, paths: &[PathBuf], pair: bool) -> Gathered {
    let found = discover::discover(paths);
    let skipped = found.skipped.other + found.skipped.ignored + found.skipped.links;
    let mut gathered = Gathered { skipped, ..Gathered::default() };
    gathered.problems.extend(found.errors.iter().map(unreadable));
    let all: BTreeSet<&Path> = found.files.iter().map(|candidate| candidate.path.as_path()).collect();
    let mut wanted: Vec<(&Path, bool)> = Vec::new();
    // With the number of the input.
    let mut texts: BTreeMap<&Path, (FileId, usize)> = BTreeMap::new();
    for Candidate { path, explicit } in &found.files {
        let named = discover::name(path);
        match extension(path).as_str() {
            "bicep" if all.contains(path.with_extension("json").as_path()) => {}
            "bicep" => gathered.bicep.push((named, *explicit)),
            "tf" if *explicit => _ = gathered.terraform.insert(named),
            "tf" => _ = gathered.terraform.insert(path.parent().map(discover::name).unwrap_or_default()),
            _ => wanted.push((path.as_path(), *explicit)),
        }
    }
    for some in wanted.chunks(AT_ONCE) {
        let contents = parallel::each(some, |(path, _)| discover::content(path, discover::LARGE));
        for ((path, explicit), content) in some.iter().zip(contents) {
            match take(sources, path, content) {
                Ok((file, problem)) => {
                    texts.insert(path, (file, gathered.inputs.len()));
                    gathered.inputs.push(Input { file, explicit: *explicit, parameters: Vec::new() });
                    gathered.problems.extend(problem);
                }
                Err(error) => gathered.problems.push(unreadable(&error)),
            }
        }
    }
    if pair {
        let mut folders: BTreeMap<Option<&Path>, Vec<&str>> = BTreeMap::new();
        for path in &all {
            folders.entry(path.parent()).or_default().extend(path.file_name().and_then(OsStr::to_str));
        }
        for candidate in &found.files {
            let Some(&(_, number)) = texts.get(candidate.path.as_path()) else { continue };
            let mut beside = Vec::new();
            for path in parameter_files(candidate, &folders) {
                match texts.get(path.as_path()) {
                    Some((file, _)) => beside.push(*file),
                    // What cannot be read is no parameter file; nobody named it.
                    None => beside.extend(read(sources, &path).ok().map(|(file, _)| file)),
                }
            }
            if let Some(input) = gathered.inputs.get_mut(number) {
                input.parameters = beside;
            }
        }
    }
    gathered
}

/// The parameter files of a template by their names: of one that the user named, all beside it; of one of a folder, those
/// that the walk found too.
fn parameter_files(template: &Candidate, walked: &BTreeMap<Option<&Path>, Vec<&str>>) -> Vec<PathBuf> {
    let Some(name) = template.path.file_name().and_then(|name| name.to_str()) else { return Vec::new() };
    let siblings = if template.explicit { discover::siblings(&template.path) } else { Vec::new() };
    let names: Vec<&str> = siblings.iter().filter_map(|path| path.file_name()?.to_str()).collect();
    let walked = walked.get(&template.path.parent()).map(Vec::as_slice).unwrap_or_default();
    let mine = pairs::parameter_files(name, if template.explicit { &names } else { walked });
    mine.into_iter().map(|name| template.path.with_file_name(name)).collect()
}

/// The one parameter file that is the template's whatever the environment: `main.parameters.json` beside `main.json`.
pub fn own_parameter_file(sources: &mut Sources, template: &Path) -> Option<FileId> {
    let found = parameter_files(&Candidate { path: template.to_path_buf(), explicit: true }, &BTreeMap::new());
    let own = template.with_extension("parameters.json");
    let path = found.into_iter().find(|path| *path == own)?;
    let (file, problem) = read(sources, &path).ok()?;
    let parsed = json::parse(file, sources.get(file).text());
    parsed.tree.root().filter(|root| problem.is_none() && detect(*root) == Format::ArmParameters).map(|_| file)
}

/// Reads one text; it is kept, with a problem, even when its bytes are no text. Of a large dump the parts that matter are.
pub fn read(sources: &mut Sources, path: &Path) -> Result<(FileId, Option<Problem>), ReadError> {
    take(sources, path, discover::content(path, discover::LARGE))
}

/// As [`read`], of what is read already.
fn take(
    sources: &mut Sources,
    path: &Path,
    content: Result<Content, ReadError>,
) -> Result<(FileId, Option<Problem>), ReadError> {
    let read = discover::take(sources, path, content?, &mut Rows::new(&interest), Pace::default())?;
    let binary = is_binary_plan(sources.get(read.file).text());
    let problem = read.malformed.filter(|_| !binary).map(|bad| {
        let message = format!("the file is not {} from byte {} on", bad.encoding, bad.byte);
        Problem::error("not-text", bad.span, message).with_help("save the file as UTF-8").fatal()
    });
    Ok((read.file, problem))
}

/// Whether a text is a plan as `terraform plan -out` writes it: an archive with a `tfplan` in it.
pub fn is_binary_plan(text: &str) -> bool {
    text.starts_with("PK\u{3}\u{4}") && text.contains("tfplan")
}

impl Gathered {
    /// What to do with sources that only another tool can compile. `plan`: a plan is among the inputs.
    pub fn hints(&self, plan: bool) -> Vec<String> {
        let mut hints = Vec::new();
        let (named, walked): (Vec<_>, Vec<_>) = self.bicep.iter().partition(|(_, explicit)| *explicit);
        let shown = named.len().max(HINTS.min(self.bicep.len()));
        for (path, _) in named.iter().chain(&walked).take(shown) {
            let compiled = path.strip_suffix(".bicep").unwrap_or(path);
            hints
                .push(format!("{path} is Bicep; compile it to check it: bicep build {path} --outfile {compiled}.json"));
        }
        if self.bicep.len() > shown {
            hints.push(format!("{} more Bicep files are to be compiled in the same way", self.bicep.len() - shown));
        }
        if !plan && let Some(first) = self.terraform.first() {
            let more = match self.terraform.len() {
                1 => String::new(),
                n => format!(" (and {} more)", n - 1),
            };
            hints.push(format!(
                "{first}{more} holds Terraform sources, which were not checked; make a plan there and check that: \
                 terraform plan -out plan.tfplan && terraform show -json plan.tfplan > plan.json"
            ));
        }
        hints
    }
}

fn extension(path: &Path) -> String {
    path.extension().map(|ext| ext.to_string_lossy().to_lowercase()).unwrap_or_default()
}

fn unreadable(error: &ReadError) -> Problem {
    Problem {
        code: "unreadable",
        level: Level::Error,
        message: error.to_string(),
        labels: Vec::new(),
        help: None,
        fatal: true,
    }
}
