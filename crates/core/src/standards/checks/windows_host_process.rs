//! Windows pods that run on the node itself.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.securityContext.windowsOptions.hostProcess`, `spec.containers[*].securityContext.windowsOptions.hostProcess`, also of init and ephemeral containers |
//! | Allowed | `false`, not set |
//! | Value | true |
//!
//! Source: `policy/check_windowsHostProcess.go`.

use super::{Findings, in_containers};
use crate::pod::{Pod, WindowsOptions};
use crate::standards::about::{About, Field, INTRODUCED, OFF, Restriction, Told, When};
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
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Host processes on Windows",
    why: "A HostProcess container runs on the Windows node itself, with nothing around it, and sees the node's files, network and \
          processes.",
    advice: "Remove hostProcess from windowsOptions. Agents that manage Windows nodes belong in a namespace of the privileged level.",
    restrictions: &[Restriction::since(0, &[Field::Both(FIELD)], OFF)],
    history: &[INTRODUCED],
    value: "true",
    told: &[Told::when(When::Always, "{who} runs on the Windows node itself, because hostProcess is {value}.")],
    source: "check_windowsHostProcess.go",
};

const FIELD: &str = "securityContext.windowsOptions.hostProcess";

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    let host_process = |options: &WindowsOptions<'_>| options.host_process.then_some(Value::Bool(true));
    findings.extend(host_process(&pod.spec.security_context.windows_options).map(|value| Finding::pod(FIELD, value)));
    in_containers(pod, findings, FIELD, &|context| host_process(&context.windows_options));
}
