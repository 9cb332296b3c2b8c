//! Completions in unfinished texts.

use serde_json::{Value, json};

use crate::client::{Client, usual_capabilities};
use crate::texts::{offset, position};

/// Returns the completions at the first `|` of a text, which is removed: the labels that begin with the text before the cursor, as
/// editors select them, and the lines that result.
fn completions(client: &mut Client, name: &str, text: &str) -> Vec<(String, String)> {
    let at = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    client.open(name, &text);
    let (line, column) = position(&text, at);
    let params = client.at(name, (line, column));
    let items = client.request("textDocument/completion", params).unwrap();
    let completed = |item: &Value| {
        let (edit, label) = (&item["textEdit"], item["label"].as_str().unwrap());
        let [start, end] = ["start", "end"].map(|side| offset(&text, &edit["range"][side]));
        let mut new = text.clone();
        new.replace_range(start..end, edit["newText"].as_str().unwrap());
        let line = new.lines().nth(line as usize).unwrap().trim().to_owned();
        label.starts_with(&text[start..at]).then(|| (label.to_owned(), line))
    };
    items.as_array().map(|items| items.iter().filter_map(completed).collect()).unwrap_or_default()
}

fn pod(spec: &str) -> String {
    format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: ü😀\nspec:\n{spec}")
}

#[test]
fn completes_the_fields_that_checks_read() {
    let mut client = Client::usual();
    for (index, (spec, labels, line)) in [
        ("  containers:\n    - name: a\n      securityContext:\n        |", "allowPrivilegeEscalation appArmorProfile capabilities privileged procMount runAsNonRoot runAsUser seLinuxOptions seccompProfile windowsOptions", "allowPrivilegeEscalation: false"),
        ("  containers:\n  - name: a\n    securityContext:\n      runAsNonRoot: true\n      allow|\n      privileged: false", "allowPrivilegeEscalation", "allowPrivilegeEscalation: false"),
        ("  securityContext:\n    seccompProfile:\n      |", "type", "type:"),
        ("  securityContext:\n    seccompProfile:\n      type: |", "RuntimeDefault Localhost", "type: RuntimeDefault"),
        ("  securityContext:\n    seccompProfile:\n      type: Run|\n  containers: [", "RuntimeDefault", "type: RuntimeDefault"),
        ("  securityContext:\n    runAsNonRoot: |", "true", "runAsNonRoot: true"),
        ("  securityContext:\n    runAsN|: false", "runAsNonRoot", "runAsNonRoot: false"),
        ("  hostNetwork: |", "false", "hostNetwork: false"),
        ("  containers:\n    - securityContext:\n        capabilities:\n          |", "add drop", "add: [\"NET_BIND_SERVICE\"]"),
        ("  containers:\n    - securityContext:\n        capabilities:\n          add: []\n          |", "drop", "drop: [\"ALL\"]"),
        ("  containers:\n    - securityContext:\n        capabilities:\n          drop: |", "ALL", "drop: [\"ALL\"]"),
        ("  containers:\n    - securityContext:\n        capabilities:\n          drop:\n            - |", "ALL", "- ALL"),
        ("  containers:\n    - securityContext:\n        capabilities:\n          drop:\n          - A|", "ALL", "- ALL"),
        ("  containers:\n    - securityContext:\n        capabilities:\n          add:\n          - |", "NET_BIND_SERVICE", "- NET_BIND_SERVICE"),
        ("  volumes:\n    - name: a\n      |", "configMap csi downwardAPI emptyDir ephemeral image persistentVolumeClaim projected secret", "configMap:"),
        ("  volumes:\n    - name: a\n      secret: {}\n      |", "", ""),
        ("  initContainers:\n    - name: a\n      secu|", "securityContext", "securityContext:"),
    ]
    .into_iter()
    .enumerate()
    {
        let found = completions(&mut client, &format!("{index}.yaml"), &pod(spec));
        let found_labels: Vec<&str> = found.iter().map(|(label, _)| label.as_str()).collect();
        assert_eq!(found_labels.join(" "), labels, "{spec}");
        assert_eq!(found.first().map_or("", |(_, line)| line), line, "{spec}");
    }
}

#[test]
fn completes_in_every_judged_kind() {
    let mut client = Client::usual();
    for (kind, parents) in [
        ("apiVersion: v1\nkind: Pod\n", ""),
        ("apiVersion: apps/v1\nkind: Deployment\n", "spec:\n  template:\n"),
        ("kind: StatefulSet\n", "spec:\n  template:\n"),
        ("apiVersion: batch/v1\nkind: CronJob\n", "spec:\n  jobTemplate:\n    spec:\n      template:\n"),
        ("apiVersion: v1\nkind: PodTemplate\n", "template:\n"),
        ("apiVersion: v1\nkind: List\nitems:\n- kind: Service\n- apiVersion: apps/v1\n  kind: DaemonSet\n", "  spec:\n    template:\n"),
    ] {
        let indent = " ".repeat(parents.lines().last().map_or(0, |line| line.len() - line.trim_start().len() + 2));
        let text = format!("{kind}{parents}{indent}spec:\n{indent}  securityContext:\n{indent}    runAsN|");
        let found = completions(&mut client, &format!("{}.yaml", kind.len() + parents.len()), &text);
        assert!(found.contains(&("runAsNonRoot".to_owned(), "runAsNonRoot: true".to_owned())), "{text}: {found:?}");
    }
}

#[test]
fn completes_nothing_elsewhere() {
    let mut client = Client::usual();
    for (index, text) in [
        "spec:\n  securityContext:\n    |".to_owned(),
        "services:\n  web:\n    |".to_owned(),
        "apiVersion: v1\nkind: ConfigMap\nspec:\n  securityContext:\n    |".to_owned(),
        "apiVersion: example.com/v1\nkind: Deployment\nspec:\n  template:\n    spec:\n      securityContext:\n        |".to_owned(),
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"spec\": {|".to_owned(),
        pod("  securityContext:\n    # |"),
        pod("  securityContext: {|"),
        pod("  containers:\n    - name: |"),
        pod("  containers:\n    - command: [sh, -c]\n      args:\n        - >\n          securityContext:\n            |"),
        pod("  hostPID: true\n---\nspec:\n  |"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(completions(&mut client, &format!("{index}.yaml"), text), [], "{text}");
    }
}

#[test]
fn values_depend_on_the_level_and_the_version() {
    for (options, spec, labels) in [
        (
            json!({ "level": "baseline", "version": "v1.30" }),
            "  securityContext:\n    seLinuxOptions:\n      type: |",
            "container_t container_init_t container_kvm_t",
        ),
        (json!({ "level": "baseline" }), "  securityContext:\n    runAsN|", ""),
        (json!({ "level": "privileged" }), "  securityContext:\n    |", ""),
    ] {
        let (mut client, _) = Client::start(usual_capabilities(), options.clone());
        let found: Vec<String> = completions(&mut client, "pod.yaml", &pod(spec)).into_iter().map(|(label, _)| label).collect();
        assert_eq!(found.join(" "), labels, "{options}");
    }
}
