//! `acrlint config`: which settings hold, and where each comes from.
//!
//! In: the arguments of `check`. Out: a list for a person or for programs. Must not know: what the settings do.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::config::clients::Subnet;
use crate::config::{Config, Exemption, ParameterFile, Resolver, RuleLevel, Written};
use crate::diag::Level;
use crate::report::Redactions;
use crate::report::{self, Format, Look, Report, Summary};
use crate::rules::Names;
use crate::source::{Sources, Span};

use super::args::{CheckArguments, ReportFormat};
use super::hidden;
use super::settings::{Settings, open_by_hand};
use super::{Exit, Failure, Stages, Streams};

/// One setting.
struct Setting {
    /// Its key in the configuration; behind a dot the part of it.
    key: String,
    /// What it is, as the configuration would have it.
    value: Value,
    from: From,
}

/// Where a setting comes from.
#[derive(Clone, Copy)]
enum From {
    /// A place in a configuration.
    File(Span),
    /// An argument.
    Argument(&'static str),
    /// Nobody said anything.
    Default,
}

/// Runs the command.
pub fn config(stages: &Stages, arguments: &CheckArguments, streams: &mut Streams<'_>) -> Result<Exit, Failure> {
    let mut sources = Sources::new();
    let names = || Names::of(&(stages.rules)());
    let settings = Settings::gather(&mut sources, arguments, &names)?;
    if !matches!(arguments.format, ReportFormat::Human | ReportFormat::Json) {
        return Err(Failure::Usage("`acrlint config` is printed as human or json".to_owned()));
    }
    let known = names();
    for word in settings.selection.select.iter().chain(&settings.selection.ignore) {
        if settings.problems.is_empty() {
            known.check(word).map_err(|unknown| Failure::Usage(unknown.to_string()))?;
        }
    }
    if settings.problems.iter().any(|problem| problem.fatal) {
        streams.say(&problems(&sources, &settings))?;
        return Ok(Exit::Unusable);
    }
    let all = list(&settings, arguments);
    let text = match arguments.format {
        ReportFormat::Json => {
            let path = settings.path.as_deref().map(crate::source::discover::name);
            let all: Vec<Value> = all.iter().map(|setting| document(&sources, setting)).collect();
            let document = json!({ "configuration": path, "settings": all });
            // JSON values always serialize.
            report::json::harmless(&serde_json::to_string_pretty(&document).unwrap_or_default()) + "\n"
        }
        _ => table(&sources, &all),
    };
    streams.print(&text)?;
    Ok(Exit::Clean)
}

fn problems(sources: &Sources, settings: &Settings) -> String {
    let mut redact = Redactions::new();
    settings.layers.iter().for_each(|layer| hidden::hide_configuration(&mut redact, sources, layer));
    let report = Report {
        findings: &[],
        suppressed: &[],
        problems: &settings.problems,
        sources,
        files: Vec::new(),
        summary: Summary::default().counting(&[], &settings.problems),
        notes: Vec::new(),
        redact: &redact,
        rules: &[],
    };
    report::write(&report, Format::Human, Look { quiet: true, ..Look::default() })
}

fn table(sources: &Sources, all: &[Setting]) -> String {
    let shown = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let rows: Vec<[String; 3]> = all
        .iter()
        .map(|setting| [setting.key.clone(), shown(&setting.value), place(sources, setting.from)])
        .map(|row| row.map(|cell| report::concise::visible(&report::concise::squeeze(&cell))))
        .collect();
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.max().unwrap_or(0).min(60)
    };
    let (keys, values) = (width(0), width(1));
    let mut out = String::new();
    for [key, value, from] in &rows {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{key:keys$}  {value:values$}  {from}");
    }
    out
}

fn place(sources: &Sources, from: From) -> String {
    match from {
        From::File(at) => {
            let start = sources.position(at.file, at.start);
            format!("{}:{}:{}", sources.get(at.file).path(), start.line, start.column)
        }
        From::Argument(name) => format!("command line ({name})"),
        From::Default => "default".to_owned(),
    }
}

fn document(sources: &Sources, setting: &Setting) -> Value {
    let from = match setting.from {
        From::File(at) => {
            let start = sources.position(at.file, at.start);
            json!({ "kind": "file", "path": sources.get(at.file).path(), "line": start.line, "column": start.column })
        }
        From::Argument(name) => json!({ "kind": "command-line", "argument": name }),
        From::Default => json!({ "kind": "default" }),
    };
    json!({ "setting": setting.key, "value": setting.value, "from": from })
}

fn list(settings: &Settings, arguments: &CheckArguments) -> Vec<Setting> {
    let mut all = List { settings: Vec::new() };
    let Settings { selection, chosen, .. } = settings;
    for base in settings.configs().filter_map(|config| config.extends.as_ref()) {
        all.push("extends", json!(base.value), None, Some(base.at));
    }
    if *chosen {
        all.words("select", &selection.select, "--select");
    } else {
        all.nearest(settings, "select", |config| config.select.as_deref(), json!("default"));
    }
    if *chosen || !arguments.ignore.is_empty() {
        all.words("ignore", &selection.ignore, "--ignore");
    } else {
        all.nearest(settings, "ignore", |config| config.ignore.as_deref(), json!([]));
    }
    for config in settings.configs() {
        all.levels("levels", &config.levels);
        for over in &config.overrides {
            let paths: Vec<&str> = over.paths.iter().map(|glob| glob.value.as_str()).collect();
            all.levels(&format!("overrides[{}]", paths.join(",")), &over.levels);
        }
    }
    let argument = if arguments.strict { "--strict" } else { "--open" };
    let by_hand = open_by_hand(arguments).map(|_| argument);
    let open = settings.nearest(|config| config.open.as_ref()).map(|(_, word)| word.at);
    all.push("open", level(settings.open, "ignore"), by_hand, open);
    let fail_on = settings.nearest(|config| config.fail_on.as_ref()).map(|(_, word)| word.at);
    let by_hand = arguments.fail_on.map(|_| "--fail-on");
    all.push("failOn", level(settings.fail_on, "never"), by_hand, fail_on);
    match settings.nearest(|config| config.cloud.as_ref()) {
        Some((_, cloud)) => all.push("cloud", json!(cloud.value.name()), None, Some(cloud.at)),
        None => all.push("cloud", json!("AzureCloud, unless regions say otherwise"), None, None),
    }
    for config in settings.configs() {
        for scope in &config.complete {
            all.push("complete", json!(scope.value), None, Some(scope.at));
        }
    }
    for scope in &arguments.complete {
        all.push("complete", json!(scope), Some("--complete"), None);
    }
    for config in settings.configs() {
        for ty in &config.managed_elsewhere {
            all.push("managedElsewhere", json!(ty.value.as_str()), None, Some(ty.at));
        }
        config.clients.iter().for_each(|client| all.client(client));
    }
    all.parameters(settings, arguments);
    for (_, exemption) in settings.exemptions() {
        all.exemption(exemption);
    }
    all.settings
}

fn level(level: Option<Level>, none: &'static str) -> Value {
    json!(level.map_or(none, Level::name))
}

struct List {
    settings: Vec<Setting>,
}

impl List {
    /// A setting: an argument wins over a file.
    fn push(&mut self, key: &str, value: Value, argument: Option<&'static str>, file: Option<Span>) {
        let from = match (argument, file) {
            (Some(argument), _) => From::Argument(argument),
            (None, Some(at)) => From::File(at),
            (None, None) => From::Default,
        };
        self.settings.push(Setting { key: key.to_owned(), value, from });
    }

    fn words(&mut self, key: &str, words: &[String], argument: &'static str) {
        if words.is_empty() {
            self.push(key, json!([]), Some("--select"), None);
        }
        for word in words {
            self.push(key, json!(word), Some(argument), None);
        }
    }

    fn nearest(
        &mut self,
        settings: &Settings,
        key: &str,
        ask: fn(&Config) -> Option<&[Written<String>]>,
        default: Value,
    ) {
        match settings.nearest(ask) {
            Some((_, words)) if !words.is_empty() => {
                for word in words {
                    self.push(key, json!(word.value), None, Some(word.at));
                }
            }
            Some(_) | None => self.push(key, default, None, None),
        }
    }

    fn levels(&mut self, key: &str, levels: &[RuleLevel]) {
        for rule in levels {
            self.push(&format!("{key}.{}", rule.rules.value), level(rule.level, "off"), None, Some(rule.rules.at));
        }
    }

    fn client(&mut self, client: &crate::config::Client) {
        let mut value = json!({ "kind": client.kind.value });
        if let Some(subnet) = &client.subnet {
            value["subnet"] = match &subnet.value {
                Subnet::Id(text) | Subnet::Named(text) => json!(text),
            };
        }
        if !client.addresses.is_empty() {
            value["addresses"] = client.addresses.iter().map(|net| net.value.to_string()).collect::<Vec<_>>().into();
        }
        if let Some(resolver) = &client.resolver {
            value["resolver"] = match &resolver.value {
                Resolver::Azure => json!("azure"),
                Resolver::Server(server) => json!(server.to_string()),
            };
        }
        if let Some(proxy) = &client.proxy {
            // An address may hold a login.
            value["proxy"] = json!(crate::input::secrets::without_login(&proxy.url.value));
        }
        if !client.registries.is_empty() {
            value["registries"] = client.registries.iter().map(|name| name.value.clone()).collect::<Vec<_>>().into();
        }
        self.push(&format!("clients.{}", client.name.value), value, None, Some(client.at));
    }

    /// The parameter files that are taken.
    fn parameters(&mut self, settings: &Settings, arguments: &CheckArguments) {
        for path in &arguments.template.parameters {
            self.push("parameters", json!(crate::source::discover::name(path)), Some("--parameters"), None);
        }
        for value in &arguments.template.parameter {
            let name = value.split_once('=').map_or(value.as_str(), |(name, _)| name);
            self.push(&format!("parameters.{name}"), json!("given"), Some("--parameter"), None);
        }
        if !arguments.template.parameters.is_empty() {
            return;
        }
        let nearest = settings.nearest(|config| (!config.parameters.is_empty()).then_some(&config.parameters));
        for file in nearest.into_iter().flat_map(|(_, files)| files) {
            self.file("parameters", file);
        }
        for (name, _) in &settings.environments.named {
            let of = |config: &'_ Config| config.environments.iter().position(|own| own.name.value == *name);
            let Some((layer, at)) = settings.nearest(of) else { continue };
            for file in layer.config.environments.get(at).into_iter().flat_map(|own| &own.files) {
                self.file(&format!("environments.{name}"), file);
            }
        }
    }

    fn file(&mut self, key: &str, file: &ParameterFile) {
        let templates: Vec<&str> = file.templates.iter().map(|glob| glob.value.as_str()).collect();
        let value = if templates.is_empty() {
            json!(file.path.value)
        } else {
            json!({ "file": file.path.value, "templates": templates })
        };
        self.push(key, value, None, Some(file.path.at));
    }

    fn exemption(&mut self, exemption: &Exemption) {
        let mut value = json!({ "reason": exemption.reason });
        if let Some(resource) = &exemption.resource {
            value["resource"] = json!(resource.value.as_str());
        }
        if !exemption.paths.is_empty() {
            value["paths"] = exemption.paths.iter().map(|glob| glob.value.as_str()).collect::<Vec<_>>().into();
        }
        if let Some(day) = &exemption.expires {
            value["expires"] = json!(day.value.to_string());
        }
        self.push(&format!("exemptions.{}", exemption.rules.value), value, None, Some(exemption.at));
    }
}
