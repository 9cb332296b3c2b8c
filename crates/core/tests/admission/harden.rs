//! Hardening: setting required fields that are not set.

use super::*;

const ALL: [&str; 4] = ["allowPrivilegeEscalation", "capabilities_restricted", "runAsNonRoot", "seccompProfile_restricted"];

/// Settings that labels can change, so that no check of `harden` is a mistake, whatever the level and the version.
fn settings(harden: &[&str]) -> Value {
    json!({"level": "restricted", "harden": harden, "namespaceLabels": "honor"})
}

/// The mutated object if the request is accepted, or the message.
fn hardened(settings: &Value, request: &Value) -> Result<Option<Value>, String> {
    let payload = json!({"request": request, "settings": settings}).to_string();
    let response = validate(payload.as_bytes(), &TestCluster::default());
    if let Some(message) = response.message {
        assert!(response.mutated_object.is_none());
        return Err(message);
    }
    Ok(response.mutated_object.map(|object| serde_json::from_str(&object).unwrap()))
}

/// A pod that sets no security fields.
fn minimal_pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "i"}]}})
}

/// The fields that hardening sets in a container.
fn hardened_context() -> Value {
    json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}})
}

#[test]
fn sets_missing_fields_and_reports_them() {
    let decision = decide(&settings(&ALL), &request("pods", minimal_pod()), &TestCluster::default());
    let fields = r#"allowPrivilegeEscalation=false, capabilities.drop=["ALL"], runAsNonRoot=true, seccompProfile.type="RuntimeDefault""#;
    let context = "spec.containers[0].securityContext.";
    assert_eq!(
        rendered(&decision),
        format!(
            "ok\nwarning hardened: container \"a\" got {fields}\nenforce-policy restricted:latest\nhardened {}",
            fields.split(", ").map(|field| format!("{context}{field}")).collect::<Vec<_>>().join(", ")
        )
    );
    let expected = with(minimal_pod(), &[("/spec/containers/0/securityContext", hardened_context())]);
    assert_eq!(hardened(&settings(&ALL), &request("pods", minimal_pod())), Ok(Some(expected)));
}

#[test]
fn groups_containers_with_equal_fields_in_the_warning() {
    let container = |name: &str, context: Value| json!({"name": name, "image": "i", "securityContext": context});
    let without_run_as_non_root =
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}});
    let spec = json!({
        "initContainers": [container("a", without_run_as_non_root.clone()), container("b", hardened_context())],
        "containers": [container("c", json!({})), container("d", without_run_as_non_root), container("e", json!({}))],
    });
    let decision = decide(&settings(&ALL), &request("pods", with(minimal_pod(), &[("/spec", spec)])), &TestCluster::default());
    let all = r#"allowPrivilegeEscalation=false, capabilities.drop=["ALL"], runAsNonRoot=true, seccompProfile.type="RuntimeDefault""#;
    let expected = format!("hardened: containers \"a\", \"d\" got runAsNonRoot=true; containers \"c\", \"e\" got {all}");
    assert_eq!(decision.warnings, [expected]);
}

#[test]
fn hardens_the_listed_checks_of_the_enforced_level() {
    let context = |settings: &Value| {
        hardened(settings, &request("pods", minimal_pod()))
            .map(|object| object.map(|object| object["spec"]["containers"][0]["securityContext"].clone()))
    };
    // If a violation remains, the pod is rejected without changes.
    assert!(context(&settings(&ALL[..3])).unwrap_err().ends_with("\"restricted:latest\": seccompProfile (pod or container \"a\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")"));
    let context_at = |version: &str| context(&with(settings(&ALL), &[("/version", json!(version))])).unwrap().unwrap();
    assert_eq!(context_at("v1.7"), json!({"runAsNonRoot": true}));
    assert_eq!(
        context_at("v1.21"),
        json!({"allowPrivilegeEscalation": false, "runAsNonRoot": true, "seccompProfile": {"type": "RuntimeDefault"}})
    );
    for settings in [
        json!({"level": "baseline", "harden": ALL, "namespaceLabels": "honor"}),
        json!({"defaults": {"audit": "restricted", "warn": "restricted"}, "harden": ALL, "namespaceLabels": "honor"}),
    ] {
        assert_eq!(context(&settings), Ok(None), "{settings}");
    }
    // Audit and warn evaluate the hardened pod.
    let warning =
        json!({"defaults": {"enforce": "restricted", "enforce-version": "v1.7", "warn": "restricted"}, "harden": ["runAsNonRoot"]});
    let decision = decide(&warning, &request("pods", minimal_pod()), &TestCluster::default());
    assert!(
        decision.warnings[0].starts_with("would violate PodSecurity \"restricted:latest\": allowPrivilegeEscalation")
            && !decision.warnings[0].contains("runAsNonRoot")
    );
}

#[test]
fn keeps_fields_that_are_set() {
    let pods = |spec: Value| {
        let mut pod = minimal_pod();
        pod["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        request("pods", pod)
    };
    let with_context = |context: Value| pods(json!({"containers": [{"name": "a", "image": "i", "securityContext": context}]}));
    let rejects = |request: &Value, reason: &str| {
        let message = hardened(&settings(&ALL), request).unwrap_err();
        let (_, details) = message.split_once("latest\": ").unwrap();
        assert!(details.starts_with(reason) && !details.contains("), "), "{details}");
    };
    rejects(&with_context(json!({"allowPrivilegeEscalation": true})), "allowPrivilegeEscalation");
    rejects(&with_context(json!({"capabilities": {"drop": ["NET_RAW"]}})), "unrestricted capabilities");
    rejects(&with_context(json!({"runAsNonRoot": false})), "runAsNonRoot");
    rejects(&with_context(json!({"seccompProfile": {}})), "seccompProfile");
    rejects(&with_context(json!({"seccompProfile": {"type": "Unconfined"}})), "seccompProfile");
    rejects(&pods(json!({"securityContext": {"runAsNonRoot": false}})), "runAsNonRoot");
    rejects(&pods(json!({"securityContext": {"seccompProfile": {"type": "Unconfined"}}})), "seccompProfile");
    // Fields of the pod are not set in its containers, nor fields that contradict its user.
    let object =
        hardened(&settings(&ALL), &pods(json!({"securityContext": {"runAsNonRoot": true, "seccompProfile": {"type": "Localhost"}}})))
            .unwrap()
            .unwrap();
    assert_eq!(
        object["spec"]["containers"][0]["securityContext"],
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}})
    );
    // Nor fields that the pod sets to another value, whether it is rejected or not.
    let spec = json!({"securityContext": {"runAsNonRoot": false, "seccompProfile": {"type": "Unconfined"}}, "containers": [{"name": "a", "image": "i"}]});
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": {"spec": spec}}});
    let object = hardened(&settings(&ALL), &request("deployments.apps", deployment)).unwrap().unwrap();
    assert_eq!(
        object["spec"]["template"]["spec"]["containers"][0]["securityContext"],
        json!({"allowPrivilegeEscalation": false, "capabilities": {"drop": ["ALL"]}})
    );
    let root = with(settings(&ALL), &[("/version", json!("v1.22"))]);
    assert!(hardened(&root, &with_context(json!({"runAsUser": 0}))).unwrap_err().contains("runAsNonRoot"));
    assert!(hardened(&root, &pods(json!({"securityContext": {"runAsUser": 0}}))).unwrap_err().contains("runAsNonRoot"));
    assert!(hardened(&root, &with_context(json!({"runAsUser": 5}))).is_ok());
    // Null and empty values count as not set.
    for context in [
        json!(null),
        json!({}),
        json!({"capabilities": null, "runAsNonRoot": null, "seccompProfile": null, "allowPrivilegeEscalation": null}),
        json!({"capabilities": {"drop": null}}),
        json!({"capabilities": {"drop": []}}),
    ] {
        let object = hardened(&settings(&ALL), &with_context(context)).unwrap().unwrap();
        assert_eq!(object["spec"]["containers"][0]["securityContext"], hardened_context());
    }
}

#[test]
fn sets_no_field_that_an_api_server_rejects() {
    let with_rule = |checks: &[&str]| with(settings(&ALL), &[("/exemptions", json!({"checks": [{"checks": checks, "reason": "r"}]}))]);
    let pod = |context: Value| request("pods", with(minimal_pod(), &[("/spec/containers/0/securityContext", context)]));
    for (context, checks) in [
        (json!({"privileged": true}), ["privileged"].as_slice()),
        (json!({"capabilities": {"add": ["SYS_ADMIN"]}}), &["capabilities_baseline"]),
        (json!({"capabilities": {"add": ["CAP_SYS_ADMIN"]}}), &["capabilities_baseline"]),
    ] {
        assert!(
            hardened(&with_rule(checks), &pod(context.clone())).unwrap_err().contains("allowPrivilegeEscalation != false"),
            "{context}"
        );
        let exempt = [checks, &["allowPrivilegeEscalation"]].concat();
        let object = hardened(&with_rule(&exempt), &pod(context.clone())).unwrap().unwrap();
        let actual = &object["spec"]["containers"][0]["securityContext"];
        assert_eq!(
            (&actual["allowPrivilegeEscalation"], &actual["runAsNonRoot"], &actual["capabilities"]["drop"]),
            (&Value::Null, &json!(true), &json!(["ALL"]))
        );
    }
    let windows = with(minimal_pod(), &[("/spec/os", json!({"name": "windows"}))]);
    let hardened_at = |version: &str| hardened(&with(settings(&ALL), &[("/version", json!(version))]), &request("pods", windows.clone()));
    assert_eq!(hardened_at("latest").unwrap().unwrap()["spec"]["containers"][0]["securityContext"], json!({"runAsNonRoot": true}));
    assert!(hardened_at("v1.24").unwrap_err().contains("allowPrivilegeEscalation != false"));
    assert_eq!(hardened_at("v1.7").unwrap().unwrap()["spec"]["containers"][0]["securityContext"], json!({"runAsNonRoot": true}));
    // From 1.35 on, a pod in a user namespace may run as root.
    let in_user_namespace = with(minimal_pod(), &[("/spec/hostUsers", json!(false))]);
    let actual = hardened(&settings(&ALL), &request("pods", in_user_namespace)).unwrap().unwrap();
    assert_eq!(actual["spec"]["containers"][0]["securityContext"].get("runAsNonRoot"), None);
}

#[test]
fn sets_a_user_where_it_sets_run_as_non_root_and_no_user_is_set() {
    let settings = with(settings(&ALL), &[("/harden", json!({"checks": ALL, "runAsUser": 10001}))]);
    let decision = decide(&settings, &request("pods", minimal_pod()), &TestCluster::default());
    let with_user = with(hardened_context(), &[("/runAsUser", json!(10001))]);
    assert_eq!(
        hardened(&settings, &request("pods", minimal_pod())).unwrap().unwrap()["spec"]["containers"][0]["securityContext"],
        with_user
    );
    let fields = r#"capabilities.drop=["ALL"], runAsNonRoot=true, runAsUser=10001, seccompProfile.type="RuntimeDefault""#;
    assert_eq!(decision.warnings, [format!("hardened: container \"a\" got allowPrivilegeEscalation=false, {fields}")]);
    let (_, annotation) = decision.audit_annotations.iter().find(|(key, _)| *key == "hardened").unwrap();
    assert!(annotation.contains("spec.containers[0].securityContext.runAsUser=10001"), "{annotation}");
    let user_of = |pod: Value| {
        let object = hardened(&settings, &request("pods", pod)).unwrap();
        object.map_or(Value::Null, |object| object["spec"]["containers"][0]["securityContext"]["runAsUser"].clone())
    };
    let windows_user = json!({"windowsOptions": {"runAsUserName": "ContainerUser"}});
    let node_selector = json!({"kubernetes.io/os": "windows"});
    let table = [
        ("no field", vec![], json!(10001)),
        ("a user of the container", vec![("/spec/containers/0/securityContext", json!({"runAsUser": 5}))], json!(5)),
        ("a user of the pod", vec![("/spec/securityContext", json!({"runAsUser": 5}))], Value::Null),
        // `runAsNonRoot` is not missing.
        ("runAsNonRoot of the container", vec![("/spec/containers/0/securityContext", json!({"runAsNonRoot": true}))], Value::Null),
        ("runAsNonRoot of the pod", vec![("/spec/securityContext", json!({"runAsNonRoot": true}))], Value::Null),
        // The field exists on Linux only.
        ("Windows", vec![("/spec/os", json!({"name": "windows"}))], Value::Null),
        ("a user of Windows in the container", vec![("/spec/containers/0/securityContext", windows_user.clone())], Value::Null),
        ("a user of Windows in the pod", vec![("/spec/securityContext", windows_user)], Value::Null),
    ];
    for (name, changes, expected) in table {
        assert_eq!(user_of(with(minimal_pod(), &changes)), expected, "{name}");
    }
    // A pod that only selects nodes with Windows: what remains is not for Linux only.
    let selects = with(minimal_pod(), &[("/spec/nodeSelector", node_selector)]);
    let non_root = with(settings.clone(), &[("/version", json!("v1.7")), ("/harden/checks", json!(["runAsNonRoot"]))]);
    let actual = hardened(&non_root, &request("pods", selects)).unwrap().unwrap();
    assert_eq!(actual["spec"]["containers"][0]["securityContext"], json!({"runAsNonRoot": true}));
    // Each container by itself, also of workloads.
    let two = with(
        minimal_pod(),
        &[("/spec/containers", json!([{"name": "a", "image": "i", "securityContext": {"runAsUser": 7}}, {"name": "b", "image": "i"}]))],
    );
    let deployment = json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": {"spec": two["spec"]}}});
    let actual = hardened(&settings, &request("deployments.apps", deployment)).unwrap().unwrap();
    let users = [0, 1].map(|index| actual["spec"]["template"]["spec"]["containers"][index]["securityContext"]["runAsUser"].clone());
    assert_eq!(users, [json!(7), json!(10001)]);
}

#[test]
fn does_not_harden_exempt_findings() {
    let rule = json!({"checks": [{"checks": ["runAsNonRoot"], "containers": ["b"], "reason": "r"}]});
    let pod = with(minimal_pod(), &[("/spec/containers", json!([{"name": "a", "image": "i"}, {"name": "b", "image": "i"}]))]);
    let actual = hardened(&with(settings(&ALL), &[("/exemptions", rule)]), &request("pods", pod)).unwrap().unwrap();
    let non_root = |index: usize| actual["spec"]["containers"][index]["securityContext"].get("runAsNonRoot").cloned();
    assert_eq!((non_root(0), non_root(1)), (Some(json!(true)), None));
    let user = with(settings(&ALL), &[("/exemptions", json!({"usernames": ["alice"]}))]);
    assert_eq!(hardened(&user, &request("pods", minimal_pod())), Ok(None));
}

#[test]
fn hardens_only_new_mutable_fields_on_updates() {
    let update =
        |resource: &str, old: Value, new: Value| with(request(resource, new), &[("/operation", json!("UPDATE")), ("/oldObject", old)]);
    let compliant = with(minimal_pod(), &[("/spec/containers/0/securityContext", hardened_context())]);
    let debug = |names: &[&str]| {
        with(
            compliant.clone(),
            &[("/spec/ephemeralContainers", Value::from_iter(names.iter().map(|name| json!({"name": name, "image": "i"}))))],
        )
    };
    let actual = hardened(&settings(&ALL), &update("pods", compliant.clone(), debug(&["x"]))).unwrap().unwrap();
    assert_eq!(actual["spec"]["ephemeralContainers"][0]["securityContext"], hardened_context());
    // Existing containers are immutable.
    assert!(
        hardened(&settings(&ALL), &update("pods", debug(&["x"]), debug(&["x", "y"]))).unwrap_err().contains("container \"x\" must set")
    );
    assert!(
        hardened(&settings(&ALL), &update("pods", minimal_pod(), with(minimal_pod(), &[("/spec/containers/0/image", json!("j"))])))
            .is_err()
    );

    let workload = |kind: &str, metadata: Value, spec: Value| json!({"apiVersion": if kind == "Job" { "batch/v1" } else { "apps/v1" }, "kind": kind, "metadata": metadata, "spec": {"replicas": 1, "template": {"spec": spec}}});
    let spec = || minimal_pod()["spec"].clone();
    let other = || with(minimal_pod(), &[("/spec/nodeName", json!("n"))])["spec"].clone();
    let owned = json!({"ownerReferences": [{"uid": "u", "controller": true}]});
    let table = [
        ("a new Deployment", request("deployments.apps", workload("Deployment", json!({}), spec())), true),
        (
            "another template",
            update("deployments.apps", workload("Deployment", json!({}), spec()), workload("Deployment", json!({}), other())),
            true,
        ),
        (
            "the same template",
            update(
                "deployments.apps",
                workload("Deployment", json!({}), spec()),
                with(workload("Deployment", json!({}), spec()), &[("/spec/replicas", json!(2))]),
            ),
            false,
        ),
        ("a ReplicaSet of its own", request("replicasets.apps", workload("ReplicaSet", json!({}), spec())), true),
        ("a ReplicaSet of a Deployment", request("replicasets.apps", workload("ReplicaSet", owned.clone(), spec())), false),
        ("a Job", request("jobs.batch", workload("Job", json!({}), spec())), true),
        ("a Job of a CronJob", request("jobs.batch", workload("Job", owned, spec())), false),
        ("a Job's update", update("jobs.batch", workload("Job", json!({}), spec()), workload("Job", json!({}), other())), false),
    ];
    for (name, request, expected) in table {
        let actual = hardened(&settings(&ALL), &request).unwrap();
        let context = actual.map(|object| object.pointer("/spec/template/spec/containers/0/securityContext").cloned().unwrap());
        assert_eq!(context, expected.then(hardened_context), "{name}");
        // An enforced workload is accepted if hardening fixes all violations.
        let strict = with(settings(&ALL), &[("/workloads", json!("enforce"))]);
        let accepted = hardened(&strict, &request).is_ok();
        assert_eq!(accepted, expected || name == "the same template", "{name}");
    }
}

#[test]
fn keeps_the_rest_of_the_object() {
    let object = r#"{ "zzz":1e5, "apiVersion":"v1","kind":"Pod","metadata":{"name":"p","annotations":{"b":"\u0041","a":"é"}}, "spec" : {"unknown": [1.0, 12345678901234567890123], "containers":[{"name":"a" , "image":"i","securityContext":{"runAsNonRoot": true , "readOnlyRootFilesystem":false}}]}}"#;
    let payload = format!(
        r#"{{"settings":{},"request":{{"operation":"CREATE","resource":{{"group":"","resource":"pods"}},"object":{object}}}}}"#,
        settings(&ALL)
    );
    let response = validate(payload.as_bytes(), &TestCluster::default());
    let expected = object.replace(
        r#""readOnlyRootFilesystem":false}"#,
        r#""readOnlyRootFilesystem":false,"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"seccompProfile":{"type":"RuntimeDefault"}}"#,
    );
    assert_eq!(response.mutated_object.as_ref().unwrap(), &expected);
    let json = String::from_utf8(response.to_json()).unwrap();
    assert!(json.contains(&expected), "{json}");
}

#[test]
fn does_not_contradict_annotations_and_other_fields() {
    let message_for = |pod: Value| hardened(&settings(&ALL), &request("pods", pod)).unwrap_err();
    let windows = |options: &str, user: &str| {
        let context = json!({"windowsOptions": {"runAsUserName": user}});
        with(minimal_pod(), &[(options, context), ("/spec/os", json!({"name": "windows"}))])
    };
    for place in ["/spec/securityContext", "/spec/containers/0/securityContext"] {
        assert!(message_for(windows(place, "containeradministrator")).contains("runAsNonRoot"), "{place}");
        assert!(hardened(&settings(&ALL), &request("pods", windows(place, "ContainerUser"))).unwrap().is_some(), "{place}");
    }
    for key in ["seccomp.security.alpha.kubernetes.io/pod", "container.seccomp.security.alpha.kubernetes.io/a"] {
        assert!(
            message_for(with(minimal_pod(), &[("/metadata/annotations", json!({key: "unconfined"}))])).contains("seccompProfile"),
            "{key}"
        );
    }
}

#[test]
fn does_not_harden_workloads_that_are_being_deleted() {
    let deployment = |node: &str| json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}, "spec": {"template": {"spec": with(minimal_pod(), &[("/spec/nodeName", json!(node))])["spec"]}}});
    let update = with(request("deployments.apps", deployment("b")), &[("/operation", json!("UPDATE")), ("/oldObject", deployment("a"))]);
    assert_eq!(hardened(&settings(&ALL), &update), Ok(None));
}

#[test]
fn names_the_operating_system_for_pods_that_select_nodes_with_windows() {
    let windows = |pod: Value| with(pod, &[("/spec/nodeSelector", json!({"kubernetes.io/os": "windows"}))]);
    let warning = |path: &str| {
        format!(
            "not hardened: the pod selects nodes with Windows, which do not have these fields; set {path} to windows, and their checks do not apply"
        )
    };
    let request_for = |pod: Value| request("pods", pod);
    let table = [
        ("a pod", request_for(windows(minimal_pod())), ALL.to_vec(), "latest", Some(warning("spec.os.name"))),
        (
            "a template",
            request(
                "deployments.apps",
                json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {}, "spec": {"template": windows(minimal_pod())}}),
            ),
            ALL.to_vec(),
            "latest",
            Some(warning("spec.template.spec.os.name")),
        ),
        // Of these fields, Windows has this one.
        ("runAsNonRoot", request_for(windows(minimal_pod())), vec!["runAsNonRoot"], "latest", None),
        (
            "with the field",
            request_for(with(windows(minimal_pod()), &[("/spec/os", json!({"name": "windows"}))])),
            ALL.to_vec(),
            "latest",
            None,
        ),
        ("Linux", request_for(minimal_pod()), ALL.to_vec(), "latest", None),
        // This version requires the fields on Windows, too.
        ("v1.24", request_for(windows(minimal_pod())), ALL.to_vec(), "v1.24", None),
        ("fields of Linux", request_for(with(windows(minimal_pod()), &[("/spec/hostPID", json!(true))])), ALL.to_vec(), "latest", None),
    ];
    for (name, request, harden, version, expected) in table {
        let settings = with(settings(&harden), &[("/version", json!(version)), ("/details", json!(true))]);
        let decision = decide(&settings, &request, &TestCluster::default());
        let warnings: Vec<&String> = decision.warnings.iter().filter(|warning| warning.starts_with("not hardened")).collect();
        assert_eq!(warnings, Vec::from_iter(&expected), "{name}");
        if expected.is_some() && name == "a pod" {
            let fields = "allowPrivilegeEscalation != false (container \"a\" must set securityContext.allowPrivilegeEscalation=false), \
                          unrestricted capabilities (container \"a\" must set securityContext.capabilities.drop=[\"ALL\"]), seccompProfile (pod or \
                          container \"a\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";
            let message = format!("pods \"p\" is forbidden: violates PodSecurity \"restricted:latest\": {fields}");
            assert_eq!(decision.rejection.map(|rejection| rejection.message), Some(message));
            let (_, details) = decision.audit_annotations.iter().find(|(key, _)| *key == "details").unwrap();
            let details: Vec<Value> = serde_json::from_str(details).unwrap();
            assert_eq!(details.len(), 3);
            assert!(details.iter().all(|detail| detail["fix"] == json!({"set": "windows", "path": "spec.os.name"})), "{details:?}");
        }
    }
}
