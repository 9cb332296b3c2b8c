//! The types of the JSON that the page receives, with positions in UTF-16 units, as editors count them. The TypeScript declarations
//! are generated from them and contain their documentation.

use pss_core::standards::{LevelVersion, Version};
use pss_editor::{Candidate, CandidateKind, CheckedField, ContainerOutline, ObjectOutline};
use pss_playground::report::{LevelName, Range};
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// What can be written at a place.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CompletionReport {
    /// The range that a candidate replaces: the word at the cursor.
    pub range: Range,
    /// The candidates: first those of checks, then the other fields of Kubernetes.
    pub candidates: Vec<CandidateInfo>,
}

/// A field or a value.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CandidateInfo {
    /// The name of the field, or the value.
    pub label: String,
    /// The text to insert.
    pub text: String,
    /// Its kind.
    pub kind: CandidateType,
    /// The type: `list of Container`; empty if it is not known.
    pub detail: String,
    /// The ids of checks that read the field, or allow the value.
    pub checks: Vec<&'static str>,
    /// The risks that these checks prevent, a line for each check; empty without a check.
    pub documentation: String,
}

/// The kinds of candidates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum CandidateType {
    /// A field.
    Field,
    /// A value.
    Value,
}

/// The documentation of a field.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct HoverReport {
    /// The path of the field in its object: `spec.containers[0].securityContext.privileged`.
    pub path: String,
    /// The range of its key, or of its value if the place is in it.
    pub range: Range,
    /// Its type: `list of Container`; empty if it is not known.
    pub type_name: String,
    /// The values if it is an enumeration.
    pub values: Vec<String>,
    /// The checks that read it.
    pub checks: Vec<CheckDocumentation>,
}

/// A check that reads a field.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CheckDocumentation {
    /// The id: `hostPorts`.
    pub id: &'static str,
    /// The title.
    pub title: &'static str,
    /// The lowest level that requires the check.
    pub level: LevelName,
    /// The risk of a violation.
    pub why: &'static str,
    /// How to fix a finding.
    pub advice: &'static str,
    /// The allowed values, and descriptions of others: `RuntimeDefault`, `not set`.
    pub allowed: Vec<String>,
    /// Whether the level and version require the check.
    pub checked: bool,
    /// The version of Kubernetes since which the check reads the field: `v1.19`.
    pub since: String,
}

/// An object of a text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ObjectInfo {
    /// The index of its document.
    pub document: usize,
    /// `apiVersion`; empty if it is missing.
    pub api_version: String,
    /// `kind`; empty if it is missing.
    pub kind: String,
    /// `metadata.name` or `metadata.generateName`; empty if both are missing.
    pub name: String,
    /// `metadata.namespace`; empty if it is missing.
    pub namespace: String,
    /// The range of its first line.
    pub range: Range,
    /// The containers of its pod.
    pub containers: Vec<ContainerInfo>,
}

/// A container of an object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ContainerInfo {
    /// Its list: `containers`, `initContainers` or `ephemeralContainers`.
    pub list: &'static str,
    /// Its name; empty if it is missing.
    pub name: String,
    /// The range of its first line.
    pub range: Range,
}

impl From<Candidate> for CandidateInfo {
    fn from(candidate: Candidate) -> Self {
        let checks = candidate.checks();
        let mut lines: Vec<String> = Vec::new();
        for field in &candidate.fields {
            let line = format!("{}: {}", field.check.id, field.documentation.why);
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        CandidateInfo {
            checks,
            kind: match candidate.kind {
                CandidateKind::Field => CandidateType::Field,
                CandidateKind::Value => CandidateType::Value,
            },
            label: candidate.label,
            text: candidate.text,
            detail: candidate.description,
            documentation: lines.join("\n"),
        }
    }
}

impl CheckDocumentation {
    /// Returns the documentation of a field of a check at a level and version.
    pub fn of(field: &CheckedField, policy: LevelVersion, checked: bool) -> Self {
        CheckDocumentation {
            id: field.check.id,
            title: field.documentation.title,
            level: (&field.check.level).into(),
            why: field.documentation.why,
            advice: field.documentation.advice,
            allowed: field.allowed(policy.version).into_iter().map(|value| value.trim_matches('`').to_owned()).collect(),
            checked,
            since: Version::Minor(field.restriction.since).to_string(),
        }
    }
}

impl From<ObjectOutline> for ObjectInfo {
    fn from(object: ObjectOutline) -> Self {
        let ObjectOutline { document, api_version, kind, name, namespace, span, containers } = object;
        let containers = containers.into_iter().map(ContainerInfo::from).collect();
        ObjectInfo { document, api_version, kind, name, namespace, range: span.into(), containers }
    }
}

impl From<ContainerOutline> for ContainerInfo {
    fn from(container: ContainerOutline) -> Self {
        ContainerInfo { list: container.kind.field(), name: container.name, range: container.span.into() }
    }
}
