//! The direction of imports that ARCHITECTURE.md states, held against the sources.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::collections::BTreeSet;
use std::path::Path;

/// Every module and what it may import, in the order of `src/lib.rs`. A module may import only from above itself.
const ALLOWED: &[(&str, &[&str])] = &[
    ("parallel", &[]),
    ("source", &[]),
    ("diag", &["source"]),
    ("json", &["source", "diag"]),
    ("value", &["source"]),
    ("expr", &["source", "diag", "value"]),
    ("resource", &["source", "value"]),
    ("config", &["source", "diag", "json", "resource"]),
    ("input", &["parallel", "source", "diag", "json", "value", "expr", "resource"]),
    ("graph", &["source", "value", "resource"]),
    ("lower", &["parallel", "source", "diag", "value", "resource", "graph"]),
    ("catalog", &["source", "value", "resource", "graph"]),
    ("rules", &["source", "diag", "json", "value", "catalog"]),
    ("check", &["parallel", "source", "diag", "value", "catalog", "rules"]),
    ("report", &["parallel", "source", "diag", "json", "value", "resource", "input", "check"]),
    ("collect", &["graph"]),
    (
        "cli",
        &[
            "parallel", "source", "diag", "json", "value", "expr", "resource", "config", "input", "graph", "lower",
            "catalog", "rules", "check", "report", "collect",
        ],
    ),
];

/// The home of each library that only one stage may know.
const HOMES: &[(&str, &[&str])] = &[
    ("walkdir", &["source"]),
    ("ignore", &["source"]),
    ("jsonschema", &["rules"]),
    ("miette", &["report"]),
    ("hcl_edit", &["input"]),
    ("clap", &["cli"]),
    ("clap_complete", &["cli"]),
    ("clap_mangen", &["cli"]),
    ("indicatif", &["cli"]),
    ("serde_json", &["report", "rules", "cli"]),
];

/// Every file of a module with its text, tests left out: they may look anywhere.
fn sources(module: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src").join(module);
    let mut found = Vec::new();
    for entry in walkdir::WalkDir::new(&root).sort_by_file_name().into_iter().filter_map(Result::ok) {
        let path = entry.path();
        if path.extension().is_none_or(|ending| ending != "rs") {
            continue;
        }
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).unwrap();
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default().to_owned();
        found.push((name, text));
    }
    found
}

/// Files that only tests compile, as `mod.rs` says (`#[cfg(test)]` before `mod name;`).
fn only_for_tests(module: &str) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (_, text) in sources(module) {
        let mut lines = text.lines().peekable();
        while let Some(line) = lines.next() {
            if line.trim() == "#[cfg(test)]"
                && let Some(next) = lines.peek()
            {
                let name = next.trim().trim_start_matches("pub(crate) ").trim_start_matches("mod ");
                names.insert(format!("{}.rs", name.trim_end_matches(';')));
            }
        }
    }
    names
}

/// The modules that a text names after `crate::`, also inside `use crate::{…}`, comments left out.
fn imports(text: &str) -> BTreeSet<String> {
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
    let mut found = BTreeSet::new();
    for (at, _) in code.match_indices("crate::") {
        let rest = &code[at + "crate::".len()..];
        let word = |text: &str| text.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut item = String::new();
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => {
                        found.insert(word(item.trim()));
                        item.clear();
                        continue;
                    }
                    _ => {}
                }
                if depth == 0 {
                    item.push(c);
                }
            }
            found.insert(word(item.trim()));
        } else {
            found.insert(word(rest));
        }
    }
    found.retain(|name| !name.is_empty() && name.chars().next().is_some_and(char::is_lowercase));
    found
}

#[test]
fn modules_only_look_down() {
    let mut wrong = Vec::new();
    for (module, allowed) in ALLOWED {
        let skipped = only_for_tests(module);
        for (file, text) in sources(module) {
            if skipped.iter().any(|name| file.ends_with(&format!("/{name}"))) {
                continue;
            }
            for import in imports(&text) {
                if import != *module && !allowed.contains(&import.as_str()) {
                    wrong.push(format!("{file} imports {import}, which {module} may not"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_allowed_import_goes_down() {
    for (at, (module, allowed)) in ALLOWED.iter().enumerate() {
        for import in *allowed {
            let place = ALLOWED.iter().position(|(name, _)| name == import);
            assert!(
                place.is_some_and(|place| place < at),
                "{module} would import {import}, which does not stand above it"
            );
        }
    }
}

#[test]
fn modules_are_declared_in_the_order_of_the_stages() {
    let lib = include_str!("../src/lib.rs");
    let declared: Vec<&str> = lib.lines().filter_map(|line| line.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let listed: Vec<&str> = ALLOWED.iter().map(|(module, _)| *module).collect();
    assert_eq!(declared, listed);
}

#[test]
fn each_library_stays_in_its_home() {
    let mut wrong = Vec::new();
    for (module, _) in ALLOWED {
        let skipped = only_for_tests(module);
        for (file, text) in sources(module) {
            if skipped.iter().any(|name| file.ends_with(&format!("/{name}"))) {
                continue;
            }
            for (library, homes) in HOMES {
                let used = text.contains(&format!("use {library}::")) || text.contains(&format!(" {library}::"));
                if used && !homes.contains(module) {
                    wrong.push(format!("{file} uses {library}, whose home is {}", homes.join(", ")));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_books_name_files_that_exist() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for book in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        let text = std::fs::read_to_string(root.join(book)).unwrap();
        for piece in text.split('`').skip(1).step_by(2) {
            let is_path = ["src/", "rules/", "schemas/", "testdata/", "benches/", "tests/", "docs/", "tools/"]
                .iter()
                .any(|folder| piece.starts_with(folder));
            if is_path && !piece.contains(['<', '*', ' ', '…', '{']) {
                assert!(root.join(piece).exists(), "{book} names {piece}, which does not exist");
            }
        }
    }
}
