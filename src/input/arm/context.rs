//! Where a template is deployed, as far as that is known.
//!
//! In: what the user says (`--subscription`, a context file), or nothing. Out: [`Context`], [`Target`].
//! Must not know: the template.

use std::sync::Arc;

use crate::json::Node;
use crate::resource::{Cloud, ResourceId};
use crate::value::{Hole, Pattern, Reason, Symbol, Type, Unknown};

/// The level of a deployment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Level {
    /// A resource group.
    #[default]
    ResourceGroup,
    /// A subscription.
    Subscription,
    /// A management group.
    ManagementGroup,
    /// The tenant.
    Tenant,
}

/// What is known of the place of a deployment. Everything that is not given stays a symbol.
#[derive(Clone, Debug, Default)]
pub struct Context {
    /// The level; `None`: as the template's schema says.
    pub level: Option<Level>,
    /// The tenant's id.
    pub tenant: Option<String>,
    /// The subscription's id.
    pub subscription: Option<String>,
    /// The subscription's name.
    pub subscription_name: Option<String>,
    /// The name of the resource group.
    pub resource_group: Option<String>,
    /// The region of the resource group.
    pub group_location: Option<String>,
    /// The name of the management group.
    pub management_group: Option<String>,
    /// The region of a deployment above the resource group.
    pub location: Option<String>,
    /// The deployment's name.
    pub deployment: Option<String>,
    /// The cloud; without it the public one.
    pub cloud: Option<Cloud>,
}

impl Context {
    /// Reads a context file: the shape is that of the test suites of this field (`subscriptionId`, `tenantId`,
    /// `resourceGroup` {`name`, `location`}, `managementGroupId`, `deploymentName`, `location`, `scope`).
    pub fn from_json(root: Node<'_>) -> Self {
        let text = |node: Option<Node<'_>>| node.and_then(|n| n.as_str().map(std::borrow::Cow::into_owned));
        let group = root.get_ci("resourceGroup");
        let level = text(root.get_ci("scope")).and_then(|scope| match scope.to_ascii_lowercase().as_str() {
            "resourcegroup" => Some(Level::ResourceGroup),
            "subscription" => Some(Level::Subscription),
            "managementgroup" => Some(Level::ManagementGroup),
            "tenant" => Some(Level::Tenant),
            _ => None,
        });
        Self {
            level,
            tenant: text(root.get_ci("tenantId")),
            subscription: text(root.get_ci("subscriptionId")),
            subscription_name: text(root.get_ci("subscriptionDisplayName")),
            resource_group: text(group.and_then(|g| g.get_ci("name"))),
            group_location: text(group.and_then(|g| g.get_ci("location"))),
            management_group: text(root.get_ci("managementGroupId")),
            location: text(root.get_ci("location")).or_else(|| text(group.and_then(|g| g.get_ci("location")))),
            deployment: text(root.get_ci("deploymentName")),
            cloud: None,
        }
    }
}

/// A known string, or the one hole that stands for it.
pub(super) fn known_or(value: Option<&str>, symbol: &str, instance: &str) -> Pattern {
    match value {
        Some(text) => Pattern::literal(text),
        None => Pattern::hole(&segment(symbol, instance)),
    }
}

/// An unknown without `/` that belongs to the deployment.
pub(super) fn segment(symbol: &str, instance: &str) -> Arc<Unknown> {
    Arc::new(
        Unknown::new(Reason::NotInInput, Symbol::new(symbol, instance)).typed(Type::String).with_hole(Hole::Segment),
    )
}

/// The place that resources go to.
#[derive(Clone, Debug)]
pub enum Target {
    /// A resource group of a subscription.
    ResourceGroup {
        /// The subscription's id.
        subscription: Pattern,
        /// The group's name.
        group: Pattern,
    },
    /// A subscription.
    Subscription {
        /// The subscription's id.
        subscription: Pattern,
    },
    /// A management group.
    ManagementGroup {
        /// Its name.
        name: Pattern,
    },
    /// The tenant.
    Tenant,
    /// A place that is only known as an id.
    Id(ResourceId),
}

impl Target {
    /// The id of the place; empty for the tenant.
    pub fn id(&self) -> Pattern {
        let mut id = Pattern::new();
        match self {
            Self::ResourceGroup { subscription, group } => {
                id.push_str("/subscriptions/");
                id.push(subscription);
                id.push_str("/resourceGroups/");
                id.push(group);
            }
            Self::Subscription { subscription } => {
                id.push_str("/subscriptions/");
                id.push(subscription);
            }
            Self::ManagementGroup { name } => {
                id.push_str("/providers/Microsoft.Management/managementGroups/");
                id.push(name);
            }
            Self::Tenant => {}
            Self::Id(given) => id.push(given.pattern()),
        }
        id
    }

    /// The subscription, where the place is in one.
    pub fn subscription(&self) -> Option<Pattern> {
        match self {
            Self::ResourceGroup { subscription, .. } | Self::Subscription { subscription } => {
                Some(subscription.clone())
            }
            Self::Id(id) => id.subscription(),
            Self::ManagementGroup { .. } | Self::Tenant => None,
        }
    }

    /// The place that an id names: a resource group, a subscription, a management group, `/` for the tenant.
    pub fn of_id(id: &Pattern) -> Self {
        let Some(pieces) = id.split('/') else { return Self::Id(ResourceId::new(id.clone())) };
        let pieces: Vec<_> = pieces.into_iter().filter(|piece| piece.as_literal() != Some("")).collect();
        let word = |at: usize| pieces.get(at).and_then(|p| p.as_literal()).map(str::to_ascii_lowercase);
        let word = |at: usize| word(at).unwrap_or_default();
        match pieces.as_slice() {
            [] => Self::Tenant,
            [_, subscription] if word(0) == "subscriptions" => {
                Self::Subscription { subscription: subscription.clone() }
            }
            [_, subscription, _, group] if word(0) == "subscriptions" && word(2) == "resourcegroups" => {
                Self::ResourceGroup { subscription: subscription.clone(), group: group.clone() }
            }
            [_, _, _, name] if word(0) == "providers" && word(2) == "managementgroups" => {
                Self::ManagementGroup { name: name.clone() }
            }
            _ => Self::Id(ResourceId::new(id.clone())),
        }
    }
}
