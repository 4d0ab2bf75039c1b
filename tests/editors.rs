//! The problem matchers of `contrib/` read what `--format concise` prints.
//!
//! Their regular expressions run here as they stand in the files, on the output for files with names that are hard to read.
//! What they take from each line must be what the JSON report of the same run says. Vim, Neovim and Emacs themselves are
//! tried by `tools/check_editors.py`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    reason = "what a test cannot do ends it"
)]

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::Path;

use acrlint::cli::{self, Streams};
use regex::Regex;
use serde_json::Value;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// A JSON file; a line may be a comment.
fn read(path: &str) -> Value {
    let text = fs::read_to_string(root().join(path)).unwrap();
    let code: String = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    serde_json::from_str(&code).unwrap()
}

/// What is said of one place: path, line, column, level, rule, message.
type Said = (String, String, String, String, String, String);

/// One pattern, as a problem matcher uses it: a regular expression and the numbers of its groups.
struct Matcher {
    regexp: Regex,
    pattern: Value,
    severity: Option<String>,
}

impl Matcher {
    fn new(matcher: &Value, pattern: &Value) -> Self {
        let severity = matcher["severity"].as_str().map(str::to_owned);
        Self { regexp: Regex::new(pattern["regexp"].as_str().unwrap()).unwrap(), pattern: pattern.clone(), severity }
    }

    fn take(&self, line: &str) -> Option<Said> {
        let groups = self.regexp.captures(line)?;
        let group = |name: &str| {
            let number = self.pattern[name].as_u64()?;
            groups.get(usize::try_from(number).ok()?).map(|group| group.as_str().to_owned())
        };
        let text = |name: &str| group(name).unwrap_or_default();
        // The runner of GitHub takes a level only where it is one of its own words; `notice` stands for a note.
        let level = group("severity").or_else(|| self.severity.clone()).unwrap().replace("notice", "note");
        Some((text("file"), text("line"), text("column"), level, text("code"), text("message")))
    }
}

fn vscode() -> Vec<Matcher> {
    let tasks = read("contrib/vscode/tasks.json");
    let matcher = &tasks["tasks"][0]["problemMatcher"];
    vec![Matcher::new(matcher, &matcher["pattern"])]
}

fn github() -> Vec<Matcher> {
    let file = read("contrib/github/acrlint.json");
    file["problemMatcher"].as_array().unwrap().iter().map(|it| Matcher::new(it, &it["pattern"][0])).collect()
}

fn check(format: &str, arguments: &[&str]) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    let all = ["acrlint", "check", "--no-config", "--format", format];
    cli::run(all.iter().chain(arguments).map(OsString::from), &mut streams);
    String::from_utf8(out).unwrap()
}

/// Files with errors, warnings, notes and a problem, under names with spaces, colons and brackets, and one on one line.
fn estate(folder: &Path) -> Vec<String> {
    let copy = |from: &str, to: &str| {
        let to = folder.join(to);
        fs::create_dir_all(to.parent().unwrap()).unwrap();
        fs::copy(root().join(from), &to).unwrap();
        to.display().to_string()
    };
    let mut paths = vec![
        copy("testdata/examples/registry-estate.json", "our hub/registry estate.json"),
        copy("testdata/examples/registry-estate.json", "a: b/12:34: error[x] [y].json"),
        copy("testdata/scenarios/environments/main.json", "pay/main.json"),
    ];
    copy("testdata/scenarios/environments/main.dev.parameters.json", "pay/main.dev.parameters.json");
    copy("testdata/scenarios/environments/main.prod.parameters.json", "pay/main.prod.parameters.json");
    let text = fs::read_to_string(root().join("testdata/scenarios/choices/main.json")).unwrap();
    let one_line = folder.join("one line.json");
    fs::write(&one_line, text.lines().map(str::trim).collect::<Vec<_>>().join(" ")).unwrap();
    paths.push(one_line.display().to_string());
    paths
}

/// What the JSON report says of each place.
fn expected(paths: &[&str]) -> BTreeSet<Said> {
    let report: Value = serde_json::from_str(&check("json", paths)).unwrap();
    let all = report["findings"].as_array().unwrap().iter().chain(report["problems"].as_array().unwrap());
    all.map(|it| {
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        let start = &it["location"]["start"];
        let code = if it["rule"].is_null() { &it["code"] } else { &it["rule"] };
        let place = (text(&it["location"]["path"]), text(&start["line"]), text(&start["column"]));
        (place.0, place.1, place.2, text(&it["level"]), text(code), text(&it["message"]))
    })
    .collect()
}

#[test]
fn the_matchers_take_from_each_line_what_the_report_says() {
    let folder = tempfile::tempdir().unwrap();
    let paths = estate(folder.path());
    let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
    let expected = expected(&paths);
    let output = check("concise", &paths);
    let levels: BTreeSet<&str> = expected.iter().map(|said| said.3.as_str()).collect();
    assert_eq!(levels, ["error", "note", "warning"].into(), "the estate has a finding of each level");
    assert!(expected.iter().any(|said| said.2.len() >= 3), "a column has three digits");
    assert!(expected.iter().any(|said| said.4 == "parameter-not-declared"), "there is a problem");
    for (editor, matchers) in [("VS Code", vscode()), ("GitHub", github())] {
        let mut taken = BTreeSet::new();
        for line in output.lines() {
            let said: Vec<Said> = matchers.iter().filter_map(|matcher| matcher.take(line)).collect();
            let [said] = said.as_slice() else { panic!("{editor}: {} matchers take {line}", said.len()) };
            // Behind the message stands for which parameters it holds.
            let message = expected.iter().map(|it| &it.5).find(|message| said.5.starts_with(*message)).unwrap();
            taken.insert((
                said.0.clone(),
                said.1.clone(),
                said.2.clone(),
                said.3.clone(),
                said.4.clone(),
                message.clone(),
            ));
        }
        assert_eq!(taken, expected, "{editor}");
    }
}

#[test]
fn what_has_no_place_is_still_shown_on_github() {
    let folder = tempfile::tempdir().unwrap();
    let output = check("concise", &[folder.path().to_str().unwrap()]);
    let said: Vec<Said> = github().iter().filter_map(|matcher| matcher.take(output.trim_end())).collect();
    assert_eq!((said[0].3.as_str(), said[0].4.as_str()), ("error", "no-input"), "{output}");
    assert_eq!((said[0].0.as_str(), said.len()), ("", 1));
}

#[test]
fn other_lines_are_left_alone() {
    let others =
        ["2 errors in 1 file", "note: there is nothing to check", "src/main.rs:1:2: error: no rule", "error: no"];
    for matcher in vscode().iter().chain(&github()) {
        for line in others {
            assert_eq!(matcher.take(line), None);
        }
    }
}
