//! The baseline: a file of findings that are known and do not fail a run.

use std::collections::{BTreeMap, HashSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result, cause};

/// The version of the format.
const VERSION: u64 = 1;

/// The file.
#[derive(Debug, Serialize, Deserialize)]
struct File {
    /// The version of the format.
    version: u64,
    /// The findings by fingerprint, each with its description for readers of the file.
    findings: BTreeMap<String, String>,
}

/// The fingerprints of known findings.
#[derive(Debug, Default)]
pub(super) struct Baseline {
    fingerprints: HashSet<String>,
}

impl Baseline {
    /// Reads a baseline.
    pub(super) fn load(path: &Path) -> Result<Self> {
        let name = path.display();
        let text = fs::read(path).map_err(|error| {
            Error::usage(format!("cannot read the baseline {name}: {}; write it with --write-baseline {name}", cause(&error)))
        })?;
        let file: File = serde_json::from_slice(&text)
            .map_err(|error| Error::usage(format!("{name} is no baseline: {error}; write one with --write-baseline {name}")))?;
        if file.version != VERSION {
            return Err(Error::usage(format!(
                "{name} has version {} of the format of baselines; this program reads version {VERSION}",
                file.version
            )));
        }
        Ok(Baseline { fingerprints: file.findings.into_keys().collect() })
    }

    /// Whether a finding is known.
    pub(super) fn contains(&self, fingerprint: &str) -> bool {
        self.fingerprints.contains(fingerprint)
    }

    /// The number of findings.
    pub(super) fn len(&self) -> usize {
        self.fingerprints.len()
    }
}

/// Returns the text of a baseline with these findings: fingerprints with descriptions.
pub(super) fn text(findings: BTreeMap<String, String>) -> Result<String> {
    let mut text = serde_json::to_string_pretty(&File { version: VERSION, findings })
        .map_err(|error| Error::unjudged(format!("cannot write the baseline: {error}")))?;
    text.push('\n');
    Ok(text)
}
