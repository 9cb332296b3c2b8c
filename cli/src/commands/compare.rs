//! `pss compare`: shows what another level or version changes, for the checks and for manifests.

use std::fmt::Write as _;

use pss_core::standards::{Level, LevelVersion, Version};
use pss_formats::judgement::is_other;
use pss_formats::summary::counted;
use pss_manifest::Limits;
use pss_review::{ChangeKind, DocumentReport, Options, Severity, changed_checks, changed_documents, review_text};

use crate::arguments::{self, Global, InputArguments, Target};
use crate::config::{Configs, MAX_BYTES};
use crate::error::Result;
use crate::exit::Exit;
use crate::input::{Input, Inputs};
use crate::terminal;

/// Runs the command.
pub(crate) fn run(arguments: &arguments::Compare, global: &Global) -> Result<Exit> {
    let [from, to] = policies(arguments.from, arguments.to);
    let mut text = format!("From {from} to {to}\n\nChecks:\n");
    let changes = changed_checks(from, to);
    for change in &changes {
        let kind = match change.kind {
            ChangeKind::Added => "added",
            ChangeKind::Removed => "removed",
            ChangeKind::Changed => "changed",
        };
        let _ = writeln!(text, "  {kind:8} {}", change.check.id);
    }
    if changes.is_empty() {
        text += "  no changes\n";
    }
    let input =
        InputArguments { inputs: arguments.inputs.clone(), stdin_name: arguments.stdin_name.clone(), exclude: Vec::new(), hook: false };
    let mut configs = Configs::none();
    let inputs = Inputs::find(&input, &mut configs)?;
    let mut exit = Exit::Clean;
    let mut refuse = |name: &str, message: &str| {
        terminal::error(&format!("{name}: {message}"));
        exit = exit.max(Exit::Unjudged);
    };
    for failure in &inputs.failures {
        refuse(&failure.name, &failure.message);
    }
    let [mut rejected, mut accepted, mut changed] = [0; 3];
    for input in &inputs.inputs {
        let manifests = match input.read() {
            Ok(manifests) => manifests,
            Err(message) => {
                refuse(&input.name, &message);
                continue;
            }
        };
        if !input.is_argument && !manifests.contains("apiVersion") {
            continue;
        }
        let [first, second] = [from, to].map(|policy| documents(&manifests, policy));
        for (line, message) in second.iter().filter_map(|document| error(document, &manifests, input)) {
            refuse(&format!("{}:{line}", input.name), &message);
        }
        for change in changed_documents(first, second) {
            let document = &change.document;
            let is_accepted = change.added.is_empty() && document.verdicts.iter().all(|verdict| verdict.is_satisfied);
            let outcome = match (change.is_newly_rejected, is_accepted) {
                (true, _) => "will be rejected",
                (_, true) => "will be accepted",
                _ => "remains rejected",
            };
            rejected += usize::from(change.is_newly_rejected);
            accepted += usize::from(is_accepted);
            changed += 1;
            let line = document.span.start.line;
            let _ = writeln!(text, "\n{}:{line}: {} {} {outcome}", input.name, document.kind, document.name);
            for (sign, findings) in [('+', &change.added), ('-', &change.removed)] {
                for finding in findings {
                    let _ = writeln!(text, "  {sign} {}:{} {}: {}", input.name, finding.span.start.line, finding.check.id, finding.reason);
                }
            }
        }
    }
    terminal::print(text.as_bytes())?;
    if !arguments.inputs.is_empty() {
        let summary =
            format!("{} with changes: {rejected} will be rejected, {accepted} will be accepted", counted(changed, "object", "objects"));
        terminal::note(global, &summary);
    }
    Ok(if rejected > 0 { exit.max(Exit::Violations) } else { exit })
}

/// Returns the two policies. What one side does not give is as on the other.
fn policies(from: Target, to: Target) -> [LevelVersion; 2] {
    let level = |own: Target, other: Target| own.level.or(other.level).unwrap_or(Level::Restricted);
    let version = |own: Target, other: Target| own.version.or(other.version).unwrap_or(Version::Latest);
    [(from, to), (to, from)].map(|(own, other)| LevelVersion { level: level(own, other), version: version(own, other) })
}

fn documents(text: &str, policy: LevelVersion) -> Vec<DocumentReport> {
    let options = Options { limits: Limits { bytes: MAX_BYTES }, ..Options::of(policy) };
    let mut documents = Vec::new();
    review_text(text, &options, &|_| None, &mut |document| documents.push(document));
    documents
}

/// Returns why a document of a text could not be judged, with its line.
fn error(document: &DocumentReport, text: &str, input: &Input) -> Option<(usize, String)> {
    if is_other(document, text, input.origin()) {
        return None;
    }
    let error = document.diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error)?;
    Some((error.span.start.line, error.message.clone()))
}
