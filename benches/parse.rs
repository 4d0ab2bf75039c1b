//! How long reading JSON takes, beside the least that `serde_json` can do with the same bytes.
//!
//! In: generated templates. Out: a table. Must not know: what the templates say.

mod workload;

use acrlint::json::parse;
use acrlint::source::FileId;
use divan::counter::BytesCount;
use divan::{Bencher, black_box};
use serde::de::IgnoredAny;

const RESOURCES: [usize; 2] = [20, 1_000];

fn main() {
    divan::main();
}

/// Our tree, with all its places.
#[divan::bench(args = RESOURCES)]
fn tree(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    bencher.counter(BytesCount::of_str(&text)).bench(|| parse(FileId(0), black_box(&text)).tree.node_count());
}

/// Grammar only, nothing kept.
#[divan::bench(args = RESOURCES)]
fn ignored_any(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    bencher.counter(BytesCount::of_str(&text)).bench(|| serde_json::from_str::<IgnoredAny>(black_box(&text)).is_ok());
}

/// The usual tree, without places.
#[divan::bench(args = RESOURCES)]
fn value(bencher: Bencher<'_, '_>, resources: usize) {
    let text = workload::arm(resources);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| serde_json::from_str::<serde_json::Value>(black_box(&text)).is_ok());
}
