//! What belongs to a subscription: Defender plans, registrations of resource providers, deployments.
//!
//! In: `azurerm_security_center_subscription_pricing`, `azurerm_resource_provider_registration`, template deployments. Out:
//! `Microsoft.Security/pricings`, `Microsoft.Resources/…`. Must not know: registries.

use crate::value::{Key, Object, Origin, Value};

use super::registry::array;
use super::shape::{Placed, many, same};
use super::{Kind, Maker, More, PROVIDER, Within};

/// What [`extensions`] reads.
const EXTENSIONS_READS: &[&str] = &["extension.name"];

pub(super) const KINDS: &[Kind] = &[
    Kind {
        names: &["azurerm_security_center_subscription_pricing"],
        ty: "Microsoft.Security/pricings",
        within: &[Within::Subscription],
        named: "resource_type",
        rows: &[same("tier", "properties.pricingTier"), same("subplan", "properties.subPlan")],
        more: Some(More { make: extensions, reads: EXTENSIONS_READS }),
    },
    Kind {
        names: &["azurerm_resource_provider_registration"],
        ty: PROVIDER,
        within: &[Within::Subscription],
        named: "name",
        rows: &[],
        more: Some(More { make: registered, reads: &[] }),
    },
    Kind {
        names: &["azurerm_resource_group_template_deployment", "azurerm_template_deployment"],
        ty: "Microsoft.Resources/deployments",
        within: &[Within::Group],
        named: "name",
        rows: &[],
        more: None,
    },
    Kind {
        names: &["azurerm_subscription_template_deployment"],
        ty: "Microsoft.Resources/deployments",
        within: &[Within::Subscription],
        named: "name",
        rows: &[],
        more: None,
    },
];

/// An extension that is written is on.
fn extensions(maker: &mut Maker<'_, '_>) {
    let Some((key, value)) = maker.get("extension") else { return };
    let (blocks, open) = many(Some(&value));
    if let Some(open) = open {
        return maker.put("properties.extensions", key.at, Value::unknown((*open).clone(), value.origin));
    }
    let extension = |(block, origin): Placed| {
        let (at, name) = block.entry("name").map(|(key, name)| (key.at, name.clone()))?;
        let mut made = Object::new();
        made.push(Key { name: "name".into(), at }, name);
        made.push(Key { name: "isEnabled".into(), at }, Value::string("True", Origin::at(at)));
        Some(Value::object(made, origin))
    };
    let items = blocks.into_iter().filter_map(extension).collect();
    maker.put("properties.extensions", key.at, array(items, value.origin));
}

fn registered(maker: &mut Maker<'_, '_>) {
    let at = maker.get("name").map_or(maker.instance.values_at, |(key, _)| key.at);
    maker.put("properties.registrationState", at, Value::string("Registered", Origin::at(at)));
}
