//! The subnets of a virtual network, as `reference` gives them before it is deployed.
//!
//! In: a network that the template declares. Out: its `subnets`, each with the id that it will have.
//! Must not know: what rules ask of subnets.
//!
//! Azure gives the subnets in the order in which they were sent. Where subnets are declared on their own, too, that order is
//! not known, and neither are the subnets.

use std::rc::Rc;
use std::sync::Arc;

use crate::json::Node;
use crate::source::Span;
use crate::value::{Key, Object, Origin, Reason, Symbol, Unknown, Value};

use super::deployments::Found;
use super::frame::Env;
use super::resources::{DEPLOYMENTS, is_type};
use super::{Expander, declared};

/// The type of virtual networks.
pub(super) const NETWORKS: &str = "Microsoft.Network/virtualNetworks";
const SUBNETS: &str = "Microsoft.Network/virtualNetworks/subnets";

impl<'t> Expander<'t> {
    /// The properties of a network, of which all but the subnets are unknown; `None` where those are, too.
    pub(super) fn network(
        &self,
        env: &Rc<Env<'t>>,
        found: &Found<'t>,
        whole: &Arc<Unknown>,
        at: Span,
    ) -> Option<Value> {
        let node = found.node;
        let exists = node.get_ci("existing").is_some();
        if !is_type(node, NETWORKS) || exists || node.get_ci("resources").is_some() || has_subnets(env.frame.template) {
            return None;
        }
        let place = (node.span().file, node.index());
        if self.networks.borrow().contains(&place) {
            return None; // its subnets are being worked out: it refers to itself
        }
        self.networks.borrow_mut().push(place);
        let properties = node.get_ci("properties");
        let properties = properties.map(|properties| self.in_doubt(true, || self.value(&found.env, properties)));
        self.networks.borrow_mut().pop();
        let properties = properties?;
        let written = properties.as_object()?.get("subnets")?.as_array().filter(|list| list.open.is_none())?;
        let key = |name: &str| Key { name: name.into(), at };
        let subnets: Option<Vec<Value>> = written
            .items
            .iter()
            .enumerate()
            .map(|(index, subnet)| {
                let subnet = subnet.as_object()?;
                let name = subnet.get("name")?;
                let id = found.id.child("subnets", &name.as_name()?);
                let mut object = Object::new();
                object.push(key("name"), name.clone());
                object.push(key("id"), Value::new(id.pattern().clone().into_data(), Origin::at(at)));
                object.open = Some(part(whole, &format!("subnets[{index}]")));
                Some(Value::object(object, Origin::at(at)))
            })
            .collect();
        let mut object = Object::new();
        object.push(key("subnets"), Value::array(subnets?, Origin::at(at)));
        object.open = Some(Arc::clone(whole));
        Some(Value::object(object, Origin::at(at)))
    }
}

/// Whether a template, or one nested in it, declares subnets on their own; of one that is not at hand nobody knows.
fn has_subnets(template: Node<'_>) -> bool {
    declared(template).into_iter().any(|(_, node): (_, Node<'_>)| {
        let nested = || node.get_ci("properties").and_then(|properties| properties.get_ci("template"));
        is_type(node, SUBNETS) || (is_type(node, DEPLOYMENTS) && nested().is_none_or(has_subnets))
    })
}

fn part(whole: &Unknown, path: &str) -> Arc<Unknown> {
    let text = format!("{}.{path}", whole.symbol.text);
    Arc::new(Unknown::new(Reason::RuntimeFunction, Symbol::new(text, "")))
}
