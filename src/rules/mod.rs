//! Rule files, read and checked.
//!
//! In: texts and a [`Catalog`]. Out: a [`RuleSet`] whose names are all resolved, and problems with places in the rule
//! files. Must not know: how rules are judged, or what resources there are.
//!
//! A rule that loads cannot fail when it is judged: every name is a catalog entry and every operand has the type of
//! its property.

pub mod ast;
pub mod builtin;
pub mod message;
pub mod parse;
pub mod resolve;
pub mod schema;
pub mod select;
pub mod suggest;

#[cfg(test)]
mod tests;

pub use ast::Rule;
pub use resolve::address_range;
pub use select::{Names, Selection, UnknownName};

use crate::catalog::Catalog;
use crate::diag::{Problem, Problems};
use crate::json;
use crate::source::{FileId, Sources};

/// The rules of one run, in the order of their ids.
#[derive(Debug)]
pub struct RuleSet<M: 'static> {
    rules: Vec<Rule<M>>,
}

impl<M> RuleSet<M> {
    /// All of them, in the order of their ids.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Rule<M>> {
        self.rules.iter()
    }

    /// A rule by its id.
    pub fn get(&self, id: &str) -> Option<&Rule<M>> {
        self.rules.iter().find(|rule| rule.meta.id == id)
    }

    /// The rules that a selection names.
    pub fn select(&self, selection: &Selection) -> Result<Vec<&Rule<M>>, UnknownName> {
        select::select(self, selection)
    }
}

impl<M> IntoIterator for RuleSet<M> {
    type Item = Rule<M>;
    type IntoIter = std::vec::IntoIter<Rule<M>>;

    fn into_iter(self) -> Self::IntoIter {
        self.rules.into_iter()
    }
}

/// Reads rule files. A file with a problem gives no rule; the others do.
///
/// A problem with a rule is fatal: its file cannot be used.
pub fn load<M>(catalog: &Catalog<M>, sources: &Sources, files: &[FileId]) -> (RuleSet<M>, Problems) {
    let mut problems = Problems::new();
    let mut rules: Vec<Rule<M>> = Vec::new();
    for &file in files {
        let mut own = Problems::new();
        let rule = load_one(catalog, sources, file, &mut own);
        own.sort_by_key(Problem::span);
        problems.extend(own);
        let Some(rule) = rule else { continue };
        match rules.iter().find(|other| other.meta.id == rule.meta.id) {
            Some(other) => {
                let message = format!("there are two rules `{}`", rule.meta.id);
                let first = sources.get(other.meta.at.file).path();
                let help = format!("the other one is in {first}");
                problems.push(Problem::error("rule-duplicate", rule.meta.at, message).with_help(help).fatal());
            }
            None => rules.push(rule),
        }
    }
    rules.sort_by(|a, b| a.meta.id.cmp(&b.meta.id));
    (RuleSet { rules }, problems)
}

/// As [`load`], for files that a user brings: what the loader takes is held against the published schema as well, so
/// that an editor and this program agree on what a rule file is.
pub fn load_checked<M>(catalog: &Catalog<M>, sources: &Sources, files: &[FileId]) -> (RuleSet<M>, Problems) {
    let (rules, mut problems) = load(catalog, sources, files);
    let complained: Vec<FileId> = problems.iter().filter_map(|problem| Some(problem.span()?.file)).collect();
    let clean: Vec<FileId> = files.iter().copied().filter(|file| !complained.contains(file)).collect();
    if !clean.is_empty() {
        let schema = schema::Schema::of(catalog);
        problems.extend(clean.into_iter().flat_map(|file| schema.check(sources, file)));
    }
    (rules, problems)
}

fn load_one<M>(catalog: &Catalog<M>, sources: &Sources, file: FileId, problems: &mut Problems) -> Option<Rule<M>> {
    let source = sources.get(file);
    let parsed = json::parse(file, source.text());
    let unusable = parsed.problems.iter().any(|problem| problem.fatal);
    problems.extend(parsed.problems);
    let root = parsed.tree.root()?;
    if unusable {
        return None;
    }
    let before = problems.len();
    let written = parse::rule(root, problems)?;
    let stem = stem(source.path());
    if written.meta.id != stem {
        let message = format!("the id is `{}`, the file is named `{stem}`", written.meta.id);
        let help = "a rule is found by its name: give both the same";
        problems.push(Problem::error("rule-shape", written.id_at, message).with_help(help).fatal());
    }
    let rule = resolve::rule(catalog, written, problems)?;
    (problems.len() == before).then_some(rule)
}

/// The name of a file without its folders and its ending.
fn stem(path: &str) -> &str {
    let name = path.rsplit(['/', '\\']).next().unwrap_or(path);
    name.strip_suffix(".json").or_else(|| name.strip_suffix(".jsonc")).unwrap_or(name)
}
