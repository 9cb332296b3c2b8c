//! `xtask preinit` and `xtask direct-calls`: rewrite a module.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use xtask::Error;

#[derive(Args, Debug)]
pub(super) struct Rewrite {
    /// The policy module.
    policy: PathBuf,
    /// The file to write; it may be the same.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Rewrite {
    pub(super) fn run(self, rewrite: fn(&[u8]) -> Result<Vec<u8>, Error>) -> Result<ExitCode, String> {
        let module = fs::read(&self.policy).map_err(|error| format!("{}: {error}", self.policy.display()))?;
        let module = rewrite(&module).map_err(|error| format!("{}: {error}", self.policy.display()))?;
        fs::write(&self.output, module).map_err(|error| format!("{}: {error}", self.output.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
