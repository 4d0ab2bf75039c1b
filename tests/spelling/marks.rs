//! Characters that stand around the text under a finding until the template is written out.

const QUOTED: [char; 2] = ['\u{E000}', '\u{E001}'];
const UNQUOTED: [char; 2] = ['\u{E002}', '\u{E003}'];
const EXACT: [char; 2] = ['\u{E004}', '\u{E005}'];

fn around(text: &str, [open, close]: [char; 2]) -> String {
    format!("{open}{text}{close}")
}

/// The text with the quotes that stand around it.
pub fn quoted(text: &str) -> String {
    around(text, QUOTED)
}

/// The text, which loses the quotes around it: a number or a truth value.
pub fn unquoted(text: &str) -> String {
    around(text, UNQUOTED)
}

/// The text alone.
pub fn exact(text: &str) -> String {
    around(text, EXACT)
}

/// The text without marks.
pub fn strip(text: &str) -> String {
    text.chars().filter(|c| !('\u{E000}'..='\u{E005}').contains(c)).collect()
}

/// The text as it is written, and where the marked ones begin and end.
pub fn resolve(text: &str) -> (String, Vec<(usize, usize)>) {
    let mut out = String::with_capacity(text.len());
    let mut spans = Vec::new();
    let mut start = 0;
    let mut skip = false;
    for c in text.chars() {
        if c == QUOTED[0] {
            start = out.len() - 1;
        } else if c == QUOTED[1] {
            spans.push((start, out.len() + 1));
        } else if c == UNQUOTED[0] {
            out.pop();
            start = out.len();
        } else if c == UNQUOTED[1] {
            spans.push((start, out.len()));
            skip = true;
        } else if c == EXACT[0] {
            start = out.len();
        } else if c == EXACT[1] {
            spans.push((start, out.len()));
        } else if skip {
            skip = false;
        } else {
            out.push(c);
        }
    }
    (out, spans)
}
