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

use std::collections::HashMap;
use std::sync::LazyLock;

use super::Refusal;
use super::ast::{Bytes, Expr};
use super::eval::{Answer, Run, mark};
use super::symbol;
use crate::value::{Array, Data, Hole, Object, Origin, Pattern, Reason, Symbol, Type, Unknown, Value};

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
    Row { name, min, max, takes, body, gives: None, hole: Hole::Any, zeal: Zeal::InOrder }
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
        if lower.starts_with("list") && lower.len() > 4 {
            return list(site);
        }
        return Err(unknown_name(site, &lower));
    };
    let count = site.args.len();
    if count < usize::from(row.min) || (row.max != MANY && count > usize::from(row.max)) {
        return Err(wrong_count(site, row, count));
    }
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
    let answer = match &row.body {
        Body::Strict(body) if !flags.unknown => body(&work)?,
        Body::Strict(body) => work.lifted(*body)?,
        Body::Open(body) => match work.tried(*body)? {
            value if value.as_unknown().is_some_and(|u| u.domain.is_none()) && has_domain(args) => {
                work.lifted(*body)?
            }
            value => value,
        },
        Body::Runtime(reason) => match work.context() {
            Some(answer) => answer?,
            None => work.runtime(*reason),
        },
        Body::Lazy(body) => body(site)?,
    };
    let scalar = !matches!(answer.data, Data::Array(_) | Data::Object(_));
    let secret = args.iter().any(|arg| arg.secret) || (scalar && flags.secret);
    Ok(mark(answer, secret && !matches!(row.body, Body::Runtime(_))))
}

/// What some values hold.
#[derive(Clone, Copy, Default)]
struct Flags {
    unknown: bool,
    secret: bool,
}

/// Looks at every part of some values, within the budget: a value that holds itself many times is a bomb.
fn scan(site: &Site<'_, '_>, values: &[Value]) -> Result<Flags, Refusal> {
    let mut flags = Flags::default();
    for value in values {
        scan_one(site, value, &mut flags)?;
    }
    Ok(flags)
}

fn scan_one(site: &Site<'_, '_>, value: &Value, flags: &mut Flags) -> Result<(), Refusal> {
    site.run.spend(1, site.at)?;
    flags.secret |= value.secret;
    match &value.data {
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => {}
        Data::Pattern(_) | Data::Unknown(_) => flags.unknown = true,
        Data::Array(array) => {
            flags.unknown |= array.open.is_some();
            array.items.iter().try_for_each(|item| scan_one(site, item, flags))?;
        }
        Data::Object(object) => {
            flags.unknown |= object.open.is_some();
            object.iter().try_for_each(|(_, member)| scan_one(site, member, flags))?;
        }
    }
    Ok(())
}

fn has_domain(args: &[Value]) -> bool {
    args.iter().any(|arg| arg.as_unknown().is_some_and(|unknown| unknown.domain.is_some()))
}

/// What stands for an argument that Azure refuses, where it may never look at it.
fn unreached(site: &Site<'_, '_>, expr: &Expr, reason: Reason) -> Value {
    let symbol = Symbol::new(format!("refused {expr}"), site.run.on.scope.symbols());
    Value::unknown(Unknown::new(reason, symbol), Origin::at(site.run.span(&expr.at)))
}

/// `listKeys()` and every other function whose name begins with `list`: what they answer is secret.
fn list(site: &Site<'_, '_>) -> Answer {
    let args = site.run.values(site.args)?;
    scan(site, &args)?;
    if let Some(answer) = site.run.on.scope.context(site.name, &args, site.run.span(site.at)) {
        return answer.map(Value::into_secret).map_err(|message| Refusal::new(site.at.clone(), message));
    }
    // The arguments tell two calls apart, but are not shown.
    let full = symbol::call(&site.name.to_ascii_lowercase(), &args);
    let hash = uuid::Uuid::new_v5(&uuid::Uuid::NAMESPACE_OID, full.key().as_bytes()).simple().to_string();
    let symbol = Symbol::new(format!("{}(…)", site.name), hash);
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

/// The type of a value, where it is known.
pub(super) fn type_of(value: &Value) -> Option<Type> {
    match &value.data {
        Data::Null => None,
        Data::Bool(_) => Some(Type::Bool),
        Data::Int(_) | Data::Float(_) => Some(Type::Number),
        Data::String(_) | Data::Pattern(_) => Some(Type::String),
        Data::Array(_) => Some(Type::Array),
        Data::Object(_) => Some(Type::Object),
        Data::Unknown(unknown) => unknown.ty,
    }
}

/// Whether Azure would leave the expression that gives a value, so that it does not look at its kind.
fn unsettled(value: &Value) -> bool {
    match &value.data {
        Data::Unknown(_) | Data::Pattern(_) => true,
        Data::Array(array) => array.open.is_some(),
        Data::Object(object) => object.open.is_some(),
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

/// A function at work on its arguments.
struct Work<'w, 'r, 'a> {
    site: &'w Site<'r, 'a>,
    row: &'static Row,
    args: &'w [Value],
}

impl Work<'_, '_, '_> {
    /// Refuses arguments of a wrong kind, as far as Azure looks when some are not known.
    fn check(&self) -> Result<(), Refusal> {
        if self.row.zeal == Zeal::Late && self.args.iter().any(unsettled) {
            return Ok(());
        }
        for (i, arg) in self.args.iter().enumerate() {
            if unsettled(arg) && matches!(self.row.zeal, Zeal::Late | Zeal::InOrder) {
                break;
            }
            let wanted = self.row.takes.get(i).or(self.row.takes.last()).copied().unwrap_or(ANY);
            self.expect(i, arg, wanted)?;
        }
        Ok(())
    }

    /// Refuses an argument that is known not to be of a kind.
    fn expect(&self, i: usize, arg: &Value, wanted: Kinds) -> Result<(), Refusal> {
        match kind_of(arg) {
            Some(kind) if kind & wanted == 0 && !(unsettled(arg) && kind != STRING) => {
                let which =
                    if self.row.max == 1 { "its argument".to_owned() } else { format!("its {} argument", ordinal(i)) };
                let (wanted, found) = (kinds_name(wanted), kind_name(arg));
                Err(self.refuse(i, format!("{} wants {which} to be {wanted}, not {found}", self.row.name)))
            }
            Some(_) | None => Ok(()),
        }
    }

    /// A refusal at an argument.
    fn refuse(&self, i: usize, message: impl Into<String>) -> Refusal {
        let at = self.site.args.get(i).map_or(self.site.at, |arg| &arg.at);
        Refusal::new(at.clone(), message)
    }

    /// A refusal of the whole call.
    fn refuse_all(&self, message: impl Into<String>) -> Refusal {
        Refusal::new(self.site.at.clone(), message)
    }

    fn arg(&self, i: usize) -> Option<&Value> {
        self.args.get(i)
    }

    /// A known string.
    fn str(&self, i: usize) -> Option<&str> {
        self.args.get(i).and_then(Value::as_str)
    }

    /// A known whole number.
    fn int(&self, i: usize) -> Option<i64> {
        self.args.get(i).and_then(|arg| if let Data::Int(number) = arg.data { Some(number) } else { None })
    }

    fn array(&self, i: usize) -> Option<&Array> {
        self.args.get(i).and_then(|arg| arg.as_array().map(|array| &**array))
    }

    fn object(&self, i: usize) -> Option<&Object> {
        self.args.get(i).and_then(|arg| arg.as_object().map(|object| &**object))
    }

    /// Where a computed value stands.
    fn origin(&self) -> Origin {
        self.site.run.computed(self.row.name, self.site.at)
    }

    /// A computed value.
    fn give(&self, data: Data) -> Answer {
        if let Data::String(text) = &data
            && text.len() > LONGEST
        {
            return Err(Refusal::limit(self.site.at.clone(), "the string is too long"));
        }
        Ok(Value::new(data, self.origin()))
    }

    fn give_str(&self, text: &str) -> Answer {
        self.give(Data::String(text.into()))
    }

    fn give_bool(&self, value: bool) -> Answer {
        self.give(Data::Bool(value))
    }

    fn give_int(&self, value: i64) -> Answer {
        self.give(Data::Int(value))
    }

    fn give_count(&self, value: usize) -> Answer {
        self.give(Data::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    fn give_items(&self, items: Vec<Value>) -> Answer {
        self.site.run.spend(items.len(), self.site.at)?;
        Ok(Value::array(items, self.origin()))
    }

    fn give_object(&self, object: Object) -> Answer {
        self.site.run.spend(object.len(), self.site.at)?;
        Ok(Value::object(object, self.origin()))
    }

    fn give_pattern(&self, pattern: Pattern) -> Answer {
        self.give(pattern.into_data())
    }

    /// A computed value inside of the result.
    fn part(&self, data: Data) -> Value {
        Value::new(data, Origin::at(self.site.run.span(self.site.at)))
    }

    /// The unknown that this call is.
    fn whole(&self) -> Unknown {
        let reason = symbol::reason_of(self.args).unwrap_or(Reason::RuntimeFunction);
        let mut unknown = Unknown::new(reason, symbol::call(self.row.name, self.args));
        unknown.ty = self.row.gives;
        unknown.hole = self.row.hole;
        unknown
    }

    /// Not decided by what is known.
    #[allow(clippy::unnecessary_wraps, reason = "the answer of a function")]
    fn undecided(&self) -> Answer {
        Ok(Value::unknown(self.whole(), self.origin()))
    }

    /// The result; what is refused although an argument is unknown mostly is not decided, as Azure has it.
    fn tried(&self, body: fn(&Work<'_, '_, '_>) -> Answer) -> Answer {
        let late = self.row.zeal != Zeal::All && self.args.iter().any(unsettled);
        match body(self) {
            Err(refusal) if late && refusal.reason != Reason::Limit => self.undecided(),
            answer => answer,
        }
    }

    /// The result for every combination of the finite unknowns among the arguments.
    fn lifted(&self, body: fn(&Work<'_, '_, '_>) -> Answer) -> Answer {
        let mut symbols: Vec<(&Unknown, &[Value])> = Vec::new();
        let mut combinations = 1_usize;
        for unknown in self.args.iter().filter_map(Value::as_unknown) {
            if let Some(domain) = unknown.domain.as_deref()
                && !symbols.iter().any(|(seen, _)| seen.symbol == unknown.symbol)
            {
                combinations = combinations.saturating_mul(domain.len());
                symbols.push((unknown, domain));
            }
        }
        if symbols.is_empty() || combinations == 0 || combinations > COMBINATIONS {
            return self.undecided();
        }
        let mut results = Vec::new();
        for combination in 0..combinations {
            let args = self.assigned(&symbols, combination);
            if matches!(self.row.body, Body::Strict(_)) && scan(self.site, &args)?.unknown {
                return self.undecided();
            }
            let work = Work { site: self.site, row: self.row, args: &args };
            match work.check().and_then(|()| body(&work)) {
                Ok(value) => results.push(value),
                Err(refusal) if refusal.reason == Reason::Limit => return Err(refusal),
                Err(_) => return self.undecided(),
            }
        }
        let mut value = self.site.run.one_of(self.whole(), results, self.site.at);
        value.origin = self.origin();
        Ok(value)
    }

    /// The arguments under one assignment of the finite unknowns.
    fn assigned(&self, symbols: &[(&Unknown, &[Value])], mut combination: usize) -> Vec<Value> {
        let mut chosen = Vec::new();
        for (unknown, domain) in symbols {
            chosen.push((&unknown.symbol, domain.get(combination % domain.len().max(1))));
            combination /= domain.len().max(1);
        }
        let assign = |arg: &Value| {
            let member = arg.as_unknown().and_then(|unknown| chosen.iter().find(|(s, _)| **s == unknown.symbol));
            member.and_then(|(_, value)| *value).unwrap_or(arg).clone()
        };
        self.args.iter().map(assign).collect()
    }

    /// What the template answers.
    fn context(&self) -> Option<Answer> {
        let run = self.site.run;
        let answer = run.on.scope.context(self.row.name, self.args, run.span(self.site.at))?;
        Some(answer.map_err(|message| self.refuse_all(message)))
    }

    /// An unknown that only Azure knows; of one site where every call differs.
    fn runtime(&self, reason: Reason) -> Value {
        let symbol = symbol::call(self.row.name, self.args);
        let symbol = if self.row.name == "newGuid" || self.row.name == "utcNow" {
            let span = self.site.run.span(self.site.at);
            let scope = self.site.run.on.scope.symbols();
            Symbol::new(symbol.text, format!("{scope}#{}:{}:{}", span.file.0, span.start, span.end))
        } else {
            symbol
        };
        let reason = symbol::reason_of(self.args).map_or(reason, |other| symbol::join(reason, other));
        let mut unknown = Unknown::new(reason, symbol);
        unknown.ty = self.row.gives;
        unknown.hole = self.row.hole;
        Value::unknown(unknown, self.origin())
    }
}
