//! Tests of the candidates with the table of Kubernetes' fields. Those of checks alone are tested with the language server.

use pss_core::standards::{Level, Version};
use pss_review::fields::kubernetes;

use super::*;

fn policy(level: Level) -> LevelVersion {
    LevelVersion { level, version: Version::Latest }
}

/// Returns the completions at `|` in a text.
fn candidates(text: &str, level: Level) -> Vec<Candidate> {
    let offset = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    completions(&text, offset, policy(level), Some(kubernetes())).map(|completions| completions.candidates).unwrap_or_default()
}

fn labels(text: &str) -> Vec<String> {
    candidates(text, Level::Restricted).into_iter().map(|candidate| candidate.label).collect()
}

const POD: &str = "apiVersion: v1\nkind: Pod\n";

#[test]
fn offers_the_fields_of_checks_before_others() {
    let found = candidates(&format!("{POD}spec:\n  containers:\n  - name: a\n    securityContext:\n      |"), Level::Restricted);
    let of_checks = found.iter().take_while(|candidate| !candidate.checks().is_empty()).count();
    assert!(of_checks >= 8 && found.iter().skip(of_checks).all(|candidate| candidate.checks().is_empty()), "{found:?}");
    let find = |label: &str| found.iter().find(|candidate| candidate.label == label).unwrap();
    for (label, text, description, checks) in [
        ("allowPrivilegeEscalation", "allowPrivilegeEscalation: false", "bool", vec!["allowPrivilegeEscalation"]),
        ("readOnlyRootFilesystem", "readOnlyRootFilesystem: ", "bool", vec![]),
        ("runAsGroup", "runAsGroup: ", "int64", vec![]),
    ] {
        let candidate = find(label);
        assert_eq!((candidate.text.as_str(), candidate.description.as_str(), candidate.checks()), (text, description, checks));
    }
    // What the level does not check is a field like any other.
    let found = candidates(&format!("{POD}spec:\n  |"), Level::Privileged);
    assert!(found.iter().any(|candidate| candidate.label == "hostNetwork" && candidate.fields.is_empty()), "{found:?}");
}

#[test]
fn offers_every_field_and_value_of_the_table() {
    for (text, expected) in [
        ("|", "apiVersion kind metadata"),
        ("apiVersion: v1\nkind: ConfigMap\n|", "binaryData data immutable metadata"),
        ("kind: Ingress\nspec:\n  |", "defaultBackend ingressClassName rules tls"),
        ("apiVersion: apps/v1\nkind: Deployment\nspec:\n  strategy:\n    |", "rollingUpdate type"),
        ("apiVersion: apps/v1\nkind: Deployment\nspec:\n  strategy:\n    type: |", "Recreate RollingUpdate"),
        ("apiVersion: v1\nkind: Pod\nspec:\n  restartPolicy: |", "Always OnFailure Never"),
        ("apiVersion: v1\nkind: Pod\nspec:\n  enableServiceLinks: |", "true false"),
        ("apiVersion: v1\nkind: Pod\nspec:\n  hostNetwork: |", "false true"),
        ("apiVersion: v1\nkind: Pod\nspec:\n  securityContext:\n    seccompProfile:\n      type: |", "RuntimeDefault Localhost Unconfined"),
        (
            "apiVersion: v1\nkind: PersistentVolumeClaim\nspec:\n  accessModes:\n  - |",
            "ReadWriteOnce ReadOnlyMany ReadWriteMany ReadWriteOncePod",
        ),
        ("apiVersion: v1\nkind: Service\nspec:\n  ports:\n  - name: a\n    protocol: |", "TCP UDP SCTP"),
        ("kind: Job\napiVersion: |", "batch/v1"),
        ("apiVersion: batch/v1\nkind: |", "CronJob Job"),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: Job\n  apiVersion: |", "batch/v1"),
        ("apiVersion: example.com/v1\nkind: Foo\nspec:\n  |", ""),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  labels:\n    |", ""),
        ("apiVersion: v1\nkind: Pod\nspec:\n  containers: |", ""),
    ] {
        let found = labels(text);
        let found: Vec<&str> = found.iter().map(String::as_str).filter(|label| *label != "status").collect();
        assert_eq!(found.join(" "), expected, "{text}");
    }
}

#[test]
fn leaves_out_the_fields_that_exist() {
    let found = labels(&format!("{POD}spec:\n  hostNetwork: false\n  nodeName: a\n  |"));
    assert!(!found.contains(&"hostNetwork".to_owned()) && !found.contains(&"nodeName".to_owned()) && found.len() > 30, "{found:?}");
}

#[test]
fn replaces_the_word_at_the_cursor() {
    let text = format!("{POD}spec:\n  ü: 1\n  hostNet: true\n");
    let start = text.find("hostNet").unwrap();
    let found = completions(&text, start + 4, policy(Level::Restricted), Some(kubernetes())).unwrap();
    assert_eq!((found.start, found.end), (start, start + 7));
    let network = found.candidates.iter().find(|candidate| candidate.label == "hostNetwork").unwrap();
    assert_eq!(network.text, "hostNetwork");
}
