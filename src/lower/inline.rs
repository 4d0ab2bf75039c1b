//! Children that are written inside their parents.
//!
//! In: drafts. Out: drafts of inline subnets, peerings and connections too, and which parents show all. Must not know: their properties.

use crate::graph::NodeKind;
use crate::resource::{Listing, Places, Resource, TypeName};
use crate::value::{Array, Key, Object, Origin, Value};

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

/// What is written inside of parents, by the entries of [`INLINE`].
#[derive(Debug, Default)]
pub(super) struct Inner([Found; INLINE.len()]);

/// The children of one sort.
#[derive(Debug, Default)]
struct Found {
    children: Vec<Resource>,
    /// The parents that show all of theirs.
    listings: Vec<Listing>,
}

impl Inner {
    /// Takes every element of an inline array that has a name. A resource as it is deployed shows all of them.
    pub(super) fn take(&mut self, parent: &Draft) {
        for (inline, found) in INLINE.iter().zip(&mut self.0).filter(|(inline, _)| inline.parent == parent.kind) {
            let Some((key, array)) = array_of(&parent.resource, inline.array) else { continue };
            let shown = parent.resource.seen && !parent.resource.existing;
            if shown && array.as_array().is_some_and(|array| is_whole(array)) {
                let (ty, within) = (TypeName::new(inline.ty), parent.resource.id.clone());
                found.listings.push(Listing { ty, within, at: Origin::at(key.at) });
            }
            found.children.extend(children(parent, inline, key, array));
        }
    }

    /// Makes a node of each. Answers which parents show all.
    pub(super) fn put(self, drafts: &mut Drafts) -> Vec<Listing> {
        let mut listings = Vec::new();
        for (inline, found) in INLINE.iter().zip(self.0) {
            found.children.into_iter().for_each(|child| drafts.add_inline(inline.child, child));
            listings.extend(found.listings);
        }
        listings
    }
}

/// Whether every element can be read.
fn is_whole(array: &Array) -> bool {
    let named = |item: &Value| item.as_object().is_some_and(|object| object.get("name").is_some());
    array.open.is_none() && array.items.iter().all(named)
}

fn array_of<'r>(resource: &'r Resource, name: &str) -> Option<(&'r Key, &'r Value)> {
    resource.body.as_object()?.get("properties")?.as_object()?.entry(name)
}

fn children(parent: &Draft, inline: &Inline, key: &Key, array: &Value) -> impl Iterator<Item = Resource> {
    let items = array.as_array().map(|array| array.items.as_slice()).unwrap_or_default();
    items.iter().filter_map(|item| child(parent, inline, item.as_object()?, item, Origin::at(key.at)))
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
        seen: parent.seen,
        managed: parent.managed,
        exists: parent.exists,
        condition: parent.condition.clone(),
        repeated: parent.repeated,
        change: parent.change,
        at: Places { whole, ty: name.origin.at, name: name.origin, properties },
    })
}
