//! The types of the report of a review, with positions in the texts.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use pss_core::admission::{Effect, Mode};
use pss_core::settings::Exemption;
use pss_core::standards::{Check, LevelVersion};
use pss_manifest::edit::Edit;
use pss_manifest::{Position, Span};

/// The report on one or more texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// Warnings about invalid namespace labels in the options, which have the effect that they have in Kubernetes, and about rules
    /// of the settings.
    pub warnings: Vec<OptionError>,
    /// The reports on all documents and all items of Lists, in the order of the texts.
    pub documents: Vec<DocumentReport>,
    /// The output of `kubectl apply`.
    pub terminal: Vec<TerminalLine>,
}

/// An error in the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionError {
    /// The path in the options: `settings.defaults.enforce`; empty for the options as a whole.
    pub path: String,
    /// The error, and how to fix it.
    pub message: String,
    /// The span of the error in the text of the settings, if they are a text.
    pub span: Option<Span>,
}

impl fmt::Display for OptionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { out.write_str(&self.message) } else { write!(out, "{}: {}", self.path, self.message) }
    }
}

/// A line of the output of kubectl.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalLine {
    /// The stream of the line.
    pub stream: Stream,
    /// The line, without a line break.
    pub text: String,
}

/// An output stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Stream {
    /// Standard output.
    Output,
    /// Standard error: warnings and errors.
    Error,
}

/// The report on a document, or on an item of a List.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentReport {
    /// The index of its text among the sources.
    pub source: usize,
    /// The index of the document in its text.
    pub index: usize,
    /// The index in the List; `None` if it is not an item of a List.
    pub item: Option<usize>,
    /// `apiVersion`; empty if it is unknown.
    pub api_version: String,
    /// `kind`; empty if it is unknown.
    pub kind: String,
    /// `metadata.name`; empty if it is missing.
    pub name: String,
    /// The namespace that it is created in; empty for objects without a namespace.
    pub namespace: String,
    /// Its span in the text.
    pub span: Span,
    /// The outcome.
    pub status: Status,
    /// The kind of exemption if `status` is `Exempt`.
    pub exemption: Option<Exemption>,
    /// The verdicts of enforce, audit and warn, in this order; none unless `status` is `Judged`.
    pub verdicts: Vec<Verdict>,
    /// The findings, in the order of their checks in Kubernetes' messages.
    pub findings: Vec<Finding>,
    /// The findings that rules of the settings exempt.
    pub exempt_findings: Vec<ExemptFinding>,
    /// The fields that the policy sets when the object is created.
    pub changes: Vec<Change>,
    /// Errors, warnings and notes about the text itself.
    pub diagnostics: Vec<Diagnostic>,
}

impl DocumentReport {
    /// Calls a function with each position of the report.
    pub fn each_position(&mut self, change: &mut dyn FnMut(&mut Position)) {
        let mut each = |span: &mut Span| {
            change(&mut span.start);
            change(&mut span.end);
        };
        each(&mut self.span);
        for finding in &mut self.findings {
            each(&mut finding.span);
            finding.fix.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| each(&mut edit.span));
        }
        self.exempt_findings.iter_mut().for_each(|finding| each(&mut finding.span));
        self.changes.iter_mut().for_each(|change| each(&mut change.span));
        for diagnostic in &mut self.diagnostics {
            each(&mut diagnostic.span);
            diagnostic.fix.iter_mut().flat_map(|fix| &mut fix.edits).for_each(|edit| each(&mut edit.span));
        }
    }
}

/// The outcome for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The mode.
    pub mode: Mode,
    /// The level and version of the mode.
    pub policy: LevelVersion,
    /// Whether the pod satisfies the policy.
    pub is_satisfied: bool,
    /// The effect of the verdict.
    pub effect: Effect,
    /// Kubernetes' message if the pod does not satisfy the policy.
    pub message: Option<String>,
}

/// A field with a forbidden value, or without a required one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// The modes whose policies it violates.
    pub modes: Vec<Mode>,
    /// The part of Kubernetes' message about the check, for all its findings together:
    /// `hostPort (container "web" uses hostPort 80)`.
    ///
    /// They share it: it names every container, so that a copy for each would take quadratic space.
    pub sentence: Arc<str>,
    /// The part of the pod that the field belongs to.
    pub subject: FindingSubject,
    /// The path of the field in the object: `spec.template.spec.containers[0].securityContext.privileged`.
    pub path: String,
    /// Whether the field is not in the text, or has no value. A list without a required element is not missing, nor is a host port
    /// that an API server copies from `containerPort`.
    pub is_missing: bool,
    /// The forbidden value as text; `None` if a value is missing.
    pub value: Option<String>,
    /// The span of the forbidden value. For a missing field, the span of its key, or of the key of the nearest parent that exists, or
    /// of the first entry of a parent without a key.
    pub span: Span,
    /// An explanation of the finding, with the names in this pod.
    pub reason: String,
    /// How to fix it.
    pub advice: Cow<'static, str>,
    /// The edits that fix it, if they are safe.
    pub fix: Option<Fix>,
}

/// The part of a pod that the field of a finding belongs to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FindingSubject {
    /// Its kind.
    pub kind: SubjectKind,
    /// Its name, or the key of an annotation; empty for the pod.
    pub name: String,
}

/// The kinds of parts of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SubjectKind {
    /// The pod.
    Pod,
    /// A container.
    Container,
    /// A volume.
    Volume,
    /// An annotation.
    Annotation,
}

impl SubjectKind {
    /// Returns its name: `container`.
    pub const fn name(self) -> &'static str {
        match self {
            SubjectKind::Pod => "pod",
            SubjectKind::Container => "container",
            SubjectKind::Volume => "volume",
            SubjectKind::Annotation => "annotation",
        }
    }
}

/// Edits of the text that fix a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// A description of the edits: `Set allowPrivilegeEscalation: false`.
    pub title: String,
    /// The edits, in the order of the text. They do not overlap or touch, and their spans are those in the text before all edits.
    pub edits: Vec<Edit>,
}

/// A finding that a rule of the settings exempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptFinding {
    /// The check.
    pub check: &'static Check,
    /// The path of the field in the object.
    pub path: String,
    /// Its span, as that of a [`Finding`].
    pub span: Span,
    /// The reason that the rule gives.
    pub reason: String,
}

/// A field that the policy sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// The path of the field in the object.
    pub path: String,
    /// Its new value.
    pub value: String,
    /// The span of its nearest parent that exists.
    pub span: Span,
}

/// A message about the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// What it is about.
    pub kind: DiagnosticKind,
    /// Its severity.
    pub severity: Severity,
    /// The message.
    pub message: String,
    /// How to fix it, if that is known.
    pub help: Option<String>,
    /// The edits that fix it, if they are safe.
    pub fix: Option<Fix>,
    /// Its span in the text.
    pub span: Span,
}

/// The subjects of diagnostics.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DiagnosticKind {
    /// The text is neither YAML nor JSON, or exceeds a limit.
    Syntax,
    /// The document is a template. It is an error if it cannot be parsed, and otherwise a note on the actions that are masked.
    Template,
    /// YAML that is valid but probably not intended: a duplicate key, text that is ignored.
    IgnoredText,
    /// The document is no mapping.
    NoObject,
    /// The document is no object with `apiVersion` and `kind`, or of a kind that no cluster has.
    Object,
    /// The kind may be defined by a CustomResourceDefinition.
    CustomKind,
    /// A value has the wrong type.
    WrongType,
    /// Kubernetes does not have the field.
    UnknownField,
    /// A label of a namespace.
    NamespaceLabel,
}

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Kubernetes rejects it.
    Error,
    /// Kubernetes accepts it, but it is probably not intended.
    Warning,
    /// A note.
    Info,
}
