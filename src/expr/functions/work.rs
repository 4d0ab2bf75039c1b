//! A function at work on its arguments.
//!
//! In: a row of the table and the values of the arguments. Out: the value of the call: known, unknown, or one of few.
//! Must not know: what the function computes.

use super::{ANY, Body, COMBINATIONS, Kinds, LONGEST, Row, STRING, Site, Zeal};
use super::{has_domain, kind_name, kind_of, kinds_name, ordinal, scan, unsettled};
use crate::expr::Refusal;
use crate::expr::eval::{Answer, Flags, holds, mark};
use crate::expr::symbol;
use crate::value::{Array, Data, Object, Origin, Part, Pattern, Reason, Symbol, Unknown, Value};

/// The bytes of the known text of a string.
pub(super) fn size(pattern: &Pattern) -> usize {
    pattern.parts().iter().fold(0, |size, part| match part {
        Part::Literal(text) => size.saturating_add(text.len()),
        Part::Hole(_) => size,
    })
}

/// The bytes of the known text of a value, where it is a string.
pub(super) fn size_of(value: &Value) -> usize {
    match &value.data {
        Data::String(text) => text.len(),
        Data::Pattern(pattern) => size(pattern),
        _ => 0,
    }
}

/// A function at work on its arguments.
pub(super) struct Work<'w, 'r, 'a> {
    pub(super) site: &'w Site<'r, 'a>,
    pub(super) row: &'static Row,
    pub(super) args: &'w [Value],
}

impl Work<'_, '_, '_> {
    /// Refuses arguments of a wrong kind, as far as Azure looks when some are not known.
    pub(super) fn check(&self) -> Result<(), Refusal> {
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
    pub(super) fn expect(&self, i: usize, arg: &Value, wanted: Kinds) -> Result<(), Refusal> {
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
    pub(super) fn refuse(&self, i: usize, message: impl Into<String>) -> Refusal {
        let at = self.site.args.get(i).map_or(self.site.at, |arg| &arg.at);
        Refusal::new(at.clone(), message)
    }

    /// A refusal of the whole call.
    pub(super) fn refuse_all(&self, message: impl Into<String>) -> Refusal {
        Refusal::new(self.site.at.clone(), message)
    }

    pub(super) fn arg(&self, i: usize) -> Option<&Value> {
        self.args.get(i)
    }

    /// A known string.
    pub(super) fn str(&self, i: usize) -> Option<&str> {
        self.args.get(i).and_then(Value::as_str)
    }

    /// A known whole number.
    pub(super) fn int(&self, i: usize) -> Option<i64> {
        self.args.get(i).and_then(|arg| if let Data::Int(number) = arg.data { Some(number) } else { None })
    }

    pub(super) fn array(&self, i: usize) -> Option<&Array> {
        self.args.get(i).and_then(|arg| arg.as_array().map(|array| &**array))
    }

    pub(super) fn object(&self, i: usize) -> Option<&Object> {
        self.args.get(i).and_then(|arg| arg.as_object().map(|object| &**object))
    }

    /// Where a computed value stands.
    pub(super) fn origin(&self) -> Origin {
        self.site.run.computed(self.row.name, self.site.at)
    }

    /// Refuses to build a string of so many bytes.
    pub(super) fn room(&self, bytes: usize) -> Result<(), Refusal> {
        if bytes > LONGEST { Err(Refusal::limit(self.site.at.clone(), "the string is too long")) } else { Ok(()) }
    }

    /// A computed value.
    pub(super) fn give(&self, data: Data) -> Answer {
        let (bytes, parts) = match &data {
            Data::String(text) => (text.len(), 1),
            Data::Pattern(pattern) => (size(pattern), pattern.parts().len()),
            _ => (0, 1),
        };
        self.room(bytes.max(parts.saturating_mul(64)))?;
        self.site.run.spend(bytes / 16 + parts, self.site.at)?;
        Ok(Value::new(data, self.origin()))
    }

    pub(super) fn give_str(&self, text: &str) -> Answer {
        self.give(Data::String(text.into()))
    }

    pub(super) fn give_bool(&self, value: bool) -> Answer {
        self.give(Data::Bool(value))
    }

    pub(super) fn give_int(&self, value: i64) -> Answer {
        self.give(Data::Int(value))
    }

    pub(super) fn give_count(&self, value: usize) -> Answer {
        self.give(Data::Int(i64::try_from(value).unwrap_or(i64::MAX)))
    }

    pub(super) fn give_items(&self, items: Vec<Value>) -> Answer {
        self.site.run.spend(items.len(), self.site.at)?;
        Ok(Value::array(items, self.origin()))
    }

    pub(super) fn give_object(&self, object: Object) -> Answer {
        self.site.run.spend(object.len(), self.site.at)?;
        Ok(Value::object(object, self.origin()))
    }

    pub(super) fn give_pattern(&self, pattern: Pattern) -> Answer {
        self.give(pattern.into_data())
    }

    /// A computed value inside of the result.
    pub(super) fn part(&self, data: Data) -> Value {
        Value::new(data, Origin::at(self.site.run.span(self.site.at)))
    }

    /// The unknown that this call is.
    pub(super) fn whole(&self) -> Unknown {
        let reason = symbol::reason_of(self.args).unwrap_or(Reason::RuntimeFunction);
        let mut unknown = Unknown::new(reason, symbol::call(self.row.name, self.args));
        unknown.ty = self.row.gives;
        unknown.hole = self.row.hole;
        unknown
    }

    /// Not decided by what is known.
    #[allow(clippy::unnecessary_wraps, reason = "the answer of a function")]
    pub(super) fn undecided(&self) -> Answer {
        Ok(Value::unknown(self.whole(), self.origin()))
    }

    /// The result, known, unknown or finite, with its mark.
    pub(super) fn compute(&self, flags: Flags) -> Answer {
        let answer = match &self.row.body {
            Body::Strict(body) if !flags.unknown => body(self)?,
            Body::Strict(body) => self.lifted(*body)?,
            Body::Open(body) => match self.tried(*body)? {
                value if value.as_unknown().is_some_and(|u| u.domain.is_none()) && has_domain(self.args) => {
                    self.lifted(*body)?
                }
                value => value,
            },
            Body::Runtime(reason) => match self.context() {
                Some(answer) => answer?,
                None => self.runtime(*reason),
            },
            Body::Lazy(body) => body(self.site)?,
        };
        let secret = match &answer.data {
            // Each element has its own mark, unless it was cut out of a secret.
            Data::Array(_) | Data::Object(_) => !self.row.wraps && self.args.iter().any(holds),
            Data::Unknown(_) | Data::Pattern(_) => flags.secret,
            Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => flags.held,
        };
        Ok(mark(answer, secret))
    }

    /// The result; what is refused although an argument is unknown mostly is not decided, as Azure has it.
    pub(super) fn tried(&self, body: fn(&Work<'_, '_, '_>) -> Answer) -> Answer {
        let late = self.row.zeal != Zeal::All && self.args.iter().any(unsettled);
        match body(self) {
            Err(refusal) if late && refusal.reason != Reason::Limit => self.undecided(),
            answer => answer,
        }
    }

    /// The result for every combination of the finite unknowns among the arguments.
    pub(super) fn lifted(&self, body: fn(&Work<'_, '_, '_>) -> Answer) -> Answer {
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
    pub(super) fn assigned(&self, symbols: &[(&Unknown, &[Value])], mut combination: usize) -> Vec<Value> {
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

    /// Decided by Azure, but not by us.
    #[allow(clippy::unnecessary_wraps, reason = "the answer of a function")]
    pub(super) fn unsupported(&self) -> Answer {
        let whole = Unknown { reason: Reason::Unsupported, ..self.whole() };
        Ok(Value::unknown(whole, self.origin()))
    }

    /// What the template answers.
    pub(super) fn context(&self) -> Option<Answer> {
        let run = self.site.run;
        let answer = run.on.scope.context(self.row.name, self.args, run.span(self.site.at))?;
        Some(answer.map_err(|message| self.refuse_all(message)))
    }

    /// An unknown that only Azure knows; of one site where every call differs.
    pub(super) fn runtime(&self, reason: Reason) -> Value {
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
