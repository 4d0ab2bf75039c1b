//! The reader against files, against another reader, and against broken texts.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use super::*;
use crate::source::Sources;

const FILE: FileId = FileId(0);

/// Problems with line and column, one a line, labels and help below.
fn listing(text: &str) -> String {
    let mut sources = Sources::new();
    let file = sources.add("t.json", text);
    let mut out = String::new();
    for problem in parse(file, text).problems {
        let at = |span: Span| {
            let (from, to) = (sources.position(file, span.start), sources.position(file, span.end));
            format!("{}:{}-{}:{}", from.line, from.column, to.line, to.column)
        };
        let fatal = if problem.fatal { " (fatal)" } else { "" };
        let place = problem.span().map(at).unwrap_or_default();
        let _ = writeln!(out, "{place} {} {}{fatal}: {}", problem.level.name(), problem.code, problem.message);
        for label in problem.labels.iter().skip(1) {
            let _ = writeln!(out, "    {} {}", at(label.span), label.text);
        }
        if let Some(help) = problem.help {
            let _ = writeln!(out, "    help: {help}");
        }
    }
    out
}

fn to_serde(node: Node<'_>) -> serde_json::Value {
    match node.kind() {
        Kind::Null => serde_json::Value::Null,
        Kind::Bool(value) => value.into(),
        Kind::Number => match node.number() {
            Some(Number::Int(value)) => value.into(),
            Some(Number::Float(value)) => value.into(),
            None => serde_json::Value::Null,
        },
        Kind::String => node.as_str().unwrap().into_owned().into(),
        Kind::Array => node.items().map(to_serde).collect(),
        Kind::Object => {
            let members = node.members().map(|m| (m.key.as_str().unwrap().into_owned(), to_serde(m.value)));
            serde_json::Value::Object(members.collect())
        }
    }
}

/// Numbers as `serde_json` sees them, made comparable: `-0` and numbers of 64 bits without sign are floats there.
fn plain(value: serde_json::Value) -> serde_json::Value {
    match value {
        serde_json::Value::Number(n) if !n.is_i64() => match n.as_f64() {
            Some(0.0) => 0.into(),
            float => float.into(),
        },
        serde_json::Value::Array(items) => items.into_iter().map(plain).collect(),
        serde_json::Value::Object(members) => {
            serde_json::Value::Object(members.into_iter().map(|(k, v)| (k, plain(v))).collect())
        }
        other => other,
    }
}

/// What must hold for any text: spans lie in the text, on character boundaries, children inside their parents.
fn check_laws(text: &str) {
    let parsed = parse(FILE, text);
    let whole =
        |span: Span| assert!(text.get(span.start as usize..span.end as usize).is_some(), "{span:?} of {text:?}");
    for problem in &parsed.problems {
        assert!(!problem.labels.is_empty());
        problem.labels.iter().for_each(|label| whole(label.span));
    }
    parsed.tree.comments().iter().for_each(|&span| whole(span));
    let count = u32::try_from(parsed.tree.node_count()).unwrap();
    for node in (0..count).map(|index| parsed.tree.node(index)) {
        whole(node.span());
        whole(node.head());
        assert!(node.items().all(|item| node.span().contains(item.span())), "{text:?}");
        assert!(node.members().all(|m| node.span().contains(m.key.span()) && node.span().contains(m.value.span())));
        assert_eq!(node.len(), node.items().count() + node.members().count(), "{text:?}");
        if let Some(string) = node.text() {
            assert_eq!(node.as_str().as_deref(), Some(string.as_str()));
            for (at, c) in string.as_str().char_indices() {
                let span = string.span(at..at + c.len_utf8());
                whole(span);
                assert!(string.whole().contains(span) && span.start < span.end);
            }
        }
    }
    let fatal = parsed.problems.iter().any(|problem| problem.fatal);
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(value) => {
            assert!(!fatal && parsed.tree.is_strict(), "we refuse {text:?}: {}", listing(text));
            assert_eq!(to_serde(parsed.tree.root().unwrap()), plain(value), "{text:?}");
        }
        Err(error) if error.to_string().contains("out of range") || error.to_string().contains("recursion") => (),
        Err(error) => assert!(fatal || !parsed.tree.is_strict(), "we take {text:?}: {error}"),
    }
}

fn json_files(folder: &Path) -> Vec<PathBuf> {
    let files = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
    files.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|e| e == "json")).collect()
}

fn shared(part: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared").join(part);
    let folder = folder.is_dir().then_some(folder);
    if folder.is_none() {
        eprintln!("NOT CHECKED: ../shared/{part} is not here");
    }
    folder
}

#[test]
fn real_files_read_as_another_reader_reads_them() {
    let Some(corpus) = shared("corpus") else { return };
    let mut strict = 0;
    for path in json_files(&corpus) {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let parsed = parse(FILE, &text);
        let Ok(value) = serde_json::from_str::<serde_json::Value>(&text) else {
            assert!(!parsed.tree.is_strict(), "{}", path.display());
            continue;
        };
        strict += 1;
        assert!(parsed.tree.is_strict() && parsed.problems.iter().all(|p| !p.fatal), "{}", path.display());
        assert!(to_serde(parsed.tree.root().unwrap()) == plain(value), "{}", path.display());
    }
    assert!(strict > 100, "only {strict} strict files in the corpus");
}

/// A small generator of numbers (xorshift), so that failures repeat.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap() % limit.max(1)
    }
}

const SEEDS: [&str; 5] = [
    r#"{"a": [1, -2.5e3, 0, true, false, null], "b\u00e9": {"": "x\n\ud83d\ude00y"}, "c": []}"#,
    "// top\n{\n  \"name\": \"[concat('a', 'é😀')]\", /* in */\n  \"a\": {\"b\": {\"c\": [[], {}, ]}},\n}\n",
    r#"[{"type": "Microsoft.X/y", "dependsOn": ["a", "b"]}, {"type": "t", "type": "u"}]"#,
    "\u{feff}{\"multi\": \"line\n  two\", \"next\": \"C:\\\\dir\"}",
    r#"[10, 01, 1., .5, 1e, True, 'x', {y: 2}, "\q", "\ud800"]"#,
];

const PIECES: [&str; 28] = [
    "{", "}", "[", "]", ",", ":", "\"", "\\", "\n", " ", "//", "/*", "*/", "'", "true", "nul", "-", "0", "1e5",
    "\\u12", "\\ud83d", "é", "\u{a0}", "\u{feff}", "\0", "#", "=", "{\"a\":",
];

#[test]
fn broken_texts_keep_the_laws() {
    let mut random = Random(0x5eed_1234_abcd_0001);
    for round in 0..6_000 {
        let mut characters: Vec<char> = SEEDS[round % SEEDS.len()].chars().collect();
        for _ in 0..=random.below(4) {
            let at = random.below(characters.len() + 1);
            match random.below(4) {
                0 => characters.truncate(at),
                1 => drop(characters.drain(at.saturating_sub(random.below(6))..at)),
                _ => drop(characters.splice(at..at, PIECES[random.below(PIECES.len())].chars())),
            }
        }
        check_laws(&characters.into_iter().collect::<String>());
    }
}

#[test]
fn random_pieces_keep_the_laws() {
    let mut random = Random(0x5eed_1234_abcd_0002);
    for _ in 0..6_000 {
        let pieces = (0..=random.below(14)).map(|_| PIECES[random.below(PIECES.len())]);
        check_laws(&pieces.collect::<String>());
    }
}

#[test]
fn every_prefix_of_a_document_keeps_the_laws() {
    for seed in SEEDS {
        for (at, _) in seed.char_indices() {
            check_laws(&seed[..at]);
        }
    }
}
