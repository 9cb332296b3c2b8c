//! Exemptions of requests and pods as a whole, and of the findings of single checks.

use super::Validation;
use super::circumstances::is_member;
use super::names::{self, NameResult, dns_label, dns_label_pattern, dns_subdomain, matches, not_empty};
use super::rules::Rules;
use super::selector::Selector;
use super::{Policy, Settings};
use crate::json::{Lazy, Path, Text, view};
use crate::pod::{Labels, Pod};

view! {
    /// The requests, pods and findings that are exempt. Names must match exactly, except in `namespacePatterns`.
    pub struct Exemptions<'a>, strict {
        /// Users whose requests for pods and workloads are exempt.
        "usernames" => usernames: Vec<Text<'a>>,
        /// Groups whose members' requests are exempt.
        "groups" => groups: Vec<Text<'a>>,
        /// Service accounts whose pods are exempt, as `namespace/name`.
        "serviceAccounts" => service_accounts: Vec<Text<'a>>,
        /// Namespaces whose pods are exempt.
        "namespaces" => namespaces: Vec<Text<'a>>,
        /// Patterns of namespaces whose pods are exempt; `*` matches any characters.
        "namespacePatterns" => namespace_patterns: Vec<Text<'a>>,
        /// Labels of namespaces whose pods are exempt.
        "namespaceSelector" => namespace_selector: Selector<'a>,
        /// Runtime classes whose pods are exempt.
        "runtimeClasses" => runtime_classes: Vec<Text<'a>>,
        /// Another name of `runtimeClasses`, from an old version of Kubernetes' documentation.
        "runtimeClassNames" => runtime_class_names: Vec<Text<'a>>,
        /// Exemptions for single checks.
        "checks" => checks: Rules<'a>,
    }
}

/// Why a request is exempt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exemption {
    /// By its namespace.
    Namespace,
    /// By the user who makes it.
    User,
    /// By a group of the user.
    Group,
    /// By the runtime class of the pod.
    RuntimeClass,
    /// By the service account of the pod.
    ServiceAccount,
}

impl Exemption {
    /// Its name in the audit annotation `exempt`.
    pub const fn name(self) -> &'static str {
        match self {
            Exemption::Namespace => "namespace",
            Exemption::User => "user",
            Exemption::Group => "group",
            Exemption::RuntimeClass => "runtimeClass",
            Exemption::ServiceAccount => "serviceAccount",
        }
    }
}

impl Settings<'_> {
    /// Whether the pods of a namespace are exempt by its name. An empty name never is.
    pub fn exempts_namespace(&self, name: &str) -> bool {
        let Exemptions { namespaces, namespace_patterns, .. } = &self.exemptions;
        contains(namespaces, name) || !name.is_empty() && namespace_patterns.iter().any(|pattern| matches(pattern, name))
    }

    /// Whether the pods of a namespace are exempt by its labels.
    pub fn exempts_namespace_labels(&self, labels: &Labels<'_>) -> bool {
        self.exemptions.namespace_selector.terms().is_some_and(|terms| terms.matches(labels))
    }

    /// Whether the requests of a user are exempt. An empty name never is.
    pub fn exempts_user(&self, name: &str) -> bool {
        contains(&self.exemptions.usernames, name)
    }

    /// Whether the requests of a user in these groups are exempt.
    pub fn exempts_groups<'g>(&self, groups: &Lazy<'g, Vec<Text<'g>>>) -> bool {
        let exempt = &self.exemptions.groups;
        !exempt.is_empty() && is_member(groups, &|group| contains(exempt, group))
    }

    /// The exemption of a pod in a namespace by its runtime class or service account, if there is one. A runtime
    /// class without a name is never exempt.
    pub fn exempts_pod(&self, namespace: &str, pod: Pod<'_>) -> Option<Exemption> {
        let Exemptions { runtime_classes, runtime_class_names, service_accounts, .. } = &self.exemptions;
        let runtime_class = &pod.spec.runtime_class_name;
        if contains(runtime_classes, runtime_class) || contains(runtime_class_names, runtime_class) {
            return Some(Exemption::RuntimeClass);
        }
        let is_exempt = service_accounts.iter().any(|exempt| is_service_account(exempt, namespace, pod));
        is_exempt.then_some(Exemption::ServiceAccount)
    }
}

/// Whether a pod in a namespace runs as a service account, given as `namespace/name`.
pub(super) fn is_service_account(account: &str, namespace: &str, pod: Pod<'_>) -> bool {
    account.split_once('/') == Some((namespace, pod.service_account()))
}

fn contains(names: &[Text<'_>], name: &str) -> bool {
    !name.is_empty() && names.iter().any(|exempt| exempt == name)
}

/// The name of a group that does not contain every user, nor the controllers that create the pods of workloads. `everybody` is the
/// error for the former.
pub(super) fn group_without_everybody(group: &str, everybody: &'static str) -> NameResult {
    match group {
        "system:authenticated" => Err(everybody),
        "system:serviceaccounts" | "system:serviceaccounts:kube-system" => Err(CONTROLLERS),
        _ => not_empty(group),
    }
}

const CONTROLLERS: &str = "the controllers that create the pods of workloads are in this group, so whoever may create a workload would be \
                           exempt; for the service accounts that pods run as there is serviceAccounts";

impl Exemptions<'_> {
    /// Reports errors. `policy` is that of the settings, if labels cannot change it.
    pub(super) fn check(&self, validation: &Validation<'_>, at: &Path<'_>, policy: Option<&Policy>) {
        validation.names(&at.key("usernames"), &self.usernames, &not_empty);
        validation.names(&at.key("groups"), &self.groups, &|group| {
            group_without_everybody(group, "every user is in this group, so nothing would ever be judged")
        });
        validation.names(&at.key("serviceAccounts"), &self.service_accounts, &names::service_account);
        validation.names(&at.key("namespaces"), &self.namespaces, &|name| match name.contains('*') {
            true => Err("cannot hold a '*', for these names are compared as they are; patterns belong in namespacePatterns"),
            false => dns_label(name),
        });
        validation.names(&at.key("namespacePatterns"), &self.namespace_patterns, &|pattern| {
            if !pattern.is_empty() && pattern.bytes().all(|byte| byte == b'*') {
                return Err("stands for every namespace, so nothing would ever be judged");
            }
            dns_label_pattern(pattern)
        });
        self.namespace_selector.check(
            validation,
            &at.key("namespaceSelector"),
            Some("every namespace, so that nothing would ever be judged"),
        );
        validation.names(&at.key("runtimeClasses"), &self.runtime_classes, &dns_subdomain);
        validation.names(&at.key("runtimeClassNames"), &self.runtime_class_names, &dns_subdomain);
        if !self.runtime_classes.is_empty() && !self.runtime_class_names.is_empty() {
            validation.errors.add(&at.key("runtimeClassNames"), &|| "is another name of runtimeClasses; keep one of them".to_owned());
        }
        let rules = at.key("checks");
        for (index, rule) in self.checks.parsed().enumerate() {
            rule.check(validation, &rules.index(index), policy);
        }
    }
}
