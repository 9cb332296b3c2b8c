//! Containers that see parts of `/proc` which runtimes mask, in a user namespace or not.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.procMount`, also of init and ephemeral containers |
//! | Allowed | not set, `Default`; the empty string is set and forbidden |
//! | Value | the procMount |
//!
//! Source: `policy/check_procMount_restricted.go`, KEP-127.

use super::alike::{PROC_MOUNT_ALLOWED, PROC_MOUNT_FIELDS, PROC_MOUNT_TOLD, PROC_MOUNT_WHY};
use super::{PROC_MOUNT_SENTENCE, unmasked_proc_mounts};
use crate::standards::about::{About, Change, Restriction};
use crate::standards::check::{Check, Revision};
use crate::standards::level::Level;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "procMount_restricted",
    level: Level::Restricted,
    reason: "procMount",
    revisions: &[Revision::since(35, unmasked_proc_mounts, PROC_MOUNT_SENTENCE).overriding(&["procMount"])],
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Unmasked /proc, even in a user namespace",
    why: PROC_MOUNT_WHY,
    advice: "Remove procMount, or set it to Default. Containers that start containers need another one; the baseline level lets them \
             have it in a pod with hostUsers: false.",
    restrictions: &[Restriction::since(35, PROC_MOUNT_FIELDS, PROC_MOUNT_ALLOWED)],
    history: &[Change::since(35, "Introduced, in place of procMount, which then began to let pods in a user namespace be.")],
    value: "the procMount",
    told: PROC_MOUNT_TOLD,
    source: "check_procMount_restricted.go",
};
