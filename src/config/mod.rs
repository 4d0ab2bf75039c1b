//! What the users of a repository have decided: `acrlint.json`, and what stands in their sources beside what it is about.
//!
//! In: a configuration file, JSON with comments; sources with comments `acrlint:ignore RULE reason` and members
//! `metadata.acrlint`. Out: [`Config`] and [`Exemption`]s, and a problem with a place for everything in them that does not
//! fit. Must not know: where the file was found, which rules there are, and what becomes of its words.
//!
//! `schemas/config.schema.json` says the same to editors.

pub mod clients;
pub mod comments;
pub mod date;
pub mod exemption;
pub mod glob;
pub mod metadata;
mod read;

pub use clients::{Client, Resolver};
pub use date::Date;
pub use exemption::{Cover, Exemption};

use crate::diag::{Level, Problems};
use crate::resource::{Cloud, TypeName};
use crate::source::{FileId, Sources, Span};

use glob::Glob;

/// The name under which a configuration is looked for.
pub const FILE_NAME: &str = "acrlint.json";

/// The schema as it is published.
pub const SCHEMA: &str = include_str!("../../schemas/config.schema.json");

/// The code of all problems of a configuration.
const CODE: &str = "configuration";

/// What is configured. A list or word that is not written is `None` or empty.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// A file whose settings hold where this one says nothing.
    pub extends: Option<Written<String>>,
    /// The rules that are judged.
    pub select: Option<Vec<Written<String>>>,
    /// The rules that are not.
    pub ignore: Option<Vec<Written<String>>>,
    /// The levels of rules; of several that name a rule the last one holds.
    pub levels: Vec<RuleLevel>,
    /// The levels of rules in some files.
    pub overrides: Vec<Override>,
    /// The level of what cannot be decided; nothing where it is not reported.
    pub open: Option<Written<Option<Level>>>,
    /// The lowest level that fails the run; nothing where none does.
    pub fail_on: Option<Written<Option<Level>>>,
    /// The cloud that everything is in.
    pub cloud: Option<Written<Cloud>>,
    /// Scopes of which the input shows everything, so that what it does not show does not exist.
    pub complete: Vec<Written<String>>,
    /// Types whose resources others deploy, so that nothing follows from one that is not declared.
    pub managed_elsewhere: Vec<Written<TypeName>>,
    /// Clients that no file declares.
    pub clients: Vec<Client>,
    /// Parameter files that are taken in every environment.
    pub parameters: Vec<ParameterFile>,
    /// Environments, by name, each of which is judged.
    pub environments: Vec<Environment>,
    /// Findings that are accepted.
    pub exemptions: Vec<Exemption>,
}

/// A word of the configuration and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Written<T> {
    /// The word.
    pub value: T,
    /// Where it stands.
    pub at: Span,
}

/// The level of one or several rules.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleLevel {
    /// A rule, a set, or the beginning of rules, as `select` takes them.
    pub rules: Written<String>,
    /// The level; nothing where what they find is not reported.
    pub level: Option<Level>,
}

/// What holds for some files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// The files, from the folder of the configuration on.
    pub paths: Vec<Written<Glob>>,
    /// The levels of rules in them.
    pub levels: Vec<RuleLevel>,
}

/// A parameter file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParameterFile {
    /// Its path, from the folder of the configuration on.
    pub path: Written<String>,
    /// The templates that it belongs to; without any, every template that declares one of its parameters.
    pub templates: Vec<Written<Glob>>,
}

/// What templates are deployed with in one environment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Environment {
    /// Its name.
    pub name: Written<String>,
    /// Its parameter files; a later one wins.
    pub files: Vec<ParameterFile>,
}

/// Reads a configuration. With a fatal problem it cannot be used.
pub fn read(sources: &Sources, file: FileId) -> (Config, Problems) {
    let mut problems = Problems::new();
    let config = read::read(file, sources.get(file).text(), &mut problems);
    (config, problems)
}

/// Why a scope is none, in words that say what one is.
pub fn scope_error(scope: &str) -> Option<String> {
    let segments: Vec<&str> = scope.split('/').collect();
    let fits = match segments.as_slice() {
        ["", kind, id] => kind.eq_ignore_ascii_case("subscriptions") && !id.is_empty(),
        ["", kind, id, group, name] => {
            kind.eq_ignore_ascii_case("subscriptions")
                && !id.is_empty()
                && group.eq_ignore_ascii_case("resourceGroups")
                && !name.is_empty()
        }
        ["", kind, id, rest @ ..] if rest.len() >= 6 && rest.len().is_multiple_of(2) => {
            kind.eq_ignore_ascii_case("subscriptions") && !id.is_empty() && rest.iter().all(|part| !part.is_empty())
        }
        _ => false,
    };
    (!fits).then(|| {
        format!("`{scope}` is no scope: write /subscriptions/ID, /subscriptions/ID/resourceGroups/NAME or the id of a resource")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        let mut sources = Sources::new();
        let file = sources.add(FILE_NAME, text);
        let (_, problems) = read(&sources, file);
        let place = |span: Span| text.get(span.start as usize..span.end as usize).unwrap_or_default().to_owned();
        let say = |problem: &crate::diag::Problem| {
            let help = problem.help.as_deref().map(|help| format!(" ({help})")).unwrap_or_default();
            format!("{}: {}{help}", problem.span().map(place).unwrap_or_default(), problem.message)
        };
        problems.iter().map(say).collect()
    }

    #[test]
    fn a_configuration_is_read_with_its_comments() {
        let text = r#"{
            "$schema": "schemas/config.schema.json",
            // everything of the hub is exported each night
            "complete": ["/subscriptions/1/resourceGroups/rg-hub"],
            "managedElsewhere": ["Microsoft.Network/privateEndpoints/privateDnsZoneGroups"], // by policy
        }"#;
        let mut sources = Sources::new();
        let file = sources.add(FILE_NAME, text);
        let (config, problems) = read(&sources, file);
        assert_eq!(problems, []);
        assert_eq!(config.complete[0].value, "/subscriptions/1/resourceGroups/rg-hub");
        assert_eq!(sources.slice(config.complete[0].at), "\"/subscriptions/1/resourceGroups/rg-hub\"");
        assert!(config.managed_elsewhere[0].value.is("Microsoft.Network/PrivateEndpoints/privateDnsZoneGroups"));
    }

    #[test]
    fn what_does_not_fit_is_said_where_it_stands() {
        assert_eq!(
            problems(r#"{"compelte": [], "managedElsewhere": ["privateEndpoints", 1]}"#),
            [
                "\"privateEndpoints\": `privateEndpoints` is no resource type (write it in full, such as Microsoft.Network/privateEndpoints)",
                "1: expected a string, found a number",
                "\"compelte\": unknown property (did you mean `complete`?)",
            ]
        );
        assert_eq!(problems(r#"{"complete": "all"}"#), ["\"all\": expected an array, found a string"]);
        assert_eq!(problems(r#"{"complete": ["rg-hub"]}"#).len(), 1);
        assert_eq!(problems("[]"), ["[: expected an object, found an array"]);
        assert!(!problems("{").is_empty() && !problems("").is_empty());
    }

    #[test]
    fn scopes_are_subscriptions_groups_and_resources() {
        let registry = "/subscriptions/1/resourceGroups/g/providers/Microsoft.ContainerRegistry/registries/r";
        for scope in ["/subscriptions/1", "/Subscriptions/1/resourcegroups/g", registry] {
            assert_eq!(scope_error(scope), None);
        }
        for scope in
            ["", "/", "1", "/subscriptions", "/subscriptions/", "/subscriptions/1/resourceGroups", "/subscriptions/1/"]
        {
            assert!(scope_error(scope).is_some(), "{scope}");
        }
    }
}
