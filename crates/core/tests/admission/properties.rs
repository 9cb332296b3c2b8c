//! Properties of the settings that extend those of Kubernetes, tested with generated pods and settings.
//!
//! The expected results are computed from JSON values, independent of the tested code. Each test counts how often its conditions
//! occur, so that a property that is never tested does not pass.

mod arbitrary;
mod existing;
mod hardening;
mod rules;
mod tightening;
mod updates;

use std::cell::RefCell;
use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::{TestCaseError, TestRunner};

use super::*;

/// Tests a property with a number of cases, or with `PROPTEST_CASES`. The property counts conditions by name; `often` has the minimum
/// percentage of cases for each.
fn check_property<S: Strategy>(
    cases: u32,
    samples: S,
    often: &[(&str, u32)],
    property: impl Fn(S::Value, &dyn Fn(&'static str)) -> Result<(), TestCaseError>,
) {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(cases);
    let counts = RefCell::new(BTreeMap::<&str, u32>::new());
    let count = |name| *counts.borrow_mut().entry(name).or_default() += 1;
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 3000, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&samples, |sample| property(sample, &count));
    println!("{cases} cases: {:?}", counts.borrow());
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    for (name, percentage) in often {
        let counted = counts.borrow().get(name).copied().unwrap_or_default();
        assert!(counted * 100 >= cases * percentage, "{name}: {counted} of {cases}");
    }
}

/// The response to a request.
#[derive(Debug, Clone, PartialEq)]
struct Evaluation {
    message: Option<String>,
    warnings: Vec<String>,
    annotations: BTreeMap<String, String>,
    /// The text of the mutated object.
    mutated: Option<String>,
}

impl Evaluation {
    fn is_accepted(&self) -> bool {
        self.message.is_none()
    }

    /// The findings in the details.
    fn findings(&self) -> Vec<Value> {
        let details = self.annotations.get("details").map(|details| serde_json::from_str::<Vec<Value>>(details).unwrap());
        let details = details.unwrap_or_default();
        assert!(details.iter().all(|detail| detail.get("omitted").is_none()));
        details
    }

    /// The findings of one mode.
    fn findings_of(&self, mode: &str) -> Vec<Value> {
        self.findings().into_iter().filter(|finding| finding["modes"].as_array().unwrap().contains(&json!(mode))).collect()
    }

    fn mutated(&self) -> Option<Value> {
        self.mutated.as_ref().map(|object| serde_json::from_str(object).unwrap())
    }
}

/// The response to a request in JSON.
fn evaluate_text(settings: &Value, request: &str, cluster: &TestCluster) -> Evaluation {
    let payload = format!(r#"{{"settings":{settings},"request":{request}}}"#);
    let response = validate(payload.as_bytes(), cluster);
    assert_eq!(response.accepted, response.message.is_none());
    // The settings and requests of these tests are valid.
    assert!(!matches!(response.code, Some(400 | 500)), "{:?}", response.message);
    Evaluation {
        message: response.message,
        warnings: response.warnings.unwrap_or_default(),
        annotations: response.audit_annotations.unwrap_or_default().into_iter().map(|(key, value)| (key.to_owned(), value)).collect(),
        mutated: response.mutated_object,
    }
}

fn evaluate(settings: &Value, request: &Value, cluster: &TestCluster) -> Evaluation {
    evaluate_text(settings, &request.to_string(), cluster)
}

fn is_valid(settings: &Value) -> bool {
    Settings::parse(settings.to_string().as_bytes()).is_ok()
}

/// Settings with more keys.
fn with_keys(settings: &Value, keys: Value) -> Value {
    let mut settings = settings.clone();
    settings.as_object_mut().unwrap().extend(keys.as_object().unwrap().clone());
    settings
}

/// Settings with the rules that are valid for them.
fn with_rules(settings: &Value, rules: &[Value]) -> Value {
    let with = |rules: &[Value]| with_keys(settings, json!({"exemptions": {"checks": rules}}));
    let rules: Vec<Value> = rules.iter().filter(|rule| is_valid(&with(&[(*rule).clone()]))).cloned().collect();
    with(&rules)
}

/// The container of a pod in a path.
fn container_at<'p>(pod: &'p Value, path: &str) -> Option<(&'static str, &'p Value)> {
    let types = [("initContainers", "init"), ("containers", "regular"), ("ephemeralContainers", "ephemeral")];
    types.into_iter().find_map(|(list, kind)| {
        let (index, _) = path.strip_prefix("spec.")?.strip_prefix(list)?.strip_prefix('[')?.split_once(']')?;
        Some((kind, &pod["spec"][list][index.parse::<usize>().unwrap()]))
    })
}

/// The path of a finding in its pod.
fn path_of(finding: &Value, kind: usize) -> &str {
    let path = finding["path"].as_str().unwrap();
    let prefix = samples::KINDS[kind].3.trim_start_matches('/').replace('/', ".");
    path.strip_prefix(&prefix).unwrap().trim_start_matches('.')
}
