//! The input: the files that arguments name or folders contain, and their texts.
//!
//! Nothing is left out silently: what cannot be read is a [`Failure`].

use std::borrow::Cow;
use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use ignore::{Error as WalkError, WalkBuilder};
use pss_formats::charts;

use crate::arguments::InputArguments;
use crate::config::{self, Config, Configs, absolute, matches, shortened};
use crate::error::{Error, Result, cause};

/// A text to be read.
#[derive(Debug, Clone)]
pub(crate) struct Input {
    /// The path of a file; `None` for standard input.
    pub(crate) path: Option<PathBuf>,
    /// The text of standard input or of a pipe, which can be read only once.
    pipe: Arc<OnceLock<std::result::Result<String, String>>>,
    /// The name in the output: the path relative to the working directory, with `/`.
    pub(crate) name: String,
    /// Whether an argument names it as a manifest. A file in a folder or a commit may be anything.
    pub(crate) is_argument: bool,
}

/// A file or folder that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Failure {
    /// The name in the output.
    pub(crate) name: String,
    /// The reason.
    pub(crate) message: String,
}

/// The input of a run.
#[derive(Debug, Default)]
pub(crate) struct Inputs {
    /// The texts, in the order of the arguments, and in folders in the order of their names.
    pub(crate) inputs: Vec<Input>,
    /// What cannot be read.
    pub(crate) failures: Vec<Failure>,
    /// The folders that were searched.
    pub(crate) folders: Vec<PathBuf>,
}

/// The file name extensions of manifests.
const EXTENSIONS: [&str; 3] = ["yaml", "yml", "json"];

impl Inputs {
    /// Finds the files that arguments name.
    ///
    /// # Errors
    /// A pattern or a configuration file is invalid.
    pub(crate) fn find(arguments: &InputArguments, configs: &mut Configs) -> Result<Self> {
        let exclude = config::patterns(Path::new("."), &arguments.exclude).map_err(|error| Error::usage(format!("--exclude: {error}")))?;
        let mut found = Inputs::default();
        for argument in &arguments.inputs {
            if argument.as_os_str() == "-" {
                if found.inputs.iter().all(|input| input.path.is_some()) {
                    found.inputs.push(Input::new(None, arguments.stdin_name.clone(), true));
                }
                continue;
            }
            match fs::metadata(argument) {
                Ok(metadata) if metadata.is_dir() => {
                    found.folders.push(argument.clone());
                    found.walk(argument, configs, &|path| matches(&exclude, path))?;
                }
                Ok(_) if matches(&exclude, argument) => {}
                Ok(_) if arguments.hook && is_skipped_by_hooks(argument, configs)? => {}
                Ok(_) => found.inputs.push(Input::new(Some(argument.clone()), name(argument), !arguments.hook)),
                Err(error) => found.fail(argument, &error),
            }
        }
        Ok(found)
    }

    /// Finds the manifests in a folder. Hidden files, and what .gitignore and .helmignore exclude, are skipped.
    fn walk(&mut self, folder: &Path, configs: &mut Configs, is_excluded: &dyn Fn(&Path) -> bool) -> Result<()> {
        let mut walk = WalkBuilder::new(folder);
        // Ignore files of the user, which others do not have, would make the result depend on the machine.
        walk.git_global(false)
            .git_exclude(false)
            .require_git(false)
            .add_custom_ignore_filename(".helmignore")
            .follow_links(true)
            .sort_by_file_name(Ord::cmp);
        for entry in walk.build() {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    self.fail_walk(folder, &error);
                    continue;
                }
            };
            if let Some(error) = entry.error() {
                // An ignore file with an invalid pattern.
                self.fail_walk(entry.path(), error);
            }
            let path = entry.path();
            let is_file = entry.file_type().is_some_and(|file_type| !file_type.is_dir());
            if !is_file || !has_extension(path) || is_excluded(path) {
                continue;
            }
            if configs.of_file(path)?.is_some_and(|config| config.excludes(path)) {
                continue;
            }
            let path = path.strip_prefix("./").unwrap_or(path);
            self.inputs.push(Input::new(Some(path.to_owned()), name(path), false));
        }
        Ok(())
    }

    fn fail(&mut self, path: &Path, error: &io::Error) {
        self.failures.push(Failure { name: name(path), message: format!("cannot be read: {}", cause(error)) });
    }

    fn fail_walk(&mut self, folder: &Path, error: &WalkError) {
        let (path, message) = walk_failure(error);
        let path = path.unwrap_or(folder);
        // A link to nothing is no manifest unless its name is that of one.
        let is_link = fs::symlink_metadata(path).is_ok_and(|metadata| metadata.is_symlink());
        if is_link && !path.exists() && !has_extension(path) && !is_loop(error) {
            return;
        }
        self.failures.push(Failure { name: name(path), message });
    }

    /// Returns the configuration of each input.
    pub(crate) fn config_of(input: &Input, configs: &mut Configs) -> Result<Option<Arc<Config>>> {
        configs.of_file(input.path())
    }
}

/// Returns the path and the message of an error in a folder.
fn walk_failure(error: &WalkError) -> (Option<&Path>, String) {
    match error {
        WalkError::WithPath { path, err } => (Some(path), walk_failure(err).1),
        WalkError::WithDepth { err, .. } => walk_failure(err),
        WalkError::WithLineNumber { line, err } => (None, format!("line {line}: {}", walk_failure(err).1)),
        WalkError::Loop { ancestor, child } => (Some(child), format!("a link to {}, which contains it", name(ancestor))),
        WalkError::Io(error) => (None, format!("cannot be read: {}", cause(error))),
        other => (None, other.to_string()),
    }
}

/// Returns whether an error is a loop of links.
fn is_loop(error: &WalkError) -> bool {
    match error {
        WalkError::Loop { .. } => true,
        WalkError::WithPath { err, .. } | WalkError::WithDepth { err, .. } => is_loop(err),
        _ => false,
    }
}

/// Returns whether a path has the extension of a manifest.
pub(crate) fn has_extension(path: &Path) -> bool {
    let extension = path.extension().map(|extension| extension.to_string_lossy().to_ascii_lowercase());
    extension.is_some_and(|extension| EXTENSIONS.contains(&extension.as_str()))
}

/// Returns the name of a path in the output.
pub(crate) fn name(path: &Path) -> String {
    let path = shortened(&if path.is_absolute() || path.starts_with("..") { absolute(path) } else { path.to_owned() });
    let name = path.to_string_lossy();
    let name = if cfg!(windows) { name.replace('\\', "/") } else { name.into_owned() };
    name.strip_prefix("./").map_or(name.clone(), str::to_owned)
}

/// Returns whether a file is a template of a Helm chart.
pub(crate) fn is_chart_template(path: &Path) -> bool {
    charts::is_template(&absolute(path), &Path::is_file)
}

/// Returns whether a file has values of a Helm chart.
pub(crate) fn is_chart_values(path: &Path) -> bool {
    charts::is_values(&absolute(path), &Path::is_file)
}

/// Returns whether hooks skip a file of a commit. A template has no verdict before it is rendered, which a hook cannot do.
fn is_skipped_by_hooks(path: &Path, configs: &mut Configs) -> Result<bool> {
    Ok(is_chart_template(path) || configs.of_file(path)?.is_some_and(|config| config.excludes(path)))
}

impl Input {
    pub(crate) fn new(path: Option<PathBuf>, name: String, is_argument: bool) -> Self {
        Input { path, pipe: Arc::default(), name, is_argument }
    }

    /// The path that patterns are compared with.
    pub(crate) fn path(&self) -> &Path {
        self.path.as_deref().unwrap_or(Path::new(&self.name))
    }

    /// The path, and whether an argument names the file.
    pub(crate) fn origin(&self) -> (&Path, bool) {
        (self.path(), self.is_argument)
    }

    /// Reads the text.
    ///
    /// # Errors
    /// Why it cannot be read, as the rest of a sentence that begins with the name.
    pub(crate) fn read(&self) -> std::result::Result<Cow<'_, str>, String> {
        let Some(path) = &self.path else { return self.read_pipe(&|| read_all(io::stdin().lock())) };
        let metadata = fs::metadata(path).map_err(|error| format!("cannot be read: {}", cause(&error)))?;
        if let Some(kind) = special_file(path, &metadata) {
            let advice = if metadata.is_dir() { "" } else { "; to read it, redirect it to standard input, and pass - instead of its name" };
            return Err(format!("is {kind}, not a file{advice}"));
        }
        let read = || File::open(path).and_then(read_all);
        if metadata.is_file() { text(read()).map(Cow::Owned) } else { self.read_pipe(&read) }
    }

    fn read_pipe(&self, read: &dyn Fn() -> io::Result<Vec<u8>>) -> std::result::Result<Cow<'_, str>, String> {
        self.pipe.get_or_init(|| text(read())).as_deref().map(Cow::Borrowed).map_err(Clone::clone)
    }
}

/// Returns the bytes of an input as a text.
fn text(bytes: io::Result<Vec<u8>>) -> std::result::Result<String, String> {
    let bytes = bytes.map_err(|error| format!("cannot be read: {}", cause(&error)))?;
    String::from_utf8(bytes).map_err(|error| {
        let before = error.as_bytes().get(..error.utf8_error().valid_up_to()).unwrap_or_default();
        match error.as_bytes() {
            [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => "is in UTF-16; Kubernetes' tools read UTF-8".to_owned(),
            _ => format!("is not UTF-8: invalid byte in line {}", before.iter().filter(|byte| **byte == b'\n').count() + 1),
        }
    })
}

/// Reads all bytes, in memory that is not much larger.
fn read_all(mut reader: impl Read) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    // One byte more than the review accepts, so that the review reports the limit.
    reader.by_ref().take(MAX_READ).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The number of bytes to read at most.
const MAX_READ: u64 = 100_000_001;

/// Returns the kind of a file that could be read endlessly, or would block. Files that a shell passes as `<(command)` are allowed.
fn special_file(path: &Path, metadata: &Metadata) -> Option<&'static str> {
    if metadata.is_file() || path.starts_with("/dev/fd") || path.starts_with("/proc/self/fd") || path == Path::new("/dev/stdin") {
        return None;
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt as _;
        let file_type = metadata.file_type();
        if file_type.is_fifo() {
            return Some("a named pipe");
        }
        if file_type.is_socket() {
            return Some("a socket");
        }
    }
    Some(if metadata.is_dir() { "a folder" } else { "a device" })
}
