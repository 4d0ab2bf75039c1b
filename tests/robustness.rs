//! Any text is answered: no panic, no endless work, nothing broken that passes as clean.
//!
//! Our own templates are changed at random, in their text (a part left out, doubled or cut off) and in their structure (a
//! value replaced by one of another kind), and run through the whole program.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::{self, Streams};
use acrlint::json;
use acrlint::source::{FileId, Span};

const ROUNDS: usize = 300;
const VALUES: [&str; 14] = [
    "3",
    "-1.5e400",
    "null",
    "true",
    "[]",
    "{}",
    "\"x\"",
    "\"[x\"",
    "\"[concat(]\"",
    "\"[[x]\"",
    "[[[]]]",
    "{\"copy\": \"x\"}",
    "\"[parameters('none')]\"",
    "\"a/b/c\\u001b[31m\\n⟨⟩\"",
];

/// A small generator: the same changes in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (bound.max(1) as u64)).unwrap()
    }
}

fn acrlint(arguments: &[&str]) -> (u8, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["acrlint"].iter().chain(arguments).map(OsString::from);
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let code = cli::run(arguments, &mut streams).code();
    (code, String::from_utf8([out, err].concat()).unwrap())
}

fn ours() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata");
    let mut folders = vec![root.join("rules"), root.join("examples"), root.join("dumps"), root.join("equivalent")];
    let mut files: Vec<PathBuf> = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "json" || extension == "jsonc") {
                files.push(path);
            }
        }
    }
    files.sort();
    files.iter().map(|path| fs::read_to_string(path).unwrap()).collect()
}

fn boundary(text: &str, at: usize) -> usize {
    (0..=at.min(text.len())).rev().find(|&at| text.is_char_boundary(at)).unwrap()
}

fn change(text: &str, dice: &mut Dice) -> String {
    let (from, to) = (boundary(text, dice.below(text.len())), boundary(text, dice.below(text.len())));
    let (from, to) = (from.min(to), from.max(to).min(from.min(to) + 400));
    let to = boundary(text, to).max(from);
    let (before, part, after) = (&text[..from], &text[from..to], &text[to..]);
    match dice.below(6) {
        0 => before.to_owned(),
        1 => [before, after].concat(),
        2 => [before, part, part, after].concat(),
        _ => {
            let parsed = json::parse(FileId(0), text);
            let count = parsed.tree.node_count();
            let spans: Vec<Span> = (0..count).map(|i| parsed.tree.node(u32::try_from(i).unwrap()).span()).collect();
            let Some(at) = spans.get(dice.below(count)) else { return text.to_owned() };
            let value = VALUES[dice.below(VALUES.len())];
            [&text[..at.start as usize], value, &text[at.end as usize..]].concat()
        }
    }
}

/// What no line of output may hold: it would steer a terminal.
fn steers(output: &str) -> bool {
    output.chars().any(|c| c.is_control() && c != '\n' && c != '\t')
}

#[test]
fn changed_templates_are_answered() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.json");
    let name = path.to_string_lossy().into_owned();
    let (texts, mut dice) = (ours(), Dice(0x5eed_cafe_f00d_1234));
    for round in 0..ROUNDS {
        let mut text = texts[dice.below(texts.len())].clone();
        for _ in 0..=dice.below(3) {
            text = change(&text, &mut dice);
        }
        fs::write(&path, &text).unwrap();
        let format = ["human", "json", "concise"][round % 3];
        let (code, output) = acrlint(&["check", &name, "--format", format]);
        let fatal = acrlint::input::read(FileId(0), &text).is_broken();
        assert!(!fatal || code == 2, "round {round}: unreadable, yet the exit code is {code}\n{text}\n{output}");
        assert!(!steers(&output), "round {round}: {output:?}");
        if format == "concise" {
            let one = |line: &str| line.starts_with(&name) && line.contains('[');
            assert!(output.lines().all(one), "round {round}: {output}");
        }
        let (_, output) = acrlint(&["expand", &name]);
        assert!(!steers(&output), "round {round}: {output:?}");
    }
}

#[test]
fn templates_cut_anywhere_are_unreadable() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.json");
    let name = path.to_string_lossy().into_owned();
    let text = ours().into_iter().max_by_key(String::len).unwrap();
    let end = text.trim_end().len();
    for at in (0..end).step_by(97).map(|at| boundary(&text, at)) {
        fs::write(&path, &text[..at]).unwrap();
        let (code, output) = acrlint(&["check", &name]);
        assert!(code == 2 && output.contains("main.json:"), "cut at {at}: exit code {code}\n{output}");
    }
}

/// Templates whose parts are of the wrong kind: each is said at its place.
#[test]
fn parts_of_the_wrong_kind_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("main.json");
    let name = path.to_string_lossy().into_owned();
    let registry = |more: &str| {
        format!(
            r#""resources": [{{"type": "Microsoft.ContainerRegistry/registries", "apiVersion": "2023-07-01", {more}}}]"#
        )
    };
    let deployment = |more: &str| {
        format!(
            r#""resources": [{{"type": "Microsoft.Resources/deployments", "apiVersion": "2022-09-01", "name": "d", {more}}}]"#
        )
    };
    let cases = [
        r#""resources": 3"#.to_owned(),
        r#""parameters": {}"#.to_owned(),
        r#""resources": [3]"#.to_owned(),
        r#""resources": {"a": true}"#.to_owned(),
        r#""parameters": [], "resources": []"#.to_owned(),
        r#""parameters": {"a": 3}, "resources": []"#.to_owned(),
        r#""variables": "x", "resources": []"#.to_owned(),
        r#""outputs": [1], "resources": []"#.to_owned(),
        r#""functions": {}, "resources": []"#.to_owned(),
        r#""resources": [{"type": 3, "name": "a"}]"#.to_owned(),
        registry(r#""name": {}"#),
        registry(r#""name": "a", "copy": "x""#),
        registry(r#""name": "a", "apiVersion": 1"#),
        registry(r#""name": "a", "properties": []"#),
        registry(r#""name": "a", "resources": "x""#),
        registry(r#""name": "a", "condition": "yes""#),
        deployment(r#""properties": "x""#),
        deployment(r#""properties": {"template": "x"}"#),
        deployment(r#""properties": {"template": {"resources": 3}}"#),
        deployment(r#""properties": {"parameters": [], "template": {"resources": []}}"#),
    ];
    for case in cases {
        let schema = "https://schema.management.azure.com/schemas/2019-04-01/deploymentTemplate.json#";
        fs::write(&path, format!(r#"{{"$schema": "{schema}", "contentVersion": "1.0.0.0", {case}}}"#)).unwrap();
        let (code, output) = acrlint(&["check", &name, "--format", "concise"]);
        assert!(code != 0 && output.contains("main.json:1:"), "{case}: exit code {code}\n{output}");
    }
}
