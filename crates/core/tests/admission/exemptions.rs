//! Exemptions by group, service account, and patterns and labels of namespaces.

use super::*;

fn with_exemptions(exemptions: Value) -> Value {
    json!({"level": "baseline", "exemptions": exemptions})
}

#[test]
fn exempts_requests_by_group_account_pattern_and_selector() {
    let exempt_request = with(
        request("pods", with(pod(), &[("/spec/serviceAccountName", json!("agent"))])),
        &[("/userInfo", json!({"username": "alice", "groups": ["system:authenticated", "admins"]}))],
    );
    let cluster = || TestCluster::labelled(json!({"tier": "infra"}));
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
        assert_eq!(rendered(&decide(&with_exemptions(exemptions.clone()), &exempt_request, &cluster())), expected, "{exemptions}");
    }
}

#[test]
fn uses_the_default_service_account() {
    let settings = with_exemptions(json!({"serviceAccounts": ["team/default"]}));
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
        assert_eq!(rendered(&decide(&settings, &request("pods", pod), &TestCluster::default())), expected, "{spec}");
    }
}

#[test]
fn looks_up_the_namespace_once_for_a_selector() {
    let settings =
        with(with_exemptions(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}})), &[("/namespaceLabels", json!("honor"))]);
    let cluster = TestCluster::labelled(json!({"pod-security.kubernetes.io/enforce": "privileged"}));
    assert_eq!(rendered(&decide(&settings, &request("pods", pod()), &cluster)).lines().next(), Some("ok"));
    assert_eq!(*cluster.lookups.borrow(), ["get team"]);
    let unreachable = || TestCluster { is_unreachable: true, ..TestCluster::default() };
    let settings = with_exemptions(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}, "usernames": ["bob"]}));
    let failure = "Internal error occurred: failed to lookup namespace \"team\"";
    assert_eq!(
        rendered(&decide(&settings, &request("pods", pod()), &unreachable())),
        format!("500 {failure}\nerror {failure}: no route to host")
    );
    let deployment = request("deployments.apps", json!({}));
    assert_eq!(
        rendered(&decide(&settings, &deployment, &unreachable())),
        "ok\nerror failed to lookup namespace \"team\": no route to host"
    );
    // Exempt users and groups do not need the namespace.
    let bob = with(request("pods", pod()), &[("/userInfo/username", json!("bob"))]);
    assert_eq!(rendered(&decide(&settings, &bob, &unreachable())), "ok\nexempt user");
    // A namespace that is exempt by name is not looked up.
    let settings = with_exemptions(json!({"namespaceSelector": {"matchLabels": {"a": "b"}}, "namespacePatterns": ["t*m"]}));
    let cluster = TestCluster::default();
    assert_eq!(rendered(&decide(&settings, &request("pods", pod()), &cluster)), "ok\nexempt namespace");
    assert_eq!(*cluster.lookups.borrow(), [""; 0]);
}

#[test]
fn ignores_the_labels_of_an_exempt_namespace() {
    let namespace = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}});
    let exempt_request = request("namespaces", namespace(json!({"pod-security.kubernetes.io/enforce": "restricted", "tier": "infra"})));
    let ignored = "ok\nwarning namespace \"team\" is exempt from Pod Security, and the policy (enforce=restricted:latest) will be ignored";
    for exemptions in [json!({"namespacePatterns": ["t*"]}), json!({"namespaceSelector": {"matchLabels": {"tier": "infra"}}})] {
        for labels in ["honor", "tighten", "set"] {
            let settings = json!({"defaults": {"enforce": "baseline"}, "namespaceLabels": labels, "exemptions": exemptions});
            assert_eq!(rendered(&decide(&settings, &exempt_request, &TestCluster::default())), ignored, "{exemptions} {labels}");
        }
    }
    // The pods of an exempt service account are not evaluated.
    let update = with(exempt_request, &[("/operation", json!("UPDATE")), ("/oldObject", namespace(json!({})))]);
    let settings = with(honor(), &[("/exemptions", json!({"serviceAccounts": ["team/default"]}))]);
    assert_eq!(rendered(&decide(&settings, &update, &TestCluster { pods: json!([pod()]), ..TestCluster::default() })), "ok");
}
