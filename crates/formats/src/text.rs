//! The format for people: each problem with the lines of the manifest, as a compiler prints it.

mod excerpt;
mod snippet;

use std::fmt::Write as _;
use std::io::{self, Write};

use pss_core::admission::{Effect, Mode};
use pss_review::DocumentReport;

use self::excerpt::Excerpt;
use self::snippet::Snippet;
use crate::characters::visible;
use crate::problem::{Problem, Rule, Severity, State};
use crate::summary::Counts;
use crate::{Assembler, Document, Format, Style, place};

/// The format.
#[derive(Debug)]
pub struct Text {
    style: Style,
}

impl Text {
    /// The format in a style.
    pub fn new(style: Style) -> Self {
        Text { style }
    }

    fn problem(&self, document: &Document<'_>, problem: &Problem<'_>, out: &mut String) {
        let label = label(document, problem);
        let excerpt = problem.span.map(|span| Excerpt::of(document.text, span)).filter(|excerpt| !excerpt.line.is_empty());
        let path = match document.template {
            Some(template) => format!("{} ({template})", document.file),
            None => document.file.to_owned(),
        };
        let note = problem.fix().map(|fix| format!("`pss fix` does this: {}", fix.title));
        let snippet = Snippet {
            severity: problem.severity,
            rule: problem.rule.id(),
            message: &visible(&problem.message),
            path: &visible(&path),
            start: problem.span.map(|span| (span.start.line, span.start.column)),
            excerpt,
            label: label.as_deref().map(visible),
            notes: [("help", problem.help.map(visible)), ("note", note.as_deref().map(visible))],
        };
        snippet.render(self.style.colors, out);
        out.push('\n');
    }
}

/// Returns the text beside the marked field: the missing field or the reason, and the policy that is violated.
fn label(document: &Document<'_>, problem: &Problem<'_>) -> Option<String> {
    let (Rule::Check(check), Some(report)) = (problem.rule, document.report) else { return None };
    let modes = problem.finding.map(|finding| finding.modes.as_slice()).unwrap_or_default();
    let policy = |mode: &Mode| report.verdicts.iter().find(|verdict| verdict.mode == *mode).map(|verdict| verdict.policy);
    let is_missing = problem.finding.is_some_and(|finding| finding.is_missing);
    let marked = problem.span.map(|span| span.slice(document.text)).unwrap_or_default();
    let what = if is_missing { format!("{} is missing here", missing_keys(problem.path, marked)) } else { check.reason.to_owned() };
    match modes.first().and_then(policy) {
        Some(policy) if modes.contains(&Mode::Enforce) => Some(format!("{what}, violates {policy}")),
        Some(policy) => Some(format!("{what}, would violate {policy}")),
        None => Some(what),
    }
}

/// Returns the keys of a path after the last one that is marked: `seccompProfile.type` if `securityContext` is. If none is, those
/// after the last index of a list, because a list has no field of this name.
fn missing_keys<'p>(path: &'p str, marked: &str) -> &'p str {
    let marked = marked.trim_matches(['"', '\'']);
    let after_mark = path.match_indices(marked).filter(|_| !marked.is_empty()).filter_map(|(at, _)| {
        let is_key = path.get(..at).is_some_and(|before| before.is_empty() || before.ends_with('.'));
        path.get(at + marked.len()..).filter(|_| is_key)?.strip_prefix('.')
    });
    let after_mark = after_mark.last().unwrap_or(path);
    match after_mark.rsplit_once("].") {
        Some((_, keys)) => keys,
        None if after_mark.len() < path.len() => after_mark,
        None => path.rsplit_once('.').map_or(path, |(_, key)| key),
    }
}

/// Returns what happens to an object, with the message of the cluster.
fn outcome(report: &DocumentReport, counts: &Counts) -> Option<String> {
    let verdict = report.verdicts.iter().find(|verdict| verdict.mode == Mode::Enforce)?;
    let message = verdict.message.as_deref().filter(|_| counts.rejected > 0)?;
    let effect = if verdict.effect == Effect::PodsRejected { "its pods are rejected" } else { "rejected" };
    Some(visible(&format!("{}: {effect}: {message}", place::object(report))).into_owned())
}

impl Format for Text {
    fn document(&self, document: &Document<'_>) -> String {
        let mut out = String::new();
        for problem in document.problems {
            // What is covered is in the summary, and in the formats for programs.
            if problem.state == State::New && (problem.severity > Severity::Note || !self.style.quiet) {
                self.problem(document, problem, &mut out);
            }
        }
        if let Some(outcome) = document.report.and_then(|report| outcome(report, &document.counts)) {
            let _ = write!(out, "{outcome}\n\n");
        }
        out
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(TextAssembler { quiet: self.style.quiet })
    }
}

#[derive(Debug)]
struct TextAssembler {
    quiet: bool,
}

impl Assembler for TextAssembler {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn add(&mut self, _: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(fragment.as_bytes())
    }

    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        if self.quiet { Ok(()) } else { writeln!(out, "{}", counts.line()) }
    }
}

#[cfg(test)]
mod tests;
