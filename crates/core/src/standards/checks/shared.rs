//! Documentation that several checks share.

use super::{MASKED, PROC_MOUNT};
use crate::standards::documentation::{Allowed, Condition, Explanation, Field, NOT_SET};

pub(super) const HOST_PATH_ADVICE: &str = "Use another type of volume: emptyDir for scratch space, configMap or secret for configuration, \
     persistentVolumeClaim for persistent data (an administrator can provide a disk of the node as a local PersistentVolume). Run agents \
     that read the node's logs or sockets in a namespace with the privileged level.";

pub(super) const PROC_MOUNT_WHY: &str = "Runtimes mask the parts of /proc that let a process read or change the kernel of the node. \
     Unmasked, they offer more ways to escape from the container.";
pub(super) const PROC_MOUNT_FIELDS: &[Field] = &[Field::Containers(PROC_MOUNT)];
pub(super) const PROC_MOUNT_ALLOWED: &[Allowed] = &[NOT_SET, Allowed::Values(&[MASKED])];
pub(super) const PROC_MOUNT_EXPLANATIONS: &[Explanation] = &[Explanation::new(
    Condition::Always,
    "{subject} may access parts of /proc that runtimes mask, because procMount is {value}, not {allowed}.",
)];

pub(super) const SECCOMP_WHY: &str = "Seccomp denies system calls that programs seldom need and that attacks on the kernel often use. \
     Without it, a container can make every system call.";
pub(super) const SECCOMP_REASON: &str = "{subject} may run without seccomp, because the type of seccompProfile is {value}.";
