//! A small made-up model for tests: three kinds that relate to each other, random facts, and random rules over them.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::{Existence, Model, ResourceRef};
use crate::catalog::{
    Catalog, Completeness, Datum, Fact, Kind, KindId, Member, Place, Property, Related, Relation, Scalar, Subject, Ty,
};
use crate::source::{FileId, Span};
use crate::value::{Hole, Origin, Pattern, Reason, Symbol, Trails, Truth, Type, Unknown, Value};

/// The made-up model. What is not listed is absent, and leads nowhere for certain.
#[derive(Debug, Default)]
pub struct Land {
    pub size: u32,
    pub facts: BTreeMap<(&'static str, Subject), Fact>,
    pub relations: BTreeMap<(&'static str, Subject), Related>,
    pub existence: BTreeMap<Subject, Truth>,
    pub trails: Trails,
    pub registries: Vec<Subject>,
}

pub const FLAG: &str = "flag";
pub const SIZE: &str = "size";
pub const NAME: &str = "name";
pub const TAG: &str = "tag.name";
pub const LINK: &str = "link";
pub const RANGE: &str = "range";

macro_rules! property {
    ($name:expr, $ty:ident) => {
        Property { name: $name, ty: Ty::$ty, doc: "A property.", get: |land, subject| land.fact($name, subject) }
    };
}

macro_rules! relation {
    ($name:expr, $target:expr, $one:expr) => {
        Relation {
            name: $name,
            target: $target,
            one: $one,
            doc: "A relation.",
            each: |land, subject| land.relation($name, subject),
        }
    };
}

const PROPERTIES: &[Property<Land>] = &[
    property!(FLAG, Bool),
    property!(SIZE, Int),
    property!(NAME, Text),
    property!(TAG, Text),
    property!(LINK, Id),
    property!(RANGE, Net),
];

macro_rules! kind {
    ($index:expr, $name:expr, $next:expr) => {
        Kind {
            name: $name,
            doc: "A kind.",
            all: |land| (0..land.size).map(|node| Subject { kind: KindId($index), node, element: 0 }).collect(),
            properties: PROPERTIES,
            relations: &[
                relation!("home", $next, true),
                relation!("friends", $next, false),
                relation!("friends.old", $name, false),
            ],
        }
    };
}

pub static CATALOG: Catalog<Land> =
    Catalog { kinds: &[kind!(0, "hub", "spoke"), kind!(1, "spoke", "leaf"), kind!(2, "leaf", "hub")] };

/// A handful of the real vocabulary's words over the same model, for findings that read like real ones.
pub static REGISTRIES: Catalog<Land> = Catalog {
    kinds: &[
        Kind {
            name: "registry",
            doc: "A registry.",
            all: |land| land.registries.clone(),
            properties: &[
                property!("name", Text),
                property!("publicNetworkAccess", Text),
                property!("networkRuleSet.defaultAction", Text),
                property!("adminPassword", Text),
            ],
            relations: &[
                relation!("privateEndpoints", "privateEndpoint", false),
                relation!("networkRuleSet.ipRules", "ipRule", false),
            ],
        },
        Kind {
            name: "privateEndpoint",
            doc: "An endpoint.",
            all: |_| Vec::new(),
            properties: &[property!("name", Text)],
            relations: &[relation!("subnet", "subnet", true)],
        },
        Kind {
            name: "ipRule",
            doc: "An IP rule.",
            all: |_| Vec::new(),
            properties: &[property!("value", Net)],
            relations: &[],
        },
        Kind {
            name: "subnet",
            doc: "A subnet.",
            all: |_| Vec::new(),
            properties: &[property!("name", Text)],
            relations: &[],
        },
    ],
};

pub const NAMES: [(&str, Ty); 6] =
    [(FLAG, Ty::Bool), (SIZE, Ty::Int), (NAME, Ty::Text), (TAG, Ty::Text), (LINK, Ty::Id), (RANGE, Ty::Net)];
const RELATIONS: [&str; 3] = ["home", "friends", "friends.old"];
const TEXTS: [&str; 6] = ["a", "AB", "ab", "b/a", "/a/b", "b"];
const RANGES: [&str; 4] = ["10.0.0.0/8", "10.1.0.0/16", "11.0.0.0/8", "fd00::/8"];

pub fn place() -> Place {
    Place { origin: Origin::at(Span::new(FileId(0), 0, 1)), text: None }
}

impl Land {
    pub fn fact(&self, name: &'static str, subject: Subject) -> Fact {
        let absent = || Fact { datum: Datum::Absent, defaulted: false, places: vec![place()] };
        self.facts.get(&(name, subject)).cloned().unwrap_or_else(absent)
    }

    pub fn relation(&self, name: &'static str, subject: Subject) -> Related {
        let none = || Related { members: Vec::new(), complete: Completeness::Complete(place()) };
        self.relations.get(&(name, subject)).cloned().unwrap_or_else(none)
    }

    pub fn random(random: &mut Random) -> Self {
        let mut land = Self { size: 2, ..Self::default() };
        for kind in 0..3 {
            for node in 0..land.size {
                let subject = Subject { kind: KindId(kind), node, element: 0 };
                for (name, ty) in NAMES {
                    land.facts.insert((name, subject), random.fact(ty));
                }
                for name in RELATIONS {
                    let target = if name == "friends.old" { kind } else { (kind + 1) % 3 };
                    let related = random.related(KindId(target), land.size, name == "home");
                    land.relations.insert((name, subject), related);
                }
                land.existence.insert(subject, random.pick(&[Truth::True, Truth::True, Truth::Unknown]));
            }
        }
        land
    }
}

impl Model for Land {
    fn resource(&self, subject: Subject) -> ResourceRef {
        let kind = if subject.element > 0 { 0 } else { usize::from(subject.kind.0) };
        let name = format!("{}{}", ["acr", "pe", "leaf", "subnet"][kind], subject.node);
        ResourceRef { address: name.clone(), id: format!("/{name}"), ty: "Made/up".to_owned(), name }
    }

    fn exists(&self, subject: Subject) -> Existence {
        match self.existence.get(&subject) {
            Some(&truth) => Existence { truth, places: vec![place()] },
            None => Existence { truth: Truth::True, places: Vec::new() },
        }
    }

    fn key(&self, subject: Subject) -> String {
        if subject.element == 0 { String::new() } else { subject.element.to_string() }
    }

    fn home(&self, subject: Subject) -> Origin {
        self.fact("name", subject).places.first().map_or(place().origin, |place| place.origin)
    }

    fn trails(&self, arena: usize) -> Option<&Trails> {
        (arena == 0).then_some(&self.trails)
    }

    fn size(&self) -> usize {
        usize::MAX // several threads, though nothing is large
    }
}

/// Xorshift: the same numbers on every machine.
pub struct Random(u64);

impl Random {
    pub const fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    pub fn below(&mut self, n: usize) -> usize {
        usize::try_from((self.next() >> 20) % n as u64).unwrap_or(0)
    }

    pub fn pick<T: Clone>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())].clone()
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    fn fact(&mut self, ty: Ty) -> Fact {
        let datum = match self.below(10) {
            0 => Datum::Absent,
            1 => Datum::Unknown(self.unknown(ty)),
            2 => Datum::Unknown(Arc::new(self.finite(ty))),
            _ => Datum::Known(self.scalar(ty)),
        };
        Fact { defaulted: self.chance(15), datum, places: vec![place()] }
    }

    fn unknown(&mut self, ty: Ty) -> Arc<Unknown> {
        let (symbol, class) = self.pick(&[("p", Hole::Segment), ("q", Hole::Any), ("r", Hole::Id)]);
        let unknown = Unknown::new(Reason::ParameterWithoutValue, Symbol::new(symbol, ""));
        Arc::new(match ty {
            Ty::Text | Ty::Id => unknown.with_hole(class),
            Ty::Bool => unknown.typed(Type::Bool),
            Ty::Int => unknown.typed(Type::Number),
            Ty::Net => unknown,
        })
    }

    fn finite(&mut self, ty: Ty) -> Unknown {
        let origin = place().origin;
        let count = 1 + self.below(3);
        let values = (0..count).map(|_| match ty {
            _ if self.chance(10) => Value::null(origin),
            Ty::Bool => Value::bool(self.chance(50), origin),
            Ty::Int => Value::new(crate::value::Data::Int(self.number()), origin),
            Ty::Text | Ty::Id => Value::string(self.pick(&TEXTS), origin),
            Ty::Net => Value::string(self.pick(&RANGES), origin),
        });
        let domain = Some(values.collect());
        let symbol = Symbol::new(self.pick(&["x", "y"]), domain_key(domain.as_ref()));
        Unknown { domain, ..Unknown::new(Reason::ParameterWithoutValue, symbol) }
    }

    fn number(&mut self) -> i64 {
        i64::try_from(self.below(3)).unwrap_or(0)
    }

    fn scalar(&mut self, ty: Ty) -> Scalar {
        match ty {
            Ty::Bool => Scalar::Bool(self.chance(50)),
            Ty::Int => Scalar::Int(self.number()),
            Ty::Text | Ty::Id => Scalar::Text(self.pattern(ty)),
            Ty::Net => Scalar::Net(self.pick(&RANGES).parse().expect("a range")),
        }
    }

    /// Text, in every third case with a hole or two.
    pub fn pattern(&mut self, ty: Ty) -> Pattern {
        let mut pattern = Pattern::new();
        if self.chance(66) {
            pattern.push_str(self.pick(&TEXTS));
            return pattern;
        }
        for _ in 0..=self.below(3) {
            if self.chance(50) {
                pattern.push_hole(&self.unknown(ty));
            } else {
                pattern.push_str(self.pick(&TEXTS));
            }
        }
        pattern
    }

    fn related(&mut self, kind: KindId, size: u32, one: bool) -> Related {
        let mut members = Vec::new();
        for node in 0..size {
            let certain = members.iter().any(|member: &Member| member.related == Truth::True);
            if self.chance(40) {
                continue;
            }
            let related = if (one && certain) || self.chance(30) { Truth::Unknown } else { Truth::True };
            members.push(Member { subject: Subject { kind, node, element: 0 }, related, places: vec![place()] });
        }
        let complete = match self.below(5) {
            0 => Completeness::Incomplete { place: place(), settle: "more".into() },
            1 | 2 => Completeness::Presumed(place()),
            _ => Completeness::Complete(place()),
        };
        Related { members, complete }
    }
}

/// Unknowns of one symbol have one domain.
fn domain_key(domain: Option<&Arc<[Value]>>) -> String {
    format!("{:?}", domain.map(|values| values.iter().map(|value| &value.data).collect::<Vec<_>>()))
}

pub fn hash(what: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

/// The text of a random rule: over a kind, or over elements two relations away.
pub fn rule(random: &mut Random) -> String {
    let kind = random.below(3);
    let hops: Vec<&str> = (0..random.below(3)).map(|_| random.pick(&RELATIONS)).collect();
    let mut subject = vec![["hub", "spoke", "leaf"][kind]];
    subject.extend(&hops);
    let mut bound = vec![(Some(subject[0].to_owned()), kind)];
    let mut binding = String::new();
    if !hops.is_empty() {
        let target = hops.iter().fold(kind, |kind, hop| target(kind, hop));
        binding = "\"as\": \"it\",".to_owned();
        bound.push((Some("it".to_owned()), target));
    }
    let when = if random.chance(50) { format!("\"when\": {},", clause(random, &mut bound, 2)) } else { String::new() };
    let require = clause(random, &mut bound, 3);
    format!(
        r#"{{ "id": "random", "level": "error", "status": "stable", "title": "t", "why": "w", "fix": "f",
  "subject": "{}", {binding} {when}
  "require": {require}, "message": "m" }}"#,
        subject.join(".")
    )
}

fn target(kind: usize, relation: &str) -> usize {
    if relation == "friends.old" { kind } else { (kind + 1) % 3 }
}

type Bound = Vec<(Option<String>, usize)>;

fn clause(random: &mut Random, bound: &mut Bound, depth: usize) -> String {
    if depth == 0 || random.chance(25) {
        return test(random, bound);
    }
    match random.below(6) {
        0 => format!("{{\"not\": {}}}", clause(random, bound, depth - 1)),
        shape @ (1 | 2) => {
            let parts: Vec<_> = (0..=random.below(3)).map(|_| clause(random, bound, depth - 1)).collect();
            format!("{{\"{}\": [{}]}}", ["allOf", "anyOf"][shape - 1], parts.join(", "))
        }
        shape => related(random, bound, depth, ["every", "some", "count"][shape - 3]),
    }
}

fn related(random: &mut Random, bound: &mut Bound, depth: usize, form: &str) -> String {
    let (path, kind) = way(random, bound);
    let relation = random.pick(&RELATIONS);
    let name = random.chance(50).then(|| format!("x{}", bound.len()));
    let binding = name.as_ref().map(|name| format!(", \"as\": \"{name}\"")).unwrap_or_default();
    let limit = match form {
        "count" => random.pick(&[
            ", \"less\": 2",
            ", \"less\": 1",
            ", \"greater\": 0",
            ", \"greater\": 1",
            ", \"equals\": 1",
            ", \"equals\": 0",
        ]),
        _ => "",
    };
    let inner = if form == "every" || random.chance(70) {
        bound.push((name, target(kind, relation)));
        let inner = clause(random, bound, depth - 1);
        bound.pop();
        format!(", \"where\": {inner}")
    } else {
        String::new()
    };
    format!("{{\"{form}\": \"{path}{relation}\"{binding}{inner}{limit}}}")
}

/// The beginning of a path: nothing, a bound name, and perhaps a relation to one.
fn way(random: &mut Random, bound: &Bound) -> (String, usize) {
    let named = random.pick(bound);
    let (mut path, mut kind) = match named {
        (Some(name), kind) if random.chance(50) => (format!("{name}."), kind),
        (Some(_) | None, _) => (String::new(), bound.last().map_or(0, |(_, kind)| *kind)),
    };
    while random.chance(25) {
        path.push_str("home.");
        kind = target(kind, "home");
    }
    (path, kind)
}

fn test(random: &mut Random, bound: &Bound) -> String {
    let path = way(random, bound).0;
    let (name, ty) = random.pick(&NAMES);
    if random.chance(15) {
        return format!("{{\"property\": \"{path}{name}\", \"exists\": {}}}", random.chance(50));
    }
    let literal = |random: &mut Random| match ty {
        Ty::Bool => random.chance(50).to_string(),
        Ty::Int => random.number().to_string(),
        Ty::Text | Ty::Id => format!("\"{}\"", random.pick(&TEXTS)),
        Ty::Net => format!("\"{}\"", random.pick(&RANGES)),
    };
    let operator = match ty {
        Ty::Bool => random.pick(&["equals", "in"]),
        Ty::Int => random.pick(&["equals", "in", "less", "greater"]),
        Ty::Text | Ty::Id => random.pick(&["equals", "in", "startsWith", "endsWith", "contains"]),
        Ty::Net => random.pick(&["equals", "in", "within", "overlaps"]),
    };
    let operand = if operator == "in" {
        let values: Vec<_> = (0..=random.below(3)).map(|_| literal(random)).collect();
        format!("[{}]", values.join(", "))
    } else if random.chance(40) {
        let other = random.pick(&NAMES.iter().filter(|(_, other)| *other == ty).collect::<Vec<_>>()).0;
        format!("{{\"property\": \"{}{other}\"}}", way(random, bound).0)
    } else {
        literal(random)
    };
    format!("{{\"property\": \"{path}{name}\", \"{operator}\": {operand}}}")
}
