//! A text to its documents.
//!
//! In: a text. Out: [`Text`]: the trees that are in it, and the format. Must not know: what is done with them.

use crate::json::{self, Parsed};
use crate::source::FileId;

use super::detect::{Format, detect};
use super::dump::{Source, documents, failure};
use super::plain::{self, Plain};

/// What is in a text.
#[derive(Debug)]
pub struct Text<'s> {
    /// One document, or several where the text is no JSON as a whole but dumps in a row.
    pub documents: Vec<Parsed<'s>>,
    /// The format: that of the first document that has one.
    pub format: Format,
}

/// Reads a text.
pub fn read(file: FileId, text: &str) -> Text<'_> {
    if let Some(plain) = plain_of(text) {
        return Text { documents: Vec::new(), format: Format::Plain(plain) };
    }
    let whole = vec![json::parse(file, text)];
    let format = format_of(&whole);
    if matches!(format, Format::ArmTemplate | Format::Terraform(_)) || !is_broken(&whole) {
        return Text { documents: whole, format };
    }
    let parts = documents::split(text).into_iter().filter_map(|range| {
        let base = u32::try_from(range.start).ok()?;
        Some(json::parse_at(file, text.get(range)?, base))
    });
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() && failure::is_printed(text) {
        return Text { documents: whole, format: Format::Dump(Source::Failure) };
    }
    match format_of(&parts) {
        found @ Format::Dump(_) => Text { documents: parts, format: found },
        Format::ArmTemplate
        | Format::ArmParameters
        | Format::BicepSnapshot
        | Format::Terraform(_)
        | Format::Plain(_)
        | Format::Other => Text { documents: whole, format },
    }
}

/// A text that is the document around the pieces of a list; nothing where it is no dump, or there is anything to say of it.
pub fn read_around(parsed: Parsed<'_>) -> Option<Text<'_>> {
    let documents = vec![parsed];
    let format = format_of(&documents);
    let plain = documents.iter().all(|parsed| parsed.problems.is_empty());
    (plain && matches!(format, Format::Dump(_))).then_some(Text { documents, format })
}

/// What a text is that cannot be JSON.
fn plain_of(text: &str) -> Option<Plain> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let array = start.strip_prefix('[').map(str::trim_start);
    let json = start.starts_with('{') || array.is_some_and(|rest| rest.starts_with(['{', '[', '"', ']']));
    if json { None } else { plain::detect(text) }
}

impl Text<'_> {
    /// Whether a document could not be read to its end, or not at all.
    pub fn is_broken(&self) -> bool {
        is_broken(&self.documents)
    }
}

fn is_broken(documents: &[Parsed<'_>]) -> bool {
    documents.iter().flat_map(|parsed| &parsed.problems).any(|problem| problem.fatal)
}

fn format_of(documents: &[Parsed<'_>]) -> Format {
    let formats = documents.iter().filter_map(|parsed| parsed.tree.root()).map(detect);
    let mut found = Format::Other;
    for format in formats {
        match found {
            // A list of nothing may be of anything.
            Format::Other | Format::Dump(Source::Empty) if format != Format::Other => found = format,
            Format::Other | Format::Dump(Source::Empty) => {}
            Format::ArmTemplate
            | Format::ArmParameters
            | Format::BicepSnapshot
            | Format::Terraform(_)
            | Format::Dump(_)
            | Format::Plain(_) => break,
        }
    }
    found
}
