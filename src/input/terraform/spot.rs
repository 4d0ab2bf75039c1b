//! What a person calls a place in a plan or a state.
//!
//! In: a tree, and spans in it. Out: [`Spot`]: the address of the resource that a place is in, and the attribute. Must not
//! know: why somebody asks.
//!
//! Plans are made by a program, so that a line of one says little; the address and the attribute are what stands in the
//! sources. A plan of many resources is asked many times, so that the resources are listed once.

use std::fmt;
use std::fmt::Write as _;

use crate::json::{Kind, Node, Tree};
use crate::source::Span;

use super::address::block;

/// Modules nest this deep at most.
const NESTING: usize = 64;

/// A place in a plan or a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot<'t> {
    /// The address of the resource.
    pub address: String,
    /// The attribute, `network_rule_set[0].default_action`; empty for the resource as a whole.
    pub attribute: String,
    /// The place shows how something is now, not how it is written.
    pub former: bool,
    /// The values that are planned, around those of the place.
    pub values: Option<Node<'t>>,
}

impl fmt::Display for Spot<'_> {
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

/// The resources of a plan or a state, by their places.
#[derive(Debug)]
pub struct Spots<'t> {
    root: Option<Node<'t>>,
    /// In the order of the text.
    resources: Vec<Listed<'t>>,
}

#[derive(Debug)]
struct Listed<'t> {
    node: Node<'t>,
    /// The object that says which resource it is, where that is another one.
    around: Option<Node<'t>>,
    former: bool,
}

impl<'t> Spots<'t> {
    /// Lists the resources of a tree.
    pub fn of(tree: &'t Tree<'t>) -> Self {
        let root = tree.root();
        let mut spots = Self { root, resources: Vec::new() };
        let Some(root) = root else { return spots };
        for (name, former) in [("resource_changes", false), ("resource_drift", true)] {
            spots.list(root.get(name), former);
        }
        let prior = root.get("prior_state").and_then(|state| state.get("values"));
        for values in [root.get("planned_values"), prior, root.get("values")].into_iter().flatten() {
            spots.module(values.get("root_module"), 0);
        }
        for resource in root.get("resources").into_iter().flat_map(Node::items) {
            let instances = resource.get("instances").into_iter().flat_map(Node::items);
            let listed = instances.map(|node| Listed { node, around: Some(resource), former: false });
            spots.resources.extend(listed);
            spots.resources.push(Listed { node: resource, around: None, former: false });
        }
        // What stands in another one comes behind it.
        spots.resources.sort_by_key(|listed| (listed.node.span().start, std::cmp::Reverse(listed.node.span().end)));
        spots
    }

    /// The document.
    pub const fn root(&self) -> Option<Node<'t>> {
        self.root
    }

    fn list(&mut self, resources: Option<Node<'t>>, former: bool) {
        let items = resources.into_iter().flat_map(Node::items);
        self.resources.extend(items.map(|node| Listed { node, around: None, former }));
    }

    fn module(&mut self, module: Option<Node<'t>>, depth: usize) {
        let Some(module) = module.filter(|_| depth < NESTING) else { return };
        self.list(module.get("resources"), false);
        for child in module.get("child_modules").into_iter().flat_map(Node::items) {
            self.module(Some(child), depth + 1);
        }
    }

    /// What a person calls a place; nothing where it is in no resource.
    pub fn find(&self, span: Span) -> Option<Spot<'t>> {
        let behind = self.resources.partition_point(|listed| listed.node.span().start <= span.start);
        // The one before may be an instance that ends before the place, inside of the resource that holds both.
        let mut before = self.resources.get(..behind)?.iter().rev();
        let mut listed = before.next()?;
        if !listed.node.span().contains(span) {
            listed = self.resources.iter().find(|other| Some(other.node) == listed.around)?;
        }
        if !listed.node.span().contains(span) {
            return None;
        }
        let mut address = String::new();
        listed.around.into_iter().for_each(|around| named(around, &mut address));
        named(listed.node, &mut address);
        if address.is_empty() {
            return None;
        }
        let mut spot = Spot { address, attribute: String::new(), former: listed.former, values: None };
        spot.inside(listed.node, span);
        Some(spot)
    }
}

impl<'t> Spot<'t> {
    /// Goes down to a place in a resource.
    fn inside(&mut self, resource: Node<'t>, span: Span) {
        let mut node = resource;
        let mut inside = false;
        loop {
            match node.kind() {
                Kind::Object => {
                    let here = |part: Node<'_>| part.span().contains(span);
                    let Some(member) = node.members().find(|member| here(member.key) || here(member.value)) else {
                        break;
                    };
                    let name = member.key.as_str().unwrap_or_default();
                    if inside {
                        if !self.attribute.is_empty() {
                            self.attribute.push('.');
                        }
                        self.attribute.push_str(&name);
                    } else if VALUES.contains(&&*name) {
                        inside = true;
                        self.former |= name == "before";
                        let planned = ["after", "values", "attributes"].into_iter().find_map(|name| node.get(name));
                        self.values = planned.filter(|values| values.kind() == Kind::Object);
                    } else if name != "change" {
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
                        _ = write!(self.attribute, "[{at}]");
                    }
                    node = item;
                }
                Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => break,
            }
        }
    }
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
        Spots::of(&parsed.tree).find(Span::new(FileId(0), at, end)).map(|spot| spot.to_string())
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
            "instances": [{"index_key": "k", "attributes": {"a": "b"}}, {"index_key": "l", "attributes": {"a": "c"}}],
            "provider": "p"}]}"#;
        assert_eq!(called(state, "\"b\"").as_deref(), Some("t.r[\"k\"].a"));
        assert_eq!(called(state, "\"c\"").as_deref(), Some("t.r[\"l\"].a"));
        assert_eq!(called(state, "\"p\"").as_deref(), Some("t.r"));
    }
}
