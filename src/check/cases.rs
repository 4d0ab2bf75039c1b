//! What holds in some cases, and what holds in all.
//!
//! In: [`Case`]s, the findings under each set of circumstances. Out: one list of findings, each once, with the
//! circumstances that it needs. Must not know: how the circumstances came about.
//!
//! A circumstance that makes no difference to a finding is not mentioned: it is dropped when every case that differs
//! from one with the finding only in it has the finding as well.

use std::collections::BTreeMap;

use super::finding::{Certainty, Finding, Outcome};
use crate::diag::Level;
use crate::source::Span;

/// The findings under one set of circumstances.
#[derive(Clone, Debug, Default)]
pub struct Case {
    /// Values by the names of what was varied.
    pub circumstances: BTreeMap<String, String>,
    /// What was found.
    pub findings: Vec<Finding>,
}

/// What makes two findings of different cases the same one: the verdict of a rule at a place. The names of resources are
/// not part of it, since a circumstance may be part of a name; so the last number counts the findings that are alike.
pub type Identity<'f> = (&'f str, Outcome, Certainty, Level, Span, usize);

/// The identities of findings, in their order.
pub fn identities(findings: &[Finding]) -> Vec<Identity<'_>> {
    let mut counts: BTreeMap<_, usize> = BTreeMap::new();
    let mut identify = |f: &'_ Finding| {
        let count = counts.entry((f.rule.clone(), f.outcome, f.certainty, f.level, f.location)).or_default();
        *count += 1;
        *count
    };
    let numbers: Vec<usize> = findings.iter().map(&mut identify).collect();
    let named = findings.iter().zip(numbers);
    named.map(|(f, number)| (f.rule.as_str(), f.outcome, f.certainty, f.level, f.location, number)).collect()
}

/// One list of the findings of all cases of one deployment. `general` are those under no circumstances: a finding that
/// each case tells in other words is told in theirs, if it is among them; otherwise in those of its first case.
pub fn merge(cases: &[Case], general: &[Finding]) -> Vec<Finding> {
    let general: BTreeMap<Identity<'_>, &Finding> = identities(general).into_iter().zip(general).collect();
    let mut found = Found::new();
    for (number, case) in cases.iter().enumerate() {
        for (identity, finding) in identities(&case.findings).into_iter().zip(&case.findings) {
            found.entry(identity).or_insert_with(|| (finding, Vec::new())).1.push(number);
        }
    }
    for case in cases {
        for (identity, finding) in identities(&case.findings).into_iter().zip(&case.findings) {
            if let (Some((told, _)), Some(general)) = (found.get_mut(&identity), general.get(&identity))
                && told.message != finding.message
            {
                *told = *general;
            }
        }
    }
    listed(cases, found.into_values())
}

/// One list of the findings of several deployments: what differs in any word is another finding.
pub fn join(deployments: &[Case]) -> Vec<Finding> {
    let mut found = Found::new();
    for (number, case) in deployments.iter().enumerate() {
        for (identity, f) in identities(&case.findings).into_iter().zip(&case.findings) {
            let words = (&f.message, &f.resource.address, &f.resource.id, &f.fingerprint, &f.when);
            found.entry((identity, words)).or_insert_with(|| (f, Vec::new())).1.push(number);
        }
    }
    listed(deployments, found.into_values())
}

/// Findings by what makes them the same, with the numbers of the cases that have them.
type Found<'f, I> = BTreeMap<I, (&'f Finding, Vec<usize>)>;

fn listed<'f>(cases: &[Case], found: impl Iterator<Item = (&'f Finding, Vec<usize>)>) -> Vec<Finding> {
    let mut list = Vec::new();
    for (finding, numbers) in found {
        for mut when in needed(cases, &numbers) {
            when.extend(finding.when.clone());
            list.push(Finding { when, ..finding.clone() });
        }
    }
    list.sort_by(|a, b| super::prove::order(a).cmp(&super::prove::order(b)));
    list
}

/// The circumstances that tell some cases from the others: alternatives, each a set of values.
fn needed(cases: &[Case], numbers: &[usize]) -> Vec<BTreeMap<String, String>> {
    let all: Vec<&BTreeMap<String, String>> = cases.iter().map(|case| &case.circumstances).collect();
    let inside = |number: &usize| numbers.binary_search(number).is_ok();
    let mut names: Vec<&String> = Vec::new();
    for name in all.iter().flat_map(|circumstances| circumstances.keys()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    for name in names.clone() {
        let rest: Vec<&String> = names.iter().copied().filter(|other| *other != name).collect();
        let same = |a: usize, b: usize| match (all.get(a), all.get(b)) {
            (Some(a), Some(b)) => rest.iter().all(|name| a.get(*name) == b.get(*name)),
            (Some(_) | None, _) => false,
        };
        let idle = numbers.iter().all(|&a| (0..all.len()).filter(|&b| same(a, b)).all(|b| inside(&b)));
        if idle {
            names = rest;
        }
    }
    let mut alternatives: Vec<BTreeMap<String, Vec<String>>> = Vec::new();
    for circumstances in numbers.iter().filter_map(|&number| all.get(number)) {
        let kept = circumstances.iter().filter(|(name, _)| names.contains(name));
        let kept = kept.map(|(name, value)| (name.clone(), vec![value.clone()])).collect();
        if !alternatives.contains(&kept) {
            alternatives.push(kept);
        }
    }
    for name in &names {
        alternatives = joined(alternatives, name);
    }
    let text = |values: Vec<String>| values.join(" or ");
    alternatives.into_iter().map(|all| all.into_iter().map(|(name, values)| (name, text(values))).collect()).collect()
}

/// Alternatives that differ in one circumstance only as one, with all its values.
fn joined(alternatives: Vec<BTreeMap<String, Vec<String>>>, name: &str) -> Vec<BTreeMap<String, Vec<String>>> {
    let mut joined: Vec<BTreeMap<String, Vec<String>>> = Vec::new();
    for mut alternative in alternatives {
        let Some(values) = alternative.remove(name) else {
            joined.push(alternative);
            continue;
        };
        let twin = joined.iter_mut().find(|other| {
            let others = other.iter().filter(|(key, _)| *key != name);
            other.contains_key(name) && others.eq(alternative.iter())
        });
        if let Some(twin) = twin {
            twin.entry(name.to_owned()).or_default().extend(values);
        } else {
            alternative.insert(name.to_owned(), values);
            joined.push(alternative);
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every combination of three circumstances, and those in which something holds, as it is told.
    fn told(holds: impl Fn(&str, &str, &str) -> bool) -> Vec<String> {
        let mut cases = Vec::new();
        let mut numbers = Vec::new();
        for sku in ["Basic", "Standard", "Premium"] {
            for zones in ["false", "true"] {
                for open in ["false", "true"] {
                    if holds(sku, zones, open) {
                        numbers.push(cases.len());
                    }
                    let circumstances = [("sku", sku), ("zones", zones), ("open", open)];
                    let circumstances = circumstances.map(|(name, value)| (name.to_owned(), value.to_owned()));
                    cases.push(Case { circumstances: circumstances.into(), findings: Vec::new() });
                }
            }
        }
        let told = |when: &BTreeMap<String, String>| {
            when.iter().map(|(name, value)| format!("{name} is {value}")).collect::<Vec<_>>().join(", ")
        };
        needed(&cases, &numbers).iter().map(told).collect()
    }

    #[test]
    fn only_what_makes_a_difference_is_told() {
        assert_eq!(told(|_, _, _| true), [""]);
        assert_eq!(told(|sku, _, _| sku != "Premium"), ["sku is Basic or Standard"]);
        assert_eq!(told(|sku, zones, _| sku == "Basic" && zones == "true"), ["sku is Basic, zones is true"]);
        assert_eq!(
            told(|_, zones, open| zones == open),
            ["open is false, zones is false", "open is true, zones is true"]
        );
    }
}
