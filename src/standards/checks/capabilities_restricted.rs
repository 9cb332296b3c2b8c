//! Containers that keep capabilities they do not need.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.capabilities.drop`, also of init and ephemeral containers |
//! | Allowed | a list with `ALL` |
//! | Fields | `spec.containers[*].securityContext.capabilities.add`, likewise |
//! | Allowed | nothing, or `NET_BIND_SERVICE` |
//! | Value of a finding | missing for `drop`; the capability, as written, for `add` |
//! | History | 1.22: introduced, in place of capabilities_baseline. 1.25: not for Windows pods |
//!
//! Source: `policy/check_capabilities_restricted.go`.

use super::{Findings, added_capabilities, each_container};
use crate::pod::Pod;
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "capabilities_restricted",
    level: Level::Restricted,
    reason: "unrestricted capabilities",
    revisions: &[
        Revision::since(22, run, Sentence::Capabilities).overriding(&["capabilities_baseline"]),
        Revision::since(25, run, Sentence::Capabilities).overriding(&["capabilities_baseline"]).unless_windows(),
    ],
};

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, |container, place| {
        if !container.security_context.capabilities.drop.all {
            findings.push(Finding { place, field: "securityContext.capabilities.drop", index: 0, value: Value::Missing });
        }
        findings.extend(added_capabilities(container, place, &["NET_BIND_SERVICE"]));
    });
}
