//! How two values compare, in three-valued logic.
//!
//! In: an operator and two [`Datum`]s. Out: [`Truth`]. Must not know: where the values come from.
//!
//! A missing value compares with nothing, so the answer is `False`. An unknown one gives `Unknown`, unless all values
//! it can have agree, or what is known of its text decides it.

use ipnet::IpNet;

use crate::catalog::{Datum, Fact, Scalar, Ty};
use crate::rules::address_range;
use crate::rules::ast::Operator;
use crate::value::{Data, Hole, Part, Pattern, Reason, Truth, Type, Unknown, Value};

/// Whether a property is written. A default of the platform is not.
pub fn exists(fact: &Fact) -> Truth {
    if fact.defaulted {
        return Truth::False;
    }
    match &fact.datum {
        Datum::Absent => Truth::False,
        Datum::Known(_) => Truth::True,
        Datum::Unknown(unknown) => {
            agreed(unknown.domain.iter().flat_map(|domain| domain.iter()).map(|v| Truth::from(!v.is_null())))
        }
    }
}

/// Whether a value compares so with at least one of the others. All are of type `ty`.
pub fn compare(operator: Operator, left: &Datum, right: &[Datum], ty: Ty) -> Truth {
    if let Some(members) = domain(left, ty) {
        // A domain is expanded before the list, so that `one of a, b` is `in` [a, b] though it equals neither.
        let same = |other: &Datum| shares_symbol(left, other) && equality(operator);
        if right.iter().any(same) {
            return Truth::True;
        }
        return agreed(members.map(|member| member.map_or(Truth::Unknown, |m| with_any(operator, &m, right, ty))));
    }
    with_any(operator, left, right, ty)
}

fn with_any(operator: Operator, left: &Datum, right: &[Datum], ty: Ty) -> Truth {
    right.iter().map(|other| with_one(operator, left, other, ty)).max().unwrap_or(Truth::False)
}

fn with_one(operator: Operator, left: &Datum, right: &Datum, ty: Ty) -> Truth {
    if let Some(members) = domain(right, ty) {
        return agreed(members.map(|member| member.map_or(Truth::Unknown, |m| pair(operator, left, &m))));
    }
    pair(operator, left, right)
}

/// Two values, neither of which is a finite unknown.
fn pair(operator: Operator, left: &Datum, right: &Datum) -> Truth {
    match (left, right) {
        (Datum::Absent, _) | (_, Datum::Absent) => Truth::False,
        (Datum::Known(a), Datum::Known(b)) => scalars(operator, a, b),
        (Datum::Unknown(_), Datum::Unknown(_) | Datum::Known(_)) | (Datum::Known(_), Datum::Unknown(_)) => {
            if shares_symbol(left, right) && equality(operator) {
                return Truth::True;
            }
            // Whatever the text turns out to be, it may also turn out to be missing; so only a "no" is certain.
            match (as_text(left), as_text(right)) {
                (Some(a), Some(b)) => texts(operator, &a, &b).min(Truth::Unknown),
                (Some(_) | None, None) | (None, Some(_)) => Truth::Unknown,
            }
        }
    }
}

const fn equality(operator: Operator) -> bool {
    matches!(operator, Operator::Equals | Operator::In)
}

/// Whether both are the same unknown, and it is written: what is not in the input may be missing, and what is missing
/// equals nothing.
fn shares_symbol(left: &Datum, right: &Datum) -> bool {
    let written = |unknown: &Unknown| unknown.reason != Reason::NotInInput;
    match (left, right) {
        (Datum::Unknown(a), Datum::Unknown(b)) => a.symbol == b.symbol && written(a),
        (Datum::Unknown(a), Datum::Known(Scalar::Text(b))) | (Datum::Known(Scalar::Text(b)), Datum::Unknown(a)) => {
            matches!(b.parts(), [Part::Hole(hole)] if hole.symbol == a.symbol) && written(a)
        }
        (Datum::Absent | Datum::Known(_) | Datum::Unknown(_), _) => false,
    }
}

/// A text; an unknown that may be one is a hole.
fn as_text(datum: &Datum) -> Option<Pattern> {
    match datum {
        Datum::Known(Scalar::Text(text)) => Some(text.clone()),
        Datum::Unknown(unknown) if unknown.may_be(Type::String) => Some(Pattern::hole(unknown)),
        Datum::Unknown(_) | Datum::Absent => None,
        Datum::Known(Scalar::Bool(_) | Scalar::Int(_) | Scalar::Net(_)) => None,
    }
}

fn scalars(operator: Operator, a: &Scalar, b: &Scalar) -> Truth {
    match (a, b) {
        (Scalar::Text(a), Scalar::Text(b)) => texts(operator, a, b),
        (Scalar::Bool(a), Scalar::Bool(b)) if equality(operator) => (a == b).into(),
        (Scalar::Int(a), Scalar::Int(b)) => numbers(operator, *a, *b),
        (Scalar::Net(a), Scalar::Net(b)) => ranges(operator, a, b),
        // A range whose text is partly unknown arrives as text; any other mixture the loader has refused.
        (Scalar::Text(_) | Scalar::Bool(_) | Scalar::Int(_) | Scalar::Net(_), _) => Truth::Unknown,
    }
}

fn numbers(operator: Operator, a: i64, b: i64) -> Truth {
    match operator {
        Operator::Equals | Operator::In => (a == b).into(),
        Operator::Less => (a < b).into(),
        Operator::Greater => (a > b).into(),
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => Truth::Unknown,
        Operator::Within | Operator::Overlaps => Truth::Unknown,
    }
}

fn ranges(operator: Operator, a: &IpNet, b: &IpNet) -> Truth {
    match operator {
        Operator::Equals | Operator::In => (a.trunc() == b.trunc()).into(),
        Operator::Within => b.contains(a).into(),
        Operator::Overlaps => (a.contains(b) || b.contains(a)).into(),
        Operator::Less | Operator::Greater => Truth::Unknown,
        Operator::StartsWith | Operator::EndsWith | Operator::Contains => Truth::Unknown,
    }
}

fn texts(operator: Operator, a: &Pattern, b: &Pattern) -> Truth {
    let (a, b) = (a.to_lowercase(), b.to_lowercase());
    match operator {
        Operator::Equals | Operator::In => a.same(&b),
        Operator::StartsWith => begins(units(&a), units(&b), End::Front),
        Operator::EndsWith => begins(units(&a).into_iter().rev(), units(&b).into_iter().rev(), End::Back),
        Operator::Contains => contains(&a, &b),
        Operator::Less | Operator::Greater | Operator::Within | Operator::Overlaps => Truth::Unknown,
    }
}

/// One character, or a hole of any length.
#[derive(Clone, Copy, PartialEq)]
enum Unit<'p> {
    Char(char),
    Hole(&'p Unknown),
}

fn units(pattern: &Pattern) -> Vec<Unit<'_>> {
    let mut units = Vec::new();
    for part in pattern.parts() {
        match part {
            Part::Literal(text) => units.extend(text.chars().map(Unit::Char)),
            Part::Hole(unknown) => units.push(Unit::Hole(unknown)),
        }
    }
    units
}

/// The end of a text at which a comparison starts.
#[derive(Clone, Copy, PartialEq)]
enum End {
    Front,
    Back,
}

/// Whether a text, read from one end, begins with another one.
fn begins<'p>(text: impl IntoIterator<Item = Unit<'p>>, wanted: impl IntoIterator<Item = Unit<'p>>, end: End) -> Truth {
    let (mut text, mut wanted) = (text.into_iter(), wanted.into_iter());
    loop {
        let Some(want) = wanted.next() else { return Truth::True };
        match (text.next(), want) {
            (Some(have), want) if have == want => {}
            (Some(Unit::Char(_)), Unit::Char(_)) => return Truth::False,
            (Some(Unit::Hole(hole)), Unit::Char(c)) | (Some(Unit::Char(c)), Unit::Hole(hole)) => {
                return if cannot_touch(hole, c, end) { Truth::False } else { Truth::Unknown };
            }
            (Some(Unit::Hole(_)), Unit::Hole(_)) => return Truth::Unknown,
            (None, want) => {
                let fills = std::iter::once(want).chain(wanted).any(|unit| match unit {
                    Unit::Char(_) => true,
                    Unit::Hole(hole) => hole.hole != Hole::Any,
                });
                return if fills { Truth::False } else { Truth::Unknown };
            }
        }
    }
}

/// Whether a hole cannot have this character at that end.
fn cannot_touch(hole: &Unknown, c: char, end: End) -> bool {
    match hole.hole {
        Hole::Segment => c == '/',
        Hole::Id => end == End::Front && c != '/',
        Hole::Any => false,
    }
}

fn contains(text: &Pattern, wanted: &Pattern) -> Truth {
    let (have, want) = (units(text), units(wanted));
    if want.is_empty() || have.windows(want.len()).any(|window| window == want) {
        return Truth::True;
    }
    if text.first_hole().is_some() {
        return Truth::Unknown;
    }
    // A known text must hold every known piece of the wanted one.
    let literal = text.as_literal().unwrap_or_default();
    let missing = wanted.parts().iter().any(|part| match part {
        Part::Literal(piece) => !literal.contains(piece.as_str()),
        Part::Hole(_) => false,
    });
    if missing { Truth::False } else { Truth::Unknown }
}

/// What all say; `Unknown` when they differ or there is none.
pub fn agreed(mut truths: impl Iterator<Item = Truth>) -> Truth {
    let Some(first) = truths.next() else { return Truth::Unknown };
    if truths.all(|truth| truth == first) { first } else { Truth::Unknown }
}

/// The members of a finite unknown; each `None` where it is no value of the type.
fn domain(datum: &Datum, ty: Ty) -> Option<impl Iterator<Item = Option<Datum>>> {
    match datum {
        Datum::Unknown(unknown) => unknown.domain.as_deref().map(|values| values.iter().map(move |v| datum_of(v, ty))),
        Datum::Absent | Datum::Known(_) => None,
    }
}

fn datum_of(value: &Value, ty: Ty) -> Option<Datum> {
    let scalar = match (&value.data, ty) {
        (Data::Null, _) => return Some(Datum::Absent),
        (Data::Bool(v), Ty::Bool) => Scalar::Bool(*v),
        (Data::Int(v), Ty::Int) => Scalar::Int(*v),
        (Data::String(text), Ty::Text | Ty::Id) => Scalar::Text(Pattern::literal(text)),
        (Data::Pattern(pattern), Ty::Text | Ty::Id) => Scalar::Text((**pattern).clone()),
        (Data::String(text), Ty::Net) => Scalar::Net(address_range(text)?),
        (
            Data::Bool(_)
            | Data::Int(_)
            | Data::Float(_)
            | Data::String(_)
            | Data::Pattern(_)
            | Data::Array(_)
            | Data::Object(_)
            | Data::Unknown(_),
            Ty::Bool | Ty::Int | Ty::Text | Ty::Id | Ty::Net,
        ) => return None,
    };
    Some(Datum::Known(scalar))
}
