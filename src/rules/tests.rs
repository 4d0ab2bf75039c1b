//! Rule files of `testdata/rulefiles` against a small made-up vocabulary.

use std::fmt::Write as _;
use std::path::Path;

use super::*;
use crate::catalog::{CATALOG, Datum, Fact, Kind, Property, Relation, Ty};

fn property(name: &'static str, ty: Ty) -> Property<()> {
    let get = |(): &_, _| Fact { datum: Datum::Absent, defaulted: false, places: Vec::new() };
    Property { name, ty, doc: "", get }
}

fn relation(name: &'static str, target: &'static str, one: bool) -> Relation<()> {
    let each = |(): &_, _| unreachable!("nothing is judged here");
    Relation { name, target, one, doc: "", each }
}

fn kind(name: &'static str, properties: Vec<Property<()>>, relations: Vec<Relation<()>>) -> Kind<()> {
    Kind { name, doc: "", all: |()| Vec::new(), properties: properties.leak(), relations: relations.leak() }
}

fn catalog() -> Catalog<()> {
    let registry = kind(
        "registry",
        vec![
            property("name", Ty::Text),
            property("location", Ty::Text),
            property("sku.name", Ty::Text),
            property("publicNetworkAccess", Ty::Text),
            property("networkRuleSet.defaultAction", Ty::Text),
            property("adminUserEnabled", Ty::Bool),
            property("replicaCount", Ty::Int),
        ],
        vec![
            relation("networkRuleSet.ipRules", "ipRule", false),
            relation("privateEndpoints", "privateEndpoint", false),
        ],
    );
    let endpoint = kind(
        "privateEndpoint",
        vec![property("name", Ty::Text), property("id", Ty::Id)],
        vec![relation("subnet", "subnet", true), relation("zoneGroups", "zoneGroup", false)],
    );
    let kinds = vec![
        registry,
        kind("ipRule", vec![property("value", Ty::Net), property("action", Ty::Text)], vec![]),
        endpoint,
        kind("subnet", vec![property("name", Ty::Text), property("addressPrefix", Ty::Net)], vec![]),
        kind("zoneGroup", vec![property("name", Ty::Text)], vec![]),
    ];
    Catalog { kinds: kinds.leak() }
}

/// `path:line:column: level[code] message`, what the place says, and the help.
fn show(problems: &Problems, sources: &Sources) -> String {
    let mut text = String::new();
    for problem in problems {
        let span = problem.span().expect("a place");
        let at = sources.position(span.file, span.start);
        let path = sources.get(span.file).path();
        let _ = writeln!(
            text,
            "{path}:{}:{}: {}[{}] {}",
            at.line,
            at.column,
            problem.level.name(),
            problem.code,
            problem.message
        );
        let place = sources.slice(span).split('\n').next().unwrap_or_default();
        let _ = writeln!(text, "    at: {place}");
        for label in problem.labels.iter().skip(1) {
            let at = sources.position(label.span.file, label.span.start);
            let _ = writeln!(text, "    also {}:{}: {}", at.line, at.column, label.text);
        }
        if let Some(help) = &problem.help {
            let _ = writeln!(text, "    help: {help}");
        }
    }
    text
}

fn files(folder: &str) -> (Sources, Vec<FileId>) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/rulefiles").join(folder);
    let mut paths: Vec<_> = std::fs::read_dir(&root)
        .expect("the folder is there")
        .map(|entry| entry.expect("an entry").path())
        .filter(|path| path.extension().is_some_and(|ending| ending == "json"))
        .collect();
    paths.sort();
    let mut sources = Sources::new();
    let ids = paths
        .iter()
        .map(|path| {
            let name = path.file_name().expect("a name").to_string_lossy().into_owned();
            sources.add(name, std::fs::read_to_string(path).expect("a text"))
        })
        .collect();
    (sources, ids)
}

#[test]
fn every_slip_is_shown_at_its_place() {
    let (sources, files) = files("bad");
    assert!(files.len() >= 10);
    let catalog = catalog();
    let mut text = String::new();
    for file in files {
        let (rules, problems) = load(&catalog, &sources, &[file]);
        assert_eq!(rules.iter().len(), 0, "{} must not load", sources.get(file).path());
        assert!(problems.iter().any(|problem| problem.fatal), "{} has no problem", sources.get(file).path());
        let _ = writeln!(text, "{}", show(&problems, &sources));
    }
    insta::with_settings!({ snapshot_path => "../../testdata/rulefiles", prepend_module_to_snapshot => false, omit_expression => true }, {
        insta::assert_snapshot!("bad", text);
    });
}

#[test]
fn every_form_of_the_language_loads_and_fits_the_schema() {
    let (sources, files) = files("good");
    assert!(files.len() >= 2);
    let (rules, problems) = load_checked(&catalog(), &sources, &files);
    assert_eq!(show(&problems, &sources), "");
    assert_eq!(rules.iter().len(), files.len());
}

#[test]
fn two_rules_of_one_name_are_refused() {
    let (mut sources, files) = files("good");
    let text = sources.get(files[0]).text().to_owned();
    let path = format!("elsewhere/{}", sources.get(files[0]).path());
    let again = sources.add(path, text);
    let (rules, problems) = load(&catalog(), &sources, &[files[0], again]);
    assert_eq!((rules.iter().len(), problems.len()), (1, 1));
    assert_eq!(problems[0].code, "rule-duplicate");
}

#[test]
fn selections_name_rules_sets_and_beginnings() {
    let (sources, files) = files("good");
    let (rules, _) = load(&catalog(), &sources, &files);
    let ids = |select: &[&str], ignore: &[&str]| {
        let own = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
        let selection = Selection { select: own(select), ignore: own(ignore) };
        rules.select(&selection).map(|rules| rules.iter().map(|rule| rule.meta.id.clone()).collect::<Vec<_>>())
    };
    let named = |names: &[&str]| Ok(names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>());
    assert_eq!(ids(&[], &[]), named(&["acr-element", "acr-forms"]), "a set is off unless it is selected");
    assert_eq!(ids(&["hardening"], &[]), named(&["acr-hardened"]));
    assert_eq!(ids(&["all"], &["acr-f*"]), named(&["acr-element", "acr-hardened"]));
    assert_eq!(ids(&["default", "hardening"], &["acr-element"]), named(&["acr-forms", "acr-hardened"]));
    let near =
        |name: &str, near: Option<&str>| Err(UnknownName { name: name.to_owned(), near: near.map(str::to_owned) });
    assert_eq!(ids(&["acr-from"], &[]), near("acr-from", Some("acr-forms")));
    assert_eq!(ids(&["all"], &["hardning"]), near("hardning", Some("hardening")));
    assert_eq!(ids(&["zzz-*"], &[]), near("zzz-*", None));
}

#[test]
fn the_schema_refuses_the_shapes_that_the_loader_refuses() {
    let (sources, files) = files("bad");
    let schema = schema::Schema::of(&catalog());
    for file in files {
        let path = sources.get(file).path();
        let refused = !schema.check(&sources, file).is_empty();
        // Names behind dots, types and templates are beyond a schema; so is the name of the file.
        let shape = ["array", "missing-keys", "no-such-kind", "shapes", "wrong-words", "names"];
        let only_loader =
            ["braces", "empty", "file-name", "messages", "misplaced-as", "no-such-element", "too-deep", "types"];
        let stem = path.trim_end_matches(".json");
        assert!(shape.contains(&stem) || only_loader.contains(&stem) || stem == "syntax", "place {stem} in a list");
        if shape.contains(&stem) {
            assert!(refused, "{path} fits the schema");
        }
    }
}

/// Every clause of `shapes.json` is wrong on its own, for the loader and for the schema.
#[test]
fn loader_and_schema_agree_on_every_clause() {
    let (sources, files) = files("bad");
    let shapes = files.iter().find(|&&file| sources.get(file).path() == "shapes.json").expect("the file");
    let parsed = json::parse(*shapes, sources.get(*shapes).text());
    let clauses = parsed.tree.at("/require/allOf").expect("the clauses");
    assert!(clauses.len() > 15);
    let (catalog, schema) = (catalog(), schema::Schema::of(&catalog()));
    for clause in clauses.items() {
        let text = sources.get(*shapes).text().replace(parsed.tree.at("/require").expect("it").raw(), clause.raw());
        let mut alone = Sources::new();
        let file = alone.add("shapes.json", text);
        let (rules, problems) = load(&catalog, &alone, &[file]);
        assert_eq!((rules.iter().len(), problems.is_empty()), (0, false), "{} loads", clause.raw());
        assert!(!schema.check(&alone, file).is_empty(), "{} fits the schema", clause.raw());
    }
}

#[test]
fn the_schema_names_the_catalog_and_is_a_schema() {
    let text = schema::text(&catalog());
    let schema: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    assert!(jsonschema::meta::is_valid(&schema));
    assert_eq!(schema["$defs"]["kindName"]["enum"][0], "ipRule");
    let names = schema["$defs"]["propertyName"]["enum"].as_array().expect("a list");
    assert!(names.iter().any(|name| name == "networkRuleSet.defaultAction"));
    assert!(text.contains("\"enum\": [\n        \"networkRuleSet.ipRules\",\n"));
}

#[test]
fn the_published_schema_names_the_vocabulary() {
    let wanted = schema::text(&CATALOG);
    if wanted != schema::PUBLISHED && std::env::var_os("UPDATE").is_some() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schemas/rule.schema.json");
        std::fs::write(path, wanted).expect("the schema can be written");
        return;
    }
    assert!(wanted == schema::PUBLISHED, "run the tests with UPDATE=1, then look at schemas/rule.schema.json");
}

#[test]
fn every_built_in_rule_loads_and_fits_the_published_schema() {
    let mut sources = Sources::new();
    let files = builtin::add(&mut sources);
    let (rules, problems) = load(&CATALOG, &sources, &files);
    assert_eq!(show(&problems, &sources), "");
    assert_eq!(rules.iter().len(), files.len());
    let schema = schema::Schema::published();
    for file in files {
        assert_eq!(show(&schema.check(&sources, file), &sources), "");
    }
}
