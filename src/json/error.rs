//! What does not fit, and where it stands.

use std::cell::RefCell;
use std::fmt;

/// Where in the document a value stands. It lives on the stack and is written out only for errors.
#[derive(Clone, Copy)]
pub(crate) struct Path<'p> {
    parent: Option<&'p Path<'p>>,
    step: Step<'p>,
}

#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Index(usize),
}

impl<'p> Path<'p> {
    /// The start of a path: a name for the whole document, or nothing.
    pub(crate) const fn root(name: &'p str) -> Self {
        Path { parent: None, step: Step::Key(name) }
    }

    pub(crate) const fn key(&'p self, key: &'p str) -> Path<'p> {
        Path { parent: Some(self), step: Step::Key(key) }
    }

    pub(crate) const fn index(&'p self, index: usize) -> Path<'p> {
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
            // As Kubernetes writes the keys of labels and annotations.
            Step::Key(key) if key.contains(['.', '/', '[']) && self.parent.is_some() => write!(out, "[{key}]"),
            Step::Key(key) if first => out.write_str(key),
            Step::Key(key) => write!(out, ".{key}"),
        }
    }
}

/// Something in the input that does not fit, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldError {
    /// The path of the value, such as `request.object.spec.containers[0].name`.
    pub path: String,
    /// What is wrong with it, as the rest of a sentence that begins with the path.
    pub message: String,
}

impl fmt::Display for FieldError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        located(out, &self.path, &self.message)
    }
}

/// `path: what`, or what alone where it is about the whole document.
pub(super) fn located(out: &mut fmt::Formatter<'_>, path: &str, what: &str) -> fmt::Result {
    if path.is_empty() { out.write_str(what) } else { write!(out, "{path}: {what}") }
}

/// What was found not to fit, in the order of the input.
#[derive(Debug, Default)]
pub(crate) struct ErrorSink {
    errors: RefCell<Vec<FieldError>>,
    first_only: bool,
}

impl ErrorSink {
    /// ErrorSink that keep the first problem only.
    pub(super) fn first() -> Self {
        ErrorSink { first_only: true, ..ErrorSink::default() }
    }

    pub(crate) fn add(&self, at: &Path<'_>, what: &dyn Fn() -> String) {
        let mut errors = self.errors.borrow_mut();
        if !self.first_only || errors.is_empty() {
            errors.push(FieldError { path: at.to_string(), message: what() });
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    pub(crate) fn into_errors(self) -> Vec<FieldError> {
        self.errors.into_inner()
    }
}
