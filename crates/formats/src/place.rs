//! Where a problem is, for formats that need a file and a line, and the names of objects.

use pss_manifest::{Position, Span};
use pss_review::DocumentReport;

use crate::Document;
use crate::problem::Problem;

const START: Position = Position { offset: 0, line: 1, column: 1, utf16_offset: 0, utf16_column: 1 };

/// The place of a problem in a file.
#[derive(Debug, Clone, Copy)]
pub struct Place<'d> {
    /// The file; for the output of Helm as standard input, the template that it comes from.
    pub file: &'d str,
    /// The span in the file. It is the start of the file if that cannot be read, or is a template, whose lines are not those of the
    /// text that was judged.
    pub span: Span,
    /// The position in the text that was judged, if that is not the text of the file.
    pub rendered: Option<Position>,
}

impl<'d> Place<'d> {
    /// Returns the place of a problem of a document.
    pub fn of(document: &Document<'d>, problem: &Problem<'_>) -> Self {
        let start = Span { start: START, end: START };
        match document.template.filter(|_| document.is_standard_input) {
            Some(template) => Place { file: template, span: start, rendered: problem.span.map(|span| span.start) },
            None => Place { file: document.file, span: problem.span.unwrap_or(start), rendered: None },
        }
    }

    /// Returns the message of a problem, with the position in the text that was judged if that is not the text of the file.
    pub fn message(&self, problem: &Problem<'_>) -> String {
        let Some(Position { line, column, .. }) = self.rendered else { return problem.message.clone() };
        let (message, end) = problem.message.strip_suffix('.').map_or((problem.message.as_str(), ""), |message| (message, "."));
        format!("{message} (line {line}, column {column} of the rendered text){end}")
    }
}

/// Returns an object as `Deployment shop/web`. It can be incomplete, and is empty for what is no object.
pub fn object(report: &DocumentReport) -> String {
    let DocumentReport { kind, namespace, name, .. } = report;
    let slash = if namespace.is_empty() || name.is_empty() { "" } else { "/" };
    let namespace = if name.is_empty() { "" } else { namespace };
    format!("{kind} {namespace}{slash}{name}").trim().to_owned()
}
