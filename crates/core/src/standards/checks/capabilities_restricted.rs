//! Containers that keep capabilities they do not need.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.capabilities.drop`, also of init and ephemeral containers |
//! | Allowed | a list with `ALL` |
//! | Fields | `spec.containers[*].securityContext.capabilities.add`, likewise |
//! | Allowed | nothing, or `NET_BIND_SERVICE` |
//! | Value | missing, where ALL is not dropped; the capability, as written, where one is added |
//!
//! Source: `policy/check_capabilities_restricted.go`.

use super::{Findings, REMOVE_CAPABILITY, added_capabilities, each_container};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Change, Field, NOT_FOR_WINDOWS, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::finding::{Finding, Value};
use crate::standards::level::Level;
use crate::standards::message::Sentence;
use crate::standards::remedy::{Action, CAPABILITIES_DROP, Obstacle, Remedy};

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "capabilities_restricted",
    level: Level::Restricted,
    reason: "unrestricted capabilities",
    revisions: &[
        Revision::since(22, run, Sentence::Capabilities).overriding(&["capabilities_baseline"]),
        Revision::since(25, run, Sentence::Capabilities).overriding(&["capabilities_baseline"]).unless_windows(),
    ],
    remedies: &[Remedy::new(CAPABILITIES_DROP, Action::Set("[\"ALL\"]"), &[Obstacle::Windows]), REMOVE_CAPABILITY],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Capabilities that are not needed",
    why: "Runtimes give each container about a dozen capabilities, and few programs need one. What a container does not have, \
          an attacker in it cannot use.",
    advice: "Set capabilities.drop to [\"ALL\"] in the securityContext of each container, ALL in capitals. To listen on a port below \
             1024, add NET_BIND_SERVICE or choose a higher port. A program that starts as root in order to change its user can \
             mostly be started as that user.",
    restrictions: &[
        Restriction::since(22, &[Field::Containers("securityContext.capabilities.drop")], &[Allowed::Words("a list with ALL")]),
        Restriction::since(22, &[Field::Containers("securityContext.capabilities.add[*]")], &[NOT_SET, Allowed::Names(&ALLOWED)]),
    ],
    history: &[Change::since(22, "Introduced, in place of capabilities_baseline."), Change::since(25, NOT_FOR_WINDOWS)],
    value: "missing, where ALL is not dropped; the capability, as written, where one is added",
    told: &[
        Told::when(
            When::Missing,
            "{who} keeps the capabilities that runtimes give by default, because capabilities.drop does not hold ALL.",
        ),
        Told::when(When::Value(""), "{who} adds a capability without a name."),
        Told::when(When::Always, "{who} adds the capability {value}; restricted allows no other than {allowed}.").advising(
            "Remove {value} from capabilities.add. A program that needs it to start as root and then change its user or its files' \
             owner can mostly be started as that user.",
        ),
    ],
    source: "check_capabilities_restricted.go",
};

/// The capabilities that may be added.
const ALLOWED: [&str; 1] = ["NET_BIND_SERVICE"];

fn run<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    each_container(pod, &mut |container, subject| {
        if !container.security_context.capabilities.drop.all {
            findings.push(Finding { subject, field: "securityContext.capabilities.drop", index: 0, value: Value::Missing });
        }
        findings.extend(added_capabilities(container, subject, &ALLOWED));
    });
}
