//! Dumps that do not say which resource they belong to.
//!
//! In: such a document, and the registries that are shown around it. Out: what it adds to its owner, or a problem that asks
//! for it. Must not know: rules.
//!
//! The owner is the one that the user named, the only registry of the text, or the only one of several whose name is part
//! of the path. A text that shows no registry is asked the same about its neighbours: a registry of the run whose name is
//! part of the path, or else the only one of the folder. Nothing is guessed.

use std::sync::Arc;

use crate::diag::Problem;
use crate::json::{Kind, Node};
use crate::resource::{Listing, Places, Resource, ResourceId, TypeName};
use crate::source::Span;
use crate::value::{Attr, Hole, Key, Object, Origin, Pattern, Reason, Symbol, Truth, Unknown, Value};

use super::beside::{REGISTRY, Registries, Shown};
use super::{About, shape};

/// The code of the problem that asks for an owner.
pub(super) const WITHOUT_OWNER: &str = "dump-without-owner";

/// A document without an owner.
#[derive(Clone, Copy, Debug)]
pub(super) enum Loose<'t> {
    /// `az acr network-rule list`: the object with the two lists.
    NetworkRules(Node<'t>),
    /// `az acr show-endpoints`.
    Endpoints(Node<'t>),
    /// `az network nic show-effective-route-table`: see [`effective`](super::effective).
    Routes(Node<'t>),
    /// The rules that a network interface is subject to, which no check reads yet.
    Rules(Node<'t>),
}

/// Opens a document that has no id of its own.
pub(super) fn open(root: Node<'_>) -> Option<Loose<'_>> {
    let array = |name: &str| root.get_ci(name).is_some_and(|node| node.kind() == Kind::Array);
    if array("dataEndpoints") && root.get_ci("loginServer").is_some() {
        return Some(Loose::Endpoints(root));
    }
    // Storage accounts and key vaults have such lists as well, and more beside them.
    let others = ["bypass", "resourceAccessRules", "id"].iter().any(|name| root.get_ci(name).is_some());
    if (array("ipRules") || array("virtualNetworkRules")) && !others {
        return Some(Loose::NetworkRules(root));
    }
    let first = root.get_ci("value").and_then(|value| value.items().next())?;
    let has = |name: &str| first.get_ci(name).is_some();
    let routes = has("addressPrefix") && has("nextHopType") && has("state");
    let rules = has("effectiveSecurityRules");
    routes.then_some(Loose::Routes(root)).or_else(|| rules.then_some(Loose::Rules(root)))
}

impl<'t> Loose<'t> {
    fn node(self) -> Node<'t> {
        match self {
            Self::NetworkRules(node) | Self::Endpoints(node) | Self::Routes(node) | Self::Rules(node) => node,
        }
    }

    /// Whose it is. `own`: the registries of its text.
    pub(super) fn owner(self, own: &Registries, about: About<'_>) -> Result<Shown, Box<Problem>> {
        if let Self::Rules(node) = self {
            let message = "the rules that a network interface is subject to are not used by any check yet";
            return Err(Box::new(Problem::note("dump-not-used", node.head(), message)));
        }
        let server = self.node().get_ci("loginServer").and_then(Node::as_str).unwrap_or_default().into_owned();
        let host = server.split('.').next().unwrap_or_default();
        // A login server says the name of its registry, unless it has a hash.
        let of_host = Some(host.split('-').next().unwrap_or(host)).filter(|name| !name.is_empty());
        if let Some(name) = about.registry.or(of_host) {
            let known = own.named(name).or_else(|| about.beside.run.named(name));
            return Ok(known.cloned().unwrap_or_else(|| unseen(name)));
        }
        let path = about.path.to_lowercase();
        let found = if own.is_empty() {
            about.beside.run.only_in(&path).or_else(|| about.beside.folder.only())
        } else {
            own.only().or_else(|| own.only_in(&path))
        };
        found.cloned().ok_or_else(|| {
            let around = if own.is_empty() { &about.beside.run } else { own };
            Box::new(nobody(self.node(), around))
        })
    }

    /// Adds what it says to its owner.
    pub(super) fn give(self, owner: &Shown, whole: bool, resources: &mut Vec<Resource>, listings: &mut Vec<Listing>) {
        let at = self.node().head();
        let mut properties = Object::new();
        match self {
            Self::NetworkRules(node) => {
                let rules = shape::rules(node);
                properties.push(Key { name: "networkRuleSet".into(), at }, Value::object(rules, Origin::at(at)));
            }
            Self::Endpoints(node) => {
                if let Some(server) = node.member_ci("loginServer") {
                    properties.push(shape::key(server.key), crate::input::arm::plain(server.value));
                }
                endpoints(node, owner, &mut properties, resources, listings);
            }
            Self::Routes(_) | Self::Rules(_) => return,
        }
        let mut body = Object::new();
        body.push(Key { name: "properties".into(), at }, Value::object(properties, Origin::at(at)));
        let existing = !owner.itself || !whole;
        let resource = bare(REGISTRY, owner.id.clone(), &owner.name, at, Value::object(body, Origin::at(at)), existing);
        // What the registry itself shows wins, and is the place to point at.
        resources.insert(0, resource);
    }
}

/// The endpoints of a registry: one for each region that it is in.
fn endpoints(
    node: Node<'_>,
    owner: &Shown,
    properties: &mut Object,
    resources: &mut Vec<Resource>,
    listings: &mut Vec<Listing>,
) {
    let Some(list) = node.member_ci("dataEndpoints") else { return };
    let ty = "Microsoft.ContainerRegistry/registries/replications";
    let mut dedicated = None;
    for item in list.value.items() {
        let (Some(region), Some(endpoint)) = (item.get_ci("region"), item.get_ci("endpoint")) else { continue };
        let (Some(name), Some(host)) = (region.as_str(), endpoint.as_str()) else { continue };
        // Without dedicated endpoints the command prints a wildcard of the storage service.
        dedicated = dedicated.or(Some((!host.starts_with('*'), endpoint.span())));
        let id = owner.id.child("replications", &Pattern::literal(&name));
        let mut body = Object::new();
        body.push(Key { name: "location".into(), at: region.span() }, crate::input::arm::plain(region));
        let body = Value::object(body, Origin::at(item.head()));
        resources.push(bare(ty, id, &format!("{}/{name}", owner.name), region.span(), body, true));
    }
    if let Some((dedicated, at)) = dedicated {
        properties.push(Key { name: "dataEndpointEnabled".into(), at }, Value::bool(dedicated, Origin::at(at)));
        listings.push(Listing { ty: TypeName::new(ty), within: owner.id.clone(), at: Origin::at(list.key.span()) });
    }
}

/// A resource of which a dump without an id tells something.
pub(super) fn bare(ty: &str, id: ResourceId, name: &str, at: Span, body: Value, existing: bool) -> Resource {
    let address: Arc<str> = name.into();
    Resource {
        ty: TypeName::new(ty),
        name: Value::string(Arc::clone(&address), Origin::at(at)),
        id,
        api_version: Attr::absent(Origin::at(at)),
        address,
        body,
        existing,
        seen: true,
        managed: false,
        exists: Truth::True,
        condition: None,
        repeated: false,
        change: None,
        at: Places { whole: at, ty: at, name: Origin::at(at), properties: at },
    }
}

/// A registry of which nothing but the name is known.
fn unseen(name: &str) -> Shown {
    let group = Unknown::new(Reason::NotInInput, Symbol::new(format!("the resource group of {name}"), ""));
    let mut id = Pattern::hole(&Arc::new(group.with_hole(Hole::Id)));
    id.push_str(&format!("/providers/{REGISTRY}/{name}"));
    Shown { id: ResourceId::new(id), name: name.to_owned(), itself: false }
}

/// Whether a resource is such a registry.
pub(super) fn is_unseen(resource: &Resource) -> bool {
    resource.existing && resource.ty.is(REGISTRY) && resource.id.pattern().as_literal().is_none()
}

fn nobody(node: Node<'_>, around: &Registries) -> Problem {
    let message = "these are the rules of a registry, and nothing says of which";
    let names: Vec<&str> = around.iter().map(|shown| shown.name.as_str()).collect();
    let help = match names.as_slice() {
        [] => {
            "name it with `--registry NAME`, or put the output of `az acr show` in the same file or folder".to_owned()
        }
        [..] => {
            format!("name it with `--registry NAME`, or call the file after it; the input shows {}", names.join(", "))
        }
    };
    Problem::warning(WITHOUT_OWNER, node.head(), message).with_help(help)
}
