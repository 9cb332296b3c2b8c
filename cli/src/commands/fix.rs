//! `pss fix`: applies the fixes that are safe, and prints the changes or writes the files.
//!
//! What exceptions cover is not changed. A file with a document that cannot be parsed is left alone.

use std::fmt::Write as _;

use pss_core::pod::Labels;
use pss_formats::judgement::{chart_template_problem, is_other, is_template};
use pss_formats::problem::{Problem, problems};
use pss_formats::summary::counted;
use pss_migrate::leftovers;
use pss_review::{Diagnostic, DiagnosticKind, DocumentReport, Finding, Options, Report, Severity, Status, fix_with, review_text};
use similar::TextDiff;

use crate::arguments::{self, Global};
use crate::check::{self, Tasks};
use crate::config::Choices;
use crate::error::Result;
use crate::exit::Exit;
use crate::input::is_chart_template;
use crate::{file, terminal};

/// The number of unchanged lines around a change.
const CONTEXT: usize = 3;

/// The result for a file.
struct Fixed {
    text: String,
    /// The number of findings before and after.
    findings: [usize; 2],
    /// The errors in objects that could not be judged.
    unjudged: Vec<String>,
}

/// Runs the command.
pub(crate) fn run(arguments: &arguments::Fix, global: &Global) -> Result<Exit> {
    let tasks = Tasks::find(&arguments.input, &arguments.policy, Choices::of_arguments(&arguments.policy))?;
    let options = tasks.options()?;
    let namespaces = tasks.namespaces(&options);
    let mut exit = Exit::Clean;
    let mut refuse = |name: &str, message: &str| {
        terminal::error(&format!("{name}: {message}"));
        exit = Exit::Unjudged;
    };
    for failure in &tasks.failures {
        refuse(&failure.name, &failure.message);
    }
    let [mut fixed_findings, mut remaining, mut changed] = [0; 3];
    for (index, task) in tasks.tasks.iter().enumerate() {
        let name = &task.input.name;
        let Some(options) = options.get(task.rules) else { continue };
        let text = match task.input.read() {
            Ok(text) => text,
            Err(message) => {
                refuse(name, &message);
                continue;
            }
        };
        if !task.input.is_argument && !text.contains("apiVersion") {
            continue;
        }
        let fixed = match fix(&text, task, options, &|namespace| namespaces.before(index, namespace)) {
            Ok(fixed) => fixed,
            Err(message) => {
                refuse(name, &message);
                // Standard input is passed on, so that a pipe loses nothing.
                if task.input.path.is_none() && arguments.write {
                    terminal::print(text.as_bytes())?;
                }
                continue;
            }
        };
        for error in &fixed.unjudged {
            refuse(name, error);
        }
        // What cannot be written is not fixed.
        if let (Some(path), true, true) = (&task.input.path, arguments.write, fixed.text != text)
            && let Err(error) = file::write(path, fixed.text.as_bytes())
        {
            refuse(name, &error.to_string());
            continue;
        }
        let [before, after] = fixed.findings;
        fixed_findings += before.saturating_sub(after);
        remaining += after;
        changed += usize::from(fixed.text != text);
        match &task.input.path {
            None if arguments.write => {
                terminal::print(fixed.text.as_bytes())?;
            }
            Some(_) if arguments.write => {}
            _ => {
                terminal::print(diff(name, &text, &fixed.text, terminal::uses_colors(global)).as_bytes())?;
            }
        }
    }
    let verb = if arguments.write { "fixed" } else { "can be fixed" };
    let mut summary = format!("{} {verb} in {}", counted(fixed_findings, "finding", "findings"), counted(changed, "file", "files"));
    let _ = write!(summary, ", {} for you to decide", counted(remaining, "finding remains", "findings remain"));
    if changed > 0 && !arguments.write {
        summary += "; --write changes the files";
    }
    terminal::note(global, &summary);
    Ok(exit)
}

/// Fixes a text.
///
/// # Errors
/// Why the text is left alone.
fn fix(
    text: &str,
    task: &check::Task,
    options: &Options<'_>,
    earlier: &dyn Fn(&str) -> Option<Labels<'static>>,
) -> std::result::Result<Fixed, String> {
    if chart_template_problem(text, &task.input.name, || task.input.path.as_deref().is_some_and(is_chart_template)).is_some() {
        return Err("a template of a Helm chart cannot be fixed; fix the values or the template by hand".to_owned());
    }
    let review = |text: &str| report_of_fixable(text, options, earlier, &|finding, object| task.exception(finding, object).is_some());
    let before = review(text);
    if let Some(error) = before.documents.iter().find_map(syntax_error) {
        let start = error.span.start;
        return Err(format!("not changed, because line {}, column {} cannot be parsed: {}", start.line, start.column, error.message));
    }
    let is_template = |document: &&DocumentReport| is_template(document.span.slice(text), document);
    if let Some(template) = before.documents.iter().find(is_template) {
        return Err(format!("not changed, because the document in line {} is a template that is not rendered", template.span.start.line));
    }
    let fixed = fix_with(text, &review);
    let is_invalid = |document: &&DocumentReport| document.status == Status::Invalid && document.verdicts.is_empty();
    let invalid = before.documents.iter().filter(is_invalid).filter(|document| !is_other(document, text, task.input.origin()));
    let leftovers = leftovers::of_manifests(text, options.limits);
    let errors = invalid.flat_map(|document| problems(document, &leftovers)).filter(Problem::is_unjudged);
    let line = |error: &Problem<'_>| error.span.map_or(1, |span| span.start.line);
    let unjudged = errors.map(|error| format!("line {}: not judged: {}", line(&error), error.message)).collect();
    let count = |report: &Report| report.documents.iter().map(|document| document.findings.len()).sum();
    Ok(Fixed { findings: [count(&before), count(&review(&fixed))], text: fixed, unjudged })
}

/// Returns the error of a document that cannot be parsed.
pub(crate) fn syntax_error(document: &DocumentReport) -> Option<&Diagnostic> {
    document.diagnostics.iter().find(|diagnostic| {
        diagnostic.severity == Severity::Error && diagnostic.kind == DiagnosticKind::Syntax && document.status == Status::Invalid
    })
}

/// Returns the report on a text without the findings that exceptions cover. `is_excepted` gets a finding and its object, such as
/// `Deployment/web`.
///
/// Other findings of a check have no fix if one in the same object is accepted: a field of the pod would also apply to the container
/// that is.
pub(crate) fn report_of_fixable(
    text: &str,
    options: &Options<'_>,
    earlier: &dyn Fn(&str) -> Option<Labels<'static>>,
    is_excepted: &dyn Fn(&Finding, &str) -> bool,
) -> Report {
    let mut documents = Vec::new();
    review_text(text, options, earlier, &mut |mut document| {
        let object = pss_formats::problem::object(&document);
        let mut accepted: Vec<&str> = document.exempt_findings.iter().map(|finding| finding.check.id).collect();
        document.findings.retain(|finding| {
            let is_excepted = is_excepted(finding, &object);
            accepted.extend(is_excepted.then_some(finding.check.id));
            !is_excepted
        });
        for finding in document.findings.iter_mut().filter(|finding| accepted.contains(&finding.check.id)) {
            finding.fix = None;
        }
        documents.push(document);
    });
    Report { warnings: Vec::new(), documents, terminal: Vec::new() }
}

/// Returns the difference of two texts as a unified diff, which `patch` and `git apply` read; empty if there is none.
pub(crate) fn diff(name: &str, old: &str, new: &str, colors: bool) -> String {
    let diff = TextDiff::from_lines(old, new);
    let text = diff.unified_diff().context_radius(CONTEXT).header(&format!("a/{name}"), &format!("b/{name}")).to_string();
    if !colors {
        return text;
    }
    let mut colored = String::new();
    for line in text.lines() {
        let color = match line.as_bytes() {
            [b'-', ..] => "\u{1b}[31m",
            [b'+', ..] => "\u{1b}[32m",
            [b'@', ..] => "\u{1b}[36m",
            _ => "",
        };
        let reset = if color.is_empty() { "" } else { "\u{1b}[0m" };
        let _ = writeln!(colored, "{color}{line}{reset}");
    }
    colored
}
