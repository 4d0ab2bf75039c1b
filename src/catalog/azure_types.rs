//! Which properties the resource types of Azure have, and in which API versions.
//!
//! In: a type, an API version, a property path. Out: [`Known`]. Must not know: resources, graphs, rules.
//!
//! The table (`azure_types.txt`, written by `tools/azure_types.py`) comes from the type definitions that Bicep uses. It
//! says what they list, not what the service enforces. A type is read when it is first asked for.

use std::borrow::Cow;
use std::sync::OnceLock;

/// Whether a property exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Known {
    /// The type has it in this API version.
    Yes,
    /// The type does not have it in this API version.
    No {
        /// The lowest newer API version that has it, a stable one if there is one; none when no newer one has it.
        since: Option<&'static str>,
    },
    /// The definitions of the type have no such API version: it is misspelled, or old enough to be retired.
    NoSuchVersion,
    /// The namespace has no such type.
    NoSuchType,
    /// The table has nothing to say.
    NotCovered,
}

/// What every resource of a template may have beside the properties of its type (Azure: "Understand the structure and
/// syntax of ARM templates").
const OF_TEMPLATES: [&str; 12] = [
    "@options",
    "comments",
    "condition",
    "copy",
    "dependson",
    "existing",
    "import",
    "metadata",
    "resourcegroup",
    "resources",
    "scope",
    "subscriptionid",
];

/// One bit a version, in the order of [`Section::versions`].
type Versions = u128;

struct Table {
    /// Namespaces of which all types are named.
    namespaces: Vec<(&'static str, Vec<&'static str>)>,
    types: Vec<Section>,
}

struct Section {
    name: &'static str,
    /// Whether properties of the type are missing from the table.
    partial: bool,
    versions: Vec<&'static str>,
    body: &'static str,
    properties: OnceLock<Vec<Property>>,
}

/// A property, or the body of a resource, which is the first of its type.
struct Property {
    /// In lower case; `*` is any name.
    name: String,
    versions: Versions,
    /// Whether the object above cannot do without it.
    required: bool,
    /// Whether it may have properties that are not listed.
    open: bool,
    /// What stands below it, as indexes of [`Section::properties`].
    below: Vec<usize>,
}

/// The API versions of a type, oldest first; a stable version stands before the preview of the same day.
///
/// None for a type that the table does not cover. Case does not matter.
pub fn versions(kind: &str) -> Option<&'static [&'static str]> {
    section(kind).map(|section| section.versions.as_slice())
}

/// Whether a type has a property in an API version.
///
/// The path is dotted, from the body of the resource: `properties.networkRuleSet.ipRules[].value`; `[]` or `[0]` stand
/// for elements and may be left out, case does not matter. A version newer than all of the table has whatever the newest
/// one has; of the rest it is not known.
pub fn knows(kind: &str, api_version: &str, path: &str) -> Known {
    let body = match Body::of(kind, api_version) {
        Ok(body) => body,
        Err(known) => return known,
    };
    let path = normal(path);
    let first = path.split('.').next().unwrap_or("");
    if path.is_empty() || OF_TEMPLATES.contains(&first) {
        return Known::Yes;
    }
    body.answer(&body.section.find(0, &path))
}

/// The body of a type in an API version, to ask for its properties one below the other.
#[derive(Clone, Copy)]
pub(super) struct Body {
    section: &'static Section,
    version: usize,
    /// The version is newer than all of the table.
    newer: bool,
}

/// A property that a [`Body`] has.
#[derive(Clone, Copy)]
pub(super) struct At(usize);

impl Body {
    /// The body of a type; what is known of each of its properties where the table has no such type or version.
    pub fn of(kind: &str, api_version: &str) -> Result<Self, Known> {
        let section = section(kind).ok_or_else(|| unlisted(kind))?;
        let (version, newer) = section.version(api_version).ok_or(Known::NoSuchVersion)?;
        Ok(Self { section, version, newer })
    }

    /// The body itself.
    pub const ROOT: At = At(0);

    /// The property of a name below another one; what is known of it where the body does not have it.
    pub fn member(self, above: At, name: &str) -> Result<At, Known> {
        let name = if name.contains(['.', '[', ']']) { Cow::Owned(normal(name)) } else { Cow::Borrowed(name) };
        let found = self.section.find(above.0, &name);
        match (self.answer(&found), found) {
            (Known::Yes, Search::Found(at, _)) => Ok(At(at)),
            (known, _) => Err(known),
        }
    }

    fn answer(self, found: &Search) -> Known {
        match found {
            Search::Found(_, property) if property.versions >> self.version & 1 == 1 => Known::Yes,
            Search::Found(..) | Search::Nothing if self.newer => Known::NotCovered,
            Search::Found(_, property) => Known::No { since: self.section.since(property.versions, self.version) },
            Search::Nothing => Known::No { since: None },
            Search::Unlisted => Known::NotCovered,
        }
    }
}

/// The API versions that have a property, oldest first; empty where the table knows of none.
pub fn versions_with(kind: &str, path: &str) -> Vec<&'static str> {
    let Some(section) = section(kind) else { return Vec::new() };
    match section.find(0, &normal(path)) {
        Search::Found(_, property) => section.list(property.versions).map(|(_, version)| version).collect(),
        Search::Unlisted | Search::Nothing => Vec::new(),
    }
}

/// Whether an object cannot do without a property in an API version. Known for `networkRuleSet` of registries only.
pub fn requires(kind: &str, api_version: &str, path: &str) -> bool {
    let there = knows(kind, api_version, path) == Known::Yes;
    there
        && section(kind)
            .is_some_and(|section| matches!(section.find(0, &normal(path)), Search::Found(_, p) if p.required))
}

enum Search {
    Found(usize, &'static Property),
    /// Below or beside something whose properties are not all listed.
    Unlisted,
    Nothing,
}

impl Section {
    /// Which version is meant, and whether it is newer than all that are listed.
    fn version(&self, wanted: &str) -> Option<(usize, bool)> {
        if let Some(index) = self.versions.iter().position(|version| version.eq_ignore_ascii_case(wanted)) {
            return Some((index, false));
        }
        let last = self.versions.len().checked_sub(1)?;
        let newest = day(self.versions.get(last)?)?;
        (day(wanted)? > newest).then_some((last, true))
    }

    fn properties(&self) -> &[Property] {
        self.properties.get_or_init(|| self.read())
    }

    /// The property of a dotted path below another one; case does not matter.
    fn find(&'static self, above: usize, path: &str) -> Search {
        let properties = self.properties();
        let mut last = None;
        let mut at = above;
        for name in path.split('.') {
            let Some(object) = properties.get(at) else { return Search::Nothing };
            let mut below = object.below.iter().filter_map(|&at| Some((at, properties.get(at)?)));
            let exact = below.clone().find(|(_, property)| property.name.eq_ignore_ascii_case(name));
            let Some((found, property)) = exact.or_else(|| below.find(|(_, property)| property.name == "*")) else {
                let open = object.open || object.name == "*" || self.partial;
                return if open { Search::Unlisted } else { Search::Nothing };
            };
            last = Some(Search::Found(found, property));
            at = found;
        }
        last.unwrap_or(Search::Nothing)
    }

    fn list(&self, versions: Versions) -> impl Iterator<Item = (usize, &'static str)> {
        self.versions.iter().copied().enumerate().filter(move |(index, _)| versions >> index & 1 == 1)
    }

    fn since(&self, versions: Versions, given: usize) -> Option<&'static str> {
        let newer = || self.list(versions).filter(|(index, _)| *index > given).map(|(_, version)| version);
        newer().find(|version| version.len() == DAY).or_else(|| newer().next())
    }

    /// Reads the lines below the head of the type: each is deeper by one blank than the object it belongs to.
    fn read(&self) -> Vec<Property> {
        let versions = self.versions.iter().enumerate().fold(0, |all, (index, _)| all | 1 << index);
        let body = Property { name: String::new(), versions, required: false, open: false, below: Vec::new() };
        let mut properties = vec![body];
        let mut above = vec![0];
        for line in self.body.lines() {
            let text = line.trim_start_matches(' ');
            above.truncate((line.len() - text.len()).max(1));
            let Some(object) = above.last().and_then(|&object: &usize| properties.get(object)) else { break };
            let (name, ranges) = text.split_once(' ').unwrap_or((text, ""));
            let versions = if ranges.is_empty() { object.versions } else { self.ranges(ranges) };
            let plain = name.trim_end_matches(['[', ']', '!', '+']).to_ascii_lowercase();
            let (required, open) = (name.contains('!'), name.ends_with('+'));
            let at = properties.len();
            properties.push(Property { name: plain, versions, required, open, below: Vec::new() });
            if let Some(object) = above.last().and_then(|&object| properties.get_mut(object)) {
                object.below.push(at);
            }
            above.push(at);
        }
        properties
    }

    fn ranges(&self, text: &str) -> Versions {
        let position = |version: &str| self.versions.iter().position(|mine| *mine == version);
        let mut found = 0;
        for range in text.split(',') {
            let (low, high) = range.split_once("..").unwrap_or((range, range));
            let end = if high.is_empty() { self.versions.len().checked_sub(1) } else { position(high) };
            let (Some(low), Some(high)) = (position(low), end) else { continue };
            found |= (low..=high).fold(0, |all, index| all | 1 << index);
        }
        found
    }
}

/// The length of `2025-11-01`; previews have more.
const DAY: usize = 10;

/// The day of an API version, comparable as text.
fn day(version: &str) -> Option<&str> {
    let day = version.get(..DAY)?;
    let digit_or_dash = |(at, b): (usize, u8)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() };
    let rest = version.get(DAY..)?;
    (day.bytes().enumerate().all(digit_or_dash) && (rest.is_empty() || rest.starts_with('-'))).then_some(day)
}

/// A path in lower case and without brackets.
fn normal(path: &str) -> String {
    let mut inside = false;
    let outside = path.chars().filter(|&c| {
        inside = (inside || c == '[') && c != ']';
        !inside && c != ']'
    });
    outside.map(|c| c.to_ascii_lowercase()).collect()
}

fn unlisted(kind: &str) -> Known {
    let Some((namespace, name)) = trim(kind).split_once('/') else { return Known::NotCovered };
    if name.to_ascii_lowercase().contains("/providers/") {
        return Known::NotCovered; // an extension resource, spelled with the type that it extends
    }
    let all = table().namespaces.iter().find(|(mine, _)| mine.eq_ignore_ascii_case(namespace));
    match all {
        Some((_, names)) if !names.iter().any(|mine| mine.eq_ignore_ascii_case(name)) => Known::NoSuchType,
        Some(_) | None => Known::NotCovered,
    }
}

fn section(kind: &str) -> Option<&'static Section> {
    table().types.iter().find(|section| section.name.eq_ignore_ascii_case(trim(kind)))
}

/// Azure takes a slash at the end of a type.
fn trim(kind: &str) -> &str {
    kind.trim_end_matches('/')
}

fn table() -> &'static Table {
    static TABLE: OnceLock<Table> = OnceLock::new();
    TABLE.get_or_init(|| Table::new(include_str!("azure_types.txt")))
}

impl Table {
    fn new(text: &'static str) -> Self {
        let mut table = Self { namespaces: Vec::new(), types: Vec::new() };
        let mut rest = text;
        while let Some((head, after)) = rest.split_once('\n') {
            let mut words = head.split(' ');
            rest = after;
            match (words.next(), words.next()) {
                (Some("names"), Some(namespace)) => table.namespaces.push((namespace, words.collect())),
                (Some(kind @ ("type" | "partial")), Some(name)) => {
                    let end = body_end(after);
                    let body = after.get(..end).unwrap_or("");
                    rest = after.get(end..).unwrap_or("");
                    let (partial, versions) = (kind == "partial", words.collect());
                    table.types.push(Section { name, partial, versions, body, properties: OnceLock::new() });
                }
                _ => {} // a comment
            }
        }
        table
    }
}

/// Where the lines that begin with a blank end.
fn body_end(text: &str) -> usize {
    if !text.starts_with(' ') {
        return 0;
    }
    let next = text.as_bytes().windows(2).position(|pair| pair[0] == b'\n' && pair[1] != b' ');
    next.map_or(text.len(), |at| at + 1)
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::Path;

    use super::*;

    const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";

    fn registry(version: &str, path: &str) -> Known {
        knows(REGISTRY, version, path)
    }

    #[test]
    fn a_property_exists_in_some_versions() {
        let rules = "properties.networkRuleSet.virtualNetworkRules";
        assert_eq!(registry("2019-05-01", rules), Known::Yes);
        assert_eq!(registry("2021-09-01", rules), Known::No { since: Some("2021-12-01-preview") });
        assert_eq!(registry("2025-11-01", rules), Known::No { since: Some("2026-03-01-preview") });
        assert_eq!(registry("2017-03-01", "properties.networkRuleSet"), Known::No { since: Some("2017-10-01") });
        let public = "properties.publicNetworkAccess";
        assert_eq!(
            registry("2019-05-01", public),
            Known::No { since: Some("2021-09-01") },
            "a stable one is preferred"
        );
        assert_eq!(registry("2019-12-01-preview", public), Known::Yes);
        assert_eq!(registry("2023-07-01", "properties.publicNetworkAcess"), Known::No { since: None });
        let tasks = "properties.networkRuleBypassAllowedForTasks";
        assert_eq!(registry("2025-04-01", tasks), Known::No { since: Some("2025-11-01") });
    }

    #[test]
    fn names_of_subnet_references_are_required_by_version() {
        let rules = "properties.networkRuleSet.virtualNetworkRules[]";
        let subnet = |version| {
            (requires(REGISTRY, version, &format!("{rules}.id")), {
                requires(REGISTRY, version, &format!("{rules}.virtualNetworkSubnetResourceId"))
            })
        };
        assert_eq!(subnet("2019-05-01"), (true, false));
        assert_eq!(subnet("2026-03-01-preview"), (false, true));
        assert_eq!(subnet("2023-07-01"), (false, false));
        assert!(!requires(REGISTRY, "2019-05-01", &format!("{rules}.action")));
    }

    #[test]
    fn case_brackets_and_free_names_do_not_matter() {
        let kind = REGISTRY.to_uppercase();
        for path in ["PROPERTIES.networkruleset.ipRules[].value", "properties.networkRuleSet.ipRules[2].value"] {
            assert_eq!(knows(&kind, "2023-07-01", path), Known::Yes, "{path}");
        }
        for path in ["tags.anything", "dependsOn[0]", "copy.name", "", "tags", "properties.networkRuleSet.ipRules"] {
            assert_eq!(registry("2023-07-01", path), Known::Yes, "{path}");
        }
        assert_eq!(registry("2023-07-01", "properties.status.message"), Known::NotCovered, "below a read-only object");
        assert_eq!(registry("2023-07-01", "tags.a.b"), Known::NotCovered, "a free name may have points in it");
        assert_eq!(registry("2023-07-01", "tag"), Known::No { since: None });
    }

    #[test]
    fn unknown_versions_and_types_are_told_apart() {
        assert_eq!(registry("2022-08-01", "sku"), Known::NoSuchVersion);
        assert_eq!(registry("latest", "sku"), Known::NoSuchVersion);
        assert_eq!(registry("2026-09-01", "sku"), Known::NoSuchVersion, "a preview of that day is no such version");
        assert_eq!(registry("2099-01-01", "sku.name"), Known::Yes);
        assert_eq!(registry("2099-01-01", "properties.ofTheFuture"), Known::NotCovered);
        assert_eq!(registry("2023-11-01-PREVIEW", "sku.name"), Known::Yes);
        assert_eq!(knows("Microsoft.ContainerRegistry/registry", "2023-07-01", "sku"), Known::NoSuchType);
        assert_eq!(knows("microsoft.network/loadBalancers", "2023-07-01", "sku"), Known::NotCovered);
        assert_eq!(knows("Contoso.Things/things", "2023-07-01", "sku"), Known::NotCovered);
        assert_eq!(knows("Microsoft.Network/virtualNetworks/providers/locks", "2016-09-01", "x"), Known::NotCovered);
        assert_eq!(knows("Microsoft.ContainerRegistry/registries/tasks/", "2019-04-01", "location"), Known::Yes);
        assert_eq!(knows("nonsense", "2023-07-01", "sku"), Known::NotCovered);
        let site = |path| knows("Microsoft.Web/sites", "2023-01-01", path);
        assert_eq!(site("properties.vnetImagePullEnabled"), Known::Yes);
        assert_eq!(site("properties.outboundVnetRouting.imagePullTraffic"), Known::No { since: Some("2024-11-01") });
        assert_eq!(site("properties.httpsOnly"), Known::NotCovered, "not all of this type is listed");
    }

    #[test]
    fn versions_are_listed_in_order() {
        assert_eq!(versions(REGISTRY).unwrap().len(), 25);
        assert_eq!(versions("Contoso.Things/things"), None);
        assert_eq!(versions_with(REGISTRY, "properties.regionalEndpoints").first(), Some(&"2026-01-01-preview"));
        assert!(versions_with(REGISTRY, "properties.nothing").is_empty());
        for section in &table().types {
            assert!(section.versions.is_sorted() && section.versions.len() <= 128, "{}", section.name);
            assert!(section.properties().iter().all(|property| property.versions != 0), "{}", section.name);
            assert!(section.properties().len() > 5, "{}", section.name);
        }
    }

    /// A path without the segments that name the branch of a union.
    fn plain(path: &str) -> String {
        let segments = path.split('.').filter(|segment| !segment.starts_with('{'));
        segments.map(|segment| segment.trim_end_matches("[]").to_lowercase()).collect::<Vec<_>>().join(".")
    }

    fn expand(spec: &serde_json::Value, versions: &[&str]) -> BTreeSet<usize> {
        let ranges = spec.as_array().map(|items| items.iter().filter_map(|item| item.as_str()).collect::<Vec<_>>());
        let within = |version: &str| {
            ranges.as_ref().is_none_or(|ranges| {
                ranges.iter().any(|range| {
                    let (low, high) = range.split_once("..").unwrap_or((range, range));
                    low <= version && version <= high
                })
            })
        };
        (0..versions.len()).filter(|&index| within(versions[index])).collect()
    }

    #[allow(clippy::print_stderr, reason = "a check that could not be made is said aloud")]
    #[test]
    fn the_table_agrees_with_the_definitions() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/azure-types");
        if !folder.is_dir() {
            let _ =
                std::io::Write::write_all(&mut std::io::stderr(), b"NOT TESTED: ../shared/azure-types is not there\n");
            return;
        }
        let mut cells = [0_usize; 3];
        for section in &table().types {
            let file = folder.join(format!("{}.json", section.name.split('/').next().unwrap()));
            let described: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
            let described = described.as_array().unwrap().iter().find(|t| t["type"] == section.name).unwrap();
            let mine: Vec<_> = described["apiVersions"].as_array().unwrap().iter().filter_map(|v| v.as_str()).collect();
            assert_eq!(section.versions, mine, "{}", section.name);
            let mut paths: BTreeMap<String, BTreeSet<usize>> = BTreeMap::new();
            for entry in described["properties"].as_array().unwrap() {
                let path = entry["path"].as_str().unwrap();
                let (plain, scalars) = (plain(path), path.ends_with("[]"));
                let first = plain.split('.').next().unwrap();
                if !scalars && !plain.is_empty() && !OF_TEMPLATES.contains(&first) {
                    paths.entry(plain).or_default().extend(expand(&entry["in"], &mine));
                }
            }
            for (number, (path, present)) in paths.iter().enumerate() {
                let above = path.rsplit_once('.').and_then(|(above, _)| paths.get(above));
                // A fifth of all cells, spread evenly.
                for (index, version) in mine.iter().enumerate().skip(number % 5).step_by(5) {
                    let expected = present.contains(&index) && above.is_none_or(|above| above.contains(&index));
                    let place = format!("{} {version} {path}", section.name);
                    match knows(section.name, version, path) {
                        Known::Yes => {
                            cells[0] += 1;
                            assert!(expected, "{place} is said to exist");
                        }
                        Known::No { .. } => {
                            cells[1] += 1;
                            assert!(!expected, "{place} is said not to exist");
                        }
                        Known::NotCovered => cells[2] += usize::from(!section.partial),
                        other @ (Known::NoSuchVersion | Known::NoSuchType) => panic!("{place}: {other:?}"),
                    }
                }
            }
        }
        let [yes, no, not_covered] = cells;
        assert!(yes > 6_000 && no > 2_000 && not_covered < yes / 4, "{cells:?}");
    }
}
