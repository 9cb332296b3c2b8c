//! How long a policy takes: making the instance, the call, both. Each run is a fresh instance, as in
//! policy-server; several policies are measured in turns, so that what slows the machine slows all.

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
    /// Both of one run together.
    pub both: Spread,
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

/// A policy and the payload that it is to judge.
pub struct Subject<'a> {
    /// The policy.
    pub policy: &'a Policy,
    /// `{"request": …, "settings": …}`.
    pub payload: &'a [u8],
}

/// Measures each subject `runs` times, after a tenth as many that do not count. `host_calls` gives
/// each run its own answers.
///
/// # Errors
/// The first failure of a guest: what fails is not worth measuring.
pub fn measure(subjects: &[Subject<'_>], runs: usize, host_calls: impl Fn() -> Arc<dyn HostCalls>) -> Result<Vec<Cost>, Error> {
    let mut times: Vec<Vec<(Duration, Duration)>> = subjects.iter().map(|_| Vec::with_capacity(runs)).collect();
    let warm_up = runs.div_ceil(10);
    for run in 0..warm_up + runs {
        for (subject, times) in subjects.iter().zip(&mut times) {
            let call = subject.policy.call("validate", subject.payload, host_calls());
            call.answer?;
            if run >= warm_up {
                times.push((call.set_up, call.call));
            }
        }
    }
    Ok(subjects
        .iter()
        .zip(times)
        .map(|(subject, times)| Cost {
            size: subject.policy.size(),
            set_up: Spread::of(times.iter().map(|t| t.0).collect()),
            call: Spread::of(times.iter().map(|t| t.1).collect()),
            both: Spread::of(times.iter().map(|t| t.0 + t.1).collect()),
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

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
