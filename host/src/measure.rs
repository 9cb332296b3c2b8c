//! How long a policy takes: making the instance, the call, giving the instance back. Each run is a fresh instance, as in
//! policy-server; several policies are measured in turns, so that what slows the machine slows all. Who has the
//! first turn, and so who follows whom, changes from run to run: what a policy leaves in the processor's caches
//! is nobody's advantage.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::host_calls::HostCalls;
use crate::policy::Policy;

/// What a policy costs per request.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The module, in bytes.
    pub size: usize,
    /// Making the instance and running its initialisers.
    pub set_up: Spread,
    /// From the call into the guest to its answer.
    pub call: Spread,
    /// Giving the instance and its memory back.
    pub end: Spread,
    /// All of one run together.
    pub whole: Spread,
}

/// The times of one run.
struct Run {
    set_up: Duration,
    call: Duration,
    end: Duration,
}

/// A middle and a bad case of many runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spread {
    /// Half of the runs took no longer.
    pub median: Duration,
    /// 99 of 100 runs took no longer.
    pub p99: Duration,
}

impl Spread {
    fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times.get(index).copied().unwrap_or_default()
        };
        Self { median: at(50), p99: at(99) }
    }
}

/// A policy and the payloads that it is to judge.
pub struct Subject<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// `{"request": …, "settings": …}`, one or more: each run takes the next, then the first again.
    pub payloads: &'a [Vec<u8>],
}

/// Measures each subject `runs` times, after a tenth as many that do not count. `host_calls` gives
/// each run its own answers.
///
/// # Errors
/// The first failure of a guest: what fails is not worth measuring.
pub fn measure(subjects: &[Subject<'_>], runs: usize, host_calls: impl Fn() -> Arc<dyn HostCalls>) -> Result<Vec<Cost>, Error> {
    let mut times: Vec<Vec<Run>> = subjects.iter().map(|_| Vec::with_capacity(runs)).collect();
    let warm_up = runs.div_ceil(10);
    let mut turns = Turns::of(subjects.len());
    for run in 0..warm_up + runs {
        for &turn in turns.next() {
            let (Some(subject), Some(times)) = (subjects.get(turn), times.get_mut(turn)) else { continue };
            let Some(payload) = subject.payloads.get(run % subject.payloads.len().max(1)) else { continue };
            let call = subject.policy.call("validate", payload, host_calls());
            call.answer?;
            if run >= warm_up {
                times.push(Run { set_up: call.set_up, call: call.call, end: call.end });
            }
        }
    }
    Ok(subjects
        .iter()
        .zip(times)
        .map(|(subject, times)| Cost {
            size: subject.policy.size(),
            set_up: Spread::of(times.iter().map(|run| run.set_up).collect()),
            call: Spread::of(times.iter().map(|run| run.call).collect()),
            end: Spread::of(times.iter().map(|run| run.end).collect()),
            whole: Spread::of(times.iter().map(|run| run.set_up + run.call + run.end).collect()),
        })
        .collect())
}

/// Who is measured in which order, in one run after the other: always in another one, and the same ones whenever
/// it is asked.
struct Turns {
    order: Vec<usize>,
    state: u64,
}

impl Turns {
    fn of(subjects: usize) -> Self {
        Self { order: (0..subjects).collect(), state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// A number that looks as if it were drawn, below `below`: xorshift.
    fn draw(&mut self, below: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or(0) % below.max(1)
    }

    fn next(&mut self) -> &[usize] {
        for last in (1..self.order.len()).rev() {
            let other = self.draw(last + 1);
            self.order.swap(last, other);
        }
        &self.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everyone_has_a_turn_in_each_run_and_follows_everyone_alike() {
        let mut turns = Turns::of(3);
        let mut pairs = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let order = turns.next().to_vec();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
            for pair in order.windows(2) {
                *pairs.entry(pair.to_vec()).or_insert(0) += 1;
            }
        }
        // 12,000 pairs of 6 kinds; the bounds are those of a fair draw, ten deviations wide.
        assert_eq!(pairs.len(), 6);
        assert!(pairs.values().all(|&count| (1600..2400).contains(&count)), "{pairs:?}");
        assert!(Turns::of(0).next().is_empty());
    }

    #[test]
    fn a_spread_is_the_middle_and_the_99th_of_100() {
        let times = (1..=100).rev().map(Duration::from_micros).collect();
        let spread = Spread::of(times);
        assert_eq!(spread.median, Duration::from_micros(51));
        assert_eq!(spread.p99, Duration::from_micros(100));
        assert_eq!(Spread::of(Vec::new()).median, Duration::ZERO);
        assert_eq!(Spread::of(vec![Duration::from_micros(7)]).p99, Duration::from_micros(7));
    }
}
