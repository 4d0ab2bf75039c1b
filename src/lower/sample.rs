//! Resources for tests, written as JSON: `⟨p⟩` in a string is a hole (a name), `⟨/p⟩` an id, `⟨*p⟩` any text;
//! `{"?": "p"}` is an unknown of no known type, `{"!": value}` a secret.
//!
//! In: JSON. Out: [`Sample`]. Must not know: lowering.

use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::resource::{ApiVersion, Places, Resource, ResourceId, TypeName};
use crate::source::{FileId, Span};
use crate::value::{Array, Attr, Data, Hole, Key, Object, Origin, Pattern, Reason, Symbol, Truth, Unknown, Value};

/// Resources, and the name of every place in them.
#[derive(Debug, Default)]
pub(crate) struct Sample {
    pub(crate) resources: Vec<Resource>,
    places: Vec<String>,
}

impl Sample {
    /// Resources of a template: `type`, `name`, `apiVersion`, body. Extra keys: `existing`, `seen`, `exists` (false means
    /// unknown), `repeated`, `address`.
    pub(crate) fn new(resources: &Json) -> Self {
        let mut sample = Self::default();
        for resource in resources.as_array().unwrap() {
            sample.add(resource);
        }
        sample
    }

    /// What a span stands for.
    pub(crate) fn place(&self, span: Span) -> &str {
        &self.places[span.start as usize]
    }

    fn span(&mut self, name: String) -> Span {
        let at = u32::try_from(self.places.len()).unwrap();
        self.places.push(name);
        Span::new(FileId(0), at, at + 1)
    }

    fn add(&mut self, json: &Json) {
        let text = |name: &str| json.get(name).and_then(Json::as_str).unwrap_or("").to_owned();
        let name = text("name");
        let ty = TypeName::new(&text("type"));
        let mut body = json.clone();
        for key in ["type", "name", "apiVersion", "existing", "seen", "exists", "repeated", "address"] {
            body.as_object_mut().unwrap().remove(key);
        }
        let group = json.get("group").and_then(Json::as_str).unwrap_or("/subscriptions/1/resourceGroups/rg");
        let id = id(group, &ty, &name);
        let address = if text("address").is_empty() { name.clone() } else { text("address") };
        let has_properties = body.get("properties").is_some();
        let ty_span = self.span(format!("{name} type"));
        let name_span = self.span(format!("{name} name"));
        let whole = self.span(format!("{name} whole"));
        let api_version = match text("apiVersion") {
            version if version.is_empty() => Attr::absent(Origin::at(ty_span)),
            version => Attr::known(ApiVersion::new(&version), Origin::at(self.span(format!("{name} apiVersion")))),
        };
        let body = self.value(&name, &body);
        let properties = body.as_object().unwrap().entry("properties").map(|(key, _)| key.at);
        assert_eq!(has_properties, properties.is_some());
        self.resources.push(Resource {
            ty,
            name: Value::new(pattern(&name).into_data(), Origin::at(name_span)),
            id,
            api_version,
            address: address.into(),
            body,
            existing: json.get("existing").is_some(),
            seen: json.get("seen").is_some(),
            managed: false,
            exists: if json.get("exists").is_some() { Truth::Unknown } else { Truth::True },
            condition: json.get("exists").is_some().then(|| Value::null(Origin::at(whole))),
            repeated: json.get("repeated").is_some(),
            change: None,
            at: Places { whole, ty: ty_span, name: Origin::at(name_span), properties: properties.unwrap_or(ty_span) },
        });
    }

    fn value(&mut self, path: &str, json: &Json) -> Value {
        let origin = Origin::at(self.span(path.to_owned()));
        let data = match json {
            Json::Null => Data::Null,
            Json::Bool(value) => Data::Bool(*value),
            Json::Number(number) => Data::Int(number.as_i64().unwrap()),
            Json::String(text) => pattern(text).into_data(),
            Json::Array(items) => {
                let items = items.iter().enumerate().map(|(i, item)| self.value(&format!("{path}/{i}"), item));
                let items = items.collect();
                Data::Array(Arc::new(Array { items, open: None }))
            }
            Json::Object(members) if members.contains_key("?") => {
                let symbol = Symbol::new(members["?"].as_str().unwrap(), "");
                Data::Unknown(Arc::new(Unknown::new(Reason::ParameterWithoutValue, symbol)))
            }
            Json::Object(members) if members.contains_key("!") => {
                return self.value(path, &members["!"]).into_secret();
            }
            Json::Object(members) => {
                let mut object = Object::new();
                for (name, value) in members {
                    let path = format!("{path}/{name}");
                    let at = self.span(format!("{path} key"));
                    object.push(Key { name: name.as_str().into(), at }, self.value(&path, value));
                }
                Data::Object(Arc::new(object))
            }
        };
        Value::new(data, origin)
    }
}

/// The id of a resource in the test's group.
pub(crate) fn id_of(ty: &str, name: &str) -> String {
    id("/subscriptions/1/resourceGroups/rg", &TypeName::new(ty), name).to_string()
}

fn id(group: &str, ty: &TypeName, name: &str) -> ResourceId {
    let mut types = ty.as_str().split('/');
    let mut text = format!("{group}/providers/{}", types.next().unwrap());
    for (ty, name) in types.zip(name.split('/')) {
        text = format!("{text}/{ty}/{name}");
    }
    ResourceId::new(pattern(&text))
}

/// A string with `⟨holes⟩`.
pub(crate) fn pattern(text: &str) -> Pattern {
    let mut pattern = Pattern::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('⟨') {
        let (name, after) = after.split_once('⟩').unwrap();
        let class = match name.chars().next() {
            Some('/') => Hole::Id,
            Some('*') => Hole::Any,
            _ => Hole::Segment,
        };
        let unknown = Unknown::new(Reason::ParameterWithoutValue, Symbol::new(name.trim_start_matches(['/', '*']), ""));
        pattern.push_str(before);
        pattern.push_hole(&Arc::new(unknown.with_hole(class)));
        rest = after;
    }
    pattern.push_str(rest);
    pattern
}

/// A registry with these properties.
pub(crate) fn registry(name: &str, properties: &Json) -> Json {
    json!({
        "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", "name": name,
        "location": "East US", "sku": {"name": "Premium"}, "properties": properties
    })
}
