//! The messages of Kubernetes, rendered from findings.
//!
//! Upstream formats the message of a violation in each check. The messages follow few patterns, so here a check names its
//! pattern ([`Sentence`]), and this file renders all of them.
//!
//! Source: the `ForbiddenReason` and `ForbiddenDetail` of `policy/check_*.go`, joined as in
//! `policy/checks.go` of k8s.io/pod-security-admission.

use std::borrow::Cow;
use std::cell::Cell;

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

/// The maximum size of the names and values in the message about a pod, in bytes.
///
/// An API server passes on a status of any size, but stores no object of more than 1.5 MiB, and controllers store the message in the
/// status of a workload whose pods are rejected. The message about a pod that can be stored is hardly as large.
const MAX_MESSAGE: usize = 1024 * 1024;

/// The minimum size of a list in a message that is too large, in bytes.
const MIN_LIST: usize = 256;

/// The size of the names and values that a message has room for, in bytes.
struct Room(Cell<usize>);

/// Returns the reasons of all violations with their details, as in a rejection:
/// `host namespaces (hostPID=true), hostPort (container "a" uses hostPort 80)`.
///
/// Source: `AggregateCheckResult.ForbiddenDetail` in `policy/checks.go` of k8s.io/pod-security-admission.
pub fn forbidden_details(violations: &[Violation<'_>]) -> String {
    list(sentences(violations))
}

/// Returns the reason of each violation with its details: `host namespaces (hostPID=true)`. In sentences of more than
/// [`MAX_MESSAGE`] in all, lists are cut: `containers "a", "b" and 3 more`.
pub fn sentences(violations: &[Violation<'_>]) -> Vec<String> {
    let room = Room(Cell::new(MAX_MESSAGE));
    violations.iter().map(|violation| sentence(violation, &room)).collect()
}

fn sentence(violation: &Violation<'_>, room: &Room) -> String {
    let reason = reason(violation);
    let detail = detail(violation.revision.sentence, &violation.findings, room);
    if detail.is_empty() { reason } else { [&reason, " (", &detail, ")"].concat() }
}

fn reason(violation: &Violation<'_>) -> String {
    let reason = violation.check.reason;
    match violation.revision.sentence {
        Sentence::AppArmor if app_armor_values(&violation.findings).len() > 1 => format!("{reason}s"),
        _ => reason.to_owned(),
    }
}

fn detail(sentence: Sentence, findings: &[Finding<'_>], room: &Room) -> String {
    match sentence {
        Sentence::MustNotSet(field) => format!("{} must not set {field}", setters(findings, room)),
        Sentence::MustNotSetTo(field) => {
            format!("{} must not set {field} to {}", setters(findings, room), names(&sorted(texts(findings)), room))
        }
        Sentence::MustSet(field) => format!("{} must set {field}", containers(findings, room)),
        Sentence::WrongOrMissing { wrong, required } => match split(findings) {
            (explicit, missing) if explicit.is_empty() => format!("pod or {} must set {required}", containers(&missing, room)),
            (explicit, _) => detail(*wrong, &explicit, room),
        },
        Sentence::Capabilities => capabilities(findings, room),
        Sentence::HostPorts => {
            let count = container_names(findings).len();
            let ports = sorted(numbers(findings));
            format!(
                "{} {} {} {}",
                containers(findings, room),
                plural(count, "uses", "use"),
                plural(ports.len(), "hostPort", "hostPorts"),
                joined(&ports, "", room)
            )
        }
        Sentence::Hosts => {
            let containers = sorted(container_names(findings));
            let hosts = sorted(texts(findings));
            format!(
                "{} {} {} {} {}",
                plural(containers.len(), "container", "containers"),
                names(&containers, room),
                plural(containers.len(), "uses", "use"),
                plural(hosts.len(), "probe or lifecycle host", "probe or lifecycle hosts"),
                names(&hosts, room),
            )
        }
        Sentence::Volumes => volumes(findings, room),
        Sentence::VolumeTypes => {
            let types = sorted(texts(findings));
            format!(
                "{} {} {} {}",
                volumes(findings, room),
                plural(findings.len(), "uses", "use"),
                plural(types.len(), "restricted volume type", "restricted volume types"),
                names(&types, room),
            )
        }
        Sentence::Fields(_) => list(findings.iter().map(|finding| format!("{}=true", finding.field))),
        Sentence::Values => joined(&texts(findings), "", room),
        Sentence::Annotations => {
            let values = sorted(annotation_values(findings));
            format!("forbidden {} {}", plural(values.len(), "annotation", "annotations"), joined(&values, "", room))
        }
        Sentence::SeLinux => se_linux(findings, room),
        Sentence::AppArmor => {
            format!("{} must not set AppArmor profile type to {}", setters(findings, room), names(&app_armor_values(findings), room))
        }
    }
}

fn capabilities(findings: &[Finding<'_>], room: &Room) -> String {
    let (adding, missing) = split(findings);
    let mut parts = Vec::new();
    if !missing.is_empty() {
        parts.push(format!("{} must set securityContext.capabilities.drop=[\"ALL\"]", containers(&missing, room)));
    }
    if !adding.is_empty() {
        parts.push(format!(
            "{} must not include {} in securityContext.capabilities.add",
            containers(&adding, room),
            names(&sorted(texts(&adding)), room),
        ));
    }
    parts.join("; ")
}

fn se_linux(findings: &[Finding<'_>], room: &Room) -> String {
    let of = |option: &str| findings.iter().copied().filter(|finding| finding.field.ends_with(option)).collect::<Vec<_>>();
    let types = sorted(texts(&of(".type")));
    let mut parts = Vec::new();
    if !types.is_empty() {
        parts.push(format!("{} {}", plural(types.len(), "type", "types"), names(&types, room)));
    }
    if !of(".user").is_empty() {
        parts.push("user may not be set".to_owned());
    }
    if !of(".role").is_empty() {
        parts.push("role may not be set".to_owned());
    }
    format!("{} set forbidden securityContext.seLinuxOptions: {}", setters(findings, room), parts.join("; "))
}

/// Splits findings into those with a forbidden value and those with a missing one.
fn split<'p>(findings: &[Finding<'p>]) -> (Vec<Finding<'p>>, Vec<Finding<'p>>) {
    findings.iter().copied().partition(|finding| !finding.is_missing())
}

/// `pod and containers "a", "b" and annotations`, without the parts that have no finding.
fn setters(findings: &[Finding<'_>], room: &Room) -> String {
    let mut setters = Vec::new();
    if findings.iter().any(|finding| finding.subject == Subject::Pod) {
        setters.push("pod".to_owned());
    }
    if !container_names(findings).is_empty() {
        setters.push(containers(findings, room));
    }
    let annotations = annotation_values(findings).len();
    if annotations > 0 {
        setters.push(plural(annotations, "annotation", "annotations").to_owned());
    }
    setters.join(" and ")
}

/// Returns `containers "a", "b"`, with each container once, in the order of the pod.
fn containers(findings: &[Finding<'_>], room: &Room) -> String {
    let containers = container_names(findings);
    format!("{} {}", plural(containers.len(), "container", "containers"), names(&containers, room))
}

/// Returns the name of each container once. The findings on a container are adjacent, so comparing with the previous subject is
/// enough.
fn container_names<'p>(findings: &[Finding<'p>]) -> Vec<&'p str> {
    let mut last = None;
    let mut containers = Vec::new();
    for finding in findings {
        if let Subject::Container { name, .. } = finding.subject
            && last != Some(finding.subject)
        {
            last = Some(finding.subject);
            containers.push(name);
        }
    }
    containers
}

fn volumes(findings: &[Finding<'_>], room: &Room) -> String {
    let volumes: Vec<&str> = findings
        .iter()
        .filter_map(|finding| match finding.subject {
            Subject::Volume { name, .. } => Some(name),
            _ => None,
        })
        .collect();
    format!("{} {}", plural(volumes.len(), "volume", "volumes"), names(&volumes, room))
}

/// Returns the types of the profiles in fields, then the annotations, each sorted.
fn app_armor_values<'p>(findings: &[Finding<'p>]) -> Vec<Cow<'p, str>> {
    let fields: Vec<_> = findings.iter().copied().filter(|finding| !matches!(finding.subject, Subject::Annotation { .. })).collect();
    let mut values: Vec<_> = sorted(texts(&fields)).into_iter().map(Cow::Borrowed).collect();
    values.extend(sorted(annotation_values(findings)).into_iter().map(Cow::Owned));
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

fn texts<'p>(findings: &[Finding<'p>]) -> Vec<&'p str> {
    findings
        .iter()
        .filter_map(|finding| match finding.value {
            Value::Text(value) => Some(value),
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
fn names(names: &[impl AsRef<str>], room: &Room) -> String {
    joined(names, "\"", room)
}

/// Joins the items of a list, each between two quotes, as far as there is room.
fn joined(items: &[impl AsRef<str>], quote: &str, room: &Room) -> String {
    let max = room.0.get().max(MIN_LIST);
    let mut text = String::new();
    for (index, item) in items.iter().map(AsRef::as_ref).enumerate() {
        let size = item.len() + 2 * quote.len();
        if index > 0 && text.len() + size + 2 > max {
            text.push_str(&format!(" and {} more", items.len() - index));
            break;
        }
        if index > 0 {
            text.push_str(", ");
        }
        // Of one long value, the start.
        let shown = item.get(..item.floor_char_boundary(max - 2 * quote.len())).unwrap_or_default();
        let dots = if shown.len() < item.len() { "…" } else { "" };
        for part in [quote, shown, dots, quote] {
            text.push_str(part);
        }
    }
    room.0.set(room.0.get().saturating_sub(text.len()));
    text
}

fn list(items: impl IntoIterator<Item = String>) -> String {
    items.into_iter().collect::<Vec<_>>().join(", ")
}

fn plural(count: usize, one: &'static str, many: &'static str) -> &'static str {
    if count == 1 { one } else { many }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::pod::Pod;
    use crate::standards::tests::object;
    use crate::standards::{Level, LevelVersion, Version, evaluate};

    /// Returns the message about a pod at restricted.
    fn message(spec: Value) -> String {
        let json = json!({"metadata": {}, "spec": spec}).to_string();
        let object = object(&json);
        forbidden_details(&evaluate(Pod::of(&object), LevelVersion { level: Level::Restricted, version: Version::Latest }))
    }

    /// Returns a pod whose message has only the names of these containers.
    fn unconfined(names: &[String]) -> Value {
        let context = json!({"allowPrivilegeEscalation": false, "runAsNonRoot": true, "capabilities": {"drop": ["ALL"]}});
        json!({"containers": names.iter().map(|name| json!({"name": name, "securityContext": context})).collect::<Vec<_>>()})
    }

    #[test]
    fn lists_are_cut_only_in_messages_above_the_maximum_size() {
        let names = |count: usize| (0..count).map(|index| format!("{index:060}")).collect::<Vec<_>>();
        let start = "seccompProfile (pod or containers \"";
        let end = " must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")";
        // A name has 62 bytes with its quotes, and 2 more before the next one.
        let fitting = (MAX_MESSAGE + 2) / 64;
        let whole = format!("{start}{}\"{end}", names(fitting).join("\", \""));
        assert_eq!(message(unconfined(&names(fitting))), whole);
        let cut = whole.replace(end, &format!(" and 3 more{end}"));
        assert_eq!(message(unconfined(&names(fitting + 3))), cut);
        // Of one value, the start.
        let room = MAX_MESSAGE - "\"\"".len();
        for (name, shown) in [
            ("x".repeat(room), "x".repeat(room)),
            ("x".repeat(room + 1), "x".repeat(room) + "…"),
            ("é".repeat(room), "é".repeat(room / 2) + "…"),
        ] {
            let start = start.replace("containers", "container");
            assert!(message(unconfined(&[name])) == format!("{start}{shown}\"{end}"));
        }
    }

    #[test]
    fn a_message_above_the_maximum_size_names_every_check_and_counts_what_it_omits() {
        let message = message(json!({"containers": vec![json!({"name": "web-0123456789"}); 60_000]}));
        assert!(message.len() < MAX_MESSAGE + 4000, "{}", message.len());
        let sentences: Vec<&str> = message.split("), ").collect();
        let reasons = ["allowPrivilegeEscalation != false", "unrestricted capabilities", "runAsNonRoot != true", "seccompProfile"];
        assert_eq!(sentences.len(), reasons.len());
        for (sentence, reason) in sentences.iter().zip(reasons) {
            let (listed, more) = sentence.split_once(" and ").unwrap();
            assert!(listed.starts_with(&format!("{reason} (")), "{listed:.100}");
            let more: usize = more.split(' ').next().unwrap().parse().unwrap();
            assert_eq!(listed.matches("web-0123456789").count() + more, 60_000, "{reason}");
        }
    }
}
