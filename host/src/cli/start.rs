//! `pss-host start`: a policy whose start is done.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Args;
use pss_host::started::started;

#[derive(Args, Debug)]
pub(super) struct Start {
    /// The policy module, as the compiler leaves it.
    policy: PathBuf,
    /// Where to write it.
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
}

impl Start {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let module = fs::read(&self.policy).map_err(|error| format!("{}: {error}", self.policy.display()))?;
        let module = started(&module).map_err(|error| format!("{}: {error}", self.policy.display()))?;
        fs::write(&self.output, module).map_err(|error| format!("{}: {error}", self.output.display()))?;
        Ok(ExitCode::SUCCESS)
    }
}
