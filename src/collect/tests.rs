//! The scripts, the table behind them, and what is written into them.

use std::collections::BTreeSet;

use super::commands::{CHAPTERS, NEVER_WHOLE, Per, Row, graph_types};
use super::plan::{Over, Plan, Word, plan};
use super::request::Invalid;
use super::*;
use crate::graph::NodeKind;

const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000000";

fn request(registry: Option<&str>) -> Request {
    Request::new(registry, None, None, "dumps").unwrap()
}

/// In one group of one subscription, into a folder whose name has quotes.
fn narrow() -> Request {
    Request::new(None, Some(SUBSCRIPTION), Some("rg-hub"), "hub's ‘dumps’").unwrap()
}

fn rows() -> impl Iterator<Item = &'static Row> {
    CHAPTERS.iter().flat_map(|chapter| chapter.rows)
}

fn snapshot(name: &str, text: &str) {
    insta::with_settings!({ snapshot_path => "../../testdata/collect", prepend_module_to_snapshot => false,
        omit_expression => true }, { insta::assert_snapshot!(name, text) });
}

#[test]
fn the_scripts_are_what_they_were() {
    snapshot("bash", &script(&request(Some("myregistry")), Shell::Bash));
    snapshot("powershell", &script(&narrow(), Shell::PowerShell));
}

#[test]
fn every_known_type_is_asked_for() {
    let shown: BTreeSet<&str> = rows().flat_map(|row| row.shows).copied().collect();
    let asked: BTreeSet<&str> = graph_types().into_iter().collect();
    for ty in NodeKind::TYPES {
        assert!(shown.contains(ty) || asked.contains(ty), "no command tells of {ty}");
    }
    for ty in NEVER_WHOLE {
        assert!(shown.contains(ty) && !asked.contains(ty), "{ty} is shown by no command, or is shown whole");
    }
    for ty in shown {
        assert!(NodeKind::TYPES.contains(&ty), "{ty} is no type that is known");
    }
}

#[test]
fn nothing_but_facts_is_asked_for() {
    for row in rows() {
        let words: Vec<&str> = row.line.split(' ').take_while(|word| !word.starts_with("--")).collect();
        let verb = words.last().unwrap();
        let asks = *verb == "query" && row.asks.is_some();
        assert!(asks || verb.starts_with("list") || verb.starts_with("show"), "{} changes something", row.line);
        assert!(row.asks.is_none_or(|asks| !asks.contains("Identity")), "{} tells who", row.line);
        let secret = ["credential", "key", "password", "token", "secret", "connection-string"];
        assert!(!secret.iter().any(|word| row.line.contains(word)), "{} tells a secret", row.line);
        // Settings and environment variables are free text of their owners.
        if row.line.contains("appsettings") || row.shows.iter().any(|ty| NEVER_WHOLE.contains(ty)) {
            assert!(row.query.is_some_and(|query| !query.contains("environmentVariables")), "{} tells all", row.line);
        }
        assert!(!row.answers.is_empty());
    }
}

fn requests() -> [Request; 3] {
    [request(None), request(Some("myregistry")), narrow()]
}

fn dumps(plan: &Plan) -> impl Iterator<Item = &plan::Dump> {
    plan.chapters.iter().flat_map(|chapter| &chapter.groups).flat_map(|group| &group.dumps)
}

#[test]
fn every_file_has_a_name_of_its_own() {
    for request in requests() {
        let plan = plan(&request);
        let names: Vec<String> = dumps(&plan).map(|dump| format!("{:?}", dump.file)).collect();
        assert_eq!(names.iter().collect::<BTreeSet<_>>().len(), names.len());
        for dump in dumps(&plan) {
            for word in &dump.file {
                let safe = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || "-@.".contains(c);
                assert!(!matches!(word, Word::Text(text) if !text.chars().all(safe)), "{word:?} needs quotes");
            }
        }
    }
}

/// Registries have letters and digits in their names, everything else has a group behind an `@` in the name of its file.
#[test]
fn no_registry_has_the_name_that_makes_it_another_file() {
    for registry in rows().filter(|row| row.per == Per::Registry) {
        for row in rows().filter(|row| matches!(row.per, Per::Group | Per::Subscription)) {
            let rest = row.file.strip_prefix(registry.file).and_then(|rest| rest.strip_prefix('-'));
            assert!(!rest.is_some_and(|rest| rest.chars().all(char::is_alphanumeric)), "{}", row.file);
        }
    }
}

/// The words of every command, those that list included.
fn all_words(plan: &Plan) -> Vec<&Word> {
    let groups = || plan.chapters.iter().flat_map(|chapter| &chapter.groups);
    let listing = groups().filter_map(|group| match &group.over {
        Over::Listed { words, .. } => Some(words),
        Over::Once | Over::Named { .. } => None,
    });
    listing.chain(groups().flat_map(|group| &group.dumps).map(|dump| &dump.words)).flatten().collect()
}

#[test]
fn words_reach_a_batch_file_whole() {
    for request in requests() {
        for word in all_words(&plan(&request)) {
            let Word::Text(text) = word else { continue };
            let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || "_./:-".contains(c));
            assert!(plain || text.contains(' '), "`{text}` needs a space, so that PowerShell quotes it");
            assert!(!text.contains(['"', '%', '^', '\n']), "`{text}` is changed by a batch file");
        }
    }
}

/// What Bash makes of a script; nothing where there is no Bash.
#[allow(clippy::disallowed_methods, reason = "only the shell itself can say how it reads; the program starts none")]
fn bash(arguments: &[&str]) -> Option<(bool, String)> {
    let output = std::process::Command::new("bash").args(arguments).output().ok()?;
    let said = [output.stdout, output.stderr].concat();
    Some((output.status.success(), String::from_utf8(said).unwrap()))
}

#[test]
fn bash_parses_the_scripts() {
    for request in requests() {
        let Some((accepted, said)) = bash(&["-n", "-c", &script(&request, Shell::Bash)]) else { return };
        assert!(accepted && said.is_empty(), "{said}");
    }
    assert_ne!(bash(&["-n", "-c", "while"]).map(|(accepted, _)| accepted), Some(true));
}

#[test]
fn bash_takes_words_as_they_are() {
    let words =
        ["a", "", "it's", "a b", "$HOME", "`x`", "\"y\"", "'$x'", "\\", "~", "!", "*", "[].{a: 'b'}", "‘’", "-n"];
    for word in words {
        let Some((_, said)) = bash(&["-c", &format!("printf %s. {}", bash::quote(word))]) else { return };
        assert_eq!(said, format!("{word}."));
    }
}

#[test]
fn powershell_takes_words_as_they_are() {
    for (word, quoted) in [
        ("acr", "acr"),
        ("--name", "--name"),
        ("1e3", "'1e3'"),
        ("-f", "'-f'"),
        ("a,b", "'a,b'"),
        ("@x", "'@x'"),
        ("[?x == 'y z'].a", "\"[?x == 'y z'].a\""),
        ("it's $x", "'it''s $x'"),
        ("it’s", "'it’’s'"),
        ("", "''"),
    ] {
        assert_eq!(powershell::quote(word), quoted);
    }
}

#[test]
fn a_registry_has_a_name_or_a_login_server() {
    let long = "a".repeat(51);
    for (written, name) in [
        ("myregistry", Some("myregistry")),
        ("MyRegistry1", Some("myregistry1")),
        ("myregistry.azurecr.io", Some("myregistry")),
        ("MyRegistry.AzureCR.io", Some("myregistry")),
        ("myregistry.azurecr.cn", Some("myregistry")),
        ("myregistry-e7ggejfuhzhgedc8.azurecr.io", Some("myregistry")),
        ("five5", Some("five5")),
        ("four", None),
        (long.as_str(), None),
        ("", None),
        ("my-registry", None),
        ("myregistry-.azurecr.io", None),
        ("myregistry.eastus.data.azurecr.io", None),
        ("myregistry.example.com", None),
        ("registré", None),
        ("x; rm -r .", None),
    ] {
        let request = Request::new(Some(written), None, None, "dumps");
        assert_eq!(request.ok().and_then(|request| request.registry).as_deref(), name, "{written}");
    }
}

#[test]
fn what_cannot_be_is_refused() {
    let group = |name: &str| Request::new(None, None, Some(name), "dumps").map(|_| ());
    for name in ["rg", "RG_1.(x)-y", "größe"] {
        assert_eq!(group(name), Ok(()));
    }
    for name in ["", "rg.", "a b", "a'b", "a$b", &"a".repeat(91)] {
        assert_eq!(group(name), Err(Invalid::ResourceGroup(name.to_owned())));
    }
    for id in ["", "prod", "00000000-0000-0000-0000-00000000000", "0000000g-0000-0000-0000-000000000000"] {
        let refused = Request::new(None, Some(id), None, "dumps");
        assert_eq!(refused, Err(Invalid::Subscription(id.to_owned())));
    }
    for folder in ["", "a\nb"] {
        assert_eq!(Request::new(None, None, None, folder), Err(Invalid::OutputDir));
    }
}
