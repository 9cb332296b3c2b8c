//! The spellings of values that mean the same to Kubernetes, so that a rule of the settings covers a value however a pod writes
//! it. Messages keep the spelling of the pod.
//!
//! Source: `applyAppArmorVersionSkew` and `applySeccompVersionSkew` in `pkg/registry/core/pod/strategy.go` (profiles),
//! `NormalizeName` in `node/util/sysctl/sysctl.go` of k8s.io/component-helpers (kernel parameters), and `toCAPPrefixed` of CRI-O
//! (capabilities).

use super::finding::{Finding, Subject};
use super::remedy::SECCOMP_TYPE;

/// Returns whether the text of a finding has the meaning of a value that a rule names.
pub(super) fn is_same(finding: &Finding<'_>, text: &str, named: &str) -> bool {
    text == named
        || match (finding.subject, finding.field) {
            // API servers copy the type `Unconfined` to the annotation of the container as `unconfined`, and the other way round. They
            // accept no value that differs from another in its case only.
            (Subject::Annotation { .. }, _) | (_, SECCOMP_TYPE | APP_ARMOR_TYPE) => text.eq_ignore_ascii_case(named),
            (_, CAPABILITIES_ADD) => without_prefix(text) == without_prefix(named),
            (_, SYSCTL_NAME) => is_same_parameter(text, named),
            (Subject::Volume { .. }, _) => without_slash(text) == without_slash(named),
            _ => false,
        }
}

pub(super) const APP_ARMOR_TYPE: &str = "securityContext.appArmorProfile.type";
pub(super) const CAPABILITIES_ADD: &str = "securityContext.capabilities.add[]";
pub(super) const SYSCTL_NAME: &str = "securityContext.sysctls[].name";

/// Returns a capability without the prefix of its name in the kernel. `ALL` is no name there.
fn without_prefix(capability: &str) -> &str {
    capability.strip_prefix("CAP_").filter(|name| *name != "ALL").unwrap_or(capability)
}

/// Returns whether two names of kernel parameters differ only in their separators, dots or slashes. The first one in a name is its
/// separator, and the other one is part of the name of a device then.
fn is_same_parameter(one: &str, other: &str) -> bool {
    let separator = |name: &str| name.bytes().find(|byte| matches!(byte, b'.' | b'/'));
    let swaps = separator(one) != separator(other);
    let is_same = |(one, other): (u8, u8)| match one {
        b'.' if swaps => other == b'/',
        b'/' if swaps => other == b'.',
        one => one == other,
    };
    one.len() == other.len() && one.bytes().zip(other.bytes()).all(is_same)
}

/// Returns a path without slashes at its end, except the root.
pub(crate) fn without_slash(mut path: &str) -> &str {
    while let Some(rest) = path.strip_suffix('/').filter(|rest| !rest.is_empty()) {
        path = rest;
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::ContainerType;
    use crate::standards::finding::Value;

    #[test]
    fn values_are_the_same_in_every_spelling() {
        let container = Subject::Container { kind: ContainerType::Regular, index: 0, name: "a" };
        let (volume, annotation) = (Subject::Volume { index: 0, name: "v" }, Subject::Annotation { key: "k" });
        let table = [
            (annotation, "", "unconfined", "Unconfined", true),
            (annotation, "", "unconfined", "unconfined", true),
            (annotation, "", "complain", "Unconfined", false),
            (Subject::Pod, SECCOMP_TYPE, "Unconfined", "unconfined", true),
            (container, SECCOMP_TYPE, "Unconfined", "unconfined", true),
            (container, APP_ARMOR_TYPE, "Unconfined", "unconfined", true),
            (container, "livenessProbe.httpGet.host", "Unconfined", "unconfined", false),
            (container, CAPABILITIES_ADD, "CAP_NET_RAW", "NET_RAW", true),
            (container, CAPABILITIES_ADD, "NET_RAW", "CAP_NET_RAW", true),
            (container, CAPABILITIES_ADD, "CAP_NET_RAW", "NET_ADMIN", false),
            (container, CAPABILITIES_ADD, "CAP_CAP_NET_RAW", "NET_RAW", false),
            (container, CAPABILITIES_ADD, "net_raw", "NET_RAW", false),
            (container, CAPABILITIES_ADD, "ALL", "CAP_ALL", false),
            (container, CAPABILITIES_ADD, "CAP_ALL", "ALL", false),
            (Subject::Pod, SYSCTL_NAME, "net/core/somaxconn", "net.core.somaxconn", true),
            (Subject::Pod, SYSCTL_NAME, "net.core.somaxconn", "net/core/somaxconn", true),
            (Subject::Pod, SYSCTL_NAME, "net/ipv4/conf/eno2.100/rp_filter", "net.ipv4.conf.eno2/100.rp_filter", true),
            (Subject::Pod, SYSCTL_NAME, "net/ipv4/conf/eno2.100/rp_filter", "net.ipv4.conf.eno2.100.rp_filter", false),
            (Subject::Pod, SYSCTL_NAME, "net.core/somaxconn", "net.core.somaxconn", false),
            (volume, "hostPath", "/var/log/", "/var/log", true),
            (volume, "hostPath", "/var/log", "/var/log//", true),
            (volume, "hostPath", "/var/log", "/var", false),
            (volume, "hostPath", "//var/log", "/var/log", false),
            (volume, "hostPath", "/", "//", true),
            (volume, "hostPath", "", "/", false),
            (volume, "hostPath", "var", "/", false),
            (Subject::Pod, "hostNetwork", "a/", "a", false),
        ];
        for (subject, field, text, named, expected) in table {
            let finding = Finding { subject, field, index: 0, value: Value::Text(text) };
            assert_eq!(finding.has_value(named), expected, "{finding:?} {named}");
        }
    }
}
