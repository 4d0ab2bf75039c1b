//! Which rules run.
//!
//! In: names that a user typed. Out: rules, or the name that means nothing. Must not know: what rules say.

use super::RuleSet;
use super::ast::{Meta, Rule};
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

/// The names that there are, by which users speak of rules.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Names {
    /// Rules, and the set that each belongs to.
    rules: Vec<(String, Option<String>)>,
}

impl Names {
    /// Those of some rules.
    pub fn of<'m>(rules: impl IntoIterator<Item = &'m Meta>) -> Self {
        Self { rules: rules.into_iter().map(|meta| (meta.id.clone(), meta.set.clone())).collect() }
    }

    /// Whether a word names anything; if not, what may have been meant.
    pub fn check(&self, word: &str) -> Result<(), UnknownName> {
        let known = |(id, set): &(String, Option<String>)| names_rule(word, id, set.as_deref());
        if matches!(word, "all" | "default") || self.rules.iter().any(known) {
            return Ok(());
        }
        let names = self.rules.iter().flat_map(|(id, set)| std::iter::once(id.as_str()).chain(set.as_deref()));
        let near = closest(word.trim_end_matches('*'), names.chain(["all", "default"])).map(str::to_owned);
        Err(UnknownName { name: word.to_owned(), near })
    }

    /// Whether all rules that a word names are among some.
    pub fn all_in(&self, word: &str, some: &[&str]) -> bool {
        let mut named = self.rules.iter().filter(|(id, set)| names_rule(word, id, set.as_deref()));
        named.all(|(id, _)| some.contains(&id.as_str()))
    }

    /// Whether a word names a rule.
    pub fn include(&self, word: &str, rule: &str) -> bool {
        self.rules.iter().any(|(id, set)| id == rule && names_rule(word, id, set.as_deref()))
    }
}

/// The rules that a selection names, in the order of their ids.
pub(super) fn select<'r, M>(rules: &'r RuleSet<M>, selection: &Selection) -> Result<Vec<&'r Rule<M>>, UnknownName> {
    let default = ["default".to_owned()];
    let wanted = if selection.select.is_empty() { default.as_slice() } else { &selection.select };
    let names = Names::of(rules.iter().map(|rule| &rule.meta));
    wanted.iter().chain(&selection.ignore).try_for_each(|word| names.check(word))?;
    let named = |words: &[String], rule: &Rule<M>| {
        words.iter().any(|word| names_rule(word, &rule.meta.id, rule.meta.set.as_deref()))
    };
    Ok(rules.iter().filter(|rule| named(wanted, rule) && !named(&selection.ignore, rule)).collect())
}

fn names_rule(word: &str, id: &str, set: Option<&str>) -> bool {
    match word {
        "all" => true,
        "default" => set.is_none(),
        _ => match word.strip_suffix('*') {
            Some(beginning) => id.starts_with(beginning),
            None => id == word || set == Some(word),
        },
    }
}
