//! `pss-host growth`: what one more of something costs, and whether that stays the same the more there are.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use pss_host::measure::{Cost, Subject, measure};
use pss_host::payload;

use super::table::{aligned, grouped, in_micros, micros};

#[derive(Args, Debug)]
pub(super) struct Growth {
    /// The policy module.
    policy: PathBuf,
    /// What there is more of, such as `containers`.
    #[arg(long, value_name = "NAME")]
    of: String,
    /// How many of them there are: three numbers or more, each larger than the one before.
    #[arg(long, value_name = "NUMBERS", value_delimiter = ',', required = true)]
    numbers: Vec<usize>,
    /// The request; `{}` in the path stands for the number.
    #[arg(short, long, value_name = "PATH")]
    request_path: String,
    /// The settings, as YAML or JSON; `{}` in the path stands for the number.
    #[arg(short, long, value_name = "PATH")]
    settings_path: Option<String>,
    /// The settings, as JSON.
    #[arg(long, value_name = "VALUE")]
    settings_json: Option<String>,
    /// How many fresh instances are measured for each number.
    #[arg(short = 'n', long, default_value_t = 300)]
    runs: usize,
    /// What one of the largest number may cost, in multiples of what one of the second largest costs.
    #[arg(long, value_name = "TIMES", default_value_t = 1.5)]
    at_most: f64,
}

/// One line of the table.
struct Line {
    number: usize,
    /// Microseconds for each one beyond the first number.
    each: Option<f64>,
}

impl Growth {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        if self.numbers.len() < 3 || !self.numbers.is_sorted_by(|a, b| a < b) {
            return Err("--numbers takes three or more, each larger than the one before".to_owned());
        }
        super::warn_of_debug_build();
        let mut payloads = Vec::new();
        let mut policies = Vec::new();
        for number in &self.numbers {
            let at = |path: &str| PathBuf::from(path.replace("{}", &number.to_string()));
            let settings = super::settings(self.settings_path.as_deref().map(at).as_deref(), self.settings_json.as_deref())?;
            let request = super::request(&at(&self.request_path))?;
            payloads.push(vec![payload(&request, &settings)]);
            policies.push(super::load_for(Path::new(&self.policy), &settings)?);
        }
        let subjects: Vec<Subject<'_>> = policies.iter().zip(&payloads).map(|(policy, payloads)| Subject { policy, payloads }).collect();
        let costs = measure(&subjects, self.runs, || super::bench::answers(None)).map_err(|e| e.to_string())?;

        let lines = lines(&self.numbers, &costs);
        let mut rows = vec![[self.of.as_str(), "payload bytes", "call", "each further one"].map(str::to_owned)];
        for ((line, cost), payloads) in lines.iter().zip(&costs).zip(&payloads) {
            rows.push([
                grouped(line.number),
                grouped(payloads.iter().map(Vec::len).sum()),
                micros(cost.call),
                line.each.map_or_else(String::new, |each| format!("{each:.2}")),
            ]);
        }
        println!("{}: {} fresh instances; microseconds, median (99th of 100)", self.request_path, grouped(self.runs));
        print!("{}", aligned(&rows));
        Ok(self.check(&lines))
    }

    /// Says whether the largest number costs as much for each one as the second largest.
    fn check(&self, lines: &[Line]) -> ExitCode {
        let [.., before, last] = lines else { return ExitCode::FAILURE };
        let times = steepening(before, last);
        let kept = times.is_some_and(|times| times <= self.at_most);
        println!(
            "  {}: of {} each costs x {} of what it costs of {}, at most x {}",
            if kept { "kept" } else { "OVER" },
            grouped(last.number),
            times.map_or_else(|| "?".to_owned(), |times| format!("{times:.2}")),
            grouped(before.number),
            self.at_most,
        );
        if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// What each one costs beyond the first number, so that what a call costs anyway is not in it.
fn lines(numbers: &[usize], costs: &[Cost]) -> Vec<Line> {
    let calls: Vec<f64> = costs.iter().map(|cost| in_micros(cost.call.median)).collect();
    let (least, least_call) = (numbers.first().copied().unwrap_or_default(), calls.first().copied().unwrap_or_default());
    let each = |number: usize, call: f64| (number > least).then(|| (call - least_call) / (number - least) as f64);
    numbers.iter().zip(calls).map(|(&number, call)| Line { number, each: each(number, call) }).collect()
}

/// How many times as much one costs of the last number; of a cost that cannot be told from none, nothing can be said.
fn steepening(before: &Line, last: &Line) -> Option<f64> {
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
    use pss_host::measure::Spread;

    fn steepening_of(nanos: impl Fn(u64) -> u64) -> Option<f64> {
        let numbers = [1, 10, 100, 1000];
        let costs = numbers.map(|n| {
            let call = Spread { median: Duration::from_nanos(nanos(n as u64)), p99: Duration::ZERO };
            Cost { size: 0, set_up: Spread::default(), call, end: Spread::default(), whole: call }
        });
        let lines = lines(&numbers, &costs);
        let [.., before, last] = lines.as_slice() else { panic!("four numbers make four lines") };
        steepening(before, last)
    }

    #[test]
    fn what_grows_with_the_number_costs_the_same_for_each() {
        let times = steepening_of(|n| 9000 + 700 * n).unwrap();
        assert!((times - 1.0).abs() < 1e-9, "{times}");
    }

    #[test]
    fn what_grows_with_the_square_of_the_number_is_over() {
        assert!(steepening_of(|n| 9000 + 700 * n * n).unwrap() > 9.0);
        // A hundredth of the cost of one, for each other one: little at 10, and most of it at 1,000.
        assert!(steepening_of(|n| 9000 + 700 * n + 7 * n * n).unwrap() > 5.0);
        // Sorting does not count as growing faster than the number.
        let logarithm = |n: u64| u64::from(n.ilog2());
        assert!(steepening_of(|n| 9000 + 700 * n + 30 * n * logarithm(n)).unwrap() < 1.5);
    }

    #[test]
    fn what_cannot_be_told_from_nothing_is_not_called_linear() {
        assert_eq!(steepening_of(|_| 9000), None);
        assert_eq!(steepening_of(|n| 9000 - n), None);
    }
}
