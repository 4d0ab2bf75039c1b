//! Terraform and `OpenTofu`: plans and states, as `show -json` prints them, and state files.
//!
//! In: the tree of a plan or a state. Out: [`Loaded`]: what is there after apply, or is there now, in ARM's own shape. Must
//! not know: rules, or what a property means.
//!
//! [`instance`] reads what a file holds, [`world`] holds the instances, [`reader`] gives their attributes, in which what a
//! plan does not know is an unknown with an identity, [`follow`] finds out which other resource such an unknown refers to,
//! [`identity`] makes ids, and [`translate`] turns the types of providers into ARM's.

mod address;
mod blocks;
mod configuration;
mod follow;
mod hidden;
mod identity;
mod instance;
mod parts;
mod reader;
mod reference;
mod spot;
mod translate;
mod want;
mod world;
pub mod written;

use crate::diag::Problem;
use crate::json::{Kind, Node, Tree};
use crate::parallel;
use crate::resource::{Action, Resource, ResourceId, TypeName};
use crate::source::{FileId, Span};
use crate::value::Origin;

use super::Loaded;
use super::secrets::Places;
use configuration::Configuration;
use instance::Instance;
pub use spot::{Spot, Spots};
use world::World;

/// Which bodies are worth reading.
pub type Wanted<'a> = &'a (dyn Fn(&TypeName) -> bool + Sync);

/// A place that nobody is shown.
const NOWHERE: Origin = Origin::at(Span::new(FileId(0), 0, 0));

/// The kinds of files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// A plan, as `show -json` prints it.
    Plan,
    /// A state, as `show -json` prints it.
    State,
    /// A state file, `terraform.tfstate`.
    StateFile,
    /// The events of a run with `-json`, which is no plan.
    Events,
}

impl Source {
    /// The word of reports for programs.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Plan => "terraform-plan",
            Self::State | Self::StateFile => "terraform-state",
            Self::Events => "terraform-events",
        }
    }

    /// The words for a person.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Plan => "Terraform plan",
            Self::State => "Terraform state",
            Self::StateFile => "Terraform state file",
            Self::Events => "log of a Terraform run",
        }
    }
}

/// What is known of a file beside its tree.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Its path, which keeps its unknowns apart from those of other files.
    pub path: &'a str,
    /// The number of its trails in the run.
    pub arena: u32,
    /// The subscription that the user named, for a provider that names none.
    pub subscription: Option<&'a str>,
    /// False for a text that is cut off or broken, of which nothing is read.
    pub whole: bool,
}

/// Which file of Terraform a document is; `None` where it is none.
pub fn detect(root: Node<'_>) -> Option<Source> {
    let has = |name: &str| root.get(name).is_some();
    let is = |name: &str, kind: Kind| root.get(name).is_some_and(|node| node.kind() == kind);
    let versioned = is("format_version", Kind::String);
    if is("planned_values", Kind::Object)
        || (versioned && (has("resource_changes") || is("configuration", Kind::Object)))
    {
        return Some(Source::Plan);
    }
    let values =
        root.get("values").is_some_and(|values| values.get("root_module").is_some() || values.get("outputs").is_some());
    if (versioned && has("terraform_version")) || values {
        return Some(Source::State);
    }
    if is("version", Kind::Number) && has("terraform_version") && (has("resources") || has("modules") || has("lineage"))
    {
        return Some(Source::StateFile);
    }
    (is("@level", Kind::String) && has("@message")).then_some(Source::Events)
}

/// The major version of the format that is read, and of the state file.
const MAJORS: [&str; 2] = ["0", "1"];
const STATE_FILE: &str = "4";

/// Why a file cannot be read: its format is another one.
fn refusal(root: Node<'_>, source: Source) -> Option<Problem> {
    let refuse = |at: Span, message: String, help: &str| {
        Some(Problem::error("terraform-version", at, message).with_help(help).fatal())
    };
    match source {
        Source::Plan | Source::State => {
            let node = root.get("format_version")?;
            let version = node.as_str().unwrap_or_default();
            let major = version.split('.').next().unwrap_or_default();
            if MAJORS.contains(&major) {
                return None;
            }
            let message = format!("this is format {version} of {}, and formats 0 and 1 are known", source.words());
            refuse(node.span(), message, "make the file with a version of Terraform or OpenTofu that writes format 1")
        }
        Source::StateFile => {
            let node = root.get("version")?;
            if node.raw() == STATE_FILE {
                return None;
            }
            let message = format!("this is version {} of a state file, and version {STATE_FILE} is known", node.raw());
            refuse(
                node.span(),
                message,
                "`terraform show -json` prints a state of any version: terraform show -json > state.json",
            )
        }
        Source::Events => {
            let message = "this is the log of a run, not the plan itself";
            let help = "terraform plan -out plan.tfplan && terraform show -json plan.tfplan > plan.json";
            refuse(root.head(), message.to_owned(), help)
        }
    }
}

/// The places of secrets in a file, whole or not.
pub fn secrets(tree: &Tree<'_>, source: Source) -> Places {
    tree.root().map(|root| hidden::places(root, source)).unwrap_or_default()
}

/// The parts of a text of so many bytes are looked at on another thread.
const LARGE: usize = 1024 * 1024;

/// What a plan deploys, or a state shows. What is secret in it [`secrets`] tells.
pub fn load(tree: &Tree<'_>, source: Source, about: About<'_>, wanted: Wanted<'_>) -> Loaded {
    let Some(root) = tree.root() else { return Loaded::default() };
    if let Some(problem) = refusal(root, source) {
        return Loaded { problems: vec![problem], ..Loaded::default() };
    }
    // What is secret stands behind what it says it of, so nothing is read of a file that is cut off.
    if !about.whole {
        return Loaded::default();
    }
    let parts = || parts::problems(root, source);
    let resources = || resources(root, source, about, wanted);
    let large = root.raw().len() >= LARGE;
    let (mut problems, mut loaded) = if large { parallel::both(parts, resources) } else { (parts(), resources()) };
    if let Some(node) = root.get("errored").filter(|node| node.as_bool() == Some(true)) {
        let message = "planning failed, so that the plan does not show all of what is deployed";
        problems.push(Problem::warning("terraform-incomplete", node.span(), message));
    }
    // Of a file with parts that are not what they must be nobody knows what it leaves out.
    if !problems.is_empty() {
        loaded.resources.iter_mut().chain(&mut loaded.before).for_each(|resource| resource.existing = true);
    }
    Loaded { problems, ..loaded }
}

/// The resources of a file that is what it must be, and how their values came about.
fn resources(root: Node<'_>, source: Source, about: About<'_>, wanted: Wanted<'_>) -> Loaded {
    let mut before = Vec::new();
    let (instances, configuration) = match source {
        Source::Plan => {
            let configuration = Configuration::of(root.get("configuration"));
            let planned = instance::of_plan(root, &configuration);
            before = had(planned.before, about, wanted);
            (planned.stays, configuration)
        }
        Source::State => (instance::of_state(root), Configuration::default()),
        Source::StateFile => (instance::of_state_file(root), Configuration::default()),
        Source::Events => (Vec::new(), Configuration::default()),
    };
    let gone = before.iter().filter(|resource| resource.change.is_some_and(|change| change.action == Action::Delete));
    let gone: Vec<ResourceId> = gone.map(|resource| resource.id.clone()).collect();
    let mut world = World::new(instances, configuration, root.get("variables"), about.path);
    world.relevant = root.get("relevant_attributes");
    world.find_subscriptions(about.subscription);
    let seen = source != Source::Plan;
    let (resources, trails) = translate::all(&world, about.arena, seen, &gone, wanted);
    Loaded { resources, before, trails, ..Loaded::default() }
}

/// What was there before a plan. All of it is known, so that no reference is followed, and what its provider does not
/// write was not there.
fn had(instances: Vec<Instance<'_>>, about: About<'_>, wanted: Wanted<'_>) -> Vec<Resource> {
    let mut world = World::new(instances, Configuration::default(), None, about.path);
    world.find_subscriptions(about.subscription);
    translate::all(&world, about.arena, false, &[], wanted).0
}
