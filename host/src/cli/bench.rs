//! `pss-host bench`: what a request costs, for one policy or several side by side.

use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use clap::Args;
use pss_host::host_calls::HostCalls;
use pss_host::measure::{Cost, Spread, Subject, measure};
use pss_host::{NoCluster, Recorded, payload};

#[derive(Args, Debug)]
pub(super) struct Bench {
    /// The policy modules; the ratios are to the first.
    #[arg(required = true)]
    policies: Vec<PathBuf>,
    /// The AdmissionRequest or AdmissionReview, as JSON; `-` reads standard input.
    #[arg(short, long, value_name = "PATH")]
    request_path: PathBuf,
    /// The settings, as JSON: once for all policies, or once for each, in their order.
    #[arg(long, value_name = "VALUE")]
    settings_json: Vec<String>,
    /// Answer host calls from this recorded session, from its start in each run.
    #[arg(long, value_name = "FILE")]
    replay_host_capabilities_interactions: Option<PathBuf>,
    /// How many fresh instances of each policy are measured.
    #[arg(short = 'n', long, default_value_t = 2000)]
    runs: usize,
}

impl Bench {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        if cfg!(debug_assertions) {
            eprintln!("pss-host: this is a debug build; build the host with optimisations to measure (make bench does)");
        }
        let request = super::request(&self.request_path)?;
        let session = self.replay_host_capabilities_interactions.as_deref().map(super::run::session).transpose()?;
        let mut loaded = Vec::new();
        for (i, path) in self.policies.iter().enumerate() {
            let settings = super::settings(None, self.settings_of(i)?)?;
            let policy = super::load(path)?;
            if let Some(refusal) = super::refused_settings(&policy, &settings) {
                return Err(format!("{}: {refusal}", path.display()));
            }
            loaded.push((policy, payload(&request, &settings)));
        }
        let subjects: Vec<Subject<'_>> = loaded.iter().map(|(policy, payload)| Subject { policy, payload }).collect();
        let costs = measure(&subjects, self.runs, || answers(session.as_ref())).map_err(|e| e.to_string())?;

        let bytes: Vec<usize> = loaded.iter().map(|(_, payload)| payload.len()).collect();
        println!(
            "{}: payload of {} bytes, {} fresh instances; microseconds, median (99th of 100)",
            self.request_path.display(),
            bytes.iter().max().copied().map_or_else(String::new, grouped),
            grouped(self.runs),
        );
        print!("{}", self.table(&costs));
        Ok(ExitCode::SUCCESS)
    }

    fn settings_of(&self, policy: usize) -> Result<Option<&str>, String> {
        match self.settings_json.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            several => several.get(policy).map(|s| Some(s.as_str())).ok_or_else(|| {
                format!(
                    "--settings-json is given {} times for {} policies: give it once, or once for each",
                    several.len(),
                    self.policies.len()
                )
            }),
        }
    }

    fn table(&self, costs: &[Cost]) -> String {
        let name = |path: &PathBuf| path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned());
        let mut rows = vec![["policy", "bytes", "instance", "call", "both"].map(str::to_owned)];
        for (path, cost) in self.policies.iter().zip(costs) {
            rows.push([name(path), grouped(cost.size), micros(cost.set_up), micros(cost.call), micros(cost.both)]);
        }
        if let Some((first, others)) = costs.split_first() {
            for (path, cost) in self.policies.iter().skip(1).zip(others) {
                rows.push([
                    format!("{} to the first", name(path)),
                    ratio(cost.size as f64, first.size as f64),
                    times(cost.set_up, first.set_up),
                    times(cost.call, first.call),
                    times(cost.both, first.both),
                ]);
            }
        }
        aligned(&rows)
    }
}

fn answers(session: Option<&Recorded>) -> Arc<dyn HostCalls> {
    match session {
        Some(session) => Arc::new(session.from_here()),
        None => Arc::new(NoCluster),
    }
}

fn in_micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

fn micros(spread: Spread) -> String {
    format!("{:.1} ({:.1})", in_micros(spread.median), in_micros(spread.p99))
}

fn times(other: Spread, first: Spread) -> String {
    ratio(in_micros(other.median), in_micros(first.median))
}

fn ratio(other: f64, first: f64) -> String {
    if first > 0.0 { format!("x {:.2}", other / first) } else { "-".to_owned() }
}

/// 1234567 as 1,234,567.
fn grouped(n: usize) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// Columns as wide as their widest cell; the first to the left, numbers to the right.
fn aligned<const N: usize>(rows: &[[String; N]]) -> String {
    let mut widths = [0; N];
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for row in rows {
        for (i, (cell, width)) in row.iter().zip(widths).enumerate() {
            if i == 0 {
                text.push_str(&format!("  {cell:<width$}"));
            } else {
                text.push_str(&format!("  {cell:>width$}"));
            }
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        for (n, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(n), text);
        }
    }

    #[test]
    fn columns_line_up() {
        let rows = [["a", "10"], ["long", "1"]].map(|row| row.map(str::to_owned));
        assert_eq!(aligned(&rows), "  a     10\n  long   1\n");
    }

    #[test]
    fn several_policies_take_one_settings_for_all_or_one_each() {
        let bench = |settings: &[&str]| Bench {
            policies: vec!["a.wasm".into(), "b.wasm".into(), "c.wasm".into()],
            request_path: "-".into(),
            settings_json: settings.iter().map(|s| (*s).to_owned()).collect(),
            replay_host_capabilities_interactions: None,
            runs: 1,
        };
        assert_eq!(bench(&[]).settings_of(2).unwrap(), None);
        assert_eq!(bench(&["{}"]).settings_of(2).unwrap(), Some("{}"));
        assert_eq!(bench(&["1", "2", "3"]).settings_of(1).unwrap(), Some("2"));
        assert!(bench(&["1", "2"]).settings_of(2).unwrap_err().contains("given 2 times for 3 policies"));
    }
}
