//! A module as its files say it.
//!
//! In: the files of a folder. Out: [`Module`], look-ups in it. Must not know: other folders.

use std::collections::HashMap;

use crate::input::hcl::{Attribute, Block, Body, Expression};
use crate::input::terraform::address::block;
use crate::source::Span;

/// A file of a folder.
#[derive(Debug)]
pub struct File {
    /// Its name in the folder.
    pub name: String,
    /// What stands in it.
    pub body: Body,
}

/// A module.
#[derive(Debug, Default)]
pub struct Module {
    /// Resources and data sources, by what references call them.
    pub(super) resources: HashMap<String, Block>,
    pub(super) locals: HashMap<String, Expression>,
    pub(super) variables: HashMap<String, Block>,
    pub(super) outputs: HashMap<String, Block>,
    pub(super) calls: HashMap<String, Call>,
    /// What files give to its variables, where it is the root.
    pub(super) given: HashMap<String, Expression>,
}

/// The call of a module.
#[derive(Debug)]
pub struct Call {
    pub(super) block: Block,
    /// The number of the module among those of the plan, where it is at hand.
    pub target: Option<usize>,
}

impl Call {
    /// The path that it calls, where that is one on this machine, and where it stands.
    pub fn source(&self) -> Option<(&str, Span)> {
        let source = &self.block.body.attribute("source")?.value;
        let path = source.literal().filter(|path| path.starts_with("./") || path.starts_with("../"))?;
        Some((path, source.at))
    }
}

impl Module {
    /// Joins the files of a folder. `given`: the files that give values to its variables, later ones win.
    pub fn of(mut files: Vec<File>, given: Vec<Body>) -> Self {
        let mut module = Self::default();
        // What overrides comes last, each kind in the order of names.
        files.sort_by(|a, b| (overrides(&a.name), &a.name).cmp(&(overrides(&b.name), &b.name)));
        for file in files {
            let over = overrides(&file.name);
            file.body.blocks.into_iter().for_each(|block| module.add(block, over));
        }
        for body in given {
            module.given.extend(body.attributes.into_iter().map(|Attribute { name, value, .. }| (name, value)));
        }
        module
    }

    /// The calls of other modules.
    pub fn calls_mut(&mut self) -> impl Iterator<Item = &mut Call> {
        let mut calls: Vec<(&String, &mut Call)> = self.calls.iter_mut().collect();
        calls.sort_by_key(|(name, _)| *name);
        calls.into_iter().map(|(_, call)| call)
    }

    fn add(&mut self, block: Block, over: bool) {
        let name = match (block.kind.as_str(), block.labels.as_slice()) {
            ("resource" | "data", [ty, name]) => self::block(block.kind == "data", ty, name),
            ("variable" | "output" | "module", [name]) => name.clone(),
            ("locals", []) => {
                for Attribute { name, value, .. } in block.body.attributes {
                    self.locals.insert(name, value);
                }
                return;
            }
            _ => return,
        };
        let blocks = match block.kind.as_str() {
            "variable" => &mut self.variables,
            "output" => &mut self.outputs,
            "module" => {
                match self.calls.get_mut(&name) {
                    Some(known) if over => merge(&mut known.block, block),
                    Some(_) => {}
                    None => _ = self.calls.insert(name, Call { block, target: None }),
                }
                return;
            }
            _ => &mut self.resources,
        };
        match blocks.get_mut(&name) {
            Some(known) if over => merge(known, block),
            Some(_) => {}
            None => _ = blocks.insert(name, block),
        }
    }
}

/// Whether a file says what is otherwise than in others.
fn overrides(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default();
    stem == "override" || stem.ends_with("_override")
}

/// Puts a block over another one of the same name: attributes, and all blocks of a kind.
fn merge(known: &mut Block, over: Block) {
    for attribute in over.body.attributes {
        known.body.attributes.retain(|other| other.name != attribute.name);
        known.body.attributes.push(attribute);
    }
    let of =
        |block: &Block| if block.kind == "dynamic" { block.labels.first().cloned() } else { Some(block.kind.clone()) };
    let kinds: Vec<_> = over.body.blocks.iter().map(of).collect();
    known.body.blocks.retain(|block| !kinds.contains(&of(block)));
    known.body.blocks.extend(over.body.blocks);
}
