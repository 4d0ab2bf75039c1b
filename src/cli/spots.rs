//! What a person calls the places that a finding points at, and where they are written, where a program wrote the text.
//!
//! In: findings, the documents of a run, and the sources of its plans. Out: the same findings, pointing at the lines of the
//! sources where they are at hand, their premises with the address and attribute of each place. Must not know: rules.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::check::{Evidence, Finding};
use crate::diag::Role;
use crate::input::terraform;
use crate::input::terraform::written::{Place, Written};
use crate::source::{FileId, Span};

use super::document::Document;
use super::modules::Modules;

/// The documents whose places have names.
pub struct Spots<'d> {
    documents: BTreeMap<FileId, (terraform::Spots<'d>, Option<&'d Written>)>,
    known: BTreeMap<Span, Option<Named>>,
}

/// What is known of a place.
#[derive(Clone)]
struct Named {
    address: String,
    attribute: String,
    /// Where it is written, and what of it is a state of the past.
    place: Option<Place>,
    former: bool,
}

impl<'d> Spots<'d> {
    /// Those of some documents.
    pub fn of(documents: impl Iterator<Item = &'d Document<'d>>, modules: &'d Modules) -> Self {
        let spots = |document: &'d Document<'d>| {
            let written = modules.of(document.file).filter(|_| document.is_intent());
            Some((document.file, (document.spots()?, written)))
        };
        Self { documents: documents.filter_map(spots).collect(), known: BTreeMap::new() }
    }

    fn called(&mut self, span: Span) -> Option<Named> {
        let (spots, written) = self.documents.get(&span.file)?;
        let find = || {
            let spot = spots.find(span)?;
            let place = written.and_then(|written| written.place(&spot, spots.root()));
            Some(Named { address: spot.address, attribute: spot.attribute, place, former: spot.former })
        };
        self.known.entry(span).or_insert_with(find).clone()
    }

    /// The block of the sources in which a resource is declared.
    fn block(&self, whole: Span) -> Option<[Span; 2]> {
        let (spots, written) = self.documents.get(&whole.file)?;
        (*written)?.block(&spots.find(whole)?)
    }

    /// Names the places of a finding, and points at where they are written; its message begins with the address of the
    /// place to edit.
    pub fn name(&mut self, finding: &mut Finding) {
        for evidence in &mut finding.evidence {
            let Some(named) = self.called(evidence.span) else { continue };
            if let Some(name) = named.beside(&finding.resource.address) {
                _ = write!(evidence.message, " (`{name}`)");
            }
            // What was is not what the sources say.
            if let Some(place) = named.place.filter(|_| !named.former) {
                evidence.span = place.at;
            }
        }
        // An exemption beside the block of the sources is one of the resource.
        let blocks: Vec<Span> = finding.declared.iter().filter_map(|whole| self.block(*whole)).flatten().collect();
        finding.declared.extend(blocks);
        let Some(named) = self.called(finding.location) else { return };
        if !finding.message.contains(&named.address) {
            finding.message = format!("{}: {}", named.address, finding.message);
        }
        let name = named.beside("").unwrap_or_default();
        let Some(place) = named.place else { return };
        let note = |span: Span, message: String, role: Role| Evidence {
            span,
            property: String::new(),
            value: None,
            message,
            role,
            presumed: false,
        };
        for step in place.through {
            finding.evidence.push(note(step, "the value is referred to here".to_owned(), Role::Context));
        }
        finding.evidence.push(note(finding.location, format!("in the plan it is `{name}`"), Role::Because));
        finding.location = place.at;
    }
}

impl Named {
    /// What is to be said of the place beside something at an address.
    fn beside(&self, address: &str) -> Option<String> {
        match (self.address == address, self.attribute.is_empty()) {
            (true, true) => None,
            (true, false) => Some(self.attribute.clone()),
            (false, true) => Some(self.address.clone()),
            (false, false) => Some(format!("{}.{}", self.address, self.attribute)),
        }
    }
}
