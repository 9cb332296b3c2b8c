//! Requests for namespaces: the validation of their labels, and warnings about existing pods that violate a new policy.
//!
//! Source: `ValidateNamespace` in `admission/admission.go` of k8s.io/pod-security-admission.

use std::borrow::Cow;
use std::collections::BTreeSet;

use super::cluster::{Cluster, LookupError, NoCluster, each_object};
use super::decision::{Decision, ERROR};
use super::existing::{Existing, Groups, Outcome, Violating};
use super::pods::bad_request;
use super::policies::{LabelError, ModePolicy, joined, set_by_labels};
use super::request::{DecodeError, Request, Workload, decoded};
use super::{MAX_PODS, labels};
use crate::date::Date;
use crate::json::Text;
use crate::pod::{Labels, Object, Pod};
use crate::quote::quoted;
use crate::settings::{self, LabelTypos, NamespaceLabels, Policy, Settings};
use crate::standards::{Level, LevelVersion};

/// Decides on the request to create a namespace.
pub(super) fn create(request: &Request<'_>, settings: &Settings<'_>) -> Decision {
    if settings.namespace_labels == NamespaceLabels::Ignore {
        return decision_without_labels(request, None, settings);
    }
    let namespace = match LabelledNamespace::new(request, false, settings) {
        Ok(namespace) => namespace,
        Err(decision) => return decision,
    };
    match namespace {
        LabelledNamespace { errors, .. } if !errors.is_empty() => invalid(request, &errors),
        LabelledNamespace { is_exempt: true, .. } => Decision::accepted().warning(namespace.exempt_warning(settings)),
        LabelledNamespace { object, labels, set, .. } => {
            labels::apply(Decision::accepted(), (&labels, &object.value.metadata.annotations), None, set, settings)
        }
    }
}

/// Decides on the request to update a namespace.
pub(super) fn update(request: &Request<'_>, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    if settings.namespace_labels == NamespaceLabels::Ignore {
        return decision_without_labels(request, request.old_object.as_deref(), settings);
    }
    let is_deleted = request.is_for_deleted();
    let namespace = match LabelledNamespace::new(request, is_deleted, settings) {
        Ok(namespace) => namespace,
        Err(decision) => return decision,
    };
    let old = decoded(request.old_object.as_deref(), "", "Namespace").and_then(|old| labels_of(old, "request.oldObject.metadata.labels"));
    let old = match old {
        Ok(old) => old,
        // The messages of Kubernetes have two spaces here.
        Err(error) => return bad_request(" old object", " old namespace", error),
    };
    let (old_policy, old_errors) = Policy::from_labels(&old, settings.defaults);
    if !namespace.errors.is_empty() && namespace.errors != old_errors {
        return invalid(request, &namespace.errors);
    }
    let (new, old_policy) = (namespace.policy.enforce, old_policy.enforce);
    let is_relaxed = new.version == old_policy.version && new.level <= old_policy.level;
    // The requirements of the settings applied before the update.
    let adds_nothing = settings.namespace_labels.only_tighten() && ModePolicy::tightened(settings.defaults.enforce, new).labels.is_none();
    let changes_nothing = new.level == Level::Privileged || is_relaxed || adds_nothing;
    if namespace.is_exempt {
        return Decision::accepted().warning(namespace.exempt_warning(settings).filter(|_| !changes_nothing));
    }
    let mut decision = Decision::accepted();
    if !changes_nothing {
        let Outcome { warnings, mut errors } = evaluate_existing(&namespace.object.value.metadata.name, new, settings, cluster);
        decision.warnings = warnings;
        errors.extend(settings.exemptions.checks.error());
        if !errors.is_empty() {
            decision.annotate(ERROR, errors.join("; "));
        }
    }
    let annotations = &namespace.object.value.metadata.annotations;
    labels::apply(decision, (&namespace.labels, annotations), Some(&old), namespace.set, settings)
}

/// Returns the decision if labels are ignored. They can cause no error, but warnings: about unknown labels, and that the known ones
/// have no effect. `old` is the namespace before an update.
fn decision_without_labels(request: &Request<'_>, old: Option<&Object<'_>>, settings: &Settings<'_>) -> Decision {
    if settings.label_typos != LabelTypos::Warn || !request.sub_resource.is_empty() {
        return Decision::accepted();
    }
    let Ok(namespace) = decoded(request.object.as_ref(), "", "Namespace") else { return Decision::accepted() };
    let Ok(labels) = labels_of(namespace, LABELS) else { return Decision::accepted() };
    let policy_of = |labels: &Labels<'_>| Policy::from_labels(labels, settings.defaults).0;
    let policy = policy_of(&labels);
    let old = old.and_then(|old| labels_of(old, LABELS).ok());
    // As for an exempt namespace, a policy that changes nothing needs no warning.
    let is_known = policy.is_equivalent_to(&settings.defaults) || old.is_some_and(|old| policy_of(&old) == policy);
    let metadata = &namespace.value.metadata;
    let warning = (!is_known).then(|| {
        format!(
            "namespace {} is evaluated by the settings of the policy alone, and the policy of its labels ({}) will be ignored",
            quoted(&metadata.name),
            set_by_labels(&policy, &labels, Level::Privileged),
        )
    });
    labels::apply(Decision::accepted().warning(warning), (&labels, &metadata.annotations), None, Vec::new(), settings)
}

/// Deserializes the labels of a namespace; `at` is their path in errors.
fn labels_of<'r>(namespace: &'r Object<'r>, at: &str) -> Result<Cow<'r, Labels<'r>>, DecodeError> {
    namespace.value.metadata.labels.read(at).map_err(|error| DecodeError::Object(error.to_string()))
}

const LABELS: &str = "request.object.metadata.labels";

/// The namespace of a request, with its labels.
struct LabelledNamespace<'r> {
    object: &'r Object<'r>,
    labels: Cow<'r, Labels<'r>>,
    /// The labels that the policy sets.
    set: Vec<(&'static str, String)>,
    /// The policy of its labels, including those that the policy sets.
    policy: Policy,
    /// The errors in the labels of the request.
    errors: Vec<LabelError>,
    is_exempt: bool,
}

impl<'r> LabelledNamespace<'r> {
    /// Returns the namespace of a request, or the decision if it is not evaluated. The policy sets no labels on a namespace that is
    /// being deleted.
    fn new(request: &'r Request<'r>, is_deleted: bool, settings: &Settings<'_>) -> Result<Self, Decision> {
        if !request.sub_resource.is_empty() {
            return Err(Decision::accepted());
        }
        let bad_request = |error| bad_request("object", "namespace", error);
        let object = decoded(request.object.as_ref(), "", "Namespace").map_err(bad_request)?;
        let labels = labels_of(object, LABELS).map_err(bad_request)?;
        let metadata = &object.value.metadata;
        // Requests of the audit scanner for namespaces have no `namespace`.
        let name = if request.namespace.is_empty() { &metadata.name } else { &request.namespace };
        let is_exempt = settings.exempts_namespace(name) || settings.exempts_namespace_labels(&labels);
        let set = if is_exempt || is_deleted { Vec::new() } else { labels::to_set(&labels, settings) };
        let (_, errors) = Policy::from_labels(&labels, settings.defaults);
        let (policy, _) = Policy::from_labels(&labels::with(&labels, &set), settings.defaults);
        Ok(LabelledNamespace { object, labels, set, policy, errors, is_exempt })
    }

    /// Returns the warning that the policy of an exempt namespace is ignored, if it differs from the defaults.
    fn exempt_warning(&self, settings: &Settings<'_>) -> Option<String> {
        let has_effect = !self.policy.is_privileged() && !self.policy.is_equivalent_to(&settings.defaults);
        has_effect.then(|| {
            let set = set_by_labels(&self.policy, &self.labels, Level::Baseline);
            format!(
                "namespace {} is exempt from Pod Security, and the policy ({set}) will be ignored",
                quoted(&self.object.value.metadata.name)
            )
        })
    }
}

fn invalid(request: &Request<'_>, errors: &[LabelError]) -> Decision {
    Decision::rejected(422, format!("Namespace {} is invalid: {}", quoted(&request.name), joined(errors)))
}

/// Returns the warnings about the pods of a namespace that violate its new policy, and about its workloads if the settings say so.
fn evaluate_existing(namespace: &str, policy: LevelVersion, settings: &Settings<'_>, cluster: &dyn Cluster) -> Outcome {
    let mut existing = Existing::new(namespace, policy, settings, cluster);
    let mut controlled = Vec::new();
    let (mut outcome, has_failed) = match evaluate_pods(&mut existing, &mut controlled) {
        Ok(warnings) => (Outcome { warnings, ..Outcome::default() }, false),
        Err(error) => (list_error(&error), error.permission.is_none()),
    };
    if settings.existing == settings::Existing::Workloads {
        existing.workloads(controlled, has_failed, &mut outcome);
    }
    outcome
}

/// Returns the warnings about the pods of a namespace that violate its new policy. Adds those with a controller to `controlled`, if
/// the settings need them.
///
/// Source: `EvaluatePodsInNamespace` in `admission/admission.go` of k8s.io/pod-security-admission.
fn evaluate_pods(existing: &mut Existing<'_, '_>, controlled: &mut Vec<Violating>) -> Result<Vec<String>, LookupError> {
    let json = existing.cluster.pods(existing.namespace)?;
    let mut pods = EvaluatedPods::default();
    each_object(&json, &mut |pod| pods.add(&pod, existing))?;
    Ok(pods.warnings(existing, controlled))
}

/// The pods of a namespace that are not exempt, each with the result of its evaluation, but without the pod, which is much larger.
#[derive(Default)]
struct EvaluatedPods<'p> {
    pods: Vec<EvaluatedPod<'p>>,
    /// The reasons of violations, without duplicates: few, because there are no names in them.
    reasons: Vec<String>,
    is_time_over: bool,
}

struct EvaluatedPod<'p> {
    name: Text<'p>,
    /// The UID of its controller.
    controller: Option<Text<'p>>,
    result: EvaluationResult,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum EvaluationResult {
    /// The pod was not evaluated, because the time was over.
    NotEvaluated,
    Allowed,
    /// The index of the reasons of its violations.
    Violating(usize),
}

impl<'p> EvaluatedPods<'p> {
    fn add(&mut self, pod: &Object<'p>, existing: &mut Existing<'_, '_>) {
        if existing.settings.exempts_pod(existing.namespace, Pod::of(pod)).is_some() {
            return;
        }
        let mut result = EvaluationResult::NotEvaluated;
        if !self.is_time_over {
            let reasons = existing.reasons(Pod::of(pod));
            result = if reasons.is_empty() { EvaluationResult::Allowed } else { EvaluationResult::Violating(self.index_of(reasons)) };
            self.is_time_over = existing.is_time_over();
        }
        let metadata = &pod.value.metadata;
        self.pods.push(EvaluatedPod { name: metadata.name.clone(), controller: metadata.controller.0.clone(), result });
    }

    fn index_of(&mut self, reasons: String) -> usize {
        self.reasons.iter().position(|other| *other == reasons).unwrap_or_else(|| {
            self.reasons.push(reasons);
            self.reasons.len() - 1
        })
    }

    /// Returns the warnings about the first pods, and adds those with a controller to `controlled`, if the settings need them.
    fn warnings(self, existing: &mut Existing<'_, '_>, controlled: &mut Vec<Violating>) -> Vec<String> {
        let EvaluatedPods { mut pods, reasons, .. } = self;
        // The host lists them in random order.
        pods.sort_by(|one, other| one.name.cmp(&other.name));
        let pods = prioritized(&pods);
        let mut warnings = Vec::new();
        let evaluated = pods.iter().take(MAX_PODS).filter(|pod| pod.result != EvaluationResult::NotEvaluated);
        existing.evaluated = evaluated.clone().count();
        if existing.evaluated < pods.len() {
            warnings.push(format!(
                "new PodSecurity enforce level only checked against the first {} of {} existing pods",
                existing.evaluated,
                pods.len()
            ));
        }
        let mut groups = Groups::default();
        for EvaluatedPod { name, controller, result } in evaluated {
            let EvaluationResult::Violating(index) = *result else { continue };
            let Some(reasons) = reasons.get(index) else { continue };
            groups.add(reasons, name, 0);
            if let Some(controller) = controller.as_ref().filter(|_| existing.settings.existing == settings::Existing::Workloads) {
                controlled.push(Violating { name: String::new(), uid: controller.to_string(), reasons: reasons.clone() });
            }
        }
        groups.add_to(&mut warnings, "pod", existing);
        warnings
    }
}

/// Returns the warnings that the labels of a namespace would cause about pods, and those about workloads, that exist in it: each
/// list begins with what its lines are about. The request that sets the labels returns both.
pub fn existing_warnings(
    namespace: &str,
    labels: &Labels<'_>,
    settings: &Settings<'_>,
    pods: &[Object<'_>],
    workloads: &[(&'static Workload, Vec<Object<'_>>)],
    today: Option<Date>,
) -> [Vec<String>; 2] {
    let (policy, _) = Policy::from_labels(labels, settings.defaults);
    let is_exempt = settings.exempts_namespace(namespace) || settings.exempts_namespace_labels(labels);
    if is_exempt || settings.namespace_labels == NamespaceLabels::Ignore || policy.enforce.level == Level::Privileged {
        return Default::default();
    }
    let mut existing = Existing::new(namespace, policy.enforce, settings, &NoCluster).on(today);
    let mut controlled = Vec::new();
    let mut evaluated = EvaluatedPods::default();
    pods.iter().for_each(|pod| evaluated.add(pod, &mut existing));
    let of_pods = evaluated.warnings(&mut existing, &mut controlled);
    [of_pods, existing.known_workloads(workloads, controlled)]
}

/// Returns the outcome if the pods cannot be listed. Kubernetes logs the error; the policy adds it to the audit annotations.
fn list_error(error: &LookupError) -> Outcome {
    let failed = || "failed to list pods while checking new PodSecurity enforce level".to_owned();
    let mut warnings = vec![failed()];
    warnings.extend(error.permission.as_ref().map(ToString::to_string));
    Outcome { warnings, errors: vec![format!("{}: {}", error.message(failed()), error.reason)] }
}

/// Returns pods, which are sorted by name, in the order of their evaluation: first those without a controller and one pod of each
/// controller, then the others.
///
/// Source: `prioritizePods` in `admission/admission.go` of k8s.io/pod-security-admission.
fn prioritized<'l, 'p>(pods: &'l [EvaluatedPod<'p>]) -> Vec<&'l EvaluatedPod<'p>> {
    let mut first = Vec::with_capacity(pods.len());
    let mut others = Vec::new();
    let mut controllers = BTreeSet::new();
    for pod in pods {
        match &pod.controller {
            Some(uid) if !controllers.insert(uid) => others.push(pod),
            _ => first.push(pod),
        }
    }
    first.append(&mut others);
    first
}
