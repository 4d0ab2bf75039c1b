//! What a template deploys, as a tree for a person: places, the resources in them, their children.
//!
//! In: a loaded file. Out: one line a resource. Must not know: how expansion works.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::input::Loaded;
use crate::resource::{Resource, ResourceId};
use crate::source::Sources;
use crate::value::{Data, Pattern, State, Truth, Value};

use super::concise::visible;
use super::expansion::deployed;
use super::style::Style;
use super::{Look, Positions, Redactions};

/// The type whose ids have no provider.
const GROUPS: &str = "Microsoft.Resources/resourceGroups";
/// Names beyond this column do not push the columns behind them further to the right.
const WIDEST: usize = 100;

/// The whole tree, a line feed at its end.
pub fn write(loaded: &Loaded, sources: &Sources, redact: &Redactions, look: Look) -> String {
    let resources: Vec<&Resource> = deployed(loaded).collect();
    if resources.is_empty() {
        return "nothing is deployed\n".to_owned();
    }
    let positions = Positions::new(sources, resources.iter().map(|resource| resource.at.whole));
    let mut grower = Grower { forest: Forest::of(&resources), positions, redact, lines: Vec::new() };
    for place in 0..grower.forest.places.len() {
        grower.place(place);
    }
    grower.drawn(look)
}

/// Who stands below whom.
struct Forest<'a> {
    resources: &'a [&'a Resource],
    /// The places that resources go to, with those that stand below no other resource.
    places: Vec<(Option<ResourceId>, Vec<usize>)>,
    /// What stands below each resource: its children, and what extends it.
    below: Vec<Vec<usize>>,
}

impl<'a> Forest<'a> {
    fn of(resources: &'a [&'a Resource]) -> Self {
        let mut known: HashMap<&str, usize> = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            known.entry(resource.id.key()).or_insert(at);
        }
        let mut forest = Self { resources, places: Vec::new(), below: vec![Vec::new(); resources.len()] };
        let mut numbers: HashMap<String, usize> = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            let scope = scope(resource);
            let parent = if resource.ty.depth() > 1 { resource.id.parent() } else { None };
            let above = [&parent, &scope].into_iter().flatten().find_map(|id| known.get(id.key()));
            if let Some(below) = above.filter(|above| **above != at).and_then(|above| forest.below.get_mut(*above)) {
                below.push(at);
                continue;
            }
            let key = scope.as_ref().map_or_else(String::new, |scope| scope.key().to_owned());
            let number = *numbers.entry(key).or_insert(forest.places.len());
            if number == forest.places.len() {
                forest.places.push((scope, Vec::new()));
            }
            if let Some((_, roots)) = forest.places.get_mut(number) {
                roots.push(at);
            }
        }
        forest
    }
}

/// Where a resource goes: its id without its type and names. `None` for the tenant.
fn scope(resource: &Resource) -> Option<ResourceId> {
    let levels = if resource.ty.is(GROUPS) { 0 } else { resource.ty.depth() };
    (0..=levels).try_fold(resource.id.clone(), |id, _| id.parent())
}

/// One line: what stands left of the columns, and the columns.
struct Line {
    /// The branches of the tree.
    branch: String,
    /// The type, or the words for a place.
    kind: String,
    name: String,
    version: String,
    place: String,
    /// On what it depends that the resource is deployed.
    when: String,
}

impl Line {
    fn width(&self) -> usize {
        let gap = usize::from(!self.name.is_empty());
        self.branch.chars().count() + self.kind.chars().count() + gap + self.name.chars().count()
    }
}

struct Grower<'a> {
    forest: Forest<'a>,
    positions: Positions<'a>,
    redact: &'a Redactions,
    lines: Vec<Line>,
}

impl Grower<'_> {
    fn clean(&self, text: &str) -> String {
        visible(&self.redact.clean(text))
    }

    fn place(&mut self, number: usize) {
        let Some((scope, roots)) = self.forest.places.get(number) else { return };
        let (kind, name) = self.words(scope.as_ref());
        let roots = roots.clone();
        let nothing = String::new;
        self.lines.push(Line { branch: nothing(), kind, name, version: nothing(), place: nothing(), when: nothing() });
        self.grow(&roots, "", None);
    }

    /// What a place is called.
    fn words(&self, scope: Option<&ResourceId>) -> (String, String) {
        let Some(scope) = scope else { return ("tenant".to_owned(), String::new()) };
        let written = scope.pattern();
        let pieces = written.split('/').unwrap_or_default();
        let word = |at: usize| pieces.get(at).and_then(Pattern::as_literal).map(str::to_ascii_lowercase);
        let shown = |at: usize| pieces.get(at).map_or_else(String::new, |piece| self.clean(&piece.shown()));
        match (word(1).as_deref(), word(3).as_deref(), pieces.len()) {
            (Some("subscriptions"), Some("resourcegroups"), 5) => {
                ("resource group".to_owned(), format!("{} (subscription {})", shown(4), shown(2)))
            }
            (Some("subscriptions"), _, 3) => ("subscription".to_owned(), shown(2)),
            (Some("providers"), Some("managementgroups"), 5) => ("management group".to_owned(), shown(4)),
            _ => (self.clean(&written.shown()), String::new()),
        }
    }

    /// The lines of some resources and of all that stand below them.
    fn grow(&mut self, resources: &[usize], indent: &str, parent: Option<usize>) {
        for (i, &at) in resources.iter().enumerate() {
            let last = i + 1 == resources.len();
            let branch = format!("{indent}{}", if last { "└── " } else { "├── " });
            let deeper = format!("{indent}{}", if last { "    " } else { "│   " });
            let Some(resource) = self.forest.resources.get(at) else { continue };
            let line = self.line(resource, branch, parent.and_then(|at| self.forest.resources.get(at).copied()));
            self.lines.push(line);
            let below = self.forest.below.get(at).cloned().unwrap_or_default();
            self.grow(&below, &deeper, Some(at));
        }
    }

    fn line(&self, resource: &Resource, branch: String, parent: Option<&Resource>) -> Line {
        // A child says only what its parent does not.
        let child = parent.is_some_and(|parent| resource.id.parent().is_some_and(|id| id.key() == parent.id.key()));
        let ty = resource.ty.as_str();
        let kind = if child { ty.trim_end_matches('/').rsplit('/').next().unwrap_or(ty) } else { ty };
        let name = resource.name.as_name().unwrap_or_default();
        let own = if child { resource.id.pattern().split('/').and_then(|mut pieces| pieces.pop()) } else { None };
        let version = match &resource.api_version.state {
            State::Known(version) => version.as_str().to_owned(),
            State::Absent => String::new(),
            State::Unknown(unknown) => format!("⟨{}⟩", unknown.symbol.shown()),
        };
        Line {
            branch,
            kind: self.clean(kind),
            name: self.clean(&own.unwrap_or(name).shown()),
            version: self.clean(&version),
            place: self.clean(&self.positions.name(resource.at.whole)),
            when: self.clean(&when(resource)),
        }
    }

    fn drawn(&self, look: Look) -> String {
        let widest = |width: fn(&Line) -> usize| {
            let rows = self.lines.iter().filter(|line| !line.place.is_empty());
            rows.map(width).filter(|width| *width <= WIDEST).max().unwrap_or(0)
        };
        let (left, middle) = (widest(Line::width), widest(|line| line.version.chars().count()));
        let mut out = String::new();
        for line in &self.lines {
            let paint = |style: Style, text: &str| style.paint(text, look.color);
            let mut drawn = format!("{}{} {}", line.branch, line.kind, paint(Style::Strong, &line.name));
            if !line.place.is_empty() {
                let pad = " ".repeat(left.saturating_sub(line.width()));
                let gap = " ".repeat(middle.saturating_sub(line.version.chars().count()));
                let (version, place) = (paint(Style::Note, &line.version), paint(Style::Note, &line.place));
                let _ = write!(drawn, "{pad}  {version}{gap}  {place}");
            }
            if !line.when.is_empty() {
                let _ = write!(drawn, "  {}", paint(Style::Word, &line.when));
            }
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{}", drawn.trim_end());
        }
        out
    }
}

/// On what it depends that a resource is deployed, where that is not known.
fn when(resource: &Resource) -> String {
    match (resource.exists, resource.repeated, &resource.condition) {
        (Truth::True | Truth::False, ..) => String::new(),
        (Truth::Unknown, true, _) => "none, one or several".to_owned(),
        (Truth::Unknown, false, Some(condition)) => format!("if {}", shown(condition)),
        (Truth::Unknown, false, None) => "if its deployment is made".to_owned(),
    }
}

fn shown(value: &Value) -> String {
    match &value.data {
        Data::Unknown(unknown) => format!("⟨{}⟩", unknown.symbol.shown()),
        _ => value.as_name().map_or_else(|| "a condition that is not known".to_owned(), |name| name.shown()),
    }
}
