//! Tables of texts with their leftovers, as `LINE:COLUMN PATH`.

use super::*;

fn places(leftovers: &[Leftover]) -> Vec<String> {
    let place = |leftover: &Leftover| format!("{}:{} {}", leftover.span.start.line, leftover.span.start.column, leftover.path);
    leftovers.iter().map(place).collect()
}

/// Returns the text of a ClusterRole with one rule.
fn role(rule: &str) -> String {
    format!("apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nrules:\n- {rule}\n")
}

#[test]
fn finds_policies_in_documents_and_lists() {
    let psp = "{apiVersion: policy/v1beta1, kind: PodSecurityPolicy, metadata: {name: a}}";
    let list = |kind: &str, api_version: &str, item: &str| format!("kind: {kind}\napiVersion: {api_version}\nitems:\n- {item}\n");
    for (text, expected) in [
        (psp.to_owned(), &["1:36 kind"][..]),
        (psp.replace("policy", "extensions"), &["1:40 kind"]),
        ("---\nkind: \"PodSecurityPolicy\"\napiVersion: 'policy/v1beta1'\n".to_owned(), &["2:7 kind"]),
        ("a: [\n---\n".to_owned() + psp, &["3:36 kind"]),
        (list("List", "v1", psp), &["4:38 kind"]),
        (list("PodSecurityPolicyList", "policy/v1beta1", "{metadata: {name: a}}"), &["4:4 kind"]),
        (psp.replace("policy/v1beta1", "policy/v1"), &["1:31 kind"]),
        (psp.replace("policy/v1beta1", "example.com/v1beta1"), &[]),
        ("apiVersion: v1\nkind: ConfigMap\ndata: {kind: PodSecurityPolicy}\n".to_owned(), &[]),
    ] {
        assert_eq!(places(&of_manifests(&text, Limits::default())), expected, "{text}");
    }
}

#[test]
fn the_index_is_that_of_the_document_and_the_item() {
    let text = "kind: List\napiVersion: v1\nitems:\n- {apiVersion: v1, kind: Pod}\n- {apiVersion: policy/v1beta1, kind: PodSecurityPolicy}\n---\na: 1\n---\n\
                apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n";
    let indices: Vec<_> =
        of_manifests(text, Limits::default()).iter().map(|leftover| (leftover.document, leftover.item, leftover.kind.severity())).collect();
    assert_eq!(indices, [(0, Some(1), Severity::Error), (2, None, Severity::Error)]);
}

#[test]
fn finds_the_rules_that_use_policies() {
    for (rule, expected) in [
        ("{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use]}", &["4:37 rules[0].resources[0]"][..]),
        ("{apiGroups: [extensions], resources: [a, podsecuritypolicies], verbs: [get, use]}", &["4:44 rules[0].resources[1]"]),
        ("{apiGroups: ['*'], resources: [podsecuritypolicies], verbs: ['*'], resourceNames: [a, b]}", &["4:34 rules[0].resources[0]"]),
        ("{apiGroups: [policy], resources: ['*'], verbs: [use]}", &["4:50 rules[0].verbs"]),
        // cluster-admin, and what only reads the objects or uses others.
        ("{apiGroups: ['*'], resources: ['*'], verbs: ['*']}", &[]),
        ("{apiGroups: ['*'], resources: ['*'], verbs: [use]}", &[]),
        ("{apiGroups: [policy], resources: ['*'], verbs: ['*']}", &[]),
        ("{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [get, list]}", &[]),
        ("{apiGroups: [''], resources: [podsecuritypolicies], verbs: [use]}", &[]),
        ("{apiGroups: [security.openshift.io], resources: [securitycontextconstraints], verbs: [use]}", &[]),
        ("[podsecuritypolicies]", &[]),
    ] {
        // The comment keeps the text from being skipped.
        let text = role(rule) + "# podsecuritypolicies";
        assert_eq!(places(&of_manifests(&text, Limits::default())), expected, "{rule}");
    }
    let of_other_kind = role("{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use]}").replace("ClusterRole", "RoleBinding");
    assert_eq!(of_manifests(&of_other_kind, Limits::default()), []);
}

#[test]
fn names_the_policies_of_a_rule_and_what_to_remove() {
    for (resources, names, message, action) in [
        ("podsecuritypolicies", "", "all PodSecurityPolicies, which", "Then remove the rule"),
        ("podsecuritypolicies", "restricted", "the PodSecurityPolicy restricted, which", "Then remove the rule"),
        ("podsecuritypolicies, b", "a, b", "the PodSecurityPolicies a, b, which", "Then remove podsecuritypolicies from its resources"),
    ] {
        let rule = format!("{{apiGroups: [policy], resources: [{resources}], verbs: [use], resourceNames: [{names}]}}");
        let leftovers = of_manifests(&role(&rule), Limits::default());
        let [leftover] = leftovers.as_slice() else { panic!("{leftovers:?}") };
        assert!(leftover.message.contains(message), "{}", leftover.message);
        assert!(leftover.help.ends_with(action), "{}", leftover.help);
        assert_eq!(leftover.kind.severity(), Severity::Warning);
    }
}

#[test]
fn finds_the_switches_of_charts_that_are_on() {
    for (text, expected) in [
        ("global:\n  cattle:\n    psp:\n      enabled: true\n", &["4:16 global.cattle.psp.enabled"][..]),
        ("enablePSP: true", &["1:12 enablePSP"]),
        ("enablePSP: \"true\"", &["1:12 enablePSP"]),
        ("longhorn: {enablePSP: yes}", &["1:23 longhorn.enablePSP"]),
        ("grafana: {rbac: {pspEnabled: true}}\n---\npsp: {create: true}", &["1:30 grafana.rbac.pspEnabled", "3:15 psp.create"]),
        ("enablePSP: false", &[]),
        ("enablePSP: null", &[]),
        ("enablePSP: {enabled: true}", &[]),
        ("psp: {name: create}", &[]),
        ("rbac: {create: true}", &[]),
        ("notpsp: {create: true}", &[]),
        ("apiVersion: v1\nkind: X\npsp: {create: true}", &[]),
        ("psp: {create: true", &[]),
        ("psp: [{create: true}]", &[]),
    ] {
        assert_eq!(places(&of_values(text, Limits::default())), expected, "{text}");
    }
}

/// Each switch is found by itself, with its own advice: an earlier one does not hide it.
#[test]
fn every_switch_has_its_own_advice() {
    for switch in SWITCHES {
        let keys: Vec<&str> = switch.path.split('.').collect();
        let text = format!("{}true{}", keys.iter().map(|key| format!("{{{key}: ")).collect::<String>(), "}".repeat(keys.len()));
        let leftovers = of_values(&text, Limits::default());
        let [leftover] = leftovers.as_slice() else { panic!("{text}: {leftovers:?}") };
        assert!(leftover.help.contains(switch.charts) && leftover.help.starts_with(switch.instead), "{}: {}", switch.path, leftover.help);
        assert_eq!(leftover.path, switch.path);
    }
}

#[test]
fn knows_the_names_of_files_with_values() {
    for name in
        ["values.yaml", "values.yml", "Values.JSON", "values-production.yaml", "ci-values.yaml", "prod.values.yaml", "values_a.yaml"]
    {
        assert!(is_values_file_name(name), "{name}");
    }
    for name in ["Chart.yaml", "values", "values.txt", "keyvalues.yaml", "deployment.yaml", ""] {
        assert!(!is_values_file_name(name), "{name}");
    }
}

#[test]
fn the_document_lists_every_switch() {
    let document = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/cli.md")).unwrap();
    let rows: Vec<&str> =
        document.lines().skip_while(|line| *line != "| Value | Charts |").skip(2).take_while(|line| !line.is_empty()).collect();
    assert_eq!(rows, SWITCHES.map(|switch| format!("| `{}` | {} |", switch.path, switch.charts)));
}
