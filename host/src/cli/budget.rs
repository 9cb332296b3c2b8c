//! What a policy may cost: a multiple of what another one costs in the same run, for a machine has no speed of
//! its own that a bound in microseconds could hold on.

use std::process::ExitCode;
use std::str::FromStr;
use std::time::Duration;

use pss_host::measure::Cost;

/// `call 2 nothing.wasm`: the call at most twice that of nothing.wasm.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Budget {
    what: What,
    times: f64,
    /// The name of the policy that it is measured by.
    pub(super) of: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Instance,
    Call,
    End,
    Whole,
}

impl What {
    const ALL: [(&'static str, Self); 4] = [("instance", Self::Instance), ("call", Self::Call), ("end", Self::End), ("whole", Self::Whole)];

    fn of(self, cost: &Cost) -> Duration {
        match self {
            Self::Instance => cost.set_up.median,
            Self::Call => cost.call.median,
            Self::End => cost.end.median,
            Self::Whole => cost.whole.median,
        }
    }

    fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, what)| *what == self).map_or("", |(name, _)| name)
    }
}

impl FromStr for Budget {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut words = text.split_whitespace();
        let (Some(what), Some(times), Some(of), None) = (words.next(), words.next(), words.next(), words.next()) else {
            return Err("a budget is three words, such as `call 2 nothing.wasm`".to_owned());
        };
        let what = What::ALL.into_iter().find(|(name, _)| *name == what);
        let (_, what) = what.ok_or("the first word is instance, call, end or whole")?;
        let times: f64 = times.parse().map_err(|_| "the second word is a number")?;
        if !(times.is_finite() && times > 0.0) {
            return Err("the number is larger than nothing".to_owned());
        }
        Ok(Self { what, times, of: of.to_owned() })
    }
}

impl Budget {
    /// What it is in fact, and whether that is within it. Of a cost that was not measured nothing can be said.
    fn kept(&self, ours: &Cost, theirs: &Cost) -> (f64, bool) {
        let (ours, theirs) = (self.what.of(ours).as_secs_f64(), self.what.of(theirs).as_secs_f64());
        let times = ours / theirs;
        (times, ours > 0.0 && theirs > 0.0 && times <= self.times)
    }
}

/// Prints each budget of the first policy, and fails where one is not kept.
pub(super) fn check(budgets: &[Budget], names: &[String], costs: &[Cost]) -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    let (Some(name), Some(ours)) = (names.first(), costs.first()) else { return ExitCode::FAILURE };
    for budget in budgets {
        let theirs = names.iter().zip(costs).find(|(name, _)| **name == budget.of);
        let (times, kept) = theirs.map_or((f64::NAN, false), |(_, theirs)| budget.kept(ours, theirs));
        let verdict = if kept { "kept" } else { "OVER" };
        println!("  {verdict}: {name}'s {} is x {times:.3} of {}'s, at most x {}", budget.what.name(), budget.of, budget.times);
        if !kept {
            code = ExitCode::FAILURE;
        }
    }
    code
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use pss_host::measure::Spread;

    fn cost(set_up: u64, call: u64) -> Cost {
        let spread = |micros| Spread { median: Duration::from_micros(micros), p99: Duration::from_secs(1) };
        Cost { size: 1, set_up: spread(set_up), call: spread(call), end: spread(1), whole: spread(set_up + call + 1) }
    }

    #[test]
    fn a_budget_is_a_multiple_of_what_another_policy_costs() {
        for (text, kept) in [
            ("instance 1.2 nothing.wasm", true),
            ("instance 1.19 nothing.wasm", false),
            ("call 2 nothing.wasm", false),
            ("call 3 nothing.wasm", true),
            ("end 1 nothing.wasm", true),
            ("end 0.9 nothing.wasm", false),
            ("whole 1.3 nothing.wasm", false),
            ("whole 1.4 nothing.wasm", true),
        ] {
            let budget: Budget = text.parse().unwrap();
            assert_eq!(budget.kept(&cost(120, 30), &cost(100, 10)).1, kept, "{text}");
        }
        let budget: Budget = "call 2 nothing.wasm".parse().unwrap();
        for (ours, theirs) in [(cost(1, 0), cost(1, 1)), (cost(1, 1), cost(1, 0)), (cost(0, 0), cost(0, 0))] {
            assert!(!budget.kept(&ours, &theirs).1, "what was not measured is not within a budget");
        }
    }

    #[test]
    fn the_first_policy_has_to_keep_all_of_them() {
        let names = ["policy.wasm", "nothing.wasm"].map(str::to_owned);
        let costs = [cost(120, 30), cost(100, 10)];
        let check = |budgets: &[&str]| {
            let budgets: Vec<Budget> = budgets.iter().map(|text| text.parse().unwrap()).collect();
            format!("{:?}", check(&budgets, &names, &costs))
        };
        let (kept, over) = (format!("{:?}", ExitCode::SUCCESS), format!("{:?}", ExitCode::FAILURE));
        assert_ne!(kept, over);
        assert_eq!(check(&[]), kept);
        assert_eq!(check(&["instance 1.2 nothing.wasm", "call 3 nothing.wasm"]), kept);
        assert_eq!(check(&["instance 1.1 nothing.wasm", "call 3 nothing.wasm"]), over);
        assert_eq!(check(&["instance 1.2 other.wasm"]), over);
    }

    #[test]
    fn a_budget_that_says_nothing_is_a_mistake() {
        for text in ["", "call", "call 2", "call 2 a b", "size 2 a", "call two a", "call 0 a", "call -1 a", "call inf a", "call NaN a"] {
            assert!(text.parse::<Budget>().is_err(), "{text}");
        }
    }
}
