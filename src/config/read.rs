//! A configuration file, word by word.
//!
//! In: a text. Out: [`Config`]. Must not know: what the words do.

use crate::diag::{Level, Problems};
use crate::json::reader::Reader;
use crate::json::{self, Kind, Node};
use crate::resource::{Cloud, TypeName};
use crate::source::{FileId, Span};

use super::glob::Glob;
use super::{CODE, Config, Environment, Override, ParameterFile, RuleLevel, Written, clients, exemption, scope_error};

/// The levels that a rule can have.
const LEVELS: [(&str, Option<Level>); 4] =
    [("error", Some(Level::Error)), ("warning", Some(Level::Warning)), ("note", Some(Level::Note)), ("off", None)];

/// The levels of what cannot be decided.
const OPEN: [(&str, Option<Level>); 4] =
    [("error", Some(Level::Error)), ("warning", Some(Level::Warning)), ("note", Some(Level::Note)), ("ignore", None)];

/// The levels that fail a run.
const FAIL_ON: [(&str, Option<Level>); 4] =
    [("error", Some(Level::Error)), ("warning", Some(Level::Warning)), ("note", Some(Level::Note)), ("never", None)];

pub(super) fn read(file: FileId, text: &str, problems: &mut Problems) -> Config {
    let parsed = json::parse(file, text);
    let mut config = Config::default();
    // Comments and trailing commas are welcome here; what cannot be read is not.
    problems.extend(parsed.problems.into_iter().filter(|problem| problem.fatal));
    let mut reader = Reader::new(CODE, problems);
    let Some(root) = parsed.tree.root() else {
        reader.error_with_help(Span::new(file, 0, 0), "the configuration is empty", "write {} at least");
        return config;
    };
    let reader = &mut reader;
    let Some(mut fields) = reader.object(root) else { return config };
    fields.optional("$schema");
    config.extends = fields.optional("extends").and_then(|node| relative(reader, node));
    config.select = fields.optional("select").map(|list| words(reader, list, |_, text, _| Some(text)));
    config.ignore = fields.optional("ignore").map(|list| words(reader, list, |_, text, _| Some(text)));
    config.levels = fields.optional("levels").map(|node| levels(reader, node)).unwrap_or_default();
    config.overrides = all(reader, fields.optional("overrides"), over);
    config.open = fields.optional("open").and_then(|node| choice(reader, node, &OPEN));
    config.fail_on = fields.optional("failOn").and_then(|node| choice(reader, node, &FAIL_ON));
    config.cloud = fields.optional("cloud").and_then(|node| choice(reader, node, &Cloud::ALL));
    if let Some(scopes) = fields.optional("complete") {
        config.complete = words(reader, scopes, |reader, text, at| match scope_error(&text) {
            Some(error) => {
                reader.error(at, error);
                None
            }
            None => Some(text),
        });
    }
    if let Some(types) = fields.optional("managedElsewhere") {
        config.managed_elsewhere = words(reader, types, |reader, text, at| {
            let ty = TypeName::new(&text);
            if ty.depth() > 0 && text.contains('.') {
                return Some(ty);
            }
            let help = "write it in full, such as Microsoft.Network/privateEndpoints";
            reader.error_with_help(at, format!("`{text}` is no resource type"), help);
            None
        });
    }
    config.clients = all(reader, fields.optional("clients"), clients::read);
    config.parameters = all(reader, fields.optional("parameters"), parameter_file);
    if let Some(node) = fields.optional("environments")
        && reader.object(node).is_some()
    {
        for member in node.members() {
            let name = Written { value: member.key.as_str().unwrap_or_default().into_owned(), at: member.key.span() };
            let files = all(reader, Some(member.value), parameter_file);
            config.environments.push(Environment { name, files });
        }
    }
    config.exemptions = all(reader, fields.optional("exemptions"), exemption::of_configuration);
    fields.finish(reader);
    config
}

fn choice<T: Copy>(reader: &mut Reader<'_>, node: Node<'_>, choices: &[(&str, T)]) -> Option<Written<T>> {
    let value = reader.choice(node, choices)?;
    Some(Written { value, at: node.span() })
}

/// The levels of rules: an object with a rule and its level in each member.
fn levels(reader: &mut Reader<'_>, node: Node<'_>) -> Vec<RuleLevel> {
    if reader.object(node).is_none() {
        return Vec::new();
    }
    let level = |member: json::Member<'_>| {
        let level = reader.choice(member.value, &LEVELS)?;
        let rules = Written { value: member.key.as_str().unwrap_or_default().into_owned(), at: member.key.span() };
        Some(RuleLevel { rules, level })
    };
    node.members().filter_map(level).collect()
}

fn over(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Override> {
    let mut fields = reader.object(node)?;
    let paths = fields.required("paths", reader);
    let paths = self::paths(reader, paths);
    let levels = fields.required("levels", reader).map(|node| levels(reader, node));
    fields.finish(reader);
    Some(Override { paths, levels: levels? })
}

fn parameter_file(reader: &mut Reader<'_>, node: Node<'_>) -> Option<ParameterFile> {
    if node.kind() == Kind::String {
        return Some(ParameterFile { path: relative(reader, node)?, templates: Vec::new() });
    }
    let mut fields = reader.object(node)?;
    let path = fields.required("file", reader).and_then(|node| relative(reader, node));
    let templates = fields.required("templates", reader);
    let templates = paths(reader, templates);
    fields.finish(reader);
    Some(ParameterFile { path: path?, templates })
}

/// A path that leads to a file of this disk.
fn relative(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Written<String>> {
    let written = word(reader, node)?;
    if written.value.contains("://") {
        let help = "nothing is fetched: put the file beside this one and write its relative path";
        reader.error_with_help(written.at, "this is an address, not a path", help);
        return None;
    }
    if written.value.trim().is_empty() {
        reader.error(written.at, "the path is empty");
        return None;
    }
    Some(written)
}

/// Patterns for paths.
pub(super) fn paths(reader: &mut Reader<'_>, list: Option<Node<'_>>) -> Vec<Written<Glob>> {
    let Some(list) = list else { return Vec::new() };
    words(reader, list, |_, text, _| Some(Glob::path(&text)))
}

/// A string and its place.
pub(super) fn word(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Written<String>> {
    let value = reader.text(node)?.as_str().to_owned();
    Some(Written { value, at: node.span() })
}

/// The elements of a list, each made into what it stands for.
fn all<T>(
    reader: &mut Reader<'_>,
    list: Option<Node<'_>>,
    make: impl Fn(&mut Reader<'_>, Node<'_>) -> Option<T>,
) -> Vec<T> {
    let Some(items) = list.and_then(|list| reader.array(list)) else { return Vec::new() };
    items.filter_map(|item| make(reader, item)).collect()
}

/// The words of a list, each made into what it stands for.
pub(super) fn words<T>(
    reader: &mut Reader<'_>,
    list: Node<'_>,
    make: impl Fn(&mut Reader<'_>, String, Span) -> Option<T>,
) -> Vec<Written<T>> {
    let Some(items) = reader.array(list) else { return Vec::new() };
    let mut words = Vec::new();
    for item in items {
        let Some(text) = reader.text(item).map(|text| text.as_str().to_owned()) else { continue };
        let at = item.span();
        words.extend(make(reader, text, at).map(|value| Written { value, at }));
    }
    words
}
