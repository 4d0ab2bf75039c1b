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

/// Whether both are the same unknown, and it is written: a property that is not in the input may be missing, and what
/// is missing equals nothing. What is known to be of a type, such as the region of the resource group, is there.
fn shares_symbol(left: &Datum, right: &Datum) -> bool {
    let written = |unknown: &Unknown| unknown.reason != Reason::NotInInput || unknown.ty.is_some();
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

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::sync::Arc;

    use super::super::land::{Random, place};
    use super::*;
    use crate::value::Symbol;

    const YES: Truth = Truth::True;
    const NO: Truth = Truth::False;
    const OPEN: Truth = Truth::Unknown;

    fn hole(name: &str, class: Hole) -> Arc<Unknown> {
        Arc::new(Unknown::new(Reason::ParameterWithoutValue, Symbol::new(name, "")).with_hole(class))
    }

    /// `a⟨n⟩b` has a hole of class `Segment` where the name begins with `s`, `Id` for `i`, else `Any`.
    fn pattern(text: &str) -> Pattern {
        let mut pattern = Pattern::new();
        for (i, piece) in text.split(['⟨', '⟩']).enumerate() {
            let class = match piece.chars().next() {
                Some('s') => Hole::Segment,
                Some('i') => Hole::Id,
                Some(_) | None => Hole::Any,
            };
            if i % 2 == 0 { pattern.push_str(piece) } else { pattern.push_hole(&hole(piece, class)) }
        }
        pattern
    }

    fn text(text: &str) -> Datum {
        Datum::Known(Scalar::Text(pattern(text)))
    }

    fn net(text: &str) -> Datum {
        Datum::Known(Scalar::Net(address_range(text).expect("a range")))
    }

    fn unknown(name: &str, domain: Option<Vec<Value>>) -> Datum {
        let unknown = Unknown::new(Reason::ParameterWithoutValue, Symbol::new(name, ""));
        Datum::Unknown(Arc::new(Unknown { domain: domain.map(Into::into), ..unknown }))
    }

    fn strings(values: &[&str]) -> Vec<Value> {
        values.iter().map(|&value| Value::string(value, place().origin)).collect()
    }

    fn texts(operator: Operator, cases: &[(&str, &str, Truth)]) {
        for (left, right, wanted) in cases {
            let found = compare(operator, &text(left), &[text(right)], Ty::Text);
            assert_eq!(found, *wanted, "{left} {} {right}", operator.name());
        }
    }

    #[test]
    fn text_compares_without_case_and_with_holes() {
        texts(
            Operator::Equals,
            &[
                ("Premium", "premium", YES),
                ("Premium", "Basic", NO),
                ("⟨n⟩-pe", "⟨n⟩-PE", YES),
                ("⟨n⟩-pe", "⟨m⟩-pe", OPEN),
                ("⟨n⟩-pe", "other", NO),
                ("⟨s⟩", "a/b", NO),
                ("⟨n⟩", "a/b", OPEN),
            ],
        );
        texts(
            Operator::StartsWith,
            &[
                ("WestEurope", "west", YES),
                ("westeurope", "europe", NO),
                ("west⟨n⟩", "west", YES),
                ("west⟨n⟩", "westeurope", OPEN),
                ("we⟨n⟩", "eu", NO),
                ("⟨n⟩/x", "⟨n⟩/", YES),
                ("⟨s⟩x", "/x", NO),
                ("⟨i⟩/x", "x", NO),
                ("⟨i⟩/x", "/x", OPEN),
                ("we", "we⟨n⟩", OPEN),
                ("we", "we⟨s⟩", NO),
                ("we", "", YES),
            ],
        );
        texts(
            Operator::EndsWith,
            &[
                ("⟨n⟩.azurecr.io", ".AZURECR.IO", YES),
                ("⟨n⟩.azurecr.io", ".azurecr.cn", NO),
                ("registry⟨n⟩", "y", OPEN),
                ("x/⟨s⟩", "/", NO),
                ("é", "é", YES),
                ("io", "azurecr.io", NO),
            ],
        );
        texts(
            Operator::Contains,
            &[
                ("myAcrName", "acr", YES),
                ("name", "acr", NO),
                ("⟨n⟩-acr-⟨m⟩", "acr", YES),
                ("⟨n⟩-a", "acr", OPEN),
                ("x⟨n⟩y", "⟨n⟩", YES),
                ("xy", "z⟨n⟩", NO),
                ("xy", "x⟨n⟩", OPEN),
                ("xy", "", YES),
            ],
        );
    }

    #[test]
    fn ranges_hold_and_meet_each_other() {
        let cases = [
            (Operator::Within, "10.1.0.0/16", "10.0.0.0/8", YES),
            (Operator::Within, "10.0.0.0/8", "10.1.0.0/16", NO),
            (Operator::Within, "10.0.0.4", "10.0.0.0/30", NO),
            (Operator::Within, "10.0.0.3", "10.0.0.0/30", YES),
            (Operator::Within, "fd00::1", "10.0.0.0/8", NO),
            (Operator::Within, "::/0", "0.0.0.0/0", NO),
            (Operator::Overlaps, "10.0.0.0/8", "10.1.0.0/16", YES),
            (Operator::Overlaps, "10.1.0.0/16", "10.0.0.0/8", YES),
            (Operator::Overlaps, "10.0.0.0/9", "10.128.0.0/9", NO),
            (Operator::Equals, "10.0.0.7/8", "10.0.0.0/8", YES),
            (Operator::Equals, "10.0.0.0/9", "10.0.0.0/8", NO),
        ];
        for (operator, left, right, wanted) in cases {
            let found = compare(operator, &net(left), &[net(right)], Ty::Net);
            assert_eq!(found, wanted, "{left} {} {right}", operator.name());
        }
        assert_eq!(compare(Operator::Within, &text("⟨n⟩/24"), &[net("10.0.0.0/8")], Ty::Net), OPEN);
    }

    #[test]
    fn numbers_and_booleans() {
        let int = |n| Datum::Known(Scalar::Int(n));
        for (operator, n, wanted) in [
            (Operator::Less, 3, YES),
            (Operator::Less, 2, NO),
            (Operator::Greater, 2, NO),
            (Operator::Greater, 1, YES),
            (Operator::Equals, 2, YES),
            (Operator::Equals, 3, NO),
        ] {
            assert_eq!(compare(operator, &int(2), &[int(n)], Ty::Int), wanted, "2 {} {n}", operator.name());
        }
        let flag = |value| Datum::Known(Scalar::Bool(value));
        assert_eq!(compare(Operator::Equals, &flag(true), &[flag(true)], Ty::Bool), YES);
        assert_eq!(compare(Operator::In, &flag(true), &[flag(false)], Ty::Bool), NO);
    }

    #[test]
    fn what_is_missing_compares_with_nothing() {
        for operator in Operator::ALL {
            for (left, right) in
                [(Datum::Absent, text("a")), (text("a"), Datum::Absent), (Datum::Absent, Datum::Absent)]
            {
                assert_eq!(compare(operator, &left, &[right], Ty::Text), NO, "{}", operator.name());
            }
        }
    }

    #[test]
    fn unknowns_are_decided_by_identity_and_by_their_domain() {
        let (n, m) = (unknown("n", None), unknown("m", None));
        assert_eq!(compare(Operator::Equals, &n, std::slice::from_ref(&n), Ty::Text), YES);
        assert_eq!(compare(Operator::Equals, &n, &[text("⟨n⟩")], Ty::Text), YES);
        assert_eq!(compare(Operator::Equals, &n, &[m], Ty::Text), OPEN);
        assert_eq!(compare(Operator::StartsWith, &n, &[text("")], Ty::Text), OPEN, "it may be missing");
        let sku = unknown("sku", Some(strings(&["Basic", "Standard"])));
        let is = |operator, values: &[&str]| {
            compare(operator, &sku, &values.iter().map(|v| text(v)).collect::<Vec<_>>(), Ty::Text)
        };
        assert_eq!(is(Operator::Equals, &["Premium"]), NO);
        assert_eq!(is(Operator::Equals, &["basic"]), OPEN);
        assert_eq!(is(Operator::In, &["basic", "standard", "premium"]), YES);
        assert_eq!(is(Operator::Contains, &["s"]), YES);
        assert_eq!(compare(Operator::Equals, &text("premium"), &[sku], Ty::Text), NO);
        let range = unknown("range", Some(strings(&["10.1.0.0/16", "10.2.0.0/16"])));
        assert_eq!(compare(Operator::Within, &range, &[net("10.0.0.0/8")], Ty::Net), YES);
        assert_eq!(compare(Operator::Within, &range, &[net("10.1.0.0/16")], Ty::Net), OPEN);
        let odd = unknown("range", Some(strings(&["AzureCloud"])));
        assert_eq!(compare(Operator::Within, &odd, &[net("10.0.0.0/8")], Ty::Net), OPEN, "no range is no answer");
    }

    #[test]
    fn a_default_and_a_missing_value_do_not_exist() {
        let fact = |datum, defaulted| Fact { datum, defaulted, places: vec![place()] };
        assert_eq!(exists(&fact(text("a"), false)), YES);
        assert_eq!(exists(&fact(text("a"), true)), NO);
        assert_eq!(exists(&fact(Datum::Absent, false)), NO);
        assert_eq!(exists(&fact(unknown("n", None), false)), OPEN);
        assert_eq!(exists(&fact(unknown("n", Some(strings(&["a"]))), false)), YES);
        let null = || Value::null(place().origin);
        assert_eq!(exists(&fact(unknown("n", Some(vec![null()])), false)), NO);
        assert_eq!(exists(&fact(unknown("n", Some(vec![null(), Value::bool(true, place().origin)])), false)), OPEN);
    }

    /// Whatever fills the holes, a decided comparison stays what it is.
    #[test]
    fn no_text_in_the_holes_makes_a_decided_comparison_wrong() {
        let mut random = Random::new(77);
        let mut decided = 0;
        for _ in 0..20_000 {
            let (a, b) = (random.pattern(Ty::Text), random.pattern(Ty::Text));
            let operator =
                random.pick(&[Operator::Equals, Operator::StartsWith, Operator::EndsWith, Operator::Contains]);
            let datum = |pattern: &Pattern| Datum::Known(Scalar::Text(pattern.clone()));
            let truth = compare(operator, &datum(&a), &[datum(&b)], Ty::Text);
            if truth == OPEN {
                continue;
            }
            decided += usize::from(a.first_hole().is_some() || b.first_hole().is_some());
            for _ in 0..4 {
                let mut filling = BTreeMap::new();
                let (x, y) = (fill(&a, &mut filling, &mut random), fill(&b, &mut filling, &mut random));
                let found = compare(operator, &text(&x), &[text(&y)], Ty::Text);
                assert_eq!(found, truth, "{a} {} {b} with {filling:?}", operator.name());
            }
        }
        assert!(decided > 2_000, "{decided} cases with holes were decided");
    }

    fn fill(pattern: &Pattern, filling: &mut BTreeMap<Arc<str>, &'static str>, random: &mut Random) -> String {
        let mut text = String::new();
        for part in pattern.parts() {
            match part {
                Part::Literal(literal) => text.push_str(literal),
                Part::Hole(unknown) => {
                    let choices: &[&str] = match unknown.hole {
                        Hole::Segment => &["a", "b", "AB", "ba", "aba"],
                        Hole::Id => &["/a", "/a/b", "/b/a/b"],
                        Hole::Any => &["", "a", "/", "b/a", "/a/b", "ab"],
                    };
                    text.push_str(
                        filling.entry(Arc::clone(&unknown.symbol.text)).or_insert_with(|| random.pick(choices)),
                    );
                }
            }
        }
        text
    }
}
