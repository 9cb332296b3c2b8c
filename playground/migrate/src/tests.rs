//! The results for texts of every kind, and properties of all texts: no function panics, and all ranges are in the text.

use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::api::{inspect, plan, settings};
use crate::report::Range;

const TEMPLATE: &str = "apiVersion: management.cattle.io/v3
kind: PodSecurityAdmissionConfigurationTemplate
metadata: {name: shop}
configuration:
  defaults: {enforce: baseline, enforce-version: v1.30}
  exemptions: {usernames: [], runtimeClasses: [], namespaces: [kube-system]}
";
const ADMISSION: &str = "apiVersion: apiserver.config.k8s.io/v1
kind: AdmissionConfiguration
plugins:
- name: PodSecurity
  configuration:
    apiVersion: pod-security.admission.config.k8s.io/v1
    kind: PodSecurityConfiguration
    defaults: {enforce: restricted}
";
const CONFIGURATION: &str = "{\"apiVersion\": \"pod-security.admission.config.k8s.io/v1beta1\", \"kind\": \"PodSecurityConfiguration\",
 \"defaults\": {\"warn\": \"baseline\"}}
";
const POLICY: &str = "apiVersion: policy/v1beta1
kind: PodSecurityPolicy
metadata: {name: restricted}
spec:
  volumes: [configMap]
  runAsUser: {rule: MustRunAsNonRoot}
  seLinux: {rule: RunAsAny}
  supplementalGroups: {rule: RunAsAny}
  fsGroup: {rule: RunAsAny}
";
const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: {name: \"psp-\u{1f9ad}\"}
rules: [{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use], resourceNames: [restricted]}]
";
const PODS: &str = "apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {hostNetwork: true, containers: [{name: web, image: web}]}
";
const VALUES: &str = "rbac:\n  pspEnabled: true\n";
const TEXTS: [&str; 7] = [TEMPLATE, ADMISSION, CONFIGURATION, POLICY, ROLE, PODS, VALUES];

#[test]
fn finds_what_can_be_migrated() {
    let inspection = inspect(&TEXTS.join("---\n"));
    let configurations: Vec<_> =
        inspection.configurations.iter().map(|one| (one.kind.as_str(), one.name.as_str(), one.document, one.range.start.line)).collect();
    assert_eq!(
        configurations,
        [
            ("PodSecurityAdmissionConfigurationTemplate", "shop", 0, 1),
            ("AdmissionConfiguration", "", 1, 8),
            ("PodSecurityConfiguration", "", 2, 17),
        ]
    );
    assert_eq!(inspection.policies, 1);
    let leftovers: Vec<_> = inspection.leftovers.iter().map(|one| (one.path.as_str(), one.range.start.line)).collect();
    assert_eq!(leftovers, [("rules[0].resources[0]", 33), ("rbac.pspEnabled", 45)]);
}

#[test]
fn finds_nothing_in_other_texts() {
    for text in ["", "a: [", PODS, "apiVersion: example.com/v1\nkind: AdmissionConfiguration\n", "kind: PodSecurityPolicy\n"] {
        let inspection = inspect(text);
        assert!(inspection.configurations.is_empty() && inspection.policies == 0 && inspection.leftovers.is_empty(), "{text}");
    }
}

/// Each configuration is converted by itself: what else the text contains, invalid documents among it, does not matter.
#[test]
fn converts_each_configuration_of_a_text() {
    let text = format!("a: [\n---\n# \u{1f9ad}\n{}", TEXTS.join("---\n"));
    let found = inspect(&text).configurations;
    let expected = [
        ("shop", serde_json::json!({"enforce": "baseline", "enforce-version": "v1.30"})),
        ("", serde_json::json!({"enforce": "restricted"})),
        ("", serde_json::json!({"warn": "baseline"})),
    ];
    assert_eq!(found.len(), expected.len());
    for (reference, (name, defaults)) in found.iter().zip(expected) {
        assert_eq!(reference.name, name);
        let report = settings(&text, reference.document, &reference.name);
        assert!(report.problems.is_empty(), "{:?}", report.problems);
        let settings: serde_json::Value = serde_json::from_str(&report.settings.unwrap()).unwrap();
        for (key, value) in defaults.as_object().unwrap() {
            assert_eq!(&settings["defaults"][key], value, "{settings}");
        }
        // The labels of namespaces override the configuration of a cluster.
        assert_eq!(settings["namespaceLabels"], "honor");
    }
}

#[test]
fn errors_have_their_position_in_the_whole_text() {
    let text = format!("# \u{1f9ad}\n{PODS}---\n{}", ADMISSION.replace("restricted", "strict"));
    let report = settings(&text, 1, "");
    assert_eq!(report.settings, None);
    let lines: Vec<_> = report.problems.iter().map(|problem| text.lines().nth(problem.range.start.line - 1).unwrap()).collect();
    assert_eq!(lines, ["    defaults: {enforce: strict}"]);
}

#[test]
fn an_admission_configuration_cannot_name_another_file() {
    let text = "apiVersion: apiserver.config.k8s.io/v1\nkind: AdmissionConfiguration\nplugins: [{name: PodSecurity, path: pss.yaml}]\n";
    let report = settings(text, 0, "");
    assert!(report.settings.is_none() && report.problems[0].message.contains("reads no other file"), "{report:?}");
    assert_eq!(report.problems[0].range.start.line, 3);
}

#[test]
fn plans_the_levels_of_policies_and_namespaces() {
    let report = plan(&[POLICY, PODS].join("---\n"));
    let [policy] = report.policies.as_slice() else { panic!("{report:?}") };
    assert_eq!((policy.name.as_str(), policy.line), ("restricted", 1));
    let levels: Vec<_> = policy.levels.iter().map(|level| level.level).collect();
    assert_eq!(levels, ["baseline", "restricted"]);
    let verdict = |level: usize, field: &str| policy.levels[level].fields.iter().find(|own| own.field == field).map(|own| own.verdict);
    // Restricted requires runAsNonRoot, which the policy does not if runAsUser is set.
    assert_eq!([verdict(0, "runAsUser"), verdict(1, "runAsUser")], [Some("stricter"), Some("looser")]);
    assert_eq!([verdict(0, "privileged"), verdict(0, "volumes")], [None, Some("stricter")]);
    let namespaces: Vec<_> =
        report.namespaces.iter().map(|namespace| (namespace.name.as_str(), namespace.workloads, namespace.level)).collect();
    assert_eq!(namespaces, [("shop", 1, "privileged")]);
    assert_eq!(report.rejected, ["Deployment shop/web"]);
    assert!(!report.has_access && report.problems.is_empty());
    let settings: serde_json::Value = serde_json::from_str(&report.settings).unwrap();
    assert_eq!((&settings["level"], &settings["exemptions"]["checks"][0]["checks"][0]), (&"baseline".into(), &"hostNamespaces".into()));
}

/// The official policies are those for the pods of the text, so the policy must admit some.
#[test]
fn plans_the_official_policies_with_their_manifests() {
    let pod =
        "apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {securityContext: {runAsUser: 5}, containers: [{name: a, image: a}]}\n";
    let report = plan(&[POLICY, pod].join("---\n"));
    let [policy] = report.policies.as_slice() else { panic!("{report:?}") };
    let official: Vec<_> = policy.official.iter().map(|official| (official.module, official.fields.as_slice())).collect();
    assert!(official.contains(&("volumes-psp", &["volumes"])), "{official:?} {:?}", policy.namespaces);
    let manifests = &report.manifests;
    assert!(manifests.contains("/volumes-psp:") && manifests.contains("kind: ClusterAdmissionPolicy"), "{manifests}");
}

/// Some of the texts, with parts removed or replaced.
fn damaged() -> impl Strategy<Value = String> {
    let replacements =
        vec!["", ":", "- ", "\n", "\r", "\u{feff}", "😀", "\u{2028}", "&c ", "*c", "\"", "null", "1", "[", "}", "---\n", "kind"];
    let damage = (any::<Index>(), 0..12_usize, select(replacements));
    let texts = prop::collection::vec(select(&TEXTS[..]), 1..5).prop_map(|texts| texts.join("---\n"));
    (texts, prop::collection::vec(damage, 0..4)).prop_map(|(text, damages)| {
        let mut text: Vec<char> = text.chars().collect();
        for (index, length, replacement) in damages {
            let start = index.index(text.len() + 1);
            let end = (start + length).min(text.len());
            text.splice(start..end, replacement.chars());
        }
        text.into_iter().collect()
    })
}

fn check_ranges(text: &str, ranges: impl IntoIterator<Item = Range>) -> Result<(), TestCaseError> {
    let length = text.encode_utf16().count();
    for Range { start, end } in ranges {
        prop_assert!(start.offset <= end.offset && end.offset <= length, "{start:?} {end:?} in {length}: {text:?}");
        prop_assert!(start.line >= 1 && start.column >= 1);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 128, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn all_ranges_are_in_the_text(text in damaged()) {
        let inspection = inspect(&text);
        check_ranges(&text, inspection.leftovers.iter().map(|leftover| leftover.range))?;
        for reference in &inspection.configurations {
            check_ranges(&text, [reference.range])?;
            let report = settings(&text, reference.document, &reference.name);
            prop_assert_eq!(report.settings.is_some(), report.problems.is_empty());
            check_ranges(&text, report.problems.iter().map(|problem| problem.range))?;
        }
        let report = plan(&text);
        prop_assert!(report.policies.len() <= inspection.policies);
        check_ranges(&text, report.problems.iter().map(|problem| problem.range))?;
    }
}
