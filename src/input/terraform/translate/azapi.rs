//! Resources in ARM's own shape, which the provider `azapi` hands on.
//!
//! In: `azapi_resource`, `azapi_update_resource`. Out: the resource of `body`, or what is put over another resource. Must not
//! know: any type.
//!
//! In version 1 of the provider the body is text, in version 2 an object.

use crate::input::secrets;
use crate::input::terraform::reader::Reader;
use crate::json;
use crate::resource::{ResourceId, TypeName};
use crate::source::{FileId, Span};
use crate::value::{Array, Data, Key, Object, Origin, Pattern, Value};

use super::shape::overlay;
use super::{Added, Made, Maker, full_name, name_of};

/// The type and the API version that an instance names.
fn typed(reader: &Reader<'_, '_>, at: usize) -> Option<(String, String, Span)> {
    let value = reader.named(at, "type")?;
    let (ty, version) = value.as_str()?.split_once('@')?;
    Some((ty.to_owned(), version.to_owned(), value.origin.at))
}

/// The id of a resource, from those of its parent, its type and its name.
pub(in crate::input::terraform) fn id(reader: &Reader<'_, '_>, at: usize) -> Option<Pattern> {
    let instance = reader.world.instances.get(at)?;
    if !matches!(instance.parts.ty.as_str(), "azapi_resource" | "azapi_update_resource") {
        return None;
    }
    let attribute =
        |name: &str| reader.named(at, name).filter(|value| !value.is_null()).and_then(|value| value.as_pattern());
    if let Some(other) = attribute("resource_id") {
        let told = other.parts().len() == 1
            && other.first_hole().is_some_and(|hole| hole.symbol.text.starts_with(&*instance.address));
        if !told {
            return Some(other);
        }
    }
    let (ty, ..) = typed(reader, at)?;
    let mut parent = attribute("parent_id")?;
    let name = attribute("name").unwrap_or_else(|| Pattern::hole(&reader.hole(at, "name")));
    let mut names = ty.split('/');
    let (namespace, kinds) = (names.next()?, names.collect::<Vec<_>>());
    match kinds.as_slice() {
        [kind] => {
            parent.push_str("/providers/");
            parent.push_str(namespace);
            parent.push_str("/");
            parent.push_str(kind);
        }
        [.., kind] => {
            parent.push_str("/");
            parent.push_str(kind);
        }
        [] => return None,
    }
    parent.push_str("/");
    parent.push(&name);
    Some(parent)
}

/// Makes the resource of an instance.
pub(super) fn make(
    reader: &Reader<'_, '_>,
    at: usize,
    gone: &[ResourceId],
    made: &mut Made,
    wanted: crate::input::terraform::Wanted<'_>,
) {
    let Some((ty, version, version_at)) = typed(reader, at) else { return };
    let Some(maker) = Maker::new(reader, at, "", &|_| true, gone, made) else { return };
    let update = maker.instance.parts.ty == "azapi_update_resource";
    if !matches!(maker.instance.parts.ty.as_str(), "azapi_resource" | "azapi_update_resource")
        || !wanted(&TypeName::new(&ty))
    {
        return;
    }
    let mut body = Object::new();
    for name in ["location", "identity"] {
        if let Some((key, value)) = maker.get(name) {
            let value = match value.as_array().and_then(|array| array.items.first()) {
                Some(first) => first.clone(),
                None if value.as_array().is_some() => continue,
                None => value,
            };
            body.push(Key { name: name.into(), at: key.at }, value);
        }
    }
    for (attribute, secret) in [("body", false), ("output", false), ("sensitive_body", true)] {
        // What Azure answers is the body of what is only read.
        if (attribute == "output") != maker.instance.parts.data {
            continue;
        }
        let Some((key, value)) = maker.get(attribute) else { continue };
        let value = parsed(value);
        let value = if secret { value.into_secret() } else { value };
        match &value.data {
            Data::Object(object) => {
                let object = marked(object, secret);
                body = overlay(&body, &object);
                body.open = body.open.clone().or_else(|| object.open.clone());
            }
            Data::Unknown(unknown) => {
                body.open = Some(std::sync::Arc::clone(unknown));
                _ = key;
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
            Data::String(_) | Data::Pattern(_) | Data::Array(_) => {}
        }
    }
    let id = maker.id.clone();
    let own = match maker.from.get("name").and_then(Value::as_name) {
        Some(name) => name,
        None => name_of(&id),
    };
    let name = full_name(&id, &ty, &own);
    let name_at = maker.from.get("name").map_or(Origin::at(maker.instance.values_at), |value| value.origin);
    let address = std::sync::Arc::clone(&maker.instance.address);
    let mut resource = maker.resource(&ty, id, name, name_at, address, body);
    Maker::version(&mut resource, &version, version_at);
    if let Some((key, _)) = resource.body.as_object().and_then(|body| body.entry("properties")) {
        resource.at.properties = key.at;
    }
    if update {
        maker.made.additions.push(Added { resource, among: false });
    } else {
        maker.made.resources.push(resource);
    }
}

/// The members of a secret body are secrets one by one, so that the others stay.
fn marked(object: &Object, secret: bool) -> Object {
    if !secret {
        return object.clone();
    }
    let mut marked = Object::new();
    for (key, value) in object.iter() {
        let value = match value.as_object() {
            Some(inner) => Value::object(self::marked(inner, true), value.origin),
            None => value.clone().into_secret(),
        };
        marked.push(key.clone(), value);
    }
    marked
}

/// A body that is text, read; its parts stand where the text does.
fn parsed(value: Value) -> Value {
    let Some(text) = value.as_str().filter(|text| text.trim_start().starts_with('{')) else { return value };
    let parsed = json::parse(FileId(u32::MAX), text);
    let Some(root) = parsed.tree.root().filter(|_| parsed.problems.iter().all(|problem| !problem.fatal)) else {
        return value;
    };
    let mut read = placed(&secrets_marked(crate::input::arm::plain(root)), value.origin);
    read.secret = value.secret;
    read
}

fn secrets_marked(value: Value) -> Value {
    match &value.data {
        Data::Object(object) => {
            let mut marked = Object::new();
            for (key, member) in object.iter() {
                marked.push(key.clone(), secrets::mark(&key.name, secrets_marked(member.clone())));
            }
            Value::object(secrets::mark_pair(marked), value.origin)
        }
        Data::Array(array) => {
            let items = array.items.iter().cloned().map(secrets_marked).collect();
            Value { data: Data::Array(std::sync::Arc::new(Array { items, open: None })), ..value }
        }
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => value,
        Data::Pattern(_) | Data::Unknown(_) => value,
    }
}

/// A value whose parts all stand at one place.
fn placed(value: &Value, origin: Origin) -> Value {
    let data = match &value.data {
        Data::Object(object) => {
            let mut moved = Object::with_capacity(object.len());
            for (key, member) in object.iter() {
                moved.push(Key { name: std::sync::Arc::clone(&key.name), at: origin.at }, placed(member, origin));
            }
            Data::Object(std::sync::Arc::new(moved))
        }
        Data::Array(array) => {
            let items = array.items.iter().map(|item| placed(item, origin)).collect();
            Data::Array(std::sync::Arc::new(Array { items, open: None }))
        }
        other => other.clone(),
    };
    Value { data, origin, secret: value.secret }
}
