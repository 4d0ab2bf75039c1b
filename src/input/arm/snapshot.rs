//! Bicep snapshots: the resources that `bicep snapshot` predicts.
//!
//! In: the tree of a snapshot. Out: [`Loaded`], the same as of the template that was predicted. Must not know: rules, or
//! what any resource type means.
//!
//! The engine has worked out everything that can be known offline, and left the rest as expressions, which are
//! evaluated here like those of a template. What a snapshot does not tell is the deployment that an expression belongs
//! to: a parameter is the same unknown within one resource only, and so is the resource group of the deployment where
//! the resources go to several.

use std::collections::BTreeSet;
use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::expr::ast::{AccessKind, Call, Kind as Shape};
use crate::expr::{self, Expr};
use crate::json::{Kind, Node, Tree};
use crate::resource::{ResourceId, TypeName};
use crate::source::Span;
use crate::value::{Key, Origin, Part, Pattern, Reason, Symbol, Truth, Type, Unknown, Value};

use super::context::{Context, Level, Target};
use super::frame::{Env, Frame};
use super::resources::{Declared, Recorded, truth_of};
use super::{Assignment, Expander, Loaded, RESOURCES, Wanted, bodies, ids, members};

/// Reads the resources that a snapshot predicts.
pub fn snapshot(
    tree: &Tree<'_>,
    assignment: &Assignment,
    context: &Context,
    instance: &str,
    arena: u32,
    wanted: Wanted<'_>,
) -> Loaded {
    let Some(root) = tree.root() else { return Loaded::default() };
    let mut expander = Expander::new(arena, wanted, None);
    expander.left = Some(Left::of(root));
    // Default values are worked out where they are used, so their functions may stand anywhere.
    expander.in_default.set(true);
    expander.check_needless(assignment);
    let deployments = Deployments::of(root, context, instance);
    if let Some(predicted) = root.get_ci("predictedResources") {
        expander.expect(predicted, "\"predictedResources\"", Kind::Array);
        for (number, node) in predicted.items().enumerate() {
            if number >= RESOURCES {
                let message = format!("the snapshot predicts more than {RESOURCES} resources; the rest was not read");
                expander.complain(Problem::error("too-many-resources", node.head(), message));
                break;
            }
            if expander.expect(node, "an entry of \"predictedResources\"", Kind::Object) {
                expander.predicted(&deployments.around(number, Some(node)), node);
            }
        }
    }
    let outputs = expander.predicted_outputs(&deployments, root);
    expander.repeat_diagnostics(root);
    expander.loaded(outputs)
}

/// The names that a snapshot leaves in its expressions, and nobody declares.
pub(super) struct Left {
    /// Parameters, in lower case, that the engine asked for and did not show: the secure ones.
    secret: BTreeSet<String>,
}

impl Left {
    fn of(root: Node<'_>) -> Self {
        let mut secret = BTreeSet::new();
        for part in ["predictedResources", "outputs"] {
            root.get_ci(part).into_iter().for_each(|node| asked_for(node, &mut secret));
        }
        Self { secret }
    }

    /// `parameters('name')`, `variables('name')`, `copyIndex('name')` or a call of a user function.
    pub(super) fn unknown(&self, frame: &Frame<'_>, function: &str, name: &str, at: Span) -> Value {
        let secret = function == "parameters" && self.secret.contains(&name.to_ascii_lowercase());
        let reason = if secret { Reason::Secret } else { Reason::NotInInput };
        let symbol = Symbol::new(format!("{function}('{name}')"), Arc::clone(&frame.instance));
        let mut unknown = Unknown::new(reason, symbol);
        unknown.ty = (function == "copyIndex").then_some(Type::Number);
        Value::unknown(unknown, Origin::at(at))
    }
}

/// Collects the parameters in expressions of which the engine knows that they are evaluated. The branches of an `if`
/// whose condition it does not know it leaves untouched.
fn asked_for(node: Node<'_>, names: &mut BTreeSet<String>) {
    match node.kind() {
        Kind::Object => node.members().for_each(|member| asked_for(member.value, names)),
        Kind::Array => node.items().for_each(|item| asked_for(item, names)),
        Kind::String => {
            let text = node.as_str().unwrap_or_default();
            if expr::is_expression(&text)
                && text.contains("parameters(")
                && let Ok(expression) = expr::parse(&text)
            {
                evaluated(&expression, names);
            }
        }
        Kind::Null | Kind::Bool(_) | Kind::Number => {}
    }
}

fn evaluated(expression: &Expr, names: &mut BTreeSet<String>) {
    match &expression.kind {
        Shape::String(_) | Shape::Int(_) => {}
        Shape::Call(call) => {
            if let (true, Some(name)) = (call.is("parameters"), call.args.first().and_then(Expr::as_string)) {
                names.insert(name.to_ascii_lowercase());
            }
            let certain = if call.is("if") { 1 } else { call.args.len() };
            call.args.iter().take(certain).for_each(|arg| evaluated(arg, names));
        }
        Shape::Access(base, path) => {
            evaluated(base, names);
            for access in path {
                match &access.kind {
                    AccessKind::Property(_) => {}
                    AccessKind::Index(index) => evaluated(index, names),
                }
            }
        }
    }
}

/// The deployments that the resources of a snapshot belong to, as far as that can be told.
struct Deployments<'t, 'c> {
    root: Node<'t>,
    context: &'c Context,
    instance: &'c str,
    /// The subscription and the resource group that all resources of resource groups go to.
    only: Option<Home>,
}

/// The subscription and the name of a resource group, as written.
type Home = (String, String);

impl<'t, 'c> Deployments<'t, 'c> {
    fn of(root: Node<'t>, context: &'c Context, instance: &'c str) -> Self {
        let entries = root.get_ci("predictedResources").into_iter().flat_map(Node::items);
        let targets: Vec<Option<Target>> = entries.filter(|node| node.get_ci("id").is_some()).map(goes_to).collect();
        let mut homes = targets.iter().flatten().filter_map(home);
        let first = homes.next();
        let same = |(subscription, group): Home| {
            first.as_ref().is_some_and(|first| {
                first.0.eq_ignore_ascii_case(&subscription) && first.1.eq_ignore_ascii_case(&group)
            })
        };
        let told = targets.iter().all(Option::is_some) && homes.all(same);
        Self { root, context, instance, only: first.filter(|_| told) }
    }

    /// The environment of one resource, or of the outputs.
    fn around(&self, number: usize, node: Option<Node<'t>>) -> Rc<Env<'t>> {
        let own = || node.and_then(goes_to).as_ref().and_then(home);
        let home = self.only.clone().or_else(own);
        let (subscription, group) = home.unzip();
        let scope = format!("{}#{number}", self.instance);
        let shared = self.only.is_some() || node.is_none();
        let context = Context {
            level: Some(Level::ResourceGroup),
            subscription: subscription.or_else(|| self.context.subscription.clone()),
            resource_group: group.or_else(|| self.context.resource_group.clone().filter(|_| shared)),
            group_location: self.context.group_location.clone().filter(|_| shared),
            ..self.context.clone()
        };
        let root = if shared { self.instance } else { &scope };
        let mut frame = Frame::root(self.root, &Assignment::new(), &context, root);
        if let (Some(own), Some(_)) = (Rc::get_mut(&mut frame), node) {
            own.instance = scope.as_str().into();
        }
        Env::of(&frame)
    }
}

/// Where a resource goes, by the look of its id.
fn goes_to(node: Node<'_>) -> Option<Target> {
    let id = node.get_ci("id").and_then(Node::as_str)?;
    if !expr::is_expression(&id) {
        return Some(around(&id));
    }
    let expression = expr::parse(&id).ok()?;
    let call = expression.as_call()?;
    let literals: Vec<&str> = call.args.iter().map_while(Expr::as_string).collect();
    match literals.as_slice() {
        [base, ..] if call.is("extensionResourceId") => Some(around(base)),
        [subscription, group, kind, ..] if call.is("resourceId") && kind.contains('/') => {
            Some(Target::ResourceGroup { subscription: Pattern::literal(subscription), group: Pattern::literal(group) })
        }
        [subscription, ..] if call.is("subscriptionResourceId") => {
            Some(Target::Subscription { subscription: Pattern::literal(subscription) })
        }
        [_, ..] if call.is("tenantResourceId") || call.is("managementGroupResourceId") => Some(Target::Tenant),
        _ => None,
    }
}

/// The place that the resource of an id is in.
fn around(id: &str) -> Target {
    let place = id.split_once("/providers/").map_or(id, |(place, _)| place);
    Target::of_id(&Pattern::literal(place))
}

fn home(target: &Target) -> Option<Home> {
    match target {
        Target::ResourceGroup { subscription, group } => {
            Some((subscription.as_literal()?.to_owned(), group.as_literal()?.to_owned()))
        }
        Target::Subscription { .. } | Target::ManagementGroup { .. } | Target::Tenant | Target::Id(_) => None,
    }
}

impl<'t> Expander<'t> {
    /// Complains about an entry that is not of the right kind.
    fn expect(&self, node: Node<'t>, what: &str, wanted: Kind) -> bool {
        let fits = node.kind() == wanted;
        if !fits {
            let message = format!("{what} must be {}, not {}", wanted.words(), node.kind().words());
            self.complain(Problem::error("snapshot-entry", node.head(), message));
        }
        fits
    }

    /// Nothing is left to be given values.
    fn check_needless(&self, assignment: &Assignment) {
        for assigned in assignment.iter() {
            self.hide_value(&assigned.value);
            let message = format!("a snapshot takes no value for '{}': its parameters are worked out", assigned.name);
            self.complain(
                Problem::error("parameter-not-declared", assigned.at, message)
                    .with_help("leave the value out, or name the template that the snapshot was made of"),
            );
        }
    }

    fn predicted(&self, env: &Rc<Env<'t>>, node: Node<'t>) {
        let (id, name) = (node.get_ci("id"), node.get_ci("name"));
        let Some(ty) = node.get_ci("type") else {
            let message = "the predicted resource has no type";
            return self.complain(Problem::error("resource-without-type", node.head(), message));
        };
        if !self.expect(ty, "\"type\" of a predicted resource", Kind::String) {
            return;
        }
        let (id, name) = match (id, name) {
            (Some(id), Some(name)) => (id, name),
            // A resource of an extension such as Kubernetes, not of Azure.
            (None, None) => return,
            (id, _) => {
                let missing = if id.is_none() { "id" } else { "name" };
                let message = format!("the predicted resource has no \"{missing}\"");
                return self.complain(Problem::error("snapshot-entry", ty.span(), message));
            }
        };
        for (part, what) in [(id, "\"id\" of a predicted resource"), (name, "\"name\" of a predicted resource")] {
            if !self.expect(part, what, Kind::String) {
                return;
            }
        }
        // The engine took every expression: one that is refused here is not known, and nobody's mistake.
        self.in_doubt(true, || {
            let condition = node.get_ci("condition").map(|condition| self.value(env, condition));
            let exists = truth_of(condition.as_ref());
            if exists == Truth::False {
                return;
            }
            let ty = self.value(env, ty);
            let Some(ty) = ty.as_str().filter(|_| !ty.secret).map(TypeName::new) else { return };
            let name = self.value(env, name);
            let pattern = name.as_name().unwrap_or_default();
            let recorded = Recorded {
                id: self.predicted_id(env, id, node, &ty, &pattern),
                address: pattern.shown(),
                condition: condition.filter(|_| exists != Truth::True),
                ty,
                name,
                exists,
                repeated: false,
            };
            self.record(env, Declared { symbol: None, node, parent: None, prefix: "" }, recorded);
        });
    }

    /// The id of a resource. Of one with expressions only the scope is taken from it, so that its names are those of
    /// the name.
    fn predicted_id(
        &self,
        env: &Rc<Env<'t>>,
        id: Node<'t>,
        node: Node<'t>,
        ty: &TypeName,
        name: &Pattern,
    ) -> ResourceId {
        match self.scope_in(env, id, ty) {
            Some(scope) => ids::resource_id(&scope, ty.as_str(), &self.segments(node, ty, name, true)),
            None => ResourceId::new(self.value(env, id).as_name().unwrap_or_default()),
        }
    }

    /// The scope that is an argument of a call of the `resourceId` family: what the call makes, with other names, without
    /// type and names.
    fn scope_in(&self, env: &Rc<Env<'t>>, id: Node<'t>, ty: &TypeName) -> Option<Pattern> {
        const NAME: &str = "x";
        let expression = expr::parse(&id.as_str().filter(|text| expr::is_expression(text))?).ok()?;
        let call = expression.as_call()?;
        let at = call.args.iter().position(|arg| arg.as_string().is_some_and(|text| ty.is(text)))?;
        let name = || Expr { kind: Shape::String(NAME.into()), at: expression.at.clone() };
        let args = call.args.iter().take(at + 1).cloned().chain(std::iter::repeat_with(name).take(ty.depth()));
        let call = Call { args: args.collect(), ..call.clone() };
        let made = bodies::evaluate(self, env, &Expr { kind: Shape::Call(call), at: expression.at.clone() }, id);
        let names = vec![Pattern::literal(NAME); ty.depth()];
        let end = ids::resource_id(&Pattern::new(), ty.as_str(), &names);
        without_end(&made.as_name()?, end.pattern().as_literal()?)
    }

    /// The outputs, which newer versions of the command write too.
    fn predicted_outputs(&self, deployments: &Deployments<'t, '_>, root: Node<'t>) -> Vec<(Key, Value)> {
        let env = deployments.around(0, None);
        let output = |member: crate::json::Member<'t>| {
            let key = bodies::key(member.key);
            let value = self.in_doubt(true, || self.credential(&key.name, self.value(&env, member.value)));
            (key, value)
        };
        members(root.get_ci("outputs")).map(output).collect()
    }

    /// What the engine had to say.
    fn repeat_diagnostics(&self, root: Node<'t>) {
        for said in root.get_ci("diagnostics").into_iter().flat_map(Node::items) {
            if self.expect(said, "an entry of \"diagnostics\"", Kind::String) {
                let message = said.as_str().unwrap_or_default();
                self.complain(Problem::note("snapshot-diagnostic", said.span(), message));
            }
        }
    }
}

/// A string without what it ends with, in any case.
fn without_end(pattern: &Pattern, end: &str) -> Option<Pattern> {
    let mut cut = Pattern::new();
    let (last, before) = pattern.parts().split_last()?;
    let Part::Literal(text) = last else { return None };
    let at = text.len().checked_sub(end.len())?;
    if !text.get(at..)?.eq_ignore_ascii_case(end) {
        return None;
    }
    for part in before {
        match part {
            Part::Literal(text) => cut.push_str(text),
            Part::Hole(unknown) => cut.push_hole(unknown),
        }
    }
    cut.push_str(text.get(..at)?);
    Some(cut)
}
