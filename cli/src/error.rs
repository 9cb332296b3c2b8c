//! The error type of the program.

use std::fmt;
use std::io;
use std::path::Path;

use crate::exit::Exit;

/// An error that ends the program: a text of one or more lines, and the exit status.
#[derive(Debug)]
pub(crate) struct Error {
    message: String,
    exit: Exit,
    is_broken_pipe: bool,
}

/// The result of a command.
pub(crate) type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// An error in the arguments, a configuration file or the settings.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Error { message: message.into(), exit: Exit::Usage, is_broken_pipe: false }
    }

    /// An error that prevents judging.
    pub(crate) fn unjudged(message: impl Into<String>) -> Self {
        Error { message: message.into(), exit: Exit::Unjudged, is_broken_pipe: false }
    }

    /// A failure to write to a file.
    pub(crate) fn write(path: &Path, error: &io::Error) -> Self {
        Error::unjudged(format!("cannot write {}: {}", path.display(), cause(error)))
    }

    pub(crate) fn exit(&self) -> Exit {
        self.exit
    }

    pub(crate) fn is_broken_pipe(&self) -> bool {
        self.is_broken_pipe
    }
}

/// A failure to write to standard output.
impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        let is_broken_pipe = error.kind() == io::ErrorKind::BrokenPipe;
        Error { is_broken_pipe, ..Error::unjudged(format!("cannot write to standard output: {}", cause(&error))) }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

/// Returns the cause of a failed operation, in the words of the system and without the number of its error.
pub(crate) fn cause(error: &io::Error) -> String {
    // Libraries wrap the error of the system in others with the path, which messages have anyway.
    let mut text = error.to_string();
    let mut source: Option<&(dyn std::error::Error + 'static)> = error.get_ref().map(|inner| inner as _);
    while let Some(inner) = source {
        text = inner.to_string();
        source = inner.source();
    }
    let text = text.split(" (os error").next().unwrap_or_default();
    // The messages of the system begin with a capital letter, and follow a colon here.
    let mut characters = text.chars();
    characters.next().map_or_else(String::new, |first| first.to_lowercase().chain(characters).collect())
}
