//! The fixtures and the admission responses of Kubernetes' own code, compared with those of the policy, natively and in the
//! module.
//!
//! The data is Kubernetes' and not part of this repository: `PSS_CONFORMANCE_DIR` is its directory. Without it these tests
//! print that they are skipped; the other tests of the repository cover every check, every version boundary and every rule of
//! admission.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod cluster;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cluster::HostCluster;
use pod_security_standards as policy_module;
use pss_host::{AdmissionRequest, Policy, ValidationResponse};
use pss_testing::cluster::MemoryCluster;
use pss_testing::conformance::data;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// A line of `admission-cases.jsonl`.
#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    config: Value,
    namespaces: Map<String, Value>,
    pods: Vec<Value>,
    request: Value,
    expected: Expected,
}

/// The AdmissionResponse of Kubernetes' own code. Absent fields are empty.
#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default, rename_all = "camelCase")]
struct Expected {
    allowed: bool,
    status: Option<Status>,
    warnings: Vec<String>,
    audit_annotations: Map<String, Value>,
}

#[derive(Debug, Default, Deserialize, PartialEq)]
#[serde(default)]
struct Status {
    code: u16,
    message: String,
}

/// Evaluates a request with settings and a cluster.
type Validate = dyn Fn(&Value, &Value, &HostCluster) -> ValidationResponse;

fn natively(request: &Value, settings: &Value, cluster: &HostCluster) -> ValidationResponse {
    let payload = serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap();
    let response = serde_json::from_slice(&policy_module::validate(&payload, &cluster.0).to_json()).unwrap();
    serde_json::from_value(response).unwrap()
}

/// The module as `make policy.wasm` built it.
fn in_wasm() -> impl Fn(&Value, &Value, &HostCluster) -> ValidationResponse {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy.wasm");
    let bytes = fs::read(&module).unwrap_or_else(|error| panic!("{}: {error}; `make test` builds it", module.display()));
    let policy = Policy::load(&bytes).unwrap();
    move |request, settings, cluster| {
        let request = AdmissionRequest::from_value(request.clone()).unwrap();
        policy.validate(&pss_host::payload(&request, settings), Arc::new(cluster.clone())).unwrap()
    }
}

#[test]
fn fixture_pods_natively() {
    fixture_pods(&natively);
}

#[test]
fn fixture_pods_in_wasm() {
    if data("pss").is_some() {
        fixture_pods(&in_wasm());
    }
}

#[test]
fn admission_cases_natively() {
    admission_cases(&natively);
}

#[test]
fn admission_cases_in_wasm() {
    if data("admission-cases.jsonl").is_some() {
        admission_cases(&in_wasm());
    }
}

/// `pss/LEVEL/VERSION/{pass,fail}/*.yaml`: the directory of a pod is its expected verdict.
fn fixture_pods(validate: &Validate) {
    let Some(root) = data("pss") else { return };
    let mut count = 0;
    let mut failures = Vec::new();
    for path in files(&root) {
        let parts: Vec<&str> = path.strip_prefix(&root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
        let [level, version, verdict, _] = parts[..] else { panic!("{}", path.display()) };
        let mut pod: Value = serde_norway::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        set_defaults(&mut pod);
        let request = json!({
            "uid": "u", "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "p", "namespace": "n", "operation": "CREATE", "userInfo": {}, "object": pod,
        });
        let response = validate(&request, &json!({"level": level, "version": version}), &HostCluster::default());
        if response.accepted != (verdict == "pass") {
            failures.push(format!("{}: {:?}", parts.join("/"), response.message));
        }
        count += 1;
    }
    assert!(failures.is_empty(), "{} of {count} fixture pods got the wrong verdict:\n{}", failures.len(), failures.join("\n"));
    assert!(count > 0, "no fixture pods in {}", root.display());
    eprintln!("{count} fixture pods got the verdict of Kubernetes");
}

/// Sets the only default of the API server that changes a verdict of a fixture: a volume without a source is an emptyDir.
fn set_defaults(pod: &mut Value) {
    for volume in pod.pointer_mut("/spec/volumes").and_then(Value::as_array_mut).into_iter().flatten() {
        let volume = volume.as_object_mut().unwrap();
        if volume.keys().all(|key| key == "name") {
            volume.insert("emptyDir".to_owned(), json!({}));
        }
    }
}

fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> = fs::read_dir(dir)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] })
        .collect();
    found.sort();
    found
}

/// `admission-cases.jsonl`: the response is identical to that of Kubernetes.
fn admission_cases(validate: &Validate) {
    let Some(path) = data("admission-cases.jsonl") else { return };
    let mut count = 0;
    let mut failures = Vec::new();
    for line in fs::read_to_string(&path).unwrap().lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let settings = json!({
            "defaults": case.config["defaults"], "exemptions": case.config["exemptions"], "namespaceLabels": "honor",
        });
        let cluster = HostCluster(MemoryCluster { namespaces: case.namespaces, pods: case.pods, workloads: Vec::new() });
        let response = validate(&case.request, &settings, &cluster);
        let actual = Expected {
            allowed: response.accepted,
            status: (!response.accepted)
                .then(|| Status { code: response.code.unwrap_or_default(), message: response.message.unwrap_or_default() }),
            warnings: response.warnings.unwrap_or_default(),
            audit_annotations: response
                .audit_annotations
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), without_host_error(&key, &value).into()))
                .collect(),
        };
        let mut expected = case.expected;
        for (key, value) in &mut expected.audit_annotations {
            *value = without_host_error(key, value.as_str().unwrap()).into();
        }
        if actual != expected {
            failures.push(format!("case {}:\n  actual {actual:?}\nexpected {expected:?}", case.id));
        }
        count += 1;
    }
    let first = &failures[..failures.len().min(10)];
    assert!(failures.is_empty(), "{} of {count} cases got another response:\n{}", failures.len(), first.join("\n"));
    assert!(count > 0, "no cases in {}", path.display());
    eprintln!("{count} admission cases got the response of Kubernetes");
}

/// An annotation without the error of the host at its end, which is why a namespace could not be looked up.
fn without_host_error(key: &str, value: &str) -> String {
    let lookup = "failed to lookup namespace ";
    match value.find(lookup).and_then(|start| value[start..].find("\": ").map(|length| start + length + 1)) {
        Some(end) if key == "error" => value[..end].to_owned(),
        _ => value.to_owned(),
    }
}
