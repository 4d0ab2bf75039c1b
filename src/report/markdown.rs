//! A page for a pull request or the summary of a job, in GitHub's Markdown.
//!
//! In: a [`Report`]. Out: a heading, a table, and what to do. Must not know: where it is posted.
//!
//! A comment may have 65,536 characters; what does not fit is counted.

use std::fmt::Write as _;

use crate::diag::Level;

use super::Report;
use super::item::{Item, items, suppressed};

/// Rows end before this many bytes.
const LONGEST: usize = 60_000;

/// The page.
pub fn write(report: &Report<'_>) -> String {
    let items = items(report);
    let (open, stated): (Vec<&Item<'_>>, Vec<&Item<'_>>) = items.iter().partition(|item| item.open);
    let mut out = format!("## acrlint: {}\n", escape(&super::human::summary(report)));
    if !stated.is_empty() {
        out.push_str("\n| | rule | where | what is wrong, and what to do |\n|---|---|---|---|\n");
    }
    let mut left = 0;
    for item in stated {
        let row = row(item);
        if out.len() + row.len() > LONGEST {
            left += 1;
        } else {
            out.push_str(&row);
        }
    }
    // Writing to a string cannot fail.
    if left > 0 {
        let _ = writeln!(out, "\n{left} more do not fit here.");
    }
    if !open.is_empty() {
        let _ = write!(out, "\n<details><summary>{} left undecided</summary>\n\n", open.len());
        for item in &open {
            let line = format!("- {} `{}`: {}\n", place(item), code(item.code), escape(&item.message));
            if out.len() + line.len() > LONGEST {
                out.push_str("- …\n");
                break;
            }
            out.push_str(&line);
        }
        out.push_str("\n</details>\n");
    }
    let accepted = suppressed(report);
    if !accepted.is_empty() {
        let _ = write!(out, "\n<details><summary>{} suppressed</summary>\n\n", accepted.len());
        for (item, reason) in &accepted {
            let said = format!("{} ({reason})", item.message);
            let line = format!("- {} `{}`: {}\n", place(item), code(item.code), escape(&said));
            if out.len() + line.len() > LONGEST {
                out.push_str("- …\n");
                break;
            }
            out.push_str(&line);
        }
        out.push_str("\n</details>\n");
    }
    for note in &report.notes {
        let text = super::concise::visible(&super::concise::squeeze(&report.redact.clean(note)));
        let _ = writeln!(out, "\n> {}", escape(&text));
    }
    out
}

fn row(item: &Item<'_>) -> String {
    let sign = match item.level {
        Level::Error => "❌ error",
        Level::Warning => "⚠️ warning",
        Level::Note => "ℹ️ note",
    };
    let help = item.help.as_ref().map_or_else(String::new, |help| format!("<br>→ {}", escape(help)));
    format!("| {sign} | `{}` | {} | {}{help} |\n", code(item.code), place(item), escape(&item.message))
}

fn place(item: &Item<'_>) -> String {
    item.place
        .as_ref()
        .map_or_else(String::new, |spot| format!("`{}:{}:{}`", code(&spot.path), spot.start.line, spot.start.column))
}

/// A text between back quotes, also in a table.
fn code(text: &str) -> String {
    text.replace('`', "'").replace('|', "¦")
}

/// A text in which nothing is markup.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '&' => out.push_str("&amp;"),
            // `@name` and `#1` notify people and link to issues.
            '@' => out.push_str("&#64;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '|' | '#' | '~' | '!' | '$' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out.replace("://", ":&#8203;//")
}
