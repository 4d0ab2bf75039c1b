//! Children that are written inside their parents.
//!
//! In: drafts. Out: drafts of inline subnets, peerings and connections too. Must not know: their properties.

use crate::graph::NodeKind;
use crate::resource::{Places, Resource, TypeName};
use crate::value::{Object, Origin, Value};

use super::Draft;
use super::merge::Drafts;

/// An inline array: the parent's kind, the path in its properties, and the child's kind, type and id segment.
struct Inline {
    parent: NodeKind,
    array: &'static str,
    child: NodeKind,
    ty: &'static str,
    segment: &'static str,
}

const INLINE: [Inline; 3] = [
    Inline {
        parent: NodeKind::VirtualNetwork,
        array: "subnets",
        child: NodeKind::Subnet,
        ty: "Microsoft.Network/virtualNetworks/subnets",
        segment: "subnets",
    },
    Inline {
        parent: NodeKind::VirtualNetwork,
        array: "virtualNetworkPeerings",
        child: NodeKind::Peering,
        ty: "Microsoft.Network/virtualNetworks/virtualNetworkPeerings",
        segment: "virtualNetworkPeerings",
    },
    Inline {
        parent: NodeKind::Registry,
        array: "privateEndpointConnections",
        child: NodeKind::Connection,
        ty: "Microsoft.ContainerRegistry/registries/privateEndpointConnections",
        segment: "privateEndpointConnections",
    },
];

/// Makes a node of every element of an inline array that has a name.
pub(super) fn extract(drafts: &mut Drafts) {
    for inline in &INLINE {
        for parent in drafts.of_kind(inline.parent) {
            for child in children(&parent, inline) {
                drafts.add_inline(inline.child, child);
            }
        }
    }
}

fn children(parent: &Draft, inline: &Inline) -> Vec<Resource> {
    let body = parent.resource.body.as_object();
    let properties = body.and_then(|body| body.get("properties")).and_then(Value::as_object);
    let Some((key, array)) = properties.and_then(|properties| properties.entry(inline.array)) else {
        return Vec::new();
    };
    let items = array.as_array().map(|array| array.items.as_slice()).unwrap_or_default();
    items.iter().filter_map(|item| child(parent, inline, item.as_object()?, item, Origin::at(key.at))).collect()
}

fn child(parent: &Draft, inline: &Inline, object: &Object, item: &Value, array: Origin) -> Option<Resource> {
    let (name_key, name) = object.entry("name")?;
    let own = name.as_pattern()?;
    let parent = &parent.resource;
    let mut full = parent.name.as_pattern().unwrap_or_default();
    full.push_str("/");
    full.push(&own);
    let properties = object.entry("properties").map_or(name_key.at, |(key, _)| key.at);
    let whole = if item.origin.at.file == array.at.file { item.origin.at } else { array.at };
    Some(Resource {
        ty: TypeName::new(inline.ty),
        name: Value::new(full.into_data(), name.origin),
        id: parent.id.child(inline.segment, &own),
        api_version: parent.api_version.clone(),
        address: format!("{}/{own}", parent.address).into(),
        body: item.clone(),
        existing: parent.existing,
        exists: parent.exists,
        condition: parent.condition.clone(),
        repeated: parent.repeated,
        at: Places { whole, ty: name.origin.at, name: name.origin, properties },
    })
}
