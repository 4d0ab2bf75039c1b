//! What the dumps of a run say about each other.
//!
//! In: what each of them shows ([`Beside::add`]). Out: [`Beside`], as the reader of one text asks for it: the registries
//! that an output without a name may belong to, machines and networks, and the pages that its own pages belong with. Must not know: the texts.
//!
//! Files of one folder were made together; of those elsewhere only names tell that they belong together.

use std::collections::BTreeMap;

use crate::resource::{Resource, ResourceId};
use crate::value::Pattern;

use super::effective::Surroundings;
use super::identity;
use super::pages::Page;

/// The type of registries.
pub(super) const REGISTRY: &str = "Microsoft.ContainerRegistry/registries";

/// What stands beside a text.
#[derive(Clone, Debug, Default)]
pub struct Beside {
    /// The registries of its folder.
    pub(super) folder: Registries,
    /// Those of the run.
    pub(super) run: Registries,
    /// The machines and networks of its folder.
    pub(super) surroundings: Surroundings,
    /// The pages in the other texts of its folder.
    pub(super) pages: Vec<Page>,
}

/// What one text gives to those beside it.
#[derive(Clone, Debug, Default)]
pub struct Shows {
    /// Where it lies.
    folder: String,
    registries: Registries,
    surroundings: Surroundings,
    pages: Vec<Page>,
}

impl Shows {
    /// What a text at a path shows. `pages`: see [`pages`](super::pages).
    pub fn new(path: &str, resources: &[Resource], pages: Vec<Page>) -> Self {
        let folder = path.rsplit_once(['/', '\\']).map_or("", |(folder, _)| folder);
        let (registries, surroundings) = (Registries::of(resources), Surroundings::of(resources));
        Self { folder: folder.to_owned(), registries, surroundings, pages }
    }
}

impl Beside {
    /// What stands beside the text of a number, among all that a run reads.
    pub fn of(number: usize, run: &[Shows]) -> Self {
        let mut beside = Self::default();
        let Some(own) = run.get(number) else { return beside };
        for (_, shows) in run.iter().enumerate().filter(|(at, _)| *at != number) {
            beside.run.extend(&shows.registries);
            if shows.folder == own.folder {
                beside.folder.extend(&shows.registries);
                beside.surroundings.extend(&shows.surroundings);
                beside.pages.extend(shows.pages.iter().cloned());
            }
        }
        beside
    }
}

/// A registry that is shown, or to which something belongs that is.
#[derive(Clone, Debug)]
pub(super) struct Shown {
    /// Its id.
    pub(super) id: ResourceId,
    /// Its name.
    pub(super) name: String,
    /// Whether it is shown itself, and not only what belongs to it.
    pub(super) itself: bool,
}

/// Registries, by id.
#[derive(Clone, Debug, Default)]
pub(super) struct Registries(BTreeMap<String, Shown>);

impl Registries {
    /// Those that some resources are or belong to.
    pub(super) fn of(resources: &[Resource]) -> Self {
        let mut found = Self::default();
        let prefix = REGISTRY.to_ascii_lowercase();
        for resource in resources.iter().filter(|resource| resource.ty.key().starts_with(&prefix)) {
            let Some(id) = resource.id.pattern().as_literal() else { continue };
            let mine = resource.ty.is(REGISTRY);
            let Some(id) = (if mine { Some(id) } else { identity::parent(id) }) else { continue };
            let Some(owner) = identity::identify(id).filter(|owner| owner.ty.eq_ignore_ascii_case(REGISTRY)) else {
                continue;
            };
            let id = ResourceId::new(Pattern::literal(&owner.id));
            found.add(&Shown { id, name: owner.name.clone(), itself: mine && !resource.existing });
        }
        found
    }

    fn add(&mut self, registry: &Shown) {
        let entry = self.0.entry(registry.id.key().to_owned()).or_insert_with(|| registry.clone());
        entry.itself |= registry.itself;
    }

    fn extend(&mut self, others: &Self) {
        others.iter().for_each(|registry| self.add(registry));
    }

    /// Whether there are none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Shown> {
        self.0.values()
    }

    /// The one of a name. Names of registries are unique in the world.
    pub(super) fn named(&self, name: &str) -> Option<&Shown> {
        self.iter().find(|shown| shown.name.eq_ignore_ascii_case(name))
    }

    /// The only one.
    pub(super) fn only(&self) -> Option<&Shown> {
        let mut all = self.iter();
        all.next().filter(|_| all.next().is_none())
    }

    /// The only one whose name is part of a path, in small letters.
    pub(super) fn only_in(&self, path: &str) -> Option<&Shown> {
        let mut fitting = self.iter().filter(|shown| is_part(path, &shown.name.to_lowercase()));
        fitting.next().filter(|_| fitting.next().is_none())
    }
}

/// Whether a name stands in a path with no letter or digit beside it.
pub(super) fn is_part(path: &str, name: &str) -> bool {
    let apart = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    path.match_indices(name).any(|(at, found)| {
        let before = path.get(..at).and_then(|text| text.chars().next_back());
        let after = path.get(at + found.len()..).and_then(|text| text.chars().next());
        !name.is_empty() && apart(before) && apart(after)
    })
}

#[cfg(test)]
mod tests {
    use super::is_part;

    #[test]
    fn a_name_is_part_of_a_path_as_a_word() {
        assert!(is_part("dumps/myreg/rules.json", "myreg"));
        assert!(is_part("dumps/rules-myreg.json", "myreg"));
        assert!(!is_part("dumps/myreg2.json", "myreg"));
        assert!(!is_part("dumps/x.json", ""));
    }
}
