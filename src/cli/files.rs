//! The texts of a run.
//!
//! In: the paths that the user named. Out: [`Gathered`]: texts to look at, and hints about sources that other tools must
//! compile first. Must not know: what the texts mean.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::diag::{Level, Problem};
use crate::source::{FileId, Sources, Span};

use super::analyze::Input;

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

/// Reads everything that the paths lead to.
pub fn gather(sources: &mut Sources, paths: &[PathBuf]) -> Gathered {
    let found = disk::discover(paths);
    let mut gathered = Gathered { skipped: found.skipped, ..Gathered::default() };
    for (path, reason) in found.errors {
        gathered.problems.push(unreadable(&path, &reason));
    }
    let all: BTreeSet<&PathBuf> = found.files.iter().map(|(path, _)| path).collect();
    for (path, explicit) in &found.files {
        match extension(path).as_str() {
            "bicep" if all.contains(&path.with_extension("json")) => {}
            "bicep" => gathered.bicep.push((shown(path), *explicit)),
            "tf" if *explicit => _ = gathered.terraform.insert(shown(path)),
            "tf" => _ = gathered.terraform.insert(path.parent().map(shown).unwrap_or_default()),
            _ => match read(sources, path) {
                Ok((file, problem)) => {
                    gathered.inputs.push(Input { file, explicit: *explicit });
                    gathered.problems.extend(problem);
                }
                Err(reason) => gathered.problems.push(unreadable(path, &reason)),
            },
        }
    }
    gathered
}

/// Reads one text; it is kept, with a problem, even when it is not wholly UTF-8.
pub fn read(sources: &mut Sources, path: &Path) -> Result<(FileId, Option<Problem>), String> {
    let (name, bytes) = disk::read(path)?;
    let (text, bad) = disk::decode(&bytes);
    let file = sources.add(name, text);
    let problem = bad.map(|at| {
        Problem::error("not-utf-8", Span::new(file, at, at + 1), "the file is neither UTF-8 nor UTF-16 from here on")
            .with_help("save the file as UTF-8")
            .fatal()
    });
    Ok((file, problem))
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
                "{first}{more} holds Terraform sources; make a plan to check them: terraform plan -out tfplan && \
                 terraform show -json tfplan > plan.json"
            ));
        }
        hints
    }
}

fn extension(path: &Path) -> String {
    path.extension().map(|ext| ext.to_string_lossy().to_lowercase()).unwrap_or_default()
}

/// A path with forward slashes.
fn shown(path: &Path) -> String {
    let text = path.to_string_lossy().replace('\\', "/");
    if text.is_empty() { ".".to_owned() } else { text }
}

fn unreadable(path: &Path, reason: &str) -> Problem {
    Problem {
        code: "unreadable",
        level: Level::Error,
        message: format!("{} cannot be read: {reason}", shown(path)),
        labels: Vec::new(),
        help: None,
        fatal: true,
    }
}

/// Interim: becomes `source::discover`.
mod disk {
    use std::io::Read as _;
    use std::path::{Path, PathBuf};

    #[derive(Default)]
    pub(super) struct Found {
        pub(super) files: Vec<(PathBuf, bool)>,
        pub(super) skipped: usize,
        pub(super) errors: Vec<(PathBuf, String)>,
    }

    pub(super) fn discover(paths: &[PathBuf]) -> Found {
        let mut found = Found::default();
        for path in paths {
            if path.as_os_str() == "-" || path.is_file() {
                found.files.push((path.clone(), true));
            } else if path.is_dir() {
                for entry in walkdir::WalkDir::new(path).sort_by_file_name().into_iter().flatten() {
                    let name = entry.path().strip_prefix(".").unwrap_or(entry.path());
                    match super::extension(name).as_str() {
                        _ if !entry.file_type().is_file() => {}
                        "json" | "jsonc" | "bicep" | "tf" => found.files.push((name.to_owned(), false)),
                        _ => found.skipped += 1,
                    }
                }
            } else {
                found.errors.push((path.clone(), "no such file or directory".to_owned()));
            }
        }
        found.files.sort();
        found
    }

    pub(super) fn read(path: &Path) -> Result<(String, Vec<u8>), String> {
        if path.as_os_str() == "-" {
            let mut bytes = Vec::new();
            std::io::stdin().read_to_end(&mut bytes).map_err(|e| e.to_string())?;
            return Ok(("<stdin>".to_owned(), bytes));
        }
        Ok((super::shown(path), std::fs::read(path).map_err(|e| e.to_string())?))
    }

    pub(super) fn decode(bytes: &[u8]) -> (String, Option<u32>) {
        match std::str::from_utf8(bytes) {
            Ok(text) => (text.to_owned(), None),
            Err(error) => {
                (String::from_utf8_lossy(bytes).into_owned(), Some(u32::try_from(error.valid_up_to()).unwrap_or(0)))
            }
        }
    }
}
