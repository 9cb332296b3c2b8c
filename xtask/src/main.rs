//! The command line of `xtask`: the build steps that cargo does not do.

#![forbid(unsafe_code)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::indexing_slicing))]

mod assemble;
mod bindgen;
mod docs;
mod fields;
mod rewrite;
mod size;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Builds the published modules from those that rustc builds, and the generated documents.
#[derive(Debug, Parser)]
#[command(name = "xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run a policy's initialization at build time, so that instances need not run it.
    Preinit(rewrite::Rewrite),
    /// Replace a policy's indirect calls with direct ones, so that instances need not initialize its table.
    DirectCalls(rewrite::Rewrite),
    /// Generate the JavaScript and TypeScript bindings of a module of the playground.
    Bindgen(bindgen::Bindgen),
    /// Generate docs/checks.md, the reference page of the checks.
    Docs(docs::Docs),
    /// Generate the table of the fields of Kubernetes' types.
    Fields(fields::Fields),
    /// Print the size of a module's sections, and of the code of each crate.
    Size(size::Size),
    /// Assemble a module from WebAssembly's text format.
    Assemble(assemble::Assemble),
}

fn main() -> ExitCode {
    let result = match Arguments::parse().command {
        Command::Preinit(policy) => policy.run(xtask::preinit::preinit),
        Command::DirectCalls(policy) => policy.run(xtask::direct_calls::direct_calls),
        Command::Bindgen(bindgen) => bindgen.run(),
        Command::Docs(docs) => docs.run(),
        Command::Fields(fields) => fields.run(),
        Command::Size(size) => size.run(),
        Command::Assemble(assemble) => assemble.run(),
    };
    result.unwrap_or_else(|error| {
        eprintln!("Error: {error}");
        ExitCode::FAILURE
    })
}
