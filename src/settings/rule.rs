//! Exemptions for single checks: rules that cover some of what the checks find.

use super::Validation;
use super::exemptions::is_service_account;
use super::names::{dns_label_pattern, image_pattern, matches, service_account};
use super::selector::{Selector, Terms};
use super::set::{Keyword, Names, Set};
use crate::json::{Path, Text, view};
use crate::pod::{ContainerType, Labels, Pod};
use crate::quote::quoted;
use crate::settings::Policy;
use crate::standards::{CHECKS, Check, Finding, Level, Place, Revision, Version};

view! {
    /// A rule: it covers what some checks find where all of its conditions hold.
    pub struct Rule<'a>, strict {
        /// The checks whose findings it covers.
        "checks" => checks: Set<AnyCheck>,
        /// Namespaces; `*` stands for any letters.
        "namespaces" => namespaces: Names<'a>,
        /// Labels of the pod, or of the template.
        "podSelector" => pod_selector: Selector<'a>,
        /// Service accounts of the pod, as `namespace/name`.
        "serviceAccounts" => service_accounts: Names<'a>,
        /// Values of findings.
        "values" => values: Names<'a, true>,
        /// Names of containers; `*` stands for any letters.
        "containers" => containers: Names<'a>,
        /// Lists of containers.
        "containerTypes" => container_types: Set<ContainerType>,
        /// Images of containers; `*` stands for any letters.
        "images" => images: Names<'a>,
        /// Why it is there, for the audit log.
        "reason" => reason: Text<'a>,
    }
}

/// The checks, as words of the settings.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AnyCheck;

impl Keyword for AnyCheck {
    const NOUN: &'static str = "check";

    fn keyword_at(index: u32) -> Option<&'static str> {
        check_at(index).map(|check| check.id)
    }
}

fn check_at(place: u32) -> Option<&'static Check> {
    CHECKS.get(usize::try_from(place).ok()?).copied()
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
    /// Whether the conditions on the pod as a whole hold.
    pub fn applies_to<'l>(&self, pod: Pod<'_>, namespace: &str, labels: &dyn Fn() -> Option<&'l Labels<'l>>) -> bool {
        let selects = |terms: &Terms<'_>| labels().is_some_and(|labels| terms.matches(labels));
        self.namespaces.allow(&|pattern| matches(pattern, namespace))
            && self.pod_selector.terms().is_none_or(selects)
            && self.service_accounts.allow(&|account| is_service_account(account, namespace, pod))
    }

    /// Whether a rule that concerns a pod covers what the check at a place finds in it.
    pub fn covers(&self, check: u32, finding: &Finding<'_>, pod: Pod<'_>) -> bool {
        self.checks.contains(check)
            && self.values.allow(&|value| finding.has_value(value))
            && match finding.place {
                Place::Container { kind, index, name } => {
                    let has_image = |pattern: &str| pod.container(kind, index).is_some_and(|container| matches(pattern, &container.image));
                    self.containers.allow(&|pattern| matches(pattern, name))
                        && (self.container_types.is_unset() || self.container_types.contains(kind as u32))
                        && self.images.allow(&has_image)
                }
                _ => !self.has_container_conditions(),
            }
    }

    /// Whether there is a condition that only containers can meet.
    pub fn has_container_conditions(&self) -> bool {
        self.containers.is_set() || !self.container_types.is_unset() || self.images.is_set()
    }

    /// ErrorSink what is wrong with it. `policy` is the settings' own, where nothing can change it.
    pub(super) fn check(&self, validation: &Validation<'_>, at: &Path<'_>, policy: Option<&Policy>) {
        let notes = validation.notes;
        if self.checks.is_empty() {
            notes.add(&at.key("checks"), &|| "missing; name the checks that the rule is about, such as hostPathVolumes".to_owned());
        }
        if self.reason.trim().is_empty() {
            notes.add(&at.key("reason"), &|| "missing; say why, for who reads the audit log".to_owned());
        }
        validation.condition(&at.key("namespaces"), &self.namespaces, &dns_label_pattern);
        self.pod_selector.check(validation, &at.key("podSelector"), None);
        validation.condition(&at.key("serviceAccounts"), &self.service_accounts, &service_account);
        validation.condition(&at.key("containers"), &self.containers, &dns_label_pattern);
        validation.condition(&at.key("images"), &self.images, &image_pattern);
        if !self.container_types.is_unset() && self.container_types.is_empty() {
            notes.add(&at.key("containerTypes"), &|| EMPTY.to_owned());
        }
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
        // Those without values are told of by themselves.
        let tells_values = |check: &&Check| check.revisions.iter().any(|revision| revision.sentence.tells_values());
        let checks: Vec<&Check> = self.checks.indices().filter_map(check_at).filter(tells_values).collect();
        let of_values = at.key("values");
        for (index, value) in self.values.iter().enumerate().filter(|_| !checks.is_empty()) {
            if checks.iter().all(|check| check.revisions.iter().all(|revision| !revision.sentence.may_tell(value))) {
                let ids: Vec<&str> = checks.iter().map(|check| check.id).collect();
                validation
                    .notes
                    .add(&of_values.index(index), &|| format!("{} is no value that {} can find", quoted(value), ids.join(" or ")));
            }
        }
    }

    /// ErrorSink where the rule can never cover anything that a check finds.
    fn check_coverage(&self, validation: &Validation<'_>, at: &Path<'_>, check: &'static Check, policy: Option<&Policy>) {
        let Check { id, level, .. } = check;
        let run = revisions(check, policy);
        let Some(first) = check.revisions.first().filter(|_| run.is_empty()) else {
            if self.has_container_conditions() && !run.iter().any(|revision| revision.sentence.names_containers()) {
                let conditions = [
                    ("containers", self.containers.is_set()),
                    ("containerTypes", !self.container_types.is_unset()),
                    ("images", self.images.is_set()),
                ];
                for (key, _) in conditions.into_iter().filter(|(_, is_written)| *is_written) {
                    validation.notes.add(&at.key(key), &|| {
                        format!("can never hold for {id}, which looks at the pod and not at its containers; give {id} a rule without it")
                    });
                }
            }
            if self.values.is_set() && !run.iter().any(|revision| revision.sentence.tells_values()) {
                validation.notes.add(&at.key("values"), &|| {
                    format!("can never hold for {id}, whose findings have no values to choose from; give {id} a rule without it")
                });
            }
            return;
        };
        validation.notes.add(&at.key("checks"), &|| {
            let asked = policy.map(|policy| format!("{}, {}, {}", policy.enforce, policy.audit, policy.warn)).unwrap_or_default();
            let since = Version::Minor(first.since);
            format!("{id} never runs: it is a check of {level} from {since} on, and the settings enforce, audit and warn of {asked}")
        });
    }
}

/// The revisions of a check that can run, or would if no check overrode them.
fn revisions(check: &'static Check, policy: Option<&Policy>) -> Vec<&'static Revision> {
    let Some(Policy { enforce, audit, warn }) = policy else { return check.revisions.iter().collect() };
    let asking = [enforce, audit, warn].into_iter().filter(|policy| policy.level >= check.level && policy.level != Level::Privileged);
    asking.filter_map(|policy| check.at(policy.version.known_minor())).collect()
}

/// What is wrong with a list that nothing is in.
pub(super) const EMPTY: &str = "is empty, so that the rule would never hold; leave it out, or name something";

#[cfg(test)]
mod tests;
