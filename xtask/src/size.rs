//! `xtask size`: prints the size of a module and its parts, and fails if the module exceeds a limit.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Args;
use xtask::module_size::{ModuleSize, Part};

#[derive(Args, Debug)]
pub(super) struct Size {
    /// The published module.
    policy: PathBuf,
    /// The same module with a name section, for the size of each crate.
    #[arg(long, value_name = "PATH")]
    names: Option<PathBuf>,
    /// The number of functions to list, the largest first.
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    functions: usize,
    /// The limit of the module's size; fails if it is exceeded.
    #[arg(long, value_name = "BYTES")]
    at_most: Option<usize>,
}

impl Size {
    pub(super) fn run(self) -> Result<ExitCode, String> {
        let module = module_size(&self.policy)?;
        print!("{}", table("section", "bytes", &module.sections, module.size));
        if let Some(path) = &self.names {
            let named = module_size(path)?;
            if named.functions.is_empty() {
                return Err(format!("{} has no name section", path.display()));
            }
            println!("\n{}, {} bytes of code:", path.display(), named.code());
            print!("{}", table("crate", "bytes of code", &named.crates(), named.code()));
            if self.functions > 0 {
                println!();
                let largest: Vec<Part> = named.functions.iter().take(self.functions).cloned().collect();
                print!("{}", table("largest functions", "bytes", &largest, named.code()));
            }
            println!();
        }
        Ok(check(&self.policy, module.size, self.at_most))
    }
}

fn module_size(path: &Path) -> Result<ModuleSize, String> {
    let bytes = fs::read(path).map_err(|e| format!("Cannot open policy module {}: {e}", path.display()))?;
    ModuleSize::of(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// A table of the parts, with their sizes and their shares of the whole.
fn table(heading: &str, bytes: &str, parts: &[Part], whole: usize) -> String {
    let rows = parts.iter().map(|part| (part.name.as_str(), part.bytes)).chain([("total", whole)]);
    let rows: Vec<[String; 3]> = rows.map(|(name, bytes)| [name.to_owned(), bytes.to_string(), share(bytes, whole)]).collect();
    let width = rows.iter().map(|[name, ..]| name.chars().count()).max().unwrap_or_default().max(heading.chars().count());
    let line = |[name, bytes, share]: &[String; 3]| format!("  {name:<width$}  {bytes:>13}  {share:>7}\n");
    line(&[heading, bytes, "share"].map(str::to_owned)) + &rows.iter().map(line).collect::<String>()
}

fn share(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

/// Prints whether the module is within the limit; the exit code is a failure if not.
fn check(path: &Path, size: usize, at_most: Option<usize>) -> ExitCode {
    let Some(at_most) = at_most else { return ExitCode::SUCCESS };
    let is_within = size <= at_most;
    println!("  {}: {} has {size} bytes (limit: {at_most})", if is_within { "ok" } else { "OVER" }, path.display());
    if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}
