//! The subcommands, and the functions that they share: loading modules, requests and settings from files.

mod bench;
mod budget;
mod growth;
mod run;
mod show;
mod table;

use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::process::ExitCode;

use clap::{Parser, Subcommand};
use pss_host::settings::{self, Settings};
use pss_host::{AdmissionRequest, Policy};

/// Runs a Kubewarden policy module as policy-server does, without a cluster.
///
/// A test tool. `run` takes the arguments of `kwctl run` and has the same output.
#[derive(Debug, Parser)]
#[command(name = "pss-host", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Validate one request; print the AdmissionResponse as one line of JSON.
    Run(run::Run),
    /// Validate sample requests; print each verdict as readable text.
    Show(show::Show),
    /// Measure the cost of a request: creating the instance, the call, dropping the instance.
    Bench(bench::Bench),
    /// Measure how the cost of a request grows with the number of something, such as containers.
    Growth(growth::Growth),
}

/// Runs the subcommand.
pub(crate) fn main(arguments: Arguments) -> Result<ExitCode, String> {
    match arguments.command {
        Command::Run(run) => run.main(),
        Command::Show(show) => show.main(),
        Command::Bench(bench) => bench.main(),
        Command::Growth(growth) => growth.main(),
    }
}

/// Loads a module from a file.
fn load(path: &Path) -> Result<Policy, String> {
    let bytes = fs::read(path).map_err(|e| format!("Cannot open policy module {}: {e}", path.display()))?;
    Policy::load(&bytes).map_err(|e| format!("{}: {e}", path.display()))
}

/// Warns that measurements of a debug build are not representative.
fn warn_about_debug_build() {
    if cfg!(debug_assertions) {
        eprintln!("pss-host: this is a debug build; build the host with optimisations to measure (make bench does)");
    }
}

/// Loads a module and checks that it accepts the settings.
fn load_with_settings(path: &Path, settings: &Settings) -> Result<Policy, String> {
    let policy = load(path)?;
    match settings_rejection(&policy, settings) {
        Some(message) => Err(format!("{}: {message}", path.display())),
        None => Ok(policy),
    }
}

/// Loads a request from a file, or from standard input if the path is `-`.
fn request(path: &Path) -> Result<AdmissionRequest, String> {
    AdmissionRequest::parse(&read_text(path)?).map_err(|e| e.to_string())
}

/// Loads the requests of a file: one on each line if its name ends in `.jsonl`, else one.
fn requests(path: &Path) -> Result<Vec<AdmissionRequest>, String> {
    if path.extension().is_none_or(|extension| extension != "jsonl") {
        return Ok(vec![request(path)?]);
    }
    let mut requests = Vec::new();
    for (i, line) in read_text(path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let request = AdmissionRequest::parse(line).map_err(|e| format!("{}: request of line {}: {e}", path.display(), i + 1))?;
        requests.push(request);
    }
    if requests.is_empty() { Err(format!("{} has no requests", path.display())) } else { Ok(requests) }
}

fn read_text(path: &Path) -> Result<String, String> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text).map_err(|e| format!("Error reading request from stdin; {e}"))
    } else {
        fs::read_to_string(path).map_err(|e| format!("Error opening request file {}; {e}", path.display()))
    }
}

/// Loads settings from the YAML file or else from the JSON text; `{}` if both are missing.
fn settings(path: Option<&Path>, json: Option<&str>) -> Result<Settings, String> {
    match (path, json) {
        (Some(path), _) => {
            let file = path.display().to_string();
            let yaml = fs::read_to_string(path).map_err(|e| format!("Cannot open settings file {file}: {e}"))?;
            settings::from_yaml(&yaml, &file).map_err(|e| e.to_string())
        }
        (None, Some(json)) => settings::from_json(json).map_err(|e| e.to_string()),
        (None, None) => Ok(Settings::new()),
    }
}

/// kwctl's message for settings that the policy rejects; `None` if it accepts them.
fn settings_rejection(policy: &Policy, settings: &Settings) -> Option<String> {
    let message = match policy.validate_settings(settings) {
        Ok(response) if response.valid => return None,
        Ok(response) => response.message.unwrap_or_default(),
        Err(error) => error.settings_message(),
    };
    Some(format!("Provided settings are not valid: {message}"))
}
