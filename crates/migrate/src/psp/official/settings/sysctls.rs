//! The settings of the policy for kernel parameters.

use pss_core::standards::CATALOGUE;
use pss_core::standards::documentation::Allowed;

use super::{Settings, distinct};
use crate::psp::admission::{SAFE_SYSCTLS, matches_any};
use crate::psp::field::Field;
use crate::psp::policy::Policy;

pub(in crate::psp::official) fn sysctls(policy: &Policy, _: &[Field]) -> Settings {
    let mut settings = Settings::default();
    let (patterns, names): (Vec<&String>, Vec<&String>) = policy.allowed_unsafe_sysctls.iter().partition(|sysctl| sysctl.ends_with('*'));
    // The policy has no patterns, and it does not count this one as safe.
    let safe = "net.ipv4.ip_unprivileged_port_start";
    let of_patterns = baseline_sysctls()
        .filter(|sysctl| !SAFE_SYSCTLS.contains(sysctl))
        .filter(|sysctl| matches_any(sysctl, &policy.allowed_unsafe_sysctls));
    let of_patterns: Vec<&str> = of_patterns.collect();
    let allowed = names.into_iter().map(String::as_str).chain([safe]).chain(of_patterns);
    // A sysctl that is in both lists would be allowed.
    let allowed = distinct(allowed.filter(|sysctl| !matches_any(sysctl, &policy.forbidden_sysctls)));
    if !allowed.is_empty() {
        settings.list("allowedUnsafeSysctls", allowed);
    }
    if !policy.forbidden_sysctls.is_empty() {
        settings.list("forbiddenSysctls", distinct(policy.forbidden_sysctls.iter().map(String::as_str)));
    }
    if !patterns.is_empty() {
        let patterns = distinct(patterns.into_iter().map(String::as_str)).join(", ");
        let warning = format!(
            "this policy has no patterns: instead of {patterns}, the matching sysctls that the standards allow are listed; add others by their \
             names"
        );
        settings.warn(Field::AllowedUnsafeSysctls, &warning);
    }
    settings
}

/// Returns the sysctls that the newest version of the standards allows.
fn baseline_sysctls() -> impl Iterator<Item = &'static str> {
    let documentation = CATALOGUE.iter().filter(|(check, _)| check.id == "sysctls").map(|(_, documentation)| documentation);
    let allowed = documentation.flat_map(|documentation| documentation.restrictions).flat_map(|restriction| restriction.allowed);
    let names = |allowed: &'static Allowed| match allowed {
        Allowed::ValuesSince(values) => *values,
        Allowed::Description(_) | Allowed::Values(_) => &[],
    };
    allowed.flat_map(names).map(|(name, _)| *name)
}
