//! Updates of workloads, and the size of annotations.

use std::collections::BTreeSet;

use proptest::collection::vec;
use proptest::sample::Index;

use super::*;

/// A template with edits: fields of another template, removed fields, and fields that no check reads.
fn edited(old: &Value, other: &Value, edits: &[(u8, Index)]) -> Value {
    let mut new = old.clone();
    for (edit, place) in edits {
        let spec = new["spec"].as_object_mut().unwrap();
        match edit {
            0 => {
                // A field of the other spec.
                let fields: Vec<_> = other["spec"].as_object().unwrap().iter().collect();
                let (key, value) = fields[place.index(fields.len())];
                spec.insert(key.clone(), value.clone());
            }
            1 => {
                let removable: Vec<String> = spec.keys().filter(|key| *key != "containers").cloned().collect();
                if !removable.is_empty() {
                    spec.remove(&removable[place.index(removable.len())]);
                }
            }
            2 => spec["containers"].as_array_mut().unwrap().reverse(),
            3 => spec["containers"][0]["image"] = json!("i:new"),
            4 => {
                // The security context of another container.
                let containers = spec["containers"].as_array_mut().unwrap();
                let index = place.index(containers.len());
                let others = other["spec"]["containers"].as_array().unwrap();
                containers[index]["securityContext"] = others[place.index(others.len())]["securityContext"].clone();
            }
            5 => {
                let volumes = spec.entry("volumes").or_insert(json!([])).as_array_mut().unwrap();
                let path = ["/", "/proc"][place.index(2)];
                volumes.push(json!({"name": "more", "hostPath": {"path": path}}));
            }
            6 => {
                // Other values of the same fields.
                let text = json!(spec).to_string().replace("NET_RAW", "SYS_TIME").replace("\"/proc\"", "\"/etc\"").replace("9100", "9101");
                *spec = serde_json::from_str(&text).unwrap();
            }
            _ => spec["containers"].as_array_mut().unwrap().push(json!({"name": "more", "image": "i"})),
        }
    }
    new
}

/// The identity of a finding: its check, subject, field and value.
fn identity_of(finding: &Value, pod: &Value) -> String {
    let path = path_of(finding, 4);
    let (list, _) = container_at(pod, path).unwrap_or(("", &Value::Null));
    let is_digit = |letter: char| letter.is_ascii_digit();
    let field: String = if path.starts_with("metadata") { path.to_owned() } else { path.split(is_digit).collect() };
    format!("{} {list} {} {field} {}", finding["check"], finding["subject"], finding["value"])
}

#[test]
fn updates_may_keep_findings_but_not_add_any() {
    let edits = vec((0..8_u8, any::<Index>()), 0..3);
    let rules = vec(samples::rule(), 0..5);
    let samples = (samples::level(), samples::version(), rules, samples::pod(), samples::pod(), edits);
    let often = [("the same template", 20), ("kept findings", 8), ("new findings", 10), ("accepted only by allow-existing", 8)];
    check_property(500, samples, &often, |(level, version, mut rules, old, other, edits), count| {
        // The expected findings of an update are those of creations.
        rules.retain(|rule| rule.get("operations").is_none());
        let strict = with_rules(&json!({"level": level, "version": version, "workloads": "enforce", "details": true}), &rules);
        let allow_existing = with_keys(&strict, json!({"updates": "allow-existing"}));
        let new = edited(&old, &other, &edits);
        let (before, mut after) = (samples::object_with(4, &old), samples::object_with(4, &new));
        after["spec"]["replicas"] = json!(3);
        let cluster = TestCluster::default();
        let update = samples::change(4, "team", before.clone(), after.clone());
        let findings_of = |pod: &Value, settings: &Value| {
            evaluate(settings, &samples::creation(4, "team", samples::object_with(4, pod)), &cluster).findings_of("enforce")
        };
        // For a hostPath volume the path on the node is compared too.
        let traits = |pod: &Value| {
            let baseline = findings_of(pod, &json!({"level": "baseline", "workloads": "enforce", "details": true}));
            let findings = findings_of(pod, &strict);
            let paths = findings.iter().filter(|finding| finding["check"] == "restrictedVolumes").filter_map(|finding| {
                baseline.iter().find(|other| other["path"] == finding["path"] && other["check"] == "hostPathVolumes")
            });
            paths.chain(&findings).map(|finding| identity_of(finding, pod)).collect::<BTreeSet<String>>()
        };
        let (before_traits, after_traits) = (traits(&old), traits(&new));
        let allowed = evaluate(&allow_existing, &update, &cluster);
        if old == new {
            count("the same template");
            prop_assert!(allowed.is_accepted() && evaluate(&strict, &update, &cluster).is_accepted());
            return Ok(());
        }
        prop_assert_eq!(allowed.is_accepted(), after_traits.is_subset(&before_traits), "{:?}", after_traits.difference(&before_traits));
        count(if !allowed.is_accepted() {
            "new findings"
        } else if after_traits.is_empty() {
            "no findings"
        } else {
            "kept findings"
        });
        // Who makes the update learns that its pods will be rejected, if they will.
        let warns = allowed.warnings.iter().any(|warning| warning.contains("new pods will be rejected"));
        prop_assert_eq!(warns, allowed.is_accepted() && !after_traits.is_empty());
        // Creations and pods are rejected for all findings.
        prop_assert_eq!(evaluate(&allow_existing, &samples::creation(4, "team", after), &cluster).is_accepted(), after_traits.is_empty());
        let default = evaluate(&strict, &update, &cluster);
        prop_assert_eq!(default.is_accepted(), after_traits.is_empty());
        if !default.is_accepted() && allowed.is_accepted() {
            count("accepted only by allow-existing");
        }
        let pods = samples::change(0, "team", old.clone(), new.clone());
        prop_assert_eq!(evaluate(&allow_existing, &pods, &cluster).is_accepted(), evaluate(&strict, &pods, &cluster).is_accepted());
        // Rejections have the same message.
        prop_assert!(allowed.is_accepted() || allowed.message == default.message);
        Ok(())
    });
}

/// A text that is mostly short, and sometimes as long as the maximum size of an annotation, or longer.
fn long_text() -> impl Strategy<Value = String> {
    prop_oneof![6 => 1..100_usize, 2 => 100..40_000_usize, 1 => 60_000..70_000_usize, 1 => 240_000..300_000_usize]
        .prop_map(|length| "é".repeat(length / 2 + 1))
}

#[test]
fn annotations_are_complete_and_within_the_maximum_size() {
    // The number of containers depends on the total length of their names.
    let containers = prop_oneof![2 => 1..5_000_usize, 3 => 5_000..300_000_usize];
    let names = prop_oneof![1 => 1..60_usize, 2 => 60..400_usize];
    let versions = prop_oneof![Just(("latest", "v1.21")), Just(("v1.21", "latest"))];
    let usually = || prop::bool::weighted(0.7);
    let more = (any::<bool>(), usually(), usually(), any::<bool>());
    let samples = (containers, names, long_text(), prop::option::weighted(0.3, long_text()), versions, more);
    let often = [("omitted findings", 1), ("hardened", 5)];
    check_property(30, samples, &often, |(containers, length, reason, added, (enforced, audited), more), count| {
        let (is_exempt, is_hardened, is_audited, drops_all) = more;
        let mut capabilities = json!({});
        if drops_all {
            capabilities["drop"] = json!(["ALL"]);
        }
        if let Some(added) = &added {
            capabilities["add"] = json!([added]);
        }
        let limit = if added.as_ref().is_some_and(|added| added.len() > 200) { 3 } else { usize::MAX };
        let containers: Vec<Value> = (0..(containers / length).clamp(1, 2_000).min(limit))
            .map(|place| json!({"name": format!("{place}{}", "n".repeat(length)), "image": "i", "securityContext": {"capabilities": capabilities}}))
            .collect();
        let pod = json!({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "p"}, "spec": {"containers": containers}});
        let containers = containers.len();
        let audit = if is_audited { "restricted" } else { "privileged" };
        let mut settings = json!({"defaults": {"enforce": "restricted", "enforce-version": enforced, "audit": audit, "audit-version": audited}, "details": true, "namespaceLabels": "honor"});
        if is_hardened {
            settings["harden"] = json!(["allowPrivilegeEscalation", "runAsNonRoot", "seccompProfile_restricted"]);
        }
        if is_exempt {
            settings["exemptions"] = json!({"checks": [{"checks": ["capabilities_restricted"], "reason": reason}, {"checks": ["capabilities_baseline"], "reason": reason}]});
        }
        let evaluation = evaluate(&settings, &samples::creation(0, "team", pod), &TestCluster::labelled(json!({})));
        let size = |annotations: &BTreeMap<String, String>| annotations.iter().map(|(key, value)| key.len() + value.len()).sum::<usize>();
        // The annotations of Kubernetes have no maximum size.
        let kubernetes = evaluation.annotations.get("audit-violations").map_or(0, String::len);
        let all = size(&evaluation.annotations);
        prop_assert!(all < 256 * 1024 || kubernetes > 240 * 1024 && all - kubernetes < 4 * 1024, "{} of which {}", all, kubernetes);
        if let Some(text) = evaluation.annotations.get("exempt-checks") {
            prop_assert!(text.len() <= 64 * 1024);
            if reason.len() > 64 * 1024 {
                count("a long reason");
            }
        }
        if evaluation.annotations.contains_key("hardened") {
            count("hardened");
        }
        let Some(details) = evaluation.annotations.get("details") else { return Ok(()) };
        let details: Result<Vec<Value>, _> = serde_json::from_str(details);
        prop_assert!(details.is_ok(), "{:?}", details);
        let mut details = details.unwrap();
        let omitted = details.last().and_then(|last| last["omitted"].as_u64());
        if omitted.is_some() {
            details.pop();
            count("omitted findings");
        } else {
            count("complete");
        }
        for detail in &details {
            prop_assert_eq!(
                detail.as_object().unwrap().keys().map(String::as_str).collect::<Vec<_>>(),
                ["check", "fix", "kind", "level", "modes", "path", "subject", "value"]
            );
        }
        // Each container has three missing fields, unless it is hardened. In version 1.21 no check requires dropped capabilities, and
        // another one forbids added ones.
        let is_evaluated_at = |version| enforced == version || is_audited && audited == version;
        let (adds, lacks) = (usize::from(added.is_some()), usize::from(!drops_all));
        let of_latest = if is_evaluated_at("latest") { adds + lacks } else { 0 };
        let of_old = if is_evaluated_at("v1.21") { adds } else { 0 };
        let each = if is_hardened { 0 } else { 3 } + if is_exempt { 0 } else { of_latest + of_old };
        prop_assert_eq!(details.len() as u64 + omitted.unwrap_or_default(), (each * containers) as u64);
        Ok(())
    });
}
