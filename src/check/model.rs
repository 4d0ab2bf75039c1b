//! The names of things in findings, for the model of the catalog.
//!
//! In: a [`catalog::Model`]. Out: the answers of [`Model`]. Must not know: rules.

use crate::catalog::{self, Subject};
use crate::source::{FileId, Span};
use crate::value::{Attr, Origin, Pattern, State, Trails};

use super::{Existence, Model, ResourceRef};

impl Model for catalog::Model {
    fn resource(&self, subject: Subject) -> ResourceRef {
        let Some(head) = Self::resource(self, subject) else {
            return ResourceRef { address: String::new(), id: String::new(), ty: String::new(), name: String::new() };
        };
        ResourceRef {
            address: head.address.to_string(),
            id: head.id.to_string(),
            ty: head.ty.to_string(),
            name: name(&head.full_name),
        }
    }

    fn exists(&self, subject: Subject) -> Existence {
        let (truth, places) = Self::exists(self, subject);
        Existence { truth, places }
    }

    fn key(&self, subject: Subject) -> String {
        Self::key(self, subject)
    }

    fn home(&self, subject: Subject) -> Origin {
        Self::home(self, subject).unwrap_or_else(|| Origin::at(Span::new(FileId(u32::MAX), 0, 0)))
    }

    fn declared(&self, subject: Subject) -> Vec<Span> {
        let head = Self::resource(self, subject);
        head.into_iter().flat_map(|head| &head.places).map(|places| places.whole).collect()
    }

    fn trails(&self, arena: usize) -> Option<&Trails> {
        Self::trails(self, arena)
    }

    fn size(&self) -> usize {
        let graph = &self.graph;
        let networks = graph.virtual_networks.len().saturating_add(graph.subnets.len());
        let zones = graph.zones.len().saturating_add(graph.zone_links.len());
        let counts = [graph.registries.len(), graph.private_endpoints.len(), networks, zones];
        counts.into_iter().fold(0, usize::saturating_add)
    }
}

fn name(name: &Attr<Pattern>) -> String {
    match &name.state {
        State::Known(pattern) => pattern.to_string(),
        State::Absent => String::new(),
        State::Unknown(unknown) => format!("⟨{}⟩", unknown.symbol.text),
    }
}
