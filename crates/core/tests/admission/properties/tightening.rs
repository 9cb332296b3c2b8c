//! Labels that only tighten the settings, and labels that the policy sets.

use super::*;

/// The level and version of a policy such as `restricted:v1.34` as numbers. A newer version than the newest known one equals that.
fn strictness(policy: &str) -> (usize, u64) {
    let (level, version) = policy.split_once(':').unwrap();
    let level = ["privileged", "baseline", "restricted"].iter().position(|name| *name == level).unwrap();
    let minor = version.strip_prefix("v1.").map_or(u64::MAX, |minor| minor.parse().unwrap());
    (level, if minor >= 37 { 37 } else { minor })
}

/// The policy in a message.
fn policy_of(sentence: &str) -> &str {
    sentence
        .split_once("violate PodSecurity \"")
        .or_else(|| sentence.split_once("violates PodSecurity \""))
        .unwrap()
        .1
        .split_once('"')
        .unwrap()
        .0
}

/// The policy of the settings for a mode.
fn policy_of_settings(settings: &Value, mode: &str) -> String {
    let (level, version) = match settings["level"].as_str() {
        Some(level) => (level, &settings["version"]),
        None => (settings["defaults"][mode].as_str().unwrap_or("privileged"), &settings["defaults"][format!("{mode}-version")]),
    };
    format!("{level}:{}", version.as_str().unwrap_or("latest"))
}

/// Whether the policy of labels adds requirements to that of the settings: it has a higher level or another version.
fn adds_requirements(labels: &str, own: &str) -> bool {
    let ((level, version), (own_level, own_version)) = (strictness(labels), strictness(own));
    level > 0 && (level > own_level || version != own_version)
}

#[test]
fn tightening_labels_add_a_policy() {
    let samples = (samples::policy(), samples::labels(), samples::kind(), samples::pod());
    let often = [("only the labels reject", 1), ("only the settings reject", 10), ("nothing rejects", 5)];
    check_property(500, samples, &often, |(policy, labels, kind, pod), count| {
        let creation = samples::creation(kind, "team", samples::object_with(kind, &pod));
        let cluster = TestCluster::labelled(labels);
        let evaluate_with = |labels: &str| {
            let settings = with_keys(&policy, json!({"namespaceLabels": labels, "workloads": "enforce"}));
            // Settings without a policy need labels that set one.
            is_valid(&settings).then(|| evaluate(&settings, &creation, &cluster))
        };
        let Some(ignored) = evaluate_with("ignore") else { return Ok(()) };
        let (honored, tightened) = (evaluate_with("honor").unwrap(), evaluate_with("tighten").unwrap());
        prop_assert!(ignored.is_accepted() || !tightened.is_accepted());
        prop_assert_eq!(&tightened, &evaluate_with("set").unwrap());
        let adds = |sentence: &String, mode| adds_requirements(policy_of(sentence), &policy_of_settings(&policy, mode));
        let more = honored.message.clone().filter(|message| adds(message, "enforce"));
        count(match (&ignored.message, &more) {
            (None, None) => "nothing rejects",
            (None, Some(_)) => "only the labels reject",
            (Some(_), None) => "only the settings reject",
            _ => "both",
        });
        if !honored.is_accepted() && tightened.is_accepted() {
            count("only the labels of honor reject");
        }
        // The policy of the settings is evaluated first.
        prop_assert_eq!(&tightened.message, &ignored.message.clone().or(more));
        let audit = |evaluation: &Evaluation| evaluation.annotations.get("audit-violations").cloned();
        let more = audit(&honored).filter(|sentence| adds(sentence, "audit"));
        prop_assert_eq!(audit(&tightened), audit(&ignored).or(more));
        // A rejected request has no warning.
        if tightened.is_accepted() && honored.is_accepted() {
            let warning = |evaluation: &Evaluation| evaluation.warnings.iter().find(|warning| warning.contains("would violate")).cloned();
            let more = warning(&honored).filter(|sentence| adds(sentence, "warn"));
            prop_assert_eq!(warning(&tightened), warning(&ignored).or(more));
        }
        // Invalid labels have the same effect as in Kubernetes.
        prop_assert_eq!(tightened.annotations.get("error"), honored.annotations.get("error"));
        Ok(())
    });
}

/// The policy of the labels of a namespace for each mode in Kubernetes, from responses with `namespaceLabels: honor`.
fn kubernetes_policies(labels: &Value) -> [String; 3] {
    let settings = json!({"defaults": {}, "namespaceLabels": "honor"});
    let cluster = TestCluster::labelled(labels.clone());
    // A pod that every level but privileged forbids at every version.
    let pod = pod();
    let policy_in = |sentence: Option<&String>| sentence.map_or("privileged:latest", |sentence| policy_of(sentence)).to_owned();
    let enforced = evaluate(&settings, &samples::creation(0, "team", pod.clone()), &cluster);
    let other = evaluate(&settings, &samples::creation(4, "team", samples::object_with(4, &pod)), &cluster);
    [policy_in(enforced.message.as_ref()), policy_in(other.annotations.get("audit-violations")), policy_in(other.warnings.first())]
}

#[test]
fn set_labels_are_as_strict_as_the_settings_and_the_old_labels() {
    let metadata = samples::labels().prop_flat_map(|labels| {
        let labels = prop_oneof![8 => Just(labels), 1 => Just(Value::Null), 1 => Just(json!({}))];
        (labels, prop::option::weighted(0.1, Just("2026-01-01T00:00:00Z")))
    });
    let samples = (samples::policy(), metadata, any::<bool>(), any::<bool>());
    let often = [("set", 20), ("rejected", 5), ("raised", 5), ("deleted", 2)];
    check_property(400, samples, &often, |(policy, (labels, deleted), is_update, is_exempt), count| {
        // The API server ignores `deletionTimestamp` in creations.
        let is_deleted = is_update && deleted.is_some();
        let exempt = if is_exempt && !is_deleted { "team" } else { "other" };
        let settings = with_keys(&policy, json!({"namespaceLabels": "set", "exemptions": {"namespaces": [exempt]}}));
        let mut object =
            json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}, "spec": {"finalizers": ["x"]}});
        if let Some(deleted) = deleted {
            object["metadata"]["deletionTimestamp"] = json!(deleted);
        }
        let request_for = |object: &Value| {
            let mut request = request("namespaces", object.clone());
            if is_update {
                request["operation"] = json!("UPDATE");
                request["oldObject"] = json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team"}});
                if is_deleted {
                    request["oldObject"]["metadata"]["deletionTimestamp"] = json!(deleted);
                }
            }
            request
        };
        let cluster = TestCluster { pods: json!([]), ..TestCluster::default() };
        let first = evaluate(&settings, &request_for(&object), &cluster);
        let is_invalid = labels.as_object().into_iter().flatten().any(|(key, value)| {
            let words: &[&str] = &["privileged", "baseline", "restricted"];
            match key.strip_prefix("pod-security.kubernetes.io/") {
                Some("enforce" | "audit" | "warn") => !words.iter().any(|word| value == word),
                Some("enforce-version" | "audit-version" | "warn-version") => {
                    value != "latest" && !value.as_str().unwrap().starts_with('v')
                }
                _ => false,
            }
        });
        let Some(mutated) = first.mutated() else {
            prop_assert!(!first.annotations.contains_key("labels-set"));
            if !first.is_accepted() {
                prop_assert!(is_invalid);
                count("rejected");
            } else if is_deleted {
                count("deleted");
            } else if exempt == "other" {
                let before = kubernetes_policies(&labels);
                for (mode, before) in ["enforce", "audit", "warn"].into_iter().zip(&before) {
                    prop_assert!(strictness(before).0 >= strictness(&policy_of_settings(&policy, mode)).0, "{}: {}", mode, before);
                }
                count("nothing to set");
            }
            return Ok(());
        };
        count("set");
        prop_assert!(first.is_accepted() && !is_deleted && exempt == "other");
        // Only labels of Pod Security Admission are changed.
        let mut restored = mutated.clone();
        restored["metadata"]["labels"] = object["metadata"]["labels"].clone();
        prop_assert_eq!(restored, object.clone());
        let new = mutated["metadata"]["labels"].as_object().unwrap();
        for (key, value) in labels.as_object().into_iter().flatten() {
            prop_assert!(
                &new[key] == value || key.starts_with("pod-security.kubernetes.io/") && key != "pod-security.kubernetes.io/enforced"
            );
        }
        // The policies of the labels in Kubernetes.
        let (before, after) = (kubernetes_policies(&labels), kubernetes_policies(&mutated["metadata"]["labels"]));
        for (place, mode) in ["enforce", "audit", "warn"].into_iter().enumerate() {
            let own = policy_of_settings(&policy, mode);
            let key = format!("pod-security.kubernetes.io/{mode}");
            prop_assert!(strictness(&after[place]).0 >= strictness(&own).0, "{}: {} {}", mode, after[place], own);
            prop_assert!(strictness(&after[place]).0 >= strictness(&before[place]).0, "{}: {} {}", mode, after[place], before[place]);
            let old_level = labels[&key].as_str().unwrap_or("privileged");
            let level = own.split(':').next().unwrap();
            if strictness(&format!("{old_level}:latest")).0 < strictness(&own).0 {
                // A stricter enforce label sets the level of warn, if there is no label for it.
                let is_raised = mode == "warn" && !new.contains_key(&key) && strictness(&after[place]).0 == strictness(&after[0]).0;
                prop_assert!(after[place] == own || is_raised, "{}: {} {}", mode, after[place], own);
                if labels[&key].is_string() {
                    let (start, end) = (format!("label {key}={old_level} is lower"), format!("raised to {level}"));
                    prop_assert!(first.warnings.iter().any(|warning| warning.starts_with(&start) && warning.ends_with(&end)));
                    count("raised");
                }
            } else {
                prop_assert_eq!(&new.get(&key), &labels.get(&key));
            }
        }
        // Setting labels is idempotent.
        let second = evaluate(&settings, &request_for(&mutated), &cluster);
        prop_assert!(second.is_accepted());
        prop_assert_eq!(second.mutated, None);
        prop_assert!(!second.warnings.iter().any(|warning| warning.contains("is lower")), "{:?}", second.warnings);
        Ok(())
    });
}
