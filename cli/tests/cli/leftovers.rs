//! Leftovers of PodSecurityPolicies: which files have them, what they count as, and the exit status.

use serde_json::Value;

use crate::folder::{ACCEPTED, Folder};

const POLICY: &str = "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {name: restricted}\nspec: {privileged: false}\n";
const ROLE: &str = "apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: psp}
rules:
  - {apiGroups: [\"\"], resources: [pods], verbs: [get]}
  - {apiGroups: [policy], resources: [podsecuritypolicies], resourceNames: [restricted], verbs: [use]}
";
const VALUES: &str = "rbac:\n  pspEnabled: true\n";

/// Returns the problems of a report as `FILE:LINE RULE SEVERITY`.
fn problems(report: &Value) -> Vec<String> {
    let documents = report["documents"].as_array().unwrap().iter();
    let of_document = |document: &Value| -> Vec<String> {
        let problems = document["problems"].as_array().unwrap().iter();
        let text = |problem: &Value| {
            let [rule, severity] = ["rule", "severity"].map(|key| problem[key].as_str().unwrap());
            format!("{}:{} {rule} {severity}", document["file"].as_str().unwrap(), problem["range"]["start"]["line"])
        };
        problems.map(text).collect()
    };
    documents.flat_map(of_document).collect()
}

#[test]
fn a_policy_is_an_error_and_the_others_are_warnings() {
    let list = format!("kind: List\napiVersion: v1\nitems:\n- {}", POLICY.replace('\n', "\n  ").trim_end());
    let files = [
        ("good.yaml", ACCEPTED),
        ("policy.yaml", POLICY),
        ("list.yaml", list.as_str()),
        ("role.yaml", ROLE),
        ("values.yaml", VALUES),
        // The name of a file is that of values, or there is a Chart.yaml beside it.
        ("chart/Chart.yaml", "apiVersion: v2\nname: chart\n"),
        ("chart/production.yaml", VALUES),
        ("other/production.yaml", VALUES),
        // A template is not rendered.
        (
            "chart/templates/policy.yaml",
            "{{ if .Values.rbac.pspEnabled }}\napiVersion: policy/v1beta1\nkind: PodSecurityPolicy\n{{ end }}\n",
        ),
    ];
    let folder = Folder::new(&files);
    let table: &[(&str, i32, &[&str])] = &[
        ("policy.yaml", 2, &["policy.yaml:2 pod-security-policy error"]),
        ("--fail-on never policy.yaml", 2, &["policy.yaml:2 pod-security-policy error"]),
        ("list.yaml", 2, &["list.yaml:5 pod-security-policy error"]),
        ("role.yaml", 0, &["role.yaml:6 pod-security-policy-access warning"]),
        ("--fail-on warn role.yaml", 1, &["role.yaml:6 pod-security-policy-access warning"]),
        ("good.yaml values.yaml", 0, &["values.yaml:2 pod-security-policy-value warning"]),
        ("--fail-on warn good.yaml values.yaml", 1, &["values.yaml:2 pod-security-policy-value warning"]),
        ("--allow-empty chart/production.yaml", 0, &["chart/production.yaml:2 pod-security-policy-value warning"]),
        ("--allow-empty chart --exclude templates", 0, &["chart/production.yaml:2 pod-security-policy-value warning"]),
        ("--allow-empty other/production.yaml", 0, &[]),
        ("chart/templates", 2, &["chart/templates/policy.yaml:1 template error"]),
    ];
    for (arguments, status, expected) in table {
        let run = folder.run(&format!("check --format json {arguments}"));
        assert_eq!(run.status, *status, "{arguments}: {run:?}");
        assert_eq!(problems(&serde_json::from_str(&run.out).unwrap()), *expected, "{arguments}");
    }
}

/// Values are no manifests: they do not make a run of one that judged something.
#[test]
fn values_are_never_counted_as_judged() {
    let folder = Folder::new(&[("values.yaml", VALUES)]);
    folder.run("check values.yaml").assert(2, &["warning[pod-security-policy-value]", "nothing was judged"]);
    let report = folder.json("--allow-empty values.yaml");
    assert_eq!(report["documents"][0]["status"], "values");
    let summary = &report["summary"];
    let counts = ["files", "objects", "judged", "unjudged", "warnings", "other"].map(|key| summary[key].as_u64().unwrap());
    assert_eq!(counts, [1, 0, 0, 0, 1, 1]);
}

#[test]
fn standard_input_has_the_name_that_an_argument_gives() {
    let folder = Folder::new(&[]);
    let run = |name: &str| folder.run_with(&["check", "--allow-empty", "--stdin-name", name, "-"], VALUES);
    run("values.yaml").assert(0, &["values.yaml:2:15"]);
    assert!(!run("config.yaml").out.contains("pod-security-policy"));
}

#[test]
fn fix_leaves_a_policy_alone_and_prints_why() {
    let folder = Folder::new(&[("policy.yaml", POLICY)]);
    let run = folder.run("fix policy.yaml");
    run.assert(2, &["policy.yaml: line 2: not judged: Kubernetes 1.25 removed PodSecurityPolicy"]);
}
