//! The entry point of `pss`. See the library for everything else.

use std::process::ExitCode;

fn main() -> ExitCode {
    pss_cli::run()
}
