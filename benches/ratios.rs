//! Times as ratios: two ways to do a thing, measured in turn in one run, so that the machine counts for little.
//!
//! In: pairs of functions, and files named on the command line. Out: one line a pair, median of the ratios. With `large`
//! on the command line, times of the largest real templates instead.
//! Must not know: budgets of the ratios; the documentation says what the numbers should be.

mod large;
mod workload;

use std::hint::black_box;
use std::time::{Duration, Instant};

use acrlint::json::parse;
use acrlint::source::FileId;
use serde::de::IgnoredAny;

/// How often a pair is measured by `cargo bench`; anything else only tries whether it runs.
const ROUNDS: usize = 101;
/// One measurement takes at least this long; short functions are repeated.
const AT_LEAST: Duration = Duration::from_millis(2);

#[allow(clippy::print_stdout, reason = "what this program is for")]
fn main() {
    if let Some(child) = std::env::args().nth(1).filter(|argument| argument.starts_with("child-")) {
        return be(&child);
    }
    let rounds = if std::env::args().any(|argument| argument == "--bench") { ROUNDS } else { 1 };
    if std::env::args().any(|argument| argument == "large") {
        return large::print(rounds);
    }
    let named = std::env::args().skip(1).filter(|argument| !argument.starts_with('-'));
    let files = named.filter_map(|path| std::fs::read_to_string(&path).ok().map(|text| (path, text)));
    let generated = [20, 1_000].map(|n| (format!("template of {n} resources"), workload::arm(n)));
    for (name, text) in generated.into_iter().chain(files) {
        for (ratio, what) in reading(rounds, &text) {
            println!("{ratio:5.2}  {what}, {name}, {} bytes", text.len());
        }
    }
    for (resources, base, what) in [
        (20, "child-empty", "acrlint check / a program that does nothing"),
        (1_000, "child-parse", "acrlint check / a program that only parses it"),
    ] {
        if let Some(ratio) = whole_process(rounds, resources, base) {
            println!("{ratio:5.2}  {what}, template of {resources} resources, whole processes");
        }
    }
}

/// What this program is when it is started by itself to be measured: the floor of a whole process.
fn be(child: &str) {
    if child == "child-parse"
        && let Some(text) = std::env::args().nth(2).and_then(|path| std::fs::read_to_string(path).ok())
    {
        black_box(parse(FileId(0), &text).tree.node_count());
    }
}

/// A whole run of the program on a file, and of a process that does less.
#[allow(clippy::disallowed_methods, reason = "the benches measure whole processes; the program itself starts none")]
fn whole_process(rounds: usize, resources: usize, base: &str) -> Option<f64> {
    use std::process::{Command, Stdio};
    let path = std::env::temp_dir().join(format!("acrlint-bench-{}-{resources}.json", std::process::id()));
    std::fs::write(&path, workload::arm(resources)).ok()?;
    let this = std::env::current_exe().ok()?;
    let run = |program: &std::path::Path, arguments: &[&std::ffi::OsStr]| {
        Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
    };
    let program = std::path::Path::new(env!("CARGO_BIN_EXE_acrlint"));
    let full = || run(program, &["check".as_ref(), path.as_os_str()]);
    let floor = || run(&this, &[base.as_ref(), path.as_os_str()]);
    let ratio = ratio(rounds, full, floor);
    let _ = std::fs::remove_file(&path);
    Some(ratio)
}

/// Reading JSON: our tree, which knows all places, and what `serde_json` makes of the same bytes.
fn reading(rounds: usize, text: &str) -> [(f64, &'static str); 2] {
    let tree = || parse(FileId(0), black_box(text)).tree.node_count();
    let ignored = || serde_json::from_str::<IgnoredAny>(black_box(text)).is_ok();
    let value = || serde_json::from_str::<serde_json::Value>(black_box(text)).is_ok();
    [
        (ratio(rounds, tree, ignored), "tree with places / serde_json IgnoredAny"),
        (ratio(rounds, tree, value), "tree with places / serde_json Value"),
    ]
}

/// How much longer the first takes than the second: the median over pairs that are measured one right after the other.
fn ratio<A, B>(rounds: usize, mut first: impl FnMut() -> A, mut second: impl FnMut() -> B) -> f64 {
    let repeat = |once: Duration| (AT_LEAST.as_nanos() / once.as_nanos().max(1)).clamp(1, 10_000);
    let (often, seldom) = (repeat(time(1, &mut first)), repeat(time(1, &mut second)));
    #[allow(clippy::cast_precision_loss, reason = "a count of repetitions")]
    let mut pairs = (0..rounds)
        .map(|_| {
            let first = time(often, &mut first).as_secs_f64() / often as f64;
            first / (time(seldom, &mut second).as_secs_f64() / seldom as f64)
        })
        .collect::<Vec<_>>();
    pairs.sort_by(f64::total_cmp);
    pairs.get(rounds / 2).copied().unwrap_or(f64::NAN)
}

fn time<T>(times: u128, run: &mut impl FnMut() -> T) -> Duration {
    let start = Instant::now();
    for _ in 0..times {
        black_box(run());
    }
    start.elapsed()
}
