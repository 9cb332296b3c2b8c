//! Rules for `exemptions.checks` in the settings of the policy.

use std::collections::{BTreeMap, BTreeSet};

use pss_core::settings::Settings;
use pss_core::standards::CHECKS;
use serde::{Serialize, Serializer};
use serde_json::{Map, Value, json};

/// A rule, with the keys of the settings. Empty lists are left out.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Exemption {
    /// The check whose findings it exempts.
    pub check: &'static str,
    /// The namespace of the pods; empty for all.
    pub namespace: String,
    /// The labels of the pods; empty for all.
    pub labels: Vec<(String, String)>,
    /// The service account of the pods, as `namespace/name`; empty for all.
    pub service_account: String,
    /// The containers; empty for all.
    pub containers: BTreeSet<String>,
    /// The values of the findings; empty for all.
    pub values: BTreeSet<String>,
    /// The directories of the node that the paths of volumes lie in; empty for all.
    pub path_prefixes: BTreeSet<String>,
    /// Whether all mounts of the volumes are read-only.
    pub read_only: bool,
    /// The reason.
    pub reason: String,
}

impl Exemption {
    /// Returns the rule as JSON for the settings.
    pub fn rule(&self) -> Value {
        let mut rule = Map::new();
        let mut add = |key: &str, value: Value| rule.insert(key.to_owned(), value);
        add("checks", json!([self.check]));
        if !self.namespace.is_empty() {
            add("namespaces", json!([self.namespace]));
        }
        if !self.labels.is_empty() {
            let labels: Map<String, Value> = self.labels.iter().map(|(key, value)| (key.clone(), json!(value))).collect();
            add("podSelector", json!({"matchLabels": labels}));
        }
        if !self.service_account.is_empty() {
            add("serviceAccounts", json!([self.service_account]));
        }
        if !self.containers.is_empty() {
            add("containers", json!(self.containers));
        }
        if !self.values.is_empty() {
            add("values", json!(self.values));
        }
        if !self.path_prefixes.is_empty() {
            add("pathPrefixes", json!(self.path_prefixes));
        }
        if self.read_only {
            add("readOnly", json!(true));
        }
        add("reason", json!(self.reason));
        Value::Object(rule)
    }
}

impl Exemption {
    /// Returns the rule without conditions that the settings do not accept, such as the name of a container that no cluster
    /// accepts either.
    pub(super) fn valid(self) -> Exemption {
        if self.is_valid() {
            return self;
        }
        let without_containers = Exemption { containers: BTreeSet::new(), ..self.clone() };
        let without_labels = Exemption { labels: Vec::new(), ..self.clone() };
        let neither = Exemption { labels: Vec::new(), ..without_containers.clone() };
        let candidates = [without_containers, without_labels, neither];
        let check = self.check;
        candidates.into_iter().find(Exemption::is_valid).unwrap_or(Exemption { check, namespace: self.namespace, ..Exemption::default() })
    }
}

impl Exemption {
    /// Returns whether the settings accept the rule.
    pub(super) fn is_valid(&self) -> bool {
        let rule = Exemption { reason: "validation".to_owned(), ..self.clone() }.rule();
        Settings::parse(json!({"level": "restricted", "exemptions": {"checks": [rule]}}).to_string().as_bytes()).is_ok()
    }
}

/// Returns whether rules can select the findings of a check by a value.
pub(super) fn is_selectable(check: &str, value: &str) -> bool {
    let check = CHECKS.iter().find(|other| other.id == check);
    let is_possible =
        |revision: &pss_core::standards::Revision| revision.sentence.has_distinct_values() && revision.sentence.is_possible_value(value);
    !value.is_empty() && !value.contains('*') && check.is_some_and(|check| check.revisions.iter().all(is_possible))
}

/// As in the settings.
impl Serialize for Exemption {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.rule().serialize(serializer)
    }
}

/// Returns one rule for each check and condition on volumes. One without values includes all values.
pub(super) fn merged(exemptions: impl Iterator<Item = Exemption>) -> Vec<Exemption> {
    let mut by_check = BTreeMap::<(&'static str, BTreeSet<String>, bool), Exemption>::new();
    for exemption in exemptions {
        let key = (exemption.check, exemption.path_prefixes.clone(), exemption.read_only);
        let Some(other) = by_check.get_mut(&key) else {
            by_check.insert(key, exemption);
            continue;
        };
        if exemption.values.is_empty() || other.values.is_empty() {
            other.values.clear();
        } else {
            other.values.extend(exemption.values);
        }
        if let Some((_, field)) = exemption.reason.rsplit_once(": ") {
            other.reason = format!("{}, {field}", other.reason);
        }
    }
    by_check.into_values().collect()
}
