//! Tests of the view of a pod. That its fields have the names of Kubernetes is tested by `tests/field_names.rs`.

use super::*;

fn object(json: &str) -> Object<'_> {
    let object = read(json).unwrap();
    assert_eq!(object.errors, [], "{json}");
    object
}

#[test]
fn containers_are_in_the_order_of_kubernetes() {
    let object = object(
        r#"{"spec": {"ephemeralContainers": [{"name": "e"}], "containers": [{"name": "a"}, null, {"name": "b"}], "initContainers": [{"name": "i"}, {"name": "j"}]}}"#,
    );
    let visited: Vec<_> =
        Pod::of(&object).containers().map(|(kind, index, container)| (kind.field(), index, container.name.as_ref())).collect();
    let expected = [
        ("initContainers", 0, "i"),
        ("initContainers", 1, "j"),
        ("containers", 0, "a"),
        ("containers", 1, ""),
        ("containers", 2, "b"),
        ("ephemeralContainers", 0, "e"),
    ];
    assert_eq!(visited, expected);
}

#[test]
fn keeps_only_annotations_that_a_check_reads() {
    let object = object(
        r#"{"metadata": {"annotations": {
            "other": {"of": ["any type"]}, "container.apparmor.security.beta.kubernetes.io/b": "x", "seccomp.security.alpha.kubernetes.io/pods": "x",
            "seccomp.security.alpha.kubernetes.io/pod": null, "container.seccomp.security.alpha.kubernetes.io/a": "y"
        }}}"#,
    );
    let annotations = &object.value.metadata.annotations;
    let expected = [
        ("container.apparmor.security.beta.kubernetes.io/b", "x"),
        ("seccomp.security.alpha.kubernetes.io/pod", ""),
        ("container.seccomp.security.alpha.kubernetes.io/a", "y"),
    ];
    assert_eq!(annotations.iter().collect::<Vec<_>>(), expected);
    assert_eq!(annotations.get("container.seccomp.security.alpha.kubernetes.io/a"), Some("y"));
    assert_eq!(annotations.get("other"), None);
}

#[test]
fn a_null_label_is_the_empty_string() {
    let object =
        object(r#"{"metadata": {"labels": {"pod-security.kubernetes.io/enforce": null, "pod-security.kubernetes.io/warn": "baseline"}}}"#);
    let labels = object.value.metadata.labels.read("labels").unwrap();
    let label = |mode| labels.get(&format!("pod-security.kubernetes.io/{mode}"));
    assert_eq!((label("enforce"), label("warn"), label("audit")), (Some(""), Some("baseline"), None));
}

#[test]
fn the_first_controlling_owner_is_the_controller() {
    let table = [
        (r#"[{"uid": "a", "controller": false}, {"uid": "b", "controller": true}, {"uid": "c", "controller": true}]"#, Some("b")),
        (r#"[{"uid": "a", "controller": null}, {"uid": "b"}, null]"#, None),
        (r#"[{"controller": true}, {"uid": "b", "controller": true}]"#, Some("")),
        ("[]", None),
        ("null", None),
    ];
    for (owners, expected) in table {
        let json = format!(r#"{{"metadata": {{"ownerReferences": {owners}}}}}"#);
        assert_eq!(object(&json).value.metadata.controller.0.as_deref(), expected, "{owners}");
    }
}

#[test]
fn volumes_keep_their_sources_and_only_host_ports_are_kept() {
    let object = object(
        r#"{"spec": {
            "volumes": [{"name": "a", "emptyDir": {}}, {"name": "b"}, {"name": "c", "secret": {}, "nfs": {}}, {"name": "d", "image": {}, "hostPath": {"path": "/"}}, {"name": "e", "rbd": {}, "nfs": {}}],
            "containers": [{"ports": [{"hostPort": 0}, {"containerPort": 1}, {"hostPort": 2}]}]
        }}"#,
    );
    let spec = &object.value.spec;
    let volumes: Vec<_> = spec.volumes.iter().map(|volume| (volume.name.as_ref(), volume.sources().collect::<Vec<_>>())).collect();
    let expected =
        [("a", vec!["emptyDir"]), ("b", vec![]), ("c", vec!["nfs", "secret"]), ("d", vec!["hostPath", "image"]), ("e", vec!["nfs", "rbd"])];
    assert_eq!(volumes, expected);
    assert_eq!(spec.containers[0].host_ports.0, [(2, 2)]);
}

#[test]
fn recognizes_windows_and_user_namespaces() {
    let table = [
        ("{}", false, false),
        (r#"{"os": {"name": "windows"}, "hostUsers": false}"#, true, true),
        (r#"{"os": {"name": "linux"}, "hostUsers": true}"#, false, false),
        (r#"{"os": {}, "hostUsers": null}"#, false, false),
        (r#"{"os": null}"#, false, false),
    ];
    for (spec, is_windows, in_user_namespace) in table {
        let json = format!(r#"{{"spec": {spec}}}"#);
        let object = object(&json);
        let pod = Pod::of(&object);
        assert_eq!((pod.is_windows(), pod.in_user_namespace()), (is_windows, in_user_namespace), "{spec}");
    }
}

#[test]
fn recognizes_pods_that_select_nodes_with_windows() {
    let selector = |labels: &str| format!(r#"{{"nodeSelector": {{{labels}}}}}"#);
    let affinity = |terms: &str| {
        let required = format!(r#""requiredDuringSchedulingIgnoredDuringExecution": {{"nodeSelectorTerms": [{terms}]}}"#);
        format!(r#"{{"affinity": {{"nodeAffinity": {{{required}}}}}}}"#)
    };
    let term = |key: &str, operator: &str, values: &str| {
        format!(
            r#"{{"matchExpressions": [{{"key": "zone", "operator": "Exists"}}, {{"key": "{key}", "operator": "{operator}", "values": [{values}]}}]}}"#
        )
    };
    let os = "kubernetes.io/os";
    let windows = term(os, "In", r#""windows""#);
    let table = [
        (selector(r#""kubernetes.io/os": "windows", "disk": "ssd""#), true),
        (selector(r#""beta.kubernetes.io/os": "windows""#), true),
        (selector(r#""kubernetes.io/os": "linux""#), false),
        (selector(r#""example.com/os": "windows""#), false),
        (r#"{"nodeSelector": {"kubernetes.io/os": "windows"}, "os": {"name": "windows"}}"#.to_owned(), false),
        (r#"{"nodeSelector": {"kubernetes.io/os": "windows"}, "os": {"name": "linux"}}"#.to_owned(), false),
        (affinity(&windows), true),
        (affinity(&term("beta.kubernetes.io/os", "In", r#""windows""#)), true),
        (affinity(&format!("{windows}, {windows}")), true),
        // Nodes with another operating system, or any, match one of the terms.
        (affinity(&format!("{windows}, {}", term(os, "In", r#""linux""#))), false),
        (affinity(&format!("{windows}, {}", term("zone", "In", r#""windows""#))), false),
        (affinity(&format!("{windows}, {{}}")), false),
        (affinity(&term(os, "In", r#""windows", "linux""#)), false),
        (affinity(&term(os, "NotIn", r#""windows""#)), false),
        (affinity(&term(os, "In", "")), false),
        (affinity(""), false),
        (r#"{"affinity": {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": []}}}"#.to_owned(), false),
    ];
    for (spec, expected) in table {
        let json = format!(r#"{{"spec": {spec}}}"#);
        let object = object(&json);
        assert_eq!(Pod::of(&object).selects_windows(), expected, "{spec}");
    }
}

#[test]
fn recognizes_fields_that_exist_on_linux_only() {
    for (spec, expected) in [
        ("{}", false),
        (r#"{"hostNetwork": true, "securityContext": {"runAsNonRoot": true, "windowsOptions": {"hostProcess": true}}}"#, false),
        (r#"{"containers": [{"securityContext": {"runAsNonRoot": true, "capabilities": {}}}]}"#, false),
        (r#"{"hostPID": true}"#, true),
        (r#"{"hostUsers": true}"#, true),
        (r#"{"shareProcessNamespace": false}"#, true),
        (r#"{"securityContext": {"fsGroup": 1}}"#, true),
        (r#"{"securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}}"#, true),
        (r#"{"securityContext": {"sysctls": [{"name": "a"}]}}"#, true),
        (r#"{"containers": [{}, {"securityContext": {"readOnlyRootFilesystem": true}}]}"#, true),
        (r#"{"initContainers": [{"securityContext": {"allowPrivilegeEscalation": false}}]}"#, true),
        (r#"{"ephemeralContainers": [{"securityContext": {"capabilities": {"drop": ["ALL"]}}}]}"#, true),
        (r#"{"containers": [{"securityContext": {"runAsGroup": 1}}]}"#, true),
        (r#"{"containers": [{"securityContext": {"seLinuxOptions": {"type": "t"}}}]}"#, true),
    ] {
        let json = format!(r#"{{"spec": {spec}}}"#);
        let object = object(&json);
        assert_eq!(Pod::of(&object).is_only_for_linux(), expected, "{spec}");
    }
}

/// Hand-written implementations of `FromJson` follow the same rules as those of the macro.
#[test]
fn type_errors_are_reported_once_with_their_path() {
    let duplicate = "stands here a second time; a key may be used once";
    let table = [
        (r#"{"spec": {"volumes": [{}, {"name": 1}]}}"#, "spec.volumes[1].name: must be a string, not 1".to_owned()),
        (r#"{"spec": {"volumes": {}}}"#, "spec.volumes: must be an array, not an object".to_owned()),
        (r#"{"spec": {"volumes": [1]}}"#, "spec.volumes[0]: must be an object, not 1".to_owned()),
        (r#"{"spec": {"volumes": [{"nfs": "x"}]}}"#, "spec.volumes[0].nfs: must be an object, not \"x\"".to_owned()),
        (
            r#"{"spec": {"volumes": [{"hostPath": {"path": []}}]}}"#,
            "spec.volumes[0].hostPath.path: must be a string, not an array".to_owned(),
        ),
        (r#"{"spec": {"volumes": [{"name": "a", "name": "a"}]}}"#, format!("spec.volumes[0].name: {duplicate}")),
        (r#"{"spec": {"volumes": [{"hostPath": {}, "hostPath": null}]}}"#, format!("spec.volumes[0].hostPath: {duplicate}")),
        (r#"{"spec": {"volumes": [{"hostPath": null, "hostPath": {}}]}}"#, format!("spec.volumes[0].hostPath: {duplicate}")),
        (
            r#"{"spec": {"containers": [{"ports": [{"hostPort": "80"}]}]}}"#,
            "spec.containers[0].ports[0].hostPort: must be a whole number of 32 bits, not \"80\"".to_owned(),
        ),
        (r#"{"spec": {"containers": [{"ports": 80}]}}"#, "spec.containers[0].ports: must be an array, not 80".to_owned()),
        (
            r#"{"spec": {"containers": [{"securityContext": {"capabilities": {"drop": "ALL"}}}]}}"#,
            "spec.containers[0].securityContext.capabilities.drop: must be an array, not \"ALL\"".to_owned(),
        ),
        (
            r#"{"spec": {"containers": [{"securityContext": {"capabilities": {"drop": ["ALL", 1]}}}]}}"#,
            "spec.containers[0].securityContext.capabilities.drop[1]: must be a string, not 1".to_owned(),
        ),
        (
            r#"{"metadata": {"annotations": {"container.apparmor.security.beta.kubernetes.io/a": 1}}}"#,
            "metadata.annotations[container.apparmor.security.beta.kubernetes.io/a]: must be a string, not 1".to_owned(),
        ),
        (
            r#"{"metadata": {"annotations": {"seccomp.security.alpha.kubernetes.io/pod": "a", "seccomp.security.alpha.kubernetes.io/pod": "b"}}}"#,
            format!("metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]: {duplicate}"),
        ),
        (r#"{"metadata": {"annotations": []}}"#, "metadata.annotations: must be an object, not an array".to_owned()),
        (r#"{"metadata": {"ownerReferences": {}}}"#, "metadata.ownerReferences: must be an array, not an object".to_owned()),
        (r#"{"metadata": {"name": 1}, "spec": 2}"#, "metadata.name: must be a string, not 1".to_owned()),
    ];
    for (json, expected) in table {
        let errors: Vec<_> = read(json).unwrap().errors.iter().map(ToString::to_string).collect();
        assert_eq!(errors, [expected], "{json}");
    }
}

#[test]
fn labels_are_deserialized_lazily() {
    let table = [
        (r#"{"pod-security.kubernetes.io/enforce": true}"#, Some("at[pod-security.kubernetes.io/enforce]: must be a string, not true")),
        (r#"{"a": "b", "a": "c"}"#, Some("at.a: stands here a second time; a key may be used once")),
        (r#"["a"]"#, Some("at: must be an object, not an array")),
        (r#"{"a": "b", "c": null}"#, None),
        ("null", None),
    ];
    for (labels, expected) in table {
        let json = format!(r#"{{"metadata": {{"labels": {labels}}}}}"#);
        let object = object(&json);
        let error = object.value.metadata.labels.read("at").err().map(|error| error.to_string());
        assert_eq!(error.as_deref(), expected, "{labels}");
    }
}

/// An error in a template is not an error of the workload.
#[test]
fn templates_collect_their_own_errors() {
    let json = r#"{"kind": "CronJob", "spec": {"jobTemplate": {"spec": {"template": {"spec": {"hostPID": "yes"}}}}}}"#;
    let object = object(json);
    let job = object.value.spec.job_template.as_deref().unwrap();
    let template = job.value.spec.template.as_deref().unwrap();
    assert_eq!(job.errors, []);
    let error = template.errors.first().map(ToString::to_string);
    assert_eq!(error.as_deref(), Some("spec.jobTemplate.spec.template.spec.hostPID: must be true or false, not \"yes\""));
}

#[test]
fn volumes_keep_their_order_over_chunks() {
    for count in [0, 1, 255, 256, 257, 600] {
        let list: Vec<String> = (0..count).map(|index| format!(r#"{{"name": "{index}"}}"#)).collect();
        let text = format!(r#"{{"spec": {{"volumes": [{}]}}}}"#, list.join(","));
        let mut object = object(&text);
        let volumes = &mut object.value.spec.volumes;
        assert!(volumes.iter().map(|volume| volume.name.to_string()).eq((0..count).map(|index| index.to_string())));
        for index in [0, 1, 255, 256, 257, 599, 600] {
            assert_eq!(volumes.get(index).map(|volume| volume.name.to_string()), (index < count).then(|| index.to_string()));
        }
        assert_eq!(volumes.iter_mut().count(), count);
    }
}
