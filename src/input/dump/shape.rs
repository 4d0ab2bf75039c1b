//! From the shapes of tools back to ARM's own.
//!
//! In: the named values of a resource. Out: its body as a template would have it. Must not know: what a property means.
//!
//! Tools lift the members of `properties` to the top, in resources and in the sub-resources inside of them. So whatever
//! does not belong to the envelope of every resource goes back into `properties`; which arrays hold sub-resources, and
//! what else was renamed, stands in the tables below.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use crate::expr;
use crate::input::arm;
use crate::input::secrets;
use crate::json::{Kind, Node};
use crate::resource::TypeName;
use crate::source::Span;
use crate::value::{Array, Data, Key, Object, Origin, Reason, Symbol, Unknown, Value};

/// What stands beside `properties` in a resource.
const ENVELOPE: [&str; 16] = [
    "id",
    "name",
    "type",
    "apiVersion",
    "location",
    "tags",
    "sku",
    "identity",
    "kind",
    "plan",
    "zones",
    "etag",
    "managedBy",
    "extendedLocation",
    "systemData",
    "scale",
];

/// What tools add of their own; nothing of the resource.
const ADDED: [&str; 12] = [
    "resourceGroup",
    "resourceGroupName",
    "subscriptionId",
    "tenantId",
    "resourceId",
    "resourceType",
    "changedTime",
    "createdTime",
    "provisioningState",
    "tagsTable",
    "extendedProperties",
    "aclString",
];

/// Arrays of sub-resources, whose elements have `properties` of their own: the beginning of the types that have them.
const WRAPPED: [(&str, &[&str]); 4] = [
    (
        "microsoft.network/",
        &[
            "subnets",
            "virtualNetworkPeerings",
            "delegations",
            "privateLinkServiceConnections",
            "manualPrivateLinkServiceConnections",
            "ipConfigurations",
            "securityRules",
            "defaultSecurityRules",
            "routes",
            "privateDnsZoneConfigs",
            "applicationRuleCollections",
            "networkRuleCollections",
            "natRuleCollections",
        ],
    ),
    ("microsoft.containerregistry/", &["privateEndpointConnections"]),
    ("microsoft.containerinstance/", &["containers", "initContainers"]),
    ("microsoft.compute/", &["networkInterfaceConfigurations", "ipConfigurations"]),
];

/// What the models of a tool call otherwise: the member around, their name, ARM's name.
const RENAMED: [(&str, &str, &str); 3] = [
    ("ipRules", "ipAddressOrRange", "value"),
    ("networkRuleSetIPRule", "ipAddressOrRange", "value"),
    ("virtualNetworkRules", "virtualNetworkResourceId", "id"),
];

/// Members of the top that a tool flattened further: the type, their name, ARM's path.
const MOVED: [(&str, &str, &[&str]); 10] = [
    (REGISTRY, "skuName", &["sku", "name"]),
    (REGISTRY, "skuTier", &["sku", "tier"]),
    (REGISTRY, "networkRuleSetDefaultAction", &["properties", "networkRuleSet", "defaultAction"]),
    (REGISTRY, "networkRuleSetIPRule", &["properties", "networkRuleSet", "ipRules"]),
    (REGISTRY, "networkRuleBypassOption", &["properties", "networkRuleBypassOptions"]),
    (REGISTRY, "privateEndpointConnection", &["properties", "privateEndpointConnections"]),
    (REGISTRY, "dataEndpointHostName", &["properties", "dataEndpointHostNames"]),
    (REGISTRY, "exportPolicyStatus", &["properties", "policies", "exportPolicy", "status"]),
    ("microsoft.network/privatednszones/a", "records", &["properties", "aRecords"]),
    (
        "microsoft.network/privatednszones/virtualnetworklinks",
        "virtualNetworkId",
        &["properties", "virtualNetwork", "id"],
    ),
];

/// How Resource Graph names `properties.…` in a projection.
const PROJECTED: &str = "properties_";

const REGISTRY: &str = "microsoft.containerregistry/registries";

/// The symbol of a value that PowerShell replaced by the name of its type.
pub(super) const CUT: &str = "what PowerShell cut off";

/// The names of members and types that were met; each is held once, however often it is written.
#[derive(Debug, Default)]
pub(super) struct Names {
    known: RefCell<HashSet<Arc<str>>>,
    types: RefCell<HashMap<String, TypeName>>,
}

impl Names {
    /// A name with its place.
    pub(super) fn key(&self, node: Node<'_>) -> Key {
        let written = node.as_str().unwrap_or_default();
        let mut known = self.known.borrow_mut();
        let name = match known.get(written.as_ref()) {
            Some(name) => Arc::clone(name),
            None => {
                let name: Arc<str> = written.as_ref().into();
                known.insert(Arc::clone(&name));
                name
            }
        };
        Key { name, at: node.span() }
    }

    /// A type by its name.
    pub(super) fn ty(&self, written: &str) -> TypeName {
        let mut types = self.types.borrow_mut();
        if let Some(ty) = types.get(written) {
            return ty.clone();
        }
        let ty = TypeName::new(written);
        types.insert(written.to_owned(), ty.clone());
        ty
    }
}

/// A name with its place.
pub(super) fn key(node: Node<'_>) -> Key {
    Key { name: node.as_str().unwrap_or_default().as_ref().into(), at: node.span() }
}

fn is_one_of(name: &str, names: &[&str]) -> bool {
    names.iter().any(|other| name.eq_ignore_ascii_case(other))
}

/// Whether a resource shows all of what it is like: its `properties`, or, where a tool lifted them up, what a query that
/// picks some of them would hardly keep.
pub(super) fn shows_all(fields: &[(Key, Node<'_>)], lifted: bool) -> bool {
    let named = |name: &str| fields.iter().find(|(key, _)| key.name.eq_ignore_ascii_case(name)).map(|(_, node)| *node);
    if let Some(properties) = named("properties") {
        return properties.kind() == Kind::Object && !properties.is_empty();
    }
    let own = |key: &Key| !is_one_of(&key.name, &ENVELOPE) && !is_one_of(&key.name, &ADDED);
    lifted
        && fields.iter().any(|(key, _)| own(key))
        && ["type", "etag", "provisioningState", "registrationState"].iter().any(|name| named(name).is_some())
}

/// The two lists of `az acr network-rule list`, as a registry has them.
pub(super) fn rules(node: Node<'_>) -> Object {
    Shaper { ty: REGISTRY, expressions: false, names: &Names::default() }.members("", node)
}

/// The body of a resource. `expressions`: texts may be expressions that only a deployment evaluates, as in a what-if.
pub(super) fn body(fields: &[(Key, Node<'_>)], ty: &TypeName, expressions: bool, whole: Span, names: &Names) -> Value {
    let shaper = Shaper { ty: ty.key(), expressions, names };
    let mut body = Object::with_capacity(fields.len());
    let mut properties = Object::new();
    let at = Origin::at(Span::new(whole.file, whole.start, whole.start.saturating_add(1)));
    let mut properties_key = None;
    let mut moved: Vec<(Vec<&str>, Key, Node<'_>)> = Vec::new();
    for (key, node) in fields {
        let target = MOVED.iter().find(|(of, name, _)| ty.key() == *of && key.name.eq_ignore_ascii_case(name));
        if let Some((_, _, path)) = target {
            moved.push((path.to_vec(), key.clone(), *node));
        } else if key.name.get(..PROJECTED.len()).is_some_and(|front| front.eq_ignore_ascii_case(PROJECTED)) {
            moved.push((key.name.split('_').collect(), key.clone(), *node));
        } else if key.name.eq_ignore_ascii_case("properties") && node.kind() == Kind::Object {
            properties_key = Some(key.clone());
            for member in node.members() {
                let key = names.key(member.key);
                let value = shaper.member(&key, member.value);
                properties.push(key, value);
            }
        } else if is_one_of(&key.name, &["id", "name", "type", "apiVersion", "properties"]) {
            // The identity stands in the resource itself.
        } else if is_one_of(&key.name, &ENVELOPE) {
            body.push(key.clone(), shaper.member(key, *node));
        } else if !is_one_of(&key.name, &ADDED) && properties.get(&key.name).is_none() {
            properties.push(key.clone(), shaper.member(key, *node));
        }
    }
    if let Some(key) = properties_key.or_else(|| above(&properties)) {
        body.push(key, Value::object(secrets::mark_pair(properties.fitted()), at));
    }
    for (path, key, node) in moved {
        let last = path.last().copied().unwrap_or_default();
        let value = secrets::mark(last, shaper.value(last, node));
        body = put(body, &path, &key, value, at);
    }
    Value::object(body.fitted(), at)
}

/// A key `properties` for members that a tool lifted: at the place of the first one.
fn above(properties: &Object) -> Option<Key> {
    properties.iter().next().map(|(key, _)| Key { name: "properties".into(), at: key.at })
}

/// Puts a value at a path, unless one is there.
fn put(mut object: Object, path: &[&str], key: &Key, value: Value, at: Origin) -> Object {
    let Some((first, rest)) = path.split_first() else { return object };
    let named = Key { name: (*first).into(), at: key.at };
    if rest.is_empty() {
        if object.get(first).is_none() {
            object.push(named, value);
        }
        return object;
    }
    let inner = object.get(first).and_then(|inner| inner.as_object().map(|inner| Object::clone(inner)));
    let inner = put(inner.unwrap_or_default(), rest, key, value, at);
    object.insert(named, Value::object(inner, at));
    object
}

/// Reads the values of one resource.
struct Shaper<'a> {
    ty: &'a str,
    expressions: bool,
    names: &'a Names,
}

impl Shaper<'_> {
    /// A member, marked where its name is that of a credential.
    fn member(&self, key: &Key, node: Node<'_>) -> Value {
        secrets::mark(&key.name, self.value(&key.name, node))
    }

    /// A value that stands under a name.
    fn value(&self, name: &str, node: Node<'_>) -> Value {
        let origin = Origin::at(node.span());
        match node.kind() {
            Kind::Array => {
                let wrapped = self.is_wrapped(name);
                let items =
                    node.items().map(|item| if wrapped { self.wrapped(name, item) } else { self.value(name, item) });
                Value::new(Data::Array(Arc::new(Array { items: items.collect(), open: None })), origin)
            }
            Kind::Object => Value::object(self.members(name, node), origin),
            Kind::String => self.text(node),
            Kind::Null | Kind::Bool(_) | Kind::Number => arm::plain(node),
        }
    }

    fn text(&self, node: Node<'_>) -> Value {
        let origin = Origin::at(node.span());
        let text = node.as_str().unwrap_or_default();
        let scope = || format!("{}:{}", origin.at.file.0, origin.at.start);
        // The name of a .NET type, or a hash table on one line.
        if is_cut(&text) {
            return Value::unknown(Unknown::new(Reason::NotInInput, Symbol::new(CUT, scope())), origin);
        }
        if self.expressions && expr::is_expression(&text) {
            let symbol = Symbol::new(text.trim_start_matches('[').trim_end_matches(']'), scope());
            return Value::unknown(Unknown::new(Reason::RuntimeFunction, symbol), origin);
        }
        arm::plain(node)
    }

    fn members(&self, around: &str, node: Node<'_>) -> Object {
        let mut object = Object::with_capacity(node.len());
        for member in node.members() {
            let mut key = self.names.key(member.key);
            let value = self.member(&key, member.value);
            let renamed = RENAMED
                .iter()
                .find(|(of, name, _)| around.eq_ignore_ascii_case(of) && key.name.eq_ignore_ascii_case(name));
            if let Some((_, _, name)) = renamed {
                key.name = (*name).into();
            }
            object.push(key, value);
        }
        secrets::mark_pair(object)
    }

    fn is_wrapped(&self, name: &str) -> bool {
        WRAPPED.iter().any(|(types, arrays)| self.ty.starts_with(types) && is_one_of(name, arrays))
    }

    /// An element that is a sub-resource: what is not its envelope goes into its `properties`.
    fn wrapped(&self, name: &str, node: Node<'_>) -> Value {
        if node.kind() != Kind::Object || node.get_ci("properties").is_some_and(|inner| inner.kind() == Kind::Object) {
            return self.value(name, node);
        }
        let mut outer = Object::new();
        let mut inner = Object::new();
        for member in node.members() {
            let mut key = self.names.key(member.key);
            let value = self.member(&key, member.value);
            if is_one_of(&key.name, &["id", "name", "type", "etag", "zones"]) {
                outer.push(key, value);
            } else if !is_one_of(&key.name, &["resourceGroup", "properties"]) {
                // PowerShell calls the list by the name of the single one.
                if key.name.eq_ignore_ascii_case("addressPrefix") && value.as_array().is_some() {
                    key.name = "addressPrefixes".into();
                }
                inner.push(key, value);
            }
        }
        let at = Origin::at(node.head());
        if let Some(first) = above(&inner) {
            outer.push(first, Value::object(inner.fitted(), at));
        }
        Value::object(outer.fitted(), Origin::at(node.span()))
    }
}

/// What PowerShell writes where it cuts off.
const CUTS: [&str; 5] = ["Microsoft.Azure.", "System.Object[]", "System.Collections.", "System.String[]", "@{"];

fn is_cut(text: &str) -> bool {
    CUTS.iter().any(|begin| text.starts_with(begin))
}

/// Whether a string, as it is written, may be one that PowerShell cut off.
pub(super) fn may_be_cut(written: &[u8]) -> bool {
    // Most strings differ in these bytes at once; it is asked of very many.
    match (written.first(), written.get(1), written.get(10)) {
        (Some(b'\\'), ..) => true,
        (Some(b'M'), _, Some(b'A')) | (Some(b'S'), Some(b'y'), _) | (Some(b'@'), ..) => {
            CUTS.iter().any(|begin| written.starts_with(begin.as_bytes()))
        }
        _ => false,
    }
}
