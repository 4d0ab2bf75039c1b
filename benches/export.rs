//! How long and with how much memory a whole process checks an export of Resource Graph.
//!
//! In: how many rows, on the command line (100,000 if nothing is said). Out: one line a size: bytes, time, the time of
//! `wc -l` on the same file, the peak. With `write PATH` behind the number the export is written and nothing is measured.
//! Must not know: budgets; the documentation says what the numbers should be.

#[path = "workload/export.rs"]
mod export;
#[path = "workload/process.rs"]
mod process;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use process::{median, run};

/// How often each is run; the median counts.
const ROUNDS: usize = 5;

#[allow(clippy::print_stdout, reason = "what this program is for")]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "write") {
        let path = arguments.get(at + 1).map_or("export.json", String::as_str);
        return export::write(sizes.first().copied().unwrap_or(export::ZONE), &mut BufWriter::new(File::create(path)?));
    }
    let measured = arguments.iter().any(|argument| argument == "--bench");
    if sizes.is_empty() {
        sizes = if measured { vec![10_000, 100_000] } else { vec![10] };
    }
    for rows in sizes {
        let path = std::env::temp_dir().join(format!("acrlint-bench-{}-{rows}.json", std::process::id()));
        export::write(rows, &mut BufWriter::new(File::create(&path)?))?;
        let line = measure(rows, &path, if measured { ROUNDS } else { 1 });
        std::fs::remove_file(&path)?;
        println!("{}", line?);
    }
    Ok(())
}

fn measure(rows: usize, path: &Path, rounds: usize) -> std::io::Result<String> {
    let megabytes = |bytes: u64| bytes / 1_000_000;
    let (mut checks, mut counts) = (Vec::new(), Vec::new());
    let mut peak = 0;
    for _ in 0..rounds {
        counts.push(run("wc".as_ref(), &["-l".as_ref(), path.as_os_str()])?.0);
        let (time, most) = run(env!("CARGO_BIN_EXE_acrlint").as_ref(), &["check".as_ref(), path.as_os_str()])?;
        checks.push(time);
        peak = peak.max(most);
    }
    let (check, count) = (median(checks), median(counts));
    let known = row_bytes(rows);
    Ok(format!(
        "{rows} rows, {} MB ({} MB of known types): {:.2} s, {:.1} × `wc -l` ({:.0} ms); peak {} MB",
        megabytes(path.metadata()?.len()),
        megabytes(known),
        check.as_secs_f64(),
        check.as_secs_f64() / count.as_secs_f64(),
        count.as_secs_f64() * 1_000.0,
        megabytes(peak),
    ))
}

/// The bytes of the rows of known types, taken from the first landing zones.
fn row_bytes(rows: usize) -> u64 {
    let of = |number: usize| {
        let row = export::row(number);
        let ty = row.get("type").and_then(serde_json::Value::as_str).unwrap_or_default();
        let known = acrlint::graph::NodeKind::of(&acrlint::resource::TypeName::new(ty)).is_some();
        let text = serde_json::to_string_pretty(&row).unwrap_or_default();
        if known { text.len() + 4 * text.lines().count() } else { 0 }
    };
    let sample = rows.min(4 * export::ZONE);
    let bytes: usize = (0..sample).map(of).sum();
    (bytes as u64) * (rows as u64) / (sample.max(1) as u64)
}
