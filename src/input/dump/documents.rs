//! The documents of a text that is not one JSON document.
//!
//! In: a text. Out: the byte ranges of its documents. Must not know: what the documents are.
//!
//! Tools print warnings in front of their output (`WARNING: …`), recorders print the headers of a response, and many
//! outputs are put one behind the other in a file, with or without line feeds between.

use std::ops::Range;

/// The ranges of the documents in a text; one that is not closed goes to the end.
///
/// A document begins where a line begins with an opening bracket that JSON may follow; behind a document the next one may
/// begin on the same line.
pub fn split(text: &str) -> Vec<Range<usize>> {
    let bytes = text.as_bytes();
    let mut found = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while let Some(start) = next(bytes, at) {
        let end = end(bytes, start);
        found.push(start..end);
        at = end;
    }
    found
}

/// The next document at or behind an offset that is the beginning of a line or the end of a document.
fn next(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at = skip_blank(bytes, at);
        // Values in a row may be parted by commas.
        if bytes.get(at) == Some(&b',') {
            at = skip_blank(bytes, at + 1);
        }
        if begins(bytes, at) {
            return Some(at);
        }
        at += bytes.get(at..)?.iter().position(|byte| *byte == b'\n')? + 1;
    }
}

fn skip_blank(bytes: &[u8], at: usize) -> usize {
    let rest = bytes.get(at..).unwrap_or_default();
    at + rest.iter().take_while(|byte| byte.is_ascii_whitespace()).count()
}

/// Whether JSON begins here, rather than `[Warning] …`.
fn begins(bytes: &[u8], at: usize) -> bool {
    let follows = bytes.get(skip_blank(bytes, at + 1));
    match bytes.get(at) {
        Some(b'{') => matches!(follows, Some(b'"' | b'}' | b'/') | None),
        Some(b'[') => matches!(follows, Some(b'{' | b'[' | b'"' | b']' | b'/') | None),
        Some(_) | None => false,
    }
}

/// One past the bracket that closes a document.
fn end(bytes: &[u8], start: usize) -> usize {
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut escaped = false;
    for (offset, byte) in bytes.get(start..).unwrap_or_default().iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            b'{' | b'[' => depth += 1,
            b'}' | b']' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    return start + offset + 1;
                }
            }
            _ => {}
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::split;

    fn parts(text: &str) -> Vec<&str> {
        split(text).into_iter().map(|range| &text[range]).collect()
    }

    #[test]
    fn warnings_and_headers_are_left_out() {
        assert_eq!(parts("WARNING: a {preview}\nWARNING: b\n{\"a\": 1}\n"), ["{\"a\": 1}"]);
        assert_eq!(parts("HTTP/1.1 200 OK\r\nX: {1}\r\n\r\n[]"), ["[]"]);
        assert_eq!(parts("[Warning] x\n[\n]"), ["[\n]"]);
        assert_eq!(parts("{oops}\nno"), Vec::<&str>::new());
    }

    #[test]
    fn documents_follow_each_other_in_any_way() {
        assert_eq!(parts("{\"a\":\"}{\"}\n{}"), ["{\"a\":\"}{\"}", "{}"]);
        assert_eq!(parts("{\"a\":\"\\\"}\"}{}[]"), ["{\"a\":\"\\\"}\"}", "{}", "[]"]);
        assert_eq!(parts("{},\n{}"), ["{}", "{}"]);
        assert_eq!(parts("\u{feff}{} text\n  []"), ["{}", "[]"]);
    }

    #[test]
    fn a_document_that_is_cut_off_goes_to_the_end() {
        assert_eq!(parts("{}\n{\"a\": [1,"), ["{}", "{\"a\": [1,"]);
        assert_eq!(parts("{"), ["{"]);
        assert_eq!(parts(""), Vec::<&str>::new());
    }
}
