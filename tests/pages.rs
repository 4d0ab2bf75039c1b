//! The pages about rules in `docs/rules`, and the contents of the book, are what the rules and their fixtures say.
//!
//! `UPDATE=1` writes them.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    reason = "what a test cannot do ends it"
)]

mod fixture;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::Stages;
use acrlint::cli::analyze::Options;
use acrlint::report::{self, Format, Look, Report, Summary};
use acrlint::rules::Selection;
use acrlint::rules::ast::{Language, Meta, Status};
use acrlint::source::Sources;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names in a folder, sorted; none where there is no folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).into_iter().flatten();
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

/// Prose, in which Markdown takes nothing for a tag.
fn prose(text: &str) -> String {
    text.split('`').enumerate().fold(String::new(), |mut out, (i, piece)| {
        if i > 0 {
            out.push('`');
        }
        out.push_str(&if i % 2 == 0 { piece.replace('<', "\\<") } else { piece.to_owned() });
        out
    })
}

fn fenced(out: &mut String, language: &str, text: &str) {
    write!(out, "```{language}\n{}\n```\n\n", text.trim_end()).unwrap();
}

/// The texts of a fixture without the comments that say what is expected.
fn texts(rule: &str, fixture: &str) -> Vec<(String, String)> {
    let folder = root().join("testdata/rules").join(rule);
    let path = folder.join(fixture);
    let mut paths: Vec<PathBuf> =
        if path.is_dir() { names(&path).iter().map(|name| path.join(name)).collect() } else { vec![path] };
    paths.extend(names(&folder).iter().filter(|name| name.starts_with("with-")).map(|name| folder.join(name)));
    let said = |line: &str| {
        let comment = line.trim_start().strip_prefix("// ").or_else(|| line.trim_start().strip_prefix("# "));
        comment.is_some_and(|comment| ["expect ", "also ", "open "].iter().any(|word| comment.starts_with(word)))
    };
    let text = |path: PathBuf| {
        let name = path.strip_prefix(&folder).unwrap().display().to_string();
        let text = fs::read_to_string(&path).unwrap();
        (name, text.split_inclusive('\n').filter(|line| !said(line)).collect())
    };
    paths.into_iter().map(text).collect()
}

/// What the program says of some texts about one rule.
fn said(rule: &str, texts: &[(String, String)]) -> String {
    let mut sources = Sources::new();
    let (inputs, options) = fixture::take(&mut sources, texts);
    let selection = Selection { select: vec![rule.to_owned()], ignore: Vec::new() };
    let options = Options { selection, ..options };
    let analysis = (Stages::default().analyze)(&mut sources, &inputs, &options, &mut |_| {}).unwrap();
    let report = Report {
        findings: &analysis.findings,
        suppressed: &[],
        problems: &[],
        sources: &sources,
        files: Vec::new(),
        summary: Summary::default(),
        notes: Vec::new(),
        redact: &analysis.redactions,
        rules: &analysis.rules,
    };
    report::write(&report, Format::Human, Look { quiet: true, ..Look::default() })
}

fn page(rule: &Meta) -> String {
    let mut out = format!("<!-- Made of rules/{0}.json and testdata/rules/{0} by tests/pages.rs. -->\n\n", rule.id);
    let status = match rule.status {
        Status::Stable => "",
        Status::Preview => ", preview",
        Status::Deprecated => ", deprecated",
    };
    let set = rule.set.as_ref().map_or_else(String::new, |set| format!(", in the set `{set}`, off by default"));
    write!(out, "# {}\n\n*{}{status}{set}* — {}\n\n", rule.id, rule.level.name(), prose(&rule.title)).unwrap();
    write!(out, "{}\n\n", prose(&rule.why)).unwrap();
    if !rule.errors.is_empty() {
        out.push_str("## What users see\n\n");
        rule.errors.iter().for_each(|error| writeln!(out, "- `{error}`").unwrap());
        out.push('\n');
    }
    if !rule.fix.is_empty() {
        out.push_str("## How to fix it\n\n");
        for fix in &rule.fix {
            match fix.language {
                None => write!(out, "{}\n\n", prose(&fix.text)).unwrap(),
                Some(language) => {
                    let (title, fence) = match language {
                        Language::Arm => ("ARM template", "text"),
                        Language::Bicep => ("Bicep", "bicep"),
                        Language::Terraform => ("Terraform", "hcl"),
                        Language::Az => ("Azure CLI", "sh"),
                    };
                    write!(out, "{title}:\n\n").unwrap();
                    fenced(&mut out, fence, &fix.text);
                }
            }
        }
    }
    if let Some(example) = &rule.example {
        out.push_str("## Wrong and right\n\n");
        fenced(&mut out, "text", &example.wrong);
        fenced(&mut out, "text", &example.right);
    }
    finding(&mut out, rule);
    out.push_str("## More\n\n");
    rule.references.iter().for_each(|page| writeln!(out, "- [{}]({})", page.title, page.url).unwrap());
    out
}

/// What the program says of the first fixture that breaks the rule, or else leaves it open.
fn finding(out: &mut String, rule: &Meta) {
    let fixtures = names(&root().join("testdata/rules").join(&rule.id));
    let first = |kind: &str| fixtures.iter().find(|name| name.starts_with(kind));
    let (fixture, title) = match (first("violation-"), first("open-")) {
        (Some(fixture), _) => (fixture, "What acrlint says"),
        (None, Some(fixture)) => (fixture, "What acrlint leaves open"),
        (None, None) => panic!("{} has no fixture", rule.id),
    };
    let said = said(&rule.id, &texts(&rule.id, fixture));
    assert!(said.contains(&rule.id), "{}/{fixture}: {said}", rule.id);
    write!(out, "## {title}\n\nOf `testdata/rules/{}/{fixture}`", rule.id).unwrap();
    let twin = fixture.replacen("violation-", "compliant-", 1);
    if twin != *fixture && fixtures.contains(&twin) {
        write!(out, "; of `{twin}` beside it, nothing").unwrap();
    }
    out.push_str(":\n\n");
    fenced(out, "text", &said);
}

/// The contents of the book, and the list of rules.
fn contents(rules: &[Meta]) -> [(String, String); 2] {
    let mut summary = "# Summary\n\n[acrlint](index.md)\n\n- [Rules](rules.md)\n".to_owned();
    let mut list = "# Rules\n\n| rule | level | what is found |\n|---|---|---|\n".to_owned();
    for rule in rules {
        writeln!(summary, "  - [{0}](rules/{0}.md)", rule.id).unwrap();
        let set = rule.set.as_ref().map_or_else(String::new, |set| format!(" (`{set}`)"));
        writeln!(list, "| [{0}](rules/{0}.md) | {1} | {2}{set} |", rule.id, rule.level.name(), prose(&rule.title))
            .unwrap();
    }
    summary.push_str(
        "- [Architecture](architecture.md)\n- [Performance](performance.md)\n- [Contributing](contributing.md)\n\
         - [Changes](changelog.md)\n",
    );
    [("SUMMARY.md".to_owned(), summary), ("rules.md".to_owned(), list)]
}

#[test]
fn the_pages_say_what_the_rules_and_their_fixtures_say() {
    let docs = root().join("docs");
    let rules = (Stages::default().rules)();
    let pages = rules.iter().map(|rule| (format!("rules/{}.md", rule.id), page(rule)));
    let expected: BTreeMap<String, String> = pages.chain(contents(&rules)).collect();
    let there: BTreeSet<String> = names(&docs.join("rules")).iter().map(|name| format!("rules/{name}")).collect();
    let strangers: Vec<&String> = there.iter().filter(|name| !expected.contains_key(*name)).collect();
    if std::env::var_os("UPDATE").is_some() {
        fs::create_dir_all(docs.join("rules")).unwrap();
        for (name, text) in &expected {
            fs::write(docs.join(name), text).unwrap();
        }
        for name in strangers {
            fs::remove_file(docs.join(name)).unwrap();
        }
        return;
    }
    let differs = |(name, text): &(&String, &String)| fs::read_to_string(docs.join(name)).ok().as_ref() != Some(*text);
    let stale: Vec<&String> = expected.iter().filter(differs).map(|(name, _)| name).chain(strangers).collect();
    assert!(stale.is_empty(), "run UPDATE=1 cargo test --test pages, and read what changed in docs/: {stale:?}");
}
