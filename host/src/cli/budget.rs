//! Budgets: limits of a policy's cost, as multiples of the cost of another policy in the same run. Limits in
//! microseconds would depend on the machine.

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use pss_host::measure::Cost;

/// A limit such as `call 2 nothing.wasm`: the median call takes at most twice as long as that of nothing.wasm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Budget {
    metric: Metric,
    factor: f64,
    /// The name of the policy that the first policy is compared with.
    pub(super) reference: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Metric {
    Instance,
    Call,
    Teardown,
    Total,
}

impl Metric {
    const ALL: [(&'static str, Self); 4] =
        [("instance", Self::Instance), ("call", Self::Call), ("teardown", Self::Teardown), ("total", Self::Total)];

    fn of(self, cost: &Cost) -> Duration {
        match self {
            Self::Instance => cost.instantiation.median,
            Self::Call => cost.call.median,
            Self::Teardown => cost.teardown.median,
            Self::Total => cost.total.median,
        }
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, metric)| *metric == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let (Some(metric), Some(factor), Some(reference), None) = (words.next(), words.next(), words.next(), words.next()) else {
            return Err("a budget is three words, such as `call 2 nothing.wasm`".to_owned());
        };
        let metric = Metric::ALL.into_iter().find(|(name, _)| *name == metric);
        let (_, metric) = metric.ok_or("the first word must be instance, call, teardown or total")?;
        let factor: f64 = factor.parse().map_err(|_| "the second word must be a number")?;
        if !(factor.is_finite() && factor > 0.0) {
            return Err("the number must be positive".to_owned());
        }
        Ok(Self { metric, factor, reference: reference.to_owned() })
    }
}

impl Budget {
    /// The actual ratio, and whether it is within the budget. A cost of zero was not measured, and is not.
    fn evaluate(&self, ours: &Cost, theirs: &Cost) -> (f64, bool) {
        let (ours, theirs) = (self.metric.of(ours).as_secs_f64(), self.metric.of(theirs).as_secs_f64());
        let ratio = ours / theirs;
        (ratio, ours > 0.0 && theirs > 0.0 && ratio <= self.factor)
    }
}

/// Prints whether the first policy is within each budget; the exit code is a failure if it exceeds one.
pub(super) fn check(budgets: &[Budget], names: &[String], costs: &[Cost]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    let (Some(name), Some(ours)) = (names.first(), costs.first()) else { return ExitCode::FAILURE };
    for budget in budgets {
        let theirs = names.iter().zip(costs).find(|(name, _)| **name == budget.reference);
        let (ratio, is_within) = theirs.map_or((f64::NAN, false), |(_, theirs)| budget.evaluate(ours, theirs));
        let verdict = if is_within { "ok" } else { "OVER" };
        println!(
            "  {verdict}: {} of {name} is x {ratio:.3} of that of {} (limit: x {})",
            budget.metric.name(),
            budget.reference,
            budget.factor
        );
        if !is_within {
            code = ExitCode::FAILURE;
        }
    }
    code
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use pss_host::measure::Percentiles;

    fn cost(instantiation: u64, call: u64) -> Cost {
        let percentiles = |micros| Percentiles { median: Duration::from_micros(micros), p99: Duration::from_secs(1) };
        Cost {
            size: 1,
            instantiation: percentiles(instantiation),
            call: percentiles(call),
            teardown: percentiles(1),
            total: percentiles(instantiation + call + 1),
        }
    }

    #[test]
    fn a_budget_is_a_multiple_of_the_cost_of_another_policy() {
        for (text, is_within) in [
            ("instance 1.2 nothing.wasm", true),
            ("instance 1.19 nothing.wasm", false),
            ("call 2 nothing.wasm", false),
            ("call 3 nothing.wasm", true),
            ("teardown 1 nothing.wasm", true),
            ("teardown 0.9 nothing.wasm", false),
            ("total 1.3 nothing.wasm", false),
            ("total 1.4 nothing.wasm", true),
        ] {
            let budget: Budget = text.parse().unwrap();
            assert_eq!(budget.evaluate(&cost(120, 30), &cost(100, 10)).1, is_within, "{text}");
        }
        let budget: Budget = "call 2 nothing.wasm".parse().unwrap();
        for (ours, theirs) in [(cost(1, 0), cost(1, 1)), (cost(1, 1), cost(1, 0)), (cost(0, 0), cost(0, 0))] {
            assert!(!budget.evaluate(&ours, &theirs).1, "a cost that was not measured is not within a budget");
        }
    }

    #[test]
    fn fails_if_the_first_policy_exceeds_a_budget() {
        let names = ["policy.wasm", "nothing.wasm"].map(str::to_owned);
        let costs = [cost(120, 30), cost(100, 10)];
        let check = |budgets: &[&str]| {
            let budgets: Vec<Budget> = budgets.iter().map(|text| text.parse().unwrap()).collect();
            format!("{:?}", check(&budgets, &names, &costs))
        };
        let (ok, over) = (format!("{:?}", ExitCode::SUCCESS), format!("{:?}", ExitCode::FAILURE));
        assert_ne!(ok, over);
        assert_eq!(check(&[]), ok);
        assert_eq!(check(&["instance 1.2 nothing.wasm", "call 3 nothing.wasm"]), ok);
        assert_eq!(check(&["instance 1.1 nothing.wasm", "call 3 nothing.wasm"]), over);
        assert_eq!(check(&["instance 1.2 other.wasm"]), over);
    }

    #[test]
    fn rejects_invalid_budgets() {
        for text in ["", "call", "call 2", "call 2 a b", "size 2 a", "call two a", "call 0 a", "call -1 a", "call inf a", "call NaN a"] {
            assert!(text.parse::<Budget>().is_err(), "{text}");
        }
    }
}
