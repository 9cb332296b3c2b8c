//! The format for programs: all objects with their verdicts, and all problems. docs/output-formats.md describes each field.

use std::io::{self, Write};

use pss_core::admission::{Effect, Mode};
use pss_manifest::{Position, Span};
use pss_review::{Change, DocumentReport, FindingSubject, Fix, Status, SubjectKind, Verdict};
use serde::Serialize;

use crate::characters::json;
use crate::problem::{OtherRule, Problem, Rule, Severity, State};
use crate::summary::Counts;
use crate::{Assembler, Document, Format, Separator};

/// The version of the format. It changes if a field is removed or gets another meaning.
const VERSION: u64 = 1;

/// The format.
#[derive(Debug)]
pub struct Json;

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonDocument<'d> {
    file: &'d str,
    template: Option<&'d str>,
    document: Option<usize>,
    item: Option<usize>,
    api_version: Option<&'d str>,
    kind: Option<&'d str>,
    namespace: Option<&'d str>,
    name: Option<&'d str>,
    range: Option<Range>,
    status: &'static str,
    exemption: Option<&'static str>,
    verdicts: Vec<JsonVerdict<'d>>,
    problems: Vec<JsonProblem<'d>>,
    changes: Vec<JsonChange<'d>>,
}

#[derive(Debug, Serialize)]
struct JsonVerdict<'d> {
    mode: &'static str,
    policy: String,
    satisfied: bool,
    effect: &'static str,
    message: Option<&'d str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct JsonProblem<'d> {
    rule: &'static str,
    level: Option<&'static str>,
    severity: &'static str,
    state: &'static str,
    reason: Option<&'d str>,
    message: &'d str,
    help: Option<&'d str>,
    help_uri: String,
    modes: Option<Vec<&'static str>>,
    sentence: Option<&'d str>,
    subject: Option<Subject<'d>>,
    path: Option<&'d str>,
    missing: Option<bool>,
    value: Option<&'d str>,
    range: Option<Range>,
    fix: Option<JsonFix<'d>>,
    fingerprint: &'d str,
}

#[derive(Debug, Serialize)]
struct Subject<'d> {
    kind: &'static str,
    name: Option<&'d str>,
}

#[derive(Debug, Serialize)]
struct JsonFix<'d> {
    title: &'d str,
    edits: Vec<JsonEdit<'d>>,
}

#[derive(Debug, Serialize)]
struct JsonEdit<'d> {
    range: Range,
    text: &'d str,
}

#[derive(Debug, Serialize)]
struct JsonChange<'d> {
    path: &'d str,
    value: &'d str,
    range: Range,
}

#[derive(Debug, Serialize)]
struct Range {
    start: JsonPosition,
    end: JsonPosition,
}

#[derive(Debug, Serialize)]
struct JsonPosition {
    line: usize,
    column: usize,
    offset: usize,
}

impl Format for Json {
    fn document(&self, document: &Document<'_>) -> String {
        let report = document.report;
        let text = |field: fn(&DocumentReport) -> &String| report.map(field).map(String::as_str).filter(|text| !text.is_empty());
        json(&JsonDocument {
            file: document.file,
            template: document.template,
            document: report.map(|report| report.index),
            item: report.and_then(|report| report.item),
            api_version: text(|report| &report.api_version),
            kind: text(|report| &report.kind),
            namespace: text(|report| &report.namespace),
            name: text(|report| &report.name),
            range: report.map(|report| range(report.span)),
            status: status(document),
            exemption: report.and_then(|report| report.exemption).map(|exemption| exemption.name()),
            // A template that is not rendered has none, although its text can be evaluated.
            verdicts: match report {
                Some(report) if status(document) != "template" => report.verdicts.iter().map(verdict).collect(),
                _ => Vec::new(),
            },
            problems: document.problems.iter().map(problem).collect(),
            changes: report.map(|report| report.changes.iter().map(change).collect()).unwrap_or_default(),
        })
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(JsonAssembler { separator: Separator::default() })
    }
}

fn status(document: &Document<'_>) -> &'static str {
    let has = |rule| document.problems.iter().any(|problem| problem.rule == Rule::Other(rule));
    if has(OtherRule::Template) {
        return "template";
    }
    match document.report.map(|report| report.status) {
        Some(Status::Judged) => "judged",
        Some(Status::Exempt) => "exempt",
        Some(Status::NoPod) => "noPod",
        Some(Status::Invalid) => "invalid",
        Some(Status::Empty) => "empty",
        None if has(OtherRule::Unreadable) => "unreadable",
        None if has(OtherRule::PodSecurityPolicyValue) => "values",
        None => "configuration",
    }
}

fn verdict(verdict: &Verdict) -> JsonVerdict<'_> {
    JsonVerdict {
        mode: mode(verdict.mode),
        policy: verdict.policy.to_string(),
        satisfied: verdict.is_satisfied,
        effect: match verdict.effect {
            Effect::None => "none",
            Effect::Rejected => "rejected",
            Effect::Tolerated => "tolerated",
            Effect::PodsRejected => "podsRejected",
            Effect::Audited => "audited",
            Effect::Warned => "warned",
            Effect::Suppressed => "suppressed",
        },
        message: verdict.message.as_deref(),
    }
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Audit => "audit",
        Mode::Warn => "warn",
    }
}

fn problem<'d>(problem: &'d Problem<'_>) -> JsonProblem<'d> {
    let (state, reason) = match problem.state {
        State::New => ("new", None),
        State::Baseline => ("baseline", None),
        State::Excepted(reason) => ("excepted", Some(reason)),
        State::Exempt(reason) => ("exempt", Some(reason)),
    };
    let finding = problem.finding;
    JsonProblem {
        rule: problem.rule.id(),
        level: match problem.rule {
            Rule::Check(check) => Some(check.level.name()),
            Rule::Other(_) => None,
        },
        severity: match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        state,
        reason,
        message: &problem.message,
        help: problem.help,
        help_uri: problem.rule.help_uri(),
        modes: finding.map(|finding| finding.modes.iter().map(|one| mode(*one)).collect()),
        sentence: finding.map(|finding| &*finding.sentence),
        subject: finding.map(|finding| subject(&finding.subject)),
        path: Some(problem.path).filter(|path| !path.is_empty()),
        missing: finding.map(|finding| finding.is_missing),
        value: finding.and_then(|finding| finding.value.as_deref()),
        range: problem.span.map(range),
        fix: problem.fix().map(fix),
        fingerprint: &problem.fingerprint,
    }
}

fn subject(subject: &FindingSubject) -> Subject<'_> {
    Subject { kind: subject.kind.name(), name: (subject.kind != SubjectKind::Pod).then_some(subject.name.as_str()) }
}

fn fix(fix: &Fix) -> JsonFix<'_> {
    let edits = fix.edits.iter().map(|edit| JsonEdit { range: range(edit.span), text: &edit.text }).collect();
    JsonFix { title: &fix.title, edits }
}

fn change(change: &Change) -> JsonChange<'_> {
    JsonChange { path: &change.path, value: &change.value, range: range(change.span) }
}

fn range(span: Span) -> Range {
    Range { start: position(span.start), end: position(span.end) }
}

/// Line and column are counted from 1, the column in characters; the offset is in bytes.
fn position(position: Position) -> JsonPosition {
    JsonPosition { line: position.line, column: position.column, offset: position.offset }
}

#[derive(Debug)]
struct JsonAssembler {
    separator: Separator,
}

impl Assembler for JsonAssembler {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let version = env!("CARGO_PKG_VERSION");
        write!(out, "{{\"version\":{VERSION},\"tool\":{{\"name\":\"pss\",\"version\":\"{version}\"}},\"documents\":[")
    }

    fn add(&mut self, _: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        // Files without an object have empty fragments.
        if fragment.is_empty() { Ok(()) } else { write!(out, "{}{fragment}", self.separator.before_next()) }
    }

    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n],\"summary\":{}}}", serde_json::to_string(counts)?)
    }
}
