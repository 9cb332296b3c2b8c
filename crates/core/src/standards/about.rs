//! What there is to say about the checks, to people: what a check is for, what it reads and allows,
//! what changed when, what a finding means and what to do about it. The words stand beside each
//! check, in [`super::checks`]; here is what they are made of, and the table of all.
//!
//! Nothing of this is in the policy's module: there only Kubernetes' own sentences are said.

use super::check::Check;
use super::checks;

/// What there is to say about a check.
#[derive(Debug)]
pub struct About {
    /// What it is about, in a few words.
    pub title: &'static str,
    /// What an offending pod could do.
    pub why: &'static str,
    /// What to do about a finding, whichever it is.
    pub advice: &'static str,
    /// What it reads, and what may stand there.
    pub restrictions: &'static [Restriction],
    /// What changed when; the oldest first.
    pub history: &'static [Change],
    /// What the value of a finding is.
    pub value: &'static str,
    /// How findings are told: the first that fits counts.
    pub told: &'static [Told],
    /// The upstream source, by its file's name.
    pub source: &'static str,
}

/// Fields that a check reads, and what they may hold.
#[derive(Debug)]
pub struct Restriction {
    /// The minor version in which the check began to read them.
    pub since: u64,
    /// The last one in which it did, if it does no longer.
    pub until: Option<u64>,
    /// The fields.
    pub fields: &'static [Field],
    /// What they may hold.
    pub allowed: &'static [Allowed],
}

/// One or more fields of a pod.
#[derive(Debug)]
pub enum Field {
    /// Below the pod's `spec`.
    Pod(&'static str),
    /// In each container of the three lists.
    Containers(&'static str),
    /// In both.
    Both(&'static str),
    /// An annotation, by its key.
    Annotation(&'static str),
}

/// Values that a field may hold. Those that have names are the very lists that the checks look into.
#[derive(Debug)]
pub enum Allowed {
    /// Words for a value.
    Words(&'static str),
    /// Values that were allowed from the beginning.
    Names(&'static [&'static str]),
    /// Values, each with the minor version that allowed it.
    Since(&'static [(&'static str, u64)]),
}

/// Something that changed in a check.
#[derive(Debug)]
pub struct Change {
    /// The minor version of Kubernetes.
    pub version: u64,
    /// What it changed.
    pub what: What,
}

/// What changed in a check.
#[derive(Debug)]
pub enum What {
    /// What it asks for from this version of the standards on.
    Words(&'static str),
    /// Values that the lists of its restrictions name with this version.
    Allows,
    /// What this release of Kubernetes changed in all versions of the standards.
    Everywhere(&'static str),
}

/// How a finding is told.
///
/// The words hold names in braces: `{who}` is the container, pod, volume or annotation, `{value}` the
/// offending value, `{field}` its path below the pod or container, `{allowed}` the values that may
/// stand there.
#[derive(Debug)]
pub struct Told {
    /// Which findings.
    pub when: When,
    /// What it means.
    pub reason: &'static str,
    /// What to do about it, where there is more to say than to all findings of the check.
    pub advice: Option<&'static str>,
}

/// Some of the findings of a check.
#[derive(Debug)]
pub enum When {
    /// All.
    Always,
    /// Those of a field that is not set.
    Missing,
    /// Those with this value.
    Value(&'static str),
    /// Those of this field, by its path below the pod or container.
    Field(&'static str),
    /// Those of an annotation.
    Annotation,
}

impl Restriction {
    /// Fields that are read since a version.
    pub(super) const fn since(minor: u64, fields: &'static [Field], allowed: &'static [Allowed]) -> Self {
        Restriction { since: minor, until: None, fields, allowed }
    }

    /// Fields that are not read any more after a version.
    pub(super) const fn until(self, minor: u64) -> Self {
        Restriction { until: Some(minor), ..self }
    }

    /// The values that have a name, each with the minor version that allowed it.
    pub fn values(&self) -> Vec<(&'static str, u64)> {
        let mut values = Vec::new();
        for allowed in self.allowed {
            match allowed {
                Allowed::Words(_) => {}
                Allowed::Names(names) => values.extend(names.iter().map(|name| (*name, self.since))),
                Allowed::Since(dated) => values.extend_from_slice(dated),
            }
        }
        values
    }
}

impl Field {
    /// Its paths within a pod; `[*]` stands for each element. In containers one for each of the three lists.
    pub fn paths(&self) -> Vec<String> {
        let (list, field) = match self {
            Field::Pod(field) => (&["spec."][..], field),
            Field::Containers(field) => (Field::IN.get(1..).unwrap_or_default(), field),
            Field::Both(field) => (&Field::IN[..], field),
            Field::Annotation(key) => return vec![format!("metadata.annotations[{key}]")],
        };
        list.iter().map(|list| [list, *field].concat()).collect()
    }

    /// The parts of a pod that have security contexts.
    const IN: [&str; 4] = ["spec.", "spec.containers[*].", "spec.initContainers[*].", "spec.ephemeralContainers[*]."];
}

impl Change {
    /// What a check asks for from a version of the standards on.
    pub(super) const fn since(minor: u64, words: &'static str) -> Self {
        Change { version: minor, what: What::Words(words) }
    }

    /// A version allows more values; the lists of the restrictions say which.
    pub(super) const fn allows(minor: u64) -> Self {
        Change { version: minor, what: What::Allows }
    }

    /// What a release of Kubernetes changed in all versions of the standards.
    pub(super) const fn everywhere(minor: u64, words: &'static str) -> Self {
        Change { version: minor, what: What::Everywhere(words) }
    }
}

impl Told {
    /// Findings to which the check's own advice fits.
    pub(super) const fn when(when: When, reason: &'static str) -> Self {
        Told { when, reason: said(reason), advice: None }
    }

    /// With advice of its own.
    pub(super) const fn advising(self, advice: &'static str) -> Self {
        Told { advice: Some(said(advice)), ..self }
    }
}

/// The field is not set.
pub(super) const NOT_SET: Allowed = Allowed::Words("not set");
/// There is no profile: one without a type is not the same.
pub(super) const NO_PROFILE: Allowed = Allowed::Words("no profile");
/// For a switch that must not be on.
pub(super) const OFF: &[Allowed] = &[NOT_SET, Allowed::Words("false")];
/// The history of a check that is as old as the standards.
pub(super) const INTRODUCED: Change = Change::since(0, "Introduced.");
/// What `unless_windows` is in words.
pub(super) const NOT_FOR_WINDOWS: &str = "Lets pods for Windows be (spec.os.name: windows).";
/// What `unless_user_namespace` is in words.
pub(super) const NOT_FOR_USER_NAMESPACES: &str = "Lets pods in a user namespace be (spec.hostUsers: false).";

/// Whether the words are here that stand beside the checks. A page has them as files, the catalogue of checks
/// and the sentences of findings, which are made by the build of its module that describes it to TypeScript.
pub const HAS_WORDS: bool = true;

/// What there is to say about a check, as far as it is needed here.
const fn needed(mut about: About) -> About {
    if !HAS_WORDS {
        about.title = "";
        about.why = "";
        about.advice = "";
        about.history = &[];
        about.value = "";
        about.source = "";
    }
    about
}

/// A sentence of a finding, or nothing in its place where a page has it.
const fn said(sentence: &'static str) -> &'static str {
    if HAS_WORDS { sentence } else { "" }
}

macro_rules! catalogue {
    ($($check:ident)*) => {
        /// All checks, in the order of [`super::CHECKS`].
        pub const CATALOGUE: [(&Check, &About); super::CHECKS.len()] = [$((&checks::$check::CHECK, &needed(checks::$check::ABOUT))),*];
    };
}

catalogue! {
    app_armor_profile
    capabilities_baseline
    host_namespaces
    host_path_volumes
    host_ports
    host_probes_and_host_lifecycle
    privileged
    proc_mount
    se_linux_options
    seccomp_profile_baseline
    sysctls
    windows_host_process
    allow_privilege_escalation
    capabilities_restricted
    proc_mount_restricted
    restricted_volumes
    run_as_non_root
    run_as_user
    seccomp_profile_restricted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pod::{Pod, read};
    use crate::settings::Settings;
    use crate::standards::{CHECKS, Revision};

    #[test]
    fn the_table_is_that_of_the_checks() {
        assert_eq!(CATALOGUE.map(|(check, _)| check.id), CHECKS.map(|check| check.id));
    }

    #[test]
    fn the_history_tells_of_every_revision_and_of_nothing_else() {
        let relaxed = |revision: &Revision, spec: &str| revision.is_relaxed_for(Pod::of(&read(spec).unwrap()));
        for (check, about) in CATALOGUE {
            let id = check.id;
            let (everywhere, of_versions): (Vec<_>, Vec<_>) =
                about.history.iter().partition(|change| matches!(change.what, What::Everywhere(_)));
            let told: Vec<_> = of_versions.iter().map(|change| change.version).collect();
            assert_eq!(told, check.revisions.iter().map(|revision| revision.since).collect::<Vec<_>>(), "{id}");
            assert!(about.history.is_sorted_by_key(|change| change.version), "{id}");
            assert!(everywhere.iter().all(|change| !told.contains(&change.version)), "{id}");
            for (change, revision) in of_versions.iter().zip(check.revisions) {
                let says = |words: &str| matches!(change.what, What::Words(said) if said == words);
                let windows = relaxed(revision, r#"{"spec": {"os": {"name": "windows"}}}"#);
                let user_namespaces = relaxed(revision, r#"{"spec": {"hostUsers": false}}"#);
                assert_eq!((says(NOT_FOR_WINDOWS), says(NOT_FOR_USER_NAMESPACES)), (windows, user_namespaces), "{id} 1.{}", change.version);
            }
        }
    }

    #[test]
    fn what_a_version_allows_is_in_the_history_and_in_a_list() {
        for (check, about) in CATALOGUE {
            let values = || about.restrictions.iter().flat_map(|one| one.values().into_iter().map(move |(_, since)| (one.since, since)));
            for (_, since) in values().filter(|(began, since)| since > began) {
                assert!(about.history.iter().any(|change| change.version == since && matches!(change.what, What::Allows)), "{}", check.id);
            }
            for change in about.history.iter().filter(|change| matches!(change.what, What::Allows)) {
                assert!(values().any(|(_, since)| since == change.version), "{} 1.{}", check.id, change.version);
            }
            for restriction in about.restrictions {
                let since = |minor| check.revisions.iter().any(|revision| revision.since == minor);
                assert!(since(restriction.since) && restriction.until.is_none_or(|last| since(last + 1)), "{}", check.id);
            }
        }
    }

    /// The table in docs/beyond-built-in.md, and the header of each check's file, agree.
    #[test]
    fn the_value_of_a_finding_is_told_alike_everywhere() {
        let page = include_str!("../../../../docs/beyond-built-in.md");
        let rows = page.lines().skip_while(|line| !line.starts_with("| Findings of |")).skip(2).take_while(|line| line.starts_with('|'));
        let rows: Vec<[&str; 3]> =
            rows.map(|row| row.trim_matches('|').split('|').map(str::trim).collect::<Vec<_>>().try_into().unwrap()).collect();
        assert_eq!(rows.len(), CATALOGUE.len());
        for ([id, value, example], (check, about)) in rows.into_iter().zip(CATALOGUE) {
            assert_eq!((id, value), (check.id, about.value));
            let file: String = id.chars().flat_map(|c| c.is_uppercase().then_some('_').into_iter().chain(c.to_lowercase())).collect();
            let source = std::fs::read_to_string(format!("{}/src/standards/checks/{file}.rs", env!("CARGO_MANIFEST_DIR"))).unwrap();
            assert_eq!(source.lines().find_map(|line| line.strip_prefix("//! | Value | ")), Some(format!("{value} |").as_str()), "{id}");
            // What a rule may say of it.
            let rule = |value: &str| {
                let rule = serde_json::json!({"checks": [id], "values": [value], "reason": "a test"});
                let settings = serde_json::json!({"level": "restricted", "namespaceLabels": "honor", "exemptions": {"checks": [rule]}});
                Settings::parse(settings.to_string().as_bytes()).is_ok()
            };
            match example.split('`').nth(1) {
                Some(example) => assert!(rule(example), "{id}: {example}"),
                None => assert!(["true", "false", "0", "missing"].iter().all(|value| !rule(value)), "{id}"),
            }
        }
    }

    #[test]
    fn the_words_are_there_and_not_too_many() {
        let mut size = 0;
        for (check, about) in CATALOGUE {
            assert!(about.source.starts_with("check_") && about.source.ends_with(".go"), "{}", check.id);
            let mut words = vec![about.title, about.why, about.advice, about.value];
            words.extend(about.told.iter().flat_map(|told| [Some(told.reason), told.advice]).flatten());
            assert!(words.iter().all(|words| !words.is_empty() && words.trim() == *words && !words.contains("  ")), "{}", check.id);
            let sentences = words.iter().filter(|words| ![about.title, about.value].contains(*words));
            assert!(sentences.clone().all(|words| words.ends_with('.')), "{}", check.id);
            size += words.iter().map(|words| words.len()).sum::<usize>();
        }
        assert!(size <= 12_000, "{size} bytes");
    }
}
