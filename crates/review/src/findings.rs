//! The findings of a judgement in the form of the report: each finding once, with its position in the text.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::fmt::{Display, Write as _};
use std::sync::Arc;

use pss_core::admission::{self, Hardening, Judgement, Mode, Mutation};
use pss_core::pod::Pod;
use pss_core::standards::{self, CHECKS, Remedy, Subject, Value, Violation, pod_wide_remedies};
use pss_manifest::{Kind, Node, Span};

use crate::explanation::{self, Explanation};
use crate::fixes::fix_of;
use crate::report::{Change, ExemptFinding, Finding, FindingSubject, SubjectKind};

/// The advice for a pod that selects nodes with Windows, about a field that exists on Linux only.
const SELECTS_WINDOWS: &str = "The pod selects nodes with Windows, where this field does not exist. Set os.name to windows in the spec \
                               of the pod: from v1.25 on the check does not apply to it then.";
/// The same for a pod that sets such fields.
const ONLY_FOR_LINUX: &str = "The pod selects nodes with Windows, where this field does not exist. Remove the fields that exist on Linux \
                              only, and set os.name to windows in the spec of the pod: from v1.25 on the check does not apply to it then.";
/// The length of most paths, in bytes.
const PATH_LENGTH: usize = 80;

/// A pod with its position in an object.
pub(super) struct Located<'d> {
    /// The object that is the pod, or contains its template.
    pub(super) object: Node<'d>,
    /// The path of the pod template in the object; empty if the object is the pod.
    pub(super) pod_path: &'static str,
    /// The pod.
    pub(super) pod: Pod<'d>,
    /// The cached remedies that can be made once for the whole pod: their search visits every container, and each finding needs them.
    pod_wide: OnceCell<Vec<&'static Remedy>>,
}

impl<'d> Located<'d> {
    /// Returns a pod with its position.
    pub(super) fn new(object: Node<'d>, pod_path: &'static str, pod: Pod<'d>) -> Self {
        Located { object, pod_path, pod, pod_wide: OnceCell::new() }
    }

    /// Returns whether a remedy can be made once for the whole pod.
    pub(super) fn is_pod_wide(&self, remedy: &'static Remedy) -> bool {
        remedy.pod_wide && self.pod_wide.get_or_init(|| pod_wide_remedies(self.pod).collect()).contains(&remedy)
    }

    /// Returns the path in the object for a path in the pod.
    pub(super) fn path(&self, in_pod: &dyn Display) -> String {
        let mut path = String::with_capacity(PATH_LENGTH);
        path.push_str(self.pod_path);
        if !self.pod_path.is_empty() {
            path.push('.');
        }
        // Writing to a String cannot fail.
        let _ = write!(path, "{in_pod}");
        path
    }
}

/// Returns the findings that violate the policies of the modes, in the order of the checks in messages. Each finding occurs once,
/// with the modes whose policies it violates.
pub(super) fn findings<'p>(located: &Located<'p>, judgement: &Judgement<'p, '_>) -> Vec<Finding> {
    let mut all: Vec<Finding> = Vec::new();
    for check in CHECKS {
        // The findings of the check so far, which are the last of all.
        let start = all.len();
        let mut of_check: Vec<&standards::Finding<'_>> = Vec::new();
        for verdict in judgement.verdicts() {
            let mode = verdict.mode;
            for policy in judgement.policies(mode) {
                let mut violations = judgement.violations(policy).iter().zip(judgement.sentences(policy));
                let Some((violation, sentence)) = violations.find(|(violation, _)| violation.check.id == check.id) else { continue };
                let sentence: Arc<str> = Arc::from(sentence.as_str());
                // The findings of a policy are distinct, so that only those of other policies can be the same.
                let known = of_check.len();
                for (index, found) in violation.findings.iter().enumerate() {
                    // Another policy usually has the same findings in the same order.
                    let index = match of_check.get(index) {
                        Some(other) if index < known && *other == found => Some(index),
                        _ => of_check.iter().take(known).position(|other| *other == found),
                    };
                    match index.and_then(|index| all.get_mut(start + index)) {
                        // Two policies of one mode can have the same finding.
                        Some(finding) if finding.modes.last() == Some(&mode) => {}
                        Some(finding) => finding.modes.push(mode),
                        None => {
                            of_check.push(found);
                            all.push(finding(located, violation, found, mode, &sentence));
                        }
                    }
                }
            }
        }
    }
    all
}

/// Returns the findings that rules exempt. Several policies can have the same finding, which is returned once.
pub(super) fn exempt_findings(located: &Located<'_>, judgement: &Judgement<'_, '_>) -> Vec<ExemptFinding> {
    let keys = judgement.exempt_findings.iter().map(|exempt| format!("{} {}", exempt.check.id, exempt.finding.path()));
    let keys: Vec<String> = keys.collect();
    let mut known = BTreeMap::new();
    let mut all = Vec::new();
    for (index, (key, admission::ExemptFinding { check, finding, rule })) in keys.iter().zip(&judgement.exempt_findings).enumerate() {
        if known.insert(key.as_str(), index).is_none() {
            let path = located.path(&finding.path());
            let span = place(located.object, &path).0;
            all.push(ExemptFinding { check, path, span, reason: rule.reason.trim().to_owned() });
        }
    }
    all
}

/// Returns the fields that a mutation changes.
pub(super) fn changes(object: Node<'_>, mutation: &Mutation) -> Vec<Change> {
    let mut all = Vec::new();
    let mut add = |path: String, value: &str| {
        let span = place(object, &path).0;
        all.push(Change { path, value: value.to_owned(), span });
    };
    match mutation {
        Mutation::None => {}
        Mutation::Fields(pod_path, fields) => {
            for Hardening { kind, index, field, value } in fields {
                let dot = if pod_path.is_empty() { "" } else { "." };
                add(format!("{pod_path}{dot}spec.{}[{index}].{field}", kind.field()), &value.to_string());
            }
        }
        Mutation::Labels(labels) => {
            for (label, value) in labels {
                add(format!("metadata.labels[{label}]"), value);
            }
        }
    }
    all
}

fn finding(located: &Located<'_>, violation: &Violation<'_>, found: &standards::Finding<'_>, mode: Mode, sentence: &Arc<str>) -> Finding {
    let path = located.path(&found.path());
    let (span, is_missing) = place(located.object, &path);
    let Explanation { reason, mut advice } = explanation::explain(violation, found);
    if violation.revision.exempts_windows() && located.pod.selects_windows() {
        advice = Cow::Borrowed(if located.pod.is_only_for_linux() { ONLY_FOR_LINUX } else { SELECTS_WINDOWS });
    }
    let fix = fix_of(violation, found, located, &path).unwrap_or_else(|anchor| {
        advice = Cow::Owned(format!("{advice} {anchor}"));
        None
    });
    let (kind, name) = match found.subject {
        Subject::Pod => (SubjectKind::Pod, ""),
        Subject::Container { name, .. } => (SubjectKind::Container, name),
        Subject::Volume { name, .. } => (SubjectKind::Volume, name),
        Subject::Annotation { key } => (SubjectKind::Annotation, key),
    };
    Finding {
        check: violation.check,
        modes: vec![mode],
        sentence: Arc::clone(sentence),
        subject: FindingSubject { kind, name: name.to_owned() },
        is_missing,
        value: match found.value {
            Value::Missing => None,
            Value::Bool(value) => Some(value.to_string()),
            Value::Number(value) => Some(value.to_string()),
            Value::Text(value) => Some(value.to_owned()),
        },
        span,
        reason,
        advice,
        fix,
        path,
    }
}

/// Returns the span of a field or of its nearest parent, and whether the field is missing.
fn place(object: Node<'_>, path: &str) -> (Span, bool) {
    let mut place = object.at(path);
    if !place.exists
        && let Some(port) = path.strip_suffix("hostPort")
    {
        // The API server copies a host port from `containerPort`.
        place = object.at(&format!("{port}containerPort"));
    }
    let missing = !place.exists || matches!(place.node.kind(), Kind::Null);
    let span = place.span();
    let span = match place.key {
        // A field without a value has an empty span.
        Some(key) if !place.exists || span.start == span.end => key,
        _ if !place.exists => place.node.first_line(),
        _ => span,
    };
    (span, missing)
}
