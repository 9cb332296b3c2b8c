//! The format for programs: all objects with their verdicts, and all problems. Its schema is in docs/cli.md.

use std::io::{self, Write};

use pss_core::admission::{Effect, Mode};
use pss_manifest::{Position, Span};
use pss_review::{DocumentReport, Fix, Status, Verdict};
use serde_json::{Value, json};

use super::{Assembler, Document, Format};
use crate::check::problem::{Problem, Rule, Severity, State};
use crate::check::summary::Counts;

/// The version of the format. It changes if a field is removed or gets another meaning.
const VERSION: u64 = 1;

/// The format.
#[derive(Debug)]
pub(super) struct Json;

impl Format for Json {
    fn document(&self, document: &Document<'_>) -> String {
        let report = document.report;
        let text = |field: fn(&DocumentReport) -> &String| report.map(field).filter(|text| !text.is_empty());
        let object = json!({
            "file": document.file,
            "template": document.template,
            "document": report.map(|report| report.index),
            "item": report.and_then(|report| report.item),
            "apiVersion": text(|report| &report.api_version),
            "kind": text(|report| &report.kind),
            "namespace": text(|report| &report.namespace),
            "name": text(|report| &report.name),
            "range": report.map(|report| range(report.span)),
            "status": report.map_or("unreadable", |report| status(report.status)),
            "exemption": report.and_then(|report| report.exemption).map(|exemption| exemption.name()),
            "verdicts": report.map(|report| report.verdicts.iter().map(verdict).collect::<Vec<_>>()).unwrap_or_default(),
            "problems": document.problems.iter().map(problem).collect::<Vec<_>>(),
        });
        object.to_string()
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(JsonAssembler { is_first: true })
    }
}

fn status(status: Status) -> &'static str {
    match status {
        Status::Judged => "judged",
        Status::Exempt => "exempt",
        Status::NoPod => "noPod",
        Status::Invalid => "invalid",
        Status::Empty => "empty",
    }
}

fn verdict(verdict: &Verdict) -> Value {
    json!({
        "mode": mode(verdict.mode),
        "policy": verdict.policy.to_string(),
        "satisfied": verdict.is_satisfied,
        "effect": match verdict.effect {
            Effect::None => "none",
            Effect::Rejected => "rejected",
            Effect::Tolerated => "tolerated",
            Effect::PodsRejected => "podsRejected",
            Effect::Audited => "audited",
            Effect::Warned => "warned",
            Effect::Suppressed => "suppressed",
        },
        "message": verdict.message,
    })
}

fn mode(mode: Mode) -> &'static str {
    match mode {
        Mode::Enforce => "enforce",
        Mode::Audit => "audit",
        Mode::Warn => "warn",
    }
}

fn problem(problem: &Problem<'_>) -> Value {
    let (state, reason) = match problem.state {
        State::New => ("new", None),
        State::Baseline => ("baseline", None),
        State::Excepted(reason) => ("excepted", Some(reason)),
        State::Exempt(reason) => ("exempt", Some(reason)),
    };
    let finding = problem.finding;
    json!({
        "rule": problem.rule.id(),
        "level": match problem.rule {
            Rule::Check(check) => Some(check.level.name()),
            Rule::Other(_) => None,
        },
        "severity": match problem.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        },
        "state": state,
        "reason": reason,
        "message": problem.message,
        "help": problem.help,
        "modes": finding.map(|finding| finding.modes.iter().map(|one| mode(*one)).collect::<Vec<_>>()),
        "sentence": finding.map(|finding| &finding.sentence),
        "path": Some(problem.path).filter(|path| !path.is_empty()),
        "missing": finding.map(|finding| finding.is_missing),
        "value": finding.and_then(|finding| finding.value.as_ref()),
        "range": problem.span.map(range),
        "fix": problem.fix().map(fix),
        "fingerprint": problem.fingerprint,
    })
}

fn fix(fix: &Fix) -> Value {
    let edits: Vec<Value> = fix.edits.iter().map(|edit| json!({"range": range(edit.span), "text": edit.text})).collect();
    json!({"title": fix.title, "edits": edits})
}

fn range(span: Span) -> Value {
    json!({"start": position(span.start), "end": position(span.end)})
}

/// Line and column are counted from 1, the column in characters; the offset is in bytes.
fn position(position: Position) -> Value {
    json!({"line": position.line, "column": position.column, "offset": position.offset})
}

#[derive(Debug)]
struct JsonAssembler {
    is_first: bool,
}

impl Assembler for JsonAssembler {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let tool = json!({"name": "pss", "version": env!("CARGO_PKG_VERSION")});
        write!(out, "{{\"version\":{VERSION},\"tool\":{tool},\"documents\":[")
    }

    fn add(&mut self, _: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        let separator = if std::mem::take(&mut self.is_first) { "" } else { "," };
        write!(out, "{separator}\n{fragment}")
    }

    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "\n],\"summary\":{}}}", serde_json::to_string(counts)?)
    }
}
