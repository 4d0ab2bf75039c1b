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

use crate::input::arm;
use crate::json::{Kind, Node};
use crate::resource::ResourceId;
use crate::value::{Data, Hole, Origin, Value};

use super::address::{Key, ModulePath, Token, block, module_text, tokens};
use super::instance::Instance;
use super::world::{Said, World};

/// References lead this far at most.
const DEPTH: usize = 40;

/// Attributes that hold the name or the region of a resource.
const NAMES: [&str; 11] = [
    "name",
    "location",
    "resource_group_name",
    "virtual_network_name",
    "network_security_group_name",
    "route_table_name",
    "container_registry_name",
    "registry_name",
    "zone_name",
    "private_dns_zone_name",
    "app_service_name",
];

/// Attributes called an id that hold none of a resource.
const NO_IDS: [&str; 7] =
    ["tenant_id", "client_id", "object_id", "principal_id", "subscription_id", "application_id", "_resource_guid_id"];

/// What the types are that ids lead to: a part of the attribute's name, and the type in lower case.
const TARGETS: [(&str, &str); 16] = [
    ("subnet_id", "microsoft.network/virtualnetworks/subnets"),
    ("virtual_network_id", "microsoft.network/virtualnetworks"),
    ("private_dns_zone_id", "microsoft.network/privatednszones"),
    ("network_security_group_id", "microsoft.network/networksecuritygroups"),
    ("route_table_id", "microsoft.network/routetables"),
    ("network_interface_id", "microsoft.network/networkinterfaces"),
    ("container_registry_id", "microsoft.containerregistry/registries"),
    ("container_app_environment_id", "microsoft.app/managedenvironments"),
    ("kubernetes_cluster_id", "microsoft.containerservice/managedclusters"),
    ("public_ip_address_id", "microsoft.network/publicipaddresses"),
    ("public_ip_prefix_id", "microsoft.network/publicipprefixes"),
    ("nat_gateway_id", "microsoft.network/natgateways"),
    ("outbound_ip_address_id", "microsoft.network/publicipaddresses"),
    ("outbound_ip_prefix_id", "microsoft.network/publicipprefixes"),
    ("app_service_id", "microsoft.web/sites"),
    ("function_app_id", "microsoft.web/sites"),
];

/// What an attribute can hold of another resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Aim {
    /// An id, perhaps of a certain type.
    Id(Option<&'static str>),
    /// An attribute of this name.
    Attribute(&'static str),
    /// The name of an image, which begins with a login server.
    Image,
    /// Nothing that could be told.
    Nothing,
}

/// What is wanted of a reference.
#[derive(Clone, Copy, Debug)]
pub(super) struct Want {
    aim: Aim,
    /// `count.index` may choose another one than its own, as it does where networks are peered.
    other: bool,
}

impl Want {
    /// What an attribute of this name wants.
    pub(super) fn of(name: &str) -> Self {
        let aim = match (Self::class_of(name), name) {
            (Some(Hole::Id), _) => Aim::Id(TARGETS.iter().find(|(part, _)| name.contains(part)).map(|(_, ty)| *ty)),
            (_, "name") => Aim::Nothing,
            (_, "location") => Aim::Attribute("location"),
            (_, "server" | "login_server" | "registry_url" | "docker_registry_url" | "DOCKER_REGISTRY_SERVER_URL") => {
                Aim::Attribute("login_server")
            }
            (_, "next_hop_in_ip_address") => Aim::Attribute("private_ip_address"),
            (_, "image" | "docker_image" | "docker_image_name") => Aim::Image,
            (Some(_), _) => Aim::Attribute("name"),
            (None, _) => Aim::Nothing,
        };
        Self { aim, other: name.starts_with("remote_") }
    }

    /// What an attribute wants that holds the id of a resource of this type, in lower case.
    pub(super) const fn id_of(ty: &'static str) -> Self {
        Self { aim: Aim::Id(Some(ty)), other: false }
    }

    /// The class of text that an attribute holds, where its name tells.
    pub(super) fn class_of(name: &str) -> Option<Hole> {
        if NAMES.contains(&name) {
            return Some(Hole::Segment);
        }
        if name == "login_server" {
            return Some(Hole::Segment);
        }
        let id = name == "id" || name.ends_with("_id") || name.ends_with("_ids");
        (id && !NO_IDS.iter().any(|no| name.ends_with(no))).then_some(Hole::Id)
    }

    /// Whether what is found is only the beginning of the value.
    pub(super) const fn is_beginning(&self) -> bool {
        matches!(self.aim, Aim::Image)
    }

    /// The attribute that is meant where a whole resource is referred to.
    const fn attribute(self) -> Option<&'static str> {
        match self.aim {
            Aim::Id(_) => Some("id"),
            Aim::Attribute(name) => Some(name),
            Aim::Image => Some("login_server"),
            Aim::Nothing => None,
        }
    }
}

/// Where an expression stands.
#[derive(Clone, Debug)]
struct Scope<'t> {
    module: ModulePath,
    /// The key of the instance, or of the module instance for the inputs of a module.
    key: Option<Key>,
    for_each: Option<Node<'t>>,
    /// How many instances there are beside it.
    siblings: usize,
}

/// What a reference may lead to.
#[derive(Clone, Debug)]
struct Candidate {
    value: Value,
    /// The attribute of an instance that it is.
    attribute: Option<String>,
    /// The type in lower case of the resource whose id it is, where that is known.
    ty: Option<String>,
    /// It is known after apply, though the parts that it is made of are known already.
    built: bool,
    /// It is one of those that `for_each` makes, which are a map.
    mapped: bool,
    /// Whether it is the one that a key asks for; nothing where none does.
    keyed: Option<bool>,
    /// It is not referred to by name, but all there is that could be meant.
    inferred: bool,
}

impl Candidate {
    const fn plain(value: Value) -> Self {
        Self { value, attribute: None, ty: None, built: false, mapped: false, keyed: None, inferred: false }
    }
}

/// The keys that an expression may choose by.
#[derive(Clone, Debug, Default)]
struct Hints {
    texts: Vec<String>,
    /// `count.index`, and among how many.
    number: Option<(u64, usize)>,
}

impl<'t> World<'t> {
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
            siblings: self.siblings(&instance.parts),
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
        for node in self.relevant.into_iter().flat_map(Node::items) {
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
    fn candidates(
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

    fn reference(
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
        let module = self.configuration.module(&scope.module);
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
        let inputs = self.configuration.call(&scope.module).and_then(|call| call.get("expressions"));
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
        let declared = self.configuration.module(&scope.module).and_then(|module| module.get("variables")?.get(name));
        let default = declared.and_then(|node| node.get("default"));
        let secret =
            declared.and_then(|node| node.get("sensitive")).is_some_and(|node| node.kind() == Kind::Bool(true));
        if secret {
            return;
        }
        let Some(((_, key), around)) = scope.module.split_last() else {
            let given = self.variables.and_then(|variables| variables.get(name)?.get("value"));
            if let Some(value) = given.or(default) {
                known(value, rest, found);
            }
            return;
        };
        let call = self.configuration.call(&scope.module);
        let input = call.and_then(|call| call.get("expressions")?.get(name));
        match input {
            Some(expression) => {
                let siblings = match scope.module.split_last() {
                    Some(((module, _), around)) => self.of_call(&module_text(around), module).len(),
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
        let instances = self.of_call(&module_text(&scope.module), name);
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
            let outputs = self.configuration.module(path).and_then(|module| module.get("outputs"));
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
        let outputs = self.configuration.module(path).and_then(|module| module.get("outputs"));
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
        let all = self.of_block(&module_text(&scope.module), block);
        let key_of = |at: &usize| self.instances.get(*at).and_then(|instance| instance.parts.key.as_ref());
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
            let built = matches!(path, [Token::Name(name)] if name == "id") && !self.has_id(at);
            let kind = self.instances.get(at).and_then(|instance| super::translate::kind_of(&instance.parts.ty));
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
        let Some(instance) = self.instances.get(at) else { return false };
        let name = instance.values.and_then(|values| values.get("name")?.as_str());
        match &instance.parts.key {
            Some(own) => own.text() == key || name.as_deref() == Some(key),
            None => label == key || name.as_deref() == Some(key),
        }
    }
}

impl Hints {
    /// Whether one of the keys ends the id or name of a candidate; nothing where there is no key.
    fn choose(&self, candidate: &Candidate) -> Option<bool> {
        if self.texts.is_empty() {
            return None;
        }
        let pattern = candidate.value.as_pattern()?;
        let name = ResourceId::new(pattern).name()?;
        let name = name.as_literal()?.to_owned();
        self.texts.iter().any(|text| text.eq_ignore_ascii_case(&name)).then_some(true)
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

fn literal(key: &Key) -> Candidate {
    Candidate::plain(Value::string(key.text(), NOWHERE))
}

/// A place that nobody is shown: what is followed stands where it is used.
const NOWHERE: Origin = Origin::at(crate::source::Span::new(crate::source::FileId(0), 0, 0));

/// What stands in a known value at a path.
fn known(node: Node<'_>, path: &[Token], found: &mut Vec<Candidate>) {
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
