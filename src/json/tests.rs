//! The reader against files, against another reader, and against broken texts.

#![allow(clippy::print_stderr, reason = "a check that could not be made is said aloud")]

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
            assert_eq!(plain(to_serde(parsed.tree.root().unwrap())), plain(value), "{text:?}");
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
        let _ = std::io::Write::write_fmt(
            &mut std::io::stderr(),
            format_args!("NOT TESTED: ../shared/{part} is not there\n"),
        );
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
        assert!(plain(to_serde(parsed.tree.root().unwrap())) == plain(value), "{}", path.display());
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
    for round in 0..3_000 {
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
    for _ in 0..3_000 {
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

/// Every file of a folder of `testdata/json` with its text.
fn cases(folder: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/json").join(folder);
    let files = json_files(&folder);
    assert!(!files.is_empty(), "{} is empty", folder.display());
    let name = |path: &Path| path.file_stem().unwrap().to_str().unwrap().to_owned();
    files.iter().map(|path| (name(path), std::fs::read_to_string(path).unwrap())).collect()
}

fn snapshot(name: &str, content: &str) {
    let mut settings = insta::Settings::clone_current();
    settings.set_snapshot_path(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/json"));
    settings.set_prepend_module_to_snapshot(false);
    settings.set_omit_expression(true);
    settings.bind(|| insta::assert_snapshot!(name, content));
}

#[test]
fn strict_files_are_accepted() {
    let mut out = String::new();
    for (name, text) in cases("accept") {
        check_laws(&text);
        assert!(parse(FILE, &text).tree.is_strict(), "{name}");
        let _ = write!(out, "## {name}\n{}", listing(&text));
    }
    snapshot("accept", &out);
}

#[test]
fn what_azure_takes_is_tolerated() {
    let mut out = String::new();
    for (name, text) in cases("tolerate") {
        check_laws(&text);
        let parsed = parse(FILE, &text);
        assert!(!parsed.tree.is_strict() && parsed.problems.iter().all(|p| !p.fatal), "{name}");
        let _ = write!(out, "## {name}\n{}", listing(&text));
        for comment in parsed.tree.comments() {
            let _ = writeln!(out, "comment: {:?}", &text[comment.start as usize..comment.end as usize]);
        }
        let _ = writeln!(out, "{}", to_serde(parsed.tree.root().unwrap()));
    }
    snapshot("tolerate", &out);
}

#[test]
fn broken_files_are_rejected_with_every_slip_named() {
    let mut out = String::new();
    for (name, text) in cases("reject") {
        check_laws(&text);
        assert!(parse(FILE, &text).problems.iter().any(|p| p.fatal), "{name}");
        let _ = write!(out, "## {name}\n{}", listing(&text));
        if let Some(root) = parse(FILE, &text).tree.root().filter(|_| text.len() < 300) {
            let _ = writeln!(out, "  read as {}", to_serde(root));
        }
    }
    snapshot("reject", &out);
}

#[test]
fn a_part_of_a_file_has_places_of_the_file() {
    let text = "xx[1, \"a\\nb\" /* c */, x]";
    let parsed = parse_at(FILE, &text[2..], 2);
    let slice = |span: Span| &text[span.start as usize..span.end as usize];
    let root = parsed.tree.root().unwrap();
    assert_eq!(slice(root.span()), &text[2..]);
    assert_eq!(slice(root.head()), "[");
    let string = root.item(1).unwrap();
    assert_eq!(slice(string.span()), r#""a\nb""#);
    assert_eq!(slice(string.text().unwrap().span(1..3)), r"\nb");
    assert_eq!(slice(parsed.tree.comments()[0]), "/* c */");
    assert_eq!(slice(parsed.problems[0].span().unwrap()), "x");
}

#[test]
fn names_are_looked_up_with_and_without_case() {
    let parsed = parse(FILE, r#"{"Sku": 1, "sku": 2, "SKU": {"\u0061": 3}, "sku": 4, "Sk\u0075": 5}"#);
    let root = parsed.tree.root().unwrap();
    assert_eq!(root.get("sku").map(Node::raw), Some("4"));
    assert_eq!(root.get("Sku").map(Node::raw), Some("5"));
    assert_eq!(root.get_ci("sKU").map(Node::raw), Some("5"));
    assert_eq!(root.get("SKU").and_then(|sku| sku.get("a")).map(Node::raw), Some("3"));
    assert_eq!(root.get("sKu"), None);
    assert_eq!(root.member_ci("SKU").map(|m| m.key.raw()), Some(r#""Sk\u0075""#));
    assert_eq!(root.item(0), None);
    assert_eq!(root.get("sku").unwrap().get("x"), None);
}

#[test]
fn numbers_are_whole_or_not() {
    let parsed = parse(FILE, "[7, -7, -0, 9223372036854775808, 1.0, 1e2, 1e999, \"7\"]");
    let numbers: Vec<_> = parsed.tree.root().unwrap().items().map(Node::number).collect();
    let (int, float) = (|n| Some(Number::Int(n)), |n| Some(Number::Float(n)));
    assert_eq!(
        numbers,
        [int(7), int(-7), int(0), float(9_223_372_036_854_775_808.0), float(1.0), float(100.0), None, None]
    );
}

#[test]
fn limits_hold() {
    let depth = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
    let codes =
        |text: &str, limits| parse_within(FILE, text, 0, limits).problems.iter().map(|p| p.code).collect::<Vec<_>>();
    assert_eq!(codes(&depth(256), Limits::default()), [""; 0]);
    assert_eq!(codes(&depth(257), Limits::default()), ["json-too-deep"]);
    assert_eq!(codes(&depth(400), Limits { depth: 500, ..Limits::default() }), [""; 0]);
    assert_eq!(codes("[1]", Limits { bytes: 3, ..Limits::default() }), [""; 0]);
    assert_eq!(codes("[1] ", Limits { bytes: 3, ..Limits::default() }), ["json-too-large"]);
    let beyond = parse_at(FILE, "[1, 2]", u32::MAX - 3);
    assert_eq!(beyond.problems[0].code, "json-too-large");
    assert_eq!(beyond.tree.root(), None);
}

#[test]
fn a_foreign_handle_does_no_harm() {
    let parsed = parse(FILE, "[1]");
    let node = parsed.tree.node(99);
    assert_eq!((node.kind(), node.raw(), node.len(), node.items().count()), (Kind::Null, "", 0, 0));
    assert_eq!(node.pointer(), "");
}

#[test]
fn hostile_texts_take_linear_time() {
    let large = 200_000;
    for text in [
        "[".repeat(large),
        "{\"a\":".repeat(large),
        "\"".repeat(large),
        "\"\n".repeat(large),
        "[\"\\ud800\"".repeat(large / 8),
        "/*".repeat(large),
        "\u{a0}".repeat(large) + &"]".repeat(large),
        format!("{{{}}}", "\"k\":0,\"l\":0,".repeat(large)),
    ] {
        let parsed = parse(FILE, &text);
        assert!(parsed.problems.len() <= 2 * recover::MOST_WARNINGS, "{} problems", parsed.problems.len());
    }
}
