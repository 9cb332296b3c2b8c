//! Warnings about rules of the settings that are valid, and let in no pod without a rule for a further check.

use pss_core::settings::{NamespaceLabels, Rule, Settings};
use pss_core::standards::{CHECKS, FURTHER_CHECKS, FurtherCheck, revision_at};

use crate::report::OptionError;

/// Returns a warning for each rule that needs the exemption of a check that no rule exempts, if the settings or labels enforce it.
pub(crate) fn rule_warnings(settings: &Settings<'_>) -> Vec<OptionError> {
    let mut warnings = Vec::new();
    for (index, rule) in settings.exemptions.checks.iter().enumerate() {
        for further_check in &FURTHER_CHECKS {
            let FurtherCheck { checks, value, further, further_value, reason } = further_check;
            let named = rule.checks.keywords().find(|id| checks.contains(id));
            // Most rules for capabilities are about others than the one with a further check.
            let names_value = value.is_none_or(|value| rule.values.is_set() && has_value(rule, value));
            let Some(named) = named.filter(|_| names_value && may_be_enforced(settings, further)) else { continue };
            let exempts_further = |rule: &Rule<'_>| {
                rule.checks.keywords().any(|id| id == *further) && further_value.is_none_or(|value| has_value(rule, value))
            };
            if !settings.exemptions.checks.iter().any(exempts_further) {
                let message = format!("the exemption of {named} also needs that of {further}, because {reason}; add a rule for {further}");
                warnings.push(OptionError { path: format!("settings.exemptions.checks[{index}].checks"), message, span: None });
            }
        }
    }
    warnings
}

fn has_value(rule: &Rule<'_>, value: &str) -> bool {
    rule.values.allow(&|named| named == value)
}

fn may_be_enforced(settings: &Settings<'_>, id: &str) -> bool {
    settings.namespace_labels != NamespaceLabels::Ignore
        || CHECKS.iter().any(|check| check.id == id && revision_at(check, settings.defaults.enforce).is_some())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    #[test]
    fn warns_of_rules_that_need_a_rule_for_a_further_check() {
        let restricted = json!({"level": "restricted"});
        let escalation = json!({"checks": ["allowPrivilegeEscalation"]});
        let privileged = "settings.exemptions.checks[0].checks: the exemption of privileged also needs that of allowPrivilegeEscalation, \
                          because the API server rejects allowPrivilegeEscalation=false in a privileged container; add a rule for \
                          allowPrivilegeEscalation";
        let named = |id: &str| format!("settings.exemptions.checks[0].checks: the exemption of {id} also needs");
        let table: [(Value, Value, &[String]); 14] = [
            (restricted.clone(), json!([{"checks": ["hostPorts", "privileged"]}]), &[privileged.to_owned()]),
            (restricted.clone(), json!([{"checks": ["privileged"]}, escalation]), &[]),
            (restricted.clone(), json!([{"checks": ["privileged", "allowPrivilegeEscalation"]}]), &[]),
            (json!({"level": "baseline"}), json!([{"checks": ["privileged"]}]), &[]),
            (json!({"level": "baseline", "namespaceLabels": "honor"}), json!([{"checks": ["privileged"]}]), &[named("privileged")]),
            (json!({"defaults": {"enforce": "baseline", "warn": "restricted"}}), json!([{"checks": ["privileged"]}]), &[]),
            (restricted.clone(), json!([{"checks": ["capabilities_restricted"]}]), &[]),
            (restricted.clone(), json!([{"checks": ["capabilities_baseline"], "values": ["SYS_ADMIN"]}]), &[]),
            (
                restricted.clone(),
                json!([{"checks": ["capabilities_baseline"], "values": ["NET_RAW", "CAP_SYS_ADMIN"]}]),
                &[named("capabilities_baseline")],
            ),
            (json!({"level": "baseline"}), json!([{"checks": ["windowsHostProcess"]}]), &[named("windowsHostProcess")]),
            (
                json!({"level": "baseline"}),
                json!([{"checks": ["windowsHostProcess"]}, {"checks": ["hostNamespaces"], "values": ["hostPID"]}]),
                &[named("windowsHostProcess")],
            ),
            (
                json!({"level": "baseline"}),
                json!([{"checks": ["windowsHostProcess"]}, {"checks": ["hostNamespaces"], "values": ["hostNetwork"]}]),
                &[],
            ),
            (restricted.clone(), json!([{"checks": ["runAsUser"]}]), &[named("runAsUser")]),
            (restricted, json!([{"checks": ["runAsUser", "runAsNonRoot"]}]), &[]),
        ];
        for (mut settings, rules, expected) in table {
            let rules = rules.as_array().unwrap().iter().map(|rule| {
                let mut rule = rule.clone();
                rule["reason"] = json!("why");
                rule
            });
            settings["exemptions"] = json!({"checks": Value::from_iter(rules)});
            let text = settings.to_string();
            let warnings = rule_warnings(&Settings::parse(text.as_bytes()).unwrap());
            assert_eq!(warnings.len(), expected.len(), "{settings} {warnings:?}");
            assert!(warnings.iter().zip(expected).all(|(warning, start)| warning.to_string().starts_with(start)), "{warnings:?}");
        }
    }
}
