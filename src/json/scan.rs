//! The bytes of tokens, eight at a time where that pays.
//!
//! In: bytes and an offset. Out: the offset at which a token ends. Must not know: nodes, problems.
#![allow(clippy::arithmetic_side_effects, reason = "offsets stay below the length of a text")]

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The eight bytes at an offset, first byte lowest.
#[inline]
fn word(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk::<8>().map(|chunk| u64::from_le_bytes(*chunk))
}

#[inline]
const fn repeat(byte: u8) -> u64 {
    ONES * byte as u64
}

/// Sets the highest bit of every byte that is zero; of the bytes behind the first one it may set more.
#[inline]
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(ONES) & !word & HIGHS
}

/// How many bytes stand before the first one that is marked.
#[inline]
const fn before(marks: u64) -> usize {
    (marks.trailing_zeros() / 8) as usize
}

/// Behind spaces, tabs, line feeds and carriage returns.
#[inline]
pub(super) fn blank(bytes: &[u8], at: usize) -> usize {
    match bytes.get(at) {
        Some(b' ') if bytes.get(at + 1).is_some_and(|&next| next > b' ') => at + 1, // the space behind a colon
        Some(..=b' ') => blanks(bytes, at),
        Some(_) | None => at,
    }
}

#[inline]
fn blanks(bytes: &[u8], mut at: usize) -> usize {
    loop {
        match bytes.get(at) {
            Some(b' ' | b'\n' | b'\r' | b'\t') => at += 1,
            Some(_) | None => return at,
        }
        while let Some(word) = word(bytes, at) {
            let other = word ^ repeat(b' ');
            if other != 0 {
                at += before(other);
                break;
            }
            at += 8;
        }
    }
}

/// At the next quote, backslash or control character, or at the end.
#[inline]
pub(super) fn plain(bytes: &[u8], mut at: usize) -> usize {
    while let Some(word) = word(bytes, at) {
        let controls = word.wrapping_sub(repeat(0x20)) & !word & HIGHS;
        let marks = zeros(word ^ repeat(b'"')) | zeros(word ^ repeat(b'\\')) | controls;
        if marks != 0 {
            return at + before(marks);
        }
        at += 8;
    }
    while let Some(&byte) = bytes.get(at) {
        if byte == b'"' || byte == b'\\' || byte < 0x20 {
            break;
        }
        at += 1;
    }
    at
}

/// Behind a number; `Err` where the grammar breaks, which is the grammar of RFC 8259.
#[inline]
pub(super) fn number(bytes: &[u8], mut at: usize) -> Result<usize, usize> {
    if bytes.get(at) == Some(&b'-') {
        at += 1;
    }
    if bytes.get(at) == Some(&b'0') {
        at += 1;
    } else {
        at = digits(bytes, at)?;
    }
    if bytes.get(at) == Some(&b'.') {
        at = digits(bytes, at + 1)?;
    }
    if let Some(b'e' | b'E') = bytes.get(at) {
        at += 1;
        if let Some(b'+' | b'-') = bytes.get(at) {
            at += 1;
        }
        at = digits(bytes, at)?;
    }
    match bytes.get(at) {
        Some(&byte) if in_word(byte) => Err(at),
        Some(_) | None => Ok(at),
    }
}

/// Behind one or more digits.
#[inline]
fn digits(bytes: &[u8], start: usize) -> Result<usize, usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    if at == start { Err(at) } else { Ok(at) }
}

/// Whether a byte continues a bare word or a number. Every byte of a character beyond ASCII does.
#[inline]
pub(super) const fn in_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$' | b'.' | b'-' | b'+' | 0x80..)
}

/// Behind a bare word.
pub(super) fn bare_word(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).copied().is_some_and(in_word) {
        at += 1;
    }
    at
}

/// One of 64 bits for a property name, so that an object can tell quickly that all of its names differ.
///
/// `at` is behind the opening quote, `end` at the closing one. Takes the length and the first eight bytes.
#[inline]
pub(super) fn fingerprint(bytes: &[u8], at: usize, end: usize) -> u64 {
    let length = end - at;
    let head = match word(bytes, at) {
        Some(word) if length >= 8 => word ^ u64::from(bytes.get(end - 1).copied().unwrap_or(0)) << 32,
        Some(word) => word & !(u64::MAX << (8 * length)),
        None => bytes.get(at..end).unwrap_or_default().iter().fold(0, |sum, &b| sum << 8 | u64::from(b)),
    };
    1 << ((head ^ length as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58)
}

/// A hash of 32 bits, fast rather than safe against chosen input.
pub(super) fn hash(bytes: &[u8]) -> u64 {
    let (chunks, rest) = bytes.as_chunks::<8>();
    let last = rest.iter().fold(bytes.len() as u64, |sum, &byte| sum << 8 | u64::from(byte));
    let words = chunks.iter().map(|chunk| u64::from_le_bytes(*chunk)).chain([last]);
    words.fold(0_u64, |hash, word| (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)) >> 32
}
