//! The ids that resources have, or will have.
//!
//! In: instances and their attributes. Out: an id, with holes where a part of it is not known yet. Must not know:
//! properties beside those that make an id.
//!
//! Every azurerm resource has an id that follows from its subscription, its group or parent, its type and its name. So
//! two references to one resource are the same id before it exists, and the parent of a subnet is its network.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::json::Node;
use crate::resource::ResourceId;
use crate::value::{Hole, Origin, Part, Pattern, Reason, Symbol, Unknown, Value};

use super::instance::Instance;
use super::reader::Reader;
use super::translate::{self, Kind, Within};
use super::world::World;

/// The provider of the instances whose provider is not told.
const PROVIDER: &str = "azurerm";

impl Reader<'_, '_> {
    /// The id of an instance.
    pub(super) fn id(&self, at: usize) -> Value {
        if let Some(known) = self.ids.borrow().get(&at) {
            return known.clone().unwrap_or_else(|| self.bare(at));
        }
        // An id that needs itself is a hole.
        self.ids.borrow_mut().insert(at, None);
        let id = self.find_id(at);
        self.ids.borrow_mut().insert(at, Some(id.clone()));
        id
    }

    fn bare(&self, at: usize) -> Value {
        let origin = self.world.instances.get(at).map_or(super::NOWHERE, |instance| Origin::at(instance.values_at));
        let unknown = Unknown::clone(&self.hole(at, "id"));
        Value::unknown(unknown, origin)
    }

    fn find_id(&self, at: usize) -> Value {
        let Some(instance) = self.world.instances.get(at) else { return Value::null(super::NOWHERE) };
        if let Some((text, node)) = written_id(instance) {
            return Value::string(text, Origin::at(node.span()));
        }
        let origin = Origin::at(
            instance.unknown.and_then(|node| node.member("id")).map_or(instance.values_at, |member| member.key.span()),
        );
        let built = match instance.parts.ty.as_str() {
            "azurerm_resource_group" => Some(self.group(at, "name")),
            "azurerm_subscription" => None,
            _ => match translate::kind_of(&instance.parts.ty) {
                Some(kind) => self.build(at, kind),
                None => translate::azapi::id(self, at),
            },
        };
        match built {
            Some(pattern) => Value::new(pattern.into_data(), origin),
            None => self.bare(at),
        }
    }

    fn build(&self, at: usize, kind: &Kind) -> Option<Pattern> {
        let name = self.word(at, kind.named);
        let mut names = kind.ty.split('/');
        let own = names.next_back()?;
        let within = kind.within.iter().find(|within| match within {
            Within::Group | Within::Subscription => true,
            Within::Id(attribute) | Within::Name(attribute, _) => self.is_there(at, attribute),
        })?;
        let mut pattern = match within {
            Within::Group => {
                let mut pattern = self.group(at, "resource_group_name");
                pattern.push_str("/providers/");
                pattern.push_str(kind.ty);
                pattern.push_str("/");
                pattern.push(&name);
                return Some(pattern);
            }
            Within::Subscription => {
                let mut pattern = Pattern::literal("/subscriptions/");
                pattern.push(&self.world.subscription(at));
                pattern.push_str("/providers/");
                // A provider is registered under its own name.
                if kind.ty != translate::PROVIDER {
                    pattern.push_str(kind.ty);
                    pattern.push_str("/");
                }
                pattern.push(&name);
                return Some(pattern);
            }
            Within::Id(attribute) => self.named(at, attribute)?.as_pattern()?,
            Within::Name(attribute, ty) => self.parent(at, attribute, ty),
        };
        pattern.push_str("/");
        pattern.push_str(own);
        pattern.push_str("/");
        pattern.push(&name);
        Some(pattern)
    }

    /// The id of a parent that is told by its name.
    pub(super) fn parent(&self, at: usize, attribute: &str, ty: &str) -> Pattern {
        let name = self.word(at, attribute);
        // A name that is that of a resource in the plan leads to its id, whatever is known of its group.
        if let [Part::Hole(hole)] = name.parts()
            && let Some(parent) = self.world.behind(hole, "name")
            && let Some(id) = self.id(parent).as_pattern()
        {
            return id;
        }
        let mut pattern = self.group(at, "resource_group_name");
        pattern.push_str("/providers/");
        pattern.push_str(ty);
        pattern.push_str("/");
        pattern.push(&name);
        pattern
    }

    fn group(&self, at: usize, attribute: &str) -> Pattern {
        let name = self.word(at, attribute);
        // A group may be in the subscription of another provider than what is in it is told to be.
        let mut pattern = Pattern::literal("/subscriptions/");
        pattern.push(&self.world.subscription(at));
        pattern.push_str("/resourceGroups/");
        pattern.push(&name);
        pattern
    }

    /// Whether an attribute is written, known or not.
    fn is_there(&self, at: usize, attribute: &str) -> bool {
        self.named(at, attribute).is_some_and(|value| !value.is_null())
    }

    /// A name, possibly a hole.
    fn word(&self, at: usize, attribute: &str) -> Pattern {
        let named = self.named(at, attribute).and_then(|value| value.as_name());
        named.unwrap_or_else(|| Pattern::hole(&self.hole(at, attribute)))
    }
}

impl World<'_> {
    /// Whether an id is known, rather than made of what is known.
    pub(super) fn has_id(&self, at: usize) -> bool {
        self.instances.get(at).is_some_and(|instance| written_id(instance).is_some())
    }

    /// The subscription that an instance is deployed to.
    pub(super) fn subscription(&self, at: usize) -> Pattern {
        let key = self.instances.get(at).map_or(Cow::Borrowed(""), provider_key);
        self.subscriptions.get(&*key).and_then(Value::as_pattern).unwrap_or_else(|| self.nobodys(&key))
    }

    fn nobodys(&self, key: &str) -> Pattern {
        let symbol = Symbol::new(format!("subscription of provider {key}"), &*self.scope);
        Pattern::hole(&Arc::new(Unknown::new(Reason::NotInInput, symbol).with_hole(Hole::Segment)))
    }

    /// Finds out which subscription each provider deploys to: as it is configured, as the ids tell of what it manages, or
    /// as the user says of the one that has no alias.
    pub(super) fn find_subscriptions(&mut self, given: Option<&str>) {
        let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        let mut asked = None;
        for instance in &self.instances {
            let key = provider_key(instance);
            if !seen.contains_key(&*key) {
                seen.insert(key.clone().into_owned(), BTreeSet::new());
            }
            let azurerm = instance.parts.ty.starts_with("azurerm_");
            if instance.parts.ty == "azurerm_client_config" || instance.parts.ty == "azurerm_subscription" {
                let own = instance.values.filter(|values| {
                    instance.parts.ty == "azurerm_client_config" || values.get("subscription_id").is_some()
                });
                let text =
                    own.and_then(|values| values.get("subscription_id")?.as_str()).map(|text| text.to_lowercase());
                if instance.parts.ty == "azurerm_client_config" {
                    asked = text.map(|text| (key.into_owned(), text)).or(asked);
                }
            } else if azurerm
                && !instance.parts.data
                && let Some((id, _)) = written_id(instance)
                && let Some(subscription) = ResourceId::new(Pattern::literal(&id)).subscription()
                && let Some(text) = subscription.as_literal()
                && let Some(all) = seen.get_mut(&*key)
            {
                all.insert(text.to_owned());
            }
        }
        for (key, ids) in seen {
            let configured = self.configuration.provider(&key).and_then(|node| self.configured(node));
            let known = match (configured, ids.into_iter().collect::<Vec<_>>().as_slice(), &asked) {
                (Some(configured), ..) => Some(configured),
                (None, _, Some((asked, text))) if *asked == key => Some(text.clone()),
                (None, [only], _) => Some(only.clone()),
                (None, ..) if key == PROVIDER => given.map(str::to_owned),
                (None, ..) => None,
            };
            if let Some(text) = known {
                self.subscriptions.insert(key, Value::string(text, super::NOWHERE));
            }
        }
    }

    /// The subscription that the configuration of a provider names.
    fn configured(&self, provider: Node<'_>) -> Option<String> {
        let expression = provider.get("expressions")?.get("subscription_id")?;
        if let Some(constant) = expression.get("constant_value") {
            return constant.as_str().map(Cow::into_owned);
        }
        let mut references = expression.get("references")?.items();
        let (first, more) = (references.next()?, references.next());
        let first = first.as_str()?;
        let name = first.strip_prefix("var.").filter(|name| !name.contains(['.', '[']) && more.is_none())?;
        let variables = self.variables?;
        variables.get(name)?.get("value")?.as_str().map(Cow::into_owned)
    }
}

/// The provider of an instance, as the configuration calls it.
fn provider_key<'t>(instance: &Instance<'t>) -> Cow<'t, str> {
    match instance.config.and_then(|node| node.get("provider_config_key")).and_then(Node::as_str) {
        Some(Cow::Borrowed(key)) => Cow::Borrowed(key.rsplit_once(':').map_or(key, |(_, key)| key)),
        Some(Cow::Owned(key)) => Cow::Owned(key.rsplit_once(':').map_or(key.as_str(), |(_, key)| key).to_owned()),
        None => {
            // A state names it `provider["registry.terraform.io/hashicorp/azurerm"].hub`.
            let named = instance.provider.and_then(Node::as_str).unwrap_or_default();
            let alias = named.rsplit_once("\"].").map(|(_, alias)| alias);
            let name = named.split("\"]").next().unwrap_or_default().rsplit('/').next().unwrap_or_default();
            let name = if name.is_empty() { PROVIDER } else { name };
            Cow::Owned(alias.map_or_else(|| name.to_owned(), |alias| format!("{name}.{alias}")))
        }
    }
}

/// The id of an instance, where it is known.
fn written_id<'t>(instance: &Instance<'t>) -> Option<(String, Node<'t>)> {
    let node = instance.values?.get("id")?;
    let text = node.as_str().filter(|text| text.starts_with('/'))?;
    Some((text.into_owned(), node))
}
