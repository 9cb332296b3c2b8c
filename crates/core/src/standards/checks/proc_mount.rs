//! Containers that see parts of `/proc` which runtimes mask.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.procMount`, also of init and ephemeral containers |
//! | Allowed | not set, `Default`; the empty string is set and forbidden |
//! | Value | the procMount |
//!
//! Source: `policy/check_procMount_baseline.go`, KEP-127.

use super::alike::{PROC_MOUNT_ALLOWED, PROC_MOUNT_FIELDS, PROC_MOUNT_TOLD, PROC_MOUNT_WHY};
use super::{PROC_MOUNT_SENTENCE, unmasked_proc_mounts};
use crate::standards::about::{About, Change, INTRODUCED, NOT_FOR_USER_NAMESPACES, Restriction};
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
    remedies: &[],
};

/// What there is to say about it.
pub(crate) const ABOUT: About = About {
    title: "Unmasked /proc",
    why: PROC_MOUNT_WHY,
    advice: "Remove procMount, or set it to Default. Containers that start containers need another one; from v1.35 on baseline lets \
             them have it in a pod with hostUsers: false.",
    restrictions: &[Restriction::since(0, PROC_MOUNT_FIELDS, PROC_MOUNT_ALLOWED)],
    history: &[INTRODUCED, Change::since(35, NOT_FOR_USER_NAMESPACES)],
    value: "the procMount",
    told: PROC_MOUNT_TOLD,
    source: "check_procMount_baseline.go",
};
