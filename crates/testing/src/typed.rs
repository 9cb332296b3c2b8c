//! Comparison of the borrowed view of a pod with the types of k8s-openapi for the same JSON.
//!
//! If the types can be deserialized, the view has the same fields, or it has an error: a duplicate key, for which the types use the
//! last value, or a field of another kind, because one view is used for all kinds. An API server sends neither. If only the view
//! can be deserialized, the errors are in fields that no check reads, and the types without these fields agree. `null` has the
//! value that Go decodes it to.

use std::borrow::Cow;
use std::collections::BTreeMap;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1 as k8s;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::ObjectMeta;
use pss_core::json::{IsSet, IsSetInteger, Text};
use pss_core::pod::{self, Fields, Object};
use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

/// The result of a comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Agreement {
    /// Both are deserialized, with equal fields.
    Equal,
    /// The view is deserialized, and the types without fields that no check reads.
    ViewOnly,
    /// Only the types are deserialized: the view has an error for a duplicate key or a field of another kind.
    TypesOnly,
    /// Neither is deserialized.
    Rejected,
}

/// A kind with a pod template: its name, and the path of the template in the types and in the view.
pub struct Kind {
    /// `apiVersion`.
    pub api_version: &'static str,
    /// `kind`.
    pub kind: &'static str,
    typed: fn(&str) -> Option<k8s::PodTemplateSpec>,
    template: for<'o> fn(&'o Fields<'o>) -> Option<&'o Object<'o>>,
    path: &'static [&'static str],
}

fn read<T: DeserializeOwned>(json: &str) -> Option<T> {
    serde_json::from_str(json).ok()
}

fn of_spec<'o>(object: &'o Fields<'o>) -> Option<&'o Object<'o>> {
    object.spec.template.as_deref()
}

macro_rules! kinds {
    ($($api:literal $Type:ty, $path:expr, $view:expr, |$typed:ident| $template:expr;)*) => {
        [$(Kind {
            api_version: $api,
            kind: <$Type as k8s_openapi::Resource>::KIND,
            typed: |json| read::<$Type>(json).map(|$typed| $template.unwrap_or_default()),
            template: $view,
            path: $path,
        }),*]
    };
}

const SPEC: &[&str] = &["spec", "template"];

/// All kinds with a pod template. For Pod see [`POD`].
pub const KINDS: [Kind; 8] = kinds! {
    "v1" k8s::ReplicationController, SPEC, of_spec, |typed| typed.spec.and_then(|spec| spec.template);
    "v1" k8s::PodTemplate, &["template"], |object| object.template.as_deref(), |typed| typed.template;
    "apps/v1" ReplicaSet, SPEC, of_spec, |typed| typed.spec.and_then(|spec| spec.template);
    "apps/v1" Deployment, SPEC, of_spec, |typed| typed.spec.map(|spec| spec.template);
    "apps/v1" StatefulSet, SPEC, of_spec, |typed| typed.spec.map(|spec| spec.template);
    "apps/v1" DaemonSet, SPEC, of_spec, |typed| typed.spec.map(|spec| spec.template);
    "batch/v1" Job, SPEC, of_spec, |typed| typed.spec.map(|spec| spec.template);
    "batch/v1" CronJob, &["spec", "jobTemplate", "spec", "template"], |object| of_spec(&object.spec.job_template.as_deref()?.value),
        |typed| typed.spec.job_template.spec.map(|spec| spec.template);
};

/// A Pod, which is its own template.
pub const POD: Kind = Kind {
    api_version: "v1",
    kind: "Pod",
    typed: |json| read::<k8s::Pod>(json).map(|pod| k8s::PodTemplateSpec { metadata: Some(pod.metadata), spec: pod.spec }),
    template: |_| None,
    path: &[],
};

/// Compares a Pod from any bytes, for fuzzing.
pub fn object(input: &[u8]) {
    if let Ok(text) = std::str::from_utf8(input) {
        compare(text, &POD).unwrap_or_else(|difference| panic!("{difference}"));
    }
}

/// Compares the view of an object with the types. The error is their difference.
pub fn compare(json: &str, kind: &Kind) -> Result<Agreement, String> {
    let typed = (kind.typed)(json);
    let Ok(object) = pod::read(json) else {
        // The types skip numbers that are out of range, and strings with lone surrogates.
        return Ok(if typed.is_some() { Agreement::TypesOnly } else { Agreement::Rejected });
    };
    let view = View::of(&object, kind);
    if let Some(error) = view.first_error() {
        return match typed {
            None => Ok(Agreement::Rejected),
            Some(_) if error.contains("second time") || is_foreign(&error, kind) => Ok(Agreement::TypesOnly),
            Some(_) => Err(format!("the view has an error that the types do not have: {error}")),
        };
    }
    if let Some(typed) = typed {
        return view.equals(&typed).and_then(|()| view.has_mounts_of(&typed)).map(|()| Agreement::Equal);
    }
    let value: Value = match serde_json::from_str(json) {
        Ok(value) => value,
        Err(error) => return Err(format!("the view was deserialized from invalid JSON: {error}")),
    };
    let relevant = relevant_fields(&value, kind).to_string();
    let typed = (kind.typed)(&relevant).ok_or_else(|| format!("only the view was deserialized: {relevant}"))?;
    view.equals(&typed).map(|()| Agreement::ViewOnly)
}

/// Returns the object as serialized by the types, without fields that no check reads if these are invalid.
pub fn reserialized(json: &str, kind: &Kind) -> Option<Value> {
    let value: Value = serde_json::from_str(json).ok()?;
    let template = (kind.typed)(json).or_else(|| (kind.typed)(&relevant_fields(&value, kind).to_string()))?;
    let mut object = serde_json::to_value(template).expect("a template is JSON");
    for key in kind.path.iter().rev() {
        object = json!({ *key: object });
    }
    // The types do not have these fields.
    for key in ["apiVersion", "kind"] {
        object[key] = value[key].clone();
    }
    Some(object)
}

/// Returns whether an error, `path: message`, is in a field that the kind does not have.
fn is_foreign(error: &str, kind: &Kind) -> bool {
    let path = error.split(": ").next().unwrap_or_default();
    let mut shape = &shape(kind);
    for step in path.split(['.', '[']) {
        let index = step.ends_with(']').then_some(0);
        match index.map_or_else(|| shape.get(step), |index| shape.get::<usize>(index)) {
            Some(below) => shape = below,
            None => return true,
        }
    }
    false
}

/// Returns the fields of an object that checks read, as JSON that can be deserialized into the types if it can be into the view.
pub fn relevant_fields(object: &Value, kind: &Kind) -> Value {
    let mut relevant = select_fields(object, &shape(kind));
    relevant["apiVersion"] = json!(kind.api_version);
    relevant["kind"] = json!(kind.kind);
    relevant
}

/// All fields that the checks read: an example of each object, list and value.
fn shape(kind: &Kind) -> Value {
    let profile = json!({"type": "", "localhostProfile": ""});
    let se_linux = json!({"type": "", "user": "", "role": ""});
    let windows = json!({"hostProcess": false, "runAsUserName": ""});
    let handler = json!({"httpGet": {"host": ""}, "tcpSocket": {"host": ""}});
    let container = json!({
        "name": "", "image": "", "ports": [{"hostPort": 0}], "lifecycle": {"postStart": handler, "preStop": handler},
        "livenessProbe": handler, "readinessProbe": handler, "startupProbe": handler,
        "securityContext": {
            "privileged": false, "allowPrivilegeEscalation": false, "capabilities": {"add": [""], "drop": [""]}, "procMount": "",
            "runAsNonRoot": false, "runAsUser": 0, "seLinuxOptions": se_linux, "seccompProfile": profile, "appArmorProfile": profile,
            "windowsOptions": windows, "runAsGroup": 0, "readOnlyRootFilesystem": false,
        },
    });
    let mut volume = json!({"name": ""});
    for source in pod::VOLUME_SOURCES {
        volume[*source] = if *source == "hostPath" { json!({"path": ""}) } else { json!({}) };
    }
    let mut shape = json!({
        "metadata": {"name": "", "labels": {"*": ""}, "annotations": {"*": ""}, "ownerReferences": [{"uid": "", "controller": false}]},
        "spec": {
            "containers": [container], "initContainers": [container], "ephemeralContainers": [container], "volumes": [volume],
            "securityContext": {
                "runAsNonRoot": false, "runAsUser": 0, "seLinuxOptions": se_linux, "seccompProfile": profile, "appArmorProfile": profile,
                "windowsOptions": windows, "sysctls": [{"name": ""}], "runAsGroup": 0, "fsGroup": 0,
            },
            "hostNetwork": false, "hostPID": false, "hostIPC": false, "hostUsers": false, "os": {"name": ""}, "runtimeClassName": "",
            "serviceAccountName": "", "serviceAccount": "", "shareProcessNamespace": false,
            "nodeSelector": {"kubernetes.io/os": "", "beta.kubernetes.io/os": ""},
            "affinity": {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {
                "nodeSelectorTerms": [{"matchExpressions": [{"key": "", "operator": "", "values": [""]}]}],
            }}},
        },
    });
    for key in kind.path.iter().rev() {
        shape = json!({ *key: shape });
    }
    shape
}

/// Returns the fields of a value that a shape has. `null` in lists and maps of strings has the value that Go decodes it to.
fn select_fields(value: &Value, shape: &Value) -> Value {
    match (value, shape) {
        (Value::Object(fields), Value::Object(shapes)) => {
            let of_any = shapes.get("*");
            let selected = fields.iter().filter_map(|(key, value)| match of_any {
                // Annotations that no check reads may have any type.
                Some(any) => Some((key, if value.is_null() { any.clone() } else { value.clone() })).filter(|(_, value)| value.is_string()),
                // The keys of a node selector.
                None if value.is_null() && key.ends_with("kubernetes.io/os") => shapes.get(key).map(|shape| (key, shape.clone())),
                None => shapes.get(key).map(|shape| (key, select_fields(value, shape))),
            });
            Value::Object(selected.map(|(key, value)| (key.clone(), value)).collect::<Map<_, _>>())
        }
        (Value::Array(items), Value::Array(shapes)) => items.iter().map(|item| element(item, &shapes[0])).collect(),
        (other, _) => other.clone(),
    }
}

fn element(item: &Value, shape: &Value) -> Value {
    match (item, shape) {
        (Value::Null, Value::Object(_)) => json!({}),
        (Value::Null, other) => other.clone(),
        (item, shape) => select_fields(item, shape),
    }
}

/// The borrowed view of the pod in an object.
struct View<'o> {
    object: &'o Object<'o>,
    template: Option<&'o Object<'o>>,
}

impl<'o> View<'o> {
    fn of(object: &'o Object<'o>, kind: &Kind) -> Self {
        View { object, template: if kind.path.is_empty() { Some(object) } else { (kind.template)(&object.value) } }
    }

    /// Returns the first error in the object, its templates or its labels.
    fn first_error(&self) -> Option<String> {
        fn first(object: &Object<'_>) -> Option<String> {
            let Fields { spec, template, .. } = &object.value;
            let templates = [template, &spec.template, &spec.job_template];
            object.errors.first().map(ToString::to_string).or_else(|| templates.into_iter().flatten().find_map(|inner| first(inner)))
        }
        let of_labels = || self.template?.value.metadata.labels.read("labels").err().map(|error| error.to_string());
        first(self.object).or_else(of_labels)
    }

    fn equals(&self, typed: &k8s::PodTemplateSpec) -> Result<(), String> {
        let empty_object = Object::default();
        let Fields { metadata, spec, .. } = &self.template.unwrap_or(&empty_object).value;
        let no_metadata = ObjectMeta::default();
        assert_equal("metadata", &view_metadata(metadata)?, &typed_metadata(typed.metadata.as_ref().unwrap_or(&no_metadata)))?;
        let empty = k8s::PodSpec::default();
        let typed = typed.spec.as_ref().unwrap_or(&empty);
        let volumes: Vec<_> = spec
            .volumes
            .iter()
            .map(|volume| (volume.name.to_string(), volume.sources().collect(), volume.host_path.as_deref().map(str::to_owned)))
            .collect();
        assert_equal("volumes", &volumes, &typed_volumes(typed))?;
        // Other kinds may have fields with these names, which do not belong to the pod.
        let mut spec = pod::Spec { volumes: pod::Volumes::default(), template: None, job_template: None, ..spec.clone() };
        for list in [&mut spec.init_containers, &mut spec.containers, &mut spec.ephemeral_containers] {
            list.iter_mut().for_each(|container| container.volume_mounts = pod::VolumeMounts::None);
        }
        assert_equal("spec", &spec, &typed_spec(typed))
    }

    /// The volumes that each container can write to.
    fn writable_volumes(&self) -> impl Iterator<Item = pod::WritableVolumes> {
        let containers = self.template.into_iter().flat_map(|template| pod::Pod::of(template).containers());
        containers.map(|(.., container)| {
            let mut volumes = pod::WritableVolumes::default();
            container.volume_mounts.add_writable(&mut volumes);
            volumes
        })
    }

    /// Compares the mounts of volumes, where the view knows them: an error in them is no error of the view.
    fn has_mounts_of(&self, typed: &k8s::PodTemplateSpec) -> Result<(), String> {
        let empty = k8s::PodSpec::default();
        let typed = typed.spec.as_ref().unwrap_or(&empty);
        let of_containers = typed.init_containers.iter().flatten().chain(&typed.containers).map(|container| &container.volume_mounts);
        let of_all = of_containers.chain(typed.ephemeral_containers.iter().flatten().map(|container| &container.volume_mounts));
        for (volumes, mounts) in self.writable_volumes().zip(of_all).filter(|(volumes, _)| !volumes.may_be_others) {
            let writable = mounts.iter().flatten().filter(|mount| mount.read_only != Some(true));
            assert_equal("volumeMounts", &volumes.names, &writable.map(|mount| mount.name.clone()).collect())?;
        }
        Ok(())
    }
}

fn assert_equal<T: PartialEq + std::fmt::Debug>(name: &str, view: &T, typed: &T) -> Result<(), String> {
    if view == typed { Ok(()) } else { Err(format!("{name} of the view:\n{view:?}\nof the types:\n{typed:?}")) }
}

/// The compared metadata: name, labels, annotations that checks read, controller.
type MetadataFields = (String, BTreeMap<String, String>, BTreeMap<String, String>, Option<String>);

fn view_metadata(metadata: &pod::Metadata<'_>) -> Result<MetadataFields, String> {
    let labels = metadata.labels.read("labels").map_err(|error| error.to_string())?;
    let owned = |(key, value): (&str, &str)| (key.to_owned(), value.to_owned());
    Ok((
        metadata.name.to_string(),
        labels.0.iter().map(|(key, value)| owned((key, value))).collect(),
        metadata.annotations.iter().map(owned).collect(),
        metadata.controller.0.as_deref().map(str::to_owned),
    ))
}

fn typed_metadata(metadata: &ObjectMeta) -> MetadataFields {
    let is_read = |key: &str| {
        let prefixes = [pod::APPARMOR_ANNOTATION_PREFIX, pod::SECCOMP_CONTAINER_ANNOTATION_PREFIX, pod::LABEL_PREFIX];
        key == pod::SECCOMP_POD_ANNOTATION || prefixes.iter().any(|prefix| key.starts_with(prefix))
    };
    let annotations = metadata.annotations.iter().flatten().filter(|(key, _)| is_read(key));
    let mut owners = metadata.owner_references.iter().flatten();
    (
        metadata.name.clone().unwrap_or_default(),
        metadata.labels.clone().unwrap_or_default(),
        annotations.map(|(key, value)| (key.clone(), value.clone())).collect(),
        owners.find(|owner| owner.controller == Some(true)).map(|owner| owner.uid.clone()),
    )
}

/// The compared fields of a volume: name, sources, path of a hostPath.
type VolumeFields = (String, Vec<&'static str>, Option<String>);

fn typed_volumes(spec: &k8s::PodSpec) -> Vec<VolumeFields> {
    let volumes = spec.volumes.iter().flatten().map(|volume| {
        let json = serde_json::to_value(volume).expect("a volume is JSON");
        let sources: Vec<_> = pod::VOLUME_SOURCES.iter().copied().filter(|source| json.get(source).is_some()).collect();
        (volume.name.clone(), sources, volume.host_path.as_ref().map(|source| source.path.clone()))
    });
    volumes.collect()
}

fn text(text: &str) -> Text<'_> {
    Cow::Borrowed(text)
}

fn or_empty(value: &Option<String>) -> Text<'_> {
    text(value.as_deref().unwrap_or_default())
}

fn se_linux(options: &Option<k8s::SELinuxOptions>) -> pod::SeLinuxOptions<'_> {
    options.as_ref().map_or_else(pod::SeLinuxOptions::default, |options| pod::SeLinuxOptions {
        label: or_empty(&options.type_),
        user: or_empty(&options.user),
        role: or_empty(&options.role),
    })
}

fn seccomp(profile: &Option<k8s::SeccompProfile>) -> Option<pod::Profile<'_>> {
    profile
        .as_ref()
        .map(|profile| pod::Profile { kind: text(&profile.type_), localhost_profile: IsSet(profile.localhost_profile.is_some()) })
}

fn app_armor(profile: &Option<k8s::AppArmorProfile>) -> Option<pod::Profile<'_>> {
    profile
        .as_ref()
        .map(|profile| pod::Profile { kind: text(&profile.type_), localhost_profile: IsSet(profile.localhost_profile.is_some()) })
}

fn windows(options: &Option<k8s::WindowsSecurityContextOptions>) -> pod::WindowsOptions<'_> {
    options.as_ref().map_or_else(pod::WindowsOptions::default, |options| pod::WindowsOptions {
        host_process: options.host_process.unwrap_or_default(),
        run_as_user_name: or_empty(&options.run_as_user_name),
    })
}

fn security_context(context: &Option<k8s::SecurityContext>) -> pod::SecurityContext<'_> {
    let Some(context) = context else { return pod::SecurityContext::default() };
    let (add, drop) = context.capabilities.as_ref().map_or((None, None), |both| (both.add.as_ref(), both.drop.as_ref()));
    pod::SecurityContext {
        privileged: context.privileged.unwrap_or_default(),
        allow_privilege_escalation: context.allow_privilege_escalation,
        capabilities: pod::Capabilities {
            add: add.into_iter().flatten().map(|name| text(name)).collect(),
            drop: pod::DroppedCapabilities {
                all: drop.into_iter().flatten().any(|name| name == "ALL"),
                any: drop.into_iter().flatten().next().is_some(),
            },
        },
        proc_mount: context.proc_mount.as_deref().map(text),
        run_as_non_root: context.run_as_non_root,
        run_as_user: context.run_as_user,
        run_as_group: IsSetInteger(context.run_as_group.is_some()),
        read_only_root_filesystem: context.read_only_root_filesystem,
        se_linux_options: se_linux(&context.se_linux_options),
        seccomp_profile: seccomp(&context.seccomp_profile),
        app_armor_profile: app_armor(&context.app_armor_profile),
        windows_options: windows(&context.windows_options),
    }
}

fn handler<'t>(http: Option<&'t k8s::HTTPGetAction>, tcp: Option<&'t k8s::TCPSocketAction>) -> pod::Handler<'t> {
    let action = |host: Option<&'t str>| pod::HostAction { host: text(host.unwrap_or_default()) };
    pod::Handler {
        http_get: action(http.and_then(|action| action.host.as_deref())),
        tcp_socket: action(tcp.and_then(|action| action.host.as_deref())),
    }
}

fn probe(probe: &Option<k8s::Probe>) -> pod::Handler<'_> {
    let probe = probe.as_ref();
    handler(probe.and_then(|probe| probe.http_get.as_ref()), probe.and_then(|probe| probe.tcp_socket.as_ref()))
}

fn hook(hook: Option<&k8s::LifecycleHandler>) -> pod::Handler<'_> {
    handler(hook.and_then(|hook| hook.http_get.as_ref()), hook.and_then(|hook| hook.tcp_socket.as_ref()))
}

/// Both types of containers have the same fields.
macro_rules! containers {
    ($list:expr) => {
        $list
            .map(|container| pod::Container {
                name: text(&container.name),
                image: or_empty(&container.image),
                security_context: security_context(&container.security_context),
                host_ports: pod::HostPorts(
                    container
                        .ports
                        .iter()
                        .flatten()
                        .enumerate()
                        .filter_map(|(index, port)| Some((index, port.host_port.filter(|port| *port != 0)?)))
                        .collect(),
                ),
                liveness_probe: probe(&container.liveness_probe),
                readiness_probe: probe(&container.readiness_probe),
                startup_probe: probe(&container.startup_probe),
                lifecycle: pod::Lifecycle {
                    post_start: hook(container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.post_start.as_ref())),
                    pre_stop: hook(container.lifecycle.as_ref().and_then(|lifecycle| lifecycle.pre_stop.as_ref())),
                },
                volume_mounts: pod::VolumeMounts::None,
            })
            .collect()
    };
}

fn node_selector(spec: &k8s::PodSpec) -> pod::NodeSelector {
    let label =
        |key: &str| pod::IsWindows(spec.node_selector.as_ref().and_then(|labels| labels.get(key)).is_some_and(|os| os == "windows"));
    pod::NodeSelector { os: label("kubernetes.io/os"), beta_os: label("beta.kubernetes.io/os") }
}

fn affinity(spec: &k8s::PodSpec) -> pod::Affinity {
    let affinity = spec.affinity.as_ref().and_then(|affinity| affinity.node_affinity.as_ref());
    let required = affinity.and_then(|affinity| affinity.required_during_scheduling_ignored_during_execution.as_ref());
    let mut terms = pod::Choices::default();
    for term in required.into_iter().flat_map(|required| &required.node_selector_terms) {
        let is_windows = term.match_expressions.iter().flatten().any(|expression| {
            let is_os = ["kubernetes.io/os", "beta.kubernetes.io/os"].contains(&expression.key.as_str()) && expression.operator == "In";
            let mut values = expression.values.iter().flatten().peekable();
            is_os && values.peek().is_some() && values.all(|value| value == "windows")
        });
        terms.windows |= is_windows;
        terms.other |= !is_windows;
    }
    pod::Affinity { node_affinity: pod::NodeAffinity { required: pod::RequiredNodes { terms } } }
}

/// The spec without its volumes.
fn typed_spec(spec: &k8s::PodSpec) -> pod::Spec<'_> {
    let context = spec.security_context.as_ref();
    pod::Spec {
        containers: containers!(spec.containers.iter()),
        init_containers: containers!(spec.init_containers.iter().flatten()),
        ephemeral_containers: containers!(spec.ephemeral_containers.iter().flatten()),
        volumes: pod::Volumes::default(),
        security_context: context.map_or_else(pod::PodSecurityContext::default, |context| pod::PodSecurityContext {
            run_as_non_root: context.run_as_non_root,
            run_as_user: context.run_as_user,
            run_as_group: IsSetInteger(context.run_as_group.is_some()),
            fs_group: IsSetInteger(context.fs_group.is_some()),
            se_linux_options: se_linux(&context.se_linux_options),
            seccomp_profile: seccomp(&context.seccomp_profile),
            app_armor_profile: app_armor(&context.app_armor_profile),
            windows_options: windows(&context.windows_options),
            sysctls: context.sysctls.iter().flatten().map(|sysctl| pod::Sysctl { name: text(&sysctl.name) }).collect(),
        }),
        host_network: spec.host_network.unwrap_or_default(),
        host_pid: spec.host_pid.unwrap_or_default(),
        host_ipc: spec.host_ipc.unwrap_or_default(),
        host_users: spec.host_users,
        os: pod::Os { name: text(spec.os.as_ref().map_or("", |os| &os.name)) },
        node_selector: node_selector(spec),
        affinity: affinity(spec),
        share_process_namespace: spec.share_process_namespace,
        runtime_class_name: or_empty(&spec.runtime_class_name),
        service_account_name: or_empty(&spec.service_account_name),
        service_account: or_empty(&spec.service_account),
        template: None,
        job_template: None,
    }
}
