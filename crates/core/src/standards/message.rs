//! The messages of Kubernetes, rendered from findings.
//!
//! Upstream formats the message of a violation in each check. The messages follow few patterns, so here a check names its
//! pattern ([`Sentence`]), and this file renders all of them.
//!
//! Source: the `ForbiddenReason` and `ForbiddenDetail` of `policy/check_*.go`, joined as in
//! `policy/checks.go` of k8s.io/pod-security-admission.

use std::borrow::Cow;

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
    /// Returns whether findings with this sentence can be about containers; otherwise they are about the pod alone.
    pub fn names_containers(&self) -> bool {
        !matches!(self, Sentence::Fields(_) | Sentence::Values) && !self.names_volumes()
    }

    /// Returns whether findings with this sentence are in volumes.
    pub fn names_volumes(&self) -> bool {
        matches!(self, Sentence::Volumes | Sentence::VolumeTypes)
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
            Sentence::Volumes => is_absolute(value),
            Sentence::HostPorts => value.parse::<u16>().is_ok_and(|port| port != 0 && port.to_string() == value),
            _ => self.has_distinct_values(),
        }
    }
}

/// Returns whether a path of a node is absolute, on Linux or on Windows: `/var`, `C:\\ProgramData`, `\\\\.\\pipe\\docker_engine`.
fn is_absolute(path: &str) -> bool {
    path.starts_with(['/', '\\']) || path.get(1..2) == Some(":")
}

/// The type of a volume without a known source.
pub(super) const UNKNOWN_SOURCE: &str = "unknown";

/// Returns the reasons of all violations, as in the warnings about the pods of a namespace: `host namespaces, hostPort`.
///
/// Source: `AggregateCheckResult.ForbiddenReason` in `policy/checks.go` of k8s.io/pod-security-admission.
pub fn forbidden_reasons(violations: &[Violation<'_>]) -> String {
    violations.iter().map(reason).collect::<Vec<_>>().join(", ")
}

/// The maximum size of the names and values in the message about a pod, in bytes.
///
/// An API server passes on a status of any size, but stores no object of more than 1.5 MiB, and controllers store the message in the
/// status of a workload whose pods are rejected. The message about a pod that can be stored is hardly as large.
const MAX_MESSAGE: usize = 1024 * 1024;

/// The minimum size of a list in a message that is too large, in bytes.
const MIN_LIST: usize = 256;

/// Returns the reasons of all violations with their details, as in a rejection:
/// `host namespaces (hostPID=true), hostPort (container "a" uses hostPort 80)`. In a text of more than [`MAX_MESSAGE`], lists are cut:
/// `containers "a", "b" and 3 more`.
///
/// Source: `AggregateCheckResult.ForbiddenDetail` in `policy/checks.go` of k8s.io/pod-security-admission.
pub fn forbidden_details(violations: &[Violation<'_>]) -> String {
    let mut writer = Writer::new(violations.len() * SENTENCE_LENGTH);
    for (index, violation) in violations.iter().enumerate() {
        if index > 0 {
            writer.push(&[", "]);
        }
        writer.sentence(violation);
    }
    writer.text
}

/// Returns the reason of each violation with its details: `host namespaces (hostPID=true)`. Joined, they are [`forbidden_details`].
pub fn sentences(violations: &[Violation<'_>]) -> Vec<String> {
    let mut room = MAX_MESSAGE;
    let sentence = |violation| {
        let mut writer = Writer { room, ..Writer::new(SENTENCE_LENGTH) };
        writer.sentence(violation);
        room = writer.room;
        writer.text
    };
    violations.iter().map(sentence).collect()
}

fn reason(violation: &Violation<'_>) -> String {
    let mut writer = Writer::new(0);
    writer.reason(violation);
    writer.text
}

/// The length of most sentences, in bytes.
const SENTENCE_LENGTH: usize = 192;

/// Writes a message into one text.
struct Writer {
    text: String,
    /// The size of the names and values that the message still has room for, in bytes.
    room: usize,
}

/// The findings of a violation, or those of them with a missing value or a forbidden one.
#[derive(Clone, Copy)]
struct Findings<'f, 'p> {
    all: &'f [Finding<'p>],
    only_missing: Option<bool>,
}

impl Writer {
    fn new(capacity: usize) -> Self {
        Writer { text: String::with_capacity(capacity), room: MAX_MESSAGE }
    }

    fn push(&mut self, parts: &[&str]) {
        self.text.reserve(parts.iter().map(|part| part.len()).sum());
        parts.iter().for_each(|part| self.text.push_str(part));
    }

    fn sentence(&mut self, violation: &Violation<'_>) {
        self.reason(violation);
        let end = self.text.len();
        self.push(&[" ("]);
        let start = self.text.len();
        self.detail(violation.revision.sentence, Findings { all: &violation.findings, only_missing: None });
        if self.text.len() == start {
            self.text.truncate(end);
        } else {
            self.push(&[")"]);
        }
    }

    fn reason(&mut self, Violation { check, revision, findings }: &Violation<'_>) {
        let is_plural =
            matches!(revision.sentence, Sentence::AppArmor) && app_armor_values(Findings { all: findings, only_missing: None }).len() > 1;
        self.push(&[check.reason, if is_plural { "s" } else { "" }]);
    }

    fn detail(&mut self, sentence: Sentence, findings: Findings<'_, '_>) {
        match sentence {
            Sentence::MustNotSet(field) => {
                self.setters(findings);
                self.push(&[" must not set ", field]);
            }
            Sentence::MustNotSetTo(field) => {
                self.setters(findings);
                self.push(&[" must not set ", field, " to "]);
                self.names(&findings.texts());
            }
            Sentence::MustSet(field) => {
                self.containers(findings);
                self.push(&[" must set ", field]);
            }
            Sentence::WrongOrMissing { wrong, required } => {
                let explicit = findings.only(false);
                if explicit.iter().next().is_some() {
                    return self.detail(*wrong, explicit);
                }
                self.push(&["pod or "]);
                self.containers(findings);
                self.push(&[" must set ", required]);
            }
            Sentence::Capabilities => self.capabilities(findings),
            Sentence::HostPorts => {
                let ports = findings.numbers();
                self.containers(findings);
                let uses = plural(findings.containers().count(), " uses ", " use ");
                self.push(&[uses, plural(ports.len(), "hostPort ", "hostPorts ")]);
                self.list(&mut ports.iter().map(String::as_str), ports.len(), "");
            }
            Sentence::Hosts => {
                let containers = sorted(findings.containers().collect());
                let hosts = findings.texts();
                self.push(&[plural(containers.len(), "container ", "containers ")]);
                self.names(&containers);
                let uses = plural(containers.len(), " uses ", " use ");
                self.push(&[uses, plural(hosts.len(), "probe or lifecycle host ", "probe or lifecycle hosts ")]);
                self.names(&hosts);
            }
            Sentence::Volumes => self.volumes(findings),
            Sentence::VolumeTypes => {
                let types = findings.texts();
                self.volumes(findings);
                let uses = plural(findings.iter().count(), " uses ", " use ");
                self.push(&[uses, plural(types.len(), "restricted volume type ", "restricted volume types ")]);
                self.names(&types);
            }
            Sentence::Fields(_) => {
                for (index, finding) in findings.iter().enumerate() {
                    self.push(&[if index > 0 { ", " } else { "" }, finding.field, "=true"]);
                }
            }
            Sentence::Values => self.list(&mut findings.values(), findings.values().count(), ""),
            Sentence::Annotations => {
                let values = sorted(findings.annotations().collect());
                self.push(&["forbidden ", plural(values.len(), "annotation ", "annotations ")]);
                self.list(&mut values.iter().map(String::as_str), values.len(), "");
            }
            Sentence::SeLinux => self.se_linux(findings),
            Sentence::AppArmor => {
                self.setters(findings);
                self.push(&[" must not set AppArmor profile type to "]);
                let values = app_armor_values(findings);
                self.list(&mut values.iter().map(Cow::as_ref), values.len(), "\"");
            }
        }
    }

    fn capabilities(&mut self, findings: Findings<'_, '_>) {
        let (adding, missing) = (findings.only(false), findings.only(true));
        let (is_adding, is_missing) = (adding.iter().next().is_some(), missing.iter().next().is_some());
        if is_missing {
            self.containers(missing);
            self.push(&[" must set securityContext.capabilities.drop=[\"ALL\"]", if is_adding { "; " } else { "" }]);
        }
        if is_adding {
            self.containers(adding);
            self.push(&[" must not include "]);
            self.names(&adding.texts());
            self.push(&[" in securityContext.capabilities.add"]);
        }
    }

    fn se_linux(&mut self, findings: Findings<'_, '_>) {
        let of = |option: &'static str| findings.iter().filter(move |finding| finding.field.ends_with(option));
        let types = sorted(of(".type").filter_map(Finding::text).collect());
        self.setters(findings);
        self.push(&[" set forbidden securityContext.seLinuxOptions: "]);
        let mut separator = "";
        if !types.is_empty() {
            self.push(&[plural(types.len(), "type ", "types ")]);
            self.names(&types);
            separator = "; ";
        }
        for (option, part) in [(".user", "user may not be set"), (".role", "role may not be set")] {
            if of(option).next().is_some() {
                self.push(&[separator, part]);
                separator = "; ";
            }
        }
    }

    /// `pod and containers "a", "b" and annotations`, without the parts that have no finding.
    fn setters(&mut self, findings: Findings<'_, '_>) {
        let mut separator = "";
        if findings.iter().any(|finding| finding.subject == Subject::Pod) {
            self.push(&["pod"]);
            separator = " and ";
        }
        if findings.containers().next().is_some() {
            self.push(&[separator]);
            self.containers(findings);
            separator = " and ";
        }
        let annotations = findings.annotations().count();
        if annotations > 0 {
            self.push(&[separator, plural(annotations, "annotation", "annotations")]);
        }
    }

    /// `containers "a", "b"`, with each container once, in the order of the pod.
    fn containers(&mut self, findings: Findings<'_, '_>) {
        let count = findings.containers().count();
        self.push(&[plural(count, "container ", "containers ")]);
        self.list(&mut findings.containers(), count, "\"");
    }

    fn volumes(&mut self, findings: Findings<'_, '_>) {
        let names = || {
            findings.iter().filter_map(|finding| match finding.subject {
                Subject::Volume { name, .. } => Some(name),
                _ => None,
            })
        };
        let count = names().count();
        self.push(&[plural(count, "volume ", "volumes ")]);
        self.list(&mut names(), count, "\"");
    }

    /// `"a", "b"` without escapes: upstream adds the quotes without escaping names.
    fn names(&mut self, names: &[&str]) {
        self.list(&mut names.iter().copied(), names.len(), "\"");
    }

    /// Writes the items of a list, each between two quotes, as far as there is room.
    fn list(&mut self, items: &mut dyn Iterator<Item = &str>, count: usize, quote: &str) {
        let max = self.room.max(MIN_LIST);
        let start = self.text.len();
        for (index, item) in items.enumerate() {
            let size = item.len() + 2 * quote.len();
            if index > 0 && self.text.len() - start + size + 2 > max {
                self.push(&[" and ", &(count - index).to_string(), " more"]);
                break;
            }
            self.text.reserve(size + 2);
            if index > 0 {
                self.text.push_str(", ");
            }
            self.text.push_str(quote);
            if size <= max {
                self.text.push_str(item);
            } else {
                // Of one long value, the start.
                self.push(&[item.get(..item.floor_char_boundary(max - 2 * quote.len())).unwrap_or_default(), "…"]);
            }
            self.text.push_str(quote);
        }
        self.room = self.room.saturating_sub(self.text.len() - start);
    }
}

impl<'f, 'p> Findings<'f, 'p> {
    /// Those with a missing value, or else those with a forbidden one.
    fn only(self, missing: bool) -> Self {
        Findings { only_missing: Some(missing), ..self }
    }

    fn iter(self) -> impl Iterator<Item = &'f Finding<'p>> {
        self.all.iter().filter(move |finding| self.only_missing.is_none_or(|missing| finding.is_missing() == missing))
    }

    /// The name of each container once. The findings on a container are adjacent, so comparing with the previous subject is enough.
    fn containers(self) -> impl Iterator<Item = &'p str> {
        let mut last = None;
        self.iter().filter_map(move |finding| match finding.subject {
            Subject::Container { name, .. } if last != Some(finding.subject) => {
                last = Some(finding.subject);
                Some(name)
            }
            _ => None,
        })
    }

    /// The values that are strings.
    fn values(self) -> impl Iterator<Item = &'p str> {
        self.iter().filter_map(Finding::text)
    }

    /// The values that are strings, sorted.
    fn texts(self) -> Vec<&'p str> {
        sorted(self.values().collect())
    }

    /// The values that are numbers, sorted as strings.
    fn numbers(self) -> Vec<String> {
        let number = |finding: &Finding<'_>| match finding.value {
            Value::Number(value) => Some(value.to_string()),
            _ => None,
        };
        sorted(self.iter().filter_map(number).collect())
    }

    /// `key="value"` for each annotation.
    fn annotations(self) -> impl Iterator<Item = String> {
        self.iter().filter_map(|finding| match (finding.subject, finding.value) {
            (Subject::Annotation { key }, Value::Text(value)) => Some(format!("{key}={}", quoted(value))),
            _ => None,
        })
    }
}

/// Returns the types of the profiles in fields, then the annotations, each sorted.
fn app_armor_values<'p>(findings: Findings<'_, 'p>) -> Vec<Cow<'p, str>> {
    let fields = findings.iter().filter(|finding| !matches!(finding.subject, Subject::Annotation { .. }));
    let mut values: Vec<_> = sorted(fields.filter_map(Finding::text).collect()).into_iter().map(Cow::Borrowed).collect();
    values.extend(sorted(findings.annotations().collect()).into_iter().map(Cow::Owned));
    values
}

/// Sorts values and removes duplicates. Strings are sorted by their bytes, as the lists of Go's string sets; upstream sorts
/// numbers as strings too.
pub(crate) fn sorted<T: Ord>(mut values: Vec<T>) -> Vec<T> {
    values.sort_unstable();
    values.dedup();
    values
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
