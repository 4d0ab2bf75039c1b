//! From the resource types of providers to ARM's own.
//!
//! In: the attributes of an instance, in Terraform's shape. Out: [`Resource`]s, one or several. Must not know: plans, states,
//! and how references are followed.
//!
//! One file for each family; a table in each says which attribute is which property. What several provider versions spell
//! differently stands in the same table, since an attribute that is not there says nothing. Sources: the provider's
//! documentation and schemas, `azurerm` 2 to 5, `azapi` 1 and 2.

pub(super) mod azapi;
mod client;
mod dns;
mod egress;
mod firewall;
#[cfg(test)]
mod names;
mod network;
mod private_endpoint;
mod registry;
mod shape;
mod subscription;
mod targets;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::{Arc, LazyLock};

use crate::parallel;
use crate::resource::{ApiVersion, Places, Resource, ResourceId, TypeName};
use crate::source::Span;
use crate::value::{Attr, Hole, Key, Object, Origin, Part, Pattern, Symbol, Trails, Truth, Unknown, Value};

use super::instance::{Change, Instance};
use super::reader::Reader;
use super::world::World;
use shape::{Form, Row, apply, overlay};

/// The type of the registration of a resource provider.
pub(super) const PROVIDER: &str = "Microsoft.Resources/providers";

/// A kind of resource that a provider deploys.
pub(super) struct Kind {
    /// What the provider calls it.
    names: &'static [&'static str],
    /// ARM's type.
    pub(super) ty: &'static str,
    /// What its id begins with; the first one that is written counts.
    pub(super) within: &'static [Within],
    /// The attribute that is its name.
    pub(super) named: &'static str,
    /// Its attributes.
    rows: &'static [Row],
    /// What no table can say.
    more: Option<More>,
}

/// What no table can say of a kind.
struct More {
    /// Makes it.
    make: fn(&mut Maker<'_, '_>),
    /// The attributes that this reads, members of blocks with a dot.
    reads: &'static [&'static str],
}

/// What an id begins with.
#[derive(Clone, Copy, Debug)]
pub(super) enum Within {
    /// A resource group, by its name.
    Group,
    /// The subscription.
    Subscription,
    /// A parent, by its id.
    Id(&'static str),
    /// A parent of a type, by its name.
    Name(&'static str, &'static str),
}

/// Every family.
const FAMILIES: [&[Kind]; 9] = [
    registry::KINDS,
    private_endpoint::KINDS,
    dns::KINDS,
    network::KINDS,
    egress::KINDS,
    firewall::KINDS,
    client::KINDS,
    subscription::KINDS,
    targets::KINDS,
];

/// Everything that adds to others.
const ADDITIONS: [&[Addition]; 4] = [network::ADDITIONS, egress::ADDITIONS, firewall::ADDITIONS, client::ADDITIONS];

/// What a resource adds to another one: its type, what tells the other one, and that one's type.
struct Addition {
    name: &'static str,
    /// By its id or its name.
    to: Within,
    ty: &'static str,
    rows: &'static [Row],
}

impl Kind {
    /// Whether it reads an attribute.
    fn reads(&self, attribute: &str) -> bool {
        let more = self.more.iter().flat_map(|more| more.reads);
        let mut more = more.map(|path| path.split_once('.').map_or(*path, |(first, _)| first));
        attribute == self.named || reads(self.rows, attribute) || more.any(|name| name == attribute)
    }
}

/// Whether one of these rows is about an attribute.
fn reads(rows: &[Row], attribute: &str) -> bool {
    rows.iter().any(|row| row.from == attribute || matches!(row.form, Form::Whole(rows) if reads(rows, attribute)))
}

impl Within {
    /// The attribute that tells it; none where it follows from the instance.
    const fn attribute(self) -> Option<&'static str> {
        match self {
            Self::Group | Self::Subscription => None,
            Self::Id(attribute) | Self::Name(attribute, _) => Some(attribute),
        }
    }
}

/// The kind of a resource type.
pub(super) fn kind_of(name: &str) -> Option<&'static Kind> {
    static KINDS: LazyLock<HashMap<&str, &Kind>> = LazyLock::new(|| {
        let all = FAMILIES.iter().flat_map(|family| family.iter());
        all.flat_map(|kind| kind.names.iter().map(move |name| (*name, kind))).collect()
    });
    KINDS.get(name.strip_prefix("data.").unwrap_or(name)).copied()
}

/// What resources of a type add to others.
fn addition_of(name: &str) -> Option<&'static Addition> {
    static NAMED: LazyLock<HashMap<&str, &Addition>> = LazyLock::new(|| {
        ADDITIONS.iter().flat_map(|all| all.iter()).map(|addition| (addition.name, addition)).collect()
    });
    NAMED.get(name).copied()
}

/// What is added to a resource.
struct Added {
    resource: Resource,
    /// Its lists go on with those of the resource, rather than taking their place.
    among: bool,
}

/// Resources, and what others add to them.
#[derive(Default)]
pub(super) struct Made {
    resources: Vec<Resource>,
    additions: Vec<Added>,
}

/// A world of so many instances is read in parts.
const MANY: usize = 400;
/// In so many on any machine, so that what comes out is the same on each.
const PARTS: usize = 8;

/// What the instances of a world are in ARM's shape, and how their values came about. `arena`: the number of these trails in
/// the run. `seen`: they are there; else they are declared. `gone`: what is taken away does not count where others repeat it.
pub(super) fn all(
    world: &World<'_>,
    arena: u32,
    seen: bool,
    gone: &[ResourceId],
    wanted: super::Wanted<'_>,
) -> (Vec<Resource>, Trails) {
    let parts = if world.instances.len() < MANY { 1 } else { PARTS };
    let mut trails = Trails::new(arena);
    let mut resources = made(world, &mut trails, parts, gone, wanted).joined();
    for resource in &mut resources {
        resource.seen = seen;
        resource.managed = true;
    }
    (resources, trails)
}

/// Makes the instances of a world, in so many parts.
fn made(world: &World<'_>, trails: &mut Trails, parts: usize, gone: &[ResourceId], wanted: super::Wanted<'_>) -> Made {
    let count = world.instances.len();
    let ranges: Vec<(usize, Range<usize>)> =
        (0..parts).map(|part| (part, count * part / parts..count * (part + 1) / parts)).collect();
    let whole = &*trails;
    let work = |(part, instances): &(usize, Range<usize>)| {
        let reader = Reader::new(world, whole.branch(*part));
        let mut made = Made::default();
        instances.clone().for_each(|at| make(&reader, at, gone, &mut made, wanted));
        (made, reader.into_trails())
    };
    let threads = if parts == 1 { 1 } else { parallel::threads() };
    let mut all = Made::default();
    for (made, branch) in parallel::each_on(threads, &ranges, work) {
        all.resources.extend(made.resources);
        all.additions.extend(made.additions);
        trails.join(branch);
    }
    all
}

/// Makes what one instance is.
fn make(reader: &Reader<'_, '_>, at: usize, gone: &[ResourceId], made: &mut Made, wanted: super::Wanted<'_>) {
    let told = |instance: &&Instance<'_>| instance.values.is_some() || instance.unknown.is_some();
    let Some(instance) = reader.world.instances.get(at).filter(told) else { return };
    let ty = instance.parts.ty.as_str();
    if let Some(kind) = kind_of(ty) {
        if wanted(&TypeName::new(kind.ty))
            && let Some(mut maker) = Maker::new(reader, at, kind.ty, &|name| kind.reads(name), gone, made)
        {
            maker.main(kind);
        }
    } else if let Some(addition) = addition_of(ty) {
        let wanted = |name: &str| addition.to.attribute() == Some(name) || reads(addition.rows, name);
        if let Some(mut maker) = Maker::new(reader, at, addition.ty, &wanted, gone, made) {
            maker.add(addition);
        }
    } else if ty.starts_with("azapi_") {
        azapi::make(reader, at, gone, made, wanted);
    }
}

impl Made {
    /// Puts what is added to what it is added to.
    fn joined(self) -> Vec<Resource> {
        let Self { mut resources, additions } = self;
        let mut by_id: HashMap<String, usize> = HashMap::new();
        for (at, resource) in resources.iter().enumerate() {
            let place = by_id.entry(resource.id.key().to_owned()).or_insert(at);
            // What is managed counts before what is read.
            if resources.get(*place).is_some_and(|other| other.existing) && !resource.existing {
                *place = at;
            }
        }
        for Added { resource: addition, among } in additions {
            let owner = by_id.get(addition.id.key()).and_then(|&at| resources.get_mut(at));
            match owner {
                Some(owner) => {
                    let (Some(below), Some(above)) = (owner.body.as_object(), addition.body.as_object()) else {
                        continue;
                    };
                    let body = if among { shape::joined(below, above) } else { overlay(below, above) };
                    owner.body = Value::object(body, owner.body.origin);
                }
                None => resources.push(Resource { existing: true, ..addition }),
            }
        }
        resources
    }
}

/// Makes resources of one instance.
pub(super) struct Maker<'w, 't> {
    reader: &'w Reader<'w, 't>,
    instance: &'w Instance<'t>,
    at: usize,
    /// The attributes.
    from: Object,
    id: ResourceId,
    ty: &'static str,
    gone: &'w [ResourceId],
    made: &'w mut Made,
    /// The body in the making.
    body: Object,
}

impl<'w, 't> Maker<'w, 't> {
    fn new(
        reader: &'w Reader<'w, 't>,
        at: usize,
        ty: &'static str,
        wanted: &dyn Fn(&str) -> bool,
        gone: &'w [ResourceId],
        made: &'w mut Made,
    ) -> Option<Self> {
        let instance = reader.world.instances.get(at)?;
        let id = ResourceId::new(reader.id(at).as_pattern()?);
        let from = reader.attributes(at, wanted);
        Some(Self { reader, instance, at, from, id, ty, gone, made, body: Object::new() })
    }

    fn main(&mut self, kind: &Kind) {
        let sent = |row: &&Row| {
            let told = self.from.get(row.from).is_some_and(|value| value.as_unknown().is_some());
            !(row.form.is_unset() && told && self.is_made() && !self.sets(row.from))
        };
        let rows: Vec<Row> = kind.rows.iter().filter(sent).copied().collect();
        apply(&rows, &self.from, &mut self.body);
        if let Some(more) = &kind.more {
            (more.make)(self);
        }
        let body = std::mem::take(&mut self.body);
        let (name_at, own) = match self.from.entry(kind.named) {
            Some((_, value)) => (value.origin, value.as_name()),
            None => (Origin::at(self.instance.values_at), None),
        };
        let own = own.unwrap_or_else(|| Pattern::hole(&self.reader.hole(self.at, kind.named)));
        let name = full_name(&self.id, self.ty, &own);
        let address = Arc::clone(&self.instance.address);
        let resource = self.resource(self.ty, self.id.clone(), name, name_at, address, body);
        self.made.resources.push(resource);
    }

    /// A child that is written as a part of its parent.
    fn child(&mut self, ty: &'static str, own: &Value, label: &str, body: Object, repeated: bool) {
        let segment = ty.rsplit('/').next().unwrap_or_default();
        let Some(own_name) = own.as_name() else { return };
        let id = self.id.child(segment, &own_name);
        let name = full_name(&id, ty, &own_name);
        let address = format!("{}.{label}", self.instance.address);
        let mut resource = self.resource(ty, id, name, own.origin, address.into(), body);
        if repeated {
            resource.repeated = true;
            resource.exists = Truth::Unknown;
        }
        self.made.resources.push(resource);
    }

    /// What this instance adds to another resource.
    fn add(&mut self, addition: &Addition) {
        let told = addition.to.attribute().and_then(|name| self.from.entry(name));
        let Some((_, value)) = told.filter(|(_, value)| !value.is_null()) else { return };
        let origin = value.origin;
        let id = match addition.to {
            Within::Name(attribute, ty) => self.reader.parent(self.at, attribute, ty),
            Within::Id(_) | Within::Group | Within::Subscription => match value.as_pattern() {
                Some(id) => id,
                None => return,
            },
        };
        let id = ResourceId::new(id);
        apply(addition.rows, &self.from, &mut self.body);
        let body = std::mem::take(&mut self.body);
        let among = addition.rows.iter().any(|row| matches!(row.form, Form::Among(_) | Form::Whole(_)));
        let ty = addition.ty;
        let own = id.pattern().split('/').and_then(|mut pieces| pieces.pop()).unwrap_or_else(|| id.pattern().clone());
        let name = full_name(&id, ty, &own);
        let address = Arc::clone(&self.instance.address);
        let resource = self.resource(ty, id, name, origin, address, body);
        self.made.additions.push(Added { resource, among });
    }

    fn resource(
        &self,
        ty: &str,
        id: ResourceId,
        name: Pattern,
        name_at: Origin,
        address: Arc<str>,
        body: Object,
    ) -> Resource {
        let instance = self.instance;
        Resource {
            ty: TypeName::new(ty),
            name: Value::new(name.into_data(), name_at),
            id,
            api_version: Attr::absent(Origin::at(instance.ty_at)),
            address,
            body: Value::object(body, Origin::at(instance.values_at)),
            existing: instance.parts.data,
            seen: false,
            managed: true,
            exists: Truth::True,
            condition: None,
            repeated: false,
            change: instance.told,
            at: Places { whole: instance.whole, ty: instance.ty_at, name: name_at, properties: instance.values_at },
        }
    }

    /// Sets the API version, where one is written.
    fn version(resource: &mut Resource, version: &str, at: Span) {
        resource.api_version = Attr::known(ApiVersion::new(version), Origin::at(at));
    }

    fn put(&mut self, path: &str, at: Span, value: Value) {
        shape::put(&mut self.body, path, at, value);
    }

    /// An attribute that says something.
    fn get(&self, name: &str) -> Option<(Key, Value)> {
        self.from.entry(name).filter(|(_, value)| !value.is_null()).map(|(key, value)| (key.clone(), value.clone()))
    }

    /// Whether the configuration sets an attribute, as far as it is shown.
    fn sets(&self, name: &str) -> bool {
        self.instance.sets(name)
    }

    /// Whether the plan makes it.
    const fn is_made(&self) -> bool {
        matches!(self.instance.change, Change::Create | Change::Replace { .. })
    }

    /// Whether an attribute only repeats what Azure or other resources say.
    fn repeats(&self, name: &str) -> bool {
        let planned = !matches!(self.instance.change, Change::Unsaid | Change::Read);
        planned && self.instance.change != Change::Create && !self.sets(name)
    }
}

/// The full name of a resource: its own, and those of its parents in front.
fn full_name(id: &ResourceId, ty: &str, own: &Pattern) -> Pattern {
    let depth = ty.matches('/').count();
    if depth < 2 {
        return own.clone();
    }
    let mut names = vec![own.clone()];
    let mut around = id.parent();
    for _ in 1..depth {
        let Some(parent) = around else { break };
        names.push(name_of(&parent));
        around = parent.parent();
    }
    let mut full = Pattern::new();
    for (i, name) in names.iter().rev().enumerate() {
        if i > 0 {
            full.push_str("/");
        }
        full.push(name);
    }
    full
}

/// The last piece of an id as written; of one that is not known, an unknown of its own.
fn name_of(id: &ResourceId) -> Pattern {
    if let Some(name) = id.pattern().split('/').and_then(|mut pieces| pieces.pop()) {
        return name;
    }
    let parts = id.pattern().parts();
    if let Some(Part::Literal(text)) = parts.last()
        && let Some((_, name)) = text.rsplit_once('/')
    {
        return Pattern::literal(name);
    }
    match id.pattern().first_hole() {
        Some(hole) => {
            let symbol = Symbol::new(format!("name of {}", hole.symbol.text), Arc::clone(&hole.symbol.scope));
            Pattern::hole(&Arc::new(Unknown::new(hole.reason, symbol).with_hole(Hole::Segment)))
        }
        None => Pattern::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;
    use crate::input::terraform::{Configuration, instance};
    use crate::json;
    use crate::source::FileId;
    use crate::value::{Data, StepKind};

    #[test]
    fn a_name_is_that_of_one_kind() {
        let kinds = FAMILIES.iter().flat_map(|family| family.iter()).flat_map(|kind| kind.names).copied();
        let additions = ADDITIONS.iter().flat_map(|all| all.iter()).map(|addition| addition.name);
        let mut known = BTreeSet::new();
        for name in kinds.chain(additions) {
            assert!(known.insert(name), "{name} stands in two tables");
        }
    }

    /// What a person is told of how the values of a resource came about, in their order.
    fn ways(value: &Value, trails: &Trails, ways: &mut Vec<Vec<(StepKind, Span)>>) {
        ways.push(trails.steps(value.origin).map(|step| (step.kind.clone(), step.at)).collect());
        match &value.data {
            Data::Array(array) => array.items.iter().for_each(|item| self::ways(item, trails, ways)),
            Data::Object(object) => object.iter().for_each(|(_, member)| self::ways(member, trails, ways)),
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) => {}
            Data::String(_) | Data::Pattern(_) | Data::Unknown(_) => {}
        }
    }

    /// A resource, without the numbers of its trails, and these written out.
    fn told(resource: &Resource, trails: &Trails) -> (String, Vec<Vec<(StepKind, Span)>>) {
        let mut all = Vec::new();
        ways(&resource.body, trails, &mut all);
        let text = format!("{resource:?}");
        let mut parts = text.split("trail: TrailId {");
        let mut without = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            without.push_str(part.split_once('}').unwrap_or_default().1);
        }
        (without, all)
    }

    #[test]
    fn parts_do_not_show() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
        let (mut plans, mut followed) = (0, 0);
        for entry in walkdir::WalkDir::new(folder).into_iter().flatten() {
            let path = entry.path();
            let Some(text) =
                path.extension().filter(|kind| *kind == "json").and_then(|_| std::fs::read_to_string(path).ok())
            else {
                continue;
            };
            let parsed = json::parse(FileId(0), &text);
            let Some(root) = parsed.tree.root().filter(|root| root.get("resource_changes").is_some()) else { continue };
            let configuration = Configuration::of(root.get("configuration"));
            let instances = instance::of_plan(root, &configuration).stays;
            let mut world = World::new(instances, configuration, root.get("variables"), "plan");
            world.relevant = root.get("relevant_attributes");
            world.find_subscriptions(None);
            let in_parts = |parts: usize| {
                let mut trails = Trails::new(0);
                let made = made(&world, &mut trails, parts, &[], &|_| true).joined();
                made.iter().map(|resource| told(resource, &trails)).collect::<Vec<_>>()
            };
            let whole = in_parts(1);
            followed += whole.iter().flat_map(|(_, ways)| ways).filter(|way| !way.is_empty()).count();
            plans += 1;
            for parts in [2, 3, world.instances.len().clamp(1, 64)] {
                assert!(in_parts(parts) == whole, "{} in {parts} parts", path.display());
            }
        }
        assert!(plans > 40 && followed > 50, "{plans} plans, {followed} references");
    }
}
