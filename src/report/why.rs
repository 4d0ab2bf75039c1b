//! Where one value of the document that `expand` prints came from.
//!
//! In: a loaded file and a JSON pointer (RFC 6901) into that document, or into one of its resources. Out: [`Why`], and
//! its text: the value, each step that it took, the place to edit. Must not know: how expressions are evaluated.

use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use crate::check::describe;
use crate::diag::Level;
use crate::input::Loaded;
use crate::resource::Resource;
use crate::source::{Sources, Span};
use crate::value::{Data, Origin, Reason, State, Step, StepKind, Trails, Value};

use super::concise::visible;
use super::drawing::{self, Entry};
use super::excerpt::{Cutter, Mark};
use super::expansion::{Writer, deployed};
use super::style::Style;
use super::{Look, Positions, Redactions};

/// So many lines of a value are shown to a person.
const LINES: usize = 12;
/// So many names are listed where a pointer leads nowhere.
const NAMES: usize = 20;

/// The way of one value.
#[derive(Debug)]
pub struct Why<'a> {
    pointer: String,
    what: What<'a>,
    /// From the use inwards.
    steps: Vec<Step>,
    place: Span,
}

/// What a pointer leads to.
#[derive(Clone, Copy, Debug)]
enum What<'a> {
    Value(&'a Value),
    /// The id, the type or the API version of a resource, or all of it.
    Of(&'a Resource, Part),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Whole,
    Id,
    Type,
    ApiVersion,
}

/// Follows a pointer into the document, or into one resource of it. What leads nowhere is said in a sentence.
pub fn find<'a>(
    loaded: &'a Loaded,
    resource: Option<&'a Resource>,
    pointer: &str,
    redact: &Redactions,
) -> Result<Why<'a>, String> {
    if !pointer.is_empty() && !pointer.starts_with('/') {
        return Err(format!("`{pointer}` is no JSON pointer: it begins with `/`, such as `/resources/0/name`"));
    }
    let tokens = pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect();
    let mut walk = Walk { loaded, pointer, redact, tokens, done: 0, steps: Vec::new() };
    let (what, place) = match resource {
        Some(resource) => walk.resource(resource)?,
        None => walk.document()?,
    };
    Ok(Why { pointer: pointer.to_owned(), what, steps: walk.steps, place })
}

/// On the way along a pointer.
struct Walk<'p, 'a> {
    loaded: &'a Loaded,
    pointer: &'p str,
    redact: &'p Redactions,
    tokens: Vec<String>,
    /// How many tokens led somewhere.
    done: usize,
    steps: Vec<Step>,
}

type Found<'a> = Result<(What<'a>, Span), String>;

impl<'a> Walk<'_, 'a> {
    fn next(&mut self) -> Option<String> {
        let token = self.tokens.get(self.done).cloned();
        self.done += usize::from(token.is_some());
        token
    }

    /// The sentence for a pointer whose last token leads nowhere.
    fn nowhere(&self, missing: &str) -> String {
        let known: Vec<_> = self.tokens.iter().take(self.done.saturating_sub(1)).map(|token| escaped(token)).collect();
        let led = if known.is_empty() { "the beginning".to_owned() } else { format!("`/{}`", known.join("/")) };
        format!("`{}` leads nowhere: it leads as far as {led}, {missing}", self.pointer)
    }

    /// The same, where there are names.
    fn no_name<'n>(&self, name: &str, names: impl Iterator<Item = &'n str>) -> String {
        let mut names: Vec<String> = names.take(NAMES + 1).map(|name| self.redact.clean(name).into_owned()).collect();
        if names.len() > NAMES {
            names.truncate(NAMES);
            names.push("…".to_owned());
        }
        let have = if names.is_empty() { "it is empty".to_owned() } else { format!("there are {}", names.join(", ")) };
        self.nowhere(&format!("where there is no `{name}`; {have}"))
    }

    fn element<T: Copy>(&self, token: &str, items: &[T]) -> Result<T, String> {
        let index = token.parse::<usize>().ok().filter(|index| index.to_string() == token);
        index.and_then(|index| items.get(index)).copied().ok_or_else(|| {
            let have = match items.len() {
                0 => "it is empty".to_owned(),
                1 => "the only one is 0".to_owned(),
                several => format!("there are 0 to {}", several - 1),
            };
            self.nowhere(&format!("where there is no `{token}`; {have}"))
        })
    }

    fn document(&mut self) -> Found<'a> {
        let whole = "the whole document is no single value: go on with /resources/0, or /outputs/ and a name";
        let Some(part) = self.next() else { return Err(whole.to_owned()) };
        let loaded = self.loaded;
        match part.as_str() {
            "resources" => {
                let resources: Vec<&Resource> = deployed(loaded).collect();
                let Some(token) = self.next() else {
                    return Err(format!("`/resources` is no single value: there are {}", resources.len()));
                };
                let resource = self.element(&token, &resources)?;
                self.resource(resource)
            }
            "outputs" => {
                let names = || loaded.outputs.iter().map(|(key, _)| &*key.name);
                let Some(token) = self.next() else {
                    let names: Vec<_> = names().map(|name| self.redact.clean(name)).collect();
                    return Err(format!("`/outputs` is no single value: there are {}", names.join(", ")));
                };
                match loaded.outputs.iter().find(|(key, _)| *key.name == *token) {
                    Some((_, value)) => self.value(value),
                    None => Err(self.no_name(&token, names())),
                }
            }
            "problems" => Err("problems have a `location` of their own".to_owned()),
            other => Err(self.no_name(other, ["resources", "outputs", "problems"].into_iter())),
        }
    }

    fn resource(&mut self, resource: &'a Resource) -> Found<'a> {
        let Some(token) = self.next() else { return Ok((What::Of(resource, Part::Whole), resource.at.ty)) };
        let body = resource.body.as_object();
        match (token.as_str(), &resource.condition) {
            ("id", _) => self.part(resource, Part::Id, resource.at.name),
            ("type", _) => self.part(resource, Part::Type, Origin::at(resource.at.ty)),
            ("name", _) => self.value(&resource.name),
            ("apiVersion", _) if !resource.api_version.is_absent() => {
                self.part(resource, Part::ApiVersion, resource.api_version.origin)
            }
            ("condition", Some(condition)) => self.value(condition),
            (name, condition) => match body.and_then(|body| body.exact(name)) {
                Some(value) => self.value(value),
                None => {
                    let own = ["id", "type", "name", "apiVersion"].into_iter();
                    let body = body.into_iter().flat_map(|body| body.iter().map(|(key, _)| &*key.name));
                    Err(self.no_name(name, own.chain(body).chain(condition.iter().map(|_| "condition"))))
                }
            },
        }
    }

    fn part(&mut self, resource: &'a Resource, part: Part, origin: Origin) -> Found<'a> {
        if self.next().is_some() {
            return Err(self.nowhere("which is a string and has no parts"));
        }
        self.steps.extend(self.loaded.trails.steps(origin).cloned());
        Ok((What::Of(resource, part), origin.at))
    }

    fn value(&mut self, value: &'a Value) -> Found<'a> {
        let trails: &'a Trails = &self.loaded.trails;
        self.steps.extend(trails.steps(value.origin).cloned());
        let Some(token) = self.next() else { return Ok((What::Value(value), value.origin.at)) };
        match &value.data {
            _ if value.secret => Err(self.nowhere("which is a secret")),
            Data::Object(object) if object.open.is_none() => match object.exact(&token) {
                Some(member) => self.value(member),
                None => Err(self.no_name(&token, object.iter().map(|(key, _)| &*key.name))),
            },
            Data::Array(array) if array.open.is_none() => {
                let items: Vec<&Value> = array.items.iter().collect();
                let item = self.element(&token, &items)?;
                self.value(item)
            }
            Data::Object(_) | Data::Array(_) | Data::Unknown(_) => Err(self.nowhere("which is not known")),
            Data::Null => Err(self.nowhere("which is null and has no parts")),
            Data::Bool(_) => Err(self.nowhere("which is a boolean and has no parts")),
            Data::Int(_) | Data::Float(_) => Err(self.nowhere("which is a number and has no parts")),
            Data::String(_) | Data::Pattern(_) => Err(self.nowhere("which is a string and has no parts")),
        }
    }
}

/// A token as a pointer writes it.
fn escaped(token: &str) -> String {
    token.replace('~', "~0").replace('/', "~1")
}

impl Why<'_> {
    fn writer<'s>(&self, sources: &'s Sources, redact: &'s Redactions) -> Writer<'s> {
        let spans = self.steps.iter().map(|step| step.at).chain([self.place]);
        Writer { sources, positions: Positions::new(sources, spans), redact }
    }

    fn json(&self, writer: &Writer<'_>) -> Json {
        match self.what {
            What::Value(value) => writer.value(value),
            What::Of(resource, Part::Whole) => writer.resource(resource),
            What::Of(resource, Part::Id) => writer.pattern(resource.id.pattern()),
            What::Of(resource, Part::Type) => Json::String(writer.clean(resource.ty.as_str())),
            What::Of(resource, Part::ApiVersion) => writer.version(&resource.api_version).unwrap_or_default(),
        }
    }

    /// The way as JSON: `pointer`, `value`, `steps` from the use inwards, and the `place` to edit.
    pub fn document(&self, sources: &Sources, redact: &Redactions) -> String {
        let writer = self.writer(sources, redact);
        let step = |step: &Step| {
            let (kind, name) = kind(&step.kind);
            let name = name.map(|name| writer.clean(name));
            let message = writer.clean(&describe::step(step));
            json!({ "kind": kind, "name": name, "message": message, "location": writer.location(step.at) })
        };
        let document = json!({
            "pointer": writer.clean(&self.pointer),
            "value": self.json(&writer),
            "steps": self.steps.iter().map(step).collect::<Vec<_>>(),
            "place": writer.location(self.place),
        });
        // Strings, numbers and maps with string keys always serialize.
        serde_json::to_string_pretty(&document).unwrap_or_default() + "\n"
    }

    /// The way for a person: the value, then one excerpt for each place, the place to edit last.
    pub fn human(&self, sources: &Sources, redact: &Redactions, look: Look) -> String {
        let writer = self.writer(sources, redact);
        let cutter = Cutter::new(sources, &writer.positions, redact, look.width);
        let value = self.value_lines(&writer);
        let mut out = String::new();
        let pointer = if self.pointer.is_empty() { "the resource" } else { &self.pointer };
        let pointer = Style::Strong.paint(&visible(&redact.clean(pointer)), look.color);
        // Writing to a string cannot fail.
        let _ = writeln!(out, "{pointer} is {}\n", visible(&value));
        for (i, (place, said)) in self.places().into_iter().enumerate() {
            let message = visible(&redact.clean(&said.join("; ")));
            let mark = Mark { span: place, text: String::new(), primary: true };
            let head = format!("{}.", i + 1);
            let shown = head.clone();
            let entry = Entry { head, shown, level: Level::Note, message, marks: vec![mark], foot: Vec::new() };
            out.push_str(&drawing::draw(&entry, &cutter, look));
            out.push('\n');
        }
        out
    }

    /// The places of the way in order, and what is to be said at each.
    fn places(&self) -> Vec<(Span, Vec<String>)> {
        let mut places: Vec<(Span, Vec<String>)> = Vec::new();
        let mut say = |at: Span, text: String| match places.last_mut() {
            Some((last, said)) if *last == at => said.push(text),
            Some(_) | None => places.push((at, vec![text])),
        };
        for step in &self.steps {
            say(step.at, describe::step(step));
        }
        say(self.place, self.last_word().to_owned());
        places
    }

    /// What is said of the place to edit.
    fn last_word(&self) -> &'static str {
        match self.what {
            What::Of(_, Part::Whole) => "the resource is declared here",
            What::Of(_, Part::Id) => "made of the place of the deployment, the type and this name: edit it here",
            What::Value(Value { data: Data::Unknown(unknown), .. }) => match unknown.reason {
                Reason::ParameterWithoutValue => "a parameter without a value: give it one",
                Reason::Secret => "where the secret comes in",
                _ => "the place to edit",
            },
            What::Of(_, Part::Type | Part::ApiVersion) | What::Value(_) => "the place to edit",
        }
    }

    /// The value on one line where it is short, else as JSON of some lines.
    fn value_lines(&self, writer: &Writer<'_>) -> String {
        let unknown = match self.what {
            What::Value(Value { data: Data::Unknown(unknown), .. }) => Some(unknown),
            What::Of(Resource { api_version, .. }, Part::ApiVersion) => match &api_version.state {
                State::Unknown(unknown) => Some(unknown),
                State::Known(_) | State::Absent => None,
            },
            What::Value(Value { secret: true, .. }) => return "a secret".to_owned(),
            What::Value(_) | What::Of(..) => None,
        };
        if let Some(unknown) = unknown {
            let symbol = writer.clean(&unknown.symbol.text);
            return format!("not known: {symbol} ({})", unknown.reason.words());
        }
        let value = self.json(writer);
        if let Some(pattern) = value.pointer("/$unknown/pattern").and_then(Json::as_str) {
            return format!("\"{pattern}\", of which parts are not known");
        }
        let pretty = serde_json::to_string_pretty(&value).unwrap_or_default();
        let mut lines: Vec<&str> = pretty.lines().collect();
        if lines.len() > LINES {
            lines.truncate(LINES);
            lines.push("  …");
        }
        lines.join("\n")
    }
}

/// The word for a step, and the name in it.
fn kind(kind: &StepKind) -> (&'static str, Option<&str>) {
    match kind {
        StepKind::Parameter(name) => ("parameter", Some(name)),
        StepKind::DefaultValue(name) => ("default", Some(name)),
        StepKind::ParameterFile(name) => ("given", Some(name)),
        StepKind::Variable(name) => ("variable", Some(name)),
        StepKind::Call(name) => ("call", Some(name)),
        StepKind::CopyIteration(name, _) => ("copy", Some(name)),
        StepKind::NestedDeployment(name) => ("deployment", Some(name)),
        StepKind::PlatformDefault(name) => ("platform-default", Some(name)),
        StepKind::PlanValue => ("plan", None),
        StepKind::Reference(name) => ("reference", Some(name)),
    }
}
