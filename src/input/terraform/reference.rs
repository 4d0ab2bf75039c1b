//! Where one reference of an expression may lead.
//!
//! In: a reference taken apart, and where its expression stands. Out: [`Candidate`]s. Must not know: which of them is meant.

use crate::input::arm;
use crate::json::{Kind, Node};
use crate::resource::ResourceId;
use crate::value::{Data, Origin, Value};

use super::address::{Key, ModulePath, Token, block, module_text};
use super::reader::Reader;
use super::want::{Aim, Want};

/// References lead this far at most.
pub(super) const DEPTH: usize = 40;

/// Where an expression stands.
#[derive(Clone, Debug)]
pub(super) struct Scope<'t> {
    pub(super) module: ModulePath,
    /// The key of the instance, or of the module instance for the inputs of a module.
    pub(super) key: Option<Key>,
    pub(super) for_each: Option<Node<'t>>,
    /// How many instances there are beside it.
    pub(super) siblings: usize,
}

/// What a reference may lead to.
#[derive(Clone, Debug)]
pub(super) struct Candidate {
    pub(super) value: Value,
    /// The attribute of an instance that it is.
    pub(super) attribute: Option<String>,
    /// The type in lower case of the resource whose id it is, where that is known.
    pub(super) ty: Option<String>,
    /// It is known after apply, though the parts that it is made of are known already.
    pub(super) built: bool,
    /// It is one of those that `for_each` makes, which are a map.
    pub(super) mapped: bool,
    /// Whether it is the one that a key asks for; nothing where none does.
    pub(super) keyed: Option<bool>,
    /// It is not referred to by name, but all there is that could be meant.
    pub(super) inferred: bool,
}

impl Candidate {
    pub(super) const fn plain(value: Value) -> Self {
        Self { value, attribute: None, ty: None, built: false, mapped: false, keyed: None, inferred: false }
    }
}

/// The keys that an expression may choose by.
#[derive(Clone, Debug, Default)]
pub(super) struct Hints {
    pub(super) texts: Vec<String>,
    /// `count.index`, and among how many.
    pub(super) number: Option<(u64, usize)>,
}

impl<'t> Reader<'_, 't> {
    pub(super) fn reference(
        &self,
        cut: &[Token],
        hints: &Hints,
        scope: &Scope<'t>,
        want: Want,
        depth: usize,
        found: &mut Vec<Candidate>,
    ) {
        if depth > DEPTH || self.budget.get() == 0 {
            return;
        }
        self.budget.set(self.budget.get() - 1);
        let [Token::Name(word), Token::Name(part), rest @ ..] = cut else { return };
        match (word.as_str(), part.as_str()) {
            ("each", "key") => found.extend(scope.key.as_ref().map(literal)),
            ("each", "value") => self.each_value(rest, scope, want, depth, found),
            ("count", "index") => found.extend(scope.key.as_ref().map(literal)),
            ("var", name) => self.variable(name, rest, scope, want, depth, found),
            ("local", _) => self.local(scope, want, depth, found),
            ("path" | "terraform" | "self", _) => {}
            ("module", name) => self.output(name, rest, hints, scope, want, depth, found),
            ("data", ty) => {
                if let [Token::Name(name), rest @ ..] = rest {
                    self.resource(&block(true, ty, name), name, rest, hints, scope, want, found);
                }
            }
            (ty, name) => self.resource(&block(false, ty, name), name, rest, hints, scope, want, found),
        }
    }

    /// What a local value may be, of which a plan shows nothing: an id that is not known yet is that of some resource that
    /// the module can name, so it is known where there is only one of its type.
    fn local(&self, scope: &Scope<'t>, want: Want, depth: usize, found: &mut Vec<Candidate>) {
        let Aim::Id(Some(ty)) = want.aim else { return };
        let module = self.world.configuration.module(&scope.module);
        let parts = |name: &str| module.and_then(|module| module.get(name)).into_iter().flat_map(Node::members);
        let Some(module) = module else { return };
        // What data sources read and what modules hand out is not looked through.
        let resources = || module.get("resources").into_iter().flat_map(Node::items);
        let is_of = |node: &Node<'_>| {
            let kind = node.get("type").and_then(Node::as_str).and_then(|name| super::translate::kind_of(&name));
            kind.is_none_or(|kind| kind.ty.eq_ignore_ascii_case(ty))
        };
        let hidden = |node: &Node<'_>| node.get("mode").is_some_and(|mode| mode.is_text("data")) && is_of(node);
        if parts("module_calls").next().is_some() || resources().any(|node| hidden(&node)) {
            return;
        }
        let scope = Scope { key: None, for_each: None, siblings: 1, ..scope.clone() };
        let mut all = Vec::new();
        let inputs = self.world.configuration.call(&scope.module).and_then(|call| call.get("expressions"));
        for variable in parts("variables") {
            let name = variable.key.as_str().unwrap_or_default();
            let before = all.len();
            self.variable(&name, &[], &scope, want, depth + 1, &mut all);
            // What is handed in and cannot be followed may be an id of this type as well.
            let refers = inputs.and_then(|inputs| inputs.get(&name)?.get("references")).is_some();
            if refers && all.len() == before {
                return;
            }
        }
        for node in resources().filter(is_of) {
            let text = |name: &str| node.get(name).and_then(Node::as_str).unwrap_or_default();
            let (ty, name) = (text("type"), text("name"));
            self.resource(&block(false, &ty, &name), &name, &[], &Hints::default(), &scope, want, &mut all);
        }
        found.extend(all.into_iter().map(|candidate| Candidate { inferred: true, ..candidate }));
    }

    fn each_value(&self, rest: &[Token], scope: &Scope<'t>, want: Want, depth: usize, found: &mut Vec<Candidate>) {
        let Some(key) = &scope.key else { return };
        let Some(expression) = scope.for_each else {
            // Of a set of constants a plan shows no expression.
            if rest.is_empty() && matches!(key, Key::Text(_)) {
                found.push(literal(key));
            }
            return;
        };
        // The keys of the loop around are another one's.
        let outer = Scope { key: None, for_each: None, ..scope.clone() };
        if rest.is_empty() {
            // Of a set, the value is the key.
            let mut elements = Vec::new();
            self.candidates(expression, &[], &outer, want, depth + 1, &mut elements);
            let text = key.text();
            if elements.iter().any(|element| element.value.as_str() == Some(&text)) {
                return found.push(literal(key));
            }
        }
        let mut path = vec![Token::Index(key.clone())];
        path.extend_from_slice(rest);
        self.candidates(expression, &path, &outer, want, depth + 1, found);
    }

    fn variable(
        &self,
        name: &str,
        rest: &[Token],
        scope: &Scope<'t>,
        want: Want,
        depth: usize,
        found: &mut Vec<Candidate>,
    ) {
        let declared =
            self.world.configuration.module(&scope.module).and_then(|module| module.get("variables")?.get(name));
        let default = declared.and_then(|node| node.get("default"));
        let secret =
            declared.and_then(|node| node.get("sensitive")).is_some_and(|node| node.kind() == Kind::Bool(true));
        if secret {
            return;
        }
        let Some(((_, key), around)) = scope.module.split_last() else {
            let given = self.world.variables.and_then(|variables| variables.get(name)?.get("value"));
            if let Some(value) = given.or(default) {
                known(value, rest, found);
            }
            return;
        };
        let call = self.world.configuration.call(&scope.module);
        let input = call.and_then(|call| call.get("expressions")?.get(name));
        match input {
            Some(expression) => {
                let siblings = match scope.module.split_last() {
                    Some(((module, _), around)) => self.world.of_call(&module_text(around), module).len(),
                    None => 1,
                };
                let outer = Scope {
                    module: around.to_vec(),
                    key: key.clone(),
                    for_each: call.and_then(|call| call.get("for_each_expression")),
                    siblings,
                };
                self.candidates(expression, rest, &outer, want, depth + 1, found);
            }
            None => {
                if let Some(default) = default {
                    known(default, rest, found);
                }
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the context of a reference, passed on as it is")]
    fn output(
        &self,
        name: &str,
        rest: &[Token],
        hints: &Hints,
        scope: &Scope<'t>,
        want: Want,
        depth: usize,
        found: &mut Vec<Candidate>,
    ) {
        let (key, rest) = match rest {
            [Token::Index(key), rest @ ..] => (Some(key), rest),
            [..] => (None, rest),
        };
        let instances = self.world.of_call(&module_text(&scope.module), name);
        let [Token::Name(output), rest @ ..] = rest else {
            return self.handed_out(instances, key, hints, want, depth, found);
        };
        let key_of = |path: &ModulePath| path.last().and_then(|(_, key)| key.clone());
        let chosen: Vec<&ModulePath> = match key {
            Some(key) => instances.iter().filter(|path| key_of(path).as_ref() == Some(key)).collect(),
            None => instances.iter().collect(),
        };
        // A module without resources has no instance to be seen.
        let mut bare = scope.module.clone();
        bare.push((name.to_owned(), key.cloned()));
        let chosen = if chosen.is_empty() { vec![&bare] } else { chosen };
        for path in chosen {
            let inner = Scope { module: path.clone(), key: None, for_each: None, siblings: 1 };
            let outputs = self.world.configuration.module(path).and_then(|module| module.get("outputs"));
            let Some(output) = outputs.and_then(|outputs| outputs.get(output)) else { continue };
            let Some(expression) = output.get("expression") else { continue };
            let before = found.len();
            self.candidates(expression, rest, &inner, want, depth + 1, found);
            // A key that the expression around chooses by, rather than one that it writes.
            let more = found.get_mut(before..).unwrap_or_default();
            if rest.is_empty() && more.len() > 1 {
                for candidate in more.iter_mut().filter(|candidate| candidate.keyed.is_none()) {
                    candidate.keyed = candidate.attribute.as_ref().and_then(|_| hints.choose(candidate));
                }
            }
        }
    }

    /// What the instance of a module that a key chooses hands out, of `module.app[each.key].registry_id`, of which a plan
    /// shows `module.app` and `each.key` alone: an id of the type that is wanted.
    fn handed_out(
        &self,
        instances: &[ModulePath],
        key: Option<&Key>,
        hints: &Hints,
        want: Want,
        depth: usize,
        found: &mut Vec<Candidate>,
    ) {
        let Aim::Id(Some(_)) = want.aim else { return };
        let chosen = |path: &&ModulePath| match (path.last().and_then(|(_, key)| key.as_ref()), key) {
            (Some(own), Some(key)) => own == key,
            (Some(Key::Text(own)), None) => hints.texts.contains(own),
            (Some(Key::Number(own)), None) => {
                hints.number.is_some_and(|(number, of)| number == *own && of == instances.len())
            }
            (None, _) => false,
        };
        let mut chosen = instances.iter().filter(chosen);
        let (Some(path), None) = (chosen.next(), chosen.next()) else { return };
        let inner = Scope { module: path.clone(), key: None, for_each: None, siblings: 1 };
        let outputs = self.world.configuration.module(path).and_then(|module| module.get("outputs"));
        for output in outputs.into_iter().flat_map(Node::members) {
            if let Some(expression) = output.value.get("expression") {
                let mut all = Vec::new();
                self.candidates(expression, &[], &inner, want, depth + 1, &mut all);
                found.extend(all.into_iter().map(|candidate| Candidate { inferred: true, ..candidate }));
            }
        }
    }

    #[expect(clippy::too_many_arguments, reason = "the context of a reference, passed on as it is")]
    fn resource(
        &self,
        block: &str,
        label: &str,
        rest: &[Token],
        hints: &Hints,
        scope: &Scope<'t>,
        want: Want,
        found: &mut Vec<Candidate>,
    ) {
        let all = self.world.of_block(&module_text(&scope.module), block);
        let key_of = |at: &usize| self.world.instances.get(*at).and_then(|instance| instance.parts.key.as_ref());
        let mut asked = None;
        let mut rest = rest;
        let mut chosen: Vec<usize> = all.to_vec();
        if let [Token::Index(key), more @ ..] = rest {
            rest = more;
            match all.iter().find(|at| key_of(at) == Some(key)) {
                Some(at) => chosen = vec![*at],
                None => asked = Some(key.text()),
            }
        } else if all.len() > 1 {
            let by_text = all.iter().filter(|at| {
                key_of(at).is_some_and(|key| matches!(key, Key::Text(text) if hints.texts.contains(text)))
            });
            let by_text: Vec<usize> = by_text.copied().collect();
            let by_number = hints
                .number
                .filter(|(_, of)| *of == all.len())
                .and_then(|(number, _)| all.iter().find(|at| key_of(at) == Some(&Key::Number(number))).copied());
            if !by_text.is_empty() {
                chosen = by_text;
            } else if let Some(at) = by_number {
                chosen = vec![at];
            }
        }
        let whole;
        let path = match (rest, want.attribute()) {
            ([], Some(name)) => {
                whole = [Token::Name(name.to_owned())];
                &whole[..]
            }
            ([], None) => return,
            (rest, _) => rest,
        };
        for at in chosen {
            let Some((value, left)) = self.attribute(at, path) else { continue };
            let key = match left.first() {
                Some(Token::Index(key)) => Some(key.text()),
                Some(Token::Name(name)) => Some(name.clone()),
                None => asked.clone(),
            };
            let attribute = path.iter().rev().find_map(Token::name).map(str::to_owned);
            let keyed = key.map(|key| self.is_called(at, label, &key));
            let built = matches!(path, [Token::Name(name)] if name == "id") && !self.world.has_id(at);
            let kind = self.world.instances.get(at).and_then(|instance| super::translate::kind_of(&instance.parts.ty));
            let ty = kind.map(|kind| kind.ty.to_ascii_lowercase());
            let mapped = matches!(key_of(&at), Some(Key::Text(_)));
            each(value, &mut |value| {
                let (attribute, ty) = (attribute.clone(), ty.clone());
                found.push(Candidate { value, attribute, ty, built, mapped, keyed, inferred: false });
            });
        }
    }

    /// Whether a key of a map means an instance: it is its key, its name or its label.
    fn is_called(&self, at: usize, label: &str, key: &str) -> bool {
        let Some(instance) = self.world.instances.get(at) else { return false };
        let name = instance.values.and_then(|values| values.get("name")?.as_str());
        match &instance.parts.key {
            Some(own) => own.text() == key || name.as_deref() == Some(key),
            None => label == key || name.as_deref() == Some(key),
        }
    }
}

impl Hints {
    /// Whether one of the keys ends the id or name of a candidate; nothing where there is no key.
    pub(super) fn choose(&self, candidate: &Candidate) -> Option<bool> {
        if self.texts.is_empty() {
            return None;
        }
        let pattern = candidate.value.as_pattern()?;
        let name = ResourceId::new(pattern).name()?;
        let name = name.as_literal()?.to_owned();
        self.texts.iter().any(|text| text.eq_ignore_ascii_case(&name)).then_some(true)
    }
}

fn literal(key: &Key) -> Candidate {
    Candidate::plain(Value::string(key.text(), NOWHERE))
}

/// A place that nobody is shown: what is followed stands where it is used.
const NOWHERE: Origin = Origin::at(crate::source::Span::new(crate::source::FileId(0), 0, 0));

/// What stands in a known value at a path.
pub(super) fn known(node: Node<'_>, path: &[Token], found: &mut Vec<Candidate>) {
    let mut node = node;
    for token in path {
        let next = match (token, node.kind()) {
            (Token::Name(name) | Token::Index(Key::Text(name)), Kind::Object) => node.get(name),
            (Token::Index(Key::Number(index)), Kind::Array) => usize::try_from(*index).ok().and_then(|i| node.item(i)),
            (Token::Name(_), Kind::Array) if node.len() == 1 => node.item(0).and_then(|item| item.get(token.name()?)),
            (_, _) => None,
        };
        let Some(next) = next else { return };
        node = next;
    }
    if !matches!(node.kind(), Kind::Object) {
        each(arm::plain(node), &mut |value| found.push(Candidate::plain(value)));
    }
}

/// A value, or the elements of a list.
fn each(value: Value, see: &mut dyn FnMut(Value)) {
    match &value.data {
        Data::Array(array) => array.items.iter().for_each(|item| each(item.clone(), see)),
        Data::Null => {}
        _ => see(value),
    }
}
