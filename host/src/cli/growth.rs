//! `pss-host growth`: how the cost of a request grows with the number of something, such as containers, and whether
//! it grows faster than linearly.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use pss_host::measure::{Cost, Workload, measure};
use pss_host::payload;

use super::table::{aligned, grouped, in_micros, micros};

#[derive(Args, Debug)]
pub(super) struct Growth {
    /// The policy module.
    policy: PathBuf,
    /// The name of what is counted, such as `containers`.
    #[arg(long, value_name = "NAME")]
    of: String,
    /// The numbers to measure: at least three, in ascending order.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', required = true)]
    numbers: Vec<usize>,
    /// The request; `{}` in the path is replaced by the number.
    #[arg(short, long, value_name = "PATH")]
    request_path: String,
    /// The settings, as YAML or JSON; `{}` in the path is replaced by the number.
    #[arg(short, long, value_name = "PATH")]
    settings_path: Option<String>,
    /// The settings, as JSON.
    #[arg(long, value_name = "VALUE")]
    settings_json: Option<String>,
    /// The number of runs for each number.
    #[arg(short = 'n', long, default_value_t = 300)]
    runs: usize,
    /// The limit of the cost of each one at the largest number, as a multiple of that at the second largest.
    #[arg(long, value_name = "FACTOR", default_value_t = 1.5)]
    at_most: f64,
}

/// A measured number.
struct Point {
    number: usize,
    /// Microseconds for each one more than the smallest number.
    each: Option<f64>,
}

impl Growth {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        if self.numbers.len() < 3 || !self.numbers.is_sorted_by(|a, b| a < b) {
            return Err("--numbers must be at least three numbers in ascending order".to_owned());
        }
        super::warn_about_debug_build();
        let mut payloads = Vec::new();
        let mut policies = Vec::new();
        for number in &self.numbers {
            let at = |path: &str| PathBuf::from(path.replace("{}", &number.to_string()));
            let settings = super::settings(self.settings_path.as_deref().map(at).as_deref(), self.settings_json.as_deref())?;
            let request = super::request(&at(&self.request_path))?;
            payloads.push(vec![payload(&request, &settings)]);
            policies.push(super::load_with_settings(Path::new(&self.policy), &settings)?);
        }
        let workloads: Vec<Workload<'_>> = policies.iter().zip(&payloads).map(|(policy, payloads)| Workload { policy, payloads }).collect();
        let costs = measure(&workloads, self.runs, || super::bench::host_calls(None)).map_err(|e| e.to_string())?;

        let points = points(&self.numbers, &costs);
        let mut rows = vec![[self.of.as_str(), "payload bytes", "call", "each further one"].map(str::to_owned)];
        for ((point, cost), payloads) in points.iter().zip(&costs).zip(&payloads) {
            rows.push([
                grouped(point.number),
                grouped(payloads.iter().map(Vec::len).sum()),
                micros(cost.call),
                point.each.map_or_else(String::new, |each| format!("{each:.2}")),
            ]);
        }
        println!("{}: {} fresh instances; microseconds, median (99th of 100)", self.request_path, grouped(self.runs));
        print!("{}", aligned(&rows));
        Ok(self.check(&points))
    }

    /// Prints whether the cost of each one at the largest number is within the limit; the exit code is a failure if not.
    fn check(&self, points: &[Point]) -> ExitCode {
        let [.., before, last] = points else { return ExitCode::FAILURE };
        let factor = growth_factor(before, last);
        let is_within = factor.is_some_and(|factor| factor <= self.at_most);
        println!(
            "  {}: each of {} costs x {} of each of {} (limit: x {})",
            if is_within { "ok" } else { "OVER" },
            grouped(last.number),
            factor.map_or_else(|| "?".to_owned(), |factor| format!("{factor:.2}")),
            grouped(before.number),
            self.at_most,
        );
        if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The measured numbers. The cost of each one excludes that of the smallest number, which includes the fixed cost of a
/// call.
fn points(numbers: &[usize], costs: &[Cost]) -> Vec<Point> {
    let calls: Vec<f64> = costs.iter().map(|cost| in_micros(cost.call.median)).collect();
    let (least, least_call) = (numbers.first().copied().unwrap_or_default(), calls.first().copied().unwrap_or_default());
    let each = |number: usize, call: f64| (number > least).then(|| (call - least_call) / (number - least) as f64);
    numbers.iter().zip(calls).map(|(&number, call)| Point { number, each: each(number, call) }).collect()
}

/// The cost of each one at the last number, as a multiple of that at the number before; `None` if one of them is too
/// small to be measured.
fn growth_factor(before: &Point, last: &Point) -> Option<f64> {
    match (before.each, last.each) {
        (Some(before), Some(last)) if before > 0.0 && last > 0.0 => Some(last / before),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, clippy::panic)]

    use std::time::Duration;

    use super::*;
    use pss_host::measure::Percentiles;

    fn growth_factor_of(nanos: impl Fn(u64) -> u64) -> Option<f64> {
        let numbers = [1, 10, 100, 1000];
        let costs = numbers.map(|n| {
            let call = Percentiles { median: Duration::from_nanos(nanos(n as u64)), p99: Duration::ZERO };
            Cost { size: 0, instantiation: Percentiles::default(), call, teardown: Percentiles::default(), total: call }
        });
        let points = points(&numbers, &costs);
        let [.., before, last] = points.as_slice() else { panic!("four numbers make four points") };
        growth_factor(before, last)
    }

    #[test]
    fn linear_growth_has_the_factor_one() {
        let factor = growth_factor_of(|n| 9000 + 700 * n).unwrap();
        assert!((factor - 1.0).abs() < 1e-9, "{factor}");
    }

    #[test]
    fn quadratic_growth_exceeds_the_limit() {
        assert!(growth_factor_of(|n| 9000 + 700 * n * n).unwrap() > 9.0);
        // A quadratic term of one percent: negligible at 10, and dominant at 1,000.
        assert!(growth_factor_of(|n| 9000 + 700 * n + 7 * n * n).unwrap() > 5.0);
        // Sorting is allowed: its growth is within the limit.
        let logarithm = |n: u64| u64::from(n.ilog2());
        assert!(growth_factor_of(|n| 9000 + 700 * n + 30 * n * logarithm(n)).unwrap() < 1.5);
    }

    #[test]
    fn costs_too_small_to_measure_have_no_factor() {
        assert_eq!(growth_factor_of(|_| 9000), None);
        assert_eq!(growth_factor_of(|n| 9000 - n), None);
    }
}
