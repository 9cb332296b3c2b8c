//! Pods for Windows must not run on the node itself.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.windowsOptions.hostProcess`, `spec.containers[*].securityContext.windowsOptions.hostProcess`, also of init and ephemeral containers |
//! | Allowed | `false`, not set |
//! | Value | true |
//! | History | v1.0: introduced |
//!
//! Source: `policy/check_windowsHostProcess.go` of k8s.io/pod-security-admission.

use super::{Findings, in_containers};
use crate::pod::{Pod, WindowsOptions};
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Condition, Documentation, Explanation, FALSE, Field, INTRODUCED, Restriction};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "windowsHostProcess",
    level: Level::Baseline,
    reason: "hostProcess",
    other_names: &[],
    revisions: &[Revision::since(0, run, Sentence::MustNotSet("securityContext.windowsOptions.hostProcess=true"))],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Host processes on Windows",
    why: "A HostProcess container runs on the Windows node without isolation, and has access to the node's files, network and processes.",
    advice: "Remove hostProcess from windowsOptions. Run agents that manage Windows nodes in a namespace with the privileged level.",
    restrictions: &[Restriction::since(0, &[Field::Both(FIELD)], FALSE)],
    history: &[INTRODUCED],
    value: "true",
    explanations: &[Explanation::new(Condition::Always, "{subject} runs on the Windows node itself, because hostProcess is {value}.")],
    source: "check_windowsHostProcess.go",
};

const FIELD: &str = "securityContext.windowsOptions.hostProcess";

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let host_process = |options: &WindowsOptions<'_>| options.host_process.then_some(Value::Bool(true));
    findings.extend(host_process(&pod.spec.security_context.windows_options).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, |context| host_process(&context.windows_options));
}
