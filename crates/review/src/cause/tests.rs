//! Tables of texts with errors, their causes and fixes.

use serde_json::json;

use crate::fixes::apply;
use crate::testing::{options, source};
use crate::{Diagnostic, DiagnosticKind, Options, fields, review};

/// The error in a text, in its last document.
fn error(text: &str) -> Diagnostic {
    let options = Options { schema: Some(fields::kubernetes()), ..options(&json!({"settings": {"level": "baseline"}})) };
    let report = review(&[source(text)], &options);
    report.documents.last().unwrap().diagnostics.last().unwrap_or_else(|| panic!("no error in\n{text}")).clone()
}

/// Asserts the cause, the advice and the marked text of the error in a text, and the text after its fix.
#[track_caller]
fn assert_cause(text: &str, [message, help, marked]: [&str; 3], fixed: Option<&str>) {
    let error = error(text);
    let cause = error.message.split("; the parser reports: ").next().unwrap();
    assert_eq!([cause, error.help.as_deref().unwrap_or_default(), error.span.slice(text)], [message, help, marked], "\n{text}\n{error:#?}");
    let after = error.fix.as_ref().map(|fix| apply(text, fix.edits.iter().collect()));
    assert_eq!(after.as_deref(), fixed, "\n{text}\n{}", after.as_deref().unwrap_or_default());
}

#[test]
fn keeps_the_error_of_the_parser() {
    let tab = error("spec:\n\tcontainers: []\n");
    assert!(tab.message.ends_with("; the parser reports: found character that cannot start any token"), "{tab:?}");
    // Other errors are those of the parser.
    for (text, message) in [
        ("a: [1\n", "did not find expected ',' or ']'"),
        ("a: b: c\n", "mapping values are not allowed in this context"),
        ("a: \"x\nb: y\n", "found unexpected end of stream"),
        ("{\"a\": 1,\n\t\"b\" 2}", "invalid character '2' after object key"),
        ("a: *b\n", "unknown anchor"),
    ] {
        let error = error(text);
        assert!(error.message.contains(message) && error.help.is_none() && error.fix.is_none(), "{text} {error:?}");
    }
}

#[test]
fn replaces_tabs_in_the_indentation() {
    assert_cause(
        "spec:\n\thostPID: true\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Indent line 2 by 2 spaces.", "\t"],
        Some("spec:\n  hostPID: true\n"),
    );
    // The width of a tab is that of the lines around it.
    assert_cause(
        "a: 1\n---\nspec:\n    x: 1\n\ty: 2\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Indent line 5 by 4 spaces.", "\t"],
        Some("a: 1\n---\nspec:\n    x: 1\n    y: 2\n"),
    );
    assert_cause(
        "kind: Pod\nspec:\n  containers:\n  - name: a\n  \timage: b\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Indent line 5 by 4 spaces.", "\t"],
        Some("kind: Pod\nspec:\n  containers:\n  - name: a\n    image: b\n"),
    );
    // A field of a container is none of the pod.
    assert_cause(
        "kind: Pod\nspec:\n  containers:\n  - name: a\n\timage: b\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Indent line 5 by 4 spaces.", "\t"],
        Some("kind: Pod\nspec:\n  containers:\n  - name: a\n    image: b\n"),
    );
    // Tabs in block scalars and values are content, except those that indent the scalar.
    assert_cause(
        "data:\n\tscript: |\n\t\tif x; then\n\t\t\techo\n\t\tfi\n\tother: a\tb\r\nspec:\n  text: |\n    a\n    \tb\n\n  c: d\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Replace the tabs in the indentation of 5 lines by spaces.", "\t"],
        Some("data:\n  script: |\n    if x; then\n    \techo\n    fi\n  other: a\tb\r\nspec:\n  text: |\n    a\n    \tb\n\n  c: d\n"),
    );
    // The only entries that it can belong to are at the start of a line.
    assert_cause(
        "kind: Pod\n\tspec: {}\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Indent line 2 by no spaces.", "\t"],
        Some("kind: Pod\nspec: {}\n"),
    );
    // An element is none if its dash is a part of a string.
    assert_cause(
        "- a\n\t- b\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Indent line 2 by no spaces.", "\t"],
        Some("- a\n- b\n"),
    );
    // Another error remains.
    assert_cause(
        "spec:\n\thostPID: [\n",
        ["the line is indented by a tab, and YAML allows only spaces", "Replace it by spaces.", "\t"],
        None,
    );
}

#[test]
fn corrects_a_wrong_indentation() {
    let message = |spaces: &str| format!("the line is indented by {spaces}, which does not fit the lines before it");
    let pod = |lines: &str| format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n{lines}");
    // The lines of a spec from line 6 on, the line and its indentation, advice, and the lines after the fix.
    let table = [
        (
            "  containers:\n  - name: a\n   image: b\n",
            (8, "3 spaces"),
            "Indent it by 4 spaces as line 7.",
            Some("  containers:\n  - name: a\n    image: b\n"),
        ),
        (
            "  containers:\n  - name: a\n    image: b\n     ports:\n     - containerPort: 80\n    tty: true\n",
            (9, "5 spaces"),
            "Indent it by 4 spaces as line 8.",
            Some("  containers:\n  - name: a\n    image: b\n    ports:\n    - containerPort: 80\n    tty: true\n"),
        ),
        (
            "  containers:\n  - name: a\n      image: b\n",
            (8, "6 spaces"),
            "Indent it by 4 spaces as line 7.",
            Some("  containers:\n  - name: a\n    image: b\n"),
        ),
        (
            "  containers:\n  - name: a\n   image: b\n   env:\n   - name: c\n     value: d\n\n   # comment\n  - name: e\n",
            (8, "3 spaces"),
            "Indent it by 4 spaces as line 7.",
            Some("  containers:\n  - name: a\n    image: b\n    env:\n    - name: c\n      value: d\n\n    # comment\n  - name: e\n"),
        ),
        (
            "  containers:\n  - name: a\n   image: b\n    tty: true\n",
            (8, "3 spaces"),
            "Indent it by 4 spaces as line 7.",
            Some("  containers:\n  - name: a\n    image: b\n    tty: true\n"),
        ),
        (
            "  containers:\n    - name: a\n   - name: b\n",
            (8, "3 spaces"),
            "Indent it by 4 spaces as line 7.",
            Some("  containers:\n    - name: a\n    - name: b\n"),
        ),
        (
            "    containers:\n    - name: a\n  hostPID: true\n",
            (8, "2 spaces"),
            "Indent it by 4 spaces as line 7.",
            Some("    containers:\n    - name: a\n    hostPID: true\n"),
        ),
        // A label can be a field of more than one mapping.
        ("  nodeSelector:\n      a: b\n    c: d\n", (8, "4 spaces"), "Indent it by 6 spaces as line 7, or by 2 spaces as line 6.", None),
        // The next line is wrong, too.
        ("  containers:\n  - name: a\n   image: b\n  - name: c\n   image: d\n", (8, "3 spaces"), "Indent it by 4 spaces as line 7.", None),
    ];
    for (spec, (line, spaces), help, fixed) in table {
        let text = pod(spec);
        let marked = text.lines().nth(line - 1).unwrap().trim();
        assert_cause(&text, [&message(spaces), help, marked], fixed.map(pod).as_deref());
    }
    assert_cause(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n labels:\n   b: c\n",
        [&message("1 space"), "Indent it by 2 spaces as line 4.", "labels:"],
        Some("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n  labels:\n    b: c\n"),
    );
    assert_cause(
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\n spec:\n  hostPID: true\n",
        [&message("1 space"), "Indent it by no spaces as line 3.", "spec:"],
        Some("apiVersion: v1\nkind: Pod\nmetadata:\n  name: a\nspec:\n hostPID: true\n"),
    );
}

#[test]
fn recognizes_templates() {
    let help = "Paste the output of helm template CHART instead.";
    for text in [
        "apiVersion: v1\nkind: Pod\nmetadata:\n  name: {{ .Values.name }}\n",
        "{{- if .Values.enabled }}\napiVersion: v1\n{{- end }}\n",
        "kind: Pod\n{{ include \"labels\" . | nindent 2 }}\n",
    ] {
        let error = error(text);
        assert_eq!(error.kind, DiagnosticKind::Template, "{text}");
        assert!(error.message.starts_with("the document is a template that is not rendered; the parser reports: "), "{error:?}");
        assert_eq!(error.help.as_deref(), Some(help));
        assert!(error.span.slice(text).starts_with("{{") && error.span.slice(text).ends_with("}}"), "{error:?}");
    }
    // The action is not the cause.
    let error = error("a: \"{{ .x }}\"\nb:\n\tc: d\n");
    assert!(error.kind == DiagnosticKind::Syntax && error.message.starts_with("the line is indented by a tab"), "{error:?}");
}

#[test]
fn recognizes_texts_for_other_programs() {
    let table = [
        ("services:\n  web:\n    image: nginx\n", "Compose file", "kompose convert"),
        ("version: '3'\nservices:\n  db: {ports: []}\n  web: {build: .}\n", "Compose file", "a Deployment for each service"),
        ("resources:\n- deployment.yaml\nimages: []\n", "a kustomization", "kubectl kustomize"),
        ("namePrefix: a-\n", "a kustomization", "kubectl kustomize"),
        ("replicaCount: 1\n", "values of a Helm chart", "helm template"),
        ("image:\n  repository: nginx\n", "values of a Helm chart", "helm template"),
        ("nodeSelector: {}\ntolerations: []\naffinity: {}\nresources: {}\n", "values of a Helm chart", "helm template"),
        ("apiVersion: v2\nname: a\nversion: 1.0.0\n", "Chart.yaml", "helm template"),
        ("on: push\njobs:\n  build: {}\n", "workflow of GitHub", "manifests"),
        ("openapi: 3.0.0\npaths: {}\n", "schema", "manifests"),
        ("{\"$schema\": \"https://json-schema.org/draft/2020-12/schema\", \"type\": \"object\"}", "schema", "manifests"),
        ("<!DOCTYPE html>\n<html>\n", "HTML", "raw file"),
        ("<p>\n  a: b\n", "HTML", "raw file"),
        ("- {apiVersion: v1, kind: Pod}\n- {apiVersion: v1, kind: Pod}\n", "a list of objects", "items of a List"),
        ("apiVersion: v1\nkind: List\n", "the List has no items", ""),
    ];
    for (text, message, help) in table {
        let error = error(text);
        assert!(error.message.contains(message), "{text} {error:?}");
        assert!(error.help.as_deref().unwrap_or_default().contains(help), "{text} {error:?}");
        assert_eq!(error.fix, None);
    }
    // None of them.
    for text in ["a: b\n", "services: {a: {selector: {}}}\n", "resources: {limits: {}}\nimage: nginx\n", "jobs: {}\n", "1\n"] {
        let error = error(text);
        assert!(["kind is missing", "a manifest is"].iter().any(|start| error.message.starts_with(start)), "{text} {error:?}");
    }
}

#[test]
fn names_the_probable_kind_and_version() {
    let no_kind = "kind is missing, or no string: without it Kubernetes cannot tell what this is";
    let no_version = "apiVersion is missing, or no string: without it Kubernetes cannot tell what this is";
    let template = "spec: {template: {spec: {containers: []}}}\n";
    let table = [
        ("spec: {containers: []}\n".to_owned(), no_kind, "Add kind: Pod.", "kind: Pod\nspec: {containers: []}\n".to_owned()),
        (template.to_owned(), no_kind, "Add kind: Deployment.", format!("kind: Deployment\n{template}")),
        (format!("apiVersion: batch/v1\n{template}"), no_kind, "Add kind: Job.", format!("apiVersion: batch/v1\nkind: Job\n{template}")),
        (
            "apiVersion: batch/v1\nspec: {jobTemplate: {}}\n".to_owned(),
            no_kind,
            "Add kind: CronJob.",
            "apiVersion: batch/v1\nkind: CronJob\nspec: {jobTemplate: {}}\n".to_owned(),
        ),
        ("kind: Pod\n".to_owned(), no_version, "Add apiVersion: v1.", "apiVersion: v1\nkind: Pod\n".to_owned()),
        ("kind: Service\n".to_owned(), no_version, "Add apiVersion: v1.", "apiVersion: v1\nkind: Service\n".to_owned()),
        ("kind: Deployment\n".to_owned(), no_version, "Add apiVersion: apps/v1.", "apiVersion: apps/v1\nkind: Deployment\n".to_owned()),
        (
            "metadata: {}\nkind: Ingress\n".to_owned(),
            no_version,
            "Add apiVersion: networking.k8s.io/v1.",
            "apiVersion: networking.k8s.io/v1\nmetadata: {}\nkind: Ingress\n".to_owned(),
        ),
    ];
    for (text, message, help, fixed) in table {
        let marked = error(&text).span.slice(&text).to_owned();
        assert_cause(&text, [message, help, &marked], Some(&fixed));
    }
    for (text, message, help) in [
        ("metadata: {name: a}\n", &format!("{no_kind}. Add one, such as kind: Deployment"), ""),
        ("apiVersion: v1\nspec: {template: {spec: {containers: []}}}\n", &format!("{no_kind}. Add one, such as kind: Deployment"), ""),
        ("kind: Foo\n", &format!("{no_version}. Add one, such as apiVersion: apps/v1"), ""),
        ("apiVersion: 1\nkind: Pod\n", &no_version.to_owned(), "Add apiVersion: v1."),
    ] {
        let marked = error(text).span.slice(text).to_owned();
        assert_cause(text, [message, help, &marked], None);
    }
}
