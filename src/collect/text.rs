//! Lines of a script that all shells write alike.
//!
//! In: text. Out: comments, names of files. Must not know: a shell.

use super::plan::Word;

/// How wide a comment is.
const WIDTH: usize = 118;

/// A line of prose as a comment, broken where it is too wide; lines that go on stand as far in as the first.
pub(super) fn comment(margin: &str, line: &str) -> String {
    let prose = line.trim_start();
    let inner = &line[..line.len() - prose.len()];
    let mut out = String::new();
    let mut current = String::new();
    for word in prose.split(' ') {
        let used = margin.len() + 2 + inner.len() + current.chars().count() + 1 + word.chars().count();
        if !current.is_empty() && used > WIDTH {
            out.push_str(format!("{margin}# {inner}{current}").trim_end());
            out.push('\n');
            current.clear();
        }
        if !current.is_empty() {
            current.push(' ');
        }
        current.push_str(word);
    }
    out.push_str(format!("{margin}# {inner}{current}").trim_end());
    out.push('\n');
    out
}

/// The name of a file: text that needs no quotes, and variables as all shells write them.
pub(super) fn file_name(pieces: &[Word]) -> String {
    let piece = |piece: &Word| match piece {
        Word::Text(text) => text.clone(),
        Word::Name => "${name}".to_owned(),
        Word::Group => "${group}".to_owned(),
    };
    pieces.iter().map(piece).collect()
}
