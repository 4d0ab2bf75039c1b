//! From properties and edges of the graph to facts and related subjects.
//!
//! In: [`Attr`]s, [`Setting`]s, [`List`]s, [`Link`]s. Out: [`Fact`]s, [`Related`]. Must not know: any kind's properties.

use std::sync::Arc;

use crate::graph::{Graph, Head, Link, List, MANY, Setting, Target};
use crate::value::{Attr, Hole, Origin, Pattern, Reason, State, Symbol, Truth, Unknown};

use super::model::Name;
use super::{Completeness, Datum, Fact, Member, Model, Place, Property, Related, Relation, Scalar, Subject, Ty};

/// A row of a table of properties.
pub(super) const fn property(
    name: &'static str,
    ty: Ty,
    doc: &'static str,
    get: fn(&Model, Subject) -> Fact,
) -> Property<Model> {
    Property { name, ty, doc, get }
}

/// A row of a table of relations to any number of subjects.
pub(super) const fn many(
    name: &'static str,
    target: &'static str,
    doc: &'static str,
    each: fn(&Model, Subject) -> Related,
) -> Relation<Model> {
    Relation { name, target, one: false, doc, each }
}

/// A row of a table of relations to one subject at most.
pub(super) const fn one(
    name: &'static str,
    target: &'static str,
    doc: &'static str,
    each: fn(&Model, Subject) -> Related,
) -> Relation<Model> {
    Relation { name, target, one: true, doc, each }
}

/// A place that speaks for itself.
pub(super) const fn place(origin: Origin) -> Place {
    Place { origin, text: None }
}

/// A place with what it shows.
pub(super) fn note(origin: Origin, text: &str) -> Place {
    Place { origin, text: Some(text.into()) }
}

fn datum<T>(state: &State<T>, scalar: impl FnOnce(&T) -> Scalar) -> Datum {
    match state {
        State::Known(value) => Datum::Known(scalar(value)),
        State::Absent => Datum::Absent,
        State::Unknown(unknown) => Datum::Unknown(Arc::clone(unknown)),
    }
}

/// Text or an id. What is certain to be a text that is not empty (a name, a region, an id) is known, with a hole.
pub(super) fn text(attr: &Attr<Pattern>) -> Fact {
    if let State::Unknown(unknown) = &attr.state
        && unknown.hole != Hole::Any
        && unknown.domain.is_none()
        && unknown.reason != Reason::Secret
    {
        let text = Scalar::Text(Pattern::hole(unknown));
        return fact(Datum::Known(text), vec![place(attr.origin)]);
    }
    fact(datum(&attr.state, |text| Scalar::Text(text.clone())), vec![place(attr.origin)])
}

/// A boolean.
pub(super) fn boolean(attr: &Attr<bool>) -> Fact {
    fact(datum(&attr.state, |value| Scalar::Bool(*value)), vec![place(attr.origin)])
}

/// A whole number.
pub(super) fn int(attr: &Attr<i64>) -> Fact {
    fact(datum(&attr.state, |value| Scalar::Int(*value)), vec![place(attr.origin)])
}

/// An address range.
pub(super) fn net(attr: &Attr<ipnet::IpNet>) -> Fact {
    fact(datum(&attr.state, |value| Scalar::Net(*value)), vec![place(attr.origin)])
}

/// Text with a platform default.
pub(super) fn text_setting(setting: &Setting<Pattern>) -> Fact {
    defaulted(text(&setting.attr), setting.defaulted)
}

/// A boolean with a platform default.
pub(super) fn bool_setting(setting: &Setting<bool>) -> Fact {
    defaulted(boolean(&setting.attr), setting.defaulted)
}

fn defaulted(mut fact: Fact, defaulted: bool) -> Fact {
    fact.defaulted = defaulted;
    fact
}

/// A fact that is not a default.
pub(super) const fn fact(datum: Datum, places: Vec<Place>) -> Fact {
    Fact { datum, defaulted: false, places }
}

/// A known text.
pub(super) fn known_text(value: &str, places: Vec<Place>) -> Fact {
    fact(Datum::Known(Scalar::Text(Pattern::literal(value))), places)
}

/// The id that a reference holds.
pub(super) fn id(link: &Link) -> Fact {
    let datum = match (&link.id, &link.target) {
        (Some(id), _) => match (id.pattern().parts(), id.pattern().first_hole()) {
            ([_], Some(hole)) => Datum::Unknown(Arc::clone(hole)),
            _ => Datum::Known(Scalar::Text(id.pattern().clone())),
        },
        (None, Target::Unknown(unknown)) => Datum::Unknown(Arc::clone(unknown)),
        (None, Target::Node(_) | Target::Maybe(_) | Target::Elsewhere | Target::Absent) => Datum::Absent,
    };
    fact(datum, vec![place(link.origin)])
}

/// A derived boolean. `what` names what is not known, where it is not: "the peerings of vnet-hub".
pub(super) fn decided(truth: Truth, what: &str, places: Vec<Place>) -> Fact {
    let datum = match truth {
        Truth::True => Datum::Known(Scalar::Bool(true)),
        Truth::False => Datum::Known(Scalar::Bool(false)),
        Truth::Unknown => Datum::Unknown(not_in_input(what, places.first())),
    };
    fact(datum, places)
}

/// As [`decided`], because of an unknown that is named in the input.
pub(super) fn decided_because(truth: Truth, because: Option<&Arc<Unknown>>, what: &str, places: Vec<Place>) -> Fact {
    match (truth, because) {
        (Truth::Unknown, Some(unknown)) => fact(Datum::Unknown(derived(unknown, what)), places),
        (Truth::True | Truth::False | Truth::Unknown, _) => decided(truth, what, places),
    }
}

/// The same boolean in words, for places that do not say what they show: what it means when it is not so, and when it is.
pub(super) fn said(mut fact: Fact, no: &str, yes: &str) -> Fact {
    if let Datum::Known(Scalar::Bool(value)) = fact.datum {
        let words = if value { yes } else { no };
        for place in fact.places.iter_mut().filter(|place| place.text.is_none()) {
            place.text = Some(words.into());
        }
    }
    fact
}

/// An unknown that follows from another one.
pub(super) fn derived(unknown: &Arc<Unknown>, what: &str) -> Arc<Unknown> {
    let scope = format!("{what} of {}", unknown.symbol.scope);
    Arc::new(Unknown::new(unknown.reason, Symbol::new(Arc::clone(&unknown.symbol.text), scope)))
}

/// Something that no part of the input shows.
pub(super) fn not_in_input(what: &str, at: Option<&Place>) -> Arc<Unknown> {
    let scope = at.map_or_else(String::new, |place| {
        let span = place.origin.at;
        format!("{}:{}", span.file.0, span.start)
    });
    Arc::new(Unknown::new(Reason::NotInInput, Symbol::new(what, scope)))
}

/// The elements of an array, as subjects of a kind of their own.
///
/// `settle` is the command whose output shows them, for a resource that is only referenced.
pub(super) fn elements<T>(
    list: &List<T>,
    kind: Name,
    node: u32,
    settle: &str,
    origin: impl Fn(&T) -> Origin,
) -> Related {
    let members = (1_u32..).zip(&list.items).map(|(element, item)| Member {
        subject: Subject { kind: kind.id(), node, element },
        related: Truth::True,
        places: vec![place(origin(item))],
    });
    Related { members: members.collect(), complete: all_of(list, settle) }
}

/// Whether an array shows all its elements.
pub(super) fn all_of<T>(list: &List<T>, settle: &str) -> Completeness {
    match &list.open {
        None => Completeness::Complete(place(list.at)),
        Some(open) => Completeness::Incomplete { place: place(list.at), settle: settles(open, settle) },
    }
}

/// The input that would settle an unknown; `command` is what shows it where it is not in the input.
pub(super) fn settles(unknown: &Unknown, command: &str) -> Arc<str> {
    let symbol = &unknown.symbol.text;
    match unknown.reason {
        Reason::ParameterWithoutValue => format!("a value for {symbol}").into(),
        Reason::Secret => format!("the output of `{command}`").into(),
        Reason::RuntimeFunction | Reason::KnownAfterApply | Reason::NotInInput => {
            format!("the output of `{command}`").into()
        }
        Reason::Unsupported | Reason::InvalidExpression | Reason::Limit => {
            format!("a literal in place of {symbol}").into()
        }
    }
}

/// The command that shows one resource; the one that lists all of its kind where its id is not known in full.
pub(super) fn shown_by(id: Option<&Pattern>, show: &str, list: &str) -> String {
    match id.and_then(Pattern::as_literal) {
        Some(id) => format!("{show} --ids {id}"),
        None => list.to_owned(),
    }
}

/// The children that an owner certainly or perhaps has, of those that may name it; each shown where it stands.
///
/// Of a loop whose count is not known one copy stands for all, so these are not known to be all.
pub(super) fn children<'m>(
    m: &Model,
    owner: &Head,
    list: Option<&Vec<(u32, Truth)>>,
    kind: Name,
    head: impl Fn(u32) -> Option<&'m Head>,
    (noun, settle): (&str, &str),
) -> Related {
    let mut members = Vec::new();
    let mut repeated = None;
    for &(at, belongs) in list.map(Vec::as_slice).unwrap_or_default() {
        let Some(child) = head(at) else { continue };
        if child.repeated {
            repeated = Some(type_of(child));
        }
        let related = belongs.and(child.exists);
        if related != Truth::False {
            members.push(Member { subject: kind.node(at), related, places: vec![place(home(child))] });
        }
    }
    let complete = match (all_children(m, owner, kind, !members.is_empty(), noun, settle), repeated) {
        (Completeness::Presumed(_), Some(at)) => repeated_children(at, noun),
        (complete, _) => complete,
    };
    Related { members, complete }
}

/// The registries that something certainly or perhaps means, shown where it names one: all of them once one is certain.
pub(super) fn registries_meant(
    found: impl IntoIterator<Item = (u32, Truth)>,
    at: Place,
    otherwise: impl FnOnce(Place) -> Completeness,
) -> Related {
    let found = found.into_iter().filter(|(_, related)| *related != Truth::False);
    let members: Vec<Member> = found
        .map(|(node, related)| Member { subject: Name::Registry.node(node), related, places: vec![at.clone()] })
        .collect();
    let certain = members.iter().any(|member| member.related == Truth::True);
    let complete = if certain { Completeness::Complete(at) } else { otherwise(at) };
    Related { members, complete }
}

/// A relation to resources of a loop whose count is not known.
pub(super) fn repeated_children(at: Origin, noun: &str) -> Completeness {
    Completeness::Incomplete { place: place(at), settle: format!("the number of copies of this {noun}").into() }
}

/// The node that a reference leads to; of very many that it may lead to none is told of, as that says nothing of any one.
pub(super) fn follow(link: &Link, kind: Name, settle: &str, exists: impl Fn(u32) -> Truth) -> Related {
    let at = place(link.origin);
    let targets =
        if matches!(&link.target, Target::Maybe(all) if all.len() > MANY) { Vec::new() } else { link.targets() };
    let members = targets.into_iter().map(|(node, related)| Member {
        subject: Subject { kind: kind.id(), node, element: 0 },
        related: related.and(exists(node)),
        places: vec![at.clone()],
    });
    let members = members.filter(|member| member.related != Truth::False).collect();
    let complete = match &link.target {
        Target::Node(_) | Target::Absent => Completeness::Complete(at),
        Target::Unknown(unknown) => Completeness::Incomplete { place: at, settle: settles(unknown, settle) },
        Target::Maybe(_) | Target::Elsewhere => {
            let hole = link.id.as_ref().and_then(|id| match id.pattern().parts() {
                [_] => id.pattern().first_hole(),
                _ => None,
            });
            let settle = match hole {
                Some(unknown) => settles(unknown, settle),
                None => format!("the output of `{settle}`").into(),
            };
            Completeness::Incomplete { place: at, settle }
        }
    };
    Related { members, complete }
}

/// Whether the children that this input has of a resource are all there are: so it is where a list shows all of them.
pub(super) fn all_children(m: &Model, owner: &Head, kind: Name, any: bool, noun: &str, settle: &str) -> Completeness {
    match kind.ty().and_then(|ty| m.graph.listings.within(ty, &owner.id)) {
        Some(at) => Completeness::Complete(note(at, &format!("this shows every {noun}"))),
        None => declared(m, owner, kind.ty().unwrap_or_default(), any, noun, settle),
    }
}

/// Whether the peers that this input has of a resource are all there are. A list of their type shows those of a
/// subscription; that there is none in another one is presumed.
pub(super) fn peers(m: &Model, head: &Head, ty: &str, any: bool, noun: &str, settle: &str) -> Completeness {
    if head.seen && !head.existing && m.graph.listings.any(ty) {
        let other = if any { "other " } else { "" };
        return Completeness::Presumed(note(type_of(head), &format!("no {other}{noun} is in the lists of this input")));
    }
    declared(m, head, ty, any, noun, settle)
}

/// Whether the children, associations or peers that this input declares of a resource are all there are.
///
/// `ty` is their type, in lower case, `noun` what they are called: "private endpoint"; `settle` the command whose output
/// shows them all.
pub(super) fn declared(m: &Model, head: &Head, ty: &str, any: bool, noun: &str, settle: &str) -> Completeness {
    of_declared(&m.graph, head, ty, any, (noun, settle))
}

/// As [`declared`], while the model is being made.
pub(super) fn of_declared(
    graph: &Graph,
    head: &Head,
    ty: &str,
    any: bool,
    (noun, settle): (&str, &str),
) -> Completeness {
    if head.existing {
        let place = note(home(head), "only referenced here");
        return Completeness::Incomplete { place, settle: format!("the output of `{settle}`").into() };
    }
    if head.seen && !head.managed {
        let place = note(home(head), &format!("the input does not show every {noun}"));
        return Completeness::Incomplete { place, settle: format!("the output of `{settle}`").into() };
    }
    if let Some(at) = graph.managed_elsewhere.get(ty) {
        let place = note(*at, &format!("a {noun} may be deployed elsewhere"));
        return Completeness::Incomplete { place, settle: format!("the output of `{settle}`").into() };
    }
    if let Some(at) = graph.hidden_deployments.first() {
        let place = note(*at, "the input does not show what this deployment deploys");
        return Completeness::Incomplete { place, settle: "the template to which the deployment links".into() };
    }
    let other = if any { "other " } else { "" };
    Completeness::Presumed(note(type_of(head), &format!("no {other}{noun} is declared in this input")))
}

/// Where a resource is named.
pub(super) fn home(head: &Head) -> Origin {
    head.places.first().map_or(head.name.origin, |places| places.name)
}

/// The value of a resource's `type`.
pub(super) fn type_of(head: &Head) -> Origin {
    head.places.first().map_or(head.name.origin, |places| Origin::at(places.ty))
}
