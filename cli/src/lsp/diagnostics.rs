//! Diagnostics: the problems of a document in the form of the protocol.

use gen_lsp_types::{CodeDescription, Diagnostic, DiagnosticSeverity, Message, Range, Uri};
use pss_formats::problem::{Problem, Severity, State};

use super::lines::Lines;
use super::review::{Review, Snapshot};
use super::rules::Failure;

/// The source of all diagnostics.
const SOURCE: &str = "pss";
/// The code of an invalid configuration.
const CONFIGURATION: &str = "configuration";

/// Returns the diagnostics of a document, in the order of the text.
pub(super) fn diagnostics(review: &Review, snapshot: &Snapshot) -> Vec<Diagnostic> {
    let lines = snapshot.lines();
    if let Review::Failure(failure) = review {
        let message = format!("This file is not judged, because the configuration is invalid. {}", failure.message);
        return vec![of_configuration(lines.first_line(), message)];
    }
    let mut all: Vec<Diagnostic> = review.problems(snapshot).iter().map(|problem| diagnostic(problem, &lines)).collect();
    all.sort_by_key(|diagnostic| diagnostic.range.start);
    all
}

/// Returns the diagnostic of a problem.
pub(super) fn diagnostic(problem: &Problem<'_>, lines: &Lines<'_>) -> Diagnostic {
    let severity = match (problem.state, problem.severity) {
        // What an exception or the settings exempt needs no attention.
        (State::Excepted(_) | State::Exempt(_) | State::Baseline, _) => DiagnosticSeverity::Hint,
        (State::New, Severity::Error) if problem.is_template() => DiagnosticSeverity::Information,
        (State::New, Severity::Error) => DiagnosticSeverity::Error,
        (State::New, Severity::Warning) => DiagnosticSeverity::Warning,
        (State::New, Severity::Note) => DiagnosticSeverity::Information,
    };
    let mut message = problem.message.clone();
    match problem.state {
        State::Excepted(reason) => message += &format!("\nExcepted: {reason}"),
        State::Exempt(reason) => message += &format!("\nExempt: {reason}"),
        State::New | State::Baseline => message.extend(problem.help.map(|help| format!("\n{help}"))),
    }
    Diagnostic {
        range: problem.span.map_or_else(|| lines.first_line(), |span| lines.range_of(span)),
        severity: Some(severity),
        code: Some(problem.rule.id().to_owned().into()),
        code_description: Some(CodeDescription { href: Uri::from(problem.rule.help_uri()) }),
        source: Some(SOURCE.to_owned()),
        message: Message::String(message),
        ..Diagnostic::default()
    }
}

/// Returns the diagnostic of an invalid configuration file, at the place that the error names.
pub(super) fn of_failure(failure: &Failure) -> Diagnostic {
    of_configuration(place(&failure.message), failure.message.clone())
}

fn of_configuration(range: Range, message: String) -> Diagnostic {
    Diagnostic {
        range,
        severity: Some(DiagnosticSeverity::Error),
        code: Some(CONFIGURATION.to_owned().into()),
        source: Some(SOURCE.to_owned()),
        message: Message::String(message),
        ..Diagnostic::default()
    }
}

/// Returns the position in the message of an error in TOML: `at line 3, column 5`. Otherwise the range is the start of the file.
fn place(message: &str) -> Range {
    let number = |prefix: &str| -> Option<u32> {
        let (_, rest) = message.split_once(prefix)?;
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()?.checked_sub(1)
    };
    let mut range = Range::default();
    if let (Some(line), Some(column)) = (number("at line "), number(", column ")) {
        range.start.line = line;
        range.start.character = column;
        range.end = range.start;
        range.end.character += 1;
    }
    range
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_the_place_of_an_error_in_toml() {
        let range = place("pss.toml: TOML parse error at line 3, column 5\n  |\n");
        assert_eq!((range.start.line, range.start.character, range.end.character), (2, 4, 5));
        assert_eq!(place("pss.toml: exceptions[0].reason is missing"), Range::default());
    }
}
