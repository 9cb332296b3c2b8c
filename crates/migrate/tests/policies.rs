//! Properties of what is derived from PodSecurityPolicies: the admission, the choice, the comparison with levels, and the exemptions
//! of namespaces. The reference evaluator and the policy of this project decide.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod reference;

use std::collections::BTreeSet;

use proptest::prelude::*;
use pss_core::pod::{self, Pod};
use pss_core::settings::Settings;
use pss_core::standards::{Level, LevelVersion, Version, evaluate};
use pss_manifest::{Limits, documents};
use pss_migrate::psp::{Cluster, Exemption, Field, Identity, Options, Outcome, Plan, PodFields, Policy, admit, compare_levels};
use pss_migrate::{Problem, each_object};
use pss_review::{Source, Status, review};
use reference::generators::{pods, policy_sets, psps, rbac, subjects};
use reference::{Operation, defaulted};
use serde_json::{Value, json};

/// Versions between which the checks about fields of policies change.
const VERSIONS: [Version; 10] = [
    Version::Minor(18),
    Version::Minor(19),
    Version::Minor(22),
    Version::Minor(23),
    Version::Minor(24),
    Version::Minor(27),
    Version::Minor(29),
    Version::Minor(31),
    Version::Minor(32),
    Version::Minor(37),
];

fn policy(psp: &Value) -> (Option<Policy>, Vec<Problem>) {
    let mut psp = psp.clone();
    psp["apiVersion"] = json!("policy/v1beta1");
    psp["kind"] = json!("PodSecurityPolicy");
    let (mut policy, mut problems) = (None, Vec::new());
    let text = psp.to_string();
    each_object(Source { name: "psp.json", text: &text }, Limits::default(), &mut problems, &mut |object, problems| {
        policy = Policy::of(&object, problems);
    });
    (policy, problems)
}

fn fields(pod: &Value) -> PodFields {
    let text = pod.to_string();
    PodFields::of(documents(&text)[0].content.as_ref().unwrap().root())
}

/// Returns the checks that a pod violates.
fn violations(pod: &Value, level: Level, version: Version) -> BTreeSet<&'static str> {
    let text = pod.to_string();
    let object = pod::read(&text).unwrap();
    let violations = evaluate(Pod::of(&object), LevelVersion { level, version });
    violations.iter().map(|violation| violation.check.id).collect()
}

/// Returns whether settings admit every pod.
fn admits(settings: &Value, pods: &[Value]) -> bool {
    let settings = settings.to_string();
    let options = pss_review::Options { settings: Settings::parse(settings.as_bytes()).unwrap(), ..pss_review::Options::default() };
    let text = list(pods);
    let report = review(&[Source { name: "pods.json", text: &text }], &options);
    report.documents.iter().all(|document| {
        assert_eq!(document.status, Status::Judged, "{:?}", document.diagnostics);
        document.verdicts.iter().all(|verdict| verdict.is_satisfied)
    })
}

fn list(items: &[Value]) -> String {
    json!({"apiVersion": "v1", "kind": "List", "items": items}).to_string()
}

fn plan(texts: &[String], user: Option<Identity>) -> Plan {
    let mut cluster = Cluster::new(Options { user, ..Options::default() });
    for text in texts {
        cluster.add(Source { name: "cluster.json", text }, Limits::default());
    }
    cluster.plan()
}

/// Returns a pod with the fields and the annotation that an API server of these versions derives from each other after the admission.
///
/// Source: `applySeccompVersionSkew` in `pkg/registry/core/pod/strategy.go` of Kubernetes 1.24.
fn with_derived_seccomp_profile(mut pod: Value) -> Value {
    let annotations = pod["metadata"]["annotations"].clone();
    let profile = |key: &str| match annotations[key].as_str()? {
        "unconfined" => Some(json!({"type": "Unconfined"})),
        "runtime/default" | "docker/default" => Some(json!({"type": "RuntimeDefault"})),
        other => Some(json!({"type": "Localhost", "localhostProfile": other.strip_prefix("localhost/")?})),
    };
    let set = |context: &mut Value, key: &str| {
        if let (Some(profile), true) = (profile(key), context["seccompProfile"].is_null()) {
            context["seccompProfile"] = profile;
        }
    };
    set(&mut pod["spec"]["securityContext"], pod::SECCOMP_POD_ANNOTATION);
    for list in ["initContainers", "containers", "ephemeralContainers"] {
        for container in pod["spec"][list].as_array_mut().into_iter().flatten() {
            let key = format!("{}{}", pod::SECCOMP_CONTAINER_ANNOTATION_PREFIX, container["name"].as_str().unwrap_or_default());
            set(&mut container["securityContext"], &key);
        }
    }
    let Some(annotation) = annotation_of(&pod["spec"]["securityContext"]["seccompProfile"]) else { return pod };
    if pod["metadata"]["annotations"][pod::SECCOMP_POD_ANNOTATION].as_str().unwrap_or_default().is_empty() {
        pod["metadata"]["annotations"][pod::SECCOMP_POD_ANNOTATION] = json!(annotation);
    }
    pod
}

/// Returns the value of the annotation for a profile; `None` without one, and for one that is not valid.
fn annotation_of(profile: &Value) -> Option<String> {
    match (profile["type"].as_str(), profile["localhostProfile"].as_str()) {
        (Some("Unconfined"), _) => Some("unconfined".to_owned()),
        (Some("RuntimeDefault"), _) => Some("runtime/default".to_owned()),
        (Some("Localhost"), Some(path)) => Some(format!("localhost/{path}")),
        _ => None,
    }
}

/// Returns whether every seccomp profile has what an API server requires: an annotation is not empty, and is that of the field.
///
/// Source: `validateSeccompAnnotationsAndFields` in `pkg/apis/core/validation/validation.go` of Kubernetes 1.24.
fn has_valid_profiles(pod: &Value) -> bool {
    let spec = &pod["spec"];
    let annotations = &pod["metadata"]["annotations"];
    let is_valid = |part: &Value, key: &str| {
        let profile = &part["securityContext"]["seccompProfile"];
        let of_field = annotation_of(profile);
        match annotations[key].as_str() {
            Some("") => false,
            Some("docker/default") => profile.is_null() || of_field.as_deref() == Some("runtime/default"),
            Some(annotation) => profile.is_null() || of_field.as_deref() == Some(annotation),
            None => profile.is_null() || of_field.is_some(),
        }
    };
    let containers =
        ["initContainers", "containers", "ephemeralContainers"].into_iter().flat_map(|list| spec[list].as_array().into_iter().flatten());
    let mut keys = containers.map(|container| {
        let name = container["name"].as_str().unwrap_or_default();
        (container, format!("{}{name}", pod::SECCOMP_CONTAINER_ANNOTATION_PREFIX))
    });
    is_valid(spec, pod::SECCOMP_POD_ANNOTATION) && keys.all(|(container, key)| is_valid(container, &key))
}

fn with_kind(mut object: Value, api_version: &str, kind: &str) -> Value {
    object["apiVersion"] = json!(api_version);
    object["kind"] = json!(kind);
    object
}

/// Returns a pod in a namespace, with another name.
fn in_namespace(pod: &Value, namespace: &str, index: usize) -> Value {
    let mut pod = with_kind(pod.clone(), "v1", "Pod");
    pod["metadata"]["namespace"] = json!(namespace);
    pod["metadata"]["name"] = json!(format!("pod-{index}"));
    pod
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    #[test]
    fn admits_pods_as_the_reference_does(psp in psps(), pod in pods()) {
        let pod = defaulted(&pod);
        let (policy, problems) = policy(&psp);
        let policy = policy.unwrap_or_else(|| panic!("{problems:?}"));
        let expected = match reference::admit(&psp, &pod) {
            Ok((_, false)) => Outcome::Unchanged,
            Ok((_, true)) => Outcome::Changed,
            Err(_) => Outcome::Rejected,
        };
        prop_assert_eq!(admit(&policy, &fields(&pod)), expected, "{:?}", reference::admit(&psp, &pod));
    }

}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    /// What a policy admits and a level rejects is by fields that are looser. What a level admits and a policy rejects or changes is
    /// by fields that are stricter or have no counterpart.
    #[test]
    fn verdicts_hold_for_every_pod(psp in psps(), pod in pods(), version in prop::sample::select(VERSIONS.to_vec())) {
        let (Some(policy), _) = policy(&psp) else { return Ok(()) };
        prop_assume!(has_valid_profiles(&pod));
        let submitted = with_derived_seccomp_profile(defaulted(&pod));
        for comparison in compare_levels(&policy, version) {
            let names = |is_listed: &dyn Fn(&pss_migrate::psp::Comparison) -> bool| -> BTreeSet<&str> {
                comparison.fields.iter().filter(|field| is_listed(field)).map(|field| field.path).collect()
            };
            // The pod as it runs.
            if let Ok((running, _)) = reference::admit(&psp, &submitted) {
                let running = with_derived_seccomp_profile(running);
                let violated = violations(&running, comparison.level, version);
                let admitting = comparison.fields.iter().filter(|field| !field.admits.is_empty());
                let excused: BTreeSet<&str> =
                    admitting.flat_map(|field| field.exemptions.iter().map(|exemption| exemption.check)).collect();
                prop_assert!(violated.iter().all(|check| excused.contains(check)), "{violated:?} {excused:?} {running}");
                let exemptions = json!({"level": comparison.level.name(), "version": version.to_string(), "exemptions": {"checks": comparison.exemptions}});
                if comparison.level != Level::Privileged {
                    prop_assert!(admits(&exemptions, &[with_kind(running.clone(), "v1", "Pod")]), "{exemptions} {running}");
                }
            }
            if policy.unusable.is_none() && violations(&submitted, comparison.level, version).is_empty() {
                let listed = names(&|field| field.restricts_more());
                let fields = fields(&submitted);
                for field in Field::ALL {
                    let outcome = pss_migrate::psp::admit_field(&policy, field, &fields);
                    prop_assert!(
                        outcome == Outcome::Unchanged || listed.contains(field.path()) || is_only_addition(field),
                        "{}: {outcome:?}, {listed:?} {submitted}", field.path()
                    );
                }
            }
        }
    }
}

/// Fields whose verdicts are about the values that they add.
fn is_only_addition(field: Field) -> bool {
    matches!(field, Field::DefaultAddCapabilities | Field::DefaultAllowPrivilegeEscalation)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, ..ProptestConfig::default() })]

    #[test]
    fn chooses_policies_as_the_reference_does(policies in policy_sets(), pod in pods(), rbac in rbac(), user in subjects()) {
        // Its members may do everything, which no role says.
        let mut user = user;
        user.groups.push("system:authenticated".to_owned());
        prop_assume!(!user.groups.iter().any(|group| group == "system:masters"));
        let mut pod = with_kind(defaulted(&pod), "v1", "Pod");
        pod["metadata"]["name"] = json!("pod");
        if pod["metadata"]["namespace"].as_str().unwrap_or_default().is_empty() {
            pod["metadata"]["namespace"] = json!("team-a");
        }
        let namespace = pod["metadata"]["namespace"].as_str().unwrap().to_owned();
        let account = pod["spec"]["serviceAccountName"].as_str().filter(|name| !name.is_empty()).unwrap_or("default").to_owned();
        pod["spec"]["serviceAccountName"] = json!(account);
        let account = reference::Subject::service_account(&namespace, &account);
        let groups = |subject: &reference::Subject| -> Vec<String> { subject.groups.iter().map(|group| (*group).to_owned()).collect() };
        let may_use = |name: &str| {
            [&account, &user].into_iter().any(|subject| {
                let groups = groups(subject);
                let groups: Vec<&str> = groups.iter().map(String::as_str).collect();
                reference::may_use(&rbac, &subject.name, &groups, &namespace, name)
            })
        };
        let expected = reference::choose(&policies, &pod, &may_use, Operation::Create).map(|(name, _)| name);
        let policies: Vec<Value> = policies.iter().map(|policy| with_kind(policy.clone(), "policy/v1beta1", "PodSecurityPolicy")).collect();
        // So that roles are known even if there are none.
        let role = json!({"apiVersion": "rbac.authorization.k8s.io/v1", "kind": "ClusterRole", "metadata": {"name": "none"}, "rules": []});
        let user = Identity { user: user.name.to_string(), groups: groups(&user) };
        let plan = plan(&[list(&policies), list(&rbac), role.to_string(), pod.to_string()], Some(user));
        let errors: Vec<String> = plan.problems.iter().filter(|problem| problem.severity == pss_migrate::Severity::Error).map(ToString::to_string).collect();
        prop_assert!(errors.is_empty(), "{errors:?}");
        prop_assert_eq!(&plan.workloads[0].policy, &expected, "{:?} {}", plan.workloads, list(&rbac));
    }

    /// Official policies for several PodSecurityPolicies reject no pod that one of them admits.
    #[test]
    fn a_union_admits_what_any_policy_admits(psps in policy_sets(), pod in pods()) {
        let policies: Vec<Policy> = psps.iter().filter_map(|psp| policy(psp).0).collect();
        let usable: Vec<&Policy> = policies.iter().filter(|policy| policy.unusable.is_none()).collect();
        let union = pss_migrate::psp::union("union".to_owned(), &usable);
        let submitted = defaulted(&pod);
        for psp in psps.iter().filter(|psp| usable.iter().any(|policy| psp["metadata"]["name"] == json!(policy.name))) {
            if let Ok((running, _)) = reference::admit(psp, &submitted) {
                prop_assert_eq!(admit(&union, &fields(&running)), Outcome::Unchanged, "{:?} {}", union, running);
            }
        }
    }

    /// The exemptions of a namespace let all of its pods in, and none of them can be left out.
    #[test]
    fn exemptions_are_sufficient_and_necessary(set in prop::collection::vec(pods(), 1..6), level in prop::sample::select(vec![Level::Baseline, Level::Restricted])) {
        let pods: Vec<Value> = set.iter().enumerate().map(|(index, pod)| in_namespace(&defaulted(pod), ["one", "two"][index % 2], index)).collect();
        let mut cluster = Cluster::new(Options { level, ..Options::default() });
        let text = list(&pods);
        cluster.add(Source { name: "pods.json", text: &text }, Limits::default());
        let plan = cluster.plan();
        prop_assert!(plan.problems.is_empty(), "{:?}", plan.problems);
        prop_assert!(admits(&plan.settings, &pods), "{}", plan.settings);
        let manifest: Value = serde_norway::from_str(&plan.policy_manifest()).unwrap();
        prop_assert!(admits(&manifest["spec"]["settings"], &pods), "{manifest}");
        for namespace in &plan.namespaces {
            let own: Vec<Value> = pods.iter().filter(|pod| pod["metadata"]["namespace"] == json!(namespace.name)).cloned().collect();
            let at = |level: Level| admits(&json!({"level": level.name(), "version": "v1.24"}), &own);
            prop_assert!(namespace.level == Level::Privileged || at(namespace.level));
            prop_assert!(Level::ALL.into_iter().filter(|level| *level > namespace.level).all(|level| !at(level)));
            prop_assert!(admits(&namespace.settings, &own), "{}", namespace.settings);
            for index in 0..namespace.exemptions.len() {
                let mut exemptions: Vec<&Exemption> = namespace.exemptions.iter().collect();
                let removed = exemptions.remove(index);
                let mut settings = namespace.settings.clone();
                settings["exemptions"] = json!({"checks": exemptions});
                prop_assert!(!admits(&settings, &own), "{removed:?} is not needed: {settings}");
            }
        }
    }
}
