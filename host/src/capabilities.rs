//! The names of what a host can be asked, and patterns of them as `--allowed-host-capabilities` takes them.

use std::collections::BTreeSet;

use crate::error::Error;

/// Every call that kwctl and policy-server answer.
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

/// Looks whether a pattern names a capability, or with `*` as its last part all below something.
///
/// # Errors
/// [`Error::Capability`] with what could stand in place of what is none.
pub fn check(pattern: &str) -> Result<(), Error> {
    let mistake = |what: &str| Err(Error::Capability(format!("invalid pattern {pattern:?}: {what}")));
    if pattern.is_empty() {
        return Err(Error::Capability("invalid pattern: pattern must not be empty".to_owned()));
    }
    let (path, is_open) = match pattern.strip_suffix('*') {
        Some("") => return Ok(()),
        Some(path) if path.ends_with('/') => (path, true),
        _ => (pattern, false),
    };
    if path.contains('*') {
        return mistake("wildcard '*' must be the entire last path segment (e.g. 'oci/*'), not a partial match");
    }
    let mut below = CAPABILITIES.to_vec();
    for segment in path.strip_suffix('/').filter(|_| is_open).unwrap_or(path).split('/') {
        let options: BTreeSet<&str> = below.iter().filter_map(|rest| rest.split('/').next()).collect();
        if !options.contains(segment) {
            let options = options.into_iter().collect::<Vec<_>>().join(", ");
            return mistake(&format!("unknown segment {segment:?}, valid options at this level are: {options}"));
        }
        below = below
            .into_iter()
            .filter_map(|rest| rest.split_once('/').filter(|(first, _)| *first == segment))
            .map(|(_, rest)| rest)
            .collect();
    }
    if is_open && below.is_empty() {
        return mistake("unknown segment \"*\", valid options at this level are: ");
    }
    if !is_open && !below.is_empty() {
        return mistake(&format!("not a complete capability path; use \"{path}/*\" to allow all capabilities under it"));
    }
    Ok(())
}
