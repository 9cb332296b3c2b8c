//! The settings of the policies for the security contexts of containers.

use super::{Settings, distinct};
use crate::psp::field::Field;
use crate::psp::policy::{ANY, Policy};

pub(in crate::psp::official) fn read_only_root(_: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let warning = "the PodSecurityPolicy set it to true in containers without it, and this policy rejects them; set it in the manifests";
    settings.warn(Field::ReadOnlyRootFilesystem, warning);
    settings
}

pub(in crate::psp::official) fn capabilities(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let drops = distinct(policy.required_drop_capabilities.iter().map(String::as_str));
    let (defaults, allowed) = (&policy.default_add_capabilities, &policy.allowed_capabilities);
    let conflicts = distinct(allowed.iter().chain(defaults).map(String::as_str).filter(|capability| drops.contains(capability)));
    let is_free = |capability: &&str| !conflicts.contains(capability);
    let defaults = distinct(defaults.iter().map(String::as_str).filter(is_free));
    if policy.allows_all_capabilities() {
        settings.list("allowed_capabilities", [ANY]);
        if !drops.is_empty() {
            let warning = "API servers rejected a PodSecurityPolicy with required drops that allows all capabilities, and did not check the \
                           drops of pods; remove one of the two if this policy does not accept the settings";
            settings.warn(Field::RequiredDropCapabilities, warning);
        }
    } else {
        // The PodSecurityPolicy allows what it adds.
        let allowed = allowed.iter().map(String::as_str).filter(is_free);
        settings.list("allowed_capabilities", distinct(allowed.chain(defaults.iter().copied())));
    }
    if !drops.is_empty() {
        settings.list("required_drop_capabilities", drops);
    }
    if !defaults.is_empty() {
        settings.list("default_add_capabilities", defaults);
    }
    if !conflicts.is_empty() {
        let warning = format!(
            "{} must be dropped, and is therefore left out of the allowed and the default capabilities, where the PodSecurityPolicy has it too",
            conflicts.join(", ")
        );
        settings.warn(Field::RequiredDropCapabilities, &warning);
    }
    settings
}

/// `false` changes what a PodSecurityPolicy with the default `true` would reject afterwards. Such a policy is deployed without
/// `mutating: true`, so that Kubewarden rejects these pods too.
pub(in crate::psp::official) fn privilege_escalation(_: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    settings.line("default_allow_privilege_escalation", "false");
    settings
}

pub(in crate::psp::official) fn proc_mount(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let is_unmasked = policy.allowed_proc_mount_types.iter().any(|mount| mount == "Unmasked");
    settings.line("allow_unmasked_proc_mount_type", if is_unmasked { "true" } else { "false" });
    settings
}
