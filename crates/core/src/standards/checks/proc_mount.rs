//! Containers must use the default `/proc` mount, in which runtimes mask parts of `/proc`.
//!
//! | | |
//! |---|---|
//! | Fields | `spec.containers[*].securityContext.procMount`, also of init and ephemeral containers |
//! | Allowed | not set, `Default`; the empty string is set, and therefore forbidden |
//! | Value | the procMount |
//! | History | v1.0: introduced; v1.35: does not apply to pods in a user namespace |
//!
//! Source: `policy/check_procMount_baseline.go` of k8s.io/pod-security-admission, KEP-127.

use super::shared::{PROC_MOUNT_ALLOWED, PROC_MOUNT_EXPLANATIONS, PROC_MOUNT_FIELDS, PROC_MOUNT_WHY};
use super::{PROC_MOUNT_SENTENCE, unmasked_proc_mounts};
use crate::standards::check::{Check, Revision};
use crate::standards::documentation::{Change, Documentation, EXCEPT_USER_NAMESPACES, INTRODUCED, Restriction};
use crate::standards::level::Level;

/// The check.
pub(crate) const CHECK: Check = Check {
    id: "procMount",
    level: Level::Baseline,
    reason: "procMount",
    other_names: &["/proc Mount Type"],
    revisions: &[
        Revision::since(0, unmasked_proc_mounts, PROC_MOUNT_SENTENCE),
        Revision::since(35, unmasked_proc_mounts, PROC_MOUNT_SENTENCE).unless_user_namespace(),
    ],
    remedies: &[],
};

/// The documentation of the check.
pub(crate) const DOCUMENTATION: Documentation = Documentation {
    title: "Unmasked /proc",
    why: PROC_MOUNT_WHY,
    advice: "Remove procMount, or set it to Default. Containers that start containers need Unmasked; from v1.35 on, baseline allows it in \
             a pod with hostUsers: false.",
    restrictions: &[Restriction::since(0, PROC_MOUNT_FIELDS, PROC_MOUNT_ALLOWED)],
    history: &[INTRODUCED, Change::since(35, EXCEPT_USER_NAMESPACES)],
    value: "the procMount",
    explanations: PROC_MOUNT_EXPLANATIONS,
    source: "check_procMount_baseline.go",
};
