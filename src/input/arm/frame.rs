//! Deployment instances and the environments in which their expressions are evaluated.
//!
//! In: a template node and what its deployment hands in. Out: [`Frame`], one deployment at work; [`Env`], a place in
//! its loops. Must not know: how anything is evaluated.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;

use crate::diag::Problem;
use crate::json::{Kind, Node};
use crate::source::Span;
use crate::value::{Origin, Reason, Symbol, Truth, Type, Unknown, Value};

use super::context::{Context, Level, Target, known_or};
use super::deployments::Found;
use super::parameters::Assignment;

/// One deployment: a template, what it is given, and where it goes.
pub(super) struct Frame<'t> {
    /// The template object.
    pub(super) template: Node<'t>,
    /// What it is given, by lower-case parameter name.
    pub(super) supplied: HashMap<String, Supplied<'t>>,
    /// Where its resources go.
    pub(super) target: Target,
    /// The deployment's name.
    pub(super) name: Value,
    /// What is known of the root deployment.
    pub(super) context: Rc<Context>,
    /// The scope of its symbols: the file, then the path of nested deployments.
    pub(super) instance: Arc<str>,
    /// The root deployment's instance, to which subscription and group symbols belong.
    pub(super) root: Arc<str>,
    /// Nested deployments above this one.
    pub(super) depth: usize,
    /// The place of the nested deployment; of the template for the root.
    pub(super) at: Span,
    /// Where expressions are evaluated when the template is of outer scope.
    pub(super) outer: Option<Rc<Env<'t>>>,
    /// Where the deployment stands; `None` for the root.
    pub(super) parent: Option<Rc<Env<'t>>>,
    /// Whether the deployment itself is certain.
    pub(super) exists: Truth,
    /// The deployment stands in a loop whose count is not known.
    pub(super) repeated: bool,
    /// Values of parameters that were asked for.
    pub(super) parameters: RefCell<HashMap<String, Memo>>,
    /// Values of variables that were asked for.
    pub(super) variables: RefCell<HashMap<String, Memo>>,
    /// Nested deployments that were entered, by node and loop indexes.
    pub(super) nested: RefCell<HashMap<Place, Rc<Self>>>,
    /// The region of its resource group, where a template around it declares the group, once it was asked for.
    pub(super) group_location: RefCell<Region>,
    /// Its own nested deployments, once they were looked for.
    pub(super) deployments: RefCell<Option<Rc<Vec<Found<'t>>>>>,
    /// The outputs, once they were asked for.
    pub(super) outputs: RefCell<Option<Memo>>,
}

/// Where a nested deployment stands: its node, and the indexes of the loops around.
type Place = (u32, Vec<i64>);

/// The region of a resource group, as far as it was looked for.
#[derive(Clone, Default)]
pub(super) enum Region {
    /// Nobody asked.
    #[default]
    Unasked,
    /// No template around declares the group.
    Undeclared,
    Declared(Value),
}

/// A value that is being evaluated, or was.
#[derive(Clone)]
pub(super) enum Memo {
    Busy,
    /// The value, and what Azure refuses in it where it was first asked for in doubt.
    Done(Value, Rc<[Problem]>),
}

/// A parameter's value as the deployment gives it.
pub(super) enum Supplied<'t> {
    Value(Value),
    Node {
        node: Node<'t>,
        env: Rc<Env<'t>>,
    },
    /// An expression whose value is the whole `{"value": …}`.
    Wrapped {
        node: Node<'t>,
        env: Rc<Env<'t>>,
    },
}

/// A place in the loops of a frame.
pub(super) struct Env<'t> {
    /// The deployment.
    pub(super) frame: Rc<Frame<'t>>,
    /// The loops around, the innermost last.
    pub(super) loops: Vec<Loop>,
    /// Inside a user function: its parameters, and nothing else, can be seen.
    pub(super) arguments: Option<HashMap<String, Value>>,
}

/// One round of a loop.
#[derive(Clone)]
pub(super) struct Loop {
    /// The loop's name, in lower case.
    pub(super) name: Arc<str>,
    /// The index from 0, or unknown.
    pub(super) index: Value,
    /// Of a resource or an output, to which `copyIndex()` without a name refers.
    pub(super) unnamed: bool,
}

impl<'t> Frame<'t> {
    /// The root deployment.
    pub(super) fn root(template: Node<'t>, assignment: &Assignment, context: &Context, instance: &str) -> Rc<Self> {
        let instance: Arc<str> = instance.into();
        let level = context.level.unwrap_or_else(|| schema_level(template));
        let subscription = known_or(context.subscription.as_deref(), "subscription().subscriptionId", &instance);
        let target = match level {
            Level::ResourceGroup => Target::ResourceGroup {
                subscription,
                group: known_or(context.resource_group.as_deref(), "resourceGroup().name", &instance),
            },
            Level::Subscription => Target::Subscription { subscription },
            Level::ManagementGroup => Target::ManagementGroup {
                name: known_or(context.management_group.as_deref(), "managementGroup().name", &instance),
            },
            Level::Tenant => Target::Tenant,
        };
        let at = Origin::at(template.span());
        let name = match &context.deployment {
            Some(name) => Value::string(name.as_str(), at),
            None => Value::unknown(
                Unknown::new(Reason::NotInInput, Symbol::new("deployment().name", Arc::clone(&instance)))
                    .typed(Type::String)
                    .with_hole(crate::value::Hole::Segment),
                at,
            ),
        };
        let supplied = assignment
            .iter()
            .map(|assigned| (assigned.name.to_ascii_lowercase(), Supplied::Value(assigned.value_for(template))))
            .collect();
        Rc::new(Self {
            template,
            supplied,
            target,
            name,
            context: Rc::new(context.clone()),
            root: Arc::clone(&instance),
            instance,
            depth: 0,
            at: template.span(),
            outer: None,
            parent: None,
            exists: Truth::True,
            repeated: false,
            parameters: RefCell::default(),
            variables: RefCell::default(),
            nested: RefCell::default(),
            group_location: RefCell::default(),
            outputs: RefCell::default(),
            deployments: RefCell::default(),
        })
    }

    /// Whether the template is written in the second version of the language.
    pub(super) fn newer(&self) -> bool {
        self.template.get_ci("languageVersion").and_then(Node::as_str).is_some_and(|version| version.starts_with('2'))
    }

    /// Whether resources are named by symbols.
    pub(super) fn symbolic(&self) -> bool {
        self.template.get_ci("resources").is_some_and(|resources| resources.kind() == Kind::Object)
    }
}

/// The level that the schema of a template says.
fn schema_level(template: Node<'_>) -> Level {
    let schema = template.get_ci("$schema").and_then(Node::as_str).unwrap_or_default().to_ascii_lowercase();
    let file = schema.trim_end_matches('#').rsplit('/').next().unwrap_or_default().to_owned();
    match file.as_str() {
        "subscriptiondeploymenttemplate.json" => Level::Subscription,
        "managementgroupdeploymenttemplate.json" => Level::ManagementGroup,
        "tenantdeploymenttemplate.json" => Level::Tenant,
        _ => Level::ResourceGroup,
    }
}

impl<'t> Env<'t> {
    /// Outside every loop.
    pub(super) fn of(frame: &Rc<Frame<'t>>) -> Rc<Self> {
        Rc::new(Self { frame: Rc::clone(frame), loops: Vec::new(), arguments: None })
    }

    /// One loop further in.
    pub(super) fn within(&self, round: Loop) -> Rc<Self> {
        let mut loops = self.loops.clone();
        loops.push(round);
        Rc::new(Self { frame: Rc::clone(&self.frame), loops, arguments: self.arguments.clone() })
    }

    /// The frame in which expressions are evaluated: the outer one for templates of outer scope.
    pub(super) fn evaluating(&self) -> &Rc<Frame<'t>> {
        self.frame.outer.as_ref().map_or(&self.frame, |outer| outer.evaluating())
    }

    /// A loop by name, or the innermost one that `copyIndex()` without a name means.
    ///
    /// A template of outer scope is worked out before its own resource loops run: none of them can be seen there.
    pub(super) fn find_loop(&self, name: Option<&str>) -> Option<&Loop> {
        let wanted = |round: &&Loop| match name {
            Some(name) => round.name.eq_ignore_ascii_case(name),
            None => round.unnamed,
        };
        let seen = |round: &&Loop| !round.unnamed || self.frame.outer.is_none();
        let own = self.loops.iter().rev().filter(seen).find(wanted);
        own.or_else(|| self.frame.outer.as_ref()?.find_loop(name))
    }

    /// The known indexes of the loops around; -1 for an unknown one.
    pub(super) fn indexes(&self) -> Vec<i64> {
        let own = self.loops.iter().map(|round| match round.index.data {
            crate::value::Data::Int(index) => index,
            _ => -1,
        });
        own.collect()
    }
}
