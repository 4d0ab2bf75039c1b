//! `acrlint rule`: what the rules are.
//!
//! In: what is known about every rule. Out: a list, or one rule explained. Must not know: how rules are judged.

use std::fmt::Write as _;

use serde_json::json;

use crate::report::RuleText;
use crate::report::paragraph::hang;
use crate::rules::ast::{Fix, Language, Meta, Status};
use crate::rules::suggest::closest;

use super::args::{Color, RuleArguments, TextFormat};
use super::{Exit, Failure, Streams};

/// Runs the command.
pub fn explain(
    rules: &[Meta],
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

/// Where the pages of the rules are published, if whoever builds the program publishes them: a URL that ends with a slash.
const PAGES: Option<&str> = option_env!("ACRLINT_RULE_PAGES");

/// Where one reads more of a rule: on its page, or else what Azure says of it.
fn url(rule: &Meta) -> Option<String> {
    match PAGES {
        Some(pages) => Some(format!("{pages}{}.html", rule.id)),
        None => rule.references.first().map(|page| page.url.clone()),
    }
}

/// A rule for formats that carry its text.
pub fn text(rule: &Meta) -> RuleText {
    let mut help = rule.fix.iter().map(snippet).collect::<Vec<_>>().join("\n\n");
    for page in &rule.references {
        let _ = write!(help, "\n\n[{}]({})", page.title, page.url);
    }
    RuleText {
        id: rule.id.clone(),
        level: rule.level,
        title: rule.title.clone(),
        why: rule.why.clone(),
        help: help.trim().to_owned(),
        url: url(rule),
    }
}

fn find<'r>(rules: &'r [Meta], id: &str) -> Result<&'r Meta, Failure> {
    rules.iter().find(|rule| rule.id == id).ok_or_else(|| {
        let hint = match closest(id, rules.iter().map(|rule| rule.id.as_str())) {
            Some(name) => format!("did you mean `{name}`?"),
            None => "`acrlint rule` lists all rules".to_owned(),
        };
        Failure::Usage(format!("there is no rule `{id}`; {hint}"))
    })
}

fn pretty(value: &serde_json::Value) -> String {
    // A JSON value always serializes.
    serde_json::to_string_pretty(value).unwrap_or_default() + "\n"
}

fn document(rule: &Meta) -> serde_json::Value {
    let fix = rule.fix.iter().map(|fix| json!({ "for": fix.language.map(Language::name), "text": fix.text }));
    let references = rule.references.iter().map(|page| json!({ "title": page.title, "url": page.url }));
    json!({
        "id": rule.id,
        "level": rule.level.name(),
        "status": rule.status.name(),
        "set": rule.set,
        "title": rule.title,
        "why": rule.why,
        "errors": rule.errors,
        "fix": fix.collect::<Vec<_>>(),
        "example": rule.example.as_ref().map(|example| json!({ "wrong": example.wrong, "right": example.right })),
        "references": references.collect::<Vec<_>>(),
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

    fn list(&self, rules: &[Meta]) -> String {
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

    fn rule(&self, rule: &Meta) -> String {
        let status = match rule.status {
            Status::Stable => "",
            Status::Preview => ", preview",
            Status::Deprecated => ", deprecated",
        };
        let set = rule.set.as_ref().map_or_else(String::new, |set| format!(", of the set {set}, off by default"));
        let mut out = format!("{} ({}{status}{set})\n", self.strong(&rule.id), rule.level.name());
        out.push_str(&hang("", 0, &rule.title, self.width));
        self.section(&mut out, "Why", std::iter::once(&rule.why).filter(|why| !why.is_empty()), "  ");
        self.section(&mut out, "What users see", rule.errors.iter(), "  ");
        let fixes: Vec<String> = rule.fix.iter().map(snippet).collect();
        self.section(&mut out, "How to fix it", fixes.iter(), "  ");
        let example = rule.example.iter();
        let examples: Vec<String> =
            example.flat_map(|example| [titled("Wrong", &example.wrong), titled("Right", &example.right)]).collect();
        self.section(&mut out, "Example", examples.iter(), "  ");
        let references: Vec<String> =
            rule.references.iter().map(|page| format!("{}\n{}", page.title, page.url)).collect();
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

/// Prose as it is; a snippet under the name of its language.
fn snippet(fix: &Fix) -> String {
    let name = match fix.language {
        Some(Language::Arm) => "ARM",
        Some(Language::Bicep) => "Bicep",
        Some(Language::Terraform) => "Terraform",
        Some(Language::Az) => "Azure CLI",
        None => return fix.text.clone(),
    };
    titled(name, &fix.text)
}

/// A text, indented under a title.
fn titled(title: &str, text: &str) -> String {
    let lines = text.lines().map(|line| format!("  {line}"));
    std::iter::once(format!("{title}:")).chain(lines).collect::<Vec<_>>().join("\n")
}
