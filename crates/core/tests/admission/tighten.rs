//! Labels that can only ask for more than the settings do, and those that are none.

use super::*;

fn settings(level: &str, version: &str, labels: &str) -> Value {
    json!({"level": level, "version": version, "namespaceLabels": labels})
}

fn labels(labels: &[(&str, &str)]) -> Value {
    labels.iter().map(|(key, value)| (format!("pod-security.kubernetes.io/{key}"), json!(value))).collect()
}

/// A pod that baseline allows at any version and restricted at none.
fn plain() -> Value {
    json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": [{"name": "a", "image": "i"}]}})
}

/// A pod that baseline rejects from 1.34 on, and restricted too.
fn probing() -> Value {
    let mut pod = plain();
    pod["spec"]["containers"][0] = json!({
        "name": "a", "image": "i", "livenessProbe": {"httpGet": {"host": "h"}},
        "securityContext": {"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]}, "seccompProfile": {"type": "RuntimeDefault"}},
    });
    pod
}

#[test]
fn a_pod_must_satisfy_the_settings_and_what_labels_ask_for_beyond_them() {
    // The version is that of the policy that decided, be it a rejection or not.
    let table = [
        (pod(), "baseline", "latest", vec![], "rejected baseline:latest"),
        (pod(), "baseline", "latest", vec![("enforce", "privileged")], "rejected baseline:latest"),
        (pod(), "baseline", "latest", vec![("enforce", "restricted")], "rejected baseline:latest"),
        (plain(), "baseline", "latest", vec![], "accepted baseline:latest"),
        (plain(), "baseline", "latest", vec![("enforce", "restricted")], "rejected restricted:latest"),
        (plain(), "restricted", "latest", vec![("enforce", "baseline")], "rejected restricted:latest"),
        // Neither of two versions is the stricter one.
        (probing(), "restricted", "v1.30", vec![], "accepted restricted:v1.30"),
        (probing(), "restricted", "v1.30", vec![("enforce-version", "v1.34")], "rejected restricted:v1.34"),
        (probing(), "restricted", "v1.30", vec![("enforce", "baseline"), ("enforce-version", "v1.34")], "rejected baseline:v1.34"),
        (probing(), "restricted", "v1.34", vec![("enforce-version", "v1.30")], "rejected restricted:v1.34"),
        (plain(), "restricted", "v1.34", vec![("enforce-version", "v1.7")], "rejected restricted:v1.34"),
        (plain(), "privileged", "latest", vec![("enforce", "restricted")], "rejected restricted:latest"),
        (plain(), "privileged", "latest", vec![], "accepted privileged:latest"),
        // A label that is none counts as in Kubernetes.
        (plain(), "baseline", "v1.30", vec![("enforce", "x")], "rejected restricted:v1.30"),
        (probing(), "baseline", "v1.30", vec![("enforce-version", "x")], "rejected baseline:latest"),
    ];
    for (pod, level, version, set, expected) in table {
        for mode in ["tighten", "set"] {
            let decision = decide(&settings(level, version, mode), &request("pods", pod.clone()), &World::labelled(labels(&set)));
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
fn audit_and_warn_are_tightened_each_for_itself() {
    let set = labels(&[("audit", "restricted"), ("warn", "privileged")]);
    let decision = decide(
        &json!({"defaults": {"warn": "baseline"}, "namespaceLabels": "tighten"}),
        &request("pods", plain()),
        &World::labelled(set.clone()),
    );
    assert_eq!(
        told(&decision).lines().map(|line| line.split(": ").next().unwrap()).collect::<Vec<_>>(),
        ["ok", "enforce-policy privileged:latest", "audit-violations would violate PodSecurity \"restricted:latest\""]
    );
    let decision =
        decide(&json!({"defaults": {"warn": "baseline"}, "namespaceLabels": "tighten"}), &request("pods", pod()), &World::labelled(set));
    assert_eq!(decision.warnings, ["would violate PodSecurity \"baseline:latest\": host namespaces (hostPID=true)"]);
}

fn namespace(set: &[(&str, &str)]) -> Value {
    json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels(set)}})
}

fn changed(old: &[(&str, &str)], new: &[(&str, &str)]) -> Value {
    with(request("namespaces", namespace(new)), &[("/operation", json!("UPDATE")), ("/oldObject", namespace(old))])
}

#[test]
fn labels_of_a_lower_level_are_warned_of_where_they_are_set() {
    let lower = "warning label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: baseline:v1.30 is enforced all the same";
    let tighten = settings("baseline", "v1.30", "tighten");
    let table = [
        (request("namespaces", namespace(&[("enforce", "privileged")])), format!("ok\n{lower}")),
        (changed(&[], &[("enforce", "privileged")]), format!("ok\n{lower}")),
        (changed(&[("enforce", "restricted")], &[("enforce", "privileged")]), format!("ok\n{lower}")),
        (changed(&[("enforce", "privileged")], &[("enforce", "privileged"), ("x", "y")]), "ok\nwarning label \"pod-security.kubernetes.io/x\" means nothing to Pod Security; did you mean \"pod-security.kubernetes.io/warn\"?".to_owned()),
        (changed(&[("enforce", "privileged")], &[("enforce", "privileged")]), "ok".to_owned()),
        (request("namespaces", namespace(&[("enforce", "baseline"), ("enforce-version", "v1.1")])), "ok".to_owned()),
        (request("namespaces", namespace(&[("audit", "privileged")])), format!("ok\n{}", lower.replace("enforce=", "audit=").replace("enforced", "audited"))),
        (request("namespaces", namespace(&[("warn", "privileged"), ("audit", "baseline")])), "ok\nwarning label pod-security.kubernetes.io/warn=privileged is lower than the policy of this cluster: baseline:v1.30 is warned of all the same".to_owned()),
    ];
    for (asked, expected) in table {
        assert_eq!(told(&decide(&tighten, &asked, &World { pods: json!([]), ..World::default() })), expected, "{asked}");
    }
    // In Kubernetes' own way nobody says anything.
    let quiet = settings("baseline", "v1.30", "honor");
    assert_eq!(told(&decide(&quiet, &request("namespaces", namespace(&[("enforce", "privileged"), ("x", "y")])), &World::default())), "ok");
}

#[test]
fn labels_that_are_none_are_warned_of_with_the_closest_that_is_one() {
    let meant = |typo: &str, set: &str, typos: Option<&str>| {
        let mut settings = settings("baseline", "latest", set);
        if let Some(typos) = typos {
            settings["labelTypos"] = json!(typos);
        }
        let decision = decide(&settings, &request("namespaces", namespace(&[(typo, "restricted")])), &World::default());
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
        assert_eq!(meant(typo, "tighten", None).as_deref(), Some(expected), "{typo}");
        assert_eq!(meant(typo, "honor", Some("warn")).as_deref(), Some(expected), "{typo}");
        assert_eq!(meant(typo, "ignore", Some("warn")).as_deref(), Some(expected), "{typo}");
        for (set, typos) in [("honor", None), ("ignore", None), ("tighten", Some("ignore"))] {
            assert_eq!(meant(typo, set, typos), None, "{typo} {set}");
        }
    }
    assert_eq!(meant("enforce", "honor", Some("warn")), None);
    // What happens to a part of a namespace is nobody's typo.
    let status = with(request("namespaces", namespace(&[("enforced", "restricted")])), &[("/requestSubResource", json!("status"))]);
    for set in ["ignore", "honor", "tighten"] {
        let settings = with(settings("baseline", "latest", set), &[("/labelTypos", json!("warn"))]);
        assert_eq!(told(&decide(&settings, &status, &World::default())), "ok", "{set}");
    }
}

#[test]
fn of_many_labels_that_are_none_the_first_are_told_by_their_names() {
    let more = |count: &str, mean: &str| Some(format!("{count} under pod-security.kubernetes.io/ {mean} nothing to Pod Security"));
    let table = [
        (1, 1, None),
        (8, 8, None),
        (9, 8, more("1 more label", "means")),
        (10, 8, more("2 more labels", "mean")),
        (30, 8, more("22 more labels", "mean")),
    ];
    for (count, named, rest) in table {
        let keys: Vec<String> = (0..count).map(|number| format!("enforce{number}")).collect();
        let set: Vec<(&str, &str)> = keys.iter().map(|key| (key.as_str(), "restricted")).collect();
        let decision = decide(&settings("baseline", "latest", "tighten"), &request("namespaces", namespace(&set)), &World::default());
        let (by_name, others): (Vec<String>, Vec<String>) =
            decision.warnings.into_iter().partition(|warning| warning.starts_with("label "));
        assert_eq!((by_name.len(), others), (named, Vec::from_iter(rest)), "{count}");
    }
}

#[test]
fn invalid_labels_are_refused_as_in_kubernetes() {
    for set in ["tighten", "set"] {
        let decision =
            decide(&settings("baseline", "latest", set), &request("namespaces", namespace(&[("enforce", "x")])), &World::default());
        assert_eq!(decision.rejection.unwrap().code, 422);
        assert_eq!(decision.mutation, Mutation::None);
    }
}

#[test]
fn pods_are_judged_by_what_new_labels_ask_for_beyond_the_settings() {
    let world = || World { pods: json!([plain()]), ..World::default() };
    let judged = |mode: &str, new: &[(&str, &str)], old: &[(&str, &str)]| {
        let decision = decide(&settings("baseline", "latest", mode), &changed(old, new), &world());
        decision.warnings.iter().find(|warning| warning.starts_with("existing")).cloned()
    };
    let warning = "existing pods in namespace \"team\" violate the new PodSecurity enforce level \"restricted:latest\"";
    // Where other labels are set beside it too.
    for mode in ["tighten", "set"] {
        assert_eq!(judged(mode, &[("enforce", "restricted")], &[]).as_deref(), Some(warning), "{mode}");
        assert_eq!(judged(mode, &[("enforce", "restricted")], &[("enforce", "restricted")]), None, "{mode}");
    }
    // The settings asked for as much before.
    let quiet = world();
    let update = changed(&[("enforce", "privileged")], &[("enforce", "baseline")]);
    assert_eq!(told(&decide(&settings("baseline", "latest", "tighten"), &update, &quiet)), "ok");
    assert_eq!(*quiet.asked.borrow(), [""; 0]);
}

#[test]
fn a_namespace_gets_the_labels_that_it_lacks() {
    let set = |settings: &Value, asked: &Value| match decide(settings, asked, &World { pods: json!([]), ..World::default() }).mutation {
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
        (&uniform, changed(&[], &[]), all),
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
        // A label for what is warned of would lower what the stricter one raises.
        (&uniform, create(&[("enforce", "restricted"), ("audit", "restricted")]), ""),
        // Nobody creates what is being deleted: the API server does not keep the claim.
        (&defaults, with(create(&[]), &[("/object/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]), enforced),
        (&defaults, with(changed(&[], &[]), &[("/oldObject/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]), ""),
        (&defaults, with(create(&[]), &[("/requestSubResource", json!("status"))]), ""),
        (&settings("baseline", "latest", "tighten"), create(&[]), ""),
    ];
    for (settings, asked, expected) in table {
        assert_eq!(set(settings, &asked), expected, "{asked}");
    }
    // What is on its way out is left as it is, and not said to be changed.
    let low = changed(&[], &[("enforce", "privileged"), ("audit", "restricted"), ("warn", "restricted")]);
    let deleted = with(low, &[("/oldObject/metadata/deletionTimestamp", json!("2026-01-01T00:00:00Z"))]);
    assert!(decide(&uniform, &deleted, &World::default()).warnings[0].ends_with("baseline:v1.30 is enforced all the same"));
    // A version without a level is none of the owner's either; one that cannot be read is refused as it is.
    let version = |version: &str| create(&[("enforce-version", version), ("audit", "restricted"), ("warn", "restricted")]);
    assert_eq!(
        decide(&uniform, &version("v1.7"), &World::default()).warnings,
        ["label pod-security.kubernetes.io/enforce-version=v1.7 has no level beside it, and was replaced by v1.30"]
    );
    assert_eq!(decide(&uniform, &version("v1.30"), &World::default()).warnings, [""; 0]);
    assert_eq!(decide(&uniform, &version("x"), &World::default()).rejection.unwrap().code, 422);
    let told =
        told(&decide(&uniform, &create(&[("enforce", "privileged"), ("audit", "restricted"), ("warn", "restricted")]), &World::default()));
    assert_eq!(
        told,
        "ok\nwarning label pod-security.kubernetes.io/enforce=privileged is lower than the policy of this cluster: it was raised to baseline\n\
         labels-set pod-security.kubernetes.io/enforce=baseline, pod-security.kubernetes.io/enforce-version=v1.30"
    );
}
