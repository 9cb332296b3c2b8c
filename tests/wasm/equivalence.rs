//! The module has the same response as the native core for each request and its settings, and does not trap on any input.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "../conformance/cluster.rs"]
mod cluster;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cluster::HostCluster;
use pod_security_standards as policy_module;
use proptest::prelude::*;
use proptest::test_runner::TestRunner;
use pss_core::admission::{self, Cluster};
use pss_host::{AdmissionRequest, NoCluster, Policy, payload};
use pss_testing::cluster::MemoryCluster;
use pss_testing::samples;
use serde_json::{Value, json};

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn policy() -> Policy {
    let module = repository().join("policy.wasm");
    let bytes = fs::read(&module).unwrap_or_else(|error| panic!("{}: {error}; `make test` builds it", module.display()));
    Policy::load(&bytes).unwrap()
}

/// All requests in a directory and those below it.
fn requests(dir: &Path) -> Vec<(PathBuf, AdmissionRequest)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.append(&mut requests(&path));
        } else if path.extension().is_some_and(|extension| extension == "json")
            && let Ok(request) = AdmissionRequest::parse(&fs::read_to_string(&path).unwrap())
        {
            found.push((path, request));
        }
    }
    found
}

fn natively(payload: &[u8], cluster: &dyn Cluster) -> Value {
    serde_json::from_slice(&policy_module::validate(payload, cluster).to_json()).unwrap()
}

/// The fields of a response.
const FIELDS: [&str; 6] = ["accepted", "code", "message", "warnings", "audit_annotations", "mutated_object"];

#[test]
fn sample_requests_get_the_native_response() {
    let policy = policy();
    let settings = [
        json!({"level": "restricted"}),
        json!({"level": "baseline", "version": "v1.20", "workloads": "enforce"}),
        json!({"defaults": {"audit": "restricted", "warn": "baseline", "warn-version": "v1.34"}}),
        json!({"level": "restricted", "exemptions": {"namespaces": ["team-a", "default"], "runtimeClasses": ["gvisor"]}}),
        json!({"level": "strict"}),
        json!({}),
    ];
    let requests = requests(&repository().join("tests/data"));
    assert!(requests.len() > 3, "there are only {} requests", requests.len());
    for (path, request) in &requests {
        for settings in &settings {
            let payload = payload(request, settings);
            let actual = serde_json::to_value(policy.validate(&payload, Arc::new(NoCluster)).unwrap()).unwrap();
            let natively = natively(&payload, &admission::NoCluster);
            for field in FIELDS {
                assert_eq!(actual.get(field).unwrap_or(&Value::Null), &natively[field], "{field} of {} by {settings}", path.display());
            }
        }
    }
}

/// Generated settings include those that Kubernetes' admission does not have; the namespace has labels, pods and workloads.
#[test]
fn generated_requests_get_the_native_response() {
    let policy = policy();
    let settings = samples::settings()
        .prop_filter("settings must be valid", |settings| policy_module::validate_settings(settings.to_string().as_bytes()).valid);
    let object = prop_oneof![6 => samples::pod(), 1 => samples::malformed(samples::pod())];
    let samples = (settings, samples::kind(), object, samples::pod(), samples::labels(), 0..5_u8);
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(300);
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    let counts = RefCell::new(BTreeMap::<String, u32>::new());
    let outcome = TestRunner::new(config).run(&samples, |(settings, kind, object, old, labels, operation)| {
        let namespace = |labels: &Value| json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "team", "labels": labels}});
        let mut request = match operation {
            0 => samples::change(kind, "team", samples::object_with(kind, &old), samples::object_with(kind, &object)),
            1 => {
                let mut request = samples::change(0, "team", namespace(&json!({})), namespace(&labels));
                request["kind"]["kind"] = json!("Namespace");
                request["resource"]["resource"] = json!("namespaces");
                request["name"] = json!("team");
                request
            }
            _ => samples::creation(kind, "team", samples::object_with(kind, &object)),
        };
        request["uid"] = json!("u");
        let workloads = vec![samples::object_with(kind, &old)];
        let cluster =
            HostCluster(MemoryCluster { namespaces: [("team".to_owned(), labels)].into_iter().collect(), pods: vec![old], workloads });
        let payload = payload(&AdmissionRequest::from_value(request).unwrap(), &settings);
        let natively = natively(&payload, &cluster.0);
        let actual = serde_json::to_value(policy.validate(&payload, Arc::new(cluster)).unwrap()).unwrap();
        for field in FIELDS {
            prop_assert_eq!(actual.get(field).unwrap_or(&Value::Null), &natively[field], "{}", field);
            if !natively[field].is_null() && natively[field] != false {
                *counts.borrow_mut().entry(field.to_owned()).or_default() += 1;
            }
        }
        for key in natively["audit_annotations"].as_object().into_iter().flatten().map(|(key, _)| key) {
            *counts.borrow_mut().entry(key.clone()).or_default() += 1;
        }
        Ok(())
    });
    println!("{cases} cases: {:?}", counts.borrow());
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    let expected =
        ["accepted", "message", "warnings", "mutated_object", "exempt-checks", "hardened", "details", "labels-set", "audit-violations"];
    for name in expected {
        assert!(counts.borrow().contains_key(name), "{name}");
    }
}

#[test]
fn every_payload_gets_a_response() {
    let policy = policy();
    let (_, request) = requests(&repository().join("tests/data")).remove(0);
    let whole = payload(&request, &json!({"level": "restricted"}));
    let mut payloads: Vec<Vec<u8>> =
        [0, 1, 2, 10, whole.len() / 3, whole.len() / 2, whole.len() - 1].map(|end| whole[..end].to_vec()).into();
    for depth in [100, 127, 128, 129, 10_000, 100_000] {
        payloads.push([b"{\"request\":{\"object\":".as_slice(), &b"[".repeat(depth), b"}}"].concat());
        let nested = [b"{\"a\":".repeat(depth), b"1".to_vec(), b"}".repeat(depth)].concat();
        payloads.push([b"{\"request\":{\"object\":{\"spec\":".as_slice(), &nested, b"}}}"].concat());
    }
    payloads.push(vec![0xff; 64]);
    payloads.push([b"{\"request\":".as_slice(), &b"9".repeat(5000), b"}"].concat());
    for payload in &payloads {
        let prefix = String::from_utf8_lossy(&payload[..payload.len().min(60)]).into_owned();
        let response = policy.validate(payload, Arc::new(NoCluster)).unwrap_or_else(|error| panic!("{prefix}: {error}"));
        assert!(!response.accepted, "{prefix}");
        assert_eq!(response.message.as_deref(), natively(payload, &admission::NoCluster)["message"].as_str(), "{prefix}");
    }
    for settings in [json!(null), json!(7), json!([[]]), json!({"exemptions": {"namespaces": [{}]}})] {
        let response = policy.validate_settings(&settings).unwrap();
        assert!(!response.valid && response.message.is_some(), "{settings}");
    }
}
