//! What a person calls the places that a finding points at, where a program wrote the text.
//!
//! In: findings and the documents of a run. Out: the same findings, their premises with the address and attribute of each
//! place. Must not know: rules.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::check::Finding;
use crate::source::{FileId, Span};

use super::document::Document;

/// The documents whose places have names.
pub struct Spots<'d> {
    documents: BTreeMap<FileId, &'d Document<'d>>,
    known: BTreeMap<Span, Option<(String, String)>>,
}

impl<'d> Spots<'d> {
    /// Those of some documents.
    pub fn of(documents: impl Iterator<Item = &'d Document<'d>>) -> Self {
        let documents = documents.filter(|document| document.has_spots()).map(|document| (document.file, document));
        Self { documents: documents.collect(), known: BTreeMap::new() }
    }

    fn called(&mut self, span: Span) -> Option<(String, String)> {
        let document = self.documents.get(&span.file)?;
        self.known.entry(span).or_insert_with(|| document.spot(span)).clone()
    }

    /// Names the places of a finding; its message begins with the address of the place to edit.
    pub fn name(&mut self, finding: &mut Finding) {
        if let Some((address, _)) = self.called(finding.location)
            && !finding.message.contains(&address)
        {
            finding.message = format!("{address}: {}", finding.message);
        }
        for evidence in &mut finding.evidence {
            let Some((address, attribute)) = self.called(evidence.span) else { continue };
            let own = address == finding.resource.address;
            let name = match (own, attribute.is_empty()) {
                (true, true) => continue,
                (true, false) => attribute,
                (false, true) => address,
                (false, false) => format!("{address}.{attribute}"),
            };
            _ = write!(evidence.message, " (`{name}`)");
        }
    }
}
