//! The ClusterAdmissionPolicy that enforces what the page shows.

use std::fmt::Write as _;

use super::report::Mistake;
use crate::admission::WORKLOADS;
use crate::json::Text;
use crate::quote::quoted;
use crate::settings::{NamespaceLabels, Policy, Settings, Workloads};
use crate::standards::{LevelVersion, Version};

/// Where the policy is published, at the version that this is.
const MODULE: &str = concat!("registry://ghcr.io/pod-security-standards/policies/pod-security-standards:v", env!("CARGO_PKG_VERSION"));

/// A comment in place of a policy: settings that cannot be used must not look as if they could.
pub(super) fn none(mistakes: &[Mistake]) -> String {
    let mut text = "# There is no policy yet, for these settings cannot be used:\n".to_owned();
    for Mistake { path, message } in mistakes {
        let colon = if path.is_empty() { "" } else { ": " };
        // A name in a message may hold anything, and nothing of it may leave the comment.
        let line = format!("{path}{colon}{message}").replace(is_odd, " ");
        text += &format!("# - {line}\n");
    }
    text
}

/// The policy as YAML, ready for kubectl.
pub(super) fn policy(settings: &Settings<'_>) -> String {
    let honors = settings.namespace_labels == NamespaceLabels::Honor;
    let mut text = format!(
        "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata:\n  name: pod-security-standards\n  annotations:\n    \
         io.kubewarden.policy.severity: medium\n    io.kubewarden.policy.category: Pod Security\nspec:\n  module: {MODULE}\n  mutating: \
         false\n  settings:\n"
    );
    levels(&mut text, &settings.defaults);
    let exemptions = &settings.exemptions;
    let runtime_classes: Vec<_> = exemptions.runtime_classes.iter().chain(&exemptions.runtime_class_names).cloned().collect();
    let lists = [("usernames", &exemptions.usernames), ("namespaces", &exemptions.namespaces), ("runtimeClasses", &runtime_classes)];
    if lists.iter().any(|(_, names)| !names.is_empty()) {
        text += "    exemptions:\n";
        for (key, names) in lists.iter().filter(|(_, names)| !names.is_empty()) {
            let names: Vec<String> = names.iter().map(|name| scalar(name)).collect();
            text += &format!("      {key}: [{}]\n", names.join(", "));
        }
    }
    if honors {
        text += "    namespaceLabels: honor\n";
    }
    if settings.workloads == Workloads::Enforce {
        text += "    workloads: enforce\n";
    }
    text += "  rules:\n";
    rule(&mut text, "", "pods", "CREATE, UPDATE");
    // Apart, without CREATE: the audit scanner leaves out a policy that claims to judge the creation
    // of what is no kind.
    rule(&mut text, "", "pods/ephemeralcontainers, pods/resize", "UPDATE");
    for group in ["", "apps", "batch"] {
        let resources: Vec<_> = WORKLOADS.iter().filter(|workload| workload.group == group).map(|workload| workload.resource).collect();
        rule(&mut text, group, &resources.join(", "), "CREATE, UPDATE");
    }
    if honors {
        rule(&mut text, "", "namespaces", "CREATE, UPDATE");
        text += "  contextAwareResources:\n    - apiVersion: v1\n      kind: Namespace\n    - apiVersion: v1\n      kind: Pod\n";
    }
    text
}

/// The short form where all modes are alike, else each mode.
fn levels(text: &mut String, policy: &Policy) {
    let Policy { enforce, audit, warn } = *policy;
    if enforce == audit && audit == warn {
        mode(text, "    ", "level", "version", enforce);
        return;
    }
    *text += "    defaults:\n";
    for (key, version, policy) in
        [("enforce", "enforce-version", enforce), ("audit", "audit-version", audit), ("warn", "warn-version", warn)]
    {
        mode(text, "      ", key, version, policy);
    }
}

fn mode(text: &mut String, indent: &str, key: &str, version_key: &str, policy: LevelVersion) {
    *text += &format!("{indent}{key}: {}\n", policy.level);
    if policy.version != Version::Latest {
        *text += &format!("{indent}{version_key}: {}\n", policy.version);
    }
}

fn rule(text: &mut String, group: &str, resources: &str, operations: &str) {
    let group = if group.is_empty() { "\"\"" } else { group };
    let _ = write!(
        text,
        "    - apiGroups: [{group}]\n      apiVersions: [v1]\n      resources: [{resources}]\n      operations: [{operations}]\n"
    );
}

/// Whether a character ends a line for some reader of YAML, or must not stand in its text as it is.
fn is_odd(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A name in a flow list: bare where every reader of YAML takes it for that string, else quoted.
fn scalar(name: &Text<'_>) -> String {
    let bare = name.starts_with(|first: char| first.is_ascii_lowercase())
        && name.chars().all(|character| character.is_ascii_lowercase() || character.is_ascii_digit() || character == '-')
        && !["y", "n", "yes", "no", "true", "false", "on", "off", "null"].contains(&name.as_ref());
    if bare { name.to_string() } else { quoted(name) }
}

#[cfg(test)]
mod tests;
