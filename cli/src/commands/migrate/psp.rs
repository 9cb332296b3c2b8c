//! `pss migrate psp`: the plan that replaces PodSecurityPolicies.

use std::path::PathBuf;
use std::str::FromStr;

use clap::Args;
use pss_core::standards::{Level, Version};
use pss_manifest::Limits;
use pss_migrate::Severity;
use pss_migrate::psp::{Cluster, Identity, Options, Plan};
use pss_review::Source;

use crate::arguments::{self, Global, InputArguments};
use crate::config::{Configs, MAX_BYTES};
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::input::{Inputs, is_chart_template};
use crate::{file, terminal};

/// Examples, and the exit statuses of the command.
pub(crate) const EXAMPLES: &str = "\
Examples:
  kubectl get psp -o yaml | pss migrate psp -
  pss migrate psp psp.yaml namespaces.yaml --pods pods.yaml --workloads workloads.yaml --rbac rbac.yaml
  pss migrate psp psp.yaml --pods pods.yaml --workloads workloads.yaml --format manifests=manifests.yaml --format json

Exit status:
  0  there is a plan
  2  the input cannot be read or is invalid, and there is no plan
  3  the arguments are invalid";

/// The arguments of the command.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// PodSecurityPolicies: files, folders, or - for standard input. Lists, the output of helm template, and Secrets of Helm
    /// releases are read too, and all of the kinds below
    #[arg(value_name = "FILE|DIR|-")]
    pub(crate) inputs: Vec<PathBuf>,
    /// Pods, such as the output of: kubectl get pods -A -o yaml
    #[arg(long, value_name = "FILE")]
    pub(crate) pods: Vec<PathBuf>,
    /// Workloads, such as the output of: kubectl get deployments,statefulsets,daemonsets,cronjobs,jobs -A -o yaml
    #[arg(long, value_name = "FILE")]
    pub(crate) workloads: Vec<PathBuf>,
    /// Roles and bindings: kubectl get clusterroles,clusterrolebindings,roles,rolebindings -A -o yaml
    #[arg(long, value_name = "FILE")]
    pub(crate) rbac: Vec<PathBuf>,
    /// Version of the standards; v1.24 is the last one of Kubernetes with PodSecurityPolicy
    #[arg(long = "version", value_name = "VERSION", value_parser = arguments::version, default_value = "v1.24")]
    pub(crate) standards_version: Version,
    /// Level that the settings of each namespace have at least, with exemptions for the pods of today
    #[arg(long, value_name = "LEVEL", value_parser = arguments::level, default_value = "baseline")]
    pub(crate) level: Level,
    /// Namespace of objects without one
    #[arg(short, long, value_name = "NAME", default_value = "default")]
    pub(crate) namespace: String,
    /// User who creates the pods that no controller creates
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Groups of the user that --user names
    #[arg(long, value_name = "NAME", value_delimiter = ',', requires = "user")]
    pub(crate) groups: Vec<String>,
    /// Output: markdown (the plan), manifests, privileged-psp (a PodSecurityPolicy for the time until they are disabled), settings
    /// (those of the policy) or json, to standard output or to a file; can be repeated
    #[arg(long, value_name = "FORMAT[=FILE]", default_value = "markdown")]
    pub(crate) format: Vec<Output>,
    /// File name of standard input in the output
    #[arg(long, value_name = "NAME", default_value = "stdin.yaml")]
    pub(crate) stdin_name: String,
}

/// An output: a format, and the file for it.
#[derive(Debug, Clone)]
pub(crate) struct Output {
    format: Format,
    file: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Markdown,
    Manifests,
    PrivilegedPsp,
    Settings,
    Json,
}

impl FromStr for Output {
    type Err = String;

    fn from_str(text: &str) -> std::result::Result<Self, String> {
        let (name, file) = text.split_once('=').map_or((text, None), |(name, file)| (name, Some(file)));
        let format = match name {
            "markdown" => Format::Markdown,
            "manifests" => Format::Manifests,
            "privileged-psp" => Format::PrivilegedPsp,
            "settings" => Format::Settings,
            "json" => Format::Json,
            _ => return Err("a format is one of markdown, manifests, privileged-psp, settings, json".to_owned()),
        };
        if file == Some("") {
            return Err("the name of the file is missing after =".to_owned());
        }
        Ok(Output { format, file: file.map(PathBuf::from) })
    }
}

impl Output {
    fn render(&self, plan: &Plan) -> Result<String> {
        Ok(match self.format {
            Format::Markdown => plan.markdown(),
            Format::Manifests => plan.manifests(),
            Format::PrivilegedPsp => plan.privileged_policy().to_owned(),
            Format::Settings => plan.settings_yaml(),
            Format::Json => {
                let json = serde_json::to_string_pretty(plan);
                json.map_err(|error| Error::unjudged(format!("the plan cannot be written as JSON: {error}")))? + "\n"
            }
        })
    }
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Exit> {
    if arguments.format.iter().filter(|output| output.file.is_none()).count() > 1 {
        return Err(Error::usage("two formats for standard output; give all but one a file: --format FORMAT=FILE"));
    }
    let files = [&arguments.inputs, &arguments.pods, &arguments.workloads, &arguments.rbac];
    let input = InputArguments {
        inputs: files.into_iter().flatten().cloned().collect(),
        stdin_name: arguments.stdin_name.clone(),
        exclude: Vec::new(),
        hook: false,
    };
    if input.inputs.is_empty() {
        return Err(Error::usage(
            "no input. Name files with PodSecurityPolicies, pods (--pods), workloads (--workloads) or roles (--rbac), or - for standard \
             input",
        ));
    }
    let user = arguments.user.as_ref().map(|user| Identity { user: user.clone(), groups: arguments.groups.clone() });
    let mut cluster = Cluster::new(Options {
        version: arguments.standards_version,
        level: arguments.level,
        namespace: arguments.namespace.clone(),
        user,
    });
    let errors = read(&input, &mut cluster)?;
    let plan = cluster.plan();
    for problem in plan.problems.iter().filter(|problem| problem.severity == Severity::Warning) {
        terminal::note(global, &format!("{}: {problem}", problem.severity.name()));
    }
    let of_objects = plan.problems.iter().filter(|problem| problem.severity == Severity::Error).map(ToString::to_string);
    let errors: Vec<String> = errors.into_iter().chain(of_objects).collect();
    if !errors.is_empty() {
        // A plan without them could open a gap.
        return Err(Error::unjudged(format!("there is no plan, because the input has errors\n{}", listed(&errors))));
    }
    if plan.policies.is_empty() && plan.namespaces.is_empty() {
        let others = kinds(&plan).map_or_else(String::new, |kinds| format!("; it has {kinds}"));
        return Err(Error::unjudged(format!("the input has no PodSecurityPolicies, pods, workloads or namespaces{others}")));
    }
    // The other formats have them.
    if arguments.format.iter().all(|output| matches!(output.format, Format::Settings)) {
        for limitation in &plan.limitations {
            terminal::note(global, &format!("note: {limitation}"));
        }
    }
    // Files first: after an error, standard output is empty.
    let [files, standard]: [Vec<&Output>; 2] =
        [true, false].map(|is_file| arguments.format.iter().filter(|output| output.file.is_some() == is_file).collect());
    for output in files.into_iter().chain(standard) {
        let text = output.render(&plan)?;
        match &output.file {
            Some(path) => file::write(path, text.as_bytes())?,
            None => {
                terminal::print(text.as_bytes())?;
            }
        }
    }
    if let Some(kinds) = kinds(&plan) {
        terminal::note(global, &format!("not part of the plan: {kinds}"));
    }
    Ok(Exit::Clean)
}

/// Returns the kinds of objects that have no part in a plan, with their numbers.
fn kinds(plan: &Plan) -> Option<String> {
    let kinds: Vec<String> = plan.other_kinds.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
    (!kinds.is_empty()).then(|| kinds.join(", "))
}

/// The number of errors that are printed.
const MAX_ERRORS: usize = 20;

/// Returns errors in lines, of which there may be as many as objects.
fn listed(errors: &[String]) -> String {
    let further = errors.len().saturating_sub(MAX_ERRORS);
    let rest = (further > 0).then(|| format!("and {further} more"));
    errors.iter().take(MAX_ERRORS).cloned().chain(rest).collect::<Vec<_>>().join("\n")
}

/// Adds the objects of all inputs. Returns what cannot be read.
fn read(arguments: &InputArguments, cluster: &mut Cluster) -> Result<Vec<String>> {
    let inputs = Inputs::find(arguments, &mut Configs::none())?;
    let mut errors: Vec<String> = inputs.failures.iter().map(|failure| format!("{}: {}", failure.name, failure.message)).collect();
    for input in &inputs.inputs {
        match input.read() {
            Err(message) => errors.push(format!("{}: {message}", input.name)),
            // A folder may contain other files.
            Ok(text) if !input.is_argument && !text.contains("apiVersion") => {}
            Ok(text) if text.contains("{{") && input.path.as_deref().is_some_and(is_chart_template) => {
                errors.push(format!("{}: is a template of a Helm chart; pass the output of helm template", input.name));
            }
            Ok(text) => {
                let before = cluster.problems().len();
                cluster.add(Source { name: &input.name, text: &text }, Limits { bytes: MAX_BYTES });
                let has_error = cluster.problems().iter().skip(before).any(|problem| problem.severity == Severity::Error);
                if has_error && text.contains("{{") {
                    errors.push(format!("{}: contains {{{{, as templates of Helm charts do; pass the output of helm template", input.name));
                }
            }
        }
    }
    Ok(errors)
}
