//! The rules of the log: the checks of the standards, and those of everything else.

use pss_core::standards::Level;
use pss_review::catalogue::{CheckInfo, checks};
use serde_json::{Value, json};

use crate::problem::{OtherRule, Rule};

/// Returns all rules, in the order of [`Rule::all`].
pub(super) fn all() -> Vec<Value> {
    checks().iter().zip(Rule::all()).map(|(info, rule)| of_check(info, rule)).chain(OtherRule::ALL.map(of_other)).collect()
}

/// Returns the severity of a finding as a score of CVSS, which GitHub shows as a word. Baseline prevents known ways to take over a
/// node: high (7.0 to 8.9). Restricted requires hardening beyond that: medium (4.0 to 6.9). No finding is critical in itself,
/// because a pod needs a second weakness before it is an attack.
fn security_severity(level: Level) -> &'static str {
    match level {
        Level::Restricted => "5.0",
        Level::Baseline | Level::Privileged => "8.0",
    }
}

fn of_check(info: &CheckInfo, rule: Rule) -> Value {
    let CheckInfo { id, title, level, why, advice, .. } = info;
    json!({
        "id": id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": format!("{why} The {level} level forbids it.")},
        "help": {"text": format!("{why}\n\nFix: {advice}"), "markdown": markdown(info, &rule.help_uri())},
        "helpUri": rule.help_uri(),
        "defaultConfiguration": {"level": "error"},
        "properties": {
            "tags": ["security", "kubernetes", "pod-security-standards", level.name()],
            "precision": "very-high",
            "security-severity": security_severity(*level),
        },
    })
}

/// Returns the help of a check in Markdown: the reason, the fix, and the fields with their allowed values.
fn markdown(info: &CheckInfo, help_uri: &str) -> String {
    let CheckInfo { why, advice, level, reason, restrictions, .. } = info;
    let mut text = format!(
        "{why}\n\n**Fix:** {advice}\n\n**Level:** {level}. Kubernetes calls it `{reason}`.\n\n| Field | Allowed values |\n|---|---|\n"
    );
    for restriction in restrictions {
        // The other lists of containers have the same fields.
        let is_other_list = |field: &String| field.starts_with("spec.initContainers") || field.starts_with("spec.ephemeralContainers");
        let fields = restriction.fields.iter().filter(|field| !is_other_list(field)).map(|field| format!("`{field}`"));
        let allowed = restriction.allowed.iter().map(|allowed| allowed.value);
        let (fields, allowed) = (fields.collect::<Vec<_>>().join("<br>"), allowed.collect::<Vec<_>>().join(", "));
        text += &format!("| {fields} | {allowed} |\n");
    }
    text + &format!("\n[Documentation of the check]({help_uri})\n")
}

fn of_other(rule: OtherRule) -> Value {
    let [id, title, explanation] = rule.texts();
    let help_uri = Rule::Other(rule).help_uri();
    let level = match rule {
        OtherRule::Unreadable | OtherRule::Syntax | OtherRule::Template => "error",
        OtherRule::Object | OtherRule::UnknownField | OtherRule::WrongType | OtherRule::PodSecurityPolicy => "error",
        OtherRule::PodSecurityPolicyAccess | OtherRule::PodSecurityPolicyValue => "warning",
        OtherRule::NamespaceLabel | OtherRule::IgnoredText | OtherRule::UnusedException | OtherRule::ExpiredException => "warning",
    };
    json!({
        "id": id,
        "shortDescription": {"text": title},
        "fullDescription": {"text": explanation},
        "help": {"text": explanation, "markdown": format!("{explanation}\n\n[Documentation of the rule]({help_uri})\n")},
        "helpUri": help_uri,
        "defaultConfiguration": {"level": level},
        // No severity of security: the problem is in the manifest or the configuration, not in the pod.
        "properties": {"tags": ["kubernetes", "correctness"], "precision": "very-high", "problem.severity": level},
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_rule_is_listed_at_its_index_and_within_the_limits_of_github() {
        let rules = all();
        assert_eq!(rules.len(), Rule::all().count());
        for (rule, json) in Rule::all().zip(&rules) {
            assert_eq!(json["id"], rule.id());
            let length = |text: &Value| text.as_str().unwrap().chars().count();
            for text in ["shortDescription", "fullDescription"] {
                assert!((1..=1024).contains(&length(&json[text]["text"])), "{}", rule.id());
            }
            assert!(length(&json["help"]["text"]) > 0 && length(&json["help"]["markdown"]) > 0);
            assert!(json["properties"]["tags"].as_array().unwrap().len() <= 20);
        }
    }
}
