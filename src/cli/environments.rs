//! What templates are deployed with, as a configuration says: parameter files, and the environments that they belong to.
//!
//! In: parameter files, and the templates of a run. Out: an assignment for each environment of a template.
//! Must not know: how files are found, what is judged.

use std::path::{Path, PathBuf};

use crate::config::glob::Glob;
use crate::diag::Problem;
use crate::input::arm::Assignment;
use crate::input::{Format, detect};
use crate::json;
use crate::report::Redactions;
use crate::source::{FileId, Sources, Span, discover};

use super::document::Document;
use super::hidden;

/// A parameter file of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GivenFile {
    /// Its text.
    pub file: FileId,
    /// The folder that its patterns begin in.
    pub folder: PathBuf,
    /// The templates that it belongs to; without any, those that declare one of its parameters.
    pub templates: Vec<Glob>,
}

/// The environments of a configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Environments {
    /// Files that are taken in every environment.
    pub always: Vec<GivenFile>,
    /// The environments by name, and the files of each.
    pub named: Vec<(String, Vec<GivenFile>)>,
}

/// What was read of the parameter files for one template.
#[derive(Debug, Default)]
pub struct Assigned {
    /// The environments: how reports call them, and the values. Empty where no file belongs to the template.
    pub environments: Vec<(String, Assignment)>,
    /// What is wrong with the files.
    pub problems: Vec<Problem>,
}

impl Environments {
    /// All files.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.always.iter().chain(self.named.iter().flat_map(|(_, files)| files)).map(|given| given.file)
    }

    /// What a template is deployed with. `typed`: values that win over those of files.
    pub fn of(
        &self,
        template: &Document<'_>,
        typed: &Assignment,
        sources: &Sources,
        redactions: &mut Redactions,
    ) -> Assigned {
        let mut assigned = Assigned::default();
        let mut any = false;
        let mut read = |files: &mut dyn Iterator<Item = &GivenFile>, problems: &mut Vec<Problem>| {
            let mut assignment = Assignment::new();
            for given in files {
                any |= given.add(template, sources, redactions, &mut assignment, problems);
            }
            typed.iter().for_each(|value| assignment.assign(value.clone()));
            assignment
        };
        if self.named.is_empty() {
            let assignment = read(&mut self.always.iter(), &mut assigned.problems);
            assigned.environments.push((String::new(), assignment));
        }
        for (name, files) in &self.named {
            let assignment = read(&mut self.always.iter().chain(files), &mut assigned.problems);
            assigned.environments.push((format!("environment {name}"), assignment));
        }
        if !any {
            assigned.environments.clear();
        }
        assigned
    }
}

impl GivenFile {
    /// Adds its values, if it belongs to a template; whether it does.
    fn add(
        &self,
        template: &Document<'_>,
        sources: &Sources,
        redactions: &mut Redactions,
        assignment: &mut Assignment,
        problems: &mut Vec<Problem>,
    ) -> bool {
        let text = sources.get(self.file);
        let parsed = json::parse(self.file, text.text());
        hidden::hide_near(redactions, sources, &parsed.problems);
        let fatal = parsed.problems.iter().any(|problem| problem.fatal);
        let root = parsed.tree.root();
        let known =
            |root: &json::Node<'_>| detect(*root) == Format::ArmParameters || root.get_ci("parameters").is_some();
        let Some(root) = root.filter(known) else {
            let message = "this is no parameter file";
            let help = "a parameter file has \"parameters\": {\"name\": {\"value\": …}}";
            let other = Problem::error("not-an-input", Span::new(self.file, 0, 0), message).with_help(help).fatal();
            problems.extend(parsed.problems.into_iter().filter(|problem| problem.fatal));
            problems.extend((!fatal).then_some(other));
            return false;
        };
        hidden::hide(redactions, sources, root, false);
        let mut own = Assignment::new();
        own.read(root);
        problems.extend(parsed.problems);
        if self.templates.is_empty() {
            let declared = template.parameter_names();
            let is_declared = |name: &str| declared.iter().any(|known| known.eq_ignore_ascii_case(name));
            own.retain(is_declared);
            if own.iter().next().is_none() {
                return false;
            }
        } else {
            let path = within(&self.folder, Path::new(template.path));
            if !path.is_some_and(|path| self.templates.iter().any(|glob| glob.matches_path(&path))) {
                return false;
            }
        }
        assignment.lay_over(own);
        true
    }
}

/// A path from a folder on, with forward slashes; nothing where it is not in it.
pub fn within(folder: &Path, path: &Path) -> Option<String> {
    let (folder, path) = (discover::real(folder)?, discover::real(path)?);
    path.strip_prefix(folder).ok().map(discover::name)
}
