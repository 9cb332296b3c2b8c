//! The JSON shapes that the page receives, with UTF-16 positions as editors count them. TypeScript's types of them are
//! generated from these, documentation included.

use pss_core::admission;
use pss_core::standards::{self, Version};
use pss_manifest as manifest;
use pss_review as review;
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

/// The report of `evaluate`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Report {
    /// The errors in the options. With any, nothing was judged.
    pub errors: Vec<OptionError>,
    /// The options that are invalid and were taken as Kubernetes takes them.
    pub warnings: Vec<OptionError>,
    /// Every document, and every item of a List, in the order of the text.
    pub documents: Vec<DocumentReport>,
    /// What `kubectl apply -f manifest.yaml` prints.
    pub terminal: Vec<TerminalLine>,
}

/// An error in the options.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct OptionError {
    /// The path in the options: `settings.defaults.enforce`; empty for the options as a whole.
    pub path: String,
    /// The error, and how to fix it.
    pub message: String,
    /// Its place in the text of further settings, if it is there.
    pub range: Option<Range>,
}

/// A line that kubectl prints.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct TerminalLine {
    /// The stream that it is printed to.
    pub stream: Stream,
    /// The line, without its end.
    pub text: String,
}

/// The streams of a program.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct DocumentReport {
    /// The index of the document in the text.
    pub index: usize,
    /// The index in its List; null for a document that is no item of a List.
    pub item: Option<usize>,
    /// `apiVersion`; empty where it is unknown.
    pub api_version: String,
    /// `kind`; empty where it is unknown.
    pub kind: String,
    /// `metadata.name`; empty where it is missing.
    pub name: String,
    /// The namespace that it is created in; empty for objects without a namespace.
    pub namespace: String,
    /// Its place in the text.
    pub range: Range,
    /// The outcome.
    pub status: Status,
    /// Why it is exempt, where `status` is `exempt`: `namespace`, `user`, `group`, `runtimeClass` or
    /// `serviceAccount`.
    pub exemption: Option<String>,
    /// The verdicts of enforce, audit and warn, in this order; none unless `status` is `judged`.
    pub verdicts: Vec<Verdict>,
    /// The findings, in the order in which Kubernetes' messages name their checks.
    pub findings: Vec<Finding>,
    /// The findings that rules of the settings exempt.
    pub exempted: Vec<ExemptFinding>,
    /// The fields that the policy sets when the object is created.
    pub changes: Vec<Change>,
    /// Errors, warnings and notes about the text itself.
    pub diagnostics: Vec<Diagnostic>,
}

/// A finding that a rule of the settings exempts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ExemptFinding {
    /// The id of the check.
    pub check: String,
    /// The field in its object.
    pub path: String,
    /// Its place, as that of a finding.
    pub range: Range,
    /// The reason that the rule gives.
    pub reason: String,
}

/// A field that the policy sets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Change {
    /// The field in its object.
    pub path: String,
    /// Its new value.
    pub value: String,
    /// The place of its nearest parent that exists.
    pub range: Range,
}

/// The outcome for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Status {
    /// A pod or a workload, which was judged.
    Judged,
    /// It is exempt, and was not judged.
    Exempt,
    /// An object of a kind that has no pod.
    NoPod,
    /// It cannot be parsed, or Kubernetes would not accept it.
    Invalid,
    /// An empty document.
    Empty,
}

/// The verdict of one mode.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Verdict {
    /// The mode.
    pub mode: Mode,
    /// The policy that decides: `restricted:v1.34`.
    pub policy: String,
    /// The level of the policy.
    pub level: LevelName,
    /// Whether the pod satisfies it.
    pub satisfied: bool,
    /// What follows.
    pub effect: Effect,
    /// Kubernetes' message, where the pod does not satisfy the policy.
    pub message: Option<String>,
}

/// The three modes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Mode {
    /// Rejects.
    Enforce,
    /// Writes to the audit log.
    Audit,
    /// Warns the user.
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

/// What follows from a verdict.
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Finding {
    /// The id of the check: `hostPorts`.
    pub check: String,
    /// The lowest level that requires the check.
    pub level: LevelName,
    /// The version of Kubernetes that introduced the check: `v1.8`.
    pub since: String,
    /// The modes whose policy it violates.
    pub modes: Vec<Mode>,
    /// What Kubernetes says of the check, for all its findings together:
    /// `hostPort (container "web" uses hostPort 80)`.
    pub sentence: String,
    /// The field in its object: `spec.template.spec.containers[0].securityContext.privileged`.
    pub path: String,
    /// Whether the text has no such field, or one without a value. A list without a required element is
    /// not missing, nor is a host port that an API server copies from `containerPort`.
    pub missing: bool,
    /// The forbidden value as text; null where a value is missing.
    pub value: Option<String>,
    /// The place of the forbidden value. Of a missing field the key, or that of the nearest parent that
    /// exists, or the first entry of a parent without a key.
    pub range: Range,
    /// What the finding means, in plain words, with the names of this pod.
    pub reason: String,
    /// What to do about it, in plain words.
    pub advice: String,
    /// The edits that fix it, where they are safe.
    pub fix: Option<Fix>,
}

/// Edits of the text that fix a finding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Fix {
    /// What they do: `Set allowPrivilegeEscalation: false`.
    pub title: String,
    /// The edits, in the order of the text; none touches another. Their ranges are those before any
    /// of them is made.
    pub edits: Vec<TextEdit>,
}

/// An edit of the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct TextEdit {
    /// What is replaced; empty where something is inserted.
    pub range: Range,
    /// What comes in its place.
    pub text: String,
}

/// A message about the text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Diagnostic {
    /// Its severity.
    pub severity: Severity,
    /// The message.
    pub message: String,
    /// Its place.
    pub range: Range,
}

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum Severity {
    /// Kubernetes rejects it.
    Error,
    /// Kubernetes accepts it, but the author hardly intends it.
    Warning,
    /// A note.
    Info,
}

/// A range of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Range {
    /// Its first position.
    pub start: Position,
    /// The position after its last.
    pub end: Position,
}

/// A position in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Position {
    /// Its line, from 1. Lines end with LF, CRLF or CR.
    pub line: usize,
    /// Its column in UTF-16 units, from 1.
    pub column: usize,
    /// The UTF-16 units before it; a CRLF counts as two.
    pub offset: usize,
}

/// A check, as the catalogue shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CheckInfo {
    /// Its id: `hostPorts`.
    pub id: String,
    /// A title of a few words.
    pub title: String,
    /// The lowest level that requires the check.
    pub level: LevelName,
    /// The name of the check in Kubernetes' messages.
    pub reason: String,
    /// What a pod that violates it could do.
    pub why: String,
    /// What to do about a finding.
    pub advice: String,
    /// What the value of a finding is: `the port`.
    pub value: String,
    /// The fields that it reads, and the values that they may have.
    pub restrictions: Vec<RestrictionInfo>,
    /// The checks of the level below that are not run beside it.
    pub overrides: Vec<String>,
    /// The changes of it, the oldest first.
    pub history: Vec<ChangeInfo>,
    /// The file name of the upstream source.
    pub source: String,
}

/// Fields that a check reads, and the values that they may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct RestrictionInfo {
    /// The fields: `spec.containers[*].ports[*].hostPort`.
    pub fields: Vec<String>,
    /// The values.
    pub allowed: Vec<AllowedInfo>,
}

/// A value that a field may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct AllowedInfo {
    /// The value, or a description of it: `false`, `not set`.
    pub value: String,
    /// The version that allowed it: `v1.27`.
    pub since: String,
}

/// A change of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct ChangeInfo {
    /// The version of Kubernetes.
    pub version: String,
    /// The change.
    pub change: String,
    /// Whether this release changed it at every version of the standards.
    pub everywhere: bool,
}

/// What changes from one level and version to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct Comparison {
    /// The errors in the levels and versions. With any, nothing was compared.
    pub errors: Vec<OptionError>,
    /// The checks that only one of them runs, or of which they run different revisions.
    pub checks: Vec<CheckChange>,
    /// The documents with findings that only one of them has.
    pub documents: Vec<DocumentChange>,
}

/// What changes in a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct CheckChange {
    /// The id of the check.
    pub check: String,
    /// The change.
    pub kind: ChangeKind,
}

/// The change of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub enum ChangeKind {
    /// Only the second runs it.
    Added,
    /// Only the first runs it.
    Removed,
    /// Both run it, with different requirements.
    Changed,
}

/// What changes for a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "typescript", derive(Tsify))]
pub struct DocumentChange {
    /// The index of the document in the text.
    pub index: usize,
    /// The index in its List.
    pub item: Option<usize>,
    /// Its `kind`.
    pub kind: String,
    /// Its `metadata.name`.
    pub name: String,
    /// The findings that only the second has.
    pub appear: Vec<Finding>,
    /// The findings that only the first has.
    pub disappear: Vec<Finding>,
}

impl Report {
    /// The report where the options are invalid.
    pub fn invalid(errors: Vec<OptionError>) -> Self {
        Report { errors, warnings: Vec::new(), documents: Vec::new(), terminal: Vec::new() }
    }
}

impl Comparison {
    /// The comparison where the levels and versions are invalid.
    pub fn invalid(errors: Vec<OptionError>) -> Self {
        Comparison { errors, checks: Vec::new(), documents: Vec::new() }
    }
}

/// Converts each element of a list.
fn all<T, U: From<T>>(list: Vec<T>) -> Vec<U> {
    list.into_iter().map(U::from).collect()
}

/// Converts an enum variant by variant.
macro_rules! convert_enum {
    ($From:path => $Into:ident { $($from:ident => $into:ident,)* }) => {
        impl From<$From> for $Into {
            fn from(value: $From) -> Self {
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

impl From<review::Report> for Report {
    fn from(report: review::Report) -> Self {
        let review::Report { warnings, documents, terminal } = report;
        Report { errors: Vec::new(), warnings: all(warnings), documents: all(documents), terminal: all(terminal) }
    }
}

impl From<review::OptionError> for OptionError {
    fn from(error: review::OptionError) -> Self {
        OptionError { path: error.path, message: error.message, range: error.span.map(Range::from) }
    }
}

impl From<review::TerminalLine> for TerminalLine {
    fn from(line: review::TerminalLine) -> Self {
        TerminalLine { stream: line.stream.into(), text: line.text }
    }
}

impl From<review::DocumentReport> for DocumentReport {
    fn from(report: review::DocumentReport) -> Self {
        DocumentReport {
            index: report.index,
            item: report.item,
            api_version: report.api_version,
            kind: report.kind,
            name: report.name,
            namespace: report.namespace,
            range: report.span.into(),
            status: report.status.into(),
            exemption: report.exemption.map(|exemption| exemption.name().to_owned()),
            verdicts: all(report.verdicts),
            findings: all(report.findings),
            exempted: all(report.exempt_findings),
            changes: all(report.changes),
            diagnostics: all(report.diagnostics),
        }
    }
}

impl From<review::Verdict> for Verdict {
    fn from(verdict: review::Verdict) -> Self {
        Verdict {
            mode: verdict.mode.into(),
            policy: verdict.policy.to_string(),
            level: verdict.policy.level.into(),
            satisfied: verdict.is_satisfied,
            effect: verdict.effect.into(),
            message: verdict.message,
        }
    }
}

impl From<review::Finding> for Finding {
    fn from(finding: review::Finding) -> Self {
        let since = finding.check.revisions.first().map_or(0, |revision| revision.since);
        Finding {
            check: finding.check.id.to_owned(),
            level: finding.check.level.into(),
            since: Version::Minor(since).to_string(),
            modes: all(finding.modes),
            sentence: finding.sentence,
            path: finding.path,
            missing: finding.is_missing,
            value: finding.value,
            range: finding.span.into(),
            reason: finding.reason,
            advice: finding.advice,
            fix: finding.fix.map(Fix::from),
        }
    }
}

impl From<review::Fix> for Fix {
    fn from(fix: review::Fix) -> Self {
        Fix { title: fix.title, edits: all(fix.edits) }
    }
}

impl From<manifest::edit::Edit> for TextEdit {
    fn from(edit: manifest::edit::Edit) -> Self {
        TextEdit { range: edit.span.into(), text: edit.text }
    }
}

impl From<review::ExemptFinding> for ExemptFinding {
    fn from(finding: review::ExemptFinding) -> Self {
        ExemptFinding { check: finding.check.id.to_owned(), path: finding.path, range: finding.span.into(), reason: finding.reason }
    }
}

impl From<review::Change> for Change {
    fn from(change: review::Change) -> Self {
        Change { path: change.path, value: change.value, range: change.span.into() }
    }
}

impl From<review::Diagnostic> for Diagnostic {
    fn from(diagnostic: review::Diagnostic) -> Self {
        Diagnostic { severity: diagnostic.severity.into(), message: diagnostic.message, range: diagnostic.span.into() }
    }
}

impl From<review::Comparison> for Comparison {
    fn from(comparison: review::Comparison) -> Self {
        Comparison { errors: Vec::new(), checks: all(comparison.checks), documents: all(comparison.documents) }
    }
}

impl From<review::CheckChange> for CheckChange {
    fn from(change: review::CheckChange) -> Self {
        CheckChange { check: change.check.id.to_owned(), kind: change.kind.into() }
    }
}

impl From<review::DocumentChange> for DocumentChange {
    fn from(change: review::DocumentChange) -> Self {
        let review::DocumentReport { index, item, kind, name, .. } = change.document;
        DocumentChange { index, item, kind, name, appear: all(change.added), disappear: all(change.removed) }
    }
}

impl From<review::catalogue::CheckInfo> for CheckInfo {
    fn from(check: review::catalogue::CheckInfo) -> Self {
        CheckInfo {
            id: check.id.to_owned(),
            title: check.title.to_owned(),
            level: check.level.into(),
            reason: check.reason.to_owned(),
            why: check.why.to_owned(),
            advice: check.advice.to_owned(),
            value: check.value.to_owned(),
            restrictions: all(check.restrictions),
            overrides: check.overrides.into_iter().map(str::to_owned).collect(),
            history: all(check.history),
            source: check.source.to_owned(),
        }
    }
}

impl From<review::catalogue::RestrictionInfo> for RestrictionInfo {
    fn from(restriction: review::catalogue::RestrictionInfo) -> Self {
        RestrictionInfo { fields: restriction.fields, allowed: all(restriction.allowed) }
    }
}

impl From<review::catalogue::AllowedInfo> for AllowedInfo {
    fn from(allowed: review::catalogue::AllowedInfo) -> Self {
        AllowedInfo { value: allowed.value.to_owned(), since: allowed.since.to_string() }
    }
}

impl From<review::catalogue::ChangeInfo> for ChangeInfo {
    fn from(change: review::catalogue::ChangeInfo) -> Self {
        ChangeInfo { version: change.version.to_string(), change: change.change, everywhere: change.everywhere }
    }
}

impl From<manifest::Position> for Position {
    fn from(position: manifest::Position) -> Self {
        Position { line: position.line, column: position.utf16_column, offset: position.utf16_offset }
    }
}

impl From<manifest::Span> for Range {
    fn from(span: manifest::Span) -> Self {
        Range { start: span.start.into(), end: span.end.into() }
    }
}
