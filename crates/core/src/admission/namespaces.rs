//! Requests for namespaces: whether their labels are valid, and what a new policy means for the
//! pods that are there.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::cluster::{Cluster, LookupError, read_pods};
use super::decision::{Decision, ERROR};
use super::evaluation::Evaluator;
use super::pods::bad_request;
use super::policies::{LabelError, ModePolicy, joined, set_by_labels};
use super::request::{DecodeError, Request, decoded};
use super::{MAX_POD_MILLIS, MAX_PODS, labels};
use crate::pod::{Labels, Object, Pod};
use crate::quote::quoted;
use crate::settings::{LabelTypos, NamespaceLabels, Policy, Settings};
use crate::standards::{Level, LevelVersion, forbidden_reasons, sorted};

/// Answers the request to create a namespace.
pub(super) fn create(request: &Request<'_>, settings: &Settings<'_>) -> Decision {
    if settings.namespace_labels == NamespaceLabels::Ignore {
        return ignored(request, settings);
    }
    let namespace = match New::of(request, false, settings) {
        Ok(namespace) => namespace,
        Err(answer) => return answer,
    };
    match namespace {
        New { errors, .. } if !errors.is_empty() => invalid(request, &errors),
        New { is_exempt: true, .. } => Decision::accepted().warning(namespace.ignored(settings)),
        New { labels, set, .. } => labels::apply(Decision::accepted(), &labels, None, set, settings),
    }
}

/// Answers the request to change a namespace.
pub(super) fn update(request: &Request<'_>, settings: &Settings<'_>, cluster: &dyn Cluster) -> Decision {
    if settings.namespace_labels == NamespaceLabels::Ignore {
        return ignored(request, settings);
    }
    let is_deleted = request.is_for_deleted();
    let namespace = match New::of(request, is_deleted, settings) {
        Ok(namespace) => namespace,
        Err(answer) => return answer,
    };
    let old = decoded(request.old_object.as_deref(), "", "Namespace").and_then(|old| labels_of(old, "request.oldObject.metadata.labels"));
    let old = match old {
        Ok(old) => old,
        // Two spaces, as Kubernetes has it.
        Err(error) => return bad_request(" old object", " old namespace", error),
    };
    let (old_policy, old_errors) = Policy::from_labels(&old, settings.defaults);
    if !namespace.errors.is_empty() && namespace.errors != old_errors {
        return invalid(request, &namespace.errors);
    }
    let (new, old_policy) = (namespace.policy.enforce, old_policy.enforce);
    let is_relaxed = new.version == old_policy.version && new.level <= old_policy.level;
    // What the settings ask for was asked for before.
    let adds_nothing = settings.namespace_labels.only_tighten() && ModePolicy::tightened(settings.defaults.enforce, new).labels.is_none();
    let changes_nothing = new.level == Level::Privileged || is_relaxed || adds_nothing;
    if namespace.is_exempt {
        return Decision::accepted().warning(namespace.ignored(settings).filter(|_| !changes_nothing));
    }
    let mut decision = Decision::accepted();
    if !changes_nothing {
        match judge_pods(&namespace.object.value.metadata.name, new, settings, cluster) {
            Ok(warnings) => decision.warnings = warnings,
            Err(error) => decision = unlisted(&error),
        }
    }
    labels::apply(decision, &namespace.labels, Some(&old), namespace.set, settings)
}

/// The answer where labels mean nothing: what nobody reads cannot be wrong, but may be mistyped.
fn ignored(request: &Request<'_>, settings: &Settings<'_>) -> Decision {
    if settings.label_typos != LabelTypos::Warn || !request.sub_resource.is_empty() {
        return Decision::accepted();
    }
    let labels = decoded(request.object.as_ref(), "", "Namespace").and_then(|namespace| labels_of(namespace, LABELS));
    labels.map_or_else(|_| Decision::accepted(), |labels| labels::apply(Decision::accepted(), &labels, None, Vec::new(), settings))
}

/// The labels of a namespace, which stand at a path.
fn labels_of<'r>(namespace: &'r Object<'r>, at: &str) -> Result<Cow<'r, Labels<'r>>, DecodeError> {
    namespace.value.metadata.labels.read(at).map_err(|problem| DecodeError::Object(problem.to_string()))
}

const LABELS: &str = "request.object.metadata.labels";

/// A namespace as it is to be.
struct New<'r> {
    object: &'r Object<'r>,
    labels: Cow<'r, Labels<'r>>,
    /// The labels that it gets.
    set: Vec<(&'static str, String)>,
    /// What its labels ask for, those included that it gets.
    policy: Policy,
    /// What is wrong with the labels, as they were sent.
    errors: Vec<LabelError>,
    is_exempt: bool,
}

impl<'r> New<'r> {
    /// The namespace of a request; or the answer, if nothing can be said of it. One that is being deleted
    /// gets no labels any more.
    fn of(request: &'r Request<'r>, is_deleted: bool, settings: &Settings<'_>) -> Result<Self, Decision> {
        if !request.sub_resource.is_empty() {
            return Err(Decision::accepted());
        }
        let bad_request = |error| bad_request("object", "namespace", error);
        let object = decoded(request.object.as_ref(), "", "Namespace").map_err(bad_request)?;
        let labels = labels_of(object, LABELS).map_err(bad_request)?;
        let metadata = &object.value.metadata;
        // The audit scanner sends a namespace without a namespace.
        let name = if request.namespace.is_empty() { &metadata.name } else { &request.namespace };
        let is_exempt = settings.exempts_namespace(name) || settings.exempts_namespace_labels(&labels);
        let set = if is_exempt || is_deleted { Vec::new() } else { labels::to_set(&labels, settings) };
        let (_, errors) = Policy::from_labels(&labels, settings.defaults);
        let (policy, _) = Policy::from_labels(&labels::with(&labels, &set), settings.defaults);
        Ok(New { object, labels, set, policy, errors, is_exempt })
    }

    /// The warning that the policy of an exempt namespace is ignored, where it would matter.
    fn ignored(&self, settings: &Settings<'_>) -> Option<String> {
        let matters = !self.policy.is_privileged() && !self.policy.is_equivalent_to(&settings.defaults);
        matters.then(|| {
            let set = set_by_labels(&self.policy, &self.labels);
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

/// The warnings about the pods of a namespace that violate its new policy.
fn judge_pods(namespace: &str, policy: LevelVersion, settings: &Settings<'_>, cluster: &dyn Cluster) -> Result<Vec<String>, LookupError> {
    let deadline = cluster.millis().saturating_add(MAX_POD_MILLIS);
    let json = cluster.pods(namespace)?;
    let pods = read_pods(&json)?;
    let pods = prioritized(&pods, namespace, settings);
    // By their reasons: the first of the pods' names, byte by byte, and the number of pods.
    let mut groups: BTreeMap<String, (&str, usize)> = BTreeMap::new();
    let mut checked = 0;
    for pod in pods.iter().take(MAX_PODS) {
        let mut evaluator = Evaluator::new(Pod::of(pod), namespace, settings);
        let violations = evaluator.violations(policy);
        if !violations.is_empty() {
            let name = pod.value.metadata.name.as_ref();
            let (first, count) = groups.entry(forbidden_reasons(violations)).or_insert((name, 0));
            *first = name.min(first);
            *count += 1;
        }
        checked += 1;
        if cluster.millis() > deadline {
            break;
        }
    }
    let mut warnings = Vec::new();
    if checked < pods.len() {
        warnings.push(format!("new PodSecurity enforce level only checked against the first {checked} of {} existing pods", pods.len()));
    }
    if !groups.is_empty() {
        warnings.push(format!("existing pods in namespace {} violate the new PodSecurity enforce level \"{policy}\"", quoted(namespace)));
    }
    warnings.append(&mut sorted(groups.iter().map(|(reasons, (name, count))| line(reasons, name, *count)).collect()));
    Ok(warnings)
}

/// The answer where the pods cannot be listed. Kubernetes logs why, which a policy cannot: the audit log is told.
fn unlisted(error: &LookupError) -> Decision {
    let failed = || "failed to list pods while checking new PodSecurity enforce level".to_owned();
    let annotation = format!("{}: {}", error.message(failed()), error.reason);
    Decision::accepted().annotated(ERROR, annotation).warning(Some(failed())).warning(error.permission.clone())
}

/// The pods without those of exempt runtime classes and service accounts, in the order in which they are evaluated: first
/// those without a controller and one pod of each controller, then, should time and number allow, the others.
fn prioritized<'p>(pods: &'p [Object<'p>], namespace: &str, settings: &Settings<'_>) -> Vec<&'p Object<'p>> {
    // By name, because the host lists them in random order.
    let by_name: BTreeMap<(&str, usize), &Object<'_>> =
        pods.iter().enumerate().map(|(index, pod)| ((&*pod.value.metadata.name, index), pod)).collect();
    let mut first = Vec::with_capacity(pods.len());
    let mut others = Vec::new();
    let mut controllers = BTreeSet::new();
    for pod in by_name.into_values() {
        if settings.exempts_pod(namespace, Pod::of(pod)).is_some() {
            continue;
        }
        match &pod.value.metadata.controller.0 {
            Some(uid) if !controllers.insert(uid) => others.push(pod),
            _ => first.push(pod),
        }
    }
    first.append(&mut others);
    first
}

/// A line of a warning: why the pods of one group violate the policy, and which pods they are.
fn line(reasons: &str, name: &str, count: usize) -> String {
    match count {
        1 => format!("{name}: {reasons}"),
        2 => format!("{name} (and 1 other pod): {reasons}"),
        _ => format!("{name} (and {} other pods): {reasons}", count - 1),
    }
}
