//! Which of several blocks, or elements, a plan speaks of.
//!
//! In: what is written, and the value of one element as the plan has it. Out: the one that can be meant, if it is only one.
//! Must not know: why somebody asks.
//!
//! A plan lists the elements of a set in an order of its own, and does not say that something is a set. So an element is
//! found by what it says, not by its number.

use crate::input::hcl::{Block, Body, Expression, Form};
use crate::json::{Kind, Node};

use super::follow::{Follower, Here};

/// The only one that can be meant: the only one that says nothing else, or the only one that says something of it.
pub(super) fn only(agree: &[Option<bool>]) -> Option<usize> {
    let one = |fits: &dyn Fn(Option<bool>) -> bool| {
        let mut found = agree.iter().enumerate().filter(|(_, agrees)| fits(**agrees)).map(|(at, _)| at);
        let first = found.next()?;
        found.next().is_none().then_some(first)
    };
    one(&|agrees| agrees != Some(false)).or_else(|| one(&|agrees| agrees == Some(true)))
}

/// The first of those that can be meant, where all of them are written in the same words.
pub(super) fn same_text(blocks: &[&Block], agree: &[Option<bool>]) -> Option<usize> {
    let mut meant = agree.iter().enumerate().filter(|(_, agrees)| **agrees != Some(false)).map(|(at, _)| at);
    let first = meant.next()?;
    let words = |at: usize| -> Option<Vec<(&str, &str)>> {
        let body = &blocks.get(at)?.body;
        let plain = body.blocks.is_empty();
        let words = body.attributes.iter().map(|one| Some((one.name.as_str(), one.value.literal()?)));
        words.collect::<Option<Vec<_>>>().filter(|_| plain)
    };
    let own = words(first)?;
    meant.all(|other| words(other).as_ref() == Some(&own)).then_some(first)
}

impl<'w> Follower<'w, '_> {
    /// Whether a block says what the plan has: nothing where neither is certain.
    pub(super) fn body_agrees(&self, body: &'w Body, value: Node<'_>, here: &Here<'w>, depth: usize) -> Option<bool> {
        let members = body.attributes.iter().filter_map(|attribute| {
            let planned = value.get(&attribute.name)?;
            self.agrees(&attribute.value, planned, here, depth)
        });
        all(members)
    }

    /// Whether an expression says what the plan has: nothing where neither is certain.
    pub(super) fn agrees(
        &self,
        written: &'w Expression,
        planned: Node<'_>,
        here: &Here<'w>,
        depth: usize,
    ) -> Option<bool> {
        let found = self.land(written, &[], here, depth + 1);
        let (written, here) = (found.value?, found.here.as_ref().unwrap_or(here));
        match (&written.form, planned.kind()) {
            (Form::Literal(text), Kind::String | Kind::Number | Kind::Bool(_)) => Some(same(text, planned)),
            (Form::Object(object), Kind::Object) => all(object.members().iter().filter_map(|member| {
                let planned = planned.get(member.name.as_deref()?)?;
                self.agrees(&member.value, planned, here, depth + 1)
            })),
            _ => None,
        }
    }
}

/// Whether all that is certain agrees; nothing where nothing is.
fn all(certain: impl Iterator<Item = bool>) -> Option<bool> {
    certain.reduce(|all, agrees| all && agrees)
}

/// Whether a literal is a value of a plan; providers write regions in small letters without spaces.
pub(super) fn same(written: &str, planned: Node<'_>) -> bool {
    let plain =
        |text: &str| text.chars().filter(|c| !c.is_whitespace()).flat_map(char::to_lowercase).collect::<String>();
    let text = planned.as_str().map_or_else(|| planned.raw().to_owned(), std::borrow::Cow::into_owned);
    let number = |text: &str| text.parse::<f64>().ok().filter(|number| number.is_finite());
    match (number(written), number(&text)) {
        (Some(a), Some(b)) => (a - b).abs() <= f64::EPSILON * a.abs(),
        _ => plain(written) == plain(&text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_chosen_only_where_it_is_the_only_one() {
        let (yes, no, open) = (Some(true), Some(false), None);
        assert_eq!(only(&[open]), Some(0));
        assert_eq!(only(&[no]), None);
        assert_eq!(only(&[no, open]), Some(1));
        assert_eq!(only(&[open, yes, no]), Some(1));
        assert_eq!(only(&[open, open]), None);
        assert_eq!(only(&[yes, yes]), None);
        assert_eq!(only(&[]), None);
    }
}
