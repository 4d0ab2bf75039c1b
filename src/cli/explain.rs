//! `acrlint rule`: what the rules are.
//!
//! In: what is known about every rule. Out: a list, or one rule explained. Must not know: how rules are judged.

use std::fmt::Write as _;

use serde_json::json;

use crate::diag::Level;
use crate::report::human::hang;

use super::args::{Color, RuleArguments, TextFormat};
use super::{Exit, Failure, Streams};

/// What a rule file says about its rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleDoc {
    /// The id.
    pub id: String,
    /// The level.
    pub level: Level,
    /// `preview`, `stable` or `deprecated`.
    pub status: String,
    /// The set it belongs to; one that is in a set is off unless it is selected.
    pub set: Option<String>,
    /// One line.
    pub title: String,
    /// A paragraph.
    pub why: String,
    /// What users see when it goes wrong.
    pub errors: Vec<String>,
    /// What to do: for a language (`arm`, `bicep`, `terraform`, `az`) or in words.
    pub fix: Vec<(Option<String>, String)>,
    /// Title and address.
    pub references: Vec<(String, String)>,
    /// Title and text.
    pub examples: Vec<(String, String)>,
}

/// Runs the command.
pub fn explain(
    rules: &[RuleDoc],
    arguments: &RuleArguments,
    color: Color,
    streams: &mut Streams<'_>,
) -> Result<Exit, Failure> {
    let page = Page { color: streams.color(color), width: streams.out_width.unwrap_or(100) };
    let text = match (&arguments.id, arguments.format) {
        (None, TextFormat::Human) => page.list(rules),
        (None, TextFormat::Json) => pretty(&rules.iter().map(document).collect()),
        (Some(id), TextFormat::Human) => page.rule(find(rules, id)?),
        (Some(id), TextFormat::Json) => pretty(&document(find(rules, id)?)),
    };
    streams.print(&text)?;
    Ok(Exit::Clean)
}

fn find<'r>(rules: &'r [RuleDoc], id: &str) -> Result<&'r RuleDoc, Failure> {
    rules.iter().find(|rule| rule.id == id).ok_or_else(|| {
        let nearest = rules.iter().map(|rule| (distance(&rule.id, id), &rule.id)).min();
        let hint = match nearest {
            Some((far, name)) if far <= id.len() / 3 => format!("did you mean `{name}`?"),
            Some(_) | None => "`acrlint rule` lists all rules".to_owned(),
        };
        Failure::Usage(format!("there is no rule `{id}`; {hint}"))
    })
}

/// How many characters must be changed, added or taken to make one text the other.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut corner = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, &above) in b.iter().zip(row.iter().skip(1)) {
            left = (corner + usize::from(from != *to)).min(left + 1).min(above + 1);
            corner = above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

fn pretty(value: &serde_json::Value) -> String {
    // A JSON value always serializes.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn document(rule: &RuleDoc) -> serde_json::Value {
    let fix = rule.fix.iter().map(|(language, text)| json!({ "for": language, "text": text }));
    let references = rule.references.iter().map(|(title, url)| json!({ "title": title, "url": url }));
    let examples = rule.examples.iter().map(|(title, text)| json!({ "title": title, "text": text }));
    json!({
        "id": rule.id,
        "level": rule.level.name(),
        "status": rule.status,
        "set": rule.set,
        "title": rule.title,
        "why": rule.why,
        "errors": rule.errors,
        "fix": fix.collect::<Vec<_>>(),
        "references": references.collect::<Vec<_>>(),
        "examples": examples.collect::<Vec<_>>(),
    })
}

struct Page {
    color: bool,
    width: usize,
}

impl Page {
    fn strong(&self, text: &str) -> String {
        if self.color { format!("\u{1b}[1m{text}\u{1b}[0m") } else { text.to_owned() }
    }

    fn list(&self, rules: &[RuleDoc]) -> String {
        let wide = rules.iter().map(|rule| rule.id.chars().count()).max().unwrap_or(0);
        let mut out = String::new();
        for rule in rules {
            let set = rule.set.as_ref().map_or_else(String::new, |set| format!(" ({set})"));
            let id = self.strong(&rule.id) + &" ".repeat(wide - rule.id.chars().count());
            // Writing to a string cannot fail.
            let _ = writeln!(out, "{id}  {:7}  {}{set}", rule.level.name(), rule.title);
        }
        out
    }

    fn rule(&self, rule: &RuleDoc) -> String {
        let status = if rule.status == "stable" { String::new() } else { format!(", {}", rule.status) };
        let set = rule.set.as_ref().map_or_else(String::new, |set| format!(", of the set {set}, off by default"));
        let mut out = format!("{} ({}{status}{set})\n", self.strong(&rule.id), rule.level.name());
        out.push_str(&hang("", 0, &rule.title, self.width));
        self.section(&mut out, "Why", std::iter::once(&rule.why).filter(|why| !why.is_empty()), "  ");
        self.section(&mut out, "What users see", rule.errors.iter(), "  ");
        let fixes: Vec<String> = rule.fix.iter().map(|(language, text)| titled(language.as_deref(), text)).collect();
        self.section(&mut out, "How to fix it", fixes.iter(), "  ");
        let examples: Vec<String> = rule.examples.iter().map(|(title, text)| titled(Some(title), text)).collect();
        self.section(&mut out, "Examples", examples.iter(), "  ");
        let references: Vec<String> = rule.references.iter().map(|(title, url)| format!("{title}\n{url}")).collect();
        self.section(&mut out, "References", references.iter(), "- ");
        out
    }

    fn section<'t>(&self, out: &mut String, title: &str, texts: impl Iterator<Item = &'t String>, mark: &str) {
        for (i, text) in texts.enumerate() {
            if i == 0 {
                let _ = write!(out, "\n{}\n", self.strong(title));
            }
            out.push_str(&hang(mark, 2, text, self.width));
        }
    }
}

/// A text under a title of its own, where it has one.
fn titled(title: Option<&str>, text: &str) -> String {
    let name = match title {
        Some("arm") => "ARM",
        Some("bicep") => "Bicep",
        Some("terraform") => "Terraform",
        Some("az") => "Azure CLI",
        Some(other) => other,
        None => return text.to_owned(),
    };
    std::iter::once(format!("{name}:"))
        .chain(text.lines().map(|line| format!("  {line}")))
        .collect::<Vec<_>>()
        .join("\n")
}
