//! The few styles that text for a person has.
//!
//! In: text. Out: the same text, with ANSI sequences where colors are wanted. Must not know: who decides that.

/// How a piece of text looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// What a line is about.
    Strong,
    /// A word that says what follows.
    Word,
    /// What is there to be looked up.
    Note,
}

impl Style {
    /// The text in this style.
    pub fn paint(self, text: &str, color: bool) -> String {
        if !color || text.is_empty() {
            return text.to_owned();
        }
        let code = match self {
            Self::Strong => "1",
            Self::Word => "36",
            Self::Note => "2",
        };
        format!("\u{1b}[{code}m{text}\u{1b}[0m")
    }
}

/// The text as a link, for terminals that show links (OSC 8). A link is nothing that is read, so it takes no columns.
pub fn link(text: &str, url: Option<&str>) -> String {
    match url {
        Some(url) => format!("\u{1b}]8;;{}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\", super::concise::visible(url)),
        None => text.to_owned(),
    }
}
