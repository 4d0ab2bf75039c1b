//! The files to which templates link, read before anything is worked out.
//!
//! In: the inputs of a run. Out: [`Library`], which file each link leads to, or why none. Must not know: what a template
//! deploys.
//!
//! Only files inside of the project are read: the repository around the linking file, or else the current folder where it
//! lies in it, or else its own folder. A path that leaves it is not even looked at.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use crate::diag::Problem;
use crate::input::arm::links::{self, Linked, Links};
use crate::input::{Format, detect};
use crate::json::{self, Node, Parsed};
use crate::source::discover::{self, Within};
use crate::source::{FileId, Sources};

use super::analyze::Input;
use super::files;

/// At most so many files are followed.
const FILES: usize = 1_000;

/// Where the links of some files lead.
#[derive(Debug, Default)]
pub struct Library {
    targets: BTreeMap<(FileId, String), Target>,
}

#[derive(Clone, Debug)]
enum Target {
    File(FileId),
    Broken { code: &'static str, message: String, help: &'static str },
}

impl Library {
    /// Follows the links of some files, and those of the files they lead to.
    pub fn read(sources: &mut Sources, files: impl IntoIterator<Item = FileId>) -> Self {
        let mut library = Self::default();
        let mut queue: Vec<FileId> = files.into_iter().collect();
        let mut known: BTreeMap<PathBuf, FileId> = BTreeMap::new();
        let mut next = 0;
        while let Some(&file) = queue.get(next) {
            next += 1;
            let text = sources.get(file).text();
            if !text.contains("relativePath") {
                continue; // most files have no links, and are not parsed twice
            }
            let parsed = json::parse(file, text);
            let found = parsed.tree.root().map(links::written).unwrap_or_default();
            if known.is_empty() {
                let real = |file: &FileId| Some((discover::real(Path::new(sources.get(*file).path()))?, *file));
                known = queue.iter().filter_map(real).collect();
            }
            for link in found {
                let from = sources.get(file).path().to_owned();
                let target = follow(sources, &from, &link.path, &mut known);
                if let Target::File(target) = &target
                    && !queue.contains(target)
                    && queue.len() < FILES
                {
                    queue.push(*target);
                }
                library.targets.insert((file, link.path), target);
            }
        }
        library
    }

    /// The inputs that others deploy: they are judged there, unless the user named them. Of a circle each is judged.
    pub fn deployed_by_others(&self, inputs: &[Input]) -> BTreeSet<FileId> {
        let linked = |file: FileId| {
            self.targets
                .iter()
                .any(|((from, _), target)| *from != file && matches!(target, Target::File(to) if *to == file))
        };
        let (roots, others): (Vec<&Input>, Vec<&Input>) =
            inputs.iter().partition(|input| input.explicit || !linked(input.file));
        let reached: BTreeSet<FileId> = roots.iter().flat_map(|root| self.behind(root.file)).collect();
        others.iter().map(|input| input.file).filter(|file| reached.contains(file)).collect()
    }

    /// The files that a file links to, directly or by others, without itself.
    pub fn behind(&self, file: FileId) -> Vec<FileId> {
        let mut reached = vec![file];
        let mut next = 0;
        while let Some(&from) = reached.get(next) {
            next += 1;
            for ((source, _), target) in &self.targets {
                if let Target::File(to) = target
                    && *source == from
                    && !reached.contains(to)
                {
                    reached.push(*to);
                }
            }
        }
        reached.split_off(1)
    }

    /// The files behind a file, parsed; the callback is told what is wrong with them.
    pub fn parsed<'s>(&self, sources: &'s Sources, file: FileId, wrong: &mut dyn FnMut(&Problem)) -> Vec<Parsed<'s>> {
        let parse = |file| json::parse(file, sources.get(file).text());
        let parsed: Vec<Parsed<'s>> = self.behind(file).into_iter().map(parse).collect();
        parsed.iter().flat_map(|parsed| &parsed.problems).for_each(wrong);
        parsed
    }

    /// The links among files, of which the roots are given.
    pub fn links<'t>(&self, files: &BTreeMap<FileId, Node<'t>>) -> Links<'t> {
        let mut links = Links::none();
        for ((from, path), target) in &self.targets {
            let linked = match target {
                Target::File(to) => files.get(to).map(|&root| match detect(root) {
                    Format::ArmTemplate => Linked::Template(root),
                    Format::ArmParameters
                    | Format::BicepSnapshot
                    | Format::Dump(_)
                    | Format::Plain(_)
                    | Format::Terraform(_)
                    | Format::Other => not_a_template(path).into(),
                }),
                Target::Broken { .. } => Some(target.clone().into()),
            };
            if let Some(linked) = linked {
                links.insert(*from, path.as_str(), linked);
            }
        }
        links
    }
}

impl From<Target> for Linked<'_> {
    fn from(target: Target) -> Self {
        match target {
            Target::Broken { code, message, help } => Self::Broken { code, message, help },
            Target::File(_) => not_a_template("the file").into(), // every file that is read has been looked at
        }
    }
}

fn not_a_template(path: &str) -> Target {
    Target::Broken {
        code: "linked-template-invalid",
        message: format!("`{path}` is no ARM template"),
        help: "link to a template: it has \"$schema\", \"contentVersion\" and \"resources\"",
    }
}

/// The file that a path leads to from another file.
fn follow(sources: &mut Sources, from: &str, path: &str, known: &mut BTreeMap<PathBuf, FileId>) -> Target {
    let broken = |code, message, help| Target::Broken { code, message, help };
    let target = match discover::within_project(Path::new(from), path) {
        Within::Inside(target) => target,
        Within::Outside => {
            return broken(
                "linked-template-outside",
                format!("`{path}` leaves the project, so it is not read"),
                "put the linked template inside of the repository, or run acrlint where both files are below the \
                 current folder",
            );
        }
        Within::Missing => {
            return broken(
                "linked-template-missing",
                format!("there is no file `{path}` beside this template"),
                "the path is relative to the file that links; correct it or add the file",
            );
        }
    };
    let real = discover::real(&target).unwrap_or_else(|| target.clone());
    if let Some(file) = known.get(&real) {
        return Target::File(*file);
    }
    match files::read(sources, &target) {
        Ok((file, None)) => {
            known.insert(real, file);
            Target::File(file)
        }
        Ok((_, Some(problem))) => broken("linked-template-invalid", problem.message, "save the file as UTF-8"),
        Err(error) => broken("linked-template-missing", error.to_string(), "make the file readable"),
    }
}
