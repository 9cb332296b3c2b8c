//! The input of a plan: PodSecurityPolicies, roles and bindings, pods and workloads, in any order and in any text.

use std::collections::{BTreeMap, BTreeSet};

use pss_core::standards::{Level, Version};
use pss_manifest::Limits;
use pss_review::Source;

use super::access::{Access, Identity, RBAC_GROUP};
use super::policy::{GROUPS, KIND, Policy};
use super::workload::Workloads;
use crate::helm_release::{Release, manifests};
use crate::object::{Object, each_object};
use crate::problem::{Problem, Severity};

/// The options of a plan.
#[derive(Debug, Clone)]
pub struct Options {
    /// The version of the standards. The last one with PodSecurityPolicy is v1.24.
    pub version: Version,
    /// The level that the settings of each namespace have at least.
    pub level: Level,
    /// The namespace of objects without one.
    pub namespace: String,
    /// The user who creates the pods that no controller creates, if that is known.
    pub user: Option<Identity>,
}

impl Default for Options {
    fn default() -> Self {
        Options { version: Version::Minor(24), level: Level::Baseline, namespace: "default".to_owned(), user: None }
    }
}

/// What is known of a cluster.
#[derive(Debug)]
pub struct Cluster {
    pub(super) options: Options,
    pub(super) policies: Vec<Policy>,
    pub(super) access: Access,
    /// Whether roles or bindings are known.
    pub(super) has_access: bool,
    pub(super) workloads: Workloads,
    /// The namespaces, with the level that they enforce by label.
    pub(super) namespaces: BTreeMap<String, Option<String>>,
    /// The kinds of objects that have no part in a plan, with their numbers.
    pub(super) other_kinds: BTreeMap<String, usize>,
    pub(super) problems: Vec<Problem>,
}

impl Cluster {
    /// A cluster of which nothing is known.
    pub fn new(options: Options) -> Self {
        let workloads = Workloads::new(options.version, &options.namespace);
        Cluster {
            options,
            policies: Vec::new(),
            access: Access::default(),
            has_access: false,
            workloads,
            namespaces: BTreeMap::new(),
            other_kinds: BTreeMap::new(),
            problems: Vec::new(),
        }
    }

    /// Adds the objects of a text.
    pub fn add(&mut self, source: Source<'_>, limits: Limits) {
        let mut problems = std::mem::take(&mut self.problems);
        each_object(source, limits, &mut problems, &mut |object, problems| self.object(&object, problems));
        self.problems = problems;
    }

    fn object(&mut self, object: &Object<'_>, problems: &mut Vec<Problem>) {
        if object.kind == KIND && GROUPS.contains(&object.group()) {
            if let Some(policy) = Policy::of(object, problems) {
                self.policy(policy, object, problems);
            }
        } else if let Some(problem) = Cluster::misnamed(object) {
            problems.push(problem);
        } else if self.access.add(object, problems) {
            self.has_access = true;
        } else if object.kind == "Namespace" && object.api_version == "v1" {
            let label = object.text("metadata.labels[pod-security.kubernetes.io/enforce]");
            self.namespaces.insert(object.name().to_owned(), Some(label.to_owned()).filter(|label| !label.is_empty()));
        } else if let Some(release) = manifests(object) {
            match release {
                Ok(release) => self.release(object, &release, problems),
                Err(problem) => problems.push(*problem),
            }
        } else if !self.workloads.add(object, problems) {
            *self.other_kinds.entry(object.kind.to_owned()).or_default() += 1;
        }
    }

    /// Adds the policies, roles and bindings in a revision of a release. Those of earlier revisions are not in the cluster.
    fn release(&mut self, object: &Object<'_>, release: &Release, problems: &mut Vec<Problem>) {
        if release.status != "deployed" && !release.status.starts_with("pending") {
            *self.other_kinds.entry(format!("Helm revision ({})", release.status)).or_default() += 1;
            return;
        }
        let source = format!("{} ({} of Helm release {}, revision {})", object.source, object.kind, release.name, release.revision);
        for manifest in &release.manifests {
            each_object(Source { name: &source, text: &manifest.text }, Limits::default(), problems, &mut |object, problems| {
                if object.kind == KIND || object.group() == RBAC_GROUP {
                    self.object(&object, problems);
                }
            });
        }
    }

    /// Adds a policy. Of two with one name, which may come from a chart and a stored release of it, the first counts.
    fn policy(&mut self, policy: Policy, object: &Object<'_>, problems: &mut Vec<Problem>) {
        let Some(other) = self.policies.iter().find(|other| other.name == policy.name) else {
            self.policies.push(policy);
            return;
        };
        let is_equal = Policy { source: other.source.clone(), line: other.line, ..policy.clone() } == *other;
        if !is_equal {
            let message =
                format!("PodSecurityPolicy {} is also in {}:{}, with other values: that one counts", policy.name, other.source, other.line);
            problems.push(object.problem(Severity::Warning, "metadata.name", message));
        }
    }

    /// Returns a problem with an object that is probably meant as a PodSecurityPolicy.
    fn misnamed(object: &Object<'_>) -> Option<Problem> {
        let is_kind = object.kind.eq_ignore_ascii_case(KIND);
        let (path, message) = match object.kind {
            KIND if !GROUPS.contains(&object.group()) => {
                ("apiVersion", format!("there is no PodSecurityPolicy in {}; did you mean policy/v1beta1?", object.api_version))
            }
            other if is_kind && other != KIND => ("kind", format!("there is no {other}; did you mean {KIND}?")),
            _ => return None,
        };
        Some(object.problem(Severity::Error, path, message))
    }

    /// Returns the problems so far.
    pub fn problems(&self) -> &[Problem] {
        &self.problems
    }

    /// Returns the names of the namespaces with pods or templates, and of the others.
    pub(super) fn namespace_names(&self) -> BTreeSet<&str> {
        self.namespaces.keys().map(String::as_str).chain(self.workloads.by_namespace().into_keys()).collect()
    }
}
