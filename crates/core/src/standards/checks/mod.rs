//! The checks, each in its own file, which begins with the fields, the allowed values, the history and the upstream source
//! of the check. This file has the lists of all checks, and the functions that several of them use.

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
mod shared;
pub(super) mod sysctls;
pub(super) mod windows_host_process;

use super::check::Check;
use super::documentation::{Documentation, Guidance};
use super::finding::{Finding, Subject, Value};
use super::message::Sentence;
use super::remedy::{Action, Remedy};
use super::spelling::CAPABILITIES_ADD;
use crate::pod::{Container, Pod, Profile, SecurityContext};

macro_rules! checks {
    ($($check:ident)*) => {
        /// All checks in the order in which they run and appear in messages: baseline, then restricted, each in the byte
        /// order of their ids.
        pub const CHECKS: [&Check; 19] = [$(&$check::CHECK),*];

        /// All checks with their documentation, in the order of [`CHECKS`].
        pub const CATALOGUE: [(&Check, &Documentation); CHECKS.len()] = [$((&$check::CHECK, &$check::DOCUMENTATION)),*];

        /// All checks with the part of their documentation that explains findings, in the order of [`CHECKS`]. It is a table of its
        /// own, so that a program without the catalogue does not contain the rest of the documentation.
        pub static GUIDANCE: [(&Check, Guidance); CHECKS.len()] = [$((&$check::CHECK, Guidance::of(&$check::DOCUMENTATION))),*];
    };
}

checks! {
    app_armor_profile
    capabilities_baseline
    host_namespaces
    host_path_volumes
    host_ports
    host_probes_and_host_lifecycle
    privileged
    proc_mount
    se_linux_options
    seccomp_profile_baseline
    sysctls
    windows_host_process
    allow_privilege_escalation
    capabilities_restricted
    proc_mount_restricted
    restricted_volumes
    run_as_non_root
    run_as_user
    seccomp_profile_restricted
}

/// The checks of which a revision overrides baseline checks, so that the others need not be searched for each pod.
pub(super) const OVERRIDING: [&Check; 4] =
    [&capabilities_restricted::CHECK, &proc_mount_restricted::CHECK, &restricted_volumes::CHECK, &seccomp_profile_restricted::CHECK];

/// The findings of a check, to which it appends.
type Findings<'p> = Vec<Finding<'p>>;

/// Calls `find` for each container of all three lists, with the subject of its findings.
///
/// Every check iterates over containers with this function, so that no check can omit init or ephemeral containers.
fn each_container<'p>(pod: Pod<'p>, mut find: impl FnMut(&'p Container<'p>, Subject<'p>)) {
    for (kind, containers) in pod.container_lists() {
        for (index, container) in containers.iter().enumerate() {
            find(container, Subject::Container { kind, index, name: &container.name });
        }
    }
}

/// Appends a finding on `field` for each container whose security context has a forbidden value.
fn in_containers<'p>(
    pod: Pod<'p>,
    findings: &mut Findings<'p>,
    field: &'static str,
    forbidden: impl Fn(&'p SecurityContext<'p>) -> Option<Value<'p>>,
) {
    each_container(pod, |container, subject| {
        if let Some(value) = forbidden(&container.security_context) {
            findings.push(Finding { subject, field, index: 0, value });
        }
    });
}

/// Returns a finding for each capability that a container adds and that is not `allowed`.
fn added_capabilities<'p>(container: &'p Container<'p>, subject: Subject<'p>, allowed: &[&str]) -> impl Iterator<Item = Finding<'p>> {
    let added = container.security_context.capabilities.add.iter().enumerate();
    added.filter(|(_, capability)| !allowed.contains(&capability.as_ref())).map(move |(index, capability)| Finding {
        subject,
        field: CAPABILITIES_ADD,
        index,
        value: Value::Text(capability),
    })
}

/// The remedy for a capability that a container must not add.
const REMOVE_CAPABILITY: Remedy = Remedy::new(CAPABILITIES_ADD, Action::Remove, &[]);

/// Appends a finding for each container with a `procMount` other than [`MASKED`].
fn unmasked_proc_mounts<'p>(pod: Pod<'p>, findings: &mut Findings<'p>) {
    in_containers(pod, findings, PROC_MOUNT, |context| context.proc_mount.as_deref().filter(|mount| *mount != MASKED).map(Value::Text));
}

const PROC_MOUNT: &str = "securityContext.procMount";

/// The `procMount` with which runtimes mask parts of `/proc`.
const MASKED: &str = "Default";

/// The sentence for a forbidden `procMount`.
const PROC_MOUNT_SENTENCE: Sentence = Sentence::MustNotSetTo(PROC_MOUNT);

/// Returns the type of a seccomp or AppArmor profile, if it is not one of [`CONFINED`].
// Inlined into each check, this function and the next would make the policy module larger.
#[inline(never)]
fn unconfined<'p>(profile: &'p Option<Profile<'p>>) -> Option<Value<'p>> {
    let kind = profile.as_ref()?.kind.as_ref();
    (!CONFINED.contains(&kind)).then_some(Value::Text(kind))
}

/// The types of profiles that confine a container.
const CONFINED: [&str; 2] = ["RuntimeDefault", "Localhost"];

/// Returns whether a value matches one of the patterns; a `*` at the end matches any suffix.
#[inline(never)]
fn is_one_of(value: &str, patterns: &[&str]) -> bool {
    patterns.iter().any(|pattern| match pattern.strip_suffix('*') {
        Some(prefix) => value.starts_with(prefix),
        None => value == *pattern,
    })
}

/// The field of the type of a seccomp profile.
const SECCOMP_FIELD: &str = "securityContext.seccompProfile.type";

/// The sentence for a forbidden type of a seccomp profile.
const SECCOMP_SENTENCE: Sentence = Sentence::MustNotSetTo(SECCOMP_FIELD);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::standards::{Level, NEWEST_MINOR};

    #[test]
    fn checks_are_sorted_and_their_revisions_valid() {
        for pair in CHECKS.windows(2) {
            let [first, second] = pair else { unreachable!() };
            assert!((first.level, first.id) < (second.level, second.id), "{} precedes {}", first.id, second.id);
        }
        for check in CHECKS {
            assert_ne!(check.level, Level::Privileged, "{}", check.id);
            assert!(!check.revisions.is_empty(), "{}", check.id);
            assert!(check.revisions.windows(2).all(|pair| pair.first().map(|r| r.since) < pair.last().map(|r| r.since)), "{}", check.id);
            for revision in check.revisions {
                assert!(revision.since <= NEWEST_MINOR, "{}", check.id);
                for id in revision.overrides {
                    assert_eq!(check.level, Level::Restricted, "{} overrides", check.id);
                    assert!(CHECKS.iter().any(|other| other.id == *id && other.level == Level::Baseline), "{} overrides {id}", check.id);
                }
            }
        }
        assert_eq!(CHECKS.iter().filter(|check| check.level == Level::Baseline).count(), 12);
    }
}
