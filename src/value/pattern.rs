//! Strings with holes.
//!
//! In: literals and unknowns. Out: [`Pattern`], which `concat` and `format` build and which resource ids are joined on.
//! Must not know: expressions.

use std::fmt;
use std::sync::Arc;

use super::{Data, Hole, Symbol, Truth, Unknown};

/// One part of a string.
#[derive(Clone, Debug)]
pub enum Part {
    /// Known text; never empty.
    Literal(String),
    /// A hole that an unknown fills.
    Hole(Arc<Unknown>),
}

impl PartialEq for Part {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Literal(a), Self::Literal(b)) => a == b,
            (Self::Hole(a), Self::Hole(b)) => a.symbol == b.symbol,
            (Self::Literal(_), Self::Hole(_)) | (Self::Hole(_), Self::Literal(_)) => false,
        }
    }
}

/// A string as literals and holes in turn. Neighbouring literals are merged; no literal is empty.
#[derive(Clone, Debug, Default)]
pub struct Pattern {
    parts: Parts,
}

/// There are very many texts of one part, which need no list.
#[derive(Clone, Debug, Default)]
#[allow(clippy::box_collection, reason = "it is rare, and makes all others smaller")]
enum Parts {
    #[default]
    None,
    One(Part),
    Many(Box<Vec<Part>>),
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.parts() == other.parts()
    }
}

impl FromIterator<Part> for Pattern {
    /// Takes parts that are in turn already.
    fn from_iter<T: IntoIterator<Item = Part>>(parts: T) -> Self {
        let mut pattern = Self::new();
        parts.into_iter().for_each(|part| pattern.push_part(part));
        pattern
    }
}

impl Pattern {
    /// The empty string.
    pub fn new() -> Self {
        Self::default()
    }

    /// A known string.
    pub fn literal(text: &str) -> Self {
        if text.is_empty() {
            return Self::new();
        }
        Self { parts: Parts::One(Part::Literal(text.to_owned())) }
    }

    /// One hole.
    pub fn hole(unknown: &Arc<Unknown>) -> Self {
        Self { parts: Parts::One(Part::Hole(Arc::clone(unknown))) }
    }

    /// The parts, in order.
    pub fn parts(&self) -> &[Part] {
        match &self.parts {
            Parts::None => &[],
            Parts::One(part) => std::slice::from_ref(part),
            Parts::Many(parts) => parts,
        }
    }

    fn parts_mut(&mut self) -> &mut [Part] {
        match &mut self.parts {
            Parts::None => &mut [],
            Parts::One(part) => std::slice::from_mut(part),
            Parts::Many(parts) => parts,
        }
    }

    fn push_part(&mut self, part: Part) {
        self.parts = match std::mem::take(&mut self.parts) {
            Parts::None => Parts::One(part),
            Parts::One(first) => Parts::Many(Box::new(vec![first, part])),
            Parts::Many(mut parts) => {
                parts.push(part);
                Parts::Many(parts)
            }
        };
    }

    /// Appends known text.
    pub fn push_str(&mut self, text: &str) {
        if text.is_empty() {
            return;
        }
        if let Some(Part::Literal(last)) = self.parts_mut().last_mut() {
            last.push_str(text);
        } else {
            self.push_part(Part::Literal(text.to_owned()));
        }
    }

    /// Appends a hole.
    pub fn push_hole(&mut self, unknown: &Arc<Unknown>) {
        self.push_part(Part::Hole(Arc::clone(unknown)));
    }

    /// Appends another pattern.
    pub fn push(&mut self, other: &Self) {
        for part in other.parts() {
            match part {
                Part::Literal(text) => self.push_str(text),
                Part::Hole(unknown) => self.push_hole(unknown),
            }
        }
    }

    /// The text, where there is no hole.
    pub fn as_literal(&self) -> Option<&str> {
        match self.parts() {
            [] => Some(""),
            [Part::Literal(text)] => Some(text),
            _ => None,
        }
    }

    /// The value this string is: a known string, one unknown, or a pattern.
    pub fn into_data(self) -> Data {
        match self.parts() {
            [] => Data::String("".into()),
            [Part::Literal(text)] => Data::String(text.as_str().into()),
            [Part::Hole(unknown)] => Data::Unknown(Arc::clone(unknown)),
            _ => Data::Pattern(Arc::new(self)),
        }
    }

    /// The first hole.
    pub fn first_hole(&self) -> Option<&Arc<Unknown>> {
        self.parts().iter().find_map(|part| match part {
            Part::Hole(unknown) => Some(unknown),
            Part::Literal(_) => None,
        })
    }

    /// Whether every hole is known to hold no `/`, so that the pattern can be cut at its slashes.
    pub fn splits_at_slash(&self) -> bool {
        self.parts().iter().all(|part| match part {
            Part::Literal(_) => true,
            Part::Hole(unknown) => unknown.hole == Hole::Segment,
        })
    }

    /// The pieces between the occurrences of a separator. `None` when a hole could hold the separator.
    ///
    /// Only `/` is known never to stand in a hole of class [`Hole::Segment`].
    pub fn split(&self, separator: char) -> Option<Vec<Self>> {
        let holds = |unknown: &Unknown| !(separator == '/' && unknown.hole == Hole::Segment);
        let mut pieces = vec![Self::new()];
        for part in self.parts() {
            match part {
                Part::Hole(unknown) if holds(unknown) => return None,
                Part::Hole(unknown) => pieces.last_mut()?.push_hole(unknown),
                Part::Literal(text) => {
                    for (i, piece) in text.split(separator).enumerate() {
                        if i > 0 {
                            pieces.push(Self::new());
                        }
                        pieces.last_mut()?.push_str(piece);
                    }
                }
            }
        }
        Some(pieces)
    }

    /// The same string in lower case; for comparing names and ids, which ignore case.
    ///
    /// The holes of `name`, `toLower(name)` and `toUpper(name)` are the same in it.
    #[must_use]
    pub fn to_lowercase(&self) -> Self {
        self.parts()
            .iter()
            .map(|part| match part {
                Part::Literal(text) if text.is_ascii() => Part::Literal(text.to_ascii_lowercase()),
                Part::Literal(text) => Part::Literal(text.to_lowercase()),
                Part::Hole(unknown) => Part::Hole(caseless(unknown)),
            })
            .collect()
    }

    /// A text that is equal for equal patterns: the key of joins. Use on the lower-case form for ids and names.
    pub fn key(&self) -> String {
        let mut key = String::new();
        for part in self.parts() {
            match part {
                Part::Literal(text) => key.push_str(text),
                Part::Hole(unknown) => {
                    key.push('⟨');
                    unknown.symbol.push_key(&mut key);
                    key.push('⟩');
                }
            }
        }
        key
    }

    /// The [`Self::key`] of the same string in lower case.
    pub fn lowercase_key(&self) -> String {
        let length = |part: &Part| match part {
            Part::Literal(text) => text.len(),
            Part::Hole(unknown) => unknown.symbol.text.len() + unknown.symbol.scope.len() + 7,
        };
        let mut key = String::with_capacity(self.parts().iter().map(length).sum());
        for part in self.parts() {
            match part {
                Part::Literal(text) => {
                    let from = key.len();
                    key.push_str(text);
                    match key.get_mut(from..) {
                        Some(written) if text.is_ascii() => written.make_ascii_lowercase(),
                        _ => key.replace_range(from.., &text.to_lowercase()),
                    }
                }
                Part::Hole(unknown) => {
                    key.push('⟨');
                    caseless(unknown).symbol.push_key(&mut key);
                    key.push('⟩');
                }
            }
        }
        key
    }

    /// What a person reads where there is little room: long holes are shortened.
    pub fn shown(&self) -> String {
        let show = |part: &Part| match part {
            Part::Literal(text) => text.clone(),
            Part::Hole(unknown) => format!("⟨{}⟩", unknown.symbol.shown()),
        };
        self.parts().iter().map(show).collect()
    }

    /// Whether two strings are the same (case matters): equal parts are equal, literal parts that cannot match differ.
    pub fn same(&self, other: &Self) -> Truth {
        if self == other {
            return Truth::True;
        }
        if self.first_hole().is_none() && other.first_hole().is_none() {
            return Truth::False;
        }
        if let (true, true) = (self.splits_at_slash(), other.splits_at_slash())
            && let (Some(a), Some(b)) = (self.split('/'), other.split('/'))
        {
            if a.len() != b.len() {
                return Truth::False;
            }
            if a.len() > 1 {
                return a.iter().zip(&b).map(|(a, b)| a.same(b)).min().unwrap_or(Truth::True);
            }
        }
        if self.is_empty_beside_segment(other) || other.is_empty_beside_segment(self) {
            return Truth::False;
        }
        // What both begin and end with decides nothing: `⟨n⟩` and `⟨n⟩.data` differ whatever n is.
        let (a, b) = self.without_common_ends(other);
        match (a.as_literal(), b.as_literal()) {
            (Some(a), Some(b)) => Truth::from(a == b),
            (Some(_) | None, _) if a.ends_clash(&b) => Truth::False,
            (Some(_) | None, _) => Truth::Unknown,
        }
    }

    /// Whether this is no text and the other a whole segment, which is never empty.
    fn is_empty_beside_segment(&self, other: &Self) -> bool {
        let segment = matches!(other.parts(), [Part::Hole(unknown)] if unknown.hole == Hole::Segment);
        self.parts().is_empty() && segment
    }

    /// Two strings without the holes and characters that both begin with, and then those that both end with.
    ///
    /// The strings are the same exactly when what is left of them is.
    fn without_common_ends(&self, other: &Self) -> (Self, Self) {
        let equal = |pair: &(&Part, &Part)| pair.0 == pair.1;
        let common = self.parts().iter().zip(other.parts()).take_while(equal).count();
        let (a, b) = (self.parts().get(common..).unwrap_or_default(), other.parts().get(common..).unwrap_or_default());
        let common = a.iter().rev().zip(b.iter().rev()).take_while(equal).count();
        let rest = |parts: &[Part]| parts.iter().take(parts.len() - common).cloned().collect::<Self>();
        let (mut a, mut b) = (rest(a), rest(b));
        if let (Some(Part::Literal(x)), Some(Part::Literal(y))) = (a.parts_mut().first_mut(), b.parts_mut().first_mut())
        {
            let same = x.chars().zip(y.chars()).take_while(|(x, y)| x == y);
            let common: usize = same.map(|(c, _)| c.len_utf8()).sum();
            x.drain(..common);
            y.drain(..common);
        }
        let is_something = |part: &&Part| !matches!(part, Part::Literal(text) if text.is_empty());
        let [a, b] = [a, b].map(|pattern| pattern.parts().iter().filter(is_something).cloned().collect());
        (a, b)
    }

    /// Whether the literal beginnings or endings of both cannot belong to one string.
    fn ends_clash(&self, other: &Self) -> bool {
        let head = |pattern: &Self| match pattern.parts().first() {
            Some(Part::Literal(text)) => text.clone(),
            Some(Part::Hole(unknown)) if unknown.hole == Hole::Id => "/".to_owned(),
            Some(Part::Hole(_)) | None => String::new(),
        };
        let tail = |pattern: &Self| match pattern.parts().last() {
            Some(Part::Literal(text)) => text.clone(),
            Some(Part::Hole(_)) | None => String::new(),
        };
        let (a, b) = (head(self), head(other));
        let (c, d) = (tail(self), tail(other));
        let starts = a.chars().zip(b.chars()).any(|(x, y)| x != y);
        let ends = c.chars().rev().zip(d.chars().rev()).any(|(x, y)| x != y);
        let shortest = |pattern: &Self| -> usize {
            pattern
                .parts()
                .iter()
                .map(|part| match part {
                    Part::Literal(text) => text.chars().count(),
                    // One of several holes of a segment may be empty: a suffix that is not wanted.
                    Part::Hole(unknown) => usize::from(unknown.hole == Hole::Id),
                })
                .sum()
        };
        let longest = |pattern: &Self| pattern.as_literal().map(|text| text.chars().count());
        let too_short = longest(self).is_some_and(|n| n < shortest(other));
        let too_long = longest(other).is_some_and(|n| n < shortest(self));
        starts || ends || too_short || too_long || self.slash_clash(other) || other.slash_clash(self)
    }

    /// Whether one is a known text with a slash where the other can hold none.
    fn slash_clash(&self, other: &Self) -> bool {
        let slashes =
            |pattern: &Self| pattern.splits_at_slash().then(|| pattern.split('/').map_or(0, |pieces| pieces.len()));
        match (self.as_literal(), slashes(other)) {
            (Some(text), Some(pieces)) => text.matches('/').count() + 1 != pieces,
            (Some(_) | None, _) => false,
        }
    }
}

/// An unknown without the functions that only change its case, by the symbols that `toLower()` and `toUpper()` give.
fn caseless(unknown: &Arc<Unknown>) -> Arc<Unknown> {
    let mut text = &*unknown.symbol.text;
    while let Some(inner) =
        text.strip_suffix(')').and_then(|call| call.strip_prefix("toLower(").or_else(|| call.strip_prefix("toUpper(")))
    {
        text = inner;
    }
    if text.len() == unknown.symbol.text.len() {
        return Arc::clone(unknown);
    }
    let symbol = Symbol::new(text, Arc::clone(&unknown.symbol.scope));
    Arc::new(Unknown { symbol, domain: None, ..(**unknown).clone() })
}

impl fmt::Display for Pattern {
    /// `⟨parameters('name')⟩-pe`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in self.parts() {
            match part {
                Part::Literal(text) => f.write_str(text)?,
                Part::Hole(unknown) => write!(f, "⟨{}⟩", unknown.symbol.text)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::Reason;
    use super::*;

    fn hole(name: &str, class: Hole) -> Arc<Unknown> {
        Arc::new(Unknown::new(Reason::ParameterWithoutValue, Symbol::new(name, "")).with_hole(class))
    }

    fn pattern(parts: &[Result<&str, &Arc<Unknown>>]) -> Pattern {
        let mut pattern = Pattern::new();
        for part in parts {
            match part {
                Ok(text) => pattern.push_str(text),
                Err(unknown) => pattern.push_hole(unknown),
            }
        }
        pattern
    }

    #[test]
    fn the_key_in_lower_case_is_that_of_the_lower_case() {
        let (n, upper) = (hole("n", Hole::Segment), hole("toUpper(parameters('N'))", Hole::Any));
        let all = [
            pattern(&[]),
            pattern(&[Ok("/Subscriptions/ÄÖ/x")]),
            pattern(&[Ok("AB"), Err(&n), Ok("Été/C"), Err(&upper)]),
        ];
        for one in all {
            assert_eq!(one.lowercase_key(), one.to_lowercase().key());
        }
    }

    #[test]
    fn equal_symbols_are_equal_and_literals_that_cannot_match_differ() {
        let (n, m) = (hole("n", Hole::Segment), hole("m", Hole::Segment));
        let pe = pattern(&[Err(&n), Ok("-pe")]);
        assert_eq!(pe.same(&pattern(&[Err(&n), Ok("-pe")])), Truth::True);
        assert_eq!(pe.same(&pattern(&[Err(&m), Ok("-pe")])), Truth::Unknown);
        assert_eq!(pe.same(&Pattern::literal("other")), Truth::False);
        assert_eq!(pe.same(&Pattern::literal("x-pe")), Truth::Unknown);
        assert_eq!(pe.same(&Pattern::literal("a/b-pe")), Truth::False);
    }

    #[test]
    fn what_both_begin_and_end_with_decides_nothing() {
        let (n, m) = (hole("n", Hole::Segment), hole("m", Hole::Segment));
        let any = hole("x", Hole::Any);
        let data = pattern(&[Err(&n), Ok(".eastus.data")]);
        assert_eq!(data.same(&pattern(&[Err(&n)])), Truth::False);
        assert_eq!(data.same(&pattern(&[Err(&n), Ok(".westus.data")])), Truth::False);
        assert_eq!(data.same(&pattern(&[Err(&n), Err(&m)])), Truth::Unknown);
        assert_eq!(data.same(&pattern(&[Err(&n), Ok(".eastus.data"), Err(&m)])), Truth::Unknown);
        assert_eq!(data.same(&pattern(&[Err(&n), Ok(".eastus.data"), Err(&any)])), Truth::Unknown);
        assert_eq!(data.same(&pattern(&[Err(&n), Ok(".east"), Err(&m), Ok(".data")])), Truth::Unknown);
        assert_eq!(pattern(&[Ok("a"), Err(&m), Err(&n)]).same(&pattern(&[Ok("ab"), Err(&n)])), Truth::Unknown);
        assert_eq!(pattern(&[Ok("ac"), Err(&m), Err(&n)]).same(&pattern(&[Ok("ab"), Err(&n)])), Truth::False);
    }

    #[test]
    fn ids_compare_segment_by_segment() {
        let (n, m) = (hole("n", Hole::Segment), hole("m", Hole::Segment));
        let id = |name: &Arc<Unknown>, kind: &str| pattern(&[Ok("/x/"), Ok(kind), Ok("/"), Err(name)]);
        assert_eq!(id(&n, "a").same(&id(&n, "a")), Truth::True);
        assert_eq!(id(&n, "a").same(&id(&m, "a")), Truth::Unknown);
        assert_eq!(id(&n, "a").same(&id(&n, "b")), Truth::False);
    }

    #[test]
    fn long_holes_are_shortened_where_they_are_shown() {
        let shown = |text: &str| pattern(&[Ok("acr"), Err(&hole(text, Hole::Segment))]).shown();
        let id = "'/subscriptions/⟨subscription().subscriptionId⟩/resourceGroups/a)b'";
        assert_eq!(shown("parameters('name')"), "acr⟨parameters('name')⟩");
        assert_eq!(shown("toLower(parameters('name'))"), "acr⟨parameters('name')⟩");
        assert_eq!(shown(&format!("toLower(uniqueString({id}))")), "acr⟨uniqueString(…)⟩");
        assert_eq!(shown(&format!("reference({id}).outputs.name.value")), "acr⟨reference(…).outputs.name.value⟩");
    }

    #[test]
    fn split_needs_the_class_of_the_hole() {
        let any = hole("n", Hole::Any);
        let segment = hole("n", Hole::Segment);
        assert_eq!(pattern(&[Ok("a/"), Err(&segment)]).split('/').map(|p| p.len()), Some(2));
        assert!(pattern(&[Ok("a/"), Err(&any)]).split('/').is_none());
        assert!(pattern(&[Ok("a-"), Err(&segment)]).split('-').is_none());
    }
}
