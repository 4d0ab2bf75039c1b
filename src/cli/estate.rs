//! Texts that are judged together.
//!
//! In: the documents of a run. Out: [`Estate`]s, each one graph: a template, or several that name each other's resources by
//! wholly literal ids, with everything that dumps show. Must not know: rules.
//!
//! Two templates that happen to lie in one folder do not meet: what is a symbol in one of them is another one elsewhere.
//! A template meets a dump by ids, too, so it must be known where it is deployed. Where nobody says so, a registry says it
//! whose name is written out: the name of a registry exists once in the world ([`place`]).

use std::collections::{BTreeMap, BTreeSet};

use crate::diag::Problem;
use crate::input::Loaded;
use crate::input::arm::{Assignment, Choice};
use crate::input::dump::{self, Beside, Shows};
use crate::input::secrets::Places;
use crate::lower::Gradual;
use crate::parallel;
use crate::resource::{Action, Listing, Resource, ResourceId};
use crate::source::FileId;
use crate::value::{Data, Part, Trails, Value};

use super::document::{Document, known};

/// The type of registries.
const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";

/// What dumps show.
#[derive(Default)]
pub struct Seen {
    /// The resources, in the order of their files.
    pub resources: Vec<Resource>,
    /// What is shown as a whole.
    pub listings: Vec<Listing>,
    /// The files.
    pub files: BTreeSet<FileId>,
    /// What is wrong with the files.
    pub problems: Vec<Problem>,
    /// The places of secrets.
    pub secrets: Vec<Places>,
    /// Further resources, lowered already.
    pub lowered: Option<Gradual>,
}

impl Seen {
    /// What some dumps show. Those that lack something which another one has are read again beside the others.
    pub fn of(dumps: &mut [Document<'_>]) -> Self {
        let mut loaded: Vec<Loaded> = dumps.iter().map(Document::load_seen).collect();
        let mut seen = Self::default();
        if dumps.len() > 1 && loaded.iter().any(dump::asks) {
            let shows: Vec<Shows> = dumps.iter().zip(&loaded).map(|(dump, loaded)| dump.shows(loaded)).collect();
            for (at, (dump, loaded)) in dumps.iter_mut().zip(&mut loaded).enumerate() {
                if dump::asks(loaded) {
                    dump.beside = Beside::of(at, &shows);
                    *loaded = dump.load_seen();
                    // What is told of a registry elsewhere comes before the registry itself, which wins.
                    seen.resources.append(&mut loaded.resources);
                }
            }
        }
        for (dump, loaded) in dumps.iter_mut().zip(loaded) {
            seen.lowered = seen.lowered.or(dump.lowered.take());
            seen.files.insert(dump.file);
            append(&mut seen.resources, loaded.resources);
            seen.listings.extend(loaded.listings);
            seen.problems.extend(loaded.problems);
            seen.secrets.push(loaded.secrets);
        }
        seen
    }

    /// It alone.
    pub fn into_joined(self) -> Joined {
        let Self { resources, listings, lowered, .. } = self;
        Joined { resources, lowered, listings, ..Joined::default() }
    }
}

/// Adds resources; the first ones are not copied.
fn append(all: &mut Vec<Resource>, more: Vec<Resource>) {
    if all.is_empty() {
        *all = more;
    } else {
        all.extend(more);
    }
}

/// The resources of one estate.
#[derive(Default)]
pub struct Joined {
    /// What is seen comes first, so that what is declared wins.
    pub resources: Vec<Resource>,
    /// Further resources that are seen, lowered already.
    pub lowered: Option<Gradual>,
    /// What was there before the templates are deployed, where they say so.
    pub before: Vec<Resource>,
    /// What is shown as a whole.
    pub listings: Vec<Listing>,
    /// How the values of each template came about.
    pub trails: Vec<Trails>,
    /// What is wrong with the templates.
    pub problems: Vec<Problem>,
    /// The places of secrets.
    pub secrets: Vec<Places>,
}

/// Templates that are one deployment, or meet in one.
pub struct Estate<'d> {
    /// The templates, at least one.
    pub templates: Vec<&'d Document<'d>>,
}

impl Estate<'_> {
    /// Its resources and what is seen, under an assignment for each template.
    pub fn load(&self, seen: &Seen, assignments: &[Assignment]) -> Joined {
        let mut joined =
            Joined { resources: seen.resources.clone(), listings: seen.listings.clone(), ..Joined::default() };
        for ((template, assignment), arena) in self.templates.iter().zip(assignments).zip(0..) {
            let loaded = template.load_known(assignment, arena);
            let gone = deleted(&loaded);
            joined.resources.retain(|resource| !(resource.seen && is_below(&resource.id, &gone)));
            append(&mut joined.resources, loaded.resources);
            joined.before.extend(loaded.before);
            joined.trails.push(loaded.trails);
            joined.problems.extend(loaded.problems);
            joined.secrets.push(loaded.secrets);
        }
        if !joined.before.is_empty() {
            joined.before = seen.resources.iter().cloned().chain(joined.before).collect();
        }
        joined
    }

    /// The parameters that can be tried, each with the number of its template.
    pub fn choices(&self, assignments: &[Assignment], explore: bool) -> Vec<(usize, Choice)> {
        let of = |(at, (template, assignment)): (usize, (&&Document<'_>, &Assignment))| {
            template.choices(assignment, explore).into_iter().map(move |choice| (at, choice)).collect::<Vec<_>>()
        };
        self.templates.iter().zip(assignments).enumerate().flat_map(of).collect()
    }
}

/// What a template takes away and does not make again, by its ids.
fn deleted(loaded: &Loaded) -> BTreeSet<String> {
    let is_deleted = |resource: &&Resource| resource.change.is_some_and(|change| change.action == Action::Delete);
    let mut gone: BTreeSet<String> =
        loaded.before.iter().filter(is_deleted).map(|resource| resource.id.key().to_owned()).collect();
    if !gone.is_empty() {
        loaded.resources.iter().for_each(|resource| _ = gone.remove(resource.id.key()));
    }
    gone
}

/// Whether a resource is one of some, or a child of one.
fn is_below(id: &ResourceId, all: &BTreeSet<String>) -> bool {
    let mut key = Some(id.key()).filter(|_| !all.is_empty());
    while let Some(text) = key {
        if all.contains(text) {
            return true;
        }
        key = text.rsplit_once('/').map(|(around, _)| around);
    }
    false
}

/// The estates of some templates; those that name each other's resources are one.
pub fn group<'d>(templates: Vec<&'d Document<'d>>) -> Vec<Estate<'d>> {
    if templates.len() < 2 {
        return templates.into_iter().map(|template| Estate { templates: vec![template] }).collect();
    }
    // The number of the estate of each template; joining renames the later one.
    let mut estate: Vec<usize> = (0..templates.len()).collect();
    let words: Vec<Words> = parallel::each(&templates, |template| {
        if !template.may_hold_ids() {
            return Words::default();
        }
        let loaded = template.load(&Assignment::new(), 0, &known);
        let words = Words::of(&loaded);
        template.keep(loaded);
        words
    });
    let mut owner: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, words) in words.iter().enumerate() {
        for id in &words.declared {
            let first = *owner.entry(id).or_insert(at);
            join(&mut estate, first, at);
        }
    }
    for (at, words) in words.iter().enumerate() {
        for id in &words.mentioned {
            if let Some(&other) = owner.get(id.as_str()) {
                join(&mut estate, other, at);
            }
        }
    }
    let mut estates: BTreeMap<usize, Estate<'d>> = BTreeMap::new();
    for (template, number) in templates.into_iter().zip(estate) {
        estates.entry(number).or_insert_with(|| Estate { templates: Vec::new() }).templates.push(template);
    }
    estates.into_values().collect()
}

fn join(estate: &mut [usize], a: usize, b: usize) {
    if let (Some(&a), Some(&b)) = (estate.get(a), estate.get(b)) {
        let (kept, gone) = (a.min(b), a.max(b));
        estate.iter_mut().filter(|number| **number == gone).for_each(|number| *number = kept);
    }
}

/// The wholly literal ids of a template.
#[derive(Default)]
struct Words {
    declared: BTreeSet<String>,
    mentioned: BTreeSet<String>,
}

impl Words {
    fn of(loaded: &Loaded) -> Self {
        let mut words = Self::default();
        for resource in &loaded.resources {
            if let Some(id) = resource.id.pattern().as_literal() {
                let all = if resource.existing { &mut words.mentioned } else { &mut words.declared };
                all.insert(id.to_lowercase());
            }
            mentions(&resource.body, &mut words.mentioned);
        }
        words
    }
}

fn mentions(value: &Value, found: &mut BTreeSet<String>) {
    match &value.data {
        Data::String(text) if is_id(text) => _ = found.insert(text.to_lowercase()),
        Data::Array(array) => array.items.iter().for_each(|item| mentions(item, found)),
        Data::Object(object) => object.iter().for_each(|(_, member)| mentions(member, found)),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
        Data::String(_) | Data::Pattern(_) | Data::Unknown(_) => {}
    }
}

fn is_id(text: &str) -> bool {
    const START: &str = "/subscriptions/";
    text.get(..START.len()).is_some_and(|start| start.eq_ignore_ascii_case(START))
}

/// Where a template is deployed, as the only registry says whose name it writes out and a dump shows. The answer is a
/// sentence that says so.
pub fn place(template: &mut Document<'_>, assignment: &Assignment, seen: &Seen) -> Option<String> {
    if template.context.subscription.is_some() && template.context.resource_group.is_some() {
        return None;
    }
    let shown: BTreeMap<String, &ResourceId> = seen.resources.iter().filter_map(registry).collect();
    if shown.is_empty() {
        return None;
    }
    let loaded = template.load(assignment, 0, &known);
    let own = |resource: &&Resource| !resource.existing && is_in_own_group(&resource.id);
    let registries = loaded.resources.iter().filter(own).filter_map(registry);
    let mut found: Vec<(String, &ResourceId)> =
        registries.filter_map(|(name, _)| Some((name.clone(), *shown.get(&name)?))).collect();
    found.sort_by_key(|(_, id)| id.key());
    let (name, id) = found.first()?;
    let scope = |id: &ResourceId| scope(id);
    let (subscription, group) = scope(id)?;
    if found.iter().any(|(_, other)| scope(other) != scope(id)) {
        return None; // two groups cannot both be the one
    }
    let context = &mut template.context;
    let fits = |given: &Option<String>, found: &str| given.as_deref().is_none_or(|g| g.eq_ignore_ascii_case(found));
    if !fits(&context.subscription, &subscription) || !fits(&context.resource_group, &group) {
        return None;
    }
    let said = format!(
        "{} is taken to be deployed to resource group {group} of subscription {subscription}, where registry {name} is",
        template.path
    );
    context.subscription = Some(subscription);
    context.resource_group = Some(group);
    Some(said)
}

/// A registry by its name, where that is written out.
fn registry(resource: &Resource) -> Option<(String, &ResourceId)> {
    if !resource.ty.is(REGISTRY) {
        return None;
    }
    Some((resource.name.as_str()?.to_lowercase(), &resource.id))
}

/// Whether an id lies in the resource group that the deployment goes to, which nobody named.
fn is_in_own_group(id: &ResourceId) -> bool {
    let own = |part: &Part| match part {
        Part::Literal(_) => true,
        Part::Hole(unknown) => {
            matches!(&*unknown.symbol.text, "subscription().subscriptionId" | "resourceGroup().name")
        }
    };
    let parts = id.pattern().parts();
    parts.len() > 1 && parts.iter().all(own)
}

/// The subscription and the resource group of an id.
fn scope(id: &ResourceId) -> Option<(String, String)> {
    let mut segments = id.pattern().as_literal()?.split('/').skip(1);
    let (kind, subscription) = (segments.next()?, segments.next()?);
    let (group, name) = (segments.next()?, segments.next()?);
    (kind.eq_ignore_ascii_case("subscriptions") && group.eq_ignore_ascii_case("resourceGroups"))
        .then(|| (subscription.to_owned(), name.to_owned()))
}

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use super::*;
    use crate::cli::analyze::Input;
    use crate::cli::document::{self, Shelf};
    use crate::cli::library::Library;
    use crate::input::arm::Context;
    use crate::report::Redactions;
    use crate::source::Sources;

    /// Whether a template passes for one that may hold ids, and whether it names a resource by its whole id. Nothing where
    /// the text is no template.
    fn holds(path: &str, text: &str) -> Option<(bool, bool)> {
        let mut sources = Sources::new();
        let file = sources.add(path, text);
        let library = Library::read(&mut sources, [file]);
        let context = Context::default();
        let shelf = Shelf { sources: &sources, library: &library, context: &context, registry: None, alone: true };
        let input = Input { file, explicit: true, parameters: Vec::new() };
        let document = document::open(&shelf, &input, false, &mut Redactions::new()).document?;
        let words = Words::of(&document.load(&Assignment::new(), 0, &known));
        let all = words.declared.iter().chain(&words.mentioned);
        Some((document.may_hold_ids(), all.clone().any(|id| id.starts_with("/subscriptions/"))))
    }

    fn template(network: &str) -> String {
        let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
        format!(
            r#"{{ "$schema": "{schema}", "contentVersion": "1.0.0.0", "resources": [
                {{ "type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2021-08-01-preview", "name": "example",
                  "location": "westeurope", "sku": {{ "name": "Premium" }}, "properties": {{ "networkRuleSet": {{
                      "defaultAction": "Deny", "virtualNetworkRules": [{{ "id": "{network}" }}] }} }} }}] }}"#
        )
    }

    #[test]
    fn an_id_that_is_written_out_in_any_way_is_expected() {
        for network in [
            "/subscriptions/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/a",
            "\\/Subscriptions\\/0b1f6471-1bf0-4dda-aec3-cb9272f09590\\/resourceGroups\\/net\\/providers\\/Microsoft.Network\\/virtualNetworks\\/hub\\/subnets\\/a",
            "[resourceId('0B1F6471-1bf0-4dda-aec3-cb9272f09590', 'net', 'Microsoft.Network/virtualNetworks/subnets', 'hub', 'a')]",
            "[concat('/subscriptions', '/0b1f6471-1bf0-4dda-aec3-cb9272f09590/resourceGroups/net/providers/Microsoft.Network/virtualNetworks/hub/subnets/a')]",
        ] {
            assert_eq!(holds("main.json", &template(network)), Some((true, true)), "{network}");
        }
        let own = "[resourceId('Microsoft.Network/virtualNetworks/subnets', 'hub', 'a')]";
        assert_eq!(holds("main.json", &template(own)), Some((false, false)));
    }

    /// Templates that are written in all ways that people came up with.
    #[test]
    #[allow(clippy::print_stderr, reason = "a check that could not be made is said aloud")]
    fn no_template_holds_an_id_that_is_not_expected() {
        let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("testdata")];
        match Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/arm") {
            corpus if corpus.is_dir() => folders.push(corpus),
            corpus => eprintln!("NOT TESTED on real templates: {} is not there", corpus.display()),
        }
        let mut templates = 0;
        for entry in folders.iter().flat_map(|folder| walkdir::WalkDir::new(folder).into_iter().flatten()) {
            let path = entry.path();
            let Some(text) =
                path.extension().filter(|kind| *kind == "json").and_then(|_| std::fs::read_to_string(path).ok())
            else {
                continue;
            };
            let Some((expected, held)) = holds(&path.display().to_string(), &text) else { continue };
            templates += 1;
            assert!(expected || !held, "{}", path.display());
        }
        assert!(templates > 500, "only {templates} templates");
    }
}
