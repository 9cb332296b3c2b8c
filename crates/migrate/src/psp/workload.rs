//! Pods and pod templates of a cluster: what decides about their PodSecurityPolicy, and what they violate in the standards.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::hash::Hash;
use std::rc::Rc;

use pss_core::admission::WORKLOADS;
use pss_core::pod::Pod;
use pss_core::settings::RuledPod;
use pss_core::standards::{Level, LevelVersion, Subject, Version, Violation, evaluate};
use pss_manifest::{Kind, Node};
use pss_review::{defaulting, deserialization};

use super::comparison::text_of;
use super::pod::PodFields;
use crate::object::Object;
use crate::problem::{Problem, Severity};

/// A pod, or the template of a workload.
#[derive(Debug, Clone)]
pub(super) struct Workload {
    /// `Pod`, `Deployment` and so on.
    pub(super) kind: &'static str,
    pub(super) namespace: String,
    pub(super) name: String,
    /// The name of the text, and the line.
    pub(super) source: Rc<str>,
    pub(super) line: usize,
    /// The name of the service account.
    pub(super) service_account: String,
    /// The owner that controls it: the kind and the name.
    pub(super) owner: Option<Rc<(String, String)>>,
    /// The kind of the built-in controller that creates the pods; empty for none.
    pub(super) controller: &'static str,
    /// The annotation `kubernetes.io/psp` of a pod; empty without it.
    pub(super) annotation: String,
    /// The labels that pods of later versions have too.
    pub(super) labels: Rc<Vec<(String, String)>>,
    /// What PodSecurityPolicies read.
    pub(super) fields: Rc<PodFields>,
    /// The findings of the levels baseline and restricted.
    pub(super) findings: Rc<[Vec<Finding>; 2]>,
}

impl Workload {
    /// Returns the findings of a level.
    pub(super) fn findings_of(&self, level: Level) -> &[Finding] {
        let [baseline, restricted] = self.findings.as_ref();
        match level {
            Level::Privileged => &[],
            Level::Baseline => baseline,
            Level::Restricted => restricted,
        }
    }

    /// Returns the strictest level that it satisfies.
    pub(super) fn level(&self) -> Level {
        Level::ALL.into_iter().rev().find(|level| self.findings_of(*level).is_empty()).unwrap_or_default()
    }

    /// Returns its kind and name: `Deployment web`.
    pub(super) fn title(&self) -> String {
        format!("{} {}", self.kind, self.name)
    }

    /// Returns its kind and name, or those of its owner, which lives longer.
    pub(super) fn lasting_title(&self) -> String {
        self.owner.as_ref().map_or_else(|| self.title(), |owner| format!("{} {}", owner.0, owner.1))
    }
}

/// A finding, as exemptions select it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Finding {
    pub(super) check: &'static str,
    /// The name of the container, for a finding in one.
    pub(super) container: Option<String>,
    /// The value, if it is not missing.
    pub(super) value: Option<String>,
    /// The value of the pod, for a missing one of a container.
    pub(super) inherited: Option<String>,
    /// The containers that have the value, for one of the pod.
    pub(super) heirs: Vec<String>,
    /// Whether it is a hostPath volume that no container can write to.
    pub(super) read_only: bool,
}

/// Values that are stored once.
#[derive(Debug)]
struct Interned<T>(HashMap<Rc<T>, ()>);

impl<T: Hash + Eq> Interned<T> {
    fn of(&mut self, value: T) -> Rc<T> {
        if let Some((stored, ())) = self.0.get_key_value(&value) {
            return Rc::clone(stored);
        }
        let stored = Rc::new(value);
        self.0.insert(Rc::clone(&stored), ());
        stored
    }
}

impl<T> Default for Interned<T> {
    fn default() -> Self {
        Interned(HashMap::new())
    }
}

/// The pods and templates of a cluster.
#[derive(Debug)]
pub(super) struct Workloads {
    version: Version,
    /// The namespace of objects without one.
    namespace: String,
    pub(super) list: Vec<Workload>,
    /// Templates of workloads that others own: they count if the owner is not in the input.
    owned: Vec<Workload>,
    source: Rc<str>,
    owners: Interned<(String, String)>,
    labels: Interned<Vec<(String, String)>>,
    fields: Interned<PodFields>,
    findings: Interned<[Vec<Finding>; 2]>,
}

impl Workloads {
    /// `version` is that of the standards, `namespace` that of objects without one.
    pub(super) fn new(version: Version, namespace: &str) -> Self {
        Workloads {
            version,
            namespace: namespace.to_owned(),
            list: Vec::new(),
            owned: Vec::new(),
            source: Rc::from(""),
            owners: Interned::default(),
            labels: Interned::default(),
            fields: Interned::default(),
            findings: Interned::default(),
        }
    }

    /// Adds a pod or a workload. Returns whether the object is one.
    pub(super) fn add(&mut self, object: &Object<'_>, problems: &mut Vec<Problem>) -> bool {
        let workload = WORKLOADS.iter().find(|workload| workload.kind == object.kind && workload.group == object.group());
        let is_pod = object.kind == "Pod" && object.api_version == "v1";
        if workload.is_none() && !is_pod {
            return false;
        }
        let owner = owner_of(object.node);
        let kind_of_owner = owner.as_ref().map_or("", |(kind, _)| kind.as_str());
        let controller = CONTROLLERS.into_iter().find(|controller| *controller == kind_of_owner).unwrap_or_default();
        let is_owned = !is_pod && BUILT_IN_OWNERS.contains(&controller);
        let mut fields = deserialization::object(object.node);
        fields.value.api_version = Cow::Borrowed(object.api_version);
        fields.value.kind = Cow::Borrowed(object.kind);
        defaulting::set_defaults(&mut fields, object.node);
        let path = workload.map_or("", |workload| workload.template.path());
        let place = object.node.at(path);
        let pod = match workload {
            Some(workload) => workload.template_of(&fields),
            None => Some(Pod::of(&fields)),
        };
        let (Some(pod), true) = (pod, place.exists && fields.errors.is_empty()) else {
            let error = fields.errors.first();
            let message = error.map_or_else(|| format!("the {} has no pod template", object.kind), ToString::to_string);
            let path = error.map_or(path, |error| error.path.as_str());
            problems.push(object.problem(Severity::Error, path, message));
            return true;
        };
        if self.source.as_ref() != object.source {
            self.source = Rc::from(object.source);
        }
        let at = |level| LevelVersion { level, version: self.version };
        let findings = [Level::Baseline, Level::Restricted].map(|level| findings(&evaluate(pod, at(level)), pod));
        let node = place.node;
        let annotation = node.at("metadata.annotations[kubernetes.io/psp]");
        let own_namespace = object.namespace();
        let list = if is_owned { &mut self.owned } else { &mut self.list };
        list.push(Workload {
            kind: workload.map_or("Pod", |workload| workload.kind),
            namespace: if own_namespace.is_empty() { self.namespace.clone() } else { own_namespace.to_owned() },
            name: name_of(object),
            source: Rc::clone(&self.source),
            line: object.node.span().start.line,
            service_account: pod.service_account().to_owned(),
            owner: owner.map(|owner| self.owners.of(owner)),
            controller: workload.map_or(controller, |workload| workload.kind),
            annotation: if is_pod && annotation.exists { annotation.node.text().unwrap_or_default().to_owned() } else { String::new() },
            labels: self.labels.of(stable_labels(node)),
            fields: self.fields.of(if is_pod { PodFields::of(node) } else { PodFields::of_template(node) }),
            findings: self.findings.of(findings),
        });
        true
    }

    /// Adds the templates whose owners are not in the input, after all objects have been added. Returns the number of the others.
    pub(super) fn complete(&mut self) -> usize {
        let identity = |namespace: &str, kind: &str, name: &str| [namespace, kind, name].map(str::to_owned);
        let templates = self.list.iter().filter(|workload| workload.kind != "Pod");
        let present: BTreeSet<_> = templates.map(|workload| identity(&workload.namespace, workload.kind, &workload.name)).collect();
        let is_present = |workload: &Workload| {
            workload.owner.as_ref().is_some_and(|owner| present.contains(&identity(&workload.namespace, &owner.0, &owner.1)))
        };
        let (represented, others): (Vec<_>, Vec<_>) = std::mem::take(&mut self.owned).into_iter().partition(is_present);
        self.list.extend(others);
        represented.len()
    }

    /// Returns the pods and templates by namespace.
    pub(super) fn by_namespace(&self) -> BTreeMap<&str, Vec<&Workload>> {
        let mut namespaces = BTreeMap::<&str, Vec<&Workload>>::new();
        for workload in &self.list {
            namespaces.entry(&workload.namespace).or_default().push(workload);
        }
        namespaces
    }
}

fn name_of(object: &Object<'_>) -> String {
    let name = object.name();
    if name.is_empty() { object.text("metadata.generateName").to_owned() } else { name.to_owned() }
}

fn findings(violations: &[Violation<'_>], pod: Pod<'_>) -> Vec<Finding> {
    let ruled = RuledPod::new(pod);
    let mut findings = Vec::new();
    for violation in violations {
        let of_pod = violation.findings.first().filter(|first| first.subject == Subject::Pod);
        findings.extend(violation.findings.iter().map(|finding| {
            Finding {
                check: violation.check.id,
                container: match finding.subject {
                    Subject::Container { name, .. } => Some(name.to_owned()),
                    _ => None,
                },
                value: text_of(finding.field, finding.value),
                inherited: of_pod
                    .filter(|of_pod| finding.is_missing() && of_pod.field == finding.field)
                    .and_then(|of_pod| text_of(of_pod.field, of_pod.value)),
                heirs: pod
                    .containers()
                    .filter(|(.., container)| finding.is_inherited_by(&container.security_context))
                    .map(|(.., container)| container.name.to_string())
                    .collect(),
                read_only: finding.field == "hostPath" && ruled.is_read_only(finding),
            }
        }));
    }
    findings
}

/// The kinds whose templates stand for those of the workloads that they create.
const BUILT_IN_OWNERS: [&str; 2] = ["Deployment", "CronJob"];

/// The kinds that create pods or workloads.
const CONTROLLERS: [&str; 7] = ["ReplicaSet", "Deployment", "ReplicationController", "StatefulSet", "DaemonSet", "Job", "CronJob"];

/// Returns the kind and the name of the owner that controls an object.
fn owner_of(object: Node<'_>) -> Option<(String, String)> {
    let owners = object.at("metadata.ownerReferences");
    let is_controller = |owner: &Node<'_>| owner.get("controller").is_some_and(|entry| matches!(entry.value.kind(), Kind::Bool(true)));
    let owner = owners.exists.then(|| owners.node.elements().find(is_controller)).flatten()?;
    let text = |key| owner.get(key).and_then(|entry| entry.value.text()).unwrap_or_default().to_owned();
    Some((text("kind"), text("name")))
}

/// Labels that controllers set, and those that change with a new version: an exemption by them would not apply to the next pod.
const UNSTABLE_LABELS: [&str; 15] = [
    "app.kubernetes.io/version",
    "apps.kubernetes.io/pod-index",
    "batch.kubernetes.io/controller-uid",
    "batch.kubernetes.io/job-completion-index",
    "batch.kubernetes.io/job-name",
    "chart",
    "controller-revision-hash",
    "controller-uid",
    "helm.sh/chart",
    "heritage",
    "job-name",
    "pod-template-generation",
    "pod-template-hash",
    "statefulset.kubernetes.io/pod-name",
    "version",
];

/// Returns the labels of a pod that the next pod of the same workload has too.
fn stable_labels(pod: Node<'_>) -> Vec<(String, String)> {
    let labels = pod.get("metadata").and_then(|metadata| metadata.value.get("labels")).map(|entry| entry.value);
    let labels = labels.into_iter().flat_map(|labels| labels.pairs()).filter(|(key, _)| !UNSTABLE_LABELS.contains(key));
    let mut labels: Vec<(String, String)> = labels.filter_map(|(key, value)| Some((key.to_owned(), value.text()?.to_owned()))).collect();
    labels.sort_unstable();
    labels
}
