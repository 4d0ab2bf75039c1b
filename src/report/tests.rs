//! The same hand-made findings in every format, over the texts in `testdata/reports`.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use super::*;
use crate::check::finding::{Certainty, Evidence, ResourceRef};
use crate::diag::{Level, Role};
use crate::source::{FileId, Span};

const SECRET: &str = "canary-1-hunter2";

/// Texts, findings and problems of one report.
#[derive(Default)]
struct Case {
    sources: Sources,
    files: BTreeMap<String, FileId>,
    findings: Vec<Finding>,
    suppressed: Vec<Suppressed>,
    problems: Vec<Problem>,
    redact: Redactions,
    notes: Vec<String>,
}

impl Case {
    /// A text of `testdata/reports`, read once.
    fn file(&mut self, name: &str) -> FileId {
        if let Some(&id) = self.files.get(name) {
            return id;
        }
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/reports").join(name);
        let id = self.sources.add(name, std::fs::read_to_string(path).unwrap());
        self.files.insert(name.to_owned(), id);
        id
    }

    /// The first place where a text stands after another.
    fn span(&mut self, name: &str, after: &str, text: &str) -> Span {
        let file = self.file(name);
        let whole = self.sources.get(file).text();
        let from = whole.find(after).unwrap();
        let start = from + whole[from..].find(text).unwrap();
        Span::new(file, u32::try_from(start).unwrap(), u32::try_from(start + text.len()).unwrap())
    }

    fn report(&self, format: Format) -> String {
        self.report_as(format, Look::default())
    }

    fn report_as(&self, format: Format, look: Look) -> String {
        let named = |(path, _): (&String, &FileId)| FileReport {
            path: path.clone(),
            format: Some("arm-template".to_owned()),
            status: FileStatus::Checked,
        };
        let summary = Summary {
            files: self.files.len(),
            registries: 1,
            skipped: 2,
            suppressed: self.suppressed.len(),
            ..Summary::default()
        };
        let report = Report {
            findings: &self.findings,
            suppressed: &self.suppressed,
            problems: &self.problems,
            sources: &self.sources,
            files: self.files.iter().map(named).collect(),
            summary: summary.counting(&self.findings, &self.problems),
            notes: self.notes.clone(),
            redact: &self.redact,
            rules: &[],
        };
        write(&report, format, look)
    }

    /// All formats behind each other, as a snapshot file.
    fn snap(&self, name: &str) {
        let text = [("human", Format::Human), ("concise", Format::Concise), ("json", Format::Json)]
            .map(|(word, format)| format!("──── {word}\n{}", self.report(format)))
            .concat();
        insta::with_settings!({ snapshot_path => "../../testdata/reports", prepend_module_to_snapshot => false,
            omit_expression => true }, { insta::assert_snapshot!(name, text) });
    }
}

fn named(name: &str, id: &str) -> Arc<ResourceRef> {
    let ty = "Microsoft.ContainerRegistry/registries".to_owned();
    Arc::new(ResourceRef { address: name.to_owned(), id: id.to_owned(), ty, name: name.to_owned() })
}

fn finding(rule: &str, level: Level, location: Span, message: &str) -> Finding {
    Finding {
        rule: rule.to_owned(),
        outcome: Outcome::Violation,
        certainty: Certainty::Proven,
        level,
        message: message.to_owned(),
        resource: Arc::new(ResourceRef {
            address: "azurerm_container_registry.acr".to_owned(),
            id: "/subscriptions/⟨subscription⟩/…/registries/⟨registryName⟩".to_owned(),
            ty: "Microsoft.ContainerRegistry/registries".to_owned(),
            name: "⟨registryName⟩".to_owned(),
        }),
        location,
        declared: Vec::new(),
        evidence: Vec::new(),
        help: None,
        when: BTreeMap::new(),
        unknown: Vec::new(),
        settle: Vec::new(),
        fingerprint: "6f1c2b8e00d1a9f3".to_owned(),
    }
}

fn because(span: Span, property: &str, value: Option<&str>, message: &str) -> Evidence {
    Evidence {
        span,
        property: property.to_owned(),
        value: value.map(str::to_owned),
        message: message.to_owned(),
        role: Role::Because,
        presumed: false,
    }
}

/// A finding that somebody accepts.
fn accepted(finding: Finding, kind: Suppression, reason: &str, at: Option<Span>) -> Suppressed {
    Suppressed { finding, kind, reason: reason.to_owned(), at }
}

fn template() -> Case {
    let mut case = Case::default();
    let access = case.span("registry.json", "publicNetworkAccess", "\"Disabled\"");
    let ty = case.span("registry.json", "\"type\": \"Microsoft", "\"Microsoft.ContainerRegistry/registries\"");
    let mut first = finding(
        "acr-public-disabled-no-pe",
        Level::Warning,
        access,
        "registry ⟨registryName⟩ denies its public endpoint and has no private endpoint, so no client can reach it",
    );
    first.certainty = Certainty::Presumed;
    first.evidence.push(because(access, "publicNetworkAccess", Some("Disabled"), ""));
    first.evidence.push(Evidence {
        presumed: true,
        ..because(ty, "privateEndpoints", None, "no private endpoint for this registry is declared in this template")
    });
    first.help = Some(
        "add a private endpoint for the registry (groupIds: [\"registry\"]), or allow public access with rules:\n  \"publicNetworkAccess\": \"Enabled\"".to_owned(),
    );
    let default = case.span("registry.json", "\"defaultValue\"", "\"Deny\"");
    let used = case.span("registry.json", "\"networkRuleSet\"", "parameters('defaultAction')");
    let rules = case.span("registry.json", "\"ipRules\"", "[]");
    let mut second = finding(
        "acr-deny-no-rules",
        Level::Error,
        default,
        "the firewall of registry ⟨registryName⟩ denies every address and has no rule",
    );
    second.evidence.push(because(default, "networkRuleSet.defaultAction", Some("Deny"), "the default action is Deny"));
    second.evidence.push(because(rules, "networkRuleSet.ipRules", None, "no address is allowed"));
    second.evidence.push(Evidence { role: Role::Context, ..because(used, "", None, "used here") });
    second.when.insert("enablePrivateEndpoint".to_owned(), "false".to_owned());
    let replica = case.span("registry.json", "\"northeurope\"", "\"northeurope\"");
    let link = case.span("network.json", "\"virtualNetwork\"", "{");
    let link = Span::new(link.file, link.start, link.end + 120);
    let mut third = finding(
        "dns-record-missing-replica",
        Level::Note,
        replica,
        "layers served from northeurope do not resolve in vnet-hub",
    );
    third.evidence.push(because(replica, "location", Some("northeurope"), "this replica has a data endpoint"));
    third.evidence.push(because(
        link,
        "zone.links",
        None,
        "vnet-hub resolves through this zone, so every client in it and in the networks that are peered with it \
         asks these records",
    ));
    let mut open = finding(
        "acr-zone-not-linked",
        Level::Note,
        ty,
        "cannot be decided whether the zone privatelink.azurecr.io is linked to the network of the clients",
    );
    open.outcome = Outcome::Open;
    open.settle = vec!["the output of `az network private-dns link vnet list`".to_owned()];
    let mut other = open.clone();
    other.rule = "acr-allowlist-incomplete".to_owned();
    other.location = used;
    other.message = "cannot be decided whether ⟨clientRange⟩ is allowed".to_owned();
    other.settle.push("a value for parameter `clientRange`".to_owned());
    case.findings = vec![first, second, third, open, other];
    case.notes.push("there is no container registry in network.json".to_owned());
    case
}

#[test]
fn a_template_and_a_second_file() {
    template().snap("template");
}

#[test]
fn nothing_to_say() {
    let mut case = Case::default();
    case.file("network.json");
    case.snap("clean");
}

#[test]
fn a_minified_file_is_readable() {
    let mut case = Case::default();
    let access = case.span("minified.json", "\"public_network_access_enabled\"", "false");
    let action = case.span("minified.json", "\"default_action\"", "\"Deny\"");
    let note = case.span("minified.json", "a rather long", "whom to ask");
    let subnet = case.span("minified.json", "workload[31]", "\"snet-workload-31\"");
    let mut first = finding("acr-public-disabled-no-pe", Level::Error, access, "no client can reach contosoacr");
    first.evidence.push(because(access, "publicNetworkAccess", Some("Disabled"), ""));
    first.evidence.push(because(action, "networkRuleSet.defaultAction", Some("Deny"), "and nothing is allowed"));
    first.evidence.push(because(subnet, "subnets", None, "this subnet has no endpoint"));
    let second = finding("made-up", Level::Note, note, "a place inside a long string");
    let start = case.span("minified.json", "{\"format", "{");
    let third = finding("made-up-root", Level::Note, start, "a place outside of every container");
    case.findings = vec![first, second, third];
    let text = case.report(Format::Human);
    assert!(text.len() < 6_000, "{} bytes", text.len());
    insta::with_settings!({ snapshot_path => "../../testdata/reports", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("minified", text) });
}

#[test]
fn columns_are_characters_and_carets_stand_under_them() {
    let mut case = Case::default();
    let range = case.span("crlf.json", "ipRule", "\"10.0.0.0/8\"");
    let sku = case.span("crlf.json", "\"sku\"", "\"Basic\"");
    let line = case.span("crlf.json", "\"sku\"", "}\r\n");
    let mut first = finding("acr-ip-rule-private", Level::Error, range, "10.0.0.0/8 is private\nand matches no client");
    first.evidence.push(because(range, "ipRules.value", None, "a private range"));
    first.evidence.push(because(sku, "sku.name", None, "a tier without rules"));
    first.evidence.push(because(line, "sku", None, "up to the end of the line"));
    case.findings = vec![first];
    case.snap("crlf");
}

#[test]
fn problems_at_the_end_of_a_file_and_of_no_place() {
    let mut case = Case::default();
    let file = case.file("unclosed.json");
    let end = u32::try_from(case.sources.get(file).text().len()).unwrap();
    let open = case.span("unclosed.json", "{", "{");
    let problem = Problem::error("json-syntax", Span::new(file, end, end), "expected `,` or `}` after this value")
        .with_label(open, "the object begins here")
        .with_help("close the object with `}`")
        .fatal();
    let nowhere = Problem { labels: Vec::new(), ..Problem::warning("no-input", open, "there is nothing to check") };
    case.problems = vec![problem, nowhere];
    case.snap("problems");
}

#[test]
fn raised_open_findings_are_shown_in_full() {
    let mut case = template();
    for finding in &mut case.findings {
        if finding.outcome == Outcome::Open {
            finding.level = Level::Warning;
        }
    }
    let text = case.report(Format::Human);
    assert!(text.contains("warning[acr-zone-not-linked]:"), "{text}");
    assert!(!text.contains("left undecided (2)\n"), "{text}");
    assert!(text.contains("undecided: needs the output of"), "{text}");
}

#[test]
fn no_writer_prints_a_secret() {
    let mut case = Case::default();
    let secret = case.span("secret.json", "password", "\"canary-1-hunter2\"");
    let copy = case.span("secret.json", "copy", "\"user:canary-1-hunter2@contoso.azurecr.io\"");
    case.redact.hide(&case.sources, secret);
    let mut first = finding(SECRET, Level::Error, secret, &format!("the password {SECRET} is plain"));
    first.rule = "made-up".to_owned();
    first.help = Some(format!("do not write {SECRET}"));
    first.evidence.push(because(copy, SECRET, Some(SECRET), &format!("here {SECRET}")));
    first.resource = named(SECRET, SECRET);
    first.when.insert(SECRET.to_owned(), SECRET.to_owned());
    first.settle.push(SECRET.to_owned());
    let mut open = first.clone();
    open.outcome = Outcome::Open;
    open.level = Level::Note;
    case.problems =
        vec![Problem::error("bad", copy, format!("bad {SECRET}")).with_help(SECRET).with_label(secret, SECRET)];
    case.suppressed.push(accepted(first.clone(), Suppression::Source, SECRET, Some(copy)));
    case.findings = vec![first, open];
    case.notes.push(SECRET.to_owned());
    for (_, format) in Format::ALL {
        for width in [20, 40, 100] {
            let text = case.report_as(format, Look { color: true, width, ..Look::default() });
            assert!(!text.contains("canary") && !text.contains("hunter2"), "{text}");
        }
    }
    let text = case.report(Format::Human);
    assert!(text.contains("\"value\": \"****************\""), "{text}");
    assert!(text.contains("\"user:****************@contoso.azurecr.io\""), "{text}");
}

#[test]
fn the_output_follows_its_schema() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/report.schema.json");
    let schema: serde_json::Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let mut schema_strict = schema.clone();
    forbid_more(&mut schema_strict);
    let validator = jsonschema::draft202012::new(&schema_strict).unwrap();
    let mut problems = template();
    let place = problems.span("registry.json", "{", "{");
    problems.problems.push(Problem::note("made-up", place, "m").with_label(place, "l").with_help("h"));
    let mut silenced = template();
    let one = silenced.findings[0].clone();
    silenced.suppressed.push(accepted(one.clone(), Suppression::Configuration, "known", Some(place)));
    silenced.suppressed.push(accepted(one, Suppression::Before, "", None));
    for case in [template(), problems, silenced, Case::default()] {
        let output: serde_json::Value = serde_json::from_str(&case.report(Format::Json)).unwrap();
        let errors: Vec<String> = validator.iter_errors(&output).map(|e| e.to_string()).collect();
        assert!(errors.is_empty(), "{errors:#?}");
        let mut broken = output;
        broken["version"] = "0".into();
        assert!(!validator.is_valid(&broken), "the schema accepts any version");
    }
}

/// Makes every object of the schema closed, so that a field that the schema does not know fails the test.
fn forbid_more(schema: &mut serde_json::Value) {
    match schema {
        serde_json::Value::Object(map) => {
            map.values_mut().for_each(forbid_more);
            if map.get("properties").is_some_and(serde_json::Value::is_object)
                && map.get("type") == Some(&"object".into())
            {
                map.insert("additionalProperties".to_owned(), false.into());
            }
        }
        serde_json::Value::Array(items) => items.iter_mut().for_each(forbid_more),
        _ => {}
    }
}

#[test]
fn the_order_of_findings_does_not_matter() {
    let case = template();
    let mut turned = template();
    turned.findings.reverse();
    for format in [Format::Human, Format::Json, Format::Concise] {
        assert_eq!(case.report(format), turned.report(format));
    }
}

#[test]
fn every_place_of_every_text_can_be_drawn() {
    for name in ["registry.json", "crlf.json", "unclosed.json", "minified.json", "secret.json"] {
        let mut case = Case::default();
        let file = case.file(name);
        let end = u32::try_from(case.sources.get(file).text().len()).unwrap();
        let step = (end / 60).max(1) as usize;
        for start in (0..=end + 2).step_by(step) {
            for length in [0, 1, 9, 700] {
                let span = Span::new(file, start, start + length);
                let mut one = finding("made-up", Level::Error, span, "m");
                one.evidence.push(because(Span::new(file, start / 2, start / 2 + length), "p", None, "label"));
                case.findings = vec![one];
                let text = case.report(Format::Human);
                let drawn = text.lines().filter(|line| line.trim_start().starts_with('╭')).count();
                assert!(drawn >= 1 && text.contains("label"), "{name} {start}+{length}\n{text}");
                assert!(!text.contains("Failed to read"), "{text}");
            }
        }
    }
}

#[test]
fn a_secret_that_an_excerpt_cuts_is_masked_to_the_cut() {
    let secret: String = ('a'..='z').chain('A'..='Z').collect();
    let text = format!(r#"{{"a":"{}{secret}{}","b":1}}"#, "-".repeat(120), "+".repeat(160));
    let mut case = Case::default();
    let file = case.sources.add("one-line.json", text.clone());
    case.redact.hide_text(&secret);
    for start in 0..u32::try_from(text.len()).unwrap() {
        case.findings = vec![finding("made-up", Level::Error, Span::new(file, start, start + 1), "m")];
        let drawn = case.report(Format::Human);
        let leaked = secret.as_bytes().windows(4).map(|w| std::str::from_utf8(w).unwrap()).find(|w| drawn.contains(w));
        assert_eq!(leaked, None, "{drawn}");
    }
}

#[test]
fn a_place_in_no_file_and_a_narrow_terminal_are_no_trouble() {
    let mut case = template();
    let nowhere = Span::new(FileId(99), 7, 12);
    case.findings.push(finding("made-up", Level::Error, nowhere, "m"));
    case.problems.push(Problem::error("made-up", nowhere, "m").with_label(Span::new(FileId(0), 9_999_999, 0), "l"));
    for format in [Format::Human, Format::Json, Format::Concise] {
        let text = case.report_as(format, Look { width: 0, quiet: true, ..Look::default() });
        assert!(text.contains("made-up"), "{text}");
    }
}

#[test]
fn every_format_has_a_golden_file() {
    let mut case = template();
    let place = case.span("registry.json", "{", "{");
    let problem = Problem::warning("made-up", place, "a problem").with_help("do this");
    case.problems.push(problem);
    let comment = case.span("registry.json", "\"ipRules\"", "[]");
    for (kind, reason, at) in [
        (Suppression::Source, "the office moves in May", Some(comment)),
        (Suppression::Configuration, "agreed with the network team", Some(place)),
        (Suppression::Baseline, "it is in known.json", None),
        (Suppression::Before, "it is in ../main as well", None),
    ] {
        let location = case.findings[2].location;
        let finding = finding("made-up", Level::Error, location, "something that is known");
        case.suppressed.push(accepted(finding, kind, reason, at));
    }
    let rest = Format::ALL.into_iter().filter(|(word, _)| !["human", "concise", "json"].contains(word));
    let text = rest.map(|(word, format)| format!("──── {word}\n{}", case.report(format))).collect::<Vec<_>>().concat();
    insta::with_settings!({ snapshot_path => "../../testdata/reports", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!("formats", text) });
}

/// Names that mean something to a terminal, a log, a page, or a parser.
const HOSTILE: [&str; 9] = [
    "\u{1b}[31mred\u{1b}[0m",
    "a\u{202e}b\u{2066}c",
    "::error::owned",
    "\n::stop-commands::x\n##vso[task.complete result=Succeeded;]\n##[error]x",
    "<script>alert(1)</script> & \"quoted\" 'too' ]]>",
    "100%0A%25::warning file=x::y",
    "| a | b |\n|---|---|\n`code` **bold** [link](https://evil.example) @everyone #1 <img src=x>",
    "\u{0}\u{7}\u{8}\u{7f}\u{85}\u{fffe}\r\n\ttab",
    "{\"json\": true}",
];

/// A report in which everything that a user can name is hostile.
fn hostile() -> Case {
    let mut case = Case::default();
    for (number, name) in HOSTILE.into_iter().enumerate() {
        let path = format!("dir/{name}.json");
        let file = case.sources.add(path.clone(), "{\n  \"name\": 1\n}\n");
        case.files.insert(path, file);
        let at = Span::new(file, 4, 10);
        let mut bad =
            finding("made-up", [Level::Error, Level::Warning, Level::Note][number % 3], at, &format!("wrong: {name}"));
        bad.resource = named(name, &format!("/subscriptions/{name}"));
        bad.help = Some(format!("repair {name}"));
        bad.when.insert(name.to_owned(), name.to_owned());
        bad.evidence.push(because(at, name, Some(name), &format!("since {name}")));
        let mut open = bad.clone();
        open.outcome = Outcome::Open;
        open.settle.push(name.to_owned());
        case.suppressed.push(accepted(bad.clone(), Suppression::Source, name, Some(at)));
        case.findings.extend([bad, open]);
        case.problems.push(Problem::error("made-up", at, format!("bad {name}")).with_help(name).with_label(at, name));
        case.notes.push(name.to_owned());
    }
    case
}

#[test]
fn hostile_names_are_harmless_in_every_format() {
    let case = hostile();
    for (word, format) in Format::ALL {
        let text = case.report(format);
        let steers = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let found: Vec<char> = text.chars().filter(|c| steers(*c)).collect();
        assert!(found.is_empty(), "{word}: {found:?}");
        match word {
            "json" | "sarif" | "gitlab" => _ = serde_json::from_str::<serde_json::Value>(&text).unwrap(),
            "ndjson" => text.lines().for_each(|line| _ = serde_json::from_str::<serde_json::Value>(line).unwrap()),
            "junit" | "checkstyle" => {
                let document = roxmltree::Document::parse(&text).unwrap();
                let said: Vec<&str> = document.descendants().filter_map(|node| node.attribute("message")).collect();
                assert!(said.iter().any(|message| message.contains("<script>alert(1)</script>")), "{said:#?}");
            }
            "github" => {
                for line in text.lines().filter(|line| line.trim_start().starts_with("::")) {
                    let (properties, _) = line[2..].split_once("::").unwrap();
                    assert!(
                        ["error ", "warning ", "notice "].iter().any(|word| properties.starts_with(word)),
                        "{line}"
                    );
                }
            }
            "azure-pipelines" => {
                for line in text.lines() {
                    let commands = line.matches("##vso[").count() + line.matches("##[").count();
                    let own = line.starts_with("##vso[task.logissue type=");
                    assert_eq!(commands, usize::from(own), "{line}");
                }
            }
            "markdown" => {
                // Between back quotes nothing is markup, and there is no back quote in a name.
                let outside: String = text.split('`').step_by(2).collect::<String>().replace("\\]", "");
                for markup in ["<script", "<img", "](https:", "@everyone", "|---|---|\n`"] {
                    assert!(!outside.contains(markup), "{markup}: {outside}");
                }
                let rows = text.lines().filter(|line| line.starts_with("| ")).map(|line| line.replace("\\|", ""));
                rows.for_each(|row| assert!(row.matches('|').count() == 5, "{row}"));
            }
            "concise" => assert_eq!(text.lines().count(), case.findings.len() + case.problems.len() + 1),
            _ => {}
        }
    }
}

#[test]
fn github_shows_ten_of_a_level_and_says_how_many_more() {
    let mut case = template();
    let first = case.findings[0].clone();
    case.findings = (0..25).map(|n| Finding { message: format!("number {n}"), ..first.clone() }).collect();
    let text = case.report(Format::Github);
    assert_eq!(text.lines().filter(|line| line.starts_with("::warning ")).count(), 10, "{text}");
    assert!(text.contains("::warning title=acrlint::16 more of this level"), "{text}");
    assert_eq!(text.lines().filter(|line| line.starts_with(' ')).count(), 16);
}

#[test]
fn columns_of_sarif_count_utf_16() {
    let mut case = Case::default();
    let file = case.sources.add("a.json", "\u{feff}{\"😀é\": 1}");
    case.files.insert("a.json".to_owned(), file);
    let start = u32::try_from("\u{feff}{\"😀é\": ".len()).unwrap();
    case.findings.push(finding("made-up", Level::Error, Span::new(file, start, start + 1), "m"));
    let document: serde_json::Value = serde_json::from_str(&case.report(Format::Sarif)).unwrap();
    let region = &document["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!((&region["startColumn"], &region["endColumn"]), (&9.into(), &10.into()), "{region}");
}
