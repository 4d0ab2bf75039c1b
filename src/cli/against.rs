//! The other state of the same files: what it has is not reported again.
//!
//! In: a folder, and the findings of a run. Out: the findings that are new, those that were found before, and how many are
//! gone. Must not know: Git, rules.
//!
//! A file of the run has its counterpart at the same place below the folder: from the root of the repository on where the
//! folder is the root of a checkout, too, else from the current folder on, else from the one path that was asked for.

use std::path::{Path, PathBuf};

use crate::check::Finding;
use crate::report::{Suppressed, Suppression};
use crate::rules::Names;
use crate::source::{Sources, discover};

use super::args::CheckArguments;
use super::baseline::Known;
use super::exempt::{self, Bench};
use super::given::Given;
use super::settings::Settings;
use super::{Failure, Stages, check, files};

/// What the other state has.
pub struct Before {
    known: Known,
    /// What is worth knowing about it, a sentence each.
    pub notes: Vec<String>,
}

/// Folders whose files correspond to each other, the likelier ones first.
struct Counterparts {
    roots: Vec<(PathBuf, PathBuf)>,
}

impl Counterparts {
    fn new(other: &Path, paths: &[PathBuf]) -> Self {
        let mut roots = Vec::new();
        if discover::is_checkout(other)
            && let Some(root) = discover::repository(Path::new("."))
        {
            roots.push((root, other.to_path_buf()));
        }
        roots.extend(discover::real(Path::new(".")).map(|here| (here, other.to_path_buf())));
        if let [only] = paths {
            let folder = if discover::is_folder(only) { Some(only.as_path()) } else { only.parent() };
            roots.extend(folder.and_then(discover::real).map(|folder| (folder, other.to_path_buf())));
        }
        Self { roots }
    }

    /// Where a file or folder is in the other state; nothing where it is not.
    fn of(&self, path: &Path) -> Option<PathBuf> {
        let real = discover::real(path)?;
        self.roots.iter().find_map(|(here, there)| {
            let rest = real.strip_prefix(here).ok()?;
            let found = if rest.as_os_str().is_empty() { there.clone() } else { there.join(rest) };
            discover::real(&found).map(|_| found)
        })
    }
}

impl Before {
    /// Looks at the other state as the arguments say, with the rules that the settings choose.
    pub fn gather(
        stages: &Stages,
        arguments: &CheckArguments,
        settings: &Settings,
        names: &dyn Fn() -> Names,
        other: &Path,
    ) -> Result<Self, Failure> {
        if !discover::is_folder(other) {
            let name = discover::name(other);
            return Err(Failure::Usage(format!(
                "--against: there is no folder `{name}`; it takes a folder with the other state of the same files, which Git \
                 makes of a branch or commit: git worktree add ../other {name}, then --against ../other"
            )));
        }
        let counterparts = Counterparts::new(other, &arguments.paths);
        let mut there = arguments.clone();
        there.paths = arguments.paths.iter().filter_map(|path| counterparts.of(path)).collect();
        let mut notes = Vec::new();
        if there.paths.is_empty() {
            let name = discover::name(other);
            notes.push(format!("nothing of what was asked for is in {name}, so all that is found is new"));
            return Ok(Self { known: Known::default(), notes });
        }
        for path in there.template.parameters.iter_mut().chain(&mut there.template.context) {
            if let Some(found) = counterparts.of(path) {
                *path = found;
            }
        }
        let mut sources = Sources::new();
        there.config.config = settings.path.as_ref().map(|path| counterparts.of(path).unwrap_or_else(|| path.clone()));
        there.config.no_config |= there.config.config.is_none();
        let own = Settings::gather(&mut sources, &there, names)?;
        let gathered = files::gather(&mut sources, &there.paths, check::pairs(&there));
        let mut options = check::options(&there, &own);
        options.selection = settings.selection.clone();
        options.check.open = settings.open_level();
        options.given = Given::gather(&mut sources, &there.template)?;
        let analysis = (stages.analyze)(&mut sources, &gathered.inputs, &options, &mut |_| {})?;
        let mut problems = analysis.problems.iter().chain(&gathered.problems).chain(&own.problems);
        if problems.any(|problem| problem.fatal) {
            let name = discover::name(other);
            notes.push(format!("not all of {name} can be used, so some of what is found may not be new"));
        }
        let mut findings = analysis.findings;
        if settings.has_levels() {
            let bench = Bench { sources: &sources, names: &names(), judged: &[], paths: &[], today: &exempt::never };
            exempt::level(&bench, settings, &mut findings);
        }
        Ok(Self { known: Known::of(&findings), notes })
    }

    /// Takes out the findings that the other state has as well.
    pub fn silence(&self, findings: &mut Vec<Finding>, other: &Path) -> Vec<Suppressed> {
        let reason = format!("it is in {} as well", discover::name(other));
        let known = self.known.clone().take_from(findings);
        let suppressed = |finding| Suppressed { finding, kind: Suppression::Before, reason: reason.clone(), at: None };
        known.into_iter().map(suppressed).collect()
    }

    /// How many findings of the other state are no more.
    pub fn gone(&self, findings: &[Finding]) -> usize {
        let mut known = self.known.clone();
        known.take_from(&mut findings.to_vec());
        known.left()
    }
}
