//! The policy to paste, held against the README's and against the settings that it is made of.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::playground;
use crate::settings::Settings;

/// The policy for settings.
fn policy(settings: &Value) -> String {
    playground::policy(&json!({"settings": settings}).to_string())
}

#[test]
fn the_policy_of_the_readme_is_made_to_the_letter() {
    let readme = include_str!("../../../README.md");
    let block = readme.split_once("```yaml test: policy\n").unwrap().1.split("```").next().unwrap();
    let defaults = json!({"enforce": "baseline", "audit": "restricted", "warn": "restricted"});
    let settings = json!({"defaults": defaults, "exemptions": {"namespaces": ["kube-system"]}, "namespaceLabels": "honor"});
    assert_eq!(policy(&settings), block);
}

#[test]
fn only_what_is_set_is_written() {
    let start = "    io.kubewarden.policy.category: Pod Security\nspec:\n  module: registry://ghcr.io/pod-security-standards/policies/pod-security-standards:v0.1.0\n  mutating: false\n  settings:\n";
    let rules = "  rules:\n    - apiGroups: [\"\"]\n      apiVersions: [v1]\n      resources: [pods]\n      operations: [CREATE, UPDATE]\n";
    let table = [
        (json!({"level": "restricted"}), "    level: restricted\n"),
        (json!({"level": "baseline", "version": "v1.34"}), "    level: baseline\n    version: v1.34\n"),
        (json!({"level": "baseline", "version": "latest"}), "    level: baseline\n"),
        (
            json!({"defaults": {"enforce": "baseline", "enforce-version": "v1.34", "warn": "restricted", "warn-version": "v1.99"}}),
            "    defaults:\n      enforce: baseline\n      enforce-version: v1.34\n      audit: privileged\n      warn: restricted\n      \
             warn-version: v1.99\n",
        ),
        (
            json!({
                "level": "restricted", "workloads": "enforce",
                "exemptions": {
                    "usernames": ["system:admin", "alice", "yes", "a, b", "a\"b\\c"],
                    "runtimeClassNames": ["gvisor", "kata"], "namespaces": [],
                },
            }),
            "    level: restricted\n    exemptions:\n      usernames: [\"system:admin\", alice, \"yes\", \"a, b\", \"a\\\"b\\\\c\"]\n      \
             runtimeClasses: [gvisor, kata]\n    workloads: enforce\n",
        ),
    ];
    for (settings, expected) in table {
        let policy = policy(&settings);
        let (_, written) = policy.split_once(start).unwrap_or_else(|| panic!("{policy}"));
        assert_eq!(written.split_once(rules).unwrap_or_else(|| panic!("{policy}")).0, expected);
        assert!(
            !policy.contains("namespaces]") && !policy.contains("contextAwareResources"),
            "only what reads labels needs these\n{policy}"
        );
    }
}

#[test]
fn settings_with_mistakes_make_a_comment() {
    let made = policy(&json!({"level": "Restricted", "exemptions": {"namespace": [], "usernames": ["a", "a"]}}));
    let lines: Vec<&str> = made.lines().collect();
    assert_eq!(lines[0], "# There is no policy yet, for these settings cannot be used:");
    assert!(lines[1].starts_with("# - settings.exemptions.namespace: unknown key; did you mean \"namespaces\"?"), "{made}");
    assert!(lines.len() == 4 && lines[2..].iter().all(|line| line.starts_with("# - settings.")), "{made}");
    assert!(playground::policy("").starts_with("# There is no policy yet"));
    assert!(playground::policy("{").starts_with("# There is no policy yet"));
}

/// Names that mean something to a reader of YAML, and any others.
fn names() -> impl Strategy<Value = Vec<String>> {
    let odd = vec![
        "y",
        "No",
        "on",
        "null",
        "~",
        "1",
        "0x1f",
        "1e3",
        ".inf",
        "2024-01-01",
        "- a",
        "a: b",
        "a #b",
        "]",
        "[a",
        "{a}",
        "*a",
        "&a",
        "!!int 1",
        "|",
        ">-",
        "%a",
        "@a",
        "`a",
        "'a'",
        "\"",
        "\\",
        "a\nb",
        "\n---\nkind: x",
        "a\r\n# b",
        "\u{85}",
        "\u{2028}x",
        "\u{2029}",
        "\u{feff}",
        "\u{7f}",
        "\u{9f}",
        "\0",
        "\t",
        " a ",
        "😀",
        "é",
        "\u{fffe}",
        "<<",
        "=",
    ];
    let name = prop_oneof![prop::sample::select(odd).prop_map(str::to_owned), any::<String>(), "[a-z0-9-]{1,6}"];
    prop::collection::btree_set(name, 0..5).prop_map(|names| names.into_iter().filter(|name| !name.is_empty()).collect())
}

fn mode() -> impl Strategy<Value = (&'static str, &'static str)> {
    (
        prop::sample::select(vec!["privileged", "baseline", "restricted", ""]),
        prop::sample::select(vec!["latest", "v1.0", "v1.34", "v1.99", ""]),
    )
}

proptest! {
    #[test]
    fn the_settings_in_the_policy_mean_the_same(
        modes in (mode(), mode(), mode()), usernames in names(), honors in any::<bool>(), enforces in any::<bool>(), short in any::<bool>(),
    ) {
        let ((enforce, enforce_version), (audit, audit_version), (warn, warn_version)) = modes;
        let mut settings = json!({
            "exemptions": {"usernames": usernames, "namespaces": ["kube-system", "1a", "yes"]},
            "namespaceLabels": if honors { "honor" } else { "ignore" },
            "workloads": if enforces { "enforce" } else { "warn" },
        });
        if short {
            settings["level"] = json!(enforce);
            settings["version"] = json!(enforce_version);
        } else {
            settings["defaults"] = json!({
                "enforce": enforce, "enforce-version": enforce_version, "audit": audit, "audit-version": audit_version,
                "warn": warn, "warn-version": warn_version,
            });
        }
        let written = settings.to_string();
        let made = policy(&settings);
        let read: Value = serde_norway::from_str(&made).unwrap_or_else(|error| panic!("{error}\n{made}"));
        // As Kubernetes reads it, too.
        let documents = crate::manifest::documents(&made);
        prop_assert_eq!(documents.len(), 1);
        prop_assert_eq!(&documents[0].content.as_ref().unwrap().to_json(), &read);
        match Settings::parse(written.as_bytes()) {
            Ok(expected) => {
                let read = read["spec"]["settings"].to_string();
                prop_assert_eq!(Settings::parse(read.as_bytes()), Ok(expected));
            }
            Err(_) => prop_assert_eq!(read, Value::Null),
        }
    }

    #[test]
    fn no_mistake_leaves_the_comment(names in names(), key in any::<String>()) {
        for options in [
            json!({"settings": {"level": names.concat(), &key: 1, "exemptions": {"namespaces": names}}}),
            json!({names.concat(): 1, "settings": {"level": "baseline"}, "user": names}),
        ] {
            let made = playground::policy(&options.to_string());
            let documents = crate::manifest::documents(&made);
            prop_assert_eq!(documents.len(), 1, "{}", made);
            prop_assert!(documents[0].content.as_ref().is_ok_and(|tree| tree.to_json().is_null()), "{}", made);
        }
    }
}
