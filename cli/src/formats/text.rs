//! The format for people: each problem with the lines of the manifest, as a compiler prints it.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::io::{self, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use pss_core::admission::{Effect, Mode};
use pss_manifest::Span;
use pss_review::DocumentReport;

use super::characters::{visible, visible_except};
use super::{Assembler, Document, Format, Style, place};
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
        let excerpt = problem.span.map(|span| Excerpt::of(document.text, span)).filter(|excerpt| !excerpt.lines.is_empty());
        let message = visible(&problem.message);
        let title = level.primary_title(message.as_ref()).id(problem.rule.id());
        let path = match document.template {
            Some(template) => format!("{} ({template})", document.file),
            None => document.file.to_owned(),
        };
        let path = visible(&path);
        let origin = Origin::path(path.as_ref());
        let mut group = match (&excerpt, problem.span) {
            (Some(Excerpt { lines, first_line, marked, has_columns }), Some(Span { start, .. })) => {
                let annotation = AnnotationKind::Primary.span(marked.clone()).label(label.as_deref().map(visible));
                let source = Snippet::source(lines.as_ref()).line_start(*first_line).fold(false).annotation(annotation);
                if *has_columns {
                    title.element(source.path(path.as_ref()))
                } else {
                    // The renderer would count the columns of the excerpt.
                    title.element(origin.line(start.line).char_column(start.column)).element(source)
                }
            }
            (None, Some(Span { start, .. })) => title.element(origin.line(start.line).char_column(start.column)),
            (_, None) => title.element(origin),
        };
        if let Some(help) = problem.help {
            group = group.element(Level::HELP.message(visible(help)));
        }
        if let Some(fix) = problem.fix() {
            group = group.element(Level::NOTE.message(format!("`pss fix` does this: {}", visible(&fix.title))));
        }
        out.push_str(&self.renderer.render(&[group] as &[Group<'_>]));
        out.push_str("\n\n");
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

/// The lines of a span.
#[derive(Debug, PartialEq, Eq)]
struct Excerpt<'t> {
    lines: Cow<'t, str>,
    /// The number of the first line.
    first_line: usize,
    /// The span in the lines, in bytes.
    marked: Range<usize>,
    /// Whether the start of the span has the same column in the lines as in the text.
    has_columns: bool,
}

impl<'t> Excerpt<'t> {
    /// Returns the lines of a span, with visible characters in place of those that a terminal would interpret. Of long lines it
    /// contains the part around the span, of a long span the first lines.
    fn of(text: &'t str, span: Span) -> Self {
        let (start, end) = (span.start.offset, span.end.offset.max(span.start.offset));
        let before = text.get(..start).unwrap_or_default();
        let line_start = before.rfind(['\n', '\r']).map_or(0, |at| at + 1);
        let first = text.ceil_char_boundary(line_start.max(start.saturating_sub(MAX_LINE)));
        let marked = text.get(start..end).unwrap_or_default();
        let marked = marked.match_indices('\n').nth(MAX_LINES - 1).map_or(marked, |(at, _)| marked.get(..at).unwrap_or_default());
        let marked = marked.trim_end_matches(['\n', '\r']);
        let marked_end = text.floor_char_boundary((start + marked.len()).min(start + MAX_LINE));
        let after = text.get(marked_end..).unwrap_or_default();
        let line_end = marked_end + after.find(['\n', '\r']).unwrap_or(after.len());
        let last = text.floor_char_boundary(line_end.min(marked_end + MAX_LINE));

        let has_start = first == line_start;
        let parts = [(first, start), (start, marked_end), (marked_end, last)].map(|(from, to)| text.get(from..to).unwrap_or_default());
        // A cut line begins or ends with an ellipsis.
        let [before, marked, after] = parts.map(visible_lines);
        let (left, right) = (if has_start { "" } else { "\u{2026}" }, if last == line_end { "" } else { "\u{2026}" });
        let marked_start = left.len() + before.len();
        let has_columns = left.is_empty() && matches!(before, Cow::Borrowed(_));
        let range = marked_start..marked_start + marked.len();
        let is_unchanged = [&before, &marked, &after].iter().all(|part| matches!(part, Cow::Borrowed(_)));
        let lines = if is_unchanged && left.is_empty() && right.is_empty() {
            Cow::Borrowed(text.get(first..last).unwrap_or_default())
        } else {
            Cow::Owned([left, &before, &marked, &after, right].concat())
        };
        Excerpt { lines, first_line: span.start.line, marked: range, has_columns }
    }
}

/// Returns lines without what a terminal would interpret. The renderer expands tabs.
fn visible_lines(text: &str) -> Cow<'_, str> {
    if text.contains('\r') {
        // All line breaks that are counted are line breaks for the renderer, too.
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        return Cow::Owned(visible_except(&text, |character| matches!(character, '\n' | '\t')).into_owned());
    }
    visible_except(text, |character| matches!(character, '\n' | '\t'))
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
