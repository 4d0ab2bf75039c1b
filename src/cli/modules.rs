//! The sources of Terraform plans, read before anything is worked out.
//!
//! In: the inputs of a run. Out: [`Modules`]: for each plan what its sources say. Must not know: what is looked for in them.
//!
//! As with templates that link to others, only files inside of the project are read.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use crate::diag::{Level, Problem};
use crate::input::hcl::{self, Body};
use crate::input::secrets::Places;
use crate::input::terraform::written::{self, File, Module, Written};
use crate::json;
use crate::source::discover::{self, ReadError, Within};
use crate::source::{FileId, Sources};

use super::Failure;
use super::analyze::Input;

/// At most so many modules are read for a plan.
const MODULES: usize = 1_000;

/// The sources of the plans of a run.
#[derive(Debug, Default)]
pub struct Modules {
    /// Which of the sources belong to a plan.
    plans: BTreeMap<FileId, usize>,
    written: Vec<Written>,
    /// The user named the folder.
    named: bool,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
    /// What of them must not be shown.
    pub secrets: Vec<Places>,
}

impl Modules {
    /// Reads the sources of each plan: those of a folder that the user named, or else those that it lies among.
    pub fn read(sources: &mut Sources, inputs: &[Input], named: Option<&Path>) -> Result<Self, Failure> {
        let mut modules = Self { named: named.is_some(), ..Self::default() };
        let mut known: HashMap<PathBuf, usize> = HashMap::new();
        if let Some(folder) = named {
            if discover::names(folder).is_none() {
                let cause = std::io::Error::from(std::io::ErrorKind::NotFound);
                return Err(Failure::Read(ReadError { path: discover::name(folder), cause }));
            }
            if !has_sources(folder) {
                let message = format!("--source {}: there are no .tf files", discover::name(folder));
                return Err(Failure::Usage(message));
            }
        }
        for input in inputs {
            if !may_be_a_plan(sources.get(input.file).text()) {
                continue;
            }
            let own = || Path::new(sources.get(input.file).path()).parent().map(Path::to_path_buf);
            let Some(folder) = named.map(Path::to_path_buf).or_else(own) else { continue };
            let folder = if folder.as_os_str().is_empty() { PathBuf::from(".") } else { folder };
            let number = match known.get(&folder) {
                Some(number) => *number,
                None if has_sources(&folder) => {
                    let written = modules.gather(sources, &folder);
                    modules.written.push(written);
                    known.insert(folder, modules.written.len() - 1);
                    modules.written.len() - 1
                }
                None => continue,
            };
            modules.plans.insert(input.file, number);
        }
        Ok(modules)
    }

    /// The sources of a plan.
    pub fn of(&self, plan: FileId) -> Option<&Written> {
        self.written.get(*self.plans.get(&plan)?)
    }

    /// Reads the module in a folder, and those that it calls.
    fn gather(&mut self, sources: &mut Sources, root: &Path) -> Written {
        let mut folders = vec![root.to_path_buf()];
        let mut known: HashMap<PathBuf, usize> = discover::real(root).map(|real| (real, 0)).into_iter().collect();
        let mut written = Written::default();
        let Some(project) = discover::project(root) else { return written };
        while let Some(folder) = folders.get(written.modules.len()).cloned() {
            let mut module = self.module(sources, &project, &folder, written.modules.is_empty());
            for call in module.calls_mut() {
                let Some((path, at)) = call.source() else { continue };
                let problem = |code, message: String| Problem::note(code, at, message);
                match discover::within(&project, &folder, path, Path::is_dir) {
                    Within::Inside(inner) => {
                        let real = discover::real(&inner).unwrap_or_else(|| inner.clone());
                        if let Some(number) = known.get(&real) {
                            call.target = Some(*number);
                        } else if folders.len() < MODULES {
                            call.target = Some(folders.len());
                            known.insert(real, folders.len());
                            folders.push(inner);
                        }
                    }
                    Within::Outside => {
                        let message = format!("`{path}` leaves the project, so the module is not read");
                        let help = "run acrlint where both folders are below the current one, or in their repository";
                        self.problems.push(problem("terraform-module-outside", message).with_help(help));
                    }
                    Within::Missing => {
                        let message = format!("there is no folder `{path}` beside this module");
                        let help = "name the folder of the sources that the plan was made of: --source DIR";
                        self.problems.push(problem("terraform-module-missing", message).with_help(help));
                    }
                }
            }
            written.modules.push(module);
        }
        written
    }

    fn module(&mut self, sources: &mut Sources, project: &Path, folder: &Path, root: bool) -> Module {
        let names = discover::names(folder).unwrap_or_default();
        let mut files: Vec<File> = Vec::new();
        for name in names.iter().filter(|name| is_source(name) && !stands_aside(name, &names)) {
            files.extend(self.body(sources, (project, folder), name).map(|body| File { name: name.clone(), body }));
        }
        let given: Vec<Body> = if root {
            let names = variable_files(&names);
            names.into_iter().filter_map(|name| self.body(sources, (project, folder), name)).collect()
        } else {
            Vec::new()
        };
        self.secrets.push(written::secret_places(files.iter().map(|file| &file.body), given.iter()));
        Module::of(files, given)
    }

    /// What stands in a file.
    fn body(&mut self, sources: &mut Sources, (project, folder): (&Path, &Path), name: &str) -> Option<Body> {
        let shown = discover::name(&folder.join(name));
        let path = match discover::within(project, folder, name, Path::is_file) {
            Within::Inside(path) => path,
            Within::Outside => {
                self.refuse(format!("`{shown}` is a link that leaves the project, so it is not read"));
                return None;
            }
            Within::Missing => return None, // a folder, or a link that leads nowhere
        };
        let read = match discover::read(sources, &path) {
            Ok(read) => read,
            Err(error) => {
                self.refuse(error.to_string());
                return None;
            }
        };
        if let Some(bad) = read.malformed {
            let message = format!("the file is not {} from byte {} on", bad.encoding, bad.byte);
            self.problems.push(self.fall_back(Problem::warning("not-text", bad.span, message)));
            return None;
        }
        let file = read.file;
        let text = sources.get(file).text();
        if text.len() as u64 > discover::LARGE {
            self.refuse(format!("`{shown}` is larger than sources are, so it is not read"));
            return None;
        }
        if is_json(name) {
            let parsed = json::parse(file, text);
            let fatal = parsed.problems.into_iter().find(|problem| problem.fatal);
            if let Some(problem) = fatal {
                self.problems.push(self.fall_back(problem));
                return None;
            }
            let root = parsed.tree.root()?;
            return Some(if is_source(name) { hcl::read_json(root) } else { hcl::json_variables(root) });
        }
        match hcl::read(file, text) {
            Ok(body) => Some(body),
            Err(problem) => {
                self.problems.push(self.fall_back(problem));
                None
            }
        }
    }

    /// Says of a file that it is not read.
    fn refuse(&mut self, message: String) {
        let (code, level) = ("terraform-source", self.level());
        self.problems.push(Problem { code, level, message, labels: Vec::new(), help: None, fatal: false });
    }

    /// Sources that nobody named change nothing about what the run comes to.
    const fn level(&self) -> Level {
        if self.named { Level::Warning } else { Level::Note }
    }

    /// Says what comes of a file that cannot be read.
    fn fall_back(&self, problem: Problem) -> Problem {
        let help = "what is written in this file has its place in the plan instead; correct the file";
        Problem { level: self.level(), fatal: false, ..problem }.with_help(help)
    }
}

/// Whether a text may be a plan: it is asked before it is read.
fn may_be_a_plan(text: &str) -> bool {
    text.contains("\"planned_values\"") || text.contains("\"resource_changes\"")
}

fn has_sources(folder: &Path) -> bool {
    discover::names(folder).is_some_and(|names| names.iter().any(|name| is_source(name)))
}

/// Whether a file is one of a configuration, of Terraform or of `OpenTofu`.
fn is_source(name: &str) -> bool {
    const ENDINGS: [&str; 4] = [".tf", ".tf.json", ".tofu", ".tofu.json"];
    !name.starts_with('.') && !name.ends_with('~') && ENDINGS.iter().any(|ending| name.ends_with(ending))
}

fn is_json(name: &str) -> bool {
    Path::new(name).extension().is_some_and(|extension| extension == "json")
}

/// Whether `OpenTofu` takes another file of the same name instead, which is its own.
fn stands_aside(name: &str, names: &[String]) -> bool {
    let own = name
        .strip_suffix(".tf")
        .map(|stem| format!("{stem}.tofu"))
        .or_else(|| name.strip_suffix(".tf.json").map(|stem| format!("{stem}.tofu.json")));
    own.is_some_and(|own| names.contains(&own))
}

/// The files that give values to variables by themselves; a later one wins.
fn variable_files(names: &[String]) -> Vec<&String> {
    let named = ["terraform.tfvars", "terraform.tfvars.json"];
    let own = named.iter().filter_map(|wanted| names.iter().find(|name| name == wanted));
    let auto = |name: &&String| name.ends_with(".auto.tfvars") || name.ends_with(".auto.tfvars.json");
    own.chain(names.iter().filter(auto)).collect()
}
