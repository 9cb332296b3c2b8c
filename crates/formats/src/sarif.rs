//! SARIF 2.1.0, the Static Analysis Results Interchange Format of OASIS, with what GitHub's code scanning requires beyond it
//! (https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning).
//!
//! Results are written as they come. What could not be judged is a result too, and a notification of the invocation, which follows
//! the results.

mod log;
mod rules;
mod uri;

use std::collections::HashMap;
use std::io::{self, Write};

use pss_manifest::Span;
use pss_review::{DocumentReport, Fix};
use serde_json::json;

use self::log::{
    ArtifactChange, ArtifactLocation, Content, Location, LogicalLocation, Message, Notification, PartialFingerprints, PhysicalLocation,
    Region, Replacement, RuleReference, SarifFix, SarifResult, Suppression,
};
use crate::characters::{json as text_of, visible};
use crate::place::{self, Place};
use crate::problem::{Problem, Rule, Severity, State};
use crate::summary::Counts;
use crate::{Assembler, Document, Format, Separator};

/// The address of the project.
const PROJECT: &str = "https://github.com/pod-security-standards/pod-security-standards";
/// The address of the schema, which editors load.
const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";
/// Precedes the notifications in a fragment. It cannot occur in JSON.
const NOTIFICATIONS: char = '\u{1e}';
/// The reason for the suppression of a finding in the baseline.
const IN_BASELINE: &str = "in the baseline";

/// The format.
#[derive(Debug)]
pub struct Sarif {
    /// Whether it contains suppressed results: findings that are exempt, excepted, or in the baseline. GitHub ignores
    /// suppressions, and opens an alert for each of them.
    has_suppressed: bool,
    /// The indices of the rules by their ids.
    indices: HashMap<&'static str, usize>,
}

impl Sarif {
    /// A log with or without suppressed results.
    pub fn new(has_suppressed: bool) -> Self {
        Sarif { has_suppressed, indices: Rule::all().enumerate().map(|(index, rule)| (rule.id(), index)).collect() }
    }

    fn index(&self, rule: Rule) -> usize {
        self.indices.get(rule.id()).copied().unwrap_or_default()
    }

    fn result<'d>(&self, document: &Document<'d>, problem: &'d Problem<'_>) -> SarifResult<'d> {
        let place = Place::of(document, problem);
        let suppression = match problem.state {
            State::New => None,
            State::Baseline => Some(IN_BASELINE),
            State::Excepted(reason) | State::Exempt(reason) => Some(reason),
        };
        // The edits are those of the text that was judged, which may be in no file.
        let fix = problem.fix().filter(|_| !document.is_standard_input);
        SarifResult {
            rule_id: problem.rule.id(),
            rule_index: self.index(problem.rule),
            level: level(problem.severity),
            message: message(document.report, problem, &place),
            locations: [location(document.report, problem, &place)],
            partial_fingerprints: PartialFingerprints { primary_location_line_hash: &problem.fingerprint },
            fixes: fix.map(|fix| [self::fix(fix, place.file)]),
            suppressions: suppression.map(|justification| [Suppression { kind: "external", status: "accepted", justification }]),
        }
    }

    fn notification<'d>(&self, document: &Document<'d>, problem: &'d Problem<'_>) -> Notification<'d> {
        let place = Place::of(document, problem);
        Notification {
            level: level(problem.severity),
            message: message(document.report, problem, &place),
            locations: [location(document.report, problem, &place)],
            associated_rule: RuleReference { id: problem.rule.id(), index: self.index(problem.rule) },
        }
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// Returns the message of a problem, with its object, which the place does not show if it is a template.
fn message(report: Option<&DocumentReport>, problem: &Problem<'_>, place: &Place<'_>) -> Message {
    let message = place.message(problem);
    let text = match report.map(place::object).filter(|object| !object.is_empty()) {
        Some(object) => format!("{object}: {message}"),
        None => message,
    };
    // `[text](target)` would be a link.
    Message { text: visible(&text).replace("](", "] (") }
}

fn location<'d>(report: Option<&'d DocumentReport>, problem: &'d Problem<'_>, place: &Place<'_>) -> Location<'d> {
    let mut logical_locations = Vec::new();
    if let Some(report) = report.filter(|report| !report.kind.is_empty()) {
        let DocumentReport { api_version, kind, namespace, name, .. } = report;
        let parts = [api_version, kind, namespace, name].map(String::as_str);
        let object = parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("/");
        if !problem.path.is_empty() {
            logical_locations.push(LogicalLocation {
                name: problem.path,
                fully_qualified_name: format!("{object}#{}", problem.path),
                kind: "property",
            });
        }
        let name = if name.is_empty() { kind } else { name };
        logical_locations.insert(0, LogicalLocation { name, fully_qualified_name: object, kind: "object" });
    }
    let artifact_location = artifact_location(place.file);
    Location { physical_location: PhysicalLocation { artifact_location, region: region(place.span) }, logical_locations }
}

fn artifact_location(file: &str) -> ArtifactLocation {
    let uri = uri::of_file(file);
    // The base is that of relative addresses: the root of the repository.
    let uri_base_id = (!uri.starts_with("file:")).then_some("%SRCROOT%");
    ArtifactLocation { uri, uri_base_id }
}

/// Returns a region. Its columns are in UTF-16 code units, the end is exclusive.
fn region(span: Span) -> Region {
    Region {
        start_line: span.start.line,
        start_column: span.start.utf16_column,
        end_line: span.end.line,
        end_column: span.end.utf16_column,
    }
}

fn fix<'d>(fix: &'d Fix, file: &str) -> SarifFix<'d> {
    let replacements =
        fix.edits.iter().map(|edit| Replacement { deleted_region: region(edit.span), inserted_content: Content { text: &edit.text } });
    let artifact_changes = [ArtifactChange { artifact_location: artifact_location(file), replacements: replacements.collect() }];
    SarifFix { description: Message { text: fix.title.clone() }, artifact_changes }
}

impl Format for Sarif {
    fn document(&self, document: &Document<'_>) -> String {
        let mut out = String::new();
        let mut separator = "";
        for problem in document.problems.iter().filter(|problem| self.has_suppressed || problem.state == State::New) {
            out.push_str(std::mem::replace(&mut separator, ",\n"));
            out.push_str(&text_of(&self.result(document, problem)));
        }
        let mut separator = String::from(NOTIFICATIONS);
        let has_notifications = document.counts.unjudged > 0;
        for problem in document.problems.iter().filter(|problem| has_notifications && problem.is_unjudged()) {
            out.push_str(&std::mem::replace(&mut separator, ",\n".to_owned()));
            out.push_str(&text_of(&self.notification(document, problem)));
        }
        out
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(SarifAssembler { separator: Separator::default(), notifications: String::new() })
    }
}

#[derive(Debug)]
struct SarifAssembler {
    separator: Separator,
    /// The notifications, separated by commas.
    notifications: String,
}

impl Assembler for SarifAssembler {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let driver = json!({
            "name": "pss",
            "fullName": "Pod Security Standards",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": PROJECT,
            "rules": rules::all(),
        });
        // Columns are those of editors, and lines end as in editors.
        write!(
            out,
            "{{\"$schema\":\"{SCHEMA}\",\"version\":\"2.1.0\",\"runs\":[{{\n\"tool\":{{\"driver\":{driver}}},\n\
             \"automationDetails\":{{\"id\":\"pss/\"}},\n\"columnKind\":\"utf16CodeUnits\",\n\
             \"newlineSequences\":[\"\\r\\n\",\"\\n\",\"\\r\"],\n\"results\":["
        )
    }

    fn add(&mut self, _: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        let (results, notifications) = fragment.split_once(NOTIFICATIONS).unwrap_or((fragment, ""));
        if !notifications.is_empty() {
            let separator = if self.notifications.is_empty() { "\n" } else { ",\n" };
            self.notifications.push_str(separator);
            self.notifications.push_str(notifications);
        }
        if results.is_empty() { Ok(()) } else { write!(out, "{}{results}", self.separator.before_next()) }
    }

    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        let successful = counts.unjudged == 0;
        writeln!(
            out,
            "],\n\"invocations\":[{{\"executionSuccessful\":{successful},\"toolExecutionNotifications\":[{}]}}]\n}}]}}",
            self.notifications
        )
    }
}
