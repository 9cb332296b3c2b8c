//! The types of the JSON that the page receives, with positions in UTF-16 units, as editors count them. They borrow from the types
//! of pss-review. The TypeScript declarations are generated from them and contain their documentation.

use std::marker::PhantomData;

use pss_core::admission;
use pss_core::standards::{self, Version};
use pss_manifest::edit::Edit;
use pss_manifest::{Position as TextPosition, Span};
use pss_review as review;
use serde::{Serialize, Serializer};
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// The report of `evaluate`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Report<'a> {
    /// The errors in the options. If there are any, nothing was evaluated.
    #[cfg_attr(feature = "typescript", tsify(type = "OptionError[]"))]
    pub errors: List<'a, review::OptionError, OptionError<'a>>,
    /// Warnings about invalid namespace labels in the options, which have the effect that they have in Kubernetes, and about rules
    /// of the settings.
    #[cfg_attr(feature = "typescript", tsify(type = "OptionError[]"))]
    pub warnings: List<'a, review::OptionError, OptionError<'a>>,
    /// The reports on all documents and all items of Lists, in the order of the text.
    #[cfg_attr(feature = "typescript", tsify(type = "DocumentReport[]"))]
    pub documents: List<'a, review::DocumentReport, DocumentReport<'a>>,
    /// The output of `kubectl apply -f manifest.yaml`.
    #[cfg_attr(feature = "typescript", tsify(type = "TerminalLine[]"))]
    pub terminal: List<'a, review::TerminalLine, TerminalLine<'a>>,
}

/// The report of `evaluateFiles`.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct FilesReport<'a> {
    /// The errors in the options. If there are any, nothing was evaluated.
    #[cfg_attr(feature = "typescript", tsify(type = "OptionError[]"))]
    pub errors: List<'a, review::OptionError, OptionError<'a>>,
    /// Warnings about invalid namespace labels in the options, and about rules of the settings.
    #[cfg_attr(feature = "typescript", tsify(type = "OptionError[]"))]
    pub warnings: List<'a, review::OptionError, OptionError<'a>>,
    /// All documents, in the order of the files.
    #[cfg_attr(feature = "typescript", tsify(type = "PlacedDocument[]"))]
    pub documents: Vec<PlacedDocument<'a>>,
    /// The output of `kubectl apply` with all files.
    #[cfg_attr(feature = "typescript", tsify(type = "TerminalLine[]"))]
    pub terminal: List<'a, review::TerminalLine, TerminalLine<'a>>,
}

/// A document at its place in a file.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct PlacedDocument<'a> {
    /// The id of its reports: equal documents can have the same.
    pub id: u32,
    /// The index of its file.
    pub file: usize,
    /// The index of the document in the file.
    pub index: usize,
    /// Its start in the file.
    pub start: Position,
    /// The reports on the document, or on the items of a List. Their positions are those in a text that begins with the document,
    /// and their `file` and `index` are 0. Null if the report before had a document with this id.
    #[cfg_attr(feature = "typescript", tsify(type = "DocumentReport[] | null"))]
    pub reports: Option<List<'a, review::DocumentReport, DocumentReport<'a>>>,
}

/// An error in the options.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct OptionError<'a> {
    /// The path in the options: `settings.defaults.enforce`; empty for the options as a whole.
    pub path: &'a str,
    /// The error, and how to fix it.
    pub message: &'a str,
    /// The range of the error in the text of further settings; null if it is elsewhere.
    pub range: Option<Range>,
}

/// A line of the output of kubectl.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct TerminalLine<'a> {
    /// The stream of the line.
    pub stream: Stream,
    /// The line, without a line break.
    pub text: &'a str,
}

/// An output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error: warnings and errors.
    Error,
}

/// A document, or an item of a List.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct DocumentReport<'a> {
    /// The index of its file; 0 for `evaluate`.
    pub file: usize,
    /// The index of the document in the text.
    pub index: usize,
    /// The index in the List; null if it is not an item of a List.
    pub item: Option<usize>,
    /// `apiVersion`; empty if it is unknown.
    pub api_version: &'a str,
    /// `kind`; empty if it is unknown.
    pub kind: &'a str,
    /// `metadata.name`; empty if it is missing.
    pub name: &'a str,
    /// The namespace that it is created in; empty for objects without a namespace.
    pub namespace: &'a str,
    /// Its range in the text.
    pub range: Range,
    /// The outcome.
    pub status: Status,
    /// The kind of exemption if `status` is `exempt`: `namespace`, `user`, `group`, `runtimeClass` or `serviceAccount`.
    pub exemption: Option<&'a str>,
    /// The verdicts of enforce, audit and warn, in this order; none unless `status` is `judged`.
    #[cfg_attr(feature = "typescript", tsify(type = "Verdict[]"))]
    pub verdicts: List<'a, review::Verdict, Verdict<'a>>,
    /// The findings, in the order of their checks in Kubernetes' messages.
    #[cfg_attr(feature = "typescript", tsify(type = "Finding[]"))]
    pub findings: List<'a, review::Finding, Finding<'a>>,
    /// The findings that rules of the settings exempt.
    #[cfg_attr(feature = "typescript", tsify(type = "ExemptFinding[]"))]
    pub exempted: List<'a, review::ExemptFinding, ExemptFinding<'a>>,
    /// The fields that the policy sets when the object is created.
    #[cfg_attr(feature = "typescript", tsify(type = "Change[]"))]
    pub changes: List<'a, review::Change, Change<'a>>,
    /// Errors, warnings and notes about the text itself.
    #[cfg_attr(feature = "typescript", tsify(type = "Diagnostic[]"))]
    pub diagnostics: List<'a, review::Diagnostic, Diagnostic<'a>>,
}

/// A finding that a rule of the settings exempts.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ExemptFinding<'a> {
    /// The id of the check.
    pub check: &'a str,
    /// The field in its object.
    pub path: &'a str,
    /// Its range, as `range` of a finding.
    pub range: Range,
    /// The reason that the rule gives.
    pub reason: &'a str,
}

/// A field that the policy sets.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Change<'a> {
    /// The field in its object.
    pub path: &'a str,
    /// Its new value.
    pub value: &'a str,
    /// The range of its nearest parent that exists.
    pub range: Range,
}

/// The outcome for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Status {
    /// A pod or a workload, which was evaluated.
    Judged,
    /// An exempt pod or workload, which was not evaluated.
    Exempt,
    /// An object of a kind without pods.
    NoPod,
    /// A document that cannot be parsed, or that Kubernetes rejects.
    Invalid,
    /// An empty document.
    Empty,
}

/// The verdict of one mode.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Verdict<'a> {
    /// The mode.
    pub mode: Mode,
    /// The level and version of the mode: `restricted:v1.34`.
    pub policy: String,
    /// The level of the mode.
    pub level: LevelName,
    /// Whether the pod satisfies the policy.
    pub satisfied: bool,
    /// The effect of the verdict.
    pub effect: Effect,
    /// Kubernetes' message if the pod does not satisfy the policy.
    pub message: Option<&'a str>,
}

/// A mode of Pod Security Admission.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Mode {
    /// Rejects violations.
    Enforce,
    /// Writes violations to the audit log.
    Audit,
    /// Warns the user of violations.
    Warn,
}

/// The levels of the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum LevelName {
    /// No requirements.
    Privileged,
    /// Prevents known privilege escalations.
    Baseline,
    /// Requires current hardening practice.
    Restricted,
}

/// The effect of a verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Effect {
    /// Nothing: the policy is satisfied, or the pod is exempt.
    None,
    /// The object is rejected.
    Rejected,
    /// The object is accepted, and the pods that it creates will be rejected.
    PodsRejected,
    /// The violation is written to the audit log.
    Audited,
    /// The user is warned.
    Warned,
    /// The user is not warned, because the object is rejected.
    Suppressed,
}

/// A field with a forbidden value, or without a required one.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Finding<'a> {
    /// The id of the check: `hostPorts`.
    pub check: &'a str,
    /// The lowest level that requires the check.
    pub level: LevelName,
    /// The version of Kubernetes that introduced the check: `v1.8`.
    pub since: String,
    /// The modes whose policies it violates.
    #[cfg_attr(feature = "typescript", tsify(type = "Mode[]"))]
    pub modes: List<'a, admission::Mode, Mode>,
    /// The field in its object: `spec.template.spec.containers[0].securityContext.privileged`.
    pub path: &'a str,
    /// Whether the field is not in the text, or has no value. A list without a required element is not missing, nor is a host port
    /// that an API server copies from `containerPort`.
    pub missing: bool,
    /// The forbidden value as text; null if a value is missing.
    pub value: Option<&'a str>,
    /// The range of the forbidden value. For a missing field, the range of its key, or of the key of the nearest parent that exists,
    /// or of the first entry of a parent without a key.
    pub range: Range,
    /// An explanation of the finding, with the names in this pod.
    pub reason: &'a str,
    /// How to fix it.
    pub advice: &'a str,
    /// The edits that fix it, if they are safe.
    pub fix: Option<Fix<'a>>,
}

/// Edits of the text that fix a finding.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Fix<'a> {
    /// A description of the edits: `Set allowPrivilegeEscalation: false`.
    pub title: &'a str,
    /// The edits, in the order of the text. They do not overlap or touch, and their ranges are those in the text before all edits.
    #[cfg_attr(feature = "typescript", tsify(type = "TextEdit[]"))]
    pub edits: List<'a, Edit, TextEdit<'a>>,
}

/// An edit of the text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct TextEdit<'a> {
    /// The range that is replaced; empty for an insertion.
    pub range: Range,
    /// The replacement.
    pub text: &'a str,
}

/// A message about the text.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Diagnostic<'a> {
    /// Its severity.
    pub severity: Severity,
    /// The message.
    pub message: &'a str,
    /// How to fix it, in a sentence; null if that is not known.
    pub help: Option<&'a str>,
    /// Its range in the text.
    pub range: Range,
    /// The edits that fix it, if they are safe.
    pub fix: Option<Fix<'a>>,
    /// Whether the document is a template that cannot be read, but can be reviewed with the option `templates`.
    pub template: bool,
}

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Severity {
    /// Kubernetes rejects it.
    Error,
    /// Kubernetes accepts it, but it is probably not intended.
    Warning,
    /// A note.
    Info,
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

/// The comparison of two levels and versions.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Comparison<'a> {
    /// The errors in the levels and versions. If there are any, nothing was compared.
    #[cfg_attr(feature = "typescript", tsify(type = "OptionError[]"))]
    pub errors: List<'a, review::OptionError, OptionError<'a>>,
    /// The checks that only one of the two runs, or that have different revisions.
    #[cfg_attr(feature = "typescript", tsify(type = "CheckChange[]"))]
    pub checks: List<'a, review::CheckChange, CheckChange<'a>>,
    /// The documents with findings at only one of the two.
    #[cfg_attr(feature = "typescript", tsify(type = "DocumentChange[]"))]
    pub documents: List<'a, review::DocumentChange, DocumentChange<'a>>,
}

/// A check that differs in a comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CheckChange<'a> {
    /// The id of the check.
    pub check: &'a str,
    /// The change.
    pub kind: ChangeKind,
}

/// The change of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum ChangeKind {
    /// Only the second level and version run it.
    Added,
    /// Only the first level and version run it.
    Removed,
    /// Both run it, with different revisions.
    Changed,
}

/// A document whose findings differ in a comparison.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct DocumentChange<'a> {
    /// The index of the document in the text.
    pub index: usize,
    /// The index in the List; null if it is not an item of a List.
    pub item: Option<usize>,
    /// Its `kind`.
    pub kind: &'a str,
    /// Its `metadata.name`.
    pub name: &'a str,
    /// The findings at the second level and version only.
    #[cfg_attr(feature = "typescript", tsify(type = "Finding[]"))]
    pub appear: List<'a, review::Finding, Finding<'a>>,
    /// The findings at the first level and version only.
    #[cfg_attr(feature = "typescript", tsify(type = "Finding[]"))]
    pub disappear: List<'a, review::Finding, Finding<'a>>,
}

/// A list that is serialized as a list of `U`, one element at a time.
#[derive(Debug)]
pub struct List<'a, T, U>(&'a [T], PhantomData<U>);

impl<'a, T, U> From<&'a [T]> for List<'a, T, U> {
    fn from(elements: &'a [T]) -> Self {
        List(elements, PhantomData)
    }
}

impl<'a, T, U: From<&'a T> + Serialize> Serialize for List<'a, T, U> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(U::from))
    }
}

impl<'a> From<&'a Result<review::Report, Vec<review::OptionError>>> for Report<'a> {
    fn from(result: &'a Result<review::Report, Vec<review::OptionError>>) -> Self {
        let (errors, warnings, documents, terminal): (&[_], &[_], &[_], &[_]) = match result {
            Ok(report) => (&[], &report.warnings, &report.documents, &report.terminal),
            Err(errors) => (errors, &[], &[], &[]),
        };
        Report { errors: errors.into(), warnings: warnings.into(), documents: documents.into(), terminal: terminal.into() }
    }
}

impl<'a> From<&'a Result<review::Comparison, Vec<review::OptionError>>> for Comparison<'a> {
    fn from(result: &'a Result<review::Comparison, Vec<review::OptionError>>) -> Self {
        let (errors, checks, documents): (&[_], &[_], &[_]) = match result {
            Ok(comparison) => (&[], &comparison.checks, &comparison.documents),
            Err(errors) => (errors, &[], &[]),
        };
        Comparison { errors: errors.into(), checks: checks.into(), documents: documents.into() }
    }
}

/// Converts an enum variant by variant.
macro_rules! convert_enum {
    ($From:path => $Into:ident { $($from:ident => $into:ident,)* }) => {
        impl From<&$From> for $Into {
            fn from(value: &$From) -> Self {
                match value {
                    $(<$From>::$from => $Into::$into,)*
                }
            }
        }
    };
}

convert_enum!(admission::Mode => Mode { Enforce => Enforce, Audit => Audit, Warn => Warn, });
convert_enum!(standards::Level => LevelName { Privileged => Privileged, Baseline => Baseline, Restricted => Restricted, });
convert_enum!(admission::Effect => Effect {
    None => None,
    Tolerated => None,
    Rejected => Rejected,
    PodsRejected => PodsRejected,
    Audited => Audited,
    Warned => Warned,
    Suppressed => Suppressed,
});
convert_enum!(review::Status => Status { Judged => Judged, Exempt => Exempt, NoPod => NoPod, Invalid => Invalid, Empty => Empty, });
convert_enum!(review::Severity => Severity { Error => Error, Warning => Warning, Info => Info, });
convert_enum!(review::Stream => Stream { Output => Output, Error => Error, });
convert_enum!(review::ChangeKind => ChangeKind { Added => Added, Removed => Removed, Changed => Changed, });

impl<'a> From<&'a review::OptionError> for OptionError<'a> {
    fn from(error: &'a review::OptionError) -> Self {
        OptionError { path: &error.path, message: &error.message, range: error.span.map(Range::from) }
    }
}

impl<'a> From<&'a review::TerminalLine> for TerminalLine<'a> {
    fn from(line: &'a review::TerminalLine) -> Self {
        TerminalLine { stream: (&line.stream).into(), text: &line.text }
    }
}

impl<'a> From<&'a review::DocumentReport> for DocumentReport<'a> {
    fn from(report: &'a review::DocumentReport) -> Self {
        DocumentReport {
            file: report.source,
            index: report.index,
            item: report.item,
            api_version: &report.api_version,
            kind: &report.kind,
            name: &report.name,
            namespace: &report.namespace,
            range: report.span.into(),
            status: (&report.status).into(),
            exemption: report.exemption.map(|exemption| exemption.name()),
            verdicts: report.verdicts.as_slice().into(),
            findings: report.findings.as_slice().into(),
            exempted: report.exempt_findings.as_slice().into(),
            changes: report.changes.as_slice().into(),
            diagnostics: report.diagnostics.as_slice().into(),
        }
    }
}

impl<'a> From<&'a review::Verdict> for Verdict<'a> {
    fn from(verdict: &'a review::Verdict) -> Self {
        Verdict {
            mode: (&verdict.mode).into(),
            policy: verdict.policy.to_string(),
            level: (&verdict.policy.level).into(),
            satisfied: verdict.is_satisfied,
            effect: (&verdict.effect).into(),
            message: verdict.message.as_deref(),
        }
    }
}

impl<'a> From<&'a review::Finding> for Finding<'a> {
    fn from(finding: &'a review::Finding) -> Self {
        Finding {
            check: finding.check.id,
            level: (&finding.check.level).into(),
            since: Version::Minor(finding.check.revisions.first().map_or(0, |revision| revision.since)).to_string(),
            modes: finding.modes.as_slice().into(),
            path: &finding.path,
            missing: finding.is_missing,
            value: finding.value.as_deref(),
            range: finding.span.into(),
            reason: &finding.reason,
            advice: &finding.advice,
            fix: finding.fix.as_ref().map(Fix::from),
        }
    }
}

impl<'a> From<&'a review::Fix> for Fix<'a> {
    fn from(fix: &'a review::Fix) -> Self {
        Fix { title: &fix.title, edits: fix.edits.as_slice().into() }
    }
}

impl<'a> From<&'a Edit> for TextEdit<'a> {
    fn from(edit: &'a Edit) -> Self {
        TextEdit { range: edit.span.into(), text: &edit.text }
    }
}

impl<'a> From<&'a review::ExemptFinding> for ExemptFinding<'a> {
    fn from(finding: &'a review::ExemptFinding) -> Self {
        ExemptFinding { check: finding.check.id, path: &finding.path, range: finding.span.into(), reason: &finding.reason }
    }
}

impl<'a> From<&'a review::Change> for Change<'a> {
    fn from(change: &'a review::Change) -> Self {
        Change { path: &change.path, value: &change.value, range: change.span.into() }
    }
}

impl<'a> From<&'a review::Diagnostic> for Diagnostic<'a> {
    fn from(diagnostic: &'a review::Diagnostic) -> Self {
        Diagnostic {
            severity: (&diagnostic.severity).into(),
            message: &diagnostic.message,
            help: diagnostic.help.as_deref(),
            range: diagnostic.span.into(),
            fix: diagnostic.fix.as_ref().map(Fix::from),
            template: diagnostic.kind == review::DiagnosticKind::Template && diagnostic.severity == review::Severity::Error,
        }
    }
}

impl<'a> From<&'a review::CheckChange> for CheckChange<'a> {
    fn from(change: &'a review::CheckChange) -> Self {
        CheckChange { check: change.check.id, kind: (&change.kind).into() }
    }
}

impl<'a> From<&'a review::DocumentChange> for DocumentChange<'a> {
    fn from(change: &'a review::DocumentChange) -> Self {
        let review::DocumentReport { index, item, kind, name, .. } = &change.document;
        let (appear, disappear) = (change.added.as_slice().into(), change.removed.as_slice().into());
        DocumentChange { index: *index, item: *item, kind, name, appear, disappear }
    }
}

impl From<TextPosition> for Position {
    fn from(position: TextPosition) -> Self {
        Position { line: position.line, column: position.utf16_column, offset: position.utf16_offset }
    }
}

impl From<Span> for Range {
    fn from(span: Span) -> Self {
        Range { start: span.start.into(), end: span.end.into() }
    }
}
