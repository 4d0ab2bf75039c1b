//! The same work on many things, on all processors.
//!
//! In: things, and what is to be done with each. Out: the results, in the order of the things, however many processors there
//! are. Must not know: what the work is.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// Fewer things are not worth a thread.
const FEW: usize = 16;
/// More threads than this are seldom worth their memory.
const THREADS: usize = 8;
/// As much as the main thread has: nested templates need it.
const STACK: usize = 8 * 1024 * 1024;

/// Does some work on each thing.
pub fn each<'t, T: Sync, R: Send>(things: &'t [T], work: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    let processors = thread::available_parallelism().map_or(1, usize::from).min(THREADS);
    if things.len() < FEW || processors < 2 {
        return things.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            match things.get(at) {
                Some(thing) => done.push((at, work(thing))),
                None => return done,
            }
        }
    };
    let mut done = thread::scope(|scope| {
        let spawn = || thread::Builder::new().stack_size(STACK).spawn_scoped(scope, worker);
        // Where there is no further thread this one does all.
        let others: Vec<_> = (1..processors).filter_map(|_| spawn().ok()).collect();
        let mut done = worker();
        for other in others {
            match other.join() {
                Ok(more) => done.extend(more),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::each;

    #[test]
    fn results_are_in_the_order_of_the_things() {
        for count in [0_usize, 1, 15, 16, 1_000] {
            let things: Vec<usize> = (0..count).collect();
            assert_eq!(each(&things, |thing| thing * 2), things.iter().map(|thing| thing * 2).collect::<Vec<_>>());
        }
    }
}
