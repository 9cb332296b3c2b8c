//! Warnings about the labels of a namespace beyond those of Kubernetes, and the labels that the policy sets.

use super::decision::{Decision, LABELS_SET, Mutation};
use super::policies::{MODES, ModeLabels};
use crate::pod::{Annotations, LABEL_PREFIX, Labels};
use crate::quote::quoted;
use crate::settings::{LabelTypos, NamespaceLabels, Settings};
use crate::standards::{Level, LevelVersion};
use crate::suggest::{Named, is_called, letters, meant, question};

/// Returns the modes with their labels and with the policy of the settings.
fn modes(settings: &Settings<'_>) -> impl Iterator<Item = (ModeLabels, LevelVersion)> {
    let own = settings.defaults;
    MODES.into_iter().zip([own.enforce, own.audit, own.warn])
}

/// Returns the labels that the policy sets on a namespace, with their values: the level of the settings if the namespace has none or
/// a lower one, with its version. Invalid and higher levels are kept, and so is the version of an equal level.
pub(super) fn to_set(labels: &Labels<'_>, settings: &Settings<'_>) -> Vec<(&'static str, String)> {
    let mut set = Vec::new();
    if settings.namespace_labels != NamespaceLabels::Set {
        return set;
    }
    let [enforce, ..] = MODES;
    let enforced = labels.get(enforce.level).and_then(Level::parse);
    for (mode, own) in modes(settings).filter(|(_, own)| own.level != Level::Privileged) {
        let present = labels.get(mode.level).map(Level::parse);
        let is_too_low = match present {
            // A stricter enforce label sets the level of warn, if there is no label for it.
            None => mode.name != "warn" || enforced.is_none_or(|enforced| enforced <= own.level),
            Some(level) => level.is_some_and(|level| level < own.level),
        };
        if is_too_low {
            set.push((mode.level, own.level.to_string()));
        }
        if is_too_low || present == Some(Some(own.level)) && labels.get(mode.version).is_none() {
            set.push((mode.version, own.version.to_string()));
        }
    }
    set.retain(|(key, value)| labels.get(key) != Some(value));
    set
}

/// Returns labels with others set.
pub fn with(labels: &Labels<'_>, set: &[(&'static str, String)]) -> Labels<'static> {
    let mut labels = labels.clone().into_owned();
    labels.0.retain(|(key, _)| set.iter().all(|(replaced, _)| replaced != key));
    labels.0.extend(set.iter().map(|(key, value)| ((*key).into(), value.clone().into())));
    labels
}

/// Adds warnings about the labels of a namespace, and the labels that the policy sets, to a decision; `old` are the labels before an
/// update.
pub(super) fn apply(
    decision: Decision,
    (labels, annotations): (&Labels<'_>, &Annotations<'_>),
    old: Option<&Labels<'_>>,
    set: Vec<(&'static str, String)>,
    settings: &Settings<'_>,
) -> Decision {
    let mut decision = decision;
    if settings.label_typos == LabelTypos::Warn {
        decision.warnings.extend(typos(labels));
        decision.warnings.extend(annotations_for_labels(annotations));
    }
    decision.warnings.extend(too_low(labels, old, &set, settings));
    if !set.is_empty() {
        let list: Vec<String> = set.iter().map(|(key, value)| format!("{key}={value}")).collect();
        decision = decision.annotated(LABELS_SET, list.join(", "));
        decision.mutation = Mutation::Labels(set);
    }
    decision
}

/// The labels that Pod Security Admission reads, each by its name without the prefix.
const KNOWN: [Named<'static, 'static>; 6] = [
    ("enforce", "pod-security.kubernetes.io/enforce"),
    ("enforce-version", "pod-security.kubernetes.io/enforce-version"),
    ("audit", "pod-security.kubernetes.io/audit"),
    ("audit-version", "pod-security.kubernetes.io/audit-version"),
    ("warn", "pod-security.kubernetes.io/warn"),
    ("warn-version", "pod-security.kubernetes.io/warn-version"),
];

/// The maximum number of unknown labels with a warning of their own.
const MAX_TYPOS: usize = 8;

/// Returns the warnings about labels that are meant for Pod Security Admission and that it does not know.
fn typos(labels: &Labels<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    let mut more = 0_usize;
    for (key, _) in labels.0.iter().filter(|(key, _)| is_typo(key)) {
        if warnings.len() == MAX_TYPOS {
            more += 1;
            continue;
        }
        let name = key.rsplit_once('/').map_or("", |(_, name)| name);
        let suggestion = match question(&meant(name, &KNOWN)) {
            none if none.is_empty() => format!("; its labels are {LABEL_PREFIX}enforce, audit and warn, and each of them with -version"),
            suggestion => suggestion,
        };
        warnings.push(format!("label {} means nothing to Pod Security{suggestion}", quoted(key)));
    }
    match more {
        0 => {}
        1 => warnings.push("1 more label of this kind means nothing to Pod Security".to_owned()),
        more => warnings.push(format!("{more} more labels of this kind mean nothing to Pod Security")),
    }
    warnings
}

/// Returns whether a label is meant for Pod Security Admission, which does not know it: one with its prefix, with a similar prefix in
/// the domains of Kubernetes or in none (`pod-security.k8s.io/enforce`, `podSecurity/warn`), or one of its names with another prefix
/// in these domains. Labels in other domains belong to others.
fn is_typo(key: &str) -> bool {
    if KNOWN.iter().any(|(_, known)| *known == key) {
        return false;
    }
    let (prefix, name) = key.rsplit_once('/').unwrap_or((key, ""));
    let letters = letters(prefix);
    let is_of_kubernetes = ["kubernetesio", "k8sio"].iter().any(|domain| letters.contains(domain));
    if is_of_kubernetes && letters.starts_with("podsecurity") {
        return true;
    }
    let has_own_prefix = matches!(letters.as_str(), "podsecurity" | "podsecurityadmission" | "podsecuritystandards" | "psa" | "pss");
    (is_of_kubernetes || has_own_prefix) && KNOWN.iter().any(|(known, _)| is_called(name, known))
}

/// Returns the warnings about annotations whose keys are those of labels.
fn annotations_for_labels(annotations: &Annotations<'_>) -> Vec<String> {
    let keys = KNOWN.iter().filter(|(_, key)| annotations.get(key).is_some());
    keys.map(|(_, key)| format!("annotation \"{key}\" means nothing to Pod Security, which reads the label of this name")).collect()
}

/// Returns the warnings about labels with a lower level than that of the settings, which have no effect; `set` are the labels that
/// the policy sets.
fn too_low(labels: &Labels<'_>, old: Option<&Labels<'_>>, set: &[(&str, String)], settings: &Settings<'_>) -> Vec<String> {
    let mut warnings = Vec::new();
    if !settings.namespace_labels.only_tighten() {
        return warnings;
    }
    for (mode, own) in modes(settings) {
        let is_set = |label: &str| set.iter().any(|(key, _)| *key == label);
        let Some(value) = labels.get(mode.level) else {
            if let Some(version) = labels.get(mode.version).filter(|_| is_set(mode.version)) {
                warnings.push(format!("label {}={version} has no level beside it, and was replaced by {}", mode.version, own.version));
            }
            continue;
        };
        let is_lower = Level::parse(value).is_some_and(|level| level < own.level);
        let is_new = old.and_then(|old| old.get(mode.level)) != Some(value);
        let is_raised = is_set(mode.level);
        if is_lower && (is_new || is_raised) {
            let participle = match mode.name {
                "enforce" => "enforced",
                "audit" => "audited",
                _ => "warned of",
            };
            let outcome = if is_raised { format!("it was raised to {}", own.level) } else { format!("{own} is {participle} all the same") };
            warnings.push(format!("label {}={value} is lower than the policy of this cluster: {outcome}", mode.level));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_known_labels_are_those_of_the_modes() {
        let keys = MODES.map(|mode| [mode.level, mode.version]).concat();
        assert_eq!(KNOWN.map(|(_, key)| key).to_vec(), keys);
        assert!(KNOWN.iter().all(|(name, key)| *key == format!("{LABEL_PREFIX}{name}")));
    }
}
