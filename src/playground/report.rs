//! The shapes that cross the border between the core and the page. TypeScript's types of them are
//! generated from these, comments included.

#[cfg(any(test, feature = "typescript"))]
use serde::Serialize;
#[cfg(feature = "typescript")]
use tsify::Tsify;

use super::json::{Json, name, object};
use crate::manifest;

/// Declares what crosses the border: it is written as JSON, and known to TypeScript. serde, which
/// TypeScript's description is made by, tells the tests how it has to be written.
macro_rules! crossing {
    ($($(#[$about:meta])* pub $sort:ident $Name:ident { $($body:tt)* })*) => {$(
        #[derive(Debug, Clone, PartialEq, Eq)]
        #[cfg_attr(any(test, feature = "typescript"), derive(Serialize), serde(rename_all = "camelCase"))]
        #[cfg_attr(feature = "typescript", derive(Tsify))]
        $(#[$about])*
        pub $sort $Name { $($body)* }

        crossing! { @ $sort $Name { $($body)* } }
    )*};
    (@ struct $Name:ident { $($(#[$about:meta])* pub $field:ident: $Type:ty,)* }) => {
        impl Json for $Name {
            fn write(&self, out: &mut String) {
                object(out, concat!($(stringify!($field), " "),*), &[$(&self.$field),*]);
            }
        }
    };
    (@ enum $Name:ident { $($(#[$about:meta])* $Variant:ident,)* }) => {
        impl Json for $Name {
            fn write(&self, out: &mut String) {
                name(out, match self { $($Name::$Variant => stringify!($Variant),)* });
            }
        }
    };
}

crossing! {
    /// What `evaluate` answers.
    pub struct Report {
        /// What is wrong with the options. If anything is, nothing was judged.
        pub mistakes: Vec<Mistake>,
        /// What is odd in the options, and was taken as Kubernetes takes it.
        pub oddities: Vec<Mistake>,
        /// Every document, and every item of a List, in the order of the text.
        pub documents: Vec<DocumentReport>,
        /// What `kubectl apply -f manifest.yaml` prints.
        pub terminal: Vec<TerminalLine>,
    }

    /// Something wrong with the options.
    pub struct Mistake {
        /// Where in the options: `settings.defaults.enforce`; empty for the options as a whole.
        pub path: String,
        /// What is wrong there, and how to mend it.
        pub message: String,
        /// Where in the text of further settings that is, if it is there.
        pub range: Option<Range>,
    }

    /// A line that kubectl prints.
    pub struct TerminalLine {
        /// Where it prints it.
        pub stream: Stream,
        /// The line, without its end.
        pub text: String,
    }

    /// The two streams that a program prints to.
    #[derive(Copy)]
    pub enum Stream {
        /// What it did.
        Output,
        /// Warnings and errors.
        Error,
    }

    /// A document, or an item of a List.
    pub struct DocumentReport {
        /// The place of the document in the text, from 0.
        pub index: usize,
        /// The place in its List, from 0; null for a document that is no List's item.
        pub item: Option<usize>,
        /// `apiVersion`; empty where it is not known.
        pub api_version: String,
        /// `kind`; empty where it is not known.
        pub kind: String,
        /// `metadata.name`; empty where there is none.
        pub name: String,
        /// The namespace that it goes to; empty for what is in none.
        pub namespace: String,
        /// Its place in the text.
        pub range: Range,
        /// What became of it.
        pub status: Status,
        /// What it is exempt by, where `status` is `exempt`: `namespace`, `user`, `group`, `runtimeClass` or
        /// `serviceAccount`.
        pub exemption: Option<String>,
        /// The verdicts of enforce, audit and warn, in this order; none unless `status` is `judged`.
        pub verdicts: Vec<Verdict>,
        /// All that is wrong with the pod, in the order in which Kubernetes' messages name it.
        pub findings: Vec<Finding>,
        /// What is wrong with the pod and let through, for a rule of the exemptions covers it.
        pub covered: Vec<Covered>,
        /// What is filled in when it is applied.
        pub changes: Vec<Change>,
        /// What else there is to say about the text itself.
        pub diagnostics: Vec<Diagnostic>,
    }

    /// A finding that a rule of the exemptions covers.
    pub struct Covered {
        /// The id of the check.
        pub check: String,
        /// The field in its object.
        pub path: String,
        /// Its place in the text, as that of a finding.
        pub range: Range,
        /// Why the rule is there, in its own words.
        pub reason: String,
    }

    /// A field that is filled in.
    pub struct Change {
        /// The field in its object.
        pub path: String,
        /// What it is set to.
        pub value: String,
        /// The place of its nearest parent in the text.
        pub range: Range,
    }

    /// What became of a document.
    #[derive(Copy)]
    pub enum Status {
        /// A pod, or something that makes pods: it was judged.
        Judged,
        /// It is exempt, and was not judged.
        Exempt,
        /// A kind that holds no pod: there is nothing to judge.
        NoPod,
        /// It cannot be read, and Kubernetes would not take it.
        Broken,
        /// There is nothing in the document.
        Empty,
    }

    /// The verdict of one mode.
    pub struct Verdict {
        /// The mode.
        pub mode: Mode,
        /// What it judges by: `restricted:v1.34`.
        pub policy: String,
        /// The level of that.
        pub level: LevelName,
        /// Whether the pod satisfies it.
        pub satisfied: bool,
        /// What follows from it.
        pub effect: Effect,
        /// Kubernetes' message, where the pod does not satisfy the policy.
        pub message: Option<String>,
    }

    /// The three modes.
    #[derive(Copy)]
    pub enum Mode {
        /// Rejects.
        Enforce,
        /// Writes to the audit log.
        Audit,
        /// Warns the user.
        Warn,
    }

    /// The two levels that ask for anything.
    #[derive(Copy)]
    pub enum LevelName {
        /// Nothing is asked.
        Privileged,
        /// Known ways to gain privileges are closed.
        Baseline,
        /// Pods are hardened as current practice has it.
        Restricted,
    }

    /// What follows from a verdict.
    #[derive(Copy)]
    pub enum Effect {
        /// Nothing: the policy is satisfied, or the pod is exempt.
        None,
        /// The object is rejected.
        Rejected,
        /// The object is accepted, and the pods that it makes will be rejected.
        PodsRejected,
        /// The violation is written to the audit log.
        Audited,
        /// The user is warned.
        Warned,
        /// The user is not warned, for the object is rejected anyway.
        Unseen,
    }

    /// A field with a value that is forbidden, or without one that is required.
    pub struct Finding {
        /// The id of the check: `hostPorts`.
        pub check: String,
        /// The level that asks for it.
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
        /// Whether the manifest has no such field, or one without a value. A list that lacks an element is
        /// not missing, nor is a host port that Kubernetes takes from its `containerPort`.
        pub missing: bool,
        /// The offending value as text; null where a value is required and there is none.
        pub value: Option<String>,
        /// The offending value in the text. Of a missing field its key, or that of its nearest parent that
        /// exists, or the first entry of that where it has no key.
        pub range: Range,
        /// What the finding means, in plain words and with the names of this pod.
        pub reason: String,
        /// What to do about it, in plain words.
        pub advice: String,
        /// How to mend it by machine, where that is safe.
        pub fix: Option<Fix>,
    }

    /// A change of the text that mends a finding.
    pub struct Fix {
        /// What it does: `Set allowPrivilegeEscalation: false`.
        pub title: String,
        /// The changes, in the order of the text; none touches another. Their ranges are those before any
        /// of them is made.
        pub edits: Vec<TextEdit>,
    }

    /// A change of the text.
    #[derive(Hash)]
    pub struct TextEdit {
        /// What is replaced; empty where something is inserted.
        pub range: Range,
        /// What comes in its place.
        pub text: String,
    }

    /// Something to tell the author, and where.
    pub struct Diagnostic {
        /// How bad it is.
        pub severity: Severity,
        /// What is the matter.
        pub message: String,
        /// Where.
        pub range: Range,
    }

    /// How bad something is.
    #[derive(Copy)]
    pub enum Severity {
        /// Kubernetes does not take it.
        Error,
        /// Kubernetes takes it, and its author hardly meant it.
        Warning,
        /// Good to know.
        Info,
    }

    /// A stretch of the text.
    #[derive(Copy, Hash)]
    pub struct Range {
        /// Its first place.
        pub start: Position,
        /// The place behind its last.
        pub end: Position,
    }

    /// A place in the text.
    #[derive(Copy, Hash)]
    pub struct Position {
        /// Its line, from 1. Lines end with LF, CRLF or CR.
        pub line: usize,
        /// Its column in UTF-16 units, from 1.
        pub column: usize,
        /// The UTF-16 units before it; a CRLF counts as two.
        pub offset: usize,
    }

    /// A check, as the catalogue shows it.
    pub struct CheckInfo {
        /// Its id: `hostPorts`.
        pub id: String,
        /// What it is about, in a few words.
        pub title: String,
        /// The level that asks for it.
        pub level: LevelName,
        /// How Kubernetes' messages name it.
        pub reason: String,
        /// Why it is there: what an offending pod could do.
        pub why: String,
        /// What to do about a finding.
        pub advice: String,
        /// What the value of a finding is: `the port`.
        pub value: String,
        /// The fields that it reads, and what they may hold.
        pub restrictions: Vec<RestrictionInfo>,
        /// The checks of the level below that are not run beside it.
        pub overrides: Vec<String>,
        /// What changed when; the oldest first.
        pub history: Vec<ChangeInfo>,
        /// The upstream source, by its file's name.
        pub source: String,
    }

    /// Fields that a check reads, and what they may hold.
    pub struct RestrictionInfo {
        /// The fields: `spec.containers[*].ports[*].hostPort`.
        pub fields: Vec<String>,
        /// What they may hold.
        pub allowed: Vec<AllowedInfo>,
    }

    /// A value that a field may hold.
    pub struct AllowedInfo {
        /// The value, or words for one: `false`, `not set`.
        pub value: String,
        /// The version that allowed it: `v1.27`.
        pub since: String,
    }

    /// What changed in a check.
    pub struct ChangeInfo {
        /// The version of Kubernetes.
        pub version: String,
        /// What changed.
        pub change: String,
        /// Whether it changed at every version of the standards, with this release.
        pub everywhere: bool,
    }

    /// What changes from one level and version to another.
    pub struct Comparison {
        /// What is wrong with the two. If anything is, nothing was compared.
        pub mistakes: Vec<Mistake>,
        /// The checks that are run for one of them only, or ask for something else.
        pub checks: Vec<CheckChange>,
        /// Each document with findings that only one of them makes.
        pub documents: Vec<DocumentChange>,
    }

    /// What changes in a check.
    pub struct CheckChange {
        /// The id of the check.
        pub check: String,
        /// What changes.
        pub kind: ChangeKind,
    }

    /// What can change in a check.
    #[derive(Copy)]
    pub enum ChangeKind {
        /// It is run at the second only.
        Added,
        /// It is run at the first only.
        Removed,
        /// It is run at both, and asks for something else.
        Changed,
    }

    /// What changes for a document.
    pub struct DocumentChange {
        /// The place of the document in the text, from 0.
        pub index: usize,
        /// The place in its List, from 0.
        pub item: Option<usize>,
        /// Its `kind`.
        pub kind: String,
        /// Its `metadata.name`.
        pub name: String,
        /// What only the second finds.
        pub appear: Vec<Finding>,
        /// What only the first finds.
        pub disappear: Vec<Finding>,
    }
}

impl Report {
    /// The report where the options cannot be read.
    pub fn mistaken(mistakes: Vec<Mistake>) -> Self {
        Report { mistakes, oddities: Vec::new(), documents: Vec::new(), terminal: Vec::new() }
    }
}

impl Comparison {
    /// The comparison where the levels and versions cannot be read.
    pub fn mistaken(mistakes: Vec<Mistake>) -> Self {
        Comparison { mistakes, checks: Vec::new(), documents: Vec::new() }
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
