//! Labels that only tighten the settings, and unknown labels.

use super::*;

fn settings(level: &str, version: &str, labels: &str) -> Value {
    json!({"level": level, "version": version, "namespaceLabels": labels})
}

fn labels(labels: &[(&str, &str)]) -> Value {
    labels.iter().map(|(key, value)| (format!("pod-security.kubernetes.io/{key}"), json!(value))).collect()
}

/// A pod that baseline allows and restricted forbids at every version.
fn minimal_pod() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "i"}]}})
}

/// A pod that baseline and restricted forbid from 1.34 on.
fn pod_with_probe_host() -> Value {
    let mut pod = minimal_pod();
    pod["spec"]["containers"][0] = json!({
        "name": "a", "image": "i", "livenessProbe": {"httpGet": {"host": "h"}},
        "securityContext": {"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}},
    });
    pod
}

#[test]
fn enforces_the_settings_and_stricter_labels() {
    // The annotation has the policy that decides.
    let table = [
        (pod(), "baseline", "latest", vec![], "rejected baseline:latest"),
        (pod(), "baseline", "latest", vec![("enforce", "privileged")], "rejected baseline:latest"),
        (pod(), "baseline", "latest", vec![("enforce", "restricted")], "rejected baseline:latest"),
        (minimal_pod(), "baseline", "latest", vec![], "accepted baseline:latest"),
        (minimal_pod(), "baseline", "latest", vec![("enforce", "restricted")], "rejected restricted:latest"),
        (minimal_pod(), "restricted", "latest", vec![("enforce", "baseline")], "rejected restricted:latest"),
        // Neither version is stricter than the other.
        (pod_with_probe_host(), "restricted", "v1.30", vec![], "accepted restricted:v1.30"),
        (pod_with_probe_host(), "restricted", "v1.30", vec![("enforce-version", "v1.34")], "rejected restricted:v1.34"),
        (
            pod_with_probe_host(),
            "restricted",
            "v1.30",
            vec![("enforce", "baseline"), ("enforce-version", "v1.34")],
            "rejected baseline:v1.34",
        ),
        (pod_with_probe_host(), "restricted", "v1.34", vec![("enforce-version", "v1.30")], "rejected restricted:v1.34"),
        (minimal_pod(), "restricted", "v1.34", vec![("enforce-version", "v1.7")], "rejected restricted:v1.34"),
        (minimal_pod(), "privileged", "latest", vec![("enforce", "restricted")], "rejected restricted:latest"),
        (minimal_pod(), "privileged", "latest", vec![], "accepted privileged:latest"),
        // An invalid label has the same effect as in Kubernetes.
        (minimal_pod(), "baseline", "v1.30", vec![("enforce", "x")], "rejected restricted:v1.30"),
        (pod_with_probe_host(), "baseline", "v1.30", vec![("enforce-version", "x")], "rejected baseline:latest"),
    ];
    for (pod, level, version, set, expected) in table {
        for mode in ["tighten", "set"] {
            let decision = decide(&settings(level, version, mode), &request("pods", pod.clone()), &TestCluster::labelled(labels(&set)));
            let verdict = if decision.is_accepted() { "accepted" } else { "rejected" };
            let (_, policy) = decision.audit_annotations.iter().find(|(key, _)| *key == "enforce-policy").unwrap();
            assert_eq!(format!("{verdict} {policy}"), expected, "{level} {version} {set:?}");
            if let Some(rejection) = &decision.rejection {
                assert!(rejection.message.contains(&format!("violates PodSecurity \"{policy}\": ")), "{}", rejection.message);
            }
            assert_eq!(decision.audit_annotations.iter().any(|(key, _)| *key == "error"), set.iter().any(|(_, value)| *value == "x"));
        }
    }
}

#[test]
fn tightens_audit_and_warn_independently() {
    let set = labels(&[("audit", "restricted"), ("warn", "privileged")]);
    let decision = decide(
        &json!({"defaults": {"warn": "baseline"}, "namespaceLabels": "tighten"}),
        &request("pods", minimal_pod()),
        &TestCluster::labelled(set.clone()),
    );
    assert_eq!(
        rendered(&decision).lines().map(|line| line.split(": ").next().unwrap()).collect::<Vec<_>>(),
        ["ok", "enforce-policy privileged:latest", "audit-violations would violate PodSecurity \"restricted:latest\""]
    );
    let decision = decide(
        &json!({"defaults": {"warn": "baseline"}, "namespaceLabels": "tighten"}),
        &request("pods", pod()),
        &TestCluster::labelled(set),
    );
    assert_eq!(decision.warnings, ["would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"]);
}

fn namespace(set: &[(&str, &str)]) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels(set)}})
}

fn update(old: &[(&str, &str)], new: &[(&str, &str)]) -> Value {
    with(request("namespaces", namespace(new)), &[("/operation", json!("UPDATE")), ("/oldObject", namespace(old))])
}

#[test]
fn warns_of_labels_with_a_lower_level() {
    let lower = "warning label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: baseline:v1.30 is enforced all the same";
    let tighten = settings("baseline", "v1.30", "tighten");
    let table = [
        (request("namespaces", namespace(&[("enforce", "privileged")])), format!("ok\n{lower}")),
        (update(&[], &[("enforce", "privileged")]), format!("ok\n{lower}")),
        (update(&[("enforce", "restricted")], &[("enforce", "privileged")]), format!("ok\n{lower}")),
        (update(&[("enforce", "privileged")], &[("enforce", "privileged"), ("x", "y")]), "ok\nwarning label \"pod-security.kubernetes.io/x\" means nothing to Pod Security; its labels are pod-security.kubernetes.io/enforce, audit and warn, and each of them with -version".to_owned()),
        (update(&[("enforce", "privileged")], &[("enforce", "privileged")]), "ok".to_owned()),
        (request("namespaces", namespace(&[("enforce", "baseline"), ("enforce-version", "v1.1")])), "ok".to_owned()),
        (request("namespaces", namespace(&[("audit", "privileged")])), format!("ok\n{}", lower.replace("enforce=", "audit=").replace("enforced", "audited"))),
        (request("namespaces", namespace(&[("warn", "privileged"), ("audit", "baseline")])), "ok\nwarning label pod-security.kubernetes.io/warn=privileged is lower than the policy of this cluster: baseline:v1.30 is warned of all the same".to_owned()),
    ];
    for (request, expected) in table {
        assert_eq!(
            rendered(&decide(&tighten, &request, &TestCluster { pods: json!([]), ..TestCluster::default() })),
            expected,
            "{request}"
        );
    }
    // With `namespaceLabels: honor` there is no warning.
    let honoring = settings("baseline", "v1.30", "honor");
    assert_eq!(
        rendered(&decide(&honoring, &request("namespaces", namespace(&[("enforce", "privileged"), ("x", "y")])), &TestCluster::default())),
        "ok"
    );
}

#[test]
fn warns_of_unknown_labels_with_the_closest_known_one() {
    let suggestion = |typo: &str, set: &str, typos: Option<&str>| {
        let mut settings = settings("baseline", "latest", set);
        if let Some(typos) = typos {
            settings["labelTypos"] = json!(typos);
        }
        let decision = decide(&settings, &request("namespaces", namespace(&[(typo, "restricted")])), &TestCluster::default());
        assert!(decision.is_accepted());
        decision.warnings.first().map(|warning| warning.rsplit_once('/').unwrap().1.trim_end_matches("\"?").to_owned())
    };
    let table = [
        ("enforced", "enforce"),
        ("enforce_version", "enforce-version"),
        ("Enforce", "enforce"),
        ("audits", "audit"),
        ("warnversion", "warn-version"),
        ("warning", "warn"),
    ];
    for (typo, expected) in table {
        assert_eq!(suggestion(typo, "tighten", None).as_deref(), Some(expected), "{typo}");
        assert_eq!(suggestion(typo, "honor", Some("warn")).as_deref(), Some(expected), "{typo}");
        assert_eq!(suggestion(typo, "ignore", Some("warn")).as_deref(), Some(expected), "{typo}");
        for (set, typos) in [("honor", None), ("ignore", None), ("tighten", Some("ignore"))] {
            assert_eq!(suggestion(typo, set, typos), None, "{typo} {set}");
        }
    }
    assert_eq!(suggestion("enforce", "honor", Some("warn")), None);
    // Requests for subresources of namespaces cause no warning.
    let status = with(request("namespaces", namespace(&[("enforced", "restricted")])), &[("/requestSubResource", json!("status"))]);
    for set in ["ignore", "honor", "tighten"] {
        let settings = with(settings("baseline", "latest", set), &[("/labelTypos", json!("warn"))]);
        assert_eq!(rendered(&decide(&settings, &status, &TestCluster::default())), "ok", "{set}");
    }
}

#[test]
fn warns_of_labels_with_other_prefixes_that_are_meant_for_pod_security() {
    let settings = json!({"level": "baseline", "labelTypos": "warn"});
    let named = |key: &str| format!("did you mean \"pod-security.kubernetes.io/{key}\"?");
    let versions = ["enforce", "audit", "warn"].map(|mode| format!("\"pod-security.kubernetes.io/{mode}-version\""));
    let [enforce, audit, warn] = &versions;
    let known = "its labels are pod-security.kubernetes.io/enforce, audit and warn, and each of them with -version".to_owned();
    let table = [
        ("podsecurity.kubernetes.io/enforce", Some(named("enforce"))),
        ("podSecurity.kubernetes.io/audit_version", Some(named("audit-version"))),
        ("pod-security.k8s.io/enforced", Some(named("enforce"))),
        ("pod.security.kubernetes.io/warn", Some(named("warn"))),
        ("pod-security-standards.kubernetes.io/Audit", Some(named("audit"))),
        ("pod-security/enforce", Some(named("enforce"))),
        ("security.kubernetes.io/enforce", Some(named("enforce"))),
        ("psa.kubernetes.io/warn-version", Some(named("warn-version"))),
        ("pod-security.kubernetes.io/version", Some(format!("did you mean {enforce}, {audit} or {warn}?"))),
        ("pod-security.kubernetes.io/level", Some(known.clone())),
        ("podsecurity.kubernetes.io/allow-privileged", Some(known.clone())),
        ("pod-security.kubernetes.io", Some(known)),
        // Others may use these.
        ("pod-security.example.com/enforce", None),
        ("security.openshift.io/scc.podSecurityLabelSync", None),
        ("pod-security", None),
        ("enforce", None),
        ("kubernetes.io/metadata.name", None),
        ("istio.io/audit", None),
    ];
    for (key, expected) in table {
        let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": {key: "restricted"}}});
        let decision = decide(&settings, &request("namespaces", object), &TestCluster::default());
        let expected = expected.map(|suggestion| format!("label \"{key}\" means nothing to Pod Security; {suggestion}"));
        assert_eq!(decision.warnings, Vec::from_iter(expected), "{key}");
        assert!(decision.is_accepted());
    }
}

#[test]
fn warns_of_the_labels_among_annotations() {
    let warning = "annotation \"pod-security.kubernetes.io/enforce\" means nothing to Pod Security, which reads the label of this name";
    let annotations = json!({"pod-security.kubernetes.io/enforce": "restricted", "pod-security.kubernetes.io/note": "x", "warn": "y"});
    let object = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "annotations": annotations}});
    for labels in ["ignore", "honor", "tighten"] {
        for (typos, expected) in [("warn", &[warning][..]), ("ignore", &[])] {
            let settings = with(settings("baseline", "latest", labels), &[("/labelTypos", json!(typos))]);
            let decision = decide(&settings, &request("namespaces", object.clone()), &TestCluster::default());
            assert_eq!(decision.warnings, expected, "{labels} {typos}");
        }
    }
}

#[test]
fn warns_that_labels_are_ignored() {
    let settings = json!({"level": "baseline", "labelTypos": "warn"});
    let warning = |policy: &str| {
        format!(
            "namespace \"team\" is evaluated by the settings of the policy alone, and the policy of its labels ({policy}) will be ignored"
        )
    };
    let created = |set: &[(&str, &str)]| request("namespaces", namespace(set));
    let table = [
        (created(&[("enforce", "restricted")]), Some(warning("enforce=restricted:latest"))),
        // Labels do not exempt a namespace.
        (created(&[("enforce", "privileged"), ("audit", "baseline")]), Some(warning("enforce=privileged:latest, audit=baseline:latest"))),
        (created(&[("warn-version", "v1.7")]), Some(warning("warn=baseline:v1.7"))),
        (created(&[("enforce", "baseline"), ("warn", "baseline")]), None),
        (created(&[]), None),
        (update(&[], &[("enforce", "restricted")]), Some(warning("enforce=restricted:latest"))),
        (update(&[("enforce", "restricted")], &[("enforce", "restricted")]), None),
        (update(&[("enforce", "restricted")], &[]), None),
        (with(created(&[("enforce", "restricted")]), &[("/requestSubResource", json!("status"))]), None),
    ];
    for (request, expected) in table {
        let decision = decide(&settings, &request, &TestCluster::default());
        assert_eq!(decision.warnings, Vec::from_iter(expected), "{request}");
        assert!(decision.is_accepted());
        for settings in [json!({"level": "baseline"}), json!({"level": "baseline", "labelTypos": "ignore"})] {
            assert_eq!(rendered(&decide(&settings, &request, &TestCluster::default())), "ok", "{request}");
        }
    }
}

#[test]
fn warns_of_the_first_unknown_labels_by_name() {
    let summary = |count: &str, mean: &str| Some(format!("{count} of this kind {mean} nothing to Pod Security"));
    let table = [
        (1, 1, None),
        (8, 8, None),
        (9, 8, summary("1 more label", "means")),
        (10, 8, summary("2 more labels", "mean")),
        (30, 8, summary("22 more labels", "mean")),
    ];
    for (count, single, summary) in table {
        let keys: Vec<String> = (0..count).map(|number| format!("enforce{number}")).collect();
        let set: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "restricted")).collect();
        let decision = decide(&settings("baseline", "latest", "tighten"), &request("namespaces", namespace(&set)), &TestCluster::default());
        let (by_name, others): (Vec<String>, Vec<String>) =
            decision.warnings.into_iter().partition(|warning| warning.starts_with("label "));
        assert_eq!((by_name.len(), others), (single, Vec::from_iter(summary)), "{count}");
    }
}

#[test]
fn rejects_invalid_labels_as_kubernetes_does() {
    for set in ["tighten", "set"] {
        let decision =
            decide(&settings("baseline", "latest", set), &request("namespaces", namespace(&[("enforce", "x")])), &TestCluster::default());
        assert_eq!(decision.rejection.unwrap().code, 422);
        assert_eq!(decision.mutation, Mutation::None);
    }
}

#[test]
fn evaluates_existing_pods_by_new_stricter_labels() {
    let cluster = || TestCluster { pods: json!([minimal_pod()]), ..TestCluster::default() };
    let warning_for = |mode: &str, new: &[(&str, &str)], old: &[(&str, &str)]| {
        let decision = decide(&settings("baseline", "latest", mode), &update(old, new), &cluster());
        decision.warnings.iter().find(|warning| warning.starts_with("existing")).cloned()
    };
    let warning = "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"restricted:latest\"";
    // Also if the policy sets other labels.
    for mode in ["tighten", "set"] {
        assert_eq!(warning_for(mode, &[("enforce", "restricted")], &[]).as_deref(), Some(warning), "{mode}");
        assert_eq!(warning_for(mode, &[("enforce", "restricted")], &[("enforce", "restricted")]), None, "{mode}");
    }
    // The settings already required the same level.
    let cluster = cluster();
    let restored = update(&[("enforce", "privileged")], &[("enforce", "baseline")]);
    assert_eq!(rendered(&decide(&settings("baseline", "latest", "tighten"), &restored, &cluster)), "ok");
    assert_eq!(*cluster.lookups.borrow(), [""; 0]);
}

#[test]
fn sets_missing_labels_of_namespaces() {
    let set =
        |settings: &Value, request: &Value| match decide(settings, request, &TestCluster { pods: json!([]), ..TestCluster::default() })
            .mutation
        {
            Mutation::Labels(labels) => {
                labels.into_iter().map(|(key, value)| format!("{}={value}", key.rsplit_once('/').unwrap().1)).collect::<Vec<_>>().join(" ")
            }
            mutation => {
                assert_eq!(mutation, Mutation::None);
                String::new()
            }
        };
    let create = |set: &[(&str, &str)]| request("namespaces", namespace(set));
    let uniform = settings("baseline", "v1.30", "set");
    let all = "enforce=baseline enforce-version=v1.30 audit=baseline audit-version=v1.30 warn=baseline warn-version=v1.30";
    let defaults = json!({"defaults": {"enforce": "baseline", "warn": "restricted"}, "namespaceLabels": "set"});
    let enforced = "enforce=baseline enforce-version=latest warn=restricted warn-version=latest";
    let table = [
        (&uniform, create(&[]), all),
        (&uniform, update(&[], &[]), all),
        (&uniform, create(&[("enforce", "privileged"), ("audit", "privileged"), ("warn", "privileged")]), all),
        (
            &uniform,
            create(&[("enforce", "restricted"), ("audit", "baseline"), ("audit-version", "v1.20"), ("warn", "baseline")]),
            "warn-version=v1.30",
        ),
        (
            &uniform,
            create(&[("enforce-version", "v1.7"), ("audit", "restricted"), ("warn", "restricted")]),
            "enforce=baseline enforce-version=v1.30",
        ),
        (&uniform, create(&[("enforce-version", "v1.30"), ("audit", "restricted"), ("warn", "restricted")]), "enforce=baseline"),
        (&defaults, create(&[]), enforced),
        // A warn label would lower the level that the stricter enforce label sets.
        (&uniform, create(&[("enforce", "restricted"), ("audit", "restricted")]), ""),
        // The API server ignores `deletionTimestamp` in creations.
        (&defaults, with(create(&[]), &[("/object/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]), enforced),
        (&defaults, with(update(&[], &[]), &[("/oldObject/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]), ""),
        (&defaults, with(create(&[]), &[("/requestSubResource", json!("status"))]), ""),
        (&settings("baseline", "latest", "tighten"), create(&[]), ""),
    ];
    for (settings, request, expected) in table {
        assert_eq!(set(settings, &request), expected, "{request}");
    }
    // A namespace that is being deleted is not changed.
    let lower = update(&[], &[("enforce", "privileged"), ("audit", "restricted"), ("warn", "restricted")]);
    let deleted = with(lower, &[("/oldObject/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]);
    assert!(decide(&uniform, &deleted, &TestCluster::default()).warnings[0].ends_with("baseline:v1.30 is enforced all the same"));
    // A version without a level is replaced too; an invalid one is rejected.
    let version = |version: &str| create(&[("enforce-version", version), ("audit", "restricted"), ("warn", "restricted")]);
    assert_eq!(
        decide(&uniform, &version("v1.7"), &TestCluster::default()).warnings,
        ["label pod-security.kubernetes.io/enforce-version=v1.7 has no level beside it, and was replaced by v1.30"]
    );
    assert_eq!(decide(&uniform, &version("v1.30"), &TestCluster::default()).warnings, [""; 0]);
    assert_eq!(decide(&uniform, &version("x"), &TestCluster::default()).rejection.unwrap().code, 422);
    let rendered = rendered(&decide(
        &uniform,
        &create(&[("enforce", "privileged"), ("audit", "restricted"), ("warn", "restricted")]),
        &TestCluster::default(),
    ));
    assert_eq!(
        rendered,
        "ok\nwarning label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: it was raised to baseline\n\
         labels-set pod-security.kubernetes.io/enforce=baseline, pod-security.kubernetes.io/enforce-version=v1.30"
    );
}
