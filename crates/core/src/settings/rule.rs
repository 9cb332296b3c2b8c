//! Exemptions for single checks: rules that exempt some of their findings.

use super::Validation;
use super::circumstances::{Expiry, RequestOperation};
use super::coverage::{RuledPod, includes};
use super::exemptions::is_service_account;
use super::names::{directory, dns_label_pattern, image_pattern, matches, service_account};
use super::selector::{Selector, Terms};
use super::set::{Flag, Keyword, Names, Set};
use crate::json::{Path, Text, view};
use crate::pod::{Container, ContainerType, Labels, Pod};
use crate::quote::quoted;
use crate::settings::Policy;
use crate::standards::{CHECKS, Check, Finding, Level, Revision, Sentence, Version};

view! {
    /// A rule: it exempts findings of some checks if all of its conditions hold.
    pub struct Rule<'a>, strict {
        /// The checks whose findings it exempts.
        "checks" => checks: Set<AnyCheck>,
        /// Patterns of namespaces; `*` matches any characters.
        "namespaces" => namespaces: Names<'a>,
        /// Labels of the pod or the pod template.
        "podSelector" => pod_selector: Selector<'a>,
        /// Service accounts of the pod, as `namespace/name`.
        "serviceAccounts" => service_accounts: Names<'a>,
        /// Values of findings.
        "values" => values: Names<'a, true>,
        /// Patterns of the names of containers; `*` matches any characters.
        "containers" => containers: Names<'a>,
        /// Types of containers.
        "containerTypes" => container_types: Set<ContainerType>,
        /// Patterns of the images of containers; `*` matches any characters.
        "images" => images: Names<'a>,
        /// Directories of the node that the paths of volumes lie in.
        "pathPrefixes" => path_prefixes: Names<'a>,
        /// Whether the mounts of volumes are read-only.
        "readOnly" => read_only: Flag,
        /// Users whose requests it is about.
        "usernames" => usernames: Names<'a>,
        /// Groups whose members' requests it is about.
        "groups" => groups: Names<'a>,
        /// Operations of requests.
        "operations" => operations: Set<RequestOperation>,
        /// The last day on which it holds, in UTC.
        "expires" => expires: Expiry<'a>,
        /// The reason for the exemption, for the audit annotations.
        "reason" => reason: Text<'a>,
    }
}

/// All checks, as keywords of the settings. The index is that in [`CHECKS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyCheck;

impl Keyword for AnyCheck {
    const NOUN: &'static str = "check";

    fn keyword_at(index: u32) -> Option<&'static str> {
        check_at(index).map(|check| check.id)
    }
}

fn check_at(index: u32) -> Option<&'static Check> {
    CHECKS.get(usize::try_from(index).ok()?).copied()
}

impl Keyword for ContainerType {
    const NOUN: &'static str = "type of container";

    fn keyword_at(index: u32) -> Option<&'static str> {
        [ContainerType::Init, ContainerType::Regular, ContainerType::Ephemeral]
            .into_iter()
            .find(|kind| *kind as u32 == index)
            .map(ContainerType::name)
    }
}

impl Rule<'_> {
    /// Whether the conditions on the pod as a whole hold. `labels` returns the labels of the pod, or `None` if they are
    /// invalid; then no selector matches.
    pub fn applies_to<'l>(&self, pod: Pod<'_>, namespace: &str, labels: &dyn Fn() -> Option<&'l Labels<'l>>) -> bool {
        let selects = |terms: &Terms<'_>| labels().is_some_and(|labels| terms.matches(labels));
        self.namespaces.allow(&|pattern| matches(pattern, namespace))
            && self.pod_selector.terms().is_none_or(selects)
            && self.service_accounts.allow(&|account| is_service_account(account, namespace, pod))
    }

    /// Whether a rule that applies to a pod exempts a finding in it. `check` is the index of the check in [`CHECKS`].
    pub fn covers(&self, check: u32, finding: &Finding<'_>, pod: &RuledPod<'_>) -> bool {
        let names = |kind: ContainerType, container: &Container<'_>| {
            self.containers.allow(&|pattern| matches(pattern, &container.name))
                && (self.container_types.is_unset() || self.container_types.contains(kind as u32))
                && self.images.allow(&|pattern| matches(pattern, &container.image))
        };
        self.checks.contains(check)
            && self.values.allow(&|value| finding.has_value(value))
            && (!self.has_container_conditions() || pod.is_about(finding, &names))
            && self.includes_path(pod.path_on_node(finding))
            && (!self.read_only.is_set() || self.read_only.is_true() && pod.is_read_only(finding))
    }

    fn includes_path(&self, path: Option<&str>) -> bool {
        self.path_prefixes.allow(&|directory| path.is_some_and(|path| includes(directory, path)))
    }

    /// Whether there is a condition that only findings about containers can meet.
    pub fn has_container_conditions(&self) -> bool {
        self.containers.is_set() || !self.container_types.is_unset() || self.images.is_set()
    }

    /// Reports errors. `policy` is that of the settings, if labels cannot change it.
    pub(super) fn check(&self, validation: &Validation<'_>, at: &Path<'_>, policy: Option<&Policy>) {
        let errors = validation.errors;
        if self.checks.is_empty() {
            errors.add(&at.key("checks"), &|| "missing; name the checks that the rule is about, such as hostPathVolumes".to_owned());
        }
        if self.reason.trim().is_empty() {
            errors.add(&at.key("reason"), &|| "missing; say why, for who reads the audit log".to_owned());
        }
        validation.condition(&at.key("namespaces"), &self.namespaces, &dns_label_pattern);
        self.pod_selector.check(validation, &at.key("podSelector"), None);
        validation.condition(&at.key("serviceAccounts"), &self.service_accounts, &service_account);
        validation.condition(&at.key("containers"), &self.containers, &dns_label_pattern);
        validation.condition(&at.key("images"), &self.images, &image_pattern);
        validation.condition(&at.key("pathPrefixes"), &self.path_prefixes, &directory);
        if self.read_only.is_set() && !self.read_only.is_true() {
            errors.add(&at.key("readOnly"), &|| "must be true; to allow writable mounts, leave it out".to_owned());
        }
        if !self.container_types.is_unset() && self.container_types.is_empty() {
            errors.add(&at.key("containerTypes"), &|| EMPTY.to_owned());
        }
        self.check_circumstances(validation, at);
        self.check_values(validation, at);
        for check in self.checks.indices().filter_map(check_at) {
            self.check_coverage(validation, at, check, policy);
        }
    }

    fn check_values(&self, validation: &Validation<'_>, at: &Path<'_>) {
        let is_value = |value: &str| {
            if value.is_empty() {
                return Err("must not be empty");
            }
            if value.contains('*') {
                return Err("cannot hold a '*', for values are compared as they are");
            }
            Ok(())
        };
        validation.condition(&at.key("values"), &self.values, &is_value);
        // For checks without values `check_coverage` reports an error.
        let has_values = |check: &&Check| check.revisions.iter().any(|revision| revision.sentence.has_distinct_values());
        let checks: Vec<&Check> = self.checks.indices().filter_map(check_at).filter(has_values).collect();
        let of_values = at.key("values");
        let are_paths = checks.iter().all(|check| check.revisions.iter().all(|revision| matches!(revision.sentence, Sentence::Volumes)));
        // An empty value has an error already.
        for (index, value) in self.values.iter().enumerate().filter(|(_, value)| !checks.is_empty() && !value.is_empty()) {
            let at = of_values.index(index);
            if checks.iter().all(|check| check.revisions.iter().all(|revision| !revision.sentence.is_possible_value(value))) {
                let ids: Vec<&str> = checks.iter().map(|check| check.id).collect();
                validation.errors.add(&at, &|| {
                    let fix = if are_paths { "; paths of the node are absolute, such as /var/log" } else { "" };
                    format!("{} is no value that {} can find{fix}", quoted(value), ids.join(" or "))
                });
            } else if are_paths && !self.includes_path(Some(value)) {
                validation
                    .errors
                    .add(&at, &|| format!("{} is in none of pathPrefixes, and both must hold; give it a rule of its own", quoted(value)));
            }
        }
    }

    /// Reports conditions that no finding of a check can meet, and a check that never runs.
    fn check_coverage(&self, validation: &Validation<'_>, at: &Path<'_>, check: &'static Check, policy: Option<&Policy>) {
        let Check { id, level, .. } = check;
        let revisions = possible_revisions(check, policy);
        let Some(first) = check.revisions.first().filter(|_| revisions.is_empty()) else {
            let any = |has: &dyn Fn(&Sentence) -> bool| revisions.iter().any(|revision| has(&revision.sentence));
            let of_containers = (any(&Sentence::names_containers), "which looks at the pod and not at its containers");
            let of_volumes = (any(&Sentence::names_volumes), "which does not look at volumes");
            let of_values = (any(&Sentence::has_distinct_values), "whose findings have no values to choose from");
            for (key, is_set, (is_possible, reason)) in [
                ("containers", self.containers.is_set(), of_containers),
                ("containerTypes", !self.container_types.is_unset(), of_containers),
                ("images", self.images.is_set(), of_containers),
                ("pathPrefixes", self.path_prefixes.is_set(), of_volumes),
                ("readOnly", self.read_only.is_set(), of_volumes),
                ("values", self.values.is_set(), of_values),
            ] {
                if is_set && !is_possible {
                    validation.errors.add(&at.key(key), &|| format!("can never hold for {id}, {reason}; give {id} a rule without it"));
                }
            }
            return;
        };
        validation.errors.add(&at.key("checks"), &|| {
            let levels = policy.map(|policy| format!("{}, {}, {}", policy.enforce, policy.audit, policy.warn)).unwrap_or_default();
            let since = Version::Minor(first.since);
            format!("{id} never runs: it is a check of {level} from {since} on, and the settings enforce, audit and warn of {levels}")
        });
    }
}

/// The revisions of a check that can run, including those that another check overrides.
fn possible_revisions(check: &'static Check, policy: Option<&Policy>) -> Vec<&'static Revision> {
    let Some(Policy { enforce, audit, warn }) = policy else { return check.revisions.iter().collect() };
    let modes = [enforce, audit, warn].into_iter().filter(|policy| policy.level >= check.level && policy.level != Level::Privileged);
    modes.filter_map(|policy| check.at(policy.version.known_minor())).collect()
}

/// The error for an empty list.
pub(super) const EMPTY: &str = "is empty, so that the rule would never hold; leave it out, or name something";

#[cfg(test)]
mod tests;
