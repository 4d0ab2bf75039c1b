//! How long the stages take, each on its own.
//!
//! In: generated templates. Out: times by divan. Must not know: budgets; `docs/performance.md` says what was measured.

mod workload;

use acrlint::catalog::{CATALOG, Model};
use acrlint::check;
use acrlint::graph::NodeKind;
use acrlint::input::Loaded;
use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::lower;
use acrlint::resource::TypeName;
use acrlint::rules;
use acrlint::source::{FileId, Sources};
use divan::Bencher;

fn main() {
    divan::main();
}

const SIZES: [usize; 2] = [20, 1_000];

fn expanded(text: &str, wanted: &dyn Fn(&TypeName) -> bool) -> Loaded {
    let parsed = json::parse(FileId(0), text);
    arm::expand(&parsed.tree, &Assignment::new(), &Context::default(), "main.json", 0, wanted)
}

/// Everything in a template evaluated, as `acrlint expand` does.
#[divan::bench(args = SIZES)]
fn expand_all(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    bencher.bench_local(|| expanded(&text, &|_| true).resources.len());
}

/// The bodies of known kinds evaluated, as `acrlint check` does.
#[divan::bench(args = SIZES)]
fn expand_known(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    bencher.bench_local(|| expanded(&text, &|ty| NodeKind::of(ty).is_some()).resources.len());
}

/// Resources to the graph.
#[divan::bench(args = SIZES)]
fn lower_to_graph(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    let loaded = expanded(&text, &|ty| NodeKind::of(ty).is_some());
    bencher
        .with_inputs(|| loaded.resources.clone())
        .bench_local_values(|resources| lower::lower(resources).graph.registries.len());
}

/// Reading and checking the rules that come with the program.
#[divan::bench]
fn load_rules(bencher: Bencher<'_, '_>) {
    bencher.bench_local(|| {
        let mut sources = Sources::new();
        let files = rules::builtin::add(&mut sources);
        rules::load(&CATALOG, &sources, &files).0.iter().len()
    });
}

/// All rules judged on the graph.
#[divan::bench(args = SIZES)]
fn judge(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    let loaded = expanded(&text, &|ty| NodeKind::of(ty).is_some());
    let mut sources = Sources::new();
    let files = rules::builtin::add(&mut sources);
    let (rules, _) = rules::load(&CATALOG, &sources, &files);
    bencher
        .with_inputs(|| Model::new(lower::lower(loaded.resources.clone()).graph, vec![loaded.trails.clone()]))
        .bench_local_values(|model| check::check(&model, &model, rules.iter(), check::Options::default()).len());
}
