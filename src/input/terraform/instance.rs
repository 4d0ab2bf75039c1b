//! The resource instances of a plan or a state.
//!
//! In: trees. Out: [`Instance`]s. Must not know: what a type means, or how references are followed.

use std::collections::HashSet;
use std::sync::Arc;

use crate::json::{Kind, Member, Node};
use crate::resource;
use crate::source::Span;

use super::address::{Address, Key, block};
use super::configuration::Configuration;

/// Modules nest this deep at most.
const NESTING: usize = 64;

/// What a plan is going to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// The input is no plan, or does not say.
    Unsaid,
    /// Nothing.
    Keep,
    /// Makes it.
    Create,
    /// Changes it in place.
    Update,
    /// Makes it anew. `gap`: after the old one is taken away.
    Replace {
        /// For a while there is none.
        gap: bool,
    },
    /// Takes it away.
    Remove,
    /// Leaves it there, and manages it no longer.
    Forget,
    /// Reads it.
    Read,
}

impl Change {
    fn of(actions: Node<'_>) -> Self {
        let mut found = Self::Unsaid;
        for action in actions.items() {
            let next = match action.as_str().as_deref() {
                Some("no-op") => Self::Keep,
                Some("create") => Self::Create,
                Some("update") => Self::Update,
                Some("delete") => Self::Remove,
                Some("forget") => Self::Forget,
                Some("read") => Self::Read,
                Some(_) | None => Self::Unsaid,
            };
            found = match (found, next) {
                (Self::Create, Self::Remove) => Self::Replace { gap: false },
                (Self::Remove, Self::Create) => Self::Replace { gap: true },
                // The old one stays beside the new one, and nobody takes care of it.
                (Self::Create, Self::Forget) => Self::Create,
                (_, next) => next,
            };
        }
        found
    }

    /// What becomes of the resource.
    const fn action(self) -> Option<resource::Action> {
        Some(match self {
            Self::Unsaid | Self::Read => return None,
            Self::Keep | Self::Forget => resource::Action::Keep,
            Self::Create => resource::Action::Create,
            Self::Update => resource::Action::Update,
            Self::Replace { gap } => resource::Action::Replace { gap },
            Self::Remove => resource::Action::Delete,
        })
    }
}

/// One instance of a resource or data source.
#[derive(Clone, Debug)]
pub(super) struct Instance<'t> {
    /// The address as written.
    pub(super) address: Arc<str>,
    /// The address, taken apart.
    pub(super) parts: Address,
    /// What is done to it, as far as it says how its values are to be read.
    pub(super) change: Change,
    /// What becomes of the resource, and the place that says so.
    pub(super) told: Option<resource::Change>,
    /// Its values: after the change, or as they are.
    pub(super) values: Option<Node<'t>>,
    /// What of them is known only after apply.
    pub(super) unknown: Option<Node<'t>>,
    /// What of them is secret.
    pub(super) sensitive: Option<Node<'t>>,
    /// Its block in the configuration.
    pub(super) config: Option<Node<'t>>,
    /// The provider, as a state names it.
    pub(super) provider: Option<Node<'t>>,
    /// The whole object.
    pub(super) whole: Span,
    /// The value of `type`.
    pub(super) ty_at: Span,
    /// The key of the values: the place of what is not written.
    pub(super) values_at: Span,
}

impl<'t> Instance<'t> {
    /// Reads what all forms have in common.
    fn read(node: Node<'t>, configuration: &Configuration<'t>) -> Option<Self> {
        let text = node.get("address").and_then(Node::as_str)?;
        let mut parts = Address::parse(&text)?;
        // The key is told apart from the address too, where it is a number in quotes.
        if let Some(index) = node.get("index") {
            parts.key = key(index).or(parts.key);
        }
        let ty = node.get("type");
        let config = configuration.resource(&parts.module, &parts.block());
        Some(Self {
            address: text.as_ref().into(),
            change: Change::Unsaid,
            told: None,
            values: None,
            unknown: None,
            sensitive: None,
            config,
            provider: node.get("provider_name"),
            whole: node.span(),
            ty_at: ty.or_else(|| node.get("address")).map_or_else(|| node.head(), Node::span),
            values_at: ty.map_or_else(|| node.head(), Node::span),
            parts,
        })
    }

    fn with_values(mut self, values: Option<Member<'t>>) -> Self {
        if let Some(values) = values {
            self.values = Some(values.value).filter(|node| node.kind() == Kind::Object);
            self.values_at = values.key.span();
        }
        self
    }

    /// Whether a block of its configuration sets an attribute; also where no configuration is shown, since then nobody
    /// can tell.
    pub(super) fn sets(&self, attribute: &str) -> bool {
        self.config.and_then(|node| node.get("expressions")).is_none_or(|body| body.get(attribute).is_some())
    }
}

fn key(node: Node<'_>) -> Option<Key> {
    match node.kind() {
        Kind::String => node.as_str().map(|text| Key::Text(text.into_owned())),
        Kind::Number => node.raw().parse().ok().map(Key::Number),
        Kind::Null | Kind::Bool(_) | Kind::Array | Kind::Object => None,
    }
}

/// The instances of a plan: what is there after it, and what it takes away.
#[derive(Debug, Default)]
pub(super) struct Planned<'t> {
    /// What is there after apply.
    pub(super) stays: Vec<Instance<'t>>,
    /// What there was before, with the values that it had; nothing where nothing that is there changes.
    pub(super) before: Vec<Instance<'t>>,
}

/// Reads the instances of a plan.
pub(super) fn of_plan<'t>(root: Node<'t>, configuration: &Configuration<'t>) -> Planned<'t> {
    let mut planned = Planned::default();
    let mut addresses = HashSet::new();
    let mut changes = false;
    for node in root.get("resource_changes").into_iter().flat_map(Node::items) {
        let Some(change) = node.get("change") else { continue };
        // A deposed object is the old one of a replacement that failed.
        if node.get("deposed").is_some() {
            continue;
        }
        let Some(instance) = Instance::read(node, configuration) else { continue };
        let actions = change.get("actions");
        let kind = actions.map_or(Change::Unsaid, Change::of);
        let at = actions.map_or(instance.whole, Node::span);
        let told = kind.action().map(|action| resource::Change { action, at });
        let instance = Instance { told, ..instance };
        addresses.insert(Arc::clone(&instance.address));
        if change.get("before").is_some_and(|before| before.kind() == Kind::Object) && !instance.parts.data {
            let before = instance.clone().with_values(change.member("before"));
            planned.before.push(Instance { config: None, sensitive: change.get("before_sensitive"), ..before });
        }
        changes |= matches!(kind, Change::Update | Change::Replace { .. } | Change::Remove);
        match kind {
            Change::Remove => {}
            // What is forgotten stays as it was.
            Change::Forget => planned.stays.extend(planned.before.last().cloned()),
            Change::Unsaid | Change::Keep | Change::Create | Change::Update | Change::Replace { .. } | Change::Read => {
                let instance = instance.with_values(change.member("after"));
                planned.stays.push(Instance {
                    change: kind,
                    unknown: change.get("after_unknown"),
                    sensitive: change.get("after_sensitive"),
                    ..instance
                });
            }
        }
    }
    let mut rest = Vec::new();
    let module = |part: Option<Node<'t>>| part.and_then(|values| values.get("root_module"));
    if let Some(module) = module(root.get("planned_values")) {
        of_module(module, configuration, 0, &|address| !addresses.contains(address), &mut rest);
    }
    if let Some(module) = module(root.get("prior_state").and_then(|state| state.get("values"))) {
        let mut before = Vec::new();
        of_module(module, configuration, 0, &|address| !addresses.contains(address), &mut before);
        before.retain(|instance| instance.parts.data);
        rest.append(&mut before);
    }
    rest.retain(|instance| addresses.insert(Arc::clone(&instance.address)));
    planned.stays.append(&mut rest);
    if changes {
        let read = |instance: &&Instance<'_>| instance.parts.data && instance.unknown.is_none();
        planned.before.extend(planned.stays.iter().filter(read).cloned());
    } else {
        planned.before.clear();
    }
    planned
}

/// Reads the instances of a state that `show -json` printed.
pub(super) fn of_state(root: Node<'_>) -> Vec<Instance<'_>> {
    let mut found = Vec::new();
    if let Some(module) = root.get("values").and_then(|values| values.get("root_module")) {
        of_module(module, &Configuration::default(), 0, &|_| true, &mut found);
    }
    found
}

/// Reads the instances of a module and of those in it, whose addresses are wanted.
fn of_module<'t>(
    module: Node<'t>,
    configuration: &Configuration<'t>,
    depth: usize,
    wanted: &dyn Fn(&str) -> bool,
    found: &mut Vec<Instance<'t>>,
) {
    if depth > NESTING {
        return;
    }
    for node in module.get("resources").into_iter().flat_map(Node::items) {
        let address = node.get("address").and_then(Node::as_str);
        if node.get("deposed_key").is_some() || address.is_none_or(|address| !wanted(&address)) {
            continue;
        }
        if let Some(instance) = Instance::read(node, configuration) {
            let instance = instance.with_values(node.member("values"));
            found.push(Instance { sensitive: node.get("sensitive_values"), ..instance });
        }
    }
    for child in module.get("child_modules").into_iter().flat_map(Node::items) {
        of_module(child, configuration, depth + 1, wanted, found);
    }
}

/// Reads the instances of a state file.
pub(super) fn of_state_file(root: Node<'_>) -> Vec<Instance<'_>> {
    let mut found = Vec::new();
    for resource in root.get("resources").into_iter().flat_map(Node::items) {
        let text = |name: &str| resource.get(name).and_then(Node::as_str).unwrap_or_default();
        let (ty, name, module) = (text("type"), text("name"), text("module"));
        let data = text("mode") == "data";
        let front = if module.is_empty() { String::new() } else { format!("{module}.") };
        for node in resource.get("instances").into_iter().flat_map(Node::items) {
            if node.get("deposed").is_some() {
                continue;
            }
            let index = node.get("index_key").and_then(key);
            let index_text = index.as_ref().map(ToString::to_string).unwrap_or_default();
            let address = format!("{front}{}{index_text}", block(data, &ty, &name));
            let Some(mut parts) = Address::parse(&address) else { continue };
            parts.key = index;
            let ty_at = resource.get("type").map_or_else(|| resource.head(), Node::span);
            let instance = Instance {
                address: address.into(),
                parts,
                change: Change::Unsaid,
                told: None,
                values: None,
                unknown: None,
                sensitive: None,
                config: None,
                provider: resource.get("provider"),
                whole: node.span(),
                ty_at,
                values_at: ty_at,
            };
            found.push(instance.with_values(node.member("attributes")));
        }
    }
    found
}
