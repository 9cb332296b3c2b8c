//! `pss-host show`: sample requests and their verdicts, for a person to read.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::Args;
use pss_host::show::{Verdict, verdict};
use pss_host::{AdmissionResponse, HostCalls, NoCluster, Policy, Recorded, payload};

#[derive(Args, Debug)]
pub(super) struct Show {
    /// The policy module, annotated or not.
    policy: PathBuf,
    /// The samples: each NAME.json is a request; NAME.settings.json beside it holds the settings, and
    /// NAME.session.yml, where it is there, the cluster's answers.
    #[arg(required = true, value_name = "NAME.json")]
    samples: Vec<PathBuf>,
}

impl Show {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let width = env::var("COLUMNS").ok().and_then(|columns| columns.parse().ok()).unwrap_or(100);
        let policy = super::load(&self.policy)?;
        let mut broken = false;
        for (i, path) in self.samples.iter().enumerate() {
            let response = show(&policy, path, i + 1, width).map_err(|e| format!("{}: {e}", path.display()))?;
            broken |= response.status.is_some_and(|s| s.code == Some(500));
        }
        Ok(if broken {
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
    if let Some(refusal) = super::refused_settings(policy, &settings) {
        return Err(refusal);
    }
    let session = path.with_extension("session.yml");
    let session = session.exists().then(|| super::run::session(&session).map(Arc::new)).transpose()?;
    let asked = session.as_ref().map(|s| s.lines()).unwrap_or_default();
    let host_calls: Arc<dyn HostCalls> = match &session {
        Some(session) => session.clone(),
        None => Arc::new(NoCluster),
    };
    let answer = policy.validate(&payload(&request, &settings), host_calls);
    if let Some(session) = session {
        out_of_date(&session)?;
    }
    let response = AdmissionResponse::new(&request, answer);
    let heading = format!("{number}. {}", title(path));
    println!(
        "{}",
        verdict(&Verdict { heading: &heading, request: &request, settings: &settings, asked: &asked, response: &response }, width,)
    );
    Ok(response)
}

/// `tests/data/rejected-pod.json` as `rejected pod (tests/data/rejected-pod.json)`.
fn title(path: &Path) -> String {
    let name = path.file_stem().map(|stem| stem.to_string_lossy().replace('-', " ")).unwrap_or_default();
    format!("{name} ({})", path.display())
}

/// A sample whose session is not what the policy asks shows nothing that is true.
fn out_of_date(session: &Recorded) -> Result<(), String> {
    let trouble = session.trouble().or_else(|| {
        let left = session.lines();
        (!left.is_empty()).then(|| format!("the policy did not ask: {}", left.join(", ")))
    });
    trouble.map_or(Ok(()), |t| Err(format!("the recorded session is out of date: {t}")))
}
