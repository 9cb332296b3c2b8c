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
