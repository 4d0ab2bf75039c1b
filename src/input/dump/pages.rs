//! Pages of one result.
//!
//! In: the opened documents of a text, and the pages of the texts beside it. Out: which of them lack others. Must not know:
//! what the pages show.
//!
//! A page of Resource Graph counts the records of the whole result, so pages that count the same and together have as many
//! are all there are, in whatever files they lie and in whatever order. Other pages only say that there are more, which one
//! that follows in the same text makes good.

use super::envelope::{Envelope, More, Source};

/// What a page says of the result that it belongs to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    source: Source,
    /// How many records the whole result has.
    total: usize,
    /// How many are here.
    count: usize,
    /// No page follows.
    last: bool,
}

/// The pages of a text that count the records of their result.
pub(super) fn counted(opened: &[Envelope<'_>]) -> Vec<Page> {
    opened.iter().filter_map(page).collect()
}

/// What is missing, of each page of a text that lacks others. `beside`: the pages in other texts.
pub(super) fn missing<'t>(opened: &[Envelope<'t>], beside: &[Page]) -> Vec<More<'t>> {
    let own = counted(opened);
    let mut missing = Vec::new();
    for (at, envelope) in opened.iter().enumerate() {
        let Some(more) = envelope.more() else { continue };
        let made_good = match (more, page(envelope)) {
            (More::Truncated(_), _) => false,
            (More::SkipToken(_) | More::Total(_), Some(page)) => {
                is_whole(own.iter().chain(beside).filter(|other| page.is_of_one_result(other)))
            }
            (More::NextLink(_) | More::SkipToken(_) | More::Total(_), _) => {
                opened.iter().skip(at + 1).any(|other| other.pages_like(envelope))
            }
        };
        if !made_good {
            missing.push(more);
        }
    }
    missing
}

/// Whether some pages, which all count the same, are all of their result; or of their results, where there are several last
/// pages.
fn is_whole<'p>(pages: impl Iterator<Item = &'p Page>) -> bool {
    let (mut count, mut wanted) = (0_usize, 0_usize);
    for page in pages {
        count = count.saturating_add(page.count);
        wanted = wanted.saturating_add(if page.last { page.total } else { 0 });
    }
    wanted > 0 && count == wanted
}

fn page(envelope: &Envelope<'_>) -> Option<Page> {
    let total = envelope.total()?;
    let last = !matches!(envelope.more(), Some(More::NextLink(_) | More::SkipToken(_)));
    Some(Page { source: envelope.source(), total, count: envelope.count(), last })
}

impl Page {
    fn is_of_one_result(&self, other: &Self) -> bool {
        (self.source, self.total) == (other.source, other.total)
    }
}
