//! The subcommands and what they share: reading the files that they are given.

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
/// A test tool. `run` takes the arguments of `kwctl run` and prints what that prints.
#[derive(Debug, Parser)]
#[command(name = "pss-host", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Judge one request; print the AdmissionResponse as one line of JSON.
    Run(run::Run),
    /// Judge sample requests; print each verdict for a person to read.
    Show(show::Show),
    /// Measure what a request costs: making the instance, the call, giving the instance back.
    Bench(bench::Bench),
    /// Measure what one more of something costs.
    Growth(growth::Growth),
}

/// Does what the command line says.
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

/// Says that what is measured with a debug build is worth little.
fn warn_of_debug_build() {
    if cfg!(debug_assertions) {
        eprintln!("pss-host: this is a debug build; build the host with optimisations to measure (make bench does)");
    }
}

/// Loads a module that is to be measured, with settings that it has to accept.
fn load_for(path: &Path, settings: &Settings) -> Result<Policy, String> {
    let policy = load(path)?;
    match refused_settings(&policy, settings) {
        Some(refusal) => Err(format!("{}: {refusal}", path.display())),
        None => Ok(policy),
    }
}

/// Reads a request from a file, or from standard input where the path is `-`.
fn request(path: &Path) -> Result<AdmissionRequest, String> {
    AdmissionRequest::parse(&text_of(path)?).map_err(|e| e.to_string())
}

/// Reads the requests of a file: one in each line where its name ends in `.jsonl`, else one.
fn requests(path: &Path) -> Result<Vec<AdmissionRequest>, String> {
    if path.extension().is_none_or(|extension| extension != "jsonl") {
        return Ok(vec![request(path)?]);
    }
    let mut requests = Vec::new();
    for (i, line) in text_of(path)?.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let request = AdmissionRequest::parse(line).map_err(|e| format!("{}: request of line {}: {e}", path.display(), i + 1))?;
        requests.push(request);
    }
    if requests.is_empty() { Err(format!("{} has no requests", path.display())) } else { Ok(requests) }
}

fn text_of(path: &Path) -> Result<String, String> {
    if path == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).map(|_| text).map_err(|e| format!("Error reading request from stdin; {e}"))
    } else {
        fs::read_to_string(path).map_err(|e| format!("Error opening request file {}; {e}", path.display()))
    }
}

/// Reads settings from the YAML file where there is one, else from the JSON text; none is `{}`.
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

/// The settings' mistake in kwctl's words, where the policy refuses them.
fn refused_settings(policy: &Policy, settings: &Settings) -> Option<String> {
    let message = match policy.validate_settings(settings) {
        Ok(response) if response.valid => return None,
        Ok(response) => response.message.unwrap_or_default(),
        Err(error) => error.of_settings(),
    };
    Some(format!("Provided settings are not valid: {message}"))
}
