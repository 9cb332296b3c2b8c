//! Problems with the input: what is invalid, where, and how to fix it.

use std::fmt;

use pss_manifest::Span;

/// A problem with an object or a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Whether the object is left out because of it.
    pub severity: Severity,
    /// The name of the text.
    pub source: String,
    /// The place in the text.
    pub span: Span,
    /// The message, which names the field.
    pub message: String,
    /// How to fix it, if that is known.
    pub help: Option<String>,
}

/// The severity of a problem.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The result is as intended only if the message is expected.
    Warning,
    /// The object cannot be used.
    Error,
}

impl Severity {
    /// Returns its name: `warning`.
    pub const fn name(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// `FILE:LINE:COLUMN: MESSAGE`, and the help in parentheses.
impl fmt::Display for Problem {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let start = self.span.start;
        write!(out, "{}:{}:{}: {}", self.source, start.line, start.column, self.message)?;
        self.help.iter().try_for_each(|help| write!(out, " ({help})"))
    }
}
