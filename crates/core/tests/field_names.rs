//! The names of fields. The types of k8s-openapi, generated from the API description of Kubernetes, are serialized with every
//! field that the standards read, each with a distinct value, and deserialized into the view of a pod. A misspelt or missing field
//! fails this test.
//!
//! Some structs have no `..Default::default()` on purpose: a field that a release of Kubernetes adds there does not compile until
//! it has been decided whether a check reads it.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use k8s_openapi::api::apps::v1::{
    DaemonSet, DaemonSetSpec, Deployment, DeploymentSpec, ReplicaSet, ReplicaSetSpec, StatefulSet, StatefulSetSpec,
};
use k8s_openapi::api::batch::v1::{CronJob, CronJobSpec, Job, JobSpec, JobTemplateSpec};
use k8s_openapi::api::core::v1 as k8s;
use k8s_openapi::apimachinery::pkg::apis::meta::v1::{ObjectMeta, OwnerReference};
use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;
use pss_core::admission::WORKLOADS;
use pss_core::json::{IsSet, IsSetInteger};
use pss_core::pod::{self, Fields, Object, Pod};
use pss_core::standards::{Level, LevelVersion, Version, evaluate};
use pss_testing::field_masks::pruned;
use serde::Serialize;
use serde_json::{Value, json};

/// A text with its position.
fn text(place: &str, name: &str) -> String {
    format!("{place} {name}")
}

fn expected_text(place: &str, name: &str) -> Cow<'static, str> {
    text(place, name).into()
}

// The types of Kubernetes.

fn se_linux_options(place: &str) -> k8s::SELinuxOptions {
    k8s::SELinuxOptions {
        type_: Some(text(place, "type")),
        user: Some(text(place, "user")),
        role: Some(text(place, "role")),
        level: Some(text(place, "level")),
    }
}

fn windows_options() -> k8s::WindowsSecurityContextOptions {
    k8s::WindowsSecurityContextOptions {
        host_process: Some(true),
        gmsa_credential_spec: Some("spec".to_owned()),
        gmsa_credential_spec_name: Some("name".to_owned()),
        run_as_user_name: Some("user".to_owned()),
    }
}

fn seccomp_profile(place: &str) -> k8s::SeccompProfile {
    k8s::SeccompProfile { type_: text(place, "seccomp"), localhost_profile: Some("path".to_owned()) }
}

fn app_armor_profile(place: &str) -> k8s::AppArmorProfile {
    k8s::AppArmorProfile { type_: text(place, "AppArmor"), localhost_profile: Some("path".to_owned()) }
}

fn security_context(place: &str, number: i32) -> k8s::SecurityContext {
    k8s::SecurityContext {
        allow_privilege_escalation: Some(true),
        app_armor_profile: Some(app_armor_profile(place)),
        capabilities: Some(k8s::Capabilities {
            add: Some(vec![text(place, "added"), text(place, "added too")]),
            drop: Some(vec!["ALL".to_owned()]),
        }),
        privileged: Some(true),
        proc_mount: Some(text(place, "procMount")),
        read_only_root_filesystem: Some(true),
        run_as_group: Some(1),
        run_as_non_root: Some(false),
        run_as_user: Some(number.into()),
        se_linux_options: Some(se_linux_options(place)),
        seccomp_profile: Some(seccomp_profile(place)),
        windows_options: Some(windows_options()),
    }
}

fn pod_security_context() -> k8s::PodSecurityContext {
    k8s::PodSecurityContext {
        app_armor_profile: Some(app_armor_profile("pod")),
        fs_group: Some(1),
        fs_group_change_policy: Some("Always".to_owned()),
        run_as_group: Some(1),
        run_as_non_root: Some(false),
        run_as_user: Some(10),
        se_linux_change_policy: Some("Recursive".to_owned()),
        se_linux_options: Some(se_linux_options("pod")),
        seccomp_profile: Some(seccomp_profile("pod")),
        supplemental_groups: Some(vec![1]),
        supplemental_groups_policy: Some("Strict".to_owned()),
        sysctls: Some(vec![
            k8s::Sysctl { name: "first".to_owned(), value: "1".to_owned() },
            k8s::Sysctl { name: "second".to_owned(), value: "2".to_owned() },
        ]),
        windows_options: Some(windows_options()),
    }
}

fn http_get(place: &str) -> k8s::HTTPGetAction {
    let port = IntOrString::Int(80);
    k8s::HTTPGetAction {
        host: Some(text(place, "httpGet")),
        http_headers: None,
        path: Some("/".to_owned()),
        port,
        scheme: Some("HTTP".to_owned()),
    }
}

fn tcp_socket(place: &str) -> k8s::TCPSocketAction {
    k8s::TCPSocketAction { host: Some(text(place, "tcpSocket")), port: IntOrString::String("http".to_owned()) }
}

fn probe(place: &str, name: &str) -> k8s::Probe {
    let place = text(place, name);
    k8s::Probe {
        exec: Some(k8s::ExecAction::default()),
        grpc: Some(k8s::GRPCAction::default()),
        http_get: Some(http_get(&place)),
        tcp_socket: Some(tcp_socket(&place)),
        failure_threshold: Some(1),
        initial_delay_seconds: Some(1),
        period_seconds: Some(1),
        success_threshold: Some(1),
        termination_grace_period_seconds: Some(1),
        timeout_seconds: Some(1),
    }
}

fn hook(place: &str, name: &str) -> k8s::LifecycleHandler {
    let place = text(place, name);
    k8s::LifecycleHandler {
        exec: Some(k8s::ExecAction::default()),
        http_get: Some(http_get(&place)),
        sleep: Some(k8s::SleepAction::default()),
        tcp_socket: Some(tcp_socket(&place)),
    }
}

fn lifecycle(place: &str) -> k8s::Lifecycle {
    k8s::Lifecycle {
        post_start: Some(hook(place, "postStart")),
        pre_stop: Some(hook(place, "preStop")),
        stop_signal: Some("SIGTERM".to_owned()),
    }
}

fn ports(number: i32) -> Vec<k8s::ContainerPort> {
    let port = |host_port| k8s::ContainerPort { container_port: 80, host_ip: None, host_port, name: None, protocol: None };
    vec![port(None), port(Some(number)), port(Some(0)), port(Some(number + 1))]
}

fn volume_mounts(place: &str) -> Vec<k8s::VolumeMount> {
    let mount = |name: &str, read_only| k8s::VolumeMount {
        name: text(place, name),
        read_only,
        recursive_read_only: read_only.map(|_| "IfPossible".to_owned()),
        mount_path: "/mnt".to_owned(),
        mount_propagation: None,
        sub_path: None,
        sub_path_expr: None,
    };
    vec![mount("writable", None), mount("read-only", Some(true))]
}

/// A container of either type: ephemeral containers have their own type with the same fields.
macro_rules! container {
    ($Container:ident, $place:literal, $number:literal) => {
        k8s::$Container {
            name: text($place, "name"),
            image: Some(text($place, "image")),
            security_context: Some(security_context($place, $number)),
            ports: Some(ports($number)),
            liveness_probe: Some(probe($place, "livenessProbe")),
            readiness_probe: Some(probe($place, "readinessProbe")),
            startup_probe: Some(probe($place, "startupProbe")),
            lifecycle: Some(lifecycle($place)),
            volume_mounts: Some(volume_mounts($place)),
            ..k8s::$Container::default()
        }
    };
}

/// Every source of volumes, by its name in JSON.
fn volume_sources() -> BTreeMap<String, Value> {
    let all = k8s::Volume {
        name: String::new(),
        aws_elastic_block_store: Some(Default::default()),
        azure_disk: Some(Default::default()),
        azure_file: Some(Default::default()),
        cephfs: Some(Default::default()),
        cinder: Some(Default::default()),
        config_map: Some(Default::default()),
        csi: Some(Default::default()),
        downward_api: Some(Default::default()),
        empty_dir: Some(Default::default()),
        ephemeral: Some(Default::default()),
        fc: Some(Default::default()),
        flex_volume: Some(Default::default()),
        flocker: Some(Default::default()),
        gce_persistent_disk: Some(Default::default()),
        git_repo: Some(Default::default()),
        glusterfs: Some(Default::default()),
        host_path: Some(k8s::HostPathVolumeSource { path: "/on/the/node".to_owned(), type_: Some("Directory".to_owned()) }),
        image: Some(Default::default()),
        iscsi: Some(Default::default()),
        nfs: Some(Default::default()),
        persistent_volume_claim: Some(Default::default()),
        photon_persistent_disk: Some(Default::default()),
        portworx_volume: Some(Default::default()),
        projected: Some(Default::default()),
        quobyte: Some(Default::default()),
        rbd: Some(Default::default()),
        scale_io: Some(Default::default()),
        secret: Some(Default::default()),
        storageos: Some(Default::default()),
        vsphere_volume: Some(Default::default()),
    };
    let mut sources: BTreeMap<String, Value> = serde_json::from_value(json!(all)).unwrap();
    sources.remove("name").unwrap();
    sources
}

/// The sources that restricted allows, as the standard lists them.
const ALLOWED_SOURCES: [&str; 9] =
    ["configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "image", "persistentVolumeClaim", "projected", "secret"];

/// A volume for each source, of the same name.
fn volumes() -> Vec<k8s::Volume> {
    volume_sources().into_iter().map(|(source, value)| serde_json::from_value(json!({"name": source, source: value})).unwrap()).collect()
}

/// A required term for Windows, and one for every other system.
fn affinity() -> k8s::Affinity {
    let term = |operator: &str| k8s::NodeSelectorTerm {
        match_expressions: Some(vec![k8s::NodeSelectorRequirement {
            key: "kubernetes.io/os".to_owned(),
            operator: operator.to_owned(),
            values: Some(vec!["windows".to_owned()]),
        }]),
        match_fields: None,
    };
    let required = k8s::NodeSelector { node_selector_terms: vec![term("In"), term("NotIn")] };
    k8s::Affinity {
        node_affinity: Some(k8s::NodeAffinity {
            required_during_scheduling_ignored_during_execution: Some(required),
            preferred_during_scheduling_ignored_during_execution: None,
        }),
        pod_affinity: None,
        pod_anti_affinity: None,
    }
}

fn pod_spec() -> k8s::PodSpec {
    k8s::PodSpec {
        init_containers: Some(vec![container!(Container, "init", 100)]),
        containers: vec![container!(Container, "regular", 200)],
        ephemeral_containers: Some(vec![container!(EphemeralContainer, "ephemeral", 300)]),
        volumes: Some(volumes()),
        security_context: Some(pod_security_context()),
        host_network: Some(true),
        host_pid: Some(true),
        host_ipc: Some(true),
        host_users: Some(false),
        os: Some(k8s::PodOS { name: "windows".to_owned() }),
        node_selector: Some(
            [("kubernetes.io/os", "windows"), ("beta.kubernetes.io/os", "windows")].map(|(key, os)| (key.to_owned(), os.to_owned())).into(),
        ),
        affinity: Some(affinity()),
        share_process_namespace: Some(true),
        runtime_class_name: Some("runtime".to_owned()),
        service_account_name: Some("account".to_owned()),
        service_account: Some("old account".to_owned()),
        ..k8s::PodSpec::default()
    }
}

const LABELS: [&str; 2] = ["app.kubernetes.io/name", "pod-security.kubernetes.io/enforce"];

const DELETED: &str = "2026-11-21T12:00:00Z";

fn annotations() -> [(String, String); 3] {
    let annotations = [
        ("container.apparmor.security.beta.kubernetes.io/a", "AppArmor"),
        ("container.seccomp.security.alpha.kubernetes.io/a", "seccomp of a container"),
        ("seccomp.security.alpha.kubernetes.io/pod", "seccomp of the pod"),
    ];
    annotations.map(|(key, value)| (key.to_owned(), value.to_owned()))
}

fn metadata(name: &str) -> ObjectMeta {
    let owner = |uid: &str, controller| OwnerReference { uid: uid.to_owned(), controller, ..OwnerReference::default() };
    ObjectMeta {
        name: Some(name.to_owned()),
        annotations: Some(annotations().into()),
        labels: Some(LABELS.map(|label| (label.to_owned(), text(name, label))).into()),
        uid: Some("unique".to_owned()),
        owner_references: Some(vec![owner("other", None), owner("controller", Some(true))]),
        deletion_timestamp: Some(serde_json::from_value(json!(DELETED)).unwrap()),
        ..ObjectMeta::default()
    }
}

fn template() -> k8s::PodTemplateSpec {
    k8s::PodTemplateSpec { metadata: Some(metadata("template")), spec: Some(pod_spec()) }
}

// The expected view.

fn expected_handler(place: &str, name: &str) -> pod::Handler<'static> {
    let host = |action| pod::HostAction { host: expected_text(place, &text(name, action)) };
    pod::Handler { http_get: host("httpGet"), tcp_socket: host("tcpSocket") }
}

fn expected_se_linux_options(place: &str) -> pod::SeLinuxOptions<'static> {
    pod::SeLinuxOptions { label: expected_text(place, "type"), user: expected_text(place, "user"), role: expected_text(place, "role") }
}

fn expected_profile(place: &str, name: &str) -> Option<pod::Profile<'static>> {
    Some(pod::Profile { kind: expected_text(place, name), localhost_profile: IsSet(true) })
}

fn expected_container(place: &str, number: i32) -> pod::Container<'static> {
    pod::Container {
        name: expected_text(place, "name"),
        image: expected_text(place, "image"),
        security_context: pod::SecurityContext {
            privileged: true,
            allow_privilege_escalation: Some(true),
            capabilities: pod::Capabilities {
                add: vec![expected_text(place, "added"), expected_text(place, "added too")],
                drop: pod::DroppedCapabilities { all: true, any: true },
            },
            proc_mount: Some(expected_text(place, "procMount")),
            run_as_non_root: Some(false),
            run_as_user: Some(number.into()),
            run_as_group: IsSetInteger(true),
            read_only_root_filesystem: Some(true),
            se_linux_options: expected_se_linux_options(place),
            seccomp_profile: expected_profile(place, "seccomp"),
            app_armor_profile: expected_profile(place, "AppArmor"),
            windows_options: pod::WindowsOptions { host_process: true, run_as_user_name: "user".into() },
        },
        host_ports: pod::HostPorts(vec![(1, number), (3, number + 1)]),
        liveness_probe: expected_handler(place, "livenessProbe"),
        readiness_probe: expected_handler(place, "readinessProbe"),
        startup_probe: expected_handler(place, "startupProbe"),
        lifecycle: pod::Lifecycle { post_start: expected_handler(place, "postStart"), pre_stop: expected_handler(place, "preStop") },
        volume_mounts: pod::VolumeMounts::Read(Box::new(pod::WritableVolumes {
            names: vec![text(place, "writable")],
            may_be_others: false,
        })),
    }
}

/// The spec without its volumes.
fn expected_spec() -> pod::Spec<'static> {
    pod::Spec {
        init_containers: vec![expected_container("init", 100)],
        containers: vec![expected_container("regular", 200)],
        ephemeral_containers: vec![expected_container("ephemeral", 300)],
        volumes: pod::Volumes::default(),
        security_context: pod::PodSecurityContext {
            run_as_non_root: Some(false),
            run_as_user: Some(10),
            run_as_group: IsSetInteger(true),
            fs_group: IsSetInteger(true),
            se_linux_options: expected_se_linux_options("pod"),
            seccomp_profile: expected_profile("pod", "seccomp"),
            app_armor_profile: expected_profile("pod", "AppArmor"),
            windows_options: pod::WindowsOptions { host_process: true, run_as_user_name: "user".into() },
            sysctls: vec![pod::Sysctl { name: "first".into() }, pod::Sysctl { name: "second".into() }],
        },
        host_network: true,
        host_pid: true,
        host_ipc: true,
        host_users: Some(false),
        os: pod::Os { name: "windows".into() },
        node_selector: pod::NodeSelector { os: pod::IsWindows(true), beta_os: pod::IsWindows(true) },
        affinity: pod::Affinity {
            node_affinity: pod::NodeAffinity { required: pod::RequiredNodes { terms: pod::Choices { windows: true, other: true } } },
        },
        share_process_namespace: Some(true),
        runtime_class_name: "runtime".into(),
        service_account_name: "account".into(),
        service_account: "old account".into(),
        template: None,
        job_template: None,
    }
}

/// Compares the metadata of a view with [`metadata`].
fn check_metadata(actual: &pod::Metadata<'_>, name: &str) {
    let pod::Metadata { name: actual_name, uid, annotations: actual_annotations, labels, deletion_timestamp, controller } = actual;
    assert_eq!((actual_name.as_ref(), uid.as_ref()), (name, "unique"));
    assert_eq!(actual_annotations.iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect::<Vec<_>>(), annotations());
    assert_eq!(controller.0.as_deref(), Some("controller"));
    assert_eq!(labels.read("labels").unwrap().0, LABELS.map(|label| (label.into(), expected_text(name, label))));
    assert_eq!(deletion_timestamp, DELETED);
}

/// Compares the view of a pod or a template with [`pod_spec`].
fn check_pod(mut actual: Fields<'_>, name: &str) {
    check_metadata(&actual.metadata, name);
    let volumes = std::mem::take(&mut actual.spec.volumes);
    let actual_sources: Vec<_> =
        volumes.iter().map(|volume| (volume.name.as_ref(), volume.sources().collect(), volume.host_path.as_deref())).collect();
    let sources = volume_sources();
    let expected_sources: Vec<_> =
        sources.keys().map(|source| (source.as_str(), vec![source.as_str()], (source == "hostPath").then_some("/on/the/node"))).collect();
    assert_eq!(actual_sources, expected_sources);
    assert_eq!(actual.spec, expected_spec());
    assert_eq!(actual.template, None);
}

/// The JSON of a resource, as the API server sends it.
fn json_of(resource: &impl Serialize) -> String {
    serde_json::to_string(resource).unwrap()
}

fn read(json: &str) -> Object<'_> {
    let object = pod::read(json).unwrap();
    assert_eq!(object.errors, []);
    object
}

fn a_pod() -> k8s::Pod {
    k8s::Pod { metadata: metadata("pod"), spec: Some(pod_spec()), status: Some(k8s::PodStatus::default()) }
}

#[test]
fn every_field_of_a_pod_is_found() {
    let json = json_of(&a_pod());
    let object = read(&json).value;
    assert_eq!((object.api_version.as_ref(), object.kind.as_ref()), ("v1", "Pod"));
    check_pod(object, "pod");
}

#[test]
fn every_volume_source_has_its_name_and_no_other_is_known() {
    let names: BTreeSet<String> = volume_sources().into_keys().collect();
    assert_eq!(pod::VOLUME_SOURCES.iter().map(|source| (*source).to_owned()).collect::<BTreeSet<_>>(), names);
    assert_eq!(pod::VOLUME_SOURCES.len(), names.len());
}

#[test]
fn restricted_allows_exactly_the_listed_sources() {
    let restricted = LevelVersion { level: Level::Restricted, version: Version::Latest };
    for (source, value) in volume_sources() {
        let json = json!({"spec": {"volumes": [{"name": "v", source.as_str(): value}]}}).to_string();
        let object = read(&json);
        let is_allowed = evaluate(Pod::of(&object), restricted).iter().all(|violation| violation.check.id != "restrictedVolumes");
        assert_eq!(is_allowed, ALLOWED_SOURCES.contains(&source.as_str()), "{source}");
    }
}

/// A resource with a pod template, and the template in the view of it.
struct Workload {
    json: String,
    api_version: &'static str,
    kind: &'static str,
    template: fn(Fields<'_>) -> Option<Box<Object<'_>>>,
}

fn workloads() -> Vec<Workload> {
    /// `spec.template`.
    fn of_spec(object: Fields<'_>) -> Option<Box<Object<'_>>> {
        object.spec.template
    }
    let template = template();
    let job_spec = JobSpec { template: template.clone(), ..JobSpec::default() };
    let apps = |kind, json| Workload { json, api_version: "apps/v1", kind, template: of_spec };
    vec![
        apps(
            "Deployment",
            json_of(&Deployment {
                spec: Some(DeploymentSpec { template: template.clone(), ..DeploymentSpec::default() }),
                ..Deployment::default()
            }),
        ),
        apps(
            "ReplicaSet",
            json_of(&ReplicaSet {
                spec: Some(ReplicaSetSpec { template: Some(template.clone()), ..ReplicaSetSpec::default() }),
                ..ReplicaSet::default()
            }),
        ),
        apps(
            "StatefulSet",
            json_of(&StatefulSet {
                spec: Some(StatefulSetSpec { template: template.clone(), ..StatefulSetSpec::default() }),
                ..StatefulSet::default()
            }),
        ),
        apps(
            "DaemonSet",
            json_of(&DaemonSet {
                spec: Some(DaemonSetSpec { template: template.clone(), ..DaemonSetSpec::default() }),
                ..DaemonSet::default()
            }),
        ),
        Workload {
            json: json_of(&Job { spec: Some(job_spec.clone()), ..Job::default() }),
            api_version: "batch/v1",
            kind: "Job",
            template: of_spec,
        },
        Workload {
            json: json_of(&CronJob {
                spec: CronJobSpec {
                    job_template: JobTemplateSpec { metadata: Some(metadata("job")), spec: Some(job_spec) },
                    ..CronJobSpec::default()
                },
                ..CronJob::default()
            }),
            api_version: "batch/v1",
            kind: "CronJob",
            template: |object| object.spec.job_template?.value.spec.template,
        },
        Workload {
            json: json_of(&k8s::ReplicationController {
                spec: Some(k8s::ReplicationControllerSpec {
                    template: Some(template.clone()),
                    ..k8s::ReplicationControllerSpec::default()
                }),
                ..k8s::ReplicationController::default()
            }),
            api_version: "v1",
            kind: "ReplicationController",
            template: of_spec,
        },
        Workload {
            json: json_of(&k8s::PodTemplate { metadata: metadata("holder"), template: Some(template) }),
            api_version: "v1",
            kind: "PodTemplate",
            template: |object| object.template,
        },
    ]
}

#[test]
fn every_field_of_a_template_is_found_in_each_kind_of_workload() {
    for workload in workloads() {
        let object = read(&workload.json).value;
        assert_eq!((object.api_version.as_ref(), object.kind.as_ref()), (workload.api_version, workload.kind));
        let template = (workload.template)(object).expect(workload.kind);
        assert_eq!(template.errors, [], "{}", workload.kind);
        check_pod(template.value, "template");
    }
}

#[test]
fn every_label_of_a_namespace_is_found() {
    let namespace = k8s::Namespace { metadata: metadata("namespace"), ..k8s::Namespace::default() };
    let json = json_of(&namespace);
    let object = read(&json).value;
    assert_eq!((object.api_version.as_ref(), object.kind.as_ref()), ("v1", "Namespace"));
    check_metadata(&object.metadata, "namespace");
    assert_eq!(object.spec, pod::Spec::default());
}

#[test]
fn the_field_masks_keep_every_field_that_the_standards_read() {
    let pod = json!(a_pod());
    let (complete, masked) = (pod.to_string(), pruned(&pod, pod::FIELD_MASKS).to_string());
    assert!(!masked.contains("\"status\":"));
    let mut expected = read(&complete).value;
    // Only remedies read these fields, and lists need none.
    let spec = &mut expected.spec;
    (spec.node_selector, spec.affinity, spec.share_process_namespace) = Default::default();
    assert_eq!(read(&masked).value, expected);
}

/// Also those of the template that rules of the settings read, and the UIDs and owners.
#[test]
fn the_field_masks_of_workloads_keep_every_field_of_their_templates() {
    for kind in &WORKLOADS {
        let workload = workloads().into_iter().find(|workload| workload.kind == kind.kind).unwrap();
        assert_eq!(kind.api_version(), workload.api_version);
        let object: Value = serde_json::from_str(&workload.json).unwrap();
        let masks = kind.field_masks();
        let masked = |masks: &[String]| pruned(&object, &masks.iter().map(String::as_str).collect::<Vec<_>>()).to_string();
        let (complete, json) = (object.to_string(), masked(&masks));
        let (complete, masked_object) = (read(&complete).value, read(&json).value);
        assert_eq!(complete.metadata, masked_object.metadata);
        let (Some(mut expected), Some(template)) = ((workload.template)(complete), (workload.template)(masked_object)) else {
            panic!("{kind} has no template");
        };
        let spec = &mut expected.value.spec;
        (spec.node_selector, spec.affinity, spec.share_process_namespace) = Default::default();
        // Nothing creates a pod with its own name, UID or owner.
        let metadata = &mut expected.value.metadata;
        (metadata.name, metadata.uid, metadata.deletion_timestamp, metadata.controller) = Default::default();
        assert_eq!(template, expected, "{kind}");
        for (index, mask) in masks.iter().enumerate() {
            let others = [&masks[..index], &masks[index + 1..]].concat();
            let json = masked(&others);
            assert_ne!((workload.template)(read(&json).value), Some(template.clone()), "{mask}");
        }
    }
}

#[test]
fn every_field_mask_is_necessary() {
    let pod = json!(a_pod());
    let masked = pruned(&pod, pod::FIELD_MASKS).to_string();
    let expected = read(&masked).value;
    for mask in pod::FIELD_MASKS {
        let others: Vec<&str> = pod::FIELD_MASKS.iter().copied().filter(|other| other != mask).collect();
        let json = pruned(&pod, &others).to_string();
        assert_ne!(read(&json).value, expected, "{mask}");
    }
}
