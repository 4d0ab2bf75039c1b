//! What a value that is known after apply refers to.
//!
//! In: an expression of the configuration, of which a plan shows the references alone. Out: the value that the expression
//! certainly or very likely gives: the id or name of another resource, through module inputs and outputs. Must not know:
//! ARM's shape.
//!
//! A plan does not show an expression itself, so a reference is only taken for the whole of it where a template of text
//! or a choice is out of the question: an attribute that holds an id gives the id of the resource of the right type, one
//! that holds the name of a parent gives a name. Where two could be meant, neither is.

use std::sync::Arc;

use crate::json::Node;
use crate::resource::ResourceId;
use crate::value::{Hole, Value};

use super::address::{Key, Token, tokens};
use super::instance::Instance;
use super::reader::{Reader, Said};
use super::reference::{Candidate, DEPTH, Hints, Scope, known};
use super::want::{Aim, Want};

impl<'t> Reader<'_, 't> {
    /// The value that an unknown refers to, and the reference; nothing where it cannot be told.
    pub(super) fn follow(&self, instance: &Instance<'t>, said: Said<'t>, want: &Want) -> Option<(Value, Arc<str>)> {
        if want.aim == Aim::Nothing || self.depth.get() > DEPTH {
            return None;
        }
        self.depth.set(self.depth.get() + 1);
        let found = self.identified(instance, said, *want);
        self.depth.set(self.depth.get() - 1);
        found
    }

    /// The ids that a list refers to, each with its reference, and whether these are all.
    pub(super) fn follow_all(
        &self,
        instance: &Instance<'t>,
        expression: Node<'t>,
        want: &Want,
    ) -> (Vec<(Value, Arc<str>)>, bool) {
        if self.depth.get() > DEPTH {
            return (Vec::new(), false);
        }
        self.depth.set(self.depth.get() + 1);
        let mut groups = self.groups(expression, &[], &self.scope_of(instance), *want, 0);
        self.depth.set(self.depth.get() - 1);
        if groups.iter().flat_map(|(_, all)| all).any(|candidate| candidate.keyed == Some(true)) {
            for (_, candidates) in &mut groups {
                candidates.retain(|candidate| candidate.keyed != Some(false));
            }
        }
        let mut found: Vec<(Value, Arc<str>)> = Vec::new();
        let mut all = true;
        for (reference, candidates) in groups {
            all &= !candidates.is_empty();
            // Of a map that a module hands out, an expression may choose some.
            let passed_on = ["module.", "var.", "each."].iter().any(|front| reference.starts_with(front));
            let chosen = |candidate: &Candidate| candidate.keyed == Some(true) || !candidate.mapped;
            if passed_on && candidates.len() > 1 && !candidates.iter().all(chosen) {
                all = false;
                continue;
            }
            for candidate in candidates {
                if candidate.inferred {
                    all = false;
                    continue;
                }
                let known = !candidate.built && candidate.value.as_str().is_some_and(|text| text.starts_with('/'));
                if (known && of_type(&candidate.value, want.aim)) || fits(&candidate, *want) {
                    found.push((candidate.value, Arc::clone(&reference)));
                } else if candidate.value.as_pattern().is_some_and(|pattern| pattern.first_hole().is_some()) {
                    all = false;
                }
            }
        }
        (found, all)
    }

    fn scope_of(&self, instance: &Instance<'t>) -> Scope<'t> {
        Scope {
            module: instance.parts.module.clone(),
            key: instance.parts.key.clone(),
            for_each: instance.config.and_then(|node| node.get("for_each_expression")),
            siblings: self.world.siblings(&instance.parts),
        }
    }

    fn identified(&self, instance: &Instance<'t>, said: Said<'t>, want: Want) -> Option<(Value, Arc<str>)> {
        let scope = self.scope_of(instance);
        let (Said::Expression(expression) | Said::Element { expression, .. }) = said else { return None };
        let mut groups = Vec::new();
        let mut found = self.groups(expression, &[], &scope, want, 0);
        if expression.is_empty() {
            found = self.relevant(want);
        }
        for (reference, mut candidates) in found {
            candidates.retain(|candidate| fits(candidate, want));
            groups.push((reference, candidates));
        }
        if groups.iter().flat_map(|(_, all)| all).any(|candidate| candidate.keyed == Some(true)) {
            for (_, candidates) in &mut groups {
                candidates.retain(|candidate| candidate.keyed == Some(true));
            }
        }
        let all: Vec<(&Arc<str>, &Candidate)> =
            groups.iter().flat_map(|(reference, all)| all.iter().map(move |one| (reference, one))).collect();
        let chosen = match said {
            // As many as there are unknown elements, in the order in which they are written.
            Said::Element { unknown, unknown_at, .. } if all.len() == unknown => all.get(unknown_at).copied(),
            Said::Element { of, at, .. } if groups.len() == of && groups.iter().all(|(_, all)| all.len() <= 1) => {
                groups.get(at).and_then(|(reference, all)| Some((reference, all.first()?)))
            }
            Said::Element { unknown, .. } if unknown > 1 => None,
            _ => {
                let (first, rest) = all.split_first()?;
                let key = |candidate: &Candidate| candidate.value.as_pattern().map(|pattern| pattern.key());
                rest.iter().all(|(_, other)| key(other) == key(first.1)).then_some(*first)
            }
        };
        let (reference, candidate) = chosen?;
        Some((candidate.value.clone(), Arc::clone(reference)))
    }

    /// What the plan as a whole depends on. Of an attribute that is written like a block a plan shows no references, but
    /// what any value comes from it lists.
    fn relevant(&self, want: Want) -> Vec<(Arc<str>, Vec<Candidate>)> {
        let Aim::Id(Some(_)) = want.aim else { return Vec::new() };
        let mut found = Vec::new();
        for node in self.world.relevant.into_iter().flat_map(Node::items) {
            let is_id = node
                .get("attribute")
                .is_some_and(|path| path.len() == 1 && path.item(0).is_some_and(|name| name.is_text("id")));
            let Some(resource) = node.get("resource").and_then(Node::as_str).filter(|_| is_id) else { continue };
            let cut = tokens(&resource);
            let (module, at) = super::address::module_path(&cut);
            let scope = Scope { module, key: None, for_each: None, siblings: 1 };
            let mut all = Vec::new();
            self.reference(cut.get(at..).unwrap_or_default(), &Hints::default(), &scope, want, 1, &mut all);
            found.push((Arc::from(format!("{resource}.id")), all));
        }
        found
    }

    /// What each reference of an expression may lead to.
    fn groups(
        &self,
        expression: Node<'t>,
        path: &[Token],
        scope: &Scope<'t>,
        want: Want,
        depth: usize,
    ) -> Vec<(Arc<str>, Vec<Candidate>)> {
        let references = maximal(expression);
        let mut hints = Hints::default();
        for reference in &references {
            self.hint(reference, scope, want, depth, &mut hints);
        }
        let group = |reference: String| {
            let mut cut = tokens(&reference);
            cut.extend_from_slice(path);
            let mut found = Vec::new();
            self.reference(&cut, &hints, scope, want, depth, &mut found);
            (Arc::from(reference), found)
        };
        references.into_iter().map(group).collect()
    }

    /// What an expression, or a part of what it gives, may be.
    pub(super) fn candidates(
        &self,
        expression: Node<'t>,
        path: &[Token],
        scope: &Scope<'t>,
        want: Want,
        depth: usize,
        found: &mut Vec<Candidate>,
    ) {
        if let Some(constant) = expression.get("constant_value") {
            return known(constant, path, found);
        }
        let groups = self.groups(expression, path, scope, want, depth + 1);
        found.extend(groups.into_iter().flat_map(|(_, all)| all));
    }

    /// Takes down the keys that a reference can choose by.
    fn hint(&self, reference: &str, scope: &Scope<'t>, want: Want, depth: usize, hints: &mut Hints) {
        let cut = tokens(reference);
        match cut.first().and_then(Token::name) {
            Some("count") => {
                if let (Some(Key::Number(number)), false) = (&scope.key, want.other) {
                    hints.number = Some((*number, scope.siblings));
                }
            }
            Some("each" | "var") => {
                let mut found = Vec::new();
                self.reference(&cut, &Hints::default(), scope, want, depth + 1, &mut found);
                let texts = found.iter().filter_map(|candidate| candidate.value.as_str().map(str::to_owned));
                hints.texts.extend(texts);
            }
            Some(_) | None => {}
        }
    }
}

/// The references of an expression that are no part of one before.
fn maximal(expression: Node<'_>) -> Vec<String> {
    let mut kept: Vec<String> = Vec::new();
    for reference in expression.get("references").into_iter().flat_map(Node::items) {
        let Some(text) = reference.as_str() else { continue };
        let part = |longer: &String| {
            longer.strip_prefix(text.as_ref()).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
        };
        if !kept.iter().any(part) {
            kept.push(text.into_owned());
        }
    }
    kept
}

/// Whether an id is of the type that is wanted.
fn of_type(value: &Value, aim: Aim) -> bool {
    let Some(id) = value.as_pattern().map(ResourceId::new) else { return false };
    match (aim, id.ty()) {
        (Aim::Id(Some(wanted)), Some(ty)) => {
            ty == wanted || (wanted == "microsoft.web/sites" && ty.starts_with(wanted))
        }
        (Aim::Id(None), Some(_)) => true,
        (Aim::Id(_) | Aim::Attribute(_) | Aim::Image | Aim::Nothing, _) => false,
    }
}

/// Whether a candidate can be what is wanted: it is not known either, and of the right kind.
fn fits(candidate: &Candidate, want: Want) -> bool {
    let Some(pattern) = candidate.value.as_pattern().filter(|p| candidate.built || p.first_hole().is_some()) else {
        return false;
    };
    let attribute = candidate.attribute.as_deref();
    match want.aim {
        Aim::Id(wanted) => {
            if let (true, Some(hole)) = (pattern.parts().len() == 1, pattern.first_hole()) {
                // Of a resource of no known type only that it is none of the known ones is certain.
                let right = wanted.is_none() || attribute != Some("id") || candidate.ty.as_deref() == wanted;
                return hole.hole == Hole::Id && right;
            }
            of_type(&candidate.value, want.aim)
        }
        Aim::Attribute(name) => attribute == Some(name),
        Aim::Image => attribute == Some("login_server"),
        Aim::Nothing => false,
    }
}
