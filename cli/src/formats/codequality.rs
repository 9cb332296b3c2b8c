//! The Code Quality report of GitLab, which shows the findings in the changes of a merge request.

use std::io::{self, Write};

use pss_core::standards::Level;
use pss_formats::characters::{json, visible};
use pss_formats::place::{self, Place};
use pss_formats::problem::{Problem, Rule, Severity, State};
use pss_formats::summary::Counts;
use pss_formats::{Assembler, Document, Format, Separator};
use serde::Serialize;

/// The format.
#[derive(Debug)]
pub(super) struct Codequality;

#[derive(Debug, Serialize)]
struct Issue<'d> {
    description: String,
    check_name: &'static str,
    fingerprint: &'d str,
    severity: &'static str,
    location: Location<'d>,
}

#[derive(Debug, Serialize)]
struct Location<'d> {
    path: &'d str,
    lines: Lines,
}

#[derive(Debug, Serialize)]
struct Lines {
    begin: usize,
}

/// Returns the severity: what baseline forbids, and what cannot be judged, is more severe than what only restricted forbids.
fn severity(problem: &Problem<'_>) -> &'static str {
    match (problem.severity, problem.rule) {
        (Severity::Error, Rule::Check(check)) if check.level == Level::Restricted => "major",
        (Severity::Error, _) => "critical",
        (Severity::Warning, _) => "minor",
        (Severity::Note, _) => "info",
    }
}

impl Format for Codequality {
    fn document(&self, document: &Document<'_>) -> String {
        let object = document.report.map(place::object).filter(|object| !object.is_empty());
        let mut separator = "";
        let mut out = String::new();
        // GitLab compares with the report of the target branch itself. What is covered is not part of it.
        for problem in document.problems.iter().filter(|problem| problem.state == State::New) {
            let place = Place::of(document, problem);
            let message = place.message(problem);
            let description = object.as_ref().map_or(message.clone(), |object| format!("{object}: {message}"));
            out.push_str(std::mem::replace(&mut separator, ",\n"));
            out.push_str(&json(&Issue {
                description: visible(&description).into_owned(),
                check_name: problem.rule.id(),
                fingerprint: &problem.fingerprint,
                severity: severity(problem),
                location: Location { path: place.file, lines: Lines { begin: place.span.start.line } },
            }));
        }
        out
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(CodequalityAssembler { separator: Separator::default() })
    }
}

#[derive(Debug)]
struct CodequalityAssembler {
    separator: Separator,
}

impl Assembler for CodequalityAssembler {
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"[")
    }

    fn add(&mut self, _: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        if fragment.is_empty() { Ok(()) } else { write!(out, "{}{fragment}", self.separator.before_next()) }
    }

    fn end(&mut self, _: &Counts, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(b"\n]\n")
    }
}
