//! ARM templates: what a template deploys.
//!
//! In: the tree of a template, an [`Assignment`] of its parameters, and a [`Context`] (where it is deployed).
//! Out: [`Loaded`], every resource with its conditions, loops, children and nested deployments worked out.
//! Must not know: rules, or what any resource type means.
//!
//! Expansion is lazy and memoised: a parameter or variable is evaluated at most once, on first use. It takes the
//! assignment as an argument, so that the same tree can be expanded again under another one.

mod bodies;
mod choices;
mod context;
mod deployments;
mod frame;
mod ids;
pub mod links;
mod networks;
mod parameters;
mod resources;
mod schema;
mod scope;
mod shape;
mod snapshot;

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use crate::diag::{Level, Problem, Problems};
use crate::expr::{self, Budget, Expr};
use crate::json::{Kind, Node, Tree};
use crate::resource::{Resource, TypeName};
use crate::source::FileId;
use crate::value::{Key, Trails, Value};

pub(super) use bodies::plain;
pub use choices::{Choice, choices};
pub use context::{Context, Level as ScopeLevel, Target};
pub use parameters::{Assigned, Assignment};
pub use snapshot::snapshot;

use super::Loaded;
use super::secrets::Places;
use frame::{Env, Frame};
use links::Links;
use snapshot::Left;

/// How deep nested deployments may go before we stop; Azure itself allows far fewer.
const NESTING: usize = 32;
/// How many resources one template may expand to.
const RESOURCES: usize = 50_000;
/// How many rounds a loop may make: Azure's own limit.
const LOOP: i64 = 800;

/// Which bodies are worth evaluating. `check` wants known kinds only, `expand` wants all.
pub type Wanted<'a> = &'a dyn Fn(&TypeName) -> bool;

/// Works out what a template deploys that stands alone.
pub fn expand(
    tree: &Tree<'_>,
    assignment: &Assignment,
    context: &Context,
    instance: &str,
    arena: u32,
    wanted: Wanted<'_>,
) -> Loaded {
    expand_linked(tree, &Links::none(), assignment, context, instance, arena, wanted)
}

/// Works out what a template deploys, with the files to which it links.
pub fn expand_linked<'t>(
    tree: &'t Tree<'t>,
    links: &'t Links<'t>,
    assignment: &Assignment,
    context: &Context,
    instance: &str,
    arena: u32,
    wanted: Wanted<'t>,
) -> Loaded {
    let Some(root) = tree.root() else { return Loaded::default() };
    let expander = Expander::new(arena, wanted, Some(links));
    expander.problems.borrow_mut().extend(shape::problems(root));
    let frame = Frame::root(root, assignment, context, instance);
    let env = Env::of(&frame);
    expander.check_assignment(&frame, assignment);
    expander.deploy(&env, "");
    let outputs = expander.outputs(&env);
    expander.loaded(outputs)
}

/// An expression, or why it is none.
type Syntax = Rc<Result<Expr, expr::Refusal>>;

/// One expansion at work.
struct Expander<'t> {
    trails: RefCell<Trails>,
    problems: RefCell<Problems>,
    budget: Budget,
    /// The files to which the template links.
    links: Option<&'t Links<'t>>,
    /// Expressions that were parsed, by the file and number of their node.
    parsed: RefCell<HashMap<(FileId, u32), Syntax>>,
    resources: RefCell<Vec<Resource>>,
    secrets: RefCell<Places>,
    wanted: Wanted<'t>,
    /// Above zero while something is evaluated that may not be deployed at all, so that a refusal proves nothing.
    doubt: RefCell<u32>,
    /// The networks whose subnets are being worked out.
    networks: RefCell<Vec<(FileId, u32)>>,
    /// The default value of a parameter is being evaluated, where alone `newGuid` and `utcNow` may be used.
    in_default: Cell<bool>,
    /// The text is a snapshot, whose expressions name what it does not declare.
    left: Option<Left>,
}

impl<'t> Expander<'t> {
    fn new(arena: u32, wanted: Wanted<'t>, links: Option<&'t Links<'t>>) -> Self {
        Self {
            links,
            trails: RefCell::new(Trails::new(arena)),
            problems: RefCell::default(),
            budget: Budget::default(),
            parsed: RefCell::new(HashMap::new()),
            resources: RefCell::new(Vec::new()),
            secrets: RefCell::default(),
            wanted,
            doubt: RefCell::new(0),
            networks: RefCell::default(),
            in_default: Cell::new(false),
            left: None,
        }
    }

    /// What was worked out.
    fn loaded(self, outputs: Vec<(Key, Value)>) -> Loaded {
        let problems = self.distinct_problems();
        Loaded {
            resources: self.resources.into_inner(),
            before: Vec::new(),
            listings: Vec::new(),
            outputs,
            trails: self.trails.into_inner(),
            problems,
            secrets: self.secrets.into_inner(),
        }
    }

    fn complain(&self, problem: Problem) {
        self.problems.borrow_mut().push(problem);
    }

    /// Evaluates something that may not be deployed: what Azure would refuse there is not held against the template.
    fn in_doubt<T>(&self, doubtful: bool, work: impl FnOnce() -> T) -> T {
        if !doubtful {
            return work();
        }
        *self.doubt.borrow_mut() += 1;
        let kept = self.problems.borrow().len();
        let result = work();
        self.problems.borrow_mut().truncate(kept);
        *self.doubt.borrow_mut() -= 1;
        result
    }

    /// Evaluates something that is, or is not, the default value of a parameter.
    fn as_default<T>(&self, default: bool, work: impl FnOnce() -> T) -> T {
        let before = self.in_default.replace(default);
        let result = work();
        self.in_default.set(before);
        result
    }

    /// Evaluates something that is remembered, with the problems to be repeated when it is asked for again: those
    /// that are about to be forgotten, because it is asked for in doubt.
    fn remembered(&self, work: impl FnOnce() -> Value) -> (Value, Rc<[Problem]>) {
        let kept = self.problems.borrow().len();
        let value = work();
        let problems = match *self.doubt.borrow() {
            0 => Rc::default(),
            _ => self.problems.borrow().get(kept..).unwrap_or_default().into(),
        };
        (value, problems)
    }

    /// Repeats the problems of something that was remembered.
    fn repeat(&self, problems: &[Problem]) {
        self.problems.borrow_mut().extend(problems.iter().cloned());
    }

    /// One problem for a place and kind, however often the place was evaluated.
    fn distinct_problems(&self) -> Problems {
        let mut seen = HashSet::new();
        let mut problems = self.problems.take();
        problems.retain(|problem| seen.insert((problem.code, problem.span(), problem.message.clone())));
        problems.sort_by_key(|problem| (problem.span(), problem.code));
        problems
    }

    /// The value of a node under an environment: expressions evaluated, property loops unrolled.
    fn value(&self, env: &Rc<Env<'t>>, node: Node<'t>) -> Value {
        bodies::value(self, env, node)
    }

    fn is_level_error(problem: &Problem) -> bool {
        problem.level == Level::Error
    }
}

/// Whether Azure refuses the template as written.
pub fn refused(problems: &[Problem]) -> bool {
    problems.iter().any(Expander::is_level_error)
}

/// The members of an object; the empty list for anything else.
fn members(node: Option<Node<'_>>) -> impl Iterator<Item = crate::json::Member<'_>> {
    node.into_iter().flat_map(Node::members)
}

/// The resources of a template: symbolic name where there is one, and the node.
fn declared(template: Node<'_>) -> Vec<(Option<Node<'_>>, Node<'_>)> {
    let Some(resources) = template.get_ci("resources") else { return Vec::new() };
    match resources.kind() {
        Kind::Array => resources.items().map(|node| (None, node)).collect(),
        Kind::Object => resources.members().map(|member| (Some(member.key), member.value)).collect(),
        Kind::Null | Kind::Bool(_) | Kind::Number | Kind::String => Vec::new(),
    }
}
