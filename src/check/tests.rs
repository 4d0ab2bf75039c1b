//! Findings over a small text, as a report would get them.

use std::fmt::Write as _;

use super::land::{Land, REGISTRIES};
use super::*;
use crate::catalog::{Completeness, Datum, Fact, KindId, Member, Place, Related, Scalar};
use crate::rules::{RuleSet, load};
use crate::source::{FileId, Sources, Span};
use crate::value::{Hole, Pattern, Reason, StepKind, Symbol, Unknown};

const TEXT: &str = r#"{
  "parameters": { "access": { "type": "string" }, "net": { "defaultValue": "10.0.0.0/8" } },
  "registry": {
    "name": "acr0",
    "properties": {
      "publicNetworkAccess": "Disabled",
      "ipRules": [ "[parameters('net')]", "203.0.113.0/24" ],
      "adminPassword": "hunter2hunter2"
    }
  },
  "endpoint": { "name": "pe0", "target": "acr0" }
}
"#;

const REGISTRY: Subject = Subject { kind: KindId(0), node: 0, element: 0 };
const ENDPOINT: Subject = Subject { kind: KindId(1), node: 0, element: 0 };

fn rule_of(element: u32) -> Subject {
    Subject { kind: KindId(2), node: 0, element }
}

fn at(needle: &str) -> Origin {
    let start = TEXT.find(needle).expect("a place");
    let offset = |at: usize| u32::try_from(at).expect("a small text");
    Origin::at(Span::new(FileId(0), offset(start), offset(start + needle.len())))
}

fn fact(datum: Datum, origin: Origin) -> Fact {
    Fact { datum, defaulted: false, places: vec![Place { origin, text: None }] }
}

fn text(text: &str) -> Datum {
    Datum::Known(Scalar::Text(Pattern::literal(text)))
}

fn net(text: &str) -> Datum {
    Datum::Known(Scalar::Net(text.parse().expect("a range")))
}

fn said(origin: Origin, text: &str) -> Place {
    Place { origin, text: Some(text.into()) }
}

fn member(subject: Subject, related: Truth, needle: &str) -> Member {
    Member { subject, related, places: vec![said(at(needle), "named here")] }
}

/// A registry that refuses public access, has no private endpoint, and allows two ranges.
fn land() -> Land {
    let mut land = Land { registries: vec![REGISTRY], ..Land::default() };
    land.facts.insert(("name", REGISTRY), fact(text("acr0"), at("\"acr0\"")));
    land.facts.insert(("publicNetworkAccess", REGISTRY), fact(text("Disabled"), at("\"Disabled\"")));
    let default = fact(text("Allow"), at("\"properties\""));
    land.facts.insert(("networkRuleSet.defaultAction", REGISTRY), Fact { defaulted: true, ..default });
    let place = said(at("\"registry\""), "no private endpoint is declared in this template");
    let none = Related { members: Vec::new(), complete: Completeness::Presumed(place) };
    land.relations.insert(("privateEndpoints", REGISTRY), none);
    let parameter = at("\"10.0.0.0/8\"");
    let parameter = land.trails.through(parameter, StepKind::DefaultValue("net".into()), at("\"net\"").at);
    let parameter = land.trails.through(parameter, StepKind::Parameter("net".into()), at("\"[parameters('net')]\"").at);
    land.facts.insert(("value", rule_of(1)), fact(net("10.0.0.0/8"), parameter));
    land.facts.insert(("value", rule_of(2)), fact(net("203.0.113.0/24"), at("\"203.0.113.0/24\"")));
    let rules = Related {
        members: vec![member(rule_of(1), Truth::True, "\"ipRules\""), member(rule_of(2), Truth::True, "\"ipRules\"")],
        complete: Completeness::Complete(said(at("\"ipRules\""), "these are all")),
    };
    land.relations.insert(("networkRuleSet.ipRules", REGISTRY), rules);
    let secret = Unknown::new(Reason::Secret, Symbol::new("hunter2hunter2", ""));
    land.facts.insert(("adminPassword", REGISTRY), fact(Datum::Unknown(secret.into()), at("\"hunter2hunter2\"")));
    land
}

fn rule(body: &str) -> RuleSet<Land> {
    let mut sources = Sources::new();
    let text = format!(
        r#"{{ "id": "rule", "level": "error", "status": "stable", "title": "Registry shuts everybody out", "why": "w",
            "fix": ["Open it.", {{ "for": "az", "text": "az acr update" }}], {body} }}"#
    );
    let file = sources.add("rule.json", text);
    let (rules, problems) = load(&REGISTRIES, &sources, &[file]);
    assert!(problems.is_empty(), "{problems:#?}");
    rules
}

const SHUT: &str = r#""subject": "registry",
    "when": { "property": "publicNetworkAccess", "equals": "disabled" },
    "require": { "some": "privateEndpoints" },
    "at": ["publicNetworkAccess"],
    "message": "registry {name}: {publicNetworkAccess}, {networkRuleSet.defaultAction}", "help": "see {registry.name}""#;

const ELEMENTS: &str = r#""subject": "registry.networkRuleSet.ipRules", "as": "rule",
    "require": { "not": { "property": "value", "within": "10.0.0.0/8" } },
    "message": "{rule.value} of {registry.name} is private""#;

fn show(findings: &[Finding]) -> String {
    let mut sources = Sources::new();
    sources.add("main.json", TEXT);
    let mut text = String::new();
    for finding in findings {
        let line = |span: Span| {
            let at = sources.position(span.file, span.start);
            format!("{}:{} {}", at.line, at.column, sources.slice(span))
        };
        let _ = writeln!(
            text,
            "{} {:?} {:?} {}\n  {}\n  at {}",
            finding.level.name(),
            finding.outcome,
            finding.certainty,
            finding.resource.address,
            finding.message,
            line(finding.location)
        );
        for item in &finding.evidence {
            let value = item.value.as_deref().unwrap_or("-");
            let presumed = if item.presumed { " (presumed)" } else { "" };
            let (role, message, property) = (item.role, &item.message, &item.property);
            let _ = writeln!(text, "  {role:?}{presumed} {property} = {value}: {message} @ {}", line(item.span));
        }
        for settle in &finding.settle {
            let _ = writeln!(text, "  settle: {settle}");
        }
        let _ = writeln!(text, "  help: {}", finding.help.as_deref().unwrap_or("-"));
    }
    text
}

fn findings(land: &Land, body: &str, options: Options) -> Vec<Finding> {
    check(land, land, rule(body).iter(), options)
}

fn snapshot(name: &str, findings: &[Finding]) {
    insta::with_settings!({ snapshot_path => "../../testdata/findings", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!(name, show(findings));
    });
}

#[test]
fn a_presumption_is_shown_and_makes_an_error_a_warning() {
    snapshot("presumed", &findings(&land(), SHUT, Options::default()));
}

#[test]
fn a_closed_world_proves_it_and_an_open_one_leaves_it_open() {
    let closed = findings(&land(), SHUT, Options { world: World::Closed, ..Options::default() });
    assert_eq!((closed[0].level, closed[0].certainty), (Level::Error, Certainty::Proven));
    let open = |open| findings(&land(), SHUT, Options { world: World::Open, open });
    snapshot("open-world", &open(OpenLevel::At(Level::Warning)));
    assert!(open(OpenLevel::Ignore).is_empty());
}

#[test]
fn every_element_has_a_finding_of_its_own_at_the_place_to_edit() {
    snapshot("elements", &findings(&land(), ELEMENTS, Options::default()));
}

#[test]
fn elements_that_nobody_listed_leave_the_rule_open() {
    let mut land = land();
    let place = said(at("\"ipRules\""), "there may be more");
    let complete = Completeness::Incomplete { place, settle: "a value for parameter `rules`".into() };
    land.relations.insert(("networkRuleSet.ipRules", REGISTRY), Related { members: Vec::new(), complete });
    snapshot("unlisted-elements", &findings(&land, ELEMENTS, Options::default()));
}

#[test]
fn what_the_owner_says_settles_elements_that_nobody_listed() {
    let mut land = land();
    let complete = Completeness::Incomplete { place: said(at("\"ipRules\""), "more"), settle: "x".into() };
    land.relations.insert(("networkRuleSet.ipRules", REGISTRY), Related { members: Vec::new(), complete });
    let body = |access: &str| {
        format!(r#""when": {{ "property": "registry.publicNetworkAccess", "equals": "{access}" }}, {ELEMENTS}"#)
    };
    assert!(findings(&land, &body("Enabled"), Options::default()).is_empty());
    assert_eq!(findings(&land, &body("Disabled"), Options::default())[0].outcome, Outcome::Open);
}

#[test]
fn a_finding_points_at_what_the_rule_says() {
    let place = |body: &str, at: &str| {
        let found = findings(&land(), &format!(r#"{body}, "at": [{at}]"#), Options::default());
        let mut sources = Sources::new();
        sources.add("main.json", TEXT);
        sources.slice(found[0].location).to_owned()
    };
    let shut = SHUT.replace(r#""at": ["publicNetworkAccess"],"#, "");
    assert_eq!(place(&shut, r#""name""#), "\"acr0\"");
    assert_eq!(place(&shut, r#""registry""#), "\"acr0\"", "a resource is where its name is written");
    let none = place(&shut, r#""privateEndpoints", "name""#);
    assert_eq!(none, "\"registry\"", "where an endpoint would be declared");
    assert_eq!(place(&shut, r#""privateEndpoints""#), "\"registry\"");
    assert_eq!(place(&shut, ""), "\"Disabled\"", "the first premise that is a property of the registry itself");
    let first = place(&shut, r#""networkRuleSet.ipRules.value", "name""#);
    assert_eq!(first, "\"10.0.0.0/8\"", "the value of the first one");
    assert_eq!(place(&shut, r#""privateEndpoints.name", "name""#), "\"acr0\"", "there is no first one");
    assert_eq!(place(ELEMENTS, r#""rule.value""#), "\"10.0.0.0/8\"");
    assert_eq!(place(ELEMENTS, r#""rule""#), "\"ipRules\"");
    assert_eq!(place(ELEMENTS, r#""registry.networkRuleSet.ipRules""#), "\"ipRules\"");
}

#[test]
fn an_open_finding_says_what_is_not_known_and_what_would_settle_it() {
    let mut land = land();
    let unknown = Unknown::new(Reason::ParameterWithoutValue, Symbol::new("parameters('access')", ""));
    let origin =
        land.trails.through(at("\"access\""), StepKind::Parameter("access".into()), at("\"publicNetworkAccess\"").at);
    land.facts.insert(("publicNetworkAccess", REGISTRY), fact(Datum::Unknown(unknown.into()), origin));
    snapshot("open", &findings(&land, SHUT, Options::default()));
}

#[test]
fn a_possible_endpoint_and_an_unknown_condition_leave_it_open() {
    let mut land = land();
    let complete = Completeness::Complete(said(at("\"registry\""), "all endpoints are listed"));
    let members = vec![member(ENDPOINT, Truth::Unknown, "\"target\"")];
    land.relations.insert(("privateEndpoints", REGISTRY), Related { members, complete });
    land.existence.insert(REGISTRY, Truth::Unknown);
    snapshot("possible", &findings(&land, SHUT, Options::default()));
}

#[test]
fn scopes_are_not_shown_and_what_is_not_in_the_input_has_no_name() {
    let mut land = land();
    let scoped = "uniqueString(⟨parameters('access')@/home/me/main.json⟩, ⟨f(⟨x@a⟩)@b⟩)";
    let call = Unknown::new(Reason::ParameterWithoutValue, Symbol::new(scoped, "/home/me/main.json"));
    land.facts.insert(("publicNetworkAccess", REGISTRY), fact(Datum::Unknown(call.into()), at("\"access\"")));
    let finding = findings(&land, SHUT, Options::default()).remove(0);
    assert!(finding.message.ends_with("(a parameter without a value: uniqueString(…))"), "{}", finding.message);
    assert_eq!(finding.settle, ["a value for parameter `access`"]);
    let short = Unknown::new(Reason::ParameterWithoutValue, Symbol::new("f(⟨g(⟨x@a⟩)@b⟩)", ""));
    land.facts.insert(("publicNetworkAccess", REGISTRY), fact(Datum::Unknown(short.into()), at("\"access\"")));
    let finding = findings(&land, SHUT, Options::default()).remove(0);
    assert!(finding.message.ends_with(": f(⟨g(⟨x⟩)⟩))"), "{}", finding.message);
    let other = Unknown::new(Reason::NotInInput, Symbol::new("properties of /some/id.publicNetworkAccess", ""));
    land.facts.insert(("publicNetworkAccess", REGISTRY), fact(Datum::Unknown(other.into()), at("\"access\"")));
    let finding = findings(&land, SHUT, Options::default()).remove(0);
    assert!(
        finding.message.ends_with("not known: `publicNetworkAccess` (not part of the input)"),
        "{}",
        finding.message
    );
    assert_eq!(finding.settle, ["the file or the export that describes acr0"]);
    assert_eq!(finding.evidence[0].value, None);
    assert_eq!(finding.evidence[0].message, "`publicNetworkAccess` is not part of the input");
}

#[test]
fn a_secret_is_never_shown() {
    let body = r#""subject": "registry",
        "require": { "property": "name", "equals": { "property": "adminPassword" } },
        "message": "the password is {adminPassword}", "help": "{adminPassword}""#;
    let mut known = land();
    let mut holed = Pattern::literal("acr0-");
    holed.push_hole(&Unknown::new(Reason::Secret, Symbol::new("hunter2hunter2", "")).with_hole(Hole::Any).into());
    let datum = Datum::Known(Scalar::Text(holed));
    known.facts.insert(("adminPassword", REGISTRY), fact(datum, at("\"adminPassword\"")));
    for land in [land(), known] {
        let findings = findings(&land, body, Options::default());
        assert_eq!(findings.len(), 1);
        let all = format!("{findings:?}");
        assert!(!all.contains("hunter2"), "{all}");
    }
}

#[test]
fn a_fingerprint_tells_elements_apart_and_stays_when_lines_move() {
    let mut all = land();
    all.facts.insert(("value", rule_of(2)), fact(net("10.1.0.0/16"), at("\"203.0.113.0/24\"")));
    let prints = |land: &Land| -> Vec<String> {
        findings(land, ELEMENTS, Options::default()).into_iter().map(|f| f.fingerprint).collect()
    };
    let before = prints(&all);
    assert_eq!(before.len(), 2);
    assert_ne!(before[0], before[1]);
    for fact in all.facts.values_mut() {
        for place in &mut fact.places {
            place.origin.at.start += 3;
        }
    }
    assert_eq!(prints(&all), before);
}

#[test]
fn findings_are_in_one_order() {
    let mut land = land();
    land.facts.insert(("value", rule_of(2)), fact(net("10.1.0.0/16"), at("\"203.0.113.0/24\"")));
    let mut rules: Vec<_> = rule(SHUT).into_iter().chain(rule(ELEMENTS)).collect();
    let order = |rules: &[Rule<Land>]| check(&land, &land, rules, Options::default());
    let once = order(&rules);
    rules.reverse();
    assert_eq!(order(&rules), once);
    assert!(once.is_sorted_by_key(|finding| finding.location));
}
