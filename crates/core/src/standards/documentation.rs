//! The documentation of the checks for users: the purpose of each check, the fields that it reads, the values that it
//! allows, its history, and for each finding an explanation and advice. Each file in [`super::checks`] has the
//! [`Documentation`] of its check, and [`super::CATALOGUE`] lists all of them.
//!
//! The policy module uses none of this, so the linker removes it there: messages of the policy have only the sentences of
//! Kubernetes ([`super::message`]).

/// The documentation of a check.
#[derive(Debug)]
pub struct Documentation {
    /// The title of the check, in a few words.
    pub title: &'static str,
    /// What a pod that violates the check could do.
    pub why: &'static str,
    /// How to fix a finding. An [`Explanation`] with its own advice replaces it.
    pub advice: &'static str,
    /// The fields that the check reads, and the values that it allows.
    pub restrictions: &'static [Restriction],
    /// The changes of the check, the oldest first.
    pub history: &'static [Change],
    /// A description of the value of a finding: `the port`.
    pub value: &'static str,
    /// The explanations of findings. The first whose condition is met applies.
    pub explanations: &'static [Explanation],
    /// The file name of the upstream source, in the directory `policy` of k8s.io/pod-security-admission.
    pub source: &'static str,
}

/// Fields that a check reads, and the values that it allows.
#[derive(Debug)]
pub struct Restriction {
    /// The first minor version in which the check reads the fields.
    pub since: u64,
    /// The last minor version in which the check reads the fields; `None` if it still does.
    pub until: Option<u64>,
    /// The fields.
    pub fields: &'static [Field],
    /// The allowed values.
    pub allowed: &'static [Allowed],
}

/// One or more fields of a pod.
#[derive(Debug)]
pub enum Field {
    /// A field of the pod, by its path below `spec`.
    Pod(&'static str),
    /// A field of every container in each of the three lists, by its path below the container.
    Containers(&'static str),
    /// A field of both the pod and its containers.
    Both(&'static str),
    /// An annotation, by its key.
    Annotation(&'static str),
}

/// Allowed values of a field. Values and names are the same constants that the checks compare with.
#[derive(Debug)]
pub enum Allowed {
    /// A description of a value: `not set`.
    Description(&'static str),
    /// Values that are allowed since the check reads the field.
    Values(&'static [&'static str]),
    /// Values, each with the minor version that allowed it.
    ValuesSince(&'static [(&'static str, u64)]),
}

/// A change of a check.
#[derive(Debug)]
pub struct Change {
    /// The minor version of Kubernetes.
    pub version: u64,
    /// The change.
    pub kind: ChangeKind,
}

/// The kinds of changes of a check.
#[derive(Debug)]
pub enum ChangeKind {
    /// A change of the requirements from this version of the standards on, in a sentence.
    Requirements(&'static str),
    /// New allowed values. [`Restriction::values`] returns them with this version.
    NewValues,
    /// A change that this release of Kubernetes made in all versions of the standards, in a clause.
    AllVersions(&'static str),
}

/// An explanation of some findings of a check.
///
/// Its sentences are templates: `{subject}` stands for the container, pod, volume or annotation, `{value}` for the
/// forbidden value, `{field}` for its path below the pod or container, and `{allowed}` for the allowed values.
#[derive(Debug)]
pub struct Explanation {
    /// The findings that it applies to.
    pub condition: Condition,
    /// What the finding means.
    pub reason: &'static str,
    /// How to fix the finding, if this differs from [`Documentation::advice`].
    pub advice: Option<&'static str>,
}

/// The condition under which an explanation applies to a finding.
#[derive(Debug)]
pub enum Condition {
    /// It applies to every finding.
    Always,
    /// The field is not set.
    Missing,
    /// The forbidden value is this text.
    Value(&'static str),
    /// The finding has this field, by its path below the pod or container.
    Field(&'static str),
    /// The finding is in an annotation.
    Annotation,
}

/// The part of the documentation of a check that explains findings.
#[derive(Debug)]
pub struct Guidance {
    /// [`Documentation::advice`].
    pub advice: &'static str,
    /// [`Documentation::restrictions`].
    pub restrictions: &'static [Restriction],
    /// [`Documentation::explanations`].
    pub explanations: &'static [Explanation],
}

impl Guidance {
    /// Returns the guidance in a documentation.
    pub(super) const fn of(documentation: &Documentation) -> Self {
        let Documentation { advice, restrictions, explanations, .. } = documentation;
        Guidance { advice, restrictions, explanations }
    }
}

impl Restriction {
    /// Fields that are read since a minor version.
    pub(super) const fn since(minor: u64, fields: &'static [Field], allowed: &'static [Allowed]) -> Self {
        Restriction { since: minor, until: None, fields, allowed }
    }

    /// The same fields, read until a minor version, inclusive.
    pub(super) const fn until(self, minor: u64) -> Self {
        Restriction { until: Some(minor), ..self }
    }

    /// The allowed values without the descriptions, each with the minor version that allowed it.
    pub fn values(&self) -> Vec<(&'static str, u64)> {
        let mut values = Vec::new();
        for allowed in self.allowed {
            match allowed {
                Allowed::Description(_) => {}
                Allowed::Values(names) => values.extend(names.iter().map(|name| (*name, self.since))),
                Allowed::ValuesSince(versioned) => values.extend_from_slice(versioned),
            }
        }
        values
    }
}

impl Field {
    /// The paths of the field in a pod, one for each list of containers; `[*]` stands for every element of a list.
    pub fn paths(&self) -> Vec<String> {
        let (parents, field) = match self {
            Field::Pod(field) => (&["spec."][..], field),
            Field::Containers(field) => (Field::PARENTS.get(1..).unwrap_or_default(), field),
            Field::Both(field) => (&Field::PARENTS[..], field),
            Field::Annotation(key) => return vec![format!("metadata.annotations[{key}]")],
        };
        parents.iter().map(|parent| [parent, *field].concat()).collect()
    }

    /// The paths of the parts of a pod that have a security context.
    const PARENTS: [&str; 4] = ["spec.", "spec.containers[*].", "spec.initContainers[*].", "spec.ephemeralContainers[*]."];
}

impl Change {
    /// A change of the requirements from a minor version of the standards on.
    pub(super) const fn since(minor: u64, sentence: &'static str) -> Self {
        Change { version: minor, kind: ChangeKind::Requirements(sentence) }
    }

    /// New allowed values in a minor version of the standards.
    pub(super) const fn new_values(minor: u64) -> Self {
        Change { version: minor, kind: ChangeKind::NewValues }
    }

    /// A change that a release of Kubernetes made in all versions of the standards.
    pub(super) const fn all_versions(minor: u64, clause: &'static str) -> Self {
        Change { version: minor, kind: ChangeKind::AllVersions(clause) }
    }
}

impl Explanation {
    /// An explanation of findings for which the advice of the check applies.
    pub(super) const fn new(condition: Condition, reason: &'static str) -> Self {
        Explanation { condition, reason, advice: None }
    }

    /// The same explanation with its own advice.
    pub(super) const fn with_advice(self, advice: &'static str) -> Self {
        Explanation { advice: Some(advice), ..self }
    }
}

/// The field is not set.
pub(super) const NOT_SET: Allowed = Allowed::Description("not set");
/// The profile is not set. A profile without a type is set.
pub(super) const NO_PROFILE: Allowed = Allowed::Description("no profile");
/// The allowed values of a field that must not be true.
pub(super) const FALSE: &[Allowed] = &[NOT_SET, Allowed::Description("false")];
/// The first change of a check that exists since the first version of the standards.
pub(super) const INTRODUCED: Change = Change::since(0, "Introduced.");
/// The change that [`super::Revision::unless_windows`] makes.
pub(super) const EXCEPT_WINDOWS: &str = "Does not apply to pods for Windows (spec.os.name: windows).";
/// The change that [`super::Revision::unless_user_namespace`] makes.
pub(super) const EXCEPT_USER_NAMESPACES: &str = "Does not apply to pods in a user namespace (spec.hostUsers: false).";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::{Pod, read};
    use crate::standards::{CATALOGUE, Revision};

    #[test]
    fn history_has_every_revision_and_no_other_version() {
        let is_relaxed = |revision: &Revision, spec: &str| revision.is_relaxed_for(Pod::of(&read(spec).unwrap()));
        for (check, documentation) in CATALOGUE {
            let id = check.id;
            let (of_all_versions, of_revisions): (Vec<_>, Vec<_>) =
                documentation.history.iter().partition(|change| matches!(change.kind, ChangeKind::AllVersions(_)));
            let versions: Vec<_> = of_revisions.iter().map(|change| change.version).collect();
            assert_eq!(versions, check.revisions.iter().map(|revision| revision.since).collect::<Vec<_>>(), "{id}");
            assert!(documentation.history.is_sorted_by_key(|change| change.version), "{id}");
            assert!(of_all_versions.iter().all(|change| !versions.contains(&change.version)), "{id}");
            for (change, revision) in of_revisions.iter().zip(check.revisions) {
                let is = |expected: &str| matches!(change.kind, ChangeKind::Requirements(sentence) if sentence == expected);
                let windows = is_relaxed(revision, r#"{"spec": {"os": {"name": "windows"}}}"#);
                let user_namespaces = is_relaxed(revision, r#"{"spec": {"hostUsers": false}}"#);
                assert_eq!((is(EXCEPT_WINDOWS), is(EXCEPT_USER_NAMESPACES)), (windows, user_namespaces), "{id} 1.{}", change.version);
            }
        }
    }

    #[test]
    fn history_has_the_versions_of_new_values() {
        for (check, documentation) in CATALOGUE {
            let restrictions = || documentation.restrictions.iter();
            let values = || restrictions().flat_map(|one| one.values().into_iter().map(move |(_, since)| (one.since, since)));
            let has_new_values = |change: &Change| matches!(change.kind, ChangeKind::NewValues);
            for (_, since) in values().filter(|(first, since)| since > first) {
                assert!(documentation.history.iter().any(|change| change.version == since && has_new_values(change)), "{}", check.id);
            }
            for change in documentation.history.iter().filter(|change| has_new_values(change)) {
                assert!(values().any(|(_, since)| since == change.version), "{} 1.{}", check.id, change.version);
            }
            for restriction in restrictions() {
                let is_revision = |minor| check.revisions.iter().any(|revision| revision.since == minor);
                assert!(is_revision(restriction.since) && restriction.until.is_none_or(|last| is_revision(last + 1)), "{}", check.id);
            }
        }
    }

    /// The first lines of the file of a check have the same value, versions and source as its documentation.
    #[test]
    fn file_headers_agree_with_the_documentation() {
        for (check, documentation) in CATALOGUE {
            let id = check.id;
            let file: String = id.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase())).collect();
            let source = std::fs::read_to_string(format!("{}/src/standards/checks/{file}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap();
            let row = |name: &str| {
                let prefix = format!("//! | {name} | ");
                source.lines().find_map(|line| line.strip_prefix(&prefix)).unwrap().strip_suffix(" |").unwrap()
            };
            assert_eq!(row("Value"), documentation.value, "{id}");
            let numbers = row("History").split("v1.").skip(1).map(|rest| rest.split(|c: char| !c.is_ascii_digit()).next().unwrap());
            let versions: Vec<u64> = numbers.map(|number| number.parse().unwrap()).collect();
            assert_eq!(versions, documentation.history.iter().map(|change| change.version).collect::<Vec<_>>(), "{id}");
            assert!(source.contains(&format!("//! Source: `policy/{}` of k8s.io/pod-security-admission", documentation.source)), "{id}");
        }
    }

    #[test]
    fn sentences_are_complete_and_short() {
        let mut size = 0;
        for (check, documentation) in CATALOGUE {
            assert!(documentation.source.starts_with("check_") && documentation.source.ends_with(".go"), "{}", check.id);
            let phrases = [documentation.title, documentation.value];
            let mut sentences = vec![documentation.why, documentation.advice];
            sentences.extend(documentation.explanations.iter().flat_map(|one| [Some(one.reason), one.advice]).flatten());
            let mut texts = phrases.iter().chain(&sentences);
            assert!(texts.all(|text| !text.is_empty() && text.trim() == *text && !text.contains("  ")), "{}", check.id);
            assert!(sentences.iter().all(|sentence| sentence.ends_with('.')), "{}", check.id);
            size += phrases.iter().chain(&sentences).map(|text| text.len()).sum::<usize>();
        }
        assert!(size <= 12_000, "{size} bytes");
    }
}
