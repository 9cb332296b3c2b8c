//! Exemptions for single checks.

use proptest::collection::vec;
use proptest::sample::select;

use super::*;

/// The checks of restricted and the baseline checks that they override.
const OVERRIDES: [(&str, &str); 4] = [
    ("restrictedVolumes", "hostPathVolumes"),
    ("capabilities_restricted", "capabilities_baseline"),
    ("seccompProfile_restricted", "seccompProfile_baseline"),
    ("procMount_restricted", "procMount"),
];

/// Whether a pattern matches a whole text.
fn matches(pattern: &[u8], text: &[u8]) -> bool {
    match (pattern, text) {
        ([], []) => true,
        ([b'*', rest @ ..], _) => (0..=text.len()).any(|skipped| matches(rest, &text[skipped..])),
        ([first, pattern @ ..], [letter, text @ ..]) => first == letter && matches(pattern, text),
        _ => false,
    }
}

/// Whether a list of a rule is not set, or has a matching element.
fn has_match(list: &Value, is_match: impl Fn(&str) -> bool) -> bool {
    list.as_array().is_none_or(|list| list.iter().any(|item| is_match(&item.as_str().map_or_else(|| item.to_string(), str::to_owned))))
}

fn any_matches(list: &Value, text: &str) -> bool {
    has_match(list, |pattern| matches(pattern.as_bytes(), text.as_bytes()))
}

fn selects(selector: &Value, labels: &Value) -> bool {
    let equal = selector["matchLabels"].as_object().into_iter().flatten().all(|(key, value)| &labels[key] == value);
    let mut expressions = selector["matchExpressions"].as_array().into_iter().flatten();
    equal
        && expressions.all(|expression| {
            let value = &labels[expression["key"].as_str().unwrap()];
            let listed = expression["values"].as_array().is_some_and(|values| values.contains(value));
            match expression["operator"].as_str().unwrap() {
                "In" => listed,
                "NotIn" => !listed,
                "Exists" => value.is_string(),
                "DoesNotExist" => value.is_null(),
                other => panic!("{other}"),
            }
        })
}

/// The spellings of the value of a finding in a rule.
fn values_of(finding: &Value) -> Vec<String> {
    let text = match &finding["value"] {
        Value::Null => return Vec::new(),
        Value::String(text) => text.clone(),
        Value::Bool(_) => finding["path"].as_str().unwrap().rsplit('.').next().unwrap().to_owned(),
        other => other.to_string(),
    };
    let path = finding["path"].as_str().unwrap();
    let mut values = vec![text.clone()];
    match text.as_str() {
        "Unconfined" if path.ends_with("Profile.type") => values.push("unconfined".to_owned()),
        "unconfined" if path.contains("annotations[") => values.push("Unconfined".to_owned()),
        "/" | "" | "ALL" => {}
        text if path.ends_with(".hostPath") => {
            let path = text.trim_end_matches('/');
            values.extend([path.to_owned(), format!("{path}/")]);
        }
        text if path.contains(".capabilities.add[") => {
            values.extend([format!("CAP_{text}"), text.trim_start_matches("CAP_").to_owned()]);
        }
        text if path.contains(".sysctls[") => values.extend([text.replace('/', "."), text.replace('.', "/")]),
        _ => {}
    }
    values
}

/// The conditions of a rule on the request.
const OF_REQUESTS: [&str; 3] = ["usernames", "groups", "operations"];

/// Whether the conditions of a rule on the request, and on the date, hold. Dates of four digits for the year are sorted as their texts.
fn matches_circumstances(rule: &Value, request: &Value) -> bool {
    let groups = request["userInfo"]["groups"].as_array().unwrap();
    has_match(&rule["usernames"], |item| request["userInfo"]["username"] == item)
        && has_match(&rule["groups"], |item| groups.iter().any(|group| group == item))
        && has_match(&rule["operations"], |item| request["operation"] == item)
        && rule["expires"].as_str().is_none_or(|expires| expires >= samples::TODAY)
}

/// The field of a container's security context, if it takes the place of one of the pod.
fn overriding_field(pod_path: &str) -> Option<&str> {
    let field = pod_path.strip_prefix("spec.securityContext.")?.split('.').next()?;
    // A rule takes options for Windows of the pod for those of every container.
    ["seccompProfile", "appArmorProfile", "runAsNonRoot", "runAsUser", "seLinuxOptions", "windowsOptions"]
        .into_iter()
        .find(|own| *own == field)
}

/// Whether a finding is about containers, and about none that a rule does not name.
fn names_containers(rule: &Value, finding: &Value, pod: &Value, kind: usize) -> bool {
    if ["containers", "containerTypes", "images"].iter().all(|key| rule[key].is_null()) {
        return true;
    }
    let path = path_of(finding, kind);
    let names = |(list, container): &(&str, &Value)| {
        any_matches(&rule["containers"], container["name"].as_str().unwrap_or_default())
            && has_match(&rule["containerTypes"], |item| item == *list)
            && any_matches(&rule["images"], container["image"].as_str().unwrap_or_default())
    };
    if let Some(container) = container_at(pod, path) {
        return names(&container);
    }
    let lists = [("init", "initContainers"), ("regular", "containers"), ("ephemeral", "ephemeralContainers")];
    let all = lists.into_iter().flat_map(|(name, list)| pod["spec"][list].as_array().into_iter().flatten().map(move |item| (name, item)));
    let concerned: Vec<(&str, &Value)> = match path.strip_prefix("metadata.annotations[container.") {
        Some(key) => all.filter(|(_, container)| key.split_once('/').unwrap().1.trim_end_matches(']') == container["name"]).collect(),
        None if path == "metadata.annotations[seccomp.security.alpha.kubernetes.io/pod]" => all.collect(),
        None => {
            let Some(field) = overriding_field(path) else { return false };
            let own = |container: &Value| container["securityContext"][field].clone();
            let is_set = |value: &Value| match field {
                "windowsOptions" => false,
                "seLinuxOptions" => ["type", "user", "role"].iter().any(|key| value[key].as_str().is_some_and(|text| !text.is_empty())),
                _ => !value.is_null(),
            };
            all.filter(|(_, container)| !is_set(&own(container))).collect()
        }
    };
    !concerned.is_empty() && concerned.iter().all(names)
}

/// Whether a finding is a volume that meets the conditions on volumes.
fn names_volume(rule: &Value, finding: &Value, pod: &Value, kind: usize) -> bool {
    if rule["pathPrefixes"].is_null() && rule["readOnly"].is_null() {
        return true;
    }
    let Some(rest) = path_of(finding, kind).strip_prefix("spec.volumes[") else { return false };
    let volume = &pod["spec"]["volumes"][rest.split(']').next().unwrap().parse::<usize>().unwrap()];
    let path = &volume["hostPath"]["path"];
    let segments: Option<Vec<&str>> = path.as_str().map(|path| path.trim_end_matches('/').split('/').collect());
    let is_within = |directory: &str| {
        let directory: Vec<&str> = directory.trim_end_matches('/').split('/').collect();
        segments.as_ref().is_some_and(|segments| segments.starts_with(&directory) && !segments.contains(&".."))
    };
    let lists = ["initContainers", "containers", "ephemeralContainers"];
    let containers = lists.into_iter().flat_map(|list| pod["spec"][list].as_array().into_iter().flatten());
    let mut mounts = containers.flat_map(|container| container["volumeMounts"].as_array().into_iter().flatten());
    let is_read_only = mounts.all(|mount| mount["name"] != volume["name"] || mount["readOnly"] == true);
    (rule["pathPrefixes"].is_null() || has_one_source(finding, pod, kind) && has_match(&rule["pathPrefixes"], is_within))
        && (rule["readOnly"].is_null() || is_read_only)
}

/// What a missing field of a container inherits: the finding of the same check for the same field of the pod, at the place of the
/// container.
fn inherited(finding: &Value, findings: &[Value], kind: usize) -> Option<Value> {
    let field = path_of(finding, kind).split_once("].")?.1;
    let of_pod = findings.iter().find(|other| other["check"] == finding["check"] && path_of(other, kind) == format!("spec.{field}"))?;
    let mut inherited = of_pod.clone();
    inherited["path"] = finding["path"].clone();
    finding["value"].is_null().then_some(inherited)
}

/// Whether a rule exempts a finding, one of `all`; `baseline` are the findings of the baseline level in the same pod.
fn covers(rule: &Value, finding: &Value, [all, baseline]: [&[Value]; 2], pod: &Value, kind: usize, request: &Value) -> bool {
    let namespace = request["namespace"].as_str().unwrap();
    let spec = &pod["spec"];
    let account = ["serviceAccountName", "serviceAccount"].into_iter().filter_map(|key| spec[key].as_str()).find(|name| !name.is_empty());
    let account = format!("{namespace}/{}", account.unwrap_or("default"));
    let matches_pod = matches_circumstances(rule, request)
        && any_matches(&rule["namespaces"], namespace)
        && (rule["podSelector"].is_null() || selects(&rule["podSelector"], &pod["metadata"]["labels"]))
        && has_match(&rule["serviceAccounts"], |item| item == account);
    let has_check_and_value = |finding: &Value| {
        rule["checks"].as_array().unwrap().contains(&finding["check"])
            && (rule["values"].is_null() || values_of(finding).iter().any(|value| has_match(&rule["values"], |item| item == value)))
    };
    let overridden = OVERRIDES.iter().find(|(check, _)| finding["check"] == *check).map(|(_, overridden)| *overridden);
    let of_overridden = |finding: &Value| {
        let mut same = finding.clone();
        same["check"] = json!(overridden?);
        Some(same)
    };
    let overridden_finding =
        baseline.iter().find(|other| overridden.is_some_and(|id| other["check"] == id) && other["path"] == finding["path"]);
    let inherited_from_overridden = of_overridden(finding).and_then(|same| inherited(&same, baseline, kind));
    matches_pod
        && names_containers(rule, finding, pod, kind)
        && names_volume(rule, finding, pod, kind)
        && (has_check_and_value(finding)
            || inherited(finding, all, kind).is_some_and(|inherited| has_check_and_value(&inherited))
            || inherited_from_overridden.is_some_and(|inherited| has_check_and_value(&inherited))
            || overridden_finding
                .filter(|overridden_finding| has_one_source(overridden_finding, pod, kind))
                .is_some_and(has_check_and_value))
}

/// Whether a volume has only one source; true for findings in other subjects.
fn has_one_source(finding: &Value, pod: &Value, kind: usize) -> bool {
    let Some(rest) = path_of(finding, kind).strip_prefix("spec.volumes[") else { return true };
    let place: usize = rest.split(']').next().unwrap().parse().unwrap();
    let sources = pod["spec"]["volumes"][place].as_object().unwrap().iter();
    sources.filter(|(key, value)| *key != "name" && !value.is_null()).count() == 1
}

/// Settings with a policy that labels can change, so that no rule is invalid, and with details.
fn with_details(policy: &Value) -> Value {
    with_keys(policy, json!({"namespaceLabels": "honor", "workloads": "enforce", "details": true}))
}

fn some_namespace() -> impl Strategy<Value = &'static str> {
    select(vec!["team", "team", "team-b"])
}

#[test]
fn rules_exempt_exactly_the_matching_findings() {
    let samples = (samples::policy(), vec(samples::rule(), 1..6), samples::kind(), samples::pod(), some_namespace());
    let often =
        [("rules cover", 15), ("rules cover all enforced findings", 1), ("findings remain", 40), ("covered by an overridden check", 1)];
    check_property(400, samples, &often, |(policy, rules, kind, pod, namespace), count| {
        let creation = samples::creation(kind, namespace, samples::object_with(kind, &pod));
        let cluster = TestCluster::labelled(json!({}));
        let settings = with_details(&policy);
        let exempting = with_rules(&settings, &rules);
        let rules = exempting["exemptions"]["checks"].as_array().unwrap();
        let (before, after) = (evaluate(&settings, &creation, &cluster), evaluate(&exempting, &creation, &cluster));
        let baseline = evaluate(&with_details(&json!({"level": "baseline"})), &creation, &cluster).findings();
        let all = before.findings();
        let of_levels = [all.as_slice(), baseline.as_slice()];
        let (covered, remaining): (Vec<Value>, Vec<Value>) =
            all.iter().cloned().partition(|finding| rules.iter().any(|rule| covers(rule, finding, of_levels, &pod, kind, &creation)));
        prop_assert_eq!(after.findings(), remaining.clone());

        // All modes have the same findings.
        let has_mode = |mode: &str| remaining.iter().any(|finding| finding["modes"].as_array().unwrap().contains(&json!(mode)));
        prop_assert_eq!(after.is_accepted(), !has_mode("enforce"));
        prop_assert_eq!(after.annotations.contains_key("audit-violations"), has_mode("audit"));
        prop_assert_eq!(!after.warnings.is_empty(), after.is_accepted() && has_mode("warn"));
        let annotation = after.annotations.get("exempt-checks").cloned().unwrap_or_default();
        // A rejected request has no warning, so warn has no exempt findings.
        let covered: Vec<Value> =
            covered.into_iter().filter(|finding| after.is_accepted() || finding["modes"] != json!(["warn"])).collect();
        prop_assert_eq!(annotation.is_empty(), covered.is_empty());
        for finding in &covered {
            let rule = rules.iter().find(|rule| covers(rule, finding, of_levels, &pod, kind, &creation)).unwrap();
            prop_assert!(annotation.contains(finding["check"].as_str().unwrap()), "{}", annotation);
            prop_assert!(annotation.contains(finding["path"].as_str().unwrap()), "{}", annotation);
            prop_assert!(annotation.contains(&format!("): {}", rule["reason"].as_str().unwrap().trim())), "{}", annotation);
            if !rule["checks"].as_array().unwrap().contains(&finding["check"]) {
                count("covered by an overridden check");
            }
        }
        for finding in &remaining {
            let listed = annotation.split(|letter| "(), ;:".contains(letter)).any(|word| finding["path"] == word);
            prop_assert!(!listed || covered.iter().any(|other| other["path"] == finding["path"]), "{}", annotation);
        }
        if !covered.is_empty() {
            count("rules cover");
        }
        if !before.is_accepted() && after.is_accepted() {
            count("rules cover all enforced findings");
        }
        if !remaining.is_empty() {
            count("findings remain");
        }
        Ok(())
    });
}

/// A further condition of a rule: a key and its value.
fn condition() -> BoxedStrategy<(String, Value)> {
    let mut conditions = samples::conditions_on_pods(1.0);
    conditions.extend(samples::conditions_on_containers(1.0));
    conditions.extend(samples::conditions_on_circumstances(1.0));
    conditions.extend(samples::conditions_on_volumes(1.0));
    conditions.push(("values", 1.0, samples::sublist(json!(["NET_RAW", "/proc", "hostPID", "80", "Unmasked", "Unconfined"]))));
    let conditions: Vec<BoxedStrategy<(String, Value)>> =
        conditions.into_iter().map(|(key, _, value)| value.prop_map(move |value| (key.to_owned(), value)).boxed()).collect();
    proptest::strategy::Union::new(conditions).boxed()
}

#[test]
fn fewer_or_narrower_rules_never_exempt_more() {
    let narrowing = proptest::option::of((condition(), any::<bool>()));
    let samples = (samples::policy(), vec(samples::rule(), 1..6), any::<prop::sample::Index>(), narrowing, samples::kind(), samples::pod());
    let often = [("fewer findings are exempt", 2), ("a rule is narrower", 20)];
    check_property(400, samples, &often, |(policy, rules, place, narrowing, kind, pod), count| {
        let creation = samples::creation(kind, "team", samples::object_with(kind, &pod));
        let cluster = TestCluster::labelled(json!({}));
        let wide = with_rules(&with_details(&policy), &rules);
        let mut rules = wide["exemptions"]["checks"].as_array().unwrap().clone();
        if rules.is_empty() {
            return Ok(());
        }
        let place = place.index(rules.len());
        match narrowing {
            // A condition that the rule already has would be replaced.
            Some(((key, value), _)) if rules[place].get(&key).is_none() => rules[place][key] = value,
            Some((_, true)) if rules[place]["checks"].as_array().unwrap().len() > 1 => {
                rules[place]["checks"].as_array_mut().unwrap().pop();
            }
            _ => {
                rules.remove(place);
            }
        }
        let narrow = with_keys(&wide, json!({"exemptions": {"checks": rules}}));
        if !is_valid(&narrow) {
            return Ok(());
        }
        if rules.len() == wide["exemptions"]["checks"].as_array().unwrap().len() {
            count("a rule is narrower");
        }
        let (wide, narrow) = (evaluate(&wide, &creation, &cluster), evaluate(&narrow, &creation, &cluster));
        prop_assert!(wide.is_accepted() || !narrow.is_accepted());
        let (more, less) = (narrow.findings(), wide.findings());
        prop_assert!(less.iter().all(|finding| more.contains(finding)), "{:?} {:?}", less, more);
        if more.len() > less.len() {
            count("fewer findings are exempt");
        }
        if wide.is_accepted() && !narrow.is_accepted() {
            count("rejected by narrower rules");
        }
        Ok(())
    });
}

#[test]
fn rules_apply_to_existing_pods() {
    let samples = (samples::level(), samples::version(), vec(samples::rule(), 0..6), samples::pod());
    let often = [("violations", 30), ("no violations", 5)];
    check_property(200, samples, &often, |(level, version, rules, pod), count| {
        let settings = with_rules(&json!({"defaults": {}, "namespaceLabels": "honor"}), &rules);
        // Nobody requests a pod that exists.
        let mut of_pods = settings.clone();
        let about_requests = |rule: &Value| OF_REQUESTS.iter().any(|key| rule.get(key).is_some());
        of_pods["exemptions"]["checks"].as_array_mut().unwrap().retain(|rule| !about_requests(rule));
        let labels = json!({"enforce": level, "enforce-version": version});
        let cluster =
            TestCluster { labels: namespace(&labels)["metadata"]["labels"].clone(), pods: json!([pod]), ..TestCluster::default() };
        let creation = samples::creation(0, "team", pod);
        let warnings = evaluate(&settings, &relabel(&json!({}), &labels), &cluster).warnings;
        let created = evaluate(&of_pods, &creation, &cluster);
        prop_assert_eq!(warnings.is_empty(), created.is_accepted(), "{:?}", warnings);
        if created.is_accepted() {
            let strict = with_keys(&settings, json!({"exemptions": {}}));
            if of_pods != settings {
                count("a rule about requests");
            }
            count(if evaluate(&strict, &creation, &cluster).is_accepted() { "no violations" } else { "exempt violations" });
        } else {
            count("violations");
        }
        Ok(())
    });
}

/// A response without what it says about rules that do not hold.
fn without_notes(mut evaluation: Evaluation) -> Evaluation {
    let texts = evaluation.message.iter_mut().chain(&mut evaluation.warnings);
    for text in texts {
        if let Some(end) = text.find("; rule exemptions.checks[") {
            text.truncate(end);
        }
    }
    evaluation
}

#[test]
fn an_expired_rule_equals_no_rule() {
    let rules = (vec(samples::rule(), 1..6), any::<prop::sample::Index>(), any::<bool>());
    let samples = (samples::policy(), rules, samples::harden(), samples::kind(), samples::pod());
    let often = [("the rule would cover findings", 3), ("a note", 3)];
    check_property(400, samples, &often, |(policy, (rules, place, has_clock), harden, kind, pod), count| {
        let creation = samples::creation(kind, "team", samples::object_with(kind, &pod));
        let cluster = TestCluster { today: has_clock.then_some(samples::TODAY), labels: json!({}), ..TestCluster::default() };
        let all = with_keys(&with_rules(&with_details(&policy), &rules), json!({"harden": harden}));
        let rules = all["exemptions"]["checks"].as_array().unwrap();
        if rules.is_empty() {
            return Ok(());
        }
        let place = place.index(rules.len());
        let (mut expired, mut none) = (all.clone(), all.clone());
        // Without a clock, no rule with an end holds.
        expired["exemptions"]["checks"][place]["expires"] = json!(if has_clock { "2027-03-24" } else { "9999-12-31" });
        none["exemptions"]["checks"].as_array_mut().unwrap().remove(place);
        let [expired, none] = [&expired, &none].map(|settings| evaluate(settings, &creation, &cluster));
        if expired != none {
            count("a note");
        }
        if evaluate(&all, &creation, &cluster).findings() != none.findings() {
            count("the rule would cover findings");
        }
        prop_assert_eq!(without_notes(expired), without_notes(none));
        Ok(())
    });
}
