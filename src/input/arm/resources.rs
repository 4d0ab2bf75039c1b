//! The resources that a template declares: conditions, loops, children, extension resources.
//!
//! In: the environment of a deployment. Out: [`Resource`]s, appended to the expansion.
//! Must not know: what any type means, but for `Microsoft.Resources/deployments`.

use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::expr;
use crate::input::secrets;
use crate::json::{Kind, Node};
use crate::resource::{ApiVersion, Places, Resource, ResourceId, TypeName};
use crate::value::{Attr, Data, Hole, Key, Object, Origin, Part, Pattern, Reason, Symbol, Truth, Unknown, Value};

use super::bodies::{Rounds, rounds};
use super::context::Target;
use super::frame::{Env, Loop};
use super::{Expander, NESTING, RESOURCES, declared, ids, links};

/// Top-level properties that say how to deploy, not what.
const STEERING: [&str; 18] = [
    "type",
    "name",
    "apiVersion",
    "condition",
    "copy",
    "dependsOn",
    "scope",
    "resources",
    "existing",
    "comments",
    "metadata",
    "subscriptionId",
    "resourceGroup",
    "managementGroup",
    "asserts",
    "import",
    "extension",
    "@options",
];

/// The type of nested deployments.
pub(super) const DEPLOYMENTS: &str = "Microsoft.Resources/deployments";

/// The resource that a nested child belongs to.
pub(super) struct Parent {
    ty: String,
    name: Pattern,
    repeated: bool,
    target: Option<Target>,
}

/// A resource whose identity is worked out.
pub(super) struct Recorded {
    pub(super) ty: TypeName,
    pub(super) name: Value,
    pub(super) id: ResourceId,
    pub(super) address: String,
    pub(super) exists: Truth,
    pub(super) repeated: bool,
    pub(super) condition: Option<Value>,
}

/// One resource as it stands in the template.
#[derive(Clone, Copy)]
pub(super) struct Declared<'a, 't> {
    pub(super) symbol: Option<Node<'t>>,
    pub(super) node: Node<'t>,
    pub(super) parent: Option<&'a Parent>,
    pub(super) prefix: &'a str,
}

/// Whether a resource is written to be of a type.
pub(super) fn is_type(node: Node<'_>, ty: &str) -> bool {
    node.get_ci("type").and_then(Node::as_str).is_some_and(|written| written.eq_ignore_ascii_case(ty))
}

impl<'t> Expander<'t> {
    /// Everything that the template of an environment deploys. `prefix` leads the addresses of nested deployments.
    pub(super) fn deploy(&self, env: &Rc<Env<'t>>, prefix: &str) {
        self.check_parameters(&env.frame);
        self.check_variables(env);
        for (symbol, node) in declared(env.frame.template) {
            self.looped(env, Declared { symbol, node, parent: None, prefix });
        }
    }

    fn looped(&self, env: &Rc<Env<'t>>, declared: Declared<'_, 't>) {
        if self.resources.borrow().len() >= RESOURCES {
            let message = format!("the template deploys more than {RESOURCES} resources; the rest was not read");
            self.complain(Problem::error("too-many-resources", declared.node.span(), message));
            return;
        }
        let copy = declared.node.get_ci("copy").filter(|copy| copy.kind() == Kind::Object);
        let Some(copy) = copy else { return self.single(env, declared, false, None) };
        let name = copy.get_ci("name").map(|node| self.value(env, node));
        let name: Arc<str> = name.as_ref().and_then(Value::as_str).unwrap_or("copy").into();
        match rounds(self, env, copy, &name) {
            Rounds::Known(count) => {
                for index in 0..count {
                    let index = Value::new(Data::Int(index), Origin::at(copy.span()));
                    self.single(
                        &env.within(Loop { name: Arc::clone(&name), index, unnamed: true }),
                        declared,
                        false,
                        None,
                    );
                }
            }
            Rounds::Unknown(count) => {
                let symbol = Symbol::new(format!("copyIndex('{name}')"), Arc::clone(&env.frame.instance));
                let index = Unknown::new(count.reason, symbol).typed(crate::value::Type::Number);
                let index = Value::unknown(Unknown { hole: Hole::Segment, ..index }, Origin::at(copy.span()));
                let inside = env.within(Loop { name, index, unnamed: true });
                let count = Value::unknown((*count).clone(), Origin::at(copy.span()));
                self.in_doubt(true, || self.single(&inside, declared, true, Some(count)));
            }
        }
    }

    fn single(&self, env: &Rc<Env<'t>>, declared: Declared<'_, 't>, repeated: bool, count: Option<Value>) {
        let Declared { node, parent, .. } = declared;
        let condition = node.get_ci("condition").map(|condition| self.value(env, condition));
        let own = truth_of(condition.as_ref());
        if own == Truth::False && node.get_ci("resources").is_none() {
            return;
        }
        let frame = &env.frame;
        let repeated = repeated || frame.repeated || parent.is_some_and(|parent| parent.repeated);
        let exists = own.and(if repeated { Truth::Unknown } else { frame.exists });
        let unsure = condition.filter(|_| own == Truth::Unknown).or(count);
        self.in_doubt(exists != Truth::True, || self.one(env, declared, exists, repeated, unsure));
    }

    fn one(
        &self,
        env: &Rc<Env<'t>>,
        declared: Declared<'_, 't>,
        exists: Truth,
        repeated: bool,
        condition: Option<Value>,
    ) {
        let Declared { symbol, node, parent, prefix } = declared;
        let Some(ty_node) = node.get_ci("type") else {
            let help = "every resource needs \"type\", such as \"Microsoft.ContainerRegistry/registries\"";
            self.complain(
                Problem::error("resource-without-type", node.span(), "the resource has no type").with_help(help),
            );
            return;
        };
        let ty = self.value(env, ty_node);
        let Some(short) = ty.as_str().filter(|_| !ty.secret) else { return };
        if node.get_ci("import").is_some() || node.get_ci("extension").is_some() {
            return; // a resource of an extension such as Kubernetes, not of Azure
        }
        let full = match parent {
            Some(parent)
                if !short.contains('/') || !short.to_ascii_lowercase().starts_with(&parent.ty.to_ascii_lowercase()) =>
            {
                format!("{}/{short}", parent.ty)
            }
            Some(_) | None => short.to_owned(),
        };
        let ty = TypeName::new(&full);
        let Some(name) = self.name(env, declared, &full) else { return };
        let pattern = name.as_name().unwrap_or_default();
        let target = self.target(env, node, parent);
        let names = self.segments(node, &ty, &pattern, repeated || exists != Truth::True);
        let id = ids::resource_id(&target.0.id(), ty.as_str(), &names);
        let address = address(prefix, symbol, env, &pattern);
        // The condition of a parent does not reach its children: Azure deploys them all the same.
        let children = Parent { ty: full, name: pattern.clone(), repeated, target: Some(target.0) };
        if exists != Truth::False {
            self.record(env, declared, Recorded { ty, name, id, address, exists, repeated, condition });
        }
        for child in node.get_ci("resources").into_iter().flat_map(Node::items) {
            self.looped(env, Declared { symbol: None, node: child, parent: Some(&children), prefix });
        }
        for child in node.get_ci("resources").into_iter().flat_map(Node::members) {
            self.looped(env, Declared { symbol: Some(child.key), node: child.value, parent: Some(&children), prefix });
        }
    }

    /// Appends the resource; a nested deployment is replaced by what it deploys.
    pub(super) fn record(&self, env: &Rc<Env<'t>>, declared: Declared<'_, 't>, recorded: Recorded) {
        let node = declared.node;
        let Recorded { ty, name, id, address, exists, repeated, condition } = recorded;
        let existing = node.get_ci("existing").is_some_and(|n| n.kind() == Kind::Bool(true));
        if ty.is(DEPLOYMENTS) && !existing {
            self.nested(env, node, &name, exists, repeated, &address);
            self.check_link(env, node);
            if node.get_ci("properties").and_then(|p| p.get_ci("template")).is_some()
                || self.linked(env, node).is_some()
            {
                return;
            }
        }
        let wanted = (self.wanted)(&ty);
        let body = if wanted {
            self.body(env, node, ty.as_str())
        } else {
            Value::object(Object::new(), Origin::at(node.span()))
        };
        let ty_span = node.get_ci("type").map_or(node.span(), Node::span);
        let places = Places {
            whole: node.span(),
            ty: ty_span,
            name: name.origin,
            properties: node.member_ci("properties").map_or(ty_span, |member| member.key.span()),
        };
        let resource = Resource {
            ty,
            name,
            id,
            api_version: self.api_version(env, node),
            address: address.as_str().into(),
            body,
            existing,
            seen: false,
            managed: true,
            exists,
            condition,
            repeated,
            change: None,
            at: places,
        };
        self.resources.borrow_mut().push(resource);
    }

    /// A deployment without a template of its own says where the template is.
    fn check_link(&self, env: &Rc<Env<'t>>, node: Node<'t>) {
        let Some(properties) = node.get_ci("properties").filter(|properties| properties.kind() == Kind::Object) else {
            return;
        };
        if properties.get_ci("template").is_some_and(|template| template.kind() != Kind::Null) {
            return;
        }
        let link = properties.get_ci("templateLink").map(|link| self.value(env, link));
        let missing = match link.as_ref().map(|link| &link.data) {
            None | Some(Data::Null) => true,
            Some(Data::Object(link)) => {
                let empty =
                    |name: &str| link.get(name).is_none_or(|value| value.is_null() || value.as_str() == Some(""));
                link.open.is_none() && ["uri", "id", "relativePath"].into_iter().all(empty)
            }
            Some(_) => false,
        };
        if let (Some(path), Some(target)) = (links::relative_path(node), self.link(env, node))
            && let Some(problem) = target.problem(path.span())
        {
            self.complain(problem);
        }
        if missing {
            let at = properties.member_ci("templateLink").map_or(node.get_ci("type"), |member| Some(member.key));
            let message = "the deployment has no template and no link to one";
            let help = "give it \"template\", or \"templateLink\" with \"uri\", \"id\" or \"relativePath\"";
            self.complain(
                Problem::error("deployment-without-template", at.map_or(node.span(), Node::span), message)
                    .with_help(help),
            );
        }
    }

    /// The full name: the parent's, then its own. `None` where there is none.
    fn name(&self, env: &Rc<Env<'t>>, declared: Declared<'_, 't>, ty: &str) -> Option<Value> {
        let node = declared.node;
        let Some(name) = node.get_ci("name") else {
            self.complain(Problem::error(
                "resource-without-name",
                node.span(),
                format!("the resource of type {ty} has no name"),
            ));
            return None;
        };
        let own = self.value(env, name);
        if own.is_null() || own.as_str() == Some("") {
            self.complain(Problem::error(
                "resource-without-name",
                name.span(),
                format!("the resource of type {ty} has an empty name"),
            ));
            return None;
        }
        let levels = ty.trim_end_matches('/').matches('/').count();
        let Some(parent) =
            declared.parent.filter(|_| ids::segments(&own.as_name().unwrap_or_default(), levels).is_none())
        else {
            return Some(own);
        };
        let mut full = parent.name.clone();
        full.push_str("/");
        full.push(&own.as_name()?);
        Some(Value { data: full.into_data(), secret: false, ..own })
    }

    /// One name for each level of the type. A number that does not fit is a problem; the name is then left whole.
    pub(super) fn segments(&self, node: Node<'t>, ty: &TypeName, name: &Pattern, unsure: bool) -> Vec<Pattern> {
        let levels = ty.depth();
        if let Some(segments) = ids::segments(name, levels) {
            return segments;
        }
        let count = ids::refine(name).split('/').map_or(1, |pieces| pieces.len());
        let mixed = levels > count && name.first_hole().is_some_and(|hole| hole.hole != Hole::Segment);
        if !mixed && !unsure && levels > 0 {
            let at = node.get_ci("name").map_or(node.span(), Node::span);
            let plural = if count == 1 { "" } else { "s" };
            let name = name.shown();
            let message = format!("the name '{name}' has {count} segment{plural}, but the type {ty} needs {levels}");
            let help = "a child's name holds its parent's: parent/child, one part for each part of the type behind the provider";
            self.complain(Problem::error("resource-name-segments", at, message).with_help(help));
        }
        // The first levels cannot be told apart: one hole for the lot keeps the id comparable to itself.
        let reason = name.first_hole().map_or(Reason::InvalidExpression, |hole| hole.reason);
        let mut segments = vec![name.clone()];
        for level in 1..levels {
            let symbol = Symbol::new(format!("segment({}, {level})", name.key()), "");
            let unknown = Unknown::new(reason, symbol).with_hole(Hole::Segment);
            segments.push(Pattern::hole(&Arc::new(unknown)));
        }
        if mixed && count == 1 {
            segments = split_unknown(name, levels);
        }
        segments
    }

    /// Where the resource goes: its `scope`, its parent's place, or the deployment's.
    fn target(&self, env: &Rc<Env<'t>>, node: Node<'t>, parent: Option<&Parent>) -> (Target, bool) {
        if let Some(scope) = node.get_ci("scope").filter(|_| !Self::is_deployment(node)) {
            let value = self.value(env, scope);
            if let Some(pattern) = value.as_name() {
                return (extension_scope(&env.frame.target, &pattern), true);
            }
        }
        let place = |name: &str| node.get_ci(name).map(|node| self.value(env, node)).and_then(|value| value.as_name());
        let (subscription, group) = (place("subscriptionId"), place("resourceGroup"));
        if !Self::is_deployment(node) && (subscription.is_some() || group.is_some()) {
            let subscription = subscription.or_else(|| env.frame.target.subscription()).unwrap_or_default();
            let target = match group {
                Some(group) => {
                    Target::ResourceGroup { subscription: ids::refine(&subscription), group: ids::refine(&group) }
                }
                None => Target::Subscription { subscription: ids::refine(&subscription) },
            };
            return (target, true);
        }
        match parent.and_then(|parent| parent.target.clone()) {
            Some(target) => (target, false),
            None => (env.frame.target.clone(), false),
        }
    }

    /// Where a top-level resource goes.
    pub(super) fn resource_target(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Target {
        self.target(env, node, None).0
    }

    fn is_deployment(node: Node<'t>) -> bool {
        node.get_ci("type").and_then(Node::as_str).is_some_and(|ty| ty.eq_ignore_ascii_case(DEPLOYMENTS))
    }

    fn api_version(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Attr<ApiVersion> {
        let Some(written) = node.get_ci("apiVersion") else {
            let at = node.get_ci("type").map_or(node.span(), Node::span);
            if env.frame.template.get_ci("apiProfile").is_none() {
                let message = "the resource has no \"apiVersion\"";
                self.complain(Problem::error("resource-without-api-version", at, message));
            }
            return Attr::absent(Origin::at(at));
        };
        let value = self.value(env, written);
        match &value.data {
            Data::String(_) | Data::Pattern(_) if value.secret => {
                Attr::unknown(Arc::new(Unknown::secret_at(value.origin.at)), value.origin)
            }
            Data::String(text) => Attr::known(ApiVersion::new(text), value.origin),
            Data::Unknown(unknown) => Attr::unknown(Arc::clone(unknown), value.origin),
            Data::Pattern(pattern) => match pattern.first_hole() {
                Some(unknown) => Attr::unknown(Arc::clone(unknown), value.origin),
                None => Attr::absent(value.origin),
            },
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::Array(_) | Data::Object(_) => {
                Attr::absent(value.origin)
            }
        }
    }

    /// Every property of a resource but those that steer the deployment.
    fn body(&self, env: &Rc<Env<'t>>, node: Node<'t>, ty: &str) -> Value {
        let mut body = Object::new();
        for member in node.members() {
            let name = member.key.as_str().unwrap_or_default();
            // A resource that is a secret holds it among its properties.
            let secret = secrets::is_secret_type(ty) && name.eq_ignore_ascii_case("properties");
            let id = self.left.is_some() && name.eq_ignore_ascii_case("id");
            if id || STEERING.iter().any(|steering| name.eq_ignore_ascii_case(steering)) {
                continue;
            }
            let name = if name.eq_ignore_ascii_case("location") { "location".into() } else { expr::unescape(&name) };
            let key = Key { name: name.as_ref().into(), at: member.key.span() };
            let value = self.credential(&key.name, self.value(env, member.value));
            body.insert(key, if secret { value.into_secret() } else { value });
        }
        Value::object(body, Origin::at(node.span()))
    }

    /// A template of outer scope is worked out as one property of its deployment: also what it will not deploy.
    fn whole_template(&self, env: &Rc<Env<'t>>, template: Node<'t>) {
        for part in ["variables", "resources", "outputs"] {
            if let Some(node) = template.get_ci(part) {
                let _ = self.value(env, node);
            }
        }
    }

    /// A nested deployment: enters it, unless its template stands elsewhere.
    fn nested(&self, env: &Rc<Env<'t>>, node: Node<'t>, name: &Value, exists: Truth, repeated: bool, address: &str) {
        if env.frame.depth >= NESTING {
            let message = format!("deployments are nested more than {NESTING} deep; the rest was not read");
            self.complain(Problem::error("nesting-too-deep", node.span(), message));
            return;
        }
        if let Some(frame) = self.enter(env, node, name, exists, repeated) {
            self.check_supplied(node, &frame);
            if frame.outer.is_some() && env.frame.outer.is_none() {
                self.whole_template(env, frame.template);
            }
            self.deploy(&Env::of(&frame), &format!("{address}."));
        }
    }
}

/// Whether a resource with a condition is deployed.
pub(super) fn truth_of(condition: Option<&Value>) -> Truth {
    match condition.map(|value| &value.data) {
        None | Some(Data::Bool(true)) => Truth::True,
        Some(Data::Bool(false)) => Truth::False,
        Some(Data::String(text)) if text.eq_ignore_ascii_case("false") => Truth::False,
        Some(Data::String(text)) if text.eq_ignore_ascii_case("true") => Truth::True,
        Some(_) => Truth::Unknown,
    }
}

/// A name of which only one hole is known, cut into as many segments as its type needs.
fn split_unknown(name: &Pattern, levels: usize) -> Vec<Pattern> {
    let segment = |level: usize| {
        let symbol = Symbol::new(format!("split({}, '/')[{level}]", name.key()), "");
        Pattern::hole(&Arc::new(Unknown::new(Reason::NotInInput, symbol).with_hole(Hole::Segment)))
    };
    (0..levels).map(segment).collect()
}

/// The place that a `scope` names: an id, or a type and name below the deployment's own place.
fn extension_scope(home: &Target, scope: &Pattern) -> Target {
    let literal = scope.parts().first().map(|part| match part {
        Part::Literal(text) => text.starts_with('/'),
        Part::Hole(_) => true,
    });
    if literal.unwrap_or(true) {
        return Target::of_id(scope);
    }
    let mut id = home.id();
    if scope.to_lowercase().to_string().starts_with("microsoft.management/managementgroups/") {
        id = Pattern::new();
    }
    id.push_str("/providers/");
    id.push(&trimmed(scope));
    Target::Id(ResourceId::new(id))
}

/// A scope without slashes at its end: an empty name leaves one.
fn trimmed(scope: &Pattern) -> Pattern {
    let mut trimmed = Pattern::new();
    for (at, part) in scope.parts().iter().enumerate() {
        match part {
            Part::Literal(text) if at + 1 == scope.parts().len() => trimmed.push_str(text.trim_end_matches('/')),
            Part::Literal(text) => trimmed.push_str(text),
            Part::Hole(unknown) => trimmed.push_hole(unknown),
        }
    }
    trimmed
}

/// What the user calls a resource: the symbolic name with its index, or the name.
fn address(prefix: &str, symbol: Option<Node<'_>>, env: &Env<'_>, name: &Pattern) -> String {
    let Some(symbol) = symbol.and_then(|node| node.as_str().map(std::borrow::Cow::into_owned)) else {
        return format!("{prefix}{}", name.shown());
    };
    let index = env.loops.iter().rev().find(|round| round.unnamed).map(|round| match &round.index.data {
        Data::Int(index) => format!("[{index}]"),
        _ => "[*]".to_owned(),
    });
    format!("{prefix}{symbol}{}", index.unwrap_or_default())
}
