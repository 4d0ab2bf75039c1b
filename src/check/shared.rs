//! Work that several threads share.
//!
//! In: items, and what is to be done with each. Out: the results, in the order of the items. Must not know: what is done.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

/// How many threads pay where there is much to be done.
pub(super) fn processors() -> usize {
    thread::available_parallelism().map_or(1, NonZero::get)
}

/// Does it with each item. Who is done with one takes the next that nobody has.
pub(super) fn each<T: Sync, R: Send>(items: &[T], threads: usize, work: &(impl Fn(&T) -> R + Sync)) -> Vec<R> {
    if threads < 2 {
        return items.iter().map(work).collect();
    }
    let next = AtomicUsize::new(0);
    let share = || {
        let mut done = Vec::new();
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(number) else { return done };
            done.push((number, work(item)));
        }
    };
    let mut done: Vec<(usize, R)> = thread::scope(|scope| {
        // Where the system gives no more threads, this one does the rest.
        let others = 1..threads.min(items.len());
        let others: Vec<_> = others.map_while(|_| thread::Builder::new().spawn_scoped(scope, share).ok()).collect();
        let mine = share();
        let theirs = others.into_iter().flat_map(|other| match other.join() {
            Ok(done) => done,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        mine.into_iter().chain(theirs).collect()
    });
    done.sort_by_key(|(number, _)| *number);
    done.into_iter().map(|(_, result)| result).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn results_come_in_the_order_of_the_items() {
        let items: Vec<usize> = (0..500).collect();
        let squares: Vec<usize> = items.iter().map(|number| number * number).collect();
        for threads in [0, 1, 2, 7] {
            assert_eq!(each(&items, threads, &|number| number * number), squares, "{threads}");
        }
        assert_eq!(each(&[1_u8; 0], 3, &|number| *number), [0; 0]);
    }

    #[test]
    #[should_panic(expected = "seven")]
    fn a_panic_of_any_thread_is_one_of_the_caller() {
        let items: Vec<usize> = (0..8).collect();
        each(&items, 3, &|number| assert!(*number != 7, "seven"));
    }
}
