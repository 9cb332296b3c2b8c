//! The command line.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use pss_core::standards::{Level, Version};
use pss_core::suggest;

use crate::commands::migrate::Migrate;
use crate::formats::Output;

/// Kubernetes' Pod Security Standards for manifests: judge, explain and fix them before a cluster does.
#[derive(Debug, Parser)]
#[command(name = "pss", version, max_term_width = 100, after_help = EXIT_STATUSES)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) global: Global,
    #[command(subcommand)]
    pub(crate) command: Command,
}

const EXIT_STATUSES: &str = "\
Exit status:
  0  nothing is rejected; for other commands, success
  1  a manifest violates the standards, or a converted configuration is weaker than the original
  2  something could not be judged or migrated: a text that cannot be parsed, a template that is not rendered, a file that cannot be read
  3  the arguments, pss.toml or the settings are invalid";

#[derive(Debug, Args)]
pub(crate) struct Global {
    /// Print findings only: no summary, no progress, no notes
    #[arg(short, long, global = true)]
    pub(crate) quiet: bool,
    /// Use colours
    #[arg(long, global = true, value_name = "WHEN", value_enum, default_value_t)]
    pub(crate) color: ColorChoice,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum ColorChoice {
    /// On a terminal
    #[default]
    Auto,
    Always,
    Never,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Judge manifests
    #[command(after_help = CHECK_EXAMPLES)]
    Check(Check),
    /// Fix manifests where a fix is safe
    Fix(Fix),
    /// Explain a check, or the checks that a message names
    Explain(Explain),
    /// Show what another level or version changes, for the checks and for manifests
    Compare(Compare),
    /// Print the ClusterAdmissionPolicy for Kubewarden with these settings
    Policy(Policy),
    /// Move to the standards from PodSecurityPolicy, Rancher's templates, API-server files and stored Helm releases
    #[command(subcommand)]
    Migrate(Migrate),
    /// Run a language server for editors, on standard input and output
    Lsp(Lsp),
    /// Print completions for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
    /// Print the manual page
    Man,
}

const CHECK_EXAMPLES: &str = "\
Examples:
  pss check deploy/
  helm template ./chart | pss check --level baseline -
  kubectl get pods -A -o yaml | pss check -
  pss check --settings policy.yaml --format sarif=pss.sarif --format github .";

/// The settings of the policy and the properties of the cluster, for all commands that judge.
#[derive(Debug, Args)]
#[command(next_help_heading = "Policy")]
pub(crate) struct PolicyArguments {
    /// Level of all modes: privileged, baseline or restricted (default: restricted)
    #[arg(long, value_name = "LEVEL", value_parser = level)]
    pub(crate) level: Option<Level>,
    /// Version of the standards: latest, or v1.34 and so on (default: latest)
    #[arg(long = "version", value_name = "VERSION", value_parser = version)]
    pub(crate) standards_version: Option<Version>,
    /// Settings: those of the policy, a ClusterAdmissionPolicy, a PodSecurityConfiguration, an AdmissionConfiguration, a share link
    /// of the playground, or a PodSecurityAdmissionConfigurationTemplate of Rancher
    #[arg(long, value_name = "FILE")]
    pub(crate) settings: Option<String>,
    /// Namespace of manifests without one (default: default)
    #[arg(short, long, value_name = "NAME")]
    pub(crate) namespace: Option<String>,
    /// Labels of the namespaces that the manifests do not create: KEY=VALUE,... These can override the level, as in a cluster
    #[arg(long, value_name = "LABELS", value_delimiter = ',', value_parser = label)]
    pub(crate) namespace_labels: Vec<(String, String)>,
    /// Configuration file (default: the nearest pss.toml in the folder of a file or above)
    #[arg(long, value_name = "FILE", conflicts_with = "no_config")]
    pub(crate) config: Option<PathBuf>,
    /// Use no configuration file
    #[arg(long)]
    pub(crate) no_config: bool,
}

/// The files to read.
#[derive(Debug, Args)]
pub(crate) struct InputArguments {
    /// Files, folders, or - for standard input. Folders are searched for *.yaml, *.yml and *.json, except what .gitignore and
    /// .helmignore exclude
    #[arg(value_name = "FILE|DIR|-", required = true)]
    pub(crate) inputs: Vec<PathBuf>,
    /// File name of standard input in the output
    #[arg(long, value_name = "NAME", default_value = "stdin.yaml")]
    pub(crate) stdin_name: String,
    /// Files and folders that are not judged, as in .gitignore
    #[arg(long, value_name = "PATTERN")]
    pub(crate) exclude: Vec<String>,
    /// The files are those of a commit, for hooks: skip those without apiVersion, those that pss.toml excludes, and templates of
    /// Helm charts
    #[arg(long)]
    pub(crate) hook: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    /// Output format, to standard output or to a file; can be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "text", long_help = Output::HELP)]
    pub(crate) format: Vec<Output>,
    /// What fails the run (default: what is rejected)
    #[arg(long, value_name = "WHAT", value_enum)]
    pub(crate) fail_on: Option<FailOn>,
    /// How fields are treated that Kubernetes does not have, and values of the wrong type, as by kubectl
    #[arg(long, value_name = "HOW", value_enum)]
    pub(crate) validate: Option<Validation>,
    /// Findings in this file are known and do not fail the run
    #[arg(long, value_name = "FILE")]
    pub(crate) baseline: Option<PathBuf>,
    /// Write all findings to a file for --baseline, and succeed
    #[arg(long, value_name = "FILE", conflicts_with_all = ["baseline"])]
    pub(crate) write_baseline: Option<PathBuf>,
    /// Succeed if there is no manifest at all
    #[arg(long)]
    pub(crate) allow_empty: bool,
}

/// What fails the run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum FailOn {
    /// Violations of the level baseline; others are warnings
    Baseline,
    /// Violations of the level restricted
    Restricted,
    /// Also findings of the modes warn and audit
    Warn,
    /// Nothing that could be judged
    Never,
}

/// How unknown fields and values of the wrong type are treated.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Validation {
    /// They are errors
    #[default]
    Strict,
    /// Unknown fields are warnings
    Warn,
    /// Unknown fields are ignored
    Ignore,
}

#[derive(Debug, Args)]
pub(crate) struct Fix {
    #[command(flatten)]
    pub(crate) input: InputArguments,
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
    /// Print the changes as a diff (default)
    #[arg(long)]
    pub(crate) diff: bool,
    /// Change the files
    #[arg(long, conflicts_with = "diff")]
    pub(crate) write: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// A check such as hostPorts, or a message that contains a PodSecurity violation; - reads it from standard input. Without it,
    /// all checks are listed
    #[arg(value_name = "CHECK|MESSAGE")]
    pub(crate) about: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// Files, folders, or - for standard input. Without any, only the checks are compared
    #[arg(value_name = "FILE|DIR|-")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Level, version or both: baseline, v1.24, baseline:v1.24. What is missing is that of the other side, else restricted:latest
    #[arg(long, value_name = "POLICY", value_parser = target)]
    pub(crate) from: Target,
    /// Level, version or both
    #[arg(long, value_name = "POLICY", value_parser = target)]
    pub(crate) to: Target,
    /// File name of standard input in the output
    #[arg(long, value_name = "NAME", default_value = "stdin.yaml")]
    pub(crate) stdin_name: String,
}

#[derive(Debug, Args)]
pub(crate) struct Policy {
    #[command(flatten)]
    pub(crate) policy: PolicyArguments,
}

#[derive(Debug, Args)]
pub(crate) struct Lsp {
    /// Use standard input and output, which is the default; editors pass it
    #[arg(long)]
    pub(crate) stdio: bool,
}

/// One side of a comparison: a level, a version, or both.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Target {
    pub(crate) level: Option<Level>,
    pub(crate) version: Option<Version>,
}

/// Parses the name of a level.
pub(crate) fn level(name: &str) -> Result<Level, String> {
    Level::parse(name).ok_or_else(|| {
        let names = Level::ALL.map(Level::name);
        format!("a level is one of {}{}", names.join(", "), suggest::did_you_mean(name, &names))
    })
}

/// Parses a version of the standards.
pub(crate) fn version(name: &str) -> Result<Version, String> {
    Version::parse(name).ok_or_else(|| "a version is latest, or a minor version of Kubernetes such as v1.34".to_owned())
}

fn label(text: &str) -> Result<(String, String), String> {
    let (key, value) = text.split_once('=').ok_or_else(|| "labels are KEY=VALUE,KEY=VALUE".to_owned())?;
    Ok((key.trim().to_owned(), value.trim().to_owned()))
}

fn target(text: &str) -> Result<Target, String> {
    let of_level = |name| Level::parse(name);
    let of_version = |name| Version::parse(name);
    let target = match text.split_once(':') {
        Some((first, second)) => of_level(first).zip(of_version(second)).map(|(level, version)| (Some(level), Some(version))),
        None => of_level(text).map(|level| (Some(level), None)).or_else(|| of_version(text).map(|version| (None, Some(version)))),
    };
    let (level, version) =
        target.ok_or_else(|| "expected LEVEL, VERSION or LEVEL:VERSION, such as baseline, v1.24, baseline:v1.24".to_owned())?;
    Ok(Target { level, version })
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn parses_the_sides_of_a_comparison() {
        let minor = |minor| Some(Version::Minor(minor));
        for (text, level, version) in [
            ("baseline", Some(Level::Baseline), None),
            ("latest", None, Some(Version::Latest)),
            ("v1.24", None, minor(24)),
            ("restricted:v1.8", Some(Level::Restricted), minor(8)),
        ] {
            assert_eq!(target(text), Ok(Target { level, version }), "{text}");
        }
        for invalid in ["", ":", "baseline:", "v1.24:baseline", "1.24", "Baseline"] {
            assert!(target(invalid).is_err(), "{invalid}");
        }
    }
}
