//! Prose in lines of some width.
//!
//! In: texts and a width. Out: lines. Must not know: what is said.

use std::fmt::Write as _;

/// Text after a word, wrapped, its further lines under its first; line feeds in it are kept.
pub fn hang(word: &str, indent: usize, text: &str, width: usize) -> String {
    let room = width.saturating_sub(indent).max(40);
    let mut lines = Vec::new();
    for paragraph in text.trim_end().lines() {
        lines.extend(wrap(paragraph, room));
    }
    let mut out = String::new();
    for (i, line) in lines.iter().enumerate() {
        let before = if i == 0 { word.to_owned() } else { " ".repeat(indent) };
        let _ = writeln!(out, "{}", format!("{before}{line}").trim_end());
    }
    out
}

/// Breaks at spaces; leading space stays, so that a snippet of code keeps its shape.
pub fn wrap(text: &str, room: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for (i, word) in text.split(' ').enumerate() {
        let Some(line) = lines.last_mut() else { break };
        if line.chars().count() + 1 + word.chars().count() > room && !line.trim().is_empty() {
            lines.push(word.to_owned());
        } else {
            line.push_str(if i > 0 { " " } else { "" });
            line.push_str(word);
        }
    }
    lines
}
