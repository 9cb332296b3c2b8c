//! Warnings about the existing workloads of a namespace that violate its new policy, for the setting `existing: workloads`.
//! Kubernetes evaluates pods only, and so misses the pods that a CronJob, or a Deployment without replicas, will create.

use std::cell::OnceCell;

use super::cluster::{Cluster, LookupError, Permission, each_object};
use super::evaluation::Evaluator;
use super::judgement::add_help;
use super::request::{WORKLOADS, Workload};
use super::{MAX_POD_MILLIS, MAX_PODS, MAX_WORKLOAD_MILLIS};
use crate::date::Date;
use crate::pod::{Object, Pod};
use crate::quote::quoted;
use crate::settings::{Circumstances, Settings};
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
    /// The date, on which rules depend; read once.
    today: OnceCell<Option<Date>>,
}

/// A violating pod with a controller, or a violating workload.
pub(super) struct Violating {
    /// The kind and name of a workload; empty for a pod.
    pub(super) name: String,
    /// The UID of the workload, or that of the controller of the pod.
    pub(super) uid: String,
    pub(super) reasons: String,
}

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

/// Returns the kinds of workloads that the setting `existing: workloads` looks up, in this order.
pub fn existing_workloads() -> impl Iterator<Item = &'static Workload> {
    KINDS.iter().filter_map(|(resource, _)| WORKLOADS.iter().find(|kind| kind.resource == *resource))
}

/// Returns objects sorted by name, because the host lists them in random order.
fn by_name<'o, 'a>(objects: &'o [Object<'a>]) -> Vec<&'o Object<'a>> {
    let mut by_name: Vec<&Object<'_>> = objects.iter().collect();
    by_name.sort_by(|one, other| one.value.metadata.name.cmp(&other.value.metadata.name));
    by_name
}

/// Objects with the same reasons: the first name in byte order, and the numbers of objects and of their pods.
struct Group<'g> {
    reasons: &'g str,
    name: &'g str,
    number: usize,
    pods: usize,
}

/// Groups of objects.
#[derive(Default)]
pub(super) struct Groups<'g>(Vec<Group<'g>>);

impl<'g> Groups<'g> {
    /// Adds an object with a number of pods. One with pods and one without are never in the same group.
    pub(super) fn add(&mut self, reasons: &'g str, name: &'g str, pods: usize) {
        // There are few groups: the reasons have no names in them.
        match self.0.iter_mut().find(|group| group.reasons == reasons && (group.pods > 0) == (pods > 0)) {
            Some(group) => {
                group.name = name.min(group.name);
                group.number += 1;
                group.pods += pods;
            }
            None => self.0.push(Group { reasons, name, number: 1, pods }),
        }
    }

    /// Adds a warning with this text, and a line for each group; nothing if there are no groups. `noun` is that of the objects.
    pub(super) fn add_to(self, warnings: &mut Vec<String>, noun: &str, existing: &Existing<'_, '_>) {
        if self.0.is_empty() {
            return;
        }
        let (namespace, policy) = (quoted(existing.namespace), existing.policy);
        let mut first = format!("existing {noun}s in namespace {namespace} violate the new PodSecurity enforce level \"{policy}\"");
        add_help(&mut first, &existing.settings.help);
        warnings.push(first);
        let mut lines = Vec::new();
        for Group { reasons, name, number, pods } in self.0 {
            let others = counted("and ", number - 1, " other ", noun);
            let pods = counted("with ", pods, " ", "pod");
            let [open, comma, close] = match (others.is_empty(), pods.is_empty()) {
                (true, true) => ["", "", ""],
                (false, false) => [" (", ", ", ")"],
                _ => [" (", "", ")"],
            };
            lines.push([name, open, &others, comma, &pods, close, ": ", reasons].concat());
        }
        warnings.append(&mut sorted(lines));
    }
}

/// Returns a number with words around it: `and 2 other pods`; nothing for 0.
fn counted(before: &str, number: usize, between: &str, noun: &str) -> String {
    match number {
        0 => String::new(),
        1 => [before, "1", between, noun].concat(),
        _ => [before, &number.to_string(), between, noun, "s"].concat(),
    }
}

impl<'e, 's> Existing<'e, 's> {
    pub(super) fn new(namespace: &'e str, policy: LevelVersion, settings: &'e Settings<'s>, cluster: &'e dyn Cluster) -> Self {
        let deadline = cluster.millis().saturating_add(MAX_POD_MILLIS);
        Existing { namespace, policy, settings, cluster, deadline, evaluated: 0, today: OnceCell::new() }
    }

    /// Sets the date, instead of that of the cluster.
    pub(super) fn on(self, today: Option<Date>) -> Self {
        Existing { today: OnceCell::from(today), ..self }
    }

    /// Evaluates a pod or a template, and returns the reasons of its violations. They are empty if there are none.
    pub(super) fn reasons(&mut self, pod: Pod<'_>) -> String {
        self.evaluated += 1;
        // Nobody requests an object that exists.
        let today = || *self.today.get_or_init(|| self.cluster.today());
        let circumstances = Circumstances::new(None, &today);
        let mut evaluator = Evaluator::new(pod, self.namespace, self.settings, &circumstances);
        match evaluator.violations(self.policy) {
            [] => String::new(),
            violations => forbidden_reasons(violations),
        }
    }

    /// Returns whether nothing further may be evaluated.
    pub(super) fn is_over(&self) -> bool {
        self.evaluated >= MAX_PODS || self.is_time_over()
    }

    /// Returns whether the time for the evaluation is over.
    pub(super) fn is_time_over(&self) -> bool {
        self.cluster.millis() > self.deadline
    }

    /// Returns the warnings about the workloads. `pods` are the violating pods. `has_failed` is whether the lookup of the pods has
    /// failed for another reason than a missing permission.
    pub(super) fn workloads(mut self, mut pods: Vec<Violating>, has_failed: bool, outcome: &mut Outcome) {
        let mut violating = Vec::new();
        let (mut failures, mut skipped) = (Vec::new(), String::new());
        self.deadline = self.deadline.saturating_sub(MAX_POD_MILLIS - MAX_WORKLOAD_MILLIS);
        let mut is_over = has_failed || self.is_over();
        for (kind, (_, is_partial)) in existing_workloads().zip(KINDS) {
            if is_over {
                add(&mut skipped, ", ", &kind.to_string());
                continue;
            }
            match self.of_kind(kind, is_partial, &mut violating, &mut pods) {
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
            outcome.warnings.push(["new PodSecurity enforce level not checked against existing ", &skipped].concat());
        }
        add_failures(failures, outcome);
        self.add_groups(&violating, &pods, outcome);
    }

    /// Returns the warnings about workloads that are known, each kind with its objects. `pods` are the violating pods.
    pub(super) fn known_workloads(mut self, objects: &[(&'static Workload, Vec<Object<'_>>)], mut pods: Vec<Violating>) -> Vec<String> {
        let mut outcome = Outcome::default();
        let mut violating = Vec::new();
        for (kind, (_, is_partial)) in existing_workloads().zip(KINDS) {
            for (_, objects) in objects.iter().filter(|(other, _)| *other == kind) {
                outcome.warnings.extend(self.evaluate(kind, is_partial, objects, &mut violating, &mut pods));
            }
        }
        self.add_groups(&violating, &pods, &mut outcome);
        outcome.warnings
    }

    fn add_groups(&self, violating: &[Violating], pods: &[Violating], outcome: &mut Outcome) {
        let mut groups = Groups::default();
        for Violating { name, uid, reasons } in violating {
            groups.add(reasons, name, pods.iter().filter(|pod| pod.uid == *uid && pod.reasons == *reasons).count());
        }
        groups.add_to(&mut outcome.warnings, "workload", self);
    }

    /// Looks up and evaluates the workloads of one kind. Returns a warning if there are too many.
    fn of_kind(
        &mut self,
        kind: &'static Workload,
        is_partial: bool,
        violating: &mut Vec<Violating>,
        pods: &mut [Violating],
    ) -> Result<Option<String>, LookupError> {
        let json = self.cluster.workloads(kind, self.namespace)?;
        let mut objects = Vec::new();
        each_object(&json, &mut |object| objects.push(object))?;
        Ok(self.evaluate(kind, is_partial, &objects, violating, pods))
    }

    /// Evaluates the workloads of one kind. Returns a warning if there are too many.
    fn evaluate(
        &mut self,
        kind: &'static Workload,
        is_partial: bool,
        objects: &[Object<'_>],
        violating: &mut Vec<Violating>,
        pods: &mut [Violating],
    ) -> Option<String> {
        let mut objects = by_name(objects);
        objects.retain(|object| {
            let metadata = &object.value.metadata;
            let controller = metadata.controller.0.as_ref().filter(|_| is_partial);
            if let Some(controller) = controller {
                // The controller of a pod of a Deployment is a ReplicaSet, whose controller is the Deployment.
                pods.iter_mut().filter(|pod| pod.uid == metadata.uid).for_each(|pod| pod.uid = controller.to_string());
            }
            controller.is_none() && kind.template_of(object).is_some_and(|pod| self.settings.exempts_pod(self.namespace, pod).is_none())
        });
        let before = self.evaluated;
        for object in &objects {
            if self.is_over() {
                let (number, all) = (self.evaluated - before, objects.len());
                return Some(format!("new PodSecurity enforce level only checked against the first {number} of {all} existing {kind}"));
            }
            let reasons = kind.template_of(object).map(|pod| self.reasons(pod)).unwrap_or_default();
            if !reasons.is_empty() {
                let metadata = &object.value.metadata;
                violating.push(Violating { name: [kind.kind, " ", &metadata.name].concat(), uid: metadata.uid.to_string(), reasons });
            }
        }
        None
    }
}

/// Adds the warnings about kinds that could not be listed: what they are, then each permission that is missing.
fn add_failures(failures: Vec<(&'static Workload, LookupError)>, outcome: &mut Outcome) {
    if failures.is_empty() {
        return;
    }
    let mut permissions: Vec<Permission> = Vec::new();
    let (mut names, mut reasons, mut last) = (String::new(), String::new(), String::new());
    for (kind, LookupError { reason, permission }) in failures {
        add(&mut names, ", ", &kind.to_string());
        if reason != last {
            add(&mut reasons, "; ", &reason);
            last = reason;
        }
        let Some(permission) = permission else { continue };
        match permissions.iter_mut().find(|other| (other.before, other.after) == (permission.before, permission.after)) {
            Some(other) if other.missing == permission.missing => {}
            Some(other) => add(&mut other.missing, ", ", &permission.missing),
            None => permissions.push(permission),
        }
    }
    let failed = ["failed to list ", &names, " while checking new PodSecurity enforce level"].concat();
    outcome.errors.push([&failed, ": ", &reasons].concat());
    outcome.warnings.push(failed);
    outcome.warnings.extend(permissions.iter().map(ToString::to_string));
}

/// Appends an item to a list.
fn add(list: &mut String, separator: &str, item: &str) {
    if !list.is_empty() {
        list.push_str(separator);
    }
    list.push_str(item);
}
