//! `pss-host show`: sample requests and their verdicts as readable text.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use pss_host::show::{Verdict, render};
use pss_host::{AdmissionResponse, HostCalls, NoCluster, Policy, RecordedSession, payload};

#[derive(Args, Debug)]
pub(super) struct Show {
    /// The policy module, annotated or not.
    policy: PathBuf,
    /// The samples: each NAME.json is a request; NAME.settings.json beside it holds the settings, and
    /// NAME.session.yml, if there is one, the recorded session.
    #[arg(required = true, value_name = "NAME.json")]
    samples: Vec<PathBuf>,
}

impl Show {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let width = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100);
        let policy = super::load(&self.policy)?;
        let mut failed = false;
        for (i, path) in self.samples.iter().enumerate() {
            let response = show(&policy, path, i + 1, width).map_err(|e| format!("{}: {e}", path.display()))?;
            failed |= response.status.is_some_and(|s| s.code == Some(500));
        }
        Ok(if failed {
            eprintln!("Error: the policy failed on a sample (code 500 above)");
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        })
    }
}

fn show(policy: &Policy, path: &Path, number: usize, width: usize) -> Result<AdmissionResponse, String> {
    let request = super::request(path)?;
    let settings = super::settings(Some(&path.with_extension("settings.json")), None)?;
    if let Some(message) = super::settings_rejection(policy, &settings) {
        return Err(message);
    }
    let session = path.with_extension("session.yml");
    let session = session.exists().then(|| super::run::session(&session).map(Arc::new)).transpose()?;
    let summaries = session.as_ref().map(|s| s.summaries()).unwrap_or_default();
    let host_calls: Arc<dyn HostCalls> = match &session {
        Some(session) => session.clone(),
        None => Arc::new(NoCluster),
    };
    let response = policy.validate(&payload(&request, &settings), host_calls);
    if let Some(session) = session {
        check_session(&session)?;
    }
    let response = AdmissionResponse::new(&request, response);
    let heading = format!("{number}. {}", title(path));
    println!(
        "{}",
        render(&Verdict { heading: &heading, request: &request, settings: &settings, host_calls: &summaries, response: &response }, width,)
    );
    Ok(response)
}

/// `tests/data/rejected-pod.json` as `rejected pod (tests/data/rejected-pod.json)`.
fn title(path: &Path) -> String {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().replace('-', " ")).unwrap_or_default();
    format!("{name} ({})", path.display())
}

/// Fails if the policy's host calls are not those of the session, because the verdict is wrong then.
fn check_session(session: &RecordedSession) -> Result<(), String> {
    let mismatch = session.mismatch().or_else(|| {
        let remaining = session.summaries();
        (!remaining.is_empty()).then(|| format!("the policy did not make these calls: {}", remaining.join(", ")))
    });
    mismatch.map_or(Ok(()), |error| Err(format!("the recorded session is out of date: {error}")))
}
