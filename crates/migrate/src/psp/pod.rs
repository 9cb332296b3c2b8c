//! The fields of pods that PodSecurityPolicies read, as an API server has them after defaulting.

use std::borrow::Cow;

use pss_core::json::Text;
use pss_core::view;
use pss_manifest::{Kind, Node};

use super::policy::SeLinuxOptions;
use super::volumes;

/// The fields of a pod. Pods with equal fields are admitted alike.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct PodFields {
    pub(super) host_network: bool,
    pub(super) host_pid: bool,
    pub(super) host_ipc: bool,
    pub(super) volumes: Vec<Volume>,
    pub(super) sysctls: Vec<String>,
    pub(super) runtime_class: Option<String>,
    pub(super) run_as_user: Option<i64>,
    pub(super) run_as_group: Option<i64>,
    pub(super) run_as_non_root: Option<bool>,
    pub(super) supplemental_groups: Option<Vec<i64>>,
    pub(super) fs_group: Option<i64>,
    pub(super) se_linux: Option<SeLinuxOptions>,
    /// The seccomp profile, in the form of annotations.
    pub(super) seccomp: Option<String>,
    /// The annotation with the seccomp profile; empty if it is absent.
    pub(super) seccomp_annotation: String,
    /// Init containers, containers, ephemeral containers.
    pub(super) containers: Vec<ContainerFields>,
}

/// The fields of a container.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct ContainerFields {
    pub(super) privileged: bool,
    pub(super) allow_privilege_escalation: Option<bool>,
    /// The added and the dropped capabilities, if there is such a field.
    pub(super) capabilities: Option<(Vec<String>, Vec<String>)>,
    pub(super) read_only_root_filesystem: Option<bool>,
    pub(super) run_as_user: Option<i64>,
    pub(super) run_as_group: Option<i64>,
    pub(super) run_as_non_root: Option<bool>,
    pub(super) se_linux: Option<SeLinuxOptions>,
    pub(super) seccomp: Option<String>,
    pub(super) seccomp_annotation: Option<String>,
    /// Empty if the annotation is absent.
    pub(super) app_armor_annotation: String,
    pub(super) proc_mount: Option<String>,
    /// The host ports other than 0.
    pub(super) host_ports: Vec<i64>,
    /// The names of the volumes with a mount that can be written to.
    pub(super) writable_mounts: Vec<String>,
}

/// A volume.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub(super) struct Volume {
    pub(super) name: String,
    /// The type, as a PodSecurityPolicy has it; `None` for a type that it does not have.
    pub(super) kind: Option<&'static str>,
    /// The path of a hostPath, or the driver of a flexVolume or of an inline CSI volume.
    pub(super) detail: String,
    /// Whether it is projected and has no other sources than the token of a service account has.
    pub(super) is_service_account_token: bool,
}

view! {
    struct RawSpec<'a> {
        "hostNetwork" => host_network: bool,
        "hostPID" => host_pid: bool,
        "hostIPC" => host_ipc: bool,
        "runtimeClassName" => runtime_class: Option<Text<'a>>,
        "securityContext" => security_context: RawPodContext<'a>,
        "containers" => containers: Vec<RawContainer<'a>>,
        "initContainers" => init_containers: Vec<RawContainer<'a>>,
        "ephemeralContainers" => ephemeral_containers: Vec<RawContainer<'a>>,
    }
}

view! {
    struct RawPodContext<'a> {
        "runAsUser" => run_as_user: Option<i64>,
        "runAsGroup" => run_as_group: Option<i64>,
        "runAsNonRoot" => run_as_non_root: Option<bool>,
        "supplementalGroups" => supplemental_groups: Option<Vec<i64>>,
        "fsGroup" => fs_group: Option<i64>,
        "seLinuxOptions" => se_linux: Option<RawSeLinux<'a>>,
        "seccompProfile" => seccomp: Option<RawSeccomp<'a>>,
        "sysctls" => sysctls: Vec<RawSysctl<'a>>,
    }
}

view! {
    struct RawContainer<'a> {
        "name" => name: Text<'a>,
        "ports" => ports: Vec<RawPort>,
        "volumeMounts" => mounts: Vec<RawMount<'a>>,
        "securityContext" => security_context: RawContext<'a>,
    }
}

view! {
    struct RawContext<'a> {
        "privileged" => privileged: bool,
        "allowPrivilegeEscalation" => allow_privilege_escalation: Option<bool>,
        "capabilities" => capabilities: Option<RawCapabilities<'a>>,
        "readOnlyRootFilesystem" => read_only_root_filesystem: Option<bool>,
        "runAsUser" => run_as_user: Option<i64>,
        "runAsGroup" => run_as_group: Option<i64>,
        "runAsNonRoot" => run_as_non_root: Option<bool>,
        "seLinuxOptions" => se_linux: Option<RawSeLinux<'a>>,
        "seccompProfile" => seccomp: Option<RawSeccomp<'a>>,
        "procMount" => proc_mount: Option<Text<'a>>,
    }
}

view! {
    struct RawCapabilities<'a> {
        "add" => add: Vec<Text<'a>>,
        "drop" => drop: Vec<Text<'a>>,
    }
}

view! {
    struct RawSeLinux<'a> {
        "user" => user: Text<'a>,
        "role" => role: Text<'a>,
        "type" => label: Text<'a>,
        "level" => level: Text<'a>,
    }
}

view! {
    struct RawSeccomp<'a> {
        "type" => kind: Text<'a>,
        "localhostProfile" => localhost_profile: Option<Text<'a>>,
    }
}

view! {
    struct RawSysctl<'a> {
        "name" => name: Text<'a>,
    }
}

view! {
    struct RawPort {
        "hostPort" => host_port: i64,
        "containerPort" => container_port: i64,
    }
}

view! {
    struct RawMount<'a> {
        "name" => name: Text<'a>,
        "readOnly" => read_only: bool,
    }
}

impl PodFields {
    /// Deserializes a pod, or the template of a workload: an object with `metadata` and `spec`. Values of a wrong type are
    /// left out, because the standards report them.
    pub fn of(node: Node<'_>) -> PodFields {
        let mut raw = RawSpec::default();
        let spec = node.get("spec").map(|entry| entry.value);
        if let Some(spec) = spec {
            pss_review::deserialization::deserialize(spec, "", &pss_core::json::ErrorSink::default(), &mut raw);
        }
        let annotations = node.get("metadata").and_then(|metadata| metadata.value.get("annotations")).map(|entry| entry.value);
        let annotation = |key: &str| annotations.and_then(|annotations| annotations.get(key)).and_then(|entry| entry.value.text());
        let context = raw.security_context;
        let host_network = raw.host_network;
        let containers = raw.init_containers.into_iter().chain(raw.containers).chain(raw.ephemeral_containers);
        PodFields {
            host_network,
            host_pid: raw.host_pid,
            host_ipc: raw.host_ipc,
            volumes: spec
                .and_then(|spec| spec.get("volumes"))
                .map(|entry| entry.value.elements().map(volume).collect())
                .unwrap_or_default(),
            sysctls: context.sysctls.into_iter().map(|sysctl| sysctl.name.into_owned()).collect(),
            runtime_class: raw.runtime_class.map(Cow::into_owned),
            run_as_user: context.run_as_user,
            run_as_group: context.run_as_group,
            run_as_non_root: context.run_as_non_root,
            supplemental_groups: context.supplemental_groups,
            fs_group: context.fs_group,
            se_linux: context.se_linux.map(se_linux),
            seccomp: context.seccomp.map(seccomp),
            seccomp_annotation: annotation(pss_core::pod::SECCOMP_POD_ANNOTATION).unwrap_or_default().to_owned(),
            containers: containers.map(|raw| container(raw, host_network, &annotation)).collect(),
        }
    }
}

impl PodFields {
    /// Returns the fields of the pods that are created from a template: the API server adds a volume with the token of the service
    /// account, before it chooses a policy.
    pub(super) fn of_template(node: Node<'_>) -> PodFields {
        let mut fields = PodFields::of(node);
        let automount = node.at("spec.automountServiceAccountToken");
        if !automount.exists || !matches!(automount.node.kind(), Kind::Bool(false)) {
            let name = "kube-api-access".to_owned();
            fields.volumes.push(Volume { name, kind: Some("projected"), is_service_account_token: true, ..Volume::default() });
        }
        fields
    }
}

fn container<'a>(raw: RawContainer<'_>, host_network: bool, annotation: &dyn Fn(&str) -> Option<&'a str>) -> ContainerFields {
    let context = raw.security_context;
    let of_container = |prefix: &str| annotation(&[prefix, raw.name.as_ref()].concat());
    ContainerFields {
        privileged: context.privileged,
        allow_privilege_escalation: context.allow_privilege_escalation,
        capabilities: context.capabilities.map(|RawCapabilities { add, drop }| (texts(add), texts(drop))),
        read_only_root_filesystem: context.read_only_root_filesystem,
        run_as_user: context.run_as_user,
        run_as_group: context.run_as_group,
        run_as_non_root: context.run_as_non_root,
        se_linux: context.se_linux.map(se_linux),
        seccomp: context.seccomp.map(seccomp),
        seccomp_annotation: of_container(pss_core::pod::SECCOMP_CONTAINER_ANNOTATION_PREFIX).map(str::to_owned),
        app_armor_annotation: of_container(pss_core::pod::APPARMOR_ANNOTATION_PREFIX).unwrap_or_default().to_owned(),
        proc_mount: context.proc_mount.map(Cow::into_owned),
        // An API server sets the host port in a pod that uses the network of its node.
        host_ports: raw
            .ports
            .into_iter()
            .map(|port| if host_network && port.host_port == 0 { port.container_port } else { port.host_port })
            .filter(|port| *port != 0)
            .collect(),
        writable_mounts: texts(raw.mounts.into_iter().filter(|mount| !mount.read_only).map(|mount| mount.name)),
    }
}

fn texts<'t>(texts: impl IntoIterator<Item = Text<'t>>) -> Vec<String> {
    texts.into_iter().map(Text::into_owned).collect()
}

fn se_linux(raw: RawSeLinux<'_>) -> SeLinuxOptions {
    let RawSeLinux { user, role, label, level } = raw;
    let [user, role, label, level] = [user, role, label, level].map(Text::into_owned);
    SeLinuxOptions { user, role, label, level }
}

/// Returns the value of the annotation for a profile: `SeccompAnnotationForField` in `pkg/api/pod/util.go`.
fn seccomp(raw: RawSeccomp<'_>) -> String {
    match (raw.kind.as_ref(), raw.localhost_profile) {
        ("Unconfined", _) => "unconfined".to_owned(),
        ("RuntimeDefault", _) => "runtime/default".to_owned(),
        ("Localhost", Some(path)) => format!("localhost/{path}"),
        _ => String::new(),
    }
}

/// Deserializes a volume. Without a source it is an emptyDir.
fn volume(node: Node<'_>) -> Volume {
    let source = |kind: &&'static str| node.get(volumes::field(kind)).filter(|entry| !matches!(entry.value.kind(), Kind::Null));
    let found = volumes::TYPES.iter().find_map(|kind| source(kind).map(|entry| (*kind, entry.value)));
    let text = |path: &str, node: Node<'_>| {
        let place = node.at(path);
        if place.exists { place.node.text().unwrap_or_default().to_owned() } else { String::new() }
    };
    let name = text("name", node);
    match found {
        Some((kind, source)) => Volume {
            name,
            kind: Some(kind),
            detail: match kind {
                "hostPath" => text("path", source),
                "flexVolume" | "csi" => text("driver", source),
                _ => String::new(),
            },
            is_service_account_token: kind == "projected" && is_service_account_token(source),
        },
        None if node.pairs().all(|(key, value)| key == "name" || matches!(value.kind(), Kind::Null)) => {
            Volume { name, kind: Some("emptyDir"), ..Volume::default() }
        }
        None => Volume { name, ..Volume::default() },
    }
}

/// Returns whether a projected volume has no other sources than an API server mounts for service accounts:
/// `IsOnlyServiceAccountTokenSources` in `pkg/security/podsecuritypolicy/util/util.go`.
fn is_service_account_token(projected: Node<'_>) -> bool {
    let Some(sources) = projected.get("sources") else { return true };
    let text = |node: Node<'_>, path: &str| {
        let place = node.at(path);
        if place.exists { place.node.text().unwrap_or_default().to_owned() } else { String::new() }
    };
    sources.value.elements().all(|source| {
        let part = |key| source.get(key).map(|entry| entry.value).filter(|node| !matches!(node.kind(), Kind::Null));
        let (token, config_map, downward) = (part("serviceAccountToken"), part("configMap"), part("downwardAPI"));
        let is_namespace = |item: Node<'_>| {
            text(item, "path") == "namespace"
                && text(item, "fieldRef.fieldPath") == "metadata.namespace"
                && matches!(text(item, "fieldRef.apiVersion").as_str(), "v1" | "")
        };
        (token.is_some() || config_map.is_some() || downward.is_some())
            && token.is_none_or(|token| text(token, "path") == "token" && text(token, "audience").is_empty())
            && config_map.is_none_or(|map| text(map, "name") == "kube-root-ca.crt")
            && downward.is_none_or(|downward| downward.get("items").is_none_or(|items| items.value.elements().all(is_namespace)))
    })
}
