//! The table of functions.
//!
//! In: a call whose syntax is known. Out: its value. Must not know: templates.
//!
//! A function is a row: its name, how many arguments of which kinds it takes, and how it treats unknowns. *Strict*
//! ones see known arguments only; an unknown argument makes an unknown result whose symbol is the call. *Open* ones
//! see unknowns and holes and decide what can be decided. *Lazy* ones see the syntax and evaluate what they need.
//! *Runtime* ones are answered by the template, or by Azure alone.

mod array;
mod cidr;
mod collation;
mod collection;
mod comparison;
mod date;
mod encoding;
mod format;
mod hash;
mod json_text;
mod lambda;
mod logical;
mod number_format;
mod numeric;
mod object;
mod resource;
mod string;
mod uri;
mod work;

use std::collections::HashMap;
use std::sync::LazyLock;

use work::Work;

use super::Refusal;
use super::ast::{Bytes, Expr};
use super::eval::{Answer, Flags, Run};
use super::symbol;
use crate::value::{Data, Hole, Origin, Reason, Symbol, Type, Unknown, Value};

/// Kinds of values, as a set of bits.
type Kinds = u8;

const NULL: Kinds = 1;
const BOOL: Kinds = 2;
const INT: Kinds = 4;
const FLOAT: Kinds = 8;
const STRING: Kinds = 16;
const ARRAY: Kinds = 32;
const OBJECT: Kinds = 64;
const ANY: Kinds = 127;

/// Any number of arguments.
const MANY: u8 = u8::MAX;

/// How many combinations of finite unknowns are tried.
const COMBINATIONS: usize = 32;

/// The bytes of the longest string that is built.
const LONGEST: usize = 4 << 20;

/// A call in an expression.
pub(super) struct Site<'r, 'a> {
    /// The evaluation around it.
    pub(super) run: &'r Run<'a>,
    /// The name as written.
    pub(super) name: &'r str,
    /// Where the name stands.
    pub(super) name_at: &'r Bytes,
    /// Where the call stands.
    pub(super) at: &'r Bytes,
    /// The arguments.
    pub(super) args: &'r [Expr],
}

/// How a function treats its arguments.
enum Body {
    /// Sees known arguments only.
    Strict(fn(&Work<'_, '_, '_>) -> Answer),
    /// Sees unknowns and holes.
    Open(fn(&Work<'_, '_, '_>) -> Answer),
    /// Sees the syntax.
    Lazy(fn(&Site<'_, '_>) -> Answer),
    /// Answered by the template, else by Azure.
    Runtime(Reason),
}

/// A function.
struct Row {
    name: &'static str,
    min: u8,
    max: u8,
    /// The kinds of each argument; the last one is that of all that follow.
    takes: &'static [Kinds],
    body: Body,
    /// The type of the result, where it is always the same.
    gives: Option<Type>,
    /// What an unknown result can hold in a string.
    hole: Hole,
    /// What is refused when some arguments are not known.
    zeal: Zeal,
    /// A deployment to a management group may leave the first argument out.
    own_group: bool,
    /// The arguments become parts of the result, each with its own mark.
    wraps: bool,
}

/// What Azure refuses when some arguments are not known yet.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Zeal {
    /// Nothing.
    Late,
    /// Known arguments of a wrong kind that stand before the first unknown one.
    InOrder,
    /// Every known argument of a wrong kind.
    Kinds,
    /// That, and whatever else the function finds wrong.
    All,
}

const fn row(name: &'static str, (min, max): (u8, u8), takes: &'static [Kinds], body: Body) -> Row {
    Row {
        name,
        min,
        max,
        takes,
        body,
        gives: None,
        hole: Hole::Any,
        zeal: Zeal::InOrder,
        own_group: false,
        wraps: false,
    }
}

impl Row {
    const fn gives(mut self, ty: Type) -> Self {
        self.gives = Some(ty);
        self
    }

    const fn zeal(mut self, zeal: Zeal) -> Self {
        self.zeal = zeal;
        self
    }

    const fn own_group(mut self) -> Self {
        self.own_group = true;
        self
    }

    const fn wraps(mut self) -> Self {
        self.wraps = true;
        self
    }

    const fn hole(mut self, hole: Hole) -> Self {
        self.gives = Some(Type::String);
        self.hole = hole;
        self
    }
}

static TABLE: LazyLock<HashMap<String, &'static Row>> = LazyLock::new(|| {
    let all = [
        array::ROWS,
        cidr::ROWS,
        collection::ROWS,
        comparison::ROWS,
        date::ROWS,
        encoding::ROWS,
        format::ROWS,
        hash::ROWS,
        lambda::ROWS,
        logical::ROWS,
        numeric::ROWS,
        object::ROWS,
        resource::ROWS,
        string::ROWS,
        uri::ROWS,
    ];
    all.into_iter().flatten().map(|row| (row.name.to_ascii_lowercase(), row)).collect()
});

/// The names of all functions that are known, in order.
pub fn names() -> Vec<&'static str> {
    let mut names: Vec<&str> = TABLE.values().map(|row| row.name).collect();
    names.sort_unstable();
    names
}

/// The value of a call.
pub(super) fn call(site: &Site<'_, '_>) -> Answer {
    let lower = site.name.to_ascii_lowercase();
    let Some(row) = TABLE.get(&lower).copied() else {
        if lower.starts_with("list") {
            return list(site);
        }
        return Err(unknown_name(site, &lower));
    };
    let count = site.args.len();
    let spared = row.own_group && matches!(site.run.on.scope.home(), crate::expr::Home::ManagementGroup { .. });
    if count + usize::from(spared) < usize::from(row.min) || (row.max != MANY && count > usize::from(row.max)) {
        return Err(wrong_count(site, row, count));
    }
    // One spelling for all, since names become part of symbols.
    let site = &Site { run: site.run, name: row.name, name_at: site.name_at, at: site.at, args: site.args };
    if let Body::Lazy(body) = &row.body {
        return body(site);
    }
    let args = site.run.values(site.args)?;
    apply(site, row, &args)
}

fn apply(site: &Site<'_, '_>, row: &'static Row, args: &[Value]) -> Answer {
    let flags = scan(site, args)?;
    let work = Work { site, row, args };
    work.check()?;
    work.compute(flags).map_err(|refusal| if flags.secret { discreet(row, refusal) } else { refusal })
}

/// A refusal that does not say anything about the arguments.
fn discreet(row: &Row, refusal: Refusal) -> Refusal {
    match refusal.reason {
        Reason::Limit => refusal,
        _ => Refusal { message: format!("{} refuses a secret argument", row.name), help: None, ..refusal },
    }
}

/// Looks at every part of some values, within the budget.
fn scan(site: &Site<'_, '_>, values: &[Value]) -> Result<Flags, Refusal> {
    site.run.weigh(values, site.at)
}

fn has_domain(args: &[Value]) -> bool {
    args.iter().any(|arg| arg.as_unknown().is_some_and(|unknown| unknown.domain.is_some()))
}

/// What stands for an argument that Azure refuses, where it may never look at it.
fn unreached(site: &Site<'_, '_>, expr: &Expr, reason: Reason) -> Value {
    let symbol = Symbol::new(format!("refused {expr}"), site.run.on.scope.symbols());
    Value::unknown(Unknown::new(reason, symbol), Origin::at(site.run.span(&expr.at)))
}

/// `list()`, `listKeys()` and every other function whose name begins with `list`: what they answer is secret.
fn list(site: &Site<'_, '_>) -> Answer {
    let args = site.run.values(site.args)?;
    scan(site, &args)?;
    if let Some(answer) = site.run.on.scope.context(site.name, &args, site.run.span(site.at)) {
        return answer.map(Value::into_secret).map_err(|message| Refusal::new(site.at.clone(), message));
    }
    // The arguments tell two calls apart, but are not shown.
    let full = symbol::call(&site.name.to_ascii_lowercase(), &args);
    let hash = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, full.key().as_bytes()).simple().to_string();
    let mut rest = site.name.get(4..).unwrap_or_default().to_ascii_lowercase();
    if let Some(first) = rest.get_mut(..1) {
        first.make_ascii_uppercase();
    }
    let symbol = Symbol::new(format!("list{rest}(…)"), hash);
    let origin = site.run.computed(site.name, site.at);
    Ok(Value::unknown(Unknown::new(Reason::Secret, symbol), origin))
}

fn unknown_name(site: &Site<'_, '_>, lower: &str) -> Refusal {
    let refusal = Refusal::new(site.name_at.clone(), format!("there is no function `{}`", site.name));
    let near = names()
        .into_iter()
        .map(|name| (distance(&name.to_ascii_lowercase(), lower), name))
        .filter(|(distance, name)| *distance <= 1 + name.len() / 5)
        .min();
    match near {
        Some((_, name)) => refusal.with_help(format!("did you mean {name}()?")),
        None => refusal,
    }
}

/// How many characters must be changed to turn one name into another.
fn distance(a: &str, b: &str) -> usize {
    if b.len() > 64 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut line: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        for (y, cell) in b.iter().zip(line.iter_mut().skip(1)) {
            let up = *cell;
            left = (diagonal + usize::from(x != *y)).min(up + 1).min(left + 1);
            diagonal = up;
            *cell = left;
        }
        if let Some(first) = line.first_mut() {
            *first = i + 1;
        }
    }
    line.last().copied().unwrap_or(usize::MAX)
}

fn wrong_count(site: &Site<'_, '_>, row: &Row, count: usize) -> Refusal {
    let wanted = match (row.min, row.max) {
        (min, MANY) => format!("at least {min}"),
        (min, max) if min == max => min.to_string(),
        (min, max) => format!("{min} to {max}"),
    };
    let noun = if row.min == row.max && row.min == 1 { "argument" } else { "arguments" };
    Refusal::new(site.at.clone(), format!("{} takes {wanted} {noun}, not {count}", row.name))
}

/// The kind of a value; `None` where it is not known. A string with holes is a string.
pub(super) fn kind_of(value: &Value) -> Option<Kinds> {
    match &value.data {
        Data::Null => Some(NULL),
        Data::Bool(_) => Some(BOOL),
        Data::Int(_) => Some(INT),
        Data::Float(_) => Some(FLOAT),
        Data::String(_) | Data::Pattern(_) => Some(STRING),
        Data::Array(_) => Some(ARRAY),
        Data::Object(_) => Some(OBJECT),
        Data::Unknown(_) => None,
    }
}

/// Whether Azure would leave the expression that gives a value, so that it does not look at its kind.
fn unsettled(value: &Value) -> bool {
    match &value.data {
        Data::Unknown(_) | Data::Pattern(_) => true,
        Data::Array(array) => array.open.is_some(),
        // An object of which only the name of a member is unknown is an object all the same.
        Data::Object(object) => object.open.as_ref().is_some_and(|open| {
            !open.symbol.text.starts_with("createObject(") && !open.symbol.text.starts_with("toObject(")
        }),
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => false,
    }
}

/// The words for the kind of a value.
pub(super) fn kind_name(value: &Value) -> &'static str {
    match &value.data {
        Data::Null => "null",
        Data::Bool(_) => "a boolean",
        Data::Int(_) => "a whole number",
        Data::Float(_) => "a fraction",
        Data::String(_) | Data::Pattern(_) => "a string",
        Data::Array(_) => "an array",
        Data::Object(_) => "an object",
        Data::Unknown(_) => "unknown",
    }
}

fn kinds_name(kinds: Kinds) -> String {
    let words = [
        (STRING, "a string"),
        (INT, "a whole number"),
        (FLOAT, "a fraction"),
        (BOOL, "a boolean"),
        (ARRAY, "an array"),
        (OBJECT, "an object"),
        (NULL, "null"),
    ];
    let words: Vec<&str> = words.iter().filter(|(kind, _)| kinds & kind != 0).map(|(_, word)| *word).collect();
    match words.split_last() {
        Some((last, rest)) if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        Some((last, _)) => (*last).to_owned(),
        None => "nothing".to_owned(),
    }
}

fn ordinal(index: usize) -> String {
    match index {
        0 => "first".to_owned(),
        1 => "second".to_owned(),
        2 => "third".to_owned(),
        n => format!("{}th", n + 1),
    }
}
