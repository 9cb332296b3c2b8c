//! Every finding, for dashboards.

use super::*;

fn details(settings: &Value, request: &Value) -> Option<Value> {
    let decision = decide(settings, request, &World::default());
    let (_, text) = decision.audit_annotations.into_iter().find(|(key, _)| *key == "details")?;
    Some(serde_json::from_str(&text).unwrap())
}

#[test]
fn every_finding_is_told_with_what_mends_it() {
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
        // The sentence hides what is missing behind what is wrong.
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
    let got = details(&settings, &request("pods", pod.clone())).unwrap();
    for (got, expected) in got.as_array().unwrap().iter().zip(expected.as_array().unwrap()) {
        assert_eq!(got, expected);
    }
    assert_eq!(got, expected);
    // A workload's findings are where they stand in it; what it is not judged by does not count.
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": {"spec": pod["spec"]}}});
    let got = details(&settings, &request("deployments.apps", deployment)).unwrap();
    assert_eq!(got[0]["path"], "spec.template.spec.hostNetwork");
    assert_eq!(got[0]["modes"], json!(["audit"]));
}

#[test]
fn there_are_no_details_of_what_is_fine_exempt_or_not_asked_for() {
    let on = json!({"level": "baseline", "details": true});
    let fine = with(pod(), &[("/spec/hostPID", json!(false))]);
    assert_eq!(details(&on, &request("pods", fine)), None);
    let exempt = with(on.clone(), &[("/exemptions", json!({"checks": [{"checks": ["hostNamespaces"], "reason": "r"}]}))]);
    assert_eq!(details(&exempt, &request("pods", pod())), None);
    assert_eq!(details(&with(on.clone(), &[("/details", json!(false))]), &request("pods", pod())), None);
    assert_eq!(details(&on, &request("pods", pod())).unwrap().as_array().unwrap().len(), 1);
}

#[test]
fn what_mends_a_finding_is_told_where_an_api_server_takes_it() {
    let settings = json!({"defaults": {"enforce": "restricted"}, "details": true});
    let table = [
        (json!({"ports": [{"hostPort": 80}]}), json!({}), "hostPorts", json!({"remove": true})),
        // It would be set again.
        (json!({"ports": [{"hostPort": 80}]}), json!({"hostNetwork": true}), "hostPorts", Value::Null),
        (json!({}), json!({}), "allowPrivilegeEscalation", json!({"set": false})),
        (json!({"securityContext": {"privileged": true}}), json!({}), "allowPrivilegeEscalation", Value::Null),
        (json!({}), json!({}), "runAsNonRoot", json!({"set": true})),
        (json!({}), json!({"securityContext": {"runAsUser": 0}}), "runAsNonRoot", Value::Null),
    ];
    for (container, spec, check, expected) in table {
        let container = and(json!({"name": "a", "image": "i"}), container);
        let pod = with(pod(), &[("/spec", and(json!({"containers": [container]}), spec))]);
        let found = details(&settings, &request("pods", pod.clone())).unwrap();
        let of_check: Vec<&Value> = found.as_array().unwrap().iter().filter(|detail| detail["check"] == check).collect();
        assert_eq!(of_check.iter().map(|detail| &detail["fix"]).collect::<Vec<_>>(), [&expected], "{pod}");
    }
}

/// An object with the fields of another.
fn and(mut object: Value, more: Value) -> Value {
    object.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    object
}

#[test]
fn too_many_are_counted() {
    let containers: Vec<Value> = (0..5_000).map(|index| json!({"name": format!("c{index}"), "image": "i"})).collect();
    let pod = with(pod(), &[("/spec/containers", json!(containers))]);
    let settings = json!({"level": "restricted", "details": true});
    let decision = decide(&settings, &request("pods", pod.clone()), &World::default());
    let all: usize = decision.audit_annotations.iter().map(|(key, value)| key.len() + value.len()).sum();
    let got = details(&settings, &request("pods", pod)).unwrap();
    let got = got.as_array().unwrap();
    let omitted = got.last().unwrap()["omitted"].as_u64().unwrap();
    // One is the pod's own.
    assert_eq!(got.len() as u64 - 1 + omitted, 4 * 5_000 + 1);
    assert!(all < 256 * 1024, "{all}");
    // Where there is room for none, that is all there is to say.
    let long = json!({"name": "a", "image": "i", "securityContext": {"capabilities": {"add": ["X".repeat(130_000)]}}});
    let pod = with(super::pod(), &[("/spec", json!({"containers": [long]}))]);
    assert_eq!(details(&json!({"level": "baseline", "details": true}), &request("pods", pod)), Some(json!([{"omitted": 1}])));
}

#[test]
fn what_was_filled_in_takes_no_more_room_than_there_is() {
    // Each container gets something by the enforced version, and lacks something by the audited one.
    let settings = json!({
        "defaults": {"enforce": "restricted", "enforce-version": "v1.21", "audit": "restricted"},
        "harden": ["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile_restricted"],
    });
    let containers: Vec<Value> = (0..2_100).map(|index| json!({"name": format!("{index}{}", "n".repeat(90)), "image": "i"})).collect();
    let pod = with(pod(), &[("/spec", json!({"containers": containers}))]);
    let decision = decide(&settings, &request("pods", pod), &World::default());
    let sizes: Vec<(&str, usize)> = decision.audit_annotations.iter().map(|(key, value)| (*key, key.len() + value.len())).collect();
    assert!(sizes.iter().map(|(_, size)| size).sum::<usize>() < 256 * 1024, "{sizes:?}");
    assert!(sizes.iter().any(|(key, size)| *key == "hardened" && *size > 16 * 1024), "{sizes:?}");
}

#[test]
fn a_value_that_is_too_long_does_not_hide_what_else_was_found() {
    let context = json!({"privileged": true, "capabilities": {"add": ["C".repeat(260 * 1024)]}});
    let pod = with(pod(), &[("/spec/containers/0/securityContext", context)]);
    let got = details(&json!({"defaults": {"enforce": "baseline"}, "details": true}), &request("pods", pod)).unwrap();
    let checks: Vec<&Value> = got.as_array().unwrap().iter().map(|detail| &detail["check"]).collect();
    assert_eq!(checks, [&json!("hostNamespaces"), &json!("privileged"), &Value::Null]);
    assert_eq!(got[2], json!({"omitted": 1}));
}
