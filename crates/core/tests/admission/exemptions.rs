//! Exemptions by who asks, by what the pod runs as, and by namespaces that are not named one by one.

use super::*;

fn exempting(exemptions: Value) -> Value {
    json!({"level": "baseline", "exemptions": exemptions})
}

#[test]
fn whole_requests_are_exempt_by_group_account_pattern_and_selector() {
    let asked = with(
        request("pods", with(pod(), &[("/spec/serviceAccountName", json!("agent"))])),
        &[("/userInfo", json!({"username": "alice", "groups": ["system:authenticated", "admins"]}))],
    );
    let world = || World::labelled(json!({"tier": "infra"}));
    let selecting = |key: &str| json!({"namespaceSelector": {"matchLabels": {key: "infra"}}});
    let table = [
        (json!({"groups": ["admins"]}), "ok\nexempt group"),
        (json!({"groups": ["Admins", "admin"]}), BASELINE),
        (json!({"serviceAccounts": ["team/agent"]}), "ok\nexempt serviceAccount"),
        (json!({"serviceAccounts": ["other/agent", "team/default"]}), BASELINE),
        (json!({"namespacePatterns": ["te*"]}), "ok\nexempt namespace"),
        (json!({"namespacePatterns": ["*te"]}), BASELINE),
        (selecting("tier"), "ok\nexempt namespace"),
        (selecting("other"), BASELINE),
        (json!({"groups": ["admins"], "namespacePatterns": ["team"], "serviceAccounts": ["team/agent"]}), "ok\nexempt namespace"),
        (json!({"groups": ["admins"], "usernames": ["alice"]}), "ok\nexempt user"),
        (json!({"groups": ["admins"], "namespaceSelector": {"matchLabels": {"tier": "infra"}}}), "ok\nexempt namespace"),
        (json!({"runtimeClasses": ["r"], "serviceAccounts": ["team/agent"]}), "ok\nexempt serviceAccount"),
    ];
    for (exemptions, expected) in table {
        assert_eq!(told(&decide(&exempting(exemptions.clone()), &asked, &world())), expected, "{exemptions}");
    }
}

#[test]
fn a_pod_without_a_service_account_runs_as_the_default_one() {
    let settings = exempting(json!({"serviceAccounts": ["team/default"]}));
    let table = [
        (json!({}), "ok\nexempt serviceAccount"),
        (json!({"serviceAccount": "other"}), BASELINE),
        (json!({"serviceAccountName": "other"}), BASELINE),
        (json!({"serviceAccountName": "default", "serviceAccount": "other"}), "ok\nexempt serviceAccount"),
        (json!({"serviceAccountName": "", "serviceAccount": ""}), "ok\nexempt serviceAccount"),
    ];
    for (spec, expected) in table {
        let mut pod = pod();
        pod["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        assert_eq!(told(&decide(&settings, &request("pods", pod), &World::default())), expected, "{spec}");
    }
}

#[test]
fn a_selector_needs_the_namespace_and_asks_for_it_once() {
    let settings = with(exempting(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}})), &[("/namespaceLabels", json!("honor"))]);
    let world = World::labelled(json!({"pod-security.kubernetes.io/enforce": "privileged"}));
    assert_eq!(told(&decide(&settings, &request("pods", pod()), &world)).lines().next(), Some("ok"));
    assert_eq!(*world.asked.borrow(), ["get team"]);
    let broken = || World { broken: true, ..World::default() };
    let settings = exempting(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}, "usernames": ["bob"]}));
    let unknown = "Internal error occurred: failed to lookup namespace \"team\"";
    assert_eq!(told(&decide(&settings, &request("pods", pod()), &broken())), format!("500 {unknown}\nerror {unknown}: no route to host"));
    let deployment = request("deployments.apps", json!({}));
    assert_eq!(told(&decide(&settings, &deployment, &broken())), "ok\nerror failed to lookup namespace \"team\": no route to host");
    // Who is exempt anyway needs no namespace.
    let bob = with(request("pods", pod()), &[("/userInfo/username", json!("bob"))]);
    assert_eq!(told(&decide(&settings, &bob, &broken())), "ok\nexempt user");
    // Nor does a namespace that is exempt by its name.
    let settings = exempting(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}, "namespacePatterns": ["t*m"]}));
    let world = World::default();
    assert_eq!(told(&decide(&settings, &request("pods", pod()), &world)), "ok\nexempt namespace");
    assert_eq!(*world.asked.borrow(), [""; 0]);
}

#[test]
fn the_labels_of_an_exempt_namespace_mean_nothing() {
    let namespace = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}});
    let asked = request("namespaces", namespace(json!({"pod-security.kubernetes.io/enforce": "restricted", "tier": "infra"})));
    let ignored = "ok\nwarning namespace \"team\" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored";
    for exemptions in [json!({"namespacePatterns": ["t*"]}), json!({"namespaceSelector": {"matchLabels": {"tier": "infra"}}})] {
        for labels in ["honor", "tighten", "set"] {
            let settings = json!({"defaults": {"enforce": "baseline"}, "namespaceLabels": labels, "exemptions": exemptions});
            assert_eq!(told(&decide(&settings, &asked, &World::default())), ignored, "{exemptions} {labels}");
        }
    }
    // The pods of an exempt service account are not looked at.
    let update = with(asked, &[("/operation", json!("UPDATE")), ("/oldObject", namespace(json!({})))]);
    let settings = with(honor(), &[("/exemptions", json!({"serviceAccounts": ["team/default"]}))]);
    assert_eq!(told(&decide(&settings, &update, &World { pods: json!([pod()]), ..World::default() })), "ok");
}
