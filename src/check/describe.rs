//! Premises in words.
//!
//! In: premises and values. Out: what a person reads: values, where a value came from, what is not known, and what
//! would settle it. Must not know: rules, or how a report is laid out.
//!
//! A secret is never shown; where a value is one, its place is all that is said.

use crate::catalog::{Datum, Fact, Scalar, Subject};
use crate::value::{Part, Pattern, Reason, Step, StepKind, Unknown};

use super::judgement::{Premise, Read};

/// The value of a property inside a sentence.
pub fn fact(fact: &Fact) -> String {
    shown(&fact.datum)
}

fn shown(value: &Datum) -> String {
    datum(value).unwrap_or_else(|| match value {
        Datum::Unknown(unknown) if unknown.reason == Reason::Secret => "a secret".to_owned(),
        Datum::Unknown(_) => "unknown".to_owned(),
        Datum::Absent | Datum::Known(_) => "nothing".to_owned(),
    })
}

/// A value; `None` where there is none, or where it is a secret.
pub fn datum(datum: &Datum) -> Option<String> {
    match datum {
        Datum::Absent => None,
        Datum::Known(Scalar::Bool(value)) => Some(value.to_string()),
        Datum::Known(Scalar::Int(value)) => Some(value.to_string()),
        Datum::Known(Scalar::Text(value)) => Some(text(value)),
        Datum::Known(Scalar::Net(value)) => Some(value.to_string()),
        Datum::Unknown(unknown) => match unknown.reason {
            Reason::Secret | Reason::NotInInput => None,
            Reason::ParameterWithoutValue
            | Reason::RuntimeFunction
            | Reason::KnownAfterApply
            | Reason::Unsupported
            | Reason::InvalidExpression
            | Reason::Limit => Some(format!("⟨{}⟩", symbol(unknown))),
        },
    }
}

fn text(pattern: &Pattern) -> String {
    let mut text = String::new();
    for part in pattern.parts() {
        match part {
            Part::Literal(literal) => text.push_str(literal),
            Part::Hole(unknown) if unknown.reason == Reason::Secret => text.push_str("⟨a secret⟩"),
            Part::Hole(unknown) => {
                text.push('⟨');
                text.push_str(&symbol(unknown));
                text.push('⟩');
            }
        }
    }
    text
}

/// What a person calls an unknown: its symbol without the scopes that tell equal names of several deployments apart,
/// which stand behind an `@` inside `⟨…⟩`.
fn symbol(unknown: &Unknown) -> String {
    let mut shown = String::new();
    let (mut depth, mut scope) = (0_usize, None);
    for c in unknown.symbol.shown().chars() {
        match c {
            '⟨' => depth += 1,
            '⟩' => {
                if scope == Some(depth) {
                    scope = None;
                }
                depth = depth.saturating_sub(1);
            }
            '@' if depth > 0 && scope.is_none() => scope = Some(depth),
            _ => {}
        }
        if scope.is_none() {
            shown.push(c);
        }
    }
    shown
}

/// Names a subject whose resource is not the one that the finding is about; `None` for one that is.
pub type Elsewhere<'a> = &'a dyn Fn(Subject) -> Option<String>;

/// A property or relation in rule words, with its resource where that is another one: "`name` of pe0".
fn named(name: &str, subject: Subject, elsewhere: Elsewhere<'_>) -> String {
    match elsewhere(subject) {
        Some(address) => format!("`{name}` of {address}"),
        None => format!("`{name}`"),
    }
}

/// What a premise shows, where its place does not say so itself.
pub fn premise(premise: &Premise, elsewhere: Elsewhere<'_>) -> String {
    let named = |name| named(name, premise.subject, elsewhere);
    match (premise.read, &premise.value) {
        (Read::Property(name), Some(Datum::Absent)) => format!("{} is not set", named(name)),
        (Read::Property(name), Some(value @ (Datum::Known(_) | Datum::Unknown(_)))) => {
            let (name, shown) = (named(name), shown(value));
            match (premise.defaulted, value) {
                (true, _) => format!("{name} is not set, so it is {shown}"),
                (false, Datum::Unknown(unknown)) if datum(value).is_none() => {
                    format!("{name} is {}", unknown.reason.words())
                }
                (false, Datum::Unknown(unknown)) => format!("{name} is {shown}, {}", unknown.reason.words()),
                (false, Datum::Absent | Datum::Known(_)) => format!("{name} is {shown}"),
            }
        }
        (Read::Property(name), None) => format!("{} is read here", named(name)),
        (Read::Member(name, target), _) => match elsewhere(target) {
            Some(address) if premise.one => format!("{} is {address}", named(name)),
            Some(address) => format!("{address} is one of {}", named(name)),
            None if premise.one => named(name),
            None => format!("one of {}", named(name)),
        },
        (Read::All(name), _) => match (premise.settle.is_some(), premise.one, premise.found) {
            (true, true, _) => format!("{} may be another one", named(name)),
            (true, false, _) => format!("there may be other {}", named(name)),
            (false, _, 0) => format!("there is no {}", named(name)),
            (false, true, _) => format!("there is no other {}", named(name)),
            (false, false, _) => format!("these are all {}", named(name)),
        },
        (Read::Existence, _) => "deployed on this condition".to_owned(),
    }
}

/// What a premise leaves unknown, as one item of a list; `None` where it leaves nothing.
pub fn unknown(premise: &Premise, elsewhere: Elsewhere<'_>) -> Option<String> {
    let named = |name| named(name, premise.subject, elsewhere);
    match (premise.read, &premise.value) {
        (Read::Property(name), Some(Datum::Unknown(unknown))) => Some(because(&named(name), unknown)),
        (Read::Property(name), Some(Datum::Known(Scalar::Text(text)))) => {
            text.first_hole().map(|unknown| because(&named(name), unknown))
        }
        (Read::Property(_), Some(Datum::Absent | Datum::Known(_)) | None) => None,
        (Read::All(name), _) if premise.settle.is_some() => Some(match (premise.one, premise.found) {
            (true, _) => format!("what {} is", named(name)),
            (false, 0) => format!("whether there are {}", named(name)),
            (false, _) => format!("whether there are other {}", named(name)),
        }),
        (Read::All(_), _) => None,
        (Read::Member(..) | Read::Existence, _) if !premise.doubtful => None,
        (Read::Member(name, target), _) => {
            let who = elsewhere(target).unwrap_or_else(|| "this".to_owned());
            Some(if premise.one {
                format!("whether {} is {who}", named(name))
            } else {
                format!("whether {who} is one of {}", named(name))
            })
        }
        (Read::Existence, _) => Some("whether it is deployed".to_owned()),
    }
}

fn because(name: &str, unknown: &Unknown) -> String {
    match unknown.reason {
        Reason::Secret | Reason::NotInInput => format!("{name} ({})", unknown.reason.words()),
        Reason::ParameterWithoutValue
        | Reason::RuntimeFunction
        | Reason::KnownAfterApply
        | Reason::Unsupported
        | Reason::InvalidExpression
        | Reason::Limit => format!("{name} ({}: {})", unknown.reason.words(), symbol(unknown)),
    }
}

/// The inputs that would settle what a premise leaves unknown. `address` is what the premise's resource is called.
pub fn settles(premise: &Premise, address: &str) -> Vec<String> {
    let mut inputs: Vec<String> = premise.settle.iter().map(ToString::to_string).collect();
    match &premise.value {
        Some(Datum::Unknown(unknown)) => inputs.extend(settles_unknown(unknown, address)),
        Some(Datum::Known(Scalar::Text(text))) => {
            for part in text.parts() {
                match part {
                    Part::Hole(unknown) => inputs.extend(settles_unknown(unknown, address)),
                    Part::Literal(_) => {}
                }
            }
        }
        Some(Datum::Known(Scalar::Bool(_) | Scalar::Int(_) | Scalar::Net(_)) | Datum::Absent) | None => {}
    }
    inputs
}

fn settles_unknown(unknown: &Unknown, address: &str) -> Vec<String> {
    let parameters = parameters(&unknown.symbol.text);
    let symbol = symbol(unknown);
    match unknown.reason {
        Reason::Secret => Vec::new(),
        Reason::ParameterWithoutValue if parameters.is_empty() => vec![format!("a value for {symbol}")],
        Reason::ParameterWithoutValue => {
            parameters.into_iter().map(|name| format!("a value for parameter `{name}`")).collect()
        }
        Reason::RuntimeFunction => vec![format!("what Azure answers for {symbol}")],
        Reason::KnownAfterApply => vec![format!("a plan made after {symbol} was applied")],
        Reason::NotInInput => vec![format!("the file or the export that describes {address}")],
        Reason::Unsupported | Reason::InvalidExpression | Reason::Limit => {
            vec![format!("a literal in place of {symbol}")]
        }
    }
}

/// The parameters that a symbol is made of: what stands in each `parameters('…')`.
fn parameters(symbol: &str) -> Vec<&str> {
    let pieces = symbol.split("parameters('").skip(1);
    pieces.filter_map(|piece| piece.split_once("')").map(|(name, _)| name)).collect()
}

/// What happened to a value at a step of its way.
pub fn step(step: &Step) -> String {
    match &step.kind {
        StepKind::Parameter(name) => format!("used here, as parameter `{name}`"),
        StepKind::DefaultValue(name) => format!("parameter `{name}` has no value here, so its default is taken"),
        StepKind::ParameterFile(name) => format!("parameter `{name}` is given from outside"),
        StepKind::Variable(name) => format!("used here, as variable `{name}`"),
        StepKind::Call(name) => format!("computed here by `{name}`"),
        StepKind::CopyIteration(name, index) => format!("copy {index} of loop `{name}`"),
        StepKind::NestedDeployment(name) => format!("handed to the deployment `{name}`"),
        StepKind::PlatformDefault(name) => format!("not set, so Azure's default holds for `{name}`"),
        StepKind::PlanValue => "the plan says so".to_owned(),
        StepKind::Reference(name) => format!("comes from `{name}`"),
    }
}
