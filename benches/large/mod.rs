//! How long the largest real templates take to expand, start of the process not included.
//!
//! In: the collection of real templates beside the checkout. Out: one line a file, the median and whether it is below
//! the bound; a line that says so where there is no collection. Must not know: how expansion works.

use std::hint::black_box;
use std::path::Path;
use std::time::{Duration, Instant};

use acrlint::input::arm::{self, Assignment, Context};
use acrlint::json;
use acrlint::source::FileId;

/// How often a file is expanded at most.
const ROUNDS: usize = 21;
/// What is large.
const BYTES: u64 = 2_500_000;
/// No template of this size takes longer.
const BOUND: Duration = Duration::from_millis(300);

/// Measures them all and prints what comes out.
#[allow(clippy::print_stdout, reason = "what this program is for")]
pub fn print(rounds: usize) {
    let rounds = rounds.min(ROUNDS);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/corpus/arm");
    let Ok(entries) = std::fs::read_dir(&folder) else {
        println!("NOT MEASURED: {} is not there", folder.display());
        return;
    };
    let large = |path: &Path| path.metadata().is_ok_and(|data| data.len() > BYTES);
    let mut files: Vec<_> = entries.filter_map(|entry| Some(entry.ok()?.path())).filter(|path| large(path)).collect();
    files.sort();
    let mut slow = 0;
    for path in &files {
        let Ok(text) = std::fs::read_to_string(path) else { continue };
        let (median, longest) = times(rounds, &text);
        let verdict = if median < BOUND { "below" } else { "NOT BELOW" };
        slow += usize::from(median >= BOUND);
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        println!(
            "{:6.1} ms (longest {:6.1}), {verdict} {} ms: {name}, {} bytes",
            milliseconds(median),
            milliseconds(longest),
            BOUND.as_millis(),
            text.len()
        );
    }
    println!("{} files above {BYTES} bytes, {slow} not below {} ms, {rounds} rounds", files.len(), BOUND.as_millis());
}

/// Reading and expanding a template without any parameter: the median of the rounds, and the longest.
fn times(rounds: usize, text: &str) -> (Duration, Duration) {
    let mut all: Vec<Duration> = (0..rounds)
        .map(|_| {
            let start = Instant::now();
            let parsed = json::parse(FileId(0), black_box(text));
            let context = Context::default();
            let loaded = arm::expand(&parsed.tree, &Assignment::new(), &context, "main.json", 0, &|_| true);
            black_box(loaded.resources.len());
            start.elapsed()
        })
        .collect();
    all.sort();
    let at = |index: usize| all.get(index).copied().unwrap_or_default();
    (at(rounds / 2), at(rounds.saturating_sub(1)))
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1_000.0
}
