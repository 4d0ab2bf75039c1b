//! The command line over stages that find what the texts say.

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::sync::Arc;

use super::analyze::{Analysis, Expansion, Input, Options, Recognized};
use super::given::Given;
use super::*;
use crate::check::{Certainty, Finding, OpenLevel, Outcome, ResourceRef};
use crate::diag::{Level, Problem};
use crate::input::Loaded;
use crate::report::Redactions;
use crate::resource::{Places, Resource, ResourceId, TypeName};
use crate::rules::ast::{Example, Fix, Language, Meta, Reference, Status};
use crate::source::{FileId, Sources, Span};
use crate::value::{Attr, Object, Origin, Pattern, Truth, Value};

/// A text with the word `template` is an input; `error!`, `warning!` and `note!` are violations, `open!` is undecided,
/// `broken!` a text that cannot be used, `slip!` a warning about content, `registry` a registry.
fn analyze(
    sources: &mut Sources,
    inputs: &[Input],
    options: &Options,
    done: &mut dyn FnMut(usize),
) -> Result<Analysis, Failure> {
    if let Some(name) = options.selection.select.iter().chain(&options.selection.ignore).find(|name| *name == "unknown")
    {
        return Err(Failure::Usage(format!("there is no rule `{name}`")));
    }
    let mut analysis = Analysis::default();
    for (i, &Input { file, .. }) in inputs.iter().enumerate() {
        let text = sources.get(file).text();
        let format = text.contains("template").then(|| "arm-template".to_owned());
        analysis.files.push(Recognized { file, format });
        analysis.registries += text.matches("registry").count();
        for (word, level) in [("error!", Level::Error), ("warning!", Level::Warning), ("note!", Level::Note)] {
            analysis.findings.extend(find(text, file, word).map(|span| finding(span, level, Outcome::Violation)));
        }
        if let OpenLevel::At(level) = options.check.open {
            analysis.findings.extend(find(text, file, "open!").map(|span| finding(span, level, Outcome::Open)));
        }
        let broken = |span| Problem::error("json-syntax", span, "this is no JSON").fatal();
        analysis.problems.extend(find(text, file, "broken!").map(broken));
        analysis.problems.extend(find(text, file, "slip!").map(|span| Problem::warning("slip", span, "a slip")));
        done(i + 1);
    }
    Ok(analysis)
}

fn find(text: &str, file: FileId, word: &str) -> impl Iterator<Item = Span> {
    let at = text.find(word).map(|at| u32::try_from(at).unwrap());
    let length = u32::try_from(word.len()).unwrap();
    at.map(|at| Span::new(file, at, at + length)).into_iter()
}

fn finding(location: Span, level: Level, outcome: Outcome) -> Finding {
    let name = String::from("acr");
    Finding {
        rule: "made-up".to_owned(),
        outcome,
        certainty: Certainty::Proven,
        level,
        message: "something is wrong".to_owned(),
        resource: Arc::new(ResourceRef { address: name.clone(), id: name.clone(), ty: name.clone(), name }),
        location,
        declared: Vec::new(),
        evidence: Vec::new(),
        help: None,
        when: BTreeMap::new(),
        unknown: Vec::new(),
        settle: Vec::new(),
        fingerprint: "0".to_owned(),
    }
}

fn rules() -> Vec<Meta> {
    let rule = |id: &str, set: Option<&str>| Meta {
        id: id.to_owned(),
        level: Level::Warning,
        status: Status::Stable,
        set: set.map(str::to_owned),
        title: "Public access is off and nothing else leads to the registry".to_owned(),
        why: "A registry that denies its public endpoint is reached through private endpoints only, and this registry \
              has none, so no client can pull an image from it."
            .to_owned(),
        errors: vec!["denied: client with IP '…' is not allowed access".to_owned()],
        fix: vec![
            Fix { language: None, text: "Add a private endpoint, or allow public access.".to_owned() },
            Fix { language: Some(Language::Arm), text: "\"publicNetworkAccess\": \"Enabled\"".to_owned() },
        ],
        example: Some(Example {
            wrong: "\"adminUserEnabled\": true".to_owned(),
            right: "\"adminUserEnabled\": false".to_owned(),
        }),
        references: vec![Reference {
            title: "Private Link".to_owned(),
            url: "https://learn.microsoft.com/azure/container-registry/".to_owned(),
        }],
        at: Span::new(FileId(0), 0, 0),
    };
    vec![rule("acr-admin-user", Some("hardening")), rule("acr-public-disabled-no-pe", None)]
}

/// Every line of the text is a resource: its type, a space, its name.
fn expand(sources: &mut Sources, file: FileId, _given: &Given) -> Expansion {
    let text = sources.get(file).text();
    let mut redactions = Redactions::new();
    redactions.hide_text("canary-secret");
    let problems = find(text, file, "broken!").map(|span| Problem::error("json-syntax", span, "no JSON").fatal());
    let mut loaded = Loaded { problems: problems.collect(), ..Loaded::default() };
    loaded.resources.extend(text.lines().filter_map(|line| {
        let (ty, name) = line.split_once(' ')?;
        let span = find(text, file, line).next()?;
        Some(resource(ty, name, span))
    }));
    Expansion { loaded, input: true, refused: false, redactions }
}

fn resource(ty: &str, name: &str, span: Span) -> Resource {
    let at = Origin::at(span);
    let mut types = ty.split('/');
    let provider = types.next().unwrap();
    let pieces: String = types.zip(name.split('/')).flat_map(|(ty, name)| ["/", ty, "/", name]).collect();
    let id = format!("/subscriptions/s/resourceGroups/g/providers/{provider}{pieces}");
    Resource {
        ty: TypeName::new(ty),
        name: Value::string(name, at),
        id: ResourceId::new(Pattern::literal(&id)),
        api_version: Attr::absent(at),
        address: name.into(),
        body: Value::object(Object::new(), at),
        seen: false,
        managed: true,
        existing: false,
        exists: Truth::True,
        condition: None,
        repeated: false,
        change: None,
        at: Places { whole: span, ty: span, name: at, properties: span },
    }
}

/// Exit code, standard output, standard error.
fn acrlint(arguments: &[&str]) -> (u8, String, String) {
    let stages = Stages { analyze, rules, expand };
    let (mut out, mut err) = (Vec::new(), Vec::new());
    let arguments = ["acrlint"].iter().chain(arguments).map(OsString::from);
    let exit = run_with(
        &stages,
        arguments,
        &mut Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false },
    );
    (exit.code(), String::from_utf8(out).unwrap(), String::from_utf8(err).unwrap())
}

/// Runs over a folder with these files; `DIR` in arguments stands for it, and in what is written.
fn over(files: &[(&str, &str)], arguments: &[&str]) -> (u8, String, String) {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    let dir = folder.path().to_string_lossy().replace('\\', "/");
    let arguments: Vec<String> = arguments.iter().map(|a| a.replace("DIR", &dir)).collect();
    let (code, out, err) = acrlint(&arguments.iter().map(String::as_str).collect::<Vec<_>>());
    (code, out.replace(&dir, "DIR"), err.replace(&dir, "DIR"))
}

#[track_caller]
fn exits(expected: u8, files: &[(&str, &str)], arguments: &[&str]) -> String {
    let (code, out, err) = over(files, arguments);
    assert_eq!(code, expected, "{arguments:?}\n{out}\n{err}");
    out
}

const CHECK: [&str; 2] = ["check", "DIR/a.json"];

#[test]
fn clean_input_exits_with_0() {
    let out = exits(0, &[("a.json", "template registry")], &CHECK);
    assert_eq!(out, "no findings in 1 file\n");
    assert_eq!(exits(0, &[("a.json", "template registry")], &["check", "DIR", "--quiet"]), "");
}

#[test]
fn fail_on_decides_between_0_and_1() {
    for (word, codes) in [
        ("error!", [1, 1, 1, 0]),
        ("warning!", [0, 1, 1, 0]),
        ("note!", [0, 0, 1, 0]),
        ("open!", [0, 0, 1, 0]),
        ("slip!", [0, 1, 1, 0]),
    ] {
        let text = format!("template registry {word}");
        for (level, code) in ["error", "warning", "note", "never"].into_iter().zip(codes) {
            exits(code, &[("a.json", &text)], &["check", "DIR/a.json", "--fail-on", level]);
        }
    }
    exits(1, &[("a.json", "template warning!")], &CHECK);
    exits(0, &[("a.json", "template note!")], &CHECK);
}

#[test]
fn open_findings_have_the_level_that_is_asked_for() {
    let file = [("a.json", "template registry open!")];
    exits(0, &file, &CHECK);
    exits(1, &file, &["check", "DIR", "--strict"]);
    exits(1, &file, &["check", "DIR", "--open", "error", "--fail-on", "error"]);
    assert!(!exits(0, &file, &["check", "DIR", "--open", "ignore"]).contains("undecided"));
    exits(2, &file, &["check", "DIR", "--open", "note", "--strict"]);
}

#[test]
fn a_named_file_must_be_usable() {
    let out = exits(2, &[("a.json", "{}")], &CHECK);
    assert!(out.contains("error[not-an-input]") && out.contains("DIR/a.json:1:1"), "{out}");
    exits(2, &[("a.json", "template broken!")], &["check", "DIR/a.json", "--fail-on", "never"]);
    exits(2, &[("a.json", "template error! broken!")], &CHECK);
    let out = exits(2, &[("b.json", "template error!")], &["check", "DIR/a.json", "DIR/b.json"]);
    assert!(
        out.contains("error[unreadable]: there is no file or folder `DIR/a.json`") && out.contains("made-up"),
        "{out}"
    );
}

#[test]
fn a_walked_file_that_is_no_input_is_only_counted() {
    let files = [("a.json", "template registry"), ("tsconfig.json", "slip! broken!"), ("notes.txt", "x")];
    assert_eq!(exits(0, &files, &["check", "DIR"]), "no findings in 1 file, 2 skipped\n");
    exits(1, &[("a.json", "template registry"), ("b.json", "template broken!")], &["check", "DIR"]);
}

#[test]
fn nothing_to_check_is_an_error_unless_it_is_allowed() {
    let out = exits(2, &[("notes.txt", "x")], &["check", "DIR"]);
    assert!(out.contains("error[no-input]: there is nothing to check in DIR"), "{out}");
    let out = exits(0, &[("notes.txt", "x")], &["check", "DIR", "--allow-empty"]);
    assert_eq!(out, "note: there is nothing to check\n\nno findings in 0 files, 1 skipped\n");
    exits(2, &[], &["check", "DIR/missing", "--allow-empty"]);
}

#[test]
fn a_run_without_a_registry_says_so() {
    let out = exits(0, &[("a.json", "template")], &CHECK);
    assert!(out.starts_with("note: there is no container registry in DIR/a.json\n"), "{out}");
    assert_eq!(exits(0, &[("a.json", "template")], &["check", "DIR", "-q"]), "");
}

#[test]
fn sources_of_other_tools_get_a_hint() {
    let files =
        [("a.json", "template registry"), ("main.bicep", ""), ("a.bicep", ""), ("tf/main.tf", ""), ("tf/more.tf", "")];
    let out = exits(0, &files, &["check", "DIR"]);
    let joined = super::super::report::concise::squeeze(&out);
    assert!(joined.contains("bicep build DIR/main.bicep --outfile DIR/main.json"), "{out}");
    assert!(joined.contains("DIR/tf holds Terraform sources, which were not checked"), "{out}");
    assert!(!joined.contains("a.bicep"), "{out}");
    exits(2, &files, &["check", "DIR/main.bicep"]);
}

#[test]
fn formats_and_files() {
    let files = [("a.json", "template registry\n  error! warning!")];
    let out = exits(1, &files, &["check", "DIR", "--format", "concise"]);
    assert_eq!(
        out,
        "DIR/a.json:2:3: error[made-up] something is wrong\nDIR/a.json:2:10: warning[made-up] something is wrong\n"
    );
    let out = exits(1, &files, &["check", "DIR", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["summary"]["errors"], 1);
    assert_eq!(report["files"][0]["format"], "arm-template");
    assert_eq!(report["findings"][1]["location"]["start"]["column"], 10);
    assert_eq!(exits(1, &files, &["check", "DIR", "-o", "DIR/report.txt"]), "");
    exits(2, &files, &["check", "DIR", "-o", "DIR/no/report.txt"]);
}

#[test]
fn several_reports_are_written_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    std::fs::write(path("a.json"), "template registry error!").unwrap();
    let output = |format: &str, name: &str| format!("{format}={}", path(name).display());
    let (sarif, junit) = (output("sarif", "a.sarif"), output("junit", "a.xml"));
    let input = path("a.json").display().to_string();
    let (code, out, _) = acrlint(&["check", &input, "--format", "concise", "--output", &sarif, "--output", &junit]);
    assert!(code == 1 && out.contains("error[made-up]"), "{out}");
    let text = std::fs::read_to_string(path("a.sarif")).unwrap();
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(document["runs"][0]["results"][0]["ruleId"], "made-up");
    assert!(std::fs::read_to_string(path("a.xml")).unwrap().contains("<failure "));
    let names = std::fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name());
    assert_eq!(names.count(), 3, "nothing else is left behind");
    let (code, _, err) = acrlint(&["check", &input, "--output", "sarif"]);
    assert!(code == 2 && err.contains("FORMAT=FILE"), "{err}");
    let (code, _, err) = acrlint(&["check", &input, "--output", "xml=a.xml"]);
    assert!(code == 2 && err.contains("xml"), "{err}");
}

#[test]
fn colors_follow_the_terminal_and_the_arguments() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.json");
    std::fs::write(&path, "template registry error!").unwrap();
    let colored = |width: Option<usize>, no_color: bool, more: &[&str]| {
        let arguments = ["acrlint", "check"].iter().chain(more).map(OsString::from);
        let (mut out, mut err) = (Vec::new(), Vec::new());
        let mut streams = Streams { out: &mut out, err: &mut err, out_width: width, err_terminal: false, no_color };
        let stages = Stages { analyze, rules, expand };
        let exit = run_with(&stages, arguments.chain([path.clone().into_os_string()]), &mut streams);
        assert_eq!(exit, Exit::Findings);
        out.contains(&0x1b)
    };
    assert!(!colored(None, false, &[]));
    assert!(colored(Some(80), false, &[]));
    assert!(!colored(Some(80), true, &[]));
    assert!(colored(None, true, &["--color", "always"]));
    assert!(!colored(Some(80), false, &["--color", "never"]));
}

#[test]
fn wrong_usage_exits_with_2_and_help_with_0() {
    for arguments in [
        &["check", "--format", "yaml"][..],
        &["check", "--open-world", "--closed-world"],
        &["check", "--select", "a,unknown", "."],
        &["rule", "acr-admin-usr"],
        &["expand"],
        &[],
    ] {
        let (code, out, err) = acrlint(arguments);
        assert_eq!((code, out.as_str(), err.is_empty()), (2, "", false), "{arguments:?}: {err}");
    }
    for arguments in [&["--help"][..], &["check", "--help"], &["--version"]] {
        let (code, out, err) = acrlint(arguments);
        assert_eq!((code, out.is_empty(), err.as_str()), (0, false, ""), "{arguments:?}");
    }
    assert!(acrlint(&["check", "--help"]).1.contains("Exit codes:"));
}

#[test]
fn a_closed_pipe_is_no_trouble_but_a_full_disk_is() {
    struct Closed(ErrorKind);
    impl Write for Closed {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let run = |kind| {
        let (mut out, mut err) = (Closed(kind), Vec::new());
        let mut streams =
            Streams { out: &mut out, err: &mut err, out_width: None, err_terminal: false, no_color: false };
        let stages = Stages { analyze, rules, expand };
        let exit = run_with(&stages, ["acrlint", "rule"].map(OsString::from), &mut streams);
        (exit.code(), String::from_utf8(err).unwrap())
    };
    assert_eq!(run(ErrorKind::BrokenPipe), (0, String::new()));
    let (code, said) = run(ErrorKind::StorageFull);
    assert!(code == 2 && said.starts_with("error: the output cannot be written"), "{said}");
}

#[test]
fn rules_are_listed_and_explained() {
    let (code, out, _) = acrlint(&["rule"]);
    assert_eq!((code, out.lines().count()), (0, 2));
    let (_, one, _) = acrlint(&["rule", "acr-public-disabled-no-pe"]);
    let (_, _, unknown) = acrlint(&["rule", "acr-public-disabled-no-pr"]);
    let (_, json, _) = acrlint(&["rule", "acr-admin-user", "--format", "json"]);
    let all: serde_json::Value = serde_json::from_str(&acrlint(&["rule", "--format", "json"]).1).unwrap();
    let parsed: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!((&all[0], &parsed["set"]), (&parsed, &"hardening".into()));
    let text = format!("{out}────\n{one}────\n{unknown}");
    snapshot("rule", &text);
}

const NETWORK: [(&str, &str); 1] = [(
    "a.json",
    "Microsoft.Network/virtualNetworks hub\nMicrosoft.Network/virtualNetworks/subnets hub/default\n\
     Microsoft.Network/virtualNetworks canary-secret",
)];

#[test]
fn expansion_is_json() {
    let out = exits(0, &NETWORK, &["expand", "DIR/a.json"]);
    let document: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(document["resources"][1]["name"], "hub/default");
    let (code, out, err) = over(&[("a.json", "a/b broken!")], &["expand", "DIR/a.json"]);
    assert!(code == 2 && out.contains("broken!") && err.contains("error[json-syntax]: no JSON"), "{out}{err}");
    exits(2, &[], &["expand", "DIR/a.json"]);
}

#[test]
fn expansion_is_a_tree_for_a_person() {
    let out = exits(0, &NETWORK, &["expand", "DIR/a.json", "--format", "tree"]);
    assert_eq!(
        out,
        "resource group g (subscription s)\n\
         ├── Microsoft.Network/virtualNetworks hub              DIR/a.json:1:1\n\
         │   └── subnets default                                DIR/a.json:2:1\n\
         └── Microsoft.Network/virtualNetworks *************    DIR/a.json:3:1\n"
    );
    assert_eq!(exits(0, &[("a.json", "")], &["expand", "DIR/a.json", "--format", "tree"]), "nothing is deployed\n");
    exits(2, &NETWORK, &["expand", "DIR/a.json", "--format", "human"]);
}

#[test]
fn one_resource_is_named_in_several_ways() {
    for name in [
        "Microsoft.Network/virtualNetworks/subnets/hub/default",
        "microsoft.network/virtualNetworks/HUB/subnets/default",
        "/subscriptions/s/resourceGroups/g/providers/Microsoft.Network/virtualNetworks/hub/subnets/default",
    ] {
        let out = exits(0, &NETWORK, &["expand", "DIR/a.json", "--resource", name]);
        let document: serde_json::Value = serde_json::from_str(&out).unwrap();
        assert_eq!(document["resources"].as_array().unwrap().len(), 1);
        assert_eq!(document["resources"][0]["name"], "hub/default");
    }
    let two = ["--resource", "Microsoft.Network/virtualNetworks/hub", "--resource"];
    let two = [&["expand", "DIR/a.json", "--format", "tree"], &two[..], &["microsoft.network/virtualNetworks/hub/"]];
    assert_eq!(exits(0, &NETWORK, &two.concat()).lines().count(), 2);
}

#[test]
fn a_name_or_pointer_that_leads_nowhere_says_what_there_is() {
    let said = |arguments: &[&str]| {
        let (code, out, err) = over(&NETWORK, &[&["expand", "DIR/a.json"], arguments].concat());
        assert_eq!((code, out.as_str()), (2, ""), "{arguments:?}: {err}");
        err
    };
    let hub = ["--resource", "Microsoft.Network/virtualNetworks/hub"];
    let text = [
        said(&["--resource", "Microsoft.Network/virtualNetworks/hubb"]),
        said(&["--resource", "hub"]),
        said(&["--why", "resources"]),
        said(&["--why", ""]),
        said(&["--why", "/resources"]),
        said(&["--why", "/resources/3/name"]),
        said(&["--why", "/resources/0/nmae"]),
        said(&["--why", "/resources/0/name/x"]),
        said(&["--why", "/outputs/x"]),
        said(&[&hub[..], &["--why", "/resources/0"]].concat()),
        said(
            &[&hub[..], &["--resource", "Microsoft.Network/virtualNetworks/subnets/hub/default", "--why", "/id"]]
                .concat(),
        ),
    ];
    snapshot("expand-usage", &text.concat());
}

#[test]
fn commands_are_printed_for_a_registry_or_all() {
    let (code, all, _) = acrlint(&["collect"]);
    assert!(code == 0 && all.starts_with("#!/usr/bin/env bash\n") && all.contains("\ndir=dumps\n"), "{all}");
    let (code, one, _) = acrlint(&["collect", "MyRegistry.azurecr.io", "--shell", "powershell", "--output-dir", "d"]);
    assert!(code == 0 && one.contains("az acr show --name myregistry ") && one.contains("-Path 'd')"), "{one}");
    for wrong in
        [&["collect", "my-registry"][..], &["collect", "--subscription", "x"], &["collect", "--output-dir", ""]]
    {
        let (code, out, err) = acrlint(wrong);
        assert!(code == 2 && out.is_empty() && err.starts_with("error: "), "{err}");
    }
}

#[test]
fn the_help_is_what_it_was() {
    let helps = [&["--help"][..], &["check", "--help"], &["expand", "--help"], &["collect", "--help"]];
    let helps = helps.map(|help| acrlint(help).1);
    snapshot("help", &helps.join("────\n"));
}

fn snapshot(name: &str, text: &str) {
    assert!(Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata").is_dir());
    insta::with_settings!({ snapshot_path => "../../testdata/cli", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!(name, text) });
}
