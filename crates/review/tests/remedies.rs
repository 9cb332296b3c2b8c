//! The setting `details` and the fixes of a review have the same remedy for every check and field.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::collections::BTreeMap;

use pod_security_standards::validate;
use proptest::prelude::*;
use pss_core::admission::NoCluster;
use pss_core::settings::Settings;
use pss_review::{Finding, Options, Source, review};
use serde_json::{Value, json};

use pss_testing::samples;

/// The remedies in the annotation `details`, by check and path.
fn details(kind: usize, object: &Value, settings: &Value) -> BTreeMap<(String, String), Value> {
    let payload = json!({"request": samples::creation(kind, "team", object.clone()), "settings": settings}).to_string();
    let response = validate(payload.as_bytes(), &NoCluster);
    let details = response.audit_annotations.and_then(|mut annotations| annotations.remove("details"));
    let details: Vec<Value> = details.map_or_else(Vec::new, |details| serde_json::from_str(&details).unwrap());
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    details.into_iter().map(|detail| ((text(&detail["check"]), text(&detail["path"])), detail["fix"].clone())).collect()
}

/// The findings of a review, by check and path.
fn findings(text: &str, settings: &Value) -> BTreeMap<(String, String), Finding> {
    let json = settings.to_string();
    let options = Options { settings: Settings::parse(json.as_bytes()).unwrap(), ..Options::default() };
    let report = review(&[Source { name: "manifest.yaml", text }], &options);
    let findings = report.documents.into_iter().flat_map(|document| document.findings);
    findings.map(|finding| ((finding.check.id.to_owned(), finding.path.clone()), finding)).collect()
}

/// The title of the fix for a remedy of `details`, without `for the pod`.
fn title(path: &str, value: Option<&str>, fix: &Value) -> Option<String> {
    if fix["path"].as_str().is_some_and(|path| path.ends_with("spec.os.name")) {
        return Some(format!("Set os.name: {}", fix["set"].as_str().unwrap()));
    }
    let field = path.rsplit("securityContext.").next().unwrap();
    if fix["remove"] == true {
        let noun = if path.ends_with("hostPort") { "hostPort" } else { "capability" };
        return Some(format!("Remove {noun} {}", value.unwrap()));
    }
    match &fix["set"] {
        Value::Null => None,
        Value::Array(list) => {
            assert_eq!((field, list.as_slice()), ("capabilities.drop", [json!("ALL")].as_slice()));
            Some("Drop all capabilities".to_owned())
        }
        Value::String(value) => Some(format!("Set {}: {value}", field.strip_suffix(".type").unwrap())),
        value => Some(format!("Set {field}: {value}")),
    }
}

fn assert_agreement(kind: usize, object: &Value, settings: &Value) {
    let text = object.to_string();
    let (details, findings) = (details(kind, object, settings), findings(&text, settings));
    // A review sets defaults as an API server does: a volume without a source is an emptyDir, and with hostNetwork each port
    // is a host port.
    for (key, fix) in &details {
        assert!(findings.contains_key(key) || key.0 == "restrictedVolumes" && fix.is_null(), "{key:?}\n{text}");
    }
    for ((check, path), finding) in &findings {
        let Some(fix) = details.get(&(check.clone(), path.clone())) else {
            assert_eq!((check.as_str(), &finding.fix), ("hostPorts", &None), "{path}\n{text}");
            continue;
        };
        let title_of_fix = finding.fix.as_ref().map(|fix| fix.title.strip_suffix(" for the pod").unwrap_or(&fix.title).to_owned());
        assert_eq!(title_of_fix, title(path, finding.value.as_deref(), fix), "{check} {path}\n{text}");
    }
}

#[test]
fn details_and_fixes_agree_on_regressions() {
    let table = [
        // A kubelet rejects it with runAsNonRoot.
        (json!({"os": {"name": "windows"}}), json!({"windowsOptions": {"runAsUserName": "ContainerAdministrator"}}), json!({})),
        (json!({"nodeSelector": {"kubernetes.io/os": "windows"}}), json!({}), json!({})),
        (json!({"nodeSelector": {"beta.kubernetes.io/os": "windows"}}), json!({"runAsUser": 1}), json!({})),
        (json!({}), json!({"capabilities": {"add": ["SYS_ADMIN"]}}), json!({})),
        (json!({}), json!({"capabilities": {"add": ["CAP_SYS_ADMIN"]}}), json!({})),
        (json!({}), json!({}), json!({"ports": [{"hostPort": 80}]})),
        (json!({"securityContext": {"runAsNonRoot": false}}), json!({}), json!({})),
        (json!({"securityContext": {"seccompProfile": {"type": "X", "localhostProfile": "p"}}}), json!({}), json!({})),
        (json!({}), json!({"seccompProfile": {"type": "Unconfined"}}), json!({})),
    ];
    for (spec, context, fields) in table {
        let mut container = json!({"name": "a", "image": "i", "securityContext": context});
        container.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
        let mut pod = json!({"metadata": {"name": "p"}, "spec": {"containers": [container]}});
        pod["spec"].as_object_mut().unwrap().extend(spec.as_object().unwrap().clone());
        for level in ["baseline", "restricted"] {
            assert_agreement(0, &samples::object_with(0, &pod), &json!({"level": level, "details": true, "workloads": "enforce"}));
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(1000) })]

    #[test]
    fn details_and_fixes_agree_on_every_finding(
        level in prop::sample::select(vec!["baseline", "restricted"]),
        version in samples::version(),
        kind in samples::kind(),
        pod in samples::pod(),
    ) {
        let settings = json!({"level": level, "version": version, "details": true, "workloads": "enforce"});
        assert_agreement(kind, &samples::object_with(kind, &pod), &settings);
    }
}
