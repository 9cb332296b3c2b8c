//! Test results in the XML of JUnit, for CI servers: a test suite for each file, with a test case for each pod and workload.
//!
//! There is no standard; this is the part that Jenkins, GitLab, Azure DevOps and CircleCI agree on. In particular, they show one
//! failure of a test case, so that it lists all violations.

use std::fmt::Write as _;
use std::io::{self, Write};

use pss_formats::characters::{visible, visible_except};
use pss_formats::place::{self, Place};
use pss_formats::problem::{Problem, Severity, State};
use pss_formats::summary::{Counts, counted};
use pss_formats::{Assembler, Document, Format};
use pss_review::Status;
use quick_xml::escape::escape;

/// The format.
#[derive(Debug)]
pub(super) struct Junit;

/// The outcome of a test case. A fragment begins with its letter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Passed,
    Failed,
    Error,
    Skipped,
}

impl Outcome {
    const ALL: [(char, Outcome); 4] = [('P', Outcome::Passed), ('F', Outcome::Failed), ('E', Outcome::Error), ('S', Outcome::Skipped)];

    fn letter(self) -> char {
        Outcome::ALL.iter().find(|(_, outcome)| *outcome == self).map_or('P', |(letter, _)| *letter)
    }
}

impl Format for Junit {
    fn document(&self, document: &Document<'_>) -> String {
        let status = document.report.map(|report| report.status);
        let has_pod = matches!(status, Some(Status::Judged | Status::Exempt));
        if document.problems.is_empty() && !has_pod {
            return String::new();
        }
        let is_new = |problem: &&Problem<'_>| problem.state == State::New;
        let is_warning = |problem: &Problem<'_>| problem.finding.is_some() || problem.is_leftover();
        let fails = |problem: &Problem<'_>| problem.severity == Severity::Error || document.warnings_fail && is_warning(problem);
        let (failing, others): (Vec<_>, Vec<_>) = document.problems.iter().filter(is_new).partition(|problem| fails(problem));
        let covered = document.problems.len() - failing.len() - others.len();

        let (outcome, mut result) = if document.counts.unjudged > 0 {
            (Outcome::Error, result(document, "error", &failing))
        } else if !failing.is_empty() {
            (Outcome::Failed, result(document, "failure", &failing))
        } else if status == Some(Status::Exempt) {
            let exemption = document.report.and_then(|report| report.exemption).map_or("", |exemption| exemption.name());
            (Outcome::Skipped, format!("<skipped message=\"exempt: {exemption}\"/>"))
        } else if covered > 0 && others.iter().all(|problem| problem.finding.is_none()) {
            let count = counted(covered, "finding is", "findings are");
            (Outcome::Skipped, format!("<skipped message=\"{count} in the baseline, excepted or exempt\"/>"))
        } else {
            (Outcome::Passed, String::new())
        };
        if !others.is_empty() {
            let _ = write!(result, "<system-out>{}</system-out>", text(&lines(document, &others)));
        }
        format!("{}{}{result}</testcase>\n", outcome.letter(), opening(document))
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(JunitAssembler::default())
    }
}

/// Returns the opening tag of a test case. Its class is the file, because CI servers group test cases by class.
fn opening(document: &Document<'_>) -> String {
    let template = document.template.filter(|_| document.is_standard_input);
    let file = template.unwrap_or(document.file);
    let name = match document.report {
        Some(report) => {
            let object = place::object(report);
            if object.is_empty() { format!("document {}", report.index + 1) } else { object }
        }
        None => document.file.to_owned(),
    };
    let line = document.report.filter(|_| template.is_none()).map_or(1, |report| report.span.start.line);
    let file = attribute(file);
    format!("<testcase name=\"{}\" classname=\"{file}\" file=\"{file}\" line=\"{line}\">", attribute(&name))
}

/// Returns a failure or an error with all its problems.
fn result(document: &Document<'_>, element: &str, problems: &[&Problem<'_>]) -> String {
    let mut rules: Vec<&str> = problems.iter().map(|problem| problem.rule.id()).collect();
    rules.dedup();
    let kind = rules.first().copied().unwrap_or_default();
    let violations = problems.iter().filter(|problem| problem.finding.is_some()).count();
    let errors = problems.len() - violations;
    let counts = [(violations, "violation", "violations"), (errors, "error", "errors")].into_iter().filter(|(count, ..)| *count > 0);
    let counts = counts.map(|(count, singular, plural)| counted(count, singular, plural)).collect::<Vec<_>>().join(", ");
    let message = format!("{counts}: {}", rules.join(", "));
    let lines = text(&lines(document, problems));
    format!("<{element} type=\"{kind}\" message=\"{}\">{lines}</{element}>", attribute(&message))
}

/// Returns problems with their positions, each followed by its help.
fn lines(document: &Document<'_>, problems: &[&Problem<'_>]) -> String {
    let mut lines = String::new();
    for problem in problems {
        let place = Place::of(document, problem);
        let (file, start) = (visible(place.file), place.span.start);
        let message = place.message(problem);
        let severity = match problem.severity {
            Severity::Error => "",
            Severity::Warning => "warning: ",
            Severity::Note => "note: ",
        };
        let (rule, message) = (problem.rule.id(), visible(&message));
        let _ = writeln!(lines, "{file}:{}:{}: {severity}{rule}: {message}", start.line, start.column);
        if let Some(help) = problem.help {
            let _ = writeln!(lines, "  {}", visible(help));
        }
    }
    lines
}

/// Escapes the text of an element. XML has no escapes for most control characters.
fn text(text: &str) -> String {
    escape(visible_except(text, |character| character == '\n')).into_owned()
}

/// Escapes the value of an attribute.
fn attribute(text: &str) -> String {
    escape(visible(text)).into_owned()
}

/// The assembly of the fragments of one file, because a test suite begins with its counts.
#[derive(Debug, Default)]
struct JunitAssembler {
    file: String,
    cases: String,
    tests: usize,
    failures: usize,
    errors: usize,
    skipped: usize,
}

impl JunitAssembler {
    fn write_suite(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let JunitAssembler { file, cases, tests, failures, errors, skipped } = std::mem::take(self);
        if tests == 0 {
            return Ok(());
        }
        let name = attribute(&file);
        writeln!(out, "<testsuite name=\"{name}\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\" skipped=\"{skipped}\">")?;
        out.write_all(cases.as_bytes())?;
        writeln!(out, "</testsuite>")
    }
}

impl Assembler for JunitAssembler {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        writeln!(out, "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"pss\">")
    }

    fn add(&mut self, file: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        if file != self.file {
            self.write_suite(out)?;
            file.clone_into(&mut self.file);
        }
        let Some(letter) = fragment.chars().next() else { return Ok(()) };
        self.tests += 1;
        match Outcome::ALL.iter().find(|(known, _)| *known == letter).map(|(_, outcome)| *outcome) {
            Some(Outcome::Failed) => self.failures += 1,
            Some(Outcome::Error) => self.errors += 1,
            Some(Outcome::Skipped) => self.skipped += 1,
            Some(Outcome::Passed) | None => {}
        }
        self.cases.push_str(fragment.trim_start_matches(letter));
        Ok(())
    }

    fn end(&mut self, _: &Counts, out: &mut dyn Write) -> io::Result<()> {
        self.write_suite(out)?;
        writeln!(out, "</testsuites>")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_markup_and_characters_that_xml_does_not_allow() {
        assert_eq!(attribute("a<b>&\"'\n\u{1b}\u{fffe}"), "a&lt;b&gt;&amp;&quot;&apos;␊␛&lt;U+FFFE&gt;");
        assert_eq!(text("]]>\n\0"), "]]&gt;\n␀");
    }
}
