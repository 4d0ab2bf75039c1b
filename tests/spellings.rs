//! Every fault is found in every spelling, once, at the place to edit, and its repaired twin is clean.
//!
//! The spellings are drawn by chance from fixed seeds. `SPELLINGS=200 cargo test --test spellings` draws that many for each
//! fault; `SPELLINGS_SHOW=RULE` prints the first template of that rule that fails.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::get_unwrap,
    clippy::print_stderr,
    clippy::print_stdout,
    reason = "what a test cannot do ends it, and what it does not test it says"
)]

#[path = "forms/lists.rs"]
mod lists;
mod spelling;

use std::collections::{BTreeMap, BTreeSet};
use std::{env, fs};

use acrlint::check::finding::{Finding, Outcome};
use acrlint::cli::Stages;
use acrlint::cli::analyze::{Input, Options};
use acrlint::diag::Level;
use acrlint::source::Sources;

use spelling::axes::{Random, Spelling};
use spelling::faults::{FAULTS, Fault, NEVER_PROVEN, OF_GROUPS};
use spelling::others::OTHERS;
use spelling::render::Renderer;
use spelling::variants::VARIANTS;

fn analyze(text: &str) -> (Vec<Finding>, Vec<String>) {
    let mut sources = Sources::new();
    let file = sources.add("estate.json", text);
    let inputs = [Input { file, explicit: true, parameters: Vec::new() }];
    let analysis = (Stages::default().analyze)(&mut sources, &inputs, &Options::default(), &mut |_| {}).unwrap();
    let problems = analysis.problems.iter().filter(|problem| problem.level >= Level::Warning);
    let problems = problems.map(|problem| format!("problem {}: {}", problem.code, problem.message)).collect();
    (analysis.findings, problems)
}

/// What is wrong with what is found in the faulty estate.
fn broken(fault: &Fault, spelling: Spelling, text: &mut String) -> Vec<String> {
    let estate = (fault.estate)(true);
    let (rendered, marks) = Renderer::render(&estate, spelling);
    *text = rendered;
    let (findings, mut wrong) = analyze(text);
    if marks.len() != 1 {
        wrong.push(format!("{} marks in the template", marks.len()));
    }
    let violations: Vec<&Finding> = findings.iter().filter(|f| f.outcome == Outcome::Violation).collect();
    let own: Vec<&&Finding> = violations.iter().filter(|f| f.rule == fault.rule).collect();
    let is_open = findings.iter().any(|f| f.rule == fault.rule && f.outcome == Outcome::Open);
    match own.as_slice() {
        [] if is_open => wrong.push("open".to_owned()),
        [] => wrong.push("not found".to_owned()),
        [finding] => {
            let span = (finding.location.start as usize, finding.location.end as usize);
            if marks.first().is_none_or(|mark| *mark != span) {
                let at = marks.first().map(|mark| &text[mark.0..mark.1]).unwrap_or_default();
                let mut line = text[..span.0].lines().count();
                line += usize::from(text[..span.0].ends_with('\n'));
                wrong.push(format!("points at {} (line {line}), not at {at}", &text[span.0..span.1]));
            }
        }
        several => wrong.push(format!("found {} times", several.len())),
    }
    let found: BTreeSet<&str> = violations.iter().map(|f| f.rule.as_str()).collect();
    for finding in &violations {
        let expected = finding.rule == fault.rule || fault.also.contains(&finding.rule.as_str());
        if finding.level >= Level::Warning && !expected {
            wrong.push(format!("also {}", finding.rule));
        }
    }
    wrong.extend(fault.also.iter().filter(|rule| !found.contains(*rule)).map(|rule| format!("not also {rule}")));
    wrong
}

/// What is wrong with what is found in the repaired twin.
fn repaired(fault: &Fault, spelling: Spelling, text: &mut String) -> Vec<String> {
    let estate = (fault.estate)(false);
    let (rendered, _) = Renderer::render(&estate, spelling);
    *text = rendered;
    let (findings, mut wrong) = analyze(text);
    for finding in findings {
        let violation = finding.outcome == Outcome::Violation && finding.level >= Level::Warning;
        let by_hand = estate.records_by_hand && finding.rule == "dns-zone-group-missing";
        if violation && !by_hand {
            wrong.push(format!("repaired: {}", finding.rule));
        } else if finding.outcome == Outcome::Open && finding.rule == fault.rule {
            wrong.push("repaired: open".to_owned());
        }
    }
    wrong
}

#[derive(Default)]
struct Tally {
    failed: usize,
    axes: BTreeMap<String, usize>,
    example: String,
}

#[test]
fn every_fault_is_found_in_every_spelling() {
    let draws: usize = env::var("SPELLINGS").ok().and_then(|text| text.parse().ok()).unwrap_or(8);
    let show = env::var("SPELLINGS_SHOW").ok();
    let only = env::var("SPELLINGS_ONLY").ok();
    let mut tallies: BTreeMap<(String, String), Tally> = BTreeMap::new();
    let mut drawn: BTreeMap<String, BTreeMap<String, usize>> = BTreeMap::new();
    let mut random = Random::new(0x5EED_ACDC);
    for fault in FAULTS.iter().chain(VARIANTS).chain(OTHERS) {
        for _ in 0..draws {
            let spelling = Spelling::random(&mut random);
            if only.as_deref().is_some_and(|only| only != fault.rule) {
                continue;
            }
            let words = spelling.words();
            for word in &words {
                *drawn.entry(fault.rule.to_owned()).or_default().entry(word.clone()).or_default() += 1;
            }
            for judge in [broken, repaired] {
                let mut text = String::new();
                let wrong: BTreeSet<String> = judge(fault, spelling, &mut text).into_iter().collect();
                for what in wrong {
                    // One kind of failure whatever the names in it.
                    let kind = what.split(" (line").next().unwrap_or_default().to_owned();
                    let tally = tallies.entry((fault.rule.to_owned(), kind)).or_default();
                    tally.failed += 1;
                    for word in &words {
                        *tally.axes.entry(word.clone()).or_default() += 1;
                    }
                    let shorter = tally.example.is_empty() || text.len() < tally.example.len();
                    if shorter && show.is_some() {
                        tally.example.clone_from(&text);
                    }
                }
            }
        }
    }
    let mut table = Vec::new();
    for ((rule, what), tally) in &tallies {
        // The values that explain it: all or nearly all that were drawn with them fail, or nothing fails without them.
        let explains: Vec<String> = tally
            .axes
            .iter()
            .filter(|(word, failed)| **failed == tally.failed || **failed * 10 >= drawn[rule][*word] * 9)
            .map(|(word, failed)| format!("{word} {failed}/{}", drawn[rule][word]))
            .collect();
        table.push(format!("{:5} {rule}: {what}   [{}]", tally.failed, explains.join(", ")));
        if show.as_deref() == Some(rule.as_str()) {
            println!("---- {rule}: {what}\n{}", tally.example);
        }
    }
    assert!(table.is_empty(), "{} kinds of failures\n{}", table.len(), table.join("\n"));
}

#[test]
fn every_rule_has_a_fault() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/rules");
    let mut missing = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let rule = name.trim_end_matches(".json");
        let excused =
            lists::of_others(rule) || [&NEVER_PROVEN[..], &OF_GROUPS].iter().any(|rules| rules.contains(&rule));
        if !excused && !FAULTS.iter().chain(OTHERS).any(|fault| fault.rule == rule) {
            missing.push(rule.to_owned());
        }
    }
    assert!(missing.is_empty(), "{}", missing.join("\n"));
}
