//! What a conversion loses, with its reason and consequence. Pod Security Admission has fewer settings than the policy.

use pss_core::settings::{Exemptions, Existing, LabelTypos, NamespaceLabels, Settings, Updates, Workloads};

use super::{Configuration, Effect, Note, Plugin, Target};

/// Returns the notes on a conversion: those of the configuration, and what the target does not have.
pub(super) fn of_conversion(configuration: &Configuration, settings: &Settings<'_>, target: Target) -> Vec<Note> {
    let mut notes = configuration.notes.clone();
    let mut note = |effect, field: &str, message: &str| notes.push(Note { effect, field: field.to_owned(), message: message.to_owned() });
    if target.is_of_pod_security_admission() {
        each_loss(settings, &mut note);
    }
    if target != Target::Template && !configuration.description.is_empty() {
        note(Effect::None, "description", "the description of the template is not converted");
    }
    if target != Target::AdmissionConfiguration {
        for (index, plugin) in configuration.plugins.iter().enumerate() {
            if let Plugin::Other { name, .. } = plugin {
                note(
                    Effect::None,
                    &format!("plugins[{index}]"),
                    &format!("the plugin {name:?} is not part of Pod Security Admission, and is not converted"),
                );
            }
        }
    }
    notes
}

/// Calls `note` with each setting that Pod Security Admission does not have.
fn each_loss(settings: &Settings<'_>, note: &mut dyn FnMut(Effect, &str, &str)) {
    // Without `..`, so that a new setting does not compile until its loss is named here.
    let Settings { defaults: _, exemptions, namespace_labels, label_typos, existing, workloads, updates, harden, details, help } = settings;
    let Exemptions {
        usernames: _,
        groups,
        service_accounts,
        namespaces: _,
        namespace_patterns,
        namespace_selector,
        runtime_classes: _,
        runtime_class_names: _,
        checks,
    } = exemptions;
    match namespace_labels {
        NamespaceLabels::Honor => {}
        NamespaceLabels::Ignore => note(
            Effect::Weaker,
            "namespaceLabels",
            "Pod Security Admission always reads the labels pod-security.kubernetes.io/* of namespaces, which the settings ignore: whoever \
             may label a namespace can lower its level, and labels that exist have an effect",
        ),
        NamespaceLabels::Tighten => note(
            Effect::Weaker,
            "namespaceLabels",
            "the labels of a namespace replace the defaults of Pod Security Admission instead of only tightening them: whoever may label \
             a namespace can lower its level",
        ),
        NamespaceLabels::Set => note(
            Effect::Weaker,
            "namespaceLabels",
            "Pod Security Admission sets no labels, and the labels of a namespace replace its defaults instead of only tightening them: \
             whoever may label a namespace can lower its level",
        ),
    }
    if *workloads == Workloads::Enforce {
        let message = "Pod Security Admission never rejects a workload: it is accepted, with a warning if warn has the same level, and its \
                       pods are rejected later";
        note(Effect::Weaker, "workloads", message);
    }
    for (is_set, field, message) in [
        (
            !groups.is_empty(),
            "exemptions.groups",
            "Pod Security Admission exempts users by name only, and judges the members of these groups",
        ),
        (
            !service_accounts.is_empty(),
            "exemptions.serviceAccounts",
            "Pod Security Admission has no exemption for the service account of a pod, and judges these pods",
        ),
        (
            !namespace_patterns.is_empty(),
            "exemptions.namespacePatterns",
            "Pod Security Admission exempts namespaces by name only, and judges those that match a pattern; list their names as namespaces",
        ),
        (
            namespace_selector.terms().is_some(),
            "exemptions.namespaceSelector",
            "Pod Security Admission exempts namespaces by name only, and judges those with these labels; list their names as namespaces, \
             or set their label pod-security.kubernetes.io/enforce to privileged",
        ),
        (
            !checks.is_empty(),
            "exemptions.checks",
            "Pod Security Admission exempts from all checks or from none, and rejects pods with the findings that these rules exempt",
        ),
        (
            !harden.is_empty(),
            "harden",
            "Pod Security Admission changes no pods, and rejects those that satisfy the level only with the fields that the policy sets",
        ),
    ] {
        if is_set {
            note(Effect::Stricter, field, message);
        }
    }
    for (is_set, field, message) in [
        (
            *updates == Updates::AllowExisting,
            "updates",
            "it only matters where workloads are rejected, which Pod Security Admission does not do",
        ),
        (*label_typos == LabelTypos::Warn, "labelTypos", "Pod Security Admission does not warn of misspelt labels"),
        (
            *existing == Existing::Workloads,
            "existing",
            "when the level of a namespace changes, Pod Security Admission warns of existing pods only",
        ),
        (!help.is_empty(), "help", "Pod Security Admission appends nothing to its messages"),
        (*details, "details", "Pod Security Admission has no audit annotation with every finding"),
    ] {
        if is_set {
            note(Effect::None, field, message);
        }
    }
}
