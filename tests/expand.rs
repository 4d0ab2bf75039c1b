//! `acrlint expand` over the templates of `testdata/expand`, as a person sees it.

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
use std::fmt::Write as _;

use acrlint::cli::{self, Streams};
use serde_json::Value;

const MODULES: &str = "testdata/expand/modules.json";

/// Exit code, standard output and standard error of `acrlint expand` over the modules.
fn expand(arguments: &[&str]) -> (u8, String, String) {
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let all = ["acrlint", "expand", MODULES].iter().chain(arguments).map(OsString::from);
    let mut streams = Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: true };
    let exit = cli::run(all, &mut streams);
    (exit.code(), String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

fn snapshot(name: &str, commands: &[&[&str]]) {
    let mut text = String::new();
    for arguments in commands {
        let (code, out, err) = expand(arguments);
        writeln!(text, "──── {}\n{}{}", arguments.join(" "), out, err).unwrap();
        assert_eq!(code, 0, "{arguments:?}: {err}");
    }
    insta::with_settings!({ snapshot_path => "../testdata/expand", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn a_tree_shows_what_is_deployed_where() {
    snapshot(
        "tree",
        &[
            &["--format", "tree"],
            &["--format", "tree", "--resource", "Microsoft.Network/virtualNetworks/hub"],
            &["--format", "tree", "--color", "always", "--subscription", "s", "--resource-group", "g"],
            &["--format", "tree", "--parameter", "enable=false", "--parameter", "registryName=contosoimages"],
        ],
    );
}

#[test]
fn the_way_of_a_value_ends_at_the_place_to_edit() {
    let registry = "Microsoft.ContainerRegistry/registries/⟨parameters('registryName')⟩";
    snapshot(
        "why",
        &[
            &["--why", "/resources/0/properties/publicNetworkAccess"],
            &["--why", "/sku/name", "--resource", registry],
            &["--why", "/resources/0/name", "--parameter", "registryName=contosoimages"],
            &["--why", "/resources/2/properties/addressSpace/addressPrefixes/0"],
            &["--why", "/resources/2/properties/administrator/password"],
            &["--why", "/resources/2"],
            &["--why", "/resources/4/id"],
            &["--why", "/resources/4/condition"],
            &["--why", "/resources/4/apiVersion", "--format", "json"],
            &["--why", "/outputs/id", "--format", "json"],
        ],
    );
}

/// Every pointer into a document; the places of resources are no values.
fn pointers(document: &Value, at: &str, all: &mut Vec<String>) {
    let escaped = |key: &str| key.replace('~', "~0").replace('/', "~1");
    let mut go = |key: &str, value: &Value| {
        if !["$at", "$unknown", "problems"].contains(&key) {
            pointers(value, &format!("{at}/{}", escaped(key)), all);
        }
    };
    match document {
        Value::Object(members) => members.iter().for_each(|(key, value)| go(key, value)),
        Value::Array(items) => items.iter().enumerate().for_each(|(i, value)| go(&i.to_string(), value)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    all.push(at.to_owned());
}

#[test]
fn every_value_of_the_document_can_be_followed() {
    let document: Value = serde_json::from_str(&expand(&[]).1).unwrap();
    let mut all = Vec::new();
    pointers(&document, "", &mut all);
    all.retain(|pointer| !["", "/resources", "/outputs"].contains(&pointer.as_str()));
    assert!(all.len() > 40, "{all:?}");
    for pointer in all {
        let (code, out, err) = expand(&["--why", &pointer, "--format", "json"]);
        assert_eq!(code, 0, "{pointer}: {err}");
        let why: Value = serde_json::from_str(&out).unwrap();
        assert_eq!(Some(&why["value"]), document.pointer(&pointer), "{pointer}");
        assert!(why["place"]["start"]["line"].is_u64(), "{pointer}: {out}");
    }
}
