//! What no report may show.
//!
//! In: spans and texts that are secret. Out: [`Redactions`], which masks them. Must not know: why something is secret.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::ops::Range;

use crate::source::{FileId, Sources, Span};

/// Shorter texts are not looked for in messages: masking every `on` would hide nothing and spoil everything.
const SHORTEST: usize = 4;

/// Texts of fewer characters are masked as whole words only: a secret `data` must not spoil `databaseAccounts`.
const PART_OF_A_WORD: usize = 8;

/// The secrets of a run. There may be many thousands of them, so none is looked for by going through all.
#[derive(Clone, Debug, Default)]
pub struct Redactions {
    /// Start and end, by file.
    spans: BTreeMap<FileId, BTreeSet<(u32, u32)>>,
    /// The length of the longest span.
    widest: u32,
    /// By their first bytes, of which each has so many.
    texts: HashMap<Vec<u8>, Vec<String>>,
    known: HashSet<String>,
    /// The length of the longest text.
    longest: usize,
}

impl Redactions {
    /// No secret yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hides a place and, where it holds a literal string, that string wherever it turns up.
    ///
    /// An ARM expression (`[…]`) is hidden at its place only: the text of an expression is no secret elsewhere.
    pub fn hide(&mut self, sources: &Sources, span: Span) {
        self.hide_span(span);
        let written = sources.slice(span);
        let inner = written.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        let Some(inner) = inner else { return };
        if inner.starts_with('[') && inner.ends_with(']') {
            return;
        }
        self.insert(inner);
        if let Ok(decoded) = serde_json::from_str::<String>(written) {
            self.hide_text(&decoded);
        }
    }

    /// Hides what another one hides as well.
    pub fn join(&mut self, other: Self) {
        self.widest = self.widest.max(other.widest);
        for (file, spans) in other.spans {
            self.spans.entry(file).or_default().extend(spans);
        }
        other.texts.values().flatten().for_each(|text| self.insert(text));
    }

    /// Hides a place in excerpts.
    pub fn hide_span(&mut self, span: Span) {
        self.widest = self.widest.max(span.end.saturating_sub(span.start));
        self.spans.entry(span.file).or_default().insert((span.start, span.end));
    }

    /// Hides a text wherever it turns up, also as JSON writes it. Texts of fewer than four characters are left.
    pub fn hide_text(&mut self, text: &str) {
        self.insert(text);
        let escaped = serde_json::Value::from(text).to_string();
        self.insert(escaped.trim_matches('"'));
    }

    fn insert(&mut self, text: &str) {
        let Some(start) = text.as_bytes().get(..SHORTEST).filter(|_| text.chars().count() >= SHORTEST) else { return };
        if self.known.insert(text.to_owned()) {
            self.longest = self.longest.max(text.len());
            self.texts.entry(start.to_vec()).or_default().push(text.to_owned());
        }
    }

    /// The text with every secret masked, each of its characters by `*`.
    pub fn clean<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let hidden = self.occurrences(text);
        if hidden.is_empty() {
            return Cow::Borrowed(text);
        }
        let mask = |(at, c): (usize, char)| if hidden.iter().any(|range| range.contains(&at)) { '*' } else { c };
        Cow::Owned(text.char_indices().map(mask).collect())
    }

    /// The parts of a range of a file that must not be shown, as byte ranges of that file.
    pub fn within(&self, sources: &Sources, file: FileId, range: &Range<usize>) -> Vec<Range<usize>> {
        let text = sources.get(file).text();
        let mut hidden = Vec::new();
        let place = |offset: usize| u32::try_from(offset).unwrap_or(u32::MAX);
        let from = place(range.start).saturating_sub(self.widest);
        let near = self.spans.get(&file).map(|spans| spans.range((from, 0)..(place(range.end), u32::MAX)));
        for &(start, end) in near.into_iter().flatten() {
            let (mut start, mut end) = (start as usize, end as usize);
            if start >= range.end || end <= range.start {
                continue;
            }
            // The quotes stay, so that the excerpt still reads as JSON.
            let written = text.get(start..end).unwrap_or("");
            if written.len() >= 2 && written.starts_with('"') && written.ends_with('"') {
                (start, end) = (start + 1, end - 1);
            }
            hidden.push(start..end);
        }
        // A secret that the excerpt cuts is looked for beyond its edges.
        let start = floor(text, range.start.saturating_sub(self.longest));
        let end = floor(text, range.end.saturating_add(self.longest).min(text.len()));
        if let Some(around) = text.get(start..end.max(start)) {
            hidden.extend(self.occurrences(around).into_iter().map(|found| found.start + start..found.end + start));
        }
        hidden
    }

    fn occurrences(&self, text: &str) -> Vec<Range<usize>> {
        let mut found = Vec::new();
        if self.texts.is_empty() {
            return found;
        }
        // Overlapping occurrences count too: `aaaa` in `aaaaa` must not leave a tail.
        for (at, start) in text.as_bytes().windows(SHORTEST).enumerate() {
            for secret in self.texts.get(start).into_iter().flatten() {
                let range = at..at + secret.len();
                if text.as_bytes().get(range.clone()) == Some(secret.as_bytes())
                    && (secret.chars().count() >= PART_OF_A_WORD || is_word(text, &range))
                {
                    found.push(range);
                }
            }
        }
        found
    }
}

/// Whether a part of a text is not part of a longer word.
fn is_word(text: &str, range: &Range<usize>) -> bool {
    let before = text.get(..range.start).and_then(|text| text.chars().next_back());
    let after = text.get(range.end..).and_then(|text| text.chars().next());
    ![before, after].into_iter().flatten().any(char::is_alphanumeric)
}

/// The character boundary at or before a byte.
pub fn floor(text: &str, offset: usize) -> usize {
    let mut at = offset.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_keep_the_width_and_the_longest_secret_wins() {
        let mut redact = Redactions::new();
        redact.hide_text("pässword");
        redact.hide_text("pässword-long");
        redact.hide_text("on");
        assert_eq!(redact.clean("x pässword-long on pässword"), "x ************* on ********");
    }

    #[test]
    fn overlapping_occurrences_leave_no_tail() {
        let mut redact = Redactions::new();
        redact.hide_text("abababab");
        assert_eq!(redact.clean("xababababab"), "x**********");
    }

    #[test]
    fn a_short_secret_is_a_word() {
        let mut redact = Redactions::new();
        redact.hide_text("data");
        assert_eq!(redact.clean("databaseAccounts 'data' x.data"), "databaseAccounts '****' x.****");
    }

    #[test]
    fn a_hidden_string_is_hidden_as_written_and_as_meant() {
        let mut sources = Sources::new();
        let text = r#"{"p": "se\"cret", "q": "[parameters('p')]"}"#;
        let file = sources.add("a.json", text);
        let mut redact = Redactions::new();
        redact.hide(&sources, Span::new(file, 6, 16));
        redact.hide(&sources, Span::new(file, 23, 42));
        assert_eq!(redact.clean(r#"se"cret and se\"cret, not [parameters('p')]"#).matches("cret").count(), 0);
        assert!(redact.clean("[parameters('p')]").contains("parameters"));
        assert_eq!(redact.within(&sources, file, &(0..text.len())).first(), Some(&(7..15)));
    }
}
