//! `cargo xtask`, or `target/debug/xtask`: the steps of the build that are not the compiler's; the command line.

#![forbid(unsafe_code)]

mod assemble;
mod bindgen;
mod rewrite;
mod size;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds the published modules out of what the compiler makes.
#[derive(Debug, Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the initialization of a policy, and write the module with its result: no instance has to repeat it.
    Preinit(rewrite::Rewrite),
    /// Replace the calls of a policy through its table by direct ones: no instance has to fill in the table.
    DirectCalls(rewrite::Rewrite),
    /// Write the JavaScript and TypeScript that load the playground's module.
    Bindgen(bindgen::Bindgen),
    /// Print what a module consists of: its sections, and the code of each crate.
    Size(size::Size),
    /// Assemble a module of WebAssembly's text format.
    Assemble(assemble::Assemble),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Preinit(policy) => policy.run(xtask::preinit::preinit),
        Command::DirectCalls(policy) => policy.run(xtask::direct_calls::direct_calls),
        Command::Bindgen(bindgen) => bindgen.run(),
        Command::Size(size) => size.run(),
        Command::Assemble(assemble) => assemble.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("Error: {error}");
        ExitCode::FAILURE
    })
}
