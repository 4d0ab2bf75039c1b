//! Which rules run.
//!
//! In: names that a user typed. Out: rules, or the name that means nothing. Must not know: what rules say.

use super::RuleSet;
use super::ast::Rule;
use super::suggest::closest;

/// Rules by id, by set, by the beginning of their ids (`acr-*`), `default` (all that belong to no set) or `all`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Selection {
    /// Those that run; `default` where there is none.
    pub select: Vec<String>,
    /// Those that do not, though they are selected.
    pub ignore: Vec<String>,
}

/// A name that is no rule, no set and no beginning of one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnknownName {
    /// As typed.
    pub name: String,
    /// What may have been meant.
    pub near: Option<String>,
}

impl std::fmt::Display for UnknownName {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "there is no rule and no set `{}`", self.name)?;
        match &self.near {
            Some(near) => write!(f, "; did you mean `{near}`?"),
            None => Ok(()),
        }
    }
}

impl std::error::Error for UnknownName {}

/// The rules that a selection names, in the order of their ids.
pub(super) fn select<'r, M>(rules: &'r RuleSet<M>, selection: &Selection) -> Result<Vec<&'r Rule<M>>, UnknownName> {
    let default = ["default".to_owned()];
    let wanted = if selection.select.is_empty() { default.as_slice() } else { &selection.select };
    if let Some(name) = wanted.iter().chain(&selection.ignore).find(|name| !names_something(rules, name)) {
        return Err(UnknownName { name: name.clone(), near: nearest(rules, name) });
    }
    let named = |names: &[String], rule: &Rule<M>| names.iter().any(|name| names_rule(name, rule));
    Ok(rules.iter().filter(|rule| named(wanted, rule) && !named(&selection.ignore, rule)).collect())
}

fn names_something<M>(rules: &RuleSet<M>, name: &str) -> bool {
    matches!(name, "all" | "default") || rules.iter().any(|rule| names_rule(name, rule))
}

fn names_rule<M>(name: &str, rule: &Rule<M>) -> bool {
    match name {
        "all" => true,
        "default" => rule.meta.set.is_none(),
        _ => match name.strip_suffix('*') {
            Some(beginning) => rule.meta.id.starts_with(beginning),
            None => rule.meta.id == name || rule.meta.set.as_deref() == Some(name),
        },
    }
}

fn nearest<M>(rules: &RuleSet<M>, name: &str) -> Option<String> {
    let names = rules.iter().flat_map(|rule| std::iter::once(rule.meta.id.as_str()).chain(rule.meta.set.as_deref()));
    closest(name.trim_end_matches('*'), names.chain(["all", "default"])).map(str::to_owned)
}
