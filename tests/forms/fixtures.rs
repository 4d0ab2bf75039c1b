//! The rules, their fixtures, and the program that is run on them.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::cli::{self, Streams};
use serde_json::Value;

/// Where the templates are deployed to.
pub const SUBSCRIPTION: &str = "6a0c4d5e-1b2c-4d3e-8f90-a1b2c3d4e5f6";

/// Runs the program; what it prints is JSON.
pub fn acrlint(arguments: &[&str]) -> Value {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
    cli::run(["acrlint"].iter().chain(arguments).map(OsString::from), &mut streams);
    serde_json::from_slice(&out).unwrap_or(Value::Null)
}

/// Whether a part of what `acrlint expand` prints is not known.
pub fn holds_unknown(value: &Value) -> bool {
    match value {
        Value::Object(members) => members.iter().any(|(key, value)| key == "$unknown" || holds_unknown(value)),
        Value::Array(items) => items.iter().any(holds_unknown),
        _ => false,
    }
}

/// The ids of the rules.
pub fn rules() -> BTreeSet<String> {
    let entries = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("rules")).unwrap();
    entries.map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned()).collect()
}

/// The fixtures of a rule of one kind: `violation-`, `compliant-` or `open-`.
pub fn fixtures(rule: &str, kind: &str) -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rules").join(rule);
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut paths: Vec<PathBuf> =
        entries.filter(|path| path.file_name().unwrap().to_str().unwrap().starts_with(kind)).collect();
    paths.sort();
    paths
}
