//! What the README shows is what the program prints.
//!
//! A comment `<!-- acrlint … -->` names the arguments; the block behind it is the output. `UPDATE=1` writes the blocks.

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
use std::path::Path;

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
    assert_eq!(examples, 3);
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(&path, after).unwrap();
    } else {
        assert_eq!(before, after, "run UPDATE=1 cargo test --test readme, and read what changed");
    }
}
