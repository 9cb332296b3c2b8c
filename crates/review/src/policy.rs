//! The ClusterAdmissionPolicy that enforces what the page shows.

use crate::report::OptionError;
use pss_core::admission::WORKLOADS;
use pss_core::json::Text;
use pss_core::quote::quoted;
use pss_core::settings::{
    Exemptions, Keyword, LabelTypos, Names, NamespaceLabels, Policy, Rule, Selector, Set, Settings, Terms, Updates, Workloads,
};
use pss_core::standards::{LevelVersion, Version};

/// Where the policy is published, at the version that this is.
const MODULE: &str = concat!("registry://ghcr.io/pod-security-standards/policies/pod-security-standards:v", env!("CARGO_PKG_VERSION"));

/// What the name of a policy that changes what is applied ends with.
pub(super) const CHANGING: &str = "-harden";

/// A comment in place of a policy: settings that cannot be used must not look as if they could.
pub fn none(errors: &[OptionError]) -> String {
    let mut text = "# There is no policy yet, for these settings cannot be used:\n".to_owned();
    for OptionError { path, message, .. } in errors {
        let colon = if path.is_empty() { "" } else { ": " };
        // A name in a message may hold anything, and nothing of it may leave the comment.
        let line = [path, colon, message].concat().replace(is_odd, " ");
        add(&mut text, &["# - ", &line, "\n"]);
    }
    text
}

/// Whether settings change what they judge. Kubewarden calls such a policy before others change the same,
/// so that another one has to have the last word.
pub(super) fn changes(settings: &Settings<'_>) -> bool {
    !settings.harden.is_empty() || settings.namespace_labels == NamespaceLabels::Set
}

/// The policy as YAML, ready for kubectl; of settings that change what they judge, one that does it and
/// one that judges the outcome.
pub fn policy(settings: &Settings<'_>) -> String {
    let mut text = String::new();
    if changes(settings) {
        document(&mut text, settings, true);
        text += "---\n";
    }
    document(&mut text, settings, false);
    text
}

/// One ClusterAdmissionPolicy.
fn document(text: &mut String, settings: &Settings<'_>, mutating: bool) {
    // What the scanner of clusters sends would be seen as if it were changed, which it never is.
    let (suffix, kind) = if mutating { (CHANGING, "true\n  backgroundAudit: false") } else { ("", "false") };
    add(
        text,
        &[
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata:\n  name: pod-security-standards",
            suffix,
            "\n  annotations:\n    io.kubewarden.policy.severity: medium\n    io.kubewarden.policy.category: Pod Security\nspec:\n  module: ",
            MODULE,
            "\n  mutating: ",
            kind,
            "\n  settings:\n",
        ],
    );
    levels(text, &settings.defaults);
    exemptions(text, &settings.exemptions);
    let labels = match settings.namespace_labels {
        NamespaceLabels::Ignore => "",
        NamespaceLabels::Honor => "honor",
        NamespaceLabels::Set if mutating => "set",
        NamespaceLabels::Tighten | NamespaceLabels::Set => "tighten",
    };
    line(text, "    ", "namespaceLabels", labels);
    let warns = settings.label_typos == LabelTypos::Warn;
    let typos = match settings.namespace_labels.only_tighten() {
        true if !warns => "ignore",
        false if warns => "warn",
        _ => "",
    };
    line(text, "    ", "labelTypos", typos);
    line(text, "    ", "workloads", if settings.workloads == Workloads::Enforce { "enforce" } else { "" });
    line(text, "    ", "updates", if settings.updates == Updates::AllowExisting { "allow-existing" } else { "" });
    if mutating {
        list(text, "    ", "harden", &words(&settings.harden));
    }
    line(text, "    ", "details", if settings.details { "true" } else { "" });
    *text += "  rules:\n";
    rule(text, "", "pods", "CREATE, UPDATE");
    // Apart, without CREATE: the audit scanner leaves out a policy that claims to judge the creation
    // of what is no kind.
    rule(text, "", "pods/ephemeralcontainers, pods/resize", "UPDATE");
    for group in ["", "apps", "batch"] {
        let mut resources = String::new();
        for workload in WORKLOADS.iter().filter(|workload| workload.group == group) {
            let comma = between(&resources);
            add(&mut resources, &[comma, workload.resource]);
        }
        rule(text, group, &resources, "CREATE, UPDATE");
    }
    let reads_labels = !labels.is_empty();
    if reads_labels || warns {
        rule(text, "", "namespaces", "CREATE, UPDATE");
    }
    if reads_labels || settings.exemptions.namespace_selector.terms().is_some() {
        *text += "  contextAwareResources:\n    - apiVersion: v1\n      kind: Namespace\n";
    }
    if reads_labels {
        *text += "    - apiVersion: v1\n      kind: Pod\n";
    }
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
    line(text, indent, key, policy.level.name());
    if policy.version != Version::Latest {
        line(text, indent, version_key, &policy.version.to_string());
    }
}

fn exemptions(text: &mut String, exemptions: &Exemptions<'_>) {
    let mut inner = String::new();
    let indent = "      ";
    let Exemptions { usernames, groups, service_accounts, namespaces, namespace_patterns, .. } = exemptions;
    for (key, names) in [
        ("usernames", usernames),
        ("groups", groups),
        ("serviceAccounts", service_accounts),
        ("namespaces", namespaces),
        ("namespacePatterns", namespace_patterns),
    ] {
        list(&mut inner, indent, key, &texts(names));
    }
    line(&mut inner, indent, "namespaceSelector", &selector(&exemptions.namespace_selector));
    // Only one of the two can be written.
    for names in [&exemptions.runtime_classes, &exemptions.runtime_class_names] {
        list(&mut inner, indent, "runtimeClasses", &texts(names));
    }
    if !exemptions.checks.is_empty() {
        inner += "      checks:\n";
        for rule in exemptions.checks.iter() {
            exempt_checks(&mut inner, rule);
        }
    }
    if !inner.is_empty() {
        add(text, &["    exemptions:\n", &inner]);
    }
}

/// An exemption for single checks. It always names some, which therefore stand first.
fn exempt_checks(text: &mut String, rule: &Rule<'_>) {
    list(text, "        - ", "checks", &words(&rule.checks));
    let indent = "          ";
    list(text, indent, "namespaces", &names(&rule.namespaces));
    line(text, indent, "podSelector", &selector(&rule.pod_selector));
    list(text, indent, "serviceAccounts", &names(&rule.service_accounts));
    list(text, indent, "values", &names(&rule.values));
    list(text, indent, "containers", &names(&rule.containers));
    list(text, indent, "containerTypes", &words(&rule.container_types));
    list(text, indent, "images", &names(&rule.images));
    line(text, indent, "reason", &scalar(&rule.reason));
}

/// A label selector in one line; nothing where there is none.
fn selector(selector: &Selector<'_>) -> String {
    let Some(Terms { match_labels, match_expressions }) = selector.terms() else { return String::new() };
    let mut labels = String::new();
    for (key, value) in &match_labels.0 {
        let comma = between(&labels);
        add(&mut labels, &[comma, &scalar(key), ": ", &scalar(value)]);
    }
    let mut expressions = String::new();
    for requirement in match_expressions {
        let comma = between(&expressions);
        add(&mut expressions, &[comma, "{key: ", &scalar(&requirement.key), ", operator: ", &requirement.operator]);
        if !requirement.values.is_empty() {
            add(&mut expressions, &[", values: ", &flow(&texts(&requirement.values))]);
        }
        expressions.push('}');
    }
    let mut text = String::new();
    if !labels.is_empty() {
        add(&mut text, &["matchLabels: {", &labels, "}"]);
    }
    if !expressions.is_empty() {
        let comma = between(&text);
        add(&mut text, &[comma, "matchExpressions: [", &expressions, "]"]);
    }
    ["{", &text, "}"].concat()
}

/// What stands before a further item.
fn between(items: &str) -> &'static str {
    if items.is_empty() { "" } else { ", " }
}

/// Adds a field; the empty value is as good as none.
fn line(text: &mut String, indent: &str, key: &str, value: &str) {
    if !value.is_empty() {
        add(text, &[indent, key, ": ", value, "\n"]);
    }
}

/// Adds a field that holds a list of names; the empty list is as good as none.
fn list(text: &mut String, indent: &str, key: &str, names: &[&str]) {
    if !names.is_empty() {
        line(text, indent, key, &flow(names));
    }
}

/// Names in brackets.
fn flow(names: &[&str]) -> String {
    let mut text = String::new();
    for name in names {
        let comma = between(&text);
        add(&mut text, &[comma, &scalar(name)]);
    }
    ["[", &text, "]"].concat()
}

fn texts<'n>(names: &'n [Text<'_>]) -> Vec<&'n str> {
    let mut texts = Vec::new();
    for name in names {
        texts.push(name.as_ref());
    }
    texts
}

fn names<'n, const NUMBERS: bool>(names: &'n Names<'_, NUMBERS>) -> Vec<&'n str> {
    let mut texts = Vec::new();
    while let Some(name) = names.get(texts.len()) {
        texts.push(name);
    }
    texts
}

fn words<W: Keyword>(set: &Set<W>) -> Vec<&'static str> {
    let mut words = Vec::new();
    for word in set.keywords() {
        words.push(word);
    }
    words
}

fn add(text: &mut String, parts: &[&str]) {
    for part in parts {
        *text += part;
    }
}

fn rule(text: &mut String, group: &str, resources: &str, operations: &str) {
    let group = if group.is_empty() { "\"\"" } else { group };
    add(
        text,
        &[
            "    - apiGroups: [",
            group,
            "]\n      apiVersions: [v1]\n      resources: [",
            resources,
            "]\n      operations: [",
            operations,
            "]\n",
        ],
    );
}

/// Whether a character ends a line for some reader of YAML, or must not stand in its text as it is.
fn is_odd(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// A name in a flow list: bare where every reader of YAML takes it for that string, else quoted.
fn scalar(name: &str) -> String {
    let bare = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'_'))
        && !["y", "n", "yes", "no", "true", "false", "on", "off", "null"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if bare { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests;
