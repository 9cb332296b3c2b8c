//! The borrowed view of a pod is what k8s-openapi's types make of the same JSON, however it is written; and a
//! request is never accepted that would be rejected with the object as the types write it again.
//!
//! Tried on made-up pods and workloads, in which some fields are null, absent, zero, empty, of another type,
//! there twice or unknown, written with escapes, as another number, or huge.

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
use typed::{Kind, Taken, agree, retold};

/// JSON that can be written in ways that a value cannot hold.
#[derive(Debug, Clone)]
enum Written {
    /// As it stands.
    Raw(String),
    List(Vec<Written>),
    /// Keys with their quotes.
    Object(Vec<(String, Written)>),
}

impl Written {
    fn of(value: &Value) -> Written {
        match value {
            Value::Array(items) => Written::List(items.iter().map(Written::of).collect()),
            Value::Object(fields) => {
                Written::Object(fields.iter().map(|(key, value)| (json!(key).to_string(), Written::of(value))).collect())
            }
            other => Written::Raw(other.to_string()),
        }
    }

    fn write(&self, text: &mut String) {
        match self {
            Written::Raw(raw) => text.push_str(raw),
            Written::List(items) => {
                text.push('[');
                for (index, item) in items.iter().enumerate() {
                    text.push_str(if index == 0 { "" } else { ", " });
                    item.write(text);
                }
                text.push(']');
            }
            Written::Object(fields) => {
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

    /// How many values are in it.
    fn places(&self) -> usize {
        match self {
            Written::Raw(_) => 0,
            Written::List(items) => items.iter().map(|item| 1 + item.places()).sum(),
            Written::Object(fields) => fields.iter().map(|(_, value)| 1 + value.places()).sum(),
        }
    }

    /// Does something with the list or object that holds a value, and the value's place there.
    fn with(&mut self, mut nth: usize, change: &mut dyn FnMut(&mut Written, usize)) {
        let sizes: Vec<usize> = match self {
            Written::Raw(_) => return,
            Written::List(items) => items.iter().map(|item| 1 + item.places()).collect(),
            Written::Object(fields) => fields.iter().map(|(_, value)| 1 + value.places()).collect(),
        };
        for (place, size) in sizes.into_iter().enumerate() {
            match nth {
                0 => return change(self, place),
                _ if nth < size => return self.at(place).with(nth - 1, change),
                _ => nth -= size,
            }
        }
    }

    fn at(&mut self, place: usize) -> &mut Written {
        match self {
            Written::List(items) => &mut items[place],
            Written::Object(fields) => &mut fields[place].1,
            Written::Raw(raw) => panic!("nothing is in {raw}"),
        }
    }
}

/// What is done to one value.
#[derive(Debug, Clone)]
enum Change {
    /// Another value in its place, by what it is.
    Put(&'static str, String),
    Remove,
    /// Its key once more, before or behind it.
    Twice(String, bool),
    /// Another key beside it.
    Beside(&'static str, String, String),
    EscapeKey,
    EscapeValue,
    /// The same number in another form.
    Number(&'static str),
}

impl Change {
    /// Does it, where it can be done, and says what was done.
    fn make(&self, holder: &mut Written, place: usize) -> Option<&'static str> {
        match (self, &mut *holder) {
            (Change::Put(what, value), _) => {
                *holder.at(place) = Written::Raw(value.clone());
                Some(what)
            }
            (Change::Remove, Written::List(items)) => {
                items.remove(place);
                Some("absent")
            }
            (Change::Remove, Written::Object(fields)) => {
                fields.remove(place);
                Some("absent")
            }
            (Change::Twice(value, before), Written::Object(fields)) => {
                let key = fields[place].0.clone();
                fields.insert(if *before { place } else { place + 1 }, (key, Written::Raw(value.clone())));
                Some("twice")
            }
            (Change::Beside(what, key, value), Written::Object(fields)) => {
                if fields.iter().any(|(present, _)| present == key) {
                    return None;
                }
                fields.insert(place, (key.clone(), Written::Raw(value.clone())));
                Some(what)
            }
            (Change::EscapeKey, Written::Object(fields)) => {
                fields[place].0 = escaped(&fields[place].0)?;
                Some("escaped key")
            }
            (Change::EscapeValue, _) => {
                let Written::Raw(raw) = holder.at(place) else { return None };
                *raw = escaped(raw)?;
                Some("escaped value")
            }
            (Change::Number(form), _) => {
                let Written::Raw(raw) = holder.at(place) else { return None };
                raw.parse::<i64>().ok()?;
                raw.push_str(form);
                Some("number")
            }
            _ => None,
        }
    }
}

/// A string with an escape for each letter.
fn escaped(raw: &str) -> Option<String> {
    let text: String = serde_json::from_str(raw).ok()?;
    let letters: String = text.encode_utf16().map(|unit| format!("\\u{unit:04X}")).collect();
    Some(format!("\"{letters}\""))
}

/// Every field that a check reads, wherever it stands, and some that none reads.
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
        "tolerations",
        "status",
        "restartPolicy",
        "localhostProfile",
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
        4 => values().prop_map(|(what, raw)| Change::Put(what, raw)),
        2 => Just(Change::Remove),
        2 => (values(), any::<bool>()).prop_map(|((_, raw), before)| Change::Twice(raw, before)),
        3 => (select(keys()), values()).prop_map(|(key, (_, raw))| Change::Beside("another field", key, raw)),
        1 => (unknown, values()).prop_map(|(key, (_, raw))| Change::Beside("unknown", key, raw)),
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

/// The answer to the request to create an object.
fn answer(kind: usize, object: &str, settings: &str) -> Value {
    let request = samples::creation(kind, "team", json!("OBJECT")).to_string().replace("\"OBJECT\"", object);
    let payload = format!("{{\"request\":{request},\"settings\":{settings}}}");
    serde_json::to_value(validate(payload.as_bytes(), &NoCluster)).unwrap()
}

/// Settings that judge workloads as they judge pods, and tell everything.
const SETTINGS: [&str; 3] = [
    r#"{"level": "restricted", "workloads": "enforce", "details": true}"#,
    r#"{"level": "baseline", "workloads": "enforce", "details": true}"#,
    r#"{"defaults": {"enforce": "baseline", "enforce-version": "v1.18", "warn": "restricted"}, "workloads": "enforce", "details": true}"#,
];

#[test]
fn the_view_is_what_the_types_make_of_the_same_json() {
    let cases = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(3000);
    let counts = RefCell::new(BTreeMap::<String, u32>::new());
    let count = |what: &str| *counts.borrow_mut().entry(what.to_owned()).or_default() += 1;
    let samples = (samples::kind(), samples::pod(), vec((any::<Index>(), change()), 0..5), select(SETTINGS.to_vec()));
    let config = ProptestConfig { cases, failure_persistence: None, max_shrink_iters: 3000, ..ProptestConfig::default() };
    let outcome = TestRunner::new(config).run(&samples, |(kind, pod, changes, settings)| {
        let mut object = Written::of(&samples::holding(kind, &pod));
        for (start, change) in &changes {
            // The first value from there on that it can be done to.
            let places = object.places();
            let mut made = None;
            for step in 0..places {
                object.with((start.index(places) + step) % places, &mut |holder, place| made = change.make(holder, place));
                if let Some(what) = made {
                    count(what);
                    break;
                }
            }
        }
        let mut json = String::new();
        object.write(&mut json);

        let taken = agree(&json, kind_of(kind)).map_err(|difference| TestCaseError::fail(format!("{difference}\n{json}")))?;
        count(&format!("{taken:?}"));
        let answered = answer(kind, &json, settings);
        let Some(retold) = retold(&json, kind_of(kind)).map(|object| answer(kind, &object.to_string(), settings)) else {
            return Ok(());
        };
        if retold["accepted"] == false {
            prop_assert_eq!(&answered["accepted"], false, "{}", json);
            count("rejected");
        }
        if matches!(taken, Taken::Alike | Taken::Looser) {
            prop_assert_eq!(answered, retold, "{}", json);
        }
        Ok(())
    });
    println!("{cases} cases: {:?}", counts.borrow());
    outcome.unwrap_or_else(|failure| panic!("{failure}"));
    // Each comes up often enough for the property to have been tried on it.
    let often = [
        ("Alike", 30),
        ("Looser", 2),
        ("Stricter", 2),
        ("Refused", 15),
        ("rejected", 20),
        ("null", 8),
        ("absent", 8),
        ("zero", 5),
        ("empty", 5),
        ("another type", 8),
        ("twice", 8),
        ("another field", 10),
        ("unknown", 3),
        ("escaped key", 8),
        ("escaped value", 5),
        ("number", 1),
        ("huge", 1),
    ];
    for (what, hundredths) in often {
        let counted = counts.borrow().get(what).copied().unwrap_or_default();
        assert!(counted * 100 >= cases * hundredths, "{what}: {counted} of {cases}");
    }
}
