//! `pss migrate psact` and `pss migrate admission-configuration`: converts Rancher's templates and the files of API servers to settings,
//! and back.

use clap::Args;

use crate::arguments::Global;
use crate::error::{Error, Result};
use crate::exit::Exit;

/// The arguments of the command.
#[derive(Debug, Args)]
pub(crate) struct Arguments {}

/// Runs the command.
pub(crate) fn run(_: &Arguments, _: &Global) -> Result<Exit> {
    Err(Error::usage("not available in this build"))
}
