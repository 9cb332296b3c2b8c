//! The report of a review: what is true of each document, with positions in the text.

use std::fmt;

use pss_core::admission::{Effect, Mode};
use pss_core::settings::Exemption;
use pss_core::standards::{Check, LevelVersion};
use pss_manifest::Span;
use pss_manifest::edit::Edit;

/// The report on one or more texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The options that are invalid and were taken as Kubernetes takes them.
    pub warnings: Vec<OptionError>,
    /// Every document, and every item of a List, in the order of the texts.
    pub documents: Vec<DocumentReport>,
    /// What `kubectl apply` prints.
    pub terminal: Vec<TerminalLine>,
}

/// An error in the options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OptionError {
    /// The path in the options: `settings.defaults.enforce`; empty for the options as a whole.
    pub path: String,
    /// The error, and how to fix it.
    pub message: String,
    /// Its place in the text of the settings, if they are a text and it is there.
    pub span: Option<Span>,
}

impl fmt::Display for OptionError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.path.is_empty() { out.write_str(&self.message) } else { write!(out, "{}: {}", self.path, self.message) }
    }
}

/// A line that kubectl prints.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TerminalLine {
    /// The stream that it is printed to.
    pub stream: Stream,
    /// The line, without its end.
    pub text: String,
}

/// The streams of a program.
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
    /// The index in its List; none for a document that is no item of a List.
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
    pub span: Span,
    /// The outcome.
    pub status: Status,
    /// Why it is exempt, where `status` is `Exempt`.
    pub exemption: Option<Exemption>,
    /// The verdicts of enforce, audit and warn, in this order; none unless `status` is `Judged`.
    pub verdicts: Vec<Verdict>,
    /// The findings, in the order in which Kubernetes' messages name their checks.
    pub findings: Vec<Finding>,
    /// The findings that rules of the settings exempt.
    pub exempt_findings: Vec<ExemptFinding>,
    /// The fields that the policy sets when the object is created.
    pub changes: Vec<Change>,
    /// Errors, warnings and notes about the text itself.
    pub diagnostics: Vec<Diagnostic>,
}

/// The outcome for a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// The mode.
    pub mode: Mode,
    /// The policy that decides.
    pub policy: LevelVersion,
    /// Whether the pod satisfies it.
    pub is_satisfied: bool,
    /// What follows.
    pub effect: Effect,
    /// Kubernetes' message, where the pod does not satisfy the policy.
    pub message: Option<String>,
}

/// A field with a forbidden value, or without a required one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The check.
    pub check: &'static Check,
    /// The modes whose policies it violates.
    pub modes: Vec<Mode>,
    /// What Kubernetes' message says of the check, for all its findings together: `hostPort (container "web" uses hostPort 80)`.
    pub sentence: String,
    /// The path of the field in the object: `spec.template.spec.containers[0].securityContext.privileged`.
    pub path: String,
    /// Whether the text has no such field, or one without a value. A list without a required element is not missing, nor is a
    /// host port that an API server copies from `containerPort`.
    pub is_missing: bool,
    /// The forbidden value as text; none where a value is missing.
    pub value: Option<String>,
    /// The place of the forbidden value. Of a missing field the key, or that of the nearest parent that exists, or the first
    /// entry of a parent without a key.
    pub span: Span,
    /// What the finding means, in plain words, with the names of this pod.
    pub reason: String,
    /// What to do about it, in plain words.
    pub advice: String,
    /// The edits that fix it, where they are safe.
    pub fix: Option<Fix>,
}

/// Edits of the text that fix a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// What they do: `Set allowPrivilegeEscalation: false`.
    pub title: String,
    /// The edits, in the order of the text. None touches another, and their spans are those before any of them is made.
    pub edits: Vec<Edit>,
}

/// A finding that a rule of the settings exempts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExemptFinding {
    /// The check.
    pub check: &'static Check,
    /// The path of the field in the object.
    pub path: String,
    /// Its place, as that of a [`Finding`].
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
    /// The place of its nearest parent that exists.
    pub span: Span,
}

/// A message about the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// Its severity.
    pub severity: Severity,
    /// The message.
    pub message: String,
    /// Its place.
    pub span: Span,
}

/// The severity of a diagnostic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// Kubernetes rejects it.
    Error,
    /// Kubernetes accepts it, but the author hardly intends it.
    Warning,
    /// A note.
    Info,
}
