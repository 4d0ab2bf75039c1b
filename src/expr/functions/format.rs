//! `format`, and the text of a value.
//!
//! In: values. Out: texts as .NET writes them in the invariant culture. Must not know: other functions.

use super::work::size_of;
use super::{ANY, Body, MANY, Row, STRING, Work, Zeal, row};
use crate::expr::eval::Answer;
use crate::expr::symbol;
use crate::value::{Data, Pattern, Type, Value};

pub(super) const ROWS: &[Row] =
    &[row("format", (1, MANY), &[STRING, ANY], Body::Open(format)).gives(Type::String).zeal(Zeal::Late)];

/// The text of a known value, as `string()` gives it: JSON for arrays and objects.
pub(super) fn text(value: &Value) -> String {
    match &value.data {
        Data::Null | Data::Unknown(_) => String::new(),
        Data::Bool(true) => "True".to_owned(),
        Data::Bool(false) => "False".to_owned(),
        Data::Int(number) => number.to_string(),
        Data::Float(number) => shortest(*number),
        Data::String(text) => text.to_string(),
        Data::Pattern(pattern) => pattern.to_string(),
        Data::Array(_) | Data::Object(_) => super::json_text::write(value, '"'),
    }
}

/// The text of a known value inside of `format()`, where the JSON of arrays and objects has single quotes.
fn shown(value: &Value) -> String {
    match &value.data {
        Data::Array(_) | Data::Object(_) => super::json_text::write(value, '\''),
        _ => text(value),
    }
}

/// Appends a value to a string.
pub(super) fn push_plain(pattern: &mut Pattern, value: &Value) {
    match &value.data {
        Data::Pattern(other) => pattern.push(other),
        Data::Unknown(unknown) => pattern.push_hole(unknown),
        _ => pattern.push_str(&text(value)),
    }
}

/// The shortest text that reads as the same number: `1E+21`, `0.1`, `-2.25`, `100`.
pub(super) fn shortest(number: f64) -> String {
    if number.is_nan() {
        return "NaN".to_owned();
    }
    if number.is_infinite() {
        return if number > 0.0 { "Infinity" } else { "-Infinity" }.to_owned();
    }
    let scientific = format!("{number:e}");
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    if !(-5..15).contains(&exponent) {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{mantissa}E{sign}{:02}", exponent.unsigned_abs());
    }
    format!("{number}")
}

/// A piece of a format string.
enum Piece<'t> {
    Text(String),
    Item { index: usize, width: i64, spec: &'t str, at: usize },
}

fn format(work: &Work<'_, '_, '_>) -> Answer {
    let Some(template) = work.str(0) else { return work.undecided() };
    let values = work.args.get(1..).unwrap_or_default();
    let pieces = match pieces(template) {
        Ok(pieces) => pieces,
        Err(message) => return Err(work.refuse(0, message)),
    };
    let mut result = Pattern::new();
    let mut bytes: usize = 0;
    for piece in &pieces {
        work.room(bytes)?;
        match piece {
            Piece::Text(text) => result.push_str(text),
            Piece::Item { index, width, spec, at } => {
                let Some(value) = values.get(*index) else {
                    let message =
                        format!("the format has an item {{{index}}} at {at}, but only {} values", values.len());
                    return Err(work.refuse(0, message));
                };
                let unknown = symbol::reason_of(std::slice::from_ref(value)).is_some();
                let composite = matches!(value.data, Data::Array(_) | Data::Object(_));
                if unknown && (composite || *width != 0 || !spec.is_empty()) {
                    return work.undecided();
                }
                if unknown {
                    bytes = bytes.saturating_add(size_of(value)).saturating_add(64);
                    push_plain(&mut result, value);
                    continue;
                }
                match item(value, spec) {
                    Ok(text) => {
                        let text = padded(&text, *width);
                        bytes = bytes.saturating_add(text.len());
                        result.push_str(&text);
                    }
                    Err(message) => return Err(work.refuse(index + 1, message)),
                }
            }
        }
    }
    super::collection::stringly(work, result)
}

fn padded(text: &str, width: i64) -> String {
    let length = text.encode_utf16().count();
    let wanted = usize::try_from(width.unsigned_abs()).unwrap_or(0).min(super::LONGEST);
    let pad = " ".repeat(wanted.saturating_sub(length));
    if width < 0 { format!("{text}{pad}") } else { format!("{pad}{text}") }
}

/// Cuts a format string: `{index[,width][:spec]}`, doubled braces for a brace.
fn pieces(template: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut pieces = Vec::new();
    let mut text = String::new();
    let mut rest = template;
    while let Some(brace) = rest.find(['{', '}']) {
        text.push_str(rest.get(..brace).unwrap_or(""));
        let at = template.len() - rest.len() + brace;
        let after = rest.get(brace + 1..).unwrap_or("");
        let open = rest.as_bytes().get(brace) == Some(&b'{');
        if let Some(more) = after.strip_prefix(if open { '{' } else { '}' }) {
            text.push(if open { '{' } else { '}' });
            rest = more;
            continue;
        }
        if !open {
            return Err("a `}` stands alone in the format; a brace that is meant is doubled".to_owned());
        }
        let Some(close) = after.find('}') else {
            return Err("an item of the format is not closed with `}`".to_owned());
        };
        if !text.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut text)));
        }
        pieces.push(piece(after.get(..close).unwrap_or(""), at)?);
        rest = after.get(close + 1..).unwrap_or("");
    }
    text.push_str(rest);
    if !text.is_empty() {
        pieces.push(Piece::Text(text));
    }
    Ok(pieces)
}

fn piece(inner: &str, at: usize) -> Result<Piece<'_>, String> {
    let (head, spec) = inner.split_once(':').unwrap_or((inner, ""));
    let (index, width) = head.split_once(',').map_or((head, None), |(index, width)| (index, Some(width)));
    let wrong = || format!("`{{{inner}}}` is no item of a format; one looks like {{0}}");
    if !index.starts_with(|c: char| c.is_ascii_digit()) || spec.contains('{') {
        return Err(wrong());
    }
    let index: usize = index.trim_end_matches(' ').parse().map_err(|_| wrong())?;
    let width: i64 = width.map_or(Ok(0), |width| width.trim_matches(' ').parse()).map_err(|_| wrong())?;
    if index >= 1_000_000 || width.abs() >= 1_000_000 {
        return Err(wrong());
    }
    Ok(Piece::Item { index, width, spec, at })
}

/// One formatted value; only numbers have formats.
fn item(value: &Value, spec: &str) -> Result<String, String> {
    match value.data {
        Data::Int(number) if !spec.is_empty() => super::number_format::int(number, spec),
        Data::Float(number) if !spec.is_empty() => super::number_format::float(number, spec),
        _ => Ok(shown(value)),
    }
}
