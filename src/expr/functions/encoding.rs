//! `base64`, `uriComponent`, `dataUri` and their inverses.
//!
//! In: strings. Out: strings. Must not know: other functions.

use std::fmt::Write as _;

use super::{ANY, Body, NULL, Row, STRING, Work, row};
use crate::expr::eval::Answer;
use crate::value::{Data, Type, Value};

pub(super) const ROWS: &[Row] = &[
    row("base64", (1, 1), &[STRING], Body::Strict(base64)).gives(Type::String),
    row("base64ToString", (1, 1), &[STRING], Body::Strict(base64_to_string)).gives(Type::String),
    row("base64ToJson", (1, 1), &[STRING], Body::Strict(base64_to_json)),
    row("dataUri", (1, 1), &[ANY & !NULL], Body::Strict(data_uri)).gives(Type::String),
    row("dataUriToString", (1, 1), &[STRING], Body::Strict(data_uri_to_string)).gives(Type::String),
    row("uriComponent", (1, 1), &[STRING], Body::Strict(uri_component)).gives(Type::String),
    row("uriComponentToString", (1, 1), &[STRING], Body::Strict(uri_component_to_string)).gives(Type::String),
];

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let word = chunk.iter().fold(0_u32, |word, byte| (word << 8) | u32::from(*byte)) << (8 * (3 - chunk.len()));
        for i in 0..4 {
            if i > chunk.len() {
                text.push('=');
            } else {
                let digit = usize::try_from((word >> (18 - 6 * i)) & 63).unwrap_or(0);
                text.push(ALPHABET.get(digit).map_or('A', |b| char::from(*b)));
            }
        }
    }
    text
}

/// Bytes of a base64 text, white space in it ignored; `None` where it is none.
pub(super) fn decode(text: &str) -> Option<Vec<u8>> {
    let digits: Vec<u8> = text.bytes().filter(|b| !matches!(b, b' ' | b'\t' | b'\n' | b'\r')).collect();
    if !digits.len().is_multiple_of(4) {
        return None;
    }
    let padding = digits.iter().rev().take_while(|b| **b == b'=').count();
    if padding > 2 {
        return None;
    }
    let mut bytes = Vec::new();
    let last = digits.len() / 4;
    for (i, chunk) in digits.chunks(4).enumerate() {
        let known = if i + 1 == last { 4 - padding } else { 4 };
        let mut word = 0_u32;
        for digit in chunk.iter().take(known) {
            let value = ALPHABET.iter().position(|b| b == digit)?;
            word = (word << 6) | u32::try_from(value).ok()?;
        }
        word <<= 6 * (4 - u32::try_from(known).ok()?);
        let [_, a, b, c] = word.to_be_bytes();
        bytes.extend([a, b, c].iter().take(known.saturating_sub(1)));
    }
    Some(bytes)
}

/// Text of bytes; what is no UTF-8 becomes replacement characters.
pub(super) fn utf8(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

fn base64(work: &Work<'_, '_, '_>) -> Answer {
    let Some(text) = work.str(0) else { return work.undecided() };
    work.give_str(&encode(text.as_bytes()))
}

fn decoded(work: &Work<'_, '_, '_>) -> Result<String, crate::expr::Refusal> {
    work.str(0)
        .and_then(decode)
        .map(|bytes| utf8(&bytes))
        .ok_or_else(|| work.refuse(0, format!("{} reads only base64", work.row.name)))
}

fn base64_to_string(work: &Work<'_, '_, '_>) -> Answer {
    work.give_str(&decoded(work)?)
}

fn base64_to_json(work: &Work<'_, '_, '_>) -> Answer {
    let text = decoded(work)?;
    match super::json_text::read(&text, work.part(Data::Null).origin) {
        Some(value) => Ok(Value { origin: work.origin(), ..value }),
        None => Err(work.refuse(0, "the decoded text is no JSON")),
    }
}

fn data_uri(work: &Work<'_, '_, '_>) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    let (media, text) = match arg.as_str() {
        Some(text) => ("text/plain", text.to_owned()),
        None => ("application/json", super::format::text(arg)),
    };
    work.give_str(&format!("data:{media};charset=utf-8;base64,{}", encode(text.as_bytes())))
}

fn data_uri_to_string(work: &Work<'_, '_, '_>) -> Answer {
    let Some(text) = work.str(0) else { return work.undecided() };
    match from_data_uri(text) {
        Some(text) => work.give_str(&text),
        None => Err(work.refuse(0, "dataUriToString reads only a data URI, such as data:text/plain,abc")),
    }
}

fn from_data_uri(text: &str) -> Option<String> {
    let rest = text.get(..5).filter(|scheme| scheme.eq_ignore_ascii_case("data:")).and_then(|_| text.get(5..))?;
    let (head, data) = rest.split_once(',')?;
    if head.starts_with(';') && !head.eq_ignore_ascii_case(";base64") {
        return None;
    }
    let is_base64 = head.rsplit(';').next().is_some_and(|last| last.eq_ignore_ascii_case("base64"));
    if is_base64 { decode(&unescape(data)).map(|bytes| utf8(&bytes)) } else { Some(unescape(data)) }
}

fn uri_component(work: &Work<'_, '_, '_>) -> Answer {
    let Some(text) = work.str(0) else { return work.undecided() };
    work.give_str(&escape(text, |_| false))
}

/// Percent-escapes everything but the unreserved characters and some others.
pub(super) fn escape(text: &str, keep: fn(char) -> bool) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '~') || keep(c) {
            escaped.push(c);
        } else {
            for byte in c.encode_utf8(&mut [0; 4]).bytes() {
                let _ = write!(escaped, "%{byte:02X}"); // writing to a string does not fail
            }
        }
    }
    escaped
}

fn uri_component_to_string(work: &Work<'_, '_, '_>) -> Answer {
    let Some(text) = work.str(0) else { return work.undecided() };
    work.give_str(&unescape(&text.replace('+', " ")))
}

/// Undoes percent-escapes that are UTF-8; others stay as they are.
pub(super) fn unescape(text: &str) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('%') {
        result.push_str(rest.get(..at).unwrap_or(""));
        rest = rest.get(at..).unwrap_or("");
        let mut bytes = Vec::new();
        while let Some(byte) = escaped_byte(rest.get(3 * bytes.len()..).unwrap_or("")) {
            bytes.push(byte);
        }
        if bytes.is_empty() {
            result.push('%');
            rest = rest.get(1..).unwrap_or("");
            continue;
        }
        let mut left = bytes.as_slice();
        while !left.is_empty() {
            match std::str::from_utf8(left) {
                Ok(good) => {
                    result.push_str(good);
                    left = &[];
                }
                Err(error) => {
                    let (good, bad) = left.split_at(error.valid_up_to());
                    result.push_str(std::str::from_utf8(good).unwrap_or(""));
                    if let Some((first, more)) = bad.split_first() {
                        let _ = write!(result, "%{first:02X}");
                        left = more;
                    }
                }
            }
        }
        rest = rest.get(3 * bytes.len()..).unwrap_or("");
    }
    result.push_str(rest);
    result
}

fn escaped_byte(text: &str) -> Option<u8> {
    let digits = text.strip_prefix('%')?.get(..2)?;
    if digits.bytes().all(|b| b.is_ascii_hexdigit()) { u8::from_str_radix(digits, 16).ok() } else { None }
}
