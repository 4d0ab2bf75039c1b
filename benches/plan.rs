//! How long and with how much memory a whole process checks a plan of Terraform.
//!
//! In: how many resources, on the command line (5,000 if nothing is said). Out: one line for each size and kind of plan:
//! bytes, time, the time of a process of ours that only starts and parses the same file, the peak. With `write PATH` behind
//! the number the plan is written and nothing is measured; `dense` in front of that asks for the other kind. Must not know:
//! budgets; the documentation says what the numbers should be.

#[path = "workload/estate.rs"]
mod estate;
#[path = "workload/plan.rs"]
mod plan;
#[path = "workload/process.rs"]
mod process;

use std::fs::File;
use std::io::BufWriter;
use std::path::Path;

use process::{median, run};

/// How often each is run; the median counts.
const ROUNDS: usize = 15;

/// The kinds of plans: of everything that providers write, and of little that a check does not read.
const KINDS: [(&str, Write); 2] = [("estate", estate::write), ("dense", plan::write)];

/// Writes a plan with so many resources.
type Write = fn(usize, &mut BufWriter<File>) -> std::io::Result<()>;

/// The argument with which this program starts, parses, and ends.
const PARSE: &str = "parse-only";

#[allow(clippy::print_stdout, reason = "what this program is for")]
fn main() -> std::io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if let [first, path, ..] = arguments.as_slice()
        && first == PARSE
    {
        let text = std::fs::read_to_string(path)?;
        let mut sources = acrlint::source::Sources::new();
        let file = sources.add(path.as_str(), text);
        let parsed = acrlint::json::parse(file, sources.get(file).text());
        return if parsed.tree.root().is_some() { Ok(()) } else { Err(std::io::ErrorKind::InvalidData.into()) };
    }
    let mut sizes: Vec<usize> = arguments.iter().filter_map(|argument| argument.parse().ok()).collect();
    if let Some(at) = arguments.iter().position(|argument| argument == "write") {
        let path = arguments.get(at + 1).map_or("plan.json", String::as_str);
        let (size, mut file) = (sizes.first().copied().unwrap_or(5_000), BufWriter::new(File::create(path)?));
        let dense = arguments.iter().any(|argument| argument == KINDS[1].0);
        return if dense { plan::write(size, &mut file) } else { estate::write(size, &mut file) };
    }
    let measured = arguments.iter().any(|argument| argument == "--bench");
    if sizes.is_empty() {
        sizes = if measured { vec![1_000, 5_000] } else { vec![2 * plan::MODULE] };
    }
    for resources in sizes {
        for (kind, write) in KINDS {
            let path = std::env::temp_dir().join(format!("acrlint-bench-{}-{resources}.json", std::process::id()));
            write(resources, &mut BufWriter::new(File::create(&path)?))?;
            let line = measure(resources, &path, if measured { ROUNDS } else { 1 });
            std::fs::remove_file(&path)?;
            println!("{kind}, {}", line?);
        }
    }
    Ok(())
}

fn measure(resources: usize, path: &Path, rounds: usize) -> std::io::Result<String> {
    let own = std::env::current_exe()?;
    let (mut checks, mut parses) = (Vec::new(), Vec::new());
    let mut peak = 0;
    for _ in 0..rounds {
        parses.push(run(own.as_os_str(), &[PARSE.as_ref(), path.as_os_str()])?.0);
        let (time, most) = run(env!("CARGO_BIN_EXE_acrlint").as_ref(), &["check".as_ref(), path.as_os_str()])?;
        checks.push(time);
        peak = peak.max(most);
    }
    let (check, parse) = (median(checks), median(parses));
    Ok(format!(
        "{resources} resources, {} MB: {:.0} ms, {:.1} × start and parse ({:.0} ms); peak {} MB",
        path.metadata()?.len() / 1_000_000,
        check.as_secs_f64() * 1_000.0,
        check.as_secs_f64() / parse.as_secs_f64(),
        parse.as_secs_f64() * 1_000.0,
        peak / 1_000_000,
    ))
}
