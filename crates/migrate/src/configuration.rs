//! The configuration of the standards in its forms: settings of the policy, a ClusterAdmissionPolicy, Rancher's
//! PodSecurityAdmissionConfigurationTemplate, and the files of an API server. Each can be converted to the others.
//!
//! ```text
//! text --read--> Configuration (settings as JSON, notes) --convert--> Conversion (YAML, notes on what is lost)
//! rancher-restricted --builtin_template--^
//! ```
//!
//! Nothing here reads files: a function of the caller returns the text of the file that an AdmissionConfiguration names.

mod differences;
mod reading;
mod rendering;
mod strict;
mod templates;

use std::fmt;

use pss_core::settings::{Settings, SettingsError};
use pss_review::Source;

use crate::problem::Problem;
pub use templates::{BUILTIN_TEMPLATES, RancherVersion, builtin_template, is_template_name};

/// A form of a configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Form {
    /// The settings of the policy.
    Settings,
    /// A ClusterAdmissionPolicy or AdmissionPolicy of Kubewarden.
    Policy,
    /// A PodSecurityConfiguration in a file of its own, which can have settings of the policy.
    PodSecurityConfiguration,
    /// The AdmissionConfiguration of an API server.
    AdmissionConfiguration,
    /// Rancher's PodSecurityAdmissionConfigurationTemplate.
    Template,
}

impl Form {
    /// Returns its name: `settings`, or the kind of the object.
    pub const fn name(self) -> &'static str {
        match self {
            Form::Settings => "settings",
            Form::Policy => "ClusterAdmissionPolicy",
            Form::PodSecurityConfiguration => "PodSecurityConfiguration",
            Form::AdmissionConfiguration => "AdmissionConfiguration",
            Form::Template => "PodSecurityAdmissionConfigurationTemplate",
        }
    }
}

/// A configuration as read from a text. Its settings are valid.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configuration {
    /// The form of the text.
    pub form: Form,
    /// `metadata.name` of a policy or template; empty if there is none.
    pub name: String,
    /// The description of a template; empty if there is none.
    pub description: String,
    /// What is not part of the settings, or not as it seems.
    pub notes: Vec<Note>,
    settings: String,
    /// The plugins of an AdmissionConfiguration.
    plugins: Vec<Plugin>,
    /// The exempt namespaces that a built-in template has from the sample in Rancher's documentation.
    sample: Vec<&'static str>,
}

/// A plugin of an AdmissionConfiguration, in its order.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Plugin {
    /// Pod Security Admission, whose configuration is converted.
    PodSecurity,
    /// Another plugin: its name, and the whole entry as JSON.
    Other { name: String, json: String },
}

impl Configuration {
    /// Returns the settings of the policy as JSON.
    pub fn settings_json(&self) -> &str {
        &self.settings
    }

    /// Returns the settings.
    ///
    /// # Errors
    /// None in practice, because they were validated.
    pub fn settings(&self) -> Result<Settings<'_>, SettingsError> {
        Settings::parse(self.settings.as_bytes())
    }

    /// Converts the configuration to a form. `name` is that of a template; without it, the name of a template remains, and
    /// another configuration becomes the template `pod-security-standards`.
    ///
    /// # Errors
    /// None in practice, because the settings were validated.
    pub fn convert(&self, target: Target, name: Option<&str>) -> Result<Conversion, SettingsError> {
        let settings = self.settings()?;
        let notes = differences::of_conversion(self, &settings, target);
        Ok(Conversion { text: rendering::render(self, &settings, target, name, &notes), notes })
    }
}

/// The form that a configuration is converted to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Target {
    /// The settings of the policy.
    Settings,
    /// A ClusterAdmissionPolicy; two for settings that mutate objects.
    Policy,
    /// An AdmissionConfiguration with the configuration of Pod Security Admission in it.
    AdmissionConfiguration,
    /// A PodSecurityAdmissionConfigurationTemplate.
    Template,
}

impl Target {
    /// Returns whether Pod Security Admission reads it, which has fewer settings than the policy.
    pub const fn is_of_pod_security_admission(self) -> bool {
        matches!(self, Target::AdmissionConfiguration | Target::Template)
    }
}

/// A converted configuration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Conversion {
    /// The result as YAML.
    pub text: String,
    /// What is lost or differs, with the notes of the configuration.
    pub notes: Vec<Note>,
}

impl Conversion {
    /// Returns whether the result accepts something that the configuration rejects.
    pub fn is_weaker(&self) -> bool {
        self.notes.iter().any(|note| note.effect == Effect::Weaker)
    }
}

/// A note on a configuration or a conversion.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// What it changes.
    pub effect: Effect,
    /// The path of the field: in the settings, or in the object that was read.
    pub field: String,
    /// The reason and the consequence, as a sentence without a full stop.
    pub message: String,
}

/// `FIELD: MESSAGE`.
impl fmt::Display for Note {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "{}: {}", self.field, self.message)
    }
}

/// The effect of a difference on what is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// None.
    None,
    /// The result rejects something that the configuration accepts.
    Stricter,
    /// The result accepts something that the configuration rejects.
    Weaker,
}

impl Effect {
    /// Returns its name: `note`, `stricter` or `weaker`.
    pub const fn name(self) -> &'static str {
        match self {
            Effect::None => "note",
            Effect::Stricter => "stricter",
            Effect::Weaker => "weaker",
        }
    }
}

/// The text of a file that a configuration names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Its name in messages.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// Reads a configuration. `template` chooses one of several templates by name. `file` returns the file of the `path` of a plugin,
/// or why it cannot be read; API servers read a relative path from the folder of the AdmissionConfiguration.
///
/// # Errors
/// All errors, each with its position; at least one. Unknown fields are errors, as for API servers.
pub fn read(
    source: Source<'_>,
    template: Option<&str>,
    file: &mut dyn FnMut(&str) -> Result<File, String>,
) -> Result<Configuration, Vec<Problem>> {
    reading::read(source, template, file)
}

#[cfg(test)]
mod tests;
