//! Large dumps: of a file of which only the parts that matter are held, the same is said as of one that is held whole.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::indexing_slicing,
    reason = "what a test cannot do ends it"
)]

#[path = "../benches/workload/export.rs"]
mod export;

use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::analyze::{Input, Options, analyze};
use acrlint::cli::document::interest;
use acrlint::input::dump::sieve::Rows;
use acrlint::report::{self, FileReport, FileStatus, Format, Look, Report, Summary};
use acrlint::source::sift::Pace;
use acrlint::source::{Sources, discover};
use serde_json::{Value, json};

/// One after the other, and ahead on threads, many blocks of them in small files.
const PACES: [Pace; 2] = [Pace { scouts: 0, block: 0 }, Pace { scouts: 2, block: 24_000 }];

/// Reads a file through the sieve, however short it is.
fn sifted(sources: &mut Sources, path: &Path, pace: Pace) -> Result<discover::Read, discover::ReadError> {
    discover::take(sources, path, discover::content(path, 0)?, &mut Rows::new(&interest), pace)
}

/// The text that is held of a file of which not all is.
fn held(path: &Path, pace: Pace) -> String {
    let mut sources = Sources::new();
    let read = sifted(&mut sources, path, pace).unwrap();
    sources.get(read.file).text().to_owned()
}

/// The reports on a file, and how much of it is held; all of it without a pace.
fn reports(path: &Path, pace: Option<Pace>) -> (Vec<String>, usize) {
    let mut sources = Sources::new();
    let read = match pace {
        Some(pace) => sifted(&mut sources, path, pace),
        None => discover::read(&mut sources, path),
    };
    let file = read.unwrap().file;
    let inputs = [Input { file, explicit: true, parameters: Vec::new() }];
    let analysis = analyze(&mut sources, &inputs, &Options::default(), &mut |_| ()).unwrap();
    let files = vec![FileReport { path: "it".to_owned(), format: None, status: FileStatus::Checked }];
    let summary = Summary { registries: analysis.registries, ..Summary::default() };
    let report = Report {
        suppressed: &[],
        findings: &analysis.findings,
        problems: &analysis.problems,
        sources: &sources,
        files,
        summary: summary.counting(&analysis.findings, &analysis.problems),
        notes: analysis.notes.clone(),
        redact: &analysis.redactions,
        rules: &[],
    };
    let write = |format| report::write(&report, format, Look::default());
    (vec![write(Format::Json), write(Format::Human), write(Format::Concise)], sources.get(file).text().len())
}

/// Checks a text both ways; how many bytes of how many are held.
fn alike(what: &str, bytes: &[u8]) -> (usize, usize) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("export.json");
    fs::write(&path, bytes).unwrap();
    let (whole, _) = reports(&path, None);
    let (parts, size) = reports(&path, Some(PACES[1]));
    for (whole, parts) in whole.iter().zip(&parts) {
        let differs = whole.lines().zip(parts.lines()).find(|(a, b)| a != b);
        assert!(whole == parts, "{what}: {differs:#?}");
    }
    let [slow, fast] = PACES.map(|pace| held(&path, pace));
    let differs = slow.lines().zip(fast.lines()).find(|(a, b)| a != b);
    assert!(slow == fast, "{what}: what is held depends on threads: {differs:#?}");
    (size, bytes.len())
}

/// An export with one row of each slot, and changes to its rows by their numbers.
fn exported(rows: usize, change: &dyn Fn(usize, &mut Value)) -> Value {
    let row = |number| {
        let mut row = export::row(number);
        change(number, &mut row);
        row
    };
    json!({"count": rows, "data": (0..rows).map(row).collect::<Vec<_>>(), "skip_token": null, "total_records": rows})
}

fn unknown_row(rows: usize) -> usize {
    let unknown = |number: &usize| export::row(*number)["type"] == "microsoft.storage/storageaccounts";
    (0..rows).filter(unknown).nth(20).unwrap()
}

#[test]
fn an_export_is_judged_alike_in_every_shape() {
    let mut pretty = Vec::new();
    export::write(600, &mut pretty).unwrap();
    let (held, all) = alike("pretty", &pretty);
    assert!(held * 8 < all, "{held} of {all}");
    let text = String::from_utf8(pretty).unwrap();
    let (held, all) = alike("CRLF", text.replace('\n', "\r\n").as_bytes());
    assert!(held * 8 < all, "{held} of {all}");
    let document: Value = serde_json::from_str(&text).unwrap();
    let (held, all) = alike("minified", document.to_string().as_bytes());
    assert!(held * 3 < all, "{held} of {all}");
    alike("byte-order mark", format!("\u{feff}{text}").as_bytes());
    let utf16: Vec<u8> = [0xff, 0xfe].into_iter().chain(text.encode_utf16().flat_map(u16::to_le_bytes)).collect();
    alike("UTF-16", &utf16);
    let rows = document["data"].as_array().unwrap();
    alike("list", serde_json::to_string_pretty(rows).unwrap().as_bytes());
    alike("REST", serde_json::to_string_pretty(&json!({"value": rows})).unwrap().as_bytes());
    let lines: Vec<String> = rows.iter().map(Value::to_string).collect();
    let (held, all) = alike("a row a line", lines.join("\n").as_bytes());
    assert!(held * 3 < all, "{held} of {all}");
    alike("a list with a row a line", format!("[{}]", lines.join(",\n")).as_bytes());
    for end in [text.len() / 3, text.len() / 2 + 7, text.len() - 3] {
        alike("cut off", &text.as_bytes()[..end]);
    }
}

#[test]
fn pages_and_what_stands_around_them_are_heeded() {
    let page = |from: usize, token: &str| {
        let rows: Vec<Value> = (from..from + 300).map(export::row).collect();
        let page = json!({"count": 300, "data": rows, "skip_token": token, "total_records": 600});
        serde_json::to_string_pretty(&page).unwrap()
    };
    alike("the first page", page(0, "next").as_bytes());
    alike("two pages", format!("{}\n{}\n", page(0, "next"), page(300, "")).as_bytes());
    alike("two pages that say more", format!("{}{}", page(0, "next"), page(300, "next")).as_bytes());
    alike("a warning before", format!("WARNING: preview\n{}", page(0, "")).as_bytes());
    alike("a warning between", format!("{}\nWARNING: x\n{}", page(0, "a"), page(300, "")).as_bytes());
    alike(
        "an error behind",
        format!("{}\n{{\"error\": {{\"code\": \"x\", \"message\": \"y\"}}}}", page(0, "")).as_bytes(),
    );
    alike("slurped", format!("[{},{}]", page(0, "next"), page(300, "")).as_bytes());
    for (name, value) in
        [("total_records", json!(601)), ("nextLink", json!("https://x")), ("resultTruncated", json!("true"))]
    {
        let mut document = exported(300, &|_, _| ());
        document[name] = value;
        alike(name, serde_json::to_string_pretty(&document).unwrap().as_bytes());
    }
}

#[test]
fn secrets_and_slips_in_what_does_not_matter_are_found() {
    let at = unknown_row(600);
    let secret = "Endpoint=https://contoso;Key=7cd86f1c";
    for (path, value) in [
        ("connectionString", json!(secret)),
        ("settings", json!([{"name": "apiKey", "value": secret}])),
        ("secrets", json!({"a": [{"name": "x", "value": secret}]})),
        ("template", json!({"parameters": {"p": {"type": "securestring", "defaultValue": secret}}})),
        ("marked", json!({"isSecret": true, "value": secret})),
    ] {
        // The same text stands in rows that matter, once where nothing tells that it is secret.
        let change = |number: usize, row: &mut Value| {
            if number == at {
                row["properties"][path] = value.clone();
            } else if row["type"] == "microsoft.containerregistry/registries" {
                row["name"] = json!(secret);
            }
        };
        let document = exported(600, &change);
        let bytes = serde_json::to_string_pretty(&document).unwrap();
        alike(path, bytes.as_bytes());
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("export.json");
        fs::write(&file, &bytes).unwrap();
        let (shown, _) = reports(&file, Some(Pace::default()));
        assert!(shown.iter().all(|report| !report.contains("7cd86f1c")), "{path}");
    }
    let text = serde_json::to_string_pretty(&exported(600, &|_, _| ())).unwrap();
    let name = export::row(at)["name"].to_string();
    let named = format!("\"name\": {name}");
    assert_eq!(text.matches(&named).count(), 1);
    for slip in [
        format!("{named}, \"a\": 1, \"a\": 2"),
        format!("{named}, // a comment\n\"b\": 1"),
        format!("{named},, \"b\": 1"),
        format!("{named}, \"b\": \"\\u00e9\\ud83d\\ude00\""),
        format!("{named}, \"b\": \"\\ud83d\""),
        format!("{named}, \"b\": tru"),
        format!("{named}, \"b\": \"open\nline"),
        format!("{named}, \"id\": \"/subscriptions/1\""),
        format!("{named} }}, 7, {{ \"x\": 1"),
        format!("{named} }}, {{ "),
    ] {
        alike(&slip, text.replace(&named, &slip).as_bytes());
    }
}

#[test]
fn every_dump_of_the_collection_is_judged_alike() {
    let mut paths: Vec<PathBuf> = Vec::new();
    for folder in ["dumps", "equivalent", "cases", "examples", "scenarios"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").join(folder);
        let entries = walkdir::WalkDir::new(folder).sort_by_file_name().into_iter().filter_map(Result::ok);
        paths.extend(
            entries.map(walkdir::DirEntry::into_path).filter(|path| path.extension().is_some_and(|e| e == "json")),
        );
    }
    assert!(paths.len() > 25, "{}", paths.len());
    for path in paths {
        alike(&path.display().to_string(), &fs::read(&path).unwrap());
    }
}
