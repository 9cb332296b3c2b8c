//! The checks, a file for each. A file says what the check reads, what it allows and how that
//! changed; the common parts are here.

mod alike;
pub(super) mod allow_privilege_escalation;
pub(super) mod app_armor_profile;
pub(super) mod capabilities_baseline;
pub(super) mod capabilities_restricted;
pub(super) mod host_namespaces;
pub(super) mod host_path_volumes;
pub(super) mod host_ports;
pub(super) mod host_probes_and_host_lifecycle;
pub(super) mod privileged;
pub(super) mod proc_mount;
pub(super) mod proc_mount_restricted;
pub(super) mod restricted_volumes;
pub(super) mod run_as_non_root;
pub(super) mod run_as_user;
pub(super) mod se_linux_options;
pub(super) mod seccomp_profile_baseline;
pub(super) mod seccomp_profile_restricted;
pub(super) mod sysctls;
pub(super) mod windows_host_process;

use super::finding::{Finding, Subject, Value};
use super::message::Sentence;
use super::remedy::{Action, Remedy};
use crate::pod::{Container, Pod, Profile, SecurityContext};

/// Where a check puts what it finds.
type Findings<'p> = Vec<Finding<'p>>;

/// Calls `find` for each container, with a place to report it by. Here the visiting of containers
/// is written once, and with it that ephemeral containers are never forgotten.
fn each_container<'p>(pod: Pod<'p>, find: &mut dyn FnMut(&'p Container<'p>, Subject<'p>)) {
    for (kind, index, container) in pod.containers() {
        find(container, Subject::Container { kind, index, name: &container.name });
    }
}

/// Reports the `field` of each container that has an offending value.
fn in_containers<'p>(
    pod: Pod<'p>,
    findings: &mut Findings<'p>,
    field: &'static str,
    offending: &dyn Fn(&'p SecurityContext<'p>) -> Option<Value<'p>>,
) {
    each_container(pod, &mut |container, subject| {
        findings.extend(offending(&container.security_context).map(|value| Finding { subject, field, index: 0, value }));
    });
}

/// The capabilities that a container adds and that are not among the `allowed` ones.
fn added_capabilities<'p>(container: &'p Container<'p>, subject: Subject<'p>, allowed: &[&str]) -> impl Iterator<Item = Finding<'p>> {
    let added = container.security_context.capabilities.add.iter().enumerate();
    added.filter(|(_, capability)| !allowed.contains(&capability.as_ref())).map(move |(index, capability)| Finding {
        subject,
        field: "securityContext.capabilities.add[]",
        index,
        value: Value::Text(capability),
    })
}

/// The remedy for a capability that a container must not add.
const REMOVE_CAPABILITY: Remedy = Remedy::new("securityContext.capabilities.add[]", Action::Remove, &[]);

/// Reports the procMounts that unmask `/proc`.
fn unmasked_proc_mounts<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, PROC_MOUNT, &|context| context.proc_mount.as_deref().filter(|mount| *mount != MASKED).map(Value::Text));
}

const PROC_MOUNT: &str = "securityContext.procMount";

/// The procMount that masks what runtimes mask.
const MASKED: &str = "Default";

/// How unmasked procMounts are told.
const PROC_MOUNT_SENTENCE: Sentence = Sentence::MustNotSetTo(PROC_MOUNT);

/// The type of a seccomp or AppArmor profile, if it is none that confines.
// Inlined into each check, this and the next would make the policy's module larger.
#[inline(never)]
fn unconfined<'p>(profile: &'p Option<Profile<'p>>) -> Option<Value<'p>> {
    let kind = profile.as_ref()?.kind.as_ref();
    (!CONFINED.contains(&kind)).then_some(Value::Text(kind))
}

/// The types of profiles that confine.
const CONFINED: [&str; 2] = ["RuntimeDefault", "Localhost"];

/// Whether a value is one of some; a `*` at the end stands for anything.
#[inline(never)]
fn is_one_of(value: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => value.starts_with(prefix),
        None => value == *pattern,
    })
}

/// The field that chooses a seccomp profile.
const SECCOMP_FIELD: &str = "securityContext.seccompProfile.type";

/// How explicit seccomp profiles are told.
const SECCOMP_SENTENCE: Sentence = Sentence::MustNotSetTo(SECCOMP_FIELD);
