//! Tests of labels.

use super::*;

#[test]
fn names_missing_keys_from_the_marked_one_on() {
    for (path, marked, keys) in [
        ("spec.containers[0].securityContext.seccompProfile.type", "securityContext", "seccompProfile.type"),
        ("spec.containers[0].securityContext.seccompProfile.type", "seccompProfile", "type"),
        ("spec.containers[0].securityContext.seccompProfile.type", "\"securityContext\"", "seccompProfile.type"),
        // The mark is on an entry of the list.
        ("spec.containers[0].securityContext.runAsNonRoot", "name", "securityContext.runAsNonRoot"),
        ("spec.containers[0].securityContext.runAsNonRoot", "containers", "securityContext.runAsNonRoot"),
        ("spec.template.spec.securityContext.runAsNonRoot", "spec", "securityContext.runAsNonRoot"),
        ("metadata.name", "", "name"),
        ("", "x", ""),
    ] {
        assert_eq!(missing_keys(path, marked), keys, "{path} {marked}");
    }
}
