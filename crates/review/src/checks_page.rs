//! The reference page of the checks, docs/checks.md, generated from their documentation and from the review of an example
//! for each.

use pss_core::quote::quoted;
use pss_core::settings::Settings;
use pss_core::standards::documentation::{Allowed, Documentation, Field, Restriction};
use pss_core::standards::{Action, CATALOGUE, Check, LevelVersion, Version, can_harden};

use crate::catalogue::{self, CheckInfo};
use crate::options::{Options, Source};
use crate::report::Finding;
use crate::review::review;

/// A pod spec for each check that violates it, as YAML, in the order of the checks.
const EXAMPLES: [&str; CATALOGUE.len()] = [
    "containers:\n  - name: web\n    securityContext:\n      appArmorProfile:\n        type: Unconfined\n",
    "containers:\n  - name: web\n    securityContext:\n      capabilities:\n        add: [NET_RAW]\n",
    "hostNetwork: true\nhostPID: true\nhostIPC: true\n",
    "volumes:\n  - name: logs\n    hostPath:\n      path: /var/log\n",
    "containers:\n  - name: web\n    ports:\n      - containerPort: 9100\n        hostPort: 9100\n",
    "containers:\n  - name: web\n    livenessProbe:\n      httpGet:\n        host: 127.0.0.1\n        port: 8080\n",
    "containers:\n  - name: web\n    securityContext:\n      privileged: true\n",
    "containers:\n  - name: web\n    securityContext:\n      procMount: Unmasked\n",
    "securityContext:\n  seLinuxOptions:\n    type: spc_t\n    user: system_u\n    role: system_r\n",
    "containers:\n  - name: web\n    securityContext:\n      seccompProfile:\n        type: Unconfined\n",
    "securityContext:\n  sysctls:\n    - name: net.core.somaxconn\n      value: \"1024\"\n",
    "securityContext:\n  windowsOptions:\n    hostProcess: true\n",
    "containers:\n  - name: web\n  - name: proxy\n    securityContext:\n      allowPrivilegeEscalation: true\n",
    "containers:\n  - name: web\n    securityContext:\n      capabilities:\n        add: [NET_RAW]\n",
    "containers:\n  - name: web\n    securityContext:\n      procMount: Unmasked\n",
    "volumes:\n  - name: data\n    nfs:\n      server: 192.0.2.1\n      path: /data\n",
    "containers:\n  - name: web\n",
    "securityContext:\n  runAsUser: 0\n",
    "containers:\n  - name: web\n    securityContext:\n      seccompProfile:\n        type: Unconfined\n  - name: proxy\n",
];

const INTRODUCTION: &str = "\
# Checks

<!-- Generated from crates/core/src/standards/checks by `make docs`. -->

The privileged level has no requirements. The baseline level prevents known privilege escalations. The restricted level
requires hardening beyond that: it runs the checks of baseline too, except those that one of its own checks replaces.

The versions are those of the settings in which a check was introduced or changed. In paths, `containers[*]` stands for the
lists `containers`, `initContainers` and `ephemeralContainers`.

";

/// Returns the text of docs/checks.md, in Markdown: a table of all checks, then a section for each with its level, fields,
/// allowed values, history, an example with its message, advice, and the values that exemption rules accept.
pub fn checks_markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    text += "| Check | Level | Versions | Reason in messages | Subject |\n|---|---|---|---|---|\n";
    for (check, documentation) in CATALOGUE {
        let versions: Vec<String> = check.revisions.iter().map(|revision| Version::Minor(revision.since).to_string()).collect();
        let Check { id, level, reason, .. } = check;
        let anchor = id.to_ascii_lowercase();
        text += &format!("| [{id}](#{anchor}) | {level} | {} | {reason} | {} |\n", versions.join(", "), documentation.title);
    }
    for (((check, documentation), info), example) in CATALOGUE.iter().zip(catalogue::checks()).zip(EXAMPLES) {
        text += &section(check, documentation, &info, example);
    }
    text
}

/// The section of a check.
fn section(check: &Check, documentation: &Documentation, info: &CheckInfo, example: &str) -> String {
    let CheckInfo { id, title, level, reason, why, advice, source, .. } = info;
    let since = Version::Minor(check.revisions.first().map_or(0, |revision| revision.since));
    let mut text = format!("\n## {id}\n\n_{title}._ {why}\n\n- Level: {level}, since {since}\n- Reason in messages: `{reason}`\n");
    if !info.other_names.is_empty() {
        text += &format!("- Also called: {}\n", info.other_names.join(", "));
    }
    for replaced in &info.overrides {
        text += &format!("- Replaces: [{replaced}](#{})\n", replaced.to_ascii_lowercase());
    }
    let url = format!("https://github.com/kubernetes/pod-security-admission/blob/master/policy/{source}");
    text += &format!("- Source: [policy/{source}]({url})\n\n| Fields | Allowed values |\n|---|---|\n");
    for restriction in documentation.restrictions {
        text += &format!("| {} | {} |\n", fields(restriction), allowed_values(restriction));
    }
    text += "\nHistory:\n\n";
    for change in &info.history {
        text += &format!("- {}: {}\n", change.version, change.change);
    }
    let findings = findings(check, example);
    let message = findings.first().map_or("", |finding| &*finding.sentence);
    text += &format!(
        "\nExample of a spec, its message, and an explanation of each finding:\n\n```yaml\n{example}```\n\n```text\n{message}\n```\n\n"
    );
    for finding in &findings {
        text += &format!("- {}\n", finding.reason);
    }
    text += &format!("\nFix: {advice}\n");
    let mut specific: Vec<&str> = Vec::new();
    for finding in &findings {
        if finding.advice != *advice && !specific.contains(&finding.advice.as_ref()) {
            specific.push(&finding.advice);
        }
    }
    for advice in specific {
        text += &format!("\nFix of the example: {advice}\n");
    }
    text + &remedies(check) + &rule_values(check, documentation, &findings)
}

/// The paths of the fields of a restriction, of the first list of containers only.
fn fields(restriction: &Restriction) -> String {
    let until = restriction.until.map_or_else(String::new, |last| format!(" (until {})", Version::Minor(last)));
    let is_first_list = |path: &String| !path.starts_with("spec.initContainers") && !path.starts_with("spec.ephemeralContainers");
    let paths = restriction.fields.iter().flat_map(Field::paths).filter(is_first_list);
    paths.map(|path| format!("`{path}`{until}")).collect::<Vec<_>>().join("<br>")
}

/// The allowed values of a restriction.
fn allowed_values(restriction: &Restriction) -> String {
    let descriptions = restriction.allowed.iter().filter_map(|allowed| match allowed {
        Allowed::Description(description) => Some((*description).to_owned()),
        Allowed::Values(_) | Allowed::ValuesSince(_) => None,
    });
    let values = restriction.values().into_iter().map(|(value, since)| {
        let since = if since > restriction.since { format!(" (from {} on)", Version::Minor(since)) } else { String::new() };
        if value.is_empty() { format!("empty{since}") } else { format!("`{value}`{since}") }
    });
    descriptions.chain(values).collect::<Vec<_>>().join(", ")
}

/// The findings of a check in a pod with the spec of its example.
fn findings(check: &Check, example: &str) -> Vec<Finding> {
    let spec: String = example.lines().map(|line| format!("  {line}\n")).collect();
    let text = format!("apiVersion: v1\nkind: Pod\nmetadata:\n  name: example\nspec:\n{spec}");
    let options = Options::of(LevelVersion { level: check.level, version: Version::Latest });
    let report = review(&[Source { name: "example.yaml", text: &text }], &options);
    let findings = report.documents.into_iter().flat_map(|document| document.findings);
    findings.filter(|finding| finding.check == check).collect()
}

/// The changes that the playground and the setting `harden` make.
fn remedies(check: &Check) -> String {
    let mut text = String::new();
    for remedy in check.remedies {
        let field = remedy.field.replace("[]", "[*]");
        text += &match remedy.action {
            Action::Set(value) | Action::Replace(value) => format!("\nAutomatic fix, where it is safe: sets `{field}` to `{value}`.\n"),
            Action::Remove => format!("\nAutomatic fix, where it is safe: removes `{field}`.\n"),
        };
    }
    if can_harden(check) {
        text += &format!("\nHardening: `harden: [{}]` in the settings sets the field in pods that do not set it.\n", check.id);
    }
    text
}

/// The values that `values` of an exemption rule accepts.
fn rule_values(check: &Check, documentation: &Documentation, findings: &[Finding]) -> String {
    let mut text = format!("\nValue of a finding, for exemption rules: {}. ", documentation.value);
    let values: Vec<String> = findings.iter().filter_map(rule_value).filter(|value| accepts(check, value)).collect();
    let list: Vec<String> = values.iter().map(|value| format!("`{value}`")).collect();
    text += &match list.as_slice() {
        [] => "The findings do not differ in their value, so a rule must not have `values`.\n".to_owned(),
        list => format!("For the example, `values` can be {}.\n", list.join(", ")),
    };
    text
}

/// The value of a finding in the `values` of a rule. For a field that must not be true it is the name of the field.
fn rule_value(finding: &Finding) -> Option<String> {
    match finding.value.as_deref()? {
        "true" | "false" => finding.path.rsplit('.').next().map(str::to_owned),
        value => Some(value.to_owned()),
    }
}

/// Whether the settings accept a rule for a check with a value.
fn accepts(check: &Check, value: &str) -> bool {
    let rule = format!("{{\"checks\": [{}], \"values\": [{}], \"reason\": \"an example\"}}", quoted(check.id), quoted(value));
    let settings = format!("{{\"level\": \"restricted\", \"exemptions\": {{\"checks\": [{rule}]}}}}");
    Settings::parse(settings.as_bytes()).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_document_is_up_to_date() {
        let document = include_str!("../../../docs/checks.md");
        assert!(document == checks_markdown(), "docs/checks.md is out of date: run `make docs`");
    }

    #[test]
    fn every_check_has_an_example_with_a_message_and_an_explanation() {
        for ((check, _), example) in CATALOGUE.iter().zip(EXAMPLES) {
            let findings = findings(check, example);
            assert!(!findings.is_empty(), "{}", check.id);
            for finding in findings {
                assert!(finding.sentence.starts_with(check.reason), "{}", finding.sentence);
                assert!(!finding.reason.is_empty() && !finding.advice.is_empty(), "{}", check.id);
            }
        }
    }

    /// A check has either an example of a value that exemption rules accept, or no acceptable value at all.
    #[test]
    fn rules_accept_the_values_of_the_examples() {
        let without_values = ["privileged", "windowsHostProcess", "allowPrivilegeEscalation", "runAsNonRoot", "runAsUser"];
        for ((check, _), example) in CATALOGUE.iter().zip(EXAMPLES) {
            let accepted = findings(check, example).iter().filter_map(rule_value).filter(|value| accepts(check, value)).count();
            assert_eq!(accepted == 0, without_values.contains(&check.id), "{}", check.id);
            if accepted == 0 {
                assert!(["true", "false", "0", "missing"].iter().all(|value| !accepts(check, value)), "{}", check.id);
            }
        }
    }

    #[test]
    fn the_document_lists_every_check_with_its_level_versions_and_reason() {
        let markdown = checks_markdown();
        let rows: Vec<Vec<&str>> = markdown
            .lines()
            .filter_map(|line| line.strip_prefix("| ["))
            .map(|row| row.trim_end_matches(" |").split(" | ").collect())
            .collect();
        assert_eq!(rows.len(), CATALOGUE.len());
        for (row, (check, documentation)) in rows.iter().zip(CATALOGUE) {
            let versions: Vec<String> = check.revisions.iter().map(|revision| format!("v1.{}", revision.since)).collect();
            let id = format!("{}](#{})", check.id, check.id.to_lowercase());
            assert_eq!(*row, [&id, check.level.name(), &versions.join(", "), check.reason, documentation.title]);
            assert!(markdown.contains(&format!("\n## {}\n", check.id)), "{}", check.id);
        }
    }

    #[test]
    fn the_document_has_fields_values_and_fixes() {
        let markdown = checks_markdown();
        for line in [
            "| `spec.containers[*].ports[*].hostPort` | not set, 0 |",
            "| `spec.securityContext.seLinuxOptions.type`<br>`spec.containers[*].securityContext.seLinuxOptions.type` | not set, empty, `container_t`, `container_init_t`, `container_kvm_t`, `container_engine_t` (from v1.31 on) |",
            "- v1.25: Does not apply to pods for Windows (spec.os.name: windows).",
            "hostPort (container \"web\" uses hostPort 9100)",
            "Automatic fix, where it is safe: removes `ports[*].hostPort`.",
            "Hardening: `harden: [runAsNonRoot]` in the settings sets the field in pods that do not set it.",
            "Value of a finding, for exemption rules: the port. For the example, `values` can be `9100`.",
        ] {
            assert!(markdown.lines().any(|other| other == line), "{line}");
        }
        assert!(!markdown.contains("initContainers["), "the introduction explains the three lists of containers");
    }
}
