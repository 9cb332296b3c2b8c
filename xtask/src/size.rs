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
            let with_names = module_size(path)?;
            if with_names.functions.is_empty() {
                return Err(format!("{} has no name section", path.display()));
            }
            println!("\n{}, {} bytes of code:", path.display(), grouped(with_names.code()));
            print!("{}", table("crate", "bytes of code", &with_names.crates(), with_names.code()));
            if self.functions > 0 {
                println!();
                let largest: Vec<Part> = with_names.functions.iter().take(self.functions).cloned().collect();
                print!("{}", table("largest functions", "bytes", &largest, with_names.code()));
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
    let rows: Vec<[String; 3]> = rows.map(|(name, bytes)| [name.to_owned(), grouped(bytes), share(bytes, whole)]).collect();
    let width = rows.iter().map(|[name, ..]| name.chars().count()).max().unwrap_or_default().max(heading.chars().count());
    let line = |[name, bytes, share]: &[String; 3]| format!("  {name:<width$}  {bytes:>13}  {share:>7}\n");
    line(&[heading, bytes, "share"].map(str::to_owned)) + &rows.iter().map(line).collect::<String>()
}

/// Formats 1234567 as 1,234,567.
fn grouped(number: usize) -> String {
    let rest = number % 1000;
    if number < 1000 { rest.to_string() } else { format!("{},{rest:03}", grouped(number / 1000)) }
}

fn share(part: usize, whole: usize) -> String {
    format!("{:.1} %", 100.0 * part as f64 / whole.max(1) as f64)
}

/// Prints whether the module is within the limit; the exit code is a failure if not.
fn check(path: &Path, size: usize, at_most: Option<usize>) -> ExitCode {
    let Some(at_most) = at_most else { return ExitCode::SUCCESS };
    let is_within = size <= at_most;
    println!("  {}: {} has {} bytes (limit: {})", if is_within { "ok" } else { "OVER" }, path.display(), grouped(size), grouped(at_most));
    if is_within { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_digits_by_thousands() {
        for (number, text) in [(0, "0"), (999, "999"), (1000, "1,000"), (1_000_010, "1,000,010"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), text);
        }
    }
}
