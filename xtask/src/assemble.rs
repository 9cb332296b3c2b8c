//! `xtask assemble`: assembles a module from WebAssembly's text format, for the hand-written guests of the benchmarks.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;

#[derive(Args, Debug)]
pub(super) struct Assemble {
    /// The module in text format.
    text: PathBuf,
    /// The file to write.
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
