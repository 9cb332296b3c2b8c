//! `pss-host bench`: the cost of a request, for one policy or several side by side, and whether it is within
//! budgets.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use pss_host::host_calls::HostCalls;
use pss_host::measure::{Cost, Workload, measure};
use pss_host::{NoCluster, RecordedSession, payload};

use super::budget::Budget;
use super::table::{aligned, grouped, in_micros, micros, ratio};

#[derive(Args, Debug)]
pub(super) struct Bench {
    /// The policy modules. The first is compared with each of the others.
    #[arg(required = true)]
    policies: Vec<PathBuf>,
    /// An AdmissionRequest or AdmissionReview, as JSON; `-` reads standard input. A file whose name ends in
    /// `.jsonl` has one on each line. Every policy validates each of them, in turn.
    #[arg(short, long, value_name = "PATH", required = true)]
    request_path: Vec<PathBuf>,
    /// The settings, as JSON: once for all policies, or once for each, in the same order.
    #[arg(long, value_name = "VALUE")]
    settings_json: Vec<String>,
    /// Replay this recorded session as the responses to host calls, from its start in each run.
    #[arg(long, value_name = "FILE")]
    replay_host_capabilities_interactions: Option<PathBuf>,
    /// The number of runs for each policy.
    #[arg(short = 'n', long, default_value_t = 2000)]
    runs: usize,
    /// A budget of the first policy, such as `call 2 nothing.wasm`: its median call takes at most twice as long as that
    /// of the policy of this name. The first word is instance, call, teardown or total. Fails if it is exceeded.
    #[arg(long, value_name = "METRIC FACTOR POLICY")]
    at_most: Vec<Budget>,
}

impl Bench {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let names: Vec<String> = self.policies.iter().map(|path| name(path)).collect();
        if let Some(budget) = self.at_most.iter().find(|budget| !names.contains(&budget.reference)) {
            return Err(format!("--at-most compares with {}, which is not measured; these are: {}", budget.reference, names.join(", ")));
        }
        let mut requests = Vec::new();
        for path in &self.request_path {
            requests.extend(super::requests(path)?);
        }
        super::warn_about_debug_build();
        let session = self.replay_host_capabilities_interactions.as_deref().map(super::run::session).transpose()?;
        let mut loaded = Vec::new();
        for (i, path) in self.policies.iter().enumerate() {
            let settings = super::settings(None, self.settings_of(i)?)?;
            let policy = super::load_with_settings(path, &settings)?;
            loaded.push((policy, requests.iter().map(|request| payload(request, &settings)).collect::<Vec<_>>()));
        }
        let workloads: Vec<Workload<'_>> = loaded.iter().map(|(policy, payloads)| Workload { policy, payloads }).collect();
        let costs = measure(&workloads, self.runs, || host_calls(session.as_ref())).map_err(|e| e.to_string())?;

        println!("{}; microseconds, median (99th of 100)", self.title(requests.len(), loaded.iter().map(|(_, payloads)| payloads)));
        print!("{}", table(&names, &costs));
        Ok(super::budget::check(&self.at_most, &names, &costs))
    }

    /// The heading of the table: `pod.json: payload of 3,000 bytes, 2,000 fresh instances`.
    fn title<'a>(&self, requests: usize, payloads: impl Iterator<Item = &'a Vec<Vec<u8>>>) -> String {
        let mean = |payloads: &Vec<Vec<u8>>| payloads.iter().map(Vec::len).sum::<usize>() / payloads.len().max(1);
        let bytes = grouped(payloads.map(mean).max().unwrap_or_default());
        let files: Vec<String> = self.request_path.iter().map(|path| path.display().to_string()).collect();
        let payloads =
            if requests == 1 { format!("payload of {bytes} bytes") } else { format!("{} payloads of {bytes} bytes", grouped(requests)) };
        format!("{}: {payloads}, {} fresh instances", files.join(", "), grouped(self.runs))
    }

    fn settings_of(&self, policy: usize) -> Result<Option<&str>, String> {
        match self.settings_json.as_slice() {
            [] => Ok(None),
            [one] => Ok(Some(one)),
            several => several.get(policy).map(|s| Some(s.as_str())).ok_or_else(|| {
                format!(
                    "--settings-json is given {} times for {} policies; it must be given once, or once for each",
                    several.len(),
                    self.policies.len()
                )
            }),
        }
    }
}

fn name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |n| n.to_string_lossy().into_owned())
}

fn table(names: &[String], costs: &[Cost]) -> String {
    let mut rows = vec![["policy", "bytes", "instance", "call", "teardown", "total"].map(str::to_owned)];
    for (name, cost) in names.iter().zip(costs) {
        rows.push([
            name.clone(),
            grouped(cost.size),
            micros(cost.instantiation),
            micros(cost.call),
            micros(cost.teardown),
            micros(cost.total),
        ]);
    }
    if let Some((first, others)) = costs.split_first() {
        for (name, cost) in names.iter().skip(1).zip(others) {
            let ratio_of = |ours, theirs| ratio(in_micros(ours), in_micros(theirs));
            rows.push([
                format!("the first to {name}"),
                ratio(first.size as f64, cost.size as f64),
                ratio_of(first.instantiation.median, cost.instantiation.median),
                ratio_of(first.call.median, cost.call.median),
                ratio_of(first.teardown.median, cost.teardown.median),
                ratio_of(first.total.median, cost.total.median),
            ]);
        }
    }
    aligned(&rows)
}

/// The handler of one run's host calls: the session from its start, or no cluster.
pub(super) fn host_calls(session: Option<&RecordedSession>) -> Arc<dyn HostCalls> {
    match session {
        Some(session) => Arc::new(session.remaining_session()),
        None => Arc::new(NoCluster),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn settings_are_given_once_or_once_for_each_policy() {
        let bench = |settings: &[&str]| Bench {
            policies: vec!["a.wasm".into(), "b.wasm".into(), "c.wasm".into()],
            request_path: vec!["-".into()],
            settings_json: settings.iter().map(|s| (*s).to_owned()).collect(),
            replay_host_capabilities_interactions: None,
            runs: 1,
            at_most: Vec::new(),
        };
        assert_eq!(bench(&[]).settings_of(2).unwrap(), None);
        assert_eq!(bench(&["{}"]).settings_of(2).unwrap(), Some("{}"));
        assert_eq!(bench(&["1", "2", "3"]).settings_of(1).unwrap(), Some("2"));
        assert!(bench(&["1", "2"]).settings_of(2).unwrap_err().contains("given 2 times for 3 policies"));
    }
}
