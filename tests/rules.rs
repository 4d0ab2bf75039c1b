//! Every rule finds what its fixtures say, at the place to edit, and nothing else.
//!
//! The fixtures lie in `testdata/rules/<rule>/` (and `with-…`, a file that stands beside each of them): `violation-…` with one fault, `compliant-…` with the fault mended, and
//! `open-…` with a premise that nobody knows. What is expected of them stands in their comments:
//!
//! - `// expect RULE: TEXT` above a line: a violation of the rule, its span exactly that text on the next line;
//! - `// also RULE: REASON`: a further finding that the same template brings about;
//! - `// open RULE`: the rule cannot be decided.
//!
//! A fixture that takes several texts is a folder of files; in those that are no JSON comments begin with `#`, and
//! `acrlint.json` is the configuration.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

mod fixture;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use acrlint::check::finding::{Finding, Outcome};
use acrlint::cli::Stages;
use acrlint::cli::analyze::Input;
use acrlint::diag::{Level, Problem};
use acrlint::source::Sources;

/// Rules that no template can prove to be broken: what they ask for is no resource.
const NEVER_PROVEN: [&str; 2] = ["pe-provider-not-registered", "se-provider-not-registered"];

/// Rules that are never left open: what is not known is no disagreement, and no second declaration.
const NEVER_OPEN: [&str; 2] = ["drift", "dns-zone-declared-twice"];

/// The beginning of the name of a file that stands beside the fixtures of a rule.
const BESIDE: &str = "with-";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Violation,
    Compliant,
    Open,
}

impl Kind {
    const ALL: [(Self, &'static str); 3] =
        [(Self::Violation, "violation-"), (Self::Compliant, "compliant-"), (Self::Open, "open-")];

    fn of(file: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, prefix)| file.starts_with(prefix)).map(|(kind, _)| *kind)
    }
}

struct Expected {
    rule: String,
    file: String,
    line: u32,
    text: String,
}

struct Fixture {
    /// `<rule>/<file>`.
    name: String,
    rule: String,
    kind: Kind,
    /// The files of which it is made: name and text.
    files: Vec<(String, String)>,
    expected: Vec<Expected>,
    also: BTreeSet<String>,
    open: BTreeSet<String>,
    /// Comments that look like an annotation and are none.
    slips: Vec<String>,
}

impl Fixture {
    fn read(rule: &str, file: &str, kind: Kind, files: Vec<(String, String)>) -> Self {
        let mut fixture = Self {
            name: format!("{rule}/{file}"),
            rule: rule.to_owned(),
            kind,
            files: Vec::new(),
            expected: Vec::new(),
            also: BTreeSet::new(),
            open: BTreeSet::new(),
            slips: Vec::new(),
        };
        for (file, text) in &files {
            fixture.annotations(file, text);
        }
        fixture.files = files;
        fixture
    }

    /// Takes what the comments of one file expect.
    fn annotations(&mut self, file: &str, text: &str) {
        let fixture = self;
        let lines: Vec<&str> = text.lines().map(str::trim_start).collect();
        for (index, line) in lines.iter().enumerate() {
            let Some(comment) = line.strip_prefix("// ").or_else(|| line.strip_prefix("# ")) else { continue };
            if let Some(annotation) = comment.strip_prefix("expect ") {
                let is_code =
                    |&i: &usize| lines.get(i).is_some_and(|line| !line.starts_with("//") && !line.starts_with("# "));
                let below = (index..lines.len()).find(is_code).unwrap_or(index);
                match annotation.split_once(": ") {
                    Some((rule, text)) if lines.get(below).is_some_and(|line| line.contains(text)) => {
                        let line = u32::try_from(below + 1).unwrap_or(u32::MAX);
                        let (rule, file, text) = (rule.to_owned(), file.to_owned(), text.to_owned());
                        fixture.expected.push(Expected { rule, file, line, text });
                    }
                    Some(_) | None => fixture.slips.push((*line).to_owned()),
                }
            } else if let Some(annotation) = comment.strip_prefix("also ") {
                match annotation.split_once(": ") {
                    Some((rule, _)) => drop(fixture.also.insert(rule.to_owned())),
                    None => fixture.slips.push((*line).to_owned()),
                }
            } else if let Some(rule) = comment.strip_prefix("open ") {
                fixture.open.insert(rule.to_owned());
            }
        }
    }

    fn disagreements(&self) -> Vec<String> {
        let (sources, findings, problems) = analyze(&self.files);
        let mut wrong: Vec<String> = problems
            .iter()
            .filter(|problem| problem.level >= Level::Warning)
            .map(|problem| format!("problem {}: {}", problem.code, problem.message))
            .collect();
        let violated =
            |rule: &str| findings.iter().filter(|f| f.outcome == Outcome::Violation && f.rule == rule).count();
        let is_open = |rule: &str| findings.iter().any(|f| f.outcome == Outcome::Open && f.rule == rule);
        match self.kind {
            Kind::Violation => {
                for expected in &self.expected {
                    wrong.extend(expected.disagreement(&sources, &findings));
                }
            }
            Kind::Compliant if is_open(&self.rule) => wrong.push(format!("{} is open", self.rule)),
            Kind::Open if !is_open(&self.rule) => wrong.push(format!("{} is not open", self.rule)),
            Kind::Compliant | Kind::Open => {}
        }
        if self.kind != Kind::Violation && violated(&self.rule) > 0 {
            wrong.push(format!("{} is violated", self.rule));
        }
        for rule in &self.also {
            if violated(rule) == 0 {
                wrong.push(format!("{rule} is not violated"));
            }
        }
        if self.kind != Kind::Open {
            let extra = |finding: &&Finding| {
                finding.outcome == Outcome::Violation
                    && finding.level >= Level::Warning
                    && finding.rule != self.rule
                    && !self.also.contains(&finding.rule)
            };
            wrong.extend(findings.iter().filter(extra).map(|f| format!("not expected: {}: {}", f.rule, f.message)));
        }
        wrong
    }
}

impl Expected {
    fn disagreement(&self, sources: &Sources, findings: &[Finding]) -> Option<String> {
        let found: Vec<&Finding> =
            findings.iter().filter(|f| f.outcome == Outcome::Violation && f.rule == self.rule).collect();
        let [finding] = found.as_slice() else {
            return Some(format!("{} is violated {} times", self.rule, found.len()));
        };
        let text = sources.slice(finding.location);
        let line = sources.position(finding.location.file, finding.location.start).line;
        let file = sources.get(finding.location.file).path();
        (text != self.text || line != self.line || file != self.file).then(|| {
            format!("{} points at {text} in line {line}, not at {} in line {}", self.rule, self.text, self.line)
        })
    }
}

fn analyze(files: &[(String, String)]) -> (Sources, Vec<Finding>, Vec<Problem>) {
    let mut sources = Sources::new();
    let name = files.first().map(|(name, _)| name.clone()).unwrap_or_default();
    let (mut inputs, options) = fixture::take(&mut sources, files);
    let folder = root().join("testdata/rules").join(&name).parent().map(Path::to_path_buf).unwrap_or_default();
    for beside in if folder.is_dir() { names(&folder) } else { Vec::new() } {
        if beside.starts_with(BESIDE) {
            let text = fs::read_to_string(folder.join(&beside)).unwrap();
            inputs.push(Input { file: sources.add(beside, text), explicit: true, parameters: Vec::new() });
        }
    }
    match (Stages::default().analyze)(&mut sources, &inputs, &options, &mut |_| {}) {
        Ok(analysis) => {
            let mut problems = analysis.problems;
            let mine = |problem: &Problem| {
                problem.span().is_none_or(|span| inputs.iter().any(|input| input.file == span.file))
            };
            problems.retain(mine);
            (sources, analysis.findings, problems)
        }
        Err(failure) => panic!("{name}: {failure}"),
    }
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The names in a folder, sorted.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
    let mut names: Vec<String> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort_unstable();
    names
}

fn fixtures() -> Vec<Fixture> {
    let folder = root().join("testdata/rules");
    let mut fixtures = Vec::new();
    for rule in names(&folder) {
        for file in names(&folder.join(&rule)).into_iter().filter(|file| !file.starts_with(BESIDE)) {
            let kind = Kind::of(&file).unwrap_or_else(|| panic!("{rule}/{file} is of no kind"));
            let path = folder.join(&rule).join(&file);
            let read = |path: &Path, name: String| (name, fs::read_to_string(path).unwrap());
            let files = if path.is_dir() {
                names(&path).iter().map(|name| read(&path.join(name), format!("{rule}/{file}/{name}"))).collect()
            } else {
                vec![read(&path, format!("{rule}/{file}"))]
            };
            fixtures.push(Fixture::read(&rule, &file, kind, files));
        }
    }
    fixtures
}

#[test]
fn every_rule_has_every_kind_of_fixture() {
    let fixtures = fixtures();
    let rules: Vec<String> =
        names(&root().join("rules")).iter().filter_map(|name| Some(name.strip_suffix(".json")?.to_owned())).collect();
    let mut missing = Vec::new();
    for rule in &rules {
        for (kind, prefix) in Kind::ALL {
            let excused = (kind == Kind::Violation && NEVER_PROVEN.contains(&rule.as_str()))
                || (kind == Kind::Open && NEVER_OPEN.contains(&rule.as_str()));
            if !excused && !fixtures.iter().any(|f| f.rule == *rule && f.kind == kind) {
                missing.push(format!("{rule}/{prefix}*.json"));
            }
        }
    }
    let unknown = fixtures.iter().filter(|f| !rules.contains(&f.rule)).map(|f| format!("no rule for {}", f.name));
    missing.extend(unknown);
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}

#[test]
fn every_fixture_says_what_is_expected() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        wrong.extend(fixture.slips.iter().map(|slip| format!("{}: {slip}", fixture.name)));
        let own = fixture.expected.iter().filter(|expected| expected.rule == fixture.rule).count();
        let right = match fixture.kind {
            Kind::Violation => own == 1 && fixture.open.is_empty(),
            Kind::Compliant => fixture.expected.is_empty() && fixture.open.is_empty(),
            Kind::Open => fixture.expected.is_empty() && fixture.open.contains(&fixture.rule),
        };
        if !right {
            wrong.push(format!("{}: the comments do not fit the kind", fixture.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_fixture_gets_what_it_expects() {
    let mut wrong = Vec::new();
    for fixture in fixtures() {
        wrong.extend(fixture.disagreements().iter().map(|what| format!("{}: {what}", fixture.name)));
    }
    assert!(wrong.is_empty(), "{} disagreements\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn the_example_shows_what_is_wrong_with_the_estate() {
    let name = "testdata/examples/registry-estate.json";
    let text = fs::read_to_string(root().join(name)).unwrap();
    let (sources, findings, problems) = analyze(&[(name.to_owned(), text)]);
    assert_eq!(problems.iter().map(|problem| &problem.message).collect::<Vec<_>>(), Vec::<&String>::new());
    let found: BTreeSet<(String, &str, String)> = findings
        .iter()
        .map(|finding| {
            let outcome = match finding.outcome {
                Outcome::Violation => "violation",
                Outcome::Open => "open",
            };
            (finding.rule.clone(), outcome, sources.slice(finding.location).to_owned())
        })
        .collect();
    let build = "\"/subscriptions/3f6c1d0a-52b7-4c8e-a1f4-7f0d9b2e6c55/resourceGroups/rg-build/providers/\
                 Microsoft.Network/virtualNetworks/vnet-build/subnets/snet-agents\"";
    let expected: BTreeSet<(String, &str, String)> = [
        ("acr-pe-and-vnetrules-coexist", "violation", "\"virtualNetworkRules\""),
        ("acr-service-endpoint-public-disabled", "violation", "\"Disabled\""),
        ("defender-bypass-off", "violation", "\"None\""),
        ("defender-se-registry", "violation", build),
        ("dns-record-missing-replica", "violation", "\"northeurope\""),
        ("dns-zone-group-missing", "violation", "\"Microsoft.Network/privateEndpoints\""),
        ("pe-unreachable-from-client", "violation", "\"vnet-aks\""),
        ("se-missing-endpoint", "open", build),
        ("se-provider-not-registered", "open", build),
    ]
    .map(|(rule, outcome, text)| (rule.to_owned(), outcome, text.to_owned()))
    .into();
    assert_eq!(found, expected);
}
