//! Kubernetes' own answers, natively and through the .wasm.
//!
//! The data is Kubernetes' and not part of this repository: `PSS_CONFORMANCE_DIR` says where it is.
//! Without it these tests say so and prove nothing; the repository's other tests cover every check,
//! every version boundary and every rule of admission by themselves.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod world;

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use pod_security_standards as policy_module;
use pss_host::{AdmissionRequest, Policy, ValidationResponse};
use pss_testing::cluster::MemoryCluster;
use pss_testing::conformance::data;
use serde::Deserialize;
use serde_json::{Map, Value, json};
use world::World;

/// A whole admission case, as `admission-cases.jsonl` has them.
#[derive(Debug, Deserialize)]
struct Case {
    id: String,
    config: Value,
    namespaces: Map<String, Value>,
    pods: Vec<Value>,
    request: Value,
    expected: Expected,
}

/// The AdmissionResponse of Kubernetes' own code; what is not there is empty.
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

/// Judges a request by settings, in a world.
type Judge = dyn Fn(&Value, &Value, &World) -> ValidationResponse;

fn natively(request: &Value, settings: &Value, world: &World) -> ValidationResponse {
    let payload = serde_json::to_vec(&json!({"request": request, "settings": settings})).unwrap();
    let response = serde_json::to_value(policy_module::validate(&payload, &world.0)).unwrap();
    serde_json::from_value(response).unwrap()
}

/// The module as `make policy.wasm` built it.
fn through_wasm() -> impl Fn(&Value, &Value, &World) -> ValidationResponse {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy.wasm");
    let bytes = fs::read(&module).unwrap_or_else(|error| panic!("{}: {error}; `make test` builds it", module.display()));
    let policy = Policy::load(&bytes).unwrap();
    move |request, settings, world| {
        let request = AdmissionRequest::from_value(request.clone()).unwrap();
        policy.validate(&pss_host::payload(&request, settings), Arc::new(world.clone())).unwrap()
    }
}

#[test]
fn fixture_pods_natively() {
    fixture_pods(&natively);
}

#[test]
fn fixture_pods_through_wasm() {
    if data("pss").is_some() {
        fixture_pods(&through_wasm());
    }
}

#[test]
fn admission_cases_natively() {
    admission_cases(&natively);
}

#[test]
fn admission_cases_through_wasm() {
    if data("admission-cases.jsonl").is_some() {
        admission_cases(&through_wasm());
    }
}

/// `pss/LEVEL/VERSION/{pass,fail}/*.yaml`: each pod passes or fails as its folder says.
fn fixture_pods(judge: &Judge) {
    let Some(root) = data("pss") else { return };
    let mut tried = 0;
    let mut wrong = Vec::new();
    for path in files(&root) {
        let parts: Vec<&str> = path.strip_prefix(&root).unwrap().iter().map(|part| part.to_str().unwrap()).collect();
        let [level, version, verdict, _] = parts[..] else { panic!("{}", path.display()) };
        let mut pod: Value = serde_norway::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        complete(&mut pod);
        let request = json!({
            "uid": "u", "kind": {"group": "", "version": "v1", "kind": "Pod"},
            "resource": {"group": "", "version": "v1", "resource": "pods"},
            "name": "p", "namespace": "n", "operation": "CREATE", "userInfo": {}, "object": pod,
        });
        let response = judge(&request, &json!({"level": level, "version": version}), &World::default());
        if response.accepted != (verdict == "pass") {
            wrong.push(format!("{}: {:?}", parts.join("/"), response.message));
        }
        tried += 1;
    }
    assert!(wrong.is_empty(), "{} of {tried} fixture pods got the wrong verdict:\n{}", wrong.len(), wrong.join("\n"));
    assert!(tried > 0, "no fixture pods in {}", root.display());
    eprintln!("{tried} fixture pods, all as Kubernetes judges them");
}

/// The one default that the API server fills in before admission and that changes a verdict.
fn complete(pod: &mut Value) {
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

/// `admission-cases.jsonl`: the response is Kubernetes' own, to the letter.
fn admission_cases(judge: &Judge) {
    let Some(path) = data("admission-cases.jsonl") else { return };
    let mut tried = 0;
    let mut wrong = Vec::new();
    for line in fs::read_to_string(&path).unwrap().lines() {
        let case: Case = serde_json::from_str(line).unwrap();
        let settings = json!({
            "defaults": case.config["defaults"], "exemptions": case.config["exemptions"], "namespaceLabels": "honor",
        });
        let world = World(MemoryCluster { namespaces: case.namespaces, pods: case.pods });
        let response = judge(&case.request, &settings, &world);
        let got = Expected {
            allowed: response.accepted,
            status: (!response.accepted)
                .then(|| Status { code: response.code.unwrap_or_default(), message: response.message.unwrap_or_default() }),
            warnings: response.warnings.unwrap_or_default(),
            audit_annotations: response
                .audit_annotations
                .into_iter()
                .flatten()
                .map(|(key, value)| (key.clone(), own_words(&key, &value).into()))
                .collect(),
        };
        let mut expected = case.expected;
        for (key, value) in &mut expected.audit_annotations {
            *value = own_words(key, value.as_str().unwrap()).into();
        }
        if got != expected {
            wrong.push(format!("case {}:\n     got {got:?}\nexpected {expected:?}", case.id));
        }
        tried += 1;
    }
    let shown = &wrong[..wrong.len().min(10)];
    assert!(wrong.is_empty(), "{} of {tried} cases got another answer:\n{}", wrong.len(), shown.join("\n"));
    assert!(tried > 0, "no cases in {}", path.display());
    eprintln!("{tried} admission cases, all answered as Kubernetes answers them");
}

/// An annotation without its tail that is the host's: why a namespace could not be looked up.
fn own_words(key: &str, value: &str) -> String {
    let lookup = "failed to lookup namespace ";
    match value.find(lookup).and_then(|at| value[at..].find("\": ").map(|end| at + end + 1)) {
        Some(end) if key == "error" => value[..end].to_owned(),
        _ => value.to_owned(),
    }
}
