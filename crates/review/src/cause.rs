//! The causes of errors in texts that cannot be parsed, or are no Kubernetes objects, with their fixes.
//!
//! - `indentation.rs`: tabs, and lines with a wrong indentation.
//! - `fields.rs`: the places of some fields, which tell a right indentation from one that is only valid.
//! - `other_formats.rs`: texts for other programs.
//! - `object_type.rs`: objects without `apiVersion` or `kind`.

mod fields;
mod indentation;
mod object_type;
mod other_formats;

use std::borrow::Cow;
use std::ops::Range;

use pss_manifest::{Node, Section, documents};

use crate::report::{Diagnostic, DiagnosticKind, Fix};
use crate::templates;

/// The cause of a syntax error.
struct Cause {
    kind: DiagnosticKind,
    /// The cause, without a full stop.
    message: String,
    /// How to fix it, in a sentence.
    help: String,
    /// The place in the section.
    at: Range<usize>,
    fix: Option<Fix>,
}

/// Replaces the diagnostic of a document that cannot be parsed, or of a value that is no object, by one that names the cause and a
/// fix, if the cause is recognized. The sentence of the parser remains as its second part.
pub(crate) fn explain(section: &Section<'_>, value: Option<Node<'_>>, diagnostic: Diagnostic) -> Diagnostic {
    if let Some(node) = value {
        return object_type::explain(node, diagnostic);
    }
    let Diagnostic { message: error, span, .. } = &diagnostic;
    let start = section.position(0).offset;
    let at = span.start.offset.saturating_sub(start)..span.end.offset.saturating_sub(start);
    match cause(section, at, error) {
        Some(Cause { kind, message, help, at, fix }) => {
            let message = format!("{message}; the parser reports: {error}");
            Diagnostic { kind, message, help: Some(help), fix, span: section.span(at), ..diagnostic }
        }
        None => diagnostic,
    }
}

fn cause(section: &Section<'_>, at: Range<usize>, message: &str) -> Option<Cause> {
    let text = section.text();
    let syntax = |message: &str, help: &str, at: Range<usize>| Cause {
        kind: DiagnosticKind::Syntax,
        message: message.to_owned(),
        help: help.to_owned(),
        at,
        fix: None,
    };
    if let Some((message, help)) = other_formats::of_text(text) {
        return Some(syntax(message, help, at));
    }
    if let Cow::Owned(masked) = templates::mask(text) {
        let remaining = documents(&masked).into_iter().find_map(|document| document.content.err());
        if remaining.is_none_or(|error| error.message != message || error.span.start.offset != at.start) {
            let first = templates::actions(text).first().cloned().unwrap_or(at);
            let message = "the document is a template that is not rendered";
            let help = "Paste the output of helm template CHART instead.";
            return Some(Cause { kind: DiagnosticKind::Template, ..syntax(message, help, first) });
        }
    }
    indentation::tab(section, at.start).or_else(|| indentation::line(section, at.start))
}

#[cfg(test)]
mod tests;
