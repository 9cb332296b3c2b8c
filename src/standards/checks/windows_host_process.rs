//! Windows pods that run on the node itself.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.windowsOptions.hostProcess`, `spec.containers[*].securityContext.windowsOptions.hostProcess`, also of init and ephemeral containers |
//! | Allowed | `false`, not set |
//! | Value of a finding | `true` |
//! | History | 1.0: introduced |
//!
//! Source: `policy/check_windowsHostProcess.go`.

use super::{Findings, in_containers};
use crate::pod::{Pod, WindowsOptions};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "windowsHostProcess",
    level: Level::Baseline,
    reason: "hostProcess",
    revisions: &[Revision::since(0, run, Sentence::MustNotSet("securityContext.windowsOptions.hostProcess=true"))],
};

const FIELD: &str = "securityContext.windowsOptions.hostProcess";

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let host_process = |options: &WindowsOptions| options.host_process.then_some(Value::Bool(true));
    findings.extend(host_process(&pod.spec.security_context.windows_options).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, |context| host_process(&context.windows_options));
}
