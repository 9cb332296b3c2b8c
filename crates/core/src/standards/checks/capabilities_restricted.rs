//! Containers must drop all capabilities, and add no other than `NET_BIND_SERVICE`.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.capabilities.drop`, also of init and ephemeral containers |
//! | Allowed | a list with `ALL` |
//! | Fields | `spec.containers[*].securityContext.capabilities.add`, likewise |
//! | Allowed | not set, or `NET_BIND_SERVICE` |
//! | Value | missing, where ALL is not dropped; the capability, as written, where one is added |
//! | History | v1.22: introduced, in place of `capabilities_baseline`; v1.25: does not apply to pods for Windows |
//!
//! Source: `policy/check_capabilities_restricted.go` of k8s.io/pod-security-admission.

use super::{Findings, REMOVE_CAPABILITY, added_capabilities, each_container};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{
    Allowed, Change, Condition, Documentation, EXCEPT_WINDOWS, Explanation, Field, NOT_SET, Restriction,
};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, CAPABILITIES_DROP, Obstacle, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "capabilities_restricted",
    level: Level::Restricted,
    reason: "unrestricted capabilities",
    other_names: &["Capabilities"],
    revisions: &[
        Revision::since(22, run, Sentence::Capabilities).overriding(&["capabilities_baseline"]),
        Revision::since(25, run, Sentence::Capabilities).overriding(&["capabilities_baseline"]).unless_windows(),
    ],
    remedies: &[Remedy::new(CAPABILITIES_DROP, Action::Set("[\"ALL\"]"), &[Obstacle::Windows]), REMOVE_CAPABILITY],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Capabilities that are not needed",
    why: "Runtimes grant each container about a dozen capabilities, and few programs need any of them. An attacker cannot use a capability \
          that the container does not have.",
    advice: "Set capabilities.drop to [\"ALL\"] in the securityContext of each container, ALL in capitals. To listen on a port below 1024, \
             add NET_BIND_SERVICE or use a higher port. A program that starts as root only to change its user can usually be started as \
             that user.",
    restrictions: &[
        Restriction::since(22, &[Field::Containers("securityContext.capabilities.drop")], &[Allowed::Description("a list with ALL")]),
        Restriction::since(22, &[Field::Containers("securityContext.capabilities.add[*]")], &[NOT_SET, Allowed::Values(&ALLOWED)]),
    ],
    history: &[Change::since(22, "Introduced, in place of capabilities_baseline."), Change::since(25, EXCEPT_WINDOWS)],
    value: "missing, where ALL is not dropped; the capability, as written, where one is added",
    explanations: &[
        Explanation::new(
            Condition::Missing,
            "{subject} keeps the capabilities that runtimes grant by default, because capabilities.drop does not contain ALL.",
        ),
        Explanation::new(Condition::Value(""), "{subject} adds a capability without a name."),
        Explanation::new(Condition::Always, "{subject} adds the capability {value}; restricted allows no other than {allowed}.")
            .with_advice(
                "Remove {value} from capabilities.add. A program that needs it only to start as root and then change its user or the owner \
                 of its files can usually be started as that user.",
            ),
    ],
    source: "check_capabilities_restricted.go",
};

/// The capabilities that may be added.
const ALLOWED: [&str; 1] = ["NET_BIND_SERVICE"];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, |container, subject| {
        if !container.security_context.capabilities.drop.all {
            findings.push(Finding { subject, field: "securityContext.capabilities.drop", index: 0, value: Value::Missing });
        }
        findings.extend(added_capabilities(container, subject, &ALLOWED));
    });
}
