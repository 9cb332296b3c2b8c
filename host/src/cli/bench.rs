//! `pss-host bench`: what a request costs, for one policy or several side by side, and whether that is within
//! a budget.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use pss_host::host_calls::HostCalls;
use pss_host::measure::{Cost, Subject, measure};
use pss_host::{NoCluster, Recorded, payload};

use super::budget::Budget;
use super::table::{aligned, grouped, in_micros, micros, ratio};

#[derive(Args, Debug)]
pub(super) struct Bench {
    /// The policy modules; the ratios are to the first.
    #[arg(required = true)]
    policies: Vec<PathBuf>,
    /// An AdmissionRequest or AdmissionReview, as JSON; `-` reads standard input. A file whose name ends in
    /// `.jsonl` has one in each line. Every policy judges each of them, in turns.
    #[arg(short, long, value_name = "PATH", required = true)]
    request_path: Vec<PathBuf>,
    /// The settings, as JSON: once for all policies, or once for each, in their order.
    #[arg(long, value_name = "VALUE")]
    settings_json: Vec<String>,
    /// Answer host calls from this recorded session, from its start in each run.
    #[arg(long, value_name = "FILE")]
    replay_host_capabilities_interactions: Option<PathBuf>,
    /// How many fresh instances of each policy are measured.
    #[arg(short = 'n', long, default_value_t = 2000)]
    runs: usize,
    /// What the first policy may cost, such as `call 2 nothing.wasm`: its median call at most twice that of the
    /// policy of this name in the same run. The first word is instance, call, end or whole. Fails if it costs more.
    #[arg(long, value_name = "WHAT TIMES POLICY")]
    at_most: Vec<Budget>,
}

impl Bench {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let names: Vec<String> = self.policies.iter().map(|path| name(path)).collect();
        if let Some(budget) = self.at_most.iter().find(|budget| !names.contains(&budget.of)) {
            return Err(format!("--at-most asks for {}, which is not measured: {}", budget.of, names.join(", ")));
        }
        let mut requests = Vec::new();
        for path in &self.request_path {
            requests.extend(super::requests(path)?);
        }
        super::warn_of_debug_build();
        let session = self.replay_host_capabilities_interactions.as_deref().map(super::run::session).transpose()?;
        let mut loaded = Vec::new();
        for (i, path) in self.policies.iter().enumerate() {
            let settings = super::settings(None, self.settings_of(i)?)?;
            let policy = super::load_for(path, &settings)?;
            loaded.push((policy, requests.iter().map(|request| payload(request, &settings)).collect::<Vec<_>>()));
        }
        let subjects: Vec<Subject<'_>> = loaded.iter().map(|(policy, payloads)| Subject { policy, payloads }).collect();
        let costs = measure(&subjects, self.runs, || answers(session.as_ref())).map_err(|e| e.to_string())?;

        println!("{}; microseconds, median (99th of 100)", self.title(requests.len(), loaded.iter().map(|(_, payloads)| payloads)));
        print!("{}", table(&names, &costs));
        Ok(super::budget::check(&self.at_most, &names, &costs))
    }

    /// What was measured: `pod.json: payload of 3,000 bytes, 2,000 fresh instances`.
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
                    "--settings-json is given {} times for {} policies: give it once, or once for each",
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
    let mut rows = vec![["policy", "bytes", "instance", "call", "end", "whole"].map(str::to_owned)];
    for (name, cost) in names.iter().zip(costs) {
        rows.push([name.clone(), grouped(cost.size), micros(cost.set_up), micros(cost.call), micros(cost.end), micros(cost.whole)]);
    }
    if let Some((first, others)) = costs.split_first() {
        for (name, cost) in names.iter().skip(1).zip(others) {
            let times = |ours, theirs| ratio(in_micros(ours), in_micros(theirs));
            rows.push([
                format!("the first to {name}"),
                ratio(first.size as f64, cost.size as f64),
                times(first.set_up.median, cost.set_up.median),
                times(first.call.median, cost.call.median),
                times(first.end.median, cost.end.median),
                times(first.whole.median, cost.whole.median),
            ]);
        }
    }
    aligned(&rows)
}

pub(super) fn answers(session: Option<&Recorded>) -> Arc<dyn HostCalls> {
    match session {
        Some(session) => Arc::new(session.from_here()),
        None => Arc::new(NoCluster),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn several_policies_take_one_settings_for_all_or_one_each() {
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
