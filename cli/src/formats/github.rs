//! Commands of GitHub Actions, which annotate the lines of a pull request. A command is a line of the log:
//! `::error file=web.yaml,line=3::message`.

use std::fmt::Write as _;
use std::io::{self, Write};

use pss_formats::characters::visible_except;
use pss_formats::place::{self, Place};
use pss_formats::problem::{Severity, State};
use pss_formats::summary::Counts;
use pss_formats::{Assembler, Document, Format};

/// The format.
#[derive(Debug)]
pub(super) struct Github;

impl Format for Github {
    fn document(&self, document: &Document<'_>) -> String {
        let object = document.report.map(place::object).filter(|object| !object.is_empty());
        let mut out = String::new();
        for problem in document.problems.iter().filter(|problem| problem.state == State::New) {
            let command = match problem.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
                Severity::Note => "notice",
            };
            let place = Place::of(document, problem);
            let (start, end) = (place.span.start, place.span.end);
            let title = object.as_ref().map_or(problem.rule.id().to_owned(), |object| format!("{}: {object}", problem.rule.id()));
            let mut message = place.message(problem);
            if let Some(help) = problem.help {
                message = format!("{message}\n{help}");
            }
            let _ = write!(out, "::{command} file={},line={},endLine={}", property(place.file), start.line, end.line);
            // Columns are only allowed within one line.
            if start.line == end.line && place.rendered.is_none() && problem.span.is_some() {
                let _ = write!(out, ",col={},endColumn={}", start.column, end.column.max(start.column));
            }
            let _ = writeln!(out, ",title={}::{}", property(&title), data(&message));
        }
        out
    }

    fn assembler(&self) -> Box<dyn Assembler> {
        Box::new(GithubAssembler)
    }
}

/// Escapes the message of a command. A line break would end the command, and let the rest of the message be another one.
fn data(text: &str) -> String {
    let text = visible_except(text, |character| matches!(character, '\r' | '\n'));
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes the value of a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

#[derive(Debug)]
struct GithubAssembler;

impl Assembler for GithubAssembler {
    fn begin(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }

    fn add(&mut self, _: &str, _: &Counts, fragment: &str, out: &mut dyn Write) -> io::Result<()> {
        out.write_all(fragment.as_bytes())
    }

    fn end(&mut self, _: &Counts, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_what_could_end_a_command_or_a_property() {
        assert_eq!(data("50%: a,b\r\n::error::x\u{1b}"), "50%25: a,b%0D%0A::error::x␛");
        assert_eq!(property("a:b,c%\n::warning::"), "a%3Ab%2Cc%25%0A%3A%3Awarning%3A%3A");
    }
}
