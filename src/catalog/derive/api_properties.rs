//! Properties that are written under an API version which does not know them.
//!
//! In: the graph, with the bodies as written. Out: [`ApiProperty`]s. Must not know: what a property means.

use crate::catalog::Subject;
use crate::catalog::azure_types::{self, At, Body, Known};
use crate::catalog::model::Name;
use crate::graph::{Graph, Head, Written};
use crate::source::FileId;
use crate::value::{Data, Key, Origin, Reason, Truth, Value};

/// A property that its API version does not know.
#[derive(Debug)]
pub(in crate::catalog) struct ApiProperty {
    /// The resource that sets it.
    pub(in crate::catalog) resource: Subject,
    /// `networkRuleSet.virtualNetworkRules`; the type where the version does not know that.
    pub(in crate::catalog) path: String,
    /// The lowest newer version that knows it.
    pub(in crate::catalog) since: Option<&'static str>,
    /// The key.
    pub(in crate::catalog) at: Origin,
    /// The value.
    pub(in crate::catalog) value: Origin,
    /// Whether it is set; unknown where its value may turn out to be null.
    pub(in crate::catalog) written: Truth,
}

/// Every such property of the resources whose properties decide who reaches a registry.
pub(super) fn unknown(graph: &Graph) -> Vec<ApiProperty> {
    let mut found = Vec::new();
    let mut look = |name: Name, heads: Vec<&Head>| {
        for (at, head) in (0_u32..).zip(heads) {
            of_resource(head, name.node(at), &mut found);
        }
    };
    look(Name::Registry, graph.registries.iter().map(|node| &node.head).collect());
    look(Name::Replication, graph.replications.iter().map(|node| &node.head).collect());
    look(Name::PrivateEndpointConnection, graph.connections.iter().map(|node| &node.head).collect());
    look(Name::AgentPool, graph.agent_pools.iter().map(|node| &node.head).collect());
    look(Name::RegistryTask, graph.tasks.iter().map(|node| &node.head).collect());
    look(Name::ConnectedRegistry, graph.connected_registries.iter().map(|node| &node.head).collect());
    look(Name::PrivateEndpoint, graph.private_endpoints.iter().map(|node| &node.head).collect());
    look(Name::PrivateDnsZoneGroup, graph.zone_groups.iter().map(|node| &node.head).collect());
    look(Name::ZoneLink, graph.zone_links.iter().map(|node| &node.head).collect());
    look(Name::Subnet, graph.subnets.iter().map(|node| &node.head).collect());
    look(Name::ContainerGroup, graph.container_groups.iter().map(|node| &node.head).collect());
    look(Name::WebApp, graph.web_apps.iter().map(|node| &node.head).collect());
    found
}

fn of_resource(head: &Head, resource: Subject, found: &mut Vec<ApiProperty>) {
    let Some(version) = head.api_version.value() else { return };
    // Of a resource that is merged from two forms it is not known which version each key was written for.
    if head.existing || head.places.len() != 1 {
        return;
    }
    if let Ok(since) = missing_child_type(head, version.as_str()) {
        let at = head.places.first().map_or(head.name.origin, |places| Origin::at(places.ty));
        let path = head.ty.as_str().to_owned();
        found.push(ApiProperty { resource, path, since, at, value: at, written: Truth::True });
        return;
    }
    let Written::Body(written) = &head.written else { return };
    if let (Data::Object(settings), Ok(body)) = (&written.data, Body::of(head.ty.key(), version.as_str())) {
        let seen = head.seen_at.as_ref().map(|places| places.whole.file);
        let mut search = Search { body, resource, seen, path: String::new(), found };
        for (key, setting) in settings.iter() {
            if SETTINGS.iter().any(|name| key.name.eq_ignore_ascii_case(name)) {
                search.member(Body::ROOT, key, setting);
            }
        }
    }
}

/// For a child type that its API version lacks though the parent type has that version: the version that brings it.
///
/// `Err` where the type is not missing.
fn missing_child_type(head: &Head, version: &str) -> Result<Option<&'static str>, ()> {
    let (parent, _) = head.ty.key().rsplit_once('/').filter(|(parent, _)| parent.contains('/')).ok_or(())?;
    let has = |ty: &str| azure_types::versions(ty).map(|all| all.iter().any(|v| v.eq_ignore_ascii_case(version)));
    if azure_types::knows(head.ty.key(), version, "properties") != Known::NoSuchVersion || has(parent) != Some(true) {
        return Err(());
    }
    let newer = || azure_types::versions(head.ty.key()).unwrap_or_default().iter().filter(|v| **v > version);
    Ok(newer().find(|v| !v.contains("preview")).or_else(|| newer().next()).copied())
}

/// The members of a body that decide what a resource does. Azure takes the others (`location`, `tags`, `zones`) on
/// resources whose type does not list them, and nothing follows.
const SETTINGS: [&str; 3] = ["identity", "properties", "sku"];

struct Search<'a> {
    body: Body,
    resource: Subject,
    /// The file that shows the resource as deployed: what stands there was not written for the version.
    seen: Option<FileId>,
    /// Of the property that is looked at.
    path: String,
    found: &'a mut Vec<ApiProperty>,
}

impl Search<'_> {
    fn member(&mut self, above: At, key: &Key, value: &Value) {
        if value.is_null() || self.seen == Some(key.at.file) {
            return;
        }
        let outside = self.path.len();
        if outside > 0 {
            self.path.push('.');
        }
        self.path.push_str(&key.name);
        match self.body.member(above, &key.name) {
            Ok(at) => self.members(at, value),
            Err(Known::No { since }) => self.push(since, Origin::at(key.at), value),
            Err(Known::Yes | Known::NoSuchVersion | Known::NoSuchType | Known::NotCovered) => {}
        }
        self.path.truncate(outside);
    }

    fn members(&mut self, at: At, value: &Value) {
        match &value.data {
            Data::Object(object) => object.iter().for_each(|(key, member)| self.member(at, key, member)),
            Data::Array(array) => {
                self.path.push_str("[]");
                array.items.iter().for_each(|item| self.members(at, item));
                self.path.truncate(self.path.len() - "[]".len());
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
            Data::String(_) | Data::Pattern(_) | Data::Unknown(_) => {}
        }
    }

    fn push(&mut self, since: Option<&'static str>, at: Origin, value: &Value) {
        let path = self.path.strip_prefix("properties.").unwrap_or(&self.path);
        // The elements of an array give one finding for each of their properties.
        let mut own = self.found.iter().rev().take_while(|other| other.resource == self.resource);
        if own.any(|other| other.path == path) {
            return;
        }
        let written = match value.as_unknown() {
            Some(unknown) if unknown.reason != Reason::Secret && unknown.ty.is_none() => Truth::Unknown,
            Some(_) | None => Truth::True,
        };
        let (resource, path, value) = (self.resource, path.to_owned(), value.origin);
        self.found.push(ApiProperty { resource, path, since, at, value, written });
    }
}
