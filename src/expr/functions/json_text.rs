//! JSON texts inside of expressions: `json('{a: 1}')` and the text of an object.
//!
//! In: a text, or a value. Out: a value, or a text. As tolerant as Azure's reader: comments, single quotes, names
//! without quotes, trailing commas. Must not know: the JSON of files (see [`crate::json`]).

use std::fmt::Write as _;
use std::sync::Arc;

use crate::value::{Data, Key, Object, Origin, Value};

/// How deep a text may be nested.
const DEPTH: u32 = 64;

/// Reads a text; `None` where it is none. What follows the first value does not count.
pub(super) fn read(text: &str, origin: Origin) -> Option<Value> {
    let mut reader = Reader { rest: text, origin, depth: 0 };
    reader.space()?;
    reader.value()
}

struct Reader<'t> {
    rest: &'t str,
    origin: Origin,
    depth: u32,
}

impl<'t> Reader<'t> {
    fn take(&mut self, bytes: usize) -> Option<&'t str> {
        let taken = self.rest.get(..bytes)?;
        self.rest = self.rest.get(bytes..)?;
        Some(taken)
    }

    /// Skips white space and comments; `None` for a comment that does not end.
    fn space(&mut self) -> Option<()> {
        loop {
            self.rest = self.rest.trim_start();
            if let Some(rest) = self.rest.strip_prefix("/*") {
                self.rest = rest.get(rest.find("*/")? + 2..)?;
            } else if let Some(rest) = self.rest.strip_prefix("//") {
                self.rest = rest.get(rest.find(['\n', '\r']).unwrap_or(rest.len())..)?;
            } else {
                return Some(());
            }
        }
    }

    fn value(&mut self) -> Option<Value> {
        let data = match self.rest.chars().next()? {
            '{' => self.nested(Self::object)?,
            '[' => self.nested(Self::array)?,
            quote @ ('"' | '\'') => Data::String(self.string(quote)?.into()),
            _ => self.word()?,
        };
        Some(Value::new(data, self.origin))
    }

    fn nested(&mut self, read: fn(&mut Self) -> Option<Data>) -> Option<Data> {
        self.depth += 1;
        if self.depth > DEPTH {
            return None;
        }
        let data = read(self);
        self.depth -= 1;
        data
    }

    fn object(&mut self) -> Option<Data> {
        self.take(1)?;
        let mut object = Object::new();
        loop {
            self.space()?;
            if self.rest.starts_with('}') {
                self.take(1)?;
                return Some(Data::Object(Arc::new(object)));
            }
            let name = match self.rest.chars().next()? {
                quote @ ('"' | '\'') => self.string(quote)?,
                _ => self.name()?.to_owned(),
            };
            self.space()?;
            self.rest = self.rest.strip_prefix(':')?;
            self.space()?;
            let value = self.value()?;
            object.set_exact(Key { name: name.into(), at: self.origin.at }, value);
            self.space()?;
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else if !self.rest.starts_with('}') {
                return None;
            }
        }
    }

    fn name(&mut self) -> Option<&'t str> {
        let length =
            self.rest.find(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '$'))).unwrap_or(self.rest.len());
        if length == 0 { None } else { self.take(length) }
    }

    fn array(&mut self) -> Option<Data> {
        self.take(1)?;
        let mut items = Vec::new();
        loop {
            self.space()?;
            if self.rest.starts_with(']') {
                self.take(1)?;
                return Some(Data::Array(Arc::new(crate::value::Array { items, open: None })));
            }
            if self.rest.starts_with(',') {
                // An element that is left out is undefined, which is null.
                self.take(1)?;
                items.push(Value::null(self.origin));
                continue;
            }
            items.push(self.value()?);
            self.space()?;
            if let Some(rest) = self.rest.strip_prefix(',') {
                self.rest = rest;
            } else if !self.rest.starts_with(']') {
                return None;
            }
        }
    }

    fn string(&mut self, quote: char) -> Option<String> {
        self.take(1)?;
        let mut units: Vec<u16> = Vec::new();
        loop {
            let c = self.rest.chars().next()?;
            self.take(c.len_utf8())?;
            if c == quote {
                return String::from_utf16(&units).ok();
            }
            if c != '\\' {
                units.extend(c.encode_utf16(&mut [0; 2]).iter());
                continue;
            }
            let escape = self.rest.chars().next()?;
            self.take(escape.len_utf8())?;
            units.push(match escape {
                'b' => 8,
                'f' => 12,
                'n' => 10,
                'r' => 13,
                't' => 9,
                '"' | '\'' | '/' | '\\' => u16::try_from(u32::from(escape)).ok()?,
                'u' => u16::from_str_radix(self.take(4)?, 16).ok()?,
                _ => return None,
            });
        }
    }

    fn word(&mut self) -> Option<Data> {
        let length = self
            .rest
            .find(|c: char| c.is_whitespace() || matches!(c, ',' | ']' | '}' | ':' | '/' | '{' | '[' | '"' | '\''))
            .unwrap_or(self.rest.len());
        let word = self.take(length)?;
        match word {
            "true" => Some(Data::Bool(true)),
            "false" => Some(Data::Bool(false)),
            "null" | "undefined" => Some(Data::Null),
            "NaN" => Some(Data::Float(f64::NAN)),
            "Infinity" => Some(Data::Float(f64::INFINITY)),
            "-Infinity" => Some(Data::Float(f64::NEG_INFINITY)),
            _ => number(word),
        }
    }
}

fn number(word: &str) -> Option<Data> {
    let first = word.bytes().next()?;
    if !(first.is_ascii_digit() || matches!(first, b'-' | b'.')) || !word.bytes().any(|b| b.is_ascii_digit()) {
        return None;
    }
    if let Some(hex) = word.strip_prefix("0x").or_else(|| word.strip_prefix("0X")) {
        return i64::from_str_radix(hex, 16).ok().map(Data::Int);
    }
    if word.len() > 1 && word.starts_with('0') && word.bytes().all(|b| b.is_ascii_digit()) {
        return i64::from_str_radix(word, 8).ok().map(Data::Int);
    }
    if let Ok(number) = word.parse() {
        return Some(Data::Int(number));
    }
    word.parse().ok().map(Data::Float)
}

/// The text of a known value, without spaces, with these quotes.
pub(super) fn write(value: &Value, quote: char) -> String {
    let mut text = String::new();
    push(&mut text, value, quote);
    text
}

fn push(text: &mut String, value: &Value, quote: char) {
    match &value.data {
        Data::Null | Data::Unknown(_) => text.push_str("null"),
        Data::Bool(true) => text.push_str("true"),
        Data::Bool(false) => text.push_str("false"),
        Data::Int(number) => text.push_str(&number.to_string()),
        Data::Float(number) => text.push_str(&float(*number)),
        Data::String(string) => push_string(text, string, quote),
        Data::Pattern(pattern) => push_string(text, &pattern.to_string(), quote),
        Data::Array(array) => {
            text.push('[');
            for (i, item) in array.items.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                push(text, item, quote);
            }
            text.push(']');
        }
        Data::Object(object) => {
            text.push('{');
            for (i, (key, member)) in object.iter().enumerate() {
                if i > 0 {
                    text.push(',');
                }
                push_string(text, &key.name, quote);
                text.push(':');
                push(text, member, quote);
            }
            text.push('}');
        }
    }
}

/// A fraction keeps its point: `100.0`.
fn float(number: f64) -> String {
    let text = super::format::shortest(number);
    if text.contains(['.', 'E', 'N', 'I']) { text } else { format!("{text}.0") }
}

fn push_string(text: &mut String, string: &str, quote: char) {
    text.push(quote);
    for c in string.chars() {
        match c {
            c if c == quote => {
                text.push('\\');
                text.push(c);
            }
            '\\' => text.push_str("\\\\"),
            '\n' => text.push_str("\\n"),
            '\r' => text.push_str("\\r"),
            '\t' => text.push_str("\\t"),
            '\u{8}' => text.push_str("\\b"),
            '\u{c}' => text.push_str("\\f"),
            c if u32::from(c) < 0x20 || matches!(c, '\u{85}' | '\u{2028}' | '\u{2029}') => {
                let _ = write!(text, "\\u{:04x}", u32::from(c)); // writing to a string does not fail
            }
            c => text.push(c),
        }
    }
    text.push(quote);
}
