//! Markdown as GitHub and GitLab render it: for a comment on a pull request, or for the summary of a job.

mod escape;

use std::fmt::Write as _;
use std::io::{self, Write};

use pss_core::admission::Effect;

use self::escape::{code, html, text};
use crate::place;
use crate::problem::{Rule, Severity, State};
use crate::summary::{Counts, counted};
use crate::{Assembler, Document, Format};

/// The number of bytes of the summary of a job that GitHub accepts: 1 MiB.
const MAX_BYTES: usize = 1 << 20;
/// The number of bytes for the heading, the counts, and the number of findings that are left out.
const RESERVE: usize = 4096;
/// The number of findings from which on the findings of each file are collapsed.
const MAX_OPEN: usize = 20;
/// The beginning of the line of a finding. No other line of a fragment begins with it.
const ITEM: &str = "- ";

/// The format.
#[derive(Debug)]
pub struct Markdown;

impl Format for Markdown {
    /// Renders a line for the object, then a line for each finding.
    fn document(&self, document: &Document<'_>) -> String {
        let mut out = String::new();
        for problem in document.problems.iter().filter(|problem| problem.state == State::New) {
            if out.is_empty() {
                out = heading(document);
            }
            let severity = match (problem.severity, problem.rule) {
                (Severity::Error, Rule::Check(_)) => "",
                (Severity::Error, Rule::Other(_)) => ", error",
                (Severity::Warning, _) => ", warning",
                (Severity::Note, _) => ", note",
            };
            let place = problem.span.map_or(String::new(), |span| format!("line {}", span.start.line));
            let place = format!("{place}{severity}");
            let place = place.trim_start_matches(", ");
            let colon = if place.is_empty() { "" } else { ": " };
            let (rule, uri, message) = (problem.rule.id(), problem.rule.help_uri(), text(&problem.message));
            let dot = if problem.message.ends_with('.') { "" } else { "." };
            let _ = write!(out, "{ITEM}{place}{colon}[{rule}]({uri}): {message}{dot}");
            if let Some(help) = problem.help {
                let _ = write!(out, " _Fix:_ {}", text(help));
            }
            if problem.fix().is_some() {
                out.push_str(" `pss fix` does this.");
            }
            out.push('\n');
        }
        out
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(MarkdownAssembler::default())
    }
}

/// Returns the line for an object, or for a document or file that is none.
fn heading(document: &Document<'_>) -> String {
    let Some(report) = document.report else { return "**The file**\n".to_owned() };
    let object = place::object(report);
    let mut line = if object.is_empty() {
        format!("**Document {}**", report.index + 1)
    } else {
        let (kind, name) = object.split_once(' ').unwrap_or((&object, ""));
        if name.is_empty() { format!("**{}**", text(kind)) } else { format!("**{} {}**", text(kind), code(name)) }
    };
    if let Some(template) = document.template {
        let _ = write!(line, " of {}", code(template));
    }
    let Counts { rejected, invalid, unjudged, .. } = document.counts;
    let are_pods = report.verdicts.iter().any(|verdict| verdict.effect == Effect::PodsRejected);
    let outcomes = [
        (invalid > 0, "invalid"),
        (unjudged > 0, "not judged"),
        (rejected > 0 && are_pods, "its pods are rejected"),
        (rejected > 0 && !are_pods, "rejected"),
    ];
    let outcomes: Vec<&str> = outcomes.into_iter().filter(|(applies, _)| *applies).map(|(_, outcome)| outcome).collect();
    let colon = if outcomes.is_empty() { "" } else { ": " };
    format!("{line}{colon}{}\n", outcomes.join(", "))
}

/// The findings of a file.
#[derive(Debug, Default)]
struct Section {
    file: String,
    findings: usize,
    text: String,
}

/// The assembly of a report. It begins with the counts of the run, so it keeps what it prints: at most 1 MiB.
#[derive(Debug, Default)]
struct MarkdownAssembler {
    sections: Vec<Section>,
    /// The number of bytes of the sections at most.
    bytes: usize,
    omitted: usize,
}

impl MarkdownAssembler {
    /// Returns whether some more bytes can be printed, and counts them if so. After the first that cannot, nothing can: what is
    /// printed is the beginning.
    fn has_room(&mut self, bytes: usize) -> bool {
        let has_room = self.omitted == 0 && self.bytes + bytes <= MAX_BYTES - RESERVE;
        if has_room {
            self.bytes += bytes;
        }
        has_room
    }
}

impl Assembler for MarkdownAssembler {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn add(&mut self, file: &str, _: &Counts, fragment: &str, _: &mut dyn Write) -> io::Result<()> {
        if fragment.is_empty() {
            return Ok(());
        }
        let is_new = self.sections.last().is_none_or(|section| section.file != file);
        let (heading, findings) = fragment.split_once('\n').unwrap_or((fragment, ""));
        // The markup around a file, and its name, of which some characters are escaped.
        let of_file = if is_new { 200 + html(file).len() + code(file).len() } else { 0 };
        let mut pending = Some(format!("\n{heading}\n\n"));
        for finding in findings.lines() {
            let of_object = pending.as_ref().map_or(0, |heading| heading.len() + of_file);
            if !self.has_room(of_object + finding.len() + 1) {
                self.omitted += 1;
                continue;
            }
            if pending.is_some() && is_new {
                self.sections.push(Section { file: file.to_owned(), ..Section::default() });
            }
            if let Some(section) = self.sections.last_mut() {
                section.text.push_str(&pending.take().unwrap_or_default());
                section.text.push_str(finding);
                section.text.push('\n');
                section.findings += 1;
            }
        }
        Ok(())
    }

    fn end(&mut self, counts: &Counts, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "## Pod Security Standards: {}\n\n| | |\n|---|---:|", verdict(counts))?;
        for (name, count) in rows(counts) {
            writeln!(out, "| {name} | {count} |")?;
        }
        let findings: usize = self.sections.iter().map(|section| section.findings).sum();
        for section in &self.sections {
            if findings + self.omitted > MAX_OPEN {
                let count = counted(section.findings, "finding", "findings");
                let (file, text) = (html(&section.file), &section.text);
                writeln!(out, "\n<details><summary><code>{file}</code>: {count}</summary>\n{text}\n</details>")?;
            } else {
                writeln!(out, "\n### {}\n{}", code(&section.file), section.text.trim_end())?;
            }
        }
        if self.omitted > 0 {
            let findings = counted(self.omitted, "more finding is", "more findings are");
            writeln!(out, "\n{findings} left out, because this report would be too long. The other formats contain all.")?;
        }
        Ok(())
    }
}

/// Returns the verdict of the run.
fn verdict(counts: &Counts) -> String {
    let mut parts = Vec::new();
    if counts.rejected > 0 {
        parts.push(format!("{} of {} pods and workloads rejected", counts.rejected, counts.judged));
    }
    if counts.invalid > 0 {
        parts.push(format!("{} invalid", counts.invalid));
    }
    if counts.unjudged > 0 {
        parts.push(format!("{} not judged", counted(counts.unjudged, "file or object", "files and objects")));
    }
    match (parts.is_empty(), counts.warnings) {
        (false, _) => parts.join(", "),
        (true, 0) => "nothing is rejected".to_owned(),
        (true, warnings) => format!("nothing is rejected, {}", counted(warnings, "warning", "warnings")),
    }
}

/// Returns the rows of the table of counts. The first two are always there.
fn rows(counts: &Counts) -> impl Iterator<Item = (&'static str, usize)> {
    let always = [("Pods and workloads judged", counts.judged), ("Rejected", counts.rejected)];
    let others = [
        ("Violations", counts.violations),
        ("Warnings", counts.warnings),
        ("Findings that `pss fix` fixes", counts.fixable),
        ("Findings in the baseline", counts.in_baseline),
        ("Excepted findings", counts.excepted),
        ("Exempt pods and workloads", counts.exempt),
        ("Invalid objects", counts.invalid),
        ("Not judged", counts.unjudged),
    ];
    always.into_iter().chain(others.into_iter().filter(|(_, count)| *count > 0))
}
