//! Containers must use the default `/proc` mount, also in a user namespace.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.procMount`, also of init and ephemeral containers |
//! | Allowed | not set, `Default`; the empty string is set, and therefore forbidden |
//! | Value | the procMount |
//! | History | v1.35: introduced, in place of `procMount` |
//!
//! Source: `policy/check_procMount_restricted.go` of k8s.io/pod-security-admission, KEP-127.

use super::shared::{PROC_MOUNT_ALLOWED, PROC_MOUNT_EXPLANATIONS, PROC_MOUNT_FIELDS, PROC_MOUNT_WHY};
use super::{PROC_MOUNT_SENTENCE, unmasked_proc_mounts};
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Change, Documentation, Restriction};
use crate::standards::level::Level;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "procMount_restricted",
    level: Level::Restricted,
    reason: "procMount",
    other_names: &["/proc Mount Type"],
    revisions: &[Revision::since(35, unmasked_proc_mounts, PROC_MOUNT_SENTENCE).overriding(&["procMount"])],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Unmasked /proc, even in a user namespace",
    why: PROC_MOUNT_WHY,
    advice: "Remove procMount, or set it to Default. Containers that start containers need Unmasked; the baseline level allows it in a pod \
             with hostUsers: false.",
    restrictions: &[Restriction::since(35, PROC_MOUNT_FIELDS, PROC_MOUNT_ALLOWED)],
    history: &[Change::since(
        35,
        "Introduced, in place of procMount, which from this version on does not apply to pods in a user namespace.",
    )],
    value: "the procMount",
    explanations: PROC_MOUNT_EXPLANATIONS,
    source: "check_procMount_restricted.go",
};
