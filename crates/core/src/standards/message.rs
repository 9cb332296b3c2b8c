//! The messages of Kubernetes, rendered from findings.
//!
//! Upstream formats the message of a violation in each check. The messages follow few patterns, so here a check names its
//! pattern ([`Sentence`]), and this file renders all of them.
//!
//! Source: the `ForbiddenReason` and `ForbiddenDetail` of `policy/check_*.go`, joined as in
//! `policy/checks.go` of k8s.io/pod-security-admission.

use super::checks::restricted_volumes::ALLOWED_SOURCES;
use super::finding::{Finding, Subject, Value, Violation};
use crate::pod::VOLUME_SOURCES;
use crate::quote::quoted;

/// The pattern of the sentence that reports the findings of a check.
///
/// "Setters" are the parts of a pod that set a field: `pod and containers "a", "b"`.
#[derive(Debug, Clone, Copy)]
pub enum Sentence {
    /// Setters that must not set a field to one value.
    MustNotSet(&'static str),
    /// Setters that must not set a field to the values of the findings.
    MustNotSetTo(&'static str),
    /// Containers that must set a field, whether it is missing or has a forbidden value.
    MustSet(&'static str),
    /// The sentence `wrong` for the findings with a forbidden value; if there are none, the pod or the containers that must
    /// set the field as `required`.
    WrongOrMissing {
        /// The sentence for forbidden values.
        wrong: &'static Sentence,
        /// The required field and value.
        required: &'static str,
    },
    /// Containers that do not drop ALL, then those that add forbidden capabilities.
    Capabilities,
    /// Containers and their host ports.
    HostPorts,
    /// Containers and the hosts that their probes and hooks connect to; all sorted.
    Hosts,
    /// The names of volumes.
    Volumes,
    /// Volumes and their types.
    VolumeTypes,
    /// Those of these fields that are true.
    Fields(&'static [&'static str]),
    /// The values of the findings.
    Values,
    /// Annotations and their values.
    Annotations,
    /// Setters and their forbidden SELinux options.
    SeLinux,
    /// Setters and their AppArmor profiles, fields first, then annotations. The reason has a plural.
    AppArmor,
}

impl Sentence {
    /// Returns whether findings with this sentence can be in containers; otherwise they are in the pod.
    pub fn names_containers(&self) -> bool {
        !matches!(self, Sentence::Volumes | Sentence::VolumeTypes | Sentence::Fields(_) | Sentence::Values | Sentence::Annotations)
    }

    /// Returns whether findings with this sentence can have different values, so that exemption rules can select them.
    pub fn has_distinct_values(&self) -> bool {
        match self {
            Sentence::MustNotSet(_) | Sentence::MustSet(_) => false,
            Sentence::WrongOrMissing { wrong, .. } => wrong.has_distinct_values(),
            _ => true,
        }
    }

    /// Returns whether a finding with this sentence can have a value; see [`Finding::has_value`].
    pub fn is_possible_value(&self, value: &str) -> bool {
        match self {
            Sentence::Fields(fields) => fields.contains(&value),
            Sentence::VolumeTypes => value == UNKNOWN_SOURCE || VOLUME_SOURCES.contains(&value) && !ALLOWED_SOURCES.contains(&value),
            Sentence::HostPorts => value.parse::<u16>().is_ok_and(|port| port != 0 && port.to_string() == value),
            _ => self.has_distinct_values(),
        }
    }
}

/// The type of a volume without a known source.
pub(super) const UNKNOWN_SOURCE: &str = "unknown";

/// Returns the reasons of all violations, as in the warnings about the pods of a namespace: `host namespaces, hostPort`.
///
/// Source: `AggregateCheckResult.ForbiddenReason` in `policy/checks.go` of k8s.io/pod-security-admission.
pub fn forbidden_reasons(violations: &[Violation<'_>]) -> String {
    list(violations.iter().map(reason))
}

/// Returns the reasons of all violations with their details, as in a rejection:
/// `host namespaces (hostPID=true), hostPort (container "a" uses hostPort 80)`.
///
/// Source: `AggregateCheckResult.ForbiddenDetail` in `policy/checks.go` of k8s.io/pod-security-admission.
pub fn forbidden_details(violations: &[Violation<'_>]) -> String {
    list(violations.iter().map(sentence))
}

/// Returns the reason of a violation with its details: `host namespaces (hostPID=true)`.
pub fn sentence(violation: &Violation<'_>) -> String {
    let reason = reason(violation);
    let detail = detail(violation.revision.sentence, &violation.findings);
    if detail.is_empty() { reason } else { [&reason, " (", &detail, ")"].concat() }
}

fn reason(violation: &Violation<'_>) -> String {
    let reason = violation.check.reason;
    match violation.revision.sentence {
        Sentence::AppArmor if app_armor_values(&violation.findings).len() > 1 => format!("{reason}s"),
        _ => reason.to_owned(),
    }
}

fn detail(sentence: Sentence, findings: &[Finding<'_>]) -> String {
    match sentence {
        Sentence::MustNotSet(field) => format!("{} must not set {field}", setters(findings)),
        Sentence::MustNotSetTo(field) => {
            format!("{} must not set {field} to {}", setters(findings), names(&sorted(texts(findings))))
        }
        Sentence::MustSet(field) => format!("{} must set {field}", containers(findings)),
        Sentence::WrongOrMissing { wrong, required } => match split(findings) {
            (explicit, missing) if explicit.is_empty() => format!("pod or {} must set {required}", containers(&missing)),
            (explicit, _) => detail(*wrong, &explicit),
        },
        Sentence::Capabilities => capabilities(findings),
        Sentence::HostPorts => {
            let count = container_names(findings).len();
            let ports = sorted(numbers(findings));
            format!(
                "{} {} {} {}",
                containers(findings),
                plural(count, "uses", "use"),
                plural(ports.len(), "hostPort", "hostPorts"),
                ports.join(", ")
            )
        }
        Sentence::Hosts => {
            let containers = sorted(container_names(findings));
            let hosts = sorted(texts(findings));
            format!(
                "{} {} {} {} {}",
                plural(containers.len(), "container", "containers"),
                names(&containers),
                plural(containers.len(), "uses", "use"),
                plural(hosts.len(), "probe or lifecycle host", "probe or lifecycle hosts"),
                names(&hosts),
            )
        }
        Sentence::Volumes => volumes(findings),
        Sentence::VolumeTypes => {
            let types = sorted(texts(findings));
            format!(
                "{} {} {} {}",
                volumes(findings),
                plural(findings.len(), "uses", "use"),
                plural(types.len(), "restricted volume type", "restricted volume types"),
                names(&types),
            )
        }
        Sentence::Fields(_) => list(findings.iter().map(|finding| format!("{}=true", finding.field))),
        Sentence::Values => list(texts(findings)),
        Sentence::Annotations => {
            let values = sorted(annotation_values(findings));
            format!("forbidden {} {}", plural(values.len(), "annotation", "annotations"), values.join(", "))
        }
        Sentence::SeLinux => se_linux(findings),
        Sentence::AppArmor => format!("{} must not set AppArmor profile type to {}", setters(findings), names(&app_armor_values(findings))),
    }
}

fn capabilities(findings: &[Finding<'_>]) -> String {
    let (adding, missing) = split(findings);
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", containers(&missing)));
    }
    if !adding.is_empty() {
        parts.push(format!(
            "{} must not include {} in securityContext.capabilities.add",
            containers(&adding),
            names(&sorted(texts(&adding))),
        ));
    }
    parts.join("; ")
}

fn se_linux(findings: &[Finding<'_>]) -> String {
    let of = |option: &str| findings.iter().copied().filter(|finding| finding.field.ends_with(option)).collect::<Vec<_>>();
    let types = sorted(texts(&of(".type")));
    let mut parts = Vec::new();
    if !types.is_empty() {
        parts.push(format!("{} {}", plural(types.len(), "type", "types"), names(&types)));
    }
    if !of(".user").is_empty() {
        parts.push("user may not be set".to_owned());
    }
    if !of(".role").is_empty() {
        parts.push("role may not be set".to_owned());
    }
    format!("{} set forbidden securityContext.seLinuxOptions: {}", setters(findings), parts.join("; "))
}

/// Splits findings into those with a forbidden value and those with a missing one.
fn split<'p>(findings: &[Finding<'p>]) -> (Vec<Finding<'p>>, Vec<Finding<'p>>) {
    findings.iter().copied().partition(|finding| !finding.is_missing())
}

/// `pod and containers "a", "b" and annotations`, without the parts that have no finding.
fn setters(findings: &[Finding<'_>]) -> String {
    let mut setters = Vec::new();
    if findings.iter().any(|finding| finding.subject == Subject::Pod) {
        setters.push("pod".to_owned());
    }
    if !container_names(findings).is_empty() {
        setters.push(containers(findings));
    }
    let annotations = annotation_values(findings).len();
    if annotations > 0 {
        setters.push(plural(annotations, "annotation", "annotations").to_owned());
    }
    setters.join(" and ")
}

/// Returns `containers "a", "b"`, with each container once, in the order of the pod.
fn containers(findings: &[Finding<'_>]) -> String {
    let containers = container_names(findings);
    format!("{} {}", plural(containers.len(), "container", "containers"), names(&containers))
}

/// Returns the name of each container once. The findings on a container are adjacent, so comparing with the previous subject is
/// enough.
fn container_names(findings: &[Finding<'_>]) -> Vec<String> {
    let mut last = None;
    let mut containers = Vec::new();
    for finding in findings {
        if let Subject::Container { name, .. } = finding.subject
            && last != Some(finding.subject)
        {
            last = Some(finding.subject);
            containers.push(name.to_owned());
        }
    }
    containers
}

fn volumes(findings: &[Finding<'_>]) -> String {
    let volumes: Vec<String> = findings
        .iter()
        .filter_map(|finding| match finding.subject {
            Subject::Volume { name, .. } => Some(name.to_owned()),
            _ => None,
        })
        .collect();
    format!("{} {}", plural(volumes.len(), "volume", "volumes"), names(&volumes))
}

/// Returns the types of the profiles in fields, then the annotations, each sorted.
fn app_armor_values(findings: &[Finding<'_>]) -> Vec<String> {
    let fields: Vec<_> = findings.iter().copied().filter(|finding| !matches!(finding.subject, Subject::Annotation { .. })).collect();
    let mut values = sorted(texts(&fields));
    values.extend(sorted(annotation_values(findings)));
    values
}

/// Returns `key="value"` for each annotation.
fn annotation_values(findings: &[Finding<'_>]) -> Vec<String> {
    findings
        .iter()
        .filter_map(|finding| match (finding.subject, finding.value) {
            (Subject::Annotation { key }, Value::Text(value)) => Some(format!("{key}={}", quoted(value))),
            _ => None,
        })
        .collect()
}

fn texts(findings: &[Finding<'_>]) -> Vec<String> {
    findings
        .iter()
        .filter_map(|finding| match finding.value {
            Value::Text(value) => Some(value.to_owned()),
            _ => None,
        })
        .collect()
}

fn numbers(findings: &[Finding<'_>]) -> Vec<String> {
    findings
        .iter()
        .filter_map(|finding| match finding.value {
            Value::Number(value) => Some(value.to_string()),
            _ => None,
        })
        .collect()
}

/// Sorts values and removes duplicates. Strings are sorted by their bytes, as the lists of Go's string sets; upstream sorts
/// numbers as strings too.
pub(crate) fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
}

/// Returns `"a", "b"` without escapes: upstream adds the quotes without escaping names.
fn names(names: &[String]) -> String {
    ["\"", &names.join("\", \""), "\""].concat()
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}
