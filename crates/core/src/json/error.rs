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

/// Formats `path: message`, or the message alone if the path is empty. A long path is cut.
pub(super) fn located(out: &mut fmt::Formatter<'_>, path: &str, message: &str) -> fmt::Result {
    if path.is_empty() {
        return out.write_str(message);
    }
    let start = path.get(..path.floor_char_boundary(MAX_LENGTH)).unwrap_or_default();
    write!(out, "{start}{}: {message}", if start.len() < path.len() { "…" } else { "" })
}

/// The number of errors that are explained. Who fixes as many sees the next ones then.
pub const MAX_EXPLAINED: usize = 50;
/// The maximum length of a message, and of a path in a text, in bytes.
const MAX_LENGTH: usize = 2000;

/// Collects errors, in the order of the input. From a number on they have no messages: the input can have millions of equal errors,
/// and a message is some hundred times as long as a wrong value.
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
            let mut message = if errors.len() < MAX_EXPLAINED { message() } else { String::new() };
            if message.len() > MAX_LENGTH {
                message.truncate(message.floor_char_boundary(MAX_LENGTH));
                message.push('…');
            }
            errors.push(FieldError { path: at.to_string(), message });
        }
    }

    /// Whether there is no error.
    pub fn is_empty(&self) -> bool {
        self.errors.borrow().is_empty()
    }

    /// The errors with a message: the first [`MAX_EXPLAINED`], in the order of the input.
    pub fn into_errors(self) -> Vec<FieldError> {
        let mut errors = self.into_all();
        errors.truncate(MAX_EXPLAINED);
        errors
    }

    /// All errors, in the order of the input. Those after the first [`MAX_EXPLAINED`] have no message.
    pub fn into_all(self) -> Vec<FieldError> {
        self.errors.into_inner()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn explains_the_first_errors_in_short_texts() {
        let sink = ErrorSink::default();
        let root = Path::root("");
        for index in 0..60 {
            sink.add(&root.index(index), &|| format!("{index} {}", "é".repeat(index * 40)));
        }
        let all = sink.into_all();
        assert_eq!((all.len(), all.iter().filter(|error| !error.message.is_empty()).count()), (60, MAX_EXPLAINED));
        assert!(all.iter().all(|error| error.message.len() <= MAX_LENGTH + "…".len()));
        assert_eq!((all[20].message.chars().last(), all[30].message.chars().last(), all[59].path.as_str()), (Some('é'), Some('…'), "[59]"));
        let long = FieldError { path: "é".repeat(1001), message: "m".to_owned() };
        assert_eq!(long.to_string(), format!("{}…: m", "é".repeat(1000)));
        let sink = ErrorSink::default();
        (0..60).for_each(|index| sink.add(&root.index(index), &|| "m".to_owned()));
        assert_eq!(sink.into_errors().len(), MAX_EXPLAINED);
    }
}
