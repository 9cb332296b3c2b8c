//! The settings of the policies for the profiles of Linux security modules, and for seccomp profiles.

use pss_review::yaml_scalar;

use super::{Settings, distinct};
use crate::psp::field::Field;
use crate::psp::policy::{ANY, Policy, Profiles, SeLinux};

pub(in crate::psp::official) fn se_linux(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let SeLinux::MustRunAs(options) = &policy.se_linux else { return settings };
    settings.line("rule", "MustRunAs");
    for (key, label) in [("user", &options.user), ("role", &options.role), ("type", &options.label), ("level", &options.level)] {
        if !label.is_empty() {
            settings.line(key, &yaml_scalar(label));
        }
    }
    settings
}

/// The names of the default seccomp profile in annotations.
const RUNTIME_DEFAULT: [&str; 2] = ["runtime/default", "docker/default"];

const LOCALHOST: &str = "localhost/";

/// What a PodSecurityPolicy seems to have as a pattern, and is the name of a profile that does not exist.
const LOCALHOST_PATTERN: &str = "localhost/*";

pub(in crate::psp::official) fn seccomp(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let mut profiles = profile_names(&policy.seccomp);
    let has_default = profiles.iter().any(|profile| RUNTIME_DEFAULT.contains(profile));
    if has_default {
        // Each of the names stands for the other.
        profiles.extend(RUNTIME_DEFAULT);
    }
    let profiles = distinct(profiles);
    let paths: Vec<&str> = profiles.iter().filter_map(|profile| profile.strip_prefix(LOCALHOST)).collect();
    let types = [("RuntimeDefault", has_default), ("Localhost", !paths.is_empty()), ("Unconfined", profiles.contains(&"unconfined"))];
    settings.list("allowed_profiles", profiles.iter().copied());
    settings.list("profile_types", types.into_iter().filter(|(_, is_allowed)| *is_allowed).map(|(name, _)| name));
    if !paths.is_empty() {
        settings.list("localhost_profiles", paths);
    }
    profile_warnings(&mut settings, Field::Seccomp, &policy.seccomp, "a profile");
    settings
}

pub(in crate::psp::official) fn app_armor(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    settings.list("allowed_profiles", distinct(profile_names(&policy.app_armor)));
    let warning = "this policy reads the annotations only, and not the field appArmorProfile (from Kubernetes 1.30)";
    settings.warn(Field::AppArmor, warning);
    profile_warnings(&mut settings, Field::AppArmor, &policy.app_armor, "an annotation");
    if policy.app_armor.default.is_empty() {
        settings.warn(Field::AppArmor, "this policy admits containers without an annotation, which the PodSecurityPolicy rejected");
    }
    settings
}

/// Adds the differences that the two kinds of profiles have in common.
fn profile_warnings(settings: &mut Settings, field: Field, profiles: &Profiles, noun: &str) {
    if !profiles.default.is_empty() {
        let warning = format!("the PodSecurityPolicy set {} where a pod had no profile; this policy does not set {noun}", profiles.default);
        settings.warn(field, &warning);
    }
    if profiles.lists(LOCALHOST_PATTERN) {
        let warning =
            format!("{LOCALHOST_PATTERN} is left out, because it was no pattern in the PodSecurityPolicy; list the profiles by name");
        settings.warn(field, &warning);
    }
}

/// Returns the elements of a list that are names of profiles. `*` stands for all seccomp profiles, and for no AppArmor profile.
pub(in crate::psp::official) fn profile_names(profiles: &Profiles) -> Vec<&str> {
    let listed = profiles.allowed.iter().flatten().map(String::as_str);
    listed.filter(|profile| !["", ANY, LOCALHOST, LOCALHOST_PATTERN].contains(profile)).collect()
}
