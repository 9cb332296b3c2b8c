//! Containers that see parts of `/proc` which runtimes mask, in a user namespace or not.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.procMount`, also of init and ephemeral containers |
//! | Allowed | not set, `Default`; the empty string is set and forbidden |
//! | Value of a finding | the procMount |
//! | History | 1.35: introduced, in place of procMount, which then began to let user namespaces be |
//!
//! Source: `policy/check_procMount_restricted.go`, KEP-127.

use super::{PROC_MOUNT_SENTENCE, unmasked_proc_mounts};
use crate::standards::check::{Check, Revision};
use crate::standards::level::Level;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "procMount_restricted",
    level: Level::Restricted,
    reason: "procMount",
    revisions: &[Revision::since(35, unmasked_proc_mounts, PROC_MOUNT_SENTENCE).overriding(&["procMount"])],
};
