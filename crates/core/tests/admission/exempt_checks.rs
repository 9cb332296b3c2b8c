//! Exemptions for single checks: the findings that a rule exempts.

use super::*;

/// A pod that monitors its node, with a sidecar.
fn exporter() -> Value {
    json!({
        "apiVersion": "v1", "kind": "Pod",
        "metadata": {"name": "p", "labels": {"app": "node-exporter"}},
        "spec": {
            "hostPID": true,
            "serviceAccountName": "node-exporter",
            "volumes": [
                {"name": "proc", "hostPath": {"path": "/proc"}},
                {"name": "etc", "hostPath": {"path": "/etc"}},
                {"name": "share", "nfs": {"server": "s", "path": "/proc"}},
            ],
            "initContainers": [{"name": "setup", "image": "quay.io/setup:v1", "securityContext": {"capabilities": {"add": ["NET_RAW"]}}}],
            "containers": [
                {"name": "node-exporter", "image": "quay.io/exporter:v1", "ports": [{"hostPort": 9100}],
                 "securityContext": {"capabilities": {"add": ["NET_RAW", "SYS_TIME"]}}},
                {"name": "sidecar", "image": "quay.io/sidecar", "securityContext": {"capabilities": {"add": ["NET_RAW"]}}},
            ],
        },
    })
}

/// The findings in the message for the exporter at a level, or `ok` if rules exempt all of them.
fn remaining(level: &str, rules: &Value) -> String {
    let rules: Vec<Value> =
        rules.as_array().unwrap().iter().map(|rule| with(json!({"": rule}), &[("//reason", json!("why"))])[""].clone()).collect();
    let settings = json!({"level": level, "exemptions": {"checks": rules}});
    let creation = request("pods", exporter());
    let decision = decide(&settings, &creation, &TestCluster::default());
    // Rules are deserialized lazily, independent of their layout.
    for payload in [
        json!({"request": creation, "settings": settings}).to_string(),
        serde_json::to_string_pretty(&json!({"settings": settings, "request": creation})).unwrap(),
    ] {
        assert_eq!(
            validate(payload.as_bytes(), &TestCluster::default()).message,
            decision.rejection.as_ref().map(|rejection| rejection.message.clone()),
            "{payload}"
        );
    }
    match decision.rejection {
        Some(rejection) => rejection.message.split_once("\": ").unwrap().1.to_owned(),
        None => "ok".to_owned(),
    }
}

const CAPABILITIES: &str = "non-default capabilities (containers \"setup\", \"node-exporter\", \"sidecar\" must not include \"NET_RAW\", \"SYS_TIME\" in securityContext.capabilities.add)";
const NAMESPACES: &str = "host namespaces (hostPID=true)";
const VOLUMES: &str = "hostPath volumes (volumes \"proc\", \"etc\")";
const PORTS: &str = "hostPort (container \"node-exporter\" uses hostPort 9100)";

#[test]
fn exempts_findings_that_meet_all_conditions() {
    let all = [CAPABILITIES, NAMESPACES, VOLUMES, PORTS];
    let without = |index: usize, text: &str| {
        let parts = all.iter().enumerate().map(|(place, part)| if place == index { text } else { *part });
        parts.filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    };
    let capabilities = |containers: &str, names: &str| {
        without(0, &format!("non-default capabilities ({containers} must not include {names} in securityContext.capabilities.add)"))
    };
    let all_findings = all.join(", ");
    let table = [
        (json!([]), all_findings.clone()),
        (json!([{"checks": ["hostNamespaces"]}]), without(1, "")),
        (json!([{"checks": ["hostNamespaces"], "namespaces": ["team"]}]), without(1, "")),
        (json!([{"checks": ["hostNamespaces"], "namespaces": ["other", "t*"]}]), without(1, "")),
        (json!([{"checks": ["hostNamespaces"], "namespaces": ["other", "tea"]}]), all_findings.clone()),
        (json!([{"checks": ["hostNamespaces"], "podSelector": {"matchLabels": {"app": "node-exporter"}}}]), without(1, "")),
        (json!([{"checks": ["hostNamespaces"], "podSelector": {"matchLabels": {"app": "web"}}}]), all_findings.clone()),
        (
            json!([{"checks": ["hostNamespaces"], "podSelector": {"matchExpressions": [{"key": "app", "operator": "Exists"}]}}]),
            without(1, ""),
        ),
        (json!([{"checks": ["hostNamespaces"], "serviceAccounts": ["team/node-exporter"]}]), without(1, "")),
        (json!([{"checks": ["hostNamespaces"], "serviceAccounts": ["other/node-exporter", "team/default"]}]), all_findings.clone()),
        // Each condition is met by a finding, but none meets all of them.
        (json!([{"checks": ["hostNamespaces"], "namespaces": ["team"], "serviceAccounts": ["team/default"]}]), all_findings.clone()),
        (json!([{"checks": ["hostNamespaces"], "values": ["hostPID"]}]), without(1, "")),
        (json!([{"checks": ["hostNamespaces"], "values": ["hostNetwork"]}]), all_findings.clone()),
        (json!([{"checks": ["hostPathVolumes"], "values": ["/proc"]}]), without(2, "hostPath volumes (volume \"etc\")")),
        (json!([{"checks": ["hostPathVolumes"], "values": ["/"]}]), all_findings.clone()),
        (json!([{"checks": ["hostPorts"], "values": ["9100"]}]), without(3, "")),
        (json!([{"checks": ["hostPorts"], "values": [9100]}]), without(3, "")),
        (json!([{"checks": ["hostPorts"], "values": [910]}]), all_findings.clone()),
        (
            json!([{"checks": ["capabilities_baseline"], "values": ["NET_RAW"]}]),
            capabilities("container \"node-exporter\"", "\"SYS_TIME\""),
        ),
        (
            json!([{"checks": ["capabilities_baseline"], "containers": ["node-*"]}]),
            capabilities("containers \"setup\", \"sidecar\"", "\"NET_RAW\""),
        ),
        (
            json!([{"checks": ["capabilities_baseline"], "containerTypes": ["init"]}]),
            capabilities("containers \"node-exporter\", \"sidecar\"", "\"NET_RAW\", \"SYS_TIME\""),
        ),
        (json!([{"checks": ["capabilities_baseline"], "containerTypes": ["regular"]}]), capabilities("container \"setup\"", "\"NET_RAW\"")),
        (json!([{"checks": ["capabilities_baseline"], "containerTypes": ["ephemeral"]}]), all_findings.clone()),
        (
            json!([{"checks": ["capabilities_baseline"], "images": ["quay.io/exporter:*", "*/sidecar"]}]),
            capabilities("container \"setup\"", "\"NET_RAW\""),
        ),
        (json!([{"checks": ["capabilities_baseline"], "images": ["exporter:*"]}]), all_findings),
        (
            json!([{"checks": ["capabilities_baseline"], "containers": ["sidecar"], "containerTypes": ["init"]}, {"checks": ["hostPorts", "hostNamespaces"]}]),
            [CAPABILITIES, VOLUMES].join(", "),
        ),
        (json!([{"checks": ["capabilities_baseline", "hostNamespaces", "hostPathVolumes", "hostPorts"]}]), "ok".to_owned()),
    ];
    for (rules, expected) in table {
        assert_eq!(remaining("baseline", &rules), expected, "{rules}");
    }
}

#[test]
fn rules_for_a_baseline_check_apply_to_the_overriding_check() {
    let of = |reason: &str, rules: Value| {
        let findings = remaining("restricted", &rules);
        findings.split("), ").find(|part| part.starts_with(reason)).map(|part| part.trim_end_matches(')').to_owned())
    };
    let volumes = |rules| of("restricted volume types", rules);
    let types = |volumes: &str, types: &str| Some(format!("restricted volume types ({volumes} {types}"));
    assert_eq!(volumes(json!([])), types("volumes \"proc\", \"etc\", \"share\"", "use restricted volume types \"hostPath\", \"nfs\""));
    assert_eq!(volumes(json!([{"checks": ["hostPathVolumes"]}])), types("volume \"share\"", "uses restricted volume type \"nfs\""));
    assert_eq!(
        volumes(json!([{"checks": ["hostPathVolumes"], "values": ["/proc"]}])),
        types("volumes \"etc\", \"share\"", "use restricted volume types \"hostPath\", \"nfs\"")
    );
    assert_eq!(volumes(json!([{"checks": ["restrictedVolumes"], "values": ["hostPath", "nfs"]}])), None);
    // The overriding check has other values.
    assert_eq!(
        volumes(json!([{"checks": ["restrictedVolumes"], "values": ["nfs"]}])),
        types("volumes \"proc\", \"etc\"", "use restricted volume type \"hostPath\"")
    );
    let capabilities = |rules| of("unrestricted capabilities", rules);
    let missing = "unrestricted capabilities (containers \"setup\", \"node-exporter\", \"sidecar\" must set securityContext.capabilities.drop=[\"ALL\"]";
    assert_eq!(capabilities(json!([{"checks": ["capabilities_baseline"]}])).as_deref(), Some(missing));
    let with_added = format!("{missing}; container \"node-exporter\" must not include \"SYS_TIME\" in securityContext.capabilities.add");
    assert_eq!(capabilities(json!([{"checks": ["capabilities_baseline"], "values": ["NET_RAW"]}])).as_deref(), Some(&*with_added));
    // A missing field has no value.
    assert_eq!(capabilities(json!([{"checks": ["capabilities_restricted"], "values": ["NET_RAW"]}])).as_deref(), Some(&*with_added));
    assert_eq!(capabilities(json!([{"checks": ["capabilities_restricted"]}])), None);
}

/// A pod with a spec and the security context of its only container.
fn pod_with(spec: Value, context: Value) -> Value {
    let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": spec});
    pod["spec"]["containers"] = json!([{"name": "a", "image": "i", "securityContext": context}]);
    pod
}

#[test]
fn rules_for_a_baseline_check_exempt_only_its_findings() {
    let rules = |id: &str| json!({"level": "restricted", "version": "v1.35", "exemptions": {"checks": [{"checks": [id], "reason": "r"}]}});
    let has_reason = |settings: &Value, pod: Value, reason: &str| {
        let decision = decide(settings, &request("pods", pod), &TestCluster::default());
        decision.rejection.unwrap().message.contains(reason)
    };
    let unmasked = json!({"procMount": "Unmasked"});
    // From 1.35 on, the check of baseline does not apply to pods in user namespaces.
    assert!(!has_reason(&rules("procMount"), pod_with(json!({}), unmasked.clone()), "procMount"));
    assert!(has_reason(&rules("procMount"), pod_with(json!({"hostUsers": false}), unmasked), "procMount"));
    let unconfined = json!({"seccompProfile": {"type": "Unconfined"}});
    assert!(!has_reason(&rules("seccompProfile_baseline"), pod_with(json!({}), unconfined), "seccompProfile"));
    assert!(has_reason(&rules("seccompProfile_baseline"), pod_with(json!({}), json!({})), "seccompProfile"));
}

#[test]
fn conditions_on_containers_do_not_match_findings_of_the_pod() {
    let settings = json!({
        "level": "restricted",
        "exemptions": {"checks": [{"checks": ["seccompProfile_restricted"], "containers": ["*"], "reason": "r"}]},
    });
    let pod =
        pod_with(json!({"securityContext": {"seccompProfile": {"type": "Unconfined"}}}), json!({"seccompProfile": {"type": "Unconfined"}}));
    let message = decide(&settings, &request("pods", pod), &TestCluster::default()).rejection.unwrap().message;
    assert!(message.ends_with("seccompProfile (pod must not set securityContext.seccompProfile.type to \"Unconfined\")"), "{message}");
}

/// Whether the only rule of settings exempts everything that the policy finds in a pod with these containers.
fn is_exempt(policy: &str, rule: Value, metadata: Value, mut spec: Value) -> bool {
    let (level, version) = policy.split_once(':').unwrap();
    let mut rule = rule;
    rule["reason"] = json!("why");
    for (index, container) in spec["containers"].as_array_mut().unwrap().iter_mut().enumerate() {
        container["image"] = json!(format!("{}:{index}", container["name"].as_str().unwrap()));
    }
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec});
    let settings = json!({"level": level, "version": version, "exemptions": {"checks": [rule]}});
    Settings::parse(settings.to_string().as_bytes()).unwrap();
    decide(&settings, &request("pods", pod), &TestCluster::default()).is_accepted()
}

#[test]
fn rules_cover_the_annotation_of_a_container_as_its_field() {
    let unconfined = json!({"appArmorProfile": {"type": "Unconfined"}});
    let two = |a: &Value, b: &Value| json!({"containers": [{"name": "a", "securityContext": a}, {"name": "b", "securityContext": b}]});
    let annotated = |of: &[(&str, &str)]| {
        let annotations = of.iter().map(|(name, value)| (format!("container.apparmor.security.beta.kubernetes.io/{name}"), json!(value)));
        json!({"name": "p", "annotations": Value::from_iter(annotations)})
    };
    let only_a = two(&unconfined, &json!({}));
    let with = |key: &str, value: Value| json!({"checks": ["appArmorProfile"], "values": ["Unconfined"], key: value});
    let table = [
        // API servers copy the field to the annotation, and the annotation to the field.
        (with("containers", json!(["a"])), annotated(&[("a", "unconfined")]), &only_a, true),
        (with("images", json!(["a:*"])), annotated(&[("a", "unconfined")]), &only_a, true),
        (with("containerTypes", json!(["regular"])), annotated(&[("a", "unconfined")]), &only_a, true),
        (json!({"checks": ["appArmorProfile"], "values": ["unconfined"]}), annotated(&[("a", "unconfined")]), &only_a, true),
        (json!({"checks": ["appArmorProfile"], "containers": ["a"]}), annotated(&[("a", "complain")]), &only_a, true),
        // Another value, another container, a container of another type, and one that does not exist.
        (with("containers", json!(["a"])), annotated(&[("a", "complain")]), &only_a, false),
        (with("containers", json!(["a"])), annotated(&[("a", "Unconfined")]), &only_a, true),
        (with("containers", json!(["a"])), annotated(&[("b", "unconfined")]), &only_a, false),
        (with("images", json!(["a:*"])), annotated(&[("a", "unconfined"), ("b", "unconfined")]), &only_a, false),
        (with("containerTypes", json!(["init"])), annotated(&[("a", "unconfined")]), &only_a, false),
        (with("containers", json!(["*"])), annotated(&[("gone", "unconfined")]), &only_a, false),
        (json!({"checks": ["appArmorProfile"], "values": ["Unconfined"]}), annotated(&[("gone", "unconfined")]), &only_a, true),
    ];
    for (rule, metadata, spec, expected) in table {
        assert_eq!(is_exempt("baseline:latest", rule.clone(), metadata.clone(), spec.clone()), expected, "{rule} {metadata}");
    }
    // No API server accepts two containers with a name. If there are two, the annotation is about both.
    let twins = json!({"containers": [{"name": "a"}, {"name": "a"}]});
    for (images, expected) in [(json!(["a:0"]), false), (json!(["a:1"]), false), (json!(["a:0", "a:1"]), true)] {
        let rule = with("images", images);
        assert_eq!(is_exempt("baseline:latest", rule.clone(), annotated(&[("a", "unconfined")]), twins.clone()), expected, "{rule}");
    }
}

#[test]
fn rules_cover_old_annotations_of_seccomp() {
    let of = |annotations: Value| json!({"name": "p", "annotations": annotations});
    let (pod, container) = ("seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/a");
    let one = json!({"containers": [{"name": "a"}]});
    let two = json!({"containers": [{"name": "a"}, {"name": "b"}]});
    let rule = |key: &str, value: Value| json!({"checks": ["seccompProfile_baseline"], key: value});
    let table = [
        (rule("values", json!(["Unconfined"])), json!({container: "unconfined"}), &one, true),
        (rule("values", json!(["Unconfined"])), json!({container: "x"}), &one, false),
        (rule("containers", json!(["a"])), json!({container: "unconfined"}), &two, true),
        (rule("containers", json!(["b"])), json!({container: "unconfined"}), &two, false),
        // The annotation of the pod is about all of its containers.
        (rule("containers", json!(["a"])), json!({pod: "unconfined"}), &one, true),
        (rule("containers", json!(["a"])), json!({pod: "unconfined"}), &two, false),
    ];
    for (rule, annotations, spec, expected) in table {
        assert_eq!(is_exempt("baseline:v1.18", rule.clone(), of(annotations.clone()), spec.clone()), expected, "{rule} {annotations}");
    }
}

#[test]
fn rules_cover_a_value_of_the_pod_if_they_name_all_containers_that_inherit_it() {
    let metadata = json!({"name": "p"});
    let spec = |of_pod: Value, containers: Value| json!({"securityContext": of_pod, "containers": containers});
    let own = json!({"name": "b", "securityContext": {"seccompProfile": {"type": "RuntimeDefault"}}});
    let unconfined = json!({"seccompProfile": {"type": "Unconfined"}});
    let root = json!({"runAsUser": 0});
    let spc = json!({"seLinuxOptions": {"type": "spc_t"}});
    let of_user = |id: u32| json!({"name": "b", "securityContext": {"runAsUser": id}});
    let labelled = json!({"name": "b", "securityContext": {"seLinuxOptions": {"type": "container_t"}}});
    let level = json!({"name": "b", "securityContext": {"seLinuxOptions": {"level": "s0"}}});
    let host_process = json!({"windowsOptions": {"hostProcess": true}});
    let no_host_process = json!({"name": "b", "securityContext": {"windowsOptions": {"hostProcess": false}}});
    let table = [
        ("seccompProfile_baseline", spec(unconfined.clone(), json!([{"name": "a"}])), true),
        ("seccompProfile_baseline", spec(unconfined.clone(), json!([{"name": "a"}, {"name": "b"}])), false),
        ("seccompProfile_baseline", spec(unconfined.clone(), json!([{"name": "a"}, own])), true),
        // No container inherits it.
        ("seccompProfile_baseline", spec(unconfined.clone(), json!([own])), false),
        ("appArmorProfile", spec(json!({"appArmorProfile": {"type": "Unconfined"}}), json!([{"name": "a"}])), true),
        ("seLinuxOptions", spec(spc.clone(), json!([{"name": "a"}, labelled])), true),
        // A container with another option than those that the check reads may have a label of its own; to be safe it counts.
        ("seLinuxOptions", spec(spc, json!([{"name": "a"}, level])), false),
        ("windowsHostProcess", spec(host_process.clone(), json!([{"name": "a"}])), true),
        ("windowsHostProcess", spec(host_process, json!([{"name": "a"}, no_host_process])), false),
    ];
    for (check, spec, expected) in table {
        let rule = json!({"checks": [check], "containers": ["a"]});
        assert_eq!(is_exempt("baseline:latest", rule, metadata.clone(), spec.clone()), expected, "{check} {spec}");
    }
    let message = |rule: Value, spec: Value| {
        let settings = json!({"level": "restricted", "exemptions": {"checks": [rule]}});
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": spec});
        decide(&settings, &request("pods", pod), &TestCluster::default()).rejection.unwrap().message
    };
    // At restricted a container without a profile has that of the pod, which the check finds in both.
    for (check, containers, expected) in [
        ("seccompProfile_restricted", json!([{"name": "a"}]), false),
        ("seccompProfile_baseline", json!([{"name": "a"}]), false),
        ("seccompProfile_restricted", json!([{"name": "a"}, {"name": "b"}]), true),
        ("seccompProfile_baseline", json!([{"name": "a"}, {"name": "b"}]), true),
    ] {
        let rule = json!({"checks": [check], "containers": ["a"], "values": ["Unconfined"], "reason": "why"});
        let message = message(rule, spec(unconfined.clone(), containers.clone()));
        assert_eq!(message.contains("seccompProfile"), expected, "{check} {containers} {message}");
    }
    let rule = json!({"checks": ["seccompProfile_restricted"], "values": ["Unconfined"], "reason": "why"});
    // Without a profile of the pod there is no value.
    assert!(message(rule, json!({"containers": [{"name": "a"}]})).contains("seccompProfile"));
    let rule = json!({"checks": ["runAsUser"], "containers": ["a"], "reason": "why"});
    assert!(!message(rule.clone(), spec(root.clone(), json!([{"name": "a"}, of_user(1)]))).contains("runAsUser=0"));
    assert!(message(rule, spec(root, json!([{"name": "a"}, {"name": "b"}]))).contains("runAsUser=0"));
}

#[test]
fn rules_cover_values_in_every_spelling() {
    let metadata = json!({"name": "p"});
    let adding = |capability: &str| json!({"containers": [{"name": "a", "securityContext": {"capabilities": {"add": [capability]}}}]});
    let setting = |sysctl: &str| json!({"securityContext": {"sysctls": [{"name": sysctl, "value": "1"}]}, "containers": [{"name": "a"}]});
    let table = [
        ("capabilities_baseline", "NET_RAW", adding("CAP_NET_RAW"), true),
        ("capabilities_baseline", "CAP_NET_RAW", adding("NET_RAW"), true),
        ("capabilities_baseline", "NET_RAW", adding("CAP_NET_ADMIN"), false),
        ("sysctls", "net.core.somaxconn", setting("net/core/somaxconn"), true),
        ("sysctls", "net/core/somaxconn", setting("net.core.somaxconn"), true),
        ("sysctls", "net/core/somaxconn", setting("net.core.rmem_max"), false),
    ];
    for (check, value, spec, expected) in table {
        let rule = json!({"checks": [check], "values": [value]});
        assert_eq!(is_exempt("baseline:latest", rule, metadata.clone(), spec.clone()), expected, "{check} {value} {spec}");
    }
}

#[test]
fn rules_cover_paths_of_the_node() {
    let of = |path: &str| json!({"volumes": [{"name": "v", "hostPath": {"path": path}}], "containers": [{"name": "a"}]});
    let values = |path: &str| json!({"checks": ["hostPathVolumes"], "values": [path]});
    let prefixes = |paths: Value| json!({"checks": ["hostPathVolumes"], "pathPrefixes": paths});
    let logs = || prefixes(json!(["/opt", "/var/log"]));
    let table = [
        (values("/var/log"), of("/var/log/"), true),
        (values("/var/log/"), of("/var/log"), true),
        (values("/var/log"), of("/var/log/pods"), false),
        (values("/"), of("/"), true),
        (values("/"), of(""), false),
        (logs(), of("/var/log"), true),
        (logs(), of("/var/log/"), true),
        (logs(), of("/var/log/pods/team"), true),
        (prefixes(json!(["/var/log/"])), of("/var/log/pods"), true),
        (logs(), of("/var/logs"), false),
        (logs(), of("/var"), false),
        (logs(), of("/"), false),
        (logs(), of("/var/log/../lib/kubelet"), false),
        (logs(), of("/var/log/.."), false),
        (logs(), of("/var/log\\..\\lib"), false),
        (logs(), of("/var/log/pods\\..\\..\\lib"), false),
        (logs(), of("/var/log/..data"), true),
        (logs(), of("var/log"), false),
        (logs(), of("/var//log"), false),
        (logs(), of(""), false),
    ];
    for (rule, spec, expected) in table {
        assert_eq!(is_exempt("baseline:latest", rule.clone(), json!({"name": "p"}), spec.clone()), expected, "{rule} {spec}");
    }
    // At restricted, another check finds the volume, of which the rule can name either.
    for (check, volume, expected) in [
        ("hostPathVolumes", json!({"hostPath": {"path": "/var/log/pods"}}), false),
        ("restrictedVolumes", json!({"hostPath": {"path": "/var/log/pods"}}), false),
        ("restrictedVolumes", json!({"hostPath": {"path": "/var/lib"}}), true),
        ("restrictedVolumes", json!({"nfs": {"server": "s", "path": "/var/log"}}), true),
        ("restrictedVolumes", json!({"hostPath": {"path": "/var/log"}, "nfs": {"server": "s", "path": "/"}}), true),
    ] {
        let mut pod =
            json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": [{"name": "a"}], "volumes": [volume]}});
        pod["spec"]["volumes"][0]["name"] = json!("v");
        let rule = json!({"checks": [check], "pathPrefixes": ["/var/log"], "reason": "why"});
        let settings = json!({"level": "restricted", "exemptions": {"checks": [rule]}});
        let message = decide(&settings, &request("pods", pod.clone()), &TestCluster::default()).rejection.unwrap().message;
        assert_eq!(message.contains("restricted volume types"), expected, "{check} {pod} {message}");
    }
}

#[test]
fn rules_with_read_only_cover_volumes_that_no_container_can_write_to() {
    let mount = |volume: &str, read_only: Value| json!({"name": volume, "mountPath": "/mnt", "readOnly": read_only});
    let read_only = || mount("v", json!(true));
    let table = [
        // The kubelet does not set up a volume that no container mounts.
        (json!({}), true),
        (json!({"containers": [[read_only()]]}), true),
        (json!({"containers": [[read_only(), mount("other", json!(false))]]}), true),
        (json!({"containers": [[mount("v", json!(false))]]}), false),
        (json!({"containers": [[mount("v", Value::Null)]]}), false),
        (json!({"containers": [[{"name": "v", "mountPath": "/mnt"}]]}), false),
        (json!({"containers": [[{"name": "v", "mountPath": "/mnt", "readOnly": true, "recursiveReadOnly": "IfPossible"}]]}), true),
        // Without readOnly, recursiveReadOnly is invalid.
        (json!({"containers": [[{"name": "v", "mountPath": "/mnt", "recursiveReadOnly": "Enabled"}]]}), false),
        // Every mount, in every container of every type.
        (json!({"containers": [[read_only(), mount("v", json!(false))]]}), false),
        (json!({"containers": [[read_only()], [mount("v", json!(false))]]}), false),
        (json!({"containers": [[read_only()]], "initContainers": [[mount("v", json!(false))]]}), false),
        (json!({"containers": [[read_only()]], "ephemeralContainers": [[mount("v", json!(false))]]}), false),
        (json!({"containers": [[read_only()]], "initContainers": [[read_only()]], "ephemeralContainers": [[read_only()]]}), true),
        // What cannot be deserialized may be anything.
        (json!({"containers": [5]}), false),
        (json!({"containers": [null]}), false),
        (json!({"containers": [{}]}), false),
        (json!({"containers": [[{"name": "v", "readOnly": "true"}]]}), false),
        (json!({"containers": [[{"name": 5, "readOnly": true}]]}), false),
    ];
    let settings = json!({"level": "baseline", "exemptions": {"checks": [
        {"checks": ["hostPathVolumes"], "pathPrefixes": ["/var/log"], "readOnly": true, "reason": "why"},
    ]}});
    for (mounts, expected) in table {
        let mut pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {
            "containers": [{"name": "a"}], "volumes": [{"name": "v", "hostPath": {"path": "/var/log"}}],
        }});
        for (list, mounts) in mounts.as_object().unwrap() {
            let containers = mounts.as_array().unwrap().iter().enumerate();
            let container = |(index, mounts): (usize, &Value)| json!({"name": format!("c{index}"), "volumeMounts": mounts});
            pod["spec"][list] = containers.map(container).collect();
        }
        let decision = decide(&settings, &request("pods", pod), &TestCluster::default());
        assert_eq!(decision.is_accepted(), expected, "{mounts}");
    }
    // A key that occurs twice: another decoder may use the other value.
    let twice = r#"{"apiVersion":"v1","kind":"Pod","metadata":{},"spec":{"containers":[{"name":"a","volumeMounts":[{"name":"v","readOnly":false,"readOnly":true}]}],"volumes":[{"name":"v","hostPath":{"path":"/var/log"}}]}}"#;
    let payload = json!({"request": request("pods", json!("OBJECT")), "settings": settings}).to_string().replace("\"OBJECT\"", twice);
    assert!(!validate(payload.as_bytes(), &TestCluster::default()).accepted);
}

#[test]
fn rejections_name_the_further_check_that_a_rule_needs() {
    let driver = |of_pod: Value, context: Value| {
        let mut context = context;
        let required = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"]}});
        for (key, value) in required.as_object().unwrap() {
            if context.get(key).is_none() {
                context[key] = value.clone();
            }
        }
        let fine = json!({"runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"]}, "allowPrivilegeEscalation": false});
        let mut spec = json!({"containers": [{"name": "a", "securityContext": context}, {"name": "b", "securityContext": fine}]});
        spec.as_object_mut().unwrap().extend(of_pod.as_object().unwrap().clone());
        json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "driver"}, "spec": spec})
    };
    let clause =
        |check: &str, further: &str, reason: &str| Some(format!("the exemption of {check} also needs that of {further}, because {reason}"));
    let privileged = driver(json!({}), json!({"privileged": true}));
    let adding = |capability: &str| driver(json!({}), json!({"capabilities": {"drop": ["ALL"], "add": [capability]}}));
    let host_process =
        |of_pod: Value| with(driver(of_pod, json!({"windowsOptions": {"hostProcess": true}})), &[("/spec/os", json!({"name": "windows"}))]);
    let no_escalation = "the API server rejects allowPrivilegeEscalation=false in a privileged container";
    let no_admin = "the API server rejects allowPrivilegeEscalation=false in a container that adds CAP_SYS_ADMIN";
    let escalation = "allowPrivilegeEscalation";
    let root = "the kubelet starts no container as user 0 with runAsNonRoot=true";
    let as_root = |of_pod: Value, context: Value| {
        let pod = driver(of_pod, with(json!({"": context}), &[("//allowPrivilegeEscalation", json!(false))])[""].clone());
        with(pod, &[("/spec/containers/1/securityContext/runAsUser", json!(1))])
    };
    let root_of_pod = || json!({"securityContext": {"runAsUser": 0}});
    let table = [
        (json!([{"checks": ["privileged"]}]), privileged.clone(), clause("privileged", escalation, no_escalation)),
        // No rule covers the container, or another check is violated.
        (json!([]), privileged.clone(), None),
        (json!([{"checks": ["privileged"], "containers": ["b"]}]), privileged.clone(), None),
        (json!([{"checks": ["privileged"]}]), driver(json!({"hostPID": true}), json!({"allowPrivilegeEscalation": false})), None),
        // The other container can satisfy the check.
        (
            json!([{"checks": ["privileged"]}, {"checks": [escalation], "containers": ["a"]}]),
            with(privileged, &[("/spec/containers/1/securityContext/allowPrivilegeEscalation", json!(null))]),
            None,
        ),
        (
            json!([{"checks": ["capabilities_restricted"]}]),
            adding("CAP_SYS_ADMIN"),
            clause("capabilities_restricted", escalation, no_admin),
        ),
        (json!([{"checks": ["capabilities_baseline"]}]), adding("CAP_SYS_ADMIN"), clause("capabilities_baseline", escalation, no_admin)),
        (
            json!([{"checks": ["capabilities_baseline"], "values": ["SYS_ADMIN"]}]),
            adding("CAP_SYS_ADMIN"),
            clause("capabilities_baseline", escalation, no_admin),
        ),
        // The API server accepts false beside this spelling.
        (json!([{"checks": ["capabilities_baseline"]}]), adding("SYS_ADMIN"), None),
        (
            json!([{"checks": ["windowsHostProcess"]}]),
            host_process(json!({"hostNetwork": true})),
            clause("windowsHostProcess", "hostNamespaces", "the API server rejects hostProcess=true without hostNetwork=true"),
        ),
        (json!([{"checks": ["windowsHostProcess"]}]), host_process(json!({"hostPID": true})), None),
        (
            json!([{"checks": ["runAsUser"]}]),
            as_root(json!({}), json!({"runAsUser": 0, "runAsNonRoot": false})),
            clause("runAsUser", "runAsNonRoot", root),
        ),
        (
            json!([{"checks": ["runAsUser"]}]),
            as_root(root_of_pod(), json!({"runAsNonRoot": null})),
            clause("runAsUser", "runAsNonRoot", root),
        ),
        // A container with another user can satisfy the check.
        (
            json!([{"checks": ["runAsUser"]}]),
            as_root(json!({"securityContext": {"runAsUser": 0, "runAsNonRoot": false}}), json!({"runAsUser": 5})),
            None,
        ),
        (json!([{"checks": ["runAsUser"]}]), as_root(root_of_pod(), json!({"runAsUser": 5, "runAsNonRoot": false})), None),
    ];
    for (rules, pod, expected) in table {
        let rules: Vec<Value> =
            rules.as_array().unwrap().iter().map(|rule| with(json!({"": rule}), &[("//reason", json!("r"))])[""].clone()).collect();
        let settings = json!({"level": "restricted", "workloads": "enforce", "exemptions": {"checks": rules}});
        let rejection = |settings: &Value, request: &Value| decide(settings, request, &TestCluster::default()).rejection.unwrap().message;
        let message = rejection(&settings, &request("pods", pod.clone()));
        assert_eq!(message.split_once("; the exemption").map(|(_, rest)| format!("the exemption{rest}")), expected, "{rules:?} {pod}");
        // The text of Kubernetes comes first, and a workload has the same clause.
        let sentences = message.split_once("; the exemption").map_or(message.as_str(), |(before, _)| before);
        assert!(
            sentences.starts_with("pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": ") && sentences.ends_with(')'),
            "{message}"
        );
        let deployment =
            json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": {"spec": pod["spec"]}}});
        let of_workload = rejection(&settings, &request("deployments.apps", deployment));
        assert_eq!(of_workload.split_once(" is forbidden").unwrap().1, message.split_once(" is forbidden").unwrap().1);
    }
}

#[test]
fn rules_with_read_only_apply_to_existing_pods() {
    let pod = |name: &str, read_only: bool| {
        json!({"metadata": {"name": name}, "spec": {
            "containers": [{"name": "a", "volumeMounts": [{"name": "v", "mountPath": "/mnt", "readOnly": read_only}]}],
            "volumes": [{"name": "v", "hostPath": {"path": "/var/log"}}],
        }})
    };
    let cluster = TestCluster { pods: json!([pod("reads", true), pod("writes", false)]), ..TestCluster::default() };
    let rules = json!({"checks": [{"checks": ["hostPathVolumes"], "readOnly": true, "reason": "r"}]});
    let namespace = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}});
    let update = with(
        request("namespaces", namespace(json!({"pod-security.kubernetes.io/enforce": "baseline"}))),
        &[("/operation", json!("UPDATE")), ("/oldObject", namespace(json!({})))],
    );
    let warnings = decide(&with(honor(), &[("/exemptions", rules)]), &update, &cluster).warnings;
    assert_eq!(warnings[1..], ["writes: hostPath volumes"]);
}

#[test]
fn the_message_has_missing_fields_if_forbidden_values_are_exempt() {
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {}, "spec": {"containers": [
        {"name": "a", "image": "i", "securityContext": {"runAsNonRoot": false}}, {"name": "b", "image": "j"},
    ]}});
    let rendered = |rules: Value| {
        let settings = json!({"level": "restricted", "version": "v1.7", "exemptions": {"checks": rules}});
        decide(&settings, &request("pods", pod.clone()), &TestCluster::default()).rejection.map(|rejection| {
            rejection
                .message
                .split_once("latest\": ")
                .map_or(rejection.message.clone(), |(_, rest)| rest.to_owned())
                .split_once("\": ")
                .unwrap()
                .1
                .to_owned()
        })
    };
    assert_eq!(rendered(json!([])).unwrap(), "runAsNonRoot != true (container \"a\" must not set securityContext.runAsNonRoot=false)");
    let rule = json!([{"checks": ["runAsNonRoot"], "containers": ["a"], "reason": "r"}]);
    assert_eq!(rendered(rule).unwrap(), "runAsNonRoot != true (pod or container \"b\" must set securityContext.runAsNonRoot=true)");
}

#[test]
fn rules_apply_to_all_modes_templates_and_existing_pods() {
    let rules = json!({"checks": [{"checks": ["hostNamespaces"], "images": ["i:*"], "reason": "r"}]});
    let warning = json!({"defaults": {"audit": "baseline", "warn": "baseline"}, "exemptions": {}});
    // A rule with a condition on containers is invalid for this check.
    assert!(Settings::parse(with(warning.clone(), &[("/exemptions", rules)]).to_string().as_bytes()).is_err());
    let rules = json!({"checks": [{"checks": ["hostNamespaces"], "serviceAccounts": ["team/default"], "reason": "r"}]});
    let exempting = with(warning.clone(), &[("/exemptions", rules.clone())]);
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": {"spec": pod()["spec"]}}});
    let creation = request("deployments.apps", deployment);
    assert_eq!(decide(&warning, &creation, &TestCluster::default()).warnings.len(), 1);
    assert_eq!(
        rendered(&decide(&exempting, &creation, &TestCluster::default())),
        "ok\nexempt-checks hostNamespaces (spec.template.spec.hostPID): r"
    );
    assert_eq!(
        rendered(&decide(&exempting, &request("pods", pod()), &TestCluster::default())),
        "ok\nenforce-policy privileged:latest\nexempt-checks hostNamespaces (spec.hostPID): r"
    );
    let cluster = TestCluster {
        pods: json!([pod(), with(pod(), &[("/metadata/name", json!("q")), ("/spec/serviceAccountName", json!("x"))])]),
        ..TestCluster::default()
    };
    let restricted_namespace = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": {"pod-security.kubernetes.io/enforce": "baseline"}}});
    let update = with(
        request("namespaces", restricted_namespace),
        &[("/operation", json!("UPDATE")), ("/oldObject", json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}}))],
    );
    let honoring = with(honor(), &[("/exemptions", rules)]);
    assert_eq!(decide(&honoring, &update, &cluster).warnings[1..], ["q: host namespaces"]);
}

#[test]
fn the_annotation_has_every_reason_within_its_size() {
    let rules = json!([
        {"checks": ["hostPathVolumes"], "values": ["/proc"], "reason": "reads processes"},
        {"checks": ["hostPathVolumes", "hostPorts"], "reason": " is old "},
    ]);
    let settings = json!({"defaults": {"enforce": "baseline", "audit": "restricted"}, "exemptions": {"checks": rules}});
    let annotation = |settings: &Value| {
        let decision = decide(settings, &request("pods", exporter()), &TestCluster::default());
        decision.audit_annotations.into_iter().find(|(key, _)| *key == "exempt-checks").map(|(_, value)| value)
    };
    assert_eq!(
        annotation(&settings).unwrap(),
        "hostPathVolumes (spec.volumes[0].hostPath): reads processes; hostPathVolumes (spec.volumes[1].hostPath): is old; \
         hostPorts (spec.containers[0].ports[0].hostPort): is old; restrictedVolumes (spec.volumes[0].hostPath): reads processes; \
         restrictedVolumes (spec.volumes[1].hostPath): is old"
    );
    let with_reason = |reason: String| annotation(&with(settings.clone(), &[("/exemptions/checks/0/reason", json!(reason))])).unwrap();
    let (short, long) = (with_reason("é".repeat(100)), with_reason("é".repeat(200_000)));
    assert!(short.contains(&"é".repeat(100)) && !short.contains('…'));
    assert!(long.len() <= 64 * 1024 && long.contains("é…") && long.contains("is old"), "{}", long.len());
    let many: Vec<Value> = (0..20_000).map(|index| json!({"name": format!("v{index}"), "hostPath": {"path": "/x"}})).collect();
    let pod = with(exporter(), &[("/spec/volumes", json!(many))]);
    let decision = decide(&settings, &request("pods", pod), &TestCluster::default());
    let all: usize = decision.audit_annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    let (_, text) = decision.audit_annotations.iter().find(|(key, _)| *key == "exempt-checks").unwrap();
    assert!(text.len() <= 64 * 1024 && text.contains(" more): is old"), "{}", text.len());
    assert!(all < 256 * 1024, "{all}");
}

/// The annotation for rules with different paths, each of which exempts a number of volumes and has a reason.
fn annotation_of(rules: usize, volumes: usize, reason: &str) -> String {
    let checks: Vec<Value> =
        (0..rules).map(|rule| json!({"checks": ["hostPathVolumes"], "values": [format!("/{rule}")], "reason": reason})).collect();
    let volumes: Vec<Value> =
        (0..volumes * rules).map(|volume| json!({"name": "v", "hostPath": {"path": format!("/{}", volume % rules)}})).collect();
    let settings = json!({"level": "baseline", "exemptions": {"checks": checks}});
    let decision = decide(&settings, &request("pods", with(exporter(), &[("/spec/volumes", json!(volumes))])), &TestCluster::default());
    decision.audit_annotations.into_iter().find(|(key, _)| *key == "exempt-checks").unwrap().1
}

#[test]
fn exemptions_have_equal_shares_of_the_annotation() {
    for rules in [1, 2, 3, 8, 40] {
        let text = annotation_of(rules, 4_000 / rules, &"r".repeat(100_000));
        assert!(text.len() <= 64 * 1024, "{rules}: {}", text.len());
        let rendered: Vec<&str> = text.split("; ").collect();
        assert_eq!(rendered.len(), rules);
        for exemption in rendered {
            let (paths, reason) = exemption.strip_prefix("hostPathVolumes (").unwrap().split_once(" more): ").unwrap();
            // Half of the share is for the paths, and half for the reason.
            let (share, half) = (64 * 1024 / rules, 32 * 1024 / rules);
            assert!(exemption.len() <= share && exemption.len() + 200 > share, "{rules}: {}", exemption.len());
            assert!(exemption.len() - (paths.len() + " more".len()) <= half, "{rules}: {}", exemption.len() - paths.len());
            assert!(paths.len().abs_diff(half) < 100 && reason.len().abs_diff(half) < 100, "{rules}: {} {}", paths.len(), reason.len());
        }
    }
}

#[test]
fn complete_reasons_have_no_ellipsis() {
    let mut truncated = 0;
    for length in 32 * 1024 - 100..32 * 1024 {
        let text = annotation_of(1, 1, &"r".repeat(length));
        let rendered = text.bytes().filter(|byte| *byte == b'r').count();
        assert_eq!(text.ends_with('…'), rendered < length, "{length}");
        truncated += usize::from(rendered < length);
    }
    assert!((1..100).contains(&truncated), "{truncated}");
}

#[test]
fn invalid_rules_exempt_no_finding() {
    // The host validates settings first. If it does not, an invalid rule must not exempt a finding.
    for rule in [
        json!({"checks": ["hostNamespaces"], "podSelector": null, "reason": "r"}),
        json!({"checks": ["hostNamespaces"], "podSelector": {"matchExpressions": [{"key": "a", "operator": "NotIn"}]}, "reason": "r"}),
        json!({"checks": ["hostNamespaces"]}),
        json!({"checks": ["hostNamespaces"], "namespaces": null, "reason": "r"}),
        json!({"checks": ["hostNamespaces", "x"], "reason": "r"}),
        Value::Null,
    ] {
        let settings = json!({"level": "baseline", "exemptions": {"checks": [rule]}});
        assert!(Settings::parse(settings.to_string().as_bytes()).is_err(), "{rule}");
        let payload = json!({"request": request("pods", pod()), "settings": settings}).to_string();
        assert!(!validate(payload.as_bytes(), &TestCluster::default()).accepted, "{rule}");
    }
}

#[test]
fn rules_for_a_path_do_not_exempt_volumes_with_two_sources() {
    let rule = json!([{"checks": ["hostPathVolumes"], "values": ["/proc"]}]);
    let of = |volume: Value| {
        let pod = with(pod(), &[("/spec/volumes", json!([volume])), ("/spec/hostPID", json!(false))]);
        let settings = json!({"level": "restricted", "version": "v1.0", "exemptions": {"checks": with(json!({"": rule[0]}), &[("//reason", json!("r"))]).as_object().unwrap().values().collect::<Vec<_>>()}});
        decide(&settings, &request("pods", pod), &TestCluster::default()).rejection.unwrap().message.contains("volume types")
    };
    assert!(!of(json!({"name": "v", "hostPath": {"path": "/proc"}})));
    assert!(of(json!({"name": "v", "hostPath": {"path": "/proc"}, "nfs": {}})));
}
