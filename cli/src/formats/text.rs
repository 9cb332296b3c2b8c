//! The format for people: each problem with the lines of the manifest, as a compiler prints it.

use std::fmt::Write as _;
use std::io::{self, Write};

use annotate_snippets::{AnnotationKind, Group, Level, Renderer, Snippet};
use pss_core::admission::{Effect, Mode};
use pss_manifest::Span;
use pss_review::DocumentReport;

use super::{Assembler, Document, Format, Style};
use crate::check::problem::{Problem, Rule, Severity, State};
use crate::check::summary::Counts;

/// The number of lines of a long span that are shown.
const MAX_LINES: usize = 3;
/// The number of bytes of a line that are shown around a span.
const MAX_LINE: usize = 400;

/// The format.
#[derive(Debug)]
pub(super) struct Text {
    renderer: Renderer,
    style: Style,
}

impl Text {
    pub(super) fn new(style: Style) -> Self {
        let renderer = if style.colors { Renderer::styled() } else { Renderer::plain() };
        // The terminal wraps lines itself; without a fixed width a pipe would get shortened lines.
        Text { renderer: renderer.term_width(usize::MAX / 4), style }
    }

    fn problem(&self, document: &Document<'_>, problem: &Problem<'_>, out: &mut String) {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
            Severity::Note => Level::NOTE,
        };
        let label = label(document, problem);
        let (source, first_line, range) = problem.span.map(|span| excerpt(document.text, span)).unwrap_or_default();
        let title = level.primary_title(problem.message.as_str()).id(problem.rule.id());
        let path = match document.template {
            Some(template) => format!("{} ({template})", document.file),
            None => document.file.to_owned(),
        };
        let mut group = if problem.span.is_some() && !source.is_empty() {
            let annotation = AnnotationKind::Primary.span(range).label(label);
            title.element(Snippet::source(source).path(path).line_start(first_line).fold(false).annotation(annotation))
        } else {
            title.element(annotate_snippets::Origin::path(path))
        };
        if let Some(help) = problem.help {
            group = group.element(Level::HELP.message(help));
        }
        if let Some(fix) = problem.fix() {
            group = group.element(Level::NOTE.message(format!("`pss fix` does this: {}", fix.title)));
        }
        out.push_str(&self.renderer.render(&[group] as &[Group<'_>]));
        out.push_str("\n\n");
    }
}

/// Returns the text beside the marked field: the object, and the policy that is violated.
fn label(document: &Document<'_>, problem: &Problem<'_>) -> Option<String> {
    let (Rule::Check(check), Some(report)) = (problem.rule, document.report) else { return None };
    let modes = problem.finding.map(|finding| finding.modes.as_slice()).unwrap_or_default();
    let policy = |mode: &Mode| report.verdicts.iter().find(|verdict| verdict.mode == *mode).map(|verdict| verdict.policy);
    let is_missing = problem.finding.is_some_and(|finding| finding.is_missing);
    let what = if is_missing { format!("{} is missing here", last_key(problem.path)) } else { check.reason.to_owned() };
    match modes.first().and_then(policy) {
        Some(policy) if modes.contains(&Mode::Enforce) => Some(format!("{what}, violates {policy}")),
        Some(policy) => Some(format!("{what}, would violate {policy}")),
        None => Some(what),
    }
}

/// Returns the last key of a path: `capabilities.drop` for a list that lacks an element.
fn last_key(path: &str) -> &str {
    let in_brackets = path.rsplit_once('[').filter(|_| path.ends_with(']'));
    match in_brackets {
        Some((before, _)) if !before.ends_with("annotations") => last_key(before),
        Some((_, key)) => key.trim_end_matches(']'),
        None => path.rsplit_once('.').map_or(path, |(_, key)| key),
    }
}

/// Returns the lines of a span, the number of the first line, and the span in these lines.
fn excerpt(text: &str, span: Span) -> (&str, usize, std::ops::Range<usize>) {
    let (start, end) = (span.start.offset, span.end.offset.max(span.start.offset));
    let before = text.get(..start).unwrap_or_default();
    let mut first = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
    if start - first > MAX_LINE {
        first = floor(text, start - MAX_LINE);
    }
    let marked = text.get(start..end).unwrap_or_default();
    let marked = marked.match_indices('\n').nth(MAX_LINES - 1).map_or(marked, |(at, _)| marked.get(..at).unwrap_or_default());
    let marked = marked.trim_end_matches(['\n', '\r']);
    let marked_end = floor(text, (start + marked.len()).min(start + MAX_LINE * MAX_LINES));
    let after = text.get(marked_end..).unwrap_or_default();
    let line_end = marked_end + after.find(['\n', '\r']).unwrap_or(after.len());
    let last = floor(text, line_end.min(marked_end + MAX_LINE));
    (text.get(first..last).unwrap_or_default(), span.start.line, start - first..marked_end - first)
}

/// Returns the start of the character at or before an offset.
fn floor(text: &str, offset: usize) -> usize {
    text.floor_char_boundary(offset)
}

/// Returns what happens to an object, with the message of the cluster.
fn outcome(report: &DocumentReport, counts: &Counts) -> Option<String> {
    let verdict = report.verdicts.iter().find(|verdict| verdict.mode == Mode::Enforce)?;
    let message = verdict.message.as_deref().filter(|_| counts.rejected > 0)?;
    let namespace = if report.namespace.is_empty() { String::new() } else { format!("{}/", report.namespace) };
    let effect = if verdict.effect == Effect::PodsRejected { "its pods are rejected" } else { "rejected" };
    Some(format!("{} {namespace}{}: {effect}: {message}", report.kind, report.name))
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
