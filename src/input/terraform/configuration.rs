//! The configuration that a plan shows: modules, resources, and what their expressions refer to.
//!
//! In: the node `configuration`. Out: [`Configuration`], look-ups in it. Must not know: values.

use std::collections::HashMap;

use crate::json::Node;

use super::address::{Key, module_calls};

/// Modules nest this deep at most.
const NESTING: usize = 64;

/// The configuration of a plan; empty where the input shows none.
#[derive(Debug, Default)]
pub(super) struct Configuration<'t> {
    /// By the calls that lead there.
    modules: HashMap<String, Node<'t>>,
    /// By module and block.
    resources: HashMap<(String, String), Node<'t>>,
    providers: Option<Node<'t>>,
}

impl<'t> Configuration<'t> {
    /// Reads what a plan shows of its configuration.
    pub(super) fn of(node: Option<Node<'t>>) -> Self {
        let mut configuration =
            Self { providers: node.and_then(|node| node.get("provider_config")), ..Self::default() };
        if let Some(root) = node.and_then(|node| node.get("root_module")) {
            configuration.add(String::new(), root, 0);
        }
        configuration
    }

    fn add(&mut self, calls: String, module: Node<'t>, depth: usize) {
        if depth > NESTING {
            return;
        }
        for resource in module.get("resources").into_iter().flat_map(Node::items) {
            if let Some(address) = resource.get("address").and_then(Node::as_str) {
                // Old versions write the address with the module in front.
                let block = super::address::Address::parse(&address).map(|address| address.block());
                self.resources.insert((calls.clone(), block.unwrap_or_default()), resource);
            }
        }
        for call in module.get("module_calls").into_iter().flat_map(Node::members) {
            let (Some(name), Some(inner)) = (call.key.as_str(), call.value.get("module")) else { continue };
            let below = if calls.is_empty() { name.into_owned() } else { format!("{calls}.{name}") };
            self.add(below, inner, depth + 1);
        }
        self.modules.insert(calls, module);
    }

    /// The configuration of a module.
    pub(super) fn module(&self, path: &[(String, Option<Key>)]) -> Option<Node<'t>> {
        self.modules.get(&module_calls(path)).copied()
    }

    /// The call of a module, which stands in the one around it.
    pub(super) fn call(&self, path: &[(String, Option<Key>)]) -> Option<Node<'t>> {
        let ((name, _), around) = path.split_last()?;
        self.module(around)?.get("module_calls")?.get(name)
    }

    /// The block of a resource.
    pub(super) fn resource(&self, path: &[(String, Option<Key>)], block: &str) -> Option<Node<'t>> {
        self.resources.get(&(module_calls(path), block.to_owned())).copied()
    }

    /// The configuration of a provider, by the key that a resource names.
    pub(super) fn provider(&self, key: &str) -> Option<Node<'t>> {
        let providers = self.providers?;
        // A module that inherits its provider is given one of its own name in some versions.
        providers.get(key).or_else(|| providers.get(key.rsplit_once(':')?.1))
    }
}
