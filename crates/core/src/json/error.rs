//! Paths of values, and errors with their paths.

use std::cell::RefCell;
use std::fmt;

/// The path of a value in a document: a linked list on the stack, which is formatted only for errors.
#[derive(Clone, Copy)]
pub struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The start of a path: a name for the whole document, or the empty string.
    pub const fn root(name: &'p str) -> Self {
        Path { parent: None, step: Step::Key(name) }
    }

    /// The path of the entry with a key.
    pub const fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    /// The path of the element at an index.
    pub const fn index(&'p self, index: usize) -> Path<'p> {
        Path { parent: Some(self), step: Step::Index(index) }
    }
}

impl fmt::Display for Path<'_> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        if let Some(parent) = self.parent {
            parent.fmt(out)?;
            first = parent.parent.is_none() && matches!(parent.step, Step::Key(""));
        }
        match self.step {
            Step::Index(index) => write!(out, "[{index}]"),
            // As Kubernetes formats the keys of labels and annotations.
            Step::Key(key) if key.contains(['.', '/', '[']) && self.parent.is_some() => write!(out, "[{key}]"),
            Step::Key(key) if first => out.write_str(key),
            Step::Key(key) => write!(out, ".{key}"),
        }
    }
}

/// A value of the input that does not fit, such as one of a wrong type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the value, such as `request.object.spec.containers[0].name`.
    pub path: String,
    /// The error, as the rest of a sentence that begins with the path: `must be a string, not 5`.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(out, &self.path, &self.message)
    }
}

/// Formats `path: message`, or the message alone if the path is empty.
pub(super) fn located(out: &mut fmt::Formatter<'_>, path: &str, message: &str) -> fmt::Result {
    if path.is_empty() { out.write_str(message) } else { write!(out, "{path}: {message}") }
}

/// Collects errors, in the order of the input.
#[derive(Debug, Default)]
pub struct ErrorSink {
    errors: RefCell<Vec<FieldError>>,
    first_only: bool,
}

impl ErrorSink {
    /// A sink that keeps only the first error.
    pub(super) fn first() -> Self {
        ErrorSink { first_only: true, ..ErrorSink::default() }
    }

    /// Adds an error at a path.
    pub fn add(&self, at: &Path<'_>, message: &dyn Fn() -> String) {
        let mut errors = self.errors.borrow_mut();
        if !self.first_only || errors.is_empty() {
            errors.push(FieldError { path: at.to_string(), message: message() });
        }
    }

    /// Whether there is no error.
    pub fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// The errors, in the order of the input.
    pub fn into_errors(self) -> Vec<FieldError> {
        self.errors.into_inner()
    }
}
