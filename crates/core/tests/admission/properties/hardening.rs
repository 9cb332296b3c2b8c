//! Hardening: setting required fields that are not set.

use std::collections::BTreeSet;
use std::fmt;

use k8s_openapi::api::apps::v1::{DaemonSet, Deployment, ReplicaSet, StatefulSet};
use k8s_openapi::api::batch::v1::{CronJob, Job};
use k8s_openapi::api::core::v1::{Pod as TypedPod, PodTemplate, PodTemplateSpec, ReplicationController};
use proptest::collection::vec;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::*;

/// Whether a pod is for Windows, or selects nodes with Windows only and has no operating system.
fn may_run_on_windows(spec: &Value) -> bool {
    let term = "/affinity/nodeAffinity/requiredDuringSchedulingIgnoredDuringExecution/nodeSelectorTerms/0/matchExpressions/0/operator";
    let selects = spec["nodeSelector"]["kubernetes.io/os"] == "windows" || spec.pointer(term).is_some_and(|operator| operator == "In");
    let os = &spec["os"]["name"];
    os == "windows" || os.is_null() && selects
}

/// The value that hardening sets the field of a finding to: for the checks of the setting, in containers, if an API server accepts it
/// with the rest of the pod.
fn hardened_value(finding: &Value, pod: &Value, kind: usize, harden: &Value) -> Option<Value> {
    let (_, container) = container_at(pod, path_of(finding, kind))?;
    let checks = harden.as_array().or_else(|| harden["checks"].as_array()).unwrap();
    if finding["kind"] != "missing" || !checks.contains(&finding["check"]) {
        return None;
    }
    let (context, of_pod) = (&container["securityContext"], &pod["spec"]["securityContext"]);
    let is_linux = !may_run_on_windows(&pod["spec"]);
    let (is_allowed, value) = match finding["check"].as_str().unwrap() {
        "allowPrivilegeEscalation" => {
            let admin = context["capabilities"]["add"]
                .as_array()
                .into_iter()
                .flatten()
                .any(|added| added == "SYS_ADMIN" || added == "CAP_SYS_ADMIN");
            (is_linux && context["allowPrivilegeEscalation"].is_null() && context["privileged"] != true && !admin, json!(false))
        }
        "capabilities_restricted" => (is_linux && context["capabilities"]["drop"].as_array().is_none_or(Vec::is_empty), json!(["ALL"])),
        "runAsNonRoot" => {
            let user = [&context["runAsUser"], &of_pod["runAsUser"]].into_iter().find(|user| !user.is_null());
            let names = [&context["windowsOptions"]["runAsUserName"], &of_pod["windowsOptions"]["runAsUserName"]];
            let is_administrator = names.into_iter().find(|name| !name.is_null()).is_some_and(|name| name == "ContainerAdministrator");
            let is_root = user.is_some_and(|user| *user == 0) || is_administrator;
            (context["runAsNonRoot"].is_null() && of_pod["runAsNonRoot"].is_null() && !is_root, json!(true))
        }
        "seccompProfile_restricted" => {
            let annotations = pod["metadata"]["annotations"].as_object();
            let is_annotated = annotations.into_iter().flatten().any(|(key, _)| key.contains("seccomp.security.alpha"));
            (
                is_linux && context["seccompProfile"].is_null() && of_pod["seccompProfile"].is_null() && !is_annotated,
                json!("RuntimeDefault"),
            )
        }
        other => panic!("{other}"),
    };
    is_allowed.then_some(value)
}

/// The user that hardening sets together with `runAsNonRoot`, with the path: on Linux, in containers without a user.
fn hardened_user(finding: &Value, pod: &Value, kind: usize, harden: &Value) -> Option<(String, Value)> {
    let user = harden.get("runAsUser").filter(|_| finding["check"] == "runAsNonRoot")?;
    let (_, container) = container_at(pod, path_of(finding, kind))?;
    let has_user = [&container["securityContext"], &pod["spec"]["securityContext"]]
        .into_iter()
        .any(|context| !context["runAsUser"].is_null() || !context["windowsOptions"]["runAsUserName"].is_null());
    let path = finding["path"].as_str().unwrap().replace("runAsNonRoot", "runAsUser");
    (!has_user && !may_run_on_windows(&pod["spec"])).then(|| (path, user.clone()))
}

/// Sets the value at a path of a finding; null parents become objects.
fn set(object: &mut Value, path: &str, new_value: Value) {
    let steps = path.split(['.', '[', ']']).filter(|step| !step.is_empty());
    let target = steps.fold(object, |value, step| match value {
        Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
        other => &mut other[step],
    });
    *target = new_value;
}

fn pod_in(object: &Value, kind: usize) -> &Value {
    object.pointer(samples::KINDS[kind].3).unwrap()
}

/// An object after deserializing it into the types of Kubernetes and serializing it.
fn typed(object: &Value, kind: usize) -> Result<Value, String> {
    fn of<T: for<'de> Deserialize<'de> + serde::Serialize>(object: &Value) -> Result<Value, String> {
        let typed: T = serde_json::from_value(object.clone()).map_err(|error| error.to_string())?;
        Ok(serde_json::to_value(typed).unwrap())
    }
    match samples::KINDS[kind].2 {
        "Pod" => of::<TypedPod>(object),
        "ReplicationController" => of::<ReplicationController>(object),
        "PodTemplate" => of::<PodTemplate>(object),
        "ReplicaSet" => of::<ReplicaSet>(object),
        "Deployment" => of::<Deployment>(object),
        "StatefulSet" => of::<StatefulSet>(object),
        "DaemonSet" => of::<DaemonSet>(object),
        "Job" => of::<Job>(object),
        "CronJob" => of::<CronJob>(object),
        other => panic!("{other}"),
    }
}

/// The errors of an API server in the security contexts of a pod.
///
/// Source: `ValidateSecurityContext` and `validateWindows` in `pkg/apis/core/validation/validation.go`.
fn validation_errors(pod: &Value) -> BTreeSet<String> {
    let typed: PodTemplateSpec = serde_json::from_value(json!({"metadata": pod["metadata"], "spec": pod["spec"]})).unwrap();
    let spec = typed.spec.unwrap_or_default();
    let is_windows = spec.os.is_some_and(|os| os.name == "windows");
    let containers = spec
        .containers
        .into_iter()
        .chain(spec.init_containers.into_iter().flatten())
        .map(|container| (container.name, container.security_context));
    let ephemeral = spec.ephemeral_containers.into_iter().flatten().map(|container| (container.name, container.security_context));
    let mut validation_errors = BTreeSet::new();
    for (name, context) in containers.chain(ephemeral) {
        let Some(context) = context else { continue };
        let added = context.capabilities.iter().flat_map(|capabilities| capabilities.add.iter().flatten());
        let is_admin = added.into_iter().any(|added| added.trim_start_matches("CAP_") == "SYS_ADMIN");
        if context.allow_privilege_escalation == Some(false) && (context.privileged == Some(true) || is_admin) {
            validation_errors.insert(format!("{name}: allowPrivilegeEscalation beside privileges"));
        }
        let only_on_linux = [
            context.allow_privilege_escalation.is_some(),
            context.capabilities.is_some(),
            context.seccomp_profile.is_some(),
            context.run_as_user.is_some(),
        ];
        for (place, _) in only_on_linux.iter().enumerate().filter(|(_, is_set)| is_windows && **is_set) {
            validation_errors.insert(format!(
                "{name}: {} on Windows",
                ["allowPrivilegeEscalation", "capabilities", "seccompProfile", "runAsUser"][place]
            ));
        }
    }
    validation_errors
}

/// A response without the parts about hardening.
fn unhardened(evaluation: &Evaluation) -> Evaluation {
    let mut evaluation = evaluation.clone();
    evaluation.warnings.retain(|warning| !warning.starts_with("hardened: "));
    evaluation.annotations.remove("hardened");
    evaluation.mutated = None;
    evaluation
}

#[test]
fn hardening_sets_missing_fields_once_and_nothing_else() {
    let more = (samples::harden(), any::<bool>(), prop::bool::weighted(0.1));
    let samples = (samples::policy(), vec(samples::rule(), 0..2), more, samples::kind(), samples::pod());
    let often = [
        ("hardened", 8),
        ("accepted by hardening", 4),
        ("rejected for other findings", 15),
        ("a workload", 4),
        ("a pod", 2),
        ("a user", 1),
    ];
    check_property(500, samples, &often, |(policy, rules, (harden, is_enforced, is_controlled), kind, pod), count| {
        let workloads = if is_enforced { "enforce" } else { "warn" };
        // Labels can change the policy, so no check of `harden` is a mistake.
        let keys = json!({"details": true, "workloads": "enforce", "namespaceLabels": "honor"});
        let strict = with_rules(&with_keys(&policy, keys), &rules);
        if !is_valid(&strict) {
            return Ok(());
        }
        let without_hardening = with_keys(&strict, json!({"workloads": workloads}));
        let with_hardening = with_keys(&without_hardening, json!({"harden": harden}));
        let cluster = TestCluster::default();
        let mut object = samples::object_with(kind, &pod);
        if is_controlled {
            object["metadata"]["ownerReferences"] =
                json!([{"apiVersion": "x/v1", "kind": "X", "name": "x", "uid": "u", "controller": true}]);
        }
        let creation = |object: &Value| samples::creation(kind, "team", object.clone());
        let (before, after) =
            (evaluate(&without_hardening, &creation(&object), &cluster), evaluate(&with_hardening, &creation(&object), &cluster));
        // Each finding of the enforced policy is hardened, or remains.
        let findings = evaluate(&strict, &creation(&object), &cluster).findings_of("enforce");
        let is_hardenable = kind == 0 || !is_controlled;
        let mut expected = object.clone();
        let mut hardened = Vec::new();
        let mut rest = 0;
        for finding in &findings {
            let path = finding["path"].as_str().unwrap();
            match hardened_value(finding, &pod, kind, &harden).filter(|_| is_hardenable) {
                Some(value) => {
                    hardened.push(format!("{path}={value}"));
                    set(&mut expected, path, value);
                    if let Some((path, user)) = hardened_user(finding, &pod, kind, &harden) {
                        count("a user");
                        hardened.push(format!("{path}={user}"));
                        set(&mut expected, &path, user);
                    }
                }
                None => rest += 1,
            }
        }
        let is_accepted = rest == 0 || kind > 0 && !is_enforced;
        prop_assert_eq!(after.is_accepted(), is_accepted, "{:?} {:?}", after, hardened);
        prop_assert!(after.is_accepted() || !before.is_accepted());
        if !is_accepted || hardened.is_empty() {
            prop_assert_eq!(&after.mutated, &None);
            prop_assert!(
                !after.annotations.contains_key("hardened") && !after.warnings.iter().any(|warning| warning.starts_with("hardened"))
            );
            if !is_accepted {
                count("rejected for other findings");
            }
            return Ok(());
        }
        count("hardened");
        count(if kind == 0 { "a pod" } else { "a workload" });
        if !before.is_accepted() {
            count("accepted by hardening");
        }
        if pod["spec"]["os"]["name"] == "windows" {
            count("for Windows");
        }
        let mutated = after.mutated().unwrap();
        prop_assert_eq!(&mutated, &expected);
        let annotation: BTreeSet<&str> = after.annotations["hardened"].split(", ").collect();
        prop_assert_eq!(annotation, hardened.iter().map(String::as_str).collect());
        prop_assert_eq!(after.warnings.iter().filter(|warning| warning.starts_with("hardened: ")).count(), 1);

        // The hardened object has the expected findings, for the mutating and for the validating policy.
        let second = evaluate(&with_hardening, &creation(&mutated), &cluster);
        let validated = evaluate(&without_hardening, &creation(&mutated), &cluster);
        prop_assert_eq!(&second.mutated, &None);
        prop_assert_eq!(&unhardened(&second), &unhardened(&after));
        // The mutating policy evaluates the enforced policy of workloads too, reports exempt findings, and warns of pods that it does
        // not harden.
        let same = |evaluation: &Evaluation| {
            let mut evaluation = evaluation.clone();
            evaluation.warnings.retain(|warning| !warning.starts_with("not hardened: "));
            if kind > 0 && !is_enforced {
                evaluation.annotations.remove("exempt-checks");
            }
            evaluation
        };
        prop_assert_eq!(same(&validated), same(&second));
        for finding in evaluate(&strict, &creation(&mutated), &cluster).findings_of("enforce") {
            prop_assert_eq!(hardened_value(&finding, pod_in(&mutated, kind), kind, &harden), None, "{}", finding);
        }

        // The types of Kubernetes accept the hardened object, and its validation has no new errors.
        let typed_object = typed(&mutated, kind);
        prop_assert!(typed_object.is_ok(), "{:?}", typed_object);
        let mut expected = typed(&object, kind).unwrap();
        for finding in &findings {
            if let Some(value) = hardened_value(finding, &pod, kind, &harden) {
                set(&mut expected, finding["path"].as_str().unwrap(), value);
                if let Some((path, user)) = hardened_user(finding, &pod, kind, &harden) {
                    set(&mut expected, &path, user);
                }
            }
        }
        prop_assert_eq!(typed_object.unwrap(), expected);
        let (before_errors, after_errors) = (validation_errors(pod_in(&object, kind)), validation_errors(pod_in(&mutated, kind)));
        prop_assert!(after_errors.is_subset(&before_errors), "{:?} {:?}", before_errors, after_errors);
        Ok(())
    });
}

#[test]
fn updates_harden_only_new_mutable_containers() {
    let samples =
        (samples::policy(), samples::harden(), samples::kind(), samples::pod(), samples::pod(), 0..5_usize, prop::bool::weighted(0.2));
    let often = [("hardened", 2), ("a new ephemeral container", 1)];
    check_property(400, samples, &often, |(policy, harden, kind, mut old, other, variant, is_controlled), count| {
        let settings = with_keys(&policy, json!({"workloads": "warn", "harden": harden, "namespaceLabels": "honor"}));
        if !is_valid(&settings) {
            return Ok(());
        }
        // Only pods have ephemeral containers; only Jobs have an immutable template.
        let kind = match (variant, kind) {
            (0 | 3 | 4, _) => 0,
            (_, 0) => 7,
            (_, kind) => kind,
        };
        let new = match variant {
            0 | 3 | 4 => {
                // Existing containers are hardened, and the added ones are not.
                for list in ["containers", "initContainers"] {
                    for container in old["spec"][list].as_array_mut().into_iter().flatten() {
                        container["securityContext"] = samples::hardened();
                    }
                }
                old["spec"].as_object_mut().unwrap().retain(|key, _| key.ends_with("ontainers"));
                if variant == 3 {
                    old["spec"]["ephemeralContainers"] = json!([{"name": "debug", "image": "i:1"}]);
                }
                let mut new = old.clone();
                // Some have the names of existing ones.
                let all = [&old["spec"]["ephemeralContainers"], &other["spec"]["ephemeralContainers"], &other["spec"]["containers"]];
                let mut names = BTreeSet::new();
                let all = all.into_iter().flat_map(|list| list.as_array().into_iter().flatten());
                new["spec"]["ephemeralContainers"] = all.filter(|container| names.insert(container["name"].to_string())).cloned().collect();
                new
            }
            1 => old.clone(),
            _ => other,
        };
        let (mut before, mut after) = (samples::object_with(kind, &old), samples::object_with(kind, &new));
        for object in [&mut before, &mut after] {
            if is_controlled {
                object["metadata"]["ownerReferences"] =
                    json!([{"apiVersion": "x/v1", "kind": "X", "name": "x", "uid": "u", "controller": true}]);
            }
        }
        after["metadata"]["annotations"] = json!({"changed": "yes"});
        let evaluation = evaluate(&settings, &samples::change(kind, "team", before, after.clone()), &TestCluster::default());
        let Some(mutated) = evaluation.mutated() else { return Ok(()) };
        count("hardened");
        prop_assert!(evaluation.is_accepted());
        // All changes are in mutable containers.
        let (before_pod, after_pod) = (pod_in(&after, kind), pod_in(&mutated, kind));
        if kind > 0 {
            prop_assert!(
                !is_controlled && samples::KINDS[kind].2 != "Job" && (old["spec"] != new["spec"] || old["metadata"] != new["metadata"])
            );
            return Ok(());
        }
        count("a new ephemeral container");
        let mut rest = after_pod.clone();
        let lists = |pod: &Value| pod["spec"]["ephemeralContainers"].as_array().unwrap().clone();
        for (place, container) in lists(before_pod).iter().enumerate() {
            let is_old = old["spec"]["ephemeralContainers"].as_array().into_iter().flatten().any(|old| old["name"] == container["name"]);
            prop_assert!(!is_old || lists(after_pod)[place] == *container);
            rest["spec"]["ephemeralContainers"][place] = container.clone();
        }
        prop_assert_eq!(&rest, before_pod);
        Ok(())
    });
    // These cases are counted separately, because nothing is hardened.
    let samples = (samples::policy(), samples::harden(), 1..samples::KINDS.len(), samples::pod());
    check_property(100, samples, &[("evaluated", 90)], |(policy, harden, kind, pod), count| {
        let settings = with_keys(&policy, json!({"workloads": "enforce", "harden": harden, "namespaceLabels": "honor"}));
        if !is_valid(&settings) {
            return Ok(());
        }
        let object = samples::object_with(kind, &pod);
        let mut scaled = object.clone();
        scaled["metadata"]["finalizers"] = json!(["x"]);
        let evaluation = evaluate(&settings, &samples::change(kind, "team", object, scaled), &TestCluster::default());
        prop_assert!(evaluation.is_accepted() && evaluation.mutated.is_none());
        count("evaluated");
        Ok(())
    });
}

/// The entries of an object in the order of the text.
struct Entries<'a>(Vec<(String, &'a RawValue)>);

impl<'de> Deserialize<'de> for Entries<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Each;
        impl<'de> Visitor<'de> for Each {
            type Value = Entries<'de>;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut entries = Vec::new();
                while let Some(entry) = map.next_entry()? {
                    entries.push(entry);
                }
                Ok(Entries(entries))
            }
        }
        deserializer.deserialize_map(Each)
    }
}

/// All scalars and empty collections of a document with their paths, in the order of the text.
fn leaves(text: &str, path: &str, into: &mut Vec<(String, String)>) {
    if let Ok(Entries(entries)) = serde_json::from_str(text)
        && !entries.is_empty()
    {
        entries.iter().for_each(|(key, value)| leaves(value.get(), &format!("{path}/{key}"), into));
    } else if let Ok(items) = serde_json::from_str::<Vec<&RawValue>>(text)
        && !items.is_empty()
    {
        items.iter().enumerate().for_each(|(place, value)| leaves(value.get(), &format!("{path}/{place}"), into));
    } else {
        into.push((path.to_owned(), text.to_owned()));
    }
}

#[test]
fn hardening_keeps_the_rest_of_the_text() {
    // Values that a JSON serializer would write in another way.
    let unusual = ["1E+5", "12345678901234567890.10", r#""\u0041\/""#, "-0", "[ 1.0,2 ]", r#"{"b":1,"a":2}"#, r#""securityContext""#];
    let unusual = vec((any::<prop::sample::Index>(), proptest::sample::select(unusual.to_vec())), 1..6);
    let samples = (samples::harden(), samples::kind(), samples::pod(), unusual, any::<bool>());
    check_property(300, samples, &[("hardened", 30)], |(harden, kind, pod, unusual, is_pretty), count| {
        let settings = json!({"defaults": {"enforce": "restricted"}, "harden": harden});
        // They are added to all objects, with keys that sort first and last.
        let mut object = samples::object_with(kind, &pod);
        let marks: Vec<String> = (0..unusual.len()).map(|place| format!("@{place}")).collect();
        for ((place, _), mark) in unusual.iter().zip(&marks) {
            let mut containers: Vec<&mut Value> = Vec::new();
            let pod = object.pointer_mut(samples::KINDS[kind].3).unwrap();
            let spec = pod["spec"].as_object_mut().unwrap();
            spec.insert(if place.index(2) == 0 { "zz".to_owned() } else { "AA".to_owned() }, json!(mark));
            containers.extend(spec.get_mut("containers").unwrap().as_array_mut().unwrap());
            let places = containers.len();
            let container = &mut containers[place.index(places)];
            container[if place.index(3) == 0 { "zz" } else { "AA" }] = json!(mark);
            if container["securityContext"].is_object() {
                container["securityContext"]["AA"] = json!(mark);
            }
        }
        let mut text = if is_pretty { serde_json::to_string_pretty(&object).unwrap() } else { object.to_string() };
        for ((_, unusual), mark) in unusual.iter().zip(&marks) {
            text = text.replace(&format!("\"{mark}\""), unusual);
        }
        let creation = samples::creation(kind, "team", json!("@object")).to_string().replace("\"@object\"", &text);
        let Some(mutated) = evaluate_text(&settings, &creation, &TestCluster::default()).mutated else { return Ok(()) };
        count("hardened");
        let fields = [
            "/securityContext",
            "/capabilities",
            "/drop",
            "/drop/0",
            "/allowPrivilegeEscalation",
            "/runAsNonRoot",
            "/runAsUser",
            "/seccompProfile",
            "/seccompProfile/type",
        ];
        let rest = |text: &str| {
            let mut values = Vec::new();
            leaves(text, "", &mut values);
            let is_hardened_field = |path: &str| path.contains("ontainers/") && fields.iter().any(|field| path.ends_with(field));
            values.into_iter().filter(|(path, _)| !is_hardened_field(path)).collect::<Vec<_>>()
        };
        prop_assert_eq!(rest(&text), rest(&mutated));
        let blanks = |text: &str| text.chars().filter(|letter| letter.is_whitespace()).collect::<String>();
        prop_assert_eq!(blanks(&text), blanks(&mutated));
        Ok(())
    });
}
