//! `pss migrate psact` and `pss migrate admission-configuration`: converts Rancher's templates and the files of API servers to settings,
//! and back.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use pss_core::suggest::closest;
use pss_migrate::configuration::{
    self, BUILTIN_TEMPLATES, Configuration, Conversion, Effect, Form, RancherVersion, Target, builtin_template, is_template_name,
};
use pss_review::Source;
use serde_json::{Value, json};

use crate::arguments::Global;
use crate::error::{Error, Result};
use crate::exit::Exit;
use crate::input::{self, Input};
use crate::{settings, terminal};

pub(crate) const TEMPLATE_EXAMPLES: &str = "\
Examples:
  pss migrate psact rancher-restricted
  kubectl get podsecurityadmissionconfigurationtemplates team -o yaml | pss migrate psact -
  pss migrate psact --to policy template.yaml
  pss migrate psact --to psact --name team settings.yaml

Exit status:
  0  converted
  1  converted, and the result accepts something that the input rejects; the lines `weaker` name it
  2  the input cannot be read, or is invalid
  3  the arguments are invalid";

pub(crate) const ADMISSION_CONFIGURATION_EXAMPLES: &str = "\
Examples:
  pss migrate admission-configuration /etc/kubernetes/admission.yaml
  pss migrate admission-configuration --to policy /etc/kubernetes/admission.yaml
  pss migrate admission-configuration --to admission-configuration settings.yaml

Exit status:
  0  converted
  1  converted, and the result accepts something that the input rejects; the lines `weaker` name it
  2  the input cannot be read, or is invalid
  3  the arguments are invalid";

/// The arguments of both commands.
#[derive(Debug, Args)]
pub(crate) struct Arguments {
    /// File, or - for standard input: an AdmissionConfiguration or PodSecurityConfiguration, a
    /// PodSecurityAdmissionConfigurationTemplate, settings of the policy, or a ClusterAdmissionPolicy
    #[arg(value_name = "FILE|-")]
    input: PathBuf,
    #[command(flatten)]
    output: OutputArguments,
}

/// The arguments of `pss migrate psact`.
#[derive(Debug, Args)]
pub(crate) struct TemplateArguments {
    /// File, - for standard input, or a built-in template: rancher-privileged, rancher-restricted. A file has a
    /// PodSecurityAdmissionConfigurationTemplate, settings of the policy, a ClusterAdmissionPolicy, a PodSecurityConfiguration or
    /// an AdmissionConfiguration
    #[arg(value_name = "FILE|-|TEMPLATE")]
    input: PathBuf,
    /// Version of Rancher whose built-in template is converted, v2.7.7 or later (default: the newest)
    #[arg(long, value_name = "VERSION", value_parser = RancherVersion::parse)]
    rancher_version: Option<RancherVersion>,
    /// Add the namespaces that only the longer sample of Rancher's documentation exempts to the built-in template
    #[arg(long)]
    documentation_sample: bool,
    #[command(flatten)]
    output: OutputArguments,
}

#[derive(Debug, Args)]
struct OutputArguments {
    /// What to convert to (default: settings; from settings or a policy, what the command is named after)
    #[arg(long, value_name = "FORM", value_enum)]
    to: Option<Output>,
    /// Name of the PodSecurityAdmissionConfigurationTemplate that is printed (default: its name in the input, or
    /// pod-security-standards)
    #[arg(long, value_name = "NAME", value_parser = template_name)]
    name: Option<String>,
    /// Convert the template with this name, if the input has several
    #[arg(long, value_name = "NAME")]
    template: Option<String>,
    /// Output format. JSON has the settings, the result and the notes
    #[arg(long, value_name = "FORMAT", value_enum, default_value_t)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Output {
    /// Settings of the policy
    Settings,
    /// A ClusterAdmissionPolicy
    Policy,
    /// An AdmissionConfiguration
    AdmissionConfiguration,
    /// A PodSecurityAdmissionConfigurationTemplate
    Psact,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum Format {
    #[default]
    Yaml,
    Json,
}

impl From<Output> for Target {
    fn from(output: Output) -> Self {
        match output {
            Output::Settings => Target::Settings,
            Output::Policy => Target::Policy,
            Output::AdmissionConfiguration => Target::AdmissionConfiguration,
            Output::Psact => Target::Template,
        }
    }
}

fn template_name(name: &str) -> std::result::Result<String, String> {
    if is_template_name(name) {
        return Ok(name.to_owned());
    }
    Err("a name has at most 253 lower-case letters, digits, '-' and '.', with a letter or digit at the ends of each part".to_owned())
}

/// Runs `pss migrate admission-configuration`.
pub(crate) fn run(arguments: &Arguments, global: &Global) -> Result<Exit> {
    let configuration = read(&arguments.input, &arguments.output, &psact_advice)?;
    print(&configuration, &arguments.output, Target::AdmissionConfiguration, global)
}

/// Runs `pss migrate psact`.
pub(crate) fn run_template(arguments: &TemplateArguments, global: &Global) -> Result<Exit> {
    let TemplateArguments { input, rancher_version, documentation_sample, output } = arguments;
    let builtin = input.to_str().and_then(|name| builtin_template(name, rancher_version.unwrap_or_default(), *documentation_sample));
    if builtin.is_none() && (rancher_version.is_some() || *documentation_sample) {
        return Err(Error::usage(format!(
            "--rancher-version and --documentation-sample are for the built-in templates {}",
            BUILTIN_TEMPLATES.join(" and ")
        )));
    }
    if builtin.is_some() && output.template.is_some() {
        return Err(Error::usage("--template chooses a template of a file, and the built-in templates have no file"));
    }
    let configuration = builtin.map_or_else(|| read(input, output, &builtin_advice), Ok)?;
    print(&configuration, output, Target::Template, global)
}

/// Returns the command for the name of a built-in template, which is no file, as the end of a message.
fn psact_advice(path: &Path) -> String {
    let template = path.to_str().filter(|name| BUILTIN_TEMPLATES.contains(name));
    template.map_or_else(String::new, |template| format!("; for the built-in template, use pss migrate psact {template}"))
}

/// Returns what an input may be meant as that is neither a file nor a built-in template, as the end of a message.
fn builtin_advice(path: &Path) -> String {
    let name = path.to_str().filter(|name| !path.exists() && !name.contains(['/', '\\'])).unwrap_or_default();
    match closest(name, &BUILTIN_TEMPLATES) {
        Some(template) => format!("; did you mean {template}?"),
        None if name.starts_with("rancher-") => format!("; the built-in templates are {}", BUILTIN_TEMPLATES.join(" and ")),
        None => String::new(),
    }
}

/// Reads the input. `advice` is the end of the message for one that cannot be read.
fn read(path: &Path, output: &OutputArguments, advice: &dyn Fn(&Path) -> String) -> Result<Configuration> {
    let path = (path.as_os_str() != "-").then_some(path);
    let name = path.map_or_else(|| "stdin.yaml".to_owned(), input::name);
    let input = Input::new(path.map(Path::to_owned), name, true);
    let text =
        input.read().map_err(|message| Error::unjudged(format!("{} {message}{}", input.name, path.map_or_else(String::new, advice))))?;
    let source = Source { name: &input.name, text: &text };
    configuration::read(source, output.template.as_deref(), &mut |file| settings::file_beside(path, file))
        .map_err(|problems| Error::unjudged(format!("the configuration is invalid\n{}", settings::lines(&problems))))
}

/// Converts the configuration and prints the result. `own` is what the command converts settings to.
fn print(configuration: &Configuration, output: &OutputArguments, own: Target, global: &Global) -> Result<Exit> {
    let target =
        output.to.map_or(if matches!(configuration.form, Form::Settings | Form::Policy) { own } else { Target::Settings }, Target::from);
    if output.name.is_some() && target != Target::Template {
        return Err(Error::usage("--name is the name of a template; it needs --to psact"));
    }
    let conversion = configuration.convert(target, output.name.as_deref()).map_err(|error| Error::unjudged(error.to_string()))?;
    match output.format {
        Format::Yaml => {
            terminal::print(conversion.text.as_bytes())?;
            for note in &conversion.notes {
                let message = format!("{}: {note}", note.effect.name());
                if note.effect == Effect::None { terminal::note(global, &message) } else { terminal::error(&message) }
            }
        }
        Format::Json => drop(terminal::print(format!("{:#}\n", report(configuration, &conversion)).as_bytes())?),
    }
    Ok(if conversion.is_weaker() { Exit::Violations } else { Exit::Clean })
}

/// Returns the result as JSON.
fn report(configuration: &Configuration, conversion: &Conversion) -> Value {
    let notes = conversion.notes.iter().map(|note| json!({"effect": note.effect.name(), "field": note.field, "message": note.message}));
    let settings: Value = serde_json::from_str(configuration.settings_json()).unwrap_or_default();
    json!({
        "from": configuration.form.name(),
        "name": configuration.name,
        "settings": settings,
        "result": conversion.text,
        "notes": notes.collect::<Vec<_>>(),
    })
}
