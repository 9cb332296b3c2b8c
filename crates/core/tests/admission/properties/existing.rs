//! Warnings about existing workloads.

use proptest::collection::vec;

use super::*;

/// The pods and workloads of a namespace: each a pod or template of a generator, with a kind, and the owner of a pod.
fn objects() -> impl Strategy<Value = Vec<(usize, Value, Option<usize>)>> {
    vec((samples::kind(), samples::pod(), prop::option::of(0..4_usize)), 0..6)
}

#[test]
fn existing_workloads_only_add_warnings() {
    let samples = (samples::settings(), samples::labels(), samples::labels(), objects(), any::<bool>());
    let often = [("more warnings", 5), ("an error", 3), ("no more warnings", 20), ("rejected", 3)];
    check_property(600, samples, &often, |(settings, old, new, objects, is_forbidden), count| {
        let with_existing = with_keys(&settings, json!({"existing": "workloads"}));
        if !is_valid(&with_existing) {
            return Ok(());
        }
        let mut cluster = TestCluster { pods: json!([]), workloads: json!({}), ..TestCluster::default() };
        for (index, (kind, pod, owner)) in objects.into_iter().enumerate() {
            let mut object = samples::object_with(kind, &pod);
            object["metadata"]["name"] = json!(format!("o-{index}"));
            object["metadata"]["uid"] = json!(format!("uid-{index}"));
            if let Some(owner) = owner {
                object["metadata"]["ownerReferences"] = json!([{"uid": format!("uid-{owner}"), "controller": true}]);
            }
            let resource = samples::KINDS[kind].0;
            let list = if resource == "pods" { &mut cluster.pods } else { &mut cluster.workloads[resource] };
            if list.is_null() {
                *list = json!([]);
            }
            list.as_array_mut().unwrap().push(object);
        }
        if is_forbidden {
            cluster.missing_permission = Some("more");
        }
        let object = |labels: Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}});
        let mut request = with(request("namespaces", object(new)), &[("/operation", json!("UPDATE")), ("/name", json!("team"))]);
        request["oldObject"] = object(old);
        let (pods, more) = (evaluate(&settings, &request, &cluster), evaluate(&with_existing, &request, &cluster));
        prop_assert_eq!((&pods.message, &pods.mutated), (&more.message, &more.mutated));
        // The warnings are those without the setting, with others between them and those about labels.
        let mut others = more.warnings.iter();
        prop_assert!(pods.warnings.iter().all(|warning| others.any(|other| other == warning)), "{:?}", more.warnings);
        let mut annotations = more.annotations.clone();
        match (pods.annotations.get("error"), annotations.remove("error")) {
            (None, None) => {}
            (None, Some(error)) => prop_assert!(error.starts_with("failed to list ")),
            (Some(error), more) => prop_assert!(more.is_some_and(|more| more.starts_with(error))),
        }
        let mut without_error = pods.annotations;
        without_error.remove("error");
        prop_assert_eq!(without_error, annotations);
        count(if more.warnings.len() > pods.warnings.len() { "more warnings" } else { "no more warnings" });
        if more.annotations.contains_key("error") {
            count("an error");
        }
        if !more.is_accepted() {
            count("rejected");
        }
        Ok(())
    });
}
