//! What the user gives beside a template: values of its parameters, and where it is deployed.
//!
//! In: [`TemplateArguments`]. Out: [`Given`], and from it an [`Assignment`] and a [`Context`].
//! Must not know: what becomes of them.

use std::path::Path;

use crate::diag::{Problem, Problems};
use crate::input::arm::{Assignment, Context};
use crate::input::{Format, detect};
use crate::json;
use crate::source::{FileId, Sources, Span};

use super::args::TemplateArguments;
use super::{Failure, files};

/// What is given beside a template.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Given {
    /// Parameter files; a later one wins.
    pub parameters: Vec<FileId>,
    /// Single values, each an object with one member; they win over the files.
    pub values: Vec<FileId>,
    /// A context file: where the template is deployed.
    pub context: Option<FileId>,
    /// The subscription.
    pub subscription: Option<String>,
    /// The resource group.
    pub resource_group: Option<String>,
    /// The region of the resource group, or of a deployment above one.
    pub location: Option<String>,
    /// The tenant.
    pub tenant: Option<String>,
}

/// What was read of it.
#[derive(Debug, Default)]
pub struct Read {
    /// The values.
    pub assignment: Assignment,
    /// The place.
    pub context: Context,
    /// Files that are not what they should be.
    pub problems: Problems,
}

impl Given {
    /// Reads the files that the arguments name.
    pub fn gather(sources: &mut Sources, arguments: &TemplateArguments) -> Result<Self, Failure> {
        let mut beside = |path: &Path| files::read(sources, path).map(|(file, _)| file).map_err(Failure::Read);
        let parameters = arguments.parameters.iter().map(|path| beside(path)).collect::<Result<_, _>>()?;
        let context = arguments.context.as_deref().map(beside).transpose()?;
        let values = arguments.parameter.iter().map(|written| value(sources, written)).collect::<Result<_, _>>()?;
        Ok(Self {
            parameters,
            values,
            context,
            subscription: arguments.subscription.clone(),
            resource_group: arguments.resource_group.clone(),
            location: arguments.location.clone(),
            tenant: arguments.tenant.clone(),
        })
    }

    /// Whether any parameter is given a value.
    pub fn has_values(&self) -> bool {
        !self.parameters.is_empty() || !self.values.is_empty()
    }

    /// The files among it.
    pub fn files(&self) -> impl Iterator<Item = FileId> {
        self.parameters.iter().chain(&self.values).chain(&self.context).copied()
    }

    /// Reads what is in the files.
    pub fn read(&self, sources: &Sources) -> Read {
        let mut read = Read::default();
        for &file in &self.parameters {
            let parsed = json::parse(file, sources.get(file).text());
            let fatal = parsed.problems.iter().any(|problem| problem.fatal);
            match parsed.tree.root() {
                Some(root) if detect(root) == Format::ArmParameters || root.get_ci("parameters").is_some() => {
                    read.assignment.read(root);
                }
                Some(_) | None if fatal => {}
                Some(_) | None => {
                    let message = "this is no parameter file";
                    let help = "a parameter file has \"parameters\": {\"name\": {\"value\": …}}";
                    let problem = Problem::error("not-an-input", Span::new(file, 0, 0), message);
                    read.problems.push(problem.with_help(help).fatal());
                }
            }
            read.problems.extend(parsed.problems.into_iter().filter(|problem| problem.fatal));
        }
        for &file in &self.values {
            let parsed = json::parse(file, sources.get(file).text());
            if let Some(root) = parsed.tree.root() {
                read.assignment.read_loose(root);
            }
        }
        if let Some(file) = self.context {
            let parsed = json::parse(file, sources.get(file).text());
            if let Some(root) = parsed.tree.root() {
                read.context = Context::from_json(root);
            }
            read.problems.extend(parsed.problems.into_iter().filter(|problem| problem.fatal));
        }
        let context = &mut read.context;
        let set = |place: &mut Option<String>, given: &Option<String>| {
            if let Some(given) = given {
                *place = Some(given.clone());
            }
        };
        set(&mut context.subscription, &self.subscription);
        set(&mut context.resource_group, &self.resource_group);
        set(&mut context.group_location, &self.location);
        set(&mut context.location, &self.location);
        set(&mut context.tenant, &self.tenant);
        read
    }
}

/// `name=value` as a text of its own, so that problems can point into it: `{"name": value}`.
fn value(sources: &mut Sources, written: &str) -> Result<FileId, Failure> {
    let Some((name, value)) = written.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
        return Err(Failure::Usage(format!("`--parameter {written}` is to be `--parameter name=value`")));
    };
    let name = name.trim();
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let value = match serde_json::from_str::<serde_json::Value>(value) {
        Ok(_) => value.trim().to_owned(),
        Err(_) => quoted(value),
    };
    Ok(sources.add(format!("--parameter {name}"), format!("{{{}: {value}}}", quoted(name))))
}
