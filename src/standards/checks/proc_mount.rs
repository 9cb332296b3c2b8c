//! Containers that see parts of `/proc` which runtimes mask.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.procMount`, also of init and ephemeral containers |
//! | Allowed | not set, `Default`; the empty string is set and forbidden |
//! | Value of a finding | the procMount |
//! | History | 1.0: introduced. 1.35: not for pods in a user namespace; at restricted, procMount_restricted takes its place |
//!
//! Source: `policy/check_procMount_baseline.go`, KEP-127.

use super::{PROC_MOUNT_SENTENCE, unmasked_proc_mounts};
use crate::standards::check::{Check, Revision};
use crate::standards::level::Level;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "procMount",
    level: Level::Baseline,
    reason: "procMount",
    revisions: &[
        Revision::since(0, unmasked_proc_mounts, PROC_MOUNT_SENTENCE),
        Revision::since(35, unmasked_proc_mounts, PROC_MOUNT_SENTENCE).unless_user_namespace(),
    ],
};
