//! What clients show of themselves as JSON: workloads of Kubernetes, and the configuration of Docker.
//!
//! In: a document. Out: [`Resource`]s of types that are not Azure's: pulls of images, and proxies. Must not know: which
//! registry is meant, or what an error means.
//!
//! Of Docker's credentials nothing is read, not even whether they are there.

use crate::json::{Kind, Node};
use crate::resource::{Places, Resource};
use crate::value::{Data, Key, Object, Origin, Value};

use super::events::seen;
use super::secrets;
use crate::source::Span;

/// The type of a container's image and how its pull goes.
const PULL: &str = "acrlint/podPulls";
/// The type of a proxy that a client goes through.
pub(super) const PROXY: &str = "acrlint/proxies";
/// The type of a client that users declare themselves.
const CLIENT: &str = "acrlint/clients";

/// A property that somebody says of a client: its name, its text, and its place.
pub type Said = (&'static str, String, Span);

/// A document, opened.
#[derive(Clone, Copy, Debug)]
pub(super) enum Client<'t> {
    /// `kubectl get … -o json`, or a manifest.
    Workloads(Node<'t>),
    /// `/etc/docker/daemon.json`.
    DockerDaemon(Node<'t>),
    /// `~/.docker/config.json`.
    DockerConfig(Node<'t>),
}

/// Members that only a daemon's configuration has.
const DAEMON: [&str; 8] = [
    "registry-mirrors",
    "insecure-registries",
    "storage-driver",
    "log-driver",
    "exec-opts",
    "data-root",
    "live-restore",
    "default-address-pools",
];

/// Members that only a client's configuration has.
const CONFIG: [&str; 5] = ["auths", "credsStore", "credHelpers", "HttpHeaders", "detachKeys"];

/// Opens a document; `None` where it is of no client.
pub(super) fn open(root: Node<'_>) -> Option<Client<'_>> {
    if root.kind() != Kind::Object {
        return None;
    }
    let text = |name: &str| root.get(name).and_then(Node::as_str);
    if text("apiVersion").is_some()
        && let Some(kind) = text("kind")
    {
        let list = kind.ends_with("List") && root.get("items").is_some();
        return (list || containers(root).is_some()).then_some(Client::Workloads(root));
    }
    let proxies = root.get("proxies").filter(|node| node.kind() == Kind::Object);
    let daemon =
        proxies.is_some_and(|node| ["http-proxy", "https-proxy", "no-proxy"].iter().any(|n| node.get(n).is_some()));
    if daemon || DAEMON.iter().any(|name| root.get(name).is_some()) {
        return Some(Client::DockerDaemon(root));
    }
    let names = ["httpProxy", "httpsProxy", "noProxy"];
    let client = proxies
        .is_some_and(|node| node.members().any(|member| names.iter().any(|name| member.value.get(name).is_some())));
    (client || CONFIG.iter().any(|name| root.get(name).is_some())).then_some(Client::DockerConfig(root))
}

/// The specification of the pods that an object is or makes.
fn containers(object: Node<'_>) -> Option<Node<'_>> {
    let mut spec = object.get("spec")?;
    for step in ["jobTemplate", "template"] {
        if let Some(inner) = spec.get(step).and_then(|template| template.get("spec")) {
            spec = inner;
        }
    }
    spec.get("containers").is_some().then_some(spec)
}

impl Client<'_> {
    /// Adds what a document shows.
    pub(super) fn load(self, into: &mut Vec<Resource>) {
        match self {
            Self::Workloads(root) => match root.get("items") {
                Some(items) => items.items().for_each(|item| workload(item, into)),
                None => workload(root, into),
            },
            Self::DockerDaemon(root) => {
                let Some(proxies) = root.get("proxies") else { return };
                let names = [("httpProxy", "http-proxy"), ("httpsProxy", "https-proxy"), ("noProxy", "no-proxy")];
                into.extend(proxy(proxies, "Docker daemon", "daemon", names));
            }
            Self::DockerConfig(root) => {
                for member in root.get("proxies").into_iter().flat_map(Node::members) {
                    let daemon = member.key.as_str().unwrap_or_default();
                    let name = format!("containers of Docker ({daemon})");
                    let names = ["httpProxy", "httpsProxy", "noProxy"].map(|name| (name, name));
                    into.extend(proxy(member.value, &name, "containers", names));
                }
            }
        }
    }
}

fn put(object: &mut Object, name: &str, node: Node<'_>) {
    if let Some(text) = node.as_str() {
        let at = node.span();
        object.push(Key { name: name.into(), at }, Value::new(Data::String(text.as_ref().into()), Origin::at(at)));
    }
}

/// The containers of a workload whose images come from a registry of Azure.
fn workload(object: Node<'_>, into: &mut Vec<Resource>) {
    let Some(spec) = containers(object) else { return };
    let metadata = object.get("metadata");
    let text = |name: &str| metadata.and_then(|m| m.get(name)).and_then(Node::as_str).unwrap_or_default();
    let kind = object.get("kind").and_then(Node::as_str).unwrap_or_default().to_lowercase();
    let owner = [text("namespace"), text("name")].join("/");
    let groups = [("containers", "containerStatuses"), ("initContainers", "initContainerStatuses")];
    for (containers, statuses) in groups {
        let status = |name: &str| {
            let all = object.get("status").and_then(|status| status.get(statuses));
            all.into_iter().flat_map(Node::items).find(|status| status.get("name").is_some_and(|n| n.is_text(name)))
        };
        for container in spec.get(containers).into_iter().flat_map(Node::items) {
            let Some(image) = container.get("image") else { continue };
            if !image.as_str().is_some_and(|image| image.to_ascii_lowercase().contains(".azurecr.")) {
                continue;
            }
            let name = container.get("name").and_then(Node::as_str).unwrap_or_default();
            let mut properties = Object::new();
            put(&mut properties, "image", image);
            let waiting = status(&name).and_then(|status| status.get("state")?.get("waiting"));
            for (own, theirs) in [("reason", "reason"), ("message", "message")] {
                if let Some(node) = waiting.and_then(|waiting| waiting.get(theirs)) {
                    put(&mut properties, own, node);
                }
            }
            let at = image.span();
            let places = Places { whole: container.head(), ty: at, name: Origin::at(at), properties: at };
            let shown = format!("{kind} {} container {name}", owner.trim_matches('/'));
            into.push(seen(PULL, &shown, places, properties));
        }
    }
}

/// A proxy, where one is set; `names`: ours, and those of the file.
fn proxy(around: Node<'_>, name: &str, scope: &str, names: [(&str, &str); 3]) -> Option<Resource> {
    let mut found = Vec::new();
    for (own, theirs) in names {
        if let Some(node) = around.get(theirs).filter(|node| !node.is_text("")) {
            found.push((own, node.as_str()?.into_owned(), node.span()));
        }
    }
    proxy_of(name, scope, &found)
}

/// A proxy from its settings: `httpProxy`, `httpsProxy`, `noProxy`, each with its text and place.
pub fn proxy_of(name: &str, scope: &str, settings: &[(&str, String, Span)]) -> Option<Resource> {
    let (_, _, first) = settings.iter().find(|(name, ..)| *name != "noProxy")?;
    let at = *first;
    let mut properties = Object::new();
    let mut push = |name: &str, text: &str, at| {
        properties.push(Key { name: name.into(), at }, Value::string(text, Origin::at(at)));
    };
    push("scope", scope, at);
    for (name, text, at) in settings {
        push(name, &secrets::without_login(text), *at);
    }
    let places = Places { whole: at, ty: at, name: Origin::at(at), properties: at };
    Some(seen(PROXY, name, places, properties))
}

/// A client that users declare themselves: its name and place, what is said of it, and the lists of what there may be
/// several of.
pub fn declared<const N: usize>(
    name: &str,
    name_at: Span,
    whole: Span,
    settings: &[Said],
    lists: [(&str, Vec<(String, Span)>); N],
) -> Resource {
    let mut properties = Object::new();
    for (name, text, at) in settings {
        properties.push(Key { name: (*name).into(), at: *at }, Value::string(text.as_str(), Origin::at(*at)));
    }
    for (name, items) in lists {
        let Some((_, first)) = items.first() else { continue };
        let at = items.iter().fold(*first, |all, (_, at)| all.to(*at));
        let items = items.into_iter().map(|(text, at)| Value::string(text.as_str(), Origin::at(at))).collect();
        properties.push(Key { name: name.into(), at }, Value::array(items, Origin::at(at)));
    }
    let places = Places { whole, ty: name_at, name: Origin::at(name_at), properties: name_at };
    seen(CLIENT, name, places, properties)
}
