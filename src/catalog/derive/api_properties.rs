//! Properties that are written under an API version which does not know them.
//!
//! In: the graph, with the bodies as written. Out: [`ApiProperty`]s. Must not know: what a property means.

use crate::catalog::Subject;
use crate::catalog::azure_types::{self, Known};
use crate::catalog::model::Name;
use crate::graph::{Graph, Head};
use crate::value::{Data, Origin, Reason, Truth, Value};

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
    let search = Search { ty: head.ty.key(), version: version.as_str(), resource };
    search.members(&head.body, "", found);
}

/// For a child type that its API version lacks though the parent type has that version: the version that brings it.
///
/// `Err` where the type is not missing.
fn missing_child_type(head: &Head, version: &str) -> Result<Option<&'static str>, ()> {
    let (parent, _) = head.ty.key().rsplit_once('/').ok_or(())?;
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
    ty: &'a str,
    version: &'a str,
    resource: Subject,
}

impl Search<'_> {
    fn members(&self, value: &Value, path: &str, found: &mut Vec<ApiProperty>) {
        match &value.data {
            Data::Object(object) => {
                for (key, member) in object.iter().filter(|(_, member)| !member.is_null()) {
                    if path.is_empty() && !SETTINGS.iter().any(|name| key.name.eq_ignore_ascii_case(name)) {
                        continue;
                    }
                    let path = if path.is_empty() { key.name.to_string() } else { format!("{path}.{}", key.name) };
                    match azure_types::knows(self.ty, self.version, &path) {
                        Known::Yes => self.members(member, &path, found),
                        Known::No { since } => self.push(&path, since, Origin::at(key.at), member, found),
                        Known::NoSuchVersion | Known::NoSuchType | Known::NotCovered => {}
                    }
                }
            }
            Data::Array(array) => {
                for item in &array.items {
                    self.members(item, &format!("{path}[]"), found);
                }
            }
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
            Data::String(_) | Data::Pattern(_) | Data::Unknown(_) => {}
        }
    }

    fn push(&self, path: &str, since: Option<&'static str>, at: Origin, value: &Value, found: &mut Vec<ApiProperty>) {
        let path = path.strip_prefix("properties.").unwrap_or(path).to_owned();
        // The elements of an array give one finding for each of their properties.
        if found.iter().rev().take_while(|other| other.resource == self.resource).any(|other| other.path == path) {
            return;
        }
        let written = match value.as_unknown() {
            Some(unknown) if unknown.reason != Reason::Secret && unknown.ty.is_none() => Truth::Unknown,
            Some(_) | None => Truth::True,
        };
        found.push(ApiProperty { resource: self.resource, path, since, at, value: value.origin, written });
    }
}
