//! `xtask docs`: generates the reference page of the checks.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use pss_review::checks_markdown;

#[derive(Args, Debug)]
pub(super) struct Docs {
    /// The document.
    #[arg(value_name = "DOCUMENT", default_value = "docs/checks.md")]
    document: PathBuf,
    /// Do not write the document, but fail if it is out of date.
    #[arg(long)]
    check: bool,
}

impl Docs {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let error = |error: std::io::Error| format!("{}: {error}", self.document.display());
        if !self.check {
            fs::write(&self.document, checks_markdown()).map_err(error)?;
        } else if fs::read_to_string(&self.document).map_err(error)? != checks_markdown() {
            return Err(format!("{} is out of date: run `make docs`", self.document.display()));
        }
        Ok(ExitCode::SUCCESS)
    }
}
