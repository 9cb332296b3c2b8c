//! The fields of a pod that the Pod Security Standards check, borrowed from the JSON of the object.
//!
//! One view fits every kind with a pod: a Pod has it at the top, a Deployment under `spec.template`, a CronJob under
//! `spec.jobTemplate.spec.template`, a PodTemplate under `template`. So an object is deserialized in one pass, before its
//! kind is known.
//!
//! `null`, a missing field and a zero value are the same wherever Go decodes them to the same value. A field is an
//! `Option` only where Kubernetes distinguishes unset from the zero value. Lists are reduced to what a check reads while
//! they are deserialized, so that a pod without violations allocates only its lists of containers and volumes.

mod metadata;
mod mounts;
mod nodes;
mod volumes;

pub use metadata::{
    APPARMOR_ANNOTATION_PREFIX, Annotations, Controller, LABEL_PREFIX, Labels, Metadata, OwnerReference,
    SECCOMP_CONTAINER_ANNOTATION_PREFIX, SECCOMP_POD_ANNOTATION, annotated_container,
};
pub use mounts::{VolumeMounts, WritableVolumes};
pub use nodes::{Affinity, Choices, IsWindows, NodeAffinity, NodeSelector, RequiredNodes};
pub use volumes::{Source, VOLUME_SOURCES, Volume, Volumes};

use std::sync::LazyLock;

use crate::json::{
    self, Aborted, Collected, Context, ErrorSink, FromJson, Input, IsSet, IsSetInteger, SyntaxError, Text, each_element, view,
};

/// The fields of a pod that the checks and rules of the settings read, as the field masks of a Kubewarden request for a list of
/// pods: dotted paths that traverse arrays. `apiVersion`, `kind` and `metadata` are always included. Fields that only remedies read
/// are not, because the pods of a list are not changed.
pub const FIELD_MASKS: &[&str] = &[
    "spec.containers.image",
    "spec.containers.lifecycle.postStart.httpGet.host",
    "spec.containers.lifecycle.postStart.tcpSocket.host",
    "spec.containers.lifecycle.preStop.httpGet.host",
    "spec.containers.lifecycle.preStop.tcpSocket.host",
    "spec.containers.livenessProbe.httpGet.host",
    "spec.containers.livenessProbe.tcpSocket.host",
    "spec.containers.name",
    "spec.containers.ports.hostPort",
    "spec.containers.readinessProbe.httpGet.host",
    "spec.containers.readinessProbe.tcpSocket.host",
    "spec.containers.securityContext",
    "spec.containers.startupProbe.httpGet.host",
    "spec.containers.startupProbe.tcpSocket.host",
    "spec.containers.volumeMounts.name",
    "spec.containers.volumeMounts.readOnly",
    "spec.ephemeralContainers.image",
    "spec.ephemeralContainers.lifecycle.postStart.httpGet.host",
    "spec.ephemeralContainers.lifecycle.postStart.tcpSocket.host",
    "spec.ephemeralContainers.lifecycle.preStop.httpGet.host",
    "spec.ephemeralContainers.lifecycle.preStop.tcpSocket.host",
    "spec.ephemeralContainers.livenessProbe.httpGet.host",
    "spec.ephemeralContainers.livenessProbe.tcpSocket.host",
    "spec.ephemeralContainers.name",
    "spec.ephemeralContainers.ports.hostPort",
    "spec.ephemeralContainers.readinessProbe.httpGet.host",
    "spec.ephemeralContainers.readinessProbe.tcpSocket.host",
    "spec.ephemeralContainers.securityContext",
    "spec.ephemeralContainers.startupProbe.httpGet.host",
    "spec.ephemeralContainers.startupProbe.tcpSocket.host",
    "spec.ephemeralContainers.volumeMounts.name",
    "spec.ephemeralContainers.volumeMounts.readOnly",
    "spec.hostIPC",
    "spec.hostNetwork",
    "spec.hostPID",
    "spec.hostUsers",
    "spec.initContainers.image",
    "spec.initContainers.lifecycle.postStart.httpGet.host",
    "spec.initContainers.lifecycle.postStart.tcpSocket.host",
    "spec.initContainers.lifecycle.preStop.httpGet.host",
    "spec.initContainers.lifecycle.preStop.tcpSocket.host",
    "spec.initContainers.livenessProbe.httpGet.host",
    "spec.initContainers.livenessProbe.tcpSocket.host",
    "spec.initContainers.name",
    "spec.initContainers.ports.hostPort",
    "spec.initContainers.readinessProbe.httpGet.host",
    "spec.initContainers.readinessProbe.tcpSocket.host",
    "spec.initContainers.securityContext",
    "spec.initContainers.startupProbe.httpGet.host",
    "spec.initContainers.startupProbe.tcpSocket.host",
    "spec.initContainers.volumeMounts.name",
    "spec.initContainers.volumeMounts.readOnly",
    "spec.os",
    "spec.runtimeClassName",
    "spec.securityContext",
    "spec.serviceAccount",
    "spec.serviceAccountName",
    "spec.volumes",
];

/// An object of any kind: a pod, a workload with a pod template, a namespace. Collects the first type error in its fields.
/// A pod template is an object of its own, with its own error.
pub type Object<'a> = Collected<Fields<'a>, false>;

/// Deserializes an object from JSON, as for the object of a request. Type errors are in [`Object::errors`](Collected).
///
/// # Errors
/// If the text is not JSON.
pub fn read(json: &str) -> Result<Object<'_>, SyntaxError> {
    let mut object = Object::default();
    json::read_lazily(json, "", &ErrorSink::default(), &mut object)?;
    Ok(object)
}

view! {
    /// The fields of an [`Object`].
    pub struct Fields<'a> {
        /// `apiVersion`: `v1`, `apps/v1` …
        "apiVersion" => api_version: Text<'a>,
        /// `kind`: `Pod`, `Deployment` …
        "kind" => kind: Text<'a>,
        /// `metadata`.
        "metadata" => metadata: Metadata<'a>,
        /// `spec`.
        "spec" => spec: Spec<'a>,
        /// `template`, of a PodTemplate.
        "template" => template: Option<Box<Object<'a>>>,
    }
}

view! {
    /// The spec of a pod, or of an object with a pod template.
    pub struct Spec<'a> {
        /// `containers`.
        "containers" => containers: Vec<Container<'a>>,
        /// `initContainers`.
        "initContainers" => init_containers: Vec<Container<'a>>,
        /// `ephemeralContainers`.
        "ephemeralContainers" => ephemeral_containers: Vec<Container<'a>>,
        /// `volumes`.
        "volumes" => volumes: Volumes<'a>,
        /// `securityContext` of the pod.
        "securityContext" => security_context: PodSecurityContext<'a>,
        /// `hostNetwork`.
        "hostNetwork" => host_network: bool,
        /// `hostPID`.
        "hostPID" => host_pid: bool,
        /// `hostIPC`.
        "hostIPC" => host_ipc: bool,
        /// `hostUsers`; with `false` the pod runs in its own user namespace.
        "hostUsers" => host_users: Option<bool>,
        /// `os`.
        "os" => os: Os<'a>,
        /// `nodeSelector`.
        "nodeSelector" => node_selector: NodeSelector,
        /// `affinity`.
        "affinity" => affinity: Affinity,
        /// `shareProcessNamespace`.
        "shareProcessNamespace" => share_process_namespace: Option<bool>,
        /// `runtimeClassName`.
        "runtimeClassName" => runtime_class_name: Text<'a>,
        /// `serviceAccountName`.
        "serviceAccountName" => service_account_name: Text<'a>,
        /// `serviceAccount`, the deprecated name of `serviceAccountName`, which takes precedence if both are set.
        "serviceAccount" => service_account: Text<'a>,
        /// `template`, of a Deployment and other workloads.
        "template" => template: Option<Box<Object<'a>>>,
        /// `jobTemplate`, of a CronJob.
        "jobTemplate" => job_template: Option<Box<Object<'a>>>,
    }
}

view! {
    /// The operating system of a pod.
    pub struct Os<'a> {
        /// `name`: `linux` or `windows`.
        "name" => name: Text<'a>,
    }
}

view! {
    /// A container of any [`ContainerType`].
    pub struct Container<'a> {
        /// `name`.
        "name" => name: Text<'a>,
        /// `image`.
        "image" => image: Text<'a>,
        /// `securityContext`.
        "securityContext" => security_context: SecurityContext<'a>,
        /// `ports`.
        "ports" => host_ports: HostPorts,
        /// `livenessProbe`.
        "livenessProbe" => liveness_probe: Handler<'a>,
        /// `readinessProbe`.
        "readinessProbe" => readiness_probe: Handler<'a>,
        /// `startupProbe`.
        "startupProbe" => startup_probe: Handler<'a>,
        /// `lifecycle`.
        "lifecycle" => lifecycle: Lifecycle<'a>,
        /// `volumeMounts`.
        "volumeMounts" => volume_mounts: VolumeMounts<'a>,
    }
}

/// The host ports of a container, each with its index in `ports`. Ports with host port 0, which is the same as unset, are
/// left out.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct HostPorts(pub Vec<(usize, i32)>);

impl<'de> FromJson<'de> for HostPorts {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |index, port: Port| {
            if port.host_port != 0 {
                self.0.push((index, port.host_port));
            }
        })
    }
}

view! {
    /// A port of a container.
    pub struct Port {
        /// `hostPort`; 0 if unset.
        "hostPort" => host_port: i32,
    }
}

view! {
    /// The lifecycle hooks of a container.
    pub struct Lifecycle<'a> {
        /// `postStart`.
        "postStart" => post_start: Handler<'a>,
        /// `preStop`.
        "preStop" => pre_stop: Handler<'a>,
    }
}

view! {
    /// A probe or the handler of a hook: the fields that both have.
    pub struct Handler<'a> {
        /// `httpGet`.
        "httpGet" => http_get: HostAction<'a>,
        /// `tcpSocket`.
        "tcpSocket" => tcp_socket: HostAction<'a>,
    }
}

view! {
    /// An action that connects to a host.
    pub struct HostAction<'a> {
        /// `host`; the pod itself if empty.
        "host" => host: Text<'a>,
    }
}

view! {
    /// The security context of a container.
    pub struct SecurityContext<'a> {
        /// `privileged`.
        "privileged" => privileged: bool,
        /// `allowPrivilegeEscalation`.
        "allowPrivilegeEscalation" => allow_privilege_escalation: Option<bool>,
        /// `capabilities`.
        "capabilities" => capabilities: Capabilities<'a>,
        /// `procMount`.
        "procMount" => proc_mount: Option<Text<'a>>,
        /// `runAsNonRoot`.
        "runAsNonRoot" => run_as_non_root: Option<bool>,
        /// `runAsUser`.
        "runAsUser" => run_as_user: Option<i64>,
        /// `runAsGroup`.
        "runAsGroup" => run_as_group: IsSetInteger,
        /// `readOnlyRootFilesystem`.
        "readOnlyRootFilesystem" => read_only_root_filesystem: Option<bool>,
        /// `seLinuxOptions`.
        "seLinuxOptions" => se_linux_options: SeLinuxOptions<'a>,
        /// `seccompProfile`.
        "seccompProfile" => seccomp_profile: Option<Profile<'a>>,
        /// `appArmorProfile`.
        "appArmorProfile" => app_armor_profile: Option<Profile<'a>>,
        /// `windowsOptions`.
        "windowsOptions" => windows_options: WindowsOptions<'a>,
    }
}

view! {
    /// The security context of a pod.
    pub struct PodSecurityContext<'a> {
        /// `runAsNonRoot`.
        "runAsNonRoot" => run_as_non_root: Option<bool>,
        /// `runAsUser`.
        "runAsUser" => run_as_user: Option<i64>,
        /// `runAsGroup`.
        "runAsGroup" => run_as_group: IsSetInteger,
        /// `fsGroup`.
        "fsGroup" => fs_group: IsSetInteger,
        /// `seLinuxOptions`.
        "seLinuxOptions" => se_linux_options: SeLinuxOptions<'a>,
        /// `seccompProfile`.
        "seccompProfile" => seccomp_profile: Option<Profile<'a>>,
        /// `appArmorProfile`.
        "appArmorProfile" => app_armor_profile: Option<Profile<'a>>,
        /// `windowsOptions`.
        "windowsOptions" => windows_options: WindowsOptions<'a>,
        /// `sysctls`.
        "sysctls" => sysctls: Vec<Sysctl<'a>>,
    }
}

view! {
    /// The capabilities that a container adds and drops.
    pub struct Capabilities<'a> {
        /// `add`.
        "add" => add: Vec<Text<'a>>,
        /// `drop`.
        "drop" => drop: DroppedCapabilities,
    }
}

/// The capabilities that a container drops.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct DroppedCapabilities {
    /// Whether `ALL` is among them.
    pub all: bool,
    /// Whether there is any.
    pub any: bool,
}

impl<'de> FromJson<'de> for DroppedCapabilities {
    const EXPECTED: &'static str = "an array";

    fn read<I: Input<'de>>(&mut self, input: &mut I, cx: Context<'_>) -> Result<(), Aborted> {
        each_element(input, cx, |_, capability: Text<'de>| {
            self.any = true;
            self.all |= capability == "ALL";
        })
    }
}

view! {
    /// The SELinux labels of a process.
    pub struct SeLinuxOptions<'a> {
        /// `type`.
        "type" => label: Text<'a>,
        /// `user`.
        "user" => user: Text<'a>,
        /// `role`.
        "role" => role: Text<'a>,
    }
}

view! {
    /// A seccomp or AppArmor profile.
    pub struct Profile<'a> {
        /// `type`: `RuntimeDefault`, `Localhost` or `Unconfined`.
        "type" => kind: Text<'a>,
        /// `localhostProfile`: a file on the node, of a profile of type `Localhost`.
        "localhostProfile" => localhost_profile: IsSet,
    }
}

view! {
    /// The options for Windows.
    pub struct WindowsOptions<'a> {
        /// `hostProcess`.
        "hostProcess" => host_process: bool,
        /// `runAsUserName`.
        "runAsUserName" => run_as_user_name: Text<'a>,
    }
}

view! {
    /// A kernel parameter that a pod sets.
    pub struct Sysctl<'a> {
        /// `name`.
        "name" => name: Text<'a>,
    }
}

/// The three lists of containers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ContainerType {
    /// `initContainers`.
    Init,
    /// `containers`.
    Regular,
    /// `ephemeralContainers`.
    Ephemeral,
}

impl ContainerType {
    /// The name in the settings.
    pub const fn name(self) -> &'static str {
        match self {
            ContainerType::Init => "init",
            ContainerType::Regular => "regular",
            ContainerType::Ephemeral => "ephemeral",
        }
    }

    /// The name of the list in a pod's spec.
    pub const fn field(self) -> &'static str {
        match self {
            ContainerType::Init => "initContainers",
            ContainerType::Regular => "containers",
            ContainerType::Ephemeral => "ephemeralContainers",
        }
    }
}

/// A pod to evaluate: a Pod, or the pod of a template.
#[derive(Debug, Clone, Copy)]
pub struct Pod<'p> {
    /// Its metadata.
    pub metadata: &'p Metadata<'p>,
    /// Its spec.
    pub spec: &'p Spec<'p>,
}

/// The zero value, as which Go decodes a missing template. In a box, because few requests need it and each instance would
/// otherwise touch its memory.
static EMPTY: LazyLock<Box<Object<'static>>> = LazyLock::new(Box::default);

impl<'p> Pod<'p> {
    /// A pod without any field set. It has no violations.
    pub fn empty() -> Self {
        Pod::of(&EMPTY)
    }

    /// The pod of an object: its metadata and spec.
    pub fn of(object: &'p Object<'p>) -> Self {
        Pod { metadata: &object.value.metadata, spec: &object.value.spec }
    }

    /// All containers in the order in which Kubernetes visits them: init, regular, ephemeral; each with its list and its
    /// index there.
    pub fn containers(self) -> impl Iterator<Item = (ContainerType, usize, &'p Container<'p>)> {
        let of = |(kind, list): (ContainerType, &'p [Container<'p>])| {
            list.iter().enumerate().map(move |(index, container)| (kind, index, container))
        };
        self.container_lists().into_iter().flat_map(of)
    }

    /// The lists of containers, in the order in which Kubernetes visits them.
    pub fn container_lists(self) -> [(ContainerType, &'p [Container<'p>]); 3] {
        let Spec { init_containers, containers, ephemeral_containers, .. } = self.spec;
        [(ContainerType::Init, init_containers), (ContainerType::Regular, containers), (ContainerType::Ephemeral, ephemeral_containers)]
    }

    /// Calls `visit` for each container, in the same order, until it returns `false`. It is compiled once, other than the iterator.
    #[inline(never)]
    pub fn visit_containers(self, visit: &mut dyn FnMut(ContainerType, &'p Container<'p>) -> bool) {
        let _ = self.containers().all(|(kind, _, container)| visit(kind, container));
    }

    /// A container, by its list and its index there.
    pub fn container(self, kind: ContainerType, index: usize) -> Option<&'p Container<'p>> {
        let list = match kind {
            ContainerType::Init => &self.spec.init_containers,
            ContainerType::Regular => &self.spec.containers,
            ContainerType::Ephemeral => &self.spec.ephemeral_containers,
        };
        list.get(index)
    }

    /// The name of the service account of the pod, in its namespace; `default` if unset.
    pub fn service_account(self) -> &'p str {
        let names = [&self.spec.service_account_name, &self.spec.service_account];
        names.into_iter().find(|name| !name.is_empty()).map_or("default", |name| name)
    }

    /// Whether `os.name` is `windows`.
    pub fn is_windows(self) -> bool {
        self.spec.os.name == "windows"
    }

    /// Whether the pod runs on Windows by its node selector or affinity, but has no `os.name`.
    pub fn selects_windows(self) -> bool {
        self.spec.os.name.is_empty() && nodes::selects_windows(&self.spec.node_selector, &self.spec.affinity)
    }

    /// Whether the pod sets a field that an API server rejects with `os.name: windows`: one that this view has.
    ///
    /// Source: `validateWindows` in `pkg/apis/core/validation/validation.go` of Kubernetes.
    pub fn is_only_for_linux(self) -> bool {
        let spec = self.spec;
        let PodSecurityContext {
            run_as_user, run_as_group, fs_group, se_linux_options, seccomp_profile, app_armor_profile, sysctls, ..
        } = &spec.security_context;
        let is_set = |numbers: &[bool], labels: &SeLinuxOptions<'_>, profiles: [&Option<Profile<'_>>; 2]| {
            numbers.contains(&true) || *labels != SeLinuxOptions::default() || profiles.into_iter().any(Option::is_some)
        };
        let is_container_for_linux = |context: &SecurityContext<'_>| {
            is_set(
                &[context.run_as_user.is_some(), context.run_as_group.0],
                &context.se_linux_options,
                [&context.seccomp_profile, &context.app_armor_profile],
            ) || context.privileged
                || context.allow_privilege_escalation.is_some()
                || context.read_only_root_filesystem.is_some()
                || context.proc_mount.is_some()
                || context.capabilities.drop.any
                || !context.capabilities.add.is_empty()
        };
        let is_for_linux = [spec.host_users, spec.share_process_namespace].iter().any(Option::is_some) || spec.host_pid || spec.host_ipc;
        is_for_linux
            || !sysctls.is_empty()
            || is_set(&[run_as_user.is_some(), run_as_group.0, fs_group.0], se_linux_options, [seccomp_profile, app_armor_profile])
            || self.containers().any(|(_, _, container)| is_container_for_linux(&container.security_context))
    }

    /// Whether the pod runs in its own user namespace (KEP-127).
    pub fn in_user_namespace(self) -> bool {
        self.spec.host_users == Some(false)
    }
}

#[cfg(test)]
mod tests;
