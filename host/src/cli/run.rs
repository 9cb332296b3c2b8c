//! `pss-host run`: `kwctl run` without a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgAction, Args};
use pss_host::host_calls::{GrantFilter, HostCalls, NotConnected};
use pss_host::memory::{Measurement, MemoryMeter};
use pss_host::{AdmissionResponse, Error, Policy, RecordedSession, ValidationResponse, capabilities, payload};

#[derive(Args, Debug)]
pub(super) struct Run {
    /// The policy module, annotated or not.
    policy: PathBuf,
    /// The AdmissionRequest or AdmissionReview, as JSON; `-` reads standard input.
    #[arg(short, long, value_name = "PATH")]
    request_path: PathBuf,
    /// The policy's settings, as YAML; overrides --settings-json.
    #[arg(short, long, value_name = "PATH")]
    settings_path: Option<PathBuf>,
    /// The policy's settings, as JSON.
    #[arg(long, value_name = "VALUE")]
    settings_json: Option<String>,
    /// Replay this recorded session as the responses to host calls.
    #[arg(long, value_name = "FILE")]
    replay_host_capabilities_interactions: Option<PathBuf>,
    /// Grant the resources that the module's metadata requests; all resources if the module has no metadata.
    #[arg(long)]
    allow_context_aware: bool,
    /// The host capabilities to grant: `*`, `kubernetes/*`, `kubernetes/get_resource`.
    #[arg(long, value_name = "NAMES", default_value = "*", num_args = 0.., action = ArgAction::Set)]
    allowed_host_capabilities: Vec<String>,
    /// Accepted for compatibility with kwctl, and ignored.
    #[arg(long, value_name = "PATH")]
    sigstore_trust_config: Option<PathBuf>,
    /// Print the size of the guest's memory after the call on standard error. kwctl has no such option.
    #[arg(long)]
    memory: bool,
}

impl Run {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let request = super::request(&self.request_path)?;
        let settings = super::settings(self.settings_path.as_deref(), self.settings_json.as_deref())?;
        let policy = super::load(&self.policy)?;
        for pattern in &self.allowed_host_capabilities {
            capabilities::validate_pattern(pattern).map_err(|e| e.to_string())?;
        }
        let session = self.replay_host_capabilities_interactions.as_deref().map(session).transpose()?;
        if let Some(message) = super::settings_rejection(&policy, &settings) {
            return Err(message);
        }
        let host_calls = host_calls(&policy, self.allow_context_aware, session, self.allowed_host_capabilities)?;
        let payload = payload(&request, &settings);
        let response =
            if self.memory { validate_measured(&self.policy, &payload, host_calls) } else { policy.validate(&payload, host_calls) };
        let response = AdmissionResponse::new(&request, response);
        let json = serde_json::to_string(&response).map_err(|e| e.to_string())?;
        println!("{json}");
        Ok(ExitCode::SUCCESS)
    }
}

/// Has the guest validate a request, and prints the size of its memory.
fn validate_measured(policy: &Path, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Result<ValidationResponse, Error> {
    let module = fs::read(policy).map_err(|e| Error::Load(e.to_string()))?;
    let Measurement { response, memory, .. } = MemoryMeter::load(&module)?.measure("validate", payload, host_calls)?;
    eprintln!("pss-host: the guest has {memory} bytes of memory");
    serde_json::from_slice(&response).map_err(Error::Response)
}

/// Loads a recorded session from a file.
pub(super) fn session(path: &Path) -> Result<RecordedSession, String> {
    let file = path.display();
    let yaml = fs::read_to_string(path).map_err(|e| format!("Cannot open host capabilities interactions file {file}: {e}"))?;
    RecordedSession::parse(&yaml).map_err(|e| format!("{file}: {e}"))
}

/// The handler of the guest's calls: the session, limited to the grants.
fn host_calls(
    policy: &Policy,
    allow_context_aware: bool,
    session: Option<RecordedSession>,
    capabilities: Vec<String>,
) -> Result<Arc<dyn HostCalls>, String> {
    let requested = policy.metadata().map(|m| m.context_aware_resources.as_slice());
    let connected = session.is_some();
    let inner: Box<dyn HostCalls> = match session {
        Some(session) => Box::new(session),
        None => Box::new(NotConnected),
    };
    let granted = match (allow_context_aware, requested) {
        (true, Some([_, ..])) if !connected => {
            return Err("there is no cluster: replay a recorded session (--replay-host-capabilities-interactions FILE)".to_owned());
        }
        (true, Some(resources)) => {
            let resources = resources.iter().map(|r| (r.api_version.clone(), r.kind.clone()));
            GrantFilter::new(resources, inner)
        }
        // kwctl grants nothing here. The host grants everything, so that tests can use a module that is not annotated.
        (true, None) if connected => {
            eprintln!(
                "pss-host: the module has no metadata, so every kind of resource is granted (kwctl grants none: it requires an annotated module)"
            );
            GrantFilter::with_all_resources(inner)
        }
        _ => GrantFilter::without_resources(inner),
    };
    Ok(Arc::new(granted.limit_capabilities(capabilities)))
}
