//! Unknown fields of the objects of Kubernetes and Rancher, which API servers reject.

use pss_core::json::KeysOf as _;
use pss_core::settings::{Exemptions, RawSettings};
use pss_core::suggest::did_you_mean;
use pss_manifest::{Entry, Node};

/// The fields of a PodSecurityConfiguration, and of the `configuration` of a template with its first two.
pub(super) const POD_SECURITY_CONFIGURATION: [&str; 4] = ["defaults", "exemptions", "apiVersion", "kind"];
pub(super) const TEMPLATE_CONFIGURATION: [&str; 2] = ["defaults", "exemptions"];
const DEFAULTS: [&str; 6] = ["enforce", "enforce-version", "audit", "audit-version", "warn", "warn-version"];
const EXEMPTIONS: [&str; 3] = ["usernames", "namespaces", "runtimeClasses"];

/// The fields of a template, which has no `spec`.
pub(super) const TEMPLATE: [&str; 5] = ["apiVersion", "kind", "metadata", "description", "configuration"];
/// The fields of an AdmissionConfiguration.
pub(super) const ADMISSION_CONFIGURATION: [&str; 3] = ["apiVersion", "kind", "plugins"];
/// The fields of a plugin.
pub(super) const PLUGIN: [&str; 3] = ["name", "path", "configuration"];

/// Calls `report` with each unknown entry of a mapping, and the advice on it.
pub(super) fn each_unknown<'d>(node: Node<'d>, fields: &[&str], report: &mut dyn FnMut(Entry<'d>, String)) {
    for entry in node.entries().filter(|entry| !fields.contains(&entry.key)) {
        report(entry, advice(entry.key, fields));
    }
}

/// Calls `report` with each unknown entry of the configuration of Pod Security Admission, its path, and the advice on it.
pub(super) fn each_unknown_of_configuration<'d>(node: Node<'d>, fields: &[&str], report: &mut dyn FnMut(Entry<'d>, &str, String)) {
    each_unknown(node, fields, &mut |entry, advice| report(entry, entry.key, advice));
    for (key, fields) in [("defaults", &DEFAULTS[..]), ("exemptions", &EXEMPTIONS[..])] {
        if let Some(inner) = node.get(key) {
            each_unknown(inner.value, fields, &mut |entry, advice| report(entry, &[key, ".", entry.key].concat(), advice));
        }
    }
}

/// Returns the configuration of Pod Security Admission as JSON without unknown entries.
pub(super) fn known_json(node: Node<'_>, fields: &[&str]) -> serde_json::Value {
    let known = |node: Node<'_>, fields: &[&str]| -> serde_json::Value {
        // A value of a wrong type remains, so that the validation reports it.
        if node.entries().next().is_none() {
            return node.to_json();
        }
        let entries = node.entries().filter(|entry| fields.contains(&entry.key));
        entries.map(|entry| (entry.key.to_owned(), entry.value.to_json())).collect()
    };
    let entries = node.entries().filter(|entry| fields.contains(&entry.key)).map(|entry| {
        let value = match entry.key {
            "defaults" => known(entry.value, &DEFAULTS),
            "exemptions" => known(entry.value, &EXEMPTIONS),
            _ => entry.value.to_json(),
        };
        (entry.key.to_owned(), value)
    });
    entries.collect()
}

/// Returns what to do about an unknown field.
fn advice(field: &str, fields: &[&str]) -> String {
    let settings: Vec<&str> = RawSettings::key_names().chain(Exemptions::key_names()).collect();
    let of_pod_security = [&POD_SECURITY_CONFIGURATION[..], &EXEMPTIONS[..]].concat();
    let advice = match field {
        "runtimeClassNames" => "the field is runtimeClasses",
        "spec" if *fields == TEMPLATE => "a template has no spec: description and configuration are fields of the object",
        "defaults" | "exemptions" if fields.contains(&"configuration") => "it is a field of configuration",
        _ if settings.contains(&field) && !of_pod_security.contains(&field) => {
            "this is a setting of the policy, which Pod Security Admission does not have"
        }
        _ => {
            let suggestion = did_you_mean(field, fields);
            return match suggestion.strip_prefix("; ") {
                Some(suggestion) => suggestion.to_owned(),
                None => ["known here: ", &fields.join(", ")].concat(),
            };
        }
    };
    advice.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn advises_on_unknown_fields() {
        for (field, fields, expected) in [
            ("runtimeClassNames", &EXEMPTIONS[..], "the field is runtimeClasses"),
            ("groups", &EXEMPTIONS[..], "this is a setting of the policy, which Pod Security Admission does not have"),
            ("namespace", &EXEMPTIONS[..], "did you mean \"namespaces\"?"),
            ("spec", &TEMPLATE[..], "a template has no spec: description and configuration are fields of the object"),
            ("spec", &PLUGIN[..], "known here: name, path, configuration"),
            ("defaults", &TEMPLATE[..], "it is a field of configuration"),
            ("exemptions", &PLUGIN[..], "it is a field of configuration"),
            ("kind", &TEMPLATE_CONFIGURATION[..], "known here: defaults, exemptions"),
            ("usernames", &TEMPLATE_CONFIGURATION[..], "known here: defaults, exemptions"),
            ("level", &POD_SECURITY_CONFIGURATION[..], "this is a setting of the policy, which Pod Security Admission does not have"),
        ] {
            assert_eq!(advice(field, fields), expected, "{field}");
        }
    }
}
