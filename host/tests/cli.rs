//! The command line: arguments, output and exit codes.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

mod support;

use support::{Guest, HOST, METADATA, Outcome, REQUEST, Scratch, annotated_module, module, module_with_settings, run};

const GET_NAMESPACE: Guest<'static> = Guest::Call(&[[
    "kubewarden",
    "kubernetes",
    "get_resource",
    r#"{"api_version":"v1","kind":"Namespace","name":"a","disable_cache":false}"#,
]]);
const SESSION: &str = "- type: Exchange\n  request: |\n    !KubernetesGetResource\n    api_version: v1\n    kind: Namespace\n    name: a\n    namespace: null\n    disable_cache: false\n  response:\n    type: Success\n    payload: here\n";

fn host(scratch: &Scratch, arguments: &[&str]) -> Outcome {
    run(HOST, scratch.path(), arguments)
}

fn error_of(outcome: &Outcome) -> &str {
    assert_eq!((outcome.code, outcome.stdout.as_str()), (1, ""), "{outcome:?}");
    outcome.stderr.trim_end().strip_prefix("Error: ").expect("error messages start with `Error: `")
}

#[test]
fn run_succeeds_for_accepted_and_rejected_requests() {
    let scratch = Scratch::new("verdicts");
    scratch.file("request.json", REQUEST);
    for response in [r#"{"accepted":true}"#, r#"{"accepted":false,"message":"no","code":403}"#] {
        scratch.file("policy.wasm", module(&Guest::Respond(response)));
        let outcome = host(&scratch, &["run", "policy.wasm", "--request-path", "request.json", "--settings-json", "{}"]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        assert!(outcome.stdout.starts_with(r#"{"uid":"u1","allowed":"#) && outcome.stdout.ends_with("}\n"), "{outcome:?}");
    }
}

#[test]
fn settings_file_overrides_settings_json() {
    let scratch = Scratch::new("settings");
    scratch.file("request.json", REQUEST);
    scratch.file("policy.wasm", module(&Guest::Echo));
    scratch.file("settings.yml", "from: file\n");
    let settings = |arguments: &[&str]| {
        let arguments = [&["run", "policy.wasm", "-r", "request.json"], arguments].concat();
        host(&scratch, &arguments).message().split_once(r#""settings":"#).unwrap().1.to_owned()
    };
    assert_eq!(settings(&[]), "{}}");
    assert_eq!(settings(&["--settings-json", r#"{"from":"argument"}"#]), r#"{"from":"argument"}}"#);
    assert_eq!(settings(&["-s", "settings.yml"]), r#"{"from":"file"}}"#);
    assert_eq!(settings(&["--settings-path", "settings.yml", "--settings-json", "{}"]), r#"{"from":"file"}}"#);
}

#[test]
fn rejected_settings_are_an_error() {
    let scratch = Scratch::new("rejected");
    scratch.file("request.json", REQUEST);
    let rejection = |response: &str| {
        scratch.file("policy.wasm", module_with_settings(&Guest::Trap, response));
        let outcome = host(&scratch, &["run", "policy.wasm", "-r", "request.json"]);
        error_of(&outcome).to_owned()
    };
    assert_eq!(rejection(r#"{"valid":false,"message":"one\ntwo"}"#), "Provided settings are not valid: one\ntwo");
    assert_eq!(rejection(r#"{"valid":false}"#), "Provided settings are not valid:");
    assert!(rejection("zz").starts_with("Provided settings are not valid: error: InvalidResponseWithError("));
}

#[test]
fn errors_name_the_file() {
    let scratch = Scratch::new("missing");
    scratch.file("request.json", REQUEST);
    scratch.file("policy.wasm", module(&Guest::Echo));
    scratch.file("invalid.json", "{");
    scratch.file("text.wasm", "no module");
    let error = |arguments: &[&str]| error_of(&host(&scratch, &[&["run"], arguments].concat())).to_owned();
    let not_found = "No such file or directory (os error 2)";
    assert_eq!(error(&["policy.wasm", "-r", "none.json"]), format!("Error opening request file none.json; {not_found}"));
    assert_eq!(error(&["policy.wasm", "-r", "invalid.json"]), "EOF while parsing an object at line 1 column 1");
    assert_eq!(error(&["policy.wasm", "-r", "request.json", "-s", "none.yml"]), format!("Cannot open settings file none.yml: {not_found}"));
    assert_eq!(error(&["none.wasm", "-r", "request.json"]), format!("Cannot open policy module none.wasm: {not_found}"));
    assert!(error(&["text.wasm", "-r", "request.json"]).starts_with("text.wasm: cannot load the policy: this is not a WebAssembly module"));
    assert_eq!(
        error(&["policy.wasm", "-r", "request.json", "--replay-host-capabilities-interactions", "none.yml"]),
        format!("Cannot open host capabilities interactions file none.yml: {not_found}")
    );
}

#[test]
fn invalid_arguments_have_exit_code_2() {
    let scratch = Scratch::new("arguments");
    for arguments in [&["run", "policy.wasm"][..], &["run", "-r", "x"], &["walk"], &[]] {
        assert_eq!(host(&scratch, arguments).code, 2, "{arguments:?}");
    }
}

#[test]
fn replays_only_granted_calls() {
    let scratch = Scratch::new("granted");
    scratch.file("request.json", REQUEST);
    scratch.file("plain.wasm", module(&GET_NAMESPACE));
    scratch.file("annotated.wasm", annotated_module(&GET_NAMESPACE, METADATA));
    scratch.file("without-resources.wasm", annotated_module(&GET_NAMESPACE, "{}"));
    scratch.file("session.yml", SESSION);
    let run = |policy: &str, arguments: &[&str]| host(&scratch, &[&["run", policy, "-r", "request.json"], arguments].concat());
    let replay = ["--allow-context-aware", "--replay-host-capabilities-interactions", "session.yml"];
    let denied = "ERR Policy has not been granted access to Kubernetes v1/Namespace resources. The violation has been reported.";
    assert_eq!(run("annotated.wasm", &replay).message(), "OK here");
    assert_eq!(run("plain.wasm", &replay).message(), "OK here");
    assert_eq!(run("without-resources.wasm", &replay).message(), denied);
    for policy in ["plain.wasm", "annotated.wasm"] {
        assert_eq!(run(policy, &replay[1..]).message(), denied);
        assert_eq!(run(policy, &[]).message(), denied);
    }
    assert_eq!(run("plain.wasm", &replay[..1]).message(), denied);
    assert!(error_of(&run("annotated.wasm", &replay[..1])).starts_with("there is no cluster: "));
    let limited = [&replay[..], &["--allowed-host-capabilities", "oci/*"]].concat();
    assert!(run("annotated.wasm", &limited).message().contains("'kubernetes/get_resource' host capability"));
}

#[test]
fn shows_samples_as_readable_text() {
    let scratch = Scratch::new("show");
    scratch.file("policy.wasm", module(&GET_NAMESPACE));
    scratch.file("some-pod.json", REQUEST);
    scratch.file("some-pod.settings.json", r#"{"level":"baseline"}"#);
    scratch.file("some-pod.session.yml", SESSION);
    let outcome = host(&scratch, &["show", "policy.wasm", "some-pod.json"]);
    assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
    assert_eq!(
        outcome.stdout,
        "1. some pod (some-pod.json)\n---------------------------\nRequest     CREATE Pod\nSettings    level: baseline\nCluster     get Namespace \"a\": found\nVerdict     REJECTED\nMessage     OK here\n\n"
    );
    scratch.file("some-pod.session.yml", SESSION.replace("name: a", "name: b"));
    let changed = host(&scratch, &["show", "policy.wasm", "some-pod.json"]);
    assert!(error_of(&changed).starts_with("some-pod.json: the recorded session is out of date: Replay error"));
    scratch.file("some-pod.session.yml", [SESSION, SESSION].concat());
    let unused = host(&scratch, &["show", "policy.wasm", "some-pod.json"]);
    assert!(error_of(&unused).ends_with("the policy did not make these calls: get Namespace \"a\": found"));
}

#[test]
fn show_fails_if_the_policy_fails_on_a_sample() {
    let scratch = Scratch::new("failure");
    scratch.file("policy.wasm", module(&Guest::Fail("oh")));
    scratch.file("a.json", REQUEST);
    scratch.file("a.settings.json", "{}");
    let outcome = host(&scratch, &["show", "policy.wasm", "a.json"]);
    assert_eq!(outcome.code, 1);
    assert!(outcome.stdout.contains("REJECTED with code 500"), "{outcome:?}");
}

#[test]
fn measures_policies_side_by_side() {
    let scratch = Scratch::new("bench");
    scratch.file("request.json", REQUEST);
    scratch.file("a.wasm", module(&Guest::Respond(r#"{"accepted":true}"#)));
    scratch.file("b.wasm", module(&Guest::Echo));
    let outcome = host(&scratch, &["bench", "a.wasm", "b.wasm", "-r", "request.json", "--settings-json", "{}", "-n", "5"]);
    assert_eq!(outcome.code, 0, "{outcome:?}");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert!(lines.first().unwrap().contains("5 fresh instances"), "{outcome:?}");
    for (line, start) in lines.iter().skip(1).zip(["  policy", "  a.wasm", "  b.wasm", "  the first to b.wasm"]) {
        assert!(line.starts_with(start), "{outcome:?}");
    }
    scratch.file("b.wasm", module(&Guest::Trap));
    let trapped = host(&scratch, &["bench", "b.wasm", "-r", "request.json", "-n", "5"]);
    assert!(trapped.code == 1 && trapped.stderr.contains("Guest call failure"), "{trapped:?}");
}

#[test]
fn prints_the_memory_of_a_guest() {
    let scratch = Scratch::new("memory");
    scratch.file("request.json", REQUEST);
    scratch.file("session.yml", SESSION);
    let run = |guest: &Guest<'_>, more: &[&str]| {
        scratch.file("policy.wasm", module(guest));
        let arguments = [&["run", "policy.wasm", "-r", "request.json", "--settings-json", "{}", "--allow-context-aware"], more].concat();
        host(&scratch, &arguments)
    };
    // With --memory, the guest runs in this repository's engine provider. Its responses must be the same.
    for (guest, memory) in [
        (Guest::Echo, Some(4 << 20)),
        (GET_NAMESPACE, Some(4 << 20)),
        (Guest::Grow, Some(5 << 20)),
        (Guest::Fail("oh"), None),
        (Guest::Trap, None),
    ] {
        let replayed: &[&str] = &["--replay-host-capabilities-interactions", "session.yml"];
        for session in [&[], replayed] {
            let (plain, measured) = (run(&guest, session), run(&guest, &[session, &["--memory"]].concat()));
            assert_eq!((plain.code, &plain.stdout), (measured.code, &measured.stdout));
            assert!(!plain.stderr.contains("bytes of memory"));
            let line = memory.map(|bytes| format!("pss-host: the guest has {bytes} bytes of memory"));
            let found = measured.stderr.lines().find(|line| line.ends_with(" bytes of memory")).map(str::to_owned);
            assert_eq!(found, line, "{measured:?}");
        }
    }
}

#[test]
fn bench_takes_several_requests() {
    let scratch = Scratch::new("requests");
    scratch.file("policy.wasm", module(&Guest::Echo));
    let second = REQUEST.replace("\"u1\"", "\"a-longer-uid\"").replace('\n', " ");
    scratch.file("request.json", REQUEST);
    scratch.file("requests.jsonl", format!("{}\n\n{second}\n", REQUEST.replace('\n', " ")));
    let bench = |requests: &[&str]| host(&scratch, &[&["bench", "policy.wasm", "-n", "4"], requests].concat());
    let outcome = bench(&["-r", "requests.jsonl", "-r", "request.json"]);
    assert!(outcome.stdout.starts_with("requests.jsonl, request.json: 3 payloads of "), "{outcome:?}");
    scratch.file("requests.jsonl", format!("{}\n{{}}\n", REQUEST.replace('\n', " ")));
    assert!(error_of(&bench(&["-r", "requests.jsonl"])).starts_with("requests.jsonl: request of line 2: cannot build AdmissionRequest"));
    scratch.file("requests.jsonl", "\n");
    assert_eq!(error_of(&bench(&["-r", "requests.jsonl"])), "requests.jsonl has no requests");
    assert_eq!(bench(&[]).code, 2, "a request is needed");
}

#[test]
fn bench_fails_over_a_budget() {
    let scratch = Scratch::new("budget");
    scratch.file("request.json", REQUEST);
    scratch.file("a.wasm", module(&Guest::Respond(r#"{"accepted":true}"#)));
    scratch.file("b.wasm", module(&Guest::Respond(r#"{"accepted":true}"#)));
    let bench = |budget: &str| host(&scratch, &["bench", "a.wasm", "b.wasm", "-r", "request.json", "-n", "40", "--at-most", budget]);
    let within = bench("call 1000 b.wasm");
    assert!(within.code == 0 && within.stdout.contains("ok: call of a.wasm is x "), "{within:?}");
    let over = bench("instance 0.001 b.wasm");
    assert!(over.code == 1 && over.stdout.contains("OVER: instance of a.wasm is x "), "{over:?}");
    assert_eq!(error_of(&bench("call 2 c.wasm")), "--at-most compares with c.wasm, which is not measured; these are: a.wasm, b.wasm");
    assert_eq!(bench("size 2 b.wasm").code, 2);
}

#[test]
fn growth_fails_over_its_limit() {
    let scratch = Scratch::new("growth");
    // The cost of Echo is linear in the size of its payload.
    for (number, length) in [(1, 1000), (10, 10_000), (40, 40_000)] {
        let user = format!(r#""userInfo":{{"username":"{}"}}"#, "u".repeat(length));
        scratch.file(&format!("request-{number}.json"), REQUEST.replace(r#""userInfo":{}"#, &user));
        scratch.file(&format!("settings-{number}.json"), "{}");
    }
    scratch.file("echo.wasm", module(&Guest::Echo));
    let growth = |numbers: &str, at_most: &str| {
        let paths = ["-r", "request-{}.json", "-s", "settings-{}.json", "-n", "30"];
        let command = ["growth", "echo.wasm", "--of", "bytes", "--numbers", numbers, "--at-most", at_most];
        host(&scratch, &[&command[..], &paths].concat())
    };
    let within = growth("1,10,40", "100");
    assert!(within.code == 0 && within.stdout.contains("ok: each of 40 costs x "), "{within:?}");
    assert_eq!(within.stdout.lines().count(), 6, "{within:?}");
    let over = growth("1,10,40", "0.001");
    assert!(over.code == 1 && over.stdout.contains("OVER: each of 40 costs x "), "{over:?}");
    for numbers in ["1,10", "10,1,40", "1,1,10"] {
        assert_eq!(error_of(&growth(numbers, "2")), "--numbers must be at least three numbers in ascending order");
    }
}

/// The guest that `make bench` compares the policy with.
#[test]
fn the_minimal_guest_implements_the_protocol() {
    let scratch = Scratch::new("nothing");
    scratch.file("nothing.wasm", wat::parse_str(include_str!("../../benches/nothing/nothing.wat")).unwrap());
    // The second request is larger than the guest's initial memory.
    for length in [1, 200_000] {
        scratch
            .file("request.json", REQUEST.replace(r#""userInfo":{}"#, &format!(r#""userInfo":{{"username":"{}"}}"#, "u".repeat(length))));
        let outcome = host(&scratch, &["run", "nothing.wasm", "-r", "request.json"]);
        assert_eq!((outcome.code, outcome.stderr.as_str()), (0, ""));
        assert!(outcome.stdout.starts_with(r#"{"uid":"u1","allowed":true"#), "{outcome:?}");
    }
    let policy = pss_host::Policy::load(&std::fs::read(scratch.path().join("nothing.wasm")).unwrap()).unwrap();
    let version = policy.call("protocol_version", b"", std::sync::Arc::new(pss_host::NoCluster));
    assert_eq!(version.response.unwrap(), b"\"v1\"");
    assert!(policy.call("other", b"", std::sync::Arc::new(pss_host::NoCluster)).response.is_err());
}
