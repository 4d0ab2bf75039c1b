//! What the users of a repository have decided, as far as this run takes it.
//!
//! In: `acrlint.json` and what it extends, and the arguments that say the same. Out: [`Settings`]. Must not know: what
//! becomes of them.
//!
//! The command line wins over the file, and a file over the one that it extends: of a word, and of `select`, `ignore`,
//! `parameters` and each environment, the nearest holds; levels are laid over each other; everything else adds up.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use crate::check::{OpenLevel, World};
use crate::config::{self, Config, Exemption, ParameterFile, RuleLevel, Written};
use crate::diag::{Level, Problem};
use crate::resource::Cloud;
use crate::rules::{Names, Selection};
use crate::source::{FileId, Sources, Span, discover};

use super::args::{CheckArguments, FailOn, Open};
use super::environments::{Environments, GivenFile};
use super::premises::Premises;
use super::{Failure, files};

/// At most so many files extend each other.
const EXTENDED: usize = 32;

/// What is decided.
#[derive(Debug, Default)]
pub struct Settings {
    /// The path of the configuration.
    pub path: Option<PathBuf>,
    /// The configuration, before it what it extends.
    pub layers: Vec<Layer>,
    /// What is said about the world beyond the input.
    pub premises: Premises,
    /// The rules that are judged.
    pub selection: Selection,
    /// The rules were chosen by arguments, whatever levels the configuration gives them.
    pub chosen: bool,
    /// How the world beyond the input is taken.
    pub world: World,
    /// The level of what cannot be decided.
    pub open: Option<Level>,
    /// The lowest level that fails the run.
    pub fail_on: Option<Level>,
    /// What templates are deployed with.
    pub environments: Environments,
    /// What is wrong with the configuration.
    pub problems: Vec<Problem>,
}

/// One configuration file.
#[derive(Debug)]
pub struct Layer {
    /// Its text.
    pub file: FileId,
    /// The folder that its paths begin in.
    pub folder: PathBuf,
    /// What it says.
    pub config: Config,
}

impl Settings {
    /// Reads the configuration that the arguments name, or the one of the repository around the current folder.
    /// `names`: the rules that there are.
    pub fn gather(
        sources: &mut Sources,
        arguments: &CheckArguments,
        names: &dyn Fn() -> Names,
    ) -> Result<Self, Failure> {
        let mut settings = Self::default();
        let found = match (&arguments.config.config, arguments.config.no_config) {
            (Some(path), _) => Some(path.clone()),
            (None, true) => None,
            (None, false) => discover::upward(Path::new("."), config::FILE_NAME),
        };
        if let Some(path) = found {
            settings.read(sources, &path)?;
            settings.check_names(names);
            settings.path = Some(path);
        }
        settings.choose(arguments);
        settings.premises = Premises::gather(sources, &settings.layers, &arguments.complete)?;
        let by_arguments = !arguments.template.parameters.is_empty();
        if !by_arguments {
            settings.environments = settings.given_files(sources);
        }
        Ok(settings)
    }

    /// Reads a configuration and what it extends.
    fn read(&mut self, sources: &mut Sources, path: &Path) -> Result<(), Failure> {
        let mut next = Some((path.to_path_buf(), None::<Span>));
        let mut seen: Vec<PathBuf> = Vec::new();
        while let Some((path, asked)) = next.take() {
            let real = discover::real(&path).unwrap_or_else(|| path.clone());
            if let Some(at) = asked.filter(|_| seen.contains(&real) || seen.len() >= EXTENDED) {
                let message = "these configurations extend each other in a circle";
                self.problems.push(Problem::error("configuration", at, message).fatal());
                break;
            }
            let read = match (files::read(sources, &path), asked) {
                (Ok(read), _) => read,
                (Err(error), None) => return Err(Failure::Read(error)),
                (Err(error), Some(at)) => {
                    let help = "the path begins in the folder of this file";
                    let problem = Problem::error("configuration", at, error.to_string()).with_help(help);
                    self.problems.push(problem.fatal());
                    break;
                }
            };
            let (file, problem) = read;
            let (config, problems) = config::read(sources, file);
            self.problems.extend(problem.into_iter().chain(problems));
            let folder = folder_of(&path);
            next = config.extends.as_ref().map(|base| (folder.join(&base.value), Some(base.at)));
            seen.push(real);
            self.layers.insert(0, Layer { file, folder, config });
        }
        Ok(())
    }

    /// Complains about names that are no rules.
    fn check_names(&mut self, names: &dyn Fn() -> Names) {
        let mut words: Vec<&Written<String>> = Vec::new();
        for Config { select, ignore, levels, overrides, exemptions, .. } in self.configs() {
            words.extend(select.iter().chain(ignore).flatten());
            let levels = levels.iter().chain(overrides.iter().flat_map(|over| &over.levels));
            words.extend(levels.map(|level| &level.rules));
            words.extend(exemptions.iter().map(|exemption| &exemption.rules));
        }
        if words.is_empty() {
            return; // reading the rules for nothing would cost time
        }
        let names = names();
        let wrong = words.into_iter().filter_map(|word| Some((word.at, names.check(&word.value).err()?)));
        let problems: Vec<Problem> = wrong
            .map(|(at, unknown)| {
                let message = format!("there is no rule and no set `{}`", unknown.name);
                let help = match unknown.near {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`acrlint rule` lists all rules".to_owned(),
                };
                Problem::error("configuration", at, message).with_help(help).fatal()
            })
            .collect();
        self.problems.extend(problems);
    }

    fn choose(&mut self, arguments: &CheckArguments) {
        let own = |list: &[Written<String>]| list.iter().map(|word| word.value.clone()).collect::<Vec<_>>();
        let select = self.nearest(|config| config.select.as_deref()).map(|(_, list)| own(list));
        let ignore = self.nearest(|config| config.ignore.as_deref()).map(|(_, list)| own(list));
        self.chosen = !arguments.select.is_empty();
        self.selection = Selection {
            select: if self.chosen { arguments.select.clone() } else { select.unwrap_or_default() },
            ignore: if self.chosen || !arguments.ignore.is_empty() {
                arguments.ignore.clone()
            } else {
                ignore.unwrap_or_default()
            },
        };
        self.world = match (arguments.open_world, arguments.closed_world) {
            (true, _) => World::Open,
            (false, true) => World::Closed,
            (false, false) => World::Graded,
        };
        let open = self.nearest(|config| config.open.as_ref()).map(|(_, word)| word.value);
        self.open = open_by_hand(arguments).or(open).unwrap_or(Some(Level::Note));
        let fail_on = self.nearest(|config| config.fail_on.as_ref()).map(|(_, word)| word.value);
        self.fail_on = arguments.fail_on.map(FailOn::level).or(fail_on).unwrap_or(Some(Level::Warning));
    }

    /// The parameter files of the configuration.
    fn given_files(&mut self, sources: &mut Sources) -> Environments {
        let mut environments = Environments::default();
        let parameters = self.nearest(|config| (!config.parameters.is_empty()).then_some(&config.parameters));
        let mut wanted: Vec<(Option<String>, PathBuf, Vec<ParameterFile>)> = Vec::new();
        wanted.extend(parameters.map(|(layer, files)| (None, layer.folder.clone(), files.clone())));
        let mut named = BTreeSet::new();
        for layer in self.layers.iter().rev() {
            let news = layer.config.environments.iter().filter(|environment| named.insert(&environment.name.value));
            let take = |environment: &config::Environment| {
                (Some(environment.name.value.clone()), layer.folder.clone(), environment.files.clone())
            };
            wanted.extend(news.map(take));
        }
        for (name, folder, list) in wanted {
            let mut given = Vec::new();
            for ParameterFile { path, templates } in list {
                match files::read(sources, &folder.join(&path.value)) {
                    Ok((file, problem)) => {
                        self.problems.extend(problem);
                        let templates = templates.into_iter().map(|glob| glob.value).collect();
                        given.push(GivenFile { file, folder: folder.clone(), templates });
                    }
                    Err(error) => {
                        let help = "the path begins in the folder of this file";
                        let problem = Problem::error("configuration", path.at, error.to_string());
                        self.problems.push(problem.with_help(help).fatal());
                    }
                }
            }
            match name {
                Some(name) => environments.named.push((name, given)),
                None => environments.always = given,
            }
        }
        environments.named.sort_by(|a, b| a.0.cmp(&b.0));
        environments
    }

    /// The configurations, from what is extended to the nearest.
    pub fn configs(&self) -> impl Iterator<Item = &Config> {
        self.layers.iter().map(|layer| &layer.config)
    }

    /// What the nearest configuration says that says anything.
    pub fn nearest<'s, T>(&'s self, ask: impl Fn(&'s Config) -> Option<T>) -> Option<(&'s Layer, T)> {
        self.layers.iter().rev().find_map(|layer| Some((layer, ask(&layer.config)?)))
    }

    /// What becomes of verdicts that cannot be decided.
    pub fn open_level(&self) -> OpenLevel {
        self.open.map_or(OpenLevel::Ignore, OpenLevel::At)
    }

    /// The level that a rule has in a file, where one is set: nothing within for one that is off.
    pub fn level(
        &self,
        names: &Names,
        rule: &str,
        path: &mut dyn FnMut(&Path) -> Option<String>,
    ) -> Option<Option<Level>> {
        let last = |levels: &[RuleLevel]| {
            levels.iter().rev().find(|level| names.include(&level.rules.value, rule)).map(|level| level.level)
        };
        let mut found = None;
        for layer in &self.layers {
            found = last(&layer.config.levels).or(found);
            for over in &layer.config.overrides {
                let Some(level) = last(&over.levels) else { continue };
                let Some(path) = path(&layer.folder) else { continue };
                if over.paths.iter().any(|glob| glob.value.matches_path(&path)) {
                    found = Some(level);
                }
            }
        }
        found
    }

    /// Whether any level is set.
    pub fn has_levels(&self) -> bool {
        self.configs().any(|config| !config.levels.is_empty() || !config.overrides.is_empty())
    }

    /// The exemptions, each with the folder that its paths begin in.
    pub fn exemptions(&self) -> impl Iterator<Item = (&Path, &Exemption)> {
        self.layers
            .iter()
            .flat_map(|layer| layer.config.exemptions.iter().map(|exemption| (layer.folder.as_path(), exemption)))
    }

    /// The cloud that everything is in.
    pub fn cloud(&self) -> Option<Cloud> {
        self.nearest(|config| config.cloud.as_ref()).map(|(_, word)| word.value)
    }

    /// The files that were named, directly or by each other.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        let given = self.environments.files();
        self.layers.iter().map(|layer| layer.file).chain(given)
    }
}

/// What the arguments say of findings that cannot be decided.
pub fn open_by_hand(arguments: &CheckArguments) -> Option<Option<Level>> {
    if arguments.strict {
        return Some(Some(Level::Warning));
    }
    arguments.open.map(|open| match open {
        Open::Ignore => None,
        Open::Note => Some(Level::Note),
        Open::Warning => Some(Level::Warning),
        Open::Error => Some(Level::Error),
    })
}

impl FailOn {
    /// The lowest level that fails a run; nothing where none does.
    pub const fn level(self) -> Option<Level> {
        match self {
            Self::Error => Some(Level::Error),
            Self::Warning => Some(Level::Warning),
            Self::Note => Some(Level::Note),
            Self::Never => None,
        }
    }
}

fn folder_of(path: &Path) -> PathBuf {
    path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_path_buf()
}
