//! Diagnostics: their ranges, severities and versions.

use std::process::Command;

use serde_json::{Value, json};

use crate::client::{Client, usual_capabilities};
use crate::texts::{DEPLOYMENT, POD, position, slice};

/// Returns the codes and the marked texts of diagnostics.
fn marks<'t>(text: &'t str, diagnostics: &'t [Value]) -> Vec<(&'t str, &'t str)> {
    diagnostics.iter().map(|one| (one["code"].as_str().unwrap(), slice(text, &one["range"]))).collect()
}

#[test]
fn marks_the_fields_of_findings() {
    let mut client = Client::usual();
    for (name, text) in [("unix.yaml", POD.to_owned()), ("dos.yaml", POD.replace('\n', "\r\n"))] {
        let diagnostics = client.opened(name, &text);
        let marks = marks(&text, &diagnostics);
        for mark in [("hostNamespaces", "true"), ("privileged", "true"), ("seccompProfile_restricted", "securityContext")] {
            assert!(marks.contains(&mark), "{name}: {mark:?} {marks:?}");
        }
        assert!(diagnostics.is_sorted_by_key(|one| one["range"]["start"]["line"].as_u64()), "{diagnostics:?}");
    }
    assert_eq!(client.end(), Some(0));
}

#[test]
fn a_diagnostic_explains_the_finding() {
    let mut client = Client::usual();
    let diagnostics = client.opened("pod.yaml", POD);
    let one = diagnostics.iter().find(|one| one["code"] == "hostNamespaces").unwrap();
    assert_eq!((&one["severity"], &one["source"]), (&json!(1), &json!("pss")));
    assert!(one["codeDescription"]["href"].as_str().unwrap().ends_with("/docs/checks.md#hostnamespaces"), "{one}");
    let message = one["message"].as_str().unwrap();
    assert!(message.starts_with("The pod uses the network of the node") && message.contains("\nRemove the field."), "{message}");
}

#[test]
fn marks_leftovers_of_pod_security_policies() {
    let mut client = Client::usual();
    let rule = "{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use]}";
    let objects = format!(
        "apiVersion: policy/v1beta1\nkind: PodSecurityPolicy\nmetadata: {{name: a}}\n---\n\
         apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {{name: b}}\nrules: [{rule}]\n"
    );
    for (name, text, expected) in [
        (
            "old.yaml",
            objects.as_str(),
            &[("pod-security-policy", "PodSecurityPolicy", 1), ("pod-security-policy-access", "podsecuritypolicies", 2)][..],
        ),
        ("values.yaml", "enablePSP: true\n", &[("pod-security-policy-value", "true", 2)]),
        ("config.yaml", "enablePSP: true\n", &[]),
    ] {
        let diagnostics = client.opened(name, text);
        let severities = diagnostics.iter().map(|one| one["severity"].as_u64().unwrap());
        let found: Vec<_> =
            marks(text, &diagnostics).into_iter().zip(severities).map(|((code, mark), severity)| (code, mark, severity)).collect();
        assert_eq!(found, expected, "{name}");
    }
    assert_eq!(client.end(), Some(0));
}

#[test]
fn positions_are_bytes_if_the_client_prefers_them() {
    for (encodings, expected, column) in [(json!(["utf-8", "utf-16"]), "utf-8", 48), (json!(["utf-16"]), "utf-16", 46)] {
        let mut capabilities = usual_capabilities();
        capabilities["general"]["positionEncodings"] = encodings;
        let (mut client, result) = Client::start(capabilities, Value::Null);
        assert_eq!(result["capabilities"]["positionEncoding"], expected);
        let diagnostics = client.opened("pod.yaml", POD);
        let one = diagnostics.iter().find(|one| one["code"] == "privileged").unwrap();
        assert_eq!(one["range"]["start"], json!({ "line": 10, "character": column }), "{expected}");
        // An edit after the second emoji of a line.
        let start = json!({ "line": 4, "character": if expected == "utf-8" { 44 } else { 38 } });
        client.change("pod.yaml", 2, json!([{ "range": { "start": start, "end": start }, "text": "\n\n" }]));
        let diagnostics = client.diagnostics("pod.yaml", 2);
        let one = diagnostics.iter().find(|one| one["code"] == "privileged").unwrap();
        assert_eq!(one["range"]["start"], json!({ "line": 12, "character": column }), "{expected}");
    }
}

#[test]
fn follows_the_changes_of_a_document() {
    let mut client = Client::usual();
    assert!(client.opened("pod.yaml", POD).iter().any(|one| one["code"] == "hostNamespaces"));
    // Two edits in one notification: the second counts on the first.
    let range = |line, start, end| json!({ "start": { "line": line, "character": start }, "end": { "line": line, "character": end } });
    let changes = json!([
        { "range": range(5, 0, 0), "text": "# comment\n" },
        { "range": range(7, 15, 19), "text": "false" },
    ]);
    client.change("pod.yaml", 2, changes);
    let text = POD.replace("spec:\n", "# comment\nspec:\n").replace("hostNetwork: true", "hostNetwork: false");
    let diagnostics = client.diagnostics("pod.yaml", 2);
    assert!(diagnostics.iter().all(|one| one["code"] != "hostNamespaces"));
    assert!(marks(&text, &diagnostics).contains(&("privileged", "true")), "{diagnostics:?}");
    // The whole text.
    client.change("pod.yaml", 3, json!([{ "text": POD }]));
    assert!(client.diagnostics("pod.yaml", 3).iter().any(|one| one["code"] == "hostNamespaces"));
    let document = json!({ "textDocument": { "uri": client.uri("pod.yaml") } });
    client.notify("textDocument/didClose", document);
    assert_eq!(client.diagnostics_without_version("pod.yaml"), Vec::<Value>::new());
}

#[test]
fn judges_json_and_the_documents_of_a_rendered_chart() {
    let mut client = Client::usual();
    let json = "{\n  \"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"a\"},\n  \"spec\": {\"hostPID\": true, \"containers\": []}\n}\n";
    let diagnostics = client.opened("pod.json", json);
    assert!(marks(json, &diagnostics).contains(&("hostNamespaces", "true")), "{diagnostics:?}");
    let chart = format!("---\n# Source: web/templates/pod.yaml\n{POD}---\n# Source: web/templates/web.yaml\n{DEPLOYMENT}");
    let diagnostics = client.opened("chart.yaml", &chart);
    let runs_as_root = diagnostics.iter().filter(|one| one["code"] == "runAsNonRoot").count();
    assert_eq!(runs_as_root, 2, "{diagnostics:?}");
}

/// Returns the rules and the places of the problems that `pss check` reports: line and column in UTF-16, counted from 0.
fn problems_of_check(client: &Client, name: &str, text: &str) -> Vec<(String, Value)> {
    let path = client.write(name, text);
    let output = Command::new(env!("CARGO_BIN_EXE_pss")).args(["check", "--quiet", "--format", "json"]).arg(path).output().unwrap();
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    let documents = report["documents"].as_array().unwrap().iter();
    let problems = documents.flat_map(|document| document["problems"].as_array().unwrap());
    let place = |problem: &Value| {
        let (line, character) = position(text, problem["range"]["start"]["offset"].as_u64().unwrap() as usize);
        (problem["rule"].as_str().unwrap().to_owned(), json!({ "line": line, "character": character }))
    };
    problems.map(place).collect()
}

#[test]
fn reports_what_pss_check_reports() {
    let mut client = Client::usual();
    let unknown = DEPLOYMENT.replace("image: nginx", "image: nginx\n          securitycontext: {}");
    let two = format!("{POD}---\n{unknown}");
    let namespace = format!(
        "apiVersion: v1\nkind: Namespace\nmetadata:\n  name: default\n  labels: {{pod-security.kubernetes.io/enforce: baseline}}\n---\n{two}"
    );
    for (name, text) in [("pod.yaml", POD), ("unknown.yaml", &unknown), ("two.yaml", &two), ("namespace.yaml", &namespace)] {
        let mut of_check = problems_of_check(&client, name, text);
        let diagnostics = client.opened(name, text);
        let mut of_server: Vec<(String, Value)> =
            diagnostics.iter().map(|one| (one["code"].as_str().unwrap().to_owned(), one["range"]["start"].clone())).collect();
        of_check.sort_by_key(|problem| format!("{problem:?}"));
        of_server.sort_by_key(|problem| format!("{problem:?}"));
        assert!(!of_check.is_empty());
        assert_eq!(of_server, of_check, "{name}");
    }
}

#[test]
fn other_files_have_no_diagnostics() {
    let mut client = Client::usual();
    for (name, text) in [
        ("values.yaml", "image: nginx\nsecurityContext: {}\n"),
        ("values2.yaml", "ingress:\n  apiVersion: networking.k8s.io/v1\n  kind: [\n"),
        ("docker-compose.yaml", "services:\n  web:\n    privileged: true\n"),
        ("compose2.yml", "services:\n  web:\n  - x: [\n"),
        ("Chart.yaml", "apiVersion: v2\nname: web\nversion: 1.0.0\n"),
        ("package.json", "{\"name\": \"x\", "),
        ("empty.yaml", ""),
    ] {
        assert_eq!(client.opened(name, text), Vec::<Value>::new(), "{name}");
    }
}

#[test]
fn errors_in_manifests_are_marked() {
    let mut client = Client::usual();
    for (text, code, severity, mark) in [
        ("apiVersion: v1\nkind: Pod\nspec: {\n", "syntax", 1, "{"),
        ("apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {hostNetwork: ja}\n", "wrong-type", 1, "ja"),
        ("apiVersion: v1\nkind: Pod\nkind: Pod\nmetadata: {name: a}\nspec: {containers: []}\n", "ignored-text", 2, "kind"),
        ("apiVersion: apps/v1\nkind: Deploymnt\nmetadata: {name: a}\n", "object", 1, "Deploymnt"),
        ("apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\nspec: {}\n", "template", 3, "{{"),
    ] {
        let name = format!("{code}.yaml");
        let diagnostics = client.opened(&name, text);
        let one = diagnostics.iter().find(|one| one["code"] == code).unwrap_or_else(|| panic!("{code}: {diagnostics:?}"));
        assert_eq!(one["severity"], severity, "{one}");
        assert!(slice(text, &one["range"]).contains(mark), "{one}");
        if code == "template" {
            assert_eq!(diagnostics.len(), 1, "{diagnostics:?}");
        }
    }
}

#[test]
fn a_template_of_a_chart_has_one_note() {
    let mut client = Client::usual();
    client.write("chart/Chart.yaml", "apiVersion: v2\nname: web\n");
    let text = "apiVersion: v1\nkind: Pod\n{{- if .Values.x }}\nspec: {hostNetwork: true}\n{{- end }}\n---\na: {{ b }}\n";
    let diagnostics = client.opened("chart/templates/pod.yaml", text);
    assert_eq!(marks(text, &diagnostics), [("template", "{{")]);
    assert_eq!(diagnostics[0]["severity"], 3);
    // A text with braces can be a valid manifest.
    let text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: \"{{ b }}\"}\n";
    assert_eq!(client.opened("rules.yaml", text), Vec::<Value>::new());
}
