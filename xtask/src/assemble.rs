//! `xtask assemble`: WebAssembly's text format to a module, for a guest that is written by hand.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

#[derive(Args, Debug)]
pub(super) struct Assemble {
    /// The text.
    text: PathBuf,
    /// The module that is made of it.
    module: PathBuf,
}

impl Assemble {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let text = fs::read_to_string(&self.text).map_err(|e| format!("Cannot open {}: {e}", self.text.display()))?;
        let module = wat::parse_str(&text).map_err(|e| format!("{}: {e}", self.text.display()))?;
        fs::write(&self.module, &module).map_err(|e| format!("Cannot write {}: {e}", self.module.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
