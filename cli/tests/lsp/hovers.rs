//! Hovers over fields.

use serde_json::json;

use crate::client::Client;
use crate::texts::{DEPLOYMENT, POD, position, slice};

/// Returns the text of the hover at the first occurrence of `|`, which is removed from the text, and the text of its range.
fn hover(client: &mut Client, name: &str, text: &str) -> Option<(String, String)> {
    let at = text.find('|').unwrap();
    let text = text.replacen('|', "", 1);
    client.opened(name, &text);
    let params = client.at(name, position(&text, at));
    let hover = client.request("textDocument/hover", params).unwrap();
    (!hover.is_null()).then(|| {
        assert_eq!(hover["contents"]["kind"], "markdown");
        (hover["contents"]["value"].as_str().unwrap().to_owned(), slice(&text, &hover["range"]).to_owned())
    })
}

#[test]
fn explains_the_fields_that_checks_read() {
    let mut client = Client::usual();
    let deployment = |from: &str, to: &str| DEPLOYMENT.replacen(from, to, 1);
    for (index, (text, range, parts)) in [
        (
            POD.replace("hostNetwork", "host|Network"),
            "hostNetwork",
            &[
                "**hostNamespaces** (baseline)",
                "Allowed: not set, false",
                "⚠ The pod uses the network",
                "restricted:latest (enforce, audit, warn)",
            ][..],
        ),
        (POD.replace("hostNetwork: true", "hostNetwork: t|rue"), "true", &["**hostNamespaces**", "⚠ "]),
        (POD.replace("privileged: true", "privi|leged: true"), "privileged", &["**privileged** (baseline)", "⚠ Container \"web\""]),
        (
            deployment("image: nginx", "image: nginx\n          securityContext: {runAs|NonRoot: true}"),
            "runAsNonRoot",
            &["**runAsNonRoot** (restricted)", "Since v1.0"],
        ),
        (
            deployment("containers:", "securityContext: {seccompProfile: {ty|pe: RuntimeDefault}}\n      containers:"),
            "type",
            &["**seccompProfile_restricted**", "`RuntimeDefault`, `Localhost`", "Since v1.19"],
        ),
        (
            deployment("image: nginx", "image: nginx\n          securityContext: {capabilities: {dr|op: [ALL]}}"),
            "drop",
            &["**capabilities_restricted**", "a list with ALL"],
        ),
        (
            deployment("image: nginx", "image: nginx\n          securityContext: {capabilities: {add: [SYS_|ADMIN]}}"),
            "SYS_ADMIN",
            &["**capabilities_restricted**", "`NET_BIND_SERVICE`", "⚠ "],
        ),
        (
            deployment("containers:", "volumes: [{name: a, host|Path: {path: /}}]\n      containers:"),
            "hostPath",
            &["**restrictedVolumes**"],
        ),
    ]
    .iter()
    .enumerate()
    {
        let (value, marked) = hover(&mut client, &format!("{index}.yaml"), text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!(marked, *range, "{text}");
        for part in *parts {
            assert!(value.contains(part), "{part}: {value}");
        }
    }
}

#[test]
fn other_places_have_no_hover() {
    let mut client = Client::usual();
    for (index, text) in [
        POD.replace("image", "ima|ge"),
        POD.replace("name: web", "name: w|eb"),
        POD.replace("kind: Pod", "kind: P|od"),
        format!("|{POD}"),
        "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\nspec: {host|Network: true}\n".to_owned(),
        "spec: {host|Network: true}\n".to_owned(),
        format!("{POD}\n|"),
    ]
    .iter()
    .enumerate()
    {
        assert_eq!(hover(&mut client, &format!("{index}.yaml"), text), None, "{text}");
    }
}

#[test]
fn a_hover_is_about_the_version_that_applies() {
    let (mut client, _) = Client::start(crate::client::usual_capabilities(), json!({ "level": "baseline", "version": "v1.30" }));
    let text = POD.replace("containers:", "securityContext: {seLinuxOptions: {ty|pe: container_engine_t}}\n  containers:");
    let (value, _) = hover(&mut client, "pod.yaml", &text).unwrap();
    assert!(value.contains("`container_kvm_t`") && value.contains("baseline:v1.30") && value.contains("⚠ "), "{value}");
    assert!(!value.contains("`container_engine_t`"), "{value}");
    let text = POD.replace("containers:", "securityContext: {runAs|NonRoot: true}\n  containers:");
    let (value, _) = hover(&mut client, "restricted.yaml", &text).unwrap();
    assert!(value.contains("Not checked at baseline:v1.30"), "{value}");
}

#[test]
fn an_item_of_a_list_has_hovers() {
    let mut client = Client::usual();
    let pod = POD.replace('\n', "\n    ");
    let text = format!("apiVersion: v1\nkind: List\nitems:\n  - {}\n", pod.replace("hostNetwork", "host|Network"));
    let (value, _) = hover(&mut client, "list.yaml", &text).unwrap();
    assert!(value.contains("**hostNamespaces**") && value.contains("⚠ "), "{value}");
}
