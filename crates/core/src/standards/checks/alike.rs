//! What is said of several checks alike.

use super::{MASKED, PROC_MOUNT};
use crate::standards::about::{Allowed, Field, NOT_SET, Told, When};

pub(super) const HOST_PATH_ADVICE: &str = "Use another type of volume: emptyDir for scratch space, configMap or secret for configuration, \
     persistentVolumeClaim for data that stays (an administrator can offer a disk of the node as a local PersistentVolume). Agents that \
     read the node's logs or sockets belong in a namespace of the privileged level.";

pub(super) const PROC_MOUNT_WHY: &str = "Runtimes hide those parts of /proc by which a process can read or change the kernel of the \
     node. Where they are not hidden, there are more ways out of the container.";
pub(super) const PROC_MOUNT_FIELDS: &[Field] = &[Field::Containers(PROC_MOUNT)];
pub(super) const PROC_MOUNT_ALLOWED: &[Allowed] = &[NOT_SET, Allowed::Names(&[MASKED])];
pub(super) const PROC_MOUNT_TOLD: &[Told] =
    &[Told::when(When::Always, "{who} may see parts of /proc that runtimes hide, because procMount is {value}, not {allowed}.")];

pub(super) const SECCOMP_WHY: &str = "Seccomp refuses system calls that programs seldom need, and that attacks on the kernel often do. \
     Without it a container can make them all.";
pub(super) const SECCOMP_WRONG: &str = "{who} may run without seccomp, because the type of seccompProfile is {value}.";
