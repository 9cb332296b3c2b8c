//! The host capabilities, and the patterns of them that `--allowed-host-capabilities` takes.

use std::collections::BTreeSet;

use crate::error::Error;

/// Every host call that kwctl and policy-server support.
const CAPABILITIES: [&str; 11] = [
    "crypto/v1/is_certificate_trusted",
    "kubernetes/can_i",
    "kubernetes/get_resource",
    "kubernetes/list_resources_all",
    "kubernetes/list_resources_by_namespace",
    "net/v1/dns_lookup_host",
    "oci/v1/manifest_digest",
    "oci/v1/oci_manifest",
    "oci/v1/oci_manifest_config",
    "oci/v1/verify",
    "oci/v2/verify",
];

/// Checks that a pattern is the path of a capability, or has `*` as its last segment and matches at least one.
///
/// # Errors
/// [`Error::Capability`] with the segments that are valid in place of an unknown one.
pub fn validate_pattern(pattern: &str) -> Result<(), Error> {
    let error = |what: &str| Err(Error::Capability(format!("invalid pattern {pattern:?}: {what}")));
    if pattern.is_empty() {
        return Err(Error::Capability("invalid pattern: pattern must not be empty".to_owned()));
    }
    let (path, is_wildcard) = match pattern.strip_suffix('*') {
        Some("") => return Ok(()),
        Some(path) if path.ends_with('/') => (path, true),
        _ => (pattern, false),
    };
    if path.contains('*') {
        return error("wildcard '*' must be the entire last path segment (e.g. 'oci/*'), not a partial match");
    }
    let mut remaining = CAPABILITIES.to_vec();
    for segment in path.strip_suffix('/').filter(|_| is_wildcard).unwrap_or(path).split('/') {
        let options: BTreeSet<&str> = remaining.iter().filter_map(|rest| rest.split('/').next()).collect();
        if !options.contains(segment) {
            let options = options.into_iter().collect::<Vec<_>>().join(", ");
            return error(&format!("unknown segment {segment:?}, valid options at this level are: {options}"));
        }
        remaining = remaining
            .into_iter()
            .filter_map(|rest| rest.split_once('/').filter(|(first, _)| *first == segment))
            .map(|(_, rest)| rest)
            .collect();
    }
    if is_wildcard && remaining.is_empty() {
        return error("unknown segment \"*\", valid options at this level are: ");
    }
    if !is_wildcard && !remaining.is_empty() {
        return error(&format!("not a complete capability path; use \"{path}/*\" to allow all capabilities under it"));
    }
    Ok(())
}
