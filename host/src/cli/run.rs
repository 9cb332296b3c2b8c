//! `pss-host run`: kwctl's `run`, without a cluster.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use clap::{ArgAction, Args};
use pss_host::host_calls::{Granted, HostCalls, NotConnected};
use pss_host::memory::{Scales, Weighed};
use pss_host::{AdmissionResponse, Error, Policy, Recorded, ValidationResponse, capabilities, payload};

#[derive(Args, Debug)]
pub(super) struct Run {
    /// The policy module, annotated or not.
    policy: PathBuf,
    /// The AdmissionRequest or AdmissionReview, as JSON; `-` reads standard input.
    #[arg(short, long, value_name = "PATH")]
    request_path: PathBuf,
    /// The policy's settings, as YAML; wins over --settings-json.
    #[arg(short, long, value_name = "PATH")]
    settings_path: Option<PathBuf>,
    /// The policy's settings, as JSON.
    #[arg(long, value_name = "VALUE")]
    settings_json: Option<String>,
    /// Answer host calls from this recorded session.
    #[arg(long, value_name = "FILE")]
    replay_host_capabilities_interactions: Option<PathBuf>,
    /// Grant what the module's metadata asks for; a module without metadata is granted everything.
    #[arg(long)]
    allow_context_aware: bool,
    /// The host capabilities that are granted: `*`, `kubernetes/*`, `kubernetes/get_resource`.
    #[arg(long, value_name = "NAMES", default_value = "*", num_args = 0.., action = ArgAction::Set)]
    allowed_host_capabilities: Vec<String>,
    /// Taken for kwctl's sake, and not used.
    #[arg(long, value_name = "PATH")]
    sigstore_trust_config: Option<PathBuf>,
    /// Say on standard error how many bytes of memory the guest has after the call; kwctl knows no such thing.
    #[arg(long)]
    memory: bool,
}

impl Run {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let request = super::request(&self.request_path)?;
        let settings = super::settings(self.settings_path.as_deref(), self.settings_json.as_deref())?;
        let policy = super::load(&self.policy)?;
        for pattern in &self.allowed_host_capabilities {
            capabilities::check(pattern).map_err(|e| e.to_string())?;
        }
        let session = self.replay_host_capabilities_interactions.as_deref().map(session).transpose()?;
        if let Some(refusal) = super::refused_settings(&policy, &settings) {
            return Err(refusal);
        }
        let host_calls = host_calls(&policy, self.allow_context_aware, session, self.allowed_host_capabilities)?;
        let payload = payload(&request, &settings);
        let answer = if self.memory { weighed(&self.policy, &payload, host_calls) } else { policy.validate(&payload, host_calls) };
        let response = AdmissionResponse::new(&request, answer);
        let json = serde_json::to_string(&response).map_err(|e| e.to_string())?;
        println!("{json}");
        Ok(ExitCode::SUCCESS)
    }
}

/// The answer of a guest whose memory is told.
fn weighed(policy: &Path, payload: &[u8], host_calls: Arc<dyn HostCalls>) -> Result<ValidationResponse, Error> {
    let module = fs::read(policy).map_err(|e| Error::Load(e.to_string()))?;
    let Weighed { answer, memory, .. } = Scales::load(&module)?.weigh("validate", payload, host_calls)?;
    eprintln!("pss-host: the guest has {memory} bytes of memory");
    serde_json::from_slice(&answer).map_err(Error::Response)
}

/// Reads a recorded session.
pub(super) fn session(path: &Path) -> Result<Recorded, String> {
    let file = path.display();
    let yaml = fs::read_to_string(path).map_err(|e| format!("Cannot open host capabilities interactions file {file}: {e}"))?;
    Recorded::parse(&yaml).map_err(|e| format!("{file}: {e}"))
}

/// Who answers the guest, behind what was granted.
fn host_calls(
    policy: &Policy,
    allow_context_aware: bool,
    session: Option<Recorded>,
    capabilities: Vec<String>,
) -> Result<Arc<dyn HostCalls>, String> {
    let asked_for = policy.metadata().map(|m| m.context_aware_resources.as_slice());
    let connected = session.is_some();
    let inner: Box<dyn HostCalls> = match session {
        Some(session) => Box::new(session),
        None => Box::new(NotConnected),
    };
    let granted = match (allow_context_aware, asked_for) {
        (true, Some([_, ..])) if !connected => {
            return Err(
                "there is no cluster to ask: answer the policy from a recorded session (--replay-host-capabilities-interactions FILE)"
                    .to_owned(),
            );
        }
        (true, Some(resources)) => {
            let resources = resources.iter().map(|r| (r.api_version.clone(), r.kind.clone()));
            Granted::new(resources, inner)
        }
        // Here the host goes further than kwctl, so that the tests need no annotated module.
        (true, None) if connected => {
            eprintln!(
                "pss-host: the module carries no metadata: every kind of resource is granted (kwctl grants none; annotate the module for it)"
            );
            Granted::everything(inner)
        }
        _ => Granted::nothing(inner),
    };
    Ok(Arc::new(granted.only_capabilities(capabilities)))
}
