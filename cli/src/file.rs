//! Files that are replaced in one step.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

use crate::config::folder_of;
use crate::error::{Error, Result};

/// A file that is being written. A regular file, or one that does not exist, is replaced when it is complete: readers see the old
/// content or the new one. What is no regular file, such as /dev/stdout or a named pipe, cannot be replaced, and is written to.
#[derive(Debug)]
pub(crate) enum Replacement {
    /// A temporary file, and the file that it replaces.
    Temporary(NamedTempFile, PathBuf),
    /// Another kind of file.
    Special(File),
}

impl Replacement {
    /// Opens a file to be written. A link is kept, and the file that it names replaced.
    pub(crate) fn open(path: &Path) -> Result<Self> {
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let opened = match fs::metadata(path) {
            Ok(metadata) if !metadata.is_file() => File::options().write(true).open(path).map(Replacement::Special),
            _ => {
                let temporary = tempfile::Builder::new().prefix(".pss-").tempfile_in(folder_of(&target));
                temporary.map(|file| Replacement::Temporary(file, target))
            }
        };
        opened.map_err(|error| Error::write(path, &error))
    }

    /// Ends the writing. A new file gets the usual mode, an existing one keeps its own.
    pub(crate) fn complete(self) -> Result<()> {
        let Replacement::Temporary(file, path) = self else { return Ok(()) };
        #[cfg(unix)]
        {
            use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, fchown};
            let existing = fs::metadata(&path).ok();
            let permissions = existing.as_ref().map_or_else(|| fs::Permissions::from_mode(0o644), fs::Metadata::permissions);
            file.as_file().set_permissions(permissions).map_err(|error| Error::write(&path, &error))?;
            // Only root can keep another owner; for others the owner is the same anyway.
            if let Some(existing) = existing {
                let _ = fchown(file.as_file(), Some(existing.uid()), Some(existing.gid()));
            }
        }
        file.as_file().sync_all().map_err(|error| Error::write(&path, &error))?;
        file.persist(&path).map(drop).map_err(|error| Error::write(&path, &error.error))
    }
}

impl Write for Replacement {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Replacement::Temporary(file, _) => file.write(bytes),
            Replacement::Special(file) => file.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Replacement::Temporary(file, _) => file.flush(),
            Replacement::Special(file) => file.flush(),
        }
    }
}

/// Writes a file in one step.
pub(crate) fn write(path: &Path, content: &[u8]) -> Result<()> {
    let mut file = Replacement::open(path)?;
    file.write_all(content).map_err(|error| Error::write(path, &error))?;
    file.complete()
}
