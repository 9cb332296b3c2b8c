//! `pss-host size`: what fills a module, and whether it is within a bound.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use pss_host::filling::{Filling, Part};

use super::table::{aligned, grouped};

#[derive(Args, Debug)]
pub(super) struct Size {
    /// The module, as it is published.
    policy: PathBuf,
    /// The same, built with the names of its functions: they tell which crate the code is of.
    #[arg(long, value_name = "PATH")]
    names: Option<PathBuf>,
    /// How many of the largest functions are listed, too.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    functions: usize,
    /// The bytes that the module may have; fails if it has more.
    #[arg(long, value_name = "BYTES")]
    at_most: Option<usize>,
}

impl Size {
    pub(super) fn main(self) -> Result<ExitCode, String> {
        let module = filling(&self.policy)?;
        print!("{}", table("section", "bytes", &module.sections, module.size));
        if let Some(path) = &self.names {
            let named = filling(path)?;
            if named.functions.is_empty() {
                return Err(format!("{} has no names of functions: it was stripped", path.display()));
            }
            println!("\n{} with names, its {} bytes of code:", path.display(), grouped(named.code()));
            print!("{}", table("crate", "bytes of code", &named.crates(), named.code()));
            if self.functions > 0 {
                println!();
                let largest: Vec<Part> = named.functions.iter().take(self.functions).cloned().collect();
                print!("{}", table("the largest functions", "bytes", &largest, named.code()));
            }
            println!();
        }
        Ok(check(&self.policy, module.size, self.at_most))
    }
}

fn filling(path: &Path) -> Result<Filling, String> {
    let bytes = fs::read(path).map_err(|e| format!("Cannot open policy module {}: {e}", path.display()))?;
    Filling::of(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

fn table(what: &str, bytes: &str, parts: &[Part], whole: usize) -> String {
    let mut rows = vec![[what, bytes, "share"].map(str::to_owned)];
    for part in parts {
        rows.push([part.name.clone(), grouped(part.bytes), share(part.bytes, whole)]);
    }
    rows.push(["all".to_owned(), grouped(whole), share(whole, whole)]);
    aligned(&rows)
}

fn share(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

fn check(path: &Path, size: usize, at_most: Option<usize>) -> ExitCode {
    let Some(at_most) = at_most else { return ExitCode::SUCCESS };
    let kept = size <= at_most;
    println!("  {}: {} has {} bytes, at most {}", if kept { "kept" } else { "OVER" }, path.display(), grouped(size), grouped(at_most));
    if kept { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
