//! `pss-host start` and `pss-host direct`: another module of a module.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use pss_host::Error;

#[derive(Args, Debug)]
pub(super) struct Rewrite {
    /// The policy module.
    policy: PathBuf,
    /// Where to write it.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Rewrite {
    pub(super) fn main(self, rewritten: fn(&[u8]) -> Result<Vec<u8>, Error>) -> Result<ExitCode, String> {
        let module = fs::read(&self.policy).map_err(|error| format!("{}: {error}", self.policy.display()))?;
        let module = rewritten(&module).map_err(|error| format!("{}: {error}", self.policy.display()))?;
        fs::write(&self.output, module).map_err(|error| format!("{}: {error}", self.output.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
