//! What the README shows is what the program prints, and what it says to type can be typed.
//!
//! A comment `<!-- acrlint … -->` names the arguments; the block behind it is the output. `UPDATE=1` writes the blocks.
//!
//! Every block for a shell is run by Bash in a folder of its own, with this program as `acrlint`. What asks a cloud has
//! stand-ins that print files of `testdata`: `az`, `terraform`; `cargo run` is this program, since it is built already.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

use std::fmt::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use acrlint::cli::{self, Streams};

fn output(command: &str) -> String {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = command.split_whitespace().map(std::ffi::OsString::from);
    let mut streams =
        Streams { out: &mut out, err: &mut err, out_width: Some(100), err_terminal: false, no_color: true };
    cli::run(arguments, &mut streams);
    String::from_utf8(out).unwrap()
}

#[test]
fn the_examples_are_what_the_program_prints() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let path = root.join("README.md");
    let before = std::fs::read_to_string(&path).unwrap();
    let mut after = String::new();
    let mut rest = before.as_str();
    let mut examples = 0;
    while let Some((text, tail)) = rest.split_once("<!-- acrlint ") {
        let (arguments, tail) = tail.split_once(" -->").unwrap();
        let (_, tail) = tail.split_once("```text\n").unwrap();
        let (_, tail) = tail.split_once("```").unwrap();
        let shown = output(&format!("acrlint {arguments}"));
        write!(after, "{text}<!-- acrlint {arguments} -->\n```text\n{}\n```", shown.trim_end()).unwrap();
        rest = tail;
        examples += 1;
    }
    after.push_str(rest);
    assert_eq!(examples, 4);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, after).unwrap();
    } else {
        assert_eq!(before, after, "run UPDATE=1 cargo test --test readme, and read what changed");
    }
}

/// Blocks that are not run here, by how they begin, and why.
const ELSEWHERE: [(&str, &str); 2] = [
    ("maturin build ", "installs from a package registry; tools/check_wheel.py does the same"),
    ("docker build ", "needs a Docker engine; tools/check_static.py runs the program in an empty root"),
];

/// Programs that stand for others.
const STAND_INS: [(&str, &str); 5] = [
    // What it ends with is written down: no block may use the program wrongly.
    ("acrlint", "\"$PROGRAM\" \"$@\"; end=$?; echo \"$end acrlint $*\" >> \"$LOG\"; exit $end"),
    (
        "az",
        "case \"$1 $2 $3\" in\n\
         'acr show '*) cat \"$TESTDATA/dumps/acr-show.json\" ;;\n\
         'network private-endpoint list') cat \"$TESTDATA/dumps/clients.json\" ;;\n\
         'network public-ip list') echo '[]' ;;\n\
         'monitor log-analytics query') cat \"$TESTDATA/dumps/login-events.json\" ;;\n\
         *) echo \"nobody stands for az $*\" >&2; exit 1 ;;\nesac",
    ),
    ("git", "[ \"$1 $2\" = 'worktree add' ] && mkdir \"$3\" && cp -r infra \"$3\""),
    ("terraform", "[ \"$1\" = plan ] || cat \"$TESTDATA/equivalent/private-and-sound/plan.json\""),
    ("cargo", "[ \"$1\" != run ] || { while [ \"$1\" != -- ]; do shift; done; shift; exec acrlint \"$@\"; }"),
];

fn blocks() -> Vec<String> {
    let text = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    text.split("\n```sh\n").skip(1).map(|block| block.split("\n```").next().unwrap().to_owned()).collect()
}

/// What a block prints on standard error, and a line for each call of the program.
#[allow(clippy::disallowed_methods, reason = "a shell block is for a shell")]
fn run(block: &str) -> (String, Vec<String>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let (home, log, programs) = (folder.path().join("home"), folder.path().join("log"), folder.path().join("programs"));
    let work = folder.path().join("work");
    for place in [&home, &programs, &work.join("dumps"), &work.join("infra")] {
        std::fs::create_dir_all(place).unwrap();
    }
    for (name, script) in STAND_INS {
        let path = programs.join(name);
        std::fs::write(&path, format!("#!/usr/bin/env bash\n{script}\n")).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }
    for (from, to) in [
        ("testdata/scenarios/choices/main.json", "main.json"),
        ("testdata/scenarios/choices/main.json", "infra/main.json"),
        ("testdata/dumps/acr-show.json", "dumps/registry.json"),
    ] {
        std::fs::copy(root.join(from), work.join(to)).unwrap();
    }
    for name in ["testdata", "contrib"] {
        std::os::unix::fs::symlink(root.join(name), work.join(name)).unwrap();
    }
    let path = format!("{}:{}", programs.display(), std::env::var("PATH").unwrap());
    let done = Command::new("bash")
        .args(["--noprofile", "--norc", "-c", block])
        .current_dir(&work)
        .envs([("PATH", path), ("WORKSPACE", "w".to_owned())])
        .envs([("HOME", &home), ("LOG", &log), ("TESTDATA", &root.join("testdata"))])
        .env("PROGRAM", env!("CARGO_BIN_EXE_acrlint"))
        .output()
        .unwrap();
    let log = std::fs::read_to_string(log).unwrap_or_default();
    (String::from_utf8(done.stderr).unwrap(), log.lines().map(str::to_owned).collect())
}

#[test]
fn every_shell_block_can_be_typed() {
    let (mut skipped, mut calls) = (0, 0);
    for block in blocks() {
        if let Some((_, why)) = ELSEWHERE.iter().find(|(beginning, _)| block.starts_with(beginning)) {
            println!("not run: {}: {why}", block.lines().next().unwrap());
            skipped += 1;
            continue;
        }
        let (said, log) = run(&block);
        assert!(said.is_empty(), "{block}\n\nsays\n\n{said}");
        assert_eq!(log.is_empty(), !block.contains("acrlint ") && !block.contains("cargo run"), "{block}");
        for call in &log {
            assert!(call.starts_with("0 ") || call.starts_with("1 "), "{block}\n\nends with {call}");
        }
        calls += log.len();
    }
    assert_eq!(skipped, ELSEWHERE.len(), "each block that is not run is there");
    assert!(calls >= 9, "the blocks call the program {calls} times");
}
