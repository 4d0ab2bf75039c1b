//! Runs whole processes and measures them.
//!
//! In: a program and its arguments. Out: how long it took and how much memory it held. Must not know: what it does.

use std::ffi::OsStr;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// Runs a program to its end: how long it took, and the most memory that it held.
#[allow(clippy::disallowed_methods, reason = "the benches measure whole processes; the program itself starts none")]
pub fn run(program: &OsStr, arguments: &[&OsStr]) -> std::io::Result<(Duration, u64)> {
    let start = Instant::now();
    let mut child = Command::new(program).args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let mut peak = 0;
    loop {
        peak = peak.max(most_held(child.id()));
        if child.try_wait()?.is_some() {
            return Ok((start.elapsed(), peak));
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// The most memory that a running process has held, in bytes; nothing where the system does not tell.
fn most_held(process: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.trim().parse::<u64>().ok());
    kilobytes.unwrap_or(0) * 1_024
}

/// The time in the middle.
pub fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times.get(times.len() / 2).copied().unwrap_or_default()
}
