//! Functions on strings: `toLower`, `replace`, `split`, `join`, `startsWith`, `substring`, …
//!
//! In: strings, with holes too. Out: strings whose holes are kept where the class of the hole decides. Must not know:
//! other functions.
//!
//! Names of Azure resources, groups and regions hold no `/`; that is all that is known of a hole of class *segment*.

use std::sync::Arc;

use super::collection::{slice, without_head};
use super::work::{size, size_of};
use super::{ARRAY, BOOL, Body, INT, OBJECT, Row, STRING, Work, Zeal, kind_of, row};
use crate::expr::eval::Answer;
use crate::expr::symbol;
use crate::value::{Data, Hole, Part, Pattern, Truth, Type, Unknown, Value};

pub(super) const ROWS: &[Row] = &[
    row("toLower", (1, 1), &[STRING], Body::Open(|work| case(work, lower))).gives(Type::String),
    row("toUpper", (1, 1), &[STRING], Body::Open(|work| case(work, upper))).gives(Type::String),
    row("trim", (1, 1), &[STRING], Body::Open(trim)).gives(Type::String),
    row("replace", (3, 3), &[STRING], Body::Open(replace)).gives(Type::String),
    row("split", (2, 2), &[STRING, STRING | ARRAY], Body::Open(split)).gives(Type::Array),
    row("join", (2, 2), &[ARRAY, STRING], Body::Open(join)).gives(Type::String),
    row("startsWith", (2, 2), &[STRING], Body::Open(starts_with)).gives(Type::Bool),
    row("endsWith", (2, 2), &[STRING], Body::Open(ends_with)).gives(Type::Bool),
    row("substring", (2, 3), &[STRING, INT], Body::Open(substring)).gives(Type::String).zeal(Zeal::Late),
    row("padLeft", (2, 3), &[STRING | INT, INT, STRING], Body::Strict(pad_left)).gives(Type::String).zeal(Zeal::Late),
    row("string", (1, 1), &[STRING | INT | BOOL | OBJECT | ARRAY], Body::Open(string)).gives(Type::String),
];

/// The units in which Azure counts.
pub(super) fn units(text: &str) -> Vec<u16> {
    text.encode_utf16().collect()
}

/// The text of some units; `None` for half of a pair.
pub(super) fn from_units(units: &[u16]) -> Option<String> {
    String::from_utf16(units).ok()
}

/// The known beginning of a string.
pub(super) fn head(pattern: &Pattern) -> &str {
    match pattern.parts().first() {
        Some(Part::Literal(text)) => text,
        Some(Part::Hole(_)) | None => "",
    }
}

/// The known end of a string.
pub(super) fn tail(pattern: &Pattern) -> &str {
    match pattern.parts().last() {
        Some(Part::Literal(text)) => text,
        Some(Part::Hole(_)) | None => "",
    }
}

/// Upper case, character by character: no character becomes two, and the dotless i stays.
pub(super) fn upper(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut upper = c.to_uppercase();
            match (upper.next(), upper.next()) {
                (Some(one), None) if c != 'ı' => one,
                _ => c,
            }
        })
        .collect()
}

/// Lower case, character by character; the dotted capital I stays.
pub(super) fn lower(text: &str) -> String {
    text.chars()
        .map(|c| {
            let mut lower = c.to_lowercase();
            match (lower.next(), lower.next()) {
                (Some(one), None) => one,
                _ => c,
            }
        })
        .collect()
}

/// Where a text first occurs, in units, ignoring case.
pub(super) fn find_ignoring_case(text: &str, part: &str) -> Option<usize> {
    let (text, part) = (upper(text), upper(part));
    text.find(&part).map(|at| units(text.get(..at).unwrap_or("")).len())
}

/// Where a text last occurs, in units, ignoring case; the empty text occurs at the last unit.
pub(super) fn rfind_ignoring_case(text: &str, part: &str) -> Option<usize> {
    if part.is_empty() {
        return Some(units(text).len().saturating_sub(1));
    }
    let (text, part) = (upper(text), upper(part));
    text.rfind(&part).map(|at| units(text.get(..at).unwrap_or("")).len())
}

fn pattern(work: &Work<'_, '_, '_>, i: usize) -> Option<Pattern> {
    work.arg(i).and_then(Value::as_pattern)
}

fn case(work: &Work<'_, '_, '_>, change: fn(&str) -> String) -> Answer {
    let Some(whole) = pattern(work, 0) else { return work.undecided() };
    let mut changed = Pattern::new();
    for part in whole.parts() {
        match part {
            Part::Literal(text) => changed.push_str(&change(text)),
            Part::Hole(unknown) => changed.push_hole(&cased(work, unknown)),
        }
    }
    work.give_pattern(changed)
}

/// An unknown in lower or upper case: one that already is stays itself.
fn cased(work: &Work<'_, '_, '_>, unknown: &Arc<Unknown>) -> Arc<Unknown> {
    let name = work.row.name;
    let lower = ["toLower(", "uniqueString(", "guid(", "newGuid("];
    let already = |prefix: &str| unknown.symbol.text.starts_with(prefix);
    let is_call = unknown.symbol.text.ends_with(')');
    if is_call
        && ((name == "toLower" && lower.iter().any(|p| already(p))) || (name == "toUpper" && already("toUpper(")))
    {
        return Arc::clone(unknown);
    }
    let value = Value::unknown((**unknown).clone(), work.origin());
    let mut changed = Unknown::new(unknown.reason, symbol::call(name, &[value]));
    changed.ty = Some(Type::String);
    changed.hole = unknown.hole;
    Arc::new(changed)
}

fn trim(work: &Work<'_, '_, '_>) -> Answer {
    let Some(whole) = pattern(work, 0) else { return work.undecided() };
    if let Some(text) = whole.as_literal() {
        return work.give_str(text.trim());
    }
    let (start, end) = (head(&whole), tail(&whole));
    if start.trim().is_empty() || end.trim().is_empty() {
        return work.undecided();
    }
    let last = whole.parts().len() - 1;
    let mut trimmed = Pattern::new();
    for (i, part) in whole.parts().iter().enumerate() {
        match part {
            Part::Literal(text) if i == 0 => trimmed.push_str(text.trim_start()),
            Part::Literal(text) if i == last => trimmed.push_str(text.trim_end()),
            Part::Literal(text) => trimmed.push_str(text),
            Part::Hole(unknown) => trimmed.push_hole(unknown),
        }
    }
    work.give_pattern(trimmed)
}

fn replace(work: &Work<'_, '_, '_>) -> Answer {
    if work.str(1) == Some("") {
        return Err(work.refuse(1, "replace wants a text to look for that is not empty"));
    }
    let (Some(whole), Some(old), Some(new)) = (pattern(work, 0), work.str(1), pattern(work, 2)) else {
        return work.undecided();
    };
    let decided = whole.as_literal().is_some() || (old == "/" && whole.splits_at_slash());
    if !decided {
        return work.undecided();
    }
    let count = whole.parts().iter().fold(0, |count: usize, part| match part {
        Part::Literal(text) => count + text.matches(old).count(),
        Part::Hole(_) => count,
    });
    work.room(count.saturating_mul(size(&new).saturating_add(64 * new.parts().len())))?;
    let mut changed = Pattern::new();
    for part in whole.parts() {
        match part {
            Part::Hole(unknown) => changed.push_hole(unknown),
            Part::Literal(text) => {
                for (i, piece) in text.split(old).enumerate() {
                    if i > 0 {
                        changed.push(&new);
                    }
                    changed.push_str(piece);
                }
            }
        }
    }
    work.give_pattern(changed)
}

fn separators(work: &Work<'_, '_, '_>) -> Result<Option<Vec<String>>, crate::expr::Refusal> {
    match work.arg(1).map(|arg| &arg.data) {
        Some(Data::String(text)) => Ok(Some(vec![text.to_string()])),
        Some(Data::Array(array)) => {
            for item in &array.items {
                work.expect(1, item, STRING)?;
            }
            if array.open.is_some() {
                return Ok(None);
            }
            Ok(array.items.iter().map(|item| item.as_str().map(str::to_owned)).collect())
        }
        _ => Ok(None),
    }
}

fn split(work: &Work<'_, '_, '_>) -> Answer {
    let Some(separators) = separators(work)? else { return work.undecided() };
    let separators: Vec<&str> = separators.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
    let Some(whole) = pattern(work, 0) else { return work.undecided() };
    let pieces = if let Some(text) = whole.as_literal() {
        split_text(text, &separators).into_iter().map(Pattern::literal).collect()
    } else if separators == ["/"] {
        match whole.split('/') {
            Some(pieces) => pieces,
            None => return work.undecided(),
        }
    } else if separators.is_empty() {
        vec![whole]
    } else {
        return work.undecided();
    };
    work.give_items(pieces.into_iter().map(|piece| work.part(piece.into_data())).collect())
}

/// The pieces between the separators; at each place the first separator that matches counts.
fn split_text<'t>(text: &'t str, separators: &[&str]) -> Vec<&'t str> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(separator) = separators.iter().find(|separator| rest.starts_with(**separator)) {
            pieces.push(text.get(start..at).unwrap_or(""));
            at += separator.len();
            start = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    pieces.push(text.get(start..).unwrap_or(""));
    pieces
}

fn join(work: &Work<'_, '_, '_>) -> Answer {
    let Some(array) = work.array(0) else { return work.undecided() };
    let Some(separator) = pattern(work, 1) else { return work.undecided() };
    for item in &array.items {
        if kind_of(item).is_some_and(|kind| kind & (STRING | INT | BOOL) == 0) {
            let found = super::kind_name(item);
            return Err(work.refuse(0, format!("join joins strings, whole numbers and booleans, not {found}")));
        }
    }
    if array.open.is_some() {
        return work.undecided();
    }
    let between = size(&separator).saturating_mul(array.items.len());
    work.room(array.items.iter().fold(between, |sum: usize, item| sum.saturating_add(size_of(item))))?;
    let mut joined = Pattern::new();
    for (i, item) in array.items.iter().enumerate() {
        if i > 0 {
            joined.push(&separator);
        }
        match &item.data {
            Data::Unknown(unknown) => joined.push_hole(unknown),
            _ => super::format::push_plain(&mut joined, item),
        }
    }
    super::collection::stringly(work, joined)
}

fn decide(work: &Work<'_, '_, '_>, truth: Truth) -> Answer {
    match truth {
        Truth::True => work.give_bool(true),
        Truth::False => work.give_bool(false),
        Truth::Unknown => work.undecided(),
    }
}

fn starts_with(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(whole), Some(part)) = (pattern(work, 0), pattern(work, 1)) else { return work.undecided() };
    let (known, wanted) = (upper(head(&whole)), upper(head(&part)));
    let hole = whole.parts().get(usize::from(!head(&whole).is_empty()));
    let (all, only) = (whole.as_literal().is_some(), part.as_literal().is_some());
    decide(work, affix(known.chars(), wanted.chars(), all, only, hole))
}

fn ends_with(work: &Work<'_, '_, '_>) -> Answer {
    let (Some(whole), Some(part)) = (pattern(work, 0), pattern(work, 1)) else { return work.undecided() };
    let (known, wanted) = (upper(tail(&whole)), upper(tail(&part)));
    let from_end = usize::from(!tail(&whole).is_empty()) + 1;
    let hole = whole.parts().len().checked_sub(from_end).and_then(|i| whole.parts().get(i));
    let (all, only) = (whole.as_literal().is_some(), part.as_literal().is_some());
    decide(work, affix(known.chars().rev(), wanted.chars().rev(), all, only, hole))
}

/// Whether a string begins with another, both read from that end: `all` and `only` say that what is known is all of
/// it; `hole` follows the known part.
fn affix(
    mut known: impl Iterator<Item = char>,
    wanted: impl Iterator<Item = char>,
    all: bool,
    only: bool,
    hole: Option<&Part>,
) -> Truth {
    for want in wanted {
        match known.next() {
            Some(c) if c == want => {}
            Some(_) => return Truth::False,
            None if all => return Truth::False,
            None => {
                // A segment holds at least one character, and no slash.
                let segment = matches!(hole, Some(Part::Hole(unknown)) if unknown.hole == Hole::Segment);
                return if segment && want == '/' { Truth::False } else { Truth::Unknown };
            }
        }
    }
    if only { Truth::True } else { Truth::Unknown }
}

fn substring(work: &Work<'_, '_, '_>) -> Answer {
    let start = match work.arg(1) {
        None => Some(0),
        Some(_) => work.int(1),
    };
    let (Some(whole), Some(start)) = (work.arg(0), start) else { return work.undecided() };
    if work.args.len() == 3 && work.int(2).is_none() {
        return work.undecided();
    }
    let count = work.int(2);
    if let Data::Pattern(pattern) = &whole.data {
        return substring_of_pattern(work, pattern, start, count);
    }
    let Some(text) = whole.as_str() else { return work.undecided() };
    let length = i64::try_from(units(text).len()).unwrap_or(i64::MAX);
    if start < 0 {
        return Err(work.refuse(1, format!("substring cannot start at {start}")));
    }
    if start > length {
        return Err(work.refuse(1, format!("substring cannot start at {start}: the string has length {length}")));
    }
    if count.is_some_and(|count| count < 0) {
        return Err(work.refuse(2, "the length of a substring cannot be less than 0"));
    }
    if count.is_some_and(|count| start.saturating_add(count) > length) {
        return Err(work.refuse(2, format!("the substring ends behind the string, which has length {length}")));
    }
    let size = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    slice(work, text, size(start), count.map_or(usize::MAX, size))
}

fn substring_of_pattern(work: &Work<'_, '_, '_>, pattern: &Pattern, start: i64, count: Option<i64>) -> Answer {
    let (Ok(start), Ok(size)) = (usize::try_from(start), usize::try_from(count.unwrap_or(0))) else {
        return work.undecided();
    };
    if count.is_none() {
        return without_head(pattern, start).map_or_else(|| work.undecided(), |rest| work.give_pattern(rest));
    }
    if start.saturating_add(size) > units(head(pattern)).len() {
        return work.undecided();
    }
    slice(work, head(pattern), start, size)
}

fn pad_left(work: &Work<'_, '_, '_>) -> Answer {
    let text = match work.arg(0).map(|arg| &arg.data) {
        Some(Data::Int(number)) => number.to_string(),
        Some(Data::String(text)) => text.to_string(),
        _ => return work.undecided(),
    };
    let pad = work.str(2).unwrap_or(" ");
    if units(pad).len() != 1 {
        return Err(work.refuse(2, "padLeft pads with one character"));
    }
    let Some(width) = work.int(1) else { return work.undecided() };
    if !(1..=16).contains(&width) {
        return Err(work.refuse(1, format!("padLeft pads to a width of 1 to 16, not {width}")));
    }
    let missing = usize::try_from(width).unwrap_or(0).saturating_sub(units(&text).len());
    work.give_str(&format!("{}{text}", pad.repeat(missing)))
}

fn string(work: &Work<'_, '_, '_>) -> Answer {
    let Some(arg) = work.arg(0) else { return work.undecided() };
    match &arg.data {
        Data::Pattern(pattern) => work.give_pattern((**pattern).clone()),
        Data::Unknown(unknown) if unknown.ty == Some(Type::String) => work.give(arg.data.clone()),
        Data::Unknown(_) => work.undecided(),
        _ if symbol::reason_of(std::slice::from_ref(arg)).is_some() => work.undecided(),
        _ => work.give_str(&super::format::text(arg)),
    }
}
