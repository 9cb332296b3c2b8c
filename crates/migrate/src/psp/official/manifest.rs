//! The ClusterAdmissionPolicy of an official policy: its name, and its YAML.

use std::fmt::Write as _;

use pss_review::{MODULE, yaml_scalar};

use super::modules::Module;

/// The maximum length of a name. Kubewarden puts `clusterwide-` before it, and the result is a label of at most 63 characters.
pub(super) const MAX_NAME: usize = 63 - "clusterwide-".len();

/// The length of the hash in a name.
const HASH: usize = 8;

/// The label of the namespaces whose pods have a PodSecurityPolicy, where the namespaces are not known.
pub(in crate::psp) const LABEL: &str = "podsecuritypolicy";

/// Returns the name of the policy for a PodSecurityPolicy and a module.
pub(super) fn name(policy: &str, module: &Module) -> String {
    let suffix = module.name.strip_suffix("-psp").unwrap_or(module.name);
    format!("{}-{suffix}", shortened(policy, MAX_NAME.saturating_sub(suffix.len() + 1)))
}

/// Returns the value of [`LABEL`] for a PodSecurityPolicy.
fn label(policy: &str) -> String {
    shortened(policy, 63)
}

/// Returns a DNS label for the name of a PodSecurityPolicy. A name that is too long, or no label, is shortened and gets a hash, so
/// that the results for different names differ.
fn shortened(policy: &str, length: usize) -> String {
    if policy.len() <= length && is_label(policy) {
        return policy.to_owned();
    }
    let rest = length.saturating_sub(HASH + 1);
    let letter = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' };
    let prefix: String = policy.chars().map(letter).skip_while(|letter| *letter == '-').take(rest).collect();
    let prefix = prefix.trim_end_matches('-');
    let dash = if prefix.is_empty() { "" } else { "-" };
    format!("{prefix}{dash}{:08x}", hash(policy))
}

fn is_label(name: &str) -> bool {
    !name.is_empty()
        && !name.starts_with('-')
        && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// Returns the FNV-1a hash of a text. It is the same in every release, unlike that of the standard library.
fn hash(text: &str) -> u32 {
    text.bytes().fold(0x811c_9dc5, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193))
}

/// Returns the ClusterAdmissionPolicy. `settings` are lines of YAML, indented by four spaces; empty if there are none.
///
/// It selects the namespaces, or those with [`LABEL`] if they are not known.
pub(super) fn manifest(
    (name, policy): (&str, &str),
    module: &Module,
    mutating: bool,
    settings: &str,
    namespaces: Option<&[String]>,
) -> String {
    let Module { name: module_name, version, .. } = module;
    // The official policies are in the registry of the policy of this repository.
    let scheme = "registry://";
    let host = MODULE.strip_prefix(scheme).and_then(|rest| rest.split('/').next()).unwrap_or_default();
    let mut text = format!(
        "apiVersion: policies.kubewarden.io/v1\nkind: ClusterAdmissionPolicy\nmetadata:\n  name: {}\nspec:\n  module: \
         {scheme}{host}/kubewarden/policies/{module_name}:v{version}\n  mutating: {mutating}\n",
        yaml_scalar(name)
    );
    if mutating {
        // The audit scanner would evaluate pods as if they were changed, but they are not.
        text += "  backgroundAudit: false\n";
    }
    text += if settings.is_empty() { "  settings: {}\n" } else { "  settings:\n" };
    text += settings;
    text += "  namespaceSelector:\n";
    match namespaces {
        None => {
            let _ = writeln!(text, "    matchLabels: {{{LABEL}: {}}}", yaml_scalar(&label(policy)));
        }
        Some(namespaces) => {
            let values = flow(namespaces.iter().map(String::as_str));
            // Writing to a String cannot fail.
            let _ = write!(
                text,
                "    matchExpressions:\n      - key: kubernetes.io/metadata.name\n        operator: In\n        values: {values}\n"
            );
        }
    }
    // API servers reject a change of these fields in an existing pod, so that a policy that sets them would reject every other
    // update of a pod without them. PodSecurityPolicies changed pods on CREATE only, too.
    let operations = if mutating || module.is_create_only { "CREATE" } else { "CREATE, UPDATE" };
    text += "  rules:\n    - apiGroups: [\"\"]\n      apiVersions: [v1]\n      resources: [pods]\n      operations: [";
    text += operations;
    text += "]\n";
    text
}

/// Returns a flow sequence of strings.
pub(in crate::psp) fn flow<'n>(names: impl IntoIterator<Item = &'n str>) -> String {
    format!("[{}]", names.into_iter().map(yaml_scalar).collect::<Vec<_>>().join(", "))
}
