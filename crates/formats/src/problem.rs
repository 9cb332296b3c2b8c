//! Problems: what all formats render. A problem is a finding of a check, or something about a text, an object or the
//! configuration.

use pss_core::admission::Mode;
use pss_core::standards::{CHECKS, Check};
use pss_manifest::Span;
use pss_migrate::leftovers::{Leftover, LeftoverKind};
use pss_review::{DiagnosticKind, DocumentReport, Finding, Fix, SubjectKind};

/// The rule that a problem violates.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// A check of the standards.
    Check(&'static Check),
    /// A rule about anything else.
    Other(OtherRule),
}

/// The rules besides the checks of the standards.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OtherRule {
    /// A file or folder cannot be read.
    Unreadable,
    /// A text is neither YAML nor JSON.
    Syntax,
    /// A template contains `{{`.
    Template,
    /// A document is no object that a cluster accepts.
    Object,
    /// A field that Kubernetes does not have.
    UnknownField,
    /// A value of the wrong type.
    WrongType,
    /// An invalid or unknown label of a namespace.
    NamespaceLabel,
    /// Text that is probably not intended, such as a duplicate key.
    IgnoredText,
    /// A PodSecurityPolicy.
    PodSecurityPolicy,
    /// A rule of a role that grants the use of PodSecurityPolicies.
    PodSecurityPolicyAccess,
    /// A value of a chart that creates PodSecurityPolicies.
    PodSecurityPolicyValue,
    /// An exception that covers nothing.
    UnusedException,
    /// An exception whose last day is over.
    ExpiredException,
}

impl OtherRule {
    /// All rules, in the order in which formats list them.
    pub const ALL: [OtherRule; 13] = [
        OtherRule::Unreadable,
        OtherRule::Syntax,
        OtherRule::Template,
        OtherRule::Object,
        OtherRule::UnknownField,
        OtherRule::WrongType,
        OtherRule::NamespaceLabel,
        OtherRule::IgnoredText,
        OtherRule::PodSecurityPolicy,
        OtherRule::PodSecurityPolicyAccess,
        OtherRule::PodSecurityPolicyValue,
        OtherRule::UnusedException,
        OtherRule::ExpiredException,
    ];

    /// Returns the id, a title and an explanation.
    pub const fn texts(self) -> [&'static str; 3] {
        match self {
            OtherRule::Unreadable => ["unreadable", "File cannot be read", "What cannot be read cannot be judged."],
            OtherRule::Syntax => {
                ["syntax", "Text cannot be parsed", "Kubernetes' tools reject the document, so nothing in it can be judged."]
            }
            OtherRule::Template => [
                "template",
                "Template is not rendered",
                "A template has no verdict: its values decide. Render it, for example with helm template, and judge the output.",
            ],
            OtherRule::Object => {
                ["object", "Object is not accepted", "An API server rejects the document before Pod Security Admission evaluates it."]
            }
            OtherRule::UnknownField => [
                "unknown-field",
                "Field does not exist",
                "kubectl rejects manifests with unknown fields, and older clients drop them silently: a misspelt security field has no effect.",
            ],
            OtherRule::WrongType => ["wrong-type", "Value has the wrong type", "An API server cannot decode the object."],
            OtherRule::NamespaceLabel => [
                "namespace-label",
                "Label of the namespace",
                "Pod Security Admission ignores labels that it does not know, enforces the restricted level for invalid values, and warns of \
                 objects that violate a new level.",
            ],
            OtherRule::IgnoredText => ["ignored-text", "Text has no effect", "Kubernetes' tools ignore this part of the text silently."],
            OtherRule::PodSecurityPolicy => [
                "pod-security-policy",
                "PodSecurityPolicy",
                "Kubernetes 1.25 removed PodSecurityPolicy: newer clusters reject the object. pss migrate psp plans its replacement.",
            ],
            OtherRule::PodSecurityPolicyAccess => [
                "pod-security-policy-access",
                "Rule for PodSecurityPolicies",
                "The rule of a role grants the use of PodSecurityPolicies, which Kubernetes 1.25 removed: it protects nothing.",
            ],
            OtherRule::PodSecurityPolicyValue => [
                "pod-security-policy-value",
                "Value that creates PodSecurityPolicies",
                "The value makes a chart create PodSecurityPolicies, which newer clusters than Kubernetes 1.24 reject.",
            ],
            OtherRule::UnusedException => {
                ["unused-exception", "Exception covers nothing", "It can be removed, or does not cover what it is meant for."]
            }
            OtherRule::ExpiredException => {
                ["expired-exception", "Exception is over", "Its last day is over, so that its findings count again."]
            }
        }
    }
}

impl Rule {
    /// All rules: the checks, then the others.
    pub fn all() -> impl Iterator<Item = Rule> {
        CHECKS.into_iter().map(Rule::Check).chain(OtherRule::ALL.map(Rule::Other))
    }

    /// The id: `hostPorts`, `syntax`.
    pub fn id(self) -> &'static str {
        match self {
            Rule::Check(check) => check.id,
            Rule::Other(rule) => {
                let [id, ..] = rule.texts();
                id
            }
        }
    }

    /// The address of the documentation of a check.
    pub fn help_uri(self) -> String {
        const DOCUMENTATION: &str = "https://github.com/pod-security-standards/pod-security-standards/blob/main/docs";
        match self {
            Rule::Check(check) => format!("{DOCUMENTATION}/checks.md#{}", check.id.to_ascii_lowercase()),
            Rule::Other(_) => format!("{DOCUMENTATION}/cli.md#rules"),
        }
    }
}

/// How severe a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It does not fail a run.
    Note,
    /// It does not fail a run, unless warnings do.
    Warning,
    /// It fails a run.
    Error,
}

/// Whether a problem counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State<'d> {
    /// It counts.
    New,
    /// It is in the baseline.
    Baseline,
    /// An exception of the configuration file covers it, with this reason.
    Excepted(&'d str),
    /// A rule of the settings exempts it, with this reason.
    Exempt(&'d str),
}

/// A problem of a document or file.
#[derive(Debug, Clone)]
pub struct Problem<'d> {
    /// The rule.
    pub rule: Rule,
    /// How severe it is.
    pub severity: Severity,
    /// Whether it counts.
    pub state: State<'d>,
    /// The problem, in one line or sentence.
    pub message: String,
    /// How to fix it.
    pub help: Option<&'d str>,
    /// The path of the field in the object; empty if the problem is not about a field.
    pub path: &'d str,
    /// The span in the text; `None` for a file that cannot be read.
    pub span: Option<Span>,
    /// The finding if the rule is a check.
    pub finding: Option<&'d Finding>,
    /// The edits that fix an error about a field, which only editors offer: the author decides whether they are meant.
    pub field_fix: Option<&'d Fix>,
    /// The same in later runs, whatever lines are added elsewhere: 16 hexadecimal digits.
    pub fingerprint: String,
}

impl<'d> Problem<'d> {
    /// The edits that fix it.
    pub fn fix(&self) -> Option<&'d Fix> {
        self.finding.and_then(|finding| finding.fix.as_ref())
    }

    /// Whether it is a template that is not rendered.
    pub fn is_template(&self) -> bool {
        self.rule == Rule::Other(OtherRule::Template)
    }

    /// Whether it is a leftover of PodSecurityPolicies.
    pub fn is_leftover(&self) -> bool {
        matches!(
            self.rule,
            Rule::Other(OtherRule::PodSecurityPolicy | OtherRule::PodSecurityPolicyAccess | OtherRule::PodSecurityPolicyValue)
        )
    }

    /// Whether it means that something could not be judged.
    pub fn is_unjudged(&self) -> bool {
        self.severity == Severity::Error && matches!(self.rule, Rule::Other(_))
    }
}

/// Returns the problem with a leftover.
pub fn of_leftover(leftover: &Leftover) -> Problem<'_> {
    let rule = match leftover.kind {
        LeftoverKind::Policy => OtherRule::PodSecurityPolicy,
        LeftoverKind::AccessRule => OtherRule::PodSecurityPolicyAccess,
        LeftoverKind::ChartValue => OtherRule::PodSecurityPolicyValue,
    };
    Problem {
        rule: Rule::Other(rule),
        severity: match leftover.kind.severity() {
            pss_migrate::Severity::Error => Severity::Error,
            pss_migrate::Severity::Warning => Severity::Warning,
        },
        state: State::New,
        message: leftover.message.clone(),
        help: Some(&leftover.help),
        path: &leftover.path,
        span: Some(leftover.span),
        finding: None,
        field_fix: None,
        fingerprint: String::new(),
    }
}

/// Returns the problems of a document, without those of templates. `leftovers` are those of the whole text.
pub fn problems<'d>(report: &'d DocumentReport, leftovers: &'d [Leftover]) -> Vec<Problem<'d>> {
    let of_report = |leftover: &&Leftover| leftover.document == report.index && leftover.item == report.item;
    let leftovers: Vec<&Leftover> = leftovers.iter().filter(of_report).collect();
    // The review knows of no such kind, and has no advice.
    let is_policy = leftovers.iter().any(|leftover| leftover.kind == LeftoverKind::Policy);
    let diagnostics = report.diagnostics.iter().filter(|diagnostic| !(is_policy && diagnostic.kind == DiagnosticKind::Object));
    let diagnostics = diagnostics.map(|diagnostic| {
        let rule = match diagnostic.kind {
            DiagnosticKind::Syntax => OtherRule::Syntax,
            DiagnosticKind::Template => OtherRule::Template,
            DiagnosticKind::IgnoredText => OtherRule::IgnoredText,
            DiagnosticKind::NoObject | DiagnosticKind::Object | DiagnosticKind::CustomKind => OtherRule::Object,
            DiagnosticKind::WrongType => OtherRule::WrongType,
            DiagnosticKind::UnknownField => OtherRule::UnknownField,
            DiagnosticKind::NamespaceLabel => OtherRule::NamespaceLabel,
        };
        Problem {
            rule: Rule::Other(rule),
            severity: match diagnostic.severity {
                pss_review::Severity::Error => Severity::Error,
                pss_review::Severity::Warning => Severity::Warning,
                pss_review::Severity::Info => Severity::Note,
            },
            state: State::New,
            message: diagnostic.message.clone(),
            help: diagnostic.help.as_deref(),
            path: "",
            span: Some(diagnostic.span),
            finding: None,
            field_fix: diagnostic.fix.as_ref(),
            fingerprint: String::new(),
        }
    });
    let findings = report.findings.iter().map(|finding| Problem {
        rule: Rule::Check(finding.check),
        severity: if finding.modes.contains(&Mode::Enforce) { Severity::Error } else { Severity::Warning },
        state: State::New,
        message: finding.reason.clone(),
        help: Some(&finding.advice),
        path: &finding.path,
        span: Some(finding.span),
        finding: Some(finding),
        field_fix: None,
        fingerprint: String::new(),
    });
    let exempt = report.exempt_findings.iter().map(|finding| Problem {
        rule: Rule::Check(finding.check),
        severity: Severity::Note,
        state: State::Exempt(&finding.reason),
        message: format!("{} is exempt", finding.check.reason),
        help: None,
        path: &finding.path,
        span: Some(finding.span),
        finding: None,
        field_fix: None,
        fingerprint: String::new(),
    });
    diagnostics.chain(leftovers.into_iter().map(of_leftover)).chain(findings).chain(exempt).collect()
}

/// Returns the name of the container that a finding is about.
pub fn container(finding: &Finding) -> Option<&str> {
    (finding.subject.kind == SubjectKind::Container).then_some(finding.subject.name.as_str())
}

/// Returns an object as `Deployment/web`.
pub fn object(report: &DocumentReport) -> String {
    format!("{}/{}", report.kind, report.name)
}
