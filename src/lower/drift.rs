//! Where what is declared and what is seen of one resource disagree.
//!
//! In: two forms of a resource, one that is declared and one that is seen as deployed. Out: [`Difference`]s.
//! Must not know: what a property means, but for the few tables below.
//!
//! What is not known on either side, and what the seen form does not show, is no difference: an API version hides what it
//! does not know. So only what both sides write is compared, and elements of the lists in [`WHOLE`] that only one has.

use crate::resource::Resource;
use crate::value::compare::same_ignoring_case;
use crate::value::{Array, Data, Origin, Pattern, Truth, Value};

/// The parts of a resource that are compared.
const PARTS: [&str; 4] = ["location", "sku", "zones", "properties"];
/// Lists that a deployment replaces as a whole, so that an element which only the deployed form has was added by hand.
const WHOLE: [&str; 7] =
    ["ipRules", "virtualNetworkRules", "serviceEndpoints", "addressPrefixes", "dnsServers", "aRecords", "groupIds"];
/// Properties that tell which element of a list is which.
const NAMES: [&str; 3] = ["name", "service", "id"];
/// Deeper bodies are not compared.
const DEPTH: usize = 16;

/// One disagreement.
#[derive(Clone, Debug)]
pub(super) struct Difference {
    /// `properties.networkRuleSet.defaultAction`, without `properties.`.
    pub(super) property: String,
    /// The value that is declared, with its place; where only the other side has one, the place that lacks it.
    pub(super) declared: Side,
    /// The value that is deployed, likewise.
    pub(super) deployed: Side,
}

/// A side of a disagreement.
#[derive(Clone, Debug)]
pub(super) struct Side {
    /// The value; `None` where this side has none.
    pub(super) value: Option<Pattern>,
    /// The place.
    pub(super) origin: Origin,
}

/// The disagreements of two forms of one resource.
pub(super) fn differences(declared: &Resource, seen: &Resource) -> Vec<Difference> {
    let mut comparison = Comparison { path: Vec::new(), found: Vec::new() };
    if declared.exists == Truth::True && !declared.existing && !seen.existing {
        for part in PARTS {
            let of = |resource: &Resource| resource.body.as_object().and_then(|body| body.get(part).cloned());
            if let (Some(declared), Some(seen)) = (of(declared), of(seen)) {
                comparison.step(part, &declared, &seen);
            }
        }
    }
    comparison.found
}

struct Comparison {
    path: Vec<String>,
    found: Vec<Difference>,
}

impl Comparison {
    fn step(&mut self, name: &str, declared: &Value, seen: &Value) {
        if self.path.len() >= DEPTH {
            return;
        }
        self.path.push(name.to_owned());
        self.values(name, declared, seen);
        self.path.pop();
    }

    fn values(&mut self, name: &str, declared: &Value, seen: &Value) {
        if declared.secret || seen.secret {
            return;
        }
        match (&declared.data, &seen.data) {
            (Data::Object(a), Data::Object(b)) => {
                for (key, value) in a.iter() {
                    if let Some(other) = b.get(&key.name) {
                        self.step(&key.name, value, other);
                    }
                }
            }
            (Data::Array(a), Data::Array(b)) if a.open.is_none() && b.open.is_none() => {
                self.lists(name, (declared, a), (seen, b));
            }
            _ if differ(name, declared, seen) => self.found.push(Difference {
                property: self.property(),
                declared: side(declared),
                deployed: side(seen),
            }),
            _ => {}
        }
    }

    fn lists(&mut self, name: &str, (declared, a): (&Value, &Array), (seen, b): (&Value, &Array)) {
        let mut left: Vec<&Value> = b.items.iter().collect();
        let mut unknown = false;
        for item in &a.items {
            unknown |= item.as_object().is_none() && item.as_name().is_none_or(|text| text.as_literal().is_none());
            if let Some(at) = left.iter().position(|other| named_alike(item, other)) {
                let other = left.remove(at);
                self.values(name, item, other);
            } else if let Some(at) = left.iter().position(|other| fits(name, item, other) == Truth::True) {
                left.remove(at);
            } else if left.iter().all(|other| fits(name, item, other) == Truth::False) && text(item).is_some() {
                let deployed = Side { value: None, origin: seen.origin };
                self.found.push(Difference { property: self.property(), declared: side(item), deployed });
            } else {
                unknown = true;
            }
        }
        // Which element is which must be known before one can be too many.
        if unknown || !WHOLE.iter().any(|whole| whole.eq_ignore_ascii_case(name)) {
            return;
        }
        for item in left.into_iter().filter(|item| text(item).is_some()) {
            let declared = Side { value: None, origin: declared.origin };
            self.found.push(Difference { property: self.property(), declared, deployed: side(item) });
        }
    }

    fn property(&self) -> String {
        let path = self.path.join(".");
        path.strip_prefix("properties.").map_or_else(|| path.clone(), str::to_owned)
    }
}

/// Whether two values that are no containers certainly differ.
fn differ(name: &str, declared: &Value, seen: &Value) -> bool {
    let kinds = declared.ty().is_some() && declared.ty() == seen.ty();
    kinds && same_words(name, declared, seen) == Truth::False
}

/// Whether two values say the same: regions and single addresses are written in several ways.
fn same_words(name: &str, a: &Value, b: &Value) -> Truth {
    let plain = |value: &Value| -> Option<String> {
        let text = value.as_str()?;
        let text = if name.eq_ignore_ascii_case("location") { text.replace(' ', "") } else { text.to_owned() };
        Some(text.strip_suffix("/32").map(str::to_owned).unwrap_or(text).to_lowercase())
    };
    match (plain(a), plain(b)) {
        (Some(a), Some(b)) => (a == b).into(),
        (_, _) => same_ignoring_case(a, b),
    }
}

/// Whether two elements have the same name.
fn named_alike(a: &Value, b: &Value) -> bool {
    let named = |name: &str| match (a.as_object()?.get(name), b.as_object()?.get(name)) {
        (Some(x), Some(y)) => Some(same_ignoring_case(x, y) == Truth::True),
        (_, _) => None,
    };
    NAMES.iter().find_map(|name| named(name)) == Some(true)
}

/// Whether a seen element says all that a declared one says.
fn fits(name: &str, declared: &Value, seen: &Value) -> Truth {
    match (&declared.data, &seen.data) {
        (Data::Object(a), Data::Object(b)) => {
            let member = |(key, value): (&crate::value::Key, &Value)| match b.get(&key.name) {
                Some(other) => fits(&key.name, value, other),
                None => Truth::True,
            };
            a.iter().map(member).min().unwrap_or(Truth::True)
        }
        (Data::Array(a), Data::Array(b)) => {
            let one = |item: &Value| b.items.iter().map(|other| fits(name, item, other)).max().unwrap_or(Truth::False);
            a.items.iter().map(one).min().unwrap_or(Truth::True)
        }
        _ => same_words(name, declared, seen),
    }
}

fn side(value: &Value) -> Side {
    Side { value: text(value), origin: value.origin }
}

/// A value in few words: of an object the member that names it.
fn text(value: &Value) -> Option<Pattern> {
    let words = match &value.data {
        Data::String(_) | Data::Pattern(_) => return value.as_name().filter(|_| !value.secret),
        Data::Bool(flag) => flag.to_string(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => number.to_string(),
        Data::Object(object) => {
            return ["value", "name", "service", "id", "ipv4Address"].iter().find_map(|name| text(object.get(name)?));
        }
        Data::Array(_) | Data::Null | Data::Unknown(_) => return None,
    };
    Some(Pattern::literal(&words))
}
