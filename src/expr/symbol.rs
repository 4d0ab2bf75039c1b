//! The identity of what a call on unknowns gives.
//!
//! In: a function and its arguments. Out: a [`Symbol`] that is equal for equal calls on equal values, and the joined
//! [`Reason`]. Must not know: what the function does. The text of a secret never becomes part of a symbol.

use std::fmt::Write as _;
use std::sync::Arc;

use uuid::Uuid;

use super::ast::{Quoted, is_identifier};
use crate::value::{Data, Part, Reason, Symbol, Unknown, Value};

/// Texts longer than this are cut, and told apart by a hash.
const LONG: usize = 160;
/// Paths from an unknown (`reference('…').loginServer`) may be longer.
const PATH: usize = 2_000;
/// How much of a long text is kept, in characters.
const KEPT: usize = 60;

/// The symbol of `name(args…)`.
pub fn call(name: &str, args: &[Value]) -> Symbol {
    let mut writer = Writer::default();
    writer.push(name);
    writer.list("(", args, ")");
    writer.symbol()
}

/// The symbol of `base.name` or `base['any name']`.
pub(super) fn property(base: &Unknown, name: &str) -> Symbol {
    let text = if is_identifier(name) {
        format!("{}.{name}", base.symbol.text)
    } else {
        format!("{}[{}]", base.symbol.text, Quoted(name))
    };
    // A path from what was named adds little, and must still tell which resource was referenced.
    let text = if text.len() <= PATH { text } else { shorten(text) };
    Symbol::new(text, Arc::clone(&base.symbol.scope))
}

/// The symbol of `base[index]`.
pub(super) fn index(base: &Value, index: &Value) -> Symbol {
    if let (Data::Unknown(base), Data::Int(at)) = (&base.data, &index.data) {
        // Also a path from what was named.
        let text = format!("{}[{at}]", base.symbol.text);
        let text = if text.len() <= PATH { text } else { shorten(text) };
        return Symbol::new(text, Arc::clone(&base.symbol.scope));
    }
    let mut writer = Writer::default();
    writer.value(base);
    writer.list("[", std::slice::from_ref(index), "]");
    writer.symbol()
}

/// A value as the symbols show it.
pub(super) fn show(value: &Value) -> Symbol {
    let mut writer = Writer::default();
    writer.value(value);
    writer.symbol()
}

/// The symbol of a text in which values were filled in.
pub(super) fn of_parts(parts: &[Result<&str, &Value>]) -> Symbol {
    let mut writer = Writer::default();
    for part in parts {
        match part {
            Ok(text) => writer.push(text),
            Err(value) => writer.value(value),
        }
    }
    writer.symbol()
}

/// The reason of what is computed from several unknowns: what must be mended first comes first.
///
/// A refused expression outranks a secret, which outranks our own limits, then what lies outside the input, then what
/// time will tell.
pub fn join(a: Reason, b: Reason) -> Reason {
    let rank = |reason: Reason| match reason {
        Reason::InvalidExpression => 0,
        Reason::Secret => 1,
        Reason::Limit => 2,
        Reason::Unsupported => 3,
        Reason::NotInInput => 4,
        Reason::ParameterWithoutValue => 5,
        Reason::KnownAfterApply => 6,
        Reason::RuntimeFunction => 7,
    };
    if rank(a) <= rank(b) { a } else { b }
}

/// The joined reason of every unknown in some values; `None` when there is none.
pub(super) fn reason_of(values: &[Value]) -> Option<Reason> {
    let mut found = None;
    for value in values {
        visit(value, &mut |unknown| found = Some(found.map_or(unknown.reason, |r| join(r, unknown.reason))));
    }
    found
}

fn visit(value: &Value, see: &mut dyn FnMut(&Unknown)) {
    match &value.data {
        Data::Null | Data::Bool(_) | Data::Int(_) | Data::Float(_) | Data::String(_) => {}
        Data::Unknown(unknown) => see(unknown),
        Data::Pattern(pattern) => pattern.parts().iter().for_each(|part| match part {
            Part::Literal(_) => {}
            Part::Hole(unknown) => see(unknown),
        }),
        Data::Array(array) => {
            array.items.iter().for_each(|item| visit(item, see));
            array.open.iter().for_each(|unknown| see(unknown));
        }
        Data::Object(object) => {
            object.iter().for_each(|(_, member)| visit(member, see));
            object.open.iter().for_each(|unknown| see(unknown));
        }
    }
}

fn shorten(text: String) -> String {
    if text.len() <= LONG {
        return text;
    }
    let hash = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes()).simple().to_string();
    let kept: String = text.chars().take(KEPT).collect();
    format!("{kept}…#{}", hash.get(..16).unwrap_or(&hash))
}

/// Writes values as the language does, and remembers to which scopes the unknowns among them belong.
#[derive(Default)]
struct Writer {
    text: String,
    scopes: Vec<Arc<str>>,
}

impl Writer {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
    }

    fn list(&mut self, open: &str, values: &[Value], close: &str) {
        self.push(open);
        for (i, value) in values.iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.value(value);
        }
        self.push(close);
    }

    fn unknown(&mut self, unknown: &Unknown) {
        self.push(&unknown.symbol.text);
        self.scopes.push(Arc::clone(&unknown.symbol.scope));
    }

    fn value(&mut self, value: &Value) {
        if value.secret && value.as_unknown().is_none() {
            self.push("⟨secret⟩");
            let at = value.origin.at;
            self.scopes.push(format!("secret {}:{}:{}", at.file.0, at.start, at.end).into());
            return;
        }
        match &value.data {
            Data::Null => self.push("null()"),
            Data::Bool(true) => self.push("true()"),
            Data::Bool(false) => self.push("false()"),
            Data::Int(number) => self.format(format_args!("{number}")),
            Data::Float(number) => self.format(format_args!("json('{number:?}')")),
            Data::String(text) => self.format(format_args!("{}", Quoted(text))),
            Data::Unknown(unknown) => self.unknown(unknown),
            Data::Pattern(pattern) => {
                self.push("'");
                for part in pattern.parts() {
                    match part {
                        Part::Literal(text) => self.push(&text.replace('\'', "''")),
                        Part::Hole(unknown) => {
                            self.push("⟨");
                            self.unknown(unknown);
                            self.push("⟩");
                        }
                    }
                }
                self.push("'");
            }
            Data::Array(array) => {
                self.list("createArray(", &array.items, "");
                self.open(array.open.as_deref());
            }
            Data::Object(object) => {
                self.push("createObject(");
                for (i, (key, member)) in object.iter().enumerate() {
                    self.format(format_args!("{}{}, ", if i > 0 { ", " } else { "" }, Quoted(&key.name)));
                    self.value(member);
                }
                self.open(object.open.as_deref());
            }
        }
    }

    fn open(&mut self, unknown: Option<&Unknown>) {
        if let Some(unknown) = unknown {
            self.push(", …");
            self.unknown(unknown);
        }
        self.push(")");
    }

    fn format(&mut self, text: std::fmt::Arguments<'_>) {
        let _ = self.text.write_fmt(text); // writing to a string does not fail
    }

    fn symbol(mut self) -> Symbol {
        let first = self.scopes.first().cloned().unwrap_or_else(|| "".into());
        if self.scopes.iter().all(|scope| *scope == first) {
            return Symbol::new(shorten(self.text), first);
        }
        let scope = shorten(std::mem::take(&mut self.scopes).join("+"));
        Symbol::new(shorten(self.text), scope)
    }
}
