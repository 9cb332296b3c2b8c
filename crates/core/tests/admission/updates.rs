//! Updates of workloads that violate the enforced policy.

use super::*;

fn deployment(spec: Value) -> Value {
    json!({"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "p"}, "spec": {"replicas": 1, "template": {"metadata": {"labels": {"app": "a"}}, "spec": spec}}})
}

fn update(old: &Value, new: &Value) -> Value {
    with(request("deployments.apps", new.clone()), &[("/operation", json!("UPDATE")), ("/oldObject", old.clone())])
}

fn bad() -> Value {
    deployment(pod()["spec"].clone())
}

#[test]
fn accepts_updates_that_do_not_change_the_template() {
    let settings = json!({"level": "baseline", "workloads": "enforce"});
    let first = |asked: &Value, cluster: &TestCluster| rendered(&decide(&settings, asked, cluster)).lines().next().unwrap().to_owned();
    let rejected = "403 deployments.apps \"p\" is forbidden: violates PodSecurity \"baseline:latest\": host namespaces (hostPID=true)";
    let deleted = [("/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))];
    let table = [
        ("replicas", update(&bad(), &with(bad(), &[("/spec/replicas", json!(3))])), "ok"),
        ("finalizers", update(&bad(), &with(bad(), &[("/metadata/finalizers", json!(["x"]))])), "ok"),
        ("a label of the template", update(&bad(), &with(bad(), &[("/spec/template/metadata/labels/app", json!("b"))])), rejected),
        ("what no check reads", update(&bad(), &with(bad(), &[("/spec/template/spec/containers/0/env", json!([]))])), rejected),
        (
            "being deleted",
            update(&with(bad(), &deleted), &with(bad(), &[deleted[0].clone(), ("/spec/template/metadata", json!({}))])),
            "ok",
        ),
        ("creation", request("deployments.apps", with(bad(), &deleted)), rejected),
        (
            "scale",
            with(request("deployments.apps", json!({})), &[("/operation", json!("UPDATE")), ("/requestSubResource", json!("scale"))]),
            "ok",
        ),
        ("no old object", with(update(&bad(), &bad()), &[("/oldObject", Value::Null)]), rejected),
    ];
    for (name, asked, expected) in table {
        assert_eq!(first(&asked, &TestCluster::default()), expected, "{name}");
    }
    // Audit and warn have their usual effects.
    let replicas = update(&bad(), &with(bad(), &[("/spec/replicas", json!(3))]));
    assert_eq!(decide(&settings, &replicas, &TestCluster::default()).warnings.len(), 1);
    // Even if the namespace cannot be looked up, or the template cannot be decoded.
    let settings = json!({"level": "baseline", "workloads": "enforce", "namespaceLabels": "honor"});
    let broken = TestCluster { is_unreachable: true, ..TestCluster::default() };
    assert_eq!(rendered(&decide(&settings, &replicas, &broken)), "ok\nerror failed to lookup namespace \"team\": no route to host");
    let damaged = with(bad(), &[("/spec/template/spec/hostPID", json!("yes"))]);
    assert!(decide(&settings, &update(&damaged, &damaged), &TestCluster::default()).is_accepted());
    assert!(!decide(&settings, &update(&bad(), &damaged), &TestCluster::default()).is_accepted());
}

#[test]
fn finds_the_template_of_each_kind() {
    let settings = json!({"level": "baseline", "workloads": "enforce"});
    for workload in &WORKLOADS {
        let of = |template: Value| {
            let group = if workload.group.is_empty() { "v1".to_owned() } else { format!("{}/v1", workload.group) };
            let mut object = json!({"apiVersion": group, "kind": workload.kind, "metadata": {}});
            let mut at = &mut object;
            for key in workload.template.path().split('.') {
                at = &mut at[key];
            }
            *at = template;
            object
        };
        let resource = format!("{}.{}", workload.resource, workload.group);
        let template = json!({"spec": pod()["spec"]});
        let asked = |old: Value, new: Value| {
            with(request(resource.trim_end_matches('.'), new), &[("/operation", json!("UPDATE")), ("/oldObject", old)])
        };
        let same = asked(of(template.clone()), with(of(template.clone()), &[("/metadata/labels", json!({"a": "b"}))]));
        assert!(decide(&settings, &same, &TestCluster::default()).is_accepted(), "{workload}");
        let other = asked(of(template.clone()), of(with(template, &[("/spec/nodeName", json!("n"))])));
        assert!(!decide(&settings, &other, &TestCluster::default()).is_accepted(), "{workload}");
    }
}

#[test]
fn rejects_only_new_findings_with_allow_existing() {
    let container = |name: &str, context: Value| json!({"name": name, "image": "i:1", "securityContext": context});
    let spec = |containers: Value| deployment(json!({"containers": containers}));
    let privileged = || json!({"privileged": true});
    let host = |more: Value| {
        let mut spec = json!({"containers": [{"name": "a", "image": "i"}]});
        spec.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        deployment(spec)
    };
    let volume = |name: &str, path: &str| host(json!({"volumes": [{"name": name, "hostPath": {"path": path}}]}));
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
        ("one less", &host(json!({"hostPID": true, "hostIPC": true})), host(json!({"hostIPC": true})), true),
        ("another field", &host(json!({"hostPID": true})), host(json!({"hostPID": true, "hostIPC": true})), false),
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
    assert!(!decide(&settings, &request("deployments.apps", bad()), &TestCluster::default()).is_accepted());
    let swapped = with(pod(), &[("/spec/containers/0/image", json!("i:2"))]);
    let update = with(request("pods", swapped), &[("/operation", json!("UPDATE")), ("/oldObject", pod())]);
    assert!(!decide(&settings, &update, &TestCluster::default()).is_accepted());
}

#[test]
fn exempt_findings_of_the_old_object_count_as_new() {
    let rule = json!({"checks": [{"checks": ["privileged"], "images": ["old"], "reason": "r"}]});
    let settings = json!({"level": "baseline", "workloads": "enforce", "updates": "allow-existing", "exemptions": rule});
    let of = |image: &str| deployment(json!({"containers": [{"name": "a", "image": image, "securityContext": {"privileged": true}}]}));
    assert!(decide(&settings, &request("deployments.apps", of("old")), &TestCluster::default()).is_accepted());
    assert!(!decide(&settings, &update(&of("old"), &of("new")), &TestCluster::default()).is_accepted());
}

#[test]
fn exempt_findings_of_the_new_object_are_not_new() {
    let rule = json!({"checks": [{"checks": ["capabilities_baseline", "hostPathVolumes"], "reason": "r"}]});
    let settings = json!({"level": "restricted", "workloads": "enforce", "updates": "allow-existing", "exemptions": rule});
    let of = |add: Value, path: Value| {
        let container = json!({"name": "a", "image": "i", "securityContext": {"capabilities": {"add": add}}});
        deployment(json!({"containers": [container], "volumes": [{"name": "v", "nfs": {}}, with(path, &[("/name", json!("w"))])]}))
    };
    let old = of(json!([]), json!({"emptyDir": {}}));
    for new in [of(json!(["NET_RAW"]), json!({"emptyDir": {}})), of(json!([]), json!({"hostPath": {"path": "/"}}))] {
        assert_eq!(decide(&settings, &update(&old, &new), &TestCluster::default()).rejection, None);
    }
    // Only restricted forbids capabilities of the default set, and no rule exempts them.
    assert!(!decide(&settings, &update(&old, &of(json!(["CHOWN"]), json!({"emptyDir": {}}))), &TestCluster::default()).is_accepted());
}

#[test]
fn findings_of_an_exempt_old_object_count_as_new() {
    let exemptions = json!({"runtimeClasses": ["kata"], "serviceAccounts": ["team/agent"]});
    let settings = json!({"level": "baseline", "workloads": "enforce", "updates": "allow-existing", "exemptions": exemptions});
    for field in [json!({"runtimeClassName": "kata"}), json!({"serviceAccountName": "agent"})] {
        let mut old = bad();
        old["spec"]["template"]["spec"].as_object_mut().unwrap().extend(field.as_object().unwrap().clone());
        assert!(decide(&settings, &request("deployments.apps", old.clone()), &TestCluster::default()).is_accepted());
        assert!(!decide(&settings, &update(&old, &bad()), &TestCluster::default()).is_accepted(), "{field}");
    }
}
