//! How long a policy takes: creating the instance, the call, dropping the instance. Each run creates an instance, as
//! policy-server does. Several policies are measured alternately, so that other load on the machine affects all of
//! them. Their order is shuffled for each run, because the policy before leaves its data in the processor's caches.

use std::sync::Arc;
use std::time::Duration;

use crate::error::Error;
use crate::host_calls::HostCalls;
use crate::policy::Policy;

/// The cost of a policy per request.
#[derive(Clone, Copy, Debug)]
pub struct Cost {
    /// The size of the module, in bytes.
    pub size: usize,
    /// Time to create the instance and run its initializers.
    pub instantiation: Percentiles,
    /// Time from the call into the guest to its response.
    pub call: Percentiles,
    /// Time to drop the instance and unmap its memory.
    pub teardown: Percentiles,
    /// Time of the whole run.
    pub total: Percentiles,
}

/// The times of one run.
struct Run {
    instantiation: Duration,
    call: Duration,
    teardown: Duration,
}

/// Percentiles of the times of many runs.
#[derive(Clone, Copy, Debug, Default)]
pub struct Percentiles {
    /// The 50th percentile.
    pub median: Duration,
    /// The 99th percentile.
    pub p99: Duration,
}

impl Percentiles {
    /// Returns the percentiles of some times.
    #[must_use]
    pub fn of(mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        let at = |percent: usize| {
            let index = (times.len() * percent / 100).min(times.len().saturating_sub(1));
            times.get(index).copied().unwrap_or_default()
        };
        Self { median: at(50), p99: at(99) }
    }
}

/// A policy and the payloads that it is called with.
pub struct Workload<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// `{"request": …, "settings": …}`, one or more; the runs use them in turn.
    pub payloads: &'a [Vec<u8>],
}

/// Measures each workload `runs` times, after a tenth as many runs to warm up. `host_calls` makes the
/// handler of each run.
///
/// # Errors
/// The first error of a guest.
pub fn measure(workloads: &[Workload<'_>], runs: usize, host_calls: impl Fn() -> Arc<dyn HostCalls>) -> Result<Vec<Cost>, Error> {
    let mut times: Vec<Vec<Run>> = workloads.iter().map(|_| Vec::with_capacity(runs)).collect();
    let warm_up = runs.div_ceil(10);
    let mut order = ShuffledOrder::of(workloads.len());
    for run in 0..warm_up + runs {
        for &index in order.next() {
            let (Some(workload), Some(times)) = (workloads.get(index), times.get_mut(index)) else { continue };
            let Some(payload) = workload.payloads.get(run % workload.payloads.len().max(1)) else { continue };
            let call = workload.policy.call("validate", payload, host_calls());
            call.response?;
            if run >= warm_up {
                times.push(Run { instantiation: call.instantiation, call: call.call, teardown: call.teardown });
            }
        }
    }
    Ok(workloads
        .iter()
        .zip(times)
        .map(|(workload, times)| Cost {
            size: workload.policy.size(),
            instantiation: Percentiles::of(times.iter().map(|run| run.instantiation).collect()),
            call: Percentiles::of(times.iter().map(|run| run.call).collect()),
            teardown: Percentiles::of(times.iter().map(|run| run.teardown).collect()),
            total: Percentiles::of(times.iter().map(|run| run.instantiation + run.call + run.teardown).collect()),
        })
        .collect())
}

/// The indices below a number, in another pseudo-random order for each run. The sequence of orders is always the
/// same.
struct ShuffledOrder {
    order: Vec<usize>,
    state: u64,
}

impl ShuffledOrder {
    fn of(length: usize) -> Self {
        Self { order: (0..length).collect(), state: 0x9e37_79b9_7f4a_7c15 }
    }

    /// A pseudo-random number below `bound`, by xorshift.
    fn random(&mut self, bound: usize) -> usize {
        self.state ^= self.state << 13;
        self.state ^= self.state >> 7;
        self.state ^= self.state << 17;
        usize::try_from(self.state >> 33).unwrap_or(0) % bound.max(1)
    }

    fn next(&mut self) -> &[usize] {
        for last in (1..self.order.len()).rev() {
            let other = self.random(last + 1);
            self.order.swap(last, other);
        }
        &self.order
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_order_is_a_permutation_and_all_neighbours_are_equally_frequent() {
        let mut shuffled = ShuffledOrder::of(3);
        let mut pairs = std::collections::BTreeMap::new();
        for _ in 0..6000 {
            let order = shuffled.next().to_vec();
            let mut sorted = order.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, [0, 1, 2]);
            for pair in order.windows(2) {
                *pairs.entry(pair.to_vec()).or_insert(0) += 1;
            }
        }
        // 12,000 pairs of 6 kinds. The bounds are ten standard deviations of a uniform distribution.
        assert_eq!(pairs.len(), 6);
        assert!(pairs.values().all(|&count| (1600..2400).contains(&count)), "{pairs:?}");
        assert!(ShuffledOrder::of(0).next().is_empty());
    }

    #[test]
    fn percentiles_are_the_50th_and_the_99th() {
        let times = (1..=100).rev().map(Duration::from_micros).collect();
        let percentiles = Percentiles::of(times);
        assert_eq!(percentiles.median, Duration::from_micros(51));
        assert_eq!(percentiles.p99, Duration::from_micros(100));
        assert_eq!(Percentiles::of(Vec::new()).median, Duration::ZERO);
        assert_eq!(Percentiles::of(vec![Duration::from_micros(7)]).p99, Duration::from_micros(7));
    }
}
