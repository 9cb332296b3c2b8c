//! Updates of workloads that violate the enforced policy.

use super::*;

fn deployment(spec: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "p"}, "spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": "a"}}, "spec": spec}}})
}

fn update(old: &Value, new: &Value) -> Value {
    with(request("deployments.apps", new.clone()), &[("/operation", json!("UPDATE")), ("/oldObject", old.clone())])
}

/// A Deployment that violates baseline.
fn violating() -> Value {
    deployment(pod()["spec"].clone())
}

#[test]
fn accepts_updates_that_do_not_change_the_template() {
    let settings = json!({"level": "baseline", "workloads": "enforce"});
    let first_line =
        |request: &Value, cluster: &TestCluster| rendered(&decide(&settings, request, cluster)).lines().next().unwrap().to_owned();
    let rejected = "403 deployments.apps \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";
    let deleted = [("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))];
    let table = [
        ("replicas", update(&violating(), &with(violating(), &[("/spec/replicas", json!(3))])), "ok"),
        ("finalizers", update(&violating(), &with(violating(), &[("/metadata/finalizers", json!(["x"]))])), "ok"),
        (
            "a label of the template",
            update(&violating(), &with(violating(), &[("/spec/template/metadata/labels/app", json!("b"))])),
            rejected,
        ),
        (
            "a field that no check reads",
            update(&violating(), &with(violating(), &[("/spec/template/spec/containers/0/env", json!([]))])),
            rejected,
        ),
        (
            "being deleted",
            update(&with(violating(), &deleted), &with(violating(), &[deleted[0].clone(), ("/spec/template/metadata", json!({}))])),
            "ok",
        ),
        ("creation", request("deployments.apps", with(violating(), &deleted)), rejected),
        (
            "scale",
            with(request("deployments.apps", json!({})), &[("/operation", json!("UPDATE")), ("/requestSubResource", json!("scale"))]),
            "ok",
        ),
        ("no old object", with(update(&violating(), &violating()), &[("/oldObject", Value::Null)]), rejected),
    ];
    for (name, request, expected) in table {
        assert_eq!(first_line(&request, &TestCluster::default()), expected, "{name}");
    }
    // Audit and warn have their usual effects.
    let replicas = update(&violating(), &with(violating(), &[("/spec/replicas", json!(3))]));
    assert_eq!(decide(&settings, &replicas, &TestCluster::default()).warnings.len(), 1);
    // Even if the namespace cannot be looked up, or the template cannot be decoded.
    let settings = json!({"level": "baseline", "workloads": "enforce", "namespaceLabels": "honor"});
    let unreachable = TestCluster { is_unreachable: true, ..TestCluster::default() };
    assert_eq!(rendered(&decide(&settings, &replicas, &unreachable)), "ok\nerror failed to lookup namespace \"team\": no route to host");
    let invalid = with(violating(), &[("/spec/template/spec/hostPID", json!("yes"))]);
    assert!(decide(&settings, &update(&invalid, &invalid), &TestCluster::default()).is_accepted());
    assert!(!decide(&settings, &update(&violating(), &invalid), &TestCluster::default()).is_accepted());
}

#[test]
fn finds_the_template_of_each_kind() {
    let settings = json!({"level": "baseline", "workloads": "enforce"});
    for workload in &WORKLOADS {
        let object_with = |template: Value| {
            let group = if workload.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", workload.group) };
            let mut object = json!({"apiVersion": group, "kind": workload.kind, "metadata": {}});
            let mut target = &mut object;
            for key in workload.template.path().split('.') {
                target = &mut target[key];
            }
            *target = template;
            object
        };
        let resource = format!("{}.{}", workload.resource, workload.group);
        let template = json!({"spec": pod()["spec"]});
        let update = |old: Value, new: Value| {
            with(request(resource.trim_end_matches('.'), new), &[("/operation", json!("UPDATE")), ("/oldObject", old)])
        };
        let same = update(object_with(template.clone()), with(object_with(template.clone()), &[("/metadata/labels", json!({"a": "b"}))]));
        assert!(decide(&settings, &same, &TestCluster::default()).is_accepted(), "{workload}");
        let other = update(object_with(template.clone()), object_with(with(template, &[("/spec/nodeName", json!("n"))])));
        assert!(!decide(&settings, &other, &TestCluster::default()).is_accepted(), "{workload}");
    }
}

#[test]
fn rejects_only_new_findings_with_allow_existing() {
    let container = |name: &str, context: Value| json!({"name": name, "image": "i:1", "securityContext": context});
    let spec = |containers: Value| deployment(json!({"containers": containers}));
    let privileged = || json!({"privileged": true});
    let with_fields = |fields: Value| {
        let mut spec = json!({"containers": [{"name": "a", "image": "i"}]});
        spec.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        deployment(spec)
    };
    let volume = |name: &str, path: &str| with_fields(json!({"volumes": [{"name": name, "hostPath": {"path": path}}]}));
    let ports = |ports: &[u16]| {
        spec(json!([{"name": "a", "image": "i", "ports": Value::from_iter(ports.iter().map(|port| json!({"hostPort": port})))}]))
    };
    let old = spec(json!([container("a", privileged()), container("b", json!({}))]));
    let table = [
        (
            "another image",
            &old,
            spec(json!([with(container("a", privileged()), &[("/image", json!("i:2"))]), container("b", json!({}))])),
            true,
        ),
        ("another order", &old, spec(json!([container("b", json!({})), container("a", privileged())])), true),
        ("another container", &old, spec(json!([container("a", privileged()), container("b", privileged())])), false),
        (
            "another list",
            &old,
            deployment(json!({"initContainers": [container("a", privileged())], "containers": [container("b", json!({}))]})),
            false,
        ),
        ("a new name", &old, spec(json!([container("c", privileged())])), false),
        ("one less", &with_fields(json!({"hostPID": true, "hostIPC": true})), with_fields(json!({"hostIPC": true})), true),
        ("another field", &with_fields(json!({"hostPID": true})), with_fields(json!({"hostPID": true, "hostIPC": true})), false),
        ("a port at another place", &ports(&[80]), ports(&[0, 80]), true),
        ("another port", &ports(&[80]), ports(&[81]), false),
        ("the same path", &volume("v", "/data"), with(volume("v", "/data"), &[("/spec/template/spec/nodeName", json!("n"))]), true),
        ("another path", &volume("v", "/data"), volume("v", "/"), false),
    ];
    for (name, old, new, expected) in table {
        for level in ["baseline", "restricted"] {
            let settings = json!({"level": level, "workloads": "enforce", "updates": "allow-existing"});
            // A new container adds violations of restricted.
            let expected = expected && (level == "baseline" || name != "a new name");
            assert_eq!(decide(&settings, &update(old, &new), &TestCluster::default()).is_accepted(), expected, "{name} {level}");
            let strict = json!({"level": level, "workloads": "enforce"});
            assert!(!decide(&strict, &update(old, &new), &TestCluster::default()).is_accepted(), "{name} {level}");
        }
    }
}

#[test]
fn evaluates_updates_of_pods_and_new_workloads() {
    let settings = json!({"level": "baseline", "workloads": "enforce", "updates": "allow-existing"});
    assert!(!decide(&settings, &request("deployments.apps", violating()), &TestCluster::default()).is_accepted());
    let changed = with(pod(), &[("/spec/containers/0/image", json!("i:2"))]);
    let update = with(request("pods", changed), &[("/operation", json!("UPDATE")), ("/oldObject", pod())]);
    assert!(!decide(&settings, &update, &TestCluster::default()).is_accepted());
}

#[test]
fn an_accepted_update_warns_that_new_pods_will_be_rejected() {
    let settings =
        |level: &str| json!({"defaults": {"enforce": "baseline", "warn": level}, "workloads": "enforce", "updates": "allow-existing"});
    let warning =
        "this update is accepted because it adds no violation, but new pods will be rejected: they violate PodSecurity \"baseline:latest\"";
    let details = format!("{warning}: host namespaces (hostPID=true)");
    let would = "would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";
    let image = update(&violating(), &with(violating(), &[("/spec/template/spec/containers/0/image", json!("i:2"))]));
    let replicas = update(&violating(), &with(violating(), &[("/spec/replicas", json!(3))]));
    let deleted = with(image.clone(), &[("/object/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]);
    let fixed = update(&violating(), &with(violating(), &[("/spec/template/spec/hostPID", json!(false))]));
    let table: [(&str, &Value, &str, &[&str]); 6] = [
        ("an image", &image, "privileged", &[&details]),
        // The details are not repeated.
        ("an image", &image, "baseline", &[would, warning]),
        ("replicas", &replicas, "privileged", &[]),
        ("replicas", &replicas, "baseline", &[would]),
        ("being deleted", &deleted, "privileged", &[]),
        ("a fix", &fixed, "baseline", &[]),
    ];
    for (name, request, level, expected) in table {
        let decision = decide(&settings(level), request, &TestCluster::default());
        assert!(decision.is_accepted(), "{name}");
        assert_eq!(decision.warnings, expected, "{name}");
    }
    // What the controller creates then is evaluated as anything else.
    let owner = json!([{"apiVersion": "apps/v1", "kind": "Deployment", "name": "p", "uid": "u", "controller": true}]);
    let of_controller = |object: Value| with(object, &[("/metadata/ownerReferences", owner.clone())]);
    let replica_set = with(violating(), &[("/kind", json!("ReplicaSet"))]);
    let user = json!({"username": "system:serviceaccount:kube-system:deployment-controller"});
    for (resource, object) in [("replicasets.apps", replica_set), ("pods", pod())] {
        let request = with(request(resource, of_controller(object)), &[("/userInfo", user.clone())]);
        let message = decide(&settings("privileged"), &request, &TestCluster::default()).rejection.unwrap().message;
        assert_eq!(
            message,
            format!("{resource} \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)")
        );
    }
}

#[test]
fn exempt_findings_of_the_old_object_count_as_new() {
    let rule = json!({"checks": [{"checks": ["privileged"], "images": ["old"], "reason": "r"}]});
    let settings = json!({"level": "baseline", "workloads": "enforce", "updates": "allow-existing", "exemptions": rule});
    let with_image =
        |image: &str| deployment(json!({"containers": [{"name": "a", "image": image, "securityContext": {"privileged": true}}]}));
    assert!(decide(&settings, &request("deployments.apps", with_image("old")), &TestCluster::default()).is_accepted());
    assert!(!decide(&settings, &update(&with_image("old"), &with_image("new")), &TestCluster::default()).is_accepted());
}

#[test]
fn exempt_findings_of_the_new_object_are_not_new() {
    let rule = json!({"checks": [{"checks": ["capabilities_baseline", "hostPathVolumes"], "reason": "r"}]});
    let settings = json!({"level": "restricted", "workloads": "enforce", "updates": "allow-existing", "exemptions": rule});
    let with_fields = |add: Value, path: Value| {
        let container = json!({"name": "a", "image": "i", "securityContext": {"capabilities": {"add": add}}});
        deployment(json!({"containers": [container], "volumes": [{"name": "v", "nfs": {}}, with(path, &[("/name", json!("w"))])]}))
    };
    let old = with_fields(json!([]), json!({"emptyDir": {}}));
    for new in [with_fields(json!(["NET_RAW"]), json!({"emptyDir": {}})), with_fields(json!([]), json!({"hostPath": {"path": "/"}}))] {
        assert_eq!(decide(&settings, &update(&old, &new), &TestCluster::default()).rejection, None);
    }
    // Only restricted forbids capabilities of the default set, and no rule exempts them.
    assert!(
        !decide(&settings, &update(&old, &with_fields(json!(["CHOWN"]), json!({"emptyDir": {}}))), &TestCluster::default()).is_accepted()
    );
}

#[test]
fn findings_of_an_exempt_old_object_count_as_new() {
    let exemptions = json!({"runtimeClasses": ["kata"], "serviceAccounts": ["team/agent"]});
    let settings = json!({"level": "baseline", "workloads": "enforce", "updates": "allow-existing", "exemptions": exemptions});
    for field in [json!({"runtimeClassName": "kata"}), json!({"serviceAccountName": "agent"})] {
        let mut old = violating();
        old["spec"]["template"]["spec"].as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        assert!(decide(&settings, &request("deployments.apps", old.clone()), &TestCluster::default()).is_accepted());
        assert!(!decide(&settings, &update(&old, &violating()), &TestCluster::default()).is_accepted(), "{field}");
    }
}
