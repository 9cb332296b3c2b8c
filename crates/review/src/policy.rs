//! The ClusterAdmissionPolicy for settings, as YAML.

use crate::report::OptionError;
use pss_core::admission::{WORKLOADS, existing_workloads};
use pss_core::json::Text;
use pss_core::quote::quoted;
use pss_core::settings::{
    Exemptions, Existing, Harden, Keyword, LabelTypos, Names, NamespaceLabels, Policy, Rule, Selector, Set, Settings, Terms, Updates,
    Workloads,
};
use pss_core::standards::{LevelVersion, Version};

/// The published module of this version.
pub const MODULE: &str = concat!("registry://ghcr.io/pod-security-standards/policies/pod-security-standards:v", env!("CARGO_PKG_VERSION"));

/// The suffix of the name of the mutating policy.
pub(super) const MUTATING_SUFFIX: &str = "-harden";

/// Returns a YAML comment with the errors of invalid settings, which takes the place of their policy.
pub fn errors_as_comment(errors: &[OptionError]) -> String {
    let mut text = "# There is no policy yet, for these settings cannot be used:\n".to_owned();
    for OptionError { path, message, .. } in errors {
        let colon = if path.is_empty() { "" } else { ": " };
        // A name in a message can contain any character, and none may end the comment.
        let line = [path, colon, message].concat().replace(is_unsafe_in_yaml, " ");
        add(&mut text, &["# - ", &line, "\n"]);
    }
    text
}

/// Returns whether settings mutate objects. Kubewarden calls mutating policies before validating ones, and a later one can undo
/// a mutation, so that a validating policy has to judge the result.
pub(super) fn mutates(settings: &Settings<'_>) -> bool {
    !settings.harden.is_empty() || settings.namespace_labels == NamespaceLabels::Set
}

/// Returns the policy as YAML for `kubectl apply`. For settings that mutate objects, it consists of a mutating policy and one that
/// validates the result.
pub fn policy(settings: &Settings<'_>) -> String {
    let mut text = String::new();
    if mutates(settings) {
        document(&mut text, settings, true);
        text += "---\n";
    }
    document(&mut text, settings, false);
    text
}

/// Returns settings as YAML: those of [`policy`], with what mutates objects.
pub fn settings_yaml(settings: &Settings<'_>) -> String {
    let mut text = String::new();
    fields(&mut text, settings, true);
    // Every field is on lines of its own, because text is quoted.
    text.split_inclusive('\n').map(|line| line.strip_prefix("    ").unwrap_or(line)).collect()
}

/// Appends one ClusterAdmissionPolicy.
fn document(text: &mut String, settings: &Settings<'_>, mutating: bool) {
    // The audit scanner would evaluate objects as if they were mutated, but they are not.
    let (suffix, value) = if mutating { (MUTATING_SUFFIX, "true\n  backgroundAudit: false") } else { ("", "false") };
    add(
        text,
        &[
            "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata:\n  name: pod-security-standards",
            suffix,
            "\n  annotations:\n    io.kubewarden.policy.severity: medium\n    io.kubewarden.policy.category: Pod Security\nspec:\n  module: ",
            MODULE,
            "\n  mutating: ",
            value,
            "\n  settings:\n",
        ],
    );
    let labels = fields(text, settings, mutating);
    *text += "  rules:\n";
    rule(text, "", "pods", "CREATE, UPDATE");
    // A separate rule without CREATE: the audit scanner skips a policy with a rule for the creation of a subresource.
    rule(text, "", "pods/ephemeralcontainers, pods/resize", "UPDATE");
    for group in ["", "apps", "batch"] {
        let mut resources = String::new();
        for workload in WORKLOADS.iter().filter(|workload| workload.group == group) {
            let comma = separator(&resources);
            add(&mut resources, &[comma, workload.resource]);
        }
        rule(text, group, &resources, "CREATE, UPDATE");
    }
    let reads_labels = !labels.is_empty();
    if reads_labels || settings.label_typos == LabelTypos::Warn {
        rule(text, "", "namespaces", "CREATE, UPDATE");
    }
    if reads_labels || settings.exemptions.namespace_selector.terms().is_some() {
        *text += "  contextAwareResources:\n    - apiVersion: v1\n      kind: Namespace\n";
    }
    if reads_labels {
        *text += "    - apiVersion: v1\n      kind: Pod\n";
    }
    if settings.existing == Existing::Workloads {
        for workload in existing_workloads() {
            add(text, &["    - apiVersion: ", &workload.api_version(), "\n      kind: ", workload.kind, "\n"]);
        }
    }
}

/// Appends the settings of one policy, indented by four spaces. Returns the value of `namespaceLabels`; empty for its default.
fn fields(text: &mut String, settings: &Settings<'_>, mutating: bool) -> &'static str {
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
    line(text, "    ", "existing", if settings.existing == Existing::Workloads { "workloads" } else { "" });
    line(text, "    ", "workloads", if settings.workloads == Workloads::Enforce { "enforce" } else { "" });
    line(text, "    ", "updates", if settings.updates == Updates::AllowExisting { "allow-existing" } else { "" });
    if mutating {
        harden(text, &settings.harden);
    }
    line(text, "    ", "details", if settings.details { "true" } else { "" });
    if !settings.help.is_empty() {
        line(text, "    ", "help", &yaml_scalar(&settings.help));
    }
    labels
}

/// Appends the setting `harden`: the list, or the object if there is a user.
fn harden(text: &mut String, harden: &Harden) {
    // Without `..`, so that a new key does not compile until it is written here.
    let Harden { checks, run_as_user } = harden;
    let checks = keywords(checks);
    let Some(user) = run_as_user else { return list(text, "    ", "harden", &checks) };
    add(text, &["    harden:\n      checks: ", &flow(&checks), "\n      runAsUser: ", &user.to_string(), "\n"]);
}

/// Appends the short form if all modes are equal, and otherwise each mode.
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
    // Without `..`, so that a new exemption does not compile until it is written here.
    let Exemptions {
        usernames,
        groups,
        service_accounts,
        namespaces,
        namespace_patterns,
        namespace_selector,
        runtime_classes,
        runtime_class_names,
        checks,
    } = exemptions;
    for (key, names) in [
        ("usernames", usernames),
        ("groups", groups),
        ("serviceAccounts", service_accounts),
        ("namespaces", namespaces),
        ("namespacePatterns", namespace_patterns),
    ] {
        list(&mut inner, indent, key, &texts(names));
    }
    line(&mut inner, indent, "namespaceSelector", &selector(namespace_selector));
    // Settings have at most one of the two.
    for names in [runtime_classes, runtime_class_names] {
        list(&mut inner, indent, "runtimeClasses", &texts(names));
    }
    if !checks.is_empty() {
        inner += "      checks:\n";
        for rule in checks.iter() {
            exempt_checks(&mut inner, rule);
        }
    }
    if !inner.is_empty() {
        add(text, &["    exemptions:\n", &inner]);
    }
}

/// Appends a rule of `exemptions.checks`, beginning with `checks`, which is never empty.
fn exempt_checks(text: &mut String, rule: &Rule<'_>) {
    // Without `..`, so that a new condition does not compile until it is written here: a rule without it would exempt more.
    let Rule {
        checks,
        namespaces,
        pod_selector,
        service_accounts,
        values,
        containers,
        container_types,
        images,
        path_prefixes,
        read_only,
        usernames,
        groups,
        operations,
        expires,
        reason,
    } = rule;
    list(text, "        - ", "checks", &keywords(checks));
    let indent = "          ";
    list(text, indent, "namespaces", &names(namespaces));
    line(text, indent, "podSelector", &selector(pod_selector));
    list(text, indent, "serviceAccounts", &names(service_accounts));
    list(text, indent, "values", &names(values));
    list(text, indent, "containers", &names(containers));
    list(text, indent, "containerTypes", &keywords(container_types));
    list(text, indent, "images", &names(images));
    list(text, indent, "pathPrefixes", &names(path_prefixes));
    line(text, indent, "readOnly", if read_only.is_true() { "true" } else { "" });
    list(text, indent, "usernames", &names(usernames));
    list(text, indent, "groups", &names(groups));
    list(text, indent, "operations", &keywords(operations));
    // In quotation marks, because some YAML parsers turn a date into a time.
    if !expires.text().is_empty() {
        line(text, indent, "expires", &yaml_scalar(expires.text()));
    }
    line(text, indent, "reason", &yaml_scalar(reason));
}

/// Returns a label selector in one line; empty if there is none.
fn selector(selector: &Selector<'_>) -> String {
    let Some(Terms { match_labels, match_expressions }) = selector.terms() else { return String::new() };
    let mut labels = String::new();
    for (key, value) in &match_labels.0 {
        let comma = separator(&labels);
        add(&mut labels, &[comma, &yaml_scalar(key), ": ", &yaml_scalar(value)]);
    }
    let mut expressions = String::new();
    for requirement in match_expressions {
        let comma = separator(&expressions);
        add(&mut expressions, &[comma, "{key: ", &yaml_scalar(&requirement.key), ", operator: ", &requirement.operator]);
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
        let comma = separator(&text);
        add(&mut text, &[comma, "matchExpressions: [", &expressions, "]"]);
    }
    ["{", &text, "}"].concat()
}

/// Returns the separator before the next item of a list.
fn separator(items: &str) -> &'static str {
    if items.is_empty() { "" } else { ", " }
}

/// Appends a field, unless its value is empty.
fn line(text: &mut String, indent: &str, key: &str, value: &str) {
    if !value.is_empty() {
        add(text, &[indent, key, ": ", value, "\n"]);
    }
}

/// Appends a field with a list of names, unless it is empty.
fn list(text: &mut String, indent: &str, key: &str, names: &[&str]) {
    if !names.is_empty() {
        line(text, indent, key, &flow(names));
    }
}

/// Returns a flow sequence of names.
fn flow(names: &[&str]) -> String {
    let mut text = String::new();
    for name in names {
        let comma = separator(&text);
        add(&mut text, &[comma, &yaml_scalar(name)]);
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

fn keywords<K: Keyword>(set: &Set<K>) -> Vec<&'static str> {
    let mut keywords = Vec::new();
    for keyword in set.keywords() {
        keywords.push(keyword);
    }
    keywords
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

/// Returns a line of a YAML comment, which no character of the text ends.
pub fn yaml_comment(text: &str) -> String {
    ["# ", &text.replace(is_unsafe_in_yaml, " "), "\n"].concat()
}

/// Returns whether a character ends a line for some YAML parser, or is not allowed unescaped in YAML.
fn is_unsafe_in_yaml(character: char) -> bool {
    character.is_control() || matches!(character, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}')
}

/// Returns a string as a YAML scalar for block and flow collections: plain if every YAML parser reads it as that string, and
/// otherwise quoted.
pub fn yaml_scalar(name: &str) -> String {
    let plain = name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'/' | b'_'))
        && !["y", "n", "yes", "no", "true", "false", "on", "off", "null"].iter().any(|word| name.eq_ignore_ascii_case(word));
    if plain { name.to_owned() } else { quoted(name) }
}

#[cfg(test)]
mod tests;
