//! Dumps: what Azure shows of resources that are there, as its tools print it.
//!
//! In: the documents of a text ([`documents`]) and what is known beside them ([`About`]). Out: [`Loaded`]: resources in
//! ARM's own shape, and the lists that show all of a type in a scope. Must not know: rules, or what any property means.
//!
//! The folder is called after the one thing that all of these have in common: they are dumps of what exists, whatever
//! printed them. `az` lifts properties to the top and renames a few, PowerShell writes names with capital letters,
//! Resource Graph and REST keep ARM's shape; one mechanism undoes all of it, with a table of what was renamed.
//! Where a dump says less than all, absence is not known; where it says all, it is proven.

mod beside;
pub mod documents;
mod effective;
mod envelope;
pub(super) mod failure;
mod identity;
mod kept;
mod listing;
mod loose;
mod pages;
pub mod pieces;
mod row;
mod shape;
pub mod sieve;

use crate::diag::{Problem, Problems};
use crate::json::{Kind, Node, Tree};
use crate::resource::{Listing, Resource, TypeName};

use super::Loaded;
use super::events::Groups;
use super::secrets::Places;
use beside::Registries;
use effective::Surroundings;
use envelope::Envelope;
use listing::{List, Lists};
use loose::Loose;

pub use beside::{Beside, Shows};
pub use envelope::Source;
use pieces::Part;

/// Which bodies are worth reading; of other resources only the identity is kept.
pub type Wanted<'a> = &'a dyn Fn(&TypeName) -> bool;

/// What is known of a text beside its documents.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// The path of the text, in which the name of an owner may stand.
    pub path: &'a str,
    /// The registry that the user named, for dumps that name none.
    pub registry: Option<&'a str>,
    /// What the other dumps of the run show.
    pub beside: &'a Beside,
    /// False for a text that is cut off or broken: then what is there counts, and nothing follows from what is not.
    pub whole: bool,
    /// Resources that are not wanted are given as well, by their names.
    pub others: bool,
}

/// Which dump a document is; `None` where it is none.
pub fn detect(root: Node<'_>) -> Option<Source> {
    envelope::open(root).map(|envelope| envelope.source())
}

/// What the documents of one text show.
pub fn load(documents: &[Tree<'_>], about: About<'_>, wanted: Wanted<'_>) -> Loaded {
    load_around(documents, None, about, wanted)
}

/// As [`load`], of the document around the pieces of a list; `part`: what they show.
pub fn load_around(documents: &[Tree<'_>], part: Option<Part>, about: About<'_>, wanted: Wanted<'_>) -> Loaded {
    let mut reading = Reading::new(about, wanted);
    reading.part = part;
    reading.problems.extend(documents.iter().filter_map(Tree::root).filter_map(failure::stranger));
    let opened = envelopes(documents);
    let missing = pages::missing(&opened, &about.beside.pages);
    let complete = missing.is_empty();
    reading.problems.extend(missing.into_iter().map(failure::incomplete));
    for envelope in opened {
        reading.envelope(envelope, complete || !envelope.is_paged());
    }
    reading.finish(about)
}

/// What a text shows to those beside it. `loaded`: what [`load`] made of it.
pub fn shows(documents: &[Tree<'_>], path: &str, loaded: &Loaded) -> Shows {
    Shows::new(path, &loaded.resources, pages::counted(&envelopes(documents)))
}

/// Whether what stands beside a text may help it: something in it has no owner, or one that it does not show, or it lacks
/// pages.
pub fn asks(loaded: &Loaded) -> bool {
    let codes = [loose::WITHOUT_OWNER, failure::INCOMPLETE];
    loaded.problems.iter().any(|problem| codes.contains(&problem.code)) || loaded.resources.iter().any(loose::is_unseen)
}

fn envelopes<'t>(documents: &'t [Tree<'_>]) -> Vec<Envelope<'t>> {
    let mut opened = Vec::new();
    documents.iter().filter_map(Tree::root).for_each(|root| leaves(root, 0, &mut opened));
    opened
}

/// Documents nest this deep at most: lists of lists, as `jq --slurp` makes them.
const NESTING: usize = 8;

/// Whether something stands in a list of resources. An empty object may, and says nothing.
fn is_element(item: Node<'_>) -> bool {
    envelope::is_resource(item) || (item.kind() == Kind::Object && item.is_empty())
}

/// The envelopes of a document: itself, or those in it where it is a list of outputs.
fn leaves<'t>(root: Node<'t>, depth: usize, into: &mut Vec<Envelope<'t>>) {
    let Some(envelope) = envelope::open(root) else { return };
    match envelope {
        Envelope::List { array, .. } if depth < NESTING && !array.items().all(is_element) => {
            array.items().for_each(|item| leaves(item, depth + 1, into));
        }
        Envelope::List { .. }
        | Envelope::Failure(_)
        | Envelope::One(_)
        | Envelope::Table { .. }
        | Envelope::WhatIf(_)
        | Envelope::Loose(_)
        | Envelope::Events(_)
        | Envelope::Client(_)
        | Envelope::Empty => into.push(envelope),
    }
}

/// One text at work.
struct Reading<'t, 'w> {
    wanted: Wanted<'w>,
    whole: bool,
    others: bool,
    resources: Vec<Resource>,
    loose: Vec<Loose<'t>>,
    lists: Lists,
    events: Groups,
    problems: Problems,
    names: shape::Names,
    /// Secrets whose names stand elsewhere than beside them.
    secrets: Places,
    /// What is known of the resources of the list already.
    part: Option<Part>,
}

impl<'t, 'w> Reading<'t, 'w> {
    /// Of resources alone.
    fn of_rows(wanted: Wanted<'w>) -> Self {
        let beside = Beside::default();
        Self::new(About { path: "", registry: None, beside: &beside, whole: true, others: false }, wanted)
    }

    fn new(about: About<'_>, wanted: Wanted<'w>) -> Self {
        Self {
            wanted,
            whole: about.whole,
            others: about.others,
            resources: Vec::new(),
            loose: Vec::new(),
            lists: Lists::default(),
            events: Groups::default(),
            problems: Problems::new(),
            names: shape::Names::default(),
            secrets: Places::default(),
            part: None,
        }
    }

    /// Reads one envelope; `complete`: its list is not one page of several.
    fn envelope(&mut self, envelope: Envelope<'t>, complete: bool) {
        let mut list = List::new(envelope.source());
        match envelope {
            Envelope::Failure(node) => self.problems.push(failure::failed(node)),
            Envelope::One(node) => {
                let row = row::of_object(node, envelope.source(), row::Standing::Seen, &self.names);
                self.push(&row, &mut list);
            }
            Envelope::List { array, source, .. } => {
                if let Some(part) = self.part.take() {
                    self.problems.extend(part.problems);
                    self.resources = part.resources;
                    list = part.list;
                } else {
                    let resources = array.items().filter(|item| envelope::is_resource(*item));
                    for item in resources {
                        let row = row::of_object(item, source, row::Standing::Seen, &self.names);
                        self.push(&row, &mut list);
                    }
                }
                if complete {
                    self.lists.add(list, array);
                }
            }
            Envelope::Table { columns, rows, .. } => {
                for item in rows.items() {
                    let row = row::of_table(columns, item, &self.names);
                    row.hide(&mut self.secrets);
                    self.push(&row, &mut list);
                }
                if complete {
                    self.lists.add(list, rows);
                }
            }
            Envelope::WhatIf(changes) => {
                for change in changes.items() {
                    if let Some(row) = row::of_change(change, &self.names) {
                        self.push(&row, &mut list);
                    }
                }
            }
            Envelope::Loose(loose) => self.loose.push(loose),
            Envelope::Events(rows) => self.events.add(rows),
            Envelope::Client(client) => client.load(&mut self.resources),
            Envelope::Empty => {}
        }
    }

    fn push(&mut self, row: &row::Row<'_>, list: &mut List) {
        let Some(named) = row.named(&self.names) else { return };
        list.take(&named.ty, &named.identity.id);
        let wanted = (self.wanted)(&named.ty);
        if wanted || self.others {
            let mut resource = row.resource(named, wanted, &self.names);
            failure::cut_values(&resource, &mut self.problems);
            resource.existing |= !self.whole;
            self.resources.push(resource);
        }
    }

    fn finish(mut self, about: About<'_>) -> Loaded {
        let mut listings: Vec<Listing> = Vec::new();
        let own = Registries::of(&self.resources);
        for loose in std::mem::take(&mut self.loose) {
            if let Loose::Routes(routes) = loose {
                let mut around = Surroundings::of(&self.resources);
                around.extend(&about.beside.surroundings);
                match effective::told(routes, &around, about.path, self.whole) {
                    Ok(told) => self.resources.extend(told),
                    Err(problem) => self.problems.push(*problem),
                }
                continue;
            }
            match loose.owner(&own, about) {
                Ok(found) => loose.give(&found, self.whole, &mut self.resources, &mut listings),
                Err(problem) => self.problems.push(*problem),
            }
        }
        listings.extend(self.lists.into_listings());
        if !self.whole {
            listings.clear();
        }
        distinct(&mut self.problems);
        self.resources.extend(std::mem::take(&mut self.events).into_resources());
        Loaded {
            resources: self.resources,
            listings,
            problems: self.problems,
            secrets: self.secrets,
            ..Loaded::default()
        }
    }
}

/// One problem for a place and kind.
fn distinct(problems: &mut Problems) {
    problems.sort_by_key(|problem: &Problem| (problem.span(), problem.code));
    problems.dedup_by_key(|problem| (problem.span(), problem.code));
}
