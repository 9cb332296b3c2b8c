//! Probes: for each field of a PodSecurityPolicy, pods that differ in what the field is about. A PodSecurityPolicy and a level of
//! the standards are compared by what they do with these pods, so that both are judged by their own code.
//!
//! Most fields have few values that matter. For ports, users, sysctls, and names that a policy lists, the pods have the values of
//! the policy, their neighbours, and the values that the standards list.

use std::collections::BTreeSet;

use pss_core::standards::CATALOGUE;
use pss_core::standards::documentation::Allowed;
use serde_json::{Map, Value, json};

use super::admission::SAFE_SYSCTLS;
use super::field::Field;
use super::policy::{ANY, Policy, RunAsUser, SeLinux, SeLinuxOptions};
use super::volumes;

/// A pod with a value of a field.
#[derive(Debug, Clone)]
pub(super) struct Probe {
    /// The value, in words that follow "admits" and "rejects": `hostPath volumes`.
    pub(super) value: String,
    /// The pod, as JSON.
    pub(super) pod: String,
}

impl Probe {
    fn new(value: impl Into<String>, spec: Value, container: Value) -> Probe {
        Probe::annotated(value, spec, container, &[])
    }

    /// A probe with `spec` merged into the spec of the pod, and `container` into its container.
    fn annotated(value: impl Into<String>, spec: Value, container: Value, annotations: &[(String, String)]) -> Probe {
        let mut own = json!({"name": CONTAINER});
        merge(&mut own, container);
        let mut whole = json!({"containers": [own]});
        merge(&mut whole, spec);
        let annotations: Map<String, Value> = annotations.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe", "annotations": annotations}, "spec": whole});
        Probe { value: value.into(), pod: pod.to_string() }
    }

    fn context(value: impl Into<String>, context: Value) -> Probe {
        Probe::new(value, json!({}), json!({"securityContext": context}))
    }

    fn pod_context(value: impl Into<String>, context: Value) -> Probe {
        Probe::new(value, json!({"securityContext": context}), json!({}))
    }
}

/// The name of the container.
const CONTAINER: &str = "c";
const SECCOMP_POD_ANNOTATION: &str = pss_core::pod::SECCOMP_POD_ANNOTATION;

fn merge(into: &mut Value, from: Value) {
    if let (Some(into), Value::Object(from)) = (into.as_object_mut(), from) {
        into.extend(from);
    }
}

/// The checks of the standards about the same field of pods as a field of a PodSecurityPolicy. None for fields that the standards
/// do not restrict.
pub(super) const fn checks(field: Field) -> &'static [&'static str] {
    match field {
        Field::Privileged => &["privileged"],
        // Without hostNetwork, API servers reject hostProcess.
        Field::HostNetwork => &["hostNamespaces", "windowsHostProcess"],
        Field::HostPid | Field::HostIpc => &["hostNamespaces"],
        Field::HostHandlers => &["hostProbesAndHostLifecycle"],
        Field::HostPorts => &["hostPorts"],
        Field::Volumes => &["hostPathVolumes", "restrictedVolumes"],
        Field::AllowedCapabilities | Field::DefaultAddCapabilities | Field::RequiredDropCapabilities => {
            &["capabilities_baseline", "capabilities_restricted"]
        }
        Field::SeLinux => &["seLinuxOptions"],
        Field::RunAsUser => &["runAsNonRoot", "runAsUser"],
        Field::AllowPrivilegeEscalation | Field::DefaultAllowPrivilegeEscalation => &["allowPrivilegeEscalation"],
        Field::AllowedUnsafeSysctls | Field::ForbiddenSysctls => &["sysctls"],
        Field::AllowedProcMountTypes => &["procMount", "procMount_restricted"],
        Field::Seccomp => &["seccompProfile_baseline", "seccompProfile_restricted"],
        Field::AppArmor => &["appArmorProfile"],
        Field::AllowedHostPaths
        | Field::AllowedFlexVolumes
        | Field::AllowedCsiDrivers
        | Field::RunAsGroup
        | Field::SupplementalGroups
        | Field::FsGroup
        | Field::ReadOnlyRootFilesystem
        | Field::RuntimeClass => &[],
    }
}

/// Returns the pods for a field that the standards restrict.
pub(super) fn probes(policy: &Policy, field: Field) -> Vec<Probe> {
    match field {
        Field::Privileged => vec![
            Probe::context("containers that are not privileged", json!({})),
            Probe::context("privileged containers", json!({"privileged": true})),
        ],
        Field::HostNetwork => {
            let process = json!({"hostNetwork": true, "securityContext": {"windowsOptions": {"hostProcess": true}}});
            host_namespace("hostNetwork").into_iter().chain([Probe::new("hostProcess on Windows", process, json!({}))]).collect()
        }
        Field::HostHandlers => {
            let probe = |host: &str| json!({"livenessProbe": {"httpGet": {"host": host, "port": 80}}});
            vec![Probe::new("a host in probes and lifecycle handlers", json!({}), probe("10.0.0.1"))]
        }
        Field::HostPid => host_namespace("hostPID"),
        Field::HostIpc => host_namespace("hostIPC"),
        Field::HostPorts => host_ports(policy),
        Field::Volumes => volume_types(),
        Field::AllowedCapabilities => added_capabilities(policy),
        Field::DefaultAddCapabilities => policy.default_add_capabilities.iter().map(|capability| added(capability)).collect(),
        Field::RequiredDropCapabilities => dropped_capabilities(policy),
        Field::SeLinux => se_linux(policy),
        Field::RunAsUser => users(policy),
        Field::AllowPrivilegeEscalation => [None, Some(true), Some(false)].into_iter().map(privilege_escalation).collect(),
        // Otherwise the policy admits no other value than false.
        Field::DefaultAllowPrivilegeEscalation if policy.allow_privilege_escalation => {
            policy.default_allow_privilege_escalation.into_iter().map(|value| privilege_escalation(Some(value))).collect()
        }
        Field::AllowedUnsafeSysctls | Field::ForbiddenSysctls => sysctls(policy),
        Field::AllowedProcMountTypes => {
            vec![Probe::context("procMount Default", json!({})), Probe::context("procMount Unmasked", json!({"procMount": "Unmasked"}))]
        }
        Field::Seccomp => seccomp(policy),
        Field::AppArmor => app_armor(policy),
        _ => Vec::new(),
    }
}

fn host_namespace(field: &str) -> Vec<Probe> {
    vec![
        Probe::new(format!("pods without {field}"), json!({}), json!({})),
        Probe::new(field, Value::Object(Map::from_iter([(field.to_owned(), json!(true))])), json!({})),
    ]
}

fn host_ports(policy: &Policy) -> Vec<Probe> {
    let bounds = policy.host_ports.iter().flat_map(|range| [range.min - 1, range.min.max(1), range.max, range.max.saturating_add(1)]);
    let ports: BTreeSet<i64> = bounds.chain([1, 65_535]).filter(|port| (1..=65_535).contains(port)).collect();
    let none = Probe::new("containers without host ports", json!({}), json!({}));
    let probe = |port| Probe::new(format!("host port {port}"), json!({}), json!({"ports": [{"containerPort": port, "hostPort": port}]}));
    [none].into_iter().chain(ports.into_iter().map(probe)).collect()
}

fn volume_types() -> Vec<Probe> {
    let none = Probe::new("pods without volumes", json!({}), json!({}));
    let probe = |kind: &&str| {
        let source = match *kind {
            "hostPath" => json!({"path": "/"}),
            "projected" => json!({"sources": [{"secret": {"name": "s"}}]}),
            _ => json!({}),
        };
        let volume = Map::from_iter([("name".to_owned(), json!("v")), (volumes::field(kind).to_owned(), source)]);
        Probe::new(format!("{kind} volumes"), json!({"volumes": [volume]}), json!({}))
    };
    [none].into_iter().chain(volumes::TYPES.iter().map(probe)).collect()
}

fn added(capability: &str) -> Probe {
    let value = if capability == OTHER_CAPABILITY { "other capabilities".to_owned() } else { format!("capability {capability}") };
    Probe::context(value, json!({"capabilities": {"add": [capability], "drop": ["ALL"]}}))
}

/// A capability that neither a policy nor the standards list, for `*`.
const OTHER_CAPABILITY: &str = "EXAMPLE";

fn added_capabilities(policy: &Policy) -> Vec<Probe> {
    let mut names: BTreeSet<&str> = listed("capabilities_baseline").chain(listed("capabilities_restricted")).collect();
    let own = policy.allowed_capabilities.iter().chain(&policy.default_add_capabilities).map(String::as_str);
    names.extend(own.filter(|name| *name != ANY));
    names.insert(OTHER_CAPABILITY);
    let none = Probe::context("containers that add no capability", json!({"capabilities": {"drop": ["ALL"]}}));
    [none].into_iter().chain(names.into_iter().map(added)).collect()
}

fn dropped_capabilities(policy: &Policy) -> Vec<Probe> {
    let dropping = |value: String, drop: &[String]| Probe::context(value, json!({"capabilities": {"drop": drop}}));
    let required = &policy.required_drop_capabilities;
    let mut probes = vec![dropping("containers that drop no capability".to_owned(), &[])];
    if !required.is_empty() && required.as_slice() != ["ALL"] {
        probes.push(dropping(format!("containers that drop no more than {}", required.join(", ")), required));
    }
    // Dropping all includes what else is required, although a PodSecurityPolicy compares names.
    let all: Vec<String> = ["ALL".to_owned()].into_iter().chain(required.iter().filter(|name| *name != "ALL").cloned()).collect();
    probes.push(dropping("containers that drop ALL".to_owned(), &all));
    probes
}

fn se_linux(policy: &Policy) -> Vec<Probe> {
    let mut options = vec![SeLinuxOptions { label: OTHER_LABEL.to_owned(), ..SeLinuxOptions::default() }];
    options.extend(
        listed("seLinuxOptions")
            .filter(|label| !label.is_empty())
            .map(|label| SeLinuxOptions { label: label.to_owned(), ..SeLinuxOptions::default() }),
    );
    options.push(SeLinuxOptions { user: OTHER_LABEL.to_owned(), ..SeLinuxOptions::default() });
    options.push(SeLinuxOptions { role: OTHER_LABEL.to_owned(), ..SeLinuxOptions::default() });
    options.push(SeLinuxOptions { level: OTHER_LEVEL.to_owned(), ..SeLinuxOptions::default() });
    if let SeLinux::MustRunAs(own) = &policy.se_linux {
        options.push(own.clone());
    }
    let is_part = |label: &str| match &policy.se_linux {
        SeLinux::MustRunAs(own) => own.label == label && *own != SeLinuxOptions { label: label.to_owned(), ..SeLinuxOptions::default() },
        SeLinux::RunAsAny => false,
    };
    let none = Probe::pod_context("pods without seLinuxOptions", json!({}));
    let probe = |options: SeLinuxOptions| {
        let SeLinuxOptions { user, role, label, level } = &options;
        let fields = [("user", user), ("role", role), ("type", label), ("level", level)];
        let fields: Vec<(&str, &String)> = fields.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        let value = match fields.as_slice() {
            [] => "empty seLinuxOptions".to_owned(),
            [(key, value)] if [OTHER_LABEL, OTHER_LEVEL].contains(&value.as_str()) => format!("other SELinux {key}s"),
            // Labels are compared as a whole.
            [("type", value)] if is_part(value) => format!("SELinux type {value} without the other options"),
            fields => fields.iter().map(|(key, value)| format!("SELinux {key} {value}")).collect::<Vec<_>>().join(" with "),
        };
        let object: Map<String, Value> = fields.into_iter().map(|(key, value)| (key.to_owned(), json!(value))).collect();
        Probe::pod_context(value, json!({"seLinuxOptions": object}))
    };
    [none].into_iter().chain(options.into_iter().map(probe)).collect()
}

/// A level that no policy has, for all levels.
const OTHER_LEVEL: &str = "s0:c123,c456";
/// A label that no policy has, for all labels.
const OTHER_LABEL: &str = "example";

/// The largest id of a user or a group: `IsValidUserID` in `pkg/util/validation` of k8s.io/apimachinery.
pub(super) const MAX_ID: i64 = i32::MAX as i64;

fn users(policy: &Policy) -> Vec<Probe> {
    let mut ids = BTreeSet::from([0, 1]);
    if let RunAsUser::MustRunAs(ranges) = &policy.run_as_user {
        ids.extend(ranges.iter().flat_map(|range| [range.min - 1, range.min, range.max, range.max.saturating_add(1)]));
        ids.retain(|id| (0..=MAX_ID).contains(id));
    }
    let users: Vec<Option<i64>> = [None].into_iter().chain(ids.into_iter().map(Some)).collect();
    let mut probes = Vec::new();
    for non_root in [None, Some(true), Some(false)] {
        for user in &users {
            let value = match (user, non_root) {
                (None, None) => "containers without runAsUser and runAsNonRoot".to_owned(),
                (Some(user), None) => format!("runAsUser {user} without runAsNonRoot"),
                (None, Some(non_root)) => format!("runAsNonRoot {non_root} without runAsUser"),
                (Some(user), Some(non_root)) => format!("runAsUser {user} with runAsNonRoot {non_root}"),
            };
            probes.push(Probe::context(value, json!({"runAsUser": user, "runAsNonRoot": non_root})));
        }
    }
    probes
}

fn privilege_escalation(value: Option<bool>) -> Probe {
    let text = value.map_or("containers without allowPrivilegeEscalation".to_owned(), |value| format!("allowPrivilegeEscalation {value}"));
    Probe::context(text, json!({"allowPrivilegeEscalation": value}))
}

fn sysctls(policy: &Policy) -> Vec<Probe> {
    let mut names: BTreeSet<String> = listed("sysctls").chain(SAFE_SYSCTLS).map(str::to_owned).collect();
    names.insert(OTHER_SYSCTL.to_owned());
    // A prefix stands for more than its known sysctls.
    let patterns = policy.allowed_unsafe_sysctls.iter().chain(&policy.forbidden_sysctls);
    names.extend(patterns.map(|pattern| pattern.strip_suffix('*').map_or(pattern.clone(), |prefix| format!("{prefix}{OTHER_SUFFIX}"))));
    let none = Probe::pod_context("pods without sysctls", json!({}));
    let probe = |name: String| {
        let value = match name.strip_suffix(OTHER_SUFFIX) {
            Some(prefix) => format!("sysctls that begin with {prefix}"),
            None if name == OTHER_SYSCTL => "other sysctls".to_owned(),
            None => format!("sysctl {name}"),
        };
        Probe::pod_context(value, json!({"sysctls": [{"name": name, "value": "1"}]}))
    };
    [none].into_iter().chain(names.into_iter().map(probe)).collect()
}

/// A sysctl that neither a policy nor the standards list.
const OTHER_SYSCTL: &str = "kernel.example";
/// The rest of a sysctl with the prefix of a pattern.
const OTHER_SUFFIX: &str = "zz_other";

fn seccomp(policy: &Policy) -> Vec<Probe> {
    let mut profiles: Vec<(String, Value, String)> = vec![
        ("seccompProfile RuntimeDefault".to_owned(), json!({"type": "RuntimeDefault"}), "runtime/default".to_owned()),
        ("seccompProfile Unconfined".to_owned(), json!({"type": "Unconfined"}), "unconfined".to_owned()),
    ];
    let mut paths: BTreeSet<&str> = local_profiles(&policy.seccomp.allowed).collect();
    paths.insert(OTHER_PROFILE);
    profiles.extend(paths.into_iter().map(|path| {
        let other = path == OTHER_PROFILE;
        let value = if other { "other Localhost seccompProfiles".to_owned() } else { format!("seccompProfile Localhost {path}") };
        (value, json!({"type": "Localhost", "localhostProfile": path}), format!("localhost/{path}"))
    }));
    let none = Probe::pod_context("pods without a seccompProfile", json!({}));
    let probe = |(value, profile, annotation): (String, Value, String)| {
        // The annotation, which an API server of these versions adds.
        let annotations = [(SECCOMP_POD_ANNOTATION.to_owned(), annotation)];
        Probe::annotated(value, json!({"securityContext": {"seccompProfile": profile}}), json!({}), &annotations)
    };
    [none].into_iter().chain(profiles.into_iter().map(probe)).collect()
}

fn app_armor(policy: &Policy) -> Vec<Probe> {
    let mut profiles = vec!["runtime/default".to_owned(), "unconfined".to_owned(), format!("localhost/{OTHER_PROFILE}")];
    profiles.extend(local_profiles(&policy.app_armor.allowed).map(|path| format!("localhost/{path}")));
    let none = Probe::new("containers without an AppArmor profile", json!({}), json!({}));
    let probe = |profile: String| {
        let value = match profile.strip_prefix("localhost/") {
            Some(OTHER_PROFILE) => "other localhost AppArmor profiles".to_owned(),
            _ => format!("AppArmor profile {profile}"),
        };
        let key = format!("{}{CONTAINER}", pss_core::pod::APPARMOR_ANNOTATION_PREFIX);
        Probe::annotated(value, json!({}), json!({}), &[(key, profile)])
    };
    [none].into_iter().chain(profiles.into_iter().map(probe)).collect()
}

/// A profile that no policy lists, for all profiles on a node.
const OTHER_PROFILE: &str = "example.json";

fn local_profiles(allowed: &Option<Vec<String>>) -> impl Iterator<Item = &str> {
    allowed.iter().flatten().filter_map(|profile| profile.strip_prefix("localhost/"))
}

/// Returns the values that the documentation of a check lists as allowed in some version.
fn listed(id: &str) -> impl Iterator<Item = &'static str> {
    let documentation = CATALOGUE.iter().find(|(check, _)| check.id == id).map(|(_, documentation)| *documentation);
    documentation.into_iter().flat_map(|documentation| documentation.restrictions).flat_map(|restriction| restriction.allowed).flat_map(
        |allowed| match allowed {
            Allowed::Description(_) => Vec::new(),
            Allowed::Values(values) => values.to_vec(),
            Allowed::ValuesSince(values) => values.iter().map(|(value, _)| *value).collect(),
        },
    )
}
