//! Findings that somebody accepts, with the reason.
//!
//! In: an object of a configuration or of `metadata.acrlint`. Out: [`Exemption`]. Must not know: findings, what day it is.

use crate::json::Node;
use crate::json::reader::{Fields, Reader};
use crate::source::Span;

use super::glob::Glob;
use super::{Date, Written};

/// What is accepted, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exemption {
    /// The rules, in the words of `select`.
    pub rules: Written<String>,
    /// Which resources, by address or id; without it all.
    pub resource: Option<Written<Glob>>,
    /// In which files, from the folder of the configuration on; without it in all.
    pub paths: Vec<Written<Glob>>,
    /// Why.
    pub reason: String,
    /// The last day on which it holds.
    pub expires: Option<Written<Date>>,
    /// What its place covers.
    pub cover: Cover,
    /// The whole of it.
    pub at: Span,
}

/// Where findings are accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    /// In the whole input: it stands in a configuration.
    Everywhere,
    /// Beside what it is about.
    Source {
        /// The places to edit that it covers, and the resources that are declared within.
        within: Span,
        /// Where a resource begins, if it stands first thing in one: then it covers that resource.
        opening: Option<u32>,
    },
}

/// Reads an exemption of a configuration.
pub(super) fn of_configuration(reader: &mut Reader<'_>, node: Node<'_>) -> Option<Exemption> {
    let mut fields = reader.object(node)?;
    let paths = super::read::paths(reader, fields.optional("paths"));
    let exemption = read(reader, fields, Cover::Everywhere)?;
    Some(Exemption { paths, ..exemption })
}

/// Reads what all exemptions have.
pub(super) fn read(reader: &mut Reader<'_>, mut fields: Fields<'_>, cover: Cover) -> Option<Exemption> {
    let whole = fields.object();
    let at = whole.span();
    let rules = fields.required("rule", reader).and_then(|node| super::read::word(reader, node));
    let resource = fields.optional("resource").map(|node| {
        let word = super::read::word(reader, node)?;
        Some(Written { value: Glob::resource(&word.value), at: word.at })
    });
    let reason = fields.required("reason", reader).and_then(|node| {
        let reason = super::read::word(reader, node)?;
        if reason.value.trim().is_empty() {
            reader.error_with_help(reason.at, "the reason is empty", "say why this is accepted");
        }
        Some(reason.value)
    });
    let expires = fields.optional("expires").map(|node| {
        let word = super::read::word(reader, node)?;
        let day = Date::parse(&word.value);
        if day.is_none() {
            reader.error_with_help(word.at, "this is no day", "write it as YYYY-MM-DD, such as 2026-12-31");
        }
        Some(Written { value: day?, at: word.at })
    });
    fields.finish(reader);
    // What was to hold for one resource, or to end, must not hold for all and for ever.
    let (resource, expires) =
        (resource.map_or(Some(None), |one| one.map(Some))?, expires.map_or(Some(None), |day| day.map(Some))?);
    let (rules, reason) = (rules?, reason?);
    Some(Exemption { rules, resource, paths: Vec::new(), reason, expires, cover, at })
}
