//! Tables of objects and the warnings of an API server about them.

use super::warnings;

fn warnings_of(text: &str) -> Vec<String> {
    let documents = pss_manifest::documents(text);
    let root = documents[0].content.as_ref().unwrap().root();
    let [api_version, kind] = ["apiVersion", "kind"].map(|field| root.get(field).unwrap().value.text().unwrap());
    warnings(root, api_version, kind)
}

/// A pod with fields of its spec in flow style.
fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata: {{name: a}}\nspec: {{{spec}}}\n")
}

fn assert_warnings(table: &[(&str, &[&str])]) {
    for (spec, expected) in table {
        assert_eq!(warnings_of(&pod(spec)), *expected, "{spec}");
        // The paths in a template begin with its own.
        let template = format!("apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {{name: a.b}}\nspec: {{template: {{spec: {{{spec}}}}}}}\n");
        let of_template = expected.iter().map(|warning| {
            let warning = warning.replace("with spec.", "with spec.template.spec.");
            if warning.starts_with("spec.") { format!("spec.template.{warning}") } else { warning }
        });
        let of_template: Vec<_> = of_template.collect();
        assert_eq!(warnings_of(&template), of_template, "{spec}");
    }
}

#[test]
fn warns_of_annotations_without_fields() {
    let annotations = "container.apparmor.security.beta.kubernetes.io/c: runtime/default, \
                       container.seccomp.security.alpha.kubernetes.io/c: x, seccomp.security.alpha.kubernetes.io/pod: x, \
                       scheduler.alpha.kubernetes.io/critical-pod: \"\", container.apparmor.security.beta.kubernetes.io/other: unconfined";
    let critical = "metadata.annotations[scheduler.alpha.kubernetes.io/critical-pod]: non-functional in v1.16+; use the \"priorityClassName\" \
                    field instead";
    let seccomp = |key: &str| format!("metadata.annotations[{key}]: non-functional in v1.27+; use the \"seccompProfile\" field instead");
    let of_pod = seccomp("seccomp.security.alpha.kubernetes.io/pod");
    let of_container = seccomp("container.seccomp.security.alpha.kubernetes.io/c");
    let app_armor = "metadata.annotations[container.apparmor.security.beta.kubernetes.io/c]: deprecated since v1.30; use the \
                     \"appArmorProfile\" field instead";
    let seccomp_field = "seccompProfile: {type: RuntimeDefault}";
    let app_armor_field = |kind: &str| format!("appArmorProfile: {{type: {kind}}}");
    let all = [critical, &of_pod, &of_container, app_armor];
    for (context, of_containers, in_template, in_pod) in [
        ("", "", &all[..], &[app_armor, critical, &of_pod, &of_container][..]),
        (seccomp_field, seccomp_field, &[critical, app_armor], &[app_armor, critical]),
        // The annotation of a pod has an effect unless its field has one, and is equal to that of the pod.
        (&app_armor_field("RuntimeDefault"), "", &all[..3], &all[..3]),
        (&app_armor_field("Unconfined"), "", &all[..3], &[app_armor, critical, &of_pod, &of_container]),
        ("", &app_armor_field("Unconfined"), &all[..3], &all[..3]),
    ] {
        let body = format!(
            "metadata: {{name: a, annotations: {{{annotations}}}}}, spec: {{securityContext: {{{context}}}, containers: [{{name: c, \
             securityContext: {{{of_containers}}}}}]}}"
        );
        assert_eq!(warnings_of(&format!("{{apiVersion: v1, kind: Pod, {body}}}")), in_pod, "{context} {of_containers}");
        for (version, kind, start, end, path) in [
            ("apps/v1", "Deployment", "spec: {template: {", "}}", "spec.template."),
            ("v1", "ReplicationController", "spec: {template: {", "}}", "spec.template."),
            ("batch/v1", "CronJob", "spec: {jobTemplate: {spec: {template: {", "}}}}", "spec.jobTemplate.spec.template."),
            ("v1", "PodTemplate", "template: {", "}", "template."),
        ] {
            let object = format!("{{apiVersion: {version}, kind: {kind}, metadata: {{name: a}}, {start}{body}{end}}}");
            let expected: Vec<_> = in_template.iter().map(|warning| format!("{path}{warning}")).collect();
            assert_eq!(warnings_of(&object), expected, "{object}");
        }
    }
    let windows = "{apiVersion: v1, kind: Pod, metadata: {name: a, annotations: {container.apparmor.security.beta.kubernetes.io/c: x}}, \
                   spec: {os: {name: windows}, containers: [{name: c}]}}";
    assert!(warnings_of(windows).is_empty());
}

#[test]
fn warns_of_names_that_are_no_labels() {
    let long = "a".repeat(64);
    let (dots, bytes) = ("must not contain dots", "must be no more than 63 bytes");
    for (name, expected) in [
        ("a-1", None),
        ("a.b", Some(dots.to_owned())),
        (&long, Some(bytes.to_owned())),
        (&format!("{long}.a"), Some(format!("{bytes} {dots}"))),
        ("A.b", None),
    ] {
        for (version, kind, place) in [
            ("v1", "Pod", "the Pod's hostname"),
            ("apps/v1", "Deployment", "Pod names and hostnames"),
            ("apps/v1", "ReplicaSet", "Pod names and hostnames"),
            ("batch/v1", "Job", "Pod names and hostnames"),
            ("apps/v1", "StatefulSet", ""),
        ] {
            let expected = expected.as_ref().filter(|_| !place.is_empty()).map(|reasons| {
                format!("metadata.name: this is used in {place}, which can result in surprising behavior; a DNS label is recommended: [{reasons}]")
            });
            let object = format!("apiVersion: {version}\nkind: {kind}\nmetadata: {{name: {name}}}\nspec: {{template: {{spec: {{}}}}}}\n");
            assert_eq!(warnings_of(&object), Vec::from_iter(expected), "{object}");
        }
    }
}

#[test]
fn warns_of_deprecated_node_labels() {
    let term = "matchExpressions: [{key: a, operator: Exists}, {key: beta.kubernetes.io/os, operator: Exists}]";
    let os = "deprecated since v1.14; use \"kubernetes.io/os\" instead";
    assert_warnings(&[
        ("nodeSelector: {kubernetes.io/os: linux}", &[]),
        (
            "nodeSelector: {node-role.kubernetes.io/master: \"\", beta.kubernetes.io/os: linux}",
            &[
                &format!("spec.nodeSelector[beta.kubernetes.io/os]: {os}"),
                "spec.nodeSelector[node-role.kubernetes.io/master]: use \"node-role.kubernetes.io/control-plane\" instead",
            ],
        ),
        (
            &format!("affinity: {{nodeAffinity: {{requiredDuringSchedulingIgnoredDuringExecution: {{nodeSelectorTerms: [{{{term}}}]}}}}}}"),
            &[&format!(
                "spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution.nodeSelectorTerms[0].matchExpressions[1].key: \
                 beta.kubernetes.io/os is {os}"
            )],
        ),
        (
            &format!("affinity: {{nodeAffinity: {{preferredDuringSchedulingIgnoredDuringExecution: [{{preference: {{{term}}}}}]}}}}"),
            &[&format!(
                "spec.affinity.nodeAffinity.preferredDuringSchedulingIgnoredDuringExecution[0].preference.matchExpressions[1].key: \
                 beta.kubernetes.io/os is {os}"
            )],
        ),
        (
            "topologySpreadConstraints: [{topologyKey: failure-domain.beta.kubernetes.io/zone}, {labelSelector: {}}]",
            &[
                "spec.topologySpreadConstraints[0].topologyKey: failure-domain.beta.kubernetes.io/zone is deprecated since v1.17; use \
                 \"topology.kubernetes.io/zone\" instead",
                "spec.topologySpreadConstraints[0].labelSelector: a null labelSelector results in matching no pod",
            ],
        ),
        (
            "affinity: {podAffinity: {requiredDuringSchedulingIgnoredDuringExecution: [{}]}, podAntiAffinity: \
             {preferredDuringSchedulingIgnoredDuringExecution: [{podAffinityTerm: {labelSelector: {}}}, {podAffinityTerm: {}}]}}",
            &[
                "spec.affinity.podAffinity.requiredDuringSchedulingIgnoredDuringExecution[0].labelSelector: a null labelSelector results in \
                 matching no pod",
                "spec.affinity.podAntiAffinity.preferredDuringSchedulingIgnoredDuringExecution[1].podAffinityTerm.labelSelector: a null \
                 labelSelector results in matching no pod",
            ],
        ),
    ]);
}

#[test]
fn warns_of_volumes() {
    let claim = "volumeClaimTemplate: {spec: {resources: {requests: {storage: 1.5}}}}";
    let fraction = "fractional byte value \"1500m\" is invalid, must be an integer";
    assert_warnings(&[
        (
            &format!(
                "volumes: [{{gitRepo: {{}}}}, {{storageos: {{}}}}, {{rbd: {{}}}}, {{ephemeral: {{{claim}}}}}, {{emptyDir: {{}}}}, {{rbd: null}}]"
            ),
            &[
                "spec.volumes[0].gitRepo: deprecated in v1.11",
                "spec.volumes[1].storageOS: deprecated in v1.22, non-functional in v1.25+",
                "spec.volumes[2].rbd: deprecated in v1.28, non-functional in v1.31+",
                &format!("spec.volumes[3].ephemeral.volumeClaimTemplate.spec.resources.requests[storage]: {fraction}"),
            ],
        ),
        (
            "volumes: [{name: v, configMap: {name: c, items: [{path: a}, {path: b/c}, {path: a/}]}}]",
            &["volume \"v\" (ConfigMap \"c\"): overlapping paths: \"a\" with \"a\""],
        ),
        (
            "volumes: [{name: v, secret: {secretName: s, items: [{path: a/b}, {path: a}]}}]",
            &["volume \"v\" (Secret \"s\"): overlapping paths: \"a\" with \"a/b\""],
        ),
        (
            "volumes: [{name: v, projected: {sources: [{serviceAccountToken: {path: token}}, {downwardAPI: {items: [{path: token}]}}, {}]}}]",
            &[
                "volume \"v\" (Projected DownwardAPI): overlapping paths: \"token\" with \"token\"",
                "volume \"v\" (Projected) has no sources provided",
            ],
        ),
    ]);
    let set = "apiVersion: apps/v1\nkind: StatefulSet\nspec: {revisionHistoryLimit: -1, template: {}, volumeClaimTemplates: [{}, {spec: \
               {resources: {requests: {storage: 1.5}}}}]}";
    assert_eq!(
        warnings_of(set),
        [
            format!("spec.volumeClaimTemplates[1].resources.requests[storage]: {fraction}"),
            "spec.revisionHistoryLimit: a negative value retains all historical revisions; a value >= 0 is recommended".to_owned(),
        ]
    );
}

#[test]
fn warns_of_duplicate_names_and_negative_values() {
    assert_warnings(&[
        (
            "hostAliases: [{ip: 1.1.1.1}, {ip: 1.1.1.2}, {ip: 1.1.1.1}], imagePullSecrets: [{name: a}, {name: a}, {}]",
            &[
                "spec.hostAliases[2].ip: duplicate ip \"1.1.1.1\"",
                "spec.imagePullSecrets[1].name: duplicate name \"a\"",
                "spec.imagePullSecrets[2].name: invalid empty name \"\"",
            ],
        ),
        ("terminationGracePeriodSeconds: 0", &[]),
        (
            "terminationGracePeriodSeconds: -1",
            &["spec.terminationGracePeriodSeconds: must be >= 0; negative values are invalid and will be treated as 1"],
        ),
        (
            "containers: [{env: [{name: a}, {name: b, value: x}, {name: a, value: $(a)}, {name: b, value: y$(b)}, {name: b, valueFrom: {}}, {name: a}]}]",
            &[
                "spec.containers[0].env[2]: hides previous definition of \"a\", which may be dropped when using apply",
                "spec.containers[0].env[4]: hides previous definition of \"b\", which may be dropped when using apply",
                "spec.containers[0].env[5]: hides previous definition of \"a\", which may be dropped when using apply",
            ],
        ),
    ]);
    let job = |parallelism: u32| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: a}}\nspec: {{completionMode: Indexed, completions: 100001, parallelism: \
             {parallelism}, template: {{}}}}\n"
        )
    };
    assert_eq!(warnings_of(&job(10_000)), [""; 0]);
    assert!(warnings_of(&job(10_001))[0].starts_with("spec: In Indexed Jobs with a number of completions higher than 10^5"));
}

#[test]
fn warns_of_ports() {
    assert_warnings(&[
        ("containers: [{ports: [{containerPort: 80}, {containerPort: 80, protocol: UDP}, {containerPort: 81}]}]", &[]),
        (
            "containers: [{ports: [{containerPort: 80}]}, {ports: [{containerPort: 80, protocol: TCP, name: x, hostIP: 1.2.3.4}]}]",
            &[
                "spec.containers[1].ports[0]: hostIP set without hostPort: {Name:x HostPort:0 ContainerPort:80 Protocol:TCP HostIP:1.2.3.4}",
                "spec.containers[1].ports[0]: overlapping port definition with spec.containers[0].ports[0]",
            ],
        ),
        (
            "initContainers: [{ports: [{containerPort: 80, hostPort: 1}]}], containers: [{ports: [{containerPort: 80, hostPort: 1}, \
             {containerPort: 80, hostPort: 1, hostIP: '::1'}, {containerPort: 80, hostPort: 2}]}]",
            &[
                "spec.containers[0].ports[0]: duplicate port definition with spec.initContainers[0].ports[0]",
                "spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.initContainers[0].ports[0]",
                "spec.containers[0].ports[1]: dangerously ambiguous port definition with spec.containers[0].ports[0]",
            ],
        ),
    ]);
    // In the host network the host port of a pod is its container port.
    let spec = "hostNetwork: true, containers: [{ports: [{containerPort: 80, hostIP: '::1'}]}]";
    assert_eq!(warnings_of(&pod(spec)), [""; 0]);
}

#[test]
fn warns_of_fractions_of_bytes() {
    let limits =
        |value: &str| format!("containers: [{{resources: {{limits: {{memory: {value}, cpu: 100m}}, requests: {{memory: 1Gi}}}}}}]");
    for (value, canonical) in [
        ("1Gi", None),
        ("1.5Gi", None),
        ("\"128\"", None),
        ("1e3", None),
        ("400m", Some("400m")),
        ("1.5", Some("1500m")),
        ("\"1.5\"", Some("1500m")),
        ("0.1Gi", Some("107374182400m")),
        ("1000m", None),
        ("1u", Some("1u")),
        ("-0.5", Some("-500m")),
        ("x", None),
        ("99999999999999999999999999999999999999999m", None),
    ] {
        let expected = canonical.map(|value| {
            format!("spec.containers[0].resources.limits[memory]: fractional byte value \"{value}\" is invalid, must be an integer")
        });
        assert_eq!(warnings_of(&pod(&limits(value))), Vec::from_iter(expected), "{value}");
    }
    // Limits are the default of requests in pods, but not in templates.
    let spec = "overhead: {ephemeral-storage: 0.5}, containers: [{resources: {limits: {ephemeral-storage: 1m}}}]";
    let warning = |path: &str, value: &str| format!("{path}: fractional byte value \"{value}\" is invalid, must be an integer");
    let [overhead, limits, requests] = [
        warning("spec.overhead[ephemeral-storage]", "500m"),
        warning("spec.containers[0].resources.limits[ephemeral-storage]", "1m"),
        warning("spec.containers[0].resources.requests[ephemeral-storage]", "1m"),
    ];
    assert_eq!(warnings_of(&pod(spec)), [overhead.clone(), limits.clone(), requests]);
    let template = format!("{{apiVersion: apps/v1, kind: Deployment, metadata: {{name: a}}, spec: {{template: {{spec: {{{spec}}}}}}}}}");
    assert_eq!(warnings_of(&template), [overhead, limits].map(|warning| format!("spec.template.{warning}")));
}

#[test]
fn warns_of_kinds_without_pods() {
    let ingress = |metadata: &str, spec: &str| {
        format!("apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: a, {metadata}}}\nspec: {{{spec}}}\n")
    };
    let annotation = "annotations: {kubernetes.io/ingress.class: nginx}";
    let deprecated = "annotation \"kubernetes.io/ingress.class\" is deprecated, please use 'spec.ingressClassName' instead";
    for (text, expected) in [
        ("apiVersion: v1\nkind: Service\n".to_owned(), None),
        (
            "apiVersion: v1\nkind: Endpoints\n".to_owned(),
            Some("v1 Endpoints is deprecated in v1.33+; use discovery.k8s.io/v1 EndpointSlice"),
        ),
        (
            "apiVersion: v1\nkind: PersistentVolumeClaim\nspec: {resources: {requests: {storage: 1.5}}}\n".to_owned(),
            Some("spec.resources.requests[storage]: fractional byte value \"1500m\" is invalid, must be an integer"),
        ),
        (ingress(annotation, ""), Some(deprecated)),
        (ingress(annotation, "ingressClassName: nginx"), None),
        (ingress("", ""), None),
    ] {
        assert_eq!(warnings_of(&text), Vec::from_iter(expected), "{text}");
    }
}
