//! The instances of one input, and how they are found.
//!
//! In: [`Instance`]s and the configuration. Out: [`World`], which is the same for whoever reads it. Must not know: the values
//! of attributes.

use std::collections::HashMap;
use std::sync::Arc;

use crate::json::Node;
use crate::value::{Unknown, Value};

use super::address::{Address, ModulePath, module_text};
use super::configuration::Configuration;
use super::instance::Instance;

/// The instances of one input.
pub(super) struct World<'t> {
    /// What there is after apply, or what a state holds.
    pub(super) instances: Vec<Instance<'t>>,
    /// The configuration, where the input shows it.
    pub(super) configuration: Configuration<'t>,
    /// The values of the root module's variables.
    pub(super) variables: Option<Node<'t>>,
    /// What any value of the plan comes from.
    pub(super) relevant: Option<Node<'t>>,
    /// Keeps the unknowns of this input apart from those of others.
    pub(super) scope: Arc<str>,
    /// Instances by module and block: `module.net.azurerm_subnet.this`.
    blocks: HashMap<String, Vec<usize>>,
    /// Instances by address.
    addresses: HashMap<Arc<str>, usize>,
    /// The keys of module instances, by the call: `module.a.net`.
    modules: HashMap<String, Vec<ModulePath>>,
    /// Subscriptions by provider.
    pub(super) subscriptions: HashMap<String, Value>,
}

impl<'t> World<'t> {
    /// The world of some instances.
    pub(super) fn new(
        instances: Vec<Instance<'t>>,
        configuration: Configuration<'t>,
        variables: Option<Node<'t>>,
        scope: &str,
    ) -> Self {
        let mut blocks: HashMap<String, Vec<usize>> = HashMap::new();
        let mut modules: HashMap<String, Vec<ModulePath>> = HashMap::new();
        let mut addresses = HashMap::new();
        for (at, instance) in instances.iter().enumerate() {
            let parts = &instance.parts;
            addresses.insert(Arc::clone(&instance.address), at);
            blocks.entry(qualified(&module_text(&parts.module), &parts.block())).or_default().push(at);
            for end in 1..=parts.module.len() {
                let path = parts.module.get(..end).unwrap_or_default();
                let Some(((name, _), around)) = path.split_last() else { continue };
                let known = modules.entry(qualified(&module_text(around), name)).or_default();
                if known.last().is_none_or(|last| last != path) && !known.iter().any(|other| other == path) {
                    known.push(path.to_vec());
                }
            }
        }
        Self {
            instances,
            configuration,
            variables,
            relevant: None,
            scope: scope.into(),
            blocks,
            addresses,
            modules,
            subscriptions: HashMap::new(),
        }
    }

    /// The instances of a block of a module instance.
    pub(super) fn of_block(&self, module: &str, block: &str) -> &[usize] {
        self.blocks.get(&qualified(module, block)).map(Vec::as_slice).unwrap_or_default()
    }

    /// The instance whose attribute an unknown is.
    pub(super) fn behind(&self, unknown: &Unknown, attribute: &str) -> Option<usize> {
        let address = unknown.symbol.text.strip_suffix(attribute)?.strip_suffix('.')?;
        self.addresses.get(address).copied()
    }

    /// The instances of a module call.
    pub(super) fn of_call(&self, module: &str, name: &str) -> &[ModulePath] {
        self.modules.get(&qualified(module, name)).map(Vec::as_slice).unwrap_or_default()
    }

    /// How many instances the block of an instance has.
    pub(super) fn siblings(&self, parts: &Address) -> usize {
        self.of_block(&module_text(&parts.module), &parts.block()).len()
    }
}

/// A name in a module.
pub(super) fn qualified(module: &str, name: &str) -> String {
    if module.is_empty() { name.to_owned() } else { format!("{module}.{name}") }
}
