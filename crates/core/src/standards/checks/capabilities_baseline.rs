//! Containers must not add capabilities beyond the default set of container runtimes.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.capabilities.add`, also of init and ephemeral containers |
//! | Allowed | not set, or the capabilities in [`ALLOWED`] |
//! | Value | the capability, as written |
//! | History | v1.0: introduced |
//!
//! Source: `policy/check_capabilities_baseline.go` of k8s.io/pod-security-admission.

use super::{Findings, REMOVE_CAPABILITY, added_capabilities};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Allowed, Condition, Documentation, Explanation, Field, INTRODUCED, NOT_SET, Restriction};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "capabilities_baseline",
    level: Level::Baseline,
    reason: "non-default capabilities",
    other_names: &["Capabilities"],
    revisions: &[Revision::since(0, run, Sentence::Capabilities)],
    remedies: &[REMOVE_CAPABILITY],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Capabilities beyond the default set",
    why: "Capabilities divide the privileges of root. One that runtimes do not grant by default often gives a container access to the \
          node, or to the traffic of other pods.",
    advice: "Remove the capability from capabilities.add. Write names in capitals and without CAP_. Run debugging tools that need more \
             capabilities in a separate pod, in a namespace with the privileged level.",
    restrictions: &[Restriction::since(
        0,
        &[Field::Containers("securityContext.capabilities.add[*]")],
        &[NOT_SET, Allowed::Values(&ALLOWED)],
    )],
    history: &[INTRODUCED],
    value: "the capability, as written",
    explanations: &[
        Explanation::new(Condition::Value(""), "{subject} adds a capability without a name."),
        Explanation::new(Condition::Always, "{subject} adds the capability {value}, which is not one of the default set.")
            .with_advice("Remove {value} from capabilities.add. It may contain {allowed}, in this spelling."),
    ],
    source: "check_capabilities_baseline.go",
};

/// The capabilities that may be added. `NET_RAW` is a default of many runtimes and yet not among
/// them: it lets a pod forge packets of its neighbours.
const ALLOWED: [&str; 13] = [
    "AUDIT_WRITE",
    "CHOWN",
    "DAC_OVERRIDE",
    "FOWNER",
    "FSETID",
    "KILL",
    "MKNOD",
    "NET_BIND_SERVICE",
    "SETFCAP",
    "SETGID",
    "SETPCAP",
    "SETUID",
    "SYS_CHROOT",
];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    super::each_container(pod, |container, subject| {
        findings.extend(added_capabilities(container, subject, &ALLOWED));
    });
}
