//! What a template deploys, as JSON.
//!
//! In: a loaded file. Out: `resources`, `outputs` and `problems`. Must not know: how expansion works.
//!
//! [`super::tree`] shows the same to a person; [`super::why`] follows one value of this document.
//!
//! A value that is not known is an object with the single key `$unknown`: its symbol, or its pattern with holes, and
//! the reason. A secret is never printed; neither are the arguments of the call that made it.

use serde_json::{Map, Number, Value as Json, json};

use crate::input::Loaded;
use crate::resource::Resource;
use crate::source::{Sources, Span};
use crate::value::{Attr, Data, Pattern, Reason, State, Truth, Unknown, Value};

use super::{Positions, Redactions};

/// The whole document, indented, with a line feed at its end.
pub fn write(loaded: &Loaded, sources: &Sources, redact: &Redactions) -> String {
    // Strings, numbers and maps with string keys always serialize.
    let mut out = serde_json::to_string_pretty(&document(loaded, sources, redact)).unwrap_or_default();
    out.push('\n');
    out
}

/// The whole document.
pub fn document(loaded: &Loaded, sources: &Sources, redact: &Redactions) -> Json {
    let deployed = || deployed(loaded);
    let spans = deployed()
        .map(|resource| resource.at.whole)
        .chain(loaded.problems.iter().filter_map(crate::diag::Problem::span));
    let writer = Writer { sources, positions: Positions::new(sources, spans), redact };
    let resources: Vec<Json> = deployed().map(|resource| writer.resource(resource)).collect();
    let outputs: Map<String, Json> =
        loaded.outputs.iter().map(|(key, value)| (writer.clean(&key.name), writer.value(value))).collect();
    let problems: Vec<Json> = loaded.problems.iter().map(|problem| writer.problem(problem)).collect();
    json!({ "resources": resources, "outputs": outputs, "problems": problems })
}

/// A number, or the name that JSON has no number for.
fn number(value: f64) -> Json {
    let name = || match value {
        value if value.is_nan() => "NaN",
        value if value > 0.0 => "Infinity",
        _ => "-Infinity",
    };
    Number::from_f64(value).map_or_else(|| json!(name()), Json::Number)
}

/// The resources of the document, in its order: what is only referenced is not deployed.
pub fn deployed(loaded: &Loaded) -> impl Iterator<Item = &Resource> {
    loaded.resources.iter().filter(|resource| !resource.existing)
}

/// Writes parts of the document.
pub(super) struct Writer<'a> {
    pub(super) sources: &'a Sources,
    pub(super) positions: Positions<'a>,
    pub(super) redact: &'a Redactions,
}

impl Writer<'_> {
    pub(super) fn clean(&self, text: &str) -> String {
        self.redact.clean(text).into_owned()
    }

    pub(super) fn resource(&self, resource: &Resource) -> Json {
        let mut out = Map::new();
        out.insert("id".to_owned(), self.pattern(resource.id.pattern()));
        out.insert("type".to_owned(), Json::String(self.clean(resource.ty.as_str())));
        out.insert("name".to_owned(), self.value(&resource.name));
        if let Some(version) = self.version(&resource.api_version) {
            out.insert("apiVersion".to_owned(), version);
        }
        if let Some(body) = resource.body.as_object() {
            for (key, value) in body.iter() {
                out.insert(self.clean(&key.name), self.value(value));
            }
        }
        if let (Truth::Unknown, Some(condition)) = (resource.exists, &resource.condition) {
            out.insert("condition".to_owned(), self.value(condition));
        }
        out.insert("$at".to_owned(), self.location(resource.at.whole));
        Json::Object(out)
    }

    pub(super) fn version(&self, version: &Attr<crate::resource::ApiVersion>) -> Option<Json> {
        match &version.state {
            State::Known(version) => Some(Json::String(version.as_str().to_owned())),
            State::Absent => None,
            State::Unknown(unknown) => Some(self.unknown(unknown)),
        }
    }

    pub(super) fn value(&self, value: &Value) -> Json {
        if value.secret {
            return match &value.data {
                Data::Unknown(unknown) => self.unknown(unknown),
                _ => json!({ "$unknown": { "symbol": "a secret", "reason": Reason::Secret.name() } }),
            };
        }
        match &value.data {
            Data::Null => Json::Null,
            Data::Bool(value) => Json::Bool(*value),
            Data::Int(value) => json!(value),
            Data::Float(value) => number(*value),
            Data::String(text) => Json::String(text.as_ref().to_owned()),
            Data::Pattern(pattern) => self.pattern(pattern),
            Data::Array(array) => match &array.open {
                Some(unknown) => self.unknown(unknown),
                None => Json::Array(array.items.iter().map(|item| self.value(item)).collect()),
            },
            Data::Object(object) => match &object.open {
                Some(unknown) => self.unknown(unknown),
                None => {
                    Json::Object(object.iter().map(|(key, value)| (self.clean(&key.name), self.value(value))).collect())
                }
            },
            Data::Unknown(unknown) => self.unknown(unknown),
        }
    }

    pub(super) fn pattern(&self, pattern: &Pattern) -> Json {
        match (pattern.as_literal(), pattern.parts(), pattern.first_hole()) {
            (Some(text), ..) => Json::String(text.to_owned()),
            (None, [_], Some(unknown)) => self.unknown(unknown),
            (None, _, unknown) => {
                let reason = unknown.map_or(Reason::Unsupported, |unknown| unknown.reason);
                json!({ "$unknown": { "pattern": self.clean(&pattern.to_string()), "reason": reason.name() } })
            }
        }
    }

    fn unknown(&self, unknown: &Unknown) -> Json {
        json!({ "$unknown": { "symbol": self.clean(&unknown.symbol.text), "reason": unknown.reason.name() } })
    }

    fn problem(&self, problem: &crate::diag::Problem) -> Json {
        let mut out = Map::new();
        out.insert("code".to_owned(), json!(problem.code));
        out.insert("level".to_owned(), json!(problem.level.name()));
        out.insert("message".to_owned(), Json::String(self.clean(&problem.message)));
        if let Some(span) = problem.span() {
            out.insert("location".to_owned(), self.location(span));
        }
        if let Some(help) = &problem.help {
            out.insert("help".to_owned(), Json::String(self.clean(help)));
        }
        Json::Object(out)
    }

    pub(super) fn location(&self, span: Span) -> Json {
        let place = |offset| {
            let at = self.positions.at(span.file, offset);
            json!({ "line": at.line, "column": at.column, "offset": at.offset })
        };
        json!({ "path": self.clean(self.sources.get(span.file).path()), "start": place(span.start), "end": place(span.end) })
    }
}
