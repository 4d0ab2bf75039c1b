//! From a use of a value to where it is written.
//!
//! In: a block or an expression, and the way inside of its value. Out: [`Landing`]. Must not know: addresses.

use std::rc::Rc;

use crate::input::hcl::{Block, Expression, Form, Member, Object, Step};
use crate::input::terraform::address::{Key, Token};
use crate::json::{Kind, Node};
use crate::source::Span;

use super::choose::{only, same, same_text};
use super::module::Module;

/// References are followed this far.
const STEPS: usize = 48;
/// Functions that give what they are given.
const SAME: [&str; 9] =
    ["toset", "tolist", "tomap", "tostring", "tonumber", "tobool", "sensitive", "nonsensitive", "trimspace"];

/// A module instance.
struct Frame<'w> {
    module: &'w Module,
    caller: Option<(Here<'w>, &'w Block)>,
}

/// Where an expression stands, which decides what its names mean.
#[derive(Clone)]
pub(super) struct Here<'w> {
    frame: Rc<Frame<'w>>,
    /// The block that has instances, and the key of this one.
    block: Option<(&'w Block, Option<Key>)>,
}

impl<'w> Here<'w> {
    pub(super) fn root(module: &'w Module) -> Self {
        Self { frame: Rc::new(Frame { module, caller: None }), block: None }
    }

    pub(super) fn module(&self) -> &'w Module {
        self.frame.module
    }

    /// In a module that a block here calls.
    pub(super) fn inside(&self, module: &'w Module, call: &'w Block, key: Option<Key>) -> Self {
        let caller = Some((self.of_block(call, key), call));
        Self { frame: Rc::new(Frame { module, caller }), block: None }
    }

    /// In a block here.
    pub(super) fn of_block(&self, block: &'w Block, key: Option<Key>) -> Self {
        Self { frame: Rc::clone(&self.frame), block: Some((block, key)) }
    }

    /// In the module, in no block that has instances.
    fn beside(&self) -> Self {
        Self { frame: Rc::clone(&self.frame), block: None }
    }
}

/// Where a way ended.
pub(super) struct Landing<'w> {
    /// The place.
    pub(super) at: Span,
    /// The references that led there.
    pub(super) through: Vec<Span>,
    /// What is written there, if it is the value that was asked for.
    pub(super) value: Option<&'w Expression>,
    /// What its names mean, if that is not where the way began.
    pub(super) here: Option<Here<'w>>,
}

impl Landing<'_> {
    const fn at(at: Span) -> Self {
        Self { at, through: Vec::new(), value: None, here: None }
    }
}

/// Finds what is written for one attribute of a resource.
pub(super) struct Follower<'w, 't> {
    modules: &'w [Module],
    variables: Option<Node<'t>>,
    /// The planned values behind each part of the attribute, the resource's own first.
    planned: Vec<Option<Node<'t>>>,
}

impl<'w, 't> Follower<'w, 't> {
    pub(super) fn new(modules: &'w [Module], plan: Option<Node<'t>>, values: Option<Node<'t>>, path: &[Token]) -> Self {
        let mut planned = vec![values];
        for part in path {
            let around = planned.last().copied().flatten();
            planned.push(around.and_then(|node| behind(node, part)));
        }
        Self { modules, variables: plan.and_then(|plan| plan.get("variables")), planned }
    }

    /// The planned value where so many parts of the attribute are left to go.
    fn planned(&self, left: usize) -> Option<Node<'t>> {
        let at = self.planned.len().checked_sub(left + 1)?;
        self.planned.get(at).copied().flatten()
    }

    /// What a block says of an attribute.
    pub(super) fn in_block(&self, block: &'w Block, path: &[Token], here: &Here<'w>) -> Landing<'w> {
        let head = || Landing::at(block.head);
        let Some((Token::Name(name), rest)) = path.split_first() else { return head() };
        if let Some(attribute) = block.body.attribute(name) {
            return self.land(&attribute.value, rest, here, 0);
        }
        let written: Vec<&Block> = block.body.blocks(name).collect();
        let made = |block: &&Block| block.labels.first().is_some_and(|label| label == name);
        let mut dynamic = block.body.blocks("dynamic").filter(made);
        let dynamic = dynamic.next().map(|first| (first.head, dynamic.next().is_none()));
        let rest = match rest.split_first() {
            Some((Token::Index(_), rest)) => rest,
            Some(_) => rest,
            // All of them begin with the first.
            None => {
                let heads = written.iter().map(|block| block.head).chain(dynamic.map(|(head, _)| head));
                return Landing::at(heads.min_by_key(|head| head.start).unwrap_or(block.head));
            }
        };
        match (written.as_slice(), dynamic) {
            ([], None) => head(),
            ([], Some((only, true))) => Landing::at(only),
            ([only], None) => self.in_block(only, rest, here),
            (several, dynamic) => {
                let value = self.planned(rest.len());
                let agree: Vec<Option<bool>> =
                    several.iter().map(|one| self.body_agrees(&one.body, value?, here, 0)).collect();
                let meant = only(&agree).or_else(|| same_text(several, &agree));
                match (meant.and_then(|at| Some((several.get(at)?, agree.get(at)?))), dynamic) {
                    (Some((one, Some(true))), _) | (Some((one, _)), None) => self.in_block(one, rest, here),
                    // Each of those that are written out says something else.
                    (_, Some((only, true))) if agree.iter().all(|agrees| *agrees == Some(false)) => Landing::at(only),
                    (_, _) => head(),
                }
            }
        }
    }

    /// What an expression says of the value behind a path.
    pub(super) fn land(&self, written: &'w Expression, path: &[Token], here: &Here<'w>, depth: usize) -> Landing<'w> {
        let value = path.is_empty().then_some(written);
        let stay = || Landing { at: written.at, through: Vec::new(), value, here: Some(here.clone()) };
        if depth > STEPS {
            return stay();
        }
        match &written.form {
            Form::Reference(steps) => match self.follow(steps, path, here, depth) {
                Some(mut found) => {
                    found.through.insert(0, written.at);
                    found
                }
                None => stay(),
            },
            Form::Call(name, arguments) => match arguments.as_slice() {
                [only] if SAME.contains(&name.as_str()) => self.land(only, path, here, depth + 1),
                _ => stay(),
            },
            Form::Object(members) => match path.split_first() {
                Some((part, rest)) => match (member(members, part), part) {
                    (Some(member), _) => self.land(&member.value, rest, here, depth + 1),
                    // A single block may be written as an object.
                    (None, Token::Index(Key::Number(0))) => self.land(written, rest, here, depth + 1),
                    (None, _) => stay(),
                },
                None => stay(),
            },
            Form::Array(items) => match path.split_first() {
                Some((Token::Index(key), rest)) => match self.item(items, key, rest.len(), here, depth) {
                    Some(item) => self.land(item, rest, here, depth + 1),
                    None => stay(),
                },
                Some((Token::Name(_), _)) | None => stay(),
            },
            Form::Null | Form::Literal(_) | Form::Template | Form::Other => stay(),
        }
    }

    /// An element of an array. `left`: how many parts of the path are left behind it.
    fn item(
        &self,
        items: &'w [Expression],
        key: &Key,
        left: usize,
        here: &Here<'w>,
        depth: usize,
    ) -> Option<&'w Expression> {
        let number = match key {
            Key::Number(number) => usize::try_from(*number).ok()?,
            // A set has its elements for keys.
            Key::Text(text) => return items.iter().find(|item| item.literal() == Some(text)),
        };
        // An index that a reference writes is that of a list.
        if left + 1 >= self.planned.len() {
            return items.get(number);
        }
        if let ([only], Some(list)) = (items, self.planned(left + 1))
            && list.len() == 1
        {
            return Some(only);
        }
        let value = self.planned(left)?;
        let agree: Vec<Option<bool>> = items.iter().map(|item| self.agrees(item, value, here, depth)).collect();
        let scalar = !matches!(value.kind(), Kind::Object | Kind::Array);
        // The same text twice is possible in a list only, whose elements have their numbers.
        let numbered = agree.get(number).copied().flatten() == Some(true) && scalar;
        items.get(if numbered { number } else { only(&agree)? })
    }

    /// Where a reference leads.
    fn follow(&self, steps: &'w [Step], path: &[Token], here: &Here<'w>, depth: usize) -> Option<Landing<'w>> {
        let name = |at: usize| match steps.get(at) {
            Some(Step::Name(name)) => Some(name.as_str()),
            Some(Step::Index(_) | Step::All) | None => None,
        };
        let behind = |at: usize| {
            let mut way = self.way(steps.get(at..)?, here, depth)?;
            way.extend_from_slice(path);
            Some(way)
        };
        let module = here.module();
        match name(0)? {
            "local" => {
                let value = module.locals.get(name(1)?)?;
                Some(self.land(value, &behind(2)?, &here.beside(), depth + 1))
            }
            "var" => self.variable(name(1)?, &behind(2)?, here, depth),
            "each" => {
                let (block, key) = here.block.as_ref()?;
                let each = &block.body.attribute("for_each")?.value;
                let key = key.clone()?;
                match name(1)? {
                    "value" => {
                        let mut way = vec![Token::Index(key)];
                        way.extend(behind(2)?);
                        Some(self.land(each, &way, &here.beside(), depth + 1))
                    }
                    "key" if steps.len() == 2 => {
                        let all = self.land(each, &[], &here.beside(), depth + 1);
                        let (at, value) = match &all.value?.form {
                            Form::Object(members) => (member(members, &Token::Index(key))?.name_at, None),
                            Form::Array(items) => {
                                let item = items.iter().find(|item| item.literal() == Some(&*key.text()))?;
                                (item.at, Some(item))
                            }
                            _ => return None,
                        };
                        Some(Landing { at, through: all.through, value, here: None })
                    }
                    _ => None,
                }
            }
            "module" => {
                let call = module.calls.get(name(1)?)?;
                let inner = self.modules.get(call.target?)?;
                let (key, at) = match steps.get(2)? {
                    Step::Index(index) => (Some(self.key(index, here, depth)?), 3),
                    Step::Name(_) | Step::All => (None, 2),
                };
                let output = &inner.outputs.get(name(at)?)?.body.attribute("value")?.value;
                let inside = here.inside(inner, &call.block, key);
                Some(self.land(output, &behind(at + 1)?, &inside, depth + 1))
            }
            _ => None,
        }
    }

    /// What a variable was given: by the call of its module, by a file, or by its default.
    fn variable(&self, name: &str, path: &[Token], here: &Here<'w>, depth: usize) -> Option<Landing<'w>> {
        let module = here.module();
        let default = || Some(&module.variables.get(name)?.body.attribute("default")?.value);
        if let Some((caller, call)) = &here.frame.caller {
            return Some(match call.body.attribute(name) {
                Some(given) => self.land(&given.value, path, caller, depth + 1),
                None => self.land(default()?, path, &here.beside(), depth + 1),
            });
        }
        let value = module.given.get(name).or_else(default)?;
        let found = self.land(value, path, &here.beside(), depth + 1);
        // The command line or the environment may have given another value than the files do.
        let had = self.variables.and_then(|variables| variables.get(name)?.get("value"));
        let had = path.iter().try_fold(had?, |node, part| behind(node, part));
        match (found.value.and_then(Expression::literal), had) {
            (Some(text), Some(had)) if !same(text, had) => None,
            _ => Some(found),
        }
    }

    /// The rest of a reference as a path; nothing where an index is not known.
    fn way(&self, steps: &'w [Step], here: &Here<'w>, depth: usize) -> Option<Vec<Token>> {
        let part = |step: &'w Step| match step {
            Step::Name(name) => Some(Token::Name(name.clone())),
            Step::Index(index) => self.key(index, here, depth).map(Token::Index),
            Step::All => None,
        };
        steps.iter().map(part).collect()
    }

    fn key(&self, index: &'w Expression, here: &Here<'w>, depth: usize) -> Option<Key> {
        if let Form::Reference(steps) = &index.form
            && let [Step::Name(root), Step::Name(name)] = steps.as_slice()
            && matches!((root.as_str(), name.as_str()), ("each", "key") | ("count", "index"))
        {
            return here.block.as_ref()?.1.clone();
        }
        let text = self.land(index, &[], here, depth + 1).value?.literal()?;
        Some(text.parse().map_or_else(|_| Key::Text(text.to_owned()), Key::Number))
    }
}

/// A member of an object by a part of a path.
fn member<'w>(object: &'w Object, part: &Token) -> Option<&'w Member> {
    match part {
        Token::Name(name) => object.get(name),
        Token::Index(key) => object.get(&key.text()),
    }
}

/// The value behind a part of a path.
fn behind<'t>(node: Node<'t>, part: &Token) -> Option<Node<'t>> {
    match part {
        Token::Name(name) => node.get(name),
        Token::Index(Key::Number(number)) if node.kind() == Kind::Array => node.item(usize::try_from(*number).ok()?),
        Token::Index(key) => node.get(&key.text()),
    }
}
