//! The types of the JSON that the page receives, with positions in UTF-16 units, as editors count them. The TypeScript
//! declarations are generated from them and contain their documentation.

use pss_manifest::{Position as TextPosition, Span};
use pss_migrate::{configuration, leftovers};
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// The objects of a text to migrate from.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Inspection {
    /// The configurations that can become settings.
    pub configurations: Vec<Reference>,
    /// The number of PodSecurityPolicies.
    pub policies: usize,
    /// The leftovers of PodSecurityPolicies, in the order of the text.
    pub leftovers: Vec<Leftover>,
}

/// An object of the text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Reference {
    /// `kind`.
    pub kind: String,
    /// `metadata.name`; empty if it has none.
    pub name: String,
    /// The index of its document in the text.
    pub document: usize,
    /// The range of its first line.
    pub range: Range,
}

/// A leftover of PodSecurityPolicies.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Leftover {
    /// Whether it is a PodSecurityPolicy, which newer clusters reject; the others have no effect.
    pub is_policy: bool,
    /// The path of the field in its object or the values.
    pub path: String,
    /// The range of the value of that field.
    pub range: Range,
    /// What is there, and its effect from Kubernetes 1.25 on.
    pub message: String,
    /// What to do instead.
    pub help: String,
}

/// The settings for a configuration.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct SettingsReport {
    /// The settings of the policy as JSON; null if the configuration is invalid.
    pub settings: Option<String>,
    /// The description of a template; empty if there is none.
    pub description: String,
    /// What is lost or differs.
    pub notes: Vec<Note>,
    /// The errors in the configuration; none if there are settings.
    pub problems: Vec<Problem>,
}

/// A note on what is lost or differs.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Note {
    /// What it changes: `note` for nothing, `stricter` if the settings reject more, `weaker` if they accept more.
    pub effect: &'static str,
    /// The path of the field.
    pub field: String,
    /// The reason and the consequence.
    pub message: String,
}

/// An error in an object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Problem {
    /// `error` or `warning`.
    pub severity: &'static str,
    /// The range in the text.
    pub range: Range,
    /// The message, which names the field.
    pub message: String,
    /// How to fix it; null if that is not known.
    pub help: Option<String>,
}

/// A range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Range {
    /// The position of its start.
    pub start: Position,
    /// The position of its end, which is exclusive.
    pub end: Position,
}

/// A position in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Position {
    /// The line, from 1. Lines end with LF, CRLF or CR.
    pub line: usize,
    /// The column in UTF-16 units, from 1.
    pub column: usize,
    /// The offset in UTF-16 units, from 0; a CRLF counts as two.
    pub offset: usize,
}

/// Converts a span.
pub(crate) fn range(span: Span) -> Range {
    let position = |at: TextPosition| Position { line: at.line, column: at.utf16_column, offset: at.utf16_offset };
    Range { start: position(span.start), end: position(span.end) }
}

impl From<leftovers::Leftover> for Leftover {
    fn from(leftover: leftovers::Leftover) -> Self {
        let leftovers::Leftover { kind, path, span, message, help, .. } = leftover;
        Leftover { is_policy: kind == leftovers::LeftoverKind::Policy, path, range: range(span), message, help }
    }
}

impl From<configuration::Note> for Note {
    fn from(note: configuration::Note) -> Self {
        Note { effect: note.effect.name(), field: note.field, message: note.message }
    }
}

impl From<pss_migrate::Problem> for Problem {
    fn from(problem: pss_migrate::Problem) -> Self {
        let pss_migrate::Problem { severity, span, message, help, .. } = problem;
        Problem { severity: severity.name(), range: range(span), message, help }
    }
}
