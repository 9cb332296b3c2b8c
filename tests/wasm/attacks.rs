//! What is sent to hurt: nesting 10,000 deep, payloads of 5 MB. The module answers each as the native core
//! does, in JSON and without a trap, and its memory stays below a bound.
//!
//! No API server and no policy-server lets these through: they end JSON at 128 levels and bodies at 3 and 2 MB.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use pod_security_standards as policy_module;
use pss_core::admission;
use pss_host::NoCluster;
use pss_host::memory::MemoryMeter;
use serde_json::Value;

const MEGABYTE: usize = 1_000_000;
const DEEP: usize = 10_000;
const LARGE: usize = 5 * MEGABYTE;

fn policy() -> MemoryMeter {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy.wasm");
    let bytes = fs::read(&module).unwrap_or_else(|error| panic!("{}: {error}; `make test` builds it", module.display()));
    MemoryMeter::load(&bytes).unwrap()
}

/// A payload of `validate` with a request for an object; both are JSON.
fn payload(resource: &str, object: &str, settings: &str) -> String {
    let (group, resource) = resource.split_once('/').unwrap_or(("", resource));
    format!(
        r#"{{"request":{{"uid":"u","operation":"CREATE","resource":{{"group":"{group}","version":"v1","resource":"{resource}"}},"name":"p","namespace":"team","userInfo":{{"username":"a"}},"object":{object}}},"settings":{settings}}}"#
    )
}

const RESTRICTED: &str = r#"{"level":"restricted"}"#;

fn pod(metadata: &str, spec: &str) -> String {
    format!(r#"{{"apiVersion":"v1","kind":"Pod","metadata":{{{metadata}}},"spec":{{{spec}}}}}"#)
}

/// As many times as it fits into 5 MB, each with its number for `#`, with commas between.
fn many(each: &str) -> String {
    many_in(LARGE, each)
}

fn many_in(size: usize, each: &str) -> String {
    let mut text = String::with_capacity(size + 1000);
    for number in 0.. {
        if text.len() + each.len() > size {
            break;
        }
        if number > 0 {
            text.push(',');
        }
        text.push_str(&each.replace('#', &number.to_string()));
    }
    text
}

/// What a payload comes to: nothing is wrong, or the code of the rejection.
type Code = Option<u64>;

/// What nests: one level of it, and what it is closed by.
const NESTS: [(&str, &str); 3] = [("[", "]"), (r#"{"a":"#, "}"), (r#"{"spec":{"template":"#, "}}")];

/// Asks module and native core, and holds the answers against each other.
fn ask(policy: &MemoryMeter, what: &str, operation: &str, payload: &str) -> (Value, usize) {
    let started = Instant::now();
    let weighed = |operation: &str, payload: &str| {
        policy.measure(operation, payload.as_bytes(), Arc::new(NoCluster)).unwrap_or_else(|error| panic!("{what}: {error}"))
    };
    let taken = weighed(operation, payload);
    let millis = started.elapsed().as_millis();
    let answer: Value = serde_json::from_slice(&taken.response).unwrap_or_else(|error| panic!("{what}: {error}"));
    let natively = match operation {
        "validate" => serde_json::to_value(policy_module::validate(payload.as_bytes(), &admission::NoCluster)).unwrap(),
        _ => serde_json::to_value(policy_module::validate_settings(payload.as_bytes())).unwrap(),
    };
    assert!(answer == natively, "{what}: the module does not answer as the native core does");
    let before = weighed("protocol_version", "").memory;
    let more = taken.memory - before;
    let times = more as f64 / payload.len() as f64;
    println!(
        "{what}: {} KB in, {} KB out, {millis} ms, memory {} KB, {times:.2} times the input above {} KB",
        payload.len() / 1000,
        taken.response.len() / 1000,
        taken.memory / 1000,
        before / 1000
    );
    (answer, more)
}

/// What nesting comes to where it stands.
enum Nested {
    /// All of the JSON is read there, and refused.
    Read,
    /// Nobody looks into it for this request: the code of the answer.
    PassedOver(Code),
}

#[test]
fn nesting_ten_thousand_deep_is_refused_or_passed_over() {
    let policy = policy();
    let offending = pod("", r#""hostPID":true"#);
    for (open, close) in NESTS {
        let deep = [open.repeat(DEEP), "1".to_owned(), close.repeat(DEEP)].concat();
        let unclosed = open.repeat(DEEP);
        for (how, nested) in [("closed", &deep), ("not closed", &unclosed)] {
            let rules = format!(r#"{{"level":"baseline","exemptions":{{"checks":[{nested}]}}}}"#);
            let groups = payload("pods", &pod("", ""), RESTRICTED).replace(r#""username":"a""#, &format!(r#""groups":{nested}"#));
            let places = [
                ("the payload", nested.clone(), Nested::Read),
                ("the request", format!(r#"{{"settings":{RESTRICTED},"request":{nested}}}"#), Nested::Read),
                ("the object", payload("pods", nested, RESTRICTED), Nested::Read),
                ("an unknown field", payload("pods", &pod("", &format!(r#""affinity":{nested}"#)), RESTRICTED), Nested::Read),
                ("containers", payload("pods", &pod("", &format!(r#""containers":{nested}"#)), RESTRICTED), Nested::Read),
                ("volumes", payload("pods", &pod("", &format!(r#""volumes":[{nested}]"#)), RESTRICTED), Nested::Read),
                ("the settings", payload("pods", &pod("", ""), nested), Nested::Read),
                // No rule asks for the labels, nor for the groups.
                ("labels", payload("pods", &pod(&format!(r#""labels":{nested}"#), ""), RESTRICTED), Nested::PassedOver(None)),
                ("groups", groups, Nested::PassedOver(None)),
                // A rule that cannot be read exempts nothing.
                ("a rule", payload("pods", &offending, &rules), Nested::PassedOver(Some(403))),
            ];
            for (place, payload, expected) in places {
                let what = format!("{open}, {how}, as {place}");
                let (answer, memory) = ask(&policy, &what, "validate", &payload);
                match expected {
                    Nested::PassedOver(code) if how == "closed" => assert_eq!(answer["code"].as_u64(), code, "{what}: {answer}"),
                    Nested::PassedOver(_) => assert_eq!(answer["code"], 400, "{what}: {answer}"),
                    Nested::Read => {
                        assert_eq!(answer["code"], 400, "{what}: {answer}");
                        let message = answer["message"].as_str().unwrap();
                        assert!(message.contains("recursion limit exceeded") && message.len() < 6000, "{what}: {message}");
                    }
                }
                assert!(memory < 4 * payload.len() + MEGABYTE, "{what}: {memory} bytes");
            }
            for (place, settings) in [("settings", nested), ("a rule of settings", &rules)] {
                let what = format!("{open}, {how}, as {place}");
                let (answer, memory) = ask(&policy, &what, "validate_settings", settings);
                assert_eq!(answer["valid"], false, "{what}");
                assert!(answer["message"].as_str().is_some_and(|message| !message.is_empty()), "{what}: {answer}");
                assert!(memory < 4 * settings.len() + MEGABYTE, "{what}: {memory} bytes");
            }
        }
    }
}

#[test]
fn five_megabytes_are_answered() {
    let policy = policy();
    let fine = r#"{"name":"c#","image":"i","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}}"#;
    let one = fine.replace('#', "");
    let of_containers = |container: &str| payload("pods", &pod("", &format!(r#""containers":[{}]"#, many(container))), RESTRICTED);
    let with = |metadata: &str, spec: &str| payload("pods", &pod(metadata, &format!(r#""containers":[{one}]{spec}"#)), RESTRICTED);
    let text = |letter: &str| letter.repeat(LARGE / letter.len());
    // A container of 2 bytes is held by hundreds, and named in a message for each check.
    let tiny = |container: &str| payload("pods", &pod("", &format!(r#""containers":[{}]"#, many_in(LARGE / 20, container))), RESTRICTED);
    // How many times its own size a payload may take at most, beside the code.
    let cases: Vec<(&str, String, Code, usize)> = vec![
        ("containers that are fine", of_containers(fine), None, 6),
        ("containers that are not", of_containers(r#"{"name":"c#","image":"i","securityContext":{"privileged":true}}"#), Some(403), 25),
        ("empty containers", tiny("{}"), Some(403), 320),
        ("null containers", tiny("null"), Some(403), 320),
        ("ports", with("", &format!(r#","initContainers":[{{"name":"i","ports":[{}]}}]"#, many(r#"{"hostPort":99#}"#))), Some(403), 25),
        ("host ports", with("", &format!(r#","initContainers":[{{"name":"i","ports":[{}]}}]"#, many(r#"{"hostPort":80}"#))), Some(403), 25),
        ("volumes", with("", &format!(r#","volumes":[{}]"#, many(r#"{"name":"v#","hostPath":{"path":"/"}}"#))), Some(403), 25),
        ("volumes that are fine", with("", &format!(r#","volumes":[{}]"#, many(r#"{"name":"v#","emptyDir":{}}"#))), None, 2),
        (
            "sysctls",
            with("", &format!(r#","securityContext":{{"sysctls":[{}]}}"#, many(r#"{"name":"kernel.x#","value":"1"}"#))),
            Some(403),
            25,
        ),
        (
            "capabilities",
            with(
                "",
                &format!(r#","initContainers":[{{"name":"i","securityContext":{{"capabilities":{{"add":[{}]}}}}}}]"#, many(r#""CAP#""#)),
            ),
            Some(403),
            25,
        ),
        ("labels", with(&format!(r#""labels":{{{}}}"#, many(r#""l#":"v""#)), ""), None, 2),
        ("annotations", with(&format!(r#""annotations":{{{}}}"#, many(r#""a#":"v""#)), ""), None, 2),
        (
            "annotations of containers",
            with(&format!(r#""annotations":{{{}}}"#, many(r#""container.apparmor.security.beta.kubernetes.io/c#":"unconfined""#)), ""),
            Some(403),
            25,
        ),
        ("the same label", with(&format!(r#""labels":{{{}}}"#, many(r#""l":"v""#)), ""), None, 2),
        ("the same field", with("", &format!(",{}", many(r#""hostPID":false"#))), Some(400), 2),
        ("unknown fields", with("", &format!(",{}", many(r#""x#":[{}]"#))), None, 2),
        ("a string", with("", &format!(r#","hostname":"{}""#, text("x"))), None, 2),
        ("a name", with(&format!(r#""name":"{}""#, text("é")), ""), None, 2),
        ("a name with escapes", with(&format!(r#""name":"{}""#, text(r"\u00e9")), ""), None, 4),
        ("a type", with("", &format!(r#","securityContext":{{"seccompProfile":{{"type":"{}"}}}}"#, text("x"))), Some(403), 25),
        (
            "a type of quotes",
            with("", &format!(r#","securityContext":{{"seccompProfile":{{"type":"{}"}}}}"#, text(r#"\""#))),
            Some(403),
            25,
        ),
        ("blanks", with("", &text(" ")), None, 2),
        ("halves of pairs", with(&format!(r#""name":"{}""#, text(r"\ud800")), ""), None, 5),
        ("something behind the end", format!("{}{}", with("", ""), text("\u{0}")), Some(400), 4),
        ("a number", with("", &format!(r#","terminationGracePeriodSeconds":{}"#, text("9"))), Some(400), 4),
    ];
    for (what, payload, code, times) in cases {
        let (answer, memory) = ask(&policy, what, "validate", &payload);
        assert_eq!(answer["code"].as_u64(), code, "{what}");
        assert!(memory < times * payload.len() + MEGABYTE, "{what}: {memory} bytes");
    }

    let names = many(r#""n#""#);
    let settings = [
        ("user names", format!(r#"{{"level":"baseline","exemptions":{{"usernames":[{names}]}}}}"#), true),
        (
            "the same user name",
            format!(r#"{{"level":"baseline","exemptions":{{"usernames":[{}]}}}}"#, many_in(LARGE / 20, r#""n""#)),
            false,
        ),
        ("unknown keys", format!(r#"{{"level":"baseline",{}}}"#, many_in(LARGE / 20, r#""k#":1"#)), false),
        ("a long level", format!(r#"{{"level":"{}"}}"#, text("x")), false),
    ];
    for (what, settings, is_valid) in settings {
        let (answer, memory) = ask(&policy, what, "validate_settings", &settings);
        assert_eq!(answer["valid"], is_valid, "{what}");
        assert!(memory < 80 * settings.len() + MEGABYTE, "{what}: {memory} bytes");
    }
}
