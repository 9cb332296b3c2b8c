//! The official Kubewarden policies for what the standards do not restrict: `readOnlyRootFilesystem`, ranges of groups, paths of
//! hostPath volumes, and so on.
//!
//! ```text
//! fields --coverage--> unrestricted
//!                      official: modules, settings --manifest--> ClusterAdmissionPolicy, warnings
//!                      none: what to do instead
//! ```
//!
//! Source: the README and `metadata.yml` of each policy at the version in [`modules`].

mod coverage;
mod manifest;
mod modules;
mod settings;
#[cfg(test)]
mod tests;

use super::changes::changing_fields;
use super::field::Field;
use super::policy::Policy;
use coverage::Coverage;
pub(super) use manifest::{LABEL, flow};
pub(super) use settings::effective_host_paths;

/// An official policy with the values of a PodSecurityPolicy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfficialPolicy {
    /// The name of the ClusterAdmissionPolicy: a DNS subdomain, unique for the PodSecurityPolicy and the module.
    pub name: String,
    /// The module: `readonly-root-filesystem-psp`.
    pub module: &'static str,
    /// The fields of the PodSecurityPolicy that it takes the place of, of those that were passed.
    pub fields: Vec<Field>,
    /// The ClusterAdmissionPolicy in YAML.
    pub manifest: String,
    /// The differences from the PodSecurityPolicy, as sentences without a full stop.
    pub warnings: Vec<String>,
}

/// The warning about ephemeral containers, which is the same for all policies.
const EPHEMERAL_CONTAINERS: &str = "the official policies do not check ephemeral containers, because their rules do not have \
                                    pods/ephemeralcontainers; PodSecurityPolicies did not check them either";

/// Returns the official policies for fields of a PodSecurityPolicy: one for each module, in the order of the modules. Fields that
/// admit every pod, and fields without an official policy ([`without_official`]), have none.
///
/// With `namespaces`, the policies select these; there are no policies for an empty list. Otherwise they select those with
/// [`LABEL`], because all of them together would reject most pods. A policy applies to all pods of a
/// namespace, whereas PodSecurityPolicies are alternatives for service accounts and users: a namespace whose pods need several
/// of them cannot have the official policies of all.
///
/// There are no policies for a PodSecurityPolicy that no pod can use.
pub fn official_policies(policy: &Policy, fields: &[Field], namespaces: Option<&[String]>) -> Vec<OfficialPolicy> {
    if policy.unusable.is_some() || namespaces.is_some_and(<[String]>::is_empty) {
        return Vec::new();
    }
    let changing: Vec<Field> = changing_fields(policy).collect();
    let mut policies = Vec::new();
    let mut warns_of_ephemeral_containers = false;
    for module in &modules::MODULES {
        let is_official = |field: &Field| fields.contains(field) && matches!(coverage::coverage(policy, *field), Coverage::Official);
        let fields: Vec<Field> = module.fields.iter().copied().filter(is_official).collect();
        if fields.is_empty() {
            continue;
        }
        let settings = (module.settings)(policy, &fields);
        // The settings of a module that does not write single fields have the values of all its fields.
        let written = if module.has_separate_fields { fields.as_slice() } else { module.fields };
        let mutating = module.is_mutating && written.iter().any(|field| changing.contains(field));
        let name = manifest::name(&policy.name, module);
        let mut warnings = settings.warnings;
        if module.reads_containers && !warns_of_ephemeral_containers {
            warnings.push(EPHEMERAL_CONTAINERS.to_owned());
            warns_of_ephemeral_containers = true;
        }
        let manifest = manifest::manifest((&name, &policy.name), module, mutating, &settings.text, namespaces);
        policies.push(OfficialPolicy { name, module: module.name, fields, manifest, warnings });
    }
    policies
}

/// Returns the fields that restrict pods and have no official policy, of those that are passed, in the order of reports. Each has
/// a sentence, without a full stop, about what to do instead.
pub fn without_official(policy: &Policy, fields: &[Field]) -> Vec<(Field, String)> {
    if policy.unusable.is_some() {
        return Vec::new();
    }
    let passed = Field::ALL.into_iter().filter(|field| fields.contains(field));
    let advice = |field| match coverage::coverage(policy, field) {
        Coverage::None(advice) => Some((field, advice)),
        Coverage::Official | Coverage::Unrestricted => None,
    };
    passed.filter_map(advice).collect()
}
