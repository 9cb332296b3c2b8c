//! The borrowed view of a pod agrees with the types of k8s-openapi for the same JSON, and no request is accepted that would be
//! rejected with the object as serialized by these types.
//!
//! Tested with generated pods and workloads, in which some fields are null, absent, zero, empty, of another type, duplicate or
//! unknown, written with escapes, as another number, or huge.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use pss_testing::samples;
use pss_testing::typed;

use std::cell::RefCell;
use std::collections::BTreeMap;

use pod_security_standards::validate;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::TestRunner;
use pss_core::admission::NoCluster;
use pss_core::pod::VOLUME_SOURCES;
use serde_json::{Value, json};
use typed::{Agreement, Kind, compare, reserialized};

/// JSON with duplicate keys, escapes and number formats, which `serde_json::Value` cannot represent.
#[derive(Debug, Clone)]
enum JsonText {
    /// A scalar as text.
    Raw(String),
    List(Vec<JsonText>),
    /// An object; keys include their quotes.
    Object(Vec<(String, JsonText)>),
}

impl JsonText {
    fn of(value: &Value) -> JsonText {
        match value {
            Value::Array(items) => JsonText::List(items.iter().map(JsonText::of).collect()),
            Value::Object(fields) => {
                JsonText::Object(fields.iter().map(|(key, value)| (json!(key).to_string(), JsonText::of(value))).collect())
            }
            other => JsonText::Raw(other.to_string()),
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            JsonText::Raw(raw) => text.push_str(raw),
            JsonText::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    item.write(text);
                }
                text.push(']');
            }
            JsonText::Object(fields) => {
                text.push('{');
                for (index, (key, value)) in fields.iter().enumerate() {
                    text.push_str(if index == 0 { "\n" } else { "," });
                    text.push_str(key);
                    text.push(':');
                    value.write(text);
                }
                text.push('}');
            }
        }
    }

    /// The number of values in it.
    fn places(&self) -> usize {
        match self {
            JsonText::Raw(_) => 0,
            JsonText::List(items) => items.iter().map(|item| 1 + item.places()).sum(),
            JsonText::Object(fields) => fields.iter().map(|(_, value)| 1 + value.places()).sum(),
        }
    }

    /// Calls `change` with the list or object that contains the value with an index, and the index of the value there.
    fn with(&mut self, mut nth: usize, change: &mut dyn FnMut(&mut JsonText, usize)) {
        let sizes: Vec<usize> = match self {
            JsonText::Raw(_) => return,
            JsonText::List(items) => items.iter().map(|item| 1 + item.places()).collect(),
            JsonText::Object(fields) => fields.iter().map(|(_, value)| 1 + value.places()).collect(),
        };
        for (place, size) in sizes.into_iter().enumerate() {
            match nth {
                0 => return change(self, place),
                _ if nth < size => return self.value_at(place).with(nth - 1, change),
                _ => nth -= size,
            }
        }
    }

    fn value_at(&mut self, place: usize) -> &mut JsonText {
        match self {
            JsonText::List(items) => &mut items[place],
            JsonText::Object(fields) => &mut fields[place].1,
            JsonText::Raw(raw) => panic!("nothing is in {raw}"),
        }
    }
}

/// A change of one value.
#[derive(Debug, Clone)]
enum Change {
    /// Another value, with its description.
    Replace(&'static str, String),
    Remove,
    /// A duplicate of its key, before or after it.
    Twice(String, bool),
    /// An additional key.
    Add(&'static str, String, String),
    EscapeKey,
    EscapeValue,
    /// The same number in another format.
    Number(&'static str),
}

impl Change {
    /// Applies the change if it is possible, and returns its description.
    fn apply(&self, holder: &mut JsonText, place: usize) -> Option<&'static str> {
        match (self, &mut *holder) {
            (Change::Replace(name, value), _) => {
                *holder.value_at(place) = JsonText::Raw(value.clone());
                Some(name)
            }
            (Change::Remove, JsonText::List(items)) => {
                items.remove(place);
                Some("absent")
            }
            (Change::Remove, JsonText::Object(fields)) => {
                fields.remove(place);
                Some("absent")
            }
            (Change::Twice(value, before), JsonText::Object(fields)) => {
                let key = fields[place].0.clone();
                fields.insert(if *before { place } else { place + 1 }, (key, JsonText::Raw(value.clone())));
                Some("a duplicate key")
            }
            (Change::Add(name, key, value), JsonText::Object(fields)) => {
                if fields.iter().any(|(present, _)| present == key) {
                    return None;
                }
                fields.insert(place, (key.clone(), JsonText::Raw(value.clone())));
                Some(name)
            }
            (Change::EscapeKey, JsonText::Object(fields)) => {
                fields[place].0 = escaped(&fields[place].0)?;
                Some("escaped key")
            }
            (Change::EscapeValue, _) => {
                let JsonText::Raw(raw) = holder.value_at(place) else { return None };
                *raw = escaped(raw)?;
                Some("escaped value")
            }
            (Change::Number(form), _) => {
                let JsonText::Raw(raw) = holder.value_at(place) else { return None };
                raw.parse::<i64>().ok()?;
                raw.push_str(form);
                Some("number")
            }
            _ => None,
        }
    }
}

/// A string with an escape for each character.
fn escaped(raw: &str) -> Option<String> {
    let text: String = serde_json::from_str(raw).ok()?;
    let letters: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
    Some(format!("\"{letters}\""))
}

/// The keys of all fields that checks read, and some others.
fn keys() -> Vec<String> {
    let keys = [
        "apiVersion",
        "kind",
        "metadata",
        "spec",
        "template",
        "jobTemplate",
        "name",
        "labels",
        "annotations",
        "deletionTimestamp",
        "ownerReferences",
        "uid",
        "controller",
        "containers",
        "initContainers",
        "ephemeralContainers",
        "volumes",
        "securityContext",
        "hostNetwork",
        "hostPID",
        "hostIPC",
        "hostUsers",
        "os",
        "runtimeClassName",
        "serviceAccountName",
        "serviceAccount",
        "image",
        "ports",
        "hostPort",
        "containerPort",
        "livenessProbe",
        "readinessProbe",
        "startupProbe",
        "lifecycle",
        "postStart",
        "preStop",
        "httpGet",
        "tcpSocket",
        "host",
        "privileged",
        "allowPrivilegeEscalation",
        "capabilities",
        "add",
        "drop",
        "procMount",
        "runAsNonRoot",
        "runAsUser",
        "seLinuxOptions",
        "seccompProfile",
        "appArmorProfile",
        "windowsOptions",
        "hostProcess",
        "runAsUserName",
        "sysctls",
        "type",
        "user",
        "role",
        "path",
        "port",
        "value",
        "env",
        "resources",
        "runAsGroup",
        "nodeSelector",
        "kubernetes.io/os",
        "beta.kubernetes.io/os",
        "affinity",
        "nodeAffinity",
        "requiredDuringSchedulingIgnoredDuringExecution",
        "nodeSelectorTerms",
        "matchExpressions",
        "key",
        "operator",
        "values",
        "readOnlyRootFilesystem",
        "fsGroup",
        "shareProcessNamespace",
        "tolerations",
        "status",
        "restartPolicy",
        "localhostProfile",
        "volumeMounts",
        "readOnly",
        "HostPID",
        "hostpid",
        "generateName",
        "replicas",
        "selector",
        "seccomp.security.alpha.kubernetes.io/pod",
        "container.apparmor.security.beta.kubernetes.io/a",
        "",
    ];
    keys.iter().chain(VOLUME_SOURCES).map(|key| json!(key).to_string()).collect()
}

fn values() -> BoxedStrategy<(&'static str, String)> {
    let zero = select(vec!["false", "0", "-0"]).prop_map(|raw| ("zero", raw.to_owned()));
    let empty = select(vec!["\"\"", "{}", "[]", "[null]", "[{}]", "{\"\":null}"]).prop_map(|raw| ("empty", raw.to_owned()));
    let other = vec![
        "true",
        "1",
        "-1",
        "65536",
        "2147483648",
        "9223372036854775807",
        "9223372036854775808",
        "18446744073709551616",
        "0.5",
        "1.0",
        "1e3",
        "1E-2",
        "1e400",
        "\"x\"",
        "\"ALL\"",
        "\"true\"",
        "\"1\"",
        "[1]",
        "[\"ALL\"]",
        "[\"NET_RAW\",null]",
        "{\"type\":\"Unconfined\"}",
        "{\"name\":\"x\"}",
        "{\"host\":\"h\"}",
        "{\"path\":\"/\"}",
        "{\"a\":\"b\"}",
        "[{\"name\":\"c\"},null]",
        "[{\"hostPort\":1}]",
        "[{\"uid\":\"u\",\"controller\":true}]",
        "\"2026-01-01T00:00:00Z\"",
        "\"\\ud83e\\uddad\"",
        "\"\\u0000\\n\\\"\\\\\\/\"",
        "\"\\ud83e\"",
    ];
    let other = select(other).prop_map(|raw| ("another type", raw.to_owned()));
    let any = samples::any_json().prop_map(|value| ("another type", value.to_string()));
    let huge = (select(vec!["x", "é", "\\n", "\\ud83e\\uddad"]), 1000..20_000_usize)
        .prop_map(|(letter, times)| ("huge", format!("\"{}\"", letter.repeat(times))));
    prop_oneof![4 => Just(("null", "null".to_owned())), 3 => zero, 3 => empty, 5 => other, 1 => any, 1 => huge].boxed()
}

fn change() -> BoxedStrategy<Change> {
    let unknown = select(vec!["\"x-unknown\"", "\"hostPid\"", "\"Spec\"", "\"securitycontext\""]).prop_map(str::to_owned);
    prop_oneof![
        4 => values().prop_map(|(name, raw)| Change::Replace(name, raw)),
        2 => Just(Change::Remove),
        2 => (values(), any::<bool>()).prop_map(|((_, raw), before)| Change::Twice(raw, before)),
        3 => (select(keys()), values()).prop_map(|(key, (_, raw))| Change::Add("another field", key, raw)),
        1 => (unknown, values()).prop_map(|(key, (_, raw))| Change::Add("unknown", key, raw)),
        2 => Just(Change::EscapeKey),
        2 => Just(Change::EscapeValue),
        2 => select(vec![".0", "e0", "e3", ".5", "E-1", "0000000000000000000"]).prop_map(Change::Number),
    ]
    .boxed()
}

fn kind_of(kind: usize) -> &'static Kind {
    const KINDS: [Kind; 8] = typed::KINDS;
    const POD: Kind = typed::POD;
    if kind == 0 { &POD } else { &KINDS[kind - 1] }
}

/// The response to the request to create an object.
fn response(kind: usize, object: &str, settings: &str) -> Value {
    let request = samples::creation(kind, "team", json!("OBJECT")).to_string().replace("\"OBJECT\"", object);
    let payload = format!("{{\"request\":{request},\"settings\":{settings}}}");
    serde_json::from_slice(&validate(payload.as_bytes(), &NoCluster).to_json()).unwrap()
}

/// Settings that enforce policies for workloads too, with details.
const SETTINGS: [&str; 3] = [
    r#"{"level": "restricted", "workloads": "enforce", "details": true}"#,
    r#"{"level": "baseline", "workloads": "enforce", "details": true}"#,
    r#"{"defaults": {"enforce": "baseline", "enforce-version": "v1.18", "warn": "restricted"}, "workloads": "enforce", "details": true}"#,
];

#[test]
fn the_view_agrees_with_the_types() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3000);
    let counts = RefCell::new(BTreeMap::<String, u32>::new());
    let count = |name: &str| *counts.borrow_mut().entry(name.to_owned()).or_default() += 1;
    let samples = (samples::kind(), samples::pod(), vec((any::<Index>(), change()), 0..5), select(SETTINGS.to_vec()));
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 3000, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&samples, |(kind, pod, changes, settings)| {
        let mut object = JsonText::of(&samples::object_with(kind, &pod));
        for (start, change) in &changes {
            // The first value from there on that the change is possible for.
            let places = object.places();
            let mut applied = None;
            for step in 0..places {
                object.with((start.index(places) + step) % places, &mut |holder, place| applied = change.apply(holder, place));
                if let Some(name) = applied {
                    count(name);
                    break;
                }
            }
        }
        let mut json = String::new();
        object.write(&mut json);

        let agreement = compare(&json, kind_of(kind)).map_err(|difference| TestCaseError::fail(format!("{difference}\n{json}")))?;
        count(&format!("{agreement:?}"));
        let original = response(kind, &json, settings);
        let Some(normalized) = reserialized(&json, kind_of(kind)).map(|object| response(kind, &object.to_string(), settings)) else {
            return Ok(());
        };
        if normalized["accepted"] == false {
            prop_assert_eq!(&original["accepted"], false, "{}", json);
            count("rejected");
        }
        if matches!(agreement, Agreement::Equal | Agreement::ViewOnly) {
            prop_assert_eq!(original, normalized, "{}", json);
        }
        Ok(())
    });
    println!("{cases} cases: {:?}", counts.borrow());
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // Each case occurs often enough to test the property.
    let frequencies = [
        ("Equal", 30),
        ("ViewOnly", 2),
        ("TypesOnly", 2),
        ("Rejected", 15),
        ("rejected", 20),
        ("null", 8),
        ("absent", 8),
        ("zero", 5),
        ("empty", 5),
        ("another type", 8),
        ("a duplicate key", 8),
        ("another field", 10),
        ("unknown", 3),
        ("escaped key", 8),
        ("escaped value", 5),
        ("number", 1),
        ("huge", 1),
    ];
    for (name, percent) in frequencies {
        let counted = counts.borrow().get(name).copied().unwrap_or_default();
        assert!(counted * 100 >= cases * percent, "{name}: {counted} of {cases}");
    }
}
