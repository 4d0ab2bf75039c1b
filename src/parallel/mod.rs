//! The same work on many things, or two pieces of work, on all processors.
//!
//! In: things, and what is to be done with each. Out: the results, in the order of the things, however many processors there
//! are. Must not know: what the work is.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::thread::{self, Builder};

/// Fewer things are not worth a thread.
const FEW: usize = 16;
/// More threads than this are seldom worth their memory.
const THREADS: usize = 8;
/// As much as the main thread has: nested templates need it.
const STACK: usize = 8 * 1024 * 1024;

/// How many threads pay where there is much to be done.
pub fn threads() -> usize {
    // Asking takes a while, since the limits of the process count; it is done once.
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, NonZero::get).min(THREADS))
}

/// Does some work on each thing, where there are many on several threads.
pub fn each<'t, T: Sync, R: Send>(things: &'t [T], work: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    each_on(if things.len() < FEW { 1 } else { threads() }, things, work)
}

/// As [`each`], on so many threads. Who is done with one thing takes the next that nobody has.
pub fn each_on<'t, T: Sync, R: Send>(threads: usize, things: &'t [T], work: impl Fn(&'t T) -> R + Sync) -> Vec<R> {
    if threads < 2 {
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
        let spawn = |_| Builder::new().stack_size(STACK).spawn_scoped(scope, worker).ok();
        // Where there is no further thread this one does all.
        let others: Vec<_> = (1..threads.min(things.len())).map_while(spawn).collect();
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

/// As [`each_on`], of things that the work takes.
pub fn each_taken<T: Send, R: Send>(threads: usize, things: Vec<T>, work: impl Fn(T) -> R + Sync) -> Vec<R> {
    let things: Vec<Mutex<Option<T>>> = things.into_iter().map(|thing| Mutex::new(Some(thing))).collect();
    let take = |thing: &Mutex<Option<T>>| thing.lock().unwrap_or_else(PoisonError::into_inner).take().map(&work);
    each_on(threads, &things, take).into_iter().flatten().collect()
}

/// Does two pieces of work at once.
pub fn both<A: Send, B>(beside: impl Fn() -> A + Sync, here: impl FnOnce() -> B) -> (A, B) {
    let (done, here) = thread::scope(|scope| {
        let other = Builder::new().stack_size(STACK).spawn_scoped(scope, &beside).ok();
        let here = here();
        let done = other.map(|other| match other.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        (done, here)
    });
    // Where there was no further thread it is still to be done.
    (done.unwrap_or_else(beside), here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_are_in_the_order_of_the_things() {
        for count in [0_usize, 1, 15, 16, 1_000] {
            let things: Vec<usize> = (0..count).collect();
            let doubled: Vec<usize> = things.iter().map(|thing| thing * 2).collect();
            assert_eq!(each(&things, |thing| thing * 2), doubled);
            for threads in [0, 1, 2, 7] {
                assert_eq!(each_on(threads, &things, |thing| thing * 2), doubled, "{threads}");
                assert_eq!(each_taken(threads, things.clone(), |thing| thing * 2), doubled, "{threads}");
            }
        }
    }

    #[test]
    #[should_panic(expected = "seven")]
    fn a_panic_of_any_thread_is_one_of_the_caller() {
        let things: Vec<usize> = (0..8).collect();
        each_on(3, &things, |thing| assert!(*thing != 7, "seven"));
    }

    #[test]
    fn both_are_done() {
        assert_eq!(both(|| 1, || 2), (1, 2));
    }

    #[test]
    #[should_panic(expected = "beside")]
    fn a_panic_beside_is_one_of_the_caller() {
        both(|| assert!(thread::current().name().is_some(), "beside"), || ());
    }
}
