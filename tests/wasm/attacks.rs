//! Hostile payloads: nesting of 10,000 levels, and 5 MB. The module has the same response as the native core for each, in JSON
//! and without a trap, and its memory stays below a limit.
//!
//! API servers and policy-server reject these earlier: they limit JSON to 128 levels, and bodies to 3 MB and 2 MB.

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
/// The maximum size of the message of a rejection: 1 MiB of names and values, and the words around them.
const MAX_MESSAGE: usize = 1024 * 1024 + 5000;
/// The maximum size of the explanation of invalid settings: 50 errors.
const MAX_EXPLANATION: usize = 250_000;

fn policy() -> MemoryMeter {
    let module = Path::new(env!("CARGO_MANIFEST_DIR")).join("../policy.wasm");
    let bytes = fs::read(&module).unwrap_or_else(|error| panic!("{}: {error}; `make test` builds it", module.display()));
    MemoryMeter::load(&bytes).unwrap()
}

/// A payload for `validate` that creates an object. The object and the settings are JSON.
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

/// Repeats an element as often as it fits into 5 MB, with commas in between. `#` in the element becomes its index.
fn repeated(element: &str) -> String {
    repeated_within(LARGE, element)
}

fn repeated_within(size: usize, element: &str) -> String {
    let mut text = String::with_capacity(size + 1000);
    for number in 0.. {
        if text.len() + element.len() > size {
            break;
        }
        if number > 0 {
            text.push(',');
        }
        text.push_str(&element.replace('#', &number.to_string()));
    }
    text
}

/// The code of a rejection; none if the request is accepted.
type Code = Option<u64>;

/// The start and the end of a level of nesting.
const LEVELS: [(&str, &str); 3] = [("[", "]"), (r#"{"a":"#, "}"), (r#"{"spec":{"template":"#, "}}")];

/// Calls the module and the native core, and compares the responses. Returns the response, and by how many bytes the memory of
/// the module grew.
fn compare(policy: &MemoryMeter, name: &str, operation: &str, payload: &str) -> (Value, usize) {
    let started = Instant::now();
    let measure = |operation: &str, payload: &str| {
        policy.measure(operation, payload.as_bytes(), Arc::new(NoCluster)).unwrap_or_else(|error| panic!("{name}: {error}"))
    };
    let measured = measure(operation, payload);
    let millis = started.elapsed().as_millis();
    let response: Value = serde_json::from_slice(&measured.response).unwrap_or_else(|error| panic!("{name}: {error}"));
    let natively = match operation {
        "validate" => serde_json::from_slice(&policy_module::validate(payload.as_bytes(), &admission::NoCluster).to_json()).unwrap(),
        _ => serde_json::to_value(policy_module::validate_settings(payload.as_bytes())).unwrap(),
    };
    assert!(response == natively, "{name}: the module and the native core have different responses");
    let baseline = measure("protocol_version", "").memory;
    let growth = measured.memory - baseline;
    let ratio = growth as f64 / payload.len() as f64;
    println!(
        "{name}: {} KB in, {} KB out, {millis} ms, memory {} KB, {ratio:.2} times the input above {} KB",
        payload.len() / 1000,
        measured.response.len() / 1000,
        measured.memory / 1000,
        baseline / 1000
    );
    (response, growth)
}

#[test]
fn nesting_of_ten_thousand_levels_is_rejected() {
    let policy = policy();
    let privileged = pod("", r#""hostPID":true"#);
    for (open, close) in LEVELS {
        let deep = [open.repeat(DEEP), "1".to_owned(), close.repeat(DEEP)].concat();
        let unclosed = open.repeat(DEEP);
        for (variant, nested) in [("closed", &deep), ("not closed", &unclosed)] {
            let rules = format!(r#"{{"level":"baseline","exemptions":{{"checks":[{nested}]}}}}"#);
            let groups = payload("pods", &pod("", ""), RESTRICTED).replace(r#""username":"a""#, &format!(r#""groups":{nested}"#));
            let places = [
                ("the payload", nested.clone()),
                ("the request", format!(r#"{{"settings":{RESTRICTED},"request":{nested}}}"#)),
                ("the object", payload("pods", nested, RESTRICTED)),
                ("an unknown field", payload("pods", &pod("", &format!(r#""affinity":{nested}"#)), RESTRICTED)),
                ("containers", payload("pods", &pod("", &format!(r#""containers":{nested}"#)), RESTRICTED)),
                ("volumes", payload("pods", &pod("", &format!(r#""volumes":[{nested}]"#)), RESTRICTED)),
                ("the settings", payload("pods", &pod("", ""), nested)),
                ("labels", payload("pods", &pod(&format!(r#""labels":{nested}"#), ""), RESTRICTED)),
                ("groups", groups),
                ("a rule", payload("pods", &privileged, &rules)),
            ];
            for (place, payload) in places {
                let name = format!("{open}, {variant}, as {place}");
                let (response, memory) = compare(&policy, &name, "validate", &payload);
                assert_eq!(response["code"], 400, "{name}: {response}");
                let message = response["message"].as_str().unwrap();
                assert!(message.contains("recursion limit exceeded") && message.len() < 6000, "{name}: {message}");
                assert!(memory < 4 * payload.len() + MEGABYTE, "{name}: {memory} bytes");
            }
            for (place, settings) in [("settings", nested), ("a rule of settings", &rules)] {
                let name = format!("{open}, {variant}, as {place}");
                let (response, memory) = compare(&policy, &name, "validate_settings", settings);
                assert_eq!(response["valid"], false, "{name}");
                assert!(response["message"].as_str().is_some_and(|message| !message.is_empty()), "{name}: {response}");
                assert!(memory < 4 * settings.len() + MEGABYTE, "{name}: {memory} bytes");
            }
        }
    }
}

#[test]
fn payloads_of_five_megabytes_get_a_response() {
    let policy = policy();
    let compliant = r#"{"name":"c#","image":"i","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"runAsNonRoot":true,"seccompProfile":{"type":"RuntimeDefault"}}}"#;
    let container = compliant.replace('#', "");
    let with_containers = |container: &str| payload("pods", &pod("", &format!(r#""containers":[{}]"#, repeated(container))), RESTRICTED);
    let with = |metadata: &str, spec: &str| payload("pods", &pod(metadata, &format!(r#""containers":[{container}]{spec}"#)), RESTRICTED);
    let text = |letter: &str| letter.repeat(LARGE / letter.len());
    // The policy needs hundreds of bytes for a container of 2 bytes.
    let with_small_containers =
        |container: &str| payload("pods", &pod("", &format!(r#""containers":[{}]"#, repeated_within(LARGE / 5, container))), RESTRICTED);
    // Each with the expected code, and the limit of memory as a multiple of the payload's size.
    let cases: Vec<(&str, String, Code, usize)> = vec![
        ("containers without a violation", with_containers(compliant), None, 6),
        (
            "containers with a violation",
            with_containers(r#"{"name":"c#","image":"i","securityContext":{"privileged":true}}"#),
            Some(403),
            25,
        ),
        ("empty containers", with_small_containers("{}"), Some(403), 320),
        ("null containers", with_small_containers("null"), Some(403), 320),
        ("ports", with("", &format!(r#","initContainers":[{{"name":"i","ports":[{}]}}]"#, repeated(r#"{"hostPort":99#}"#))), Some(403), 25),
        (
            "host ports",
            with("", &format!(r#","initContainers":[{{"name":"i","ports":[{}]}}]"#, repeated(r#"{"hostPort":80}"#))),
            Some(403),
            25,
        ),
        ("volumes", with("", &format!(r#","volumes":[{}]"#, repeated(r#"{"name":"v#","hostPath":{"path":"/"}}"#))), Some(403), 25),
        ("volumes without a violation", with("", &format!(r#","volumes":[{}]"#, repeated(r#"{"name":"v#","emptyDir":{}}"#))), None, 2),
        (
            "sysctls",
            with("", &format!(r#","securityContext":{{"sysctls":[{}]}}"#, repeated(r#"{"name":"kernel.x#","value":"1"}"#))),
            Some(403),
            25,
        ),
        (
            "capabilities",
            with(
                "",
                &format!(
                    r#","initContainers":[{{"name":"i","securityContext":{{"capabilities":{{"add":[{}]}}}}}}]"#,
                    repeated(r#""CAP#""#)
                ),
            ),
            Some(403),
            25,
        ),
        ("labels", with(&format!(r#""labels":{{{}}}"#, repeated(r#""l#":"v""#)), ""), None, 2),
        ("annotations", with(&format!(r#""annotations":{{{}}}"#, repeated(r#""a#":"v""#)), ""), None, 2),
        (
            "annotations of containers",
            with(&format!(r#""annotations":{{{}}}"#, repeated(r#""container.apparmor.security.beta.kubernetes.io/c#":"unconfined""#)), ""),
            Some(403),
            25,
        ),
        ("the same label", with(&format!(r#""labels":{{{}}}"#, repeated(r#""l":"v""#)), ""), None, 2),
        ("the same field", with("", &format!(",{}", repeated(r#""hostPID":false"#))), Some(400), 2),
        ("unknown fields", with("", &format!(",{}", repeated(r#""x#":[{}]"#))), None, 2),
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
        ("unpaired surrogates", with(&format!(r#""name":"{}""#, text(r"\ud800")), ""), None, 5),
        ("bytes after the end", format!("{}{}", with("", ""), text("\u{0}")), Some(400), 4),
        ("a number", with("", &format!(r#","terminationGracePeriodSeconds":{}"#, text("9"))), Some(400), 4),
    ];
    for (name, payload, code, ratio) in cases {
        let (response, memory) = compare(&policy, name, "validate", &payload);
        assert_eq!(response["code"].as_u64(), code, "{name}");
        assert!(response["message"].as_str().is_none_or(|message| message.len() < MAX_MESSAGE), "{name}");
        assert!(memory < ratio * payload.len() + MEGABYTE, "{name}: {memory} bytes");
    }

    let names = repeated(r#""n#""#);
    let settings = [
        ("user names", format!(r#"{{"level":"baseline","exemptions":{{"usernames":[{names}]}}}}"#), true),
        (
            "the same user name",
            format!(r#"{{"level":"baseline","exemptions":{{"usernames":[{}]}}}}"#, repeated_within(LARGE / 5, r#""n""#)),
            false,
        ),
        ("unknown keys", format!(r#"{{"level":"baseline",{}}}"#, repeated(r#""k#":1"#)), false),
        ("a long level", format!(r#"{{"level":"{}"}}"#, text("x")), false),
    ];
    for (name, settings, is_valid) in settings {
        let (response, memory) = compare(&policy, name, "validate_settings", &settings);
        assert_eq!(response["valid"], is_valid, "{name}");
        assert!(response["message"].as_str().is_none_or(|message| message.len() < MAX_EXPLANATION), "{name}");
        assert!(memory < 80 * settings.len() + MEGABYTE, "{name}: {memory} bytes");
    }
}
