//! The annotation `details`.

use super::*;

fn details(settings: &Value, request: &Value) -> Option<Value> {
    let decision = decide(settings, request, &TestCluster::default());
    let (_, text) = decision.audit_annotations.into_iter().find(|(key, _)| *key == "details")?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn lists_every_finding_with_its_fix() {
    let settings = json!({"defaults": {"enforce": "baseline", "audit": "restricted"}, "details": true});
    let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {
        "hostNetwork": true,
        "volumes": [{"name": "v", "hostPath": {"path": "/"}}],
        "containers": [
            {"name": "a", "image": "i", "ports": [{"hostPort": 80}], "securityContext": {
                "runAsNonRoot": false, "allowPrivilegeEscalation": true, "seccompProfile": {"type": "RuntimeDefault"}, "capabilities": {"drop": ["ALL"], "add": ["X"]},
            }},
            {"name": "b", "image": "i", "securityContext": {"allowPrivilegeEscalation": false, "seccompProfile": {"type": "Y"}}},
        ],
    }});
    let detail = |check: &str, level: &str, modes: &[&str], path: &str, subject: &str, value: Value, fix: Value| {
        let kind = if value.is_null() { "missing" } else { "explicit" };
        json!({"check": check, "level": level, "modes": modes, "path": path, "subject": subject, "value": value, "kind": kind, "fix": fix})
    };
    let expected = json!([
        detail(
            "capabilities_baseline",
            "baseline",
            &["enforce"],
            "spec.containers[0].securityContext.capabilities.add[0]",
            "container/a",
            json!("X"),
            json!({"remove": true})
        ),
        detail("hostNamespaces", "baseline", &["enforce", "audit"], "spec.hostNetwork", "pod", json!(true), Value::Null),
        detail("hostPathVolumes", "baseline", &["enforce"], "spec.volumes[0].hostPath", "volume/v", json!("/"), Value::Null),
        detail(
            "hostPorts",
            "baseline",
            &["enforce", "audit"],
            "spec.containers[0].ports[0].hostPort",
            "container/a",
            json!(80),
            Value::Null
        ),
        detail(
            "seccompProfile_baseline",
            "baseline",
            &["enforce"],
            "spec.containers[1].securityContext.seccompProfile.type",
            "container/b",
            json!("Y"),
            json!({"set": "RuntimeDefault"})
        ),
        detail(
            "allowPrivilegeEscalation",
            "restricted",
            &["audit"],
            "spec.containers[0].securityContext.allowPrivilegeEscalation",
            "container/a",
            json!(true),
            json!({"set": false})
        ),
        detail(
            "capabilities_restricted",
            "restricted",
            &["audit"],
            "spec.containers[0].securityContext.capabilities.add[0]",
            "container/a",
            json!("X"),
            json!({"remove": true})
        ),
        detail(
            "capabilities_restricted",
            "restricted",
            &["audit"],
            "spec.containers[1].securityContext.capabilities.drop",
            "container/b",
            Value::Null,
            json!({"set": ["ALL"]})
        ),
        detail("restrictedVolumes", "restricted", &["audit"], "spec.volumes[0].hostPath", "volume/v", json!("hostPath"), Value::Null),
        detail(
            "runAsNonRoot",
            "restricted",
            &["audit"],
            "spec.containers[0].securityContext.runAsNonRoot",
            "container/a",
            json!(false),
            Value::Null
        ),
        // The message omits missing fields if there are forbidden values.
        detail(
            "runAsNonRoot",
            "restricted",
            &["audit"],
            "spec.containers[1].securityContext.runAsNonRoot",
            "container/b",
            Value::Null,
            json!({"set": true})
        ),
        detail(
            "seccompProfile_restricted",
            "restricted",
            &["audit"],
            "spec.containers[1].securityContext.seccompProfile.type",
            "container/b",
            json!("Y"),
            json!({"set": "RuntimeDefault"})
        ),
    ]);
    let actual = details(&settings, &request("pods", pod.clone())).unwrap();
    for (actual, expected) in actual.as_array().unwrap().iter().zip(expected.as_array().unwrap()) {
        assert_eq!(actual, expected);
    }
    assert_eq!(actual, expected);
    // The paths of findings in a workload begin at the workload. Modes without an effect on it are omitted.
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": {"spec": pod["spec"]}}});
    let actual = details(&settings, &request("deployments.apps", deployment)).unwrap();
    assert_eq!(actual[0]["path"], "spec.template.spec.hostNetwork");
    assert_eq!(actual[0]["modes"], json!(["audit"]));
}

#[test]
fn has_no_details_without_findings() {
    let settings = json!({"level": "baseline", "details": true});
    let compliant = with(pod(), &[("/spec/hostPID", json!(false))]);
    assert_eq!(details(&settings, &request("pods", compliant)), None);
    let exempt = with(settings.clone(), &[("/exemptions", json!({"checks": [{"checks": ["hostNamespaces"], "reason": "r"}]}))]);
    assert_eq!(details(&exempt, &request("pods", pod())), None);
    assert_eq!(details(&with(settings.clone(), &[("/details", json!(false))]), &request("pods", pod())), None);
    assert_eq!(details(&settings, &request("pods", pod())).unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn has_fixes_that_an_api_server_accepts() {
    let settings = json!({"defaults": {"enforce": "restricted"}, "details": true});
    let table = [
        (json!({"ports": [{"hostPort": 80}]}), json!({}), "hostPorts", json!({"remove": true})),
        // The API server would set it again.
        (json!({"ports": [{"hostPort": 80}]}), json!({"hostNetwork": true}), "hostPorts", Value::Null),
        (json!({}), json!({}), "allowPrivilegeEscalation", json!({"set": false})),
        (json!({"securityContext": {"privileged": true}}), json!({}), "allowPrivilegeEscalation", Value::Null),
        (json!({}), json!({}), "runAsNonRoot", json!({"set": true})),
        (json!({}), json!({"securityContext": {"runAsUser": 0}}), "runAsNonRoot", Value::Null),
    ];
    for (container, spec, check, expected) in table {
        let container = merged(json!({"name": "a", "image": "i"}), container);
        let pod = with(pod(), &[("/spec", merged(json!({"containers": [container]}), spec))]);
        let actual = details(&settings, &request("pods", pod.clone())).unwrap();
        let of_check: Vec<&Value> = actual.as_array().unwrap().iter().filter(|detail| detail["check"] == check).collect();
        assert_eq!(of_check.iter().map(|detail| &detail["fix"]).collect::<Vec<_>>(), [&expected], "{pod}");
    }
}

/// An object with the fields of another.
fn merged(mut object: Value, fields: Value) -> Value {
    object.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    object
}

#[test]
fn counts_omitted_findings() {
    let containers: Vec<Value> = (0..5_000).map(|index| json!({"name": format!("c{index}"), "image": "i"})).collect();
    let pod = with(pod(), &[("/spec/containers", json!(containers))]);
    let settings = json!({"level": "restricted", "details": true});
    let decision = decide(&settings, &request("pods", pod.clone()), &TestCluster::default());
    let all: usize = decision.audit_annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    let actual = details(&settings, &request("pods", pod)).unwrap();
    let actual = actual.as_array().unwrap();
    let omitted = actual.last().unwrap()["omitted"].as_u64().unwrap();
    // One finding is on a field of the pod.
    assert_eq!(actual.len() as u64 - 1 + omitted, 4 * 5_000 + 1);
    assert!(all < 256 * 1024, "{all}");
    // Without room for a finding, the list has only their number.
    let long = json!({"name": "a", "image": "i", "securityContext": {"capabilities": {"add": ["X".repeat(130_000)]}}});
    let pod = with(super::pod(), &[("/spec", json!({"containers": [long]}))]);
    assert_eq!(details(&json!({"level": "baseline", "details": true}), &request("pods", pod)), Some(json!([{"omitted": 1}])));
}

#[test]
fn limits_the_size_of_the_annotation_of_hardened_fields() {
    // Each container is hardened for the enforced version, and violates the audited one.
    let settings = json!({
        "defaults": {"enforce": "restricted", "enforce-version": "v1.21", "audit": "restricted"},
        "harden": ["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile_restricted"],
    });
    let containers: Vec<Value> = (0..2_100).map(|index| json!({"name": format!("{index}{}", "n".repeat(90)), "image": "i"})).collect();
    let pod = with(pod(), &[("/spec", json!({"containers": containers}))]);
    let decision = decide(&settings, &request("pods", pod), &TestCluster::default());
    let sizes: Vec<(&str, usize)> = decision.audit_annotations.iter().map(|(key, value)| (*key, key.len() + value.len())).collect();
    assert!(sizes.iter().map(|(_, size)| size).sum::<usize>() < 256 * 1024, "{sizes:?}");
    assert!(sizes.iter().any(|(key, size)| *key == "hardened" && *size > 16 * 1024), "{sizes:?}");
}

#[test]
fn omits_findings_with_long_values_only() {
    let context = json!({"privileged": true, "capabilities": {"add": ["C".repeat(260 * 1024)]}});
    let pod = with(pod(), &[("/spec/containers/0/securityContext", context)]);
    let actual = details(&json!({"defaults": {"enforce": "baseline"}, "details": true}), &request("pods", pod)).unwrap();
    let checks: Vec<&Value> = actual.as_array().unwrap().iter().map(|detail| &detail["check"]).collect();
    assert_eq!(checks, [&json!("hostNamespaces"), &json!("privileged"), &Value::Null]);
    assert_eq!(actual[2], json!({"omitted": 1}));
}
