//! Compares the output and exit codes of the host with those of the real kwctl, if that is installed.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use std::process::Command;

use support::{Guest, HOST, METADATA, Outcome, REQUEST, Scratch, annotated_module, module, module_with_settings, run};

fn kwctl_is_installed() -> bool {
    let installed = Command::new("kwctl").arg("--version").output().is_ok_and(|o| o.status.success());
    if !installed {
        // Written directly to standard error, because cargo captures the output of passing tests.
        let _ = std::io::Write::write_all(
            &mut std::io::stderr(),
            b"\nSKIPPED: the comparison of the test host with kwctl: kwctl is not on PATH (https://docs.kubewarden.io/reference/kwctl-cli)\n",
        );
    }
    installed
}

/// The output without the order of annotations and the logs of kwctl, which may differ.
fn comparable(outcome: &Outcome) -> (i32, serde_json::Value, String) {
    let response = serde_json::from_str(&outcome.stdout).unwrap_or_else(|_| outcome.stdout.clone().into());
    let error = outcome.stderr.split_once("Error: ").map_or("", |(_, error)| error);
    (outcome.code, response, if outcome.code == 0 { String::new() } else { error.to_owned() })
}

/// Runs both programs with the same files and compares their output.
fn compare(scratch: &Scratch, name: &str, policy: Vec<u8>, request: &str, arguments: &[&str]) {
    scratch.file("policy.wasm", policy);
    scratch.file("request.json", request);
    let trust = scratch.file("trust.json", "{}");
    let arguments = [&["run", "policy.wasm", "--request-path", "request.json", "--sigstore-trust-config", &trust], arguments].concat();
    let (host, kwctl) = (run(HOST, scratch.path(), &arguments), run("kwctl", scratch.path(), &arguments));
    assert_eq!(comparable(&host), comparable(&kwctl), "{name}: the host on the left, kwctl on the right");
}

#[test]
fn has_the_same_output_as_kwctl() {
    if !kwctl_is_installed() {
        return;
    }
    let scratch = Scratch::new("kwctl");
    let with = |extra: &str| REQUEST.replacen('{', &format!("{{{extra},"), 1);

    for (name, request) in [
        ("a minimal request", REQUEST.to_owned()),
        ("numbers", with(r#""object":[1e3,-0,1.50,18446744073709551616,-1e-400]"#)),
        ("equal keys and unknown keys", with(r#""object":{"b":1,"a":{"d":null,"c":1},"b":2},"zz":1,"dryRun":true"#)),
        ("nulls", with(r#""object":null,"oldObject":{"a":null},"name":null,"namespace":"","options":null"#)),
        ("escapes", with(r#""name":"\u0041\ud83d\ude00\/\u0000<>&\u2028""#)),
        ("subresources", with(r#""subResource":"resize","requestSubResource":"resize","subresource":"x""#)),
        ("a review", format!(r#"{{"kind":"AdmissionReview","request":{REQUEST}}}"#)),
        ("no request", "{}".to_owned()),
        ("an array", "[]".to_owned()),
        ("invalid JSON", "{".to_owned()),
        ("nested too deeply", with(&format!(r#""object":{}{}"#, "[".repeat(127), "]".repeat(127)))),
        ("user info that is an array", REQUEST.replace(r#""userInfo":{}"#, r#""userInfo":[]"#)),
        ("user info", REQUEST.replace(r#""userInfo":{}"#, r#""userInfo":{"groups":["b","a"],"extra":{"z":["1"],"a":[]},"zz":1}"#)),
    ] {
        compare(&scratch, name, module(&Guest::Echo), &request, &["--settings-json", r#"{"b":1e2,"a":null,"b":3}"#]);
    }

    for settings in ["null", "[]", "{", r#"{"a":123456789012345678901234567890}"#] {
        compare(&scratch, settings, module(&Guest::Echo), REQUEST, &["--settings-json", settings]);
    }
    for yaml in ["a: 0o17\nb: yes\nc: 1e3\nd: ~\n1: x\n", "- a\n", "a: [", "a: !foo b\n", ""] {
        scratch.file("settings.yml", yaml);
        compare(&scratch, yaml, module(&Guest::Echo), REQUEST, &["--settings-path", "settings.yml"]);
    }

    let object = with(r#""object":{"metadata":{"labels":{"x":"1"}},"spec":{"containers":[{"name":"a"},{"name":"b"}]}}"#);
    for response in [
        r#"{"accepted":true}"#,
        r#"{"accepted":false,"message":"no","code":403,"warnings":["w"],"audit_annotations":{"b":"2","a":"1"}}"#,
        r#"{"accepted":true,"code":200}"#,
        "{}",
        r#"{"accepted":true,"mutated_object":{"metadata":{"labels":{"y/z~":"2"}},"spec":{"containers":[{"name":"b"}]}}}"#,
        r#"{"accepted":false,"mutated_object":7}"#,
    ] {
        compare(&scratch, response, module(&Guest::Respond(response)), &object, &[]);
    }
    compare(&scratch, "a mutation without an object", module(&Guest::Respond(r#"{"accepted":true,"mutated_object":{}}"#)), REQUEST, &[]);
    compare(&scratch, "a failure", module(&Guest::Fail("no idea")), REQUEST, &[]);
    compare(&scratch, "a trap", module(&Guest::Trap), REQUEST, &[]);
    for settings in [r#"{"valid":false,"message":"one\ntwo"}"#, r#"{"valid":false}"#, "null", "{}"] {
        compare(&scratch, settings, module_with_settings(&Guest::Trap, settings), REQUEST, &[]);
    }

    sessions(&scratch);
}

fn sessions(scratch: &Scratch) {
    let get = r#"{"api_version":"v1","kind":"Namespace","name":"a","disable_cache":false,"field_masks":["b","a"]}"#;
    let list = r#"{"api_version":"v1","kind":"Pod","namespace":"a"}"#;
    let calls = [
        ["kubewarden", "kubernetes", "get_resource", get],
        ["kubewarden", "kubernetes", "get_resource", get],
        ["kubewarden", "kubernetes", "list_resources_by_namespace", list],
        ["kubewarden", "kubernetes", "list_resources_by_namespace", list],
        ["kubewarden", "kubernetes", "list_resources_all", r#"{"api_version":"v1","kind":"Secret"}"#],
        ["kubewarden", "kubernetes", "get_resource", "{}"],
        ["kubewarden", "kubernetes", "list_resources_by_namespace", "{}"],
        ["kubewarden", "kubernetes", "zz", "{}"],
        ["kubewarden", "zz", "zz", "{}"],
    ];
    let exchange = |request: &str, response: &str| {
        let request = request.replace('\n', "\n    ");
        format!("- type: Exchange\n  request: |\n    {request}\n  response:\n    {response}\n")
    };
    let recorded_get =
        "!KubernetesGetResource\napi_version: v1\nkind: Namespace\nname: a\nnamespace: null\ndisable_cache: false\nfield_masks:\n- a\n- b";
    let recorded_list = "!KubernetesListResourceNamespace\napi_version: v1\nkind: Pod\nnamespace: a\nlabel_selector: null\nfield_selector: null\nfield_masks: null";
    let session = [
        exchange(recorded_get, "type: Success\n    payload: '{}'"),
        exchange(recorded_get, "type: Error\n    message: 'ApiError: no'"),
        exchange(recorded_get, "type: Success\n    payload: '{}'"),
        exchange(recorded_list, "type: Success\n    payload: \"caf\\u00e9\""),
    ];
    scratch.file("session.yml", session.concat());
    let replay = ["--replay-host-capabilities-interactions", "session.yml", "--allow-context-aware"];
    let annotated = || annotated_module(&Guest::Call(&calls), METADATA);
    compare(scratch, "a session", annotated(), REQUEST, &replay);
    compare(scratch, "a session without a grant", annotated(), REQUEST, &replay[..2]);
    compare(scratch, "nothing granted", annotated(), REQUEST, &[]);
    compare(scratch, "a module without metadata", module(&Guest::Call(&calls)), REQUEST, &replay[..2]);
    let limited = [&replay[..], &["--allowed-host-capabilities", "kubernetes/get_resource"]].concat();
    compare(scratch, "one capability", annotated(), REQUEST, &limited);
    let limited = [&limited[..], &["kubernetes/list_resources_by_namespace"]].concat();
    compare(scratch, "two capabilities", annotated(), REQUEST, &limited);
    for pattern in [
        "*",
        "kubernetes/*",
        "oci/v1/*",
        "oci/v2/verify",
        "",
        "foo",
        "foo/*",
        "kubernetes",
        "kubernetes/",
        "kubernetes//x",
        "kubernetes/x",
        "kubernetes/get_resource/x",
        "kubernetes/get_resource/*",
        "kubernetes/get_*",
        "kubernetes/*/x",
        "zz/get_*",
        "a*",
        "**",
        "oci/v1",
        "oci/v1/x",
        "oci/v2/x",
        "oci/v9/x",
        "net/x",
        "net/v1/x",
        "crypto/v1/x",
        "tracing/log",
        "/",
        "/*",
    ] {
        compare(scratch, pattern, annotated(), REQUEST, &[&replay[..], &["--allowed-host-capabilities", pattern]].concat());
    }
}
