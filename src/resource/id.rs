//! Resource ids that may be partly unknown, and how they meet.
//!
//! In: strings with holes. Out: [`ResourceId`], compared three-valued and without case.
//! Must not know: which resources exist.

use std::fmt;
use std::sync::{Arc, OnceLock};

use crate::value::{Hole, Part, Pattern, Truth};

/// `/subscriptions/…/resourceGroups/…/providers/…`, as far as it is known.
///
/// A clone is cheap, since many references share an id.
#[derive(Clone, Debug)]
pub struct ResourceId(Arc<Forms>);

/// The forms in which an id is needed again and again.
#[derive(Debug)]
struct Forms {
    written: Pattern,
    /// In lower case; made when it is asked for, since most ids have no holes, and then the key nearly always does.
    folded: OnceLock<Pattern>,
    key: Box<str>,
    ty: OnceLock<Option<String>>,
    parent: OnceLock<Option<ResourceId>>,
}

impl ResourceId {
    /// An id from a string; one slash at its end is dropped.
    pub fn new(written: Pattern) -> Self {
        let folded = OnceLock::new();
        let mut key = match written.as_literal() {
            Some(text) if text.is_ascii() => text.to_ascii_lowercase(),
            Some(text) => text.to_lowercase(),
            None => written.lowercase_key(),
        };
        key.truncate(key.trim_end_matches('/').len());
        Self(Arc::new(Forms { written, folded, key: key.into(), ty: OnceLock::new(), parent: OnceLock::new() }))
    }

    /// The id as written.
    pub fn pattern(&self) -> &Pattern {
        &self.0.written
    }

    /// Equal for ids that are certainly the same.
    pub fn key(&self) -> &str {
        &self.0.key
    }

    /// Whether two ids name the same resource.
    pub fn same(&self, other: &Self) -> Truth {
        if self.key() == other.key() {
            return Truth::True;
        }
        if self.0.written.as_literal().is_some() && other.0.written.as_literal().is_some() {
            return Truth::False;
        }
        // What is not known at all may be any id.
        if self.is_hole() || other.is_hole() {
            return Truth::Unknown;
        }
        self.folded().same(other.folded())
    }

    /// Whether nothing of it is known.
    fn is_hole(&self) -> bool {
        matches!(self.0.written.parts(), [Part::Hole(hole)] if hole.hole == Hole::Id)
    }

    fn folded(&self) -> &Pattern {
        self.0.folded.get_or_init(|| self.0.written.to_lowercase())
    }

    /// As [`Self::pieces`], of an id without holes.
    fn literal_pieces(&self) -> Option<std::str::Split<'_, char>> {
        let written = self.0.written.as_literal().filter(|text| !text.is_empty())?;
        let text = if written.ends_with('/') { self.folded().as_literal()? } else { self.key() };
        Some(text.strip_prefix('/').unwrap_or(text).split('/'))
    }

    /// The pieces between the slashes, in lower case, the empty one before the first slash left out.
    fn pieces(&self) -> Option<Vec<Pattern>> {
        let mut pieces = self.folded().split('/')?;
        if pieces.first().is_some_and(|first| first.as_literal() == Some("")) {
            pieces.remove(0);
        }
        Some(pieces)
    }

    /// The piece after a literal piece, such as the subscription after `subscriptions`.
    fn after(&self, literal: &str) -> Option<Pattern> {
        if let Some(mut pieces) = self.literal_pieces() {
            pieces.find(|piece| *piece == literal)?;
            return pieces.next().map(Pattern::literal);
        }
        let pieces = self.pieces()?;
        let at = pieces.iter().position(|piece| piece.as_literal() == Some(literal))?;
        pieces.get(at + 1).cloned()
    }

    /// The subscription, in lower case.
    pub fn subscription(&self) -> Option<Pattern> {
        self.after("subscriptions")
    }

    /// The resource group, in lower case.
    pub fn resource_group(&self) -> Option<Pattern> {
        self.after("resourcegroups")
    }

    /// The last piece: the resource's own name, in lower case.
    pub fn name(&self) -> Option<Pattern> {
        match self.literal_pieces() {
            Some(mut pieces) => pieces.next_back().map(Pattern::literal),
            None => self.pieces()?.pop(),
        }
    }

    /// The full type in lower case (`microsoft.network/virtualnetworks/subnets`), where it is known.
    pub fn ty(&self) -> Option<&str> {
        self.0.ty.get_or_init(|| self.find_ty()).as_deref()
    }

    fn find_ty(&self) -> Option<String> {
        if let Some(pieces) = self.literal_pieces() {
            let pieces: Vec<&str> = pieces.collect();
            let at = pieces.iter().rposition(|piece| *piece == "providers")?;
            let mut ty = (*pieces.get(at + 1)?).to_owned();
            for piece in pieces.iter().skip(at + 2).step_by(2) {
                ty.push('/');
                ty.push_str(piece);
            }
            return Some(ty);
        }
        let pieces = self.pieces()?;
        let at = pieces.iter().rposition(|piece| piece.as_literal() == Some("providers"))?;
        let mut ty = pieces.get(at + 1)?.as_literal()?.to_owned();
        for piece in pieces.iter().skip(at + 2).step_by(2) {
            ty.push('/');
            ty.push_str(piece.as_literal()?);
        }
        Some(ty)
    }

    /// The id of the resource that this one is a child of (`…/virtualNetworks/a` of `…/virtualNetworks/a/subnets/b`).
    ///
    /// Works as well where the front of the id is a hole: the parent of `⟨vnetId⟩/subnets/b` is `⟨vnetId⟩`.
    pub fn parent(&self) -> Option<Self> {
        self.0.parent.get_or_init(|| self.find_parent()).clone()
    }

    fn find_parent(&self) -> Option<Self> {
        let mut pattern = Pattern::new();
        let parts = self.0.written.parts();
        let mut slashes_to_cut = 2_usize;
        let mut kept: Vec<Part> = Vec::new();
        for part in parts.iter().rev() {
            match part {
                Part::Hole(unknown) if slashes_to_cut > 0 => {
                    if unknown.hole != Hole::Segment {
                        return None;
                    }
                }
                Part::Hole(_) => kept.push(part.clone()),
                Part::Literal(text) if slashes_to_cut > 0 => {
                    let mut rest = text.as_str();
                    while slashes_to_cut > 0 {
                        let Some(at) = rest.rfind('/') else { break };
                        rest = &rest[..at];
                        slashes_to_cut -= 1;
                    }
                    if slashes_to_cut == 0 && !rest.is_empty() {
                        kept.push(Part::Literal(rest.to_owned()));
                    }
                }
                Part::Literal(_) => kept.push(part.clone()),
            }
        }
        if slashes_to_cut > 0 || kept.is_empty() {
            return None;
        }
        for part in kept.iter().rev() {
            match part {
                Part::Literal(text) => pattern.push_str(text),
                Part::Hole(unknown) => pattern.push_hole(unknown),
            }
        }
        Some(Self::new(pattern))
    }

    /// The id of a child: `{self}/{ty}/{name}`.
    #[must_use]
    pub fn child(&self, ty: &str, name: &Pattern) -> Self {
        let mut pattern = self.0.written.clone();
        pattern.push_str("/");
        pattern.push_str(ty);
        pattern.push_str("/");
        pattern.push(name);
        Self::new(pattern)
    }
}

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.written.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{Reason, Symbol, Unknown};

    fn hole(name: &str, class: Hole) -> Arc<Unknown> {
        Arc::new(Unknown::new(Reason::ParameterWithoutValue, Symbol::new(name, "")).with_hole(class))
    }

    #[test]
    fn literal_ids_meet_without_case() {
        let id = |text: &str| ResourceId::new(Pattern::literal(text));
        let a = id("/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/v/subnets/s");
        assert_eq!(a.same(&id(&a.to_string().to_uppercase())), Truth::True);
        assert_eq!(a.ty(), Some("microsoft.network/virtualnetworks/subnets"));
        assert_eq!(a.resource_group().map(|p| p.to_string()).as_deref(), Some("rg"));
        assert!(a.parent().is_some_and(|p| p.to_string().ends_with("virtualNetworks/v")));
    }

    #[test]
    fn the_parent_of_an_id_with_a_hole_in_front_is_the_hole() {
        let vnet = hole("vnetId", Hole::Id);
        let mut pattern = Pattern::hole(&vnet);
        pattern.push_str("/subnets/s");
        let parent = ResourceId::new(pattern).parent();
        assert_eq!(parent.map(|p| p.key().to_owned()), Some("⟨vnetId⟩".to_owned()));
    }

    #[test]
    fn unknown_names_stay_undecided_until_the_types_differ() {
        let (a, b) = (hole("a", Hole::Segment), hole("b", Hole::Segment));
        let id = |ty: &str, name: &Arc<Unknown>| {
            ResourceId::new(Pattern::literal("/subscriptions/1/resourceGroups/rg/providers/Microsoft.Network"))
                .child(ty, &Pattern::hole(name))
        };
        assert_eq!(id("virtualNetworks", &a).same(&id("virtualNetworks", &a)), Truth::True);
        assert_eq!(id("virtualNetworks", &a).same(&id("virtualNetworks", &b)), Truth::Unknown);
        assert_eq!(id("virtualNetworks", &a).same(&id("routeTables", &a)), Truth::False);
    }
}
