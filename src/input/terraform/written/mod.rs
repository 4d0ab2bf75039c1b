//! Where in the sources of a plan something is written.
//!
//! In: the files of a configuration and of its local modules, and [`Spot`]s of a plan. Out: [`Place`], the line that a person
//! would edit. Must not know: where the files lie, and what an attribute means.
//!
//! A value that is a plain reference to a local, a variable, an input or output of a module or `each.value` is followed to
//! where it is written; anything that computes a value is that place itself. What is not written has the head of the block
//! around it.

mod choose;
mod follow;
mod module;
mod secrets;

use crate::json::Node;
use crate::source::Span;

use super::address::{Address, Token, tokens};
use super::spot::Spot;
use follow::{Follower, Here};
pub use module::{Call, File, Module};
pub use secrets::places as secret_places;

/// Where something is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The place to edit.
    pub at: Span,
    /// The references that led there, the first one stands in the block of the resource.
    pub through: Vec<Span>,
}

/// The sources of a plan.
#[derive(Debug, Default)]
pub struct Written {
    /// The first is the root.
    pub modules: Vec<Module>,
}

impl Written {
    /// The block of a resource: its head, and its opening brace. Nothing where no source of this project has it.
    pub fn block(&self, spot: &Spot<'_>) -> Option<[Span; 2]> {
        let address = Address::parse(&spot.address)?;
        let mut module = self.modules.first()?;
        for (name, _) in &address.module {
            module = module.calls.get(name)?.target.and_then(|target| self.modules.get(target))?;
        }
        let block = module.resources.get(&address.block())?;
        Some([block.head, Span::new(block.head.file, block.opens, block.opens.saturating_add(1))])
    }

    /// Where a place of a plan is written. `plan`: the plan, which tells the values that its variables had.
    ///
    /// Nothing where no source has the block. What a module does that is not at hand is written where it is called.
    pub fn place(&self, spot: &Spot<'_>, plan: Option<Node<'_>>) -> Option<Place> {
        let address = Address::parse(&spot.address)?;
        let mut here = Here::root(self.modules.first()?);
        for (name, key) in &address.module {
            let call = here.module().calls.get(name)?;
            let Some(inner) = call.target.and_then(|target| self.modules.get(target)) else {
                return Some(Place { at: call.block.head, through: Vec::new() });
            };
            here = here.inside(inner, &call.block, key.clone());
        }
        let block = here.module().resources.get(&address.block())?;
        if spot.former {
            return Some(Place { at: block.head, through: Vec::new() });
        }
        let path: Vec<Token> = tokens(&spot.attribute);
        let follower = Follower::new(&self.modules, plan, spot.values, &path);
        let found = follower.in_block(block, &path, &here.of_block(block, address.key));
        Some(Place { at: found.at, through: found.through })
    }
}
