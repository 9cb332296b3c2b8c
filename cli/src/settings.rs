//! The settings from a file or a share link of the playground.
//!
//! A file has the settings of the policy, or is a ClusterAdmissionPolicy or AdmissionPolicy of Kubewarden, a
//! PodSecurityConfiguration, or an AdmissionConfiguration of an API server.

mod admission_configuration;
mod share_link;

use std::fs;
use std::path::{Path, PathBuf};

use pss_core::json::{self, ErrorSink, FieldError};
use pss_core::settings::{self, Settings, SettingsError, UncheckedSettings};
use pss_manifest::{Document, Kind, Node, documents};

use crate::error::{Error, Result, cause};

/// Settings as JSON texts, from which [`Settings`] borrow.
#[derive(Debug, Clone, Default)]
pub(crate) struct SettingsText {
    /// The settings.
    json: String,
    /// Further settings of a share link, which are merged into the others.
    more: Option<String>,
    /// The properties of the cluster and of the user in a share link.
    pub(crate) context: Context,
}

/// The properties of the cluster and of the user that a share link has besides settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Context {
    pub(crate) namespace: Option<String>,
    pub(crate) namespace_labels: Vec<(String, String)>,
    pub(crate) user: String,
    pub(crate) groups: Vec<String>,
}

/// The group of the kinds of Kubewarden.
const KUBEWARDEN: &str = "policies.kubewarden.io/";
/// The group of PodSecurityConfiguration.
const POD_SECURITY: &str = "pod-security.admission.config.k8s.io/";

impl SettingsText {
    /// Reads settings from a file, or decodes a share link.
    ///
    /// # Errors
    /// The file cannot be read, or the settings are invalid; the message has the line of each error.
    pub(crate) fn load(source: &str) -> Result<Self> {
        if source.starts_with("https://") || source.starts_with("http://") {
            return share_link::decode(source)
                .and_then(|settings| settings.checked(&|_| source.split('#').next().unwrap_or_default().to_owned()));
        }
        let path = Path::new(source);
        Self::parse(&read(path)?, path)
    }

    /// Parses the text of a settings file.
    pub(crate) fn parse(text: &str, path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let documents = documents(text);
        let root = only_document(&documents, &name)?;
        let (node, settings) = match (field(root, "apiVersion"), field(root, "kind")) {
            (version, "ClusterAdmissionPolicy" | "AdmissionPolicy") if version.starts_with(KUBEWARDEN) => {
                let settings = root.at("spec.settings");
                if !settings.exists {
                    return Err(Error::usage(format!("{name}: the policy has no spec.settings")));
                }
                (settings.node, Self::of(settings.node, false))
            }
            (version, "PodSecurityConfiguration") if version.starts_with(POD_SECURITY) => (root, Self::of(root, true)),
            (_, "AdmissionConfiguration") => return admission_configuration::settings(root, path),
            ("", "") => (root, Self::of(root, false)),
            (version, kind) => {
                return Err(Error::usage(format!(
                    "{name}: {kind} of {version} has no settings. Expected the settings of the policy, a ClusterAdmissionPolicy, a \
                     PodSecurityConfiguration or an AdmissionConfiguration"
                )));
            }
        };
        settings.checked(&|error| {
            let line = node.at(&error.path).span().start;
            format!("{name}:{}:{}", line.line, line.column)
        })
    }

    /// Settings as JSON in the configuration file.
    pub(crate) fn of_json(json: String, name: &str) -> Result<Self> {
        SettingsText { json, ..SettingsText::default() }.checked(&|_| name.to_owned())
    }

    fn of(node: Node<'_>, is_pod_security_configuration: bool) -> Self {
        let mut settings = node.to_json();
        // In a cluster with this configuration, the labels of namespaces override it.
        if let (true, Some(fields)) = (is_pod_security_configuration, settings.as_object_mut()) {
            fields.entry("namespaceLabels").or_insert_with(|| "honor".into());
        }
        SettingsText { json: settings.to_string(), ..SettingsText::default() }
    }

    /// Returns these settings if they are valid. `place` returns where an error is.
    fn checked(self, place: &dyn Fn(&FieldError) -> String) -> Result<Self> {
        if let Err(errors) = self.unchecked_or_errors() {
            let errors: Vec<String> = errors.iter().map(|error| format!("{}: {error}", place(error))).collect();
            return Err(Error::usage(format!("the settings are invalid\n{}", errors.join("\n"))));
        }
        Ok(self)
    }

    fn unchecked_or_errors(&self) -> std::result::Result<Settings<'_>, Vec<FieldError>> {
        let mut unchecked = UncheckedSettings::default();
        self.deserialize(&self.json, &mut unchecked)?;
        if let Some(more) = &self.more {
            // A level replaces defaults, and defaults a level.
            let fields: serde_json::Value = serde_json::from_str(more).unwrap_or_default();
            if fields.get("level").is_some() {
                unchecked.value.defaults = None;
            } else if fields.get("defaults").is_some() {
                (unchecked.value.level, unchecked.value.version) = Default::default();
            }
            self.deserialize(more, &mut unchecked)?;
        }
        settings::validate(&mut unchecked, "").map_err(|error| match error {
            SettingsError::Errors(errors) => errors,
            SettingsError::Syntax(error) => vec![FieldError { path: error.path, message: error.message }],
        })
    }

    fn deserialize<'s>(&self, json: &'s str, unchecked: &mut UncheckedSettings<'s>) -> std::result::Result<(), Vec<FieldError>> {
        json::read(json, "", &ErrorSink::default(), unchecked)
            .map_err(|error| vec![FieldError { path: error.path, message: error.message }])
    }

    /// Returns the settings.
    ///
    /// # Errors
    /// None in practice, because the settings were checked when they were loaded.
    pub(crate) fn settings(&self) -> Result<Settings<'_>> {
        self.unchecked_or_errors().map_err(|errors| {
            let errors: Vec<String> = errors.iter().map(ToString::to_string).collect();
            Error::usage(format!("the settings are invalid: {}", errors.join("; ")))
        })
    }
}

/// Reads a file of settings.
fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(|error| Error::usage(format!("cannot read the settings in {}: {}", path.display(), cause(&error))))
}

/// Returns the only document of a text that is not empty.
fn only_document<'d>(documents: &'d [Document<'_>], name: &str) -> Result<Node<'d>> {
    let mut roots = Vec::new();
    for document in documents {
        let tree = document.content.as_ref().map_err(|error| {
            let start = error.span.start;
            Error::usage(format!("{name}:{}:{}: the settings cannot be parsed: {}", start.line, start.column, error.message))
        })?;
        if let Some(warning) = document.warnings.first() {
            let start = warning.span.start;
            return Err(Error::usage(format!("{name}:{}:{}: {}", start.line, start.column, warning.message)));
        }
        match tree.root().kind() {
            Kind::Null => {}
            Kind::Mapping => roots.push(tree.root()),
            _ => return Err(Error::usage(format!("{name}: expected an object of settings, such as level: restricted"))),
        }
    }
    // Of the two policies that are needed for hardening, one mutates; both have the same settings otherwise.
    if roots.len() > 1 {
        roots.retain(|root| !matches!(root.at("spec.mutating").node.kind(), Kind::Bool(true)));
    }
    match roots.as_slice() {
        [root] => Ok(*root),
        [] => Err(Error::usage(format!("{name}: the file is empty. Expected settings such as level: restricted"))),
        [_, second, ..] => {
            let line = second.span().start.line;
            Err(Error::usage(format!("{name}:{line}: a second document. Expected one object of settings")))
        }
    }
}

/// Returns a top-level field with a text; empty if it is missing.
fn field<'d>(node: Node<'d>, name: &str) -> &'d str {
    node.get(name).and_then(|entry| entry.value.text()).unwrap_or_default()
}

/// Returns a path relative to the folder of a file.
fn beside(file: &Path, path: &str) -> PathBuf {
    file.parent().unwrap_or(Path::new("")).join(path)
}
