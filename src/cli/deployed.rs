//! What the templates of an estate are deployed with: the values that the user typed, and those of parameter files.
//!
//! In: an estate, and what the user gave. Out: its [`Environment`]s, and what is to be [`Told`] of their files.
//! Must not know: what is judged.

use crate::diag::Problem;
use crate::input::arm::Assignment;
use crate::input::{Format, detect};
use crate::json;
use crate::report::Redactions;
use crate::source::Sources;

use super::analyze::Options;
use super::document::Document;
use super::estate::Estate;
use super::given::Read;
use super::hidden;
use super::scenarios::Environment;

/// At most so many environments of one estate are judged.
const ENVIRONMENTS: usize = 32;

/// What reading the parameter files of an estate showed.
#[derive(Debug, Default)]
pub struct Told {
    /// Which files were taken, a sentence each.
    pub notes: Vec<String>,
    /// What is wrong with them.
    pub problems: Vec<Problem>,
    /// What of them must not be shown.
    pub redactions: Redactions,
}

/// What the templates of an estate are deployed with.
#[derive(Clone, Copy)]
pub struct Deployed<'a> {
    /// The texts.
    pub sources: &'a Sources,
    /// What the user asked for.
    pub options: &'a Options,
    /// What is given beside the templates.
    pub given: &'a Read,
}

impl Deployed<'_> {
    /// One for each combination of the parameter files of the templates.
    pub fn of(&self, estate: &Estate<'_>, told: &mut Told) -> Vec<Environment> {
        if let Some(environments) = self.configured(estate, told) {
            return environments;
        }
        let mut environments = vec![Environment::default()];
        for template in &estate.templates {
            let own = self.of_one(template, told);
            let several = own.len() > 1;
            let mut product = Vec::new();
            for environment in &environments {
                for (name, assignment) in own.iter().take(ENVIRONMENTS / environments.len().max(1)) {
                    let mut joined = environment.clone();
                    if several {
                        joined.name =
                            if joined.name.is_empty() { name.clone() } else { format!("{} and {name}", joined.name) };
                    }
                    joined.assignments.push(assignment.clone());
                    product.push(joined);
                }
            }
            environments = product;
        }
        environments
    }

    /// Those of the configuration; nothing where it has no file for any of the templates.
    fn configured(&self, estate: &Estate<'_>, told: &mut Told) -> Option<Vec<Environment>> {
        let all = &self.options.environments;
        if !self.options.given.parameters.is_empty() || all.files().next().is_none() {
            return None;
        }
        let mut assigned = Vec::new();
        for template in &estate.templates {
            let typed = &self.given.assignment;
            let own = all.of(template, typed, self.sources, &mut told.redactions);
            told.problems.extend(own.problems);
            assigned.push(own.environments);
        }
        let names = assigned.iter().find(|own| !own.is_empty())?.iter().map(|(name, _)| name.clone());
        let names: Vec<String> = names.collect();
        if let ([_, _, ..], [template, ..]) = (names.as_slice(), estate.templates.as_slice()) {
            told.notes.push(format!("{} was checked in {}", template.path, names.join(" and in ")));
        }
        // A template that no file belongs to is deployed alike in all of them.
        let mut alone = Vec::new();
        for (template, own) in estate.templates.iter().zip(&assigned) {
            let beside = if own.is_empty() { self.of_one(template, told) } else { Vec::new() };
            alone.push(beside.into_iter().next().map(|(_, assignment)| assignment).unwrap_or_default());
        }
        let several = names.len() > 1;
        let environment = |(at, name): (usize, String)| {
            let of = |(own, alone): (&Vec<(String, Assignment)>, &Assignment)| {
                own.get(at).map_or_else(|| alone.clone(), |(_, assignment)| assignment.clone())
            };
            let assignments = assigned.iter().zip(&alone).map(of).collect();
            Environment { name: if several { name } else { String::new() }, assignments }
        };
        Some(names.into_iter().enumerate().map(environment).collect())
    }

    /// What a template is deployed with: what the user names, or else the parameter files beside it.
    fn of_one(&self, template: &Document<'_>, told: &mut Told) -> Vec<(String, Assignment)> {
        let named = || vec![(String::new(), self.given.assignment.clone())];
        if !self.options.given.parameters.is_empty() {
            return named();
        }
        let mut found = Vec::new();
        for &file in template.parameters {
            let text = self.sources.get(file);
            let parsed = json::parse(file, text.text());
            hidden::hide_near(&mut told.redactions, self.sources, &parsed.problems);
            let Some(root) = parsed.tree.root().filter(|root| detect(*root) == Format::ArmParameters) else { continue };
            hidden::hide(&mut told.redactions, self.sources, root, false);
            let mut assignment = Assignment::new();
            assignment.read(root);
            self.given.assignment.iter().for_each(|typed| assignment.assign(typed.clone()));
            found.push((text.path().to_owned(), assignment));
            told.problems.extend(parsed.problems);
        }
        if found.is_empty() {
            return named();
        }
        let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
        told.notes.push(format!("{} was checked with {}", template.path, names.join(", and with ")));
        found
    }
}
