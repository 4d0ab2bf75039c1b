//! How long each stage took, for people who wait.
//!
//! In: the beginnings of stages. Out: their times. Must not know: what the stages do; nothing that is reported of the
//! input depends on a clock.

use std::cell::RefCell;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

/// The times of stages in the order in which they first began. At any time one of them runs.
#[derive(Debug)]
pub struct Stopwatch {
    laps: RefCell<Laps>,
}

#[derive(Debug)]
struct Laps {
    stages: Vec<(&'static str, Duration)>,
    running: usize,
    since: Instant,
}

impl Stopwatch {
    /// Starts the first stage.
    pub fn start(stage: &'static str) -> Self {
        let laps = Laps { stages: vec![(stage, Duration::ZERO)], running: 0, since: Instant::now() };
        Self { laps: RefCell::new(laps) }
    }

    /// The stage that runs from now on.
    pub fn begin(&self, stage: &'static str) {
        self.laps.borrow_mut().switch(stage);
    }

    /// Does some work as a stage of its own, whose time is not that of the one around it.
    pub fn within<T>(&self, stage: &'static str, work: impl FnOnce() -> T) -> T {
        let before = self.laps.borrow_mut().switch(stage);
        let done = work();
        self.laps.borrow_mut().switch(before);
        done
    }

    /// The stages so far.
    pub fn stages(&self) -> Vec<(&'static str, Duration)> {
        let mut laps = self.laps.borrow_mut();
        let running = laps.stages.get(laps.running).map_or("", |(stage, _)| stage);
        laps.switch(running);
        laps.stages.clone()
    }
}

impl Laps {
    /// Gives the running stage its time, and says which one it was.
    fn switch(&mut self, stage: &'static str) -> &'static str {
        let now = Instant::now();
        let mut before = "";
        if let Some((name, time)) = self.stages.get_mut(self.running) {
            *time += now - self.since;
            before = name;
        }
        self.since = now;
        self.running = self.stages.iter().position(|(name, _)| *name == stage).unwrap_or_else(|| {
            self.stages.push((stage, Duration::ZERO));
            self.stages.len() - 1
        });
        before
    }
}

/// A line for each stage, and one for all.
pub fn table(stages: &[(&'static str, Duration)]) -> String {
    let all: Duration = stages.iter().map(|(_, time)| *time).sum();
    let mut out = String::new();
    for (stage, time) in stages.iter().copied().chain([("in all", all)]) {
        // Writing to a string cannot fail.
        let _ = writeln!(out, "time: {stage:16} {:>10.1} ms", time.as_secs_f64() * 1000.0);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_moment_belongs_to_one_stage() {
        let began = Instant::now();
        let watch = Stopwatch::start("read");
        watch.begin("judge");
        assert_eq!(watch.within("evaluate", || watch.within("parse", || 7)), 7);
        watch.begin("read");
        let stages = watch.stages();
        let names: Vec<&str> = stages.iter().map(|(stage, _)| *stage).collect();
        assert_eq!(names, ["read", "judge", "evaluate", "parse"]);
        assert!(stages.iter().map(|(_, time)| *time).sum::<Duration>() <= began.elapsed());
    }

    #[test]
    fn the_table_has_a_line_for_each_stage_and_one_for_all() {
        let table = table(&[("read files", Duration::from_micros(1_300)), ("judge", Duration::from_secs(1))]);
        assert_eq!(
            table,
            "time: read files              1.3 ms\n\
             time: judge                1000.0 ms\n\
             time: in all               1001.3 ms\n"
        );
    }
}
