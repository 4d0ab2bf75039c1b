//! A progress bar for runs that take long.
//!
//! In: how much is done. Out: a line on standard error that is gone at the end. Must not know: what is done.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressStyle};

/// Shorter runs show nothing.
const PATIENCE: Duration = Duration::from_secs(1);

/// The progress of one run; shown only to a person who waits.
#[derive(Debug)]
pub struct Progress {
    wanted: bool,
    total: usize,
    began: Instant,
    bar: Option<ProgressBar>,
}

impl Progress {
    /// `wanted` where a person looks at standard error.
    pub fn new(wanted: bool, total: usize) -> Self {
        Self { wanted, total, began: Instant::now(), bar: None }
    }

    /// So many are done.
    pub fn done(&mut self, done: usize) {
        if !self.wanted || self.began.elapsed() < PATIENCE {
            return;
        }
        let total = self.total as u64;
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::new(total);
            if let Ok(style) = ProgressStyle::with_template("{wide_bar} {pos} of {len} files") {
                bar.set_style(style);
            }
            bar
        });
        bar.set_position(done as u64);
    }

    /// Takes the bar off the screen.
    pub fn finish(self) {
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }
}
