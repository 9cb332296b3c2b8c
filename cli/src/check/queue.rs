//! A queue between threads that judge files and the thread that writes the output. The output has the order of the files, and
//! the results of later files wait in a bounded buffer.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

/// The number of results that may wait.
const CAPACITY: usize = 64;

/// Results of files, by the indices of the files.
#[derive(Debug)]
pub(super) struct Queue<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

#[derive(Debug)]
struct State<T> {
    /// The index of the file whose results are taken now.
    front: usize,
    waiting: BTreeMap<usize, (VecDeque<T>, bool)>,
    /// The number of results in `waiting`.
    length: usize,
    /// Whether results are no longer wanted.
    is_closed: bool,
}

impl<T> Queue<T> {
    pub(super) fn new() -> Self {
        let state = State { front: 0, waiting: BTreeMap::new(), length: 0, is_closed: false };
        Queue { state: Mutex::new(state), changed: Condvar::new() }
    }

    /// A thread that panics while it has the lock leaves a consistent state.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn wait<'g>(&self, state: MutexGuard<'g, State<T>>) -> MutexGuard<'g, State<T>> {
        self.changed.wait(state).unwrap_or_else(PoisonError::into_inner)
    }

    /// Adds a result of a file; waits while the buffer is full. Returns whether results are still wanted.
    pub(super) fn push(&self, file: usize, result: T) -> bool {
        let mut state = self.lock();
        // The front file may exceed the capacity of the others, because its results are taken at once.
        while !state.is_closed && state.length >= CAPACITY && (file != state.front || state.waiting_for(file) >= CAPACITY) {
            state = self.wait(state);
        }
        state.waiting.entry(file).or_default().0.push_back(result);
        state.length += 1;
        self.changed.notify_all();
        !state.is_closed
    }

    /// Marks a file as complete.
    pub(super) fn complete(&self, file: usize) {
        self.lock().waiting.entry(file).or_default().1 = true;
        self.changed.notify_all();
    }

    /// Returns the next result; `None` after the last of a number of files.
    pub(super) fn next(&self, files: usize) -> Option<T> {
        let mut state = self.lock();
        loop {
            let front = state.front;
            if front >= files {
                return None;
            }
            let (result, is_complete) = match state.waiting.get_mut(&front) {
                Some((results, is_complete)) => (results.pop_front(), *is_complete),
                None => (None, false),
            };
            if let Some(result) = result {
                state.length -= 1;
                self.changed.notify_all();
                return Some(result);
            }
            if is_complete {
                state.waiting.remove(&front);
                state.front += 1;
                self.changed.notify_all();
            } else {
                state = self.wait(state);
            }
        }
    }

    /// Ends the threads that add results.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.changed.notify_all();
    }
}

impl<T> State<T> {
    fn waiting_for(&self, file: usize) -> usize {
        self.waiting.get(&file).map_or(0, |(results, _)| results.len())
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use super::*;

    #[test]
    fn returns_the_results_in_the_order_of_the_files() {
        let queue = Queue::new();
        let results: Vec<(usize, usize)> = thread::scope(|scope| {
            for worker in 0..4 {
                let queue = &queue;
                scope.spawn(move || {
                    for file in (worker..40).step_by(4).collect::<Vec<_>>() {
                        // Some files have many more results than the queue can contain.
                        for result in 0..(file % 3) * CAPACITY {
                            queue.push(file, (file, result));
                        }
                        queue.complete(file);
                    }
                });
            }
            std::iter::from_fn(|| queue.next(40)).collect()
        });
        let expected: Vec<_> = (0..40).flat_map(|file| (0..(file % 3) * CAPACITY).map(move |result| (file, result))).collect();
        assert_eq!(results, expected);
    }

    #[test]
    fn a_closed_queue_blocks_no_thread() {
        let queue = Queue::new();
        thread::scope(|scope| {
            let worker = scope.spawn(|| (0..2 * CAPACITY).take_while(|result| queue.push(1, *result)).count());
            while queue.lock().length < CAPACITY {
                thread::yield_now();
            }
            queue.close();
            assert!(worker.join().unwrap() <= CAPACITY + 1);
        });
    }
}
