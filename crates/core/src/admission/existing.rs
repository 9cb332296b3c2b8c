//! Warnings about the existing workloads of a namespace that violate its new policy, for the setting `existing: workloads`.
//! Kubernetes evaluates pods only, and so misses the pods that a CronJob, or a Deployment without replicas, will create.

use std::collections::BTreeMap;

use super::cluster::{Cluster, LookupError, Permission, read_objects};
use super::evaluation::Evaluator;
use super::request::{WORKLOADS, Workload};
use super::{MAX_POD_MILLIS, MAX_PODS};
use crate::pod::Pod;
use crate::quote::quoted;
use crate::settings::Settings;
use crate::standards::{LevelVersion, forbidden_reasons, sorted};

/// The new policy of a namespace, and the limits of the evaluation of what exists there.
pub(super) struct Existing<'e, 's> {
    pub(super) namespace: &'e str,
    pub(super) policy: LevelVersion,
    pub(super) settings: &'e Settings<'s>,
    pub(super) cluster: &'e dyn Cluster,
    /// The time after which nothing is evaluated.
    deadline: u64,
    /// The number of objects that have been evaluated.
    pub(super) evaluated: usize,
}

/// The violating pods with a controller: the number for each UID of a controller and each list of reasons.
pub(super) type ControlledPods = BTreeMap<(String, String), usize>;

/// The warnings about what exists, and the errors of lookups for the audit log.
#[derive(Default)]
pub(super) struct Outcome {
    pub(super) warnings: Vec<String>,
    pub(super) errors: Vec<String>,
}

/// The kinds whose objects create pods, by their resources, and whether those with a controller are left out: their controller
/// has the template. The kinds that are most often without pods come first.
const KINDS: [(&str, bool); 7] = [
    ("cronjobs", false),
    ("deployments", false),
    ("statefulsets", false),
    ("daemonsets", false),
    ("jobs", true),
    ("replicasets", true),
    ("replicationcontrollers", true),
];

fn kinds() -> impl Iterator<Item = (&'static Workload, bool)> {
    KINDS.iter().filter_map(|(resource, is_partial)| Some((WORKLOADS.iter().find(|kind| kind.resource == *resource)?, *is_partial)))
}

/// Returns the kinds of workloads that the setting `existing: workloads` looks up, in this order.
pub fn existing_workloads() -> impl Iterator<Item = &'static Workload> {
    kinds().map(|(kind, _)| kind)
}

/// A workload whose template violates the policy.
struct Violating {
    /// Its kind and name.
    name: String,
    uid: String,
    reasons: String,
}

impl<'e, 's> Existing<'e, 's> {
    pub(super) fn new(namespace: &'e str, policy: LevelVersion, settings: &'e Settings<'s>, cluster: &'e dyn Cluster) -> Self {
        let deadline = cluster.millis().saturating_add(MAX_POD_MILLIS);
        Existing { namespace, policy, settings, cluster, deadline, evaluated: 0 }
    }

    /// Evaluates a pod or a template, and returns the reasons of its violations. They are empty if there are none.
    pub(super) fn reasons(&mut self, pod: Pod<'_>) -> String {
        self.evaluated += 1;
        let mut evaluator = Evaluator::new(pod, self.namespace, self.settings);
        match evaluator.violations(self.policy) {
            [] => String::new(),
            violations => forbidden_reasons(violations),
        }
    }

    /// Returns whether nothing further may be evaluated.
    pub(super) fn is_over(&self) -> bool {
        self.evaluated >= MAX_PODS || self.cluster.millis() > self.deadline
    }

    /// Returns the warnings about the workloads. `has_failed` is whether the lookup of the pods has failed for another reason
    /// than a missing permission.
    pub(super) fn workloads(mut self, pods: &ControlledPods, has_failed: bool) -> Outcome {
        let mut outcome = Outcome::default();
        let mut violating = Vec::new();
        // The controllers of ReplicaSets and Jobs.
        let mut controllers = BTreeMap::new();
        let (mut failures, mut skipped) = (Vec::new(), Vec::new());
        let mut is_over = has_failed || self.is_over();
        for (kind, is_partial) in kinds() {
            if is_over {
                skipped.push(kind.to_string());
                continue;
            }
            match self.of_kind(kind, is_partial, &mut violating, &mut controllers) {
                Ok(limit) => outcome.warnings.extend(limit),
                Err(error) => {
                    // Further lookups would fail too, and could take long.
                    is_over = error.permission.is_none();
                    failures.push((kind, error));
                }
            }
            is_over = is_over || self.is_over();
        }
        if !skipped.is_empty() {
            outcome.warnings.push(format!("new PodSecurity enforce level not checked against existing {}", skipped.join(", ")));
        }
        add_failures(&failures, &mut outcome);
        let groups = groups(&violating, pods, &controllers);
        if !groups.is_empty() {
            let (namespace, policy) = (quoted(self.namespace), self.policy);
            outcome
                .warnings
                .push(format!("existing workloads in namespace {namespace} violate the new PodSecurity enforce level \"{policy}\""));
        }
        outcome.warnings.append(&mut sorted(groups));
        outcome
    }

    /// Evaluates the workloads of one kind. Returns a warning if there are too many.
    fn of_kind(
        &mut self,
        kind: &'static Workload,
        is_partial: bool,
        violating: &mut Vec<Violating>,
        controllers: &mut BTreeMap<String, String>,
    ) -> Result<Option<String>, LookupError> {
        let json = self.cluster.workloads(kind, self.namespace)?;
        let objects = read_objects(&json)?;
        // Sorted by name, because the host lists them in random order.
        let mut by_name = BTreeMap::new();
        for object in &objects {
            let metadata = &object.value.metadata;
            match &metadata.controller.0 {
                Some(controller) if is_partial => {
                    controllers.insert(metadata.uid.to_string(), controller.to_string());
                }
                _ => {
                    let pod = kind.template_of(object).filter(|pod| self.settings.exempts_pod(self.namespace, *pod).is_none());
                    by_name.extend(pod.map(|pod| (&metadata.name, (&metadata.uid, pod))));
                }
            }
        }
        let before = self.evaluated;
        for (name, (uid, pod)) in &by_name {
            if self.is_over() {
                let (number, all) = (self.evaluated - before, by_name.len());
                return Ok(Some(format!("new PodSecurity enforce level only checked against the first {number} of {all} existing {kind}")));
            }
            let reasons = self.reasons(*pod);
            if !reasons.is_empty() {
                violating.push(Violating { name: format!("{} {name}", kind.kind), uid: uid.to_string(), reasons });
            }
        }
        Ok(None)
    }
}

/// Adds the warnings about kinds that could not be listed: what they are, then each permission that is missing.
fn add_failures(failures: &[(&'static Workload, LookupError)], outcome: &mut Outcome) {
    if failures.is_empty() {
        return;
    }
    let mut permissions: Vec<Permission> = Vec::new();
    for Permission { before, missing, after } in failures.iter().filter_map(|(_, error)| error.permission.as_ref()) {
        match permissions.iter_mut().find(|other| (other.before, other.after) == (before, after)) {
            Some(other) if other.missing == *missing => {}
            Some(other) => other.missing = [&other.missing, ", ", missing].concat(),
            None => permissions.push(Permission { before, missing: missing.clone(), after }),
        }
    }
    let names: Vec<String> = failures.iter().map(|(kind, _)| kind.to_string()).collect();
    let failed = format!("failed to list {} while checking new PodSecurity enforce level", names.join(", "));
    let mut reasons = Vec::new();
    for (_, LookupError { reason, .. }) in failures {
        if !reasons.contains(&reason.as_str()) {
            reasons.push(reason);
        }
    }
    outcome.errors.push(format!("{failed}: {}", reasons.join("; ")));
    outcome.warnings.push(failed);
    outcome.warnings.extend(permissions.iter().map(ToString::to_string));
}

/// Returns the lines about workloads with the same reasons: one for those with violating pods of the same reasons, and one for the
/// others, which the warnings about pods do not cover. Each has the first name in byte order and the numbers.
fn groups(violating: &[Violating], pods: &ControlledPods, controllers: &BTreeMap<String, String>) -> Vec<String> {
    let mut pods_of: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for ((controller, reasons), number) in pods {
        // The controller of the pod of a Deployment is a ReplicaSet, whose controller is the Deployment.
        let workload = controllers.get(controller).unwrap_or(controller);
        *pods_of.entry((workload, reasons)).or_default() += number;
    }
    let mut groups: BTreeMap<(&str, bool), (&str, usize, usize)> = BTreeMap::new();
    for Violating { name, uid, reasons } in violating {
        let own = pods_of.get(&(uid.as_str(), reasons.as_str())).copied().unwrap_or_default();
        let (first, number, pods) = groups.entry((reasons, own > 0)).or_insert((name, 0, 0));
        *first = (*first).min(name);
        *number += 1;
        *pods += own;
    }
    let line = |((reasons, _), (name, number, pods)): (&(&str, bool), &(&str, usize, usize))| {
        let others = match number {
            1 => String::new(),
            2 => "and 1 other workload".to_owned(),
            _ => format!("and {} other workloads", number - 1),
        };
        let pods = match pods {
            0 => String::new(),
            1 => "with 1 pod".to_owned(),
            _ => format!("with {pods} pods"),
        };
        let comma = if others.is_empty() || pods.is_empty() { "" } else { ", " };
        match [others, comma.to_owned(), pods].concat() {
            more if more.is_empty() => format!("{name}: {reasons}"),
            more => format!("{name} ({more}): {reasons}"),
        }
    };
    groups.iter().map(line).collect()
}
