//! The entry point of `pss`. See the library for everything else.

use std::process::ExitCode;

/// The allocator of the static programs: that of musl is slow with several threads.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    pss_cli::run()
}
