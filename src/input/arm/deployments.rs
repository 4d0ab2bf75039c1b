//! Nested deployments, and what a template can say of its own resources (`reference`, module outputs).
//!
//! In: a deployment resource and the environment it stands in. Out: its [`Frame`]; the outputs it will have.
//! Must not know: what the resources inside mean.

use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::json::{Kind, Node};
use crate::resource::ResourceId;
use crate::source::Span;
use crate::value::{Data, Hole, Key, Object, Origin, Pattern, Reason, StepKind, Symbol, Truth, Type, Unknown, Value};

use super::bodies::{Rounds, rounds};
use super::context::Target;
use super::frame::{Env, Frame, Loop, Memo, Region, Supplied};
use super::links::Linked;
use super::networks::NETWORKS;
use super::resources::{DEPLOYMENTS, is_type};
use super::{Expander, NESTING, declared, ids, links, members, shape};

/// The type of resource groups.
const GROUPS: &str = "Microsoft.Resources/resourceGroups";
/// How deep modules are searched for the declaration of a resource group.
const GROUP_DEPTH: usize = 3;

impl<'t> Expander<'t> {
    /// The frame of a nested deployment, the same one each time. `None` where its template is not in the text.
    pub(super) fn enter(
        &self,
        env: &Rc<Env<'t>>,
        node: Node<'t>,
        name: &Value,
        exists: Truth,
        repeated: bool,
    ) -> Option<Rc<Frame<'t>>> {
        let key = (node.index(), env.indexes());
        if let Some(frame) = env.frame.nested.borrow().get(&key) {
            return Some(Rc::clone(frame));
        }
        let properties = node.get_ci("properties")?;
        let written = properties.get_ci("template").filter(|template| template.kind() == Kind::Object);
        let template = match written {
            Some(template) => template,
            None => self.enter_file(env, node)?,
        };
        // A template of its own file sees nothing of the one that links to it.
        let inner = written.is_none()
            || properties
                .get_ci("expressionEvaluationOptions")
                .and_then(|options| options.get_ci("scope"))
                .and_then(Node::as_str)
                .is_some_and(|scope| scope.eq_ignore_ascii_case("inner"));
        let mut supplied = HashMap::new();
        for member in members(properties.get_ci("parameters")) {
            let Some(parameter) = member.key.as_str() else { continue };
            let given = if let Some(node) = member.value.get_ci("value") {
                Supplied::Node { node, env: Rc::clone(env) }
            } else if member.value.kind() == Kind::String || member.value.get_ci("copy").is_some() {
                Supplied::Wrapped { node: member.value, env: Rc::clone(env) }
            } else if member.value.get_ci("reference").is_some() {
                let symbol = Symbol::new(format!("parameters('{parameter}')"), Arc::clone(&env.frame.instance));
                let secret = Unknown::new(Reason::Secret, symbol);
                Supplied::Value(Value::unknown(secret, Origin::at(member.value.span())))
            } else {
                continue;
            };
            supplied.insert(parameter.to_ascii_lowercase(), given);
        }
        let label = name.as_name().map_or_else(|| "?".to_owned(), |pattern| pattern.key());
        let frame = Rc::new(Frame {
            template,
            supplied,
            target: self.deployment_target(env, node, template),
            name: name.clone(),
            context: Rc::clone(&env.frame.context),
            instance: format!("{}/{label}", env.frame.instance).into(),
            root: Arc::clone(&env.frame.root),
            depth: env.frame.depth + 1,
            at: node.get_ci("name").map_or(node.span(), Node::span),
            // Inside a template of outer scope everything is worked out in the same outer place.
            outer: if inner && env.frame.outer.is_none() { None } else { Some(Rc::clone(env)) },
            parent: Some(Rc::clone(env)),
            exists,
            repeated,
            parameters: std::cell::RefCell::default(),
            variables: std::cell::RefCell::default(),
            nested: std::cell::RefCell::default(),
            group_location: std::cell::RefCell::default(),
            outputs: std::cell::RefCell::default(),
            deployments: std::cell::RefCell::default(),
        });
        env.frame.nested.borrow_mut().insert(key, Rc::clone(&frame));
        Some(frame)
    }

    /// What the link of a deployment leads to, if that was looked for.
    pub(super) fn link(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Option<&'t Linked<'t>> {
        let path = self.value(env, links::relative_path(node)?);
        self.links?.get(node.span().file, path.as_str()?)
    }

    /// The template of another file to which a deployment links.
    pub(super) fn linked(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Option<Node<'t>> {
        match self.link(env, node)? {
            Linked::Template(template) => Some(*template),
            Linked::Broken { .. } => None,
        }
    }

    /// The template of another file, looked at as a whole; nothing where it is already being deployed around this.
    fn enter_file(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Option<Node<'t>> {
        let template = self.linked(env, node)?;
        let mut around = Some(Rc::clone(env));
        while let Some(env) = around.clone() {
            if env.frame.template.span().file == template.span().file && env.frame.template.index() == template.index()
            {
                let at = links::relative_path(node).map_or(node.span(), Node::span);
                let message = "the template links to a template that is deploying it";
                self.complain(
                    Problem::error("linked-template-loop", at, message)
                        .with_help("take the deployment out of one of the two files"),
                );
                return None;
            }
            around.clone_from(&env.frame.parent);
        }
        self.problems.borrow_mut().extend(shape::problems(template));
        Some(template)
    }

    /// Where a nested deployment goes: `resourceGroup`, `subscriptionId`, `scope`, or the same place as its parent.
    fn deployment_target(&self, env: &Rc<Env<'t>>, node: Node<'t>, template: Node<'t>) -> Target {
        let given = |name: &str| node.get_ci(name).map(|node| self.value(env, node)).and_then(|value| value.as_name());
        let home = &env.frame.target;
        if let Some(scope) = given("scope") {
            let text = scope.to_lowercase().to_string();
            if text.starts_with("microsoft.management/managementgroups/") {
                let mut id = Pattern::literal("/providers/");
                id.push(&ids::refine(&scope));
                return Target::of_id(&id);
            }
            return if text == "/" { Target::Tenant } else { Target::of_id(&ids::refine(&scope)) };
        }
        let subscription = given("subscriptionId").map(|pattern| ids::refine(&pattern));
        let subscription =
            subscription.filter(|pattern| pattern.as_literal() != Some("")).or_else(|| home.subscription());
        if let (Some(group), Some(subscription)) = (given("resourceGroup"), &subscription)
            && group.as_literal() != Some("")
        {
            return Target::ResourceGroup { subscription: subscription.clone(), group: ids::refine(&group) };
        }
        let schema = template.get_ci("$schema").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
        match (node.get_ci("subscriptionId"), subscription) {
            (Some(_), Some(subscription)) => Target::Subscription { subscription },
            (None, Some(subscription)) if schema.contains("/subscriptiondeploymenttemplate.json") => {
                Target::Subscription { subscription }
            }
            (Some(_) | None, _) => home.clone(),
        }
    }

    /// `reference(…)` of what the template itself determines: the outputs of its nested deployments.
    ///
    /// Everything else is an unknown whose symbol is the resource's id, so that two references to one resource, by
    /// symbolic name or by id, are the same value.
    pub(super) fn reference(&self, env: &Rc<Env<'t>>, args: &[Value], at: Span) -> Option<Result<Value, String>> {
        let first = args.first()?;
        let full = args.get(2).and_then(Value::as_str).is_some_and(|mode| mode.eq_ignore_ascii_case("Full"));
        let env = evaluating(env);
        if let Some(found) = self.find(&env, first) {
            let node = found.node;
            if is_type(node, DEPLOYMENTS)
                && let Some(name) = node.get_ci("name").map(|name| self.value(&found.env, name))
                && found.env.frame.depth < NESTING
                && let Some(frame) = self.enter(&found.env, node, &name, found.exists, found.repeated)
            {
                let outputs = self.nested_outputs(&frame, at);
                let mut properties = Object::new();
                properties.push(Key { name: "outputs".into(), at }, outputs);
                properties.open = Some(runtime(&format!("reference('{}')", found.id.key())));
                let properties = Value::object(properties, Origin::at(at));
                return Some(Ok(if full { wrap("properties", properties, found.id.key(), at) } else { properties }));
            }
            let unknown = runtime(&format!("reference('{}')", found.id.key()));
            let network = self.network(&env, &found, &unknown, at);
            let properties = network.unwrap_or_else(|| Value::new(Data::Unknown(unknown), Origin::at(at)));
            return Some(Ok(referenced(properties, full, &found.id, at)));
        }
        let pattern = first.as_name()?;
        if first.secret || pattern.parts().is_empty() {
            return None;
        }
        let id = ResourceId::new(pattern);
        let unknown = runtime(&format!("reference('{}')", id.key()));
        let properties = Value::new(Data::Unknown(unknown), Origin::at(at));
        Some(Ok(referenced(properties, full, &id, at)))
    }

    /// `resourceInfo('symbol')`: what is known of a resource without asking Azure.
    pub(super) fn resource_info(&self, env: &Rc<Env<'t>>, args: &[Value], at: Span) -> Option<Result<Value, String>> {
        let found = self.find(&evaluating(env), args.first()?)?;
        let mut object = Object::new();
        let key = |name: &str| Key { name: name.into(), at };
        object.push(key("id"), Value::new(found.id.pattern().clone().into_data(), Origin::at(at)));
        if let Some(name) = found.node.get_ci("name") {
            object.push(key("name"), self.value(&found.env, name));
        }
        if let Some(ty) = found.node.get_ci("type") {
            object.push(key("type"), self.value(&found.env, ty));
        }
        object.open = Some(runtime(&format!("resourceInfo('{}')", found.id.key())));
        Some(Ok(Value::object(object, Origin::at(at))))
    }

    /// The outputs of a nested deployment as `reference` gives them: `{name: {type, value}}`.
    ///
    /// What the deployment computes for an output (the id of its network) is no place to edit: the use of it is.
    fn nested_outputs(&self, frame: &Rc<Frame<'t>>, at: Span) -> Value {
        let Some(known) = self.memo_of_outputs(frame) else {
            let unknown = runtime(&format!("outputs of {}", frame.instance));
            return Value::new(Data::Unknown(unknown), Origin::at(at));
        };
        let mut outputs = Object::new();
        for member in members(frame.template.get_ci("outputs")) {
            let Some(name) = member.key.as_str() else { continue };
            let Some(value) = known.as_object().and_then(|known| known.get(&name)).cloned() else { continue };
            let label: Arc<str> = format!("outputs.{name}").into();
            let written = member.value.get_ci("value").filter(|node| node.as_str().is_some_and(|s| s.starts_with('[')));
            let computed = written.is_some_and(|node| node.span() == value.origin.at);
            let mut origin = self.trails.borrow_mut().through(value.origin, StepKind::Reference(label), at);
            if computed {
                origin.at = at;
            }
            let mut output = Object::new();
            if let Some(ty) = member.value.get_ci("type") {
                output.push(Key { name: "type".into(), at: ty.span() }, self.value(&Env::of(frame), ty));
            }
            output.push(Key { name: "value".into(), at: member.value.span() }, Value { origin, ..value });
            let key = Key { name: name.as_ref().into(), at: member.key.span() };
            outputs.push(key, Value::object(output, Origin::at(member.value.span())));
        }
        Value::object(outputs, Origin::at(at))
    }

    /// `{name: value}` of the outputs of a nested deployment; `None` while they are worked out.
    fn memo_of_outputs(&self, frame: &Rc<Frame<'t>>) -> Option<Value> {
        let known = frame.outputs.borrow().clone();
        match known {
            Some(Memo::Done(value, _)) => return Some(value),
            Some(Memo::Busy) => return None,
            None => {}
        }
        *frame.outputs.borrow_mut() = Some(Memo::Busy);
        let env = Env::of(frame);
        let mut outputs = Object::new();
        for member in members(frame.template.get_ci("outputs")) {
            let Some(name) = member.key.as_str() else { continue };
            let Some(value) = self.in_doubt(true, || self.output(&env, member.value)) else { continue };
            outputs.push(Key { name: name.as_ref().into(), at: member.key.span() }, value);
        }
        let value = Value::object(outputs, Origin::at(frame.template.span()));
        *frame.outputs.borrow_mut() = Some(Memo::Done(value.clone(), Rc::default()));
        Some(value)
    }

    /// The resource of this template that a symbolic name (`registry`, `registries[0]`) or an id means.
    fn find(&self, env: &Rc<Env<'t>>, what: &Value) -> Option<Found<'t>> {
        if env.frame.symbolic()
            && let Some(text) = what.as_str()
            && !text.contains('/')
        {
            let (symbol, index) = match text.split_once('[') {
                Some((symbol, index)) => (symbol, index.trim_end_matches(']').parse::<i64>().ok()),
                None => (text, None),
            };
            let (_, node) = declared(env.frame.template)
                .into_iter()
                .find(|(name, _)| name.and_then(Node::as_str).is_some_and(|name| name.eq_ignore_ascii_case(symbol)))?;
            return self.found(env, node, index.map(|index| Value::new(Data::Int(index), what.origin)));
        }
        if let Data::Pattern(pattern) = &what.data
            && env.frame.symbolic()
            && let [crate::value::Part::Literal(head), crate::value::Part::Hole(index), ..] = pattern.parts()
            && let Some(symbol) = head.strip_suffix('[')
        {
            let (_, node) = declared(env.frame.template)
                .into_iter()
                .find(|(name, _)| name.and_then(Node::as_str).is_some_and(|name| name.eq_ignore_ascii_case(symbol)))?;
            return self.found(env, node, Some(Value::new(Data::Unknown(Arc::clone(index)), what.origin)));
        }
        if let Some(text) = what.as_str().filter(|text| !text.contains('/')) {
            return self.named(env, text);
        }
        let id = ResourceId::new(what.as_name()?);
        let wanted = id.ty()?;
        if wanted.eq_ignore_ascii_case(NETWORKS) {
            return self.all_of(env, NETWORKS).into_iter().find(|found| found.id.same(&id) == Truth::True);
        }
        if !wanted.eq_ignore_ascii_case(DEPLOYMENTS) {
            return None; // nothing of it is known: its id is its own symbol
        }
        let known = env.frame.deployments.borrow().clone();
        let all = known.unwrap_or_else(|| {
            let all = Rc::new(self.all_of(env, DEPLOYMENTS));
            *env.frame.deployments.borrow_mut() = Some(Rc::clone(&all));
            all
        });
        all.iter().find(|found| found.id.same(&id) == Truth::True).cloned()
    }

    /// The only resource of the template that has a name. Azure looks for names where the template has no symbols.
    fn named(&self, env: &Rc<Env<'t>>, name: &str) -> Option<Found<'t>> {
        let named = |node: &Node<'t>| {
            let written = node.get_ci("name").filter(|_| node.get_ci("copy").is_none())?;
            let value = self.in_doubt(true, || self.value(&Env::of(&env.frame), written));
            value.as_str().filter(|value| value.eq_ignore_ascii_case(name)).map(|_| ())
        };
        let mut all =
            declared(env.frame.template).into_iter().map(|(_, node)| node).filter(|node| named(node).is_some());
        let only = all.next().filter(|_| all.next().is_none())?;
        self.found(env, only, None)
    }

    /// The region of the resource group that a deployment goes to, where a template around it declares the group.
    pub(super) fn declared_location(&self, frame: &Rc<Frame<'t>>) -> Option<Value> {
        let known = frame.group_location.borrow().clone();
        match known {
            Region::Unasked => {}
            Region::Undeclared => return None,
            Region::Declared(location) => return Some(location),
        }
        frame.group_location.replace(Region::Undeclared); // what asks for itself finds nothing
        let wanted = ResourceId::new(frame.target.id());
        let mut above = frame.parent.clone();
        let mut location = None;
        while let Some(env) = above {
            location = self.group_within(&Env::of(&env.frame), &wanted, 0);
            above = if location.is_none() { env.frame.parent.clone() } else { None };
        }
        if let Some(location) = &location {
            frame.group_location.replace(Region::Declared(location.clone()));
        }
        location
    }

    /// The region of a resource group that a template, or a deployment in it that goes to a subscription, declares.
    fn group_within(&self, env: &Rc<Env<'t>>, wanted: &ResourceId, depth: usize) -> Option<Value> {
        let certain = |found: &Found<'t>| found.exists == Truth::True;
        let groups = self.all_of(env, GROUPS);
        let same = |found: &Found<'t>| certain(found) && found.id.same(wanted) == Truth::True;
        if let Some(found) = groups.into_iter().find(same) {
            let location = found.node.get_ci("location")?;
            return Some(self.in_doubt(true, || self.value(&found.env, location)));
        }
        if depth >= GROUP_DEPTH || !matches!(env.frame.target, Target::Subscription { .. }) {
            return None;
        }
        self.all_of(env, DEPLOYMENTS).into_iter().filter(certain).find_map(|found| {
            let name = found.node.get_ci("name").map(|name| self.value(&found.env, name))?;
            let inner = self.enter(&found.env, found.node, &name, found.exists, found.repeated)?;
            matches!(inner.target, Target::Subscription { .. })
                .then(|| self.group_within(&Env::of(&inner), wanted, depth + 1))?
        })
    }

    /// Every resource of one type at the top of a frame's template, loops of known count unrolled.
    fn all_of(&self, env: &Rc<Env<'t>>, ty: &str) -> Vec<Found<'t>> {
        let mut found = Vec::new();
        for (_, node) in declared(env.frame.template) {
            if !is_type(node, ty) {
                continue;
            }
            let copy = node.get_ci("copy").filter(|copy| copy.kind() == Kind::Object);
            let count = copy.map(|copy| rounds(self, env, copy, "copy"));
            match count {
                None => found.extend(self.found(env, node, None)),
                Some(Rounds::Known(count)) => {
                    let origin = Origin::at(node.span());
                    found.extend(
                        (0..count).filter_map(|i| self.found(env, node, Some(Value::new(Data::Int(i), origin)))),
                    );
                }
                Some(Rounds::Unknown(_)) => {}
            }
        }
        found
    }

    fn found(&self, env: &Rc<Env<'t>>, node: Node<'t>, index: Option<Value>) -> Option<Found<'t>> {
        let copy = node.get_ci("copy").filter(|copy| copy.kind() == Kind::Object);
        let inside = match (copy, index) {
            (Some(copy), Some(index)) => {
                let name = copy.get_ci("name").map(|name| self.value(&Env::of(&env.frame), name));
                let name: Arc<str> = name.as_ref().and_then(Value::as_str).unwrap_or("copy").into();
                Env::of(&env.frame).within(Loop { name, index, unnamed: true })
            }
            (Some(_), None) => return None, // a whole loop is a list, not one resource
            (None, _) => Env::of(&env.frame),
        };
        let repeated = inside.loops.iter().any(|round| !matches!(round.index.data, Data::Int(_)));
        let condition = node.get_ci("condition").map(|node| self.in_doubt(true, || self.value(&inside, node)));
        let exists = match condition.map(|value| value.data) {
            None | Some(Data::Bool(true)) if !repeated => Truth::True,
            Some(Data::Bool(false)) => Truth::False,
            Some(_) | None => Truth::Unknown,
        };
        let id = self.in_doubt(true, || self.declared_id(&inside, node))?;
        Some(Found { node, env: inside, id, exists: exists.and(env.frame.exists), repeated })
    }

    /// The id of a resource that stands at the top level of a template.
    fn declared_id(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Option<ResourceId> {
        let ty = node.get_ci("type").map(|ty| self.value(env, ty))?;
        let name = node.get_ci("name").map(|name| self.value(env, name))?.as_name()?;
        let ty = ty.as_str()?.to_owned();
        let levels = ty.matches('/').count();
        let names = ids::segments(&name, levels).unwrap_or_else(|| vec![name]);
        let place = if is_type(node, DEPLOYMENTS) {
            let template = node.get_ci("properties").and_then(|p| p.get_ci("template"));
            let template = template.or_else(|| self.linked(env, node)).unwrap_or(node);
            self.deployment_target(env, node, template)
        } else {
            self.resource_target(env, node)
        };
        Some(ids::resource_id(&place.id(), &ty, &names))
    }
}

/// A resource of a template that was looked for.
#[derive(Clone)]
pub(super) struct Found<'t> {
    pub(super) node: Node<'t>,
    pub(super) env: Rc<Env<'t>>,
    pub(super) id: ResourceId,
    exists: Truth,
    repeated: bool,
}

/// The environment whose resources an expression sees: the outer one for templates of outer scope.
fn evaluating<'t>(env: &Rc<Env<'t>>) -> Rc<Env<'t>> {
    env.frame.outer.as_ref().map_or_else(|| Rc::clone(env), evaluating)
}

fn runtime(symbol: &str) -> Arc<Unknown> {
    Arc::new(Unknown {
        hole: Hole::Any,
        ..Unknown::new(Reason::RuntimeFunction, Symbol::new(symbol, "")).typed(Type::Object)
    })
}

/// `{"properties": …}` with the rest unknown, as a full reference gives it.
fn wrap(name: &str, value: Value, id: &str, at: Span) -> Value {
    let mut object = Object::new();
    object.push(Key { name: name.into(), at }, value);
    object.open = Some(runtime(&format!("reference('{id}', 'Full')")));
    Value::object(object, Origin::at(at))
}

fn referenced(properties: Value, full: bool, id: &ResourceId, at: Span) -> Value {
    if !full {
        return properties;
    }
    let mut object = Object::new();
    let key = |name: &str| Key { name: name.into(), at };
    object.push(key("properties"), properties);
    object.push(key("id"), Value::new(id.pattern().clone().into_data(), Origin::at(at)));
    object.open = Some(runtime(&format!("reference('{}', 'Full')", id.key())));
    Value::object(object, Origin::at(at))
}
