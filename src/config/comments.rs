//! Comments that accept a finding beside what it is about: `acrlint:ignore RULE reason`.
//!
//! In: a source text, with comments of C (`//`, `/* */`) and, in languages that have them, of the shell (`#`).
//! Out: [`Exemption`]s. Must not know: what the text says beyond strings, comments and brackets.
//!
//! A comment behind code covers the line that it stands on; one with a line of its own covers the next line of code. If
//! that line opens a block, all of the block is covered, so that a comment before the `{` of a resource, or before the first
//! line of a file, stands for all in it. So does one that stands first thing in a resource, for this resource.

use crate::diag::{Problem, Problems};
use crate::source::{FileId, Span};

use super::exemption::{Cover, Exemption};
use super::{Written, metadata};

/// What all such comments begin with.
pub const MARK: &str = "acrlint:";

/// The only word that may follow.
const IGNORE: &str = "ignore";

/// The comments that a language has, beside those of C.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    /// JSON: no others.
    Json,
    /// Terraform: those of the shell, too; strings may hold expressions, and there are here-documents.
    Terraform,
    /// Files of programs, such as a hosts file: those of the shell only, and no strings.
    Lines,
}

impl Language {
    /// By the name of a file.
    pub fn of(path: &str) -> Self {
        let name = path.rsplit('/').next().unwrap_or(path).to_ascii_lowercase();
        match name.rsplit_once('.').map(|(_, extension)| extension) {
            Some("tf" | "tofu" | "hcl" | "tfvars") => Self::Terraform,
            Some("conf") => Self::Lines,
            None if name == "hosts" || name == "corefile" => Self::Lines,
            Some(_) | None => Self::Json,
        }
    }
}

/// The exemptions in the comments of a text.
pub fn read(file: FileId, text: &str, language: Language, problems: &mut Problems) -> Vec<Exemption> {
    if !text.contains(MARK) {
        return Vec::new();
    }
    let outline = Outline::of(text, language);
    let mut exemptions = Vec::new();
    for comment in &outline.comments {
        let Some((rules, reason)) = directive(file, text, comment, problems) else { continue };
        let within = outline.covered(text, comment);
        let opening = comment.opening.filter(|_| !comment.behind).map(narrow);
        let cover = Cover::Source { within: span(file, within.0, within.1), opening };
        let at = span(file, comment.start, comment.end);
        exemptions.extend(rules.into_iter().map(|rules| Exemption {
            rules,
            resource: None,
            paths: Vec::new(),
            reason: reason.clone(),
            expires: None,
            cover,
            at,
        }));
    }
    exemptions
}

fn narrow(offset: usize) -> u32 {
    u32::try_from(offset).unwrap_or(u32::MAX)
}

fn span(file: FileId, start: usize, end: usize) -> Span {
    Span::new(file, narrow(start), narrow(end))
}

/// The rules that a comment names, and its reason; nothing for a comment of another kind or one that says too little.
fn directive(
    file: FileId,
    text: &str,
    comment: &Comment,
    problems: &mut Problems,
) -> Option<(Vec<Written<String>>, String)> {
    let whole = text.get(comment.start..comment.end)?;
    let body = whole.trim_start_matches(['/', '*', '#', ' ', '\t', '\r', '\n']);
    let said = body.strip_prefix(MARK)?;
    let begin = comment.start + (whole.len() - said.len());
    let said = said.strip_suffix("*/").unwrap_or(said);
    let mut complain = |at: Span, message: &str, help: &str| {
        problems.push(Problem::warning(metadata::CODE, at, message).with_help(help));
    };
    let word = said.split_whitespace().next().unwrap_or_default();
    if word != IGNORE || !said.starts_with(IGNORE) {
        let at = span(file, begin, begin + said.trim_end().len());
        complain(at, "this is nothing that a comment can say", "write `acrlint:ignore RULE reason`");
        return None;
    }
    let rest = said.get(IGNORE.len()..)?;
    let list = rest.split_whitespace().next().unwrap_or_default();
    let from = begin + IGNORE.len() + (rest.len() - rest.trim_start().len());
    let mut rules = Vec::new();
    let mut at = from;
    for rule in list.split(',') {
        if !rule.is_empty() {
            rules.push(Written { value: rule.to_owned(), at: span(file, at, at + rule.len()) });
        }
        at += rule.len() + 1;
    }
    if rules.is_empty() {
        complain(span(file, comment.start, comment.end), "this names no rule", "write `acrlint:ignore RULE reason`");
        return None;
    }
    let reason = rest.trim_start().get(list.len()..).unwrap_or_default();
    let reason = reason.split_whitespace().collect::<Vec<_>>().join(" ");
    if reason.is_empty() {
        let at = span(file, from, from + list.len());
        complain(at, "the reason is missing, so nothing is ignored", "say behind the rule why this is accepted");
        return None;
    }
    Some((rules, reason))
}

/// A comment.
#[derive(Debug)]
struct Comment {
    start: usize,
    end: usize,
    /// Code stands before it on its line.
    behind: bool,
    /// The bracket that it is the first thing behind.
    opening: Option<usize>,
    /// The first code behind it.
    next: Option<usize>,
}

/// Comments and blocks of a text.
#[derive(Debug, Default)]
struct Outline {
    comments: Vec<Comment>,
    /// Where blocks open and close.
    blocks: Vec<(usize, usize)>,
}

impl Outline {
    fn of(text: &str, language: Language) -> Self {
        let mut scanner = Scanner { text, bytes: text.as_bytes(), language, at: 0, outline: Self::default() };
        scanner.run();
        scanner.outline
    }

    /// The bytes that a comment covers.
    fn covered(&self, text: &str, comment: &Comment) -> (usize, usize) {
        let on = if comment.behind { comment.start } else { comment.next.unwrap_or(comment.end) };
        let before = text.get(..on).unwrap_or_default();
        let start = before.rfind('\n').map_or(0, |at| at + 1);
        let line = text.get(on..).unwrap_or_default().find('\n').map_or(text.len(), |at| on + at);
        let opened = self.blocks.iter().filter(|(open, close)| (start..line).contains(open) && *close >= line);
        let end = opened.map(|(_, close)| close + 1).max().unwrap_or(line);
        (start, end)
    }
}

struct Scanner<'t> {
    text: &'t str,
    bytes: &'t [u8],
    language: Language,
    at: usize,
    outline: Outline,
}

impl Scanner<'_> {
    fn byte(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn run(&mut self) {
        let mut open: Vec<usize> = Vec::new();
        // The comments that wait for code behind them.
        let mut waiting = 0;
        let (mut behind, mut last_open) = (false, None);
        while self.at < self.bytes.len() {
            let (start, byte) = (self.at, self.byte(0));
            if byte.is_ascii_whitespace() || start == 0 && self.text.starts_with('\u{feff}') {
                behind &= byte != b'\n';
                self.at += if byte.is_ascii_whitespace() { 1 } else { '\u{feff}'.len_utf8() };
                continue;
            }
            if self.comment() {
                let end = self.at;
                self.outline.comments.push(Comment { start, end, behind, opening: last_open, next: None });
                continue;
            }
            for comment in self.outline.comments.iter_mut().skip(waiting) {
                comment.next = Some(start);
            }
            waiting = self.outline.comments.len();
            behind = true;
            last_open = None;
            match byte {
                b'"' if self.language != Language::Lines => self.string(),
                b'<' if self.language == Language::Terraform && self.byte(1) == b'<' => self.here_document(),
                b'{' | b'[' => {
                    open.push(start);
                    last_open = Some(start);
                    self.at += 1;
                }
                b'}' | b']' => {
                    if let Some(begin) = open.pop() {
                        self.outline.blocks.push((begin, start));
                    }
                    self.at += 1;
                }
                _ => self.at += 1,
            }
        }
        self.outline.blocks.extend(open.into_iter().map(|begin| (begin, self.bytes.len())));
    }

    /// Passes over a comment, if there is one.
    fn comment(&mut self) -> bool {
        let c = self.language != Language::Lines;
        let shell = self.language != Language::Json;
        let rest = self.text.get(self.at..).unwrap_or_default();
        let line = rest
            .find('\n')
            .map_or(rest.len(), |at| if rest.get(..at).unwrap_or("").ends_with('\r') { at - 1 } else { at });
        let length = match (self.byte(0), self.byte(1)) {
            (b'/', b'/') if c => line,
            (b'#', _) if shell => line,
            (b'/', b'*') if c => rest.get(2..).and_then(|rest| rest.find("*/")).map_or(rest.len(), |at| at + 4),
            _ => return false,
        };
        self.at += length;
        true
    }

    /// Passes over a string; in Terraform with the expressions in it, which may hold strings.
    fn string(&mut self) {
        // For each string that is open, the brackets that are open in the expression that it stands in.
        let mut depths: Vec<usize> = vec![0];
        let mut in_string = true;
        self.at += 1;
        while self.at < self.bytes.len() {
            let (byte, next) = (self.byte(0), self.byte(1));
            self.at += 1;
            match byte {
                b'\\' if in_string => self.at += 1,
                b'"' if in_string => {
                    depths.pop();
                    if depths.is_empty() {
                        return;
                    }
                    in_string = false;
                }
                b'"' => {
                    depths.push(0);
                    in_string = true;
                }
                b'$' | b'%' if in_string && self.language == Language::Terraform && next == byte => self.at += 1,
                b'$' | b'%' if in_string && self.language == Language::Terraform && next == b'{' => {
                    self.at += 1;
                    in_string = false;
                    if let Some(depth) = depths.last_mut() {
                        *depth = 1;
                    }
                }
                b'{' if !in_string => depths.iter_mut().rev().take(1).for_each(|depth| *depth += 1),
                b'}' if !in_string => {
                    if let Some(depth) = depths.last_mut() {
                        *depth = depth.saturating_sub(1);
                        in_string = *depth == 0;
                    }
                }
                _ => {}
            }
        }
    }

    /// Passes over a here-document, `<<NAME` or `<<-NAME` up to a line that is the name.
    fn here_document(&mut self) {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let (first, below) = rest.split_once('\n').unwrap_or((rest, ""));
        let name = first.trim_start_matches('<').trim_start_matches('-').trim();
        let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
        if name.is_empty() || !name.chars().all(is_name) {
            self.at += 2;
            return;
        }
        self.at += first.len() + 1;
        for line in below.split_inclusive('\n') {
            self.at += line.len();
            if line.trim() == name {
                break;
            }
        }
        self.at = self.at.min(self.bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `rules: covered text` of the exemptions, then the problems.
    fn covers(text: &str, language: Language) -> Vec<String> {
        let mut problems = Problems::new();
        let exemptions = read(FileId(0), text, language, &mut problems);
        let slice = |span: Span| text[span.start as usize..span.end as usize].split_whitespace().collect::<String>();
        let cover = |exemption: &Exemption| match exemption.cover {
            Cover::Source { within, opening } => {
                let opening = opening.map(|at| format!(" and what opens at {at}")).unwrap_or_default();
                format!("{} ({}): {}{opening}", exemption.rules.value, exemption.reason, slice(within))
            }
            Cover::Everywhere => "everything".to_owned(),
        };
        let problems = problems.iter().map(|p| format!("{}: {}", slice(p.span().unwrap()), p.message));
        exemptions.iter().map(cover).chain(problems).collect()
    }

    #[test]
    fn a_line_and_the_line_below() {
        let text = "{\n  \"a\": 1, // acrlint:ignore r1 known since May\n  // acrlint:ignore r2,r3  it is\n\n  // other\n  \"b\": 2,\n  \
                    /* acrlint:ignore r4\n     on two lines */\n  \"c\": 3, /* acrlint:ignore r5 x */ \"d\": 4\n}";
        assert_eq!(
            covers(text, Language::Json),
            [
                "r1 (known since May): \"a\":1,//acrlint:ignorer1knownsinceMay",
                "r2 (it is): \"b\":2,",
                "r3 (it is): \"b\":2,",
                "r4 (on two lines): \"c\":3,/*acrlint:ignorer5x*/\"d\":4",
                "r5 (x): \"c\":3,/*acrlint:ignorer5x*/\"d\":4",
            ]
        );
    }

    #[test]
    fn a_line_that_opens_a_block_stands_for_the_block() {
        let text = "// acrlint:ignore all generated\n{\n \"a\": [ // acrlint:ignore r1 x\n  1, {\"}\": 2}\n ],\n \"b\": [\n  // acrlint:ignore r2 y\n  \
                    {\n   // acrlint:ignore r3 z\n   \"c\": 1\n  }, {\n  \"d\": 1 }\n ]}";
        let whole: String = text.split_whitespace().collect();
        let whole = whole.split_once("generated").unwrap().1.to_owned();
        let found = covers(text, Language::Json);
        assert_eq!(found[0], format!("all (generated): {whole}"));
        assert_eq!(found[1], "r1 (x): \"a\":[//acrlint:ignorer1x1,{\"}\":2}]");
        assert_eq!(found[2], "r2 (y): {//acrlint:ignorer3z\"c\":1} and what opens at 89");
        assert_eq!(found[3], "r3 (z): \"c\":1 and what opens at 118");
        assert_eq!(&text[118..119], "{");
    }

    #[test]
    fn comments_are_none_in_strings_and_urls() {
        let text = "{\"a\": \"// acrlint:ignore r x\", \"b\": \"\\\"/* acrlint:ignore r x\", \"c\": \"\n# acrlint:ignore r x\"\n# acrlint:ignore r x\n}";
        assert!(covers(text, Language::Json).is_empty());
    }

    #[test]
    fn terraform_has_comments_of_the_shell() {
        let text = "# acrlint:ignore r1 hub only\nresource \"a\" \"b\" {\n  name = \"${join(\"}\", [\"# acrlint:ignore r x\"])}\" # acrlint:ignore r2 y\n  \
                    text = <<-EOT\n    # acrlint:ignore r x\n    EOT\n  more = \"$${\" // acrlint:ignore r3 z\n}\nother = 1\n";
        let found = covers(text, Language::Terraform);
        assert!(found[0].starts_with("r1 (hub only): resource\"a\"\"b\"{") && found[0].ends_with("z}"), "{}", found[0]);
        assert!(found[1].starts_with("r2 (y): name=") && found[1].ends_with("r2y"), "{}", found[1]);
        assert_eq!(found[2], "r3 (z): more=\"$${\"//acrlint:ignorer3z");
        assert_eq!(found.len(), 3);
        assert_eq!(covers("10.0.0.4 a # acrlint:ignore r x\n", Language::Lines), ["r (x): 10.0.0.4a#acrlint:ignorerx"]);
    }

    #[test]
    fn what_says_too_little_is_complained_about() {
        assert_eq!(
            covers(
                "// acrlint:ignore r1\n// acrlint:ignore\n// acrlint:ingore r x\n// see acrlint:ignore\n1",
                Language::Json
            ),
            [
                "r1: the reason is missing, so nothing is ignored",
                "//acrlint:ignore: this names no rule",
                "ingorerx: this is nothing that a comment can say",
            ]
        );
    }

    #[test]
    fn any_text_is_read() {
        for text in [
            "\u{feff}// acrlint:ignore r x",
            "/* acrlint:ignore r x",
            "\"acrlint:",
            "}}] // acrlint:ignore r x\r\n",
            "<<A acrlint:",
            "\"${{\"acrlint:\\",
        ] {
            for language in [Language::Json, Language::Terraform, Language::Lines] {
                for end in (0..=text.len()).filter(|end| text.is_char_boundary(*end)) {
                    covers(&format!("{}acrlint:", &text[..end]), language);
                }
            }
        }
        assert_eq!(Language::of("a/main.tf"), Language::Terraform);
        assert_eq!(Language::of("etc/hosts"), Language::Lines);
        assert_eq!(Language::of("main.json"), Language::Json);
    }
}
