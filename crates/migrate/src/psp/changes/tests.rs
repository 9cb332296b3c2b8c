//! The changes of PodSecurityPolicies, and what `harden` does in their place.

use pss_core::standards::{Action, CHECKS, can_harden};

use super::*;
use crate::psp::policy::{Profiles, Range, RuntimeClass, SeLinuxOptions};

fn unrestricted() -> Policy {
    Policy { allow_privilege_escalation: true, ..Policy::default() }
}

fn ranges() -> Vec<Range> {
    vec![Range { min: 1000, max: 1999 }, Range { min: 1, max: 2 }]
}

fn names(names: &[&str]) -> Vec<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

fn profiles(default: &str) -> Profiles {
    Profiles { allowed: Some(names(&["localhost/a", "runtime/default", "unconfined"])), default: default.to_owned() }
}

/// The field, the field of the pod and its value, the check of `harden`, and a part of its sentence.
type Row = (fn(&mut Policy), Field, &'static str, &'static str, Option<&'static str>, &'static str);

fn table() -> [Row; 20] {
    [
        (
            |policy| policy.default_add_capabilities = names(&["CHOWN", "KILL"]),
            Field::DefaultAddCapabilities,
            "containers[*].securityContext.capabilities.add",
            "[CHOWN, KILL]",
            None,
            "harden does not set it: it adds no capabilities",
        ),
        (
            |policy| policy.required_drop_capabilities = names(&["ALL"]),
            Field::RequiredDropCapabilities,
            "containers[*].securityContext.capabilities.drop",
            "[ALL]",
            Some("capabilities_restricted"),
            "harden: [capabilities_restricted] drops ALL in containers that have no list",
        ),
        (
            |policy| policy.required_drop_capabilities = names(&["KILL", "MKNOD"]),
            Field::RequiredDropCapabilities,
            "containers[*].securityContext.capabilities.drop",
            "[KILL, MKNOD]",
            Some("capabilities_restricted"),
            "harden: [capabilities_restricted] drops ALL, which is more,",
        ),
        (
            |policy| {
                policy.se_linux =
                    SeLinux::MustRunAs(SeLinuxOptions { level: "s0:c1".to_owned(), role: "r".to_owned(), ..Default::default() });
            },
            Field::SeLinux,
            "securityContext.seLinuxOptions",
            "{role: r, level: \"s0:c1\"}",
            None,
            NO_CHECK,
        ),
        (
            |policy| policy.run_as_user = RunAsUser::MustRunAs(ranges()),
            Field::RunAsUser,
            "containers[*].securityContext.runAsUser",
            "1000",
            None,
            "it sets runAsNonRoot and no user",
        ),
        (
            |policy| policy.run_as_user = RunAsUser::MustRunAsNonRoot,
            Field::RunAsUser,
            "containers[*].securityContext.runAsNonRoot",
            "true",
            Some("runAsNonRoot"),
            "harden: [runAsNonRoot] sets it too, where restricted is enforced",
        ),
        (
            |policy| policy.run_as_group = Groups::MustRunAs(ranges()),
            Field::RunAsGroup,
            "containers[*].securityContext.runAsGroup",
            "1000",
            None,
            NO_CHECK,
        ),
        (
            |policy| policy.supplemental_groups = Groups::MustRunAs(ranges()),
            Field::SupplementalGroups,
            "securityContext.supplementalGroups",
            "[1000]",
            None,
            NO_CHECK,
        ),
        (|policy| policy.fs_group = Groups::MustRunAs(ranges()), Field::FsGroup, "securityContext.fsGroup", "1000", None, NO_CHECK),
        (
            |policy| policy.read_only_root_filesystem = true,
            Field::ReadOnlyRootFilesystem,
            "containers[*].securityContext.readOnlyRootFilesystem",
            "true",
            None,
            NO_CHECK,
        ),
        (
            |policy| policy.allow_privilege_escalation = false,
            Field::AllowPrivilegeEscalation,
            "containers[*].securityContext.allowPrivilegeEscalation",
            "false",
            Some("allowPrivilegeEscalation"),
            "sets it too",
        ),
        (
            |policy| (policy.allow_privilege_escalation, policy.default_allow_privilege_escalation) = (false, Some(false)),
            Field::AllowPrivilegeEscalation,
            "containers[*].securityContext.allowPrivilegeEscalation",
            "false",
            Some("allowPrivilegeEscalation"),
            "sets it too",
        ),
        (
            |policy| policy.default_allow_privilege_escalation = Some(false),
            Field::DefaultAllowPrivilegeEscalation,
            "containers[*].securityContext.allowPrivilegeEscalation",
            "false",
            Some("allowPrivilegeEscalation"),
            "sets it too",
        ),
        (
            |policy| policy.default_allow_privilege_escalation = Some(true),
            Field::DefaultAllowPrivilegeEscalation,
            "containers[*].securityContext.allowPrivilegeEscalation",
            "true",
            None,
            "true is what a container without the field has anyway",
        ),
        (
            |policy| policy.runtime_class = Some(RuntimeClass { allowed: names(&["gvisor"]), default: Some("gvisor".to_owned()) }),
            Field::RuntimeClass,
            "runtimeClassName",
            "gvisor",
            None,
            NO_CHECK,
        ),
        (
            |policy| policy.seccomp = profiles("runtime/default"),
            Field::Seccomp,
            "annotations[seccomp.security.alpha.kubernetes.io/pod]",
            "runtime/default",
            Some("seccompProfile_restricted"),
            "harden: [seccompProfile_restricted] sets the field that took the place of the annotation",
        ),
        (
            |policy| policy.seccomp = profiles("localhost/a"),
            Field::Seccomp,
            "annotations[seccomp.security.alpha.kubernetes.io/pod]",
            "localhost/a",
            None,
            "no other profile than RuntimeDefault",
        ),
        (
            |policy| policy.seccomp = profiles("unconfined"),
            Field::Seccomp,
            "annotations[seccomp.security.alpha.kubernetes.io/pod]",
            "unconfined",
            None,
            "forbid the profile Unconfined",
        ),
        (
            |policy| policy.app_armor = profiles("runtime/default"),
            Field::AppArmor,
            "annotations[container.apparmor.security.beta.kubernetes.io/*]",
            "runtime/default",
            None,
            "the standards admit a container without an AppArmor profile",
        ),
        (
            |policy| policy.app_armor = Profiles { allowed: None, default: "localhost/a".to_owned() },
            Field::AppArmor,
            "annotations[container.apparmor.security.beta.kubernetes.io/*]",
            "localhost/a",
            None,
            "the standards admit a container without an AppArmor profile",
        ),
    ]
}

#[test]
fn lists_what_each_field_sets() {
    for (restriction, field, pod_field, value, check, sentence) in table() {
        let mut policy = unrestricted();
        restriction(&mut policy);
        let changes = changes(&policy);
        let [change] = changes.as_slice() else { panic!("{}: {changes:?}", field.path()) };
        assert_eq!((change.field, change.pod_field, change.value.as_str()), (field, pod_field, value));
        assert_eq!(change.harden.check(), check);
        assert!(change.harden.sentence().contains(sentence), "{}", change.harden.sentence());
    }
}

#[test]
fn harden_sets_what_the_change_lists() {
    for (restriction, field, ..) in table() {
        let mut policy = unrestricted();
        restriction(&mut policy);
        for Change { pod_field, value, harden, .. } in changes(&policy) {
            let Some(id) = harden.check() else { continue };
            let check = CHECKS.iter().find(|check| check.id == id).unwrap();
            assert!(can_harden(check), "{id}");
            let field_of_container = pod_field.trim_start_matches("containers[*].");
            let remedy = check.remedies.iter().find(|remedy| remedy.field == field_of_container);
            match harden {
                Harden::Same(_) => assert_eq!(remedy.unwrap().action.value(), Some(value.as_str()), "{}", field.path()),
                // The seccomp profile moves from the annotation to a field.
                _ => assert!(remedy.is_some_and(|remedy| remedy.action == Action::Set("[\"ALL\"]")) || field == Field::Seccomp),
            }
        }
    }
}

#[test]
fn lists_only_changes_of_pods_that_can_be_admitted() {
    let table: [fn(&mut Policy); 9] = [
        |_| {},
        |policy| policy.run_as_group = Groups::MayRunAs(ranges()),
        |policy| policy.allowed_capabilities = names(&["CHOWN"]),
        // The value that they would set is not allowed.
        |policy| policy.run_as_user = RunAsUser::MustRunAs(vec![Range { min: 2, max: 1 }]),
        |policy| policy.runtime_class = Some(RuntimeClass { allowed: names(&["kata"]), default: Some("gvisor".to_owned()) }),
        |policy| policy.seccomp = profiles("localhost/b"),
        |policy| policy.app_armor = profiles("localhost/b"),
        |policy| (policy.allow_privilege_escalation, policy.default_allow_privilege_escalation) = (false, Some(true)),
        |policy| (policy.read_only_root_filesystem, policy.unusable) = (true, Some("spec.fsGroup.rule is missing".to_owned())),
    ];
    for restriction in table {
        let mut policy = unrestricted();
        restriction(&mut policy);
        assert_eq!(changes(&policy), []);
    }
}
