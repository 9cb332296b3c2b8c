//! Capabilities beyond those that container runtimes give by default.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.capabilities.add`, also of init and ephemeral containers |
//! | Allowed | nothing, or any of the default set (see [`ALLOWED`]) |
//! | Value | the capability, as written |
//!
//! Source: `policy/check_capabilities_baseline.go`.

use super::{Findings, REMOVE_CAPABILITY, added_capabilities};
use crate::pod::Pod;
use crate::standards::about::{About, Allowed, Field, INTRODUCED, NOT_SET, Restriction, Told, When};
use crate::standards::check::{Check, Revision};
use crate::standards::level::Level;
use crate::standards::message::Sentence;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "capabilities_baseline",
    level: Level::Baseline,
    reason: "non-default capabilities",
    revisions: &[Revision::since(0, run, Sentence::Capabilities)],
    remedies: &[REMOVE_CAPABILITY],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Capabilities beyond the default set",
    why: "Capabilities are parts of the power of root. With one that runtimes do not give by default a container can often get at \
          the node, or at the traffic of its neighbours.",
    advice: "Remove the capability from capabilities.add. Names are written in capitals and without CAP_. Tools for debugging can \
             have their capabilities in a pod of their own, in a namespace of the privileged level.",
    restrictions: &[Restriction::since(
        0,
        &[Field::Containers("securityContext.capabilities.add[*]")],
        &[NOT_SET, Allowed::Names(&ALLOWED)],
    )],
    history: &[INTRODUCED],
    value: "the capability, as written",
    told: &[
        Told::when(When::Value(""), "{who} adds a capability without a name."),
        Told::when(When::Always, "{who} adds the capability {value}, which is not one of the default set.")
            .advising("Remove {value} from capabilities.add. It may hold {allowed}, written like this."),
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
    super::each_container(pod, &mut |container, subject| {
        findings.extend(added_capabilities(container, subject, &ALLOWED));
    });
}
