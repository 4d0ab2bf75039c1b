//! What the users of a repository have decided, as far as this run takes it.
//!
//! In: `acrlint.json`, and the arguments that say the same. Out: [`Settings`]. Must not know: what becomes of them.

use std::path::Path;

use crate::config::{self, Config};
use crate::diag::Problem;
use crate::graph::Graph;
use crate::resource::ResourceId;
use crate::source::{FileId, Sources, Span, discover};
use crate::value::{Origin, Pattern};

use super::args::ConfigArguments;
use super::{Failure, files};

/// What is decided.
#[derive(Debug, Default)]
pub struct Settings {
    /// What is said about the world beyond the input.
    pub premises: Premises,
    /// The configuration file.
    pub file: Option<FileId>,
    /// What is wrong with it.
    pub problems: Vec<Problem>,
}

/// What is said about the world beyond the input.
#[derive(Clone, Debug, Default)]
pub struct Premises {
    /// Scopes of which the input shows everything.
    pub complete: Vec<(ResourceId, Origin)>,
    /// Types, in lower case, whose resources others deploy.
    pub managed_elsewhere: Vec<(String, Origin)>,
}

impl Premises {
    /// Makes them part of what is known.
    pub fn apply(&self, graph: &mut Graph) {
        for (scope, at) in &self.complete {
            graph.listings.add_everything(scope, *at);
        }
        graph.managed_elsewhere.extend(self.managed_elsewhere.iter().cloned());
    }
}

impl Settings {
    /// Reads the configuration that the arguments name, or the one of the repository around the current folder.
    pub fn gather(sources: &mut Sources, arguments: &ConfigArguments, complete: &[String]) -> Result<Self, Failure> {
        let mut settings = Self::default();
        let found = match (&arguments.config, arguments.no_config) {
            (Some(path), _) => Some(path.clone()),
            (None, true) => None,
            (None, false) => discover::upward(Path::new("."), config::FILE_NAME),
        };
        if let Some(path) = found {
            let (file, problem) = files::read(sources, &path).map_err(Failure::Read)?;
            let (config, problems) = config::read(sources, file);
            settings.file = Some(file);
            settings.problems = problem.into_iter().chain(problems).collect();
            settings.take(config);
        }
        for scope in complete {
            if let Some(error) = config::scope_error(scope) {
                return Err(Failure::Usage(format!("--complete: {error}")));
            }
            let file = sources.add("--complete", scope.as_str());
            let whole = Span::new(file, 0, u32::try_from(scope.len()).unwrap_or(u32::MAX));
            settings.premises.complete.push((id(scope), Origin::at(whole)));
        }
        Ok(settings)
    }

    fn take(&mut self, config: Config) {
        let Config { complete, managed_elsewhere } = config;
        self.premises.complete.extend(complete.into_iter().map(|scope| (id(&scope.value), Origin::at(scope.at))));
        let types = managed_elsewhere.into_iter().map(|ty| (ty.value.key().to_owned(), Origin::at(ty.at)));
        self.premises.managed_elsewhere.extend(types);
    }
}

fn id(scope: &str) -> ResourceId {
    ResourceId::new(Pattern::literal(scope))
}
