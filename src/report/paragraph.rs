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
    let mut lines = Vec::new();
    let mut line = String::with_capacity(text.len().min(2 * room));
    let (mut columns, mut blank) = (0, true);
    for (i, word) in text.split(' ').enumerate() {
        let wide = word.chars().count();
        if columns + 1 + wide > room && !blank {
            let room = text.len().min(2 * room);
            lines.push(std::mem::replace(&mut line, String::with_capacity(room)));
            (columns, blank) = (0, true);
        } else if i > 0 {
            line.push(' ');
            columns += 1;
        }
        line.push_str(word);
        columns += wide;
        blank &= word.trim().is_empty();
    }
    lines.push(line);
    lines
}
