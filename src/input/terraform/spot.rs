//! What a person calls a place in a plan or a state.
//!
//! In: a tree and a span. Out: [`Spot`]: the address of the resource that it is in, and the attribute. Must not know: why
//! somebody asks.
//!
//! Plans are made by a program, so that a line of one says little; the address and the attribute are what stands in the
//! sources.

use std::fmt;
use std::fmt::Write as _;

use crate::json::{Kind, Node, Tree};
use crate::source::Span;

use super::address::block;

/// A place in a plan or a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// The address of the resource.
    pub address: String,
    /// The attribute, `network_rule_set[0].default_action`; empty for the resource as a whole.
    pub attribute: String,
}

impl fmt::Display for Spot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.address)?;
        if !self.attribute.is_empty() {
            f.write_char('.')?;
        }
        f.write_str(&self.attribute)
    }
}

/// Below these names of a resource its attributes stand.
const VALUES: [&str; 5] = ["after", "after_unknown", "before", "values", "attributes"];
/// Below these names resources stand, or others around them.
const AROUND: [&str; 9] = [
    "resource_changes",
    "change",
    "planned_values",
    "prior_state",
    "values",
    "root_module",
    "child_modules",
    "resources",
    "instances",
];

/// What a person calls a place; nothing where it is in no resource.
pub fn spot(tree: &Tree<'_>, span: Span) -> Option<Spot> {
    let mut node = tree.root()?;
    let mut address = String::new();
    let mut attribute = String::new();
    let mut inside = false;
    loop {
        match node.kind() {
            Kind::Object => {
                if !inside {
                    named(node, &mut address);
                }
                let here = |part: Node<'_>| part.span().contains(span);
                let Some(member) = node.members().find(|member| here(member.key) || here(member.value)) else { break };
                let name = member.key.as_str().unwrap_or_default();
                if inside {
                    if !attribute.is_empty() {
                        attribute.push('.');
                    }
                    attribute.push_str(&name);
                } else if !address.is_empty() && VALUES.contains(&&*name) {
                    inside = true;
                } else if !AROUND.contains(&&*name) {
                    break;
                }
                if here(member.key) {
                    break;
                }
                node = member.value;
            }
            Kind::Array => {
                let found = node.items().enumerate().find(|(_, item)| item.span().contains(span));
                let Some((at, item)) = found else { break };
                if inside {
                    _ = write!(attribute, "[{at}]");
                }
                node = item;
            }
            Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => break,
        }
    }
    (!address.is_empty()).then_some(Spot { address, attribute })
}

/// The address that an object says it has, or that an instance of a state file adds to.
fn named(node: Node<'_>, address: &mut String) {
    let text = |name: &str| node.get(name).and_then(Node::as_str);
    if let Some(own) = text("address") {
        *address = own.into_owned();
    } else if let (Some(ty), Some(name), Some(mode)) = (text("type"), text("name"), text("mode")) {
        let module = text("module").map(|module| format!("{module}.")).unwrap_or_default();
        *address = format!("{module}{}", block(mode == "data", &ty, &name));
    } else if let Some(key) = node.get("index_key").filter(|_| !address.is_empty()) {
        _ = write!(address, "[{}]", key.raw());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json;
    use crate::source::FileId;

    fn called(text: &str, needle: &str) -> Option<String> {
        let parsed = json::parse(FileId(0), text);
        let at = u32::try_from(text.find(needle).unwrap()).unwrap();
        let end = at + u32::try_from(needle.len()).unwrap();
        spot(&parsed.tree, Span::new(FileId(0), at, end)).map(|spot| spot.to_string())
    }

    #[test]
    fn places_have_the_names_of_the_sources() {
        let plan = r#"{"format_version": "1.2", "resource_changes": [{"address": "module.a[\"x\"].t.r", "type": "t",
            "change": {"after": {"set": [{"k": "v"}], "n": null}, "after_unknown": {"u": true}}}], "other": 1}"#;
        assert_eq!(called(plan, "\"v\"").as_deref(), Some("module.a[\"x\"].t.r.set[0].k"));
        assert_eq!(called(plan, "\"n\"").as_deref(), Some("module.a[\"x\"].t.r.n"));
        assert_eq!(called(plan, "\"u\"").as_deref(), Some("module.a[\"x\"].t.r.u"));
        assert_eq!(called(plan, "\"t\"").as_deref(), Some("module.a[\"x\"].t.r"));
        assert_eq!(called(plan, "\"other\""), None);
        let state = r#"{"version": 4, "resources": [{"mode": "managed", "type": "t", "name": "r",
            "instances": [{"index_key": "k", "attributes": {"a": "b"}}]}]}"#;
        assert_eq!(called(state, "\"b\"").as_deref(), Some("t.r[\"k\"].a"));
    }
}
